// A program with its line numbers: which lines ran, and where the error is.
"use strict";

vpd.program = (() => {
  const token = new RegExp(
    [
      String.raw`(?<comment>#[^\n]*)`,
      String.raw`(?<string>[rbfuRBFU]{0,2}(?:'''[^]*?(?:'''|$)|"""[^]*?(?:"""|$)` +
        String.raw`|'(?:\\.|[^'\\\n])*'?|"(?:\\.|[^"\\\n])*"?))`,
      String.raw`(?<numeral>\b\d[\w.]*)`,
      String.raw`(?<word>[^\W\d]\w*)`,
      String.raw`(?<other>[^])`,
    ].join("|"),
    "gu",
  );
  const keywords = new Set(
    ("False None True and as assert async await break class continue def del elif else except finally for from " +
      "global if import in is lambda nonlocal not or pass raise return try while with yield").split(" "),
  );

  const kindOf = (match, source) => {
    const kind = Object.keys(match.groups).find((name) => match.groups[name] !== undefined);
    if (kind !== "word") return kind;
    if (keywords.has(match[0])) return "keyword";
    return source[match.index + match[0].length] === "(" ? "call" : "other";
  };

  // The lines of a program, each as `[kind, text]` tokens.
  const lines = (source) => {
    const result = [[]];
    for (const match of source.matchAll(token)) {
      const kind = kindOf(match, source);
      match[0].split("\n").forEach((text, index) => {
        if (index) result.push([]);
        const line = result.at(-1);
        if (kind === "other" && line.at(-1)?.[0] === "other") line.at(-1)[1] += text;
        else if (text) line.push([kind, text]);
      });
    }
    if (result.length > 1 && !result.at(-1).length) result.pop();
    return result;
  };

  const gutter = (number, steps, choose) => {
    if (!steps) return vpd.element("span", { class: "number" }, String(number));
    const title = `${vpd.count(steps, "step")} in the trace`;
    return vpd.element(
      "button",
      { class: "number", title, "aria-label": `Line ${number}, ${title}`, click: () => choose(number) },
      String(number),
    );
  };

  // `hover` hears of the line under the pointer (null when it leaves), `choose` of one that was clicked.
  const show = (program, { hover, choose }) => {
    const ran = new Map();
    for (const step of program.steps ?? []) ran.set(step.line, (ran.get(step.line) ?? 0) + 1);
    const items = lines(program.program.replace(/\r\n?/g, "\n")).map((tokens, index) => {
      const number = index + 1;
      const failed = program.error?.[2] === number;
      return vpd.element(
        "li",
        {
          "data-line": number,
          class: `${ran.has(number) ? "ran" : ""} ${failed ? "failed" : ""}`,
          mouseenter: () => hover(number),
          mouseleave: () => hover(null),
        },
        gutter(number, ran.get(number), choose),
        vpd.element(
          "code",
          {},
          tokens.map(([kind, text]) => (kind === "other" ? text : vpd.element("span", { class: kind }, text))),
        ),
        failed && vpd.element("p", { class: "message" }, `${program.error[0]}: ${program.error[1]}`),
      );
    });
    return vpd.element("ol", { class: "code program", tabindex: "0", "aria-label": "Program" }, items);
  };

  return { show };
})();

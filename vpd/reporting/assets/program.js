// A program with its line numbers: which lines ran, and where the error is.
"use strict";

vpd.program = (() => {
  const token = new RegExp(
    [
      "(?<comment>#[^\\n]*)",
      "(?<string>[rbfuRBFU]{0,2}(?:'''[^]*?(?:'''|$)|\"\"\"[^]*?(?:\"\"\"|$)|'(?:\\\\.|[^'\\\\\\n])*'?|\"(?:\\\\.|[^\"\\\\\\n])*\"?))",
      "(?<numeral>\\b\\d[\\w.]*)",
      "(?<word>[^\\W\\d]\\w*)",
      "(?<other>[^])",
    ].join("|"),
    "gu",
  );
  const keywords = new Set(
    ("False None True and as assert async await break class continue def del elif else except finally for from " +
      "global if import in is lambda nonlocal not or pass raise return try while with yield").split(" "),
  );

  // The lines of a program, each as `[kind, text]` tokens.
  const lines = (source) => {
    const result = [[]];
    for (const match of source.matchAll(token)) {
      let kind = Object.keys(match.groups).find((name) => match.groups[name] !== undefined);
      if (kind === "word") kind = keywords.has(match[0]) ? "keyword" : source[match.index + match[0].length] === "(" ? "call" : "other";
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

  // `hover` hears of the line under the pointer (null when it leaves), `choose` of one that was clicked.
  const show = (program, { hover, choose }) => {
    const ran = new Map();
    for (const step of program.steps ?? []) ran.set(step.line, (ran.get(step.line) ?? 0) + 1);
    const error = program.error;
    const element = vpd.element("ol", { class: "code program", tabindex: "0", "aria-label": "Program" });
    lines(program.program.replace(/\r\n?/g, "\n")).forEach((tokens, index) => {
      const number = index + 1;
      const steps = ran.get(number);
      const failed = error && error[2] === number;
      const gutter = steps
        ? vpd.element(
            "button",
            { type: "button", class: "number", title: `${vpd.count(steps, "step")} in the trace`, "aria-label": `Line ${number}, ${vpd.count(steps, "step")} in the trace`, click: () => choose(number) },
            String(number),
          )
        : vpd.element("span", { class: "number" }, String(number));
      element.append(
        vpd.element(
          "li",
          { "data-line": number, class: `${steps ? "ran" : ""} ${failed ? "failed" : ""}`, mouseenter: () => hover(number), mouseleave: () => hover(null) },
          gutter,
          vpd.element("code", {}, tokens.map(([kind, text]) => (kind === "other" ? text : vpd.element("span", { class: kind }, text)))),
          failed && vpd.element("p", { class: "message" }, `${error[0]}: ${error[1]}`),
        ),
      );
    });
    return element;
  };

  return { show };
})();

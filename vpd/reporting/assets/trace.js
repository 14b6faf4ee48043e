// The trace as a table: every call, named value, branch and return, in the order they happened.
"use strict";

vpd.trace = (() => {
  const atFirst = 300;
  const kinds = { call: "calls a tool", bind: "names a value", branch: "decides a branch", return: "returns" };
  const signs = { call: "ƒ", bind: "=", branch: "?", return: "↩" };

  const isPatch = Array.isArray;

  const pixels = (box) => box.map((each) => Math.round(each)).join(" ");

  const patch = ([image, x1, y1, x2, y2, label], hover) =>
    vpd.element(
      "span",
      {
        class: "patch",
        title: `image ${image + 1}, pixels ${pixels([x1, y1, x2, y2])}`,
        mouseenter: () => hover({ image, box: [x1, y1, x2, y2], label, kind: "result" }),
        mouseleave: () => hover(null),
      },
      vpd.element("bdi", {}, label || "patch"),
      vpd.element("small", {}, pixels([x1, y1, x2, y2])),
    );

  const value = (shown, hover) => {
    const parts = typeof shown === "string" ? [shown] : (shown ?? []);
    return vpd.element("code", { class: "value" }, parts.map((part) => (isPatch(part) ? patch(part, hover) : part)));
  };

  // The boxes of a step: those it was given, and those it gave.
  const boxes = (step) => {
    const from = (shown, kind) =>
      (Array.isArray(shown) ? shown : [])
        .filter(isPatch)
        .map(([image, x1, y1, x2, y2, label]) => ({ image, box: [x1, y1, x2, y2], label, kind }));
    return [...from(step.arguments, "argument"), ...from(step.result, "result")];
  };

  const row = (step, index, hooks) => {
    const result = step.error
      ? vpd.element("span", { class: "failed" }, step.error)
      : value(step.result, hooks.hoverPatch);
    const named = { role: "img", title: kinds[step.kind], "aria-label": kinds[step.kind] };
    return vpd.element(
      "tr",
      {
        "data-step": index,
        "data-kind": step.kind,
        "aria-selected": "false",
        mouseenter: () => hooks.hover(index),
        mouseleave: () => hooks.hover(null),
        click: () => hooks.choose(index),
      },
      vpd.element("td", { class: "line" }, String(step.line)),
      vpd.element("td", { class: "kind" }, vpd.element("span", named, signs[step.kind])),
      vpd.element(
        "td",
        { class: "expression" },
        step.kind === "bind" && step.name && vpd.element("b", {}, `${step.name} = `),
        step.kind === "return" && vpd.element("b", {}, "return "),
        vpd.element("code", {}, step.expression ?? ""),
      ),
      vpd.element("td", { class: "arguments" }, step.arguments && value(step.arguments, hooks.hoverPatch)),
      vpd.element("td", { class: "result" }, result),
    );
  };

  // `hooks`: hover and choose hear of a step's index, hoverPatch of one box; null when the pointer leaves.
  const show = (program, hooks) => {
    const steps = program.steps ?? [];
    const body = vpd.element("tbody", {});
    const reveal = (upTo) => {
      for (let index = body.children.length; index < Math.min(upTo, steps.length); index += 1) {
        body.append(row(steps[index], index, hooks));
      }
      more.hidden = body.children.length >= steps.length;
    };
    const more = vpd.element(
      "button",
      { type: "button", class: "more", click: () => reveal(Infinity) },
      `Show all ${vpd.count(steps.length, "step")}`,
    );
    reveal(atFirst);
    const head = ["Line", "Kind", "Expression", "Arguments", "Result"].map((text) => {
      const seen = text === "Kind" ? vpd.element("span", { class: "unseen" }, text) : text;
      return vpd.element("th", { class: text.toLowerCase(), scope: "col" }, seen);
    });
    const dropped = `${vpd.count(program.dropped, "step")} more happened and were left out of the trace.`;
    return vpd.element(
      "div",
      { class: "scroll", tabindex: "0", role: "region", "aria-label": "Trace" },
      vpd.element("table", { class: "trace" }, vpd.element("thead", {}, vpd.element("tr", {}, head)), body),
      more,
      program.dropped > 0 && vpd.element("p", { class: "note" }, dropped),
    );
  };

  return { show, boxes, value };
})();

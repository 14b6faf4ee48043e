// How a program ended, in a few characters: a mark for the verdict, and the answer or the status.
"use strict";

vpd.badge = (status, verdict, answer, mark) => {
  const signs = { correct: "✓", incorrect: "✗", unlabelled: "•", unjudged: "•" };
  // A failure is not a wrong answer, and has no mark but its name.
  const sign = status === "ok" ? signs[verdict] : "";
  const text = status === "ok" ? answer || "''" : vpd.words(status);
  const told = [vpd.words(status), answer && `answer ${answer}`, verdict, mark].filter(Boolean).join(", ");
  return vpd.element(
    "span",
    { class: "badge", "data-status": status, "data-verdict": verdict, title: told },
    vpd.element("span", { class: "unseen" }, told),
    vpd.element("span", { class: "sign", "aria-hidden": "true" }, sign),
    vpd.element("bdi", { class: "text", "aria-hidden": "true" }, text),
    mark && vpd.element("span", { class: "kept", "aria-hidden": "true" }, mark === "selected" ? "★" : "☆"),
  );
};

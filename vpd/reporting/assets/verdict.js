// How a program ended and what was made of it, in words.
"use strict";

vpd.verdict = (() => {
  const titles = {
    correct: "Correct",
    incorrect: "Not correct",
    unlabelled: "No label to compare with",
    unjudged: "Not judged",
  };
  const marks = { kept: "☆ kept", selected: "★ selected" };

  const show = (program) => {
    const { status, verdict, error, answer } = program;
    const failed = vpd.words(status);
    const title = status === "ok" ? titles[verdict] : failed[0].toUpperCase() + failed.slice(1);
    // An error stands beneath its line, if it has one.
    const lines = program.program.split("\n").length;
    const placed = error && error[2] !== null && error[2] <= lines;
    const evidence = (program.evidence ?? []).map(([name, value]) => [name, vpd.trace.value(value, () => {})]);
    return vpd.element(
      "section",
      { class: "panel verdict", "data-status": status, "data-verdict": verdict },
      vpd.element("h2", {}, title, program.mark && vpd.element("span", { class: "mark" }, marks[program.mark])),
      program.reason && vpd.element("p", { class: "reason" }, program.reason),
      program.problem && vpd.element("p", { class: "reason" }, program.problem),
      error && !placed && vpd.element("p", { class: "error" }, vpd.element("b", {}, error[0]), ` ${error[1]}`),
      vpd.facts([
        typeof answer === "string" && ["returned", vpd.element("bdi", { class: "answer" }, answer)],
        program.score && ["score", program.score],
        ...evidence,
        ...program.notes,
      ]),
    );
  };

  return { show };
})();

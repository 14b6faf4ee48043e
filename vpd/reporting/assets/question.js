// The page of one question: its pictures beside one of its programs, with verdict, source and trace.
"use strict";

vpd.question = (() => {
  const section = document.getElementById("section-question");
  let shown = null; // What is on the screen: `{number, page, program, stage, chosen}`.

  const panel = (title, ...children) =>
    vpd.element("section", { class: "panel" }, vpd.element("h2", {}, title), children);

  const definitions = (pairs) =>
    vpd.element("dl", { class: "facts" }, pairs.map(([name, content]) =>
      vpd.element("div", {}, vpd.element("dt", {}, name), vpd.element("dd", {}, content))));

  const header = (number, page, { found, filters }) => {
    const at = found.indexOf(number);
    const neighbour = (by, text, key) => {
      const other = at < 0 ? undefined : found[at + by];
      return other === undefined
        ? vpd.element("span", { class: "button off", "aria-disabled": "true" }, text)
        : vpd.element("a", { class: "button", href: vpd.address("question", { n: other + 1, ...filters }), title: key }, text);
    };
    const where = at < 0 ? `question ${number + 1}` : `${(at + 1).toLocaleString("en")} of ${found.length.toLocaleString("en")}`;
    const facts = [
      ["label", page.answers.length ? page.answers.map((answer) => vpd.element("bdi", { class: "answer" }, answer)) : "none"],
      page.choices.length && ["choices", page.choices.map((choice) => vpd.element("bdi", { class: "answer plain" }, choice))],
      ["answers", vpd.words(page.type)],
      page.source && ["source", page.source],
      ["id", vpd.element("code", {}, page.id)],
    ];
    return vpd.element(
      "header",
      {},
      vpd.element(
        "nav",
        { class: "steps", "aria-label": "Question" },
        vpd.element("a", { class: "button", href: vpd.address("questions", { page: vpd.list.pageOf(number, filters) + 1, ...filters }), title: "Back to the list (Esc)" }, "← All"),
        vpd.element("span", { class: "where" }, where),
        neighbour(-1, "Previous", "Previous question (k)"),
        neighbour(1, "Next", "Next question (j)"),
      ),
      vpd.element("h1", {}, vpd.element("bdi", {}, page.question)),
      definitions(facts.filter(Boolean)),
      page.problem && vpd.element("p", { class: "notice" }, page.problem),
    );
  };

  const tabs = (page, selected, link) =>
    vpd.element(
      "nav",
      { class: "tabs", "aria-label": "Programs" },
      page.programs.map((program, index) =>
        vpd.element(
          "a",
          { href: link(index), "aria-current": index === selected ? "true" : null, title: `Program ${index + 1}${index < 9 ? ` (${index + 1})` : ""}` },
          vpd.element("span", { class: "index" }, String(index + 1)),
          vpd.badge(program.status, program.verdict, program.answer ?? "", program.mark),
        ),
      ),
    );

  const verdict = (program) => {
    const titles = { correct: "Correct", incorrect: "Not correct", unlabelled: "No label to compare with", unjudged: "Not judged" };
    const failed = vpd.words(program.status);
    const title = program.status === "ok" ? titles[program.verdict] : failed[0].toUpperCase() + failed.slice(1);
    const facts = [
      program.answer != null && ["returned", vpd.element("bdi", { class: "answer" }, program.answer)],
      program.score && ["score", program.score],
      ...(program.evidence ?? []).map(([name, value]) => [name, vpd.trace.value(value, () => {})]),
      ...program.notes,
    ];
    return vpd.element(
      "section",
      { class: "panel verdict", "data-status": program.status, "data-verdict": program.verdict },
      vpd.element("h2", {}, title, program.mark && vpd.element("span", { class: "mark" }, program.mark === "selected" ? "★ selected" : "☆ kept")),
      program.reason && vpd.element("p", { class: "reason" }, program.reason),
      program.problem && vpd.element("p", { class: "reason" }, program.problem),
      // An error with a line stands beneath that line.
      program.error && program.error[2] == null && vpd.element("p", { class: "error" }, vpd.element("b", {}, program.error[0]), ` ${program.error[1]}`),
      definitions(facts.filter(Boolean)),
    );
  };

  // Every box that the program's calls gave, once.
  const allBoxes = (program) => {
    const distinct = new Map();
    for (const step of program.steps ?? []) {
      if (step.kind !== "call") continue;
      for (const each of vpd.trace.boxes(step)) {
        if (each.kind === "result") distinct.set(JSON.stringify([each.image, each.box]), { ...each, kind: "all", label: "" });
      }
    }
    return [...distinct.values()];
  };

  const stepBoxes = (step) => ({ image: step.image, region: step.region, boxes: vpd.trace.boxes(step) });

  const mark = (line, steps) => {
    for (const each of section.querySelectorAll(".program li")) each.classList.toggle("lit", Number(each.dataset.line) === line);
    for (const each of section.querySelectorAll(".trace tbody tr")) each.classList.toggle("lit", steps.includes(Number(each.dataset.step)));
  };

  // What the pictures show follows the pointer, then the chosen step, then the program as a whole.
  const rest = () => {
    const { program, stage, chosen } = shown;
    if (chosen !== null) look(chosen);
    else {
      mark(null, []);
      stage.show({ boxes: allBoxes(program) });
    }
  };

  const look = (index) => {
    const step = shown.program.steps[index];
    mark(step.line, [index]);
    shown.stage.show(stepBoxes(step));
  };

  const lookAtLine = (line) => {
    const indices = (shown.program.steps ?? []).flatMap((step, index) => (step.line === line ? [index] : []));
    mark(line, indices);
    const steps = indices.map((index) => shown.program.steps[index]);
    const first = steps.find((step) => step.region) ?? {};
    shown.stage.show({ image: first.image, region: indices.length === 1 ? first.region : null, boxes: steps.flatMap(vpd.trace.boxes) });
  };

  const choose = (index, scroll = false) => {
    shown.chosen = index === shown.chosen && !scroll ? null : index;
    for (const each of section.querySelectorAll(".trace tbody tr")) {
      const chosen = Number(each.dataset.step) === shown.chosen;
      each.setAttribute("aria-selected", String(chosen));
      if (chosen && scroll) each.scrollIntoView({ block: "nearest" });
    }
    rest();
  };

  // A click on a line goes through its steps, one after the other.
  const chooseLine = (line) => {
    const indices = shown.program.steps.flatMap((step, index) => (step.line === line ? [index] : []));
    choose(indices[(indices.indexOf(shown.chosen) + 1) % indices.length], true);
  };

  const parts = (program) => {
    const hoverStep = (index) => (index === null ? rest() : look(index));
    const hoverLine = (line) => (line === null ? rest() : lookAtLine(line));
    const hoverPatch = (box) => (box === null ? rest() : shown.stage.show({ boxes: [box] }));
    const steps = program.steps?.length;
    return [
      verdict(program),
      panel("Program", program.program.trim() ? vpd.program.show(program, { hover: hoverLine, choose: chooseLine }) : vpd.element("p", { class: "note" }, "There is no program.")),
      panel("Trace", steps ? vpd.trace.show(program, { hover: hoverStep, choose, hoverPatch }) : vpd.element("p", { class: "note" }, program.status === "rejected" ? "Nothing ran." : "No step was recorded.")),
    ];
  };

  const show = async (number, wanted, context) => {
    const page = await vpd.data.page(number);
    if (!context.isCurrent()) return;
    if (!page) {
      section.replaceChildren(vpd.element("p", { class: "notice" }, `This run has no question ${number + 1}.`));
      shown = null;
      return;
    }
    const selected = Math.min(wanted, page.programs.length - 1);
    if (shown?.number === number && shown.selected === selected) {
      section.querySelector("header").replaceWith(header(number, page, context));
      return;
    }
    const program = page.programs[selected];
    const stage = vpd.stage(page.images, page.video);
    const link = (index) => vpd.address("question", { n: number + 1, program: index + 1, ...context.filters });
    shown = { number, page, program: program ?? {}, stage, chosen: null, selected, link };
    section.replaceChildren(
      header(number, page, context),
      vpd.element(
        "div",
        { class: "split" },
        vpd.element("div", { class: "side" }, stage.element),
        vpd.element(
          "div",
          { class: "main" },
          program ? [tabs(page, selected, link), parts(program)] : vpd.element("p", { class: "notice" }, "There is no program for this question."),
        ),
      ),
    );
    rest();
  };

  // Moves through the trace; the first press chooses its first or last step.
  const move = (by) => {
    const steps = shown?.program.steps?.length ?? 0;
    if (!steps) return;
    const from = shown.chosen ?? (by > 0 ? -1 : steps);
    choose(Math.min(Math.max(from + by, 0), steps - 1), true);
  };

  const release = () => {
    if (shown === null || shown.chosen === null) return false;
    choose(shown.chosen);
    return true;
  };

  return {
    section,
    show,
    move,
    release,
    zoom: () => shown?.stage.zoom(),
    // The address of one of the question's programs, from 0; undefined where there is none.
    program: (index) => (shown && index < shown.page.programs.length ? shown.link(index) : undefined),
  };
})();

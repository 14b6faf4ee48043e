// The page of one question: its pictures beside one of its programs, with verdict, source and trace.
"use strict";

vpd.question = (() => {
  const section = document.getElementById("section-question");
  let shown = null; // What is on the screen: `{key, page, program, stage, chosen, address}`.

  const panel = (title, content) =>
    vpd.element("section", { class: "panel" }, vpd.element("h2", {}, title), content);

  const note = (text) => vpd.element("p", { class: "note" }, text);

  const link = (text, href, title) => vpd.element("a", { class: "button", href, title }, text);

  const steps = (number, { found, filters }) => {
    const at = found.indexOf(number);
    const neighbour = (text, by, title) => {
      const other = at < 0 ? undefined : found[at + by];
      return other === undefined
        ? vpd.element("span", { class: "button off", "aria-disabled": "true" }, text)
        : link(text, vpd.address("question", { n: other + 1, ...filters }), title);
    };
    const list = vpd.address("questions", { page: vpd.list.pageOf(number, filters) + 1, ...filters });
    const [place, of] = [at + 1, found.length].map((each) => each.toLocaleString("en"));
    return vpd.element(
      "nav",
      { class: "steps", "aria-label": "Question" },
      link("← All", list, "Back to the list (Esc)"),
      vpd.element("span", { class: "where" }, at < 0 ? `question ${number + 1}` : `${place} of ${of}`),
      neighbour("Previous", -1, "Previous question (k)"),
      neighbour("Next", 1, "Next question (j)"),
    );
  };

  const header = (number, page, context) => {
    const texts = (list, name) => list.map((text) => vpd.element("bdi", { class: name }, text));
    return vpd.element(
      "header",
      {},
      steps(number, context),
      vpd.element("h1", {}, vpd.element("bdi", {}, page.question)),
      vpd.facts([
        ["label", page.answers.length ? texts(page.answers, "answer") : "none"],
        page.choices.length > 0 && ["choices", texts(page.choices, "answer plain")],
        ["answers", vpd.words(page.type)],
        page.source && ["source", page.source],
        ["id", vpd.element("code", {}, page.id)],
      ]),
      page.problem && vpd.element("p", { class: "notice" }, page.problem),
    );
  };

  const tabs = (page, selected, address) =>
    vpd.element(
      "nav",
      { class: "tabs", "aria-label": "Programs" },
      page.programs.map((program, index) =>
        vpd.element(
          "a",
          { href: address(index), "aria-current": index === selected && "true", title: `Program ${index + 1}` },
          vpd.element("span", { class: "index" }, String(index + 1)),
          vpd.badge(program.status, program.verdict, program.answer ?? "", program.mark),
        ),
      ),
    );

  // Every box that the program's calls gave, once.
  const allBoxes = (program) => {
    const distinct = new Map();
    for (const step of program.steps ?? []) {
      if (step.kind !== "call") continue;
      for (const each of vpd.trace.boxes(step)) {
        const key = JSON.stringify([each.image, each.box]);
        if (each.kind === "result") distinct.set(key, { ...each, kind: "all", label: "" });
      }
    }
    return [...distinct.values()];
  };

  const stepsOf = (line) =>
    (shown.program.steps ?? []).flatMap((step, index) => (step.line === line ? [index] : []));

  const light = (line, indices) => {
    for (const each of section.querySelectorAll(".program li")) {
      each.classList.toggle("lit", Number(each.dataset.line) === line);
    }
    for (const each of section.querySelectorAll(".trace tbody tr")) {
      each.classList.toggle("lit", indices.includes(Number(each.dataset.step)));
    }
  };

  // What the pictures show follows the pointer, then the chosen step, then the program as a whole.
  const rest = () => {
    const { program, stage, chosen } = shown;
    if (chosen !== null) look(chosen);
    else {
      light(null, []);
      stage.show({ boxes: allBoxes(program) });
    }
  };

  const look = (index) => {
    const step = shown.program.steps[index];
    light(step.line, [index]);
    shown.stage.show({ image: step.image, region: step.region, boxes: vpd.trace.boxes(step) });
  };

  const lookAtLine = (line) => {
    const indices = stepsOf(line);
    light(line, indices);
    const ran = indices.map((index) => shown.program.steps[index]);
    const { image, region } = ran.find((step) => step.region) ?? {};
    // Several regions at once would leave nothing to see.
    shown.stage.show({ image, region: ran.length === 1 ? region : null, boxes: ran.flatMap(vpd.trace.boxes) });
  };

  const choose = (index, scroll = false) => {
    shown.chosen = index === shown.chosen && !scroll ? null : index;
    const hidden = shown.chosen !== null && !section.querySelector(`[data-step="${shown.chosen}"]`);
    if (hidden) section.querySelector(".scroll > .more").click();
    for (const each of section.querySelectorAll(".trace tbody tr")) {
      const chosen = Number(each.dataset.step) === shown.chosen;
      each.setAttribute("aria-selected", String(chosen));
      if (chosen && scroll) each.scrollIntoView({ block: "nearest" });
    }
    rest();
  };

  // A click on a line goes through its steps, one after the other.
  const chooseLine = (line) => {
    const indices = stepsOf(line);
    choose(indices[(indices.indexOf(shown.chosen) + 1) % indices.length], true);
  };

  // What is told of one program, from top to bottom.
  const parts = (program) => {
    const hover = (index) => (index === null ? rest() : look(index));
    const hoverLine = (line) => (line === null ? rest() : lookAtLine(line));
    const hoverPatch = (box) => (box === null ? rest() : shown.stage.show({ boxes: [box] }));
    const source = program.program.trim()
      ? vpd.program.show(program, { hover: hoverLine, choose: chooseLine })
      : note("There is no program.");
    const trace = program.steps?.length
      ? vpd.trace.show(program, { hover, choose, hoverPatch })
      : note(program.status === "rejected" ? "Nothing ran." : "No step was recorded.");
    const hooks = { show: (what) => shown.stage.show(what), rest };
    const { rationale, trajectories = [] } = program;
    return [
      vpd.verdict.show(program),
      rationale && panel("Rationale", vpd.rationale.show(rationale, hooks)),
      panel("Program", source),
      panel("Trace", trace),
      trajectories.map((each) => panel("Trajectory", vpd.rationale.trajectory(each, shown.page.images, hooks))),
    ];
  };

  const notice = (text) => vpd.element("p", { class: "notice" }, text);

  const show = async (number, wanted, context) => {
    const page = await vpd.data.page(number);
    if (!context.isCurrent()) return;
    if (!page) {
      section.replaceChildren(notice(`This run has no question ${number + 1}.`));
      shown = null;
      return;
    }
    const selected = Math.min(wanted, page.programs.length - 1);
    const key = JSON.stringify([number, selected, context.filters]);
    if (shown?.key === key) {
      // More neighbours have become known; the rest stays as the reader left it.
      section.querySelector("header").replaceWith(header(number, page, context));
      return;
    }
    const program = page.programs[selected];
    const stage = vpd.stage(page.images, page.video);
    const address = (index) => vpd.address("question", { n: number + 1, program: index + 1, ...context.filters });
    shown = { key, page, program: program ?? {}, stage, chosen: null, address };
    const told = program
      ? [tabs(page, selected, address), parts(program)]
      : notice("There is no program for this question.");
    section.replaceChildren(
      header(number, page, context),
      vpd.element(
        "div",
        { class: "split" },
        vpd.element("div", { class: "side" }, stage.element),
        vpd.element("div", { class: "main" }, told),
      ),
    );
    rest();
  };

  // Moves through the trace; the first press chooses its first or last step.
  const move = (by) => {
    const count = shown?.program.steps?.length ?? 0;
    if (!count) return;
    const from = shown.chosen ?? (by > 0 ? -1 : count);
    choose(Math.min(Math.max(from + by, 0), count - 1), true);
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
    program: (index) => (shown && index < shown.page.programs.length ? shown.address(index) : undefined),
  };
})();

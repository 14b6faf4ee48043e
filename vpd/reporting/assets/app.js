// Which section is shown follows the address; the keyboard, the theme, and the start.
"use strict";

vpd.app = (() => {
  const sections = ["overview", "questions", "question"];
  const help = document.getElementById("help");

  const parse = () => {
    const [name, query = ""] = location.hash.slice(1).split(/\?(.*)/s);
    const parameters = new URLSearchParams(query);
    const number = (key) => Math.max(0, (Number.parseInt(parameters.get(key) ?? "1", 10) || 1) - 1);
    return {
      section: sections.includes(name) ? name : "overview",
      filters: vpd.filters.read(parameters),
      page: number("page"),
      number: number("n"),
      program: number("program"),
    };
  };

  const showQuestion = async (route) => {
    const hash = location.hash;
    await vpd.question.show(route.number, route.program, {
      filters: route.filters,
      found: vpd.filters.find(route.filters),
      isCurrent: () => location.hash === hash,
    });
  };

  let before = {};

  const show = () => {
    const route = parse();
    for (const name of sections) document.getElementById(`section-${name}`).hidden = name !== route.section;
    for (const link of document.querySelectorAll("[data-section]")) {
      const current = link.dataset.section === route.section.replace(/^question$/, "questions");
      if (current) link.setAttribute("aria-current", "page");
      else link.removeAttribute("aria-current");
    }
    if (route.section === "questions") {
      vpd.filters.toForm(route.filters);
      vpd.list.show(route.filters, route.page);
      if (before.section === "question") vpd.list.focus(before.number);
    }
    if (route.section === "question") showQuestion(route).catch(complain);
    // Another program of the same question keeps its place on the screen, and so does a question in the list.
    const back = before.section === "question" && route.section === "questions";
    const moved = ["section", "number", "page"].some((key) => before[key] !== route[key]);
    if (moved && !back) window.scrollTo(0, 0);
    before = route;
  };

  const complain = (error) => {
    vpd.question.section.replaceChildren(vpd.element("p", { class: "notice" }, error.message));
  };

  const go = (section, parameters) => (location.hash = vpd.address(section, parameters));

  // Typing leaves no trail in the history.
  const refilter = () => location.replace(vpd.address("questions", vpd.filters.fromForm()));

  const turnPage = (by) => {
    const button = document.querySelector(`.pages [data-page="${by}"]`);
    if (!button.disabled) go("questions", { ...parse().filters, page: parse().page + 1 + by });
  };

  const nextQuestion = (by) => {
    const route = parse();
    const found = vpd.filters.find(route.filters);
    const other = found[found.indexOf(route.number) + by];
    if (found.includes(route.number) && other !== undefined) go("question", { n: other + 1, ...route.filters });
  };

  const back = () => {
    const route = parse();
    if (route.section !== "question" || vpd.question.release()) return;
    go("questions", { page: vpd.list.pageOf(route.number, route.filters) + 1, ...route.filters });
  };

  const theme = {
    now: () => {
      const system = matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
      return document.documentElement.dataset.theme ?? system;
    },
    set: (name) => {
      document.documentElement.dataset.theme = name;
      try {
        localStorage.setItem("vpd-theme", name);
      } catch {
        // A browser may refuse to remember things for a page from disk.
      }
    },
    restore: () => {
      try {
        const name = localStorage.getItem("vpd-theme");
        if (name) document.documentElement.dataset.theme = name;
      } catch {
        // As above.
      }
    },
    switch: () => theme.set(theme.now() === "dark" ? "light" : "dark"),
  };

  const general = { t: theme.switch, o: () => go("overview", {}), "?": () => help.showModal() };
  const keys = {
    overview: { j: () => go("questions", {}), "/": () => (go("questions", {}), setTimeout(search)) },
    questions: {
      j: () => vpd.list.move(1),
      k: () => vpd.list.move(-1),
      "[": () => turnPage(-1),
      "]": () => turnPage(1),
      "/": () => search(),
    },
    question: {
      j: () => nextQuestion(1),
      k: () => nextQuestion(-1),
      ArrowDown: () => vpd.question.move(1),
      ArrowUp: () => vpd.question.move(-1),
      z: () => vpd.question.zoom(),
      Escape: back,
    },
  };

  const search = () => vpd.filters.form.elements.text.focus();

  const press = (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || help.open) return;
    if (event.target.closest("input, select, textarea")) {
      if (event.key === "Escape") event.target.blur();
      return;
    }
    const section = parse().section;
    const digit = section === "question" && /^[1-9]$/.test(event.key) ? Number(event.key) : 0;
    const program = digit ? vpd.question.program(digit - 1) : undefined;
    const action = program ? () => (location.hash = program) : (keys[section][event.key] ?? general[event.key]);
    if (!action) return;
    event.preventDefault();
    action();
  };

  const start = () => {
    theme.restore();
    addEventListener("hashchange", show);
    addEventListener("keydown", press);
    document.getElementById("theme").addEventListener("click", theme.switch);
    document.getElementById("help-button").addEventListener("click", () => help.showModal());
    document.querySelector(".skip").addEventListener("click", (event) => {
      // The address says which section is shown, and must not become the skip link's.
      event.preventDefault();
      document.getElementById("main").focus();
    });
    for (const button of document.querySelectorAll(".pages button")) {
      button.addEventListener("click", () => turnPage(Number(button.dataset.page)));
    }
    let typing;
    vpd.filters.form.addEventListener("input", () => {
      clearTimeout(typing);
      typing = setTimeout(refilter, 100);
    });
    vpd.filters.form.addEventListener("reset", () => setTimeout(refilter));
    vpd.filters.form.addEventListener("submit", (event) => event.preventDefault());
    show();
    let shown = 0;
    vpd.data.loadRows(() => {
      const late = performance.now() - shown > 400;
      // A question's neighbours are known once all rows are; a list grows, but not more often than it can be read.
      if (vpd.data.isComplete() || (late && parse().section === "questions")) {
        show();
        shown = performance.now();
      }
    }).catch((error) => {
      document.querySelector(".found").textContent = error.message;
      complain(error);
    });
  };

  return { start };
})();

vpd.app.start();

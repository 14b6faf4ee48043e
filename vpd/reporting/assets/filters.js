// Which questions are shown: the filter form, its place in the address, and the match.
"use strict";

vpd.filters = (() => {
  const names = ["text", "status", "verdict", "type", "source", "disagree"];
  const form = document.getElementById("filters");

  // From an address's parameters; names that mean nothing are left out.
  const read = (parameters) => {
    const filters = {};
    for (const name of names) if (parameters.get(name)) filters[name] = parameters.get(name);
    return filters;
  };

  const fromForm = () => read(new URLSearchParams(new FormData(form)));

  const toForm = (filters) => {
    for (const name of names) {
      const field = form.elements[name];
      if (field.type === "checkbox") field.checked = Boolean(filters[name]);
      else if (field !== document.activeElement || field.value.trim() !== (filters[name] ?? "").trim()) {
        field.value = filters[name] ?? "";
      }
    }
  };

  // Status and verdict must hold of the same program: "ok" and "incorrect" is an answer that is wrong.
  const programMatches = ([status, verdict, , mark], filters) => {
    if (filters.status && status !== filters.status) return false;
    switch (filters.verdict) {
      case undefined:
      case "unsolved":
        return true;
      case "kept":
        return mark !== "";
      case "selected":
        return mark === "selected";
      case "correct_not_kept":
        return verdict === "correct" && mark === "";
      default:
        return verdict === filters.verdict;
    }
  };

  const matches = (row, filters, text) => {
    const [, , id, question, label, type, source, , , disagree, programs] = row;
    if (filters.type && type !== filters.type) return false;
    if (filters.source && source !== filters.source) return false;
    if (filters.disagree && !disagree) return false;
    if (filters.verdict === "unsolved" && programs.some((program) => program[1] === "correct")) return false;
    if ((filters.status || filters.verdict) && !programs.some((program) => programMatches(program, filters))) {
      return false;
    }
    if (!text) return true;
    const answers = programs.map((program) => program[2]);
    return [id, question, label, source, ...answers].join("\n").toLowerCase().includes(text);
  };

  let last = { key: null, checked: 0, found: [] };

  // The numbers of the questions that match, in order; goes on where it stopped when more rows have been read.
  const find = (filters) => {
    const key = JSON.stringify(filters);
    if (last.key !== key) last = { key, checked: 0, found: [] };
    const text = (filters.text ?? "").trim().toLowerCase();
    for (; last.checked < vpd.data.rows.length; last.checked += 1) {
      if (matches(vpd.data.rows[last.checked], filters, text)) last.found.push(last.checked);
    }
    return last.found;
  };

  return { form, read, fromForm, toForm, find };
})();

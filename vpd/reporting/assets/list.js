// The list of questions: one page of rows at a time, so that a long run stays quick.
"use strict";

vpd.list = (() => {
  const perPage = 50;
  const section = document.getElementById("section-questions");
  const place = section.querySelector(".rows");
  const found = section.querySelector(".found");
  const pages = section.querySelector(".pages");

  const thumbnail = (name, images) =>
    vpd.element(
      "span",
      { class: "thumbnail" },
      name && vpd.element("img", { src: vpd.picture(name, "-small"), alt: "", loading: "lazy", decoding: "async" }),
      images > 1 && vpd.element("span", { class: "more" }, String(images)),
    );

  const item = (number, filters) => {
    const [, , id, question, label, type, source, picture, images, , programs] = vpd.data.rows[number];
    return vpd.element(
      "li",
      {},
      vpd.element(
        "a",
        { class: "row", href: vpd.address("question", { n: number + 1, ...filters }), "data-number": number },
        thumbnail(picture, images),
        vpd.element(
          "span",
          { class: "asked" },
          vpd.element("bdi", { class: "text" }, question),
          vpd.element(
            "span",
            { class: "about" },
            label ? vpd.element("span", { class: "label" }, "label ", vpd.element("b", {}, label)) : "no label",
            vpd.element("span", {}, vpd.words(type)),
            source && vpd.element("span", {}, source),
            vpd.element("code", { title: id }, id),
          ),
        ),
        vpd.element("span", { class: "strip" }, programs.map((program) => vpd.badge(...program))),
      ),
    );
  };

  const show = (filters, page) => {
    const numbers = vpd.filters.find(filters);
    const last = Math.max(0, Math.ceil(numbers.length / perPage) - 1);
    const shown = Math.min(Math.max(page, 0), last);
    const first = shown * perPage;
    place.replaceChildren(...numbers.slice(first, first + perPage).map((number) => item(number, filters)));
    place.start = first + 1;
    const total = Number(document.body.dataset.questions);
    const loading = vpd.data.isComplete() ? "" : ` Reading… ${Math.round((100 * vpd.data.rows.length) / total)} %`;
    const all = numbers.length === total ? "" : ` of ${total.toLocaleString("en")}`;
    found.textContent = numbers.length
      ? `${numbers.length.toLocaleString("en")}${all} questions.${loading}`
      : `No question matches.${loading}`;
    pages.hidden = last === 0;
    const where = `Page ${(shown + 1).toLocaleString("en")} of ${(last + 1).toLocaleString("en")}`;
    pages.querySelector(".where").textContent = where;
    pages.querySelector("[data-page='-1']").disabled = shown === 0;
    pages.querySelector("[data-page='1']").disabled = shown === last;
  };

  // Moves the focus by rows; returns false where there is none left.
  const move = (by) => {
    const links = [...place.querySelectorAll("a.row")];
    const at = links.indexOf(document.activeElement.closest("a.row"));
    const next = links[at < 0 ? 0 : at + by];
    next?.focus();
    return Boolean(next);
  };

  return {
    section,
    show,
    move,
    pageOf: (number, filters) => Math.max(0, Math.floor(vpd.filters.find(filters).indexOf(number) / perPage)),
    focus: (number) => place.querySelector(`[data-number="${number}"]`)?.focus(),
  };
})();

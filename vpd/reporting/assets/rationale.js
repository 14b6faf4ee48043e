// The reasoning of a program in words, and as a conversation that looks closer.
"use strict";

vpd.rationale = (() => {
  const writers = { template: "written by templates", language_model: "written by a language model" };

  // A sentence with its unsupported claims marked.
  const marked = ({ text, unsupported }) => {
    let parts = [text];
    for (const claim of unsupported) {
      parts = parts.flatMap((part) => {
        const at = typeof part === "string" ? part.indexOf(claim) : -1;
        if (at < 0) return [part];
        const mark = vpd.element("mark", { title: "follows from nothing that was seen" }, claim);
        return [part.slice(0, at), mark, part.slice(at + claim.length)];
      });
    }
    return parts;
  };

  // Pointing at what has boxes, or reaching it with the keyboard, shows them; leaving it lets go.
  const pointing = (look, rest) => ({ tabindex: "0", mouseenter: look, focus: look, mouseleave: rest, blur: rest });

  const sentence = (each, hooks) => {
    const look = () => hooks.show({ boxes: each.boxes });
    const hooked = each.boxes.length ? pointing(look, hooks.rest) : {};
    return [vpd.element("span", { class: each.boxes.length ? "sentence seen" : "sentence", ...hooked }, marked(each)), " "];
  };

  // `hooks`: show draws boxes over the pictures, rest shows what was there before.
  const show = (rationale, hooks) => {
    const missing = rationale.unsupported.length;
    const refused = `Not learned from: ${vpd.count(missing, "claim")} not borne out by what was seen.`;
    return vpd.element(
      "div",
      { class: "rationale" },
      vpd.element("p", {}, rationale.sentences.map((each) => sentence(each, hooks))),
      missing > 0 && vpd.element("p", { class: "refused" }, refused),
      vpd.element("p", { class: "note" }, `${writers[rationale.source]}; point at a sentence to see what it speaks of.`),
    );
  };

  const crop = (view, cue, images, hooks) => {
    const image = images[view.image];
    if (!image?.picture || !view.box) return null;
    const [x1, y1, x2, y2] = view.box;
    const [width, height] = [x2 - x1, y2 - y1];
    const scale = Math.min(112 / height, 200 / width);
    const picture = vpd.shape(
      "svg",
      { viewBox: `${x1} ${y1} ${width} ${height}`, width: width * scale, height: height * scale, "aria-hidden": "true" },
      vpd.shape("image", {
        href: vpd.picture(image.picture),
        width: image.width,
        height: image.height,
        preserveAspectRatio: "none",
      }),
    );
    const boxes = cue ? [{ image: view.image, box: cue, label: "cue", kind: "result" }] : [];
    const look = () => hooks.show({ image: view.image, region: view.box, boxes });
    const name = `Picture of ${width} × ${height} pixels`;
    return vpd.element(
      "figure",
      { class: "crop", role: "img", "aria-label": name, ...pointing(look, hooks.rest) },
      picture,
      vpd.element("figcaption", {}, `${width} × ${height}`),
    );
  };

  const turn = (each, cue, images, hooks) =>
    vpd.element(
      "li",
      { class: each.masked ? "masked" : false },
      each.said && vpd.element("p", {}, each.said),
      each.call && vpd.element("code", { class: "operation" }, each.call),
      each.masked && vpd.element("span", { class: "flag" }, "wrong on purpose: no loss"),
      each.views.length > 0 &&
        vpd.element("div", { class: "crops" }, each.views.map((view) => crop(view, cue, images, hooks))),
    );

  const trajectory = ({ kind, cue, turns }, images, hooks) =>
    vpd.element(
      "div",
      { class: "trajectory" },
      kind && vpd.element("p", { class: "note" }, kind),
      vpd.element("ol", {}, turns.map((each) => turn(each, cue, images, hooks))),
    );

  return { show, trajectory };
})();

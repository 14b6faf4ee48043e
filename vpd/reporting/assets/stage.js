// The question's pictures, with boxes drawn over them in the pixels of the whole image.
"use strict";

vpd.stage = (images, video) => {
  const element = vpd.element("figure", { class: "stage", hidden: images.length === 0 });
  const svg = vpd.shape("svg", { role: "img", preserveAspectRatio: "xMidYMid meet" });
  const labels = vpd.element("div", { class: "labels", "aria-hidden": "true" });
  const missing = vpd.element("p", { class: "missing", hidden: true });
  const canvas = vpd.element("div", { class: "canvas" }, svg, labels, missing);
  const name = vpd.element("span", { class: "name" });
  const zoomButton = vpd.element(
    "button",
    { type: "button", title: "Zoom to the step's region (z)", "aria-pressed": "false", click: () => zoom() },
    "Zoom",
  );
  const film = vpd.element("div", { class: "film", role: "group", "aria-label": video ? "Frames" : "Images" });
  const noun = video ? "Frame" : "Image";
  let at = -1;
  let zoomed = false;
  let drawn = { region: null, boxes: [] };

  images.forEach((image, index) => {
    const button = vpd.element(
      "button",
      { type: "button", "aria-label": `${noun} ${index + 1}`, click: () => (turn(index), draw()) },
      image.picture && vpd.element("img", { src: vpd.picture(image.picture, "-small"), alt: "", loading: "lazy" }),
      vpd.element("span", {}, String(index + 1)),
    );
    film.append(button);
  });

  const size = () => [Math.max(images[at]?.width ?? 4, 1), Math.max(images[at]?.height ?? 3, 1)];

  const turn = (index) => {
    if (index === at || !images[index]) return;
    at = index;
    const image = images[at];
    const [width, height] = size();
    canvas.style.setProperty("--ratio", width / height);
    missing.hidden = Boolean(image.picture);
    missing.textContent = image.picture ? "" : `There is no picture of ${image.path}: ${image.problem}.`;
    const which = images.length > 1 ? `${noun} ${at + 1} of ${images.length} · ` : "";
    name.textContent = `${which}${image.path} · ${width} × ${height}`;
    svg.setAttribute("aria-label", name.textContent);
    [...film.children].forEach((button, each) => button.setAttribute("aria-pressed", String(each === at)));
    const current = film.children[at];
    if (current) film.scrollLeft = current.offsetLeft - (film.clientWidth - current.offsetWidth) / 2;
  };

  // What is seen of the image: all of it, or the region with some room around it, in the image's proportions.
  const view = () => {
    const [width, height] = size();
    const box = drawn.region ?? drawn.boxes.find((each) => each.image === at)?.box;
    if (!zoomed || !box) return [0, 0, width, height];
    const share = Math.min(1, 1.3 * Math.max((box[2] - box[0]) / width, (box[3] - box[1]) / height, 0.04));
    const [w, h] = [width * share, height * share];
    const fit = (center, length, whole) => Math.min(Math.max(center - length / 2, 0), whole - length);
    return [fit((box[0] + box[2]) / 2, w, width), fit((box[1] + box[3]) / 2, h, height), w, h];
  };

  const rectangle = ([x1, y1, x2, y2], kind) =>
    ["halo", kind].map((each) =>
      vpd.shape("rect", { class: each, x: x1, y: y1, width: Math.max(x2 - x1, 0), height: Math.max(y2 - y1, 0) }),
    );

  const label = (box, text, kind, [x, y, width, height]) => {
    const tag = vpd.element("bdi", { class: `tag ${kind}` }, text);
    tag.style.left = `${(100 * Math.min(Math.max(box[0] - x, 0), width)) / width}%`;
    tag.style.top = `${(100 * Math.min(Math.max(box[1] - y, 0), height)) / height}%`;
    return tag;
  };

  const draw = () => {
    const [width, height] = size();
    const seen = view();
    const { region, boxes } = drawn;
    const here = boxes.filter((each) => each.image === at);
    const whole = region && region[2] - region[0] >= width && region[3] - region[1] >= height;
    const parts = [];
    if (images[at]?.picture) {
      const href = vpd.picture(images[at].picture);
      parts.push(vpd.shape("image", { href, width, height, preserveAspectRatio: "none" }));
    }
    if (region && !whole) {
      const [x1, y1, x2, y2] = region;
      const outside = `M0 0H${width}V${height}H0Z M${x1} ${y1}V${y2}H${x2}V${y1}Z`;
      parts.push(vpd.shape("path", { class: "outside", "fill-rule": "evenodd", d: outside }));
    }
    if (region) parts.push(rectangle(region, "region"));
    parts.push(here.map((each) => rectangle(each.box, each.kind)));
    svg.setAttribute("viewBox", seen.join(" "));
    svg.replaceChildren(...parts.flat(Infinity));
    // More labels than these would hide the picture.
    const told = here.length <= 12 ? here.filter((each) => each.label) : [];
    labels.replaceChildren(...told.map((each) => label(each.box, each.label, each.kind, seen)));
    zoomButton.setAttribute("aria-pressed", String(zoomed));
  };

  // Boxes are `{image, box, label, kind}`; a region belongs to `image`, and everything outside it is darkened.
  const show = ({ image = null, region = null, boxes = [] }) => {
    const wanted = image ?? (boxes.some((each) => each.image === at) ? at : boxes[0]?.image);
    turn(wanted ?? at);
    drawn = { region: region && (image ?? at) === at ? region : null, boxes };
    draw();
  };

  const zoom = () => {
    zoomed = !zoomed;
    draw();
  };

  turn(0);
  draw();
  vpd.fill(element, {}, [
    canvas,
    vpd.element("figcaption", {}, name, zoomButton),
    images.length > 1 && film,
  ]);
  return { element, show, zoom };
};

// Judging: one item at a time, by keyboard or pointer; what was said stays in the browser until it is downloaded.
"use strict";

const page = document.body.dataset.page;
const items = JSON.parse(document.getElementById("items").textContent);
const AXES = ["correct", "factual", "consistent"];
const KEYS = { 1: ["left", 0], 2: ["left", 1], 3: ["left", 2], 4: ["right", 0], 5: ["right", 1], 6: ["right", 2] };
const rater = document.getElementById("rater");
const store = `vpd-human-${page}`;
const saved = load();
const judged = saved.judged;
let at = Math.min(saved.at, items.length - 1);

function load() {
  const fresh = { judged: {}, at: 0, rater: "" };
  try {
    return { ...fresh, ...JSON.parse(localStorage.getItem(store) ?? "{}") };
  } catch {
    return fresh; // private windows have no storage: the results then live as long as the page
  }
}

function save() {
  try {
    localStorage.setItem(store, JSON.stringify({ judged, at, rater: rater.value.trim() }));
  } catch {
    // as above
  }
}

function isComplete(item) {
  const said = judged[item];
  return Boolean(said) && ["left", "right"].every((side) => AXES.every((axis) => typeof said[side][axis] === "boolean"));
}

function show() {
  const item = items[at];
  document.getElementById("question").textContent = item.question;
  document.getElementById("choices").textContent = item.choices.join(" · ");
  document.getElementById("left").textContent = item.left;
  document.getElementById("right").textContent = item.right;
  document.getElementById("pictures").replaceChildren(
    ...item.pictures.map((source) => Object.assign(document.createElement("img"), { src: source, alt: "" })),
  );
  for (const button of document.querySelectorAll(".axis")) {
    const said = judged[at]?.[button.dataset.side]?.[button.dataset.axis];
    button.querySelector("b").textContent = said === true ? "yes" : said === false ? "no" : "";
    if (typeof said === "boolean") button.setAttribute("aria-pressed", String(said));
    else button.removeAttribute("aria-pressed");
  }
  const complete = items.filter((_, index) => isComplete(index)).length;
  document.getElementById("progress").textContent = `${at + 1} of ${items.length} · ${complete} judged`;
  document.getElementById("previous").disabled = at === 0;
  document.getElementById("next").disabled = at === items.length - 1;
}

function say(side, axis) {
  judged[at] ??= { left: {}, right: {} };
  const said = judged[at][side];
  if (said[axis] === true) said[axis] = false;
  else if (said[axis] === false) delete said[axis];
  else said[axis] = true;
  save();
  show();
}

function go(to) {
  at = Math.max(0, Math.min(items.length - 1, to));
  save();
  show();
}

function firstOpen() {
  const open = items.findIndex((_, index) => !isComplete(index));
  if (open >= 0) go(open);
}

/** The results as JSON lines: complete judgments only. */
function results() {
  return items
    .map((_, item) => item)
    .filter(isComplete)
    .map((item) => JSON.stringify({ page, rater: rater.value.trim(), item, ...judged[item] }) + "\n")
    .join("");
}

function download() {
  rater.classList.toggle("missing", !rater.value.trim());
  if (!rater.value.trim()) {
    rater.focus();
    return;
  }
  const name = rater.value.trim().replace(/[^\w-]+/g, "-");
  const link = Object.assign(document.createElement("a"), {
    href: URL.createObjectURL(new Blob([results()], { type: "application/jsonl" })),
    download: `judgments-${page}-${name}.jsonl`,
  });
  link.click();
  URL.revokeObjectURL(link.href);
}

document.addEventListener("keydown", (event) => {
  if (event.target === rater || event.ctrlKey || event.metaKey || event.altKey) return;
  const key = KEYS[event.key];
  if (key) say(key[0], AXES[key[1]]);
  else if (event.key === "ArrowRight" || (event.key === "Enter" && event.target.tagName !== "BUTTON")) go(at + 1);
  else if (event.key === "ArrowLeft") go(at - 1);
  else if (event.key === "u") firstOpen();
  else if (event.key === "d") download();
  else return;
  event.preventDefault();
});
for (const button of document.querySelectorAll(".axis")) {
  button.addEventListener("click", () => say(button.dataset.side, button.dataset.axis));
}
document.getElementById("previous").addEventListener("click", () => go(at - 1));
document.getElementById("next").addEventListener("click", () => go(at + 1));
document.getElementById("download").addEventListener("click", download);
rater.value = saved.rater;
rater.addEventListener("input", () => {
  rater.classList.remove("missing");
  save();
});
show();

// Making elements. Text only ever becomes text nodes and attribute values, never markup.
"use strict";

const vpd = {};

vpd.element = (tag, attributes = {}, ...children) =>
  vpd.fill(document.createElement(tag), attributes, children);

vpd.shape = (tag, attributes = {}, ...children) =>
  vpd.fill(document.createElementNS("http://www.w3.org/2000/svg", tag), attributes, children);

// A function becomes a listener, `false` and null leave an attribute or child out.
vpd.fill = (element, attributes, children) => {
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") element.addEventListener(name, value);
    else if (value !== null && value !== undefined && value !== false) {
      element.setAttribute(name, value === true ? "" : value);
    }
  }
  const kept = (child) => child !== null && child !== undefined && child !== false;
  element.append(...children.flat(Infinity).filter(kept));
  return element;
};

vpd.words = (name) => (name === "yes_no" ? "yes/no" : name.replaceAll("_", " "));

vpd.count = (number, noun) => `${number.toLocaleString("en")} ${noun}${number === 1 ? "" : "s"}`;

// A picture's address from its name.
vpd.picture = (name, size = "") => `pictures/${name.slice(0, 2)}/${name}${size}.jpg`;

// An address within the report; empty parameters are left out.
vpd.address = (section, parameters = {}) => {
  const query = new URLSearchParams(Object.entries(parameters).filter(([, value]) => value)).toString();
  return `#${section}${query ? `?${query}` : ""}`;
};

// Names with their values, as one list; what is not given is left out.
vpd.facts = (pairs) =>
  vpd.element(
    "dl",
    { class: "facts" },
    pairs
      .filter(Boolean)
      .map(([name, value]) => vpd.element("div", {}, vpd.element("dt", {}, name), vpd.element("dd", {}, value))),
  );

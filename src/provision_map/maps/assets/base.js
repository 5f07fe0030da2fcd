// Small helpers. Every text from the data is written as a text node, never as markup.

const DATA = JSON.parse(document.getElementById("edition").textContent);
const STILL = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
const SVG = "http://www.w3.org/2000/svg";

function byId(id) {
  return document.getElementById(id);
}

function fillElement(node, attributes, children) {
  for (const [name, value] of Object.entries(attributes || {})) {
    if (value === false || value === null || value === undefined) continue;
    node.setAttribute(name, value === true ? "" : String(value));
  }
  for (const child of children.flat(Infinity)) {
    if (child === null || child === undefined || child === false) continue;
    node.append(child instanceof Node ? child : document.createTextNode(String(child)));
  }
  return node;
}

// Attributes come from this script only; texts from the data are children.
function el(tag, attributes, ...children) {
  return fillElement(document.createElement(tag), attributes, children);
}

function svg(tag, attributes, ...children) {
  return fillElement(document.createElementNS(SVG, tag), attributes, children);
}

function empty(node) {
  node.replaceChildren();
  return node;
}

function thousands(number) {
  return String(number).replace(/\B(?=(\d{3})+$)/g, ",");
}

// Thousandths as a per cent: 385 is 38.5%, 400 is 40%.
function percent(thousandths) {
  return (thousandths / 10).toFixed(thousandths % 10 ? 1 : 0) + "%";
}

function plural(count, one, many) {
  return `${thousands(count)} ${count === 1 ? one : many}`;
}

function button(words, run, attributes) {
  const node = el("button", { type: "button", ...(attributes || {}) }, words);
  node.addEventListener("click", run);
  return node;
}

function option(value, ...words) {
  return el("option", { value }, ...words);
}

function sum(numbers) {
  return numbers.reduce((total, number) => total + number, 0);
}

function swatch(colour, className) {
  const node = el("span", { class: `swatch ${className || ""}`, "aria-hidden": "true" });
  if (colour) node.style.backgroundColor = colour;
  return node;
}

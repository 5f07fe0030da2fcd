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

// Below this many children a decimal would say more than is known.
const DECIMALS_FROM = 100;

function isSmall(count) {
  return count !== null && count !== undefined && count < DECIMALS_FROM;
}

// Thousandths as a per cent: 385 is 38.5%, 400 is 40%; of fewer than 100 children 385 is 39%.
function percent(thousandths, count) {
  if (!isSmall(count)) return (thousandths / 10).toFixed(thousandths % 10 ? 1 : 0) + "%";
  if (thousandths > 0 && thousandths < 5) return "under 1%";
  if (thousandths < DATA.whole && thousandths >= DATA.whole - 5) return "over 99%";
  return `${Math.round(thousandths / 10)}%`;
}

// Values that add up to DATA.whole, as multiples of a step that add up to it (largest remainder).
function roundShares(values, step) {
  const scaled = values.map((value) => value / step + 1e-9);
  const rounded = scaled.map(Math.floor);
  const order = values.map((_, n) => n).sort((a, b) => (scaled[b] - rounded[b]) - (scaled[a] - rounded[a]) || a - b);
  const short = Math.round(DATA.whole / step) - sum(rounded);
  for (const n of order.slice(0, short)) rounded[n] += 1;
  return rounded.map((value) => value * step);
}

// Shares that make up a whole, as per cents that add up to 100.
function percents(values, count) {
  if (!isSmall(count)) return values.map((value) => percent(value));
  return roundShares(values, 10).map((value, n) => (value === 0 && values[n] > 0 ? "under 1%" : percent(value)));
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

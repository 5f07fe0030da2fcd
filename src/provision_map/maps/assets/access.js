// Places in reach per 100 children: an index of supply against demand, of one element at a time.

const ACCESS = DATA.measures.findIndex((measure) => measure.id === "access");

// The index of the chosen element, or null.
function accessTable() {
  return view.element < 0 ? null : DATA.access[view.element];
}

// Why the map cannot be coloured by it; "" where it can.
function whyNoAccess() {
  if (view.element < 0) return "choose one element";
  if (!accessTable()) return "no service of this element says how many places it has";
  if (view.group || view.age) return "choose everyone and all ages";
  return "";
}

function showsAccess() {
  return ACCESS >= 0 && view.measure === ACCESS;
}

// A choice that the index does not go with takes the map back to its first measure.
function settleMeasure() {
  if (showsAccess() && whyNoAccess()) view.measure = DEFAULT.measure;
}

function accessNote() {
  const why = ACCESS < 0 ? "" : whyNoAccess();
  return why ? `To colour by “${DATA.measures[ACCESS].words.toLowerCase()}”: ${why}.` : "";
}

// Hundredths as people write them: 1332 is 13, 840 is 8.4, 35 is 0.35.
function figure(hundredths) {
  if (hundredths >= 1000) return thousands(Math.round(hundredths / 100));
  if (hundredths >= 100) return String(Math.round(hundredths / 10) / 10);
  return String(hundredths / 100);
}

// How complete a figure is.
const COMPLETE = 0;
const NOT_SEARCHED = 2;

// None for certain, not only none that is known.
function accessUnknown(table, place) {
  return table.values[place] === 0 && table.unknown[place] > 0;
}

function classifyAccess(measure) {
  const table = accessTable();
  const places = DATA.places.map((_, place) => {
    const parts = placeParts(view, place);
    const value = table.values[place];
    if (value === null) return { parts, value, kind: "none" };
    if (accessUnknown(table, place)) return { parts, value, kind: "unknown" };
    const within = table.limits.findIndex((limit) => value <= limit);
    const n = within < 0 ? table.limits.length : within;
    return { parts, value, kind: "class", n, colour: table.colours[n] };
  });
  return { measure, places, colours: table.colours };
}

function accessClassWords(n) {
  const { limits } = accessTable();
  if (!n) return "none";
  if (n === limits.length) return `over ${figure(limits[n - 1])}`;
  return `over ${figure(limits[n - 1])} to ${figure(limits[n])}`;
}

function edgePlaces() {
  const { edge } = accessTable();
  const inside = (place) => edge[place] && classes.places[place].value !== null;
  return { places: new Set(DATA.places.map((_, n) => n).filter(inside)), words: "edge: people beyond it are not known" };
}

function accessWords(place) {
  const table = accessTable();
  const name = DATA.places[place].name;
  const { kind, value } = classes.places[place];
  if (kind === "none") return `${name}: ${table.basis[place] === NOT_SEARCHED ? "not searched" : "no figure for this choice"}`;
  const words = kind === "unknown" ? "not known" : `${figure(value)} ${table.unit}`;
  return `${name}: in reach per 100 children ${words}${table.edge[place] ? ", edge" : ""}`;
}

function accessLegend(row, count) {
  const table = accessTable();
  const rows = table.colours.map((colour, n) => row(swatch(colour), accessClassWords(n), count((p) => p.kind === "class" && p.n === n)));
  const unknown = count((p) => p.kind === "unknown");
  const none = count((p) => p.kind === "none");
  if (unknown) rows.push(row(swatch("", "dots"), "not known: no number of places given", unknown));
  if (none) rows.push(row(swatch("#ffffff", "none"), "no figure", none));
  const edge = edgePlaces();
  if (edge.places.size) rows.push(row(swatch("", "edge"), edge.words, edge.places.size));
  return [
    el("p", { class: "quiet" }, `Supply against demand, not who is covered. ${table.unit === "places" ? "Places in one session" : "Place-hours a week"} · number of areas`),
    el("ul", { class: "legend-rows" }, rows),
    el("p", { class: "quiet" }, `To compare within this element only. E2SFCA, ${table.catchment}, nearer counts more.`),
  ];
}

// The figure of an area, with the range that another catchment would give.
function accessFacts(place) {
  const table = accessTable();
  if (!table) return null;
  if (table.basis[place] === NOT_SEARCHED) return [heading(DATA.measures[ACCESS].words), el("p", { class: "access" }, "Not searched: no way from here was measured.")];
  if (table.values[place] === null) return null;
  const left = table.unknown[place];
  const around = [[table.smaller[place], "smaller"], [table.larger[place], "larger"]].filter(([value]) => value !== null);
  const range = around.length ? ` (${around.map(([value, words], n) => `${figure(value)} with ${n ? "one" : "a catchment"} a quarter ${words}`).join(", ")})` : "";
  const said = accessUnknown(table, place) ? [el("strong", {}, "Not known")] : [el("strong", {}, figure(table.values[place])), ` ${table.unit}${range}`];
  const notes = [`Everyone, all ages; ${table.catchment}. An index of supply against demand: it does not say who is covered.`];
  if (table.basis[place] !== COMPLETE) notes.push("Incomplete: some ways were not searched, or not every source has answered.");
  if (left) notes.push(`${plural(left, "service", "services")} in reach left out: how many places or hours ${left === 1 ? "it has" : "they have"} is not known.`);
  if (table.edge[place]) notes.push("Edge: the catchment reaches beyond the area of which people are known, so the figure is rough.");
  return [
    heading(DATA.measures[ACCESS].words),
    el("p", { class: "access" }, said, "."),
    el("p", { class: "quiet" }, notes.join(" ")),
  ];
}

// The mean of a neighbourhood's areas, by their children.
function hoodAccess(places) {
  const table = accessTable();
  const known = places.filter((place) => table.values[place] !== null && !accessUnknown(table, place));
  if (!known.length) return null;
  const weights = known.map((place) => childrenOf(view, place) || 0);
  const total = sum(weights);
  return sum(known.map((place, n) => table.values[place] * (total ? weights[n] : 1))) / (total || known.length);
}

function accessColumn() {
  const table = accessTable();
  const value = (row) => {
    if (row.places) return hoodAccess(row.places);
    return accessUnknown(table, row.index) ? null : table.values[row.index];
  };
  return { words: `${DATA.measures[ACCESS].words} (${table.unit})`, number: true, value, show: (number) => (number === null ? "–" : figure(Math.round(number))) };
}

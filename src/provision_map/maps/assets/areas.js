// The map's areas: colour, hatching, outlines, names, highlight, and the legend in words.

const map = window.map_provision;
const areaLayers = [];
const hatchLayers = [];
const MOST_HATCHED_GAPS = 10;
const SHOW_PLACE_NAMES_FROM = 14;
let highlight = null;
let focusRing = null;
let classes = null;
let cityBounds = null;

function makePane(name, zIndex, quiet) {
  const pane = map.createPane(name);
  pane.style.zIndex = zIndex;
  if (quiet) pane.style.pointerEvents = "none";
  return L.svg({ pane: name, padding: 0.5 });
}

function drawAreas() {
  const renderer = makePane("areas", 410);
  const hatchRenderer = makePane("hatch", 420, true);
  const lineRenderer = makePane("lines", 430, true);
  const highRenderer = makePane("highlight", 440, true);
  makePane("names", 450, true);
  DATA.places.forEach((_, place) => {
    const points = shapePoints(place);
    const layer = L.polygon(points, { renderer, pane: "areas", weight: 0.8, color: "#6b6f76", fillOpacity: 1, smoothFactor: 0 });
    layer.on("click", () => openArea(place));
    layer.on("mouseover", () => showHint(place));
    layer.on("mouseout", () => showHint(-1));
    areaLayers.push(layer.addTo(map));
    hatchLayers.push(L.polygon(points, {
      renderer: hatchRenderer, pane: "hatch", stroke: false, fillColor: "url(#hatch)", fillOpacity: 1, interactive: false, smoothFactor: 0,
    }));
  });
  const draw = (arcs, style) =>
    L.polyline(arcs.map(arcPoints), { renderer: lineRenderer, pane: "lines", interactive: false, smoothFactor: 0, ...style }).addTo(map);
  draw(DATA.borders, { color: "#ffffff", weight: 4, opacity: 0.9 });
  draw(DATA.borders, { color: "#3a3f47", weight: 1.6 });
  draw(DATA.outline, { color: "#14181d", weight: 2.6 });
  highlight = [
    L.polyline([], { renderer: highRenderer, pane: "highlight", interactive: false, color: "#ffffff", weight: 8, smoothFactor: 0 }).addTo(map),
    L.polyline([], { renderer: highRenderer, pane: "highlight", interactive: false, color: "#0b3d91", weight: 4, smoothFactor: 0, className: "highlight" }).addTo(map),
  ];
  focusRing = L.polyline([], { renderer: highRenderer, pane: "highlight", interactive: false, color: "#0b3d91", weight: 4, dashArray: "7 5", smoothFactor: 0 }).addTo(map);
  cityBounds = L.latLngBounds(DATA.outline.flatMap(arcPoints));
  drawNames();
  nameAreas();
}

// One tab stop for all areas; arrow keys go to the nearest area that way, Enter opens its card.
function nameAreas() {
  areaLayers.forEach((layer, place) => {
    const path = layer.getElement();
    path.setAttribute("tabindex", place === 0 ? "0" : "-1");
    path.setAttribute("role", "button");
    path.setAttribute("data-place", place);
    path.addEventListener("focus", () => {
      if (path.matches(":focus-visible")) focusRing.setLatLngs(outlineOf([place]));
      showHint(place);
    });
    path.addEventListener("blur", () => {
      focusRing.setLatLngs([]);
      showHint(-1);
    });
    path.addEventListener("keydown", (event) => onAreaKey(event, place));
  });
}

const DIRECTIONS = { ArrowUp: [0, 1], ArrowDown: [0, -1], ArrowLeft: [-1, 0], ArrowRight: [1, 0] };

function onAreaKey(event, place) {
  if (event.key === "Enter" || event.key === " ") {
    event.preventDefault();
    openArea(place);
  } else if (DIRECTIONS[event.key]) {
    event.preventDefault();
    event.stopPropagation();
    const next = nearestTowards(place, DIRECTIONS[event.key]);
    if (next >= 0) focusArea(next);
  }
}

function nearestTowards(place, [dx, dy]) {
  const from = DATA.places[place];
  let best = -1;
  let least = Infinity;
  DATA.places.forEach((to, other) => {
    const along = (to.e - from.e) * dx + (to.n - from.n) * dy;
    const aside = Math.abs((to.e - from.e) * dy) + Math.abs((to.n - from.n) * dx);
    if (other !== place && along > 0 && along + 2 * aside < least) {
      least = along + 2 * aside;
      best = other;
    }
  });
  return best;
}

function focusArea(place) {
  areaLayers.forEach((layer, other) => layer.getElement().setAttribute("tabindex", other === place ? "0" : "-1"));
  areaLayers[place].getElement().focus({ preventScroll: true });
}

// The outer border of several places: arcs that only one of them has.
function outlineOf(places) {
  const seen = new Map();
  for (const place of places) {
    for (const arc of DATA.shapes[place].flat(2)) {
      const key = arc < 0 ? ~arc : arc;
      seen.set(key, (seen.get(key) || 0) + 1);
    }
  }
  return [...seen].filter(([, times]) => times === 1).map(([arc]) => arcPoints(arc));
}

function highlightPlaces(places) {
  const lines = outlineOf(places);
  highlight.forEach((layer) => layer.setLatLngs(lines));
  areaLayers.forEach((layer, place) => {
    const marked = places.includes(place);
    layer.getElement().classList.toggle("marked", marked);
  });
}

function placesInGaps() {
  const listed = listedGaps().filter((gap) => gap.scope === "local" && gap.kind !== "practice" && !gap.settled);
  const shown = view.element < 0 ? listed.slice(0, MOST_HATCHED_GAPS) : listed;
  return { places: new Set(shown.flatMap((gap) => gap.places)), shown: shown.length, of: listed.length };
}

function colourAreas() {
  classes = classify();
  const gaps = placesInGaps();
  areaLayers.forEach((layer, place) => {
    const { kind, colour } = classes.places[place];
    layer.setStyle({ fillColor: kind === "class" ? colour : kind === "unknown" ? "url(#dots)" : "#ffffff" });
    layer.getElement().setAttribute("aria-label", areaWords(place));
    const hatched = gaps.places.has(place);
    if (hatched && !map.hasLayer(hatchLayers[place])) hatchLayers[place].addTo(map);
    if (!hatched) hatchLayers[place].remove();
    layer.getElement().classList.toggle("hatched", hatched);
  });
  drawLegend(gaps);
}

function areaWords(place) {
  const { parts, value } = classes.places[place];
  const name = DATA.places[place].name;
  if (parts === null) return `${name}: no figure for this choice`;
  const measure = classes.measure;
  const words = `${name}: ${measure.words.toLowerCase()} ${percent(value)}`;
  const unknown = measureValue(parts, UNKNOWN);
  return measure.ramp === "unknown" || !unknown ? words : `${words}, cannot be told ${percent(unknown)}`;
}

function drawLegend(gaps) {
  const { measure, limits, colours, places } = classes;
  byId("legend-title").textContent = measure.words;
  const count = (test) => places.filter(test).length;
  const row = (sign, words, number) =>
    el("li", {}, sign, el("span", { class: "legend-words" }, words), el("span", { class: "legend-count" }, number));
  const rows = colours.map((colour, n) =>
    row(swatch(colour), classWords(limits, n), count((p) => p.kind === "class" && p.n === n)));
  const unknown = count((p) => p.kind === "unknown");
  const none = count((p) => p.kind === "none");
  if (measure.ramp !== "unknown") rows.push(row(swatch("", "dots"), "half or more cannot be told", unknown));
  if (none) rows.push(row(swatch("#ffffff", "none"), "no figure: not due or nobody counted", none));
  const which = gaps.shown < gaps.of ? `in one of the ${gaps.shown} first local gaps` : "in a local gap";
  rows.push(row(swatch("", "hatched"), which, gaps.places.size));
  empty(byId("legend-body")).append(
    el("p", { class: "quiet" }, "Share of children · number of areas"),
    el("ul", { class: "legend-rows" }, rows),
    el("p", { class: "quiet" }, "Unknown is not zero: where it cannot be told, it is not called covered."),
  );
}

let hintTimer = 0;

// What the pointer or the focus is on, in a line at the foot of the map.
function showHint(place) {
  window.clearTimeout(hintTimer);
  const hint = byId("hint");
  if (place < 0) {
    hintTimer = window.setTimeout(() => { hint.hidden = true; }, 60);
    return;
  }
  hint.textContent = areaWords(place);
  hint.hidden = false;
}

function nameLabel(text, className) {
  return L.divIcon({ className: `name ${className}`, html: el("span", {}, text), iconSize: [0, 0] });
}

function drawNames() {
  const hoodNames = L.layerGroup(DATA.neighbourhoods.map((hood) => L.marker(at(hood.at), { icon: nameLabel(hood.name, "name-hood"), pane: "names", interactive: false, keyboard: false })));
  const placeNames = L.layerGroup(DATA.places.map((place) => L.marker(at(place.at), { icon: nameLabel(place.name, "name-place"), pane: "names", interactive: false, keyboard: false })));
  const choose = () => {
    const near = map.getZoom() >= SHOW_PLACE_NAMES_FROM;
    (near ? placeNames : hoodNames).addTo(map);
    (near ? hoodNames : placeNames).remove();
  };
  map.on("zoomend", choose);
  choose();
}

// Width of what lies on the map at its left: the legend, where the window is wide enough.
function keysWidth() {
  const keys = byId("keys");
  return window.getComputedStyle(keys).position === "absolute" ? keys.offsetWidth + 14 : 0;
}

// Shows the whole city beside the legend.
function showCity() {
  const left = map.getSize().x > 640 ? keysWidth() : 0;
  map.fitBounds(cityBounds, { paddingTopLeft: [left + 10, 14], paddingBottomRight: [16, 14], animate: false });
}

function showPlaces(places) {
  const bounds = L.latLngBounds(places.flatMap((place) => shapePoints(place).flat(2)));
  const card = byId("card");
  const narrow = window.getComputedStyle(card).position === "fixed";
  const right = narrow ? 20 : card.offsetWidth + 20;
  const left = map.getSize().x - right > 560 ? keysWidth() + 20 : 20;
  map.fitBounds(bounds.pad(0.4), { paddingTopLeft: [left, 20], paddingBottomRight: [right, 20], maxZoom: 14, animate: !STILL });
}

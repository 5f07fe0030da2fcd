// The map's areas: colour, hatching, outlines, names, highlight, and the legend in words.

const map = window.map_provision;
const areaLayers = [];
const hatchLayers = [];
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

function bits(mask) {
  let count = 0;
  for (let rest = mask; rest; rest &= rest - 1) count += 1;
  return count;
}

// A gap of everyone concerns every group; one of a community, those that it is made of.
function concerns(gap, group) {
  return gap.forAll || gap.groups.includes(group);
}

// Open local gaps that concern the chosen group, by place: how many, and at which ages.
function gapsByPlace() {
  const counts = new Array(DATA.places.length).fill(0);
  const masks = new Array(DATA.places.length).fill(0);
  const ages = DATA.offers[view.offer].ages.length;
  for (const gap of listedGaps()) {
    if (gap.scope !== "local" || gap.kind === "practice" || gap.settled || !concerns(gap, view.group)) continue;
    gap.places.forEach((place, n) => {
      masks[place] |= gap.masks[n];
      counts[place] += view.age ? (gap.masks[n] >> (view.age - 1)) & 1 : Number(bits(gap.masks[n]) * 2 >= ages);
    });
  }
  return { counts, masks };
}

// For one element: the places in a local gap at the chosen age, or at half of the ages or more.
// For all elements together nearly every place is in one: the quarter of places with the most.
function placesInGaps() {
  const { counts, masks } = gapsByPlace();
  const offer = DATA.offers[view.offer];
  if (view.element >= 0) {
    const inside = (mask) => (view.age ? (mask >> (view.age - 1)) & 1 : bits(mask) * 2 >= offer.high - offer.low + 1);
    return { places: new Set(indexes(masks, inside)), words: view.age ? "in a local gap" : "in a local gap at most ages" };
  }
  const most = Math.max(...counts);
  let least = 1;
  while (least < most && counts.filter((count) => count >= least).length > DATA.places.length / 4) least += 1;
  return {
    places: new Set(indexes(counts, (count) => count >= least)),
    words: `in ${least === most ? plural(least, "local gap", "local gaps") : `${least} or more local gaps`}${view.age ? "" : " at most ages"}`,
  };
}

function indexes(list, test) {
  return list.map((_, n) => n).filter((n) => test(list[n]));
}

const FILLS = { none: "#ffffff", unknown: "url(#dots)", few: "url(#few)" };

function colourAreas() {
  classes = classify();
  const access = showsAccess();
  const gaps = access ? edgePlaces() : placesInGaps();
  for (const place of [...gaps.places]) if (classes.places[place].kind === "few") gaps.places.delete(place);
  areaLayers.forEach((layer, place) => {
    const { kind, colour } = classes.places[place];
    layer.setStyle({ fillColor: colour || FILLS[kind] });
    layer.getElement().setAttribute("aria-label", areaWords(place));
    const hatched = gaps.places.has(place);
    hatchLayers[place].setStyle({ fillColor: access ? "url(#edge)" : "url(#hatch)" });
    if (hatched && !map.hasLayer(hatchLayers[place])) hatchLayers[place].addTo(map);
    if (!hatched) hatchLayers[place].remove();
    layer.getElement().classList.toggle("hatched", hatched && !access);
    layer.getElement().classList.toggle("edge", hatched && access);
  });
  drawLegend(gaps);
}

function areaWords(place) {
  if (showsAccess()) return accessWords(place);
  const { parts, value, kind } = classes.places[place];
  const name = DATA.places[place].name;
  if (parts === null) return `${name}: no figure for this choice`;
  const measure = classes.measure;
  const count = childrenOf(view, place);
  const who = kind === "few" ? "under 5 children of this group (estimate), " : "";
  const words = `${name}: ${who}${measure.words.toLowerCase()} ${percent(value, count)}`;
  if (measure.ramp === "unknown") return words;
  const unassessed = parts[UNASSESSED] ? `, in reach, quality not assessed ${percent(parts[UNASSESSED], count)}` : "";
  const unknown = untold(parts);
  return `${words}${unassessed}${unknown ? `, cannot be told ${percent(unknown, count)}` : ""}`;
}

function drawLegend(gaps) {
  const { measure, colours, places } = classes;
  byId("legend-title").textContent = measure.words;
  const count = (test) => places.filter(test).length;
  const row = (sign, words, number) =>
    el("li", {}, sign, el("span", { class: "legend-words" }, words), el("span", { class: "legend-count" }, number));
  if (showsAccess()) {
    empty(byId("legend-body")).append(...accessLegend(row, count));
    return;
  }
  const rows = colours.map((colour, n) =>
    row(swatch(colour), classWords(n), count((p) => p.kind === "class" && p.n === n)));
  const unknown = count((p) => p.kind === "unknown");
  const none = count((p) => p.kind === "none");
  if (measure.ramp !== "unknown") rows.push(row(swatch("", "dots"), "half or more cannot be told, or quality not assessed", unknown));
  const few = count((p) => p.kind === "few");
  if (few) rows.push(row(swatch("", "few"), "under 5 children of this group", few));
  if (none) rows.push(row(swatch("#ffffff", "none"), "no figure: not due or nobody counted", none));
  rows.push(row(swatch("", "hatched"), gaps.words, gaps.places.size));
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
    tidyNames();
  };
  map.on("zoomend", choose);
  map.on("moveend", tidyNames);
  choose();
}

const NAME_SHIFTS = [[0, 0], [0, -0.8], [0, 0.8], [0, -1.6], [0, 1.6], [-0.4, 0], [0.4, 0], [-0.4, -1.2], [0.4, 1.2], [0, -2.4], [0, 2.4], [-0.8, 0.7], [0.8, 0.7], [-0.8, -0.7], [0.8, -0.7], [0, 3.2]];
let tidying = 0;

// Names keep clear of markers and of each other; one that finds no room shows when zoomed in.
function tidyNames() {
  window.clearTimeout(tidying);
  tidying = window.setTimeout(() => {
    const frame = map.getContainer().getBoundingClientRect();
    const taken = [...map.getPane("markerPane").children].map((icon) => icon.getBoundingClientRect());
    for (const label of map.getPane("names").children) {
      const words = label.firstChild;
      words.style.transform = "translate(-50%, -50%)";
      const box = words.getBoundingClientRect();
      const free = NAME_SHIFTS
        .map(([x, y]) => [x * box.width, y * box.height])
        .filter(([x, y]) => !taken.some((other) => overlap(other, box, x, y)));
      const room = free.find(([x]) => box.left + x >= frame.left && box.right + x <= frame.right) || free[0];
      words.style.visibility = room ? "visible" : "hidden";
      if (!room) continue;
      words.style.transform = `translate(-50%, -50%) translate(${room[0]}px, ${room[1]}px)`;
      taken.push(words.getBoundingClientRect());
    }
  }, STILL ? 30 : 280);
}

function overlap(other, box, x, y) {
  return box.left + x < other.right && box.right + x > other.left && box.top + y < other.bottom && box.bottom + y > other.top;
}

// Width of what lies on the map at its left: the legend, where the window is wide enough.
function keysWidth() {
  const keys = byId("keys");
  return window.getComputedStyle(keys).position === "absolute" ? keys.offsetWidth + 14 : 0;
}

// Shows the whole city beside the legend.
function showCity() {
  map.fitBounds(cityBounds, { paddingTopLeft: [keysWidth() + 10, 14], paddingBottomRight: [16, 14], animate: false });
}

function showPlaces(places) {
  const bounds = L.latLngBounds(places.flatMap((place) => shapePoints(place).flat(2)));
  const card = byId("card");
  const narrow = window.getComputedStyle(card).position === "fixed";
  if (narrow) byId("map-area").scrollIntoView({ block: "start" });
  const right = narrow ? 20 : card.offsetWidth + 20;
  const left = map.getSize().x - right > 560 ? keysWidth() + 20 : 20;
  const below = narrow ? Math.max(20, map.getContainer().getBoundingClientRect().bottom - card.getBoundingClientRect().top + 10) : 20;
  const room = { paddingTopLeft: [left, 20], paddingBottomRight: [right, below] };
  map.fitBounds(bounds.pad(0.05), { ...room, maxZoom: 14, animate: !STILL });
}

// Moves the map only as far as needed for an area not to lie under the card.
function clearOfCard(place) {
  const card = byId("card");
  if (window.getComputedStyle(card).position === "fixed" || view.table) return;
  map.panInside(at(DATA.places[place].at), { paddingTopLeft: [keysWidth() + 60, 60], paddingBottomRight: [card.offsetWidth + 60, 60], animate: !STILL });
}

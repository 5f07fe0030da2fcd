// Choices, the sentence above the map, views, printing, and the start.

function fillChoices() {
  const offer = DATA.offers[view.offer];
  empty(byId("offer")).append(...DATA.offers.map((o, n) => option(n, o.name)));
  byId("offer").value = view.offer;
  empty(byId("element")).append(
    option(-1, `All ${offer.elements.length} (average)`),
    ...offer.elements.map((n) => option(n, `${DATA.elements[n].id} ${DATA.elements[n].name}`)),
  );
  byId("element").value = view.element;
  const ages = offer.ages.map((age, n) => ({ age, slot: n + 1 })).filter(({ slot }) => ageExists(slot));
  empty(byId("age")).append(
    option(0, `All, ${ages[0].age} to ${ages[ages.length - 1].age}`),
    ...ages.map(({ age, slot }) => option(slot, age)),
  );
  byId("age").value = view.age;
  byId("group").value = view.group;
  if (ACCESS >= 0) byId("measure").options[ACCESS].disabled = Boolean(whyNoAccess());
  byId("measure").value = view.measure;
}

function fillFixedChoices() {
  const of = (kind, test) => DATA.communities
    .map((community, n) => ({ community, n }))
    .filter(({ community }) => community.kind === kind && test(community));
  const entry = ({ community, n }) => option(n, community.kind === "everyone" ? "Everyone" : community.name);
  const grouped = (label, entries) => (entries.length ? [el("optgroup", { label }, entries.map(entry))] : []);
  byId("group").append(
    ...of("everyone", () => true).map(entry),
    ...of("group", (c) => c.id === "bme").map(entry),
    ...grouped("Ethnic groups (estimates)", of("group", (c) => c.id !== "bme")),
    ...grouped("Priority communities (no small-area counts)", of("priority", () => true)),
  );
  byId("measure").append(...DATA.measures.map((measure, n) => option(n, measure.words)));
}

function onChoice(event) {
  const { id, value } = event.target;
  before = null;
  view[id] = Number(value);
  if (id === "offer") Object.assign(view, { element: -1, age: 0 });
  if (!ageExists(view.age)) view.age = 0;
  byId("message").hidden = true;
  refresh();
  reopenPlace();
}

// An open card of an area or a neighbourhood follows the choice; others do not depend on it.
function reopenPlace() {
  if (!view.open) return;
  const { kind, index } = view.open;
  const body = kind === "area" ? areaBody(DATA.places[index], index) : kind === "neighbourhood" ? hoodBody(index) : null;
  if (body) empty(byId("card-body")).append(...body.flat(Infinity).filter(Boolean));
}

function drawNote() {
  const community = DATA.communities[view.group];
  let words = "";
  if (community.kind === "priority") {
    words = `${community.name}: no small-area counts. Shares say what such a child would find; every year of age and every area weighs the same. ${community.definition}`;
  } else if (community.estimate) {
    words = "Counts of this group are estimates: an area’s children of each age × the group’s share of its residents. An area with under 5 shows no number and is drawn grey.";
  }
  byId("choice-note").textContent = [words, accessNote()].filter(Boolean).join(" ");
}

function drawSummary() {
  const offer = DATA.offers[view.offer];
  const parts = cityParts(view);
  const count = childrenOf(view, DATA.places.length);
  byId("summary-what").textContent = `${offer.name} · ${view.element < 0 ? "all elements" : elementWords()} · ${choiceWords()}`;
  empty(byId("summary-bar"));
  if (parts === null) {
    byId("summary-finding").textContent = "No figure for this choice.";
    return;
  }
  const [uncovered, unknown, unassessed, covered] = percents([measureValue(parts, UNCOVERED), untold(parts), parts[UNASSESSED], parts[0]], count);
  const main = mainPart(parts, UNCOVERED.parts);
  const why = main < 0 ? "" : ` (most often: ${DATA.parts[main].words.toLowerCase()})`;
  const estimate = DATA.communities[view.group].estimate ? " (estimate)" : "";
  const who = count === null ? "such children" : `${count === DATA.few ? "under 5" : thousands(count)} children${estimate}`;
  const mean = view.element < 0 ? `On average over the ${offer.elements.length} elements, of ` : "Of ";
  empty(byId("summary-finding")).append(...[
    `${mean}${who} `, el("strong", {}, uncovered), ` are certainly not covered${why}, `,
    parts[UNASSESSED] ? [el("strong", {}, unassessed), " have it in reach, quality not assessed, "] : "",
    el("strong", {}, unknown), " cannot be told and ", el("strong", {}, covered), " are covered.",
  ].flat());
  byId("summary-bar").append(...parts.map((value, part) => (value ? barPiece(value, part) : null)).filter(Boolean));
}

function drawViews() {
  byId("map-area").hidden = view.table;
  byId("table-area").hidden = !view.table;
  byId("stage").classList.toggle("as-table", view.table);
  byId("view-map").setAttribute("aria-pressed", String(!view.table));
  byId("view-table").setAttribute("aria-pressed", String(view.table));
}

function setTable(table) {
  view.table = table;
  refresh();
  if (!table) map.invalidateSize({ animate: false });
}

function refresh() {
  settleMeasure();
  fillChoices();
  colourAreas();
  drawServices();
  drawGaps();
  drawNote();
  drawSummary();
  drawViews();
  if (view.table) drawTable();
  writeAddress();
}

function drawFooter() {
  const named = [...new Set(DATA.sources.map((s) => [s.source || s.file, s.date].filter(Boolean).join(", ")))];
  byId("footer-line").textContent = `Sources: ${named.join("; ") || "not stated"}.`;
  const grouped = new Map();
  for (const { file, source, date, licence } of DATA.sources) {
    const words = [source, date, licence].filter(Boolean).join(" · ");
    grouped.set(words, [...(grouped.get(words) || []), file]);
  }
  empty(byId("about-body")).append(
    el("h2", {}, "Caveats"),
    el("ul", {}, [
      DATA.status ? `Data: ${DATA.status}.` : null,
      ...DATA.notes,
      "A child may be served next door: coverage goes by distance, not by boundary.",
    ].filter(Boolean).map((note) => el("li", {}, note))),
    el("h2", {}, "Sources"),
    el("ul", {}, [...grouped].map(([words, files]) => el("li", {}, words, el("span", { class: "quiet" }, ` (${files.join(", ")})`)))),
    el("p", { class: "quiet" }, "Drawn with folium (MIT), Leaflet (BSD 2-Clause) and Leaflet.markercluster (MIT)."),
  );
}

// On paper the map has a size of its own, and everything that is folded is open.
function startPrinting() {
  let restore = null;
  const begin = () => {
    if (restore) return;
    const folded = ["legend", "services-key", "about"].map((id) => [byId(id), byId(id).open]);
    const { center, zoom } = { center: map.getCenter(), zoom: map.getZoom() };
    folded.forEach(([node]) => { node.open = true; });
    document.body.classList.add("on-paper");
    map.invalidateSize({ animate: false });
    if (!view.open) map.fitBounds(cityBounds, { padding: [4, 4], animate: false });
    restore = () => {
      document.body.classList.remove("on-paper");
      folded.forEach(([node, open]) => { node.open = open; });
      map.invalidateSize({ animate: false });
      map.setView(center, zoom, { animate: false });
      restore = null;
    };
  };
  const end = () => { if (restore) restore(); };
  window.addEventListener("beforeprint", begin);
  window.addEventListener("afterprint", end);
  window.matchMedia("print").addEventListener("change", (event) => (event.matches ? begin() : end()));
}

function restoreView(first) {
  const missing = readAddress();
  const wanted = view.open;
  refresh();
  const message = byId("message");
  message.textContent = missing.join(" ");
  message.hidden = !missing.length;
  // The message takes height from the map.
  map.invalidateSize({ animate: false });
  if (first) showCity();
  if (wanted) openFromView();
  else if (!byId("card").hidden) closeCard();
}

function start() {
  byId("status").hidden = !DATA.status;
  byId("record-age").textContent = DATA.recordAge;
  map.getContainer().setAttribute("role", "region");
  map.getContainer().setAttribute("aria-label", "Map: arrow keys move it, plus and minus zoom");
  L.control.scale({ position: "bottomright", imperial: true }).addTo(map);
  // folium starts the map before this script runs; Leaflet reads these when it moves.
  if (STILL) Object.assign(map, { _zoomAnimated: false, options: { ...map.options, inertia: false } });
  drawPatterns();
  fillFixedChoices();
  drawAreas();
  startMarkers();
  startSearch();
  drawFooter();
  startPrinting();
  byId("choices").addEventListener("change", onChoice);
  byId("choices").addEventListener("submit", (event) => event.preventDefault());
  byId("view-map").addEventListener("click", () => setTable(false));
  byId("view-table").addEventListener("click", () => setTable(true));
  byId("card-close").addEventListener("click", closeCard);
  byId("skip").addEventListener("click", (event) => {
    event.preventDefault();
    if (view.table) byId("table-area").focus();
    else focusArea(0);
  });
  document.addEventListener("keydown", (event) => { if (event.key === "Escape") closeCard(); });
  window.addEventListener("hashchange", () => restoreView(false));
  // The legend must stand before the map is fitted beside it.
  classes = classify();
  drawLegend(placesInGaps());
  showCity();
  // Clusters are built from the whole zoom below the smallest, but put on the map from the smallest.
  map.setMinZoom(Math.floor(map.getZoom() - 1));
  map.setMaxBounds(cityBounds.pad(2));
  restoreView(true);
}

start();

// The same as the map, as a table: all areas or all neighbourhoods, each column sortable.

const sorting = { column: 0, down: false };

function areaRows() {
  const { counts } = gapsByPlace();
  return DATA.places.map((area, place) => ({
    name: area.name, index: place, open: openArea, area, hood: area.hood,
    parts: placeParts(view, place), children: childrenOf(view, place), gaps: counts[place],
  }));
}

function hoodRows() {
  return DATA.neighbourhoods.map(({ name, places }, hood) => ({
    name, index: hood, open: openHood, places,
    parts: hoodParts(hood), children: hoodChildren(hood), gaps: gapsOfHood(places),
  }));
}

// Open local gaps of the choice that touch a neighbourhood; of one age, where one is chosen.
function gapsOfHood(places) {
  const touches = (gap) => gap.places.some((place, n) => places.includes(place) && (!view.age || (gap.masks[n] >> (view.age - 1)) & 1));
  return listedGaps().filter((gap) =>
    gap.scope === "local" && gap.kind !== "practice" && !gap.settled && concerns(gap, view.group) && touches(gap)).length;
}

function tableColumns() {
  const measure = DATA.measures[view.measure];
  const share = (words, parts) => ({ words, number: true, value: (row) => measureValue(row.parts, { parts }), show: (value, row) => (value === null ? "–" : percent(value, row.children)) });
  const standard = DATA.measures.filter((m) => ["uncovered", "covered", "unknown"].includes(m.id));
  const name = (words) => ({ words, value: (row) => row.name, show: (_, row) => button(row.name, () => row.open(row.index), { class: "link" }) });
  const columns = view.byHood
    ? [name("Neighbourhood"), { words: "Areas", number: true, value: (row) => row.places.length, show: (value) => value }]
    : [name("Area"), { words: "Neighbourhood", value: (row) => (row.hood < 0 ? "" : DATA.neighbourhoods[row.hood].name), show: (value) => value }];
  columns.push({ words: "Children", number: true, value: (row) => row.children, show: (value) => sayChildren(value, view) });
  if (showsAccess()) columns.push(accessColumn());
  else if (!standard.includes(measure)) columns.push(share(measure.words, measure.parts));
  columns.push(...standard.map((m) => share(m.words, m.parts)));
  columns.push({ words: "Main cause", className: "cause", value: (row) => causeWords(row.parts), show: (value) => value });
  if (!view.byHood) columns.push({ words: "Deprivation decile", number: true, value: (row) => row.area.imd, show: (value) => (value === null ? "–" : value) });
  const words = view.byHood ? "Local gaps that touch it" : view.age ? "Local gaps" : "Local gaps at most ages";
  columns.push({ words, number: true, value: (row) => row.gaps, show: (value) => value });
  return columns;
}

function causeWords(parts) {
  const main = parts === null ? -1 : mainPart(parts, UNCOVERED.parts);
  return main < 0 ? "–" : DATA.parts[main].words;
}

function compareCells(a, b) {
  if (a === null || b === null) return (a === null) - (b === null);
  return typeof a === "number" ? a - b : String(a).localeCompare(String(b), "en-GB", { numeric: true });
}

// Areas or neighbourhoods, where there are any.
function unitSwitch() {
  if (!DATA.neighbourhoods.length) return null;
  const press = (words, byHood) => button(words, () => {
    view.byHood = byHood;
    Object.assign(sorting, { column: 0, down: false });
    drawTable();
    writeAddress();
    byId(byHood ? "by-hood" : "by-area").focus();
  }, { id: byHood ? "by-hood" : "by-area", "aria-pressed": String(view.byHood === byHood) });
  return el("div", { class: "views units", role: "group", "aria-label": "Rows of the table" }, press("Areas", false), press("Neighbourhoods", true));
}

function drawTable() {
  const columns = tableColumns();
  sorting.column = Math.min(sorting.column, columns.length - 1);
  const rows = view.byHood ? hoodRows() : areaRows();
  const { value } = columns[sorting.column];
  rows.sort((a, b) => compareCells(value(a), value(b)) * (sorting.down ? -1 : 1) || a.index - b.index);
  const classOfCell = (column) => [column.number ? "number" : "", column.className || ""].join(" ").trim();
  const head = el("tr", {}, columns.map((column, n) => {
    const sorted = n === sorting.column ? (sorting.down ? "descending" : "ascending") : false;
    const press = button(column.words, () => {
      sorting.down = n === sorting.column ? !sorting.down : Boolean(column.number);
      sorting.column = n;
      drawTable();
      byId("table-area").querySelectorAll("th button")[n].focus();
    });
    return el("th", { scope: "col", "aria-sort": sorted, class: classOfCell(column) }, press);
  }));
  const kind = view.byHood ? "data-hood" : "data-place";
  const body = rows.map((row) => el("tr", { [kind]: row.index }, columns.map((column, n) =>
    el(n ? "td" : "th", { scope: n ? false : "row", class: classOfCell(column) }, column.show(column.value(row), row)))));
  const what = view.byHood ? " Neighbourhoods add up their areas, by their children." : "";
  empty(byId("table-area")).append(...[
    unitSwitch(),
    el("p", { id: "table-what" }, `${elementWords()}; ${choiceWords()}. Shares of children; “cannot be told” is not zero.${what}`),
    el("table", { "aria-labelledby": "table-what" }, el("thead", {}, head), el("tbody", {}, body)),
  ].filter(Boolean));
}

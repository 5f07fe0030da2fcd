// The same as the map, as a table: all areas, each column sortable.

const sorting = { column: 0, down: false };

function tableColumns() {
  const measure = DATA.measures[view.measure];
  const share = (words, parts) => ({ words, number: true, value: (row) => measureValue(row.parts, { parts }), show: (value) => (value === null ? "–" : percent(value)) });
  const standard = DATA.measures.filter((m) => ["uncovered", "covered", "unknown"].includes(m.id));
  const columns = [
    { words: "Area", value: (row) => row.area.name, show: (_, row) => button(row.area.name, () => openArea(row.place), { class: "link" }) },
    { words: "Neighbourhood", value: (row) => (row.area.hood < 0 ? "" : DATA.neighbourhoods[row.area.hood].name), show: (value) => value },
    { words: "Children", number: true, value: (row) => childrenOf(view, row.place), show: (value) => sayChildren(value, view) },
  ];
  if (!standard.includes(measure)) columns.push(share(measure.words, measure.parts));
  columns.push(...standard.map((m) => share(m.words, m.parts)));
  columns.push(
    { words: "Main cause", value: (row) => causeWords(row.parts), show: (value) => value },
    { words: "Deprivation decile", number: true, value: (row) => row.area.imd, show: (value) => (value === null ? "–" : value) },
    { words: view.age ? "Local gaps" : "Local gaps at most ages", number: true, value: (row) => row.gaps, show: (value) => value },
  );
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

function drawTable() {
  const columns = tableColumns();
  sorting.column = Math.min(sorting.column, columns.length - 1);
  const { counts } = gapsByPlace();
  const rows = DATA.places.map((area, place) => ({ area, place, parts: placeParts(view, place), gaps: counts[place] }));
  const { value } = columns[sorting.column];
  rows.sort((a, b) => compareCells(value(a), value(b)) * (sorting.down ? -1 : 1) || a.place - b.place);
  const head = el("tr", {}, columns.map((column, n) => {
    const sorted = n === sorting.column ? (sorting.down ? "descending" : "ascending") : false;
    const press = button(column.words, () => {
      sorting.down = n === sorting.column ? !sorting.down : Boolean(column.number);
      sorting.column = n;
      drawTable();
      byId("table-area").querySelectorAll("th button")[n].focus();
    });
    return el("th", { scope: "col", "aria-sort": sorted, class: column.number ? "number" : "" }, press);
  }));
  const body = rows.map((row) => el("tr", { "data-place": row.place }, columns.map((column, n) =>
    el(n ? "td" : "th", { scope: n ? false : "row", class: column.number ? "number" : "" }, column.show(column.value(row), row)))));
  empty(byId("table-area")).append(el("table", {},
    el("caption", {}, `${elementWords()}; ${choiceWords()}. Shares of children; “cannot be told” is not zero.`),
    el("thead", {}, head), el("tbody", {}, body)));
}

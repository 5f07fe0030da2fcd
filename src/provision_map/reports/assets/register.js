"use strict";
(() => {
  const data = JSON.parse(document.getElementById("register-data").textContent);
  const table = document.getElementById("register");
  const scroller = document.getElementById("scroller");
  const page = location.href.split("#")[0];

  /* ---------------------------------------------------------------- small helpers */

  // Every text goes in as text: nothing here writes markup.
  function make(tag, properties = {}, ...children) {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(properties)) {
      if (name === "class") element.className = value;
      else if (name.startsWith("aria-") || name === "role" || name === "for" || name === "colspan" || name === "scope") {
        element.setAttribute(name, value);
      } else element[name] = value;
    }
    element.append(...children.filter((child) => child !== null));
    return element;
  }
  const count = (n, one, many) => `${n.toLocaleString("en-GB")} ${n === 1 ? one : many}`;
  const collator = new Intl.Collator("en-GB", { numeric: true, sensitivity: "base" });

  /* ---------------------------------------------------------------- the rows */

  const rowElements = new Map();
  for (const row of table.querySelectorAll("tr.gap")) {
    rowElements.set(row.id, row);
    // From here on the script follows links. Left to itself the browser would also jump to the
    // row, and take the focus away from the detail.
    row.dataset.gap = row.id;
    row.removeAttribute("id");
  }
  const groups = Array.from(table.querySelectorAll("tbody"), (body) => ({
    body,
    name: body.dataset.group,
    ranked: body.dataset.ranked,
    heading: body.querySelector("tr.group"),
  }));
  const headRow = table.tHead.rows[0];
  const headings = data.columns.map((column) => headRow.querySelector(`.c-${column.name}`));
  const titleAt = data.columns.findIndex((column) => column.name === "title");
  const rows = data.rows.map((row) => {
    const element = rowElements.get(row.id);
    const texts = [...row.neighbourhoods, ...row.places, ...row.facts.map(([, text]) => text)];
    const words = [row.id, row.scope, ...row.cells, ...texts.map((number) => data.texts[number])];
    return {
      ...row,
      element,
      title: row.cells[titleAt] || row.id,
      cellElements: data.columns.map((column) => element.querySelector(`.c-${column.name}`)),
      link: element.querySelector("a.open"),
      search: words.filter((word) => word !== null).join(" \n ").toLocaleLowerCase("en-GB"),
      panel: null,
    };
  });
  const rowById = new Map(rows.map((row) => [row.id, row]));

  const view = {
    query: "",
    chosen: data.facets.map(() => new Set()),
    sort: 0,
    down: false,
    shown: data.columns.map((column) => column.shown),
  };

  /* ---------------------------------------------------------------- tools and filters */

  const said = make("p", { class: "said", role: "status" });
  const message = make("p", { class: "message", hidden: true, role: "alert" });
  const clear = make("button", { type: "button", class: "plain-button", textContent: "Clear filters" });
  const link = make("button", { type: "button", class: "plain-button", textContent: "Link to this view" });
  const download = make("button", { type: "button", class: "plain-button main-button", textContent: "Download CSV" });
  const columnList = make("div", { class: "list", role: "group", "aria-label": "Columns shown" });
  const columnMenu = make("details", { class: "menu" }, make("summary", { textContent: "Columns" }), columnList);
  const sortChoice = make("select", { id: "ui-sort" });
  const sortBox = make(
    "div", { class: "narrow-sort" },
    make("label", { for: "ui-sort", textContent: "Sort by" }), sortChoice,
  );
  document.getElementById("tools").append(
    message,
    make("div", { class: "toolbar" }, said, clear, columnMenu, link, download, sortBox),
  );

  const search = make("input", { type: "search", id: "ui-search", autocomplete: "off", spellcheck: false });
  const filters = make("details", { class: "filters" });
  const filtersTitle = make("summary", { textContent: "Search and filter" });
  filters.append(
    filtersTitle,
    make("label", { class: "heading", for: "ui-search", textContent: "Search" }),
    search,
  );
  const wide = matchMedia("(min-width: 60.01rem)");
  const fit = () => { filters.open = wide.matches; };
  wide.addEventListener("change", fit);
  fit();

  const facetViews = data.facets.map((facet, f) => {
    const chosenNote = make("span", { class: "chosen" });
    const options = facet.values.map(([value, label], v) => {
      const box = make("input", { type: "checkbox" });
      const number = make("span", { class: "n" });
      const option = make("label", { class: "option" }, box, make("span", { textContent: label || value }), number);
      box.addEventListener("change", () => {
        if (box.checked) view.chosen[f].add(v); else view.chosen[f].delete(v);
        update();
      });
      return { box, number, option };
    });
    const details = make(
      "details", { open: facet.open },
      make("summary", {}, make("span", { textContent: facet.heading }), chosenNote),
      make("div", { class: "options", role: "group", "aria-label": facet.heading }, ...options.map((o) => o.option)),
    );
    if (facet.values.length > 0) filters.append(make("div", { class: "facet" }, details));
    return { options, chosenNote, details };
  });
  document.getElementById("filters").append(filters);

  data.columns.forEach((column, c) => {
    if (!headings[c]) {
      headings[c] = make("th", { scope: "col", class: classOf(column) });
      putInOrder(headRow, headings, c);
    }
    const button = make("button", { type: "button", textContent: column.heading });
    headings[c].replaceChildren(button, make("span", { class: "printed", textContent: column.heading }));
    button.addEventListener("click", () => {
      // A second press turns the order round; numbers begin with the largest, but for ranks.
      view.down = view.sort === c ? !view.down : startsDown(c);
      view.sort = c;
      update();
    });
    sortChoice.append(make("option", { value: String(c), textContent: column.heading }));
    const box = make("input", { type: "checkbox", checked: column.shown, disabled: column.name === "title" });
    box.addEventListener("change", () => { view.shown[c] = box.checked; showColumns(); });
    column.box = box;
    columnList.append(make("label", { class: "option" }, box, make("span", { textContent: column.heading })));
  });
  function classOf(column) { return `c-${column.name}${column.number ? " number" : ""}`; }
  function putInOrder(parent, cells, c) {
    parent.insertBefore(cells[c], cells.find((cell, other) => other > c && cell) || null);
  }
  // A column is made for all rows when it is first chosen.
  function makeColumn(c) {
    const column = data.columns[c];
    for (const row of rows) {
      if (row.cellElements[c]) continue;
      const cell = row.cells[c];
      const text = typeof cell === "number" ? cell.toLocaleString("en-GB", { maximumFractionDigits: 2 }) : cell || data.blank;
      row.cellElements[c] = make("td", { class: classOf(column), textContent: text });
      row.cellElements[c].dataset.label = column.heading;
      putInOrder(row.element, row.cellElements, c);
    }
  }
  function startsDown(c) { return data.columns[c].number && data.columns[c].name !== "rank"; }

  /* ---------------------------------------------------------------- filter, sort, show */

  function passes(row, without) {
    if (view.query && !view.query.split(/\s+/).every((word) => row.search.includes(word))) return false;
    return view.chosen.every(
      (set, f) => f === without || set.size === 0 || row.in[f].some((value) => set.has(value)),
    );
  }

  function compare(a, b) {
    const x = a.keys[view.sort] ?? a.cells[view.sort];
    const y = b.keys[view.sort] ?? b.cells[view.sort];
    const noX = x === null || x === "";
    const noY = y === null || y === "";
    if (noX || noY) return noX - noY; // what is not counted stands last, either way round
    const way = typeof x === "number" ? x - y : collator.compare(x, y);
    return (view.down ? -way : way) || (a.cells[0] ?? Infinity) - (b.cells[0] ?? Infinity) || collator.compare(a.id, b.id);
  }

  function listShown() {
    return groups.flatMap((group) => rows.filter((row) => row.group === group.name && passes(row)).sort(compare));
  }

  function update() {
    const shown = listShown();
    const visible = new Set(shown);
    const focused = document.activeElement;
    for (const row of rows) {
      row.element.hidden = !visible.has(row);
      if (row.panel) row.panel.hidden = row.element.hidden || !isOpen(row);
    }
    const counts = [];
    let closed = "";
    for (const group of groups) {
      const inside = shown.filter((row) => row.group === group.name);
      const all = rows.filter((row) => row.group === group.name).length;
      group.heading.hidden = inside.length === 0;
      group.heading.querySelector(".count").textContent =
        inside.length === all ? ` ${all}, ${group.ranked}` : ` ${inside.length} of ${all}`;
      for (const row of inside) group.body.append(row.element, ...(row.panel ? [row.panel] : []));
      // What is closed by measure is no open gap: it is counted by itself.
      if (group.name === "closed") closed = `; ${inside.length === all ? "" : `${inside.length} of `}${all} closed`;
      else counts.push(`${inside.length} ${group.name}`);
    }
    if (focused && focused !== document.activeElement && focused.isConnected) focused.focus();
    const allOpen = rows.filter((row) => row.group !== "closed").length;
    const openShown = shown.filter((row) => row.group !== "closed").length;
    said.textContent =
      (openShown === allOpen ? "" : `${openShown} of `) +
      count(allOpen, "open gap", "open gaps") + (counts.length ? `: ${counts.join(", ")}` : "") + closed;
    if (shown.length === 0 && rows.length > 0) said.textContent = "No gap matches. Clear a filter or change the search.";
    facetViews.forEach((facet, f) => {
      const open = rows.filter((row) => passes(row, f));
      facet.options.forEach((option, v) => {
        const n = open.filter((row) => row.in[f].includes(v)).length;
        option.number.textContent = String(n);
        option.option.classList.toggle("idle", n === 0);
        option.box.checked = view.chosen[f].has(v);
      });
      const size = view.chosen[f].size;
      facet.chosenNote.textContent = size ? `${size} chosen` : "";
    });
    const filtered = view.query !== "" || view.chosen.some((set) => set.size > 0);
    clear.disabled = !filtered;
    filtersTitle.textContent = filtered ? "Search and filter (on)" : "Search and filter";
    headings.forEach((heading, c) => {
      if (c === view.sort) heading.setAttribute("aria-sort", view.down ? "descending" : "ascending");
      else heading.removeAttribute("aria-sort");
    });
    sortChoice.value = String(view.sort);
  }

  function showColumns() {
    data.columns.forEach((column, c) => {
      headings[c].hidden = !view.shown[c];
      column.box.checked = view.shown[c];
      if (view.shown[c]) makeColumn(c);
      for (const row of rows) if (row.cellElements[c]) row.cellElements[c].hidden = !view.shown[c];
    });
    const span = String(view.shown.filter(Boolean).length);
    for (const group of groups) group.heading.cells[0].setAttribute("colspan", span);
    for (const row of rows) if (row.panel) row.panel.cells[0].setAttribute("colspan", span);
    measure();
  }

  // Only a table wider than its room scrolls sideways; otherwise the heading may stay in sight.
  function measure() {
    scroller.classList.remove("wide");
    const tooWide = table.offsetWidth > scroller.clientWidth + 1;
    scroller.classList.toggle("wide", tooWide);
    if (tooWide) {
      scroller.tabIndex = 0;
      scroller.setAttribute("role", "region");
      scroller.setAttribute("aria-label", "Table of gaps, scrolls sideways");
    } else {
      scroller.removeAttribute("tabindex");
      scroller.removeAttribute("role");
      scroller.removeAttribute("aria-label");
    }
  }
  addEventListener("resize", measure);

  search.addEventListener("input", () => {
    view.query = search.value.trim().toLocaleLowerCase("en-GB");
    update();
  });
  sortChoice.addEventListener("change", () => {
    view.sort = Number(sortChoice.value);
    view.down = startsDown(view.sort);
    update();
  });
  function clearFilters() {
    view.query = "";
    search.value = "";
    view.chosen.forEach((set) => set.clear());
    update();
  }
  clear.addEventListener("click", () => { clearFilters(); search.focus(); });

  /* ---------------------------------------------------------------- one gap in detail */

  const isOpen = (row) => row.link.getAttribute("aria-expanded") === "true";

  function listTexts(numbers) {
    return make("ul", { class: "parts" }, ...numbers.map((number) => make("li", { textContent: data.texts[number] })));
  }

  function buildPanel(row) {
    const total = row.bar.reduce((sum, part) => sum + part[1], 0);
    const bar = make("div", { class: "bar", "aria-hidden": "true" });
    const key = make("ul", { class: "key" });
    for (const [code, number, share] of row.bar) {
      const piece = make("i", { class: `w-${code}` });
      piece.style.flexGrow = String(number / total);
      bar.append(piece);
      key.append(make(
        "li", {},
        make("span", { class: `swatch w-${code}`, "aria-hidden": "true" }),
        make("b", { textContent: number.toLocaleString("en-GB") }),
        make("small", { textContent: share }),
        make("span", { textContent: data.parts[code] }),
      ));
    }
    const why = make("div", {}, make("h4", { textContent: "Its children, by what stands in the way" }));
    if (row.bar.length > 0) why.append(bar, key);
    else why.append(make("p", { textContent: data.texts[row.why] }));
    for (const number of row.notes) why.append(make("p", { textContent: data.texts[number] }));
    why.append(make("h4", { textContent: "What would change it" }));
    if (row.levers.length > 0) {
      why.append(
        make("p", { class: "hint", textContent: data.leversOverlap }),
        make("table", { class: "small" }, make("tbody", {}, ...row.levers.map(([code, number]) => make(
          "tr", {},
          make("th", { scope: "row", textContent: data.levers[code] }),
          make("td", { class: "number", textContent: count(number, "child", "children") }),
        )))),
      );
    } else why.append(make("p", { textContent: data.texts[row.change] }));

    const facts = make("dl", { class: "facts" });
    for (const [name, text] of row.facts) {
      facts.append(make("dt", { textContent: data.texts[name] }), make("dd", { textContent: data.texts[text] }));
    }
    const about = make("div", {}, make("h4", { textContent: "About it" }), facts);
    why.append(make("h4", { textContent: "Where" }), listTexts(row.neighbourhoods));
    if (row.places.length > 0) {
      why.append(make("details", {}, make("summary", { textContent: count(row.places.length, "place", "places") }), listTexts(row.places)));
    }

    const close = make("button", { type: "button", class: "plain-button", textContent: "Close" });
    close.addEventListener("click", () => { closeRow(row, true); });
    const title = make("h3", { tabIndex: -1, textContent: row.title });
    const card = make(
      "div", { class: "card" },
      make(
        "div", { class: "head" }, title,
        make(
          "div", { class: "links" },
          make("a", { href: `${data.map}#gap=${encodeURIComponent(row.id)}`, textContent: "Show on the map" }),
          make("a", { href: `#${encodeURIComponent(row.id)}`, textContent: "Link to this gap" }),
          close,
        ),
      ),
      make("div", { class: "grid" }, why, about),
    );
    const span = String(view.shown.filter(Boolean).length);
    const panel = make("tr", { class: "detail", id: `detail-of-${row.id}` }, make("td", { colspan: span }, card));
    panel.addEventListener("keydown", (event) => {
      if (event.key === "Escape") { event.stopPropagation(); closeRow(row, true); }
    });
    row.title3 = title;
    return panel;
  }

  function openRow(row) {
    if (!row.panel) {
      row.panel = buildPanel(row);
      row.link.setAttribute("aria-controls", row.panel.id);
    }
    row.element.after(row.panel);
    row.panel.hidden = false;
    row.link.setAttribute("aria-expanded", "true");
    row.element.classList.add("is-open");
  }

  function closeRow(row, focus) {
    if (row.panel) row.panel.hidden = true;
    row.link.setAttribute("aria-expanded", "false");
    row.element.classList.remove("is-open");
    if (wanted() === row.id) history.replaceState(null, "", page);
    if (focus) row.link.focus();
  }

  for (const row of rows) {
    row.link.setAttribute("aria-expanded", "false");
    row.link.addEventListener("click", (event) => {
      event.preventDefault();
      if (isOpen(row)) closeRow(row, false);
      else {
        openRow(row);
        history.replaceState(null, "", `${page}#${encodeURIComponent(row.id)}`);
      }
    });
    row.link.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && isOpen(row)) closeRow(row, true);
    });
  }
  columnMenu.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && columnMenu.open) {
      columnMenu.open = false;
      columnMenu.firstElementChild.focus();
    }
  });
  document.addEventListener("click", (event) => {
    if (columnMenu.open && !columnMenu.contains(event.target)) columnMenu.open = false;
  });

  /* ---------------------------------------------------------------- links */

  function decode(text) {
    try { return decodeURIComponent(text); } catch { return text; }
  }
  function wanted() { return decode(location.hash.slice(1)); }

  function tell(text, wrong) {
    message.textContent = text;
    message.classList.toggle("wrong", wrong);
    message.hidden = text === "";
  }

  function describeView() {
    const words = new URLSearchParams();
    if (view.query) words.set("q", view.query);
    data.facets.forEach((facet, f) => {
      for (const v of [...view.chosen[f]].sort((a, b) => a - b)) words.append(facet.name, facet.values[v][0]);
    });
    words.set("sort", (view.down ? "-" : "") + data.columns[view.sort].name);
    words.set("columns", data.columns.filter((_, c) => view.shown[c]).map((column) => column.name).join(","));
    return `?${words}`;
  }

  function restoreView(text) {
    const words = new URLSearchParams(text);
    const unknown = [];
    view.query = (words.get("q") || "").toLocaleLowerCase("en-GB");
    search.value = view.query;
    data.facets.forEach((facet, f) => {
      view.chosen[f].clear();
      for (const value of words.getAll(facet.name)) {
        const v = facet.values.findIndex((pair) => pair[0] === value);
        if (v < 0) unknown.push(`${facet.heading} “${value}”`);
        else { view.chosen[f].add(v); facetViews[f].details.open = true; }
      }
    });
    const sort = words.get("sort") || "rank";
    const c = data.columns.findIndex((column) => column.name === sort.replace(/^-/, ""));
    view.sort = c < 0 ? 0 : c;
    view.down = sort.startsWith("-");
    if (words.has("columns")) {
      const names = words.get("columns").split(",");
      view.shown = data.columns.map((column) => column.name === "title" || names.includes(column.name));
      showColumns();
    }
    tell(unknown.length ? `This register has no ${unknown.join(", ")}: shown without it.` : "", true);
    update();
  }

  function follow() {
    // The views hash is read raw: decoding it first would cut values that hold & or =.
    if (location.hash.startsWith("#?")) { restoreView(location.hash.slice(2)); return; }
    const id = wanted();
    if (!id) { tell("", false); return; }
    const row = rowById.get(id);
    if (!row) {
      if (!document.getElementById(id)) {
        tell(`No gap has the reference “${id}” in this register. All gaps are shown below.`, true);
        clearFilters();
        scrollTo(0, 0);
      }
      return;
    }
    tell("", false);
    if (!passes(row)) clearFilters();
    openRow(row);
    row.title3.focus({ preventScroll: true });
    row.element.scrollIntoView({ block: "start" });
  }

  link.addEventListener("click", async () => {
    history.replaceState(null, "", `${page}#${describeView()}`);
    let copied = false;
    try { await navigator.clipboard.writeText(location.href); copied = true; } catch { copied = false; }
    tell(copied ? "A link to this view is copied, and stands in the address bar." : "The address bar now holds a link to this view.", false);
  });

  /* ---------------------------------------------------------------- what is shown, as CSV */

  // A spreadsheet would run a cell that begins with one of these.
  const formula = /^[=+\-@\t\r\n\uFF1D\uFF0B\uFF0D\uFF20]/;
  function writeCell(cell) {
    if (cell === null) return "";
    if (typeof cell === "number") return String(cell);
    const text = formula.test(cell) ? `'${cell}` : cell;
    return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  }
  function writeCsv() {
    const columns = data.columns.map((column, c) => c).filter((c) => view.shown[c]);
    const lines = [["gap_id", "scope", ...columns.map((c) => data.columns[c].name), "data_status"]];
    for (const row of listShown()) {
      lines.push([row.id, row.scope, ...columns.map((c) => row.cells[c]), data.dataStatus]);
    }
    return `\uFEFF${lines.map((cells) => cells.map(writeCell).join(",")).join("\r\n")}\r\n`;
  }
  download.addEventListener("click", () => {
    const address = URL.createObjectURL(new Blob([writeCsv()], { type: "text/csv" }));
    make("a", { href: address, download: "gap-register-shown.csv" }).click();
    setTimeout(() => URL.revokeObjectURL(address), 10000);
  });

  document.body.classList.add("live");
  update();
  showColumns();
  addEventListener("hashchange", follow);
  follow();
})();

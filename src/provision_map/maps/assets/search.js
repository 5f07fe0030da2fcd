// Finding an area, a service, an element or a gap by any words of its name.

const MOST_FOUND = 12;
let found = [];
let active = -1;

function plainText(words) {
  return words.toLowerCase().normalize("NFD").replace(/[\u0300-\u036f]/g, "");
}

const INDEX = [
  ...DATA.neighbourhoods.map((hood, n) => ({ kind: "Neighbourhood", words: hood.name, more: hood.id, run: () => openHood(n) })),
  ...DATA.places.map((place, n) => ({ kind: "Area", words: place.name, more: `${place.id} ${place.hood < 0 ? "" : DATA.neighbourhoods[place.hood].name}`, run: () => goToArea(n) })),
  ...DATA.elements.map((element, n) => ({ kind: "Element", words: `${element.id} ${element.name}`, more: "", run: () => goToElement(n) })),
  ...DATA.services.map((service, n) => ({ kind: "Service", words: service.name, more: service.organisation, run: () => goToService(n) })),
  ...DATA.gaps.map((gap, n) => ({ kind: "Gap", words: gap.title, more: gap.id, run: () => openGap(n) })),
].map((entry) => ({ ...entry, plain: plainText(`${entry.words} ${entry.more}`) }));

function goToArea(place) {
  openArea(place);
  if (!view.table) showPlaces([place]);
}

function goToElement(element) {
  before = null;
  applyElement(element);
  if (!ageExists(view.age)) view.age = 0;
  refresh();
  byId("element").focus();
}

function goToService(index) {
  const { elements } = DATA.services[index];
  if (elements.length && !fittingServices().some((fitting) => fitting.index === index)) {
    before = null;
    applyElement(elements[0]);
    if (!ageExists(view.age)) view.age = 0;
    refresh();
  }
  openService(index);
  if (view.table || !DATA.services[index].at) return;
  clearOfClusters(index, (marker) => {
    if (marker) map.panTo(marker.getLatLng(), { animate: false });
  });
}

function findWords(text) {
  const words = plainText(text).split(/\s+/).filter(Boolean);
  if (!words.length) return [];
  return INDEX.filter((entry) => words.every((word) => entry.plain.includes(word)));
}

function showFound() {
  const input = byId("search");
  const list = byId("found");
  const all = findWords(input.value);
  found = all.slice(0, MOST_FOUND);
  active = -1;
  empty(list);
  list.hidden = !input.value.trim();
  input.setAttribute("aria-expanded", String(!list.hidden));
  input.removeAttribute("aria-activedescendant");
  if (list.hidden) return;
  found.forEach((entry, n) => {
    const item = el("li", { role: "option", id: `found-${n}`, "aria-selected": "false" }, el("span", { class: "kind" }, entry.kind), " ", entry.words);
    item.addEventListener("mousedown", (event) => event.preventDefault());
    item.addEventListener("click", () => choose(n));
    list.append(item);
  });
  const rest = all.length - found.length;
  if (!all.length) list.append(el("li", { role: "option", "aria-disabled": "true", class: "quiet" }, "Nothing of that name."));
  if (rest) list.append(el("li", { role: "option", "aria-disabled": "true", class: "quiet" }, `and ${rest} more: add a word`));
}

function hideFound() {
  byId("found").hidden = true;
  byId("search").setAttribute("aria-expanded", "false");
  byId("search").removeAttribute("aria-activedescendant");
  active = -1;
}

function choose(n) {
  hideFound();
  found[n].run();
}

function moveActive(by) {
  if (!found.length) return;
  const items = byId("found").children;
  if (active >= 0) items[active].setAttribute("aria-selected", "false");
  active = (active + by + found.length) % found.length;
  items[active].setAttribute("aria-selected", "true");
  items[active].scrollIntoView({ block: "nearest" });
  byId("search").setAttribute("aria-activedescendant", `found-${active}`);
}

function startSearch() {
  const input = byId("search");
  input.addEventListener("input", showFound);
  input.addEventListener("focus", () => { if (input.value.trim()) showFound(); });
  input.addEventListener("blur", hideFound);
  input.addEventListener("keydown", (event) => {
    const open = !byId("found").hidden;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (!open) showFound();
      moveActive(event.key === "ArrowDown" ? 1 : active < 0 ? 0 : -1);
    } else if (event.key === "Enter" && open && found.length) {
      event.preventDefault();
      choose(Math.max(active, 0));
    } else if (event.key === "Escape" && open) {
      event.stopPropagation();
      hideFound();
    }
  });
}

// What is being looked at, and its place in the address, so that a link restores it.

const DEFAULT = { offer: 0, element: -1, age: 0, group: 0, measure: 0, table: false, byHood: false, open: null };
const view = { ...DEFAULT, off: new Set() };

// The choice that stood before a gap brought its own; it comes back when the gap's card closes.
let before = null;

function choiceOf({ offer, element, age, group, measure }) {
  return { offer, element, age, group, measure };
}

const KINDS = {
  gap: { list: DATA.gaps, words: "gap" },
  area: { list: DATA.places, words: "area" },
  neighbourhood: { list: DATA.neighbourhoods, words: "neighbourhood" },
  service: { list: DATA.services, words: "service" },
};

function findById(list, id) {
  return list.findIndex((item) => item.id === id);
}

function ageSlot(offer, age) {
  return age === null ? 0 : DATA.offers[offer].ages.indexOf(age) + 1;
}

// Whether the Offer has this age for the chosen group: some are for disabled children only.
function ageExists(slot) {
  const where = slotOf({ ...view, element: -1 });
  return slot === 0 || where.city[slot][view.group] >= 0;
}

function writeAddress() {
  const words = new URLSearchParams();
  const offer = DATA.offers[view.offer];
  words.set("offer", offer.id);
  words.set("element", view.element < 0 ? "all" : DATA.elements[view.element].id);
  words.set("age", view.age ? String(offer.ages[view.age - 1]) : "all");
  words.set("group", DATA.communities[view.group].id);
  words.set("measure", DATA.measures[view.measure].id);
  if (view.table) words.set("view", "table");
  if (view.table && view.byHood) words.set("rows", "neighbourhoods");
  if (view.open) words.set(view.open.kind, KINDS[view.open.kind].list[view.open.index].id);
  const address = `#${words.toString()}`;
  if (address !== window.location.hash) window.history.replaceState(null, "", address);
}

// Reads the address into the view. Returns sentences on what it names but this edition has not.
function readAddress() {
  const words = new URLSearchParams(window.location.hash.slice(1));
  const missing = [];
  const look = (name, list, label) => {
    const id = words.get(name);
    if (id === null) return -1;
    const index = findById(list, id);
    if (index < 0) missing.push(`There is no ${label} “${id}” in this edition.`);
    return index;
  };
  Object.assign(view, DEFAULT);
  before = null;
  for (const [kind, { list, words: label }] of Object.entries(KINDS)) {
    const index = look(kind, list, label);
    if (index >= 0) view.open = { kind, index };
  }
  if (view.open && view.open.kind === "gap") applyGap(DATA.gaps[view.open.index]);
  const offer = look("offer", DATA.offers, "Offer");
  if (offer >= 0 && offer !== view.offer) Object.assign(view, { offer, element: -1, age: 0 });
  if (words.get("element") === "all") view.element = -1;
  else applyElement(look("element", DATA.elements, "element"));
  view.group = Math.max(look("group", DATA.communities, "group"), view.group, 0);
  view.measure = Math.max(look("measure", DATA.measures, "measure"), 0);
  const age = words.get("age");
  if (age !== null) {
    const slot = age === "all" ? 0 : ageSlot(view.offer, Number(age));
    if (slot === 0 && age !== "all") missing.push(`Age “${age}” is not one of this Offer.`);
    view.age = slot;
  }
  if (!ageExists(view.age)) view.age = 0;
  view.table = words.get("view") === "table";
  view.byHood = view.table && words.get("rows") === "neighbourhoods";
  return missing;
}

function applyElement(element) {
  if (element < 0) return;
  view.element = element;
  view.offer = DATA.offers.findIndex((offer) => offer.elements.includes(element));
}

// Puts a gap's own Offer, element, group and age into the view.
function applyGap(gap) {
  if (gap.offer >= 0 && gap.offer !== view.offer) Object.assign(view, { offer: gap.offer, age: 0 });
  view.element = gap.element >= 0 ? gap.element : -1;
  view.group = gap.community >= 0 ? gap.community : 0;
  view.age = gap.low !== null && gap.low === gap.high ? ageSlot(view.offer, gap.low) : 0;
}

// When something is open to the children of an area: weekday × slot of the week.

const DAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];
const HALF = 50;

function slotAt(slot, day) {
  return DATA.slots.findIndex(([name, weekday]) => name === slot && weekday === day);
}

// Certain and possible per cent, in words.
function slotWords(certain, possible) {
  if (possible < 0) return "–";
  if (possible === 0) return "none";
  if (certain === 0) return "not known";
  return possible > certain ? `${certain} to ${possible}%` : `${certain}%`;
}

function slotClass(certain, possible) {
  if (possible < 0) return "";
  if (possible === 0) return "slot-none";
  if (certain === 0) return "slot-unknown";
  return certain < HALF ? "slot-some" : "slot-most";
}

function weekGrid(place) {
  const table = view.element < 0 ? null : DATA.week[view.element];
  if (!table || table.at[place] < 0) return null;
  const week = table.rows[table.at[place]];
  const cell = (slot, day, columns) => {
    const at = slotAt(slot, day) * 2;
    if (at < 0) return null;
    return el("td", { class: slotClass(week[at], week[at + 1]), colspan: columns || false }, slotWords(week[at], week[at + 1]));
  };
  const rows = DAYS.map((day, n) => el("tr", {},
    el("th", { scope: "row" }, day),
    n < 5 ? [cell("after school", day), cell("evening", day)] : cell("weekend", day, 2),
    cell("holiday", day)));
  const head = ["After school, 15\u2060–\u206018", "Evening, 18\u2060–\u206022", "Holidays, any hour"];
  const offer = DATA.offers[view.offer];
  return [
    heading("When something is open"),
    el("table", { class: "week" },
      el("caption", { class: "quiet" }, `Share of children ${offerAges(offer)} with something open within reach; “2 to 40%” is for certain, to at most. Services open to everyone count, whatever their places and quality; two clubs at one hour are one.`),
      el("thead", {}, el("tr", {}, el("td", {}), head.map((words) => el("th", { scope: "col" }, words)))),
      el("tbody", {}, rows)),
  ];
}

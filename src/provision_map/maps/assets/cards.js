// The card of an area, a service or a gap. Escape closes it and the focus goes back.

let opener = null;

function openCard(kind, index, title, body) {
  const card = byId("card");
  const active = document.activeElement;
  if (!card.contains(active)) opener = active === document.body ? null : active;
  view.open = { kind, index };
  byId("card-title").textContent = title;
  empty(byId("card-body")).append(...body.flat(Infinity).filter(Boolean));
  card.setAttribute("data-kind", kind);
  card.hidden = false;
  byId("stage").classList.add("with-card");
  byId("card-body").scrollTop = 0;
  byId("card-title").focus({ preventScroll: true });
  markOpenGap();
  writeAddress();
}

function closeCard() {
  if (byId("card").hidden) return;
  const was = view.open;
  view.open = null;
  byId("card").hidden = true;
  byId("stage").classList.remove("with-card");
  highlightPlaces([]);
  if (before) {
    Object.assign(view, before);
    before = null;
    refresh();
  }
  markOpenGap();
  writeAddress();
  returnFocus(was);
}

// To what opened the card; lists are written anew, so a gap's own button stands in.
function returnFocus(was) {
  if (opener && opener.isConnected) {
    opener.focus({ preventScroll: true });
    return;
  }
  const again = was.kind === "gap" ? document.querySelector(`#gaps [data-gap="${was.index}"]`) : null;
  if (again) again.focus();
  else if (was.kind === "area" && !view.table) focusArea(was.index);
  else byId("search").focus();
}

function facts(pairs) {
  return el("dl", { class: "facts" }, pairs.filter(Boolean).map(([term, ...words]) => [el("dt", {}, term), el("dd", {}, words)]));
}

function heading(words) {
  return el("h3", {}, words);
}

// A bar and its words: what makes up one child. The per cents add up to 100.
function waterfall(parts, count) {
  const present = parts.map((value, part) => ({ value, part })).filter(({ value }) => value > 0);
  const bar = el("div", { class: "bar", "aria-hidden": "true" }, present.map(({ value, part }) => barPiece(value, part)));
  const said = percents(present.map(({ value }) => value), count);
  const rows = present.map(({ part }, n) =>
    el("li", { "data-part": DATA.parts[part].id }, swatch(DATA.parts[part].colour, partClass(part)), el("span", {}, DATA.parts[part].words), el("strong", {}, said[n])));
  return [bar, el("ul", { class: "parts" }, rows), present.some(({ part }) => part === NOT_ENOUGH) ? notEnoughWords() : null];
}

const NOT_ENOUGH = DATA.parts.findIndex((part) => part.id === "cause_none");

function notEnoughWords() {
  return el("p", { class: "quiet" }, "Not enough anywhere: even all services of this kind together, wherever they are, do not make up what the standard needs.");
}

function partClass(part) {
  return UNKNOWN.parts.includes(part) ? "not-known" : "";
}

function barPiece(value, part) {
  const piece = el("span", { class: partClass(part) });
  piece.style.width = `${value / 10}%`;
  piece.style.backgroundColor = DATA.parts[part].colour;
  return piece;
}

function elementWords() {
  const offer = DATA.offers[view.offer];
  if (view.element >= 0) return DATA.elements[view.element].name;
  return `All elements: the average of ${offer.elements.length}`;
}

function ageWords() {
  const offer = DATA.offers[view.offer];
  if (view.age) return `age ${offer.ages[view.age - 1]}`;
  const valid = offer.ages.filter((_, n) => ageExists(n + 1));
  const [low, high] = [valid[0], valid[valid.length - 1]];
  return low === high ? `age ${low}` : `ages ${low} to ${high}`;
}

function choiceWords() {
  return `${ageWords()}, ${DATA.communities[view.group].name}`;
}

// ---------------------------------------------------------------- area

function openArea(place) {
  const area = DATA.places[place];
  highlightPlaces([place]);
  openCard("area", place, area.name, areaBody(area, place));
  clearOfCard(place);
}

function areaBody(area, place) {
  const { parts } = classes.places[place];
  const hood = area.hood < 0 ? null : button(DATA.neighbourhoods[area.hood].name, () => openHood(area.hood), { class: "link" });
  const count = childrenOf(view, place);
  const group = view.group === 0 ? null : [`Of them: ${DATA.communities[view.group].name}, ${ageWords()}`, sayChildren(count, view)];
  return [
    facts([
      hood && ["Neighbourhood", hood],
      ["Code", [area.id, area.level && ` (${area.level})`]],
      ["Deprivation", area.imd === null ? "not given" : `decile ${area.imd} of 10 (1 is the most deprived tenth)`],
      ...offerCounts((offer) => offer.counts[0][0] && offer.counts[0][0][place]),
      group,
    ]),
    heading(elementWords()),
    el("p", { class: "quiet" }, choiceWords()),
    parts === null ? el("p", {}, notDueWords()) : waterfall(parts, count),
    missingWords(place),
    standardWords(),
    weekGrid(place),
    accessFacts(place),
    nearestServices(area, place),
    gapsHere([place]),
    placeNotes([place]),
  ];
}

// Children of everyone by the ages of each Offer, youngest first.
function offerCounts(countIn) {
  return [...DATA.offers].sort((a, b) => a.low - b.low).map((offer) => {
    const count = countIn(offer);
    return [`Children ${offerAges(offer)}`, count === null ? "not given" : thousands(count)];
  });
}

function offerAges({ low, high }) {
  return low === high ? `aged ${low}` : `${low} to ${high}`;
}

const COUNTS = ["none", "one", "two", "three", "four", "five", "six"];

// Of parts that are missing, how many would do: a standard may ask for fewer than all.
function enoughOf(names, { need, partCount, required }) {
  const missing = names.split(", ");
  const lack = Math.max(1, need - (partCount - missing.length));
  return !partCount || required || lack >= missing.length ? names : `any ${COUNTS[lack]} of ${names} would do`;
}

function missingLine(words) {
  return el("p", { class: "missing" }, el("strong", {}, "Missing:"), ` ${words}`);
}

// What of the standard is not reached from an area, for one element; ages that differ apart.
function missingWords(place) {
  if (view.element < 0) return null;
  const offer = DATA.offers[view.offer];
  const table = offer.missing[offer.elements.indexOf(view.element)];
  if (!table) return null;
  const groups = Math.max(...table.groups) + 1;
  const textAt = (age) => table.rows[table.ages[age] * groups + table.groups[view.group]][place];
  const ages = offer.ages.map((_, age) => age).filter((age) => (view.age ? age === view.age - 1 : ageExists(age + 1)));
  const runs = [];
  for (const age of ages) {
    const last = runs[runs.length - 1];
    if (last && last.text === textAt(age)) last.high = offer.ages[age];
    else runs.push({ text: textAt(age), low: offer.ages[age], high: offer.ages[age] });
  }
  const lacking = runs.filter(({ text }) => text);
  if (!lacking.length) return null;
  const when = ({ low, high }) => (runs.length === 1 ? "" : low === high ? ` (age ${low})` : ` (ages ${low} to ${high})`);
  return missingLine(lacking.map((run) => enoughOf(DATA.missingTexts[run.text], DATA.elements[view.element]) + when(run)).join("; "));
}

function notDueWords() {
  const due = view.element < 0 ? [] : DATA.elements[view.element].dueIn;
  if (due.length) return `No figure: this element is due in areas of deprivation deciles ${due.join(", ")} only.`;
  return "No figure for this choice.";
}

function standardWords() {
  if (view.element < 0) return null;
  const element = DATA.elements[view.element];
  return el("p", { class: "quiet" }, `Standard: ${element.standard}. ${element.source}.`);
}

function registerLink(gap, words) {
  return el("a", { href: `${DATA.register}#${encodeURIComponent(gap.id)}` }, words);
}

// Gaps of everyone and of the chosen group that touch these places; closed ones are folded away.
function gapsHere(places) {
  const here = listedGaps().filter((gap) => gap.places.some((place) => places.includes(place)));
  const concerned = here.filter((gap) => concerns(gap, view.group));
  const open = concerned.filter((gap) => !gap.closed);
  const local = open.filter((gap) => gap.scope === "local");
  const wide = open.length - local.length;
  const list = (gaps) => el("ul", { class: "plain" }, gaps.map((gap) =>
    el("li", {}, button(gap.title, () => openGap(DATA.gaps.indexOf(gap)), { class: "link" }), " ", registerLink(gap, `register ${gap.id}`))));
  const closed = concerned.filter((gap) => gap.closed && gap.scope === "local");
  return [
    heading("Gaps here"),
    local.length ? list(local) : el("p", {}, "No local gap for this choice."),
    wide ? el("p", { class: "quiet" }, `Also in ${plural(wide, "city-wide gap", "city-wide gaps")}.`) : null,
    closed.length ? el("details", { class: "closed" }, el("summary", {}, `Closed by measure (${closed.length})`), list(closed)) : null,
  ];
}

function placeNotes(places) {
  const notes = [];
  const few = places.filter(tooFew).length;
  if (few && places.length === 1) notes.push("Under 5 children of this group live here (estimate): the shares say what such a child would find, and are no finding about a number of children.");
  if (few && places.length > 1) notes.push(`In ${few} of its areas under 5 children of this group live (estimate).`);
  if (places.some((place) => DATA.places[place].rough)) notes.push("No weighted centre was given: a point inside stands in for where people live (approximate).");
  if (DATA.communities[view.group].kind === "priority") notes.push("No small-area counts of this community: the shares say what such a child would find here.");
  if (DATA.status) notes.push(`Data: ${DATA.status}.`);
  return notes.length ? [heading("Notes on the data"), el("ul", {}, notes.map((note) => el("li", {}, note)))] : null;
}

// ---------------------------------------------------------------- service

function openService(index) {
  const service = DATA.services[index];
  highlightPlaces(service.place < 0 ? [] : [service.place]);
  openCard("service", index, service.name, serviceBody(service));
  if (service.place >= 0) clearOfCard(service.place);
}

function serviceBody(service) {
  const place = service.place < 0 ? null : service.place;
  const where = !service.at ? "no fixed site"
    : place === null ? "not in a place of this exercise"
      : [button(DATA.places[place].name, () => openArea(place), { class: "link" }), service.rough ? " (place found by polygon: approximate)" : ""];
  const comes = service.everywhere ? "all areas"
    : [...service.comesToHoods.map((n) => DATA.neighbourhoods[n].name), ...service.comesTo.map((n) => DATA.places[n].name)].join(", ");
  return [
    DATA.status ? el("p", { class: "register" }, el("span", { class: "badge" }, DATA.status)) : null,
    facts([
      ["Organisation", service.organisation],
      ["Gives", el("ul", { class: "plain" }, service.elements.map((n) => el("li", {}, `${DATA.elements[n].id} ${DATA.elements[n].name}`)))],
      ["Outcomes", el("ul", { class: "plain marks" }, service.outcomes.map((n) => el("li", {}, outcomeMark(n, 20), ` ${DATA.outcomes[n].name}`)))],
      ["Place", where],
      comes && ["Comes to", comes],
      ["When", service.sessions.length ? el("ul", { class: "plain" }, service.sessions.map((words) => el("li", {}, words))) : "not known"],
      ...service.facts,
      ["Quality", service.quality.length ? el("ul", { class: "plain" }, service.quality.map((words) => el("li", {}, words))) : "not assessed"],
      ["Record checked", service.checked],
    ]),
  ];
}

// ---------------------------------------------------------------- gap

function openGap(index, keepView) {
  const gap = DATA.gaps[index];
  if (!keepView) {
    if (!before) before = choiceOf(view);
    view.open = { kind: "gap", index };
    if (gap.offer >= 0) applyGap(gap);
    refresh();
  }
  highlightPlaces(gap.places);
  openCard("gap", index, gap.title, gapBody(gap));
  if (gap.scope === "local" && gap.places.length && !view.table) showPlaces(gap.places);
}

function gapBody(gap) {
  const total = sum(gap.causes.map(([, count]) => count));
  const bar = gap.causes.length
    ? [heading("Why"), el("div", { class: "bar", "aria-hidden": "true" }, gap.causes.map(([part, count]) => barPiece((count / total) * 1000, part))),
      el("ul", { class: "parts" }, gap.causes.map(([part, count]) => el("li", {}, swatch(DATA.parts[part].colour), el("span", {}, DATA.parts[part].words), el("strong", {}, thousands(count)))))]
    : gap.mainCause ? [heading("Why"), el("p", {}, gap.mainCause)] : null;
  const missing = gap.missing ? missingLine(gap.missing) : null;
  const notEnough = gap.causes.some(([part]) => part === NOT_ENOUGH) ? notEnoughWords() : null;
  const elsewhere = !gap.forAll && gap.community < 0 ? el("p", { class: "quiet" }, `No map of its own: the map shows ${DATA.communities[view.group].name}.`) : null;
  const ranked = gap.rank === null || gap.closed ? null
    : ["Rank", `${gap.rank} of the ${gap.scope} gaps${gap.rankLow === null ? "" : ` (${gap.rankLow} to ${gap.rankHigh} under other settings)`}`];
  const formula = gap.priority === null || gap.children === null ? null
    : ["Priority", `${thousands(gap.children)} children × need ${gap.need} × severity ${gap.severity} = ${thousands(Math.round(gap.priority))}`];
  return [
    el("p", { class: "register" }, registerLink(gap, `Open ${gap.id} in the gap register`)),
    facts([
      ["Children", gap.children === null ? "not counted, or too few to show" : [el("strong", {}, thousands(gap.children)), gap.population === null ? "" : ` not covered, of ${thousands(gap.population)}`]],
      gap.communityName && ["Group", gap.communityName],
      ["Ages", gap.ages],
    ]),
    elsewhere,
    bar,
    missing,
    notEnough,
    heading("What is known of it"),
    facts([
      ["How sure", [el("strong", { class: "grade" }, gap.grade), gap.gradeReason ? `: ${gap.gradeReason}` : ""]],
      gap.unknown !== null && ["Cannot be told", percent(gap.unknown, gap.population)],
      ["What it measures now", gap.state],
      ["What people decided", [gap.status, gap.owner ? ` (${gap.owner})` : ""]],
      gap.first && ["First reported", gap.first],
      ranked,
      formula,
    ]),
    heading(gap.scope === "city-wide" ? "Places: city-wide" : `Places (${gap.places.length})`),
    gap.hoods.length ? el("p", {}, gap.hoods.join("; ")) : null,
    gap.scope === "city-wide" ? null
      : el("ul", { class: "plain places" }, gap.places.map((place) => el("li", {}, button(DATA.places[place].name, () => openArea(place), { class: "link" })))),
  ];
}

function openFromView() {
  const { kind, index } = view.open;
  if (kind === "gap") openGap(index, true);
  else if (kind === "area") openArea(index);
  else if (kind === "neighbourhood") openHood(index);
  else openService(index);
}

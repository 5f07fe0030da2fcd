// Neighbourhoods: what their places add up to, and the card that says it.

// An area with under five children of a group weighs as much as two of them.
const WEIGHT_OF_FEW = 2;

function weightOf(place) {
  const count = childrenOf(view, place);
  if (count === null) return 1;
  return count === DATA.few ? WEIGHT_OF_FEW : count;
}

// The mean over values that are there, by weight; where there is no weight all weigh alike.
function meanOf(rows) {
  if (!rows.length) return null;
  const weighed = sum(rows.map(({ weight }) => weight)) > 0 ? rows : rows.map((row) => ({ ...row, weight: 1 }));
  const total = sum(weighed.map(({ weight }) => weight));
  return DATA.parts.map((_, part) => sum(weighed.map(({ parts, weight }) => parts[part] * weight)) / total);
}

// Parts of one child in a neighbourhood: its places by their children, then the mean over the elements.
function hoodParts(hood) {
  const { slots } = DATA.offers[view.offer];
  const means = (view.element < 0 ? slots.slice(1) : [slotOf(view)])
    .map((slot) => meanOf(DATA.neighbourhoods[hood].places
      .map((place) => ({ parts: partsIn(slot, view, place), weight: weightOf(place) }))
      .filter(({ parts }) => parts !== null)))
    .filter(Boolean);
  const mean = meanOf(means.map((parts) => ({ parts, weight: 1 })));
  return mean === null ? null : roundShares(mean, 1);
}

function hoodChildren(hood) {
  const row = DATA.offers[view.offer].hoodCounts[view.age][view.group];
  return row === null ? null : row[hood];
}

function openHood(hood) {
  const { name, places } = DATA.neighbourhoods[hood];
  highlightPlaces(places);
  openCard("neighbourhood", hood, name, hoodBody(hood));
  if (!view.table) showPlaces(places);
}

function hoodBody(hood) {
  const { places } = DATA.neighbourhoods[hood];
  const parts = hoodParts(hood);
  const count = hoodChildren(hood);
  const imd = places.map((place) => DATA.places[place].imd).filter((decile) => decile !== null).sort((a, b) => a - b);
  const decile = imd[0] === imd[imd.length - 1] ? `decile ${imd[0]}` : `deciles ${imd[0]} to ${imd[imd.length - 1]}`;
  return [
    facts([
      ["Areas", places.length],
      ["Deprivation", imd.length ? `${decile} of 10 (1 is the most deprived tenth)` : "not given"],
      ...offerCounts((offer) => offer.hoodCounts[0][0] && offer.hoodCounts[0][0][hood]),
      view.group === 0 ? null : [`Of them: ${DATA.communities[view.group].name}, ${ageWords()}`, sayChildren(count, view)],
    ]),
    heading(elementWords()),
    el("p", { class: "quiet" }, `${choiceWords()}; its areas together, by their children`),
    parts === null ? el("p", {}, notDueWords()) : waterfall(parts, count),
    standardWords(),
    hoodServices(places),
    gapsHere(places),
    heading("Areas"),
    el("ul", { class: "plain places" }, places.map((place) => el("li", {}, button(DATA.places[place].name, () => openArea(place), { class: "link" })))),
    placeNotes(places),
  ];
}

function hoodServices(places) {
  const fitting = fittingServices();
  const here = fitting.filter(({ service }) => service.at && places.includes(service.place));
  const coming = fitting.filter((fit) => !here.includes(fit) && comesTo(fit.service, places));
  const item = (words) => ({ service, index }) =>
    el("li", {}, serviceButton(index), [words, ageMisfit(service)].filter(Boolean).map((more) => ` · ${more}`));
  return [
    heading(`Services here (${here.length})`),
    here.length ? el("ul", { class: "plain" }, here.map(item(""))) : el("p", {}, "None of this kind stands here; those near by may still count."),
    coming.length ? el("ul", { class: "plain" }, coming.map(item("comes here"))) : null,
  ];
}

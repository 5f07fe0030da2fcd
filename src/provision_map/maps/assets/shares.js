// Looking up shares and counts: all of them were worked out when the page was made.

const PROFILES = DATA.profiles.split(" ");
const READ = new Map();

// The parts of one child in thousandths, in the order of DATA.parts; null where there is no cell.
function readProfile(number) {
  if (number < 0 || number === undefined) return null;
  if (!READ.has(number)) {
    const parts = new Array(DATA.parts.length).fill(0);
    for (const [, letter, value] of PROFILES[number].matchAll(/([a-p])(\d+)/g)) {
      parts[letter.charCodeAt(0) - 97] = Number(value);
    }
    READ.set(number, parts);
  }
  return READ.get(number);
}

// slot 0 is the mean over the elements; slot n is the n-th element of the Offer.
function slotOf(view) {
  const offer = DATA.offers[view.offer];
  return offer.slots[view.element < 0 ? 0 : offer.elements.indexOf(view.element) + 1];
}

function placeParts(view, place) {
  return partsIn(slotOf(view), view, place);
}

function partsIn(slot, view, place) {
  const groups = Math.max(...slot.groups) + 1;
  const row = slot.rows[slot.ages[view.age] * groups + slot.groups[view.group]];
  return readProfile(row[place]);
}

function cityParts(view) {
  return readProfile(slotOf(view).city[view.age][view.group]);
}

// Children of a place, or of all places with DATA.places.length; null where nobody is counted.
function childrenOf(view, place) {
  const row = DATA.offers[view.offer].counts[view.age][view.group];
  return row === null ? null : row[place];
}

function measureValue(parts, measure) {
  return parts === null ? null : sum(measure.parts.map((part) => parts[part]));
}

const UNCOVERED = DATA.measures.find((measure) => measure.id === "uncovered");
const UNKNOWN = DATA.measures.find((measure) => measure.id === "unknown");

function sayChildren(count, view) {
  if (count === null) return "no small-area counts";
  const community = DATA.communities[view.group];
  const words = count === DATA.few ? "under 5" : thousands(count);
  return words + (community.estimate ? " (estimate)" : "");
}

// The cause that takes most, where there is one.
function mainPart(parts, among) {
  const best = among.reduce((a, b) => (parts[b] > parts[a] ? b : a), among[0]);
  return parts[best] > 0 ? best : -1;
}

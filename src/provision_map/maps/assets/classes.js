// Cutting shares into classes. The limits are the same on every map, so that colours can be compared.

const LIMITS = DATA.limits;

// The upper limit belongs to the class: "over 20 to 40%". 0 is a class of its own.
function classOf(value) {
  return LIMITS.findIndex((limit) => value <= limit);
}

function classWords(n) {
  if (!n) return percent(LIMITS[0]);
  return `over ${percent(LIMITS[n - 1]).replace("%", "")} to ${percent(LIMITS[n])}`;
}

// A place is drawn as "cannot be told" when at least half is unknown and something else is shown.
const MOSTLY_UNKNOWN = DATA.whole / 2;

const UNASSESSED = DATA.parts.findIndex((part) => part.id === "unknown_quality");

// What cannot be told, but for the quality of what is in reach.
function untold(parts) {
  return measureValue(parts, UNKNOWN) - parts[UNASSESSED];
}

// A share of fewer than five estimated children of a group is no finding: drawn apart from the classes.
function tooFew(place) {
  return DATA.communities[view.group].kind === "group" && childrenOf(view, place) === DATA.few;
}

function classify() {
  const measure = DATA.measures[view.measure];
  if (showsAccess()) return classifyAccess(measure);
  const colours = DATA.ramps[measure.ramp];
  const places = DATA.places.map((_, place) => {
    const parts = placeParts(view, place);
    if (parts === null) return { parts, value: null, kind: "none" };
    const value = measureValue(parts, measure);
    if (tooFew(place)) return { parts, value, kind: "few" };
    if (measure.ramp !== "unknown" && measureValue(parts, UNKNOWN) >= MOSTLY_UNKNOWN) return { parts, value, kind: "unknown" };
    const n = classOf(value);
    return { parts, value, kind: "class", n, colour: colours[n] };
  });
  return { measure, places, colours };
}

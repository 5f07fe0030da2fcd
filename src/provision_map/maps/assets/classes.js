// Cutting values into at most DATA.mostClasses classes with round limits.

const STEPS = [10, 20, 50, 100, 200, 250, 500];

// Limits in thousandths: class n runs from limits[n] to limits[n + 1].
function classLimits(values) {
  const low = Math.min(...values);
  const high = Math.max(...values);
  if (low === high) return [low, high];
  for (const step of STEPS) {
    const first = Math.floor(low / step) * step;
    const last = Math.ceil(high / step) * step;
    if ((last - first) / step <= DATA.mostClasses) {
      return Array.from({ length: (last - first) / step + 1 }, (_, n) => first + n * step);
    }
  }
  return [0, DATA.whole];
}

// The lower limit belongs to the first class only: "over 20 to 40%".
function classOf(value, limits) {
  for (let n = 1; n < limits.length; n += 1) if (value <= limits[n]) return n - 1;
  return limits.length - 2;
}

function classWords(limits, n) {
  const whole = (value) => percent(value).replace("%", "");
  if (limits[n] === limits[n + 1]) return percent(limits[n]);
  return `${n ? "over " : ""}${whole(limits[n])} to ${percent(limits[n + 1])}`;
}

// A place is drawn as "cannot be told" when at least half is unknown and something else is shown.
const MOSTLY_UNKNOWN = DATA.whole / 2;

function classify() {
  const measure = DATA.measures[view.measure];
  const showsUnknown = measure.ramp === "unknown";
  const places = DATA.places.map((_, place) => {
    const parts = placeParts(view, place);
    const value = measureValue(parts, measure);
    const unknown = measureValue(parts, UNKNOWN);
    const hidden = parts !== null && !showsUnknown && unknown >= MOSTLY_UNKNOWN;
    return { parts, value, unknown, kind: parts === null ? "none" : hidden ? "unknown" : "class" };
  });
  const values = places.filter((p) => p.kind === "class").map((p) => p.value);
  const limits = values.length ? classLimits(values) : [];
  const colours = values.length ? DATA.ramps[measure.ramp][limits.length - 2] : [];
  for (const place of places) {
    if (place.kind === "class") {
      place.n = classOf(place.value, limits);
      place.colour = colours[place.n];
    }
  }
  return { measure, places, limits, colours };
}

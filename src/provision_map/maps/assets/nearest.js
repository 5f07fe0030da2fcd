// The services nearest to an area, how far they are, and why they may not count there.

// Standards are in whole tens of metres: rounded up, a service beyond one never reads as on it.
function metres(distance) {
  if (distance < 5000) return `${thousands(Math.max(10, Math.ceil(distance / 10 - 1e-6) * 10))} m`;
  return `${(distance / 1000).toFixed(1)} km`;
}

function nearestServices(area, place) {
  const fitting = fittingServices();
  const near = DATA.nearest ? nearByWays(place, fitting) : nearByLine(area, fitting);
  const coming = fitting.filter(({ service }) => comesTo(service, [place])).slice(0, SHOWN);
  const item = ({ service, index }, ...words) => el("li", {}, serviceButton(index), ` ${words.filter(Boolean).join(" · ")}`);
  const none = fitting.length ? "No way to any of this kind is known." : "None of this kind is recorded.";
  return [
    heading("Nearest services"),
    near.length || coming.length
      ? el("ul", { class: "plain" },
        near.map((s) => item(s, s.distance, comesTo(s.service, [place]) ? "" : s.far, ageMisfit(s.service))),
        coming.map((s) => item(s, "comes to this area", ageMisfit(s.service))))
      : el("p", {}, none),
    near.length
      ? el("p", { class: "quiet" }, `${DATA.travel} Hours, terms, places and quality decide too whether a service counts.`)
      : null,
  ];
}

const SHOWN = 3;

// By straight line: an estimate.
function nearByLine(area, fitting) {
  return fitting
    .filter(({ service }) => service.at)
    .map((s) => ({ ...s, straight: Math.hypot(s.service.e - area.e, s.service.n - area.n) }))
    .sort((a, b) => a.straight - b.straight)
    .slice(0, SHOWN)
    .map((s) => ({ ...s, distance: `${metres(s.straight * DATA.detour)} on foot`, far: farByLine(s) }));
}

// By the ways that the run measured, never by an estimate beside them.
function nearByWays(place, fitting) {
  const known = new Map(fitting.map((s) => [s.index, s]));
  const row = DATA.nearest.rows[place];
  const found = [];
  for (let n = 0; n < row.length && found.length < SHOWN; n += 5) {
    const [index, kind, figure, least, share] = row.slice(n, n + 5);
    if (!known.has(index)) continue;
    const s = known.get(index);
    const { metres: inMetres, on } = DATA.nearest.kinds[kind];
    const way = inMetres ? `${thousands(figure)} m ${on}` : `${Math.ceil(figure / 10)} min ${on}`;
    const lacking = share < 100 ? ` (${share}% of its people; the others have no way within ${DATA.nearest.searchedTo} min)` : "";
    found.push({ ...s, distance: way + lacking, far: farByWay(s.service, kind, figure, least) });
  }
  return found;
}

// What is too far from the nearest home is so for everyone; what is so on average is so for some.
function farByWay(service, kind, figure, least) {
  const { metres: inMetres, on } = DATA.nearest.kinds[kind];
  const limits = wantedOf(service).map((n) => ({ ...limitOf(service, n), minutes: DATA.nearest.kinds[kind].limits[n] }));
  const best = limits.reduce((a, b) => (allowed(b, inMetres) > allowed(a, inMetres) ? b : a));
  const most = allowed(best, inMetres);
  if (figure <= most) return "";
  const said = inMetres ? `${thousands(most)} m` : `${Math.floor(most / 10)} min ${on}`;
  return `too far for ${least > most ? "the standard" : "some of its people"} (${said})`;
}

// In metres, or in tenths of a minute.
function allowed({ limit, minutes }, inMetres) {
  if (inMetres) return limit;
  return 10 * (minutes === null ? limit / METRES_A_MINUTE : minutes);
}

const METRES_A_MINUTE = 80;

function serviceButton(index) {
  return button(DATA.services[index].name, () => openService(index), { class: "link" });
}

// Whether a service comes to any of these places, wherever it stands itself.
function comesTo(service, places) {
  return service.everywhere || places.some((place) => service.comesTo.includes(place) || service.comesToHoods.includes(DATA.places[place].hood));
}

// The elements that a service gives, among those looked at.
function wantedOf(service) {
  const wanted = view.element < 0 ? DATA.offers[view.offer].elements : [view.element];
  return service.elements.filter((n) => wanted.includes(n));
}

// The farthest that an element lets a service be: of types of space, that of its own.
function limitOf(service, element) {
  const { metres: limit, spaceMetres } = DATA.elements[element];
  if (!spaceMetres.length) return { limit };
  const ofSite = spaceMetres.filter(([space]) => service.spaces.includes(space));
  return { limit: Math.max(...(ofSite.length ? ofSite : spaceMetres).map(([, distance]) => distance)) };
}

// Only what is certain: a site whose position is rough may be nearer than it looks.
function farByLine({ service, straight }) {
  const limit = Math.max(...wantedOf(service).map((n) => limitOf(service, n).limit));
  if (service.rough || (straight - service.slack) * DATA.detour <= limit) return "";
  return `too far for the standard (${thousands(Math.round(limit))} m)`;
}

function ageMisfit(service) {
  const offer = DATA.offers[view.offer];
  const wanted = view.age ? [offer.ages[view.age - 1]] : offer.ages.filter((_, n) => ageExists(n + 1));
  const misses = (age) => (service.low !== null && age < service.low) || (service.high !== null && age > service.high);
  if (!wanted.every(misses)) return "";
  return view.age ? `not for age ${wanted[0]}` : "not for these ages";
}

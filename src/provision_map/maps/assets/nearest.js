// The services nearest to an area, how far they are, and why they may not count there.

// Standards are in whole tens of metres: rounded up, a service beyond one never reads as on it.
function metres(distance) {
  if (distance < 5000) return `${thousands(Math.max(10, Math.ceil(distance / 10 - 1e-6) * 10))} m`;
  return `${(distance / 1000).toFixed(1)} km`;
}

function nearestServices(area, place) {
  const fitting = fittingServices().map(({ service, index }) => ({
    service, index,
    comes: comesTo(service, [place]),
    straight: service.at ? Math.hypot(service.e - area.e, service.n - area.n) : Infinity,
  }));
  const nearest = fitting.filter((s) => s.straight < Infinity).sort((a, b) => a.straight - b.straight).slice(0, 3);
  const coming = fitting.filter((s) => s.comes).slice(0, 3);
  const item = ({ service, index }, ...words) => el("li", {}, serviceButton(index), ` ${words.filter(Boolean).join(" · ")}`);
  return [
    heading("Nearest services"),
    nearest.length || coming.length
      ? el("ul", { class: "plain" },
        nearest.map((s) => item(s, `${metres(s.straight * DATA.travel.factor)} ${DATA.travel.on}`, s.comes ? "" : farWords(s), ageMisfit(s.service))),
        coming.map((s) => item(s, "comes to this area", ageMisfit(s.service))))
      : el("p", {}, "None of this kind is recorded."),
    nearest.length
      ? el("p", { class: "quiet" }, `${DATA.travel.words} Hours, terms, places and quality decide too whether a service counts.`)
      : null,
  ];
}

function serviceButton(index) {
  return button(DATA.services[index].name, () => openService(index), { class: "link" });
}

// Whether a service comes to any of these places, wherever it stands itself.
function comesTo(service, places) {
  return service.everywhere || places.some((place) => service.comesTo.includes(place) || service.comesToHoods.includes(DATA.places[place].hood));
}

// The farthest that any of its elements, among those looked at, lets a service be.
function farthest(service) {
  const wanted = view.element < 0 ? DATA.offers[view.offer].elements : [view.element];
  const limits = service.elements.filter((n) => wanted.includes(n)).flatMap((n) => {
    const { metres: limit, spaceMetres } = DATA.elements[n];
    if (!spaceMetres.length) return [limit];
    const ofSite = spaceMetres.filter(([space]) => service.spaces.includes(space));
    return (ofSite.length ? ofSite : spaceMetres).map(([, distance]) => distance);
  });
  return Math.max(...limits);
}

// Only what is certain: a site whose position is rough may be nearer than it looks.
// Along streets no way is shorter than the straight line; how much longer it is, is estimated.
function farWords({ service, straight }) {
  const { far, factor, sure } = DATA.travel;
  const limit = farthest(service);
  const least = straight - service.slack;
  if (!far || service.rough || least * factor <= limit) return "";
  return `${least * sure > limit ? "" : "probably "}too far for the standard (${thousands(Math.round(limit))} m)`;
}

function ageMisfit(service) {
  const offer = DATA.offers[view.offer];
  const wanted = view.age ? [offer.ages[view.age - 1]] : offer.ages.filter((_, n) => ageExists(n + 1));
  const misses = (age) => (service.low !== null && age < service.low) || (service.high !== null && age > service.high);
  if (!wanted.every(misses)) return "";
  return view.age ? `not for age ${wanted[0]}` : "not for these ages";
}

// Services on the map: one cluster, cut by outcome; a letter and a shape for each outcome.

let clusterGroup = null;
const serviceMarkers = [];

// An icon that can be reached and pressed with the keyboard, and says what it is.
const NamedIcon = L.DivIcon.extend({
  createIcon(old) {
    const icon = L.DivIcon.prototype.createIcon.call(this, old);
    icon.setAttribute("role", "button");
    icon.setAttribute("tabindex", "0");
    icon.setAttribute("aria-label", this.options.label);
    icon.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" && event.key !== " ") return;
      event.preventDefault();
      event.stopPropagation();
      icon.click();
    });
    return icon;
  },
});

// The services that fit the chosen Offer and element, whatever their outcome.
function fittingServices() {
  const wanted = view.element < 0 ? DATA.offers[view.offer].elements : [view.element];
  return DATA.services
    .map((service, index) => ({ service, index }))
    .filter(({ service }) => service.elements.some((element) => wanted.includes(element)));
}

function shownOutcome(service) {
  return service.outcomes.find((outcome) => !view.off.has(outcome));
}

function serviceIcon(service) {
  const outcome = shownOutcome(service);
  const name = outcome === undefined ? "" : `, ${DATA.outcomes[outcome].name}`;
  return new NamedIcon({
    className: "service-mark", iconSize: [28, 28], label: `Service: ${service.name}${name}`, html: outcomeMark(outcome, 28),
  });
}

function clusterIcon(cluster) {
  const counts = new Map();
  for (const marker of cluster.getAllChildMarkers()) {
    const outcome = shownOutcome(DATA.services[marker.options.service]);
    counts.set(outcome, (counts.get(outcome) || 0) + 1);
  }
  const sorted = [...counts].sort(([a], [b]) => a - b);
  const total = cluster.getChildCount();
  const words = sorted.map(([outcome, count]) => `${count} ${outcome === undefined ? "without an outcome" : DATA.outcomes[outcome].name}`);
  const size = total < 10 ? 32 : total < 40 ? 36 : 42;
  return new NamedIcon({
    className: "service-cluster", iconSize: [size, size], label: `${total} services here: ${words.join(", ")}. Enter zooms in.`, html: donut(sorted, total, size),
  });
}

function startMarkers() {
  clusterGroup = L.markerClusterGroup({
    maxClusterRadius: 46, showCoverageOnHover: false, iconCreateFunction: clusterIcon,
    animate: !STILL, spiderLegPolylineOptions: { weight: 1.5, color: "#14181d", opacity: 0.8 },
  });
  DATA.services.forEach((service, index) => {
    if (!service.at) return;
    const marker = L.marker(at(service.at), { service: index, keyboard: false, icon: serviceIcon(service) });
    marker.on("click", () => openService(index));
    serviceMarkers[index] = marker;
  });
  map.addLayer(clusterGroup);
  clusterGroup.on("animationend spiderfied unspiderfied", tidyNames);
  // Zooming into a cluster takes away the icon that has the focus: the map keeps it.
  clusterGroup.on("clusterclick", () => map.getContainer().focus({ preventScroll: true }));
}

function drawServices() {
  const fitting = fittingServices();
  const shown = fitting.filter(({ service }) => !service.outcomes.length || shownOutcome(service) !== undefined);
  const markers = shown.map(({ index }) => serviceMarkers[index]).filter(Boolean);
  for (const marker of markers) marker.setIcon(serviceIcon(DATA.services[marker.options.service]));
  clusterGroup.clearLayers();
  clusterGroup.addLayers(markers);
  drawOutcomes(fitting);
  tidyNames();
}

function drawOutcomes(fitting) {
  const rows = DATA.outcomes.map((outcome, index) => {
    const count = fitting.filter(({ service }) => service.outcomes.includes(index)).length;
    const box = el("input", { type: "checkbox", "data-outcome": outcome.id });
    box.checked = !view.off.has(index);
    box.addEventListener("change", () => {
      if (box.checked) view.off.delete(index);
      else view.off.add(index);
      drawServices();
      byId("outcomes").querySelectorAll("input")[index].focus();
    });
    return el("li", {}, el("label", {}, box, outcomeMark(index, 24), el("span", {}, outcome.name), el("span", { class: "count" }, count)));
  });
  empty(byId("outcomes")).append(...rows);
  const away = fitting.filter(({ service }) => !service.at).length;
  const words = [`${plural(fitting.length, "service gives", "services give")} this; one service may serve several outcomes.`];
  if (away) words.push(`${plural(away, "comes", "come")} to people and ${away === 1 ? "is" : "are"} not on the map.`);
  byId("outcomes-note").textContent = words.join(" ");
}

function clearOfClusters(index, then) {
  const marker = serviceMarkers[index];
  if (!marker || !clusterGroup.hasLayer(marker)) return then(null);
  return clusterGroup.zoomToShowLayer(marker, () => then(marker));
}

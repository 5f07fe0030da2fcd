// The ranked list of gaps for the chosen Offer and element; city-wide and local apart.

function listedGaps() {
  return DATA.gaps.filter((gap) => {
    if (gap.offer < 0) return view.element < 0;
    return gap.offer === view.offer && (view.element < 0 || gap.element === view.element);
  });
}

function drawGaps() {
  const listed = listedGaps();
  const group = (words, gaps) => gaps.length
    ? [el("h3", {}, `${words} (${gaps.length})`), el("ol", { class: "gaps" }, gaps.map(gapRow))]
    : null;
  const provision = listed.filter((gap) => gap.kind !== "practice");
  const parts = [
    group("Local", provision.filter((gap) => gap.scope === "local")),
    group("City-wide", provision.filter((gap) => gap.scope !== "local")),
    group("Good practice that has not reached", listed.filter((gap) => gap.kind === "practice")),
  ].flat(Infinity).filter(Boolean);
  byId("gaps-title").textContent = `Gaps in ${view.element < 0 ? DATA.offers[view.offer].name : DATA.elements[view.element].name} (${listed.length})`;
  empty(byId("gaps")).append(...(parts.length ? parts : [el("p", {}, "No gap is registered for this choice.")]));
  markOpenGap();
}

function gapRow(gap) {
  const index = DATA.gaps.indexOf(gap);
  const who = gap.children === null ? "not counted" : `${plural(gap.children, "child", "children")}`;
  const rank = gap.rank === null ? "" : `${gap.rank}`;
  const small = [who, gap.grade, gap.state, gap.status].filter(Boolean).join(" · ");
  const press = el("button", { type: "button", "data-gap": index, class: gap.settled ? "settled" : "" },
    el("span", { class: "rank" }, rank), el("span", { class: "gap-words" }, el("span", { class: "gap-title" }, gap.title), el("small", {}, small)));
  press.addEventListener("click", () => openGap(index));
  return el("li", {}, press);
}

function markOpenGap() {
  for (const press of document.querySelectorAll("#gaps button")) {
    const open = view.open && view.open.kind === "gap" && press.dataset.gap === String(view.open.index);
    if (open) press.setAttribute("aria-current", "true");
    else press.removeAttribute("aria-current");
  }
}

// The ranked list of gaps for the chosen Offer and element; city-wide and local apart.

function listedGaps({ offer, element } = view) {
  return DATA.gaps.filter((gap) => {
    if (gap.offer < 0) return element < 0;
    return gap.offer === offer && (element < 0 || gap.element === element);
  });
}

let drawnFor = "";

// While a gap is open the list stays as it was, so that one can go through it.
function drawGaps() {
  const choice = choiceOf(before || view);
  const key = `${choice.offer} ${choice.element}`;
  if (key === drawnFor) {
    markOpenGap();
    return;
  }
  drawnFor = key;
  const listed = listedGaps(choice);
  const group = (words, gaps) => gaps.length
    ? [el("h3", {}, `${words} (${gaps.length})`), el("ol", { class: "gaps" }, gaps.map(gapRow))]
    : null;
  const open = listed.filter((gap) => !gap.closed);
  const closed = listed.filter((gap) => gap.closed);
  const provision = open.filter((gap) => gap.kind !== "practice");
  const of = (test) => provision.filter(test);
  const parts = [
    group("City-wide", of((gap) => gap.scope !== "local")),
    group("Local", of((gap) => gap.scope === "local" && gap.kind !== "community")),
    group("Of one community, beyond everyone’s", of((gap) => gap.scope === "local" && gap.kind === "community")),
    group("Good practice that has not reached", open.filter((gap) => gap.kind === "practice")),
    closed.length ? el("details", { class: "closed" }, el("summary", {}, `Closed by measure (${closed.length})`), el("ul", { class: "gaps" }, closed.map(gapRow))) : null,
  ].flat(Infinity).filter(Boolean);
  byId("gaps-title").textContent = `Gaps in ${choice.element < 0 ? DATA.offers[choice.offer].name : DATA.elements[choice.element].name} (${open.length})`;
  empty(byId("gaps")).append(...(parts.length ? parts : [el("p", {}, "No gap is registered for this choice.")]));
  markOpenGap();
}

function gapRow(gap) {
  const index = DATA.gaps.indexOf(gap);
  const who = gap.children === null ? "not counted" : `${plural(gap.children, "child", "children")}`;
  const rank = gap.rank === null || gap.closed ? "" : `${gap.rank}`;
  const small = [who, gap.grade, gap.state, gap.status].filter(Boolean).join(" · ");
  const press = el("button", { type: "button", "data-gap": index, class: gap.settled ? "settled" : "" },
    el("span", { class: "rank" }, rank), el("span", { class: "gap-words" }, el("span", { class: "gap-title" }, gap.title), el("small", {}, small)));
  press.addEventListener("click", () => openGap(index));
  return el("li", {}, press);
}

function markOpenGap() {
  for (const press of document.querySelectorAll("#gaps button")) {
    const open = view.open && view.open.kind === "gap" && press.dataset.gap === String(view.open.index);
    if (open && press.closest("details")) press.closest("details").open = true;
    if (open) press.setAttribute("aria-current", "true");
    else press.removeAttribute("aria-current");
  }
}

"""What a run prints: at most twenty lines that a person can read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

import pandas as pd

from provision_map.coverage.links import WALK
from provision_map.edition import Edition
from provision_map.model import Offer
from provision_map.places.people import EVERYONE
from provision_map.schema import each_row
from provision_map.tables import CAUSES, CLOSED, STATES, UNKNOWN_REASONS

WIDTH, INDENT, MOST_LINES = 100, 11, 20
TITLE = "    "
#: From this share unknown for want of returns, a run without gaps says so.
MOSTLY = 0.5

#: Classes of the waterfall as the summary names them, in the order it prints them.
CLASSES = {
    "covered": ("covered",),
    "below standard": ("cause_quality",),
    "full": ("cause_full",),
    "not open to them": ("cause_group",),
    "other ages": ("cause_age",),
    "wrong times": ("cause_time",),
    "too far": ("cause_far",),
    "not enough anywhere": ("cause_none",),
}


def offer_shares(coverage: pd.DataFrame, offer: Offer) -> dict[str, float]:
    """Average each class over the Offer's elements, weighted by children; the parts sum to 1.

    A child counts once for each element that the Offer promises: "covered 31 %" says that of all
    children × elements 31 % are covered, not that 31 % of the children have everything.

    Returns:
        The shares of ``covered``, each cause, ``reached, quality unassessed`` and ``unknown``.

    """
    own = coverage[(coverage["offer_id"] == offer.id) & (coverage["community_id"] == EVERYONE)]
    weight = own["children"] / max(own["children"].sum(), 1e-9)
    shares = {
        name: float(sum((own[c] * weight).sum() for c in columns))
        for name, columns in CLASSES.items()
    }
    unknown = [f"unknown_{r}" for r in UNKNOWN_REASONS]
    quality = float((own["unknown_quality"] * weight).sum())
    shares["reached, quality unassessed"] = quality
    shares["unknown"] = float(sum((own[c] * weight).sum() for c in unknown)) - quality
    return shares


def whole_percents(shares: Mapping[str, float]) -> dict[str, int]:
    """Round shares to whole per cents that still add up to 100 (largest remainders).

    >>> whole_percents({"a": 1 / 3, "b": 1 / 3, "c": 1 / 3})
    {'a': 34, 'b': 33, 'c': 33}
    """
    exact = {name: 100 * share for name, share in shares.items()}
    floors = {name: int(value + 1e-9) for name, value in exact.items()}
    left = round(sum(exact.values())) - sum(floors.values())
    by_rest = sorted(exact, key=lambda n: (-(exact[n] - floors[n]), n))
    for name in by_rest[:left]:
        floors[name] += 1
    return floors


def children_in(people: pd.DataFrame, ages: range) -> float:
    """Count everyone of these ages, each child once."""
    own = people[(people["community_id"] == EVERYONE) & people["age"].isin(ages)]
    return float(own["children"].sum())


def render_summary(
    edition: Edition,
    *,
    left_out: pd.DataFrame,
    notes: int,
    suspects: int = 0,
    files: Sequence[str],
    folder: str,
    off_network: int = 0,
) -> list[str]:
    """Write the lines that ``provision-map run`` prints.

    Args:
        edition: what the run found.
        left_out: rows of registers that were not used.
        notes: how many things were read although unusual.
        suspects: pairs of services that may be one and the same, and nobody has decided of.
        files: names of the files written.
        folder: where they are.
        off_network: homes that no street leads to.

    """
    neighbourhoods = edition.places.loc[
        edition.places["neighbourhood_id"] != "", "neighbourhood_id"
    ]
    status = f" · {edition.data_status}" if edition.data_status else ""
    lines = [f"{edition.title} · {edition.date.day} {edition.date:%B %Y}{status}"]
    where = f" in {neighbourhoods.nunique()} neighbourhoods" if len(neighbourhoods) else ""
    lines.append(f"Places     {len(edition.places)}{where}")
    counts = [
        f"{children_in(edition.people, o.ages()):,.0f} aged {_say_ages(o)}"
        for o in sorted(edition.framework.offers, key=lambda o: o.minimum_age)
    ]
    both = _shared_ages(edition)
    lines.append("Children   " + " · ".join(counts) + (f" ({both} counts in both)" if both else ""))
    told = [f"{len(edition.services)} used", _left_out(left_out)]
    if suspects:
        pairs = "1 pair" if suspects == 1 else f"{suspects} pairs"
        told.append(f"{pairs} may be one and the same, and count twice: provision-map check")
    if notes:
        told.append(f"{notes} {'note' if notes == 1 else 'notes'}: provision-map check")
    lines += _wrapped("Services", told)
    ways = _say_ways(edition, off_network)
    lines += ways
    for offer in edition.framework.offers:
        percents = whole_percents(offer_shares(edition.coverage, offer))
        lines.append(
            f"{offer.name}: of children × {len(offer.elements)} elements, per cent (adds up to 100)"
        )
        lines += _wrapped("", [f"{n} {p}" for n, p in percents.items() if p or n == "covered"])
    lines += _gap_lines(edition)
    if len(edition.questions):
        worst = edition.questions.iloc[0]
        name = edition.framework.elements[worst["element_id"]].name
        asked = f"{len(edition.questions)} (what cannot be told is no gap)"
        lines += _wrapped("Questions", [asked, f"largest: {name}, {worst['reason']}"])
    first, *others = _by_stem(files)
    lines += _wrapped("Written", [f"{folder}/: {first}", *others])
    # A run of many states and reasons leaves out the titles of the first gaps, not the figures.
    titles = [line for line in lines if line.startswith(TITLE) and not line.startswith(TITLE + " ")]
    for title in titles[: max(0, len(lines) - MOST_LINES)]:
        lines.remove(title)
    # How ways were measured stands on every page; here only where there is room.
    if len(lines) > MOST_LINES:
        lines = [line for line in lines if line not in ways]
    return lines


def _say_ages(offer: Offer) -> str:
    low, high = offer.minimum_age, offer.maximum_age
    return str(low) if low == high else f"{low}-{high}"


def _say_ways(edition: Edition, off_network: int) -> list[str]:
    """Say how travel times came about, where they are not straight lines."""
    travel = edition.travel
    if travel.basis == "straight_line":
        return []
    on_foot = travel.basis == "streets" and travel.mode == WALK
    said = [f"{travel.words}, on foot" if on_foot else travel.words]
    if off_network:
        homes = "1 home" if off_network == 1 else f"{off_network:,} homes"
        said.append(f"{homes} off the network: see run.json")
    return _wrapped("Ways", said)


def _wrapped(head: str, parts: Sequence[str]) -> list[str]:
    """Join parts by dots, after a head, into lines of at most ``WIDTH`` characters."""
    indent = " " * INDENT if head else "  "
    lines = [head.ljust(INDENT) if head else indent]
    for part in parts:
        joint = " · " if len(lines[-1]) > len(indent) else ""
        if joint and len(lines[-1] + joint + part) > WIDTH:
            lines.append(indent)
            joint = ""
        lines[-1] += joint + part
    return lines


def _by_stem(files: Sequence[str]) -> list[str]:
    """Name files of one stem together: "gap-register.html, .xlsx, .csv"."""
    grouped: dict[str, list[str]] = {}
    for name in files:
        grouped.setdefault(name.rpartition(".")[0], []).append(name)
    return [
        ", ".join([n[0], *(f".{m.rpartition('.')[2]}" for m in n[1:])]) for n in grouped.values()
    ]


def _shared_ages(edition: Edition) -> str:
    ages = [set(o.ages()) for o in edition.framework.offers]
    shared = sorted(set.intersection(*ages)) if len(ages) > 1 else []
    if not shared:
        return ""
    return f"age {shared[0]}" if len(shared) == 1 else f"ages {shared[0]}-{shared[-1]}"


def _left_out(left_out: pd.DataFrame) -> str:
    if left_out.empty:
        return "none left out"
    reasons = Counter(left_out["reason"]).most_common(2)
    listed = "; ".join(f"{n} × {reason.rstrip('.')}" for reason, n in reasons)
    return f"{len(left_out)} left out: {listed}"


def _gap_lines(edition: Edition) -> list[str]:
    entries = edition.entries
    untold = _for_want_of_returns(edition.coverage)
    if entries.empty:
        return _wrapped("Gaps", ["none can be told" if untold else "none found", *untold])
    own = entries[entries["state"] != CLOSED]
    wide = own["scope"] == "city-wide"
    kinds = own["kind"]
    counts = {
        "city-wide": int((wide & kinds.isin(("provision", "quality"))).sum()),
        "local": int((~wide & (kinds == "provision")).sum()),
        "local in quality": int((~wide & (kinds == "quality")).sum()),
        "of a community": int((kinds == "community").sum()),
        "in the reach of good practice": int((kinds == "practice").sum()),
    }
    parts = [f"{n} {word}" for word, n in counts.items() if n]
    states = Counter(entries["state"])
    told = [f"{states[s]} {s}" for s in STATES if states[s]]
    lines = _wrapped("Gaps", [f"{len(own)} open", *parts]) + _wrapped("", [*told, *untold])
    top = own[(own["rank"] == 1) & (own["kind"] != "community")]
    for scope, gap, title, children in each_row(top[["scope", "gap_id", "title", "children"]]):
        lines.append(f"  first {scope}: {gap}, {children:,.0f} children")
        lines.append(f"{TITLE}{title}")
    return lines


def _for_want_of_returns(coverage: pd.DataFrame) -> list[str]:
    """Say so where most cannot be told because nobody was asked or has answered."""
    own = coverage[coverage["community_id"] == EVERYONE]
    untold = (own["unknown_inventory"] * own["children"]).sum()
    if untold <= MOSTLY * own["children"].sum():
        return []
    return ["most cannot be told: nobody was asked, or has answered (table of returns)"]


def count_everything(edition: Edition, *, left_out: pd.DataFrame) -> dict[str, object]:
    """Collect the counts for run.json: the same figures as the summary, unrounded."""
    framework = edition.framework
    return {
        "places": len(edition.places),
        "children": {o.id: children_in(edition.people, o.ages()) for o in framework.offers},
        "services_used": len(edition.services),
        "services_left_out": len(left_out),
        "shares": {
            o.id: {k: round(v, 6) for k, v in offer_shares(edition.coverage, o).items()}
            for o in framework.offers
        },
        "gaps": len(edition.entries),
        "gaps_by_kind": {k: int(n) for k, n in sorted(Counter(edition.entries["kind"]).items())},
        "gaps_by_state": {k: int(n) for k, n in sorted(Counter(edition.entries["state"]).items())},
        "questions": len(edition.questions),
        "causes": list(CAUSES),
    }

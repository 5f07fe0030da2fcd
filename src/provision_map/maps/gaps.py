"""Gaps as the page shows them: what the register says, in positions, words and rounded figures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from provision_map.edition import Edition
from provision_map.maps.shares import WHOLE
from provision_map.maps.words import (
    CAUSE_WORDS,
    PARTS,
    is_blank,
    say_ages,
    say_date,
)
from provision_map.phrases import list_items, say_missing
from provision_map.tables import CAUSES

#: Statuses and states under which a gap is no longer hatched.
_CLOSED = "closed by measure"
_SETTLED = ("resolved", "duplicate", _CLOSED)
#: Children of a community below this are not shown for a gap.
_SMALLEST = 5


def describe_gaps(
    edition: Edition,
    *,
    offers: Mapping[str, Sequence[int]],
    elements: Sequence[str],
    communities: Sequence[str],
) -> list[dict[str, Any]]:
    """Describe every entry of the register, in its order.

    Args:
        edition: what may be shown.
        offers: by code, in the order that the page numbers them, the ages of each Offer.
        elements: codes in the order that the page numbers them.
        communities: likewise.

    """
    codes = list(offers)
    place_at = {code: n for n, code in enumerate(edition.places["place_id"])}
    return [
        {
            "id": str(row["gap_id"]),
            "offer": _position(codes, row["offer_id"]),
            "element": _position(elements, row["element_id"]),
            "community": _position(communities, row["community_id"]),
            "communityName": _name_community(edition, row["community_id"]),
            "forAll": is_blank(row["community_id"]) or row["community_id"] == "everyone",
            "groups": _list_groups(edition, row["community_id"], communities),
            "kind": row["kind"],
            "scope": row["scope"],
            "title": row["title"],
            "ages": say_ages(row["minimum_age"], row["maximum_age"]),
            "low": _whole_or_none(row["minimum_age"]),
            "high": _whole_or_none(row["maximum_age"]),
            **_list_places(row, place_at, offers.get(row["offer_id"], ())),
            "hoods": list(list_items(row["neighbourhoods"])),
            **_count_gap(row),
            "uncovered": _thousandths(row["uncovered"]),
            "unknown": _thousandths(row["unknown"]),
            "mainCause": _say_cause(row["main_cause"]),
            # A register of an earlier run may lack the column.
            "missing": _say_missing(edition, row),
            "need": _round_or_none(row["need"]),
            "severity": _round_or_none(row["severity"]),
            "priority": _round_or_none(row["priority"]),
            "rank": _whole_or_none(row["rank"]),
            "rankLow": _whole_or_none(row["rank_low"]),
            "rankHigh": _whole_or_none(row["rank_high"]),
            "grade": row["grade"],
            "gradeReason": "" if is_blank(row["grade_reason"]) else row["grade_reason"],
            "state": row["state"],
            "status": row["status"],
            "owner": "" if is_blank(row["owner_role"]) else row["owner_role"],
            "first": say_date(row["first_reported"]),
            "closed": row["state"] == _CLOSED,
            "settled": row["status"] in _SETTLED or row["state"] in _SETTLED,
        }
        for row in edition.entries.to_dict("records")
    ]


def _say_missing(edition: Edition, row: dict[Any, Any]) -> str:
    missing = list_items(row.get("missing_parts"))
    element = edition.framework.elements.get(row["element_id"])
    return say_missing(missing, element.standard) if element and missing else ", ".join(missing)


def _list_places(
    row: dict[Any, Any], place_at: Mapping[str, int], ages: Sequence[int]
) -> dict[str, Any]:
    """List a gap's places, and the ages in each as bits in the order of the Offer's ages."""
    codes = [code for code in list_items(row["places"]) if code in place_at]
    masks = dict.fromkeys(codes, 0)
    cells = row["cells"] if isinstance(row["cells"], (list, tuple)) else ()
    for place, age in cells:
        if place in masks and int(age) in ages:
            masks[place] |= 1 << ages.index(int(age))
    return {"places": [place_at[code] for code in codes], "masks": list(masks.values())}


def _count_gap(row: dict[Any, Any]) -> dict[str, Any]:
    """Give a gap's children and causes; a community's few children are listed without figures."""
    children = row["children"]
    if is_blank(children) or (row["community_id"] != "everyone" and children < _SMALLEST):
        return {"children": None, "population": None, "causes": []}
    causes = [(PARTS.index(f"cause_{c}"), row[f"cause_{c}"]) for c in CAUSES]
    return {
        "children": round(children),
        "population": _whole_or_none(row["population"]),
        "causes": [[part, round(n)] for part, n in causes if not is_blank(n) and round(n) > 0],
    }


def _name_community(edition: Edition, community_id: object) -> str:
    return "" if is_blank(community_id) else edition.framework.community_name(str(community_id))


def _list_groups(edition: Edition, community_id: object, communities: Sequence[str]) -> list[int]:
    """List the communities of the menu that a gap concerns: its own, and those merged into it."""
    if is_blank(community_id):
        return []
    members = (str(community_id), *edition.framework.members(str(community_id)))
    return sorted({communities.index(code) for code in members if code in communities})


def _say_cause(cause: object) -> str:
    return "" if is_blank(cause) else CAUSE_WORDS.get(str(cause), str(cause))


def _position(codes: Sequence[str], code: object) -> int:
    return codes.index(str(code)) if code in codes else -1


def _thousandths(share: object) -> int | None:
    return None if is_blank(share) else round(float(str(share)) * WHOLE)


def _whole_or_none(value: object) -> int | None:
    return None if is_blank(value) else round(float(str(value)))


def _round_or_none(value: object) -> float | None:
    return None if is_blank(value) else round(float(str(value)), 2)

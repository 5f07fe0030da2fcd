"""Titles and parts of gaps in words that a councillor understands."""

from __future__ import annotations

from collections.abc import Sequence

import geopandas as gpd
import pandas as pd

from provision_map.gaps.rules import CAUSE_WORDS
from provision_map.model import Framework
from provision_map.places.areas import neighbourhood_of
from provision_map.places.people import EVERYONE
from provision_map.schema import each_row

#: A title names this many missing holidays or types at most.
FEW = 2


#: (neighbourhood, number of places, children lacking) of a gap, most children first.
Parts = list[tuple[str, int, float]]


def gap_title(
    gap: pd.Series,
    parts: Parts,
    framework: Framework,
    places: gpd.GeoDataFrame,
    *,
    given: bool,
    missed: Sequence[str] = (),
) -> str:
    """Say what is missing, why, at which ages and where, in one line.

    Args:
        gap: a measured gap.
        parts: its neighbourhoods.
        framework: names of elements and communities.
        places: names of places.
        given: whether any service gives the element at all; "none at all" is kept for where none
            does, and where all together do not make up the need it is "not enough anywhere".
        missed: of a practice gap, the cells that are not reached now.

    """
    if gap["kind"] == "practice":
        return _practice_title(gap, missed, framework)
    element = framework.elements.get(gap["element_id"])
    name = element.name if element else gap["element_id"]
    if gap["community_id"] != EVERYONE:
        name += f", {framework.community_name(gap['community_id'])}"
    cause = CAUSE_WORDS.get(gap["main_cause"], gap["main_cause"])
    if gap["main_cause"] == "none":
        cause = "none at all" if not given else cause + _lacking(gap["missing_parts"])
    return f"{name}: {cause}, {ages_in_words(gap)}, {_where(gap, parts, places)}"


def _lacking(missing: str) -> str:
    names = missing.split("; ") if missing else []
    return f" (no {' and no '.join(names)})" if 0 < len(names) <= FEW else ""


def ages_in_words(gap: pd.Series) -> str:
    """Say the ages of a gap.

    >>> ages_in_words(pd.Series({"minimum_age": 13.0, "maximum_age": 13.0}))
    'age 13'
    >>> ages_in_words(pd.Series({"minimum_age": 13.0, "maximum_age": 15.0}))
    'ages 13-15'
    """
    low, high = gap["minimum_age"], gap["maximum_age"]
    if pd.isna(low):
        return "all ages"
    return f"age {low:.0f}" if low == high else f"ages {low:.0f}-{high:.0f}"


def _practice_title(gap: pd.Series, missed: Sequence[str], framework: Framework) -> str:
    outcome = next((o.name for o in framework.outcomes if o.id in gap["outcomes"]), "Practice")
    several = len(missed) != 1
    if gap["cells"] and gap["cells"][0][0].startswith("neighbourhood:"):
        what = "neighbourhoods" if several else "neighbourhood"
    else:
        what = "communities" if several else "community"
    if not missed:
        return f"{outcome}: good practice is no longer known to miss any of these {what}"
    return f"{outcome}: good practice has not reached {len(missed)} {what}"


def _where(gap: pd.Series, parts: Parts, places: gpd.GeoDataFrame) -> str:
    if gap["scope"] == "city-wide":
        return "city-wide"
    own = list(gap["places"])
    if len(own) == 1:
        name = places.set_index("place_id")["name"]
        return str(name[own[0]])
    if not parts:
        return "no place that is measured"
    main, inside, _ = parts[0]
    others = len(own) - inside
    if not others:
        return f"{main} ({inside} places)"
    return f"{main} and {others} {'place' if others == 1 else 'places'} more"


def neighbourhoods_of_gaps(cells: pd.DataFrame, places: gpd.GeoDataFrame) -> dict[int, Parts]:
    """List each gap's neighbourhoods, the one with most children lacking first."""
    labels = neighbourhood_of(places)["label"]
    grouped = cells.assign(label=cells["place_id"].map(labels)).groupby(["gap", "label"])
    table = pd.DataFrame(
        {"places": grouped["place_id"].nunique(), "children": grouped["lacking"].sum().round(9)}
    ).reset_index()
    table = table.sort_values(["gap", "children", "label"], ascending=[True, False, True])
    out: dict[int, Parts] = {}
    for gap, label, number, children in each_row(table[["gap", "label", "places", "children"]]):
        out.setdefault(int(gap), []).append((str(label), int(number), float(children)))
    return out


def parts_in_words(gap: pd.Series, parts: Parts, missed: Sequence[str]) -> tuple[str, ...]:
    """Say where a gap can be resolved: "Podsmead (2 places, 131 children)".

    A practice gap lists the names of the neighbourhoods or communities that are ``missed``. A
    community's parts carry no figures.
    """
    if gap["kind"] == "practice":
        return tuple(missed)
    with_figures = pd.notna(gap["children"]) and gap["kind"] != "community"
    return tuple(
        f"{label} ({number} {'place' if number == 1 else 'places'}"
        + (f", {children:,.0f} children)" if with_figures else ")")
        for label, number, children in parts
    )

"""Titles and parts of gaps in words that a councillor understands."""

from __future__ import annotations

from collections.abc import Mapping

import geopandas as gpd
import pandas as pd

from provision_map.gaps.rules import CAUSE_WORDS
from provision_map.model import Framework
from provision_map.places.areas import neighbourhood_of
from provision_map.places.people import EVERYONE


def gap_title(gap: pd.Series, framework: Framework, places: gpd.GeoDataFrame) -> str:
    """Say what is missing, why, at which ages and where, in one line."""
    if gap["kind"] == "practice":
        return _practice_title(gap, framework)
    element = framework.elements.get(gap["element_id"])
    name = element.name if element else gap["element_id"]
    cause = CAUSE_WORDS.get(gap["main_cause"], gap["main_cause"])
    if gap["community_id"] != EVERYONE:
        cause += f" for {framework.community_name(gap['community_id'])}"
    return f"{name}: {cause}, {ages_in_words(gap)}, {_where(gap, places)}"


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


def _practice_title(gap: pd.Series, framework: Framework) -> str:
    outcome = next((o.name for o in framework.outcomes if o.id in gap["outcomes"]), "Practice")
    keys = [key for key, _ in gap["cells"]]
    several = len(keys) != 1
    if keys and keys[0].startswith("neighbourhood:"):
        what = "neighbourhoods" if several else "neighbourhood"
    else:
        what = "communities" if several else "community"
    return f"{outcome}: good practice has not reached {len(keys)} {what}"


def _where(gap: pd.Series, places: gpd.GeoDataFrame) -> str:
    if gap["scope"] == "city-wide":
        return "city-wide"
    own = list(gap["places"])
    labels = neighbourhood_of(places)["label"].reindex(own)
    if labels.empty:
        return "no place"
    counts = labels.value_counts(sort=False)
    main, inside = str(counts.idxmax()), int(counts.max())
    if len(own) == 1:
        name = places.set_index("place_id")["name"]
        return str(name[own[0]])
    others = len(own) - inside
    if not others:
        return f"{main} ({inside} places)"
    return f"{main} and {others} {'place' if others == 1 else 'places'} more"


def neighbourhood_parts(
    gaps: pd.DataFrame, cells: pd.DataFrame, places: gpd.GeoDataFrame, names: Mapping[str, str]
) -> list[tuple[str, ...]]:
    """List each gap's neighbourhoods with the number of places and children in each.

    The parts are where things get resolved: "Podsmead (2 places, 131 children)". A practice gap
    lists the neighbourhoods or communities that were not reached, by ``names`` of its cells.
    """
    labels = neighbourhood_of(places)["label"]
    cells = cells.assign(label=cells["place_id"].map(labels))
    grouped = cells.groupby(["gap", "label"], sort=False, observed=True)
    table = pd.DataFrame(
        {"places": grouped["place_id"].nunique(), "children": grouped["lacking"].sum()}
    )
    out: list[tuple[str, ...]] = []
    measured = set(table.index.get_level_values(0))
    for number, (_, row) in enumerate(gaps.iterrows()):
        if row["kind"] == "practice":
            out.append(tuple(names.get(key, key) for key, _ in row["cells"]))
            continue
        if number not in measured:
            out.append(())
            continue
        parts = table.loc[[number]].droplevel(0)
        parts = parts.sort_values("children", ascending=False, kind="stable")
        with_figures = pd.notna(row["children"]) and row["kind"] != "community"
        out.append(
            tuple(
                f"{label} ({n} {'place' if n == 1 else 'places'}"
                + (f", {children:,.0f} children)" if with_figures else ")")
                for label, n, children in parts.itertuples()
            )
        )
    return out

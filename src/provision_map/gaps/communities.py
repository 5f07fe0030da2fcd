"""What a community lacks beyond everyone in the same place and age."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.stats import binom, false_discovery_control

from provision_map.gaps.cells import causes_of, uncovered
from provision_map.gaps.rules import FOOTPRINT_COLUMNS
from provision_map.model import ALL_BUT, Framework, GapRules
from provision_map.places.people import BME, EVERYONE


def community_excess(coverage: pd.DataFrame) -> pd.DataFrame:
    """Return the communities' cells with ``rate`` uncovered, everyone's ``base`` and ``excess``.

    An age that an Offer opens only to some communities has no everyone: its base is 0.
    """
    rate = uncovered(coverage, causes_of("community"))
    cells = coverage.assign(rate=rate)
    keys = ["element_id", "place_id", "age"]
    base = cells.loc[cells["community_id"] == EVERYONE, [*keys, "rate", "children"]].rename(
        columns={"rate": "base", "children": "here"}
    )
    cells = cells[~cells["community_id"].isin((EVERYONE, BME))]
    cells = cells.merge(base, on=keys, how="left")
    cells["base"] = cells["base"].fillna(0.0)
    cells["excess"] = cells["rate"] - cells["base"]
    return cells


def community_footprints(
    coverage: pd.DataFrame, framework: Framework, *, rules: GapRules
) -> pd.DataFrame:
    """Find one gap for each element and community that is missed more than everyone is.

    Sibling groups merge into their level, and all of them into BME, only when every one fails.
    Where most groups fail, the majority among them, it is one gap of all but those who do not: one
    club for a few communities is not a gap of each of the others. A gap that holds
    ``rules.city_wide`` of the places at its ages is city-wide.
    """
    cells = community_excess(coverage)
    flagged = cells[
        (cells["excess"] >= rules.community_excess - 1e-9)
        & ~(cells["children"] <= 0)
        # Where no child lives, a community without counts misses nothing either.
        & ~(cells["here"] <= 0)
    ]
    due = coverage.groupby("element_id", observed=True)["place_id"].nunique()
    rows = []
    for element_id in framework.elements:
        own = flagged[flagged["element_id"] == element_id]
        failing = {
            str(c): part for c, part in own.groupby("community_id", observed=True) if len(part)
        }
        for community_id, members in _merged(set(failing), framework):
            parts = pd.concat([failing[m] for m in members])
            found = {(str(p), int(a)) for p, a in zip(parts["place_id"], parts["age"], strict=True)}
            element = framework.elements[element_id]
            rows.append(
                (
                    framework.offer_of[element_id].id,
                    element_id,
                    element.outcomes,
                    "community",
                    "community",
                    _scope(found, int(due.get(element_id, 0)), share=rules.city_wide),
                    community_id,
                    tuple(sorted(found)),
                )
            )
    return pd.DataFrame(
        rows,
        columns=list(FOOTPRINT_COLUMNS),
        dtype=object,
    )


def _scope(cells: set[tuple[str, int]], places: int, *, share: float) -> str:
    ages = {age for _, age in cells}
    return "city-wide" if len(cells) >= share * places * len(ages) else "local"


def _merged(failing: set[str], framework: Framework) -> list[tuple[str, tuple[str, ...]]]:
    """List (community, members) of what fails, siblings merged where all of them fail."""
    merged: list[tuple[str, tuple[str, ...]]] = []
    left = set(failing)
    groups = [c.id for c in framework.ethnic_groups]
    failed = [g for g in groups if g in left]
    if framework.majority in failed and len(groups) / 2 < len(failed) < len(groups):
        spared = [g for g in groups if g not in left]
        merged.append((ALL_BUT + "+".join(spared), tuple(failed)))
        left -= set(failed)
    minority = framework.members(BME)
    if len(minority) > 1 and set(minority) <= left:
        merged.append((BME, minority))
        left -= set(minority)
    levels = dict.fromkeys(c.level for c in framework.ethnic_groups)
    for level in levels:
        members = framework.members(f"all_{level.lower()}")
        if len(members) > 1 and set(members) <= left:
            merged.append((f"all_{level.lower()}", members))
            left -= set(members)
    order = [c.id for c in framework.communities]
    merged += [(c, (c,)) for c in order if c in left]
    return merged


def countable(measured: pd.DataFrame, *, rules: GapRules) -> pd.Series:
    """Say which community gaps may carry figures: a guard on small counts.

    An excess of at least ``rules.community_smallest`` children that a binomial with everyone's
    rate would hardly give (Benjamini-Hochberg over all pairs). The others are listed without
    figures, never dropped.

    Args:
        measured: population, expected (children at everyone's rate) and lacking children of each.
        rules: thresholds.

    """
    population = measured["population"].fillna(0.0).round().to_numpy(dtype=float)
    lacking = np.minimum(measured["lacking"].fillna(0.0).round().to_numpy(dtype=float), population)
    rate = np.clip(
        measured["expected"].fillna(0.0).to_numpy() / np.where(population > 0, population, 1), 0, 1
    )
    chance = binom.sf(lacking - 1, population, rate)
    passed = false_discovery_control(chance) <= rules.false_discovery if len(chance) else chance > 0
    excess = measured["lacking"] - measured["expected"]
    return pd.Series(passed, index=measured.index) & (excess >= rules.community_smallest - 1e-9)

"""Find the gaps: footprints of cells, each with its element, kind, family, scope and community."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from provision_map.gaps.cells import causes_of, flagged_cells, uncovered
from provision_map.gaps.communities import community_footprints
from provision_map.gaps.practice import practice_footprints
from provision_map.gaps.residual import residual_of
from provision_map.gaps.rules import FOOTPRINT_COLUMNS
from provision_map.gaps.stretches import Cell, city_wide_ages, stretches, touching_graph
from provision_map.model import Framework, GapRules
from provision_map.places.people import EVERYONE


@dataclass(frozen=True)
class Found:
    """What a run found.

    Attributes:
        footprints: one row a gap: offer_id, element_id, outcomes, kind, family, scope,
            community_id, cells (tuple of (place, age)).
        residual: see :func:`provision_map.gaps.residual.residual_of`.

    """

    footprints: pd.DataFrame
    residual: pd.DataFrame


def find_gaps(
    coverage: pd.DataFrame,
    touching: pd.DataFrame,
    framework: Framework,
    *,
    practice_reach: pd.DataFrame | None = None,
    rules: GapRules | None = None,
) -> Found:
    """Find gaps in provision, in quality, of communities and in the reach of good practice.

    Children, not places, decide: cells are flagged for everyone first; what fails for most of the
    city is one city-wide entry per run of ages; the rest falls into stretches of touching places
    and adjacent ages; a community's gap is only what it lacks beyond everyone.

    Args:
        coverage: ``tables.COVERAGE``.
        touching: from_id, to_id of touching places.
        framework: Offers and communities.
        practice_reach: ``tables.REACH_MATRIX`` of good practice; None: not looked at.
        rules: thresholds; None: the defaults.

    """
    rules = rules or GapRules()
    flagged = flagged_cells(coverage, flag=rules.flag)
    everyone = coverage[coverage["community_id"] == EVERYONE]
    neighbours = touching_graph(touching)
    rows: list[tuple[str, str, str, str, tuple[Cell, ...]]] = []
    for element_id in framework.elements:
        of_element = everyone[everyone["element_id"] == element_id]
        for kind in ("provision", "quality"):
            cells = flagged[(flagged["element_id"] == element_id) & (flagged["kind"] == kind)]
            if cells.empty:
                continue
            rest = cells
            for family, ages in city_wide_ages(cells, of_element, share=rules.city_wide):
                inside = rest["age"].isin(ages)
                rows.append((element_id, kind, family, "city-wide", _cells(rest[inside])))
                rest = rest[~inside]
            lacking = uncovered(rest, causes_of(kind)) * rest["children"]
            children = dict(zip(_cells(rest, ordered=False), lacking, strict=True))
            for family in rest["family"].unique():
                own = list(_cells(rest[rest["family"] == family]))
                for stretch in stretches(own, neighbours):
                    total = sum(children[cell] for cell in stretch)
                    # Dust of float sums must not decide over exactly the smallest.
                    if total >= rules.smallest - 1e-9:
                        rows.append((element_id, kind, family, "local", tuple(stretch)))
    footprints = _provision(rows, framework)
    frames = [footprints, community_footprints(coverage, framework, rules=rules)]
    if practice_reach is not None:
        frames.append(practice_footprints(practice_reach, framework))
    footprints = pd.concat([f for f in frames if len(f)] or [footprints], ignore_index=True)
    return Found(footprints, residual_of(coverage, footprints))


def _cells(frame: pd.DataFrame, *, ordered: bool = True) -> tuple[Cell, ...]:
    cells = list(zip(frame["place_id"].astype(str), frame["age"].astype(int), strict=True))
    return tuple(sorted(cells) if ordered else cells)


def _provision(
    rows: list[tuple[str, str, str, str, tuple[Cell, ...]]], framework: Framework
) -> pd.DataFrame:
    elements, offers = framework.elements, framework.offer_of
    return pd.DataFrame(
        [
            (offers[e].id, e, elements[e].outcomes, kind, family, scope, EVERYONE, cells)
            for e, kind, family, scope, cells in rows
        ],
        columns=list(FOOTPRINT_COLUMNS),
        dtype=object,
    )

"""Cells of the coverage table, with what each certainly lacks, and of which family."""

from __future__ import annotations

import numpy as np
import pandas as pd

from provision_map.gaps.rules import FAMILIES, PROVISION
from provision_map.places.people import EVERYONE


def uncovered(cells: pd.DataFrame, causes: tuple[str, ...]) -> pd.Series:
    """Sum the shares of some causes."""
    total: pd.Series = cells[[f"cause_{c}" for c in causes]].sum(axis=1)
    return total


def flagged_cells(coverage: pd.DataFrame, *, flag: float) -> pd.DataFrame:
    """Return everyone's cells that certainly lack at least ``flag``, with their family.

    Adds ``family`` (the one that holds most of what is lacking), ``kind`` (provision or quality)
    and ``lacking`` (the uncovered share of that kind).
    """
    cells = coverage[(coverage["community_id"] == EVERYONE) & (coverage["children"] > 0)]
    by_family = {name: uncovered(cells, causes) for name, causes in FAMILIES.items()}
    provision, quality = by_family["reach"] + by_family["terms"], by_family["quality"]
    cells = cells.assign(
        family=np.where(
            quality > provision,
            "quality",
            np.where(by_family["reach"] >= by_family["terms"], "reach", "terms"),
        ),
        lacking=np.maximum(quality, provision),
    )
    cells["kind"] = np.where(cells["family"] == "quality", "quality", "provision")
    # Dust of float sums must not decide whether a cell at the very threshold is flagged.
    return cells[(provision + quality) >= flag - 1e-9]


def causes_of(kind: str) -> tuple[str, ...]:
    """Causes that count towards a kind of gap."""
    if kind == "provision":
        return PROVISION
    return FAMILIES["quality"] if kind == "quality" else (*PROVISION, *FAMILIES["quality"])

"""Where good practice has not reached: a gap of its own kind."""

from __future__ import annotations

import pandas as pd

from provision_map.gaps.rules import FOOTPRINT_COLUMNS
from provision_map.model import Framework

#: In place of an age: a cell of a practice gap is a neighbourhood or a community, of any age.
NO_AGE = -1


def practice_footprints(practice_reach: pd.DataFrame, framework: Framework) -> pd.DataFrame:
    """Find, for each outcome, the neighbourhoods and the communities that no practice has reached.

    A neighbourhood is not reached where every practice of the outcome says no. Where one of them
    does not say, it is unknown: a question, not a gap. An outcome without any agreed practice has
    reached nobody.
    """
    rows = []
    for outcome in framework.outcomes:
        reached = reached_by_outcome(practice_reach, outcome.id)
        for axis in ("neighbourhood", "community"):
            missed = reached[(reached["axis"] == axis) & (reached["reached"] == "no")]
            if len(missed):
                cells = tuple(sorted((f"{axis}:{key}", NO_AGE) for key in missed["key"]))
                rows.append(
                    ("", "", (outcome.id,), "practice", "practice", "local", "everyone", cells)
                )
    return pd.DataFrame(
        rows,
        columns=list(FOOTPRINT_COLUMNS),
        dtype=object,
    )


def reached_by_outcome(practice_reach: pd.DataFrame, outcome_id: str) -> pd.DataFrame:
    """Say for each neighbourhood and community whether the outcome's practice has reached it.

    Where no practice at all was collected, everything is unknown; where some was, but none for
    this outcome, the outcome's practice has reached nobody.

    Returns:
        axis, key, label, reached: yes where any has, unknown where none has and one does not
        say, else no.

    """
    serves = practice_reach[
        (practice_reach["axis"] == "outcome")
        & (practice_reach["key"] == outcome_id)
        & (practice_reach["reached"] != "no")
    ]["item_id"]
    axes = practice_reach[practice_reach["axis"] != "outcome"]
    keys = axes[["axis", "key", "label"]].drop_duplicates()
    own = axes[axes["item_id"].isin(serves)]
    order = pd.CategoricalDtype(["no", "unknown", "yes"], ordered=True)
    best = (
        own.assign(reached=own["reached"].astype(order))
        .groupby(["axis", "key"], observed=True)["reached"]
        .max()
    )
    keys["reached"] = [
        best.get((a, k), "no") for a, k in zip(keys["axis"], keys["key"], strict=True)
    ]
    return keys.reset_index(drop=True)

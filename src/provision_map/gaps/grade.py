"""How sure a gap is: the worst of its components."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd

from provision_map.coverage.returns import (
    DAYS_A_MONTH,
    MISSING,
    PARTLY,
    oldest_return,
    returns_state,
)
from provision_map.model import Framework
from provision_map.tables import GRADES

#: A component counts when it holds for more than this share of the gap's children.
TOLERATED = 0.2
FRESH_MONTHS, OLD_MONTHS = 12, 24


@dataclass(frozen=True)
class Evidence:
    """What the grade is read from.

    Attributes:
        returns_state: COMPLETE, PARTLY or MISSING, place × element.
        returns_months: age of the oldest return in months, place × element; NaN unknown.
        record_months: median months since the element's records were checked, by element.

    """

    returns_state: pd.DataFrame
    returns_months: pd.DataFrame
    record_months: pd.Series


#: How much cannot be told now, how bad that is, and in words.
_UNTOLD = (
    # Just under a half, so that exactly a half counts: then the state cannot be told either.
    (0.5 - 1e-9, 2, "For half of its children or more it cannot be told."),
    (TOLERATED + 1e-9, 1, "For over a fifth of its children it cannot be told."),
)

#: What the returns can be, how bad each is, and in words.
_OF_RETURNS = {
    "missing": (2, "A source that speaks for these places has not answered."),
    "old": (2, "The returns for these places are over 24 months old."),
    "partly": (1, "A source that speaks for these places answered only partly."),
    "ageing": (1, "The returns for these places are 12 to 24 months old, or undated."),
}


def grade_gaps(
    gaps: pd.DataFrame, cells: pd.DataFrame, evidence: Evidence
) -> tuple[list[str], list[str]]:
    """Grade each gap: confirmed, probable or data gap, with the component that decided.

    *Data gap*: a source missing, or older than 24 months. *Probable*: a partial source, 12 to 24
    months or of unknown age, more than a fifth of the children within 20 % of the distance limit,
    estimated community counts, or over a fifth of the children unknown (over half: a data gap). A
    component that holds for a fifth of the gap's children or
    fewer does not count.
    """
    state = pd.Series(evidence.returns_state.stack(), name="state")  # noqa: PD013 - keeps the index
    months = pd.Series(evidence.returns_months.stack(), name="months")  # noqa: PD013
    keyed = cells.join(state, on=["place_id", "element_id"]).join(
        months, on=["place_id", "element_id"]
    )
    shares = pd.DataFrame(
        {
            "gap": keyed["gap"],
            "population": keyed["population"],
            "missing": keyed["population"] * (keyed["state"] == MISSING),
            "partly": keyed["population"] * (keyed["state"] == PARTLY),
            "old": keyed["population"] * (keyed["months"] > OLD_MONTHS),
            "ageing": keyed["population"] * ~(keyed["months"] <= FRESH_MONTHS),
        }
    )
    sums = shares.groupby("gap").sum().reindex(range(len(gaps)), fill_value=0.0)
    grades, reasons = [], []
    for number, (_, gap) in enumerate(gaps.iterrows()):
        rank, reason = max(_components(gap, sums.iloc[number], evidence), key=lambda c: c[0])
        grades.append(GRADES[rank])
        reasons.append(reason)
    return grades, reasons


def _components(gap: pd.Series, sums: pd.Series, evidence: Evidence) -> list[tuple[int, str]]:
    """List (how bad, why), confirmed first: the first of the worst is taken."""
    if gap["kind"] == "practice":
        if gap["unknown"] > TOLERATED:
            return [(1, "Some practice does not say whom it has reached.")]
        return [(0, "Every agreed practice says whom it has reached.")]
    total = sums["population"]
    if total <= 0:
        return [(2, "None of its places and ages is measured any more.")]
    found = [(0, "Every expected source is complete and under 12 months old.")]
    found += [_OF_RETURNS[name] for name in _OF_RETURNS if sums[name] > TOLERATED * total]
    for share, rank, words in _UNTOLD:
        if gap["unknown"] > share:
            found.append((rank, words))
            break
    if gap["family"] == "reach" and gap["near"] > TOLERATED:
        found.append((1, "Over a fifth of the children live within 20 % of the distance limit."))
    if gap["kind"] == "community":
        counts = "estimated" if gap["counted"] else "not known at small areas"
        found.append((1, f"The counts of this community are {counts}."))
    months = evidence.record_months.get(gap["element_id"])
    if months is not None and months > FRESH_MONTHS:
        found.append((1, "Half the records of this element were checked over 12 months ago."))
    return found


def gather_evidence(
    services: pd.DataFrame,
    returns: pd.DataFrame,
    places: gpd.GeoDataFrame,
    framework: Framework,
    *,
    date: dt.date,
) -> Evidence:
    """Collect what grades are read from: returns by place and element, and ages of records.

    Args:
        services: located services.
        returns: ``tables.RETURNS``.
        places: ``tables.PLACES``.
        framework: Offers and communities.
        date: day that ages are counted from.

    """
    days = pd.Series(
        [(date - day).days if day is not None else np.inf for day in services["assured_date"]],
        dtype=float,
    )
    elements = services["elements"].reset_index(drop=True).explode()
    months = (days.reindex(elements.index) / DAYS_A_MONTH).groupby(elements.to_numpy()).median()
    return Evidence(
        returns_state(returns, places, framework),
        oldest_return(returns, places, framework, date=date),
        months,
    )

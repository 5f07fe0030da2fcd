"""Where what came back is not complete, so that an absent service is unknown and not none."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from provision_map.model import Framework
from provision_map.places.areas import places_of
from provision_map.schema import each_row


def incomplete_returns(
    returns: pd.DataFrame, places: gpd.GeoDataFrame, framework: Framework
) -> pd.DataFrame:
    """Mark for each place and element whether the inventory is incomplete.

    It is incomplete where nobody was asked, and where any source that speaks for the element and
    the place answered partly or not at all.

    Returns:
        Booleans, place_id × element_id.

    """
    return returns_state(returns, places, framework) != COMPLETE


COMPLETE, PARTLY, MISSING = 0, 1, 2
DAYS_A_MONTH = 365.25 / 12


def returns_state(
    returns: pd.DataFrame, places: gpd.GeoDataFrame, framework: Framework
) -> pd.DataFrame:
    """Give the worst of the returns that speak for each place and element.

    Returns:
        COMPLETE, PARTLY or MISSING (nobody asked, or not received), place_id × element_id.

    """
    worst = _own_state(returns, places, framework)
    worst[worst < 0] = MISSING
    return pd.DataFrame(worst, index=list(places["place_id"]), columns=list(framework.elements))


def _each_return(
    returns: pd.DataFrame, places: gpd.GeoDataFrame, framework: Framework
) -> Iterator[tuple[Any, tuple[np.ndarray, ...]]]:
    """Go through the returns, each with the cells of place × element that it speaks for."""
    place_at = {code: n for n, code in enumerate(places["place_id"])}
    element_at = {code: n for n, code in enumerate(framework.elements)}
    for row in each_row(spoken_for(returns, places, framework)):
        rows = np.array([place_at[p] for p in row.places], dtype=np.intp)
        columns = np.array([element_at[e] for e in row.elements], dtype=np.intp)
        yield row, np.ix_(rows, columns)


def spoken_for(
    returns: pd.DataFrame, places: gpd.GeoDataFrame, framework: Framework
) -> pd.DataFrame:
    """Spell out ``all`` and neighbourhood codes: one row a return, lists of places and elements."""
    codes = list(framework.elements)
    return pd.DataFrame(
        {
            "organisation_id": returns["organisation_id"],
            "elements": [codes if "all" in e else [c for c in codes if c in e] for e in returns["elements"]],
            "places": [places_of(p, places) for p in returns["places"]],
            "received": returns["received"],
            "received_on": returns["received_on"],
        },
        index=returns.index,
    )  # fmt: skip


def oldest_return(
    returns: pd.DataFrame, places: gpd.GeoDataFrame, framework: Framework, *, date: dt.date
) -> pd.DataFrame:
    """Age in months of the oldest return for each place and element; NaN unknown, inf none.

    Returns:
        Months, place_id × element_id.

    """
    months = np.full((len(places), len(framework.elements)), -np.inf)
    unknown = np.zeros(months.shape, dtype=bool)
    for row, here in _each_return(returns, places, framework):
        if row.received == "no":
            continue
        day = row.received_on
        if day is None:
            unknown[here] = True
            continue
        months[here] = np.maximum(months[here], (date - day).days / DAYS_A_MONTH)
    months[np.isneginf(months)] = np.inf
    months[unknown] = np.nan
    return pd.DataFrame(months, index=list(places["place_id"]), columns=list(framework.elements))


#: What a row of the table of completeness can speak of.
COMPLETENESS = ("by", "id", "asked", "complete", "partly", "missing", "share_complete")


def measure_completeness(
    returns: pd.DataFrame, places: gpd.GeoDataFrame, framework: Framework
) -> pd.DataFrame:
    """Measure how much of what was asked came back complete.

    Counted are pairs of a place and an element. By organisation, those that it was asked for; by
    element and by place all of them, where each source that speaks for a pair has to be complete,
    and a pair that nobody was asked for is missing.

    Returns:
        ``COMPLETENESS``: ``by`` is all, organisation, element or place; ``asked`` pairs, of which
        ``complete``, ``partly`` and ``missing``; ``share_complete`` from 0 to 1.

    """
    state = returns_state(returns, places, framework)
    rows = [("all", "", *_count_states(state.to_numpy().ravel()))]
    for organisation in returns["organisation_id"].drop_duplicates():
        own = returns[returns["organisation_id"] == organisation]
        worst = _own_state(own, places, framework)
        rows.append(("organisation", organisation, *_count_states(worst[worst >= 0])))
    rows += [("element", code, *_count_states(state[code].to_numpy())) for code in state.columns]
    by_place = zip(state.index, state.to_numpy(), strict=True)
    rows += [("place", code, *_count_states(states)) for code, states in by_place]
    return pd.DataFrame(rows, columns=list(COMPLETENESS))


def _own_state(returns: pd.DataFrame, places: gpd.GeoDataFrame, framework: Framework) -> np.ndarray:
    """Return the worst of these returns by place and element; -1 where none speaks."""
    received = {"yes": COMPLETE, "partly": PARTLY, "no": MISSING}
    worst = np.full((len(places), len(framework.elements)), -1, dtype=np.int64)
    for row, here in _each_return(returns, places, framework):
        # A word that is none of these has been told as a problem; it says of nothing that it came.
        worst[here] = np.maximum(worst[here], received.get(row.received, MISSING))
    return worst


def _count_states(states: np.ndarray) -> tuple[int, int, int, int, float]:
    complete, partly, missing = (int((states == s).sum()) for s in (COMPLETE, PARTLY, MISSING))
    asked = int(states.size)
    return asked, complete, partly, missing, complete / asked if asked else 0.0

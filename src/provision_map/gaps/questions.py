"""Unknowns are questions, not gaps: what to ask, of whom, and for how many children."""

from __future__ import annotations

from collections.abc import Callable

import geopandas as gpd
import numpy as np
import pandas as pd

from provision_map.coverage.returns import spoken_for
from provision_map.coverage.schedule import NEVER
from provision_map.coverage.supply import UNKNOWN, YES
from provision_map.model import Framework
from provision_map.places.people import EVERYONE
from provision_map.tables import UNKNOWN_REASONS


def list_questions(
    coverage: pd.DataFrame,
    services: pd.DataFrame,
    sessions: pd.DataFrame,
    returns: pd.DataFrame,
    organisations: pd.DataFrame,
    *,
    places: gpd.GeoDataFrame,
    framework: Framework,
    quality: pd.Series,
    record: pd.Series,
) -> pd.DataFrame:
    """List, by element and reason, the children that cannot be told and the records to ask about.

    Args:
        coverage: ``tables.COVERAGE``.
        services: located services.
        sessions: ``tables.SESSIONS``.
        returns: ``tables.RETURNS``.
        organisations: ``tables.ORGANISATIONS``.
        places: ``tables.PLACES``.
        framework: Offers and communities.
        quality: decided quality by service.
        record: freshness by service.

    Returns:
        offer_id, element_id, reason, children, ask: most children first.

    """
    everyone = coverage[coverage["community_id"] == EVERYONE]
    names = [f"unknown_{r}" for r in UNKNOWN_REASONS]
    children = everyone[names].mul(everyone["children"], axis=0)
    sums = children.groupby(everyone["element_id"], observed=True).sum().to_dict("index")
    spoken = spoken_for(returns, places, framework)
    whose = dict(zip(organisations["organisation_id"], organisations["name"], strict=True))
    rows = []
    for element_id in framework.elements:
        if element_id not in sums:
            continue
        gives = np.array([element_id in codes for codes in services["elements"]], dtype=bool)
        for reason in UNKNOWN_REASONS:
            count = float(sums[element_id][f"unknown_{reason}"])
            if count <= 0:
                continue
            if reason == "inventory":
                ask = _silent(spoken, element_id, whose)
            else:
                is_open = _OPEN[reason](services, sessions, quality, record)
                ask = tuple(services.loc[gives & is_open, "name"])
            rows.append((framework.offer_of[element_id].id, element_id, reason, count, ask))
    out = pd.DataFrame(rows, columns=["offer_id", "element_id", "reason", "children", "ask"])
    return out.sort_values("children", ascending=False, kind="stable", ignore_index=True)


def _silent(spoken: pd.DataFrame, element_id: str, whose: dict[str, str]) -> tuple[str, ...]:
    speaks = np.array([element_id in codes for codes in spoken["elements"]], dtype=bool)
    waiting = spoken[(spoken["received"] != "yes").to_numpy() & speaks]
    ids = waiting["organisation_id"].drop_duplicates()
    return tuple(whose.get(i, i) for i in ids) or ("nobody was asked",)


_Open = Callable[[pd.DataFrame, pd.DataFrame, pd.Series, pd.Series], np.ndarray]


def _no_hours(services: pd.DataFrame, sessions: pd.DataFrame, *_: pd.Series) -> np.ndarray:
    """Find services of which something is open that decides when, or which kind of space."""
    in_week = sessions["period"] != "holidays"
    timed = sessions["start"].notna() & sessions["end"].notna() & (sessions["weekday"] != "")
    named = np.array([len(h) > 0 for h in sessions["holidays"]], dtype=bool)
    # A session that is known to take place on no day leaves nothing open.
    complete = (timed & in_week) | (~in_week & named) | (sessions["period"] == NEVER)
    unfinished = set(sessions.loc[~complete, "service_id"])
    without = ~services["service_id"].isin(set(sessions["service_id"]))
    untyped = np.array([not types for types in services["space_types"]], dtype=bool)
    return np.asarray((without & untyped) | services["service_id"].isin(unfinished), dtype=bool)


_OPEN: dict[str, _Open] = {
    "record": lambda s, _, __, record: (s["service_id"].map(record) != YES).to_numpy(),
    "location": lambda s, *_: (s["location_accuracy"] > 0).to_numpy(),
    "hours": _no_hours,
    "ages": lambda s, *_: s[["minimum_age", "maximum_age"]].isna().any(axis=1).to_numpy(),
    "groups": lambda s, *_: np.array([not o for o in s["open_to"]]),
    "capacity": lambda s, *_: s["capacity"].isna().to_numpy(),
    "quality": lambda s, _, quality, __: (
        s["service_id"].map(quality).fillna(UNKNOWN) == UNKNOWN
    ).to_numpy(),
}

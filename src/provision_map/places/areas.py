"""Codes that stand for several places."""

from __future__ import annotations

from collections.abc import Iterable

import geopandas as gpd
import pandas as pd


def places_of(codes: Iterable[str], places: gpd.GeoDataFrame) -> list[str]:
    """Turn place codes, neighbourhood codes and ``all`` into place codes, in table order."""
    wanted = set(codes)
    if "all" in wanted:
        return list(places["place_id"])
    hit = places["place_id"].isin(wanted) | places["neighbourhood_id"].isin(wanted)
    return list(places.loc[hit, "place_id"])


def neighbourhood_of(places: gpd.GeoDataFrame) -> pd.DataFrame:
    """Return neighbourhood code and name by place; a place in none stands for itself.

    Returns:
        Index place_id; columns key, label.

    """
    own = places["neighbourhood_id"] == ""
    return pd.DataFrame(
        {
            "key": places["neighbourhood_id"].where(~own, places["place_id"]).to_numpy(),
            "label": places["neighbourhood"].where(~own, places["name"]).to_numpy(),
        },
        index=pd.Index(places["place_id"], name="place_id"),
        dtype=object,
    )

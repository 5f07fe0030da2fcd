"""Codes that stand for several places."""

from __future__ import annotations

from collections.abc import Iterable

import geopandas as gpd


def places_of(codes: Iterable[str], places: gpd.GeoDataFrame) -> list[str]:
    """Turn place codes, neighbourhood codes and ``all`` into place codes, in table order."""
    wanted = set(codes)
    if "all" in wanted:
        return list(places["place_id"])
    hit = places["place_id"].isin(wanted) | places["neighbourhood_id"].isin(wanted)
    return list(places.loc[hit, "place_id"])

"""Codes that stand for several places."""

from __future__ import annotations

from collections.abc import Collection, Iterable

import geopandas as gpd
import pandas as pd


def places_of(codes: Iterable[str], places: gpd.GeoDataFrame) -> list[str]:
    """Turn place codes, neighbourhood codes and ``all`` into place codes, in table order."""
    wanted = set(codes)
    if "all" in wanted:
        return list(places["place_id"])
    hit = places["place_id"].isin(wanted) | lie_in(wanted, places)
    return list(places.loc[hit, "place_id"])


def lie_in(codes: Collection[str], places: gpd.GeoDataFrame) -> pd.Series[bool]:
    """Say of each place whether it belongs to one of these neighbourhoods.

    Neighbourhoods may overlap: what names a place is only one of those that it belongs to.
    """
    wanted = set(codes) - {""}
    named: pd.Series[bool] = places["neighbourhood_id"].isin(wanted)
    if "neighbourhood_ids" not in places:
        return named
    belongs = [not wanted.isdisjoint(codes) for codes in places["neighbourhood_ids"]]
    listed: pd.Series[bool] = pd.Series(belongs, index=places.index, dtype=bool)
    return named | listed


def memberships_of(places: gpd.GeoDataFrame) -> pd.DataFrame:
    """Return a row for each neighbourhood that a place belongs to; one in none stands for itself.

    Returns:
        place_id, key, label; for each place the neighbourhood that names it first.

    """
    named = neighbourhood_of(places)
    rows = []
    several = (
        places.get(name, [()] * len(places)) for name in ("neighbourhood_ids", "neighbourhoods")
    )
    for place, key, label, codes, names in zip(
        named.index, named["key"], named["label"], *several, strict=True
    ):
        rows.append((place, key, label))
        others = zip(codes, names, strict=True)
        rows += [(place, code, name) for code, name in others if code != key]
    return pd.DataFrame(rows, columns=["place_id", "key", "label"], dtype=object)


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

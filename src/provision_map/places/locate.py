"""Which place a service stands in, and where it is when only its place is known."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely


def locate_services(services: pd.DataFrame, places: gpd.GeoDataFrame) -> pd.DataFrame:
    """Fill in the place of each service, and a position where only the place is given.

    A given code wins over a polygon: boundaries of different generalisation disagree near their
    edges. ``place_basis`` says "given", "polygon" (approximate), "outside" (a neighbour's service)
    or "area" (no site: it comes to places). A service known only by its place stands at that
    place's centroid, and its ``location_accuracy`` is the furthest corner of the place.

    Args:
        services: ``tables.SERVICES``; rows whose codes were checked by the reading room.
        places: ``tables.PLACES``.

    Returns:
        A copy with ``place_id``, ``easting``, ``northing``, ``location_accuracy`` and
        ``place_basis`` filled.

    """
    out = services.copy()
    given = (out["place_id"] != "").to_numpy(dtype=bool)
    sited = out[["easting", "northing"]].notna().all(axis=1).to_numpy(dtype=bool)
    basis = np.where(given, "given", np.where(sited, "outside", "area")).astype(object)
    by_code = places.set_index("place_id")

    for index in out.index[given & ~sited]:
        place = by_code.loc[out.loc[index, "place_id"]]
        out.loc[index, ["easting", "northing"]] = (place["easting"], place["northing"])
        if np.isnan(out.loc[index, "location_accuracy"]):
            out.loc[index, "location_accuracy"] = _furthest_corner(place)

    inside = np.flatnonzero(sited & ~given)
    points = shapely.points(out["easting"].to_numpy()[inside], out["northing"].to_numpy()[inside])
    found, polygon = places.sindex.query(points, predicate="intersects")
    # A point on a shared border is in several places: the first in code order, always the same.
    codes = places["place_id"].to_numpy()[polygon]
    order = np.lexsort((codes, found))
    first = np.unique(found[order], return_index=True)[1]
    rows = inside[found[order][first]]
    basis[rows] = "polygon"
    out.loc[out.index[rows], "place_id"] = codes[order][first]
    out["place_basis"] = basis
    out["location_accuracy"] = out["location_accuracy"].fillna(0.0)
    return out


def _furthest_corner(place: pd.Series) -> float:
    corners = shapely.get_coordinates(place["geometry"])
    centre = np.array([place["easting"], place["northing"]], dtype=float)
    return float(np.hypot(*(corners - centre).T).max())

"""Which places touch."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely


def touching_places(
    places: gpd.GeoDataFrame,
    *,
    border_metres: float = 100.0,
    island_metres: float = 1600.0,
    barriers: gpd.GeoSeries | None = None,
) -> pd.DataFrame:
    """List the pairs of places that a gap may run across.

    Two places touch when their shared border is longer than ``border_metres`` once the parts that
    lie within 20 m of a barrier line (river, railway) are taken off. A place that touches none
    joins the nearest place within ``island_metres``, or stands alone. Places of different
    authorities never touch.

    Returns:
        from_id, to_id: each pair once, from_id < to_id.

    """
    shapes = places.geometry.to_numpy()
    codes = places["place_id"].to_numpy()
    authority = places["authority"].fillna("").to_numpy()
    left, right = places.sindex.query(shapes, predicate="intersects")
    once = (left < right) & (authority[left] == authority[right])
    left, right = left[once], right[once]
    shared = shapely.intersection(shapely.boundary(shapes[left]), shapely.boundary(shapes[right]))
    long_border = shapely.length(shared) > border_metres
    if barriers is not None and len(barriers):
        shared = shapely.difference(shared, barriers.buffer(20).union_all())
    enough = shapely.length(shared) > border_metres
    pairs = list(zip(left[enough], right[enough], strict=True))
    # What a barrier cut off is no island's nearest place either.
    parted = long_border & ~enough
    cut = {frozenset(pair) for pair in zip(left[parted], right[parted], strict=True)}

    joined = {i for pair in pairs for i in pair}
    for island in sorted(set(range(len(places))) - joined):
        same = np.flatnonzero((authority == authority[island]) & (np.arange(len(places)) != island))
        others = np.array([i for i in same if frozenset((island, i)) not in cut], dtype=np.int64)
        if not len(others):
            continue
        gaps = shapely.distance(shapes[island], shapes[others])
        if gaps.min() <= island_metres:
            nearest = int(others[gaps.argmin()])
            pairs.append((min(island, nearest), max(island, nearest)))
    named = sorted({tuple(sorted((str(codes[a]), str(codes[b])))) for a, b in pairs})
    return pd.DataFrame(named, columns=["from_id", "to_id"], dtype=object)

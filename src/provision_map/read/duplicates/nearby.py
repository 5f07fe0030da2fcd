"""Whether a position is near our places: what a register says of the rest of the country is not ours."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import shapely

from provision_map.read.places.area import Area


def are_near(
    x: npt.NDArray[np.float64], y: npt.NDArray[np.float64], area: Area, *, metres: float
) -> npt.NDArray[np.bool_]:
    """Say of each position in the exercise's system whether it is within so far of a place of ours.

    One that is no number is near none. Where there are no places all are near: that is told.
    """
    finite = np.isfinite(x) & np.isfinite(y)
    if area.places.empty:
        return finite
    near = np.zeros(len(x), dtype=bool)
    rows = np.flatnonzero(finite)
    tree = shapely.STRtree(area.places.geometry.to_numpy())
    points = shapely.points(x[rows], y[rows])
    found, _ = tree.query(points, predicate="dwithin", distance=metres)
    near[rows[found]] = True
    return near

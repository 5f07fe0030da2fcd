"""Coordinate systems: the one of the exercise, and whether numbers can be in the one they claim."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt
import pyproj

from provision_map.read.findings import Findings
from provision_map.read.settings import SETTINGS_FILE

#: A system's stated area of use is rounded; this much beyond it, in degrees, is no fault.
_MARGIN = 0.25

WGS84 = pyproj.CRS.from_epsg(4326)


def find_target(name: str, findings: Findings) -> pyproj.CRS | None:
    """Return the system of the exercise; a Problem and None unless it is projected, in metres."""
    column = "exercise.crs"
    mend = 'Use a projected system in metres: "EPSG:27700" for Britain.'
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            crs = pyproj.CRS.from_user_input(name)
    except pyproj.exceptions.CRSError:
        findings.problem(
            SETTINGS_FILE, f"{name!r} is no coordinate system known here.", mend, column=column
        )
        return None
    units = {axis.unit_name for axis in crs.axis_info}
    if not crs.is_projected or units != {"metre"}:
        what = f"{name} ({crs.name}) is not a projected system in metres."
        findings.problem(SETTINGS_FILE, what, mend, column=column)
        return None
    return crs


@dataclass(frozen=True)
class Box:
    """A rectangle: west, south, east, north."""

    west: float
    south: float
    east: float
    north: float

    def holds(self, x: float, y: float) -> bool:
        """Whether a point lies inside or on the edge; a number that is none lies nowhere.

        >>> Box(0, 0, 2, 1).holds(2, 1), Box(0, 0, 2, 1).holds(1, float("nan"))
        (True, False)

        """
        return bool(self.west <= x <= self.east and self.south <= y <= self.north)

    def widened(self, by: float) -> Box:
        """Return the box with this much more on each side."""
        return Box(self.west - by, self.south - by, self.east + by, self.north + by)


WORLD = Box(-180, -90, 180, 90)


def area_of_use(crs: pyproj.CRS) -> Box | None:
    """Return where a system may be used, in degrees of WGS 84, with a small margin."""
    area = crs.area_of_use
    if area is None or area.west > area.east:
        # Not stated, or across the date line: nothing can be said.
        return None
    return Box(area.west, area.south, area.east, area.north).widened(_MARGIN)


@cache
def _mover(source: pyproj.CRS, target: pyproj.CRS) -> pyproj.Transformer:
    """Return the transformer between two systems; making one takes longer than using it."""
    return pyproj.Transformer.from_crs(source, target, always_xy=True)


def project(
    x: npt.ArrayLike, y: npt.ArrayLike, *, source: pyproj.CRS, target: pyproj.CRS
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Move points between systems, always x (east) first; what cannot be moved is infinite."""
    mover = _mover(source, target)
    east, north = mover.transform(np.asarray(x, dtype=float), np.asarray(y, dtype=float))
    return np.asarray(east, dtype=float), np.asarray(north, dtype=float)

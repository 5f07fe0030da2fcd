"""Outlines as shared arcs: each border once, so that neighbours can never come apart.

Positions are whole numbers of 1e-5 degrees (about a metre), each after the first of an arc as the
difference from the one before. The city's outline and the neighbourhoods' are arcs already there.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import shapely

#: Positions are kept to this part of a degree.
UNITS_A_DEGREE = 100_000
#: Above this many corners, outlines are simplified together.
_MOST_CORNERS = 6_000
#: Simplified to this part of the longer side of the map: less than a pixel when all is in view.
_FINEST = 1 / 2_000

Point = tuple[int, int]
Ring = list[Point]


@dataclass(frozen=True)
class Topology:
    """Arcs, and what is made of them. ``~n`` stands for arc ``n`` walked backwards.

    Attributes:
        arcs: ``[x, y, dx, dy, …]`` in 1e-5 degrees, x east and y north.
        shapes: for each place its polygons, each a list of rings, each a list of arcs.
        outline: arcs on the outer border of all places together.
        borders: arcs between two different neighbourhoods.

    """

    arcs: list[list[int]]
    shapes: list[list[list[list[int]]]]
    outline: list[int]
    borders: list[int]


def build_topology(places: gpd.GeoDataFrame, groups: Sequence[str]) -> Topology:
    """Build the arcs of ``places``; ``groups`` names the neighbourhood of each."""
    outlines = _simplify(places)
    degrees = gpd.GeoSeries(outlines, crs=places.crs).to_crs("EPSG:4326")
    polygons = [_rings(geometry) for geometry in degrees]
    builder = _ArcBuilder(ring for shape in polygons for rings in shape for ring in rings)
    shapes = [
        [[builder.walk(ring, owner) for ring in rings] for rings in shape]
        for owner, shape in enumerate(polygons)
    ]
    if shapely.coverage_is_valid(outlines):
        outline = [arc for arc, owners in builder.owners.items() if len(owners) == 1]
        borders = [
            arc for arc, owners in builder.owners.items() if len({groups[o] for o in owners}) > 1
        ]
    else:
        # Borders that do not meet point by point leave slivers; these are dissolved on a 1 m grid.
        outline = builder.add_lines(_dissolve(outlines, places.crs))
        borders = []
        for group in dict.fromkeys(groups):
            members = outlines[[g == group for g in groups]]
            borders += builder.add_lines(_dissolve(members, places.crs))
    return Topology(builder.arcs, shapes, outline, borders)


def read_arc(arc: Sequence[int]) -> list[tuple[float, float]]:
    """Return the longitude and latitude of each point of an arc.

    >>> read_arc([100000, 200000, 50000, -50000])
    [(1.0, 2.0), (1.5, 1.5)]
    """
    points = np.asarray(arc).reshape(-1, 2).cumsum(axis=0) / UNITS_A_DEGREE
    return [(float(x), float(y)) for x, y in points]


def _simplify(places: gpd.GeoDataFrame) -> np.ndarray[Any, Any]:
    outlines = places.geometry.to_numpy()
    if shapely.get_num_coordinates(outlines).sum() <= _MOST_CORNERS:
        return np.asarray(outlines)
    west, south, east, north = places.total_bounds
    tolerance = max(east - west, north - south) * _FINEST
    # Together, never one by one: that tears borders apart.
    return np.asarray(shapely.coverage_simplify(outlines, tolerance))


def _dissolve(outlines: np.ndarray[Any, Any], crs: object) -> list[Ring]:
    merged = shapely.union_all(outlines, grid_size=1.0)
    degrees = gpd.GeoSeries([merged], crs=crs).to_crs("EPSG:4326").iloc[0]
    return [ring for rings in _rings(degrees) for ring in rings]


def _rings(geometry: shapely.Geometry) -> list[list[Ring]]:
    """Take a geometry apart into polygons of rings of whole numbers, first point not repeated."""
    polygons = []
    for polygon in shapely.get_parts(geometry):
        if polygon.geom_type != "Polygon":
            continue
        rings = [_whole(ring) for ring in (polygon.exterior, *polygon.interiors)]
        if len(rings[0]) >= 3:  # noqa: PLR2004 - the fewest corners of an area
            polygons.append([ring for ring in rings if len(ring) >= 3])  # noqa: PLR2004
    return polygons


def _whole(ring: shapely.LinearRing) -> Ring:
    units = np.rint(shapely.get_coordinates(ring) * UNITS_A_DEGREE).astype(int)
    points: Ring = []
    for x, y in units.tolist():
        if not points or points[-1] != (x, y):
            points.append((x, y))
    if len(points) > 1 and points[0] == points[-1]:
        points.pop()
    return points


class _ArcBuilder:
    """Cuts rings where borders part, and keeps each piece once."""

    def __init__(self, rings: Iterable[Ring]) -> None:
        beside: defaultdict[Point, set[Point]] = defaultdict(set)
        for ring in rings:
            for here, after in zip(ring, ring[1:] + ring[:1], strict=True):
                beside[here].add(after)
                beside[after].add(here)
        self._nodes = {point for point, others in beside.items() if len(others) != 2}  # noqa: PLR2004
        self._known: dict[tuple[Point, ...], int] = {}
        self.arcs: list[list[int]] = []
        self.owners: defaultdict[int, set[int]] = defaultdict(set)

    def walk(self, ring: Ring, owner: int) -> list[int]:
        """Return the arcs of a ring, noting whose they are."""
        found = []
        for points in self._cut(ring):
            arc = self._keep(points)
            self.owners[arc if arc >= 0 else ~arc].add(owner)
            found.append(arc)
        return found

    def add_lines(self, rings: list[Ring]) -> list[int]:
        """Add rings that belong to no place, each as one arc."""
        return [self._keep((*ring, ring[0])) for ring in rings]

    def _cut(self, ring: Ring) -> list[tuple[Point, ...]]:
        start = next((n for n, point in enumerate(ring) if point in self._nodes), None)
        if start is None:
            # An island, or a hole filled by one: both begin at the same corner.
            start = ring.index(min(ring))
        turned = [*ring[start:], *ring[:start], ring[start]]
        pieces: list[tuple[Point, ...]] = []
        piece = [turned[0]]
        for point in turned[1:]:
            piece.append(point)
            if point in self._nodes:
                pieces.append(tuple(piece))
                piece = [point]
        if len(piece) > 1:
            pieces.append(tuple(piece))
        return pieces

    def _keep(self, points: tuple[Point, ...]) -> int:
        if points in self._known:
            return self._known[points]
        number = len(self.arcs)
        self._known[points] = number
        # A closed arc may be its own mirror only in a degenerate ring; forward then wins.
        self._known.setdefault(points[::-1], ~number)
        steps = np.diff(np.asarray(points), axis=0, prepend=np.zeros((1, 2), dtype=int))
        self.arcs.append(steps.ravel().tolist())
        return number

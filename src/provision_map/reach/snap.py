"""Where homes and sites meet the streets: points along links, never only junctions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import shapely
from numpy.typing import NDArray

from provision_map.reach.network import StreetNetwork

#: A site can be entered from every point of a street that comes this near to its boundary.
ENTRANCE_METRES = 25.0
#: Streets whose distances differ by less are equally near.
ALIKE_METRES = 1e-6
#: A foot this near to the end of a link is the junction: rounding must not leave it in a one-way
#: street a hair before it.
_AT_END = 1e-7
#: Corners of a quarter circle, where the band around a site turns: right to 3 cm.
_ROUND = 16

_Floats: TypeAlias = NDArray[np.float64]
_Ints: TypeAlias = NDArray[np.int64]
_Shapes: TypeAlias = NDArray[np.object_]


@dataclass(frozen=True, eq=False)
class Feet:
    """Points of streets from which something that stands beside them is reached.

    Attributes:
        of: position of what is reached: a home, a site.
        link: position of the street in ``network.links``.
        along: metres from the start of the link.
        off: metres from there, off the street, in a straight line.

    """

    of: _Ints
    link: _Ints
    along: _Floats
    off: _Floats

    def __len__(self) -> int:
        """How many there are."""
        return len(self.of)


def attach_points(network: StreetNetwork, spots: _Floats, within: float) -> Feet:
    """Find the foot of each point on the street nearest to it.

    Where several streets are equally near (the same line drawn twice, a point amid a block), it has
    a foot on each of them.

    Args:
        network: only its usable links are attached to.
        spots: n × 2, metres.
        within: a point further from any street has no foot.

    """
    links, lines = _usable_lines(network)
    points = shapely.points(spots)
    of, nearest = _nearest(lines, points, within)
    return _feet_of(of, links[nearest], lines[nearest], points[of])


def attach_sites(network: StreetNetwork, shapes: _Shapes, within: float) -> Feet:
    """Find where sites that are areas, lines or several entrances are entered from streets.

    A site is entered from every point of a street within 25 m of its boundary (or inside it), with a
    straight line from there. Of these the feet are: where a street comes into this band around the
    site or ends in it, and its point nearest to the site; a way that starts in the band leads over
    from there at once (:func:`feet_within`). On foot nothing in between is ever quicker, since to stay on
    the street shortens the straight line by at most as much as is walked. A street cut in two
    gives the same.

    Each part of a site (of several polygons, of several gates) that no street comes so near to is
    entered from the nearest.

    Args:
        network: only its usable links are attached to.
        shapes: geometries of any kind, valid and not empty.
        within: a part further from any street has no foot.

    """
    links, lines = _usable_lines(network)
    parts, of = _simple_parts(shapes)
    bands = _bands(parts)
    near, street = _touching(lines, bands)
    ends, which = _band_ends(lines[street], bands[near])
    near_end, street_end = near[which], street[which]
    closest = shapely.get_point(shapely.shortest_line(lines[street], parts[near]), 0)
    alone = np.setdiff1d(np.arange(len(parts)), near)
    lonely, far_street = _nearest(lines, parts[alone], within)
    lonely = alone[lonely]
    touch = shapely.get_point(shapely.shortest_line(lines[far_street], parts[lonely]), 0)

    part = np.concatenate([near_end, near, lonely])
    link = np.concatenate([street_end, street, far_street])
    spot = np.concatenate([ends, closest, touch])
    along = shapely.line_locate_point(lines[link], spot)
    # The foot is on the street, and what is off it is measured from there.
    off = shapely.distance(shapely.line_interpolate_point(lines[link], along), parts[part])
    order = np.lexsort((off, along, links[link], of[part]))
    feet = Feet(of[part][order], links[link][order], along[order], off[order])
    first = np.ones(len(feet), dtype=bool)
    first[1:] = (np.diff(feet.of) != 0) | (np.diff(feet.link) != 0) | (np.diff(feet.along) != 0)
    return Feet(feet.of[first], feet.link[first], feet.along[first], feet.off[first])


def feet_within(shapes: _Shapes, spots: _Floats) -> tuple[_Ints, _Ints, _Floats]:
    """Find which points of streets lie in the band around which sites.

    Returns:
        Position of the site, position of the point, metres between them (0 inside).

    """
    parts, of = _simple_parts(shapes)
    points = shapely.points(spots)
    part, point = shapely.STRtree(points).query(_bands(parts), predicate="intersects")
    return of[part], point, shapely.distance(points[point], parts[part])


def _usable_lines(network: StreetNetwork) -> tuple[_Ints, _Shapes]:
    links = np.flatnonzero(network.usable)
    return links, network.links.geometry.to_numpy()[links]


def _nearest(lines: _Shapes, shapes: _Shapes, within: float) -> tuple[_Ints, _Ints]:
    """Pair each shape that has a line within reach with its nearest line, or lines."""
    if not len(shapes):
        return np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64)
    tree = shapely.STRtree(lines)
    of, line = tree.query_nearest(shapes, all_matches=False)
    gap = shapely.distance(shapes[of], lines[line])
    of, gap = of[gap <= within], gap[gap <= within]
    found, line = tree.query(shapes[of], predicate="dwithin", distance=gap + ALIKE_METRES)
    return of[found], line


def _feet_of(of: _Ints, link: _Ints, lines: _Shapes, points: _Shapes) -> Feet:
    along = shapely.line_locate_point(lines, points)
    off = shapely.distance(shapely.line_interpolate_point(lines, along), points)
    return Feet(of, link, along, off)


def _simple_parts(shapes: _Shapes) -> tuple[_Shapes, _Ints]:
    """Take collections apart, also those inside others."""
    parts, of = shapely.get_parts(shapes, return_index=True)
    parts, inner = shapely.get_parts(parts, return_index=True)
    return parts, of[inner]


def _bands(parts: _Shapes) -> _Shapes:
    bands: _Shapes = shapely.buffer(parts, ENTRANCE_METRES, quad_segs=_ROUND)
    return bands


def _touching(lines: _Shapes, bands: _Shapes) -> tuple[_Ints, _Ints]:
    if not len(bands):
        return np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64)
    band, line = shapely.STRtree(lines).query(bands, predicate="intersects")
    return band, line


def _band_ends(lines: _Shapes, bands: _Shapes) -> tuple[_Shapes, _Ints]:
    """Return the ends of the stretches of each line that lie in its band, and whose they are."""
    stretches, of = _simple_parts(shapely.intersection(lines, bands))
    is_line = shapely.get_type_id(stretches) == 1
    runs, of_run = stretches[is_line], of[is_line]
    ends = np.concatenate([shapely.get_point(runs, 0), shapely.get_point(runs, -1)])
    # A line that only touches the band does so in a point.
    return (
        np.concatenate([ends, stretches[~is_line]]),
        np.concatenate([of_run, of_run, of[~is_line]]),
    )


# ---------------------------------------------------------------- the network, split at the feet


@dataclass(frozen=True, eq=False)
class SplitStreets:
    """Arcs of the network with its links split at feet.

    Attributes:
        tail: node where each arc begins.
        head: node where each arc ends.
        cost: of each arc.
        spots: position of each node, n × 2: the junctions, then the feet between them.
        node: the node of each foot that was given.

    """

    tail: _Ints
    head: _Ints
    cost: _Floats
    spots: _Floats
    node: _Ints


def split_links(
    network: StreetNetwork, link: _Ints, along: _Floats, *, forward: _Floats, backward: _Floats
) -> SplitStreets:
    """Split links at feet, several on one link in their order along it.

    Args:
        network: the network.
        link: the link of each foot.
        along: metres from its start; at the ends of the link the foot is the junction itself.
        forward: cost of a metre along each link of the network; inf: not allowed.
        backward: the same against it.

    """
    metres = network.links["metres"].to_numpy()
    start = network.links["from_node"].to_numpy()
    end = network.links["to_node"].to_numpy()
    at_start, at_end = along <= _AT_END, along >= metres[link] - _AT_END
    inner = np.flatnonzero(~at_start & ~at_end)
    node = np.where(at_start, start[link], end[link])
    order = inner[np.lexsort((along[inner], link[inner]))]
    new = np.ones(len(order), dtype=bool)
    new[1:] = (np.diff(link[order]) != 0) | (np.diff(along[order]) != 0)
    count = len(network.nodes)
    node[order] = count + np.cumsum(new) - 1
    stops = order[new]

    on = np.concatenate([np.arange(len(metres)), link[stops], np.arange(len(metres))])
    mark = np.concatenate([np.zeros(len(metres)), along[stops], metres])
    stop = np.concatenate([start, node[stops], end])
    sequence = np.lexsort((mark, on))
    on, mark, stop = on[sequence], mark[sequence], stop[sequence]
    same = np.flatnonzero(np.diff(on) == 0)
    street, length = on[same], mark[same + 1] - mark[same]
    tail, head = stop[same], stop[same + 1]
    along_cost, against_cost = _cost(length, forward[street]), _cost(length, backward[street])
    cost = np.concatenate([along_cost, against_cost])
    allowed = np.isfinite(cost)
    lines = network.links.geometry.to_numpy()
    feet = shapely.line_interpolate_point(lines[link[stops]], along[stops])
    return SplitStreets(
        np.concatenate([tail, head])[allowed],
        np.concatenate([head, tail])[allowed],
        cost[allowed],
        np.concatenate([network.nodes, shapely.get_coordinates(feet)]),
        node,
    )


def _cost(length: _Floats, rate: _Floats) -> _Floats:
    """Length × rate; what is not allowed stays so at no length."""
    return np.where(np.isfinite(rate), length * np.where(np.isfinite(rate), rate, 0.0), np.inf)

"""From road links to a street network: what meets, what is a piece apart, how long each link takes."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Any, TypeAlias

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree
from shapely.ops import substring

from provision_map.errors import DataError, Problem, UsageError, warn
from provision_map.schema.wording import count_of, list_some

#: What people on foot do not obey: one-way signs.
ON_FOOT = "walk"
ONEWAY = ("both", "forward", "backward")
#: A piece with less than this share of all street length is an artefact: nothing stands on it.
SMALLEST_SHARE = 0.01
#: What goes round is the core of a component where it holds at least this share of its length.
_MOST = 0.5

_WHERE = "road links"

_Floats: TypeAlias = NDArray[np.float64]
_Ints: TypeAlias = NDArray[np.int64]
_Lines: TypeAlias = NDArray[np.object_]


@dataclass(frozen=True, eq=False)
class StreetNetwork:
    """Streets as links between junctions, in one projected system in metres.

    Attributes:
        nodes: position of each junction, n × 2, metres.
        links: from_node, to_node, metres, forward and backward (minutes along and against the line;
            inf: not allowed), component, geometry (runs from from_node to to_node, exactly).
        components: component (0 is the longest), nodes, links, kilometres, share (of the length of
            all streets), usable. A component is what hangs together, whichever way its streets
            lead.
        node_component: the component of each node.
        core: the nodes from each of which every other of them can be reached, one-way streets
            obeyed, in each component most of whose length lies between them; else none of it.
        mode: walk, cycle or drive.
        metres_per_minute: speed where a link gave none.
        one_speed: whether all links have that speed, so that minutes and metres say the same.
        crs: the system of all coordinates.

    """

    nodes: _Floats
    links: gpd.GeoDataFrame
    components: pd.DataFrame
    node_component: _Ints
    core: NDArray[np.bool_]
    mode: str
    metres_per_minute: float
    one_speed: bool
    crs: Any

    @property
    def usable(self) -> NDArray[np.bool_]:
        """Say of each link whether homes and services may be attached to it."""
        component = self.links["component"].to_numpy()
        large = self.components["usable"].to_numpy(dtype=bool)
        usable: NDArray[np.bool_] = large[component]
        return usable


def build_network(
    links: gpd.GeoDataFrame,
    *,
    mode: str = "walk",
    metres_per_minute: float = 80.0,
    join_metres: float = 1.0,
) -> StreetNetwork:
    """Build the network of a mode from lines.

    Two streets meet where an end of one lies within ``join_metres`` of an end of the other (ends
    that hang together in a chain are one junction), or of its middle, which is split there: a
    street that stops at another opens into it. Streets that cross each other in their middles do
    not meet, for one of them may be a bridge. Ends are moved onto their junction, so that lengths
    are those of an unbroken line. The order of the rows does not matter.

    Left out, with a warning that counts them: links without geometry, and those of no length (or
    that the joining leaves none). Pieces that hold under 1 % of the length of all streets are not
    used as places to start from or to end at (the longest always is); a warning says how much that
    is.

    Args:
        links: LineStrings or MultiLineStrings in a projected system in metres. Optional columns:
            ``oneway`` (both, forward or backward along the line; blank: both; not obeyed on foot)
            and ``metres_per_minute`` (speed on the link; blank: the default).
        mode: "walk" goes both ways everywhere; any other obeys ``oneway``.
        metres_per_minute: speed where a link gives none.
        join_metres: see above.

    Raises:
        UsageError: a speed or tolerance that is none.
        DataError: degrees instead of metres, no coordinate system, geometries that are no lines,
            coordinates that are not finite, speeds that are 0 or less, unknown words in ``oneway``,
            no link left. All problems at once.

    >>> from shapely.geometry import LineString
    >>> lines = [LineString([(0, 0), (300, 0)]), LineString([(100, 0.4), (100, 500)])]
    >>> network = build_network(gpd.GeoDataFrame(geometry=lines, crs="EPSG:27700"))
    >>> len(network.nodes), [round(m) for m in network.links["metres"]]
    (4, [100, 500, 200])

    """
    if not 0 < metres_per_minute < np.inf:
        raise UsageError(f"metres_per_minute {metres_per_minute}: give a speed above 0.")
    if not 0 <= join_metres < np.inf:
        raise UsageError(f"join_metres {join_metres}: give a distance of at least 0.")
    _check_links(links)
    lines, row = _single_lines(links)
    speed = _speeds(links, metres_per_minute)[row]
    oneway = _directions(links, obeyed=mode != ON_FOOT)[row]

    nodes, start, end = _join_ends(lines, join_metres)
    lines, start, end, piece = _split_at_ends(lines, start, end, nodes, join_metres)
    lines = _move_ends(lines, nodes[start], nodes[end])
    metres = shapely.length(lines)
    gone = np.unique(piece[metres == 0])
    gone = np.setdiff1d(gone, piece[metres > 0])
    _say_what_is_left_out(links, lines=int(np.count_nonzero(_unplaced(links))), short=len(gone))

    kept = metres > 0
    if not kept.any():
        raise DataError([Problem(_WHERE, what="There is no street of any length.")])
    lines, start, end, metres, piece = (a[kept] for a in (lines, start, end, metres, piece))
    speed, oneway = speed[piece], oneway[piece]
    minutes = metres / speed
    forward = np.where(oneway == "backward", np.inf, minutes)
    backward = np.where(oneway == "forward", np.inf, minutes)

    order = _canonical(lines, start, end, metres=metres, forward=forward, backward=backward)
    lines, start, end, metres, forward, backward, speed = (
        a[order] for a in (lines, start, end, metres, forward, backward, speed)
    )
    nodes, start, end = _drop_unused(nodes, start, end)
    _, pieces = _groups(len(nodes), start, end)
    components, renumbered = _describe_components(pieces, pieces[start], metres)
    node_component = renumbered[pieces]
    _warn_of_pieces(components)
    frame = gpd.GeoDataFrame(
        {
            "from_node": start,
            "to_node": end,
            "metres": metres,
            "forward": forward,
            "backward": backward,
            "component": node_component[start],
        },
        geometry=lines,
        crs=links.crs,
    )
    return StreetNetwork(
        nodes, frame, components, node_component, _find_core(node_component, frame),
        mode, metres_per_minute, bool((speed == metres_per_minute).all()), links.crs,
    )  # fmt: skip


# ---------------------------------------------------------------- what comes in


def check_metres(crs: Any, what: str) -> list[Problem]:  # noqa: ANN401
    """Hold a coordinate system against what distances need: projected, in metres."""
    if crs is None:
        mend = "Say which it is: frame.set_crs(…)."
        return [Problem(what, what="There is no coordinate system.", mend=mend)]
    if crs.is_geographic:
        mend = "Turn them into the projected system of the exercise first: frame.to_crs(27700)."
        return [Problem(what, what=f"Coordinates are in degrees ({crs.name}).", mend=mend)]
    if any(axis.unit_conversion_factor != 1 for axis in crs.axis_info[:2]):
        unit = crs.axis_info[0].unit_name
        mend = "Turn them into a projected system in metres first: frame.to_crs(…)."
        return [Problem(what, what=f"Coordinates are in {unit}, not in metres.", mend=mend)]
    return []


def _check_links(links: gpd.GeoDataFrame) -> None:
    problems = check_metres(links.crs, _WHERE)
    shapes = links.geometry.to_numpy()
    placed = ~_unplaced(links)
    kinds = shapely.get_type_id(shapes)
    strange = placed & ~np.isin(kinds, (1, 2, 5))
    if strange.any():
        names = sorted(set(links.geometry[strange].geom_type))
        rows = _begin(strange, links, "row is no line", "rows are no lines")
        what = f"{rows}: {', '.join(names)}."
        problems.append(Problem(_WHERE, None, "geometry", what, "Give LineStrings."))
    corners, of = shapely.get_coordinates(shapes, return_index=True)
    broken = np.zeros(len(links), dtype=bool)
    broken[of[~np.isfinite(corners).all(axis=1)]] = True
    if broken.any():
        some = _begin(broken, links, "link has", "links have")
        what = f"{some} coordinates that are not finite."
        problems.append(Problem(_WHERE, None, "geometry", what))
    if "metres_per_minute" in links:
        speed = pd.to_numeric(links["metres_per_minute"], errors="coerce").to_numpy(dtype=float)
        unread = np.isnan(speed) & links["metres_per_minute"].notna().to_numpy()
        wrong = (speed <= 0) | np.isinf(speed) | unread
        if wrong.any():
            what = f"{_begin(wrong, links, 'link has', 'links have')} a speed that is not above 0."
            mend = "Give metres a minute, or leave it blank for the default."
            problems.append(Problem(_WHERE, None, "metres_per_minute", what, mend))
    if "oneway" in links:
        said = links["oneway"].fillna("").astype(str).to_numpy()
        wrong = ~np.isin(said, ("", *ONEWAY))
        if wrong.any():
            some = _begin(wrong, links, "link says", "links say")
            what = f"{some} neither both nor forward nor backward."
            mend = "Use one of: both, forward, backward."
            problems.append(Problem(_WHERE, None, "oneway", what, mend))
    if problems:
        raise DataError(problems)


def _unplaced(links: gpd.GeoDataFrame) -> NDArray[np.bool_]:
    shapes = links.geometry.to_numpy()
    missing: NDArray[np.bool_] = shapely.is_missing(shapes) | shapely.is_empty(shapes)
    return missing


def _single_lines(links: gpd.GeoDataFrame) -> tuple[_Lines, _Ints]:
    """Take MultiLineStrings apart and heights off; with the row of each line."""
    flat = shapely.force_2d(links.geometry.to_numpy())
    lines, row = shapely.get_parts(flat, return_index=True)
    filled = ~(shapely.is_missing(lines) | shapely.is_empty(lines))
    return lines[filled], row[filled]


def _speeds(links: gpd.GeoDataFrame, default: float) -> _Floats:
    if "metres_per_minute" not in links:
        return np.full(len(links), default)
    given = pd.to_numeric(links["metres_per_minute"]).to_numpy(dtype=float)
    return np.where(np.isnan(given), default, given)


def _directions(links: gpd.GeoDataFrame, *, obeyed: bool) -> NDArray[np.object_]:
    if not obeyed or "oneway" not in links:
        return np.full(len(links), "both", dtype=object)
    said: NDArray[np.object_] = links["oneway"].fillna("").astype(str).to_numpy(dtype=object)
    return said


# ---------------------------------------------------------------- junctions


def _join_ends(lines: _Lines, join_metres: float) -> tuple[_Floats, _Ints, _Ints]:
    """Make ends that are near each other one junction, at the first of them from the west.

    Returns:
        Positions of the junctions, and the junction that each line starts from and ends at.

    """
    ends = np.concatenate(
        [
            shapely.get_coordinates(shapely.get_point(lines, 0)),
            shapely.get_coordinates(shapely.get_point(lines, -1)),
        ]
    )
    # A complex number sorts by its real part, then by its imaginary one: fast, and always the same.
    spots, which = np.unique(ends[:, 0] + 1j * ends[:, 1], return_inverse=True)
    places = np.column_stack([spots.real, spots.imag])
    near = cKDTree(places).query_pairs(join_metres, output_type="ndarray")
    count, group = _groups(len(places), near[:, 0], near[:, 1])
    first = np.full(count, len(places))
    np.minimum.at(first, group, np.arange(len(places)))
    order = np.argsort(first)
    number = np.empty(count, dtype=np.int64)
    number[order] = np.arange(count)
    node = number[group][which]
    return places[first[order]], node[: len(lines)], node[len(lines) :]


def _split_at_ends(
    lines: _Lines, start: _Ints, end: _Ints, nodes: _Floats, join_metres: float
) -> tuple[_Lines, _Ints, _Ints, _Ints]:
    """Split lines where another ends on their middle; also return which line each was part of."""
    spots = shapely.points(nodes)
    node, line = shapely.STRtree(lines).query(spots, predicate="dwithin", distance=join_metres)
    other = (start[line] != node) & (end[line] != node)
    node, line = node[other], line[other]
    along = shapely.line_locate_point(lines[line], spots[node])
    inside = (along > 0) & (along < shapely.length(lines[line]))
    node, line, along = node[inside], line[inside], along[inside]
    order = np.lexsort((node, along, line))
    whole = np.setdiff1d(np.arange(len(lines)), line)
    pieces, starts, ends, of = [lines[whole]], [start[whole]], [end[whole]], [whole]
    cut, at = np.unique(line[order], return_index=True)
    for which, stops in zip(cut, np.split(order, at)[1:], strict=True):
        passed = [start[which], *node[stops], end[which]]
        marks = [0.0, *along[stops], shapely.length(lines[which])]
        parts = [_part(lines[which], a, b) for a, b in pairwise(marks)]
        pieces.append(np.array(parts, dtype=object))
        starts.append(np.array(passed[:-1]))
        ends.append(np.array(passed[1:]))
        of.append(np.full(len(parts), which))
    return (
        np.concatenate(pieces), np.concatenate(starts), np.concatenate(ends), np.concatenate(of)
    )  # fmt: skip


def _part(line: Any, begin: float, finish: float) -> Any:  # noqa: ANN401
    part = substring(line, begin, finish)
    if part.geom_type == "Point":  # two junctions whose feet on the line are one
        part = shapely.LineString([part, part])
    return part


def _move_ends(lines: _Lines, starts: _Floats, ends: _Floats) -> _Lines:
    corners, of = shapely.get_coordinates(lines, return_index=True)
    first = np.searchsorted(of, np.arange(len(lines)), side="left")
    last = np.searchsorted(of, np.arange(len(lines)), side="right") - 1
    corners[first], corners[last] = starts, ends
    moved: _Lines = shapely.linestrings(corners, indices=of)
    return moved


def _canonical(
    lines: _Lines, start: _Ints, end: _Ints, *, metres: _Floats, forward: _Floats, backward: _Floats
) -> _Ints:
    """Order links by what they are, so that the order of the rows decides nothing."""
    # Links between the same ends of the same length differ somewhere on the way.
    inner = shapely.get_coordinates(shapely.line_interpolate_point(lines, 0.37, normalized=True))
    return np.lexsort((backward, forward, inner[:, 1], inner[:, 0], metres, end, start))


def _drop_unused(nodes: _Floats, start: _Ints, end: _Ints) -> tuple[_Floats, _Ints, _Ints]:
    used, number = np.unique(np.concatenate([start, end]), return_inverse=True)
    return nodes[used], number[: len(start)], number[len(start) :]


# ---------------------------------------------------------------- components


def _groups(
    count: int, left: _Ints, right: _Ints, *, connection: str = "weak"
) -> tuple[int, _Ints]:
    joined = coo_array((np.ones(len(left), dtype=np.int8), (left, right)), shape=(count, count))
    found, group = connected_components(joined.tocsr(), directed=True, connection=connection)
    return found, group.astype(np.int64)


def _find_core(node_component: _Ints, links: gpd.GeoDataFrame) -> NDArray[np.bool_]:
    """Say of each node whether it is one of the core of its component."""
    start, end, metres = (links[name].to_numpy() for name in ("from_node", "to_node", "metres"))
    along, against = np.isfinite(links["forward"]), np.isfinite(links["backward"])
    tail = np.concatenate([start[along], end[against]])
    head = np.concatenate([end[along], start[against]])
    count, group = _groups(len(node_component), tail, head, connection="strong")
    inside = group[start] == group[end]
    length = np.bincount(group[start][inside], weights=metres[inside], minlength=count)
    whole = np.bincount(node_component[start], weights=metres)
    core: NDArray[np.bool_] = length[group] >= _MOST * whole[node_component]
    return core


def _describe_components(
    node_component: _Ints, link_component: _Ints, metres: _Floats
) -> tuple[pd.DataFrame, _Ints]:
    """Describe the components, longest first, and give each its new number."""
    count = int(node_component.max()) + 1
    nodes = np.bincount(node_component, minlength=count)
    links = np.bincount(link_component, minlength=count)
    length = np.bincount(link_component, weights=metres, minlength=count)
    first = np.full(count, len(node_component))
    np.minimum.at(first, node_component, np.arange(len(node_component)))
    order = np.lexsort((first, -nodes, -length))
    number = np.empty(count, dtype=np.int64)
    number[order] = np.arange(count)
    share = length[order] / metres.sum()
    frame = pd.DataFrame(
        {
            "component": np.arange(count),
            "nodes": nodes[order],
            "links": links[order],
            "kilometres": length[order] / 1000,
            "share": share,
            "usable": (share >= SMALLEST_SHARE) | (np.arange(count) == 0),
        }
    )
    return frame, number


def _warn_of_pieces(components: pd.DataFrame) -> None:
    small = components[~components["usable"]]
    if len(small):
        pieces = count_of(len(small), "piece")
        of = f"{small['kilometres'].sum():,.1f} km of {components['kilometres'].sum():,.1f} km"
        are, each = ("is", "it") if len(small) == 1 else ("are", "each")
        warn(
            _WHERE,
            f"{pieces} of the network ({of}) {are} joined to no other: {each} is under "
            f"{SMALLEST_SHARE:.0%} of it, and nothing is taken to stand there.",
            "If streets are missing between them, mend the file or raise join_metres.",
        )


def _say_what_is_left_out(links: gpd.GeoDataFrame, *, lines: int, short: int) -> None:
    if lines:
        have, are = ("has", "is") if lines == 1 else ("have", "are")
        warn(_WHERE, f"{lines:,} of {len(links):,} links {have} no geometry and {are} left out.")
    if short:
        gone = count_of(short, "line")
        are, their = ("is", "its") if short == 1 else ("are", "their")
        warn(_WHERE, f"{gone} of no length between {their} junctions {are} left out.")


def _begin(chosen: NDArray[np.bool_], links: gpd.GeoDataFrame, one: str, many: str) -> str:
    """Begin a sentence on some rows: how many, which, and the verb."""
    number = int(chosen.sum())
    noun, verb = (one if number == 1 else many).split(maxsplit=1)
    return f"{number:,} {noun} (row {list_some(links.index[chosen])}) {verb}"

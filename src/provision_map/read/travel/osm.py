"""Streets of an OpenStreetMap extract: which ways a mode may use, which way round, how fast.

The rules are data (:data:`CLASSES`, :data:`ACCESS`): classes of ``highway`` by mode, tags that
open or close a way to it, usual speeds of cars. They follow the tagging that the OpenStreetMap
wiki describes; speeds are usual free-flow figures and a limit that is tagged wins.
"""

from __future__ import annotations

import re
from array import array
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely

from provision_map.errors import UsageError
from provision_map.read.files.crs import WGS84
from provision_map.read.findings import Findings, count_of, list_some
from provision_map.schema import quote

#: Names of extracts that are read here.
SUFFIXES = (".pbf", ".osm", ".osm.bz2", ".osm.gz")

#: More points of ways than this are a country, not an area. About 2 GB of memory.
_MOST_POINTS = 30_000_000

_METRES, _MINUTES = 1_000, 60  # of a kilometre, of an hour
_MILE = 1.609344
_FASTEST = 200  # km/h; a greater limit is a slip

#: Position of a node that is not in the extract, as the reader gives it.
_NOWHERE = 2_147_483_647
_PER_DEGREE = 1e7


@dataclass(frozen=True)
class HighwayClass:
    """What a class of ``highway`` is for: modes that may use it unless tags say otherwise.

    ``speed`` is what cars usually drive where no limit is tagged, km/h.
    """

    modes: frozenset[str]
    speed: float = 30.0


_ALL = frozenset({"walk", "cycle", "drive"})
_DRIVE = frozenset({"drive"})
_GENTLE = frozenset({"walk", "cycle"})
_WALK = frozenset({"walk"})

#: Classes that are streets. Others (proposed, construction, raceway, …) are no one's.
CLASSES: Mapping[str, HighwayClass] = {
    "motorway": HighwayClass(_DRIVE, 105),
    "motorway_link": HighwayClass(_DRIVE, 60),
    "trunk": HighwayClass(_ALL, 80),
    "trunk_link": HighwayClass(_ALL, 50),
    "primary": HighwayClass(_ALL, 55),
    "primary_link": HighwayClass(_ALL, 40),
    "secondary": HighwayClass(_ALL, 50),
    "secondary_link": HighwayClass(_ALL, 40),
    "tertiary": HighwayClass(_ALL, 45),
    "tertiary_link": HighwayClass(_ALL, 35),
    "unclassified": HighwayClass(_ALL, 40),
    "residential": HighwayClass(_ALL, 30),
    "road": HighwayClass(_ALL, 30),
    "living_street": HighwayClass(_ALL, 10),
    "service": HighwayClass(_ALL, 15),
    "track": HighwayClass(_GENTLE, 15),
    "path": HighwayClass(_GENTLE),
    "bridleway": HighwayClass(_GENTLE),
    "cycleway": HighwayClass(_GENTLE),
    "footway": HighwayClass(_WALK),
    "pedestrian": HighwayClass(_WALK),
    "steps": HighwayClass(_WALK),
    "corridor": HighwayClass(_WALK),
    "platform": HighwayClass(_WALK),
}

#: Tags that open or close a way, the most specific first; what it says decides.
ACCESS: Mapping[str, tuple[str, ...]] = {
    "walk": ("foot", "access"),
    "cycle": ("bicycle", "vehicle", "access"),
    "drive": ("motorcar", "motor_vehicle", "vehicle", "access"),
}
_SHUT = frozenset({
    "no", "private", "use_sidepath", "agricultural", "forestry", "agricultural;forestry", "military",
    "delivery", "emergency", "restricted", "psv", "bus",
})  # fmt: skip
_OPEN = frozenset({"yes", "designated", "permissive", "destination", "customers", "official", "public", "permit"})  # fmt: skip

_FORWARD = frozenset({"yes", "true", "1"})
_BACKWARD = frozenset({"-1", "reverse"})
_OPPOSITE = frozenset({"opposite", "opposite_lane", "opposite_track"})
_ROUND = frozenset({"roundabout", "circular"})

_LIMIT = re.compile(r"([0-9]{1,3}(?:\.[0-9]{1,2})?)\s*(km/h|kmh|kph|mph)?", re.ASCII)


def is_osm(name: str) -> bool:
    """Whether a file of this name is an extract of OpenStreetMap."""
    return name.lower().endswith(SUFFIXES)


def is_open(tags: Mapping[str, str], mode: str) -> bool | None:
    """Whether a way with these tags may be used; None where its class is not one of streets.

    >>> is_open({"highway": "footway"}, "walk"), is_open({"highway": "footway"}, "drive")
    (True, False)
    >>> is_open({"highway": "footway", "bicycle": "yes"}, "cycle")
    True
    >>> is_open({"highway": "service", "access": "private", "foot": "yes"}, "walk")
    True
    """
    kind = CLASSES.get(tags.get("highway", ""))
    if kind is None:
        return None
    keys = ACCESS[mode]
    for key in keys:
        said = tags.get(key, "")
        if said in _SHUT:
            return False
        # "access=yes" does not open a footway to cars; a tag about the mode itself does.
        if said in _OPEN and key != "access":
            return True
        if said in _OPEN:
            break
    if tags.get("motorroad") == "yes" and mode != "drive":
        return False
    return mode in kind.modes


def direction_of(tags: Mapping[str, str], mode: str) -> str:
    """Return which way round a way may be used: both, forward or backward. On foot: both.

    >>> direction_of({"oneway": "-1"}, "drive"), direction_of({"oneway": "yes"}, "walk")
    ('backward', 'both')
    >>> direction_of({"oneway": "yes", "oneway:bicycle": "no"}, "cycle")
    'both'
    """
    if mode == "walk":
        return "both"
    said = tags.get("oneway", "")
    if mode == "cycle":
        said = tags.get("oneway:bicycle", said)
        if any(tags.get(f"cycleway{side}") in _OPPOSITE for side in ("", ":left", ":right")):
            said = "no"
    if said in _FORWARD:
        return "forward"
    if said in _BACKWARD:
        return "backward"
    if said == "no":
        return "both"
    one_way = tags.get("junction") in _ROUND or tags.get("highway") == "motorway"
    return "forward" if one_way else "both"


def parse_limit(text: str) -> float | None:
    """Return a speed limit in km/h; None where the text is none that is understood.

    >>> parse_limit("30 mph"), parse_limit("50"), parse_limit("GB:nsl_single"), parse_limit("0")
    (48.28032, 50.0, None, None)
    """
    found = _LIMIT.fullmatch(text.strip()[:20])
    if found is None:
        return None
    speed = float(found[1]) * (_MILE if found[2] == "mph" else 1.0)
    return speed if 0 < speed <= _FASTEST else None


@dataclass
class _Ways:
    """The ways that a mode may use, and why others were left out."""

    mode: str
    leave_out: Mapping[str, tuple[str, ...]]
    nodes: array[int] = field(default_factory=lambda: array("q"))
    x: array[int] = field(default_factory=lambda: array("q"))
    y: array[int] = field(default_factory=lambda: array("q"))
    lengths: list[int] = field(default_factory=list)
    directions: list[str] = field(default_factory=list)
    speeds: list[float] = field(default_factory=list)
    left_out: Counter[str] = field(default_factory=Counter)
    limits: Counter[str] = field(default_factory=Counter)
    count: int = 0

    def add(self, way: Any) -> None:  # noqa: ANN401 - a way of the reader, gone when the next comes
        self.count += 1
        tags = {tag.k: tag.v for tag in way.tags}
        why = self._why_not(tags)
        if why:
            self.left_out[why] += 1
            return
        nodes = way.nodes
        self.nodes.extend([node.ref for node in nodes])
        self.x.extend([node.x for node in nodes])
        self.y.extend([node.y for node in nodes])
        self.lengths.append(len(nodes))
        self.directions.append(direction_of(tags, self.mode))
        self.speeds.append(self._speed(tags))
        if len(self.nodes) > _MOST_POINTS:
            message = f"it holds more than {_MOST_POINTS:,} points of streets"
            raise ValueError(message)

    def _why_not(self, tags: Mapping[str, str]) -> str:
        if any(tags.get(key) in values for key, values in self.leave_out.items()):
            return "by reach.leave_out"
        usable = is_open(tags, self.mode)
        if usable is None:
            return "of a class that is no street"
        if tags.get("area") == "yes":
            return "areas"
        if usable:
            return ""
        if self.mode in CLASSES[tags["highway"]].modes:
            return "closed by their tags"
        return f"of a class that is not for {_GERUNDS[self.mode]}"

    def _speed(self, tags: Mapping[str, str]) -> float:
        """Return metres a minute by car; on foot and by cycle the street does not decide."""
        if self.mode != "drive":
            return float("nan")
        said = tags.get("maxspeed", "")
        limit = parse_limit(said) if said else None
        if said and limit is None:
            self.limits[said] += 1
        speed = CLASSES[tags["highway"]].speed if limit is None else limit
        return speed * _METRES / _MINUTES


_GERUNDS = {"walk": "walking", "cycle": "cycling", "drive": "driving"}


def read_osm_links(
    path: Path,
    *,
    file: str,
    mode: str,
    leave_out: Mapping[str, tuple[str, ...]],
    findings: Findings,
) -> gpd.GeoDataFrame | None:
    """Read the streets of an extract, cut at every junction, in longitude and latitude.

    Args:
        path: an absolute path; the format is told by the suffix (:data:`SUFFIXES`).
        file: its name in problems.
        mode: walk, cycle or drive.
        leave_out: by tag, values of ways that are not wanted.
        findings: gets what is wrong, and one note of what was used and what was left out.

    Returns:
        geometry, oneway, metres_per_minute (NaN on foot and by cycle). None where there is none.

    Raises:
        UsageError: the extra "streets" is not installed.

    """
    ways = _read_ways(path, _Ways(mode, leave_out), file, findings)
    if ways is None:
        return None
    if not ways.count:
        what = "The extract holds no streets (ways with a tag highway)."
        findings.problem(file, what, "Name another file.")
        return None
    links, cut = _split(ways)
    reasons = [f"{count:,} {why}" for why, count in ways.left_out.most_common()]
    what = (
        f"Of {count_of(ways.count, 'way', 'ways')} with a tag highway, "
        f"{count_of(len(ways.lengths), 'is', 'are')} open to {_GERUNDS[mode]} and "
        f"{'makes' if len(ways.lengths) == 1 else 'make'} "
        f"{count_of(len(links), 'link', 'links')} between junctions."
    )
    if reasons:
        what += f" Left out: {', '.join(reasons)}."
    if cut:
        ways_cut = count_of(cut, "way goes", "ways go")
        what += (
            f" {ways_cut} on beyond the extract and {'ends' if cut == 1 else 'end'} at its edge."
        )
    findings.note(file, what)
    if ways.limits:
        words = list_some(quote(word) for word, _ in ways.limits.most_common())
        limits = count_of(ways.limits.total(), "speed limit", "speed limits")
        what = f"{limits} could not be read ({words}): the usual speed of their class was taken."
        findings.note(file, what)
    if links.empty:
        what = f"No way of the extract can be used for {_GERUNDS[mode]}."
        findings.problem(file, what, "Name another file, or another mode.")
        return None
    return links


def _read_ways(path: Path, ways: _Ways, file: str, findings: Findings) -> _Ways | None:
    try:
        import osmium  # noqa: PLC0415 - an optional dependency
    except ImportError as error:
        message = (
            f"{file} is an OpenStreetMap extract, and reading it needs more. "
            'Install it: pip install "provision-map[streets]".'
        )
        raise UsageError(message) from error
    faults = (RuntimeError, ValueError, OSError, UnicodeError, osmium.InvalidLocationError)
    try:
        bits = osmium.osm.NODE | osmium.osm.WAY
        reader = osmium.FileProcessor(str(path), bits).with_locations()
        reader = reader.with_filter(osmium.filter.EntityFilter(osmium.osm.WAY))
        for way in reader.with_filter(osmium.filter.KeyFilter("highway")):
            ways.add(way)
    except faults as error:
        said = str(error).replace(str(path), file).splitlines() or [type(error).__name__]
        what = f"The extract cannot be read: {said[0].rstrip('.')}."
        mend = "Fetch it again, or cut it down to the area of the exercise."
        findings.problem(file, what, mend)
        return None
    return ways


def _split(ways: _Ways) -> tuple[gpd.GeoDataFrame, int]:
    """Cut ways at every point that two of them share, or one twice; return links and ways cut off.

    Two ways that merely cross without a common point (a bridge) do not meet.
    """
    way = np.repeat(np.arange(len(ways.lengths)), ways.lengths)
    nodes, x, y = (np.frombuffer(column, dtype=np.int64) for column in (ways.nodes, ways.x, ways.y))
    # A point that stands twice in a row would look like a junction.
    again = np.zeros(len(nodes), dtype=bool)
    again[1:] = (nodes[1:] == nodes[:-1]) & (way[1:] == way[:-1])
    way, nodes, x, y = (column[~again] for column in (way, nodes, x, y))
    known = (x != _NOWHERE) & (y != _NOWHERE)
    cut = len(np.unique(way[~known]))
    number, uses = np.unique(nodes, return_inverse=True, return_counts=True)[1:]
    junction = uses[number] > 1
    # Steps from one point to the next of the same way; a link is a run of them between junctions.
    steps = np.flatnonzero((way[1:] == way[:-1]) & known[1:] & known[:-1])
    begins = np.ones(len(steps), dtype=bool)
    begins[1:] = (np.diff(steps) > 1) | junction[steps[1:]]
    link = np.cumsum(begins) - 1
    coordinates, index = _line_points(steps, begins, link, x=x / _PER_DEGREE, y=y / _PER_DEGREE)
    lines = shapely.linestrings(coordinates, indices=index) if len(steps) else np.empty(0, object)
    of_way = way[steps[begins]]
    links = gpd.GeoDataFrame(
        {
            "oneway": np.array(ways.directions, dtype=object)[of_way],
            "metres_per_minute": np.array(ways.speeds, dtype=float)[of_way],
        },
        geometry=lines,
        crs=WGS84,
    )
    return links, cut


def _line_points(
    steps: npt.NDArray[np.intp],
    begins: npt.NDArray[np.bool_],
    link: npt.NDArray[np.intp],
    *,
    x: npt.NDArray[np.float64],
    y: npt.NDArray[np.float64],
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.intp]]:
    """Return the points of all links one after the other, and the link of each."""
    points = np.empty(len(steps) + int(begins.sum()), dtype=np.intp)
    index = np.empty_like(points)
    ends = np.arange(len(steps)) + link + 1
    points[ends], index[ends] = steps + 1, link
    points[ends[begins] - 1], index[ends[begins] - 1] = steps[begins], link[begins]
    return np.column_stack([x[points], y[points]]), index

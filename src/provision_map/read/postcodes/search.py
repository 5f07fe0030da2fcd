"""What published lists say of a postcode: where it is, how precisely, when it ended, in which place.

How far the site may lie from the position (``location_accuracy``, where the service says nothing) is
read from the quality that the list gives. The indicators are those of the ONS Postcode Directory User Guide (grid reference
positional quality, OSGRDIND or GRIDIND) and of the Code-Point Open User Guide (positional quality
indicator); the metres are our reading of them:

=========  ===========================================================  =======
indicator  what the publisher says                                      metres
=========  ===========================================================  =======
1, 10      in the building nearest to the mean of the postcode          100
2, 20      the same, found by looking at maps (Scotland)                100
3, 30      approximate, to within 50 m                                  150
4, 40      the mean of its addresses, in no building                    150
5, 50      imputed, or estimated from the postcodes around it           500
6, 60      the mean of the postcode sector, mostly PO boxes             5,000
8          ended before Gridlink began, the last position known         250
9, 90      no position                                                  none
not said   the list gives no quality (NSPL in short forms)              100
=========  ===========================================================  =======

A postcode holds some fifteen addresses. Of the live postcodes of GL half lie within 61 m of the next
one and nine tenths within 265 m, so 100 m is right for towns and short for open country, where the
service should give its position. Of the same postcodes 95 % lie within 4,651 m of the mean of their
sector. Where only part of a postcode is given, its middle is used, and the furthest of its postcodes is
how far the site may be.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pyproj

from provision_map.read.files.crs import WGS84, project
from provision_map.read.places.area import Area
from provision_map.read.postcodes.file import PostcodeList, Record, Wanted
from provision_map.read.postcodes.text import Postcode, list_slips, read_postcode

#: Metres within which the site lies, by the quality that the list gives; None: no position.
METRES = {
    "1": 100.0, "2": 100.0, "3": 150.0, "4": 150.0, "5": 500.0, "6": 5_000.0, "8": 250.0, "9": None,
    "10": 100.0, "20": 100.0, "30": 150.0, "40": 150.0, "50": 500.0, "60": 5_000.0, "90": None,
}  # fmt: skip
_NOT_SAID = 100.0

#: So many postcodes that are in no list are held against it once more, as slips.
_MOST_ASKED = 50

_BRITISH, _IRISH = "EPSG:27700", "EPSG:29903"


@dataclass(frozen=True)
class Found:
    """What the lists say of a postcode. ``metres``: the site lies within so far of the position.

    ``nowhere``: a list of positions has it, and says that it has none.
    """

    x: float = np.nan
    y: float = np.nan
    metres: float = _NOT_SAID
    ended: str = ""
    place: str = ""
    members: int = 1
    nowhere: bool = False

    @property
    def has_position(self) -> bool:
        """Whether it stands anywhere; PO boxes and large users may not."""
        return bool(np.isfinite(self.x) and np.isfinite(self.y))


def look_up(
    codes: set[Postcode], lists: Sequence[PostcodeList], area: Area
) -> dict[Postcode, Found]:
    """Return what the lists say of each postcode; what one leaves open a later one may fill."""
    wanted = Wanted(
        frozenset(code.key for code in codes if code.part == "unit"),
        frozenset(code.key for code in codes if code.part == "outward"),
        frozenset(code.key for code in codes if code.part == "sector"),
    )
    found: dict[Postcode, Found] = {}
    for each in lists:
        records = each.find(wanted)
        placed = _place_column(records, area)
        said = {key: _read_record(record, area, placed) for key, record in _live(records).items()}
        for code in codes:
            here = said.get(code.key) if code.part == "unit" else _middle(code, records, said)
            if here is not None:
                found[code] = _fill(found[code], here) if code in found else here
    return found


def _live(records: Sequence[Record]) -> dict[str, Record]:
    """Return one record a postcode: one that is live before one that ended."""
    kept: dict[str, Record] = {}
    for record in records:
        before = kept.get(record.key)
        if before is None or (before.cells.get("ended") and not record.cells.get("ended")):
            kept[record.key] = record
    return kept


def _place_column(records: Sequence[Record], area: Area) -> str:
    """Return the column that holds codes of our places most often; "" where none does."""
    hits: dict[str, int] = {}
    for record in records:
        for heading, text in record.codes.items():
            if text and text in (area.codes or ()):
                hits[heading] = hits.get(heading, 0) + 1
    return max(hits, key=lambda heading: hits[heading], default="")


def _read_record(record: Record, area: Area, placed: str) -> Found:
    said = record.cells
    x, y = _project(record, area)
    quality = said.get("quality", "").removesuffix(".0").lstrip("0")
    metres = METRES.get(quality, _NOT_SAID)
    if metres is None:
        x = y = np.nan
    place = record.codes.get(placed, "")
    place = place if place in (area.codes or ()) else ""
    listed = not {"easting", "latitude"}.isdisjoint(said)
    nowhere = listed and not np.isfinite([x, y]).all()
    return Found(x, y, metres or _NOT_SAID, said.get("ended", ""), place, nowhere=nowhere)


def _project(record: Record, area: Area) -> tuple[float, float]:
    """Return where the postcode is in the exercise's system; NaN where the list says nowhere."""
    east, north = (_number(record.cells.get(name, "")) for name in ("easting", "northing"))
    lon, lat = (_number(record.cells.get(name, "")) for name in ("longitude", "latitude"))
    if area.target is None:
        return np.nan, np.nan
    irish = record.key.startswith("BT")
    # Lists say "nowhere" as a blank, as 0, or as 99.999999 with longitude 0.
    projected = np.isfinite([east, north]).all() and (east > 0 or north > 0)
    in_degrees = np.isfinite([lon, lat]).all() and abs(lat) <= 90 and (lat, lon) != (0, 0)  # noqa: PLR2004
    british = pyproj.CRS.from_user_input(_BRITISH)
    if projected and not irish and area.target == british:
        return east, north
    if in_degrees:
        x, y = project([lon], [lat], source=WGS84, target=area.target)
    elif projected:
        grid = pyproj.CRS.from_user_input(_IRISH) if irish else british
        x, y = project([east], [north], source=grid, target=area.target)
    else:
        return np.nan, np.nan
    return float(x[0]), float(y[0])


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return np.nan


def _middle(code: Postcode, records: Sequence[Record], said: Mapping[str, Found]) -> Found | None:
    """Return the middle of the live postcodes of an outward code or a sector, and how far they go."""
    if code.part not in ("outward", "sector"):
        return None
    cut = -3 if code.part == "outward" else -2
    inside = [said[r.key] for r in records if r.key[:cut] == code.key]
    live = [each for each in inside if each.has_position and not each.ended]
    points = np.array([(each.x, each.y) for each in live or inside if each.has_position])
    if not len(points):
        return None
    middle = points.mean(axis=0)
    furthest = float(np.hypot(*(points - middle).T).max())
    metres = max(_NOT_SAID, float(np.ceil(furthest / 100) * 100))
    return Found(float(middle[0]), float(middle[1]), metres, members=len(points))


def _fill(first: Found, second: Found) -> Found:
    """Return what the first list says, with what it leaves open from the second."""
    here = first if first.has_position else second
    return Found(
        here.x, here.y, here.metres, first.ended or second.ended, first.place or second.place,
        here.members, first.nowhere or second.nowhere,
    )  # fmt: skip


def find_slips(
    unknown: set[Postcode], lists: Sequence[PostcodeList]
) -> dict[Postcode, tuple[str, ...]]:
    """Return, for postcodes that are in no list, those of the lists that were likely meant."""
    some = sorted(unknown, key=lambda code: code.key)[:_MOST_ASKED]
    groups = {}
    for code in some:
        plain = "".join(ch for ch in code.key.upper() if ch.isascii() and ch.isalnum())
        groups[code] = list_slips(plain)
    keys = frozenset(key for found in groups.values() for group in found for key in group)
    if not keys:
        return {}
    there = {record.key for each in lists for record in each.find(Wanted(keys))}
    near = {}
    for code, found in groups.items():
        likely = [[key for key in group if key in there] for group in found]
        best = next((group for group in likely if group), [])
        near[code] = tuple(read_postcode(key).shown for key in best)
    return near

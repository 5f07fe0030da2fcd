"""The table of places: polygons with the names people use, centroids and deprivation."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj

from provision_map import tables
from provision_map.read.boundaries import read_boundaries
from provision_map.read.crs import Box, find_target
from provision_map.read.findings import Findings, list_some
from provision_map.read.settings import SETTINGS_FILE, Settings
from provision_map.read.text import InputFolder
from provision_map.read.typed import Ours, read_declared, read_wide
from provision_map.schema import Column

#: A site or a centroid further than this outside the area is taken for a slip. Metres.
BUFFER = 20_000.0


@dataclass(frozen=True)
class Area:
    """The places, and what the checks of everything else need to know of them.

    Attributes:
        places: GeoDataFrame with the columns of ``tables.PLACES`` in the exercise's system.
        ours: which rows of other files are about them, also about those whose outline cannot be
            used.
        codes: what may be given as the code of a place; None where a fault in the boundaries,
            told already, leaves that open.
        neighbourhoods: codes of the neighbourhoods that hold one of them on the day; None where
            a fault in their file, told already, leaves that open.
        names: pairs of name and code, of places and neighbourhoods.
        target: the system of the exercise, if it is one.
        box: bounds of the places and 20 km around, if there are any.
        neighbours: the same columns as ``places``, of places beside ours; nothing is said of them.

    """

    places: gpd.GeoDataFrame
    ours: Ours
    codes: frozenset[str] | None
    neighbourhoods: frozenset[str] | None
    names: tuple[tuple[str, str], ...]
    target: pyproj.CRS | None
    box: Box | None
    neighbours: gpd.GeoDataFrame


def read_places(folder: InputFolder, settings: Settings) -> Area:
    """Read the boundaries and all that stands beside them."""
    target = find_target(settings.exercise.crs, folder.findings)
    boundaries = read_boundaries(folder, settings.places, target)
    frame = boundaries.frame.drop_duplicates("place_id", ignore_index=True)
    box = None
    if not frame.empty:
        box = Box(*(float(edge) for edge in frame.total_bounds)).widened(BUFFER)
    ours = Ours(boundaries.ids, filtered=bool(settings.places.keep))
    frame = frame.assign(level=settings.places.level)
    chosen = _choose_neighbourhoods(folder, settings, ours)
    names = list(zip(frame["name"], frame["place_id"], strict=True))
    frame = _name_places(frame, chosen)
    names += zip(frame["name"], frame["place_id"], strict=True)
    names += [(name, code) for code, name in chosen.values()]
    frame = _add_centroids(frame, folder, settings, box=box, ours=ours)
    frame = _add_deprivation(frame, folder, settings, ours)
    frame = frame[tables.PLACES.names()]
    places = gpd.GeoDataFrame(frame, geometry="geometry", crs=frame.crs)
    # A code that is blank or stands twice may be the very one that other files refer to.
    told = {(p.file, p.column) for p in folder.findings.problems}
    codes = None if (settings.places.file, settings.places.id) in told else boundaries.ids
    neighbourhoods = None
    if settings.places.neighbourhoods not in {file for file, _ in told}:
        neighbourhoods = frozenset(code for code, _ in chosen.values())
    neighbours = _complete_neighbours(boundaries.neighbours, folder, settings)
    return Area(places, ours, codes, neighbourhoods, tuple(names), target, box, neighbours)


def _complete_neighbours(
    frame: gpd.GeoDataFrame, folder: InputFolder, settings: Settings
) -> gpd.GeoDataFrame:
    """Add to the places beside ours where their people live, and the columns of all places."""
    frame = frame.assign(level=settings.places.level)
    named = _name_places(frame, {})
    if frame.empty:
        blank = pd.Series(dtype="float64")
        named = named.assign(easting=blank, northing=blank, approximate=pd.Series(dtype=object))
    else:
        box = Box(*(float(edge) for edge in frame.total_bounds)).widened(BUFFER)
        ids = Ours(frozenset(frame["place_id"]), filtered=True)
        named = _add_centroids(named, folder, settings, box=box, ours=ids)
    named = named.assign(imd_decile=pd.Series(np.nan, index=named.index, dtype="float64"))
    return gpd.GeoDataFrame(named[tables.PLACES.names()], geometry="geometry", crs=frame.crs)


def _choose_neighbourhoods(
    folder: InputFolder, settings: Settings, ours: Ours
) -> dict[str, tuple[str, str]]:
    """Return code and name of the neighbourhood that holds each place on the day, by place."""
    file = settings.places.neighbourhoods
    table = read_declared(folder, file, tables.NEIGHBOURHOODS)
    chosen: dict[str, tuple[str, str]] = {}
    if file is None or table.empty:
        return chosen
    ours.note_others(table["place_id"], file, folder.findings)
    inside = table[ours.select(table["place_id"])]
    if not inside.empty:
        valid = _choose_valid(inside, settings.exercise.date, file, folder.findings)
        chosen = _first_claims(valid, file, folder.findings)
    alone = sorted((ours.ids or set()) - set(chosen))
    if alone:
        keep = "1 place is in no neighbourhood and keeps its"
        if len(alone) > 1:
            keep = f"{len(alone)} places are in no neighbourhood and keep their"
        what = f"{keep} own name: {list_some(alone)}."
        folder.findings.note(file, what)
    return chosen


def _name_places(frame: Any, chosen: dict[str, tuple[str, str]]) -> Any:  # noqa: ANN401 - untyped
    """Name each place by its neighbourhood; one that is in none keeps its own name."""
    found = [chosen.get(code, ("", "")) for code in frame["place_id"]]
    names = [
        f"{pair[1]} · {short_code(name, code)}" if pair[1] else name
        for pair, name, code in zip(found, frame["name"], frame["place_id"], strict=True)
    ]
    return frame.assign(
        name=pd.Series(names, index=frame.index, dtype=object),
        neighbourhood_id=pd.Series([pair[0] for pair in found], index=frame.index, dtype=object),
        neighbourhood=pd.Series([pair[1] for pair in found], index=frame.index, dtype=object),
    )


def short_code(name: str, place_id: str) -> str:
    """Return the last word of a place's name, or its code where it has no name.

    >>> short_code("Gloucester 009E", "E01022324")
    '009E'

    """
    words = name.split()
    return words[-1] if words else place_id


def _choose_valid(ours: pd.DataFrame, date: dt.date, file: str, findings: Findings) -> pd.DataFrame:
    """Return the rows valid on the day; if there are none at all, each place's most recent."""
    starts = [day or dt.date.min for day in ours["valid_from"]]
    ends = [day or dt.date.max for day in ours["valid_to"]]
    for start, end, row in zip(starts, ends, ours["_row"], strict=True):
        if start > end:
            what = "The dates are the wrong way round: it ends before it begins."
            findings.problem(file, what, "Swap the two.", row=int(row), column="valid_from")
    spans = list(zip(ours["place_id"], starts, ends, strict=True))
    now = [start <= date <= end for _, start, end in spans]
    if any(now):
        return ours[pd.Series(now, index=ours.index)]
    # Where all lie ahead, the earliest of them is nearest to the day.
    past = any(start <= date for _, start, _ in spans)
    days = [end if past else start for _, start, end in spans]
    candidates = [start <= date or not past for _, start, _ in spans]
    nearest: dict[str, dt.date] = {}
    for (place, _, _), day, candidate in zip(spans, days, candidates, strict=True):
        if candidate:
            best = nearest.setdefault(place, day)
            nearest[place] = max(best, day) if past else min(best, day)
    chosen = [
        candidate and nearest[place] == day
        for (place, _, _), day, candidate in zip(spans, days, candidates, strict=True)
    ]
    said = ", ".join(day.isoformat() for day in sorted(set(nearest.values())))
    when = f"valid to {said}" if past else f"valid from {said}"
    what = f"No neighbourhood is valid on {date.isoformat()}: the most recent were used ({when})."
    findings.note(file, what)
    return ours[pd.Series(chosen, index=ours.index)]


def _first_claims(valid: pd.DataFrame, file: str, findings: Findings) -> dict[str, tuple[str, str]]:
    """Return (code, name) by place; the first in the file wins, and a second is noted."""
    chosen: dict[str, tuple[str, str]] = {}
    columns = ("place_id", "neighbourhood_id", "neighbourhood", "_row")
    for place, code, name, row in zip(*(valid[c] for c in columns), strict=True):
        pair = (str(code), str(name))
        if chosen.setdefault(str(place), pair)[0] != pair[0]:
            what = f"{place} is also in {name} ({code}); it was named by {chosen[place][1]}, which stands first."
            findings.note(file, what, row=int(row))
    return chosen


def _add_centroids(
    frame: Any,  # noqa: ANN401 - untyped GeoDataFrame
    folder: InputFolder,
    settings: Settings,
    *,
    box: Box | None,
    ours: Ours,
) -> Any:  # noqa: ANN401
    """Add where people live: the given centroid, or a point inside, marked approximate."""
    said = settings.places.centroids
    given: dict[str, tuple[float, float]] = {}
    told: frozenset[str] = frozenset()
    if said is not None:
        columns = (
            Column(said.id, "text", "", required=True),
            Column(said.easting, "number", "", required=True),
            Column(said.northing, "number", "", required=True),
        )
        table = read_wide(folder, said.file, columns, ours=ours)
        # What is wrong with a row that is there has been told.
        told = frozenset(table[said.id]) | (folder.lost_cells(said.file) or frozenset())
        names = (said.id, said.easting, said.northing, "_row")
        for code, x, y, row in zip(*(table[name] for name in names), strict=True):
            if np.isnan([x, y]).any():
                continue
            if box is None or box.holds(x, y):
                given[str(code)] = (float(x), float(y))
            else:
                what = f"The centroid ({x:g}, {y:g}) lies outside the area of the exercise."
                mend = "Easting and northing look swapped." if box.holds(y, x) else "Check it."
                folder.findings.problem(said.file, what, mend, row=int(row), column=said.easting)
    inside = frame.geometry.representative_point() if len(frame) else frame.geometry
    stand_ins = zip(frame["place_id"], inside, strict=True)
    points = [given.get(code) or (point.x, point.y) for code, point in stand_ins]
    approximate = [code not in given for code in frame["place_id"]]
    if said is None and settings.places.homes is None:
        what = (
            "No centroids are named: a point inside each place stands in for where its people "
            "live, and is marked approximate."
        )
        mend = "Name population-weighted centroids in [places.centroids]."
        folder.findings.note(SETTINGS_FILE, what, mend, column="places.centroids")
    elif said is not None and (codes := sorted(set(frame["place_id"]) - set(given) - told)):
        what = f"Places without a centroid, where a point inside stands in ({len(codes)}): {list_some(codes)}."
        folder.findings.note(said.file, what)
    return frame.assign(
        easting=pd.Series([x for x, _ in points], index=frame.index, dtype="float64"),
        northing=pd.Series([y for _, y in points], index=frame.index, dtype="float64"),
        approximate=pd.Series(
            ["yes" if a else "no" for a in approximate], index=frame.index, dtype=object
        ),
    )


def _add_deprivation(
    frame: Any,  # noqa: ANN401 - untyped GeoDataFrame
    folder: InputFolder,
    settings: Settings,
    ours: Ours,
) -> Any:  # noqa: ANN401
    said = settings.places.deprivation
    deciles: dict[str, float] = {}
    if said is not None:
        columns = (
            Column(said.id, "text", "", required=True),
            Column(said.imd_decile, "integer", "", minimum=1, maximum=10),
        )
        table = read_wide(folder, said.file, columns, ours=ours)
        deciles = {
            str(code): float(decile)
            for code, decile in zip(table[said.id], table[said.imd_decile], strict=True)
        }
    found = [deciles.get(code, np.nan) for code in frame["place_id"]]
    missing = [str(c) for c, d in zip(frame["place_id"], found, strict=True) if np.isnan(d)]
    if said is not None and missing:
        what = f"Places without a deprivation decile ({len(missing)}): {list_some(missing)}."
        folder.findings.note(said.file, what)
    return frame.assign(imd_decile=pd.Series(found, index=frame.index, dtype="float64"))

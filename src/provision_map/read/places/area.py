"""The table of places: polygons with the names people use, centroids and deprivation."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj

from provision_map import tables
from provision_map.read.files.crs import Box, find_target
from provision_map.read.files.text import InputFolder
from provision_map.read.files.typed import Ours, read_wide
from provision_map.read.findings import count_of, list_some
from provision_map.read.places.boundaries import read_boundaries
from provision_map.read.places.carry import carry_deciles
from provision_map.read.places.change_of_codes import read_change
from provision_map.read.places.members import choose_names, find_members
from provision_map.read.places.neighbourhoods import (
    no_memberships,
    note_alone,
    note_several,
    read_outlines,
    read_sets,
)
from provision_map.read.places.tables_of_places import codes_of
from provision_map.read.places.vintages import (
    Where,
    check_stated,
    is_another_vintage,
    stated_vintage,
)
from provision_map.read.settings import (
    SETTINGS_FILE,
    DeprivationSettings,
    NeighbourhoodsSettings,
    Settings,
)
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
        memberships: place_id, neighbourhood_id, neighbourhood, share: of every neighbourhood that
            a place belongs to on the day, the share of its people (or area) that lies in it.

    """

    places: gpd.GeoDataFrame
    ours: Ours
    codes: frozenset[str] | None
    neighbourhoods: frozenset[str] | None
    names: tuple[tuple[str, str], ...]
    target: pyproj.CRS | None
    box: Box | None
    neighbours: gpd.GeoDataFrame
    memberships: pd.DataFrame


def read_places(folder: InputFolder, settings: Settings) -> Area:
    """Read the boundaries and all that stands beside them."""
    target = find_target(settings.exercise.crs, folder.findings)
    boundaries = read_boundaries(folder, settings.places, target)
    frame = boundaries.frame.drop_duplicates("place_id", ignore_index=True)
    box = None
    if not frame.empty:
        box = Box(*(float(edge) for edge in frame.total_bounds)).widened(BUFFER)
    ours = Ours(
        boundaries.ids, bool(settings.places.keep), _check_vintage(folder, settings, boundaries.ids)
    )
    frame = frame.assign(level=settings.places.level)
    said = settings.places.neighbourhoods
    # Outlines come later: whom they hold is told by where people live, see join_outlines.
    sets = said if isinstance(said, str) else None
    memberships = read_sets(folder, sets, ours, date=settings.exercise.date)
    names = list(zip(frame["name"], frame["place_id"], strict=True))
    frame = _name_places(frame, memberships)
    names += _names_of(frame, memberships)
    frame = _add_centroids(frame, folder, settings, box=box, ours=ours)
    frame = _add_deprivation(frame, folder, settings, ours)
    frame = frame[tables.PLACES.names()]
    places = gpd.GeoDataFrame(frame, geometry="geometry", crs=frame.crs)
    # A code that is blank or stands twice may be the very one that other files refer to.
    told = {(p.file, p.column) for p in folder.findings.problems}
    codes = None if (settings.places.file, settings.places.id) in told else boundaries.ids
    neighbourhoods = None
    if sets not in {file for file, _ in told}:
        neighbourhoods = frozenset(memberships["neighbourhood_id"])
    neighbours = _complete_neighbours(boundaries.neighbours, folder, settings)
    return Area(
        places, ours, codes, neighbourhoods, tuple(names), target, box, neighbours, memberships
    )


def _check_vintage(
    folder: InputFolder, settings: Settings, ids: frozenset[str] | None
) -> int | None:
    """Return the census that the settings state the places to be of, checked by their codes."""
    said = settings.places.vintage
    if said is None:
        return None
    column = "places.vintage"
    check_stated(ids or frozenset(), said, column=column, findings=folder.findings)
    stated = stated_vintage(said)
    return None if stated is None else stated.census


def join_outlines(folder: InputFolder, settings: Settings, area: Area, homes: pd.DataFrame) -> Area:
    """Name the places by neighbourhoods that are outlines, if the settings name such a file.

    A place belongs to an outline that holds at least half of its people, told by ``homes``; where
    there are none, half of its area.
    """
    said = settings.places.neighbourhoods
    if not isinstance(said, NeighbourhoodsSettings):
        return area
    findings = folder.findings
    outlines = read_outlines(folder, said, area.target, date=settings.exercise.date)
    if outlines.empty or area.places.empty:
        told = any(problem.file == said.file for problem in findings.problems)
        return replace(area, neighbourhoods=None if told else frozenset())
    memberships = find_members(area.places, outlines, homes)
    of = "area" if homes.empty else "people"
    empty = sorted(set(outlines["neighbourhood"]) - set(memberships["neighbourhood"]))
    what = f"A place belongs to a neighbourhood that holds at least half of its {of}."
    if empty:
        hold = count_of(len(empty), "neighbourhood holds", "neighbourhoods hold")
        what += f" {hold} no place: {list_some(empty)}."
    findings.note(said.file, what)
    note_several(memberships, said.file, findings)
    note_alone(memberships, area.ours.ids, said.file, findings)
    places = _name_places(area.places, memberships)
    names = (*area.names, *_names_of(places, memberships))
    # A code at fault may be the very one that other files refer to.
    told = any(p.file == said.file and p.column == said.id for p in findings.problems)
    codes = None if told else frozenset(memberships["neighbourhood_id"])
    return replace(area, places=places, neighbourhoods=codes, names=names, memberships=memberships)


def _names_of(frame: Any, memberships: pd.DataFrame) -> list[tuple[str, str]]:  # noqa: ANN401
    """Return pairs of name and code, of the places as they are named and of neighbourhoods."""
    pairs = memberships[["neighbourhood", "neighbourhood_id"]].drop_duplicates()
    return [
        *zip(frame["name"], frame["place_id"], strict=True),
        *pairs.itertuples(index=False, name=None),
    ]


def _complete_neighbours(
    frame: gpd.GeoDataFrame, folder: InputFolder, settings: Settings
) -> gpd.GeoDataFrame:
    """Add to the places beside ours where their people live, and the columns of all places."""
    frame = frame.assign(level=settings.places.level)
    named = _name_places(frame, no_memberships())
    if frame.empty:
        blank = pd.Series(dtype="float64")
        named = named.assign(easting=blank, northing=blank, approximate=pd.Series(dtype=object))
    else:
        box = Box(*(float(edge) for edge in frame.total_bounds)).widened(BUFFER)
        ids = Ours(frozenset(frame["place_id"]), filtered=True)
        named = _add_centroids(named, folder, settings, box=box, ours=ids)
    named = named.assign(imd_decile=pd.Series(np.nan, index=named.index, dtype="float64"))
    return gpd.GeoDataFrame(named[tables.PLACES.names()], geometry="geometry", crs=frame.crs)


def _name_places(frame: Any, memberships: pd.DataFrame) -> Any:  # noqa: ANN401 - untyped
    """Name each place by its neighbourhood; one that is in none keeps its own name."""
    chosen = choose_names(memberships)
    found = [chosen.get(code, ("", "")) for code in frame["place_id"]]
    names = [
        f"{pair[1]} · {short_code(name, code)}" if pair[1] else name
        for pair, name, code in zip(found, frame["name"], frame["place_id"], strict=True)
    ]
    belongs: dict[str, list[tuple[str, str]]] = {}
    columns = ("place_id", "neighbourhood_id", "neighbourhood")
    for place, code, name in zip(*(memberships[c] for c in columns), strict=True):
        belongs.setdefault(str(place), []).append((str(code), str(name)))
    # The one that names it stands first.
    pairs = [
        tuple(sorted(belongs.get(code, ()), key=lambda other, own=own: other != own))
        for code, own in zip(frame["place_id"], found, strict=True)
    ]

    def column(values: list[Any]) -> pd.Series[Any]:
        return pd.Series(values, index=frame.index, dtype=object)

    return frame.assign(
        name=column(names),
        neighbourhood_id=column([pair[0] for pair in found]),
        neighbourhood=column([pair[1] for pair in found]),
        neighbourhood_ids=column([tuple(code for code, _ in all_) for all_ in pairs]),
        neighbourhoods=column([tuple(name for _, name in all_) for all_ in pairs]),
    )


def short_code(name: str, place_id: str) -> str:
    """Return the last word of a place's name, or its code where it has no name.

    >>> short_code("Gloucester 009E", "E01022324")
    '009E'

    """
    words = name.split()
    return words[-1] if words else place_id


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
        codes = codes_of(folder, said.file, said.id)
        if is_another_vintage(codes, ours, Where(said.file, said.id), folder.findings):
            ours = Ours(frozenset(), filtered=True)  # Told: nothing more is said of its rows.
            told = frozenset(frame["place_id"])
        table = read_wide(folder, said.file, columns, ours=ours)
        # What is wrong with a row that is there has been told.
        told |= frozenset(table[said.id]) | (folder.lost_cells(said.file) or frozenset())
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
    elif said is not None and (bare := sorted(set(frame["place_id"]) - set(given) - told)):
        what = f"Places without a centroid, where a point inside stands in ({len(bare)}): {list_some(bare)}."
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
    deciles = {} if said is None else _read_deciles(folder, said, ours)
    told = deciles is None
    found = [(deciles or {}).get(code, np.nan) for code in frame["place_id"]]
    missing = [str(c) for c, d in zip(frame["place_id"], found, strict=True) if np.isnan(d)]
    if said is not None and missing and not told:
        what = f"Places without a deprivation decile ({len(missing)}): {list_some(missing)}."
        folder.findings.note(said.file, what)
    return frame.assign(imd_decile=pd.Series(found, index=frame.index, dtype="float64"))


def _read_deciles(
    folder: InputFolder, said: DeprivationSettings, ours: Ours
) -> dict[str, float] | None:
    """Return the decile by place, carried over by the lookup where one is named.

    None where it is told already that the table cannot be used.
    """
    section = "places.deprivation"
    change = read_change(folder, said.lookup, ours, section=section, counted=False)
    if said.lookup is not None and change is None:
        return None
    areas, findings = ours if change is None else change.sources, folder.findings
    codes = codes_of(folder, said.file, said.id)
    where = Where(said.file, said.id, None if change else section)
    if is_another_vintage(codes, areas, where, findings):
        return None
    columns = (
        Column(said.id, "text", "", required=True),
        Column(said.imd_decile, "integer", "", minimum=1, maximum=10),
    )
    table = read_wide(folder, said.file, columns, ours=areas)
    if change is not None and {said.id, said.imd_decile} <= set(table.columns):
        given = pd.DataFrame({"place_id": table[said.id], "decile": table[said.imd_decile]})
        carried = carry_deciles(given, change.links)
        carried = carried[carried["place_id"].isin(list(ours.ids or ()))]
        differ = sorted(carried.loc[carried["differ"], "place_id"])
        if differ:
            places = count_of(len(differ), "place")
            what = (
                f"{places} joined from areas of different deciles, which are not averaged: the "
                f"most deprived was taken ({list_some(differ)})."
            )
            findings.note(said.file, what, column=said.imd_decile)
        return dict(zip(carried["place_id"], carried["decile"].astype(float), strict=True))
    return {
        str(code): float(decile)
        for code, decile in zip(table[said.id], table[said.imd_decile], strict=True)
    }

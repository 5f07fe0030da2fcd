"""Polygons of places from any format that OGR reads, in the system of the exercise."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import pyproj
import shapely

from provision_map.read.files.crs import WGS84, area_of_use, project
from provision_map.read.files.ogr import (
    FARTHEST,
    FIRST_ROW,
    Shapes,
    has_columns,
    is_polygon,
    matches,
    read_shapes,
    repair,
    source_system,
    text_of,
)
from provision_map.read.files.text import InputFolder
from provision_map.read.findings import Findings
from provision_map.read.settings import SETTINGS_FILE, PlacesSettings

_COLUMNS = ("place_id", "name", "authority", "geometry", "_row")


@dataclass(frozen=True)
class Boundaries:
    """Polygons that can be used, and the codes of all that are ours, usable or not.

    ``frame`` has place_id, name, authority, geometry (in the exercise's system) and _row;
    ``neighbours`` has the same of places that are not ours but near enough to count.
    ``ids`` is None where the file could not be read so far.
    """

    frame: gpd.GeoDataFrame
    ids: frozenset[str] | None
    neighbours: gpd.GeoDataFrame


def read_boundaries(
    folder: InputFolder, settings: PlacesSettings, target: pyproj.CRS | None
) -> Boundaries:
    """Read, filter, repair and reproject the polygons; faults become Problems, not errors."""
    findings, nobody = folder.findings, _empty(target)
    file = Shapes(settings.file, "places", layer=settings.layer)
    raw = read_shapes(folder, file)
    known = None if raw is None else _name_columns(raw, settings, file, findings)
    if known is None:
        return Boundaries(nobody, None, nobody)
    ours = _keep(raw, settings, file, findings)
    kept = known[ours].reset_index(drop=True)
    _check_ids(kept, settings, findings)
    ids = frozenset(kept["place_id"]) - {""}
    source = source_system(raw, file, findings)
    sound = sound_polygons(kept, settings.file, findings)
    if source is None or target is None or sound.empty:
        return Boundaries(nobody, ids, nobody)
    placed = place_polygons(sound, settings.file, findings, source=source, target=target)
    others = known[~ours].reset_index(drop=True)
    neighbours = _find_neighbours(
        others, placed, settings, findings, source=source, target=target, ids=ids
    )
    return Boundaries(placed, ids, neighbours)


def _empty(target: pyproj.CRS | None) -> gpd.GeoDataFrame:
    columns = {name: pd.Series(dtype=object) for name in _COLUMNS}
    return gpd.GeoDataFrame(columns, geometry="geometry", crs=target)


def _name_columns(raw: Any, settings: PlacesSettings, file: Shapes, findings: Findings) -> Any:  # noqa: ANN401
    """Take our columns by the names that the settings give; None if one is not there."""
    wanted = {"place_id": settings.id, "name": settings.name}
    if settings.authority is not None:
        wanted["authority"] = settings.authority
    if not has_columns(raw, wanted.values(), file, findings):
        return None
    texts = {ours: [text_of(value) for value in raw[theirs]] for ours, theirs in wanted.items()}
    texts.setdefault("authority", [""] * len(raw))
    return gpd.GeoDataFrame(
        {**texts, "_row": np.arange(FIRST_ROW, len(raw) + FIRST_ROW)},
        geometry=raw.geometry.to_numpy(),
        crs=raw.crs,
    )


def _keep(
    raw: Any,  # noqa: ANN401 - untyped
    settings: PlacesSettings,
    file: Shapes,
    findings: Findings,
) -> npt.NDArray[np.bool_]:
    ours = matches(raw, dict(settings.keep), file, findings, key="keep")
    if not ours.any():
        what = f"The filter keeps none of the {len(raw)} places of {settings.file}."
        findings.problem(SETTINGS_FILE, what, "Correct it.", column="places.keep")
    return ours


def _find_neighbours(
    others: Any,  # noqa: ANN401 - untyped
    placed: gpd.GeoDataFrame,
    settings: PlacesSettings,
    findings: Findings,
    *,
    source: pyproj.CRS,
    target: pyproj.CRS,
    ids: frozenset[str],
) -> gpd.GeoDataFrame:
    """Return the places that are not ours but within the distance that makes them neighbours.

    What is wrong with an outline of another place is no problem of this exercise: it is counted.
    """
    metres = settings.neighbours_metres
    if not metres or placed.empty:
        return _empty(target)
    if others.empty:
        what = "There are no neighbours: every place of the file is one of ours."
        mend = "Name ours with places.keep in a file that has others too, or leave this out."
        findings.note(SETTINGS_FILE, what, mend, column="places.neighbours_metres")
        return _empty(target)
    told = Findings()
    sound = sound_polygons(others, settings.file, told)
    if not sound.empty:
        sound = place_polygons(sound, settings.file, told, source=source, target=target)
    # A place that lies in two of the file's parts, or has the code of ours, is not counted twice.
    sound = sound[~sound["place_id"].isin(list(ids))].drop_duplicates("place_id")
    near, _ = shapely.STRtree(placed.geometry.to_numpy()).query(
        sound.geometry.to_numpy(), predicate="dwithin", distance=metres
    )
    chosen = sound.iloc[np.unique(near)].reset_index(drop=True)
    faulty = len({problem.row for problem in told.problems})
    if faulty:
        one = faulty == 1
        places = "1 other place has" if one else f"{faulty:,} other places have"
        become = "is no neighbour" if one else "are no neighbours"
        what = f"{places} no outline that can be used, and {become}."
        findings.note(settings.file, what)
    if chosen.empty:
        what = f"No other place lies within {metres:g} m of ours: there are no neighbours."
        findings.note(SETTINGS_FILE, what, "", column="places.neighbours_metres")
        return _empty(target)
    return gpd.GeoDataFrame(chosen, geometry="geometry", crs=target)


def _check_ids(kept: Any, settings: PlacesSettings, findings: Findings) -> None:  # noqa: ANN401
    first: dict[str, int] = {}
    for code, name, row in zip(kept["place_id"], kept["name"], kept["_row"], strict=True):
        if not code:
            what, mend = "The cell is empty.", "It must be given."
            findings.problem(settings.file, what, mend, row=int(row), column=settings.id)
        elif code in first:
            what = f"{code} stands already in row {first[code]}."
            mend = "Give each place an identifier of its own."
            findings.problem(settings.file, what, mend, row=int(row), column=settings.id)
        if not name:
            what, mend = "The cell is empty.", "It must be given."
            findings.problem(settings.file, what, mend, row=int(row), column=settings.name)
        first.setdefault(code, int(row))


def sound_polygons(kept: Any, file: str, findings: Findings) -> Any:  # noqa: ANN401 - untyped
    """Return the rows whose outline is a polygon, repaired where it crosses itself, without Z."""
    outlines = shapely.force_2d(kept.geometry.to_numpy())
    usable = np.ones(len(kept), dtype=bool)
    for n, (outline, code, row) in enumerate(
        zip(outlines, kept["place_id"], kept["_row"], strict=True)
    ):
        what = _fault(outline)
        if what is None and not shapely.is_valid(outline):
            why = shapely.is_valid_reason(outline).split("[")[0].lower()
            outlines[n] = repair(outline)
            if outlines[n].is_empty:
                what = "The outline has no area."
            else:
                say = f"The outline of {code} was not a valid polygon ({why}) and was repaired."
                findings.note(file, say, row=int(row))
        if what is not None:
            usable[n] = False
            mend = "Draw it again as a polygon."
            findings.problem(file, what, mend, row=int(row), column="geometry")
    sound = kept.set_geometry(gpd.GeoSeries(outlines, index=kept.index, crs=kept.crs))
    return sound[usable & (sound["place_id"] != "").to_numpy()].reset_index(drop=True)


def _fault(outline: Any) -> str | None:  # noqa: ANN401 - a shapely geometry or None
    if outline is None or outline.is_empty:
        return "The place has no outline that can be read."
    if not is_polygon(outline):
        return f"The outline is a {outline.geom_type}, not a polygon."
    coordinates = shapely.get_coordinates(outline)
    if not np.isfinite(coordinates).all():
        return "The outline has a coordinate that is not a number."
    if np.abs(coordinates).max() > FARTHEST:
        return "The outline has a coordinate that lies nowhere on Earth."
    return None


def place_polygons(
    sound: Any,  # noqa: ANN401 - untyped GeoDataFrame
    file: str,
    findings: Findings,
    *,
    source: pyproj.CRS,
    target: pyproj.CRS,
) -> gpd.GeoDataFrame:
    """Reproject, and check that every place lies where the exercise's system may be used."""
    points = shapely.get_coordinates(shapely.point_on_surface(sound.geometry.to_numpy()))
    degrees = project(points[:, 0], points[:, 1], source=source, target=WGS84)
    area = area_of_use(target)
    inside = np.array(
        [area is None or area.holds(x, y) for x, y in zip(*degrees, strict=True)], dtype=bool
    )
    if not inside.all():
        _report_outside(sound, file, findings, degrees=degrees, inside=inside, target=target)
    placed = sound[inside].to_crs(target)
    finite = np.isfinite(placed.geometry.bounds.to_numpy()).all(axis=1)
    for row in placed["_row"][~finite]:
        what = f"The outline cannot be brought into {target.name}."
        findings.problem(file, what, "Check it.", row=int(row), column="geometry")
    # make_valid again: rounding while reprojecting can make two edges cross.
    placed = placed[finite].reset_index(drop=True)
    broken = ~placed.geometry.is_valid
    if broken.any():
        outlines = placed.geometry.to_numpy().copy()
        outlines[broken] = [repair(outline) for outline in outlines[broken]]
        placed = placed.set_geometry(gpd.GeoSeries(outlines, crs=target))
    return placed


def _report_outside(
    sound: Any,  # noqa: ANN401 - untyped
    file: str,
    findings: Findings,
    *,
    degrees: tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]],
    inside: np.ndarray[Any, Any],
    target: pyproj.CRS,
) -> None:
    area = area_of_use(target)
    for n in np.flatnonzero(~inside):
        x, y = float(degrees[0][n]), float(degrees[1][n])
        swapped = area is not None and area.holds(y, x)
        what = (
            f"{sound['place_id'].iloc[n]} lies outside the area of {target.name} "
            f"(at longitude {x:.3f}, latitude {y:.3f})."
        )
        mend = (
            "Longitude and latitude look swapped: put longitude first."
            if swapped
            else "Check its coordinates, or exercise.crs in provision.toml."
        )
        findings.problem(file, what, mend, row=int(sound["_row"].iloc[n]), column="geometry")

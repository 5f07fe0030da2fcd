"""Polygons of places from any format that OGR reads, in the system of the exercise."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import pyproj
import shapely

from provision_map.read.crs import WGS84, WORLD, area_of_use, project
from provision_map.read.findings import Findings
from provision_map.read.settings import SETTINGS_FILE, PlacesSettings
from provision_map.read.text import LARGEST_BOUNDARIES, InputFolder
from provision_map.schema import Spelling, quote

#: Files that belong to a shapefile and change what is read from it.
_SIDECARS = (".dbf", ".shx", ".prj", ".cpg")

#: Formats that are only a pointer to other files or addresses: none of them is data.
_POINTERS = (b"<OGRVRTDataSource", b"<OGRWFSDataSource", b"<VRTDataset")

_COLUMNS = ("place_id", "name", "authority", "geometry", "_row")
_POLYGON_TYPES = (3, 6)  # shapely's numbers of Polygon and MultiPolygon


@dataclass(frozen=True)
class Boundaries:
    """Polygons that can be used, and the codes of all that are ours, usable or not.

    ``frame`` has place_id, name, authority, geometry (in the exercise's system) and _row.
    ``ids`` is None where the file could not be read so far.
    """

    frame: gpd.GeoDataFrame
    ids: frozenset[str] | None


def read_boundaries(
    folder: InputFolder, settings: PlacesSettings, target: pyproj.CRS | None
) -> Boundaries:
    """Read, filter, repair and reproject the polygons; faults become Problems, not errors."""
    raw = _load(folder, settings)
    if raw is None:
        return Boundaries(_empty(target), None)
    findings = folder.findings
    known = _name_columns(raw, settings, findings)
    if known is None:
        return Boundaries(_empty(target), None)
    kept = _keep(known, raw, settings, findings)
    _check_ids(kept, settings, findings)
    ids = frozenset(kept["place_id"]) - {""}
    source = _source_system(raw, settings.file, findings)
    sound = _sound_polygons(kept, settings.file, findings)
    if source is None or target is None or sound.empty:
        return Boundaries(_empty(target), ids)
    placed = _project(sound, settings.file, findings, source=source, target=target)
    return Boundaries(placed, ids)


def _empty(target: pyproj.CRS | None) -> gpd.GeoDataFrame:
    columns = {name: pd.Series(dtype=object) for name in _COLUMNS}
    return gpd.GeoDataFrame(columns, geometry="geometry", crs=target)


def _load(folder: InputFolder, settings: PlacesSettings) -> Any:  # noqa: ANN401 - a GeoDataFrame
    name = settings.file
    data = folder.read_bytes(name, largest=LARGEST_BOUNDARIES)
    if data is None:
        return None
    findings = folder.findings
    if any(mark in data[:4096] for mark in _POINTERS):
        what = "The file only points to other files or addresses."
        findings.problem(name, what, "Save the polygons themselves, as GeoPackage or GeoJSON.")
        return None
    path = folder.locate(name)
    _add_sidecars(folder, name, path)
    try:
        raw = _read_ogr(path, settings, findings)
    except (RuntimeError, ValueError, OSError, shapely.errors.ShapelyError) as error:
        said = str(error).replace(str(path), name).splitlines() or [type(error).__name__]
        what = f"The polygons cannot be read: {said[0].rstrip('.')}."
        findings.problem(name, what, "Save them as GeoPackage or GeoJSON.")
        return None
    if raw is None:
        return None
    if not isinstance(raw, gpd.GeoDataFrame):
        findings.problem(name, "The file holds no polygons.", "Save them as GeoPackage or GeoJSON.")
    elif raw.empty:
        findings.problem(name, "The file is empty: it holds no places.", "Name another file.")
    else:
        return raw
    return None


def _read_ogr(path: Path, settings: PlacesSettings, findings: Findings) -> Any:  # noqa: ANN401 - untyped
    """Read through OGR; what it warns of becomes a note. None if there is no such layer."""
    name = settings.file
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        layer = _choose_layer(path, settings, findings)
        if layer is None:
            return None
        try:
            raw = pyogrio.read_dataframe(path, layer=layer, on_invalid="ignore")
        except UnicodeDecodeError:
            raw = pyogrio.read_dataframe(path, layer=layer, on_invalid="ignore", encoding="cp1252")
            findings.note(name, "Read as Windows-1252 text, because it is not UTF-8.")
    said = [str(warning.message).replace(str(path), name) for warning in caught]
    # What follows the first sentence is advice to programmers.
    first = [text.partition("\n")[0].partition(". ")[0].rstrip(".") for text in said]
    for text in dict.fromkeys(first):
        findings.note(name, f"Said by the reader: {text}.")
    return raw


def _choose_layer(path: Path, settings: PlacesSettings, findings: Findings) -> str | None:
    """Return the layer that the settings name, or the first; a Problem and None if it is not."""
    found = {str(name): kind for name, kind in pyogrio.list_layers(path)}
    # Tables beside the polygons, such as the styles that a desktop GIS keeps, are no choice.
    layers = [name for name, kind in found.items() if kind is not None] or list(found)
    if not layers:
        what = "The file is empty: it holds no places."
        findings.problem(settings.file, what, "Name another file.")
        return None
    if settings.layer is not None:
        if settings.layer in layers:
            return settings.layer
        what = f"{settings.file} has no layer {quote(settings.layer)}."
        mend = Spelling(layers).mend(settings.layer)
        findings.problem(SETTINGS_FILE, what, mend, column="places.layer")
        return None
    if len(layers) > 1:
        what = f"Of its {len(layers)} layers ({', '.join(layers[:10])}), {layers[0]!r} was read."
        mend = 'Say which it is to be with layer = "…" in [places].'
        findings.note(settings.file, what, mend)
    return layers[0]


def _add_sidecars(folder: InputFolder, name: str, path: Path) -> None:
    if path.suffix.lower() != ".shp":
        return
    for suffix in _SIDECARS:
        beside = path.with_suffix(suffix)
        if beside.is_file():
            sidecar = str(Path(name).with_suffix(suffix))
            folder.add_file(sidecar, beside.read_bytes())
            folder.sidecars.add(sidecar)


def _text(value: object) -> str:
    """Return a code as text: 7.0 in a column of numbers is the code 7."""
    if value is None or value is pd.NA or (isinstance(value, float) and np.isnan(value)):
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).strip()


def _name_columns(raw: Any, settings: PlacesSettings, findings: Findings) -> Any:  # noqa: ANN401
    """Take our columns by the names that the settings give; None if one is not there."""
    wanted = {"place_id": settings.id, "name": settings.name}
    if settings.authority is not None:
        wanted["authority"] = settings.authority
    fields = [str(name) for name in raw.columns if name != raw.geometry.name]
    missing = [name for name in wanted.values() if name not in fields]
    spelling = Spelling(fields)
    for name in missing:
        listed = ", ".join(fields[:30])
        mend = f"{spelling.ask(name)} The file has: {listed}. Correct [places] in provision.toml."
        mend = mend.strip()
        findings.problem(settings.file, "The column is missing.", mend, row=1, column=name)
    if missing:
        return None
    texts = {ours: [_text(value) for value in raw[theirs]] for ours, theirs in wanted.items()}
    texts.setdefault("authority", [""] * len(raw))
    return gpd.GeoDataFrame(
        {**texts, "_row": np.arange(2, len(raw) + 2)},
        geometry=raw.geometry.to_numpy(),
        crs=raw.crs,
    )


def _keep(known: Any, raw: Any, settings: PlacesSettings, findings: Findings) -> Any:  # noqa: ANN401
    ours = np.ones(len(known), dtype=bool)
    for column, values in settings.keep.items():
        if column not in raw.columns:
            what = f"{settings.file} has no column {column!r}."
            mend = f"{Spelling(map(str, raw.columns)).ask(column)} Correct the filter.".strip()
            findings.problem(SETTINGS_FILE, what, mend, column=f"places.keep.{column}")
            continue
        ours &= np.array([_text(value) in values for value in raw[column]])
    if not ours.any():
        what = f"The filter keeps none of the {len(known)} places of {settings.file}."
        findings.problem(SETTINGS_FILE, what, "Correct it.", column="places.keep")
    return known[ours].reset_index(drop=True)


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


def _source_system(raw: Any, file: str, findings: Findings) -> pyproj.CRS | None:  # noqa: ANN401
    """Return the system of the file, if its numbers can be in it; else a Problem and None."""
    crs = None if raw.crs is None else pyproj.CRS.from_user_input(raw.crs)
    if crs is None or not (crs.is_geographic or crs.is_projected):
        what = "The file does not say which coordinate system it is in."
        mend = "Add it (for a shapefile the .prj file), or save the polygons with it."
        findings.problem(file, what, mend, column="geometry")
        return None
    with np.errstate(invalid="ignore"):
        west, south, east, north = (float(edge) for edge in raw.total_bounds)
    if not np.isfinite([west, south, east, north]).all():
        return crs  # Nothing to go by; each row says what is wrong with it.
    corners = f"from {west:g}, {south:g} to {east:g}, {north:g}"
    in_degrees = WORLD.holds(west, south) and WORLD.holds(east, north)
    if crs.is_geographic and not in_degrees:
        what = f"The file says it is in longitude and latitude ({crs.name}), but its numbers go {corners}."
        mend = "Save it with the system it is really in; GeoJSON is always longitude and latitude."
        findings.problem(file, what, mend, column="geometry")
        return None
    if crs.is_projected and in_degrees:
        what = f"The file says it is in {crs.name}, but its numbers go {corners}: longitude and latitude?"
        mend = "Save it with the system it is really in, probably EPSG:4326."
        findings.problem(file, what, mend, column="geometry")
        return None
    return crs


def _sound_polygons(kept: Any, file: str, findings: Findings) -> Any:  # noqa: ANN401 - untyped
    """Return the rows whose outline is a polygon, repaired where it crosses itself, without Z."""
    outlines = shapely.force_2d(kept.geometry.to_numpy())
    usable = np.ones(len(kept), dtype=bool)
    for n, (outline, code, row) in enumerate(
        zip(outlines, kept["place_id"], kept["_row"], strict=True)
    ):
        what = _fault(outline)
        if what is None and not shapely.is_valid(outline):
            why = shapely.is_valid_reason(outline).split("[")[0].lower()
            outlines[n] = _repair(outline)
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
    if shapely.get_type_id(outline) not in _POLYGON_TYPES:
        return f"The outline is a {outline.geom_type}, not a polygon."
    if not np.isfinite(shapely.get_coordinates(outline)).all():
        return "The outline has a coordinate that is not a number."
    return None


def _repair(outline: Any) -> Any:  # noqa: ANN401 - shapely geometries
    """Return the polygons of the repaired outline; lines and points that fall off are dropped."""
    parts = shapely.get_parts(shapely.get_parts(np.array([shapely.make_valid(outline)])))
    polygons = [part for part in parts if shapely.get_type_id(part) in _POLYGON_TYPES]
    return shapely.union_all(polygons) if polygons else shapely.Polygon()


def _project(
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
        outlines[broken] = [_repair(outline) for outline in outlines[broken]]
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

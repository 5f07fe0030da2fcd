"""Files of shapes in any format that OGR reads: places, road links, homes, sites."""

from __future__ import annotations

import warnings
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import pyogrio
import pyproj
import shapely

from provision_map.read.files.closed_ogr import close_ogr
from provision_map.read.files.crs import WORLD
from provision_map.read.files.large import find_large
from provision_map.read.files.text import LARGEST_BOUNDARIES, InputFolder
from provision_map.read.findings import Findings
from provision_map.read.settings import SETTINGS_FILE
from provision_map.schema import COLUMN_MISSING, Spelling, quote

#: By the end of a name, the files that belong to it and change what is read from it.
_SIDECARS = {
    ".shp": (".dbf", ".shx", ".prj", ".cpg"),
    ".tab": (".dat", ".map", ".id", ".ind"),
    ".mif": (".mid",),
    ".gml": (".xsd", ".gfs"),
}

#: Formats that are only a pointer to other files or addresses: none of them is data.
_POINTERS = (b"<OGRVRTDataSource", b"<OGRWFSDataSource", b"<VRTDataset", b'"gdal_streamed_alg"')
_LOOKED_AT = 65_536
#: In a MapInfo table: one made of others, whose names stand in it.
_JOINED = (b"create view", b"open table", b"isseamless")

#: Cells of all records: what fits into memory.
_MOST_CELLS = 100_000_000
#: Said where OGR would have written a file beside the one it reads.
_KEPT_FROM_WRITING = "GFS file saving"
#: Zips that OGR reads as files of shapes.
_ZIPPED = (".zip", ".kmz", ".shz")

_POLYGON_TYPES = (3, 6)  # shapely's numbers of Polygon and MultiPolygon

#: Metres or degrees: beyond this no system has a place, and sums of it overflow.
FARTHEST = 1e9

#: In OGR's files the first record is told as row 2, as if a heading stood above it.
FIRST_ROW = 2


@dataclass(frozen=True)
class Shapes:
    """A file of shapes as the settings name it, and the words that problems use of it.

    Attributes:
        file: its name.
        section: of the settings that name it: "places".
        shapes: what is drawn in it: "polygons", "road links".
        things: what a record of it is: "places", "links".
        layer: the one to read; None: the first.
        largest: so many bytes are read.

    """

    file: str
    section: str
    shapes: str = "polygons"
    things: str = "places"
    layer: str | None = None
    largest: int = LARGEST_BOUNDARIES


def read_shapes(folder: InputFolder, source: Shapes) -> Any:  # noqa: ANN401 - a GeoDataFrame
    """Return all records of the file; None and a Problem where it holds none that can be read."""
    name, findings = source.file, folder.findings
    path = find_large(folder, name, largest=source.largest)
    if path is None or not _holds_shapes(path, source, findings):
        return None
    _add_sidecars(folder, name, path)
    mend = "Save them as GeoPackage or GeoJSON."
    try:
        with close_ogr():
            raw = _read_ogr(path, source, findings)
    except (RuntimeError, ValueError, OSError, shapely.errors.ShapelyError) as error:
        said = str(error).replace(f"/vsisubfile/0,{path}", name).replace(
            str(path), name
        ).splitlines() or [type(error).__name__]
        # What follows is advice to programmers.
        first = said[0].partition("; It might help")[0].rstrip(".")
        what = f"The {source.shapes} cannot be read: {first}."
        findings.problem(name, what, mend)
        return None
    if raw is None:
        return None
    if not isinstance(raw, gpd.GeoDataFrame):
        findings.problem(name, f"The file holds no {source.shapes}.", mend)
    elif raw.empty:
        what = f"The file is empty: it holds no {source.things}."
        findings.problem(name, what, "Name another file.")
    else:
        return raw
    return None


def _read_ogr(path: Path, source: Shapes, findings: Findings) -> Any:  # noqa: ANN401 - untyped
    """Read through OGR; what it warns of becomes a note. None if there is no such layer."""
    name, opened = source.file, _without_writing(path)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        layer = _choose_layer(opened, source, findings)
        if layer is None or _is_too_wide(opened, layer, source, findings):
            return None
        try:
            raw = pyogrio.read_dataframe(opened, layer=layer, on_invalid="ignore")
        except UnicodeDecodeError:
            raw = pyogrio.read_dataframe(
                opened, layer=layer, on_invalid="ignore", encoding="cp1252"
            )
            findings.note(name, "Read as Windows-1252 text, because it is not UTF-8.")
    said = [str(warning.message).replace(str(path), name) for warning in caught]
    # What follows the first sentence is advice to programmers.
    first = [text.partition("\n")[0].partition(". ")[0].rstrip(".") for text in said]
    for text in dict.fromkeys(text for text in first if not text.startswith(_KEPT_FROM_WRITING)):
        findings.note(name, f"Said by the reader: {text}.")
    return raw


def _holds_shapes(path: Path, source: Shapes, findings: Findings) -> bool:
    """Whether a file may hold shapes itself; a Problem where it only points to others, or is a bomb."""
    with path.open("rb") as file:
        head = file.read(_LOOKED_AT)
    joined = path.suffix.lower() == ".tab" and any(mark in head.lower() for mark in _JOINED)
    if joined or any(mark in head for mark in _POINTERS):
        what = "The file only points to other files or addresses."
        mend = f"Save the {source.shapes} themselves, as GeoPackage or GeoJSON."
        findings.problem(source.file, what, mend)
        return False
    return path.suffix.lower() not in _ZIPPED or _unpacks(path, source, findings)


def _unpacks(path: Path, source: Shapes, findings: Findings) -> bool:
    """Whether what a zip says it holds is of bearable size; it is unpacked no further than it says."""
    try:
        with zipfile.ZipFile(path) as packed:
            size = sum(entry.file_size for entry in packed.infolist())
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError) as error:
        findings.problem(
            source.file, f"The zip cannot be opened: {error}.", "Fetch or save it again."
        )
        return False
    if size > 2 * source.largest:
        what = f"It unpacks to {size:,} bytes; at most {2 * source.largest:,} are read."
        findings.problem(source.file, what, "Cut it down to the area of the exercise.")
        return False
    return True


def _is_too_wide(path: Path | str, layer: str, source: Shapes, findings: Findings) -> bool:
    """Whether records and columns come to more than memory holds; then it is a Problem.

    In GeoJSON each record may have columns of its own, and all have room for those of the others.
    """
    about = pyogrio.read_info(path, layer=layer)
    columns, records = len(about["fields"]), int(about["features"])
    if columns * max(records, 1) <= _MOST_CELLS:
        return False
    what = f"The file has {records:,} {source.things} with {columns:,} columns, which are too many."
    findings.problem(source.file, what, "Keep the columns that are needed, or name another file.")
    return True


def _without_writing(path: Path) -> Path | str:
    """Return how OGR is to open a file; beside GML without a schema it would write what it guesses."""
    if path.suffix.lower() != ".gml" or any(
        path.with_suffix(suffix).exists() for suffix in _SIDECARS[".gml"]
    ):
        return path
    # The whole of the file as a part of it: the same bytes, and nothing beside them.
    return f"/vsisubfile/0,{path}"


def _choose_layer(path: Path | str, source: Shapes, findings: Findings) -> str | None:
    """Return the layer that the settings name, or the first; a Problem and None if it is not."""
    found = {str(name): kind for name, kind in pyogrio.list_layers(path)}
    # Tables beside the shapes, such as the styles that a desktop GIS keeps, are no choice.
    layers = [name for name, kind in found.items() if kind is not None] or list(found)
    if not layers:
        what = f"The file is empty: it holds no {source.things}."
        findings.problem(source.file, what, "Name another file.")
        return None
    if source.layer is not None:
        if source.layer in layers:
            return source.layer
        what = f"{source.file} has no layer {quote(source.layer)}."
        mend = Spelling(layers).mend(source.layer)
        findings.problem(SETTINGS_FILE, what, mend, column=f"{source.section}.layer")
        return None
    if len(layers) > 1:
        what = f"Of its {len(layers)} layers ({', '.join(layers[:10])}), {layers[0]!r} was read."
        mend = f'Say which it is to be with layer = "…" in [{source.section}].'
        findings.note(source.file, what, mend)
    return layers[0]


def _add_sidecars(folder: InputFolder, name: str, path: Path) -> None:
    for suffix in _SIDECARS.get(path.suffix.lower(), ()):
        beside = path.with_suffix(suffix)
        if beside.is_file():
            sidecar = str(Path(name).with_suffix(suffix))
            find_large(folder, sidecar, largest=LARGEST_BOUNDARIES * 8)
            folder.sidecars.add(sidecar)


def text_of(value: object) -> str:
    """Return a code as text: 7.0 in a column of numbers is the code 7."""
    if value is None or value is pd.NA or (isinstance(value, float) and np.isnan(value)):
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).strip()


def fields_of(raw: Any) -> list[str]:  # noqa: ANN401 - untyped
    """Return the names of the columns beside the shape."""
    return [str(name) for name in raw.columns if name != raw.geometry.name]


def has_columns(
    raw: Any,  # noqa: ANN401 - untyped
    wanted: Iterable[str],
    source: Shapes,
    findings: Findings,
) -> bool:
    """Whether the file has these columns; each that is missing is a Problem."""
    fields = fields_of(raw)
    spelling = Spelling(fields)
    missing = [name for name in wanted if name not in fields]
    for name in missing:
        listed = ", ".join(fields[:30])
        mend = f"{spelling.ask(name)} The file has: {listed}."
        mend = f"{mend} Correct [{source.section}] in provision.toml.".strip()
        findings.problem(source.file, COLUMN_MISSING, mend, row=1, column=name)
    return not missing


def matches(
    raw: Any,  # noqa: ANN401 - untyped
    wanted: dict[str, tuple[str, ...]],
    source: Shapes,
    findings: Findings,
    *,
    key: str,
) -> npt.NDArray[np.bool_]:
    """Say of each record whether every named column holds one of its values; true where none is.

    A column that the file does not have is a Problem of the setting ``key``, and passed over.
    """
    found = np.ones(len(raw), dtype=bool)
    for column, values in wanted.items():
        if column not in fields_of(raw):
            what = f"{source.file} has no column {column!r}."
            mend = f"{Spelling(map(str, raw.columns)).ask(column)} Correct the filter.".strip()
            findings.problem(SETTINGS_FILE, what, mend, column=f"{source.section}.{key}.{column}")
            continue
        found &= np.array([text_of(value) in values for value in raw[column]], dtype=bool)
    return found


def source_system(raw: Any, source: Shapes, findings: Findings) -> pyproj.CRS | None:  # noqa: ANN401
    """Return the system of the file, if its numbers can be in it; else a Problem and None."""
    file = source.file
    crs = None if raw.crs is None else pyproj.CRS.from_user_input(raw.crs)
    if crs is None or not (crs.is_geographic or crs.is_projected):
        what = "The file does not say which coordinate system it is in."
        mend = f"Add it (for a shapefile the .prj file), or save the {source.shapes} with it."
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


def repair(outline: Any) -> Any:  # noqa: ANN401 - shapely geometries
    """Return the polygons of the repaired outline; lines and points that fall off are dropped."""
    parts = shapely.get_parts(shapely.get_parts(np.array([shapely.make_valid(outline)])))
    polygons = [part for part in parts if shapely.get_type_id(part) in _POLYGON_TYPES]
    return shapely.union_all(polygons) if polygons else shapely.Polygon()


def is_polygon(outline: Any) -> bool:  # noqa: ANN401 - a shapely geometry
    """Whether it is a polygon, or several."""
    return bool(shapely.get_type_id(outline) in _POLYGON_TYPES)


def move(
    shapes: npt.NDArray[np.object_], *, source: pyproj.CRS, target: pyproj.CRS
) -> npt.NDArray[np.object_]:
    """Bring shapes from one system into another; what cannot be is left with infinite numbers."""
    if source == target:
        return shapes
    moved = gpd.GeoSeries(shapes, crs=source).to_crs(target)
    return np.asarray(moved.to_numpy(), dtype=object)


def are_finite(shapes: npt.NDArray[np.object_]) -> npt.NDArray[np.bool_]:
    """Say of each shape whether it has points at all, and numbers on Earth for each of them."""
    flat, index = shapely.get_coordinates(shapes, return_index=True)
    sound = np.zeros(len(shapes), dtype=bool)
    sound[index] = True
    sound[index[~(np.abs(flat) <= FARTHEST).all(axis=1)]] = False
    return sound

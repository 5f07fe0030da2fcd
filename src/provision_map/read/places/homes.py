"""Points where the people of each place live, finer than one a place: output areas, postcodes."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from provision_map.read.files.crs import WGS84, project
from provision_map.read.files.ogr import (
    FIRST_ROW,
    Shapes,
    are_finite,
    has_columns,
    is_polygon,
    move,
    read_shapes,
    source_system,
    text_of,
)
from provision_map.read.files.text import InputFolder
from provision_map.read.findings import Findings, list_some
from provision_map.read.places.area import Area
from provision_map.read.places.vintages import Where, is_another_vintage
from provision_map.read.settings import SETTINGS_FILE, HomesSettings
from provision_map.schema import COLUMN_MISSING, Column, Spelling, Table, quote

_POINTS = (0, 4)  # shapely's numbers of Point and MultiPoint
_TABLES = (".csv", ".txt", ".tsv")

#: Letters of a code that a message says.
_LONGEST = 60

#: What stands in each column of the table that is read, before places are known.
_COLUMNS = ("home_id", "place_id", "weight", "x", "y", "_row")


@dataclass(frozen=True)
class _Reading:
    """What every step of reading needs to know."""

    settings: HomesSettings
    area: Area
    findings: Findings

    @property
    def file(self) -> str:
        return self.settings.file


def empty_homes() -> pd.DataFrame:
    """Return the table of homes without rows: each place is then one point."""
    kinds = {"home_id": object, "place_id": object, "easting": float, "northing": float,
             "weight": float, "_row": np.int64}  # fmt: skip
    return pd.DataFrame({name: pd.Series(dtype=kind) for name, kind in kinds.items()})


def read_homes(folder: InputFolder, settings: HomesSettings | None, area: Area) -> pd.DataFrame:
    """Read the points of our places.

    A table with coordinates, or shapes: then the point itself, or one inside the outline. A point
    belongs to the place that its row names, and only without such a column to the one whose outline
    it falls in.

    Returns:
        home_id, place_id, easting, northing (in the system of the exercise), weight (NaN: no
        column of weights is named) and ``_row``; empty where no points are named, or where what is
        wrong with them leaves none.

    """
    if settings is None:
        return empty_homes()
    reading = _Reading(settings, area, folder.findings)
    in_table = settings.easting is not None or settings.longitude is not None
    if not in_table and Path(settings.file).suffix.lower() in _TABLES:
        what = "The homes are a table, and no coordinates are named."
        mend = 'Name their columns: easting = "…" and northing = "…", or longitude and latitude.'
        folder.findings.problem(SETTINGS_FILE, what, mend, column="places.homes")
        return empty_homes()
    found = _read_table(folder, reading) if in_table else _read_outlines(folder, reading)
    if found is None or found.empty:
        return empty_homes()
    located = _locate(found, reading)
    if located is None:
        return empty_homes()
    _check_ids(located, reading)
    homes = located.rename(columns={"x": "easting", "y": "northing"})
    return homes[list(empty_homes().columns)].reset_index(drop=True)


# ---------------------------------------------------------------- a table with coordinates


def _read_table(folder: InputFolder, reading: _Reading) -> pd.DataFrame | None:
    said, file, findings = reading.settings, reading.file, reading.findings
    columns = _columns_of(said)
    names = [column.name for column in columns]
    for name in sorted({name for name in names if names.count(name) > 1 or name == "_row"}):
        what = f"The column {name} of {file} is named for two things."
        findings.problem(SETTINGS_FILE, what, "Name a column for each.", column="places.homes")
        return None
    raw = folder.read_table(file)
    if raw is None or not _has_rows(folder, raw, names, reading):
        return None
    if said.place is not None:
        raw = _ours(raw, raw[said.place].str.strip(), reading)
    typed, problems, notes = Table(file, "", columns).validate(raw[[*names, "_row"]], file=file)
    findings.problems.extend(problems)
    findings.notes.extend(notes)
    east, north = (typed[column.name].to_numpy(dtype=float) for column in columns[-2:])
    if said.longitude is not None and reading.area.target is not None:
        east, north = project(east, north, source=WGS84, target=reading.area.target)
    place = None if said.place is None else typed[said.place]
    weight = None if said.weight is None else typed[said.weight]
    return _frame(typed[said.id], place, weight, east, north, typed["_row"])


def _has_rows(folder: InputFolder, raw: pd.DataFrame, names: list[str], reading: _Reading) -> bool:
    """Whether the table has the columns that the settings name, and a row; if not, it is told."""
    file, findings = reading.file, reading.findings
    fields = [str(heading) for heading in raw.columns if heading != "_row"]
    spelling = Spelling(fields)
    for name in (name for name in names if name not in fields):
        mend = f"{spelling.ask(name)} The file has: {', '.join(fields[:30])}."
        mend = f"{mend} Correct [places.homes] in provision.toml.".strip()
        row = folder.heading_row(file)
        findings.problem(file, COLUMN_MISSING, mend, row=row, column=name)
    if raw.empty and folder.lost_cells(file) == frozenset():
        what = "The table is empty: it has headings only."
        findings.problem(file, what, "Fill it in, or leave [places.homes] out.")
    return set(names) <= set(fields) and not raw.empty


def _columns_of(said: HomesSettings) -> tuple[Column, ...]:
    """Return the columns to read; the last two are the coordinates."""
    columns = [Column(said.id, "text", "", required=True)]
    if said.place is not None:
        columns.append(Column(said.place, "text", "", required=True))
    if said.weight is not None:
        columns.append(Column(said.weight, "number", "", minimum=0))
    if said.longitude is not None:
        columns += [_coordinate(said.longitude, 180), _coordinate(str(said.latitude), 90)]
    else:
        columns += [_coordinate(str(said.easting), None), _coordinate(str(said.northing), None)]
    return tuple(columns)


def _coordinate(name: str, most: float | None) -> Column:
    return Column(name, "number", "", minimum=None if most is None else -most, maximum=most)


def _frame(*columns: Any) -> pd.DataFrame:  # noqa: ANN401 - columns in the order of _COLUMNS
    """Put columns together; None for places is "", for weights NaN."""
    length = len(columns[0])
    blank = ("", "", np.nan, np.nan, np.nan, 0)
    filled = [
        np.full(length, empty, dtype=object if empty == "" else float)
        if column is None
        else np.asarray(column)
        for column, empty in zip(columns, blank, strict=True)
    ]
    kinds = (object, object, float, float, float, np.int64)
    return pd.DataFrame(
        {
            name: pd.Series(values, dtype=kind)
            for name, values, kind in zip(_COLUMNS, filled, kinds, strict=True)
        }
    )


def _ours(raw: pd.DataFrame, codes: pd.Series[str], reading: _Reading) -> pd.DataFrame:
    """Return the rows of our places; those of others are noted, or passed over in silence."""
    ours = reading.area.ours
    where = Where(reading.file, reading.settings.place or "")
    if is_another_vintage(frozenset(codes), ours, where, reading.findings):
        return raw.iloc[0:0]
    if not ours.filtered:
        ours.note_others(codes, reading.file, reading.findings)
    kept = raw[ours.select(codes)].reset_index(drop=True)
    if kept.empty and not raw.empty:
        what = f"None of its {len(raw):,} rows is of a place of this exercise; the first is of {quote(str(codes.iloc[0]))}."
        mend = "Correct the codes, or name another column as place in [places.homes]."
        reading.findings.problem(reading.file, what, mend, column=reading.settings.place or "")
    return kept


# ---------------------------------------------------------------- points or outlines


def _read_outlines(folder: InputFolder, reading: _Reading) -> pd.DataFrame | None:
    said, findings = reading.settings, reading.findings
    source = Shapes(said.file, "places.homes", "points", "homes", said.layer)
    raw = read_shapes(folder, source)
    if raw is None:
        return None
    named = [name for name in (said.id, said.place, said.weight) if name is not None]
    complete = has_columns(raw, named, source, findings)
    crs = source_system(raw, source, findings)
    if not complete or crs is None or reading.area.target is None:
        return None
    rows = pd.Series(np.arange(FIRST_ROW, len(raw) + FIRST_ROW))
    texts = {name: pd.Series([text_of(v) for v in raw[name]], dtype=object) for name in named}
    picked = np.arange(len(raw))
    if said.place is not None:
        table = pd.DataFrame({"n": picked})
        picked = _ours(table, texts[said.place], reading)["n"].to_numpy()
    weight = None
    if said.weight is not None:
        weight = _numbers(texts[said.weight], rows, picked, reading)
    points = _points(raw.geometry.to_numpy()[picked], rows.to_numpy()[picked], reading)
    moved = move(points, source=crs, target=reading.area.target)
    sound = are_finite(moved)
    east, north = np.full(len(moved), np.nan), np.full(len(moved), np.nan)
    east[sound], north[sound] = shapely.get_x(moved[sound]), shapely.get_y(moved[sound])
    return _frame(
        texts[said.id].to_numpy()[picked],
        None if said.place is None else texts[said.place].to_numpy()[picked],
        None if weight is None else weight[picked],
        east,
        north,
        rows.to_numpy()[picked],
    )


def _numbers(
    texts: pd.Series[str], rows: pd.Series[int], picked: npt.NDArray[np.intp], reading: _Reading
) -> npt.NDArray[np.float64]:
    """Type the weights of a file of shapes by the rules of tables."""
    name = str(reading.settings.weight)
    frame = pd.DataFrame({name: texts, "_row": rows}).iloc[picked]
    table = Table(reading.file, "", (Column(name, "number", "", minimum=0),))
    typed, problems, notes = table.validate(frame, file=reading.file)
    reading.findings.problems.extend(problems)
    reading.findings.notes.extend(notes)
    weights = np.full(len(texts), np.nan)
    weights[picked] = typed[name].to_numpy(dtype=float)
    return weights


def _points(
    shapes: npt.NDArray[np.object_], rows: npt.NDArray[np.int64], reading: _Reading
) -> npt.NDArray[np.object_]:
    """Return a point of each shape; an empty one where there is none, which is told later."""
    points = np.full(len(shapes), shapely.Point(), dtype=object)
    for n, (shape, row) in enumerate(zip(shapes, rows, strict=True)):
        if shape is None or shape.is_empty or not np.isfinite(shapely.get_coordinates(shape)).all():
            continue
        kind = shapely.get_type_id(shape)
        if kind in _POINTS or is_polygon(shape):
            flat = shapely.force_2d(shape)
            points[n] = flat.centroid if kind in _POINTS else flat.representative_point()
        else:
            what = f"The home is a {shape.geom_type}, neither a point nor an outline."
            mend = "Draw it as a point."
            reading.findings.problem(reading.file, what, mend, row=int(row), column="geometry")
    return points


# ---------------------------------------------------------------- checks


def _locate(found: pd.DataFrame, reading: _Reading) -> pd.DataFrame | None:
    """Keep the homes that stand somewhere, and find the place of each that names none."""
    file, findings = reading.file, reading.findings
    spots = found[["x", "y"]].to_numpy(dtype=float)
    known = np.isfinite(spots).all(axis=1)
    told = {p.row for p in findings.problems if p.file == file}
    nowhere = found[~known & ~found["_row"].isin(list(told)).to_numpy()]
    if not nowhere.empty:
        what = f"Homes without a position, left out ({len(nowhere):,}): {list_some(map(_cut, nowhere['home_id']))}."
        findings.note(file, what)
    placed = found[known].reset_index(drop=True)
    if placed.empty:
        if not told:
            what = "No home has a position."
            findings.problem(file, what, "Give coordinates, or leave [places.homes] out.")
        return None
    if reading.settings.place is None:
        return _find_places(placed, reading)
    inside = _inside(placed, reading)
    _report_outside(placed[~inside], reading)
    kept: pd.DataFrame = placed[inside].reset_index(drop=True)
    return kept


def _inside(placed: pd.DataFrame, reading: _Reading) -> npt.NDArray[np.bool_]:
    box = reading.area.box
    pairs = zip(placed["x"], placed["y"], strict=True)
    return np.array([box is None or box.holds(x, y) for x, y in pairs], dtype=bool)


def _report_outside(outside: pd.DataFrame, reading: _Reading) -> None:
    said, box = reading.settings, reading.area.box
    column = said.easting or said.longitude or "geometry"
    for code, x, y, row in zip(
        outside["home_id"], outside["x"], outside["y"], outside["_row"], strict=True
    ):
        # Of degrees only the metres are left here; swapped, they lie on another continent.
        swapped = box is not None and box.holds(y, x)
        what = f"{_cut(code)} lies outside the area, more than 20 km from any place."
        mend = "Easting and northing look swapped." if swapped else "Check its coordinates."
        reading.findings.problem(reading.file, what, mend, row=int(row), column=column)


def _find_places(placed: pd.DataFrame, reading: _Reading) -> pd.DataFrame | None:
    """Give each home the place whose outline it falls in; those in none are counted."""
    places = reading.area.places
    if places.empty:
        return None
    points = shapely.points(placed[["x", "y"]].to_numpy(dtype=float))
    tree = shapely.STRtree(places.geometry.to_numpy())
    home, place = tree.query(points, predicate="intersects")
    # On a border the place that stands first in the file.
    owner = np.full(len(points), len(places))
    np.minimum.at(owner, home, place)
    found = owner < len(places)
    if not found.any():
        what = f"None of its {len(points):,} homes lies in a place of this exercise."
        box = reading.area.box
        turned = zip(placed["y"], placed["x"], strict=True)
        swapped = box is not None and any(box.holds(x, y) for x, y in turned)
        mend = (
            "Easting and northing look swapped."
            if swapped
            else "Check the coordinates, or name another file."
        )
        reading.findings.problem(reading.file, what, mend)
        return None
    if not found.all() and not reading.area.ours.filtered:
        others = placed["home_id"][~found]
        what = f"Homes that lie in no place of this exercise, left out ({len(others):,}): {list_some(map(_cut, others))}."
        reading.findings.note(reading.file, what)
    codes = places["place_id"].to_numpy(dtype=object)
    kept: pd.DataFrame = placed[found].reset_index(drop=True)
    kept["place_id"] = pd.Series(codes[owner[found]], index=kept.index, dtype=object)
    return kept


def _check_ids(homes: pd.DataFrame, reading: _Reading) -> None:
    """Check that each code says one home, and none of them another place."""
    file, column, findings = reading.file, reading.settings.id, reading.findings
    told = {p.row for p in findings.problems if p.file == file and p.column == column}
    first: dict[str, int] = {}
    places = reading.area.codes or frozenset()
    alone = set(homes["place_id"]) - set(homes["place_id"][homes["place_id"].duplicated()])
    for code, place, row in zip(homes["home_id"], homes["place_id"], homes["_row"], strict=True):
        if not code:
            if row not in told:
                mend = "It must be given."
                findings.problem(file, "The cell is empty.", mend, row=int(row), column=column)
            continue
        if code in first:
            what = f"{_cut(code)} stands already in row {first[code]}."
            mend = "Give each home an identifier of its own."
            findings.problem(file, what, mend, row=int(row), column=column)
        elif code in places and not (code == place and place in alone):
            what = f"{code} is the code of a place, and cannot be that of one home of it or of another."
            mend = "Give each home an identifier of its own."
            findings.problem(file, what, mend, row=int(row), column=column)
        first.setdefault(code, int(row))


def _cut(code: str) -> str:
    """Return a code as a message says it, cut where it is long."""
    return code if len(code) <= _LONGEST else f"{code[:_LONGEST]}…"

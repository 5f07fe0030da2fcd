"""The rows of a register as text cells: CSV, or any file of points or polygons that GDAL reads."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import shapely

from provision_map.read.files.large import find_large
from provision_map.read.files.ogr import (
    FIRST_ROW,
    Shapes,
    are_finite,
    is_polygon,
    move,
    read_shapes,
    repair,
    source_system,
    text_of,
)
from provision_map.read.files.text import InputFolder, check_headings, find_delimiter
from provision_map.read.findings import Findings
from provision_map.read.places.area import Area

#: National registers are larger than any table of a city. Bytes.
LARGEST_REGISTER = 1_000_000_000
#: A larger CSV file is not held in memory: of each row only what is needed is kept. Bytes.
_STREAMED = 20_000_000

#: More than the longest row of headings. Characters.
_FIRST = 200_000

_TABLES = (".csv", ".txt", ".tsv")

#: Area of an outline, for the conditions of a mapping. m².
OUTLINE_M2 = "outline_m2"


@dataclass(frozen=True)
class RegisterRows:
    """Rows of a register.

    Attributes:
        frame: text cells under their headings, with a column ``_row``.
        lost: what stands in rows that could not be used; None: nobody knows.
        total: how many rows the file has, lost ones among them.
        points: positions in the exercise's system by row of the frame, where the file has shapes.
        outlines: the polygons among the shapes; None elsewhere.

    """

    frame: pd.DataFrame
    lost: frozenset[str] | None
    total: int
    points: Any = None
    outlines: Any = None


Choose = Callable[[list[str]], tuple[list[str], Callable[[pd.DataFrame], "pd.Series[bool]"]] | None]


def read_rows(
    folder: InputFolder, file: str, layer: str | None, area: Area, *, choose: Choose
) -> RegisterRows | None:
    """Read the rows of a register; None where a Problem says why there are none.

    Args:
        folder: the exercise folder.
        file: the register.
        layer: of a file of several layers.
        area: the places, for the system that shapes are brought into.
        choose: from the headings of a large table, those that are needed and which rows are kept;
            None where it is not to be read. Small ones are read whole.

    """
    path = folder.locate(file)
    if path.suffix.lower() not in _TABLES and path.is_file():
        return _read_shapes(folder, file, layer, area)
    if path.is_file() and path.stat().st_size > _STREAMED:
        return _stream(folder, file, choose)
    frame = folder.read_table(file)
    if frame is None:
        return None
    lost = folder.lost_cells(file)
    return RegisterRows(frame, lost, len(frame) + (lost != frozenset()))


def _read_shapes(
    folder: InputFolder, file: str, layer: str | None, area: Area
) -> RegisterRows | None:
    source = Shapes(file, "services.registers", "sites", "records", layer)
    raw = read_shapes(folder, source)
    if raw is None or area.target is None:
        return None
    crs = source_system(raw, source, folder.findings)
    if crs is None:
        return None
    shapes = raw.geometry.to_numpy()
    drawn = np.array([s is not None and not s.is_empty for s in shapes], dtype=bool)
    moved = np.full(len(shapes), None, dtype=object)
    moved[drawn] = move(shapely.force_2d(shapes[drawn]), source=crs, target=area.target)
    drawn[drawn] = are_finite(moved[drawn])
    moved[~drawn] = None
    outlines = np.array([_outline(shape) for shape in moved] or [None], dtype=object)[: len(moved)]
    points = np.full((len(moved), 2), np.nan)
    stand = np.array(
        [o if o is not None else s for o, s in zip(outlines, moved, strict=True)] or [None],
        dtype=object,
    )[: len(moved)]
    inside = shapely.point_on_surface(stand)
    points[:, 0], points[:, 1] = shapely.get_x(inside), shapely.get_y(inside)
    columns = {
        str(name): [text_of(value) for value in raw[name]]
        for name in raw.columns
        if name not in (raw.geometry.name, "_row")
    }
    size = shapely.area(outlines)
    columns.setdefault(OUTLINE_M2, ["" if np.isnan(m2) else f"{m2:.1f}" for m2 in size])
    frame = pd.DataFrame(columns, dtype=object)
    frame["_row"] = np.arange(FIRST_ROW, len(frame) + FIRST_ROW)
    return RegisterRows(frame, frozenset(), len(frame), points, outlines)


def _outline(shape: Any) -> Any:  # noqa: ANN401 - a shapely geometry or None
    """Return the polygon of a shape, repaired where need be; None where it is none."""
    if shape is None or not is_polygon(shape):
        return None
    sound = shape if shapely.is_valid(shape) else repair(shape)
    return None if sound.is_empty else sound


def _stream(folder: InputFolder, file: str, choose: Choose) -> RegisterRows | None:
    """Read a large CSV file, keeping of each row what is needed, and rows that are kept."""
    path = find_large(folder, file, largest=LARGEST_REGISTER)
    if path is None:
        return None
    encoding = _find_encoding(path)
    if encoding != "utf-8-sig":
        folder.findings.note(file, "Read as Windows-1252 text, because it is not UTF-8.")
    reader = _Stream(path, file, encoding, folder.findings)
    heads = reader.read_headings()
    chosen = None if heads is None else choose(heads)
    if heads is None or chosen is None:
        return None
    needed, keeps = chosen
    frames = [part[keeps(part)] for part in reader.read_parts(needed)]
    columns = [*needed, "_row"]
    frame = pd.concat(frames, ignore_index=True) if frames else pd.DataFrame(columns=columns)
    return RegisterRows(frame, None if reader.cut else frozenset(reader.lost), reader.total)


def _find_encoding(path: Path) -> str:
    """Return how a file is encoded, by reading all of it once."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            while stream.read(1 << 22):
                pass
    except UnicodeDecodeError:
        return "cp1252"
    return "utf-8-sig"


class _Stream:
    """A CSV file read row by row; what is wrong with it is told as of any table."""

    def __init__(self, path: Path, file: str, encoding: str, findings: Findings) -> None:
        """Hold where it stands."""
        self.path, self.file, self.encoding, self.findings = path, file, encoding, findings
        self.lost: set[str] = set()
        self.cut = False
        self.total = 0
        self._mark, self._heading_row, self._width = ",", 1, 0
        self._columns: dict[str, int] = {}

    def read_headings(self) -> list[str] | None:
        """Return the headings; None where they cannot be used."""
        with self._open() as stream:
            head = stream.read(_FIRST)
        self._mark, self._heading_row, text = find_delimiter(head, self.file, self.findings)
        first = next(csv.reader(text.splitlines()[:1], delimiter=self._mark), [])
        headed = check_headings([first], self.file, self.findings, row=self._heading_row)
        if headed is None:
            return None
        self._width, self._columns = headed
        return list(self._columns)

    def read_parts(self, needed: list[str], size: int = 20_000) -> Iterator[pd.DataFrame]:
        """Yield the columns that are needed, so many rows at a time."""
        places = [self._columns[name] for name in needed]
        rows: list[list[Any]] = []
        number = 0
        try:
            with self._open() as stream:
                for number, record in enumerate(
                    csv.reader(stream, delimiter=self._mark, strict=True), start=1
                ):
                    if number <= self._heading_row or not any(record):
                        continue
                    self.total += 1
                    if len(record) != self._width:
                        self._lose(record, number)
                        continue
                    rows.append([*(record[place] for place in places), number])
                    if len(rows) >= size:
                        yield self._frame(rows, needed)
                        rows = []
        except (csv.Error, UnicodeDecodeError) as error:
            self.cut = True
            what = f"The row cannot be read: {error}."
            mend = "Is a double quote missing, or one too many? A quote in a text is written twice."
            self.findings.problem(self.file, what, mend, row=number + 1)
        if rows:
            yield self._frame(rows, needed)

    def _open(self) -> Any:  # noqa: ANN401 - a text stream
        return self.path.open(encoding=self.encoding, newline="")

    def _lose(self, record: list[str], number: int) -> None:
        what = f"The row has {len(record)} cells; the headings are {self._width}."
        mend = "Get the file again, or mend the row."
        self.findings.problem(self.file, what, mend, row=number)
        self.lost.update(cell.strip() for cell in record)

    @staticmethod
    def _frame(rows: list[list[Any]], needed: list[str]) -> pd.DataFrame:
        frame = pd.DataFrame(rows, columns=[*needed, "_row"], dtype=object)
        return frame.astype({"_row": "int64"})

"""Files of an exercise folder: bytes, text, and CSV as rows of text cells.

Rows are numbered as a spreadsheet numbers records: the heading is row 1 (row 2 under a line such
as ``sep=;``), a record whose cell holds a line break is still one row.
"""

from __future__ import annotations

import csv
import hashlib
import io
import re
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import TypeVar

import pandas as pd

from provision_map.read.findings import Findings, InputFile
from provision_map.read.settings import SourceSettings

T = TypeVar("T")

#: Larger than any table of a city, small enough for memory. Bytes.
LARGEST_TABLE = 100_000_000
LARGEST_BOUNDARIES = 500_000_000

_SAVE_AS = 'Save it again as "CSV UTF-8 (comma delimited)".'

#: What may stand between cells; where the headings do not tell, it is the first.
_DELIMITERS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}
_SEP = re.compile(r'"?sep=([,;\t|])"?[,;\t|]*\s*', re.IGNORECASE)
#: Longer than any such line. Characters.
_LONGEST_SEP = 1_000

#: Cells of a table, of each row four more for the row itself: what fits into memory.
#: Single years of age of all small areas of England, one row an age, are 26 million.
MOST_CELLS = 30_000_000
_CELLS_OF_A_ROW = 4
#: More columns than any table has; a comma held down makes millions.
MOST_COLUMNS = 20_000

#: More than the longest first record that can be read. Characters.
_FIRST_RECORD = 200_000


@dataclass(frozen=True)
class CsvTable:
    """A CSV file as read.

    Attributes:
        frame: text cells under their headings, with a column ``_row``.
        heading_row: row of the headings.
        lost: what stands in the rows that could not be used, each told as a Problem.
        cut: whether reading stopped before the end of the file.

    """

    frame: pd.DataFrame
    heading_row: int
    lost: frozenset[str]
    cut: bool


@dataclass
class InputFolder:
    """Opens the files that the settings name; each is read, hashed and parsed once."""

    path: Path
    findings: Findings
    sources: Mapping[str, SourceSettings] = field(default_factory=dict)
    files: dict[str, InputFile] = field(default_factory=dict)
    sidecars: set[str] = field(default_factory=set)
    _bytes: dict[str, bytes | None] = field(default_factory=dict)
    _tables: dict[str, CsvTable | None] = field(default_factory=dict)

    def locate(self, name: str) -> Path:
        """Return where a file of this name in the settings stands."""
        return self.path / name

    def read_bytes(self, name: str, *, largest: int = LARGEST_TABLE) -> bytes | None:
        """Return what a file holds; if it cannot be read, a Problem says so and it is None."""
        if name not in self._bytes:
            self._bytes[name] = self._load(name, largest)
        return self._bytes[name]

    def read_table(self, name: str) -> pd.DataFrame | None:
        """Return a CSV file as text cells under its headings, with a column ``_row``.

        None where the file is missing or is no table at all. Rows of the wrong length, and what
        else is wrong, are Problems; the rest of the table is still returned.
        """
        table = self._parse(name)
        return None if table is None else table.frame.copy()

    def heading_row(self, name: str) -> int:
        """Return the row of a CSV file that holds its headings."""
        table = self._parse(name)
        return 1 if table is None else table.heading_row

    def lost_cells(self, name: str) -> frozenset[str] | None:
        """Return what stands in rows of a CSV file that could not be used.

        None: nobody knows, because the file could not be read, or not to its end.
        """
        table = self._parse(name)
        return None if table is None or table.cut else table.lost

    def _parse(self, name: str) -> CsvTable | None:
        if name not in self._tables:
            data = self.read_bytes(name)
            text = None if data is None else decode_text(data, file=name, findings=self.findings)
            self._tables[name] = (
                None if text is None else parse_csv(text, file=name, findings=self.findings)
            )
        return self._tables[name]

    def open_path(self, name: str, use: Callable[[Path], T], *, largest: int) -> T | None:
        """Return what is made of a file; None and a Problem if it cannot be read or is too large.

        Args:
            name: of the file in the settings.
            use: reads it; what it raises of the system becomes a Problem.
            largest: bytes.

        """
        path = self.locate(name)
        findings = self.findings
        try:
            if not path.is_file():
                what = "This is a folder, not a file." if path.is_dir() else "The file is missing."
                findings.problem(name, what, "Put it there, or correct its name in provision.toml.")
                return None
            size = path.stat().st_size
            if size > largest:
                what = f"The file has {size:,} bytes; at most {largest:,} are read."
                findings.problem(name, what, "Cut it down to the area of the exercise.")
                return None
            return use(path)
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or error
            findings.problem(name, f"The file cannot be read: {reason}.", "Check its permissions.")
            return None

    def _load(self, name: str, largest: int) -> bytes | None:
        data = self.open_path(name, Path.read_bytes, largest=largest)
        if data is not None:
            self.add_file(name, data)
        return data

    def add_file(self, name: str, data: bytes) -> None:
        """Record a file that was read, with its sha256 and what the settings say of its source."""
        self.add_hashed(name, hashlib.sha256(data).hexdigest(), len(data))

    def add_hashed(self, name: str, sha256: str, size: int) -> None:
        """Record a file whose sha256 and bytes are known, with what the settings say of it.

        What is said of a folder holds for the files in it.
        """
        named = (
            key for key in (name, *map(str, PurePosixPath(name).parents)) if key in self.sources
        )
        said = self.sources.get(next(named, name), SourceSettings())
        self.files[name] = InputFile(
            name, sha256, size, said.source, said.licence, said.date
        )  # fmt: skip


def decode_text(data: bytes, *, file: str, findings: Findings) -> str | None:
    r"""Decode UTF-8, with or without its mark, or else Windows-1252, with a note.

    >>> found = Findings()
    >>> decode_text(b"Caf\xe9", file="a.csv", findings=found), len(found.notes)
    ('Café', 1)

    """
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        findings.problem(file, "The file is UTF-16 text.", _SAVE_AS)
        return None
    if b"\x00" in data:
        row = data[: data.index(b"\x00")].count(b"\n") + 1
        what = "The file holds NUL bytes: it is not text, or it is damaged."
        findings.problem(file, what, _SAVE_AS, row=row)
        return None
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        row = data[: error.start].count(b"\n") + 1
    try:
        text = data.decode("cp1252")
    except UnicodeDecodeError:
        findings.problem(file, "The text is neither UTF-8 nor Windows-1252.", _SAVE_AS, row=row)
        return None
    what = f"Read as Windows-1252 text, because row {row} is not UTF-8."
    findings.note(file, what)
    return text


def parse_csv(text: str, *, file: str, findings: Findings) -> CsvTable | None:
    r"""Parse CSV into text cells, with a column ``_row``; blank rows are left out silently.

    What stands between cells is told by the headings, or by a first line such as ``sep=;``.

    >>> parse_csv("a,b\n1,2\n\n3,4\n", file="a.csv", findings=Findings()).frame["_row"].tolist()
    [2, 4]

    """
    delimiter, heading_row, text = find_delimiter(text, file, findings)
    records, ok = _records(text, file, findings, delimiter=delimiter, first_row=heading_row)
    headed = check_headings(records, file, findings, row=heading_row) if records else None
    if headed is None:
        if ok and not records:
            findings.problem(file, "The file is empty.", "It needs at least its headings.")
        return None
    width, columns = headed
    rows: list[list[str]] = []
    numbers: list[int] = []
    lost: set[str] = set()
    for number, record in enumerate(records[1:], start=heading_row + 1):
        if not any(cell.strip() for cell in record):
            continue
        if len(record) != width:
            what = f"The row has {len(record)} cells; the headings are {width}."
            mark = _DELIMITERS[delimiter].removesuffix("s")
            mend = f"A {mark} too many or too few? Put a text that holds a {mark} in double quotes."
            findings.problem(file, what, mend, row=number)
            lost.update(cell.strip() for cell in record)
            continue
        rows.append([record[place] for place in columns.values()])
        numbers.append(number)
    frame = pd.DataFrame(rows, columns=list(columns), dtype=object)
    frame["_row"] = pd.Series(numbers, index=frame.index, dtype="int64")
    return CsvTable(frame, heading_row, frozenset(lost), not ok)


def find_delimiter(text: str, file: str, findings: Findings) -> tuple[str, int, str]:
    """Return what stands between cells, the row of the headings, and the text from them on."""
    first, end, rest = text.partition("\n")
    said = _SEP.fullmatch(first) if end and len(first) <= _LONGEST_SEP else None
    heading_row = 1
    if said:
        text, heading_row = rest, 2
        what = "The line says what stands between cells, and was passed over."
        findings.note(file, what, row=1)
    cells = {mark: _count_cells(text, mark) for mark in _DELIMITERS}
    delimiter = max(cells, key=lambda mark: cells[mark])
    # A spreadsheet that saves such a file anew keeps the line, and may change what it speaks of.
    if said and cells[said[1]] > 1:
        delimiter = said[1]
    if delimiter != ",":
        what = f"Read with {_DELIMITERS[delimiter]} between cells, not commas."
        findings.note(file, what)
    return delimiter, heading_row, text


def _count_cells(text: str, delimiter: str) -> int:
    """Return how many cells the first record has, if this stands between them."""
    try:
        lines = io.StringIO(text[:_FIRST_RECORD], newline="")
        return len(next(csv.reader(lines, delimiter=delimiter, strict=True), ()))
    except csv.Error:
        return 0


def _records(
    text: str, file: str, findings: Findings, *, delimiter: str, first_row: int
) -> tuple[list[list[str]], bool]:
    """Return the records up to the first that cannot be parsed, and whether all could."""
    records: list[list[str]] = []
    cells = 0
    try:
        lines = io.StringIO(text, newline="")
        for record in csv.reader(lines, delimiter=delimiter, strict=True):
            records.append(record)
            cells += len(record) + _CELLS_OF_A_ROW
            if cells > MOST_CELLS or len(record) > MOST_COLUMNS:
                row = len(records) + first_row - 1
                what = f"The table is far too large: it was read up to here, {row:,} rows."
                if len(record) > MOST_COLUMNS:
                    what = f"The row has {len(record):,} cells; at most {MOST_COLUMNS:,} are read."
                findings.problem(file, what, "Cut it down to the area of the exercise.", row=row)
                return records[:-1], False
    except csv.Error as error:
        row = len(records) + first_row
        what = f"The row cannot be read: {error}."
        mend = "Is a double quote missing, or one too many? A quote in a text is written twice."
        findings.problem(file, what, mend, row=row)
        return records, False
    return records, True


def check_headings(
    records: list[list[str]], file: str, findings: Findings, *, row: int
) -> tuple[int, dict[str, int]] | None:
    """Return the number of headings, and the position of each; None if they cannot be used."""
    names = [name.strip() for name in records[0]]
    if not any(names):
        what, mend = f"Row {row} has no headings.", f"Put the headings into row {row}."
        findings.problem(file, what, mend, row=row)
        return None
    for name, times in Counter(name for name in names if name).items():
        if times > 1:
            what = f"The heading stands {times} times."
            findings.problem(file, what, "Keep one of them.", row=row, column=name)
    for place in (place for place, name in enumerate(names) if not name):
        filled = _first_filled(records, place, row)
        if filled is not None:
            what = f"Column {place + 1} has no heading, but holds something in row {filled}."
            findings.problem(file, what, "Give it a heading, or clear it.", row=row)
    columns: dict[str, int] = {}
    for place, name in enumerate(names):
        if name and name != "_row":
            columns.setdefault(name, place)
    return len(names), columns


def _first_filled(records: list[list[str]], place: int, heading_row: int) -> int | None:
    """Return the first row under the heading that holds something in this column."""
    rows = enumerate(records[1:], start=heading_row + 1)
    return next((n for n, r in rows if "".join(r[place : place + 1]).strip()), None)

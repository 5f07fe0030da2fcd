"""Files of an exercise folder: bytes, text, and CSV as rows of text cells.

Rows are numbered as a spreadsheet numbers records: the heading is row 1, a record whose cell
holds a line break is still one row.
"""

from __future__ import annotations

import csv
import hashlib
import io
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from provision_map.read.findings import Findings, InputFile
from provision_map.read.settings import SourceSettings

#: Larger than any table of a city, small enough for memory. Bytes.
LARGEST_TABLE = 100_000_000
LARGEST_BOUNDARIES = 500_000_000

_SAVE_AS = 'Save it again as "CSV UTF-8 (comma delimited)".'


@dataclass
class InputFolder:
    """Opens the files that the settings name; each is read, hashed and parsed once."""

    path: Path
    findings: Findings
    sources: Mapping[str, SourceSettings] = field(default_factory=dict)
    files: dict[str, InputFile] = field(default_factory=dict)
    _bytes: dict[str, bytes | None] = field(default_factory=dict)
    _tables: dict[str, pd.DataFrame | None] = field(default_factory=dict)

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
        if name not in self._tables:
            data = self.read_bytes(name)
            text = None if data is None else decode_text(data, file=name, findings=self.findings)
            self._tables[name] = (
                None if text is None else parse_csv(text, file=name, findings=self.findings)
            )
        table = self._tables[name]
        return None if table is None else table.copy()

    def _load(self, name: str, largest: int) -> bytes | None:
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
            data = path.read_bytes()
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or error
            findings.problem(name, f"The file cannot be read: {reason}.", "Check its permissions.")
            return None
        self.add_file(name, data)
        return data

    def add_file(self, name: str, data: bytes) -> None:
        """Record a file that was read, with its sha256 and what the settings say of its source."""
        said = self.sources.get(name, SourceSettings())
        digest = hashlib.sha256(data).hexdigest()
        self.files[name] = InputFile(
            name, digest, len(data), said.source, said.licence, said.date
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


def parse_csv(text: str, *, file: str, findings: Findings) -> pd.DataFrame | None:
    r"""Parse CSV into text cells, with a column ``_row``; blank rows are left out silently.

    >>> parse_csv("a,b\n1,2\n\n3,4\n", file="a.csv", findings=Findings())["_row"].tolist()
    [2, 4]

    """
    records, ok = _records(text, file, findings)
    headed = _headings(records, file, findings) if records else None
    if headed is None:
        if ok and not records:
            findings.problem(file, "The file is empty.", "It needs at least its headings.")
        return None
    width, columns = headed
    rows: list[list[str]] = []
    numbers: list[int] = []
    for number, record in enumerate(records[1:], start=2):
        if not any(cell.strip() for cell in record):
            continue
        if len(record) != width:
            what = f"The row has {len(record)} cells; the headings are {width}."
            mend = "A comma too many or too few? Put a text that holds a comma in double quotes."
            findings.problem(file, what, mend, row=number)
            continue
        rows.append([record[place] for place in columns.values()])
        numbers.append(number)
    frame = pd.DataFrame(rows, columns=list(columns), dtype=object)
    frame["_row"] = pd.Series(numbers, index=frame.index, dtype="int64")
    return frame


def _records(text: str, file: str, findings: Findings) -> tuple[list[list[str]], bool]:
    """Return the records up to the first that cannot be parsed, and whether all could."""
    records: list[list[str]] = []
    try:
        for record in csv.reader(io.StringIO(text, newline=""), strict=True):
            records.append(record)  # noqa: PERF402 - what came before a fault is kept
    except csv.Error as error:
        row = len(records) + 1
        what = f"The row cannot be read: {error}."
        mend = "Is a double quote missing, or one too many? A quote in a text is written twice."
        findings.problem(file, what, mend, row=row)
        return records, False
    return records, True


def _headings(
    records: list[list[str]], file: str, findings: Findings
) -> tuple[int, dict[str, int]] | None:
    """Return the number of headings, and the position of each; None if they cannot be used."""
    names = [name.strip() for name in records[0]]
    if not any(names):
        findings.problem(file, "Row 1 has no headings.", "Put the headings into row 1.", row=1)
        return None
    if len(names) == 1 and any(mark in names[0] for mark in ";\t|"):
        what = "The headings are not separated by commas."
        findings.problem(file, what, _SAVE_AS, row=1)
        return None
    for name, times in Counter(name for name in names if name).items():
        if times > 1:
            what = f"The heading stands {times} times."
            findings.problem(file, what, "Keep one of them.", row=1, column=name)
    for place in (place for place, name in enumerate(names) if not name):
        filled = _first_filled(records, place)
        if filled is not None:
            what = f"Column {place + 1} has no heading, but holds something in row {filled}."
            findings.problem(file, what, "Give it a heading, or clear it.", row=1)
    columns: dict[str, int] = {}
    for place, name in enumerate(names):
        if name and name != "_row":
            columns.setdefault(name, place)
    return len(names), columns


def _first_filled(records: list[list[str]], place: int) -> int | None:
    """Return the first row under the heading that holds something in this column."""
    rows = enumerate(records[1:], start=2)
    return next((n for n, r in rows if "".join(r[place : place + 1]).strip()), None)

"""CSV of millions of rows, read in one sweep: cells as numbers, faults told with their row.

What :mod:`provision_map.read.files.text` does cell by cell is done here on whole blocks of bytes. The
rules are the same: what stands between cells is told by the headings, a row is numbered as a
spreadsheet numbers it, blank rows are passed over, a row of the wrong length is a Problem.
"""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from provision_map.read.files.text import check_headings, find_delimiter
from provision_map.read.findings import Findings

Ints = npt.NDArray[np.int32]
Floats = npt.NDArray[np.float64]

#: Bytes looked at, at once; and the longest record that is one. A lost quote swallows the rest.
_BLOCK = 1 << 24
_LONGEST_RECORD = 1 << 26
_HEAD = 200_000
_CHUNK = 1_000_000

#: So many rows of the wrong length are looked at one by one.
_MOST_LISTED = 1_000

#: Words for a number that is not there, of the software that writes such files.
NO_NUMBER = ("", "nan", "NaN", "NAN", "NA", "na", "<NA>", "null", "NULL")

_SAVE_AS = 'Save it again as "CSV UTF-8 (comma delimited)".'
_QUOTE = "Is a double quote missing, or one too many? A quote in a text is written twice."


@dataclass
class TextColumn:
    """Text cells: ``texts[codes[i]]`` is what stands in the i-th of them."""

    codes: Ints
    texts: list[str]

    def strip(self) -> TextColumn:
        """Return the column without blanks around its texts."""
        return self.mapped([text.strip() for text in self.texts])

    def mapped(self, texts: Sequence[str]) -> TextColumn:
        """Return the column with other texts in place of its own; equal ones become one."""
        index: dict[str, int] = {}
        new = np.array([index.setdefault(text, len(index)) for text in texts], dtype=np.int32)
        return TextColumn(new[self.codes] if len(new) else self.codes, list(index))

    def where(self, test: Callable[[str], bool]) -> npt.NDArray[np.bool_]:
        """Say of each cell whether its text is such."""
        found = np.array([test(text) for text in self.texts], dtype=bool)
        return found[self.codes] if len(found) else np.zeros(len(self.codes), dtype=bool)

    def cells(self) -> npt.NDArray[np.object_]:
        """Return the texts cell by cell; equal ones are one object in memory."""
        return np.array([*self.texts, ""], dtype=object)[self.codes]


@dataclass
class NumberColumn:
    """Number cells; NaN where none stands. ``bad`` holds the texts that are no number, by cell."""

    values: Floats
    bad: dict[int, str] = field(default_factory=dict)
    bad_count: int = 0


@dataclass(frozen=True)
class BulkTable:
    """Columns of a file, all of one length. The first cell of each stands in ``first_row``."""

    texts: dict[str, TextColumn]
    numbers: dict[str, NumberColumn]
    first_row: int
    length: int


@dataclass(frozen=True)
class BulkCsv:
    """A CSV file whose headings have been read, and whose rows have been counted and checked."""

    path: Path
    heading_row: int
    _places: dict[str, int]
    _width: int
    _delimiter: str
    _encoding: str
    _heading: int

    @property
    def headings(self) -> list[str]:
        """The headings, each once."""
        return list(self._places)

    def read(self, *, texts: Sequence[str], numbers: Sequence[str]) -> BulkTable:
        """Read the named columns; others are passed over. A blank cell is "" or NaN."""
        try:
            found = self._read(texts, numbers, as_float=True)
        except (ValueError, OverflowError):
            # A cell that is no number: read again as text, so as to say which.
            found = self._read(texts, numbers, as_float=False)
        return found

    def _read(self, texts: Sequence[str], numbers: Sequence[str], *, as_float: bool) -> BulkTable:
        gather_texts = {name: _TextGatherer() for name in texts}
        gather_numbers = {name: _NumberGatherer() for name in numbers}
        length = 0
        for chunk in self._chunks(texts, numbers, as_float=as_float):
            length += len(chunk)
            for name, gatherer in gather_texts.items():
                gatherer.add(chunk[self._column(name)])
            for name, counter in gather_numbers.items():
                counter.add(chunk[self._column(name)])
        return BulkTable(
            {name: gatherer.column() for name, gatherer in gather_texts.items()},
            {name: counter.column() for name, counter in gather_numbers.items()},
            self.heading_row + 1,
            length,
        )

    def _chunks(
        self, texts: Sequence[str], numbers: Sequence[str], *, as_float: bool
    ) -> Iterator[pd.DataFrame]:
        kinds = {self._column(name): "str" for name in texts}
        kinds |= {self._column(name): "float64" if as_float else "str" for name in numbers}
        blanks = {self._column(name): list(NO_NUMBER) for name in numbers}
        options: Any = {
            "header": 0, "names": [str(place) for place in range(self._width)], "usecols": list(kinds),
            "dtype": kinds, "sep": self._delimiter, "encoding": self._encoding,
            "keep_default_na": False, "na_values": blanks if as_float else {}, "na_filter": as_float,
            "skip_blank_lines": False, "engine": "c",
            "chunksize": _CHUNK, "index_col": False,
        }  # fmt: skip
        with self.path.open("rb") as file:
            # From the headings on: they tell pandas how wide the table is, whatever rows follow.
            file.seek(self._heading)
            with pd.read_csv(file, **options) as chunks:
                yield from chunks

    def _column(self, name: str) -> str:
        """Return what pandas is told a column is called: where it stands, for headings may repeat.

        As text: of a table without rows pandas takes numbers for positions among those read.
        """
        return str(self._places[name])


class _TextGatherer:
    """Joins text columns of one chunk after the other."""

    def __init__(self) -> None:
        self._index: dict[str, int] = {}
        self._codes: list[Ints] = []

    def add(self, column: pd.Series[Any]) -> None:
        codes, texts = _factorize(column)
        index = self._index
        new = [index.setdefault(text, len(index)) for text in texts]
        self._codes.append(np.array(new, dtype=np.int32)[codes])

    def column(self) -> TextColumn:
        codes = np.concatenate(self._codes) if self._codes else np.zeros(0, dtype=np.int32)
        return TextColumn(codes, list(self._index))


class _NumberGatherer:
    """Joins number columns of one chunk after the other, read as numbers or as text."""

    def __init__(self) -> None:
        self._values: list[Floats] = []
        self._bad: dict[int, str] = {}
        self._bad_count = 0
        self._length = 0

    def add(self, column: pd.Series[Any]) -> None:
        if column.dtype == np.float64:
            self._values.append(column.to_numpy(dtype=np.float64))
        else:
            self._add_texts(*_factorize(column))
        self._length += len(column)

    def _add_texts(self, codes: npt.NDArray[np.intp], texts: list[str]) -> None:
        parsed = [parse_number(text) for text in texts]
        values = np.array([np.nan if v is None else v for v in parsed] + [np.nan])
        wrong = np.array([v is None for v in parsed] + [False])
        cells = np.flatnonzero(wrong[codes])
        self._bad_count += len(cells)
        for cell in cells[: max(0, _MOST_LISTED - len(self._bad))]:
            self._bad[self._length + int(cell)] = texts[codes[cell]]
        self._values.append(values[codes])

    def column(self) -> NumberColumn:
        values = np.concatenate(self._values) if self._values else np.zeros(0)
        return NumberColumn(values, self._bad, self._bad_count)


def _factorize(column: pd.Series[Any]) -> tuple[npt.NDArray[np.intp], list[str]]:
    """Return codes and the texts that they stand for; the last is "", code -1: no cell at all."""
    codes, texts = pd.factorize(column)
    return np.asarray(codes, dtype=np.intp), [*(str(text) for text in texts), ""]


def parse_number(text: str) -> float | None:
    """Return the number that a text says, NaN where it says that there is none, else None.

    >>> parse_number(" 12.5"), parse_number("NA"), parse_number("tbd"), parse_number("1_0")
    (12.5, nan, None, None)
    """
    plain = text.strip()
    if plain in NO_NUMBER:
        return float("nan")
    if "_" in plain or not plain.isascii():
        return None
    try:
        return float(plain)
    except ValueError:
        return None


def open_bulk(path: Path, file: str, findings: Findings) -> BulkCsv | None:
    """Read the headings of a CSV file and check all its records; None where it is no table."""
    with path.open("rb") as handle:
        head = handle.read(4 * _HEAD)
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        findings.problem(file, "The file is UTF-16 text.", _SAVE_AS)
        return None
    skip = len(codecs.BOM_UTF8) if head.startswith(codecs.BOM_UTF8) else 0
    # Bytes that are not UTF-8 are looked for below; here only what is written in ASCII matters.
    text = head[skip:].decode("utf-8", errors="replace")[:_HEAD]
    delimiter, heading_row, text = find_delimiter(text, file, findings)
    headed = _read_headings(text, delimiter, file, findings, row=heading_row)
    if headed is None:
        return None
    width, places = headed
    scan = _Scan(delimiter, width, heading_row, file, findings)
    if not scan.run(path, skip):
        return None
    encoding = "utf-8" if scan.utf8_until is None else "cp1252"
    if scan.utf8_until is not None and not _note_cp1252(path, file, scan.utf8_until, findings):
        return None
    return BulkCsv(path, heading_row, places, width, delimiter, encoding, scan.heading)


def _read_headings(
    text: str, delimiter: str, file: str, findings: Findings, *, row: int
) -> tuple[int, dict[str, int]] | None:
    """Return how many headings there are, and where each stands."""
    try:
        record = next(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter), [])
    except csv.Error as error:
        findings.problem(file, f"The row cannot be read: {error}.", _QUOTE, row=row)
        return None
    if not text.strip():
        findings.problem(file, "The file is empty.", "It needs at least its headings.")
        return None
    return check_headings([record], file, findings, row=row)


def _note_cp1252(path: Path, file: str, row: int, findings: Findings) -> bool:
    decoder = codecs.getincrementaldecoder("cp1252")()
    try:
        with path.open("rb") as handle:
            while block := handle.read(_BLOCK):
                decoder.decode(block)
    except UnicodeDecodeError:
        findings.problem(file, "The text is neither UTF-8 nor Windows-1252.", _SAVE_AS, row=row)
        return False
    findings.note(file, f"Read as Windows-1252 text, because row {row} is not UTF-8.")
    return True


class _Scan:
    """Goes over all bytes once: where records end, how many cells each has, what cannot be text."""

    def __init__(
        self, delimiter: str, width: int, heading_row: int, file: str, findings: Findings
    ) -> None:
        self.delimiter = delimiter
        self.width = width
        self.heading_row = heading_row
        self.file = file
        self.findings = findings
        self.heading = 0  # where the record of the headings begins
        self.utf8_until: int | None = None  # row of the first byte that is not UTF-8
        self._row = 1
        self._listed = 0
        self._more = 0

    def run(self, path: Path, skip: int) -> bool:
        """Scan the file; False, with a Problem, where nothing of it can be read."""
        rest, at = b"", skip
        with path.open("rb") as handle:
            handle.seek(skip)
            while block := handle.read(_BLOCK):
                if block.endswith(b"\r"):
                    block += handle.read(1)
                data = rest + block
                used = self._take(data, at)
                if used < 0:
                    return False
                rest, at = data[used:], at + used
                if len(rest) > _LONGEST_RECORD:
                    return self._unclosed()
        if rest and self._take(rest + b"\n", at) != len(rest) + 1:
            return self._unclosed()
        if self._more:
            what = f"…and {self._more} more rows have more cells than the headings, or fewer."
            self.findings.problem(self.file, what, "Save the file again.")
        return True

    def _unclosed(self) -> bool:
        what = "The row does not end."
        self.findings.problem(self.file, what, _QUOTE, row=self._row)
        return False

    def _take(self, data: bytes, at: int) -> int:
        """Look at all whole records of a block; return how many bytes they are, -1 to stop."""
        cells = np.frombuffer(data, dtype=np.uint8)
        ends, marks = _find_marks(cells, ord(self.delimiter))
        if not len(ends):
            return 0
        used = int(ends[-1]) + 1
        starts = np.concatenate([[0], ends[:-1] + 1])
        nul = data.find(b"\x00", 0, used)
        if nul >= 0:
            row = self._row + int(np.searchsorted(ends, nul))
            what = "The file holds NUL bytes: it is not text, or it is damaged."
            self.findings.problem(self.file, what, _SAVE_AS, row=row)
            return -1
        if self.utf8_until is None:
            try:
                data[:used].decode("utf-8")
            except UnicodeDecodeError as error:
                self.utf8_until = self._row + int(np.searchsorted(ends, error.start))
        heading = self.heading_row - self._row
        if 0 <= heading < len(ends):
            self.heading = at + int(starts[heading])
        self._check_widths(data, starts, ends, marks=marks)
        self._row += len(ends)
        return used

    def _check_widths(
        self,
        data: bytes,
        starts: npt.NDArray[np.int64],
        ends: npt.NDArray[np.int64],
        *,
        marks: npt.NDArray[np.int64],
    ) -> None:
        counts = np.diff(np.searchsorted(marks, ends), prepend=0) + 1
        wrong = np.flatnonzero(counts != self.width)
        for n in wrong[wrong + self._row > self.heading_row]:
            if self._listed >= _MOST_LISTED:
                self._more += 1
                continue
            if not data[starts[n] : min(ends[n], starts[n] + _HEAD)].strip():
                continue
            self._listed += 1
            what = f"The row has {counts[n]} cells; the headings are {self.width}."
            mend = "Is something missing, or a double quote? A text that holds the mark between cells stands in double quotes."
            self.findings.problem(self.file, what, mend, row=self._row + int(n))


def _find_marks(
    cells: npt.NDArray[np.uint8], delimiter: int
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Return where records end and where cells do, in bytes that begin outside quotes."""
    ends = cells == ord("\n")
    lone = np.flatnonzero(cells == ord("\r"))
    if len(lone):
        after = np.minimum(lone + 1, len(cells) - 1)
        lone = lone[(cells[after] != ord("\n")) & (lone + 1 < len(cells))]
        ends[lone] = True
    marks = cells == delimiter
    quotes = cells == ord('"')
    if quotes.any():
        # Between an odd and the next even quote nothing is a mark; a doubled quote opens and shuts.
        outside = ~np.logical_xor.accumulate(quotes)
        ends &= outside
        marks &= outside
    return np.flatnonzero(ends), np.flatnonzero(marks)

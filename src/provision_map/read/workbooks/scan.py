"""What the parser of workbooks does not say: errors, formulas without a value, what is hidden.

A sheet's XML is walked once, and given up as soon as it goes beyond bounds, before the parser
would make room for every cell between the first and the last.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from provision_map.read.workbooks.parts import BadWorkbookError
from provision_map.read.workbooks.xml import CUT_DOWN, DAMAGED, Walk, walk_xml

#: Rows and columns of a sheet in which something stands, and cells from its first to its last.
MOST_ROWS = 20_000
MOST_COLUMNS = 500
MOST_CELLS = 2_000_000
#: Letters in all cells of a workbook: a text that is saved once may stand in every cell.
MOST_TEXT = 50_000_000

_REFERENCE = re.compile(r"([A-Z]{1,3})([0-9]{1,7})")
_MOST_DIGITS = 9


@dataclass
class Scan:
    """What was found in one sheet; rows and columns count from 1.

    Attributes:
        errors: by (row, column), the word a spreadsheet shows there, as ``#REF!``.
        uncounted: cells with a formula of which no value was saved.
        hidden: rows that are not shown.
        merged: first and last cell of each merged area.
        rows, columns: the last in which something stands.

    """

    name: str = ""
    errors: dict[tuple[int, int], str] = field(default_factory=dict)
    uncounted: list[tuple[int, int]] = field(default_factory=list)
    hidden: list[int] = field(default_factory=list)
    merged: list[tuple[tuple[int, int], tuple[int, int]]] = field(default_factory=list)
    rows: int = 0
    columns: int = 0
    letters: int = 0

    def add_text(self, letters: int) -> None:
        """Take note of the letters of a cell.

        Raises:
            BadWorkbookError: there are too many.

        """
        self.letters += letters
        if self.letters > MOST_TEXT:
            what = f"The cells of a sheet hold more than {MOST_TEXT:,} letters."
            raise BadWorkbookError(what, CUT_DOWN)

    def reach(self, row: int, column: int) -> None:
        """Take note that something stands in a cell.

        Raises:
            BadWorkbookError: it lies beyond bounds.

        """
        self.rows, self.columns = max(self.rows, row), max(self.columns, column)
        if (
            self.rows > MOST_ROWS
            or self.columns > MOST_COLUMNS
            or self.rows * self.columns > MOST_CELLS
        ):
            what = (
                f"A sheet reaches to row {self.rows:,} and column {self.columns:,}; at most "
                f"{MOST_ROWS:,} rows and {MOST_COLUMNS:,} columns are read."
            )
            raise BadWorkbookError(what, CUT_DOWN)


def parse_reference(text: str) -> tuple[int, int] | None:
    """Return row and column, from 1, of a cell such as C7.

    >>> parse_reference("C7"), parse_reference("AA10"), parse_reference("7")
    ((7, 3), (10, 27), None)
    """
    found = _REFERENCE.fullmatch(text.upper())
    if found is None:
        return None
    column = 0
    for letter in found[1]:
        column = column * 26 + ord(letter) - 64
    return int(found[2]), column


def name_cell(row: int, column: int) -> str:
    """Return the name of a cell, from 1.

    >>> name_cell(7, 3), name_cell(10, 27)
    ('C7', 'AA10')
    """
    letters = ""
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return f"{letters}{row}"


def scan_sheet(xml: bytes, shared: Sequence[int] = ()) -> Scan:
    """Walk the XML of one sheet of an Excel workbook.

    ``shared`` are the letters of each text that cells share, see :func:`measure_texts`.

    Raises:
        BadWorkbookError: it is damaged, or goes beyond bounds.

    """
    walk = _SheetWalk(shared)
    walk_xml(xml, walk)
    return walk.scan


def scan_document(xml: bytes) -> list[Scan]:
    """Walk the content of an OpenDocument spreadsheet, a scan for each sheet.

    Raises:
        BadWorkbookError: it is damaged, or goes beyond bounds.

    """
    walk = _DocumentWalk()
    walk_xml(xml, walk)
    return walk.scans


def _number(text: str | None, otherwise: int) -> int:
    """Return a whole number of an attribute, or what stands for one that is not there.

    Raises:
        BadWorkbookError: it is none.

    """
    if text is None:
        return otherwise
    if not (text.isascii() and text.isdigit() and len(text) <= _MOST_DIGITS):
        raise BadWorkbookError("The workbook is damaged: a row or a cell has no number.", DAMAGED)
    return int(text)


class _SheetWalk(Walk):
    """Follows ``row``, ``c``, ``f``, ``v``, ``is`` and ``mergeCell`` of a sheet."""

    def __init__(self, shared: Sequence[int]) -> None:
        super().__init__()
        self.scan = Scan()
        self.letters = shared
        self.row = self.column = 0
        self.error = self.formula = self.valued = self.shared = False
        self.value: list[str] | None = None

    def begin(self, name: str, given: dict[str, str]) -> None:
        self.count()
        name = name.rpartition(":")[2]
        if name == "c":
            at = parse_reference(given["r"]) if "r" in given else (self.row, self.column + 1)
            if at is None:
                what = "The workbook is damaged: a cell stands nowhere."
                raise BadWorkbookError(what, DAMAGED)
            self.row, self.column = at
            self.error, self.shared = given.get("t") == "e", given.get("t") == "s"
            self.formula = self.valued = False
        elif name in ("v", "is"):
            self.value = []
            self.valued = True
        elif name == "f":
            self.formula = True
        elif name == "row":
            self.row, self.column = _number(given.get("r"), self.row + 1), 0
            if given.get("hidden") in ("1", "true"):
                self.scan.hidden.append(self.row)
        elif name == "mergeCell":
            first, _, last = given.get("ref", "").partition(":")
            ends = parse_reference(first), parse_reference(last)
            if ends[0] and ends[1] and ends[0] != ends[1]:
                self.scan.merged.append((ends[0], ends[1]))

    def text(self, text: str) -> None:
        if self.value is not None:
            self.value.append(text)

    def end(self, name: str) -> None:
        name = name.rpartition(":")[2]
        if name != "c":
            return
        said = "".join(self.value or ())
        if self.valued:
            self.scan.reach(self.row, self.column)
            self.scan.add_text(self._measure(said))
        if self.error:
            self.scan.reach(self.row, self.column)
            self.scan.errors[self.row, self.column] = said.strip() or "an error"
        elif self.formula and not self.valued:
            self.scan.reach(self.row, self.column)
            self.scan.uncounted.append((self.row, self.column))
        self.value = None

    def _measure(self, said: str) -> int:
        number = _number(said.strip(), -1) if self.shared else -1
        return self.letters[number] if 0 <= number < len(self.letters) else len(said)


class _DocumentWalk(Walk):
    """Follows the tables, rows and cells of an OpenDocument, which may stand for many at once."""

    def __init__(self) -> None:
        super().__init__()
        self.scans: list[Scan] = []
        self.row = self.column = 0
        self.repeat_row = self.repeat = 1
        self.depth = 0
        self.filled = self.hidden = False
        self.said: list[str] = []
        self.given: dict[str, str] = {}

    def begin(self, name: str, given: dict[str, str]) -> None:
        self.count()
        name = name.rpartition(":")[2]
        if name == "table":
            self.depth += 1
            if self.depth == 1:
                self.scans.append(Scan(name=_find(given, "name") or ""))
                self.row = 0
        elif name == "table-row":
            self.column = 0
            self.filled = False
            self.repeat_row = max(_number(_find(given, "number-rows-repeated"), 1), 1)
            self.hidden = _find(given, "visibility") in ("collapse", "filter")
        elif name in ("table-cell", "covered-table-cell"):
            self.repeat = max(_number(_find(given, "number-columns-repeated"), 1), 1)
            self.given = given
            self.said = []

    def text(self, text: str) -> None:
        if self.depth:
            self.said.append(text)

    def end(self, name: str) -> None:
        name = name.rpartition(":")[2]
        if name == "table":
            self.depth -= 1
        elif name == "table-row" and self.scans:
            scan = self.scans[-1]
            if self.filled:
                scan.reach(self.row + self.repeat_row, scan.columns)
                if self.hidden:
                    scan.hidden.extend(range(self.row + 1, self.row + 1 + self.repeat_row))
            self.row += self.repeat_row
        elif name in ("table-cell", "covered-table-cell") and self.scans:
            self._end_cell()
            self.column += self.repeat

    def _end_cell(self) -> None:
        scan = self.scans[-1]
        at = (self.row + 1, self.column + 1)
        formula = _find(self.given, "formula") is not None
        kind = _find(self.given, "value-type")
        said = "".join(self.said).strip()
        if kind is not None or said or formula:
            self.filled = True
            scan.reach(self.row + self.repeat_row, self.column + self.repeat)
            scan.add_text(len(said) * self.repeat * self.repeat_row)
        # An error is saved as a text, beside a formula that says it is none of the values it shows.
        error = formula and said.startswith(("#", "Err:"))
        if error or _find(self.given, "value-type") == "error":
            scan.errors[at] = said or "an error"
        elif formula and kind is None and not said:
            scan.uncounted.append(at)
        down = max(_number(_find(self.given, "number-rows-spanned"), 1), 1)
        right = max(_number(_find(self.given, "number-columns-spanned"), 1), 1)
        if (down, right) != (1, 1):
            scan.merged.append((at, (at[0] + down - 1, at[1] + right - 1)))


def _find(given: dict[str, str], name: str) -> str | None:
    """Return an attribute whatever its prefix."""
    return next((text for key, text in given.items() if key.rpartition(":")[2] == name), None)

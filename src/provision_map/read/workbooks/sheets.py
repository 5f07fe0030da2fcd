"""From a sheet of cells to rows of text under our headings, wherever the headings stand."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import pandas as pd

from provision_map.read.findings import Findings, count_of, list_some
from provision_map.read.workbooks.file import Cell, Sheet, has_controls, say_cell
from provision_map.read.workbooks.label import sheet_label
from provision_map.read.workbooks.layout import LAYOUTS, MADE_HERE, SheetLayout, loosen, say_heading
from provision_map.read.workbooks.scan import name_cell
from provision_map.schema import Table, quote

#: Headings stand in one of the first rows; so many of them make a row one of headings.
_FIRST_ROWS = 30
_LEAST_HEADINGS = 2
_NUMBERED = re.compile(r"([a-z]+)[2-9]")


def _list_headings(layout: SheetLayout) -> dict[str, str]:
    """Return our columns by what their headings may say, loosened."""
    columns = [c.name for table in layout.tables for c in table.columns if not c.computed]
    known = {loosen(name): name for name in columns}
    return known | {loosen(say_heading(layout, name)): name for name in columns}


_KNOWN = {layout.name: _list_headings(layout) for layout in LAYOUTS}


@dataclass(frozen=True)
class SheetTable:
    """A sheet that was known by its headings.

    Attributes:
        label: how problems name it.
        layout: what it is.
        heading_row: where the headings stand, from 1.
        frame: text cells under our headings, and others under their own, with ``_row``.
        covers: names of the tables that it speaks of.

    """

    sheet: Sheet = field(repr=False)
    label: str
    layout: SheetLayout
    heading_row: int
    frame: pd.DataFrame = field(repr=False)
    covers: frozenset[str]


@dataclass(frozen=True)
class Headings:
    """Where the headings of a sheet stand: its row from 1, and what each column, from 0, is."""

    layout: SheetLayout
    row: int
    columns: Mapping[int, str]


def find_headings(sheet: Sheet) -> Headings | None:
    """Return what a sheet is and where its headings stand; None where it has none that are known."""
    best: tuple[int, Headings] | None = None
    for number, row in enumerate(sheet.rows[:_FIRST_ROWS], start=1):
        texts = [loosen(cell) if isinstance(cell, str) else "" for cell in row]
        for layout in LAYOUTS:
            known = _KNOWN[layout.name]
            columns: dict[int, str] = {}
            for place, text in enumerate(texts):
                column = known.get(text)
                if column is not None and column not in columns.values():
                    columns[place] = column
            named = loosen(layout.name).rstrip("s") in loosen(sheet.name)
            score = 2 * len(columns) + named
            if len(columns) >= _LEAST_HEADINGS and (best is None or score > best[0]):
                best = score, Headings(layout, number, columns)
    return None if best is None else best[1]


def read_sheet(sheet: Sheet, headings: Headings, file: str, findings: Findings) -> SheetTable:
    """Return the rows under the headings; what a person should know of the sheet is noted."""
    label = sheet_label(file, sheet.name)
    layout = headings.layout
    _note_above(sheet, headings.row, label, findings)
    columns = _name_columns(sheet, headings, label, findings)
    further = _further(columns, layout)
    columns = {place: name for place, name in columns.items() if place not in further}
    _report_cells(sheet, headings, further, label, findings)
    rows: list[list[str]] = []
    numbers: list[int] = []
    for number, cells in _rows_below(sheet, headings.row):
        texts = [_say(cells, place, name, layout) for place, name in columns.items()]
        for place, name in further.items():
            at = list(columns.values()).index(name)
            texts[at] = "; ".join(
                t for t in (texts[at], _say(cells, place, name, layout)) if t.strip()
            )
        odd = any(
            (number, place + 1) in sheet.scan.errors for place in (*headings.columns, *further)
        )
        if odd or any(text.strip() for text in texts):
            rows.append(_refuse_controls(texts, columns, number, label, findings))
            numbers.append(number)
    frame = pd.DataFrame(rows, columns=list(columns.values()), dtype=object)
    frame["_row"] = pd.Series(numbers, index=frame.index, dtype="int64")
    _note_hidden(sheet, numbers, label, findings)
    return SheetTable(sheet, label, layout, headings.row, frame, _covers(layout, headings.columns))


def _further(columns: Mapping[int, str], layout: SheetLayout) -> dict[int, str]:
    """Return the columns that hold more of a list, as "Elements 2", by the list that it is."""
    lists = {
        loosen(c.name): c.name
        for table in layout.tables
        for c in table.columns
        if c.kind == "list" and c.name in columns.values()
    }
    numbered = {place: _NUMBERED.fullmatch(loosen(text)) for place, text in columns.items()}
    return {
        place: lists[match[1]]
        for place, match in numbered.items()
        if match is not None and match[1] in lists
    }


def _rows_below(sheet: Sheet, heading_row: int) -> Iterator[tuple[int, list[Cell]]]:
    yield from enumerate(sheet.rows[heading_row:], start=heading_row + 1)


def _say(cells: Sequence[Cell], place: int, name: str, layout: SheetLayout) -> str:
    if place >= len(cells):
        return ""
    declared = (c for table in layout.tables for c in table.columns if c.name == name)
    column = next(declared, None)
    return say_cell(cells[place], "text" if column is None else column.kind)


def _covers(layout: SheetLayout, columns: Mapping[int, str]) -> frozenset[str]:
    """Return the tables that a sheet speaks of: it has a column that only they have."""
    shared = {"organisation_id"} if len(layout.tables) > 1 else set()
    given = set(columns.values()) - shared
    return frozenset(table.name for table in layout.tables if given & set(table.names()))


def _note_above(sheet: Sheet, heading_row: int, label: str, findings: Findings) -> None:
    above = sheet.rows[: heading_row - 1]
    first = next((cell for row in above for cell in row if cell != ""), "")
    if isinstance(first, str) and first.startswith(MADE_HERE):
        return
    filled = [n for n, row in enumerate(above, start=1) if any(_filled(cell) for cell in row)]
    if filled:
        what = f"The headings stand in row {heading_row}; what stands above them was not read ({_rows(filled)})."
        findings.note(label, what, row=filled[0])


def _filled(cell: Cell) -> bool:
    return not isinstance(cell, str) or bool(cell.strip())


def _name_columns(
    sheet: Sheet, headings: Headings, label: str, findings: Findings
) -> dict[int, str]:
    """Return the name of each column to be read; report headings that stand twice, and none."""
    columns = dict(headings.columns)
    known = _KNOWN[headings.layout.name]
    row = sheet.rows[headings.row - 1]
    for place, cell in enumerate(row):
        if place in columns:
            continue
        text = " ".join(say_cell(cell).split())
        twice = known.get(loosen(text)) or (text if text in columns.values() else None)
        if twice is not None:
            what = "The heading stands twice."
            findings.problem(label, what, "Keep one of them.", row=headings.row, column=twice)
        elif text and not text.startswith("_"):
            columns[place] = text
        elif (filled := _first_filled(sheet, headings.row, place)) is not None:
            letter = name_cell(1, place + 1).rstrip("1")
            what = f"Column {letter} has no heading, but holds something in row {filled}."
            findings.problem(label, what, "Give it a heading, or clear it.", row=headings.row)
    return dict(sorted(columns.items()))


def _first_filled(sheet: Sheet, heading_row: int, place: int) -> int | None:
    rows = _rows_below(sheet, heading_row)
    return next((n for n, cells in rows if place < len(cells) and _filled(cells[place])), None)


def _report_cells(
    sheet: Sheet, headings: Headings, further: dict[int, str], label: str, findings: Findings
) -> None:
    """Report cells that show an error, formulas of which no value was saved, and merged cells."""
    columns = {place + 1: name for place, name in {**headings.columns, **further}.items()}
    for (row, column), word in sheet.scan.errors.items():
        if row > headings.row and column in columns:
            what = f"The cell shows {word[:20]}: its formula has no value."
            mend = "Write the value itself, or clear it."
            findings.problem(label, what, mend, row=row, column=columns[column])
    for row, column in sheet.scan.uncounted:
        if row > headings.row and column in columns:
            what = "The cell has a formula, but no value was saved with it."
            mend = "Open the workbook in a spreadsheet and save it, or write the value itself."
            findings.problem(label, what, mend, row=row, column=columns[column])
    for (top, left), (bottom, right) in sheet.scan.merged:
        over = [columns[c] for c in range(left, min(right, max(columns)) + 1) if c in columns]
        cells = sheet.rows[top - 1] if top <= len(sheet.rows) else []
        empty = left > len(cells) or not _filled(cells[left - 1])
        if bottom > headings.row and over and not empty:
            area = f"{name_cell(top, left)} to {name_cell(bottom, right)}"
            what = f"The cells {area} are merged: what they say stands in the first of them only."
            mend = "Unmerge them, and write it into each cell that it holds for."
            findings.problem(label, what, mend, row=max(top, headings.row + 1), column=over[0])


def _refuse_controls(
    texts: list[str], columns: Mapping[int, str], row: int, label: str, findings: Findings
) -> list[str]:
    for name, text in zip(columns.values(), texts, strict=True):
        if has_controls(text):
            what = f"{quote(text)} holds characters that cannot be read."
            findings.problem(label, what, "Type it again.", row=row, column=name)
    return texts


def _note_hidden(sheet: Sheet, numbers: Sequence[int], label: str, findings: Findings) -> None:
    if sheet.hidden and numbers:
        findings.note(label, "The sheet is hidden; it was read all the same.")
    rows = sorted(set(sheet.scan.hidden) & set(numbers))
    if rows:
        what = f"{count_of(len(rows), 'row is', 'rows are')} hidden, and {'was' if len(rows) == 1 else 'were'} read all the same ({_rows(rows)})."
        findings.note(label, what, row=rows[0])


def _rows(numbers: Sequence[int]) -> str:
    return f"{'row' if len(numbers) == 1 else 'rows'} {list_some(numbers)}"


def take_columns(found: SheetTable, table: Table, *, extra: bool = True) -> pd.DataFrame:
    """Return the columns of one table, with ``extra`` also those that no table of the sheet knows."""
    ours = set(table.names())
    others = {name for other in found.layout.tables for name in other.names()} - ours
    names = [
        str(name)
        for name in found.frame.columns
        if name == "_row" or name in ours or (extra and name not in others)
    ]
    return found.frame[names]

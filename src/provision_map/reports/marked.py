"""The workbook to send back: an organisation's own rows, with its own problems marked in the cells."""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import pandas as pd
from xlsxwriter.workbook import Workbook
from xlsxwriter.worksheet import Worksheet

from provision_map import tables
from provision_map.errors import Problem
from provision_map.frameworks import load_framework
from provision_map.read.workbooks.label import split_label
from provision_map.read.workbooks.layout import (
    LAYOUTS,
    LISTS,
    MADE_HERE,
    ORGANISATION,
    Choices,
    SheetLayout,
    list_choices,
    loosen,
    say_heading,
)
from provision_map.reports.return_sheets import (
    HEADINGS,
    Mark,
    ReturnBook,
    Rows,
    cell_name,
    say_typed,
)
from provision_map.reports.sheets import fit_height, fit_text
from provision_map.reports.template import OPTIONS, choose_columns
from provision_map.reports.text import clean
from provision_map.schema import Table

#: The first sheet: headings, and widths in digits.
_LIST = (("Cell", 20), ("Column", 18), ("What", 56), ("How to mend it", 50), ("As it was sent", 40))
TO_MEND = "What to mend"
_HOW = (
    "The cells that are to be mended are red, those to look at are yellow: point at one to read why. "
    "Mend them here, save, and send this workbook back; nothing else needs to be done."
)
#: The end of a mend that says all codes of a list.
_CODES = re.compile(r"Use one of: .*$", re.DOTALL)
_NOTHING = "There is nothing to mend."


@dataclass(frozen=True)
class _Found:
    """A problem or a note, with the sheet, the row from 0 and the column where it is marked."""

    problem: Problem
    wrong: bool
    layout: SheetLayout | None = None
    row: int | None = None
    column: str | None = None


def mark_workbook(
    frames: Mapping[str, pd.DataFrame],
    problems: Sequence[Problem],
    notes: Sequence[Problem] = (),
    *,
    title: str,
    choices: Choices | None = None,
) -> bytes:
    """Return the bytes of an .xlsx in which an organisation finds what it is to mend.

    It holds all the rows that are given, in the sheets of the template, so that it can be mended,
    sent back, and read with no other step.

    Args:
        frames: by name of a table (``organisations``, ``services``, ``sessions``, ``quality``,
            ``practice``, ``participation``, ``returns``): its rows as text cells, as they were
            sent, under our headings, with ``_row`` and ``_file`` (the file, or the label of the
            sheet, by which problems say where a row stands). Columns may be missing, others are
            kept. A typed table (:mod:`provision_map.read.files.typed`) does as well.
        problems: what must be mended. Those of rows that are not given are passed over; those of
            a whole file, or of its headings, are listed on the first sheet.
        notes: what they should know; marked in another colour.
        title: of the first sheet, as "Tinytown Youth Service: what to mend".
        choices: what the drop-downs offer; None: the built-in framework, without places.

    """
    sheets = {layout.name: _gather(layout, frames) for layout in LAYOUTS}
    spots = _Spots(sheets)
    found = [
        placed
        for wrong, listed in ((True, problems), (False, notes))
        for problem in dict.fromkeys(listed)
        for placed in spots.place(problem, wrong=wrong)
    ]
    out = io.BytesIO()
    with Workbook(out, dict(OPTIONS)) as book:
        made = ReturnBook(book, list_choices(load_framework()) if choices is None else choices)
        columns = {
            layout.name: [*choose_columns(layout, frames), *_list_added(layout, frames)]
            for layout in LAYOUTS
        }
        front = made.add_sheet(TO_MEND)
        for layout in LAYOUTS:
            sheet = sheets[layout.name]
            marks = _mark(placed for placed in found if placed.layout is layout)
            rows = Rows([cells for cells, _ in sheet], marks)
            written = made.write_sheet(layout, rows, columns[layout.name])
            if any(placed.layout is layout and placed.wrong for placed in found):
                written.set_tab_color("#B3261E")
        made.write_codes()
        _write_front(made, front, found, columns, title=title)
    return out.getvalue()


#: A row as texts by column, and where its parts stood: file and row.
_Sent = tuple[dict[str, str], set[tuple[str, int]]]


def _gather(layout: SheetLayout, frames: Mapping[str, pd.DataFrame]) -> list[_Sent]:
    """Return the rows of a sheet, with the files and rows by which problems name them."""
    given = {table.name: _say_rows(frames.get(table.name), table) for table in layout.tables}
    if layout is not ORGANISATION:
        return given[layout.tables[0].name]
    # A return stands in the row of its organisation, as it does in the template.
    returns = given[tables.RETURNS.name]
    rows: list[_Sent] = []
    for cells, at in given[tables.ORGANISATIONS.name]:
        own = next(
            (r for r in returns if r[0]["organisation_id"] == cells["organisation_id"]), None
        )
        if own is not None:
            returns = [row for row in returns if row is not own]
            rows.append(({**own[0], **cells}, own[1] | at))
        else:
            rows.append((cells, at))
    return [*rows, *returns]


def _say_rows(frame: pd.DataFrame | None, table: Table) -> list[_Sent]:
    if frame is None or frame.empty:
        return []
    said = {
        column.name: [clean(text).strip() for text in say_typed(frame, column)]
        for column in table.columns
    }
    said |= {
        name: [clean(text).strip() for text in frame[name]] for name in _name_added(frame, table)
    }
    files = frame["_file"] if "_file" in frame else [""] * len(frame)
    places = [{(str(f), int(r))} for f, r in zip(files, frame["_row"], strict=True)]
    texts = [dict(zip(said, cells, strict=True)) for cells in zip(*said.values(), strict=True)]
    return list(zip(texts, places, strict=True))


def _name_added(frame: pd.DataFrame, table: Table) -> list[str]:
    """Return the columns of a frame that the table does not know: people have added them."""
    known = {*table.names(), *(f"{name}_said" for name in table.names())}
    return [str(c) for c in frame.columns if c not in known and not str(c).startswith("_")]


def _list_added(layout: SheetLayout, frames: Mapping[str, pd.DataFrame]) -> list[str]:
    added = [
        name
        for table in layout.tables
        if table.name in frames
        for name in _name_added(frames[table.name], table)
    ]
    return list(dict.fromkeys(added))


class _Spots:
    """Where the rows that problems name stand in what is written."""

    def __init__(self, sheets: Mapping[str, list[_Sent]]) -> None:
        """Note, for each file and row, the sheets and rows (from 0) in which it stands."""
        self.rows: dict[tuple[str, int], tuple[SheetLayout, int]] = {}
        self.first: dict[str, tuple[int, SheetLayout]] = {}
        for layout in LAYOUTS:
            for n, (_, at) in enumerate(sheets[layout.name]):
                for file, row in at:
                    self.rows.setdefault((file, row), (layout, n))
                    if file not in self.first or row < self.first[file][0]:
                        self.first[file] = row, layout
        self.files = {split_label(file)[0] for file in self.first}

    def place(self, problem: Problem, *, wrong: bool) -> list[_Found]:
        """Return where a problem is marked; nowhere, if it is of a row that is not here."""
        file, row = problem.file, problem.row
        if row is not None and (file, row) in self.rows:
            layout, n = self.rows[file, row]
            return [_Found(problem, wrong, layout, n, _find_column(layout, problem.column))]
        # What is of the whole file or sheet, or stands above its rows, concerns them all.
        if file in self.first:
            above, layout = self.first[file]
            own = row is None or row < above
            return [_Found(problem, wrong, layout, None, problem.column)] if own else []
        return [_Found(problem, wrong)] if file in self.files else []


def _find_column(layout: SheetLayout, column: str | None) -> str | None:
    """Return our name of the column that a problem names, as it is or as its heading is."""
    known = {loosen(name): name for name in layout.columns}
    known |= {loosen(say_heading(layout, name)): name for name in layout.columns}
    return known.get(loosen(column or ""))


def _mark(found: Iterable[_Found]) -> dict[tuple[int, str], list[Mark]]:
    """Return marks by row and column; one that names no column is marked in the first."""
    marks: dict[tuple[int, str], list[Mark]] = {}
    for placed in found:
        if placed.row is None or placed.layout is None:
            continue
        column = placed.column or placed.layout.columns[0]
        problem = placed.problem
        mark = Mark(clean(problem.what), clean(_say_mend(placed)), wrong=placed.wrong)
        marks.setdefault((placed.row, column), []).append(mark)
    return marks


def _write_front(
    made: ReturnBook,
    sheet: Worksheet,
    found: Sequence[_Found],
    columns: Mapping[str, Sequence[str]],
    *,
    title: str,
) -> None:
    """Write the list of what is to be mended, with a link to each cell."""
    sheet.hide_gridlines(2)
    sheet.write_string(0, 0, fit_text(f"{MADE_HERE} · {clean(title)}"), made.title)
    sheet.set_row(0, 28)
    sheet.write_string(1, 0, _HOW if found else _NOTHING, made.title_note)
    for c, (heading, width) in enumerate(_LIST):
        sheet.set_column(c, c, width)
        sheet.write_string(HEADINGS + 1, c, heading, made.must)
    order = [layout.name for layout in LAYOUTS]
    for r, placed in enumerate(
        sorted(
            found,
            key=lambda f: (
                not f.wrong,
                order.index(f.layout.name) if f.layout else -1,
                f.row or -1,
            ),
        ),
        start=HEADINGS + 2,
    ):
        problem = placed.problem
        sent = f"{problem.file}, row {problem.row}" if problem.row else problem.file
        cells = ["", _say_column(placed), problem.what, _say_mend(placed), sent]
        if placed.layout is not None:
            name = placed.layout.name
            row = 0 if placed.row is None else placed.row
            cell = cell_name(placed.layout, columns[name], row, placed.column)
            if placed.row is None:
                cell = f"A{HEADINGS + 1}"
            cells[0] = f"{name} {cell}" if placed.row is not None else name
            sheet.write_url(r, 0, f"internal:'{name}'!{cell}", made.link, cells[0])
        for c, text in enumerate(cells[1:], start=1):
            look = made.plain if placed.wrong else made.help
            sheet.write_string(r, c, fit_text(clean(text)), look)
        widths = [width for _, width in _LIST]
        sheet.set_row(r, fit_height(zip(map(clean, cells), widths, strict=True)))
    sheet.freeze_panes(HEADINGS + 2, 0)
    sheet.repeat_rows(HEADINGS + 1)
    sheet.activate()


def _say_mend(placed: _Found) -> str:
    """Say how to mend it; where the cell has a list to choose from, that is less than all its codes."""
    mend, layout = placed.problem.mend, placed.layout
    if layout is None or placed.row is None or placed.column is None:
        return mend
    if placed.column not in LISTS and not layout.column(placed.column).values:
        return mend
    return _CODES.sub("Choose from the list in the cell.", mend)


def _say_column(placed: _Found) -> str:
    if placed.layout is None or placed.column not in placed.layout.columns:
        return placed.problem.column or ""
    return say_heading(placed.layout, placed.column)

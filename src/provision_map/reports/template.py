"""The workbook that an organisation fills in: blank, or with what is known of it already."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Mapping, Sequence

import pandas as pd
from xlsxwriter.workbook import Workbook

from provision_map import tables
from provision_map.read.workbooks.layout import (
    LAYOUTS,
    LISTS,
    MADE_HERE,
    ORGANISATION,
    PARTICIPATION,
    QUALITY,
    SERVICES,
    SESSIONS,
    START,
    Choices,
    SheetLayout,
    loosen,
)
from provision_map.reports.return_sheets import ReturnBook, Rows, say_typed, say_word
from provision_map.reports.sheets import fit_height
from provision_map.reports.template_help import START_LINES
from provision_map.reports.text import clean, guard_formula
from provision_map.schema import Column, Table

#: Text is only ever text: nothing that was filled in runs, links or counts.
OPTIONS: Mapping[str, object] = {
    "in_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
    "default_date_format": "yyyy-mm-dd",
}
#: Tables of a return, in the order of its CSV files.
_TABLES = (
    tables.ORGANISATIONS,
    tables.RETURNS,
    tables.SERVICES,
    tables.SESSIONS,
    tables.QUALITY,
    tables.PRACTICE,
    tables.PARTICIPATION,
)
_START_WIDTHS = (14, 100)


def render_template(
    choices: Choices, frames: Mapping[str, pd.DataFrame] | None = None, *, title: str
) -> bytes:
    """Return the workbook as the bytes of an .xlsx; the same content gives the same bytes.

    Args:
        choices: what the drop-downs offer.
        frames: typed tables by name, of one organisation as a rule: what is filled in already.
        title: of the first sheet.

    """
    given = frames or {}
    out = io.BytesIO()
    with Workbook(out, dict(OPTIONS)) as book:
        made = ReturnBook(book, choices)
        _write_start(made, title)
        for layout in LAYOUTS:
            columns = choose_columns(layout, given)
            made.write_sheet(layout, Rows(list_rows(layout, given, choices)), columns)
        made.write_codes()
    return out.getvalue()


def render_csv(frames: Mapping[str, pd.DataFrame] | None = None) -> dict[str, bytes]:
    """Return the same columns as CSV files by name, with their headings, in codes.

    Text that a spreadsheet would take for a formula begins with a ``'``.
    """
    given = frames or {}
    files = {}
    for table in _TABLES:
        names = table.names(given_only=True)
        text = io.StringIO(newline="")
        writer = csv.writer(text, lineterminator="\r\n")
        writer.writerow(names)
        frame = given.get(table.name)
        if frame is not None:
            columns = [_say_csv(frame, table, name) for name in names]
            writer.writerows(zip(*columns, strict=True))
        files[f"{table.name}.csv"] = text.getvalue().encode("utf-8-sig")
    return files


def _say_csv(frame: pd.DataFrame, table: Table, name: str) -> list[str]:
    column = next(c for c in table.columns if c.name == name)
    texts = say_typed(frame, column)
    numeric = column.kind in ("number", "integer", "date", "time")
    return texts if numeric else [guard_formula(text) for text in texts]


def choose_columns(layout: SheetLayout, frames: Mapping[str, pd.DataFrame]) -> list[str]:
    """Return the columns of a sheet: whose it is need not be said again where that is plain."""
    whose = frames.get(tables.ORGANISATIONS.name)
    own = set() if whose is None else set(whose["organisation_id"])
    columns = list(layout.columns)
    if layout is not ORGANISATION and "organisation_id" in columns:
        frame = frames.get(layout.tables[0].name)
        said = (
            set()
            if frame is None or "organisation_id" not in frame
            else set(frame["organisation_id"])
        )
        if len(own) <= 1 and said <= own:
            columns.remove("organisation_id")
    return columns  # fmt: skip


def list_rows(
    layout: SheetLayout, frames: Mapping[str, pd.DataFrame], choices: Choices
) -> list[dict[str, str]]:
    """Return the rows of a sheet as texts in the words of its drop-downs."""
    if layout is ORGANISATION:
        return _list_organisations(frames, choices)
    table = layout.tables[0]
    frame = frames.get(table.name)
    if frame is None:
        return []
    rows = _say_rows(frame, table.columns, choices)
    if layout in (SESSIONS, QUALITY, PARTICIPATION):
        named = name_services(frames.get(tables.SERVICES.name))
        for row in rows:
            row["service_id"] = named.get(row["service_id"], row["service_id"])
    return rows


def _list_organisations(
    frames: Mapping[str, pd.DataFrame], choices: Choices
) -> list[dict[str, str]]:
    """Return rows that say an organisation and its return; a second return has a row of its own."""
    given = {}
    for table in ORGANISATION.tables:
        frame = frames.get(table.name)
        given[table.name] = [] if frame is None else _say_rows(frame, table.columns, choices)
    returns = given[tables.RETURNS.name]
    rows = []
    for organisation in given[tables.ORGANISATIONS.name]:
        own = [row for row in returns if row["organisation_id"] == organisation["organisation_id"]]
        returns = [row for row in returns if row not in own]
        rows.append({**(own[0] if own else {}), **organisation})
        rows.extend(own[1:])
    return [*rows, *returns]


def _say_rows(
    frame: pd.DataFrame, columns: Sequence[Column], choices: Choices
) -> list[dict[str, str]]:
    said = {}
    for column in columns:
        turn = _labeller(column, choices)
        said[column.name] = [clean(turn(text)) for text in say_typed(frame, column)]
    return [dict(zip(said, cells, strict=True)) for cells in zip(*said.values(), strict=True)]


def _labeller(column: Column, choices: Choices) -> Callable[[str], str]:
    """Return what turns codes into the words that a drop-down offers."""
    labels = choices.labels(LISTS.get(column.name, ""))
    labels |= {value: say_word(value) for value in column.values}

    def turn(text: str) -> str:
        if column.kind != "list":
            return labels.get(text, text)
        return "; ".join(labels.get(item.strip(), item.strip()) for item in text.split(";"))

    return turn


def name_services(services: pd.DataFrame | None) -> dict[str, str]:
    """Return, by identifier, the name by which a service can be chosen; none where two share it."""
    if services is None:
        return {}
    known = [
        (str(c), str(n)) for c, n in zip(services["service_id"], services["name"], strict=True)
    ]
    taken: dict[str, int] = {}
    for code, name in known:
        for key in {loosen(code), loosen(name)}:
            taken[key] = taken.get(key, 0) + 1
    return {code: name for code, name in known if loosen(name) and taken[loosen(name)] == 1}


def _write_start(made: ReturnBook, title: str) -> None:
    sheet = made.add_sheet(START)
    sheet.hide_gridlines(2)
    sheet.set_portrait()
    for c, width in enumerate(_START_WIDTHS):
        sheet.set_column(c, c, width)
    sheet.write_string(0, 0, f"{MADE_HERE} · {clean(title)}", made.title)
    sheet.set_row(0, 28)
    row = 2
    for heading, lines in START_LINES:
        sheet.write_string(row, 0, heading, made.band)
        sheet.write_blank(row, 1, None, made.band)
        for below, (first, text) in enumerate(lines, start=1):
            sheet.write_string(row + below, 0, first, made.bold)
            sheet.write_string(row + below, 1, text, made.plain)
            sheet.set_row(row + below, fit_height([(text, _START_WIDTHS[1])]))
        row += len(lines) + 2
    sheet.activate()


__all__ = ["OPTIONS", "SERVICES", "choose_columns", "list_rows", "name_services", "render_csv", "render_template"]  # fmt: skip

"""gap-register.xlsx: the register and what stands behind it, for people who use a spreadsheet.

The same edition gives the same bytes: the only date inside is the edition's own.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from pathlib import Path

import pandas as pd
from xlsxwriter.format import Format
from xlsxwriter.workbook import Workbook
from xlsxwriter.worksheet import Worksheet

from provision_map.edition import Edition
from provision_map.reports import words
from provision_map.reports.reach_sheets import (
    REACH_SHEETS,
    list_left_out,
    list_reach_sheets,
    write_access,
    write_parts,
    write_when,
)
from provision_map.reports.rows import REGISTER_COLUMNS, GapRow, RegisterColumn, read_gap_rows
from provision_map.reports.service_words import SERVICE_COLUMNS, describe_services
from provision_map.reports.sheets import (
    AMBER,
    BLUE,
    FONT,
    GREEN,
    GREY,
    RED,
    Formats,
    Kind,
    SheetColumn,
    add_formats,
    add_sheet,
    colour_words,
    fit_height,
    fit_text,
    write_rows,
)
from provision_map.reports.text import clean, clean_list, whole
from provision_map.tables import STATUSES

_COLOURS: Mapping[str, Mapping[str, Mapping[str, str]]] = {
    "grade": {"confirmed": GREEN, "probable": AMBER, "data gap": GREY},
    "state": {
        "new": BLUE, "worsened": RED, "improved": GREEN, "closed by measure": GREEN,
        "cannot tell": GREY,
    },
    "status": {
        "proposed": AMBER, "in progress": BLUE, "resolved": GREEN, "reopened": RED,
        "duplicate": GREY,
    },
}  # fmt: skip
_REACHED = {"yes": GREEN, "no": RED, "unknown": GREY}
_AXES = {
    "neighbourhood": "Neighbourhoods",
    "community": "BME communities, and communities without small-area counts",
    "outcome": "Outcomes",
}
#: What a meeting needs of a gap, with widths for one sheet of A4: these columns come first and are
#: printed. The title says the element, the causes and the ages.
_PRINTED: Mapping[str, int] = {
    "gap_id": 13, "rank": 7, "scope": 9, "title": 44, "where": 37, "community": 14,
    "children": 9, "uncovered_percent": 9, "grade": 10, "state": 11, "status": 11, "owner_role": 11,
}  # fmt: skip
#: What comes next on the screen: what people filter by.
_NEXT = ("main_cause", "missing", "ages", "kind", "offer", "element", "element_name", "outcomes")
#: The same of a service.
_PRINTED_SERVICE: Mapping[str, int] = {
    "service_id": 8, "name": 27, "organisation": 25, "elements": 10, "neighbourhood": 15,
    "ages": 9, "sessions": 31, "open_to": 15, "cost": 8, "quality": 26, "checked": 11,
}  # fmt: skip
#: Neighbourhoods that the sheet's short account of the places names.
_MOST_PARTS = 3
#: Long lists, in columns that are not printed.
_LISTS = ("outcomes", "neighbourhoods", "places", "grade_reason", "comes_to")
#: The least width that breaks a heading such as "Children: not open to them" into two lines.
_LEAST_COUNT = 14
#: Widths, in digits, of the columns of "Read me".
_READ_ME_WIDTHS = (36, 62, 17, 12)
#: Points between the blocks of "Read me".
_SPACE = 9
#: Rows below the list that the choice of a status also reaches, for entries added by hand.
_SPARE_ROWS = 50


def write_register_workbook(edition: Edition, path: Path) -> None:
    """Write gap-register.xlsx.

    Sheets: Read me, Gaps (its statuses chosen from a list), Questions; When, Parts and Access, where
    the edition has them; Services reach, Practice reach, Services used. Text that begins with = + - or @ stays text.
    """
    options = {
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
        "constant_memory": False,
        "default_format_properties": dict(FONT),
    }
    with Workbook(str(path), options) as book:
        book.set_properties(
            {
                "title": f"Gap register: {clean(edition.title)}"[:250],
                "comments": clean(edition.data_status)[:250],
                "created": dt.datetime.combine(edition.date, dt.time()),
            }
        )
        formats = add_formats(book)
        _write_read_me(book, formats, edition)
        _write_gaps(book, formats, edition)
        _write_questions(book, formats, edition)
        _write_reach(book, formats, edition)
        for name, heading, reach in (
            ("Services reach", "Service", edition.service_reach),
            ("Practice reach", "Good practice", edition.practice_reach),
        ):
            _write_matrix(_add_sheet(book, name, edition), formats, heading, reach)
            _colour_matrix(book, name, reach)
        _write_services(book, formats, edition)


def _write_reach(book: Workbook, formats: Formats, edition: Edition) -> None:
    for name in list_reach_sheets(edition):
        sheet = _add_sheet(book, name, edition)
        if name == "When":
            write_when(sheet, book, formats, edition)
        else:
            {"Parts": write_parts, "Access": write_access}[name](sheet, formats, edition)


def _add_sheet(book: Workbook, name: str, edition: Edition) -> Worksheet:
    parts = (edition.place, edition.date.isoformat(), edition.data_status)
    return add_sheet(book, name, " · ".join(clean(part) for part in parts if clean(part)))


def _write_read_me(book: Workbook, formats: Formats, edition: Edition) -> None:
    sheet = _add_sheet(book, "Read me", edition)
    for c, width in enumerate(_READ_ME_WIDTHS):
        sheet.set_column(c, c, width)
    sheet.set_row(0, 30)
    sheet.set_portrait()
    sheet.write_string(0, 0, fit_text(f"Gap register: {clean(edition.title)}"), formats.title)
    sheets = {
        "Gaps": (
            "One row a gap. Filter by any column; choose a status from the list. "
            "The first columns are printed; the others, to the right, are for working with."
        ),
        "Questions": "What we do not know, and which records to ask about.",
        **{name: REACH_SHEETS[name] for name in list_reach_sheets(edition)},
        **{f"No sheet {name}": why for name, why in list_left_out(edition).items()},
        "Services reach": "Which neighbourhoods, communities and outcomes each service reaches.",
        "Practice reach": "The same for agreed good practice.",
        "Services used": "The services that were looked at, as they were read.",
    }
    reading = {
        "Children": words.OVERLAP,
        "City-wide and local": "Ranked apart: rank 1 stands once in each scope.",
        "Closed by measure": "No open gap any more: listed last, and without a rank.",
        "Priority": "Children not covered × need × severity, with the exercise's own weights.",
        "State and status": words.STATE_OR_STATUS,
        "Changing a status here": "changes this copy only, not the register it came from.",
        "Blank": "Not counted, or too few to show. Blank is not 0.",
    }
    blocks = {
        "About": {
            "Place": clean(edition.place),
            "As at": edition.date.isoformat(),
            "Data": clean(edition.data_status),
            "Question": words.QUESTION,
        },
        "Sheets": sheets,
        "How to read it": reading,
        "Causes": {words.CAUSE_NAMES[code]: text for code, text in words.CAUSES.items()},
        "Grade": {code: text.split(": ", 1)[-1] for code, text in words.GRADES.items()},
        "State": words.STATES,
        "Status": words.STATUSES,
    }
    row = 2
    for heading, lines in blocks.items():
        _write_line(sheet, row, (heading, "", "", ""), formats.band, formats.band)
        for below, line in enumerate(lines.items(), start=1):
            _write_line(sheet, row + below, line, formats.bold, formats.plain)
        row += len(lines) + 2
        sheet.set_row(row - 1, _SPACE)
    _write_sources(sheet, formats, edition, row)


def _write_sources(sheet: Worksheet, formats: Formats, edition: Edition, top: int) -> None:
    _write_line(sheet, top, ("File", "Source", "Licence", "Date"), formats.band, formats.band)
    for r, s in enumerate(edition.sources, start=top + 1):
        cells = (s.file, s.source or "not stated", s.licence, s.date)
        _write_line(sheet, r, cells, formats.plain, formats.plain)
    for r, note in enumerate(edition.notes, start=top + len(edition.sources) + 2):
        _write_line(sheet, r, ("Note", note), formats.bold, formats.plain)


def _write_line(
    sheet: Worksheet, row: int, cells: tuple[str, ...], first: Format, others: Format
) -> None:
    """Write a line of "Read me", high enough for what wraps in it."""
    texts = [fit_text(clean(cell)) for cell in cells]
    for c, text in enumerate(texts):
        sheet.write_string(row, c, text, others if c else first)
    sheet.set_row(row, fit_height(zip(texts, _READ_ME_WIDTHS, strict=False)))


def _write_gaps(book: Workbook, formats: Formats, edition: Edition) -> None:
    sheet = _add_sheet(book, "Gaps", edition)
    register = _order_columns()
    columns = [
        SheetColumn(
            c.heading,
            _PRINTED.get(c.name) or _choose_width(c),
            _choose_kind(c),
            shown_whole=c.name not in _LISTS,
        )
        for c in register
    ]
    status = clean(edition.data_status)
    rows = [[*(column.read(gap) for column in register), status] for gap in read_gap_rows(edition)]
    columns.append(SheetColumn("Data", 20))
    write_rows(sheet, columns, rows, formats, printed=len(_PRINTED))
    last = len(rows) + _SPARE_ROWS
    for c, column in enumerate(register):
        if column.name in _COLOURS:
            colour_words(book, sheet, (1, c, last, c), _COLOURS[column.name])
        if column.name == "status":
            sheet.data_validation(
                1, c, last, c,
                {
                    "validate": "list",
                    "source": list(STATUSES),
                    "error_title": "Not a status",
                    "error_message": "Choose one of the list.",
                },
            )  # fmt: skip


def _order_columns() -> list[RegisterColumn]:
    """Return the register's columns in the sheet's order, with a short account of the places."""
    columns = {column.name: column for column in REGISTER_COLUMNS}
    columns["where"] = RegisterColumn("where", "Where", _say_where)
    lists = {name: columns.pop(name) for name in ("neighbourhoods", "places")}
    names = dict.fromkeys((*_PRINTED, *_NEXT, *columns))
    return [*(columns[name] for name in names), *lists.values()]


def _say_where(gap: GapRow) -> str:
    names = gap.parts or gap.neighbourhoods
    rest = len(names) - _MOST_PARTS
    return "; ".join(names[:_MOST_PARTS]) + (f"; and {rest} more" if rest > 0 else "")


def _choose_width(column: RegisterColumn) -> int:
    return max(column.width, _LEAST_COUNT) if column.name.startswith("cause_") else column.width


def _choose_kind(column: RegisterColumn) -> Kind:
    return "percent" if column.name.endswith("_percent") else column.kind


def _write_questions(book: Workbook, formats: Formats, edition: Edition) -> None:
    offers = {offer.id: offer.name for offer in edition.framework.offers}
    elements = edition.framework.elements
    rows = []
    for question in edition.questions.to_dict("records"):
        code, offer = clean(question.get("element_id")), clean(question.get("offer_id"))
        reason = clean(question.get("reason"))
        rows.append(
            [
                offers.get(offer, offer),
                code,
                elements[code].name if code in elements else "",
                words.UNKNOWN_REASONS.get(reason, reason),
                whole(question.get("children")),
                "\n".join(clean_list(question.get("ask"))),
                clean(edition.data_status),
            ]
        )
    columns = [
        SheetColumn("Offer", 20),
        SheetColumn("Element", 10),
        SheetColumn("Element in words", 36),
        SheetColumn("What we do not know", 36),
        SheetColumn("Children it concerns (do not add up)", 13, "whole"),
        SheetColumn("Records to ask about", 56),
        SheetColumn("Data", 20),
    ]
    sheet = _add_sheet(book, "Questions", edition)
    # The running head of each page says what the last column says.
    write_rows(sheet, columns, rows, formats, corner=(0, 0), printed=len(columns) - 1)


def _matrix_keys(reach: pd.DataFrame) -> list[tuple[str, str, str]]:
    """List (axis, key, label) in the order of the axes, each once."""
    keys = reach[["axis", "key", "label"]].drop_duplicates(["axis", "key"])
    records = [(clean(a), clean(k), clean(n)) for a, k, n in keys.itertuples(index=False)]
    return [record for axis in _AXES for record in records if record[0] == axis]


def _write_matrix(sheet: Worksheet, formats: Formats, heading: str, reach: pd.DataFrame) -> None:
    keys = _matrix_keys(reach)
    items: dict[tuple[str, str], dict[tuple[str, str], str]] = {}
    for id_, item, axis, key, reached in reach[
        ["item_id", "item", "axis", "key", "reached"]
    ].itertuples(index=False):
        cells = items.setdefault((clean(id_), clean(item)), {})
        cells[clean(axis), clean(key)] = clean(reached)
    rows = [
        [
            id_,
            item or f"no {heading.lower()} is agreed",
            *(cells.get((a, k), "unknown") for a, k, _ in keys),
        ]
        for (id_, item), cells in items.items()
    ]
    columns = [SheetColumn("Code", 8), SheetColumn(heading, 36)]
    columns += [SheetColumn(label, 9, "mark") for _, _, label in keys]
    write_rows(sheet, columns, rows, formats, corner=(1, 2))
    said = ""
    for c, (axis, _, _) in enumerate(keys, start=2):
        if axis == said:
            sheet.write_blank(0, c, None, formats.band)
        else:
            sheet.write_string(0, c, _AXES[axis], formats.band)
        said = axis
    sheet.set_row(0, fit_height(()))


def _colour_matrix(book: Workbook, name: str, reach: pd.DataFrame) -> None:
    last = 1 + max(reach["item_id"].nunique(), 1)
    wide = 1 + max(len(_matrix_keys(reach)), 1)
    colour_words(book, book.get_worksheet_by_name(name), (2, 2, last, wide), _REACHED)


def _write_services(book: Workbook, formats: Formats, edition: Edition) -> None:
    described = {name: (heading, width) for name, heading, width in SERVICE_COLUMNS}
    names = tuple(dict.fromkeys((*_PRINTED_SERVICE, *described)))
    columns = [
        SheetColumn(
            described[name][0],
            _PRINTED_SERVICE.get(name, described[name][1]),
            shown_whole=name not in _LISTS,
        )
        for name in names
    ]
    columns.append(SheetColumn("Data", 20))
    rows = []
    for service in describe_services(edition):
        cells = [getattr(service, name) for name in names]
        texts = ["; ".join(cell) if isinstance(cell, tuple) else cell for cell in cells]
        rows.append([*texts, clean(edition.data_status)])
    sheet = _add_sheet(book, "Services used", edition)
    printed = len(_PRINTED_SERVICE)
    write_rows(sheet, columns, rows, formats, corner=(0, 2), printed=printed)

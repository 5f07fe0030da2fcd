"""gap-register.xlsx: the register and what stands behind it, for people who use a spreadsheet.

The same edition gives the same bytes: the only date inside is the edition's own.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from pathlib import Path

import pandas as pd
from xlsxwriter.workbook import Workbook
from xlsxwriter.worksheet import Worksheet

from provision_map.edition import Edition
from provision_map.reports import words
from provision_map.reports.rows import REGISTER_COLUMNS, read_gap_rows
from provision_map.reports.service_words import SERVICE_COLUMNS, describe_services
from provision_map.reports.sheets import (
    AMBER,
    BLUE,
    GREEN,
    GREY,
    RED,
    Formats,
    SheetColumn,
    add_formats,
    add_sheet,
    colour_words,
    fit_text,
    write_cell,
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
#: Rows below the list that the choice of a status also reaches, for entries added by hand.
_SPARE_ROWS = 50


def write_register_workbook(edition: Edition, path: Path) -> None:
    """Write gap-register.xlsx.

    Sheets: Read me, Gaps (its statuses chosen from a list), Questions, Services reach, Practice
    reach, Services used. Text that begins with = + - or @ stays text.
    """
    options = {
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
        "constant_memory": False,
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
        for name, heading, reach in (
            ("Services reach", "Service", edition.service_reach),
            ("Practice reach", "Good practice", edition.practice_reach),
        ):
            _write_matrix(_add_sheet(book, name, edition), formats, heading, reach)
            _colour_matrix(book, name, reach)
        _write_services(book, formats, edition)


def _add_sheet(book: Workbook, name: str, edition: Edition) -> Worksheet:
    parts = (edition.place, edition.date.isoformat(), edition.data_status)
    return add_sheet(book, name, " · ".join(clean(part) for part in parts if clean(part)))


def _write_read_me(book: Workbook, formats: Formats, edition: Edition) -> None:
    sheet = _add_sheet(book, "Read me", edition)
    sheet.set_column(0, 0, 26)
    sheet.set_column(1, 1, 70)
    sheet.set_column(2, 3, 24)
    sheet.write_string(0, 0, fit_text(f"Gap register: {clean(edition.title)}"), formats.title)
    sheets = {
        "Gaps": "One row a gap. Filter by any column; choose a status from the list.",
        "Questions": "What we do not know, and which records to ask about.",
        "Services reach": "Which neighbourhoods, communities and outcomes each service reaches.",
        "Practice reach": "The same for agreed good practice.",
        "Services used": "The services that were looked at, as they were read.",
    }
    reading = {
        "Children": words.OVERLAP,
        "City-wide and local": "Ranked apart: rank 1 stands once in each scope.",
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
        sheet.write_string(row, 0, heading, formats.group)
        sheet.write_blank(row, 1, None, formats.group)
        for below, (name, text) in enumerate(lines.items(), start=1):
            sheet.write_string(row + below, 0, name, formats.bold)
            sheet.write_string(row + below, 1, fit_text(text), formats.plain)
        row += len(lines) + 2
    _write_sources(sheet, formats, edition, row)


def _write_sources(sheet: Worksheet, formats: Formats, edition: Edition, top: int) -> None:
    rows = [
        ("File", "Source", "Licence", "Date"),
        *((s.file, s.source or "not stated", s.licence, s.date) for s in edition.sources),
    ]
    for r, cells in enumerate(rows, start=top):
        for c, cell in enumerate(cells):
            format_ = formats.group if r == top else formats.plain
            sheet.write_string(r, c, fit_text(clean(cell)), format_)
    for r, note in enumerate(edition.notes, start=top + len(rows) + 1):
        sheet.write_string(r, 0, "Note", formats.bold)
        sheet.write_string(r, 1, fit_text(clean(note)), formats.plain)


def _write_gaps(book: Workbook, formats: Formats, edition: Edition) -> None:
    sheet = _add_sheet(book, "Gaps", edition)
    columns = [SheetColumn(c.heading, c.width, c.kind) for c in REGISTER_COLUMNS]
    status = clean(edition.data_status)
    rows = [
        [*(column.read(gap) for column in REGISTER_COLUMNS), status]
        for gap in read_gap_rows(edition)
    ]
    write_rows(sheet, [*columns, SheetColumn("Data", 18)], rows, formats)
    sheet.set_row(0, 45)
    last = len(rows) + _SPARE_ROWS
    for c, column in enumerate(REGISTER_COLUMNS):
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
        SheetColumn("Element", 9),
        SheetColumn("Element in words", 34),
        SheetColumn("What we do not know", 34),
        SheetColumn("Children it concerns (do not add up)", 14, "whole"),
        SheetColumn("Records to ask about", 70),
        SheetColumn("Data", 18),
    ]
    write_rows(_add_sheet(book, "Questions", edition), columns, rows, formats, corner=(0, 0))


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
    columns = [SheetColumn("Code", 10), SheetColumn(heading, 34)]
    columns += [SheetColumn(label, 12) for _, _, label in keys]
    write_rows(sheet, columns, rows, formats, corner=(1, 2))
    sheet.set_row(1, 60)
    said = ""
    for c, (axis, _, _) in enumerate(keys, start=2):
        write_cell(sheet, (0, c), None if axis == said else _AXES[axis], formats)
        said = axis
    sheet.set_row(0, 45)


def _colour_matrix(book: Workbook, name: str, reach: pd.DataFrame) -> None:
    last = 1 + max(reach["item_id"].nunique(), 1)
    wide = 1 + max(len(_matrix_keys(reach)), 1)
    colour_words(book, book.get_worksheet_by_name(name), (2, 2, last, wide), _REACHED)


def _write_services(book: Workbook, formats: Formats, edition: Edition) -> None:
    columns = [SheetColumn(heading, width) for _, heading, width in SERVICE_COLUMNS]
    rows = []
    for service in describe_services(edition):
        cells = [getattr(service, name) for name, _, _ in SERVICE_COLUMNS]
        texts = ["; ".join(cell) if isinstance(cell, tuple) else cell for cell in cells]
        rows.append([*texts, clean(edition.data_status)])
    sheet = _add_sheet(book, "Services used", edition)
    write_rows(sheet, [*columns, SheetColumn("Data", 18)], rows, formats, corner=(0, 2))

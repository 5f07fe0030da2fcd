"""A sheet of a workbook in which text is only ever text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from xlsxwriter.format import Format
from xlsxwriter.workbook import Workbook
from xlsxwriter.worksheet import Worksheet

from provision_map.reports.text import clean

Cell = str | int | float | None
Kind = Literal["text", "whole", "number"]

#: What Excel takes in one cell, and in the line at the head of a printed page.
_MOST_TEXT = 32_767
_MOST_HEADER = 200
_A4 = 9
_LINE = "#C9D0D8"


@dataclass(frozen=True)
class Formats:
    """The cell formats of a workbook."""

    title: Format
    plain: Format
    bold: Format
    heading: Format
    group: Format
    text: Format
    whole: Format
    number: Format


@dataclass(frozen=True)
class SheetColumn:
    """Heading, width in characters, and kind of a column."""

    heading: str
    width: int
    kind: Kind = "text"


#: Ground and ink. The cell's word says the same, so nothing hangs on colour alone.
GREEN, AMBER, RED, BLUE, GREY = (
    {"bg_color": ground, "font_color": ink}
    for ground, ink in (
        ("#E4F3EA", "#0F4A2B"), ("#FDF3D8", "#5C4204"), ("#FBE9E7", "#701208"),
        ("#E8F0FA", "#143C6D"), ("#E6E9ED", "#333B46"),
    )
)  # fmt: skip


def add_formats(book: Workbook) -> Formats:
    """Add the formats to a workbook."""

    def add(**properties: object) -> Format:
        return book.add_format({"font_size": 10, "valign": "top", "text_wrap": True, **properties})

    ruled = {"border": 1, "border_color": _LINE}
    return Formats(
        title=add(bold=True, font_size=16, font_color="#143C6D", text_wrap=False),
        plain=add(),
        bold=add(bold=True),
        heading=add(bold=True, bg_color="#143C6D", font_color="#FFFFFF", **ruled),
        group=add(bold=True, bg_color="#DDE6F1", **ruled),
        text=add(**ruled),
        whole=add(num_format="#,##0", **ruled),
        number=add(num_format="#,##0.0#", **ruled),
    )


def fit_text(text: str) -> str:
    """Shorten what Excel would refuse, and say so; the CSV holds all of it."""
    if len(text) <= _MOST_TEXT:
        return text
    ending = " … (cut short: see gap-register.csv)"
    return text[: _MOST_TEXT - len(ending)] + ending


def add_sheet(book: Workbook, name: str, running_head: str) -> Worksheet:
    """Add a sheet that prints on A4, landscape, with a running head on each page."""
    sheet = book.add_worksheet(name)
    sheet.set_landscape()
    sheet.set_paper(_A4)
    sheet.fit_to_pages(1, 0)
    sheet.set_margins(left=0.4, right=0.4, top=0.8, bottom=0.6)
    sheet.hide_gridlines(2)
    # In a running head & begins a command, and && is an ampersand.
    head = " ".join(clean(f"{running_head} · {name}").split())[:_MOST_HEADER]
    sheet.set_header(f"&L{head.replace('&', '&&')}")
    sheet.set_footer("&RPage &P of &N")
    return sheet


def write_cell(
    sheet: Worksheet, at: tuple[int, int], cell: Cell, formats: Formats, kind: Kind = "text"
) -> None:
    """Write one ruled cell: text as text, a number as a number, nothing as blank."""
    if cell is None or cell == "":
        sheet.write_blank(*at, None, formats.text)
    elif isinstance(cell, str):
        sheet.write_string(*at, fit_text(clean(cell)), formats.text)
    else:
        sheet.write_number(*at, cell, formats.whole if kind == "whole" else formats.number)


def write_rows(
    sheet: Worksheet,
    columns: Sequence[SheetColumn],
    rows: Sequence[Sequence[Cell]],
    formats: Formats,
    *,
    corner: tuple[int, int] = (0, 1),
) -> None:
    """Write a heading and rows below it, with a filter, and keep the heading in sight.

    Args:
        sheet: the sheet.
        columns: heading, width and kind of each column.
        rows: cells.
        formats: of the workbook.
        corner: row of the heading, from 0; how many columns stay in sight.

    """
    top, frozen = corner
    for c, column in enumerate(columns):
        sheet.set_column(c, c, column.width)
        sheet.write_string(top, c, fit_text(clean(column.heading)), formats.heading)
    for r, row in enumerate(rows, start=top + 1):
        for c, (cell, column) in enumerate(zip(row, columns, strict=True)):
            write_cell(sheet, (r, c), cell, formats, column.kind)
    sheet.freeze_panes(top + 1, frozen)
    sheet.repeat_rows(0, top)
    sheet.autofilter(top, 0, top + max(len(rows), 1), len(columns) - 1)


def colour_words(
    book: Workbook,
    sheet: Worksheet,
    area: tuple[int, int, int, int],
    colours: Mapping[str, Mapping[str, str]],
) -> None:
    """Colour the cells of an area by the word that they hold, also after somebody changes it."""
    for word, colour in colours.items():
        sheet.conditional_format(
            *area,
            {
                "type": "cell",
                "criteria": "==",
                "value": f'"{word}"',
                "format": book.add_format(dict(colour)),
            },
        )

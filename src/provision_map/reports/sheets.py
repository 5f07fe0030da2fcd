"""A sheet of a workbook in which text is only ever text, and can be read on screen and paper."""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from xlsxwriter.format import Format
from xlsxwriter.workbook import Workbook
from xlsxwriter.worksheet import Worksheet

from provision_map.reports.text import clean

Cell = str | int | float | None
#: A percent is a number of 0 to 100; a mark is one word in a narrow column, a share a percent in one.
Kind = Literal["text", "whole", "number", "percent", "mark", "share", "index"]
#: Kinds of narrow columns, whose headings stand on end.
_NARROW = ("mark", "share")

#: What Excel takes in one cell, and in the line at the head of a printed page.
_MOST_TEXT = 32_767
_MOST_HEADER = 200
_A4 = 9
_LINE = "#C9D0D8"
#: Below this an index would be shown as 0.00.
_TINY = 0.01

#: The one typeface whose measures every office suite has, by its own or a metric twin's name.
FONT: Mapping[str, str | int] = {"font_name": "Arial", "font_size": 10}
#: Points: a line of that, and the air around the lines of a cell.
_LINE_HEIGHT = 12.75
_AIR = 4.0
#: Lines that a row grows to. A spreadsheet takes no row above 409 points.
_MOST_LINES = 24
#: Letters in digits of the same typeface, where they are not about as wide as a digit.
_LETTERS: Mapping[str, float] = {
    **dict.fromkeys("ijl'", 0.4),
    **dict.fromkeys(" !,.:;/\\|[]ftI", 0.5),
    **dict.fromkeys('r()-"', 0.6),
    **dict.fromkeys("cksvxyzJ", 0.9),
    **dict.fromkeys("mwMW%@—…", 1.7),
}
#: A column of ten digits holds rather less than ten on paper, where letters are not fitted to
#: the dots of a screen.
_SAFETY = 1.07
#: Letters of a heading that stands on end, before it is broken into two lines.
_MOST_UPRIGHT = 30
_POINTS_A_DIGIT = 5.25
#: Digits side by side on A4, landscape, at about four fifths of full size: still easy to read.
_PAGE_WIDTH = 185


@dataclass(frozen=True)
class Formats:
    """The cell formats of a workbook."""

    title: Format
    plain: Format
    bold: Format
    heading: Format
    upright: Format
    group: Format
    band: Format
    text: Format
    whole: Format
    number: Format
    percent: Format
    mark: Format
    share: Format
    index: Format
    tiny: Format
    note: Format


@dataclass(frozen=True)
class SheetColumn:
    """Heading, width in digits, and kind of a column.

    A row is made high enough for the text of the columns that are ``shown_whole``. A list of
    fifty codes in another one is all there, but does not push the next row off the screen.
    """

    heading: str
    width: int
    kind: Kind = "text"
    shown_whole: bool = True


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
        return book.add_format({**FONT, "valign": "top", "text_wrap": True, **properties})

    ruled = {"border": 1, "border_color": _LINE}
    head = {"bold": True, "bg_color": "#143C6D", "font_color": "#FFFFFF", **ruled}
    return Formats(
        title=add(bold=True, font_size=16, font_color="#143C6D", text_wrap=False),
        plain=add(),
        bold=add(bold=True),
        heading=add(**head),
        upright=add(**head, rotation=90, align="center", valign="vcenter"),
        group=add(bold=True, bg_color="#DDE6F1", **ruled),
        # Without lines and without a wrap the text runs on over the blank cells beside it.
        band=add(bold=True, bg_color="#DDE6F1", text_wrap=False),
        text=add(**ruled),
        # _) keeps a number off the text in the next column.
        whole=add(num_format="#,##0_)", **ruled),
        number=add(num_format="0.00_)", **ruled),
        # What is not nothing is never shown as 0.
        percent=add(num_format="[=0]0_);[<1]0.0_);0_)", **ruled),
        mark=add(align="center", **ruled),
        share=add(align="center", num_format="[<1]0.0;0", **ruled),
        index=add(num_format="[<10]0.00_);[<100]0.0_);#,##0_)", **ruled),
        tiny=add(num_format="0.0000_)", **ruled),
        # Like a band, it runs on over the blank cells beside it.
        note=add(text_wrap=False),
    )


def count_lines(text: str, width: float, *, bold: bool = False) -> int:
    r"""Estimate the lines of a text in a column as wide as ``width`` digits.

    >>> count_lines("", 10), count_lines("youth clubs", 11), count_lines("youth clubs", 8)
    (1, 1, 2)
    >>> count_lines("two\nlines", 20), count_lines("0" * 45, 10)
    (2, 5)
    """
    stretch = 1.1 if bold else 1.0
    lines = 0
    for paragraph in text.split("\n"):
        lines, used = lines + 1, 0.0
        for word in paragraph.split(" "):
            long = _measure(word) * stretch
            if used and used + _measure(" ") + long > width:
                lines, used = lines + 1, 0.0
            elif used:
                used += _measure(" ")
            # A word longer than the column is broken anywhere.
            broken = max(math.ceil((used + long) / width) - 1, 0)
            lines, used = lines + broken, used + long - broken * width
    return lines


def _measure(text: str) -> float:
    """Measure a text in digits; rather too wide than too narrow."""
    return _SAFETY * sum(_measure_letter(letter) for letter in text)


def _measure_letter(letter: str) -> float:
    if letter in _LETTERS:
        return _LETTERS[letter]
    if unicodedata.east_asian_width(letter) in "WF":
        return 1.8
    return 1.3 if letter.isupper() else 1.0


def fit_height(cells: Iterable[tuple[str, float]], *, bold: bool = False, spare: int = 0) -> float:
    """Return the height of a row, in points, that shows its texts in columns of their widths."""
    lines = max((count_lines(text, width, bold=bold) for text, width in cells), default=1)
    return min(lines + spare, _MOST_LINES) * _LINE_HEIGHT + _AIR


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
    sheet.set_margins(left=0.3, right=0.3, top=0.8, bottom=0.6)
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
    worded = formats.mark if kind in _NARROW else formats.text
    if cell is None or cell == "":
        sheet.write_blank(*at, None, worded)
    elif isinstance(cell, str):
        sheet.write_string(*at, fit_text(clean(cell)), worded)
    else:
        numbered = {
            "whole": formats.whole,
            "percent": formats.percent,
            "share": formats.share,
            "index": formats.index,
        }
        shown = numbered.get(kind, formats.number)
        if kind == "index" and cell < _TINY:
            shown = formats.tiny if cell else formats.whole
        sheet.write_number(*at, cell, shown)


def write_rows(
    sheet: Worksheet,
    columns: Sequence[SheetColumn],
    rows: Sequence[Sequence[Cell]],
    formats: Formats,
    *,
    corner: tuple[int, int] = (0, 1),
    printed: int | None = None,
) -> None:
    """Write a heading and rows below it, with a filter, and keep the heading in sight.

    On paper the heading stands on every page, and the columns are spread over as many pages as
    keep them readable, each with the columns that stay in sight.

    Args:
        sheet: the sheet.
        columns: heading, width and kind of each column.
        rows: cells.
        formats: of the workbook.
        corner: row of the heading, from 0; how many columns stay in sight.
        printed: how many of the columns are printed, from the left; default: all.

    """
    top, frozen = corner
    for c, column in enumerate(columns):
        sheet.set_column(c, c, column.width)
        headed = formats.upright if column.kind in _NARROW else formats.heading
        sheet.write_string(top, c, fit_text(clean(column.heading)), headed)
    sheet.set_row(top, _fit_heading(columns))
    for r, row in enumerate(rows, start=top + 1):
        pairs = list(zip(row, columns, strict=True))
        for c, (cell, column) in enumerate(pairs):
            write_cell(sheet, (r, c), cell, formats, column.kind)
        texts = (
            (fit_text(clean(cell)), column.width)
            for cell, column in pairs
            if column.shown_whole and isinstance(cell, str)
        )
        sheet.set_row(r, fit_height(texts))
    sheet.freeze_panes(top + 1, frozen)
    sheet.autofilter(top, 0, top + max(len(rows), 1), len(columns) - 1)
    if printed is not None:
        sheet.print_area(0, 0, top + max(len(rows), 1), printed - 1)
    sheet.repeat_rows(0, top)
    _spread_columns(sheet, [column.width for column in columns[:printed]], frozen)


def _fit_heading(columns: Sequence[SheetColumn]) -> float:
    """Return the height of a heading: a line is left below for the buttons of the filter."""
    level = [(clean(c.heading), c.width) for c in columns if c.kind not in _NARROW]
    upright = [_measure(clean(c.heading)) * 1.1 for c in columns if c.kind in _NARROW]
    longest = min(max(upright, default=0.0), _MOST_UPRIGHT) * _POINTS_A_DIGIT
    return max(fit_height(level, bold=True, spare=1), longest + _LINE_HEIGHT + _AIR)


def _spread_columns(sheet: Worksheet, widths: Sequence[int], frozen: int) -> None:
    """Print columns on as few pages side by side as keep them readable, and as many long."""
    repeated = sum(widths[:frozen])
    pages = math.ceil((sum(widths) - repeated) / max(_PAGE_WIDTH - repeated, 1))
    sheet.fit_to_pages(max(pages, 1), 0)
    if pages > 1 and frozen:
        sheet.repeat_columns(0, frozen - 1)


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


def colour_shares(
    book: Workbook,
    sheet: Worksheet,
    area: tuple[int, int, int, int],
    *,
    low: Mapping[str, str],
    high: Mapping[str, str],
) -> None:
    """Colour the numbers of an area: under half of the children, and half of them or more."""
    # A spreadsheet takes a word for more than every number, and a blank for 0: both have an end.
    for least, most, colour in ((1e-9, 50 - 1e-9, low), (50, 100, high)):
        sheet.conditional_format(
            *area,
            {
                "type": "cell",
                "criteria": "between",
                "minimum": least,
                "maximum": most,
                "format": book.add_format(dict(colour)),
            },
        )


def write_notes(sheet: Worksheet, notes: Sequence[str], formats: Formats) -> None:
    """Write a line of a sheet for each note, from the top, over the columns beside it."""
    for row, note in enumerate(notes):
        sheet.write_string(row, 0, note, formats.note)
        sheet.set_row(row, fit_height(()))

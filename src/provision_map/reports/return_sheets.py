"""The sheets of the workbook that organisations fill in, blank, prefilled, or with marks in cells."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import pandas as pd
from xlsxwriter.format import Format
from xlsxwriter.workbook import Workbook
from xlsxwriter.worksheet import Worksheet

from provision_map.read.workbooks.layout import (
    CODE_HEADINGS,
    CODES,
    LISTS,
    MADE_HERE,
    SERVICES,
    Choices,
    SheetLayout,
    say_heading,
)
from provision_map.read.workbooks.scan import name_cell
from provision_map.reports.sheets import FONT, fit_height, fit_text
from provision_map.reports.template_help import HELP
from provision_map.reports.text import clean
from provision_map.schema import Column

#: Rows, from 0: the title, the help, the headings, and the first of data.
_TITLE, _HELP, HEADINGS, FIRST = 0, 1, 2, 3
#: Rows that have drop-downs beside those that are filled.
_SPARE_ROWS = 300
#: The workbook is the same on every day; only what it holds counts.
_CREATED = dt.datetime(2020, 1, 1)  # noqa: DTZ001 - the library takes no zone
_BLUE, _LINE, _PALE = "#143C6D", "#C9D0D8", "#EEF3F9"
_RED_GROUND, _RED_INK = "#F8C9C4", "#701208"
_AMBER_GROUND, _AMBER_INK = "#FDF3D8", "#5C4204"
_COMMENT_WIDTH, _COMMENT_LINE, _COMMENT_HEIGHT = 320, 45, 19
_LONGEST_COMMENT = 2_000
_NUMBER_FORMATS = {"date": "yyyy-mm-dd", "time": "hh:mm", "text": "@", "list": "@"}
_WIDTHS = {
    "name": 30, "title": 34, "description": 40, "what_works": 50, "elements": 28, "outcomes": 22,
    "service_area": 22, "places": 24, "reached_places": 26, "open_to": 20, "not_open_to": 20,
    "reached_communities": 24, "community": 20, "access": 18, "languages": 18, "contact_role": 24,
    "sector": 16, "service_id": 30, "scheme": 26, "schedule": 26, "place_id": 24, "holidays": 20,
    "organisation_id": 22, "practice_id": 22, "booking": 14, "space_types": 14,
}  # fmt: skip
_WIDTH = 13
#: Digits side by side on A4, landscape, that are still easy to read.
_PAGE_WIDTH = 170
#: Lists that begin with a word for all of them, which not every column takes.
_WITHOUT_ALL = {("Services", "elements"), ("Practice", "elements"), ("Services", "not_open_to")}


@dataclass(frozen=True)
class Mark:
    """What is wrong in a cell, or worth knowing, with how to mend it."""

    what: str
    mend: str = ""
    wrong: bool = True

    @property
    def text(self) -> str:
        """Both in one text."""
        return f"{self.what} {self.mend}".strip()


@dataclass(frozen=True)
class Rows:
    """Rows of a sheet as texts by column, and marks by (row from 0, column)."""

    rows: Sequence[Mapping[str, str]] = ()
    marks: Mapping[tuple[int, str], Sequence[Mark]] = field(default_factory=dict)


class ReturnBook:
    """A workbook being written: its formats, and where its lists of codes stand."""

    def __init__(self, book: Workbook, choices: Choices) -> None:
        """Add the formats; sheets are added in the order in which they are written."""
        self.book = book
        self.choices = choices
        book.set_properties({"title": "Return", "created": _CREATED})
        add = book.add_format
        base = {**FONT, "valign": "top", "text_wrap": True}
        head = {**base, "bold": True, "font_color": "#FFFFFF", "border": 1, "border_color": _LINE}
        self.title = add({**FONT, "bold": True, "font_size": 14, "font_color": _BLUE})
        self.help = add({**base, "font_size": 9, "font_color": "#333B46", "bg_color": _PALE, "border": 1, "border_color": _LINE})  # fmt: skip
        self.must = add({**head, "bg_color": _BLUE})
        self.may = add({**head, "bg_color": "#4C6F9C"})
        self.band = add({**head, "text_wrap": False, "border": 0, "bg_color": _BLUE})
        self.plain = add(base)
        self.bold = add({**base, "bold": True})
        self.title_note = add({**FONT, "text_wrap": False})
        self.link = add({**FONT, "font_color": "#0B57D0", "underline": 1, "valign": "top"})
        self._formats: dict[tuple[str, bool | None], Format] = {}
        self._ranges, self._codes = _place_codes(choices)

    def cell_format(self, kind: str, wrong: bool | None = None) -> Format:  # noqa: FBT001
        """Return the format of a cell; ``wrong`` says how it is marked, None: not at all."""
        if (kind, wrong) not in self._formats:
            wraps = kind in ("text", "list")
            look: dict[str, object] = {**FONT, "valign": "top", "align": "left", "text_wrap": wraps}
            if kind in _NUMBER_FORMATS:
                look["num_format"] = _NUMBER_FORMATS[kind]
            if wrong is not None:
                ground, ink = (_RED_GROUND, _RED_INK) if wrong else (_AMBER_GROUND, _AMBER_INK)
                look |= {"bg_color": ground, "font_color": ink, "border": 1, "border_color": ink}
            self._formats[kind, wrong] = self.book.add_format(look)
        return self._formats[kind, wrong]

    def add_sheet(self, name: str) -> Worksheet:
        """Add a sheet that prints on A4, landscape, as wide as the paper."""
        sheet = self.book.add_worksheet(name)
        sheet.set_landscape()
        sheet.set_paper(9)
        sheet.fit_to_pages(1, 0)
        sheet.set_footer("&L&A&RPage &P of &N")
        return sheet

    def write_sheet(self, layout: SheetLayout, given: Rows, columns: Sequence[str]) -> Worksheet:
        """Write one sheet: title, help, headings, rows, marks and drop-downs."""
        sheet = self.add_sheet(layout.name)
        sheet.write_string(_TITLE, 0, f"{MADE_HERE} · {layout.name}: {layout.title}", self.title)
        sheet.set_row(_TITLE, 24)
        places = spread_columns(layout, columns)
        heights = []
        last = FIRST + len(given.rows) + _SPARE_ROWS
        for c, (name, number) in enumerate(places):
            column = layout.column(name)
            width = _WIDTHS.get(name, _WIDTH)
            sheet.set_column(c, c, width, self.cell_format(column.kind))
            asked = HELP[layout.name].get(name, column.description)
            said = asked if number == 1 else f"As {say_heading(layout, name)}: one more."
            sheet.write_string(_HELP, c, said, self.help)
            heights.append((said, width * 1.12))
            must = is_asked(layout, column) and number == 1
            heading = say_heading(layout, name, number) + (" *" if must else "")
            sheet.write_string(HEADINGS, c, heading, self.must if must else self.may)
            self._add_drop_down(sheet, layout, column, (FIRST, c, last, c))
        sheet.set_row(_HELP, fit_height(heights))
        sheet.set_row(HEADINGS, fit_height(
            [(say_heading(layout, *place) + " *", _WIDTHS.get(place[0], _WIDTH)) for place in places], bold=True
        ))  # fmt: skip
        for r in range(len(given.rows)):
            self._write_row(sheet, r, layout, given, places=places)
        sheet.freeze_panes(FIRST, 1)
        self._lay_out_pages(sheet, [_WIDTHS.get(name, _WIDTH) for name, _ in places])
        return sheet

    @staticmethod
    def _lay_out_pages(sheet: Worksheet, widths: Sequence[int]) -> None:
        """Print the columns on as many pages side by side as keep them readable."""
        first = widths[0]
        pages = math.ceil((sum(widths) - first) / (_PAGE_WIDTH - first))
        sheet.fit_to_pages(pages, 0)
        sheet.repeat_rows(_TITLE, HEADINGS)
        sheet.repeat_columns(0)

    def _write_row(
        self,
        sheet: Worksheet,
        number: int,
        layout: SheetLayout,
        given: Rows,
        *,
        places: Sequence[tuple[str, int]],
    ) -> None:
        spread = spread_cells(layout, places, given.rows[number])
        for c, ((name, part), text) in enumerate(zip(places, spread, strict=True)):
            found = given.marks.get((number, name), ())
            wrong = any(mark.wrong for mark in found) if found and (text or part == 1) else None
            kind = layout.column(name).kind
            at = (FIRST + number, c)
            write_text(sheet, at, text, kind, self.cell_format(kind, wrong))
            if found and part == 1:
                self.write_comment(sheet, at, found)
        widths = [_WIDTHS.get(name, _WIDTH) for name, _ in places]
        sheet.set_row(FIRST + number, fit_height(zip(map(clean, spread), widths, strict=True)))

    def write_comment(self, sheet: Worksheet, at: tuple[int, int], marks: Sequence[Mark]) -> None:
        """Write what is wrong beside a cell."""
        text = fit_text(clean("\n\n".join(mark.text for mark in marks)))[:_LONGEST_COMMENT]
        lines = sum(math.ceil(len(part) / _COMMENT_LINE) or 1 for part in text.split("\n"))
        sheet.write_comment(
            *at, text,
            {"author": "", "x_scale": 1, "width": _COMMENT_WIDTH, "height": (lines + 1) * _COMMENT_HEIGHT, "font_size": 10},
        )  # fmt: skip

    def _add_drop_down(
        self, sheet: Worksheet, layout: SheetLayout, column: Column, area: tuple[int, int, int, int]
    ) -> None:
        listed = column.kind == "list" and column.name not in layout.repeats
        source: str | list[str] | None = None
        if column.values:
            # A return that has come says yes or partly.
            kept = [v for v in column.values if (column.name, v) != ("received", "no")]
            source = [say_word(value) for value in kept]
        elif column.kind == "yes_no":
            source = ["yes", "no"]
        elif column.name == "service_id" and layout is not SERVICES:
            source = f"='{SERVICES.name}'!$A${FIRST + 1}:$A${FIRST + _SPARE_ROWS}"
        elif LISTS.get(column.name) in self._ranges:
            first, end = self._ranges[LISTS[column.name]]
            first += (layout.name, column.name) in _WITHOUT_ALL
            source = f"='{CODES}'!$B${first}:$B${end}" if first <= end else None
        if source is None:
            return
        more = " For several, type them with ; between." if listed else ""
        sheet.data_validation(
            *area,
            {
                "validate": "list",
                "source": source,
                # A stop would refuse several at once, and tbd; a word that is not known is told later.
                "error_type": "information",
                "error_title": "Not in the list",
                "error_message": f"This is not in the list. OK keeps it, Cancel takes it back.{more}",
                **({"input_title": "Choose, or type", "input_message": f"Choose one from the list.{more}"} if listed else {}),
            },
        )  # fmt: skip

    def write_codes(self) -> None:
        """Write the sheet of codes, which the drop-downs take their words from."""
        sheet = self.add_sheet(CODES)
        title = f"{MADE_HERE} · {CODES}: what the lists offer. Please leave this sheet as it is."
        sheet.write_string(_TITLE, 0, title, self.title)
        for c, (heading, width) in enumerate(zip(CODE_HEADINGS, (14, 52, 24, 52, 34), strict=True)):
            sheet.set_column(c, c, width)
            sheet.write_string(HEADINGS, c, heading, self.may)
        for r, row in enumerate(self._codes):
            for c, text in enumerate(row):
                sheet.write_string(FIRST + r, c, fit_text(clean(text)), self.plain)
        sheet.freeze_panes(FIRST, 0)
        sheet.repeat_rows(HEADINGS)


def _place_codes(choices: Choices) -> tuple[dict[str, tuple[int, int]], list[tuple[str, ...]]]:
    """Return the first and last row, from 1, of each list on the sheet of codes; and its rows."""
    ranges: dict[str, tuple[int, int]] = {}
    rows: list[tuple[str, ...]] = []
    for name, listed in choices.by_list.items():
        if listed:
            ranges[name] = FIRST + len(rows) + 1, FIRST + len(rows) + len(listed)
            rows.extend((name, c.label, c.code, c.name, c.about) for c in listed)
    return ranges, rows


def spread_columns(layout: SheetLayout, columns: Iterable[str]) -> list[tuple[str, int]]:
    """Return the columns of a sheet with their numbers: a list may stand in several."""
    return [(name, n + 1) for name in columns for n in range(layout.repeats.get(name, 1))]


def spread_cells(
    layout: SheetLayout, places: Sequence[tuple[str, int]], row: Mapping[str, str]
) -> list[str]:
    """Return the text of each cell; what is left of a list stands in the last of its columns."""
    cells = []
    for name, number in places:
        text, most = row.get(name, ""), layout.repeats.get(name, 1)
        if most > 1:
            items = [item.strip() for item in text.split(";") if item.strip()]
            text = (
                "; ".join(items[number - 1 :])
                if number == most
                else "".join(items[number - 1 : number])
            )
        cells.append(text)
    return cells  # fmt: skip


def is_asked(layout: SheetLayout, column: Column) -> bool:
    """Whether a person must fill in a column; identifiers are given by us."""
    ours = column.name in ("organisation_id", "practice_id") or (
        layout is SERVICES and column.name == "service_id"
    )
    return column.required and not ours


def write_text(
    sheet: Worksheet, at: tuple[int, int], text: str, kind: str, look: Format
) -> None:  # fmt: skip
    """Write a cell as the kind that its text is: a number, a day, a time, or text that stays text."""
    if not text:
        sheet.write_blank(*at, None, look)
        return
    value = _parse(text, kind)
    if isinstance(value, float):
        sheet.write_number(*at, value, look)
    elif value is not None:
        sheet.write_datetime(*at, value, look)
    else:
        sheet.write_string(*at, fit_text(clean(text)), look)


def _parse(text: str, kind: str) -> float | dt.date | dt.time | None:
    """Return what a text says, if a spreadsheet would show it as the very same text."""
    try:
        if kind in ("number", "integer"):
            value = float(text)
            return value if math.isfinite(value) and format(value, ".15g") == text else None
        if kind == "date":
            day = dt.date.fromisoformat(text)
            return day if day.isoformat() == text and day > dt.date(1900, 3, 1) else None
        if kind == "time":
            time = dt.time.fromisoformat(text)
            return time if f"{time:%H:%M}" == text else None
    except ValueError:
        return None
    return None


def cell_name(layout: SheetLayout, columns: Sequence[str], row: int, column: str | None) -> str:
    """Return the name of the cell in which a column of a row, from 0, stands in what is written."""
    places = [name for name, _ in spread_columns(layout, columns)]
    return name_cell(FIRST + row + 1, places.index(column) + 1 if column in places else 1)


def say_word(value: str) -> str:
    """Return a word of a closed list as people write it.

    >>> say_word("step_free")
    'step free'
    """
    return value.replace("_", " ")


def say_typed(frame: pd.DataFrame, column: Column) -> list[str]:
    """Return a typed column as text that reads back as the same.

    Where a number was worked out, and not given, it is blank.
    """
    name = column.name
    if name not in frame:
        return [""] * len(frame)
    said = frame.get(f"{name}_said")
    words = ["given"] * len(frame) if said is None else list(said)
    return [_say_value(v, str(word), column) for v, word in zip(frame[name], words, strict=True)]


def _say_value(value: object, said: str, column: Column) -> str:
    if isinstance(value, tuple | list):
        return "; ".join(str(item) for item in value)
    if said != "given":
        return "" if said == "blank" else said
    if isinstance(value, dt.time):
        return "24:00" if value == dt.time.max else f"{value:%H:%M}"
    if isinstance(value, str):
        return "" if column.kind == "yes_no" and value == "unknown" else value
    if isinstance(value, dt.date):
        return value.isoformat()[:10]
    number = math.nan if value is None else float(str(value))
    return "" if math.isnan(number) else format(number, ".15g")

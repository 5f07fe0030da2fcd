"""The reading of cells: words, numbers, dates and clock times, as people write them.

Cells arrive as text (that is what a spreadsheet holds) and leave typed. Nothing is guessed: a
cell that cannot be read becomes a :class:`~provision_map.errors.Problem`, and blank, "tbd",
"none", "withheld" and 0 stay five different things (see :data:`SAID`).
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterable

import numpy as np

from provision_map.errors import Problem
from provision_map.schema.column import Column
from provision_map.schema.spelling import Spelling, quote

#: What a cell of a number column can say. ``none`` is a stated "there is none", not an empty cell.
SAID = ("given", "blank", "tbd", "none", "withheld")

_WORDS = {
    "": "blank",
    "tbd": "tbd",
    "tbc": "tbd",
    "unknown": "tbd",
    "not known": "tbd",
    "?": "tbd",
    "none": "none",
    "withheld": "withheld",
    "suppressed": "withheld",
}
_YES_NO = {
    "yes": "yes", "y": "yes", "true": "yes", "1": "yes",
    "no": "no", "n": "no", "false": "no", "0": "no",
    "": "unknown", "unknown": "unknown", "tbd": "unknown", "not known": "unknown",
}  # fmt: skip
HOURS, MINUTES, NOON = 24, 60, 12
_DAY_FIRST = re.compile(r"^(\d{1,2})/(\d{1,2})/(\d{4})$")
_CLOCK = re.compile(r"^(\d{1,2})[:.](\d{2})(?::00)?$")
_HALF_DAY = re.compile(r"^(\d{1,2})(?:[:.](\d{2}))?\s*([ap])\.?m\.?$", re.IGNORECASE)
_THOUSANDS = re.compile(r"^-?\d{1,3}(?:,\d{3})+(?:\.\d*)?$")
_DECIMAL_COMMA = re.compile(r"^-?\d+,\d+$")
_DAY_NUMBER = re.compile(r"^(\d{5})(?:\.\d+)?$")
#: Day 0 of a spreadsheet's numbers for days, and the numbers taken for a slip: 1954 to 2119.
_DAY_ZERO = dt.date(1899, 12, 30)
_DAY_NUMBERS = range(20_000, 80_000)


def find_said(text: str) -> str:
    """Return which of :data:`SAID` a cell of a number column says.

    >>> find_said("TBC"), find_said(""), find_said("0")
    ('tbd', 'blank', 'given')
    """
    return _WORDS.get(text.strip().lower(), "given")


class CellReader:
    """Reads the cells of one column, collecting what cannot be read."""

    def __init__(
        self, column: Column, file: str, problems: list[Problem], notes: list[Problem]
    ) -> None:
        """Hold the column, and the lists that problems and notes are added to."""
        self.column = column
        self.file = file
        self.problems = problems
        self.notes = notes
        self.spelling = Spelling(column.values)
        readers: dict[str, Callable[[str, int], object]] = {
            "text": self._text,
            "integer": self._number,
            "number": self._number,
            "date": self._date,
            "time": self._time,
            "yes_no": self._yes_no,
            "list": self._list,
            "geometry": self._text,
        }
        self._read = readers[column.kind]

    def read(self, text: str, row: int) -> object:
        """Return the value of a cell, whose text is without blanks around it."""
        if text == "" and self.column.required:
            self._problem(row, "The cell is empty.", "It must be given.")
            return self.blank()
        return self._read(text, row)

    def read_all(self, texts: Iterable[str], rows: Iterable[int]) -> list[object]:
        """Return the value of each cell of a column, as :meth:`read` does one by one.

        What can be said of a text without a word is worked out once: columns repeat themselves.
        """
        texts = list(texts)
        distinct = set(texts)
        said: list[Problem] = []
        aside = CellReader(self.column, self.file, said, said)
        known: dict[str, object] = {}
        for text in distinct:
            value = aside.read(text, 0)
            if not said:
                known[text] = value
            said.clear()
        if len(known) == len(distinct):
            return [known[text] for text in texts]
        return [
            known[text] if text in known else self.read(text, row)
            for text, row in zip(texts, rows, strict=True)
        ]

    def blank(self) -> object:
        """Return the value of a cell that says nothing."""
        kind = self.column.kind
        if kind in ("integer", "number"):
            return np.nan
        if kind == "list":
            return ()
        if kind == "yes_no":
            return "unknown"
        return None if kind in ("date", "time") else ""

    def _problem(self, row: int, what: str, mend: str) -> None:
        self.problems.append(Problem(self.file, row, self.column.name, what, mend))

    def _note(self, row: int, what: str) -> None:
        self.notes.append(Problem(self.file, row, self.column.name, what))

    def _text(self, text: str, row: int) -> str:
        if text and self.column.values and text not in self.column.values:
            self._unknown_value(text, row)
        return text

    def _unknown_value(self, text: str, row: int) -> None:
        self._problem(row, f"{quote(text)} is not known here.", self.spelling.mend(text))

    def _number(self, text: str, row: int) -> float:
        column = self.column
        said = find_said(text)
        if said == "none" and column.none_means is None:
            self._problem(row, '"none" is not a number here.', "Give a number, or leave it blank.")
            return np.nan
        if said == "none":
            return float(column.none_means or 0.0)
        if said != "given":
            return np.nan
        plain = text.removeprefix("£").strip()
        try:
            value = float(plain.replace(",", "") if _THOUSANDS.match(plain) else plain)
        except ValueError:
            value = np.nan
        if not np.isfinite(value):
            mend = "Give a number, or leave it blank if not known."
            if _DECIMAL_COMMA.match(plain):
                mend = f"Write a point for the comma: {plain.replace(',', '.')}."
            self._problem(row, f"{quote(text)} is not a number.", mend)
            return np.nan
        if column.kind == "integer" and value != int(value):
            self._problem(row, f"{quote(text)} is not a whole number.", "Give a whole number.")
        low, high = column.minimum, column.maximum
        below, above = low is not None and value < low, high is not None and value > high
        if below or above:
            span = f"below {low:g}" if below else f"above {high:g}"
            if low is not None and high is not None:
                span = f"outside {low:g} to {high:g}"
            self._problem(row, f"{text} is {span}.", "Check the cell.")
        return value

    def _date(self, text: str, row: int) -> dt.date | None:
        if find_said(text) != "given":
            return None
        day_first = _DAY_FIRST.match(text)
        try:
            if day_first:
                day, month, year = (int(part) for part in day_first.groups())
                value = dt.date(year, month, day)
                self._note(row, f"{text} was read as {value.isoformat()} (day first).")
                return value
            return dt.date.fromisoformat(text)
        except ValueError:
            self._problem(row, *_say_no_date(text))
            return None

    def _time(self, text: str, row: int) -> dt.time | None:
        if find_said(text) != "given":
            return None
        clock = _CLOCK.match(text)
        if clock:
            hour, minute = int(clock[1]), int(clock[2])
            if (hour, minute) == (24, 0):
                return dt.time.max
            if hour < HOURS and minute < MINUTES:
                return dt.time(hour, minute)
        half_day = _HALF_DAY.match(text)
        if half_day:
            hour, minute = int(half_day[1]), int(half_day[2] or 0)
            # 12 am and 12 pm are left to the person: both are used for noon and for midnight.
            if 0 < hour < NOON and minute < MINUTES:
                value = dt.time(hour + (NOON if half_day[3] in "pP" else 0), minute)
                self._note(row, f"{text} was read as {value:%H:%M}.")
                return value
        mend = "Write it as 18:30."
        if half_day and int(half_day[1]) == NOON:
            mend = "Write noon as 12:00, midnight as 00:00 or (for an end) 24:00."
        self._problem(row, f"{quote(text)} is not a time of day.", mend)
        return None

    def _yes_no(self, text: str, row: int) -> str:
        value = _YES_NO.get(text.lower())
        if value is None:
            self._problem(
                row, f"{quote(text)} is neither yes nor no.", "Say yes, no, or leave it blank."
            )
            return "unknown"
        return value

    def _list(self, text: str, row: int) -> tuple[str, ...]:
        items = tuple(dict.fromkeys(part.strip() for part in text.split(";") if part.strip()))
        if self.column.values:
            for item in items:
                if item not in self.column.values:
                    self._unknown_value(item, row)
        return items


def _say_no_date(text: str) -> tuple[str, str]:
    """Say what is wrong with a text that is no date, and how to mend it."""
    number = _DAY_NUMBER.match(text)
    if number and int(number[1]) in _DAY_NUMBERS:
        day = _DAY_ZERO + dt.timedelta(days=int(number[1]))
        what = f"{text} looks like Excel's number for {day.isoformat()}."
        return what, "Format the column as a date, 2009-04-30, and save it again."
    return f"{quote(text)} is not a date.", "Write it as 2009-04-30 or 30/04/2009."

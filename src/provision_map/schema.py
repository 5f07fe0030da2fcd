"""A column and a table, declared once: validation, an empty table and reference docs come from it.

Cells arrive as text (that is what a spreadsheet holds) and leave typed. Nothing is guessed: a
cell that cannot be read becomes a :class:`~provision_map.errors.Problem`, and blank, "tbd",
"none", "withheld" and 0 stay five different things (see :data:`SAID`).
"""

from __future__ import annotations

import datetime as dt
import difflib
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd

from provision_map.errors import Problem

Kind = Literal["text", "integer", "number", "date", "time", "yes_no", "list", "geometry"]

#: What a cell of a number column can say. ``none`` is a stated "there is none", not an empty cell.
SAID = ("given", "blank", "tbd", "none", "withheld")

#: What a Problem says of a column that must be there and is not.
COLUMN_MISSING = "The column is missing."

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

#: A longer text is no slip of the pen, and a longer list not one to print in full.
_LONGEST_SLIP = 60
_LONGEST_QUOTED = 80
_MOST_LISTED = 40
_FEW = 12
#: Fuzzy comparing is slow: so many different words of one column, with so many known ones.
_MOST_COMPARED = 20
_MOST_KNOWN = 1_000


@dataclass(frozen=True)
class Column:
    """One column: its name, what it holds, and what a cell must satisfy.

    ``none_means`` is the number that a stated "none" stands for (no limit on places is infinite
    capacity, no charge is a cost of 0); without it, "none" in a number column is a problem.
    ``values`` closes the list of what a cell, or each item of a list, may say.
    """

    name: str
    kind: Kind
    description: str
    unit: str = ""
    required: bool = False
    values: tuple[str, ...] = ()
    minimum: float | None = None
    maximum: float | None = None
    none_means: float | None = None
    computed: bool = False

    @property
    def keeps_words(self) -> bool:
        """Whether the table carries a companion ``{name}_said`` with one of :data:`SAID`."""
        return self.kind in ("integer", "number") and not self.required and not self.computed


@dataclass(frozen=True)
class Table:
    """A table: columns in order, and the columns that together must be unique."""

    name: str
    description: str
    columns: tuple[Column, ...]
    key: tuple[str, ...] = ()

    def names(self, *, given_only: bool = False) -> list[str]:
        """Column names in order; ``given_only`` leaves out those that the software computes."""
        return [c.name for c in self.columns if not (given_only and c.computed)]

    def empty(self) -> pd.DataFrame:
        """Return the table without rows, each column of its type."""
        return pd.DataFrame({c.name: pd.Series(dtype=_dtype(c)) for c in self.columns})

    def validate(
        self,
        frame: pd.DataFrame,
        *,
        file: str,
        heading_row: int = 1,
        unread: Iterable[str] = (),
    ) -> tuple[pd.DataFrame, list[Problem], list[Problem]]:
        """Turn a frame of text into typed columns.

        Columns that the table does not know are kept as text, untouched, after the known ones.

        Args:
            frame: text cells, one row a record; a column ``_row`` may give spreadsheet rows.
            file: name of the file, as problems should say it.
            heading_row: row of the file that holds the headings.
            unread: other headings of the file; one may be a missing column, misspelt.

        Returns:
            The typed frame, the problems (the frame is not to be used if there are any), and
            notes: what was read although it was not written in the standard way.

        """
        problems: list[Problem] = []
        notes: list[Problem] = []
        rows = (
            frame["_row"].astype(int)
            if "_row" in frame
            else pd.Series(np.arange(2, len(frame) + 2), index=frame.index)
        )
        given = [c for c in self.columns if not c.computed]
        absent = [c.name for c in given if c.name not in frame]
        slips = {ours: theirs for theirs, ours in match_headings(unread, absent).items()}
        problems.extend(
            Problem(file, heading_row, c.name, COLUMN_MISSING, _say_heading(c.name, slips))
            for c in given
            if c.required and c.name not in frame
        )
        out: dict[str, pd.Series[Any]] = {}
        for column in given:
            reader = _Reader(column, file, problems, notes)
            if column.name in frame:
                cells = frame[column.name].astype(str).str.strip()
                values = [reader.read(text, row) for text, row in zip(cells, rows, strict=True)]
            else:
                # One problem for the heading is enough.
                cells = pd.Series("", index=frame.index, dtype=object)
                values = [reader.blank()] * len(frame)
            out[column.name] = pd.Series(values, index=frame.index, dtype=_dtype(column))
            if column.keeps_words:
                said = [_said(text) for text in cells]
                out[f"{column.name}_said"] = pd.Series(said, index=frame.index, dtype=object)
        known = {*self.names(), "_row"}
        for extra in frame.columns:
            if extra not in known:
                out[str(extra)] = frame[extra]
        typed = pd.DataFrame(out, index=frame.index)
        problems.extend(self._duplicates(typed, rows, file))
        typed["_row"] = rows
        return typed, problems, notes

    def _duplicates(self, typed: pd.DataFrame, rows: pd.Series[int], file: str) -> list[Problem]:
        if not self.key or typed.empty or any(k not in typed for k in self.key):
            return []
        keys = typed[list(self.key)].astype(str)
        keys = keys[(keys != "").all(axis=1)]
        first = keys.assign(_row=rows).groupby(list(self.key), sort=False)["_row"].transform("min")
        repeated = keys.duplicated(keep="first")
        return [
            Problem(
                file,
                int(rows[i]),
                self.key[0],
                f"{' / '.join(keys.loc[i])} stands already in row {first[i]}.",
                "Give each record an identifier of its own.",
            )
            for i in keys.index[repeated]
        ]

    def to_markdown(self) -> str:
        """Describe the table for docs/data-dictionary.md."""
        lines = [f"### {self.name}", "", self.description, ""]
        if self.key:
            lines += [f"One row for each {' × '.join(f'`{k}`' for k in self.key)}.", ""]
        lines += ["| column | kind | unit | must be given | meaning |", "|---|---|---|---|---|"]
        for c in self.columns:
            meaning = c.description
            if c.values:
                meaning += " One of: " + ", ".join(f"`{v}`" for v in c.values) + "."
            meaning += _say_range(c)
            if c.none_means is not None:
                meaning += f' A stated "none" means {c.none_means:g}.'
            must = "computed" if c.computed else ("yes" if c.required else "")
            lines.append(f"| `{c.name}` | {c.kind} | {c.unit} | {must} | {meaning} |")
        return "\n".join(lines) + "\n"


def each_row(frame: pd.DataFrame) -> Iterator[Any]:
    """Iterate over rows as named tuples: their types are the table's, which pandas cannot say."""
    return iter(frame.itertuples(index=False))


class Spelling:
    """Finds what a word was meant to be among the words that are known.

    ``names`` are pairs of name and code, for where a name is given and a code is wanted.

    >>> Spelling(["Y02", "Y03"]).ask("y2"), Spelling(["capacity", "cost"]).ask("capactiy")
    ("Did you mean 'Y02'?", "Did you mean 'capacity'?")
    >>> Spelling(["E01"], names=[("Podsmead", "E01")]).ask("podsmead"), Spelling(["Y02"]).ask("Y99")
    ("Did you mean its code 'E01'?", '')
    """

    def __init__(self, known: Iterable[str], *, names: Iterable[tuple[str, str]] = ()) -> None:
        """Hold the words in the order in which they are to be listed, each once."""
        self.known = tuple(dict.fromkeys(known))
        self._names = names
        self._codes: dict[str, str] | None = None
        self._alike: dict[str, list[str]] | None = None
        self._nearest: dict[str, str | None] = {}

    def ask(self, word: str) -> str:
        """Ask whether another word was meant; "" where none is near."""
        near = self.nearest(word)
        if near is not None:
            return f"Did you mean {near!r}?"
        if self._codes is None:
            self._codes = _unique((_loosen(name), code) for name, code in self._names)
        code = self._codes.get(_loosen(word))
        return "" if code is None else f"Did you mean its code {code!r}?"

    def mend(self, word: str) -> str:
        """Say how to mend a word that is not known: the near one, and the list if it is short."""
        asked = self.ask(word)
        if asked and len(self.known) > _FEW:
            return asked
        listed = ", ".join(self.known[:_MOST_LISTED])
        more = ", …" if len(self.known) > _MOST_LISTED else ""
        return f"{asked} Use one of: {listed}{more}.".strip()

    def nearest(self, word: str) -> str | None:
        """Return the known word that this is a slip of, or None."""
        if self._alike is None:
            self._alike = {}
            for known in self.known:
                self._alike.setdefault(_loosen(known), []).append(known)
        if len(word) > _LONGEST_SLIP or not (loose := _loosen(word)):
            return None
        if loose in self._alike:
            return self._alike[loose][0]
        if word not in self._nearest:
            few = len(self._nearest) < _MOST_COMPARED and len(self._alike) <= _MOST_KNOWN
            self._nearest[word] = self._compare(loose, self._alike) if few else None
        return self._nearest[word]

    @staticmethod
    def _compare(loose: str, alike: Mapping[str, list[str]]) -> str | None:
        """Compare letter by letter; a code keeps its numbers, for E14 is no slip of E15."""
        numbers = _NUMBERS.findall(loose)
        if numbers:
            near = [key for key in alike if _tighten(key) == _tighten(loose)] or [
                key
                for key in alike
                if _NUMBERS.findall(key) == numbers
                and difflib.SequenceMatcher(None, loose, key).ratio() >= _NEAR_CODE
            ]
            return alike[near[0]][0] if len(near) == 1 else None
        begun = [
            key
            for key in alike
            if len(key) >= _STEM and len(loose) >= _STEM
            if key.startswith(loose) or loose.startswith(key)
        ]
        near = begun if len(begun) == 1 else difflib.get_close_matches(loose, alike, 1, _NEAR_WORD)
        return alike[near[0]][0] if near else None


_NUMBERS = re.compile(r"[0-9]+")
_STEM = 3
_NEAR_WORD = 0.7
_NEAR_CODE = 0.8


def _loosen(word: str) -> str:
    """Return a word without what people write one way or the other: case, blanks, marks."""
    return "".join(ch for ch in word[: 2 * _LONGEST_SLIP].casefold() if ch.isalnum())


def _tighten(loose: str) -> str:
    """Return a code with letters that look like digits as digits, and without leading zeros.

    >>> _tighten("eo1"), _tighten("e1")
    ('e1', 'e1')
    """
    return re.sub(r"0+(?=[0-9])", "", loose.translate(_LOOKALIKES))


_LOOKALIKES = str.maketrans("oil", "011")


def _unique(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Return values by key, leaving out keys that stand for more than one value."""
    found: dict[str, str | None] = {}
    for key, value in pairs:
        found[key] = value if found.get(key, value) == value else None
    return {key: value for key, value in found.items() if key and value}


def match_headings(unread: Iterable[str], absent: Iterable[str]) -> dict[str, str]:
    """Return, for headings that nothing reads, the absent column that each may be meant to be.

    >>> match_headings(["Service ID", "remarks"], ["service_id", "capacity"])
    {'Service ID': 'service_id'}
    """
    spelling = Spelling(absent)
    near = {str(heading): spelling.nearest(str(heading)) for heading in unread}
    return {heading: column for heading, column in near.items() if column is not None}


def quote(text: str) -> str:
    """Return a cell's text in quotes, cut where it is long."""
    return repr(text if len(text) <= _LONGEST_QUOTED else text[: _LONGEST_QUOTED - 1] + "…")


def _say_heading(column: str, slips: Mapping[str, str]) -> str:
    if column in slips:
        return f"Write the heading {quote(slips[column])} as {column}."
    return f"Add a heading {column}."


def _say_range(column: Column) -> str:
    low, high = column.minimum, column.maximum
    if low is not None and high is not None:
        return f" Range {low:g} to {high:g}."
    if low is not None:
        return f" At least {low:g}."
    return "" if high is None else f" At most {high:g}."


def _dtype(column: Column) -> str:
    return {"number": "float64", "integer": "float64"}.get(column.kind, "object")


def _said(text: str) -> str:
    return _WORDS.get(text.strip().lower(), "given")


def _say_no_date(text: str) -> tuple[str, str]:
    """Say what is wrong with a text that is no date, and how to mend it."""
    number = _DAY_NUMBER.match(text)
    if number and int(number[1]) in _DAY_NUMBERS:
        day = _DAY_ZERO + dt.timedelta(days=int(number[1]))
        what = f"{text} looks like Excel's number for {day.isoformat()}."
        return what, "Format the column as a date, 2009-04-30, and save it again."
    return f"{quote(text)} is not a date.", "Write it as 2009-04-30 or 30/04/2009."


class _Reader:
    """Reads the cells of one column, collecting what cannot be read."""

    def __init__(
        self, column: Column, file: str, problems: list[Problem], notes: list[Problem]
    ) -> None:
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
        if text == "" and self.column.required:
            self._problem(row, "The cell is empty.", "It must be given.")
            return self.blank()
        return self._read(text, row)

    def blank(self) -> object:
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
        said = _said(text)
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
        if _said(text) != "given":
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
        if _said(text) != "given":
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

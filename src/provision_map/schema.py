"""A column and a table, declared once: validation, an empty table and reference docs come from it.

Cells arrive as text (that is what a spreadsheet holds) and leave typed. Nothing is guessed: a
cell that cannot be read becomes a :class:`~provision_map.errors.Problem`, and blank, "tbd",
"none", "withheld" and 0 stay five different things (see :data:`SAID`).
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd

from provision_map.errors import Problem

Kind = Literal["text", "integer", "number", "date", "time", "yes_no", "list", "geometry"]

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
HOURS, MINUTES = 24, 60
_DAY_FIRST = re.compile(r"^(\d{1,2})/(\d{1,2})/(\d{4})$")
_CLOCK = re.compile(r"^(\d{1,2})[:.](\d{2})(?::00)?$")


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
        self, frame: pd.DataFrame, *, file: str
    ) -> tuple[pd.DataFrame, list[Problem], list[Problem]]:
        """Turn a frame of text into typed columns.

        Columns that the table does not know are kept as text, untouched, after the known ones.

        Args:
            frame: text cells, one row a record; a column ``_row`` may give spreadsheet rows.
            file: name of the file, as problems should say it.

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
        problems.extend(
            Problem(file, 1, c.name, "The column is missing.", f"Add a heading {c.name}.")
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
            if c.minimum is not None or c.maximum is not None:
                low = "" if c.minimum is None else f"{c.minimum:g}"
                high = "" if c.maximum is None else f"{c.maximum:g}"
                meaning += f" Range {low} to {high}."
            if c.none_means is not None:
                meaning += f' A stated "none" means {c.none_means:g}.'
            must = "computed" if c.computed else ("yes" if c.required else "")
            lines.append(f"| `{c.name}` | {c.kind} | {c.unit} | {must} | {meaning} |")
        return "\n".join(lines) + "\n"


def each_row(frame: pd.DataFrame) -> Iterator[Any]:
    """Iterate over rows as named tuples: their types are the table's, which pandas cannot say."""
    return iter(frame.itertuples(index=False))


def _dtype(column: Column) -> str:
    return {"number": "float64", "integer": "float64"}.get(column.kind, "object")


def _said(text: str) -> str:
    return _WORDS.get(text.strip().lower(), "given")


class _Reader:
    """Reads the cells of one column, collecting what cannot be read."""

    def __init__(
        self, column: Column, file: str, problems: list[Problem], notes: list[Problem]
    ) -> None:
        self.column = column
        self.file = file
        self.problems = problems
        self.notes = notes
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

    def _text(self, text: str, row: int) -> str:
        if text and self.column.values and text not in self.column.values:
            self._unknown_value(text, row)
        return text

    def _unknown_value(self, text: str, row: int) -> None:
        self._problem(
            row,
            f"{text!r} is not known here.",
            "Use one of: " + ", ".join(self.column.values) + ".",
        )

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
        try:
            value = float(text.replace(",", "").removeprefix("£"))
        except ValueError:
            value = np.nan
        if not np.isfinite(value):
            self._problem(
                row, f"{text!r} is not a number.", "Give a number, or leave it blank if not known."
            )
            return np.nan
        if column.kind == "integer" and value != int(value):
            self._problem(row, f"{text!r} is not a whole number.", "Give a whole number.")
        low, high = column.minimum, column.maximum
        if (low is not None and value < low) or (high is not None and value > high):
            span = f"{'' if low is None else f'{low:g}'} to {'' if high is None else f'{high:g}'}"
            self._problem(row, f"{text} is outside {span}.", "Check the cell.")
        return value

    def _date(self, text: str, row: int) -> dt.date | None:
        if _said(text) != "given":
            return None
        day_first = _DAY_FIRST.match(text)
        try:
            if day_first:
                day, month, year = (int(part) for part in day_first.groups())
                value = dt.date(year, month, day)
                note = f"{text} was read as {value.isoformat()} (day first)."
                self.notes.append(Problem(self.file, row, self.column.name, note))
                return value
            return dt.date.fromisoformat(text)
        except ValueError:
            self._problem(row, f"{text!r} is not a date.", "Write it as 2009-04-30 or 30/04/2009.")
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
        self._problem(row, f"{text!r} is not a time of day.", "Write it as 18:30.")
        return None

    def _yes_no(self, text: str, row: int) -> str:
        value = _YES_NO.get(text.lower())
        if value is None:
            self._problem(
                row, f"{text!r} is neither yes nor no.", "Say yes, no, or leave it blank."
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

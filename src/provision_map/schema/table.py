"""A table, declared by its columns: it validates what comes in and describes itself."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from provision_map.errors import Problem
from provision_map.schema.cells import CellReader, find_said
from provision_map.schema.column import Column
from provision_map.schema.spelling import match_headings, quote

#: What a Problem says of a column that must be there and is not.
COLUMN_MISSING = "The column is missing."


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
        return pd.DataFrame({c.name: pd.Series(dtype=c.dtype) for c in self.columns})

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
        numbers = rows.tolist()
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
            reader = CellReader(column, file, problems, notes)
            if column.name in frame:
                cells = _strip(frame[column.name])
                values = reader.read_all(cells, numbers)
            else:
                # One problem for the heading is enough.
                cells = [""] * len(frame)
                values = [reader.blank()] * len(frame)
            out[column.name] = pd.Series(values, index=frame.index, dtype=column.dtype)
            if column.keeps_words:
                words = {text: find_said(text) for text in set(cells)}
                said = [words[text] for text in cells]
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
        # A date that is blank is a part of the key too: always.
        keys = typed[list(self.key)].astype(str).fillna("blank")
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


def _strip(cells: pd.Series[Any]) -> list[str]:
    """Return cells as text without blanks around them; a text without any is not copied."""
    values = cells.tolist()
    if set(map(type, values)) <= {str}:
        return list(map(str.strip, values))
    return [str(text) for text in cells.astype(str).str.strip()]


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

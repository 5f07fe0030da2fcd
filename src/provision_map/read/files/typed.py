"""From rows of text to typed frames, by the data dictionary or by the columns a setting names."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import pandas as pd

from provision_map.errors import Problem
from provision_map.read.files.text import InputFolder
from provision_map.read.findings import Findings, list_some
from provision_map.read.settings import SETTINGS_FILE
from provision_map.schema import Column, Spelling, Table, match_headings, quote

#: Columns of the project's own tables that say nothing of a record: passed over in silence.
_PASSED_OVER = ("data_status",)

#: Of rows passed over, so many codes are held against those that are known.
_MOST_ASKED = 20

_EMPTY = "The table is empty: it has headings only."


#: Five times as many as the largest directory of services has.
MOST_ROWS = 1_000_000


def read_declared(
    folder: InputFolder,
    name: str | None,
    table: Table,
    *,
    must_have_rows: bool = False,
    note_empty: bool = True,
) -> pd.DataFrame:
    """Read a file as a table of the data dictionary, with ``_row`` and ``_file``.

    Without a name, or where the file cannot be read, the table is empty. An empty file is a
    Problem if ``must_have_rows``, else a note, unless the caller says more with a note of its own.
    """
    raw = None if name is None else folder.read_table(name)
    if name is None or raw is None:
        return empty_declared(table)
    findings = folder.findings
    if len(raw) > MOST_ROWS:
        what = f"The table has {len(raw):,} rows; at most {MOST_ROWS:,} are read."
        mend = "Cut it down to the area of the exercise."
        findings.problem(name, what, mend, column=table.columns[0].name)
        return empty_declared(table)
    # Where rows were lost, that is what people must hear.
    if raw.empty and folder.lost_cells(name) == frozenset():
        if must_have_rows:
            findings.problem(name, _EMPTY, "Fill it in.")
        elif note_empty:
            findings.note(name, _EMPTY)
    heading_row = folder.heading_row(name)
    return type_declared(raw, table, file=name, findings=findings, heading_row=heading_row)


def list_codes_of(
    folder: InputFolder, name: str | None, column: str, codes: Iterable[str]
) -> frozenset[str] | None:
    """Return the codes that a file gives, with whatever stands in its rows that were lost.

    None where the file cannot be read to its end, or the column of its codes has a Problem:
    what refers to a code is not to be blamed for that.
    """
    if name is None:
        return frozenset(codes)
    lost = folder.lost_cells(name)
    at_fault = any(p.file == name and p.column == column for p in folder.findings.problems)
    return None if lost is None or at_fault else frozenset(codes) | lost


def type_declared(
    raw: pd.DataFrame, table: Table, *, file: str, findings: Findings, heading_row: int = 1
) -> pd.DataFrame:
    """Type a frame of text cells; columns that the table does not know are noted and left out."""
    known = [*table.names(given_only=True), "_row"]
    extra = [str(c) for c in raw.columns if c not in known and c not in _PASSED_OVER]
    absent = {c.name: c for c in table.columns if not c.computed and c.name not in raw}
    slips = match_headings(extra, absent)
    for heading in extra:
        column = absent.get(slips.get(heading, ""))
        # Of a column that must be there, the problem that it is missing says the same.
        if column is None or not column.required:
            what = "This column was not read: the data dictionary has no such heading."
            mend = "" if column is None else f"Did you mean {column.name!r}?"
            findings.note(file, what, mend, row=heading_row, column=heading)
    given = raw[[column for column in raw.columns if column in known]]
    typed, problems, notes = table.validate(given, file=file, heading_row=heading_row, unread=extra)
    findings.problems.extend(problems)
    findings.notes.extend(notes)
    return typed.assign(_file=pd.Series(file, index=typed.index, dtype=object))


def empty_declared(table: Table) -> pd.DataFrame:
    """Return the table without rows, with all the columns that reading gives."""
    headings = pd.DataFrame({name: [] for name in table.names(given_only=True)}, dtype=object)
    headings["_row"] = pd.Series([], dtype="int64")
    return type_declared(headings, table, file="", findings=Findings())


@dataclass(frozen=True)
class Ours:
    """The places of the exercise: which rows of a file about places are read.

    Attributes:
        ids: their codes; None: not known, all rows are read.
        filtered: whether the settings keep some places of a larger area. Files about people may
            then be of that area too, and rows of other places are passed over in silence.
        census: the census that the settings state the places to be of; None: not stated.

    """

    ids: frozenset[str] | None
    filtered: bool = False
    census: int | None = None

    def select(self, codes: pd.Series[str]) -> pd.Series[bool]:
        """Say of each code whether it is one of ours, or cannot be told."""
        if self.ids is None:
            return pd.Series(data=True, index=codes.index, dtype=bool)
        return codes.isin(list(self.ids))

    def note_others(self, codes: pd.Series[str], file: str, findings: Findings) -> None:
        """Note the rows that are passed over, with the first of their codes."""
        others = list(codes[~self.select(codes)])
        if not others:
            return
        some = list(dict.fromkeys(others))
        listed = list_some(quote(code) if code else "(blank)" for code in some)
        rows = "1 row was" if len(others) == 1 else f"{len(others)} rows were"
        what = f"{rows} passed over: no place of this exercise has the code {listed}."
        spelling = Spelling(sorted(self.ids or ()))
        ask = next((ask for ask in map(spelling.ask, some[:_MOST_ASKED]) if ask), "")
        findings.note(file, what, ask)


def read_wide(
    folder: InputFolder, name: str, columns: tuple[Column, ...], *, ours: Ours
) -> pd.DataFrame:
    """Read named columns of a file, the first of which is the code of a place.

    Args:
        folder: the exercise folder.
        name: the file.
        columns: the columns to read; the first identifies the row.
        ours: the places whose rows are read.

    Returns:
        The typed columns and ``_row``; empty where the file cannot be read.

    """
    names = [column.name for column in columns]
    twice = sorted({name for name in names if names.count(name) > 1 or name == "_row"})
    for column in twice:
        what = f"The column {column} of {name} is named for two things."
        folder.findings.problem(SETTINGS_FILE, what, "Name a column for each.")
    columns = tuple({column.name: column for column in columns}.values())
    table = Table(name, "", columns, key=(columns[0].name,))
    raw = folder.read_table(name)
    if raw is None or twice:
        return empty_declared(table)
    if raw.empty and folder.lost_cells(name) == frozenset():
        folder.findings.problem(name, _EMPTY, "Fill it in.")
    key = columns[0].name
    if key in raw:
        codes = raw[key].str.strip()
        if not ours.filtered:
            ours.note_others(codes, name, folder.findings)
        raw = raw[ours.select(codes)].reset_index(drop=True)
    names = [column.name for column in columns if column.name in raw]
    typed, problems, notes = table.validate(
        raw[[*names, "_row"]],
        file=name,
        heading_row=folder.heading_row(name),
        unread=[str(heading) for heading in raw.columns if heading not in (*names, "_row")],
    )
    problems.extend(words_for_numbers(raw, typed, table, name))
    folder.findings.problems.extend(problems)
    folder.findings.notes.extend(notes)
    return typed


def words_for_numbers(
    raw: pd.DataFrame, typed: pd.DataFrame, table: Table, file: str
) -> list[Problem]:
    """Find numbers that must be given but say "tbd" or "withheld": nothing is filled in."""
    return [
        Problem(file, int(row), column.name, f"{text.strip()!r} is not a number.", "Give a number.")
        for column in table.columns
        if column.required and column.kind in ("integer", "number") and column.name in raw
        for text, value, row in zip(
            raw[column.name], typed[column.name], typed["_row"], strict=True
        )
        if pd.isna(value) and text.strip().lower() in ("tbd", "tbc", "unknown", "not known", "?", "withheld", "suppressed")
    ]  # fmt: skip

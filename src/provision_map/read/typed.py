"""From rows of text to typed frames, by the data dictionary or by the columns a setting names."""

from __future__ import annotations

from collections.abc import Collection

import pandas as pd

from provision_map.errors import Problem
from provision_map.read.findings import Findings
from provision_map.read.settings import SETTINGS_FILE
from provision_map.read.text import InputFolder
from provision_map.schema import Column, Table

#: Columns of the project's own tables that say nothing of a record: passed over in silence.
_PASSED_OVER = ("data_status",)


def read_declared(
    folder: InputFolder, name: str | None, table: Table, *, must_have_rows: bool = False
) -> pd.DataFrame:
    """Read a file as a table of the data dictionary, with ``_row`` and ``_file``.

    Without a name, or where the file cannot be read, the table is empty. An empty file is a
    Problem if ``must_have_rows``, else a note.
    """
    raw = None if name is None else folder.read_table(name)
    if name is None or raw is None:
        return empty_declared(table)
    findings = folder.findings
    if raw.empty and must_have_rows:
        findings.problem(name, "The table is empty: it has headings only.", "Fill it in.")
    elif raw.empty:
        findings.note(name, "The table is empty: it has headings only.")
    return type_declared(raw, table, file=name, findings=findings)


def can_read(folder: InputFolder, name: str | None) -> bool:
    """Whether a table that is named could be read, so that its codes are known."""
    return name is None or folder.read_table(name) is not None


def type_declared(
    raw: pd.DataFrame, table: Table, *, file: str, findings: Findings
) -> pd.DataFrame:
    """Type a frame of text cells; columns that the table does not know are noted and left out."""
    known = [*table.names(given_only=True), "_row"]
    for extra in raw.columns:
        if extra not in known and extra not in _PASSED_OVER:
            what = "This column was not read: the data dictionary has no such heading."
            findings.note(file, what, row=1, column=str(extra))
    given = raw[[column for column in raw.columns if column in known]]
    typed, problems, notes = table.validate(given, file=file)
    findings.problems.extend(problems)
    findings.notes.extend(notes)
    return typed.assign(_file=pd.Series(file, index=typed.index, dtype=object))


def empty_declared(table: Table) -> pd.DataFrame:
    """Return the table without rows, with all the columns that reading gives."""
    headings = pd.DataFrame({name: [] for name in table.names(given_only=True)}, dtype=object)
    headings["_row"] = pd.Series([], dtype="int64")
    return type_declared(headings, table, file="", findings=Findings())


def read_wide(
    folder: InputFolder, name: str, columns: tuple[Column, ...], *, keep: Collection[str] | None
) -> pd.DataFrame:
    """Read named columns of a file, the first of which is the code of a place.

    Args:
        folder: the exercise folder.
        name: the file.
        columns: the columns to read; the first identifies the row.
        keep: codes of the places that are ours; rows of others are passed over in silence.
            None: not known, all rows are read.

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
    if raw.empty:
        folder.findings.problem(name, "The table is empty: it has headings only.", "Fill it in.")
    key = columns[0].name
    if keep is not None and key in raw:
        raw = raw[raw[key].str.strip().isin(list(keep))].reset_index(drop=True)
    names = [column.name for column in columns if column.name in raw]
    typed, problems, notes = table.validate(raw[[*names, "_row"]], file=name)
    problems.extend(_words_for_numbers(raw, typed, table, name))
    folder.findings.problems.extend(problems)
    folder.findings.notes.extend(notes)
    return typed


def _words_for_numbers(
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

"""Telephone numbers and e-mail addresses in what people sent: roles are kept here, never persons."""

from __future__ import annotations

import re

import pandas as pd

from provision_map import tables
from provision_map.read.findings import Findings, list_some
from provision_map.read.origin import ServiceTables
from provision_map.read.workbooks.label import split_label

_TELEPHONE = re.compile(
    r"(?<![\w.])(?:\+44[\s-]?(?:\(0\)[\s-]?)?|\(?0)(?:\d\)?[\s-]?){8,9}\d(?!\w)"
)
_EMAIL = re.compile(r"[\w.+-]+@[\w-]+\.\w")
_TABLES = (tables.ORGANISATIONS, tables.SERVICES, tables.QUALITY, tables.PRACTICE)
_CSV = (".csv", ".txt", ".tsv")
_MEND = "Take it out: roles only, never persons; what stands here goes onto maps and into exports."


def note_persons(found: ServiceTables, findings: Findings) -> None:
    """Note the cells of returned workbooks and CSV files that hold a telephone number or an e-mail.

    The note does not repeat it, for notes are published.
    """
    for table in _TABLES:
        frame: pd.DataFrame = getattr(found, table.name)
        if table is tables.ORGANISATIONS and not found.told_again.empty:
            frame = pd.concat([frame, found.told_again], ignore_index=True)
        files = {str(file) for file in frame["_file"].unique()}
        own = [file for file in files if split_label(file)[1] or file.lower().endswith(_CSV)]
        if not own:
            continue
        frame = frame[frame["_file"].isin(own)]
        for column in table.columns:
            if column.kind == "text" and not column.values and column.name in frame:
                _note_column(frame, column.name, findings)


def _note_column(frame: pd.DataFrame, column: str, findings: Findings) -> None:
    at: dict[tuple[str, str], list[int]] = {}
    for text, file, row in zip(frame[column], frame["_file"], frame["_row"], strict=True):
        if what := find_person(str(text)):
            at.setdefault((str(file), what), []).append(int(row))
    for (file, what), rows in at.items():
        more = f", and {len(rows) - 1} more (rows {list_some(rows, 10)})" if len(rows) > 1 else ""
        findings.note(file, f"It looks as if {what} stands here{more}.", _MEND, row=rows[0], column=column)  # fmt: skip


def find_person(text: str) -> str:
    """Say what a text holds by which a person could be reached; "" if nothing.

    >>> find_person("ring 01452 396396"), find_person("ask at manager@example.org")
    ('a telephone number', 'an e-mail address')
    >>> find_person("charity 1089464, GL1 1UA, 2026-10-01, 07:30")
    ''
    """
    if _TELEPHONE.search(text):
        return "a telephone number"
    return "an e-mail address" if "@" in text and _EMAIL.search(text) else ""

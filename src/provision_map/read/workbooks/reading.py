"""Returned workbooks: what an organisation filled in, as tables of services."""

from __future__ import annotations

import glob
import re
from collections.abc import Sequence

import pandas as pd

from provision_map import tables
from provision_map.read.codes import Codes
from provision_map.read.files.text import InputFolder
from provision_map.read.findings import Findings, list_some
from provision_map.read.origin import Origin
from provision_map.read.workbooks.file import Sheet, WorkbookFile, open_workbook, say_cell
from provision_map.read.workbooks.label import sheet_label, split_label
from provision_map.read.workbooks.layout import (
    CODE_HEADINGS,
    MADE_HERE,
    ORGANISATION,
    Resolver,
    loosen,
)
from provision_map.read.workbooks.parts import LARGEST_WORKBOOK, BadWorkbookError
from provision_map.read.workbooks.returned import Reading, keep_rows, make_slug
from provision_map.read.workbooks.sheets import (
    SheetTable,
    find_headings,
    read_sheet,
    take_columns,
)

__all__ = ["make_slug", "read_as_sent", "read_workbooks", "sheet_label", "split_label"]

#: Files that an open spreadsheet keeps beside the one that is open.
_LOCKS = ("~$", ".~lock")
_PATTERN = re.compile(r"[*?\[]")


def read_workbooks(
    folder: InputFolder, names: Sequence[str], codes: Codes | None = None
) -> list[Origin]:
    """Read the workbooks of these names or patterns, each as an origin.

    Cells may say a code, its name, or both, as the drop-downs of the template do: what each means
    stands in the workbook's own sheet of codes, and in ``codes`` where they are given. A service
    or a practice without an identifier gets one, from organisation and name.

    Args:
        folder: the exercise folder.
        names: of files, or patterns such as ``returns/*.xlsx``, relative to it.
        codes: those of the exercise.

    """
    return [
        _read_workbook(folder, name, codes) for name in _list_files(folder, names)
    ]  # fmt: skip


def read_as_sent(folder: InputFolder, name: str) -> dict[str, pd.DataFrame]:
    """Return the rows of a workbook as text, as they were sent, by name of the table.

    Under our headings, with ``_row`` and ``_file``, and with columns that people have added: what
    :func:`provision_map.reports.marked.mark_workbook` takes. Empty where it cannot be read; nothing
    is reported, for reading it has done so.
    """
    data = folder.read_bytes(name, largest=LARGEST_WORKBOOK)
    try:
        book = None if data is None else open_workbook(data)
    except BadWorkbookError:
        book = None
    if book is None:
        return {}
    found = _read_sheets(book, name, Findings())
    frames = {}
    for table in (t for t in tables.INPUT_TABLES if t.name in found):
        sheet = found[table.name]
        frame = take_columns(sheet, table)
        if sheet.layout is ORGANISATION:
            frame = keep_rows(frame, table)
        frames[table.name] = frame.assign(_file=pd.Series(sheet.label, frame.index, dtype=object))
    return frames


def _list_files(folder: InputFolder, names: Sequence[str]) -> list[str]:
    """Return the files, each once; of a pattern in the order of their names."""
    listed: list[str] = []
    for name in names:
        if not _PATTERN.search(name):
            listed.append(name)
            continue
        found = sorted(
            match.replace("\\", "/")
            for match in glob.glob(name, root_dir=folder.path, recursive=True)  # noqa: PTH207 - it may be absolute
            if not match.replace("\\", "/").rpartition("/")[2].startswith(_LOCKS)
            and folder.locate(match).is_file()
        )
        if not found:
            what = "No workbook has a name like this: nothing was read."
            folder.findings.note(name, what, "Put the returned workbooks there.")
        listed.extend(found)
    return list(dict.fromkeys(listed))


def _read_workbook(folder: InputFolder, name: str, codes: Codes | None) -> Origin:
    findings = folder.findings
    unread = Origin(files=frozenset({name}), frames={}, whole=False, named=False)
    data = folder.read_bytes(name, largest=LARGEST_WORKBOOK)
    if data is None:
        return unread
    try:
        book = open_workbook(data)
    except BadWorkbookError as error:
        findings.problem(name, error.what, error.mend)
        return unread
    if book.macros:
        what = "The workbook holds macros: they were not looked at, and nothing of them was run."
        findings.note(name, what)
    if book.links:
        what = "Cells may take values from other workbooks: they were read as they were last saved."
        findings.note(name, what)
    found = _read_sheets(book, name, findings)
    if not found:
        has = list_some((repr(sheet.name) for sheet in book.sheets), 12) or "no sheets"
        what = f"No sheet has headings that are known here; it has {has}."
        findings.problem(name, what, "Use the workbook that provision-map template writes.")
        return unread
    resolvers = _list_resolvers(book, codes)
    return Reading(name, found, resolvers, findings).origin()


def _read_sheets(book: WorkbookFile, name: str, findings: Findings) -> dict[str, SheetTable]:
    """Return the sheet of each table; two of the same table are a problem, others are noted."""
    found: dict[str, SheetTable] = {}
    passed: list[str] = []
    for sheet in book.sheets:
        headings = find_headings(sheet)
        if headings is None:
            if sheet.scan.rows and not _is_made_here(sheet):
                passed.append(sheet.name)
            continue
        if _is_codes(sheet):
            continue
        table = read_sheet(sheet, headings, name, findings)
        twice = [other for other in table.covers if other in found]
        if twice:
            first = found[twice[0]].sheet.name
            what = f"This sheet and {first!r} both look like the sheet of {table.layout.name.lower()}: which is meant is not guessed."
            mend = "Bring their rows together in one sheet, or delete the other."
            findings.problem(table.label, what, mend)
        for other in table.covers - set(twice):
            found[other] = table
    if passed and found:
        what = (
            f"Not read, for no headings in them are known here: {list_some(map(repr, passed), 12)}."
        )
        findings.note(name, what)
    return found


def _is_made_here(sheet: Sheet) -> bool:
    """Whether this software wrote a sheet, to be read by people only."""
    first = say_cell(sheet.rows[0][0]) if sheet.rows and sheet.rows[0] else ""
    return first.startswith(MADE_HERE)


def _is_codes(sheet: Sheet) -> bool:
    return _code_heading_row(sheet) is not None


def _code_heading_row(sheet: Sheet) -> int | None:
    """Return the row, from 1, of the headings of a sheet of codes."""
    wanted = [loosen(text) for text in CODE_HEADINGS]
    for number, row in enumerate(sheet.rows[:30], start=1):
        if [loosen(say_cell(cell)) for cell in row[: len(wanted)]] == wanted:
            return number
    return None


def _list_resolvers(book: WorkbookFile, codes: Codes | None) -> dict[str, Resolver]:
    """Return, by list, what turns words into codes: the workbook's own list, and the exercise's."""
    pairs: dict[str, list[tuple[str, str]]] = {}
    for sheet in book.sheets:
        heading = _code_heading_row(sheet)
        for row in sheet.rows[heading:] if heading else ():
            of, label, code, name = (say_cell(cell).strip() for cell in row[:4])
            if of and code:
                texts = (label, name, f"{code} {name}")
                pairs.setdefault(of, []).extend((text, code) for text in texts if text)
    if codes is not None:
        known = {
            "elements": codes.elements,
            "outcomes": codes.outcomes,
            "communities": codes.communities,
            "places": codes.places,
            "areas": codes.areas,
        }
        for name, code in codes.names:
            for of, allowed in known.items():
                if allowed is not None and code in allowed:
                    pairs.setdefault(of, []).extend([(name, code), (f"{code} {name}", code)])
    return {of: Resolver.of(said) for of, said in pairs.items()}

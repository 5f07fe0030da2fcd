"""The tables of services as they were sent: text cells, read once more and apart from the reading."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from pathlib import Path

import pandas as pd

from provision_map.read.files.text import InputFolder, decode_text, parse_csv
from provision_map.read.findings import Findings
from provision_map.read.workbooks.file import open_workbook
from provision_map.read.workbooks.label import split_label
from provision_map.read.workbooks.parts import LARGEST_WORKBOOK, BadWorkbookError
from provision_map.read.workbooks.sheets import find_headings, read_sheet, take_columns

_TEXT = frozenset({".csv", ".txt", ".tsv"})
_BOOKS = frozenset({".xlsx", ".xlsm", ".ods"})


class AsSent:
    """The files of an exercise as text cells; what is wrong with them has been told."""

    def __init__(self, folder: Path, files: Collection[str]) -> None:
        """Hold the folder, and the names of the files that could be opened."""
        self._folder = InputFolder(folder, Findings())
        self._files = frozenset(files)
        self._books: dict[str, dict[tuple[str, str], pd.DataFrame]] = {}

    def was_read(self, file: str) -> bool:
        """Whether the file is there and could be opened."""
        return file in self._files

    def read_csv(self, file: str) -> pd.DataFrame | None:
        """Return a CSV file as text cells with ``_row``; None if it was not read, or is none."""
        if file not in self._files or Path(file).suffix.lower() not in _TEXT:
            return None
        return self._folder.read_table(file)

    def list_lost(self, file: str) -> Iterator[tuple[int, str]]:
        """Yield the rows of a CSV file that could not be used as they stand, and why."""
        if self._folder.lost_cells(file) == frozenset():
            return
        local = Findings()
        data = self._folder.read_bytes(file)
        text = None if data is None else decode_text(data, file=file, findings=local)
        if text is not None:
            parse_csv(text, file=file, findings=local)
        heading = self._folder.heading_row(file)
        for problem in local.problems:
            if problem.row is not None and problem.row > heading:
                yield problem.row, problem.what

    def read_sheet(self, label: str, table: str) -> pd.DataFrame | None:
        """Return the rows of a table on a sheet of a workbook, as :meth:`read_csv` does."""
        file, sheet = split_label(label)
        if not sheet or file not in self._files or Path(file).suffix.lower() not in _BOOKS:
            return None
        if file not in self._books:
            self._books[file] = self._open(file)
        return self._books[file].get((label, table))

    def list_sheets(self, file: str) -> dict[tuple[str, str], pd.DataFrame]:
        """Return all that a workbook gives, by label of the sheet and name of the table."""
        if Path(file).suffix.lower() not in _BOOKS or file not in self._files:
            return {}
        if file not in self._books:
            self._books[file] = self._open(file)
        return self._books[file]

    def _open(self, file: str) -> dict[tuple[str, str], pd.DataFrame]:
        data = self._folder.read_bytes(file, largest=LARGEST_WORKBOOK)
        found: dict[tuple[str, str], pd.DataFrame] = {}
        try:
            book = None if data is None else open_workbook(data)
        except BadWorkbookError:
            book = None
        for sheet in () if book is None else book.sheets:
            headings = find_headings(sheet)
            if headings is None:
                continue
            read = read_sheet(sheet, headings, file, Findings())
            for table in read.layout.tables:
                if table.name in read.covers:
                    found[read.label, table.name] = take_columns(read, table).reset_index(drop=True)
        return found

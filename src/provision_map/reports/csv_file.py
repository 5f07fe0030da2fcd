"""The gap register as CSV, for a spreadsheet or another program."""

from __future__ import annotations

import csv
from pathlib import Path

from provision_map.edition import Edition
from provision_map.reports.rows import REGISTER_COLUMNS, Cell, read_gap_rows
from provision_map.reports.text import guard_formula


def write_register_csv(edition: Edition, path: Path) -> None:
    """Write gap-register.csv: one row an entry, ``gap_id`` first, ``data_status`` last.

    UTF-8 with a byte order mark and CRLF line ends (RFC 4180), because that is what Excel opens
    as it is. Text that a spreadsheet would take for a formula gets a leading ``'``. A cell is
    blank where nothing was counted, which is not 0.
    """
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file, lineterminator="\r\n")
        writer.writerow([*(column.name for column in REGISTER_COLUMNS), "data_status"])
        status = guard_formula(edition.data_status)
        writer.writerows(
            [*(_write_cell(column.read(gap)) for column in REGISTER_COLUMNS), status]
            for gap in read_gap_rows(edition)
        )


def _write_cell(cell: Cell) -> str:
    if isinstance(cell, str):
        return guard_formula(cell)
    return "" if cell is None else f"{cell:.10g}"

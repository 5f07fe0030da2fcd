"""Every row of every table that came in: used, or left out, and why.

The files are counted anew, apart from the reading that the figures come from: a row that went lost
on the way shows here as left out for no reason that is known.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from provision_map.errors import Problem
from provision_map.read.inputs import Inputs
from provision_map.read.returned.account_tables import list_tables

USED, LEFT_OUT, SUSPECTED, TO_MEND = "used", "left out", "suspected duplicate", "to be mended"
ROWS = ("file", "table", "row", "id", "name", "fate", "reason")
COUNTS = ("file", "table", "rows", "used", "left_out", "suspected", "to_mend")


@dataclass(frozen=True)
class Account:
    """What became of every row.

    Attributes:
        counts: one row a file and table: rows in the file, used, left out; of those used, how many
            are suspected duplicates, and how many have problems. ``used`` and ``left_out`` add up
            to ``rows``.
        rows: one row for each finding of a row that is not plainly used; ``fate`` is left out,
            suspected duplicate or to be mended.

    """

    counts: pd.DataFrame
    rows: pd.DataFrame

    def count(self, column: str) -> int:
        """Return a sum over all files."""
        return int(self.counts[column].sum())


def account_rows(inputs: Inputs) -> Account:
    """Account for every row of every table that was read.

    Boundaries, sites, road links, travel times and lists of postcodes are no tables of records:
    they are not counted here.
    """
    suspected = _reasons_of_suspects(inputs)
    wrong = _reasons_of_problems(inputs.problems)
    lines: list[tuple[object, ...]] = []
    found: list[tuple[object, ...]] = []
    for counted in list_tables(inputs):
        file, table = counted.file, counted.table
        marked = {SUSPECTED: suspected if table == "services" else {}, TO_MEND: wrong}
        count = dict.fromkeys((LEFT_OUT, SUSPECTED, TO_MEND), 0)
        for row in counted.rows:
            if why := counted.why_left_out(row):
                count[LEFT_OUT] += 1
                found.append((file, table, row.row, row.id, row.name, LEFT_OUT, why))
                continue
            for fate, reasons in marked.items():
                told = reasons.get((file, row.row), ())
                count[fate] += bool(told)
                found += [(file, table, row.row, row.id, row.name, fate, why) for why in told]
        rows, left = len(counted.rows), count[LEFT_OUT]
        lines.append((file, table, rows, rows - left, left, count[SUSPECTED], count[TO_MEND]))
    return Account(
        pd.DataFrame(lines, columns=list(COUNTS)), pd.DataFrame(found, columns=list(ROWS))
    )


_Reasons = Mapping[tuple[str, int], list[str]]


def _reasons_of_suspects(inputs: Inputs) -> _Reasons:
    """Return, for both services of each pair, what the other is and what speaks for it."""
    told: dict[tuple[str, int], list[str]] = {}
    columns = ("service_id", "same_as", "file", "row", "same_file", "same_row", "why")
    for one, other, file, row, file2, row2, why in zip(
        *(inputs.suspects[name] for name in columns), strict=True
    ):
        told.setdefault((file, int(row)), []).append(f"{other} ({file2}, row {row2})? {why}")
        told.setdefault((file2, int(row2)), []).append(f"{one} ({file}, row {row})? {why}")
    return told


def _reasons_of_problems(problems: tuple[Problem, ...]) -> _Reasons:
    told: dict[tuple[str, int], list[str]] = {}
    for problem in problems:
        if problem.row is not None:
            where = f"{problem.column}: " if problem.column else ""
            why = f"{where}{problem.what} {problem.mend}".strip()
            told.setdefault((problem.file, problem.row), []).append(why)
    return told

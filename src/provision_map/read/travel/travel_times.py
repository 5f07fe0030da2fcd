"""Anybody's matrix of travel times as the table that reach hands on.

What the file leaves open is settled here: the mode, how far was searched, and which of several
times of one pair counts. How it is read stands in :mod:`.matrix_file`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from provision_map.errors import DataError, UsageError, warn
from provision_map.read.files.bulk import BulkTable, Floats, TextColumn
from provision_map.read.files.large import LARGEST_MATRIX, find_large
from provision_map.read.files.text import InputFolder
from provision_map.read.findings import Findings, count_of
from provision_map.read.travel.matrix_file import Rows, read_columns, tell_first
from provision_map.schema import quote
from provision_map.tables import TRAVEL_TIMES

Bools = npt.NDArray[np.bool_]

#: The way there may be longer than the way back by this much before it is noted.
_ASYMMETRY = 1.2

#: A bound that lies beyond the longest time by this much is asked about.
_SUSPECT = 1.2

#: The mode of services that come to people: no way that a matrix could tell.
OUTREACH = "outreach"


def read_travel_times(
    path: Path | str, *, searched_to: float | None = None, mode: str = "walk"
) -> pd.DataFrame:
    """Read a matrix of travel times, by whatever means it was made.

    A pair whose minutes are blank (or NaN) was searched and not reached within the bound: it stays
    in the table, without minutes. A pair that is not in the file was not reached either, if both
    of its ends stand somewhere in it; a home or service that stands nowhere was never searched,
    and shows as unknown.

    Ids are text, exactly as they stand: "007" is not "7". Modes are small letters with an
    underscore for a blank: "Public Transport" is "public_transport". Of a pair that stands twice
    for one mode the shorter time is taken. Times are of the way from home to service.

    Args:
        path: CSV (commas, semicolons, tabs or bars) or, with the extra "parquet", Parquet; up to
            2 GiB.
        searched_to: the bound of the search in minutes, where the file has no such column. Longer
            times count as beyond it. None: the longest time in the file, which is all that is
            certain.
        mode: how people travel, where the file has no such column.

    Returns:
        ``tables.TRAVEL_TIMES`` in the order of the file; minutes are NaN beyond ``searched_to``,
        metres where they are not known.

    Raises:
        UsageError: Parquet without the extra, or arguments that cannot be.
        DataError: every problem of the file at once, with its row.

    Warns:
        DataWarning: what was taken in a way that people should know of.

    """
    if searched_to is not None and not (math.isfinite(searched_to) and searched_to > 0):
        raise UsageError(f"searched_to is {searched_to}: give minutes above 0.")
    if not mode.strip():
        raise UsageError('mode is blank: say "walk", "public_transport", …')
    if spell_mode(mode) == OUTREACH:
        raise UsageError(f"mode is {mode}: so is called what comes to people. Name another.")
    path = Path(path)
    folder = InputFolder(path.parent, Findings())
    matrix = read_matrix(folder, path.name, searched_to=searched_to, mode=mode)
    if folder.findings.problems or matrix is None:
        raise DataError(folder.findings.sorted_problems())
    for note in folder.findings.sorted_notes():
        warn(note.file, note.what, note.mend, column=note.column)
    return matrix.to_frame()


@dataclass(frozen=True)
class Matrix:
    """Travel times as columns of one length; ``modes`` is None where all are of one mode."""

    from_ids: TextColumn
    to_ids: TextColumn
    modes: TextColumn
    minutes: Floats
    metres: Floats
    accuracy: Floats
    searched_to: Floats

    def take(self, rows: Bools | Rows) -> Matrix:
        """Return some of its rows."""
        from_ids, to_ids, modes = (
            TextColumn(column.codes[rows], column.texts)
            for column in (self.from_ids, self.to_ids, self.modes)
        )
        minutes, metres, accuracy, searched_to = (
            column[rows] for column in (self.minutes, self.metres, self.accuracy, self.searched_to)
        )
        return Matrix(from_ids, to_ids, modes, minutes, metres, accuracy, searched_to)

    def ids(self, side: str) -> list[str]:
        """Return the ids that stand on one side, "from_id" or "to_id", in order of appearance."""
        column = self.from_ids if side == "from_id" else self.to_ids
        codes = pd.unique(column.codes)
        return [column.texts[code] for code in codes]

    def to_frame(self) -> pd.DataFrame:
        """Return the declared table."""
        texts = {"from_id": self.from_ids, "to_id": self.to_ids, "mode": self.modes}
        columns = {name: pd.Series(c.cells(), dtype=object) for name, c in texts.items()}
        numbers = {
            "minutes": self.minutes,
            "metres": self.metres,
            "accuracy": self.accuracy,
            "searched_to": self.searched_to,
        }
        frame = pd.DataFrame({**columns, **{name: pd.Series(n) for name, n in numbers.items()}})
        return frame[TRAVEL_TIMES.names()]


def read_matrix(
    folder: InputFolder, name: str, *, searched_to: float | None, mode: str
) -> Matrix | None:
    """Read and check a matrix; faults become Problems. None where nothing of it can be used."""
    path = find_large(folder, name, largest=LARGEST_MATRIX)
    if path is None:
        return None
    findings = folder.findings
    before = len(findings.problems)
    found = read_columns(path, name, findings)
    if found is None:
        return None
    table, rows = found
    matrix = _settle(table, rows, name, findings, searched_to=searched_to, mode=mode)
    if len(findings.problems) > before:
        return None
    matrix = _take_least(matrix, name, findings)
    _note_asymmetry(matrix, name, findings)
    return matrix


def _settle(
    table: BulkTable,
    rows: Rows,
    file: str,
    findings: Findings,
    *,
    searched_to: float | None,
    mode: str,
) -> Matrix:
    """Fill in what the file leaves to the caller: the mode and the bound of the search."""
    length = table.length
    nothing = np.full(length, np.nan)
    numbers = {name: column.values for name, column in table.numbers.items()}
    minutes = numbers["minutes"]
    bound = numbers.get("searched_to", nothing)
    over = np.flatnonzero(minutes > bound)
    told = (
        (int(rows[n]), f"{minutes[n]:g} minutes are beyond searched_to, {bound[n]:g}.")
        for n in over
    )
    tell_first(
        findings, file, told, "Correct one of the two.", column="searched_to", count=len(over)
    )
    open_ended = np.isnan(bound)
    if open_ended.any():
        limit = _find_bound(minutes[open_ended], file, findings, searched_to=searched_to)
        bound = np.where(open_ended, limit, bound)
        beyond = open_ended & (minutes > limit)
        if beyond.any():
            times = count_of(int(beyond.sum()), "time is", "times are")
            count = "counts" if int(beyond.sum()) == 1 else "count"
            what = f"{times} longer than searched_to, {limit:g} minutes, and {count} as beyond it."
            findings.note(file, what)
            minutes = np.where(beyond, np.nan, minutes)
    modes = table.texts.get("mode", TextColumn(np.zeros(length, dtype=np.int32), [mode]))
    modes = modes.mapped([spell_mode(text or mode) for text in modes.texts])
    taken = np.flatnonzero(modes.where(lambda text: text == OUTREACH))
    coming = ((int(rows[n]), f"{OUTREACH} is no way to travel.") for n in taken)
    mend = "So is called what comes to people, as the services say. Leave these rows out."
    tell_first(findings, file, coming, mend, column="mode", count=len(taken))
    accuracy = np.nan_to_num(numbers.get("accuracy", nothing), nan=0.0)
    return Matrix(
        table.texts["from_id"],
        table.texts["to_id"],
        modes,
        minutes,
        numbers.get("metres", nothing),
        accuracy,
        bound,
    )


def spell_mode(mode: str) -> str:
    """Write a mode in the one way in which modes are compared.

    >>> spell_mode(" Public Transport")
    'public_transport'
    """
    return "_".join(mode.casefold().split())


def _find_bound(
    minutes: Floats, file: str, findings: Findings, *, searched_to: float | None
) -> float:
    """Return the bound of the search; where nobody says it, the longest time that was found."""
    known = minutes[~np.isnan(minutes)]
    longest = float(known.max()) if len(known) else 0.0
    if searched_to is not None:
        if searched_to > _SUSPECT * longest > 0:
            what = f"The longest time is {longest:g} minutes: was it searched to {searched_to:g}?"
            mend = "If not, say how far; what lies beyond is unknown, not out of reach."
            findings.note(file, what, mend)
        return searched_to
    if longest <= 0:
        what = "Nothing says how far was searched: there is no time above 0 in it."
        findings.problem(file, what, "Add a column searched_to, or say it: searched_to = 60.")
        return 1.0
    what = f"Nothing says how far was searched: the longest time, {longest:g} minutes, was taken."
    findings.note(file, what, "Add a column searched_to, or say it: searched_to = 60.")
    return longest


def _take_least(matrix: Matrix, file: str, findings: Findings) -> Matrix:
    """Keep, of rows of the same pair and mode, the one with the least minutes."""
    keys = _pair_keys(
        [
            (column.codes, len(column.texts))
            for column in (matrix.from_ids, matrix.to_ids, matrix.modes)
        ]
    )
    repeated = pd.Series(keys).duplicated(keep=False).to_numpy()
    if not repeated.any():
        return matrix
    where = np.flatnonzero(repeated)
    # A time that is known is less than none; equal times stay in the order of the file.
    order = where[np.lexsort((where, matrix.minutes[where], keys[where]))]
    first = np.ones(len(order), dtype=bool)
    first[1:] = keys[order[1:]] != keys[order[:-1]]
    kept = ~repeated
    kept[order[first]] = True
    least = matrix.minutes[order[first]][np.cumsum(first) - 1]
    differs = ~((matrix.minutes[order] == least) | np.isnan(least))
    groups = np.unique((np.cumsum(first) - 1)[differs])
    if len(groups):
        n = order[first][groups[0]]
        pair = f"{matrix.from_ids.texts[matrix.from_ids.codes[n]]} to {matrix.to_ids.texts[matrix.to_ids.codes[n]]}"
        what = f"Pairs that stand more than once with different minutes ({len(groups):,}), as {quote(pair)}: the least was taken."
        findings.note(file, what)
    return matrix.take(kept)


def _pair_keys(parts: Sequence[tuple[npt.NDArray[np.int32], int]]) -> Rows:
    """Return one number for each combination of codes."""
    keys = np.zeros(len(parts[0][0]), dtype=np.int64)
    for codes, size in parts:
        # 2³¹ homes × 2³¹ services do not fit; no file of 2 GiB holds a thousandth of them.
        keys = keys * max(size, 1) + codes
    return keys


def _note_asymmetry(matrix: Matrix, file: str, findings: Findings) -> None:
    """Note where the way back is known too and takes another time: only the way there counts."""
    number = {text: n for n, text in enumerate(matrix.from_ids.texts)}
    shared = np.array([number.get(text, -1) for text in matrix.to_ids.texts], dtype=np.int64)
    known = shared[matrix.to_ids.codes] >= 0 if len(shared) else np.zeros(0, dtype=bool)
    if not known.any():
        return
    some = matrix.take(known & ~np.isnan(matrix.minutes))
    size = len(number)
    there, back = some.from_ids.codes.astype(np.int64), shared[some.to_ids.codes]
    modes = some.modes.codes.astype(np.int64) * size * size
    forth = pd.Index(modes + there * size + back)
    at = forth.get_indexer(pd.Index(modes + back * size + there))
    pairs = (at >= 0) & (there < back)
    one, other = some.minutes[pairs], some.minutes[at[pairs]]
    uneven = np.maximum(one, other) > _ASYMMETRY * np.minimum(one, other)
    if uneven.any():
        ways = count_of(int(pairs.sum()), "pair", "pairs")
        takes = count_of(int(uneven.sum()), "takes", "take")
        what = (
            f"Of {ways} whose way back stands here too, {takes} over "
            "20 % longer one way than the other: the way from from_id to to_id is used."
        )
        findings.note(file, what)

"""Anybody's matrix of travel times, as CSV or Parquet, as the table that reach hands on.

Columns: ``from_id``, ``to_id``, ``minutes``; optional ``mode``, ``metres``, ``accuracy``,
``searched_to``. The names that r5py and r5r write are understood too: ``travel_time``, and
``travel_time_p50`` where several percentiles stand side by side.
"""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from provision_map.errors import DataError, UsageError, warn
from provision_map.read.bulk import (
    BulkTable,
    Floats,
    NumberColumn,
    TextColumn,
    open_bulk,
    parse_number,
)
from provision_map.read.findings import Findings, count_of, list_some
from provision_map.read.large import LARGEST_MATRIX, find_large
from provision_map.read.text import InputFolder
from provision_map.schema import COLUMN_MISSING, Spelling, match_headings, quote
from provision_map.tables import TRAVEL_TIMES

Bools = npt.NDArray[np.bool_]
Rows = npt.NDArray[np.int64]

_IDS = ("from_id", "to_id")
_OPTIONAL_NUMBERS = ("metres", "accuracy", "searched_to")
_PERCENTILE = re.compile(r"travel_time_p[0-9]{1,2}")
_MEDIAN = "travel_time_p50"
_PARQUET = (".parquet", ".pq", ".geoparquet")

#: Rows of one kind of fault that are told one by one; the rest are counted.
_SHOWN = 4

#: The way there may be longer than the way back by this much before it is noted.
_ASYMMETRY = 1.2

#: A bound that lies beyond the longest time by this much is asked about.
_SUSPECT = 1.2

#: The mode of services that come to people: no way that a matrix could tell.
OUTREACH = "outreach"

_MOST_ROWS = 200_000_000
_MOST_ASKED = 20


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
    read = _read_parquet if _is_parquet(path) else _read_csv
    found = read(path, name, findings)
    if found is None:
        return None
    minutes, raw = found
    table, rows = _drop_blank(raw)
    if not len(rows):
        if len(findings.problems) == before:
            what = "The table is empty: it has headings only."
            findings.problem(name, what, "Fill it in.")
        return None
    _check_ids(table, rows, name, findings)
    _check_numbers(table, rows, name, findings, minutes=minutes)
    if len(findings.problems) > before:
        return None
    matrix = _settle(table, rows, name, findings, searched_to=searched_to, mode=mode)
    if len(findings.problems) > before:
        return None
    matrix = _take_least(matrix, name, findings)
    _note_asymmetry(matrix, name, findings)
    return matrix


def _is_parquet(path: Path) -> bool:
    if path.suffix.lower() in _PARQUET:
        return True
    with path.open("rb") as file:
        return file.read(4) == b"PAR1"


# ---------------------------------------------------------------- columns


def _choose_columns(
    headings: Sequence[str], row: int, file: str, findings: Findings
) -> tuple[list[str], str, list[str]] | None:
    """Return the columns of text, the one of minutes, and the other numbers; None if some lack."""
    minutes = _choose_minutes(headings, file, findings)
    wanted = [*_IDS, "minutes", "mode", *_OPTIONAL_NUMBERS]
    known = {*wanted, minutes}
    unread = [name for name in headings if name not in known and not _PERCENTILE.fullmatch(name)]
    absent = [
        name for name in wanted if name not in headings and not (name == "minutes" and minutes)
    ]
    # Names that other software gives to the same things are no slip of the pen, but as near.
    slips = match_headings(unread, absent) | _other_names(unread, absent)
    for name in absent:
        theirs = next((heading for heading, ours in slips.items() if ours == name), None)
        mend = f"Add a heading {name}."
        if theirs is not None:
            mend = f"Write the heading {quote(theirs)} as {name}."
        if name in _IDS or name == "minutes":
            findings.problem(file, COLUMN_MISSING, mend, row=row, column=name)
        elif theirs is not None:
            what = "This column was not read."
            findings.note(file, what, f"Did you mean {name!r}?", row=row, column=theirs)
    if minutes is None or any(name not in headings for name in _IDS):
        return None
    texts = [*_IDS, *(["mode"] if "mode" in headings else [])]
    return texts, minutes, [name for name in _OPTIONAL_NUMBERS if name in headings]


_OTHER_NAMES = {
    "from_id": ("fromId", "origin", "origin_id", "orig_id", "o"),
    "to_id": ("toId", "destination", "destination_id", "dest_id", "d"),
    "minutes": ("time", "travel_minutes", "duration", "cost"),
    "metres": ("distance", "meters", "distance_m"),
}  # fmt: skip


def _other_names(unread: Sequence[str], absent: Sequence[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for ours in absent:
        lower = {other.lower() for other in _OTHER_NAMES.get(ours, ())}
        for heading in unread:
            near = ours == "minutes" and Spelling(["travel_time"]).nearest(heading)
            if near or heading.lower() in lower:
                found.setdefault(heading, ours)
    return found


def _choose_minutes(headings: Sequence[str], file: str, findings: Findings) -> str | None:
    """Return the column of minutes, by our name or by those of r5py."""
    for name in ("minutes", "travel_time"):
        if name in headings:
            return name
    percentiles = [name for name in headings if _PERCENTILE.fullmatch(name)]
    if not percentiles:
        return None
    chosen = _MEDIAN if _MEDIAN in percentiles else percentiles[0]
    if chosen != _MEDIAN and len(percentiles) > 1:
        what = f"Of {', '.join(percentiles[:10])} none is the median, {_MEDIAN}."
        findings.problem(file, what, "Name the one to be read minutes.", column=chosen)
    what = f"The minutes were read from {chosen}."
    findings.note(file, what, column=chosen)
    return chosen


def _read_csv(path: Path, file: str, findings: Findings) -> tuple[str, BulkTable] | None:
    """Return the heading of the minutes, and the table."""
    csv = open_bulk(path, file, findings)
    if csv is None:
        return None
    chosen = _choose_columns(csv.headings, csv.heading_row, file, findings)
    if chosen is None:
        return None
    texts, minutes, numbers = chosen
    try:
        table = csv.read(texts=texts, numbers=[minutes, *numbers])
    except (ValueError, OverflowError, MemoryError) as error:
        said = str(error).splitlines() or [type(error).__name__]
        what = f"The table cannot be read: {said[0].rstrip('.')}."
        findings.problem(file, what, "Save it again.")
        return None
    return minutes, _rename_minutes(table, minutes)


def _rename_minutes(table: BulkTable, name: str) -> BulkTable:
    numbers = {("minutes" if key == name else key): value for key, value in table.numbers.items()}
    return BulkTable(table.texts, numbers, table.first_row, table.length)


def _read_parquet(path: Path, file: str, findings: Findings) -> tuple[str, BulkTable] | None:
    """Return the heading of the minutes, and the table."""
    try:
        import pyarrow as pa  # noqa: PLC0415 - an optional dependency
        import pyarrow.parquet as pq  # noqa: PLC0415
    except ImportError as error:
        message = (
            f"{file} is a Parquet file, and reading it needs more. "
            'Install it: pip install "provision-map[parquet]". Or save the file as CSV.'
        )
        raise UsageError(message) from error
    try:
        with pq.ParquetFile(path) as parquet:
            if parquet.metadata.num_rows > _MOST_ROWS:
                what = f"The file has {parquet.metadata.num_rows:,} rows; at most {_MOST_ROWS:,} are read."
                findings.problem(file, what, "Cut it down to the area of the exercise.")
                return None
            chosen = _choose_columns(parquet.schema_arrow.names, 1, file, findings)
            if chosen is None:
                return None
            texts, minutes, numbers = chosen
            table = parquet.read(columns=list(dict.fromkeys([*texts, minutes, *numbers])))
        found = BulkTable(
            {name: _arrow_texts(table.column(name)) for name in texts},
            {name: _arrow_numbers(table.column(name)) for name in (minutes, *numbers)},
            2,
            table.num_rows,
        )
    except (pa.lib.ArrowException, OSError, ValueError, KeyError, TypeError, MemoryError) as error:
        said = str(error).replace(str(path), file).splitlines() or [type(error).__name__]
        what = f"The table cannot be read: {said[0].rstrip('.')}."
        findings.problem(file, what, "Save it again, as CSV or Parquet.")
        return None
    return minutes, _rename_minutes(found, minutes)


def _arrow_texts(column: Any) -> TextColumn:  # noqa: ANN401 - pyarrow is optional
    """Return a column as text; 7 and 7.0 are the code "7", none is ""."""
    encoded = column.combine_chunks()
    if not hasattr(encoded, "dictionary"):
        encoded = encoded.dictionary_encode()
    values = [_say_code(value) for value in encoded.dictionary.to_pylist()]
    codes = np.asarray(encoded.indices.fill_null(len(values)), dtype=np.int32)
    return TextColumn(codes, [*values, ""]).mapped([*values, ""])


def _say_code(value: object) -> str:
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, bytes):
        return value.decode("utf-8", errors="replace")
    if not isinstance(value, str | int | float):
        message = f"a code is a {type(value).__name__}, not text"
        raise TypeError(message)
    return str(value)


def _arrow_numbers(column: Any) -> NumberColumn:  # noqa: ANN401 - pyarrow is optional
    import pyarrow as pa  # noqa: PLC0415 - as above

    kind = column.type
    if pa.types.is_dictionary(kind):
        column = column.cast(kind.value_type)
        kind = column.type
    if pa.types.is_null(kind):
        return NumberColumn(np.full(len(column), np.nan))
    if pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind):
        floats = column.cast(pa.float64(), safe=False).combine_chunks()
        return NumberColumn(np.asarray(floats.to_numpy(zero_copy_only=False), dtype=np.float64))
    texts = _arrow_texts(column)
    parsed = [parse_number(text) for text in texts.texts]
    values = np.array([np.nan if value is None else value for value in parsed], dtype=np.float64)
    wrong = np.array([value is None for value in parsed], dtype=bool)
    cells = np.flatnonzero(wrong[texts.codes])
    bad = {int(cell): texts.texts[texts.codes[cell]] for cell in cells[:_MOST_ASKED]}
    return NumberColumn(values[texts.codes], bad, len(cells))


# ---------------------------------------------------------------- checks


def _drop_blank(table: BulkTable) -> tuple[BulkTable, Rows]:
    """Leave out rows in which nothing stands; return the others, with the row of each."""
    texts = {name: column.strip() for name, column in table.texts.items()}
    filled = np.zeros(table.length, dtype=bool)
    for column in texts.values():
        filled |= column.where(bool)
    for numbers in table.numbers.values():
        filled |= ~np.isnan(numbers.values)
        filled[list(numbers.bad)] = True
    kept = np.flatnonzero(filled)
    rows = kept.astype(np.int64) + table.first_row
    if len(kept) == table.length:
        return BulkTable(texts, table.numbers, table.first_row, table.length), rows
    new_place = np.cumsum(filled) - 1
    chosen = {
        name: NumberColumn(
            column.values[kept],
            {int(new_place[cell]): text for cell, text in column.bad.items()},
            column.bad_count,
        )
        for name, column in table.numbers.items()
    }
    coded = {name: TextColumn(column.codes[kept], column.texts) for name, column in texts.items()}
    return BulkTable(coded, chosen, table.first_row, len(kept)), rows


def _tell(
    findings: Findings,
    file: str,
    cells: Iterable[tuple[int, str]],
    mend: str,
    *,
    column: str,
    count: int,
) -> None:
    """Tell the first rows that have a fault, one by one, and count the others."""
    shown = 0
    for row, what in cells:
        if shown == _SHOWN:
            break
        findings.problem(file, what, mend, row=row, column=column)
        shown += 1
    if count > shown:
        what = f"…and {count - shown:,} more rows with a problem of this kind in the column."
        findings.problem(file, what, mend, column=column)


def _check_ids(table: BulkTable, rows: Rows, file: str, findings: Findings) -> None:
    for name in _IDS:
        blank = np.flatnonzero(table.texts[name].where(lambda text: not text))
        told = ((int(rows[n]), "The cell is empty.") for n in blank)
        _tell(findings, file, told, "It must be given.", column=name, count=len(blank))


def _check_numbers(
    table: BulkTable, rows: Rows, file: str, findings: Findings, *, minutes: str
) -> None:
    for name, column in table.numbers.items():
        heading = minutes if name == "minutes" else name
        said = ((int(rows[n]), f"{quote(text)} is not a number.") for n, text in column.bad.items())
        mend = "Give a number, or leave it blank where it was searched and not reached."
        if name != "minutes":
            mend = "Give a number, or leave it blank."
        if any("," in text for text in column.bad.values()):
            mend = "Write a point for the comma of a fraction, and no comma between thousands."
        _tell(findings, file, said, mend, column=heading, count=column.bad_count)
        values = column.values
        low = values <= 0 if name == "searched_to" else values < 0
        wrong = np.flatnonzero(low | np.isinf(values))
        told = ((int(rows[n]), _say_wrong(values[n], name)) for n in wrong)
        _tell(findings, file, told, "Check the cell.", column=heading, count=len(wrong))


def _say_wrong(value: float, name: str) -> str:
    if math.isinf(value):
        return (
            f"{value:g} is no length of time." if name == "minutes" else f"{value:g} is infinite."
        )
    return f"{value:g} is not above 0." if name == "searched_to" else f"{value:g} is below 0."


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
    _tell(findings, file, told, "Correct one of the two.", column="searched_to", count=len(over))
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
    _tell(findings, file, coming, mend, column="mode", count=len(taken))
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


# ---------------------------------------------------------------- in an exercise


@dataclass(frozen=True)
class Ends:
    """What a matrix of an exercise may speak of.

    Attributes:
        homes: by code of a point, the place it is of; a place is a point of its own.
        services: codes of all services; None: a fault, told already, leaves that open.
        needed: codes of those that people go to; one that only comes to them needs no way.
        neighbours: codes of neighbouring places, whose children compete.
        accuracy: by code of a service, metres walked that its position leaves open.

    """

    homes: dict[str, str]
    services: frozenset[str] | None
    needed: tuple[str, ...]
    neighbours: frozenset[str]
    accuracy: dict[str, float]


def read_exercise_times(
    folder: InputFolder, name: str, ends: Ends, *, searched_to: float | None, mode: str
) -> pd.DataFrame | None:
    """Read the matrix of an exercise, for its own homes and services; None where that cannot be.

    Rows of others are passed over and counted: a matrix may be of a larger area. Of what is ours
    and stands in rows with others only, one such row is kept: it was searched, and without it
    nobody would know. What the matrix does not speak of at all was not searched, and is named.
    """
    matrix = read_matrix(folder, name, searched_to=searched_to, mode=mode)
    if matrix is None:
        return None
    findings = folder.findings
    known = {*ends.homes, *ends.neighbours}
    ours = _match(matrix, "from_id", known or None, name, findings)
    sited = _match(matrix, "to_id", ends.services, name, findings)
    if ours is None or sited is None:
        return None
    if not (ours & sited).any():
        what = "No row goes from a home of this exercise to one of its services."
        findings.problem(name, what, "Name another file.")
        return None
    _note_unsearched(matrix, ends, name, findings)
    kept = matrix.take(ours & sited | _evidence(matrix.from_ids, ours, sited) | _evidence(matrix.to_ids, sited, ours))  # fmt: skip
    if not kept.accuracy.any():
        open_metres = np.array([ends.accuracy.get(code, 0.0) for code in kept.to_ids.texts])
        kept = replace(kept, accuracy=open_metres[kept.to_ids.codes])
    return kept.to_frame()


def _evidence(ids: TextColumn, ours: Bools, partners: Bools) -> Bools:
    """Choose the first row of each of our ids that stands in no row with a partner of ours."""
    paired = np.zeros(len(ids.texts), dtype=bool)
    paired[ids.codes[ours & partners]] = True
    alone = np.flatnonzero(ours & ~paired[ids.codes])
    _, first = np.unique(ids.codes[alone], return_index=True)
    chosen = np.zeros(len(ids.codes), dtype=bool)
    chosen[alone[first]] = True
    return chosen


def _match(
    matrix: Matrix, side: str, known: Collection[str] | None, file: str, findings: Findings
) -> Bools | None:
    """Say of each row whether this end of it is known; None and a Problem where none is."""
    column = matrix.from_ids if side == "from_id" else matrix.to_ids
    if known is None:
        return np.ones(len(column.codes), dtype=bool)
    found = column.where(lambda text: text in known)
    what_it_is = "place or home" if side == "from_id" else "service"
    given = matrix.ids(side)
    others = [code for code in given if code not in known]
    if not others:
        return found
    spelling = Spelling(sorted(known))
    ask = next((ask for ask in map(spelling.ask, others[:_MOST_ASKED]) if ask), "")
    if not found.any():
        what = f"None of its {side} is a {what_it_is} of this exercise; the first is {quote(others[0])}."
        mend = f"{ask} Use the codes of this exercise, as {quote(min(known))}." if known else ask
        findings.problem(file, what, mend.strip() or "Correct the codes.", column=side)
        return None
    rows = count_of(int((~found).sum()), "row was", "rows were")
    are = "is" if len(others) == 1 else "are"
    what = (
        f"{rows} passed over: {len(others):,} of {len(given):,} different codes {are} no {what_it_is} of "
        f"this exercise ({list_some(quote(code) for code in others)})."
    )
    findings.note(file, what, ask, column=side)
    return found


def _note_unsearched(matrix: Matrix, ends: Ends, file: str, findings: Findings) -> None:
    """Name the places, homes and services that the matrix does not speak of."""
    said = set(matrix.ids("from_id"))
    searched = {place for code, place in ends.homes.items() if code in said}
    places = dict.fromkeys(ends.homes.values())
    missing = [place for place in places if place not in searched]
    if missing:
        what = f"Places that were not searched from ({len(missing):,}): {list_some(missing)}. What they reach is unknown."
        findings.note(file, what, "Add them to the matrix.", column="from_id")
    # Of a place none of whose points stands there, its own code is where its people live.
    by_point = {place for code, place in ends.homes.items() if code in said and code != place}
    points = [
        code
        for code, place in ends.homes.items()
        if code not in said and place in by_point and code != place
    ]
    if points:
        what = f"Homes that were not searched from ({len(points):,}): {list_some(points)}. What they reach is unknown."
        findings.note(file, what, "Add them to the matrix.", column="from_id")
    reached = set(matrix.ids("to_id"))
    sites = [code for code in ends.needed if code not in reached]
    if sites:
        what = f"Services that were not searched for ({len(sites):,}): {list_some(sites)}. Who reaches them is unknown."
        findings.note(file, what, "Add them to the matrix.", column="to_id")
    if ends.neighbours and not ends.neighbours & said:
        what = "No neighbouring place was searched from: their children do not compete in it."
        findings.note(file, what, column="from_id")


def bound_of(raw: object) -> float | None:
    """Return the bound of the search that the settings themselves give; None: the file's own.

    The default of the settings is no answer: how far a file was searched is the file's to say.

    >>> bound_of({"reach": {"searched_to": 60}}), bound_of({"reach": {}})
    (60.0, None)
    """
    reach = raw.get("reach") if isinstance(raw, dict) else None
    said = reach.get("searched_to") if isinstance(reach, dict) else None
    return float(said) if isinstance(said, int | float) else None

"""The file of a matrix of travel times, CSV or Parquet, as columns of text and of numbers.

Columns: ``from_id``, ``to_id``, ``minutes``; optional ``mode``, ``metres``, ``accuracy``,
``searched_to``. The names that r5py and r5r write are understood too: ``travel_time``, and
``travel_time_p50`` where several percentiles stand side by side.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from provision_map.errors import UsageError
from provision_map.read.files.bulk import (
    BulkTable,
    NumberColumn,
    TextColumn,
    open_bulk,
    parse_number,
)
from provision_map.read.findings import Findings
from provision_map.schema import COLUMN_MISSING, Spelling, match_headings, quote

Rows = npt.NDArray[np.int64]

_IDS = ("from_id", "to_id")
_OPTIONAL_NUMBERS = ("metres", "accuracy", "searched_to")
_PERCENTILE = re.compile(r"travel_time_p[0-9]{1,2}")
_MEDIAN = "travel_time_p50"
_PARQUET = (".parquet", ".pq", ".geoparquet")
_OTHER_NAMES = {
    "from_id": ("fromId", "origin", "origin_id", "orig_id", "o"),
    "to_id": ("toId", "destination", "destination_id", "dest_id", "d"),
    "minutes": ("time", "travel_minutes", "duration", "cost"),
    "metres": ("distance", "meters", "distance_m"),
}  # fmt: skip

#: Rows of one kind of fault that are told one by one; the rest are counted.
_SHOWN = 4

_MOST_ROWS = 200_000_000
_MOST_QUOTED = 20


def read_columns(path: Path, file: str, findings: Findings) -> tuple[BulkTable, Rows] | None:
    """Read a matrix and check it cell by cell; faults become Problems, and then there is None.

    Returns:
        texts "from_id", "to_id" and, where it stands there, "mode"; numbers "minutes" and such of
        "metres", "accuracy", "searched_to" as stand there, NaN where blank. Blank rows are left
        out; beside the columns is the row of the file of each.

    Raises:
        UsageError: Parquet without the extra.

    """
    before = len(findings.problems)
    read = _read_parquet if _is_parquet(path) else _read_csv
    found = read(path, file, findings)
    if found is None:
        return None
    minutes, raw = found
    table, rows = _drop_blank(raw)
    if not len(rows):
        if len(findings.problems) == before:
            what = "The table is empty: it has headings only."
            findings.problem(file, what, "Fill it in.")
        return None
    _check_ids(table, rows, file, findings)
    _check_numbers(table, rows, file, findings, minutes=minutes)
    return None if len(findings.problems) > before else (table, rows)


def tell_first(
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
    bad = {int(cell): texts.texts[texts.codes[cell]] for cell in cells[:_MOST_QUOTED]}
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


def _check_ids(table: BulkTable, rows: Rows, file: str, findings: Findings) -> None:
    for name in _IDS:
        blank = np.flatnonzero(table.texts[name].where(lambda text: not text))
        told = ((int(rows[n]), "The cell is empty.") for n in blank)
        tell_first(findings, file, told, "It must be given.", column=name, count=len(blank))


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
        tell_first(findings, file, said, mend, column=heading, count=column.bad_count)
        values = column.values
        low = values <= 0 if name == "searched_to" else values < 0
        wrong = np.flatnonzero(low | np.isinf(values))
        told = ((int(rows[n]), _say_wrong(values[n], name)) for n in wrong)
        tell_first(findings, file, told, "Check the cell.", column=heading, count=len(wrong))


def _say_wrong(value: float, name: str) -> str:
    if math.isinf(value):
        return (
            f"{value:g} is no length of time." if name == "minutes" else f"{value:g} is infinite."
        )
    return f"{value:g} is not above 0." if name == "searched_to" else f"{value:g} is below 0."

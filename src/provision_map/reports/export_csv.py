"""An exercise's data as CSV: its own tables as they can be read again, and what was measured."""

from __future__ import annotations

import csv
import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from provision_map import tables
from provision_map.edition import Edition
from provision_map.reports.export_layers import (
    SOURCE_COLUMNS,
    count_children,
    describe_export,
    read_cells,
)
from provision_map.reports.geopackage import Layer
from provision_map.reports.rows import REGISTER_COLUMNS
from provision_map.reports.text import clean, clean_list, guard_formula
from provision_map.schema import Column, Table

#: What an exercise's own folder holds of services, and may be given on. Participation never is.
GIVEN_TABLES = (
    tables.ORGANISATIONS,
    tables.SERVICES,
    tables.SESSIONS,
    tables.TERM_DATES,
    tables.QUALITY,
    tables.RETURNS,
    tables.PRACTICE,
)
_STATUS = "What the data is: blank for real data."
_PLACES = tuple(c for c in tables.PLACES.columns if c.kind != "geometry")


def write_table(frame: pd.DataFrame, table: Table, path: Path, *, status: str) -> None:
    """Write a table of the data dictionary as the exercise's own CSV files have it.

    Read again it is what it was: a number that was blank, "tbd", "none" or "withheld" is written
    in that word. Text that a spreadsheet would take for a formula gets a leading ``'``, and keeps
    it when read again.
    """
    columns = [column for column in table.columns if not column.computed]
    cells = [_write_column(frame, column) for column in columns]
    _write(path, [column.name for column in columns], zip(*cells, strict=True), status=status)


def write_places_csv(edition: Edition, path: Path) -> None:
    """Write places.csv: one row a place, with the point where its people live."""
    cells = [_write_column(edition.places, column) for column in _PLACES]
    children = count_children(edition).sum(axis=1, min_count=1)
    _write(
        path,
        [*(column.name for column in _PLACES), "children"],
        zip(*cells, map(_write_number, children), strict=True),
        status=edition.data_status,
    )


def write_people_csv(edition: Edition, path: Path) -> None:
    """Write people.csv: one row a place, one column a single year of age; everyone together.

    The form that ``[people.ages]`` reads. Communities are not in it: their counts are small.
    """
    wide = count_children(edition)
    rows = ([clean(code), *map(_write_number, row)] for code, row in zip(wide.index, wide.to_numpy(), strict=True))  # fmt: skip
    _write(path, ["place_id", *map(str, wide.columns)], rows, status=edition.data_status)


def write_layer_csv(layer: Layer, path: Path) -> None:
    """Write a layer without its shapes; ``data_status`` stands last in it."""
    heading = [str(name) for name in layer.frame.columns if name != "geometry"]
    rows = ([_write_cell(cell) for cell in row] for row in read_cells(layer.frame))
    _write(path, heading, rows)


def write_sources_csv(edition: Edition, path: Path) -> None:
    """Write sources.csv: what it was made from, with licences; the export itself comes first."""
    about = describe_export(edition)
    own = [about["title"], f"{about['place']}, made by {about['made_by']}", "", about["date"]]
    rows = [own, *([source[name] for name in SOURCE_COLUMNS] for source in about["sources"])]
    guarded = ([guard_formula(cell) for cell in row] for row in rows)
    _write(path, SOURCE_COLUMNS, guarded, status=edition.data_status)


def write_columns_csv(edition: Edition, coverage: Layer, path: Path) -> None:
    """Write columns.csv: what each column of the other files means, in what unit."""
    rows: list[tuple[str, str, str, str, str]] = []
    for table in GIVEN_TABLES:
        given = [column for column in table.columns if not column.computed]
        rows += [_describe(f"{table.name}.csv", column) for column in given]
    rows += [_describe("places.csv", column) for column in _PLACES]
    rows.append(("places.csv", "children", "number", "children", "All ages that were counted."))
    rows.append(("people.csv", "place_id", "text", "", "Code of the place."))
    rows += [
        ("people.csv", str(name), "number", "children", f"Everyone aged {str(name)[4:]}.")
        for name in count_children(edition).columns
    ]
    rows += _describe_coverage(coverage)
    rows += [
        ("gaps.csv", c.name, "text" if c.kind == "text" else "number", "", f"{c.heading}.")
        for c in REGISTER_COLUMNS
    ]
    _write(path, ("file", "column", "kind", "unit", "meaning"), rows, status=edition.data_status)


def _describe(file: str, column: Column) -> tuple[str, str, str, str, str]:
    words = f" One of: {', '.join(column.values)}." if column.values else ""
    return file, column.name, column.kind, column.unit, column.description + words


def _describe_coverage(coverage: Layer) -> Iterator[tuple[str, str, str, str, str]]:
    known: dict[str, Column] = {column.name: column for column in tables.COVERAGE.columns}
    ours = {
        "element": "The element in words.",
        "place": "Name of the place.",
        "neighbourhood": "Name of the neighbourhood it lies in.",
        "uncovered": "Share of the children who are certainly not covered: the causes together.",
        "unknown": "Share of whom it cannot be told: the unknowns together.",
        "data_status": _STATUS,
    }
    for name in map(str, coverage.frame.columns):
        if name == "geometry":
            continue
        column = known.get(name)
        if name in ours or column is None:
            kind = "number" if coverage.frame[name].dtype.kind == "f" else "text"
            yield "coverage.csv", name, kind, "", ours.get(name, "")
        else:
            yield _describe("coverage.csv", column)


def _write_column(frame: pd.DataFrame, column: Column) -> list[str]:
    values = frame[column.name]
    if not column.keeps_words:
        return [_write_value(value, column) for value in values]
    said = frame[f"{column.name}_said"]
    return [_write_said(*pair, column) for pair in zip(values, said, strict=True)]


def _write_said(value: float, said: object, column: Column) -> str:
    """Write a number, or the word that stood in its place.

    A number that was filled in where nothing was given is written as a number.
    """
    if said == "none" and column.none_means == value:
        return "none"
    if np.isnan(value):
        return clean(said) if said in ("tbd", "withheld") else ""
    return "none" if np.isinf(value) else _write_number(value)


def _write_value(value: Any, column: Column) -> str:  # noqa: ANN401 - a cell of any kind
    if column.kind in ("integer", "number"):
        return _write_number(value)
    if column.kind == "list":
        return guard_formula(";".join(clean_list(value)))
    if column.kind == "yes_no":
        return "" if value == "unknown" else clean(value)
    if isinstance(value, dt.time):
        return "24:00" if value == dt.time.max else f"{value:%H:%M}"
    # pandas' NaT is a date to Python, and says so of itself.
    if isinstance(value, dt.date) and not pd.isna(value):
        return value.isoformat()[:10]
    return guard_formula(value)


def _write_number(value: float | None) -> str:
    """Write a number in full, so that it is the same number when read again.

    >>> _write_number(7.0), _write_number(0.1), _write_number(None), _write_number(-2.25)
    ('7', '0.1', '', '-2.25')
    """
    if value is None or np.isnan(value):
        return ""
    return str(int(value)) if float(value).is_integer() else repr(float(value))


def _write_cell(cell: object) -> str:
    if cell is None:
        return ""
    # Ten digits, as the run's own tables: what a sum leaves beyond them is no figure.
    return f"{cell:.10g}" if isinstance(cell, float) else guard_formula(cell)


def _write(
    path: Path,
    heading: Sequence[str],
    rows: Iterable[Sequence[str]],
    *,
    status: str | None = None,
) -> None:
    """Write UTF-8 with a byte order mark and CRLF line ends, as spreadsheets open it.

    With ``status`` a last column data_status is added.
    """
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file, lineterminator="\r\n")
        ending = [] if status is None else [guard_formula(status)]
        writer.writerow([*heading, *(["data_status"] if status is not None else [])])
        writer.writerows([*row, *ending] for row in rows)

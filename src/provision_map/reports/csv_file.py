"""The gap register, and what is in reach of each place, as CSV: for a spreadsheet or a program."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from pathlib import Path

import pandas as pd

from provision_map.edition import Edition
from provision_map.reports.rows import REGISTER_COLUMNS, Cell, read_gap_rows
from provision_map.reports.text import clean, guard_formula, number
from provision_map.reports.units import say_unit
from provision_map.schema import each_row

#: What every table of places begins with.
_PLACE = ("offer", "element", "element_name", "place_id", "place", "neighbourhood")
_WEEK = ("weekday", "slot", "children", "reached_percent", "possible_percent", "hours", "empty")
_PARTS = ("part", "children", "reached_percent", "possible_percent")
_ACCESS = (
    "counts", "children", "catchment_minutes", "e2sfca", "e2sfca_smaller", "e2sfca_larger",
    "two_sfca", "m2sfca", "bfca", "basis", "edge_affected", "unknown_capacity",
)  # fmt: skip
#: Below these a figure has two decimals, one, none.
_SMALL, _TEN, _HUNDRED = 0.1, 10.0, 100.0
#: Columns of words; the others are numbers.
_TEXTS = ("weekday", "slot", "empty", "part", "counts", "basis", "edge_affected")


def write_register_csv(edition: Edition, path: Path) -> None:
    """Write gap-register.csv: one row an entry, ``gap_id`` first, ``data_status`` last.

    UTF-8 with a byte order mark and CRLF line ends (RFC 4180), because that is what Excel opens
    as it is. Text that a spreadsheet would take for a formula gets a leading ``'``. A cell is
    blank where nothing was counted, which is not 0.
    """
    _write(
        path,
        [column.name for column in REGISTER_COLUMNS],
        ([column.read(gap) for column in REGISTER_COLUMNS] for gap in read_gap_rows(edition)),
        status=edition.data_status,
    )


def write_week_csv(edition: Edition, path: Path) -> None:
    """Write week.csv: one row for each element, place, weekday and slot.

    ``reached_percent`` of the children certainly have something open to them; ``possible_percent``
    with everything that is not known taken as good. ``hours`` of the slot are covered on average:
    two clubs at the same hour are one hour. ``empty`` is unknown where something may be open.
    """
    _write(path, (*_PLACE, *_WEEK), _read(edition, edition.week, _WEEK), status=edition.data_status)


def write_parts_csv(edition: Edition, path: Path) -> None:
    """Write parts.csv: one row for each element, place and part of its standard.

    A part is a holiday or a type of space; ``need`` is the level that is tested, other names are
    further levels.
    """
    rows = _read(edition, edition.parts, _PARTS)
    _write(path, (*_PLACE, *_PARTS), rows, status=edition.data_status)


def write_accessibility_csv(edition: Edition, path: Path) -> None:
    """Write accessibility.csv: one row for each element and place.

    An index of supply against demand, per 100 children, comparable only within one element:
    ``counts`` says what is counted, places or place-hours a week. ``e2sfca_smaller`` and
    ``e2sfca_larger`` are for a catchment a quarter smaller and larger.
    """
    codes = edition.accessibility["element_id"].astype(object)
    units = {code: say_unit(edition, clean(code)) for code in codes.unique()}
    frame = edition.accessibility.assign(counts=codes.map(units))
    _write(path, (*_PLACE, *_ACCESS), _read(edition, frame, _ACCESS), status=edition.data_status)


def _read(edition: Edition, frame: pd.DataFrame, columns: Sequence[str]) -> Iterable[list[Cell]]:
    """Read a table of places row by row, with the names of what it holds codes of."""
    places = edition.places
    ids = places["place_id"].astype(object)
    names = dict(zip(ids, zip(places["name"], places["neighbourhood"], strict=True), strict=True))
    elements = {code: e.name for code, e in edition.framework.elements.items()}
    offers = {offer.id: offer.name for offer in edition.framework.offers}
    sources = [column.removesuffix("_percent") for column in columns]
    wanted = frame[["offer_id", "element_id", "place_id", *sources]]
    for offer, element, place, *values in each_row(wanted):
        cells = [_read_cell(c, value) for c, value in zip(columns, values, strict=True)]
        name, hood = names.get(place, ("", ""))
        yield [
            clean(offers.get(offer, offer)), clean(element), clean(elements.get(element)),
            clean(place), clean(name), clean(hood), *cells,
        ]  # fmt: skip


def _read_cell(column: str, value: object) -> Cell:
    if column in _TEXTS:
        return clean(value)
    figure = number(value)
    if figure is None:
        return None
    return round(figure * 100, 1) if column.endswith("_percent") else _round_figure(figure)


def _round_figure(figure: float) -> float:
    """Round as far as a figure is good for; what is not nothing is never 0.

    >>> _round_figure(0.004217), _round_figure(3.14159), _round_figure(31.4159), _round_figure(314.159)
    (0.0042, 3.14, 31.4, 314.0)
    """
    size = abs(figure)
    if size < _SMALL:
        return float(f"{figure:.2g}")
    return round(figure, 2 if size < _TEN else 1 if size < _HUNDRED else 0)


def _write(
    path: Path, heading: Sequence[str], rows: Iterable[Sequence[Cell]], *, status: str
) -> None:
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file, lineterminator="\r\n")
        writer.writerow([*heading, "data_status"])
        guarded = guard_formula(status)
        writer.writerows([*map(_write_cell, row), guarded] for row in rows)


def _write_cell(cell: Cell) -> str:
    if isinstance(cell, str):
        return guard_formula(cell)
    return "" if cell is None else f"{cell:.10g}"

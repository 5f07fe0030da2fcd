"""Sheets of the workbook that say what is in reach: by the hour, by part, and as an index."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby

import numpy as np
import pandas as pd
from xlsxwriter.workbook import Workbook
from xlsxwriter.worksheet import Worksheet

from provision_map.edition import Edition
from provision_map.phrases import say_catchment
from provision_map.places.areas import neighbourhood_of
from provision_map.reports.averages import average_over_places
from provision_map.reports.sheets import (
    AMBER,
    GREEN,
    GREY,
    RED,
    Cell,
    Formats,
    SheetColumn,
    colour_shares,
    colour_words,
    write_notes,
    write_rows,
)
from provision_map.reports.text import clean
from provision_map.reports.units import say_unit
from provision_map.schema import each_row
from provision_map.tables import WEEKDAYS

#: Stand in a cell for "nothing is open" and "not known".
EMPTY, UNKNOWN = "–", "?"
WHEN_NOTE = (
    "Share of the children of the Offer's ages, in per cent, who certainly have at least half an hour of it open to them, within the standard's distance.",
    f"{EMPTY} nothing can be open to any of them.  {UNKNOWN} not known: for none it is certain, for some it may be.  Two clubs at the same hour are one, never two.",
    "Services open to everyone count, whatever their places and quality: this is what is open, not who is covered.",
)
PARTS_NOTE = (
    "Which holidays and types of space reach how many of the children of the Offer's ages, each within its own distance.",
    "Then the need that is tested, and further levels of the standard. At most: with everything that is not known taken as good.",
    "Services open to everyone count, whatever their places and quality.",
)
ACCESS_NOTE = (
    "An index of supply against demand: places in reach for each 100 children (for elements that count hours: place-hours a week). It does not say who is covered.",
    "Comparable only within one element. The headline is E2SFCA: what is nearer counts more, and all children in reach share it. 2SFCA: near and far count alike.",
    "M2SFCA: counts what siting loses.  BFCA: shares each service out so that nobody counts twice.  Edge: places whose catchment reaches beyond the area of which people are known.",
    "Unstable: a catchment a quarter smaller or larger would more than double it, or more than halve it.  Basis: incomplete where some ways were not searched, or not every source has answered; blank figures where nothing was searched.",
)
_WEEK = range(5)
#: Slot, day of the week, heading; the columns of "When".
_SLOTS = (
    *(("after school", day) for day in _WEEK),
    *(("evening", day) for day in _WEEK),
    ("weekend", 5),
    ("weekend", 6),
    *(("holiday", day) for day in range(7)),
)
_BANDS: Mapping[str, str] = {
    "after school": "After school, 15-18",
    "evening": "Evening, 18-22",
    "weekend": "Weekend",
    "holiday": "Holidays, any hour",
}
#: Rows of one element; where there are more, the table holds them all.
MOST_ROWS = 200
#: The headline is unstable where a quarter more or less of a catchment changes it by this factor.
_UNSTABLE = 2.0
_LEVELS = {"need": "need (tested)"}
_FIGURES = (
    "e2sfca", "e2sfca_smaller", "e2sfca_larger", "two_sfca", "m2sfca", "bfca",
)  # fmt: skip


@dataclass(frozen=True)
class _Named:
    """A table of places with their neighbourhoods and the names of their elements.

    A place in no neighbourhood stands for itself.
    """

    edition: Edition

    def name(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Add ``hood``, its code, to a table, and order it by element and neighbourhood."""
        hoods = self.hoods["key"].to_dict()
        order = {name: n for n, name in enumerate(dict.fromkeys(hoods.values()))}
        elements = {code: n for n, code in enumerate(self.edition.framework.elements)}
        codes = frame["element_id"].astype(object)
        own = frame.assign(hood=frame["place_id"].astype(object).map(hoods).fillna(""))
        keys = pd.DataFrame(
            {
                "element": codes.map(elements).fillna(len(elements)).to_numpy(dtype=float),
                "hood": own["hood"].map(order).fillna(len(order)).to_numpy(dtype=float),
            },
            index=own.index,
        )
        return own.loc[keys.sort_values(["element", "hood"], kind="stable").index]

    @cached_property
    def hoods(self) -> pd.DataFrame:
        """Code and name of each place's neighbourhood, by place."""
        return neighbourhood_of(self.edition.places)

    @cached_property
    def names(self) -> dict[object, str]:
        """The name of each neighbourhood, by code."""
        return dict(zip(self.hoods["key"], map(clean, self.hoods["label"]), strict=True))

    def say_hood(self, code: object) -> str:
        """Name a neighbourhood, or a place in none, by its code."""
        return self.names.get(code, "") or clean(code)

    def say_element(self, code: object) -> str:
        """Name an element by its code."""
        element = self.edition.framework.elements.get(clean(code))
        return element.name if element else ""


def _cut_rows(rows: Sequence[list[Cell]], file: str, *, hood: int) -> list[list[Cell]]:
    """Keep the first rows of each element, and point to the table that holds the rest.

    Args:
        rows: of a sheet, element by element, whose code and name come first.
        file: where all rows are.
        hood: column of the neighbourhood.

    """
    kept: list[list[Cell]] = []
    for _, group in groupby(rows, key=lambda row: row[0]):
        own = list(group)
        kept += own[:MOST_ROWS]
        if len(own) > MOST_ROWS:
            blank: list[Cell] = [""] * (len(own[0]) - 2)
            blank[hood - 2] = f"and {len(own) - MOST_ROWS:,} rows more: {file}"
            kept.append([*own[0][:2], *blank])
    return kept


# ---------------------------------------------------------------- when


def write_when(sheet: Worksheet, book: Workbook, formats: Formats, edition: Edition) -> None:
    """Write "When": neighbourhood × element, and the share of children for each slot of the week."""
    named = _Named(edition)
    averaged = average_over_places(
        named.name(edition.week),
        ["element_id", "hood", "slot", "weekday"],
        ["reached", "possible"],
    )
    rows: dict[tuple[str, object], dict[tuple[str, int], Cell]] = {}
    for element, hood, slot, weekday, reached, possible in each_row(
        averaged[["element_id", "hood", "slot", "weekday", "reached", "possible"]]
    ):
        cells = rows.setdefault((clean(element), hood), {})
        cells[clean(slot), WEEKDAYS.index(clean(weekday))] = _say_slot(reached, possible)
    columns = [SheetColumn("Element", 8), SheetColumn("Element in words", 44)]
    columns += [SheetColumn("Neighbourhood", 22)]
    columns += [SheetColumn(WEEKDAYS[day], 6, "share") for _, day in _SLOTS]
    columns += [SheetColumn("Data", 20)]
    status = clean(edition.data_status)
    every: list[list[Cell]] = [
        [
            code, named.say_element(code), named.say_hood(hood),
            *(cells.get(slot, "") for slot in _SLOTS), status,
        ]
        for (code, hood), cells in rows.items()
    ]  # fmt: skip
    written = _cut_rows(every, "week.csv", hood=2)
    top = len(WHEN_NOTE) + 1
    write_rows(sheet, columns, written, formats, corner=(top, 3), printed=len(columns) - 1)
    write_notes(sheet, WHEN_NOTE, formats)
    said = ""
    for c, (slot, _) in enumerate(_SLOTS, start=3):
        if slot == said:
            sheet.write_blank(top - 1, c, None, formats.band)
        else:
            sheet.write_string(top - 1, c, _BANDS[slot], formats.band)
        said = slot
    area = (top + 1, 3, top + max(len(written), 1), len(columns) - 2)
    colour_words(book, sheet, area, {EMPTY: RED, UNKNOWN: GREY})
    colour_shares(book, sheet, area, low=AMBER, high=GREEN)


def _say_slot(reached: float, possible: float) -> Cell:
    if np.isnan(reached):
        return ""
    if reached > 0:
        return reached * 100
    return UNKNOWN if possible > 0 else EMPTY


# ---------------------------------------------------------------- parts


def write_parts(sheet: Worksheet, formats: Formats, edition: Edition) -> None:
    """Write "Parts": element, part and neighbourhood with the shares of children who reach it."""
    named = _Named(edition)
    averaged = average_over_places(
        named.name(edition.parts), ["element_id", "hood", "part"], ["reached", "possible"]
    )
    columns = [
        SheetColumn("Element", 8), SheetColumn("Element in words", 44),
        SheetColumn("Part", 22), SheetColumn("Neighbourhood", 24),
        SheetColumn("Children", 10, "whole"), SheetColumn("Reached, %", 10, "percent"),
        SheetColumn("At most, %", 10, "percent"), SheetColumn("Data", 20),
    ]  # fmt: skip
    status = clean(edition.data_status)
    rows: list[list[Cell]] = []
    for element, hood, part, children, reached, possible in each_row(
        averaged[["element_id", "hood", "part", "children", "reached", "possible"]]
    ):
        code, piece = clean(element), clean(part)
        rows.append(
            [
                code, named.say_element(code), _LEVELS.get(piece, piece), named.say_hood(hood), children,
                _percent(reached), _percent(possible), status,
            ]
        )  # fmt: skip
    written = _cut_rows(rows, "parts.csv", hood=3)
    write_rows(sheet, columns, written, formats, corner=(len(PARTS_NOTE), 4), printed=7)
    write_notes(sheet, PARTS_NOTE, formats)


def _percent(share: float) -> Cell:
    return None if np.isnan(share) else share * 100


# ---------------------------------------------------------------- access


def write_access(sheet: Worksheet, formats: Formats, edition: Edition) -> None:
    """Write "Access": element × neighbourhood with the floating catchments."""
    named = _Named(edition)
    own = named.name(edition.accessibility)
    averaged = average_over_places(own, ["element_id", "hood"], list(_FIGURES))
    places = own.assign(
        edge=own["edge_affected"].astype(object) == "yes",
        element_id=own["element_id"].astype(object),
    ).groupby(["element_id", "hood"], sort=False)
    counted = places.agg(
        places=("place_id", "size"), edge=("edge", "sum"), unknown=("unknown_capacity", "max"),
        basis=("basis", _join_basis), minutes=("catchment_minutes", "first"),
    )  # fmt: skip
    columns = [
        SheetColumn("Element", 8), SheetColumn("Element in words", 42),
        SheetColumn("Neighbourhood", 23), SheetColumn("Counts", 12),
        SheetColumn("Children", 9, "whole"), SheetColumn("Catchment", 19),
        SheetColumn("E2SFCA per 100 children", 10, "index"),
        SheetColumn("Catchment 25% smaller", 10, "index"),
        SheetColumn("Catchment 25% larger", 10, "index"),
        SheetColumn("2SFCA", 8, "index"), SheetColumn("M2SFCA", 8, "index"),
        SheetColumn("BFCA", 8, "index"), SheetColumn("Stability", 10), SheetColumn("Basis", 12),
        SheetColumn("Edge", 10),
        SheetColumn("Services left out: places not known", 13, "whole"), SheetColumn("Data", 20),
    ]  # fmt: skip
    rows: list[list[Cell]] = []
    for row in each_row(averaged[["element_id", "hood", "children", *_FIGURES]]):
        element, hood, children, *figures = row
        here = counted.loc[(element, hood)]
        code = clean(element)
        rows.append(
            [
                code, named.say_element(code), named.say_hood(hood),
                say_unit(edition, code).removesuffix(" a week"), children,
                say_catchment(edition, code, float(here["minutes"])),
                *(None if np.isnan(figure) else figure for figure in figures),
                _say_stability(*figures[:3]), clean(here["basis"]),
                _say_edge(int(here["edge"]), int(here["places"])),
                None if np.isnan(here["unknown"]) else float(here["unknown"]),
                clean(edition.data_status),
            ]
        )  # fmt: skip
    written = _cut_rows(rows, "accessibility.csv", hood=2)
    write_rows(
        sheet, columns, written, formats, corner=(len(ACCESS_NOTE), 3), printed=len(columns) - 1
    )
    write_notes(sheet, ACCESS_NOTE, formats)


def _join_basis(bases: pd.Series) -> str:
    """Bring the bases of places together: complete only where all are."""
    found = set(bases.astype(object))
    return str(found.pop()) if len(found) == 1 else "incomplete"


def _say_stability(headline: float, smaller: float, larger: float) -> str:
    """Say where another catchment would more than double the headline, or more than halve it."""
    around = [figure for figure in (smaller, larger) if not np.isnan(figure)]
    off = any(figure > _UNSTABLE * headline or figure * _UNSTABLE < headline for figure in around)
    return "unstable" if off and not np.isnan(headline) else ""


def _say_edge(count: int, places: int) -> str:
    if count in (0, places):
        return "yes" if count else "no"
    return f"{count} of {places}"


#: Of each sheet its name, and what "Read me" says of it.
REACH_SHEETS: Mapping[str, str] = {
    "When": "When something is open: the share of children for each part of the week.",
    "Parts": "Holidays and types of space one by one, and further levels of a standard.",
    "Access": "Places in reach per 100 children: an index of supply against demand.",
}


def list_reach_sheets(edition: Edition) -> Sequence[str]:
    """List the sheets for which the edition has figures."""
    frames = {"When": edition.week, "Parts": edition.parts, "Access": edition.accessibility}
    return [name for name, frame in frames.items() if len(frame)]


#: Why a sheet, and the table of the same figures, is without rows.
_WHY_NONE: Mapping[str, str] = {
    "When": "No element of these Offers asks for hours, days or holidays: week.csv is without rows.",
    "Parts": "No element of these Offers asks for holidays or types of space: parts.csv is without rows.",
    "Access": "No service says how many places it has and when: accessibility.csv is without rows.",
}


def list_left_out(edition: Edition) -> Mapping[str, str]:
    """List the sheets for which the edition has no figures, and why."""
    there = list_reach_sheets(edition)
    return {name: why for name, why in _WHY_NONE.items() if name not in there}

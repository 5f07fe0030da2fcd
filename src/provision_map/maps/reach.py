"""What is in reach, for the page: when something is open, and places for each hundred children."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from provision_map.coverage.time_view import SLOTS
from provision_map.edition import Edition, Travel
from provision_map.maps.palette import draw_ramp
from provision_map.model import Element
from provision_map.phrases import say_catchment
from provision_map.tables import WEEKDAYS

#: The index of accessibility is told in hundredths.
HUNDREDTHS = 100
#: Colours of a map of the index, with that for none at all.
MOST_CLASSES = 7
#: Where this share of places lies, the open class begins: one far outlier leaves the rest apart.
_MOST_PLACES = 0.95
#: How complete a figure is, in the page's order.
BASES = ("complete", "incomplete", "not searched")
_ROUND = (1, 2, 2.5, 5, 10)
_CELLS = tuple((slot.name, WEEKDAYS[day]) for slot in SLOTS for day in slot.weekdays)


def describe_week(
    edition: Edition, elements: Sequence[str], places: Sequence[str]
) -> list[dict[str, Any] | None]:
    """Describe for each element what is open when, in whole per cents of a place's children.

    Args:
        edition: what may be shown.
        elements: codes in the order that the page numbers them.
        places: likewise.

    Returns:
        For each element None, or ``rows``: every different week, as certain and possible per cent
        of each of :func:`list_slots`; and ``at``: each place's row, -1 where it is not due.

    """
    found: list[dict[str, Any] | None] = []
    for element in elements:
        own = edition.week[edition.week["element_id"] == element]
        found.append(None if own.empty else _lay_week(own, places))
    return found


def list_slots() -> list[list[str]]:
    """List the slots of the week in the page's order: name and weekday."""
    return [list(cell) for cell in _CELLS]


def _lay_week(own: pd.DataFrame, places: Sequence[str]) -> dict[str, Any]:
    cells = pd.MultiIndex.from_tuples(_CELLS)
    slot = cells.get_indexer(
        pd.MultiIndex.from_arrays([own["slot"].astype(object), own["weekday"].astype(object)])
    )
    place = pd.Index(places).get_indexer(pd.Index(own["place_id"].astype(object)))
    known = (slot >= 0) & (place >= 0)
    table = np.full((len(places), len(_CELLS), 2), -1, dtype=int)
    for n, column in enumerate(("reached", "possible")):
        shares = own[column].to_numpy(dtype=float)
        table[place[known], slot[known], n] = [_to_percent(share) for share in shares[known]]
    rows: dict[tuple[int, ...], int] = {}
    at = []
    for here in table.reshape(len(places), -1).tolist():
        week = tuple(here)
        at.append(-1 if max(week) < 0 else rows.setdefault(week, len(rows)))
    return {"rows": [list(week) for week in rows], "at": at}


def _to_percent(share: float) -> int:
    """Round to whole per cents; only none is 0, and only all is 100."""
    if math.isnan(share):
        return -1
    whole = round(100 * share)
    if 0 < share < 1:
        return min(max(whole, 1), 99)
    return whole


def describe_access(
    edition: Edition, elements: Sequence[str], places: Sequence[str]
) -> list[dict[str, Any] | None]:
    """Describe for each element the index of supply against demand, by place.

    Args:
        edition: what may be shown.
        elements: codes in the order that the page numbers them.
        places: likewise.

    Returns:
        For each element None, or ``catchment`` in words, ``unit``, ``limits`` (upper limits
        of the classes; the last class is open), ``colours`` and, for each place, ``values``,
        ``smaller``, ``larger`` (None where there is none), ``edge`` (1 or 0), ``basis`` (its place
        in :data:`BASES`) and ``unknown`` (services left out). Figures are in hundredths.

    """
    known = edition.framework.elements
    found: list[dict[str, Any] | None] = []
    for code in elements:
        own = edition.accessibility[edition.accessibility["element_id"] == code]
        found.append(None if own.empty else _describe_element(own, known[code], places))
        if found[-1] is not None:
            minutes = float(own["catchment_minutes"].iloc[0])
            found[-1]["catchment"] = say_catchment(edition, code, minutes)
    return found


def _describe_element(own: pd.DataFrame, element: Element, places: Sequence[str]) -> dict[str, Any]:
    at = own.set_index(own["place_id"].astype(object)).reindex(list(places))
    values = at["e2sfca"].to_numpy(dtype=float)
    limits = choose_limits(values)
    return {
        "unit": "place-hours a week" if element.standard.unit == "hours" else "places",
        "limits": limits,
        "colours": draw_ramp("there", len(limits) + 1),
        "values": _hundredths(values),
        "smaller": _hundredths(at["e2sfca_smaller"].to_numpy(dtype=float)),
        "larger": _hundredths(at["e2sfca_larger"].to_numpy(dtype=float)),
        "edge": [int(edge == "yes") for edge in at["edge_affected"].astype(object)],
        "basis": [BASES.index(b) if b in BASES else 0 for b in at["basis"].astype(object)],
        "unknown": [0 if math.isnan(n) else int(n) for n in at["unknown_capacity"].astype(float)],
    }


def _hundredths(values: Sequence[float] | np.ndarray[Any, Any]) -> list[int | None]:
    """Round to hundredths; what is not nothing is never 0."""
    return [
        None if math.isnan(v) else max(round(v * HUNDREDTHS), int(v > 0))
        for v in map(float, values)
    ]


def choose_limits(values: Sequence[float] | np.ndarray[Any, Any]) -> list[int]:
    """Choose round upper limits, in hundredths, for at most seven classes; the last one is open.

    None at all is a class of its own. Above it stand equal steps, or 1, 2, 5, 10, …, whichever
    leaves fewer places in its fullest class: what is in reach is often little in most places and
    much in a few.

    >>> choose_limits([0.0, 3.0, 8.0, 13.0, 21.0])
    [0, 500, 1000, 1500, 2000]
    >>> choose_limits([0.5, 0.6, 1.5, 1.6, 4.0, 70.0])
    [0, 100, 200, 500, 1000, 2000]
    >>> choose_limits([0.0, 0.0])
    [0]
    """
    known = np.asarray(values, dtype=float)
    # As they are shown: what is not nothing is a hundredth at least.
    known = np.maximum(known[known > 0], 1 / HUNDREDTHS)
    if not len(known):
        return [0]
    choices = [_equal_steps(known), _growing_steps(known)]
    fullest = [np.bincount(np.searchsorted(limits, known)).max() for limits in choices]
    limits = choices[int(np.argmin(fullest))]
    return [0, *dict.fromkeys(max(1, round(limit * HUNDREDTHS)) for limit in limits)]


def _equal_steps(known: np.ndarray[Any, Any]) -> list[float]:
    top = float(np.quantile(known, _MOST_PLACES))
    steps = MOST_CLASSES - 2
    size = 10.0 ** math.floor(math.log10(top / steps))
    step = next(size * n for n in _ROUND if size * n * steps >= top * (1 - 1e-9))
    return [step * n for n in range(1, steps + 1) if step * n < known.max()]


def _growing_steps(known: np.ndarray[Any, Any]) -> list[float]:
    lowest = math.floor(math.log10(known.min()))
    highest = math.floor(math.log10(known.max()))
    series = [n * 10.0**power for power in range(lowest, highest + 1) for n in (1, 2, 5)]
    limits = [n for n in series if known.min() < n < known.max()]
    most = MOST_CLASSES - 2
    windows = [limits[n : n + most] for n in range(max(1, len(limits) - most + 1))]
    return min(windows, key=lambda w: int(np.bincount(np.searchsorted(w, known)).max()))


def describe_travel(travel: Travel, detour: float) -> str:
    """Say below the distances of a card how they come about."""
    if travel.basis == "straight_line":
        start = "On foot, estimated: the straight line from where most people live"
        return f"{start} × {detour:g}."
    how = {"streets": travel.words.capitalize(), "file": "As the given travel times say"}
    return f"{how.get(travel.basis, travel.words)}, the mean of the people who live here."

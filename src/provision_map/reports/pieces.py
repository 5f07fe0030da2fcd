"""The parts of a standard, and the week, said for the places of one gap."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import pandas as pd

from provision_map.edition import Edition
from provision_map.model import Standard
from provision_map.reports import words
from provision_map.reports.averages import average_over_places
from provision_map.reports.text import clean
from provision_map.schema import each_row
from provision_map.schema.wording import join_words
from provision_map.tables import SLOTS, WEEKDAYS

#: The level of a standard that is tested.
_NEED = "need"
_COUNTED = "Services open to everyone count, whatever their places and quality."
#: A slot is empty where there is nothing for this share of the children.
_MOST = 0.5
#: Slots whose days need other words after them, or none.
_APART = {"weekend": "", "holiday": " in holidays"}
#: Shares nearer than this are said alike.
_SAME = 0.005


def say_pieces(edition: Edition, element_id: str, places: Sequence[str]) -> list[str]:
    """Say which parts and levels of a standard reach how many of the children of some places."""
    own = _own(edition.parts, element_id, places)
    element = edition.framework.elements.get(element_id)
    if own.empty or element is None:
        return []
    rows = average_over_places(own, ["part"], ["reached", "possible"])
    levels = {_NEED: element.standard.need, **element.standard.levels}
    shares = {
        clean(part): _say_share(reached, possible)
        for part, reached, possible in each_row(rows[["part", "reached", "possible"]])
    }
    parts = [f"{part} {share}" for part, share in shares.items() if part not in levels]
    said = [f"Children of these places, of all ages of the Offer, who reach {'; '.join(parts)}."]
    named = [
        f"{_say_level(level, levels[level], element.standard)} {share}"
        for level, share in shares.items()
        if level in levels
    ]
    begin = "Together: " if parts else "Children of these places who reach "
    levelled = f"{begin}{'; '.join(named)}." if named else ""
    return [*(said if parts else []), f"{levelled} {_COUNTED}".strip()]


def _say_level(level: str, need: float, standard: Standard) -> str:
    name = "the test" if level == _NEED else level
    required = f", {join_words(standard.required)} among them" if level == _NEED and standard.required else ""  # fmt: skip
    return f"{name} ({need:g}{required})"


def _say_share(reached: float, possible: float) -> str:
    if np.isnan(reached):
        return "not counted"
    certain = words.say_percent(reached)
    more = possible - reached > _SAME
    return f"{certain} (up to {words.say_percent(possible)})" if more else certain


def say_week(edition: Edition, element_id: str, places: Sequence[str]) -> list[str]:
    """Say at which times nothing is open to over half of the children of some places."""
    own = _own(edition.week, element_id, places)
    if own.empty:
        return []
    rows = average_over_places(own, ["slot", "weekday"], ["reached", "possible"])
    nothing, something, doubtful = [], [], []
    for slot, weekday, reached, possible in each_row(
        rows[["slot", "weekday", "reached", "possible"]]
    ):
        cell = (clean(slot), clean(weekday))
        if possible < _MOST:
            nothing.append(cell)
        elif reached < _MOST:
            doubtful.append(cell)
        else:
            something.append(cell)
    said = []
    if nothing:
        said.append(f"Nothing for over half of their children: {say_cells(nothing)}.")
    if doubtful:
        said.append(f"Cannot be told whether for half of them: {say_cells(doubtful)}.")
    if something:
        said.append(f"Something for half of them or more: {say_cells(something)}.")
    return said


def say_cells(cells: Iterable[tuple[str, str]]) -> str:
    """Say slots of the week, days that follow each other together.

    >>> say_cells([("evening", "Monday"), ("evening", "Tuesday"), ("weekend", "Sunday")])
    'Monday and Tuesday evening; Sunday'
    """
    days: dict[str, list[int]] = {}
    for slot, weekday in cells:
        days.setdefault(slot, []).append(WEEKDAYS.index(weekday))
    named: dict[tuple[str, str], list[str]] = {}
    for slot in sorted(days, key=SLOTS.index):
        # After school and evening of the same days are said in one breath.
        kind = slot if slot in _APART else ""
        named.setdefault((kind, say_days(days[slot])), []).append(slot)
    said = []
    for (kind, when), slots in named.items():
        after = _APART[kind] if kind else f" {join_words(slots)}"
        said.append(f"{when}{after}")
    return "; ".join(said)


def say_days(days: Iterable[int]) -> str:
    """Say days of the week, three and more in a row as a span.

    >>> say_days([0, 1, 2, 4]), say_days([5, 6])
    ('Monday to Wednesday and Friday', 'Saturday and Sunday')
    """
    runs: list[list[int]] = []
    for day in sorted(days):
        if runs and day == runs[-1][-1] + 1:
            runs[-1].append(day)
        else:
            runs.append([day])
    names: list[str] = []
    for run in runs:
        spelt = [WEEKDAYS[day] for day in run]
        names += [f"{spelt[0]} to {spelt[-1]}"] if len(run) > 2 else spelt  # noqa: PLR2004
    return join_words(names)


def _own(frame: pd.DataFrame, element_id: str, places: Sequence[str]) -> pd.DataFrame:
    if frame.empty:
        return frame
    return frame[(frame["element_id"] == element_id) & frame["place_id"].isin(list(places))]

"""The time view: what is open when, by weekday and slot, within reach of each place's children."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd

from provision_map.coverage import week
from provision_map.coverage.bitsets import Words
from provision_map.coverage.classes import join_frames
from provision_map.coverage.reach_of_homes import ElementReach, bits_met, reach_homes, shares_met
from provision_map.model import Element, Framework
from provision_map.tables import SLOTS as SLOT_NAMES
from provision_map.tables import WEEK, WEEKDAYS


@dataclass(frozen=True)
class Slot:
    """A part of some days of the week: hours of the day, in a week of term or of holidays."""

    name: str
    weekdays: Sequence[int]
    start: int
    end: int
    in_holidays: bool = False

    @property
    def hours(self) -> int:
        """How long it is on one day."""
        return self.end - self.start


_AFTER_SCHOOL, _EVENING, _WEEKEND, _HOLIDAY = SLOT_NAMES

#: In the order in which people say them; the hours are this project's.
SLOTS = (
    Slot(_AFTER_SCHOOL, range(5), 15, 18),
    Slot(_EVENING, range(5), 18, 22),
    Slot(_WEEKEND, range(5, 7), 0, 24),
    Slot(_HOLIDAY, range(7), 0, 24, in_holidays=True),
)


def has_sessions(element: Element) -> bool:
    """Whether an element is a matter of when: its standard counts hours, days or holidays."""
    return element.standard.unit in ("hours", "days", "holidays")


def measure_week(
    places: gpd.GeoDataFrame,
    people: pd.DataFrame,
    services: pd.DataFrame,
    times: pd.DataFrame,
    *,
    sessions: pd.DataFrame,
    returns: pd.DataFrame,
    framework: Framework,
    date: dt.date,
    homes: pd.DataFrame | None = None,
    record_months: int = 24,
) -> pd.DataFrame:
    """Say for each element, place and slot of the week what is open to the children there.

    A slot is reached by a child who has at least half an hour of it within the standard's distance,
    at a service that admits the child's age and is open to everyone. Capacity, quality and the
    standard's own windows are left out: this is what is open, not who is covered.

    ``empty`` asks whether anything is open to any age of the Offer, at any home of the place: a
    slot may reach none of the children who live there, and not be empty.

    Args:
        places: ``tables.PLACES``.
        people: ``tables.PEOPLE``.
        services: located services.
        times: ``tables.TRAVEL_TIMES``, from homes.
        sessions: ``tables.SESSIONS`` without schedules: see
            :func:`~provision_map.coverage.schedule.expand_schedules`.
        returns: ``tables.RETURNS``; where a source has not answered, anything may be open.
        framework: Offers; elements that count hours, days or holidays are taken.
        date: day that ages of records are counted from.
        homes: ``tables.HOMES``, the points that ``times`` start from; None: one a place.
        record_months: a record not checked for longer is unknown.

    Returns:
        ``tables.WEEK``, by element, place, slot and weekday.

    """
    reached = reach_homes(
        places, people, services, times,
        sessions=sessions, homes=homes, framework=framework, date=date, returns=returns,
        record_months=record_months, asked=has_sessions, by_week=True,
    )  # fmt: skip
    return join_frames(WEEK, [_frame(element) for element in reached])


def _frame(reached: ElementReach) -> pd.DataFrame:
    rows = [(slot.name, WEEKDAYS[day]) for slot in SLOTS for day in slot.weekdays]
    masks = slot_masks()
    certain, somebody = reached.average_and_most(shares_met(masks), certain=True)
    possible, anybody = reached.average_and_most(shares_met(masks), certain=False)
    possible, anybody = (
        np.where(reached.complete[:, None], share, 1.0) for share in (possible, anybody)
    )
    hours = reached.average(bits_met(masks), certain=True) / 2
    places = len(reached.places)
    return pd.DataFrame(
        {
            "offer_id": reached.offer.id,
            "element_id": reached.element.id,
            "place_id": np.repeat(reached.places.to_numpy(), len(rows)),
            "weekday": [weekday for _, weekday in rows] * places,
            "slot": [slot for slot, _ in rows] * places,
            "children": np.repeat(reached.children, len(rows)),
            "reached": certain.ravel(),
            "possible": possible.ravel(),
            "hours": hours.ravel(),
            # Where no child of an age lives, what is open to that age is open all the same.
            "empty": np.where(
                anybody == 0, "yes", np.where(somebody == 0, "unknown", "no")
            ).ravel(),
        }
    )


def slot_masks() -> Words:
    """Pack the half-hours of each slot and weekday: row × words of a week of term and of holidays.

    The order is that of :func:`measure_week`: by slot, then by weekday.

    >>> np.bitwise_count(slot_masks()).sum(axis=1).tolist()
    [6, 6, 6, 6, 6, 8, 8, 8, 8, 8, 48, 48, 48, 48, 48, 48, 48, 48, 48]
    """
    masks = []
    for slot in SLOTS:
        for day in slot.weekdays:
            bits = np.zeros((2, 7, week.HALF_HOURS_A_DAY), dtype=bool)
            bits[int(slot.in_holidays), day, slot.start * 2 : slot.end * 2] = True
            masks.append(bits.ravel())
    return week.pack(np.array(masks))

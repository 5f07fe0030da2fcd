"""The map's words for the parts of the waterfall, for measures, and for cells of a table."""

from __future__ import annotations

import datetime as dt
import math

from provision_map.model import Standard
from provision_map.phrases import list_items
from provision_map.schema.wording import join_words
from provision_map.tables import CAUSES, UNKNOWN_REASONS

#: Every part of the waterfall in order: together they make one child.
PARTS = (
    "covered",
    *(f"cause_{c}" for c in CAUSES),
    *(f"unknown_{r}" for r in UNKNOWN_REASONS),
)

PART_WORDS = {
    "covered": "Covered: in reach, at the right time, open to them, of known quality",
    "cause_none": "Not enough anywhere",
    "cause_far": "Too far",
    "cause_time": "At the wrong time, or too few hours",
    "cause_age": "Not for their age",
    "cause_group": "Not for their group",
    "cause_full": "Full",
    "cause_quality": "Below the quality standard",
    "unknown_inventory": "Not known: a return is missing or partial",
    "unknown_record": "Not known: the record is too old",
    "unknown_location": "Not known: the site's position is too rough",
    "unknown_hours": "Not known: hours not given",
    "unknown_ages": "Not known: ages not given",
    "unknown_groups": "Not known: who may come is not given",
    "unknown_capacity": "Not known: number of places not given",
    "unknown_quality": "In reach, but quality not assessed",
}

CAUSE_WORDS = {c: PART_WORDS[f"cause_{c}"] for c in CAUSES}

_UNKNOWN = tuple(f"unknown_{r}" for r in UNKNOWN_REASONS)
_CAUSE = tuple(f"cause_{c}" for c in CAUSES)

#: What the map can be coloured by: id, words, ramp, the parts it adds up.
MEASURES: tuple[tuple[str, str, str, tuple[str, ...]], ...] = (
    ("uncovered", "Not covered (certain)", "missing", _CAUSE),
    ("covered", "Covered", "there", ("covered",)),
    ("unassessed", "In reach, quality not assessed", "unknown", ("unknown_quality",)),
    ("unknown", "Cannot be told, in total", "unknown", _UNKNOWN),
    *(
        (f"cause_{c}", f"Not covered: {PART_WORDS[f'cause_{c}'].lower()}", "missing", (f"cause_{c}",))
        for c in CAUSES
    ),
)  # fmt: skip

#: Beside them, where it was measured: no share of children, so it adds up no parts.
ACCESS: tuple[str, str, str, tuple[str, ...]] = (
    "access",
    "Places in reach per 100 children",
    "there",
    (),
)

#: Of one, and of several.
_UNITS = {
    "hours": ("{need:g} hour a week", "{need:g} hours a week"),
    "days": ("on {need:g} day a week", "on {need:g} days a week"),
    "holidays": ("in {need:g} school holiday a year", "in {need:g} school holidays a year"),
    "types": ("{need:g} type of space", "{need:g} types of space"),
    "any": ("at least one", "at least {need:g}"),
}
_PERIODS = {"term": "in term", "holidays": "in holidays", "all year": "all year"}


def say_standard(standard: Standard) -> str:
    """Say an element's test.

    >>> say_standard(Standard("hours", 2, 1600, ""))
    '2 hours a week within 1,600 m'
    >>> say_standard(Standard("types", 1, 1000, "", {"LAP": 100, "NEAP": 1000}))
    '1 type of space within 100 m (LAP) or 1,000 m (NEAP)'
    >>> say_standard(Standard("holidays", 2, 1600, "", required=("Summer",)))
    'in 2 school holidays a year, Summer among them, within 1,600 m'
    """
    one, several = _UNITS[standard.unit]
    said = (one if standard.need == 1 else several).format(need=standard.need)
    required = f", {join_words(standard.required, 'and')} among them," if standard.required else ""
    within = [f"{standard.metres:,.0f} m"]
    if standard.unit == "types" and standard.type_metres:
        within = [f"{metres:,.0f} m ({name})" for name, metres in standard.type_metres.items()]
    return f"{said}{required} within {join_words(within, 'or')}"


def say_date(value: object) -> str:
    """Write a day out; "" where there is none.

    >>> say_date(dt.date(2020, 11, 3))
    '3 November 2020'
    """
    if isinstance(value, dt.date) and value == value:  # noqa: PLR0124 - NaT is not itself
        return f"{value.day} {value:%B %Y}"
    return "" if is_blank(value) else str(value)


def say_ages(low: object, high: object) -> str:
    """Say a range of ages; blank ends are not known.

    >>> say_ages(13.0, 19.0), say_ages(float("nan"), 19)
    ('13 to 19', 'not known to 19')
    """
    ends = ["not known" if is_blank(end) else f"{float(str(end)):g}" for end in (low, high)]
    if ends[0] == ends[1]:
        return ends[0]
    return " to ".join(ends)


def say_session(weekday: str, start: object, end: object, period: str, holidays: object) -> str:
    """Say one session: day, hours and time of year."""
    day = f"{weekday}s" if weekday else "Days not known"
    hours = (
        f"{start:%H:%M} to {end:%H:%M}"
        if isinstance(start, dt.time) and isinstance(end, dt.time)
        else "hours not known"
    )
    when = _PERIODS.get(period, period)
    named = list_items(holidays)
    if named:
        when += f" ({', '.join(named)})"
    return f"{day} {hours}, {when}"


def is_blank(value: object) -> bool:
    """Whether a cell holds nothing: None, an empty text, NaN or NaT."""
    if value is None or value == "":
        return True
    if isinstance(value, float):
        return math.isnan(value)
    return bool(value != value)  # noqa: PLR0124 - NaT is not itself

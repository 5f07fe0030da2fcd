"""An iCalendar rule (RFC 5545, RRULE) of whole days: read from a cell, and written in one way.

What cannot stand in a rule here is refused with a sentence that says what to write instead: it is
read by the person who filled in the cell.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

FREQUENCIES = ("DAILY", "WEEKLY", "MONTHLY", "YEARLY")
#: In the order of Python's weekday numbers, 0 to 6.
WEEKDAY_CODES = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
#: A longer text is no rule that a person wrote.
LONGEST_RULE = 200

_MOST_INTERVAL = 99
_MOST_COUNT = 1_000
_EXAMPLE = "FREQ=WEEKLY;INTERVAL=2;BYDAY=TU,TH"
_WHOLE = re.compile(r"[+-]?[0-9]{1,5}", re.ASCII)
_DAY = re.compile(r"([+-]?[0-9]{1,2})?(MO|TU|WE|TH|FR|SA|SU)", re.ASCII)
_UNTIL = re.compile(r"([0-9]{8})(T[0-9]{6}Z?)?", re.ASCII)

#: Keys of iCalendar that are refused, and what to do instead.
_REFUSED = {
    "BYHOUR": "the time of day stands in start and end",
    "BYMINUTE": "the time of day stands in start and end",
    "BYSECOND": "the time of day stands in start and end",
    "BYYEARDAY": "name the day by BYMONTH and BYMONTHDAY",
    "BYWEEKNO": "name the days by BYMONTH and BYDAY",
    "DTSTART": "the first day stands in valid_from",
    "EXDATE": "days on which nothing runs stand in the term dates, as closed",
    "RDATE": "give a row of its own for other days",
    "EXRULE": "days on which nothing runs stand in the term dates, as closed",
    "TZID": "all times are local",
}


@dataclass(frozen=True)
class Rule:
    """An RRULE of whole days; what it does not say is None or empty.

    Attributes:
        frequency: one of :data:`FREQUENCIES`.
        interval: every how many days, weeks, months or years; None: every one.
        count: how many days it has at most; None: no end.
        until: its last day; None: no end.
        by_month: months.
        by_month_day: days of the month; -1 is the last.
        by_day: (nth in the month or year, 0 for every; weekday 0 to 6).
        by_position: which of the days of each period, after all else; -1 is the last.
        week_start: weekday 0 to 6 that a week begins on; None: Monday.

    """

    frequency: str
    interval: int | None = None
    count: int | None = None
    until: dt.date | None = None
    by_month: tuple[int, ...] = ()
    by_month_day: tuple[int, ...] = ()
    by_day: tuple[tuple[int, int], ...] = ()
    by_position: tuple[int, ...] = ()
    week_start: int | None = None

    def __str__(self) -> str:
        """Write it in the one way that is kept: capitals, keys in a fixed order, no blanks.

        >>> str(parse_rule("rrule:byday=tu,th;interval=2; FREQ=weekly"))
        'FREQ=WEEKLY;INTERVAL=2;BYDAY=TU,TH'
        """
        said = ((key, part, getattr(self, part.field)) for key, part in _PARTS.items())
        return ";".join(f"{key}={part.write(v)}" for key, part, v in said if v not in (None, ()))

    @property
    def takes_its_day_from_the_first(self) -> bool:
        """Whether the day that it is counted from says which day it is, for the rule does not.

        >>> parse_rule("FREQ=WEEKLY").takes_its_day_from_the_first
        True
        >>> parse_rule("FREQ=WEEKLY;BYDAY=TU").takes_its_day_from_the_first
        False
        """
        return self.frequency != "DAILY" and not (self.by_day or self.by_month_day)

    @property
    def needs_its_first_day(self) -> bool:
        """Whether its days hang on the day that it is counted from.

        >>> parse_rule("FREQ=WEEKLY;INTERVAL=2;BYDAY=TU").needs_its_first_day
        True
        >>> parse_rule("FREQ=WEEKLY;BYDAY=TU").needs_its_first_day
        False
        """
        counted = self.count is not None or self.interval not in (None, 1)
        return counted or self.takes_its_day_from_the_first


def parse_rule(text: str) -> Rule:
    """Read an RRULE; the parts that are known here, and no others.

    Allowed are FREQ (DAILY, WEEKLY, MONTHLY, YEARLY), INTERVAL 1 to 99, COUNT (to 1,000) or UNTIL,
    BYDAY (with 1MO or -1FR for months and years), BYMONTHDAY, BYMONTH, BYSETPOS and WKST, in small
    letters or capitals, after an optional ``RRULE:``. What an UNTIL says beyond the day is dropped.

    Raises:
        ValueError: with a sentence that says what to write instead.

    >>> parse_rule("FREQ=WEEKLY;INTERVAL=2;BYDAY=TU,TH").by_day
    ((0, 1), (0, 3))
    >>> str(parse_rule("FREQ=MONTHLY;BYDAY=-1FR;UNTIL=20210716T235959Z"))
    'FREQ=MONTHLY;UNTIL=20210716;BYDAY=-1FR'

    """
    parts = _split(text)
    if "FREQ" not in parts:
        raise ValueError(f"A rule begins with how often: {_EXAMPLE}.")
    if parts["FREQ"] not in FREQUENCIES:
        raise ValueError(f"FREQ says how often by day: use one of {', '.join(FREQUENCIES)}.")
    rule = Rule(**{_PARTS[key].field: _PARTS[key].read(value) for key, value in parts.items()})
    _check(rule)
    return rule


def _split(text: str) -> dict[str, str]:
    """Return the values by key, in capitals."""
    if len(text) > LONGEST_RULE:
        raise ValueError(f"The rule has {len(text):,} letters; at most {LONGEST_RULE} are read.")
    if len(text.split("\n")) > 1 or "\r" in text:
        raise ValueError("A cell holds one rule, in one line: give each rule a row of its own.")
    plain = text.strip().upper()
    if not plain.isascii():
        raise ValueError(f"The rule has letters that no rule has. Write it as {_EXAMPLE}.")
    plain = plain.removeprefix("RRULE:").strip().rstrip(";")
    parts: dict[str, str] = {}
    for part in plain.split(";"):
        key, equals, value = (piece.strip() for piece in part.partition("="))
        name = key.partition(":")[0]
        if name in _REFUSED:
            raise ValueError(f"{name} cannot stand in a rule here: {_REFUSED[name]}.")
        if not equals or not value:
            raise ValueError(f"{part.strip()!r} is no part of a rule. Write it as {_EXAMPLE}.")
        if key not in _PARTS:
            raise ValueError(f"{key!r} is not known here. Use {', '.join(_PARTS)}.")
        if key in parts:
            raise ValueError(f"{key} stands twice: keep one of them.")
        parts[key] = value
    return parts


def _check(rule: Rule) -> None:
    """Refuse parts that do not go together, as the standard does."""
    if rule.count is not None and rule.until is not None:
        raise ValueError("COUNT and UNTIL both say where it ends: keep one of them.")
    _check_ordinals(rule)
    if rule.by_month_day and rule.frequency == "WEEKLY":
        raise ValueError("A week has no BYMONTHDAY: use FREQ=MONTHLY, or BYDAY.")
    if rule.by_position and not (rule.by_day or rule.by_month_day or rule.by_month):
        raise ValueError("BYSETPOS picks among days: say which, with BYDAY or BYMONTHDAY.")


def _check_ordinals(rule: Rule) -> None:
    """Refuse the third Tuesday of a week, and the sixth of a month."""
    numbered = [day for day in rule.by_day if day[0]]
    if numbered and rule.frequency in ("DAILY", "WEEKLY"):
        raise ValueError("Which Tuesday of the month is said with FREQ=MONTHLY;BYDAY=3TU.")
    most = 5 if rule.frequency == "MONTHLY" or rule.by_month else 53
    for day in numbered:
        if abs(day[0]) > most:
            raise ValueError(
                f"{_write_day(day)} never comes: there are at most {most} of a weekday."
            )


# ---------------------------------------------------------------- the values of its parts


def _read_whole(key: str, low: int, high: int, *, signed: bool = False) -> Callable[[str], int]:
    """Return a reader of whole numbers, refusing those out of range in the name of the key."""

    def read(text: str) -> int:
        value = int(text) if _WHOLE.fullmatch(text) else 0
        if not low <= (abs(value) if signed else value) <= high:
            either = " (or -1 for the last, and so on)" if signed else ""
            raise ValueError(f"{key} is a whole number from {low} to {high}{either}, not {text!r}.")
        return value

    return read


def _read_until(text: str) -> dt.date:
    found = _UNTIL.fullmatch(text)
    try:
        day = dt.date.fromisoformat(found[1]) if found else None
    except ValueError:
        day = None
    if day is None:
        raise ValueError(f"UNTIL is a day, as 20210716, not {text!r}.")
    return day


def _write_until(day: dt.date) -> str:
    # strftime leaves out the leading zeros of a year on some systems.
    return day.isoformat().replace("-", "")


def _read_day(text: str) -> tuple[int, int]:
    found = _DAY.fullmatch(text)
    if found is None or (found[1] and int(found[1]) == 0):
        raise ValueError(f"{text!r} is no weekday. Use {', '.join(WEEKDAY_CODES)}.")
    return int(found[1] or 0), WEEKDAY_CODES.index(found[2])


def _write_day(day: tuple[int, int]) -> str:
    nth, weekday = day
    return f"{nth or ''}{WEEKDAY_CODES[weekday]}"


def _read_week_start(text: str) -> int:
    if text not in WEEKDAY_CODES:
        raise ValueError(f"WKST is one of {', '.join(WEEKDAY_CODES)}, not {text!r}.")
    return WEEKDAY_CODES.index(text)


@dataclass(frozen=True)
class _Part:
    """The field of :class:`Rule` that a part of the text fills, and how it is read and written."""

    field: str
    read: Callable[[str], Any] = str
    write: Callable[[Any], str] = str


def _list(field: str, read: Callable[[str], Any], write: Callable[[Any], str] = str) -> _Part:
    """Return the part of a list, each item once."""
    return _Part(
        field,
        lambda text: tuple(dict.fromkeys(read(item.strip()) for item in text.split(","))),
        lambda items: ",".join(map(write, items)),
    )


#: What may stand in a rule, in the order in which it is written.
_PARTS: Mapping[str, _Part] = {
    "FREQ": _Part("frequency"),
    "INTERVAL": _Part("interval", _read_whole("INTERVAL", 1, _MOST_INTERVAL)),
    "COUNT": _Part("count", _read_whole("COUNT", 1, _MOST_COUNT)),
    "UNTIL": _Part("until", _read_until, _write_until),
    "BYMONTH": _list("by_month", _read_whole("BYMONTH", 1, 12)),
    "BYMONTHDAY": _list("by_month_day", _read_whole("BYMONTHDAY", 1, 31, signed=True)),
    "BYDAY": _list("by_day", _read_day, _write_day),
    "BYSETPOS": _list("by_position", _read_whole("BYSETPOS", 1, 366, signed=True)),
    "WKST": _Part("week_start", _read_week_start, WEEKDAY_CODES.__getitem__),
}

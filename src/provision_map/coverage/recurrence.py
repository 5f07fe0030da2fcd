"""The days of an iCalendar rule (RFC 5545, RRULE), within a span of days.

A rule comes from a file and may be anything. Each day of the span is asked once, in arrays, so the
work is bounded by the length of the span: an iterator over a rule that never happens, as
``FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30``, walks on to the year 9999. Tests hold the days equal to
those of such an iterator.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
import numpy.typing as npt

Mask = npt.NDArray[np.bool_]
Whole = npt.NDArray[np.int64]

FREQUENCIES = ("DAILY", "WEEKLY", "MONTHLY", "YEARLY")
WEEKDAY_CODES = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
LONGEST_RULE = 500
MOST_INTERVAL = 10_000
MOST_COUNT = 100_000
#: A rule that counts its days (COUNT) is followed from its first day; no further back than this.
MOST_YEARS_BACK = 50
MONTH_DAYS, YEAR_DAYS, MONTHS, WEEK_DAYS = 31, 366, 12, 7

_BY_DAY = re.compile(r"([+-]?[0-9]{1,2})?(MO|TU|WE|TH|FR|SA|SU)", re.ASCII)
_WHOLE = re.compile(r"[+-]?[0-9]{1,6}", re.ASCII)
_UNTIL = re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})(T[0-9]{6}Z?)?", re.ASCII)


@dataclass(frozen=True)
class Rule:
    """An RRULE of whole days.

    Attributes:
        frequency: one of :data:`FREQUENCIES`.
        interval: every how many days, weeks, months or years.
        count: how many days it has at most; None: no end.
        until: its last day; None: no end.
        by_day: (nth in the month or year, 0 for every; weekday 0 to 6).
        by_month_day: days of the month; -1 is the last.
        by_month: months.
        by_position: which of the days of each period, after all else; -1 is the last.
        week_start: weekday 0 to 6 that a week begins on.

    """

    frequency: str
    interval: int = 1
    count: int | None = None
    until: dt.date | None = None
    by_day: tuple[tuple[int, int], ...] = ()
    by_month_day: tuple[int, ...] = ()
    by_month: tuple[int, ...] = ()
    by_position: tuple[int, ...] = ()
    week_start: int = 0

    @property
    def takes_its_day_from_the_first(self) -> bool:
        """Whether the day that it is counted from says which day it is, for the rule does not.

        >>> parse_rule("FREQ=WEEKLY").takes_its_day_from_the_first
        True
        >>> parse_rule("FREQ=WEEKLY;BYDAY=TU").takes_its_day_from_the_first
        False
        """
        return self.frequency != "DAILY" and not (self.by_day or self.by_month_day)


def parse_rule(text: str) -> Rule:
    """Read an RRULE; the parts that are known here, and no others.

    Hours, minutes and seconds are not, for a session has its own start and end; nor are days of the
    year by number, and weeks by number.

    Raises:
        ValueError: what is wrong with it, as the end of a sentence on the rule.

    >>> parse_rule("FREQ=WEEKLY;INTERVAL=2;BYDAY=TU,TH").by_day
    ((0, 1), (0, 3))

    """
    if len(text) > LONGEST_RULE:
        raise ValueError(f"has more than {LONGEST_RULE} characters")
    parts: dict[str, str] = {}
    for part in text.strip().upper().removeprefix("RRULE:").removesuffix(";").split(";"):
        key, equals, value = part.strip().partition("=")
        if not equals or not value.strip():
            raise ValueError(f"has the part {key[:20]!r} without a value")
        if key not in _KEYS:
            raise ValueError(f"has the part {key[:20]!r}, which is not known here")
        if key in parts:
            raise ValueError(f"has {key} twice")
        parts[key] = value.strip()
    return _check(
        Rule(
            frequency=_one_of(parts.get("FREQ", ""), FREQUENCIES, "FREQ"),
            interval=_whole(parts.get("INTERVAL", "1"), "INTERVAL", MOST_INTERVAL),
            count=_whole(parts["COUNT"], "COUNT", MOST_COUNT) if "COUNT" in parts else None,
            until=_until(parts["UNTIL"]) if "UNTIL" in parts else None,
            by_day=_by_day(parts.get("BYDAY", "")),
            by_month_day=_wholes(parts.get("BYMONTHDAY", ""), "BYMONTHDAY", MONTH_DAYS),
            by_month=_wholes(parts.get("BYMONTH", ""), "BYMONTH", MONTHS, signed=False),
            by_position=_wholes(parts.get("BYSETPOS", ""), "BYSETPOS", YEAR_DAYS),
            week_start=WEEKDAY_CODES.index(
                _one_of(parts.get("WKST", "MO"), WEEKDAY_CODES, "WKST")
            ),
        )
    )  # fmt: skip


def days_of(rule: Rule, start: dt.date, *, first: dt.date, last: dt.date) -> Mask:
    """Say for each day from ``first`` to ``last`` whether the rule falls on it.

    Args:
        rule: the rule.
        start: the day that it is counted from (DTSTART). It is one of its days only where the rule
            falls on it.
        first: first day asked for.
        last: last day asked for.

    Returns:
        A boolean a day.

    Raises:
        ValueError: it counts its days from longer ago than is followed here.

    >>> monday = dt.date(2020, 11, 2)
    >>> days = days_of(parse_rule("FREQ=DAILY;INTERVAL=3"), monday, first=monday, last=dt.date(2020, 11, 8))
    >>> days.astype(int).tolist()
    [1, 0, 0, 1, 0, 0, 1]

    """
    asked = np.zeros(max(0, (last - first).days + 1), dtype=bool)
    ends = last if rule.until is None else min(last, rule.until)
    if ends < max(start, first):
        return asked
    begins = start if rule.count is not None else max(start, first)
    if (ends - begins).days > MOST_YEARS_BACK * YEAR_DAYS:
        raise ValueError(f"counts its days from more than {MOST_YEARS_BACK} years back")
    calendar = _calendar(begins.year, ends.year)
    period = _periods(rule, calendar)
    of_start = _calendar(start.year, start.year)
    begun = _periods(rule, of_start)[of_start.ordinal == start.toordinal()]
    falls = _filtered(_completed(rule, start), calendar) & ((period - begun) % rule.interval == 0)
    late = calendar.ordinal >= start.toordinal()
    if rule.by_position:
        if rule.frequency == "WEEKLY":
            # Of the week in which it begins, only the days from then on are numbered.
            falls &= late
        falls = _positioned(falls, period, rule.by_position)
    falls &= late
    if rule.count is not None:
        falls &= np.cumsum(falls) <= rule.count
    falls &= calendar.ordinal <= ends.toordinal()
    inside = (calendar.ordinal >= first.toordinal()) & (calendar.ordinal <= last.toordinal())
    asked[calendar.ordinal[inside] - first.toordinal()] = falls[inside]
    return asked


@dataclass(frozen=True)
class _Calendar:
    """Whole years of days, and a week on either side, so that no week is cut."""

    ordinal: Whole
    weekday: Whole
    year: Whole
    month: Whole
    month_day: Whole
    month_length: Whole
    year_day: Whole
    year_length: Whole


@lru_cache(maxsize=16)
def _calendar(first_year: int, last_year: int) -> _Calendar:
    first = dt.date(first_year, 1, 1).toordinal() - WEEK_DAYS
    last = dt.date(last_year, 12, 31).toordinal() + WEEK_DAYS
    ordinal = np.arange(first, last + 1, dtype=np.int64)
    # numpy counts days from 1970-01-01, Python from the day before 0001-01-01.
    days = (ordinal - dt.date(1970, 1, 1).toordinal()).astype("datetime64[D]")
    months, years = days.astype("datetime64[M]"), days.astype("datetime64[Y]")

    def begins(of: npt.NDArray[np.datetime64]) -> Whole:
        return of.astype("datetime64[D]").astype(np.int64)

    number = days.astype(np.int64)
    return _Calendar(
        ordinal=ordinal,
        weekday=(ordinal - 1) % WEEK_DAYS,
        year=years.astype(np.int64) + 1970,
        month=months.astype(np.int64) % MONTHS + 1,
        month_day=number - begins(months) + 1,
        month_length=begins(months + 1) - begins(months),
        year_day=number - begins(years) + 1,
        year_length=begins(years + 1) - begins(years),
    )


def _periods(rule: Rule, calendar: _Calendar) -> Whole:
    """Return the number of the day, week, month or year that each day belongs to."""
    if rule.frequency == "DAILY":
        return calendar.ordinal
    if rule.frequency == "WEEKLY":
        return (calendar.ordinal - 1 - rule.week_start) // WEEK_DAYS
    if rule.frequency == "MONTHLY":
        return calendar.year * MONTHS + calendar.month
    return calendar.year


def _completed(rule: Rule, start: dt.date) -> Rule:
    """Take from its start what the rule does not name."""
    if not rule.takes_its_day_from_the_first:
        return rule
    if rule.frequency == "WEEKLY":
        return replace(rule, by_day=((0, start.weekday()),))
    if rule.frequency == "MONTHLY":
        return replace(rule, by_month_day=(start.day,))
    return replace(rule, by_month_day=(start.day,), by_month=rule.by_month or (start.month,))


def _filtered(rule: Rule, calendar: _Calendar) -> Mask:
    """Say which days pass all the parts that the rule names."""
    passes = np.ones(len(calendar.ordinal), dtype=bool)
    if rule.by_month:
        passes &= np.isin(calendar.month, rule.by_month)
    if rule.by_month_day:
        passes &= _counted(calendar.month_day, calendar.month_length, rule.by_month_day)
    if rule.by_day:
        passes &= _on_weekdays(rule, calendar)
    return passes


def _on_weekdays(rule: Rule, calendar: _Calendar) -> Mask:
    """Say which days are one of the rule's weekdays: of every week, or the nth of month or year."""
    in_year = rule.frequency == "YEARLY" and not rule.by_month
    day = calendar.year_day if in_year else calendar.month_day
    length = calendar.year_length if in_year else calendar.month_length
    named = np.zeros(len(day), dtype=bool)
    for nth, weekday in rule.by_day:
        hit = calendar.weekday == weekday
        if nth > 0:
            hit &= (day - 1) // WEEK_DAYS + 1 == nth
        elif nth < 0:
            hit &= (length - day) // WEEK_DAYS + 1 == -nth
        named |= hit
    return named


def _counted(day: Whole, length: Whole, wanted: tuple[int, ...]) -> Mask:
    """Say whether each day is one of those wanted, from the beginning or (-1) from the end."""
    return np.asarray(np.isin(day, wanted) | np.isin(day - length - 1, wanted), dtype=bool)


def _positioned(falls: Mask, period: Whole, positions: tuple[int, ...]) -> Mask:
    """Keep of the days of each period those in the given positions; -1 is the last."""
    at = np.flatnonzero(falls)
    kept = np.zeros_like(falls)
    if len(at):
        _, begins, size = np.unique(period[at], return_index=True, return_counts=True)
        rank = np.arange(len(at)) - np.repeat(begins, size) + 1
        kept[at] = _counted(rank, np.repeat(size, size), positions)
    return kept


def _check(rule: Rule) -> Rule:
    """Refuse what the standard refuses.

    Raises:
        ValueError: why.

    """
    if rule.count is not None and rule.until is not None:
        raise ValueError("has both COUNT and UNTIL")
    if rule.frequency in ("DAILY", "WEEKLY") and any(nth for nth, _ in rule.by_day):
        raise ValueError(f"numbers a weekday, which FREQ={rule.frequency} does not have")
    if rule.frequency == "WEEKLY" and rule.by_month_day:
        raise ValueError("has BYMONTHDAY, which FREQ=WEEKLY does not have")
    named = rule.by_day or rule.by_month_day or rule.by_month
    if rule.by_position and not named:
        raise ValueError("has BYSETPOS and nothing to take it of")
    return rule


def _one_of(value: str, known: tuple[str, ...], key: str) -> str:
    if value not in known:
        raise ValueError(f"has no {key} of {', '.join(known)}")
    return value


def _whole(text: str, key: str, most: int) -> int:
    if not _WHOLE.fullmatch(text) or not 1 <= int(text) <= most:
        raise ValueError(f"has {key} {text[:20]!r}, which is no number from 1 to {most}")
    return int(text)


def _wholes(text: str, key: str, most: int, *, signed: bool = True) -> tuple[int, ...]:
    if not text:
        return ()
    found = []
    for item in (item.strip() for item in text.split(",")):
        number = int(item) if _WHOLE.fullmatch(item) else 0
        if not 1 <= (abs(number) if signed else number) <= most:
            raise ValueError(f"has {key} {item[:20]!r}, which is no number from 1 to {most}")
        found.append(number)
    return tuple(dict.fromkeys(found))


def _by_day(text: str) -> tuple[tuple[int, int], ...]:
    if not text:
        return ()
    found = []
    for item in (item.strip() for item in text.split(",")):
        match = _BY_DAY.fullmatch(item)
        if not match or (match[1] is not None and int(match[1]) == 0):
            raise ValueError(f"has BYDAY {item[:20]!r}, which is no weekday (MO to SU)")
        found.append((int(match[1] or 0), WEEKDAY_CODES.index(match[2])))
    return tuple(dict.fromkeys(found))


def _until(text: str) -> dt.date:
    match = _UNTIL.fullmatch(text)
    if not match:
        raise ValueError(f"has UNTIL {text[:20]!r}, which is no day (20210723)")
    try:
        return dt.date(int(match[1]), int(match[2]), int(match[3]))
    except ValueError:
        raise ValueError(f"has UNTIL {text[:20]!r}, which is no day") from None


_KEYS = frozenset(
    ("FREQ", "INTERVAL", "COUNT", "UNTIL", "BYDAY", "BYMONTHDAY", "BYMONTH", "BYSETPOS", "WKST")
)  # fmt: skip

"""The days of a rule within a span of days.

A rule comes from a file and may be anything. Each day of the span is asked once, in arrays, so the
work is bounded by the length of the span: an iterator over a rule that never happens, as
``FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30``, walks on to the year 9999. Tests hold the days equal to
those of such an iterator.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from provision_map.recurrence.rule import Rule

Mask = npt.NDArray[np.bool_]
Whole = npt.NDArray[np.int64]

#: A rule that counts its days (COUNT) is followed from its first day; no further back than this.
MOST_YEARS_BACK = 50
YEAR_DAYS, MONTHS, WEEK_DAYS = 366, 12, 7


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
        ValueError: it counts its days from longer ago than is followed here; the end of a sentence
            on the rule.

    >>> from provision_map.recurrence.rule import parse_rule
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
    falls = _filtered(_completed(rule, start), calendar) & (
        (period - begun) % (rule.interval or 1) == 0
    )
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
        return (calendar.ordinal - 1 - (rule.week_start or 0)) // WEEK_DAYS
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

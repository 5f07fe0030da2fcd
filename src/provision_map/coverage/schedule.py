"""What schedules and days of validity come to, as sessions of a week of term and of each holiday.

A standard is held against a week. So a schedule (an iCalendar rule) is held against the term dates
of one school year, and becomes plain rows: the weekdays on which it is to be counted on, week after
week, and the holidays in which it takes place.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, cast

import numpy as np
import numpy.typing as npt
import pandas as pd

from provision_map.errors import warn
from provision_map.recurrence import days_of, parse_rule
from provision_map.schema import each_row
from provision_map.tables import HOLIDAYS, WEEKDAYS

Mask = npt.NDArray[np.bool_]

#: Period of a row that stands for a service whose hours are known: it has none.
NEVER = "never"
#: Share of the weeks of term in which a weekday's session must take place to count as weekly.
WEEKLY = 0.75
SEPTEMBER = 9
_STRADDLES = dt.timedelta(days=62)
_YEARS = frozenset(range(1900, 2200))
MOST_NAMED = 12
_DUST = 1e-9


def expand_schedules(
    sessions: pd.DataFrame, term_dates: pd.DataFrame, *, date: dt.date, weekly: float = WEEKLY
) -> pd.DataFrame:
    """Turn schedules, and days of validity, into plain sessions as they hold on a day.

    *Which school year.* The one (from 1 September) of ``date``; where the term dates are of other
    years, the nearest of those. A term or holiday belongs to the school year that its middle lies
    in, so that summer holidays that end on 2 September are those of the year before. A day that
    lies both in a term and in a holiday is a holiday; on a closed day nothing takes place. What
    lies in neither (a weekend before a holiday that is given from Monday to Friday) is neither.

    *Weekly.* A weekday's session counts as weekly when it takes place in at least ``weekly`` of the
    weeks of term in which that weekday is a day of term and not closed, within the row's own
    ``valid_from`` to ``valid_to``. A club that has run since January is thus judged by the weeks
    since January; one whose validity ended before ``date`` or begins after it gives nothing. UNTIL
    in a rule ends its validity as ``valid_to`` does.

    *Holidays.* It gives a holiday in which it takes place at least once.

    *What is not known.* Without term dates every week of the school year is taken as term, and of
    holidays nothing is known; nor is it where a holiday is not among them. A rule that cannot be
    read, or that holds on ``date`` and in no week of which term dates are known, leaves the hours
    unknown. A rule counts from ``valid_from``; without it, from the first day of the school year.

    ``weekday``, ``period`` and ``holidays`` beside a schedule narrow it down: a session of Tuesdays
    in term takes place on those days of the rule that are Tuesdays in term.

    Args:
        sessions: ``tables.SESSIONS``; not changed.
        term_dates: ``tables.TERM_DATES``; may be empty.
        date: the day on which it is to hold.
        weekly: see above.

    Returns:
        ``tables.SESSIONS`` with all other columns kept. A row that gives nothing stays, with the
        period ``never``: its service is known to give nothing, which is not the same as hours that
        nobody noted. Without schedules and days of validity the frame is what came in.

    Warns:
        DataWarning: what gives nothing and why, each with service and row.

    """
    held = _held(sessions)
    if held is None:
        return sessions
    year: _SchoolYear | None = None
    told = _Told()
    read: dict[tuple[object, ...], _Reading] = {}
    rows: list[dict[str, Any]] = []
    for row, (schedule, start, said_end) in zip(sessions.to_dict("records"), held, strict=True):
        session = cast("dict[str, Any]", row)
        end = _last_day(schedule, said_end)
        out_of_date = (start is not None and start > date) or (end is not None and end < date)
        if out_of_date:
            rows.append(_plain(session, period=NEVER))
            told.add(session, "out of date", _say_validity(start, end))
        elif not schedule:
            rows.append(session)
        else:
            if year is None:
                year = _school_year(term_dates, date)
                year.warn_of_what_is_unknown(date)
            weekday = str(session["weekday"])
            key = (schedule, start, end, weekday)
            if key not in read:
                read[key] = _read(schedule, (start, end), weekday, year=year)
            rows.extend(_expand(session, read[key], year, weekly=weekly, told=told))
    told.warn()
    out = pd.DataFrame(rows, columns=sessions.columns)
    return out.astype(dict(sessions.dtypes))


# ---------------------------------------------------------------- one school year


@dataclass(frozen=True)
class _SchoolYear:
    """The days of a school year, each one of term, of a holiday, closed, or none of these.

    Attributes:
        name: as people say it, 2020-21.
        first: its first day; ``term`` and the others have an entry a day from there.
        weekday: of each day, 0 to 6.
        term: days of term that are not closed.
        holiday: days of each of ``HOLIDAYS`` that are not closed, holiday × day.
        dated: which of ``HOLIDAYS`` have dates.
        unnamed: days on which a holiday without dates may be.
        given: whether there are term dates at all.
        holds: whether it is the school year of the day asked for.

    """

    name: str
    first: dt.date
    weekday: npt.NDArray[np.int64]
    term: Mask
    holiday: Mask
    dated: Mask
    unnamed: Mask
    given: bool
    holds: bool

    @property
    def last(self) -> dt.date:
        return self.first + dt.timedelta(days=len(self.term) - 1)

    def span(self, first: dt.date | None, last: dt.date | None) -> Mask:
        """Mark the days from one to the other, both included; None: no end."""
        number = np.arange(len(self.term))
        low = -np.inf if first is None else (first - self.first).days
        high = np.inf if last is None else (last - self.first).days
        return np.asarray((number >= low) & (number <= high), dtype=bool)

    def warn_of_what_is_unknown(self, date: dt.date) -> None:
        if not self.given:
            warn(
                "term dates",
                "There are none: schedules are taken to run in every week of the year from "
                f"1 September {self.name[:4]}, and nothing is known of holidays.",
                "Give a table of term dates: term_dates in [services].",
            )
            return
        if not self.holds:
            warn(
                "term dates",
                f"None are of the school year of {date.isoformat()}: schedules are held against "
                f"those of {self.name}.",
                "Give the term dates of the school year.",
            )
        undated = [h for h, known in zip(HOLIDAYS, self.dated, strict=True) if not known]
        if undated:
            warn(
                "term dates",
                f"{self.name} has no dates for {', '.join(undated)}: whether a schedule runs "
                "then is unknown.",
                "Give a row for each holiday, named as in the data dictionary.",
            )


def _school_year(term_dates: pd.DataFrame, date: dt.date) -> _SchoolYear:
    """Lay out the school year of a day, or the nearest of which there are dates."""
    wanted = _year_of(date)
    spans = [
        (row.kind, row.name, row.first_day, row.last_day)
        for row in each_row(term_dates)
        if row.first_day is not None and row.last_day is not None
        if row.first_day <= row.last_day and {row.first_day.year, row.last_day.year} <= _YEARS
    ]
    by_year = defaultdict(list)
    for kind, name, first, last in spans:
        if kind != "closed":
            by_year[_year_of(first + (last - first) / 2)].append((kind, name, first, last))
    # Of two that are equally near, the earlier: its dates are settled.
    chosen = min(by_year, key=lambda year: (abs(year - wanted), year), default=wanted)
    mine = by_year.get(chosen, [])
    begins, ends = dt.date(chosen, SEPTEMBER, 1), _before_september(chosen + 1)
    # What straddles 1 September; a term of ten years does not make a school year of ten years.
    begins = max(min([begins, *(s[2] for s in mine)]), begins - _STRADDLES)
    ends = min(max([ends, *(s[3] for s in mine)]), ends + _STRADDLES)
    length = (ends - begins).days + 1

    def days(first: dt.date, last: dt.date) -> slice:
        return slice(max(0, (first - begins).days), max(0, (last - begins).days + 1))

    term = np.zeros(length, dtype=bool)
    holiday = np.zeros((len(HOLIDAYS), length), dtype=bool)
    off = np.zeros(length, dtype=bool)
    closed = np.zeros(length, dtype=bool)
    for kind, name, first, last in mine:
        if kind == "term":
            term[days(first, last)] = True
        else:
            off[days(first, last)] = True
            if name in HOLIDAYS:
                holiday[HOLIDAYS.index(name), days(first, last)] = True
    for kind, _, first, last in spans:
        if kind == "closed":
            closed[days(first, last)] = True
    unnamed = ~(term | holiday.any(axis=0) | closed)
    if not any(kind == "term" for kind, *_ in mine):
        # Then all is term but the holidays; those without dates may be anywhere in it.
        term[:] = True
    return _SchoolYear(
        name=f"{chosen}-{(chosen + 1) % 100:02d}",
        first=begins,
        weekday=np.asarray((np.arange(length) + begins.weekday()) % len(WEEKDAYS), dtype=np.int64),
        term=term & ~off & ~closed,
        holiday=holiday & ~closed,
        dated=np.asarray(holiday.any(axis=1), dtype=bool),
        unnamed=unnamed,
        given=bool(mine),
        holds=chosen == wanted,
    )


def _year_of(day: dt.date) -> int:
    return day.year if day.month >= SEPTEMBER else day.year - 1


def _before_september(year: int) -> dt.date:
    return dt.date(year, SEPTEMBER, 1) - dt.timedelta(days=1)


# ---------------------------------------------------------------- one schedule


@dataclass(frozen=True)
class _Reading:
    """On which days of the school year a schedule falls and is valid; or why that is not known.

    ``problem`` is the end of a sentence on the schedule.
    """

    falls: Mask | None
    valid: Mask
    problem: str = ""


def _read(
    schedule: str,
    validity: tuple[dt.date | None, dt.date | None],
    weekday: str,
    *,
    year: _SchoolYear,
) -> _Reading:
    start, end = validity
    valid = year.span(start, end)
    known = year.term | year.holiday.any(axis=0)
    if not (valid & known).any():
        return _Reading(None, valid, "holds at a time of which no term dates are given")
    try:
        rule = parse_rule(schedule)
    except ValueError as error:
        return _Reading(None, valid, f"has no rule that is known here ({error})")
    if weekday and rule.takes_its_day_from_the_first:
        rule = replace(rule, by_day=((0, WEEKDAYS.index(weekday)),))
    if start is None and rule.takes_its_day_from_the_first:
        return _Reading(None, valid, "says no day, and there is no valid_from to take it from")
    try:
        falls = days_of(rule, start or year.first, first=year.first, last=year.last)
    except ValueError as error:
        return _Reading(None, valid, str(error))
    if weekday:
        falls = falls & (year.weekday == WEEKDAYS.index(weekday))
    return _Reading(falls & valid, valid)


@lru_cache(maxsize=4096)
def _last_day(schedule: str, valid_to: dt.date | None) -> dt.date | None:
    """Return the last day on which a session can take place: valid_to or UNTIL; None: no end.

    >>> _last_day("FREQ=DAILY;UNTIL=20210331", None).isoformat()
    '2021-03-31'
    """
    try:
        until = parse_rule(schedule).until if schedule else None
    except ValueError:
        # That it cannot be read is told where it is laid out.
        until = None
    return min((day for day in (until, valid_to) if day is not None), default=None)


def _expand(
    session: dict[str, Any], reading: _Reading, year: _SchoolYear, *, weekly: float, told: _Told
) -> list[dict[str, Any]]:
    """Return the plain rows that a session with a schedule comes to."""
    period = str(session["period"])
    in_term, in_holidays = period != "holidays", period != "term"
    if reading.falls is None:
        told.add(session, "unknown", reading.problem)
        # Any weekday, and any holiday.
        blank = _plain(session, weekday="", holidays=())
        unknown = [blank | {"period": "term"}] if in_term else []
        return [*unknown, blank | {"period": "holidays"}] if in_holidays else unknown
    rows = []
    seldom = []
    if in_term:
        for day, weekday in enumerate(WEEKDAYS):
            due = year.term & reading.valid & (year.weekday == day)
            weeks, took_place = int(due.sum()), int((due & reading.falls).sum())
            if not took_place:
                continue
            if took_place >= weekly * weeks - _DUST:
                rows.append(_plain(session, weekday=weekday, period="term", holidays=()))
            else:
                seldom.append(f"runs in {took_place} of {weeks} term weeks on {weekday}s")
    if in_holidays:
        rows += _in_holidays(session, reading.falls, year)
    if seldom:
        told.add(session, "seldom", ", ".join(seldom))
    if not rows:
        rows.append(_plain(session, period=NEVER))
        if not seldom:
            told.add(session, "never", "")
    return rows


def _in_holidays(session: dict[str, Any], falls: Mask, year: _SchoolYear) -> list[dict[str, Any]]:
    """Return for each weekday a row of the holidays in which it takes place, and one of what may be."""
    asked = tuple(session["holidays"]) or HOLIDAYS
    undated = {h for h, known in zip(HOLIDAYS, year.dated, strict=True) if not known}
    rows = []
    for day, weekday in enumerate(WEEKDAYS):
        here = falls & (year.weekday == day)
        there = (year.holiday & here).any(axis=1)
        names = tuple(h for h, on in zip(HOLIDAYS, there, strict=True) if on and h in asked)
        if names:
            rows.append(_plain(session, weekday=weekday, period="holidays", holidays=names))
        if undated & set(asked) and (here & year.unnamed).any():
            # Whether it then runs is not known: a row without times promises nothing.
            rows.append(
                _plain(
                    session, weekday=weekday, start=None, end=None, period="holidays", holidays=()
                )
            )
    return rows


def _plain(session: dict[str, Any], **changes: object) -> dict[str, Any]:
    """Copy a session as one that holds, and that no schedule says more of."""
    done = {"schedule": "", "valid_from": None, "valid_to": None, **changes}
    return session | {name: value for name, value in done.items() if name in session}


# ---------------------------------------------------------------- what came in, what is said


def _held(
    sessions: pd.DataFrame,
) -> Iterable[tuple[str, dt.date | None, dt.date | None]] | None:
    """Return schedule, valid_from and valid_to of each row; None where no row has any of them."""
    columns = [
        [_none_if_blank(value) for value in sessions[name]]
        if name in sessions
        else [None] * len(sessions)
        for name in ("schedule", "valid_from", "valid_to")
    ]
    if not any(value for column in columns for value in column):
        return None
    return [
        ("" if schedule is None else str(schedule).strip(), start, end)
        for schedule, start, end in zip(*columns, strict=True)
    ]


def _none_if_blank(value: Any) -> Any:  # noqa: ANN401 - a cell
    """Return None for a blank cell, and the day of a time stamp."""
    if value is None or value is pd.NaT or value == "" or value != value:  # noqa: PLR0124 - NaN
        return None
    return value.date() if isinstance(value, dt.datetime) else value


#: What is said of sessions: verb, what of them, how to mend it, the column it is about.
_SAYS = {
    "never": (
        ("has", "have"),
        "a schedule that never happens, so nothing is given",
        "Check the rule against the term dates.",
        "schedule",
    ),
    "seldom": (
        ("is", "are"),
        "too seldom to count as weekly",
        "A standard of so much a week does not count them.",
        "schedule",
    ),
    "out of date": (
        ("is", "are"),
        "not held on the day of the exercise, so nothing is given",
        "Check valid_from, valid_to and UNTIL.",
        None,
    ),
    "unknown": (
        ("has", "have"),
        "a schedule that leaves the hours unknown",
        "Mend the rule or the dates.",
        "schedule",
    ),
}


class _Told:
    """Collects what people must know of their schedules, to say it file by file."""

    def __init__(self) -> None:
        self._found: dict[tuple[str, str], set[tuple[int, str]]] = defaultdict(set)

    def add(self, session: dict[str, Any], what: str, detail: str) -> None:
        row = session.get("_row")
        number = 0 if row is None or pd.isna(row) else int(row)
        name = str(session["service_id"]) + (f" (row {number})" if number else "")
        file = str(session.get("_file") or "sessions")
        self._found[what, file].add((number, f"{name} {detail}".strip()))

    def warn(self) -> None:
        # By file and row, whatever the order in which they came.
        for what, file in sorted(self._found):
            (one, many), says, mend, column = _SAYS[what]
            found = [text for _, text in sorted(self._found[what, file])]
            count = f"1 session {one}" if len(found) == 1 else f"{len(found)} sessions {many}"
            named = "; ".join(found[:MOST_NAMED])
            more = f"; and {len(found) - MOST_NAMED} more" if len(found) > MOST_NAMED else ""
            warn(file, f"{count} {says}: {named}{more}.", mend, column=column)


def _say_validity(start: dt.date | None, end: dt.date | None) -> str:
    since = f"from {start.isoformat()}" if start else ""
    to = f"to {end.isoformat()}" if end else ""
    return f"holds {since} {to}".replace("  ", " ").strip()

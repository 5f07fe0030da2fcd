"""When sessions take place in the year: the rules that may stand in a cell, and the term dates.

A rule is an iCalendar RRULE. The days themselves are worked out in ``coverage``; here a text is
checked and written in one way.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping

import pandas as pd

from provision_map.read.codes import cells
from provision_map.read.findings import Findings
from provision_map.schema import Spelling, quote
from provision_map.tables import HOLIDAYS

FREQUENCIES = ("DAILY", "WEEKLY", "MONTHLY", "YEARLY")
DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")

#: A longer text is no rule that a person wrote.
LONGEST = 200

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


def parse_rule(text: str) -> str:
    """Return a rule in one way of writing it: capitals, keys in a fixed order, no blanks.

    Allowed are FREQ (DAILY, WEEKLY, MONTHLY, YEARLY), INTERVAL 1 to 99, COUNT or UNTIL, BYDAY
    (with 1MO or -1FR for months and years), BYMONTHDAY, BYMONTH, BYSETPOS and WKST, in small
    letters or capitals, after an optional ``RRULE:``. What an UNTIL says beyond the day is dropped.

    Raises:
        ValueError: with a sentence that says what to write instead.

    >>> parse_rule("rrule:byday=tu,th;interval=2; FREQ=weekly")
    'FREQ=WEEKLY;INTERVAL=2;BYDAY=TU,TH'
    >>> parse_rule("FREQ=MONTHLY;BYDAY=-1FR;UNTIL=20210716T235959Z")
    'FREQ=MONTHLY;UNTIL=20210716;BYDAY=-1FR'

    """
    parts = _split(text)
    if "FREQ" not in parts:
        raise ValueError(f"A rule begins with how often: {_EXAMPLE}.")
    frequency = parts["FREQ"]
    if frequency not in FREQUENCIES:
        raise ValueError(f"FREQ says how often by day: use one of {', '.join(FREQUENCIES)}.")
    written = {key: _VALUES[key](value) for key, value in parts.items()}
    if "COUNT" in written and "UNTIL" in written:
        raise ValueError("COUNT and UNTIL both say where it ends: keep one of them.")
    if any(day[:-2] for day in written.get("BYDAY", "").split(",")):
        _check_ordinals(written, frequency)
    if "BYMONTHDAY" in written and frequency == "WEEKLY":
        raise ValueError("A week has no BYMONTHDAY: use FREQ=MONTHLY, or BYDAY.")
    if "BYSETPOS" in written and not written.keys() & {"BYDAY", "BYMONTHDAY", "BYMONTH"}:
        raise ValueError("BYSETPOS picks among days: say which, with BYDAY or BYMONTHDAY.")
    return ";".join(f"{key}={written[key]}" for key in _VALUES if key in written)


def needs_first_day(rule: str) -> bool:
    """Whether a rule, as :func:`parse_rule` writes it, hangs on the day that it counts from.

    >>> needs_first_day("FREQ=WEEKLY;INTERVAL=2;BYDAY=TU"), needs_first_day("FREQ=WEEKLY;BYDAY=TU")
    (True, False)
    >>> needs_first_day("FREQ=WEEKLY"), needs_first_day("FREQ=YEARLY;BYMONTH=5;BYDAY=MO")
    (True, False)
    """
    parts = dict(part.split("=", 1) for part in rule.split(";"))
    counted = "COUNT" in parts or parts.get("INTERVAL", "1") != "1"
    # Without a day of its own, a rule takes place on the weekday or date of its first day.
    by_day = "BYDAY" in parts or "BYMONTHDAY" in parts
    return counted or not (by_day or parts["FREQ"] == "DAILY")


def _split(text: str) -> dict[str, str]:
    """Return the values by key, in capitals."""
    if len(text) > LONGEST:
        raise ValueError(f"The rule has {len(text):,} letters; at most {LONGEST} are read.")
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
        if key not in _VALUES:
            raise ValueError(f"{key!r} is not known here. Use {', '.join(_VALUES)}.")
        if key in parts:
            raise ValueError(f"{key} stands twice: keep one of them.")
        parts[key] = value
    return parts


def _check_ordinals(written: Mapping[str, str], frequency: str) -> None:
    """Refuse the third Tuesday of a week, and the sixth of a month."""
    if frequency in ("DAILY", "WEEKLY"):
        raise ValueError("Which Tuesday of the month is said with FREQ=MONTHLY;BYDAY=3TU.")
    most = 5 if frequency == "MONTHLY" or "BYMONTH" in written else 53
    for day in written["BYDAY"].split(","):
        if day[:-2] and abs(int(day[:-2])) > most:
            raise ValueError(f"{day} never comes: there are at most {most} of a weekday.")


def _list(read: Callable[[str], str]) -> Callable[[str], str]:
    """Return a reader of a list, each item once."""
    return lambda text: ",".join(dict.fromkeys(read(item.strip()) for item in text.split(",")))


def _whole(key: str, low: int, high: int, *, signed: bool = False) -> Callable[[str], str]:
    def read(text: str) -> str:
        value = int(text) if _WHOLE.fullmatch(text) else 0
        if not low <= (abs(value) if signed else value) <= high:
            either = " (or -1 for the last, and so on)" if signed else ""
            raise ValueError(f"{key} is a whole number from {low} to {high}{either}, not {text!r}.")
        return str(value)

    return read


def _read_day(text: str) -> str:
    found = _DAY.fullmatch(text)
    if found is None or (found[1] and int(found[1]) == 0):
        raise ValueError(f"{text!r} is no weekday. Use {', '.join(DAYS)}.")
    return f"{int(found[1])}{found[2]}" if found[1] else found[2]


def _read_until(text: str) -> str:
    found = _UNTIL.fullmatch(text)
    try:
        day = dt.date.fromisoformat(found[1]) if found else None
    except ValueError:
        day = None
    if day is None:
        raise ValueError(f"UNTIL is a day, as 20210716, not {text!r}.")
    return day.strftime("%Y%m%d")


def _read_week_start(text: str) -> str:
    if text not in DAYS:
        raise ValueError(f"WKST is one of {', '.join(DAYS)}, not {text!r}.")
    return text


#: Keys that may stand in a rule, in the order in which they are written, and how each is read.
_VALUES: Mapping[str, Callable[[str], str]] = {
    "FREQ": str,
    "INTERVAL": _whole("INTERVAL", 1, _MOST_INTERVAL),
    "COUNT": _whole("COUNT", 1, _MOST_COUNT),
    "UNTIL": _read_until,
    "BYMONTH": _list(_whole("BYMONTH", 1, 12)),
    "BYMONTHDAY": _list(_whole("BYMONTHDAY", 1, 31, signed=True)),
    "BYDAY": _list(_read_day),
    "BYSETPOS": _list(_whole("BYSETPOS", 1, 366, signed=True)),
    "WKST": _read_week_start,
}


# ---------------------------------------------------------------- the tables

#: The school year begins on the first day of this month.
_SEPTEMBER = 9


def read_schedules(
    sessions: pd.DataFrame, findings: Findings, *, term_dates: str | None
) -> pd.DataFrame:
    """Check when in the year sessions run, and write their rules in one way.

    Args:
        sessions: ``tables.SESSIONS`` as read, with ``_file`` and ``_row``.
        findings: gets the problems.
        term_dates: the file of term dates; None: there is none.

    Returns:
        The same rows, each schedule as :func:`parse_rule` writes it.

    """
    rules: list[str] = []
    names = ("schedule", "weekday", "period", "valid_from", "valid_to")
    for file, row, (text, weekday, period, first, last) in cells(sessions, *names):
        if isinstance(first, dt.date) and isinstance(last, dt.date) and first > last:
            what = "The dates are the wrong way round: it ends before it begins."
            findings.problem(file, what, "Swap the two.", row=row, column="valid_from")
        if not text:
            rules.append("")
            if not period:
                mend = "Say when in the year it runs, or give a schedule."
                findings.problem(file, "The cell is empty.", mend, row=row, column="period")
            continue
        rules.append(_read_rule(str(text), file, row, findings, first=first))
        beside = [name for name, cell in (("weekday", weekday), ("period", period)) if cell]
        if beside:
            what = f"{' and '.join(beside)} stand{'s' if len(beside) == 1 else ''} beside a schedule: it runs only on days that all of them say."
            mend = "Leave them blank if the schedule says it all."
            findings.note(file, what, mend, row=row, column="schedule")
    scheduled = sessions[[bool(rule) for rule in rules]]
    if term_dates is None and not scheduled.empty:
        what = "Sessions have schedules, and no term dates are named: weeks of the year are all taken as term."
        mend = 'Name them with term_dates = "…" in [services].'
        findings.note(str(scheduled["_file"].iloc[0]), what, mend, column="schedule")
    return sessions.assign(schedule=pd.Series(rules, index=sessions.index, dtype=object))


def _read_rule(text: str, file: str, row: int, findings: Findings, *, first: object) -> str:
    try:
        rule = parse_rule(text)
    except ValueError as error:
        what = f"{quote(text)} is no schedule that is known here."
        findings.problem(file, what, str(error), row=row, column="schedule")
        return text
    if first is None and needs_first_day(rule):
        what = f"Nothing says from which day {rule} counts."
        mend = "Give its first day as valid_from."
        findings.problem(file, what, mend, row=row, column="valid_from")
    return rule


def check_term_dates(dates: pd.DataFrame, date: dt.date, findings: Findings) -> None:
    """Check terms and holidays, and that some are of the school year of the day."""
    spelling = Spelling(HOLIDAYS)
    spans: list[tuple[str, dt.date, dt.date, str, int]] = []
    at_fault = False
    for file, row, (kind, name, first, last) in cells(
        dates, "kind", "name", "first_day", "last_day"
    ):
        if kind == "holiday" and name not in HOLIDAYS:
            at_fault = True
            what = f"{quote(str(name))} is no holiday known here." if name else "The cell is empty."
            findings.problem(file, what, spelling.mend(str(name)), row=row, column="name")
        if not isinstance(first, dt.date) or not isinstance(last, dt.date):
            at_fault = True
        elif first > last:
            at_fault = True
            what = "The dates are the wrong way round: it ends before it begins."
            findings.problem(file, what, "Swap the two.", row=row, column="first_day")
        else:
            spans.append((str(kind), first, last, file, row))
    _check_overlaps(spans, findings)
    if spans and not at_fault:
        _note_other_years(spans, date, findings)


def _check_overlaps(
    spans: list[tuple[str, dt.date, dt.date, str, int]], findings: Findings
) -> None:
    """Report terms in which a holiday lies; both are told by the row of the holiday."""
    terms = sorted((first, last, row) for kind, first, last, _, row in spans if kind == "term")
    for kind, first, last, file, row in spans:
        if kind != "holiday":
            continue
        for begin, end, other in terms:
            if begin <= last and first <= end:
                what = f"The holiday lies in the term of row {other}, which goes from {begin.isoformat()} to {end.isoformat()}."
                mend = "Write a term with a break as two rows, one before and one after it."
                findings.problem(file, what, mend, row=row, column="first_day")
                break


def _note_other_years(
    spans: list[tuple[str, dt.date, dt.date, str, int]], date: dt.date, findings: Findings
) -> None:
    year = date.year if date.month >= _SEPTEMBER else date.year - 1
    begin, end = dt.date(year, _SEPTEMBER, 1), dt.date(year + 1, _SEPTEMBER, 1)
    if any(first < end and last >= begin for _, first, last, _, _ in spans):
        return
    known = f"{min(span[1] for span in spans).isoformat()} to {max(span[2] for span in spans).isoformat()}"
    what = f"No date is of the school year {year}/{(year + 1) % 100:02d}, that of the exercise; they go from {known}."
    findings.note(spans[0][3], what, "Add the dates of that year.")

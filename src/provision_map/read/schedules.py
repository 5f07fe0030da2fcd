"""When sessions take place in the year: their schedules and days of validity, and the term dates.

A schedule is an iCalendar rule (:mod:`provision_map.recurrence`); here it is checked cell by cell
and written in one way. Which days it comes to is worked out in ``coverage``.
"""

from __future__ import annotations

import datetime as dt

import pandas as pd

from provision_map.read.codes import cells
from provision_map.read.findings import Findings
from provision_map.recurrence import parse_rule
from provision_map.schema import Spelling, quote
from provision_map.tables import HOLIDAYS


def read_schedules(sessions: pd.DataFrame, findings: Findings) -> pd.DataFrame:
    """Check when in the year sessions run, and write their rules in one way.

    What term dates leave open is said where rules are held against them, in ``coverage``.

    Args:
        sessions: ``tables.SESSIONS`` as read, with ``_file`` and ``_row``.
        findings: gets the problems.

    Returns:
        The same rows, each schedule in the one way in which a rule is written.

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
    return sessions.assign(schedule=pd.Series(rules, index=sessions.index, dtype=object))


def _read_rule(text: str, file: str, row: int, findings: Findings, *, first: object) -> str:
    try:
        rule = parse_rule(text)
    except ValueError as error:
        what = f"{quote(text)} is no schedule that is known here."
        findings.problem(file, what, str(error), row=row, column="schedule")
        return text
    if first is None and rule.needs_its_first_day:
        what = f"Nothing says from which day {rule} counts."
        mend = "Give its first day as valid_from."
        findings.problem(file, what, mend, row=row, column="valid_from")
    return str(rule)


def check_term_dates(dates: pd.DataFrame, findings: Findings) -> None:
    """Check that terms and holidays are known by name, end after they begin, and lie apart."""
    spelling = Spelling(HOLIDAYS)
    spans: list[tuple[str, dt.date, dt.date, str, int]] = []
    for file, row, (kind, name, first, last) in cells(
        dates, "kind", "name", "first_day", "last_day"
    ):
        if kind == "holiday" and name not in HOLIDAYS:
            what = f"{quote(str(name))} is no holiday known here." if name else "The cell is empty."
            findings.problem(file, what, spelling.mend(str(name)), row=row, column="name")
        if not isinstance(first, dt.date) or not isinstance(last, dt.date):
            continue
        if first > last:
            what = "The dates are the wrong way round: it ends before it begins."
            findings.problem(file, what, "Swap the two.", row=row, column="first_day")
        else:
            spans.append((str(kind), first, last, file, row))
    _check_overlaps(spans, findings)


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

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
    if first is None and rule.needs_its_first_day:
        what = f"Nothing says from which day {rule} counts."
        mend = "Give its first day as valid_from."
        findings.problem(file, what, mend, row=row, column="valid_from")
    return str(rule)


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

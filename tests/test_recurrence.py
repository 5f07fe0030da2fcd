"""The days of an RRULE: held equal to those of dateutil's iterator, and bounded where it is not."""

from __future__ import annotations

import datetime as dt
import time
from itertools import takewhile

import pytest
from dateutil.rrule import rrulestr
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from provision_map.coverage.recurrence import WEEKDAY_CODES, days_of, parse_rule

FIRST, LAST = dt.date(2020, 9, 1), dt.date(2021, 8, 31)


def days(text: str, start: dt.date, first: dt.date = FIRST, last: dt.date = LAST) -> list[dt.date]:
    falls = days_of(parse_rule(text), start, first=first, last=last)
    assert len(falls) == (last - first).days + 1
    return [first + dt.timedelta(days=i) for i, on in enumerate(falls) if on]


def by_dateutil(text: str, start: dt.date) -> list[dt.date]:
    """Walk the peer's iterator, day by day, to the last day."""
    rule = rrulestr(text, dtstart=dt.datetime.combine(start, dt.time()))
    to_last = takewhile(lambda moment: moment.date() <= LAST, rule)
    return [moment.date() for moment in to_last if moment.date() >= FIRST]


def listed(values: st.SearchStrategy[object]) -> st.SearchStrategy[str]:
    return st.lists(values, min_size=1, max_size=3, unique=True).map(
        lambda found: ",".join(map(str, found))
    )


signed = st.sampled_from([1, -1])
weekdays = listed(st.sampled_from(WEEKDAY_CODES))


@st.composite
def rules(draw: st.DrawFn) -> str:
    """Draw rules of every frequency, with parts that the standard lets it have."""
    frequency = draw(st.sampled_from(["DAILY", "WEEKLY", "MONTHLY", "YEARLY"]))
    parts = {"FREQ": frequency}
    maybe = st.booleans()
    if draw(maybe):
        parts["INTERVAL"] = str(draw(st.integers(1, 15)))
    if draw(maybe):
        nth = st.builds(
            lambda n, sign, day: f"{n * sign}{day}",
            st.integers(1, 5), signed, st.sampled_from(WEEKDAY_CODES),
        )  # fmt: skip
        # Both kinds in one list are a union by the standard; dateutil takes what they share.
        numbered = frequency in ("MONTHLY", "YEARLY") and draw(maybe)
        parts["BYDAY"] = draw(listed(nth) if numbered else weekdays)
    if frequency != "WEEKLY" and draw(maybe):
        parts["BYMONTHDAY"] = draw(
            listed(st.builds(lambda n, s: n * s, st.integers(1, 31), signed))
        )
    if draw(st.integers(0, 3)) == 0:
        parts["BYMONTH"] = draw(listed(st.integers(1, 12)))
    if len(parts.keys() & {"BYDAY", "BYMONTHDAY", "BYMONTH"}) and draw(maybe):
        parts["BYSETPOS"] = draw(listed(st.builds(lambda n, s: n * s, st.integers(1, 6), signed)))
    if draw(maybe):
        parts["WKST"] = draw(st.sampled_from(WEEKDAY_CODES))
    ends = draw(st.sampled_from(["", "", "COUNT", "UNTIL"]))
    if ends == "COUNT":
        parts["COUNT"] = str(draw(st.integers(1, 300)))
    if ends == "UNTIL":
        parts["UNTIL"] = draw(st.dates(dt.date(2019, 1, 1), dt.date(2022, 1, 1))).strftime("%Y%m%d")
    return ";".join(f"{key}={value}" for key, value in parts.items())


def comes_to_an_end(text: str, start: dt.date) -> bool:
    """Whether the peer's iterator does: it stops at a day too late, and needs one to stop at."""
    endless = ";".join(p for p in text.split(";") if not p.startswith(("COUNT=", "UNTIL=")))
    return bool(days(endless, start, LAST + dt.timedelta(days=1), dt.date(2030, 1, 1)))


@settings(max_examples=600, deadline=None)
@given(rules(), st.dates(dt.date(2018, 1, 1), dt.date(2021, 10, 1)))
def test_the_days_are_those_of_dateutil(text, start):
    assume(comes_to_an_end(text, start))
    assert days(text, start) == by_dateutil(text, start), text


@pytest.mark.soak
@settings(max_examples=5_000, deadline=None)
@given(rules(), st.dates(dt.date(1990, 1, 1), dt.date(2021, 10, 1)))
def test_soak_the_days_are_those_of_dateutil(text, start):
    assume(comes_to_an_end(text, start))
    assert days(text, start) == by_dateutil(text, start), text


D = dt.date


@pytest.mark.parametrize(
    ("text", "start", "expected"),
    [
        # The last Friday of the month, of months with Fridays 25 Sep, 30 Oct, 27 Nov.
        (
            "FREQ=MONTHLY;BYDAY=-1FR;UNTIL=20201130",
            D(2020, 9, 1),
            [D(2020, 9, 25), D(2020, 10, 30), D(2020, 11, 27)],
        ),
        # Both kinds of BYDAY in one list: the first Monday (7 Sep) and every Sunday of September.
        (
            "FREQ=MONTHLY;BYDAY=1MO,SU;UNTIL=20200930",
            D(2020, 9, 1),
            [D(2020, 9, 6), D(2020, 9, 7), D(2020, 9, 13), D(2020, 9, 20), D(2020, 9, 27)],
        ),
        # Every second week counts from the start's own week: Thursday 3 Sep is in it, 10 Sep not.
        (
            "RRULE:FREQ=WEEKLY; INTERVAL=2;BYDAY=TU, TH;COUNT=4",
            D(2020, 9, 2),
            [D(2020, 9, 3), D(2020, 9, 15), D(2020, 9, 17), D(2020, 9, 29)],
        ),
        # The start is not a day of the rule where the rule does not fall on it (Tuesday 1 Sep).
        ("FREQ=WEEKLY;BYDAY=WE;COUNT=2", D(2020, 9, 1), [D(2020, 9, 2), D(2020, 9, 9)]),
        # The last Wednesday of September 2020 is its last day.
        ("FREQ=MONTHLY;BYDAY=-1WE;UNTIL=20200930", D(2020, 9, 1), [D(2020, 9, 30)]),
        # The nth weekday of a year, and with months the nth of each of these.
        ("FREQ=YEARLY;BYDAY=-1FR", D(2020, 1, 1), [D(2020, 12, 25)]),
        ("FREQ=YEARLY;BYDAY=2MO", D(2020, 1, 1), [D(2021, 1, 11)]),
        ("FREQ=YEARLY;BYMONTH=11,5;BYDAY=1MO", D(2020, 1, 1), [D(2020, 11, 2), D(2021, 5, 3)]),
        # COUNT is used up before the first day asked for.
        ("FREQ=DAILY;COUNT=5", D(2020, 8, 1), []),
        ("FREQ=DAILY;COUNT=33", D(2020, 8, 1), [D(2020, 9, 1), D(2020, 9, 2)]),
        # A day with an hour in UNTIL is that day.
        ("freq=daily;until=20200902T235959Z;", D(2020, 9, 1), [D(2020, 9, 1), D(2020, 9, 2)]),
        # The 31st of a month: of autumn, October alone has one.
        ("FREQ=MONTHLY;UNTIL=20201130", D(2020, 8, 31), [D(2020, 10, 31)]),
        ("FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30", D(2020, 9, 1), []),
        ("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29", D(2020, 2, 29), []),
        ("FREQ=WEEKLY;BYDAY=MO;BYSETPOS=2", D(2020, 9, 1), []),
        ("FREQ=WEEKLY;BYDAY=MO", D(2021, 9, 1), []),  # begins after the last day asked for
        ("FREQ=WEEKLY;BYDAY=MO;UNTIL=20200831", D(2020, 1, 1), []),
    ],
)
def test_days_worked_out_by_hand(text, start, expected):
    assert days(text, start) == expected


def test_a_rule_that_never_happens_is_found_out_at_once():
    # dateutil's iterator takes seconds for each of these, walking to the year 9999.
    began = time.perf_counter()
    for shift in range(100):
        start = dt.date(1, 1, 1) + dt.timedelta(days=7_000 * shift)
        assert not days("FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30", start)
    assert time.perf_counter() - began < 2


def test_a_count_is_followed_no_further_back_than_fifty_years():
    with pytest.raises(ValueError, match="more than 50 years back"):
        days("FREQ=DAILY;COUNT=9", dt.date(1, 1, 1))


@pytest.mark.parametrize("moment", [dt.date(1, 1, 1), dt.date(9999, 12, 31)])
@pytest.mark.parametrize("frequency", ["DAILY", "WEEKLY", "MONTHLY", "YEARLY"])
def test_the_ends_of_the_calendar(frequency, moment):
    assert days(f"FREQ={frequency}", moment, moment, moment) == [moment]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "without a value"),
        ("every Tuesday", "without a value"),
        ("FREQ=", "without a value"),
        ("BYDAY=MO", "no FREQ"),
        ("FREQ=HOURLY", "no FREQ"),
        ("FREQ=WEEKLY;FREQ=DAILY", "FREQ twice"),
        ("FREQ=WEEKLY;BYHOUR=9", "not known here"),
        ("FREQ=WEEKLY;DTSTART=20200901", "not known here"),
        ("FREQ=WEEKLY;__CLASS__=1", "not known here"),
        ("FREQ=WEEKLY;INTERVAL=0", "no number from 1"),
        ("FREQ=WEEKLY;INTERVAL=-1", "no number from 1"),
        ("FREQ=WEEKLY;INTERVAL=99999999999999999999", "no number from 1"),
        ("FREQ=WEEKLY;INTERVAL=１", "no number from 1"),
        ("FREQ=WEEKLY;COUNT=0", "no number from 1"),
        ("FREQ=WEEKLY;BYDAY=XX", "no weekday"),
        ("FREQ=MONTHLY;BYDAY=0MO", "no weekday"),
        ("FREQ=WEEKLY;BYDAY=1MO", "numbers a weekday"),
        ("FREQ=MONTHLY;BYMONTHDAY=32", "no number from 1 to 31"),
        ("FREQ=MONTHLY;BYMONTHDAY=0", "no number from 1 to 31"),
        ("FREQ=MONTHLY;BYMONTH=-1", "no number from 1 to 12"),
        ("FREQ=WEEKLY;BYMONTHDAY=1", "does not have"),
        ("FREQ=YEARLY;BYYEARDAY=1", "not known here"),
        ("FREQ=YEARLY;BYWEEKNO=1", "not known here"),
        ("FREQ=MONTHLY;BYSETPOS=1", "nothing to take it of"),
        ("FREQ=DAILY;COUNT=2;UNTIL=20210101", "both COUNT and UNTIL"),
        ("FREQ=DAILY;UNTIL=20210230", "no day"),
        ("FREQ=DAILY;UNTIL=2021-02-03", "no day"),
        ("FREQ=DAILY;UNTIL=00000101", "no day"),
        ("FREQ=WEEKLY;WKST=1", "no WKST"),
        ("FREQ=WEEKLY;BYDAY=" + "MO," * 300 + "TU", "more than 500 characters"),
    ],
)
def test_what_is_no_rule_is_refused_with_its_reason(text, why):
    with pytest.raises(ValueError, match=why):
        parse_rule(text)


@given(st.text(max_size=80) | st.from_regex(r"FREQ=[A-Z]+(;[A-Z]+=[-+A-Z0-9,]+){0,4}"))
def test_any_text_is_a_rule_or_a_reason(text):
    try:
        rule = parse_rule(text)
    except ValueError as error:
        assert str(error).startswith("has ")  # noqa: PT017
        return
    falls = days_of(rule, FIRST, first=FIRST, last=LAST)
    assert len(falls) == 365

"""An RRULE, read and written; its days are those of dateutil's iterator, and bounded where it is not."""

from __future__ import annotations

import datetime as dt
import time
from itertools import takewhile

import pytest
from dateutil.rrule import rrulestr
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from provision_map.recurrence import LONGEST_RULE, WEEKDAY_CODES, days_of, parse_rule

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


# ---------------------------------------------------------------- reading and writing


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("FREQ=WEEKLY;INTERVAL=2;BYDAY=TU,TH", "FREQ=WEEKLY;INTERVAL=2;BYDAY=TU,TH"),
        (" rrule:freq=weekly; byday = tu , th ;", "FREQ=WEEKLY;BYDAY=TU,TH"),
        ("BYDAY=MO;FREQ=DAILY", "FREQ=DAILY;BYDAY=MO"),
        ("FREQ=MONTHLY;BYDAY=+1MO,-1FR", "FREQ=MONTHLY;BYDAY=1MO,-1FR"),
        ("FREQ=WEEKLY;BYDAY=MO,MO", "FREQ=WEEKLY;BYDAY=MO"),
        ("FREQ=YEARLY;BYMONTH=05;BYMONTHDAY=-1", "FREQ=YEARLY;BYMONTH=5;BYMONTHDAY=-1"),
        ("FREQ=YEARLY;BYDAY=20MO", "FREQ=YEARLY;BYDAY=20MO"),
        ("FREQ=WEEKLY;UNTIL=20201218T235959Z;BYDAY=FR", "FREQ=WEEKLY;UNTIL=20201218;BYDAY=FR"),
        ("FREQ=MONTHLY;BYSETPOS=-1;BYDAY=MO,TU,WE,TH,FR", "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1"),
        ("FREQ=WEEKLY;WKST=SU;COUNT=10", "FREQ=WEEKLY;COUNT=10;WKST=SU"),
        ("FREQ=WEEKLY;INTERVAL=1;WKST=MO", "FREQ=WEEKLY;INTERVAL=1;WKST=MO"),
        ("FREQ=DAILY;UNTIL=00010203", "FREQ=DAILY;UNTIL=00010203"),
    ],
)  # fmt: skip
def test_a_rule_is_written_in_one_way(text, rule):
    assert str(parse_rule(text)) == rule
    assert str(parse_rule(rule)) == rule


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "is no part of a rule"),
        ("every Tuesday", "is no part of a rule"),
        ("FREQ=", "'FREQ=' is no part of a rule"),
        ("BYDAY=TU", "A rule begins with how often: FREQ=WEEKLY;INTERVAL=2;BYDAY=TU,TH."),
        ("FREQ=SECONDLY", "use one of DAILY, WEEKLY, MONTHLY, YEARLY"),
        ("FREQ=HOURLY", "use one of DAILY, WEEKLY, MONTHLY, YEARLY"),
        ("FREQ=DAILY;BYHOUR=9", "the time of day stands in start and end"),
        ("FREQ=YEARLY;BYWEEKNO=3", "by BYMONTH and BYDAY"),
        ("FREQ=YEARLY;BYYEARDAY=3", "by BYMONTH and BYMONTHDAY"),
        ("FREQ=DAILY;EXDATE=20200101", "stand in the term dates, as closed"),
        ("DTSTART:20200101;FREQ=DAILY", "the first day stands in valid_from"),
        ("DTSTART;TZID=Europe/London:20200101", "the first day stands in valid_from"),
        ("DTSTART:20200101\nRRULE:FREQ=DAILY", "one rule, in one line"),
        ("FREQ=DAILY\rFREQ=DAILY", "one rule, in one line"),
        ("FREQ=DAILY;FREQ=WEEKLY", "FREQ stands twice"),
        ("FREQ=DAILY;X-MINE=1", "'X-MINE' is not known here"),
        ("FREQ=DAILY;__CLASS__=1", "'__CLASS__' is not known here"),
        ("FREQ=DAILY;INTERVAL=0", "INTERVAL is a whole number from 1 to 99"),
        ("FREQ=DAILY;INTERVAL=100", "INTERVAL is a whole number from 1 to 99"),
        ("FREQ=DAILY;INTERVAL=-1", "INTERVAL is a whole number from 1 to 99"),
        ("FREQ=DAILY;INTERVAL=1.5", "INTERVAL is a whole number"),
        ("FREQ=DAILY;INTERVAL=" + "9" * 50, "INTERVAL is a whole number"),
        ("FREQ=DAILY;INTERVAL=１", "letters that no rule has"),
        ("FREQ=DAILY;COUNT=0", "COUNT is a whole number from 1 to 1000"),
        ("FREQ=DAILY;COUNT=1001", "COUNT is a whole number from 1 to 1000"),
        ("FREQ=DAILY;COUNT=3;UNTIL=20200101", "keep one of them"),
        ("FREQ=DAILY;UNTIL=20200231", "UNTIL is a day"),
        ("FREQ=DAILY;UNTIL=2020-02-03", "UNTIL is a day"),
        ("FREQ=DAILY;UNTIL=00000101", "UNTIL is a day"),
        ("FREQ=WEEKLY;BYDAY=TUE", "'TUE' is no weekday"),
        ("FREQ=WEEKLY;BYDAY=TU,", "'' is no weekday"),
        ("FREQ=MONTHLY;BYDAY=0TU", "'0TU' is no weekday"),
        ("FREQ=WEEKLY;BYDAY=1TU", "FREQ=MONTHLY;BYDAY=3TU"),
        ("FREQ=MONTHLY;BYDAY=6TU", "at most 5"),
        ("FREQ=YEARLY;BYDAY=54TU", "at most 53"),
        ("FREQ=YEARLY;BYMONTH=5;BYDAY=6TU", "at most 5"),
        ("FREQ=WEEKLY;BYMONTHDAY=3", "A week has no BYMONTHDAY"),
        ("FREQ=MONTHLY;BYMONTHDAY=32", "BYMONTHDAY is a whole number from 1 to 31"),
        ("FREQ=MONTHLY;BYMONTHDAY=0", "BYMONTHDAY is a whole number from 1 to 31"),
        ("FREQ=YEARLY;BYMONTH=-1", "BYMONTH is a whole number from 1 to 12"),
        ("FREQ=MONTHLY;BYSETPOS=1", "BYSETPOS picks among days"),
        ("FREQ=MONTHLY;WKST=1", "WKST is one of MO"),
        ("FREQ=WEEKLY;BYDAY=МО", "letters that no rule has"),
        ("FREQ=DAILY;" * 40, f"at most {LONGEST_RULE} are read"),
    ],
)  # fmt: skip
def test_what_is_no_rule_is_told_in_a_sentence(text, words):
    with pytest.raises(ValueError, match=r".+") as caught:
        parse_rule(text)
    assert words in str(caught.value)
    assert str(caught.value).endswith(".")


PARTS = st.lists(
    st.sampled_from([
        "FREQ=DAILY", "FREQ=WEEKLY", "FREQ=MONTHLY", "FREQ=YEARLY", "INTERVAL=2", "COUNT=5", "UNTIL=20210101", "BYDAY=MO", "BYDAY=-1MO,TU",
        "BYDAY=5SU", "BYMONTHDAY=31", "BYMONTHDAY=-1,1", "BYMONTH=2", "BYSETPOS=1", "WKST=SU", "", "=", "x",
    ]),
    max_size=6,
).map(";".join)  # fmt: skip


@given(st.one_of(st.text(max_size=60), PARTS, PARTS.map(str.lower)))
@example("FREQ=WEEKLY;INTERVAL=1;WKST=MO")
def test_any_text_is_a_rule_that_stays_itself_or_is_refused_in_a_sentence(text):
    try:
        rule = parse_rule(text)
    except ValueError as error:
        assert str(error).endswith(".")  # noqa: PT017
        return
    assert parse_rule(str(rule)) == rule
    assert len(days_of(rule, FIRST, first=FIRST, last=LAST)) == 365


# Both firsts lie before the week of the first day asked for: BYSETPOS numbers the days of the week
# in which a rule begins from its first day on.
@settings(deadline=None)
@given(rules(), st.dates(dt.date(2019, 1, 1), dt.date(2020, 7, 15)), st.integers(1, 40))
def test_what_needs_no_first_day_falls_on_the_same_days_whatever_the_first(text, start, later):
    assume(not parse_rule(text).needs_its_first_day)
    assert days(text, start) == days(text, start + dt.timedelta(days=later))


@pytest.mark.parametrize(
    ("text", "needs"),
    [
        ("FREQ=WEEKLY;INTERVAL=2;BYDAY=TU", True),
        ("FREQ=WEEKLY;INTERVAL=1;BYDAY=TU", False),
        ("FREQ=WEEKLY;COUNT=9;BYDAY=TU", True),
        ("FREQ=WEEKLY", True),
        ("FREQ=DAILY", False),
        ("FREQ=YEARLY;BYMONTH=5", True),
        ("FREQ=YEARLY;BYMONTH=5;BYDAY=MO", False),
        ("FREQ=MONTHLY;BYMONTHDAY=1", False),
    ],
)
def test_which_rules_need_their_first_day(text, needs):
    assert parse_rule(text).needs_its_first_day == needs

"""Rules of the days of a session, as they may stand in a cell; term dates."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provision_map.coverage import recurrence
from provision_map.read import read_inputs, read_settings
from provision_map.read.schedules import LONGEST, needs_first_day, parse_rule
from tiny_exercise import TERM_DATES, add_file, add_settings, append_row, set_cell

SESSIONS = "data/services/sessions.csv"
TERMS = "data/services/term_dates.csv"


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
    ],
)  # fmt: skip
def test_a_rule_is_written_in_one_way(text, rule):
    assert parse_rule(text) == rule
    assert parse_rule(rule) == rule


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "is no part of a rule"),
        ("every Tuesday", "is no part of a rule"),
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
        ("FREQ=DAILY;INTERVAL=0", "INTERVAL is a whole number from 1 to 99"),
        ("FREQ=DAILY;INTERVAL=100", "INTERVAL is a whole number from 1 to 99"),
        ("FREQ=DAILY;INTERVAL=-1", "INTERVAL is a whole number from 1 to 99"),
        ("FREQ=DAILY;INTERVAL=1.5", "INTERVAL is a whole number"),
        ("FREQ=DAILY;INTERVAL=" + "9" * 50, "INTERVAL is a whole number"),
        ("FREQ=DAILY;COUNT=0", "COUNT is a whole number"),
        ("FREQ=DAILY;COUNT=3;UNTIL=20200101", "keep one of them"),
        ("FREQ=DAILY;UNTIL=20200231", "UNTIL is a day"),
        ("FREQ=DAILY;UNTIL=2020-02-03", "UNTIL is a day"),
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
        ("FREQ=DAILY;" * 40, f"at most {LONGEST} are read"),
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
def test_any_text_is_a_rule_that_stays_itself_or_is_refused(text):
    try:
        rule = parse_rule(text)
    except ValueError:
        return
    assert parse_rule(rule) == rule
    # What is let in here is understood where its days are worked out.
    understood = recurrence.parse_rule(rule)
    assert needs_first_day(rule) == (
        understood.takes_its_day_from_the_first
        or understood.interval > 1
        or understood.count is not None
    )


# ---------------------------------------------------------------- in an exercise


def use(folder, terms: str | None = TERM_DATES, **cells: str) -> None:
    """Add a session; without cells only the headings. With term dates unless there are none."""
    path = folder / SESSIONS
    lines = path.read_text().splitlines()
    heads = lines[0] + ",schedule,valid_from,valid_to"
    path.write_text("\n".join([heads, *(line + ",,," for line in lines[1:])]) + "\n")
    if cells:
        append_row(path, service_id="S1", start="18:00", end="20:00", **cells)
    if terms is not None:
        add_file(folder, TERMS, terms)
        add_settings(folder, "services", term_dates=TERMS)


def read(folder):
    return read_inputs(read_settings(folder))


def test_a_schedule_is_read_and_needs_neither_weekday_nor_period(tiny):
    use(tiny, schedule="freq=weekly;interval=2;byday=tu", valid_from="2020-09-08")
    inputs = read(tiny)
    assert inputs.problems == ()
    assert inputs.notes == ()
    last = inputs.sessions.iloc[-1]
    assert last["schedule"] == "FREQ=WEEKLY;INTERVAL=2;BYDAY=TU"
    assert (last["period"], last["valid_from"]) == ("", dt.date(2020, 9, 8))
    assert inputs.sessions["schedule"].tolist()[:-1] == [""] * 7
    assert len(inputs.term_dates) == 13
    assert inputs.term_dates["first_day"][0] == dt.date(2020, 9, 3)


def test_a_rule_by_weekday_needs_no_first_day(tiny):
    use(tiny, schedule="FREQ=MONTHLY;BYDAY=1MO")
    assert read(tiny).problems == ()


def test_what_stands_beside_a_schedule_is_noted(tiny):
    use(tiny, schedule="FREQ=MONTHLY;BYDAY=1MO", weekday="Monday", period="term")
    inputs = read(tiny)
    assert inputs.problems == ()
    [note] = inputs.notes
    assert (note.file, note.row, note.column) == (SESSIONS, 9, "schedule")
    assert note.what.startswith("weekday and period stand beside a schedule")


def test_schedules_without_term_dates_are_noted_once(tiny):
    use(tiny, None, schedule="FREQ=MONTHLY;BYDAY=1MO")
    append_row(tiny / SESSIONS, service_id="S2", start="10:00", end="11:00", schedule="FREQ=DAILY")
    inputs = read(tiny)
    assert inputs.problems == ()
    [note] = inputs.notes
    assert note.what == "Sessions have schedules, and no term dates are named: weeks of the year are all taken as term."  # fmt: skip


def test_term_dates_of_other_years_are_noted(tiny):
    use(tiny, TERM_DATES.replace("2021-", "2019-").replace("2020-", "2018-"))
    inputs = read(tiny)
    assert inputs.problems == ()
    [note] = inputs.notes
    assert note.what == "No date is of the school year 2020/21, that of the exercise; they go from 2018-09-03 to 2019-09-01."  # fmt: skip


def test_all_that_is_wrong_with_a_year_is_told_at_once(tiny):
    use(tiny, schedule="FREQ=HOURLY", valid_from="2021-02-01", valid_to="2021-01-01")
    set_cell(tiny / SESSIONS, 2, "period", "")
    set_cell(tiny / TERMS, 3, "name", "Half term")
    set_cell(tiny / TERMS, 4, "last_day", "2020-11-01")
    set_cell(tiny / TERMS, 6, "first_day", "soon")
    told = {(p.file, p.row, p.column) for p in read(tiny).problems}
    assert told == {
        (SESSIONS, 2, "period"),
        (SESSIONS, 9, "schedule"),
        (SESSIONS, 9, "valid_from"),
        (TERMS, 3, "name"),
        (TERMS, 4, "first_day"),
        (TERMS, 6, "first_day"),
    }


def test_without_term_dates_the_table_is_empty_with_its_columns(tiny):
    dates = read(tiny).term_dates
    assert dates.empty
    assert {"kind", "name", "first_day", "last_day", "_row", "_file"} <= set(dates.columns)

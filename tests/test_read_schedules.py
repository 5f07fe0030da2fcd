"""Schedules and term dates, as they are read from an exercise."""

from __future__ import annotations

import datetime as dt

import pytest

from provision_map import measure_exercise, read_exercise
from provision_map.read import read_inputs, read_settings
from tiny_exercise import TERM_DATES, add_file, add_settings, append_row, set_cell

SESSIONS = "data/services/sessions.csv"
TERMS = "data/services/term_dates.csv"


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


@pytest.mark.parametrize(
    ("terms", "said"),
    [
        (None, "There are none: schedules are taken to run in every week"),
        (
            TERM_DATES.replace("2021-", "2019-").replace("2020-", "2018-"),
            "None are of the school year of 2020-11-30: schedules are held against those of 2018-19.",
        ),
    ],
)
def test_term_dates_that_are_missing_or_of_other_years_are_said_once_in_a_run(terms, said, tiny):
    use(tiny, terms, schedule="FREQ=MONTHLY;BYDAY=1MO")
    append_row(tiny / SESSIONS, service_id="S2", start="10:00", end="11:00", schedule="FREQ=DAILY")
    measured = measure_exercise(read_exercise(tiny))
    told = [*measured.inputs.notes, *measured.notes]
    words = ("term dates", "school year")
    [note] = [note for note in told if any(word in f"{note.file} {note.what}" for word in words) and "no dates for" not in note.what]  # fmt: skip
    assert note.what.startswith(said)


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

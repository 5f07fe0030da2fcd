"""Schedules and days of validity as plain sessions: by hand, against dateutil, and as laws."""

from __future__ import annotations

import datetime as dt
import warnings

import pandas as pd
import pytest
from dateutil.rrule import rrulestr
from hypothesis import given, settings
from hypothesis import strategies as st

from provision_map.coverage.schedule import NEVER, expand_schedules
from provision_map.errors import DataWarning
from provision_map.model import Element, Standard
from provision_map.tables import HOLIDAYS, SESSIONS, TERM_DATES, WEEKDAYS
from towns import DATE, Town, element, frame

D = dt.date
#: The school year 2020-21 of a county such as Gloucestershire. Made up, after how such years go.
YEAR = [
    ("term", "1", D(2020, 9, 2), D(2020, 10, 23)),
    ("holiday", "October half term", D(2020, 10, 26), D(2020, 10, 30)),
    ("term", "2", D(2020, 11, 2), D(2020, 12, 18)),
    ("holiday", "Christmas", D(2020, 12, 19), D(2021, 1, 3)),
    ("term", "3", D(2021, 1, 4), D(2021, 2, 12)),
    ("holiday", "February half term", D(2021, 2, 15), D(2021, 2, 19)),
    ("term", "4", D(2021, 2, 22), D(2021, 4, 1)),
    ("holiday", "Easter", D(2021, 4, 2), D(2021, 4, 16)),
    ("term", "5", D(2021, 4, 19), D(2021, 5, 28)),
    ("holiday", "May half term", D(2021, 5, 31), D(2021, 6, 4)),
    ("term", "6", D(2021, 6, 7), D(2021, 7, 23)),
    ("holiday", "Summer", D(2021, 7, 26), D(2021, 9, 1)),
    *(
        ("closed", "bank holiday", day, day)
        for day in (
            D(2020, 12, 25), D(2020, 12, 28), D(2021, 1, 1), D(2021, 4, 2), D(2021, 4, 5),
            D(2021, 5, 3), D(2021, 5, 31), D(2021, 8, 30),
        )
    ),
]  # fmt: skip
#: Weeks of term by weekday. Mondays: 7 + 7 + 6 + 6 + (6, less 3 May) + 7; the first term begins on
#: a Wednesday; the fourth ends on a Thursday.
TERM_WEEKS = {
    "Monday": 38, "Tuesday": 39, "Wednesday": 40, "Thursday": 40, "Friday": 39,
}  # fmt: skip
FOUR, SIX = dt.time(16), dt.time(18)


def dates(spans: list[tuple[str, str, dt.date, dt.date]] = YEAR) -> pd.DataFrame:
    names = ("kind", "name", "first_day", "last_day")
    return frame(TERM_DATES, [dict(zip(names, span, strict=True)) for span in spans])


def session(schedule: str = "", **fields: object) -> dict[str, object]:
    return {"service_id": "a", "start": FOUR, "end": SIX, "schedule": schedule, **fields}


def expand(
    *sessions: dict[str, object], terms: pd.DataFrame | None = None, date: dt.date = DATE, **more
) -> tuple[pd.DataFrame, list[str]]:
    """Expand, and return the rows with what was said of them."""
    given_rows = frame(SESSIONS, list(sessions))
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        out = expand_schedules(given_rows, dates() if terms is None else terms, date=date, **more)
    assert {w.category for w in caught} <= {DataWarning}
    return out, [str(w.message) for w in caught]


def gives(rows: pd.DataFrame) -> dict[str, object]:
    """Sum up plain rows: weekdays of term, and holidays by weekday."""
    assert set(rows["schedule"]) <= {""}
    term = [w for w, p in zip(rows["weekday"], rows["period"], strict=True) if p == "term"]
    away = {
        w: h
        for w, p, h in zip(rows["weekday"], rows["period"], rows["holidays"], strict=True)
        if p == "holidays"
    }
    return {"term": term, "holidays": away}


# ---------------------------------------------------------------- by hand


def test_the_weeks_of_term_are_as_counted_by_hand():
    for weekday, weeks in TERM_WEEKS.items():
        once = f"FREQ=YEARLY;BYMONTH=11;BYDAY=1{weekday[:2].upper()}"
        _, said = expand(session(once))
        assert f"runs in 1 of {weeks} term weeks on {weekday}s" in said[0]


def test_a_club_of_every_week_runs_in_term_and_in_every_holiday():
    rows, said = expand(session("FREQ=WEEKLY;BYDAY=TU,TH", _row=7))
    every = tuple(HOLIDAYS)
    assert gives(rows) == {
        "term": ["Tuesday", "Thursday"],
        "holidays": {"Tuesday": every, "Thursday": every},
    }
    assert set(rows["start"]) == {FOUR}
    assert set(rows["end"]) == {SIX}
    assert said == []


def test_bank_holidays_do_not_make_a_club_less_than_weekly():
    # 3 May is closed in term. In the holidays 28 Dec, 5 Apr, 31 May and 30 Aug are: there is
    # 21 Dec, 12 Apr and 26 Jul beside three of them, and no other Monday in the May half term.
    rows, said = expand(session("FREQ=WEEKLY;BYDAY=MO"))
    open_ = tuple(h for h in HOLIDAYS if h != "May half term")
    assert gives(rows) == {"term": ["Monday"], "holidays": {"Monday": open_}}
    assert said == []


def test_a_fortnightly_club_is_not_weekly_and_is_named_with_its_weeks():
    # From 7 September: 7, 21 Sep, 5, 19 Oct | 2, 16, 30 Nov, 14 Dec | 11, 25 Jan, 8 Feb |
    # 22 Feb, 8, 22 Mar | 19 Apr, 17 May (3 May closed) | 14, 28 Jun, 12 Jul: 4+4+3+3+2+3 = 19.
    # In holidays 28 Dec, 5 Apr and 31 May are closed: only 26 July is left, and 9, 23 August.
    rows, said = expand(
        {
            **session("FREQ=WEEKLY;INTERVAL=2;BYDAY=MO", valid_from=D(2020, 9, 7)),
            "service_id": "club-3",
        }
    )
    assert gives(rows) == {"term": [], "holidays": {"Monday": ("Summer",)}}
    assert said == [
        (
            "sessions, column schedule: 1 session is too seldom to count as weekly: "
            "club-3 runs in 19 of 38 term weeks on Mondays. "
            "A standard of so much a week does not count them."
        )
    ]


def test_the_share_of_weeks_is_reached_where_it_is_met_exactly():
    # Every week but from January on: Mondays 6 + 6 + 5 + 7 = 24 of 38, 63.2 %.
    rule = session("FREQ=WEEKLY;BYDAY=MO;BYMONTH=1,2,3,4,5,6,7", period="term")
    assert gives(expand(rule, weekly=24 / 38)[0])["term"] == ["Monday"]
    assert gives(expand(rule, weekly=24 / 38 + 1e-6)[0])["term"] == []
    assert gives(expand(rule)[0])["term"] == []


def test_a_club_that_began_in_january_is_judged_by_the_weeks_since():
    rows, said = expand(
        session("FREQ=WEEKLY;BYDAY=MO", valid_from=D(2021, 1, 4)), date=D(2021, 3, 1)
    )
    assert gives(rows) == {
        "term": ["Monday"],
        "holidays": {"Monday": ("February half term", "Easter", "Summer")},
    }
    assert said == []


def test_until_ends_a_rule_as_valid_to_ends_a_row():
    # Every Tuesday to the end of January, 2 months on: weekly, of the weeks that it was to run in.
    rule = "FREQ=WEEKLY;BYDAY=TU"
    until, said = expand(session(f"{rule};UNTIL=20210131"))
    to, _ = expand(session(rule, valid_to=D(2021, 1, 31)))
    assert said == []
    assert gives(until) == gives(to)
    assert set(gives(until)["term"]) == {"Tuesday"}
    # Ended before the day of the exercise it gives nothing; the earlier of the two ends it.
    for fields in ({}, {"valid_to": D(2021, 7, 1)}):
        rows, said = expand(session(f"{rule};UNTIL=20201129", **fields))
        assert rows["period"].tolist() == [NEVER]
        assert "holds to 2020-11-29" in said[0]
    rows, _ = expand(session(f"{rule};UNTIL=20210701", valid_to=D(2020, 11, 29)))
    assert rows["period"].tolist() == [NEVER]
    on_the_day, _ = expand(session(f"{rule};UNTIL=20201130"))
    assert set(gives(on_the_day)["term"]) == {"Tuesday"}


def test_a_summer_scheme_gives_the_summer_and_no_week_of_term():
    rows, said = expand(session("FREQ=DAILY;BYDAY=MO,WE;BYMONTH=8"))
    assert gives(rows) == {
        "term": [],
        "holidays": {"Monday": ("Summer",), "Wednesday": ("Summer",)},
    }
    assert said == []


def test_a_day_in_a_term_and_in_a_holiday_is_of_the_holiday():
    whole = [("term", "", D(2020, 9, 2), D(2020, 12, 18)), *[y for y in YEAR if y[0] != "term"]]
    # Tuesdays from 8 September to 15 December are 15, one of them in the half term: 14.
    _, said = expand(session("FREQ=MONTHLY;BYDAY=1TU"), terms=dates(whole))
    # The first Tuesdays of a month: 6 Oct, 3 Nov, 1 Dec; 1 Sep is before the term.
    assert "runs in 3 of 14 term weeks on Tuesdays" in said[0]


def test_what_stands_beside_a_schedule_narrows_it_down():
    daily = "FREQ=DAILY"
    rows, _ = expand(session(daily, weekday="Tuesday"))
    assert gives(rows) == {"term": ["Tuesday"], "holidays": {"Tuesday": tuple(HOLIDAYS)}}
    rows, _ = expand(session(daily, weekday="Tuesday", period="term"))
    assert gives(rows) == {"term": ["Tuesday"], "holidays": {}}
    rows, _ = expand(
        session(daily, weekday="Friday", period="holidays", holidays=("Easter", "Summer"))
    )
    assert gives(rows) == {"term": [], "holidays": {"Friday": ("Easter", "Summer")}}
    rows, _ = expand(session("FREQ=WEEKLY", weekday="Tuesday"))
    assert gives(rows)["term"] == ["Tuesday"]


def test_unknown_times_stay_unknown_on_their_weekdays():
    rows, said = expand(session("FREQ=WEEKLY;BYDAY=TU", start=None))
    assert gives(rows)["term"] == ["Tuesday"]
    assert rows["start"].tolist() == [None, None]
    assert rows["end"].tolist() == [SIX, SIX]
    assert said == []


# ---------------------------------------------------------------- what gives nothing


@pytest.mark.parametrize(
    ("rule", "terms"),
    [
        ("FREQ=MONTHLY;BYDAY=SA;BYMONTHDAY=31;BYMONTH=2", YEAR),
        ("FREQ=MONTHLY;BYDAY=SA;BYMONTHDAY=31;BYMONTH=2", []),
        ("FREQ=YEARLY;BYMONTH=12;BYMONTHDAY=25", YEAR),  # closed
        ("FREQ=WEEKLY;BYDAY=SU;BYMONTH=9", [y for y in YEAR if y[2].month != 9]),
    ],
)
def test_a_schedule_that_never_happens_gives_nothing_for_certain(rule, terms):
    rows, said = expand(session(rule), terms=dates(terms))
    assert rows["period"].tolist() == [NEVER]
    assert said[-1] == (
        "sessions, column schedule: 1 session has a schedule that never happens, so nothing is "
        "given: a. Check the rule against the term dates."
    )


def test_a_session_out_of_date_gives_nothing_with_or_without_a_schedule():
    rows, said = expand(
        session(weekday="Monday", period="term", valid_to=D(2020, 11, 29)),
        session("FREQ=DAILY", valid_from=D(2020, 12, 1)),
        session(weekday="Friday", period="term", valid_from=DATE, valid_to=DATE),
    )
    assert rows["period"].tolist() == [NEVER, NEVER, "term"]
    assert said == [
        (
            "sessions: 2 sessions are not held on the day of the exercise, so nothing is given: "
            "a holds from 2020-12-01; a holds to 2020-11-29. Check valid_from, valid_to and UNTIL."
        )
    ]


def test_who_has_a_schedule_that_never_happens_is_not_unknown():
    camps = Element("Y06", "Holidays", ("EA4",), Standard("holidays", 1, 1600, "", quality=False))
    for which in (element(), camps, element(unit="days", need=1)):
        town = Town(element=which).club("c", ("Friday", 19, 21))
        town.sessions[0] |= {"period": NEVER}
        assert town.classes() == {"none": 100}
        town.sessions.clear()
        assert town.classes() == {"unknown_hours": 100}


def test_a_schedule_that_nobody_held_against_term_dates_is_unknown():
    camps = Element("Y06", "Holidays", ("EA4",), Standard("holidays", 1, 1600, "", quality=False))
    for which in (element(), camps):
        town = Town(element=which).club("c", ("Friday", 19, 21))
        town.sessions[0] |= {"period": "", "schedule": "FREQ=DAILY"}
        assert town.classes() == {"unknown_hours": 100}


# ---------------------------------------------------------------- what is not known


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"schedule": "every Tuesday"}, "has no rule that is known here ("),
        ({"schedule": "FREQ=SECONDLY"}, "use one of DAILY, WEEKLY, MONTHLY, YEARLY"),
        ({"schedule": "FREQ=WEEKLY"}, "says no day, and there is no valid_from to take it from"),
        (
            {"schedule": "FREQ=DAILY;COUNT=9", "valid_from": D(1920, 1, 1)},
            "more than 50 years back",
        ),
        (
            {"schedule": "FREQ=DAILY", "valid_from": D(2030, 1, 1)},
            "holds at a time of which no term dates are given",
        ),
    ],
)
def test_a_rule_that_cannot_be_held_against_the_year_leaves_the_hours_unknown(fields, why):
    date = max(DATE, fields.get("valid_from", DATE))
    rows, said = expand(session(**fields, _row=1), date=date)
    assert gives(rows) == {"term": [""], "holidays": {"": ()}}
    assert "1 session has a schedule that leaves the hours unknown: a " in said[-1]
    assert why in said[-1]
    rows, _ = expand(session(**fields, period="term"), date=date)
    assert gives(rows) == {"term": [""], "holidays": {}}
    rows, _ = expand(session(**fields, period="holidays"), date=date)
    assert gives(rows) == {"term": [], "holidays": {"": ()}}


def test_without_term_dates_every_week_is_term_and_nothing_is_known_of_holidays():
    rows, said = expand(session("FREQ=WEEKLY;BYDAY=TU"), terms=dates([]))
    assert gives(rows) == {"term": ["Tuesday"], "holidays": {"Tuesday": ()}}
    # A row of a holiday without times: it may run on a Tuesday, and promises nothing.
    assert rows["start"].tolist() == [FOUR, None]
    assert said == [
        (
            "term dates: There are none: schedules are taken to run in every week of the year from "
            "1 September 2020, and nothing is known of holidays. Give a table of term dates: "
            "term_dates in [services]."
        )
    ]
    # 52 Tuesdays, from 1 September 2020 to 31 August 2021 are 53; the first ones of months are 12.
    _, said = expand(session("FREQ=MONTHLY;BYDAY=1TU"), terms=dates([]))
    assert "runs in 12 of 53 term weeks on Tuesdays" in said[1]


def test_a_holiday_without_dates_is_unknown_and_said():
    short = [y for y in YEAR if y[1] != "Summer"]
    rows, said = expand(session("FREQ=WEEKLY;BYDAY=TU"), terms=dates(short))
    assert rows["holidays"].tolist() == [(), HOLIDAYS[:-1], ()]
    assert rows["start"].tolist() == [FOUR, FOUR, None]
    assert said == [
        (
            "term dates: 2020-21 has no dates for Summer: whether a schedule runs then is unknown. "
            "Give a row for each holiday, named as in the data dictionary."
        )
    ]
    # Asked for Easter alone, or ended in July, nothing is open.
    rows, _ = expand(
        session("FREQ=WEEKLY;BYDAY=TU", period="holidays", holidays=("Easter",)),
        session("FREQ=WEEKLY;BYDAY=TU;UNTIL=20210723", period="holidays", valid_from=D(2020, 9, 2)),
        terms=dates(short),
    )
    assert rows["holidays"].tolist() == [("Easter",), HOLIDAYS[:-1]]


def test_without_rows_of_term_all_but_the_holidays_is_term():
    weekly = session("FREQ=WEEKLY;BYDAY=TU")
    breaks = [y for y in YEAR if y[0] != "term"]
    rows, _ = expand(weekly, terms=dates(breaks))
    assert gives(rows) == {"term": ["Tuesday"], "holidays": {"Tuesday": HOLIDAYS}}
    # A summer without dates is then somewhere in what is taken as term.
    rows, _ = expand(weekly, terms=dates([y for y in breaks if y[1] != "Summer"]))
    assert rows["holidays"].tolist() == [(), HOLIDAYS[:-1], ()]


@pytest.mark.parametrize(
    ("date", "name", "said_of"),
    [
        (D(2020, 9, 1), "2020-21", None),
        (D(2021, 8, 31), "2020-21", None),
        (D(2021, 9, 1), "2020-21", "2021-09-01"),  # summer holidays of the year before go on
        (D(2017, 3, 1), "2020-21", "2017-03-01"),
    ],
)
def test_the_school_year_is_that_of_the_day_or_the_nearest(date, name, said_of):
    rows, said = expand(session("FREQ=WEEKLY;BYDAY=WE"), date=date)
    assert gives(rows)["term"] == ["Wednesday"]
    assert said == (
        []
        if said_of is None
        else [
            (
                f"term dates: None are of the school year of {said_of}: schedules are held against "
                f"those of {name}. Give the term dates of the school year."
            )
        ]
    )


def test_of_several_school_years_each_day_has_its_own():
    # The new year's first term begins in August, and belongs to it all the same.
    later = [
        ("term", "1", D(2021, 8, 30), D(2021, 10, 22)),
        *(("holiday", h, D(2021, 10, 25), D(2021, 10, 29)) for h in HOLIDAYS),
    ]
    both = dates([*later, *YEAR])
    seldom = session("FREQ=MONTHLY;BYDAY=1WE")
    assert "of 40 term weeks" in expand(seldom, terms=both, date=D(2020, 9, 1))[1][0]
    # From 1 September to 20 October 2021 are eight Wednesdays.
    assert "of 8 term weeks" in expand(seldom, terms=both, date=D(2021, 9, 1))[1][0]


def test_hostile_term_dates_do_not_make_work():
    wild = [
        ("term", "", D(1, 1, 1), D(9999, 12, 31)),
        ("holiday", "Summer", D(9999, 1, 1), D(9999, 12, 31)),
        ("term", "", D(2020, 9, 1), D(2199, 7, 1)),
        ("term", "", D(2020, 12, 1), D(2020, 9, 1)),
        ("holiday", "no such", D(2020, 10, 26), D(2020, 10, 30)),
    ]
    rows, _ = expand(session("FREQ=WEEKLY;BYDAY=TU"), terms=dates(wild))
    assert set(rows["weekday"]) == {"Tuesday"}


# ---------------------------------------------------------------- what is kept, what is said


def test_sessions_without_schedule_or_validity_are_the_frame_that_came_in():
    rows = frame(SESSIONS, [session(weekday="Monday", period="term"), session(period="holidays")])
    assert expand_schedules(rows, dates(), date=DATE) is rows
    old = rows.drop(columns=["schedule", "valid_from", "valid_to"])
    assert expand_schedules(old, dates(), date=DATE) is old


def test_other_columns_rows_and_what_came_in_are_kept():
    rows = frame(
        SESSIONS,
        [
            session("FREQ=WEEKLY;BYDAY=TU,TH", period="term"),
            session(weekday="Monday", period="all year", holidays=("Easter",), valid_to=DATE),
        ],
    ).assign(_row=[4, 9], _file=["b.csv", "a.csv"], data_status=["x", "y"])
    before = rows.copy(deep=True)
    out = expand_schedules(rows, dates(), date=DATE)
    pd.testing.assert_frame_equal(rows, before)
    assert list(out.columns) == list(rows.columns)
    assert out.dtypes.to_dict() == rows.dtypes.to_dict()
    assert out["_row"].tolist() == [4, 4, 9]
    assert out["_file"].tolist() == ["b.csv", "b.csv", "a.csv"]
    pd.testing.assert_frame_equal(out.iloc[2:].reset_index(drop=True), rows.iloc[1:].reset_index(drop=True))  # fmt: skip


def test_what_is_said_goes_by_file_and_names_a_dozen():
    never = [
        session("FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30", service_id=f"s{n:02d}") for n in range(15)
    ]
    rows = frame(SESSIONS, never).assign(_row=range(30, 15, -1), _file=["b.csv"] * 14 + ["a.csv"])
    with pytest.warns(DataWarning) as caught:
        expand_schedules(rows, dates(), date=DATE)
    first, second = (str(w.message) for w in caught)
    assert first.startswith("a.csv, column schedule: 1 session has a schedule that never happens")
    assert ": s14 (row 16). " in first
    assert ": s13 (row 17); s12 (row 18); " in second
    assert "s02 (row 28); and 2 more. " in second


# ---------------------------------------------------------------- laws and the oracle

rules = st.sampled_from(
    [
        "FREQ=WEEKLY;BYDAY={d}", "FREQ=WEEKLY;INTERVAL=2;BYDAY={d}", "FREQ=MONTHLY;BYDAY=1{d},3{d}",
        "FREQ=MONTHLY;BYDAY=-1{d}", "FREQ=DAILY", "FREQ=DAILY;INTERVAL=3", "FREQ=WEEKLY;BYDAY={d},FR",
        "FREQ=WEEKLY;BYDAY={d};UNTIL=20210701", "FREQ=WEEKLY;BYDAY={d};COUNT=34",
        "FREQ=WEEKLY;BYDAY={d};BYMONTH=9,10,11,12,1,2,3", "FREQ=YEARLY;BYMONTH=7,8;BYDAY={d}",
        "FREQ=MONTHLY;BYDAY=1{d},2{d},3{d},4{d}", "FREQ=YEARLY;BYMONTHDAY=31;BYMONTH=8",
    ]
)  # fmt: skip
schedules = st.builds(
    lambda rule, day: rule.format(d=day), rules, st.sampled_from(["MO", "WE", "TH", "SA"])
)
sessions_of_a_year = st.fixed_dictionaries(
    {
        "service_id": st.sampled_from(["a", "b"]),
        "schedule": schedules,
        "start": st.just(FOUR),
        "end": st.just(SIX),
        "period": st.sampled_from(["", "", "term", "holidays"]),
        "valid_from": st.none() | st.dates(D(2020, 8, 1), D(2021, 1, 31)),
        "valid_to": st.none() | st.dates(D(2020, 11, 1), D(2021, 9, 30)),
    }
)


def by_day(row: dict) -> tuple[set[str], set[tuple[str, str]]]:
    """Walk through the year day by day: weekdays that are weekly, and (weekday, holiday)."""
    first, last = D(2020, 9, 1), D(2021, 9, 1)
    start = row["valid_from"] or first
    rule = rrulestr(row["schedule"], dtstart=dt.datetime.combine(start, dt.time()))
    span = (dt.datetime.combine(d, dt.time()) for d in (D(2020, 7, 1), D(2021, 10, 1)))
    runs = {moment.date() for moment in rule.between(*span)}
    due, done, away = dict.fromkeys(WEEKDAYS, 0), dict.fromkeys(WEEKDAYS, 0), set()
    day = first
    while day <= last:
        weekday = WEEKDAYS[day.weekday()]
        kinds = {kind: name for kind, name, a, b in YEAR if a <= day <= b}
        valid = start <= day <= (row["valid_to"] or last)
        if "UNTIL" in row["schedule"]:
            # It ends its validity: weeks after it are not due.
            valid = start <= day <= min(row["valid_to"] or last, D(2021, 7, 1))
        if valid and "closed" not in kinds:
            if "holiday" in kinds and day in runs:
                away.add((weekday, kinds["holiday"]))
            if "term" in kinds:
                due[weekday] += 1
                done[weekday] += day in runs
        day += dt.timedelta(days=1)
    weekly = {w for w in WEEKDAYS if done[w] and done[w] / due[w] >= 0.75}
    return (
        weekly if row["period"] != "holidays" else set(),
        away if row["period"] != "term" else set(),
    )


@settings(max_examples=150, deadline=None)
@given(sessions_of_a_year)
def test_a_walk_from_day_to_day_finds_the_same(row):
    rows, said = expand(row)
    weekly, away = by_day(row)
    out_of_date = (row["valid_from"] or DATE) > DATE or (row["valid_to"] or DATE) < DATE
    if out_of_date or not (weekly or away):
        assert rows["period"].tolist() == [NEVER]
        assert said
        return
    got = gives(rows)
    assert set(got["term"]) == weekly
    assert {(w, h) for w, names in got["holidays"].items() for h in names} == away
    assert len(got["term"]) + len(got["holidays"]) == len(rows)


@settings(max_examples=40, deadline=None)
@given(st.lists(sessions_of_a_year, max_size=5), st.randoms())
def test_row_order_is_irrelevant_and_what_is_plain_stays_plain(rows, random):
    out, said = expand(*rows)
    shuffled = list(rows)
    random.shuffle(shuffled)
    other, said_other = expand(*shuffled)
    assert said == said_other
    cells = [sorted(map(repr, f.to_dict("records"))) for f in (out, other)]
    assert cells[0] == cells[1]
    alone = [expand(row)[0] for row in rows]
    assert cells[0] == sorted(repr(r) for f in alone for r in f.to_dict("records"))
    again, said_again = expand(*out.to_dict("records"))
    pd.testing.assert_frame_equal(again, out)
    assert said_again == []

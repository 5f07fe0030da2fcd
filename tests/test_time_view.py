"""The time view: what is open when, near enough, to whom; by hand, child by child, and as laws."""

from __future__ import annotations

import copy
import datetime as dt
import time

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from provision_map import read_exercise
from provision_map.coverage import reach_of_homes
from provision_map.coverage.time_view import SLOTS, measure_week
from provision_map.model import Element, Standard
from provision_map.new_exercise import copy_example
from provision_map.places import estimate_people, locate_services
from provision_map.reach import travel_times
from provision_map.tables import HOMES, SERVICES, SESSIONS, WEEK, WEEKDAYS
from provision_map.tables import SLOTS as SLOT_NAMES
from towns import DATE, FRESH, STALE, Town, element, frame

NAN = float("nan")
CAMPS = Element("Y06", "Camps", ("EA4",), Standard("holidays", 6, 1600, "", quality=False))
KEYS = ["element_id", "place_id", "weekday", "slot"]
FIGURES = ["reached", "possible", "hours"]


def week_of(town: Town, homes: pd.DataFrame | None = None, **more: object) -> pd.DataFrame:
    rows = measure_week(
        town.places, town.people, frame(SERVICES, town.services), town.travel_times,
        sessions=frame(SESSIONS, town.sessions), returns=town.returns, framework=town.framework,
        date=DATE, homes=homes, **more,
    )  # fmt: skip
    rows[KEYS] = rows[KEYS].astype(str)
    return rows


def open_slots(town: Town, **more: object) -> dict[tuple[str, str], tuple[float, float, float]]:
    """Reached, possible and hours of those slots in which anything is possible."""
    rows = week_of(town, **more)
    rows = rows[rows["possible"] > 0]
    return {
        (r["weekday"], r["slot"]): tuple(round(r[f], 9) for f in FIGURES)
        for r in rows.to_dict("records")
    }


def three_ages() -> Town:
    return Town(ages=range(13, 16), children={"P1": {13: 60.0, 14: 30.0, 15: 10.0}})


# ---------------------------------------------------------------- by hand


def test_the_table_has_every_slot_of_every_place_in_order():
    rows = week_of(Town(children={"P1": {13: 5.0}, "P2": {13: 7.0}}))
    assert list(rows.columns) == WEEK.names()
    assert len(rows) == 2 * 19
    first = rows[rows["place_id"] == "P1"]
    assert list(zip(first["slot"], first["weekday"], strict=True)) == [
        *(("after school", d) for d in WEEKDAYS[:5]),
        *(("evening", d) for d in WEEKDAYS[:5]),
        *(("weekend", d) for d in WEEKDAYS[5:]),
        *(("holiday", d) for d in WEEKDAYS),
    ]
    assert first["children"].tolist() == [5.0] * 19
    assert (rows[FIGURES].to_numpy() == 0).all()
    assert set(rows["empty"].astype(str)) == {"yes"}


def test_a_club_across_two_slots_counts_in_both_with_its_own_hours():
    # 17:00 to 18:30: two half-hours after school, one in the evening.
    town = Town().club("c", ("Friday", 17, 18.5))
    assert open_slots(town) == {
        ("Friday", "after school"): (1, 1, 1.0),
        ("Friday", "evening"): (1, 1, 0.5),
    }


def test_before_school_and_at_night_are_in_no_slot_but_the_weekend_has_all_hours():
    town = Town().club("c", ("Monday", 8, 9), ("Tuesday", 22, 23), ("Saturday", 7, 9))
    assert open_slots(town) == {("Saturday", "weekend"): (1, 1, 2.0)}
    # A slot has whole half-hours only: of 14:40 to 15:20 none lies inside the slot.
    town = Town().club("c", ("Monday", 14.75, 15.25))
    assert open_slots(town) == {}


def test_hours_of_two_clubs_join_and_are_averaged_over_the_children():
    # Everyone has Friday 18 to 20; those of 13 (60 of 100) also 19 to 21: 2 h and 3 h, 2.6 h.
    town = three_ages().club("a", ("Friday", 18, 20))
    town.club("b", ("Friday", 19, 21), maximum_age=13.0)
    assert open_slots(town) == {("Friday", "evening"): (1, 1, 2.6)}
    town.services[0]["minimum_age"] = 15.0  # 10 children 18 to 20, 60 children 19 to 21
    assert open_slots(town) == {("Friday", "evening"): (0.7, 0.7, 1.4)}


def test_sessions_of_term_holidays_and_all_year():
    town = Town(element=CAMPS).club("c", ("Monday", 18, 20))
    assert open_slots(town) == {("Monday", "evening"): (1, 1, 2)}
    town.sessions[0] |= {"period": "holidays", "holidays": ("Easter",)}
    assert open_slots(town) == {("Monday", "holiday"): (1, 1, 2)}
    town.sessions[0]["holidays"] = ()  # in which holidays is not known, that it is in one is
    assert open_slots(town) == {("Monday", "holiday"): (1, 1, 2)}
    town.sessions[0]["period"] = "all year"
    assert open_slots(town) == {("Monday", "evening"): (1, 1, 2), ("Monday", "holiday"): (1, 1, 2)}
    town.sessions[0]["period"] = "never"
    assert open_slots(town) == {}


def test_what_is_not_known_is_possible_and_nothing_more():
    every_term = {(d, s.name) for s in SLOTS[:3] for d in np.array(WEEKDAYS)[list(s.weekdays)]}
    every_holiday = {(d, "holiday") for d in WEEKDAYS}
    possible = (0, 1, 0)
    town = Town().club("c", ("Monday", 18, 20))
    town.sessions[0]["end"] = None
    assert open_slots(town) == {
        ("Monday", "after school"): possible,
        ("Monday", "evening"): possible,
    }
    town.sessions[0] |= {"weekday": "", "end": dt.time(20)}
    assert open_slots(town) == dict.fromkeys(every_term, possible)
    town.sessions[0]["period"] = "holidays"
    assert open_slots(town) == dict.fromkeys(every_holiday, possible)
    town.sessions[0] |= {"period": "", "weekday": "Monday"}  # a schedule that nobody worked out
    assert open_slots(town) == {
        ("Monday", "evening"): possible,
        ("Monday", "holiday"): possible,
    }
    town.sessions.clear()
    assert open_slots(town) == dict.fromkeys(every_term | every_holiday, possible)
    assert set(week_of(town)["empty"].astype(str)) == {"unknown"}


@pytest.mark.parametrize(
    ("fields", "reached", "possible"),
    [
        ({}, 1, 1),
        ({"assured_date": STALE}, 0, 1),
        ({"minimum_age": NAN}, 0, 1),
        ({"minimum_age": 14.0}, 0.4, 0.4),
        ({"minimum_age": 14.0, "maximum_age": NAN}, 0, 0.4),
        ({"open_to": ()}, 0, 1),
        ({"open_to": ("o",)}, 0, 0),
        ({"open_to": ("everyone",), "not_open_to": ("o",)}, 1, 1),
        ({"capacity": 0.0}, 1, 1),
        ({"quality": "below"}, 1, 1),
        ({"metres": 1600.0}, 1, 1),
        ({"metres": 1601.0}, 0, 0),
        ({"metres": 1500.0, "accuracy": 200.0}, 0, 1),
        ({"metres": 1700.0, "accuracy": 200.0}, 0, 1),
    ],
)
def test_each_attribute_yes_no_or_unknown(fields, reached, possible):
    town = three_ages().club("c", ("Friday", 19, 21), **fields)
    wanted = {("Friday", "evening"): (reached, possible, 2 * reached)} if possible else {}
    assert open_slots(town) == wanted


def test_where_a_source_has_not_answered_anything_may_be_open():
    town = Town(received={"P1": "partly"}).club("c", ("Friday", 19, 21))
    rows = week_of(town).set_index(["weekday", "slot"])
    assert set(rows["possible"]) == {1.0}
    friday = rows.loc[("Friday", "evening")]
    assert (friday["reached"], friday["hours"], friday["empty"]) == (1, 2, "no")
    assert set(rows.drop(("Friday", "evening"))["empty"].astype(str)) == {"unknown"}


def test_only_minutes_known_are_metres_at_a_walk():
    # 20 minutes × 80 m = 1,600 m is within the standard; 20.1 is not.
    for minutes, there in ((20.0, 1), (20.1, 0)):
        town = Town().club("c", ("Friday", 19, 21), metres=minutes * 80)
        times = town.travel_times.assign(metres=NAN)
        rows = measure_week(
            town.places, town.people, frame(SERVICES, town.services), times,
            sessions=frame(SESSIONS, town.sessions), returns=town.returns,
            framework=town.framework, date=DATE,
        )  # fmt: skip
        assert rows["reached"].sum() == there


def homes_of(*rows: tuple[str, str, float]) -> pd.DataFrame:
    return frame(
        HOMES,
        [
            {"home_id": h, "place_id": p, "easting": 0.0, "northing": 0.0, "share": share}
            for h, p, share in rows
        ],
    )


def test_reach_is_per_home_and_averaged_by_who_lives_there():
    # Near: 1,000 m from h1, where a quarter live. Two half-clubs that no home has both of stay
    # half clubs: hours are 0.25 × 1 + 0.75 × 2.
    town = Town()
    town.club("a", ("Friday", 18, 19), metres={"h1": 1000.0, "h2": 3000.0, "beyond": 10.0})
    town.club("b", ("Friday", 20, 22), metres={"h2": 1000.0, "beyond": 10.0})
    town.club("c", ("Monday", 18, 19), metres={"h1": 1000.0})
    homes = homes_of(("beyond", "elsewhere", 1.0), ("h2", "P1", 0.75), ("h1", "P1", 0.25))
    assert open_slots(town, homes=homes) == {
        ("Friday", "evening"): (1, 1, 1.75),
        ("Monday", "evening"): (0.25, 0.25, 0.25),
    }


def test_the_elements_are_those_of_which_the_time_counts_where_they_are_due():
    for unit in ("any", "types"):
        town = Town(element=element(unit=unit, need=1, type_metres={"NEAP": 1000.0}))
        assert week_of(town).empty
    for unit in ("hours", "days", "holidays"):
        assert len(week_of(Town(element=element(unit=unit, need=1)))) == 19
    assert week_of(Town(element=element(imd_deciles=(1,)))).empty  # the town's decile is 5
    assert len(week_of(Town(element=element(imd_deciles=(5,))))) == 19
    required = element(unit="days", need=1, required=("Friday",))
    assert len(week_of(Town(element=required).club("c", ("Friday", 18, 19)))) == 19


def test_a_place_without_children_is_asked_what_would_reach_one_of_each_age():
    town = Town(ages=range(13, 15), children={"P1": {13: 0.0, 14: 0.0}})
    town.club("c", ("Friday", 18, 20), minimum_age=14.0)
    assert open_slots(town) == {("Friday", "evening"): (0.5, 0.5, 1.0)}


def test_what_is_open_to_an_age_that_no_child_of_the_place_has_is_not_empty():
    town = Town(ages=range(13, 15), children={"P1": {13: 5.0, 14: 0.0}})
    town.club("c", ("Friday", 18, 20), minimum_age=14.0)
    town.club("d", ("Monday", 18, 20), minimum_age=14.0, assured_date=STALE)
    town.club("old", ("Tuesday", 18, 20), minimum_age=15.0)
    assert open_slots(town) == {}  # it reaches none of the children
    rows = week_of(town)
    evenings = rows[rows["slot"] == "evening"]
    assert dict(zip(evenings["weekday"], evenings["empty"].astype(str), strict=True)) == {
        "Monday": "unknown", "Tuesday": "yes", "Wednesday": "yes", "Thursday": "yes",
        "Friday": "no",
    }  # fmt: skip


def test_a_slot_is_empty_where_people_live_and_nothing_is_there():
    town = Town().club("c", ("Friday", 18, 20), metres={"h1": 100.0, "h2": 3000.0})
    for share, said in ((0.01, "no"), (0.0, "yes")):
        homes = homes_of(("h1", "P1", share), ("h2", "P1", 1 - share))
        rows = week_of(town, homes=homes).set_index(["weekday", "slot"])
        assert rows.loc[("Friday", "evening"), "empty"] == said


def test_the_slots_are_those_of_the_table():
    assert tuple(slot.name for slot in SLOTS) == SLOT_NAMES
    assert {slot.name: (slot.start, slot.end) for slot in SLOTS} == HOURS_OF
    rows = week_of(Town())
    assert tuple(rows["slot"].unique()) == SLOT_NAMES
    raw = measure_week(
        Town().places, Town().people, frame(SERVICES, []), Town().travel_times,
        sessions=frame(SESSIONS, []), returns=Town().returns, framework=Town().framework,
        date=DATE,
    )  # fmt: skip
    assert tuple(raw["slot"].cat.categories) == SLOT_NAMES
    assert tuple(raw["weekday"].cat.categories) == WEEKDAYS


def test_blocks_of_homes_change_nothing(monkeypatch):
    children = {f"P{i}": {13: float(i)} for i in range(7)}
    town = Town(children=children)
    town.club("c", ("Friday", 18, 20), metres={p: 300.0 * i for i, p in enumerate(children)})
    whole = week_of(town)
    for most in (1, 25, 40):
        monkeypatch.setattr(reach_of_homes, "BLOCK_WORDS", most)
        pd.testing.assert_frame_equal(week_of(town), whole)


# ---------------------------------------------------------------- laws

SMALL = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
sittings = st.tuples(
    st.sampled_from(["Monday", "Friday", "Friday", "Saturday"]),
    st.sampled_from([10.0, 15.0, 17.5, 21.25]),
    st.sampled_from([0.5, 1.0, 2.5]),
)
clubs = st.fixed_dictionaries(
    {
        "when": st.lists(sittings, max_size=3),
        "period": st.sampled_from(["term", "term", "holidays", "all year"]),
        "blank": st.sampled_from(["", "", "", "weekday", "start"]),
        "metres": st.lists(st.sampled_from([300.0, 1500.0, 1700.0]), min_size=2, max_size=2),
        "accuracy": st.sampled_from([0.0, 0.0, 200.0]),
        "minimum_age": st.sampled_from([13.0, 14.0, NAN]),
        "maximum_age": st.sampled_from([99.0, 14.0, NAN]),
        "open_to": st.sampled_from([("everyone",), ("everyone",), ("o",), ()]),
        "assured_date": st.sampled_from([FRESH, FRESH, STALE]),
    }
)


def add(town: Town, name: str, club: dict) -> Town:
    fields = ("minimum_age", "maximum_age", "open_to", "assured_date", "accuracy")
    town.club(
        name,
        *((day, start, start + hours) for day, start, hours in club["when"]),
        metres=dict(zip(town.children, club["metres"], strict=False)),
        **{f: club[f] for f in fields},
    )
    for row in town.sessions:
        if row["service_id"] == name:
            row["period"] = club["period"]
            if club["blank"]:
                row[club["blank"]] = "" if club["blank"] == "weekday" else None
    return town


@st.composite
def towns(draw: st.DrawFn) -> Town:
    places = ("P1", "P2")
    ages = range(13, 16)
    town = Town(
        element=draw(st.sampled_from([element(), CAMPS, element(unit="days", need=1)])),
        ages=ages,
        children={p: {a: float(draw(st.integers(0, 9))) for a in ages} for p in places},
        received={p: draw(st.sampled_from(["yes", "yes", "no"])) for p in places},
    )
    for number, club in enumerate(draw(st.lists(clubs, max_size=5))):
        add(town, f"c{number}", club)
    return town


def indexed(town: Town) -> pd.DataFrame:
    return week_of(town).set_index(KEYS).sort_index()


@SMALL
@given(towns())
def test_figures_lie_within_their_bounds(town):
    rows = week_of(town)
    assert ((rows["reached"] >= 0) & (rows["reached"] <= rows["possible"])).all()
    assert (rows["possible"] <= 1).all()
    longest = rows["slot"].map({slot.name: slot.hours for slot in SLOTS})
    assert (rows["hours"] <= longest).all()
    assert ((rows["hours"] > 0) == (rows["reached"] > 0)).all()
    # What is open to an age of which no child lives there reaches nobody, and is not nothing.
    assert (rows.loc[rows["empty"] == "yes", "possible"] == 0).all()
    assert (rows.loc[rows["reached"] > 0, "empty"] == "no").all()
    assert (rows.loc[rows["possible"] > 0, "empty"] != "yes").all()


@SMALL
@given(towns())
def test_closing_the_friday_sessions_changes_friday_and_nothing_else(town):
    # A service that ran on Fridays only keeps a row: it is known to give nothing.
    closed = copy.deepcopy(town)
    for row in closed.sessions:
        if row["weekday"] == "Friday":
            row["period"] = "never"
    before, after = indexed(town), indexed(closed)
    friday = before.index.get_level_values("weekday") == "Friday"
    pd.testing.assert_frame_equal(before[~friday], after[~friday])
    known = closed.received["P1"] == closed.received["P2"] == "yes"
    # Sessions whose weekday is not known may still be on a Friday.
    unknown = {r["service_id"] for r in closed.sessions if not r["weekday"]}
    bare = {s["service_id"] for s in town.services} - {r["service_id"] for r in town.sessions}
    if known and not unknown and not bare:
        assert (after.loc[friday, FIGURES].to_numpy() == 0).all()
    over_days = before[FIGURES].sum() - after[FIGURES].sum()
    fridays = before.loc[friday, FIGURES].sum() - after.loc[friday, FIGURES].sum()
    assert np.allclose(over_days, fridays)


@SMALL
@given(towns(), clubs)
def test_an_added_service_lowers_nothing(town, club):
    before = indexed(town)[FIGURES].to_numpy()
    after = indexed(add(town, "added", club))[FIGURES].to_numpy()
    assert (after >= before).all()


@SMALL
@given(towns(), st.randoms())
def test_row_order_is_irrelevant(town, random):
    before = week_of(town)
    shuffled = copy.deepcopy(town)
    for rows in (shuffled.services, shuffled.sessions, shuffled.times):
        random.shuffle(rows)
    pd.testing.assert_frame_equal(before, week_of(shuffled))


HOURS_OF = {
    "after school": (15, 18), "evening": (18, 22), "weekend": (0, 24), "holiday": (0, 24),
}  # fmt: skip


def row_runs(row: dict, weekday: str, at: float, *, sure: bool) -> bool:
    """Whether a session runs, or where that is not known may run, for the half-hour from ``at``."""
    if not row["weekday"]:
        return not sure
    if row["weekday"] != weekday:
        return False
    if row["start"] is None:
        return not sure
    start, end = (t.hour + t.minute / 60 for t in (row["start"], row["end"]))
    return start <= at and at + 0.5 <= end


def may_go(town: Town, place: str, age: int, service: dict, *, sure: bool) -> bool:
    """Whether a child may go there: yes for certain, or (not sure) for all that is known."""
    low, high = service["minimum_age"], service["maximum_age"]
    metres, accuracy = next(
        (m, a) for p, s, m, a in town.times if (p, s) == (place, service["service_id"])
    )
    slack = accuracy if sure else -accuracy
    if age < low or age > high or "o" in service["open_to"]:
        return False
    if metres + slack > town.element.standard.metres:
        return False
    aged = not np.isnan([low, high]).any()
    known = aged and bool(service["open_to"]) and service["assured_date"] == FRESH
    return known or not sure


def half_hours(town: Town, place: str, age: int, when: tuple[str, str], *, sure: bool) -> int:
    """Count the half-hours of a slot in which a child has somewhere to go."""
    weekday, slot = when
    first, last = HOURS_OF[slot]
    right = ("holidays" if slot == "holiday" else "term", "all year")

    def runs(service: dict, at: float) -> bool:
        rows = [r for r in town.sessions if r["service_id"] == service["service_id"]]
        here = (row_runs(r, weekday, at, sure=sure) for r in rows if r["period"] in right)
        return any(here) if rows else not sure

    options = [s for s in town.services if may_go(town, place, age, s, sure=sure)]
    return sum(any(runs(s, h / 2) for s in options) for h in range(first * 2, last * 2))


def by_child(town: Town, place: str, weekday: str, slot: str) -> tuple[float, ...]:
    """Walk from child to child. Reached, possible, hours."""
    totals = np.zeros(3)
    for age, children in town.children[place].items():
        sure, best = (
            half_hours(town, place, age, (weekday, slot), sure=sure) for sure in (True, False)
        )
        totals += children * np.array([sure > 0, best > 0, sure / 2], dtype=float)
    reached, possible, hours = totals / sum(town.children[place].values())
    return reached, possible if town.received[place] == "yes" else 1.0, hours


@SMALL
@given(towns())
def test_a_slot_is_empty_where_no_age_of_the_offer_has_anything(town):
    for row in week_of(town).to_dict("records"):
        place, when = row["place_id"], (row["weekday"], row["slot"])
        sure, best = (
            any(half_hours(town, place, age, when, sure=sure) for age in town.ages)
            for sure in (True, False)
        )
        best = best or town.received[place] != "yes"
        assert row["empty"] == ("no" if sure else "unknown" if best else "yes"), row


@SMALL
@given(towns(), st.sampled_from(["P1", "P2"]))
def test_a_walk_from_child_to_child_finds_the_same(town, place):
    if not sum(town.children[place].values()):
        return
    for row in week_of(town).to_dict("records"):
        if row["place_id"] == place:
            wanted = by_child(town, place, row["weekday"], row["slot"])
            assert [row[f] for f in FIGURES] == pytest.approx(wanted, abs=1e-12), row


# ---------------------------------------------------------------- the example


def test_the_example_s_week_is_measured_at_once(tmp_path):
    copy_example("gloucester", tmp_path / "gloucester")
    inputs = read_exercise(tmp_path / "gloucester")
    framework = inputs.framework
    services = locate_services(inputs.services, inputs.places)
    people = estimate_people(inputs.ages, inputs.ethnic_groups, majority=framework.majority)
    ways = travel_times(inputs.places, services)
    began = time.perf_counter()
    rows = measure_week(
        inputs.places, people, services, ways,
        sessions=inputs.sessions, returns=inputs.returns, framework=framework,
        date=inputs.settings.exercise.date,
    )  # fmt: skip
    assert time.perf_counter() - began < 3  # a tenth of that on an idle machine
    assert list(rows.columns) == WEEK.names()
    assert not rows.duplicated(list(WEEK.key)).any()
    units = {e.id: e.standard.unit for e in framework.elements.values()}
    timed = {id_ for id_, unit in units.items() if unit in ("hours", "days", "holidays")}
    assert set(rows["element_id"].astype(str)) == timed
    assert rows["reached"].max() == 1
    # Clubs after school run on weekdays and camps in the holidays; who runs at weekends is rare.
    reached = rows.groupby("slot", observed=True)["reached"].max()
    assert (reached > 0).all()

"""The worked examples M1 to M7: figures worked out by hand. M8 is in test_gaps_find.py."""

from __future__ import annotations

import pytest

from provision_map.model import Standard
from towns import OUT_OF_SCHOOL, STALE, Town, element


def test_m1_ages_outside_the_club_fail_by_age():
    town = Town(ages=range(13, 20), children={"P1": dict.fromkeys(range(13, 20), 10.0)})
    town.club("c", ("Friday", 19, 21), metres=1000, minimum_age=13.0, maximum_age=15.0)
    assert town.classes() == {"covered": 30, "age": 40}


def test_m2_hours_of_two_clubs_join_and_distance_comes_after_none():
    town = Town().club("a", ("Monday", 18, 19))
    assert town.classes() == {"none": 100}
    town.club("b", ("Wednesday", 18, 19), metres=2000)
    assert town.classes() == {"far": 100}
    town.club("c", ("Friday", 18, 19), metres=1000)
    assert town.classes() == {"covered": 100}


def test_m3_the_same_hour_twice_is_one_hour():
    town = Town(element=element(need=4)).club("a", ("Friday", 18, 21))
    town.club("b", ("Friday", 19, 21.5))
    assert town.classes() == {"none": 100}
    town.club("c", ("Saturday", 10, 10.5))
    assert town.classes() == {"covered": 100}


def test_m4_school_hours_fail_by_time_and_both_levers_are_named():
    town = Town(element=element(windows=OUT_OF_SCHOOL))
    town.club("near", ("Tuesday", 10, 12)).club("good", ("Tuesday", 18, 20), metres=3000)
    assert town.classes() == {"time": 100}
    assert town.levers() == {"far": 100, "time": 100, "age": 0, "group": 0, "full": 0, "quality": 0}


def test_m4_wrong_ages_too_leaves_only_distance_as_a_lever():
    town = Town(element=element(windows=OUT_OF_SCHOOL))
    town.club("near", ("Tuesday", 10, 12), minimum_age=16.0, maximum_age=19.0)
    town.club("good", ("Tuesday", 18, 20), metres=3000)
    assert town.classes() == {"time": 100}
    levers = town.levers()
    assert (levers["far"], levers["time"]) == (100, 0)


M5 = element(kappa=0.15)


def test_m5_too_few_places():
    town = Town(element=M5).club("a", ("Friday", 19, 21), capacity=12.0)
    assert town.classes() == {"covered": 80, "full": 20}


def test_m5_a_second_club_shared_with_another_place():
    town = Town(element=M5, children={"P1": {13: 100.0}, "P2": {13: 100.0}})
    town.club("a", ("Friday", 19, 21), capacity=12.0, metres={"P1": 500.0})
    town.club("b", ("Monday", 19, 21), capacity=6.0)
    assert town.classes(place_id="P1") == {"covered": 100}
    assert town.classes(place_id="P2") == {"covered": 20, "full": 80}


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"quality": None}, {"full": 20, "unknown_quality": 80}),
        ({"quality": "below"}, {"full": 20, "quality": 80}),
        ({"capacity": float("nan")}, {"unknown_capacity": 100}),
        ({"assured_date": STALE}, {"full": 20, "unknown_record": 80}),
        ({"assured_date": None}, {"full": 20, "unknown_record": 80}),
    ],
)
def test_m6_each_unknown_by_its_reason(changes, expected):
    town = Town(element=M5).club("a", ("Friday", 19, 21), **{"capacity": 12.0, **changes})
    assert town.classes() == expected


@pytest.mark.parametrize("town", [Town(element=M5, received={"P1": "no"}), Town(element=M5, received={"P1": "partly"}), Town(element=M5, asked=False)])  # fmt: skip
def test_m6_a_source_that_is_missing_could_hold_the_rest(town):
    town.club("a", ("Friday", 19, 21), capacity=12.0)
    assert town.classes() == {"covered": 80, "unknown_inventory": 20}


def test_m6_a_position_that_straddles_the_limit():
    town = Town().club("a", ("Friday", 19, 21), metres=1500, accuracy=200, capacity=float("nan"))
    assert town.classes() == {"unknown_location": 100}


def test_m7_missing_holidays_are_named():
    holidays = Standard("holidays", 6, 3000, "test", quality=False)
    every = ("October half term", "Christmas", "February half term", "Easter", "May half term", "Summer")  # fmt: skip
    for metres, classes, missing in (
        (4000, {"far": 100}, "Christmas; Easter; Summer"),
        (2500, {"covered": 100}, ""),
    ):
        town = Town()
        town.element = element().__class__("Y06", "Holidays", ("EA4",), holidays)
        town.club("A", metres=1000).club("B", metres=metres)
        for service_id, which in (("A", every[0::2]), ("B", every[1::2])):
            town.sessions.append(
                {"service_id": service_id, "period": "holidays", "holidays": which}
            )
        assert town.classes() == classes
        assert set(town.coverage()["missing_parts"]) == {missing}


def test_hours_blank_could_be_any_hours():
    town = Town().club("a")
    assert town.classes() == {"unknown_hours": 100}


def test_ages_blank_and_groups_blank():
    town = Town().club("a", ("Friday", 19, 21), minimum_age=float("nan"))
    assert town.classes() == {"unknown_ages": 100}
    town = Town().club("a", ("Friday", 19, 21), minimum_age=14.0, maximum_age=float("nan"))
    assert town.classes() == {"age": 100}  # 13 is under the youngest, whatever the oldest
    town = Town().club("a", ("Friday", 19, 21), maximum_age=float("nan"))
    assert town.classes() == {"unknown_ages": 100}
    town = Town().club("a", ("Friday", 19, 21), open_to=())
    assert town.classes() == {"unknown_groups": 100}

"""Several homes a place, several modes, and what was not searched."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from provision_map.coverage import bitsets
from provision_map.coverage.bitsets import or_by_place, sum_by_place
from provision_map.errors import DataWarning
from provision_map.model import Standard
from towns import Town, element

EVENING = ("Friday", 19, 21)


def test_a_place_of_several_homes_is_covered_by_the_share_of_its_people_in_reach():
    # 70 of 100 children live 400 m from the club, 30 live 1,700 m away; the limit is 1,600 m.
    town = Town(homes={"north": ("P1", 0.7), "south": ("P1", 0.3)})
    town.club("c", EVENING, metres={"north": 400.0, "south": 1700.0})
    assert town.classes() == {"covered": 70, "far": 30}
    [near] = town.coverage().query("community_id == 'everyone'")["near_limit"]
    assert near == pytest.approx(0.3)  # 1,700 m is within 20 % of the limit, 400 m is not


def test_each_home_keeps_its_own_cause():
    # The north has an early club that is too short, the south nothing near at all.
    town = Town(homes={"north": ("P1", 0.6), "south": ("P1", 0.4)})
    town.club("a", ("Friday", 19, 20), metres={"north": 400.0, "south": 5000.0})
    town.club("b", EVENING, minimum_age=16.0, metres={"north": 400.0, "south": 5000.0})
    assert town.classes() == {"age": 60, "far": 40}


def test_children_compete_from_where_they_live():
    # 12 places × 2 h for 100 children at a κ of 0.15 meet 12 / (0.15 × 100) = 80 % of the need;
    # with the 50 children beyond the border who can come, 12 / (0.15 × 150) = 53.3 %.
    town = Town(element=element(kappa=0.15)).club("a", EVENING, capacity=12.0)
    assert town.classes() == {"covered": 80, "full": 20}
    town = Town(element=element(kappa=0.15), neighbours={"N": {13: 50.0}})
    town.club("a", EVENING, capacity=12.0)
    assert town.classes() == pytest.approx({"covered": 53.333333333, "full": 46.666666667})
    # 2,100 m from the club the neighbours' children do not come: the catchment is 2,000 m.
    town.times = [(home, s, 2100.0 if home == "N" else m, a) for home, s, m, a in town.times]
    assert town.classes() == {"covered": 80, "full": 20}


def test_another_mode_is_held_against_its_own_minutes():
    # 2,000 "metres" at 80 m a minute are 25 minutes: too far on foot (20), not by bus (30).
    town = Town(mode="public_transport").club("c", EVENING, metres=2000.0)
    assert town.classes() == {"far": 100}
    town.element = element(minutes={"public_transport": 30})
    assert town.classes() == {"covered": 100}
    town.element = element(minutes={"public_transport": 24})
    assert town.classes() == {"far": 100}


def test_where_only_minutes_are_known_they_are_walked_at_80_metres_a_minute():
    town = Town().club("c", EVENING, metres=1600.0)
    times = town.travel_times.assign(metres=float("nan"))
    assert covered(town, times) == 1.0  # 20 minutes
    assert covered(town, times.assign(minutes=20.1)) == 0.0


def test_what_lies_beyond_a_short_search_is_unknown_and_not_far():
    # Searched to 10 minutes = 800 m, and the standard looks as far as 1,600 m.
    town = Town(searched_to=10.0)
    town.club("near", ("Friday", 19, 20), metres=500.0).club("c", EVENING, metres={})
    with pytest.warns(DataWarning, match="Y02 looks as far as 20 minutes on foot, and ways on foot were searched to 10"):  # fmt: skip
        assert town.classes() == {"unknown_location": 100}
    # Searched to the limit, what was not found is far.
    town.searched_to = 20.0
    assert town.classes() == {"far": 100}


def test_a_pair_that_nobody_searched_is_unknown():
    town = Town(children={"P1": {13: 100.0}, "P2": {13: 100.0}})
    town.club("c", EVENING, metres={"P1": 500.0})
    assert town.classes() == {"covered": 100, "far": 100}
    unsearched = pd.DataFrame(
        [("P2", "c", "walk", np.nan, np.nan, 0.0, 0.0)],
        columns=["from_id", "to_id", "mode", "minutes", "metres", "accuracy", "searched_to"],
    )
    rows = coverage(town, pd.concat([town.travel_times, unsearched], ignore_index=True))
    assert rows.set_index("place_id").loc["P2", "unknown_location"] == 1.0
    # Searched to 90 minutes and not found: far.
    rows = coverage(town, pd.concat([town.travel_times, unsearched.assign(searched_to=90.0)], ignore_index=True))  # fmt: skip
    assert rows.set_index("place_id").loc["P2", "cause_far"] == 1.0


def test_of_two_modes_the_nearer_counts_on_its_own_limit():
    town = Town(element=element(minutes={"cycle": 10})).club("c", EVENING, metres=3000.0)
    cycled = town.travel_times.assign(mode="cycle", minutes=9.0, metres=np.nan)
    assert covered(town, town.travel_times) == 0.0
    assert covered(town, pd.concat([town.travel_times, cycled], ignore_index=True)) == 1.0
    assert covered(town, pd.concat([town.travel_times, cycled.assign(minutes=11.0)], ignore_index=True)) == 0.0  # fmt: skip


def test_a_required_part_is_missing_whatever_the_number():
    standard = {"unit": "holidays", "need": 1, "metres": 3000, "required": ("Summer",)}
    town = Town(element=element(**standard, quality=False))
    town.club("easter")
    town.sessions.append({"service_id": "easter", "period": "holidays", "holidays": ("Easter",)})
    assert town.classes() == {"none": 100}
    [row] = town.coverage().query("community_id == 'everyone'").to_dict("records")
    # One holiday is enough in number; it is the wrong one, and that is what is named.
    assert row["missing_parts"] == "Summer"
    assert row["missing"] == 1.0
    town.club("summer", metres=2500.0)
    town.sessions.append({"service_id": "summer", "period": "holidays", "holidays": ("Summer",)})
    assert town.classes() == {"covered": 100}


def test_types_of_space_are_tested_each_at_its_own_distance():
    standard = Standard("types", 2, 1000, "t", type_metres={"LAP": 100.0, "NEAP": 1000.0}, quality=False)  # fmt: skip
    town = Town(element=element(**vars(standard)))
    town.club("both", space_types=("LAP", "NEAP"), metres=400.0)
    # The site has both types and is near enough for one of them only.
    assert town.classes() == {"far": 100}
    assert set(town.coverage()["missing_parts"]) == {"LAP"}
    town.club("doorstep", space_types=("LAP",), metres=90.0)
    assert town.classes() == {"covered": 100}


def way(
    mode: str,
    minutes: float,
    searched_to: float = 90.0,
    *,
    metres: float = np.nan,
    accuracy: float = 0.0,
) -> pd.DataFrame:
    return pd.DataFrame(
        [("P1", "c", mode, minutes, metres, accuracy, searched_to)],
        columns=["from_id", "to_id", "mode", "minutes", "metres", "accuracy", "searched_to"],
    )


def both(*ways: pd.DataFrame) -> pd.DataFrame:
    return pd.concat(ways, ignore_index=True)


def test_another_way_never_makes_certain_what_was_open():
    # On foot 1,500 m give or take 300: unknown. The bus at 21.4 of 20 minutes is too long for certain.
    town = Town().club("c", EVENING, metres={})
    rough = way("walk", 18.75, metres=1500.0, accuracy=300.0)
    assert coverage(town, rough)["unknown_location"].tolist() == [1.0]
    assert coverage(town, both(rough, way("bus", 21.4)))["unknown_location"].tolist() == [1.0]
    # And a bus that is near for certain makes it certain.
    assert coverage(town, both(rough, way("bus", 19.0)))["covered"].tolist() == [1.0]


def test_a_mode_that_was_searched_too_short_leaves_it_open_whatever_the_others():
    # An hour on foot is too far; the bus may take up to 45 minutes and was searched to 30.
    town = Town(element=element(minutes={"bus": 45})).club("c", EVENING, metres={})
    on_foot = way("walk", 60.0)
    absent = pd.concat([on_foot, way("bus", 10.0, 30.0).assign(to_id="other")])
    for times in (both(on_foot, way("bus", np.nan, 30.0)), absent):
        with pytest.warns(DataWarning, match="as far as 45 minutes by bus, and ways by bus were searched to 30"):  # fmt: skip
            assert coverage(town, times)["unknown_location"].tolist() == [1.0]


def test_a_pair_without_minutes_and_one_that_is_absent_are_the_same():
    # 15 of 15 minutes by bus were searched: both are far.
    town = Town(element=element(minutes={"bus": 15})).club("c", EVENING, metres={})
    absent = way("bus", 10.0, 15.0).assign(to_id="other")
    for times in (way("bus", np.nan, 15.0), absent):
        assert coverage(town, times)["cause_far"].tolist() == [1.0]


def test_metres_without_minutes_are_no_way():
    town = Town().club("c", EVENING, metres={})
    assert coverage(town, way("walk", np.nan, metres=1500.0))["cause_far"].tolist() == [1.0]


def test_what_only_comes_to_places_has_no_way_to_be_searched():
    town = Town(searched_to=10.0, children={"P1": {13: 100.0}, "P2": {13: 100.0}})
    town.club("bus", EVENING, metres={"P1": 0.0}, easting=np.nan, northing=np.nan)
    town.mode = "outreach"
    times = both(town.travel_times, way("walk", 5.0, 10.0).assign(to_id="other"))
    rows = coverage(town, times).set_index("place_id")
    assert rows.loc["P1", "covered"] == 1.0
    assert rows.loc["P2", "cause_far"] == 1.0


def coverage(town: Town, times: pd.DataFrame) -> pd.DataFrame:
    rows = replace(town, given_times=times).coverage()
    return rows[rows["community_id"] == "everyone"]


def covered(town: Town, times: pd.DataFrame) -> float:
    [share] = coverage(town, times)["covered"]
    return float(share)


@given(st.data())
def test_blocks_change_no_result(data):
    places, rows = 7, 5
    links = sorted(data.draw(st.lists(st.tuples(st.integers(0, 6), st.integers(0, 4)), max_size=40)))  # fmt: skip
    place = np.array([p for p, _ in links], dtype=np.int64)
    row = np.array([r for _, r in links], dtype=np.int64)
    words = np.array(data.draw(st.lists(st.integers(0, 2**64 - 1), min_size=rows, max_size=rows)), dtype=np.uint64)[:, None]  # fmt: skip
    passes = np.array(data.draw(st.lists(st.booleans(), min_size=len(links), max_size=len(links))), dtype=bool)[:, None, None]  # fmt: skip
    wanted = [0] * places
    total = [0.0] * places
    for (p, r), passing in zip(links, passes[:, 0, 0], strict=True):
        wanted[p] |= int(words[r, 0]) if passing else 0
        total[p] += r
    whole, bitsets.BLOCK_WORDS = bitsets.BLOCK_WORDS, data.draw(st.sampled_from([1, 3, 10, 1 << 22]))  # fmt: skip
    try:
        got = or_by_place(words, row, place, places, passes=passes)
    finally:
        bitsets.BLOCK_WORDS = whole
    assert got[:, 0, 0, 0].tolist() == wanted
    assert sum_by_place(row.astype(float), place, places).tolist() == total

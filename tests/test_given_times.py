"""A matrix of travel times and an exercise: what was searched, and from where people start."""

from __future__ import annotations

import tracemalloc
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal

from provision_map.errors import DataWarning, collect_warnings
from provision_map.places.homes import homes_of
from provision_map.places.locate import locate_services
from provision_map.reach.matrix import given_travel_times, homes_for
from provision_map.read import read_inputs, read_settings, read_travel_times
from provision_map.tables import HOMES, SERVICES, TRAVEL_TIMES
from tiny_exercise import add_file, add_settings
from towns import frame

#: T03 and S2 stand in rows with others only; S3 and S6 nowhere.
LARGER = """\
from_id,to_id,minutes
T01,S1,5
T02,S1,9
T01,S5,30
T03,Z1,12
T03,Z2,14
X1,S2,3
X2,S2,4
X1,Z1,60
"""


def test_the_matrix_of_a_larger_area_says_in_a_run_what_it_says_to_the_library(tiny):
    path: Path = add_file(tiny, "times.csv", LARGER)
    add_settings(tiny, "reach", travel_times="file", file="times.csv", searched_to=60)
    inputs = read_inputs(read_settings(tiny))
    assert inputs.problems == ()
    homes = homes_of(inputs.places)
    services = locate_services(inputs.services, inputs.places)
    run = given_travel_times(inputs.times, homes, services, places=inputs.places)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DataWarning)
        whole = read_travel_times(path, searched_to=60)
    assert_frame_equal(run, given_travel_times(whole, homes, services, places=inputs.places))
    unsearched = run[run["searched_to"] == 0]
    assert set(unsearched["to_id"]) == {"S3", "S6"}
    assert len(unsearched) == 6
    assert not set(run["from_id"]) & {"X1", "X2"}
    assert not set(run["to_id"]) & {"Z1", "Z2"}


@given(
    st.sets(st.tuples(st.sampled_from("abcx"), st.sampled_from("STUZ"))),
    st.sets(st.sampled_from("STU")),
)
@settings(max_examples=60, deadline=None)
def test_pairs_of_which_an_end_stands_nowhere_were_not_searched_and_no_others(pairs, nowhere):
    times = pd.DataFrame(sorted(pairs), columns=["from_id", "to_id"], dtype=object)
    times = times.assign(mode="bus", minutes=4.0, metres=np.nan, accuracy=0.0, searched_to=9.0)
    homes = frame(HOMES, [{"home_id": h, "place_id": h, "share": 1.0} for h in "abc"])
    services = frame(SERVICES, [{"service_id": s, "easting": np.nan if s in nowhere else 1.0, "northing": 1.0} for s in "STU"])  # fmt: skip
    found = given_travel_times(times, homes, services)
    assert list(found.columns) == TRAVEL_TIMES.names()
    # By the definition, pair by pair.
    froms, tos = {h for h, _ in pairs}, {s for _, s in pairs}
    unknown = {
        (h, s) for h in "abc" for s in "STU" if s not in nowhere and not (h in froms and s in tos)
    }
    got = found[found["searched_to"] == 0]
    assert sorted(zip(got["from_id"], got["to_id"], strict=True)) == sorted(unknown)
    known = found[found["searched_to"] == 9]
    ours = {(h, s) for h, s in pairs if h in "abc" and s in "STU"}
    assert sorted(zip(known["from_id"], known["to_id"], strict=True)) == sorted(ours)
    assert len(found) == len(unknown) + len(ours)


def test_how_exactly_a_matrix_leads_to_a_site_is_its_own_to_say_and_else_the_record_s():
    times = pd.DataFrame(
        {"from_id": ["a", "a", "a"], "to_id": ["S", "T", "U"], "accuracy": [50.0, 0.0, np.nan]}
    ).assign(mode="bus", minutes=4.0, metres=np.nan, searched_to=9.0)
    homes = frame(HOMES, [{"home_id": "a", "place_id": "a", "share": 1.0}])
    services = frame(SERVICES, [{"service_id": s, "easting": 1.0, "northing": 1.0, "location_accuracy": 200.0} for s in "STU"])  # fmt: skip
    found = given_travel_times(times, homes, services, detour=1.5).set_index("to_id")
    assert found["accuracy"].to_dict() == {"S": 50.0, "T": 300.0, "U": 300.0}
    # A record that says nothing is exact, and takes nothing from what the matrix says.
    exact = services.assign(location_accuracy=np.nan)
    found = given_travel_times(times, homes, exact, detour=1.5).set_index("to_id")
    assert found["accuracy"].to_dict() == {"S": 50.0, "T": 0.0, "U": 0.0}


def test_a_matrix_that_knows_all_ends_builds_no_pairs():
    # 30,000 homes × 2,000 services would be 60 million rows of text.
    count, many = 30_000, 2_000
    homes = pd.DataFrame({"home_id": [f"h{n}" for n in range(count)], "place_id": "P"})
    services = pd.DataFrame({"service_id": [f"s{n}" for n in range(many)], "service_area": [()] * many, "easting": 0.0, "location_accuracy": 0.0})  # fmt: skip
    times = pd.DataFrame({"from_id": homes["home_id"], "to_id": [f"s{n % many}" for n in range(count)]})  # fmt: skip
    times = times.assign(mode="bus", minutes=4.0, metres=np.nan, accuracy=0.0, searched_to=9.0)
    tracemalloc.start()
    assert len(given_travel_times(times, homes, services)) == count
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 100e6


# ---------------------------------------------------------------- where people start from

PLACES = pd.DataFrame({"place_id": list("PQR"), "easting": [1.0, 2.0, 3.0], "northing": 0.0})
POINTS = pd.DataFrame(
    {
        "home_id": ["p1", "p2", "q1", "q2", "r1", "r2"], "place_id": list("PPQQRR"),
        "easting": 9.0, "northing": 9.0, "weight": [3.0, 1.0, 1.0, 1.0, 1.0, 1.0],
    }
)  # fmt: skip


def starts(*codes: str) -> pd.DataFrame:
    return pd.DataFrame({"from_id": list(codes), "to_id": "club"}, dtype=object)


def test_place_by_place_people_live_where_the_matrix_starts_from():
    # P by one of its points and its code, Q by its code only, R by nothing.
    homes = homes_of(PLACES, POINTS)
    with collect_warnings() as said:
        found = homes_for(homes, starts("p1", "P", "Q"), PLACES)
    assert found[["home_id", "place_id", "share"]].values.tolist() == [
        ["p1", "P", 0.75], ["p2", "P", 0.25], ["Q", "Q", 1.0], ["r1", "R", 0.5], ["r2", "R", 0.5],
    ]  # fmt: skip
    assert found.set_index("home_id").loc["Q", ["easting", "northing"]].tolist() == [2.0, 0.0]
    assert (found.dtypes == homes.dtypes).all()
    assert [str(note) for note in said] == [
        (
            "places.homes: The travel times start from 1 place as a whole and from none of its homes "
            "(Q): people there are taken to live at the centre of the place. "
            "Add the homes to the travel times."
        )
    ]


@pytest.mark.parametrize("codes", [("p1", "q2", "P", "R", "r1"), (), ("elsewhere",)])
def test_homes_that_the_matrix_knows_and_those_of_nobody_stay(codes):
    homes = homes_of(PLACES, POINTS)
    assert_frame_equal(homes_for(homes, starts(*codes), PLACES), homes)


def test_a_place_that_is_its_own_home_stays():
    homes = homes_of(PLACES)
    assert_frame_equal(homes_for(homes, starts("P", "Q", "R"), PLACES), homes)


def test_a_matrix_by_place_moves_everybody():
    with pytest.warns(DataWarning, match=r"from 3 places as a whole and from none of their homes \(P, Q, R\)"):  # fmt: skip
        found = homes_for(homes_of(PLACES, POINTS), starts("P", "Q", "R"), PLACES)
    assert_frame_equal(found, homes_of(PLACES))

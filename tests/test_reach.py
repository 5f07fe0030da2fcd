"""Walking times by straight line, and the homes that they start from."""

from __future__ import annotations

import re

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry import MultiPoint, Point, box

from provision_map.errors import DataError, DataWarning, UsageError
from provision_map.places.homes import homes_of
from provision_map.reach import travel_times
from provision_map.tables import HOMES, SERVICES
from towns import Town, frame


def site(name: str, metres: float, **more: object) -> dict[str, object]:
    """Put a service so many metres east of where the people of P1 live."""
    return {"service_id": name, "easting": 500.0 + metres, "northing": 500.0, **more}


def times(*services: dict[str, object], places: int = 1, **settings: float) -> pd.DataFrame:
    town = Town(children={f"P{n + 1}": {13: 10.0} for n in range(places)})
    return travel_times(town.places, frame(SERVICES, list(services)), **settings)


@pytest.mark.parametrize(
    ("settings", "metres", "minutes", "accuracy"),
    [
        ({}, 1300, 16.25, 260),
        ({"detour": 1.0}, 1000, 12.5, 200),
        ({"detour": 1.5}, 1500, 18.75, 300),
        ({"metres_per_minute": 40.0}, 1300, 32.5, 260),
        ({"metres_per_minute": 100.0, "detour": 2.0}, 2000, 20, 400),
    ],
)
def test_the_detour_lengthens_the_way_and_what_the_position_leaves_open(
    settings, metres, minutes, accuracy
):
    row = times(site("c", 1000, location_accuracy=200.0), **settings).iloc[0]
    assert (row["metres"], row["minutes"], row["accuracy"]) == pytest.approx(
        (metres, minutes, accuracy)
    )
    assert (row["from_id"], row["to_id"], row["mode"]) == ("P1", "c", "walk")
    assert row["searched_to"] == 90


def test_the_way_is_measured_in_both_directions_of_the_grid():
    row = times({"service_id": "c", "easting": 800.0, "northing": 100.0}, detour=1.0).iloc[0]
    assert row["metres"] == pytest.approx(500)
    assert row["accuracy"] == 0


@pytest.mark.parametrize(
    ("settings", "edge"),
    [
        ({"detour": 1.0, "searched_to": 10.0}, 800),
        ({"detour": 2.0, "searched_to": 10.0}, 400),
        ({"detour": 2.0, "searched_to": 20.0, "metres_per_minute": 50.0}, 500),
        ({}, 90 * 80 / 1.3),
    ],
)
def test_what_lies_beyond_the_bound_is_absent(settings, edge):
    found = times(site("inside", edge - 0.5), site("beyond", edge + 0.5), **settings)
    assert list(found["to_id"]) == ["inside"]


def test_an_inexact_site_is_searched_as_far_as_it_may_be_near_and_the_others_are_not():
    bound = {"detour": 1.0, "searched_to": 10.0}
    far = [site("exact", 850), site("near enough", 1000, location_accuracy=200.0)]
    assert list(times(*far, **bound)["to_id"]) == ["near enough"]
    beyond = site("too far", 1001, location_accuracy=200.0)
    assert list(times(*far, beyond, **bound)["to_id"]) == ["near enough"]


def test_outreach_is_at_no_distance_where_it_comes_to_and_nowhere_else():
    found = times(
        site("both", 600, service_area=("P2",), location_accuracy=90.0),
        {"service_id": "comes", "service_area": ("P1", "P3")},
        {"service_id": "all", "service_area": ("all",)},
        {"service_id": "nowhere"},
        site("beyond", 9e6, service_area=("P1",)),
        places=3,
        detour=1.0,
    )
    found = found.assign(pair=found["from_id"] + " " + found["to_id"]).set_index("pair")
    assert found["metres"].to_dict() == {
        "P1 all": 0, "P1 beyond": 0, "P1 both": 600, "P1 comes": 0,
        "P2 all": 0, "P2 both": 0,
        "P3 all": 0, "P3 both": 1400, "P3 comes": 0,
    }  # fmt: skip
    walked = found["mode"] == "walk"
    assert list(found.index[walked]) == ["P1 both", "P3 both"]
    assert (found.loc[~walked, ["minutes", "accuracy"]] == 0).all(axis=None)
    assert (found.loc[walked, "accuracy"] == 90).all()


def test_a_place_not_a_neighbourhood_of_others_and_no_services():
    assert times(places=2).empty
    assert times({"service_id": "nowhere"}).empty


# ---------------------------------------------------------------- homes


def points(*rows: tuple[str, str, float], **more: object) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=["home_id", "place_id", "weight"])
    return frame.assign(easting=1.0, northing=np.arange(len(rows), dtype=float)).assign(**more)


def shares(*rows: tuple[str, str, float], places: int = 2) -> dict[str, float]:
    town = Town(children={f"P{n + 1}": {13: 10.0} for n in range(places)})
    found = homes_of(town.places, points(*rows))
    assert list(found.columns) == HOMES.names()
    return dict(zip(found["home_id"], found["share"], strict=True))


def test_without_points_the_centroid_of_each_place_is_its_home():
    found = homes_of(Town(children={"P2": {13: 1.0}, "P1": {13: 1.0}}).places)
    assert found.to_numpy().tolist() == [["P2", "P2", 500, 500, 1], ["P1", "P1", 1500, 500, 1]]


def test_points_share_the_people_of_their_place():
    assert shares(("b", "P1", 30.0), ("c", "P2", 7.0), ("a", "P1", 10.0)) == {
        "a": 0.25, "b": 0.75, "c": 1.0,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("rows", "expected", "says"),
    [
        (
            [("a", "P1", 1.0)],
            {"a": 1, "P2": 1},
            r"1 place has no point where people live \(P2\): its centre stands",
        ),
        (
            [("a", "P1", 0.0), ("b", "P1", 0.0), ("c", "P2", 5.0), ("d", "P2", 0.0)],
            {"a": 0.5, "b": 0.5, "c": 1},
            r"1 place has points of weight 0 only \(P1\): they count alike",
        ),
        (
            [("a", "P1", 4.0), ("b", "P1", 2.0), ("c", "P1", np.nan), ("d", "P2", np.nan)],
            {"a": 4 / 9, "b": 2 / 9, "c": 3 / 9, "d": 1},
            r"2 points have no weight, in 2 places \(P1, P2\)",
        ),
        (
            [("a", "P1", 0.0), ("b", "P1", np.nan), ("c", "P1", np.nan), ("d", "P2", 1.0)],
            {"b": 0.5, "c": 0.5, "d": 1},
            "1 point has weight 0 and is left out",
        ),
        (
            [("a", "P1", 1.0), ("b", "P2", 1.0), ("c", "P9", 1.0)],
            {"a": 1, "b": 1},
            "1 of 3 points lies in another place and is left out",
        ),
    ],
)
def test_what_points_leave_open_is_told_and_never_a_silent_0(rows, expected, says):
    with pytest.warns(DataWarning) as said:
        assert shares(*rows) == pytest.approx(expected)
    assert any(re.search(says, str(w.message)) for w in said)


def test_where_no_weight_is_given_points_count_alike():
    assert shares(("a", "P1", np.nan), ("b", "P1", np.nan), ("c", "P2", np.nan)) == {
        "a": 0.5, "b": 0.5, "c": 1.0,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("frame_of_points", "says"),
    [
        (points(("a", "P1", -1.0)), r"1 point has a weight below 0 \(a\)"),
        (points(("a", "P1", np.inf)), "an infinite weight"),
        (points(("a", "P1", 1.0), easting=np.nan), "no position"),
        (points(("a", "P1", 1.0), ("a", "P2", 1.0)), r"1 code stands more than once \(a\)"),
        (points(("P2", "P1", 1.0)), r"1 code is that of a place \(P2\)"),
        (points(("P1", "P1", 1.0), ("b", "P1", 1.0)), "that of a place"),
        (points(("a", "P1", 1.0)).drop(columns="weight"), "The column is missing"),
    ],
)
def test_homes_that_cannot_be_right_are_refused(frame_of_points, says):
    places = Town(children={"P1": {13: 1.0}}).places
    places = pd.concat([places, places.assign(place_id="P2")])
    given = pd.concat([frame_of_points, points(("z", "P2", 1.0))])
    with pytest.raises(DataError, match=says):
        homes_of(places, given.drop(columns=set(given) - set(frame_of_points)))


def test_the_one_home_of_a_place_may_have_its_code():
    assert shares(("P1", "P1", 3.0), ("b", "P2", 2.0)) == {"P1": 1, "b": 1}


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["P1", "P2", "P3"]), st.one_of(st.just(np.nan), st.floats(0, 1e9))
        ),
        max_size=12,
    )
)
@settings(max_examples=50, deadline=None)
@pytest.mark.filterwarnings("ignore::provision_map.errors.DataWarning")
def test_the_shares_of_every_place_add_up_to_1(rows):
    found = homes_of(
        Town(children={f"P{n + 1}": {13: 1.0} for n in range(3)}).places,
        points(*[(f"h{i}", *row) for i, row in enumerate(rows)]),
    )
    assert found.groupby("place_id")["share"].sum().to_dict() == pytest.approx(
        {"P1": 1, "P2": 1, "P3": 1}
    )


def test_ways_start_from_every_home_and_outreach_comes_to_all_of_a_place():
    town = Town(children={"P1": {13: 10.0}, "P2": {13: 10.0}})
    homes = homes_of(town.places, points(("b", "P1", 1.0), ("a", "P1", 3.0), ("P2", "P2", 1.0)))
    services = frame(
        SERVICES,
        [
            {"service_id": "club", "easting": 1.0, "northing": 4.0},
            {"service_id": "van", "service_area": ("P1",)},
        ],
    )
    found = travel_times(town.places, services, homes=homes, detour=1.0)
    # The homes stand at northing 1 (a), 0 (b) and 2 (P2).
    assert found[["from_id", "to_id", "mode", "metres"]].to_numpy().tolist() == [
        ["P2", "club", "walk", 2], ["a", "club", "walk", 3], ["a", "van", "outreach", 0],
        ["b", "club", "walk", 4], ["b", "van", "outreach", 0],
    ]  # fmt: skip
    alone = travel_times(homes, services.iloc[:1], detour=1.0)
    assert alone["from_id"].tolist() == ["P2", "a", "b"]
    with pytest.raises(UsageError, match="1 service comes to places"):
        travel_times(homes, services)


# ---------------------------------------------------------------- sites that are areas


def test_the_way_to_a_site_is_to_its_outline_and_0_inside():
    town = Town(children={f"P{n + 1}": {13: 10.0} for n in range(3)})  # at 500, 1500, 2500 east
    sites = gpd.GeoDataFrame(
        {"service_id": ["park", "gates"]},
        geometry=[box(1400, 0, 1900, 900), MultiPoint([(500, 400), (2500, 530)])],
        crs="EPSG:27700",
    )
    services = [
        {"service_id": "park", "easting": 0.0, "northing": 0.0, "location_accuracy": 99.0},
        {"service_id": "gates"},
        {"service_id": "point", "easting": 500.0, "northing": 510.0},
    ]
    found = travel_times(
        town.places, frame(SERVICES, services), detour=2.0, searched_to=20.0, sites=sites
    )
    assert found.set_index(["from_id", "to_id"])["metres"].to_dict() == {
        ("P1", "gates"): 200, ("P1", "point"): 20,
        ("P2", "park"): 0,
        ("P3", "gates"): 60, ("P3", "park"): 1200,
    }  # fmt: skip
    assert (found["accuracy"] == 0).all()


def test_thousands_of_sites_are_searched_like_one():
    rng = np.random.default_rng(1)
    at, accuracy = rng.uniform(0, 20_000, (9_000, 2)), rng.choice([0.0, 300.0, 5_000.0], 9_000)
    services = pd.DataFrame(
        {
            "service_id": [f"s{i:04}" for i in range(9_000)], "easting": at[:, 0],
            "northing": at[:, 1], "location_accuracy": accuracy, "service_area": [()] * 9_000,
        }
    )  # fmt: skip
    spots = rng.uniform(0, 20_000, (30, 2))
    homes = pd.DataFrame({"home_id": [f"h{i:02}" for i in range(30)], "place_id": "P", "easting": spots[:, 0], "northing": spots[:, 1], "share": 1 / 30})  # fmt: skip
    found = travel_times(homes, services, searched_to=20.0)
    straight = np.hypot(*(spots[:, None] - at[None]).transpose(2, 0, 1))
    home, site = np.nonzero(straight - accuracy <= 20 * 80 / 1.3)
    assert found["from_id"].tolist() == [f"h{i:02}" for i in home]
    assert found["to_id"].tolist() == [f"s{j:04}" for j in site]
    np.testing.assert_allclose(found["metres"], straight[home, site] * 1.3, rtol=1e-12)


def test_a_point_as_a_site_is_as_near_as_a_position():
    town = Town(children={"P1": {13: 10.0}})
    where = gpd.GeoDataFrame({"service_id": ["a"]}, geometry=[Point(800, 900)], crs=27700)
    by_site = travel_times(town.places, frame(SERVICES, [{"service_id": "a"}]), sites=where)
    by_position = times({"service_id": "a", "easting": 800.0, "northing": 900.0})
    pd.testing.assert_frame_equal(by_site, by_position)

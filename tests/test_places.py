"""Where a service stands, which places touch, and how many children of whom live in each."""

from __future__ import annotations

import itertools

import geopandas as gpd
import pandas as pd
import pytest
from shapely.geometry import LineString, box

from provision_map.places import estimate_people, locate_services, touching_places
from provision_map.tables import SERVICES
from towns import frame

KM = 1000.0


def squares(*corners: tuple[float, float], authority: str = "") -> gpd.GeoDataFrame:
    """Lay squares of a kilometre with their lower left corners (km) there: A, B, C, …."""
    ids = [chr(65 + i) for i in range(len(corners))]
    return gpd.GeoDataFrame(
        {
            "place_id": ids,
            "authority": list(authority) or "",
            "easting": [KM * x + 300 for x, _ in corners],
            "northing": [KM * y + 400 for _, y in corners],
        },
        geometry=[box(KM * x, KM * y, KM * x + KM, KM * y + KM) for x, y in corners],
        crs="EPSG:27700",
    )


# ---------------------------------------------------------------- locate


@pytest.mark.parametrize(
    ("given", "place", "basis", "easting", "accuracy"),
    [
        # The point is in B.
        ({"place_id": "A", "easting": 1500.0, "northing": 500.0}, "A", "given", 1500, 0),
        ({"easting": 1500.0, "northing": 500.0}, "B", "polygon", 1500, 0),
        ({"easting": 1500.0, "northing": 500.0, "location_accuracy": 70.0}, "B", "polygon", 1500, 70),
        ({"easting": 1000.0, "northing": 500.0}, "A", "polygon", 1000, 0),  # on the border
        ({"easting": 9000.0, "northing": 500.0}, "", "outside", 9000, 0),
        # The people of B live 300 m and 400 m from one corner, 700 m and 600 m from the furthest.
        ({"place_id": "B"}, "B", "given", 1300, (700**2 + 600**2) ** 0.5),
        ({"place_id": "B", "location_accuracy": 70.0}, "B", "given", 1300, 70),
        ({"place_id": "B", "easting": 1500.0}, "B", "given", 1300, (700**2 + 600**2) ** 0.5),
        ({"service_area": ("A",)}, "", "area", None, 0),
    ],
)  # fmt: skip
def test_where_a_service_stands_and_how_that_is_known(given, place, basis, easting, accuracy):
    # A second service, so that rows and positions cannot be taken for each other.
    other = {"service_id": "first", "easting": 200.0, "northing": 200.0}
    services = frame(SERVICES, [other, {"service_id": "c", **given}])
    services.index = [7, 3]
    first, found = locate_services(services, squares((0, 0), (1, 0))).to_dict("records")
    assert (first["place_id"], first["place_basis"], first["easting"]) == ("A", "polygon", 200)
    assert (found["place_id"], found["place_basis"]) == (place, basis)
    assert found["easting"] == easting if easting else pd.isna(found["easting"])
    assert found["location_accuracy"] == pytest.approx(accuracy)


# ---------------------------------------------------------------- touching


def touching(places: gpd.GeoDataFrame, **more: object) -> list[str]:
    pairs = touching_places(places, **more)
    return [f"{a}{b}" for a, b in zip(pairs["from_id"], pairs["to_id"], strict=True)]


@pytest.mark.parametrize(
    ("corners", "pairs"),
    [
        # A-B and C-D lie side by side; B and C share what the rise of C leaves.
        ([(0, 0), (1, 0), (2, 0.899), (3, 0.899)], ["AB", "BC", "CD"]),  # 101 m
        ([(0, 0), (1, 0), (2, 0.9), (3, 0.9)], ["AB", "CD"]),  # 100 m is not over 100 m
        ([(0, 0), (1, 0), (2, 1), (3, 1)], ["AB", "CD"]),  # a corner only
        # C is an island: it joins B, the nearest, and no other.
        ([(0, 0), (1, 0), (3.6, 0)], ["AB", "BC"]),  # 1,600 m
        ([(0, 0), (1, 0), (3.601, 0)], ["AB"]),
        ([(0, 0), (1, 0), (2, 1)], ["AB", "BC"]),  # a corner is the nearest there is
        ([(0, 0), (2.6, 0)], ["AB"]),
        ([(0, 0), (2.7, 0)], []),
        ([(0, 0)], []),
    ],
)
def test_which_places_touch(corners, pairs):
    for order in itertools.permutations(range(len(corners))):
        places = squares(*corners).iloc[list(order)].reset_index(drop=True)
        assert touching(places) == pairs


def test_how_much_border_and_how_far_an_island_are_settings():
    row = squares((0, 0), (1, 0), (2, 0.9), (3, 0.9), (6, 0.9))
    assert touching(row) == ["AB", "CD"]
    assert touching(row, border_metres=99.0) == ["AB", "BC", "CD"]
    assert touching(row, island_metres=2000.0) == ["AB", "CD", "DE"]


def test_authorities_never_touch_not_even_where_a_place_stands_alone():
    row = ((0, 0), (1, 0), (2, 0))
    assert touching(squares(*row, authority="xxx")) == ["AB", "BC"]
    assert touching(squares(*row, authority="xxy")) == ["AB"]
    # A's neighbour is of another authority: it joins the nearest of its own.
    assert touching(squares(*row, authority="xyx")) == ["AC"]


@pytest.mark.parametrize(
    ("upto", "pairs"),
    [
        (KM, ["AB", "CD"]),
        (900.0, ["AB", "CD"]),  # 100 m less the 20 m beside the line
        (870.0, ["AB", "BC", "CD"]),
    ],
)
def test_a_barrier_between_two_places_takes_its_length_off_their_border(upto, pairs):
    row = squares((0, 0), (1, 0), (2, 0), (3, 0))
    for beside in (0.0, 15.0):
        line = LineString([(2 * KM + beside, 0), (2 * KM + beside, upto)])
        assert touching(row, barriers=gpd.GeoSeries([line], crs=row.crs)) == pairs
    away = gpd.GeoSeries([LineString([(2 * KM + 25, 0), (2 * KM + 25, KM)])], crs=row.crs)
    assert touching(row, barriers=away) == ["AB", "BC", "CD"]
    assert touching(row, barriers=away.iloc[:0]) == ["AB", "BC", "CD"]


def test_a_place_that_a_barrier_cut_off_does_not_join_the_other_bank_as_an_island():
    pair = squares((0, 0), (1, 0))
    river = gpd.GeoSeries([LineString([(KM, -KM), (KM, 2 * KM)])], crs=pair.crs)
    assert touching(pair) == ["AB"]
    assert touching(pair, barriers=river) == []


# ---------------------------------------------------------------- people

RESIDENTS = {
    "mixed": {"o": 240.0, "g": 80.0, "h": 80.0},
    "one": {"o": 100.0, "g": 0.0, "h": 0.0},
    "partly": {"o": 60.0, "g": 40.0},  # no row for h
    "nobody": {"o": 0.0, "g": 0.0, "h": 0.0},
}


def test_children_of_a_group_are_its_share_of_the_residents_and_add_up():
    places = [*RESIDENTS, "absent"]
    ages = pd.DataFrame({"place_id": places, "age": 13, "children": 60.0})
    groups = pd.DataFrame(
        [(p, g, n) for p, by_group in RESIDENTS.items() for g, n in by_group.items()],
        columns=["place_id", "group_id", "residents"],
    )
    people = estimate_people(ages, groups, majority="o")
    wide = people.pivot_table(index="place_id", columns="community_id", values="children")
    # All residents together are 400 of o, 120 of g and 80 of h.
    overall = {"o": 40.0, "g": 12.0, "h": 8.0, "bme": 20.0}
    assert wide.drop(columns="everyone").round(9).to_dict("index") == {
        "mixed": {"o": 36.0, "g": 12.0, "h": 12.0, "bme": 24.0},
        "one": {"o": 60.0, "g": 0.0, "h": 0.0, "bme": 0.0},
        "partly": {"o": 36.0, "g": 24.0, "h": 0.0, "bme": 24.0},
        "nobody": overall,
        "absent": overall,
    }
    assert (wide[["o", "g", "h"]].sum(axis=1) - wide["everyone"]).abs().max() < 1e-9
    basis = people.groupby("community_id")["basis"].unique().map(list).to_dict()
    assert basis == {
        "everyone": ["measured"], "o": ["estimated"], "g": ["estimated"], "h": ["estimated"],
        "bme": ["estimated"],
    }  # fmt: skip


def test_without_groups_only_everyone_is_counted():
    ages = pd.DataFrame({"place_id": ["A"], "age": [13], "children": [50.0]})
    groups = pd.DataFrame(columns=["place_id", "group_id", "residents"])
    assert list(estimate_people(ages, groups)["community_id"]) == ["everyone"]

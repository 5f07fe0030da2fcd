"""Walking times by straight line: the detour, what a position leaves open, and the bound."""

from __future__ import annotations

import pandas as pd
import pytest

from provision_map.reach import travel_times
from provision_map.tables import SERVICES
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

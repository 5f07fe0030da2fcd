"""Places in reach per hundred children: worked out on paper, and against the floating catchments."""

from __future__ import annotations

import math
import warnings
from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from shapely.geometry import box

from provision_map.coverage.accessibility import measure_accessibility
from provision_map.errors import DataError, DataWarning
from provision_map.reach.catchments import floating_catchment
from provision_map.reach.decay import gaussian
from provision_map.tables import ACCESSIBILITY, SERVICES, SESSIONS
from towns import OUT_OF_SCHOOL, Town, element, frame

NAN = float("nan")
FIGURES = ("e2sfca", "e2sfca_smaller", "e2sfca_larger", "two_sfca", "m2sfca", "bfca")
FRIDAY = ("Friday", 19, 21)  # two hours
LIMITED = settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def town(**changes: object) -> Town:
    """Catchment of 20 minutes: 1,600 m at 80 m a minute."""
    standard = {"catchment_metres": 1600.0, **changes.pop("standard", {})}
    return Town(element=element(**standard), **changes)


def measure(town: Town, **options: object) -> pd.DataFrame:
    given_out = {
        "homes": town.homes_frame,
        "neighbour_people": town._people(town.neighbours),
        **options,
    }
    out = measure_accessibility(
        town.places, town.people, frame(SERVICES, town.services), town.travel_times,
        sessions=frame(SESSIONS, town.sessions), framework=town.framework, **given_out,
    )  # fmt: skip
    assert list(out.columns) == ACCESSIBILITY.names()
    texts = dict.fromkeys(("place_id", "basis", "edge_affected"), str)
    return out.astype(texts).set_index("place_id")


def w(minutes: float, catchment: float = 20.0) -> float:
    return float(gaussian(catchment)(np.array([minutes]))[0])


# ---------------------------------------------------------------- on paper


def test_two_places_and_a_club_come_out_as_on_paper():
    here = town(children={"P1": {13: 100.0}, "P2": {13: 300.0}})
    here.club("c", FRIDAY, capacity=10.0, metres={"P1": 400.0, "P2": 1200.0})
    got = measure(here)
    # 10 places × 2 h = 20 place-hours; 5 and 15 minutes away.
    near, far = w(5), w(15)
    competing = 100 * near + 300 * far
    assert got["e2sfca"].to_list() == pytest.approx(
        [100 * 20 / competing * near, 100 * 20 / competing * far]
    )
    # 20 for 400: 5 for a hundred, in both.
    assert got["two_sfca"].to_list() == pytest.approx([5, 5])
    assert got["m2sfca"].to_list() == pytest.approx(
        [100 * 20 * near**2 / competing, 100 * 20 * far**2 / competing]
    )
    # All 400 choose the one club: level of service 20/400, shared out by weight.
    assert got["bfca"].to_list() == pytest.approx([5 * near / (near + far), 5 * far / (near + far)])
    # A quarter smaller, 15 minutes: P2 stands on the edge, its weight is 0.
    assert got["e2sfca_smaller"].to_list() == pytest.approx([100 * 20 / 100, 0])
    near, far = w(5, 25), w(15, 25)
    competing = 100 * near + 300 * far
    assert got["e2sfca_larger"].to_list() == pytest.approx(
        [100 * 20 / competing * near, 100 * 20 / competing * far]
    )
    assert got["children"].to_list() == [100, 300]
    assert got["catchment_minutes"].to_list() == [20, 20]
    assert got["unknown_capacity"].to_list() == [0, 0]


def test_a_place_that_reaches_nothing_has_nothing():
    here = town(children={"P1": {13: 100.0}, "P2": {13: 300.0}})
    here.club("c", FRIDAY, capacity=10.0, metres={"P1": 400.0, "P2": 2400.0})
    got = measure(here)
    assert got.loc["P1", "two_sfca"] == pytest.approx(20)
    assert got.loc["P2", list(FIGURES)].to_list() == [0.0] * 6


def test_a_place_without_children_has_what_a_child_would_find_there():
    here = town(children={"P1": {13: 100.0}, "P2": {13: 0.0}})
    here.club("c", FRIDAY, capacity=10.0)
    got = measure(here)
    assert got["children"].to_list() == [100, 0]
    assert got["two_sfca"].to_list() == pytest.approx([20, 20])


# ---------------------------------------------------------------- what is supplied


def two_sfca(here: Town) -> float:
    """Return what P1's hundred children have for each hundred: the supply of its one service."""
    return float(measure(here).loc["P1", "two_sfca"])


def test_hours_are_a_union_within_the_window():
    here = town(standard={"windows": OUT_OF_SCHOOL})
    # Tuesday morning is outside; 18-20 and 19-21 are three hours.
    here.club("c", ("Tuesday", 10, 12), ("Friday", 18, 20), ("Friday", 19, 21), capacity=10.0)
    assert two_sfca(here) == pytest.approx(30)


def test_other_units_count_the_places_alone():
    for unit in ("days", "any"):
        here = town(standard={"unit": unit, "need": 1})
        here.club("c", ("Monday", 18, 20), FRIDAY, capacity=10.0)
        assert two_sfca(here) == pytest.approx(10)
    here = town(standard={"unit": "days", "need": 1, "windows": OUT_OF_SCHOOL})
    here.club("c", ("Tuesday", 10, 12), capacity=10.0)  # never when it counts
    here.club("d", FRIDAY, capacity=1.0)
    assert two_sfca(here) == pytest.approx(1)


def test_a_site_of_two_types_has_its_places_once():
    types = {"unit": "types", "need": 1, "type_metres": {"LEAP": 400.0, "MUGA": 700.0}}
    here = town(standard=types)
    here.club("c", capacity=10.0, space_types=("LEAP", "MUGA"))
    assert two_sfca(here) == pytest.approx(10)


def test_what_is_not_known_is_left_out_and_counted_where_it_is_in_reach():
    here = town(children={"P1": {13: 100.0}, "P2": {13: 100.0}})
    here.club("known", FRIDAY, capacity=10.0)
    here.club("blank", FRIDAY, capacity=NAN, metres={"P1": 1600.0, "P2": 1601.0})
    here.club("no limit", FRIDAY, capacity=math.inf)
    here.club("hours", capacity=5.0)  # no session is known
    here.club("shut", FRIDAY, capacity=0.0)
    got = measure(here)
    assert got["two_sfca"].to_list() == pytest.approx([10, 10])
    assert got["unknown_capacity"].to_list() == [3, 2]


def test_where_nobody_lives_nothing_is_in_reach():
    here = town(children={"P1": {13: 100.0}}, homes={"all": ("P1", 1.0), "none": ("P1", 0.0)})
    here.club("known", FRIDAY, capacity=10.0)
    here.club("blank", FRIDAY, capacity=NAN, metres={"all": 1700.0, "none": 100.0})
    assert measure(here)["unknown_capacity"].to_list() == [0]


def test_certain_hours_count_where_others_are_not_known():
    here = town()
    here.club("c", FRIDAY, capacity=10.0)
    here.sessions.append({"service_id": "c", "weekday": "Monday", "period": "term"})
    got = measure(here)
    assert got["two_sfca"].to_list() == pytest.approx([20])
    assert got["unknown_capacity"].to_list() == [0]


def test_an_element_without_any_known_capacity_has_no_rows():
    here = town()
    here.club("c", FRIDAY, capacity=NAN)
    here.club("d", FRIDAY, capacity=math.inf)
    # Known, and for nobody of the Offer's ages.
    here.club("old", FRIDAY, capacity=10.0, minimum_age=20.0)
    assert measure(here).empty
    assert measure(town()).empty


def test_no_places_at_all_is_a_figure():
    here = town()
    here.club("c", FRIDAY, capacity=0.0)
    assert measure(here).loc["P1", list(FIGURES)].to_list() == [0.0] * 6


# ---------------------------------------------------------------- who shares it


def test_a_service_is_for_the_ages_it_admits():
    here = town(children={"P1": {13: 100.0, 14: 300.0}}, ages=range(13, 15))
    here.club("young", FRIDAY, capacity=10.0, maximum_age=13.0)
    here.club("all", FRIDAY, capacity=20.0, minimum_age=NAN, maximum_age=NAN)
    got = measure(here)
    # Young: 20 for 100, .2 each. All: 40 for 400, .1 each. 13: .3; 14: .1.
    # Mean over children: (100 × .3 + 300 × .1) / 400 = .15.
    assert got["two_sfca"].to_list() == pytest.approx([15])
    assert got["children"].to_list() == [400]


def test_neighbours_children_compete_and_nothing_is_said_of_them():
    here = town(children={"P1": {13: 100.0}}, neighbours={"N1": {13: 100.0, 99: 50.0}})
    here.club("c", FRIDAY, capacity=10.0)
    got = measure(here)
    assert list(got.index) == ["P1"]
    assert got["two_sfca"].to_list() == pytest.approx([10])
    alone = measure(here, neighbour_people=None)
    assert alone["two_sfca"].to_list() == pytest.approx([20])


def test_a_neighbour_without_homes_is_one_home_of_its_name():
    here = town(children={"P1": {13: 100.0}}, neighbours={"N1": {13: 300.0}})
    here.club("c", FRIDAY, capacity=10.0)
    beyond = here.places.assign(place_id="N1")
    got = measure(here, homes=None, neighbours=beyond)
    assert got["two_sfca"].to_list() == pytest.approx([5])


def test_who_is_counted_on_both_sides_of_the_border_is_counted_once():
    here = town(children={"P1": {13: 100.0}})
    here.club("c", FRIDAY, capacity=10.0)
    assert measure(here, neighbour_people=here.people)["two_sfca"].to_list() == pytest.approx([20])


def test_a_place_has_the_mean_of_its_homes():
    here = town(children={"P1": {13: 100.0}}, homes={"near": ("P1", 0.25), "far": ("P1", 0.75)})
    here.club("c", FRIDAY, capacity=10.0, metres={"near": 0.0, "far": 800.0})
    got = measure(here)
    # 25 at the door, 75 ten minutes off.
    rate = 20 / (25 + 75 * w(10))
    assert got["e2sfca"].to_list() == pytest.approx([100 * rate * (0.25 + 0.75 * w(10))])
    # All that is given is had: 20 for a hundred.
    assert got["e2sfca"].to_list() == pytest.approx([20])
    assert got["m2sfca"].to_list() == pytest.approx([100 * rate * (0.25 + 0.75 * w(10) ** 2)])
    assert got["bfca"].to_list() == pytest.approx([20])


def test_a_service_that_comes_to_a_place_is_at_no_distance():
    here = town()
    here.club("c", FRIDAY, capacity=10.0, metres=1000.0)
    by_foot = here.travel_times
    comes = by_foot.assign(mode="outreach", minutes=0.0, metres=0.0)
    here.given_times = pd.concat([by_foot, comes], ignore_index=True)
    # One place reaches it either way: all 20 for its hundred; M2SFCA loses nothing at the door.
    assert measure(here)["m2sfca"].to_list() == pytest.approx([20])


# ---------------------------------------------------------------- the scale of the catchment


def by_bus(here: Town, **minutes: float) -> Town:
    """Give the minutes by bus from each place to c; the metres of the road are far more."""
    ways = [(place, "c", "bus", m, 9000.0, 0.0, 90.0) for place, m in minutes.items()]
    columns = ["from_id", "to_id", "mode", "minutes", "metres", "accuracy", "searched_to"]
    here.given_times = pd.DataFrame(ways, columns=columns)
    return here


def test_minutes_by_another_mode_are_as_far_as_the_standard_says():
    # 40 minutes by bus are 1,600 m, the limit: 30 are 1,200 m, 15 minutes of the catchment of 20.
    here = town(children={"P1": {13: 100.0}}, standard={"minutes": {"bus": 40.0}})
    here.club("c", FRIDAY, capacity=10.0)
    got = measure(by_bus(here, P1=30.0))
    assert got["two_sfca"].to_list() == pytest.approx([20])
    assert got["m2sfca"].to_list() == pytest.approx([20 * w(15)])
    with pytest.warns(DataWarning, match="no child"):
        got = measure(by_bus(here, P1=41.0))  # within the larger catchment alone
    assert got["two_sfca"].to_list() == [0]
    assert got["e2sfca_larger"].to_list() == pytest.approx([20])
    # A mode that is not named has as many minutes as the walk.
    other = replace(here, element=town().element)
    with pytest.warns(DataWarning, match="no child"):
        assert measure(by_bus(other, P1=30.0))["two_sfca"].to_list() == [0]


def test_metres_on_foot_count_whatever_the_speed():
    here = town(children={"P1": {13: 100.0}})
    here.club("c", FRIDAY, capacity=10.0, metres=1200.0)
    slow = here.travel_times.assign(minutes=40.0)  # 30 m a minute
    got = measure(replace(here, given_times=slow))
    assert got["two_sfca"].to_list() == pytest.approx([20])
    assert got["m2sfca"].to_list() == pytest.approx([20 * w(15)])


def test_a_site_of_several_types_is_as_far_as_the_one_people_come_furthest_for():
    types = {"unit": "types", "need": 1, "type_metres": {"LEAP": 400.0, "NEAP": 1000.0}}
    here = town(children={"P1": {13: 100.0}}, standard={**types, "minutes": {"bus": 20.0}})
    here.club("c", capacity=10.0, space_types=("LEAP", "NEAP"))
    # 24 minutes by bus × 1,000 m ÷ 20 = 1,200 m: 15 minutes.
    assert measure(by_bus(here, P1=24.0))["m2sfca"].to_list() == pytest.approx([10 * w(15)])


@LIMITED
@given(
    st.lists(st.tuples(st.integers(1, 90), st.integers(1, 90)), min_size=2, max_size=5),
    st.sampled_from([{}, {"bus": 30.0}, {"bus": 45.0, "cycle": 10.0}]),
    st.sampled_from([800.0, 1600.0, 2300.0]),
    st.sampled_from([700.0, 1600.0]),
    st.sampled_from([50.0, 80.0, 130.0]),
)
def test_who_competes_is_the_same_as_in_the_waterfall(ways, minutes, catchment, limit, speed):
    """With a need of 1 and κ = 1, who is covered is places ÷ children who compete: 2SFCA."""
    standard = {
        "unit": "any", "need": 1, "kappa": 1.0, "quality": False, "metres": limit,
        "minutes": minutes, "catchment_metres": catchment,
    }  # fmt: skip
    here = town(children={f"P{i}": {13: 10.0 + i} for i in range(len(ways))}, standard=standard)
    here.club("c", FRIDAY, capacity=4.0)
    walks, rides = zip(*ways, strict=True)
    rows = [(f"P{i}", "walk", m, m * speed) for i, m in enumerate(walks)]
    rows += [(f"P{i}", "bus", m, NAN) for i, m in enumerate(rides)]
    here.given_times = pd.DataFrame(rows, columns=["from_id", "mode", "minutes", "metres"]).assign(
        to_id="c", accuracy=0.0, searched_to=400.0
    )
    got = quietly(here)["two_sfca"] / 100
    covered = here.coverage().query("community_id == 'everyone'").astype({"place_id": str})
    covered = covered.set_index("place_id")["covered"]
    compared = (covered > 0) & (got > 0)
    assert covered[compared].to_numpy() == pytest.approx(np.minimum(1.0, got[compared]))
    if catchment <= limit:
        # Whoever is in the catchment is within the limit.
        assert set(got.index[got > 0]) <= set(covered.index[covered > 0])


# ---------------------------------------------------------------- what was not searched


def unsearched(*pairs: tuple[str, str]) -> pd.DataFrame:
    """Rows of pairs that the search left out."""
    return pd.DataFrame(pairs, columns=["from_id", "to_id"]).assign(
        mode="", minutes=NAN, metres=NAN, accuracy=0.0, searched_to=0.0
    )


def with_unsearched(here: Town, *pairs: tuple[str, str], **options: object) -> pd.DataFrame:
    times = pd.concat([here.travel_times, unsearched(*pairs)], ignore_index=True)
    return measure(replace(here, given_times=times), **options)


def two_places(**metres: float) -> Town:
    here = town(children={"P1": {13: 100.0}, "P2": {13: 300.0}})
    return here.club("c", FRIDAY, capacity=10.0, metres=metres)


def test_what_nobody_searched_is_blank_and_not_nothing():
    got = with_unsearched(two_places(P1=400.0), ("P2", "c"))
    assert got["basis"].to_list() == ["complete", "not searched"]
    assert got.loc["P1", "two_sfca"] == pytest.approx(20)
    assert got.loc["P2", [*FIGURES, "unknown_capacity"]].isna().all()
    assert got["children"].to_list() == [100, 300]
    # Searched, and beyond: nothing.
    got = measure(two_places(P1=400.0))
    assert got["basis"].to_list() == ["complete", "complete"]
    assert got.loc["P2", list(FIGURES)].to_list() == [0.0] * 6


def test_without_any_search_nothing_is_known():
    here = two_places()
    with pytest.warns(DataWarning, match="no child"):
        got = measure(here)
    assert got["basis"].to_list() == ["not searched", "not searched"]
    assert got[list(FIGURES)].isna().all(axis=None)


def test_a_service_or_a_home_that_was_not_searched_leaves_the_figure_incomplete():
    here = two_places(P1=400.0, P2=400.0)
    here.club("d", FRIDAY, capacity=NAN, metres={"P1": 400.0})
    got = with_unsearched(here, ("P2", "d"))
    assert got["basis"].to_list() == ["complete", "incomplete"]
    assert got["two_sfca"].to_list() == pytest.approx([5, 5])
    assert got["unknown_capacity"].to_list() == [1, 0]

    here = town(children={"P1": {13: 100.0}}, homes={"a": ("P1", 0.5), "b": ("P1", 0.5)})
    here.club("c", FRIDAY, capacity=10.0, metres={"a": 400.0})
    got = with_unsearched(here, ("b", "c"))
    assert got["basis"].to_list() == ["incomplete"]
    assert got["two_sfca"].to_list() == pytest.approx([20])
    # Where nobody lives nobody need search.
    here = replace(here, homes={"a": ("P1", 1.0), "b": ("P1", 0.0)})
    assert with_unsearched(here, ("b", "c"))["basis"].to_list() == ["complete"]


def test_a_service_for_nobody_of_these_ages_need_not_be_searched():
    here = two_places(P1=400.0, P2=400.0)
    here.club("old", FRIDAY, capacity=10.0, minimum_age=20.0, metres={"P1": 400.0})
    assert with_unsearched(here, ("P2", "old"))["basis"].to_list() == ["complete", "complete"]


def test_a_pair_searched_less_far_than_the_catchment_may_be_in_it():
    here = two_places(P1=400.0)
    short = pd.concat(
        [here.travel_times, unsearched(("P2", "c")).assign(mode="walk", searched_to=19.0)],
        ignore_index=True,
    )
    with pytest.warns(DataWarning, match="of Y02 reach 25 minutes"):
        got = measure(replace(here, given_times=short))
    assert got["basis"].to_list() == ["complete", "incomplete"]
    assert got.loc["P2", list(FIGURES)].to_list() == [0.0] * 6


def test_what_comes_to_a_place_is_known_without_a_search():
    here = two_places()
    here.services[0].update(easting=NAN, northing=NAN)
    comes = unsearched(("P1", "c")).assign(mode="outreach", minutes=0.0, metres=0.0)
    got = measure(replace(here, given_times=comes))
    # It comes to P1 and not to P2: there is nothing to be searched.
    assert got["basis"].to_list() == ["complete", "complete"]
    assert got["two_sfca"].to_list() == pytest.approx([20, 0])
    here.club("hall", FRIDAY, capacity=1.0, metres={})
    times = pd.concat([comes, unsearched(("P1", "hall"), ("P2", "hall"))], ignore_index=True)
    with pytest.warns(DataWarning, match=r"no child .*\(hall\)"):
        got = measure(replace(here, given_times=times))
    assert got["basis"].to_list() == ["incomplete", "not searched"]
    assert got.loc["P1", "two_sfca"] == pytest.approx(20)


def test_where_a_source_has_not_answered_the_figure_is_incomplete():
    here = two_places(P1=400.0, P2=2400.0)
    assert measure(here)["basis"].to_list() == ["complete", "complete"]
    for answer in ("partly", "no"):
        here.received = {"P2": answer}
        got = measure(here, returns=here.returns)
        assert got["basis"].to_list() == ["complete", "incomplete"]
        assert got["two_sfca"].to_list() == pytest.approx([20, 0])
    here.asked = False
    assert set(measure(here, returns=here.returns)["basis"]) == {"incomplete"}
    # What was not searched is blank, whoever answered.
    got = with_unsearched(two_places(P1=400.0), ("P2", "c"), returns=here.returns)
    assert got["basis"].to_list() == ["incomplete", "not searched"]


# ---------------------------------------------------------------- laws on random towns

clubs = st.fixed_dictionaries(
    {
        "metres": st.lists(st.sampled_from([0.0, 300.0, 900.0, 1500.0, 1900.0, 2100.0]), min_size=4, max_size=4),
        "minimum_age": st.sampled_from([13.0, 14.0, NAN]),
        "maximum_age": st.sampled_from([99.0, 14.0, NAN]),
        "capacity": st.sampled_from([5.0, 12.0, 0.0, NAN, math.inf]),
        "hours": st.sampled_from([1.0, 2.5]),
    }
)  # fmt: skip


@st.composite
def random_towns(draw: st.DrawFn) -> Town:
    places = ("P1", "P2", "P3", "P4")[: draw(st.integers(1, 4))]
    here = town(
        ages=range(13, 16),
        children={p: {a: float(draw(st.integers(0, 40))) for a in range(13, 16)} for p in places},
    )
    for number, club in enumerate(draw(st.lists(clubs, min_size=1, max_size=5))):
        add(here, f"c{number}", club)
    return here


def add(here: Town, name: str, club: dict) -> None:
    fields = {k: club[k] for k in ("minimum_age", "maximum_age", "capacity")}
    when = ("Friday", 18, 18 + club["hours"])
    here.club(name, when, metres=dict(zip(here.children, club["metres"], strict=False)), **fields)


def quietly(here: Town, **options: object) -> pd.DataFrame:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DataWarning)
        return measure(here, **options)


@LIMITED
@given(random_towns())
def test_what_children_have_is_what_is_given(here):
    """Σ children × figure = Σ supply over the services that have a child of their ages in reach."""
    got = quietly(here)
    hours = {s["service_id"]: s["end"].hour + s["end"].minute / 60 - 18 for s in here.sessions}
    for column, inside in (("two_sfca", 1600.0), ("e2sfca", 1599.0), ("e2sfca_larger", 1999.0)):
        total = 0.0
        for service in here.services:
            low, high = service["minimum_age"], service["maximum_age"]
            served = sum(
                n
                for p, _, metres, _ in [t for t in here.times if t[1] == service["service_id"]]
                if metres <= inside
                for a, n in here.children[p].items()
                if not (a < low or a > high)
            )
            if served and math.isfinite(service["capacity"]):
                total += service["capacity"] * hours[service["service_id"]]
        assert (got[column] * got["children"]).sum() / 100 == pytest.approx(total, abs=1e-9)


@LIMITED
@given(random_towns())
def test_the_columns_are_the_floating_catchments(here):
    for service in here.services:
        service.update(minimum_age=13.0, maximum_age=99.0)
        if not math.isfinite(service["capacity"]):
            service["capacity"] = 7.0
    got = quietly(here)
    hours = {s["service_id"]: s["end"].hour + s["end"].minute / 60 - 18 for s in here.sessions}
    supply = pd.Series(
        {s["service_id"]: s["capacity"] * hours[s["service_id"]] for s in here.services}
    )
    demand = pd.Series({p: sum(by_age.values()) for p, by_age in here.children.items()})
    for column, method, minutes in (
        ("e2sfca", "e2sfca", 20), ("e2sfca_smaller", "e2sfca", 15), ("e2sfca_larger", "e2sfca", 25),
        ("two_sfca", "2sfca", 20), ("m2sfca", "m2sfca", 20), ("bfca", "bfca", 20),
    ):  # fmt: skip
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DataWarning)
            want = floating_catchment(
                here.travel_times, demand, supply, method=method, catchment_minutes=minutes
            )
        assert got[column].to_numpy() == pytest.approx(100 * want.to_numpy(), rel=1e-9, abs=1e-9)


@LIMITED
@given(random_towns(), st.sampled_from([0.5, 0.2, 0.0]))
def test_cutting_a_place_into_homes_at_one_spot_changes_nothing(here, share):
    before = quietly(here)
    cut = replace(
        here,
        homes={"h1": ("P1", share), "h2": ("P1", 1 - share)},
        times=[
            (home, *way)
            for place, *way in here.times
            for home in (("h1", "h2") if place == "P1" else (place,))
        ],
    )
    after = quietly(cut)
    for column in (*FIGURES, "unknown_capacity"):
        assert after[column].to_numpy() == pytest.approx(
            before[column].to_numpy(), rel=1e-9, abs=1e-9
        )


@LIMITED
@given(random_towns(), st.randoms(use_true_random=False))
def test_the_order_of_rows_is_irrelevant(here, random):
    before = quietly(here)
    mixed = replace(here, services=here.services[::-1], times=list(here.times))
    random.shuffle(mixed.times)
    after = quietly(mixed)
    pd.testing.assert_frame_equal(after, before, rtol=1e-9)


@LIMITED
@given(random_towns())
def test_siting_only_loses(here):
    got = quietly(here)
    assert (got["m2sfca"] <= got["e2sfca"] + 1e-9).all()


# ---------------------------------------------------------------- the edge


def edges(here: Town, **options: object) -> list[str]:
    return measure(here, homes=options.pop("homes", None), **options)["edge_affected"].to_list()


def row_of_three(catchment: float) -> Town:
    """Three squares of 1,000 m in a row, homes in the middle of each, 500 m from the border."""
    here = town(
        children={p: {13: 10.0} for p in ("P1", "P2", "P3")},
        standard={"catchment_metres": catchment},
    )
    return here.club("c", FRIDAY, capacity=10.0, metres=0.0)


def around(low: float, high: float) -> gpd.GeoDataFrame:
    """Neighbours about the row from 0 to 3,000, reaching so far west and east, and 2,000 m north and south."""
    outlines = [box(low, -2000, high, 0), box(low, 1000, high, 3000), box(low, 0, 0, 1000), box(3000, 0, high, 1000)]  # fmt: skip
    ids = [f"N{k}" for k in range(len(outlines))]
    return gpd.GeoDataFrame(
        {"place_id": ids, "easting": -9e9, "northing": -9e9}, geometry=outlines, crs="EPSG:27700"
    )


def people_of(neighbours: gpd.GeoDataFrame) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "place_id": neighbours["place_id"], "age": 13, "community_id": "everyone",
            "children": 1.0, "basis": "measured",
        }
    )  # fmt: skip


def test_the_edge_is_where_the_catchment_leaves_the_places():
    # 500 m × 1.3 = 650 m on foot.
    assert edges(row_of_three(649.0)) == ["no", "no", "no"]
    assert edges(row_of_three(651.0)) == ["yes", "yes", "yes"]
    assert edges(row_of_three(649.0), detour=1.0) == ["yes", "yes", "yes"]


def test_neighbours_whose_people_are_known_move_the_edge():
    # To the west the border is now 500 m + 200 from P1's home; elsewhere 2,500 m at least.
    beyond = around(-200, 6000)
    people = people_of(beyond)
    here = row_of_three(1000.0)  # 769 m in a straight line
    assert edges(here, neighbours=beyond, neighbour_people=people) == ["yes", "no", "no"]
    # Outlines alone are not people.
    assert edges(here, neighbours=beyond) == ["yes", "yes", "yes"]
    # A hole in what is known is an edge too: the one east of P3 is missing.
    known = people[people["place_id"] != "N3"]
    assert edges(here, neighbours=beyond, neighbour_people=known) == ["yes", "no", "yes"]


def test_a_gap_of_a_pen_is_no_edge():
    here = row_of_three(649.0)
    apart = here.places
    apart.geometry = [box(1000 * i, 0, 1000 * i + 999.5, 1000) for i in range(3)]
    with_gaps = measure_accessibility(
        apart, here.people, frame(SERVICES, here.services), here.travel_times,
        sessions=frame(SESSIONS, here.sessions), framework=here.framework,
    )  # fmt: skip
    assert with_gaps["edge_affected"].to_list() == ["no", "no", "no"]


def test_any_home_where_people_live_can_make_the_edge():
    here = row_of_three(260.0)  # 200 m in a straight line
    spots = [("P1", 500.0, 1.0), ("P2", 1500.0, 0.9), ("h", 1500.0, 0.1), ("P3", 2500.0, 1.0), ("o", 2500.0, 0.0)]  # fmt: skip
    homes = pd.DataFrame(
        [(i, i if i[0] == "P" else {"h": "P2", "o": "P3"}[i], x, 500.0, s) for i, x, s in spots],
        columns=["home_id", "place_id", "easting", "northing", "share"],
    )
    # h is 100 m from the border; o, outside of everything, has nobody.
    homes.loc[homes["home_id"] == "h", "northing"] = 900.0
    homes.loc[homes["home_id"] == "o", "northing"] = 5000.0
    assert edges(here, homes=homes) == ["no", "yes", "no"]
    # Somebody lives outside all outlines: beyond the edge already.
    homes.loc[homes["home_id"].isin(["P3", "o"]), "share"] = 0.5
    assert edges(here, homes=homes) == ["no", "yes", "yes"]


# ---------------------------------------------------------------- what people must know


def test_services_without_children_in_reach_are_named():
    here = town(children={"P1": {13: 0.0, 14: 10.0}}, ages=range(13, 15))
    here.club("near", FRIDAY, capacity=10.0)
    here.club("remote", FRIDAY, capacity=10.0, metres=1700.0)
    here.club("young", FRIDAY, capacity=10.0, maximum_age=13.0)
    here.club("shut", FRIDAY, capacity=0.0, metres=1700.0)
    with pytest.warns(DataWarning, match="2 services offer places and no child") as told:
        got = measure(here)
    assert "(remote, young)" in str(told[0].message)
    assert len(told) == 1
    assert got["two_sfca"].to_list() == pytest.approx([200])


def test_a_search_shorter_than_the_larger_catchment_is_said_where_something_may_be_missing():
    here = town(children={"P1": {13: 100.0}, "P2": {13: 100.0}}, searched_to=24.0)
    here.club("c", FRIDAY, capacity=10.0, metres={"P1": 500.0})  # nothing is found from P2
    with pytest.warns(
        DataWarning, match="of Y02 reach 25 minutes on foot, and ways were searched to 24\\."
    ):
        measure(here)
    measure(replace(here, searched_to=25.0))  # a warning would be an error
    here.times.append(("P2", "c", 500.0, 0.0))
    measure(here)


def test_every_mode_must_be_searched_as_far():
    here = town(children={"P1": {13: 100.0}, "P2": {13: 100.0}}, searched_to=25.0)
    here.club("c", FRIDAY, capacity=10.0)
    ways = here.travel_times
    # Found on foot it is found, however far others were searched.
    cycle = ways.assign(mode="cycle", searched_to=10.0)
    here.given_times = pd.concat([ways, cycle.iloc[:1]], ignore_index=True)
    assert measure(here)["basis"].to_list() == ["complete", "complete"]
    here.given_times = pd.concat([ways.iloc[:1], cycle.iloc[:1]], ignore_index=True)
    with pytest.warns(DataWarning, match=r"searched to 25 \(walk\), 10 \(cycle\)\."):
        assert measure(here)["basis"].to_list() == ["complete", "incomplete"]


def test_wrong_homes_are_refused_all_at_once():
    here = town(children={"P1": {13: 1.0}, "P2": {13: 1.0}})
    here.club("c", FRIDAY, capacity=10.0)
    homes = pd.DataFrame(
        {"home_id": ["a", "a"], "place_id": "P1", "easting": 0.0, "northing": 0.0, "share": 0.5}
    )
    with pytest.raises(DataError) as refused:
        measure(here, homes=homes)
    said = str(refused.value)
    assert "1 code stands more than once (a)" in said
    assert "1 place has no home (P2)" in said

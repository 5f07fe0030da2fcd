"""The reach matrices and the gaps in the reach of good practice."""

from __future__ import annotations

import datetime as dt

import pandas as pd
import pytest

from provision_map import practice_reach, service_reach
from provision_map.gaps.practice import practice_footprints, reached_by_outcome
from provision_map.tables import PRACTICE, REACH_MATRIX, SERVICES
from towns import Town, element, frame

NAN = float("nan")
AGREED = dt.date(2020, 5, 1)


@pytest.fixture
def town():
    return Town(
        children={p: {13: 10.0} for p in ("P1", "P2", "P3")},
        groups={p: {"o": 80.0, "g": 20.0} for p in ("P1", "P2", "P3")},
    )


def reach(town: Town, *entries: dict) -> pd.DataFrame:
    rows = [
        {"practice_id": f"p{n}", "title": f"p{n}", "organisation_id": "o", "elements": ("Y02",), "agreed_on": AGREED, **entry}
        for n, entry in enumerate(entries)
    ]  # fmt: skip
    return practice_reach(frame(PRACTICE, rows), town.places, town.framework)


def words(reached: pd.DataFrame, axis: str) -> dict[str, str]:
    own = reached[reached["axis"] == axis]
    return dict(zip(own["key"], own["reached"], strict=True))


def test_a_practice_reaches_what_it_says_and_blank_is_unknown_not_no(town):
    matrix = reach(town, {"reached_places": ("P1",), "reached_communities": ("none",)}, {})
    assert list(matrix.columns) == REACH_MATRIX.names()
    first, second = (matrix[matrix["item_id"] == p] for p in ("p0", "p1"))
    assert words(first, "neighbourhood") == {"P1": "yes", "P2": "no", "P3": "no"}
    assert words(first, "community") == {"g": "no"}
    assert set(words(second, "neighbourhood").values()) == {"unknown"}
    assert set(words(second, "community").values()) == {"unknown"}
    assert words(first, "outcome") == {"EA": "yes", "PC": "yes"}


def test_bme_and_everyone_reach_a_minority_group(town):
    for said in (("bme",), ("everyone",), ("g",)):
        assert words(reach(town, {"reached_communities": said}), "community") == {"g": "yes"}


def test_the_best_of_an_outcome_s_practices_counts_and_an_unknown_makes_no_gap(town):
    matrix = reach(
        town,
        {"reached_places": ("P1",), "reached_communities": ("g",)},
        {"reached_places": ("P2",), "reached_communities": ("none",)},
    )
    assert words(reached_by_outcome(matrix, "EA"), "neighbourhood") == {
        "P1": "yes", "P2": "yes", "P3": "no",
    }  # fmt: skip
    gaps = practice_footprints(matrix, town.framework)
    assert [(g.outcomes, g.cells) for g in gaps.itertuples()] == [
        (("EA",), (("neighbourhood:P3", -1),)),
        (("PC",), (("neighbourhood:P3", -1),)),
    ]
    blank = reach(town, {"reached_places": ("P1",), "reached_communities": ("g",)}, {})
    assert practice_footprints(blank, town.framework).empty


def test_practice_that_is_not_agreed_does_not_count(town):
    matrix = reach(
        town, {"agreed_on": None, "reached_places": ("all",), "reached_communities": ("g",)}
    )
    assert set(matrix["item_id"]) == {""}


def test_where_no_practice_was_collected_its_reach_is_unknown_and_no_gap(town):
    matrix = practice_reach(PRACTICE.empty(), town.places, town.framework)
    assert set(matrix["reached"]) == {"unknown"}
    assert practice_footprints(matrix, town.framework).empty


def test_an_outcome_without_any_practice_among_others_is_a_gap(town):
    matrix = reach(
        town, {"reached_places": ("all",), "reached_communities": ("g",), "outcomes": ("EA4",)}
    )
    gaps = practice_footprints(matrix, town.framework)
    assert {g.outcomes for g in gaps.itertuples()} == {("PC",)}
    assert {len(g.cells) for g in gaps.itertuples()} == {3, 1}


def test_a_service_reaches_neighbourhoods_within_its_standard_and_unknown_on_the_edge(town):
    town.club("c", metres={"P1": 500.0, "P2": 1700.0, "P3": 1700.0}, open_to=("o",))
    town.times = [(p, s, m, 200.0 if p == "P2" else a) for p, s, m, a in town.times]
    matrix = service_reach(
        frame(SERVICES, town.services), town.travel_times, town.places, town.framework
    )
    assert words(matrix, "neighbourhood") == {"P1": "yes", "P2": "unknown", "P3": "no"}
    assert words(matrix, "community") == {"g": "no"}


def test_where_nobody_searched_a_service_s_reach_is_unknown_and_where_one_did_it_is_no(town):
    town.club("c", metres={"P1": NAN, "P2": NAN, "P3": 500.0}, open_to=("o",))
    times = town.travel_times
    # From P1 nobody searched; from P2 someone did, and found no way within 90 minutes.
    times.loc[times["from_id"] == "P1", "searched_to"] = 0.0
    matrix = service_reach(frame(SERVICES, town.services), times, town.places, town.framework)
    assert words(matrix, "neighbourhood") == {"P1": "unknown", "P2": "no", "P3": "yes"}


@pytest.mark.parametrize(
    ("minutes", "metres", "word"),
    [
        # 15 minutes by bus stand for the limit on foot, however far the bus goes.
        (14.0, 9_000.0, "yes"),
        (15.0, 9_000.0, "yes"),
        (16.0, 9_000.0, "no"),
        # As near as can be, and too long on the way.
        (31.0, 100.0, "no"),
    ],
)
def test_minutes_by_other_modes_are_held_against_what_they_are_allowed(town, minutes, metres, word):
    town.element = element(metres=1600.0, minutes={"bus": 15.0})
    town.club("c", metres=metres)
    times = town.travel_times.assign(mode="bus", minutes=minutes)
    matrix = service_reach(frame(SERVICES, town.services), times, town.places, town.framework)
    assert set(words(matrix, "neighbourhood").values()) == {word}


def test_minutes_that_no_standard_is_of_are_not_scaled_and_those_on_foot_neither(town):
    town.element = element(metres=1600.0, minutes={"bus": 15.0, "walk": 5.0})
    town.club("c", metres=1500.0)
    for mode in ("cycle", "walk"):
        times = town.travel_times.assign(mode=mode, minutes=19.0)
        matrix = service_reach(frame(SERVICES, town.services), times, town.places, town.framework)
        assert set(words(matrix, "neighbourhood").values()) == {"yes"}


def test_how_exactly_a_site_is_known_counts_on_the_scale_of_the_limit(town):
    """10 of 15 minutes by bus are 1,067 m of 1,600: ± 600 m leave it open, ± 500 m do not."""
    town.element = element(metres=1600.0, minutes={"bus": 15.0})
    town.club("c", metres=9_000.0)
    for accuracy, word in ((500.0, "yes"), (600.0, "unknown")):
        times = town.travel_times.assign(mode="bus", minutes=10.0, accuracy=accuracy)
        matrix = service_reach(frame(SERVICES, town.services), times, town.places, town.framework)
        assert set(words(matrix, "neighbourhood").values()) == {word}

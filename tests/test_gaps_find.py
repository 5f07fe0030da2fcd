"""From cells to gaps: M8 worked out by hand, city-wide ages, families, small stretches."""

from __future__ import annotations

import pandas as pd
import pytest

from provision_map.gaps import find_gaps, measure_gaps
from provision_map.gaps.grade import gather_evidence
from provision_map.gaps.measure import GapContext
from provision_map.places import touching_places
from provision_map.tables import REACH_MATRIX, SERVICES
from towns import DATE, Town, element, frame


def context_of(town: Town) -> GapContext:
    services = frame(SERVICES, town.services)
    evidence = gather_evidence(services, town.returns, town.places, town.framework, date=DATE)
    return GapContext(town.places, town.framework, evidence, REACH_MATRIX.empty())


def found(town: Town) -> pd.DataFrame:
    coverage = town.coverage()
    result = find_gaps(coverage, touching_places(town.places), town.framework)
    return measure_gaps(result.footprints, coverage, context_of(town))


def m8(g: float) -> Town:
    town = Town(
        children={p: {13: 80 + g} for p in ("P1", "P2", "P3")},
        groups={p: {"o": 80.0, "g": g} for p in ("P1", "P2", "P3")},
    )
    return town.club(
        "c", ("Friday", 19, 21), metres={"P1": 5000.0, "P2": 5000.0, "P3": 500.0}, open_to=("o",)
    )


def test_m8_one_gap_for_everyone_and_one_for_the_group_beyond_it():
    gaps = found(m8(20)).set_index("kind")
    assert list(gaps.index) == ["provision", "community"]
    everyone, group = gaps.loc["provision"], gaps.loc["community"]
    assert everyone["places"] == ("P1", "P2")
    assert everyone["children"] == pytest.approx(200)
    assert everyone["main_cause"] == "far"
    assert (group["community_id"], group["places"]) == ("g", ("P3",))
    assert group["population"] == pytest.approx(20)
    assert group["children"] == pytest.approx(16)
    assert group["main_cause"] == "group"


def test_m8_a_group_too_small_is_listed_without_figures():
    gaps = found(m8(2)).set_index("kind")
    group = gaps.loc["community"]
    assert (group["community_id"], group["places"]) == ("g", ("P3",))
    assert pd.isna(group["children"])
    assert pd.isna(group["population"])
    assert group[[c for c in gaps if c.startswith(("cause_", "lever_"))]].isna().all()
    assert "g" in group["title"]
    assert not any(ch.isdigit() for part in group["neighbourhoods"] for ch in part.split("(")[1].replace("1 place", ""))  # fmt: skip


def test_ages_that_fail_for_the_whole_city_are_one_entry_and_the_rest_local():
    town = Town(
        ages=range(13, 17),
        children={p: dict.fromkeys(range(13, 17), 30.0) for p in ("P1", "P2", "P3", "P4")},
    )
    near = {"P1": 500.0, "P2": 500.0, "P3": 9000.0, "P4": 9000.0}
    town.club("young", ("Friday", 19, 21), metres=near, minimum_age=13.0, maximum_age=14.0)
    gaps = found(town)
    wide = gaps[gaps["scope"] == "city-wide"].iloc[0]
    assert (wide["minimum_age"], wide["maximum_age"]) == (15, 16)
    local = gaps[gaps["scope"] == "local"].iloc[0]
    assert (local["minimum_age"], local["maximum_age"], local["places"]) == (13, 14, ("P3", "P4"))
    assert local["children"] == pytest.approx(120)
    assert local["title"] == "Youth clubs: too far, ages 13-14, P3 and 1 place more"
    assert len(gaps) == 2


def test_a_stretch_of_fewer_than_fifty_children_is_kept_as_a_residual_line():
    town = Town(children={"P1": {13: 49.0}, "P2": {13: 500.0}})
    town.club("c", ("Friday", 19, 21), metres={"P1": 9000.0, "P2": 500.0})
    result = find_gaps(town.coverage(), touching_places(town.places), town.framework)
    assert result.footprints.empty
    assert result.residual.to_dict("records") == [
        {"element_id": "Y02", "kind": "provision", "children": pytest.approx(49)}
    ]


def test_quality_gaps_stand_apart_from_provision():
    town = Town(element=element(kappa=None)).club("c", ("Friday", 19, 21), quality="below")
    gaps = found(town)
    assert list(gaps["kind"]) == ["quality"]
    assert gaps["children"].iloc[0] == pytest.approx(100)
    assert gaps["severity"].iloc[0] == pytest.approx(0.5)


def test_what_nobody_asked_about_is_no_gap():
    assert found(Town(asked=False)).empty

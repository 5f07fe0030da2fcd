"""From cells to gaps: M8 worked out by hand, city-wide ages, families, small stretches."""

from __future__ import annotations

import pandas as pd
import pytest

from provision_map.gaps import find_gaps, measure_gaps
from provision_map.gaps.grade import gather_evidence
from provision_map.gaps.measure import GapContext
from provision_map.model import Community, Element, Standard
from provision_map.places import touching_places
from provision_map.tables import HOLIDAYS, REACH_MATRIX, SERVICES
from towns import DATE, STALE, Town, element, frame


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


# ---------------------------------------------------------------- words


def test_none_at_all_is_kept_for_where_no_service_gives_the_element():
    assert found(Town())["title"].iloc[0] == "Youth clubs: none at all, age 13, city-wide"
    short = Town().club("c", ("Friday", 19, 20))
    assert found(short)["title"].iloc[0] == "Youth clubs: not enough anywhere, age 13, city-wide"


def test_a_missing_holiday_is_named_in_the_title():
    town = Town(element=Element("Y06", "Holidays", ("EA4",), Standard("holidays", 6, 3000, "test", quality=False)))  # fmt: skip
    town.club("camp")
    held = tuple(h for h in HOLIDAYS if h != "Christmas")
    town.sessions.append({"service_id": "camp", "period": "holidays", "holidays": held})
    gap = found(town).iloc[0]
    assert gap["missing_parts"] == "Christmas"
    assert gap["title"] == "Holidays: not enough anywhere (no Christmas), age 13, city-wide"


def test_the_title_leads_with_the_neighbourhood_of_most_children_as_the_parts_do():
    town = Town(children={"P1": {13: 40.0}, "P2": {13: 90.0}, "P3": {13: 900.0}})
    town.club("c", ("Friday", 19, 21), metres={"P1": 9000.0, "P2": 9000.0, "P3": 500.0})
    gap = found(town).iloc[0]
    assert gap["title"].endswith("P2 and 1 place more")
    assert gap["neighbourhoods"] == ("P2 (1 place, 90 children)", "P1 (1 place, 40 children)")


# ---------------------------------------------------------------- communities


def many_groups(open_to: tuple[str, ...], minority: float = 100.0) -> Town:
    shares = {"o": 300.0, "a": minority, "b": minority, "c": minority}
    return Town(children={"P1": {13: 600.0}}, groups={"P1": shares}).club(
        "club", ("Friday", 19, 21), open_to=open_to
    )


def test_most_groups_missed_with_the_majority_are_one_entry_with_its_name():
    town = many_groups(("a", "b"), minority=300.0)
    gaps = found(town)
    merged = gaps[gaps["kind"] == "community"]
    # o and c fail, a and b do not: not most of four groups, so each stands for itself.
    assert sorted(merged["community_id"]) == ["c", "o"]
    town.groups["P1"]["d"] = 300.0
    gaps = found(town)
    merged = gaps[gaps["kind"] == "community"]
    assert list(merged["community_id"]) == ["all_but:a+b"]
    assert merged["title"].iloc[0].startswith("Youth clubs, all but a and b: not open to them")
    assert merged["population"].iloc[0] == pytest.approx(360)


def test_a_community_missed_in_all_places_is_city_wide_and_without_counts_has_no_figures():
    disabled = Community("disabled", "Disabled children", "priority", tests=("access",), access_features=("step_free",))  # fmt: skip
    town = Town(children={p: {13: 100.0} for p in ("P1", "P2")}, priority=(disabled,))
    town.club("club", ("Friday", 19, 21), access=("none",))
    gap = found(town).iloc[0]
    assert (gap["community_id"], gap["scope"], gap["main_cause"]) == (
        "disabled",
        "city-wide",
        "group",
    )
    assert pd.isna(gap["children"])
    assert gap["title"] == "Youth clubs, Disabled children: not open to them, age 13, city-wide"
    assert gap["uncovered"] == pytest.approx(1)


def test_a_community_s_causes_and_levers_add_to_its_excess():
    gaps = found(m8(20)).set_index("kind")
    group = gaps.loc["community"]
    assert group[[c for c in gaps if c.startswith("cause_")]].sum() == pytest.approx(16)
    assert group["lever_group"] == pytest.approx(16)


# ---------------------------------------------------------------- grade


def grade(town: Town) -> tuple[str, str]:
    gap = found(town).iloc[0]
    return gap["grade"], gap["grade_reason"]


def test_grades_by_their_worst_component():
    far = Town().club("c", ("Friday", 19, 21), metres=5000)
    assert grade(far)[0] == "confirmed"
    edge = Town().club("c", ("Friday", 19, 21), metres=1800)
    assert grade(edge)[0] == "probable"
    assert "distance limit" in grade(edge)[1]
    # Where the hours are short everywhere, no distance decides.
    short = Town().club("c", ("Friday", 19, 20), metres=1700)
    assert grade(short)[0] == "confirmed"


def test_a_gap_of_which_much_cannot_be_told_is_graded_down():
    town = Town(element=element(kappa=0.15), children={"P1": {13: 200.0}})
    town.club("fresh", ("Friday", 19, 21), capacity=5.0)
    town.club("stale", ("Monday", 19, 21), capacity=10.0, assured_date=STALE)
    # A third for want of a fresh record, half certainly full.
    assert found(town)["unknown"].iloc[0] == pytest.approx(1 / 3)
    assert grade(town) == ("probable", "For over a fifth of its children it cannot be told.")
    town.services[0]["assured_date"] = STALE
    assert grade(town) == ("data gap", "For half of its children or more it cannot be told.")

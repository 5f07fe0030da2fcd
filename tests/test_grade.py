"""From cells to entries, their figures and how sure they are: each rule at its edge."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field

import pandas as pd
import pytest

from provision_map.gaps import find_gaps, measure_gaps
from provision_map.model import Community
from provision_map.places import touching_places
from test_gaps_find import context_of, found
from towns import DATE, OUT_OF_SCHOOL, Town, element

FAR, NEAR = 9000.0, 500.0
FRIDAY = ("Friday", 19, 21)


@dataclass
class Dated(Town):
    """A town with the day of each place's return, and the decile of each place."""

    returned: dict[str, dt.date | None] = field(default_factory=dict)
    deciles: dict[str, float] = field(default_factory=dict)

    @property
    def returns(self) -> pd.DataFrame:
        own = super().returns
        days = [self.returned.get(p[0], day) for p, day in zip(own["places"], own["received_on"], strict=True)]  # fmt: skip
        return own.assign(received_on=pd.Series(days, index=own.index, dtype=object))

    @property
    def places(self):
        own = super().places
        return own.assign(imd_decile=[self.deciles.get(p, 5.0) for p in own["place_id"]])


def months_ago(months: int, *, days: int = 0) -> dt.date:
    year, month = divmod(DATE.year * 12 + DATE.month - 1 - months, 12)
    return dt.date(year, month + 1, 28) - dt.timedelta(days=days)


# ---------------------------------------------------------------- grade

SURE = ("confirmed", "Every expected source is complete and under 12 months old.")
AGEING = ("probable", "The returns for these places are 12 to 24 months old, or undated.")
OLD = ("data gap", "The returns for these places are over 24 months old.")
PARTLY = ("probable", "A source that speaks for these places answered only partly.")
MISSING = ("data gap", "A source that speaks for these places has not answered.")
UNTOLD = ("probable", "For over a fifth of its children it cannot be told.")
RECORDS = ("probable", "Half the records of this element were checked over 12 months ago.")
EDGE = ("probable", "Over a fifth of the children live within 20 % of the distance limit.")


def far_town(some: float = 50.0, **more: object) -> Dated:
    """Return a town too far from its club, ``some`` of 100 children in P2."""
    town = Dated(children={"P1": {13: 100.0 - some}, "P2": {13: some}}, **more)
    return town.club("c", FRIDAY, metres=FAR)


def grade_now(town: Town) -> tuple[str, str]:
    """Grade the gap that was found when all was known, as the town is now."""
    footprints = find_gaps(far_town().coverage(), touching_places(town.places), town.framework)
    gaps = measure_gaps(footprints.footprints, town.coverage(), context_of(town))
    assert len(gaps) == 1
    return gaps["grade"].iloc[0], gaps["grade_reason"].iloc[0]


@pytest.mark.parametrize(
    ("some", "day", "grade"),
    [
        (100, months_ago(11), SURE),
        (100, months_ago(13), AGEING),
        (100, months_ago(23), AGEING),
        (100, months_ago(25), OLD),
        (100, None, AGEING),
        # What holds for a fifth of the children or fewer does not count.
        (19, months_ago(13), SURE),
        (20, months_ago(13), SURE),
        (21, months_ago(13), AGEING),
        (20, months_ago(25), SURE),
        (21, months_ago(25), OLD),
        (19, None, SURE),
        (21, None, AGEING),
    ],
)
def test_returns_grade_a_gap_by_their_age(some, day, grade):
    assert grade_now(far_town(some, returned={"P2": day})) == grade


@pytest.mark.parametrize(
    ("some", "received", "grade"),
    [
        (19, "no", SURE),
        (21, "no", MISSING),
        (19, "partly", SURE),
        (21, "partly", PARTLY),
        (49, "partly", PARTLY),
        (51, "partly", ("data gap", "For half of its children or more it cannot be told.")),
    ],
)
def test_returns_grade_a_gap_by_what_is_missing(some, received, grade):
    assert grade_now(far_town(some, received={"P2": received})) == grade


def test_the_oldest_and_the_worst_return_of_a_place_decide():
    two = {"elements": ("all",), "places": ("all",), "organisation_id": "x"}

    class Twice(Dated):
        @property
        def returns(self) -> pd.DataFrame:
            own = super().returns
            more = pd.DataFrame([two | {"received": "yes", "received_on": months_ago(25)}])
            return pd.concat([more, own, more.assign(received_on=DATE)], ignore_index=True)

    town = Twice(**{k: getattr(far_town(), k) for k in ("children", "services", "sessions", "quality", "times")})  # fmt: skip
    assert grade_now(town) == OLD


@pytest.mark.parametrize(
    ("checked", "grade"),
    [
        ([11], SURE),
        ([13], RECORDS),
        ([1, 1, 13], SURE),
        ([1, 13, 13], RECORDS),
        ([None], RECORDS),
        ([1, 1, None], SURE),
    ],
)
def test_records_grade_a_gap_by_when_most_were_checked(checked, grade):
    town = Dated(children={"P1": {13: 50.0}, "P2": {13: 50.0}})
    for number, months in enumerate(checked):
        day = None if months is None else months_ago(months)
        town.club(f"c{number}", FRIDAY, metres=FAR, assured_date=day)
    assert grade_now(town) == grade


@pytest.mark.parametrize(
    ("some", "metres", "grade"),
    [
        (21, 1900, EDGE), (20, 1900, SURE), (21, 1930, SURE), (21, 1920, EDGE), (100, 1601, EDGE),
    ],
)  # fmt: skip
def test_a_gap_at_the_distance_limit_is_probable(some, metres, grade):
    town = Dated(children={"P1": {13: 100.0 - some}, "P2": {13: float(some)}})
    town.club("c", FRIDAY, metres={"P1": FAR, "P2": float(metres)})
    assert grade_now(town) == grade


def test_the_worst_component_decides_and_of_two_as_bad_the_first():
    received = {"received": {"P2": "partly"}}
    assert grade_now(far_town(40, **received, returned={"P1": months_ago(25)})) == OLD
    assert grade_now(far_town(40, **received, returned={"P1": months_ago(13)})) == PARTLY


def test_a_community_s_gap_is_at_most_probable():
    disabled = Community("disabled", "Disabled children", "priority", tests=("access",), access_features=("step_free",))  # fmt: skip
    shares = {"P1": {"o": 300.0, "g": 100.0}}
    town = Town(children={"P1": {13: 400.0}}, groups=shares, priority=(disabled,))
    gaps = found(town.club("c", FRIDAY, open_to=("o", "disabled"), access=("none",)))
    assert gaps.set_index("community_id")[["grade", "grade_reason"]].to_numpy().tolist() == [
        ["probable", "The counts of this community are estimated."],
        ["probable", "The counts of this community are not known at small areas."],
    ]


# ---------------------------------------------------------------- figures


@pytest.mark.parametrize(
    ("wrong_time", "main"), [(59, "mixed causes"), (60, "time"), (41, "mixed causes"), (40, "age")]
)
def test_the_cause_of_three_fifths_names_the_gap(wrong_time, main):
    town = Town(element=element(windows=OUT_OF_SCHOOL))
    town.children = {"P1": {13: wrong_time}, "P2": {13: 100.0 - wrong_time}}
    town.club("t", ("Tuesday", 10, 12), metres={"P1": NEAR, "P2": FAR})
    town.club("a", FRIDAY, metres={"P1": FAR, "P2": NEAR}, minimum_age=16.0)
    gaps = found(town)
    assert list(gaps["main_cause"]) == [main]
    assert (gaps["cause_time"].iloc[0], gaps["cause_age"].iloc[0]) == (wrong_time, 100 - wrong_time)


@pytest.mark.parametrize(
    ("children", "deciles", "need"),
    [
        ((100, 100), (1, 1), 10 / 5.5),
        ((100, 100), (10, 10), 1 / 5.5),
        ((100, 100), (1, 10), 1.0),
        ((300, 100), (1, 10), 31 / 4 / 5.5),
        ((100, 100), (float("nan"), 10), (1 + 1 / 5.5) / 2),
    ],
)
def test_need_is_the_mean_deprivation_of_the_uncovered_children(children, deciles, need):
    names = ("P1", "P2")
    town = Dated(
        children={p: {13: float(n)} for p, n in zip(names, children, strict=True)},
        deciles=dict(zip(names, map(float, deciles), strict=True)),
    )
    gap = found(town.club("c", FRIDAY, metres=FAR)).iloc[0]
    assert gap["need"] == pytest.approx(need)
    assert gap["priority"] == pytest.approx(sum(children) * need * gap["severity"])


def test_need_weighs_each_place_by_those_who_lack():
    town = Dated(
        element=element(kappa=0.15),
        children={"P1": {13: 100.0}, "P2": {13: 100.0}},
        deciles={"P1": 1.0, "P2": 10.0},
    )
    town.club("a", FRIDAY, capacity=7.5, metres={"P1": FAR, "P2": NEAR})
    gap = found(town).iloc[0]  # of P1 all are lacking, of P2 half
    assert gap["children"] == pytest.approx(150)
    assert gap["need"] == pytest.approx((100 * 10 + 50 * 1) / 150 / 5.5)


def test_a_gap_in_provision_counts_as_covered_who_is_reached_however_well():
    town = Town(element=element(kappa=0.15)).club("c", FRIDAY, capacity=6.0, quality="below")
    gap = found(town).iloc[0]
    assert (gap["kind"], gap["main_cause"]) == ("provision", "full")
    shares = (gap["covered"], gap["uncovered"], gap["unknown"], gap["children"])
    assert shares == pytest.approx((0.4, 0.6, 0, 60))


# ---------------------------------------------------------------- from cells to entries


def entries(town: Town) -> list[tuple[str, str, int, int]]:
    gaps = found(town)
    return [
        (g["scope"], g["family"], int(g["minimum_age"]), int(g["maximum_age"]))
        for _, g in gaps.sort_values(["scope", "minimum_age"]).iterrows()
    ]


def ages_town(*fits: int) -> Town:
    """Return a town of ages 13 to 15, 100 children each, with a club for these ages each."""
    town = Town(ages=range(13, 16), children={"P1": dict.fromkeys(range(13, 16), 100.0)})
    for age in fits:
        town.club(f"c{age}", FRIDAY, minimum_age=float(age), maximum_age=float(age))
    return town


@pytest.mark.parametrize(
    ("fits", "runs"),
    [((14,), [(13, 13), (15, 15)]), ((15,), [(13, 14)]), ((13,), [(14, 15)]), ((13, 14, 15), [])],
)
def test_ages_side_by_side_are_one_city_wide_entry_and_ages_apart_are_two(fits, runs):
    assert entries(ages_town(*fits)) == [("city-wide", "terms", *ages) for ages in runs]


def test_ages_that_fail_for_other_reasons_are_two_city_wide_entries():
    # P1 is far from all; in P2 the club is for age 13.
    town = Town(ages=range(13, 15), children={"P1": {13: 900.0, 14: 100.0}, "P2": {13: 100.0, 14: 900.0}})  # fmt: skip
    town.club("c", FRIDAY, maximum_age=13.0, metres={"P1": FAR, "P2": NEAR})
    assert entries(town) == [("city-wide", "reach", 13, 13), ("city-wide", "terms", 14, 14)]


@pytest.mark.parametrize(("failing", "scope"), [(80, "city-wide"), (79, "local"), (50, "local")])
def test_four_fifths_of_an_age_are_city_wide(failing, scope):
    town = Town(children={"P1": {13: float(failing)}, "P2": {13: 100.0 - failing}})
    town.club("c", FRIDAY, metres={"P1": FAR, "P2": NEAR})
    assert entries(town) == [(scope, "reach", 13, 13)]


@pytest.mark.parametrize(("children", "is_entry"), [(50, True), (49.9, False)])
def test_fifty_children_are_an_entry_and_fewer_a_residual_line(children, is_entry):
    town = Town(children={"P1": {13: children}, "P2": {13: 900.0}})
    town.club("c", FRIDAY, metres={"P1": FAR, "P2": NEAR})
    result = find_gaps(town.coverage(), touching_places(town.places), town.framework)
    assert len(result.footprints) == int(is_entry)
    assert result.residual["children"].sum() == pytest.approx(0 if is_entry else children)


def test_reach_and_terms_side_by_side_are_two_entries():
    town = Town(children={p: {13: 100.0} for p in ("P1", "P2", "P3")})
    town.children["P4"] = {13: 900.0}
    metres = {"P1": FAR, "P2": NEAR, "P3": NEAR, "P4": FAR}
    town.club("young", FRIDAY, metres=metres, maximum_age=12.0)
    town.club("all", FRIDAY, metres={"P1": FAR, "P2": FAR, "P3": FAR, "P4": NEAR})
    gaps = found(town)
    assert dict(zip(gaps["places"], gaps["family"], strict=True)) == {
        ("P1",): "reach", ("P2", "P3"): "terms",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("full", "quality", "kind"),
    [
        (0.35, 0.30, "provision"),
        (0.30, 0.35, "quality"),
        (0.30, 0.19, None),
        (0.50, 0.00, "provision"),
        (0.49, 0.00, None),
    ],
)
def test_what_is_lacking_in_provision_and_in_quality_flags_a_cell_together(full, quality, kind):
    """A club takes (capacity ÷ 30) of 200 children's need."""
    town = Town(element=element(kappa=0.15), children={"P1": {13: 200.0}})
    town.club("good", FRIDAY, capacity=30 * (1 - full - quality))
    if quality:
        town.club("poor", FRIDAY, capacity=30 * quality, quality="below")
    row = town.coverage().iloc[0]
    assert (row["cause_full"], row["cause_quality"]) == pytest.approx((full, quality))
    gaps = found(town)
    assert list(gaps["kind"]) == ([kind] if kind else [])
    if kind:
        assert gaps["children"].iloc[0] == pytest.approx(200 * max(full, quality))


def test_far_and_quality_flag_a_cell_together():
    town = Town().club("c", FRIDAY)
    coverage = town.coverage()

    def kinds(far: float, quality: float) -> list[str]:
        lacking = coverage.assign(cause_far=far, cause_quality=quality, covered=1 - far - quality)
        footprints = find_gaps(lacking, touching_places(town.places), town.framework).footprints
        return list(footprints["kind"])

    town.children = {"P1": {13: 200.0}}
    coverage = town.coverage()
    assert kinds(0.3, 0.3) == ["provision"]
    assert kinds(0.3, 0.2) == ["provision"]
    assert kinds(0.29, 0.2) == []
    assert kinds(0.2, 0.3) == ["quality"]


def test_minority_groups_that_all_are_missed_are_one_entry_of_all_of_them():
    shares = {"P1": {"o": 300.0, "a": 100.0, "b": 100.0}}
    town = Town(children={"P1": {13: 500.0}}, groups=shares).club("c", FRIDAY, open_to=("o",))
    gaps = found(town)
    assert list(gaps["community_id"]) == ["bme"]
    assert gaps["population"].iloc[0] == pytest.approx(200)
    # Everyone's rate is 0.4: of the 200, 80 would lack it anyway.
    assert gaps["children"].iloc[0] == pytest.approx(120)
    town.services[0]["open_to"] = ("o", "a")
    gaps = found(town)
    assert list(gaps["community_id"]) == ["b"]
    assert gaps["children"].iloc[0] == pytest.approx(100 * 0.8)
    assert gaps["cause_group"].iloc[0] == pytest.approx(80)


def test_exactly_a_fifth_unknown_does_not_lower_the_grade_and_a_little_more_does():
    for unknown, expected in ((20.0, "confirmed"), (21.0, "probable")):
        town = Town(children={"P1": {13: 100.0 - unknown}, "P2": {13: unknown}})
        town.club("c", ("Friday", 19, 21), metres=9000.0)
        coverage = town.coverage()
        footprint = found_footprint(coverage, town)
        asked = Town(children=town.children, received={"P2": "partly"}, services=town.services,
                     sessions=town.sessions, quality=town.quality, times=town.times)  # fmt: skip
        gap = measure_gaps(footprint, asked.coverage(), context_of(town)).iloc[0]
        assert gap["unknown"] == pytest.approx(unknown / 100)
        assert gap["grade"] == expected


def found_footprint(coverage: pd.DataFrame, town: Town) -> pd.DataFrame:
    return find_gaps(coverage, touching_places(town.places), town.framework).footprints

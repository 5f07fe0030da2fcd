"""The laws of the waterfall, on random small towns; and a reference that walks child by child."""

from __future__ import annotations

import copy
import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from provision_map.tables import CAUSES, UNKNOWN_REASONS
from towns import FRESH, OUT_OF_SCHOOL, STALE, Town, element
from walk import Walk

NAN = float("nan")
DAYS = ("Monday", "Tuesday", "Friday", "Saturday")
LIMITED = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])

clubs = st.fixed_dictionaries(
    {
        "when": st.lists(
            st.tuples(st.sampled_from(DAYS), st.sampled_from([10.0, 15.0, 18.0, 19.5]), st.sampled_from([0.5, 1.0, 2.0])),
            max_size=3,
        ),
        "metres": st.lists(st.sampled_from([300.0, 1500.0, 1700.0, 2500.0]), min_size=6, max_size=6),
        "accuracy": st.sampled_from([0.0, 0.0, 200.0]),
        "minimum_age": st.sampled_from([13.0, 13.0, 14.0, 15.0, NAN]),
        "maximum_age": st.sampled_from([99.0, 99.0, 14.0, 13.0, NAN]),
        "capacity": st.sampled_from([math.inf, 5.0, 12.0, 0.0, NAN]),
        "open_to": st.sampled_from([("everyone",), ("everyone",), ("o",), ("g",), ()]),
        "quality": st.sampled_from(["meets", "meets", "below", None]),
        "assured_date": st.sampled_from([FRESH, FRESH, STALE]),
    }
)  # fmt: skip
standards = st.fixed_dictionaries(
    {
        "need": st.sampled_from([0.5, 1.0, 2.0, 3.0]),
        "metres": st.sampled_from([400.0, 1600.0, 2400.0]),
        "kappa": st.sampled_from([None, 0.05, 0.15]),
        "windows": st.sampled_from([(), OUT_OF_SCHOOL]),
        "quality": st.booleans(),
        # With 1,600 m a club at 1,500 m or 1,700 m, ± 200 m, may or may not draw from a home.
        "catchment_metres": st.sampled_from([2000.0, 1600.0]),
    }
)


@st.composite
def towns(draw: st.DrawFn) -> Town:
    places = ("P1", "P2", "P3")[: draw(st.integers(1, 3))]
    town = Town(
        element=element(**draw(standards)),
        ages=range(13, 16),
        children={p: {a: float(draw(st.integers(0, 40))) for a in range(13, 16)} for p in places},
        groups={
            p: {"o": 80.0, "g": float(draw(st.sampled_from([0, 20, 80])))} for p in (*places, "N1")
        },
        received={p: draw(st.sampled_from(["yes", "yes", "yes", "no", "partly"])) for p in places},
        homes=draw(st.sampled_from([{}, {}, {"P1a": ("P1", 0.25), "P1b": ("P1", 0.75)}])),
        neighbours=draw(st.sampled_from([{}, {}, {"N1": {13: 30.0, 15: 12.0}}])),
    )
    for number, club in enumerate(draw(st.lists(clubs, max_size=5))):
        add(town, f"c{number}", club)
    return town


def add(town: Town, name: str, club: dict) -> Town:
    fields = {k: v for k, v in club.items() if k not in ("when", "metres", "accuracy", "quality")}
    return town.club(
        name,
        *((day, start, start + hours) for day, start, hours in club["when"]),
        metres=dict(zip(town.all_homes, club["metres"], strict=False)),
        accuracy=club["accuracy"],
        quality=club["quality"],
        **fields,
    )


def shares(town: Town) -> pd.DataFrame:
    """v by step in the good world, and what is certain, by cell."""
    keys = ["place_id", "age", "community_id"]
    rows = town.coverage().sort_values(keys).reset_index(drop=True)
    rows[keys] = rows[keys].astype(str)
    v = 1 - rows[[f"cause_{c}" for c in CAUSES]].cumsum(axis=1)
    out = pd.concat([rows[keys], v, rows[["covered", "reached"]]], axis=1).set_index(keys)
    # The averages weigh by children; laws hold for every class, so single groups are compared.
    return out[out.index.get_level_values("community_id").isin(("o", "g"))]


def never_lower(before: pd.DataFrame, after: pd.DataFrame) -> bool:
    return bool((after.to_numpy() >= before.to_numpy() - 1e-9).all())


@LIMITED
@given(towns())
def test_the_parts_add_up_to_one_and_none_is_negative(town):
    rows = town.coverage()
    parts = rows[
        ["covered", *(f"cause_{c}" for c in CAUSES), *(f"unknown_{r}" for r in UNKNOWN_REASONS)]
    ]
    assert (parts.to_numpy() >= 0).all()
    assert np.allclose(parts.sum(axis=1), 1)
    group = rows[[c for c in rows if c.startswith("group_")]].sum(axis=1)
    assert np.allclose(group, rows["cause_group"])
    assert (rows["reached"] >= rows["covered"] - 1e-9).all()


@LIMITED
@given(towns(), clubs)
def test_an_added_service_raises_no_class_below_what_it_was(town, club):
    before = shares(town)
    assert never_lower(before, shares(add(town, "added", club)))


@LIMITED
@given(towns(), st.sampled_from(["metres", "need", "kappa"]))
def test_a_looser_standard_never_lowers_coverage(town, what):
    before = shares(town)
    standard = town.element.standard
    looser = {
        "metres": standard.metres * 1.5,
        "need": standard.need / 2,
        "kappa": None if standard.kappa is None else standard.kappa / 2,
    }[what]
    town.element = element(**{**vars(standard), what: looser})
    assert never_lower(before, shares(town))


BLANKS = {
    "capacity": NAN, "minimum_age": NAN, "maximum_age": NAN, "open_to": (), "assured_date": None,
}  # fmt: skip


@LIMITED
@given(towns(), st.sampled_from([*BLANKS, "quality", "hours", "location"]), st.integers(0, 4))
def test_blanking_an_attribute_raises_what_may_be_and_lowers_what_is_certain(town, what, which):
    if not town.services:
        return
    name = town.services[which % len(town.services)]["service_id"]
    blanked = copy.deepcopy(town)
    for service in blanked.services:
        if service["service_id"] == name and what in BLANKS:
            service[what] = BLANKS[what]
    if what == "quality":
        blanked.quality = [q for q in blanked.quality if q["service_id"] != name]
    if what == "hours":
        blanked.sessions = [s for s in blanked.sessions if s["service_id"] != name]
    if what == "location":
        blanked.times = [(p, s, m, 9000.0 if s == name else a) for p, s, m, a in blanked.times]
    before, after = shares(town), shares(blanked)
    assert never_lower(before[["cause_quality"]], after[["cause_quality"]])  # v after all steps: hi
    assert never_lower(after[["covered"]], before[["covered"]])  # lo


@LIMITED
@given(towns(), st.randoms())
def test_row_order_is_irrelevant(town, random):
    before = shares(town)
    shuffled = copy.deepcopy(town)
    for rows in (shuffled.services, shuffled.sessions, shuffled.quality, shuffled.times):
        random.shuffle(rows)
    pd.testing.assert_frame_equal(before, shares(shuffled))


# ---------------------------------------------------------------- child by child


def agrees_with_the_walk(town: Town) -> None:
    """Every cause, every unknown, what is covered and what is reached, in every cell."""
    walk = Walk(town)
    rows = town.coverage()
    for row in rows[rows["community_id"].isin(("o", "g"))].to_dict("records"):
        for part, share in walk.place(row["place_id"], row["age"], row["community_id"]).items():
            assert math.isclose(row[part], share, abs_tol=1e-9), part


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(towns())
def test_the_engine_agrees_with_a_walk_from_child_to_child(town):
    agrees_with_the_walk(town)


def test_children_whose_home_may_lie_in_the_catchment_compete_in_the_bad_world_only():
    """30 children, 1,500 m ± 200 m away, may compete with 10 next door: nobody knows."""
    town = Town(
        element=element(kappa=0.15, need=2.0, metres=1600.0, catchment_metres=1600.0),
        children={"P1": {13: 10.0}, "P2": {13: 30.0}},
    )
    # 3 places × 2 hours; of the 2 hours that a child needs 0.15 are to be had: 10 children need 3
    # place-hours, 40 need 12, of which there are 6.
    town.club("c", ("Friday", 18.0, 20.0), metres={"P1": 500.0, "P2": 1500.0}, capacity=3.0)
    town.times = [(p, s, m, 200.0 if p == "P2" else 0.0) for p, s, m, _ in town.times]
    rows = town.coverage().query("community_id == 'everyone' and place_id == 'P1'").iloc[0]
    assert rows["covered"] == pytest.approx(0.5)
    assert rows["unknown_location"] == pytest.approx(0.5)
    assert rows["cause_full"] == 0


@pytest.mark.soak
@settings(max_examples=1_000, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(towns())
def test_soak_the_engine_agrees_with_a_walk_from_child_to_child(town):
    agrees_with_the_walk(town)


@pytest.mark.soak
@settings(max_examples=1_000, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(towns(), clubs)
def test_soak_the_parts_add_up_and_an_added_service_takes_nothing_away(town, club):
    rows = town.coverage()
    parts = rows[
        ["covered", *(f"cause_{c}" for c in CAUSES), *(f"unknown_{r}" for r in UNKNOWN_REASONS)]
    ]
    assert np.allclose(parts.sum(axis=1), 1)
    before = shares(town)
    assert never_lower(before, shares(add(town, "added", club)))

"""Which gaps are the same as before, and what has become of them: runs over the same register."""

from __future__ import annotations

import itertools
from pathlib import Path

import pandas as pd
import pytest

from provision_map import Register
from provision_map.model import Community
from test_gaps_find import found as gaps_of
from test_register import record
from towns import DATE, Town, element

FAR, NEAR = 9000.0, 500.0
FRIDAY = ("Friday", 19, 21)


@pytest.fixture
def run(tmp_path):
    """Record one town after the other in the same register."""
    digests = itertools.count()

    def record_next(town: Town) -> pd.DataFrame:
        return record(town, tmp_path / "register.sqlite", digest=str(next(digests)))

    record_next.path = tmp_path / "register.sqlite"
    return record_next


# ---------------------------------------------------------------- states


def split(covered: float, unknown: float, uncovered: float) -> Town:
    """Return a town of which these children live near a club, where nobody answered, and far."""
    children = {"P1": covered, "P2": unknown, "P3": uncovered}
    town = Town(children={p: {13: n} for p, n in children.items()}, received={"P2": "no"})
    return town.club("c", FRIDAY, metres={"P1": NEAR, "P2": FAR, "P3": FAR})


def beginning() -> Town:
    """Return a town in which nobody is covered and all is known: one gap of all three places."""
    return Town(children={p: {13: 100.0} for p in ("P1", "P2", "P3")}).club("c", FRIDAY, metres=FAR)


@pytest.mark.parametrize(
    "steps",
    [
        # (covered, unknown, uncovered) → state, after a beginning of 0, 0, 100.
        [((80, 20, 0), "closed by measure")],
        [((79, 21, 0), "improved")],
        [((80, 0, 20), "closed by measure")],
        [((50, 50, 0), "cannot tell")],
        [((51, 49, 0), "improved")],
        [((10, 0, 90), "improved")],
        [((9, 0, 91), "persisting")],
        [((10, 2, 88), "improved")],
        [((9, 1, 90), "cannot tell")],
        [((0, 10, 90), "cannot tell")],
        [((0, 9, 91), "persisting")],
        # A source that drops out improves nothing, and its return worsens nothing.
        [((0, 30, 70), "cannot tell"), ((0, 0, 100), "persisting")],
        [((60, 0, 40), "improved"), ((30, 30, 40), "persisting"), ((60, 0, 40), "persisting")],
        [((20, 30, 50), "improved"), ((20, 0, 80), "cannot tell"), ((50, 0, 50), "persisting")],
        [((20, 30, 50), "improved"), ((11, 0, 89), "cannot tell"), ((10, 0, 90), "worsened")],
        # A drift is told once, when it has come to ten points, and then counted from there.
        [
            ((50, 0, 50), "improved"), ((41, 0, 59), "persisting"), ((32, 0, 68), "worsened"),
            ((23, 0, 77), "persisting"), ((14, 0, 86), "worsened"),
        ],
        [((9, 0, 91), "persisting"), ((18, 0, 82), "improved"), ((27, 0, 73), "persisting")],
        [((50, 0, 50), "improved"), ((41, 0, 59), "persisting"), ((50, 0, 50), "persisting")],
        # A gap that was closed and opens again is worse than it was.
        [((100, 0, 0), "closed by measure"), ((0, 0, 100), "worsened"), ((0, 0, 100), "persisting")],
        [((85, 0, 15), "closed by measure"), ((79, 0, 21), "persisting"), ((75, 0, 25), "worsened")],
    ],
)  # fmt: skip
def test_the_state_is_read_from_shares_and_unknowns_hide_moves(run, steps):
    gap = run(beginning())["gap_id"].iloc[0]
    states = []
    for shares, _ in steps:
        entries = run(split(*shares))
        assert list(entries["gap_id"]) == [gap]
        states.append(entries["state"].iloc[0])
    assert states == [state for _, state in steps]


def test_where_a_service_below_standard_closes_the_gap_in_quality_has_not_improved(run):
    town = Town().club("c", FRIDAY, quality="below")
    gap = run(town).iloc[0]
    assert gap["kind"] == "quality"
    town.services[0]["maximum_age"] = 12.0
    after = run(town).set_index("gap_id").loc[gap["gap_id"]]
    assert (after["state"], after["covered"], after["uncovered"]) == ("persisting", 0, 1)


DISABLED = Community(
    "disabled", "Disabled children", "priority", tests=("access",), access_features=("step_free",)
)


def test_a_community_that_is_no_longer_looked_at_cannot_be_told_of(run):
    town = Town(priority=(DISABLED,)).club("c", FRIDAY, access=("none",))
    gap = run(town).iloc[0]
    assert (gap["community_id"], gap["state"]) == ("disabled", "new")
    town.priority = ()
    after = run(town)
    assert list(after["gap_id"]) == [gap["gap_id"]]
    assert list(after["state"]) == ["cannot tell"]
    town.priority = (DISABLED,)
    assert list(run(town)["state"]) == ["persisting"]


# ---------------------------------------------------------------- new or not


def uncovered_places(children: dict[str, float], *far: str) -> Town:
    town = Town(children={p: {13: n} for p, n in children.items()})
    return town.club("c", FRIDAY, metres={p: FAR if p in far else NEAR for p in children})


@pytest.mark.parametrize(
    ("children", "first", "then", "new"),
    [
        # Children decide, not places.
        ({"P1": 200, "P2": 200}, ("P1",), ("P1", "P2"), False),  # exactly half is held
        ({"P1": 200, "P2": 201}, ("P1",), ("P1", "P2"), True),
        ({"P1": 200, "P2": 100, "P3": 100}, ("P1",), ("P1", "P2", "P3"), False),
        ({"P1": 199, "P2": 100, "P3": 100}, ("P1",), ("P1", "P2", "P3"), True),
        ({"P1": 90, "P2": 90, "P3": 200}, ("P1", "P2"), ("P1", "P2", "P3"), True),
        ({"P1": 90, "P2": 90, "P3": 200}, ("P1", "P2", "P3"), ("P2",), False),
        ({"P1": 90, "P2": 900, "P3": 200}, ("P1",), ("P3",), True),
    ],
)
def test_a_gap_is_new_where_less_than_half_of_its_children_are_held(
    run, children, first, then, new
):
    before = run(uncovered_places(children, *first))
    assert list(before["places"]) == [first]
    after = run(uncovered_places(children, *then))
    added = after[~after["gap_id"].isin(before["gap_id"])]
    assert list(added["places"]) == ([then] if new else [])
    assert set(added["state"]) <= {"new"}


def groups_town(open_to: str) -> Town:
    shares = {"o": 200.0, "a": 300.0, "b": 100.0, "c": 100.0, "d": 100.0}
    town = Town(children={"P1": {13: 800.0}}, groups={"P1": shares})
    return town.club("c", FRIDAY, open_to=tuple(open_to))


@pytest.mark.parametrize(
    ("first", "missed", "then", "found", "added"),
    [
        # In the same place at the same age, one community's gap holds nothing of another's.
        ("obcd", ["a"], "obd", ["a", "c"], ["c"]),
        ("obd", ["a", "c"], "obcd", ["a"], []),
        # Where most groups are missed, those who come and go leave it the gap that it was.
        ("ab", ["all_but:a+b"], "a", ["all_but:a"], []),
        ("a", ["all_but:a"], "ab", ["all_but:a+b"], []),
        ("ab", ["all_but:a+b"], "abc", ["o", "d"], []),
        ("abc", ["o", "d"], "ab", ["all_but:a+b"], []),
        ("ob", ["a", "c", "d"], "o", ["bme"], []),
        ("o", ["bme"], "ob", ["a", "c", "d"], []),
        ("obcd", ["a"], "o", ["bme"], []),  # 300 of its 600 children: exactly half
        ("oacd", ["b"], "o", ["bme"], ["bme"]),
    ],
)
def test_a_gap_of_a_community_is_held_by_those_that_stand_for_it(
    run, first, missed, then, found, added
):
    def of_communities(entries: pd.DataFrame) -> list[str]:
        return list(entries.loc[entries["kind"] == "community", "community_id"])

    assert sorted(of_communities(gaps_of(groups_town(then)))) == sorted(found)
    before = run(groups_town(first))
    assert sorted(of_communities(before)) == sorted(missed)
    after = run(groups_town(then))
    new = after[~after["gap_id"].isin(before["gap_id"])]
    assert of_communities(new) == added


def test_a_gap_in_provision_does_not_hold_one_in_quality(run):
    town = Town(element=element(kappa=0.15)).club("c", FRIDAY, capacity=6.0)
    before = run(town)
    assert list(before["kind"]) == ["provision"]
    # 70 of 100 find a place now, but a poor one: the gap in provision is open still.
    town.services[0]["capacity"] = 10.5
    town.quality[0]["result"] = "below"
    after = run(town).set_index("kind")["state"].to_dict()
    assert after == {"provision": "improved", "quality": "new"}


def test_what_is_closed_holds_nothing(run):
    children = {"P1": 900, "P2": 100}
    before = run(uncovered_places(children, "P1", "P2"))
    assert list(before["places"]) == [("P1", "P2")]
    # Nine of ten are covered, so it is closed; those who are left are a gap of their own.
    after = run(uncovered_places(children, "P2"))
    assert dict(zip(after["places"], after["state"], strict=True)) == {
        ("P2",): "new", ("P1", "P2"): "closed by measure",
    }  # fmt: skip


def test_what_people_call_resolved_but_still_fails_is_not_proposed_again(run):
    town = uncovered_places({"P1": 100, "P2": 900}, "P1")
    gap = run(town)["gap_id"].iloc[0]
    decide(run.path, gap, status="resolved")
    after = run(town)
    assert list(after["gap_id"]) == [gap]
    assert after["status"].iloc[0] == "resolved"
    assert pd.isna(after["rank"].iloc[0])


def decide(path: Path, gap: str, *, status: str) -> None:
    register = Register(path)
    try:
        register.decide(gap, status=status, role="CYPAG", why="agreed", date=DATE)
    finally:
        register.close()

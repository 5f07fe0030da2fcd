"""The register: identity over time, states from own cells, decisions kept."""

from __future__ import annotations

import dataclasses
import datetime as dt
from pathlib import Path

import pandas as pd
import pytest

from provision_map import DataError, Register, UsageError, find_gaps, record_run, touching_places
from provision_map.register import propose_run
from provision_map.register.identity import state_now
from test_gaps_find import context_of
from towns import DATE, Town


def record(
    town: Town, path: Path, *, digest: str, date: dt.date = DATE, **more: object
) -> pd.DataFrame:
    coverage = town.coverage()
    found = find_gaps(coverage, touching_places(town.places), town.framework)
    register = Register(path)
    try:
        return record_run(
            register, found.footprints, coverage, context_of(town), digest=digest, date=date, **more
        )
    finally:
        register.close()


def far_town(**metres: float) -> Town:
    town = Town(children={p: {13: 100.0} for p in ("P1", "P2", "P3")})
    far = {"P1": 5000.0, "P2": 5000.0, "P3": 500.0, **metres}
    return town.club("c", ("Friday", 19, 21), metres=far)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "register.sqlite"


def test_the_same_data_again_changes_nothing_not_even_the_file(path):
    first = record(far_town(), path, digest="a")
    assert list(first["state"]) == ["new"]
    written = path.read_bytes()
    again = record(far_town(), path, digest="a")
    assert path.read_bytes() == written
    pd.testing.assert_frame_equal(first, again)


def test_changed_data_moves_the_state_and_keeps_id_and_decision(path):
    gap = record(far_town(), path, digest="a")["gap_id"].iloc[0]
    register = Register(path)
    register.decide(
        gap, status="in progress", owner_role="Play lead", role="CYPAG", why="agreed", date=DATE
    )
    register.close()

    def state(town: Town, digest: str) -> str:
        entries = record(town, path, digest=digest)
        assert list(entries["gap_id"]) == [gap]
        assert entries["status"].iloc[0] == "in progress"
        assert entries["owner_role"].iloc[0] == "Play lead"
        return str(entries["state"].iloc[0])

    assert state(far_town(), "b") == "persisting"
    assert state(far_town(P1=500.0), "c") == "improved"
    assert state(far_town(), "d") == "worsened"
    asked = far_town()
    asked.received = {"P1": "no"}
    assert state(asked, "e") == "cannot tell"
    assert state(far_town(P1=500.0, P2=500.0), "f") == "closed by measure"
    register = Register(path)
    told = list(register.history(gap)["what"])
    register.close()
    assert told == [
        "new", "status in progress, owner Play lead", "persisting", "improved", "worsened",
        "cannot tell", "closed by measure",
    ]  # fmt: skip


def test_a_gap_that_lies_mostly_in_an_open_footprint_is_not_new_and_another_is(path):
    before = record(far_town(), path, digest="a")
    grown = far_town()
    grown.children["P4"] = {13: 60.0}
    grown.times.append(("P4", "c", 9000.0, 0.0))
    # P4 touches only P3, which is covered: a stretch of its own.
    after = record(grown, path, digest="b")
    assert set(before["gap_id"]) < set(after["gap_id"])
    assert len(after) == 2
    assert dict(zip(after["places"], after["state"], strict=True)) == {
        ("P1", "P2"): "persisting", ("P4",): "new",
    }  # fmt: skip
    wider = far_town(P3=5000.0)
    wider.children["P4"] = {13: 60.0}
    wider.times.append(("P4", "c", 9000.0, 0.0))
    # Now city-wide, and most of its children lie in footprints that are open: nothing is new.
    assert set(record(wider, path, digest="c")["gap_id"]) == set(after["gap_id"])


def test_other_codes_are_refused_without_a_lookup_and_followed_with_one(path):
    gap = record(far_town(), path, digest="a")["gap_id"].iloc[0]
    written = path.read_bytes()
    town = far_town()
    town.children = {p.replace("P", "Q"): c for p, c in town.children.items()}
    town.times = [(p.replace("P", "Q"), *rest) for p, *rest in town.times]
    with pytest.raises(DataError, match="2 places of the register are not in this exercise"):
        record(town, path, digest="b")
    assert path.read_bytes() == written
    lookup = pd.DataFrame({"from_id": ["P1", "P2"], "to_id": ["Q1", "Q2"]})
    entries = record(town, path, digest="b", lookup=lookup)
    assert (entries["gap_id"].iloc[0], entries["state"].iloc[0]) == (gap, "persisting")
    assert entries["places"].iloc[0] == ("Q1", "Q2")


def test_more_children_at_the_same_shares_move_nothing(path):
    record(far_town(), path, digest="a")
    town = far_town()
    town.children = {p: {13: 137.0} for p in town.children}
    assert list(record(town, path, digest="b")["state"]) == ["persisting"]


@pytest.mark.parametrize(
    ("covered", "unknown", "uncovered", "reference", "state"),
    [
        (0.8, 0.2, 0.0, 1.0, "closed by measure"),
        (0.79, 0.21, 0.0, 1.0, "improved"),
        (0.0, 0.5, 0.5, 1.0, "cannot tell"),
        (0.1, 0.0, 0.9, 1.0, "improved"),
        (0.09, 0.0, 0.91, 1.0, "persisting"),
        (0.0, 0.0, 1.0, 0.9, "worsened"),
    ],
)
def test_the_states_and_their_edges(covered, unknown, uncovered, reference, state):
    entry = {
        "covered": covered, "unknown": unknown, "uncovered": uncovered,
        "reference_uncovered": reference, "reference_unknown": 0.0,
    }  # fmt: skip
    assert state_now(entry) == state


def test_a_decision_needs_a_reason_a_role_and_an_entry(path):
    gap = record(far_town(), path, digest="a")["gap_id"].iloc[0]
    register = Register(path)
    for wrong in (
        {"status": "closed", "role": "r", "why": "w"},
        {"status": "resolved", "role": "r", "why": " "},
        {"status": "resolved", "role": "", "why": "w"},
        {"role": "r", "why": "w"},
    ):
        with pytest.raises(UsageError):
            register.decide(gap, date=DATE, **wrong)
    with pytest.raises(UsageError, match=gap):
        register.decide(gap[:-1] + "x", status="resolved", role="r", why="w", date=DATE)
    assert list(register.entries()["status"]) == ["proposed"]
    register.close()


def test_a_file_that_is_no_register_is_a_data_problem(path):
    path.write_bytes(b"not a database" * 100)
    with pytest.raises(DataError, match="not a register"):
        record(far_town(), path, digest="a")
    assert path.read_bytes() == b"not a database" * 100


def test_a_dropped_source_moves_results_only_towards_cannot_tell(path):
    record(far_town(), path, digest="a")
    town = far_town()
    town.asked = False
    entries = record(town, path, digest="b")
    assert list(entries["state"]) == ["cannot tell"]
    assert list(entries["grade"]) == ["data gap"]


def test_contexts_are_frozen():
    with pytest.raises(dataclasses.FrozenInstanceError):
        context_of(far_town()).rules = None


def test_a_closed_entry_has_no_rank_and_stands_last(path):
    town = Town(children={p: {13: 100.0} for p in ("P1", "P2", "P3")})
    town.club("c", ("Friday", 19, 21), metres={"P1": 5000.0, "P2": 500.0, "P3": 5000.0})
    first = record(town, path, digest="a")
    assert sorted(first["rank"]) == [1, 2]
    closed = first.loc[first["rank"] == 1, "places"].iloc[0]
    town.times = [(p, s, 500.0 if (p,) == closed else m, a) for p, s, m, a in town.times]
    after = record(town, path, digest="b")
    assert list(after["state"]) == ["persisting", "closed by measure"]
    assert after["rank"].iloc[0] == 1
    assert pd.isna(after["rank"].iloc[1])


def test_a_proposal_writes_nothing_until_it_is_committed(path):
    town = far_town()
    coverage = town.coverage()
    found = find_gaps(coverage, touching_places(town.places), town.framework)
    register = Register(path)
    proposal = propose_run(
        register, found.footprints, coverage, context_of(town), digest="a", date=DATE
    )
    assert len(proposal.entries) == 1
    assert not path.exists()
    proposal.commit()
    assert list(register.entries()["gap_id"]) == list(proposal.entries["gap_id"])
    register.close()


def test_a_folder_with_signs_that_mean_something_in_addresses(tmp_path):
    folder = tmp_path / "a%20b?c#d"
    folder.mkdir()
    record(far_town(), folder / "register.sqlite", digest="a")
    assert (folder / "register.sqlite").exists()

"""What a service gives, to whom and how well: each rule at its edge."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pandas as pd
import pytest

from provision_map.coverage.supply import NO, UNKNOWN, YES, open_to_community, quality_of
from provision_map.model import Community, Element, Framework, Standard
from provision_map.tables import QUALITY, UNKNOWN_REASONS
from towns import DATE, FRESH, STALE, Town, element, frame

NAN = float("nan")
O = Community("o", "o", "ethnic", level="o")
G = Community("g", "g", "ethnic", level="g", minority=True)
DISABLED = Community("disabled", "Disabled children", "priority")

# ---------------------------------------------------------------- quality


def decide(*rows: tuple[object, ...]) -> int | None:
    """Decide from rows of (evidence, date, result, answers); None where nothing is said of it."""
    names = ("evidence", "date", "result", "answers")
    table = [{"service_id": "c", **dict(zip(names, row, strict=False))} for row in rows]
    decided = quality_of(frame(QUALITY, table), date=DATE, months=24)
    return None if "c" not in decided.index else int(decided["c"])


LATE, EARLY = dt.date(2020, 9, 1), dt.date(2019, 9, 1)
TOO_OLD, JUST = dt.date(2018, 11, 29), dt.date(2018, 11, 30)


def visits(*results: str) -> list[tuple[object, ...]]:
    return [("visit", LATE, result) for result in results]


@pytest.mark.parametrize(
    ("rows", "decided"),
    [
        ([("inspection", LATE, "meets"), ("inspection", EARLY, "below")], YES),
        ([("inspection", LATE, "below"), ("inspection", EARLY, "meets")], NO),
        ([("award", LATE, "meets"), ("inspection", EARLY, "below")], YES),
        ([("inspection", LATE, "below"), ("award", LATE, "meets")], NO),  # the same day: the worse
        ([("inspection", EARLY, "meets"), *visits("below", "below", "below")], YES),
        ([("inspection", TOO_OLD, "meets"), *visits("below", "below", "below")], NO),
        (visits("meets", "meets"), UNKNOWN),
        (visits("below", "below"), UNKNOWN),
        (visits("meets", "meets", "below"), YES),
        (visits("meets", "below", "below"), NO),
        (visits("meets", "meets", "below", "below"), YES),  # no majority against it
        ([("feedback", LATE, "meets", 9)], UNKNOWN),
        ([("feedback", LATE, "meets", 10)], YES),
        ([("feedback", LATE, "below", 10)], NO),
        ([("feedback", LATE, "meets", 5), ("feedback", EARLY, "meets", 5)], YES),
        ([("feedback", LATE, "meets", NAN)], UNKNOWN),
        ([*visits("meets", "meets"), ("feedback", LATE, "meets", 9)], UNKNOWN),
        ([("inspection", JUST, "meets")], YES),
        ([("inspection", TOO_OLD, "meets")], None),
        ([("inspection", TOO_OLD, "below")], None),
    ],
)
def test_quality_is_decided_by_the_latest_hard_evidence_or_by_enough_soft_evidence(rows, decided):
    assert decide(*rows) == decided
    assert decide(*reversed(rows)) == decided


def test_stale_evidence_leaves_a_service_unassessed():
    town = Town().club("c", ("Friday", 19, 21))
    town.quality[0]["date"] = TOO_OLD
    assert town.classes() == {"unknown_quality": 100}
    town.quality[0]["date"] = JUST
    assert town.classes() == {"covered": 100}


def test_a_record_counts_to_the_day():
    for day, what in ((JUST, "covered"), (TOO_OLD, "unknown_record"), (None, "unknown_record")):
        town = Town().club("c", ("Friday", 19, 21), assured_date=day)
        assert town.classes() == {what: 100}


# ---------------------------------------------------------------- for whom


@pytest.mark.parametrize(
    ("open_to", "not_open_to", "majority", "minority", "priority"),
    [
        (("everyone",), (), YES, YES, YES),
        (("everyone",), ("g",), YES, NO, YES),
        (("everyone",), ("bme",), YES, NO, YES),
        (("everyone",), ("disabled",), YES, YES, NO),
        (("g",), ("g",), NO, NO, NO),
        (("g",), (), NO, YES, NO),
        (("o", "disabled"), (), YES, NO, YES),
        (("bme",), (), NO, YES, NO),
        (("bme",), ("g",), NO, NO, NO),
        ((), (), UNKNOWN, UNKNOWN, UNKNOWN),
        ((), ("g",), UNKNOWN, NO, UNKNOWN),
    ],
)
def test_whom_a_service_is_open_to(open_to, not_open_to, majority, minority, priority):
    got = [open_to_community(open_to, not_open_to, c) for c in (O, G, DISABLED)]
    assert got == [majority, minority, priority]


TWO = {"tests": ("access",), "access_features": ("step_free", "quiet_space")}
SPEAKS = {"tests": ("language",), "languages": ("Polish", "Czech")}
PAYS = {"tests": ("cost",), "maximum_cost": 2.0}
HEARS = {"tests": ("information",)}


@pytest.mark.parametrize(
    ("needs", "fields", "part"),
    [
        (TWO, {"access": ("step_free", "quiet_space", "hearing_loop")}, "covered"),
        (TWO, {"access": ("step_free",)}, "group_access"),
        (TWO, {"access": ("none",)}, "group_access"),
        (TWO, {"access": ()}, "unknown_groups"),
        ({}, {"access": ("none",)}, "covered"),
        (SPEAKS, {"languages": ("English", "Czech")}, "covered"),
        (SPEAKS, {"languages": ("English",)}, "group_language"),
        (SPEAKS, {"languages": ()}, "unknown_groups"),
        ({}, {"languages": ("English",)}, "covered"),
        (PAYS, {"cost": 2.0}, "covered"),
        (PAYS, {"cost": 2.01}, "group_cost"),
        (PAYS, {"cost": 0.0}, "covered"),
        (PAYS, {"cost": NAN}, "unknown_groups"),
        ({}, {"cost": 99.0}, "covered"),
        (HEARS, {"publicised": "yes"}, "covered"),
        (HEARS, {"publicised": "no"}, "group_information"),
        (HEARS, {"publicised": "unknown"}, "unknown_groups"),
        ({}, {"publicised": "no"}, "covered"),
        (TWO | {"tests": ("access", "cost")}, {"access": ("none",), "cost": 9.0}, "group_access"),
        (TWO, {"access": ("none",), "open_to": ("o",)}, "group_closed"),
    ],
)
def test_the_five_terms_of_a_community(needs, fields, part):
    town = Town(priority=(replace(DISABLED, **needs),))
    row = town.club("c", ("Friday", 19, 21), **fields).coverage()
    row = row[row["community_id"] == "disabled"].iloc[0]
    parts = ["covered", *(f"unknown_{r}" for r in UNKNOWN_REASONS)]
    parts += [c for c in row.index if c.startswith("group_")]
    assert {p for p in parts if row[p] > 0} == {part}
    assert row[part] == 1
    assert row["cause_group"] == float(part.startswith("group_"))


# ---------------------------------------------------------------- when

CAMPS = Element(
    "Y06", "Holidays", ("EA4",), Standard("holidays", 6, 1600, "test", quality=False)
)  # fmt: skip


@pytest.mark.parametrize(
    ("which", "period", "part"),
    [
        (Town().element, "term", "covered"),
        (Town().element, "all year", "covered"),
        (Town().element, "holidays", "none"),
        (CAMPS, "term", "none"),
        (CAMPS, "all year", "covered"),
        (CAMPS, "holidays", "unknown_hours"),  # which of them nobody noted
    ],
)
def test_holidays_do_not_count_for_the_week_nor_term_for_holidays(which, period, part):
    town = Town(element=which).club("c", ("Friday", 19, 21))
    town.sessions[0]["period"] = period
    assert town.classes() == {part: 100}


def sitting(start: str, end: str, need: float, windows: tuple = ()) -> dict[str, float]:
    town = Town(element=element(need=need, windows=windows)).club("c", ("Friday", 0, 1))
    town.sessions[0] |= {"start": dt.time.fromisoformat(start), "end": dt.time.fromisoformat(end)}
    return town.classes()


@pytest.mark.parametrize(
    ("start", "end", "windows", "half_hours"),
    [
        ("19:00", "21:00", (), 4),
        ("19:10", "21:00", (), 3),
        ("19:00", "20:50", (), 3),
        ("19:30", "21:00", (), 3),
        ("15:00", "18:00", ((4, 15.0, 17.0),), 4),
        ("15:00", "18:00", ((4, 15.25, 17.0),), 3),  # 15:00 to 15:30 lies partly before it
        ("15:00", "18:00", ((4, 15.5, 17.0),), 3),
        ("15:00", "18:00", ((4, 15.0, 16.75),), 3),
        ("15:00", "18:00", ((4, 15.0, 16.0), (4, 17.0, 18.0), (5, 9.0, 22.0)), 4),
    ],
)
def test_only_half_hours_wholly_inside_session_and_window_count(start, end, windows, half_hours):
    missed = "time" if windows else "none"
    assert sitting(start, end, half_hours / 2, windows) == {"covered": 100}
    assert sitting(start, end, half_hours / 2 + 0.5, windows) == {missed: 100}


# ---------------------------------------------------------------- who competes, and where


class Extended(Town):
    """A town whose Offer is open to disabled children to the age of 24."""

    @property
    def framework(self) -> Framework:
        own = super().framework
        offer = replace(own.offers[0], extended_to=24, extended_for=("disabled",))
        return replace(own, offers=(offer,))


def test_ages_that_are_extended_to_some_have_rows_but_take_nobody_s_place():
    town = Extended(
        element=element(kappa=0.15),
        ages=range(19, 20),
        children={"P1": {19: 100.0, **dict.fromkeys(range(20, 25), 500.0)}},
        priority=(DISABLED,),
    )
    town.club("c", ("Friday", 19, 21), capacity=15.0)
    rows = town.coverage()
    assert rows.groupby("community_id", observed=True)["age"].agg(["min", "max"]).to_dict(
        "index"
    ) == {"everyone": {"min": 19, "max": 19}, "disabled": {"min": 19, "max": 24}}
    assert list(rows["covered"]) == [1.0] * len(rows)
    town.services[0]["capacity"] = 7.5
    assert town.classes() == {"covered": 50, "full": 50}


class Deprived(Town):
    """A town of which each place has its own decile: P1 the first, P2 the second, and so on."""

    @property
    def places(self):
        own = super().places
        return own.assign(imd_decile=[float(p[1:]) for p in own["place_id"]])


def test_an_element_due_in_some_deciles_has_rows_there_only():
    town = Deprived(children={p: {13: 100.0} for p in ("P1", "P2", "P3")})
    town.club("c", ("Friday", 19, 21))
    assert set(town.coverage()["place_id"]) == {"P1", "P2", "P3"}
    town.element = element(imd_deciles=(1, 3))
    assert set(town.coverage()["place_id"]) == {"P1", "P3"}
    town.element = element(imd_deciles=(9,))
    assert town.coverage().empty


def test_what_is_missing_is_averaged_over_those_uncovered():
    town = Town(groups={"P1": {"o": 60.0, "g": 20.0, "h": 20.0}})
    town.club("most", ("Friday", 19, 21), open_to=("o",))
    town.club("short", ("Monday", 19, 20), open_to=("g",))
    rows = town.coverage().set_index("community_id")
    assert rows["missing"].round(9).to_dict() == {
        "everyone": 0.75, "bme": 0.75, "o": 0.0, "g": 0.5, "h": 1.0,
    }  # fmt: skip


def test_levers_are_what_lifting_a_filter_gains_where_all_unknowns_are_good():
    town = Town().club("c", ("Friday", 19, 21), assured_date=STALE)
    town.club("far", ("Friday", 19, 21), metres=3000.0, assured_date=FRESH)
    assert town.classes() == {"unknown_record": 100}
    assert set(town.levers().values()) == {0.0}
    town.services[0]["maximum_age"] = 12.0
    assert town.classes() == {"age": 100}
    assert {k: v for k, v in town.levers().items() if v} == {"far": 100, "age": 100}


def test_every_part_is_a_share():
    town = Town(element=element(kappa=0.15)).club("c", ("Friday", 19, 21), capacity=0.1)
    rows = town.coverage()
    assert isinstance(rows, pd.DataFrame)
    assert rows["covered"].iloc[0] == pytest.approx(0.1 * 4 / 100 / 0.6)

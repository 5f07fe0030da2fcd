"""The parts and levels of a standard: by hand, child by child, and as laws."""

from __future__ import annotations

import copy

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from provision_map.coverage import week
from provision_map.coverage.parts import measure_parts
from provision_map.errors import UsageError
from provision_map.model import Element, Standard
from provision_map.tables import HOLIDAYS, HOMES, PARTS, SERVICES, SESSIONS
from towns import DATE, FRESH, OUT_OF_SCHOOL, STALE, Town, element, frame

NAN = float("nan")
LIMITS = {"LAP": 100.0, "LEAP": 400.0, "NEAP": 1000.0}
PLAY = Element(
    "C05", "Places to play", ("EA4",),
    Standard(
        "types", 1, 1000, "", type_metres=LIMITS, quality=False,
        levels={"standard": 2, "stretch": 3},
    ),
)  # fmt: skip
CAMPS = Element(
    "Y06", "Camps", ("EA4",), Standard("holidays", 6, 3000, "", quality=False, levels={"floor": 3})
)
FIGURES = ["reached", "possible"]


def changed(which: Element, **changes: object) -> Element:
    return element(**{**vars(which.standard), **changes})


def parts_of(town: Town, homes: pd.DataFrame | None = None) -> pd.DataFrame:
    rows = measure_parts(
        town.places, town.people, frame(SERVICES, town.services), town.travel_times,
        sessions=frame(SESSIONS, town.sessions), returns=town.returns, framework=town.framework,
        date=DATE, homes=homes,
    )  # fmt: skip
    return rows.astype(dict.fromkeys(("offer_id", "element_id", "place_id", "part"), str))


def shares(town: Town, **more: object) -> dict[str, tuple[float, float]]:
    rows = parts_of(town, **more)
    return {r["part"]: tuple(round(r[f], 9) for f in FIGURES) for r in rows.to_dict("records")}


def playground(town: Town, name: str, metres: float, *types: str, **fields: object) -> Town:
    return town.club(name, metres=metres, space_types=types, **fields)


def camp(town: Town, name: str, metres: float, *which: int, **fields: object) -> Town:
    """Add a service that runs in the holidays with these numbers, 1 to 6."""
    town.club(name, ("Monday", 10, 15), metres=metres, **fields)
    named = tuple(HOLIDAYS[i - 1] for i in which)
    town.sessions[-1] |= {"period": "holidays", "holidays": named}
    return town


# ---------------------------------------------------------------- by hand


def test_each_type_within_its_own_distance_and_the_levels_count_them():
    # At 300 m the LEAP is within 400 m and the LAP beyond 100 m; the NEAP at 900 m is in reach.
    town = Town(element=PLAY)
    playground(town, "a", 300.0, "LAP", "LEAP")
    playground(town, "b", 900.0, "NEAP")
    assert shares(town) == {
        "LAP": (0, 0), "LEAP": (1, 1), "NEAP": (1, 1),
        "need": (1, 1), "standard": (1, 1), "stretch": (0, 0),
    }  # fmt: skip
    rows = parts_of(town)
    assert list(rows.columns) == PARTS.names()
    assert rows["children"].tolist() == [100.0] * 6


def test_all_at_once_reach_nobody_although_each_reaches_half():
    # The two homes have two types each, and no home has all three.
    town = Town(element=PLAY)
    town.club("lap", metres={"h1": 90.0, "h2": 110.0}, space_types=("LAP",))
    town.club("leap", metres={"h1": 500.0, "h2": 400.0}, space_types=("LEAP",))
    town.club("neap", metres={"h1": 1000.0, "h2": 1000.0}, space_types=("NEAP",))
    homes = frame(
        HOMES,
        [
            {"home_id": h, "place_id": "P1", "easting": 0.0, "northing": 0.0, "share": share}
            for h, share in (("h1", 0.375), ("h2", 0.625))
        ],
    )
    assert shares(town, homes=homes) == {
        "LAP": (0.375, 0.375), "LEAP": (0.625, 0.625), "NEAP": (1, 1),
        "need": (1, 1), "standard": (1, 1), "stretch": (0, 0),
    }  # fmt: skip


def test_m7_holidays_one_by_one():
    # Six holidays within 3,000 m: A gives 1, 3, 5 at 1,000 m, B gives 2, 4, 6 at 4,000 m: too far.
    town = camp(Town(element=CAMPS), "a", 1000.0, 1, 3, 5)
    camp(town, "b", 4000.0, 2, 4, 6)
    got = shares(town)
    assert [got[h] for h in HOLIDAYS] == [(1, 1), (0, 0)] * 3
    assert got["need"] == (0, 0)
    assert got["floor"] == (1, 1)
    town.times[1] = ("P1", "b", 2500.0, 0.0)
    assert set(shares(town).values()) == {(1, 1)}


def test_the_tested_level_asks_for_what_is_required_and_the_others_for_the_number():
    need_one = {"need": 1, "required": ("Summer",), "levels": {"two": 2}}
    town = camp(Town(element=changed(CAMPS, **need_one)), "a", 1000.0, 1, 4)
    assert shares(town)["need"] == (0, 0)
    assert shares(town)["two"] == (1, 1)
    camp(town, "b", 1000.0, 6)
    assert shares(town)["need"] == (1, 1)


def test_levels_of_hours_and_days_count_within_the_standard_s_windows():
    # Tuesday 10 to 12 is in school; Friday 18 to 20 and Saturday 9 to 10 are 3 hours on two days.
    when = (("Tuesday", 10, 12), ("Friday", 18, 20), ("Saturday", 9, 10))
    levels = {"three": 3.0, "three and a half": 3.5}
    town = Town(element=element(windows=OUT_OF_SCHOOL, levels=levels)).club("c", *when)
    assert shares(town) == {"need": (1, 1), "three": (1, 1), "three and a half": (0, 0)}
    days = element(
        unit="days", need=2, windows=OUT_OF_SCHOOL, required=("Saturday",), levels={"three": 3}
    )
    town = Town(element=days).club("c", *when)
    assert shares(town) == {"need": (1, 1), "three": (0, 0)}
    town.sessions.pop()
    assert shares(town)["need"] == (0, 0)


def test_elements_without_parts_or_levels_and_places_where_none_are_due_have_no_rows():
    assert parts_of(Town()).empty
    assert parts_of(Town(element=changed(PLAY, imd_deciles=(1,)))).empty
    assert len(parts_of(Town(element=changed(PLAY, imd_deciles=(5,))))) == 6


@pytest.mark.parametrize(
    ("fields", "reached", "possible"),
    [
        ({}, 1, 1),
        ({"assured_date": STALE}, 0, 1),
        ({"maximum_age": NAN}, 0, 1),
        ({"maximum_age": 13.0}, 0.6, 0.6),
        ({"open_to": ()}, 0, 1),
        ({"open_to": ("o",)}, 0, 0),
        ({"accuracy": 101.0}, 0, 1),
        ({"metres": 450.0, "accuracy": 50.0}, 0, 1),
    ],
)
def test_each_attribute_yes_no_or_unknown(fields, reached, possible):
    town = Town(element=PLAY, ages=range(13, 15), children={"P1": {13: 60.0, 14: 40.0}})
    town.club("a", space_types=("LEAP",), **{"metres": 300.0, **fields})
    got = shares(town)
    assert got["LEAP"] == got["need"] == (reached, possible)
    assert got["LAP"] == got["NEAP"] == got["standard"] == (0, 0)


def test_a_space_of_unknown_type_may_be_any_within_its_distance():
    town = playground(Town(element=PLAY), "a", 300.0)
    assert shares(town) == {
        "LAP": (0, 0), "LEAP": (0, 1), "NEAP": (0, 1),
        "need": (0, 1), "standard": (0, 1), "stretch": (0, 0),
    }  # fmt: skip


def test_unknown_holidays_and_sources_that_have_not_answered():
    town = camp(Town(element=CAMPS), "a", 1000.0)
    assert set(shares(town).values()) == {(0, 1)}
    town.sessions[0]["period"] = "never"
    assert set(shares(town).values()) == {(0, 0)}
    town.received["P1"] = "no"
    assert set(shares(town).values()) == {(0, 1)}


# ---------------------------------------------------------------- what meets a standard


def packed(standard: Standard, *names: str) -> week.Words:
    """Pack the bits of things by name; of weekdays, the half-hour from 18:00."""
    bits = np.zeros(week.bit_count(standard), dtype=bool)
    for name in names:
        at = week.bit_names(standard).index(name)
        bits[at * 48 + 36 if standard.unit == "days" else at] = True
    return week.pack(bits)


@pytest.mark.parametrize(
    ("need", "required", "there", "missing"),
    [
        (2, (), (), 1),
        (2, (), (0,), 1 / 2),
        (2, (), (0, 1), 0),
        (2, (), (0, 1, 2), 0),
        (2, (2,), (0, 1), 1 / 2),  # as many as are needed, and not the one
        (2, (2,), (2,), 1 / 2),
        (2, (2,), (0, 2), 0),
        (1, (0, 1), (2,), 1),  # two are required where one is needed: a need of two
        (1, (0, 1), (0,), 1 / 2),
        (1, (0, 1), (0, 1), 0),
        (3, (0, 1), (2,), 2 / 3),  # the two that are required make three
        (3, (0, 1), (0,), 2 / 3),
        (0, (), (), 0),
    ],
)
@pytest.mark.parametrize("unit", ["holidays", "types", "days"])
def test_a_standard_is_met_by_number_and_by_name(unit, need, required, there, missing):
    bare = Standard(unit, need, 1600, "", type_metres=LIMITS)
    names = week.bit_names(bare)
    standard = Standard(
        unit, need, 1600, "", type_metres=LIMITS, required=tuple(names[i] for i in required)
    )
    words = packed(standard, *(names[i] for i in there))
    assert bool(week.meets(words, standard)) == (missing == 0)
    assert float(week.missing_share(words, standard)) == pytest.approx(missing)
    # Of several children at once, each by itself.
    both = np.stack([words, packed(standard, *names)])
    assert week.meets(both, standard).tolist() == [missing == 0, True]


def test_hours_are_met_in_half_hours_and_nothing_can_be_required_of_them():
    standard = Standard("hours", 1.5, 1600, "")
    bits = np.zeros(week.WEEK, dtype=bool)
    bits[:2] = True
    assert not week.meets(week.pack(bits), standard)
    assert float(week.missing_share(week.pack(bits), standard)) == pytest.approx(1 / 3)
    bits[-1] = True
    assert week.meets(week.pack(bits), standard)
    assert not week.required_mask(standard).any()


@pytest.mark.parametrize(
    ("unit", "required", "mend"),
    [
        ("hours", "Friday", "Require one of: nothing."),
        ("days", "Fryday", "Require one of: Monday, Tuesday"),
        ("types", "MUGA", "Require one of: LAP, LEAP, NEAP."),
    ],
)
def test_what_a_unit_does_not_have_cannot_be_required(unit, required, mend):
    standard = Standard(unit, 1, 1600, "", type_metres=LIMITS, required=(required,))
    with pytest.raises(UsageError, match=f"cannot require {required}") as caught:
        week.required_mask(standard)
    assert mend in str(caught.value)


# ---------------------------------------------------------------- laws

SMALL = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
spaces = st.fixed_dictionaries(
    {
        "types": st.lists(st.sampled_from(list(LIMITS)), max_size=3, unique=True),
        "metres": st.lists(st.sampled_from([90.0, 350.0, 900.0, 1100.0]), min_size=2, max_size=2),
        "accuracy": st.sampled_from([0.0, 0.0, 60.0]),
        "minimum_age": st.sampled_from([13.0, 14.0, NAN]),
        "open_to": st.sampled_from([("everyone",), ("everyone",), ("o",), ()]),
        "assured_date": st.sampled_from([FRESH, FRESH, STALE]),
    }
)


def add(town: Town, name: str, space: dict) -> Town:
    fields = ("minimum_age", "open_to", "assured_date", "accuracy")
    return town.club(
        name,
        metres=dict(zip(town.children, space["metres"], strict=False)),
        space_types=tuple(space["types"]),
        **{f: space[f] for f in fields},
    )


@st.composite
def towns(draw: st.DrawFn) -> Town:
    required = draw(st.sampled_from([(), ("LEAP",), ("LAP", "NEAP")]))
    ages = range(13, 15)
    town = Town(
        element=changed(PLAY, need=draw(st.sampled_from([1, 2])), required=required),
        ages=ages,
        children={p: {a: float(draw(st.integers(1, 9))) for a in ages} for p in ("P1", "P2")},
        received={"P2": draw(st.sampled_from(["yes", "no"]))},
    )
    for number, space in enumerate(draw(st.lists(spaces, max_size=5))):
        add(town, f"s{number}", space)
    return town


def indexed(town: Town) -> pd.DataFrame:
    return parts_of(town).set_index(["place_id", "part"])[FIGURES]


@SMALL
@given(towns())
def test_shares_are_in_order(town):
    rows = indexed(town)
    assert (rows["reached"] >= 0).all()
    assert (rows["reached"] <= rows["possible"]).all()
    assert (rows["possible"] <= 1).all()
    for place in ("P1", "P2"):
        here = rows.loc[place]
        for figure in FIGURES:
            # More asks no less; a stretch of all three needs each of them.
            assert here.loc["stretch", figure] <= here.loc["standard", figure]
            assert here.loc["stretch", figure] <= here.loc[list(LIMITS), figure].min()
            assert here.loc["need", figure] <= here.loc[list(LIMITS), figure].sum()
            for name in town.element.standard.required:
                assert here.loc["need", figure] <= here.loc[name, figure]


@SMALL
@given(towns(), spaces)
def test_an_added_space_lowers_nothing(town, space):
    before = indexed(town).to_numpy()
    assert (indexed(add(town, "added", space)).to_numpy() >= before).all()


@SMALL
@given(towns(), st.randoms())
def test_row_order_is_irrelevant(town, random):
    before = indexed(town)
    shuffled = copy.deepcopy(town)
    for rows in (shuffled.services, shuffled.times):
        random.shuffle(rows)
    pd.testing.assert_frame_equal(before, indexed(shuffled))


def types_near(town: Town, place: str, age: int, *, sure: bool) -> set[str]:
    """Collect the types of space that reach a child, for certain or at best."""
    metres = {s: (m, a) for p, s, m, a in town.times if p == place}
    found = set()
    for service in town.services:
        metre, accuracy = metres[service["service_id"]]
        types = service["space_types"] or (() if sure else tuple(LIMITS))
        open_ = service["open_to"] == ("everyone",) or (not sure and not service["open_to"])
        fresh = service["assured_date"] == FRESH or not sure
        low = service["minimum_age"]
        aged = (not sure) if np.isnan(low) else age >= low
        slack = accuracy if sure else -accuracy
        if open_ and fresh and aged:
            found |= {t for t in types if metre + slack <= LIMITS[t]}
    return found


@SMALL
@given(towns())
def test_a_walk_from_child_to_child_finds_the_same(town):
    rows = indexed(town)
    standard = town.element.standard
    asks = {
        **{t: lambda found, t=t: t in found for t in LIMITS},
        "need": lambda found: len(found) >= standard.need and set(standard.required) <= found,
        **{k: lambda found, n=n: len(found) >= n for k, n in standard.levels.items()},
    }
    for place, by_age in town.children.items():
        for figure, sure in (("reached", True), ("possible", False)):
            near = {age: types_near(town, place, age, sure=sure) for age in by_age}
            for part, ask in asks.items():
                wanted = sum(n * ask(near[age]) for age, n in by_age.items()) / sum(by_age.values())
                if not sure and town.received.get(place) == "no":
                    wanted = 1.0
                assert rows.loc[(place, part), figure] == pytest.approx(wanted, abs=1e-12)

"""Floating catchments: worked out on paper, against a plain reference and against PySAL access."""

from __future__ import annotations

import math
import warnings

import numpy as np
import pandas as pd
import pytest
from access import Access
from hypothesis import given, settings
from hypothesis import strategies as st

from provision_map.errors import DataError, DataWarning, UsageError
from provision_map.reach.catchments import (
    access_by_area,
    catchment_matrix,
    floating_catchment,
    weigh_pairs,
)
from provision_map.reach.decay import DECAYS, gaussian, make_decay, step, thirds, uniform, weigh
from provision_map.reach.matching import match_times

METHODS = ("2sfca", "e2sfca", "m2sfca", "bfca")
NAN = float("nan")
LIMITED = settings(max_examples=100, deadline=None)


def table(*rows: tuple[object, object, float]) -> pd.DataFrame:
    return pd.DataFrame(list(rows), columns=["from_id", "to_id", "minutes"])


def quietly(times, demand, supply, **options) -> pd.Series:
    """Share out, whatever people are to be told of the instance."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DataWarning)
        return floating_catchment(times, demand, supply, **options)


# ---------------------------------------------------------------- a toy city, on paper

# Three areas in a row, two sites. A is beside the club, B beside the hall, C a walk from the hall.
#          club   hall
#   A 100   5      –
#   B 300   15     5
#   C 100   –      15
# Places: club 20, hall 30. Weight 1 up to 10 minutes, ½ up to 20. Catchment 20 minutes.
CITY = table(("A", "club", 5), ("B", "club", 15), ("B", "hall", 5), ("C", "hall", 15))
CHILDREN = pd.Series({"A": 100, "B": 300, "C": 100})
PLACES = pd.Series({"club": 20, "hall": 30})
HALVES = step({10: 1.0, 20: 0.5})

BY_HAND = {
    # R: club 20/(100+300) = .05, hall 30/(300+100) = .075. B adds both.
    "2sfca": [0.05, 0.125, 0.075],
    # R: club 20/(100·1 + 300·½) = 20/250 = .08, hall 30/(300·1 + 100·½) = 30/350.
    # A: 1·.08. B: ½·.08 + 1·30/350. C: ½·30/350.
    "e2sfca": [0.08, 0.04 + 30 / 350, 15 / 350],
    # The weight once more: A 20·1/250. B 20·¼/250 + 30·1/350. C 30·¼/350.
    "m2sfca": [0.08, 0.02 + 30 / 350, 7.5 / 350],
    # A's 100 all choose the club; B's 300 split 1 : 2 (weights ½ and 1), 100 club, 200 hall; C's
    # 100 the hall. Level of service: club 20/200, hall 30/300, both .1. Club shared A : B = 1 : ½,
    # hall B : C = 1 : ½.
    "bfca": [0.1 * 2 / 3, 0.1 / 3 + 0.1 * 2 / 3, 0.1 / 3],
}


@pytest.mark.parametrize("method", METHODS)
def test_a_toy_city_comes_out_as_on_paper(method):
    got = floating_catchment(
        CITY, CHILDREN, PLACES, method=method, catchment_minutes=20, decay=HALVES
    )
    assert got.name == method
    assert list(got.index) == ["A", "B", "C"]
    assert got.to_numpy() == pytest.approx(BY_HAND[method], abs=1e-15)


def test_the_headline_is_e2sfca_with_the_truncated_gaussian():
    # W(10 of 20 minutes) = (e^-⅛ − e^-½)/(1 − e^-½) = .27596624 / .39346934 = .70136663.
    # 40 places; A at the door, 100 children; B 10 minutes off, 100: R = 40/170.136663 = .23510512.
    got = floating_catchment(
        table(("A", "s", 0), ("B", "s", 10)), pd.Series({"A": 100, "B": 100}),
        pd.Series({"s": 40}), catchment_minutes=20,
    )  # fmt: skip
    assert got.name == "e2sfca"
    assert got.to_numpy() == pytest.approx([0.23510512, 0.16489488], abs=1e-8)


def test_the_edge_of_the_catchment_is_inside_and_what_lies_beyond_is_not():
    times = table(("A", "s", 20.0), ("B", "s", 20.000001), ("C", "s", NAN))
    demand = pd.Series({"A": 10, "B": 10, "C": 10})
    got = floating_catchment(
        times, demand, pd.Series({"s": 5}), method="2sfca", catchment_minutes=20
    )
    assert list(got) == [0.5, 0.0, 0.0]


def test_places_without_children_and_children_without_places_are_figures_too():
    demand = pd.Series({"A": 0, "B": 10})
    times = table(("A", "s", 5), ("B", "s", 5), ("B", "t", 5))
    got = floating_catchment(
        times, demand, pd.Series({"s": 5, "t": 0}), method="2sfca", catchment_minutes=20
    )
    # A has no child, and a child there would find what B's find: 5 places for 10.
    assert list(got) == [0.5, 0.5]
    none = floating_catchment(times, demand, pd.Series({"s": 0, "t": 0}), catchment_minutes=20)
    assert list(none) == [0.0, 0.0]


# ---------------------------------------------------------------- a plain reference

AREAS = ["a1", "a2", "a3", "a4"]
SITES = ["s1", "s2", "s3"]


@st.composite
def instances(draw: st.DrawFn):
    """Draw pairs in any order, some twice, some beyond, some blank; demand, supply, a catchment."""
    minutes = st.one_of(st.floats(0, 30), st.sampled_from([0.0, 10.0, 20.0, NAN]))
    pair = st.tuples(st.sampled_from(AREAS), st.sampled_from(SITES), minutes)
    times = table(*draw(st.lists(pair, max_size=20)))
    times["minutes"] = times["minutes"].astype(float)
    amounts = st.one_of(st.just(0.0), st.floats(0.5, 500))
    demand = pd.Series({a: draw(amounts) for a in draw(st.permutations(AREAS))})
    supply = pd.Series({s: draw(amounts) for s in draw(st.permutations(SITES))})
    return times, demand, supply, draw(st.sampled_from([5.0, 10.0, 20.0]))


def plainly(times, demand, supply, *, method, catchment_minutes, decay) -> dict[str, float]:
    """Write the formulas of the four methods out, pair by pair."""
    least: dict[tuple[str, str], float] = {}
    for a, s, minutes in times.itertuples(index=False):
        if minutes <= catchment_minutes:
            least[a, s] = min(minutes, least.get((a, s), math.inf))
    w = {
        pair: 1.0 if method == "2sfca" else float(decay(np.array([minutes]))[0])
        for pair, minutes in least.items()
    }
    out = dict.fromkeys(demand.index, 0.0)
    for s in supply.index:
        mine = {a: weight for (a, t), weight in w.items() if t == s}
        if method == "bfca":
            chosen = {a: sum(v for (b, _), v in w.items() if b == a) for a in mine}
            among = sum(demand[a] * v / chosen[a] for a, v in mine.items() if chosen[a])
        else:
            among = sum(demand[a] * v for a, v in mine.items())
        for a, v in mine.items():
            if not among:
                continue
            if method == "m2sfca":
                out[a] += supply[s] * v * v / among
            elif method == "bfca":
                out[a] += supply[s] / among * v / sum(mine.values())
            else:
                out[a] += supply[s] / among * v
    return out


@LIMITED
@given(instances(), st.sampled_from(METHODS), st.sampled_from(sorted(DECAYS)))
def test_every_method_is_its_formula(instance, method, decay):
    times, demand, supply, minutes = instance
    got = quietly(times, demand, supply, method=method, catchment_minutes=minutes, decay=decay)
    weigh_one = make_decay(decay, catchment_minutes=minutes)
    want = plainly(times, demand, supply, method=method, catchment_minutes=minutes, decay=weigh_one)
    assert list(got.index) == list(demand.index)
    assert got.to_dict() == pytest.approx(want, rel=1e-9, abs=1e-12)


# ---------------------------------------------------------------- laws


def served(times, supply, demand, minutes, decay) -> pd.Series:
    """Sites with children in reach whose weight is not 0."""
    weighed = make_decay(decay, catchment_minutes=minutes)
    inside = times[(times["minutes"] <= minutes) & (times["from_id"].map(demand) > 0)]
    inside = inside[weighed(inside["minutes"].to_numpy(dtype=float)) > 0]
    return supply[supply.index.isin(inside["to_id"])]


@LIMITED
@given(instances(), st.sampled_from(["2sfca", "e2sfca"]), st.sampled_from(sorted(DECAYS)))
def test_what_the_areas_have_adds_up_to_what_the_sites_give(instance, method, decay):
    times, demand, supply, minutes = instance
    got = quietly(times, demand, supply, method=method, catchment_minutes=minutes, decay=decay)
    given_out = served(
        times, supply, demand, minutes, "uniform" if method == "2sfca" else decay
    ).sum()
    assert (got * demand).sum() == pytest.approx(given_out, rel=1e-9, abs=1e-9)


@LIMITED
@given(instances(), st.sampled_from(sorted(DECAYS)))
def test_siting_only_loses(instance, decay):
    times, demand, supply, minutes = instance
    options = {"catchment_minutes": minutes, "decay": decay}
    modified = quietly(times, demand, supply, method="m2sfca", **options)
    enhanced = quietly(times, demand, supply, method="e2sfca", **options)
    assert (modified <= enhanced + 1e-12).all()


@LIMITED
@given(instances(), st.sampled_from(sorted(DECAYS)))
def test_bfca_splits_every_child_once_and_every_level_of_service_once(instance, decay):
    times, demand, supply, minutes = instance
    options = {"method": "bfca", "catchment_minutes": minutes, "decay": decay}
    # Level of service: with one place at every site, L_j = 1 / children who choose j. Each site by
    # itself tells its own L, since Σ_i A_i = Σ_j L_j.
    levels = {}
    for s in supply.index:
        only = pd.Series(np.where(supply.index == s, 1.0, 0.0), index=supply.index)
        levels[s] = quietly(times, demand, only, **options).sum()
    got = quietly(times, demand, supply, **options)
    assert got.sum() == pytest.approx(sum(supply[s] * levels[s] for s in levels), rel=1e-9)
    # Children who choose each site add up to the children who reach any.
    weighed = make_decay(decay, catchment_minutes=minutes)
    inside = times[times["minutes"] <= minutes]
    inside = inside[weighed(inside["minutes"].to_numpy(dtype=float)) > 0]
    reaching = demand[demand.index.isin(inside["from_id"])].sum()
    assert sum(1 / level for level in levels.values() if level) == pytest.approx(reaching, rel=1e-9)


@LIMITED
@given(instances(), st.sampled_from(METHODS), st.randoms(use_true_random=False))
def test_the_order_of_rows_is_irrelevant(instance, method, random):
    times, demand, supply, minutes = instance
    order = list(range(len(times)))
    random.shuffle(order)
    options = {"method": method, "catchment_minutes": minutes}
    before = quietly(times, demand, supply, **options)
    after = quietly(times.iloc[order], demand[::-1], supply[::-1], **options)
    assert after[demand.index].to_numpy() == pytest.approx(before.to_numpy(), rel=1e-12)


# ---------------------------------------------------------------- ids of every kind


@pytest.mark.parametrize("shuffled", [False, True])
@pytest.mark.parametrize(
    "kind", ["str", "object", "category", "whole", "spread", "negative", "Int64", "float", "texts"]
)
def test_ids_of_every_kind_give_the_same(kind, shuffled):
    random = np.random.default_rng(5)
    # Enough rows that runs of texts are looked for.
    areas, sites = (400, 500) if kind in ("str", "texts") else (40, 50)
    pairs = random.permutation(areas * sites)[: int(areas * sites * 0.6)]
    if not shuffled:
        pairs.sort()
    area, site = np.divmod(pairs, sites)
    minutes = random.uniform(0, 25, len(pairs))
    demand, supply = random.uniform(1, 9, areas), random.uniform(1, 9, sites)
    make = {
        "str": lambda n: pd.Index([f"i{k:05d}" for k in range(n)]),
        "texts": lambda n: pd.Index([f"i{k:05d}" for k in range(n)], dtype="string[python]"),
        "object": lambda n: pd.Index([f"i{k:05d}" for k in range(n)], dtype=object),
        "category": lambda n: pd.CategoricalIndex([f"i{k:05d}" for k in range(n)]),
        "whole": pd.RangeIndex,
        "spread": lambda n: pd.Index(np.arange(n) * 10**12),
        "negative": lambda n: pd.Index(5 - 3 * np.arange(n)),
        "Int64": lambda n: pd.Index(range(n), dtype="Int64"),
        "float": lambda n: pd.Index(np.arange(n) + 0.5),
    }[kind]
    from_ids, to_ids = make(areas), make(sites)
    times = pd.DataFrame({"from_id": from_ids[area], "to_id": to_ids[site], "minutes": minutes})
    got = floating_catchment(
        times,
        pd.Series(demand, index=from_ids),
        pd.Series(supply, index=to_ids),
        catchment_minutes=20,
    )
    # Dense, by the formula.
    w = np.zeros((areas, sites))
    w[area, site] = gaussian(20)(minutes)
    want = w @ (supply / (demand @ w))
    assert got.to_numpy() == pytest.approx(want, rel=1e-12)


def test_of_a_pair_that_stands_twice_the_least_minutes_count():
    times = table(("A", "s", 15), ("B", "s", 4), ("A", "s", 5), ("A", "s", NAN))
    matched = match_times(times, pd.Index(["A", "B"]), pd.Index(["s"]), within=20)
    assert list(matched.minutes) == [5.0, 4.0]
    by_mode = times.sort_values(["from_id", "to_id"], kind="stable")
    again = match_times(by_mode, pd.Index(["A", "B"]), pd.Index(["s"]), within=20)
    assert list(again.minutes) == [5.0, 4.0]


def test_blank_ids_are_no_ids():
    times = table(("A", "s", 5), (None, "s", 5), ("A", None, 5))
    for kind in ("str", object, "category"):
        with pytest.warns(DataWarning) as told:
            got = floating_catchment(
                times.astype({"from_id": kind, "to_id": kind}),
                pd.Series({"A": 10}), pd.Series({"s": 5}), method="2sfca", catchment_minutes=20,
            )  # fmt: skip
        assert list(got) == [0.5]
        assert len(told) == 2
        assert all("1 id is not in" in str(w.message) for w in told)


# ---------------------------------------------------------------- many groups in one product


def test_groups_compete_for_what_admits_them():
    # Club for the young only, hall for all. Young 10 in A; old 30 in A.
    # R: club 5/10, hall 8/(10+30) = .2. Young: .5 + .2; old: .2.
    w = catchment_matrix(
        np.array([0, 0]), np.array([0, 1]), np.array([1.0, 1.0]),
        shape=(1, 2), catchment_minutes=20, decay="uniform",
    )  # fmt: skip
    demand = np.array([[10.0, 30.0]])
    admits = np.array([[1.0, 0.0], [1.0, 1.0]])
    got = access_by_area(w, demand, np.array([5.0, 8.0]), admits=admits)
    assert got == pytest.approx(np.array([[0.7, 0.2]]))
    assert (got * demand).sum() == pytest.approx(13)


@LIMITED
@given(instances(), st.sampled_from(METHODS))
def test_groups_that_all_are_admitted_are_as_one(instance, method):
    times, demand, supply, minutes = instance
    matched = match_times(times, demand.index, supply.index, within=minutes)
    w = weigh_pairs(matched, catchment_minutes=minutes, decay="step")
    amounts, places = demand.to_numpy(), supply.to_numpy()
    whole = access_by_area(w, amounts, places, method=method)
    split = np.column_stack([amounts * 0.25, amounts * 0.75])
    for admits in (None, np.ones((len(places), 2))):
        got = access_by_area(w, split, places, method=method, admits=admits)
        if method == "bfca":
            # Each area and group takes part in the levels of service: they add up.
            if admits is not None:
                assert got.sum(axis=1) == pytest.approx(whole, rel=1e-9, abs=1e-12)
        else:
            for group in got.T:
                assert group == pytest.approx(whole, rel=1e-9, abs=1e-12)


def test_groups_with_sites_of_their_own_are_worlds_apart():
    random = np.random.default_rng(2)
    minutes = random.uniform(0, 20, (30, 8))
    area, site = np.divmod(np.arange(240), 8)
    w = catchment_matrix(area, site, minutes.ravel(), shape=(30, 8), catchment_minutes=15)
    demand, supply = random.uniform(0, 9, (30, 2)), random.uniform(0, 9, 8)
    own = np.zeros((8, 2))
    own[:3, 0] = own[3:, 1] = 1
    for method in ("e2sfca", "m2sfca", "bfca"):
        both = access_by_area(w, demand, supply, method=method, admits=own)
        for group, sites in ((0, slice(0, 3)), (1, slice(3, 8))):
            alone = access_by_area(w[:, sites], demand[:, group], supply[sites], method=method)
            assert both[:, group] == pytest.approx(alone, rel=1e-12)


# ---------------------------------------------------------------- PySAL access


@pytest.mark.parametrize("seed", range(12))
def test_pysal_access_says_the_same(seed):
    """``access`` counts cost ≤ max_cost, as we do, and has no row for an area without a site."""
    random = np.random.default_rng(seed)
    areas, sites = random.integers(2, 60), random.integers(1, 40)
    pairs = random.permutation(areas * sites)[: random.integers(1, areas * sites + 1)]
    area, site = np.divmod(pairs, sites)
    # Whole minutes too, so that some lie on the edge.
    minutes = np.where(random.random(len(pairs)) < 0.5, random.integers(0, 31, len(pairs)), random.uniform(0, 31, len(pairs)))  # fmt: skip
    demand = pd.Series(random.uniform(1, 500, areas), index=[f"a{k}" for k in range(areas)])
    supply = pd.Series(random.uniform(0, 60, sites), index=[f"s{k}" for k in range(sites)])
    times = pd.DataFrame({"from_id": demand.index[area], "to_id": supply.index[site], "minutes": minutes})  # fmt: skip
    peer = Access(
        demand_df=demand.rename_axis("id").to_frame("children"), demand_value="children",
        supply_df=supply.rename_axis("id").to_frame("places"), supply_value="places",
        cost_df=times.rename(columns={"from_id": "origin", "to_id": "dest", "minutes": "cost"}),
        cost_origin="origin", cost_dest="dest", cost_name="cost",
    )  # fmt: skip
    pull = gaussian(30)
    runs = {
        ("2sfca", "uniform"): peer.two_stage_fca(name="plain", max_cost=20),
        # Steps of 10, 20, 30 minutes are its own default.
        ("e2sfca", "step"): peer.enhanced_two_stage_fca(name="zones", max_cost=30),
        # A weight of 0 at the edge would be 0/0 there: the Gaussian of 30 minutes, cut at 25.
        ("e2sfca", pull): peer.enhanced_two_stage_fca(name="gauss", max_cost=25, weight_fn=lambda x: float(pull(np.array([x]))[0])),
    }  # fmt: skip
    for ((method, decay), theirs), cut in zip(runs.items(), (20, 30, 25), strict=True):
        ours = quietly(times, demand, supply, method=method, catchment_minutes=cut, decay=decay)
        want = theirs.iloc[:, 0].reindex(demand.index).fillna(0.0)
        assert np.abs(ours - want).max() <= 1e-9


def test_the_nearest_is_the_least_of_the_times():
    random = np.random.default_rng(3)
    times = pd.DataFrame(
        {
            "from_id": random.integers(0, 50, 4000),
            "to_id": random.integers(0, 90, 4000),
            "minutes": random.uniform(0, 60, 4000),
        }
    )
    matched = match_times(times, pd.RangeIndex(50), pd.RangeIndex(90), within=60)
    first = np.flatnonzero(np.diff(matched.area, prepend=-1))
    ours = np.minimum.reduceat(matched.minutes, first)
    assert list(ours) == list(times.groupby("from_id")["minutes"].min())


# ---------------------------------------------------------------- decays


def test_decays_fall_from_one_at_the_door_and_end_with_the_catchment():
    minutes = np.linspace(0, 40, 401)
    for name in DECAYS:
        weights = weigh(minutes, make_decay(name, catchment_minutes=30))
        assert weights[0] == 1.0
        assert (np.diff(weights) <= 0).all()
        assert (weights[minutes > 30] == 0).all()
    assert weigh(np.array([30.0]), gaussian(30))[0] == 0.0
    assert weigh(np.array([30.0]), uniform(30))[0] == 1.0
    assert weigh(np.array([30.0]), thirds(30))[0] == 0.22


def test_long_arrays_are_weighed_as_short_ones():
    minutes = np.random.default_rng(1).uniform(0, 40, 200_001)
    assert (weigh(minutes, gaussian(30)) == gaussian(30)(minutes)).all()
    assert len(weigh(np.zeros(0), gaussian(30))) == 0


@pytest.mark.parametrize(
    ("decay", "said"),
    [
        ("linear", "No decay is called 'linear'. Use one of: gaussian, uniform, step"),
        (lambda _: 1.0, "does not give one weight for each"),
        (lambda m: m, "not between 0 and 1"),
        (lambda m: -m, "not between 0 and 1"),
        (lambda m: m * NAN, "not between 0 and 1"),
    ],
)
def test_a_decay_that_is_none_is_refused(decay, said):
    with pytest.raises(UsageError, match=said):
        floating_catchment(CITY, CHILDREN, PLACES, catchment_minutes=20, decay=decay)


@pytest.mark.parametrize("zones", [{}, {-1: 1.0}, {NAN: 1.0}, {10: 1.2}, {10: -0.1}, {10: NAN}])
def test_zones_that_are_none_are_refused(zones):
    with pytest.raises(UsageError):
        step(zones)


# ---------------------------------------------------------------- what is wrong, all at once


def test_a_wrong_call_says_all_that_is_wrong_with_it():
    with pytest.raises(UsageError) as refused:
        floating_catchment(
            CITY, CHILDREN, PLACES, method="3sfca", catchment_minutes=0, decay="linear"
        )
    said = str(refused.value)
    assert "'3sfca'. Use one of: 2sfca, e2sfca, m2sfca, bfca." in said
    assert "longer than 0 minutes, not 0" in said
    assert "'linear'" in said
    for minutes in (-5, NAN, math.inf):
        with pytest.raises(UsageError, match="longer than 0 minutes"):
            floating_catchment(CITY, CHILDREN, PLACES, catchment_minutes=minutes)
    with pytest.raises(UsageError, match="3sfca"):
        access_by_area(np.zeros((0, 0)), np.zeros(0), np.zeros(0), method="3sfca")


def test_wrong_data_say_all_that_is_wrong_with_them():
    times = CITY.assign(minutes=[5, -15, -5, 15])
    demand = pd.Series([1.0, -2.0, NAN, 4.0], index=["A", "B", "C", "C"])
    supply = pd.Series([math.inf, NAN], index=["club", None])
    with pytest.raises(DataError) as refused:
        floating_catchment(times, demand, supply, catchment_minutes=20)
    said = [str(problem) for problem in refused.value.problems]
    assert len(said) == 7
    for part in (
        "travel_times, column minutes: 2 times are below 0.",
        "demand: 1 id stands more than once (C).",
        "demand: The children of 1 id are below 0 (B).",
        "demand: The children of 1 id are not known (C).",
        "supply: The places of 1 id are without limit (club).",
        "supply: The places of 1 id are not known",
        "supply: An id is blank.",
    ):
        assert any(line.startswith(part) for line in said), part


def test_what_is_no_table_of_times_is_refused():
    with pytest.raises(DataError) as refused:
        floating_catchment(pd.DataFrame({"to_id": []}), CHILDREN, PLACES, catchment_minutes=20)
    assert {p.column for p in refused.value.problems} == {"from_id", "minutes"}
    for minutes in (["5", "x", "5", "5"], pd.to_timedelta([1, 2, 3, 4], unit="min")):
        with pytest.raises(DataError, match="not numbers"):
            floating_catchment(CITY.assign(minutes=minutes), CHILDREN, PLACES, catchment_minutes=20)
    with pytest.raises(DataError, match="The places are not numbers"):
        floating_catchment(CITY, CHILDREN, PLACES.astype(str), catchment_minutes=20)


def test_minutes_may_be_of_any_kind_of_number():
    want = floating_catchment(CITY, CHILDREN, PLACES, catchment_minutes=20)
    for kind in ("float32", "int16", "Int64", "Float64"):
        got = floating_catchment(
            CITY.astype({"minutes": kind}), CHILDREN, PLACES, catchment_minutes=20
        )
        assert got.to_numpy() == pytest.approx(want.to_numpy(), rel=1e-12)


# ---------------------------------------------------------------- what people must know


def told(*arguments, **options) -> tuple[pd.Series, list[str]]:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        got = floating_catchment(*arguments, **options)
    assert all(issubclass(w.category, DataWarning) for w in caught)
    return got, [str(w.message) for w in caught]


def test_unknown_ids_are_named_and_ignored():
    times = pd.concat([CITY, table(("Z", "club", 1), ("A", "pool", 1), ("Z", "pool", 1))])
    got, said = told(times, CHILDREN, PLACES, method="2sfca", catchment_minutes=20)
    assert list(got) == pytest.approx(BY_HAND["2sfca"])
    assert len(said) == 2
    assert "column from_id: 1 id is not in demand, and ignored (Z)." in said[0]
    assert "column to_id: 1 id is not in supply, and ignored (pool)." in said[1]


def test_areas_without_a_time_are_named_and_have_nothing():
    demand = pd.concat([CHILDREN, pd.Series({f"N{k}": 5 for k in range(7)})])
    got, said = told(CITY, demand, PLACES, method="2sfca", catchment_minutes=20)
    assert list(got) == pytest.approx(BY_HAND["2sfca"] + [0.0] * 7)
    assert len(said) == 1
    assert "7 areas have no travel time at all (N0, N1, N2, N3, N4, …): not searched" in said[0]
    # Searched, and nothing within the catchment, is an answer.
    far = pd.concat([CITY, table(("N0", "club", 50), ("N1", "club", NAN))])
    _, said = told(far, demand.head(5), PLACES, catchment_minutes=20)
    assert said == []


def test_sites_without_children_in_reach_are_named_and_their_places_counted_nowhere():
    supply = pd.concat([PLACES, pd.Series({"empty": 7, "shut": 0, "edge": 9, "nobody": 4})])
    times = pd.concat([CITY, table(("A", "edge", 20), ("D", "nobody", 5))])
    demand = pd.concat([CHILDREN, pd.Series({"D": 0})])
    got, said = told(times, demand, supply, catchment_minutes=20)
    # At the very edge the truncated Gaussian is 0: nobody is in reach of "edge".
    assert len(said) == 1
    assert "3 sites have no children in reach (empty, edge, nobody)" in said[0]
    assert (got * demand).sum() == pytest.approx(50)


def test_a_catchment_beyond_the_search_is_said():
    times = CITY.assign(searched_to=20.0)
    _, said = told(times, CHILDREN, PLACES, catchment_minutes=25)
    assert len(said) == 1
    assert "The catchment of 25 minutes reaches beyond what was searched (20)." in said[0]
    assert told(times, CHILDREN, PLACES, catchment_minutes=20)[1] == []
    # 0 is a pair that the search left out, and bounds nothing.
    left_out = pd.concat([times, table(("C", "club", NAN)).assign(searched_to=0.0)])
    assert told(left_out, CHILDREN, PLACES, catchment_minutes=20)[1] == []


def test_nothing_to_share_is_no_mistake():
    empty = table().astype({"minutes": float})
    none = pd.Series(dtype=float)
    assert floating_catchment(empty, none, none, catchment_minutes=20).empty
    got, said = told(empty, CHILDREN, PLACES, catchment_minutes=20)
    assert list(got) == [0.0, 0.0, 0.0]
    assert len(said) == 2  # areas not searched, sites without children

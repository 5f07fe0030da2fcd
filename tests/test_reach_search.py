"""The bounded search: networkx as the oracle, both engines on the same inputs, cases by hand."""

from __future__ import annotations

import math
import subprocess
import sys
from pathlib import Path

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from provision_map.errors import DataError, UsageError
from provision_map.reach import search, search_scipy
from provision_map.reach.graph import Graph, build_graph, hilbert_order, reorder, transpose
from provision_map.reach.search import nearest_target, pairs_within

ENGINES = [("scipy", 1), ("numba", 1), ("numba", 2)]


def listed(pairs):
    return list(zip(*(part.tolist() for part in pairs), strict=True))


def line(costs, **options):
    """Return nodes 0 - 1 - 2 … joined both ways at these costs."""
    near = np.arange(len(costs))
    x = np.arange(len(costs) + 1.0)
    tails, heads = np.r_[near, near + 1], np.r_[near + 1, near]
    return build_graph(tails, heads, np.r_[costs, costs], x=x, y=np.zeros_like(x), **options)


def oracle(arcs, nodes, sources, targets, bound):
    """Let networkx search from each source, with its ``cutoff``."""
    graph = nx.DiGraph()
    graph.add_nodes_from(range(nodes))
    for tail, head, cost in arcs:
        if cost == math.inf:  # closed
            continue
        if not graph.has_edge(tail, head) or cost < graph[tail][head]["weight"]:
            graph.add_edge(tail, head, weight=cost)
    found = []
    for i, source in enumerate(sources):
        cost = nx.single_source_dijkstra_path_length(graph, source, cutoff=bound)
        found += [(i, j, cost[node]) for j, node in enumerate(targets) if node in cost]
    return found


@st.composite
def towns(draw):
    """Draw a small directed multigraph with loops, free and closed arcs, sources and targets.

    Costs are halves, so sums are exact and a way may cost the bound to the last bit.
    """
    nodes = draw(st.integers(1, 16))
    node = st.integers(0, nodes - 1)
    cost = st.one_of(st.integers(0, 12).map(lambda n: n / 2), st.just(math.inf))
    arcs = draw(st.lists(st.tuples(node, node, cost), max_size=50))
    if draw(st.booleans()):  # mostly two-way, as streets are
        arcs += [(head, tail, cost) for tail, head, cost in arcs]
    some = st.lists(node, max_size=12)
    bound = draw(st.one_of(st.integers(0, 30).map(lambda n: n / 2), st.just(math.inf)))
    seed = draw(st.integers(0, 9))
    return arcs, nodes, draw(some), draw(some), bound, seed


def graph_of(arcs, nodes, seed, dtype=np.float64):
    rng = np.random.default_rng(seed)
    tails, heads, costs = zip(*arcs, strict=True) if arcs else ((), (), ())
    return build_graph(
        np.array(tails, dtype=int), np.array(heads, dtype=int), np.array(costs, dtype=dtype),
        x=rng.random(nodes), y=rng.random(nodes),
    )  # fmt: skip


@pytest.mark.parametrize(("engine", "threads"), ENGINES)
@settings(max_examples=80, deadline=None)
@given(town=towns(), rough=st.booleans(), small=st.booleans())
def test_all_pairs_are_those_of_networkx(engine, threads, town, rough, small):
    arcs, nodes, sources, targets, bound, seed = town
    graph = graph_of(arcs, nodes, seed, np.float32 if rough else np.float64)
    with pytest.MonkeyPatch.context() as patch:
        if small:  # the paths of large networks, on small ones
            patch.setattr(search_scipy, "_CELLS", 6)
            if engine == "numba":
                from provision_map.reach import search_numba

                patch.setattr(search_numba, "_BLOCK", 2)
        pairs = pairs_within(graph, sources, targets, bound=bound, engine=engine, threads=threads)
    assert listed(pairs) == oracle(arcs, nodes, sources, targets, bound)
    assert [part.dtype for part in pairs] == [np.int32, np.int32, np.float64]


@settings(max_examples=80, deadline=None)
@given(town=towns())
def test_the_nearest_is_the_least_of_all_pairs(town):
    arcs, nodes, sources, targets, bound, seed = town
    graph = graph_of(arcs, nodes, seed)
    position, cost = nearest_target(graph, sources, targets, bound=bound)
    all_pairs = oracle(arcs, nodes, sources, targets, bound)
    for i in range(len(sources)):
        costs = {j: c for at, j, c in all_pairs if at == i}
        assert cost[i] == min(costs.values(), default=math.inf)
        assert (costs[position[i]] == cost[i]) if costs else (position[i] == -1)


@settings(max_examples=60, deadline=None)
@given(town=towns())
def test_neither_direction_nor_numbering_changes_a_cost(town):
    arcs, nodes, sources, targets, bound, seed = town
    graph = graph_of(arcs, nodes, seed)
    pairs = listed(pairs_within(graph, sources, targets, bound=bound, engine="scipy"))
    back = pairs_within(transpose(graph), targets, sources, bound=bound, engine="scipy")
    assert sorted((i, j, c) for j, i, c in listed(back)) == pairs
    place = np.argsort(hilbert_order(graph.x, graph.y))
    sources, targets = place[np.array(sources, dtype=int)], place[np.array(targets, dtype=int)]
    assert listed(pairs_within(reorder(graph), sources, targets, bound=bound)) == pairs


@pytest.mark.parametrize("bound", [600.0, 3600.0])
def test_engines_agree_to_the_bit_on_a_town_of_streets(bound):
    """The town has 2,500 crossings; costs in seconds as float32, whose sums in float64 are exact."""
    rng = np.random.default_rng(5)
    side = 50
    at = np.arange(side * side).reshape(side, side)
    edges = np.r_[
        np.c_[at[:, :-1].ravel(), at[:, 1:].ravel()], np.c_[at[:-1].ravel(), at[1:].ravel()]
    ]
    edges = edges[rng.random(len(edges)) < 0.7]
    cost = rng.uniform(20, 130, len(edges)).astype(np.float32)
    oneway = rng.random(len(edges)) < 0.1
    tails, heads = np.r_[edges, edges[~oneway, ::-1]].T
    graph = build_graph(
        tails, heads, np.r_[cost, cost[~oneway] * np.float32(1.25)],
        x=100.0 * (at.ravel() % side), y=100.0 * (at.ravel() // side),
    )  # fmt: skip
    sources, targets = rng.integers(0, side * side, 300), rng.integers(0, side * side, 120)
    scipy = pairs_within(graph, sources, targets, bound=bound, engine="scipy")
    assert len(scipy.cost) > 1000
    for threads in (1, 2, 3):
        ours = pairs_within(graph, sources, targets, bound=bound, engine="numba", threads=threads)
        for a, b in zip(scipy, ours, strict=True):
            np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize(("engine", "threads"), ENGINES)
class TestByHand:
    def test_a_way_that_costs_the_bound_is_within_it(self, engine, threads):
        # 0 -5- 1 -7- 2: to node 2 it is 12.
        graph = line([5.0, 7.0])
        within = [
            listed(pairs_within(graph, [0], [2], bound=b, engine=engine, threads=threads))
            for b in (11.999, 12.0)
        ]
        assert within == [[], [(0, 0, 12.0)]]

    def test_one_way_streets_go_one_way(self, engine, threads):
        # A ring 0 → 1 → 2 → 0 of 1, 2 and 4: back from 1 to 0 it is 2 + 4.
        ring = build_graph([0, 1, 2], [1, 2, 0], [1.0, 2.0, 4.0], x=[0, 1, 2], y=[0, 0, 0])
        pairs = pairs_within(ring, [0, 1], [0, 1], bound=9.0, engine=engine, threads=threads)
        assert listed(pairs) == [(0, 0, 0.0), (0, 1, 1.0), (1, 0, 6.0), (1, 1, 0.0)]

    def test_of_parallel_streets_the_cheaper_counts(self, engine, threads):
        # Were they added up, as sparse matrices do, it would be 10; the loop is never worth it.
        arcs = ([0, 0, 0, 1], [1, 1, 0, 1], [7.0, 3.0, 1.0, 0.0])
        graph = build_graph(*arcs, x=[0, 1], y=[0, 0])
        pairs = pairs_within(graph, [0], [1], bound=20.0, engine=engine, threads=threads)
        assert listed(pairs) == [(0, 0, 3.0)]

    def test_free_streets_are_streets(self, engine, threads):
        graph = line([0.0, 0.0, 1.0])
        pairs = pairs_within(graph, [0], [2, 3], bound=0.0, engine=engine, threads=threads)
        assert listed(pairs) == [(0, 0, 0.0)]

    def test_closed_streets_are_none_even_without_a_bound(self, engine, threads):
        graph = line([math.inf, 2.0])
        found = pairs_within(graph, [0, 1], [0, 2], bound=math.inf, engine=engine, threads=threads)
        assert listed(found) == [(0, 0, 0.0), (1, 1, 2.0)]

    def test_repeats_are_each_answered(self, engine, threads):
        graph = line([4.0])
        pairs = pairs_within(graph, [1, 0, 1], [0, 1, 0], bound=3, engine=engine, threads=threads)
        assert listed(pairs) == [(0, 1, 0.0), (1, 0, 0.0), (1, 2, 0.0), (2, 1, 0.0)]

    @pytest.mark.parametrize(("sources", "targets"), [([], []), ([0], []), ([], [0])])
    def test_nobody_or_nothing_is_no_pair(self, engine, threads, sources, targets):
        pairs = pairs_within(line([1.0]), sources, targets, bound=9, engine=engine, threads=threads)
        assert listed(pairs) == []
        assert pairs.source.dtype == np.int32

    def test_a_network_without_streets(self, engine, threads):
        graph = build_graph([], [], [], x=[0.0, 5.0], y=[0.0, math.nan])
        pairs = pairs_within(graph, [0, 1], [1], bound=9, engine=engine, threads=threads)
        assert listed(pairs) == [(1, 0, 0.0)]

    def test_a_star_with_a_hundred_tips(self, engine, threads):
        # A star: 1 + 2 from its tip 1 to its tip 2.
        tips = np.arange(1, 101)
        arcs = np.r_[np.zeros_like(tips), tips], np.r_[tips, np.zeros_like(tips)]
        graph = build_graph(*arcs, np.r_[tips, tips] * 1.0, x=np.arange(101), y=np.zeros(101))
        pairs = pairs_within(graph, tips, [2], bound=6.0, engine=engine, threads=threads)
        assert listed(pairs) == [(0, 0, 3.0), (1, 0, 0.0), (2, 0, 5.0), (3, 0, 6.0)]


class TestNumbaIsAnExtra:
    @pytest.fixture
    def without_numba(self, monkeypatch):
        monkeypatch.setitem(sys.modules, "numba", None)

    @pytest.mark.usefixtures("without_numba")
    def test_asked_for_it_is_named(self):
        with pytest.raises(UsageError, match=r'pip install "provision-map\[streets\]"'):
            pairs_within(line([1.0]), [0], [1], bound=1, engine="numba")

    def test_left_to_us_the_answers_are_the_same(self, monkeypatch):
        graph = line([3.0, 0.5, 2.0])
        monkeypatch.setattr(search, "_REPAYS", 0)
        with_it = pairs_within(graph, [0, 3], [1, 2], bound=3)
        assert "provision_map.reach.search_numba" in sys.modules
        monkeypatch.setitem(sys.modules, "numba", None)
        monkeypatch.delitem(sys.modules, "provision_map.reach.search_numba")
        assert listed(pairs_within(graph, [0, 3], [1, 2], bound=3)) == listed(with_it)
        assert "provision_map.reach.search_numba" not in sys.modules

    def test_a_small_network_does_not_load_it(self, monkeypatch):
        monkeypatch.delitem(sys.modules, "provision_map.reach.search_numba", raising=False)
        pairs_within(line([3.0]), [0], [1], bound=3)
        assert "provision_map.reach.search_numba" not in sys.modules

    def test_it_compiles_where_nothing_can_be_written(self, tmp_path):
        # No folder for the cache: its place is taken by a file, and there is no home.
        (tmp_path / "__pycache__").touch()
        (tmp_path / "kernel.py").write_text(
            "from provision_map.reach.jit_numba import compiled\n"
            "@compiled\ndef add(a: int, b: int) -> int:\n    return a + b\n"
            "print(add(2, 3), type(add._cache).__name__)\n",
            encoding="utf-8",
        )
        nowhere = "/dev/null/nowhere"
        done = subprocess.run(
            [sys.executable, "kernel.py"],
            cwd=tmp_path, capture_output=True, text=True, check=True,
            env={"PYTHONPATH": str(Path(search_scipy.__file__).parents[2]), "HOME": nowhere, "XDG_CACHE_HOME": nowhere},
        )  # fmt: skip
        assert done.stdout.split() == ["5", "NullCache"]


class TestRefused:
    def test_costs_below_nothing_and_unknown_are_counted(self):
        with pytest.raises(DataError) as error:
            line([-1.0, 2.0, math.nan])
        assert len(error.value.problems) == 2
        assert "2 arcs have a cost below 0." in str(error.value)
        assert "2 arcs have no cost (NaN)." in str(error.value)

    @pytest.mark.parametrize(("tail", "head"), [(0, 2), (2, 0), (-1, 0), (0, -1)])
    def test_arcs_between_nodes_that_are_not(self, tail, head):
        with pytest.raises(DataError, match=r"1 arcs .* at a node that does not exist"):
            build_graph([tail], [head], [1.0], x=[0, 1], y=[0, 1])

    @pytest.mark.parametrize("indptr", [[], [0], [0, 1], [1, 1, 1], [0, 2, 1]])
    def test_arrays_that_do_not_belong_together(self, indptr):
        with pytest.raises(DataError, match=r"belong together|differ in number"):
            Graph(np.array(indptr), np.array([0]), np.array([1.0]), x=np.zeros(2), y=np.zeros(2))

    @pytest.mark.parametrize(
        ("changed", "message"),
        [
            ({"bound": -1.0}, "bound -1.0"),
            ({"bound": math.nan}, "bound nan"),
            ({"engine": "fast"}, "engine 'fast' is not one of auto, numba, scipy"),
            ({"threads": 0}, "threads 0"),
            ({"sources": [0, 5, -1]}, r"2 of the sources are not nodes of the graph \(0 to 1\)"),
            ({"targets": [0.5]}, "targets are float64; give node numbers"),
        ],
    )
    def test_calls_that_mean_nothing(self, changed, message):
        call = {"sources": [0], "targets": [1], "bound": 1.0} | changed
        with pytest.raises(UsageError, match=message):
            pairs_within(line([1.0]), **call)


class TestOrder:
    def test_the_curve_goes_from_neighbour_to_neighbour_and_misses_none(self):
        rows, columns = np.divmod(np.arange(64 * 64), 64)
        order = hilbert_order(columns, rows)
        assert sorted(order) == list(range(64 * 64))
        steps = abs(np.diff(columns[order])) + abs(np.diff(rows[order]))
        assert set(steps) == {1}

    def test_points_without_a_position_stand_in_the_corner(self):
        order = hilbert_order([5.0, math.nan, 9.0, math.inf], [5.0, 5.0, math.nan, 9.0])
        assert sorted(order) == [0, 1, 2, 3]
        assert hilbert_order([math.nan] * 3, [0.0] * 3).tolist() == [0, 1, 2]
        assert hilbert_order([], []).tolist() == []

    @settings(max_examples=50, deadline=None)
    @given(town=towns())
    def test_reordering_and_turning_twice_keep_every_arc(self, town):
        arcs, nodes, _, _, _, seed = town
        graph = graph_of(arcs, nodes, seed)
        old = hilbert_order(graph.x, graph.y)
        new = reorder(graph)

        def arcs_of(graph, name):
            tails = np.repeat(np.arange(nodes), np.diff(graph.indptr))
            return sorted(zip(name[tails], name[graph.indices], graph.cost, strict=True))

        same = np.arange(nodes)
        assert arcs_of(new, old) == arcs_of(graph, same)
        assert arcs_of(transpose(transpose(graph)), same) == arcs_of(graph, same)
        np.testing.assert_array_equal(new.x, graph.x[old])

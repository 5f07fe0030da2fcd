"""Ways to find all pairs within a bound: ours and those of others, each as they are best used.

A way is prepared first (what it builds once for a network, not counted in the time of a question)
and then asked. Answers are ``(source position, target position, cost)`` by unique nodes, to be
compared; bringing them to one order is not counted either.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
from networks import Town
from scipy import sparse
from scipy.sparse.csgraph import dijkstra

from provision_map.reach.graph import hilbert_order, reorder
from provision_map.reach.search import pairs_within

Ask = Callable[[], Any]
#: Metres in a second, at the most: the network's ways are never shorter than the straight line.
SPEED = 1.333


def prepare_ours(town: Town, bound: float, *, engine: str, threads: int = 1) -> Ask:
    """Ask our search; it sorts, searches and expands within the time."""

    def ask() -> tuple[np.ndarray, ...]:
        return pairs_within(
            town.graph, town.homes, town.services, bound=bound, engine=engine, threads=threads
        )

    return ask


def prepare_scipy_tiles(town: Town, bound: float, *, side: float = 8_000.0) -> Ask:
    """Ask ``dijkstra(limit=)`` tile by tile: strips of the network first, then squares of these.

    The network is in the Hilbert order before the time starts. A tile's network is all that lies
    within the bound at full speed of it. Eight kilometres are the best of 1, 2, 4 and 8.
    """
    order = hilbert_order(town.graph.x, town.graph.y)
    graph, place = reorder(town.graph, order), np.argsort(order)
    nodes = graph.node_count
    matrix = sparse.csr_array(
        (graph.cost.astype(np.float64), graph.indices, graph.indptr), shape=(nodes, nodes)
    )
    margin = bound * SPEED

    def ask() -> list[tuple[np.ndarray, ...]]:
        sources, targets = np.unique(place[town.homes]), np.unique(place[town.services])
        is_target = np.zeros(nodes, dtype=bool)
        is_target[targets] = True
        found = []
        source_row = graph.y[sources] // side
        for row in np.unique(source_row):
            here = sources[source_row == row]
            low, high = row * side - margin, (row + 1) * side + margin
            strip = np.flatnonzero((graph.y >= low) & (graph.y <= high))
            strip_matrix, strip_x = matrix[strip][:, strip], graph.x[strip]
            source_column = graph.x[here] // side
            for column in np.unique(source_column):
                begin = here[source_column == column]
                low, high = column * side - margin, (column + 1) * side + margin
                tile = np.flatnonzero((strip_x >= low) & (strip_x <= high))
                names = strip[tile]
                ends = np.flatnonzero(is_target[names])
                cost = dijkstra(
                    strip_matrix[tile][:, tile],
                    indices=np.searchsorted(names, begin),
                    limit=bound,
                )[:, ends]
                i, j = np.nonzero(np.isfinite(cost))
                found.append((order[begin[i]], order[names[ends[j]]], cost[i, j]))
        return found

    return ask


def prepare_networkx(town: Town, bound: float) -> Ask:
    """Ask ``single_source_dijkstra_path_length(cutoff=)`` of each source."""
    import networkx as nx  # noqa: PLC0415

    tails, heads, costs = _list_arcs(town)
    graph = nx.DiGraph()
    graph.add_nodes_from(range(town.graph.node_count))
    graph.add_weighted_edges_from(zip(tails.tolist(), heads.tolist(), costs.tolist(), strict=True))
    sources, targets = np.unique(town.homes).tolist(), set(town.services.tolist())

    def ask() -> list[tuple[int, int, float]]:
        return [
            (source, node, cost)
            for source in sources
            for node, cost in nx.single_source_dijkstra_path_length(
                graph, source, cutoff=bound
            ).items()
            if node in targets
        ]

    return ask


def prepare_pandana(town: Town, bound: float, *, as_table: bool = True) -> Ask:
    """Ask ``nodes_in_range``, on contraction hierarchies; its costs are whole milliseconds.

    Most of its time goes into the table that it gives back. Not ``as_table``, the call below it is
    timed by itself: nobody could use that answer as it comes.
    """
    net = _build_pandana(town)
    sources, targets = np.unique(town.homes).astype(np.int64), np.unique(town.services)
    names = np.arange(town.graph.node_count)

    def ask() -> tuple[np.ndarray, ...]:
        reached = net.nodes_in_range(sources, bound)
        reached = reached[reached["destination"].isin(targets)]
        return tuple(reached[name].to_numpy() for name in ("source", "destination", "cost"))

    def call() -> tuple[np.ndarray, list[list[tuple[int, float]]]]:
        return sources, net.net.nodes_in_range(sources, bound, 0, names)

    return ask if as_table else call


#: What each way is called in the tables.
WAYS: dict[str, Callable[[Town, float], Ask]] = {
    "numba, 1 thread": lambda town, bound: prepare_ours(town, bound, engine="numba"),
    "numba, 2 threads": lambda town, bound: prepare_ours(town, bound, engine="numba", threads=2),
    "scipy engine": lambda town, bound: prepare_ours(town, bound, engine="scipy"),
    "scipy tiles": prepare_scipy_tiles,
    "networkx cutoff": prepare_networkx,
    "pandana nodes_in_range": prepare_pandana,
    "pandana C++ call": lambda town, bound: prepare_pandana(town, bound, as_table=False),
}


def unify(answer: Any, town: Town, way: str, *, bound: float) -> tuple[np.ndarray, np.ndarray]:  # noqa: ANN401
    """Bring an answer to one form: pairs of nodes as one sorted number, and their costs."""
    if way.startswith("numba") or way == "scipy engine":
        source, target = town.homes[answer.source], town.services[answer.target]
        cost = answer.cost
    elif way == "networkx cutoff":
        source, target, cost = (np.array(part) for part in zip(*answer, strict=True))
    elif way == "scipy tiles":
        source, target, cost = (np.concatenate(part) for part in zip(*answer, strict=True))
    elif way == "pandana C++ call":
        names, lists = answer
        source = np.repeat(names, [len(reached) for reached in lists])
        target, cost = (np.concatenate([np.asarray(r)[:, k] for r in lists]) for k in (0, 1))
        meant = np.isin(target, town.services) & (cost <= bound)
        source, target, cost = source[meant], target[meant].astype(np.int64), cost[meant]
    else:
        source, target, cost = answer
    keys = source.astype(np.int64) * town.graph.node_count + target
    keys, first = np.unique(keys, return_index=True)
    return keys, cost[first]


def differ(
    ours: tuple[np.ndarray, np.ndarray],
    theirs: tuple[np.ndarray, np.ndarray],
    bound: float,
    *,
    tolerance: float,
) -> tuple[int, float]:
    """Count pairs that only one has and that are not near the bound; give the greatest difference."""
    counted = 0
    for (keys, costs), (others, _) in itertools.permutations((ours, theirs)):
        alone = ~np.isin(keys, others, assume_unique=True)
        counted += int(np.count_nonzero(costs[alone] < bound - tolerance))
    _, i, j = np.intersect1d(ours[0], theirs[0], assume_unique=True, return_indices=True)
    return counted, float(np.abs(ours[1][i] - theirs[1][j]).max(initial=0.0))


@cache
def _build_pandana(town: Town) -> Any:  # noqa: ANN401
    import pandana  # noqa: PLC0415
    import pandas as pd  # noqa: PLC0415

    tails, heads, costs = _list_arcs(town)
    once = tails < heads
    return pandana.Network(
        pd.Series(town.graph.x),
        pd.Series(town.graph.y),
        pd.Series(tails[once]),
        pd.Series(heads[once]),
        pd.DataFrame({"cost": costs[once]}),
        twoway=True,
    )


def _list_arcs(town: Town) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    tails = np.repeat(np.arange(town.graph.node_count), np.diff(town.graph.indptr))
    return tails, town.graph.indices.astype(np.int64), town.graph.cost.astype(np.float64)

"""The bounded search as a kernel of our own, compiled by numba (the extra "streets").

The search is bound by the latency of memory, not by arithmetic. So nodes are numbered along a
Hilbert curve, sources are searched in that order, an entry of the queue is one number of 64 bits,
and threads share everything but their distances.

Costs are added up as float64. Sums of float32 costs are exact there (but for costs that differ by a
factor of a billion), so the direction of the search changes no answer.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from queue import SimpleQueue
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from provision_map.reach.graph import Graph, hilbert_order
from provision_map.reach.jit_numba import compiled

#: An entry of the queue: the upper bits of the distance, and in these lower ones the node.
_NODE_BITS = 30
#: Sources of one task: enough to forget the cost of handing it over, few enough to share evenly.
_BLOCK = 256

_Map = Callable[..., Iterable[Any]]


class Arcs(NamedTuple):
    """Directed arcs by the node they leave (unsigned ends spare the kernels a test of the sign)."""

    indptr: NDArray[np.int32]
    indices: NDArray[np.integer]
    cost: NDArray[np.floating]


class Work(NamedTuple):
    """Room that searches use one after the other and that grows: nodes reached, the queue."""

    touched: NDArray[np.uint32]
    heap: NDArray[np.int64]


def search_in_threads(
    graph: Graph,
    sources: NDArray[np.integer],
    targets: NDArray[np.integer],
    *,
    bound: float,
    threads: int,
    against: bool = False,
) -> sparse.csr_array:
    """Find all pairs within ``bound``.

    Args:
        graph: the network.
        sources: nodes, each once.
        targets: nodes, each once.
        bound: the most a way may cost, itself included.
        threads: how many search at once.
        against: search against the direction of the arcs.

    Returns:
        Costs, a row for each source and a column for each target; what is not stored is beyond
        reach, a stored 0 is a way that costs nothing.

    """
    order = hilbert_order(graph.x, graph.y)
    place = np.empty(len(order), dtype=np.int32)
    place[order] = np.arange(len(order), dtype=np.int32)
    arcs = _arrange(Arcs(graph.indptr, graph.indices, graph.cost), order, place, bound)
    if against:
        arcs = _turn_round(arcs)
    begins, ends = place[sources], place[targets]
    row = np.argsort(begins)
    with _threads(threads) as run:
        column = np.full(len(arcs.indptr) - 1, -1, dtype=np.int32)
        column[ends] = np.arange(len(targets), dtype=np.int32)
        spare: SimpleQueue[NDArray[np.float64]] = SimpleQueue()
        for _ in range(threads):
            spare.put(np.full(len(column), np.inf))

        def search(block: NDArray[np.int32]) -> tuple[NDArray[Any], ...]:
            with _borrowed(spare) as distance:
                return _search(arcs, block, column, bound, distance)

        blocks = np.array_split(begins[row], -(-len(begins) // _BLOCK))
        parts = list(run(search, blocks))
    count, columns, cost = (np.concatenate(part) for part in zip(*parts, strict=True))
    indptr = np.concatenate([[0], np.cumsum(count)])
    found = sparse.csr_array((cost, columns, indptr), shape=(len(sources), len(targets)))
    return found[np.argsort(row)]


@contextmanager
def _threads(count: int) -> Iterator[_Map]:
    if count == 1:
        yield map
        return
    with ThreadPoolExecutor(count) as pool:
        yield pool.map


@contextmanager
def _borrowed(spare: SimpleQueue[NDArray[np.float64]]) -> Iterator[NDArray[np.float64]]:
    taken = spare.get()
    try:
        yield taken
    finally:  # a search that fails must not leave the others waiting
        spare.put(taken)


@compiled
def _arrange(graph: Arcs, order: NDArray[np.intp], place: NDArray[np.int32], bound: float) -> Arcs:
    """Renumber nodes by their place and leave out loops, closed arcs and those beyond the bound."""
    indptr = np.zeros(len(graph.indptr), np.int32)
    indices = np.empty(len(graph.indices), np.uint32)
    costs = np.empty(len(graph.indices), np.float64)
    total = 0
    for k in range(len(order)):
        node = order[k]
        for arc in range(graph.indptr[node], graph.indptr[node + 1]):
            cost = graph.cost[arc]
            if cost <= bound and cost < np.inf and graph.indices[arc] != node:
                indices[total] = place[graph.indices[arc]]
                costs[total] = cost
                total += 1
        indptr[k + 1] = total
    return Arcs(indptr, indices[:total], costs[:total])


@compiled
def _turn_round(arcs: Arcs) -> Arcs:
    """Turn every arc round."""
    nodes = len(arcs.indptr) - 1
    indptr = np.zeros(nodes + 1, np.int32)
    for head in arcs.indices:
        indptr[head + 1] += 1
    for node in range(nodes):
        indptr[node + 1] += indptr[node]
    slots = indptr.copy()
    indices = np.empty(len(arcs.indices), np.uint32)
    cost = np.empty(len(arcs.indices), np.float64)
    for node in range(nodes):
        for arc in range(arcs.indptr[node], arcs.indptr[node + 1]):
            slot = slots[arcs.indices[arc]]
            indices[slot] = node
            cost[slot] = arcs.cost[arc]
            slots[arcs.indices[arc]] += 1
    return Arcs(indptr, indices, cost)


@compiled
def _search(
    arcs: Arcs,
    sources: NDArray[np.int32],
    column: NDArray[np.int32],
    bound: float,
    distance: NDArray[np.float64],
) -> tuple[NDArray[np.int64], NDArray[np.int32], NDArray[np.float64]]:
    """Search from each source; ``distance`` is all inf, before and after.

    Returns how many targets each source reaches, and their columns and costs, source after source.
    """
    counts = np.zeros(len(sources), np.int64)
    columns = np.empty(1024, np.int32)
    costs = np.empty(1024, np.float64)
    work = Work(np.empty(1024, np.uint32), np.empty(1024, np.int64))
    total = 0
    for row in range(len(sources)):
        reached, work = _spread(arcs, sources[row], bound, distance, work)
        if total + reached > len(columns):
            columns = _lengthen(columns, 2 * total + reached)
            costs = _lengthen(costs, 2 * total + reached)
        before = total
        for k in range(reached):
            node = work.touched[k]
            if column[node] >= 0:
                columns[total] = column[node]
                costs[total] = distance[node]
                total += 1
            distance[node] = np.inf
        counts[row] = total - before
    return counts, columns[:total].copy(), costs[:total].copy()


@compiled
def _spread(
    arcs: Arcs, source: int, bound: float, distance: NDArray[np.float64], work: Work
) -> tuple[int, Work]:
    """Find the distance of every node within the bound of a source (Dijkstra 1959).

    Nodes that were reached stand in ``work.touched``. Entries of nodes that were improved later stay
    in the queue and are skipped when they come up. Their order goes by the upper bits of the
    distance alone: of two nodes as good as equally far the farther may come first, is put right when
    the other is searched, and comes up again.
    """
    node_mask = (np.int64(1) << _NODE_BITS) - 1
    bits = distance.view(np.int64)
    touched, heap = work
    distance[source] = 0.0
    touched[0] = source
    reached = 1
    heap[0] = source
    size = 1
    while size > 0:
        first = heap[0]
        size -= 1
        _sink(heap, size)
        node = np.uint32(first & node_mask)
        if (bits[node] | node_mask) != (first | node_mask):
            continue
        here = distance[node]
        for arc in range(arcs.indptr[node], arcs.indptr[node + np.uint32(1)]):
            there = here + arcs.cost[arc]
            head = arcs.indices[arc]
            if there > bound or there >= distance[head]:
                continue
            if distance[head] == np.inf:
                if reached == len(touched):
                    touched = _lengthen(touched, 2 * reached)
                touched[reached] = head
                reached += 1
            distance[head] = there
            if size == len(heap):
                heap = _lengthen(heap, 2 * size)
            _rise(heap, size, (bits[head] & ~node_mask) | np.int64(head))
            size += 1
    return reached, Work(touched, heap)


@compiled
def _rise(heap: NDArray[np.int64], i: int, entry: int) -> None:
    """Put an entry into the heap, in which each has four children, from place ``i`` up."""
    while i > 0:
        parent = (i - 1) >> 2
        if heap[parent] <= entry:
            break
        heap[i] = heap[parent]
        i = parent
    heap[i] = entry


@compiled
def _sink(heap: NDArray[np.int64], size: int) -> None:
    """Take the first entry out of a heap that has ``size`` entries without it."""
    last = heap[size]
    i = 0
    while True:
        child = 4 * i + 1
        if child >= size:
            break
        least = heap[child]
        for other in range(child + 1, min(child + 4, size)):
            if heap[other] < least:
                least = heap[other]
                child = other
        if least >= last:
            break
        heap[i] = least
        i = child
    heap[i] = last


@compiled
def _lengthen(values: NDArray[Any], size: int) -> NDArray[Any]:
    longer = np.empty(size, values.dtype)
    longer[: len(values)] = values
    return longer

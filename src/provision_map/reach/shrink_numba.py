"""A smaller network with the same costs between the nodes that matter.

A crossing where nobody starts or ends can be taken out of the network if the ways through it are
kept as arcs of their own ("shortcuts": the node contraction of Geisberger et al. 2008, here only of
nodes with at most three neighbours, so that no order of importance and no search for witnesses is
needed). A third of the nodes is left, and each search has a third of the steps.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from provision_map.reach.jit_numba import compiled

#: Nodes with more neighbours than this stay: their shortcuts would outnumber the arcs they replace.
_FEW = 3
#: Taking out a node with so many neighbours gives none of these a neighbour more than it had.
_CHAIN = 2
#: Neighbours that each node has room for, or as many as it came with.
_ROOM = 6
#: Above so many neighbours, looking one up by running through all is too slow: do not shrink.
_MOST_NEIGHBOURS = 64


class Arcs(NamedTuple):
    """Directed arcs by the node they leave (unsigned ends spare the kernels a test of the sign)."""

    indptr: NDArray[np.int32]
    indices: NDArray[np.integer]
    cost: NDArray[np.floating]


class Neighbours(NamedTuple):
    """Each node's neighbours in either direction: slots ``first[u]`` to ``first[u] + degree[u]``.

    ``out`` is the cost from the node to the neighbour, inf where one can only come from there;
    ``first[u + 1]`` is where the room of the node ends.
    """

    first: NDArray[np.int64]
    degree: NDArray[np.int32]
    node: NDArray[np.int32]
    out: NDArray[np.float64]


def shrink(
    arcs: Arcs,
    kept: NDArray[np.bool_],
    *,
    bound: float,
    threads: int,
    run: Callable[..., Iterable[None]],
) -> tuple[Arcs, NDArray[np.int32]] | None:
    """Take out nodes that are not ``kept``; costs up to ``bound`` between kept nodes stay exact.

    Args:
        arcs: no loops; numbered so that neighbours have near numbers.
        kept: for each node, whether it must stay.
        bound: shortcuts that cost more are not needed.
        threads: into how many stretches of nodes the work is divided.
        run: maps a function over arguments, as ``map`` does, perhaps in threads.

    Returns:
        The smaller network and the new number of each node (-1: taken out), or None where a node
        has so many neighbours that this would not pay.

    """
    room = _count_ends(arcs)
    if len(room) == 0 or room.max() > _MOST_NEIGHBOURS:
        return None
    first = np.concatenate([[0], np.cumsum(np.maximum(room, _ROOM), dtype=np.int64)])
    near = _list_neighbours(arcs, first)
    gone = np.zeros(len(kept), dtype=np.bool_)
    edges = np.linspace(0, len(kept), threads + 1).astype(np.int64)

    def take_out(begin: int, end: int) -> None:
        _take_out(near, kept, gone, bound, (begin, end))

    for _ in run(take_out, edges[:-1], edges[1:]):
        pass
    number = np.where(gone, -1, np.cumsum(~gone) - 1).astype(np.int32)
    return _gather(near, number, bound), number


@compiled
def _count_ends(arcs: Arcs) -> NDArray[np.int32]:
    """Count the arcs that leave each node or arrive there: no fewer than its neighbours."""
    ends = np.zeros(len(arcs.indptr) - 1, np.int32)
    for node in range(len(ends)):
        ends[node] += arcs.indptr[node + 1] - arcs.indptr[node]
        for arc in range(arcs.indptr[node], arcs.indptr[node + 1]):
            ends[arcs.indices[arc]] += 1
    return ends


@compiled
def _find(near: Neighbours, here: int, there: int) -> int:
    """Find the slot of ``there`` among the neighbours of ``here``, or -1."""
    for slot in range(near.first[here], near.first[here] + near.degree[here]):
        if near.node[slot] == there:
            return slot
    return -1


@compiled
def _lower(near: Neighbours, here: int, there: int, cost: float) -> None:
    """Let the arc from ``here`` to ``there`` cost at most ``cost``, a new arc if there is none."""
    slot = _find(near, here, there)
    if slot < 0:
        slot = near.first[here] + near.degree[here]
        near.node[slot] = there
        near.out[slot] = cost
        near.degree[here] += 1
    elif cost < near.out[slot]:
        near.out[slot] = cost


@compiled
def _list_neighbours(arcs: Arcs, first: NDArray[np.int64]) -> Neighbours:
    nodes = len(first) - 1
    near = Neighbours(
        first,
        np.zeros(nodes, np.int32),
        np.empty(first[nodes], np.int32),
        np.empty(first[nodes], np.float64),
    )
    for node in range(nodes):
        for arc in range(arcs.indptr[node], arcs.indptr[node + 1]):
            head = int(arcs.indices[arc])
            _lower(near, node, head, arcs.cost[arc])
            _lower(near, head, node, np.inf)
    return near


@compiled
def _take_out(
    near: Neighbours,
    kept: NDArray[np.bool_],
    gone: NDArray[np.bool_],
    bound: float,
    stretch: tuple[int, int],
) -> None:
    """Take out nodes of a stretch whose neighbours lie in it too, those with fewest first.

    Nothing outside the stretch is read or written, so stretches can be worked on at once.
    """
    waiting = np.empty(64, np.int32)
    for most in range(_CHAIN, _FEW + 1):
        for start in range(stretch[0], stretch[1]):
            waiting[0] = start
            size = 1
            while size > 0:
                size -= 1
                node = waiting[size]
                if kept[node] or gone[node] or near.degree[node] > most:
                    continue
                if not _can_go(near, node, bound, stretch):
                    continue
                _bridge(near, node, bound)
                gone[node] = True
                # Neighbours that now have fewer of their own may be next.
                for slot in range(near.first[node], near.first[node] + near.degree[node]):
                    other = near.node[slot]
                    if near.degree[other] <= _CHAIN and size < len(waiting):
                        waiting[size] = other
                        size += 1
                near.degree[node] = 0


@compiled
def _can_go(near: Neighbours, node: int, bound: float, stretch: tuple[int, int]) -> bool:
    """Tell whether all neighbours of a node lie in the stretch and have room for the shortcuts."""
    slots = range(near.first[node], near.first[node] + near.degree[node])
    for slot in slots:
        if near.node[slot] < stretch[0] or near.node[slot] >= stretch[1]:
            return False
    if near.degree[node] <= _CHAIN:
        return True
    for slot in slots:
        here = near.node[slot]
        added = -1  # the node itself leaves
        for other in slots:
            there = near.node[other]
            if other != slot and _find(near, here, there) < 0:
                forth = near.out[_find(near, here, node)] + near.out[other]
                back = near.out[_find(near, there, node)] + near.out[slot]
                added += forth <= bound or back <= bound
        if near.degree[here] + added > near.first[here + 1] - near.first[here]:
            return False
    return True


@compiled
def _bridge(near: Neighbours, node: int, bound: float) -> None:
    """Part a node from its neighbours and join these by shortcuts that cost the same."""
    begin = near.first[node]
    count = near.degree[node]
    into = np.empty(count, np.float64)
    for i in range(count):
        here = near.node[begin + i]
        last = near.first[here] + near.degree[here] - 1
        slot = _find(near, here, node)
        into[i] = near.out[slot]
        near.node[slot] = near.node[last]
        near.out[slot] = near.out[last]
        near.degree[here] -= 1
    for i in range(count):
        for j in range(i + 1, count):
            forth = into[i] + near.out[begin + j]
            back = into[j] + near.out[begin + i]
            if forth <= bound or back <= bound:
                _lower(near, near.node[begin + i], near.node[begin + j], forth)
                _lower(near, near.node[begin + j], near.node[begin + i], back)


@compiled
def _gather(near: Neighbours, number: NDArray[np.int32], bound: float) -> Arcs:
    """Write the arcs that are left as compressed rows."""
    nodes = 0
    most = 0
    for node in range(len(number)):
        if number[node] >= 0:
            nodes += 1
            most += near.degree[node]
    indptr = np.zeros(nodes + 1, np.int32)
    indices = np.empty(most, np.uint32)
    cost = np.empty(most, np.float64)
    total = 0
    for node in range(len(number)):
        if number[node] < 0:
            continue
        for slot in range(near.first[node], near.first[node] + near.degree[node]):
            if near.out[slot] <= bound and near.out[slot] < np.inf:
                indices[total] = number[near.node[slot]]
                cost[total] = near.out[slot]
                total += 1
        indptr[number[node] + 1] = total
    return Arcs(indptr, indices[:total], cost[:total])

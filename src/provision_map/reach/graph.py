"""A street network as arrays: nodes, directed arcs with a cost, and an order that keeps near near."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import ArrayLike, NDArray

from provision_map.errors import DataError, Problem

#: Bits of a side of the square that the Hilbert curve fills: 65,536 cells a side.
_BITS = 16
#: Points whose keys are computed at once.
_CHUNK = 1 << 14


@dataclass(frozen=True, eq=False)
class Graph:
    """Directed arcs by the node they leave (compressed sparse rows).

    The arcs that leave node ``u`` are ``indptr[u]`` to ``indptr[u + 1]``; arc ``k`` leads to
    ``indices[k]`` at ``cost[k]``. A street that is open both ways is two arcs. Arcs may be parallel
    (the cheaper counts), loops, free (cost 0) or closed (cost inf).

    Attributes:
        indptr: int32 or int64, one more than there are nodes, from 0 up.
        indices: int32, the node where each arc ends.
        cost: float32 or float64, at least 0, in the caller's unit (minutes, seconds).
        x: float64, metres east of each node. Used only to order nodes, never for a cost.
        y: float64, metres north of each node.

    Raises:
        DataError: costs below 0 or NaN (with how many), or arrays that do not belong together.

    """

    indptr: NDArray[np.signedinteger]
    indices: NDArray[np.int32]
    cost: NDArray[np.floating]
    x: NDArray[np.float64]
    y: NDArray[np.float64]

    def __post_init__(self) -> None:
        """Bring the arrays to their types and refuse what no search could be right on."""
        cost = np.asarray(self.cost)
        kept = cost.dtype in (np.dtype(np.float32), np.dtype(np.float64))
        for name, values, dtype in (
            ("indptr", self.indptr, np.int32 if len(cost) < np.iinfo(np.int32).max else np.int64),
            ("indices", self.indices, np.int32),
            ("cost", cost, cost.dtype if kept else np.float64),
            ("x", self.x, np.float64),
            ("y", self.y, np.float64),
        ):
            object.__setattr__(self, name, np.ascontiguousarray(values, dtype=dtype))
        problems = [Problem("network", what=what, mend=mend) for what, mend in _faults(self)]
        if problems:
            raise DataError(problems)

    @property
    def node_count(self) -> int:
        """How many nodes there are."""
        return len(self.indptr) - 1

    @property
    def arc_count(self) -> int:
        """How many directed arcs there are."""
        return len(self.indices)


def build_graph(
    tail: ArrayLike, head: ArrayLike, cost: ArrayLike, *, x: ArrayLike, y: ArrayLike
) -> Graph:
    """Build a graph from a list of directed arcs in any order.

    Args:
        tail: node where each arc begins.
        head: node where each arc ends.
        cost: of each arc; float32 is kept, all else becomes float64.
        x: metres east of each node; its length is the number of nodes.
        y: metres north of each node.

    Raises:
        DataError: costs below 0 or NaN, or nodes that do not exist.

    >>> graph = build_graph([1, 0], [0, 1], [5.0, 2.0], x=[0, 100], y=[0, 0])
    >>> graph.indptr.tolist(), graph.indices.tolist(), graph.cost.tolist()
    ([0, 1, 2], [1, 0], [2.0, 5.0])

    """
    begins = np.asarray(tail, dtype=np.int64)
    count = len(np.asarray(x))
    if len(begins) and not 0 <= begins.min() <= begins.max() < count:
        strays = int(np.count_nonzero((begins < 0) | (begins >= count)))
        raise DataError(
            [Problem("network", what=f"{strays} arcs begin at a node that does not exist.")]
        )
    order = np.argsort(begins, kind="stable")
    indptr = np.zeros(count + 1, dtype=np.int64)
    np.cumsum(np.bincount(begins, minlength=count), out=indptr[1:])
    return Graph(
        indptr=indptr,
        indices=np.asarray(head)[order],
        cost=np.asarray(cost)[order],
        x=np.asarray(x, dtype=np.float64),
        y=np.asarray(y, dtype=np.float64),
    )


def transpose(graph: Graph) -> Graph:
    """Turn every arc round: costs *to* a node become costs *from* it."""
    tails = np.repeat(
        np.arange(graph.node_count, dtype=np.int32), np.diff(graph.indptr).astype(np.int64)
    )
    order = np.argsort(graph.indices, kind="stable")
    indptr = np.zeros(graph.node_count + 1, dtype=np.int64)
    np.cumsum(np.bincount(graph.indices, minlength=graph.node_count), out=indptr[1:])
    return Graph(indptr, tails[order], graph.cost[order], x=graph.x, y=graph.y)


def hilbert_order(x: ArrayLike, y: ArrayLike) -> NDArray[np.intp]:
    """Order points along a Hilbert curve, so that neighbours in the plane are near in the order.

    A search touches the nodes around its source. Numbered along the curve, these lie in few pages
    of memory; numbered at random, each is a miss of the cache (five times slower, as measured).

    Args:
        x: metres east.
        y: metres north. Points without a position (NaN) count as standing in the corner.

    Returns:
        The permutation: place ``k`` on the curve is taken by point ``order[k]``. Points of one cell
        (a side of the extent ÷ 65,536) keep the order they came in.

    >>> hilbert_order([0, 1, 0, 1], [0, 0, 1, 1]).tolist()
    [0, 2, 3, 1]

    """
    keys = _hilbert_keys(np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64))
    # Sorting by 16 bits is a counting sort; two of them are faster than one sort by 32.
    order = np.argsort(keys.astype(np.uint16), kind="stable")
    return order[np.argsort((keys >> 16).astype(np.uint16)[order], kind="stable")]


def reorder(graph: Graph, order: NDArray[np.intp] | None = None) -> Graph:
    """Renumber the nodes, along the Hilbert curve unless another ``order`` is given.

    New node ``k`` is old node ``order[k]``; so with ``order = hilbert_order(graph.x, graph.y)`` the
    old node ``u`` is now ``np.argsort(order)[u]``.
    """
    order = hilbert_order(graph.x, graph.y) if order is None else order
    place = np.empty(len(order), dtype=np.int32)
    place[order] = np.arange(len(order), dtype=np.int32)
    degree = np.diff(graph.indptr)[order].astype(np.int64)
    indptr = np.zeros(len(order) + 1, dtype=np.int64)
    np.cumsum(degree, out=indptr[1:])
    arcs = np.repeat(graph.indptr[:-1][order] - indptr[:-1], degree) + np.arange(graph.arc_count)
    return Graph(
        indptr, place[graph.indices[arcs]], graph.cost[arcs], x=graph.x[order], y=graph.y[order]
    )


def _faults(graph: Graph) -> list[tuple[str, str]]:
    found = []
    negative = int(np.count_nonzero(graph.cost < 0))
    unknown = int(np.count_nonzero(np.isnan(graph.cost)))
    if negative:
        found.append((f"{negative} arcs have a cost below 0.", "Give lengths and speeds above 0."))
    if unknown:
        found.append((f"{unknown} arcs have no cost (NaN).", "Give a cost or leave the arc out."))
    if len(graph.indices) and not (
        0 <= graph.indices.min() <= graph.indices.max() < graph.node_count
    ):
        strays = np.count_nonzero((graph.indices < 0) | (graph.indices >= graph.node_count))
        found.append((f"{strays} arcs end at a node that does not exist.", "Number nodes from 0."))
    if not (len(graph.x) == len(graph.y) == graph.node_count):
        found.append(("the nodes and their positions differ in number.", "Give x and y per node."))
    if (
        len(graph.cost) != len(graph.indices)
        or len(graph.indptr) == 0
        or graph.indptr[0] != 0
        or graph.indptr[-1] != len(graph.indices)
        or np.any(np.diff(graph.indptr) < 0)
    ):
        found.append(("indptr, indices and cost do not belong together.", "Use build_graph."))
    return found


def _hilbert_keys(x: NDArray[np.float64], y: NDArray[np.float64]) -> NDArray[np.uint32]:
    """Give the place of each point's cell along the curve (Hilbert 1891), four bits a step."""
    keys = np.zeros(len(x), dtype=np.uint32)
    west, east = _extent(x)
    south, north = _extent(y)
    scale = ((1 << _BITS) - 1) / max(east - west, north - south, 1e-9)
    digits, turns = _hilbert_steps()
    # In chunks that stay in the cache: a quarter of the time of whole columns at 3.6 million points.
    for start in range(0, len(x), _CHUNK):
        chunk = slice(start, start + _CHUNK)
        columns = (
            (np.nan_to_num(x[chunk], nan=west, posinf=east, neginf=west) - west) * scale
        ).astype(np.uint16)
        rows = (
            (np.nan_to_num(y[chunk], nan=south, posinf=north, neginf=south) - south) * scale
        ).astype(np.uint16)
        key, turned = keys[chunk], np.zeros(len(columns), dtype=np.uint16)
        for shift in range(_BITS - 4, -1, -4):
            step = (turned << 8) | (((columns >> shift) & 15) << 4) | ((rows >> shift) & 15)
            key <<= 8
            key |= digits[step]
            turned = turns[step]
    return keys


def _extent(values: NDArray[np.float64]) -> tuple[float, float]:
    """Give the least and the greatest of the values that are finite; (0, 0) if none is."""
    least, greatest = (values.min(), values.max()) if len(values) else (0.0, 0.0)
    if not np.isfinite(least - greatest):
        finite = values[np.isfinite(values)]
        least, greatest = (finite.min(), finite.max()) if len(finite) else (0.0, 0.0)
    return float(least), float(greatest)


@cache
def _hilbert_steps() -> tuple[NDArray[np.uint32], NDArray[np.uint16]]:
    """Tabulate the curve through 16 × 16 cells, for each way in which a square may be turned.

    A square is turned by mirroring both axes, by swapping them, or by both: four ways. Index: way,
    four bits of the column, four bits of the row. Values: the cell's place on the curve, and how
    the cell itself is turned, so that the curve within it begins where the last cell's ended.
    """
    index = np.arange(4 * 256)
    mirrored, swapped = (index >> 8) & 1, index >> 9
    digit = np.zeros_like(index)
    for bit in (3, 2, 1, 0):
        column = ((index >> (4 + bit)) & 1) ^ mirrored
        row = ((index >> bit) & 1) ^ mirrored
        column, row = np.where(swapped, row, column), np.where(swapped, column, row)
        digit = (digit << 2) | ((3 * column) ^ row)
        mirrored = mirrored ^ ((row == 0) & (column == 1))
        swapped = swapped ^ (row == 0)
    return digit.astype(np.uint32), (mirrored | (swapped << 1)).astype(np.uint16)

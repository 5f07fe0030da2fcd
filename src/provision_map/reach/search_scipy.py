"""The bounded search by scipy alone, on pieces of the network small enough for its dense answer.

``scipy.sparse.csgraph.dijkstra`` answers with sources × nodes numbers, whatever the bound: for a
nation that is a thousand gigabytes. Sources that lie together reach the same few nodes, so the
network is cut again and again to what a block of neighbouring sources can reach.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse.csgraph import dijkstra

from provision_map.reach.graph import Graph, hilbert_order

#: Numbers in one dense answer: 16 MB.
_CELLS = 2_000_000
#: Into how many blocks a piece is split at the most. More or fewer were slower at every size.
_BLOCKS = 32

Found = tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.float64]]


def search_on_tiles(
    graph: Graph, sources: NDArray[np.integer], targets: NDArray[np.integer], *, bound: float
) -> sparse.csr_array:
    """Find all pairs within ``bound``.

    Args:
        graph: the network.
        sources: nodes, each once.
        targets: nodes, each once.
        bound: the most a way may cost, itself included.

    Returns:
        Costs, a row for each source and a column for each target; what is not stored is beyond
        reach, a stored 0 is a way that costs nothing.

    """
    column = np.full(graph.node_count, -1, dtype=np.int64)
    column[targets] = np.arange(len(targets))
    # Nodes that are close on the curve share most of what they reach: pieces stay small.
    row = hilbert_order(graph.x[sources], graph.y[sources])
    found: list[Found] = []
    _search(_matrix(graph), sources[row], row, column=column, bound=bound, found=found)
    found.append((np.empty(0, np.intp), np.empty(0, np.intp), np.empty(0)))
    rows, columns, costs = (np.concatenate(part) for part in zip(*found, strict=True))
    shape = (len(sources), len(targets))
    return sparse.coo_array((costs, (rows, columns)), shape=shape).tocsr()


def nearest_node(
    graph: Graph, sources: NDArray[np.integer], *, bound: float
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Give each node the cost from its nearest source (``inf``: none in bound) and that source."""
    cost, _, nearest = dijkstra(
        _matrix(graph), indices=sources, limit=bound, min_only=True, return_predecessors=True
    )
    return cost, nearest.astype(np.int64)


def _search(
    matrix: sparse.csr_array,
    sources: NDArray[np.integer],
    row: NDArray[np.intp],
    *,
    column: NDArray[np.int64],
    bound: float,
    found: list[Found],
) -> None:
    """Search one piece: at once if its answer is small, else block by block on smaller pieces."""
    cells = len(sources) * matrix.shape[0]
    if len(sources) == 1 or cells <= _CELLS:
        ends = np.flatnonzero(column >= 0)
        if len(ends):
            cost = dijkstra(matrix, indices=sources, limit=bound)[:, ends]
            i, j = np.nonzero(np.isfinite(cost))
            found.append((row[i], column[ends[j]], cost[i, j]))
        return
    # A block's nodes are fewer too, so that a quarter of what fits is about right.
    blocks = min(_BLOCKS, len(sources), -(-4 * cells // _CELLS))
    for block in np.array_split(np.arange(len(sources)), blocks):
        nearest = dijkstra(matrix, indices=sources[block], limit=bound, min_only=True)
        kept = np.flatnonzero(np.isfinite(nearest))
        _search(
            matrix[kept][:, kept],
            np.searchsorted(kept, sources[block]),
            row[block],
            column=column[kept],
            bound=bound,
            found=found,
        )


def _matrix(graph: Graph) -> sparse.csr_array:
    """View the graph as scipy's matrix, in which an explicit 0 is a free arc.

    Parallel arcs stay apart (scipy would add them up if it brought the matrix to canonical form,
    which neither taking rows and columns nor the search does); closed arcs are left out.
    """
    open_arcs = np.isfinite(graph.cost)
    indptr, indices, cost = graph.indptr, graph.indices, graph.cost
    if not open_arcs.all():
        indptr = np.concatenate([[0], np.cumsum(open_arcs)])[indptr]
        indices, cost = indices[open_arcs], cost[open_arcs]
    return sparse.csr_array(
        (cost.astype(np.float64), indices, indptr), shape=(graph.node_count, graph.node_count)
    )

"""All pairs of sources and targets within a bound of travel, and the nearest target of each source.

Two engines give the same answers: a kernel of our own (``search_numba``, the extra "streets") and
scipy on pieces of the network (``search_scipy``), which is there always.
"""

from __future__ import annotations

import importlib.util
import math
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import sparse

from provision_map.errors import UsageError
from provision_map.reach.graph import Graph, transpose
from provision_map.reach.search_scipy import nearest_node, search_on_tiles

_ENGINES = ("auto", "numba", "scipy")

#: Nodes. To load the compiled kernel takes 0.4 s, and to compile it, once, seconds; on a network of
#: a city scipy is done before.
_REPAYS = 50_000


class Pairs(NamedTuple):
    """What is within reach of what: row ``k`` says target ``target[k]`` costs ``cost[k]``.

    Attributes:
        source: int32, positions in the sources that were given, not node numbers.
        target: int32, positions in the targets that were given.
        cost: float64, in the unit of the graph.

    """

    source: NDArray[np.int32]
    target: NDArray[np.int32]
    cost: NDArray[np.float64]


def pairs_within(
    graph: Graph,
    sources: ArrayLike,
    targets: ArrayLike,
    *,
    bound: float,
    engine: str = "auto",
    threads: int = 2,
) -> Pairs:
    """Find every pair of a source and a target whose cheapest way costs at most ``bound``.

    Args:
        graph: the network; one-way arcs are obeyed, from source to target.
        sources: nodes where ways begin; repeats are allowed and are searched once.
        targets: nodes where ways end; likewise.
        bound: the most a way may cost, itself included. ``inf``: all that can be reached.
        engine: "numba", "scipy", or "auto": numba where it is installed and the network is so
            large that it repays its start. The answers are the same.
        threads: of the numba engine.

    Returns:
        The pairs, sorted by source, then target. A source that is a target too is a pair at 0.

    Raises:
        UsageError: an unknown engine, a bound below 0 or NaN, fewer than one thread, a node that
            does not exist; numba asked for and not installed.

    >>> from provision_map.reach.graph import build_graph
    >>> street = build_graph([0, 1, 2], [1, 2, 0], [4.0, 3.0, 9.0], x=[0, 1, 2], y=[0, 0, 0])
    >>> pairs = pairs_within(street, [0, 2], [1, 2], bound=9.0)
    >>> [(int(i), int(j), float(c)) for i, j, c in zip(*pairs)]
    [(0, 0, 4.0), (0, 1, 7.0), (1, 1, 0.0)]

    """
    _check_bound(bound)
    if engine not in _ENGINES:
        raise UsageError(f"engine {engine!r} is not one of {', '.join(_ENGINES)}.")
    if threads < 1:
        raise UsageError(f"threads {threads}: give at least 1.")
    begins, source_of = np.unique(_check_nodes("sources", sources, graph), return_inverse=True)
    ends, target_of = np.unique(_check_nodes("targets", targets, graph), return_inverse=True)
    if len(begins) == 0 or len(ends) == 0:
        return Pairs(np.empty(0, np.int32), np.empty(0, np.int32), np.empty(0))
    # Fewer searches where there are fewer nodes: from the targets against the arcs, if need be.
    turned = len(ends) < len(begins)
    near, far = (ends, begins) if turned else (begins, ends)
    if _choose_engine(engine, graph.node_count) == "numba":
        from provision_map.reach.search_numba import search_in_threads  # noqa: PLC0415

        found = search_in_threads(graph, near, far, bound=bound, threads=threads, against=turned)
    else:
        found = search_on_tiles(transpose(graph) if turned else graph, near, far, bound=bound)
    return _expand((found.T if turned else found).tocsr(), source_of, target_of)


def nearest_target(
    graph: Graph, sources: ArrayLike, targets: ArrayLike, *, bound: float = math.inf
) -> tuple[NDArray[np.int32], NDArray[np.float64]]:
    """Find the nearest target of each source: one search from all targets at once.

    Args:
        graph: the network; one-way arcs are obeyed, from source to target.
        sources: nodes where ways begin.
        targets: nodes where ways end.
        bound: the most a way may cost, itself included.

    Returns:
        For each source the position of its nearest target (the first of those at one node; any of
        several nodes at equal cost) or -1, and the cost of the way or ``inf``.

    Raises:
        UsageError: a bound below 0 or NaN, a node that does not exist.

    """
    _check_bound(bound)
    begins = _check_nodes("sources", sources, graph)
    ends, first = np.unique(_check_nodes("targets", targets, graph), return_index=True)
    if len(ends) == 0 or len(begins) == 0:
        return np.full(len(begins), -1, np.int32), np.full(len(begins), np.inf)
    cost, node = nearest_node(transpose(graph), ends, bound=bound)
    cost, node = cost[begins], node[begins]
    reached = np.isfinite(cost)
    position = np.full(len(begins), -1, dtype=np.int32)
    position[reached] = first[np.searchsorted(ends, node[reached])]
    return position, cost


def _expand(
    found: sparse.csr_array, source_of: NDArray[np.intp], target_of: NDArray[np.intp]
) -> Pairs:
    """Give each source and target what was found for its node, and sort.

    Rows are taken, then columns as rows of the transposed; each change between the two forms of a
    sparse matrix is a counting sort, so the result comes out in order without a sort of its own.
    """
    rows = found[source_of]
    columns = rows.tocsc().T[target_of]
    pairs = columns.tocsc().T
    source = np.repeat(
        np.arange(pairs.shape[0], dtype=np.int32), np.diff(pairs.indptr).astype(np.int64)
    )
    return Pairs(source, pairs.indices.astype(np.int32, copy=False), pairs.data)


def _choose_engine(engine: str, nodes: int) -> str:
    if engine == "scipy" or (engine == "auto" and nodes < _REPAYS):
        return "scipy"
    try:
        installed = importlib.util.find_spec("numba") is not None
    except ValueError:  # someone has put None in its place
        installed = False
    if installed:
        return "numba"
    if engine == "numba":
        raise UsageError(
            'engine "numba" needs numba: pip install "provision-map[streets]"; or use "scipy".'
        )
    return "scipy"


def _check_bound(bound: float) -> None:
    if math.isnan(bound) or bound < 0:
        raise UsageError(f"bound {bound}: give a cost of at least 0.")


def _check_nodes(what: str, nodes: ArrayLike, graph: Graph) -> NDArray[np.int64]:
    given = np.asarray(nodes)
    if given.size and not np.issubdtype(given.dtype, np.integer):
        raise UsageError(f"{what} are {given.dtype}; give node numbers.")
    checked = given.astype(np.int64).ravel()
    strays = int(np.count_nonzero((checked < 0) | (checked >= graph.node_count)))
    if strays:
        raise UsageError(
            f"{strays} of the {what} are not nodes of the graph (0 to {graph.node_count - 1})."
        )
    return checked

"""Group flagged cells: city-wide ages first, then stretches of touching places and near ages."""

from __future__ import annotations

from collections.abc import Iterator

import networkx as nx
import pandas as pd

Cell = tuple[str, int]


def city_wide_ages(
    flagged: pd.DataFrame, everyone: pd.DataFrame, *, share: float
) -> list[tuple[str, list[int]]]:
    """Find the ages of one element and kind that fail for ``share`` of all children of that age.

    Args:
        flagged: flagged cells of one element and kind.
        everyone: all of everyone's cells of that element.
        share: of the children of an age.

    Returns:
        (family, ages): adjacent ages of the same family merged.

    """
    total = everyone.groupby("age", observed=True)["children"].sum()
    failing = flagged.groupby("age", observed=True)["children"].sum()
    ages = [
        int(a)
        for a in total.index
        if total[a] > 0 and failing.get(a, 0.0) >= share * total[a] - 1e-9
    ]
    lacking = (
        (flagged["children"] * flagged["lacking"])
        .groupby([flagged["age"], flagged["family"]])
        .sum()
    )
    runs: list[tuple[str, list[int]]] = []
    for age in sorted(ages):
        family = str(lacking[age].idxmax())
        if runs and runs[-1][0] == family and runs[-1][1][-1] == age - 1:
            runs[-1][1].append(age)
        else:
            runs.append((family, [age]))
    return runs


def stretches(cells: list[Cell], touching: nx.Graph) -> Iterator[list[Cell]]:
    """Yield the connected components of cells, each sorted.

    Two cells are connected at the same age in touching places, or at adjacent ages in one place.
    """
    present = set(cells)
    graph = nx.Graph()
    graph.add_nodes_from(present)
    for place, age in present:
        if (place, age + 1) in present:
            graph.add_edge((place, age), (place, age + 1))
        if place in touching:
            graph.add_edges_from(
                ((place, age), (other, age)) for other in touching[place] if (other, age) in present
            )
    for component in sorted(nx.connected_components(graph), key=min):
        yield sorted(component)


def touching_graph(touching: pd.DataFrame) -> nx.Graph:
    """Turn the pairs of touching places into a graph."""
    return nx.from_pandas_edgelist(touching, "from_id", "to_id") if len(touching) else nx.Graph()

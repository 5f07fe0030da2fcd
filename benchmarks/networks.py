"""Street networks of four sizes for the benchmarks: made once, kept, read again.

They come from the generator that stands beside the repository (``../shared/bench``); it is run in
place. The folder where they are kept may be named by ``PROVISION_MAP_BENCH_NETS``.
"""

from __future__ import annotations

import importlib.util
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from provision_map.reach.graph import Graph

ROOT = Path(__file__).resolve().parent.parent
#: Nodes wanted, points of demand, services. The sizes of ``growth`` have one density.
SIZES = {
    "city": (20_000, 400, 500),
    "county": (200_000, 2_500, 5_000),
    "nation": (3_500_000, 180_000, 200_000),
} | {f"growth {n:,}": (n, n // 80, n // 40) for n in (20_000, 60_000, 200_000, 600_000)}


@dataclass(frozen=True, eq=False)
class Town:
    """A network in seconds on foot, and where people and services are."""

    graph: Graph
    homes: NDArray[np.int32]
    services: NDArray[np.int32]


def town_of(size: str) -> Town:
    """Return the network of a size; make it if it is not kept yet."""
    folder = Path(os.environ.get("PROVISION_MAP_BENCH_NETS") or _temporary())
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"bench_{size.replace(' ', '_').replace(',', '')}.npz"
    if not path.exists():
        made = _generator().build(*SIZES[size])
        unfinished = path.with_suffix(".part.npz")
        np.savez(unfinished, **made)
        unfinished.replace(path)
    with np.load(path) as kept:
        graph = Graph(kept["indptr"], kept["indices"], kept["w"], x=kept["x"], y=kept["y"])
        return Town(graph, kept["dnode"], kept["snode"])


def _temporary() -> Path:
    return Path(tempfile.gettempdir()) / "provision_map_bench"


def _generator():  # noqa: ANN202 - a module
    named = os.environ.get("PROVISION_MAP_SHARED")
    path = (Path(named) if named else ROOT.parent / "shared") / "bench/street_network.py"
    if not path.is_file():
        pytest.skip("the network generator is not here (looked for ../shared/bench)")
    spec = importlib.util.spec_from_file_location("street_network", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module

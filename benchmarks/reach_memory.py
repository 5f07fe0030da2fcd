"""Ask one way once, in a process of its own; print the peak of its memory and its growth, in MiB.

``python benchmarks/reach_memory.py SIZE WAY BOUND``. The growth is over what stood before: the
network, the libraries and, of ours, the compiled kernels. Both are read from the system's
high-water mark of this process, since ``getrusage`` tells a child no less than its parent took.
"""

from __future__ import annotations

import resource
import sys

import numpy as np
from networks import Town, town_of
from reach_peers import WAYS
from side_by_side import peak_mib

from provision_map.reach.graph import build_graph


def main(size: str, way: str, bound: float) -> None:
    """Do it."""
    town = town_of(size)
    if way.startswith("numba"):
        street = build_graph([0, 1], [1, 0], np.ones(2, dtype=np.float32), x=[0, 1], y=[0, 0])
        WAYS[way](Town(street, np.array([0]), np.array([1])), bound)()

    def prepare_and_ask() -> None:
        WAYS[way](town, bound)()

    before = resource.getpagesize() * _resident_pages() / 2**20
    grown = peak_mib(prepare_and_ask)
    print(round(before + grown, 1), grown)


def _resident_pages() -> int:
    with open("/proc/self/statm", encoding="ascii") as counts:  # noqa: PTH123
        return int(counts.read().split()[1])


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], float(sys.argv[3]))

"""All pairs within 20 minutes on foot: our search beside networkx, pandana and scipy on tiles.

Run with ``python -m pytest benchmarks/bench_reach.py --benchmark-only``. All ways are asked in turn
in one process, round after round; answers are compared before anything is timed. pandana (AGPL, a
peer here and nowhere else) is left out where it is not installed. The national network takes
minutes and 3 GiB: ``PROVISION_MAP_BENCH_NATION=1``.
"""

from __future__ import annotations

import importlib.metadata
import importlib.util
import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from networks import town_of
from reach_peers import WAYS, differ, unify
from side_by_side import RESULTS, compare, fit_growth, require, time_in_turn

BOUND = 1200.0
OURS = ("numba, 1 thread", "numba, 2 threads", "scipy engine")
#: Seconds that pandana took to build the nation, as measured before: not built again here.
PANDANA_NATION_BUILD = 408.0
#: (size, ours, peer): how many times as fast ours has to be.
GOALS = {
    ("city", "scipy engine", "networkx cutoff"): 3.0,
    ("county", "numba, 2 threads", "networkx cutoff"): 15.0,
    ("county", "numba, 2 threads", "pandana nodes_in_range"): 4.0,
    ("county", "numba, 2 threads", "pandana build + nodes_in_range"): 200.0,
    ("nation", "numba, 2 threads", "scipy tiles"): 10.0,
    ("nation", "numba, 2 threads", "pandana build"): 50.0,
}
GROWTH = {n: f"growth {n:,}" for n in (20_000, 60_000, 200_000, 600_000)}


@pytest.mark.parametrize(("size", "rounds"), [("city", 15), ("county", 7), ("nation", 3)])
def test_reach(benchmark: Any, size: str, rounds: int) -> None:  # noqa: ANN401
    """Compare every way on one network, 20 minutes on foot."""
    if size == "nation" and os.environ.get("PROVISION_MAP_BENCH_NATION") != "1":
        pytest.skip("PROVISION_MAP_BENCH_NATION=1 runs the national network")
    town = town_of(size)
    asks, built = {}, {}
    for way in (*OURS, *_peers(size)):
        start = time.perf_counter()
        asks[way] = WAYS[way](town, BOUND)
        built[way] = time.perf_counter() - start
    checked = _check(size, {way: unify(ask(), town, way, bound=BOUND) for way, ask in asks.items()})
    options = {"rounds": rounds, "warm": False}
    seconds = benchmark.pedantic(time_in_turn, args=(asks,), kwargs=options)
    # pandana's C++ call is part of the other way to ask it: its network is built once.
    peaks = {way: _peaks(size, way)[1] for way in asks if way != "pandana C++ call"}
    way = "pandana nodes_in_range"
    if way in asks:
        seconds["pandana build + nodes_in_range"] = built[way] + seconds[way]
        peaks["pandana build + nodes_in_range"] = peaks[way]
    if size == "nation":
        seconds["pandana build"] = PANDANA_NATION_BUILD
        checked += (
            " pandana was not built: its 408 s and 3.6 GiB are those measured before. Peak of the "
            f"process, network and libraries included: {_peaks(size, OURS[1])[0]:,.0f} MiB with "
            "two threads."
        )
    rows = [
        compare(
            size=f"{size}: {town.graph.node_count:,} nodes, {len(town.homes):,} × {len(town.services):,} points",
            what=ours,
            peer=f"{peer} ({_version(peer)})",
            seconds=(seconds[ours], taken),
            goal=GOALS.get((size, ours, peer)),
            peaks=(peaks[ours], peaks.get(peer)),
        )
        for ours in OURS
        for peer, taken in seconds.items()
        if peer not in OURS
    ]
    _keep(rows=rows, growth=[], checks={size: checked})


def test_growth(benchmark: Any) -> None:  # noqa: ANN401
    """Fit time and memory on four networks of one density, from 20,000 to 600,000 nodes."""
    towns = {n: town_of(size) for n, size in GROWTH.items()}
    asks = {f"{way}|{n}": WAYS[way](town, BOUND) for way in OURS for n, town in towns.items()}
    seconds = benchmark.pedantic(time_in_turn, args=(asks,), kwargs={"rounds": 5})
    growth = []
    for way in OURS:
        growth.append(fit_growth(way, {n: seconds[f"{way}|{n}"] for n in GROWTH}))
        peaks = {n: max(_peaks(size, way)[1], 1.0) for n, size in GROWTH.items()}
        fit = fit_growth(f"{way}, memory", peaks)
        fit["mib"] = fit.pop("seconds")
        growth.append(fit)
    _keep(rows=[], growth=growth, checks={})


def _peers(size: str) -> list[str]:
    peers = ["scipy tiles"]
    if size != "nation":
        peers.append("networkx cutoff")
        if importlib.util.find_spec("pandana"):
            peers += ["pandana nodes_in_range", "pandana C++ call"]
        else:
            print("pandana is not installed: left out")
    return peers


def _version(peer: str) -> str:
    package = peer.split(maxsplit=1)[0]
    if package == "pandana" and not importlib.util.find_spec("pandana"):
        return "0.8"
    return importlib.metadata.version(package)


def _check(size: str, answers: dict[str, tuple[np.ndarray, np.ndarray]]) -> str:
    """Hold every answer against scipy's distances; pandana's are whole milliseconds per arc."""
    exact = answers["scipy tiles"]
    worst: dict[str, float] = {"pandana": 0.0, "all others": 0.0}
    for way, answer in answers.items():
        group = "pandana" if way.startswith("pandana") else "all others"
        tolerance = 0.1 if group == "pandana" else 1e-4
        alone, greatest = differ(answer, exact, BOUND, tolerance=tolerance)
        require(f"{size}: {way} has the pairs of scipy ({alone} differ)", holds=alone == 0)
        require(f"{size}: {way} has the costs of scipy ({greatest} s)", holds=greatest <= tolerance)
        worst[group] = max(worst[group], greatest)
    return (
        f"{size}: {len(exact[0]):,} pairs of nodes, the same by all ways but for those within "
        f"1e-4 s of the bound; greatest difference of a time {worst['all others']:.1e} s"
        + (f" (pandana {worst['pandana']:.1e} s)." if "pandana C++ call" in answers else ".")
    )


def _peaks(size: str, way: str) -> tuple[float, float]:
    """Return the peak of a process of its own, and by how much it grew, in MiB."""
    script = Path(__file__).with_name("reach_memory.py")
    done = subprocess.run(  # noqa: S603 - our own script
        [sys.executable, script, size, way, str(BOUND)], capture_output=True, text=True, check=True
    )
    peak, grown = done.stdout.split()[-2:]
    return float(peak), float(grown)


def _keep(
    *, rows: list[dict[str, Any]], growth: list[dict[str, Any]], checks: dict[str, str]
) -> None:
    """Put new figures in the place of those of the same comparison; keep the others."""
    path = RESULTS / "reach.json"
    old = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    new_rows = {(row["size"], row["what"], row["peer"]) for row in rows}
    old_rows = [r for r in old.get("rows", []) if (r["size"], r["what"], r["peer"]) not in new_rows]
    fitted = {fit["what"] for fit in growth}
    old_growth = [fit for fit in old.get("growth", []) if fit["what"] not in fitted]
    said = old.get("checks", {}) | checks
    kept = {
        "step": "reach: all pairs within 20 minutes on foot",
        "rows": old_rows + rows,
        "growth": old_growth + growth,
        "command": "python -m pytest benchmarks/bench_reach.py --benchmark-only",
        "checked": " ".join(said.values()),
        "checks": said,
    }
    RESULTS.mkdir(exist_ok=True)
    path.write_text(json.dumps(kept, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")

"""Time calls in turn, take their peak memory, fit growth, and write what benchmarks/README.md describes."""

from __future__ import annotations

import ctypes
import gc
import json
import math
import statistics
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

RESULTS = Path(__file__).resolve().parent / "results"
Call = Callable[[], Any]
_TURN = 0.02


def time_in_turn(calls: Mapping[str, Call], *, rounds: int, warm: bool = True) -> dict[str, float]:
    """Call each in every round, one after the other; return the median seconds of each.

    What takes less than a fiftieth of a second is called over and over within its turn, as long as
    that, so that the clock measures it and not the call before it.
    """
    if warm:
        for call in calls.values():
            call()
    seconds: dict[str, list[float]] = {name: [] for name in calls}
    times = dict.fromkeys(calls, 1)
    for turn in range(rounds):
        for name, call in calls.items():
            gc.collect()
            start = time.perf_counter()
            for _ in range(times[name]):
                call()
            taken = (time.perf_counter() - start) / times[name]
            seconds[name].append(taken)
            if not turn:
                times[name] = max(1, min(1_000, int(_TURN / taken)))
    return {name: statistics.median(taken) for name, taken in seconds.items()}


def peak_mib(call: Call) -> float | None:
    """Return by how many MiB the process grew at the most during a call; None where it cannot be told.

    Take it before the calls are timed: what a library keeps for itself from an earlier call would
    not be counted again.
    """
    reset = Path("/proc/self/clear_refs")
    try:
        gc.collect()
        ctypes.CDLL(None).malloc_trim(0)  # what lies free is given back
        reset.write_text("5", encoding="ascii")  # the high-water mark starts again from here
        before = _status("VmRSS")
        call()
        return round((_status("VmHWM") - before) / 1024, 1)
    except (OSError, AttributeError):
        return None


def _status(key: str) -> int:
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(key))


def require(what: str, *, holds: bool) -> None:
    """Stop where the answers are not what was to be shown: then no time means anything."""
    if not holds:
        raise SystemExit(f"Not so: {what}")


def compare(
    *,
    size: str,
    what: str,
    peer: str,
    seconds: tuple[float, float],
    goal: float | None = None,
    peaks: tuple[float | None, float | None] = (None, None),
) -> dict[str, Any]:
    """Make one row of results from (ours, the peer's) seconds and peaks."""
    ours, theirs = seconds
    return {
        "size": size,
        "what": what,
        "ours_s": ours,
        "peer": peer,
        "peer_s": theirs,
        "ratio": theirs / ours,
        "goal": goal,
        "ours_peak_mib": peaks[0],
        "peer_peak_mib": peaks[1],
    }


def fit_growth(what: str, seconds: Mapping[int, float]) -> dict[str, Any]:
    """Fit seconds ~ size ** exponent over all sizes, by least squares of the logarithms."""
    sizes = sorted(seconds)
    x = [math.log(size) for size in sizes]
    y = [math.log(seconds[size]) for size in sizes]
    exponent = float(np.polyfit(x, y, 1)[0])
    return {
        "what": what,
        "sizes": sizes,
        "seconds": [seconds[s] for s in sizes],
        "exponent": exponent,
    }


def write_results(
    step: str, name: str, *, rows: list[dict[str, Any]], growth: list[dict[str, Any]], checked: str
) -> None:
    """Write the results of one step, and print them."""
    command = " ".join(["python", f"benchmarks/{Path(sys.argv[0]).name}", *sys.argv[1:]])
    what = {"step": step, "rows": rows, "growth": growth, "command": command, "checked": checked}
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / f"{name}.json").write_text(json.dumps(what, indent=1) + "\n", encoding="utf-8")
    for row in rows:
        goal = "" if row["goal"] is None else f" (goal {row['goal']:g})"
        print(f"{row['size']} · {row['what']} · {row['peer']}: {row['ours_s']:.4g} s, {row['peer_s']:.4g} s, ratio {row['ratio']:.3g}{goal}, MiB {row['ours_peak_mib']} / {row['peer_peak_mib']}")  # fmt: skip
    for series in growth:
        print(f"growth of {series['what']}: exponent {series['exponent']:.2f}")

"""Write docs/performance.md from every file of figures in benchmarks/results.

``python benchmarks/write_performance.py``. What a file holds is said in
``benchmarks/README.md``; a series of growth may hold ``mib`` in place of ``seconds``.
"""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent

_HOW = (
    "Written by `python benchmarks/write_performance.py` from `benchmarks/results/`. Peers run"
    " beside ours in the same process, in turn; times are medians of the rounds. What a peer"
    " builds once is not counted unless its name says so; ours counts everything. Memory is"
    " the growth of a process at its peak."
)


def render(results: Sequence[dict[str, Any]]) -> str:
    """Render the figures as one page."""
    rows = [_row(result["step"], row) for result in results for row in result["rows"]]
    fits = [_fit(result["step"], fit) for result in results for fit in result["growth"]]
    checks = [
        f"- **{result['step']}** (`{result['command']}`): {result['checked']}" for result in results
    ]
    lines = [
        "# Performance, measured",
        "",
        _HOW,
        "",
        f"Machine: {describe_machine()}",
        "",
        "## Beside others",
        "",
        "| step | size | ours | peer | ratio | goal | reached? | memory, ours / peer |",
        "|---|---|---|---|---:|---:|---|---|",
        *rows,
    ]
    if fits:
        lines += [
            "",
            "## Growth",
            "",
            "Fitted as a power of the size; 1 is in proportion, n log n about 1.1.",
            "",
            "| step | what | sizes | measured | power |",
            "|---|---|---|---|---:|",
            *fits,
        ]
    return "\n".join([*lines, "", "## Same answers", "", *checks, ""])


def describe_machine() -> str:
    """Describe the machine in general words."""
    gib = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return (
        f"{os.cpu_count()} cores ({platform.machine()}), {gib:.0f} GiB of memory, "
        f"{platform.system()}, Python {platform.python_version()}."
    )


def _row(step: str, row: dict[str, Any]) -> str:
    goal = row["goal"]
    reached = "–" if goal is None else "yes" if row["ratio"] >= goal else "**no**"
    cells = (
        step,
        row["size"],
        f"{row['what']}: {_seconds(row['ours_s'])}",
        f"{row['peer']}: {_seconds(row['peer_s'])}",
        f"{row['ratio']:.3g}",
        "–" if goal is None else f"≥ {goal:g}",
        reached,
        f"{_mib(row['ours_peak_mib'])} / {_mib(row['peer_peak_mib'])}",
    )
    return _line(cells)


def _fit(step: str, fit: dict[str, Any]) -> str:
    unit, measured = (_mib, fit["mib"]) if "mib" in fit else (_seconds, fit["seconds"])
    cells = (
        step,
        fit["what"],
        ", ".join(f"{size:,}" for size in fit["sizes"]),
        ", ".join(unit(value) for value in measured),
        f"{fit['exponent']:.2f}",
    )
    return _line(cells)


def _line(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def _seconds(value: float) -> str:
    return f"{value * 1000:.3g} ms" if value < 1 else f"{value:.3g} s"


def _mib(value: float | None) -> str:
    return "–" if value is None else f"{value:,.0f} MiB"


if __name__ == "__main__":
    files = sorted((ROOT / "benchmarks/results").glob("*.json"))
    page = render([json.loads(path.read_text(encoding="utf-8")) for path in files])
    (ROOT / "docs/performance.md").write_text(page, encoding="utf-8")
    print(f"docs/performance.md: {len(files)} files of figures")

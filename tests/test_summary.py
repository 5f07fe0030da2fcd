"""What a run prints stays within twenty lines, whatever it has to say."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest

from edition_sample import sample_edition
from provision_map.reports import summary
from provision_map.tables import STATES

FILES = ["index.html", "gap-register.html", "gap-register.xlsx", "gap-register.csv", "gaps.gpkg", "run.json"]  # fmt: skip


def talkative_run() -> list[str]:
    """Every kind, every state, long reasons for rows left out."""
    edition = sample_edition()
    one = edition.entries.iloc[[0]]
    kinds = ("provision", "quality", "community", "practice")
    entries = pd.concat([one] * 24, ignore_index=True).assign(
        kind=[kinds[n % 4] for n in range(24)],
        state=[STATES[n % 6] for n in range(24)],
        scope=["city-wide" if n < 12 else "local" for n in range(24)],
        children=10.0,
        rank=[1.0 if n in (0, 12) else 2.0 for n in range(24)],
    )
    reasons = [f"{word} reason why a row of this register was not used, and it is long" for word in ("one", "another")]  # fmt: skip
    left_out = pd.DataFrame({"reason": reasons * 9})
    places = edition.places
    return summary.render_summary(
        replace(edition, entries=entries, places=places),
        left_out=left_out, notes=3, files=FILES, folder="maps",
    )  # fmt: skip


def test_a_run_with_much_to_say_prints_at_most_twenty_lines(monkeypatch: pytest.MonkeyPatch):
    with monkeypatch.context() as patch:
        patch.setattr(summary, "MOST_LINES", 99)
        whole = talkative_run()
    assert len(whole) > 20, "this run no longer has too much to say: give it more"
    lines = talkative_run()
    assert len(lines) == 20
    # Only titles of the first gaps are left out, no figure.
    assert all(line.startswith("    ") for line in whole if line not in lines)
    assert "run.json" in lines[-1]

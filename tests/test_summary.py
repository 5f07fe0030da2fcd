"""What a run prints stays within twenty lines, whatever it has to say."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import cache

import pandas as pd
import pytest

from edition_sample import sample_edition
from provision_map.edition import Travel
from provision_map.reports import summary
from provision_map.tables import STATES

#: Nothing here changes it: made once.
sample = cache(sample_edition)
FILES = ["index.html", "gap-register.html", "gap-register.xlsx", "gap-register.csv", "gaps.gpkg", "run.json"]  # fmt: skip


def talkative_run(travel: Travel | None = None) -> list[str]:
    """Every kind, every state, long reasons for rows left out."""
    edition = sample()
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
        replace(edition, entries=entries, places=places, travel=travel or Travel()),
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


def say_ways(travel: Travel, off_network: int = 0) -> list[str]:
    lines = summary.render_summary(
        replace(sample(), travel=travel),
        left_out=pd.DataFrame({"reason": []}), notes=0, files=FILES, folder="maps",
        off_network=off_network,
    )  # fmt: skip
    return [line for line in lines if line.startswith("Ways")]


def test_ways_are_told_where_they_are_no_straight_lines():
    assert say_ways(Travel()) == []
    assert say_ways(Travel("streets")) == ["Ways       along streets, on foot"]
    assert say_ways(Travel("streets", "drive"), 1) == [
        "Ways       along streets, by car · 1 home off the network: see run.json"
    ]
    assert say_ways(Travel("file", "public_transport"), 3) == [
        "Ways       travel times as given · 3 homes off the network: see run.json"
    ]


def test_ways_give_way_to_figures_where_there_is_no_room(monkeypatch: pytest.MonkeyPatch):
    with monkeypatch.context() as patch:
        patch.setattr(summary, "MOST_LINES", 99)
        whole = talkative_run(Travel("streets"))
    assert any(line.startswith("Ways") for line in whole)
    lines = talkative_run(Travel("streets"))
    assert len(lines) == 20
    assert not any(line.startswith("Ways") for line in lines)
    plain = talkative_run()
    assert [line for line in lines if line in plain] == plain


def test_one_age_is_no_span_and_one_note_no_notes():
    edition = sample()
    first, *others = edition.framework.offers
    one = replace(first, minimum_age=10, maximum_age=10, extended_to=None)
    framework = replace(edition.framework, offers=(one, *others))
    lines = summary.render_summary(
        replace(edition, framework=framework),
        left_out=pd.DataFrame({"reason": []}), notes=1, files=FILES, folder="maps",
    )  # fmt: skip
    text = "\n".join(lines)
    assert re.search(r" aged 10\b(?!-)", text)
    assert "1 note: provision-map check" in text

"""Ranks: what they weigh, how far they depend on the weights, and what has none."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from provision_map.gaps.priority import rank_gaps
from provision_map.model import PriorityRules

RULES = PriorityRules()
NAN = float("nan")


def gaps(*parts: tuple[float, float, float], **more: list[str]) -> pd.DataFrame:
    """Make gaps of (children, need, severity)."""
    frame = pd.DataFrame(list(parts), columns=["children", "need", "severity"], dtype=float)
    return frame.assign(**({"scope": "local"} | more))


def ranks(frame: pd.DataFrame, rules: PriorityRules = RULES) -> list[float]:
    return [None if np.isnan(r) else int(r) for r in rank_gaps(frame, rules)["rank"]]


def bands(frame: pd.DataFrame, rules: PriorityRules = RULES) -> list[tuple[float, float]]:
    out = rank_gaps(frame, rules)
    return list(zip(out["rank_low"], out["rank_high"], strict=True))


BASE = (100.0, 1.0, 0.5)
SMALL = (10.0, 1.8, 1.0)


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        # More children, more need and more that is missing each come first.
        ([BASE, (200.0, 1.0, 0.5)], [2, 1]),
        ([BASE, (100.0, 1.1, 0.5)], [2, 1]),
        ([BASE, (100.0, 1.0, 0.6)], [2, 1]),
        ([(100.0, 1.0, 1.0), (60.0, 1.8, 1.0), (150.0, 1.0, 0.5)], [2, 1, 3]),
        # Equals stay in their order, whatever dust their sums carry.
        ([BASE, BASE, BASE], [1, 2, 3]),
        ([(0.3, 1.0, 1.0), (0.1 + 0.2, 1.0, 1.0)], [1, 2]),
        ([(50.0, 1.0, 1.0), BASE, (100.0, 0.5, 1.0)], [1, 2, 3]),
        # What has no figures has no rank and takes none.
        ([(NAN, 1.0, 1.0), BASE, (0.0, 1.0, 1.0), (50.0, NAN, 1.0), (300.0, 1.0, 1.0)], [None, 2, None, None, 1]),
    ],
)  # fmt: skip
def test_ranks_follow_the_product_of_the_three_parts(parts, expected):
    assert ranks(gaps(*parts)) == expected


@pytest.mark.parametrize(
    ("weights", "expected"),
    [
        ({}, [1, 2, 3]),
        ({"size": 0.0}, [3, 2, 1]),
        ({"size": 0.0, "need": 0.0}, [3, 1, 2]),
        ({"size": 0.0, "severity": 0.0}, [2, 3, 1]),
        ({"size": 0.0, "need": 0.0, "severity": 0.0}, [1, 2, 3]),
        ({"need": 9.0}, [2, 3, 1]),
    ],
)
def test_weights_are_exponents_and_none_leaves_a_part_out(weights, expected):
    frame = gaps((1000.0, 0.7, 0.5), (500.0, 0.6, 1.0), (100.0, 1.5, 0.7))
    assert ranks(frame, PriorityRules(**weights)) == expected


def test_city_wide_and_local_are_ranked_apart():
    scopes = ["local", "city-wide", "local", "city-wide"]
    frame = gaps((10, 1, 1), (900, 1, 1), (20, 1, 1), (800, 1, 1), scope=scopes)
    assert ranks(frame) == [2, 1, 1, 2]
    assert bands(frame) == [(2, 2), (1, 1), (1, 1), (2, 2)]


def test_the_band_says_how_far_the_rank_depends_on_the_weights():
    # The first has most children, the second lacks most: which leads depends. The third is
    # behind both in every part: it is last whatever the weights.
    frame = gaps((100, 1, 0.5), (30, 1, 1.0), (20, 0.5, 0.2))
    assert ranks(frame) == [1, 2, 3]
    assert bands(frame) == [(1, 2), (1, 2), (3, 3)]
    # In one draw of fifty the second leads: less than the band counts.
    assert bands(gaps((100, 1, 0.5), (12.5, 1, 1.0))) == [(1, 1), (2, 2)]
    # Four times the weight on children decides in nearly every draw.
    assert bands(frame, PriorityRules(size=4.0)) == [(1, 1), (2, 2), (3, 3)]
    assert bands(frame, PriorityRules(size=0.0)) == [(2, 2), (1, 1), (3, 3)]


def test_the_band_of_equals_is_their_rank_and_holds_it():
    out = rank_gaps(gaps(BASE, BASE, BASE), RULES)
    assert list(out["rank"]) == list(out["rank_low"]) == list(out["rank_high"]) == [1, 2, 3]
    many = gaps(*((10.0 + 7 * i % 50, 0.5 + i % 3 / 2, 0.2 + i % 5 / 10) for i in range(20)))
    out = rank_gaps(many, RULES)
    assert sorted(out["rank"]) == list(range(1, 21))
    # Beyond 5 % of the draws on either side a rank may lie outside its band, but not for a rank
    # that stands in the middle of what was drawn.
    assert (out["rank_low"] <= out["rank"]).all()
    assert (out["rank"] <= out["rank_high"]).all()
    assert (out["rank_high"] - out["rank_low"]).max() >= 3


def test_the_draws_are_seeded():
    frame = gaps((100, 1, 0.5), (30, 1, 1.0), (20, 1.5, 0.9))
    few = [bands(frame, PriorityRules(draws=2, seed=seed)) for seed in range(20)]
    assert few == [bands(frame, PriorityRules(draws=2, seed=seed)) for seed in range(20)]
    assert any(few[0] != other for other in few)


SETTLED = [
    ("new", "proposed", True), ("persisting", "in progress", True), ("cannot tell", "identified", True),
    ("worsened", "reopened", True), ("closed by measure", "in progress", False),
    ("persisting", "resolved", False), ("persisting", "accepted", False), ("new", "duplicate", False),
]  # fmt: skip


@pytest.mark.parametrize(("state", "status", "has_rank"), SETTLED)
def test_what_is_closed_or_settled_has_no_rank_and_takes_none(state, status, has_rank):
    frame = gaps((500, 1, 1), BASE, state=[state, "new"], status=[status, "proposed"])
    assert ranks(frame) == ([1, 2] if has_rank else [None, 1])
    assert bands(frame)[1] == ((2, 2) if has_rank else (1, 1))

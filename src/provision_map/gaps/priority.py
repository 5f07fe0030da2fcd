"""Rank gaps, and say how far the rank depends on the weights."""

from __future__ import annotations

import numpy as np
import pandas as pd

from provision_map.model import PriorityRules
from provision_map.tables import CLOSED


def rank_gaps(gaps: pd.DataFrame, rules: PriorityRules) -> dict[str, np.ndarray]:
    """Rank by children × need × severity, city-wide and local apart.

    The band is the 5 % to 95 % range of the rank when each exponent is drawn between half and
    twice its setting (log-uniform): a rank with a wide band says little.

    Returns:
        rank, rank_low, rank_high; blank where a gap has no figures or is closed.

    """
    out = {name: np.full(len(gaps), np.nan) for name in ("rank", "rank_low", "rank_high")}
    parts = gaps[["children", "need", "severity"]].to_numpy(dtype=float)
    exponents = np.array([rules.size, rules.need, rules.severity])
    is_open = np.full(len(gaps), fill_value=True)
    if "state" in gaps:
        # What is closed, or decided on for good, takes no rank from what is open.
        settled = gaps["status"].isin(("resolved", "accepted", "duplicate"))
        is_open = ~((gaps["state"] == CLOSED) | settled).to_numpy()
    draw = np.random.default_rng(rules.seed)
    for scope in ("city-wide", "local"):
        rows = np.flatnonzero(
            is_open & (gaps["scope"] == scope).to_numpy() & (parts > 0).all(axis=1)
        )
        if not len(rows):
            continue
        logs = np.log(parts[rows])
        out["rank"][rows] = _ranks((logs * exponents).sum(axis=1)[None, :])[0]
        spread = np.exp2(draw.uniform(-1, 1, size=(rules.draws, 1, 3)))
        ranks = _ranks((logs[None] * (exponents * spread)).sum(axis=2))
        out["rank_low"][rows] = np.floor(np.percentile(ranks, 5, axis=0))
        out["rank_high"][rows] = np.ceil(np.percentile(ranks, 95, axis=0))
    return out


def _ranks(scores: np.ndarray) -> np.ndarray:
    # Dust of float sums must not decide between equals.
    order = np.argsort(-np.round(scores, 9), axis=1, kind="stable")
    ranks = np.empty_like(order)
    np.put_along_axis(ranks, order, np.arange(1, scores.shape[1] + 1)[None, :], axis=1)
    return ranks

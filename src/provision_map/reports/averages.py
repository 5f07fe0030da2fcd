"""Shares of places, brought together: by neighbourhood, or over the places of a gap."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd


def average_over_places(
    frame: pd.DataFrame, by: Sequence[str], shares: Sequence[str]
) -> pd.DataFrame:
    """Average shares over places, by their children; where there are none, places weigh alike.

    Args:
        frame: has ``by``, ``children`` and ``shares``.
        by: what is told apart, in the frame's order.
        shares: columns to average; a blank one weighs nothing.

    Returns:
        ``by``, ``children`` (added up) and ``shares``.

    >>> frame = pd.DataFrame(
    ...     {"part": ["LAP", "LAP"], "children": [30.0, 10.0], "reached": [1.0, 0.0]}
    ... )
    >>> average_over_places(frame, ["part"], ["reached"]).to_dict("records")
    [{'part': 'LAP', 'children': 40.0, 'reached': 0.75}]

    """
    keys = {key: frame[key].astype(object) for key in by}
    children = frame["children"].fillna(0.0).astype(float)
    own = pd.DataFrame({**keys, "children": children})
    total = own.groupby(list(by), sort=False)["children"].transform("sum")
    weight = children.where(total > 0, 1.0)
    for share in shares:
        values = frame[share].astype(float)
        own[f"weight {share}"] = weight.where(values.notna(), 0.0)
        own[share] = values.fillna(0.0) * own[f"weight {share}"]
    sums = own.groupby(list(by), sort=False).sum().reset_index()
    for share in shares:
        weighed = sums[f"weight {share}"]
        sums[share] = sums[share] / weighed.where(weighed > 0)
    return sums[[*by, "children", *shares]]

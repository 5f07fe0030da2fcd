"""Counts of areas carried over to other areas: areas that changed, or smaller ones that make them up."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd


def share_links(links: pd.DataFrame) -> pd.DataFrame:
    """Say what share of each area goes to each of its successors.

    An area with one successor goes there whole, whatever its weight; one with several is divided
    by their weights.

    Args:
        links: from_id, to_id, weight; pairs that stand twice add up. A weight is only needed where
            an area has several successors.

    Returns:
        from_id, to_id, share; the shares of an area add up to 1, or are NaN where a weight that is
        needed is missing, or all of them are 0.

    >>> links = pd.DataFrame({"from_id": ["A", "B", "B"], "to_id": ["a", "b", "c"],
    ...                       "weight": [float("nan"), 30.0, 10.0]})
    >>> share_links(links)["share"].tolist()
    [1.0, 0.75, 0.25]

    """
    pairs = (
        links.groupby(["from_id", "to_id"], sort=False)["weight"]
        .sum(min_count=1)
        .reset_index()
    )  # fmt: skip
    together = pairs.groupby("from_id", sort=False)["weight"]
    # One weight that is missing leaves open how all of the area is divided.
    total = together.transform("sum").where(
        together.transform("count") == together.transform("size")
    )
    share = pairs["weight"] / total.where(total > 0)
    alone = ~pairs["from_id"].duplicated(keep=False)
    return pairs[["from_id", "to_id"]].assign(share=share.mask(alone, 1.0))


def split_links(links: pd.DataFrame) -> pd.Series[bool]:
    """Say of each link whether its area is divided between several successors."""
    pairs = links[["from_id", "to_id"]].drop_duplicates()
    several = pairs.loc[pairs["from_id"].duplicated(keep=False), "from_id"]
    return links["from_id"].isin(set(several))


def fragmented_links(links: pd.DataFrame) -> pd.Series[bool]:
    """Say of each link whether a divided area goes to one that takes from another as well.

    Weights of the new areas alone do not tell how such an area is divided.
    """
    pairs = links[["from_id", "to_id"]].drop_duplicates()
    merged = set(pairs.loc[pairs["to_id"].duplicated(keep=False), "to_id"])
    broken = split_links(links) & links["to_id"].isin(merged)
    return links["from_id"].isin(set(links.loc[broken, "from_id"]))


def carry_counts(
    counts: pd.DataFrame, links: pd.DataFrame, keys: Sequence[str], value: str
) -> pd.DataFrame:
    """Carry counts over to other areas; what was counted is neither lost nor made.

    An area whose links add up to 1 gives all it has. Where whole areas are added the sums are
    exact; where one was divided its parts are estimates, as if everybody in it were spread alike.

    Args:
        counts: place_id, the ``keys`` and the ``value``.
        links: from_id, to_id, share.
        keys: columns that are counted apart, as the age.
        value: column of the counts.

    Returns:
        place_id (the successors), the keys, the value, and ``basis``: estimated where a part of an
        area went in. A count that is not known leaves the sum unknown.

    >>> counts = pd.DataFrame({"place_id": ["A", "B"], "age": [7, 7], "children": [4.0, 6.0]})
    >>> links = pd.DataFrame({"from_id": ["A", "B"], "to_id": ["a", "a"], "share": [1.0, 1.0]})
    >>> carry_counts(counts, links, ["age"], "children").values.tolist()
    [['a', 7, 10.0, 'measured']]

    """
    joined = counts.merge(links, left_on="place_id", right_on="from_id", how="inner")
    joined["_part"] = joined["share"] < 1
    joined[value] = joined[value] * joined["share"]
    by = joined.groupby(["to_id", *keys], sort=False)
    # A count that is not known makes the sum unknown, never smaller.
    known = by[value].count() == by.size()
    out = by.agg(**{value: (value, "sum"), "_part": ("_part", "any")})
    out[value] = out[value].where(known)
    out["basis"] = np.where(out.pop("_part"), "estimated", "measured")
    out = out.reset_index().rename(columns={"to_id": "place_id"})
    return out.astype({"basis": object})


def carry_deciles(deciles: pd.DataFrame, links: pd.DataFrame) -> pd.DataFrame:
    """Carry deciles of deprivation over: ranks are not summed.

    A part of a divided area has the decile of the whole. Areas that were joined have theirs where
    they agree; where they do not, the most deprived of them, so that what is due in the most
    deprived places stays due, and ``differ`` is true.

    Args:
        deciles: place_id, decile (1 the most deprived tenth; NaN unknown).
        links: from_id, to_id; a share is not looked at.

    Returns:
        place_id, decile, differ; a place is left out where no decile is known.

    """
    joined = deciles.dropna().merge(links, left_on="place_id", right_on="from_id", how="inner")
    by = joined.groupby("to_id", sort=False)["decile"]
    out = pd.DataFrame({"decile": by.min(), "differ": by.min() < by.max()})
    return out.rename_axis("place_id").reset_index()

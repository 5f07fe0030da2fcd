"""What of a standard is not reached: holidays or types of space, place by place, for the page."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from provision_map.maps.shares import classify
from provision_map.maps.words import is_blank
from provision_map.model import Offer

_COLUMN = "missing_parts"


def list_missing(
    coverage: pd.DataFrame,
    offer: Offer,
    *,
    places: Sequence[str],
    ages: Sequence[int],
    communities: Sequence[str],
    texts: list[str],
) -> list[dict[str, Any] | None]:
    """List what is missing of each element of an Offer.

    Args:
        coverage: the waterfall; without the column ``missing_parts`` nothing is known to be missing.
        offer: the Offer.
        places: codes in the order that the page numbers them.
        ages: single years of age, likewise.
        communities: likewise.
        texts: every different text once, the empty one first. It is added to.

    Returns:
        For each element None, or ``ages`` and ``groups`` (the class of each age and community) and
        ``rows``: for age class × number of group classes + group class, each place's text.

    """
    if _COLUMN not in coverage:
        return [None] * len(offer.elements)
    cells = coverage[coverage["offer_id"] == offer.id]
    said = [("" if is_blank(text) else str(text)) for text in cells[_COLUMN]]
    cells = cells.assign(**{_COLUMN: said})
    cells = cells[cells[_COLUMN] != ""]
    for text in dict.fromkeys(cells[_COLUMN]):
        if text not in texts:
            texts.append(text)
    return [
        _lay_out(cells[cells["element_id"] == element.id], places, ages, communities, texts)
        for element in offer.elements
    ]


def _lay_out(
    cells: pd.DataFrame,
    places: Sequence[str],
    ages: Sequence[int],
    communities: Sequence[str],
    texts: Sequence[str],
) -> dict[str, Any] | None:
    if cells.empty:
        return None
    at = (
        pd.Index(places).get_indexer(pd.Index(cells["place_id"])),
        pd.Index(ages).get_indexer(pd.Index(cells["age"].astype(int))),
        pd.Index(communities).get_indexer(pd.Index(cells["community_id"])),
    )
    table = np.zeros((len(places), len(ages), len(communities)), dtype=np.int32)
    table[at] = pd.Index(texts).get_indexer(pd.Index(cells[_COLUMN]))
    age_class, age_first = classify([table[:, n].tobytes() for n in range(len(ages))])
    group_class, group_first = classify([table[:, :, n].tobytes() for n in range(len(communities))])
    rows = [table[:, age, group].tolist() for age in age_first for group in group_first]
    return {"ages": age_class, "groups": group_class, "rows": rows}

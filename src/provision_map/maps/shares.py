"""Shares and counts for the page: worked out here once, so that the page only looks them up.

For each Offer, element (and the mean over its elements), single age (and all ages), community and
place (and all places together) the page gets the parts of one child in thousandths that add up to
1,000. Rows that are alike are kept once: ages and communities fall into classes, and whole
profiles into one list.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from provision_map.maps.words import PARTS
from provision_map.model import Offer

Array = np.ndarray[Any, np.dtype[Any]]

#: Parts of one child are told in thousandths.
WHOLE = 1_000
#: Estimated counts of a group in one place below this are not shown.
SMALLEST_COUNT = 5
#: A neighbourhood's count of a group, where it holds a place with fewer than that.
ROUNDED_TO = 5
#: Stands in the counts for "under 5".
FEW = -1
_LETTERS = "abcdefghijklmnop"


class Profiles:
    """Every different set of parts, once. Written as letter and thousandths: ``a620d380``."""

    def __init__(self) -> None:
        """Begin with none."""
        self._known: dict[bytes, int] = {}
        self._texts: list[str] = []

    def number(self, parts: Array) -> int:
        """Return the number of a profile; -1 where there is no cell."""
        if parts[0] < 0:
            return -1
        key = parts.tobytes()
        if key not in self._known:
            self._known[key] = len(self._texts)
            self._texts.append(
                "".join(f"{_LETTERS[n]}{parts[n]}" for n in np.flatnonzero(parts).tolist())
            )
        return self._known[key]

    def text(self) -> str:
        """Return all profiles, a blank between two."""
        return " ".join(self._texts)


def read_profile(text: str) -> dict[str, int]:
    """Read one profile back: thousandths by part.

    >>> read_profile("a620d380")
    {'covered': 620, 'cause_time': 380}
    """
    found: dict[str, int] = {}
    number = ""
    for letter in reversed(text):
        if letter.isdigit():
            number = letter + number
        else:
            found[PARTS[_LETTERS.index(letter)]] = int(number)
            number = ""
    return dict(reversed(found.items()))


@dataclass(frozen=True)
class OfferShares:
    """What the page knows of one Offer.

    Attributes:
        ages: single years of age; slot 0 of every age axis is all of them, slot ``n`` is
            ``ages[n - 1]``.
        slots: one for the mean over the elements, then one for each element. Each has ``ages``
            and ``groups`` (the class of each age slot and of each community) and ``rows``: for
            age class × number of group classes + group class, the profile of each place; and
            ``city``: by age slot and community, the profile of all places together.
        counts: for each age slot and community the children of each place and last of all;
            None for a community without counts, :data:`FEW` for under five of a group.
        hood_counts: likewise for each neighbourhood. Where a place in it has :data:`FEW`, a
            group's count is rounded to :data:`ROUNDED_TO`, so that no difference tells them.

    """

    ages: list[int]
    slots: list[dict[str, Any]]
    counts: list[list[list[int] | None]]
    hood_counts: list[list[list[int] | None]]


def list_communities(coverage: pd.DataFrame, order: Iterable[str]) -> list[str]:
    """List the communities that the coverage speaks of, in the order of the framework."""
    present = set(coverage["community_id"])
    known = [c for c in order if c in present]
    return known + sorted(present - set(known))


def share_offer(
    coverage: pd.DataFrame,
    offer: Offer,
    *,
    places: Sequence[str],
    hoods: Sequence[Sequence[int]] = (),
    communities: Sequence[str],
    profiles: Profiles,
) -> OfferShares:
    """Work out the shares and counts of one Offer. ``profiles`` is added to.

    ``hoods`` has for each neighbourhood the numbers of its places.
    """
    cells = coverage[coverage["offer_id"] == offer.id]
    ages = sorted(int(age) for age in set(cells["age"]))
    elements = [e.id for e in offer.elements]
    values, children = _spread(cells, elements, places, ages, communities)
    weights = _weigh(values, children)
    by_age = _with_all_ages(values, weights)
    by_place = _with_all_places(by_age, weights)
    mean = _mean(by_place, axis=0)
    whole = _to_thousandths(np.concatenate([mean[None], by_place]))
    slots = [_collapse(slot, profiles) for slot in whole]
    counted = _count(children)
    return OfferShares(
        ages, slots, _show_counts(counted, communities), _show_hoods(counted, communities, hoods)
    )


def _spread(
    cells: pd.DataFrame,
    elements: Sequence[str],
    places: Sequence[str],
    ages: Sequence[int],
    communities: Sequence[str],
) -> tuple[Array, Array]:
    """Lay the rows out as element × place × age × community; NaN where there is no cell."""
    axes = (
        pd.Index(elements).get_indexer(pd.Index(cells["element_id"])),
        pd.Index(places).get_indexer(pd.Index(cells["place_id"])),
        pd.Index(ages).get_indexer(pd.Index(cells["age"].astype(int))),
        pd.Index(communities).get_indexer(pd.Index(cells["community_id"])),
    )
    shape = (len(elements), len(places), len(ages), len(communities))
    values = np.full((*shape, len(PARTS)), np.nan)
    values[axes] = cells[list(PARTS)].to_numpy(dtype=float)
    children = np.full(shape, np.nan)
    children[axes] = cells["children"].to_numpy(dtype=float)
    return values, children


def _weigh(values: Array, children: Array) -> Array:
    """Weigh each cell by its children; a community without counts weighs every year alike."""
    counted = np.where(np.isnan(children), 1.0, children)
    return np.where(np.isnan(values[..., 0]), 0.0, counted)


def _mean(values: Array, *, axis: int, weights: Array | None = None) -> Array:
    """Take the mean over an axis; without weight (or children) all cells there weigh alike."""
    present = ~np.isnan(values[..., 0])
    given = present.astype(float) if weights is None else weights
    total = given.sum(axis=axis, keepdims=True)
    used = np.where(total > 0, given, present.astype(float))
    summed = (np.nan_to_num(values) * used[..., None]).sum(axis=axis)
    divisor = used.sum(axis=axis)[..., None]
    return np.where(divisor > 0, summed / np.where(divisor > 0, divisor, 1.0), np.nan)


def _with_all_ages(values: Array, weights: Array) -> Array:
    everyone = _mean(values, axis=2, weights=weights)[:, :, None]
    return np.concatenate([everyone, values], axis=2)


def _with_all_places(by_age: Array, weights: Array) -> Array:
    slot_weights = np.concatenate([weights.sum(axis=2, keepdims=True), weights], axis=2)
    everywhere = _mean(by_age, axis=1, weights=slot_weights)[:, None]
    return np.concatenate([by_age, everywhere], axis=1)


def _to_thousandths(values: Array) -> Array:
    """Round each row to whole thousandths that add up to 1,000 (largest remainder)."""
    flat = values.reshape(-1, len(PARTS))
    absent = np.isnan(flat[:, 0])
    scaled = np.round(np.where(absent[:, None], 0.0, flat) * WHOLE, 6)
    floor = np.floor(scaled)
    short = np.where(absent, 0, WHOLE - floor.sum(axis=1)).astype(int)
    whole = floor.astype(np.int16)
    # Most rows are whole already: only the others are sorted.
    uneven = np.flatnonzero(short)
    order = np.argsort(-(scaled - floor)[uneven], axis=1, kind="stable")
    rank = np.empty_like(order)
    np.put_along_axis(rank, order, np.arange(len(PARTS))[None, :], axis=1)
    whole[uneven] += rank < short[uneven, None]
    whole[absent] = -1
    return whole.reshape(values.shape)


def _collapse(slot: Array, profiles: Profiles) -> dict[str, Any]:
    """Put ages and communities that nothing tells apart into classes. Axes: place, age, group.

    All places together (the last place) stands apart: there every community differs, because
    each lives elsewhere.
    """
    apart = slot[:-1]
    age_class, age_first = classify([apart[:, n].tobytes() for n in range(slot.shape[1])])
    group_class, group_first = classify([apart[:, :, n].tobytes() for n in range(slot.shape[2])])
    rows = [
        [profiles.number(parts) for parts in apart[:, age, group]]
        for age in age_first
        for group in group_first
    ]
    city = [[profiles.number(parts) for parts in age] for age in slot[-1]]
    return {"ages": age_class, "groups": group_class, "rows": rows, "city": city}


def classify(keys: Sequence[bytes]) -> tuple[list[int], list[int]]:
    """Return the class of each key, and the first position of each class."""
    known: dict[bytes, int] = {}
    first: list[int] = []
    classes = []
    for position, key in enumerate(keys):
        if key not in known:
            known[key] = len(first)
            first.append(position)
        classes.append(known[key])
    return classes, first


def _count(children: Array) -> Array:
    """Count children by place, age slot and community; NaN in every place: nobody is counted.

    Elements share their children: the largest count stands.
    """
    known: Array = ~np.isnan(children)
    counts = np.where(known, children, 0.0).max(axis=0)
    counted: Array = np.asarray(known.any(axis=0))
    slots = np.concatenate([counts.sum(axis=1, keepdims=True), counts], axis=1)
    exists: Array = np.concatenate([counted.any(axis=1, keepdims=True), counted], axis=1)
    return np.where(exists.any(axis=0), slots, np.nan)


def _show_counts(counted: Array, communities: Sequence[str]) -> list[list[list[int] | None]]:
    with_all = np.concatenate([counted, counted.sum(axis=0, keepdims=True)])
    return _show(with_all, lambda here, group: [_shown(n, communities[group]) for n in here])


def _show_hoods(
    counted: Array, communities: Sequence[str], hoods: Sequence[Sequence[int]]
) -> list[list[list[int] | None]]:
    def add_up(here: Sequence[float], group: int) -> list[int]:
        totals = []
        for members in hoods:
            counts = [here[n] for n in members]
            total = _shown(sum(counts), communities[group])
            few = any(_shown(n, communities[group]) == FEW for n in counts)
            totals.append(ROUNDED_TO * round(total / ROUNDED_TO) if few and total > 0 else total)
        return totals

    return _show(counted, add_up)


def _show(
    counted: Array, say: Callable[[Sequence[float], int], list[int]]
) -> list[list[list[int] | None]]:
    """Say the counts of each age slot and community; None where nobody is counted."""
    return [
        [
            None if np.isnan(here[0]) else say(here.tolist(), group)
            for group, here in enumerate(counted[:, age].T)
        ]
        for age in range(counted.shape[1])
    ]


def _shown(count: float, community_id: str) -> int:
    if community_id != "everyone" and count < SMALLEST_COUNT:
        return FEW
    return round(count)

"""What reaches the children of each home, joined over services: for certain, and at best.

The time view and the parts of a standard ask the same: of all that services within the standard's
distance give, which bits reach a child of this age who lives here? Homes are asked one by one and
brought together by place. Who a service is for is asked of everyone: one for some communities only
does not count.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import geopandas as gpd
import numpy as np
import pandas as pd

from provision_map.coverage.bitsets import BLOCK_WORDS, Floats, Index, Mask, Words, or_by_place
from provision_map.coverage.classes import column_classes, due_places
from provision_map.coverage.homes_by_place import HomesByPlace
from provision_map.coverage.links import Links, TimesByService, links_of
from provision_map.coverage.returns import incomplete_returns
from provision_map.coverage.supply import NO, YES, Supply, record_of, supply_of, weeks_given
from provision_map.model import Community, Element, Framework, Offer
from provision_map.places.people import EVERYONE

_EVERYONE = Community(EVERYONE, EVERYONE, "ethnic")


@dataclass(frozen=True)
class ElementReach:
    """One element's services, as they reach the homes of each place.

    Attributes:
        offer: the Offer.
        element: the element.
        places: place_id of the places in which the element is due.
        children: of each of these, the children of the Offer's ages.
        complete: of each of these, whether every source has answered: what is not there is none.

    """

    offer: Offer
    element: Element
    places: pd.Series
    children: Floats
    complete: Mask
    _due: Mask
    _supply: Supply
    _links: Links
    _lived: HomesByPlace
    _ages_ok: Mask  # of each row, which classes of ages it may admit, and which for certain
    _ages_sure: Mask
    _weight: Floats  # home × class of ages

    def average(self, ask: Callable[[Words], Floats], *, certain: bool) -> Floats:
        """Average over the children of each place what is asked of the bits that reach them.

        Args:
            ask: turns bits, home × class of ages × word, into figures, home × class × figure.
            certain: whether every unknown is taken as bad; else as good.

        Returns:
            place × figure, for the places in which the element is due.

        """
        return self.average_and_most(ask, certain=certain)[0]

    def average_and_most(
        self, ask: Callable[[Words], Floats], *, certain: bool
    ) -> tuple[Floats, Floats]:
        """Average over the children of each place, and find the most for any age of the Offer.

        The most is that of the best age at the best home where people live, whether or not a child
        of that age lives there: it is 0 only where there is nothing for anyone.

        Args:
            ask: see :meth:`average`.
            certain: likewise.

        Returns:
            two of place × figure, for the places in which the element is due.

        """
        row, home, passes = self._passing(certain=certain)
        words = self._supply.bad if certain else self._supply.good
        homes, classes = self._weight.shape
        average: list[Floats] = []
        most: list[Floats] = []
        # Homes are taken in blocks, so that the bits of all are never held at once.
        block = max(1, BLOCK_WORDS // (classes * words.shape[1]))
        for first in range(0, homes, block):
            last = min(first + block, homes)
            here = slice(*np.searchsorted(home, (first, last)))
            reached = or_by_place(
                words, row[here], home[here] - first, last - first, passes=passes[here][:, :, None]
            )[:, :, 0]
            figures = ask(reached)
            average.append(np.einsum("hck,hc->hk", figures, self._weight[first:last]))
            most.append(figures.max(axis=1))
        weight = self._by_place(self._weight.sum(axis=1, keepdims=True))
        best = np.zeros((self._lived.places, average[0].shape[1]))
        lived_in = self._lived.share > 0
        np.maximum.at(best, self._lived.place[lived_in], np.concatenate(most)[lived_in])
        return self._by_place(np.concatenate(average)) / weight, best[self._due]

    def _passing(self, *, certain: bool) -> tuple[Index, Index, Mask]:
        """Return row and home of the links that count, and for which classes of ages they do."""
        supply, links = self._supply, self._links
        far = links.high if certain else links.low
        counts = far <= supply.metres[links.row]
        open_ = supply.groups[:, :, 0]
        admits = (open_ == YES) if certain else (open_ != NO)
        admitted = admits.all(axis=0)
        if certain:
            admitted = admitted & (supply.record == YES)
        # The homes of neighbours come last; nothing is said of them.
        counts &= admitted[links.row] & (links.place < len(self._weight))
        row = links.row[counts]
        ages = self._ages_sure if certain else self._ages_ok
        return row, links.place[counts], ages[row]

    def _by_place(self, by_home: Floats) -> Floats:
        out = np.zeros((self._lived.places, by_home.shape[1]))
        np.add.at(out, self._lived.place, by_home)
        return out[self._due]


def reach_homes(
    places: gpd.GeoDataFrame,
    people: pd.DataFrame,
    services: pd.DataFrame,
    times: pd.DataFrame,
    *,
    sessions: pd.DataFrame,
    homes: pd.DataFrame | None,
    framework: Framework,
    date: dt.date,
    returns: pd.DataFrame,
    record_months: int,
    asked: Callable[[Element], bool],
    by_week: bool,
) -> Iterator[ElementReach]:
    """Go through the elements that are asked for, and give what reaches the homes.

    Takes what :func:`~provision_map.coverage.time_view.measure_week` takes, and: ``asked``, which
    elements; ``by_week``, whether the bits are the half-hours of a week of term and one of
    holidays, whatever the element counts, else they are what it counts.
    """
    fresh = record_of(services, date=date, months=record_months)
    incomplete = incomplete_returns(returns, places, framework)
    lived = HomesByPlace.of(places, homes)
    numbered = TimesByService.of(times, lived.homes)
    unassessed = pd.Series(dtype=np.int8)
    for offer in framework.offers:
        children = _children(people, places, offer)
        # Where no child lives, what would reach one of each age.
        mass = np.where(children.sum(axis=1, keepdims=True) > 0, children, 1.0)
        for element in offer.elements:
            due = due_places(places, element)
            if not asked(element) or not due.any():
                continue
            # One row a service, whatever its unit counts.
            counted = replace(element.standard, unit="any", required=())
            one_each = replace(element, standard=counted) if by_week else element
            supply = supply_of(
                one_each, services, sessions,
                communities=(_EVERYONE,), quality=unassessed, record=fresh,
            )  # fmt: skip
            if by_week:
                good, bad = weeks_given(supply.service_id, sessions)
                supply = replace(supply, good=good, bad=bad)
            ages_ok = supply.ages_ok(offer.ages())
            of_age, pick = column_classes(ages_ok)
            weight = np.zeros((len(places), len(pick)))
            np.add.at(weight.T, of_age, mass.T)
            yield ElementReach(
                offer=offer,
                element=element,
                places=places.loc[due, "place_id"],
                children=children.sum(axis=1)[due],
                complete=~incomplete[element.id].to_numpy(dtype=bool)[due],
                _due=due,
                _supply=supply,
                _links=links_of(numbered, lived.homes, supply, element),
                _lived=lived,
                _ages_ok=np.asarray(ages_ok[:, pick] != NO),
                _ages_sure=np.asarray(ages_ok[:, pick] == YES),
                _weight=lived.spread(weight),
            )  # fmt: skip


def shares_met(masks: Words) -> Callable[[Words], Floats]:
    """Ask whether any bit of each mask reaches, for :meth:`ElementReach.average`: mask × word."""
    return _over(masks, lambda common: (common != 0).any(axis=-1))


def bits_met(masks: Words) -> Callable[[Words], Floats]:
    """Ask how many bits of each mask reach: mask × word."""
    return _over(masks, lambda common: np.bitwise_count(common).sum(axis=-1))


def _over(masks: Words, figure: Callable[[Words], Floats]) -> Callable[[Words], Floats]:
    def ask(words: Words) -> Floats:
        out = np.zeros((*words.shape[:-1], len(masks)))
        for k, mask in enumerate(masks):
            # A mask has bits in a few words only.
            used = np.flatnonzero(mask)
            out[..., k] = figure(words[..., used] & mask[used])
        return out

    return ask


def _children(people: pd.DataFrame, places: gpd.GeoDataFrame, offer: Offer) -> Floats:
    """Lay out everyone's children of the Offer's ages as place × age; 0 where none is counted."""
    everyone = people[people["community_id"] == EVERYONE]
    wide = everyone.pivot_table(index="place_id", columns="age", values="children", aggfunc="sum")
    wide = wide.reindex(index=places["place_id"], columns=list(offer.ages()))
    return np.asarray(wide.to_numpy(dtype=float, na_value=0.0), dtype=float)

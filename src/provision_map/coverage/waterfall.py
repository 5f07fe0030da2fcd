"""The waterfall of one element: none → far → time → age → group → full → quality.

For each home × age class × community class, the share v_k of the need that is still met by the
services passing the first k filters. Homes, ages and communities that no service tells apart are
one class, so the arrays stay small whatever the number of children and of points where they live.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from provision_map.coverage import week
from provision_map.coverage.bitsets import Floats, Mask, or_by_place, sum_by_place
from provision_map.coverage.classes import column_classes
from provision_map.coverage.links import Links
from provision_map.coverage.supply import NO, UNKNOWN, YES, Supply, Tri
from provision_map.model import Standard
from provision_map.tables import GROUP_REASONS

#: A limit this part shorter or longer decides otherwise: the distance is near the limit.
NEAR_LIMIT = 0.2

STEPS = ("none", "far", "time", "age", "group", "full", "quality")


@dataclass(frozen=True)
class Steps:
    """What one world gives: v by step, home × age × community class, and by-products."""

    v: dict[str, Floats]
    group_parts: tuple[Floats, ...]
    reached: week.Words
    supplied: Floats


@dataclass(frozen=True)
class Demand:
    """Children who may compete for places.

    ``children``: home × age × ethnic group, those of the neighbours' homes included. ``groups``: positions of those ethnic groups among
    the communities that the supply was asked about.
    """

    children: Floats
    groups: npt.NDArray[np.int64]


class Waterfall:
    """One element's supply, links and demand, ready to be asked world by world.

    A world is named by the attributes whose unknowns are taken as bad; the others are good.
    """

    def __init__(
        self,
        standard: Standard,
        supply: Supply,
        links: Links,
        *,
        ages: Sequence[int],
        demand: Demand,
        incomplete: Mask,
    ) -> None:
        """Find the classes that services tell apart, and the unknowns that there are.

        Args:
            standard: the test.
            supply: the services of the element.
            links: homes and supply rows; ``places`` counts all homes, the neighbours' last.
            ages: those that the Offer is for.
            demand: children of all homes.
            incomplete: of each home that is reported on, the neighbours' left out, whether the
                inventory is incomplete there.

        """
        self.standard = standard
        self.supply = supply
        self.demand = demand
        self._all_links = links
        self.home_class, self.links, self.incomplete = _home_classes(links, supply, incomplete)
        self.ages_ok = supply.ages_ok(ages)
        self.age_class, self._age_pick = column_classes(self.ages_ok)
        flat = supply.groups.reshape(-1, supply.groups.shape[2])
        self.group_class, self._group_pick = column_classes(flat)
        self._need = week.need_in_bits(standard)
        self._eligible: dict[frozenset[str], Floats] = {}

    @property
    def unknowns(self) -> tuple[str, ...]:
        """The reasons that leave something open in this element, in their fixed order."""
        supply = self.supply
        open_ = {
            "inventory": bool(self.incomplete.any()),
            "record": bool((supply.record == UNKNOWN).any()),
            "location": bool((self._all_links.low < self._all_links.high).any()),
            "hours": not np.array_equal(supply.good, supply.bad),
            "ages": bool((self.ages_ok == UNKNOWN).any()),
            "groups": bool((supply.groups == UNKNOWN).any()),
            "capacity": self.standard.kappa is not None and bool(np.isnan(supply.capacity).any()),
            "quality": self.standard.quality and bool((supply.quality == UNKNOWN).any()),
        }
        return tuple(reason for reason, is_open in open_.items() if is_open)

    def steps(self, bad: frozenset[str] = frozenset(), *, lift: str | None = None) -> Steps:
        """Walk down the waterfall in one world.

        Args:
            bad: the attributes whose unknowns are taken as bad.
            lift: a step that is left out, for the lever table.

        """
        supply, links, standard = self.supply, self.links, self.standard
        words = self._words(bad)
        mask = week.pack(week.window_mask(standard.windows, week.bit_count(standard)))
        counted = words if lift == "time" else words & mask
        if lift == "far":
            place = np.zeros(len(supply), dtype=np.int64)
            row, places = np.arange(len(supply)), 1
        else:
            near = self._near(bad)
            place, row, places = links.place[near], links.row[near], links.places

        def met(bits: week.Words) -> Floats:
            return week.meets(bits, standard).astype(float)

        def gather(bits: week.Words, passes: Mask) -> week.Words:
            return or_by_place(bits, row, place, places, passes=passes)

        every = np.ones((len(row), 1, 1), dtype=bool)
        age_ok, group_ok = self._admits(bad, lift=lift)
        by_age = every & age_ok[row][:, :, None]
        overall = np.bitwise_or.reduce(words, axis=0, keepdims=True)[:, None, None, :]
        v = {
            "none": met(overall) * np.ones((places, 1, 1)),
            "far": met(gather(words, every)),
            "time": met(gather(counted, every)),
            "age": met(gather(counted, by_age)),
        }
        parts: list[Floats] = []
        passes = by_age
        for reason in range(len(GROUP_REASONS)):
            passes = passes & group_ok[reason][row][:, None, :]
            differs = bool((~group_ok[reason]).any())
            parts.append(met(gather(counted, passes)) if differs or not parts else parts[-1])
        reached = gather(counted, passes)
        v["group"] = met(reached)
        supplied = np.ones_like(v["group"])
        if standard.kappa is not None and lift != "full":
            rate = self._rate(counted, bad)
            supplied = np.minimum(
                1.0, sum_by_place(rate[row] * passes, place, places) / (standard.kappa * self._need)
            )
        v["full"] = v["group"] * supplied
        v["quality"] = v["full"]
        if standard.quality and lift != "quality":
            good = passes & self._good(bad)[row][:, None, None]
            ratio = np.ones_like(supplied)
            if standard.kappa is not None and lift != "full":
                ratio = np.minimum(
                    1.0,
                    sum_by_place(rate[row] * good, place, places) / (standard.kappa * self._need),
                )
            v["quality"] = np.minimum(v["full"], met(gather(counted, good)) * ratio)
        shape = (links.places, len(self._age_pick), len(self._group_pick))
        v = {step: np.broadcast_to(share, shape).copy() for step, share in v.items()}
        if "inventory" not in bad:
            # A source that has not answered may hold all that is needed.
            for share in v.values():
                share[self.incomplete] = 1.0
        lift_shape = np.broadcast_to(reached, (*shape, reached.shape[-1]))
        return Steps(
            v=v,
            group_parts=tuple(np.broadcast_to(p, shape) for p in parts),
            reached=lift_shape,
            supplied=np.broadcast_to(supplied, shape),
        )

    def near_limit(self, *, margin: float = NEAR_LIMIT) -> Mask:
        """Whether a limit ``margin`` shorter or longer would decide otherwise on distance.

        The site that decides need not be the nearest: a club of one hour next door and the one
        that makes up the need just beyond the limit.
        """
        links = self.links
        words = self._words(frozenset())

        def met_within(scale: float) -> Mask:
            near = links.metres <= scale * self.supply.metres[links.row]
            bits = or_by_place(words, links.row[near], links.place[near], links.places)
            return week.meets(bits, self.standard)

        return np.asarray(met_within(1 - margin) != met_within(1 + margin), dtype=bool)

    def _words(self, bad: frozenset[str]) -> week.Words:
        words = self.supply.bad if "hours" in bad else self.supply.good
        if "record" in bad:
            words = np.where((self.supply.record == UNKNOWN)[:, None], np.uint64(0), words)
        return words

    def _near(self, bad: frozenset[str]) -> Mask:
        links = self.links
        far = links.high if "location" in bad else links.low
        return np.asarray(far <= self.supply.metres[links.row])

    def _admits(self, bad: frozenset[str], *, lift: str | None) -> tuple[Mask, Mask]:
        ages = self.ages_ok[:, self._age_pick]
        groups = self.supply.groups[:, :, self._group_pick]
        age_ok = _yes(ages, unknown_is_bad="ages" in bad)
        group_ok = _yes(groups, unknown_is_bad="groups" in bad)
        if lift == "age":
            age_ok = np.ones_like(age_ok)
        if lift == "group":
            group_ok = np.ones_like(group_ok)
        return age_ok, group_ok

    def _good(self, bad: frozenset[str]) -> Mask:
        return _yes(self.supply.quality, unknown_is_bad="quality" in bad)

    def _rate(self, counted: week.Words, bad: frozenset[str]) -> Floats:
        """Place-units of each row per eligible child: R_j, shaped J × 1 × 1.

        Unknown capacity is unlimited in the good world and nothing in the bad. Where nobody that
        is counted competes, it is unlimited too.
        """
        capacity = np.where(
            np.isnan(self.supply.capacity),
            0.0 if "capacity" in bad else np.inf,
            self.supply.capacity,
        )
        given = week.units_in(counted, self.standard)
        units = np.where(given > 0, capacity * np.where(given > 0, given, 1.0), 0.0)
        eligible = self._competing(bad)
        rate = np.where(eligible > 0, units / np.where(eligible > 0, eligible, 1.0), np.inf)
        rate = np.where(units > 0, rate, 0.0)
        # A large number and not inf, so that masked sums stay numbers.
        return np.minimum(rate, 1e12)[:, None, None]

    def _competing(self, bad: frozenset[str]) -> Floats:
        """Children in each row's catchment within its ages and terms.

        In the good world only those for certain compete, in the bad world all that may: so that
        an unknown raises the upper bound and lowers the lower one, whoever it concerns.
        """
        key = bad & {"location", "ages", "groups"}
        if key in self._eligible:
            return self._eligible[key]
        links, demand = self._all_links, self.demand
        far = links.low if "location" in bad else links.high
        inside = far <= self.standard.catchment_metres
        ages = _yes(self.ages_ok, unknown_is_bad="ages" not in bad).astype(float)
        terms = _yes(self.supply.groups[:, :, demand.groups], unknown_is_bad="groups" not in bad)
        groups = terms.all(axis=0).astype(float)
        place, row = links.place[inside], links.row[inside]
        # Rows with the same ages and terms share one count of the eligible children of each home.
        invited = np.hstack([ages, groups])
        kinds, kind = np.unique(invited, axis=0, return_inverse=True)
        kind = np.asarray(kind).reshape(-1)
        eligible = np.einsum(
            "hag,ka,kg->hk", demand.children, kinds[:, : ages.shape[1]], kinds[:, ages.shape[1] :],
            optimize=True,
        )  # fmt: skip
        weight = eligible[place, kind[row]]
        total: Floats = np.bincount(row, weights=weight, minlength=len(self.supply)).astype(float)
        self._eligible[key] = total
        return total


def _yes(values: Tri, *, unknown_is_bad: bool) -> Mask:
    return np.asarray(values == YES if unknown_is_bad else values != NO)


def _home_classes(
    links: Links, supply: Supply, incomplete: Mask
) -> tuple[npt.NDArray[np.int64], Links, Mask]:
    """Find the homes that are within the same limits of the same services.

    Only on which side of a limit a service lies decides, so that a few hundred classes stand for
    thousands of postcodes. Neighbours' homes are in none: nothing is said of them.

    Returns:
        the class of each home; the links of one home a class; whether each class's inventory is
        incomplete.

    """
    homes = len(incomplete)
    limit = supply.metres[links.row]
    sides = (
        (links.low <= limit) * 1
        + (links.high <= limit) * 2
        + (links.metres <= (1 - NEAR_LIMIT) * limit) * 4
        + (links.metres <= (1 + NEAR_LIMIT) * limit) * 8
    ).astype(np.int64)
    decides = (sides > 0) & (links.place < homes)
    place = links.place[decides]
    code = links.row[decides] * 16 + sides[decides]
    ends = np.searchsorted(place, np.arange(homes + 1))
    text, width = code.tobytes(), code.itemsize
    known: dict[tuple[bytes, bool], int] = {}
    of_home = np.empty(homes, dtype=np.int64)
    pick: list[int] = []
    for home in range(homes):
        key = (text[ends[home] * width : ends[home + 1] * width], bool(incomplete[home]))
        of_home[home] = known.setdefault(key, len(known))
        if len(known) > len(pick):
            pick.append(home)
    chosen = np.full(homes, -1, dtype=np.int64)
    chosen[pick] = np.arange(len(pick))
    kept = np.flatnonzero(decides)[chosen[place] >= 0]
    # Classes are numbered by their first home, so that links stay sorted.
    of_class = Links(
        place=chosen[links.place[kept]],
        row=links.row[kept],
        low=links.low[kept],
        high=links.high[kept],
        metres=links.metres[kept],
        places=len(pick),
    )
    return of_home, of_class, incomplete[pick]

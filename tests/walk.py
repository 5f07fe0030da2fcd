"""A reference that walks from child to child, with sets of half-hours and no arrays.

Slow and plain on purpose: it shares no code with the engine. One child lives in one home, is of
one age and one group; a world names the attributes whose unknowns are taken as bad.
"""

from __future__ import annotations

import datetime as dt
import math
from typing import Any

from provision_map.tables import CAUSES, UNKNOWN_REASONS
from towns import DATE, Town

DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
EVERY_SLOT = frozenset((day, half / 2) for day in DAYS for half in range(48))
Service = dict[str, Any]
Slots = frozenset[tuple[str, float]]
Maybe = bool | None


class Walk:
    """One town, walked child by child."""

    def __init__(self, town: Town) -> None:
        self.town = town
        self.standard = town.element.standard
        self.metres = {(home, s): m for home, s, m, _ in town.times}
        self.accuracy = {(home, s): a for home, s, _, a in town.times}
        self.children = {
            (home, age, group): n * share * part / sum(parts.values())
            for home, (place, share) in town.all_homes.items()
            for age, n in {**town.children, **town.neighbours}[place].items()
            for parts in [town.groups[place]]
            for group, part in parts.items()
        }

    def when(self, s: Service, bad: frozenset[str]) -> Slots:
        if "record" in bad and (s["assured_date"] is None or self.is_old(s["assured_date"])):
            return frozenset()
        rows = [row for row in self.town.sessions if row["service_id"] == s["service_id"]]
        if not rows:
            return frozenset() if "hours" in bad else EVERY_SLOT
        return frozenset(
            (row["weekday"], half / 2)
            for row in rows
            for half in range(48)
            if hour(row["start"]) <= half / 2 and half / 2 + 0.5 <= hour(row["end"])
        )

    @staticmethod
    def is_old(day: dt.date) -> bool:
        return (DATE - day).days > 2 * 366

    def in_window(self, slots: Slots) -> Slots:
        windows = self.standard.windows
        if not windows:
            return slots
        return frozenset(
            (day, h) for day, h in slots for d, a, b in windows if DAYS[d] == day and a <= h < b
        )

    def distance(self, home: str, s: Service, *, good: bool) -> float:
        key = (home, s["service_id"])
        if key not in self.metres:
            return math.inf
        return self.metres[key] + (-1 if good else 1) * self.accuracy[key]

    def age_fits(self, s: Service, age: int) -> Maybe:
        low, high = s["minimum_age"], s["maximum_age"]
        if age < low or age > high:
            return False
        return None if math.isnan(low) or math.isnan(high) else True

    def group_fits(self, s: Service, group: str) -> Maybe:
        return bool({"everyone", group} & set(s["open_to"])) if s["open_to"] else None

    def quality_of(self, s: Service) -> Maybe:
        said = [q["result"] for q in self.town.quality if q["service_id"] == s["service_id"]]
        return said[-1] == "meets" if said else None

    def rate(self, s: Service, bad: frozenset[str]) -> float:
        """Place-half-hours of a club for each child who competes for them."""
        slots = self.in_window(self.when(s, bad))
        places = s["capacity"]
        if math.isnan(places):
            places = 0.0 if "capacity" in bad else math.inf
        units = places * len(slots) if slots else 0.0

        # In the good world the children who may not be eligible stay away; in the bad they come.
        def comes(fits: Maybe, reason: str) -> bool:
            return (reason in bad) if fits is None else fits

        rivals = sum(
            n
            for (home, age, group), n in self.children.items()
            if self.distance(home, s, good="location" in bad) <= self.standard.catchment_metres
            if comes(self.age_fits(s, age), "ages") and comes(self.group_fits(s, group), "groups")
        )
        return (units / rivals if rivals else math.inf) if units else 0.0

    def v(self, home: str, age: int, group: str, bad: frozenset[str]) -> list[float]:
        """Shares of the need met after each step, in one world."""
        standard, services = self.standard, self.town.services
        place = self.town.all_homes[home][0]
        if "inventory" not in bad and self.town.received.get(place, "yes") != "yes":
            return [1.0] * 8

        def holds(fits: Maybe, reason: str) -> bool:
            return reason not in bad if fits is None else fits

        def enough(those: list[Service], *, window: bool = True) -> float:
            slots: set[tuple[str, float]] = set()
            for s in those:
                slots |= self.in_window(self.when(s, bad)) if window else self.when(s, bad)
            return float(len(slots) >= standard.need * 2)

        def filled(those: list[Service]) -> float:
            if standard.kappa is None:
                return 1.0
            total = sum(self.rate(s, bad) for s in those)
            return min(1.0, total / (standard.kappa * standard.need * 2))

        near = [
            s for s in services
            if self.distance(home, s, good="location" not in bad) <= standard.metres
        ]  # fmt: skip
        aged = [s for s in near if holds(self.age_fits(s, age), "ages")]
        open_ = [s for s in aged if holds(self.group_fits(s, group), "groups")]
        good = [s for s in open_ if holds(self.quality_of(s), "quality")]
        v = [1.0, enough(services, window=False), enough(near, window=False), enough(near)]
        v += [enough(aged), enough(open_)]
        v.append(v[-1] * filled(open_))
        v.append(min(v[-1], enough(good) * filled(good)) if standard.quality else v[-1])
        return v

    def child(self, home: str, age: int, group: str) -> dict[str, float]:
        """Work out what becomes of one child: causes, unknowns, covered, reached."""
        best = self.v(home, age, group, frozenset())
        out = {f"cause_{c}": best[k] - best[k + 1] for k, c in enumerate(CAUSES)}
        bad: frozenset[str] = frozenset()
        above = best
        for reason in UNKNOWN_REASONS:
            bad = bad | {reason}
            below = self.v(home, age, group, bad)
            out[f"unknown_{reason}"] = above[-1] - below[-1]
            above = below
        return {**out, "covered": above[-1], "reached": above[-2]}

    def place(self, place: str, age: int, group: str) -> dict[str, float]:
        """Average over the homes of a place, by the people who live in each."""
        homes = {h: share for h, (p, share) in self.town.all_homes.items() if p == place}
        children = [(share, self.child(home, age, group)) for home, share in homes.items()]
        return {part: sum(share * c[part] for share, c in children) for part in children[0][1]}


def hour(clock: dt.time) -> float:
    return clock.hour + clock.minute / 60


def by_hand(town: Town, place: str, age: int, group: str) -> dict[str, float]:
    """Return causes, unknowns, covered and reached of one cell, the slow way."""
    return Walk(town).place(place, age, group)

"""How far each service is from the homes of a gap's people, on the scale that coverage uses."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from provision_map.coverage.links import (
    OUTREACH,
    WALK,
    Links,
    TimesByService,
    links_of,
)
from provision_map.coverage.supply import Supply
from provision_map.edition import Edition
from provision_map.errors import collect_warnings
from provision_map.model import Element
from provision_map.places.homes import homes_of
from provision_map.reach.straight_line import METRES_PER_MINUTE, travel_times
from provision_map.reports import words
from provision_map.reports.rows import GapRow
from provision_map.reports.text import clean, clean_list
from provision_map.schema.wording import join_words, say_mode

COMES = "comes to them"
NO_SITE = "no site here"
Floats = npt.NDArray[np.float64]
#: What the weights of many homes add up to is a whole up to this.
_DUST = 1e-9
_HALF = 0.5


@dataclass(frozen=True)
class Limit:
    """A distance within which a service counts, and whom it is near enough to.

    Attributes:
        name: the type of space that it is for; "" where an element has one limit.
        said: the limit in words.
        near: share of the gap's people who live within it.
        open: share of whom that cannot be told: the site's position is rough.
        unknown: share of whom nobody knows how far it is.

    """

    name: str
    said: str
    near: float
    open: float
    unknown: float

    @property
    def words(self) -> str:
        """Say the limit as it follows, in brackets, what it decides; "" where there is one only."""
        return f" ({self.name}: limit {self.said})" if self.name else ""


@dataclass(frozen=True)
class Distance:
    """How far one service is from the homes of a gap's people.

    Attributes:
        said: in words.
        ratio: the way of the median person ÷ the limit; infinite where no way is known.
        limits: of each type of space, or of the element; the longest first.
        several: whether its people live at more than one point.
        unknown: what is not known of it for anybody.

    """

    said: str
    ratio: float
    limits: tuple[Limit, ...]
    several: bool = False
    unknown: str = ""

    @property
    def near(self) -> float:
        """Share of the gap's people to whom it is near enough, for what is near to most."""
        return max(limit.near for limit in self.limits)


@dataclass(frozen=True)
class Distances:
    """What distances are measured with, from the homes of one gap's people.

    Attributes:
        element: whose standard sets the limits.
        homes: ``tables.HOMES`` of the gap's places.
        weight: share of the gap's people who live at each.
        times: ``tables.TRAVEL_TIMES`` from there.
        numbered: the same, numbered.
        sited: services that stand somewhere.
        bounds: by mode, how many minutes were searched.

    """

    element: Element
    homes: pd.DataFrame
    weight: Floats
    times: pd.DataFrame
    numbered: TimesByService
    sited: frozenset[str]
    bounds: Mapping[str, float]

    @classmethod
    def of(
        cls,
        edition: Edition,
        gap: GapRow,
        element: Element,
        services: pd.DataFrame,
        *,
        detour: float,
        metres_per_minute: float,
    ) -> Distances:
        """Take from an edition what concerns a gap; without ways, measure straight lines.

        Args:
            edition: the run.
            gap: whose people are asked for.
            element: the gap's.
            services: those that give it.
            detour: metres on the way for each metre of straight line, where ways are measured here.
            metres_per_minute: speed on foot, likewise.

        """
        homes, times = edition.homes, edition.times
        if homes.empty:
            homes = homes_of(edition.places)
        if times.empty:
            with collect_warnings():
                times = travel_times(
                    edition.places, services,
                    metres_per_minute=metres_per_minute, detour=detour, homes=homes,
                    searched_to=edition.travel.searched_to,
                )  # fmt: skip
        own = homes[homes["place_id"].isin(list(gap.places))].reset_index(drop=True)
        here = times[times["from_id"].isin(own["home_id"])]
        ways = times[times["mode"] != OUTREACH]
        bounds = {
            str(mode): float(furthest)
            for mode, furthest in ways.groupby("mode", observed=True)["searched_to"].max().items()
            if furthest > 0
        }
        # One whose ways a file gives has a site, wherever that is.
        placed = services["easting"].notna() | services["service_id"].isin(ways["to_id"])
        return cls(
            element=element,
            homes=own,
            weight=_weigh_homes(edition, gap, own),
            times=here,
            numbered=TimesByService.of(here, own),
            sited=frozenset(services.loc[placed, "service_id"]),
            bounds=bounds or {edition.travel.mode: edition.travel.searched_to},
        )

    def measure(self, service: Mapping[Any, Any], supply: Supply) -> Distance:
        """Measure how far a service is; a person without a way is beyond what was searched.

        Args:
            service: its record.
            supply: of the element, whose parts of a row tell nothing of distance.

        """
        code = str(service["service_id"])
        named = self._list_limits(service)
        asked = replace(
            supply,
            service_id=np.array([code] * len(named), dtype=object),
            metres=np.array(list(named.values()), dtype=float),
            sited=np.array([code in self.sited] * len(named)),
        )
        # What a run warns of was said when it ran.
        with collect_warnings():
            links = links_of(self.numbered, self.homes, asked, self.element)
        longest = int(np.argmax(asked.metres))
        at = links.row == longest
        far = np.full(len(self.homes), np.inf)
        far[links.place[at]] = links.metres[at]
        home = self._find_median(far)
        way = self._find_way(code, home, asked.metres[longest]) if home is not None else None
        mode = way[0] if way else self._choose_mode()
        limits = tuple(
            self._hold(links, row, name, self._say_limit(metres, mode))
            for row, (name, metres) in enumerate(named.items())
        )
        ratio = float(far[home] / asked.metres[longest]) if home is not None else np.inf
        said, unknown = self._say(code, far, home, way, asked.metres[longest])
        order = np.argsort(-asked.metres, kind="stable")
        several = int((self.weight > 0).sum()) > 1
        return Distance(said, ratio, tuple(limits[n] for n in order), several, unknown)

    def _list_limits(self, service: Mapping[Any, Any]) -> dict[str, float]:
        standard = self.element.standard
        if standard.unit != "types" or not standard.type_metres:
            return {"": standard.metres}
        types = [name for name in clean_list(service.get("space_types")) if name in standard.type_metres]  # fmt: skip
        # Of types that nobody noted, or that do not count, it might be any.
        return {name: standard.type_metres[name] for name in types or standard.type_metres}

    def _find_median(self, far: Floats) -> int | None:
        """Find the home up to which half of the people live; None where half have no way."""
        order = np.argsort(far, kind="stable")
        order = order[self.weight[order] > 0]
        reached = np.cumsum(self.weight[order])
        if not len(order):
            return None
        home = int(order[np.searchsorted(reached, _HALF - _DUST)])
        return home if np.isfinite(far[home]) else None

    def _find_way(self, code: str, home: int, limit: float) -> tuple[str, float, float]:
        """Return mode, minutes and metres of the way that counts from a home to a service."""
        own = self.times[
            (self.times["from_id"] == self.homes["home_id"].iloc[home])
            & (self.times["to_id"] == code)
            & self.times["minutes"].notna()
        ]
        ways = [
            (str(mode), float(minutes), float(metres))
            for mode, minutes, metres in own[["mode", "minutes", "metres"]].itertuples(index=False)
        ]
        return min(ways, key=lambda way: self._scale(way, limit))

    def _scale(self, way: tuple[str, float, float], limit: float) -> float:
        mode, minutes, metres = way
        if mode in (WALK, OUTREACH) and not np.isnan(metres):
            return metres
        return minutes * limit / self._allow(mode, limit) if limit else minutes

    def _allow(self, mode: str, limit: float) -> float:
        """Return the minutes that the standard allows a mode."""
        allowed = self.element.standard.minutes.get(mode) if mode not in (WALK, OUTREACH) else None
        return allowed or limit / METRES_PER_MINUTE

    def _choose_mode(self) -> str:
        return WALK if WALK in self.bounds else next(iter(self.bounds))

    def _say_limit(self, metres: float, mode: str) -> str:
        if mode in (WALK, OUTREACH):
            return f"{metres:,.0f} m"
        return f"{self._allow(mode, metres):.0f} min {say_mode(mode)}"

    def _hold(self, links: Links, row: int, name: str, said: str) -> Limit:
        """Hold the ways of one row against its limit."""
        own = links.row == row
        limit = self._list_metres(name)
        weight = self.weight[links.place[own]]
        low, high, metres = links.low[own], links.high[own], links.metres[own]
        known = np.isfinite(metres)
        near = float(weight[metres <= limit].sum())
        possible = low <= limit
        return Limit(
            name=name,
            said=said,
            near=1.0 if near > 1 - _DUST else near,
            open=float(weight[known & possible & (high > limit)].sum()),
            unknown=float(weight[~known & possible].sum()),
        )

    def _list_metres(self, name: str) -> float:
        standard = self.element.standard
        return standard.type_metres[name] if name else standard.metres

    def _say(
        self,
        code: str,
        far: Floats,
        home: int | None,
        way: tuple[str, float, float] | None,
        limit: float,
    ) -> tuple[str, str]:
        """Say how far it is for half of them, and what nobody knows of it."""
        if (self.times["to_id"].eq(code) & self.times["mode"].eq(OUTREACH)).any():
            return COMES, ""
        if home is None or way is None:
            return self._say_no_way(code, far)
        everyone = self.weight > 0
        alike = bool(np.ptp(far[everyone]) < 1) if np.isfinite(far[everyone]).all() else False
        said = self._say_way(way, limit, alike=alike)
        return (said if alike else f"half of its people within {said}"), ""

    def _say_no_way(self, code: str, far: Floats) -> tuple[str, str]:
        if code not in self.sited:
            return NO_SITE, ""
        # What was searched to nothing was left out of a matrix: nobody knows how far it is.
        ways = self.times[self.times["to_id"] == code]
        left_out = ways.loc[ways["minutes"].isna() & (ways["searched_to"] <= 0), "from_id"]
        if self.homes.loc[self.weight > 0, "home_id"].isin(left_out).all():
            return "no way known", "no way from there was found"
        named = [
            f"{minutes:g} min" if len(self.bounds) == 1 and mode == WALK
            else f"{minutes:g} min {say_mode(mode)}"
            for mode, minutes in self.bounds.items()
        ]  # fmt: skip
        some = np.isfinite(far[self.weight > 0]).any()
        whose = " for over half of its people" if some else ""
        return f"no way within {join_words(named, 'or')}{whose}", ""

    def _say_way(self, way: tuple[str, float, float], limit: float, *, alike: bool) -> str:
        mode, minutes, metres = way
        allowed = self._allow(mode, limit)
        whole = _round if alike else _round_up
        shown = whole(minutes, allowed)
        if mode == WALK and not np.isnan(metres):
            far = f"{whole(metres, limit):,d} m"
            return f"{far}, {shown} min" if alike else far
        return f"{shown} min {say_mode(mode)}"


def _round(value: float, limit: float) -> int:
    """Round to a whole number; what is beyond a limit is not rounded onto it.

    >>> _round(16.25, 20), _round(20.35, 20), _round(19.7, 20)
    (16, 21, 20)
    """
    rounded = round(value)
    return math.ceil(value) if rounded <= limit < value else rounded


def _round_up(value: float, limit: float) -> int:
    del limit
    return math.ceil(value - _DUST)


def _weigh_homes(edition: Edition, gap: GapRow, homes: pd.DataFrame) -> Floats:
    """Weigh homes by the gap's people who live there; adds up to 1.

    The people of its community, or of everyone where nobody counted it by place, of the ages of its
    cells in each place. Places without people weigh alike.
    """
    cells = _list_cells(edition, gap)
    people = edition.people
    own = people[people["community_id"] == gap.community_id]
    if own.empty:
        own = people[people["community_id"] == "everyone"]
    pairs = zip(map(clean, own["place_id"]), own["age"].astype(int), strict=True)
    inside = np.fromiter((pair in cells for pair in pairs), dtype=bool, count=len(own))
    children = own[inside].groupby("place_id", observed=True)["children"].sum()
    here = homes["place_id"].map(children).fillna(0.0).to_numpy(dtype=float)
    share = homes["share"].to_numpy(dtype=float)
    weight = here * share if (here * share).sum() > 0 else share
    total = float(weight.sum())
    return np.asarray(weight / total if total else weight)


def _list_cells(edition: Edition, gap: GapRow) -> frozenset[tuple[str, int]]:
    """List the place and age of each cell; of an entry without cells, all its ages in its places."""
    entries = edition.entries
    places = set(gap.places)
    found: set[tuple[str, int]] = set()
    if "cells" in entries:
        for cells in entries.loc[entries["gap_id"].map(clean) == gap.gap_id, "cells"]:
            if isinstance(cells, (list, tuple)):
                found |= {(clean(place), int(age)) for place, age in cells if clean(place) in places}  # fmt: skip
    if found:
        return frozenset(found)
    ages = edition.people["age"].astype(int)
    low = gap.minimum_age if gap.minimum_age is not None else int(ages.min())
    high = gap.maximum_age if gap.maximum_age is not None else int(ages.max())
    return frozenset((place, age) for place in places for age in range(low, high + 1))


def say_near(limits: Sequence[Limit]) -> str:
    """Say to whom a service is near enough, for each type of space that is near to anybody.

    >>> say_near([Limit("", "1,600 m", 0.28, 0.0, 0.0)])
    'near enough to 28% of its people'
    >>> say_near([Limit("LEAP", "400 m", 1.0, 0, 0), Limit("LAP", "100 m", 0.03, 0, 0)])
    'near enough to all its people (LEAP: limit 400 m) and to 3% (LAP: limit 100 m)'
    """
    near = sorted((n for n in limits if n.near > 0), key=lambda n: -n.near)
    said = []
    for number, limit in enumerate(near):
        share = "all" if limit.near == 1 else words.say_percent(limit.near)
        of = "" if limit.near == 1 else "of "
        who = f"{share} {of}its people" if number == 0 else share
        said.append(f"to {who}{limit.words}")
    return f"near enough {join_words(said)}"

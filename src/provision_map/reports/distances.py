"""How far each service is from a gap's places: by the ways of the run, or in a straight line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd

from provision_map.coverage.links import METRES_PER_MINUTE, OUTREACH, WALK
from provision_map.edition import Edition
from provision_map.model import Standard
from provision_map.places.areas import places_of
from provision_map.reports import words
from provision_map.reports.text import clean, clean_list

COMES = "comes to them"
NO_SITE = "no site here"
#: From this share on, all people of a place have a way.
_ALL = 0.995


@dataclass(frozen=True)
class Way:
    """The mean way of a place's people to a service, by one mode; ``metres`` may be NaN."""

    place_id: str
    mode: str
    minutes: float
    metres: float
    share: float


@dataclass(frozen=True)
class Distance:
    """How far one service is from the nearest of a gap's places.

    Attributes:
        said: in words.
        metres: on the scale on which the limit is in metres; infinite where no way is known.
        limit: of the scale.
        limit_said: the limit in words, in the unit of the nearest way.
        near: how many of the places are near enough, by their mean way.
        comes: whether it comes to any of them.
        stretch: how many metres of the scale one metre on the ground is.
        unknown: what is not known of it: how far beyond the search it is, or any way at all.
        lacking: that some of the place's people have no way within the search.

    """

    said: str
    metres: float
    limit: float
    limit_said: str
    near: int = 0
    comes: bool = False
    stretch: float = 1.0
    unknown: str = ""
    lacking: str = ""


@dataclass(frozen=True)
class Distances:
    """What distances are measured with, from the places of one gap.

    Attributes:
        places: ``tables.PLACES``, of the whole exercise.
        codes: of the gap's places.
        homes: where their people live, for straight lines.
        standard: whose limits are held against the ways.
        detour: metres on the way for each metre of straight line.
        metres_per_minute: speed on foot.
        searched_to: minutes.
        ways: of each service, the ways from the gap's places; None: straight lines are measured.
        known: services to which any place has a way.

    """

    places: gpd.GeoDataFrame
    codes: tuple[str, ...]
    homes: npt.NDArray[np.float64]
    standard: Standard
    detour: float
    metres_per_minute: float
    searched_to: float
    ways: Mapping[str, Sequence[Way]] | None = None
    known: frozenset[str] = field(default=frozenset())

    @classmethod
    def of(
        cls,
        edition: Edition,
        places: Sequence[str],
        standard: Standard,
        *,
        detour: float,
        metres_per_minute: float,
    ) -> Distances:
        """Take from an edition what concerns these places."""
        inside = edition.places[[clean(p) in set(places) for p in edition.places["place_id"]]]
        codes = tuple(map(str, inside["place_id"]))
        ways = _read_ways(edition.ways, codes) if len(edition.ways) else None
        # Where a service comes says nothing of how far its site is.
        sites = edition.ways[edition.ways["mode"] != OUTREACH] if len(edition.ways) else None
        return cls(
            places=edition.places,
            codes=codes,
            homes=inside[["easting", "northing"]].to_numpy(dtype=float),
            standard=standard,
            detour=detour,
            metres_per_minute=metres_per_minute,
            searched_to=edition.travel.searched_to,
            ways=ways,
            known=frozenset() if sites is None else frozenset(map(str, sites["service_id"])),
        )

    def measure(self, service: Mapping[Any, Any], limit: float) -> Distance:
        """Measure how far a service is, with the limit that its element sets, in metres.

        Only a service area says that a service comes to a place: a site may stand where people live.
        """
        area = clean_list(service.get("service_area"))
        comes_to = set(map(str, places_of(area, self.places))) if area else set()
        there = {place for place in self.codes if place in comes_to}
        if self.ways is None:
            return self._measure_straight(service, limit, there)
        return self._measure_ways(service, limit, there)

    def _measure_straight(
        self, service: Mapping[Any, Any], limit: float, there: set[str]
    ) -> Distance:
        site = np.array([service["easting"], service["northing"]], dtype=float)
        walked = np.full(len(self.codes), np.inf)
        if not np.isnan(site).any():
            walked = np.nan_to_num(np.hypot(*(self.homes - site).T), nan=np.inf) * self.detour
        walked[[place in there for place in self.codes]] = 0.0
        metres = float(walked.min()) if len(walked) else np.inf
        said = f"{metres:,.0f} m, {metres / self.metres_per_minute:.0f} min"
        if there:
            said = COMES
        elif np.isinf(metres):
            said = NO_SITE
        near = int((walked <= limit).sum())
        return Distance(said, metres, limit, _say_metres(limit), near, bool(there))

    def _measure_ways(self, service: Mapping[Any, Any], limit: float, there: set[str]) -> Distance:
        code = str(service["service_id"])
        ways = (self.ways or {}).get(code, ())
        scaled = [(self._scale(way, limit), way) for way in ways]
        near = there | {way.place_id for metres, way in scaled if metres <= limit}
        if there:
            return Distance(COMES, 0.0, limit, _say_metres(limit), len(near), comes=True)
        if not scaled:
            return self._say_not_found(service, code, limit)
        metres, way = min(scaled, key=lambda pair: pair[0])
        lacking = ""
        if way.share < _ALL:
            some = words.say_percent(way.share)
            lacking = f"within {self.searched_to:g} min of {some} of the nearest place's people"
        allowed = self._allow(way.mode, limit)
        on_foot = way.mode == WALK
        return Distance(
            said=_say_way(way),
            metres=metres,
            limit=limit,
            limit_said=_say_metres(limit) if on_foot else _say_minutes(allowed, way.mode),
            near=len(near),
            stretch=1.0 if on_foot or not allowed else limit / allowed / METRES_PER_MINUTE,
            lacking=lacking,
        )

    def _say_not_found(self, service: Mapping[Any, Any], code: str, limit: float) -> Distance:
        said = _say_metres(limit)
        if not self._has_site(service, code):
            return Distance(NO_SITE, np.inf, limit, said)
        if not any((self.ways or {}).values()):
            return Distance(
                "no way known", np.inf, limit, said, unknown="no way from there was found"
            )
        beyond = f"over {self.searched_to:g} min away (not searched further)"
        short = self.searched_to * METRES_PER_MINUTE < limit
        return Distance(
            beyond, np.inf, limit, said, unknown="how far is not known" if short else ""
        )

    def _has_site(self, service: Mapping[Any, Any], code: str) -> bool:
        site = (service.get("easting"), service.get("northing"))
        return code in self.known or not any(c is None or pd.isna(c) for c in site)

    def _scale(self, way: Way, limit: float) -> float:
        """Bring a way to the scale of the limit, as coverage does."""
        if way.mode == WALK:
            return way.minutes * METRES_PER_MINUTE if np.isnan(way.metres) else way.metres
        allowed = self._allow(way.mode, limit)
        return way.minutes * (limit / allowed if allowed else METRES_PER_MINUTE)

    def _allow(self, mode: str, limit: float) -> float:
        """Return the minutes that the standard allows a mode."""
        return self.standard.minutes.get(mode) or limit / METRES_PER_MINUTE


def list_modes(edition: Edition) -> tuple[str, ...]:
    """List the modes of travel, other than on foot, by which ways were measured."""
    if not len(edition.ways):
        return ()
    modes = dict.fromkeys(map(str, edition.ways["mode"]))
    return tuple(mode for mode in modes if mode not in (WALK, OUTREACH))


def _read_ways(ways: pd.DataFrame, codes: Sequence[str]) -> dict[str, list[Way]]:
    own = ways[ways["place_id"].isin(codes) & (ways["mode"] != OUTREACH)]
    found: dict[str, list[Way]] = {}
    columns = ["service_id", "place_id", "mode", "minutes", "metres", "share"]
    for service, place, mode, minutes, metres, share in own[columns].itertuples(index=False):
        way = Way(str(place), str(mode), float(minutes), float(metres), float(share))
        found.setdefault(str(service), []).append(way)
    return found


def _say_way(way: Way) -> str:
    if way.mode == WALK and not np.isnan(way.metres):
        return f"{way.metres:,.0f} m, {way.minutes:.0f} min"
    return _say_minutes(way.minutes, way.mode)


def _say_metres(metres: float) -> str:
    return f"{metres:,.0f} m"


def _say_minutes(minutes: float, mode: str) -> str:
    return f"{minutes:.0f} min {words.say_mode(mode)}"

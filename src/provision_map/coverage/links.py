"""Which services each home is linked to, on the scale of the element's own distance limit."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from provision_map.coverage.bitsets import Floats, Index, Mask
from provision_map.coverage.supply import Supply
from provision_map.errors import warn
from provision_map.model import Element, Standard

#: Standards are set in metres on foot; 80 m a minute is 4.8 km/h.
METRES_PER_MINUTE = 80.0
OUTREACH = "outreach"
WALK = "walk"


@dataclass(frozen=True)
class Links:
    """Pairs of home and supply row that lie within what was searched, sorted by home and row.

    Attributes:
        place: the home.
        row: the row of the supply.
        metres: how far, on the scale on which ``Supply.metres`` is the limit.
        accuracy: what the site's position leaves open of it; inf where nobody searched so far.
        places: how many homes there are.

    """

    place: Index
    row: Index
    metres: Floats
    accuracy: Floats
    places: int


@dataclass(frozen=True)
class TimesByService:
    """Travel times by number instead of by code, sorted by service: asked again by each element.

    Attributes:
        homes: how many there are.
        services: codes in order; the ways to the n-th are ``start[n]`` to ``start[n + 1]``.
        start: see above.
        home: of each way, the home.
        mode: of each way, its position among ``modes``.
        modes: names of the modes.
        minutes, metres, accuracy, searched_to: of each way.

    """

    homes: int
    services: pd.Index[str]
    start: Index
    home: Index
    mode: Index
    modes: tuple[str, ...]
    minutes: Floats
    metres: Floats
    accuracy: Floats
    searched_to: Floats

    @classmethod
    def of(cls, times: pd.DataFrame, homes: pd.DataFrame) -> TimesByService:
        """Turn codes into numbers, and leave ways from elsewhere out.

        Args:
            times: ``tables.TRAVEL_TIMES``.
            homes: ``tables.HOMES``, in the order that they are to be numbered in.

        """
        home = pd.Index(homes["home_id"]).get_indexer(pd.Index(times["from_id"]))
        service, services = pd.factorize(times["to_id"])
        mode, modes = pd.factorize(times["mode"])
        ours = np.flatnonzero(home >= 0)
        order = ours[np.argsort(service[ours], kind="stable")]

        def column(name: str) -> Floats:
            return np.asarray(times[name].to_numpy(dtype=float)[order])

        return cls(
            homes=len(homes),
            services=pd.Index(services),
            start=np.searchsorted(service[order], np.arange(len(services) + 1)),
            home=home[order].astype(np.int64),
            mode=mode[order].astype(np.int64),
            modes=tuple(map(str, modes)),
            minutes=column("minutes"),
            metres=column("metres"),
            accuracy=column("accuracy"),
            searched_to=column("searched_to"),
        )

    def bounds(self) -> dict[str, float]:
        """How far each mode was searched, in minutes.

        Ways searched to nothing stand for what a search left out, not for its bound.
        """
        found = {}
        for number, mode in enumerate(self.modes):
            searched = self.searched_to[self.mode == number]
            furthest = float(searched.max(initial=0.0))
            if mode != OUTREACH and furthest > 0:
                found[mode] = furthest
        return found

    def ways_to(self, service_ids: npt.NDArray[np.object_]) -> tuple[Index, Index]:
        """List the ways to each of these services: (position in the list, position of the way)."""
        at = self.services.get_indexer(pd.Index(service_ids))
        known = np.flatnonzero(at >= 0)
        first, last = self.start[at[known]], self.start[at[known] + 1]
        count = last - first
        which = np.repeat(known, count)
        # 0, 1, 2, … within each service, from its first way on.
        within = np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count)
        return which, np.repeat(first, count) + within


def links_of(
    times: TimesByService | pd.DataFrame, homes: pd.DataFrame, supply: Supply, element: Element
) -> Links:
    """Link homes to the rows of an element's supply.

    A way on foot is held against the standard's metres. Where only its minutes are known they are
    taken as metres at 80 m a minute; by another mode they are scaled by the minutes that the
    standard allows it, so that a limit of 30 minutes by bus and one of 1,600 m on foot are the
    same point of one scale. Of several modes the nearest counts.

    What was not searched is not far: where a pair was searched to less than the limit, and not
    found, it is linked at the limit with nothing known of how far.

    Args:
        times: ``tables.TRAVEL_TIMES``, or the same numbered once for many elements.
        homes: ``tables.HOMES``; links number them in this order.
        supply: of the element.
        element: whose standard sets the limits.

    """
    if isinstance(times, pd.DataFrame):
        times = TimesByService.of(times, homes)
    row, way = times.ways_to(supply.service_id)
    limit = supply.metres[row]
    metres, accuracy = _on_the_limits_scale(times, way, limit, element.standard)
    lost = np.isnan(metres)
    unsearched = lost & (times.searched_to[way] * METRES_PER_MINUTE < limit)
    metres = np.where(unsearched, limit, metres)
    accuracy = np.where(unsearched, np.inf, accuracy)
    found = ~np.isnan(metres)
    home, row, metres, accuracy = times.home[way[found]], row[found], metres[found], accuracy[found]
    short = _search_too_short(times, supply, element)
    if short.any():
        more_homes, more_rows = _not_searched(times.homes, home, row, np.flatnonzero(short))
        home, row = np.concatenate([home, more_homes]), np.concatenate([row, more_rows])
        metres = np.concatenate([metres, supply.metres[more_rows]])
        accuracy = np.concatenate([accuracy, np.full(len(more_rows), np.inf)])
    # Of several modes, the one that is nearest for certain.
    order = np.lexsort((metres, metres + accuracy, row, home))
    first = np.ones(len(order), dtype=bool)
    first[1:] = (np.diff(home[order]) != 0) | (np.diff(row[order]) != 0)
    kept = order[first]
    return Links(home[kept], row[kept], metres[kept], accuracy[kept], times.homes)


def _on_the_limits_scale(
    times: TimesByService, way: Index, limit: Floats, standard: Standard
) -> tuple[Floats, Floats]:
    minutes, metres = times.minutes[way], times.metres[way]
    metres = np.where(np.isnan(metres), minutes * METRES_PER_MINUTE, metres)
    accuracy = times.accuracy[way]
    for number, mode in enumerate(times.modes):
        if mode in (OUTREACH, WALK):
            continue
        here = times.mode[way] == number
        # Metres by bus are no metres on foot: its minutes count.
        allowed = standard.minutes.get(mode)
        scale = limit[here] / allowed if allowed else METRES_PER_MINUTE
        metres[here] = minutes[here] * scale
        accuracy[here] = accuracy[here] / METRES_PER_MINUTE * scale
    return metres, accuracy


def _search_too_short(times: TimesByService, supply: Supply, element: Element) -> Mask:
    """Mark the rows whose limit lies beyond what was searched at all."""
    bounds = times.bounds()
    if not bounds or not times.homes:
        return np.zeros(len(supply), dtype=bool)
    reach = np.zeros(len(supply))
    for mode, bound in bounds.items():
        allowed = element.standard.minutes.get(mode) if mode != WALK else None
        scale = supply.metres / allowed if allowed else METRES_PER_MINUTE
        reach = np.maximum(reach, bound * scale)
    short = np.asarray(reach < supply.metres - 1e-6)
    if short.any():
        furthest = float(supply.metres[short].max()) / METRES_PER_MINUTE
        warn(
            "travel times",
            f"{element.id} looks as far as {furthest:.0f} minutes on foot, and ways were searched "
            f"to {max(bounds.values()):.0f} minutes: what lies between is unknown, not far.",
            "Search further.",
        )
    return short


def _not_searched(homes: int, home: Index, row: Index, short: Index) -> tuple[Index, Index]:
    """List every pair of home and row that no search has found."""
    rows = int(max(row.max(initial=-1), short.max(initial=-1))) + 1
    known = np.zeros((homes, rows), dtype=bool)
    known[home, row] = True
    absent_home, absent = np.nonzero(~known[:, short])
    return absent_home, short[absent]

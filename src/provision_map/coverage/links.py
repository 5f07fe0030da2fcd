"""Which services each home is linked to, on the scale of the element's own distance limit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from provision_map.coverage.bitsets import Floats, Index
from provision_map.coverage.supply import Supply
from provision_map.errors import warn
from provision_map.model import Element, Standard
from provision_map.reach.straight_line import METRES_PER_MINUTE
from provision_map.schema.wording import say_mode

OUTREACH = "outreach"
WALK = "walk"
_DUST = 1e-6


@dataclass(frozen=True)
class Links:
    """Pairs of home and supply row, sorted by both, on the scale on which ``Supply.metres`` is the limit.

    Attributes:
        place: the home.
        row: the row of the supply.
        low: how near it may be: a site's position may be uncertain, or nobody searched further.
        high: how far it may be; inf where nobody knows.
        metres: how far it stands; inf where nobody knows.
        places: how many homes there are.

    """

    place: Index
    row: Index
    low: Floats
    high: Floats
    metres: Floats
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

    What was not searched is not far: a pair that a mode was searched for to less than its limit, and
    was not found by it, may be as near as the search went, and as far as anything.

    Args:
        times: ``tables.TRAVEL_TIMES``, or the same numbered once for many elements.
        homes: ``tables.HOMES``; links number them in this order.
        supply: of the element.
        element: whose standard sets the limits.

    """
    if isinstance(times, pd.DataFrame):
        times = TimesByService.of(times, homes)
    row, way = times.ways_to(supply.service_id)
    home = times.home[way]
    scale = _scales(times, supply, element.standard)
    here = scale[times.mode[way], row]
    minutes = times.minutes[way]
    on_foot = np.isin(
        times.mode[way], [n for n, m in enumerate(times.modes) if m in (WALK, OUTREACH)]
    )
    given = on_foot & ~np.isnan(times.metres[way])
    metres = np.where(given, times.metres[way], minutes * here)
    slack = times.accuracy[way] / METRES_PER_MINUTE * here
    # Without minutes there is no way within what was searched, whatever the metres say.
    found = ~np.isnan(minutes)
    searched = times.searched_to[way] * here
    lost = ~found & (searched < supply.metres[row])
    pairs = [
        (home[found], row[found], (metres - slack)[found], (metres + slack)[found], metres[found]),
        (home[lost], row[lost], searched[lost], np.inf, np.inf),
    ]
    for mode, far in _searched_too_short(times, supply, element, scale):
        by_mode = found & (times.mode[way] == mode)
        absent = _absent(
            times.homes, home[by_mode], row[by_mode], np.flatnonzero(far < supply.metres)
        )
        pairs.append((*absent, far[absent[1]], np.inf, np.inf))
    return _nearest(pairs, times.homes)


def _scales(times: TimesByService, supply: Supply, standard: Standard) -> Floats:
    """Metres on the limit's scale for each minute: mode × supply row.

    A mode that the standard does not name has as many minutes as the walk. Metres by bus are no
    metres on foot: of other modes only the minutes count.
    """
    scale = np.full((len(times.modes), len(supply)), METRES_PER_MINUTE)
    for number, mode in enumerate(times.modes):
        allowed = standard.minutes.get(mode)
        if allowed and mode not in (WALK, OUTREACH):
            scale[number] = supply.metres / allowed
    return scale


def minutes_by(mode: str, standard: Standard, minutes: float) -> float:
    """Return the minutes by a mode that are as far, on a standard's scale, as minutes on foot.

    >>> bus = Standard("hours", 2, 1600, "", minutes={"bus": 30})
    >>> minutes_by("bus", bus, 10), minutes_by("walk", bus, 10), minutes_by("cycle", bus, 10)
    (15.0, 10, 10)
    """
    allowed, walk = standard.minutes.get(mode), standard.metres / METRES_PER_MINUTE
    if not allowed or not walk or mode in (WALK, OUTREACH):
        return minutes
    return minutes * allowed / walk


def _searched_too_short(
    times: TimesByService, supply: Supply, element: Element, scale: Floats
) -> list[tuple[int, Floats]]:
    """List the modes that were searched less far than the element looks, and how far for each row.

    Only rows of services that stand somewhere: those that come to places have no way to be found.
    """
    short = []
    for number, mode in enumerate(times.modes):
        bound = times.bounds().get(mode)
        if bound is None:
            continue
        far = np.where(supply.sited, bound * scale[number], np.inf)
        if (far < supply.metres - _DUST).any():
            allowed = float((supply.metres / scale[number])[supply.sited].max())
            by = say_mode(mode)
            warn(
                "travel times",
                f"{element.id} looks as far as {allowed:.0f} minutes {by}, and ways {by} were "
                f"searched to {bound:.0f} minutes: what lies between is unknown, not far.",
                "Search further.",
            )
            short.append((number, far))
    return short


def _absent(homes: int, home: Index, row: Index, rows: Index) -> tuple[Index, Index]:
    """List every pair of a home and one of these rows that is not among those given."""
    known = np.zeros((homes, int(max(row.max(initial=-1), rows.max(initial=-1))) + 1), dtype=bool)
    known[home, row] = True
    absent_home, absent = np.nonzero(~known[:, rows])
    return absent_home, rows[absent]


def _nearest(pairs: list[tuple[Index, Index, Any, Any, Any]], homes: int) -> Links:
    """Bring several ways of a pair together: as near, and as surely near, as the best of them."""
    home, row = (np.concatenate([pair[n] for pair in pairs]) for n in (0, 1))
    figures = [
        np.concatenate([np.broadcast_to(pair[n], pair[0].shape) for pair in pairs])
        for n in (2, 3, 4)
    ]
    order = np.lexsort((row, home))
    home, row = home[order], row[order]
    first = np.ones(len(order), dtype=bool)
    first[1:] = (np.diff(home) != 0) | (np.diff(row) != 0)
    start = np.flatnonzero(first)
    low, high, metres = (
        np.minimum.reduceat(figure[order], start) if len(order) else figure for figure in figures
    )
    return Links(home[start], row[start], low, high, metres, homes)

"""Places in reach for each hundred children: an index of supply against demand, by element."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from scipy import sparse

from provision_map.coverage import week
from provision_map.coverage.classes import column_classes, join_frames
from provision_map.coverage.homes_by_place import HomesByPlace
from provision_map.coverage.links import Links, TimesByService, links_of
from provision_map.coverage.returns import incomplete_returns
from provision_map.coverage.supply import NO, Supply, supply_of
from provision_map.errors import DataError, Problem, collect_warnings, warn
from provision_map.model import Element, Framework, Standard
from provision_map.places.people import EVERYONE
from provision_map.reach.catchments import access_by_area, weigh_pairs
from provision_map.reach.matching import Matched
from provision_map.reach.straight_line import DETOUR, METRES_PER_MINUTE
from provision_map.tables import ACCESSIBILITY

Floats = npt.NDArray[np.float64]
Index = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]

#: The catchment of the headline, and what it is held against.
SMALLER, LARGER = 0.75, 1.25
PER = 100.0
#: Gaps between outlines that are narrower than twice this are slips of the pen, not borders.
_SLIVER = 1.0
_NAMED = 5


def measure_accessibility(
    places: gpd.GeoDataFrame,
    people: pd.DataFrame,
    services: pd.DataFrame,
    times: pd.DataFrame,
    *,
    homes: pd.DataFrame | None = None,
    framework: Framework,
    sessions: pd.DataFrame,
    neighbours: gpd.GeoDataFrame | None = None,
    neighbour_people: pd.DataFrame | None = None,
    detour: float = DETOUR,
    returns: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Measure for each element and place how many places are in reach of a hundred children.

    *Supply* of a service is its places in one session; for an element that counts hours, times the
    hours of the week, within the standard's window, in which it is certainly open (place-hours). A
    service whose places have no limit or are not known, or that is certainly open at no time and
    may be at some, is in no figure, and is counted in ``unknown_capacity`` of the places that have
    it in their catchment. An element of which no service has known capacity has no rows.

    *Demand* is the children of the Offer's ages, everyone, at their homes, those beyond the border
    too. A service is for the ages that it admits, a limit that is not known admitting all: they
    compete for it, and only they find it; a place's figure is the mean over its children. A service
    that admits none of the Offer's ages is no supply.

    *Catchment* is ``catchment_metres`` of the standard, told in minutes at 80 m a minute. Ways are
    on the scale of :func:`~provision_map.coverage.links.links_of`, as in the waterfall: on foot
    their metres count; by another mode the minutes that the standard allows it are as far as its
    metres; the nearest mode counts. A service that comes to a place is at no distance there. One of
    several types of space is as far as that with the longest limit, a site whose position is
    uncertain as far as it is said to stand.

    *Basis.* What nobody searched, or nobody returned, is not nothing. Where no home of a place was
    searched for any of the services, and none comes there, figures and ``unknown_capacity`` are
    blank ("not searched"). Where some pair was not searched, or not as far as the catchment, or a
    source that speaks for the place has not answered, the figures are of what is known
    ("incomplete"). Children of homes that were not searched compete for nothing.

    *From homes to places.* A place has the mean of its homes by the people who live there. ``bfca``
    shares each level of service out among the places, so it is computed from each place's mean
    weight: to cut a place into more homes must not make its share smaller or larger. See
    :func:`~provision_map.reach.catchments.floating_catchment` for the methods.

    *Edge.* ``edge_affected`` is yes where a circle around any home of the place reaches beyond the
    outlines of the places whose people are known. Its radius is ``catchment_metres`` ÷ ``detour``:
    that far children come in a straight line. Water and other land without people count as beyond.

    Args:
        places: ``tables.PLACES``.
        people: ``tables.PEOPLE``.
        services: located services.
        times: ``tables.TRAVEL_TIMES`` from homes; from the neighbours' too, if there are any.
        homes: ``tables.HOMES``; None: one a place. Homes of other places than ``places`` are the
            neighbours'.
        framework: Offers and their elements.
        sessions: ``tables.SESSIONS`` without schedules: see
            :func:`~provision_map.coverage.schedule.expand_schedules`.
        neighbours: ``tables.PLACES`` beyond the border. One without homes of its own is one home,
            named after it. Nothing is said of them.
        neighbour_people: ``tables.PEOPLE`` of the neighbours, whose children compete.
        detour: metres walked for each metre of straight line, for the edge alone.
        returns: ``tables.RETURNS``; None: all are complete.

    Returns:
        ``tables.ACCESSIBILITY``, by element and place.

    Raises:
        DataError: a home that stands twice, a place without a home.

    Warns:
        DataWarning: catchments that reach beyond what was searched; services with places and
            without any child in reach.

    """
    town = _Town.of(places, homes, neighbours)
    residents = _Residents(people, neighbour_people, town.place_id)
    numbered = TimesByService.of(times, town.lived.homes)
    returned = None if returns is None else ~incomplete_returns(returns, places, framework)
    margin: Floats | None = None
    frames, idle, short = [], list[str](), dict[str, float]()
    for offer in framework.offers:
        children = residents.of_ages(offer.ages())
        for element in offer.elements:
            offered = _Offered.of(element, services, sessions, ages=offer.ages())
            if not offered.known.any():
                continue
            ways = _Ways.of(offered, numbered, town, element)
            figures, without = _measure(town, children, offered, ways)
            if margin is None:
                margin = _margin_of_homes(town, places, neighbours, neighbour_people)
            radius = element.standard.catchment_metres / detour
            edge = np.zeros(town.ours, dtype=bool)
            np.logical_or.at(edge, town.lived.place, (margin < radius) & (town.lived.share > 0))
            answered = True if returned is None else returned[element.id].to_numpy(dtype=bool)
            known = {name: np.where(ways.nowhere, np.nan, of) for name, of in figures.items()}
            frame = pd.DataFrame(known).assign(
                offer_id=offer.id,
                element_id=element.id,
                place_id=places["place_id"].to_numpy(),
                children=children[: town.ours].sum(axis=1),
                catchment_minutes=ways.minutes,
                basis=np.where(ways.everywhere & answered, "complete", "incomplete"),
                edge_affected=np.where(edge, "yes", "no"),
            )
            frame.loc[ways.nowhere, "basis"] = "not searched"
            frames.append(frame)
            idle += services["service_id"].iloc[without].to_list()
            if ways.short:
                short[element.id] = LARGER * ways.minutes
    _warn_of_search(numbered, short)
    _warn_of_idle(list(dict.fromkeys(idle)))
    return join_frames(ACCESSIBILITY, frames)


@dataclass(frozen=True)
class _Town:
    """Where children live: homes, ours first, and the places (then neighbours) they belong to.

    ``shares`` is the share of each place's people who live in each home: place × home.
    """

    lived: HomesByPlace
    place_id: pd.Index[Any]
    ours: int
    shares: sparse.csr_array

    @classmethod
    def of(
        cls,
        places: gpd.GeoDataFrame,
        homes: pd.DataFrame | None,
        neighbours: gpd.GeoDataFrame | None,
    ) -> _Town:
        lived = HomesByPlace.of(places, homes)
        if neighbours is not None:
            bare = neighbours[~neighbours["place_id"].isin(lived.homes["place_id"])]
            own = bare[["place_id", "easting", "northing"]].assign(
                home_id=bare["place_id"], share=1.0
            )
            everywhere = pd.concat([lived.homes, own[lived.homes.columns]], ignore_index=True)
            lived = replace(lived, homes=everywhere)
        _refuse_homes(lived, places)
        beyond = lived.beyond["place_id"]
        place_id = pd.Index([*places["place_id"], *dict.fromkeys(beyond)], dtype=object)
        at = place_id.get_indexer(pd.Index(lived.homes["place_id"], dtype=object))
        shares = lived.homes["share"].to_numpy(dtype=float)
        matrix = sparse.csr_array(
            (shares, (at, np.arange(len(at)))), shape=(len(place_id), len(at))
        )
        return cls(lived, place_id, len(places), matrix)


def _refuse_homes(lived: HomesByPlace, places: gpd.GeoDataFrame) -> None:
    problems = []
    codes = lived.homes["home_id"]
    twice = codes[codes.duplicated()].unique()
    if len(twice):
        said = "1 code stands" if len(twice) == 1 else f"{len(twice):,} codes stand"
        what = f"{said} more than once ({_names(twice)})."
        mend = "Give each home, and each neighbour, a code of its own."
        problems.append(Problem("homes", None, "home_id", what, mend))
    peopled = np.bincount(lived.place, weights=lived.share, minlength=lived.places) > 0
    bare = places["place_id"].to_numpy()[~peopled]
    if len(bare):
        said = "1 place has" if len(bare) == 1 else f"{len(bare):,} places have"
        what = f"{said} no home ({_names(bare)})."
        problems.append(Problem("homes", None, "place_id", what, "Give each place one at least."))
    if problems:
        raise DataError(problems)


class _Residents:
    """Children of every place, neighbours last, by single year of age."""

    def __init__(
        self, people: pd.DataFrame, beyond: pd.DataFrame | None, place_id: pd.Index[Any]
    ) -> None:
        """Count everyone; people of places that are not in ``place_id`` are left out."""
        # Who is counted on both sides of the border is counted on ours.
        others = None if beyond is None else beyond[~beyond["place_id"].isin(people["place_id"])]
        everyone = people if others is None else pd.concat([people, others])
        everyone = everyone[everyone["community_id"] == EVERYONE]
        self._wide = everyone.pivot_table(
            index="place_id", columns="age", values="children", aggfunc="sum"
        ).reindex(index=place_id)

    def of_ages(self, ages: Sequence[int]) -> Floats:
        """Return children, place × age; 0 where none are counted."""
        return self._wide.reindex(columns=list(ages)).to_numpy(dtype=float, na_value=0.0)


@dataclass(frozen=True)
class _Offered:
    """What the services give to an element: J of them.

    Attributes:
        service: J, their positions among all services, ascending.
        amount: J, places or place-hours; 0 where not known.
        known: J, whether the amount is.
        admits: J × age, 1 or 0.
        supply: of the element; a service has a row for each type of space.
        row: J, the row of ``supply`` with the longest limit.

    """

    service: npt.NDArray[np.int32]
    amount: Floats
    known: Mask
    admits: Floats
    supply: Supply
    row: Index

    @classmethod
    def of(
        cls,
        element: Element,
        services: pd.DataFrame,
        sessions: pd.DataFrame,
        *,
        ages: Sequence[int],
    ) -> _Offered:
        """Collect them; those that give nothing, or to no age of these, are left out."""
        gives = np.array([element.id in codes for codes in services["elements"]], dtype=bool)
        mine = services[gives]
        unasked = pd.Series(dtype=np.int8)
        supply = supply_of(
            element, mine, sessions[sessions["service_id"].isin(mine["service_id"])],
            communities=(), quality=unasked, record=unasked,
        )  # fmt: skip
        certain, possible = _units(supply, element.standard)
        number = pd.Index(mine["service_id"]).get_indexer(pd.Index(supply.service_id))
        rows = pd.DataFrame(
            {
                "at": np.flatnonzero(gives)[number],
                "row": np.arange(len(supply)),
                "certain": certain,
                "possible": possible,
            }
        )
        # A service has a row for each type of space: its places are there once.
        longest_first = rows.iloc[np.argsort(-supply.metres, kind="stable")]
        one = longest_first.groupby("at", sort=True).agg(
            row=("row", "first"), certain=("certain", "max"), possible=("possible", "max")
        )
        admits = (supply.ages_ok(ages) != NO)[one["row"].to_numpy()]
        keep = (one["possible"].to_numpy() > 0) & admits.any(axis=1)
        one, admits = one[keep], admits[keep]
        row = one["row"].to_numpy(dtype=np.int64)
        capacity = supply.capacity[row]
        known = np.isfinite(capacity) & (one["certain"].to_numpy() > 0)
        amount = np.where(known, capacity, 0.0) * one["certain"].to_numpy()
        return cls(
            one.index.to_numpy(dtype=np.int32), amount, known, admits.astype(float), supply, row
        )

    def classes(self) -> tuple[Floats, Floats]:
        """Return admits by class of ages that none tells apart, and age × class (1 or 0)."""
        admits = self.admits[self.known]
        class_of, pick = column_classes(admits)
        return admits[:, pick], np.eye(len(pick))[class_of]


def _units(supply: Supply, standard: Standard) -> tuple[Floats, Floats]:
    """Return by what the places of each row are multiplied: for certain, and if unknowns are good.

    Hours of the week for an element that counts hours; 1 or 0 for the others.
    """
    mask = week.pack(week.window_mask(standard.windows, week.bit_count(standard)))
    certain = week.units_in(supply.bad & mask, standard)
    possible = week.units_in(supply.good & mask, standard)
    if standard.unit == "hours":
        return certain / 2, possible / 2
    return (certain > 0).astype(float), (possible > 0).astype(float)


@dataclass(frozen=True)
class _Ways:
    """Ways from the homes to what is offered to one element, and what was not searched.

    Attributes:
        minutes: of the catchment.
        pairs: home × offered service within the larger catchment, in minutes of the catchment.
        nowhere: of each of our places, whether no way from it was searched, and nothing comes.
        everywhere: of each of our places, whether all were searched as far as the catchment.
        short: whether there may be services in the larger catchment that the search did not reach.

    """

    minutes: float
    pairs: Matched
    nowhere: Mask
    everywhere: Mask
    short: bool

    @classmethod
    def of(cls, offered: _Offered, times: TimesByService, town: _Town, element: Element) -> _Ways:
        """Link homes to what is offered, as far as the larger catchment."""
        catchment = element.standard.catchment_metres
        links, site = _link(offered, times, town, element)
        inside = links.metres <= LARGER * catchment
        pairs = Matched(
            links.place[inside].astype(np.int32), site[inside].astype(np.int32),
            links.metres[inside] / METRES_PER_MINUTE, links.places, len(offered.service),
        )  # fmt: skip
        lived = town.lived
        sited = offered.supply.sited[offered.row]
        peopled = np.zeros(links.places, dtype=bool)
        peopled[: len(lived.place)] = lived.share > 0
        ours, found = peopled[links.place], np.isfinite(links.metres)
        wanting = ours & ~found & sited[site]

        def count(which: Mask) -> Index:
            places = lived.place[links.place[which]]
            return np.bincount(places, minlength=town.ours)

        homes = np.bincount(lived.place[lived.share > 0], minlength=town.ours)
        lost = count(wanting & (links.low <= 0))
        if not times.bounds():
            # Nothing was searched at all: whatever was not found by itself is lost.
            lost = homes * sited.sum() - count(ours & found & sited[site])
        return cls(
            minutes=catchment / METRES_PER_MINUTE,
            pairs=pairs,
            nowhere=(lost > 0) & (lost == homes * sited.sum()) & (count(ours & found) == 0),
            everywhere=(lost == 0) & (count(wanting & (links.low < catchment)) == 0),
            short=bool((wanting & (links.low > 0) & (links.low < LARGER * catchment)).any()),
        )


def _link(
    offered: _Offered, times: TimesByService, town: _Town, element: Element
) -> tuple[Links, Index]:
    """Link homes to what is offered, one link a service, and say which service each is to."""
    looked_at, as_far = _look_further(offered, element)
    # It warns of limits, and how far these have been moved is nobody's concern.
    with collect_warnings():
        links = links_of(times, town.lived.homes, looked_at, as_far)
    number = np.full(len(looked_at), -1, dtype=np.int64)
    number[offered.row] = np.arange(len(offered.row))
    site = number[links.row]
    kept = site >= 0
    return (
        Links(
            links.place[kept], links.row[kept], links.low[kept], links.high[kept],
            links.metres[kept], links.places,
        ),
        site[kept],
    )  # fmt: skip


def _look_further(offered: _Offered, element: Element) -> tuple[Supply, Element]:
    """Move the limits out to the larger catchment: as far as that it is told what is not searched.

    Where a mode has minutes of its own, limits and minutes are doubled until they are far enough:
    the scale between them stays what it is in the waterfall, to the last digit.
    """
    supply, standard = offered.supply, element.standard
    furthest = LARGER * standard.catchment_metres
    if not standard.minutes:
        return replace(supply, metres=np.full(len(supply), furthest)), element
    limits = supply.metres[offered.row]
    limit, times_as_far = float(limits[limits > 0].min(initial=np.inf)), 1.0
    while limit * times_as_far < furthest:
        times_as_far *= 2
    minutes = {mode: allowed * times_as_far for mode, allowed in standard.minutes.items()}
    return (
        replace(supply, metres=supply.metres * times_as_far),
        replace(element, standard=replace(standard, minutes=minutes)),
    )


def _measure(
    town: _Town, children: Floats, offered: _Offered, ways: _Ways
) -> tuple[dict[str, Floats], npt.NDArray[np.int32]]:
    """Compute every figure of one element, and find the services without a child in reach."""
    minutes, pairs = ways.minutes, ways.pairs
    known = replace(pairs, **_picked(pairs, offered.known), sites=int(offered.known.sum()))
    admits, classes = offered.classes()
    grouped = children @ classes
    supply = offered.amount[offered.known]
    sharing = _Sharing(town, grouped, classes.sum(axis=0), supply, admits)
    figures = {}
    for column, method, decay, scale in _COLUMNS:
        weights = weigh_pairs(known, catchment_minutes=scale * minutes, decay=decay)
        figures[column] = PER * sharing.by_place(weights, method)
    figures["unknown_capacity"] = _count_unknown(town, pairs, offered, minutes)
    headline = weigh_pairs(known, catchment_minutes=minutes)
    reached = (headline.T @ (town.shares.T @ grouped) * admits).sum(axis=1)
    without = np.flatnonzero(offered.known)[(reached <= 0) & (supply > 0)]
    return figures, offered.service[without]


_COLUMNS = (
    ("e2sfca", "e2sfca", "gaussian", 1.0),
    ("e2sfca_smaller", "e2sfca", "gaussian", SMALLER),
    ("e2sfca_larger", "e2sfca", "gaussian", LARGER),
    ("two_sfca", "2sfca", "uniform", 1.0),
    ("m2sfca", "m2sfca", "gaussian", 1.0),
    ("bfca", "bfca", "gaussian", 1.0),
)  # column, method, decay, part of the catchment


@dataclass(frozen=True)
class _Sharing:
    """Supply of one element, and the children, by class of age, who share it.

    ``sizes`` is how many ages a class has: where a place has no children of the Offer's ages, its
    figure is the plain mean over them.
    """

    town: _Town
    children: Floats  # place × class
    sizes: Floats
    supply: Floats
    admits: Floats  # service × class

    def by_place(self, weights: sparse.csr_array, method: str) -> Floats:
        """Share the supply out by a method, and bring it from homes and ages to our places."""
        shares, ours = self.town.shares, self.town.ours
        if method == "bfca":
            found = access_by_area(
                sparse.csr_array(shares @ weights), self.children, self.supply,
                method=method, admits=self.admits,
            )  # fmt: skip
            # Parts of levels of service: they add up.
            return np.asarray(found[:ours].sum(axis=1), dtype=float)
        found = access_by_area(
            weights, shares.T @ self.children, self.supply, method=method, admits=self.admits
        )
        by_class = (shares @ found)[:ours]
        weight = self.children[:ours]
        weight = np.where(weight.sum(axis=1, keepdims=True) > 0, weight, self.sizes)
        return np.asarray((by_class * weight).sum(axis=1) / weight.sum(axis=1), dtype=float)


def _picked(pairs: Matched, known: Mask) -> dict[str, Any]:
    """Take the pairs of services with a known amount; the order of services is kept."""
    keep = known[pairs.site]
    number = (np.cumsum(known) - 1).astype(np.int32)
    return {
        "area": pairs.area[keep],
        "site": number[pairs.site[keep]],
        "minutes": pairs.minutes[keep],
    }


def _count_unknown(town: _Town, pairs: Matched, offered: _Offered, minutes: float) -> Floats:
    """Count, for each of our places, the services in its catchment that are in no figure."""
    keep = ~offered.known[pairs.site] & (pairs.minutes <= minutes)
    lived = town.lived
    keep &= pairs.area < len(lived.place)
    area, site = pairs.area[keep], pairs.site[keep]
    peopled = lived.share[area] > 0
    key = np.unique(lived.place[area[peopled]] * pairs.sites + site[peopled])
    return np.bincount(key // max(pairs.sites, 1), minlength=town.ours).astype(float)


# ---------------------------------------------------------------- the edge


def _margin_of_homes(
    town: _Town,
    places: gpd.GeoDataFrame,
    neighbours: gpd.GeoDataFrame | None,
    neighbour_people: pd.DataFrame | None,
) -> Floats:
    """Measure from each of our homes to where people are no longer known; 0 outside of it."""
    outlines = list(places.geometry)
    if neighbours is not None and neighbour_people is not None:
        counted = neighbours["place_id"].isin(neighbour_people["place_id"])
        outlines += list(neighbours.geometry[counted])
    known = shapely.union_all(outlines)
    known = known.buffer(_SLIVER, join_style="mitre").buffer(-_SLIVER, join_style="mitre")
    homes = town.lived.homes.iloc[: len(town.lived.place)]
    x, y = (homes[c].to_numpy(dtype=float) for c in ("easting", "northing"))
    margin = np.zeros(len(homes))
    shapely.prepare(known)
    inside = shapely.contains_xy(known, x, y)
    if inside.any():
        tree = shapely.STRtree(list(_segments(known.boundary)))
        points = shapely.points(x[inside], y[inside])
        (at, _), far = tree.query_nearest(points, return_distance=True, all_matches=False)
        margin[np.flatnonzero(inside)[at]] = far
    return margin


def _segments(line: shapely.Geometry) -> Iterator[shapely.Geometry]:
    """Cut a long border into its straight pieces, which a tree finds the nearest of."""
    for ring in shapely.get_parts(line):
        points = shapely.get_coordinates(ring)
        yield from shapely.linestrings(np.stack([points[:-1], points[1:]], axis=1))


# ---------------------------------------------------------------- what people must know


def _warn_of_search(times: TimesByService, short: dict[str, float]) -> None:
    """Say which elements may have more than was found; ``short`` is how many minutes they look."""
    if short:
        bounds = times.bounds()
        searched = (
            f"{bound:g} ({mode.replace('_', ' ')})" if len(bounds) > 1 else f"{bound:g}"
            for mode, bound in bounds.items()
        )
        warn(
            "accessibility",
            f"Catchments, a quarter larger, of {', '.join(short)} reach {max(short.values()):g} minutes on foot, and ways were searched to {', '.join(searched)}.",
            "Services further away are missing from the figures: search further.",
        )


def _warn_of_idle(idle: Sequence[str]) -> None:
    if idle:
        number = (
            f"{len(idle):,} services offer places" if len(idle) > 1 else "1 service offers places"
        )
        warn(
            "accessibility",
            f"{number} and no child of their ages has them in the catchment ({_names(idle)}): what they offer is counted nowhere.",
            "See that the ways to them were measured, and that they stand where they are said to.",
        )


def _names(codes: Sequence[Any] | npt.NDArray[Any]) -> str:
    return ", ".join(str(c) for c in codes[:_NAMED]) + (", …" if len(codes) > _NAMED else "")

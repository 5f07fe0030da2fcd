"""Travel times along streets, from homes to services."""

from __future__ import annotations

from collections.abc import Sequence

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import breadth_first_order

from provision_map.errors import DataError, UsageError, warn
from provision_map.reach.graph import Graph, build_graph
from provision_map.reach.network import ON_FOOT, StreetNetwork, check_metres
from provision_map.reach.search import pairs_within
from provision_map.reach.snap import (
    ENTRANCE_METRES,
    Feet,
    attach_points,
    attach_sites,
    feet_within,
    split_links,
)
from provision_map.reach.straight_line import (
    DETOUR,
    METRES_PER_MINUTE,
    Pairs,
    Sites,
    frame_of_times,
    locate_sites,
    straight_pairs,
)
from provision_map.schema.wording import count_of, list_some

#: A way at the bound itself is within it, whatever the last digit of its sum.
_LAST_DIGIT = 1e-9
#: Sites that are searched alike: how much wider than the bound, as shares of it.
_WIDER = (0.0, 0.25, 1.0, 4.0)
#: The shortest straight line for which a detour says something.
_SHORTEST = 200.0
_QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)


def street_travel_times(
    homes: pd.DataFrame,
    services: pd.DataFrame,
    network: StreetNetwork,
    *,
    searched_to: float = 90.0,
    detour: float = DETOUR,
    off_network_metres: float = 500.0,
    sites: gpd.GeoDataFrame | None = None,
    places: gpd.GeoDataFrame | None = None,
    engine: str = "auto",
) -> pd.DataFrame:
    """Measure how far each service is from each home along streets.

    A way leads from the home in a straight line to the nearest street, along streets, and in a
    straight line to the site: its point, or its boundary (see
    :func:`~provision_map.reach.snap.attach_sites`), over the entrance that makes it shortest. Off
    the street people walk: at the network's speed where that is on foot, else at 80 m a minute.
    Within 25 m of a site they walk straight to it; a home inside a site is at no distance from it.
    So no way is ever shorter than the straight line.

    Ways lead from homes to services, in the direction of one-way streets. A site whose position is
    uncertain (``location_accuracy``) may be nearer than it stands, and is searched for so much
    further.

    What streets cannot say is said, never silently unreachable: homes and services further than
    ``off_network_metres`` from any street are taken by straight line × ``detour``, with a warning
    that names them. Warned of by name are those on another part of the network than most, and
    those from which one-way streets lead nowhere, or to which none leads.

    Args:
        homes: ``tables.HOMES``.
        services: located services.
        network: from :func:`~provision_map.reach.network.build_network`.
        searched_to: minutes, for the whole way; a pair beyond is not searched, and is not in the
            result.
        detour: way ÷ straight line, for what is off the network and for the uncertainty of a
            site's position.
        off_network_metres: see above.
        sites: service_id and outline or entrances, in the system of the network. The
            ``location_accuracy`` of such a service no longer counts.
        places: ``tables.PLACES``; needed where services come to places (``service_area``).
        engine: of the search: "numba", "scipy" or "auto".

    Returns:
        ``tables.TRAVEL_TIMES``, mode that of the network (or "outreach"), sorted by home and
        service. ``metres`` is the length of the way on foot where all streets have one speed;
        else it is blank, for the quickest way need not be the shortest.

    Raises:
        UsageError: services that come to places, and no places; numba asked for and not there.
        DataError: sites in another system than the network.

    """
    if not off_network_metres >= 0 or not searched_to >= 0:
        raise UsageError("off_network_metres and searched_to are distances: give 0 or more.")
    if sites is not None and (problems := check_metres(sites.crs, "sites")):
        raise DataError(problems)
    found = locate_sites(services, sites, crs=network.crs)
    spots = homes[["easting", "northing"]].to_numpy(dtype=float)
    home_feet = attach_points(network, spots, off_network_metres)
    site_feet = _attach_services(network, found, off_network_metres)
    home_off = ~np.isin(np.arange(len(homes)), home_feet.of)
    site_off = ~np.isin(np.arange(len(found.row)), site_feet.of)
    home_ids = homes["home_id"].to_numpy()
    site_ids = services["service_id"].to_numpy()[found.row]
    _warn_off_network(home_ids[home_off], site_ids[site_off], off_network_metres, detour)
    _warn_of_parts(network, (home_feet, home_ids, "home"), (site_feet, site_ids, "service"))

    on_streets = _search(
        network, spots, found, home_feet=home_feet, site_feet=site_feet,
        searched_to=searched_to, detour=detour, engine=engine, names=(home_ids, site_ids),
    )  # fmt: skip
    off_streets = _by_straight_line(
        network, spots, found, home_off=home_off, site_off=site_off,
        searched_to=searched_to, detour=detour,
    )  # fmt: skip
    return frame_of_times(
        _both(on_streets, off_streets), homes, services, found,
        mode=network.mode, detour=detour, searched_to=searched_to, places=places,
    )  # fmt: skip


# ---------------------------------------------------------------- on the network


def _attach_services(network: StreetNetwork, sites: Sites, within: float) -> Feet:
    """Attach points by their nearest street, as homes are, and outlines all round."""
    dots, areas = np.flatnonzero(~sites.outlined), np.flatnonzero(sites.outlined)
    at = attach_points(network, shapely.get_coordinates(sites.shapes[dots]), within)
    around = attach_sites(network, sites.shapes[areas], within)
    return Feet(
        np.concatenate([dots[at.of], areas[around.of]]),
        np.concatenate([at.link, around.link]),
        np.concatenate([at.along, around.along]),
        np.concatenate([at.off, around.off]),
    )


def _search(
    network: StreetNetwork,
    spots: NDArray[np.float64],
    sites: Sites,
    *,
    home_feet: Feet,
    site_feet: Feet,
    searched_to: float,
    detour: float,
    engine: str,
    names: tuple[NDArray[np.object_], NDArray[np.object_]],
) -> Pairs:
    """Search from homes to sites, both nodes of their own beside the street.

    On foot at one speed the search counts metres, else minutes: whole metres stay whole.
    ``names`` are those of the homes and the sites, for what is to be said of them.
    """
    speed = _walking_speed(network)
    by_metres = network.mode == ON_FOOT and network.one_speed
    unit = 1.0 if by_metres else 1.0 / speed
    graph, home_node, site_node = _build(
        network, spots, sites, home_feet=home_feet, site_feet=site_feet,
        unit=unit, by_metres=by_metres,
    )  # fmt: skip
    _warn_of_one_way(network, graph, (home_node, home_feet), (site_node, site_feet), names)
    scale = speed if by_metres else 1.0
    wider = sites.accuracy * detour / network.metres_per_minute
    home_rows, site_rows = np.flatnonzero(home_node >= 0), np.flatnonzero(site_node >= 0)
    size = np.searchsorted(np.array(_WIDER) * searched_to, wider[site_rows])
    kept = []
    for group in np.unique(size):
        some = site_rows[size == group]
        bound = (searched_to + wider[some].max()) * (1 + _LAST_DIGIT) * scale
        reached = pairs_within(
            graph, home_node[home_rows], site_node[some], bound=bound, engine=engine
        )
        home, site = home_rows[reached.source], some[reached.target]
        minutes = reached.cost / scale
        inside = minutes - wider[site] <= searched_to * (1 + _LAST_DIGIT)
        metres = reached.cost if by_metres else np.full(len(minutes), np.nan)
        kept.append(Pairs(home[inside], site[inside], minutes[inside], metres[inside]))
    return _both(*kept)


def _walking_speed(network: StreetNetwork) -> float:
    return network.metres_per_minute if network.mode == ON_FOOT else METRES_PER_MINUTE


def _build(
    network: StreetNetwork,
    spots: NDArray[np.float64],
    sites: Sites,
    *,
    home_feet: Feet,
    site_feet: Feet,
    unit: float,
    by_metres: bool,
) -> tuple[Graph, NDArray[np.int64], NDArray[np.int64]]:
    """Build the graph: streets, a node for each spot where homes are, a node for each site.

    Ways leave homes and lead into sites, never the other way: nobody cuts through them.

    Returns:
        The graph, and the node of each home and each site; -1: it has none.

    """
    metres = network.links["metres"].to_numpy()
    forward, backward = (
        np.ones(len(metres)) if by_metres else network.links[way].to_numpy() / metres
        for way in ("forward", "backward")
    )
    streets = split_links(
        network,
        np.concatenate([home_feet.link, site_feet.link]),
        np.concatenate([home_feet.along, site_feet.along]),
        forward=forward,
        backward=backward,
    )
    home_foot, site_foot = np.split(streets.node, [len(home_feet)])
    count = len(streets.spots)
    homes = np.unique(home_feet.of)
    _, first, same = np.unique(
        spots[homes][:, 0] + 1j * spots[homes][:, 1], return_index=True, return_inverse=True
    )
    home_node = np.full(len(spots), -1, dtype=np.int64)
    home_node[homes] = count + same
    site_node = np.full(len(sites.row), -1, dtype=np.int64)
    attached = np.unique(site_feet.of)
    site_node[attached] = count + len(first) + np.arange(len(attached))

    site, foot, beside = _starts_in_band(sites, streets.spots, np.unique(home_foot))
    near_site, near_home, straight = _straight_on(sites, spots[homes])
    inside = site_node[near_site] >= 0
    near_site, near_home, straight = near_site[inside], near_home[inside], straight[inside]
    tail = [streets.tail, home_node[home_feet.of], site_foot, foot, home_node[homes[near_home]]]
    head = [streets.head, home_foot, site_node[site_feet.of], site_node[site], site_node[near_site]]
    off = [home_feet.off, site_feet.off, beside, straight]
    middle = (
        shapely.get_coordinates(shapely.centroid(sites.shapes[attached]))
        if len(attached)
        else np.empty((0, 2))
    )
    where = np.concatenate([streets.spots, spots[homes][first], middle])
    graph = build_graph(
        np.concatenate(tail),
        np.concatenate(head),
        np.concatenate([streets.cost, np.concatenate(off) * unit]),
        x=where[:, 0],
        y=where[:, 1],
    )
    return graph, home_node, site_node


def _starts_in_band(
    sites: Sites, spots: NDArray[np.float64], feet: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
    """Find the feet of homes in the band around outlined sites: who starts there goes straight."""
    areas = np.flatnonzero(sites.outlined)
    if not len(areas) or not len(feet):
        return areas[:0], feet[:0], np.empty(0)
    site, foot, metres = feet_within(sites.shapes[areas], spots[feet])
    return areas[site], feet[foot], metres


def _straight_on(
    sites: Sites, spots: NDArray[np.float64]
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
    """Find the homes within a few metres of a site, or inside it: no street is needed."""
    none = np.empty(0, dtype=np.int64)
    if not len(sites.row) or not len(spots):
        return none, none, np.empty(0)
    dots = shapely.points(spots)
    site, home = shapely.STRtree(dots).query(
        sites.shapes, predicate="dwithin", distance=ENTRANCE_METRES
    )
    return site, home, shapely.distance(dots[home], sites.shapes[site])


# ---------------------------------------------------------------- off the network


def _by_straight_line(
    network: StreetNetwork,
    spots: NDArray[np.float64],
    sites: Sites,
    *,
    home_off: NDArray[np.bool_],
    site_off: NDArray[np.bool_],
    searched_to: float,
    detour: float,
) -> Pairs:
    """Take the pairs of which one is off the network by straight line."""
    bound = searched_to * network.metres_per_minute / detour
    parts = []
    for homes, chosen in ((home_off, np.ones(len(site_off), dtype=bool)), (~home_off, site_off)):
        rows, which = np.flatnonzero(homes), np.flatnonzero(chosen)
        some = Sites(
            sites.row[which], sites.shapes[which], sites.outlined[which], sites.accuracy[which]
        )
        home, site, straight = straight_pairs(spots[rows], some, bound)
        metres = straight * detour
        known = metres if network.mode == ON_FOOT else np.full(len(metres), np.nan)
        parts.append(Pairs(rows[home], which[site], metres / network.metres_per_minute, known))
    return _both(*parts)


def _both(*parts: Pairs) -> Pairs:
    if not parts:
        none = np.empty(0, dtype=np.int64)
        return Pairs(none, none, np.empty(0), np.empty(0))
    return Pairs(
        np.concatenate([p.home for p in parts]),
        np.concatenate([p.site for p in parts]),
        np.concatenate([p.minutes for p in parts]),
        np.concatenate([p.metres for p in parts]),
    )


def _warn_off_network(
    homes: NDArray[np.object_], sites: NDArray[np.object_], metres: float, detour: float
) -> None:
    for codes, one, many in (
        (homes, "home lies", "homes lie"),
        (sites, "service stands", "services stand"),
    ):
        if len(codes):
            ways = "its ways are" if len(codes) == 1 else "their ways are"
            warn(
                "street network",
                f"{count_of(len(codes), one, many)} further than {metres:g} m from any street in "
                f"use ({list_some(codes)}): {ways} straight line × {detour:g}.",
                "Check their positions, or give streets that reach further.",
            )


def _warn_of_parts(network: StreetNetwork, *ends: tuple[Feet, NDArray[np.object_], str]) -> None:
    """Name what lies on a large part of the network that is not the largest."""
    component = network.links["component"].to_numpy()
    for feet, codes, noun in ends:
        on_main = feet.of[component[feet.link] == 0]
        apart = np.setdiff1d(feet.of, on_main)
        if len(apart):
            lie = count_of(len(apart), f"{noun} lies on a part", f"{noun}s lie on parts")
            warn(
                "street network",
                f"{lie} of the network that no street joins to the "
                f"rest ({list_some(codes[apart])}): no way leads from one part to another.",
                "If streets are missing, mend the file or raise join_metres.",
            )


def _warn_of_one_way(
    network: StreetNetwork,
    graph: Graph,
    homes: tuple[NDArray[np.int64], Feet],
    sites: tuple[NDArray[np.int64], Feet],
    names: tuple[NDArray[np.object_], NDArray[np.object_]],
) -> None:
    """Name the homes that one-way streets do not lead out of, and the sites that none leads into.

    A way out leads to the core of the home's component. Where a component has none, because hardly
    any of its streets leads back, what counts is a way to one of its services; and the same the
    other way round.

    Args:
        network: the streets.
        graph: these, split, with homes and sites.
        homes: the node of each home, -1: none; and the feet of those that have one.
        sites: the same of sites.
        names: codes of homes and sites.

    """
    if np.isfinite(network.links[["forward", "backward"]].to_numpy()).all():
        return
    component = network.links["component"].to_numpy()
    has_core = np.zeros(len(network.components), dtype=bool)
    has_core[network.node_component[network.core]] = True
    core = np.flatnonzero(network.core)
    for (node, feet), (other, other_feet), codes, words, onward in (
        (homes, sites, names[0], ("home stands", "homes stand", "no way out"), False),
        (sites, homes, names[1], ("service stands", "services stand", "no way in"), True),
    ):
        one, many, none = words
        lonely = ~has_core[component[other_feet.link]]
        goals = np.concatenate([core, other[np.unique(other_feet.of[lonely])]])
        met = _reach(graph, goals, onward=onward)
        # A component without a core and without anything to go to says nothing.
        told = has_core.copy()
        told[component[other_feet.link]] = True
        asked = np.unique(feet.of[told[component[feet.link]]])
        stuck = asked[~met[node[asked]]]
        if len(stuck):
            warn(
                "street network",
                f"{count_of(len(stuck), one, many)} where one-way streets lead to {none} "
                f"({list_some(codes[stuck])}).",
                "Check the directions of the streets there.",
            )


def _reach(graph: Graph, goals: NDArray[np.int64], *, onward: bool) -> NDArray[np.bool_]:
    """Say of each node whether it is reached from one of the goals; else whether it reaches one."""
    count = len(graph.indptr) - 1
    tail = np.repeat(np.arange(count), np.diff(graph.indptr))
    ends = (tail, graph.indices) if onward else (graph.indices, tail)
    # One more node, from which a step leads to each of the goals.
    rows = np.concatenate([ends[0], np.full(len(goals), count)])
    columns = np.concatenate([ends[1], goals])
    steps = csr_array(
        (np.ones(len(rows), dtype=np.int8), (rows, columns)), shape=(count + 1, count + 1)
    )
    found = np.zeros(count + 1, dtype=bool)
    found[breadth_first_order(steps, count, directed=True, return_predecessors=False)] = True
    return found[:count]


# ---------------------------------------------------------------- what is said of times


def place_times(times: pd.DataFrame, homes: pd.DataFrame) -> pd.DataFrame:
    """Average the ways to each service over the people of each place.

    Args:
        times: ``tables.TRAVEL_TIMES``.
        homes: ``tables.HOMES``; ways from elsewhere are left out.

    Returns:
        place_id, to_id, mode, minutes, metres (means over the people whose home reaches the
        service; metres is blank where one of them is), share (of the place's people: the others
        are beyond ``searched_to``), sorted by place, service and mode.

    >>> homes = pd.DataFrame({"home_id": ["a", "b"], "place_id": "P", "share": [0.75, 0.25]})
    >>> times = pd.DataFrame({"from_id": ["a", "b"], "to_id": "club", "mode": "walk",
    ...                       "minutes": [10.0, 30.0], "metres": [800.0, 2400.0]})
    >>> [(row.minutes, row.metres, row.share) for row in place_times(times, homes).itertuples()]
    [(15.0, 1200.0, 1.0)]

    """
    keys = ["place_id", "to_id", "mode"]
    rows = times[["from_id", "to_id", "mode", "minutes", "metres"]].merge(
        homes[["home_id", "place_id", "share"]], left_on="from_id", right_on="home_id"
    )
    weighted = rows[[*keys, "share"]].assign(
        minutes=rows["minutes"] * rows["share"], metres=rows["metres"] * rows["share"]
    )
    grouped = weighted.groupby(keys, sort=True, observed=True)
    sums = grouped[["minutes", "share"]].sum()
    sums["metres"] = grouped["metres"].sum().where(grouped["metres"].count() == grouped.size())
    out = sums[["minutes", "metres"]].div(sums["share"], axis=0)
    return out.assign(share=sums["share"].clip(upper=1.0)).reset_index()


def measure_detour(
    times: pd.DataFrame,
    homes: pd.DataFrame,
    services: pd.DataFrame,
    sites: gpd.GeoDataFrame | None = None,
    *,
    quantiles: Sequence[float] = _QUANTILES,
) -> pd.Series[float]:
    """Measure how much longer ways along streets are than straight lines.

    Only pairs at least 200 m apart in a straight line (below, the way off the street decides), and
    at most half as far as was searched: a longer way with a large detour was never found, and would
    be missing from the measure. Straight lines lead to the outline of a site.

    Args:
        times: ``tables.TRAVEL_TIMES`` along streets, with metres.
        homes: ``tables.HOMES``.
        services: located services.
        sites: as they were given for the times.
        quantiles: shares of pairs.

    Returns:
        Metres ÷ straight line by quantile; NaN where no pair can be measured.

    """
    found = locate_sites(services, sites)
    walked = times[(times["mode"] != "outreach") & times["metres"].notna()]
    home = pd.Index(homes["home_id"]).get_indexer(pd.Index(walked["from_id"]))
    codes = services["service_id"].to_numpy()[found.row]
    site = pd.Index(codes).get_indexer(pd.Index(walked["to_id"]))
    known = (home >= 0) & (site >= 0)
    walked, home, site = walked[known], home[known], site[known]
    spots = shapely.points(homes[["easting", "northing"]].to_numpy(dtype=float))
    straight = shapely.distance(spots[home], found.shapes[site])
    metres = walked["metres"].to_numpy(dtype=float)
    with np.errstate(invalid="ignore", divide="ignore"):
        speed = metres / walked["minutes"].to_numpy(dtype=float)
    furthest = walked["searched_to"].to_numpy(dtype=float) * speed / 2
    chosen = (straight >= _SHORTEST) & (straight <= furthest)
    ratio = pd.Series(metres[chosen] / straight[chosen], name="detour", dtype=float)
    return ratio.quantile(list(quantiles))

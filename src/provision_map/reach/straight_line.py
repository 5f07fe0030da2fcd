"""Walking times by straight line and a stated detour factor, where no network is given."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeAlias

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from provision_map.errors import DataError, Problem, UsageError, warn
from provision_map.places.areas import places_of
from provision_map.places.homes import homes_of
from provision_map.schema.wording import count_of, list_some

#: Standards are set in metres on foot; 80 m a minute is 4.8 km/h.
METRES_PER_MINUTE = 80.0
#: Metres on the way for each metre of straight line: a default, to be measured locally.
DETOUR = 1.3
#: So many sites are searched at once: pairs come in millions.
_CHUNK = 4096

_Floats: TypeAlias = NDArray[np.float64]
_Ints: TypeAlias = NDArray[np.int64]


def travel_times(
    places: pd.DataFrame,
    services: pd.DataFrame,
    *,
    metres_per_minute: float = METRES_PER_MINUTE,
    detour: float = DETOUR,
    searched_to: float = 90.0,
    homes: pd.DataFrame | None = None,
    sites: gpd.GeoDataFrame | None = None,
) -> pd.DataFrame:
    """Measure how far each service is on foot from where the people of each place live.

    Distance walked = straight line from the home × ``detour``. A service that comes to a place (its
    ``service_area``) is at no distance from any home there: mode "outreach".

    Args:
        places: ``tables.PLACES``; without ``homes``, its population-weighted centroids are the
            homes. Or ``tables.HOMES``, if no service has a ``service_area``.
        services: located services.
        metres_per_minute: speed on foot.
        detour: distance walked ÷ straight line.
        searched_to: minutes; a pair beyond is not searched, and is not in the result.
        homes: ``tables.HOMES``: the points where people live.
        sites: service_id and outline or entrances of services that are more than a point, in the
            system of the places. Distance is to the outline, 0 inside; ``location_accuracy`` of
            the position no longer counts.

    Returns:
        ``tables.TRAVEL_TIMES``, sorted by home and service.

    Raises:
        UsageError: services that come to places, and no places to say which these are.
        DataError: sites in another system, or with coordinates that are not finite.

    """
    given, homes = _places_and_homes(places, homes)
    found = locate_sites(services, sites, crs=getattr(given, "crs", None))
    spots = homes[["easting", "northing"]].to_numpy(dtype=float)
    bound = searched_to * metres_per_minute / detour
    home, site, straight = straight_pairs(spots, found, bound)
    pairs = Pairs(
        home, site, minutes=straight * detour / metres_per_minute, metres=straight * detour
    )
    return frame_of_times(
        pairs, homes, services, found, mode="walk", detour=detour, searched_to=searched_to,
        places=given,
    )  # fmt: skip


# ---------------------------------------------------------------- where services are


@dataclass(frozen=True, eq=False)
class Sites:
    """The services that stand somewhere, in their order.

    Attributes:
        row: position of each in the frame of services.
        shapes: its outline or entrances, else its point.
        outlined: whether it is more than a position.
        accuracy: metres within which its position is known; 0 for an outline.

    """

    row: _Ints
    shapes: NDArray[np.object_]
    outlined: NDArray[np.bool_]
    accuracy: _Floats


def locate_sites(
    services: pd.DataFrame,
    sites: gpd.GeoDataFrame | None,
    *,
    crs: Any = None,  # noqa: ANN401
) -> Sites:
    """Take each service's outline or entrances, else its point; those that are nowhere are left out.

    Args:
        services: service_id, easting, northing, location_accuracy.
        sites: service_id and geometry; a service may have several rows.
        crs: the system that coordinates are in; None: not known.

    """
    spots = services[["easting", "northing"]].to_numpy(dtype=float)
    sited = np.isfinite(spots).all(axis=1)
    shapes = np.full(len(services), None, dtype=object)
    shapes[sited] = shapely.points(spots[sited])
    outlined = np.zeros(len(services), dtype=bool)
    if sites is not None and len(sites):
        row, shape = _outlines(services, sites, crs)
        shapes[row], outlined[row] = shape, True
    accuracy = services["location_accuracy"].fillna(0.0).to_numpy(dtype=float)
    row = np.flatnonzero(sited | outlined)
    return Sites(
        row, shapes[row], outlined[row], np.where(outlined[row], 0.0, accuracy[row])
    )  # fmt: skip


def _outlines(
    services: pd.DataFrame,
    sites: gpd.GeoDataFrame,
    crs: Any,  # noqa: ANN401
) -> tuple[_Ints, NDArray[np.object_]]:
    if crs is not None and sites.crs is not None and sites.crs != crs:
        what = f"They are in {sites.crs.name}, and all else in {getattr(crs, 'name', crs)}."
        mend = "Turn them into the system of the exercise first: sites.to_crs(…)."
        raise DataError([Problem("sites", what=what, mend=mend)])
    shapes = shapely.force_2d(sites.geometry.to_numpy())
    row = pd.Index(services["service_id"]).get_indexer(pd.Index(sites["service_id"]))
    row = row.astype(np.int64)
    strays = int(np.count_nonzero(row < 0))
    if strays:
        belong, are = ("belongs", "is") if strays == 1 else ("belong", "are")
        sites_out = f"{strays:,} of {count_of(len(sites), 'site')}"
        warn("sites", f"{sites_out} {belong} to no service and {are} left out.")
    blank = shapely.is_missing(shapes) | shapely.is_empty(shapes)
    if (blank & (row >= 0)).any():
        names = list_some(sorted(set(sites["service_id"][blank & (row >= 0)])))
        have = count_of(int(np.count_nonzero(blank & (row >= 0))), "site has", "sites have")
        warn("sites", f"{have} no geometry ({names}): the position stands in.")
    kept = ~blank & (row >= 0)
    row, shapes = row[kept], shapes[kept]
    if not np.isfinite(shapely.get_coordinates(shapes)).all():
        raise DataError([Problem("sites", what="Some coordinates are not finite.")])
    invalid = ~shapely.is_valid(shapes)
    shapes[invalid] = shapely.make_valid(shapes[invalid])
    several, first = np.unique(row, return_index=True)
    out = shapes[first]
    for i in np.flatnonzero(np.bincount(row, minlength=len(services))[several] > 1):
        out[i] = shapely.union_all(shapes[row == several[i]])
    return several.astype(np.int64), out


def straight_pairs(spots: _Floats, sites: Sites, bound: float) -> tuple[_Ints, _Ints, _Floats]:
    """Find the homes and sites within a straight line of each other.

    A site of uncertain position may be nearer than it stands: only its own search is wider.

    Args:
        spots: homes, n × 2, metres.
        sites: where services are.
        bound: metres of straight line.

    Returns:
        Positions of home and site, and the metres of straight line between them; in no order.

    """
    none = np.empty(0, dtype=np.int64)
    if not len(spots) or not len(sites.row):
        return none, none, np.empty(0)
    reach = bound + sites.accuracy
    is_point = shapely.get_type_id(sites.shapes) == 0
    homes, found, metres = [none], [none], [np.empty(0)]
    order = np.argsort(reach[is_point], kind="stable")
    points = np.flatnonzero(is_point)[order]
    tree = cKDTree(spots)
    for start in range(0, len(points), _CHUNK):
        some = points[start : start + _CHUNK]
        at = shapely.get_coordinates(sites.shapes[some])
        near = tree.sparse_distance_matrix(
            cKDTree(at), reach[some].max() * (1 + 1e-12), output_type="ndarray"
        )
        home, site = near["i"].astype(np.int64), near["j"].astype(np.int64)
        straight = np.hypot(*(spots[home] - at[site]).T)
        kept = straight - sites.accuracy[some][site] <= bound
        homes.append(home[kept])
        found.append(some[site[kept]])
        metres.append(straight[kept])
    areas = np.flatnonzero(~is_point)
    if len(areas):
        dots = shapely.points(spots)
        site, home = shapely.STRtree(dots).query(
            sites.shapes[areas], predicate="dwithin", distance=reach[areas]
        )
        homes.append(home)
        found.append(areas[site])
        metres.append(shapely.distance(dots[home], sites.shapes[areas[site]]))
    return np.concatenate(homes), np.concatenate(found), np.concatenate(metres)


# ---------------------------------------------------------------- frames


@dataclass(frozen=True, eq=False)
class Pairs:
    """Homes and sites by position, with the way between them."""

    home: _Ints
    site: _Ints
    minutes: _Floats
    metres: _Floats


def frame_of_times(
    pairs: Pairs,
    homes: pd.DataFrame,
    services: pd.DataFrame,
    sites: Sites,
    *,
    mode: str,
    detour: float,
    searched_to: float,
    places: gpd.GeoDataFrame | pd.DataFrame | None,
) -> pd.DataFrame:
    """Write the table: pairs by codes, sorted, with outreach where it comes.

    Where a service both stands somewhere and comes to the place, the nearer counts (the way, where
    there is none to go).
    """
    home_ids = homes["home_id"].to_numpy(dtype=object)
    service_ids = services["service_id"].to_numpy(dtype=object)
    from_home, to_service = outreach_pairs(homes, services, places)
    count = len(from_home)
    home = np.concatenate([pairs.home, from_home])
    service = np.concatenate([sites.row[pairs.site], to_service])
    minutes = np.concatenate([pairs.minutes, np.zeros(count)])
    metres = np.concatenate([pairs.metres, np.zeros(count)])
    accuracy = np.concatenate([sites.accuracy[pairs.site] * detour, np.zeros(count)])
    comes = np.repeat([False, True], [len(pairs.home), count])
    # Codes are compared once each, not once a pair.
    order = np.lexsort((comes, minutes, _ranks(service_ids)[service], _ranks(home_ids)[home]))
    first = np.ones(len(order), dtype=bool)
    first[1:] = (np.diff(home[order]) != 0) | (np.diff(service[order]) != 0)
    order = order[first]
    return pd.DataFrame(
        {
            "from_id": home_ids[home[order]],
            "to_id": service_ids[service[order]],
            "mode": np.where(comes[order], "outreach", mode).astype(object),
            "minutes": minutes[order],
            "metres": metres[order],
            "accuracy": accuracy[order],
            "searched_to": float(searched_to),
        }
    )


def _ranks(codes: NDArray[np.object_]) -> _Ints:
    ranks = np.empty(len(codes), dtype=np.int64)
    ranks[np.argsort(codes, kind="stable")] = np.arange(len(codes))
    return ranks


def outreach_pairs(
    homes: pd.DataFrame, services: pd.DataFrame, places: gpd.GeoDataFrame | pd.DataFrame | None
) -> tuple[_Ints, _Ints]:
    """Pair services that come to places with every home there."""
    comes = [(i, area) for i, area in enumerate(services["service_area"]) if area]
    none = np.empty(0, dtype=np.int64)
    if not comes:
        return none, none
    if places is None:
        raise UsageError(
            f"{count_of(len(comes), 'service comes', 'services come')} to places (service_area): hand over the places, "
            "which say where these are."
        )
    homes_in = homes.groupby("place_id").indices
    from_home, to_service = [none], [none]
    for service, area in comes:
        for place_id in places_of(area, places):
            rows = homes_in.get(place_id, none)
            from_home.append(np.asarray(rows, dtype=np.int64))
            to_service.append(np.full(len(rows), service, dtype=np.int64))
    return np.concatenate(from_home), np.concatenate(to_service)


def _places_and_homes(
    places: pd.DataFrame, homes: pd.DataFrame | None
) -> tuple[pd.DataFrame | None, pd.DataFrame]:
    if homes is not None:
        return places, homes
    if "home_id" in places:
        return None, places
    return places, homes_of(places)

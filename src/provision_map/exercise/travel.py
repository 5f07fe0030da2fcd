"""How far children are from services: by straight line, along streets, or as a file says."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import pandas as pd

from provision_map.edition import Travel
from provision_map.errors import warn
from provision_map.places.homes import homes_of
from provision_map.reach.matrix import given_travel_times, homes_for
from provision_map.reach.network import build_network
from provision_map.reach.straight_line import travel_times
from provision_map.reach.streets import measure_detour, place_times, street_travel_times
from provision_map.read.inputs import Inputs

#: Minutes; measure_detour takes pairs up to half as far, so that long detours are not missed.
_MEASURED_TO = 40.0

#: Metres around the places within which streets may end without having gone beyond them.
_BORDER = 500.0


@dataclass(frozen=True)
class MeasuredWays:
    """What was measured of ways.

    Attributes:
        homes: ``tables.HOMES``, the neighbours' last.
        times: ``tables.TRAVEL_TIMES``.
        of_places: the mean way of each place's people to each service: place_id, service_id, mode,
            minutes, metres, share.
        travel: how it came about.

    """

    homes: pd.DataFrame
    times: pd.DataFrame
    of_places: pd.DataFrame
    travel: Travel


def measure_ways(inputs: Inputs, services: pd.DataFrame) -> MeasuredWays:
    """Measure the ways from every home to every service, as the settings say."""
    reach = inputs.settings.reach
    homes = _list_homes(inputs)
    sites = inputs.sites if len(inputs.sites) else None
    measured = None
    if inputs.times is not None:
        times = given_travel_times(
            inputs.times, homes, services, places=inputs.places, detour=reach.detour
        )
    elif inputs.roads is not None:
        network = build_network(
            inputs.roads,
            mode=reach.mode,
            metres_per_minute=reach.metres_per_minute,
            join_metres=reach.join_metres,
        )
        times = street_travel_times(
            homes, services, network,
            searched_to=reach.searched_to, detour=reach.detour,
            off_network_metres=reach.off_network_metres, sites=sites, places=inputs.places,
        )  # fmt: skip
        measured = _local_detour(times, homes, services, sites)
        _warn_of_border(inputs.roads, inputs.places)
    else:
        times = travel_times(
            inputs.places, services,
            metres_per_minute=reach.metres_per_minute, detour=reach.detour,
            searched_to=reach.searched_to, homes=homes, sites=sites,
        )  # fmt: skip
    ways = place_times(times.dropna(subset=["minutes"]), homes)
    ways = ways[ways["place_id"].isin(inputs.places["place_id"])]
    ways = ways.rename(columns={"to_id": "service_id"}).reset_index(drop=True)
    given = times["searched_to"].max() if inputs.times is not None and len(times) else None
    travel = Travel(
        basis=reach.travel_times,
        mode=reach.mode,
        metres_per_minute=reach.metres_per_minute,
        detour=measured or reach.detour,
        searched_to=float(given or reach.searched_to),
        measured=measured is not None,
    )
    return MeasuredWays(homes, times, ways, travel)


def _warn_of_border(roads: gpd.GeoDataFrame, places: gpd.GeoDataFrame) -> None:
    """Warn where the streets end at the border: ways that lead round outside are not seen."""
    area = places.geometry.union_all().buffer(_BORDER)
    beyond = float(roads.geometry.difference(area).length.sum())
    if beyond < _BORDER:
        warn(
            "road links",
            "The streets end at the border of the places: ways that lead outside and back, and "
            "services beyond, are not seen, and what lies near the border may look further than it "
            "is.",
            "Give streets of some kilometres around.",
        )


def _local_detour(
    times: pd.DataFrame,
    homes: pd.DataFrame,
    services: pd.DataFrame,
    sites: gpd.GeoDataFrame | None,
) -> float | None:
    """Return the median way ÷ straight line from 200 to 1,600 m, as far as standards look.

    To the nearest hundredth, as people say it; None where nothing can be measured.
    """
    near = times[times["minutes"] <= _MEASURED_TO]
    near = near.assign(searched_to=near["searched_to"].clip(upper=_MEASURED_TO))
    median = measure_detour(near, homes, services, sites).get(0.5, float("nan"))
    return round(float(median), 2) if median >= 1 else None


def _list_homes(inputs: Inputs) -> pd.DataFrame:
    homes = homes_of(inputs.places, inputs.homes if len(inputs.homes) else None)
    if inputs.times is not None:
        homes = homes_for(homes, inputs.times, inputs.places)
    if not len(inputs.neighbours):
        return homes
    return pd.concat([homes, homes_of(inputs.neighbours)], ignore_index=True)

"""Walking times by straight line and a stated detour factor, where no network is given."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
from scipy.spatial import cKDTree

from provision_map.places.areas import places_of

#: 80 m a minute is 4.8 km/h. The detour factor is a default to be measured locally.
METRES_PER_MINUTE = 80.0
DETOUR = 1.3


def travel_times(
    places: gpd.GeoDataFrame,
    services: pd.DataFrame,
    *,
    metres_per_minute: float = METRES_PER_MINUTE,
    detour: float = DETOUR,
    searched_to: float = 90.0,
) -> pd.DataFrame:
    """Measure how far each service is on foot from where the people of each place live.

    Distance walked = straight line from the population-weighted centroid × ``detour``. A service
    that comes to a place (its ``service_area``) is at no distance there: mode "outreach".

    Args:
        places: ``tables.PLACES``.
        services: located services.
        metres_per_minute: speed on foot.
        detour: distance walked ÷ straight line.
        searched_to: minutes; a pair beyond is not searched, and is not in the result.

    Returns:
        ``tables.TRAVEL_TIMES``, sorted by place and service.

    """
    sited = services[services["easting"].notna() & services["northing"].notna()]
    homes = places[["easting", "northing"]].to_numpy(dtype=float)
    sites = sited[["easting", "northing"]].to_numpy(dtype=float)
    accuracy = sited["location_accuracy"].fillna(0.0).to_numpy(dtype=float)
    bound = searched_to * metres_per_minute / detour
    frames = []
    if len(sites) and len(homes):
        reach = bound + accuracy.max()
        near = cKDTree(homes).query_ball_tree(cKDTree(sites), reach)
        left = np.repeat(np.arange(len(homes)), [len(found) for found in near])
        right = np.fromiter((j for found in near for j in found), dtype=np.int64, count=len(left))
        straight = np.hypot(*(homes[left] - sites[right]).T)
        # A site of uncertain position may be nearer than it stands: only its own search is wider.
        keep = straight - accuracy[right] <= bound
        left, right, metres = left[keep], right[keep], straight[keep] * detour
        frames.append(
            pd.DataFrame(
                {
                    "from_id": places["place_id"].to_numpy()[left],
                    "to_id": sited["service_id"].to_numpy()[right],
                    "mode": "walk",
                    "minutes": metres / metres_per_minute,
                    "metres": metres,
                    "accuracy": accuracy[right] * detour,
                }
            )
        )
    frames.append(_outreach(places, services))
    times = pd.concat(frames, ignore_index=True).assign(searched_to=searched_to)
    times = times.sort_values(["from_id", "to_id", "metres"], kind="stable", ignore_index=True)
    # Where a service both stands somewhere and comes to the place, it is at no distance.
    return times.drop_duplicates(["from_id", "to_id"], keep="first", ignore_index=True)


def _outreach(places: gpd.GeoDataFrame, services: pd.DataFrame) -> pd.DataFrame:
    rows = [
        (place_id, service_id)
        for service_id, area in zip(services["service_id"], services["service_area"], strict=True)
        if area
        for place_id in places_of(area, places)
    ]
    frame = pd.DataFrame(rows, columns=["from_id", "to_id"], dtype=object)
    return frame.assign(mode="outreach", minutes=0.0, metres=0.0, accuracy=0.0)

"""Travel times that someone else computed, made ready for the homes and services of an exercise."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd

from provision_map.reach.straight_line import DETOUR, outreach_pairs
from provision_map.tables import TRAVEL_TIMES


def given_travel_times(
    times: pd.DataFrame,
    homes: pd.DataFrame,
    services: pd.DataFrame,
    *,
    places: gpd.GeoDataFrame | None = None,
    detour: float = DETOUR,
) -> pd.DataFrame:
    """Take the travel times of homes and services from a matrix, and say what it did not search.

    An id that stands anywhere in the matrix was searched; a pair of two such ids that is not there
    lies beyond ``searched_to``. A home or a service that the matrix does not know was not searched:
    each of its pairs becomes a row without minutes that was searched to 0 minutes, so that what is
    made of it is unknown, and not far.

    Args:
        times: ``tables.TRAVEL_TIMES``, also of ids that are not of this exercise; rows without
            minutes lie beyond ``searched_to``.
        homes: ``tables.HOMES``.
        services: located services. Those that only come to places have no way to be searched.
        places: ``tables.PLACES``; needed where services come to places (``service_area``).
        detour: metres on the way for each metre that a site's position leaves open.

    Returns:
        ``tables.TRAVEL_TIMES``, sorted by home, service and mode.

    >>> times = pd.DataFrame({"from_id": ["P1"], "to_id": ["club"], "mode": "bus", "minutes": [9.0],
    ...                       "metres": np.nan, "accuracy": 0.0, "searched_to": 60.0})
    >>> homes = pd.DataFrame({"home_id": ["P1", "P2"], "place_id": ["P1", "P2"]})
    >>> services = pd.DataFrame({"service_id": ["club"], "service_area": [()], "easting": [0.0],
    ...                          "location_accuracy": [0.0]})
    >>> given_travel_times(times, homes, services)[["from_id", "minutes", "searched_to"]].values.tolist()
    [['P1', 9.0, 60.0], ['P2', nan, 0.0]]

    """
    spread = pd.Series(
        services["location_accuracy"].fillna(0.0).to_numpy(dtype=float) * detour,
        index=services["service_id"].to_numpy(),
    )
    ours = times["from_id"].isin(homes["home_id"]) & times["to_id"].isin(services["service_id"])
    known = times[ours.to_numpy(dtype=bool)]
    # The matrix leads to a point; where it does not say how exact that is, the record may.
    known = known.assign(
        accuracy=known["accuracy"].where(known["accuracy"] > 0, known["to_id"].map(spread))
    )
    from_home, to_service = outreach_pairs(homes, services, places)
    home_ids = homes["home_id"].to_numpy(dtype=object)
    service_ids = services["service_id"].to_numpy(dtype=object)
    comes = pd.DataFrame({"from_id": home_ids[from_home], "to_id": service_ids[to_service]})
    comes = comes.assign(mode="outreach", minutes=0.0, metres=0.0, accuracy=0.0, searched_to=np.nan)
    bound = float(times["searched_to"].max()) if len(times) else 0.0
    comes["searched_to"] = bound
    frames = [known, comes, _unsearched(times, homes, services)]
    out = pd.concat([f for f in frames if len(f)] or [known], ignore_index=True)
    out = out[TRAVEL_TIMES.names()].sort_values(["from_id", "to_id", "mode"], kind="stable")
    return out.reset_index(drop=True)


def _unsearched(times: pd.DataFrame, homes: pd.DataFrame, services: pd.DataFrame) -> pd.DataFrame:
    """List the pairs of homes and sited services of which the matrix does not know both."""
    sited = services[services["easting"].notna().to_numpy(dtype=bool)]
    pairs = homes[["home_id"]].merge(sited[["service_id"]], how="cross")
    pairs.columns = pd.Index(["from_id", "to_id"])
    known_home = pairs["from_id"].isin(times["from_id"].unique())
    known_site = pairs["to_id"].isin(times["to_id"].unique())
    unknown = pairs[~(known_home & known_site).to_numpy(dtype=bool)]
    return unknown.assign(mode="", minutes=np.nan, metres=np.nan, accuracy=0.0, searched_to=0.0)

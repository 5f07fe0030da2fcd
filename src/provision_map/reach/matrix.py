"""Travel times that someone else computed, made ready for the homes and services of an exercise."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd

from provision_map.errors import warn
from provision_map.places.homes import homes_of
from provision_map.reach.straight_line import DETOUR, outreach_pairs
from provision_map.schema.wording import count_of, list_some
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
    sited = services["easting"].notna().to_numpy(dtype=bool)
    home = homes["home_id"].to_numpy(dtype=object)
    site = services["service_id"].to_numpy(dtype=object)[sited]
    known_home = homes["home_id"].isin(times["from_id"].unique()).to_numpy(dtype=bool)
    known_site = pd.Series(site, dtype=object).isin(times["to_id"].unique()).to_numpy(dtype=bool)
    # Homes that are unknown with all sites, and those that are known with the unknown ones: where
    # all is known, as in a matrix of a nation, nothing is built.
    blocks = ((home[~known_home], site), (home[known_home], site[~known_site]))
    pairs = pd.DataFrame(
        {
            "from_id": np.concatenate([np.repeat(some, len(others)) for some, others in blocks]),
            "to_id": np.concatenate([np.tile(others, len(some)) for some, others in blocks]),
        }
    )
    return pairs.assign(mode="", minutes=np.nan, metres=np.nan, accuracy=0.0, searched_to=0.0)


def homes_for(
    homes: pd.DataFrame, times: pd.DataFrame, places: pd.DataFrame | gpd.GeoDataFrame
) -> pd.DataFrame:
    """Put the people of each place where a matrix of travel times starts from.

    A matrix may start from the points of some places, and from other places as a whole. Where it
    knows the code of a place and none of its points, the people of that place are taken to live at
    its centre, under its code; a place of which any point is known keeps all of its points, and
    those that are not known were not searched from. A warning names the places that are changed.

    Args:
        homes: ``tables.HOMES``.
        times: ``tables.TRAVEL_TIMES`` as given.
        places: ``tables.PLACES``.

    Returns:
        ``tables.HOMES``; the homes of other places as they were.

    >>> places = pd.DataFrame({"place_id": ["P", "Q"], "easting": 0.0, "northing": 0.0})
    >>> homes = pd.DataFrame({"home_id": ["p1", "p2", "q1"], "place_id": ["P", "P", "Q"],
    ...                       "easting": 5.0, "northing": 5.0, "share": [0.5, 0.5, 1.0]})
    >>> times = pd.DataFrame({"from_id": ["p1", "P", "Q"], "to_id": "club"})
    >>> from provision_map.errors import collect_warnings
    >>> with collect_warnings() as said:
    ...     found = homes_for(homes, times, places)
    >>> found["home_id"].tolist()
    ['p1', 'p2', 'Q']
    >>> said[0].what.split(":")[0]
    'The travel times start from 1 place as a whole and from none of its homes (Q)'

    """
    known = set(times["from_id"].unique())
    place = homes["place_id"]
    searched = set(place[homes["home_id"].isin(known).to_numpy(dtype=bool)])
    whole = place.isin(known - searched).to_numpy(dtype=bool)
    moved = place[whole].drop_duplicates()
    if not len(moved):
        return homes
    one = len(moved) == 1
    warn(
        "places.homes",
        f"The travel times start from {count_of(len(moved), 'place')} as a whole and "
        f"from none of {'its' if one else 'their'} homes ({list_some(moved)}): people there are "
        f"taken to live at the centre of {'the place' if one else 'each'}.",
        "Add the homes to the travel times.",
    )
    centres = homes_of(places[places["place_id"].isin(moved).to_numpy(dtype=bool)])
    # Where the first home of the place stood.
    order = pd.Series(np.arange(len(homes))).groupby(place.to_numpy()).first()
    joined = pd.concat([homes[~whole], centres], ignore_index=True)
    rank = joined["place_id"].map(order)
    return joined.loc[rank.sort_values(kind="stable").index].reset_index(drop=True)

"""The two reach matrices: services, and good practice, × neighbourhood, community, outcome."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import geopandas as gpd
import pandas as pd

from provision_map.coverage.supply import NO, YES, open_to_community
from provision_map.model import Community, Framework
from provision_map.places.areas import memberships_of, places_of
from provision_map.places.homes import homes_of
from provision_map.places.people import EVERYONE
from provision_map.reach.straight_line import METRES_PER_MINUTE
from provision_map.schema import each_row
from provision_map.tables import REACH_MATRIX

_WORD = {YES: "yes", NO: "no"}


def service_reach(
    services: pd.DataFrame,
    times: pd.DataFrame,
    places: gpd.GeoDataFrame,
    framework: Framework,
    *,
    homes: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Say which neighbourhoods, communities and outcomes each service reaches.

    A neighbourhood is reached where the service is within the widest walking distance of its
    elements from any of the neighbourhood's homes, or comes to it. This is about what is within
    reach, not about who attends.

    Args:
        services: located services.
        times: ``tables.TRAVEL_TIMES``.
        places: ``tables.PLACES``.
        framework: Offers and communities.
        homes: ``tables.HOMES`` that ``times`` start from; None: one a place.

    Returns:
        ``tables.REACH_MATRIX``.

    """
    homes = homes_of(places) if homes is None else homes
    limits = {
        e.id: max([e.standard.metres, *e.standard.type_metres.values()])
        for e in framework.elements.values()
    }
    belongs = _keys_of_places(places)
    of_home = pd.Series(homes["place_id"].to_numpy(), index=homes["home_id"].to_numpy())
    walked = times.assign(
        place_id=times["from_id"].map(of_home),
        metres=times["metres"].fillna(times["minutes"] * METRES_PER_MINUTE),
    )
    walked = walked[walked["place_id"].isin(places["place_id"])]
    near = dict(tuple(walked.groupby("to_id", sort=False)))
    nothing = walked.iloc[0:0]
    rows: list[tuple[str, str, str, str, str, str]] = []
    for service in each_row(services):
        limit = max((limits[e] for e in service.elements if e in limits), default=0.0)
        pairs = near.get(service.service_id, nothing)
        metres = _on_foot(pairs, service.elements, limit, framework)
        sure = metres + pairs["accuracy"] <= limit
        # What nobody searched is not out of reach.
        open_ = metres.isna() & (pairs["searched_to"] <= 0)
        open_ |= metres - pairs["accuracy"] <= limit
        certain, perhaps = (_keys_of(pairs.loc[hit, "place_id"], belongs) for hit in (sure, open_))
        item = (service.service_id, service.name)
        for key, label in _neighbourhoods(places):
            word = "yes" if key in certain else ("unknown" if key in perhaps else "no")
            rows.append((*item, "neighbourhood", key, label, word))
        rows += [
            (
                *item,
                "community",
                c.id,
                c.name,
                _WORD.get(open_to_community(service.open_to, service.not_open_to, c), "unknown"),
            )
            for c in _communities(framework)
        ]
        rows += _outcomes(item, service.outcomes, service.elements, framework)
    return pd.DataFrame(rows, columns=REACH_MATRIX.names(), dtype=object)


def _on_foot(
    pairs: pd.DataFrame, elements: tuple[str, ...], limit: float, framework: Framework
) -> pd.Series[float]:
    """Scale the ways of other modes, so that the minutes allowed are the limit on foot."""
    metres = pairs["metres"].copy()
    for mode in pairs["mode"].unique():
        allowed = [
            framework.elements[e].standard.minutes[mode]
            for e in elements
            if e in framework.elements and mode in framework.elements[e].standard.minutes
        ]
        if allowed and mode != "walk":
            here = pairs["mode"] == mode
            metres[here] = pairs.loc[here, "minutes"] / max(allowed) * limit
    return metres


def practice_reach(
    practice: pd.DataFrame, places: gpd.GeoDataFrame, framework: Framework
) -> pd.DataFrame:
    """Say which neighbourhoods, communities and outcomes each agreed good practice has reached.

    Practice that the partnership has not agreed is left out. Blank is unknown, ``none`` is no.

    Returns:
        ``tables.REACH_MATRIX``; where no practice is agreed, one row a key with
        item_id "" and reached unknown.

    """
    belongs = _keys_of_places(places)
    agreed = practice[practice["agreed_on"].notna()]
    rows: list[tuple[str, str, str, str, str, str]] = []
    for entry in each_row(agreed):
        item = (entry.practice_id, entry.title)
        reached = _keys_of(places_of(entry.reached_places, places), belongs)
        for key, label in _neighbourhoods(places):
            word = "unknown" if not entry.reached_places else ("yes" if key in reached else "no")
            rows.append((*item, "neighbourhood", key, label, word))
        rows += [
            (*item, "community", c.id, c.name, _reached(entry.reached_communities, c))
            for c in _communities(framework)
        ]
        rows += _outcomes(item, entry.outcomes, entry.elements, framework)
    if not rows:
        # Nothing was collected or agreed: whom it has reached is unknown, not nobody.
        rows = [
            ("", "", "neighbourhood", key, label, "unknown")
            for key, label in _neighbourhoods(places)
        ]
        rows += [("", "", "community", c.id, c.name, "unknown") for c in _communities(framework)]
        rows += [("", "", "outcome", o.id, o.name, "unknown") for o in framework.outcomes]
    return pd.DataFrame(rows, columns=REACH_MATRIX.names(), dtype=object)


def _neighbourhoods(places: gpd.GeoDataFrame) -> list[tuple[str, str]]:
    pairs = memberships_of(places)[["key", "label"]].drop_duplicates("key").sort_values("label")
    return [(str(k), str(n)) for k, n in each_row(pairs)]


def _keys_of_places(places: gpd.GeoDataFrame) -> dict[str, tuple[str, ...]]:
    """Return the neighbourhoods that each place belongs to."""
    of_place = memberships_of(places).groupby("place_id", sort=False)["key"]
    return {str(place): tuple(keys) for place, keys in of_place}


def _keys_of(place_ids: Iterable[str], belongs: Mapping[str, tuple[str, ...]]) -> set[str]:
    """Return the neighbourhoods that some places belong to."""
    return {key for place in set(place_ids) for key in belongs[place]}


def _communities(framework: Framework) -> list[Community]:
    """BME communities one by one, and the communities without small-area counts."""
    return [c for c in framework.communities if c.kind == "priority" or c.minority]


def _reached(said: tuple[str, ...], community: Community) -> str:
    if not said:
        return "unknown"
    names = {community.id, EVERYONE, *(("bme",) if community.minority else ())}
    return "yes" if names & set(said) else "no"


def _outcomes(
    item: tuple[str, str], own: tuple[str, ...], elements: tuple[str, ...], framework: Framework
) -> list[tuple[str, str, str, str, str, str]]:
    serves = {code[:2] for code in own} or {
        o for e in elements if e in framework.elements for o in framework.elements[e].outcomes
    }
    return [
        (*item, "outcome", o.id, o.name, "yes" if o.id in serves else "no")
        for o in framework.outcomes
    ]

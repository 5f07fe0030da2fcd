"""Services as the page shows them: where they are, and what they say, in words."""

from __future__ import annotations

import datetime as dt
import math
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import geopandas as gpd
import pandas as pd

from provision_map.edition import Edition
from provision_map.maps.topology import UNITS_A_DEGREE
from provision_map.maps.words import is_blank, say_ages, say_date, say_session
from provision_map.phrases import list_items

_DAYS_A_MONTH = 30.44
_NOT_KNOWN = "not known"


def describe_services(
    edition: Edition, elements: Sequence[str], places: Sequence[str], hoods: Sequence[str]
) -> list[dict[str, Any]]:
    """Describe every service; those without a position carry ``at`` None.

    Args:
        edition: what may be shown.
        elements: codes in the order that the page numbers them.
        places: likewise.
        hoods: codes of the neighbourhoods, likewise.

    """
    services = edition.services
    names = dict(
        zip(edition.organisations["organisation_id"], edition.organisations["name"], strict=True)
    )
    sessions = _say_sessions(edition.sessions)
    quality = _say_quality(edition.quality)
    outcome_ids = [o.id for o in edition.framework.outcomes]
    positions = _locate(services, edition.crs)
    described = []
    for row, at in zip(services.to_dict("records"), positions, strict=True):
        codes = list_items(row["elements"])
        area = list_items(row["service_area"])
        described.append(
            {
                "id": row["service_id"],
                "name": row["name"],
                "organisation": names.get(row["organisation_id"], row["organisation_id"]),
                "elements": [elements.index(c) for c in codes if c in elements],
                "outcomes": _list_outcomes(edition, row, outcome_ids),
                "at": at,
                "e": None if at is None else round(row["easting"]),
                "n": None if at is None else round(row["northing"]),
                "place": places.index(row["place_id"]) if row["place_id"] in places else -1,
                "rough": row.get("place_basis") == "polygon",
                "slack": _number(row["location_accuracy"]) or 0,
                "low": _number(row["minimum_age"]),
                "high": _number(row["maximum_age"]),
                "spaces": list(list_items(row["space_types"])),
                "everywhere": "all" in area,
                "comesTo": [n for n, code in enumerate(places) if code in area],
                "comesToHoods": [n for n, code in enumerate(hoods) if code in area],
                "facts": _say_facts(row),
                "sessions": sessions.get(row["service_id"], []),
                "quality": quality.get(row["service_id"], []),
                "checked": say_date(row["assured_date"]) or _NOT_KNOWN,
            }
        )
    return described


def say_record_age(services: pd.DataFrame, today: dt.date) -> str:
    """Say how old the services' records are on the day of the exercise."""
    days = sorted(d for d in services["assured_date"] if not is_blank(d))
    if not days:
        return "No record says when it was last checked with the provider."
    middle = (today - days[len(days) // 2]).days / _DAYS_A_MONTH
    months = max(1, math.ceil(middle))
    text = (
        f"Service records checked {days[0]:%B %Y} to {days[-1]:%B %Y}; "
        f"half of them within {'1 month' if months == 1 else f'{months} months'} of the date above"
    )
    undated = len(services) - len(days)
    return text + (f"; {undated} of {len(services)} say no date." if undated else ".")


def _locate(services: pd.DataFrame, crs: str) -> list[list[int] | None]:
    points = gpd.GeoSeries(
        gpd.points_from_xy(services["easting"].astype(float), services["northing"].astype(float)),
        crs=crs,
    ).to_crs("EPSG:4326")
    return [
        None if is_blank(easting) else [round(p.x * UNITS_A_DEGREE), round(p.y * UNITS_A_DEGREE)]
        for p, easting in zip(points, services["easting"], strict=True)
    ]


def _number(value: object) -> float | None:
    return None if is_blank(value) else float(str(value))


def _list_outcomes(edition: Edition, row: dict[Any, Any], outcome_ids: Sequence[str]) -> list[int]:
    """Return the outcomes that a service serves: its own, else those of its elements.

    The one that most of its codes speak for comes first: it sets the marker.
    """
    codes = list_items(row["outcomes"])
    if not codes:
        known = edition.framework.elements
        codes = tuple(
            aim for e in list_items(row["elements"]) if e in known for aim in known[e].aims
        )
    found = [outcome_ids.index(c[:2]) for c in codes if c[:2] in outcome_ids]
    return sorted(dict.fromkeys(found), key=lambda n: (-found.count(n), found.index(n)))


def _say_facts(row: dict[Any, Any]) -> list[list[str]]:
    """Say what a service offers, one pair of heading and words a line."""
    ages = [row["minimum_age"], row["maximum_age"]]
    return [
        ["Ages", _NOT_KNOWN if all(is_blank(a) for a in ages) else say_ages(*ages)],
        ["Open to", _say_open(row)],
        ["Places in a session", _say_capacity(row["capacity"])],
        ["Access", _say_list(row["access"])],
        ["Languages", _say_list(row["languages"])],
        ["Cost of one visit", _say_cost(row["cost"])],
        ["Publicised", "unknown" if is_blank(row["publicised"]) else row["publicised"]],
        *([["Space", _say_list(row["space_types"])]] if list_items(row["space_types"]) else []),
        *([] if is_blank(row["booking"]) else [["Booking", row["booking"]]]),
    ]


def _say_open(row: dict[Any, Any]) -> str:
    words = _say_list(row["open_to"])
    closed = list_items(row["not_open_to"])
    return words + (f"; not to {', '.join(_spaced(closed))}" if closed else "")


def _say_capacity(places: object) -> str:
    if is_blank(places):
        return _NOT_KNOWN
    return "no limit" if float(str(places)) == math.inf else f"{float(str(places)):g}"


def _say_cost(cost: object) -> str:
    if is_blank(cost):
        return _NOT_KNOWN
    return "free" if float(str(cost)) == 0 else f"£{float(str(cost)):.2f}"


def _say_list(value: object) -> str:
    items = list_items(value)
    return ", ".join(_spaced(items)) if items else _NOT_KNOWN


def _spaced(items: Sequence[str]) -> list[str]:
    """Write codes as words: ``step_free`` is read aloud badly."""
    return [item.replace("_", " ") for item in items]


def _say_sessions(sessions: pd.DataFrame) -> dict[str, list[str]]:
    said: defaultdict[str, list[str]] = defaultdict(list)
    for row in sessions.to_dict("records"):
        weekday = "" if is_blank(row["weekday"]) else row["weekday"]
        said[row["service_id"]].append(
            say_session(weekday, row["start"], row["end"], row["period"], row["holidays"])
        )
    return dict(said)


def _say_quality(quality: pd.DataFrame) -> dict[str, list[str]]:
    said: defaultdict[str, list[str]] = defaultdict(list)
    for row in quality.to_dict("records"):
        scheme = "" if is_blank(row["scheme"]) else f" ({row['scheme']})"
        said[row["service_id"]].append(
            f"{row['evidence']}{scheme}, {say_date(row['date'])}: {row['result']}"
        )
    return dict(said)

"""A service in words, as the workbook, the GeoPackage and the explanation of a gap show it."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from provision_map.edition import Edition
from provision_map.reports import words
from provision_map.reports.rows import say_date
from provision_map.reports.text import clean, clean_list, number, whole
from provision_map.schema.wording import join_words

UNKNOWN = "not known"


@dataclass(frozen=True)
class ServiceRow:
    """One service. What is not known says so; ``easting`` and ``northing`` are None without a site."""

    service_id: str
    name: str
    organisation: str
    sector: str
    elements: tuple[str, ...]
    outcomes: tuple[str, ...]
    place_id: str
    place: str
    neighbourhood: str
    position: str
    comes_to: str
    ages: str
    sessions: str
    capacity: str
    open_to: str
    not_open_to: str
    access: str
    languages: str
    cost: str
    publicised: str
    booking: str
    quality: str
    checked: str
    easting: float | None
    northing: float | None


#: Heading and width of each text column of a list of services.
SERVICE_COLUMNS: tuple[tuple[str, str, int], ...] = (
    ("service_id", "Service", 10), ("name", "Name", 30), ("organisation", "Organisation", 26),
    ("sector", "Sector", 16), ("elements", "Elements", 14), ("outcomes", "Outcomes", 22),
    ("place", "Place", 20), ("neighbourhood", "Neighbourhood", 16),
    ("position", "Position", 14), ("comes_to", "Comes to", 16), ("ages", "Ages", 12),
    ("sessions", "Sessions", 34), ("capacity", "Places a session", 12),
    ("open_to", "Open to", 18), ("not_open_to", "Not open to", 16), ("access", "Access", 20),
    ("languages", "Languages", 14), ("cost", "Cost of a visit", 11),
    ("publicised", "Publicised", 10), ("booking", "Booking", 14), ("quality", "Evidence of quality", 30),
    ("checked", "Record checked", 12),
)  # fmt: skip


def describe_services(edition: Edition) -> tuple[ServiceRow, ...]:
    """Return the services of an edition in words, in their order."""
    organisations = {
        clean(o["organisation_id"]): o for o in edition.organisations.to_dict("records")
    }
    places = {clean(p["place_id"]): p for p in edition.places.drop(columns="geometry").to_dict("records")}  # fmt: skip
    sessions = _group(edition.sessions)
    quality = _group(edition.quality)
    rows = []
    for service in edition.services.to_dict("records"):
        id_ = clean(service["service_id"])
        organisation = organisations.get(clean(service.get("organisation_id")), {})
        place = places.get(clean(service.get("place_id")), {})
        codes = clean_list(service.get("elements"))
        outcomes = clean_list(service.get("outcomes")) or tuple(
            outcome
            for code in codes
            if code in edition.framework.elements
            for outcome in edition.framework.elements[code].outcomes
        )
        rows.append(
            ServiceRow(
                service_id=id_,
                name=clean(service.get("name")),
                organisation=clean(organisation.get("name")),
                sector=clean(organisation.get("sector")),
                elements=codes,
                outcomes=words.name_outcomes(edition, outcomes),
                place_id=clean(service.get("place_id")),
                place=clean(place.get("name")),
                neighbourhood=clean(place.get("neighbourhood")),
                position=_say_position(service),
                comes_to=_join(clean_list(service.get("service_area"))),
                ages=say_admitted(service),
                sessions=say_sessions(sessions.get(id_, ())),
                capacity=say_capacity(service),
                open_to=_join(_name_all(edition, service.get("open_to")), UNKNOWN),
                not_open_to=_join(_name_all(edition, service.get("not_open_to"))),
                access=_join(
                    [a.replace("_", " ") for a in clean_list(service.get("access"))], UNKNOWN
                ),
                languages=_join(clean_list(service.get("languages")), UNKNOWN),
                cost=_say_cost(service),
                publicised=_known(clean(service.get("publicised"))),
                booking=clean(service.get("booking")),
                quality=_say_quality(quality.get(id_, ())),
                checked=_known(say_date(service.get("assured_date"))),
                easting=number(service.get("easting")),
                northing=number(service.get("northing")),
            )
        )
    return tuple(rows)


def _group(frame: pd.DataFrame) -> dict[str, list[dict[Any, Any]]]:
    grouped: dict[str, list[dict[Any, Any]]] = {}
    for record in frame.to_dict("records"):
        grouped.setdefault(clean(record["service_id"]), []).append(record)
    return grouped


def _join(items: Sequence[str], empty: str = "") -> str:
    return "; ".join(items) or empty


def _known(text: str) -> str:
    return text if text not in ("", "unknown") else UNKNOWN


def _name_all(edition: Edition, value: object) -> list[str]:
    return [words.name_community(edition, code) for code in clean_list(value)]


def _said(service: Mapping[Any, Any], column: str) -> str:
    """Say how a number came to be missing: to be decided and withheld are not merely blank."""
    said = clean(service.get(f"{column}_said"))
    return {"tbd": "to be decided", "withheld": "withheld"}.get(said, UNKNOWN)


def say_admitted(service: Mapping[Any, Any]) -> str:
    """Say which ages a service admits."""
    low, high = whole(service.get("minimum_age")), whole(service.get("maximum_age"))
    return words.say_ages(low, high) or _said(service, "minimum_age")


def say_capacity(service: Mapping[Any, Any]) -> str:
    """Say how many places one session has."""
    capacity = number(service.get("capacity"))
    if capacity is None:
        return _said(service, "capacity")
    return "no limit" if math.isinf(capacity) else f"{capacity:,.0f}"


def _say_cost(service: Mapping[Any, Any]) -> str:
    cost = number(service.get("cost"))
    if cost is None:
        return _said(service, "cost")
    return "free" if cost == 0 else f"£{cost:,.2f}"


def _say_position(service: Mapping[Any, Any]) -> str:
    if number(service.get("easting")) is None:
        return "no site"
    accuracy = number(service.get("location_accuracy"))
    if accuracy:
        return f"within {accuracy:,.0f} m"
    return "exact" if clean(service.get("place_basis")) == "given" else "place by position"


def say_sessions(sessions: Sequence[Mapping[Any, Any]]) -> str:
    """Say when a service runs: "Friday 19:00 to 21:00, term"."""
    return "; ".join(_say_session(s) for s in sessions) or "no session recorded"


def _say_session(session: Mapping[Any, Any]) -> str:
    start, end = _say_time(session.get("start")), _say_time(session.get("end"))
    hours = f"{start} to {end}" if start and end else "hours not known"
    when = " ".join(part for part in (clean(session.get("weekday")), hours) if part)
    holidays = join_words(clean_list(session.get("holidays")))
    return f"{when}, {clean(session.get('period'))}" + (f" ({holidays})" if holidays else "")


def _say_time(value: object) -> str:
    return value.strftime("%H:%M") if isinstance(value, dt.time) else clean(value)


def _say_quality(evidence: Sequence[Mapping[Any, Any]]) -> str:
    said = []
    for e in evidence:
        answers = whole(e.get("answers"))
        count = f", {answers} answers" if answers is not None else ""
        scheme = clean(e.get("scheme"))
        name = f"{clean(e.get('evidence'))} {say_date(e.get('date'))}"
        said.append(f"{name}{f' ({scheme})' if scheme else ''}{count}: {clean(e.get('result'))}")
    return "; ".join(said) or "no evidence"

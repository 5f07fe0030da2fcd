"""Our services as Open Referral UK (HSDS-UK 3.0): a page of services, or a package by organisation.

The published schemas accept what is written. Identifiers are UUIDs made from ours, the same each
time, and ours stand beside them as attributes; so does whatever HSDS-UK has no field for. Persons
are never written: no contacts, no telephone numbers, no role to ask. Nor are counts of children.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd

from provision_map.errors import Problem
from provision_map.model import Framework
from provision_map.open_referral import make_organisation, make_service, name_terms
from provision_map.read.files.crs import WGS84, project
from provision_map.schema.wording import count_of

#: Decimals of a degree: a tenth of a millimetre, far finer than any position is known.
_DECIMALS = 9


def write_hsds(
    organisations: pd.DataFrame,
    services: pd.DataFrame,
    sessions: pd.DataFrame,
    *,
    framework: Framework,
    title: str,
    date: dt.date,
    quality: pd.DataFrame | None = None,
    crs: str = "EPSG:27700",
    data_status: str = "",
    about: Mapping[str, Any] | None = None,
) -> bytes:
    """Return one page that holds every service, as ``GET /services`` of the profile answers.

    Each of its ``contents`` is a full nested service. The same tables give the same bytes.

    Args:
        organisations: typed table, as inputs of an exercise have it.
        services: the same.
        sessions: the same.
        framework: names the terms.
        title: of the exercise.
        date: of the exercise.
        quality: typed evidence, to be held as attributes; None: none is.
        crs: the system of ``easting`` and ``northing``.
        data_status: of the exercise ("illustrative services"); "" for real data.
        about: more members of the page, such as its sources and their licences.

    >>> import datetime as dt
    >>> from provision_map import load_framework, tables
    >>> empty = [t.validate(t.empty().drop(columns=[c.name for c in t.columns if c.computed]), file="")[0] for t in (tables.ORGANISATIONS, tables.SERVICES, tables.SESSIONS)]
    >>> page = write_hsds(*empty, framework=load_framework(), title="T", date=dt.date(2020, 11, 30))
    >>> json.loads(page)["total_items"]
    0

    """
    contents = list(
        hsds_services(
            organisations, services, sessions, framework=framework, quality=quality, crs=crs
        )
    )
    page: dict[str, Any] = {
        "title": title,
        "date": date.isoformat(),
        **({"data_status": data_status} if data_status else {}),
        **(about or {}),
        "total_items": len(contents),
        "total_pages": 1,
        "page_number": 1,
        "size": len(contents),
        "first_page": True,
        "last_page": True,
        "empty": not contents,
        "contents": contents,
    }
    return _write(page)


def write_hsds_package(
    organisations: pd.DataFrame,
    services: pd.DataFrame,
    sessions: pd.DataFrame,
    *,
    framework: Framework,
    quality: pd.DataFrame | None = None,
    crs: str = "EPSG:27700",
) -> bytes:
    """Return a package: every organisation, those without services too, with its services in it.

    Services whose organisation is not in the table are not in it; :func:`write_hsds` has them.
    """
    made = [make_organisation(row) for row in _rows(organisations)]
    inside: dict[str, list[dict[str, Any]]] = {organisation["id"]: [] for organisation in made}
    for service in hsds_services(
        organisations, services, sessions, framework=framework, quality=quality, crs=crs
    ):
        if service.pop("organization", None) is not None:
            inside[service["organization_id"]].append(service)
    return _write([{**one, "services": inside[one["id"]]} for one in made])


def hsds_services(
    organisations: pd.DataFrame,
    services: pd.DataFrame,
    sessions: pd.DataFrame,
    *,
    framework: Framework,
    quality: pd.DataFrame | None = None,
    crs: str = "EPSG:27700",
) -> Iterator[dict[str, Any]]:
    """Go through services as full nested records of HSDS-UK, in the order of their table.

    A service of ours at several places is several services of ours, and so it is here.
    """
    names = name_terms(framework)
    owners = {str(row["organisation_id"]): make_organisation(row) for row in _rows(organisations)}
    held = _group(sessions)
    proven = {} if quality is None else _group(quality)
    for service in _rows(_place(services, crs)):
        code = str(service["service_id"])
        yield make_service(
            service,
            organisation=owners.get(str(service["organisation_id"])),
            sessions=held.get(code, ()),
            quality=proven.get(code, ()),
            names=names,
        )


def what_is_lost(
    organisations: pd.DataFrame,
    services: pd.DataFrame,
    sessions: pd.DataFrame,
    *,
    quality: pd.DataFrame | None = None,
    returns: pd.DataFrame | None = None,
    practice: pd.DataFrame | None = None,
    participation: pd.DataFrame | None = None,
) -> list[Problem]:
    """Say what is in the tables and is not in HSDS-UK, each with how much of it there is.

    Give the tables that the exercise has. ``file`` of each is the table, ``column`` its column.
    """
    lost: list[Problem] = []

    def say(table: str, many: int, what: str, mend: str = "", column: str | None = None) -> None:
        if many:
            lost.append(Problem(table, None, column, what, mend))

    roles = int((organisations["contact_role"] != "").sum())
    what = f"Left out for {count_of(roles, 'organisation')}: no contacts are published."
    say("organisations", roles, what, column="contact_role")
    idle = int((~organisations["organisation_id"].isin(list(services["organisation_id"]))).sum())
    what = f"{count_of(idle, 'organisation gives', 'organisations give')} no service: a page of services does not hold {'it' if idle == 1 else 'them'}."
    say("organisations", idle, what, "The package by organisation does.")
    given = int((services["easting_said"] == "given").sum())
    what = f"Written as longitude and latitude for {count_of(given, 'service')}: the same place, to a millimetre."
    say("services", given, what, column="easting")
    codes = list(services["service_id"])
    for name, frame in (("sessions", sessions), ("quality", quality)):
        away = 0 if frame is None else int((~frame["service_id"].isin(codes)).sum())
        say(name, away, f"{count_of(away, 'row speaks', 'rows speak')} of no service of the table.")
    for name, frame, why in (
        ("returns", returns, "HSDS knows what is offered, not who was asked."),
        ("practice", practice, "HSDS has no good practice."),
        ("participation", participation, "Counts of children are given on to nobody."),
    ):
        many = 0 if frame is None else len(frame)
        say(name, many, f"{count_of(many, 'row')} left out.", why)
    return lost


def _place(services: pd.DataFrame, crs: str) -> pd.DataFrame:
    """Return the services with longitude and latitude, from easting and northing where given."""
    east, north = (services[name].to_numpy(dtype=float) for name in ("easting", "northing"))
    said = services["easting_said"].eq("given") & services["northing_said"].eq("given")
    given = said.to_numpy(dtype=bool) & np.isfinite(east) & np.isfinite(north)
    if not given.any():
        return services
    import pyproj  # noqa: PLC0415 - only where something is to be moved

    lon, lat = (services[name].to_numpy(dtype=float).copy() for name in ("longitude", "latitude"))
    x, y = project(east[given], north[given], source=pyproj.CRS.from_user_input(crs), target=WGS84)
    lon[given], lat[given] = np.round(x, _DECIMALS), np.round(y, _DECIMALS)
    return services.assign(longitude=lon, latitude=lat)


def _rows(frame: pd.DataFrame) -> Iterator[Mapping[str, Any]]:
    names = [str(name) for name in frame.columns]
    columns = (frame[name] for name in names)
    return (dict(zip(names, row, strict=True)) for row in zip(*columns, strict=True))


def _group(frame: pd.DataFrame) -> dict[str, list[Mapping[str, Any]]]:
    grouped: dict[str, list[Mapping[str, Any]]] = {}
    for row in _rows(frame):
        grouped.setdefault(str(row["service_id"]), []).append(row)
    return grouped


def _write(content: object) -> bytes:
    """Return JSON as UTF-8; what is half a character becomes a question mark."""
    text = json.dumps(content, ensure_ascii=False, allow_nan=False, indent=1)
    return (text + "\n").encode("utf-8", "replace")

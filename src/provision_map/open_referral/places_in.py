"""Where a service is: the locations of HSDS as position, postcode and what is found there."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from provision_map.open_referral.account import Account
from provision_map.open_referral.mapping import FeedMapping
from provision_map.schema import quote
from provision_map.tables import ACCESS_FEATURES

#: Locations where nobody can go.
_UNPLACED = ("virtual", "postal")
_LOCATION = frozenset({"id", "location_type", "latitude", "longitude", "addresses", "accessibility", "attributes", "name"})  # fmt: skip
_AT = frozenset({"id", "service_id", "location_id", "location", "schedules"})
_ADDRESS = frozenset({"id", "location_id", "postal_code", "address_type"})


@dataclass(frozen=True)
class Place:
    """A service at a location: both identifiers, both records, and the path of the first."""

    at: str
    code: str
    path: str
    held: dict[str, Any]
    location: dict[str, Any]


def find_places(record: Mapping[str, Any], account: Account) -> list[Place]:
    """Return the locations of a service where people can go, each once."""
    found: dict[str, Place] = {}
    for path, held in account.records(record, "service_at_locations"):
        location = account.record(held, "location", path)
        account.count_unkept(held, _AT, "service_at_locations")
        kind = account.text(location, "location_type", f"{path}.location").lower()
        if kind in _UNPLACED or not location:
            continue
        where = f"{path}.location"
        code = account.text(location, "id", where) or account.text(held, "location_id", path)
        if not code:
            account.fault(f"{where}.id", "The location has no identifier.", "It must be given.")
            continue
        found.setdefault(code, Place(account.text(held, "id", path), code, path, held, location))
    return list(found.values())


def read_location(
    place: Place,
    cells: dict[str, str],
    mapping: FeedMapping,
    account: Account,
) -> None:
    """Read the position, the postcode and what disabled children find there into ``cells``."""
    location, path = place.location, f"{place.path}.location"
    lon, lat = (account.number(location, name, path) for name in ("longitude", "latitude"))
    right = True
    for name, value, most in (("longitude", lon, 180), ("latitude", lat, 90)):
        if value is not None and abs(value) > most:
            what = f"{value:.10g} is outside -{most} to {most}."
            account.fault(f"{path}.{name}", what, "Check it: degrees of WGS 84.")
            right = False
    if lon == 0 and lat == 0:
        what = "Longitude and latitude are both 0, which is in the sea: they were not read."
        account.remark("service_at_locations.location.longitude", what)
        right = False
    if right:
        for name, value in (("longitude", lon), ("latitude", lat)):
            if value is not None:
                cells[name] = repr(value)
    for where, address in account.records(location, "addresses", path):
        account.count_unkept(address, _ADDRESS, "service_at_locations.location.addresses")
        if account.text(address, "address_type", where) != "virtual":
            cells["postcode"] = cells.get("postcode") or account.text(address, "postal_code", where)
    if not cells.get("access"):
        said = [
            account.text(entry, "description", where) or account.text(entry, "accessibility", where)
            for where, entry in account.records(location, "accessibility", path)
        ]
        cells["access"] = translate(
            "access", said, mapping, account, path="service_at_locations.location.accessibility"
        )
    account.count_unkept(location, _LOCATION, "service_at_locations.location")


def translate(
    column: str, texts: Iterable[str], mapping: FeedMapping, account: Account, *, path: str
) -> str:
    """Return what texts of the feed mean in a column of ours; what is not translated is remarked."""
    known = mapping.translate.get(column, {})
    said: list[str] = []
    for text in filter(None, texts):
        if text in known:
            said.append(known[text])
        elif column == "access" and text in ACCESS_FEATURES:
            said.append(text)
        else:
            what = f"{quote(text)} was not read: nothing says what it means as {column}."
            account.remark(path, what, f"Translate it in the mapping file: [translate.{column}].")
    return ";".join(dict.fromkeys(filter(None, said)))

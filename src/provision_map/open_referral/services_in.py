"""Records of HSDS 3.0 as rows of text for our tables. Contacts and telephones are never read.

A service at several locations becomes a service of ours at each: ``SERVICE@LOCATION``; one at a
single location, or at none, keeps its identifier. Text cells are typed and checked like those of
any table.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from provision_map.open_referral.account import Account
from provision_map.open_referral.mapping import FeedMapping, holds, list_terms
from provision_map.open_referral.organisations_in import own_id, read_again
from provision_map.open_referral.places_in import Place, find_places, read_location, translate
from provision_map.open_referral.schedules import read_schedule
from provision_map.open_referral.services_out import QUALITY_CELLS
from provision_map.open_referral.words import SERVICE_COLUMNS, read_own
from provision_map.schema import quote
from provision_map.tables import SERVICES

STATUSES = ("active", "inactive", "defunct", "temporarily closed")
_ACTIVE = "active"

#: Cells of a row of services, in the order of the table.
CELLS = tuple(SERVICES.names(given_only=True))

#: People above this age are no children or young people, as the table of services has it.
_OLDEST = 25
_NO_LIMIT = 99
_WORDS = ("tbd", "none", "withheld")
#: One of these says where a service is, or where it comes to.
_PLACED = ("place_id", "service_area", "postcode", "longitude", "latitude", "easting", "northing")
_NO_ELEMENT = "It carries no term of our elements, and no mapping says what it gives."
_ONLINE = "It is online or by post only: no mapping says which area it comes to."
_NOWHERE = "It says no place: no position, no postcode, and no service area that is known here."

_SERVICE = frozenset({
    "id", "name", "description", "status", "minimum_age", "maximum_age", "assured_date",
    "schedules", "service_areas", "service_at_locations", "languages", "organization",
    "organization_id", "cost_options", "attributes", "eligibility_description",
})  # fmt: skip
_NOTHING = (None, "")
_LANGUAGE = frozenset({"id", "service_id", "phone_id", "name", "code"})


@dataclass
class Reading:
    """What one record gives, as rows of text.

    Attributes:
        service_id: its identifier, as ours or as the feed has it; "" where it has none.
        services: rows of :data:`CELLS`.
        sessions: rows of the table of sessions.
        quality: rows of the table of quality, by column.
        organisation: its organisation as a row, by column; None: it names none.
        left_out: why it is not used; "" where it is.
        terms: of a record left out because nothing says what it gives: the terms that it carries.
        rule: number of the rule of the mapping that gave it its elements; 0: none.
        unnamed: whether it is left out because nothing says what it gives.

    """

    service_id: str
    name: str
    services: list[tuple[str, ...]] = field(default_factory=list)
    sessions: list[tuple[str, ...]] = field(default_factory=list)
    quality: list[dict[str, str]] = field(default_factory=list)
    organisation: dict[str, str] | None = None
    left_out: str = ""
    terms: list[str] = field(default_factory=list)
    rule: int = 0
    unnamed: bool = False


def read_service(record: Mapping[str, Any], mapping: FeedMapping, account: Account) -> Reading:
    """Return what a service gives, or why it is left out.

    Args:
        record: a service, with what belongs to it nested in it.
        mapping: what a person says of the feed.
        account: gets what is wrong or remarkable, with the path in the record.

    >>> club = {"id": "a", "name": "Club", "status": "defunct"}
    >>> read_service(club, FeedMapping(), Account()).left_out
    'Its status is defunct.'

    """
    own = read_own(record, SERVICE_COLUMNS)
    # Ours say all in plain text, whatever it looks like.
    read_prose = account.text if own else account.prose
    identity, name = account.text(record, "id"), read_prose(record, "name")
    code = own_id(own, "service_id", identity, "service")
    if not code and identity:
        code = f"{mapping.prefix}{identity}"
    reading = Reading(code, name)
    if not identity:
        account.fault("id", "The service has no identifier.", "It must be given.")
    reading.left_out = _find_reason(record, mapping, account)
    if reading.left_out:
        return reading
    row = _read_own_columns(own)
    reading.rule = mapping.find_rule(record)
    said = mapping.rules[reading.rule - 1].set if reading.rule else {}
    if not any(texts.get("elements") for texts in (row, said, mapping.constants)):
        reading.terms = list_terms(record)
        reading.unnamed = True
        reading.left_out = _NO_ELEMENT
        if mapping.file:
            reading.left_out = f"No rule of {mapping.file} says what it gives."
        return reading
    row |= {"service_id": code, "name": name, "description": read_prose(record, "description")}
    row["assured_date"] = account.text(record, "assured_date")[:10]
    if not _read_ages(record, row, account):
        reading.left_out = f"It is for people of {row['minimum_age']} and older."
        return reading
    _read_organisation_of(record, row, reading, mapping=mapping, account=account)
    _read_cost(record, row, account)
    _read_lists(record, row, mapping, account)
    row |= {name: text for name, text in mapping.constants.items() if not row.get(name)}
    row |= said
    account.count_unkept(record, _SERVICE)
    _place(record, row, reading, mapping=mapping, account=account)
    if reading.services:
        evidence = (text.split("|", len(QUALITY_CELLS) - 1) for text in own.get("quality", ()))
        reading.quality = [
            {"service_id": reading.services[0][0]}
            | dict(zip(QUALITY_CELLS, (cell.strip() for cell in cells), strict=False))
            for cells in evidence
        ]
    return reading


def _find_reason(record: Mapping[str, Any], mapping: FeedMapping, account: Account) -> str:
    """Return why a record is none of ours, whatever it gives; "" where nothing speaks against it."""
    said = account.text(record, "status")
    status = said.lower()
    if status in STATUSES and status != said:
        account.form("status", "A status is written with capitals: it was read without them.")
    if status not in STATUSES:
        what = f"{quote(said)} is no status known here." if status else "The status is missing."
        account.fault("status", what, f"Use one of: {', '.join(STATUSES)}.")
        return "Its status is not known."
    if status != _ACTIVE:
        return f"Its status is {status}."
    if not holds(mapping.keep, record):
        return f"The filter of {mapping.file} does not keep it."
    return ""


def _read_own_columns(own: Mapping[str, list[str]]) -> dict[str, str]:
    """Return cells of our columns; numbers in the words that stand for them."""
    return {
        column: ";".join(values)
        for column, values in own.items()
        if column not in ("service_id", "organisation_id", "quality")
    }


def _read_ages(record: Mapping[str, Any], row: dict[str, str], account: Account) -> bool:
    """Read the ages; False where the service is for older people only."""
    for name in ("minimum_age", "maximum_age"):
        age = account.number(record, name)
        if age is None:
            # A word of ours, "tbd" or "withheld", stays.
            if row.get(name) not in _WORDS:
                row[name] = ""
            continue
        if age != int(age):
            account.remark(name, "Ages were read in whole years.")
        if name == "maximum_age" and age > _NO_LIMIT:
            age = _NO_LIMIT
        row[name] = str(int(age // 1))
    lowest = row["minimum_age"]
    return not lowest.isdigit() or int(lowest) <= _OLDEST


def _read_organisation_of(
    record: Mapping[str, Any],
    row: dict[str, str],
    reading: Reading,
    *,
    mapping: FeedMapping,
    account: Account,
) -> None:
    organisation = account.record(record, "organization")
    if organisation:
        reading.organisation = read_again(organisation, mapping, account)
        row["organisation_id"] = reading.organisation["organisation_id"]
        named = record.get("organization_id")
        if named not in _NOTHING and named != organisation.get("id"):
            what = "It names one organisation and holds another: the one that it holds was taken."
            account.remark("organization_id", what, "Ask the publisher which of the two holds.")
    else:
        identity = account.text(record, "organization_id")
        own = read_own(record, ("organisation_id",))
        row["organisation_id"] = own_id(own, "organisation_id", "", "organisation") or identity


def _read_cost(record: Mapping[str, Any], row: dict[str, str], account: Account) -> None:
    """Read what a visit costs, where all its prices agree; else it is unknown."""
    amounts: set[float] = set()
    foreign = False
    for path, option in account.records(record, "cost_options"):
        amount = account.number(option, "amount", path)
        currency = account.text(option, "currency", path).upper()
        if amount is not None and currency not in ("", "GBP", "£"):
            what = "The price is not in pounds: what it costs is unknown."
            account.remark("cost_options.currency", what)
            foreign = True
        elif amount is not None:
            amounts.add(amount)
    said = row.pop("cost", "")
    row["cost"] = ""
    if not amounts and not foreign:
        row["cost"] = said if said in _WORDS else ""
    elif len(amounts) == 1 and not foreign:
        (amount,) = amounts
        row["cost"] = said if (said, amount) == ("none", 0) else repr(amount)
    elif amounts and not foreign:
        account.remark("cost_options", "Its prices differ: what a visit costs is unknown.")


def _read_lists(
    record: Mapping[str, Any], row: dict[str, str], mapping: FeedMapping, account: Account
) -> None:
    """Read languages, and whatever the mapping translates: areas, access, eligibility."""
    languages = []
    for path, language in account.records(record, "languages"):
        languages.append(
            account.text(language, "name", path) or account.text(language, "code", path)
        )
        account.count_unkept(language, _LANGUAGE, "languages")
    row["languages"] = ";".join(dict.fromkeys(filter(None, languages)))
    if not row.get("service_area"):
        areas = [
            account.text(area, "name", path) or account.text(area, "service_area", path)
            for path, area in account.records(record, "service_areas")
        ]
        row["service_area"] = translate(
            "service_area", areas, mapping, account, path="service_areas"
        )
    if not row.get("open_to"):
        said = [account.text(record, "eligibility_description")]
        row["open_to"] = translate(
            "open_to", said, mapping, account, path="eligibility_description"
        )


def _place(
    record: Mapping[str, Any],
    row: dict[str, str],
    reading: Reading,
    *,
    mapping: FeedMapping,
    account: Account,
) -> None:
    """Add a row for each location of the service, with the sessions that are held there."""
    schedules = account.records(record, "schedules")
    places = find_places(record, account)
    known = {place.at for place in places if place.at}
    spots: list[Place | None] = [*places] or [None]
    for place in spots:
        cells = dict(row)
        here = schedules
        if place is not None:
            read_location(place, cells, mapping, account)
            here = [*schedules, *account.records(place.held, "schedules", place.path)]
        if place is not None and len(places) > 1:
            cells["service_id"] = f"{row['service_id']}@{place.code}"
        if not any(cells.get(name) for name in _PLACED):
            continue
        service = cells["service_id"]
        reading.services.append(tuple([cells.get(name, "") for name in CELLS]))
        for path, schedule in here:
            at = account.text(schedule, "service_at_location_id", path)
            if place is None or at == place.at or at not in known:
                said = read_schedule(schedule, account, path)
                reading.sessions += [(service, *session) for session in said]
    if not reading.services:
        reading.left_out = _NOWHERE if places or not record.get("service_at_locations") else _ONLINE

"""Services of ours as records of HSDS-UK. No contacts, no telephones: persons are never written."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from provision_map.model import Framework
from provision_map.open_referral.schedules import make_schedule
from provision_map.open_referral.words import (
    count_before,
    find_register,
    is_uuid,
    keep_id,
    make_id,
    write_term,
)

_SAID = ("tbd", "none", "withheld")
#: List columns that are attributes and nothing else.
_LISTS = ("elements", "outcomes", "service_area", "open_to", "not_open_to", "access", "space_types")
#: Columns of one text that are attributes and nothing else.
_TEXTS = ("place_id", "booking")
#: Numbers that HSDS has a field for: what is said instead of one is an attribute.
_WORDS_OF = ("minimum_age", "maximum_age", "easting", "northing", "longitude", "latitude")
#: Numbers that it has none for.
_NUMBERS = ("location_accuracy", "capacity")
#: Of quality: what an attribute says, the free text last.
QUALITY_CELLS = ("date", "evidence", "result", "answers", "scheme")


def name_terms(framework: Framework) -> dict[tuple[str, str], str]:
    """Return what people call the codes of a framework, by column and code."""
    named = {("elements", e.id): e.name for e in framework.elements.values()}
    for outcome in framework.outcomes:
        named["outcomes", outcome.id] = outcome.name
        named |= {("outcomes", aim.id): aim.name for aim in outcome.aims}
    for community in framework.communities:
        for column in ("open_to", "not_open_to"):
            named[column, community.id] = community.name
    return named


def make_organisation(organisation: Mapping[str, Any]) -> dict[str, Any]:
    """Return an organisation as HSDS-UK holds it. The role to ask is not written."""
    code, name = str(organisation["organisation_id"]), str(organisation["name"])
    identity = keep_id("organisation", code)
    made: dict[str, Any] = {"id": identity, "name": name, "description": name}
    if number := str(organisation["charity_number"]):
        made["organization_identifiers"] = [
            {
                "id": make_id("organisation_identifier", code, number),
                "organization_id": identity,
                "identifier_scheme": find_register(number),
                "identifier_type": "Charity number",
                "identifier": number,
            }
        ]
    terms = [("organisation_id", "" if is_uuid(code) else code), ("sector", str(organisation["sector"]))]  # fmt: skip
    made["attributes"] = [
        write_term(column, value, of=identity, n=0) for column, value in terms if value
    ]
    return made


def make_service(
    service: Mapping[str, Any],
    *,
    organisation: Mapping[str, Any] | None,
    sessions: Sequence[Mapping[str, Any]] = (),
    quality: Iterable[Mapping[str, Any]] = (),
    names: Mapping[tuple[str, str], str] | None = None,
) -> dict[str, Any]:
    """Return a service as a full nested record of HSDS-UK 3.0.

    Args:
        service: typed cells by column, with the ``_said`` of each number; ``longitude`` and
            ``latitude`` hold its position in WGS 84, whatever it was given in.
        organisation: its organisation as :func:`make_organisation` gives it.
        sessions: its sessions, typed.
        quality: its evidence of quality, typed.
        names: of terms, as :func:`name_terms` gives them.

    """
    code = str(service["service_id"])
    identity = keep_id("service", code)
    made: dict[str, Any] = {"id": identity, "name": str(service["name"])}
    if service["description"]:
        made["description"] = str(service["description"])
    made["status"] = "active"
    for name in ("minimum_age", "maximum_age"):
        if _is_number(service[name]):
            made[name] = int(service[name])
    if isinstance(service["assured_date"], dt.date):
        made["assured_date"] = service["assured_date"].isoformat()
    if sessions:
        turns = count_before((s["weekday"], s["schedule"]) for s in sessions)
        made["schedules"] = [
            make_schedule(session, service_id=identity, n=n)
            for n, session in zip(turns, sessions, strict=True)
        ]
    made |= _make_lists(service, identity)
    if location := _make_location(service, identity):
        made["service_at_locations"] = [location]
    if organisation is not None:
        made["organization_id"] = organisation["id"]
        made["organization"] = dict(organisation)
    elif owner := str(service["organisation_id"]):
        made["organization_id"] = keep_id("organisation", owner)
    terms = _list_terms(service, organisation, quality)
    made["attributes"] = [
        write_term(column, value, of=identity, n=n, name=(names or {}).get((column, value), ""))
        for n, (column, value) in zip(count_before(terms), terms, strict=True)
    ]
    return made


def _make_lists(service: Mapping[str, Any], identity: str) -> dict[str, Any]:
    """Return areas, languages and the price of a service: each only where it is said."""
    made: dict[str, Any] = {}
    if service["service_area"]:
        made["service_areas"] = [
            {
                "id": make_id("service_area", identity, area),
                "service_id": identity,
                "name": "everywhere" if area == "all" else area,
                "extent": area,
                "extent_type": "other",
            }
            for area in service["service_area"]
        ]
    if service["languages"]:
        # HSDS 3.0 names a language; the profile leaves the field open.
        made["languages"] = [
            {
                "id": make_id("language", identity, language),
                "service_id": identity,
                "name": language,
            }
            for language in service["languages"]
        ]
    if service["cost_said"] in ("given", "none"):
        amount = float(service["cost"])
        made["cost_options"] = [
            {
                "id": make_id("cost_option", identity),
                "service_id": identity,
                "option": "Each visit of a child",
                "amount": int(amount) if amount.is_integer() else amount,
                "currency": "GBP",
            }
        ]
    return made


def _list_terms(
    service: Mapping[str, Any],
    organisation: Mapping[str, Any] | None,
    quality: Iterable[Mapping[str, Any]],
) -> list[tuple[str, str]]:
    """List what is held as attributes: (column, value), items of a list in their order."""
    code = str(service["service_id"])
    terms = [] if is_uuid(code) else [("service_id", code)]
    if organisation is None and service["organisation_id"]:
        terms.append(("organisation_id", str(service["organisation_id"])))
    terms += [(name, str(item)) for name in _LISTS for item in service[name]]
    terms += [(name, str(service[name])) for name in _TEXTS if service[name]]
    for name in _NUMBERS:
        said = service[f"{name}_said"]
        if said == "given":
            terms.append((name, f"{float(service[name]):.17g}"))
        elif said in _SAID:
            terms.append((name, said))
    terms += [(name, service[f"{name}_said"]) for name in _WORDS_OF if service[f"{name}_said"] in _SAID]  # fmt: skip
    if service["cost_said"] in _SAID:
        terms.append(("cost", service["cost_said"]))
    if service["publicised"] != "unknown":
        terms.append(("publicised", str(service["publicised"])))
    terms += [("quality", _write_quality(row)) for row in quality]
    return terms


def _write_quality(row: Mapping[str, Any]) -> str:
    said = row["answers_said"]
    answers = f"{row['answers']:.0f}" if said == "given" else "" if said == "blank" else said
    cells = (row["date"].isoformat(), row["evidence"], row["result"], answers, row["scheme"])
    return " | ".join(str(cell) for cell in cells)


def _make_location(service: Mapping[str, Any], identity: str) -> dict[str, Any] | None:
    """Return the place where a service is, if anything says it."""
    placed = _is_number(service["longitude"]) and _is_number(service["latitude"])
    postcode = str(service["postcode"])
    if not placed and not postcode:
        return None
    here = make_id("location", identity)
    location: dict[str, Any] = {"id": here, "location_type": "physical", "name": str(service["name"])}  # fmt: skip
    if placed:
        location["latitude"] = float(service["latitude"])
        location["longitude"] = float(service["longitude"])
    if postcode:
        # The standard wants these lines; what is not known stays blank.
        location["addresses"] = [
            {
                "id": make_id("address", identity),
                "location_id": here,
                "address_1": "",
                "city": "",
                "state_province": "",
                "postal_code": postcode,
                "country": "GB",
                "address_type": "physical",
            }
        ]
    if service["access"]:
        location["accessibility"] = [
            {
                "id": make_id("accessibility", identity, feature),
                "location_id": here,
                "description": "nothing in place"
                if feature == "none"
                else feature.replace("_", " "),
            }
            for feature in service["access"]
        ]
    at = make_id("service_at_location", identity)
    return {"id": at, "service_id": identity, "location_id": here, "location": location}


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and math.isfinite(value)

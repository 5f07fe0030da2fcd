"""What a record of a feed is, told by its fields; earlier versions of the standard among them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

#: Fields that only HSDS 1 and 2, and Open Referral UK 1.0 which was built on them, have.
_OLD = frozenset({
    "regular_schedules", "regular_schedule", "holiday_schedules", "holiday_schedule",
    "service_taxonomys", "service_taxonomies", "eligibilitys", "eligibilities",
    "physical_addresses", "physical_address", "postal_addresses", "link_taxonomies",
    "link_taxonomys", "reviews", "accessibility_for_disabilities", "taxonomy_ids",
})  # fmt: skip
_OLD_PAGE = frozenset({"totalElements", "totalPages", "content"})

#: Kinds that hold no service, and what they are called.
NO_SERVICE = {
    "about": "what the feed says of itself",
    "taxonomy": "a taxonomy",
    "taxonomy_term": "a term of a taxonomy",
    "location": "a location",
}


def find_kind(record: Mapping[str, Any]) -> str:
    """Return what a record is.

    Returns:
        ``service``, ``organization``, ``service_at_location``, ``page``, ``package``, ``old``, or
        one of :data:`NO_SERVICE`. What looks like nothing is taken for a service, whose missing
        fields are then told.

    >>> find_kind({"id": "a", "name": "Club", "status": "active"})
    'service'
    >>> find_kind({"content": [], "totalElements": 0})
    'old'

    """
    keys = record.keys()
    if keys & _OLD or len(keys & _OLD_PAGE) > 1:
        return "old"
    if "contents" in keys:
        return "page"
    if any(isinstance(record.get(name), list) for name in ("service", "organization")):
        return "package"
    if isinstance(record.get("service"), Mapping) or {"service_id", "location_id"} <= keys:
        return "service_at_location"
    if "status" not in keys:
        for kind, telling in _TELLING.items():
            if keys & telling:
                return kind
    return "service"


#: Fields that no service has, in the order in which they are looked for.
_TELLING = {
    "organization": frozenset({
        "services", "organization_identifiers", "parent_organization_id", "website", "logo",
        "legal_status", "year_incorporated",
    }),
    "about": frozenset({"openapi_url", "profile"}),
    "taxonomy_term": frozenset({"taxonomy", "taxonomy_id", "term_uri", "term", "parent_id"}),
    "taxonomy": frozenset({"taxonomy_terms", "version"}),
    "location": frozenset({"location_type", "latitude", "longitude"}),
}  # fmt: skip


def say_old() -> tuple[str, str]:
    """Say that an earlier version of the standard is not read, and what to do."""
    what = "This is Open Referral UK 1.0 or HSDS 1 or 2, which is not read: HSDS 3.0 is."
    return what, "Ask its publisher for the feed in Open Referral UK 3.0 (HSDS-UK)."

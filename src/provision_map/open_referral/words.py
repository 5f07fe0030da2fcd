"""The words that both directions share: our taxonomies, our identifiers, schemes of charities."""

from __future__ import annotations

import re
import uuid
from collections import Counter
from collections.abc import Hashable, Iterable, Iterator, Mapping
from typing import Any

#: A taxonomy of ours is this and the name of a column: ``provision-map:elements``.
OURS = "provision-map:"

#: Attributes of the things that HSDS knows, and the columns of ours that stand in them.
ORGANISATION_COLUMNS = ("organisation_id", "sector")
SERVICE_COLUMNS = (
    "service_id", "organisation_id", "elements", "outcomes", "place_id", "location_accuracy",
    "service_area", "capacity", "open_to", "not_open_to", "access", "publicised", "space_types",
    "booking", "languages", "minimum_age", "maximum_age", "cost", "easting", "northing",
    "longitude", "latitude", "quality",
)  # fmt: skip
SESSION_COLUMNS = ("weekday", "period", "holidays", "schedule")

#: Registers of charities, by the scheme of org-id.guide.
CHARITIES = ("GB-CHC", "GB-SC", "GB-NIC")
_OTHER_REGISTERS = {"SC": "GB-SC", "NIC": "GB-NIC"}

#: A made-up root of our identifiers, the same for ever: what is written twice has the same ids.
_ROOT = uuid.uuid5(uuid.NAMESPACE_URL, "tag:provision-map,2009:open-referral")
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def make_id(kind: str, *parts: str) -> str:
    """Return the UUID of a thing, the same each time for the same parts.

    >>> make_id("service", "S1") == make_id("service", "S1"), make_id("term", "S1")[14]
    (True, '5')
    """
    # A length before each part, so that no two lists of parts read the same.
    name = "".join(f"{len(part)}:{part}" for part in (kind, *parts))
    return str(uuid.uuid5(_ROOT, name.encode("utf-8", "replace").decode("utf-8")))


def keep_id(kind: str, code: str) -> str:
    """Return a code that is a UUID as it is, else the UUID of ours for it."""
    return code if is_uuid(code) else make_id(kind, code)


def is_uuid(code: str) -> bool:
    """Whether a code is a UUID as HSDS writes them.

    >>> is_uuid("ac148810-d857-441c-9679-408f346de14b"), is_uuid("S1")
    (True, False)
    """
    return _UUID.fullmatch(code) is not None


def find_register(charity_number: str) -> str:
    """Return the register that a charity's number belongs to, by how it begins.

    >>> find_register("1234567"), find_register("SC012345")
    ('GB-CHC', 'GB-SC')
    """
    for start, scheme in _OTHER_REGISTERS.items():
        if charity_number.upper().startswith(start):
            return scheme
    return CHARITIES[0]


def write_term(column: str, value: str, *, of: str, n: int, name: str = "") -> dict[str, Any]:
    """Return the attribute that holds a value of one of our columns.

    Args:
        column: of ours.
        value: what it says; list columns have an attribute for each item.
        of: identifier of the thing that it stands in.
        n: how often the same stands there before it, so that no identifier is given twice.
        name: what people call it; "": the value itself.

    """
    return {
        "id": make_id("attribute", of, column, str(n), value),
        "link_type": column,
        "taxonomy_term": {
            "id": make_id("term", column, value),
            "name": name or value,
            "description": name or value,
            "taxonomy": f"{OURS}{column}",
            "term": value,
        },
    }


def count_before(items: Iterable[Hashable]) -> list[int]:
    """Return how often each item stands before itself.

    With this, not with its position, a thing keeps its identifier when another is added or removed.

    >>> count_before(["a", "b", "a"])
    [0, 0, 1]
    """
    seen: Counter[Hashable] = Counter()
    counts = []
    for item in items:
        counts.append(seen[item])
        seen[item] += 1
    return counts


def each_term(attributes: Iterator[Any]) -> Iterator[tuple[str, str]]:
    """Go through the attributes that are ours, as (column, value); whatever else stands there.

    >>> list(each_term(iter([write_term("elements", "Y02", of="x", n=0), {"id": "y"}, 5])))
    [('elements', 'Y02')]
    """
    for attribute in attributes:
        term = attribute.get("taxonomy_term") if isinstance(attribute, Mapping) else None
        taxonomy = term.get("taxonomy") if isinstance(term, Mapping) else None
        if isinstance(taxonomy, str) and taxonomy.startswith(OURS) and isinstance(term, Mapping):
            value = term.get("term", term.get("name"))
            if isinstance(value, str):
                yield taxonomy.removeprefix(OURS), value.strip()


def read_own(record: Mapping[str, Any], columns: Iterable[str]) -> dict[str, list[str]]:
    """Return what our own attributes of a thing say, by column; others are not ours to read."""
    attributes = record.get("attributes")
    own: dict[str, list[str]] = {}
    if isinstance(attributes, list):
        for column, value in each_term(iter(attributes)):
            if column in columns:
                own.setdefault(column, []).append(value)
    return own

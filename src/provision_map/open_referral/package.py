"""The flat tables of a package (JSON or CSV) put together into services with all that is theirs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

Record = dict[str, Any]

#: Tables that belong to others: (table, the table it belongs to, its column there, the list).
_BELONGS = (
    ("organization_identifier", "organization", "organization_id", "organization_identifiers"),
    ("address", "location", "location_id", "addresses"),
    ("accessibility", "location", "location_id", "accessibility"),
    ("service_at_location", "service", "service_id", "service_at_locations"),
    ("schedule", "service", "service_id", "schedules"),
    ("service_area", "service", "service_id", "service_areas"),
    ("language", "service", "service_id", "languages"),
    ("funding", "service", "service_id", "funding"),
    ("cost_option", "service", "service_id", "cost_options"),
)
#: Things that attributes belong to, in the order in which they are looked for.
_WITH_ATTRIBUTES = ("service", "organization", "location", "schedule", "accessibility", "address")
#: Rows of these may belong to something else, or to persons: what they hang on is not asked.
_FREE = ("schedule", "language", "service_area", "funding")


@dataclass(frozen=True)
class Package:
    """Rows by name of the table (``service``, ``organization``, …), as HSDS names them.

    ``positions`` say where in its file each row stands; by default counted from 1.
    """

    tables: Mapping[str, Sequence[Record]]
    positions: Mapping[str, Sequence[int]] = field(default_factory=dict)

    def position(self, table: str, n: int) -> int:
        """Return where the n-th row of a table stands."""
        return self.positions[table][n] if table in self.positions else n + 1


@dataclass(frozen=True)
class Orphan:
    """A row that belongs to something that is not in the package."""

    table: str
    position: int
    column: str
    code: str


def nest_services(package: Package) -> tuple[list[Record], list[Orphan]]:
    """Return the services in their order, with what belongs to them, and the rows of nobody.

    Rows of a service stay in the order of their table. What stands nested in a service already is
    kept as it is.

    >>> club = {"service": [{"id": "s"}], "schedule": [{"id": "a", "service_id": "s"}]}
    >>> nest_services(Package(club))[0][0]["schedules"][0]["id"]
    'a'

    """
    tables = {
        name: [dict(row) for row in rows if isinstance(row, Mapping)]
        for name, rows in package.tables.items()
    }
    by_id = {name: {_code(row): row for row in reversed(rows)} for name, rows in tables.items()}
    orphans = list(_add_attributes(package, tables, by_id))
    for at in tables.get("service_at_location", ()):
        place = _find(by_id, "location", at.get("location_id"))
        if place is not None:
            at.setdefault("location", place)
    for belonging in _BELONGS:
        orphans += _put_into(package, belonging, tables, by_id)
    for service in tables.get("service", ()):
        owner = _find(by_id, "organization", service.get("organization_id"))
        if owner is not None:
            service.setdefault("organization", owner)
    return tables.get("service", []), orphans


def _code(row: Record) -> str:
    code = row.get("id")
    return code if isinstance(code, str) else ""


def _find(by_id: Mapping[str, Mapping[str, Record]], table: str, code: object) -> Record | None:
    return by_id.get(table, {}).get(code) if isinstance(code, str) else None


def _put_into(
    package: Package,
    belonging: tuple[str, str, str, str],
    tables: Mapping[str, list[Record]],
    by_id: Mapping[str, Mapping[str, Record]],
) -> Iterator[Orphan]:
    """Put the rows of a table into what they belong to; yield those that belong to nothing."""
    table, owner, column, name = belonging
    for n, row in enumerate(tables.get(table, ())):
        code = row.get(column)
        home = _find(by_id, owner, code)
        if home is None and table == "schedule":
            # One that names only where it is held.
            at = _find(by_id, "service_at_location", row.get("service_at_location_id"))
            home = None if at is None else _find(by_id, owner, at.get(column))
        if home is None:
            if table not in _FREE or code:
                yield Orphan(table, package.position(table, n), column, str(code or ""))
            continue
        held = home.setdefault(name, [])
        if isinstance(held, list):
            held.append(row)


def _add_attributes(
    package: Package,
    tables: Mapping[str, list[Record]],
    by_id: Mapping[str, Mapping[str, Record]],
) -> Iterator[Orphan]:
    """Put terms into attributes, and attributes into the things that they belong to."""
    names = {code: row.get("name") for code, row in by_id.get("taxonomy", {}).items()}
    for term in tables.get("taxonomy_term", ()):
        code = term.get("taxonomy_id")
        if not term.get("taxonomy") and isinstance(code, str) and names.get(code):
            term["taxonomy"] = names[code]
    for n, row in enumerate(tables.get("attribute", ())):
        term_id, link = row.get("taxonomy_term_id"), row.get("link_id")
        if isinstance(term_id, str) and term_id in by_id.get("taxonomy_term", {}):
            row.setdefault("taxonomy_term", by_id["taxonomy_term"][term_id])
        homes = (_find(by_id, name, link) for name in _WITH_ATTRIBUTES)
        home = next((found for found in homes if found is not None), None)
        if home is None:
            yield Orphan("attribute", package.position("attribute", n), "link_id", str(link or ""))
            continue
        held = home.setdefault("attributes", [])
        if isinstance(held, list):
            held.append(row)

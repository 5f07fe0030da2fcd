"""A file of an Open Referral feed, record by record: a page, a list, a package, lines, a service."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from provision_map.open_referral import Package, find_kind, nest_services
from provision_map.open_referral.account import say_kind
from provision_map.read.feeds.json_stream import JsonFault, JsonStream

_CONTENTS = "contents"


@dataclass
class FeedFile:
    """One file; ``envelope`` is what a page says of itself, once its records have been read.

    ``records`` is how many were read, whatever they are; ``orphans`` the rows of a package that
    belong to nothing.
    """

    path: Path
    envelope: dict[str, Any] = field(default_factory=dict)
    records: int = 0
    orphans: list[str] = field(default_factory=list)

    def __iter__(self) -> Iterator[tuple[int, Any]]:
        """Go through the records as (position from 1, record).

        Raises:
            JsonFault: the file cannot be read further.

        """
        with self.path.open("rb") as file:
            stream = JsonStream(file)
            char = stream.peek()
            if char == "[":
                yield from self._number(stream.items())
                self._end(stream)
            elif char == "{":
                while stream.peek() == "{":
                    yield from self._read_object(stream)
                self._end(stream)
            elif char:
                raise JsonFault("This is no JSON of Open Referral.", "Name a JSON file of a feed.")
            else:
                raise JsonFault("The file is empty.", "Fetch it again, or leave it out.")

    def _read_object(self, stream: JsonStream) -> Iterator[tuple[int, Any]]:
        """Read an object that may be a page, whose contents are then read one by one."""
        said: dict[str, Any] = {}
        paged = False
        stream.take("{")
        while stream.peek() != "}":
            key = stream.value()
            if type(key) is not str:
                raise JsonFault("This is no JSON: a name is not text.", "Fetch it again.")
            stream.take(":")
            if key == _CONTENTS and stream.peek() == "[":
                paged = True
                yield from self._number(stream.items())
            else:
                said[key] = stream.value()
            if stream.peek() != "}":
                stream.take(",")
                if stream.peek() == "}":
                    raise JsonFault("This is no JSON: a comma stands before }.", "Fetch it again.")
        stream.take("}")
        if paged:
            self.envelope |= said
            return
        kind = find_kind(said)
        if kind == "page":
            what = f"The contents of the page are {say_kind(said[_CONTENTS])}, not a list."
            raise JsonFault(what, "Fetch it again.")
        if kind == "package":
            yield from self._read_package(said)
        else:
            yield from self._number(iter([said]))

    def _read_package(self, said: dict[str, Any]) -> Iterator[tuple[int, Any]]:
        """Read a package of lists by table; lists that hold no services are put where they belong."""
        tables = {name: rows for name, rows in said.items() if isinstance(rows, list)}
        flat = {name: [r for r in rows if isinstance(r, dict)] for name, rows in tables.items()}
        services, orphans = nest_services(Package(flat))
        self.orphans += [
            f"{orphan.table}[{orphan.position - 1}].{orphan.column}" for orphan in orphans
        ]
        if "service" not in tables:
            # A list of organisations may hold their services.
            yield from self._number(iter(tables.get("organization", [])))
            return
        nested = iter(services)
        whole = (next(nested) if isinstance(row, dict) else row for row in tables["service"])
        yield from self._number(whole)
        # Those that give no service are organisations of ours all the same.
        for organisation in flat.get("organization", ()):
            yield 0, {**organisation, "services": []}

    def _number(self, records: Iterator[Any]) -> Iterator[tuple[int, Any]]:
        for record in records:
            self.records += 1
            yield self.records, record

    @staticmethod
    def _end(stream: JsonStream) -> None:
        if stream.peek():
            raise JsonFault("Something follows after the end of the JSON.", "Fetch it again.")

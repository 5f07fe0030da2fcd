"""What the records of one feed give together: rows, what was left out, and what came up."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import pandas as pd

from provision_map import tables
from provision_map.errors import Problem
from provision_map.open_referral import (
    NO_SERVICE,
    Account,
    FeedMapping,
    find_kind,
    read_organisation,
    read_service,
    say_old,
)
from provision_map.open_referral.account import say_kind
from provision_map.open_referral.organisations_in import read_again
from provision_map.open_referral.schedules import CELLS as SESSION_CELLS
from provision_map.open_referral.services_in import CELLS as SERVICE_CELLS
from provision_map.read.feeds.notes import FeedNotes, fold_notes
from provision_map.read.feeds.paths import PATHS
from provision_map.read.feeds.texts import find_half_character, say
from provision_map.read.files.typed import type_declared
from provision_map.read.findings import Findings
from provision_map.read.origin import Origin
from provision_map.schema import Table, quote

#: Shorter texts repeat themselves. Characters.
_SHORT = 16

#: Of identifiers that are numbers.
_LARGEST_CODE = 10**15

#: Where an organisation stands in a service; in a table of its own it does not.
_OF_A_SERVICE = "organization."
_SAY_SECTOR = 'Say it in the mapping file: [organisations] sector = "…".'


@dataclass
class _Rows:
    """Rows of one table, and where each stands: number of the file, position in it."""

    cells: list[tuple[str, ...]] = field(default_factory=list)
    files: list[int] = field(default_factory=list)
    rows: list[int] = field(default_factory=list)
    held: dict[str, str] = field(default_factory=dict)

    def add(self, cells: tuple[str, ...], file: int, row: int) -> None:
        # Times, ages and codes repeat themselves: one text each is held.
        held = self.held
        self.cells.append(
            tuple([held.setdefault(c, c) if c and len(c) < _SHORT else c for c in cells])
        )
        self.files.append(file)
        self.rows.append(row)


@dataclass
class Harvest:
    """Gathers records of a feed; :meth:`finish` gives its origin.

    ``name`` is the feed as the settings name it: what is of the whole feed is told there.
    """

    name: str
    mapping: FeedMapping
    findings: Findings
    whole: bool = True
    _account: Account = field(default_factory=Account)
    _notes: FeedNotes = field(default_factory=FeedNotes)
    _files: list[str] = field(default_factory=list)
    _own_file: str = ""
    _services: _Rows = field(default_factory=_Rows)
    _sessions: _Rows = field(default_factory=_Rows)
    _quality: _Rows = field(default_factory=_Rows)
    _organisations: dict[str, tuple[dict[str, str], int, int, bool]] = field(default_factory=dict)
    _left_out: list[tuple[str, int, str, str, str]] = field(default_factory=list)
    _seen: dict[str, tuple[int, int, bytes]] = field(default_factory=dict)
    _codes: set[str] = field(default_factory=set)
    _refused: set[tuple[str, str]] = field(default_factory=set)
    _rule_of: dict[tuple[str, int], int] = field(default_factory=dict)

    def open_file(self, file: str) -> None:
        """Say which file the records that follow stand in."""
        self._files.append(file)

    def add(self, row: int, record: object, inside: str = "") -> None:
        """Take a record; ``inside`` is where it stands in the one at this position."""
        file = self._files[-1]
        if type(record) is not dict:
            what = f"The record is {say_kind(record)}, not an object."
            self.findings.problem(file, what, "Correct it.", row=row, column=inside)
            self._leave_out(row, "", "", what)
            self.whole = False
            return
        try:
            said = say(record)
            broken = find_half_character(record, said)
            if not broken:
                self._take(row, record, inside, said)
                return
            what, path = "The text holds half a character (a lone surrogate).", broken
        except RecursionError:
            what, path = "It is nested far too deeply to be a record.", inside
        self.findings.problem(file, what, "Correct it at its source.", row=row, column=path)
        self._leave_out(row, "", "", what)
        self.whole = False

    def _take(self, row: int, record: dict[str, Any], inside: str, said: bytes) -> None:
        kind = find_kind(record)
        if kind == "service":
            self._take_service(row, record, inside, said)
        elif kind == "organization" or (kind == "package" and "name" in record):
            self._take_organisation(row, record)
        elif kind in NO_SERVICE:
            self._notes.passed[self._files[-1], kind] += 1
        else:
            self._refuse(row, kind)

    def open_organisations(self, file: str) -> None:
        """Say which table the organisations that follow stand in."""
        self._own_file = file
        self.open_file(file)

    def add_organisation(self, record: dict[str, Any], row: int = 0) -> None:
        """Take an organisation that stands beside the services; one read before is kept."""
        account = self._account if row else Account()
        organisation = read_again(record, self.mapping, account)
        sound = not account.faults
        if (
            organisation["organisation_id"]
            and organisation["organisation_id"] not in self._organisations
        ):
            self._add_organisation(organisation, row, sound=sound)
            if not row:
                self._account.faults += account.faults
        self._settle(row, "")

    def _refuse(self, row: int, kind: str) -> None:
        """Tell once a file that its records are of a kind that is not read."""
        file = self._files[-1]
        said = {
            "old": say_old(),
            "service_at_location": (
                "This lists services at locations, not services.",
                "Fetch the services: /services, each with all that belongs to it.",
            ),
        }
        what, mend = said.get(kind, ("This is no record of Open Referral.", "Fetch /services."))
        self._leave_out(row, "", "", what)
        self.whole = False
        if (file, kind) not in self._refused:
            self._refused.add((file, kind))
            self.findings.problem(file, what, mend, row=row)

    def _take_organisation(self, row: int, record: dict[str, Any]) -> None:
        """Take an organisation, and the services that stand in it."""
        bare = {key: value for key, value in record.items() if key != "services"}
        self._add_organisation(read_organisation(bare, self.mapping, self._account), row)
        self._settle(row, "")
        for path, service in self._account.records(record, "services"):
            whole = {"organization": bare, **service}
            self._take_service(row, whole, path, say(whole))
        self._settle(row, "")

    def _take_service(self, row: int, record: dict[str, Any], inside: str, said: bytes) -> None:
        if self._is_copy(row, record, inside, said):
            return
        at = len(self._account.faults)
        reading = read_service(record, self.mapping, self._account)
        if any(fault.path == "id" for fault in self._account.faults[at:]):
            self.whole = False
            reading.left_out = "It has no identifier."
        faulty = len(self._account.faults) > at
        self._settle(row, inside)
        if reading.left_out:
            self._leave_out(row, reading.service_id, reading.name, reading.left_out)
            self._notes.unnamed += reading.unnamed
            self._notes.terms.update(reading.terms)
            return
        number = len(self._files) - 1
        if reading.rule:
            self._rule_of[self._files[-1], row] = reading.rule
        if reading.organisation is not None:
            self._add_organisation(reading.organisation, row, sound=not faulty)
        for cells in reading.services:
            if cells[0] in self._codes:
                what = f"{quote(cells[0])} is the identifier of another service already."
                self.findings.problem(self._files[-1], what, "Correct it.", row=row, column="id")
            self._codes.add(cells[0])
            self._services.add(cells, number, row)
        for cells in reading.sessions:
            self._sessions.add(cells, number, row)
        for evidence in reading.quality:
            names = tables.QUALITY.names(given_only=True)
            cells = tuple(evidence.get(name, "") for name in names)
            self._quality.add(cells, number, row)

    def _is_copy(self, row: int, record: Mapping[str, Any], inside: str, said: bytes) -> bool:
        """Whether this identifier was read before: noted if it says the same, else a problem."""
        code, file = record.get("id"), len(self._files) - 1
        code = str(code) if type(code) is int and abs(code) < _LARGEST_CODE else code
        if not isinstance(code, str) or not code.strip():
            return False
        code = code.strip()
        digest = hashlib.blake2b(said, digest_size=8).digest()
        first = self._seen.get(code)
        if first is None:
            self._seen[code] = (file, row, digest)
            return False
        where = (
            f"row {first[1]}" if first[0] == file else f"{self._files[first[0]]}, row {first[1]}"
        )
        name = record.get("name")
        if first[2] == digest:
            self._notes.copies[code] += 1
            reason = f"It is a copy of {where}."
        else:
            reason = "Its identifier is another's."
            what = f"{quote(code)} stands already in {where}, and says something else there."
            mend = "Ask the publisher which of the two holds, and keep that one."
            column = f"{inside}.id" if inside else "id"
            self.findings.problem(self._files[-1], what, mend, row=row, column=column)
        self._leave_out(row, code, name if isinstance(name, str) else "", reason)
        return True

    def _add_organisation(
        self, organisation: dict[str, str], row: int, *, sound: bool = True
    ) -> None:
        """Keep the first of each organisation, of a record that is sound if there is one.

        For a record that is not may be left out, and its organisation with it.
        """
        code, file = organisation["organisation_id"], len(self._files) - 1
        first = self._organisations.get(code)
        if first is None or (sound and not first[3]):
            self._organisations[code] = (organisation, file, row, sound)
        if first is not None and first[0]["name"] != organisation["name"]:
            self._notes.renamed[code] += 1

    def _leave_out(self, row: int, code: str, name: str, reason: str) -> None:
        self._left_out.append((self._files[-1], row, code, name, reason))

    def _settle(self, row: int, inside: str) -> None:
        """Turn what came up in a record into problems and remarks that say where."""
        account = self._account
        if account.faults:
            for fault in account.faults:
                path = f"{inside}.{fault.path}" if inside else fault.path
                file = self._files[-1]
                if file == self._own_file:
                    path = path.removeprefix(_OF_A_SERVICE)
                self.findings.problem(file, fault.what, fault.mend, row=row or None, column=path)
            account.faults.clear()
        if account.remarks:
            for remark in account.remarks:
                self._notes.remember(remark, self._files[-1], row)
            account.remarks.clear()

    # ------------------------------------------------------------ what it comes to

    def finish(self) -> Origin:
        """Type what was gathered, note what came up, and return the origin."""
        frames = {
            "services": self._type(self._services, tables.SERVICES, SERVICE_CELLS),
            "sessions": self._type(self._sessions, tables.SESSIONS, ("service_id", *SESSION_CELLS)),
            "organisations": self._type(
                self._list_organisations(), tables.ORGANISATIONS, tuple(_ORGANISATION)
            ),
            "quality": self._type(
                self._quality, tables.QUALITY, tuple(tables.QUALITY.names(given_only=True))
            ),
        }
        self._notes.tell(
            self.name,
            self.findings,
            mapping=self.mapping,
            used_rules=frozenset(self._rule_of.values()),
            unkept=self._account.unkept,
        )
        columns = ("file", "row", "service_id", "name", "reason")
        left_out = pd.DataFrame(self._left_out, columns=list(columns), dtype=object)
        return Origin(
            files=frozenset({self.name, *self._files}),
            frames={name: frame for name, frame in frames.items() if not frame.empty},
            left_out=left_out.astype({"row": "int64"}),
            whole=self.whole,
            named=self.whole,
            relocate=self.relocate,
        )

    def relocate(self, problem: Problem) -> Problem:
        """Move a problem of a column of our services to the path it came from, or the mapping."""
        return self._move(problem, PATHS["services"])

    def _move(self, problem: Problem, paths: Mapping[str, str]) -> Problem:
        column, mapping = problem.column or "", self.mapping
        number = self._rule_of.get((problem.file, problem.row or 0), 0)
        if paths is PATHS["services"] and number and column in mapping.rules[number - 1].set:
            return replace(
                problem, file=mapping.file, row=None, column=f"give[{number}].set.{column}"
            )
        if paths is PATHS["services"] and column in mapping.constants:
            return replace(problem, file=mapping.file, row=None, column=f"constants.{column}")
        path = paths.get(column, column)
        if problem.file == self._own_file:
            path = path.removeprefix(_OF_A_SERVICE)
        return replace(problem, column=path or None)

    def _list_organisations(self) -> _Rows:
        rows = _Rows()
        for organisation, file, row, _ in self._organisations.values():
            rows.add(tuple(organisation.get(name, "") for name in _ORGANISATION), file, row)
        return rows

    def _type(self, rows: _Rows, table: Table, names: tuple[str, ...]) -> pd.DataFrame:
        """Type rows of text; the places of problems are moved to file, record and path."""
        raw = pd.DataFrame(rows.cells, columns=list(names), dtype=object)
        raw["_row"] = range(len(raw))
        local = Findings()
        typed = type_declared(raw, table, file=self.name, findings=local)
        paths = PATHS[table.name]
        for source, target in (
            (local.problems, self.findings.problems),
            (fold_notes(local.notes), self.findings.notes),
        ):
            target.extend(self._move(self._find(found, rows, table), paths) for found in source)
        files = pd.Series([self._files[n] for n in rows.files], index=typed.index, dtype=object)
        return typed.assign(
            _row=pd.Series(rows.rows, index=typed.index, dtype="int64"), _file=files
        )

    def _find(self, found: Problem, rows: _Rows, table: Table) -> Problem:
        """Return a problem of a typed row where its record stands."""
        n = found.row
        if n is None or not 0 <= n < len(rows.rows):
            return found
        if table is tables.ORGANISATIONS and found.column == "sector" and not rows.cells[n][2]:
            what, mend = "The sector of the organisation is not said.", _SAY_SECTOR
            found = replace(found, what=what, mend=mend)
        # An organisation beside the services has no position among them.
        return replace(found, file=self._files[rows.files[n]], row=rows.rows[n] or None)


_ORGANISATION = tables.ORGANISATIONS.names(given_only=True)

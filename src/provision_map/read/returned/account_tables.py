"""The tables whose rows are accounted for: their rows, counted anew, and what became of each."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import pandas as pd

from provision_map.read.returned.as_sent import AsSent
from provision_map.read.returned.left_out import ROWS_OF
from provision_map.read.settings import LookupSettings, Settings
from provision_map.read.workbooks.label import split_label

if TYPE_CHECKING:
    from provision_map.read.inputs import Inputs

OUTSIDE = "Outside the area: no place of this exercise has its code."
NO_REASON = "It was not used, and nothing says why. Please report it."
_NOT_DECIDED = "Nobody has decided yet."

#: Columns that say what a row is, and what people call it.
_IDS = (
    "service_id", "organisation_id", "practice_id", "place_id", "from_id", "home_id",
)  # fmt: skip
_NAMES = ("name", "title", "neighbourhood")


@dataclass(frozen=True)
class Row:
    """A row of a file, with what it says it is; ``lost`` says why its cells cannot be used."""

    row: int
    id: str = ""
    name: str = ""
    lost: str = ""


@dataclass(frozen=True)
class CountedTable:
    """A table of a file: its rows, and what says why one was left out ("" if it was used)."""

    file: str
    table: str
    rows: tuple[Row, ...]
    why_left_out: Callable[[Row], str]


def list_tables(inputs: Inputs) -> Iterator[CountedTable]:
    """Yield all tables of records that the settings name and that could be read."""
    sent = AsSent(inputs.settings.folder, {file.file for file in inputs.files})
    yield from _list_services(inputs, sent)
    yield from _list_places(inputs, sent)


def _list_rows(sent: AsSent, file: str, table: str, code: str = "") -> list[Row] | None:
    """Return the rows of a CSV file, or of a sheet, also those that could not be used."""
    cells = sent.read_csv(file)
    if cells is None:
        cells = sent.read_sheet(file, table)
        if cells is None:
            return None
        return _name_rows(cells, code)
    return [
        *_name_rows(cells, code),
        *(Row(number, lost=why) for number, why in sent.list_lost(file)),
    ]


def _name_rows(cells: pd.DataFrame, code: str) -> list[Row]:
    ids = next((cells[name] for name in (code, *_IDS) if name in cells), None)
    names = next((cells[name] for name in _NAMES if name in cells), None)
    blank = [""] * len(cells)
    return [
        Row(int(number), str(one).strip(), str(name).strip())
        for number, one, name in zip(
            cells["_row"],
            blank if ids is None else ids,
            blank if names is None else names,
            strict=True,
        )
    ]


def _list_services(inputs: Inputs, sent: AsSent) -> Iterator[CountedTable]:
    """Yield the tables of services by file: our own, registers, workbooks and feeds."""
    services = inputs.settings.services
    registers = {register.file: register.mapping for register in services.registers}
    reasons = _reasons(inputs)
    skipped = {code for code in inputs.left_out["service_id"] if code}
    skipped -= set(inputs.services["service_id"])
    for table, code in ROWS_OF.items():
        own = getattr(services, table)
        frame = inputs.returns_given if table == "returns" else getattr(inputs, table)
        used = _rows_by_file(frame, code)
        for place in reasons:
            if place[0] == table:
                used.setdefault(place[1], {})
        named = dict.fromkeys([own] if own else [])
        if table == "services":
            named |= dict.fromkeys(registers)
        # An organisation that a mapping file names is no row of a table.
        named |= dict.fromkeys(file for file in used if file not in registers.values() and file)
        for file in named:
            here = used.get(file, {})
            rows = {row.row: row for row in _list_rows(sent, file, table, code) or ()}
            if table == "returns" and split_label(file)[1]:
                # A row of the first sheet that says nothing of a return is none.
                rows = {n: row for n, row in rows.items() if n in here}
            for (of, at, number), (_, row) in reasons.items():
                if (of, at) == (table, file):
                    rows.setdefault(number, row)
            # The names by which reading knows them, and what those are called that it does not know.
            rows |= {
                n: replace(row, name=row.name or rows[n].name) if n in rows else row
                for n, row in here.items()
            }
            why = _WhyLeftOut(
                table=table,
                file=file,
                used=here,
                reasons=reasons,
                skipped=skipped if code == "service_id" and table != "services" else set(),
                mapping=registers.get(file, ""),
                first=_first_of(inputs.organisations) if table == "organisations" else {},
            )
            if rows or sent.was_read(file):
                yield CountedTable(file, table, tuple(rows[n] for n in sorted(rows)), why)


@dataclass(frozen=True)
class _WhyLeftOut:
    """Says why a row of a table of services was left out."""

    table: str
    file: str
    used: Mapping[int, Row]
    reasons: Mapping[tuple[str, str, int], tuple[str, Row]]
    skipped: set[str]
    mapping: str
    first: Mapping[str, tuple[str, int]]

    def __call__(self, row: Row) -> str:
        """Return the reason; "" if the row was used."""
        told = self.reasons.get((self.table, self.file, row.row))
        if row.lost or told:
            return row.lost or (told[0] if told else "")
        if row.row in self.used:
            return f"{row.id} was left out." if row.id in self.skipped else ""
        if row.id in self.first:
            other, at = self.first[row.id]
            if other == self.file and split_label(self.file)[1]:
                # An organisation that speaks for two sets of places says its name in both rows.
                return ""
            return f"{row.id} stands already in {other}, row {at}."
        if self.mapping:
            return f"Not kept by {self.mapping}, or too far from any place of this exercise."
        return NO_REASON


def _reasons(inputs: Inputs) -> dict[tuple[str, str, int], tuple[str, Row]]:
    """Return what reading has left out and why, by table, file and row."""
    told: dict[tuple[str, str, int], tuple[str, Row]] = {}
    left, passed = inputs.left_out, inputs.passed_over
    columns = ("file", "row", "service_id", "name", "reason")
    for file, row, code, name, why in zip(*(left[c] for c in columns), strict=True):
        told["services", str(file), int(row)] = (str(why), Row(int(row), str(code), str(name)))
    whole = ("file", "row", "id", "name", "reason", "table")
    for file, row, code, name, why, table in zip(*(passed[c] for c in whole), strict=True):
        told[str(table), str(file), int(row)] = (str(why), Row(int(row), str(code), str(name)))
    return told


def _rows_by_file(frame: pd.DataFrame, code: str) -> dict[str, dict[int, Row]]:
    """Return the rows of a typed table by file and row."""
    names = next((frame[name] for name in _NAMES if name in frame), frame[code])
    found: dict[str, dict[int, Row]] = {}
    for file, row, one, name in zip(frame["_file"], frame["_row"], frame[code], names, strict=True):
        found.setdefault(str(file), {})[int(row)] = Row(int(row), str(one), str(name))
    return found


def _first_of(organisations: pd.DataFrame) -> dict[str, tuple[str, int]]:
    columns = (organisations[name] for name in ("organisation_id", "_file", "_row"))
    return {str(code): (str(file), int(row)) for code, file, row in zip(*columns, strict=True)}


def _list_places(inputs: Inputs, sent: AsSent) -> Iterator[CountedTable]:
    """Yield the tables about places and people, and the small ones beside them."""
    settings = inputs.settings
    places, services = settings.places, settings.services
    ours = {*inputs.places["place_id"], *inputs.neighbours["place_id"]}
    about = _list_about(settings)
    for table, file, column, lookup in about:
        rows = _list_rows(sent, file, table, column)
        if rows is not None:
            codes = ours | _codes_from(lookup, ours, sent)
            yield CountedTable(file, table, tuple(rows), _Outside(codes))
    if (
        places.homes
        and (rows := _list_rows(sent, places.homes.file, "homes", places.homes.id)) is not None
    ):
        used = {int(row) for row in inputs.homes["_row"]}
        yield CountedTable(places.homes.file, "homes", tuple(rows), _NotAmong(used, OUTSIDE))
    for table, name in (("lookup", places.lookup), ("term dates", services.term_dates)):
        if name and (rows := _list_rows(sent, name, table)) is not None:
            yield CountedTable(name, table, tuple(rows), _lost_only)
    if services.same and (rows := _list_rows(sent, services.same, "decisions")) is not None:
        decided = inputs.decisions[inputs.decisions["same"] != ""]
        used = {int(row) for row in decided["_row"]}
        why = _NotAmong(used, _NOT_DECIDED)
        yield CountedTable(services.same, "decisions", tuple(rows), why)


def _list_about(settings: Settings) -> list[tuple[str, str, str, LookupSettings | None]]:
    """Return table, file, column of the code, and lookup of what is told about places."""
    places, people = settings.places, settings.people
    about: list[tuple[str, str, str, LookupSettings | None]] = []
    if isinstance(places.neighbourhoods, str):
        about.append(("neighbourhoods", places.neighbourhoods, "place_id", None))
    if places.centroids:
        about.append(("centroids", places.centroids.file, places.centroids.id, None))
    if places.deprivation:
        said = places.deprivation
        about.append(("deprivation", said.file, said.id, said.lookup))
    about.append(("ages", people.ages.file, people.ages.id, people.ages.lookup))
    if people.ethnic_groups:
        groups = people.ethnic_groups
        about.append(("ethnic groups", groups.file, groups.id, groups.lookup))
    return about


def _codes_from(lookup: LookupSettings | None, ours: set[Any], sent: AsSent) -> set[Any]:
    """Return the codes of areas that a lookup carries over to our places."""
    table = None if lookup is None else sent.read_csv(lookup.file)
    if lookup is None or table is None or not {lookup.from_id, lookup.to_id} <= set(table):
        return set()
    hit = table[lookup.to_id].str.strip().isin(list(ours))
    return set(table.loc[hit, lookup.from_id].str.strip())


@dataclass(frozen=True)
class _Outside:
    """Rows of other places; where no place is known, none is called so."""

    codes: set[Any]

    def __call__(self, row: Row) -> str:
        return row.lost or ("" if not self.codes or row.id in self.codes else OUTSIDE)


@dataclass(frozen=True)
class _NotAmong:
    """Rows that are not among those used, all for one reason."""

    used: set[int]
    why: str

    def __call__(self, row: Row) -> str:
        return row.lost or ("" if row.row in self.used else self.why)


def _lost_only(row: Row) -> str:
    return row.lost

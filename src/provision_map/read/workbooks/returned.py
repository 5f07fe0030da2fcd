"""One returned workbook, from sheets of text to typed tables: whose it is, and what its words mean."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import pandas as pd

from provision_map import tables
from provision_map.read.files.typed import type_declared
from provision_map.read.findings import Findings, count_of, list_some
from provision_map.read.origin import Origin, empty_left_out
from provision_map.read.workbooks.layout import LISTS, ORGANISATION, Resolver, loosen
from provision_map.read.workbooks.meant import WORDS, MeantCell, read_as_meant
from provision_map.read.workbooks.sheets import SheetTable, take_columns
from provision_map.schema import Table, quote

#: Tables that refer to a service, which people name rather than number.
_OF_SERVICES = (tables.SESSIONS, tables.QUALITY, tables.PARTICIPATION)
_OF_ORGANISATIONS = (tables.SERVICES, tables.PRACTICE)
_LONGEST_SLUG = 40
#: What people call a row that adds up those above it.
_TOTALS = frozenset(("total", "totals", "grandtotal", "subtotal", "sum", "overalltotal"))


@dataclass
class Reading:
    """One workbook on its way from sheets of text to typed tables."""

    file: str
    sheets: Mapping[str, SheetTable]
    resolvers: Mapping[str, Resolver]
    findings: Findings
    frames: dict[str, pd.DataFrame] = field(default_factory=dict)
    left_out: pd.DataFrame = field(default_factory=empty_left_out)
    _nobody: Resolver = field(default_factory=lambda: Resolver.of(()))

    def origin(self) -> Origin:
        """Return what the workbook gives."""
        own = self._read_organisation()
        for table in _OF_ORGANISATIONS:
            self._read_given_by(table, own)
        services = self.frames.get(tables.SERVICES.name)
        by_name = self._nobody
        if services is not None:
            names = services["name"] if "name" in services else [""] * len(services)
            pairs = zip(names, services["service_id"], strict=True)
            # A service may be called "All", or "None": it is a name like others.
            by_name = Resolver.of(pairs, reserved=frozenset())
        for table in _OF_SERVICES:
            self._read_of_services(table, by_name)
        typed = {name: self._type(name, frame) for name, frame in self.frames.items()}
        self._note_silence(typed)
        labels = {sheet.label for sheet in self.sheets.values()}
        return Origin(
            files=frozenset({self.file, *labels}),
            frames=typed,
            left_out=self.left_out,
            whole=not self._at_fault(tables.SERVICES, "service_id"),
            named=not self._at_fault(tables.ORGANISATIONS, "organisation_id"),
        )

    def _take(self, table: Table, *, extra: bool = True) -> pd.DataFrame | None:
        """Return the rows of a table with words turned into codes; None where no sheet has them."""
        sheet = self.sheets.get(table.name)
        if sheet is None:
            return None
        frame, readings = read_as_meant(take_columns(sheet, table, extra=extra), table)
        self._note_readings(table, readings)
        for column in table.columns:
            if column.name in frame:
                turn = self._turner(column.name, column.values, listed=column.kind == "list")
                frame[column.name] = [turn(text) for text in frame[column.name]]
        return frame

    def _turner(
        self, name: str, values: Sequence[str], *, listed: bool
    ) -> Callable[[str], str]:  # fmt: skip
        """Return what turns the text of a cell into the text of codes."""
        resolver = self.resolvers.get(LISTS.get(name, ""), self._nobody)
        if values:
            pairs = [(value, value) for value in values]
            pairs += [pair for pair in WORDS.get(name, {}).items() if pair[1] in values]
            resolver = Resolver.of(pairs, reserved=frozenset())

        def turn(text: str) -> str:
            items = [item for item in re.split(r"[;\n]", text) if item.strip()]
            return "; ".join(part for item in items for part in _turn_item(item, resolver))

        if listed:
            return turn
        return resolver.code if values or name in LISTS else str.strip

    def _read_organisation(self) -> str:
        """Read who it is from, and what it speaks for; return the organisation, if it is one."""
        given = self._take(tables.ORGANISATIONS)
        own = ""
        if given is not None:
            kept = keep_rows(given, tables.ORGANISATIONS)
            named = self._identify_organisations(kept)
            self.frames[tables.ORGANISATIONS.name] = named
            known = set(named["organisation_id"]) - {""}
            own = known.pop() if len(known) == 1 else ""
        returns = self._take(tables.RETURNS, extra=given is None)
        if returns is not None:
            kept = _fill(keep_rows(returns, tables.RETURNS), "organisation_id", own)
            self.frames[tables.RETURNS.name] = self._settle_return(kept)
        return own

    def _settle_return(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Read what a return leaves open so that nothing is certain that nobody said.

        One forgotten cell must not hold up forty returns: who does not say whether it is all of
        it has sent a part, and who does not say what it speaks for speaks for what it lists.
        """
        frame = _fill(_fill(_fill(frame, "elements", ""), "places", ""), "received", "")
        silent = (frame["elements"] == "") | (frame["places"] == "")
        for row in frame.loc[silent, "_row"]:
            what = "It does not say which elements and places this return speaks for: what is not listed stays unknown."
            self._note(tables.RETURNS, what, "Ask.", int(row), "elements")
        kept = frame[~silent].reset_index(drop=True)
        open_ = kept["received"] == ""
        for row in kept.loc[open_, "_row"]:
            what = "It does not say whether this is all of it, and was read as a part: what is not listed stays unknown."
            self._note(tables.RETURNS, what, "Ask.", int(row), "received")
        return kept.assign(received=kept["received"].mask(open_, "partly"))

    def _identify_organisations(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Give an organisation that has no identifier the one of its name, or one made of it."""
        resolver = self.resolvers.get("organisations", self._nobody)
        frame = _fill(frame, "organisation_id", "")
        codes = []
        names = frame["name"] if "name" in frame else [""] * len(frame)
        for code, name, row in zip(frame["organisation_id"], names, frame["_row"], strict=True):
            found = resolver.code(code)
            if not found and name.strip():
                found = resolver.code(name)
                if found not in resolver.codes:
                    found = make_slug(name) or "organisation"
                    what = f"No organisation ID is given: {found} was taken, from the name."
                    mend = "Give the ID by which the exercise knows it, if there is one."
                    self._note(tables.ORGANISATIONS, what, mend, int(row), "organisation_id")
            codes.append(found)
        return frame.assign(organisation_id=pd.Series(codes, index=frame.index, dtype=object))

    def _read_given_by(self, table: Table, own: str) -> None:
        """Read services or practices: whose they are need not be said again, nor their identifiers."""
        frame = self._take(table)
        if frame is None:
            return
        if table is tables.SERVICES:
            frame = self._leave_out_totals(frame)
        resolver = self.resolvers.get("organisations", self._nobody)
        frame = _fill(frame, "organisation_id", own)
        frame["organisation_id"] = [resolver.code(code) for code in frame["organisation_id"]]
        key, name = table.key[0], "name" if table is tables.SERVICES else "title"
        frame = _fill(frame, key, "")
        names = frame[name] if name in frame else [""] * len(frame)
        used = {code for code in frame[key] if code}
        codes, made = [], []
        for code, title, whose in zip(frame[key], names, frame["organisation_id"], strict=True):
            found = code
            if not code and title.strip() and whose:
                found = _make_code(whose, title, used)
                used.add(found)
                made.append(found)
            codes.append(found)
        frame[key] = pd.Series(codes, index=frame.index, dtype=object)
        if made:
            what = f"{count_of(len(made), 'row without an ID was given one', 'rows without an ID were given one')}, from organisation and name: {list_some(made)}."
            mend = "It stays the same as long as the name does; or write an ID of your own."
            self._note(table, what, mend, self.sheets[table.name].heading_row, key)
        self.frames[table.name] = frame

    def _leave_out_totals(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Leave out rows that add up those above them: they are no services."""
        if "name" not in frame:
            return frame
        other = [c for c in ("elements", "postcode", "place_id", "service_area") if c in frame]
        silent = (frame[other].map(str.strip) == "").all(axis=1)
        totals = silent & frame["name"].map(loosen).isin(_TOTALS)
        label = self.sheets[tables.SERVICES.name].label
        why = "It looks like a total of the rows above it, and is no service."
        rows = [
            (label, int(row), name.strip(), name.strip(), why)
            for row, name in zip(frame["_row"][totals], frame["name"][totals], strict=True)
        ]
        for _, row, _, name, _ in rows:
            what = f"{name} looks like a total of the rows above it: it was not read."
            self._note(tables.SERVICES, what, "If it is a service, say its elements.", row, "name")
        if rows:
            self.left_out = pd.DataFrame(rows, columns=self.left_out.columns, dtype=object)
        return frame[~totals].reset_index(drop=True)

    def _note_readings(self, table: Table, readings: Sequence[MeantCell]) -> None:
        """Note once a column which cells were read as what they mean, not as they stand."""
        by_column: dict[str, list[MeantCell]] = {}
        for one in readings:
            by_column.setdefault(one.column, []).append(one)
        for column, cells in by_column.items():
            said = list(dict.fromkeys(f"{quote(one.said)} as {one.read}" for one in cells))
            rows = f" (rows {list_some([one.row for one in cells], 10)})" if cells[1:] else ""
            what = f"Read as it is meant: {list_some(said, 4)}{rows}."
            self._note(table, what, "", cells[0].row, column)

    def _read_of_services(self, table: Table, by_name: Resolver) -> None:
        """Read what is said of services, which are named by their names or identifiers."""
        frame = self._take(table)
        if frame is None:
            return
        if "service_id" in frame:
            frame["service_id"] = [by_name.code(text) for text in frame["service_id"]]
        self.frames[table.name] = frame

    def _type(self, name: str, frame: pd.DataFrame) -> pd.DataFrame:
        table = next(t for t in tables.INPUT_TABLES if t.name == name)
        sheet = self.sheets[name]
        return type_declared(
            frame, table, file=sheet.label, findings=self.findings, heading_row=sheet.heading_row
        )

    def _note_silence(self, typed: Mapping[str, pd.DataFrame]) -> None:
        """Note what a whole return would say and this one does not."""
        if tables.RETURNS.name not in typed or typed[tables.RETURNS.name].empty:
            what = "It does not say what it speaks for, and whether that is all: what is not in it stays unknown."
            mend = f"Fill in elements, places and received on the sheet {ORGANISATION.name}."
            self.findings.note(self.file, what, mend)
        if tables.SERVICES.name not in typed or typed[tables.SERVICES.name].empty:
            self.findings.note(self.file, "There is no service in it.")

    def _note(self, table: Table, what: str, mend: str, row: int, column: str) -> None:
        label = self.sheets[table.name].label
        self.findings.note(label, what, mend, row=row, column=column)

    def _at_fault(self, table: Table, column: str) -> bool:
        sheet = self.sheets.get(table.name)
        return sheet is not None and any(
            problem.file == sheet.label and (problem.column == column or problem.row is None)
            for problem in self.findings.problems
        )


def keep_rows(frame: pd.DataFrame, table: Table) -> pd.DataFrame:
    """Return the rows that say more of this table than whose they are."""
    names = [name for name in table.names() if name in frame and name != "organisation_id"]
    said = (frame[names].map(str.strip) != "").any(axis=1)
    return frame[said].reset_index(drop=True)


def _turn_item(item: str, resolver: Resolver) -> list[str]:
    """Return the code of one item of a list, or of several between which commas stand."""
    code = resolver.code(item)
    if code in resolver.codes or "," not in item:
        return [code]
    parts = [resolver.code(part) for part in item.split(",") if part.strip()]
    return parts if parts and all(part in resolver.codes for part in parts) else [code]


def _fill(frame: pd.DataFrame, column: str, text: str) -> pd.DataFrame:
    """Return the frame with blank cells of a column filled; the column is added if need be."""
    given = frame[column] if column in frame else [""] * len(frame)
    filled = [cell.strip() or text for cell in given]
    return frame.assign(**{column: pd.Series(filled, index=frame.index, dtype=object)})


def make_slug(text: str) -> str:
    """Return a text as an identifier that people can read.

    >>> make_slug("Café “Ñandú” – Friday Night Club")
    'cafe-nandu-friday-night-club'
    """
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode("ascii").lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:_LONGEST_SLUG].rstrip("-")


def _make_code(organisation: str, name: str, used: set[str]) -> str:
    """Return an identifier made of organisation and name; a number tells apart what is named alike."""
    slug = make_slug(name)
    first = f"{organisation}-{slug or 1}"
    n = 1
    code = first
    while code in used:
        n += 1
        code = f"{first}-{n}" if slug else f"{organisation}-{n}"
    return code

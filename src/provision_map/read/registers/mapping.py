"""Mapping files: which column of a register is which of ours, and who gives what.

A mapping is data, not code: texts that are compared, and texts that are copied. Those of well-known
registers come with the software (``mappings/``) and are named by their name alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from importlib import resources

from provision_map import tables
from provision_map.errors import Problem
from provision_map.read.files.text import InputFolder
from provision_map.read.registers.conditions import Condition, read_conditions
from provision_map.read.toml import LARGEST_TOML, Section, parse_toml
from provision_map.schema import Spelling, quote

#: Mappings that come with the software, by the name used in provision.toml.
MAPPINGS = ("charities", "childcare", "greenspace", "libraries", "schools")

_ORGANISATION_COLUMNS = ("organisation_id", "name", "charity_number")


@dataclass(frozen=True)
class Rule:
    """What a row gives: when the register's columns say so, set ours to these texts.

    ``fill`` only fills what is blank.
    """

    when: Mapping[str, Condition]
    set: Mapping[str, str] = field(default_factory=dict)
    fill: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Exclusion:
    """Rows that are left out by name, with the reason."""

    when: Mapping[str, Condition]
    reason: str


@dataclass(frozen=True)
class Organisations:
    """Who gives the services: one for all (``fixed``), or by columns of the register."""

    fixed: Mapping[str, str] = field(default_factory=dict)
    columns: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class RegisterMapping:
    """A mapping file. ``keep`` and ``when`` name the register's columns, the rest name ours.

    Attributes:
        headings: names of this file for columns of the register: the first of the headings that
            the register has. A rule that asks for one of these is passed over where it has none.
        columns: by column of ours, those of the register; the first that is not blank counts.
        optional: the same, of columns that a register need not have.
        within: metres around our places; rows further away are passed over. None: no row is.

    """

    title: str
    prefix: str
    headings: Mapping[str, tuple[str, ...]]
    keep: Mapping[str, Condition]
    organisation: Organisations
    columns: Mapping[str, tuple[str, ...]]
    optional: Mapping[str, tuple[str, ...]]
    constants: Mapping[str, str]
    fill: Mapping[str, str]
    exclusions: tuple[Exclusion, ...]
    rules: tuple[Rule, ...]
    within: float | None = None

    def needs(self) -> dict[str, tuple[str, ...]]:
        """Return what must be a column of the register, by the key that names it."""
        wanted = {f"columns.{ours}": theirs for ours, theirs in self.columns.items()}
        wanted |= {f"organisation.columns.{k}": (v,) for k, v in self.organisation.columns.items()}
        wanted |= {f"keep.{theirs}": (theirs,) for theirs in self.keep}
        excluded = [rule.when for rule in self.exclusions]
        given = [rule.when for rule in self.rules]
        for key, conditions in (("leave_out", excluded), ("give", given)):
            for number, when in enumerate(conditions, start=1):
                names = [theirs for theirs in when if theirs not in self.headings]
                wanted |= {f"{key}[{number}].when.{theirs}": (theirs,) for theirs in names}
        return wanted


class Headings:
    """The columns of a register, found by the names that a mapping uses for them."""

    def __init__(self, heads: Iterable[str], mapping: RegisterMapping) -> None:
        """Hold the headings of the file, and the names that the mapping gives them."""
        self.heads = list(heads)
        self._aliases = mapping.headings
        self._loose = {_loosen(head): head for head in reversed(self.heads)}

    def find(self, name: str) -> str | None:
        """Return the heading meant by a name; None where the register has none of it."""
        if name in self._aliases:
            known = (
                self._exact(head) or self._loose.get(_loosen(head)) for head in self._aliases[name]
            )
            return next((head for head in known if head is not None), None)
        return self._exact(name)

    def find_some(self, names: Iterable[str]) -> list[str]:
        """Return the headings of those names that the register has."""
        return [head for head in map(self.find, names) if head is not None]

    def _exact(self, name: str) -> str | None:
        return name if name in self.heads else None


def _loosen(heading: str) -> str:
    """Return a heading without what publishers change from year to year.

    >>> _loosen("Provider_URN") == _loosen("provider urn")
    True
    """
    return "".join(ch for ch in heading.casefold() if ch.isalnum())


def is_shipped(name: str) -> bool:
    """Whether a mapping of this name comes with the software."""
    return name in MAPPINGS


def name_mapping(name: str) -> str:
    """Return how problems name a mapping: its file, also of one that comes with the software."""
    return f"mappings/{name}.toml" if is_shipped(name) else name


def read_shipped(name: str) -> bytes:
    """Return the text of a mapping that comes with the software."""
    return resources.files("provision_map").joinpath(f"mappings/{name}.toml").read_bytes()


def read_mapping(folder: InputFolder, name: str) -> RegisterMapping | None:
    """Read a mapping file; None and a Problem for each fault in it."""
    if is_shipped(name):
        return parse_mapping(read_shipped(name), name_mapping(name), folder.findings.problems)
    if not name.endswith(".toml") and not folder.locate(name).is_file():
        what = f"{quote(name)} is no mapping: neither a file nor one that comes with the software."
        mend = Spelling(MAPPINGS).mend(name)
        folder.findings.problem("provision.toml", what, mend, column="services.registers.mapping")
        return None
    data = folder.read_bytes(name, largest=LARGEST_TOML)
    return None if data is None else parse_mapping(data, name, folder.findings.problems)


def parse_mapping(data: bytes, file: str, problems: list[Problem]) -> RegisterMapping | None:
    """Parse a mapping; None where it has faults, which are added to the problems."""
    found: list[Problem] = []
    parsed = parse_toml(data, file=file, problems=found)
    mapping = None if parsed is None else _map(Section(parsed, file=file, problems=found))
    problems.extend(found)
    return None if found else mapping


def _map(top: Section) -> RegisterMapping:
    within = top.number("within", -1.0, low=0, high=1_000_000)
    mapping = RegisterMapping(
        title=top.text("title", ""),
        prefix=top.text("prefix", ""),
        headings=top.texts_of("headings"),
        keep=read_conditions(top, "keep"),
        organisation=_read_organisation(top),
        columns=_columns_of(top, "columns"),
        optional=_columns_of(top, "optional"),
        constants=top.text_of("constants"),
        fill=top.text_of("fill"),
        exclusions=tuple(map(_read_exclusion, top.sections("leave_out"))),
        rules=tuple(map(_read_rule, top.sections("give"))),
        within=None if within < 0 else within,
    )
    for key in ("columns", "optional", "constants", "fill"):
        _check_ours(top, key)
    for column in ("service_id", "name"):
        if column not in mapping.columns:
            top.report(f"columns.{column}", "This column must be mapped.", f'Add {column} = "…".')
    for column in sorted({*mapping.columns, *mapping.optional} & set(mapping.constants)):
        what = f"{column} is both a column and a constant."
        top.report(f"constants.{column}", what, "Keep one of the two.")
    if not mapping.rules:
        top.report("give", "No rule says which elements a row gives.", "Add [[give]].")
    said = {*mapping.columns, *mapping.optional, *mapping.constants}
    organisation = mapping.organisation
    if (organisation.fixed or organisation.columns) and "organisation_id" in said:
        what = "The organisation is said twice."
        top.report("organisation", what, "Keep either the table or the column.")
    top.done()
    return mapping


def _read_rule(part: Section) -> Rule:
    rule = Rule(
        read_conditions(part, "when"),
        part.text_of("set", blank=True),
        part.text_of("fill"),
    )
    _check_ours(part, "set")
    _check_ours(part, "fill")
    part.done()
    return rule


def _read_exclusion(part: Section) -> Exclusion:
    rule = Exclusion(read_conditions(part, "when"), part.text("reason"))
    if not rule.when:
        part.report("when", "No condition says which rows are left out.", "Add when = { … }.")
    part.done()
    return rule


def _columns_of(top: Section, key: str) -> dict[str, tuple[str, ...]]:
    """Read columns: each is a heading, or a list of them."""
    found = top.texts_of(key)
    for name, theirs in found.items():
        if not theirs or not all(text.strip() for text in theirs):
            top.report(f"{key}.{name}", "This setting is blank.", "It must be given.")
    return found


def _read_organisation(top: Section) -> Organisations:
    part = top.section("organisation")
    if part is None:
        return Organisations()
    columns = part.text_of("columns")
    for name in columns:
        if name not in _ORGANISATION_COLUMNS:
            mend = f"Use one of: {', '.join(_ORGANISATION_COLUMNS)}."
            part.report(f"columns.{name}", "No such column of an organisation is read.", mend)
    for name in ("organisation_id", "name") if columns else ():
        if name not in columns:
            part.report(f"columns.{name}", "This column must be mapped.", f'Add {name} = "…".')
    names = ("sector",) if columns else ("organisation_id", "name", "sector")
    fixed = {name: part.text(name) for name in names}
    fixed["contact_role"] = part.text("contact_role", "")
    if fixed["sector"] and fixed["sector"] not in tables.SECTORS:
        mend = Spelling(tables.SECTORS).mend(fixed["sector"])
        part.report("sector", f"{quote(fixed['sector'])} is not known here.", mend)
    part.done()
    return Organisations(fixed, columns)


def _check_ours(part: Section, key: str) -> None:
    """Check that the left-hand sides are columns of our table of services."""
    value = part.data.get(key)
    known = tables.SERVICES.names(given_only=True)
    spelling = Spelling(known)
    for name in value if isinstance(value, Mapping) else ():
        if name not in known:
            mend = spelling.mend(name)
            part.report(f"{key}.{name}", "The table of services has no such column.", mend)

"""A public register read as services through a mapping file: which column is which, who gives what.

The mapping is data, not code: texts that are compared for equality, and texts that are copied.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

import pandas as pd

from provision_map import tables
from provision_map.errors import Problem
from provision_map.read.findings import Findings
from provision_map.read.origin import Origin, empty_left_out
from provision_map.read.settings import RegisterSettings
from provision_map.read.text import InputFolder
from provision_map.read.toml import LARGEST_TOML, Section, parse_toml
from provision_map.read.typed import empty_declared, type_declared
from provision_map.schema import Spelling, quote

#: A code that a spreadsheet has turned into a number: 100123.0 is the code 100123.
_NUMBERED = re.compile(r"(-?\d+)\.0+")
_CODES = ("service_id", "organisation_id", "place_id")


@dataclass(frozen=True)
class Rule:
    """What a row gives: when the register's columns say one of these texts, set ours to that."""

    when: Mapping[str, tuple[str, ...]]
    set: Mapping[str, str]


@dataclass(frozen=True)
class RegisterMapping:
    """A mapping file. ``keep`` and ``when`` name the register's columns, the rest name ours."""

    title: str
    prefix: str
    keep: Mapping[str, tuple[str, ...]]
    organisation: Mapping[str, str]
    columns: Mapping[str, str]
    constants: Mapping[str, str]
    rules: tuple[Rule, ...]


@dataclass(frozen=True)
class Register:
    """A register as read: services (typed), organisations (text), and what was left out.

    ``set_by`` holds, by row, the number of the rule that gave it its elements.
    """

    settings: RegisterSettings
    services: pd.DataFrame
    organisations: pd.DataFrame
    left_out: pd.DataFrame
    mapping: RegisterMapping | None = None
    set_by: Mapping[int, int] = field(default_factory=dict)

    def relocate(self, problem: Problem) -> Problem:
        """Move a problem of one of our columns to where a person can mend it.

        That is the register's own column, or the text in the mapping file.
        """
        if self.mapping is None or problem.file != self.settings.file or not problem.column:
            return problem
        column, mapping = problem.column, self.mapping
        number = self.set_by.get(problem.row or 0)
        if number is not None and column in mapping.rules[number - 1].set:
            where = f"give[{number}].set.{column}"
        elif column in mapping.constants:
            where = f"constants.{column}"
        else:
            theirs = mapping.columns.get(column, column)
            return Problem(problem.file, problem.row, theirs, problem.what, problem.mend)
        return Problem(self.settings.mapping, None, where, problem.what, problem.mend)


def read_origin(folder: InputFolder, settings: RegisterSettings) -> Origin:
    """Read one register as an origin of services and of the organisation that gives them."""
    register = read_register(folder, settings)
    text = register.organisations
    organisations = empty_declared(tables.ORGANISATIONS)
    given = text[text["organisation_id"] != ""]
    if not given.empty:
        # What is wrong with them has been told of the mapping file.
        organisations = type_declared(
            given.assign(_row=1), tables.ORGANISATIONS,
            file=settings.mapping, findings=Findings(),
        )  # fmt: skip
    known = register.mapping is not None and not any(
        problem.file == settings.mapping for problem in folder.findings.problems
    )
    return Origin(
        files=frozenset({settings.file}),
        frames={"services": register.services, "organisations": organisations},
        left_out=register.left_out,
        whole=known and _is_whole(register, folder),
        named=known,
        relocate=register.relocate,
    )


def _is_whole(register: Register, folder: InputFolder) -> bool:
    """Whether all services of a register are known by their identifiers."""
    file, mapping = register.settings.file, register.mapping
    if mapping is None or folder.lost_cells(file) != frozenset():
        return False
    column = mapping.columns["service_id"]
    return not any(p.file == file and p.column == column for p in folder.findings.problems)


def read_register(folder: InputFolder, settings: RegisterSettings) -> Register:
    """Read one register. Rows outside ``keep`` are not ours; rows no rule matches are left out."""
    mapping = _read_mapping(folder, settings.mapping)
    raw = folder.read_table(settings.file)
    if raw is not None and raw.empty:
        what = "The table is empty: it has headings only."
        folder.findings.problem(settings.file, what, "Fill it in, or leave the register out.")
    nothing = Register(
        settings, empty_declared(tables.SERVICES), _organisation(mapping), empty_left_out()
    )
    if mapping is None or raw is None:
        return nothing
    if not _columns_exist(mapping, raw, settings, folder.findings):
        return nothing
    ours = raw[_matches(raw, mapping.keep)]
    if ours.empty and not raw.empty:
        what = f"The filter keeps none of the {len(raw)} rows of {settings.file}."
        folder.findings.problem(settings.mapping, what, "Correct it.", column="keep")
    return _read_rows(ours, settings, mapping, folder.findings)


def _read_rows(
    ours: pd.DataFrame, settings: RegisterSettings, mapping: RegisterMapping, findings: Findings
) -> Register:
    texts = pd.DataFrame({"_row": ours["_row"]}, index=ours.index)
    for name, theirs in mapping.columns.items():
        texts[name] = ours[theirs].str.strip().astype(object)
    for name, text in mapping.constants.items():
        texts[name] = pd.Series(text, index=ours.index, dtype=object)
    if mapping.organisation:
        code = mapping.organisation.get("organisation_id", "")
        texts["organisation_id"] = pd.Series(code, index=ours.index, dtype=object)
    texts = _mend_codes(texts, settings.file, findings)
    texts["service_id"] = [f"{mapping.prefix}{c}" if c else "" for c in texts["service_id"]]
    rule_of = _first_rule(ours, mapping.rules)
    for number, rule in enumerate(mapping.rules, start=1):
        for name, text in rule.set.items():
            if name not in texts:
                texts[name] = pd.Series("", index=texts.index, dtype=object)
            texts.loc[rule_of == number, name] = text
    matched = rule_of > 0
    found = Findings()
    typed = type_declared(
        texts[matched].reset_index(drop=True), tables.SERVICES, file=settings.file, findings=found
    )
    rows = zip(ours["_row"][matched], rule_of[matched], strict=True)
    register = Register(
        settings,
        typed,
        _organisation(mapping),
        _left_out(texts[~matched], settings),
        mapping,
        {int(row): int(number) for row, number in rows},
    )
    findings.problems.extend(register.relocate(problem) for problem in found.problems)
    findings.notes.extend(register.relocate(note) for note in found.notes)
    return register


def _left_out(texts: pd.DataFrame, settings: RegisterSettings) -> pd.DataFrame:
    if texts.empty:
        return empty_left_out()
    reason = f"No rule of {settings.mapping} says what it gives."
    return pd.DataFrame(
        {
            "file": pd.Series(settings.file, index=texts.index, dtype=object),
            "row": texts["_row"],
            "service_id": texts["service_id"],
            "name": texts["name"],
            "reason": pd.Series(reason, index=texts.index, dtype=object),
        }
    ).reset_index(drop=True)


def _mend_codes(texts: pd.DataFrame, file: str, findings: Findings) -> pd.DataFrame:
    for column in (name for name in _CODES if name in texts):
        numbered = [_NUMBERED.fullmatch(text) for text in texts[column]]
        if any(numbered):
            pairs = zip(numbered, texts[column], strict=True)
            texts[column] = [match[1] if match else text for match, text in pairs]
            what = f"Codes such as {next(m for m in numbered if m)[0]} were read without the .0."
            findings.note(file, what)
    return texts


def _matches(raw: pd.DataFrame, wanted: Mapping[str, tuple[str, ...]]) -> pd.Series[bool]:
    """Say of each row whether every column named holds one of its texts."""
    held = pd.Series(data=True, index=raw.index, dtype=bool)
    for column, texts in wanted.items():
        held &= raw[column].str.strip().isin(list(texts))
    return held


def _first_rule(raw: pd.DataFrame, rules: tuple[Rule, ...]) -> pd.Series[int]:
    """Return the number of the first rule that matches each row, from 1; 0: none does."""
    number = pd.Series(0, index=raw.index, dtype="int64")
    for n in range(len(rules), 0, -1):
        number[_matches(raw, rules[n - 1].when)] = n
    return number


def _organisation(mapping: RegisterMapping | None) -> pd.DataFrame:
    """Return the mapping's organisation as a table of text of one row, or none."""
    if mapping is None or not mapping.organisation:
        return pd.DataFrame({"organisation_id": pd.Series(dtype=object)})
    return pd.DataFrame({key: [text] for key, text in mapping.organisation.items()}, dtype=object)


def _columns_exist(
    mapping: RegisterMapping, raw: pd.DataFrame, settings: RegisterSettings, findings: Findings
) -> bool:
    heads = [str(name) for name in raw.columns if name != "_row"]
    wanted = {f"columns.{ours}": theirs for ours, theirs in mapping.columns.items()}
    wanted |= {f"keep.{theirs}": theirs for theirs in mapping.keep}
    for number, rule in enumerate(mapping.rules, start=1):
        wanted |= {f"give[{number}].when.{theirs}": theirs for theirs in rule.when}
    missing = {where: theirs for where, theirs in wanted.items() if theirs not in heads}
    spelling = Spelling(heads)
    for where, theirs in missing.items():
        what = f"{settings.file} has no column {theirs!r}."
        mend = f"{spelling.ask(theirs)} It has: {', '.join(heads[:30])}.".strip()
        findings.problem(settings.mapping, what, mend, column=where)
    return not missing


def _read_mapping(folder: InputFolder, name: str) -> RegisterMapping | None:
    data = folder.read_bytes(name, largest=LARGEST_TOML)
    if data is None:
        return None
    problems: list[Problem] = []
    parsed = parse_toml(data, file=name, problems=problems)
    mapping = None
    if parsed is not None:
        mapping = _map(Section(parsed, file=name, problems=problems))
    folder.findings.problems.extend(problems)
    return None if problems else mapping


def _map(top: Section) -> RegisterMapping:
    rules = []
    given = top.sections("give")
    for part in given:
        rules.append(Rule(part.texts_of("when"), part.text_of("set", blank=True)))
        _check_ours(part, "set")
        part.done()
    mapping = RegisterMapping(
        title=top.text("title", ""),
        prefix=top.text("prefix", ""),
        keep=top.texts_of("keep"),
        organisation=_read_organisation(top),
        columns=top.text_of("columns"),
        constants=top.text_of("constants"),
        rules=tuple(rules),
    )
    _check_ours(top, "columns")
    _check_ours(top, "constants")
    for column in ("service_id", "name"):
        if column not in mapping.columns:
            top.report(f"columns.{column}", "This column must be mapped.", f'Add {column} = "…".')
    for column in sorted(set(mapping.columns) & set(mapping.constants)):
        what = f"{column} is both a column and a constant."
        top.report(f"constants.{column}", what, "Keep one of the two.")
    if not rules:
        top.report("give", "No rule says which elements a row gives.", "Add [[give]].")
    said = {*mapping.columns, *mapping.constants}
    if mapping.organisation and "organisation_id" in said:
        what = "The organisation is said twice."
        top.report("organisation", what, "Keep either the table or the column.")
    top.done()
    return mapping


def _read_organisation(top: Section) -> dict[str, str]:
    part = top.section("organisation")
    if part is None:
        return {}
    organisation = {name: part.text(name) for name in ("organisation_id", "name", "sector")}
    organisation["contact_role"] = part.text("contact_role", "")
    if organisation["sector"] and organisation["sector"] not in tables.SECTORS:
        mend = Spelling(tables.SECTORS).mend(organisation["sector"])
        part.report("sector", f"{quote(organisation['sector'])} is not known here.", mend)
    part.done()
    return organisation


def _check_ours(part: Section, key: str) -> None:
    """Check that the left-hand sides are columns of our table of services."""
    value = part.data.get(key)
    known = tables.SERVICES.names(given_only=True)
    spelling = Spelling(known)
    for name in value if isinstance(value, Mapping) else ():
        if name not in known:
            mend = spelling.mend(name)
            part.report(f"{key}.{name}", "The table of services has no such column.", mend)

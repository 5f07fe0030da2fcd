"""A public register read as services through a mapping file: which column is which, who gives what.

Every row is accounted for: it is used; or left out by name with the reason (no rule, closed, no
position); or counted among those that ``keep`` does not keep or that lie far from our places, for a
national register is read as it is published.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pandas as pd

from provision_map import tables
from provision_map.read.files.text import InputFolder
from provision_map.read.files.typed import empty_declared, type_declared
from provision_map.read.findings import Findings
from provision_map.read.origin import Origin, empty_left_out
from provision_map.read.places.area import Area
from provision_map.read.registers.mapping import (
    Headings,
    RegisterMapping,
    name_mapping,
    read_mapping,
)
from provision_map.read.registers.reader import (
    Register,
    RegisterReader,
    fixed_organisation,
    match_rows,
    select_rows,
)
from provision_map.read.registers.rows import read_rows
from provision_map.read.settings import SETTINGS_FILE, RegisterSettings
from provision_map.schema import Spelling


def read_origin(folder: InputFolder, settings: RegisterSettings, area: Area) -> Origin:
    """Read one register as an origin of services and of the organisations that give them."""
    register = read_register(folder, settings, area)
    text = register.organisations
    file = name_mapping(settings.mapping)
    organisations = empty_declared(tables.ORGANISATIONS)
    given = text[text["organisation_id"] != ""].drop_duplicates("organisation_id")
    if not given.empty:
        rows = given if "_row" in given else given.assign(_row=1)
        # What is wrong with them has been told of the mapping file.
        organisations = type_declared(
            rows.reset_index(drop=True), tables.ORGANISATIONS, file=file, findings=Findings()
        )
    known = register.mapping is not None and not any(
        problem.file in {file, settings.mapping} for problem in folder.findings.problems
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
    file = register.settings.file
    if register.mapping is None or register.lost != frozenset():
        return False
    column = register.columns.get("service_id", "service_id")
    return not any(p.file == file and p.column == column for p in folder.findings.problems)


def read_register(folder: InputFolder, settings: RegisterSettings, area: Area) -> Register:
    """Read one register. Rows outside ``keep`` are not ours; rows no rule matches are left out."""
    mapping = read_mapping(folder, settings.mapping)
    mapping = mapping if mapping is None else _override(mapping, settings)
    file, findings = settings.file, folder.findings
    empty = pd.DataFrame({"organisation_id": pd.Series(dtype=object)})
    nothing = Register(settings, empty_declared(tables.SERVICES), empty, empty_left_out())

    def choose(heads: list[str]) -> Any:  # noqa: ANN401 - columns, and which rows are kept
        if mapping is None or not _has_columns(mapping, heads, settings, findings):
            return None
        names = Headings(heads, mapping)
        return _list_needed(mapping, settings, names), lambda part: _keeps(
            part, mapping, settings, names
        )

    rows = read_rows(folder, file, settings.layer, area, choose=choose)
    if mapping is not None:
        nothing = replace(nothing, organisations=fixed_organisation(mapping, settings))
    if rows is None:
        return nothing
    frame = rows.frame
    if rows.total == 0:
        what = "The table is empty: it has headings only."
        findings.problem(file, what, "Fill it in, or leave the register out.")
    heads = [str(name) for name in frame.columns if name != "_row"]
    if mapping is None or not _has_columns(mapping, heads, settings, findings):
        return nothing
    names = Headings(heads, mapping)
    kept = _keeps(frame, mapping, settings, names).to_numpy(dtype=bool)
    if not kept.any() and rows.total:
        what = f"The filter keeps none of the {rows.total:,} rows of {file}."
        if settings.keep:
            column = "services.registers.keep"
            findings.problem(SETTINGS_FILE, what, "Correct it.", column=column)
        else:
            label = name_mapping(settings.mapping)
            findings.problem(label, what, "Correct it.", column="keep")
    reader = RegisterReader(settings, mapping, names, area, findings)
    return reader.read(select_rows(rows, kept))


def _override(mapping: RegisterMapping, settings: RegisterSettings) -> RegisterMapping:
    """Return the mapping with what provision.toml says otherwise of this file."""
    if settings.within is not None:
        mapping = replace(mapping, within=settings.within)
    if settings.date is not None:
        said = {*mapping.columns, *mapping.optional, *mapping.constants}
        if "assured_date" not in said:
            constants = {**mapping.constants, "assured_date": settings.date.isoformat()}
            mapping = replace(mapping, constants=constants)
    return mapping


def _list_needed(
    mapping: RegisterMapping, settings: RegisterSettings, names: Headings
) -> list[str]:
    """Return the headings that are read at all."""
    asked = [*mapping.keep, *mapping.organisation.columns.values()]
    for theirs in (*mapping.columns.values(), *mapping.optional.values()):
        asked += theirs
    for exclusion in mapping.exclusions:
        asked += exclusion.when
    for rule in mapping.rules:
        asked += rule.when
    return list(dict.fromkeys([*names.find_some(asked), *settings.keep]))


def _keeps(
    frame: pd.DataFrame, mapping: RegisterMapping, settings: RegisterSettings, names: Headings
) -> pd.Series[bool]:
    """Say of each row whether the mapping and the settings keep it."""
    held = match_rows(frame, mapping.keep, names)
    for column, texts in settings.keep.items():
        held &= frame[column].str.strip().isin(list(texts))
    return held


def _has_columns(
    mapping: RegisterMapping,
    heads: list[str],
    settings: RegisterSettings,
    findings: Findings,
) -> bool:
    """Whether the register has what the mapping and the settings name; if not, Problems."""
    names, spelling = Headings(heads, mapping), Spelling(heads)
    listed = f"It has: {', '.join(heads[:30])}."
    sound = True
    for where, theirs in mapping.needs().items():
        if names.find_some(theirs):
            continue
        sound = False
        said = " or ".join(repr(h) for name in theirs for h in mapping.headings.get(name, (name,)))
        what = f"{settings.file} has no column {said}."
        mend = f"{spelling.ask(theirs[0])} {listed}".strip()
        findings.problem(name_mapping(settings.mapping), what, mend, column=where)
    for column in settings.keep:
        if column not in heads:
            sound = False
            what = f"{settings.file} has no column {column!r}."
            mend = f"{spelling.ask(column)} {listed}".strip()
            findings.problem(SETTINGS_FILE, what, mend, column=f"services.registers.keep.{column}")
    return sound

"""Children by single year of age, and residents by ethnic group, of each place."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd

from provision_map.model import Framework
from provision_map.read.findings import Findings, list_some
from provision_map.read.settings import SETTINGS_FILE, AgesSettings, EthnicGroupsSettings
from provision_map.read.text import InputFolder
from provision_map.read.typed import Ours, read_wide
from provision_map.schema import Column, Spelling, quote


def ages_of(framework: Framework) -> tuple[range, range]:
    """Return the ages that every exercise needs, and those that some communities go on to.

    >>> from provision_map.frameworks import load_framework
    >>> ages_of(load_framework())
    (range(5, 20), range(20, 25))

    """
    first = min(offer.minimum_age for offer in framework.offers)
    last = max(offer.maximum_age for offer in framework.offers)
    extended = max(offer.extended_to or offer.maximum_age for offer in framework.offers)
    return range(first, last + 1), range(last + 1, max(last, extended) + 1)


def read_ages(
    folder: InputFolder,
    settings: AgesSettings,
    framework: Framework,
    ours: Ours,
    *,
    neighbours: bool = False,
) -> pd.DataFrame:
    """Return place_id, age, children for the ages of the Offers.

    A place without a row, or without a single child of these ages, is a Problem: its children
    would be missing from every figure without a word. Ages that an Offer goes on to for some
    communities are read where the file has them.

    With ``neighbours`` the places are not ours but beside them: one without people is a note, for
    its children only compete.
    """
    if "{age}" not in settings.columns:
        return _long(pd.DataFrame(columns=["place_id"]), {}, "age", "children")
    needed, extended = ages_of(framework)
    heads = _headings(folder, settings.file)
    names = {age: settings.columns.replace("{age}", str(age)) for age in (*needed, *extended)}
    names = {age: name for age, name in names.items() if age in needed or name in heads}
    columns = (
        Column(settings.id, "text", "", required=True),
        *(Column(name, "integer", "", required=True, minimum=0) for name in names.values()),
    )
    table = read_wide(folder, settings.file, columns, ours=ours)
    present = [name for name in names.values() if name in table]
    if heads and settings.id in heads and set(names.values()) <= heads:
        missing = _list_missing(folder, settings.file, table[settings.id], ours)
        check = _note_peopled if neighbours else _check_peopled
        check(table, settings, present, missing, folder.findings)
    table = table.drop_duplicates(settings.id).rename(columns={settings.id: "place_id"})
    return _long(table, {str(age): name for age, name in names.items()}, "age", "children").assign(
        age=lambda frame: frame["age"].astype("float64")
    )


def _headings(folder: InputFolder, file: str) -> set[str]:
    raw = folder.read_table(file)
    return set() if raw is None or raw.empty else {str(name) for name in raw.columns}


def _list_missing(folder: InputFolder, file: str, found: Iterable[str], ours: Ours) -> list[str]:
    """Return the places without a row, save those whose row is lost by a fault told already."""
    lost = folder.lost_cells(file)
    if ours.ids is None or lost is None:
        return []
    return sorted(ours.ids - set(found) - lost)


def _check_peopled(
    table: pd.DataFrame,
    settings: AgesSettings,
    columns: list[str],
    missing: list[str],
    findings: Findings,
) -> None:
    mend = "Add its row, or leave the place out with places.keep in provision.toml."
    for place in missing:
        what = f"{place} is a place without people: it has no row here."
        findings.problem(settings.file, what, mend, column=settings.id)
    empty = (table[columns].fillna(-1) == 0).all(axis=1)
    for place, row in zip(table[settings.id][empty], table["_row"][empty], strict=True):
        what = f"{place} is a place without people: every age of the Offers is 0."
        findings.problem(settings.file, what, mend, row=int(row), column=settings.id)


def _note_peopled(
    table: pd.DataFrame,
    settings: AgesSettings,
    columns: list[str],
    missing: list[str],
    findings: Findings,
) -> None:
    empty = (table[columns].fillna(-1) == 0).all(axis=1)
    codes = [*missing, *table[settings.id][empty]]
    if codes:
        what = f"Neighbouring places without people, whose children do not compete ({len(codes)}): {list_some(codes)}."
        findings.note(settings.file, what, column=settings.id)


def read_ethnic_groups(
    folder: InputFolder,
    settings: EthnicGroupsSettings | None,
    framework: Framework,
    ours: Ours,
    *,
    neighbours: bool = False,
) -> pd.DataFrame:
    """Return place_id, group_id, residents of all ages; empty where no table is named.

    With ``neighbours`` a place without a row is a note, see :func:`read_ages`.
    """
    empty = _long(pd.DataFrame(columns=["place_id"]), {}, "group_id", "residents")
    if settings is None:
        return empty
    groups = [group.id for group in framework.ethnic_groups]
    if not _names_groups(settings, groups, folder.findings):
        return empty
    counted = {
        group: settings.columns.get(group, group) for group in groups if group != settings.residual
    }
    totals = () if settings.total is None else (settings.total,)
    columns = (
        Column(settings.id, "text", "", required=True),
        *(
            Column(name, "integer", "", required=True, minimum=0)
            for name in (*counted.values(), *totals)
        ),
    )
    table = read_wide(folder, settings.file, columns, ours=ours)
    if settings.total is not None:
        table = _settle_total(table, settings, list(counted.values()), folder.findings)
    if settings.residual is not None:
        counted[settings.residual] = "_residual"
    missing = _list_missing(folder, settings.file, table[settings.id], ours)
    if neighbours and missing:
        what = f"Neighbouring places without a row ({len(missing)}): {list_some(missing)}."
        folder.findings.note(settings.file, what, column=settings.id)
    elif not table.empty:
        for place in missing:
            what = f"{place} has no row here."
            mend = "Add it, or leave [people.ethnic_groups] out."
            folder.findings.problem(settings.file, what, mend, column=settings.id)
    table = table.drop_duplicates(settings.id).rename(columns={settings.id: "place_id"})
    ordered = {group: counted[group] for group in groups}
    return _long(table, ordered, "group_id", "residents")


def _names_groups(settings: EthnicGroupsSettings, groups: list[str], findings: Findings) -> bool:
    named = {f"people.ethnic_groups.columns.{code}": code for code in settings.columns}
    if settings.residual is not None:
        named["people.ethnic_groups.residual"] = settings.residual
    wrong = {column: code for column, code in named.items() if code not in groups}
    for column, code in wrong.items():
        what, mend = f"{quote(code)} is no ethnic group.", Spelling(groups).mend(code)
        findings.problem(SETTINGS_FILE, what, mend, column=column)
    both = settings.residual is not None and settings.residual in settings.columns
    if both:
        what = f"{settings.residual!r} is said to be a column and to be the residual."
        column = "people.ethnic_groups.residual"
        findings.problem(SETTINGS_FILE, what, "Keep one of the two.", column=column)
    return not wrong and not both


def _settle_total(
    table: pd.DataFrame, settings: EthnicGroupsSettings, columns: list[str], findings: Findings
) -> pd.DataFrame:
    """Add the residual group, or note where the groups do not make up the total."""
    if settings.total is None:
        return table
    rest = table[settings.total] - table[columns].sum(axis=1, skipna=False)
    rest = rest.astype("float64")
    for place, left, row in zip(table[settings.id], rest, table["_row"], strict=True):
        if left < 0:
            what = f"The groups of {place} add up to {-left:g} more than the total."
            findings.problem(
                settings.file, what, "Check the row.", row=int(row), column=settings.total
            )
        elif left > 0 and settings.residual is None:
            what = f"{left:g} residents of {place} are in none of the groups."
            findings.note(settings.file, what, row=int(row), column=settings.total)
    return table.assign(_residual=rest)


def _long(table: pd.DataFrame, columns: dict[str, str], key: str, value: str) -> pd.DataFrame:
    """Turn one column a key into one row a key, places in the order of the file."""
    present = {code: name for code, name in columns.items() if name in table}
    places = np.repeat(table["place_id"].to_numpy(dtype=object), len(present))
    keys = np.array(list(present) * len(table), dtype=object)
    counts = table[list(present.values())].to_numpy(dtype="float64").ravel()
    return pd.DataFrame({"place_id": places, key: keys, value: counts})

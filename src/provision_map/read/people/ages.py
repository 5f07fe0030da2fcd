"""Children by single year of age of each place, from wide tables or long ones."""

from __future__ import annotations

import re
from collections.abc import Iterable

import numpy as np
import pandas as pd

from provision_map.model import Framework
from provision_map.read.files.text import InputFolder
from provision_map.read.files.typed import Ours, read_wide
from provision_map.read.findings import Findings, count_of, list_some
from provision_map.read.people.ethnic_groups import read_ethnic_groups
from provision_map.read.people.long_tables import LongTable, widen
from provision_map.read.places.carry import carry_counts
from provision_map.read.places.change_of_codes import Change, read_change
from provision_map.read.places.tables_of_places import (
    codes_of,
    headings_of,
    list_missing,
    make_long,
    report_missing,
)
from provision_map.read.places.vintages import Where, is_another_vintage, look_at
from provision_map.read.settings import AgesSettings
from provision_map.schema import Column, quote

__all__ = ["ages_of", "parse_age", "read_ages", "read_ethnic_groups"]

_SECTION = "people.ages"

#: "5", "Age 5", "Aged 5 years", "5 years old".
_AGE = re.compile(r"(?:aged?[ _]*)?(\d{1,3})(?: *years?(?: old)?)?", re.IGNORECASE)
_UNDER_1 = re.compile(r"(?:aged? *)?(?:under|less than|below) *(?:1|one)(?: *year)?(?: old)?", re.IGNORECASE)  # fmt: skip


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


def parse_age(label: str) -> str | None:
    """Return the single year of age that a label of a table means; None for bands and totals.

    >>> [parse_age(label) for label in ("Aged 5 years", "12", "Under 1", "90+", "Aged 16 to 24 years")]
    ['5', '12', '0', None, None]

    """
    said = " ".join(label.split())
    if _UNDER_1.fullmatch(said):
        return "0"
    found = _AGE.fullmatch(said)
    return str(int(found[1])) if found else None


def read_ages(
    folder: InputFolder,
    settings: AgesSettings,
    framework: Framework,
    ours: Ours,
    *,
    neighbours: bool = False,
) -> pd.DataFrame:
    """Return place_id, age, children, basis for the ages of the Offers.

    A place without a row, or without a single child of these ages, is a Problem: its children
    would be missing from every figure without a word. Ages that an Offer goes on to for some
    communities are read where the file has them. A table of other areas is carried over by its
    lookup; ``basis`` is "estimated" where a divided area went in, else "measured".

    With ``neighbours`` the places are not ours but beside them: one without people is a note, for
    its children only compete.
    """
    nobody = make_long(pd.DataFrame(columns=["place_id"]), {}, "age", "children")
    nobody = nobody.assign(basis=pd.Series(dtype=object))
    if "{age}" not in settings.columns:
        return nobody
    change = read_change(folder, settings.lookup, ours, section=_SECTION)
    if settings.lookup is not None and change is None:
        return nobody
    areas = ours if change is None else change.sources
    findings = folder.findings
    codes = codes_of(folder, settings.file, settings.id)
    where = Where(settings.file, settings.id, None if change else _SECTION)
    if not neighbours and is_another_vintage(codes, areas, where, findings):
        return nobody
    table, names, complete = _read_table(folder, settings, framework, areas)
    if complete:
        missing = list_missing(folder, settings.file, table[settings.id], areas)
        present = [name for name in names.values() if name in table]
        if neighbours:
            _note_peopled(table, settings, present, missing, findings)
        else:
            _check_peopled(table, settings, present, missing, findings, change=change)
    table = table.drop_duplicates(settings.id).rename(columns={settings.id: "place_id"})
    ages = make_long(table, {str(age): name for age, name in names.items()}, "age", "children")
    ages = ages.assign(age=ages["age"].astype("float64"))
    if change is None:
        return ages.assign(basis="measured")
    carried = carry_counts(ages, change.links, ["age"], "children")
    carried = carried[carried["place_id"].isin(list(ours.ids or ()))].reset_index(drop=True)
    if not neighbours:
        _note_carried(ages, carried, settings, findings)
    return carried[["place_id", "age", "children", "basis"]]


def _read_table(
    folder: InputFolder, settings: AgesSettings, framework: Framework, areas: Ours
) -> tuple[pd.DataFrame, dict[int, str], bool]:
    """Return one row an area, its column of each age, and whether every age that is needed is there."""
    needed, extended = ages_of(framework)
    if settings.age is not None and settings.children is not None:
        said = LongTable(
            settings.file, settings.id, settings.age, settings.children, parse_age,
            tuple(str(age) for age in needed), tuple(str(age) for age in extended),
            section=_SECTION, keep=settings.keep,
        )  # fmt: skip
        wide = widen(folder, said, areas)
        names = {age: str(age) for age in (*needed, *extended) if str(age) in wide.frame}
        absent = [age for age in needed if str(age) not in wide.found]
        if absent and len(wide.frame):
            _report_bands(absent, wide.others, settings, folder.findings)
        return wide.frame, names, not absent and settings.id in wide.frame and len(names) > 0
    heads = headings_of(folder, settings.file)
    names = {age: settings.columns.replace("{age}", str(age)) for age in (*needed, *extended)}
    names = {age: name for age, name in names.items() if age in needed or name in heads}
    columns = (
        Column(settings.id, "text", "", required=True),
        *(Column(name, "integer", "", required=True, minimum=0) for name in names.values()),
    )
    table = read_wide(folder, settings.file, columns, ours=areas)
    return table, names, settings.id in heads and set(names.values()) <= heads


def _report_bands(
    absent: list[int], others: list[str], settings: AgesSettings, findings: Findings
) -> None:
    """Report ages that no row has; where the table has bands of ages, say that they will not do."""
    ages = f"{absent[0]} to {absent[-1]}" if len(absent) > 1 else f"{absent[0]}"
    if others:
        listed = list_some((quote(label) for label in others), 3)
        what = f"No row is of a single year of age {ages}: the table has {listed}."
        mend = (
            "Use a table of single years of age, such as the mid-year estimates: how many of a "
            "band are of one age is not known."
        )
    else:
        what, mend = f"No row is of the age {ages}.", "Add the rows."
    findings.problem(settings.file, what, mend, column=settings.age or "")


def _check_peopled(
    table: pd.DataFrame,
    settings: AgesSettings,
    columns: list[str],
    missing: list[str],
    findings: Findings,
    *,
    change: Change | None = None,
) -> None:
    if change is not None:
        report_missing(change, missing, file=settings.file, column=settings.id, findings=findings)
        return
    mend = "Add its row, or leave the place out with places.keep in provision.toml."
    for place in missing:
        what = f"{place} is a place without people: it has no row here."
        findings.problem(settings.file, what, mend, column=settings.id)
    empty = (table[columns].fillna(-1) == 0).all(axis=1)
    if look_at(table[settings.id]).kind == "output area":
        # So small are they that one may have no child at all.
        _note_childless(table[settings.id][empty], settings, findings)
        return
    for place, row in zip(table[settings.id][empty], table["_row"][empty], strict=True):
        what = f"{place} is a place without people: every age of the Offers is 0."
        findings.problem(settings.file, what, mend, row=int(row), column=settings.id)


def _note_childless(codes: Iterable[str], settings: AgesSettings, findings: Findings) -> None:
    places = sorted(codes)
    if places:
        have = count_of(len(places), "output area has", "output areas have")
        what = f"{have} nobody of the ages of the Offers: {list_some(places)}."
        findings.note(settings.file, what, column=settings.id)


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


def _note_carried(
    before: pd.DataFrame, after: pd.DataFrame, settings: AgesSettings, findings: Findings
) -> None:
    """Say what was carried over, what is estimated, and check that nobody was lost or made."""
    areas, places = before["place_id"].nunique(), after["place_id"].nunique()
    estimated = sorted(set(after.loc[after["basis"] == "estimated", "place_id"]))
    what = (
        f"{count_of(areas, 'area')} carried over to {count_of(places, 'place')} by "
        f"{settings.lookup.file if settings.lookup else ''}: {_people(after)} of the ages of the Offers"
    )
    if not np.isclose(before["children"].sum(), after["children"].sum(), rtol=1e-9, atol=1e-6):
        what += f" of {_people(before)}; the others live in parts outside the exercise"
    if estimated:
        of = f"{count_of(len(estimated), 'place')} ({list_some(estimated)})"
        what += f". Children of {of} are estimates: an area that was divided, with its ages spread alike over the parts"
    findings.note(settings.file, f"{what}.", column=settings.id)
    empty = after.groupby("place_id")["children"].sum(min_count=1) == 0
    if look_at(after["place_id"]).kind == "output area":
        _note_childless(empty.index[empty], settings, findings)
        return
    for place in empty.index[empty]:
        what = f"{place} is a place without people: every age of the Offers is 0."
        mend = "Check the lookup, or leave the place out with places.keep in provision.toml."
        findings.problem(settings.file, what, mend, column=settings.id)


def _people(frame: pd.DataFrame) -> str:
    return f"{frame['children'].sum():,.0f} people"

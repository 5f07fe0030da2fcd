"""Residents by ethnic group of each place, from wide tables or long ones, in any classification."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from provision_map.frameworks.ethnic_groups import FIVE, Classification, load_classification
from provision_map.model import Framework
from provision_map.read.files.text import InputFolder
from provision_map.read.files.typed import Ours, read_wide
from provision_map.read.findings import Findings, count_of, list_some
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
from provision_map.read.places.vintages import Where, is_another_vintage
from provision_map.read.settings import SETTINGS_FILE, EthnicGroupsSettings
from provision_map.schema import Column, Spelling, quote

_SECTION = "people.ethnic_groups"


@dataclass(frozen=True)
class _Table:
    """What is known of the table: its groups, and how far they may be from their total."""

    settings: EthnicGroupsSettings
    groups: tuple[str, ...]
    classification: Classification | None

    @property
    def tolerance(self) -> float | None:
        """Residents; None: nothing is stated, and the groups need not be all there are."""
        if self.settings.tolerance is not None or self.classification is None:
            return self.settings.tolerance
        return self.classification.noise

    @property
    def counted(self) -> tuple[str, ...]:
        """The groups that the table counts itself."""
        return tuple(code for code in self.groups if code != self.settings.residual)


def read_ethnic_groups(
    folder: InputFolder,
    settings: EthnicGroupsSettings | None,
    framework: Framework,
    ours: Ours,
    *,
    neighbours: bool = False,
) -> pd.DataFrame:
    """Return place_id, group_id, residents of all ages; empty where no table is named.

    The groups are those of the framework: where the settings fold a census, those that they are
    folded into. With ``neighbours`` a place without a row is a note.
    """
    empty = make_long(pd.DataFrame(columns=["place_id"]), {}, "group_id", "residents")
    if settings is None:
        return empty
    said = _describe(settings, framework)
    if not _names_groups(settings, list(said.groups), folder.findings):
        return empty
    change = read_change(folder, settings.lookup, ours, section=_SECTION)
    if settings.lookup is not None and change is None:
        return empty
    areas = ours if change is None else change.sources
    where = Where(settings.file, settings.id, None if change else _SECTION)
    codes = codes_of(folder, settings.file, settings.id)
    if not neighbours and is_another_vintage(codes, areas, where, folder.findings):
        return empty
    table, columns = _read_table(folder, said, areas)
    missing = list_missing(folder, settings.file, table[settings.id], areas)
    if neighbours and missing:
        what = f"Neighbouring places without a row ({len(missing)}): {list_some(missing)}."
        folder.findings.note(settings.file, what, column=settings.id)
    elif not table.empty:
        _report_missing(missing, change, settings, folder.findings)
    if said.classification is not None and said.classification.id == FIVE:
        _note_five(said.classification, folder.findings)
    counts = _count(table, columns, said)
    if change is not None:
        carried = carry_counts(counts, change.links, ["group_id"], "residents")
        counts = carried[carried["place_id"].isin(list(ours.ids or ()))].reset_index(drop=True)
    return counts[["place_id", "group_id", "residents"]]


def _describe(settings: EthnicGroupsSettings, framework: Framework) -> _Table:
    """Return the groups of the table: of its classification, or else of the communities."""
    name = settings.classification
    known = None if name is None else load_classification(name)
    groups = framework.ethnic_groups if known is None else known.groups
    return _Table(settings, tuple(group.id for group in groups), known)


def _read_table(
    folder: InputFolder, said: _Table, areas: Ours
) -> tuple[pd.DataFrame, dict[str, str]]:
    """Return one row an area, and its column of each group; the residual among them."""
    read = _read_long if said.settings.group is not None else _read_wide
    table, columns = read(folder, said, areas)
    if said.settings.total is not None:
        table = _settle_total(table, said, list(columns.values()), folder.findings)
    if said.settings.residual is not None:
        columns[said.settings.residual] = "_residual"
    return table, columns


def _report_missing(
    missing: list[str], change: Change | None, settings: EthnicGroupsSettings, findings: Findings
) -> None:
    if change is not None:
        report_missing(change, missing, file=settings.file, column=settings.id, findings=findings)
        return
    for place in missing:
        what = f"{place} has no row here."
        mend = "Add it, or leave [people.ethnic_groups] out."
        findings.problem(settings.file, what, mend, column=settings.id)


def _count(table: pd.DataFrame, columns: dict[str, str], said: _Table) -> pd.DataFrame:
    """Return place_id, group_id, residents, folded if the settings ask for it."""
    key = said.settings.id
    table = table.drop_duplicates(key).rename(columns={key: "place_id"})
    ordered = {group: columns[group] for group in said.groups if group in columns}
    counts = make_long(table, ordered, "group_id", "residents")
    if said.settings.fold is None or said.classification is None:
        return counts
    return fold_groups(counts, said.classification)


def fold_groups(counts: pd.DataFrame, classification: Classification) -> pd.DataFrame:
    """Bring the groups of a census together to the 16 that 2001, 2011 and 2021 have in common.

    Only in these may figures of different censuses be held against each other. Nobody is lost:
    Gypsy or Irish Traveller and Roma go to Other White, Arab to Any other ethnic group.

    >>> counts = pd.DataFrame({"place_id": "P", "group_id": ["arab", "other"], "residents": [2., 3.]})
    >>> fold_groups(counts, load_classification("2021")).values.tolist()
    [['P', 'other', 5.0]]

    """
    folded = counts.assign(group_id=counts["group_id"].map(dict(classification.folds)))
    by = folded.groupby(["place_id", "group_id"], sort=False)["residents"]
    return by.agg(lambda part: part.sum(skipna=False)).reset_index()


def _read_wide(
    folder: InputFolder, said: _Table, areas: Ours
) -> tuple[pd.DataFrame, dict[str, str]]:
    settings, heads = said.settings, headings_of(folder, said.settings.file)
    by_label: dict[str, str] = {}
    for heading in sorted(heads) if said.classification is not None else ():
        code = said.classification.group_of(heading) if said.classification else None
        if code is not None:
            by_label.setdefault(code, heading)
    columns = {
        group: settings.columns.get(group)
        or (group if group in heads else by_label.get(group, group))
        for group in said.counted
    }
    totals = () if settings.total is None else (settings.total,)
    read = (
        Column(settings.id, "text", "", required=True),
        *(
            Column(name, "integer", "", required=True, minimum=0)
            for name in (*columns.values(), *totals)
        ),
    )
    return read_wide(folder, settings.file, read, ours=areas), columns


def _read_long(
    folder: InputFolder, said: _Table, areas: Ours
) -> tuple[pd.DataFrame, dict[str, str]]:
    settings, known = said.settings, said.classification
    by_word = {word: code for code, word in settings.columns.items()}

    def group_of(label: str) -> str | None:
        if label in by_word:
            return by_word[label]
        if known is not None:
            return known.group_of(label)
        return label if label in said.groups else None

    long = LongTable(
        settings.file, settings.id, str(settings.group), str(settings.residents), group_of,
        said.counted, section=_SECTION, keep=settings.keep, total=settings.total,
    )  # fmt: skip
    wide = widen(folder, long, areas)
    findings = folder.findings
    strange = [
        label
        for label in wide.others
        if known is None or not known.is_passed_over(label)
        if label != settings.residual
    ]
    groups = "the communities" if known is None else known.name
    for label in strange:
        what = f"{quote(label)} is no group of {groups}."
        mend = f"{Spelling(said.counted).ask(label)} Name the word for each group in [{_SECTION}.columns]."
        findings.problem(settings.file, what, mend.strip(), column=str(settings.group))
    absent = [code for code in said.counted if code not in wide.found]
    if absent and len(wide.frame) and settings.id in wide.frame:
        what = f"No row is of {list_some(absent)}."
        mend = f"Name the words for them in [{_SECTION}.columns], or the right classification."
        findings.problem(settings.file, what, mend, column=str(settings.group))
    return wide.frame, {code: code for code in said.counted}


def _note_five(known: Classification, findings: Findings) -> None:
    what = (
        "Five groups: White British is not told apart, so `bme` here is all but White. It is not "
        f'comparable with "all but White British", and is called "{known.bme_name}".'
    )
    mend = "For all but White British take a table of all groups, such as TS021 of 2021."
    findings.note(SETTINGS_FILE, what, mend, column=f"{_SECTION}.classification")


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
    table: pd.DataFrame, said: _Table, columns: list[str], findings: Findings
) -> pd.DataFrame:
    """Add the residual group, and report where the groups do not make up the total.

    A difference within the tolerance is noise, counted in one note; groups and total stay as they
    are. A residual group cannot be fewer than nobody: noise below 0 makes it 0.
    """
    settings = said.settings
    if settings.total is None or not {*columns, settings.total} <= set(table.columns):
        return table
    rest = table[settings.total] - table[columns].sum(axis=1, skipna=False)
    rest = rest.astype("float64")
    within = said.tolerance or 0.0
    noisy: list[tuple[float, str, int]] = []
    for place, left, row in zip(table[settings.id], rest, table["_row"], strict=True):
        at = int(row)
        if left < -within:
            what = f"The groups of {place} add up to {-left:g} more than the total."
            findings.problem(
                settings.file, what, _ask(said, "Check the row."), row=at, column=settings.total
            )
        elif left > within and settings.residual is None and said.tolerance is not None:
            what = f"The groups of {place} add up to {left:g} less than the total."
            mend = "Is a group missing? Name its column, or residual for the group that the table leaves out."
            findings.problem(settings.file, what, _ask(said, mend), row=at, column=settings.total)
        elif left > within and settings.residual is None:
            what = f"{left:g} residents of {place} are in none of the groups."
            findings.note(settings.file, what, row=at, column=settings.total)
        elif left < 0 or (left > 0 and settings.residual is None):
            noisy.append((abs(left), str(place), int(row)))
    if noisy:
        most, place, row = max(noisy)
        rows = count_of(len(noisy), "row")
        what = (
            f"In {rows} of {len(table):,} the groups differ from the total, at most by {most:g} "
            f"({place}, row {row}). That is within {within:g}, and taken for the noise that protects people in "
            "census tables; the groups are used as they are."
        )
        findings.note(settings.file, what, column=settings.total)
    return table.assign(_residual=rest.clip(lower=0.0))


def _ask(said: _Table, mend: str) -> str:
    if said.tolerance is None:
        return mend
    return f"{mend} Up to {said.tolerance:g} is taken for noise: tolerance in [{_SECTION}]."

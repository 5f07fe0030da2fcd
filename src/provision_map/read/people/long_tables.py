"""Long tables of people, one row a place and a group, turned into wide ones that are checked alike."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from provision_map.read.files.text import InputFolder
from provision_map.read.files.typed import Ours, words_for_numbers
from provision_map.read.findings import count_of, list_some
from provision_map.read.settings import SETTINGS_FILE
from provision_map.schema import Column, Spelling, Table, quote


@dataclass(frozen=True)
class LongTable:
    """What is read of a long table.

    Attributes:
        id, key, value: columns of the place, of the group or age, and of the count.
        section: of the settings that name the table.
        keep: by column, the values of the rows that are read; others are passed over.
        total: column with the total of the place, the same in each of its rows.
        key_of: the key that a label means; None: no key that is asked for.
        keys: those that each place must have.
        extra: those that are read where they are there.

    """

    file: str
    id: str
    key: str
    value: str
    key_of: Callable[[str], str | None]
    keys: tuple[str, ...]
    extra: tuple[str, ...] = ()
    section: str = ""
    keep: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    total: str | None = None


@dataclass
class Widened:
    """A long table as a wide one: ``frame`` has the id, a column a key, the total and ``_row``.

    ``others`` are labels that mean no key; ``found`` the keys that any row has.
    """

    frame: pd.DataFrame
    others: list[str] = field(default_factory=list)
    found: frozenset[str] = frozenset()


def widen(folder: InputFolder, said: LongTable, ours: Ours) -> Widened:
    """Read the rows of our places, and make one row a place of them.

    A key that stands twice in one place, and one that is missing from a place while others have it,
    is a Problem: the first would be counted twice, the second for nobody.
    """
    names = [said.id, said.key, said.value, *([said.total] if said.total else [])]
    empty = pd.DataFrame({name: pd.Series(dtype=object) for name in (said.id, "_row")})
    typed = _read_rows(folder, said, names, ours)
    if typed is None:
        return Widened(empty)
    labels = {label: said.key_of(label) for label in dict.fromkeys(typed[said.key])}
    wanted = (*said.keys, *said.extra)
    keys = typed[said.key].map(labels)
    rows = typed.assign(_key=keys)[keys.isin(wanted)]
    found = frozenset(rows["_key"])
    others = [label for label, key in labels.items() if key is None and label]
    _check_twice(rows, said, folder)
    rows = rows.drop_duplicates([said.id, "_key"])
    wide = rows.pivot_table(
        index=said.id, columns="_key", values=said.value, aggfunc="first", sort=False, dropna=False
    )
    columns = [key for key in wanted if key in found or key in said.keys]
    wide = wide.reindex(columns=columns).astype("float64")
    places = typed.drop_duplicates(said.id)
    wide = wide.reindex(places[said.id])
    wide.insert(0, "_row", places["_row"].to_numpy())
    frame = wide.rename_axis(said.id).rename_axis(None, axis=1).reset_index()
    if found:
        _check_holes(frame, [key for key in said.keys if key in found], typed, said, folder)
    if said.total is not None:
        frame[said.total] = _total_of(typed, said, folder).reindex(frame[said.id]).to_numpy()
    return Widened(frame[frame[said.id] != ""].reset_index(drop=True), others, found)


def _read_rows(
    folder: InputFolder, said: LongTable, names: list[str], ours: Ours
) -> pd.DataFrame | None:
    """Return the typed rows of our places; None where a column is missing."""
    raw = folder.read_table(said.file)
    if raw is None:
        return None
    twice = sorted({name for name in names if names.count(name) > 1 or name == "_row"})
    for name in twice:
        what = f"The column {name} of {said.file} is named for two things."
        folder.findings.problem(SETTINGS_FILE, what, "Name a column for each.")
    if twice:
        return None
    if raw.empty and folder.lost_cells(said.file) == frozenset():
        what = "The table is empty: it has headings only."
        folder.findings.problem(said.file, what, "Fill it in.")
    raw = _keep_rows(raw, said, folder)
    if raw is None:
        return None
    there = [name for name in names if name in raw]
    if said.id in raw:
        codes = raw[said.id].str.strip()
        if not ours.filtered:
            ours.note_others(codes, said.file, folder.findings)
        raw = raw[ours.select(codes)].reset_index(drop=True)
    texts = (Column(name, "text", "", required=True) for name in names[:2])
    counts = (Column(name, "integer", "", required=True, minimum=0) for name in names[2:])
    columns = (*texts, *counts)
    table = Table(said.file, "", columns)
    typed, problems, notes = table.validate(
        raw[[*there, "_row"]],
        file=said.file,
        heading_row=folder.heading_row(said.file),
        unread=[str(heading) for heading in raw.columns if heading not in (*there, "_row")],
    )
    problems.extend(words_for_numbers(raw, typed, table, said.file))
    folder.findings.problems.extend(problems)
    folder.findings.notes.extend(notes)
    return typed if len(there) == len(names) else None


def _keep_rows(raw: pd.DataFrame, said: LongTable, folder: InputFolder) -> pd.DataFrame | None:
    """Return the rows that the filter keeps; None where it cannot be right, which is told."""
    kept = raw
    for column, values in said.keep.items():
        where = f"{said.section}.keep.{column}"
        if column not in raw:
            what = f"{said.file} has no column {quote(column)}."
            mend = f"{Spelling(map(str, raw.columns)).ask(column)} Correct the filter.".strip()
            folder.findings.problem(SETTINGS_FILE, what, mend, column=where)
            return None
        held = kept[column].str.strip()
        rows = kept[held.isin(list(values))]
        if rows.empty and len(kept):
            there = list_some(map(quote, dict.fromkeys(held)))
            what = f"The filter keeps none of the rows of {said.file}: they hold {there}."
            folder.findings.problem(SETTINGS_FILE, what, "Correct the filter.", column=where)
            return None
        kept = rows
    return kept.reset_index(drop=True)


def _check_twice(rows: pd.DataFrame, said: LongTable, folder: InputFolder) -> None:
    again = rows[rows.duplicated([said.id, "_key"])]
    columns = (said.id, said.key, "_row")
    for place, label, row in zip(*(again[name] for name in columns), strict=True):
        what = f"{quote(str(label))} of {place} stands already in a row above."
        mend = 'Keep one row a place and group: of both sexes, or several years, say which rows are read: keep = { sex = ["All"] }.'
        folder.findings.problem(said.file, what, mend, row=int(row), column=said.key)


def _check_holes(
    frame: pd.DataFrame, keys: list[str], typed: pd.DataFrame, said: LongTable, folder: InputFolder
) -> None:
    """Report what other places have and this one does not; cells at fault are told already."""
    at_fault = set(typed.loc[typed[said.value].isna(), said.id])
    lost = folder.lost_cells(said.file)
    for values in frame[[said.id, "_row", *keys]].itertuples(index=False, name=None):
        place, row, *counts = values
        holes = [key for key, count in zip(keys, counts, strict=True) if np.isnan(count)]
        if holes and place and place not in at_fault and lost is not None and place not in lost:
            rows = count_of(len(holes), "row")
            what = f"{place} has no row for {list_some(holes)} ({rows})."
            mend = (
                "Add it, with 0 if it is nobody."
                if len(holes) == 1
                else "Add them, with 0 where it is nobody."
            )
            folder.findings.problem(said.file, what, mend, row=int(row), column=said.key)


def _total_of(typed: pd.DataFrame, said: LongTable, folder: InputFolder) -> pd.Series[float]:
    total = str(said.total)
    by = typed.groupby(said.id, sort=False)[total]
    differ = by.min() < by.max()
    for place in differ.index[differ]:
        rows = typed[typed[said.id] == place]
        what = f"The rows of {place} have different totals."
        mend = "Correct them, or leave the total out."
        folder.findings.problem(said.file, what, mend, row=int(rows["_row"].iloc[0]), column=total)
    return by.first()

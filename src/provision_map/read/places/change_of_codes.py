"""Lookups from the areas of a table to the places: codes that changed, or smaller areas."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from provision_map.read.files.text import InputFolder
from provision_map.read.files.typed import Ours, words_for_numbers
from provision_map.read.findings import Findings, count_of, list_some
from provision_map.read.places.carry import fragmented_links, share_links, split_links
from provision_map.read.settings import LookupSettings, WeightsSettings
from provision_map.schema import Column, Table

_LINKS = ("from_id", "to_id", "weight")


@dataclass(frozen=True)
class Change:
    """How the areas of a table become our places.

    Attributes:
        links: from_id, to_id, share, of all areas that have to do with one of our places; also
            their parts that lie elsewhere.
        sources: the areas whose rows are needed, as :class:`Ours` of the table.

    """

    links: pd.DataFrame
    sources: Ours

    def needed(self, missing: list[str]) -> dict[str, list[str]]:
        """Return by area without a row the places that it is a part of."""
        ours = self.links[self.links["from_id"].isin(missing)]
        return {str(code): sorted(part["to_id"]) for code, part in ours.groupby("from_id")}


def read_change(
    folder: InputFolder,
    settings: LookupSettings | None,
    ours: Ours,
    *,
    section: str,
    counted: bool = True,
) -> Change | None:
    """Read a lookup; None where none is named, or where it cannot be used.

    Args:
        folder: the exercise folder.
        settings: the lookup.
        ours: our places.
        section: of the settings that names it, as problems say it.
        counted: whether counts are to be carried over: then areas that were split need weights.
            A decile holds for each part as it is.

    """
    findings, ids = folder.findings, ours.ids
    if settings is None or ids is None:
        return None
    links = _read_links(folder, settings)
    if links is None:
        return None
    links = _add_unchanged(links, ids, settings, findings)
    mine = set(links.loc[links["to_id"].isin(ids), "from_id"])
    if not mine & set(links["from_id"]):
        what = f"None of the {len(ids)} places is in its column {settings.to_id}."
        mend = f"Correct the lookup, or its columns, in [{section}]."
        findings.problem(settings.file, what, mend, column=settings.to_id)
        return None
    links = links[links["from_id"].isin(mine)].reset_index(drop=True)
    if not counted:
        links = links.assign(weight=1.0)
    elif not _has_weights(links, settings, findings, section=section):
        return None
    elif settings.weights is not None and split_links(links).any():
        links = _add_weights(folder, links, settings.weights)
    shared = share_links(links)
    open_ = shared[shared["share"].isna()]
    _report_open(open_, settings, findings)
    if not open_.empty:
        return None
    return Change(shared, Ours(frozenset(mine), filtered=ours.filtered))


def _read_links(folder: InputFolder, settings: LookupSettings) -> pd.DataFrame | None:
    """Return from_id, to_id, weight of every row; None where the file or a column is missing."""
    columns = [
        Column(settings.from_id, "text", "", required=True),
        Column(settings.to_id, "text", "", required=True),
    ]
    if settings.from_id == settings.to_id:
        what = f"The column {settings.to_id} is named for both ends of the lookup."
        folder.findings.problem(settings.file, what, "Name the other.", column=settings.to_id)
        return None
    if settings.weight is not None:
        columns.append(Column(settings.weight, "number", "", required=True, minimum=0))
    table = _read_columns(folder, settings.file, tuple(columns))
    if table is None or table.empty:
        return None
    weight = np.nan if settings.weight is None else table[settings.weight].astype("float64")
    links = pd.DataFrame(
        {"from_id": table[settings.from_id], "to_id": table[settings.to_id], "weight": weight}
    )
    return links[(links["from_id"] != "") & (links["to_id"] != "")].reset_index(drop=True)


def _read_columns(
    folder: InputFolder, file: str, columns: tuple[Column, ...]
) -> pd.DataFrame | None:
    """Return the named columns of a CSV file, typed; None where one is missing."""
    raw = folder.read_table(file)
    if raw is None:
        return None
    names = [column.name for column in columns if column.name in raw]
    if raw.empty and folder.lost_cells(file) == frozenset():
        what = "The table is empty: it has headings only."
        folder.findings.problem(file, what, "Fill it in.")
    table = Table(file, "", columns)
    typed, problems, notes = table.validate(
        raw[[*names, "_row"]],
        file=file,
        heading_row=folder.heading_row(file),
        unread=[str(heading) for heading in raw.columns if heading not in (*names, "_row")],
    )
    problems.extend(words_for_numbers(raw, typed, table, file))
    folder.findings.problems.extend(problems)
    folder.findings.notes.extend(notes)
    return typed if len(names) == len(columns) else None


def _add_unchanged(
    links: pd.DataFrame, ids: frozenset[str], settings: LookupSettings, findings: Findings
) -> pd.DataFrame:
    """Let places that the lookup does not name keep their code: many list what changed only."""
    named = set(links["to_id"]) | set(links["from_id"])
    if not ids & set(links["to_id"]):
        return links
    absent = sorted(ids - named)
    if absent:
        places = count_of(len(absent), "place is", "places are")
        keep = (
            "its code is taken as unchanged"
            if len(absent) == 1
            else "their codes are taken as unchanged"
        )
        what = f"{places} not in the lookup, and {keep}: {list_some(absent)}."
        findings.note(settings.file, what, column=settings.to_id)
    same = pd.DataFrame({"from_id": absent, "to_id": absent, "weight": np.nan}, columns=_LINKS)
    return pd.concat([links, same], ignore_index=True) if absent else links


def _has_weights(
    links: pd.DataFrame, settings: LookupSettings, findings: Findings, *, section: str
) -> bool:
    """Whether it can be told how areas that were split are divided; else it is a Problem."""
    split, broken = split_links(links), fragmented_links(links)
    if settings.weight is not None or not split.any():
        return True
    areas = sorted(set(links.loc[split, "from_id"]))
    if settings.weights is None:
        was = count_of(len(areas), "area was", "areas were")
        what = (
            f"{was} split between several ({list_some(areas, 3)}): a count of the whole does not "
            "say how many are in each part."
        )
        mend = (
            f'Add weights = {{ file = "…", id = "…", column = "…" }} in [{section}.lookup], how many '
            'live in each of the new areas, or weight = "…", a column of the lookup; or take a '
            "table of smaller areas, such as output areas."
        )
    elif broken.any():
        areas = sorted(set(links.loc[broken, "from_id"]))
        was = count_of(len(areas), "area was", "areas were")
        what = (
            f"{was} broken up, and parts of other areas joined to the pieces "
            f"({list_some(areas, 3)}): how many live in the new areas does not tell who came "
            "from which."
        )
        mend = (
            "Take a table of smaller areas, such as output areas, and its lookup; or name "
            f'weight = "…" in [{section}.lookup], a column of the lookup with the people of each '
            "of its rows."
        )
    else:
        return True
    findings.problem(settings.file, what, mend, column=settings.from_id)
    return False


def _add_weights(folder: InputFolder, links: pd.DataFrame, said: WeightsSettings) -> pd.DataFrame:
    """Give each link the weight of the area that it leads to."""
    columns = (
        Column(said.id, "text", "", required=True),
        Column(said.column, "number", "", required=True, minimum=0),
    )
    table = _read_columns(folder, said.file, columns)
    if table is None:
        return links
    weights = table.groupby(said.id)[said.column].sum(min_count=1)
    return links.assign(weight=links["to_id"].map(weights).astype("float64"))


def _report_open(open_: pd.DataFrame, settings: LookupSettings, findings: Findings) -> None:
    """Report areas whose parts have no weights; a table that cannot be read is told already."""
    said = settings.weights
    file, column = (settings.file, settings.from_id) if said is None else (said.file, said.id)
    for code, part in open_.groupby("from_id"):
        what = (
            f"How {code} is divided is not known: {list_some(part['to_id'])} have no weight, or 0."
        )
        findings.problem(file, what, "Give their weights.", column=column)

"""What tables about places have in common: their codes, the rows that are missing, long and wide."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd

from provision_map.read.files.text import InputFolder
from provision_map.read.files.typed import Ours
from provision_map.read.findings import Findings, list_some
from provision_map.read.places.change_of_codes import Change


def headings_of(folder: InputFolder, file: str) -> set[str]:
    """Return the headings of a CSV file with rows; empty where there is nothing to read."""
    raw = folder.read_table(file)
    return set() if raw is None or raw.empty else {str(name) for name in raw.columns}


def codes_of(folder: InputFolder, file: str, column: str) -> frozenset[str]:
    """Return every code that stands in a column, of our places and others, lost rows included."""
    raw, lost = folder.read_table(file), folder.lost_cells(file)
    if raw is None or column not in raw or lost is None:
        return frozenset()
    return frozenset(raw[column].str.strip()) | lost


def list_missing(folder: InputFolder, file: str, found: Iterable[str], ours: Ours) -> list[str]:
    """Return the places without a row, save those whose row is lost by a fault told already."""
    lost = folder.lost_cells(file)
    if ours.ids is None or lost is None:
        return []
    return sorted(ours.ids - set(found) - lost)


def report_missing(
    change: Change, missing: list[str], *, file: str, column: str, findings: Findings
) -> None:
    """Report areas of a lookup that have no row: a part of a place would be missing unseen."""
    for area, places in change.needed(missing).items():
        what = f"{area} has no row here: it is, or is part of, {list_some(places, 3)}."
        mend = "Add its row, or correct the lookup."
        findings.problem(file, what, mend, column=column)


def make_long(table: pd.DataFrame, columns: dict[str, str], key: str, value: str) -> pd.DataFrame:
    """Turn one column a key into one row a key, places in the order of the file."""
    present = {code: name for code, name in columns.items() if name in table}
    places = np.repeat(table["place_id"].to_numpy(dtype=object), len(present))
    keys = np.array(list(present) * len(table), dtype=object)
    counts = table[list(present.values())].to_numpy(dtype="float64").ravel()
    return pd.DataFrame({"place_id": places, key: keys, value: counts})

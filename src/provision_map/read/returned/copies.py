"""What came in more than once: two workbooks of the same services, an organisation told again.

A copy that says the very same is read once. Of two workbooks that speak of the same services and
say different things, a person says which holds.
"""

from __future__ import annotations

import re
from dataclasses import replace

import pandas as pd

from provision_map.read.findings import Findings, count_of, list_some
from provision_map.read.origin import ServiceTables
from provision_map.read.returned.left_out import ROWS_OF, leave_out_rows
from provision_map.read.returned.persons import find_person
from provision_map.read.workbooks.label import split_label
from provision_map.read.workbooks.layout import loosen

_TABLES = tuple(table for table in ROWS_OF if table != "organisations")
_COPY = re.compile(r"copy|kopie|\(\d+\)|[ _-]v?\d$", re.IGNORECASE)
#: What an organisation may say of itself in a return.
_OWN = ("name", "sector", "charity_number", "contact_role")


def set_copies_aside(
    found: ServiceTables, findings: Findings
) -> tuple[ServiceTables, pd.DataFrame]:
    """Return the tables with each workbook once, and the rows (``PASSED_OVER``) that are in copies.

    What was found wrong in a copy is taken out of ``findings``: it is told of the other.
    """
    services = found.services
    books = [split_label(str(label)) for label in services["_file"]]
    by_key: dict[tuple[str, str], list[str]] = {}
    keys = zip(services["organisation_id"], services["service_id"], strict=True)
    for key, (file, sheet) in zip(keys, books, strict=True):
        if sheet and all(key):
            files = by_key.setdefault(key, [])
            if file not in files:
                files.append(file)
    shared: dict[tuple[str, str], int] = {}
    for files in by_key.values():
        ordered = sorted(files, key=lambda name: (bool(_COPY.search(_stem(name))), name))
        for other in ordered[1:]:
            shared[ordered[0], other] = shared.get((ordered[0], other), 0) + 1
    reasons: dict[tuple[str, int], str] = {}
    for (kept, copy), services_told in shared.items():
        same = _content(found, kept) == _content(found, copy)
        findings.problems[:] = [p for p in findings.problems if split_label(p.file)[0] != copy]
        findings.notes[:] = [p for p in findings.notes if split_label(p.file)[0] != copy]
        if same:
            what = f"It says the same as {kept}, row for row: it was read once."
            findings.note(copy, what, "Move one of them away.")
            why = f"The same, row for row, as {kept}."
        else:
            what = (
                f"It and {kept} both tell of {count_of(services_told, 'service')} of one organisation, "
                "and not the same: which of them holds is not guessed."
            )
            findings.problem(copy, what, "Keep the one that holds, and move the other out of the folder.")  # fmt: skip
            why = f"Nobody has decided yet whether it or {kept} holds."
        reasons |= dict.fromkeys(_places(found, copy), why)
    return leave_out_rows(found, reasons)


def _stem(name: str) -> str:
    return name.rpartition("/")[2].rpartition(".")[0]


def _rows_of(found: ServiceTables, table: str, file: str) -> pd.DataFrame:
    frame: pd.DataFrame = getattr(found, table)
    own = [split_label(str(label))[0] == file for label in frame["_file"]]
    return frame[pd.Series(own, index=frame.index, dtype=bool)]


def _content(found: ServiceTables, file: str) -> dict[str, list[str]]:
    """Return what a workbook says, without where it says it."""
    rows = {name: _rows_of(found, name, file) for name in _TABLES}
    return {
        name: sorted(map(repr, frame.drop(columns=["_file", "_row"]).astype(object).to_numpy().tolist()))
        for name, frame in rows.items()
    }  # fmt: skip


def _places(found: ServiceTables, file: str) -> list[tuple[str, int]]:
    frames = [_rows_of(found, table, file) for table in ROWS_OF]
    return [
        (str(label), int(row))
        for frame in frames
        for label, row in zip(frame["_file"], frame["_row"], strict=True)
    ]


def join_told_again(found: ServiceTables, findings: Findings) -> tuple[ServiceTables, pd.DataFrame]:
    """Fill in what returned workbooks add to organisations known already; note where they differ.

    Returns:
        The tables, and the rows (``PASSED_OVER``) of organisations that stand elsewhere already.

    """
    again = found.told_again
    books = [bool(split_label(str(label))[1]) for label in again["_file"]]
    again = again[pd.Series(books, index=again.index, dtype=bool)]
    organisations = found.organisations.reset_index(drop=True)
    first: dict[str, int] = {}
    for n, code in enumerate(organisations["organisation_id"]):
        first.setdefault(str(code), n)
    passed: list[tuple[object, ...]] = []
    for record in again.to_dict("records"):
        code = str(record["organisation_id"])
        n = first[code]
        known = organisations.iloc[n]
        where = f"{known['_file']}, row {known['_row']}"
        filled = []
        for column in _OWN:
            said, had = str(record[column] or "").strip(), str(known[column] or "").strip()
            if said and not had and not find_person(said):
                organisations.loc[n, column] = said
                filled.append(column)
            elif said and had and loosen(said) != loosen(had):
                what = f"It says {said!r}; {where}, says {had!r}, which is used."
                mend = "Correct the one that is wrong."
                findings.note(str(record["_file"]), what, mend, row=int(record["_row"]), column=column)  # fmt: skip
        why = f"The organisation stands already in {known['_file']}"
        why += f", which takes from it: {list_some(filled)}." if filled else "."
        passed.append(("organisations", record["_file"], record["_row"], code, record["name"], why))
    columns = ["table", "file", "row", "id", "name", "reason"]
    told = pd.DataFrame(passed, columns=columns, dtype=object)
    return replace(found, organisations=organisations), told

"""The files of a check: tables for people to work through, and workbooks to send back."""

from __future__ import annotations

import csv
import re
import tempfile
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from provision_map.errors import DataError, Problem
from provision_map.read.duplicates.decisions import TOLD
from provision_map.read.inputs import Inputs
from provision_map.read.returned.account import Account
from provision_map.read.returned.account_tables import OUTSIDE
from provision_map.reports.send_back import make_send_back
from provision_map.reports.text import clean, guard_formula
from provision_map.tables import SAME_SERVICES

SEND_BACK = "to-send-back"
#: Where workbooks of an earlier check go: somebody may have mended them there.
EARLIER = "earlier"

_HEADS_ROWS = ("file", "table", "row", "to_row", "id", "name", "fate", "reason")
_HEADS_SAME = ("service_id", "same_as", "same", "decided_on", "role", "reason", *TOLD)
_UNSAFE = re.compile(r"[^A-Za-z0-9_-]+")
#: Names that Windows keeps for itself.
_KEPT_NAMES = re.compile(r"(con|prn|aux|nul|com[0-9]|lpt[0-9])", re.IGNORECASE)
_LONGEST = 80


@dataclass(frozen=True)
class CheckTables:
    """What a check has found, as it is written.

    Attributes:
        account: what became of every row.
        notes: what people should know.
        old: records older than 12 months.
        same_organisations: (code, code that stands first, why).
        completeness: how much of what was asked came back complete.
        returns: the table of returns as it should read; None where none is named.
        sent: the inputs with all rows that came, also those left out for their problems, which
            are to be mended by whose they are.

    """

    account: Account
    notes: Sequence[Problem]
    old: pd.DataFrame
    same_organisations: Sequence[tuple[str, str, str]]
    completeness: pd.DataFrame
    returns: pd.DataFrame | None
    sent: Inputs


def write_check_files(inputs: Inputs, found: CheckTables, target: Path) -> tuple[Path, ...]:
    """Write the files of a check into a folder, beside the old ones first, then renamed.

    rows.csv: each row that is not plainly used, and why (rows of other places together).
    files.csv: how many rows each file has, and what became of them. same.csv: suspected
    duplicates, to be decided there. same-organisations.csv. old-records.csv. completeness.csv.
    returns.csv, as it should read. problems.csv and notes.csv. to-send-back/: a workbook for each
    organisation that has something to mend or to answer; those of an earlier check, of organisations
    that have nothing to mend any more, go to its folder earlier/.

    Whatever is not of a check is left alone, also a file of the exercise itself that stands there:
    then the new one is called new-….

    Raises:
        DataError: the folder cannot be written.

    """
    tables: dict[str, pd.DataFrame | None] = {
        "files.csv": found.account.counts,
        "rows.csv": fold_rows(found.account.rows),
        "same.csv": list_same(inputs),
        "same-organisations.csv": pd.DataFrame(
            list(found.same_organisations), columns=["organisation_id", "may_be", "why"]
        ),
        "old-records.csv": found.old,
        "completeness.csv": found.completeness,
        "returns.csv": found.returns,
        "problems.csv": _list_problems(found.sent.problems),
        "notes.csv": _list_problems(found.notes),
    }
    writers: dict[str, Callable[[Path], None]] = {
        name: _table_writer(frame) for name, frame in tables.items() if frame is not None
    }
    books = make_send_back(found.sent, found.old)
    for code, name in name_files(books).items():
        writers[f"{SEND_BACK}/{name}"] = _bytes_writer(books[code])
    return _write_all(writers, target, kept=_inputs_of(inputs))


def _write_all(
    writers: Mapping[str, Callable[[Path], None]], target: Path, *, kept: frozenset[Path]
) -> tuple[Path, ...]:
    try:
        target.mkdir(exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".writing-", dir=target) as beside:
            for number, write in enumerate(writers.values()):
                write(Path(beside) / str(number))
            written = []
            for number, name in enumerate(writers):
                path = target / name
                if path.resolve() in kept:
                    path = path.with_name(f"new-{path.name}")
                path.parent.mkdir(exist_ok=True)
                (Path(beside) / str(number)).replace(path)
                written.append(path)
            _set_earlier_aside(target / SEND_BACK, kept | {path.resolve() for path in written})
    except OSError as error:
        what = f"The files could not be written ({error.strerror or error})."
        mend = "Check that the folder is one, that you may write there, and that the disk has room."
        raise DataError([Problem(target.name, what=what, mend=mend)]) from error
    return tuple(written)


def _set_earlier_aside(folder: Path, kept: Collection[Path]) -> None:
    """Move the workbooks of an earlier check that this one did not write out of the way."""
    for path in sorted(folder.glob("*.xlsx")):
        if path.resolve() not in kept and path.is_file():
            (folder / EARLIER).mkdir(exist_ok=True)
            path.replace(folder / EARLIER / path.name)


def _inputs_of(inputs: Inputs) -> frozenset[Path]:
    folder = inputs.settings.folder
    return frozenset((folder / file.file).resolve() for file in inputs.files)


def _table_writer(frame: pd.DataFrame) -> Callable[[Path], None]:
    return lambda path: write_rows(path, frame)


def _bytes_writer(data: bytes) -> Callable[[Path], None]:
    def write(path: Path) -> None:
        path.write_bytes(data)

    return write


def write_rows(path: Path, frame: pd.DataFrame, *, guard: bool = True) -> None:
    """Write a table as CSV that Excel opens as it is.

    Args:
        path: of the file.
        frame: its columns are the headings.
        guard: whether text that a spreadsheet would run as a formula gets a leading ``'``. Without
            it the text is exactly as it was, for a program to read.

    """
    say = guard_formula if guard else _say_exactly
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file, lineterminator="\r\n")
        writer.writerow([say(name) for name in frame.columns])
        writer.writerows([_say_cell(c, say) for c in row] for row in frame.itertuples(index=False))


def _say_cell(cell: object, say: Callable[[object], str]) -> str:
    if isinstance(cell, float):
        return "" if pd.isna(cell) else f"{cell:.10g}"
    return str(cell) if isinstance(cell, int) else say(cell)


def _say_exactly(cell: object) -> str:
    return "" if cell is None else str(cell)


def replace_table(path: Path, frame: pd.DataFrame) -> None:
    """Replace a table of the exercise; the old one stays beside it as ``.bak``.

    Raises:
        DataError: it cannot be written; the old one is as it was.

    """
    beside = path.with_name(f".writing-{path.name}")
    try:
        write_rows(beside, frame, guard=False)
        path.with_name(f"{path.name}.bak").write_bytes(path.read_bytes())
        beside.replace(path)
    except OSError as error:
        beside.unlink(missing_ok=True)
        what = f"It could not be written ({error.strerror or error})."
        raise DataError([Problem(path.name, what=what, mend="Check its permissions.")]) from error


def fold_rows(rows: pd.DataFrame) -> pd.DataFrame:
    """Put rows of other places that follow one another into one line, from ``row`` to ``to_row``."""
    out: list[list[object]] = []
    columns = ("file", "table", "row", "id", "name", "fate", "reason")
    for file, table, row, code, name, fate, reason in zip(*(rows[c] for c in columns), strict=True):
        last = out[-1] if out else None
        if (
            last is not None
            and reason == OUTSIDE
            and (last[0], last[1], last[7]) == (file, table, reason)
            and last[3] == row - 1
        ):
            last[3:6] = [row, "", ""]
        else:
            out.append([file, table, row, row, code, name, fate, reason])
    return pd.DataFrame(out, columns=list(_HEADS_ROWS), dtype=object)


def list_same(inputs: Inputs) -> pd.DataFrame:
    """List what people decided, as they wrote it, and what is suspected and open, to be decided.

    The columns are those of the table of decisions, and what speaks for each pair: saved as the
    file that ``same`` in [services] names, it is read as it is.
    """
    suspects = inputs.suspects
    open_pairs = {
        frozenset((one, other)): n
        for n, (one, other) in enumerate(zip(suspects["service_id"], suspects["same_as"], strict=True))
    }  # fmt: skip
    names = dict(zip(inputs.services["service_id"], inputs.services["name"], strict=True))
    names |= dict(zip(inputs.left_out["service_id"], inputs.left_out["name"], strict=True))
    out: list[dict[str, object]] = []
    own = SAME_SERVICES.names(given_only=True)
    for record in inputs.decisions.to_dict("records"):
        pair = frozenset((record["service_id"], record["same_as"]))
        if not record["same"] and pair not in open_pairs:
            continue
        line = {name: record[name] for name in own}
        told = open_pairs.pop(pair, None) if not record["same"] else None
        why = "" if told is None else suspects["why"].iloc[told]
        line |= {"why": why, "name": names.get(record["service_id"], ""), "same_name": names.get(record["same_as"], "")}  # fmt: skip
        out.append(line)
    for n in open_pairs.values():
        row = suspects.iloc[n]
        line = dict.fromkeys(own, "")
        line |= {name: row[name] for name in suspects.columns}
        line |= {
            "name": names.get(row["service_id"], ""),
            "same_name": names.get(row["same_as"], ""),
        }
        out.append(line)
    frame = pd.DataFrame(out, columns=list(_HEADS_SAME), dtype=object)
    return frame.assign(
        decided_on=[day.isoformat() if hasattr(day, "isoformat") else "" for day in frame["decided_on"]]
    )  # fmt: skip


def _list_problems(problems: Iterable[Problem]) -> pd.DataFrame:
    rows = [(p.file, p.row, p.column or "", p.what, p.mend) for p in problems]
    heads = ["file", "row", "column", "what", "mend"]
    return pd.DataFrame(rows, columns=heads, dtype=object)


def name_files(codes: Iterable[str]) -> dict[str, str]:
    """Return a name of a workbook for each organisation: its code, in letters that any disk takes.

    >>> name_files(["O1", "../etc", "o1"])
    {'O1': 'O1.xlsx', '../etc': 'etc.xlsx', 'o1': 'o1-2.xlsx'}
    """
    names: dict[str, str] = {}
    used: set[str] = set()
    for code in codes:
        stem = _UNSAFE.sub("-", clean(code)).strip("-")[:_LONGEST] or "organisation"
        if _KEPT_NAMES.fullmatch(stem):
            stem = f"{stem}-"
        number, name = 1, stem
        while name.casefold() in used:
            number += 1
            name = f"{stem}-{number}"
        used.add(name.casefold())
        names[code] = f"{name}.xlsx"
    return names

"""Rows with problems that are left out, so that one bad cell does not hold up forty returns.

Only rows of returned workbooks and of feeds: what stands in the exercise's own tables can be mended
here and now. An organisation of which a row was left out has answered partly: what is missing of it
is unknown, not none.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import pandas as pd

from provision_map.errors import Problem
from provision_map.read.files.text import InputFolder
from provision_map.read.settings import ServicesSettings
from provision_map.read.workbooks.label import split_label

if TYPE_CHECKING:
    from provision_map.read.origin import ServiceTables

#: Begins why a row was left out that somebody is to mend.
WRONG = "It has a problem: "
PASSED_OVER = ("table", "file", "row", "id", "name", "reason")

#: The tables whose rows can be left out, and which column says what a row is.
ROWS_OF = {
    "organisations": "organisation_id",
    "services": "service_id",
    "sessions": "service_id",
    "quality": "service_id",
    "returns": "organisation_id",
    "practice": "practice_id",
    "participation": "service_id",
}


def empty_passed_over() -> pd.DataFrame:
    """Return the list of rows, other than services, that were left out, without rows."""
    return pd.DataFrame({name: pd.Series(dtype=object) for name in PASSED_OVER})


@dataclass(frozen=True)
class WrongRow:
    """A row that is left out.

    Attributes:
        why: what is wrong with it.
        organisations: whose return it makes incomplete; none: nobody knows.

    """

    why: str
    organisations: frozenset[str]


#: By file (or sheet) and row.
WrongRows = Mapping[tuple[str, int], WrongRow]


@dataclass
class Leaving(InputFolder):
    """A folder of which some rows are left out, because an earlier reading found them wrong."""

    wrong: WrongRows = field(default_factory=dict)


def find_wrong_rows(
    found: Mapping[str, pd.DataFrame],
    problems: Iterable[Problem],
    settings: ServicesSettings,
    *,
    left_out: pd.DataFrame,
) -> dict[tuple[str, int], WrongRow]:
    """Return the rows of workbooks and feeds that have problems.

    Args:
        found: the tables by name, with ``_file`` and ``_row``.
        problems: all of them.
        settings: which files are the exercise's own.
        left_out: records that their reader could not use, and told a problem of.

    """
    ours = {
        settings.organisations, settings.services, settings.sessions, settings.quality,
        settings.returns, settings.practice, settings.participation, settings.same,
        *(register.file for register in settings.registers),
        *(register.mapping for register in settings.registers),
        *(feed.mapping for feed in settings.feeds),
    }  # fmt: skip
    whose = _organisations_of(found)
    at: dict[tuple[str, int], set[str]] = {}
    by_file: dict[str, set[str]] = {}
    for name in ROWS_OF:
        frame = found[name]
        column = "organisation_id" if "organisation_id" in frame else "service_id"
        for file, row, code in zip(frame["_file"], frame["_row"], frame[column], strict=True):
            codes = {code} if column == "organisation_id" else whose.get(code, set())
            at.setdefault((str(file), int(row)), set()).update(codes - {""})
            by_file.setdefault(split_label(str(file))[0], set()).update(codes - {""})
    for file, row in zip(left_out["file"], left_out["row"], strict=True):
        at.setdefault((str(file), int(row)), set())
        by_file.setdefault(split_label(str(file))[0], set())
    wrong: dict[tuple[str, int], WrongRow] = {}
    for problem in problems:
        place = (problem.file, problem.row or 0)
        if place in at and problem.file not in ours and place not in wrong:
            known = {code for code in at[place] if code in whose.get("", set())}
            guilty = known or by_file[split_label(problem.file)[0]] & whose.get("", set())
            where = f"{problem.column}: " if problem.column else ""
            wrong[place] = WrongRow(f"{where}{problem.what}", frozenset(guilty))
    return wrong


def _organisations_of(found: Mapping[str, pd.DataFrame]) -> dict[str, set[str]]:
    """Return the organisation of each service; under "" all organisations there are."""
    services = found["services"]
    whose: dict[str, set[str]] = {"": set(found["organisations"]["organisation_id"]) - {""}}
    for code, organisation in zip(services["service_id"], services["organisation_id"], strict=True):
        if code:
            whose.setdefault(str(code), set()).add(str(organisation))
    return whose


def leave_out_wrong(found: ServiceTables, wrong: WrongRows) -> tuple[ServiceTables, pd.DataFrame]:
    """Return the tables without rows that have problems, as :func:`leave_out_rows` does."""
    return leave_out_rows(found, {place: f"{WRONG}{row.why}" for place, row in wrong.items()})


def leave_out_rows(
    found: ServiceTables, reasons: Mapping[tuple[str, int], str]
) -> tuple[ServiceTables, pd.DataFrame]:
    """Return the tables without these rows; services go into ``left_out``, others beside it.

    What belongs to a service that is left out goes with it.

    Args:
        found: the tables.
        reasons: why a row is left out, by file (or sheet) and row.

    Returns:
        The tables, and :data:`PASSED_OVER` of the rows that are no services.

    """
    passed = [empty_passed_over()]
    lost: set[str] = set()
    records = list(zip(found.services["_file"], found.services["_row"], strict=True))
    # Services first: what belongs to them follows.
    for name in sorted(ROWS_OF, key=lambda table: table != "services"):
        frame = getattr(found, name)
        whys = [_why(*cells, reasons, lost if ROWS_OF[name] == "service_id" else set())
                   for cells in zip(frame["_file"], frame["_row"], frame[ROWS_OF[name]], strict=True)]  # fmt: skip
        kept = pd.Series([not why for why in whys], index=frame.index, dtype=bool)
        if name == "organisations":
            # In a feed it stands in the first record that names it, and others need it still.
            shared = pd.Series(
                list(zip(frame["_file"], frame["_row"], strict=True)), index=frame.index
            ).isin(records)
            kept |= shared & frame["organisation_id"].isin(list(found.services["organisation_id"]))
            whys = ["" if keep else why for why, keep in zip(whys, kept, strict=True)]
        if kept.all():
            continue
        gone = frame[~kept].assign(_why=[why for why in whys if why])
        listed = _list_rows(gone, name)
        changed: dict[str, Any] = {name: frame[kept].reset_index(drop=True)}
        if name == "services":
            lost = set(gone["service_id"]) - set(frame["service_id"][kept])
            named = listed.rename(columns={"id": "service_id"}).drop(columns="table")
            changed["left_out"] = _join([found.left_out, named])
        else:
            passed.append(listed)
        found = replace(found, **changed)
    return found, _join(passed)


def _why(
    file: str, row: int, code: str, reasons: Mapping[tuple[str, int], str], lost: set[str]
) -> str:
    """Say why a row is left out; "" if it is not."""
    told = reasons.get((str(file), int(row)), "")
    return told or (f"{code} was left out." if code in lost else "")


def _list_rows(gone: pd.DataFrame, table: str) -> pd.DataFrame:
    names = next((gone[name] for name in ("name", "title") if name in gone), None)
    return pd.DataFrame(
        {
            "table": table,
            "file": gone["_file"],
            "row": gone["_row"],
            "id": gone[ROWS_OF[table]],
            "name": "" if names is None else names,
            "reason": gone["_why"],
        },
        dtype=object,
    )


def _join(frames: list[pd.DataFrame]) -> pd.DataFrame:
    filled = [frame for frame in frames if not frame.empty]
    return pd.concat(filled, ignore_index=True) if filled else frames[0]

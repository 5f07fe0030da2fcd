"""What people decided of suspected duplicates: two records are merged only by a person's yes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any

import numpy as np
import pandas as pd

from provision_map import tables
from provision_map.read.files.text import InputFolder
from provision_map.read.files.typed import empty_declared, type_declared
from provision_map.read.findings import Findings, list_some
from provision_map.read.origin import ServiceTables
from provision_map.read.returned.copies import join_told_again, set_copies_aside
from provision_map.read.returned.left_out import Leaving, empty_passed_over, leave_out_wrong
from provision_map.read.returned.persons import note_persons

#: What the file of suspects says beside the columns to be filled in: it may stay there.
TOLD = ("why", "name", "same_name", "file", "row", "same_file", "same_row")

#: A mark that a table for people puts before text which would run as a formula.
GUARD = "'"

#: Where a service is, which is taken whole or not at all.
_POINT = ("easting", "northing", "longitude", "latitude", "location_accuracy")
_WHERE = ("place_id", "postcode", "service_area", *_POINT)
_AGES = ("minimum_age", "maximum_age")
_FOLLOW = ("sessions", "quality", "participation")


def _no_decisions() -> pd.DataFrame:
    return empty_declared(tables.SAME_SERVICES)


@dataclass(frozen=True)
class MergedTables(ServiceTables):
    """The tables after people's decisions.

    Attributes:
        passed_over: table, file, row, id, name, reason of rows other than services that were left
            out with them: sessions that both records gave, rows that are left out as wrong.
        decisions: ``tables.SAME_SERVICES`` as read.
        merged: the code of the record that is kept, by that of the one that is not.

    """

    passed_over: pd.DataFrame = field(default_factory=empty_passed_over)
    decisions: pd.DataFrame = field(default_factory=_no_decisions)
    merged: Mapping[str, str] = field(default_factory=dict)


def merge_same(found: ServiceTables, folder: InputFolder, name: str | None) -> MergedTables:
    """Return the tables with the records merged that people said are the same.

    The record ``same_as`` stays, and its blank cells are filled from the other. Sessions, evidence
    of quality and participation of the other become its own, those that both give once. A code that
    is no longer there is a note, for it is a decision of an earlier year; a chain leads to its
    last record; a circle, two records to be kept, and a yes against a no are Problems, and nothing
    of that group is merged.

    What came in more than once goes first (:mod:`provision_map.read.returned.copies`), and rows that
    ``folder`` leaves out (:class:`~provision_map.read.returned.left_out.Leaving`).
    """
    note_persons(found, folder.findings)
    found, again = join_told_again(found, folder.findings)
    found, copied = set_copies_aside(found, folder.findings)
    passed = [empty_passed_over(), again, copied]
    if isinstance(folder, Leaving) and folder.wrong:
        found, wrong = leave_out_wrong(found, folder.wrong)
        passed.append(wrong)
    passed_over = _join(passed)
    decisions = read_decisions(folder, name, known=found.services["service_id"])
    merged = decide_merges(decisions, list(found.services["service_id"]), folder.findings)
    said = {
        code: _say_decision(decisions, code, kept)
        for code, kept in merged.items()
    }  # fmt: skip
    given = {part.name: getattr(found, part.name) for part in fields(ServiceTables)}
    out = MergedTables(**given, passed_over=passed_over, decisions=decisions, merged=merged)
    return _merge(out, said) if merged else out


def read_decisions(folder: InputFolder, name: str | None, known: Iterable[str]) -> pd.DataFrame:
    """Read the table of decisions, also one that still has what was told of each pair."""
    raw = None if name is None else folder.read_table(name)
    if name is None or raw is None:
        return empty_declared(tables.SAME_SERVICES)
    raw = raw.drop(columns=[column for column in TOLD if column in raw])
    codes = frozenset(known)
    for column in ("service_id", "same_as"):
        if column in raw:
            raw[column] = [_strip_guard(text, codes) for text in raw[column]]
    rows = folder.heading_row(name)
    return type_declared(
        raw, tables.SAME_SERVICES, file=name, findings=folder.findings, heading_row=rows
    )


def _strip_guard(text: str, known: frozenset[str]) -> str:
    """Take off the mark that keeps a code from running as a formula."""
    bare = text.strip().removeprefix(GUARD)
    return bare if text.strip() not in known and bare in known else text


def decide_merges(
    decisions: pd.DataFrame, codes: Iterable[str], findings: Findings
) -> dict[str, str]:
    """Return, for each code that is merged, the code of the record that stays.

    Args:
        decisions: ``tables.SAME_SERVICES`` with ``_file`` and ``_row``.
        codes: of the services there are.
        findings: what cannot be done, and what no longer matters.

    """
    there = set(codes)
    onto: dict[str, list[str]] = {}
    at: dict[tuple[str, str], tuple[str, int]] = {}
    for one, other, same, file, row in _rows(decisions):
        at.setdefault((one, other), (file, row))
        if same == "yes" and one and one == other:
            what = f"{one} is said to be the same as itself."
            findings.problem(file, what, "Name the other record.", row=row, column="same_as")
        elif same == "yes" and one and other:
            onto.setdefault(one, []).append(other)
    _note_gone(decisions, there, findings)
    last: dict[str, str] = {}
    refused: set[str] = set()
    for group in _groups(onto):
        ends = sorted({other for one in group for other in onto.get(one, ())} - set(onto))
        twice = sorted(one for one in group if len(set(onto.get(one, ()))) > 1)
        if len(ends) != 1:
            _refuse(group, ends, onto, at, findings)
            refused |= group
        elif twice and _has_circle(group, onto):
            _refuse(group, [], onto, at, findings)
            refused |= group
        elif ends[0] in there:
            last |= dict.fromkeys(group - {ends[0]}, ends[0])
        else:
            last |= _follow_chains(group, onto, there)
    last = {one: kept for one, kept in last.items() if one in there and one != kept}
    return _without_contradictions(last, decisions, findings)


def _rows(decisions: pd.DataFrame) -> Iterable[tuple[str, str, str, str, int]]:
    columns = (decisions[c] for c in ("service_id", "same_as", "same", "_file", "_row"))
    for one, other, same, file, row in zip(*columns, strict=True):
        yield str(one), str(other), str(same), str(file), int(row)


def _note_gone(decisions: pd.DataFrame, there: set[str], findings: Findings) -> None:
    """Note once a file which codes of decisions are no longer there."""
    gone: dict[str, dict[str, None]] = {}
    for one, other, same, file, _ in _rows(decisions):
        if same:
            gone.setdefault(file, {}).update(
                dict.fromkeys(c for c in (one, other) if c not in there)
            )
    for file, codes in gone.items():
        if codes:
            are = "is" if len(codes) == 1 else "are"
            what = f"{list_some(codes)} {are} not among the services any more: what was decided of {'it' if len(codes) == 1 else 'them'} changes nothing."
            findings.note(file, what, column="service_id")


def _groups(onto: Mapping[str, list[str]]) -> list[set[str]]:
    """Return the sets of codes that are linked by a yes, in the order of the file."""
    import networkx as nx  # noqa: PLC0415 - only where something was decided

    graph = nx.Graph()
    graph.add_edges_from((one, other) for one, others in onto.items() for other in others)
    return [set(group) for group in nx.connected_components(graph)]


def _follow_chains(
    group: set[str], onto: Mapping[str, list[str]], there: set[str]
) -> dict[str, str]:
    """Return the last record that there still is on the chain of each, where the end is gone."""
    found = {}
    for one in group:
        kept = at = one
        while len(set(onto.get(at, ()))) == 1:
            at = onto[at][0]
            kept = at if at in there else kept
        found[one] = kept
    return found


def _has_circle(group: set[str], onto: Mapping[str, list[str]]) -> bool:
    import networkx as nx  # noqa: PLC0415

    links = [(one, other) for one in group for other in onto.get(one, ())]
    return not nx.is_directed_acyclic_graph(nx.DiGraph(links))


def _refuse(
    group: set[str],
    ends: list[str],
    onto: Mapping[str, list[str]],
    at: Mapping[tuple[str, str], tuple[str, int]],
    findings: Findings,
) -> None:
    """Say that it is not clear which record of a group stays."""
    where = [at[one, other] for one in sorted(group) for other in onto.get(one, ())]
    file, row = max(where, key=lambda place: place[1])
    named = list_some(sorted(group), 8)
    if ends:
        what = f"{named} are said to be one service, and more than one is to be kept: {' and '.join(ends)}."
        mend = f"Say which of the two is dropped: a row {ends[1]}, {ends[0]}, yes."
    else:
        what = f"{named} are each to be dropped for the other: none is left to be kept."
        mend = "Take out the row whose same_as is to be dropped."
    findings.problem(file, what, mend, row=row, column="same_as")


def _without_contradictions(
    last: Mapping[str, str], decisions: pd.DataFrame, findings: Findings
) -> dict[str, str]:
    """Leave out groups of which another row says that they are not one."""
    wrong: set[str] = set()
    for one, other, same, file, row in _rows(decisions):
        kept = last.get(one, one)
        if same == "no" and one != other and kept == last.get(other, other):
            what = f"{one} and {other} are said not to be the same; by other rows both are {kept}."
            findings.problem(file, what, "Correct one of the rows.", row=row, column="same")
            wrong.add(kept)
    return {one: kept for one, kept in last.items() if kept not in wrong}


def _say_decision(decisions: pd.DataFrame, code: str, kept: str) -> str:
    """Say of a record that is dropped which is kept, and when and by whom that was decided."""
    rows = decisions[(decisions["service_id"] == code) & (decisions["same"] == "yes")]
    said = f"The same service as {kept}"
    if rows.empty:
        return said
    row = rows.iloc[0]
    if isinstance(row["decided_on"], dt.date):
        said += f", decided on {row['decided_on'].isoformat()}"
    return said + (f" by {row['role']}" if row["role"] else "")


def _merge(found: MergedTables, said: Mapping[str, str]) -> MergedTables:
    """Merge the records, and let what belongs to them follow."""
    services = found.services
    merged = found.merged
    rows_of: dict[str, list[int]] = {}
    for n, code in enumerate(services["service_id"]):
        rows_of.setdefault(str(code), []).append(n)
    columns = {str(name): list(services[name]) for name in services.columns}
    took: dict[str, list[str]] = {}
    # Records nearer to the front of all tables are asked first, whatever the order of decisions.
    for code in sorted(merged, key=lambda one: rows_of[one][0]):
        took[code] = _fill_blanks(columns, rows_of[merged[code]][0], rows_of[code][0])
    filled = pd.DataFrame(
        {name: pd.Series(values, dtype=services[name].dtype) for name, values in columns.items()}
    )
    gone = filled["service_id"].isin(list(merged))
    new = pd.DataFrame(
        [
            (row.file, row.row, row.code, row.name, _say_all(row.code, merged, said, took))
            for row in _dropped(services[gone.to_numpy()])
        ],
        columns=["file", "row", "service_id", "name", "reason"],
        dtype=object,
    )
    left_out = new if found.left_out.empty else pd.concat([found.left_out, new], ignore_index=True)
    out = replace(
        found, services=filled[~gone].reset_index(drop=True), left_out=left_out
    )  # fmt: skip
    for table in _FOLLOW:
        frame, twice = _follow(getattr(out, table), merged)
        passed = _name_twice(twice, table, merged)
        changed: dict[str, Any] = {table: frame, "passed_over": _join([out.passed_over, passed])}
        out = replace(out, **changed)
    return out


@dataclass(frozen=True)
class _Dropped:
    file: str
    row: int
    code: str
    name: str


def _dropped(services: pd.DataFrame) -> list[_Dropped]:
    columns = (services[c] for c in ("_file", "_row", "service_id", "name"))
    return [_Dropped(str(f), int(r), str(c), str(n)) for f, r, c, n in zip(*columns, strict=True)]


def _say_all(
    code: str, merged: Mapping[str, str], said: Mapping[str, str], took: Mapping[str, list[str]]
) -> str:
    filled = took.get(code, [])
    words = f"; {merged[code]} takes from it: {', '.join(filled)}" if filled else ""
    return f"{said[code]}{words}."


def _fill_blanks(columns: dict[str, list[Any]], kept: int, dropped: int) -> list[str]:
    """Fill the blank cells of one row from another; return the names of the columns filled."""

    def blank(name: str, row: int) -> bool:
        if f"{name}_said" in columns:
            return columns[f"{name}_said"][row] in ("blank", "tbd")
        value = columns[name][row]
        return value is None or (isinstance(value, str | tuple) and value in ("", "unknown", ()))

    def take(names: Iterable[str]) -> list[str]:
        taken = [name for name in names if not blank(name, dropped)]
        for name in taken:
            for column in (name, f"{name}_said"):
                if column in columns:
                    columns[column][kept] = columns[column][dropped]
        return taken

    own = [c.name for c in tables.SERVICES.columns if c.name in columns]
    plain = [
        name for name in own
        if name != "service_id" and name not in _WHERE and name not in _AGES and blank(name, kept)
    ]  # fmt: skip
    filled = take(plain)
    ages = [name for name in _AGES if name in columns and blank(name, kept)]
    if not _would_cross(columns, kept, dropped, ages):
        filled += take(ages)
    located = [name for name in _WHERE if name in columns and not blank(name, kept)]
    # Where it says anything of where it is, pieces of another place would only mislead.
    if not located:
        filled += take(name for name in _WHERE if name in columns)
    elif not set(located) & {*_POINT[:4], "service_area"}:
        filled += take(name for name in _POINT if name in columns)
        filled += take(["postcode"] if "postcode" not in located else [])
    return filled


def _would_cross(
    columns: Mapping[str, list[Any]], kept: int, dropped: int, ages: list[str]
) -> bool:
    """Whether ages filled in would put the youngest above the oldest."""
    low, high = (columns[name][dropped if name in ages else kept] for name in _AGES)
    return bool(np.isfinite([low, high]).all() and low > high)


def _follow(frame: pd.DataFrame, merged: Mapping[str, str]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Give the rows of dropped records to those kept; return also the rows that both gave."""
    if frame.empty:
        return frame, frame
    moved = frame.assign(
        service_id=[merged.get(code, code) for code in frame["service_id"]]
    ).astype({"service_id": object})
    changed = frame["service_id"].isin(list(merged)).to_numpy()
    if not changed.any():
        return frame, frame.iloc[0:0]
    compared = [name for name in moved.columns if name not in ("_row", "_file")]
    keys = moved[compared].map(repr).agg("\x1f".join, axis=1)
    # The rows of the record that is kept stand first; a record may say the same twice by itself.
    first = dict(zip(keys[~changed], moved.index[~changed], strict=True))
    twice = []
    for index, key, follows in zip(moved.index, keys, changed, strict=True):
        if follows and first.setdefault(key, index) != index:
            twice.append(index)
    return moved.drop(index=twice).reset_index(drop=True), frame.loc[twice]


def _name_twice(rows: pd.DataFrame, table: str, merged: Mapping[str, str]) -> pd.DataFrame:
    columns = (rows[c] for c in ("_file", "_row", "service_id"))
    return pd.DataFrame(
        [
            (
                table,
                file,
                int(row),
                code,
                "",
                f"{merged[code]}, the same service, has the same row.",
            )
            for file, row, code in zip(*columns, strict=True)
        ],
        columns=list(empty_passed_over().columns),
        dtype=object,
    )


def _join(frames: list[pd.DataFrame]) -> pd.DataFrame:
    filled = [frame for frame in frames if not frame.empty]
    return pd.concat(filled, ignore_index=True) if filled else empty_passed_over()

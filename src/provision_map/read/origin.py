"""Where tables of services come from: the exercise's own tables, registers, workbooks, feeds.

Each origin gives the same declared tables. They are joined once, and checked alike.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import pandas as pd

from provision_map import tables
from provision_map.errors import Problem
from provision_map.read.files.typed import empty_declared
from provision_map.schema import Table

_LEFT_OUT = ("file", "row", "service_id", "name", "reason")

#: Columns of the pairs of services that may be one and the same.
SUSPECTS = ("service_id", "same_as", "file", "row", "same_file", "same_row", "why")


def _stays(problem: Problem) -> Problem:
    return problem


def empty_left_out() -> pd.DataFrame:
    """Return the list of what was left out, without rows."""
    return pd.DataFrame({name: pd.Series(dtype=object) for name in _LEFT_OUT})


@dataclass(frozen=True)
class Origin:
    """Tables of services as one file, or one set of files, gives them.

    Attributes:
        files: the names by which problems and ``_file`` say where a row stands.
        frames: typed tables with ``_row`` and ``_file``, by name of the table; those that it does
            not give are not in it.
        left_out: file, row, service_id, name, reason of each record that was not used.
        whole: whether all its codes of services are known; if not, what refers to a service is not
            to be blamed.
        named: whether all its codes of organisations are known.
        lost: what stands in rows that could not be used: it may be the very code that is referred to.
        relocate: moves a problem of one of our columns to where a person can mend it.

    """

    files: frozenset[str]
    frames: Mapping[str, pd.DataFrame]
    left_out: pd.DataFrame = field(default_factory=empty_left_out)
    whole: bool = True
    named: bool = True
    lost: frozenset[str] = frozenset()
    relocate: Callable[[Problem], Problem] = _stays


@dataclass(frozen=True)
class ServiceTables:
    """Typed tables with ``_row`` and ``_file``; ``left_out`` says which rows were not used.

    ``suspects`` are pairs of services that may be one and the same, for people to decide.
    ``told_again`` are the organisations of an origin that an earlier one gives already.
    ``codes`` are those of services; None where a fault, told already, leaves them open.
    """

    organisations: pd.DataFrame
    services: pd.DataFrame
    sessions: pd.DataFrame
    quality: pd.DataFrame
    returns: pd.DataFrame
    practice: pd.DataFrame
    participation: pd.DataFrame
    term_dates: pd.DataFrame
    left_out: pd.DataFrame
    suspects: pd.DataFrame
    told_again: pd.DataFrame = field(default_factory=lambda: empty_declared(tables.ORGANISATIONS))
    codes: frozenset[str] | None = None


def join_origins(origins: Sequence[Origin], *, term_dates: pd.DataFrame) -> ServiceTables:
    """Join what all origins give; nothing is checked yet."""
    organisations, told_again = _join_organisations(origins)
    return ServiceTables(
        organisations=organisations,
        services=_join(origins, tables.SERVICES),
        sessions=_join(origins, tables.SESSIONS),
        quality=_join(origins, tables.QUALITY),
        returns=_join(origins, tables.RETURNS),
        practice=_join(origins, tables.PRACTICE),
        participation=_join(origins, tables.PARTICIPATION),
        term_dates=term_dates,
        left_out=_join_left_out(origins),
        suspects=pd.DataFrame({name: pd.Series(dtype=object) for name in SUSPECTS}),
        told_again=told_again,
    )


def _join(origins: Iterable[Origin], table: Table) -> pd.DataFrame:
    """Return the rows that all origins give of a table, in their order."""
    frames = [origin.frames[table.name] for origin in origins if table.name in origin.frames]
    filled = [frame for frame in frames if not frame.empty]
    return pd.concat(filled, ignore_index=True) if filled else empty_declared(table)


def _join_organisations(origins: Iterable[Origin]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the organisations of all origins, and the rows of those that an earlier one gives."""
    joined = again = empty_declared(tables.ORGANISATIONS)
    for origin in origins:
        given = origin.frames.get(tables.ORGANISATIONS.name)
        if given is None or given.empty:
            continue
        known = given["organisation_id"].isin(list(joined["organisation_id"]))
        new, told = given[~known], given[known]
        joined = given if joined.empty else pd.concat([joined, new], ignore_index=True)
        if not told.empty:
            again = told if again.empty else pd.concat([again, told], ignore_index=True)
    return joined, again


def _join_left_out(origins: Iterable[Origin]) -> pd.DataFrame:
    """Return what all origins left out."""
    filled = [origin.left_out for origin in origins if not origin.left_out.empty]
    return pd.concat(filled, ignore_index=True) if filled else empty_left_out()

"""The matrix of travel times of an exercise: held against its own homes and services."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from provision_map.read.files.bulk import TextColumn
from provision_map.read.files.text import InputFolder
from provision_map.read.findings import Findings, count_of, list_some
from provision_map.read.travel.travel_times import Matrix, read_matrix
from provision_map.schema import Spelling, quote

Bools = npt.NDArray[np.bool_]

_MOST_ASKED = 20


@dataclass(frozen=True)
class Ends:
    """What a matrix of an exercise may speak of.

    Attributes:
        homes: by code of a point, the place it is of; a place is a point of its own.
        services: codes of all services; None: a fault, told already, leaves that open.
        needed: codes of those that people go to; one that only comes to them needs no way.
        neighbours: codes of neighbouring places, whose children compete.
        accuracy: by code of a service, metres walked that its position leaves open.

    """

    homes: dict[str, str]
    services: frozenset[str] | None
    needed: tuple[str, ...]
    neighbours: frozenset[str]
    accuracy: dict[str, float]


def read_exercise_times(
    folder: InputFolder, name: str, ends: Ends, *, searched_to: float | None, mode: str
) -> pd.DataFrame | None:
    """Read the matrix of an exercise, for its own homes and services; None where that cannot be.

    Rows of others are passed over and counted: a matrix may be of a larger area. Of what is ours
    and stands in rows with others only, one such row is kept: it was searched, and without it
    nobody would know. What the matrix does not speak of at all was not searched, and is named.
    """
    matrix = read_matrix(folder, name, searched_to=searched_to, mode=mode)
    if matrix is None:
        return None
    findings = folder.findings
    known = {*ends.homes, *ends.neighbours}
    ours = _match(matrix, "from_id", known or None, name, findings)
    sited = _match(matrix, "to_id", ends.services, name, findings)
    if ours is None or sited is None:
        return None
    if not (ours & sited).any():
        what = "No row goes from a home of this exercise to one of its services."
        findings.problem(name, what, "Name another file.")
        return None
    _note_unsearched(matrix, ends, name, findings)
    kept = matrix.take(ours & sited | _evidence(matrix.from_ids, ours, sited) | _evidence(matrix.to_ids, sited, ours))  # fmt: skip
    if not kept.accuracy.any():
        open_metres = np.array([ends.accuracy.get(code, 0.0) for code in kept.to_ids.texts])
        kept = replace(kept, accuracy=open_metres[kept.to_ids.codes])
    return kept.to_frame()


def _evidence(ids: TextColumn, ours: Bools, partners: Bools) -> Bools:
    """Choose the first row of each of our ids that stands in no row with a partner of ours."""
    paired = np.zeros(len(ids.texts), dtype=bool)
    paired[ids.codes[ours & partners]] = True
    alone = np.flatnonzero(ours & ~paired[ids.codes])
    _, first = np.unique(ids.codes[alone], return_index=True)
    chosen = np.zeros(len(ids.codes), dtype=bool)
    chosen[alone[first]] = True
    return chosen


def _match(
    matrix: Matrix, side: str, known: Collection[str] | None, file: str, findings: Findings
) -> Bools | None:
    """Say of each row whether this end of it is known; None and a Problem where none is."""
    column = matrix.from_ids if side == "from_id" else matrix.to_ids
    if known is None:
        return np.ones(len(column.codes), dtype=bool)
    found = column.where(lambda text: text in known)
    what_it_is = "place or home" if side == "from_id" else "service"
    given = matrix.ids(side)
    others = [code for code in given if code not in known]
    if not others:
        return found
    spelling = Spelling(sorted(known))
    ask = next((ask for ask in map(spelling.ask, others[:_MOST_ASKED]) if ask), "")
    if not found.any():
        what = f"None of its {side} is a {what_it_is} of this exercise; the first is {quote(others[0])}."
        mend = f"{ask} Use the codes of this exercise, as {quote(min(known))}." if known else ask
        findings.problem(file, what, mend.strip() or "Correct the codes.", column=side)
        return None
    rows = count_of(int((~found).sum()), "row was", "rows were")
    are = "is" if len(others) == 1 else "are"
    what = (
        f"{rows} passed over: {len(others):,} of {len(given):,} different codes {are} no {what_it_is} of "
        f"this exercise ({list_some(quote(code) for code in others)})."
    )
    findings.note(file, what, ask, column=side)
    return found


def _note_unsearched(matrix: Matrix, ends: Ends, file: str, findings: Findings) -> None:
    """Name the places, homes and services that the matrix does not speak of."""
    said = set(matrix.ids("from_id"))
    searched = {place for code, place in ends.homes.items() if code in said}
    places = dict.fromkeys(ends.homes.values())
    missing = [place for place in places if place not in searched]
    if missing:
        what = f"Places that were not searched from ({len(missing):,}): {list_some(missing)}. What they reach is unknown."
        findings.note(file, what, "Add them to the matrix.", column="from_id")
    # Of a place none of whose points stands there, its own code is where its people live.
    by_point = {place for code, place in ends.homes.items() if code in said and code != place}
    points = [
        code
        for code, place in ends.homes.items()
        if code not in said and place in by_point and code != place
    ]
    if points:
        what = f"Homes that were not searched from ({len(points):,}): {list_some(points)}. What they reach is unknown."
        findings.note(file, what, "Add them to the matrix.", column="from_id")
    reached = set(matrix.ids("to_id"))
    sites = [code for code in ends.needed if code not in reached]
    if sites:
        what = f"Services that were not searched for ({len(sites):,}): {list_some(sites)}. Who reaches them is unknown."
        findings.note(file, what, "Add them to the matrix.", column="to_id")
    if ends.neighbours and not ends.neighbours & said:
        what = "No neighbouring place was searched from: their children do not compete in it."
        findings.note(file, what, column="from_id")


def bound_of(raw: object) -> float | None:
    """Return the bound of the search that the settings themselves give; None: the file's own.

    The default of the settings is no answer: how far a file was searched is the file's to say.

    >>> bound_of({"reach": {"searched_to": 60}}), bound_of({"reach": {}})
    (60.0, None)
    """
    reach = raw.get("reach") if isinstance(raw, dict) else None
    said = reach.get("searched_to") if isinstance(reach, dict) else None
    return float(said) if isinstance(said, int | float) else None

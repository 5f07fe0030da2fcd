"""What reading finds on its way: problems, notes, and the files it opened."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from provision_map.errors import DataError, Problem
from provision_map.schema.wording import count_of, list_some

__all__ = ["Findings", "count_of", "list_some"]

#: Of notes that say the same of many cells of one column, this many are shown in full.
_SHOWN_OF_A_COLUMN = 3

#: Of problems of one column, so many that say the very same are listed, and so many of one kind.
_LISTED_ALIKE = 5
_LISTED_OF_A_KIND = 20

_QUOTED = re.compile(r"'[^']*'|\"[^\"]*\"")
_COMPARED = 300


@dataclass(frozen=True)
class InputFile:
    """An input file as it was read. ``file`` is its name as the settings say it."""

    file: str
    sha256: str
    bytes: int
    source: str = ""
    licence: str = ""
    date: str = ""


@dataclass
class Findings:
    """Collects over all files, so that a person hears everything at once."""

    problems: list[Problem] = field(default_factory=list)
    notes: list[Problem] = field(default_factory=list)

    def problem(
        self, file: str, what: str, mend: str = "", *, row: int | None = None, column: str = ""
    ) -> None:
        """Add something that must be mended before anything can be computed."""
        self.problems.append(Problem(file, row, column or None, what, mend))

    def note(
        self, file: str, what: str, mend: str = "", *, row: int | None = None, column: str = ""
    ) -> None:
        """Add something that was read, or taken, in a way that people should know of."""
        self.notes.append(Problem(file, row, column or None, what, mend))

    def sorted_problems(self) -> tuple[Problem, ...]:
        """Return each problem once, by file, row and column; many alike are counted in one."""
        of_a_kind: dict[tuple[str, str | None, str], list[Problem]] = {}
        for problem in DataError(self.problems).problems:
            key = (problem.file, problem.column, _kind(problem.what))
            of_a_kind.setdefault(key, []).append(problem)
        listed: list[Problem] = []
        for problems in of_a_kind.values():
            listed.extend(_list_some(problems))
        return DataError(listed).problems

    def sorted_notes(self) -> tuple[Problem, ...]:
        """Return each note once; many alike in one column are cut short, and counted."""
        shown: list[Problem] = []
        alike: dict[tuple[str, str, str], list[Problem]] = {}
        for note in DataError(self.notes).problems:
            if note.row is None or not note.column:
                shown.append(note)
            else:
                key = (note.file, note.column, _kind(note.what))
                alike.setdefault(key, []).append(note)
        for (file, column, _), notes in alike.items():
            shown.extend(notes[:_SHOWN_OF_A_COLUMN])
            more = len(notes) - _SHOWN_OF_A_COLUMN
            if more > 0:
                shown.append(Problem(file, None, column, f"{more} more cells likewise."))
        return DataError(shown).problems


def _kind(what: str) -> str:
    """Return what a sentence says, without the cells, codes and numbers that it says it of.

    >>> _kind("'E01' is no place.") == _kind("'E02' is no place."), _kind("12 is above 9.")
    (True, '# is above #')
    """
    words = _QUOTED.sub("#", what[:_COMPARED]).split()
    return " ".join("#" if any(ch.isdigit() for ch in word) else word for word in words)


def _list_some(problems: list[Problem]) -> Iterable[Problem]:
    """Yield the first problems of one kind, and how many more rows have it."""
    shown: Counter[str] = Counter()
    same: dict[str, list[Problem]] = {}
    others: list[Problem] = []
    for problem in problems:
        what = problem.what
        if shown[what] < _LISTED_ALIKE and shown.total() < _LISTED_OF_A_KIND:
            shown[what] += 1
            yield problem
        elif shown[what]:
            same.setdefault(what, []).append(problem)
        else:
            others.append(problem)
    for what, hidden in same.items():
        yield _count(hidden, what, same="this problem")
    if others:
        yield _count(others, f"the first is: {others[0].what}", same="a problem of this kind")


def _count(hidden: list[Problem], what: str, *, same: str) -> Problem:
    if len(hidden) == 1:
        return hidden[0]
    first = hidden[0]
    rows = "more rows with" if first.row is not None else "more with"
    where = " in the column" if first.column and first.row is not None else ""
    return Problem(
        first.file,
        first.row,
        first.column,
        f"…and {len(hidden)} {rows} {same}{where}: {what}",
        first.mend,
    )

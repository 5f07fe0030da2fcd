"""What reading finds on its way: problems, notes, and the files it opened."""

from __future__ import annotations

from dataclasses import dataclass, field

from provision_map.errors import DataError, Problem

#: Of notes that say the same of many cells of one column, this many are shown in full.
_SHOWN_OF_A_COLUMN = 3


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

    def note(self, file: str, what: str, *, row: int | None = None, column: str = "") -> None:
        """Add something that was read, or taken, in a way that people should know of."""
        self.notes.append(Problem(file, row, column or None, what))

    def sorted_problems(self) -> tuple[Problem, ...]:
        """Return each problem once, by file, row and column."""
        return DataError(self.problems).problems

    def sorted_notes(self) -> tuple[Problem, ...]:
        """Return each note once; many alike in one column are cut short, and counted."""
        shown: list[Problem] = []
        alike: dict[tuple[str, str], list[Problem]] = {}
        for note in DataError(self.notes).problems:
            if note.row is None or not note.column:
                shown.append(note)
            else:
                alike.setdefault((note.file, note.column), []).append(note)
        for (file, column), notes in alike.items():
            shown.extend(notes[:_SHOWN_OF_A_COLUMN])
            more = len(notes) - _SHOWN_OF_A_COLUMN
            if more > 0:
                shown.append(Problem(file, None, column, f"{more} more cells likewise."))
        return DataError(shown).problems

"""What can go wrong for a user, each with its exit code and a sentence that says the mend.

Exit codes of the command line: 0 fine (findings included), 1 our fault, 2 usage, 3 data.
"""

from __future__ import annotations

from dataclasses import dataclass

EXIT_OUR_FAULT = 1
EXIT_USAGE = 2
EXIT_DATA = 3


@dataclass(frozen=True, order=True)
class Problem:
    """One thing that is wrong (or was noticed) in the inputs, with where it stands.

    ``row`` is the line of the file as a spreadsheet numbers it: the heading is row 1.

    >>> str(Problem("services.csv", 7, "age_min", "19 is above age_max 13.", "Swap the two."))
    'services.csv, row 7, column age_min: 19 is above age_max 13. Swap the two.'
    """

    file: str
    row: int | None = None
    column: str | None = None
    what: str = ""
    mend: str = ""

    def __str__(self) -> str:
        """Say where, what and how to mend it, in one line."""
        where = self.file
        if self.row is not None:
            where += f", row {self.row}"
        if self.column:
            part = "key" if self.file.endswith(".toml") else "column"
            where += f", {part} {self.column}"
        return f"{where}: {self.what} {self.mend}".strip()


class ProvisionMapError(Exception):
    """Base of every error that this library raises on purpose."""

    exit_code = EXIT_OUR_FAULT


class UsageError(ProvisionMapError):
    """The call itself is wrong: an unknown gap, a folder that is not an exercise."""

    exit_code = EXIT_USAGE


class DataError(ProvisionMapError):
    """The inputs are wrong. ``problems`` holds every one that was found, not the first."""

    exit_code = EXIT_DATA

    def __init__(self, problems: list[Problem] | tuple[Problem, ...]) -> None:
        """Keep the problems, each once, in the order of file, row and column."""
        self.problems: tuple[Problem, ...] = tuple(
            sorted(set(problems), key=lambda p: (p.file, p.row or 0, p.column or "", p.what))
        )
        super().__init__("\n".join(str(problem) for problem in self.problems))

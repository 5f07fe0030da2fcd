"""What can go wrong for a user, each with its exit code and a sentence that says the mend.

Exit codes of the command line: 0 fine (findings included), 1 our fault, 2 usage, 3 data.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

EXIT_OUR_FAULT = 1
EXIT_USAGE = 2
EXIT_DATA = 3


@dataclass(frozen=True)
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

    @property
    def place(self) -> tuple[str, int, str, str]:
        """Where it stands, to sort by: file, row, column; what is of a whole file comes first."""
        return self.file, self.row or 0, self.column or "", self.what

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
            sorted(set(problems), key=lambda problem: problem.place)
        )
        super().__init__("\n".join(str(problem) for problem in self.problems))


class DataWarning(UserWarning):
    """Something that was computed all the same, and that people must know of.

    A run collects these into its output; in a script they are ordinary warnings. ``problem`` says
    where, what and what to do.
    """

    def __init__(self, problem: Problem) -> None:
        """Keep the problem; the text of the warning is its sentence."""
        self.problem = problem
        super().__init__(str(problem))


def warn(where: str, what: str, mend: str = "", *, column: str | None = None) -> None:
    """Warn of something in a table or a file, from the function that computes with it."""
    warnings.warn(DataWarning(Problem(where, None, column, what, mend)), stacklevel=3)


@contextmanager
def collect_warnings() -> Iterator[list[Problem]]:
    """Collect the data warnings of a block, each once, instead of showing them.

    Other warnings pass as they would.

    >>> with collect_warnings() as found:
    ...     warn("times", "2 homes were not searched.")
    >>> [problem.what for problem in found]
    ['2 homes were not searched.']
    """
    found: list[Problem] = []
    with warnings.catch_warnings():
        warnings.simplefilter("always", DataWarning)
        show = warnings.showwarning

        def keep(message: Warning | str, *rest: Any, **more: Any) -> None:  # noqa: ANN401
            if not isinstance(message, DataWarning):
                show(message, *rest, **more)
            elif message.problem not in found:
                found.append(message.problem)

        warnings.showwarning = keep
        yield found

"""Codes that a cell may say, and the checks that it says no others."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass

import pandas as pd

from provision_map.model import Framework
from provision_map.read.findings import Findings

_MOST_LISTED = 40


@dataclass(frozen=True)
class Codes:
    """Every code that is known in this exercise. None: not known, so nothing is checked."""

    elements: frozenset[str] | None
    outcomes: frozenset[str] | None
    communities: frozenset[str] | None
    places: frozenset[str] | None
    neighbourhoods: frozenset[str]
    organisations: frozenset[str] | None = None
    services: frozenset[str] | None = None

    @property
    def areas(self) -> frozenset[str] | None:
        """Codes of places and neighbourhoods."""
        return None if self.places is None else self.places | self.neighbourhoods

    @property
    def everyone(self) -> frozenset[str] | None:
        """Codes of communities, and ``everyone``."""
        return None if self.communities is None else self.communities | {"everyone"}


def list_codes(
    framework: Framework | None,
    *,
    places: Collection[str] | None,
    neighbourhoods: Collection[str] = (),
) -> Codes:
    """Gather the codes of a framework (None where it could not be read) and of the places."""
    known = frozenset(places) if places else None
    named = frozenset(neighbourhoods) - {""}
    if framework is None:
        return Codes(None, None, None, known, named)
    return Codes(
        elements=frozenset(framework.elements),
        outcomes=frozenset(framework.codes),
        communities=frozenset({"bme", *(c.id for c in framework.communities)}),
        places=known,
        neighbourhoods=named,
    )


def cells(frame: pd.DataFrame, *columns: str) -> Iterator[tuple[str, int, tuple[object, ...]]]:
    """Go through rows as (file, row, values of the columns)."""
    values = (frame[name] for name in columns)
    for file, row, *rest in zip(frame["_file"], frame["_row"], *values, strict=True):
        yield str(file), int(row), tuple(rest)


@dataclass(frozen=True)
class CodeCheck:
    """Checks the columns of one frame; what is wrong goes into ``findings``."""

    frame: pd.DataFrame
    findings: Findings

    def check_list(
        self,
        column: str,
        allowed: frozenset[str] | None,
        *,
        what: str,
        alone: tuple[str, ...] = (),
    ) -> None:
        """Check the items of a list; words in ``alone`` may stand there, but by themselves."""
        if allowed is None:
            return
        for file, row, (items,) in cells(self.frame, column):
            given = items if isinstance(items, tuple) else ()
            for item in given:
                if item not in allowed and item not in alone:
                    say, mend = f"{item!r} is no {what}.", _use_one_of(allowed, alone)
                    self.findings.problem(file, say, mend, row=row, column=column)
        self.check_alone(column, alone)

    def check_alone(self, column: str, alone: tuple[str, ...]) -> None:
        """Check that words which speak for the whole list do not stand beside others."""
        for file, row, (items,) in cells(self.frame, column):
            given = items if isinstance(items, tuple) else ()
            for word in (word for word in alone if word in given and len(given) > 1):
                say, mend = f"{word!r} stands beside others.", "Keep it alone, or leave it out."
                self.findings.problem(file, say, mend, row=row, column=column)

    def check_reference(
        self, column: str, allowed: Collection[str] | None, *, what: str, mend: str
    ) -> None:
        """Check that a text, where it is not blank, names something that exists."""
        if allowed is None:
            return
        for file, row, (code,) in cells(self.frame, column):
            if code and code not in allowed:
                say = f"{code!r} is no {what}."
                self.findings.problem(file, say, mend, row=row, column=column)


def _use_one_of(allowed: frozenset[str], alone: tuple[str, ...]) -> str:
    known = [*alone, *sorted(allowed)]
    listed = ", ".join(known[:_MOST_LISTED])
    return f"Use one of: {listed}{', …' if len(known) > _MOST_LISTED else ''}."

"""Codes that a cell may say, and the checks that it says no others."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass

import pandas as pd

from provision_map.model import Framework
from provision_map.read.findings import Findings
from provision_map.schema import Spelling, quote


@dataclass(frozen=True)
class Codes:
    """Every code that is known in this exercise. None: not known, so nothing is checked."""

    elements: frozenset[str] | None
    outcomes: frozenset[str] | None
    communities: frozenset[str] | None
    places: frozenset[str] | None
    neighbourhoods: frozenset[str] | None
    organisations: frozenset[str] | None = None
    services: frozenset[str] | None = None
    names: tuple[tuple[str, str], ...] = ()

    @property
    def areas(self) -> frozenset[str] | None:
        """Codes of places and neighbourhoods."""
        if self.places is None or self.neighbourhoods is None:
            return None
        return self.places | self.neighbourhoods

    @property
    def everyone(self) -> frozenset[str] | None:
        """Codes of communities, and ``everyone``."""
        return None if self.communities is None else self.communities | {"everyone"}


def list_codes(
    framework: Framework | None,
    *,
    places: Collection[str] | None,
    neighbourhoods: Collection[str] | None,
    names: tuple[tuple[str, str], ...] = (),
) -> Codes:
    """Gather the codes of a framework (None where it could not be read) and of the places.

    ``names`` are pairs of name and code of the places and neighbourhoods.
    """
    known = frozenset(places) if places else None
    named = None if neighbourhoods is None else frozenset(neighbourhoods) - {""}
    if framework is None:
        return Codes(None, None, None, known, named, names=names)
    elements = ((e.name, e.id) for e in framework.elements.values())
    outcomes = ((o.name, o.id) for o in framework.outcomes)
    aims = ((a.name, a.id) for o in framework.outcomes for a in o.aims)
    communities = ((c.name, c.id) for c in framework.communities)
    return Codes(
        elements=frozenset(framework.elements),
        outcomes=frozenset(framework.codes),
        communities=frozenset({"bme", *(c.id for c in framework.communities)}),
        places=known,
        neighbourhoods=named,
        names=(*names, *elements, *outcomes, *aims, *communities),
    )


def cells(frame: pd.DataFrame, *columns: str) -> Iterator[tuple[str, int, tuple[object, ...]]]:
    """Go through rows as (file, row, values of the columns)."""
    values = (frame[name] for name in columns)
    for file, row, *rest in zip(frame["_file"], frame["_row"], *values, strict=True):
        yield str(file), int(row), tuple(rest)


@dataclass(frozen=True)
class CodeCheck:
    """Checks the columns of one frame; what is wrong goes into ``findings``.

    ``names`` are pairs of name and code, to say which code was meant by a name.
    """

    frame: pd.DataFrame
    findings: Findings
    names: tuple[tuple[str, str], ...] = ()

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
        self.check_alone(column, alone)
        if self._items_of(column) <= allowed.union(alone):
            return
        spelling = self._spell((*alone, *sorted(allowed)))
        for file, row, (items,) in cells(self.frame, column):
            given = items if isinstance(items, tuple) else ()
            for item in given:
                if item not in allowed and item not in alone:
                    say, mend = f"{quote(item)} is no {what}.", spelling.mend(item)
                    self.findings.problem(file, say, mend, row=row, column=column)

    def check_alone(self, column: str, alone: tuple[str, ...]) -> None:
        """Check that words which speak for the whole list do not stand beside others."""
        if self._items_of(column).isdisjoint(alone):
            return
        for file, row, (items,) in cells(self.frame, column):
            given = items if isinstance(items, tuple) else ()
            for word in (word for word in alone if word in given and len(given) > 1):
                say, mend = f"{word!r} stands beside others.", "Keep it alone, or leave it out."
                self.findings.problem(file, say, mend, row=row, column=column)

    def check_reference(
        self, column: str, allowed: Collection[str] | None, *, what: str, mend: str
    ) -> None:
        """Check that a text, where it is not blank, names something that exists."""
        if allowed is None or set(self.frame[column]).difference(("", None)).issubset(allowed):
            return
        spelling = self._spell(sorted(allowed))
        for file, row, (code,) in cells(self.frame, column):
            if code and code not in allowed:
                say = f"{quote(str(code))} is no {what}."
                ask = f"{spelling.ask(str(code))} {mend}".strip()
                self.findings.problem(file, say, ask, row=row, column=column)

    def _items_of(self, column: str) -> set[object]:
        """Return every item of a column of lists: few, whatever the rows, so they are asked first."""
        lists = {given for given in self.frame[column] if isinstance(given, tuple)}
        return {item for given in lists for item in given}

    def _spell(self, allowed: Collection[str]) -> Spelling:
        known = set(allowed)
        return Spelling(allowed, names=[pair for pair in self.names if pair[1] in known])

"""What a mapping file may ask of a row: exact texts, parts of texts, ranges of numbers, blanks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from provision_map.read.toml import Section

_KNOWN = ("is", "is_not", "contains", "at_least", "below", "blank")


@dataclass(frozen=True)
class Condition:
    """What a cell must say; all that is stated must hold. Texts are compared without blanks around.

    Attributes:
        texts: one of these, exactly.
        not_texts: none of these.
        contains: one of these somewhere in it, whatever the case.
        at_least, below: a number from the one up to, and without, the other.
        blank: whether it must be blank, or must not.

    """

    texts: tuple[str, ...] = ()
    not_texts: tuple[str, ...] = ()
    contains: tuple[str, ...] = ()
    at_least: float | None = None
    below: float | None = None
    blank: bool | None = None

    def holds(self, cells: pd.Series[str]) -> pd.Series[bool]:
        """Say of each cell whether the condition holds.

        >>> Condition(at_least=11, below=16).holds(pd.Series(["11", "15.9", "16", ""])).tolist()
        [True, True, False, False]
        >>> Condition(contains=("play",)).holds(pd.Series(["Playing Field", "Cemetery"])).tolist()
        [True, False]
        """
        text = cells.str.strip()
        held = pd.Series(data=True, index=cells.index, dtype=bool)
        if self.texts:
            held &= text.isin(list(self.texts))
        if self.not_texts:
            held &= ~text.isin(list(self.not_texts))
        if self.contains:
            folded = text.str.casefold()
            words = [word.casefold() for word in self.contains]
            held &= pd.Series(
                [any(word in cell for word in words) for cell in folded],
                index=cells.index,
                dtype=bool,
            )
        if self.at_least is not None or self.below is not None:
            low = -np.inf if self.at_least is None else self.at_least
            high = np.inf if self.below is None else self.below
            number = pd.to_numeric(text, errors="coerce")
            held &= (number >= low) & (number < high)
        if self.blank is not None:
            held &= (text == "") == self.blank
        return held


def read_conditions(part: Section, key: str) -> dict[str, Condition]:
    """Read a table of conditions by column: a text, a list of texts, or a table of comparisons."""
    inside = part.section(key)
    found: dict[str, Condition] = {}
    for name in inside.data if inside is not None else ():
        if inside is not None and isinstance(inside.data[name], Mapping):
            found[name] = _read_comparisons(inside, name)
        elif inside is not None:
            found[name] = Condition(inside.texts(name))
    return found


def _read_comparisons(inside: Section, name: str) -> Condition:
    part = inside.needed_section(name)
    numbers: dict[str, float | None] = {"at_least": None, "below": None}
    for key in numbers:
        if key in part.data:
            numbers[key] = part.number(key, 0.0, low=-np.inf)
    blank: Any = part.data.get("blank")
    if blank is not None and not isinstance(blank, bool):
        part.report("blank", "This is neither true nor false.", "Say true or false.")
        blank = None
    condition = Condition(
        texts=part.texts("is"),
        not_texts=part.texts("is_not"),
        contains=part.texts("contains"),
        at_least=numbers["at_least"],
        below=numbers["below"],
        blank=blank,
    )
    for key in part.data:
        if key not in _KNOWN:
            part.report(
                key, "This is no comparison known here.", f"Use one of: {', '.join(_KNOWN)}."
            )
    if not part.data:
        inside.report(name, "Nothing is asked of the column.", 'Say which texts: ["…"].')
    return condition

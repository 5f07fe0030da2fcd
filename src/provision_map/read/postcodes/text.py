"""Postcodes as people write them: brought into one form, and the slips that one may be.

Blanks, dots and case are no part of a postcode. Nothing else is ever changed: what looks like a
slip (O for 0, I for 1) is only asked about.
"""

from __future__ import annotations

import re
import string
from dataclasses import dataclass
from typing import Literal

_UNIT = re.compile(r"(?:[A-Z]{1,2}[0-9][0-9A-Z]?[0-9][A-Z]{2}|GIR0AA)")
_SECTOR = re.compile(r"([A-Z]{1,2}[0-9][0-9A-Z]?)\s+([0-9])")
_OUTWARD = re.compile(r"[A-Z]{1,2}[0-9][0-9A-Z]?")
_PUNCTUATION = re.compile(r"[\s.,\-]+")

#: Longer than any way to write one.
_LONGEST = 40

#: Letters of the inward part, so many.
INWARD = 3

_LOOKALIKES = {"O": "0", "0": "O", "I": "1L", "1": "IL", "L": "1I", "S": "5", "5": "S",
               "B": "8", "8": "B", "Z": "2", "2": "Z", "G": "6", "6": "G"}  # fmt: skip

Part = Literal["unit", "sector", "outward", "none"]


@dataclass(frozen=True)
class Postcode:
    """A postcode in one form. ``part`` says how much of one it is; ``key`` has no blanks.

    >>> read_postcode(" gl1  1ad"), read_postcode("GL11AD").shown
    (Postcode(key='GL11AD', part='unit'), 'GL1 1AD')
    >>> read_postcode("GL1").part, read_postcode("GL1 1").part, read_postcode("GL1 IAD").part
    ('outward', 'sector', 'none')
    """

    key: str
    part: Part

    @property
    def shown(self) -> str:
        """The postcode as it is printed."""
        if self.part == "unit":
            return f"{self.key[:-INWARD]} {self.key[-INWARD:]}"
        return f"{self.key[:-1]} {self.key[-1]}" if self.part == "sector" else self.key


def read_postcode(text: str) -> Postcode:
    """Bring a text into the one form; what is no postcode has the part "none"."""
    upper = text.strip().upper()
    if len(upper) > _LONGEST or not upper.isascii():
        return Postcode("", "none")
    key = _PUNCTUATION.sub("", upper)
    if _UNIT.fullmatch(key) and not _SECTOR.fullmatch(upper):
        return Postcode(key, "unit")
    if _SECTOR.fullmatch(upper):
        return Postcode(key, "sector")
    return Postcode(key, "outward" if _OUTWARD.fullmatch(key) else "none")


def list_slips(key: str) -> tuple[tuple[str, ...], ...]:
    """Return the postcodes that a text may be a slip of, the likeliest group first.

    First one or two look-alikes (O and 0, I and 1), then two neighbours swapped, then one sign
    too many, too few or another.

    >>> list_slips("GL1IAD")[0]
    ('G111AD', 'GI11AD', 'GL11AD')
    >>> "GL11AD" in list_slips("LG11AD")[1], "GL11AD" in list_slips("GL11AQ")[2]
    (True, True)
    """
    if not INWARD < len(key) <= len("GL511AD") + 1:
        return (), (), ()
    alike = _look_alike(key)
    alike |= {twice for once in alike for twice in _look_alike(once)} - {key}
    swapped = {
        key[:n] + key[n + 1] + key[n] + key[n + 2 :]
        for n in range(len(key) - 1)
        if key[n] != key[n + 1]
    }
    signs = string.ascii_uppercase + string.digits
    edited = {key[:n] + sign + key[n + 1 :] for n in range(len(key)) for sign in signs}
    edited |= {key[:n] + sign + key[n:] for n in range(len(key) + 1) for sign in signs}
    edited |= {key[:n] + key[n + 1 :] for n in range(len(key))}
    groups = (alike, swapped - alike, edited - swapped - alike - {key})
    return tuple(tuple(sorted(k for k in group if _UNIT.fullmatch(k))) for group in groups)


def _look_alike(key: str) -> set[str]:
    return {
        key[:n] + sign + key[n + 1 :]
        for n, ch in enumerate(key)
        for sign in _LOOKALIKES.get(ch, "")
    }

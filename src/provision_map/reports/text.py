"""Text on its way out: what a spreadsheet said stays text, whatever reads the file."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Iterable
from typing import cast

#: A spreadsheet takes a cell that begins with one of these for a formula (or drops the character
#: and then looks again). The full-width forms count in East Asian editions.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")

_BIDI = re.compile("[\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_KEPT = "\t\n"


def clean(value: object) -> str:
    r"""Turn a cell into text without control characters; what is missing becomes "".

    >>> clean("a\x1b[31mb\x00"), clean(None), clean(float("nan")), clean("=1+1")
    ('a[31mb', '', '', '=1+1')
    """
    # Printable text holds none of what is taken out, and most of what is written is such text.
    if type(value) is str and value.isprintable():
        return value
    if value is None or (isinstance(value, float) and math.isnan(value)) or _is_missing(value):
        return ""
    text = str(value).replace("\r\n", "\n").replace("\r", "\n")
    return "".join(c for c in text if c in _KEPT or unicodedata.category(c) not in ("Cc", "Cs"))


def clean_line(value: object) -> str:
    r"""Turn a cell into one line of text that cannot move the cursor or turn the writing round.

    >>> clean_line("two\nlines\t\u202ehere")
    'two lines here'
    """
    return " ".join(_BIDI.sub("", clean(value)).split())


def guard_formula(value: object) -> str:
    """Text for a CSV cell: with a leading ' where a spreadsheet would see a formula.

    >>> guard_formula("=1+1"), guard_formula("Youth club")
    ("'=1+1", 'Youth club')
    """
    # The very first character decides, so a tab or line break is guarded before it is looked past.
    text = clean(value)
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text


def clean_list(value: object) -> tuple[str, ...]:
    """Turn a list cell into texts; a lone text is a list of one, what is missing none.

    >>> clean_list(("a", "", "b")), clean_list("a"), clean_list(None)
    (('a', 'b'), ('a',), ())
    """
    if isinstance(value, str) or not isinstance(value, Iterable):
        value = (value,)
    return tuple(text for text in (clean(item) for item in value) if text)


def number(value: object) -> float | None:
    """Return a number, or None where nothing was counted.

    >>> number("7"), number(float("nan")), number(None)
    (7.0, None, None)
    """
    if value is None or _is_missing(value) or value == "":
        return None
    result = float(cast("float", value))
    return None if math.isnan(result) else result


def whole(value: object) -> int | None:
    """Return the nearest whole number, halves up as people round, or None.

    >>> whole(2.5), whole(float("nan"))
    (3, None)
    """
    result = number(value)
    return None if result is None or math.isinf(result) else math.floor(result + 0.5)


def _is_missing(value: object) -> bool:
    # pandas.NA and NaT equal nothing, not even themselves; NA refuses to be asked.
    return type(value).__name__ in ("NAType", "NaTType")

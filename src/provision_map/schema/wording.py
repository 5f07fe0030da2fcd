"""How sentences count and list, and how people say a mode of travel: one way for every room."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

#: As a mode follows "16 minutes"; all others are "by" their name.
_MODES = {"walk": "on foot", "drive": "by car"}


def count_of(number: int, noun: str, plural: str | None = None) -> str:
    """Say a number with its noun, and whatever goes with it.

    Args:
        number: how many.
        noun: of one.
        plural: of none and of several; None: the noun with an s.

    >>> count_of(1, "home"), count_of(1200, "home")
    ('1 home', '1,200 homes')
    >>> count_of(1, "home lies", "homes lie"), count_of(2, "home lies", "homes lie")
    ('1 home lies', '2 homes lie')

    """
    many = f"{noun}s" if plural is None else plural
    return f"{number:,} {noun if number == 1 else many}"


def list_some(codes: Iterable[object], most: int = 5) -> str:
    """List the first few of several codes in a sentence.

    >>> list_some("abc", 2), list_some([7, 8])
    ('a, b, …', '7, 8')
    """
    listed = [str(code) for code in codes]
    return ", ".join(listed[:most]) + (", …" if len(listed) > most else "")


def join_words(words: Sequence[str], last: str = "and") -> str:
    """Join words as a sentence would.

    >>> join_words(["a", "b", "c"]), join_words([])
    ('a, b and c', '')
    """
    *first, end = words or [""]
    return f"{', '.join(first)} {last} {end}" if first else end


def say_mode(mode: str) -> str:
    """Say a mode of travel; one that has no word of its own is named as the data names it.

    >>> say_mode("walk"), say_mode("drive"), say_mode("public_transport")
    ('on foot', 'by car', 'by public transport')
    """
    return _MODES.get(mode, f"by {mode.replace('_', ' ')}")

"""How alike two names are: what is written one way or the other is passed over."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from rapidfuzz import fuzz, process

#: Names of services less alike than this are those of two.
LEAST_ALIKE = 0.75
_CHUNK = 2_000_000

#: Words that so many services have in their names that they tell nothing.
_FILLING = frozenset(
    (
        "a", "an", "and", "at", "by", "for", "from", "in", "of", "on", "our", "the", "to", "with",
        "limited", "ltd", "plc", "cic", "cio", "registered", "charity", "company",
    )
)  # fmt: skip
_GENERIC = frozenset(
    (
        "youth", "young", "people", "peoples", "children", "childrens", "kids", "club", "clubs",
        "group", "groups", "project", "projects", "service", "services", "session", "sessions",
        "centre", "community", "activity", "activities", "team", "programme", "scheme", "drop",
        "in", "provision", "hub", "hall", "church", "school", "library", "play", "trust",
        "association", "society", "org",
    )
)  # fmt: skip
_WRITTEN = {
    "saint": "st", "center": "centre", "ctr": "centre", "cent": "centre", "yc": "youth club",
    "cc": "community centre", "sch": "school", "comm": "community", "assoc": "association",
    "jnr": "junior", "snr": "senior", "juniors": "junior", "seniors": "senior", "infants": "infant",
    "mon": "monday", "tues": "tuesday", "tue": "tuesday", "wed": "wednesday", "thurs": "thursday",
    "thu": "thursday", "fri": "friday", "sat": "saturday", "sun": "sunday", "rd": "road",
    "lib": "library", "prim": "primary", "sec": "secondary", "mondays": "monday",
    "tuesdays": "tuesday", "wednesdays": "wednesday", "thursdays": "thursday",
    "fridays": "friday", "saturdays": "saturday", "sundays": "sunday",
    "playground": "play area", "playscheme": "play scheme", "cofe": "ce", "dropin": "drop in",
    "toddlers": "toddler", "teens": "teen", "mens": "men", "womens": "women", "lads": "boys",
}  # fmt: skip
#: Of each of these, two names that say different words mean different services.
_APART = tuple(
    frozenset(words.split())
    for words in (
        "junior senior infant nursery primary secondary toddler teen inters",
        "monday tuesday wednesday thursday friday saturday sunday",
        "boys girls men women",
        "north south east west upper lower northern southern eastern western",
        "summer easter christmas winter autumn spring",
        "morning afternoon evening breakfast",
        "library school club nursery church area hall",
    )
)
_WORD = re.compile(r"[^\W_]+")
_APOSTROPHES = str.maketrans(dict.fromkeys("'’`"))
_NUMBER = re.compile(r"[0-9]+")
#: Words of so many letters that are so alike, in per cent, are one word and a slip of it.
_LONG, _SLIP = 5, 80.0


@dataclass(frozen=True)
class Name:
    """A name as it is compared: all its words, and those that tell it from others."""

    words: tuple[str, ...]

    @cached_property
    def full(self) -> str:
        """All words, sorted."""
        return " ".join(sorted(self.words))

    @cached_property
    def telling(self) -> str:
        """The words that not every service has; all of them where it has no others."""
        own = sorted(word for word in self.words if word not in _GENERIC)
        return " ".join(own) if own else self.full

    @property
    def is_generic(self) -> bool:
        """Whether every word of it is one that many services have."""
        return all(word in _GENERIC for word in self.words)


def split_name(text: str) -> Name:
    """Split a name into the words that are compared.

    >>> split_name("The St. Paul's YC").words, split_name("The St. Paul's YC").telling
    (('st', 'pauls', 'youth', 'club'), 'pauls st')
    """
    plain = text.casefold()
    if not plain.isascii():
        plain = unicodedata.normalize("NFKD", text).casefold()
        plain = "".join(ch for ch in plain if not unicodedata.combining(ch))
    plain = plain.translate(_APOSTROPHES)
    words: list[str] = []
    for word in _WORD.findall(plain):
        words.extend(_WRITTEN.get(word, word).split())
    own = [word for word in words if word not in _FILLING] or words
    return Name(tuple(_join_letters(own)))


def _join_letters(words: Iterable[str]) -> list[str]:
    """Join single letters that follow one another: F. C. is FC."""
    joined: list[str] = []
    letters = False
    for word in words:
        if len(word) == 1 and word.isalpha() and letters:
            joined[-1] += word
        else:
            joined.append(word)
        letters = len(word) == 1 and word.isalpha()
    return joined


def compare_names(one: str, other: str) -> float:
    """Return how alike two names are, 0 to 1.

    >>> compare_names("St Paul's Youth Club", "st pauls youth club, the")
    1.0
    >>> compare_names("St Paul's Youth Club", "St Peter's Youth Club") < LEAST_ALIKE
    True
    """
    names = (split_name(one), split_name(other))
    return float(compare_pairs(np.array([0]), np.array([1]), names)[0])


def compare_organisations(one: str, other: str) -> float:
    """Return how alike the names of two organisations are, 0 to 1: every word of them tells.

    >>> compare_organisations("Barton Youth Trust Ltd", "BARTON YOUTH TRUST")
    1.0
    >>> compare_organisations("Barton Youth Service", "Barton Play Association") < 0.7
    True
    """
    return fuzz.ratio(split_name(one).full, split_name(other).full) / 100


def compare_pairs(left: np.ndarray, right: np.ndarray, names: Sequence[Name]) -> np.ndarray:
    """Return how alike the names of each pair are; exactly so from :data:`LEAST_ALIKE` on.

    Of a pair that cannot come to it the most that it could be is returned, which is less.
    """
    out = np.zeros(len(left))
    for start in range(0, len(left), _CHUNK):
        part = slice(start, start + _CHUNK)
        out[part] = _compare(left[part].tolist(), right[part].tolist(), names)
    out /= 100
    for n in np.flatnonzero(out >= LEAST_ALIKE):
        if are_apart(names[left[n]], names[right[n]]):
            out[n] /= 2
    return out


def _compare(left: list[int], right: list[int], names: Sequence[Name]) -> np.ndarray:
    """Return how alike names are, in per cent."""
    telling, full = [name.telling for name in names], [name.full for name in names]
    one, other = [telling[n] for n in left], [telling[n] for n in right]
    tells = process.cpdist(one, other, scorer=fuzz.ratio, dtype=np.float32)
    whole = process.cpdist(
        [full[n] for n in left],
        [full[n] for n in right],
        scorer=fuzz.ratio,
        dtype=np.float32,
    )
    # Order is no matter; then half of what only one of them says is forgiven. What is shared is
    # dear to find, and looked for only where it could make them alike.
    most = 0.4 * tells + 0.4 * 100 + 0.2 * whole
    hope = np.flatnonzero(most >= 100 * LEAST_ALIKE)
    shared = process.cpdist(
        [one[n] for n in hope],
        [other[n] for n in hope],
        scorer=fuzz.token_set_ratio,
        dtype=np.float32,
    )
    most[hope] = 0.4 * (tells[hope] + shared) + 0.2 * whole[hope]
    return np.where((tells == 100) & (whole < 100), 90 + whole / 10, most)  # noqa: PLR2004 - per cent


def are_apart(one: Name, other: Name) -> bool:
    """Whether each of two names says something that the other does not.

    That is a word that tells parts of one club from one another, a number, or a telling word of
    its own. Where only one of them says more than the other, both may still be one.
    """
    left, right = set(one.words), set(other.words)
    for words in _APART:
        a, b = left & words, right & words
        if a and b and not a & b:
            return True
    numbers = [set(_NUMBER.findall(" ".join(words))) for words in (left, right)]
    if all(numbers) and numbers[0] != numbers[1]:
        return True
    a, b = set(one.telling.split()), set(other.telling.split())
    return _says_more(a - b, b) and _says_more(b - a, a)


def _says_more(words: Iterable[str], other: Collection[str]) -> bool:
    """Whether one of these words is no slip of any of the others."""
    return any(not any(_is_slip(word, known) for known in other) for word in words)


def _is_slip(word: str, other: str) -> bool:
    if word.rstrip("s") == other.rstrip("s"):
        return True
    return min(len(word), len(other)) >= _LONG and fuzz.ratio(word, other) >= _SLIP

"""Slips of the pen: what a word, a code or a heading was meant to be among those that are known."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping

from provision_map.schema.wording import list_some

#: A longer text is no slip of the pen, and a longer list not one to print in full.
_LONGEST_SLIP = 60
_LONGEST_QUOTED = 80
_MOST_LISTED = 40
_FEW = 12
#: Fuzzy comparing is slow: so many different words of one column, with so many known ones.
_MOST_COMPARED = 20
_MOST_KNOWN = 1_000
_NUMBERS = re.compile(r"[0-9]+")
_STEM = 3
_NEAR_WORD = 0.7
_NEAR_CODE = 0.8
_LOOKALIKES = str.maketrans("oil", "011")


class Spelling:
    """Finds what a word was meant to be among the words that are known.

    ``names`` are pairs of name and code, for where a name is given and a code is wanted.

    >>> Spelling(["Y02", "Y03"]).ask("y2"), Spelling(["capacity", "cost"]).ask("capactiy")
    ("Did you mean 'Y02'?", "Did you mean 'capacity'?")
    >>> Spelling(["E01"], names=[("Podsmead", "E01")]).ask("podsmead"), Spelling(["Y02"]).ask("Y99")
    ("Did you mean its code 'E01'?", '')
    """

    def __init__(self, known: Iterable[str], *, names: Iterable[tuple[str, str]] = ()) -> None:
        """Hold the words in the order in which they are to be listed, each once."""
        self.known = tuple(dict.fromkeys(known))
        self._names = names
        self._codes: dict[str, str] | None = None
        self._alike: dict[str, list[str]] | None = None
        self._nearest: dict[str, str | None] = {}

    def ask(self, word: str) -> str:
        """Ask whether another word was meant; "" where none is near."""
        near = self.nearest(word)
        if near is not None:
            return f"Did you mean {near!r}?"
        if self._codes is None:
            self._codes = _unique((_loosen(name), code) for name, code in self._names)
        code = self._codes.get(_loosen(word))
        return "" if code is None else f"Did you mean its code {code!r}?"

    def mend(self, word: str) -> str:
        """Say how to mend a word that is not known: the near one, and the list if it is short."""
        asked = self.ask(word)
        if asked and len(self.known) > _FEW:
            return asked
        return f"{asked} Use one of: {list_some(self.known, _MOST_LISTED)}.".strip()

    def nearest(self, word: str) -> str | None:
        """Return the known word that this is a slip of, or None."""
        if self._alike is None:
            self._alike = {}
            for known in self.known:
                self._alike.setdefault(_loosen(known), []).append(known)
        if len(word) > _LONGEST_SLIP or not (loose := _loosen(word)):
            return None
        if loose in self._alike:
            return self._alike[loose][0]
        if word not in self._nearest:
            few = len(self._nearest) < _MOST_COMPARED and len(self._alike) <= _MOST_KNOWN
            self._nearest[word] = self._compare(loose, self._alike) if few else None
        return self._nearest[word]

    @staticmethod
    def _compare(loose: str, alike: Mapping[str, list[str]]) -> str | None:
        """Compare letter by letter; a code keeps its numbers, for E14 is no slip of E15."""
        numbers = _NUMBERS.findall(loose)
        if numbers:
            near = [key for key in alike if _tighten(key) == _tighten(loose)] or [
                key
                for key in alike
                if _NUMBERS.findall(key) == numbers
                and difflib.SequenceMatcher(None, loose, key).ratio() >= _NEAR_CODE
            ]
            return alike[near[0]][0] if len(near) == 1 else None
        begun = [
            key
            for key in alike
            if len(key) >= _STEM and len(loose) >= _STEM
            if key.startswith(loose) or loose.startswith(key)
        ]
        near = begun if len(begun) == 1 else difflib.get_close_matches(loose, alike, 1, _NEAR_WORD)
        return alike[near[0]][0] if near else None


def match_headings(unread: Iterable[str], absent: Iterable[str]) -> dict[str, str]:
    """Return, for headings that nothing reads, the absent column that each may be meant to be.

    >>> match_headings(["Service ID", "remarks"], ["service_id", "capacity"])
    {'Service ID': 'service_id'}
    """
    spelling = Spelling(absent)
    near = {str(heading): spelling.nearest(str(heading)) for heading in unread}
    return {heading: column for heading, column in near.items() if column is not None}


def quote(text: str) -> str:
    """Return a cell's text in quotes, cut where it is long."""
    return repr(text if len(text) <= _LONGEST_QUOTED else text[: _LONGEST_QUOTED - 1] + "…")


def _loosen(word: str) -> str:
    """Return a word without what people write one way or the other: case, blanks, marks."""
    return "".join(ch for ch in word[: 2 * _LONGEST_SLIP].casefold() if ch.isalnum())


def _tighten(loose: str) -> str:
    """Return a code with letters that look like digits as digits, and without leading zeros.

    >>> _tighten("eo1"), _tighten("e1")
    ('e1', 'e1')
    """
    return re.sub(r"0+(?=[0-9])", "", loose.translate(_LOOKALIKES))


def _unique(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Return values by key, leaving out keys that stand for more than one value."""
    found: dict[str, str | None] = {}
    for key, value in pairs:
        found[key] = value if found.get(key, value) == value else None
    return {key: value for key, value in found.items() if key and value}

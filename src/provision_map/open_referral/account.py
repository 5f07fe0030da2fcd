"""Reading values out of a record that may hold anything, and the account of what came up."""

from __future__ import annotations

import html
import re
from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from provision_map.schema import quote
from provision_map.schema.cells import find_said

#: A number beyond this is no age, price or degree.
_LARGEST = 1e15
#: Fields of one feed that are counted: a file of other things has no end of names.
_MOST_FIELDS = 1_000
_NOTHING: tuple[object, ...] = (None, "", [], {})
#: A number as JSON writes it, in a text: no NaN, no commas, no other digits, not without end.
_NUMBER = re.compile(r"[+-]?[0-9]{1,15}(?:\.[0-9]{1,20})?")
_TAG = re.compile(r"</?[A-Za-z][^<>]{0,500}>|<!--[^<>]{0,500}-->")
_ENTITY = re.compile(r"&(?:[A-Za-z]{2,8}|#[0-9]{1,7}|#[xX][0-9A-Fa-f]{1,6});")
_KINDS = {str: "text", bool: "true or false", list: "a list", dict: "an object"}


@dataclass(frozen=True)
class Fault:
    """What is wrong, or was noticed, at a path of a record such as ``schedules[2].opens_at``.

    Positions in a list are counted from 0, as JSON does. ``form`` is for a way of writing that many
    fields of a feed may share: it is told once for the feed, with the first field that has it.
    """

    path: str
    what: str
    mend: str = ""
    form: bool = False


@dataclass
class Account:
    """What came up while records were read.

    Attributes:
        faults: what must be mended; whoever reads records takes them out after each.
        remarks: what was read, or passed over, in a way that people should know.
        unkept: how many records hold each field that no table of ours has a column for.
        known: organisations that were read before, each with its row, by identifier: services of
            one organisation repeat it.

    """

    faults: list[Fault] = field(default_factory=list)
    remarks: list[Fault] = field(default_factory=list)
    unkept: Counter[str] = field(default_factory=Counter)
    known: dict[str, tuple[dict[str, Any], dict[str, str]]] = field(default_factory=dict)

    def fault(self, path: str, what: str, mend: str = "") -> None:
        """Add something that must be mended."""
        self.faults.append(Fault(path, what, mend))

    def remark(self, path: str, what: str, mend: str = "") -> None:
        """Add something that people should know."""
        self.remarks.append(Fault(path, what, mend))

    def form(self, path: str, what: str) -> None:
        """Add that something is written in another way than the standard's, and was read."""
        self.remarks.append(Fault(path, what, form=True))

    def text(self, record: Mapping[str, Any], key: str, path: str = "") -> str:
        """Return a text without blanks around it; "" where it is absent, null or no text.

        An identifier that is a whole number, as some feeds count them, is read as its digits.
        """
        value = record.get(key)
        if value is None:
            return ""
        if type(value) is int and abs(value) < _LARGEST and key.endswith(("id", "identifier")):
            what = "An identifier is a number, not text: its digits were read."
            self.form(_join(path, key), what)
            return str(value)
        if type(value) is not str:
            self.fault(_join(path, key), f"This is {say_kind(value)}, not text.", "Correct it.")
            return ""
        if not value.isascii() and not _is_whole(value):
            what = "The text holds half a character (a lone surrogate)."
            self.fault(_join(path, key), what, "Correct it at its source.")
            return ""
        return value.strip()

    def prose(self, record: Mapping[str, Any], key: str, path: str = "") -> str:
        """Return a text for people; tags and entities of HTML are taken out of it."""
        text = self.text(record, key, path)
        if ("<" in text and _TAG.search(text)) or ("&" in text and _ENTITY.search(text)):
            self.form(_join(path, key), "HTML stands in a text: its words alone were read.")
            # Tags first: what is escaped is text that speaks of a tag.
            text = " ".join(html.unescape(_TAG.sub(" ", text)).split())
        return text

    def number(self, record: Mapping[str, Any], key: str, path: str = "") -> float | None:
        """Return a finite number; None where it is absent, null, blank or no number.

        A text that is a number and nothing else is read as one, and "tbd" as not known.
        """
        value = record.get(key)
        if value is None:
            return None
        if type(value) is str:
            value = self._number_in(value.strip(), _join(path, key))
            if value is None:
                return None
        if type(value) is not int and type(value) is not float:
            what = f"This is {say_kind(value)}, not a number."
            self.fault(_join(path, key), what, "Write it as a number, without quotes.")
            return None
        if not (-_LARGEST < value < _LARGEST):
            # A whole number may be too long for a float, so it is compared, not converted.
            what = "This is not a number." if value != value else "The number is far too large."  # noqa: PLR0124
            self.fault(_join(path, key), what, "Correct it.")
            return None
        return value

    def _number_in(self, text: str, path: str) -> float | None:
        said = find_said(text)
        if _NUMBER.fullmatch(text):
            self.form(path, "A number stands as text, in quotes: it was read as a number.")
            return float(text) if "." in text else int(text)
        if said == "tbd":
            self.form(path, "A word such as tbd or unknown stands for a number: it is unknown.")
        elif said != "blank":
            what = f"{quote(text)} is not a number."
            self.fault(path, what, "Write it as a number, without quotes, or leave it out.")
        return None

    def record(self, record: Mapping[str, Any], key: str, path: str = "") -> dict[str, Any]:
        """Return an object; empty where it is absent, null, blank or no object."""
        value = record.get(key)
        if value in _NOTHING:
            return {}
        if type(value) is not dict:
            self.fault(
                _join(path, key), f"This is {say_kind(value)}, not an object.", "Correct it."
            )
            return {}
        return value

    def records(
        self, record: Mapping[str, Any], key: str, path: str = ""
    ) -> list[tuple[str, dict[str, Any]]]:
        """Return the objects of a list, each with its path; one alone is a list of one."""
        value = record.get(key)
        if not value and value in _NOTHING:
            return []
        where = f"{path}.{key}" if path else key
        if type(value) is dict:
            self.form(where, "An object stands where a list should: it was read as a list of one.")
            value = [value]
        if type(value) is not list:
            self.fault(where, f"This is {say_kind(value)}, not a list.", "Correct it.")
            return []
        found = []
        for n, item in enumerate(value):
            if type(item) is dict:
                found.append((f"{where}[{n}]", item))
            elif item is not None:
                what = f"This is {say_kind(item)}, not an object."
                self.fault(f"{where}[{n}]", what, "Correct it.")
        return found

    def count_unkept(
        self, record: Mapping[str, Any], kept: Collection[str], path: str = ""
    ) -> None:
        """Count the fields that say something and are not kept."""
        for key, value in record.items():
            if key not in kept and value not in _NOTHING:
                name = f"{path}.{key}" if path else key
                if name in self.unkept or len(self.unkept) < _MOST_FIELDS:
                    self.unkept[name] += 1


def say_kind(value: object) -> str:
    """Say what kind of JSON a value is.

    >>> say_kind([]), say_kind(True), say_kind(1.5)
    ('a list', 'true or false', 'a number')
    """
    return _KINDS.get(type(value), "a number" if isinstance(value, int | float) else "null")


def _is_whole(text: str) -> bool:
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def _join(path: str, key: str) -> str:
    return f"{path}.{key}" if path else key

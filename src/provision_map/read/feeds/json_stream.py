"""JSON of any size, value by value: only the value being read is held, never the whole file.

The standard library parses each value; here is only where one ends and the next begins. What is
wrong with a file ends as :class:`JsonFault`, with how many values were read before it.
"""

from __future__ import annotations

import codecs
import json
import math
from collections.abc import Iterator
from json.decoder import JSONDecodeError
from typing import Any, BinaryIO

_CHUNK = 4 * 1024 * 1024
#: A value of more characters than this is no record.
_LARGEST_VALUE = 64 * 1024 * 1024
#: Within so many characters of the end of what is held, a fault may only be a word cut in two.
_NEAR_END = 32
_BLANKS = " \t\r\n"
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")


class JsonFault(Exception):  # noqa: N818 - it is told, not raised to anyone
    """What is wrong with a file, and how to mend it."""

    def __init__(self, what: str, mend: str) -> None:
        """Keep both sentences."""
        self.what = what
        self.mend = mend
        super().__init__(what)


def _whole(text: str) -> int | float:
    """Return a whole number; one too long to be any is infinite, which is told where it is read."""
    return int(text) if len(text) < 20 else math.inf  # noqa: PLR2004 - digits of a large number


_DECODER = json.JSONDecoder(parse_int=_whole)


class JsonStream:
    """The values of a file, one after another."""

    def __init__(self, file: BinaryIO) -> None:
        """Begin at the start of a file."""
        self._file = file
        self._decoder = codecs.getincrementaldecoder("utf-8")()
        self._held = ""
        self._at = 0
        self._ended = False
        start = file.read(2)
        if start in _UTF_16:
            raise JsonFault("The file is UTF-16 text.", "Save it as UTF-8.")
        self._more(start)
        if self._held.startswith("\ufeff"):
            self._at = 1

    def peek(self) -> str:
        """Return the next character that is not blank, which stays; "" at the end."""
        while True:
            held, at = self._held, self._at
            while at < len(held) and held[at] in _BLANKS:
                at += 1
            self._at = at
            if at < len(held):
                return held[at]
            if self._ended:
                return ""
            self._more()

    def take(self, *wanted: str) -> str:
        """Return the next character and step over it; any but those wanted is a fault."""
        char = self.peek()
        if not char:
            raise JsonFault("The file breaks off: its end is missing.", "Fetch or save it again.")
        if char not in wanted:
            expected = " or ".join(wanted)
            raise JsonFault(f"This is no JSON: {char!r} stands where {expected} should.", _MEND)
        self._at += 1
        return char

    def value(self) -> Any:  # noqa: ANN401 - any JSON
        """Return the next value."""
        if not self.peek():
            raise JsonFault("The file breaks off: its end is missing.", "Fetch or save it again.")
        while True:
            try:
                value, end = _DECODER.raw_decode(self._held, self._at)
            except JSONDecodeError as error:
                self._read_on(error)
                continue
            except RecursionError:
                what = "It is nested far too deeply to be a record."
                raise JsonFault(what, "Correct it at its source.") from None
            bare = type(value) not in (dict, list, str)
            if bare and end > len(self._held) - _NEAR_END and not self._ended:
                # A number may go on in what is not held yet.
                self._more()
                continue
            self._at = end
            return value

    def items(self) -> Iterator[Any]:
        """Go through the items of the list that comes next."""
        self.take("[")
        if self.peek() == "]":
            self.take("]")
            return
        while True:
            yield self.value()
            if self.take(",", "]") == "]":
                return

    def _read_on(self, error: JSONDecodeError) -> None:
        """Read more where a value may only be cut; else tell what is wrong."""
        near = _NEAR_END if not self._ended else 0
        text_ends = len(self._held) if not self._ended else len(self._held.rstrip(_BLANKS))
        cut = error.pos >= text_ends - near or "Unterminated string" in error.msg
        if cut and self._ended:
            raise JsonFault("The file breaks off: its end is missing.", "Fetch or save it again.")
        if not cut:
            raise JsonFault(f"This is no JSON: {error.msg}.", _MEND)
        if len(self._held) - self._at > _LARGEST_VALUE:
            what = f"A value has more than {_LARGEST_VALUE:,} characters, which no record has."
            raise JsonFault(what, "Is a quote or a bracket missing?")
        self._more()

    def _more(self, start: bytes = b"") -> None:
        # What is held doubles, so that a long value is not parsed from its start too often.
        data = start + self._file.read(max(_CHUNK, len(self._held) - self._at))
        self._ended = len(data) == len(start)
        try:
            text = self._decoder.decode(data, final=self._ended)
        except UnicodeDecodeError:
            raise JsonFault("The text is not UTF-8.", "Save it as UTF-8.") from None
        self._held = self._held[self._at :] + text
        self._at = 0


_MEND = "Fetch or save it again; a program wrote it wrongly, or it is another kind of file."

"""What people write into a cell that asks for a number, a day or a time, where it means one thing only.

Free is 0; 13-19 in the youngest age is both ages; n/a is a cell that says nothing, never none.
What could mean two things is left as it is, to be told as a problem.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from provision_map.schema import Table

#: Words for those of a closed list, by column.
WORDS: Mapping[str, Mapping[str, str]] = {
    "weekday": {
        short: day
        for day, shorts in {
            "Monday": "mon mons mondays",
            "Tuesday": "tue tues tuesdays",
            "Wednesday": "wed weds wednesdays",
            "Thursday": "thu thur thurs thursdays",
            "Friday": "fri fris fridays",
            "Saturday": "sat sats saturdays",
            "Sunday": "sun suns sundays",
        }.items()
        for short in shorts.split()
    },
    "period": {
        "term time": "term",
        "term time only": "term",
        "terms": "term",
        "holiday": "holidays",
        "school holidays": "holidays",
        "all year round": "all year",
        "year round": "all year",
    },
}

_FREE = frozenset(("free", "free of charge", "no charge", "no cost", "no fee"))
_SILENT = frozenset(("n/a", "n.a.", "na", "not applicable", "-", "--", "–", "—", "."))
_ANSWERED = ("number", "integer", "date", "time", "yes_no", "list")
_DAY = re.compile(r"(\d{1,2})([/.-])(\d{1,2})\2(\d{2}|\d{4})")
_AGES = re.compile(r"(\d{1,2})\s*(?:-|–|—|to)\s*(\d{1,2})(?:\s*(?:yrs?|years?)\.?)?", re.IGNORECASE)
_CLOCK = r"\d{1,2}(?:[:.]\d{2})|\d{1,2}(?:[:.]\d{2})?\s*[ap]\.?m\.?"
_TIMES = re.compile(rf"({_CLOCK})\s*(?:-|–|—|to|until)\s*({_CLOCK})", re.IGNORECASE)
#: Two columns of which people fill one with both, and how.
_PAIRS = (("minimum_age", "maximum_age", _AGES), ("start", "end", _TIMES))


@dataclass(frozen=True)
class MeantCell:
    """A cell that was read as something else than its very text."""

    row: int
    column: str
    said: str
    read: str


def read_as_meant(frame: pd.DataFrame, table: Table) -> tuple[pd.DataFrame, list[MeantCell]]:
    """Return text cells as what they mean, and which were not taken by the letter.

    >>> from provision_map.tables import SERVICES
    >>> said = {"minimum_age": ["13-19"], "maximum_age": [""], "cost": ["Free"], "_row": [4]}
    >>> frame, readings = read_as_meant(pd.DataFrame(said), SERVICES)
    >>> frame.iloc[0, :3].tolist()
    ['13', '19', '0']
    >>> [(one.column, one.said, one.read) for one in readings]
    [('cost', 'Free', '0'), ('minimum_age', '13-19', '13, and maximum_age as 19')]
    """
    frame = frame.copy()
    rows = [int(row) for row in frame["_row"]]
    found: list[MeantCell] = []
    for column in table.columns:
        asks = column.kind in _ANSWERED or column.name == "postcode"
        if column.name not in frame or not asks:
            continue
        texts = [str(text) for text in frame[column.name]]
        meant = [
            _read_cell(text, column.name, column.kind, required=column.required) for text in texts
        ]
        found += [
            MeantCell(row, column.name, text.strip(), now or "not known")
            for row, text, now in zip(rows, texts, meant, strict=True)
            # Reading a day tells itself how it was read.
            if now != text and (column.kind != "date" or not now)
        ]
        frame[column.name] = pd.Series(meant, index=frame.index, dtype=object)
    for first, second, pattern in _PAIRS:
        if first in frame and first in table.names():
            found += _split_pairs(frame, first, second, pattern)
    return frame, found


def _read_cell(text: str, name: str, kind: str, *, required: bool) -> str:
    plain = " ".join(text.split())
    if plain.casefold() in _SILENT and not required:
        return ""
    if name == "cost" and plain.casefold().rstrip(".!") in _FREE:
        return "0"
    day = _DAY.fullmatch(plain) if kind == "date" else None
    if day is not None:
        year = day[4] if len(day[4]) > 2 else f"20{day[4]}"  # noqa: PLR2004 - digits
        written = f"{day[1]}/{day[3]}/{year}"
        return text if written == plain else written
    return text


def _split_pairs(
    frame: pd.DataFrame, first: str, second: str, pattern: re.Pattern[str]
) -> list[MeantCell]:
    """Put what one cell says of two columns into both, where the other is empty."""
    found = []
    firsts = [str(text).strip() for text in frame[first]]
    given = frame[second] if second in frame else [""] * len(frame)
    seconds = [str(text).strip() for text in given]
    for n, row in enumerate(frame["_row"]):
        for column, other, text, beside in (
            (first, second, firsts[n], seconds[n]),
            (second, first, seconds[n], firsts[n]),
        ):
            both = pattern.fullmatch(text)
            if both is None or beside not in ("", text):
                continue
            firsts[n], seconds[n] = both[1], both[2]
            own, its = (both[1], both[2]) if column == first else (both[2], both[1])
            found.append(MeantCell(int(row), column, text, f"{own}, and {other} as {its}"))
            break
    frame[first] = pd.Series(firsts, index=frame.index, dtype=object)
    if second in frame or any(seconds):
        frame[second] = pd.Series(seconds, index=frame.index, dtype=object)
    return found

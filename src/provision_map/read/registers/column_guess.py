"""Which column of a table is likely which of ours: by its heading, and by what stands in it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import pandas as pd
from rapidfuzz import fuzz

from provision_map.read.postcodes.text import read_postcode

#: How headings of registers say our columns.
_WORDS: Mapping[str, tuple[str, ...]] = {
    "service_id": ("id", "urn", "uprn", "provider urn", "identifier", "reference", "ref", "uid", "site id", "number"),
    "name": ("name", "establishment name", "library name", "provider name", "site name", "title", "distname1", "charity name"),
    "description": ("description", "activities", "comment", "comments", "details"),
    "postcode": ("postcode", "post code", "pcds", "provider postcode"),
    "easting": ("easting", "eastings", "x", "x coordinate", "oseast1m"),
    "northing": ("northing", "northings", "y", "y coordinate", "osnrth1m"),
    "longitude": ("longitude", "lon", "long", "lng"),
    "latitude": ("latitude", "lat"),
    "place_id": ("lsoa code", "lsoa11 code", "lsoa21 code", "lsoa11cd", "lsoa21cd", "ward code", "oa11cd"),
    "minimum_age": ("minimum age", "min age", "age from", "statutory low age", "lowest age", "age min"),
    "maximum_age": ("maximum age", "max age", "age to", "statutory high age", "highest age", "age max"),
    "capacity": ("capacity", "places", "number of places", "school capacity"),
    "cost": ("cost", "price", "charge", "fee"),
    "booking": ("booking", "how to book", "eligibility"),
    "assured_date": ("assured date", "last checked", "last verified", "last updated", "date updated"),
}  # fmt: skip

#: A heading that is less like any of our words than this is not taken for it; above the
#: others, it is used, or sure.
_LIKELY, _USED, _SURE = 75.0, 90.0, 95.0
#: So much of what stands in a column must be what the column of ours holds.
_MOST = 0.9
_SAMPLE = 2_000

#: Bounds of the British National Grid, metres, and of Britain, degrees.
_EAST, _NORTH = (0.0, 700_000.0), (0.0, 1_300_000.0)
_LON, _LAT = (-9.0, 2.5), (49.0, 61.5)
_AREA_CODE = re.compile(r"[EWNS]\d{8}|[EWS]0\d{7}")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}|\d{1,2}/\d{1,2}/\d{4}")


@dataclass(frozen=True)
class Guess:
    """A column of theirs that is likely ours; ``doubt`` says what a person should look at."""

    ours: str
    theirs: str
    score: float
    doubt: str = ""

    @property
    def sure(self) -> bool:
        """Whether the heading or the values are enough to use it without a person's word."""
        return self.score >= _USED or self.ours in ("service_id", "name")


def guess_columns(frame: pd.DataFrame) -> dict[str, Guess]:
    """Return the likely column of the table for each column of ours; each of theirs is used once.

    ``service_id`` and ``name`` are always among them, for a mapping must have them.

    >>> table = pd.DataFrame({"URN": ["1", "2"], "School": ["A", "B"], "Postcode": ["GL1 1AA", ""]})
    >>> {ours: guess.theirs for ours, guess in guess_columns(table).items()}
    {'service_id': 'URN', 'name': 'School', 'postcode': 'Postcode'}
    """
    heads = [str(head) for head in frame.columns]
    cells = {head: _sample(frame[head]) for head in heads}
    found = [
        guess
        for ours in _WORDS
        for head in heads
        if (guess := _guess(ours, head, cells[head], rows=len(frame))) is not None
    ]
    chosen: dict[str, Guess] = {}
    taken: set[str] = set()
    for guess in sorted(found, key=lambda g: (-g.score, heads.index(g.theirs))):
        if guess.ours not in chosen and guess.theirs not in taken:
            chosen[guess.ours] = guess
            taken.add(guess.theirs)
    _keep_pairs(chosen)
    for ours in ("service_id", "name"):
        if ours not in chosen:
            chosen[ours] = _least_bad(ours, heads, cells, taken)
            taken.add(chosen[ours].theirs)
    return {ours: chosen[ours] for ours in _WORDS if ours in chosen}


def _keep_pairs(chosen: dict[str, Guess]) -> None:
    """Leave out half a position, and longitude and latitude where metres are there too."""
    pairs = (("easting", "northing"), ("longitude", "latitude"))
    for pair in pairs:
        if sum(name in chosen for name in pair) == 1:
            for name in pair:
                chosen.pop(name, None)
    if "easting" in chosen:
        for name in pairs[1]:
            chosen.pop(name, None)


def _guess(ours: str, head: str, cells: Sequence[str], *, rows: int) -> Guess | None:
    heading = _say(head)
    score = max(fuzz.ratio(heading, word) for word in _WORDS[ours])
    # "provider postcode 2" holds the whole of what is looked for: likely, and not sure.
    if any(f" {word} " in f" {heading} " for word in _WORDS[ours] if len(word) > 2):  # noqa: PLR2004
        score = max(score, 85.0)
    test = _TESTS.get(ours)
    filled = [cell for cell in cells if cell]
    share = sum(map(test, filled)) / len(filled) if test is not None and filled else None
    if ours == "postcode" and share is not None and share >= _MOST:
        score = max(score, 90.0)
    if score < _LIKELY or (share is not None and share < _MOST):
        return None
    doubt = ""
    if ours == "service_id":
        if len(set(filled)) < _MOST * len(cells):
            return None
        doubt = _doubt_identifier(filled, len(cells))
    if doubt:
        pass
    elif not filled:
        doubt = "the column is empty"
    elif score < _SURE:
        doubt = "the heading is only like it"
    elif share is not None and share < 1:
        doubt = f"{round((1 - share) * len(filled))} of {min(rows, len(cells)):,} cells looked at are of another kind"
    return Guess(ours, head, score, doubt)


def _doubt_identifier(filled: Sequence[str], rows: int) -> str:
    """Say what keeps a column from telling every row from the others; "" where nothing does."""
    twice = len(filled) - len(set(filled))
    if len(filled) < rows:
        return f"{rows - len(filled):,} of {rows:,} are blank"
    return f"{twice:,} of {rows:,} stand twice" if twice else ""


def _least_bad(
    ours: str, heads: Sequence[str], cells: Mapping[str, Sequence[str]], taken: set[str]
) -> Guess:
    """Return a column for one that must be there: all different for an identifier, words for a name."""
    free = [head for head in heads if head not in taken] or list(heads)
    scores = {}
    for n, head in enumerate(free):
        filled = [cell for cell in cells[head] if cell]
        different = len(set(filled)) / max(1, len(cells[head]))
        words = sum(any(ch.isalpha() for ch in cell) for cell in filled) / max(1, len(filled))
        scores[head] = (different + (words if ours == "name" else 0), -n)
    best = max(free, key=lambda head: scores[head])
    what = "an identifier" if ours == "service_id" else "a name"
    return Guess(
        ours, best, 0.0, f"no heading says that it is {what}: this column is the likeliest"
    )


def _sample(column: pd.Series[str]) -> list[str]:
    return [str(cell).strip() for cell in column.iloc[:_SAMPLE]]


def _say(heading: str) -> str:
    """Return a heading as words.

    >>> _say("EstablishmentName"), _say("lsoa11_code"), _say("StatutoryLowAge (years)")
    ('establishment name', 'lsoa11 code', 'statutory low age years')
    """
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", heading[:200])
    return " ".join("".join(ch if ch.isalnum() else " " for ch in spaced.casefold()).split())


def _within(bounds: tuple[float, float]) -> Callable[[str], bool]:
    def test(cell: str) -> bool:
        number = _number(cell)
        return number is not None and bounds[0] <= number <= bounds[1]

    return test


def _number(cell: str) -> float | None:
    try:
        return float(cell)
    except ValueError:
        return None


def is_area_code(cell: str) -> bool:
    """Whether a cell is a code of the Office for National Statistics: E01022287."""
    return _AREA_CODE.fullmatch(cell) is not None


def _is_metres(bounds: tuple[float, float]) -> Callable[[str], bool]:
    """Return a test for metres; degrees are within the bounds too, and are none."""
    inside = _within(bounds)
    return lambda cell: inside(cell) and (_number(cell) or 0) > 1_000  # noqa: PLR2004


_TESTS: Mapping[str, Callable[[str], bool]] = {
    "postcode": lambda cell: read_postcode(cell).part == "unit",
    "easting": _is_metres(_EAST),
    "northing": _is_metres(_NORTH),
    "longitude": _within(_LON),
    "latitude": _within(_LAT),
    "place_id": is_area_code,
    "minimum_age": _within((0, 25)),
    "maximum_age": _within((0, 99)),
    "capacity": _within((0, 100_000)),
    "cost": lambda cell: _number(cell.removeprefix("£")) is not None,
    "assured_date": lambda cell: _DATE.fullmatch(cell) is not None,
    "name": lambda cell: any(ch.isalpha() for ch in cell),
}

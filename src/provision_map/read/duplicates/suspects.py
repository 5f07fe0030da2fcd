"""Services, and organisations, that may be one and the same: told to people, never merged.

The score of two services adds up four parts, each between 0 and 1:

=============  ======  ===========================================================================
part           weight  1 means
=============  ======  ===========================================================================
name           0.50    the telling words are the same, whatever the case, marks and filling words
place          0.25    one postcode, or positions within 100 m; a half where it cannot be told
who            0.15    one organisation, or one charity number; else how alike their names are
what           0.10    at least one Offer element in common
=============  ======  ===========================================================================

A pair is suspected from 0.72 on. Names under 0.75 alike are never suspected, nor are sites that are
known to be apart, nor ages that do not meet. A name counts half where each says something that the
other does not: a word that tells parts of one club from one another (junior and senior, Monday and
Friday, boys and girls, north and south), another number, or a telling word of its own.
Threshold and weights were chosen on the labelled pairs of ``tests/test_same.py``, which states the
precision and recall that they reach.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from scipy.spatial import cKDTree

from provision_map.read.duplicates.names_alike import (
    LEAST_ALIKE,
    Name,
    are_apart,
    compare_organisations,
    compare_pairs,
    split_name,
)
from provision_map.read.origin import SUSPECTS

#: From this score on, two services are suspected to be one.
SUSPECTED = 0.72
NAME, PLACE, WHO, WHAT = 0.50, 0.25, 0.15, 0.10
#: Names of organisations less alike than this are those of two: they have no place to tell.
LEAST_ALIKE_ORGANISATIONS = 0.92
#: Two positions of one site. Metres.
NEAR = 100.0

#: Of a block with more services than this, only neighbours in the order of names are compared.
_LARGEST_BLOCK, _WINDOW = 60, 15
#: A word that more names have than this finds no pairs by itself.
_RARE = 25


def find_suspects(
    services: pd.DataFrame,
    organisations: pd.DataFrame,
    *,
    decided: Collection[frozenset[str]] = (),
) -> pd.DataFrame:
    """Return the pairs of services that may be one and the same, the likeliest first.

    Args:
        services: as read, with easting and northing in metres, ``_file`` and ``_row``.
        organisations: with names and charity numbers.
        decided: pairs of codes that people have decided of; they are not asked again.

    Returns:
        ``origin.SUSPECTS``. ``same_as``, to be kept, stands first among all services; ``why``
        gives the score and what speaks for it, in words.

    """
    names = _split_names(services["name"])
    left, right = _candidates(services, organisations, names)
    alike = compare_pairs(left, right, names)
    kept = alike >= LEAST_ALIKE
    compare = _Comparison(services, organisations, names)
    rows = []
    for a, b, score in zip(left[kept], right[kept], alike[kept], strict=True):
        total, reasons = compare.score(int(a), int(b), float(score))
        if total >= SUSPECTED and frozenset((compare.codes[a], compare.codes[b])) not in decided:
            rows.append((total, int(b), int(a), reasons))
    rows.sort(key=lambda row: (-row[0], row[1], row[2]))
    found = [(*compare.pair(b, a), f"{total:.2f}: {reasons}") for total, b, a, reasons in rows]
    return pd.DataFrame(found, columns=list(SUSPECTS), dtype=object)


class _Comparison:
    """Holds the columns of services as arrays, to compare two of them."""

    def __init__(
        self, services: pd.DataFrame, organisations: pd.DataFrame, names: Sequence[Name]
    ) -> None:
        self.names = names
        self.codes = _texts(services["service_id"])
        self.where = (services["_file"].to_numpy(), services["_row"].to_numpy())
        self.points = services[["easting", "northing"]].to_numpy(dtype=float)
        self.accuracy = services["location_accuracy"].fillna(0.0).to_numpy(dtype=float)
        self.postcodes = _squeeze_postcodes(services["postcode"])
        self.areas = services["service_area"].to_numpy()
        self.places = _texts(services["place_id"])
        self.elements = services["elements"].to_numpy()
        self.ages = services[["minimum_age", "maximum_age"]].to_numpy(dtype=float)
        self.asked = _texts(services["organisation_id"])
        columns = ("organisation_id", "name", "charity_number")
        self.whose = {
            code: (name, squeeze_number(number))
            for code, name, number in zip(*(_texts(organisations[c]) for c in columns), strict=True)
        }

    def pair(self, dropped: int, kept: int) -> tuple[object, ...]:
        """Return a row of the suspects, but for the reasons."""
        files, rows = self.where
        at = (files[dropped], int(rows[dropped]), files[kept], int(rows[kept]))
        return (self.codes[dropped], self.codes[kept], *at)

    def score(self, a: int, b: int, alike: float) -> tuple[float, str]:
        """Return the score of two services, and what speaks for it."""
        place, where = self._place(a, b)
        who, whose = self._who(a, b)
        same = [code for code in self.elements[a] if code in self.elements[b]]
        generic = self.names[a].is_generic or self.names[b].is_generic
        if place == 0.0 or self._never_meet(a, b) or (generic and place < 1.0):
            return 0.0, ""
        total = NAME * alike + PLACE * place + WHO * who + WHAT * bool(same)
        words = ["the same name" if alike >= 1.0 else f"names alike {alike:.2f}", *where, *whose]
        if same:
            words.append(f"both {', '.join(same[:3])}")
        return round(total, 4), ", ".join(words)

    def _place(self, a: int, b: int) -> tuple[float, list[str]]:
        if self.postcodes[a] and self.postcodes[a] == self.postcodes[b]:
            return 1.0, [f"the same postcode {say_postcode(self.postcodes[a])}"]
        metres = float(np.hypot(*(self.points[a] - self.points[b])))
        if np.isfinite(metres):
            near = metres <= NEAR + self.accuracy[a] + self.accuracy[b]
            return (1.0, [f"{metres:.0f} m apart"]) if near else (0.0, [])
        if self.areas[a] and self.areas[b]:
            one, other = frozenset(self.areas[a]), frozenset(self.areas[b])
            met = bool(one & other) or "all" in one | other
            return (0.75, ["they come to the same area"]) if met else (0.0, [])
        if self.postcodes[a] and self.postcodes[b]:
            return 0.0, []
        if self.places[a] and self.places[b]:
            same = self.places[a] == self.places[b]
            return (0.75, [f"both in {self.places[a]}"]) if same else (0.0, [])
        return 0.5, []

    def _who(self, a: int, b: int) -> tuple[float, list[str]]:
        one, other = self.asked[a], self.asked[b]
        if one and one == other:
            return 1.0, ["the same organisation"]
        (name, number), (name2, number2) = (self.whose.get(c, ("", "")) for c in (one, other))
        if number and number == number2:
            return 1.0, [f"the same charity number {number}"]
        if not name or not name2:
            return 0.0, []
        alike = compare_organisations(name, name2)
        return (alike, ["organisations alike"]) if alike >= LEAST_ALIKE_ORGANISATIONS else (0.0, [])

    def _never_meet(self, a: int, b: int) -> bool:
        """Whether both say their ages, and no child is of both."""
        low = max(self.ages[a, 0], self.ages[b, 0])
        high = min(self.ages[a, 1], self.ages[b, 1])
        return bool(np.isfinite([*self.ages[a], *self.ages[b]]).all() and low > high)


def squeeze_postcode(text: str) -> str:
    """Return a postcode without blanks and case, to compare by; "" where it is none.

    >>> squeeze_postcode("gl1  1aa"), squeeze_postcode("tbd")
    ('GL11AA', '')
    """
    squeezed = "".join(text.split()).upper()
    return squeezed if re.fullmatch(r"[A-Z]{1,2}[0-9][A-Z0-9]?[0-9][A-Z]{2}", squeezed) else ""


def say_postcode(squeezed: str) -> str:
    """Write a squeezed postcode as people do.

    >>> say_postcode("GL11AA")
    'GL1 1AA'
    """
    return f"{squeezed[:-3]} {squeezed[-3:]}"


def squeeze_number(text: str) -> str:
    """Return a charity's number to compare by; registers of three countries, with their letters.

    >>> squeeze_number("1,089,464"), squeeze_number("sc 012345"), squeeze_number("none")
    ('1089464', 'SC012345', '')
    """
    squeezed = re.sub(r"[\s,.\-]", "", text).upper()
    match = re.fullmatch(r"(SC|SCO|NIC|XN?)?0*([0-9]{5,8})", squeezed)
    return "" if match is None else squeezed


def _texts(column: pd.Series[Any]) -> list[str]:
    return [str(text) for text in column.to_numpy(dtype=object)]


def _split_names(column: pd.Series[Any]) -> list[Name]:
    """Split the names of a column, each once: many services are called alike."""
    known: dict[str, Name] = {}
    texts = _texts(column)
    for text in texts:
        if text not in known:
            known[text] = split_name(text)
    return [known[text] for text in texts]


def _squeeze_postcodes(column: pd.Series[Any]) -> list[str]:
    texts = _texts(column)
    known = {text: squeeze_postcode(text) for text in set(texts)}
    return [known[text] for text in texts]


def _candidates(
    services: pd.DataFrame, organisations: pd.DataFrame, names: Sequence[Name]
) -> tuple[np.ndarray, np.ndarray]:
    """Return pairs that have a place, an organisation and a word, or a rare word in common."""
    order = [name.telling for name in names]
    pairs = list(_pairs_in_blocks(services, organisations, names))
    points = services[["easting", "northing"]].to_numpy(dtype=float)
    pairs.append(_near_pairs(points, order))
    if not any(len(p) for p in pairs):
        return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64)
    every = np.concatenate([p for p in pairs if len(p)])
    # One number a pair sorts many times faster than two.
    keys = np.unique(every[:, 0] * len(services) + every[:, 1])
    left, right = np.divmod(keys, len(services))
    apart = _stand_apart(left, right, services)
    return left[~apart], right[~apart]


def _stand_apart(left: np.ndarray, right: np.ndarray, services: pd.DataFrame) -> np.ndarray:
    """Say of each pair whether its positions are known and too far apart to be one site."""
    points = services[["easting", "northing"]].to_numpy(dtype=float)
    accuracy = services["location_accuracy"].fillna(0.0).to_numpy(dtype=float)
    postcodes = np.array(_squeeze_postcodes(services["postcode"]), dtype=object)
    codes, _ = pd.factorize(postcodes)
    named = postcodes != ""
    metres = np.hypot(*(points[left] - points[right]).T)
    far = metres > NEAR + accuracy[left] + accuracy[right]  # False where a position is not known
    return np.asarray(far & ~(named[left] & (codes[left] == codes[right])), dtype=bool)


def _pairs_in_blocks(
    services: pd.DataFrame, organisations: pd.DataFrame, names: Sequence[Name]
) -> Iterator[np.ndarray]:
    """Yield the pairs of services that have something in common which few others have."""
    columns = (_texts(organisations[c]) for c in ("organisation_id", "charity_number"))
    numbers = {code: squeeze_number(number) for code, number in zip(*columns, strict=True)}
    whose = [numbers.get(code) or code for code in _texts(services["organisation_id"])]
    postcodes = _squeeze_postcodes(services["postcode"])
    order = [name.telling for name in names]
    every = np.arange(len(names))
    known = np.array([bool(text) for text in postcodes], dtype=bool)
    yield from _pairs_alike(_number_texts(postcodes)[known], every[known], order)
    yield from _pairs_alike(_number_texts([name.full for name in names]), every, order)
    # Each word of each name, beside the service that it is of.
    tells = [set(name.telling.split()) for name in names]
    of = np.repeat(every, [len(words) for words in tells])
    words = _number_texts([word for told in tells for word in told])
    yield from _pairs_alike(_number_texts(whose)[of] * (len(words) + 1) + words, of, order)
    rare = np.bincount(words, minlength=1)[words] <= _RARE
    yield from _pairs_alike(words[rare], of[rare], order)


def _number_texts(texts: Sequence[str]) -> np.ndarray:
    """Return a number for each text, the same for the same."""
    return pd.factorize(np.array(texts, dtype=object))[0].astype(np.int64)


def _pairs_alike(keys: np.ndarray, members: np.ndarray, order: Sequence[str]) -> Iterator[np.ndarray]:  # fmt: skip
    """Yield the pairs of members whose keys are the same; of blocks of one size at once."""
    by_key = np.argsort(keys, kind="stable")
    keys, members = keys[by_key], members[by_key]
    starts = np.flatnonzero(np.diff(keys, prepend=-1))
    sizes = np.diff(starts, append=len(keys))
    for size in np.unique(sizes[sizes > 1]):
        blocks = members[starts[sizes == size][:, np.newaxis] + np.arange(size)]
        if size > _LARGEST_BLOCK:
            yield from (_pairs_of(block, order) for block in blocks)
        else:
            a, b = np.triu_indices(size, 1)
            yield np.column_stack([blocks[:, a].ravel(), blocks[:, b].ravel()])


def _pairs_of(block: Sequence[int], order: Sequence[str]) -> np.ndarray:
    """Return the pairs of a block; of a large one, those that are near in the order of names."""
    if len(block) <= _LARGEST_BLOCK:
        at = np.asarray(block, dtype=np.int64)
        a, b = np.triu_indices(len(at), 1)
        return np.column_stack([at[a], at[b]])
    at = np.array(sorted(block, key=lambda n: (order[n], n)), dtype=np.int64)
    steps = [np.column_stack([at[:-k], at[k:]]) for k in range(1, min(_WINDOW, len(at)))]
    return np.sort(np.concatenate(steps), axis=1)


def _near_pairs(points: np.ndarray, order: Sequence[str]) -> np.ndarray:
    """Return pairs of positions near one another; what stands on one spot is a block."""
    known = np.flatnonzero(np.isfinite(points).all(axis=1))
    if len(known) < 2:  # noqa: PLR2004 - a pair
        return np.zeros((0, 2), dtype=np.int64)
    spots: dict[tuple[int, int], list[int]] = {}
    for n in known:
        spots.setdefault((int(points[n, 0] // NEAR), int(points[n, 1] // NEAR)), []).append(int(n))
    crowded = {n for spot in spots.values() if len(spot) > _LARGEST_BLOCK for n in spot}
    found = [_pairs_of(spot, order) for spot in spots.values() if len(spot) > _LARGEST_BLOCK]
    alone = np.array([n for n in known if n not in crowded], dtype=np.int64)
    if len(alone) > 1:
        near = cKDTree(points[alone]).query_pairs(NEAR, output_type="ndarray")
        found.append(np.sort(alone[near], axis=1))
    return np.concatenate(found) if found else np.zeros((0, 2), dtype=np.int64)


def find_same_organisations(organisations: pd.DataFrame) -> list[tuple[str, str, str]]:
    """Return (code, code that stands first, why) of organisations that may be one."""
    codes = [str(code) for code in organisations["organisation_id"]]
    names = _split_names(organisations["name"])
    numbers = [squeeze_number(str(number)) for number in organisations["charity_number"]]
    order = [name.telling for name in names]
    by: dict[tuple[str, str], list[int]] = {}
    for n, name in enumerate(names):
        by.setdefault(("name", name.full), []).append(n)
        for word in name.telling.split():
            by.setdefault(("word", word), []).append(n)
        if numbers[n]:
            by.setdefault(("number", numbers[n]), []).append(n)
    pairs = [_pairs_of(block, order) for block in by.values() if len(block) > 1]
    if not pairs:
        return []
    every = np.unique(np.concatenate(pairs), axis=0)
    given = [str(name) for name in organisations["name"]]
    found = []
    for a, b in every:
        apart = are_apart(names[a], names[b])
        score = 0.0 if apart else compare_organisations(given[a], given[b])
        if numbers[a] and numbers[a] == numbers[b]:
            found.append((codes[b], codes[a], f"the same charity number {numbers[a]}"))
        elif score >= LEAST_ALIKE_ORGANISATIONS and not (numbers[a] and numbers[b]):
            why = "the same name" if score >= 1.0 else f"names alike {score:.2f}"
            found.append((codes[b], codes[a], why))
    return found


def list_decided(decisions: pd.DataFrame, merged: Mapping[str, str]) -> set[frozenset[str]]:
    """Return the pairs decided of, also by the codes of the records they were merged into."""
    decided: set[frozenset[str]] = set()
    for one, other, same in zip(
        decisions["service_id"], decisions["same_as"], decisions["same"], strict=True
    ):
        if same:
            decided.add(frozenset((one, other)))
            decided.add(frozenset((merged.get(one, one), merged.get(other, other))))
    return decided

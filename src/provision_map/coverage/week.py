"""What a service gives, as bits: half-hours of the week, weekdays, holidays, types of space.

Bits are joined by OR, never added: two clubs at the same hour are one hour.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from math import ceil

import numpy as np
import numpy.typing as npt

from provision_map.errors import UsageError
from provision_map.model import Standard
from provision_map.tables import HOLIDAYS, SPACE_TYPES, WEEKDAYS

Words = npt.NDArray[np.uint64]

HALF_HOURS_A_DAY = 48
WEEK = 7 * HALF_HOURS_A_DAY
MINUTES_A_DAY = 24 * 60


def bit_names(standard: Standard) -> tuple[str, ...]:
    """Names of the bits of a standard's unit; half-hours have none."""
    if standard.unit == "holidays":
        return HOLIDAYS
    if standard.unit == "types":
        return tuple(t for t in SPACE_TYPES if t in standard.type_metres)
    if standard.unit == "days":
        return WEEKDAYS
    return () if standard.unit == "hours" else ("provision",)


def bit_count(standard: Standard) -> int:
    """Return how many bits the standard's unit has."""
    return WEEK if standard.unit in ("hours", "days") else len(bit_names(standard))


def need_in_bits(standard: Standard) -> float:
    """Return the standard's need in bits: half-hours for hours."""
    return standard.need * 2 if standard.unit == "hours" else standard.need


def half_hours(weekday: int, start: dt.time, end: dt.time) -> range:
    """Return the half-hours of the week that lie wholly inside a session.

    >>> [i % 48 / 2 for i in half_hours(4, dt.time(19, 10), dt.time(21, 0))]
    [19.5, 20.0, 20.5]
    """
    first = -(-(start.hour * 60 + start.minute) // 30)
    last = (MINUTES_A_DAY if end == dt.time.max else end.hour * 60 + end.minute) // 30
    base = weekday * HALF_HOURS_A_DAY
    return range(base + first, base + max(first, last))


def window_mask(windows: Sequence[tuple[int, float, float]], bits: int) -> npt.NDArray[np.bool_]:
    """Return which bits a standard's windows let count; no windows: all of them."""
    if not windows or bits != WEEK:
        return np.ones(bits, dtype=bool)
    mask = np.zeros(WEEK, dtype=bool)
    for weekday, start, end in windows:
        base = weekday * HALF_HOURS_A_DAY
        mask[base + ceil(start * 2) : base + int(end * 2)] = True
    return mask


def pack(bits: npt.NDArray[np.bool_]) -> Words:
    """Pack the last axis of a boolean array into 64-bit words."""
    width = -(-bits.shape[-1] // 64) * 64
    padded = np.zeros((*bits.shape[:-1], width), dtype=bool)
    padded[..., : bits.shape[-1]] = bits
    packed = np.packbits(padded, axis=-1, bitorder="little")
    return np.ascontiguousarray(packed).view(np.uint64)


def unpack(words: Words, bits: int) -> npt.NDArray[np.bool_]:
    """Undo :func:`pack`.

    >>> bool((unpack(pack(np.array([[True, False, True]])), 3) == [[True, False, True]]).all())
    True
    """
    as_bytes = np.ascontiguousarray(words).view(np.uint8)
    return np.unpackbits(as_bytes, axis=-1, count=bits, bitorder="little").astype(bool)


def units_in(words: Words, standard: Standard) -> npt.NDArray[np.float64]:
    """Count what the standard counts: set bits, or for ``days`` the weekdays with any half-hour."""
    return np.asarray(np.bitwise_count(named_bits(words, standard)).sum(axis=-1), dtype=float)


def named_bits(words: Words, standard: Standard) -> Words:
    """Return words with one bit for each thing that is counted: see :func:`bit_names`.

    For ``days`` a weekday's half-hours become one bit; every other unit has its bits already.
    """
    if standard.unit != "days":
        return words
    by_day = unpack(words, WEEK).reshape(*words.shape[:-1], 7, HALF_HOURS_A_DAY)
    return pack(np.asarray(by_day.any(axis=-1), dtype=bool))


def required_mask(standard: Standard) -> Words:
    """Pack the bits that a standard requires by name, in the order of :func:`bit_names`.

    Raises:
        UsageError: a name that is none of the unit's; half-hours have no names to require.

    """
    names = bit_names(standard)
    unknown = [name for name in standard.required if name not in names]
    if unknown:
        raise UsageError(
            f"A standard in {standard.unit} cannot require {', '.join(unknown)}. "
            f"Require one of: {', '.join(names) or 'nothing'}."
        )
    width = max(1, len(names))
    return pack(np.array([n in standard.required for n in names] or [False] * width, dtype=bool))


def meets(words: Words, standard: Standard) -> npt.NDArray[np.bool_]:
    """Whether bits make up the standard: as many as its need, and all that it requires by name.

    >>> standard = Standard("holidays", 1, 2000, "", required=("Summer",))
    >>> easter_and_may = np.array([h in ("Easter", "May half term") for h in HOLIDAYS])
    >>> summer = np.array([h == "Summer" for h in HOLIDAYS])
    >>> bool(meets(pack(easter_and_may), standard)), bool(meets(pack(summer), standard))
    (False, True)
    """
    return np.asarray(_lacking(words, standard) <= 0, dtype=bool)


def missing_share(words: Words, standard: Standard) -> npt.NDArray[np.float64]:
    """Return the share of the standard that is missing: 0 exactly where it is met.

    The fewest bits whose addition would meet it, over the bits that nothing at all would lack.
    Two required holidays out of a need of one are a need of two.
    """
    whole = max(need_in_bits(standard), float(len(set(standard.required))))
    lacking = np.maximum(0.0, _lacking(words, standard))
    return np.asarray(lacking / whole if whole > 0 else np.zeros_like(lacking), dtype=float)


def _lacking(words: Words, standard: Standard) -> npt.NDArray[np.float64]:
    """Return the fewest bits to add: those short of the need, or those required and not there."""
    bits = named_bits(words, standard)
    short = need_in_bits(standard) - np.bitwise_count(bits).sum(axis=-1, dtype=float)
    if not standard.required:
        return np.asarray(short, dtype=float)
    absent = np.bitwise_count(required_mask(standard) & ~bits).sum(axis=-1, dtype=float)
    return np.asarray(np.maximum(short, absent), dtype=float)

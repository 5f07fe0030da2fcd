"""Which area and which site each travel time is between: codes turned into positions, pairs in order.

Travel times come by the hundred million. Every step here is linear in them, and none makes a Python
object for each.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import sparse

from provision_map.reach.decay import Floats

Positions = npt.NDArray[np.int32]

#: So many pairs are counted in 32 bits.
MOST = np.iinfo(np.int32).max
#: A table from id to position may be so many times as long as what it is made for.
_SPARE = 4
#: From so many rows on it is asked whether a column of texts goes in runs; the first rows show it.
_MANY = 100_000
_PROBE = 1_000


@dataclass(frozen=True)
class Matched:
    """Pairs of area and site, as positions: each pair once, sorted by area and then site.

    ``areas`` and ``sites`` count all there are, in any pair or not. Pairs further than was asked
    for, and those without a time, are not among them.
    """

    area: Positions
    site: Positions
    minutes: Floats
    areas: int
    sites: int


def match_times(
    times: pd.DataFrame, areas: pd.Index[Any], sites: pd.Index[Any], *, within: float
) -> Matched:
    """Turn ids into positions, and keep the pairs within so many minutes.

    Ids that are in neither index are left out without a word.

    Args:
        times: from_id, to_id, minutes.
        areas: ids that from_id may be; each once.
        sites: ids that to_id may be; each once.
        within: minutes, inclusive.

    """
    return settle_pairs(
        positions_of(times["from_id"], areas),
        positions_of(times["to_id"], sites),
        minutes_of(times["minutes"]),
        shape=(len(areas), len(sites)),
        within=within,
    )


# ---------------------------------------------------------------- from ids to positions


def minutes_of(column: pd.Series[Any]) -> Floats:
    """Return a column of minutes as an array; NaN where it is blank."""
    return np.asarray(column.to_numpy(dtype=np.float64, na_value=np.nan))


def positions_of(ids: pd.Series[Any], index: pd.Index[Any]) -> Positions:
    """Find where in ``index`` each id stands; -1 for none. Linear in what there is."""
    if isinstance(ids.dtype, pd.CategoricalDtype):
        return _placed(ids.cat.codes.to_numpy(), ids.cat.categories, index)
    if _whole(ids.dtype) and _whole(index.dtype) and len(index):
        known = index.to_numpy()
        low, high = int(known.min()), int(known.max())
        if high - low < _SPARE * (len(ids) + len(index)):
            return _positions_of_whole(ids.to_numpy(), known, (low, high))
    starts = _runs(ids)
    if starts is not None:
        return np.repeat(positions_of(ids.iloc[starts], index), np.diff(starts, append=len(ids)))
    if _arrow(ids.dtype) and _arrow(index.dtype):
        return _positions_of_texts(ids, index)
    return _placed(*pd.factorize(ids), index)


def _positions_of_texts(ids: pd.Series[Any], index: pd.Index[Any]) -> Positions:
    """Look texts up where they lie, without a Python object for each: for columns that Arrow holds."""
    import pyarrow as pa  # noqa: PLC0415 - optional, and there where a column is held by it
    import pyarrow.compute as pc  # noqa: PLC0415

    at = pc.index_in(pa.array(ids.array), value_set=pa.array(index.array))
    return np.asarray(at.fill_null(-1), dtype=np.int32)


def _placed(
    codes: npt.NDArray[np.integer[Any]],
    known: pd.Index[Any] | npt.NDArray[Any],
    index: pd.Index[Any],
) -> Positions:
    """Go from codes over what they stand for to positions; code -1 is no id at all."""
    at = np.append(index.get_indexer(pd.Index(known)), -1).astype(np.int32)
    return np.asarray(at[codes], dtype=np.int32)


def _runs(ids: pd.Series[Any]) -> npt.NDArray[np.int64] | None:
    """Find where runs of the same text begin; None where that does not pay.

    Comparing neighbours is three times as fast as looking each text up.
    """
    if not isinstance(ids.dtype, pd.StringDtype) or len(ids) < _MANY:
        return None
    if _changes(ids.iloc[:_PROBE]).sum() * _SPARE > _PROBE:
        return None
    starts = np.flatnonzero(_changes(ids)) + 1
    return None if len(starts) * _SPARE > len(ids) else np.concatenate([[0], starts])


def _changes(ids: pd.Series[Any]) -> npt.NDArray[np.bool_]:
    texts = ids.array
    other = texts[1:] != texts[:-1]
    # A blank is like nothing, not even like a blank.
    return np.asarray(pd.array(other, dtype="boolean").to_numpy(dtype=bool, na_value=True))


def _positions_of_whole(
    ids: npt.NDArray[np.integer[Any]], known: npt.NDArray[np.integer[Any]], span: tuple[int, int]
) -> Positions:
    """Look whole numbers up in a table: no hashing."""
    low, high = span
    table = np.full(high - low + 2, -1, dtype=np.int32)
    table[known - low] = np.arange(len(known), dtype=np.int32)
    if len(ids) and (ids.min() < low or ids.max() > high):
        # Whatever is outside the span is sent to the last place, which holds nothing.
        ids = np.where((ids < low) | (ids > high), high + 1, ids)
    return np.asarray(table[ids - low] if low else table[ids])


def _arrow(dtype: Any) -> bool:  # noqa: ANN401 - a dtype of numpy or of pandas
    return isinstance(dtype, pd.StringDtype) and dtype.storage == "pyarrow"


def _whole(dtype: Any) -> bool:  # noqa: ANN401 - a dtype of numpy or of pandas
    return isinstance(dtype, np.dtype) and dtype.kind == "i"


# ---------------------------------------------------------------- pairs in order


def settle_pairs(
    area: Positions, site: Positions, minutes: Floats, *, shape: tuple[int, int], within: float
) -> Matched:
    """Keep the known pairs within reach, each once with its least minutes, in order."""
    keep = minutes <= within  # NaN is not
    if len(area) and (area.min() < 0 or site.min() < 0):
        keep &= (area >= 0) & (site >= 0)
    if not keep.all():
        area, site, minutes = area[keep], site[keep], minutes[keep]
    if not _rises(area, site):
        order = _sort_by_counting(site, shape[1])
        order = order[_sort_by_counting(area[order], shape[0])]
        area, site, minutes = area[order], site[order], minutes[order]
        first = np.ones(len(area), dtype=bool)
        first[1:] = (area[1:] != area[:-1]) | (site[1:] != site[:-1])
        if not first.all():
            minutes = np.minimum.reduceat(minutes, np.flatnonzero(first))
            area, site = area[first], site[first]
    return Matched(area, site, minutes, *shape)


def _rises(area: Positions, site: Positions) -> bool:
    """Whether pairs are sorted by area and site, and none stands twice."""
    block = 1 << 16
    for start in range(0, len(area) - 1, block):
        a, s = area[start : start + block + 1], site[start : start + block + 1]
        later = a[1:] > a[:-1]
        later |= (a[1:] == a[:-1]) & (s[1:] > s[:-1])
        if not later.all():
            return False
    return True


def _sort_by_counting(codes: Positions, size: int) -> npt.NDArray[np.integer[Any]]:
    """Sort small whole numbers, stably, by counting: linear, where a sort is n log n.

    A matrix with one entry a row, turned from rows to columns, is just that.

    >>> _sort_by_counting(np.array([2, 0, 2, 1], dtype=np.int32), 3)
    array([1, 3, 0, 2], dtype=int32)
    """
    rows = len(codes)
    starts = np.arange(rows + 1, dtype=np.int32 if rows < MOST else np.int64)
    one_a_row = sparse.csr_array((np.zeros(rows, np.int8), codes, starts), shape=(rows, size))
    return np.asarray(one_a_row.tocsc().indices)

"""OR and sum what services give, home by home, over links sorted by home."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

Words = npt.NDArray[np.uint64]
Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]
Index = npt.NDArray[np.int64]

#: 64-bit words gathered at a time: 2 MiB, which a processor keeps close. Larger blocks were slower.
BLOCK_WORDS = 1 << 18


def or_by_place(
    words: Words, row: Index, place: Index, places: int, *, passes: Mask | None = None
) -> Words:
    """OR the words of every row that a place is linked to.

    Links are taken in blocks of whole places, so that what is gathered at once stays small however
    many links there are.

    Args:
        words: row × word.
        row: of each link, its row of ``words``.
        place: of each link, the place; ascending.
        places: how many places there are.
        passes: link × age × group, which links count for whom; None: all, and the result has no
            axes for age and group.

    Returns:
        place × (age × group ×) word; 0 where a place has no link.

    >>> words = np.array([[1], [2], [4]], dtype=np.uint64)
    >>> or_by_place(words, np.array([0, 2, 1]), np.array([0, 0, 2]), 3)[:, 0].tolist()
    [5, 0, 2]

    """
    middle = passes.shape[1:] if passes is not None else ()
    out = np.zeros((places, *middle, words.shape[1]), dtype=np.uint64)
    width = max(1, int(np.prod(middle)) * words.shape[1])
    for first, last in _blocks(place, BLOCK_WORDS // width):
        here = slice(first, last)
        gathered = words[row[here]]
        if passes is not None:
            gathered = np.where(passes[here][..., None], gathered[:, None, None, :], np.uint64(0))
        present, start = np.unique(place[here], return_index=True)
        out[present] = np.bitwise_or.reduceat(gathered, start, axis=0)
    return out


def sum_by_place(values: Floats, place: Index, places: int) -> Floats:
    """Add up the values of every link of a place; ``place`` ascending.

    >>> sum_by_place(np.array([1.0, 2.0, 5.0]), np.array([0, 0, 2]), 3).tolist()
    [3.0, 0.0, 5.0]

    """
    out = np.zeros((places, *values.shape[1:]))
    if len(place):
        present, start = np.unique(place, return_index=True)
        out[present] = np.add.reduceat(values, start, axis=0)
    return out


def _blocks(place: Index, most: int) -> Iterator[tuple[int, int]]:
    """Cut links into blocks of at most ``most``, never within a place unless it alone has more."""
    first, total = 0, len(place)
    while first < total:
        last = min(first + max(1, most), total)
        if last < total:
            # Back to where the place that is cut begins; on to its end where it began the block.
            begins = int(np.searchsorted(place, place[last], side="left"))
            last = begins if begins > first else int(np.searchsorted(place, place[last], "right"))
        yield first, last
        first = last

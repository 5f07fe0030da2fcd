"""An entry's children, divided by what stands in their way, in whole numbers that add up."""

from __future__ import annotations

import math
from collections.abc import Mapping

#: What three roundings can make of a sum. Figures further apart do not belong together.
_MOST = 1.5
#: A part that is less than half a child is nobody.
_NOBODY = 0.5


def apportion(counts: Mapping[str, float], total: int) -> dict[str, int]:
    """Round counts to whole numbers that add up to ``total``, changing those that mind it least.

    Where the counts themselves do not add up to ``total``, each is rounded on its own.

    >>> apportion({"a": 4.5, "b": 4.5, "c": 6.0}, 15)
    {'a': 4, 'b': 5, 'c': 6}
    >>> apportion({"a": 4.5}, 9)
    {'a': 5}
    """
    rounded = {code: math.floor(count + 0.5) for code, count in counts.items()}
    missing = total - sum(rounded.values())
    if abs(sum(counts.values()) - total) > _MOST or not any(counts.values()):
        return rounded
    step = 1 if missing > 0 else -1
    for _ in range(abs(missing)):
        code = max(
            (code for code, count in counts.items() if count > 0),
            key=lambda code: (counts[code] - rounded[code]) * step,
        )
        rounded[code] += step
    return rounded


def divide_others(
    kind: str, *, children: float, population: float, covered: float, unknown: float
) -> dict[str, int]:
    """Divide those of an entry's cells who are not its own children; parts of ``words.PARTS``.

    Args:
        kind: of the entry. In a gap of provision quality is not judged: who has enough is
            "reached", not "covered". What a community's entry does not hold is "shared": it holds
            only what the community lacks beyond everyone.
        children: its own.
        population: all children in its cells.
        covered: share of them covered (of provision: reached).
        unknown: share of them for whom it cannot be told.

    Returns:
        What cannot be told, what is covered, and what the entry does not hold, in this order; a
        part of nobody is left out.

    """
    held = "reached" if kind == "provision" else "covered"
    parts = {"unknown": unknown * population, held: covered * population}
    rest = population - children - sum(parts.values())
    if rest >= _NOBODY:
        parts["shared" if kind == "community" else "rest"] = rest
    # The entry's own children are a whole number already: the others fill up what is left.
    whole_children, whole_population = (math.floor(n + 0.5) for n in (children, population))
    divided = apportion(parts, whole_population - whole_children)
    return {code: count for code, count in divided.items() if count > 0}

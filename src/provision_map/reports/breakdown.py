"""An entry's children, divided by what stands in their way."""

from __future__ import annotations

from provision_map.reports.rows import GapRow
from provision_map.reports.text import whole

#: Children by which whole numbers may miss their sum, some rounded up and some down.
_ROUNDING = 4


def divide_children(gap: GapRow) -> list[tuple[str, int]]:
    """Divide the children in an entry's cells into the parts of ``words.PARTS`` that occur.

    Causes in their fixed order, then unknown, covered, and what the entry does not hold: a
    community's entry holds only what it lacks beyond everyone. Empty where nothing was counted.
    """
    if gap.children is None:
        return []
    total = gap.population
    parts: list[tuple[str, int | None]] = list(gap.causes.items())
    for code, share in (("unknown", gap.unknown), ("covered", gap.covered)):
        parts.append((code, None if share is None or total is None else whole(share * total)))
    held = sum(count or 0 for _, count in parts)
    if total is not None and total - held > _ROUNDING:
        parts.append(("shared" if gap.kind == "community" else "rest", total - held))
    return [(code, count) for code, count in parts if count]

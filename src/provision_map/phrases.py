"""Phrases of an edition that the map and the reports say alike."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from provision_map.coverage import week
from provision_map.coverage.links import OUTREACH, WALK, minutes_by
from provision_map.edition import Edition
from provision_map.model import Standard
from provision_map.schema.wording import join_words, say_mode


def count_parts(standard: Standard) -> int:
    """Count the holidays or types of space that a standard chooses among; 0 where it names none."""
    return len(week.bit_names(standard)) if standard.unit in ("holidays", "types") else 0


def say_missing(missing: Sequence[str], standard: Standard) -> str:
    """Say which parts of a standard are missing, and how many of them would do.

    >>> play = Standard("types", 1, 1000, "", {"LAP": 100, "LEAP": 400, "NEAP": 1000})
    >>> say_missing(["LAP", "LEAP", "NEAP"], play), say_missing(["LAP"], play)
    ('any one of LAP, LEAP, NEAP would do', 'LAP')
    """
    names = ", ".join(missing)
    parts = count_parts(standard)
    lack = max(1, int(standard.need) - (parts - len(missing)))
    if not parts or standard.required or lack >= len(missing):
        return names
    return f"any {NUMBERS[lack]} of {names} would do"


#: So many parts has no standard more than.
NUMBERS = ("none", "one", "two", "three", "four", "five", "six")


def list_modes(edition: Edition) -> tuple[str, ...]:
    """List the modes of travel, other than on foot, by which ways were searched."""
    times = edition.times
    modes = map(str, times.loc[times["searched_to"] > 0, "mode"].unique())
    return tuple(mode for mode in modes if mode not in (WALK, OUTREACH))


def say_catchment(edition: Edition, element_id: str, minutes: float) -> str:
    """Say how far a catchment reaches, by the modes by which ways were searched.

    A mode that the standard allows minutes of its own reaches as much further as these are more
    than those of the walk.
    """
    modes = list_modes(edition)
    times = edition.times
    on_foot = not modes or bool((times["mode"].eq(WALK) & (times["searched_to"] > 0)).any())
    standard = edition.framework.elements[element_id].standard
    each = [
        f"{minutes_by(mode, standard, minutes):.0f} minutes {say_mode(mode)}"
        for mode in (*([WALK] if on_foot else []), *modes)
    ]
    return join_words(each, "or")


def list_items(value: object) -> tuple[str, ...]:
    """Return a list cell's items, whether it is held as a list or as text with semicolons."""
    if isinstance(value, str):
        return tuple(part.strip() for part in value.split(";") if part.strip())
    if isinstance(value, Iterable):
        return tuple(str(item) for item in value)
    return ()

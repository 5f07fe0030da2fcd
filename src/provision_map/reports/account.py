"""What a gap's numbers do not say by themselves, in sentences: on the page and in a terminal."""

from __future__ import annotations

from provision_map.gaps.rules import MIXED
from provision_map.reports import words
from provision_map.reports.rows import GapRow

_NOT_ENOUGH = (words.CAUSE_NAMES["none"], words.CAUSE_NAMES["absent"])


def say_not_counted(gap: GapRow) -> str:
    """Say why an entry has no figures, and what is known of it all the same."""
    if gap.kind == "practice":
        return words.NOT_SPREAD
    if gap.kind != "community":
        return words.NOT_MEASURED
    mixed = gap.main_cause == MIXED
    cause = "Its causes are mixed" if mixed else f"The main cause is: {gap.main_cause}"
    shares = ""
    if gap.uncovered is not None:
        shares = (
            f"; in these places and ages {words.say_percent(gap.uncovered)} of such children "
            "would not be covered"
        )
        if gap.unknown:
            shares += f", and for {words.say_percent(gap.unknown)} it cannot be told"
    why = words.TOO_FEW if gap.has_figures else words.NO_FIGURES
    return f"{why} {cause}{shares}." if gap.main_cause else why


def list_notes(gap: GapRow) -> list[str]:
    """List what stands below the division of an entry's children, or in its place."""
    notes = []
    if gap.would_do:
        notes.append(f"Missing: {gap.would_do}.")
    if gap.together is not None:
        notes.append(gap.together.say())
    if gap.kind == "community" and gap.children is not None:
        notes.append(words.EXCESS)
    return [note for note in notes if note]


def say_change(gap: GapRow) -> str:
    """Say what would change a gap that no single change would; "" where a lever is known."""
    if gap.kind == "practice":
        return words.SPREAD_IT
    if any(gap.levers.values()):
        return ""
    none = gap.causes.get("none")
    only_none = gap.main_cause in _NOT_ENOUGH if none is None else none == gap.children
    if gap.together is not None and (none or only_none):
        lack = gap.together.say_lack()
        more = f"{words.MORE_OF_IT}{f': {lack}' if lack else ''}."
        if not gap.together.services:
            more = words.SET_IT_UP
        return more if only_none else f"{more} {words.NO_SINGLE_CHANGE_FOR_OTHERS}"
    return words.NO_SINGLE_CHANGE if gap.children is not None else ""

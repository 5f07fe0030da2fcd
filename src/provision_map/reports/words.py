"""Plain words for the codes of the tables, the same on every page, sheet and screen."""

from __future__ import annotations

from collections.abc import Iterable

from provision_map.edition import Edition
from provision_map.gaps.rules import CAUSE_WORDS
from provision_map.model import ALL_BUT

#: The question that the register answers.
QUESTION = (
    "Which children and young people lack which part of their offer, where, why, "
    "and what would change it?"
)

#: Gaps share children, so no total over them means anything.
OVERLAP = (
    "Gaps overlap: the same child can be in several. "
    "Children are therefore never added up over gaps."
)

#: The same holds for levers within one gap.
LEVERS_OVERLAP = (
    "These do not add up: each says how many children would be covered "
    "if that one thing changed and nothing else."
)

#: Why children are not covered, as it follows "for 120 of 412 children".
CAUSES = {
    "none": "all services of this kind together, wherever they are, do not make up the standard",
    "far": "the nearest that would do is too far",
    "time": "what is near enough runs at the wrong times",
    "age": "what is near enough and on time is for other ages",
    "group": "what is left is not open to them, or they cannot use it",
    "full": "what they could use has too few places",
    "quality": "what reaches them is below the quality standard",
}

#: What an entry's children divide into, as it follows "for 120 children".
PARTS = {
    **CAUSES,
    "absent": "no service at all gives it, here or anywhere else",
    "unknown": "it cannot be told",
    "reached": "there is enough within reach, whatever its quality",
    "covered": "there is enough, near enough and good enough",
    "shared": "it is missing, as it is for everyone around them",
    "rest": "something else stands in the way, which another gap holds",
}

NO_FIGURES = "Not counted: there are no small-area figures of this community."
TOO_FEW = "Not counted: too few children of this community to show figures."
NOT_MEASURED = "Not counted: none of its children could be counted."
EXCESS = (
    "Its children are those beyond the share that everyone in the same places and ages lacks; "
    "causes and changes are scaled to them."
)
NOT_SPREAD = "Every agreed good practice says that it has not been here, or none is agreed."
SPREAD_IT = "Agreed good practice brought to those whom it has not reached."
NO_SINGLE_CHANGE = "No single change would cover them: more than one thing stands in the way."
NO_SINGLE_CHANGE_FOR_OTHERS = "For the others no single change would do."
SET_IT_UP = "A service that gives it: there is none."
MORE_OF_IT = "More of it than there is anywhere"

#: The same as a title says it, for a column or a key.
CAUSE_NAMES = {**CAUSE_WORDS, "none": "not enough anywhere", "absent": "none at all"}

#: What a community needs of a building or its staff, as it follows "no … recorded".
ACCESS = {
    "step_free": "step-free access",
    "accessible_toilet": "accessible toilet",
    "changing_place": "changing place",
    "hearing_loop": "hearing loop",
    "quiet_space": "quiet space",
    "trained_staff": "trained staff",
}

GROUP_REASONS = {
    "closed": "not open to them",
    "access": "not accessible",
    "language": "not in their language",
    "cost": "costs too much",
    "information": "not publicised",
}

#: What would change it.
LEVERS = {
    "far": "Provision that suits them and exists elsewhere, brought within reach",
    "time": "What is near opened at the right times",
    "age": "What is near admitted their ages",
    "group": "What is near opened to them, in a way they can use",
    "full": "More places in what they can reach",
    "quality": "What reaches them raised to the quality standard",
}

UNKNOWN_REASONS = {
    "inventory": "whether anything is there: a return is missing or came only in part",
    "record": "whether the record still holds: it is too old",
    "location": "where exactly it is",
    "hours": "when it is open",
    "ages": "which ages it admits",
    "groups": "whom it is open to, and on what terms",
    "capacity": "how many places it has",
    "quality": "how good it is",
}

KINDS = {
    "provision": "Provision",
    "quality": "Quality",
    "community": "A community left out",
    "practice": "Good practice not spread",
}

FAMILIES = {
    "reach": "not enough within reach",
    "terms": "within reach, but not on terms they can use",
    "quality": "in use, but below the quality standard",
    "community": "one community has less than everyone around it",
    "practice": "good practice has not reached here",
}

SCOPES = {"city-wide": "City-wide", "local": "Local"}

#: A group of entries by itself: they are no open gaps, and have no rank.
CLOSED = "Closed by measure"

GRADES = {
    "confirmed": "Confirmed: complete and recent evidence",
    "probable": "Probable: some evidence is partial, ageing or close to a limit",
    "data gap": "Data gap: too much is missing or old to be sure",
}

#: The same, short enough for a filter.
GRADE_NAMES = {
    "confirmed": "Confirmed: complete, recent",
    "probable": "Probable: partial or ageing",
    "data gap": "Data gap: too much missing",
}

STATES = {
    "new": "first found in this run",
    "persisting": "still there, and not much changed since it was first reported",
    "improved": "at least 10 points less uncovered than when first reported",
    "worsened": "at least 10 points more uncovered than when first reported",
    "closed by measure": "at least 80% of its children are now covered",
    "cannot tell": "for half of its children or more it cannot be told",
}

STATUSES = {
    "proposed": "found by the software; nobody has decided yet",
    "identified": "people agree that it is a gap",
    "in progress": "someone is acting on it",
    "resolved": "people agree that it is closed",
    "accepted": "a gap that people decided to live with, for a reason",
    "duplicate": "the same as another entry",
    "reopened": "it had been resolved, and is back",
}

STATE_OR_STATUS = (
    "State is what this run measured in the gap’s own places and ages. "
    "Status is what people decided. A run proposes; a person decides."
)

_ALL = 100


def name_community(edition: Edition, community_id: str) -> str:
    """Name a community as people say it; an unknown code stands for itself."""
    if community_id in ("", "everyone"):
        return "Everyone"
    try:
        name = edition.framework.community_name(community_id)
    except (KeyError, StopIteration):
        return community_id
    # The words that the framework begins this name with are no name of their own.
    return f"A{name[1:]}" if community_id.startswith(ALL_BUT) and name.startswith("all") else name


def name_outcomes(edition: Edition, codes: Iterable[str]) -> tuple[str, ...]:
    """Name the outcomes of outcome or aim codes, each once, in the framework's order."""
    wanted = list(codes)
    known = {o.id: o.name for o in edition.framework.outcomes}
    found = {code[:2] for code in wanted if code[:2] in known}
    named = [name for code, name in known.items() if code in found]
    return (*named, *(code for code in wanted if code[:2] not in known))


def say_ages(low: int | None, high: int | None) -> str:
    """Write a span of ages. "10-12" would become 10 December in a spreadsheet, so: in words.

    >>> say_ages(10, 12), say_ages(13, 13), say_ages(None, None), say_ages(5, None)
    ('10 to 12', '13', '', '5 and over')
    """
    if low is None and high is None:
        return ""
    if low is None:
        return f"up to {high}"
    if high is None:
        return f"{low} and over"
    return str(low) if low == high else f"{low} to {high}"


def say_band(rank: int, low: int | None, high: int | None) -> str:
    """Say where an entry ranks when the weights are varied; "" where that was not tried.

    >>> say_band(4, 3, 9), say_band(1, 1, 1), say_band(1, None, None)
    ('3 to 9 in 90% of the settings tried', 'the same in 90% of the settings tried', '')
    """
    if low is None or high is None:
        return ""
    band = "the same" if low == high == rank else say_ages(low, high)
    return f"{band} in 90% of the settings tried"


def say_children(count: float | None) -> str:
    """Write how many children.

    >>> say_children(1234), say_children(1), say_children(None)
    ('1,234 children', '1 child', 'children not counted')
    """
    if count is None:
        return "children not counted"
    shown = int(count + 0.5)
    return "1 child" if shown == 1 else f"{shown:,} children"


def say_percent(share: float | None) -> str:
    """Write a share of one as whole per cent; what is not nothing is never shown as 0%.

    >>> say_percent(0.284), say_percent(0.001), say_percent(0.999), say_percent(None)
    ('28%', 'under 1%', 'over 99%', '')
    """
    if share is None:
        return ""
    percent = int(share * 100 + 0.5)
    if percent == 0 and share > 0:
        return "under 1%"
    if percent == _ALL and share < 1:
        return "over 99%"
    return f"{percent}%"

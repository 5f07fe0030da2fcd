"""The columns and facets of the register page."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from provision_map.reports import words
from provision_map.reports.rows import Cell, GapRow
from provision_map.tables import GRADES, STATES, STATUSES

#: What the reader sees in a blank cell. A CSV's is blank.
BLANK = "-"


@dataclass(frozen=True)
class PageColumn:
    """A column of the page.

    ``read`` gives what its CSV holds, ``show`` what the reader sees (by default the same), and
    ``sort`` what it is sorted by (by default the same).
    """

    name: str
    heading: str
    read: Callable[[GapRow], Cell]
    show: Callable[[GapRow], str] | None = None
    sort: Callable[[GapRow], Cell] | None = None
    number: bool = False
    shown: bool = False

    def text(self, gap: GapRow) -> str:
        """Return what the reader sees: a blank cell is a dash, not an oversight."""
        cell = self.show(gap) if self.show else self.read(gap)
        if cell is None or cell == "":
            return BLANK
        return cell if isinstance(cell, str) else f"{cell:,}"

    def key(self, gap: GapRow) -> Cell:
        """Return what the column is sorted by."""
        return (self.sort or self.read)(gap)


@dataclass(frozen=True)
class Facet:
    """A filter: the values that an entry has in it, and the order in which they are offered."""

    name: str
    heading: str
    read: Callable[[GapRow], Sequence[str]]
    order: tuple[str, ...] = ()
    labels: Callable[[str], str] = str
    open: bool = False


def _place(order: Sequence[str], value: str) -> int:
    return order.index(value) if value in order else len(order)


def _element(gap: GapRow) -> str:
    return f"{gap.element_id} {gap.element}".strip() or "Good practice"


def _first_upper(text: str) -> str:
    return text[:1].upper() + text[1:]


PAGE_COLUMNS: tuple[PageColumn, ...] = (
    PageColumn("rank", "Rank", lambda g: g.rank, number=True, shown=True),
    PageColumn("title", "Gap", lambda g: g.title, shown=True),
    PageColumn("offer", "Offer", lambda g: g.offer),
    PageColumn("element", "Element", _element),
    PageColumn("outcomes", "Outcomes", lambda g: "; ".join(g.outcomes)),
    PageColumn(
        "neighbourhoods", "Where", lambda g: "; ".join(g.neighbourhoods),
        lambda g: g.where, shown=True,
    ),
    PageColumn(
        "ages", "Ages", lambda g: g.ages,
        sort=lambda g: (g.minimum_age or 0) * 100 + (g.maximum_age or 0), shown=True,
    ),
    PageColumn("community", "Community", lambda g: g.community),
    PageColumn("kind", "Kind", lambda g: g.kind),
    PageColumn("main_cause", "Main cause", lambda g: g.main_cause, shown=True),
    PageColumn("missing", "Missing", lambda g: g.missing),
    PageColumn("children", "Children", lambda g: g.children, number=True, shown=True),
    PageColumn(
        "uncovered", "Share not covered", lambda g: words.say_percent(g.uncovered),
        sort=lambda g: g.uncovered, number=True,
    ),
    PageColumn(
        "unknown", "Cannot be told", lambda g: words.say_percent(g.unknown),
        sort=lambda g: g.unknown, number=True,
    ),
    PageColumn("need", "Need", lambda g: None if g.need is None else round(g.need, 2), number=True),
    PageColumn(
        "severity", "Severity", lambda g: None if g.severity is None else round(g.severity, 2),
        number=True,
    ),
    PageColumn(
        "priority", "Priority", lambda g: None if g.priority is None else round(g.priority),
        sort=lambda g: g.priority, number=True,
    ),
    PageColumn("rank_band", "Rank band", lambda g: g.rank_band, sort=lambda g: g.rank_low),
    PageColumn("grade", "Grade", lambda g: g.grade, sort=lambda g: _place(GRADES, g.grade), shown=True),
    PageColumn("state", "State", lambda g: g.state, sort=lambda g: _place(STATES, g.state), shown=True),
    PageColumn("status", "Status", lambda g: g.status, sort=lambda g: _place(STATUSES, g.status), shown=True),
    PageColumn("owner_role", "Owner", lambda g: g.owner_role),
    PageColumn("first_reported", "First reported", lambda g: g.first_reported),
)  # fmt: skip

FACETS: tuple[Facet, ...] = (
    Facet("scope", "Scope", lambda g: (g.scope,), tuple(words.SCOPES), lambda v: words.SCOPES.get(v, v), open=True),
    Facet("offer", "Offer", lambda g: (g.offer or "Good practice",), open=True),
    Facet("outcome", "Outcome", lambda g: g.outcomes, open=True),
    Facet("element", "Element", lambda g: (_element(g),)),
    Facet("neighbourhood", "Neighbourhood", lambda g: g.neighbourhoods),
    Facet("community", "Community", lambda g: (g.community,)),
    Facet("kind", "Kind", lambda g: (g.kind,), tuple(words.KINDS), lambda v: words.KINDS.get(v, v)),
    Facet("cause", "Main cause", lambda g: (g.main_cause or "none stated",), labels=_first_upper),
    Facet("grade", "Grade: how sure", lambda g: (g.grade,), GRADES, lambda v: words.GRADE_NAMES.get(v, v), open=True),
    Facet("state", "State: what is measured", lambda g: (g.state,), STATES, _first_upper),
    Facet("status", "Status: what was decided", lambda g: (g.status,), STATUSES, _first_upper, open=True),
)  # fmt: skip

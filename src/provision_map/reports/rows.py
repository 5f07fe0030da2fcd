"""One entry of the register in words and numbers, as page, workbook and CSV show it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from provision_map.edition import Edition
from provision_map.phrases import list_items, say_missing
from provision_map.reports import words
from provision_map.reports.breakdown import apportion, divide_others
from provision_map.reports.text import clean, clean_list, number, whole
from provision_map.reports.together import Together, add_up_services
from provision_map.tables import CAUSES, CLOSED, LEVERS

#: Neighbourhoods that are named in a cell before the rest is counted.
_MOST_NAMES = 2

Cell = str | int | float | None


@dataclass(frozen=True)
class GapRow:
    """One entry. Counts and shares are None where nothing was counted; text is never None.

    ``causes`` and ``levers`` are children by code. ``division`` divides the children of its cells
    into the parts of ``words.PARTS`` that occur; empty where nothing was counted.
    ``neighbourhoods`` are names only, in the order of ``parts``, which says for each how many
    places and children; ``where`` is short. ``missing`` names the holidays or types of space that
    are not reached; ``would_do`` says how many of them would do. ``has_figures`` says whether its community has figures by place at all.
    ``together`` is what all services of the element give, where those do not make up its standard.
    """

    gap_id: str
    offer: str
    element_id: str
    element: str
    outcomes: tuple[str, ...]
    title: str
    kind: str
    family: str
    scope: str
    neighbourhoods: tuple[str, ...]
    where: str
    parts: tuple[str, ...]
    places: tuple[str, ...]
    place_names: tuple[str, ...]
    minimum_age: int | None
    maximum_age: int | None
    community_id: str
    community: str
    main_cause: str
    missing: str
    would_do: str
    together: Together | None
    has_figures: bool
    children: int | None
    population: int | None
    covered: float | None
    uncovered: float | None
    unknown: float | None
    causes: Mapping[str, int | None]
    division: tuple[tuple[str, int], ...]
    levers: Mapping[str, int | None]
    need: float | None
    severity: float | None
    priority: float | None
    rank: int | None
    rank_low: int | None
    rank_high: int | None
    grade: str
    grade_reason: str
    state: str
    status: str
    owner_role: str
    first_reported: str

    @property
    def group(self) -> str:
        """The group that it is listed in: its scope, or "closed"."""
        return "closed" if self.state == CLOSED else self.scope

    @property
    def ages(self) -> str:
        """Ages in words: "13 to 15"."""
        return words.say_ages(self.minimum_age, self.maximum_age)

    @property
    def rank_band(self) -> str:
        """The 5 to 95 % band of the rank, "3 to 9"; "" where it was not simulated."""
        if self.rank_low is None or self.rank_high is None:
            return ""
        return words.say_ages(self.rank_low, self.rank_high)


@dataclass(frozen=True)
class RegisterColumn:
    """A column of the register's files: its name in the CSV, its heading for people, its cell."""

    name: str
    heading: str
    read: Callable[[GapRow], Cell]
    kind: Literal["text", "whole", "number"] = "text"
    width: int = 12


def read_gap_rows(edition: Edition) -> tuple[GapRow, ...]:
    """Return the entries in the edition's order: open before closed, city-wide first, by rank."""
    lookup = _Lookup(edition)
    # Records, not itertuples: a column's name need not be an identifier.
    return tuple(lookup.row(record) for record in edition.entries.to_dict("records"))


class _Lookup:
    """Names of what the entries hold codes of."""

    def __init__(self, edition: Edition) -> None:
        self.edition = edition
        places = edition.places
        ids = places["place_id"].astype(str)
        self.names = dict(zip(ids, map(clean, places["name"]), strict=True))
        self.neighbourhoods = dict(zip(ids, map(clean, places["neighbourhood"]), strict=True))
        self.everywhere = {name for name in self.neighbourhoods.values() if name}
        self.offers = {offer.id: offer.name for offer in edition.framework.offers}
        self.elements = {code: e.name for code, e in edition.framework.elements.items()}
        self.without_figures = {c.id for c in edition.framework.priority_communities}
        self.together: dict[str, Together] = {}

    def _order_names(self, places: tuple[str, ...], parts: tuple[str, ...]) -> tuple[str, ...]:
        """Return the neighbourhoods that places lie in, in the order in which parts begin."""
        within = dict.fromkeys(self.neighbourhoods.get(place, "") for place in places)
        names = [name for name in within if name]
        return tuple(sorted(names, key=lambda name: _find(name, parts)))

    def _say_where(self, names: tuple[str, ...]) -> str:
        if len(names) > _MOST_NAMES and self.everywhere == set(names):
            return f"All {len(names)} neighbourhoods"
        rest = len(names) - _MOST_NAMES
        return ", ".join(names[:_MOST_NAMES]) + (f" and {rest} more" if rest > 0 else "")

    def row(self, record: Mapping[Any, Any]) -> GapRow:
        places = clean_list(record.get("places"))
        parts = clean_list(record.get("neighbourhoods"))
        names = self._order_names(places, parts)
        element, offer = clean(record.get("element_id")), clean(record.get("offer_id"))
        community = clean(record.get("community_id")) or "everyone"
        state = clean(record.get("state"))
        together = self._add_up(element, record)
        causes = _count_causes(record)
        return GapRow(
            gap_id=clean(record["gap_id"]),
            offer=self.offers.get(offer, offer),
            element_id=element,
            element=self.elements.get(element, ""),
            outcomes=words.name_outcomes(self.edition, clean_list(record.get("outcomes"))),
            title=clean(record.get("title")),
            kind=clean(record.get("kind")),
            family=clean(record.get("family")),
            scope=clean(record.get("scope")),
            neighbourhoods=names,
            where=self._say_where(names),
            parts=parts,
            places=places,
            place_names=tuple(self.names.get(place, place) for place in places),
            minimum_age=whole(record.get("minimum_age")),
            maximum_age=whole(record.get("maximum_age")),
            community_id=community,
            community=words.name_community(self.edition, community),
            main_cause=_name_cause(clean(record.get("main_cause")), together),
            missing=clean(record.get("missing_parts")),
            would_do=self._say_missing(element, clean(record.get("missing_parts"))),
            together=together,
            has_figures=community not in self.without_figures,
            children=whole(record.get("children")),
            population=whole(record.get("population")),
            covered=number(record.get("covered")),
            uncovered=number(record.get("uncovered")),
            unknown=number(record.get("unknown")),
            causes=causes,
            division=_divide(record, causes, together),
            levers={c: whole(record.get(f"lever_{c}")) for c in LEVERS},
            need=number(record.get("need")),
            severity=number(record.get("severity")),
            priority=number(record.get("priority")),
            # What is closed takes no rank from what is open.
            rank=None if state == CLOSED else whole(record.get("rank")),
            rank_low=None if state == CLOSED else whole(record.get("rank_low")),
            rank_high=None if state == CLOSED else whole(record.get("rank_high")),
            grade=clean(record.get("grade")),
            grade_reason=clean(record.get("grade_reason")),
            state=state,
            status=clean(record.get("status")),
            owner_role=clean(record.get("owner_role")),
            first_reported=say_date(record.get("first_reported")),
        )

    def _say_missing(self, element_id: str, missing: str) -> str:
        element = self.edition.framework.elements.get(element_id)
        names = list_items(missing)
        return say_missing(names, element.standard) if element and names else missing

    def _add_up(self, element_id: str, record: Mapping[Any, Any]) -> Together | None:
        """Add up the services of an element where all of them together do not make it up."""
        element = self.edition.framework.elements.get(element_id)
        short = clean(record.get("main_cause")) == "none" or whole(record.get("cause_none"))
        if element is None or not short:
            return None
        if element_id not in self.together:
            self.together[element_id] = add_up_services(self.edition, element)
        return self.together[element_id]


def _count_causes(record: Mapping[Any, Any]) -> dict[str, int | None]:
    """Round the children of each cause so that they add up to the entry's own."""
    counts = {c: number(record.get(f"cause_{c}")) for c in CAUSES}
    known = {c: count for c, count in counts.items() if count is not None}
    children = whole(record.get("children"))
    rounded = apportion(known, whole(sum(known.values())) or 0 if children is None else children)
    return {c: rounded.get(c) for c in CAUSES}


def _divide(
    record: Mapping[Any, Any], causes: Mapping[str, int | None], together: Together | None
) -> tuple[tuple[str, int], ...]:
    children, population = number(record.get("children")), number(record.get("population"))
    if children is None:
        return ()
    parts = {code: count for code, count in causes.items() if count}
    if "none" in parts and together is not None and not together.services:
        parts = {"absent": parts.pop("none"), **parts}
    if population is not None:
        parts |= divide_others(
            clean(record.get("kind")),
            children=children,
            population=population,
            covered=number(record.get("covered")) or 0.0,
            unknown=number(record.get("unknown")) or 0.0,
        )
    return tuple(parts.items())


def _find(name: str, parts: tuple[str, ...]) -> int:
    return next(
        (n for n, part in enumerate(parts) if part == name or part.startswith(f"{name} (")),
        len(parts),
    )


def say_date(value: object) -> str:
    """Write a day as 2020-11-30, the form that every spreadsheet sorts; "" where none is given."""
    text = clean(value)
    return value.strftime("%Y-%m-%d") if text and isinstance(value, dt.date) else text


def _name_cause(code: str, together: Together | None) -> str:
    if code == "none" and together is not None and not together.services:
        code = "absent"
    return words.CAUSE_NAMES.get(code, code)


def _percent(share: float | None) -> float | None:
    return None if share is None else round(share * 100, 1)


def _rounded(value: float | None, digits: int) -> float | None:
    return None if value is None else round(value, digits)


def _cause_column(cause: str) -> RegisterColumn:
    heading = f"Children: {words.CAUSE_NAMES[cause]}"
    return RegisterColumn(f"cause_{cause}", heading, lambda g: g.causes[cause], "whole", 10)


#: The register's columns, in the order of gap-register.csv and of the workbook's sheet.
REGISTER_COLUMNS: tuple[RegisterColumn, ...] = (
    RegisterColumn("gap_id", "Gap", lambda g: g.gap_id, width=26),
    RegisterColumn("offer", "Offer", lambda g: g.offer, width=14),
    RegisterColumn("element", "Element", lambda g: g.element_id, width=9),
    RegisterColumn("element_name", "Element in words", lambda g: g.element, width=28),
    RegisterColumn("outcomes", "Outcomes", lambda g: "; ".join(g.outcomes), width=22),
    RegisterColumn("title", "Title", lambda g: g.title, width=48),
    RegisterColumn("scope", "Scope", lambda g: g.scope, width=10),
    RegisterColumn(
        "neighbourhoods", "Neighbourhoods",
        lambda g: "; ".join(g.parts or g.neighbourhoods), width=34,
    ),
    RegisterColumn("places", "Places", lambda g: "; ".join(g.places), width=24),
    RegisterColumn("ages", "Ages", lambda g: g.ages, width=9),
    RegisterColumn("community", "Community", lambda g: g.community, width=18),
    RegisterColumn("kind", "Kind", lambda g: g.kind, width=11),
    RegisterColumn("main_cause", "Main cause", lambda g: g.main_cause, width=15),
    RegisterColumn("missing", "Missing", lambda g: g.missing, width=20),
    RegisterColumn("children", "Children not covered", lambda g: g.children, "whole", 10),
    RegisterColumn("uncovered_percent", "Not covered, %", lambda g: _percent(g.uncovered), "number", 10),
    RegisterColumn("unknown_percent", "Cannot be told, %", lambda g: _percent(g.unknown), "number", 10),
    *(_cause_column(cause) for cause in CAUSES),
    RegisterColumn("grade", "Grade", lambda g: g.grade, width=11),
    RegisterColumn("grade_reason", "Why this grade", lambda g: g.grade_reason, width=38),
    RegisterColumn("need", "Need", lambda g: _rounded(g.need, 2), "number", 8),
    RegisterColumn("severity", "Severity", lambda g: _rounded(g.severity, 2), "number", 8),
    RegisterColumn("priority", "Priority", lambda g: _rounded(g.priority, 0), "whole", 9),
    RegisterColumn("rank", "Rank in its scope", lambda g: g.rank, "whole", 8),
    RegisterColumn("rank_low", "Rank, low end", lambda g: g.rank_low, "whole", 8),
    RegisterColumn("rank_high", "Rank, high end", lambda g: g.rank_high, "whole", 8),
    RegisterColumn("state", "State (measured)", lambda g: g.state, width=16),
    RegisterColumn("status", "Status (decided)", lambda g: g.status, width=14),
    RegisterColumn("owner_role", "Owner", lambda g: g.owner_role, width=20),
    RegisterColumn("first_reported", "First reported", lambda g: g.first_reported, width=12),
)  # fmt: skip

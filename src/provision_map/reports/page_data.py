"""What the register page's script works on: rows, facets, and each entry's detail in words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from provision_map.reports import words
from provision_map.reports.account import list_notes, say_change, say_not_counted
from provision_map.reports.page_columns import BLANK, FACETS, PAGE_COLUMNS, Facet
from provision_map.reports.rows import GapRow


class _Texts:
    """Texts by number, each once: the same sentences stand in most entries."""

    def __init__(self) -> None:
        self.numbers: dict[str, int] = {}

    def number(self, text: str) -> int:
        return self.numbers.setdefault(text, len(self.numbers))


def collect_page_data(gaps: Sequence[GapRow], *, data_status: str, map_href: str) -> dict[str, Any]:
    """Return everything that the script needs, as JSON can hold it.

    Cells stand in the order of the columns; ``keys`` holds, by column, what it is sorted by where
    that is not the cell. Texts that repeat are numbers into ``texts``.
    """
    values = [_list_values(facet, gaps) for facet in FACETS]
    ranked = Counter(gap.group for gap in gaps if gap.rank is not None)
    texts = _Texts()
    rows = [_collect_row(gap, values, ranked[gap.group], texts) for gap in gaps]
    return {
        "columns": [
            {"name": c.name, "heading": c.heading, "number": c.number, "shown": c.shown}
            for c in PAGE_COLUMNS
        ],
        "facets": [
            {
                "name": facet.name,
                "heading": facet.heading,
                "open": facet.open,
                "values": [[value, facet.labels(value)] for value in listed],
            }
            for facet, listed in zip(FACETS, values, strict=True)
        ],
        "rows": rows,
        "texts": list(texts.numbers),
        "parts": words.PARTS,
        "levers": words.LEVERS,
        "leversOverlap": words.LEVERS_OVERLAP,
        "blank": BLANK,
        "dataStatus": data_status,
        "map": map_href,
    }


def _collect_row(
    gap: GapRow, values: list[list[str]], ranked: int, texts: _Texts
) -> dict[str, Any]:
    return {
        "id": gap.gap_id,
        "scope": gap.scope,
        "group": gap.group,
        "cells": [column.read(gap) for column in PAGE_COLUMNS],
        "keys": {str(c): column.key(gap) for c, column in enumerate(PAGE_COLUMNS) if column.sort},
        "in": [
            [listed.index(v) for v in facet.read(gap) if v in listed]
            for facet, listed in zip(FACETS, values, strict=True)
        ],
        "why": texts.number("" if gap.division else say_not_counted(gap)),
        "notes": [texts.number(note) for note in list_notes(gap)],
        "change": texts.number(say_change(gap) or "Not counted."),
        "bar": _divide(gap),
        "levers": [[code, count] for code, count in gap.levers.items() if count],
        "neighbourhoods": [texts.number(text) for text in gap.parts or gap.neighbourhoods],
        "places": [texts.number(text) for text in gap.place_names],
        "facts": [
            [texts.number(name), texts.number(text)]
            for name, text in _list_facts(gap, ranked)
            if text
        ],
    }


def _list_values(facet: Facet, gaps: Sequence[GapRow]) -> list[str]:
    found = {value for gap in gaps for value in facet.read(gap) if value}
    ordered = [value for value in facet.order if value in found]
    return ordered + sorted(found.difference(ordered), key=lambda v: (v.casefold(), v))


def _divide(gap: GapRow) -> list[list[Any]]:
    """Divide the entry's children: code, number, share of all of them in words."""
    total = gap.population
    return [
        [code, count, words.say_percent(count / total) if total else ""]
        for code, count in gap.division
    ]


def _list_facts(gap: GapRow, ranked: int) -> list[tuple[str, str]]:
    kind = words.KINDS.get(gap.kind, gap.kind)
    family = words.FAMILIES.get(gap.family, gap.family)
    return [
        ("What", " ".join(part for part in (gap.element_id, gap.element) if part)),
        ("Offer", gap.offer),
        ("Outcomes", ", ".join(gap.outcomes)),
        ("Who", f"{gap.community}, ages {gap.ages}" if gap.ages else gap.community),
        ("Kind", f"{kind}: {family}" if family and family != kind else kind),
        ("Priority", _say_priority(gap)),
        ("Rank", _say_rank(gap, ranked)),
        ("Grade", words.GRADES.get(gap.grade, gap.grade)),
        ("Why this grade", gap.grade_reason),
        ("State", _explain(gap.state, words.STATES)),
        ("Status", _explain(gap.status, words.STATUSES)),
        ("Owner", gap.owner_role),
        ("First reported", gap.first_reported),
    ]


def _explain(code: str, meanings: dict[str, str]) -> str:
    text = f"{code}: {meanings[code]}" if code in meanings else code
    return text[:1].upper() + text[1:]


def _say_priority(gap: GapRow) -> str:
    if gap.children is None or gap.need is None or gap.severity is None or gap.priority is None:
        return ""
    product = gap.children * gap.need * gap.severity
    sum_of_it = (
        f"{words.say_children(gap.children)} × need {gap.need:.2f} × severity {gap.severity:.2f}"
    )
    plain = abs(product - gap.priority) <= 0.02 * max(product, 1.0)
    how = "" if plain else ", weighted as this exercise sets"
    return f"{gap.priority:,.0f}, from {sum_of_it}{how}"


def _say_rank(gap: GapRow, ranked: int) -> str:
    if gap.group == "closed":
        return "not ranked: closed by measure"
    if gap.rank is None:
        return "not ranked: not counted"
    band = words.say_band(gap.rank, gap.rank_low, gap.rank_high)
    return f"{gap.rank} of {ranked} {gap.scope} gaps{f'; {band}' if band else ''}"

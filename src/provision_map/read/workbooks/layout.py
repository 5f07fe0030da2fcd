"""The workbook that an organisation fills in: its sheets, their headings, and the words for codes.

Written by ``reports``, read by :mod:`provision_map.read.workbooks.reading`: both keep to what stands here.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from provision_map import tables
from provision_map.model import Framework
from provision_map.schema import Column, Table

#: Begins the first cell of each sheet that this software made: what stands above its headings is
#: help, not data.
MADE_HERE = "Provision map"

#: Sheets without data of the organisation's own.
START, CODES = "Start here", "Codes"
CODE_HEADINGS = ("List", "Choose", "Code", "Name", "Belongs to")

#: Which list of codes a column takes its values from.
LISTS: Mapping[str, str] = {
    "elements": "elements",
    "outcomes": "outcomes",
    "open_to": "communities",
    "not_open_to": "communities",
    "reached_communities": "communities",
    "community": "communities",
    "place_id": "places",
    "service_area": "areas",
    "places": "areas",
    "reached_places": "areas",
}

#: Words that stand for themselves among the codes of a list.
_WORDS: Mapping[str, tuple[str, ...]] = {
    "elements": ("all",),
    "communities": ("everyone",),
    "areas": ("all",),
}
#: Words that no name stands for.
RESERVED = ("all", "everyone", "none", "tbd", "unknown", "withheld")


@dataclass(frozen=True)
class SheetLayout:
    """One sheet: a title that says what goes into it, and its columns in the order of asking.

    ``tables`` are those that a row may speak of; on the first sheet an organisation and its return.
    ``repeats`` says of some lists in how many columns they stand: choosing one thing in each of
    three cells is what people get right, where a drop-down fills a cell with one thing only.
    """

    name: str
    title: str
    tables: tuple[Table, ...]
    columns: tuple[str, ...]
    repeats: Mapping[str, int] = field(default_factory=dict)

    def column(self, name: str) -> Column:
        """Return the declared column; any other is one of text that people have added."""
        declared = (c for table in self.tables for c in table.columns if c.name == name)
        return next(declared, None) or Column(name, "text", "A column of your own: it is not read.")


def _order(table: Table, *first: str, without: tuple[str, ...] = ()) -> tuple[str, ...]:
    names = dict.fromkeys((*first, *table.names(given_only=True)))
    return tuple(name for name in names if name not in without)


ORGANISATION = SheetLayout(
    "Organisation",
    "Who you are, and what this return speaks for. One row.",
    (tables.ORGANISATIONS, tables.RETURNS),
    (
        "name", "sector", "charity_number", "contact_role", "elements", "places", "received",
        "received_on", "organisation_id",
    ),
)  # fmt: skip
SERVICES = SheetLayout(
    "Services",
    "What you provide for children and young people. One row a service at one place.",
    (tables.SERVICES,),
    _order(
        tables.SERVICES,
        "name", "elements", "postcode", "service_area", "minimum_age", "maximum_age", "open_to",
        "not_open_to", "access", "cost", "booking", "capacity", "languages", "publicised",
        "description", "outcomes", "space_types", "assured_date", "place_id", "longitude",
        "latitude", "easting", "northing", "location_accuracy", "service_id", "organisation_id",
    ),
    {"elements": 3, "access": 3},
)  # fmt: skip
SESSIONS = SheetLayout(
    "Sessions",
    "When each service runs. One row for each day of the week, or each run of days.",
    (tables.SESSIONS,),
    _order(tables.SESSIONS),
    {"holidays": 3},
)
QUALITY = SheetLayout(
    "Quality",
    "What is known of how good a service is. One row an inspection, award, visit or survey.",
    (tables.QUALITY,),
    _order(tables.QUALITY),
)
PRACTICE = SheetLayout(
    "Practice",
    "What works well and could be used elsewhere. One row a practice.",
    (tables.PRACTICE,),
    (
        "title", "what_works", "elements", "outcomes", "reached_places", "reached_communities",
        "evidence_level", "agreed_on", "practice_id", "organisation_id",
    ),
    {"elements": 2},
)  # fmt: skip
PARTICIPATION = SheetLayout(
    "Participation",
    "How many children came. Counts only; they are kept, and given on to nobody.",
    (tables.PARTICIPATION,),
    _order(tables.PARTICIPATION),
)
LAYOUTS = (ORGANISATION, SERVICES, SESSIONS, QUALITY, PRACTICE, PARTICIPATION)


def say_heading(layout: SheetLayout, column: str, number: int = 1) -> str:
    """Return the heading of a column: its name, as a sentence begins; of a list also its number.

    A service is chosen by its name, except where its identifier itself is told.

    >>> say_heading(SERVICES, "minimum_age"), say_heading(SESSIONS, "service_id")
    ('Minimum age', 'Service')
    >>> say_heading(SERVICES, "elements", 2)
    'Elements 2'
    """
    if column not in layout.columns and not any(column in t.names() for t in layout.tables):
        return column
    if layout is not SERVICES and column == "service_id":
        return "Service"
    heading = column.replace("_", " ").capitalize()
    heading = f"{heading[:-3]} ID" if column.endswith("_id") else heading
    return heading if number == 1 else f"{heading} {number}"


def loosen(text: str) -> str:
    """Return a text without what people write one way or the other: case, blanks, marks.

    >>> loosen("Minimum  Age:"), loosen("step_free") == loosen("Step free")
    ('minimumage', True)
    """
    return "".join(ch for ch in text[:300].casefold() if ch.isalnum())


_RESERVED = frozenset(loosen(word) for word in RESERVED)


@dataclass(frozen=True)
class Choice:
    """One code of a list: what people choose, the code that is meant, its name, its family."""

    label: str
    code: str
    name: str
    about: str = ""


@dataclass(frozen=True)
class Choices:
    """The codes of an exercise by list: elements, outcomes, communities, places, areas, organisations."""

    by_list: Mapping[str, tuple[Choice, ...]] = field(default_factory=dict)

    def labels(self, name: str) -> dict[str, str]:
        """Return the label by the code."""
        return {choice.code: choice.label for choice in self.by_list.get(name, ())}

    def resolver(self, name: str) -> Resolver:
        """Return what turns words of this list into codes."""
        return Resolver.of(
            (text, choice.code)
            for choice in self.by_list.get(name, ())
            for text in (choice.label, choice.name, f"{choice.code} {choice.name}")
        )


@dataclass(frozen=True)
class Resolver:
    """Turns what people choose or write into a code; what two codes answer to is left as it is."""

    codes: frozenset[str]
    meant: Mapping[str, str]

    @classmethod
    def of(
        cls, pairs: Iterable[tuple[str, str]], *, reserved: frozenset[str] = _RESERVED
    ) -> Resolver:
        """Make one of pairs of a text and the code that it stands for; no text is a reserved word.

        >>> said = Resolver.of([("Y02 Youth clubs", "Y02"), ("Youth clubs", "Y02")])
        >>> [said.code(text) for text in ("Y02", "y02 youth clubs", "Youth Clubs", "Choir")]
        ['Y02', 'Y02', 'Y02', 'Choir']
        """
        found: dict[str, str | None] = {}
        codes = set()
        for text, code in pairs:
            codes.add(code)
            for key in {loosen(text), loosen(code)} - reserved:
                if found.setdefault(key, code) != code:
                    found[key] = None
        return cls(frozenset(codes), {key: code for key, code in found.items() if key and code})

    def code(self, text: str) -> str:
        """Return the code that is meant, or the text itself."""
        text = text.strip()
        return text if text in self.codes else self.meant.get(loosen(text), text)


def list_choices(
    framework: Framework,
    *,
    places: Iterable[tuple[str, str]] = (),
    neighbourhoods: Iterable[tuple[str, str]] = (),
    organisations: Iterable[tuple[str, str]] = (),
) -> Choices:
    """Gather what can be chosen in an exercise.

    Args:
        framework: its elements, outcomes and communities.
        places: pairs of code and name.
        neighbourhoods: pairs of code and name.
        organisations: pairs of code and name.

    """
    elements = [
        (e.id, e.name, f"{offer.name}, ages {offer.minimum_age}-{offer.maximum_age}")
        for offer in framework.offers
        for e in offer.elements
    ]
    outcomes = [
        *((o.id, o.name, "outcome") for o in framework.outcomes),
        *((a.id, a.name, o.name) for o in framework.outcomes for a in o.aims),
    ]
    communities = [
        ("bme", framework.bme_name, "all ethnic groups but the majority"),
        *((c.id, c.name, c.level or "priority community") for c in framework.communities),
    ]
    named = [(code, name, "neighbourhood") for code, name in neighbourhoods]
    small = [(code, name, "place") for code, name in places]
    return Choices(
        {
            "elements": _label(elements, coded=True, words=_WORDS["elements"]),
            "outcomes": _label(outcomes, coded=True),
            "communities": _label(communities, words=_WORDS["communities"]),
            "areas": _label(named, others=small, words=_WORDS["areas"]),
            "places": _label(small, coded=True),
            "organisations": _label([(code, name, "") for code, name in organisations]),
        }
    )


def _label(
    known: Iterable[tuple[str, str, str]],
    *,
    others: Iterable[tuple[str, str, str]] = (),
    coded: bool = False,
    words: tuple[str, ...] = (),
) -> tuple[Choice, ...]:
    """Name each code as people choose it: by its name, or by code and name where that says more.

    A name that two codes share, or that is a word or a code of its own, is never used alone.
    """
    first, more = list(known), list(others)
    rows = [*first, *more]
    taken = Counter(text for code, name, _ in rows for text in {loosen(code), loosen(name)})
    taken.update(loosen(word) for word in RESERVED)
    choices = [Choice(word, word, word) for word in words]
    for n, (code, name, about) in enumerate(rows):
        plain = " ".join(name.replace(";", ",").split())
        alone = not coded and n < len(first) and plain and taken[loosen(plain)] == 1
        label = plain if alone else f"{code} {plain}".strip()
        choices.append(Choice(label, code, plain, about))
    return tuple(choices)

"""What a person says of a feed: which services are ours, what they give, what its texts mean.

All comparing is of texts, for equality. A path names a field of a service, through objects and
lists alike: ``name``, ``organization.name``, ``attributes.taxonomy_term.name``. Two more look into
the attributes of the service: ``taxonomy_term`` is the name, term, URI or id of any term, and
``taxonomy_term@TAXONOMY`` of a term of the taxonomy of that name.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

_TERM = "taxonomy_term"
_NAMES = ("name", "term", "term_uri", "id")
#: A path of more parts leads nowhere in HSDS.
_DEEPEST = 8


@dataclass(frozen=True)
class Rule:
    """When the texts at all these paths are among those named, set our columns so."""

    when: Mapping[str, frozenset[str]]
    set: Mapping[str, str]

    def holds(self, record: Mapping[str, Any]) -> bool:
        """Whether the rule speaks of a record."""
        return holds(self.when, record)


@dataclass(frozen=True)
class FeedMapping:
    """A mapping file of a feed.

    Attributes:
        file: its name; "" where the feed says all itself.
        prefix: what stands before each identifier of a service.
        keep: only records of which this holds are ours.
        constants: our columns that every service has, where the feed does not say it.
        rules: the first that holds sets our columns, over what the feed says.
        sector: of organisations that no rule speaks of.
        sectors: rules over organisations (paths without ``organization.``) that set ``sector``.
        translate: by column of ours, what texts of the feed mean there.

    """

    file: str = ""
    title: str = ""
    prefix: str = ""
    keep: Mapping[str, frozenset[str]] = field(default_factory=dict)
    constants: Mapping[str, str] = field(default_factory=dict)
    rules: tuple[Rule, ...] = ()
    sector: str = ""
    sectors: tuple[Rule, ...] = ()
    translate: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def find_rule(self, record: Mapping[str, Any]) -> int:
        """Return the number of the first rule that holds, from 1; 0: none does."""
        # Rules ask the same paths over and over: each is walked once a record.
        said: dict[str, set[str]] = {}
        for number, rule in enumerate(self.rules, start=1):
            for path, texts in rule.when.items():
                if path not in said:
                    said[path] = set(texts_at(record, path))
                if said[path].isdisjoint(texts):
                    break
            else:
                return number
        return 0

    def find_sector(self, organisation: Mapping[str, Any]) -> str:
        """Return the sector that is said of an organisation."""
        found = (rule.set["sector"] for rule in self.sectors if rule.holds(organisation))
        return next(found, self.sector)


def holds(when: Mapping[str, frozenset[str]], record: Mapping[str, Any]) -> bool:
    """Whether at each path one of its texts stands.

    >>> holds({"organization.name": frozenset({"Us"})}, {"organization": {"name": "Us"}})
    True
    """
    return all(
        any(text in texts for text in texts_at(record, path)) for path, texts in when.items()
    )


def texts_at(record: Mapping[str, Any], path: str) -> Iterator[str]:
    """Go through the texts at a path; numbers as JSON writes them, true and false as words.

    >>> club = {"attributes": [{"taxonomy_term": {"name": "Play", "taxonomy": "Themes"}}]}
    >>> list(texts_at(club, "taxonomy_term@Themes")), list(texts_at(club, "attributes.id"))
    (['Play'], [])
    """
    if path == _TERM or path.startswith(f"{_TERM}@"):
        named = path.partition("@")[2]
        for term in _walk(record, ("attributes", _TERM)):
            if isinstance(term, Mapping) and (not named or term.get("taxonomy") == named):
                texts = (term.get(name) for name in _NAMES)
                yield from (text.strip() for text in texts if isinstance(text, str))
        return
    for value in _walk(record, tuple(path.split(".")[:_DEEPEST])):
        if isinstance(value, str):
            yield value.strip()
        elif isinstance(value, bool):
            yield str(value).lower()
        elif isinstance(value, int | float):
            yield f"{value:.15g}"


def _walk(value: Any, parts: tuple[str, ...]) -> Iterator[Any]:  # noqa: ANN401 - any JSON
    if isinstance(value, list):
        for item in value:
            # A list in a list is nothing that HSDS has.
            if not isinstance(item, list):
                yield from _walk(item, parts)
    elif not parts:
        yield value
    elif isinstance(value, Mapping) and parts[0] in value:
        yield from _walk(value[parts[0]], parts[1:])


def list_terms(record: Mapping[str, Any]) -> list[str]:
    """List the terms that a service carries, each with its taxonomy, for a person to map.

    >>> list_terms({"attributes": [{"taxonomy_term": {"name": "Play", "taxonomy": "Themes"}}]})
    ['Play (Themes)']
    """
    found = []
    for term in _walk(record, ("attributes", _TERM)):
        if isinstance(term, Mapping) and isinstance(term.get("name"), str):
            taxonomy = term.get("taxonomy")
            name = term["name"].strip()
            found.append(f"{name} ({taxonomy})" if isinstance(taxonomy, str) else name)
    return list(dict.fromkeys(found))

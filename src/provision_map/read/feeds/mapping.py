"""The mapping file of a feed: data, not code; texts that are compared for equality."""

from __future__ import annotations

from collections.abc import Mapping

from provision_map import tables
from provision_map.errors import Problem
from provision_map.open_referral import FeedMapping, Rule
from provision_map.read.files.text import InputFolder
from provision_map.read.toml import LARGEST_TOML, Section, parse_toml
from provision_map.schema import Spelling, quote

#: Columns that texts of a feed can be translated into.
TRANSLATED = ("service_area", "access", "open_to")
#: Columns that the feed itself says of each service, and no mapping can.
_SAID = ("service_id", "name")


def read_feed_mapping(folder: InputFolder, name: str) -> FeedMapping | None:
    """Read the mapping of a feed; None where it cannot be used, which is told."""
    data = folder.read_bytes(name, largest=LARGEST_TOML)
    if data is None:
        return None
    problems: list[Problem] = []
    parsed = parse_toml(data, file=name, problems=problems)
    mapping = None
    if parsed is not None:
        mapping = _map(Section(parsed, file=name, problems=problems), name)
    folder.findings.problems.extend(problems)
    return None if problems else mapping


def _map(top: Section, name: str) -> FeedMapping:
    rules = []
    for part in top.sections("give"):
        rules.append(Rule(_when(part), part.text_of("set", blank=True)))
        _check_ours(part, "set")
        part.done()
    organisations = top.section("organisations")
    sector, sectors = "", []
    if organisations is not None:
        sector = _sector(organisations, "")
        for part in organisations.sections("give"):
            sectors.append(Rule(_when(part), {"sector": _sector(part, None)}))
            part.done()
        organisations.done()
    translate = {}
    words = top.section("translate")
    if words is not None:
        translate = {column: words.text_of(column, blank=True) for column in TRANSLATED}
        words.done()
    keep = {path: frozenset(texts) for path, texts in top.texts_of("keep").items()}
    mapping = FeedMapping(
        file=name,
        title=top.text("title", ""),
        prefix=top.text("prefix", ""),
        keep=keep,
        constants=top.text_of("constants"),
        rules=tuple(rules),
        sector=sector,
        sectors=tuple(sectors),
        translate=translate,
    )
    _check_ours(top, "constants")
    top.done()
    return mapping


def _when(part: Section) -> dict[str, frozenset[str]]:
    when = part.texts_of("when")
    if not when:
        mend = 'Write when = { "taxonomy_term" = ["…"] }.'
        part.report("when", "The rule does not say of which records it speaks.", mend)
    return {path: frozenset(texts) for path, texts in when.items()}


def _sector(part: Section, default: str | None) -> str:
    sector = part.text("sector", default)
    if sector and sector not in tables.SECTORS:
        mend = Spelling(tables.SECTORS).mend(sector)
        part.report("sector", f"{quote(sector)} is not known here.", mend)
    return sector


def _check_ours(part: Section, key: str) -> None:
    """Check that the left-hand sides are columns of our table of services."""
    value = part.data.get(key)
    known = [name for name in tables.SERVICES.names(given_only=True) if name not in _SAID]
    spelling = Spelling(known)
    for name in value if isinstance(value, Mapping) else ():
        if name not in known:
            what = (
                "The feed itself says it."
                if name in _SAID
                else "The table of services has no such column."
            )
            part.report(f"{key}.{name}", what, spelling.mend(name))

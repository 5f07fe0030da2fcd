"""The catalogue of public sources: data in ``catalogue.toml``, checked when it is read."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from provision_map.errors import UsageError
from provision_map.schema.wording import join_words

#: What can be fetched, in the order of a new exercise.
KINDS = (
    "boundaries",
    "centroids",
    "people",
    "ethnicity",
    "deprivation",
    "postcodes",
    "schools",
    "feed",
)

_ALWAYS = ("id", "what", "title", "publisher", "licence", "date", "protocol", "address")
#: What each protocol must know besides.
_NEEDED = {
    "arcgis": ("code", "area"),
    "arcgis_points": ("code", "area", "lookup"),
    "arcgis_lookup": ("area",),
    "nomis": ("dimension", "parameters", "total", "levels", "lookup"),
    "file": ("area", "required", "largest_mb"),
    "zip": ("area", "required", "largest_mb", "member", "largest_member_mb"),
    "open_referral": ("page_sizes",),
}


@dataclass(frozen=True)
class Source:
    """One published source.

    Attributes:
        what: one of :data:`KINDS`, or lookup.
        levels: by level of small area, the column of its code; empty where there is but one.
        vintage: year of the geography; "" where it has none.
        date: the state that the data describes; ``{date}`` stands for what the source says.
        hosts: where a redirect may lead besides the address itself.
        lines: of provision.toml, with ``{file}`` and ``{id}`` to be filled in.
        details: what its protocol needs; the comments of the catalogue say what.

    """

    id: str
    what: str
    title: str
    publisher: str
    licence: str
    attribution: str
    date: str
    protocol: str
    address: str
    vintage: str = ""
    levels: Mapping[str, str] = field(default_factory=dict)
    hosts: tuple[str, ...] = ()
    lines: tuple[str, ...] = ()
    details: Mapping[str, Any] = field(default_factory=dict)


def load_catalogue(extra: Path | None = None) -> dict[str, Source]:
    """Return all sources by id; those of ``extra``, a file of the same form, replace ours.

    Raises:
        UsageError: the file cannot be read, or a source of it lacks something.

    """
    text = files(__package__).joinpath("catalogue.toml").read_text(encoding="utf-8")
    sources = {one.id: one for one in _parse(text, "catalogue.toml")}
    if extra is not None:
        try:
            given = extra.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise UsageError(f"{extra}: this catalogue cannot be read: {error}.") from error
        sources |= {one.id: one for one in _parse(given, str(extra))}
    return sources


def _parse(text: str, file: str) -> list[Source]:
    try:
        tables = tomllib.loads(text).get("source", [])
    except tomllib.TOMLDecodeError as error:
        raise UsageError(f"{file}: {error}.") from error
    if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
        raise UsageError(f"{file}: write each source under a heading [[source]].")
    return [_read_source(table, file) for table in tables]


def _read_source(table: dict[str, Any], file: str) -> Source:
    name = table.get("id", "a source without id")
    protocol = table.get("protocol", "")
    missing = [key for key in _ALWAYS if not isinstance(table.get(key), str)]
    if not missing and protocol not in _NEEDED:
        raise UsageError(f"{file}: {name}: protocol is one of {', '.join(_NEEDED)}.")
    missing += [key for key in _NEEDED.get(protocol, ()) if key not in table]
    if missing:
        raise UsageError(f"{file}: {name} lacks {join_words(missing)}.")
    levels = dict(table.get("levels", {}))
    if "level" in table:
        levels = {str(table["level"]): str(table.get("code", ""))}
    known = {*_ALWAYS, "attribution", "vintage", "levels", "level", "hosts", "lines"}
    return Source(
        **{key: table[key] for key in _ALWAYS},
        attribution=table.get("attribution", ""),
        vintage=table.get("vintage", ""),
        levels=levels,
        hosts=tuple(table.get("hosts", ())),
        lines=tuple(table.get("lines", ())),
        details={key: value for key, value in table.items() if key not in known},
    )


def choose_source(
    sources: Mapping[str, Source], what: str, *, level: str | None, vintage: str | None
) -> Source:
    """Return the source of this kind, level and vintage.

    Without a level it is lsoa where there is one; without a vintage it is 2021 where there is one,
    else the newest.

    Raises:
        UsageError: there is none; the message lists what there is.

    """
    ours = [one for one in sources.values() if one.what == what]
    fitting = [one for one in ours if not one.levels or (level or "lsoa") in one.levels]
    if vintage is not None:
        fitting = [one for one in fitting if one.vintage in {"", vintage}]
    if fitting:
        preferred = [one for one in fitting if one.vintage == (vintage or "2021")]
        return (preferred or sorted(fitting, key=lambda one: one.vintage))[-1]
    asked = " ".join(part for part in (what, level or "lsoa", vintage) if part)
    there = sorted({f"{name} {one.vintage}" for one in ours for name in one.levels})
    raise UsageError(f"There is no source of {asked}. There are: {', '.join(there)}.")


def move_address(address: str, url: str | None, *, whole: bool = False) -> str:
    """Return the address below another base: a mirror, a proxy, a server of a test.

    Args:
        address: of the catalogue.
        url: the base; None: the address stays. With ``whole``, one whose path does not end in a
            slash is the address itself.
        whole: whether the source is one file.

    >>> move_address("https://a.example/v1/x.csv", "http://localhost:8000/mirror/")
    'http://localhost:8000/mirror/v1/x.csv'
    >>> move_address("https://a.example/v1/x.csv", "https://b.example/y.csv", whole=True)
    'https://b.example/y.csv'

    """
    if url is None:
        return address
    base, old = urlsplit(url), urlsplit(address)
    if whole and base.path not in {"", "/"} and not base.path.endswith("/"):
        return url
    path = base.path.rstrip("/") + old.path
    return urlunsplit((base.scheme, base.netloc, path, old.query, ""))


def list_hosts(sources: Iterable[Source]) -> set[str]:
    """Return every host that these sources may be asked at."""
    hosts = {str(urlsplit(one.address).hostname) for one in sources if one.address}
    return hosts | {host for one in sources for host in one.hosts}

"""One fetch from the catalogue to a file of an exercise, with what it is beside it."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import re
import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import urlsplit

from provision_map import __version__
from provision_map.errors import UsageError
from provision_map.schema.wording import count_of, join_words
from provision_map.sources import arcgis, nomis, tables
from provision_map.sources.addresses import Guard
from provision_map.sources.catalogue import (
    KINDS,
    Source,
    choose_source,
    list_hosts,
    load_catalogue,
    move_address,
)
from provision_map.sources.client import Client
from provision_map.sources.content import Content
from provision_map.sources.feed import Feed, fetch_feed
from provision_map.sources.keep import (
    beside,
    hash_file,
    hold,
    is_fresh,
    read_facts,
    refuse_changed,
    write_facts,
    write_whole,
)
from provision_map.sources.patience import Limits
from provision_map.sources.words import hide_secrets, say_bytes

#: Where in an exercise what is fetched is kept.
FETCHED = Path("data") / "fetched"

_AREA = re.compile(r"[EW]0[6-9]\d{6}")
#: Whole files take longer than answers. Seconds.
_FILE_DEADLINE = 3600.0
#: A feed that broke off longer ago is read from its first page. Seconds.
_OLD_PART = 86_400
_NAMED_AREAS = 3


@dataclass(frozen=True)
class Wanted:
    """What is to be fetched.

    Attributes:
        what: one of ``catalogue.KINDS``.
        folder: of the exercise.
        areas: codes of districts; a feed needs none.
        level: lsoa, oa, msoa, ward or parish; None: lsoa.
        vintage: year of the geography; None: 2021, or the newest.
        url: another base address, or the whole address of a file or feed.
        refresh: fetch, and replace, whatever is there.
        max_age: a file that is younger is not fetched again.
        page_size: services on a page of a feed.
        catalogue: a file whose sources are added to ours, or replace them.
        limits: of time and repetition; None: those that fit the source.

    """

    what: str
    folder: Path
    areas: tuple[str, ...] = ()
    level: str | None = None
    vintage: str | None = None
    url: str | None = None
    refresh: bool = False
    max_age: dt.timedelta = dt.timedelta(days=30)
    page_size: int = 50
    catalogue: Path | None = None
    limits: Limits | None = None


@dataclass(frozen=True)
class Fetched:
    """What a fetch left.

    Attributes:
        path: the file, or the folder of a feed.
        cached: whether it was there already.
        records: how many it holds.
        lines: to show people.

    """

    path: Path
    cached: bool
    records: int
    lines: tuple[str, ...]


def fetch(wanted: Wanted, say: Callable[[str], None] = lambda _: None) -> Fetched:
    """Fetch a source and keep it, with ``NAME.source.toml`` beside it; or find it there already.

    Args:
        wanted: what.
        say: told of progress.

    Raises:
        UsageError: there is no such source, nobody answers, or what is there was changed.
        DataError: what came is not what it should be; nothing is kept of it.

    """
    sources = load_catalogue(wanted.catalogue)
    source = _choose(wanted, sources)
    guard = Guard(list_hosts(_involved(source, sources)), wanted.url)
    wanted = replace(wanted, areas=tuple(sorted(set(wanted.areas))))
    address = _address_of(source, wanted)
    path = wanted.folder / FETCHED / _name(source, wanted, address)
    asked = _digest(source, address, wanted)
    if not wanted.folder.is_dir():
        raise UsageError(f"{wanted.folder} is no folder.")
    path.parent.mkdir(parents=True, exist_ok=True)
    with hold(path):
        if not wanted.refresh and is_fresh(path, asked, max_age=wanted.max_age):
            return _tell(path, source, wanted, cached=True)
        if not wanted.refresh:
            refuse_changed(path)
        whole_file = source.protocol in {"file", "zip"}
        usual = Limits(deadline_seconds=_FILE_DEADLINE) if whole_file else Limits()
        agent = f"provision-map/{__version__}"
        with Client(guard, wanted.limits or usual, say, agent=agent) as client:
            if source.protocol == "open_referral":
                content = _fetch_pages(client, source, address, wanted, path=path, asked=asked)
            else:
                content = _fetch_one(client, source, sources, address, wanted, path=path)
                write_whole(path, content.body)
        _keep_facts(path, source, wanted, content, asked=asked)
        return _tell(path, source, wanted, cached=False, notes=content.notes)


def _choose(wanted: Wanted, sources: dict[str, Source]) -> Source:
    """Return the source, if what is wanted makes sense."""
    if wanted.what not in KINDS:
        raise UsageError(f"{wanted.what!r} is none of {', '.join(KINDS)}.")
    source = choose_source(sources, wanted.what, level=wanted.level, vintage=wanted.vintage)
    if source.protocol == "open_referral":
        if not wanted.url and not source.address:
            raise UsageError("A feed has no address of its own: give its base with --url.")
        if "?" in (wanted.url or ""):
            raise UsageError("Give the base of the feed alone, without /services and without ?….")
        return source
    if not wanted.areas:
        raise UsageError(f"Say of which district the {wanted.what} are to be: --area E07000081.")
    wrong = [area for area in wanted.areas if _AREA.fullmatch(area) is None]
    if wrong:
        raise UsageError(
            f"{join_words([repr(area) for area in wrong])}: no code of a district. It is E or W, 06 to 09 and six digits, as E07000081."
        )
    return source


def _involved(source: Source, sources: dict[str, Source]) -> list[Source]:
    """Return the source, and the lookup that it needs."""
    lookup = source.details.get("lookup")
    if lookup is None:
        return [source]
    if lookup not in sources:
        raise UsageError(f"The catalogue has no source {lookup!r}, which {source.id} needs.")
    return [source, sources[str(lookup)]]


def _address_of(source: Source, wanted: Wanted) -> str:
    if source.protocol == "open_referral":
        return (wanted.url or source.address).rstrip("/")
    return move_address(source.address, wanted.url, whole=source.protocol in {"file", "zip"})


def _name(source: Source, wanted: Wanted, address: str) -> str:
    if source.protocol == "open_referral":
        parts = urlsplit(address)
        words = re.sub(r"[^a-z0-9]+", "_", f"{parts.hostname or ''}{parts.path}".lower()).strip("_")
        return f"feed_{words[:60]}"
    areas = "-".join(wanted.areas)
    if len(wanted.areas) > _NAMED_AREAS:
        short = hashlib.sha256(areas.encode()).hexdigest()[:8]
        areas = f"{wanted.areas[0]}-and-{len(wanted.areas) - 1}-more-{short}"
    level = (wanted.level or "lsoa") if source.levels else ""
    vintage = source.date[:4] if source.what == "deprivation" else source.vintage
    suffix = "geojson" if source.protocol == "arcgis" else "csv"
    return "_".join(part for part in (source.what, level, vintage, areas) if part) + f".{suffix}"


def _digest(source: Source, address: str, wanted: Wanted) -> str:
    """Return a digest of the question: another question is another file."""
    said = [repr(source), address, wanted.areas, wanted.level, wanted.page_size]
    return hashlib.sha256(json.dumps(said).encode()).hexdigest()


def _fetch_one(
    client: Client,
    source: Source,
    sources: dict[str, Source],
    address: str,
    wanted: Wanted,
    *,
    path: Path,
) -> Content:
    areas = wanted.areas
    lookup = None
    if "lookup" in source.details:
        table = sources[str(source.details["lookup"])]
        lookup = move_address(table.address, wanted.url)
        district = str(table.details["area"])
    if source.protocol == "arcgis":
        return arcgis.fetch_boundaries(client, source, address, areas, lookup=lookup)
    if source.protocol == "arcgis_points" and lookup is not None:
        return arcgis.fetch_centroids(client, source, address, areas, lookup=lookup)
    if source.protocol == "nomis" and lookup is not None:
        column = source.levels[wanted.level or "lsoa"]
        codes = arcgis.list_codes(client, lookup, column, district, areas=areas)
        return nomis.fetch_table(client, source, address, list(codes), id_column=column)
    part = path.with_name(f".{path.name}.download")
    return tables.fetch_file(client, source, address, areas, beside=part)


def _fetch_pages(
    client: Client, source: Source, address: str, wanted: Wanted, *, path: Path, asked: str
) -> Content:
    """Fill a folder beside the place of the feed, and put it there when it is whole."""
    part = path.with_name(path.name + ".part")
    mark = path.with_name(path.name + ".part.asked")
    if part.is_dir() and not _is_of(mark, asked):
        shutil.rmtree(part)
    part.mkdir(exist_ok=True)
    if not mark.exists():
        write_whole(mark, asked.encode())
    sizes = tuple(str(name) for name in source.details["page_sizes"])
    count, notes = fetch_feed(client, Feed(address, sizes, wanted.page_size), part)
    old = path.with_name(path.name + ".old")
    shutil.rmtree(old, ignore_errors=True)
    if path.exists():
        path.rename(old)
    part.rename(path)
    shutil.rmtree(old, ignore_errors=True)
    mark.unlink(missing_ok=True)
    today = dt.datetime.now(tz=dt.UTC).date().isoformat()
    return Content(b"", count, "service", address, date=today, notes=notes)


def _is_of(mark: Path, asked: str) -> bool:
    """Say whether a feed that broke off was the same, and broke off lately."""
    try:
        same = mark.read_text(encoding="utf-8") == asked
        return same and time.time() - mark.stat().st_mtime < _OLD_PART
    except OSError:
        return False


def _keep_facts(
    path: Path, source: Source, wanted: Wanted, content: Content, *, asked: str
) -> None:
    of = f" ({urlsplit(content.address).hostname})" if source.protocol == "open_referral" else ""
    size = sum(one.stat().st_size for one in path.iterdir()) if path.is_dir() else path.stat().st_size  # fmt: skip
    write_facts(
        path,
        {
            "title": f"{source.title}{of}",
            "publisher": source.publisher,
            "licence": source.licence,
            "attribution": source.attribution,
            "date": source.date.replace("{date}", content.date or "latest"),
            "fetched": dt.datetime.now(tz=dt.UTC).isoformat(timespec="seconds"),
            "address": hide_secrets(content.address),
            "areas": " ".join(wanted.areas),
            "records": content.records,
            "record": content.noun,
            "bytes": size,
            "sha256": hash_file(path),
            "software": f"provision-map {__version__}",
            "asked": asked,
        },
    )


def _tell(
    path: Path, source: Source, wanted: Wanted, *, cached: bool, notes: tuple[str, ...] = ()
) -> Fetched:
    """Say what is there now, and what provision.toml needs of it."""
    facts = read_facts(path)
    said = facts.get("records")
    records = said if isinstance(said, int) else 0
    size = facts.get("bytes")
    amount = f"{count_of(records, str(facts.get('record', 'record')))}, {say_bytes(size if isinstance(size, int) else 0)}"
    name = path.relative_to(wanted.folder).as_posix()
    if cached:
        first = f"Already there, fetched {str(facts.get('fetched'))[:10]}: {path} ({amount}). --refresh fetches it again."
    else:
        first = f"Fetched {path} ({amount}). What it is stands in {beside(path).name}."
    column = source.levels.get(wanted.level or "lsoa", "")
    needed = [line.replace("{file}", name).replace("{id}", column) for line in source.lines]
    credit = f"{facts.get('title')}. {facts.get('attribution') or facts.get('publisher')}"
    needed += [
        "",
        f'[sources."{name}"]',
        f"source = {json.dumps(credit, ensure_ascii=False)}",
        f"licence = {json.dumps(str(facts.get('licence')), ensure_ascii=False)}",
        f"date = {json.dumps(str(facts.get('date')), ensure_ascii=False)}",
    ]
    lines = [first, *(f"note: {note}" for note in notes), "For provision.toml:", ""]
    return Fetched(path, cached, records, (*lines, *needed))

"""An Open Referral feed, page by page: each page is kept when all its services are in.

The folder holds one JSON file a page: the page as the feed gave it, its ``contents`` replaced by
the full records of ``/services/{id}``. A fetch that breaks off goes on after the last whole page.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

from provision_map.schema.wording import count_of
from provision_map.sources.answers import read_json, write_json
from provision_map.sources.body import wrong_answer
from provision_map.sources.client import Client, NotFoundError
from provision_map.sources.keep import write_whole
from provision_map.sources.words import say_bytes, say_plain

_LARGEST_PAGE = 50_000_000
_LARGEST_SERVICE = 5_000_000
_MOST_PAGES = 20_000
_LARGEST_FEED = 2_000_000_000
#: Questions about single services under way at once.
_AT_ONCE = 4
#: What only the full record of a service has.
_FULL = frozenset({"service_at_locations", "schedules", "cost_options", "service_areas"})


@dataclass
class _Read:
    """What has come so far: pages, services by id, and those without a full record."""

    pages: int = 0
    count: int = 0
    ids: set[str] = field(default_factory=set)
    twice: int = 0
    bare: int = 0


@dataclass(frozen=True)
class Feed:
    """How a feed is asked.

    Attributes:
        address: its base, without ``/services``.
        sizes: names of the parameter that says how many services a page has.
        size: how many.

    """

    address: str
    sizes: tuple[str, ...]
    size: int


def fetch_feed(client: Client, feed: Feed, folder: Path) -> tuple[int, tuple[str, ...]]:
    """Fill ``folder`` with the pages of a feed; return how many services came, and what to know.

    Raises:
        UsageError: nobody answers, or the address has no services.
        DataError: pages repeat, are missing, or are not what the standard says.

    """
    address = f"{feed.address.rstrip('/')}/services"
    read = _Read()
    total: int | None = None
    size = 0
    while True:
        number = read.pages + 1
        path = folder / f"services_{number:05d}.json"
        page = _read_kept(path, address)
        if page is None:
            page = _ask_page(client, feed, address, number)
            _check_page(page, read, address, number)
            if not page["contents"]:
                break
            page["contents"] = _complete(client, address, page["contents"], read)
            write_whole(path, write_json(page))
        size += path.stat().st_size
        if number >= _MOST_PAGES or size > _LARGEST_FEED:
            what = f"After {count_of(number, 'page')} and {say_bytes(size)} there is still no last page."
            raise wrong_answer(address, what, "No directory is as large. Tell its publisher.")
        total = _whole(page.get("total_items")) or total
        read.pages = number
        new = [str(one.get("id")) for one in page["contents"]]
        read.twice += len(new) - len(set(new) - read.ids)
        read.ids |= set(new)
        read.count += len(new)
        last = _whole(page.get("total_pages"))
        of = f" of {last:,}" if last else ""
        client.say(f"Page {number:,}{of}: {count_of(read.count, 'service')}")
        if page.get("last_page") is True or (last is not None and number >= last):
            break
    if not read.count:
        raise wrong_answer(address, "The feed has no service.", "Is this its base address?")
    if total is not None and read.count < total:
        what = f"The feed says it has {count_of(total, 'service')}, and gave {read.count:,} on {count_of(read.pages, 'page')}."
        raise wrong_answer(address, what, "Tell its publisher. Fetch it again later.")
    return read.count, tuple(_list_notes(read, total))


def _list_notes(read: _Read, total: int | None) -> list[str]:
    notes = []
    if total is not None and read.count > total:
        notes.append(
            f"The feed says it has {count_of(total, 'service')}, and gave {read.count:,}: all were kept."
        )
    if read.twice:
        came = count_of(read.twice, "service came", "services came")
        notes.append(f"{came} more than once: the feed may have changed while it was read.")
    if read.bare:
        is_known = count_of(read.bare, "service has", "services have")
        notes.append(f"{is_known} no full record (/services/id): what the list says was kept.")
    return notes


def _read_kept(path: Path, address: str) -> dict[str, Any] | None:
    """Return a page that an earlier fetch kept; None if it is not there."""
    try:
        page = read_json(path.read_bytes(), "application/json", address)
    except OSError:
        return None
    return page if isinstance(page.get("contents"), list) else None


def _ask_page(client: Client, feed: Feed, address: str, number: int) -> dict[str, Any]:
    asked = {"page": str(number)} | dict.fromkeys(feed.sizes, str(feed.size))
    try:
        page = client.get(
            address, asked, largest=_LARGEST_PAGE, judge=lambda body, kind: read_json(body, kind, address)
        )  # fmt: skip
    except NotFoundError:
        if number == 1:
            raise
        return {"contents": []}
    if "contents" not in page and isinstance(page.get("content"), list):
        page["contents"] = page.pop("content")  # As version 1 of the standard had it.
    return page


def _check_page(page: Mapping[str, Any], read: _Read, address: str, number: int) -> None:
    """Raise where a page is no page of services, or one that came before."""
    contents = page.get("contents")
    if not isinstance(contents, list) or not all(isinstance(one, dict) for one in contents):
        what = f"Page {number:,} has no list of services (contents)."
        raise wrong_answer(address, what, "Is this the base address of an Open Referral feed?")
    said = _whole(page.get("page_number"))
    ids = {str(one.get("id")) for one in contents}
    if contents and ids <= read.ids:
        what = (
            f"Page {number:,} holds nothing but services that came before: the feed repeats itself."
        )
        raise wrong_answer(address, what, "Tell its publisher.")
    if said is not None and said not in {number, number - 1}:
        what = f"Page {number:,} was asked for, and the feed says it gave page {said:,}."
        raise wrong_answer(address, what, "Tell its publisher.")


def _complete(
    client: Client, address: str, contents: Sequence[dict[str, Any]], read: _Read
) -> list[dict[str, Any]]:
    """Return the full records of the services on a page, in its order; a few are asked for at once."""

    def find(listed: dict[str, Any]) -> tuple[dict[str, Any], bool]:
        number = listed.get("id")
        if _FULL & set(listed):
            return listed, True
        # An id is data: it must stay one step of the path, whatever stands in it.
        if not isinstance(number, str) or not number.isprintable() or number in {"", ".", ".."}:
            return listed, False
        where = f"{address}/{quote(number, safe='')}"
        try:
            full = client.get(where, largest=_LARGEST_SERVICE, judge=_judge_service(where, number))
        except NotFoundError:
            return listed, False
        return full, True

    with ThreadPoolExecutor(max_workers=_AT_ONCE) as pool:
        tasks = [pool.submit(find, one) for one in contents]
        try:
            found = [task.result() for task in tasks]
        except BaseException:
            client.stop()
            for task in tasks:
                task.cancel()
            raise
    read.bare += sum(not whole for _, whole in found)
    return [record for record, _ in found]


def _judge_service(address: str, number: str) -> Callable[[bytes, str], dict[str, Any]]:
    def judge(body: bytes, kind: str) -> dict[str, Any]:
        service = read_json(body, kind, address)
        if service.get("id") != number:
            said = say_plain(str(service.get("id")), 60)
            what = f"Service {say_plain(number, 60)!r} was asked for, and {said!r} came."
            raise wrong_answer(address, what, "Tell its publisher.")
        return service

    return judge


def _whole(value: object) -> int | None:
    """Return a count; None if it is none. Some feeds write numbers as text."""
    if isinstance(value, str) and value.isascii() and value.isdigit():
        return int(value[:9])
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None

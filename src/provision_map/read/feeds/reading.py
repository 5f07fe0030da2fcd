"""Open Referral feeds: a JSON file, a folder, or a tabular data package, as tables of services.

What is wrong is told by file (the page of a folder), ``row`` (the position of the record in its
file, from 1) and ``column`` (the path in the record, such as ``schedules[2].opens_at``; positions
in lists count from 0, as JSON does). Of a data package in CSV the row is that of services.csv.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from provision_map.open_referral import FeedMapping
from provision_map.read.feeds.file import FeedFile
from provision_map.read.feeds.harvest import Harvest
from provision_map.read.feeds.json_stream import JsonFault
from provision_map.read.feeds.mapping import read_feed_mapping
from provision_map.read.feeds.package import (
    DESCRIPTION,
    TABLES,
    list_own_files,
    open_shelf,
    read_package,
)
from provision_map.read.files.large import find_large
from provision_map.read.files.text import InputFolder
from provision_map.read.findings import Findings
from provision_map.read.origin import Origin
from provision_map.read.settings import FeedSettings
from provision_map.schema.wording import count_of, list_some

#: A feed of a nation in one file. Bytes.
LARGEST_FEED = 4_000_000_000

_JSON = (".json", ".jsonl", ".ndjson")
_NUMBER = re.compile(r"(\d{1,9})")
_MOST_PAGES = 200_000
_FETCH = "Fetch the feed again, all of it."


def read_feeds(folder: InputFolder, feeds: Sequence[FeedSettings]) -> list[Origin]:
    """Read each feed as an origin of organisations, services, sessions and quality."""
    return [_read_feed(folder, feed) for feed in feeds]


def _read_feed(folder: InputFolder, feed: FeedSettings) -> Origin:
    mapping = FeedMapping()
    if feed.mapping is not None:
        read = read_feed_mapping(folder, feed.mapping)
        if read is None:
            return Origin(files=frozenset({feed.file}), frames={}, whole=False, named=False)
        mapping = read
    harvest = Harvest(feed.file, mapping, folder.findings)
    path = folder.locate(feed.file)
    if path.is_dir() and _is_package(path):
        _read_package(folder, feed.file, harvest)
    elif path.is_dir():
        _read_pages(folder, feed.file, harvest)
    elif path.suffix.lower() == ".zip":
        _read_package(folder, feed.file, harvest)
    elif path.name == DESCRIPTION and path.is_file():
        inside = feed.file.replace("\\", "/").rpartition("/")[0] or "."
        _read_package(folder, inside, harvest)
    else:
        page = _read_file(folder, feed.file, harvest)
        _check_pages([page] if page is not None else [], feed.file, folder.findings)
    return harvest.finish()


def _is_package(path: Path) -> bool:
    return any((path / name).is_file() for name in (DESCRIPTION, *TABLES["service"]))


def _read_package(folder: InputFolder, name: str, harvest: Harvest) -> None:
    shelf = open_shelf(folder, name)
    package = None if shelf is None else read_package(shelf, folder.findings)
    if package is None:
        harvest.whole = False
        return
    harvest.whole = package.whole
    if package.organisations_file:
        # First, so that what is wrong with one is told where it stands, and once.
        harvest.open_organisations(package.organisations_file)
        for row, organisation in package.organisations:
            harvest.add_organisation(organisation, row)
    harvest.open_file(package.file)
    for row, record in package.records:
        harvest.add(row, record)


def _read_pages(folder: InputFolder, name: str, harvest: Harvest) -> None:
    """Read the pages of a folder in the order of their names, numbers as numbers."""
    try:
        files = [file.name for file in list_own_files(folder, name) if file.suffix.lower() in _JSON]
    except OSError as error:
        folder.findings.problem(name, f"The folder cannot be read: {error.strerror}.", "Check its permissions.")  # fmt: skip
        harvest.whole = False
        return
    if not files or len(files) > _MOST_PAGES:
        what = (
            "The folder holds no JSON files."
            if not files
            else f"The folder holds {len(files):,} files."
        )
        folder.findings.problem(name, what, "Name the folder that a feed was fetched into.")
        harvest.whole = False
        return
    pages = []
    for file in sorted(files, key=_by_number):
        page = _read_file(folder, f"{name.rstrip('/')}/{file}", harvest)
        if page is not None:
            pages.append(page)
    _check_pages(pages, name, folder.findings)


def _by_number(name: str) -> list[tuple[int, int, str]]:
    """Sort page_10 after page_2."""
    parts = _NUMBER.split(name)
    return [
        (1, int(part), "") if part.isdigit() and part.isascii() else (0, 0, part) for part in parts
    ]


def _read_file(folder: InputFolder, name: str, harvest: Harvest) -> FeedFile | None:
    """Read the records of one file; None where it cannot be opened."""
    path = find_large(folder, name, largest=LARGEST_FEED)
    if path is None:
        harvest.whole = False
        return None
    file = FeedFile(path)
    harvest.open_file(name)
    findings = folder.findings
    try:
        for row, record in file:
            if row:
                harvest.add(row, record)
            else:
                harvest.add_organisation(record)
    except JsonFault as fault:
        harvest.whole = False
        after = (
            f" {count_of(file.records, 'record was', 'records were')} read before it."
            if file.records
            else ""
        )
        findings.problem(name, f"{fault.what}{after}", fault.mend, row=file.records + 1)
    except OSError as error:
        harvest.whole = False
        findings.problem(name, f"The file cannot be read: {error.strerror}.", "Check its disk.")
    if file.orphans:
        what = f"{count_of(len(file.orphans), 'row belongs', 'rows belong')} to nothing in the package, and {'was' if len(file.orphans) == 1 else 'were'} not read: {list_some(file.orphans)}."
        findings.note(name, what)
    return file


# ---------------------------------------------------------------- are all pages there


def _check_pages(pages: list[FeedFile], name: str, findings: Findings) -> None:
    """Tell of pages, or of records, that the feed says it has and that are not there."""
    said = [page for page in pages if page.envelope]
    if not said:
        return
    read = sum(page.records for page in said)
    total = max((_whole(page.envelope.get("total_pages")) for page in said), default=0)
    numbers = _number_pages(said, total)
    items = {_whole(page.envelope.get("total_items")) for page in said} - {0}
    many = count_of(total, "page")
    if numbers and len(numbers) < total:
        missing = [n for n in range(1, total + 1) if n not in numbers]
        is_missing = "is" if len(missing) == 1 else "are"
        what = f"{len(missing):,} of {many} {is_missing} missing: {list_some(missing)}."
        findings.problem(name, what, _FETCH, column="page_number")
    elif total > len(said) and not numbers:
        what = f"The feed says it has {many}; {count_of(len(said), 'is', 'are')} here."
        findings.problem(name, what, _FETCH, column="total_pages")
    elif items and read < max(items) and not numbers:
        records = count_of(max(items), "record")
        what = f"The feed says it has {records}; {count_of(read, 'is', 'are')} here."
        findings.problem(name, what, _FETCH, column="total_items")
    elif items and {read} != items:
        counts = " or ".join(f"{count:,}" for count in sorted(items))
        what = f"The feed says it has {counts} records; {count_of(read, 'was', 'were')} read."
        findings.note(name, what, "Did it change while it was fetched?", column="total_items")


def _number_pages(pages: list[FeedFile], total: int) -> set[int]:
    """Return the numbers of the pages that are here, from 1; some feeds count from 0."""
    if total > _MOST_PAGES:
        return set()
    said = [page.envelope.get("page_number") for page in pages]
    numbers = {number for number in said if type(number) is int and 0 <= number <= total}
    return {number + 1 for number in numbers if number < total} if 0 in numbers else numbers


def _whole(value: Any) -> int:  # noqa: ANN401 - any JSON
    """Return a count that a page says; 0 where it says none."""
    return value if type(value) is int and 0 < value < 10**12 else 0

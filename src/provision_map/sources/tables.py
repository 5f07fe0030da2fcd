"""One large file for the whole country, of which the rows of a district are kept."""

from __future__ import annotations

import csv
import datetime as dt
import io
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from fnmatch import fnmatchcase
from pathlib import Path

from provision_map.errors import DataError, UsageError
from provision_map.schema.wording import count_of, join_words
from provision_map.sources.answers import read_rows, refuse_page, write_rows
from provision_map.sources.body import wrong_answer
from provision_map.sources.catalogue import Source
from provision_map.sources.client import Client, NotFoundError
from provision_map.sources.content import Content
from provision_map.sources.download import download
from provision_map.sources.words import say_bytes, say_plain

_MEGA = 1_000_000
_LOOKED_AT = 1000
#: A file that unpacks to more than so many times its size is no table.
_MOST_PACKED = 200
#: Longest cell of a table.
_LONGEST_CELL = 1_000_000


def fetch_file(
    client: Client, source: Source, address: str, areas: Sequence[str], *, beside: Path
) -> Content:
    """Return the rows of the districts of a published CSV file, or of one inside a zip.

    The file itself comes to ``beside``, where it is taken up again after a break, and is removed
    when its rows are out.

    Raises:
        UsageError: nobody answers, or the file is not there.
        DataError: it is not what it should be, or has no row of the districts.

    """
    largest = int(source.details["largest_mb"]) * _MEGA
    if "{date}" in address:
        kind, found, day = _download_latest(client, source, address, beside, largest=largest)
    else:
        kind, found, day = download(client, address, beside, largest=largest), address, None
    try:
        with beside.open("rb") as file:
            refuse_page(file.read(_LOOKED_AT), kind, found, "the file")
        content = _keep_rows(client, source, found, areas, beside)
    finally:
        beside.unlink(missing_ok=True)
    date = None if day is None else day.isoformat()
    noun = str(source.details.get("record", "row"))
    return Content(content[0], content[1], noun, found, date=date, notes=content[2])


def _download_latest(
    client: Client, source: Source, address: str, beside: Path, *, largest: int
) -> tuple[str, str, dt.date]:
    """Download the file of the latest day that is there; the days before are tried in turn."""
    today = dt.datetime.now(tz=dt.UTC).date()
    days = int(source.details.get("days_back", 0))
    for back in range(days + 1):
        day = today - dt.timedelta(days=back)
        dated = address.replace("{date}", f"{day:%Y%m%d}")
        try:
            return download(client, dated, beside, largest=largest), dated, day
        except NotFoundError as error:
            if back == days:
                what = f"Nor is there one of the {count_of(days, 'day')} before."
                raise UsageError(f"{error} {what}") from error
    raise AssertionError


def _keep_rows(
    client: Client, source: Source, address: str, areas: Sequence[str], path: Path
) -> tuple[bytes, int, tuple[str, ...]]:
    # The limit is the whole process's: it is put back, for our own tables are held to a lower one.
    before = csv.field_size_limit(_LONGEST_CELL)
    try:
        return _keep_rows_of(client, source, address, areas, path)
    finally:
        csv.field_size_limit(before)


def _keep_rows_of(
    client: Client, source: Source, address: str, areas: Sequence[str], path: Path
) -> tuple[bytes, int, tuple[str, ...]]:
    encoding = str(source.details.get("encoding", "utf-8-sig"))
    if source.protocol != "zip":
        with path.open(encoding=encoding, newline="") as text:
            return _filter(source, address, areas, _whole_lines(text, address))
    try:
        with zipfile.ZipFile(path) as archive:
            member = _choose_member(archive, source, address)
            client.say(f"Reading {say_plain(member.filename)} ({say_bytes(member.file_size)})")
            with (
                archive.open(member) as inside,
                io.TextIOWrapper(inside, encoding=encoding, newline="") as text,
            ):
                return _filter(source, address, areas, _whole_lines(text, address))
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, EOFError, RuntimeError, OSError, ValueError) as error:  # fmt: skip
        what = f"What came is no zip, or it is damaged: {say_plain(str(error))}."
        raise wrong_answer(address, what, "Fetch it again.") from error


def _choose_member(archive: zipfile.ZipFile, source: Source, address: str) -> zipfile.ZipInfo:
    """Return the one table that is wanted; it is read where it lies and never unpacked to a path."""
    patterns = [str(pattern) for pattern in source.details["member"]]
    most = int(source.details["largest_member_mb"]) * _MEGA
    for pattern in patterns:
        fitting = [
            one
            for one in archive.infolist()
            if fnmatchcase(one.filename, pattern) and "multi_csv" not in one.filename
        ]
        if fitting:
            member = max(fitting, key=lambda one: one.file_size)
            if member.file_size > most or member.file_size > _MOST_PACKED * max(member.compress_size, 1):  # fmt: skip
                what = f"{say_plain(member.filename)} unpacks to {say_bytes(member.file_size)}."
                raise wrong_answer(address, what, "That is more than such a table can have.")
            return member
    listed = say_plain(", ".join(one.filename for one in archive.infolist()[:20]), 300)
    what = f"The zip has no file {join_words(patterns, 'or')}. It has: {listed}."
    raise wrong_answer(address, what, "Correct member in a catalogue of your own (--catalogue).")


def _whole_lines(text: io.TextIOWrapper, address: str) -> Iterator[str]:
    """Yield lines of text; a file that does not end with a line is cut off."""
    line = "\n"
    try:
        for line in text:
            yield line
    except UnicodeDecodeError as error:
        what = f"It is not written as {text.encoding}: {say_plain(str(error))}."
        mend = "Name its encoding in a catalogue of your own (--catalogue)."
        raise wrong_answer(address, what, mend) from error
    if not line.endswith(("\n", "\r")):
        what = "The file ends in the middle of a line: it is cut off."
        raise wrong_answer(address, what, "Fetch it again.")


def _filter(
    source: Source, address: str, areas: Sequence[str], lines: Iterator[str]
) -> tuple[bytes, int, tuple[str, ...]]:
    rows = read_rows(lines, address)
    heading = [name.strip() for name in next(rows, [])]
    district = _find_area(heading, source, address)
    columns = [(str(old), str(new)) for old, new in source.details.get("columns", ())]
    columns = columns or [(name, name) for name in heading]
    at = [(heading.index(old), new) for old, new in columns if old in heading]
    written = [new for _, new in at]
    named = {new: old for old, new in columns}
    missing = [str(n) for n in source.details["required"] if n not in written]
    if missing:
        there = say_plain(", ".join(heading[:40]), 400)
        what = f"The file has no column {join_words([named.get(name, name) for name in missing])}. It has: {there}."
        raise wrong_answer(address, what, "Correct columns in a catalogue of your own (--catalogue).")  # fmt: skip
    wanted = set(areas)
    found: set[str] = set()
    kept: list[list[str]] = []
    for row in rows:
        code = row[district].strip()
        if code in wanted:
            found.add(code)
            kept.append([row[number] for number, _ in at])
    if lost := sorted(wanted - found):
        what = f"The file has no row of {join_words(lost)}."
        mend = f"Its districts stand in the column {say_plain(heading[district])!r}. Districts that were joined have new codes."
        raise wrong_answer(address, what, mend)
    absent = [old for old, _ in columns if old not in heading]
    notes = (f"The file lacks {join_words(absent)}; the rest was kept.",) if absent else ()
    return write_rows([written, *kept]), len(kept), notes


def _find_area(heading: Sequence[str], source: Source, address: str) -> int:
    """Return which column holds the district: the first that fits a pattern of the catalogue."""
    for pattern in source.details["area"]:
        for number, name in enumerate(heading):
            if fnmatchcase(name, str(pattern)):
                return number
    there = say_plain(", ".join(heading[:40]), 400)
    patterns = join_words([str(pattern) for pattern in source.details["area"]], "or")
    error: DataError = wrong_answer(
        address,
        f"No column holds the district ({patterns}). It has: {there}.",
        "Correct area in a catalogue of your own (--catalogue).",
    )
    raise error

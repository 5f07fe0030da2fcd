"""Published lists of postcodes: ONSPD, NSPL, Code-Point Open, as CSV, a folder, or a zip of CSVs.

A full list has 2.7 million rows and over a gigabyte. It is read line by line, and only the lines of
the postcodes that are asked for are taken apart: seconds, and no memory to speak of. One record is
one line in all of these lists. Where there is a file for each postcode area ("gl.csv",
"ONSPD_MAY_2025_UK_GL.csv") only those of the areas asked for are opened.
"""

from __future__ import annotations

import csv
import hashlib
import io
import re
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import BinaryIO

from provision_map.read.files.large import find_large
from provision_map.read.files.text import InputFolder
from provision_map.read.findings import Findings
from provision_map.read.postcodes.text import INWARD, read_postcode
from provision_map.read.settings import SETTINGS_FILE
from provision_map.schema import Spelling

#: The ONSPD with all its documents is under 2 GB, unpacked. Bytes, members.
LARGEST_LIST = 3 * 1024**3
_MOST_MEMBERS = 20_000
#: A longer line is none of a list of postcodes. Bytes.
_LONGEST_LINE = 65_536

#: Headings as published, by what they hold; the first that a file has is taken.
HEADINGS = {
    "postcode": ("pcds", "pcd8", "pcd7", "pcd", "pcd2", "postcode", "post_code", "postcode_unit"),
    "easting": ("oseast1m", "east1m", "easting", "eastings"),
    "northing": ("osnrth1m", "north1m", "northing", "northings"),
    "longitude": ("long", "lon", "lng", "longitude"),
    "latitude": ("lat", "latitude"),
    "quality": ("osgrdind", "gridind", "positional_quality", "positional_quality_indicator", "pqi"),
    "ended": ("doterm", "terminated"),
}  # fmt: skip

#: Columns of a file of Code-Point Open, which has no headings.
_CODE_POINT = ("postcode", "positional_quality", "eastings", "northings", "country_code",
               "nhs_regional_ha_code", "nhs_ha_code", "admin_county_code", "admin_district_code",
               "admin_ward_code")  # fmt: skip

#: Files by name: where each stands, and what opens it.
Openers = dict[str, tuple[Path, Callable[[], BinaryIO]]]

_LAST_LETTERS = re.compile(r"(?:^|[_\- ])([a-z]{1,2})$")
_MARKS = b",;\t|"


@dataclass(frozen=True)
class Record:
    """One line of a list: what its columns hold, by :data:`HEADINGS`, and all cells by heading."""

    key: str
    cells: Mapping[str, str]
    codes: Mapping[str, str]
    file: str


@dataclass(frozen=True)
class Layout:
    """How the lines of a file are cut: where the postcode stands, and what the columns are."""

    mark: bytes
    headings: tuple[str, ...]
    at: Mapping[str, int]
    headed: bool


@dataclass(frozen=True)
class ListFile:
    """A file of a list, perhaps inside a folder or a zip; ``area`` is "" where it holds all."""

    name: str
    layout: Layout
    open: Callable[[], BinaryIO]
    path: Path
    area: str = ""


@dataclass(frozen=True)
class Wanted:
    """Postcodes to be found: whole ones, and all that have an outward code or are of a sector."""

    keys: frozenset[str] = frozenset()
    outwards: frozenset[str] = frozenset()
    sectors: frozenset[str] = frozenset()

    def areas(self) -> set[str]:
        """Return the postcode areas that they are of."""
        return {read_area(key) for key in (*self.keys, *self.outwards, *self.sectors)}


@dataclass
class PostcodeList:
    """The files of a list, found once; :meth:`find` reads those that are needed."""

    name: str
    files: Sequence[ListFile]
    folder: InputFolder
    used: set[Path] = field(default_factory=set)

    def find(self, wanted: Wanted) -> list[Record]:
        """Return the records of these postcodes."""
        areas = wanted.areas()
        own = {file.area for file in self.files if file.area}
        found: list[Record] = []
        for file in self.files:
            if file.area in areas if file.area else areas - own:
                found.extend(self._read(file, wanted))
        return found

    def record(self) -> None:
        """Record a folder as one input, with the hash of those of its files that were read."""
        if self.name in self.folder.files or not self.used:
            return
        digest, size = hashlib.sha256(), 0
        for path in sorted(self.used):
            with path.open("rb") as stream:
                inside = hashlib.file_digest(stream, "sha256").hexdigest()
            digest.update(f"{path.name}\n{inside}\n".encode())
            size += path.stat().st_size
        self.folder.add_hashed(self.name, digest.hexdigest(), size)

    def _read(self, file: ListFile, wanted: Wanted) -> Iterator[Record]:
        self.used.add(file.path)
        lines = _scan(file, wanted)
        at = file.layout.at
        findings = self.folder.findings
        try:
            for line in lines:
                text = line.decode("utf-8", "replace")
                mark = file.layout.mark.decode()
                cells = next(csv.reader([text], delimiter=mark), [])
                if len(cells) != len(file.layout.headings):
                    what = f"The line of {cells[at['postcode']]!r} has {len(cells)} cells; the headings are {len(file.layout.headings)}."
                    findings.problem(file.name, what, "Get the list again.")
                    continue
                cells = [cell.strip() for cell in cells]
                key = read_postcode(cells[at["postcode"]]).key
                named = {name: cells[place] for name, place in at.items()}
                codes = dict(zip(file.layout.headings, cells, strict=True))
                yield Record(key, named, codes, file.name)
        except (
            OSError,
            EOFError,
            RuntimeError,
            csv.Error,
            zipfile.BadZipFile,
            zlib.error,
        ) as error:
            what = (
                f"The list of postcodes cannot be read to its end: {error or type(error).__name__}."
            )
            findings.problem(file.name, what, "Get the file again.")


def read_area(key: str) -> str:
    """Return the letters that a postcode begins with.

    >>> read_area("GL11AD"), read_area("B11AA")
    ('GL', 'B')
    """
    return key[: 2 if key[1:2].isalpha() else 1]


def _scan(file: ListFile, wanted: Wanted) -> Iterator[bytes]:
    """Yield the lines of the postcodes asked for. The heart of it: nothing here may be slow."""
    mark, place = file.layout.mark, file.layout.at["postcode"]
    keys = {key.encode() for key in wanted.keys}
    outwards = {key.encode() for key in wanted.outwards}
    sectors = {key.encode() for key in wanted.sectors}
    partly = bool(outwards or sectors)
    with file.open() as stream:
        if file.layout.headed:
            stream.readline(_LONGEST_LINE)
        for line in iter(partial(stream.readline, _LONGEST_LINE), b""):
            if len(line) >= _LONGEST_LINE:
                raise OSError(f"a line is longer than {_LONGEST_LINE:,} bytes")
            cells = line.split(mark, place + 1)
            if len(cells) <= place:
                continue
            key = cells[place].strip(b'" \r\n').replace(b" ", b"").upper()
            if key in keys or (
                partly and (key[:-INWARD] in outwards or key[: 1 - INWARD] in sectors)
            ):
                yield line


def open_lists(folder: InputFolder, name: str, columns: Mapping[str, str]) -> PostcodeList | None:
    """Find the files of a list: a CSV, the CSVs in a folder, or those in a zip.

    Files that hold no postcodes (code lists, user guides) are passed over. None and a Problem
    where there is nothing to read.
    """
    path = folder.locate(name)
    if path.is_dir():
        candidates = _list_folder(folder, name, path)
    else:
        found = find_large(folder, name, largest=LARGEST_LIST)
        if found is None:
            return None
        candidates = {name: (found, partial(_open, found))}
        if zipfile.is_zipfile(found):
            candidates = _list_zip(name, found, folder.findings)
    files = []
    for label, (at, opener) in candidates.items():
        layout = _find_layout(opener, columns)
        if layout is not None:
            area = _area_of(label) if len(candidates) > 1 else ""
            files.append(ListFile(label, layout, opener, at, area))
    if candidates and not files:
        heads = next((_first_cells(opener)[1] for _, opener in candidates.values()), [])
        _say_no_list(folder, name, heads, columns)
    return PostcodeList(name, files, folder) if files else None


def _say_no_list(
    folder: InputFolder, name: str, heads: list[str], columns: Mapping[str, str]
) -> None:
    """Say that no file has postcodes, with the headings of the first."""
    if columns.get("postcode") and columns["postcode"] not in heads:
        what = f"{name} has no column {columns['postcode']!r}."
        mend = f"{Spelling(heads).ask(columns['postcode'])} Correct the name.".strip()
        folder.findings.problem(SETTINGS_FILE, what, mend, column="postcodes.columns.postcode")
        return
    what = "This is no list of postcodes: no column of postcodes was found."
    said = f" It has: {', '.join(head[:40] for head in heads[:20])}." if heads else ""
    mend = f'Name ONSPD, NSPL or Code-Point Open, or say columns = {{ postcode = "…" }} in [postcodes].{said}'
    folder.findings.problem(name, what, mend)


def _list_folder(folder: InputFolder, name: str, path: Path) -> Openers:
    """Return the CSV files in a folder and below."""
    try:
        files = sorted(p for p in path.rglob("*") if p.suffix.lower() == ".csv" and p.is_file())
    except OSError as error:
        folder.findings.problem(name, f"The folder cannot be read: {error.strerror}.", "Check it.")
        return {}
    if not files or len(files) > _MOST_MEMBERS:
        what = (
            f"The folder holds {len(files):,} CSV files; at most {_MOST_MEMBERS:,} are looked at."
        )
        mend = "Name the folder of the list itself, as Data/CSV."
        folder.findings.problem(name, what if files else "The folder holds no CSV file.", mend)
        return {}
    labels = [f"{name}/{file.relative_to(path).as_posix()}" for file in files]
    found = [file.resolve() for file in files]
    return {label: (at, partial(_open, at)) for label, at in zip(labels, found, strict=True)}


def _list_zip(name: str, path: Path, findings: Findings) -> Openers:
    """Return the CSV files in a zip, to be read in place; limits are held before any is opened."""
    try:
        with zipfile.ZipFile(path) as archive:
            members = [m for m in archive.infolist() if m.filename.lower().endswith(".csv")]
            count = len(archive.infolist())
    except (OSError, ValueError, zipfile.BadZipFile, NotImplementedError) as error:
        findings.problem(name, f"The zip cannot be read: {error}.", "Get the file again.")
        return {}
    size = sum(member.file_size for member in members)
    if size > LARGEST_LIST or count > _MOST_MEMBERS:
        what = f"The zip says it holds {count:,} files, {size:,} bytes of CSV; at most {_MOST_MEMBERS:,} and {LARGEST_LIST:,} are read."
        findings.problem(name, what, "Take out the list itself, and name that.")
        return {}
    if any(member.flag_bits & 1 for member in members):
        findings.problem(name, "The zip is locked with a password.", "Unlock it, and save it anew.")
        return {}
    if not members:
        findings.problem(name, "The zip holds no CSV file.", "Name the zip of the list itself.")
        return {}
    names = [member.filename for member in members]
    return {f"{name}/{inside}": (path, partial(_open_member, path, inside)) for inside in names}


def _open(path: Path) -> BinaryIO:
    return path.open("rb")


def _open_member(path: Path, member: str) -> BinaryIO:
    """Open a file inside a zip; closing it closes the zip."""
    with ExitStack() as stack:
        archive = stack.enter_context(zipfile.ZipFile(path))
        inside = stack.enter_context(archive.open(member))
        stream = io.BufferedReader(inside, 1 << 20)  # type: ignore[type-var]  # it reads bytes
        # zipfile keeps its file open for as long as a member of it is.
        stack.pop_all()
        archive.close()
    return stream


def _first_cells(opener: Callable[[], BinaryIO]) -> tuple[bytes, list[str]]:
    """Return what stands between the cells of a file, and those of its first line."""
    try:
        with opener() as stream:
            line = stream.readline(_LONGEST_LINE)
    except (OSError, EOFError, RuntimeError, NotImplementedError, zipfile.BadZipFile, zlib.error):
        return b",", []
    line = line.removeprefix(b"\xef\xbb\xbf")
    if not line or len(line) >= _LONGEST_LINE or b"\x00" in line:
        return b",", []
    mark = max((bytes([m]) for m in _MARKS), key=line.count)
    try:
        cells = next(csv.reader([line.decode("utf-8", "replace")], delimiter=mark.decode()), [])
    except csv.Error:
        return mark, []
    return mark, [cell.strip() for cell in cells]


def _find_layout(opener: Callable[[], BinaryIO], columns: Mapping[str, str]) -> Layout | None:
    """Return how a file is cut by its first line; None where it holds no postcodes."""
    mark, cells = _first_cells(opener)
    if cells and read_postcode(cells[0]).part == "unit":
        headings = tuple(_CODE_POINT[: len(cells)])
        headings += tuple(f"column {n + 1}" for n in range(len(headings), len(cells)))
        headed = False
    else:
        headings, headed = tuple(cells), True
    loose = {"_".join(head.casefold().split()): n for n, head in reversed([*enumerate(headings)])}
    at: dict[str, int] = {}
    for name, known in HEADINGS.items():
        said = columns.get(name)
        if said is not None:
            places = [headings.index(said)] if said in headings else []
        else:
            places = [loose[head] for head in known if head in loose]
        if places:
            # The first of several forms of the postcode: the line is cut there, and no further.
            at[name] = min(places) if name == "postcode" else places[0]
    return Layout(mark, headings, at, headed) if "postcode" in at else None


def _area_of(name: str) -> str:
    """Return the postcode area that a file of many is about, by the end of its name; else "".

    >>> _area_of("Data/CSV/gl.csv"), _area_of("multi_csv/NSPL_MAY_2025_UK_B.csv")
    ('GL', 'B')
    >>> _area_of("Data/NSPL_MAY_2025_UK.csv")
    ''
    """
    found = _LAST_LETTERS.search(Path(name).stem.casefold())
    # UK is no postcode area: it stands at the end of the name of the whole list.
    return "" if found is None or found[1] == "uk" else found[1].upper()

"""A tabular data package of Open Referral (datapackage.json and CSV), in a folder or a zip."""

from __future__ import annotations

import io
import json
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from provision_map.open_referral import Package, nest_services
from provision_map.open_referral.package import Record
from provision_map.read.files.text import LARGEST_TABLE, InputFolder, decode_text, parse_csv
from provision_map.read.findings import Findings
from provision_map.schema import quote
from provision_map.schema.wording import count_of, list_some

DESCRIPTION = "datapackage.json"

#: Tables that are read, each with the names that its file may have where nothing says its name.
TABLES = {
    "service": ("services.csv", "service.csv"),
    "organization": ("organizations.csv", "organization.csv"),
    "organization_identifier": ("organization_identifiers.csv", "organization_identifier.csv"),
    "service_at_location": ("service_at_location.csv", "service_at_locations.csv"),
    "location": ("locations.csv", "location.csv"),
    "address": ("addresses.csv", "address.csv"),
    "schedule": ("schedules.csv", "schedule.csv"),
    "service_area": ("service_areas.csv", "service_area.csv"),
    "language": ("languages.csv", "language.csv"),
    "accessibility": ("accessibility.csv",),
    "cost_option": ("cost_options.csv", "cost_option.csv"),
    "funding": ("funding.csv",),
    "attribute": ("attributes.csv", "attribute.csv"),
    "taxonomy": ("taxonomies.csv", "taxonomy.csv"),
    "taxonomy_term": ("taxonomy_terms.csv", "taxonomy_term.csv"),
}
#: Tables of persons, which are never opened.
_PERSONS = ("contacts.csv", "contact.csv", "phones.csv", "phone.csv")
#: Tables that only earlier versions of the standard have.
_OLD = ("regular_schedules.csv", "regular_schedule.csv", "services_taxonomy.csv", "service_taxonomy.csv", "physical_addresses.csv", "eligibility.csv")  # fmt: skip
_NUMBERS = frozenset({"minimum_age", "maximum_age", "latitude", "longitude", "amount", "interval", "count"})  # fmt: skip
#: A zip that says it unpacks to more than this is not unpacked. Bytes.
_LARGEST_UNPACKED = 1_000_000_000
_MOST_MEMBERS = 500
_LARGEST_DESCRIPTION = 5_000_000


@dataclass(frozen=True)
class Shelf:
    """The files of a package: their plain names, and how to read one (None: it cannot be)."""

    name: str
    files: frozenset[str]
    read: Callable[[str], bytes | None]


def list_own_files(folder: InputFolder, name: str) -> list[Path]:
    """Return the files in a folder that came from a publisher; links that lead out of it are told.

    Raises:
        OSError: the folder cannot be read.

    """
    path = folder.locate(name)
    inside = path.resolve()
    own: list[Path] = []
    away: list[Path] = []
    for file in sorted(path.iterdir()):
        if file.is_file():
            (own if file.resolve().is_relative_to(inside) else away).append(file)
    if away:
        what = f"Not read, for they are links that lead out of the folder: {list_some(file.name for file in away)}."
        folder.findings.note(name, what, "Put the files themselves there.")
    return own


def open_shelf(folder: InputFolder, name: str) -> Shelf | None:
    """Open the package of a folder, or of a zip; None where it cannot be read, which is told."""
    if folder.locate(name).is_dir():
        files = frozenset(path.name for path in list_own_files(folder, name))
        return Shelf(name, files, lambda file: folder.read_bytes(f"{name}/{file}"))
    return _open_zip(folder, name)


def _open_zip(folder: InputFolder, name: str) -> Shelf | None:
    data = folder.read_bytes(name, largest=LARGEST_TABLE)
    if data is None:
        return None
    problem = folder.findings.problem
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
        members = archive.infolist()
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError) as error:
        problem(name, f"The zip cannot be opened: {error}.", "Fetch or save it again.")
        return None
    size = sum(member.file_size for member in members)
    if len(members) > _MOST_MEMBERS or size > _LARGEST_UNPACKED:
        what = f"The zip says it holds {count_of(len(members), 'file')} of {size:,} bytes, which no package has."
        problem(name, what, "Unpack what is needed of it into a folder.")
        return None
    # Only plain names count: what folders the zip claims to have is no path of ours.
    held = {
        PurePosixPath(member.filename).name: member
        for member in reversed(members)
        if member.filename and not member.is_dir()
    }

    def read(file: str) -> bytes | None:
        try:
            with archive.open(held[file]) as stream:
                content = stream.read(LARGEST_TABLE + 1)
        except (
            zipfile.BadZipFile,
            ValueError,
            OSError,
            RuntimeError,
            NotImplementedError,
            EOFError,
        ) as error:
            problem(f"{name}/{file}", f"It cannot be unpacked: {error}.", "Save the zip again.")
            return None
        except Exception as error:  # noqa: BLE001 - zlib and lzma raise errors of their own
            problem(f"{name}/{file}", f"It cannot be unpacked: {error}.", "Save the zip again.")
            return None
        if len(content) > LARGEST_TABLE:
            what = f"It unpacks to more than {LARGEST_TABLE:,} bytes."
            problem(f"{name}/{file}", what, "Cut it down to the area of the exercise.")
            return None
        return content

    return Shelf(name, frozenset(held), read)


@dataclass(frozen=True)
class PackageServices:
    """The services of a package as (row, record), its organisations alike, and their files.

    ``organisations_file`` is "" where there is none; ``whole`` whether every row could be used.
    """

    file: str
    records: list[tuple[int, Record]]
    organisations_file: str
    organisations: list[tuple[int, Record]]
    whole: bool


def read_package(shelf: Shelf, findings: Findings) -> PackageServices | None:
    """Read the tables of a package and put them together; None where it has no services."""
    named = _read_description(shelf, findings)
    tables: dict[str, list[Record]] = {}
    positions: dict[str, list[int]] = {}
    files: dict[str, str] = {}
    absent: list[str] = []
    wrong = len(findings.problems)
    if old := sorted(shelf.files & set(_OLD)):
        from provision_map.open_referral import say_old  # noqa: PLC0415

        findings.problem(f"{shelf.name}/{old[0]}", *say_old())
        return None
    for table, candidates in TABLES.items():
        wanted = (named[table],) if table in named else candidates
        file = next((name for name in wanted if name in shelf.files), None)
        if file is None:
            if table in named:
                absent.append(named[table])
            continue
        files[table] = f"{shelf.name}/{file}"
        content = shelf.read(file)
        text = None if content is None else decode_text(content, file=files[table], findings=findings)  # fmt: skip
        parsed = None if text is None else parse_csv(text, file=files[table], findings=findings)
        if parsed is not None:
            names = [str(name) for name in parsed.frame.columns if name != "_row"]
            columns = [parsed.frame[name].tolist() for name in names]
            tables[table] = [_make(names, row) for row in zip(*columns, strict=True)]
            positions[table] = parsed.frame["_row"].tolist()
    if absent and "service" in files:
        what = f"The package names files that are not there: {list_some(absent, 20)}."
        findings.note(f"{shelf.name}/{DESCRIPTION}", what)
    _note_unread(shelf, files, findings)
    if "service" not in files:
        what = "The package has no services.csv."
        findings.problem(shelf.name, what, "Put it there, or name another feed.")
        return None
    services, orphans = nest_services(Package(tables, positions))
    for (table, column), many in Counter((o.table, o.column) for o in orphans).items():
        first = next(o for o in orphans if (o.table, o.column) == (table, column))
        what = f"{count_of(many, 'row belongs', 'rows belong')} to nothing in the package, the first to {quote(first.code)}: not read."
        findings.note(files[table], what, row=first.position, column=column)
    rows, of_organisations = (positions.get(name, []) for name in ("service", "organization"))
    return PackageServices(
        file=files["service"],
        records=list(zip(rows, services, strict=True)),
        organisations_file=files.get("organization", ""),
        organisations=list(zip(of_organisations, tables.get("organization", []), strict=True)),
        whole=len(findings.problems) == wrong,
    )


def _make(names: list[str], row: tuple[str, ...]) -> Record:
    """Return a row of CSV as a record: blank cells are absent, numbers are numbers."""
    made: dict[str, Any] = {}
    for name, cell in zip(names, row, strict=True):
        text = cell.strip()
        if not text:
            continue
        made[name] = text
        if name in _NUMBERS:
            try:
                made[name] = float(text)
            except ValueError:
                continue
            if made[name].is_integer() and abs(made[name]) < 1e15:  # noqa: PLR2004 - exact
                made[name] = int(made[name])
    return made


def _read_description(shelf: Shelf, findings: Findings) -> dict[str, str]:
    """Return the plain name of the file of each table, as the package describes itself."""
    if DESCRIPTION not in shelf.files:
        return {}
    content = shelf.read(DESCRIPTION)
    if content is None:
        return {}
    file = f"{shelf.name}/{DESCRIPTION}"
    try:
        if len(content) > _LARGEST_DESCRIPTION:
            raise ValueError("it is far too large")  # noqa: TRY301
        described = json.loads(content.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        findings.problem(file, f"This is no JSON: {error}.", "Fetch or save it again.")
        return {}
    return dict(_each_resource(described))


def _each_resource(described: object) -> Iterator[tuple[str, str]]:
    resources = described.get("resources") if isinstance(described, dict) else None
    for resource in resources if isinstance(resources, list) else ():
        if isinstance(resource, dict):
            name, path = resource.get("name"), resource.get("path")
            # A path of the data is never followed: only the plain name of a file beside it counts.
            if isinstance(name, str) and isinstance(path, str) and name in TABLES:
                yield name, PurePosixPath(path).name


def _note_unread(shelf: Shelf, files: dict[str, str], findings: Findings) -> None:
    read = {name.rsplit("/", 1)[-1] for name in files.values()}
    others = sorted(n for n in shelf.files - read - {*_PERSONS} if n.lower().endswith(".csv"))
    persons = sorted(shelf.files & {*_PERSONS})
    if persons:
        what = f"{', '.join(persons)} tell of persons and were not opened."
        findings.note(shelf.name, what.replace("tell", "tells").replace("were", "was") if len(persons) == 1 else what)  # fmt: skip
    if others:
        findings.note(
            shelf.name, f"Not read, for no table of ours holds it: {', '.join(others[:10])}."
        )

"""What is provided and what came back: the tables of services, and the checks between them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import replace

import numpy as np
import pandas as pd

from provision_map import tables
from provision_map.read.codes import CodeCheck, Codes, cells
from provision_map.read.duplicates.decisions import merge_same
from provision_map.read.feeds.reading import read_feeds
from provision_map.read.files.crs import WGS84, WORLD, project
from provision_map.read.files.text import InputFolder
from provision_map.read.files.typed import (
    list_codes_of,
    read_declared,
)
from provision_map.read.findings import Findings, list_some
from provision_map.read.origin import Origin, ServiceTables, join_origins
from provision_map.read.places.area import Area
from provision_map.read.postcodes.locate import locate_postcodes
from provision_map.read.registers.reading import read_origin
from provision_map.read.registers.sites import pass_over
from provision_map.read.schedules import check_term_dates, read_schedules
from provision_map.read.settings import SETTINGS_FILE, ServicesSettings, Settings
from provision_map.read.workbooks.reading import read_workbooks
from provision_map.schema import COLUMN_MISSING

_AREA = "place or neighbourhood of this exercise"
_POSITIONS = (("easting", "northing"), ("longitude", "latitude"))


def read_service_tables(
    folder: InputFolder, settings: Settings, codes: Codes, area: Area
) -> ServiceTables:
    """Read organisations, services (also from registers), sessions, term dates and the others."""
    named = settings.services
    findings = folder.findings
    own = _read_own(folder, named)
    origins = [
        own,
        *(read_origin(folder, register, area) for register in named.registers),
        *read_workbooks(folder, named.workbooks, codes),
        *read_feeds(folder, named.feeds),
    ]
    terms = read_declared(folder, named.term_dates, tables.TERM_DATES)
    found = merge_same(join_origins(origins, term_dates=terms), folder, named.same)
    _note_nobody_asked(found.returns, folder, settings)
    located = locate_postcodes(found.services, folder, settings.postcodes, area)
    found = pass_over(replace(found, services=located), area, findings)
    codes = _add_codes(codes, found, origins)
    services = _check_services(
        found.services, codes, area, origins, own=named.services, folder=folder
    )
    _check_sessions(found, codes, findings)
    sessions = read_schedules(found.sessions, findings)
    check_term_dates(found.term_dates, findings)
    _check_returns_and_practice(found, codes, findings)
    _note_future(found, settings.exercise.date, findings)
    return replace(found, services=services, sessions=sessions, codes=codes.services)


def _read_own(folder: InputFolder, named: ServicesSettings) -> Origin:
    """Read the exercise's own tables."""
    frames = {
        tables.ORGANISATIONS: read_declared(folder, named.organisations, tables.ORGANISATIONS),
        tables.SERVICES: read_declared(
            folder, named.services, tables.SERVICES, must_have_rows=True
        ),
        tables.SESSIONS: read_declared(folder, named.sessions, tables.SESSIONS),
        tables.QUALITY: read_declared(folder, named.quality, tables.QUALITY),
        tables.RETURNS: read_declared(folder, named.returns, tables.RETURNS, note_empty=False),
        tables.PRACTICE: read_declared(folder, named.practice, tables.PRACTICE),
        tables.PARTICIPATION: read_declared(folder, named.participation, tables.PARTICIPATION),
    }
    services = list_codes_of(
        folder, named.services, "service_id", frames[tables.SERVICES]["service_id"]
    )
    organisations = list_codes_of(
        folder,
        named.organisations,
        "organisation_id",
        frames[tables.ORGANISATIONS]["organisation_id"],
    )
    lost = [folder.lost_cells(file) or () for file in (named.services, named.organisations) if file]
    return Origin(
        files=frozenset(file for file in (named.services,) if file),
        frames={table.name: frame for table, frame in frames.items()},
        whole=services is not None,
        named=organisations is not None,
        lost=frozenset(code for codes in lost for code in codes),
    )


def _note_nobody_asked(returns: pd.DataFrame, folder: InputFolder, settings: Settings) -> None:
    """Note that no one has been asked: without returns, absence is unknown everywhere."""
    file = settings.services.returns
    if not returns.empty or (file is not None and folder.lost_cells(file) != frozenset()):
        return
    what = (
        "Nobody is on record as having been asked: whatever is not in the services is unknown, "
        "not none."
    )
    mend = "Fill in who was asked for what, and what came back."
    column = "services.returns" if file is None else ""
    folder.findings.note(file or SETTINGS_FILE, what, mend, column=column)


def _add_codes(
    codes: Codes,
    found: ServiceTables,
    origins: list[Origin],
) -> Codes:
    """Add the codes of organisations and services, unless a file that holds some is at fault."""
    lost = frozenset(code for origin in origins for code in origin.lost)
    organisations = services = None
    if all(origin.named for origin in origins):
        organisations = lost | frozenset(found.organisations["organisation_id"])
    if all(origin.whole for origin in origins):
        services = lost | frozenset(found.services["service_id"])
    names = [
        *zip(found.organisations["name"], found.organisations["organisation_id"], strict=True),
        *zip(found.services["name"], found.services["service_id"], strict=True),
    ]
    return replace(
        codes, organisations=organisations, services=services, names=(*codes.names, *names)
    )


def _check_services(
    services: pd.DataFrame,
    codes: Codes,
    area: Area,
    origins: list[Origin],
    *,
    own: str | None,
    folder: InputFolder,
) -> pd.DataFrame:
    """Check the services of all files alike, then tell each problem where it can be mended.

    ``own`` is the exercise's own table of services, beside the other origins.
    """
    local = Findings()
    _check_codes(services, codes, local)
    _check_unique(services, local)
    for file, row, (low, high) in cells(services, "minimum_age", "maximum_age"):
        if float(str(low)) > float(str(high)):
            what = f"The ages are the wrong way round: {low:g} is above maximum_age {high:g}."
            local.problem(file, what, "Swap the two.", row=row, column="minimum_age")
    hidden = {own} if _hides_positions(folder, own) else set()
    placed = _check_positions(services, area, local, unplaced=hidden).drop(columns="no_position")
    _note_no_places(services, local)
    findings = folder.findings
    relocate = {file: origin.relocate for origin in origins for file in origin.files}
    for problem in local.problems:
        move = relocate.get(problem.file)
        findings.problems.append(problem if move is None else move(problem))
    findings.notes.extend(local.notes)
    return placed


def _note_no_places(services: pd.DataFrame, findings: Findings) -> None:
    """Note services of capacity 0, once a file: most often it stands for no limit, or unknown."""
    full: dict[str, list[str]] = {}
    for file, _, (code, capacity) in cells(services, "service_id", "capacity"):
        if capacity == 0:
            full.setdefault(file, []).append(str(code))
    for file, codes in full.items():
        say, them = ("says it has", "it") if len(codes) == 1 else ("say they have", "them")
        what = f"{list_some(codes)} {say} 0 places in a session: nobody can be covered by {them}."
        mend = "Check it; `none` is no limit, blank is unknown."
        findings.note(file, what, mend, column="capacity")


def _hides_positions(folder: InputFolder, file: str | None) -> bool:
    """Whether a table's headings are at fault, so that positions may stand under a wrong one.

    The headings are told; that each of its services then stands nowhere only follows.
    """
    raw = None if file is None else folder.read_table(file)
    if raw is None or not any(
        p.file == file and p.what == COLUMN_MISSING for p in folder.findings.problems
    ):
        return False
    names = {"place_id", "service_area", *(name for pair in _POSITIONS for name in pair)}
    return not names <= set(raw.columns)


def _check_codes(services: pd.DataFrame, codes: Codes, findings: Findings) -> None:
    check = CodeCheck(services, findings, codes.names)
    check.check_list("elements", codes.elements, what="element")
    check.check_list("outcomes", codes.outcomes, what="outcome or aim")
    check.check_list("open_to", codes.everyone, what="community", alone=("everyone",))
    check.check_list("not_open_to", codes.communities, what="community")
    check.check_list("service_area", codes.areas, what=_AREA, alone=("all",))
    check.check_alone("access", ("none",))
    mend = "Use a code of [places], or leave it blank."
    check.check_reference("place_id", codes.places, what="place of this exercise", mend=mend)
    _check_organisation(check, codes)


def _check_organisation(check: CodeCheck, codes: Codes) -> None:
    what = "organisation of the table of organisations"
    mend = "Add it there, or correct the code."
    check.check_reference("organisation_id", codes.organisations, what=what, mend=mend)


def _check_unique(services: pd.DataFrame, findings: Findings) -> None:
    """Check identifiers over all files; within one file the table's key has done so."""
    first: dict[str, tuple[str, int]] = {}
    for file, row, (code,) in cells(services, "service_id"):
        other, at = first.setdefault(str(code), (file, row))
        if code and other != file:
            what = f"{code} stands already in {other}, row {at}."
            mend = 'Give each service an identifier of its own: prefix = "…" in a mapping file.'
            findings.problem(file, what, mend, row=row, column="service_id")


def _check_positions(
    services: pd.DataFrame, area: Area, findings: Findings, *, unplaced: Collection[str | None]
) -> pd.DataFrame:
    """Check where services are, and fill easting and northing from longitude and latitude.

    Services of the files in ``unplaced`` may be without any position.
    """
    east, north = (services[name].to_numpy(dtype=float).copy() for name in _POSITIONS[0])
    lon, lat = (services[name].to_numpy(dtype=float) for name in _POSITIONS[1])
    projected = ~np.isnan(east) & ~np.isnan(north)
    in_degrees = ~projected & ~np.isnan(lon) & ~np.isnan(lat)
    from_lon_lat = swapped = (np.full(len(services), np.nan),) * 2
    if area.target is not None:
        from_lon_lat = project(lon, lat, source=WGS84, target=area.target)
        swapped = project(lat, lon, source=WGS84, target=area.target)
    _check_halves(services, findings)
    said = cells(services, "place_id", "service_area")
    for n, (file, row, (place_id, service_area)) in enumerate(said):
        column, here, other = "", (0.0, 0.0), (0.0, 0.0)
        if projected[n]:
            column, here, other = "easting", (east[n], north[n]), (north[n], east[n])
        elif in_degrees[n]:
            column, here = "longitude", (from_lon_lat[0][n], from_lon_lat[1][n])
            other = (swapped[0][n], swapped[1][n])
        elif (
            not place_id
            and not service_area
            and not _has_any_position(services, n)
            and file not in unplaced
        ):
            _say_nowhere(services["no_position"].iloc[n], file, row, findings)
        # A longitude that is none at all has been told by its column.
        on_earth = bool(projected[n]) or WORLD.holds(lon[n], lat[n])
        if column and on_earth and area.box is not None and not area.box.holds(*here):
            what, mend = _say_outside(services, n, column, swapped=area.box.holds(*other))
            findings.problem(file, what, mend, row=row, column=column)
    if area.target is None:
        return services
    east[in_degrees] = from_lon_lat[0][in_degrees]
    north[in_degrees] = from_lon_lat[1][in_degrees]
    finite = np.isfinite(east) & np.isfinite(north)
    return services.assign(
        easting=np.where(finite, east, np.nan), northing=np.where(finite, north, np.nan)
    )


def _say_nowhere(
    told: tuple[str, str] | tuple[()] | None, file: str, row: int, findings: Findings
) -> None:
    """Say that a service is in no place; ``told`` is what its postcode has to do with it."""
    if told is None:
        what = "This is a service in no place: no position, no place_id, no service_area."
        mend = "Give one of them: a position, the code of its place, or the area it comes to."
        findings.problem(file, what, mend, row=row, column="place_id")
    elif told:
        findings.problem(file, *told, row=row, column="postcode")


def _has_any_position(services: pd.DataFrame, n: int) -> bool:
    """Whether a cell of the position says something: what is wrong with it is told elsewhere."""
    names = (name for pair in _POSITIONS for name in pair)
    return any(services[f"{name}_said"].iloc[n] == "given" for name in names)


def _check_halves(services: pd.DataFrame, findings: Findings) -> None:
    for pair in _POSITIONS:
        said = cells(services, *(f"{name}_said" for name in pair))
        for file, row, words in said:
            given = [name for name, word in zip(pair, words, strict=True) if word == "given"]
            if len(given) == 1:
                missing = pair[1 - pair.index(given[0])]
                what = f"Half of the position is missing: {given[0]} is given, {missing} is not."
                findings.problem(file, what, "Give both or neither.", row=row, column=missing)


def _say_outside(services: pd.DataFrame, n: int, column: str, *, swapped: bool) -> tuple[str, str]:
    pair = _POSITIONS[0] if column == "easting" else _POSITIONS[1]
    x, y = (float(services[name].iloc[n]) for name in pair)
    where = f"({x:.10g}, {y:.10g})"
    if swapped:
        what = f"The coordinates {where} look swapped: they lie in the area the other way round."
        return what, f"Swap {pair[0]} and {pair[1]}."
    what = f"The position {where} lies outside the area, more than 20 km from any place."
    if column == "easting" and abs(x) <= 180 and abs(y) <= 90:  # noqa: PLR2004 - degrees
        return what, "Is it longitude and latitude? They have columns of their own."
    return what, "Check the coordinates."


def _check_sessions(found: ServiceTables, codes: Codes, findings: Findings) -> None:
    skipped = frozenset(found.left_out["service_id"])
    known = None if codes.services is None else codes.services | skipped
    what, mend = "service of the table of services", "Add it there, or correct the code."
    for frame in (found.sessions, found.quality):
        check = CodeCheck(frame, findings, codes.names)
        check.check_reference("service_id", known, what=what, mend=mend)
        for file, row, (code,) in cells(frame, "service_id"):
            if code in skipped and code not in (codes.services or ()):
                findings.note(file, f"{code} was left out.", row=row, column="service_id")
    for file, row, (start, end) in cells(found.sessions, "start", "end"):
        if isinstance(start, dt.time) and isinstance(end, dt.time) and end <= start:
            what = f"It ends at {end:%H:%M}, which is not after its start at {start:%H:%M}."
            mend = "Correct the times; a session past midnight is two rows."
            findings.problem(file, what, mend, row=row, column="end")


def _check_returns_and_practice(found: ServiceTables, codes: Codes, findings: Findings) -> None:
    returns = CodeCheck(found.returns, findings, codes.names)
    returns.check_list("elements", codes.elements, what="element", alone=("all",))
    returns.check_list("places", codes.areas, what=_AREA, alone=("all",))
    practice = CodeCheck(found.practice, findings, codes.names)
    practice.check_list("elements", codes.elements, what="element")
    practice.check_list("outcomes", codes.outcomes, what="outcome or aim")
    practice.check_list("reached_places", codes.areas, what=_AREA, alone=("all", "none"))
    practice.check_list(
        "reached_communities", codes.everyone, what="community", alone=("everyone", "none")
    )
    for check in (returns, practice):
        _check_organisation(check, codes)


def _note_future(found: ServiceTables, date: dt.date, findings: Findings) -> None:
    """Note what is dated after the day of the exercise, and what becomes of it: it is used."""
    dated = (
        (found.services, "assured_date", "the record counts as freshly checked"),
        (found.quality, "date", "the evidence counts, as the newest"),
        (found.returns, "received_on", "the return counts as fresh"),
        (found.practice, "agreed_on", "the practice counts as agreed"),
    )
    for frame, column, consequence in dated:
        for file, row, (day,) in cells(frame, column):
            if isinstance(day, dt.date) and day > date:
                what = (
                    f"{day.isoformat()} is after the day of the exercise, {date.isoformat()}: "
                    f"{consequence}."
                )
                findings.note(file, what, "Check the year.", row=row, column=column)

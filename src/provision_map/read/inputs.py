"""All inputs of an exercise, read at once, with everything that is wrong with them."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from fnmatch import fnmatch

import geopandas as gpd
import numpy as np
import pandas as pd

from provision_map.errors import DataError, Problem
from provision_map.frameworks import load_framework
from provision_map.model import Framework
from provision_map.read.codes import list_codes
from provision_map.read.duplicates.decisions import MergedTables
from provision_map.read.duplicates.suspects import find_suspects, list_decided
from provision_map.read.files.crs import Box
from provision_map.read.files.text import InputFolder
from provision_map.read.files.typed import Ours, empty_declared, read_declared
from provision_map.read.findings import Findings, InputFile, count_of, list_some
from provision_map.read.frameworks import read_framework
from provision_map.read.origin import ServiceTables
from provision_map.read.people.ages import read_ages, read_ethnic_groups
from provision_map.read.places.area import BUFFER, Area, join_outlines, read_places
from provision_map.read.places.homes import read_homes
from provision_map.read.places.sites import read_sites
from provision_map.read.registers.sites import add_outlines
from provision_map.read.returned.left_out import (
    ROWS_OF,
    Leaving,
    WrongRows,
    empty_passed_over,
    find_wrong_rows,
)
from provision_map.read.returned.returns import Area as AskedArea
from provision_map.read.returned.returns import combine_returns
from provision_map.read.services import read_service_tables
from provision_map.read.settings import (
    SETTINGS_FILE,
    NeighbourhoodsSettings,
    ReachSettings,
    Settings,
    today,
)
from provision_map.read.travel.exercise_times import Ends, bound_of, read_exercise_times
from provision_map.read.travel.network import read_road_links
from provision_map.schema import Spelling
from provision_map.tables import LOOKUP, SAME_SERVICES

__all__ = ["InputFile", "Inputs", "read_inputs"]

DAYS_A_YEAR = 366

#: The mode that the metres of a standard are of; a mode without minutes of its own has as many.
ON_FOOT = "walk"
#: Metres a minute, 7.2 km/h: no vehicle is as slow.
_SLOW = 120.0


@dataclass(frozen=True)
class Inputs:
    """What an exercise is computed from. To be used only if :meth:`raise_if_wrong` is silent.

    Attributes:
        places: GeoDataFrame with the columns of ``tables.PLACES``, in the exercise's system.
        memberships: place_id, neighbourhood_id, neighbourhood, share: every neighbourhood that a
            place belongs to. They may overlap; the one with the largest share names the place.
        ages: place_id, age, children, basis.
        ethnic_groups: place_id, group_id, residents of all ages; empty if no table is named.
        organisations, services, sessions, quality, returns, practice, participation, term_dates: the tables of
            the data dictionary, typed, with ``_file`` and ``_row``; services also with
            ``{column}_said``. Where a service gives longitude and latitude, easting and northing
            are filled in. Schedules are written in one way.
        lookup: from_id, to_id of place codes that have changed; empty if no table is named.
        homes: home_id, place_id, easting, northing, weight, ``_row``; empty if none are named.
        sites: GeoDataFrame of service_id and geometry; empty if none are named.
        roads: road links (geometry, oneway, metres_per_minute) if streets are to be walked.
        times: ``tables.TRAVEL_TIMES`` if they come from a file; minutes NaN: searched, not reached.
        neighbours, neighbour_ages, neighbour_groups: as places, ages and ethnic_groups, of places
            beside ours whose children compete; nothing is said of them. Empty if there are none.
        returns: what was asked, with what came back: see :func:`.returns.combine_returns`.
        returns_given: the same table as the files give it.
        suspects: pairs of services that may be one and the same (``origin.SUSPECTS``), of which
            nobody has decided.
        decisions: ``tables.SAME_SERVICES``, what people decided.
        left_out: file, row, service_id, name, reason of each service that was not used.
        passed_over: table, file, row, id, name, reason of other rows that were left out.
        files: every file that was opened.
        problems: what must be mended first. notes: what people should know.

    """

    settings: Settings
    framework: Framework
    places: gpd.GeoDataFrame
    memberships: pd.DataFrame
    ages: pd.DataFrame
    ethnic_groups: pd.DataFrame
    organisations: pd.DataFrame
    services: pd.DataFrame
    sessions: pd.DataFrame
    quality: pd.DataFrame
    returns: pd.DataFrame
    practice: pd.DataFrame
    participation: pd.DataFrame
    returns_given: pd.DataFrame
    suspects: pd.DataFrame
    decisions: pd.DataFrame
    lookup: pd.DataFrame
    term_dates: pd.DataFrame
    homes: pd.DataFrame
    sites: gpd.GeoDataFrame
    roads: gpd.GeoDataFrame | None
    times: pd.DataFrame | None
    neighbours: gpd.GeoDataFrame
    neighbour_ages: pd.DataFrame
    neighbour_groups: pd.DataFrame
    left_out: pd.DataFrame
    passed_over: pd.DataFrame
    files: tuple[InputFile, ...]
    problems: tuple[Problem, ...]
    notes: tuple[Problem, ...]

    def raise_if_wrong(self) -> None:
        """Raise DataError with every problem, if there is one."""
        if self.problems:
            raise DataError(self.problems)


def read_inputs(settings: Settings) -> Inputs:
    """Read all that the settings name.

    Problems of the data are collected, not raised: a file that is missing or cannot be read
    becomes a Problem and an empty table, and reading goes on as far as it can.

    Raises:
        UsageError: a file needs an extra that is not installed.

    """
    inputs, wrong = _read(settings, {})
    leaving: WrongRows = {}
    # A row that is left out may lay bare the fault of another, which refers to it.
    while settings.services.wrong_rows == "leave out" and not wrong.keys() <= leaving.keys():
        leaving = {**wrong, **leaving}
        inputs, wrong = _read(settings, leaving)
    return inputs


def _read(settings: Settings, leaving: WrongRows) -> tuple[Inputs, WrongRows]:
    """Read all but some rows; return also the rows of workbooks and feeds that have problems."""
    findings = Findings()
    folder = Leaving(settings.folder, findings, settings.sources, wrong=leaving)
    folder.read_bytes(SETTINGS_FILE)
    found = read_framework(folder, settings)
    framework = load_framework() if found is None else found
    area = read_places(folder, settings)
    homes: pd.DataFrame | None = None
    if isinstance(settings.places.neighbourhoods, NeighbourhoodsSettings):
        # Whom an outline holds is told by where people live.
        homes = read_homes(folder, settings.places.homes, area)
        area = join_outlines(folder, settings, area, homes)
    ages = read_ages(folder, settings.people.ages, framework, area.ours)
    groups = read_ethnic_groups(folder, settings.people.ethnic_groups, framework, area.ours)
    beside = Ours(frozenset(area.neighbours["place_id"]), filtered=True)
    neighbour_ages, neighbour_groups = _read_neighbours(folder, settings, framework, beside)
    codes = list_codes(
        found, places=area.codes, neighbourhoods=area.neighbourhoods, names=area.names
    )
    tables = read_service_tables(folder, settings, codes, area)
    lookup = read_declared(folder, settings.places.lookup, LOOKUP)
    if homes is None:
        homes = read_homes(folder, settings.places.homes, area)
    sites = read_sites(folder, settings.services.sites, area, tables.services, codes=tables.codes)
    sites, services = add_outlines(sites, tables.services)
    tables = replace(tables, services=services)
    roads = times = None
    if settings.reach.travel_times == "streets":
        roads = read_road_links(folder, settings.reach, area.target, box=_bounds(area))
    elif settings.reach.travel_times == "file":
        times = _read_times(folder, settings, area, homes, tables)
    _note_far_date(settings.exercise.date, findings)
    _note_slow_vehicle(settings.reach, findings)
    if settings.reach.travel_times != "file" or times is not None:
        modes = _modes(settings.reach, times)
        matrix = settings.reach.file if times is not None else None
        _note_modes(modes, framework, findings, matrix=matrix)
    _note_sources(settings, folder, findings)
    found_in = {name: getattr(tables, name) for name in ROWS_OF}
    wrong = find_wrong_rows(
        found_in, findings.problems, settings.services, left_out=tables.left_out
    )
    _leave_problems(findings, leaving)
    asked = combine_returns(
        tables.returns,
        AskedArea.of(framework.elements, area.places),
        asked_in=settings.services.returns,
        incomplete=_incomplete(leaving, tables),
    )
    merged = tables if isinstance(tables, MergedTables) else None
    decisions = empty_declared(SAME_SERVICES) if merged is None else merged.decisions
    decided = list_decided(decisions, {} if merged is None else merged.merged)
    inputs = Inputs(
        settings=settings,
        framework=framework,
        places=_centre_on_homes(area.places, homes),
        memberships=area.memberships,
        ages=ages,
        ethnic_groups=groups,
        organisations=tables.organisations,
        services=tables.services,
        sessions=tables.sessions,
        quality=tables.quality,
        returns=asked,
        returns_given=tables.returns,
        practice=tables.practice,
        participation=tables.participation,
        suspects=find_suspects(tables.services, tables.organisations, decided=decided),
        decisions=decisions,
        lookup=lookup,
        term_dates=tables.term_dates,
        homes=homes,
        sites=sites,
        roads=roads,
        times=times,
        neighbours=area.neighbours,
        neighbour_ages=neighbour_ages,
        neighbour_groups=neighbour_groups,
        left_out=tables.left_out,
        passed_over=empty_passed_over() if merged is None else merged.passed_over,
        files=tuple(folder.files.values()),
        problems=findings.sorted_problems(),
        notes=findings.sorted_notes(),
    )
    return inputs, wrong


def _leave_problems(findings: Findings, leaving: WrongRows) -> None:
    """Take out the problems of rows that are left out, and note how many there are in each file."""
    findings.problems[:] = [p for p in findings.problems if (p.file, p.row) not in leaving]
    rows: dict[str, list[int]] = {}
    for file, row in leaving:
        rows.setdefault(file, []).append(row)
    for file, numbers in rows.items():
        listed = list_some(sorted(numbers), 10)
        what = f"{count_of(len(numbers), 'row')} with problems left out ({listed})."
        mend = "Whose they are has answered only partly until they are mended: provision-map check."
        findings.note(file, what, mend)


def _incomplete(leaving: WrongRows, tables: ServiceTables) -> frozenset[str]:
    """Return the organisations of which rows are left out; all, where it is not known whose."""
    whose = [row.organisations for row in leaving.values()]
    if not all(whose):
        whose.append(frozenset(tables.organisations["organisation_id"]))
        whose.append(frozenset(tables.returns["organisation_id"]))
    return frozenset(code for codes in whose for code in codes)


def _centre_on_homes(places: gpd.GeoDataFrame, homes: pd.DataFrame) -> gpd.GeoDataFrame:
    """Put the centroid of a place that gives none where its homes lie, weighed by who lives there."""
    weights = homes["weight"].fillna(homes["weight"].mean()).fillna(1.0)
    mass = pd.DataFrame(
        {
            "place_id": homes["place_id"],
            "weight": weights,
            "easting": homes["easting"] * weights,
            "northing": homes["northing"] * weights,
        }
    )
    sums = mass.groupby("place_id").sum().reindex(places["place_id"])
    ours = (places["approximate"] == "yes").to_numpy() & (sums["weight"] > 0).to_numpy()
    out = places.copy()
    for column in ("easting", "northing"):
        middle = (sums[column] / sums["weight"]).to_numpy()
        out[column] = np.where(ours, middle, places[column])
    out["approximate"] = np.where(ours, "no", places["approximate"])
    return out


def _read_neighbours(
    folder: InputFolder, settings: Settings, framework: Framework, beside: Ours
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Read ages and ethnic groups of the places beside ours; empty where there are none."""
    if not beside.ids:
        # The files are not opened again, and not blamed for rows that nobody asked for.
        ages = pd.DataFrame({"place_id": pd.Series(dtype=object), "age": pd.Series(dtype=float)})
        groups = pd.DataFrame({name: pd.Series(dtype=object) for name in ("place_id", "group_id")})
        nobody = pd.Series(dtype=float)
        ages = ages.assign(children=nobody, basis=pd.Series(dtype=object))
        return ages, groups.assign(residents=nobody)
    people = settings.people
    return (
        read_ages(folder, people.ages, framework, beside, neighbours=True),
        read_ethnic_groups(folder, people.ethnic_groups, framework, beside, neighbours=True),
    )


def _bounds(area: Area) -> Box | None:
    """Return the bounds of our places, if there are any."""
    return None if area.box is None else area.box.widened(-BUFFER)


def _read_times(
    folder: InputFolder, settings: Settings, area: Area, homes: pd.DataFrame, found: ServiceTables
) -> pd.DataFrame | None:
    """Read the matrix of travel times, and hold it against homes and services."""
    reach, services = settings.reach, found.services
    if reach.file is None:
        return None
    points = {code: code for code in sorted(area.codes or ())}
    points |= dict(zip(homes["home_id"], homes["place_id"], strict=True))
    comes = [bool(served) for served in services["service_area"]]
    needed = [code for code, there in zip(services["service_id"], comes, strict=True) if not there]
    metres = services["location_accuracy"].fillna(0.0) * reach.detour
    ends = Ends(
        homes=points,
        services=found.codes,
        needed=tuple(dict.fromkeys(code for code in needed if code)),
        neighbours=frozenset(area.neighbours["place_id"]),
        accuracy=dict(zip(services["service_id"], metres, strict=True)),
    )
    bound = bound_of(settings.raw)
    return read_exercise_times(folder, reach.file, ends, searched_to=bound, mode=reach.mode)


def _modes(reach: ReachSettings, times: pd.DataFrame | None) -> list[str]:
    """Return the modes in which ways are measured."""
    if times is not None:
        return sorted(times["mode"].unique())
    return [reach.mode] if reach.travel_times == "streets" else [ON_FOOT]


def _note_modes(
    modes: list[str], framework: Framework, findings: Findings, *, matrix: str | None
) -> None:
    """Note minutes by a mode that no way is of, and ways by a mode that no minutes are of."""
    said: dict[str, list[str]] = {}
    for code, element in framework.elements.items():
        for mode in element.standard.minutes:
            said.setdefault(mode, []).append(code)
    spelling = Spelling(modes)
    for mode, codes in said.items():
        if mode not in modes:
            what = f"Minutes by {mode} are never used: ways are by {', '.join(modes)}."
            mend = spelling.ask(mode) or "Name the mode as the ways do, or leave the minutes out."
            column = f"standards.{codes[0]}.minutes"
            findings.note(SETTINGS_FILE, what, mend, column=column)
    for mode in modes:
        if mode not in (ON_FOOT, *said):
            what = f"Ways by {mode} are held against the minutes of the walk: no standard has minutes by it."
            mend = f"If that is not meant: minutes = {{ {mode} = … }} in [standards.…]."
            column = "reach.mode" if matrix is None else "mode"
            findings.note(matrix or SETTINGS_FILE, what, mend, column=column)


def _note_slow_vehicle(reach: ReachSettings, findings: Findings) -> None:
    """Note a speed that was left at that of a walk when the mode was changed."""
    vehicle = reach.mode in ("cycle", "drive") and reach.travel_times != "file"
    if vehicle and reach.metres_per_minute <= _SLOW:
        speed = reach.metres_per_minute
        what = f"{reach.mode} at {speed:g} metres a minute, {speed * 0.06:.2g} km/h: a vehicle at walking speed?"
        mend = "Leave metres_per_minute out: cycle is then 250, drive 667."
        findings.note(SETTINGS_FILE, what, mend, column="reach.metres_per_minute")


def _note_far_date(date: dt.date, findings: Findings) -> None:
    if (date - today()).days > DAYS_A_YEAR:
        what = (
            f"{date.isoformat()} is more than a year ahead: records, evidence and returns of "
            "today are as old by then, and what is too old counts as unknown."
        )
        findings.note(SETTINGS_FILE, what, "Check the year.", column="exercise.date")


def _note_sources(settings: Settings, folder: InputFolder, findings: Findings) -> None:
    """Note sources of no file, and files of no source.

    Settings, mappings, and what people decided need none; a returned workbook says whose it is.
    """
    files = folder.files
    own = (*settings.services.workbooks, *(name for name in (settings.services.same,) if name))
    for name in settings.sources:
        if name not in files and not any(file.startswith(f"{name}/") for file in files):
            what = "No input file has this name."
            mend = Spelling(files).ask(name)
            findings.note(SETTINGS_FILE, what, mend, column=f'sources."{name}"')
    bare = [
        name
        for name, file in files.items()
        if not (file.source or file.licence)
        if not name.endswith(".toml") and name not in folder.sidecars
        if not any(fnmatch(name, pattern) for pattern in own)
    ]
    if bare:
        what = (
            f"{'1 file has' if len(bare) == 1 else f'{len(bare)} files have'} no [sources] entry: "
            f"{', '.join(bare)}; pages cannot say where they come from."
        )
        mend = f'Add [sources."{bare[0]}"] with source, licence and date.'
        findings.note(SETTINGS_FILE, what, mend)

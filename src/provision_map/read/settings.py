"""The settings of one exercise: ``provision.toml`` as a tree of frozen dataclasses.

Paths in it are relative to the exercise folder; absolute paths and ``..`` are allowed.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from provision_map.errors import DataError, Problem, UsageError
from provision_map.model import GapRules, PriorityRules
from provision_map.read.toml import Section, parse_toml

SETTINGS_FILE = "provision.toml"

#: What a partnership may change of a standard, and what kind of value each part takes.
_STANDARD_NUMBERS = ("need", "metres", "catchment_metres", "kappa")
_STANDARD_TABLES = ("type_metres", "minutes", "levels")


@dataclass(frozen=True)
class ExerciseSettings:
    """What the exercise is about.

    Attributes:
        date: the day the exercise describes; what is newer is noted, what is old is stale by it.
        data_status: shown on everything ("illustrative services"); "" for real data.
        crs: the projected system, in metres, that everything is computed in.

    """

    title: str
    place: str
    date: dt.date
    data_status: str = ""
    crs: str = "EPSG:27700"


@dataclass(frozen=True)
class CentroidSettings:
    """Where people live in each place: columns in the system of the exercise, metres."""

    file: str
    id: str
    easting: str = "easting"
    northing: str = "northing"


@dataclass(frozen=True)
class DeprivationSettings:
    """The column with the Index of Multiple Deprivation decile, 1 the most deprived tenth."""

    file: str
    id: str
    imd_decile: str = "imd_decile"


@dataclass(frozen=True)
class HomesSettings:
    """Points where the people of each place live: output areas, postcodes.

    A table with coordinates, or any file of points or polygons that GDAL reads; then the point
    inside each outline is taken and no coordinates are named.

    Attributes:
        id: column of the point's own code.
        place: column of the place it belongs to; None: the place whose outline it falls in.
        weight: column of how many people live there; None: all points of a place weigh the same.
        easting, northing: columns in the system of the exercise.
        longitude, latitude: columns in WGS 84, instead.

    """

    file: str
    id: str
    place: str | None = None
    weight: str | None = None
    easting: str | None = None
    northing: str | None = None
    longitude: str | None = None
    latitude: str | None = None
    layer: str | None = None


@dataclass(frozen=True)
class PlacesSettings:
    """The places: a file of polygons, its columns, and what stands beside them.

    ``layer`` is for a file of several layers; None: its first. ``keep`` names, for columns of the
    file, the values of the places that are ours. ``neighbours_metres``: other places of the file
    within this distance of ours count as neighbours: their children compete for what is near the
    border, and nothing is said of them. ``lookup`` is a table from the codes of an earlier
    year, which the register remembers, to today's.
    """

    file: str
    id: str
    name: str
    level: str = ""
    layer: str | None = None
    keep: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    authority: str | None = None
    neighbourhoods: str | None = None
    lookup: str | None = None
    centroids: CentroidSettings | None = None
    deprivation: DeprivationSettings | None = None
    homes: HomesSettings | None = None
    neighbours_metres: float = 0.0


@dataclass(frozen=True)
class AgesSettings:
    """A wide table of children, one column a single year of age."""

    file: str
    id: str
    columns: str = "age_{age}"


@dataclass(frozen=True)
class EthnicGroupsSettings:
    """A wide table of residents, one column an ethnic group.

    Attributes:
        columns: the column by the code of the group, where it is not the code itself.
        total: column of all residents.
        residual: group that no column holds: the total less the others.

    """

    file: str
    id: str
    columns: Mapping[str, str] = field(default_factory=dict)
    total: str | None = None
    residual: str | None = None


@dataclass(frozen=True)
class PeopleSettings:
    """Who lives there."""

    ages: AgesSettings
    ethnic_groups: EthnicGroupsSettings | None = None


@dataclass(frozen=True)
class RegisterSettings:
    """A public register of services, and the file that says how to read it."""

    file: str
    mapping: str


@dataclass(frozen=True)
class SitesSettings:
    """Outlines or entrances of services whose site is more than a point; ``id`` is the service."""

    file: str
    id: str = "service_id"
    layer: str | None = None


@dataclass(frozen=True)
class ServicesSettings:
    """Tables of what is provided; None: there is no such table."""

    organisations: str | None = None
    services: str | None = None
    sessions: str | None = None
    quality: str | None = None
    returns: str | None = None
    practice: str | None = None
    registers: tuple[RegisterSettings, ...] = ()
    term_dates: str | None = None
    sites: SitesSettings | None = None


#: How travel times come about.
TRAVEL_TIMES = ("straight_line", "streets", "file")

#: Modes that a street network is built for, and their speed where a link gives none: 4.8 km/h on
#: foot, 15 km/h by cycle, 40 km/h by car. Metres a minute.
SPEEDS = {"walk": 80.0, "cycle": 250.0, "drive": 667.0}


@dataclass(frozen=True)
class ReachSettings:
    """How far people get.

    Attributes:
        metres_per_minute: speed, where a link of the network gives none.
        detour: metres walked for each metre of straight line, where there is no network.
        searched_to: minutes; beyond is not searched.
        travel_times: one of :data:`TRAVEL_TIMES`.
        mode: walk, cycle or drive on streets; for a file, the mode where it has no such column.
        file: the road links or OpenStreetMap extract, or the matrix of travel times.
        layer: of the file of road links; None: its first.
        leave_out: by column of the road links, values of links that this mode cannot use.
        oneway: column of the road links that says which way they go: both, forward or backward.
        speed: column of the road links with the speed of each, km/h.
        join_metres: ends of links nearer to each other than this are one junction.
        off_network_metres: a point further than this from any street is off the network.

    """

    metres_per_minute: float = 80.0
    detour: float = 1.3
    searched_to: float = 90.0
    travel_times: str = "straight_line"
    mode: str = "walk"
    file: str | None = None
    layer: str | None = None
    leave_out: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    oneway: str | None = None
    speed: str | None = None
    join_metres: float = 1.0
    off_network_metres: float = 500.0


@dataclass(frozen=True)
class CoverageSettings:
    """What is too old or too seldom to count.

    Attributes:
        record_months: a record that was not checked for longer is unknown.
        quality_months: evidence of quality older than this is stale.
        weekly: share of the term's weeks in which a scheduled session must take place to count as
            one of every week.

    """

    record_months: int = 24
    quality_months: int = 24
    weekly: float = 0.75


@dataclass(frozen=True)
class FrameworkSettings:
    """Offers: names that come with the software, or paths of TOML files. Communities: a path."""

    offers: tuple[str, ...] = ("youth_offer", "offer_5_13")
    communities: str | None = None


@dataclass(frozen=True)
class SourceSettings:
    """Where an input file comes from, as every page prints it."""

    source: str = ""
    licence: str = ""
    date: str = ""


@dataclass(frozen=True)
class Settings:
    """All of ``provision.toml``; ``raw`` is the file as parsed, for the record of a run."""

    folder: Path
    exercise: ExerciseSettings
    places: PlacesSettings
    people: PeopleSettings
    services: ServicesSettings
    reach: ReachSettings = field(default_factory=ReachSettings)
    coverage: CoverageSettings = field(default_factory=CoverageSettings)
    gaps: GapRules = field(default_factory=GapRules)
    priority: PriorityRules = field(default_factory=PriorityRules)
    frameworks: FrameworkSettings = field(default_factory=FrameworkSettings)
    standards: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    sources: Mapping[str, SourceSettings] = field(default_factory=dict)
    raw: Mapping[str, Any] = field(default_factory=dict)


def read_settings(folder: Path) -> Settings:
    """Read the settings of an exercise folder.

    Raises:
        UsageError: the folder is not there, or has no ``provision.toml``.
        DataError: unknown, missing or unreadable settings, all of them.

    """
    folder = Path(folder)
    path = folder / SETTINGS_FILE
    if not path.is_file():
        message = (
            f"{folder} is not an exercise folder: it has no {SETTINGS_FILE}. "
            "Name a folder that has one, or make one with: provision-map new FOLDER"
        )
        raise UsageError(message)
    problems: list[Problem] = []
    try:
        data = path.read_bytes()
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}.") from error
    raw = parse_toml(data, file=SETTINGS_FILE, problems=problems)
    if raw is None:
        raise DataError(problems)
    settings = _read_all(Section(raw, file=SETTINGS_FILE, problems=problems), folder)
    if problems:
        raise DataError(problems)
    return settings


def _read_all(top: Section, folder: Path) -> Settings:
    settings = Settings(
        folder=folder,
        exercise=_read_exercise(top.needed_section("exercise")),
        places=_read_places(top.needed_section("places")),
        people=_read_people(top.needed_section("people")),
        services=_read_services(top.needed_section("services")),
        reach=_read_reach(top.section("reach")),
        coverage=_read_coverage(top.section("coverage")),
        gaps=_read_gaps(top.section("gaps")),
        priority=_read_priority(top.section("priority")),
        frameworks=_read_frameworks(top.section("frameworks")),
        standards=_read_standards(top.section("standards")),
        sources=_read_sources(top.section("sources")),
        raw=top.data,
    )
    top.done()
    return settings


def today() -> dt.date:
    """Return the day it is here."""
    return dt.datetime.now(tz=dt.UTC).astimezone().date()


def _read_exercise(part: Section) -> ExerciseSettings:
    settings = ExerciseSettings(
        title=part.text("title"),
        place=part.text("place"),
        date=part.date("date", today()),
        data_status=part.text("data_status", ""),
        crs=part.text("crs", "EPSG:27700"),
    )
    part.done()
    return settings


def _read_places(part: Section) -> PlacesSettings:
    settings = PlacesSettings(
        file=part.text("file"),
        id=part.text("id"),
        name=part.text("name"),
        level=part.text("level", ""),
        layer=part.optional_text("layer"),
        keep=part.texts_of("keep"),
        authority=part.optional_text("authority"),
        neighbourhoods=part.optional_text("neighbourhoods"),
        lookup=part.optional_text("lookup"),
        centroids=_read_centroids(part.section("centroids")),
        deprivation=_read_deprivation(part.section("deprivation")),
        homes=_read_homes(part.section("homes")),
        neighbours_metres=part.number("neighbours_metres", 0.0, low=0, high=100_000),
    )
    part.done()
    return settings


def _read_centroids(part: Section | None) -> CentroidSettings | None:
    if part is None:
        return None
    settings = CentroidSettings(
        part.text("file"),
        part.text("id"),
        part.text("easting", "easting"),
        part.text("northing", "northing"),
    )
    part.done()
    return settings


def _read_homes(part: Section | None) -> HomesSettings | None:
    if part is None:
        return None
    settings = HomesSettings(
        file=part.text("file"),
        id=part.text("id"),
        place=part.optional_text("place"),
        weight=part.optional_text("weight"),
        easting=part.optional_text("easting"),
        northing=part.optional_text("northing"),
        longitude=part.optional_text("longitude"),
        latitude=part.optional_text("latitude"),
        layer=part.optional_text("layer"),
    )
    projected = (settings.easting, settings.northing)
    geographic = (settings.longitude, settings.latitude)
    for pair, names in (
        (projected, "easting and northing"),
        (geographic, "longitude and latitude"),
    ):
        if any(pair) and not all(pair):
            key = names.split()[0] if pair[0] is None else names.split()[2]
            part.report(key, f"Only one of {names} is named.", "Name both columns.")
    if any(projected) and any(geographic):
        part.report("longitude", "Two pairs of coordinates are named.", "Keep one of them.")
    part.done()
    return settings


def _read_deprivation(part: Section | None) -> DeprivationSettings | None:
    if part is None:
        return None
    settings = DeprivationSettings(
        part.text("file"), part.text("id"), part.text("imd_decile", "imd_decile")
    )
    part.done()
    return settings


def _read_people(part: Section) -> PeopleSettings:
    ages_part = part.needed_section("ages")
    ages = AgesSettings(
        ages_part.text("file"), ages_part.text("id"), ages_part.text("columns", "age_{age}")
    )
    if ages.columns.count("{age}") != 1:
        what = f"{ages.columns!r} does not say where the age stands."
        ages_part.report("columns", what, 'Write it as "age_{age}".')
    ages_part.done()
    groups_part = part.section("ethnic_groups")
    groups = None
    if groups_part is not None:
        groups = EthnicGroupsSettings(
            file=groups_part.text("file"),
            id=groups_part.text("id"),
            columns=groups_part.text_of("columns"),
            total=groups_part.optional_text("total"),
            residual=groups_part.optional_text("residual"),
        )
        if groups.residual and not groups.total:
            what = "A residual group is the total less the others, and no total is named."
            groups_part.report("residual", what, 'Add total = "…".')
        groups_part.done()
    part.done()
    return PeopleSettings(ages, groups)


def _read_services(part: Section) -> ServicesSettings:
    registers = []
    for register in part.sections("registers"):
        registers.append(RegisterSettings(register.text("file"), register.text("mapping")))
        register.done()
    settings = ServicesSettings(
        organisations=part.optional_text("organisations"),
        services=part.optional_text("services"),
        sessions=part.optional_text("sessions"),
        quality=part.optional_text("quality"),
        returns=part.optional_text("returns"),
        practice=part.optional_text("practice"),
        registers=tuple(registers),
        term_dates=part.optional_text("term_dates"),
        sites=_read_sites(part.section("sites")),
    )
    if settings.services is None and not registers:
        part.report("services", "No table of services is named.", "Name one, or a register.")
    part.done()
    return settings


def _read_sites(part: Section | None) -> SitesSettings | None:
    if part is None:
        return None
    settings = SitesSettings(
        part.text("file"), part.text("id", "service_id"), part.optional_text("layer")
    )
    part.done()
    return settings


def _read_reach(part: Section | None) -> ReachSettings:
    if part is None:
        return ReachSettings()
    kind = part.choice("travel_times", TRAVEL_TIMES, "straight_line")
    mode = "_".join(part.text("mode", "walk").casefold().split())
    if mode == "outreach":
        what = "outreach is no way to travel: so is called what comes to people."
        part.report("mode", what, 'Use "walk", "public_transport", …')
    elif kind != "file" and mode not in SPEEDS:
        part.report("mode", f"{mode!r} is no mode known here.", f"Use one of: {', '.join(SPEEDS)}.")
    settings = ReachSettings(
        metres_per_minute=part.number(
            "metres_per_minute", SPEEDS.get(mode, 80.0), low=1, high=10_000
        ),
        detour=part.number("detour", 1.3, low=1, high=10),
        searched_to=part.number("searched_to", 90.0, low=1, high=1_440),
        travel_times=kind,
        mode=mode,
        file=part.optional_text("file"),
        layer=part.optional_text("layer"),
        leave_out=part.texts_of("leave_out"),
        oneway=part.optional_text("oneway"),
        speed=part.optional_text("speed"),
        join_metres=part.number("join_metres", 1.0, low=0, high=100),
        off_network_metres=part.number("off_network_metres", 500.0, low=0, high=100_000),
    )
    if kind != "straight_line" and settings.file is None:
        what = f'travel_times = "{kind}" needs a file.'
        mend = "Name the road links." if kind == "streets" else "Name the matrix of travel times."
        part.report("file", what, mend)
    if "travel_times" not in part.data and settings.file is not None:
        what = "A file is named, and nothing says that it is to be read."
        mend = 'Add travel_times = "streets" or "file"; or "straight_line", and it is left alone.'
        part.report("file", what, mend)
    part.done()
    return settings


def _read_coverage(part: Section | None) -> CoverageSettings:
    if part is None:
        return CoverageSettings()
    settings = CoverageSettings(
        part.whole("record_months", 24, low=1, high=1_200),
        part.whole("quality_months", 24, low=1, high=1_200),
        part.number("weekly", 0.75, low=0.01, high=1),
    )
    part.done()
    return settings


def _read_gaps(part: Section | None) -> GapRules:
    if part is None:
        return GapRules()
    settings = GapRules(
        flag=part.number("flag", 0.5, low=0, high=1),
        city_wide=part.number("city_wide", 0.8, low=0, high=1),
        smallest=part.number("smallest", 50.0, low=0),
        border_metres=part.number("border_metres", 100.0, low=0),
        community_excess=part.number("community_excess", 0.25, low=0, high=1),
        community_smallest=part.number("community_smallest", 10.0, low=0),
    )
    part.done()
    return settings


def _read_priority(part: Section | None) -> PriorityRules:
    if part is None:
        return PriorityRules()
    settings = PriorityRules(
        size=part.number("size", 1.0, low=0, high=100),
        need=part.number("need", 1.0, low=0, high=100),
        severity=part.number("severity", 1.0, low=0, high=100),
        draws=part.whole("draws", 500, low=1, high=100_000),
        seed=part.whole("seed", 1, low=0, high=2**32 - 1),
    )
    part.done()
    return settings


def _read_frameworks(part: Section | None) -> FrameworkSettings:
    if part is None:
        return FrameworkSettings()
    default = FrameworkSettings()
    settings = FrameworkSettings(
        part.texts("offers", default.offers), part.optional_text("communities")
    )
    if not settings.offers:
        part.report("offers", "No Offer is named.", "Name at least one.")
    part.done()
    return settings


def _read_standards(part: Section | None) -> dict[str, Mapping[str, Any]]:
    """Check the kinds of values; codes, parts and reasons are checked with the framework."""
    standards: dict[str, Mapping[str, Any]] = {}
    for code in part.data if part is not None else ():
        inside = part.section(code) if part is not None else None
        if inside is None:
            continue
        for key in _STANDARD_NUMBERS:
            inside.number(key, 0.0, low=0)
        for key in _STANDARD_TABLES:
            numbers = inside.section(key)
            for name in numbers.data if numbers is not None else ():
                numbers.number(name, 0.0, low=0)  # type: ignore[union-attr]
        inside.texts("required")
        inside.text("reason", "")
        if not isinstance(inside.data.get("quality", False), bool):
            inside.report("quality", "This is neither true nor false.", "Say true or false.")
        deciles = inside.data.get("imd_deciles", [])
        if not isinstance(deciles, list) or any(decile not in range(1, 11) for decile in deciles):
            what = "This is not a list of deciles."
            inside.report("imd_deciles", what, "Write it as [1, 2, 3].")
        standards[code] = inside.data
    return standards


def _read_sources(part: Section | None) -> dict[str, SourceSettings]:
    sources = {}
    for file in part.data if part is not None else ():
        inside = part.section(file) if part is not None else None
        if inside is None:
            continue
        sources[file] = SourceSettings(
            inside.text("source", ""), inside.text("licence", ""), inside.text_or_date("date")
        )
        inside.done()
    return sources

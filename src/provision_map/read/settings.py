"""What an exercise can say: ``provision.toml`` as a tree of frozen dataclasses.

Paths in it are relative to the exercise folder; absolute paths and ``..`` are allowed.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from provision_map.model import GapRules, PriorityRules

SETTINGS_FILE = "provision.toml"


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
class WeightsSettings:
    """How many live in each of the areas that others were split into; rows of one area add up."""

    file: str
    id: str
    column: str


@dataclass(frozen=True)
class LookupSettings:
    """A table from the areas that another table is of to the places: a change of codes.

    Smaller areas that make up the places (output areas) are carried over in the same way.

    Attributes:
        from_id, to_id: its columns with the codes of the table's areas, and of the places.
        weight: its column of how many live in what each row stands for; needed, or ``weights``,
            where an area was split between several places.

    """

    file: str
    from_id: str
    to_id: str
    weight: str | None = None
    weights: WeightsSettings | None = None


@dataclass(frozen=True)
class NeighbourhoodsSettings:
    """Outlines of neighbourhoods, in any format that GDAL reads: they may overlap.

    ``valid_from`` and ``valid_to`` are columns with the days between which each holds. ``keep``
    names, for columns of the file, the values of the outlines that are neighbourhoods.
    """

    file: str
    id: str
    name: str
    layer: str | None = None
    valid_from: str | None = None
    valid_to: str | None = None
    keep: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True)
class DeprivationSettings:
    """The column with the Index of Multiple Deprivation decile, 1 the most deprived tenth."""

    file: str
    id: str
    imd_decile: str = "imd_decile"
    lookup: LookupSettings | None = None


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
    year, which the register remembers, to today's. ``vintage`` states what the codes are ("LSOA
    2011"), and is checked. ``neighbourhoods`` is a table of dated sets of places, or outlines.
    """

    file: str
    id: str
    name: str
    level: str = ""
    layer: str | None = None
    keep: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    authority: str | None = None
    neighbourhoods: str | NeighbourhoodsSettings | None = None
    lookup: str | None = None
    centroids: CentroidSettings | None = None
    deprivation: DeprivationSettings | None = None
    homes: HomesSettings | None = None
    neighbours_metres: float = 0.0
    vintage: str | None = None


@dataclass(frozen=True)
class AgesSettings:
    """A table of children by single year of age.

    Attributes:
        columns: of a wide table, its headings; ``{age}`` stands for the age.
        age, children: of a long table, the column of the age and that of the count; then
            ``columns`` is not used.
        keep: of a long table, the values of the rows that are read, by column: sex = All.
        lookup: from the areas of the table to the places, where they are not the same.

    """

    file: str
    id: str
    columns: str = "age_{age}"
    age: str | None = None
    children: str | None = None
    keep: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    lookup: LookupSettings | None = None


#: Classifications of ethnic groups that come with the software: see frameworks/ethnic_groups.toml.
CLASSIFICATIONS = ("2001", "2011", "2021", "common", "five")


@dataclass(frozen=True)
class EthnicGroupsSettings:
    """A table of residents by ethnic group: wide, one column a group, or long.

    Attributes:
        columns: the column by the code of the group, where it is not the code itself; of a long
            table, the word for the group.
        total: column of all residents.
        residual: group that no column holds: the total less the others.
        group, residents: of a long table, the column of the group and that of the count.
        keep: of a long table, the values of the rows that are read, by column: sex = All.
        classification: one of :data:`CLASSIFICATIONS`, whose groups then are the exercise's; None:
            the groups of the communities.
        fold: "common": the groups are brought together to the 16 that 2001, 2011 and 2021 share.
        tolerance: residents by which groups and total of a row may differ; None: what the
            classification says.
        lookup: from the areas of the table to the places, where they are not the same.

    """

    file: str
    id: str
    columns: Mapping[str, str] = field(default_factory=dict)
    total: str | None = None
    residual: str | None = None
    group: str | None = None
    residents: str | None = None
    keep: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    classification: str | None = None
    fold: str | None = None
    tolerance: float | None = None
    lookup: LookupSettings | None = None


@dataclass(frozen=True)
class PeopleSettings:
    """Who lives there."""

    ages: AgesSettings
    ethnic_groups: EthnicGroupsSettings | None = None


@dataclass(frozen=True)
class RegisterSettings:
    """A public register of services, and the file that says how to read it.

    Attributes:
        file: CSV, or any file of points or polygons that GDAL reads.
        mapping: a mapping file, or the name of one that comes with the software ("schools").
        layer: of a file of several layers; None: the first.
        keep: by column of the register, the values of the rows that are read.
        within: metres around our places; rows further away are passed over. None: as the mapping
            says, else 20 km.
        date: the day of the register: its records were last checked then, where it does not say.
        organisation: code of who gives all of these services, instead of what the mapping says.

    """

    file: str
    mapping: str
    layer: str | None = None
    keep: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    within: float | None = None
    date: dt.date | None = None
    organisation: str | None = None


@dataclass(frozen=True)
class FeedSettings:
    """An Open Referral (HSDS) feed as stored: a JSON file, a folder, or a tabular data package.

    ``mapping`` is a file that says which of its services give which elements; None: the feed says
    it itself, in the taxonomy of this software.
    """

    file: str
    mapping: str | None = None


#: What is read of a list of postcodes.
POSTCODE_COLUMNS = ("postcode", "easting", "northing", "longitude", "latitude", "quality", "ended")


@dataclass(frozen=True)
class PostcodesSettings:
    """Published lists of postcodes: ONSPD, NSPL or Code-Point Open, as CSV, folder or zip.

    Their columns are known by their headings; those that are named here are taken instead. What
    one list leaves open (a position, the code of the place) a later one may fill.
    """

    files: tuple[str, ...]
    columns: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class SitesSettings:
    """Outlines or entrances of services whose site is more than a point; ``id`` is the service."""

    file: str
    id: str = "service_id"
    layer: str | None = None


#: Rows of workbooks and feeds that have problems stop a run, or are left out.
WRONG_ROWS = ("refuse", "leave out")


@dataclass(frozen=True)
class ServicesSettings:
    """Tables of what is provided; None: there is no such table.

    ``workbooks`` are returned workbooks: names, or patterns such as ``returns/*.xlsx``. ``same`` is
    the table of what people decided of suspected duplicates. ``wrong_rows``, one of
    :data:`WRONG_ROWS`, says what becomes of rows of workbooks and feeds that have problems.
    """

    organisations: str | None = None
    services: str | None = None
    sessions: str | None = None
    quality: str | None = None
    returns: str | None = None
    practice: str | None = None
    registers: tuple[RegisterSettings, ...] = ()
    term_dates: str | None = None
    sites: SitesSettings | None = None
    participation: str | None = None
    workbooks: tuple[str, ...] = ()
    feeds: tuple[FeedSettings, ...] = ()
    same: str | None = None
    wrong_rows: str = "refuse"


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
    postcodes: PostcodesSettings | None = None
    reach: ReachSettings = field(default_factory=ReachSettings)
    coverage: CoverageSettings = field(default_factory=CoverageSettings)
    gaps: GapRules = field(default_factory=GapRules)
    priority: PriorityRules = field(default_factory=PriorityRules)
    frameworks: FrameworkSettings = field(default_factory=FrameworkSettings)
    standards: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    sources: Mapping[str, SourceSettings] = field(default_factory=dict)
    raw: Mapping[str, Any] = field(default_factory=dict)


def today() -> dt.date:
    """Return the day it is here."""
    return dt.datetime.now(tz=dt.UTC).astimezone().date()

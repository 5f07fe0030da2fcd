"""Each kind of bad input: told with file, row and column, and all of them at once.

Each case spoils a fresh copy of the tiny exercise in one way and must yield exactly one problem.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from provision_map import tables
from provision_map.errors import EXIT_DATA, DataError, Problem
from provision_map.read import read_inputs, read_settings
from tiny_exercise import (
    TERM_DATES,
    add_file,
    add_settings,
    append_row,
    boundaries,
    replace_text,
    set_cell,
    square,
    write_tiny_exercise,
)

BOUNDARIES = "data/boundaries/places.geojson"
NEIGHBOURHOODS = "data/boundaries/neighbourhoods.csv"
AGES = "data/people/ages.csv"
GROUPS = "data/people/ethnic_groups.csv"
BESIDE = "data/people/places.csv"
ORGANISATIONS = "data/services/organisations.csv"
SERVICES = "data/services/services.csv"
SESSIONS = "data/services/sessions.csv"
QUALITY = "data/services/quality.csv"
RETURNS = "data/services/returns.csv"
PRACTICE = "data/services/practice.csv"
TERMS = "data/services/term_dates.csv"
SERVICE_HEADINGS = ",".join(
    name
    for name in tables.SERVICES.names(given_only=True)
    if name not in ("description", "postcode")
)


@dataclass(frozen=True)
class Case:
    """One way to spoil an exercise, and the problem that must be told."""

    name: str
    spoil: Callable[[Path], object]
    file: str
    row: int | None
    column: str | None
    words: str


def cell(file: str, row: int, column: str, value: str) -> Callable[[Path], object]:
    return lambda folder: set_cell(folder / file, row, column, value)


def row(file: str, **cells: str) -> Callable[[Path], object]:
    return lambda folder: append_row(folder / file, **cells)


def text(file: str, old: str, new: str) -> Callable[[Path], object]:
    return lambda folder: replace_text(folder / file, old, new)


def whole(file: str, content: str | bytes) -> Callable[[Path], object]:
    data = content.encode("utf-8") if isinstance(content, str) else content
    return lambda folder: (folder / file).write_bytes(data)


def drop(file: str) -> Callable[[Path], object]:
    return lambda folder: (folder / file).unlink()


def headings_only(file: str) -> Callable[[Path], object]:
    def spoil(folder: Path) -> None:
        lines = (folder / file).read_text(encoding="utf-8").splitlines()
        (folder / file).write_text(lines[0] + "\n", encoding="utf-8")

    return spoil


def polygons(change: Callable[[dict], object]) -> Callable[[Path], object]:
    def spoil(folder: Path) -> None:
        data = boundaries()
        change(data)
        (folder / BOUNDARIES).write_text(json.dumps(data), encoding="utf-8")

    return spoil


def geometry(number: int, kind: str, coordinates: object) -> Callable[[Path], object]:
    def change(data: dict) -> None:
        data["features"][number]["geometry"] = {"type": kind, "coordinates": coordinates}

    return polygons(change)


def say_crs(name: str) -> Callable[[dict], object]:
    return lambda data: data["crs"]["properties"].update(name=name)


def in_degrees(data: dict) -> None:
    """Put longitudes and latitudes into a file that goes on saying EPSG:27700."""
    for n, feature in enumerate(data["features"]):
        ring = [[-2.25 + x / 1e6, 51.85 + y / 1e6] for x, y in square(n)]
        feature["geometry"]["coordinates"] = [ring]


def without_crs(folder: Path) -> None:
    """Write the boundaries as a shapefile without its .prj."""
    frame = gpd.read_file(folder / BOUNDARIES)
    target = folder / "data/boundaries/places.shp"
    frame.to_file(target)
    target.with_suffix(".prj").unlink()
    replace_text(folder / "provision.toml", BOUNDARIES, "data/boundaries/places.shp")


def session(**cells: str) -> Callable[[Path], object]:
    """Add a session with a heading for everything that may say when it is; it is row 9."""

    def spoil(folder: Path) -> None:
        add_file(folder, TERMS, TERM_DATES)
        add_settings(folder, "services", term_dates=TERMS)
        path = folder / SESSIONS
        lines = path.read_text(encoding="utf-8").splitlines()
        heads = lines[0] + ",schedule,valid_from,valid_to"
        path.write_text("\n".join([heads, *(line + ",,," for line in lines[1:])]) + "\n")
        append_row(path, service_id="S1", start="18:00", end="20:00", **cells)

    return spoil


def matrix(*rows: str) -> Callable[[Path], object]:
    """Add travel times with their modes."""

    def spoil(folder: Path) -> None:
        add_file(folder, "times.csv", "\n".join(["from_id,to_id,minutes,mode", *rows]) + "\n")
        add_settings(folder, "reach", travel_times="file", file="times.csv")

    return spoil


def terms(*rows: str) -> Callable[[Path], object]:
    def spoil(folder: Path) -> None:
        add_file(folder, TERMS, "\n".join(["kind,name,first_day,last_day", *rows]) + "\n")
        add_settings(folder, "services", term_dates=TERMS)

    return spoil


CASES = [
    # ------------------------------------------------------------------ missing file
    Case("missing table", drop(SERVICES), SERVICES, None, None, "missing"),
    Case("missing ages", drop(AGES), AGES, None, None, "missing"),
    Case("missing boundaries", drop(BOUNDARIES), BOUNDARIES, None, None, "missing"),
    Case("folder for a file", text("provision.toml", AGES, "data/people"), "data/people", None, None, "folder"),
    # ------------------------------------------------------------------ wrong or missing CRS
    Case("no crs", without_crs, "data/boundaries/places.shp", None, "geometry", "does not say which coordinate system"),
    Case("metres said to be degrees", polygons(lambda data: data.pop("crs")), BOUNDARIES, None, "geometry", "longitude and latitude"),
    Case("degrees said to be metres", polygons(in_degrees), BOUNDARIES, None, "geometry", "longitude and latitude?"),
    Case("target in degrees", text("provision.toml", 'crs = "EPSG:27700"', 'crs = "EPSG:4326"'), "provision.toml", None, "exercise.crs", "not a projected system"),
    Case("target unknown", text("provision.toml", 'crs = "EPSG:27700"', 'crs = "EPSG:none"'), "provision.toml", None, "exercise.crs", "no coordinate system"),
    # ------------------------------------------------------------------ coordinates
    Case("easting and northing swapped", lambda f: (set_cell(f / SERVICES, 2, "easting", "217500"), set_cell(f / SERVICES, 2, "northing", "383500")), SERVICES, 2, "easting", "look swapped"),
    Case("longitude and latitude swapped", row(SERVICES, service_id="S7", name="Seven", organisation_id="O1", elements="Y02", longitude="51.85", latitude="-2.24"), SERVICES, 8, "longitude", "look swapped"),
    Case("position outside the area", cell(SERVICES, 3, "northing", "290000"), SERVICES, 3, "easting", "outside the area"),
    Case("longitude outside the area", row(SERVICES, service_id="S7", name="Seven", organisation_id="O1", elements="Y02", longitude="2.24", latitude="51.85"), SERVICES, 8, "longitude", "outside the area"),
    Case("degrees as easting", lambda f: (set_cell(f / SERVICES, 2, "easting", "-2.24"), set_cell(f / SERVICES, 2, "northing", "51.85")), SERVICES, 2, "easting", "longitude and latitude"),
    Case("half a position", cell(SERVICES, 2, "northing", ""), SERVICES, 2, "northing", "Half of the position"),
    Case("longitude beyond the world", row(SERVICES, service_id="S7", name="Seven", organisation_id="O1", elements="Y02", place_id="T01", longitude="-202.4", latitude="51.85"), SERVICES, 8, "longitude", "outside -180 to 180"),
    Case("centroid outside the area", cell(BESIDE, 3, "easting", "38450"), BESIDE, 3, "easting", "outside the area"),
    # ------------------------------------------------------------------ duplicate ids
    Case("service twice", cell(SERVICES, 5, "service_id", "S3"), SERVICES, 5, "service_id", "already in row 4"),
    Case("place twice", polygons(lambda data: data["features"].append(data["features"][1])), BOUNDARIES, 5, "code", "already in row 3"),
    Case("ages twice", lambda f: (f / AGES).write_text((f / AGES).read_text() + (f / AGES).read_text().splitlines()[1] + "\n"), AGES, 5, "code", "already in row 2"),
    Case("organisation twice", row(ORGANISATIONS, organisation_id="O1", name="Another", sector="faith"), ORGANISATIONS, 4, "organisation_id", "already in row 2"),
    Case("heading twice", text(QUALITY, "scheme,answers", "scheme,scheme"), QUALITY, 1, "scheme", "stands 2 times"),
    # ------------------------------------------------------------------ ages and times
    Case("ages the wrong way round", cell(SERVICES, 2, "minimum_age", "20"), SERVICES, 2, "minimum_age", "wrong way round"),
    Case("end before start", cell(SESSIONS, 2, "end", "18:00"), SESSIONS, 2, "end", "not after its start"),
    Case("no length at all", cell(SESSIONS, 2, "end", "19:00"), SESSIONS, 2, "end", "not after its start"),
    # ------------------------------------------------------------------ unknown codes
    Case("unknown element", cell(SERVICES, 2, "elements", "Y02;Y99"), SERVICES, 2, "elements", "'Y99' is no element"),
    Case("unknown outcome", cell(SERVICES, 3, "outcomes", "EA9"), SERVICES, 3, "outcomes", "'EA9' is no outcome"),
    Case("unknown community", cell(SERVICES, 2, "open_to", "martians"), SERVICES, 2, "open_to", "'martians' is no community"),
    Case("unknown closed community", cell(SERVICES, 2, "not_open_to", "everyone"), SERVICES, 2, "not_open_to", "'everyone' is no community"),
    Case("everyone and others", cell(SERVICES, 2, "open_to", "everyone;disabled"), SERVICES, 2, "open_to", "stands beside others"),
    Case("unknown organisation", cell(SERVICES, 2, "organisation_id", "O9"), SERVICES, 2, "organisation_id", "'O9' is no organisation"),
    Case("unknown place", cell(SERVICES, 2, "place_id", "T09"), SERVICES, 2, "place_id", "'T09' is no place"),
    Case("unknown service area", cell(SERVICES, 5, "service_area", "N9"), SERVICES, 5, "service_area", "'N9' is no place or neighbourhood"),
    Case("session of no service", cell(SESSIONS, 3, "service_id", "S9"), SESSIONS, 3, "service_id", "'S9' is no service"),
    Case("quality of no service", cell(QUALITY, 3, "service_id", "S9"), QUALITY, 3, "service_id", "'S9' is no service"),
    Case("return for no element", cell(RETURNS, 2, "elements", "Y02;Z1"), RETURNS, 2, "elements", "'Z1' is no element"),
    Case("return for no place", cell(RETURNS, 2, "places", "N1;nowhere"), RETURNS, 2, "places", "'nowhere' is no place or neighbourhood"),
    Case("return of no organisation", cell(RETURNS, 2, "organisation_id", "O9"), RETURNS, 2, "organisation_id", "'O9' is no organisation"),
    Case("practice in no element", cell(PRACTICE, 2, "elements", "X1"), PRACTICE, 2, "elements", "'X1' is no element"),
    Case("practice reached no place", cell(PRACTICE, 2, "reached_places", "T01;T7"), PRACTICE, 2, "reached_places", "'T7' is no place"),
    Case("practice reached no community", cell(PRACTICE, 2, "reached_communities", "martians"), PRACTICE, 2, "reached_communities", "no community"),
    Case("practice none and some", cell(PRACTICE, 2, "reached_places", "none;T01"), PRACTICE, 2, "reached_places", "stands beside others"),
    Case("unknown word", cell(SESSIONS, 2, "weekday", "Fridays"), SESSIONS, 2, "weekday", "'Fridays' is not known here"),
    # ------------------------------------------------------------------ text in a number
    Case("text in an age", cell(SERVICES, 2, "minimum_age", "thirteen"), SERVICES, 2, "minimum_age", "'thirteen' is not a number"),
    Case("text in a count", cell(AGES, 3, "age_7", "lots"), AGES, 3, "age_7", "'lots' is not a number"),
    Case("withheld count", cell(AGES, 3, "age_7", "withheld"), AGES, 3, "age_7", "'withheld' is not a number"),
    Case("empty count", cell(AGES, 3, "age_7", ""), AGES, 3, "age_7", "empty"),
    Case("negative count", cell(AGES, 3, "age_7", "-3"), AGES, 3, "age_7", "-3 is below 0."),
    Case("half a child", cell(AGES, 3, "age_7", "2.5"), AGES, 3, "age_7", "not a whole number"),
    Case("text in an ethnic count", cell(GROUPS, 4, "chinese", "few"), GROUPS, 4, "chinese", "'few' is not a number"),
    Case("groups above the total", cell(GROUPS, 4, "residents", "900"), GROUPS, 4, "residents", "95 more than the total"),
    Case("text in a centroid", cell(BESIDE, 2, "northing", "north"), BESIDE, 2, "northing", "'north' is not a number"),
    Case("decile of eleven", cell(BESIDE, 2, "imd_decile", "11"), BESIDE, 2, "imd_decile", "outside 1 to 10"),
    Case("no date", cell(SERVICES, 2, "assured_date", "31/02/2020"), SERVICES, 2, "assured_date", "not a date"),
    Case("no time", cell(SESSIONS, 2, "start", "seven"), SESSIONS, 2, "start", "not a time"),
    # ------------------------------------------------------------------ empty table
    Case("no ages", headings_only(AGES), AGES, None, None, "empty"),
    Case("no places", polygons(lambda data: data["features"].clear()), BOUNDARIES, None, None, "empty"),
    Case("file of no bytes", whole(RETURNS, ""), RETURNS, None, None, "empty"),
    # ------------------------------------------------------------------ places without people
    Case("place without a row", lambda f: (f / AGES).write_text("\n".join((f / AGES).read_text().splitlines()[:-1]) + "\n"), AGES, None, "code", "T03 is a place without people"),
    Case("place of zeros", lambda f: [set_cell(f / AGES, 3, f"age_{age}", "0") for age in range(5, 25)], AGES, 3, "code", "T02 is a place without people"),
    Case("place without groups", lambda f: (f / GROUPS).write_text("\n".join((f / GROUPS).read_text().splitlines()[:-1]) + "\n"), GROUPS, None, "code", "T03 has no row"),
    # ------------------------------------------------------------------ services in no place
    Case("service in no place", cell(SERVICES, 5, "service_area", ""), SERVICES, 5, "place_id", "a service in no place"),
    # ------------------------------------------------------------------ columns
    Case("identifiers under a wrong heading", text(SERVICES, "service_id,name", "Service ID,name"), SERVICES, 1, "service_id", "Write the heading 'Service ID' as service_id."),
    Case("organisations under a wrong heading", text(ORGANISATIONS, "organisation_id,name", "id,name"), ORGANISATIONS, 1, "organisation_id", "column is missing"),
    Case("all positions under wrong headings too", lambda f: replace_text(f / SERVICES, SERVICE_HEADINGS, SERVICE_HEADINGS.replace("_", " ").title().replace("Name", "name").replace("Organisation Id", "organisation_id").replace("Elements", "elements")), SERVICES, 1, "service_id", "Write the heading 'Service Id'"),
    Case("column missing", text(SERVICES, "service_id,name", "service_id,title"), SERVICES, 1, "name", "column is missing"),
    Case("age column missing", text(AGES, "age_9,", "age_nine,"), AGES, 1, "age_9", "column is missing"),
    Case("id column missing", text("provision.toml", 'id = "code"\nname', 'id = "kode"\nname'), BOUNDARIES, 1, "kode", "column is missing"),
    Case("keep of no column", text("provision.toml", 'level = "square"', 'keep = { county = ["X"] }'), "provision.toml", None, "places.keep.county", "no column 'county'"),
    Case("keep of nothing", text("provision.toml", 'level = "square"', 'keep = { authority = ["X"] }'), "provision.toml", None, "places.keep", "keeps none"),
    # ------------------------------------------------------------------ the text itself
    Case("row too long", text(QUALITY, "S2,2020-02-01,inspection", "S2,2020-02-01,,inspection"), QUALITY, 3, None, "7 cells"),
    Case("row too short", text(QUALITY, "S2,2020-02-01,inspection", "S2,inspection"), QUALITY, 3, None, "5 cells"),
    Case("quote not closed", text(QUALITY, "S6,2020-08-20,feedback,Tiny", 'S6,2020-08-20,feedback,"Tiny'), QUALITY, 7, None, "cannot be read"),
    Case("quote in the middle", text(QUALITY, "S6,2020-08-20,feedback,Tiny", 'S6,2020-08-20,feedback,"Ti"ny'), QUALITY, 7, None, "cannot be read"),
    Case("NUL byte", text(QUALITY, "S3", "S\x003"), QUALITY, 4, None, "NUL"),
    Case("UTF-16", whole(QUALITY, "service_id,date\n".encode("utf-16")), QUALITY, None, None, "UTF-16"),
    Case("neither code", whole(RETURNS, b"organisation_id\n\x81\x8d\n"), RETURNS, 2, None, "neither UTF-8 nor"),
    Case("row too long between semicolons", whole(RETURNS, "organisation_id;elements;places;received\nO1;all;all;yes;\n"), RETURNS, 2, None, "A semicolon too many"),
    Case("service of a row too long", text(SERVICES, "S1,Friday Night Club", "S1,Friday, Night Club"), SERVICES, 2, None, "25 cells"),
    Case("quote not closed in services", text(SERVICES, "S3,Little", 'S3,"Little'), SERVICES, 4, None, "cannot be read"),
    Case("organisation of a row too short", text(ORGANISATIONS, "O2,Tinytown Play Association,", "O2,"), ORGANISATIONS, 3, None, "3 cells"),
    Case("neighbourhood of a row too long", text(NEIGHBOURHOODS, "T03,N2,Easton,", "T03,N2,East,on,"), NEIGHBOURHOODS, 4, None, "6 cells"),
    Case("neighbourhood in another column", lambda f: (set_cell(f / PRACTICE, 3, "reached_places", "N1"), replace_text(f / NEIGHBOURHOODS, "neighbourhood_id", "code")), NEIGHBOURHOODS, 1, "neighbourhood_id", "column is missing"),
    Case("ages of a row too long", text(AGES, "T02,", "T02,,"), AGES, 3, None, "22 cells"),
    Case("groups of a row too long", text(GROUPS, "T02,", "T02,,"), GROUPS, 3, None, "17 cells"),
    Case("blank headings", whole(RETURNS, ",,\nO1,all,all\n"), RETURNS, 1, None, "no headings"),
    Case("column without a heading", lambda f: (f / RETURNS).write_text("\n".join(line + (",x" if n else ",") for n, line in enumerate((f / RETURNS).read_text().splitlines()))), RETURNS, 1, None, "no heading"),
    # ------------------------------------------------------------------ polygons
    Case("point for a polygon", geometry(1, "Point", [384500, 217500]), BOUNDARIES, 3, "geometry", "is a Point"),
    Case("line for a polygon", geometry(1, "LineString", [[384500, 217500], [384600, 217500]]), BOUNDARIES, 3, "geometry", "is a LineString"),
    Case("no outline", polygons(lambda data: data["features"][1].update(geometry=None)), BOUNDARIES, 3, "geometry", "no outline"),
    Case("outline of no area", geometry(1, "Polygon", [[[384000, 217000], [385000, 217000], [384000, 217000], [384000, 217000]]]), BOUNDARIES, 3, "geometry", "no area"),
    Case("another country", geometry(1, "Polygon", [[[2384000, 217000], [2385000, 217000], [2385000, 218000], [2384000, 217000]]]), BOUNDARIES, 3, "geometry", "outside the area of"),
    Case("boundaries are no such file", whole(BOUNDARIES, "code,name\nT01,One\n"), BOUNDARIES, None, None, "cannot be read"),
    Case("boundaries point elsewhere", whole(BOUNDARIES, '<OGRVRTDataSource><OGRVRTLayer name="x"/></OGRVRTDataSource>'), BOUNDARIES, None, None, "only points to other files"),
    Case("place without a code", polygons(lambda data: data["features"][0]["properties"].update(code="")), BOUNDARIES, 2, "code", "empty"),
    # ------------------------------------------------------------------ when in the year
    Case("neither period nor schedule", cell(SESSIONS, 2, "period", ""), SESSIONS, 2, "period", "or give a schedule"),
    Case("schedule by the hour", session(schedule="FREQ=DAILY;BYHOUR=9"), SESSIONS, 9, "schedule", "stands in start and end"),
    Case("schedule in words", session(schedule="every other Tuesday"), SESSIONS, 9, "schedule", "is no part of a rule"),
    Case("schedule that is a formula", session(schedule="=1+1"), SESSIONS, 9, "schedule", "no schedule that is known here"),
    Case("schedule far too long", session(schedule="FREQ=WEEKLY;BYDAY=" + "MO," * 100_000), SESSIONS, 9, None, "cannot be read"),
    Case("schedule of over 200 letters", session(schedule="FREQ=WEEKLY;BYDAY=" + "MO," * 100), SESSIONS, 9, "schedule", "at most 200"),
    Case("every other week from no day", session(schedule="FREQ=WEEKLY;INTERVAL=2;BYDAY=TU"), SESSIONS, 9, "valid_from", "from which day"),
    Case("a number of times from no day", session(schedule="FREQ=WEEKLY;BYDAY=TU;COUNT=6"), SESSIONS, 9, "valid_from", "from which day"),
    Case("weekly on no weekday", session(schedule="FREQ=WEEKLY"), SESSIONS, 9, "valid_from", "from which day"),
    Case("session ends before it begins", session(period="term", valid_from="2020-09-01", valid_to="2020-08-31"), SESSIONS, 9, "valid_from", "wrong way round"),
    Case("term ends before it begins", terms("term,,2020-12-18,2020-09-03"), TERMS, 2, "first_day", "wrong way round"),
    Case("holiday of no name", terms("holiday,,2020-10-24,2020-11-01"), TERMS, 2, "name", "Use one of: October half term"),
    Case("holiday of another name", terms("holiday,october half-term,2020-10-24,2020-11-01"), TERMS, 2, "name", "Did you mean 'October half term'?"),
    Case("holiday in a term", terms("term,Autumn,2020-09-03,2020-12-18", "holiday,October half term,2020-10-24,2020-11-01"), TERMS, 3, "first_day", "two rows"),
    Case("term of no kind", terms("terms,,2020-09-03,2020-12-18"), TERMS, 2, "kind", "Did you mean 'term'?"),
    Case("term of no end", terms("term,,2020-09-03,"), TERMS, 2, "last_day", "empty"),
    Case("missing term dates", lambda f: add_settings(f, "services", term_dates=TERMS), TERMS, None, None, "missing"),
    # ------------------------------------------------------------------ ways and standards
    Case("outreach in a matrix", matrix("T01,S1,3,walk", "T02,S1,0,Outreach"), "times.csv", 3, "mode", "outreach is no way to travel"),
    Case("outreach as the mode", lambda f: (matrix("T01,S1,3,")(f), add_settings(f, "reach", mode="outreach")), "provision.toml", None, "reach.mode", "what comes to people"),
    Case("standard at no distance", lambda f: add_settings(f, "standards.Y02", metres=0, reason="A slip."), "provision.toml", None, "standards.Y02", "metres is not above 0"),
    Case("type of space at no distance", lambda f: add_settings(f, "standards.C05.type_metres", LAP=0, LEAP=400, NEAP=1000) or add_settings(f, "standards.C05", reason="A slip."), "provision.toml", None, "standards.C05", "type_metres of LAP"),
    Case("places for more than all", lambda f: add_settings(f, "standards.Y02", kappa=1.5, reason="A slip."), "provision.toml", None, "standards.Y02", "at most 1"),
    # ------------------------------------------------------------------ neighbourhoods
    Case("dates the wrong way round", cell(NEIGHBOURHOODS, 4, "valid_to", "2009-01-01"), NEIGHBOURHOODS, 4, "valid_from", "wrong way round"),
]  # fmt: skip


def problems_of(folder: Path) -> tuple[Problem, ...]:
    """Return the problems of an exercise, whether of its settings or of its data."""
    try:
        inputs = read_inputs(read_settings(folder))
    except DataError as error:
        return error.problems
    return inputs.problems


def matches(case: Case, problem: Problem) -> bool:
    return (
        (problem.file, problem.row, problem.column) == (case.file, case.row, case.column)
        and case.words in f"{problem.what} {problem.mend}"
        and problem.mend != ""
    )


def test_the_tiny_exercise_has_no_problem(tiny):
    assert problems_of(tiny) == ()


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_each_kind_of_bad_input_is_told_with_file_row_and_column(case, tiny):
    case.spoil(tiny)
    problems = problems_of(tiny)
    assert [p for p in problems if matches(case, p)], [str(p) for p in problems]
    # Nothing that only follows from the fault is told beside it.
    assert [str(p) for p in problems if not matches(case, p)] == []


def test_problems_of_many_files_are_told_at_once(tiny):
    told = [
        "missing ages", "easting and northing swapped", "unknown element", "end before start",
        "no outline", "return for no place", "text in a centroid", "withheld count",
    ]  # fmt: skip
    chosen = [case for case in CASES if case.name in told and case.name != "withheld count"]
    for case in chosen:
        case.spoil(tiny)
    problems = problems_of(tiny)
    assert len(chosen) == len(told) - 1
    for case in chosen:
        assert any(matches(case, problem) for problem in problems), case.name
    assert len(problems) == len(chosen)
    files = {problem.file for problem in problems}
    assert files == {AGES, SERVICES, SESSIONS, BOUNDARIES, RETURNS, BESIDE}


def test_all_problems_are_raised_together_and_end_with_exit_code_3(tiny):
    set_cell(tiny / SERVICES, 2, "elements", "Y99")
    set_cell(tiny / RETURNS, 2, "elements", "Z1")
    inputs = read_inputs(read_settings(tiny))
    with pytest.raises(DataError) as caught:
        inputs.raise_if_wrong()
    assert caught.value.exit_code == EXIT_DATA
    assert caught.value.problems == inputs.problems
    assert "returns.csv, row 2, column elements: 'Z1' is no element." in str(caught.value)
    assert "services.csv, row 2, column elements: 'Y99' is no element." in str(caught.value)


def test_several_problems_of_one_table_are_all_told(tiny):
    set_cell(tiny / SERVICES, 2, "minimum_age", "old")
    set_cell(tiny / SERVICES, 4, "capacity", "-1")
    set_cell(tiny / SERVICES, 7, "elements", "C99")
    told = {(p.row, p.column) for p in problems_of(tiny)}
    assert told == {(2, "minimum_age"), (4, "capacity"), (7, "elements")}


def test_no_services_at_all_is_a_problem(tiny):
    headings_only(SERVICES)(tiny)
    told = {(p.file, p.row, p.what) for p in problems_of(tiny)}
    assert (SERVICES, None, "The table is empty: it has headings only.") in told


@pytest.mark.parametrize("file", [SESSIONS, QUALITY, RETURNS, PRACTICE, NEIGHBOURHOODS])
def test_an_empty_table_of_what_may_be_missing_is_noted(file, tiny):
    headings_only(file)(tiny)
    if file == NEIGHBOURHOODS:
        set_cell(tiny / PRACTICE, 3, "reached_places", "T01")
    inputs = read_inputs(read_settings(tiny))
    assert inputs.problems == ()
    words = "Nobody is on record" if file == RETURNS else "headings only"
    [note] = [n for n in inputs.notes if n.file == file]
    assert words in note.what


def test_unreadable_boundaries_leave_an_empty_table_of_places_and_reading_goes_on(tiny):
    (tiny / BOUNDARIES).unlink()
    inputs = read_inputs(read_settings(tiny))
    assert list(inputs.places.columns) == tables.PLACES.names()
    assert inputs.places.empty
    assert inputs.places.crs.to_epsg() == 27700
    assert len(inputs.services) == 6
    assert len(inputs.ages) == 60


def test_reading_writes_and_prints_nothing(tiny, capsys):
    before = {path: path.read_bytes() for path in tiny.rglob("*") if path.is_file()}
    set_cell(tiny / SERVICES, 2, "elements", "Y99")
    before[tiny / SERVICES] = (tiny / SERVICES).read_bytes()
    problems_of(tiny)
    assert {path: path.read_bytes() for path in tiny.rglob("*") if path.is_file()} == before
    assert capsys.readouterr() == ("", "")


# ---------------------------------------------------------------- whatever stands in the files

SPOT = st.sampled_from(
    [
        *((SERVICES, row, column) for row in (1, 2, 5) for column in ("service_id", "name", "elements", "easting", "longitude", "minimum_age", "capacity", "open_to", "service_area", "assured_date", "access")),
        *((SESSIONS, 2, column) for column in ("service_id", "weekday", "start", "end", "holidays")),
        *((QUALITY, 2, column) for column in ("date", "answers", "result")),
        *((RETURNS, 2, column) for column in ("organisation_id", "elements", "places", "received_on")),
        *((PRACTICE, 2, column) for column in ("title", "reached_places", "agreed_on")),
        *((AGES, row, column) for row in (1, 3) for column in ("code", "age_5")),
        *((GROUPS, row, column) for row in (1, 3) for column in ("code", "residents")),
        *((BESIDE, 3, column) for column in ("code", "easting", "imd_decile")),
        *((NEIGHBOURHOODS, row, column) for row in (1, 2) for column in ("place_id", "neighbourhood", "valid_to")),
    ]
)  # fmt: skip
ANY_TEXT = st.one_of(
    st.text(st.characters(exclude_categories=["Cs"]), max_size=20),
    st.sampled_from(["{{7*7}}", "</script>", "=1+1", "[red]", "1e999", "nan", "-inf", "1_0", "٣", "9" * 400, "_row", "0000-01-01", "31/12/9999", "24:00"]),
)  # fmt: skip


@pytest.fixture(scope="module")
def template(tmp_path_factory) -> Path:
    return write_tiny_exercise(tmp_path_factory.mktemp("template"))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(spots=st.lists(st.tuples(SPOT, ANY_TEXT), min_size=1, max_size=4, unique_by=lambda s: s[0]))
def test_any_text_in_any_cell_gives_tables_or_problems_never_an_exception(template, spots):
    originals = {file: (template / file).read_bytes() for (file, _, _), _ in spots}
    try:
        for (file, row, column), value in sorted(spots, key=lambda spot: -spot[0][1]):
            set_cell(template / file, row, column, value)
        inputs = read_inputs(read_settings(template))
    finally:
        for file, data in originals.items():
            (template / file).write_bytes(data)
    assert all(isinstance(problem, Problem) and problem.file for problem in inputs.problems)
    assert len(inputs.places) == 3


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    file=st.sampled_from([SERVICES, AGES, RETURNS, NEIGHBOURHOODS, BOUNDARIES, "provision.toml"]),
    data=st.one_of(
        st.binary(max_size=200),
        st.text(st.sampled_from("a,b;\"\n\r\t=[]{}'#1é\x00\x1a"), max_size=60).map(str.encode),
        st.sampled_from([b"sep=;\n", b"sep=,\r\n", b'"sep=\t"\n', b"46032", b"7pm", b"\n\n"]),
    ),
    splice=st.floats(0, 1),
)
def test_any_bytes_in_any_file_give_tables_or_problems_never_an_exception(
    template, file, data, splice
):
    path = template / file
    original = path.read_bytes()
    at = int(len(original) * splice)
    try:
        path.write_bytes(original[:at] + data + original[at:])
        problems = problems_of(template)
    finally:
        path.write_bytes(original)
    assert all(problem.what for problem in problems)

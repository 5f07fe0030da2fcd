"""Reading ``provision.toml`` into the settings of an exercise, with every fault that is in it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from provision_map.errors import DataError, Problem, UsageError
from provision_map.model import GapRules, PriorityRules
from provision_map.read.settings import (
    POSTCODE_COLUMNS,
    SETTINGS_FILE,
    SPEEDS,
    TRAVEL_TIMES,
    WRONG_ROWS,
    CoverageSettings,
    ExerciseSettings,
    FeedSettings,
    FrameworkSettings,
    PostcodesSettings,
    ReachSettings,
    RegisterSettings,
    ServicesSettings,
    Settings,
    SitesSettings,
    SourceSettings,
    today,
)
from provision_map.read.settings_places import read_people, read_places
from provision_map.read.toml import Section, parse_toml

#: What a partnership may change of a standard, and what kind of value each part takes.
_STANDARD_NUMBERS = ("need", "metres", "catchment_metres", "kappa")
_STANDARD_TABLES = ("type_metres", "minutes", "levels")


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
        places=read_places(top.needed_section("places")),
        people=read_people(top.needed_section("people")),
        services=_read_services(top.needed_section("services")),
        postcodes=_read_postcodes(top.section("postcodes")),
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


def _read_services(part: Section) -> ServicesSettings:
    registers = [_read_register(register) for register in part.sections("registers")]
    feeds = []
    for feed in part.sections("feeds"):
        feeds.append(FeedSettings(feed.text("file"), feed.optional_text("mapping")))
        feed.done()
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
        participation=part.optional_text("participation"),
        workbooks=part.texts("workbooks"),
        feeds=tuple(feeds),
        same=part.optional_text("same"),
        wrong_rows=part.choice("wrong_rows", WRONG_ROWS, WRONG_ROWS[0]),
    )
    if settings.services is None and not (registers or feeds or settings.workbooks):
        mend = "Name one, or a register, a feed, or returned workbooks."
        part.report("services", "No table of services is named.", mend)
    part.done()
    return settings


def _read_postcodes(part: Section | None) -> PostcodesSettings | None:
    if part is None:
        return None
    settings = PostcodesSettings(part.texts("file"), part.text_of("columns"))
    if not any(file.strip() for file in settings.files):
        what = "No list of postcodes is named."
        part.report("file", what, 'Add file = "…": ONSPD, NSPL or Code-Point Open.')
    for name in settings.columns:
        if name not in POSTCODE_COLUMNS:
            mend = f"Known here: {', '.join(POSTCODE_COLUMNS)}."
            part.report(f"columns.{name}", "A list of postcodes has no such column.", mend)
    part.done()
    return settings


def _read_register(part: Section) -> RegisterSettings:
    within = part.number("within", -1.0, low=0, high=1_000_000)
    settings = RegisterSettings(
        file=part.text("file"),
        mapping=part.text("mapping"),
        layer=part.optional_text("layer"),
        keep=part.texts_of("keep"),
        within=None if within < 0 else within,
        date=part.date("date", today()) if "date" in part.data else None,
        organisation=part.optional_text("organisation"),
    )
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

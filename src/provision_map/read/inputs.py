"""All inputs of an exercise, read at once, with everything that is wrong with them."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import geopandas as gpd
import pandas as pd

from provision_map.errors import DataError, Problem
from provision_map.frameworks import load_framework
from provision_map.model import Framework
from provision_map.read.codes import list_codes
from provision_map.read.findings import Findings, InputFile
from provision_map.read.frameworks import read_framework
from provision_map.read.people import read_ages, read_ethnic_groups
from provision_map.read.places import read_places
from provision_map.read.services import read_service_tables
from provision_map.read.settings import SETTINGS_FILE, Settings, today
from provision_map.read.text import InputFolder
from provision_map.read.typed import read_declared
from provision_map.schema import Spelling
from provision_map.tables import LOOKUP

__all__ = ["InputFile", "Inputs", "read_inputs"]

DAYS_A_YEAR = 366


@dataclass(frozen=True)
class Inputs:
    """What an exercise is computed from. To be used only if :meth:`raise_if_wrong` is silent.

    Attributes:
        places: GeoDataFrame with the columns of ``tables.PLACES``, in the exercise's system.
        ages: place_id, age, children.
        ethnic_groups: place_id, group_id, residents of all ages; empty if no table is named.
        organisations, services, sessions, quality, returns, practice: the tables of the data
            dictionary, typed, with ``_file`` and ``_row``; services also with ``{column}_said``.
            Where a service gives longitude and latitude, easting and northing are filled in.
        lookup: from_id, to_id of place codes that have changed; empty if no table is named.
        left_out: file, row, service_id, name, reason of each register row that was not used.
        files: every file that was opened.
        problems: what must be mended first. notes: what people should know.

    """

    settings: Settings
    framework: Framework
    places: gpd.GeoDataFrame
    ages: pd.DataFrame
    ethnic_groups: pd.DataFrame
    organisations: pd.DataFrame
    services: pd.DataFrame
    sessions: pd.DataFrame
    quality: pd.DataFrame
    returns: pd.DataFrame
    practice: pd.DataFrame
    lookup: pd.DataFrame
    left_out: pd.DataFrame
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
    """
    findings = Findings()
    folder = InputFolder(settings.folder, findings, settings.sources)
    folder.read_bytes(SETTINGS_FILE)
    found = read_framework(folder, settings)
    framework = load_framework() if found is None else found
    area = read_places(folder, settings)
    ages = read_ages(folder, settings.people.ages, framework, area.ours)
    groups = read_ethnic_groups(folder, settings.people.ethnic_groups, framework, area.ours)
    codes = list_codes(
        found, places=area.codes, neighbourhoods=area.neighbourhoods, names=area.names
    )
    tables = read_service_tables(folder, settings, codes, area)
    lookup = read_declared(folder, settings.places.lookup, LOOKUP)
    _note_far_date(settings.exercise.date, findings)
    _note_sources(settings, folder, findings)
    return Inputs(
        settings=settings,
        framework=framework,
        places=area.places,
        ages=ages,
        ethnic_groups=groups,
        organisations=tables.organisations,
        services=tables.services,
        sessions=tables.sessions,
        quality=tables.quality,
        returns=tables.returns,
        practice=tables.practice,
        lookup=lookup,
        left_out=tables.left_out,
        files=tuple(folder.files.values()),
        problems=findings.sorted_problems(),
        notes=findings.sorted_notes(),
    )


def _note_far_date(date: dt.date, findings: Findings) -> None:
    if (date - today()).days > DAYS_A_YEAR:
        what = (
            f"{date.isoformat()} is more than a year ahead: records, evidence and returns of "
            "today are as old by then, and what is too old counts as unknown."
        )
        findings.note(SETTINGS_FILE, what, "Check the year.", column="exercise.date")


def _note_sources(settings: Settings, folder: InputFolder, findings: Findings) -> None:
    """Note sources of no file, and files of no source. Settings and mappings need none."""
    files = folder.files
    for name in settings.sources:
        if name not in files:
            what = "No input file has this name."
            mend = Spelling(files).ask(name)
            findings.note(SETTINGS_FILE, what, mend, column=f'sources."{name}"')
    bare = [
        name
        for name, file in files.items()
        if not (file.source or file.licence)
        if not name.endswith(".toml") and name not in folder.sidecars
    ]
    if bare:
        what = (
            f"{'1 file has' if len(bare) == 1 else f'{len(bare)} files have'} no [sources] entry: "
            f"{', '.join(bare)}; pages cannot say where they come from."
        )
        mend = f'Add [sources."{bare[0]}"] with source, licence and date.'
        findings.note(SETTINGS_FILE, what, mend)

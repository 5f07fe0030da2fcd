"""All that one edition of the maps and reports may show, and nothing else."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field

import geopandas as gpd
import pandas as pd

from provision_map.coverage.links import WALK
from provision_map.model import Framework
from provision_map.schema.wording import say_mode
from provision_map.tables import ACCESSIBILITY, HOMES, PARTS, TRAVEL_TIMES, WEEK


@dataclass(frozen=True)
class Source:
    """An input file and where it comes from, as every page prints it."""

    file: str
    source: str = ""
    licence: str = ""
    date: str = ""


@dataclass(frozen=True)
class Travel:
    """How the run's travel times came about, for the words of pages and reports.

    Attributes:
        basis: straight_line, streets or file.
        mode: walk, cycle, drive, public_transport, …
        metres_per_minute: speed on foot.
        detour: metres on the way for each metre of straight line: the setting, or on streets the
            median that was measured.
        measured: whether the detour was measured.
        searched_to: minutes; beyond is not searched.

    """

    basis: str = "straight_line"
    mode: str = "walk"
    metres_per_minute: float = 80.0
    detour: float = 1.3
    searched_to: float = 90.0
    measured: bool = False

    @property
    def words(self) -> str:
        """Say in a few words how distances were measured."""
        if self.basis == "streets":
            return "along streets" + (f", {say_mode(self.mode)}" if self.mode != WALK else "")
        if self.basis == "file":
            return "travel times as given"
        return f"straight line × {self.detour:g}"


@dataclass(frozen=True)
class Edition:
    """The frames of one run, ready for the way out. Columns are those of ``tables/``.

    ``services`` are placed (place_id, easting, northing filled; ``place_basis`` "given" or
    "polygon"). ``questions`` has offer_id, element_id, reason, children, ask (texts naming the
    records to ask about); ``residual`` has element_id, kind, children: uncovered children in
    no entry. ``data_status`` is shown on everything; "" for real data. ``ways`` has place_id,
    service_id, mode, minutes, metres and share: the mean way of a place's people, and the share of
    them who have one within what was searched. ``times`` are the ways themselves, from ``homes``
    (``TRAVEL_TIMES``, ``HOMES``; empty where only straight lines are known). ``week``, ``parts`` and ``accessibility`` are the
    tables of these names.
    """

    title: str
    place: str
    date: dt.date
    data_status: str
    crs: str
    framework: Framework
    places: gpd.GeoDataFrame
    people: pd.DataFrame
    organisations: pd.DataFrame
    services: pd.DataFrame
    sessions: pd.DataFrame
    quality: pd.DataFrame
    returns: pd.DataFrame
    practice: pd.DataFrame
    coverage: pd.DataFrame
    entries: pd.DataFrame
    questions: pd.DataFrame
    residual: pd.DataFrame
    service_reach: pd.DataFrame
    practice_reach: pd.DataFrame
    sources: tuple[Source, ...] = ()
    notes: tuple[str, ...] = field(default=())
    travel: Travel = field(default_factory=Travel)
    ways: pd.DataFrame = field(default_factory=pd.DataFrame)
    times: pd.DataFrame = field(default_factory=TRAVEL_TIMES.empty)
    homes: pd.DataFrame = field(default_factory=HOMES.empty)
    week: pd.DataFrame = field(default_factory=WEEK.empty)
    parts: pd.DataFrame = field(default_factory=PARTS.empty)
    accessibility: pd.DataFrame = field(default_factory=ACCESSIBILITY.empty)

"""All that one edition of the maps and reports may show, and nothing else."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field

import geopandas as gpd
import pandas as pd

from provision_map.model import Framework


@dataclass(frozen=True)
class Source:
    """An input file and where it comes from, as every page prints it."""

    file: str
    source: str = ""
    licence: str = ""
    date: str = ""


@dataclass(frozen=True)
class Edition:
    """The frames of one run, ready for the way out. Columns are those of ``tables.py``.

    ``services`` are placed (place_id, easting, northing filled; ``place_basis`` "given" or
    "polygon"). ``questions`` has offer_id, element_id, reason, children, ask (texts naming the
    records to ask about); ``residual`` has element_id, kind, children: uncovered children in
    no entry. ``data_status`` is shown on everything; "" for real data.
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

"""What an export holds beside the run's own layers: who made it of what, and people by place."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from provision_map import __version__
from provision_map.edition import Edition
from provision_map.reports.geopackage import Layer, make_layers, place_geometry_last
from provision_map.reports.text import clean
from provision_map.schema import each_row

#: Columns of the table of sources.
SOURCE_COLUMNS = ("file", "source", "licence", "date")


def describe_export(edition: Edition) -> dict[str, Any]:
    """Say what an export is: title, place, date, status of the data, caveats, sources, licences.

    Plain texts and lists of them, in an order of their own, for whatever a format can carry.
    """
    return {
        "title": clean(edition.title),
        "place": clean(edition.place),
        "date": edition.date.isoformat(),
        "data_status": clean(edition.data_status),
        "made_by": f"provision-map {__version__}",
        "notes": [clean(note) for note in edition.notes],
        "sources": [
            {name: clean(getattr(source, name)) for name in SOURCE_COLUMNS}
            for source in edition.sources
        ],
    }


def make_export_layers(edition: Edition) -> tuple[Layer, ...]:
    """Return the layers of the run's GeoPackage, with the children of each place among them.

    ``places`` gets ``children``, all ages that were counted together, and a column for each single
    year of age. Children of one community are in no layer of places: their counts are small.
    """
    people = count_children(edition)
    return tuple(
        replace(layer, frame=_add_people(layer.frame, people)) if layer.name == "places" else layer
        for layer in make_layers(edition)
    )


def count_children(edition: Edition) -> pd.DataFrame:
    """Count the children of each place: a row a place, a column a single year of age.

    Columns are ``age_5``, ``age_6``, …; an age that a place has no count of is missing, not 0.
    """
    everyone = edition.people[edition.people["community_id"] == "everyone"]
    wide = everyone.pivot_table(
        index="place_id", columns="age", values="children", aggfunc="sum", observed=True
    )
    wide.columns = [f"age_{int(age)}" for age in wide.columns]
    return wide.reindex([clean(code) for code in edition.places["place_id"]])


def make_tables(edition: Edition) -> tuple[Layer, ...]:
    """Return what the export says of itself as two tables, for formats that hold tables."""
    about = describe_export(edition)
    sources = pd.DataFrame(about.pop("sources"), columns=list(SOURCE_COLUMNS), dtype=object)
    notes = about.pop("notes")
    rows = [*about.items(), *(("note", note) for note in notes)]
    said = pd.DataFrame(rows, columns=["name", "value"], dtype=object)
    return (
        Layer("about", said, None, "What this is, and what to know before using it"),
        Layer("sources", sources, None, "Files it was made from, with their licences"),
    )


def read_cells(frame: pd.DataFrame) -> list[list[str | float | None]]:
    """Return the cells of a layer without its geometry; a number that is missing is None."""
    plain = pd.DataFrame(frame.drop(columns="geometry", errors="ignore"))
    return [
        [None if isinstance(cell, float) and np.isnan(cell) else cell for cell in row]
        for row in each_row(plain)
    ]


def _add_people(places: pd.DataFrame, people: pd.DataFrame) -> gpd.GeoDataFrame:
    children = people.sum(axis=1, min_count=1)
    columns = {"children": children, **{str(name): people[name] for name in people}}
    counted = {name: values.to_numpy(dtype=float) for name, values in columns.items()}
    wide = gpd.GeoDataFrame(places.assign(**counted))
    return gpd.GeoDataFrame(
        place_geometry_last(wide[[*(c for c in wide.columns if c != "data_status"), "data_status"]])
    )

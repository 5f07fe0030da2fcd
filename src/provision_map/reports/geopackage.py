"""gaps.gpkg: places, services, coverage and gaps as layers that QGIS opens."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import pyogrio
import shapely

from provision_map.coverage.time_view import SLOTS
from provision_map.edition import Edition
from provision_map.reports.rows import REGISTER_COLUMNS, GapRow, read_gap_rows
from provision_map.reports.service_words import SERVICE_COLUMNS, describe_services
from provision_map.reports.text import clean
from provision_map.reports.units import say_unit
from provision_map.tables import CAUSES, UNKNOWN_REASONS, WEEKDAYS

#: Metres: outlines are joined on this grid, so that hair-fine slivers between them close.
_GRID = 1.0
_KEYS = ["offer_id", "element_id", "place_id"]
_SHARES = ("covered", *(f"cause_{c}" for c in CAUSES), *(f"unknown_{r}" for r in UNKNOWN_REASONS))
#: Later versions add nothing here, and the GDAL of long-lived systems warns of them.
_VERSION = "1.3"
_DATE_OPTION = "OGR_CURRENT_DATE"


@dataclass(frozen=True)
class Layer:
    """One layer: rows with their shapes, and what it is in words.

    ``frame`` has ``data_status`` and then the geometry last, in the edition's system. A table
    beside the shapes is a plain frame with no ``geometry_type``.
    """

    name: str
    frame: pd.DataFrame
    geometry_type: str | None
    description: str


def make_layers(edition: Edition) -> tuple[Layer, ...]:
    """Return the layers of an edition, all in its system; each exists even when empty.

    ``places``; ``services``; ``coverage`` (element × place for everyone, all ages of the Offer
    together, weighted by children); ``week`` (the same, with the share of children for whom
    something is open in each slot of the week); ``accessibility`` (the same, with the floating
    catchments); ``gaps`` (an entry with the outline of all its places). Children of one community
    are in none but ``gaps``, where the register's own rules say which counts may be told.
    """
    gaps = read_gap_rows(edition)
    layers = (
        ("places", _make_places(edition), "MultiPolygon", "Neighbourhoods"),
        ("services", _make_services(edition), "Point", "Services looked at"),
        ("coverage", _make_coverage(edition), "MultiPolygon", "Children covered, by element and place: everyone, all ages of the Offer"),
        ("week", _make_week(edition), "MultiPolygon", "When something is open, by element and place: share of children, certain and at most"),
        ("accessibility", _make_accessibility(edition), "MultiPolygon", "Places in reach per 100 children, by element and place: an index, comparable within one element"),
        ("gaps", _make_gaps(edition, gaps), "MultiPolygon", "Gap register. Gaps overlap: never add up children over gaps"),
    )  # fmt: skip
    status = clean(edition.data_status)
    return tuple(
        Layer(
            name,
            place_geometry_last(frame.assign(data_status=status)),
            geometry_type,
            f"{description} ({status})" if status else description,
        )
        for name, frame, geometry_type, description in layers
    )


def place_geometry_last(frame: pd.DataFrame) -> pd.DataFrame:
    """Put the geometry after all other columns, by custom."""
    return frame[[*(c for c in frame.columns if c != "geometry"), "geometry"]]


def write_geopackage(edition: Edition, path: Path) -> None:
    """Write gaps.gpkg, replacing what is there: the layers of :func:`make_layers`.

    The same edition gives the same bytes.
    """
    write_layers(make_layers(edition), path, date=edition.date)


def write_layers(layers: Iterable[Layer], path: Path, *, date: dt.date) -> None:
    """Write layers and tables into a GeoPackage of this date, replacing what is there."""
    path.unlink(missing_ok=True)
    with _set_date(date):
        for layer in layers:
            kind = layer.geometry_type
            pyogrio.write_dataframe(
                layer.frame,
                path,
                layer=layer.name,
                driver="GPKG",
                geometry_type=kind,
                promote_to_multi=kind is not None and kind.startswith("Multi"),
                append=False,
                dataset_options={"VERSION": _VERSION},
                layer_options={"IDENTIFIER": layer.name, "DESCRIPTION": layer.description},
            )


@contextmanager
def _set_date(date: dt.date) -> Iterator[None]:
    """Let GDAL write this date in place of the clock's, and put back what was there."""
    before = pyogrio.get_gdal_config_option(_DATE_OPTION)
    pyogrio.set_gdal_config_options({_DATE_OPTION: f"{date.isoformat()}T00:00:00.000Z"})
    try:
        yield
    finally:
        pyogrio.set_gdal_config_options({_DATE_OPTION: before})


def _make_places(edition: Edition) -> gpd.GeoDataFrame:
    places = edition.places
    columns = ("place_id", "name", "level", "neighbourhood_id", "neighbourhood", "authority")
    return gpd.GeoDataFrame(
        {
            **{name: _texts(places[name]) for name in columns},
            "approximate": _texts(places["approximate"]),
            "imd_decile": places["imd_decile"].to_numpy(dtype=float),
        },
        geometry=list(places.geometry),
        crs=edition.crs,
    )


def _make_services(edition: Edition) -> gpd.GeoDataFrame:
    rows = describe_services(edition)
    points = [
        shapely.Point(row.easting, row.northing)
        if row.easting is not None and row.northing is not None
        else None
        for row in rows
    ]
    columns = {
        name: _texts(
            "; ".join(cell) if isinstance(cell, tuple) else cell
            for cell in (getattr(row, name) for row in rows)
        )
        for name, _, _ in SERVICE_COLUMNS
    }
    columns["place_id"] = _texts(row.place_id for row in rows)
    return gpd.GeoDataFrame(columns, geometry=gpd.GeoSeries(points, crs=edition.crs))


def _make_coverage(edition: Edition) -> gpd.GeoDataFrame:
    """Join the ages of each element × place: children, and shares weighted by them."""
    everyone = edition.coverage[edition.coverage["community_id"] == "everyone"]
    weight = everyone["children"].fillna(0.0).astype(float)
    weighted = everyone[list(_SHARES)].astype(float).mul(weight, axis=0)
    sums = weighted.assign(children=weight, **{key: everyone[key] for key in _KEYS})
    joined = sums.groupby(_KEYS, sort=False, as_index=False, observed=True).sum()
    # Nobody there: the shares of nobody are not 0, they are nothing.
    total = joined["children"].where(joined["children"] > 0)
    shares = joined[list(_SHARES)].div(total, axis=0).round(4)
    uncovered = shares[[f"cause_{c}" for c in CAUSES]].sum(axis=1, skipna=False).round(4)
    unknown = shares[[f"unknown_{r}" for r in UNKNOWN_REASONS]].sum(axis=1, skipna=False).round(4)
    return _shape(
        edition,
        joined,
        {
            "children": joined["children"].to_numpy(dtype=float),
            "uncovered": uncovered.to_numpy(dtype=float),
            "unknown": unknown.to_numpy(dtype=float),
            **{name: shares[name].to_numpy(dtype=float) for name in _SHARES},
        },
    )


def _make_week(edition: Edition) -> gpd.GeoDataFrame:
    """Lay the slots of the week side by side, so that each can colour a map of an element.

    ``monday_evening`` is the share for whom something is certainly open, ``monday_evening_most``
    the same with everything that is not known taken as good.
    """
    week = edition.week
    names = {
        (slot.name, WEEKDAYS[day]): _name_slot(slot.name, WEEKDAYS[day])
        for slot in SLOTS
        for day in slot.weekdays
    }
    pairs = zip(map(str, week["slot"]), map(str, week["weekday"]), strict=True)
    own = pd.DataFrame(
        {
            **{key: week[key].astype(object).to_numpy() for key in _KEYS},
            "children": week["children"].to_numpy(dtype=float),
            "reached": week["reached"].to_numpy(dtype=float).round(4),
            "possible": week["possible"].to_numpy(dtype=float).round(4),
            "cell": [names[pair] for pair in pairs],
        }
    )
    first = own.drop_duplicates(_KEYS)
    rows = pd.MultiIndex.from_frame(first[_KEYS])
    columns: dict[str, npt.NDArray[np.float64]] = {}
    for share, ending in (("reached", ""), ("possible", "_most")):
        wide = own.pivot_table(index=_KEYS, columns="cell", values=share, sort=False)
        wide = wide.reindex(index=rows, columns=list(names.values()))
        columns |= {f"{c}{ending}": wide[c].to_numpy(dtype=float) for c in wide}
    return _shape(edition, first, {"children": first["children"].to_numpy(), **columns})


def _name_slot(slot: str, weekday: str) -> str:
    """Name a slot's column: ``monday_after_school``; a day at the weekend is a slot by itself."""
    return (weekday if slot == "weekend" else f"{weekday} {slot}").lower().replace(" ", "_")


def _make_accessibility(edition: Edition) -> gpd.GeoDataFrame:
    """Take the floating catchments as they are, with the words for what they count."""
    frame = edition.accessibility
    figures = (
        "children", "catchment_minutes", "e2sfca", "e2sfca_smaller", "e2sfca_larger", "two_sfca",
        "m2sfca", "bfca", "unknown_capacity",
    )  # fmt: skip
    return _shape(
        edition,
        frame,
        {
            "counts": _texts(say_unit(edition, clean(code)) for code in frame["element_id"]),
            **{name: frame[name].to_numpy(dtype=float).round(4) for name in figures},
            "basis": _texts(frame["basis"]),
            "edge_affected": _texts(frame["edge_affected"]),
        },
    )


def _shape(edition: Edition, keys: pd.DataFrame, columns: Mapping[str, object]) -> gpd.GeoDataFrame:
    """Give rows of element × place their names and the outline of the place."""
    places = edition.places.set_index("place_id")
    names = {code: e.name for code, e in edition.framework.elements.items()}
    codes = {key: keys[key].astype(object).reset_index(drop=True) for key in _KEYS}
    return gpd.GeoDataFrame(
        {
            **{key: _texts(values) for key, values in codes.items()},
            "element": _texts(codes["element_id"].map(names)),
            "place": _texts(codes["place_id"].map(places["name"])),
            "neighbourhood": _texts(codes["place_id"].map(places["neighbourhood"])),
            **columns,
        },
        geometry=gpd.GeoSeries(list(codes["place_id"].map(places.geometry)), crs=edition.crs),
    )


def _make_gaps(edition: Edition, gaps: tuple[GapRow, ...]) -> gpd.GeoDataFrame:
    outlines = dict(
        zip(map(clean, edition.places["place_id"]), edition.places.geometry, strict=True)
    )
    columns: dict[str, object] = {}
    for column in REGISTER_COLUMNS:
        cells = [column.read(gap) for gap in gaps]
        if column.kind == "text":
            columns[column.name] = _texts(cells)
        else:
            columns[column.name] = np.array(
                [np.nan if cell is None else cell for cell in cells], dtype=float
            )
    shapes = [_join_outlines([outlines[p] for p in gap.places if p in outlines]) for gap in gaps]
    return gpd.GeoDataFrame(columns, geometry=gpd.GeoSeries(shapes, crs=edition.crs))


def _join_outlines(outlines: list[shapely.Geometry]) -> shapely.Geometry | None:
    if not outlines:
        return None
    return shapely.union_all(outlines, grid_size=_GRID)


def _texts(values: Iterable[object]) -> pd.Series[str]:
    return pd.Series([clean(value) for value in values], dtype=object)

"""Outlines or entrances of services whose site is more than a point."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import shapely

from provision_map.read.files.ogr import (
    FIRST_ROW,
    Shapes,
    are_finite,
    has_columns,
    is_polygon,
    move,
    read_shapes,
    repair,
    source_system,
    text_of,
)
from provision_map.read.files.text import InputFolder
from provision_map.read.findings import Findings, list_some
from provision_map.read.places.area import Area
from provision_map.read.settings import SitesSettings
from provision_map.schema import Spelling, quote

_MOST_ASKED = 20

#: A site further than this from the position of its service is likely another's. Metres.
_FAR = 1_000.0


def empty_sites(target: pyproj.CRS | None) -> gpd.GeoDataFrame:
    """Return the table of sites without rows: each service is then a point."""
    columns = {"service_id": pd.Series(dtype=object), "geometry": pd.Series(dtype=object)}
    return gpd.GeoDataFrame(columns, geometry="geometry", crs=target)


def read_sites(
    folder: InputFolder,
    settings: SitesSettings | None,
    area: Area,
    services: pd.DataFrame,
    *,
    codes: frozenset[str] | None,
) -> gpd.GeoDataFrame:
    """Read the sites of our services.

    A service may have several records: two entrances, a park in two parts. They become one shape:
    outlines are joined, points are put together.

    Args:
        folder: the exercise folder.
        settings: which file; None: there is none.
        area: the places, for the system and the bounds.
        services: as read, with easting and northing.
        codes: of all services; None: a fault, told already, leaves them open.

    Returns:
        service_id and geometry (any kind of shape) in the system of the exercise, one row a
        service, in the order of the file.

    """
    if settings is None:
        return empty_sites(area.target)
    source = Shapes(settings.file, "services.sites", "outlines", "sites", settings.layer)
    raw = read_shapes(folder, source)
    if raw is None:
        return empty_sites(area.target)
    findings = folder.findings
    complete = has_columns(raw, [settings.id], source, findings)
    crs = source_system(raw, source, findings)
    if not complete or crs is None or area.target is None:
        return empty_sites(area.target)
    ids = np.array([text_of(value) for value in raw[settings.id]], dtype=object)
    ours = _match(ids, settings, findings, codes=codes)
    shapes = _sound(raw.geometry.to_numpy(), ids, ours, settings.file, findings)
    usable = np.array([shape is not None for shape in shapes], dtype=bool)
    rows = np.flatnonzero(usable) + FIRST_ROW
    moved = move(shapes[usable], source=crs, target=area.target)
    inside = _inside(moved, ids[usable], rows, settings.file, findings, area=area)
    joined = _join(ids[usable][inside], moved[inside])
    frame = gpd.GeoDataFrame(
        {"service_id": pd.Series(list(joined), dtype=object)},
        geometry=list(joined.values()),
        crs=area.target,
    )
    _note_far(frame, services, settings.file, findings)
    return frame


def _match(
    ids: Any,  # noqa: ANN401 - an array of texts
    settings: SitesSettings,
    findings: Findings,
    *,
    codes: frozenset[str] | None,
) -> Any:  # noqa: ANN401 - an array of truths
    """Say of each record whether it is of a service of ours; others are counted."""
    if codes is None:
        return ids != ""
    ours = np.isin(ids, list(codes))
    others = list(dict.fromkeys(ids[~ours]))
    if not others:
        return ours
    spelling = Spelling(sorted(codes))
    ask = next((ask for ask in map(spelling.ask, others[:_MOST_ASKED]) if ask), "")
    if not ours.any():
        what = f"None of its {len(ids):,} records is of a service of this exercise; the first is of {quote(others[0])}."
        mend = f"{ask} Name the column of the service's code as id in [services.sites].".strip()
        findings.problem(settings.file, what, mend, column=settings.id)
    else:
        listed = list_some(quote(code) if code else "(blank)" for code in others)
        count = int((~ours).sum())
        records = "1 record was" if count == 1 else f"{count:,} records were"
        what = f"{records} passed over: no service of this exercise has the code {listed}."
        findings.note(settings.file, what, ask, column=settings.id)
    return ours


def _sound(shapes: Any, ids: Any, ours: Any, file: str, findings: Findings) -> Any:  # noqa: ANN401
    """Return the shapes that can be used, outlines repaired; None where there is none."""
    found = np.full(len(shapes), None, dtype=object)
    nothing: list[str] = []
    for n in np.flatnonzero(ours):
        shape, row = shapes[n], int(n) + FIRST_ROW
        if shape is None or shape.is_empty:
            nothing.append(f"{ids[n]} (row {row})")
            continue
        if not np.isfinite(shapely.get_coordinates(shape)).all():
            what = f"The site of {ids[n]} has a coordinate that is not a number."
            findings.problem(file, what, "Draw it again.", row=row, column="geometry")
            continue
        flat = shapely.force_2d(shape)
        if not shapely.is_valid(flat):
            why = shapely.is_valid_reason(flat).split("[")[0].lower()
            mended = repair(flat) if is_polygon(flat) else shapely.make_valid(flat)
            if mended.is_empty:
                what = f"The outline of {ids[n]} has no area."
                findings.problem(file, what, "Draw it again.", row=row, column="geometry")
                continue
            what = f"The outline of {ids[n]} was not valid ({why}) and was repaired."
            findings.note(file, what, row=row)
            flat = mended
        found[n] = flat
    if nothing:
        what = f"Sites without a shape, left out ({len(nothing):,}): {list_some(nothing)}."
        findings.note(file, what)
    return found


def _inside(
    shapes: Any,  # noqa: ANN401
    ids: Any,  # noqa: ANN401
    rows: Any,  # noqa: ANN401
    file: str,
    findings: Findings,
    *,
    area: Area,
) -> Any:  # noqa: ANN401
    """Say of each shape whether it lies in the area or within 20 km of it."""
    inside = are_finite(shapes)
    for n, (west, south, east, north) in enumerate(shapely.bounds(shapes)):
        box = area.box
        if inside[n] and (box is None or _meets(box, west, south, east=east, north=north)):
            continue
        inside[n] = False
        what = f"The site of {ids[n]} lies outside the area, more than 20 km from any place."
        swapped = box is not None and _meets(box, south, west, east=north, north=east)
        mend = "East and north look swapped." if swapped else "Check its coordinates."
        findings.problem(file, what, mend, row=int(rows[n]), column="geometry")
    return inside


def _meets(box: Any, west: float, south: float, *, east: float, north: float) -> bool:  # noqa: ANN401
    return bool(west <= box.east and east >= box.west and south <= box.north and north >= box.south)


def _join(ids: Any, shapes: Any) -> dict[str, Any]:  # noqa: ANN401
    """Put the shapes of each service together."""
    parts: dict[str, list[Any]] = {}
    for code, shape in zip(ids, shapes, strict=True):
        parts.setdefault(str(code), []).append(shape)
    return {
        code: found[0] if len(found) == 1 else shapely.union_all(found)
        for code, found in parts.items()
    }


def _note_far(
    sites: gpd.GeoDataFrame, services: pd.DataFrame, file: str, findings: Findings
) -> None:
    """Note sites that lie far from the position of their service: one of the two is wrong."""
    at = services.drop_duplicates("service_id").set_index("service_id")
    at = at.reindex(sites["service_id"])
    points = shapely.points(at[["easting", "northing"]].to_numpy(dtype=float))
    metres = shapely.distance(sites.geometry.to_numpy(), points)
    open_metres = at["location_accuracy"].fillna(0.0).to_numpy(dtype=float)
    with np.errstate(invalid="ignore"):
        far = metres > _FAR + open_metres
    if far.any():
        named = [
            f"{code} ({m / 1000:.1f} km)"
            for code, m in zip(sites["service_id"][far], metres[far], strict=True)
        ]
        what = f"Sites more than 1 km from the position of their service ({len(named):,}): {list_some(named)}. The site is used."
        findings.note(file, what, "Check which of the two is right.")

"""Neighbourhoods: dated sets of places from a table, or dated outlines from any OGR format."""

from __future__ import annotations

import datetime as dt
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj

from provision_map import tables
from provision_map.read.files.ogr import (
    FIRST_ROW,
    Shapes,
    has_columns,
    matches,
    read_shapes,
    source_system,
    text_of,
)
from provision_map.read.files.text import InputFolder
from provision_map.read.files.typed import Ours, read_declared
from provision_map.read.findings import Findings, count_of, list_some
from provision_map.read.places.boundaries import place_polygons, sound_polygons
from provision_map.read.places.members import COLUMNS, choose_names
from provision_map.read.settings import NeighbourhoodsSettings
from provision_map.schema import Column, Table


def no_memberships() -> pd.DataFrame:
    """Return the table of who belongs where without rows."""
    kinds = dict.fromkeys(COLUMNS, object) | {"share": float}
    return pd.DataFrame({name: pd.Series(dtype=kind) for name, kind in kinds.items()})


def read_sets(folder: InputFolder, file: str | None, ours: Ours, *, date: dt.date) -> pd.DataFrame:
    """Read the sets of places that hold on the day: place_id, neighbourhood_id, neighbourhood, share.

    A place may stand in several sets: the first in the file names it, and all of them hold it.
    """
    table = read_declared(folder, file, tables.NEIGHBOURHOODS)
    if file is None or table.empty:
        return no_memberships()
    ours.note_others(table["place_id"], file, folder.findings)
    inside = table[ours.select(table["place_id"])]
    memberships = no_memberships()
    if not inside.empty:
        valid = _choose_valid(inside, date, file, folder.findings, key="place_id")
        _note_claims(valid, file, folder.findings)
        valid = valid.drop_duplicates(["place_id", "neighbourhood_id"], ignore_index=True)
        memberships = valid[list(COLUMNS[:3])].assign(share=1.0)
    note_alone(memberships, ours.ids, file, folder.findings)
    return memberships


def note_alone(
    memberships: pd.DataFrame, ids: frozenset[str] | None, file: str, findings: Findings
) -> None:
    """Note the places that are in no neighbourhood: they keep their own name."""
    alone = sorted((ids or frozenset()) - set(memberships["place_id"]))
    if alone:
        keep = "1 place is in no neighbourhood and keeps its"
        if len(alone) > 1:
            keep = f"{len(alone)} places are in no neighbourhood and keep their"
        what = f"{keep} own name: {list_some(alone)}."
        findings.note(file, what)


def note_several(memberships: pd.DataFrame, file: str, findings: Findings) -> None:
    """Note the places that several outlines hold, and which of them names each."""
    counts = memberships["place_id"].value_counts(sort=False)
    several = sorted(counts.index[counts > 1])
    if not several:
        return
    names = choose_names(memberships)
    listed = list_some((f"{code} ({names[code][1]})" for code in several), 3)
    places = count_of(len(several), "place is", "places are")
    what = f"{places} in several neighbourhoods; the one that holds most of it, or else the first, names it: {listed}."
    findings.note(file, what)


def read_outlines(
    folder: InputFolder,
    settings: NeighbourhoodsSettings,
    target: pyproj.CRS | None,
    *,
    date: dt.date,
) -> gpd.GeoDataFrame:
    """Read the outlines that hold on the day: neighbourhood_id, neighbourhood, geometry, _row.

    Empty where they cannot be read; what is wrong with one is a Problem.
    """
    file = Shapes(
        settings.file, "places.neighbourhoods", things="neighbourhoods", layer=settings.layer
    )
    nothing = gpd.GeoDataFrame(
        {name: pd.Series(dtype=object) for name in ("neighbourhood_id", "neighbourhood", "geometry", "_row")},
        geometry="geometry", crs=target,
    )  # fmt: skip
    raw, findings = read_shapes(folder, file), folder.findings
    if raw is None:
        return nothing
    dates = {key: name for key in ("valid_from", "valid_to") if (name := getattr(settings, key))}
    if not has_columns(raw, (settings.id, settings.name, *dates.values()), file, findings):
        return nothing
    ours = matches(raw, dict(settings.keep), file, findings, key="keep")
    frame = gpd.GeoDataFrame(
        {
            # So the check of polygons calls them.
            "place_id": [text_of(value) for value in raw[settings.id]],
            "name": [text_of(value) for value in raw[settings.name]],
            "_row": np.arange(FIRST_ROW, len(raw) + FIRST_ROW),
        },
        geometry=raw.geometry.to_numpy(),
        crs=raw.crs,
    )
    for key in ("valid_from", "valid_to"):
        frame[key] = _days_of(raw, dates.get(key), frame["_row"], settings.file, findings)
    frame = _leave_unnamed(frame[ours], settings, findings)
    source = source_system(raw, file, findings)
    if dates:
        frame = _choose_valid(frame, date, settings.file, findings, key=None)
    frame = sound_polygons(frame, settings.file, findings)
    if source is None or target is None or frame.empty:
        return nothing
    placed = place_polygons(frame, settings.file, findings, source=source, target=target)
    placed = placed.rename(columns={"place_id": "neighbourhood_id", "name": "neighbourhood"})
    return placed[["neighbourhood_id", "neighbourhood", "geometry", "_row"]]


def _leave_unnamed(
    frame: Any,  # noqa: ANN401 - untyped
    settings: NeighbourhoodsSettings,
    findings: Findings,
) -> Any:  # noqa: ANN401
    """Leave out outlines with neither code nor name; one that has only one of them is a Problem.

    Published parishes have such an outline for the parts that have no parish.
    """
    nameless = (frame["place_id"] == "") & (frame["name"] == "")
    if nameless.any():
        rows = ", ".join(str(row) for row in frame.loc[nameless, "_row"][:5])
        outlines = count_of(int(nameless.sum()), "outline has", "outlines have")
        what = f"{outlines} neither code nor name, and {'is' if nameless.sum() == 1 else 'are'} no neighbourhood (row {rows})."
        findings.note(settings.file, what)
    for column, heading in (("place_id", settings.id), ("name", settings.name)):
        for row in frame.loc[(frame[column] == "") & ~nameless, "_row"]:
            what, mend = "The cell is empty.", "It must be given."
            findings.problem(settings.file, what, mend, row=int(row), column=heading)
    return frame[~nameless].reset_index(drop=True)


def _days_of(
    raw: Any,  # noqa: ANN401 - untyped
    name: str | None,
    rows: pd.Series[int],
    file: str,
    findings: Findings,
) -> list[dt.date | None]:
    """Return the days of a column, whether the format has a type for them or they are text."""
    if name is None:
        return [None] * len(raw)
    texts = [_day_in_words(value) for value in raw[name]]
    frame = pd.DataFrame({name: pd.Series(texts, dtype=object), "_row": rows.to_numpy()})
    table = Table(file, "", (Column(name, "date", ""),))
    typed, problems, notes = table.validate(frame, file=file)
    findings.problems.extend(problems)
    findings.notes.extend(notes)
    return list(typed[name])


def _day_in_words(value: object) -> str:
    """Return a day as text, whatever type the format gave it."""
    if value is pd.NaT:
        return ""
    if isinstance(value, dt.datetime):
        return value.date().isoformat()
    return value.isoformat() if isinstance(value, dt.date) else text_of(value)


def _choose_valid(
    rows: Any,  # noqa: ANN401 - a table, or untyped outlines
    date: dt.date,
    file: str,
    findings: Findings,
    *,
    key: str | None,
) -> Any:  # noqa: ANN401
    """Return the rows valid on the day; if there are none at all, the most recent of each ``key``.

    Without a key all rows are one set, of which the most recent are taken.
    """
    if rows.empty:
        return rows
    starts = [day or dt.date.min for day in rows["valid_from"]]
    ends = [day or dt.date.max for day in rows["valid_to"]]
    for start, end, row in zip(starts, ends, rows["_row"], strict=True):
        if start > end:
            what = "The dates are the wrong way round: it ends before it begins."
            findings.problem(file, what, "Swap the two.", row=int(row), column="valid_from")
    keys = [""] * len(rows) if key is None else list(rows[key])
    spans = list(zip(keys, starts, ends, strict=True))
    now = [start <= date <= end for _, start, end in spans]
    if any(now):
        return rows[pd.Series(now, index=rows.index)]
    # Where all lie ahead, the earliest of them is nearest to the day.
    past = any(start <= date for _, start, _ in spans)
    days = [end if past else start for _, start, end in spans]
    candidates = [start <= date or not past for _, start, _ in spans]
    nearest: dict[str, dt.date] = {}
    for (place, _, _), day, candidate in zip(spans, days, candidates, strict=True):
        if candidate:
            best = nearest.setdefault(place, day)
            nearest[place] = max(best, day) if past else min(best, day)
    chosen = [
        candidate and nearest[place] == day
        for (place, _, _), day, candidate in zip(spans, days, candidates, strict=True)
    ]
    said = ", ".join(day.isoformat() for day in sorted(set(nearest.values())))
    when = f"valid to {said}" if past else f"valid from {said}"
    what = f"No neighbourhood is valid on {date.isoformat()}: the most recent were used ({when})."
    findings.note(file, what)
    return rows[pd.Series(chosen, index=rows.index)]


def _note_claims(valid: pd.DataFrame, file: str, findings: Findings) -> None:
    """Note each place that a second set claims: the first in the file names it."""
    chosen: dict[str, tuple[str, str]] = {}
    columns = ("place_id", "neighbourhood_id", "neighbourhood", "_row")
    for place, code, name, row in zip(*(valid[c] for c in columns), strict=True):
        pair = (str(code), str(name))
        if chosen.setdefault(str(place), pair)[0] != pair[0]:
            what = f"{place} is also in {name} ({code}); it was named by {chosen[place][1]}, which stands first."
            findings.note(file, what, row=int(row))

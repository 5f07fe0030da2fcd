"""Road links of the exercise's area, from any file that OGR reads or an OpenStreetMap extract."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import pyproj
import shapely

from provision_map.read.files.bulk import parse_number
from provision_map.read.files.crs import Box
from provision_map.read.files.large import LARGEST_EXTRACT, LARGEST_NETWORK, find_large
from provision_map.read.files.ogr import (
    FIRST_ROW,
    Shapes,
    are_finite,
    has_columns,
    matches,
    move,
    read_shapes,
    source_system,
    text_of,
)
from provision_map.read.files.text import InputFolder
from provision_map.read.findings import Findings, count_of, list_some
from provision_map.read.settings import SETTINGS_FILE, ReachSettings
from provision_map.read.travel.osm import is_osm, read_osm_links
from provision_map.schema import quote

_METRES, _MINUTES = 1_000, 60  # of a kilometre, of an hour
_FASTEST = 300.0  # km/h
_FAST_WALK = 10.0  # km/h
_LINE_TYPES = (1, 5)  # shapely's numbers of LineString and MultiLineString

#: What a column of directions may say, without case, blanks and marks; blank is both.
DIRECTIONS = {
    **dict.fromkeys(("", "both", "bothdirections", "no", "n", "false", "0", "b"), "both"),
    **dict.fromkeys(("forward", "indirection", "yes", "y", "true", "1", "f", "ft"), "forward"),
    **dict.fromkeys(("backward", "inoppositedirection", "reverse", "-1", "t", "tf"), "backward"),
}


def read_road_links(
    folder: InputFolder,
    reach: ReachSettings,
    target: pyproj.CRS | None,
    *,
    box: Box | None = None,
) -> gpd.GeoDataFrame | None:
    """Read the road links that the settings name, in the system of the exercise.

    Of an OpenStreetMap extract the tags say what each mode may use; of other files the settings
    do: ``leave_out``, ``oneway``, ``speed``.

    Args:
        folder: the exercise folder; gets every problem.
        reach: the settings.
        target: the system of the exercise; None: it is none, which has been told.
        box: bounds of the places, in that system: links nowhere near them are a Problem.

    Returns:
        geometry (lines), oneway ("both", "forward", "backward"), metres_per_minute (NaN where the
        file does not say). None where there is nothing that can be used.

    Raises:
        UsageError: an OpenStreetMap extract, and the extra "streets" is not installed.

    """
    if reach.file is None or target is None:
        return None
    read = _read_extract if is_osm(reach.file) else _read_lines
    links = read(folder, reach)
    if links is None:
        return None
    findings, file = folder.findings, reach.file
    moved = move(links.geometry.to_numpy(), source=pyproj.CRS(links.crs), target=target)
    finite = are_finite(moved)
    if not finite.all():
        links_out = count_of(int((~finite).sum()), "link", "links")
        left = "was left out" if (~finite).sum() == 1 else "were left out"
        what = f"{links_out} cannot be brought into {target.name}, and {left}."
        findings.note(file, what)
    placed = gpd.GeoDataFrame(
        links.drop(columns=links.geometry.name)[finite].reset_index(drop=True),
        geometry=moved[finite],
        crs=target,
    )
    if _is_elsewhere(placed, file, findings, reach=reach, target=target, box=box):
        return None
    return placed


def _is_elsewhere(
    links: gpd.GeoDataFrame,
    file: str,
    findings: Findings,
    *,
    reach: ReachSettings,
    target: pyproj.CRS,
    box: Box | None,
) -> bool:
    """Whether no link comes near the places; if so a Problem says it."""
    if links.empty:
        what = f"No link can be brought into {target.name}."
        mend = "Check exercise.crs and the coordinates of the file."
        findings.problem(file, what, mend, column="geometry")
        return True
    if box is None:
        return False
    near = box.widened(reach.off_network_metres)
    west, south, east, north = links.geometry.bounds.to_numpy().T
    touches = (
        (west <= near.east) & (east >= near.west) & (south <= near.north) & (north >= near.south)
    )
    if touches.any():
        return False
    corners = (west.min(), south.min(), east.max(), north.max())
    where = "from {:.0f}, {:.0f} to {:.0f}, {:.0f}".format(*corners)
    what = f"No link comes near any place of the exercise: the links lie {where} in {target.name}."
    mend = (
        "Name the road links of this area, or check their coordinates: are east and north swapped?"
    )
    findings.problem(file, what, mend, column="geometry")
    return True


def _read_extract(folder: InputFolder, reach: ReachSettings) -> gpd.GeoDataFrame | None:
    file = str(reach.file)
    path = find_large(folder, file, largest=LARGEST_EXTRACT)
    if path is None:
        return None
    for key in ("layer", "oneway", "speed"):
        if getattr(reach, key) is not None:
            what = "This was not used: the tags of an OpenStreetMap extract say it."
            folder.findings.note(SETTINGS_FILE, what, "Leave it out.", column=f"reach.{key}")
    return read_osm_links(
        path, file=file, mode=reach.mode, leave_out=reach.leave_out, findings=folder.findings
    )


def _read_lines(folder: InputFolder, reach: ReachSettings) -> gpd.GeoDataFrame | None:
    findings = folder.findings
    source = Shapes(str(reach.file), "reach", "road links", "links", reach.layer, LARGEST_NETWORK)
    raw = read_shapes(folder, source)
    if raw is None:
        return None
    before = len(findings.problems)
    named = [name for name in (reach.oneway, reach.speed) if name is not None]
    has_columns(raw, named, source, findings)
    wanted = _choose_links(raw, source, reach, findings)
    crs = source_system(raw, source, findings)
    kept = wanted & _are_lines(raw, source, findings, wanted=wanted)
    if crs is None or not kept.any() or len(findings.problems) > before:
        return None
    rows = np.flatnonzero(kept)
    oneway = _directions(raw, source, reach, findings, rows=rows)
    speed = _speeds(raw, source, reach, findings, rows=rows)
    if oneway is None or speed is None:
        return None
    return gpd.GeoDataFrame(
        {"oneway": oneway, "metres_per_minute": speed},
        geometry=shapely.force_2d(raw.geometry.to_numpy()[rows]),
        crs=crs,
    )


def _choose_links(
    raw: Any,  # noqa: ANN401 - untyped
    source: Shapes,
    reach: ReachSettings,
    findings: Findings,
) -> npt.NDArray[np.bool_]:
    """Say of each link whether no setting leaves it out."""
    out = np.zeros(len(raw), dtype=bool)
    for column, values in reach.leave_out.items():
        known = len(findings.problems)
        chosen = matches(raw, {column: values}, source, findings, key="leave_out")
        if len(findings.problems) > known:
            continue
        out |= chosen
        said = {text_of(value) for value in pd.unique(raw[column])}
        for value in (value for value in values if value not in said):
            what = f"No link of {source.file} says {quote(value)}."
            mend = f"It says: {list_some(map(quote, sorted(said - {''})), 10)}."
            key = f"reach.leave_out.{column}"
            findings.note(SETTINGS_FILE, what, mend, column=key)
    if out.all():
        what = f"This leaves out all {len(raw):,} links of {source.file}."
        findings.problem(SETTINGS_FILE, what, "Correct it.", column="reach.leave_out")
    elif out.any():
        were = "was" if out.sum() == 1 else "were"
        what = f"{int(out.sum()):,} of {len(raw):,} links {were} left out, as reach.leave_out says."
        findings.note(source.file, what)
    return ~out


def _are_lines(
    raw: Any,  # noqa: ANN401 - untyped
    source: Shapes,
    findings: Findings,
    *,
    wanted: npt.NDArray[np.bool_],
) -> npt.NDArray[np.bool_]:
    """Say of each record whether it is a line that can be used; others are counted."""
    shapes = raw.geometry.to_numpy()
    kinds = shapely.get_type_id(shapes)
    lines = np.isin(kinds, _LINE_TYPES)
    finite = are_finite(shapes)
    with np.errstate(invalid="ignore", over="ignore"):
        long = shapely.length(shapes) > 0
    counted = {
        "that are no lines": ~lines & (kinds >= 0),
        "without a shape": (kinds < 0) | (lines & shapely.is_empty(shapes)),
        "with a coordinate that is not a number": lines & ~finite & ~shapely.is_empty(shapes),
        "of no length": lines & finite & ~long,
    }
    said = [f"{int((found & wanted).sum()):,} {why}" for why, found in counted.items() if (found & wanted).any()]  # fmt: skip
    usable: npt.NDArray[np.bool_] = lines & finite & long
    if said and (usable & wanted).any():
        findings.note(source.file, f"Records left out: {', '.join(said)}.")
    elif said:
        what = f"The file holds no road links: it has records {', '.join(said)}."
        mend = "Name a file of lines, one for each stretch of road."
        findings.problem(source.file, what, mend, column="geometry")
    return usable


def _directions(
    raw: Any,  # noqa: ANN401 - untyped
    source: Shapes,
    reach: ReachSettings,
    findings: Findings,
    *,
    rows: npt.NDArray[np.intp],
) -> npt.NDArray[np.object_] | None:
    if reach.oneway is None:
        return np.full(len(rows), "both", dtype=object)
    codes, texts = _factorize(raw[reach.oneway].iloc[rows])
    meant = [DIRECTIONS.get(_loosen(text)) for text in texts]
    unknown = [n for n, word in enumerate(meant) if word is None]
    for n in unknown:
        first, count = _find_first(codes, n, rows)
        links = "1 link, in this row" if count == 1 else f"{count:,} links, the first in this row"
        what = f"{quote(texts[n])} is no direction ({links})."
        mend = "Use both, forward and backward; blank is both."
        findings.problem(source.file, what, mend, row=first, column=reach.oneway)
    if unknown:
        return None
    found = np.array(meant, dtype=object)[codes]
    single = int((found != "both").sum())
    if reach.mode == "walk" and single:
        links = count_of(single, "link goes", "links go")
        what = (
            f"On foot the column {reach.oneway} is not obeyed: {links} both ways, whatever it says."
        )
        mend = "Leave this out."
        findings.note(SETTINGS_FILE, what, mend, column="reach.oneway")
    return found


def _speeds(
    raw: Any,  # noqa: ANN401 - untyped
    source: Shapes,
    reach: ReachSettings,
    findings: Findings,
    *,
    rows: npt.NDArray[np.intp],
) -> npt.NDArray[np.float64] | None:
    """Return metres a minute from a column of km/h; NaN where it is blank."""
    if reach.speed is None:
        return np.full(len(rows), np.nan)
    codes, texts = _factorize(raw[reach.speed].iloc[rows])
    parsed = [parse_number(text) for text in texts]
    # NaN is a blank cell, and is neither below nor above anything.
    wrong = [n for n, speed in enumerate(parsed) if speed is None or speed <= 0 or speed > _FASTEST]
    if wrong:
        bad = np.isin(codes, wrong)
        first = int(rows[np.flatnonzero(bad)[0]]) + FIRST_ROW
        words = list_some((quote(texts[n]) for n in wrong), 10)
        links = count_of(int(bad.sum()), "link has", "links have")
        what = f"{links} a speed that is none in km/h ({words}); this is the first."
        mend = f"Give km/h above 0 and up to {_FASTEST:g}, or leave the cell blank."
        findings.problem(source.file, what, mend, row=first, column=reach.speed)
        return None
    speeds = np.array([np.nan if speed is None else speed for speed in parsed])[codes]
    fast = int((speeds > _FAST_WALK).sum())
    if reach.mode == "walk" and fast:
        links = count_of(fast, "link is", "links are")
        what = (
            f"On foot {links} taken at over {_FAST_WALK:g} km/h, as the column {reach.speed} says."
        )
        mend = "If that is the speed of vehicles, leave this out."
        findings.note(SETTINGS_FILE, what, mend, column="reach.speed")
    return np.asarray(speeds * _METRES / _MINUTES, dtype=np.float64)


def _factorize(column: Any) -> tuple[npt.NDArray[np.intp], list[str]]:  # noqa: ANN401 - untyped
    codes, values = pd.factorize(column, use_na_sentinel=False)
    return np.asarray(codes, dtype=np.intp), [text_of(value) for value in values]


def _find_first(
    codes: npt.NDArray[np.intp], code: int, rows: npt.NDArray[np.intp]
) -> tuple[int, int]:
    """Return the row of the first record that has a code, and how many have it."""
    found = np.flatnonzero(codes == code)
    return int(rows[found[0]]) + FIRST_ROW, len(found)


def _loosen(text: str) -> str:
    return "".join(ch for ch in text[:60].casefold() if ch.isalnum() or ch == "-")

"""What streets, postcodes and outlines change, on real places: writes docs/real-places.md.

Run from the project's root, with the real public data beside it:
``python benchmarks/real_places.py``. Each variant is the same exercise with other settings; the
shares are children, weighted by place, who are reached whatever the quality.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

import geopandas as gpd
import pandas as pd

import provision_map as pm
from provision_map.exercise.measure import Measured

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests"))

from real_data import copy_settings, derive_bath, derive_porto_alegre  # noqa: E402

SHARED = ROOT.parent / "shared" / "data"

#: What is changed in provision.toml of the exercise on streets.
BATH: Mapping[str, Mapping[str, str]] = {
    "straight line × 1.3, one point a place, to the middle of the site": {
        "streets": "line", "homes": "off", "sites": "off",
    },
    "straight line × 1.3, postcodes, to the middle of the site": {"streets": "line", "sites": "off"},
    "straight line × 1.3, postcodes, to the outline": {"streets": "line"},
    "streets, one point a place, to the middle of the site": {"homes": "off", "sites": "off"},
    "streets, postcodes, to the middle of the site": {"sites": "off"},
    "streets, postcodes, to the outline": {},
}  # fmt: skip
PORTO_ALEGRE: Mapping[str, Mapping[str, str]] = {
    "straight line × 1.3": {"streets": "line"},
    "streets": {},
}


def measure(folder: Path, changes: Mapping[str, str]) -> Measured:
    """Measure an exercise with some of its settings switched off."""
    path = folder / "provision.toml"
    whole = path.read_text("utf-8")
    text = whole
    if changes.get("streets") == "line":
        text = text.replace('travel_times = "streets"', 'travel_times = "straight_line"')
    if changes.get("homes") == "off":
        begin = text.index("[places.homes]")
        text = text[:begin] + text[text.index("[places.deprivation]") :]
    if changes.get("sites") == "off":
        text = text.replace('[services.sites]\nfile = "sites.geojson"\n', "")
    try:
        path.write_text(text, "utf-8")
        return pm.measure_exercise(pm.read_exercise(folder))
    finally:
        path.write_text(whole, "utf-8")


def reached(measured: Measured) -> pd.Series[float]:
    """Share of everyone reached, by element."""
    rows = measured.coverage[measured.coverage["community_id"] == "everyone"]
    weighted = rows.assign(reached=rows["reached"] * rows["children"])
    sums = weighted.groupby("element_id", observed=True)[["reached", "children"]].sum()
    return sums["reached"] / sums["children"]


def of_parts(measured: Measured, element_id: str) -> pd.Series[float]:
    """Share of children who reach each type of space, by its own distance."""
    rows = measured.parts[measured.parts["element_id"] == element_id]
    weighted = rows.assign(reached=rows["reached"] * rows["children"])
    sums = weighted.groupby("part", observed=True)[["reached", "children"]].sum()
    return sums["reached"] / sums["children"]


def table(rows: Mapping[str, pd.Series[float]], headings: Mapping[str, str]) -> list[str]:
    """Lay shares out as a table of per cents."""
    lines = ["| | " + " | ".join(headings.values()) + " |", "|---|" + "---:|" * len(headings)]
    lines += [
        f"| {name} | " + " | ".join(f"{100 * shares[key]:.0f} %" for key in headings) + " |"
        for name, shares in rows.items()
    ]
    return lines


def describe_roads(file: Path) -> str:
    """Say how large the network is."""
    roads = gpd.read_file(file).to_crs("EPSG:27700")
    return f"{len(roads):,} lines, {roads.length.sum() / 1000:,.0f} km"


def main() -> None:
    """Measure every variant and write the page."""
    with tempfile.TemporaryDirectory() as scratch:
        bath = copy_settings("real_bath", SHARED, Path(scratch) / "bath")
        derive_bath(SHARED, bath)
        found = {name: measure(bath, changes) for name, changes in BATH.items()}
        porto = copy_settings("real_porto_alegre", SHARED, Path(scratch) / "porto_alegre")
        derive_porto_alegre(SHARED, porto)
        grid = {name: measure(porto, changes) for name, changes in PORTO_ALEGRE.items()}
    streets = found["streets, postcodes, to the outline"]
    schools = {name: reached(m) for name, m in found.items() if "middle" in name}
    lines = [
        "# Real places: what streets, postcodes and outlines change",
        "",
        "Written by `python benchmarks/real_places.py` from the real public data that stands beside the",
        "project. What a site or a school gives is assumed (see `tests/real_bath/`, `tests/real_data.py`);",
        "the roads, postcodes, outlines, children and positions are real.",
        "",
        "## Bath and North East Somerset",
        "",
        f"115 LSOAs, {len(streets.inputs.homes):,} postcodes, OS roads ({describe_roads(SHARED / 'bath/banes_os_roads.geojson')}),",
        "143 play spaces for children and 49 for youth with their outlines. Children of 5 to 13, reached",
        "whatever the quality: LAP within 100 m, LEAP 400 m, NEAP 1,000 m; any one type is the floor, two the",
        "standard, three the stretch.",
        "",
        *table(
            {name: of_parts(m, "C05") for name, m in found.items()},
            {"LAP": "LAP", "LEAP": "LEAP", "NEAP": "NEAP", "need": "floor", "standard": "standard", "stretch": "stretch"},
        ),
        "",
        "A school within 1,600 m (C10, C09) or 3,200 m (Y11), reached:",
        "",
        *table(schools, {"C09": "C09", "C10": "C10", "Y10": "Y10", "Y11": "Y11"}),
        "",
        f"Ways of 200 to 1,600 m in a straight line are {streets.ways.travel.detour:g} times as long along the roads (median; the",
        "old rule of 0.6 is 1.67, the default is 1.3). The file has roads and no footpaths, which makes short",
        "detours look longer than they are.",
        "",
        "What the run says of the network:",
        "",
        *(f"- {note}" for note in streets.notes),
        "",
        "## Porto Alegre",
        "",
        f"{len(grid['streets'].inputs.places):,} cells of a grid with {grid['streets'].inputs.ages['children'].sum():,.0f} people, an OpenStreetMap extract, schools within",
        "800 m (with a capacity assumed) and health care within 1,600 m.",
        "",
        *table({name: reached(m) for name, m in grid.items()}, {"S": "a school", "H": "health care"}),
        "",
        f"Ways are {grid['streets'].ways.travel.detour:g} times as long as the straight line (median).",
        "",
    ]  # fmt: skip
    (ROOT / "docs/real-places.md").write_text("\n".join(lines), "utf-8")
    print("\n".join(lines))


if __name__ == "__main__":
    main()

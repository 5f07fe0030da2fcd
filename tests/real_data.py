"""Exercise folders made from the real public data that stands beside the repository."""

from __future__ import annotations

import csv
import json
import shutil
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

TESTS = Path(__file__).parent


def copy_settings(name: str, shared_data: Path, target: Path) -> Path:
    """Copy an exercise's own files, with the path of the shared data filled in."""
    shutil.copytree(TESTS / name, target)
    settings = target / "provision.toml"
    text = settings.read_text(encoding="utf-8").replace("SHARED", shared_data.as_posix())
    settings.write_text(text, encoding="utf-8")
    return target


def derive_gloucester_neighbourhoods(shared_data: Path, target: Path) -> None:
    """Write the wards of 2008 to 2016 as dated neighbourhoods; no LSOA lies in two of them."""
    wards = json.loads(
        (shared_data / "boundaries/gloucester_wards_2013.geojson").read_text(encoding="utf-8")
    )
    names = {
        ward["properties"]["WD13CD"]: ward["properties"]["WD13NM"] for ward in wards["features"]
    }
    lookup = shared_data / "lookups/gloucestershire_oa11_lsoa11_msoa11_lad_ward13.csv"
    with lookup.open(encoding="utf-8", newline="") as file:
        pairs = {
            row["lsoa11_code"]: row["ward13_code"]
            for row in csv.DictReader(file)
            if row["ward13_code"] in names
        }
    with target.open("w", encoding="utf-8", newline="") as file:
        out = csv.writer(file, lineterminator="\n")
        out.writerow(["place_id", "neighbourhood_id", "neighbourhood", "valid_from", "valid_to"])
        for place, ward in sorted(pairs.items()):
            out.writerow([place, ward, names[ward], "2008-05-01", "2016-05-04"])


#: ASSUMPTION OF THE TEST, by the smallest activity zones of NPFA: 0.01, 0.04 and 0.1 ha.
_ZONES = {"LAP": 100.0, "LEAP": 400.0, "NEAP": 1000.0}


def derive_bath(shared_data: Path, folder: Path) -> None:
    """Write the play spaces as services with their outlines; what a site gives is assumed."""
    frames = []
    for kind, element in (("children", "C05"), ("youth", "Y05")):
        spaces = gpd.read_file(shared_data / f"bath/banes_playspace_{kind}.geojson")
        spaces = spaces.to_crs("EPSG:27700")
        area = spaces.area.to_numpy()
        types = [
            "MUGA" if kind == "youth" else ([t for t, least in _ZONES.items() if a >= least] or ["LAP"])[-1]
            for a in area
        ]  # fmt: skip
        ids = [f"{kind}-{n:03d}" for n in range(len(spaces))]
        spaces = spaces.assign(service_id=ids, elements=element, space_types=types)
        frames.append(spaces[["service_id", "elements", "space_types", "geometry"]])
    sites = gpd.GeoDataFrame(pd.concat(frames, ignore_index=True), crs="EPSG:27700")
    sites[["service_id", "geometry"]].to_file(folder / "sites.geojson", driver="GeoJSON")
    middle = sites.geometry.representative_point()
    services = pd.DataFrame(
        {
            "service_id": sites["service_id"],
            "name": "Play space " + sites["service_id"],
            "organisation_id": "parks",
            "elements": sites["elements"],
            "easting": middle.x.round(1),
            "northing": middle.y.round(1),
            "minimum_age": 0,
            "maximum_age": 19,
            "open_to": "everyone",
            "space_types": sites["space_types"],
            "assured_date": "2025-05-24",
        }
    )
    services.to_csv(folder / "services.csv", index=False, lineterminator="\n")


def derive_porto_alegre(shared_data: Path, folder: Path) -> None:
    """Write the grid as places, its people as children of 10, its schools and clinics as services."""
    grid = pd.read_csv(shared_data / "network/porto_alegre/poa_hexgrid.csv")
    grid = grid.fillna({"population": 0, "schools": 0, "healthcare": 0})
    points = gpd.GeoSeries.from_xy(grid["lon"], grid["lat"], crs="EPSG:4326").to_crs("EPSG:31982")
    # The hexagons themselves are not in the data: what is nearest to each centre, at most 210 m off.
    cells = points.voronoi_polygons()
    order = gpd.sjoin(points.to_frame("geometry"), cells.to_frame("geometry")).sort_index()
    shapes = shapely.intersection(
        cells.to_numpy()[order["index_right"].to_numpy()], points.buffer(210).to_numpy()
    )
    places = gpd.GeoDataFrame({"id": grid["id"]}, geometry=shapes, crs="EPSG:31982")
    lived_in = (grid["population"] > 0).to_numpy()
    places[lived_in].to_file(folder / "places.geojson", driver="GeoJSON")
    x, y = points.x.to_numpy().round(1), points.y.to_numpy().round(1)
    people = pd.DataFrame(
        {"id": grid["id"], "easting": x, "northing": y, "age_10": grid["population"].astype(int)}
    )[lived_in]
    people.to_csv(folder / "people.csv", index=False, lineterminator="\n")
    rows = [
        {
            "service_id": f"{element}-{grid['id'][n]}",
            "name": f"{column} at {grid['id'][n]}",
            "organisation_id": "city",
            "elements": element,
            "easting": x[n],
            "northing": y[n],
            "minimum_age": 0,
            "maximum_age": 99,
            "capacity": places_each * int(grid[column][n]) if places_each else "",
            "open_to": "everyone",
            "assured_date": "2019-07-31",
        }
        for column, element, places_each in (("schools", "S", 300), ("healthcare", "H", 0))
        for n in np.flatnonzero(grid[column] > 0)
    ]
    pd.DataFrame(rows).to_csv(folder / "services.csv", index=False, lineterminator="\n")

"""What goes out in others' standards is what is in the exercise: read back, and held to the standard."""

from __future__ import annotations

import csv
import datetime as dt
import json
import shutil
import sqlite3
import subprocess
from itertools import pairwise
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from provision_map import tables
from provision_map.errors import DataError, UsageError
from provision_map.exercise import export as exporting
from provision_map.exercise import read_exercise, run_exercise
from provision_map.exercise.export import FORMATS, export_exercise
from provision_map.reports.export_csv import GIVEN_TABLES, write_table
from provision_map.schema import Table
from tiny_exercise import (
    TERM_DATES,
    add_file,
    add_settings,
    append_row,
    replace_text,
    set_cell,
    write_tiny_exercise,
)

#: What a FeatureCollection may not have.
ALIEN = ("crs", "coordinates", "geometries", "geometry", "properties")
LAYERS = ("places", "services", "coverage", "week", "accessibility", "gaps")
PARTICIPATION = """\
service_id,first_day,last_day,minimum_age,maximum_age,community,children
S1,2020-01-01,2020-06-30,13,19,bangladeshi,31337
"""


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of an exercise with all kinds of cells, run and exported."""
    folder = write_tiny_exercise(tmp_path_factory.mktemp("out") / "tiny")
    services = folder / "data/services/services.csv"
    # Every way in which a number can be missing, a position in degrees, and hostile text.
    set_cell(services, 2, "capacity", "tbd")
    set_cell(services, 3, "cost", "withheld")
    set_cell(services, 4, "capacity", "")
    set_cell(services, 2, "name", '=HYPERLINK("x";"y")')
    set_cell(services, 3, "name", 'Näh-Café, "Junior"; <b>\nline two')
    set_cell(services, 6, "easting", "")
    set_cell(services, 6, "northing", "")
    set_cell(services, 6, "longitude", "-2.2123")
    set_cell(services, 6, "latitude", "51.8555")
    append_row(folder / "data/services/sessions.csv", service_id="S2", weekday="Friday", start="18:00", end="24:00", period="term")  # fmt: skip
    add_file(folder, "data/terms.csv", TERM_DATES)
    add_file(folder, "data/participation.csv", PARTICIPATION)
    add_settings(folder, "services", term_dates="data/terms.csv", participation="data/participation.csv")  # fmt: skip
    run_exercise(folder)
    export_exercise(folder)
    return folder


@pytest.fixture(scope="module")
def geojson(exported: Path) -> dict[str, dict[str, Any]]:
    """Return the written GeoJSON by layer."""
    return {
        name: json.loads((exported / f"export/geojson/{name}.geojson").read_text(encoding="utf-8"))
        for name in LAYERS
    }


# --- the standards -----------------------------------------------------------------------------


def find_faults(collection: dict[str, Any]) -> list[str]:
    """Hold a FeatureCollection against RFC 7946, by its own words; return what it breaks."""
    features = collection.get("features")
    if collection.get("type") != "FeatureCollection" or not isinstance(features, list):
        return ["no FeatureCollection"]
    # 4: there is no crs member. 7.1: members of one kind of object are not used in another.
    faults = [f"member {name}" for name in ALIEN if name in collection]
    faults += _find_wrong_box(collection.get("bbox"), features)
    for feature in features:
        if feature.get("type") != "Feature" or not {"geometry", "properties"} <= set(feature):
            faults.append("no Feature")
        elif "features" in feature or "crs" in feature:
            faults.append("a member of something else")
        elif feature["geometry"] is not None:
            faults += _find_wrong_shape(feature["geometry"])
        faults += _find_wrong_box(feature.get("bbox"), [feature])
    return faults


def _find_wrong_shape(geometry: dict[str, Any]) -> list[str]:
    faults = []
    inside = geometry["coordinates"]
    polygons = {"Point": [], "Polygon": [inside], "MultiPolygon": inside}[geometry["type"]]
    for rings in polygons:
        for i, ring in enumerate(rings):
            if len(ring) < 4 or ring[0] != ring[-1]:
                faults.append("ring not closed")
            # 3.1.6: exterior rings are counterclockwise, and interior rings are clockwise.
            if (_area(ring) > 0) != (i == 0):
                faults.append("winding")
    for position in _positions(inside):
        if len(position) not in (2, 3) or abs(position[0]) > 180 or abs(position[1]) > 90:
            faults.append(f"no longitude and latitude: {position}")
        if any(round(value, 7) != value for value in position):
            faults.append(f"more than 7 decimals: {position}")
    return faults


def _find_wrong_box(box: list[float] | None, features: list[dict[str, Any]]) -> list[str]:
    shapes = [f["geometry"] for f in features if f.get("geometry")]
    points = [p for shape in shapes for p in _positions(shape["coordinates"])]
    if not points:
        return [] if box is None else ["a box of nothing"]
    xs, ys = [p[0] for p in points], [p[1] for p in points]
    right = [min(xs), min(ys), max(xs), max(ys)]
    return [] if box is not None and np.allclose(box, right, atol=1e-9) else [f"bbox {box}"]


def _area(ring: list[list[float]]) -> float:
    return sum(a[0] * b[1] - b[0] * a[1] for a, b in pairwise(ring)) / 2


def _positions(coordinates: Any) -> list[list[float]]:
    if coordinates and isinstance(coordinates[0], (int, float)):
        return [coordinates]
    return [p for part in coordinates for p in _positions(part)]


@pytest.mark.parametrize("layer", LAYERS)
def test_geojson_keeps_rfc_7946(geojson: dict[str, dict[str, Any]], layer: str) -> None:
    assert geojson[layer]["features"]
    assert find_faults(geojson[layer]) == []


def test_the_checker_finds_what_it_is_for(geojson: dict[str, dict[str, Any]]) -> None:
    sound = json.dumps(geojson["places"])

    def spoil(change: Any) -> list[str]:
        spoilt = json.loads(sound)
        change(spoilt)
        return find_faults(spoilt)

    def ring(c: dict[str, Any]) -> list[list[float]]:
        return c["features"][0]["geometry"]["coordinates"][0][0]

    assert spoil(lambda c: ring(c).reverse())
    assert spoil(lambda c: ring(c).pop())
    assert spoil(lambda c: c.update(crs={}))
    assert spoil(lambda c: c.pop("bbox"))
    assert spoil(lambda c: c["features"][1].pop("bbox"))
    assert spoil(lambda c: ring(c).__setitem__(1, [383000.0, 217000.0]))
    assert spoil(lambda c: ring(c).__setitem__(1, [-2.123456789, 51.5]))


def test_another_reader_finds_the_places_where_they_are(exported: Path) -> None:
    ogrinfo = shutil.which("ogrinfo")
    if ogrinfo is None:
        pytest.skip("ogrinfo (gdal-bin) is not installed")
    path = exported / "export/geojson/places.geojson"
    said = subprocess.run([ogrinfo, "-al", "-so", path], capture_output=True, text=True, check=True)
    assert "Feature Count: 3" in said.stdout
    assert "WGS 84" in said.stdout
    package = exported / "export/provision.gpkg"
    said = subprocess.run([ogrinfo, "-al", "-so", package], capture_output=True, text=True, check=True)  # fmt: skip
    for layer in (*LAYERS, "about", "sources"):
        assert f"Layer name: {layer}" in said.stdout


def test_positions_in_degrees_come_out_as_they_went_in(geojson: dict[str, dict[str, Any]]) -> None:
    found = {f["properties"]["service_id"]: f["geometry"] for f in geojson["services"]["features"]}
    # Into the grid and back: to a millimetre or so.
    assert found["S5"]["coordinates"] == pytest.approx([-2.2123, 51.8555], abs=2e-7)
    assert found["S4"] is None


@pytest.mark.parametrize("layer", LAYERS)
def test_geoparquet_says_what_it_is(exported: Path, layer: str) -> None:
    path = exported / f"export/geoparquet/{layer}.parquet"
    metadata = pq.read_metadata(path).metadata
    geo = json.loads(metadata[b"geo"])
    assert geo["version"] == "1.1.0"
    assert geo["primary_column"] == "geometry"
    column = geo["columns"]["geometry"]
    assert column["encoding"] == "WKB"
    assert column["crs"]["id"] == {"authority": "EPSG", "code": 27700}
    assert column["covering"]["bbox"]["xmin"] == ["bbox", "xmin"]
    west, south, east, north = column["bbox"]
    assert 383_000 <= west < east <= 386_000
    assert 217_000 <= south <= north <= 218_000
    own = json.loads(metadata[b"provision_map"])
    assert own["title"] == "Tiny exercise"
    assert own["data_status"] == "illustrative services"


# --- what is read back is what was written --------------------------------------------------------


def _plain(frame: pd.DataFrame) -> list[dict[str, Any]]:
    frame = pd.DataFrame(frame.drop(columns=["geometry", "bbox"], errors="ignore"))
    return [
        {k: None if isinstance(v, float) and np.isnan(v) else v for k, v in row.items()}
        for row in frame.astype(object).where(frame.notna(), None).to_dict("records")
    ]


@pytest.mark.parametrize("layer", LAYERS)
def test_layers_are_equal_in_all_formats(
    exported: Path, geojson: dict[str, dict[str, Any]], layer: str
) -> None:
    package = gpd.read_file(exported / "export/provision.gpkg", layer=layer)
    parquet = gpd.read_parquet(exported / f"export/geoparquet/{layer}.parquet")
    features = geojson[layer]["features"]
    assert len(parquet) > 0
    assert _plain(parquet) == _plain(package) == [f["properties"] for f in features]
    assert list(parquet.geometry.isna()) == list(package.geometry.isna())
    there = parquet.geometry.notna().to_numpy()
    assert [f["geometry"] is not None for f in features] == list(there)
    # A single outline in one is a collection of one in the other.
    ours, theirs = parquet.geometry[there].normalize(), package.geometry[there].normalize()
    assert shapely.area(shapely.symmetric_difference(ours.values, theirs.values)).max() == 0.0
    assert shapely.hausdorff_distance(ours.values, theirs.values).max() == 0.0
    shapes = [shapely.geometry.shape(f["geometry"]) for f in features if f["geometry"]]
    moved = gpd.GeoSeries(shapes, crs="EPSG:4326").to_crs("EPSG:27700")
    assert shapely.hausdorff_distance(ours.values, moved.values).max() < 0.02


def test_the_layers_are_those_of_the_run(exported: Path) -> None:
    for layer in LAYERS:
        run = gpd.read_file(exported / "maps/gaps.gpkg", layer=layer)
        ours = gpd.read_file(exported / "export/provision.gpkg", layer=layer)
        more = [name for name in ours if name not in run]
        assert all(name == "children" or name.startswith("age_") for name in more)
        assert bool(more) == (layer == "places")
        assert _plain(ours[list(run)]) == _plain(run)


def test_csv_tables_are_read_again_as_they_were(exported: Path, tmp_path: Path) -> None:
    """An exercise whose tables are replaced by the exported ones has the same inputs."""
    again = tmp_path / "again"
    shutil.copytree(exported, again, ignore=shutil.ignore_patterns("export", "maps", "*.sqlite"))
    for table in GIVEN_TABLES:
        name = "data/terms.csv" if table.name == "term_dates" else f"data/services/{table.name}.csv"
        (again / name).write_bytes((exported / f"export/csv/{table.name}.csv").read_bytes())
    before, after = read_exercise(exported), read_exercise(again)
    for table in GIVEN_TABLES:
        old, new = getattr(before, table.name).copy(), getattr(after, table.name).copy()
        assert len(old) > 0, table.name
        if table is tables.SERVICES:
            # The guard against formulas stays; a position in degrees is now one in metres too.
            assert new["name"].iloc[0] == f"'{old['name'].iloc[0]}"
            new["name"] = old["name"]
            for column in ("easting_said", "northing_said"):
                assert (old[column].iloc[4], new[column].iloc[4]) == ("blank", "given")
                new[column] = old[column]
        pd.testing.assert_frame_equal(old, new, check_exact=True)


def test_the_words_for_numbers_stay_apart(exported: Path) -> None:
    with (exported / "export/csv/services.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = {row["service_id"]: row for row in csv.DictReader(file)}
    assert [rows[code]["capacity"] for code in ("S1", "S2", "S3", "S5")] == [
        "tbd",
        "none",
        "",
        "40",
    ]
    assert [rows[code]["cost"] for code in ("S1", "S2", "S3")] == ["0", "withheld", "none"]
    assert rows["S1"]["name"].startswith("'=")


def _cells(table: Table) -> st.SearchStrategy[dict[str, str]]:
    text = st.text(st.characters(exclude_categories=("Cc", "Cs")), max_size=8).map(str.strip)
    kinds = {
        "text": text,
        "list": st.lists(st.sampled_from(["a", "b c", "é"]), max_size=2).map(";".join),
        "number": st.sampled_from(
            ["", "tbd", "withheld", "0", "0.1", "1e-7", "12345678.123456789"]
        ),
        "integer": st.sampled_from(["", "tbd", "withheld", "0", "7", "25"]),
        "date": st.dates(dt.date(1900, 1, 1), dt.date(2100, 1, 1)).map(str),
        "time": st.sampled_from(["", "00:00", "9:05", "24:00"]),
        "yes_no": st.sampled_from(["yes", "no", ""]),
    }
    return st.fixed_dictionaries(
        {
            c.name: (
                st.sampled_from(["", *c.values])
                if c.values and c.kind != "list"
                else st.just("")
                if c.values
                else st.just("none") | kinds[c.kind]
                if c.none_means is not None
                else kinds[c.kind]
            )
            for c in table.columns
        }
    )


@pytest.mark.parametrize("table", GIVEN_TABLES, ids=lambda table: table.name)
@settings(max_examples=25, deadline=None)
@given(data=st.data())
def test_any_table_is_read_again_as_it_was(
    table: Table, data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    rows = data.draw(st.lists(_cells(table), min_size=1, max_size=4))
    typed, _, _ = table.validate(pd.DataFrame(rows, dtype=object), file="a.csv")
    path = tmp_path_factory.mktemp("csv") / "a.csv"
    write_table(typed, table, path, status="")
    read = pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8-sig")
    for column in read:
        # What a person reading it has to do away with: the guard, and nothing else.
        read[column] = [t[1:] if t[:1] == "'" and t[1:2] in tuple("=+-@＝＋－＠") else t for t in read[column]]  # fmt: skip
    again, _, _ = table.validate(read.drop(columns="data_status"), file="a.csv")
    pd.testing.assert_frame_equal(typed, again, check_exact=True)


def test_people_are_in_the_form_that_is_read(exported: Path, tmp_path: Path) -> None:
    again = tmp_path / "again"
    shutil.copytree(exported, again, ignore=shutil.ignore_patterns("export", "maps", "*.sqlite"))
    (again / "data/people/ages.csv").write_bytes((exported / "export/csv/people.csv").read_bytes())
    replace_text(again / "provision.toml", 'file = "data/people/ages.csv"\nid = "code"', 'file = "data/people/ages.csv"\nid = "place_id"')  # fmt: skip
    pd.testing.assert_frame_equal(read_exercise(exported).ages, read_exercise(again).ages)


def test_every_column_is_described(exported: Path) -> None:
    folder = exported / "export/csv"

    def read(name: str) -> list[dict[str, str]]:
        with (folder / name).open(encoding="utf-8-sig", newline="") as file:
            return list(csv.DictReader(file))

    described = {(row["file"], row["column"]): row["meaning"] for row in read("columns.csv")}
    for path in folder.glob("*.csv"):
        if path.name in ("columns.csv", "sources.csv"):
            continue
        with path.open(encoding="utf-8-sig", newline="") as file:
            headings = next(csv.reader(file))
        assert headings[-1] == "data_status"
        for heading in headings[:-1]:
            assert described[path.name, heading], (path.name, heading)


# --- what every export says, and what none says -------------------------------------------------------


def _texts(exported: Path) -> dict[str, str]:
    """Return each exported file as text, whatever its form."""
    out = {}
    for path in sorted((exported / "export").rglob("*")):
        if path.suffix == ".gpkg":
            with sqlite3.connect(path) as base:
                out[path.name] = "\n".join(base.iterdump())
            base.close()
        elif path.suffix == ".parquet":
            table = pq.read_table(path)
            out[path.name] = f"{table.drop_columns(['geometry', 'bbox']).to_pydict()} {table.schema.metadata}"  # fmt: skip
        elif path.is_file():
            out[str(path.relative_to(exported))] = path.read_text(encoding="utf-8")
    return out


def test_every_file_carries_what_it_is(exported: Path) -> None:
    texts = _texts(exported)
    assert len(texts) > 20
    empty_allowed = {"export/hsds-uk/sources.csv"}
    for name, text in texts.items():
        if name not in empty_allowed:
            assert "illustrative services" in text, name
    for name, text in texts.items():
        if name.endswith((".gpkg", ".parquet", ".geojson", "sources.csv", "services.json")):
            assert "Tiny exercise" in text
            assert "2020-11-30" in text
            assert "made up for a test" in text
            assert "provision-map" in text


def test_participation_and_small_counts_are_in_none(exported: Path) -> None:
    inputs = read_exercise(exported)
    assert inputs.participation["children"].tolist() == [31337.0]
    for name, text in _texts(exported).items():
        # sources.csv names the file; what stands in it is nowhere.
        assert "31337" not in text, name
    groups = set(inputs.ethnic_groups["group_id"])
    assert len(groups) > 10
    for name in ("places", "coverage", "week", "accessibility"):
        frame = gpd.read_parquet(exported / f"export/geoparquet/{name}.parquet")
        assert not groups & {str(c) for c in frame.columns}
        assert not [c for c in frame if "community" in c]
    people = (exported / "export/csv/people.csv").read_text(encoding="utf-8-sig")
    assert not [group for group in groups if group in people]


def test_gaps_say_no_more_than_the_register(exported: Path) -> None:
    run = (exported / "maps/gap-register.csv").read_bytes()
    assert (exported / "export/csv/gaps.csv").read_bytes() == run


# --- how it is written --------------------------------------------------------------------------------


def test_the_same_exercise_gives_the_same_bytes(exported: Path, tmp_path: Path) -> None:
    first = export_exercise(exported, to=tmp_path / "one")
    second = export_exercise(exported, to=tmp_path / "two")
    assert [p.name for p in first.files] == [p.name for p in second.files]
    for one, two in zip(first.files, second.files, strict=True):
        assert one.read_bytes() == two.read_bytes(), one.name


def test_nothing_half_written(
    exported: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "out"
    export_exercise(exported, ["csv"], to=target)
    before = {p: p.read_bytes() for p in target.rglob("*") if p.is_file()}
    replace_in = exporting._WRITERS["geojson"]

    def fail(given: Any) -> Any:
        *others, last = replace_in(given).items()

        def full(path: Path) -> None:
            path.write_text("{")
            raise OSError(28, "No space left on device")

        return {**dict(others), last[0]: full}

    monkeypatch.setitem(exporting._WRITERS, "geojson", fail)
    with pytest.raises(DataError, match="No space left"):
        export_exercise(exported, ["csv", "geojson"], to=target)
    assert {p: p.read_bytes() for p in target.rglob("*") if p.is_file()} == before
    assert not [p for p in target.iterdir() if p.name.startswith(".")]


def test_only_what_is_asked_for(exported: Path, tmp_path: Path) -> None:
    export = export_exercise(exported, ["gpkg"], to=tmp_path / "out")
    assert [p.name for p in export.files] == ["provision.gpkg"]
    assert [p.name for p in (tmp_path / "out").iterdir()] == ["provision.gpkg"]
    with pytest.raises(UsageError, match="dxf"):
        export_exercise(exported, ["dxf"], to=tmp_path / "out")


def test_without_pyarrow(exported: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("provision_map.reports.geoparquet_file.can_write_geoparquet", lambda: False)
    with pytest.raises(UsageError, match=r"provision-map\[parquet\]"):
        export_exercise(exported, ["geoparquet"], to=tmp_path / "out")
    assert not (tmp_path / "out").exists()
    export = export_exercise(exported, to=tmp_path / "out")
    assert any("pyarrow" in line for line in export.lines)
    assert {p.suffix for p in export.files} == {".gpkg", ".geojson", ".csv", ".json"}


def test_an_exercise_that_was_not_run(tiny: Path) -> None:
    with pytest.raises(UsageError, match="provision-map run"):
        export_exercise(tiny)
    assert not (tiny / "export").exists()


def test_no_input_is_written_over(exported: Path, tmp_path: Path) -> None:
    tiny = Path(shutil.copytree(exported, tmp_path / "tiny"))
    shutil.move(tiny / "data/services", tiny / "data/csv")
    text = (tiny / "provision.toml").read_text(encoding="utf-8")
    (tiny / "provision.toml").write_text(text.replace("data/services/", "data/csv/"), encoding="utf-8")  # fmt: skip
    before = (tiny / "data/csv/services.csv").read_bytes()
    with pytest.raises(UsageError, match="--to"):
        export_exercise(tiny, ["csv"], to=tiny / "data")
    assert (tiny / "data/csv/services.csv").read_bytes() == before


def test_data_that_changed_since_the_run_is_told(exported: Path, tmp_path: Path) -> None:
    tiny = Path(shutil.copytree(exported, tmp_path / "tiny"))
    said = export_exercise(exported, ["csv"], to=tmp_path / "out").lines
    assert not any("data has changed" in line for line in said)
    set_cell(tiny / "data/services/services.csv", 2, "maximum_age", "18")
    before = (tiny / "register.sqlite").read_bytes()
    assert any("data has changed" in line for line in export_exercise(tiny, ["csv"]).lines)
    assert (tiny / "register.sqlite").read_bytes() == before


def test_an_empty_layer_is_still_a_layer(tmp_path: Path) -> None:
    from edition_sample import sample_edition
    from provision_map.reports.export_layers import describe_export, make_export_layers
    from provision_map.reports.geojson_file import write_geojson
    from provision_map.reports.geoparquet_file import write_geoparquet

    edition = sample_edition()
    about = describe_export(edition)
    for layer in make_export_layers(edition):
        none = type(layer)(layer.name, layer.frame.iloc[0:0], layer.geometry_type, layer.description)  # fmt: skip
        write_geojson(none, about, tmp_path / "a.geojson")
        read = json.loads((tmp_path / "a.geojson").read_text(encoding="utf-8"))
        assert read["features"] == []
        assert find_faults(read) == []
        write_geoparquet(none, about, tmp_path / "a.parquet")
        assert list(gpd.read_parquet(tmp_path / "a.parquet").columns)[-1] == "geometry"


def test_formats_are_named_once() -> None:
    from click.testing import CliRunner

    from provision_map.cli import commands

    said = CliRunner().invoke(commands, ["export", "--help"]).output
    for name in FORMATS:
        assert name in said

"""Files made to harm whoever reads them: they end as data errors, soon, and reach for nothing.

What is fetched would be seen by a server that stands ready; what is read besides, by its text.
"""

from __future__ import annotations

import csv
import http.server
import io
import json
import re
import sqlite3
import subprocess
import sys
import threading
import time
import zipfile
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import geopandas as gpd
import pandas as pd
import pyogrio
import pytest
import shapely
from click.testing import CliRunner

import fuzz_sources
import tiny_exercise as tiny
from fuzz_mutate import pack
from provision_map import tables
from provision_map.cli import commands
from provision_map.errors import DataError
from provision_map.read.feeds.reading import read_feeds
from provision_map.read.files import text, typed
from provision_map.read.files.bulk import open_bulk
from provision_map.read.files.closed_ogr import FORMATS, close_ogr
from provision_map.read.files.ogr import Shapes, read_shapes
from provision_map.read.files.text import InputFolder
from provision_map.read.findings import Findings
from provision_map.read.places.neighbourhoods import read_outlines
from provision_map.read.settings import FeedSettings, NeighbourhoodsSettings
from provision_map.read.toml import parse_toml
from provision_map.read.workbooks.file import open_workbook
from provision_map.read.workbooks.parts import BadWorkbookError
from workbook_files import make_workbook, sheet_xml, spoil

ELSEWHERE = "Of another file"
POINT = '{"type": "Feature", "properties": {"code": "A"}, "geometry": {"type": "Point", "coordinates": [1, 2]}}'  # fmt: skip
OGR = 'xmlns:ogr="http://ogr.maptools.org/" xmlns:gml="http://www.opengis.net/gml" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'  # fmt: skip


def soon(seconds: float, call: Callable[[], Any]) -> Any:
    """Return what a call returns, if it comes back soon enough."""
    started = time.monotonic()
    result = call()
    assert time.monotonic() - started < seconds
    return result


# ---------------------------------------------------------------- shapes that point elsewhere


class Asked(list[str]):
    """The addresses that a server was asked for, and its own."""

    address = ""


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> Iterator[Asked]:
    """Return what a server of this machine is asked for; a proxy is never to be gone round to it."""
    seen = Asked()

    class Handler(http.server.BaseHTTPRequestHandler):
        def answer(self) -> None:
            seen.append(self.path)
            self.send_response(404)
            self.end_headers()

        do_GET = do_HEAD = do_POST = answer  # noqa: N815 - the library calls them so

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    monkeypatch.setenv("no_proxy", "*")
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        seen.address = f"http://127.0.0.1:{server.server_port}"
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield seen
        server.shutdown()


def zipped(name: str, content: str) -> bytes:
    """Return a zip whose content cannot be seen from outside."""
    return pack({name: content.encode() + b" " * 1_000}, method=zipfile.ZIP_DEFLATED)


def make_gml(*, address: str = "", entity: str = "", kind: str = "ogr", value: str = "A") -> str:
    """Return a point as GML, whose schema, shape and system stand at an address."""
    doctype = f"<!DOCTYPE a [{entity}]>" if entity else ""
    schema = f'xsi:schemaLocation="http://ogr.maptools.org/ {address}/wfs?SERVICE=WFS&amp;VERSION=1.1.0&amp;REQUEST=DescribeFeatureType&amp;TYPENAME=a"' if address else ""  # fmt: skip
    return (
        f'<?xml version="1.0"?>{doctype}<{kind}:FeatureCollection xmlns:wfs="http://www.opengis.net/wfs" {OGR} {schema}>'
        f'<gml:featureMember><ogr:a fid="a.1"><ogr:geometryProperty><gml:Point srsName="{address or "EPSG:27700"}">'
        f"<gml:pos>1 2</gml:pos></gml:Point></ogr:geometryProperty><ogr:code>{value}</ogr:code></ogr:a>"
        f"</gml:featureMember></{kind}:FeatureCollection>"
    )


def list_pointers(secret: Path, address: str) -> dict[str, str | bytes]:
    """Return files, by name, that point to another file or to an address."""
    vrt = f"<OGRVRTDataSource><OGRVRTLayer name='secret'><SrcDataSource>{secret}</SrcDataSource></OGRVRTLayer></OGRVRTDataSource>"
    pipeline = json.dumps({"type": "gdal_streamed_alg", "command_line": f"gdal vector pipeline ! read {secret}"})  # fmt: skip
    fetching = pipeline.replace(str(secret), f"{address}/a.geojson")

    def collection(crs: str) -> str:
        return f'{{"type": "FeatureCollection", "crs": {crs}, "features": [{POINT}]}}'

    kml = "<kml xmlns='http://www.opengis.net/kml/2.2'><Document><NetworkLink><Link><href>{0}/n.kml</href></Link></NetworkLink><Placemark><name>{1}</name><styleUrl>{0}/s.kml#s</styleUrl><Point><coordinates>1,2</coordinates></Point></Placemark></Document></kml>"
    entity = f'<!ENTITY x SYSTEM "file://{secret}"><!ENTITY y SYSTEM "{address}/e">'
    return {
        "virtual.csv": vrt,
        "padded.gml": f'<?xml version="1.0"?>{" " * 4_090}{vrt}',
        "virtual.zip": zipped("a.vrt", vrt),
        "pipeline.geojson": pipeline,
        "pipeline.gdalg.json": pipeline,
        "spaced.json": pipeline.replace(":", " :"),
        "escaped.gdalg.json": pipeline.replace("streamed_alg", "streamed\\u005falg"),
        "pipeline.zip": zipped("a.gdalg.json", pipeline),
        "fetching.zip": zipped("a.gdalg.json", fetching),
        "link.geojson": collection(f'{{"type": "link", "properties": {{"href": "{address}/crs"}}}}'),
        "url.geojson": collection(f'{{"type": "url", "properties": {{"url": "{address}/crs"}}}}'),
        "escaped.geojson": collection(f'{{"type": "l\\u0069nk", "properties": {{"href": "{address}/crs"}}}}'),
        "named.geojson": collection(f'{{"type": "name", "properties": {{"name": "{address}/crs"}}}}'),
        "process.moaw": json.dumps({"process": f"{address}/processes/x", "inputs": {}}),
        "schema.gml": make_gml(address=address, kind="wfs"),
        "entity.gml": make_gml(entity=entity, value="&x;&y;"),
        "links.kml": kml.format(address, "A"),
        "entity.kml": f"<!DOCTYPE a [{entity}]>" + kml.format(address, "&x;&y;"),
        "entity.gpx": f'<?xml version="1.0"?><!DOCTYPE a [{entity}]><gpx version="1.1" xmlns="http://www.topografix.com/GPX/1/1"><wpt lat="51" lon="-2"><name>&x;&y;</name></wpt></gpx>',
        "service.xml": f"<OGRWFSDataSource><URL>{address}</URL></OGRWFSDataSource>",
        "joined.tab": '!table\n!version 300\nDefinition Table\n  Type NATIVE\n  Fields 1\n    Table Char (254) ;\nbegin_metadata\n"\\IsSeamless" = "TRUE"\nend_metadata\n',
        "view.tab": f'!table\n!version 100\nopen table "{secret.with_suffix("")}"\ncreate view v as\nselect * from secret\n',
        "remote.geojson": f"/vsicurl/{address}/a.geojson",
    }  # fmt: skip


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    """Return a file of shapes that no exercise names."""
    path = tmp_path / "elsewhere/secret.geojson"
    path.parent.mkdir()
    path.write_text(f'{{"type": "FeatureCollection", "features": [{POINT}]}}'.replace('"A"', f'"{ELSEWHERE}"'), encoding="utf-8")  # fmt: skip
    return path


NAMES = tuple(list_pointers(Path("/x"), ""))


def test_the_traps_would_catch_a_reader_that_follows(secret: Path, asked: Asked, tmp_path: Path) -> None:  # fmt: skip
    """Without the doors shut OGR asks: else the tests below could not fail."""
    path = tmp_path / "link.geojson"
    path.write_text(str(list_pointers(secret, asked.address)["link.geojson"]), encoding="utf-8")
    pyogrio.read_dataframe(path)
    assert set(asked) == {"/crs"}
    (tmp_path / "a.zip").write_bytes(bytes(list_pointers(secret, asked.address)["pipeline.zip"]))
    # In a process of its own: here the formats may have been given up already.
    code = "import pyogrio; print(pyogrio.read_dataframe('a.zip').to_csv())"
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True)  # fmt: skip
    assert ELSEWHERE in done.stdout


@pytest.mark.parametrize("name", NAMES)
def test_shapes_reach_for_nothing(name: str, secret: Path, asked: Asked, tmp_path: Path) -> None:
    folder = tmp_path / "exercise"
    folder.mkdir()
    content = list_pointers(secret, asked.address)[name]
    (folder / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    findings = Findings()
    raw = read_shapes(InputFolder(folder, findings), Shapes(name, "places"))
    assert ELSEWHERE not in ("" if raw is None else raw.to_csv())
    assert not any(ELSEWHERE in str(problem) for problem in (*findings.problems, *findings.notes))
    assert asked == []
    # Nor is anything written beside it.
    assert [path.name for path in folder.iterdir()] == [name]
    if name.startswith(("virtual", "padded", "pipeline", "spaced", "process", "service", "joined", "view")):  # fmt: skip
        assert raw is None
        assert findings.problems


def test_a_database_reaches_for_nothing(secret: Path, tmp_path: Path) -> None:
    """Views, triggers and virtual tables of a GeoPackage open no file and load no program."""
    shape = gpd.GeoDataFrame({"code": ["A"]}, geometry=[shapely.Point(1, 2)], crs="EPSG:27700")
    traps = {
        "view": f"CREATE VIEW v AS SELECT *, ogr_datasource_load_layers('{secret}') AS b FROM base",  # noqa: S608
        "trigger": f"CREATE TRIGGER t AFTER UPDATE ON base BEGIN SELECT ogr_datasource_load_layers('{secret}'); END",
        "virtual": f"INSERT INTO sqlite_master VALUES ('table', 'v', 'v', 0, 'CREATE VIRTUAL TABLE v USING VirtualOGR(''{secret}'')')",  # noqa: S608
        "extension": "CREATE VIEW v AS SELECT *, load_extension('x') AS b FROM base",
    }
    for name, sql in traps.items():
        path = tmp_path / f"{name}.gpkg"
        shape.to_file(path, layer="base")
        with closing(sqlite3.connect(path)) as base:
            base.execute("PRAGMA writable_schema = 1")
            base.execute(sql)
            for table in ("gpkg_contents", "gpkg_geometry_columns"):
                columns = [row[1] for row in base.execute(f"PRAGMA table_info({table})")]
                said = ", ".join("'v'" if c in ("table_name", "identifier") else c for c in columns)
                if name != "trigger":
                    base.execute(f"INSERT INTO {table} SELECT {said} FROM {table} WHERE table_name = 'base'")  # noqa: S608 # fmt: skip
            base.commit()
        for layer in (None, "v"):
            findings = Findings()
            raw = read_shapes(InputFolder(tmp_path, findings), Shapes(path.name, "places", layer=layer))  # fmt: skip
            assert ELSEWHERE not in ("" if raw is None else raw.to_csv())
            assert raw is not None or findings.problems


def test_formats_that_point_elsewhere_are_given_up() -> None:
    with close_ogr():
        left = set(pyogrio.list_drivers())
        assert pyogrio.get_gdal_config_option("GML_DOWNLOAD_SCHEMA") == "NO"
    assert left <= FORMATS
    assert {"GPKG", "GeoJSON", "ESRI Shapefile", "FlatGeobuf", "GML", "KML"} <= left
    assert pyogrio.get_gdal_config_option("GDAL_HTTP_PROXY") is None
    assert pyogrio.get_gdal_config_option("GDAL_SKIP") is None


def test_gml_is_read_as_before_and_nothing_is_written_beside_it(tmp_path: Path) -> None:
    (tmp_path / "a.gml").write_text(make_gml(), encoding="utf-8")
    findings = Findings()
    raw = read_shapes(InputFolder(tmp_path, findings), Shapes("a.gml", "places"))
    assert raw["code"].tolist() == ["A"]
    assert raw.crs == "EPSG:27700"
    assert findings.notes == []
    assert [path.name for path in tmp_path.iterdir()] == ["a.gml"]


@pytest.mark.parametrize("kind", ["gml", "kml", "gpx"])
def test_entities_that_grow_are_not_unfolded(kind: str, tmp_path: Path) -> None:
    entities = '<!ENTITY a "aaaaaaaaaa">' + "".join(f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 10}">' for n in range(9))  # fmt: skip
    text_of = {
        "gml": make_gml(entity=entities, value="&j;"),
        "kml": f"<!DOCTYPE a [{entities}]><kml xmlns='http://www.opengis.net/kml/2.2'><Document><Placemark><name>&j;</name><Point><coordinates>1,2</coordinates></Point></Placemark></Document></kml>",
        "gpx": f'<!DOCTYPE a [{entities}]><gpx version="1.1" xmlns="http://www.topografix.com/GPX/1/1"><wpt lat="51" lon="-2"><name>&j;</name></wpt></gpx>',
    }
    (tmp_path / f"a.{kind}").write_text(text_of[kind], encoding="utf-8")
    findings = Findings()
    assert soon(5, lambda: read_shapes(InputFolder(tmp_path, findings), Shapes(f"a.{kind}", "places"))) is None  # fmt: skip
    assert findings.problems


def test_a_zip_of_shapes_that_grows_beyond_bounds_is_not_opened(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w", zipfile.ZIP_DEFLATED) as packed, packed.open("a.geojson", "w") as part:  # fmt: skip
        for _ in range(30):
            part.write(b" " * 1_000_000)
    findings = Findings()
    assert read_shapes(InputFolder(tmp_path, findings), Shapes("a.zip", "places", largest=10_000_000)) is None  # fmt: skip
    assert "unpacks to 30,000,000 bytes" in findings.problems[0].what


def test_columns_of_every_record_of_its_own_are_too_many(tmp_path: Path) -> None:
    records = ",".join(f'{{"type": "Feature", "properties": {{"k{n}": 1}}, "geometry": null}}' for n in range(11_000))  # fmt: skip
    (tmp_path / "a.geojson").write_text(f'{{"type": "FeatureCollection", "features": [{records}]}}', encoding="utf-8")  # fmt: skip
    findings = Findings()
    assert soon(10, lambda: read_shapes(InputFolder(tmp_path, findings), Shapes("a.geojson", "places"))) is None  # fmt: skip
    assert "11,000 columns" in findings.problems[0].what


def test_outlines_of_which_none_is_kept_are_no_outlines(tmp_path: Path) -> None:
    """Once this ended in a traceback: an empty choice was taken for a choice of columns."""
    shape = ({"code": "N1", "name": "Weston", "from": "2010-01-01", "to": "", "kind": "parish"}, "Polygon", [tiny.square(0)])  # fmt: skip
    (tmp_path / "a.geojson").write_text(json.dumps(tiny.shapes(shape)), encoding="utf-8")
    settings = NeighbourhoodsSettings("a.geojson", "code", "name", valid_from="from", valid_to="to", keep={"kind": ("ward",)})  # fmt: skip
    found = read_outlines(InputFolder(tmp_path, Findings()), settings, None, date=pd.Timestamp("2020-11-30").date())  # fmt: skip
    assert found.empty


# ---------------------------------------------------------------- tables


def read_csv(folder: Path, content: bytes) -> tuple[Any, Findings]:
    (folder / "a.csv").write_bytes(content)
    findings = Findings()
    return InputFolder(folder, findings).read_table("a.csv"), findings


def test_a_line_of_marks_does_not_take_the_square_of_its_length(tmp_path: Path) -> None:
    content = b"sep=," + b"\t" * 300_000 + b"x\na,b\n1,2\n"
    soon(5, lambda: read_csv(tmp_path, content))


@pytest.mark.parametrize("line", [b"a" * 20_000_000, b'"' + b"a" * 20_000_000, b"," * 5_000_000])
def test_a_table_of_one_line_is_told_soon(line: bytes, tmp_path: Path) -> None:
    frame, findings = soon(8, lambda: read_csv(tmp_path, line))
    assert frame is None
    assert findings.problems[0].row == 1


def test_a_table_is_read_as_far_as_memory_holds_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:  # fmt: skip
    monkeypatch.setattr(text, "MOST_CELLS", 60)
    frame, findings = read_csv(tmp_path, b"a,b\n" + b"1,2\n" * 50)
    assert len(frame) == 9
    assert findings.problems[0].row == 11
    assert "far too large" in findings.problems[0].what
    folder = InputFolder(tmp_path, findings)
    folder.read_table("a.csv")
    # What refers to a row that was not read is not to be blamed.
    assert folder.lost_cells("a.csv") is None


def test_a_table_of_ours_has_no_more_rows_than_any_has(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:  # fmt: skip
    monkeypatch.setattr(typed, "MOST_ROWS", 5)
    (tmp_path / "a.csv").write_text("service_id\n" + "x\n" * 6, encoding="utf-8")
    findings = Findings()
    assert typed.read_declared(InputFolder(tmp_path, findings), "a.csv", tables.SERVICES).empty
    assert [p.what for p in findings.problems] == ["The table has 6 rows; at most 5 are read."]


def test_travel_times_without_a_row_are_an_empty_table(tmp_path: Path) -> None:
    """Once this ended in a traceback: a file of headings alone, its end not even a line."""
    (tmp_path / "a.csv").write_bytes(b"from_id,to_id,other,minutes,metres")
    table = open_bulk(tmp_path / "a.csv", "a.csv", Findings())
    assert table is not None
    found = table.read(texts=["from_id", "to_id"], numbers=["minutes", "metres"])
    assert found.length == 0


def test_keys_of_many_parts_are_refused_before_they_are_read() -> None:
    problems: list[Any] = []
    data = b"# a.b\n[a]\n" + b".".join([b"a", b'"b c"', b"'d'"] * 60_000) + b" = 1"
    assert soon(3, lambda: parse_toml(data, file="a.toml", problems=problems)) is None
    assert problems[0].row == 3
    dots = b'a = "' + b"St. Mary's, St. John's. " * 200 + b'"\nb.c.d = 1.5'
    assert parse_toml(dots, file="a.toml", problems=[]) is not None


# ---------------------------------------------------------------- workbooks


def refuse(data: bytes) -> None:
    with pytest.raises(BadWorkbookError, match="more than 1,000,000 cells, texts and rows"):
        open_workbook(data)


def test_texts_without_number_are_refused_at_once() -> None:
    """1.4 million texts, varied enough to be no zip bomb, took six seconds."""
    texts = b"".join(b"<si><t>%06x</t></si>" % (n * 7_919 % 16_777_213) for n in range(1_400_000))
    data = spoil(make_workbook(), {"xl/sharedStrings.xml": b"<sst>" + texts + b"</sst>"})
    soon(3, lambda: refuse(data))


def test_cells_of_all_sheets_are_counted_together() -> None:
    row = '<row r="{0}">' + "".join(f'<c r="{chr(65 + n)}{{0}}"><v>{{0}}</v></c>' for n in range(26)) + "</row>"  # fmt: skip
    sheet = sheet_xml("".join(row.format(n) for n in range(1, 7_000)))
    data = spoil(make_workbook(), {f"xl/worksheets/sheet{n}.xml": sheet for n in (1, 2, 3)})
    soon(4, lambda: refuse(data))


def test_names_of_parts_do_not_take_the_square_of_their_length() -> None:
    parts: dict[str, bytes | None] = {"/media/" * 8_000 + f"\n{n}": b"" for n in range(10)}
    soon(4, lambda: open_workbook(spoil(make_workbook(), parts)))


# ---------------------------------------------------------------- feeds


ORGANISATIONS = "id,name\no1,Tinytown Council\no2,\no3,Lonely\n"
SERVICES = "id,organization_id,name,status\ns1,o1,Club,active\ns2,o2,Play,active\n"


def read_feed(folder: Path, name: str = "feed") -> tuple[Any, Findings]:
    findings = Findings()
    (origin,) = read_feeds(InputFolder(folder, findings), (FeedSettings(name),))
    return origin, findings


def test_what_is_wrong_with_an_organisation_is_told_where_it_stands(tmp_path: Path) -> None:
    (tmp_path / "feed").mkdir()
    (tmp_path / "feed/organizations.csv").write_text(ORGANISATIONS, encoding="utf-8")
    (tmp_path / "feed/services.csv").write_text(SERVICES, encoding="utf-8")
    origin, findings = read_feed(tmp_path)
    named = [(p.file, p.row, p.column) for p in findings.problems if "empty" in p.what]
    assert named == [("feed/organizations.csv", 3, "name")]
    sectors = [(p.file, p.row) for p in findings.problems if "sector" in p.what]
    assert sectors == [("feed/organizations.csv", row) for row in (2, 3, 4)]
    frame = origin.frames["organisations"]
    assert frame["_row"].tolist() == [2, 3, 4]
    assert set(frame["_file"]) == {"feed/organizations.csv"}


@pytest.mark.parametrize("path", ["../../secret.csv", "/etc/passwd", "http://127.0.0.1:9/services.csv", "C:\\x.csv"])  # fmt: skip
def test_paths_in_a_package_are_not_followed(path: str, tmp_path: Path) -> None:
    (tmp_path / "secret.csv").write_text(f"id,organization_id,name\ns1,o1,{ELSEWHERE}\n", encoding="utf-8")  # fmt: skip
    described = json.dumps({"resources": [{"name": "service", "path": path}]})
    parts = {"datapackage.json": described.encode(), "organizations.csv": ORGANISATIONS.encode()}
    (tmp_path / "feed").mkdir()
    for name, content in parts.items():
        (tmp_path / "feed" / name).write_bytes(content)
    (tmp_path / "feed.zip").write_bytes(pack({**parts, "../../services.csv.txt": b"x"}))
    for feed in ("feed", "feed.zip"):
        origin, findings = read_feed(tmp_path, feed)
        assert not origin.whole
        assert ELSEWHERE not in str([*findings.problems, *findings.notes, origin])
    assert sorted(p.name for p in tmp_path.iterdir()) == ["feed", "feed.zip", "secret.csv"]


@pytest.mark.parametrize("name", ["services.csv", "page_1.json"])
def test_links_that_lead_out_of_a_feed_are_not_followed(name: str, tmp_path: Path) -> None:
    outside = tmp_path / name
    outside.write_text(SERVICES if name.endswith("csv") else json.dumps([{"id": "s1", "name": ELSEWHERE}]), encoding="utf-8")  # fmt: skip
    folder = tmp_path / "exercise/feed"
    folder.mkdir(parents=True)
    try:
        (folder / name).symlink_to(outside)
    except OSError:
        pytest.skip("links cannot be made here")
    (folder / "datapackage.json").write_text("{}", encoding="utf-8")
    if name.endswith("json"):
        (folder / "datapackage.json").unlink()
    origin, findings = read_feed(folder.parent)
    assert not origin.whole
    assert ELSEWHERE not in str(findings)
    assert any("links that lead out of the folder" in note.what for note in findings.notes)


@pytest.mark.parametrize("start", ["[", '{"contents":', '{"contents": [{"id": "a", "name": '])
def test_depth_is_told_as_such(start: str, tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text(start + "[" * 100_000 + "]" * 100_000, encoding="utf-8")
    _, findings = soon(5, lambda: read_feed(tmp_path, "a.json"))
    assert "nested far too deeply" in findings.problems[0].what


def overlap(parts: int, inner: bytes) -> bytes:
    """Return a zip in which all parts are one and the same piece of the file."""
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("services.csv", inner)
        first = packed.infolist()[0]
        for n in range(1, parts):
            again = zipfile.ZipInfo(f"s{n}.csv")
            for name in ("header_offset", "CRC", "compress_size", "file_size", "compress_type"):
                setattr(again, name, getattr(first, name))
            packed.filelist.append(again)
    return held.getvalue()


def test_parts_that_overlap_are_no_way_round_the_bounds(tmp_path: Path) -> None:
    (tmp_path / "a.zip").write_bytes(overlap(400, b"id,name\n" + b" " * 3_000_000))
    _, findings = soon(3, lambda: read_feed(tmp_path, "a.zip"))
    assert "which no package has" in findings.problems[0].what


# ---------------------------------------------------------------- what is written and printed

#: What a spreadsheet, a terminal or a browser would run.
RUN = ("=1+1", "=cmd|' /C calc'!A0", "+1+1", "-1+1", "@SUM(A1)", "\t=1+1", "\r=1+1", "\n=2", "＝1+1", "\x1b[31mred",
       "\x1b]0;title\x07", "\x9b31m", "\u202eevil", "<script>alert(1)</script>", "</script><img src=x onerror=alert(1)>",
       "{{7*7}}", "${7*7}", "%s%n")  # fmt: skip
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def test_nothing_that_people_write_is_run_by_what_is_written(tmp_path: Path) -> None:
    """Through check, template, run, export and map-columns; in tables, workbooks, pages and on screen."""
    folder = tiny.write_tiny_exercise(tmp_path / "tiny")
    given = folder / "data/services"
    for n, word in enumerate(RUN):
        tiny.append_row(given / "services.csv", service_id=f"H{n}", name=word, organisation_id="O2", elements="C02", place_id="T02", easting="384500", northing="217500", minimum_age="5", maximum_age="13", capacity="none", open_to="everyone", access="step_free", languages=word, cost="0", booking=word, assured_date="2018-06-01")  # fmt: skip
        tiny.append_row(given / "practice.csv", practice_id=f"P9{n}", title=word, organisation_id="O2", elements="C02", reached_places="N1", reached_communities="none", evidence_level="promising", what_works=word)  # fmt: skip
    tiny.set_cell(given / "organisations.csv", 3, "name", "=1+1<script>alert(1)</script>\x1b[31m")
    with (folder / "register.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([["urn", *RUN], ["1", *RUN]])
    before = set(folder.rglob("*"))
    said = ""
    for command in (
        ["check", str(folder)], ["template", str(folder), "--csv", "--out", str(folder / "blank")],
        ["template", str(folder), "--organisation", "O2", "--out", str(folder / "filled.xlsx")],
        ["run", str(folder)], ["export", str(folder)],
        ["map-columns", str(folder / "register.csv"), "--to", str(folder / "mapping.toml")],
    ):  # fmt: skip
        done = CliRunner().invoke(commands, command)
        assert done.exit_code == 0, done.output
        said += done.output
    assert all(char.isprintable() or char == "\n" for char in said)
    written = {path for path in folder.rglob("*") if path.is_file()} - before
    assert {".csv", ".xlsx", ".html", ".toml"} <= {path.suffix for path in written}
    for path in written:
        look_for_what_runs(path)


def look_for_what_runs(path: Path) -> None:
    """Fail where a table, a workbook or a page would run what stands in it."""
    if path.suffix == ".csv":
        rows = csv.reader(io.StringIO(path.read_bytes().decode("utf-8-sig"), newline=""))
        for cell in (cell for row in rows for cell in row):
            assert not cell.startswith(FORMULA) or re.fullmatch(r"-[0-9.e+-]+", cell), (path, cell)
            assert "\x1b" not in cell
            assert "\x9b" not in cell
    elif path.suffix == ".xlsx":
        with zipfile.ZipFile(path) as packed:
            for name in packed.namelist():
                part = packed.read(name).decode("utf-8", "replace")
                assert not re.search(r"<f[ >][^<]*(cmd|1\+1|SUM|alert)", part), (path, name)
                assert 'TargetMode="External"' not in part, (path, name)
    elif path.suffix == ".html":
        page = path.read_text(encoding="utf-8")
        assert "<script>alert" not in page, path
        assert "<img src=x" not in page, path


# ---------------------------------------------------------------- answers of public sources


@pytest.mark.parametrize("code", ["[]", '{"a": 1}', "null", '"503"', "true"])
def test_an_error_of_any_kind_is_told(code: str) -> None:
    """Once this ended in a traceback: a code that is a list."""
    answer = f'[{{"error": {{"code": {code}, "message": {{}}, "details": [{{}}, []]}}}}]'
    with pytest.raises(DataError, match="The server says"):
        fuzz_sources.read_layer(None, answer.encode())


def test_a_damaged_zip_of_a_source_is_told(tmp_path: Path) -> None:
    """Once each of these ended in a traceback."""
    whole = fuzz_sources.SEEDS["source_file"]()["postcodes"]
    at = whole.index(b"PK\x01\x02")
    begins = 30 + whole[26]
    # A block of a kind that there is not, an offset beyond the end, and a piece that is missing.
    stream = whole[:begins] + b"\xff" + whole[begins + 1 :]
    offset = whole[: at + 42] + b"\xff\xff\xff\x7f" + whole[at + 46 :]
    for data in (stream, offset, whole[:40] + whole[60:]):
        (tmp_path / "a.zip").write_bytes(data)
        bench: Any = SimpleNamespace(path=tmp_path)
        with pytest.raises(DataError, match="no zip, or it is damaged"):
            fuzz_sources.read_file_source(bench, data)

"""What fuzzing starts from: whole and spoilt files of each kind, all made here, none of them anyone's.

``make_seeds(target)`` returns files by name for each target of ``fuzz_readers``. Among them are the
traps that the readers were built against: zip bombs, entity bombs, sheets that say they are larger
than they are, formulas, macros, hidden sheets, merged cells, both calendars of spreadsheets, lone
surrogates, null bytes.
"""

from __future__ import annotations

import datetime as dt
import io
import json
import struct
import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import shapely
import xlsxwriter

import tiny_exercise as tiny
from fuzz_mutate import HOSTILE, encode, pack
from provision_map import tables
from provision_map.frameworks import load_framework
from provision_map.reports.hsds import write_hsds, write_hsds_package

Seeds = dict[str, bytes]

SCHEDULED = """\
service_id,weekday,start,end,period,holidays,schedule,valid_from,valid_to
S1,,19:00,21:00,,,FREQ=WEEKLY;BYDAY=FR,2020-09-04,
S2,,15:30,17:30,,,FREQ=WEEKLY;INTERVAL=2;BYDAY=TU,2020-09-01,2021-07-20
S3,,10:00,12:00,,,FREQ=MONTHLY;BYDAY=1SA;COUNT=10,2020-09-05,
S6,Monday,10:00,15:00,holidays,Easter;Summer,,,
"""
PARTICIPATION = """\
service_id,first_day,last_day,minimum_age,maximum_age,community,children
S1,2019-09-01,2020-07-31,13,19,everyone,57
S2,2019-09-01,2020-07-31,5,13,disabled,withheld
"""
SAME = """\
service_id,same_as,same,decided_on,role,reason
S2,S1,yes,2020-10-01,Data lead,Two names of one club
S6,S3,no,2020-10-01,Data lead,
S5,S4,,,,
"""
LOOKUP = "from_id,to_id\nT01,A\nT01,B\nT02,B\nT03,C\n"
LONG_AGES = "code,age,children\n" + "".join(
    f"{place},{age},{20}\n" for place in tiny.PLACES for age in range(5, 25)
)
REGISTER = """\
urn,establishment_name,easting,northing,phase,low,high,opened
100,Tiny Primary,383500,217500,Primary,4,11,2001-09-01
101,Tiny Secondary,384500,217400,Secondary,11,18,1950-01-01
102,Near School,385000,217300,Primary,4,11,
103,Closed School,384000,217000,Other,,,
"""
MAPPING = """\
title = "Schools"
organisation = { organisation_id = "schools", name = "Schools of Tinytown", sector = "school" }

[columns]
service_id = "urn"
name = "establishment_name"
easting = "easting"
northing = "northing"

[constants]
open_to = "everyone"
assured_date = "2020-05-24"

[[give]]
when = { phase = ["Primary"] }
set = { elements = "C09;C10", minimum_age = "4", maximum_age = "11" }

[[give]]
when = { phase = ["Secondary"] }
set = { elements = "Y10", minimum_age = "11", maximum_age = "18" }
"""
FEED_MAPPING = """\
title = "A feed"
prefix = "hub-"

[constants]
open_to = "everyone"

[organisations]
sector = "voluntary"

[[give]]
when = { name = ["Friday Night Club", "Club"] }
set = { elements = "Y02" }

[[give]]
when = { status = ["active"] }
set = { elements = "C05" }
"""
POSTCODES = """\
pcds,oseast1m,osnrth1m,osgrdind,doterm,lsoa11
GL1 1AA,0383500,0217500,1,,T01
GL1 1AB,0384500,0217500,5,,T02
GL1 1AC,0385500,0217500,9,201201,T03
GL1 1AD,,,9,,
"""
CODE_POINT = '"GL1 1AA",10,383500,217500,"E92000001","","","","",""\n"GL11AB",90,0,0,"E92000001","","","","",""\n'
MATRIX = """\
from_id,to_id,mode,minutes,metres
T01,S1,walk,1,80
T01,S2,walk,13.5,1080
T02,S2,walk,,
T03,S5,public transport,9,4000
"""
FRAMEWORK = """\
id = "tiny_offer"
name = "Tiny offer (5-13)"
minimum_age = 5
maximum_age = 13

[windows]
out_of_school = [[0, 4, 15.0, 22.0], [5, 6, 9.0, 22.0]]

[[element]]
id = "Z01"
name = "Play"
aims = ["EA4", "PC3"]
standard = { unit = "hours", need = 2, metres = 1600, windows = "out_of_school", source = "made up", ours = ["metres"] }

[[element]]
id = "Z02"
name = "Places to play"
aims = ["EA4"]
standard = { unit = "types", need = 1, levels = { stretch = 2 }, metres = 1000, type_metres = { NEAP = 1000, LEAP = 400 }, source = "made up" }
"""


def _csv(*texts: str, rows: int = 1) -> Seeds:
    """Return tables as they are, as spreadsheets save them, and with each hostile cell in one."""
    out: Seeds = {}
    for n, text in enumerate(texts):
        out[f"{n}"] = text.encode()
        out[f"{n}-bom"] = b"\xef\xbb\xbf" + text.replace("\n", "\r\n").encode()
        out[f"{n}-sep"] = b"sep=;\r\n" + text.replace(";", "/").replace(",", ";").encode()
        out[f"{n}-utf16"] = text.encode("utf-16")
        out[f"{n}-latin"] = text.replace("Tiny", "Tinÿ").encode("cp1252", "replace")
        out[f"{n}-nul"] = text.replace("0", "\x00", 1).encode()
        out[f"{n}-surrogate"] = encode(text.replace("T", "\ud83d", 1))
        head, *records = text.splitlines()
        if records:
            width = len(head.split(","))
            cells = [_quote(word) for word in HOSTILE]
            lines = [",".join((cells * width)[n : n + width]) for n in range(0, len(cells), rows)]
            out[f"{n}-hostile"] = encode("\n".join([head, *records, *lines]))
    out["empty"] = b""
    out["quote"] = b'a,b\n"never closed'
    return out


def _quote(word: str) -> str:
    return '"' + word.replace('"', '""') + '"'


def make_workbook(
    *, epoch_1904: bool = False, changes: Callable[[xlsxwriter.Workbook], None] | None = None
) -> bytes:
    """Return a return of three services, with a formula, dates, times and a hidden sheet."""
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True, "date_1904": epoch_1904})
    book.set_properties({"created": dt.datetime(2020, 1, 1)})  # noqa: DTZ001 - a constant
    day = book.add_format({"num_format": "yyyy-mm-dd"})
    clock = book.add_format({"num_format": "hh:mm"})
    for name, text in (
        ("Organisation", tiny.ORGANISATIONS), ("Services", tiny.SERVICES),
        ("Sessions", tiny.SESSIONS), ("Quality", tiny.QUALITY), ("Practice", tiny.PRACTICE),
        ("Participation", PARTICIPATION),
    ):  # fmt: skip
        sheet = book.add_worksheet(name)
        for r, line in enumerate(text.splitlines()[:4]):
            for c, cell in enumerate(line.split(",")):
                sheet.write_string(r, c, cell)
    sheets = {sheet.name: sheet for sheet in book.worksheets()}
    sheets["Services"].write_formula(1, 12, "=6+7", None, 13)
    sheets["Services"].write_datetime(1, 23, dt.datetime(2020, 6, 1), day)  # noqa: DTZ001
    sheets["Sessions"].write_datetime(1, 2, dt.time(19, 0), clock)
    sheets["Sessions"].write_datetime(1, 3, dt.time(21, 0), clock)
    hidden = book.add_worksheet("Codes")
    hidden.write_row(0, 0, ["List", "Choose", "Code", "Name", "Belongs to"])
    hidden.write_row(1, 0, ["elements", "Y02 Clubs", "Y02", "Clubs", ""])
    hidden.hide()
    if changes is not None:
        changes(book)
    book.close()
    return out.getvalue()


def _write_odd(book: xlsxwriter.Workbook) -> None:
    """Write what people do to a form: links, ticks, merged cells, days that no calendar has."""
    sheets = {sheet.name: sheet for sheet in book.worksheets()}
    day = book.add_format({"num_format": "yyyy-mm-dd"})
    services = sheets["Services"]
    services.write_formula(2, 1, '=HYPERLINK("http://127.0.0.1:9/","x")', None, "#REF!")
    services.write_formula(3, 1, "=1/0", None, "#DIV/0!")
    services.write_boolean(2, 20, True)
    services.merge_range(4, 1, 5, 2, "Two in one")
    services.write_comment(1, 1, "A note")
    sheets["Sessions"].write_number(2, 3, 60.5, day)
    sheets["Sessions"].write_number(3, 2, 59.0, day)
    sheets["Quality"].write_number(1, 1, 2_958_466, day)
    sheets["Quality"].write_number(2, 1, -1, day)
    sheets["Quality"].write_number(3, 1, 60, day)


def _spoil_part(data: bytes, part: str, change: Callable[[bytes], bytes]) -> bytes:
    parts = _unzip(data)
    return pack({**parts, part: change(parts[part])})


def _workbooks() -> Seeds:
    sound = make_workbook()
    bomb = b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">' + b"".join(
        b'<!ENTITY %c "%s">' % (98 + n, b"&%c;" % (97 + n) * 10) for n in range(9)
    )  # fmt: skip
    sheet, strings = "xl/worksheets/sheet2.xml", "xl/sharedStrings.xml"
    head = b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
    wide = b'<dimension ref="A1:XFD1048576"/>'
    content = (
        head
        + b'<office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
        b'xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" '
        b'xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"><office:body><office:spreadsheet>'
        b'<table:table table:name="Services"><table:table-row><table:table-cell><text:p>service_id</text:p>'
        b"</table:table-cell><table:table-cell><text:p>name</text:p></table:table-cell></table:table-row>"
        b'<table:table-row table:number-rows-repeated="%s"><table:table-cell table:number-columns-repeated="%s" '
        b'office:value-type="string"><text:p>S1</text:p></table:table-cell></table:table-row></table:table>'
        b"</office:spreadsheet></office:body></office:document-content>"
    )
    kind = b"application/vnd.oasis.opendocument.spreadsheet"
    manifest = head + (
        b'<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0">'
        b'<manifest:file-entry manifest:full-path="/" manifest:media-type="%s"/></manifest:manifest>'
        % kind
    )

    def ods(rows: bytes, columns: bytes) -> bytes:
        return pack({"mimetype": kind, "content.xml": content % (rows, columns), "META-INF/manifest.xml": manifest})  # fmt: skip

    return {
        "sound": sound,
        "odd": make_workbook(changes=_write_odd),
        "1904": make_workbook(epoch_1904=True),
        "1904-odd": make_workbook(epoch_1904=True, changes=_write_odd),
        "macros": pack({**_unzip(sound), "xl/vbaProject.bin": b"\xd0\xcf\x11\xe0 not run"}),
        "links": pack({**_unzip(sound), "xl/externalLinks/externalLink1.xml": head}),
        "wide": _spoil_part(sound, sheet, lambda x: _put(x, b"<sheetData>", wide + b"<sheetData>")),
        "far": _spoil_part(sound, sheet, lambda x: x.replace(b'r="A2"', b'r="XFD1048576"')),
        "beyond": _spoil_part(sound, sheet, lambda x: x.replace(b'r="A2"', b'r="ZZZZZ99999999999"')),
        "entities": _spoil_part(sound, sheet, lambda x: x.replace(b"?>", b"?>" + bomb + b"]>", 1).replace(b"<v>0</v>", b"<v>&i;</v>")),
        "external": _spoil_part(sound, strings, lambda x: x.replace(b"?>", b'?><!DOCTYPE x [<!ENTITY xxe SYSTEM "file:///etc/passwd">]>', 1)),
        "strings": _spoil_part(sound, strings, lambda x: x.replace(b'count="', b'count="99999999')),
        "no-string": _spoil_part(sound, sheet, lambda x: x.replace(b"<v>0</v>", b"<v>99999999</v>")),
        "control": _spoil_part(sound, strings, lambda x: x.replace(b"Friday", b"_x0000__xD800_\x01", 1)),
        "bomb": pack({**_unzip(sound), strings: b"<sst>" + b"<si><t>a</t></si>" * 1_500_000 + b"</sst>"}),
        "hostile": make_workbook(changes=_write_hostile),
        "ods": ods(b"2", b"2"),
        "ods-bomb": ods(b"1048576", b"16384"),
        "ods-lies": ods(b"-1", b"99999999999999999999"),
        "xls": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600),
        "xlsb": pack({"xl/workbook.bin": b"\x00"}),
        "no-zip": b"PK\x05\x06" + bytes(18),
        "csv": tiny.SERVICES.encode(),
    }  # fmt: skip


def _unzip(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as packed:
        return {name: packed.read(name) for name in packed.namelist()}


def _put(data: bytes, old: bytes, new: bytes) -> bytes:
    return data.replace(old, new, 1)


def _write_hostile(book: xlsxwriter.Workbook) -> None:
    for sheet in book.worksheets()[1:6]:
        for n, word in enumerate(HOSTILE):
            text = word.encode("utf-8", "replace").decode()
            sheet.write_string(6 + n // 8, n % 8, text[:30_000])


def _typed() -> dict[str, pd.DataFrame]:
    """Return the tables of the tiny exercise as typed frames."""
    out = {}
    for table, text in (
        (tables.ORGANISATIONS, tiny.ORGANISATIONS), (tables.SERVICES, tiny.SERVICES),
        (tables.SESSIONS, tiny.SESSIONS), (tables.QUALITY, tiny.QUALITY),
    ):  # fmt: skip
        raw = pd.read_csv(io.StringIO(text), dtype=str, keep_default_na=False)
        out[table.name], _, _ = table.validate(raw, file="")
    return out


def _feeds() -> Seeds:
    frames = _typed()
    given = (frames["organisations"], frames["services"], frames["sessions"])
    page = write_hsds(*given, framework=load_framework(), title="T", date=dt.date(2020, 11, 30), quality=frames["quality"])  # fmt: skip
    package = write_hsds_package(*given, framework=load_framework())
    said = json.loads(page)
    services: list[dict[str, Any]] = said["contents"]
    hostile = [{**services[0], "id": f"h{n}", "name": word, "description": word, "status": word} for n, word in enumerate(HOSTILE)]  # fmt: skip
    return {
        "page": page,
        "package": package,
        "list": json.dumps(services).encode(),
        "lines": "\n".join(json.dumps(service) for service in services).encode(),
        "one": json.dumps(services[1]).encode(),
        "hostile": encode(json.dumps(hostile, ensure_ascii=False)),
        "escaped": json.dumps(hostile).encode(),
        "old": json.dumps({"content": services, "totalPages": 2}).encode(),
        "deep": b"[" * 5_000 + b"]" * 5_000,
        "deep-open": b'{"services":' * 3_000,
        "cut": page[: len(page) // 2],
        "twice": page.replace(b'"id":', b'"id": "x", "id":'),
        "nan": b'{"contents": [{"id": NaN, "name": Infinity}]}',
        "number": b'{"contents": [{"id": 1, "name": ' + b"9" * 5_000 + b"}]}",
        "utf16": page.decode().encode("utf-16"),
        "empty": b"",
        "nul": b"\x00" * 64,
    }


def _packages() -> Seeds:
    csvs = {
        "organizations.csv": "id,name,description\no1,Tiny Youth,About it\n",
        "services.csv": "id,organization_id,name,description,status,minimum_age,maximum_age\ns1,o1,Club,A club,active,13,19\ns2,o1,Play,,active,,\n",
        "schedules.csv": "id,service_id,freq,byday,opens_at,closes_at,valid_from\nx1,s1,WEEKLY,FR,19:00,21:00,2020-09-01\n",
        "locations.csv": "id,name,latitude,longitude\nl1,Hall,51.856,-2.24\n",
        "service_at_location.csv": "id,service_id,location_id\nz1,s1,l1\n",
    }
    described = {
        "name": "hsds",
        "resources": [{"name": name[:-4], "path": name} for name in csvs],
    }
    parts = {name: text.encode() for name, text in csvs.items()}
    whole = {"datapackage.json": json.dumps(described).encode(), **parts}
    climbing = {"resources": [{"name": "services", "path": "../../../../etc/passwd"}]}
    return {
        "sound": pack(whole),
        "bare": pack(parts),
        "climbs": pack({"datapackage.json": json.dumps(climbing).encode(), **parts}),
        "bomb": pack(
            {**whole, "services.csv": parts["services.csv"] + b"s3,o1," + b"a" * 30_000_000}
        ),
        "folder": pack({f"feed/{name}": part for name, part in whole.items()}),
        "no-zip": b"PK\x03\x04" + bytes(40),
    }


def _geojson(*records: tuple[dict[str, Any], str, Any]) -> bytes:
    return json.dumps(tiny.shapes(*records)).encode()


def _shape_seeds(frame: gpd.GeoDataFrame, plain: bytes) -> Seeds:
    """Return the same shapes in several formats of OGR, and files that only look like them."""
    out = {"geojson": plain, "lonlat": frame.to_crs("EPSG:4326").to_json(drop_id=True).encode()}
    with tempfile.TemporaryDirectory() as folder:
        for kind, driver in (
            ("gpkg", "GPKG"),
            ("fgb", "FlatGeobuf"),
            ("gml", "GML"),
            ("kml", "KML"),
        ):
            path = Path(folder) / f"a.{kind}"
            frame.to_file(path, driver=driver)
            out[kind] = path.read_bytes()
    return {
        **out,
        "null": plain.replace(b'"geometry"', b'"geometry": null, "was"'),
        "nan": plain.replace(b"217000", b"NaN", 1),
        "vrt": b"<OGRVRTDataSource><OGRVRTLayer name='a'><SrcDataSource>/etc/passwd</SrcDataSource></OGRVRTLayer></OGRVRTDataSource>",
        "no-crs": plain.replace(b"EPSG::27700", b"EPSG::99999"),
        "nested": b'{"type":"GeometryCollection","geometries":[' * 300,
        "empty": b'{"type":"FeatureCollection","features":[]}',
        "nothing": b"",
    }


def _boundaries() -> Seeds:
    plain = json.dumps(tiny.boundaries()).encode()
    frame = gpd.GeoDataFrame(
        {"code": list(tiny.PLACES), "name": ["A", "B", "C"], "authority": "TINY"},
        geometry=[shapely.Polygon(tiny.square(n)) for n in range(3)], crs="EPSG:27700",
    )  # fmt: skip
    return _shape_seeds(frame, plain)


def _sites() -> Seeds:
    plain = _geojson(
        ({"service_id": "S3"}, "Polygon", [tiny.square(1)]),
        ({"service_id": "S1"}, "Point", [383_500.0, 217_500.0]),
    )
    points = gpd.GeoDataFrame({"service_id": ["S1", "S2"]}, geometry=gpd.points_from_xy([383_500, 384_500], [217_500, 217_500]), crs="EPSG:27700")  # fmt: skip
    return _shape_seeds(points, plain)


def _roads() -> Seeds:
    plain = _geojson(
        ({"oneway": "yes", "speed": 30}, "LineString", [[383_000, 217_000], [384_000, 217_500]]),
        (
            {"oneway": "", "speed": None},
            "MultiLineString",
            [[[384_000, 217_500], [386_000, 217_500]]],
        ),
    )
    lines = gpd.GeoDataFrame({"oneway": ["no"], "speed": [20.0]}, geometry=[shapely.LineString([(383_000, 217_000), (386_000, 218_000)])], crs="EPSG:27700")  # fmt: skip
    return _shape_seeds(lines, plain)


def _pbf() -> Seeds:
    import osmium

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.osm.pbf"
        writer = osmium.SimpleWriter(str(path))
        for n in range(1, 6):
            writer.add_node(osmium.osm.mutable.Node(id=n, location=(-2.24 + n / 1000, 51.856)))
        for n in range(1, 5):
            writer.add_way(osmium.osm.mutable.Way(id=n, nodes=[n, n + 1], tags={"highway": "residential", "oneway": "yes" if n == 1 else "no"}))  # fmt: skip
        writer.close()
        sound = path.read_bytes()
    return {
        "sound": sound,
        "cut": sound[: len(sound) // 2],
        "huge-header": struct.pack(">I", 0x7FFFFFFF) + sound[4:],
        "text": b"<osm/>",
        "empty": b"",
    }


def _parquet() -> Seeds:
    out: Seeds = {}
    frames = {
        "sound": pd.DataFrame({"from_id": ["T01", "T02"], "to_id": ["S1", "S2"], "minutes": [1.0, None]}),
        "codes": pd.DataFrame({"from_id": pd.Categorical(["T01", "T02"]), "to_id": ["S1", None], "minutes": [1, 2], "mode": ["walk", "Drive"]}),
        "words": pd.DataFrame({"from_id": [1, 2], "to_id": [b"S1", b"\xff"], "minutes": ["1", "x"]}),
        "nothing": pd.DataFrame({"from_id": [], "to_id": [], "minutes": []}),
        "lists": pd.DataFrame({"from_id": [["T01"]], "to_id": [{"a": 1}], "minutes": [dt.date(2020, 1, 1)]}),
        "inf": pd.DataFrame({"from_id": ["T01"] * 3, "to_id": ["S1"] * 3, "minutes": [float("inf"), float("nan"), -1.0]}),
    }  # fmt: skip
    for name, frame in frames.items():
        held = io.BytesIO()
        frame.to_parquet(held, index=False)
        out[name] = held.getvalue()
    out["magic"] = b"PAR1" + bytes(8) + b"PAR1"
    out["cut"] = out["sound"][:-20]
    return out


def _tomls(*texts: str) -> Seeds:
    out: Seeds = {}
    for n, text in enumerate(texts):
        out[f"{n}"] = text.encode()
        out[f"{n}-nul"] = text.replace(" ", "\x00", 1).encode()
        out[f"{n}-utf16"] = text.encode("utf-16")
    out["empty"] = b""
    out["deep"] = b"a = " + b"[" * 2_000 + b"]" * 2_000
    out["dotted"] = b".".join([b"a"] * 2_000) + b" = 1"
    out["number"] = b"[reach]\ndetour = " + b"9" * 5_000
    out["date"] = b"[exercise]\ndate = 9999-12-31T23:59:59.999999+23:59"
    out["surrogate"] = encode('[exercise]\ntitle = "\ud800"\nplace = "\\ud800"')
    return out


def make_seeds(target: str) -> Seeds:
    """Return the seeds of a target, by name."""
    import fuzz_places
    import fuzz_sources

    makers: dict[str, Callable[[], Seeds]] = {
        "settings": lambda: _tomls(tiny.SETTINGS, tiny.SETTINGS + '\n[reach]\ntravel_times = "streets"\nfile = "a"\n[gaps]\n[standards.Y01]\nmetres = 5\n'),
        "framework": lambda: _tomls(FRAMEWORK),
        "services": lambda: _csv(tiny.SERVICES),
        "sessions": lambda: _csv(SCHEDULED, tiny.SESSIONS),
        "terms": lambda: _csv(tiny.TERM_DATES),
        "other_tables": lambda: _csv(tiny.ORGANISATIONS, tiny.QUALITY, tiny.RETURNS, tiny.PRACTICE, PARTICIPATION),
        "workbooks": _workbooks,
        "feeds": _feeds,
        "feed_packages": _packages,
        "feed_mapping": lambda: _tomls(FEED_MAPPING),
        "registers": lambda: {**_csv(REGISTER), **_shape_seeds(gpd.GeoDataFrame({"urn": [1], "establishment_name": ["A"], "phase": ["Primary"]}, geometry=gpd.points_from_xy([383_500], [217_500]), crs="EPSG:27700"), _geojson(({"urn": 7, "establishment_name": "B", "phase": "Primary"}, "Point", [383_500.0, 217_500.0])))},
        "register_mapping": lambda: _tomls(MAPPING),
        "boundaries": _boundaries,
        "places_tables": lambda: _csv(tiny.NEIGHBOURHOODS, tiny._places(), LOOKUP),
        "ages": lambda: _csv(tiny._ages(), LONG_AGES),
        "ethnic_groups": lambda: _csv(tiny._ethnic_groups()),
        "homes": lambda: {**_csv("home,place,weight,easting,northing\nh1,T01,5,383500,217500\nh2,T02,,384500,217500\n")},
        "sites": _sites,
        "postcodes": lambda: {**_csv(POSTCODES, CODE_POINT), "zip": pack({"Data/ONSPD.csv": POSTCODES.encode()}), "bomb": pack({"a.csv": POSTCODES.encode() + b"GL1 1AA," * 4_000_000})},
        "roads": _roads,
        "osm": _pbf,
        "matrix": lambda: _csv(MATRIX),
        "matrix_parquet": _parquet,
        "same": lambda: _csv(SAME),
        "participation": lambda: _csv(PARTICIPATION),
        **fuzz_places.SEEDS,
        **fuzz_sources.SEEDS,
    }  # fmt: skip
    return makers[target]()

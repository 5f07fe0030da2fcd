"""More readers to fuzz: outlines, lookups, long tables of people, drafts of mappings, returns.

``TARGETS`` and ``SEEDS`` are joined to those of ``fuzz_readers`` and ``fuzz_seeds``.
"""

from __future__ import annotations

import datetime as dt
import json
import tomllib
from collections.abc import Callable
from typing import Any

import geopandas as gpd
import shapely

import fuzz_seeds
import tiny_exercise as tiny
from fuzz_mutate import pack
from provision_map.frameworks import load_framework
from provision_map.frameworks.ethnic_groups import load_classification
from provision_map.read.people.ages import read_ages
from provision_map.read.people.ethnic_groups import read_ethnic_groups
from provision_map.read.places.neighbourhoods import read_outlines
from provision_map.read.postcodes.locate import locate_postcodes
from provision_map.read.registers.draft_mapping import draft_mapping
from provision_map.read.registers.mapping import parse_mapping
from provision_map.read.settings import (
    AgesSettings,
    EthnicGroupsSettings,
    LookupSettings,
    NeighbourhoodsSettings,
    PostcodesSettings,
    WeightsSettings,
)
from provision_map.read.workbooks.layout import list_choices
from provision_map.read.workbooks.reading import read_as_sent, read_workbooks
from provision_map.reports.template import render_template

_OLD_AGES = "code,age,children\n" + "".join(
    f"{place},{age},{20}\n" for place in ("A1", "A3") for age in range(5, 25)
)
_CHANGE = "old,new,people\nA1,T01,30\nA1,T02,10\nA3,T03,5\n"


def read_outlines_file(bench: Any, data: bytes) -> None:
    name = "outlines" + bench.suffix(data, text=".geojson")
    folder = bench.put(name, data)
    settings = NeighbourhoodsSettings(name, "code", "name", valid_from="from", valid_to="to", keep={"kind": ("ward", "")})  # fmt: skip
    read_outlines(folder, settings, bench.area.target, date=dt.date(2020, 11, 30))


def read_lookup(bench: Any, data: bytes) -> None:
    """Read a lookup with ages of the areas before; every other input has weights of its own."""
    folder = bench.put("change.csv", data)
    (bench.path / "old_ages.csv").write_text(_OLD_AGES, encoding="utf-8")
    if len(data) % 2:
        lookup = LookupSettings("change.csv", "old", "new", weight="people")
    else:
        lookup = LookupSettings("change.csv", "old", "new", weights=WeightsSettings("change.csv", "new", "people"))  # fmt: skip
    settings = AgesSettings("old_ages.csv", "code", age="age", children="children", lookup=lookup)
    read_ages(folder, settings, load_framework(), bench.area.ours)


def read_long_groups(bench: Any, data: bytes) -> None:
    folder = bench.put("table.csv", data)
    kinds = ("2011", "2021", "2001", "five", "common")
    said = next((kind for kind in kinds if kind.encode() in data[:80]), "2011")
    settings = EthnicGroupsSettings("table.csv", "code", total="all", group="group", residents="residents", classification=said, fold="common" if len(data) % 3 == 0 and said != "five" else None)  # fmt: skip
    read_ethnic_groups(folder, settings, load_framework(), bench.area.ours)


def read_for_draft(bench: Any, data: bytes) -> None:
    """Draft a mapping: what comes is TOML, whatever stands in the file, and a mapping once it is filled in."""
    path = bench.path / ("register" + bench.suffix(data, text=".csv"))
    path.write_bytes(data)
    draft = draft_mapping(path)
    assert tomllib.loads(draft)["columns"]
    bench.findings.note("draft.toml", draft)
    # What is blank is for a person to fill in; the rest is no fault of the form.
    parse_mapping(draft.encode("utf-8"), "draft.toml", [])


def read_postcodes_zip(bench: Any, data: bytes) -> None:
    folder = bench.put("list.zip", data)
    locate_postcodes(bench.services, folder, PostcodesSettings(("list.zip",)), bench.area)


def read_return(bench: Any, data: bytes) -> None:
    """Read a filled-in template as an origin, and again as it was sent."""
    folder = bench.put("template.xlsx", data)
    read_workbooks(folder, ("template.xlsx",), bench.codes)
    for frame in read_as_sent(folder, "template.xlsx").values():
        assert "_row" in frame.columns


def _change_seeds() -> dict[str, bytes]:
    return fuzz_seeds._csv(_CHANGE, "old,new,people\nA1,T01,1\nA1,T02,\nA3,T02,2\nA3,T09,0\n")


def _outlines() -> dict[str, bytes]:
    given = {"from": "2010-01-01", "to": "", "kind": "ward"}
    plain = json.dumps(tiny.shapes(
        ({"code": "N1", "name": "Weston", **given}, "Polygon", [tiny.square(0)]),
        ({"code": "N2", "name": "Easton", **given}, "MultiPolygon", [[tiny.square(2)]]),
    )).encode()  # fmt: skip
    frame = gpd.GeoDataFrame({"code": ["N1"], "name": ["W"], "from": ["2010-01-01"], "to": [None], "kind": ["ward"]}, geometry=[shapely.Polygon(tiny.square(0))], crs="EPSG:27700")  # fmt: skip
    return fuzz_seeds._shape_seeds(frame, plain)


def _long_groups() -> dict[str, bytes]:
    texts = []
    for kind in ("2011", "2021", "five"):
        names = [labels[0] for labels in load_classification(kind).labels.values()]
        rows = (
            f'{place},"{name}",10,{10 * len(names)},{kind}\n'
            for place in tiny.PLACES
            for name in names
        )
        texts.append(f"code,group,residents,all,{kind}\n" + "".join(rows))
    return fuzz_seeds._csv(*texts)


def _drafts() -> dict[str, bytes]:
    lists = fuzz_seeds._csv(
        fuzz_seeds.REGISTER, tiny.SERVICES, "URN,EstablishmentName,PhaseOfEducation (name),Easting,Northing\n1,A,Primary,383500,217500\n",
        '"""a","b\\","\'\'\'",=1+1,[x],#,é\n1,2,3,4,5,6,7\n',
    )  # fmt: skip
    return {**lists, **fuzz_seeds.make_seeds("sites")}


def _zips() -> dict[str, bytes]:
    csv = fuzz_seeds.POSTCODES.encode()
    point = fuzz_seeds.CODE_POINT.encode()
    return {
        "onspd": pack({"Data/ONSPD.csv": csv, "Documents/readme.txt": b"x"}),
        "code-point": pack({"Data/CSV/gl.csv": point, "Data/CSV/so.csv": point.replace(b"GL", b"SO"), "Doc/Code-Point_Open_Column_Headers.csv": b"PC,PQ\nPostcode,Q\n"}),
        "multi": pack({"Data/multi_csv/ONSPD_GL.csv": csv, "Data/ONSPD.csv": csv}),
        "climbs": pack({"../../gl.csv": csv, "/etc/passwd.csv": point, "C:\\x.csv": csv}),
        "twice": pack({"a/gl.csv": point, "b/gl.csv": point}),
        "nested": pack({"inner.zip": pack({"a.csv": csv})}),
        "bomb": pack({"a.csv": csv + b"GL1 1AA," * 4_000_000}),
        "wide": pack({"a.csv": b"pcds," * 200_000 + b"\n"}),
        "empty": pack({}),
        "no-zip": b"PK\x03\x04" + bytes(40),
    }  # fmt: skip


def _returns() -> dict[str, bytes]:
    frames = fuzz_seeds._typed()
    choices = list_choices(
        load_framework(), places=[("T01", "Weston")], neighbourhoods=[("N1", "Weston")], organisations=[("O1", "One")]
    )  # fmt: skip
    return {
        "blank": render_template(choices, title="T"),
        "filled": render_template(choices, frames, title="T"),
        "odd": fuzz_seeds.make_workbook(changes=fuzz_seeds._write_odd),
    }


TARGETS: dict[str, Callable[[Any, bytes], None]] = {
    "outlines": read_outlines_file,
    "lookups": read_lookup,
    "long_groups": read_long_groups,
    "map_columns": read_for_draft,
    "postcodes_zip": read_postcodes_zip,
    "returned_template": read_return,
}
SEEDS: dict[str, Callable[[], dict[str, bytes]]] = {
    "outlines": _outlines,
    "lookups": _change_seeds,
    "long_groups": _long_groups,
    "map_columns": _drafts,
    "postcodes_zip": _zips,
    "returned_template": _returns,
}

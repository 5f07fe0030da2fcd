"""Road links from OGR formats and OpenStreetMap extracts, and everything wrong in them."""

from __future__ import annotations

import builtins
import json
from pathlib import Path

import geopandas as gpd
import numpy as np
import pyproj
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from provision_map.errors import DataError, UsageError
from provision_map.read import read_inputs, read_settings
from provision_map.read.files.crs import Box
from provision_map.read.files.text import InputFolder
from provision_map.read.findings import Findings
from provision_map.read.settings import ReachSettings
from provision_map.read.travel.network import read_road_links
from provision_map.read.travel.osm import CLASSES, direction_of, is_open, parse_limit
from tiny_exercise import SOUTH, WEST, add_file, add_settings, append_row, shapes

GRID = pyproj.CRS("EPSG:27700")
ROADS = "roads.geojson"
#: Around the three squares of the tiny exercise.
BOX = Box(WEST, SOUTH, WEST + 3_000, SOUTH + 1_000)


def line(*points: tuple[float, float]) -> list[list[float]]:
    """Return the coordinates of a line; points are metres from the south-west corner."""
    return [[WEST + x, SOUTH + y] for x, y in points]


def links(*records: tuple[dict, list]) -> dict:
    return shapes(*((properties, "LineString", points) for properties, points in records))


TWO = links(
    ({"kind": "road", "way": "both", "kmh": 30}, line((0, 500), (1_000, 500))),
    ({"kind": "path", "way": "forward", "kmh": None}, line((1_000, 500), (1_500, 600), (2_000, 500))),
)  # fmt: skip


def read(folder: Path, content: dict | bytes | str, *, file: str = ROADS, box=BOX, **values):
    """Return the links and what was found on the way."""
    data = json.dumps(content) if isinstance(content, dict) else content
    (folder / file).write_bytes(data if isinstance(data, bytes) else data.encode())
    found = InputFolder(folder, Findings())
    reach = ReachSettings(travel_times="streets", file=file, **values)
    frame = read_road_links(found, reach, GRID, box=box)
    assert (frame is None) == bool(found.findings.problems)
    return frame, found


def problems(found: InputFolder) -> list[tuple[str, int | None, str | None, str]]:
    assert all(p.mend for p in found.findings.problems)
    return [(p.file, p.row, p.column, p.what) for p in found.findings.sorted_problems()]


def notes(found: InputFolder) -> list[str]:
    return [note.what for note in found.findings.sorted_notes()]


# ---------------------------------------------------------------- lines of any format


def test_lines_become_links_that_go_both_ways_at_no_speed_of_their_own(tmp_path):
    frame, found = read(tmp_path, TWO)
    assert list(frame.columns) == ["oneway", "metres_per_minute", "geometry"]
    assert frame.crs == GRID
    # 1,000 m; twice √(500² + 100²).
    assert frame.length.tolist() == pytest.approx([1_000, 2 * np.hypot(500, 100)])
    assert frame["oneway"].tolist() == ["both", "both"]
    assert frame["metres_per_minute"].isna().all()
    assert notes(found) == []
    assert list(found.files) == [ROADS]


def test_columns_give_directions_and_speeds(tmp_path):
    frame, _ = read(tmp_path, TWO, mode="drive", oneway="way", speed="kmh")
    assert frame["oneway"].tolist() == ["both", "forward"]
    # 30 km/h = 30,000 m ÷ 60.
    assert frame["metres_per_minute"].tolist()[0] == 500
    assert np.isnan(frame["metres_per_minute"][1])


@pytest.mark.parametrize(
    ("word", "meant"),
    [
        ("both", "both"), ("Both Directions", "both"), ("bothDirections", "both"), ("no", "both"), (None, "both"), (False, "both"), (0, "both"),
        ("forward", "forward"), ("in direction", "forward"), ("inDirection", "forward"), ("yes", "forward"), (True, "forward"), (1, "forward"), ("1.0", None),
        ("backward", "backward"), ("in opposite direction", "backward"), ("inOppositeDirection", "backward"), ("-1", "backward"), (-1, "backward"), ("reverse", "backward"),
        ("maybe", None), ("forwards and back", None),
    ],
)  # fmt: skip
def test_words_for_directions(word, meant, tmp_path):
    roads = links(({"way": "forward"}, line((0, 0), (9, 0))), ({"way": word}, line((0, 0), (0, 9))))
    if isinstance(word, int):
        roads["features"].pop(0)
    frame, found = read(tmp_path, roads, mode="drive", oneway="way")
    if meant is not None:
        assert frame["oneway"].tolist()[-1] == meant
    else:
        assert problems(found) == [(ROADS, 3, "way", f"{word!r} is no direction (1 link, in this row).")]  # fmt: skip


def test_every_unknown_direction_is_told_with_how_many_and_the_first_row(tmp_path):
    ways = ["x", "both", "z", "x"]
    roads = links(*(({"way": way}, line((0, 0), (9, n + 1))) for n, way in enumerate(ways)))
    _, found = read(tmp_path, roads, oneway="way")
    assert problems(found) == [
        (ROADS, 2, "way", "'x' is no direction (2 links, the first in this row)."),
        (ROADS, 4, "way", "'z' is no direction (1 link, in this row)."),
    ]


@pytest.mark.parametrize("speed", [0, -5, 301, 1e300, "fast", "1,5", "inf", "30_0"])
def test_speeds_that_are_none_are_told_with_how_many_and_the_first_row(speed, tmp_path):
    given_speeds = [30, speed, speed] if not isinstance(speed, str) else ["30", speed, speed]
    roads = links(*(({"kmh": s}, line((0, 0), (9, n + 1))) for n, s in enumerate(given_speeds)))
    _, found = read(tmp_path, roads, mode="drive", speed="kmh")
    [(file, row, column, what)] = problems(found)
    assert (file, row, column) == (ROADS, 3, "kmh")
    assert what.startswith("2 links have a speed that is none in km/h")


def test_on_foot_directions_and_speeds_of_vehicles_are_asked_about(tmp_path):
    _, found = read(tmp_path, TWO, oneway="way", speed="kmh")
    assert notes(found) == [
        "On foot the column way is not obeyed: 1 link goes both ways, whatever it says.",
        "On foot 1 link is taken at over 10 km/h, as the column kmh says.",
    ]


def test_links_are_left_out_by_the_values_of_columns(tmp_path):
    frame, found = read(tmp_path, TWO, leave_out={"kind": ("path", "motorway")})
    assert frame.length.tolist() == [1_000]
    assert notes(found) == [
        "No link of roads.geojson says 'motorway'.",
        "1 of 2 links was left out, as reach.leave_out says.",
    ]


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ({"leave_out": {"kynd": ("path",)}}, ("provision.toml", None, "reach.leave_out.kynd", "roads.geojson has no column 'kynd'.")),
        ({"leave_out": {"kind": ("path", "road")}}, ("provision.toml", None, "reach.leave_out", "This leaves out all 2 links of roads.geojson.")),
        ({"oneway": "wya"}, (ROADS, 1, "wya", "The column is missing.")),
        ({"speed": "kph"}, (ROADS, 1, "kph", "The column is missing.")),
        ({"layer": "road"}, ("provision.toml", None, "reach.layer", "roads.geojson has no layer 'road'.")),
    ],
)  # fmt: skip
def test_settings_that_name_what_is_not_there(values, told, tmp_path):
    _, found = read(tmp_path, TWO, **values)
    assert problems(found) == [told]


def test_a_slip_in_a_column_is_asked_about(tmp_path):
    _, found = read(tmp_path, TWO, leave_out={"kynd": ("path",)}, oneway="waay", speed="kmhh")
    asked = sorted(p.mend.partition("?")[0] for p in found.findings.problems)
    assert asked == ["Did you mean 'kind'", "Did you mean 'kmh'", "Did you mean 'way'"]


def test_only_lines_are_read_and_the_rest_is_counted(tmp_path):
    roads = shapes(
        ({}, "LineString", line((0, 0), (100, 0))),
        ({}, "MultiLineString", [line((0, 0), (50, 0)), line((0, 9), (50, 9))]),
        ({}, "Point", line((1, 1))[0]),
        ({}, "Polygon", [line((0, 0), (9, 0), (9, 9), (0, 0))]),
        ({}, "", None),
        ({}, "LineString", line((5, 5), (5, 5))),
        ({}, "LineString", []),
    )
    frame, found = read(tmp_path, roads)
    assert frame.length.tolist() == [100, 100]
    assert notes(found) == [
        "Records left out: 2 that are no lines, 2 without a shape, 1 of no length."
    ]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (shapes(({}, "Point", [WEST, SOUTH])), "holds no road links: it has records 1 that are no lines"),
        (shapes(({}, "LineString", line((5, 5), (5, 5)))), "1 of no length"),
        (shapes(), "The file is empty: it holds no links."),
        ("name,length\nA,1\n", "The road links cannot be read"),
        (b"\x00\xff garbage", "The road links cannot be read"),
        ('<OGRVRTDataSource><OGRVRTLayer name="x"/></OGRVRTDataSource>', "only points to other files"),
    ],
)  # fmt: skip
def test_files_without_a_single_line(content, words, tmp_path):
    _, found = read(tmp_path, content)
    [(file, row, _, what)] = problems(found)
    assert (file, row) == (ROADS, None)
    assert words in what


def test_a_network_in_degrees_is_brought_into_the_system_of_the_exercise(tmp_path):
    frame = gpd.GeoDataFrame(geometry=[shapely.LineString(line((0, 0), (1_000, 0)))], crs=GRID)
    (tmp_path / "roads.gpkg").unlink(missing_ok=True)
    frame.to_crs(4326).to_file(tmp_path / "roads.gpkg", layer="roads")
    found = InputFolder(tmp_path, Findings())
    moved = read_road_links(found, ReachSettings(file="roads.gpkg"), GRID, box=BOX)
    assert moved.length[0] == pytest.approx(1_000, abs=0.01)


def test_a_file_that_does_not_say_its_system_is_a_problem(tmp_path):
    frame = gpd.GeoDataFrame(geometry=[shapely.LineString(line((0, 0), (9, 0)))], crs=GRID)
    frame.to_file(tmp_path / "roads.shp")
    (tmp_path / "roads.prj").unlink()
    found = InputFolder(tmp_path, Findings())
    assert read_road_links(found, ReachSettings(file="roads.shp"), GRID) is None
    [(_, _, column, what)] = problems(found)
    assert (column, what) == ("geometry", "The file does not say which coordinate system it is in.")
    # All that belongs to a shapefile is on record.
    assert {"roads.shp", "roads.dbf", "roads.shx"} <= set(found.files)


def test_a_network_elsewhere_is_a_problem(tmp_path):
    swapped = links(({}, [[y, x] for x, y in line((0, 0), (1_000, 0))]))
    _, found = read(tmp_path, swapped)
    [(_, _, _, what)] = problems(found)
    assert what.startswith(
        "No link comes near any place of the exercise: the links lie from 217000"
    )
    near = links(({}, line((-600, 0), (-501, 0))))
    assert read(tmp_path, near)[0] is None
    assert read(tmp_path, near, off_network_metres=501)[0] is not None


def test_a_missing_file_is_a_problem_and_nothing_named_is_none(tmp_path):
    found = InputFolder(tmp_path, Findings())
    assert read_road_links(found, ReachSettings(file="none.gpkg"), GRID) is None
    assert read_road_links(found, ReachSettings(file="none.osm.pbf"), GRID) is None
    assert [p.what for p in found.findings.problems] == ["The file is missing."] * 2
    assert read_road_links(InputFolder(tmp_path, Findings()), ReachSettings(), GRID) is None


def test_an_exercise_reads_its_streets_and_tells_all_problems_at_once(tiny):
    add_file(tiny, "data/network/roads.geojson", TWO)
    add_settings(tiny, "reach", travel_times="streets", file="data/network/roads.geojson")
    inputs = read_inputs(read_settings(tiny))
    assert inputs.problems == ()
    assert inputs.notes == ()
    assert len(inputs.roads) == 2
    assert inputs.times is None
    add_settings(tiny, "reach", oneway="kind")
    append_row(tiny / "data/services/sessions.csv", service_id="S9", weekday="Monday", period="term")  # fmt: skip
    told = {(p.file, p.row, p.column) for p in read_inputs(read_settings(tiny)).problems}
    assert told == {
        ("data/network/roads.geojson", 2, "kind"),
        ("data/network/roads.geojson", 3, "kind"),
        ("data/services/sessions.csv", 9, "service_id"),
    }


def test_an_exercise_that_walks_no_streets_opens_no_network(tiny):
    inputs = read_inputs(read_settings(tiny))
    assert inputs.problems == ()
    assert inputs.roads is None
    # A file that would not be read is asked about.
    add_settings(tiny, "reach", file="none.gpkg")
    with pytest.raises(DataError, match=r"reach\.file"):
        read_settings(tiny)


# ---------------------------------------------------------------- the rules of OpenStreetMap


@pytest.mark.parametrize(
    ("tags", "walk", "cycle", "drive"),
    [
        ({"highway": "residential"}, True, True, True),
        ({"highway": "motorway"}, False, False, True),
        ({"highway": "trunk", "motorroad": "yes"}, False, False, True),
        ({"highway": "footway"}, True, False, False),
        ({"highway": "footway", "bicycle": "designated"}, True, True, False),
        ({"highway": "cycleway"}, True, True, False),
        ({"highway": "cycleway", "foot": "no"}, False, True, False),
        ({"highway": "steps"}, True, False, False),
        ({"highway": "service", "access": "private"}, False, False, False),
        ({"highway": "service", "access": "no", "foot": "yes"}, True, False, False),
        (
            {"highway": "service", "access": "no", "motor_vehicle": "destination"},
            False,
            False,
            True,
        ),
        ({"highway": "residential", "vehicle": "no"}, True, False, False),
        ({"highway": "residential", "vehicle": "no", "bicycle": "yes"}, True, True, False),
        ({"highway": "residential", "motor_vehicle": "private"}, True, True, False),
        ({"highway": "residential", "motorcar": "no"}, True, True, False),
        ({"highway": "residential", "bicycle": "use_sidepath"}, True, False, True),
        ({"highway": "residential", "access": "customers"}, True, True, True),
        ({"highway": "footway", "access": "yes"}, True, False, False),
        ({"highway": "residential", "access": "{{7*7}}"}, True, True, True),
        ({"highway": "construction"}, None, None, None),
        ({"highway": "=1+1"}, None, None, None),
        ({}, None, None, None),
    ],
)
def test_who_may_use_a_way(tags, walk, cycle, drive):
    assert [is_open(tags, mode) for mode in ("walk", "cycle", "drive")] == [walk, cycle, drive]


@pytest.mark.parametrize(
    ("tags", "cycle", "drive"),
    [
        ({}, "both", "both"),
        ({"oneway": "yes"}, "forward", "forward"),
        ({"oneway": "1"}, "forward", "forward"),
        ({"oneway": "-1"}, "backward", "backward"),
        ({"oneway": "no"}, "both", "both"),
        ({"oneway": "reversible"}, "both", "both"),
        ({"junction": "roundabout"}, "forward", "forward"),
        ({"junction": "roundabout", "oneway": "no"}, "both", "both"),
        ({"highway": "motorway"}, "forward", "forward"),
        ({"oneway": "yes", "oneway:bicycle": "no"}, "both", "forward"),
        ({"oneway": "yes", "oneway:bicycle": "-1"}, "backward", "forward"),
        ({"oneway": "yes", "cycleway:left": "opposite_lane"}, "both", "forward"),
    ],
)
def test_which_way_round(tags, cycle, drive):
    assert [direction_of(tags, mode) for mode in ("walk", "cycle", "drive")] == ["both", cycle, drive]  # fmt: skip


@given(st.text(max_size=30))
def test_a_limit_is_a_speed_that_may_be_or_none(text):
    limit = parse_limit(text)
    assert limit is None or 0 < limit <= 200


@given(
    tags=st.dictionaries(st.sampled_from(["highway", "access", "foot", "oneway", "junction", "motorcar", "vehicle"]), st.one_of(st.sampled_from(["no", "yes", "private", *CLASSES]), st.text(max_size=9))),
    mode=st.sampled_from(["walk", "cycle", "drive"]),
)  # fmt: skip
def test_any_tags_are_answered(tags, mode):
    assert is_open(tags, mode) in {True, False, None}
    assert direction_of(tags, mode) in {"both", "forward", "backward"}


# ---------------------------------------------------------------- extracts


def osm(nodes: dict[int, tuple[float, float]], ways: list[tuple[list[int], dict[str, str]]]) -> str:
    """Return an extract as XML; nodes are metres from the south-west corner."""
    to_degrees = pyproj.Transformer.from_crs(27700, 4326, always_xy=True).transform
    parts = ['<osm version="0.6">']
    for number, (x, y) in nodes.items():
        lon, lat = to_degrees(WEST + x, SOUTH + y)
        parts.append(f'<node id="{number}" lat="{lat:.7f}" lon="{lon:.7f}"/>')
    for number, (refs, tags) in enumerate(ways, start=1):
        inside = "".join(f'<nd ref="{ref}"/>' for ref in refs)
        inside += "".join(f'<tag k="{key}" v="{value}"/>' for key, value in tags.items())
        parts.append(f'<way id="{number}">{inside}</way>')
    return "".join([*parts, "</osm>"])


#: A street from 1 over 2 and 3 to 4, crossed at 3 by a path from 5 to 6; 7 is in no way.
NODES = {1: (0, 0), 2: (100, 0), 3: (200, 0), 4: (300, 0), 5: (200, -50), 6: (200, 70), 7: (9, 9)}
STREET = ([1, 2, 3, 4], {"highway": "residential", "maxspeed": "20 mph", "oneway": "yes"})
PATH = ([5, 3, 6], {"highway": "path"})


def lengths(frame: gpd.GeoDataFrame) -> list[int]:
    return sorted(round(length) for length in frame.length)


def test_ways_are_cut_where_they_meet_and_only_there(tmp_path):
    frame, found = read(tmp_path, osm(NODES, [STREET, PATH]), file="x.osm")
    assert lengths(frame) == [50, 70, 100, 200]
    assert set(frame["oneway"]) == {"both"}
    assert frame["metres_per_minute"].isna().all()
    assert notes(found) == [
        "Of 2 ways with a tag highway, 2 are open to walking and make 4 links between junctions."
    ]
    # By car the path is no way, so that nothing meets the street.
    frame, found = read(tmp_path, osm(NODES, [STREET, PATH]), file="x.osm", mode="drive")
    assert lengths(frame) == [300]
    assert frame["oneway"].tolist() == ["forward"]
    # 20 mph = 20 × 1,609.344 m ÷ 60.
    assert frame["metres_per_minute"].tolist() == pytest.approx([536.448])
    assert notes(found) == [
        "Of 2 ways with a tag highway, 1 is open to driving and makes 1 link between junctions. Left out: 1 of a class that is not for driving."
    ]


def test_a_loop_is_cut_at_its_end_and_a_way_that_crosses_itself_in_the_middle(tmp_path):
    loop = ([1, 2, 6, 1], {"highway": "path"})
    eight = ([1, 2, 3, 6, 2, 5], {"highway": "path"})
    assert len(read(tmp_path, osm(NODES, [loop]), file="x.osm")[0]) == 1
    assert len(read(tmp_path, osm(NODES, [eight]), file="x.osm")[0]) == 3
    again = ([1, 2, 2, 3], {"highway": "path"})
    assert lengths(read(tmp_path, osm(NODES, [again]), file="x.osm")[0]) == [200]


def test_a_way_that_leaves_the_extract_ends_at_its_edge(tmp_path):
    ways = [([1, 99, 3, 4], {"highway": "path"}), ([98, 97], {"highway": "path"})]
    frame, found = read(tmp_path, osm(NODES, ways), file="x.osm")
    assert lengths(frame) == [100]
    assert "2 ways go on beyond the extract and end at its edge." in notes(found)[0]


def test_tags_leave_ways_out_and_are_counted(tmp_path):
    ways = [
        STREET,
        PATH,
        ([1, 5], {"highway": "path", "foot": "no"}),
        ([1, 5, 6, 1], {"highway": "pedestrian", "area": "yes"}),
        ([1, 6], {"highway": "proposed"}),
        ([1, 6], {"highway": "motorway"}),
        ([1, 6], {"highway": "steps"}),
        ([1, 6], {"building": "yes"}),
    ]
    frame, found = read(tmp_path, osm(NODES, ways), file="x.osm", leave_out={"highway": ("steps",)})
    assert len(frame) == 4
    [note] = notes(found)
    for part in (
        "Of 7 ways", "2 are open to walking", "1 closed by their tags", "1 areas", "1 by reach.leave_out",
        "1 of a class that is no street", "1 of a class that is not for walking",
    ):  # fmt: skip
        assert part in note


def test_limits_that_cannot_be_read_are_counted_and_the_class_decides(tmp_path):
    ways = [([1, 2], {"highway": "residential", "maxspeed": limit}) for limit in ("GB:nsl_single", "0", "9999", "30;50", "=1+1")]  # fmt: skip
    frame, found = read(tmp_path, osm(NODES, ways), file="x.osm", mode="drive")
    # A residential street at 30 km/h.
    assert set(frame["metres_per_minute"]) == {500.0}
    assert notes(found)[0].startswith("5 speed limits could not be read ('GB:nsl_single', ")


def test_settings_of_columns_do_not_apply_to_an_extract(tmp_path):
    _, found = read(tmp_path, osm(NODES, [PATH]), file="x.osm", oneway="a", speed="b", layer="c")
    told = [(n.file, n.column) for n in found.findings.notes if n.file == "provision.toml"]
    assert sorted(told) == [("provision.toml", f"reach.{key}") for key in ("layer", "oneway", "speed")]  # fmt: skip


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (osm(NODES, []), "holds no streets"),
        (osm(NODES, [([1, 2], {"highway": "motorway"})]), "No way of the extract can be used for walking."),
        ("", "cannot be read"),
        ("<osm version='0.6'><node id='1'", "cannot be read"),
        ("<osm version='0.6'><node id='1' lat='nan' lon='0'/></osm>", "cannot be read"),
        ("<!DOCTYPE x [<!ENTITY a 'aaaa'>]><osm version='0.6'><way id='1'><tag k='highway' v='&a;'/></way></osm>", "cannot be read"),
        ("not a map at all", "cannot be read"),
    ],
)  # fmt: skip
def test_extracts_without_streets_or_that_are_none(content, words, tmp_path):
    _, found = read(tmp_path, content, file="x.osm")
    [(file, _, _, what)] = problems(found)
    assert file == "x.osm"
    assert words in what
    assert str(tmp_path) not in what


def test_hostile_tags_are_words_that_nobody_knows(tmp_path):
    tags = {"highway": "path", "name": "=cmd|' /C calc'!A0", "access": "&lt;script&gt;", "oneway": "{{7*7}}"}  # fmt: skip
    frame, _ = read(tmp_path, osm(NODES, [([1, 2], tags)]), file="x.osm", mode="cycle")
    assert frame["oneway"].tolist() == ["both"]


def test_an_extract_elsewhere_is_a_problem(tmp_path):
    away = {number: (x + 30_000, y) for number, (x, y) in NODES.items()}
    _, found = read(tmp_path, osm(away, [PATH]), file="x.osm")
    assert problems(found)[0][3].startswith("No link comes near any place")


def test_without_the_extra_an_extract_says_what_to_install(tmp_path, monkeypatch):
    found = builtins.__import__

    def without(name, *args, **kwargs):
        if name == "osmium":
            raise ImportError(name)
        return found(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(UsageError, match=r'pip install "provision-map\[streets\]"'):
        read(tmp_path, osm(NODES, [PATH]), file="x.osm")


# ---------------------------------------------------------------- real extracts


def real(path: Path, crs: str, mode: str) -> tuple[gpd.GeoDataFrame, InputFolder]:
    found = InputFolder(path.parent, Findings())
    frame = read_road_links(found, ReachSettings(file=path.name, mode=mode), pyproj.CRS(crs))
    assert found.findings.problems == []
    return frame, found


@pytest.mark.parametrize(("mode", "ways"), [("walk", 14_348), ("cycle", 11_704), ("drive", 11_283)])
def test_porto_alegre(mode, ways, shared_data):
    path = shared_data / "network/porto_alegre/poa_osm.pbf"
    frame, found = real(path, "EPSG:31982", mode)
    assert f"Of 15,886 ways with a tag highway, {ways:,} are open" in notes(found)[0]
    assert frame.geom_type.unique().tolist() == ["LineString"]
    # The extract covers about 13 by 14 km of the city.
    assert 1_000_000 < frame.length.sum() < 2_500_000
    assert (frame.length > 0).all()
    west, south, east, north = frame.total_bounds
    assert 470_000 < west < east < 490_000
    assert 6_660_000 < south < north < 6_690_000
    single = (frame["oneway"] != "both").mean()
    assert single == 0 if mode == "walk" else 0.2 < single < 0.6
    speeds = frame["metres_per_minute"] * 60 / 1_000
    assert speeds.isna().all() if mode != "drive" else speeds.between(10, 110).all()


def test_no_link_of_porto_alegre_passes_through_a_junction(shared_data):
    frame, _ = real(shared_data / "network/porto_alegre/poa_osm.pbf", "EPSG:31982", "walk")
    points, link = shapely.get_coordinates(frame.geometry, return_index=True)
    inner = np.zeros(len(points), dtype=bool)
    inner[1:-1] = (link[1:-1] == link[:-2]) & (link[1:-1] == link[2:])
    _, number, uses = np.unique(points, axis=0, return_inverse=True, return_counts=True)
    # Two nodes may lie on the very same spot without being one; a handful do.
    assert (uses[number.ravel()][inner] > 1).sum() < 10


def test_leeds(shared_data):
    frame, found = real(shared_data / "network/leeds_its-example.osm.pbf", "EPSG:27700", "walk")
    assert notes(found)[0].startswith("Of 184 ways with a tag highway, 180 are open to walking")
    # Round the Institute for Transport Studies, SE 292 346.
    assert shapely.box(*frame.total_bounds).contains(shapely.Point(429_200, 434_600))


def test_a_truncated_extract_is_a_problem(tmp_path, shared_data):
    whole = (shared_data / "network/leeds_its-example.osm.pbf").read_bytes()
    for size in (0, 3, 100, len(whole) // 2, len(whole) - 1):
        _, found = read(tmp_path, whole[:size], file="x.osm.pbf", box=None)
        assert "The extract cannot be read" in problems(found)[0][3]


def test_the_real_roads_of_bath(shared_data):
    path = shared_data / "bath/banes_os_roads.geojson"
    found = InputFolder(path.parent, Findings())
    leave_out = {"classifica": ("Restricted Local Access Road",)}
    whole = read_road_links(found, ReachSettings(file=path.name), GRID)
    # Measured before, by other means: 1,303 km.
    assert whole.length.sum() / 1_000 == pytest.approx(1_303, abs=1)
    fewer = read_road_links(found, ReachSettings(file=path.name, leave_out=leave_out), GRID)
    assert 0 < len(fewer) < len(whole)

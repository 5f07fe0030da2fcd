"""Finer points of where people live, sites that are more than a point, and places beside ours."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from provision_map import tables
from provision_map.places.homes import homes_of
from provision_map.read import read_inputs, read_settings
from tiny_exercise import (
    SOUTH,
    WEST,
    add_file,
    add_settings,
    append_row,
    boundaries,
    replace_text,
    set_cell,
    shapes,
    square,
)

HOMES = "data/people/homes.csv"
SHAPES = "data/people/homes.geojson"
SITES = "data/services/sites.geojson"
PLACES = "data/boundaries/places.geojson"
AGES = "data/people/ages.csv"
BESIDE = "data/people/places.csv"
GROUPS = "data/people/ethnic_groups.csv"

#: Two points in T01, one in T02; T03 has none.
TABLE = "code,place,e,n,people\n007,T01,383200,217200,30\nh2,T01,383800,217800,10\nh3,T02,384500,217500,0\n"  # fmt: skip


def use_table(folder: Path, text: str = TABLE, **values: str) -> None:
    add_file(folder, HOMES, text)
    columns = {"id": "code", "place": "place", "easting": "e", "northing": "n", "weight": "people"}
    chosen = {key: value for key, value in (columns | values).items() if value}
    add_settings(folder, "places.homes", file=HOMES, **chosen)


def use_shapes(folder: Path, *records, **values: str) -> None:
    add_file(folder, SHAPES, shapes(*records))
    add_settings(folder, "places.homes", file=SHAPES, id="code", **values)


def read(folder: Path):
    return read_inputs(read_settings(folder))


def told(folder: Path) -> list[tuple[str, int | None, str | None, str]]:
    inputs = read(folder)
    assert all(problem.mend for problem in inputs.problems)
    return [(p.file, p.row, p.column, p.what) for p in inputs.problems]


def at(x: float, y: float) -> list[float]:
    """Return a spot, metres from the south-west corner of the first place."""
    return [WEST + x, SOUTH + y]


def ring(x: float, y: float, side: float) -> list[list[list[float]]]:
    """Return the coordinates of a square."""
    return [[at(x, y), at(x + side, y), at(x + side, y + side), at(x, y + side), at(x, y)]]


# ---------------------------------------------------------------- homes


def test_without_points_there_are_no_homes(tiny):
    homes = read(tiny).homes
    assert list(homes.columns) == ["home_id", "place_id", "easting", "northing", "weight", "_row"]
    assert homes.empty


def test_a_table_of_homes_keeps_codes_as_text_and_rows(tiny):
    use_table(tiny)
    inputs = read(tiny)
    assert inputs.problems == ()
    assert inputs.notes == ()
    assert inputs.homes.to_numpy().tolist() == [
        ["007", "T01", 383_200.0, 217_200.0, 30.0, 2],
        ["h2", "T01", 383_800.0, 217_800.0, 10.0, 3],
        ["h3", "T02", 384_500.0, 217_500.0, 0.0, 4],
    ]
    assert any(file.file == HOMES and file.sha256 for file in inputs.files)


def test_what_is_read_is_what_the_places_take(tiny):
    use_table(tiny, TABLE + "h4,T03,385500,217500,5\n")
    replace_text(tiny / HOMES, ",0\n", ",8\n")
    inputs = read(tiny)
    shares = homes_of(inputs.places, inputs.homes).set_index("home_id")["share"].to_dict()
    # 30 and 10 of 40; the others are alone.
    assert shares == {"007": 0.75, "h2": 0.25, "h3": 1.0, "h4": 1.0}


def test_without_a_column_of_weights_they_are_not_known(tiny):
    use_table(tiny, weight="")
    assert read(tiny).homes["weight"].isna().all()


def test_longitude_and_latitude_become_metres(tiny):
    use_table(
        tiny, "code,place,lat,lon\nh1,T01,51.8675,-2.2467\n",
        easting="", northing="", longitude="lon", latitude="lat", weight="",
    )  # fmt: skip
    [home] = read(tiny).homes.to_dict("records")
    # Gloucester Cathedral, whose published grid reference is SO 831 188.
    assert home["easting"] == pytest.approx(383_100, abs=100)
    assert home["northing"] == pytest.approx(218_800, abs=100)


def test_the_place_of_a_home_is_the_outline_it_falls_in_unless_it_is_given(tiny):
    # 384500 lies in T02, whatever its row says.
    text = TABLE.replace("h3,T02", "h3,T01")
    use_table(tiny, text)
    assert read(tiny).homes["place_id"].tolist() == ["T01", "T01", "T01"]
    replace_text(tiny / "provision.toml", 'place = "place"\n', "")
    inputs = read(tiny)
    assert inputs.problems == ()
    assert inputs.homes["place_id"].tolist() == ["T01", "T01", "T02"]


def test_on_a_border_the_place_that_stands_first_has_the_home(tiny):
    use_table(tiny, "code,e,n\nx,384000,217500\n", place="", weight="")
    assert read(tiny).homes["place_id"].tolist() == ["T01"]


def test_points_outlines_and_points_of_several_parts(tiny):
    use_shapes(
        tiny,
        ({"code": 7, "n": 3.0}, "Point", at(100, 100)),
        ({"code": 8, "n": 4.0}, "Polygon", ring(1_200, 200, 100)),
        ({"code": 9, "n": None}, "MultiPoint", [at(2_100, 0), at(2_300, 200)]),
        weight="n",
    )
    inputs = read(tiny)
    assert inputs.problems == ()
    homes = inputs.homes
    assert homes["home_id"].tolist() == ["7", "8", "9"]
    assert homes["place_id"].tolist() == ["T01", "T02", "T03"]
    assert homes["weight"].tolist()[:2] == [3.0, 4.0]
    assert np.isnan(homes["weight"][2])
    assert homes["_row"].tolist() == [2, 3, 4]
    outline = shapely.box(*at(1_200, 200), *at(1_300, 300))
    assert outline.contains(shapely.Point(homes["easting"][1], homes["northing"][1]))
    # Half way between the two parts.
    assert (homes["easting"][2], homes["northing"][2]) == tuple(at(2_200, 100))


def test_homes_of_other_places_are_noted_or_belong_to_the_larger_area(tiny):
    use_table(tiny, TABLE + "x1,X01,483200,217200,5\nx2,X01,1,1,tbd\n")
    inputs = read(tiny)
    assert inputs.problems == ()
    assert len(inputs.homes) == 3
    assert [note.what for note in inputs.notes] == [
        "2 rows were passed over: no place of this exercise has the code 'X01'."
    ]
    # Of a file of boundaries from which ours are kept, others are of the larger area.
    add_settings(tiny, "places.keep", authority=["TINY"])
    inputs = read(tiny)
    assert inputs.notes == ()
    assert len(inputs.homes) == 3


def test_homes_in_no_outline_are_counted(tiny):
    use_table(tiny, TABLE + "far,T01,483200,217200,5\n", place="")
    inputs = read(tiny)
    assert inputs.problems == ()
    assert len(inputs.homes) == 3
    assert [note.what for note in inputs.notes] == [
        "Homes that lie in no place of this exercise, left out (1): far."
    ]


def test_homes_without_a_position_are_named_and_left_out(tiny):
    use_table(tiny, TABLE + "x1,T01,,217200,5\nx2,T01,tbd,unknown,5\n")
    inputs = read(tiny)
    assert inputs.problems == ()
    assert len(inputs.homes) == 3
    assert [note.what for note in inputs.notes] == [
        "Homes without a position, left out (2): x1, x2."
    ]


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        ("h2,T01,383300,217300,5", (6, "code", "h2 stands already in row 3.")),
        (",T01,383300,217300,5", (6, "code", "The cell is empty.")),
        ("T02,T01,383300,217300,5", (6, "code", "T02 is the code of a place, and cannot be that of one home of it or of another.")),
        ("h5,,383300,217300,5", None),
        ("h5,T01,383300,217300,-1", (6, "people", "-1 is below 0.")),
        ("h5,T01,383300,217300,some", (6, "people", "'some' is not a number.")),
        ("h5,T01,east,217300,5", (6, "e", "'east' is not a number.")),
        ("h5,T01,433300,217300,5", (6, "e", "h5 lies outside the area, more than 20 km from any place.")),
        ("h5,T01,217300,383300,5", (6, "e", "h5 lies outside the area, more than 20 km from any place.")),
        ("h5,T01,383300,217300", (6, None, "The row has 4 cells; the headings are 5.")),
        ("h5,T01,383300,inf,5", (6, "n", "'inf' is not a number.")),
    ],
)  # fmt: skip
def test_each_fault_of_a_home_is_told_with_its_row(row, problem, tiny):
    use_table(tiny, TABLE + "h4,T03,385500,217500,5\n" + row + "\n")
    expected = [] if problem is None else [(HOMES, *problem)]
    assert told(tiny) == expected


def test_a_home_may_have_the_code_of_a_place_whose_only_one_it_is(tiny):
    use_table(tiny, TABLE.replace("h3", "T02"))
    assert told(tiny) == []


def test_swapped_coordinates_are_asked_about(tiny):
    use_table(tiny, TABLE + "h5,T01,217300,383300,5\n")
    [problem] = read(tiny).problems
    assert problem.mend == "Easting and northing look swapped."


def test_all_faults_of_homes_are_told_at_once(tiny):
    use_table(tiny, TABLE + "h2,T01,383300,217300,-5\nh5,T01,433300,217300,many\n")
    append_row(tiny / "data/services/sessions.csv", service_id="S9", weekday="Monday", period="term")  # fmt: skip
    assert {(file, row, column) for file, row, column, _ in told(tiny)} == {
        (HOMES, 5, "code"),
        (HOMES, 5, "people"),
        (HOMES, 6, "e"),
        (HOMES, 6, "people"),
        ("data/services/sessions.csv", 9, "service_id"),
    }


@pytest.mark.parametrize(
    ("text", "values", "problem"),
    [
        (TABLE, {"id": "kode"}, (HOMES, 1, "kode", "The column is missing.")),
        (TABLE, {"easting": "east"}, (HOMES, 1, "east", "The column is missing.")),
        (TABLE, {"weight": "persons"}, (HOMES, 1, "persons", "The column is missing.")),
        (TABLE, {"place": "plce"}, (HOMES, 1, "plce", "The column is missing.")),
        (TABLE, {"weight": "e"}, ("provision.toml", None, "places.homes", f"The column e of {HOMES} is named for two things.")),
        (TABLE, {"easting": "", "northing": ""}, ("provision.toml", None, "places.homes", "The homes are a table, and no coordinates are named.")),
        ("code,place,e,n,people\n", {}, (HOMES, None, None, "The table is empty: it has headings only.")),
        ("", {}, (HOMES, None, None, "The file is empty.")),
        ("code,place,e,n,people\nh1,X1,1,1,1\n", {}, (HOMES, None, "place", "None of its 1 rows is of a place of this exercise; the first is of 'X1'.")),
        ("code,place,e,n,people\nh1,T01,,,1\n", {}, (HOMES, None, None, "No home has a position.")),
        ("code,e,n,people\nh1,217500,383500,1\n", {"place": ""}, (HOMES, None, None, "None of its 1 homes lies in a place of this exercise.")),
        ("code,place,e,n,people\nh1,T01,383\x00200,1,1\n", {}, (HOMES, 2, None, "The file holds NUL bytes: it is not text, or it is damaged.")),
    ],
)  # fmt: skip
def test_tables_that_hold_no_homes(text, values, problem, tiny):
    use_table(tiny, text, **values)
    assert told(tiny) == [problem]


@pytest.mark.parametrize(
    ("records", "values", "problem"),
    [
        ([({"code": 1}, "LineString", [at(0, 0), at(9, 9)]), ({"code": 2}, "Point", at(5, 5))], {}, (SHAPES, 2, "geometry", "The home is a LineString, neither a point nor an outline.")),
        ([({"code": 1}, "Point", at(5, 5))], {"weight": "w"}, (SHAPES, 1, "w", "The column is missing.")),
        ([({"code": 1, "w": -2}, "Point", at(5, 5))], {"weight": "w"}, (SHAPES, 2, "w", "-2 is below 0.")),
        ([({"code": 1, "p": "X"}, "Point", at(5, 5))], {"place": "p"}, (SHAPES, None, "p", "None of its 1 rows is of a place of this exercise; the first is of 'X'.")),
        ([], {}, (SHAPES, None, None, "The file is empty: it holds no homes.")),
        ([({"code": 1}, "Point", at(5, 5))], {"layer": "other"}, ("provision.toml", None, "places.homes.layer", f"{SHAPES} has no layer 'other'.")),
    ],
)  # fmt: skip
def test_shapes_that_hold_no_homes(records, values, problem, tiny):
    use_shapes(tiny, *records, **values)
    assert told(tiny) == [problem]


def test_a_missing_file_of_homes_is_told_once(tiny):
    use_table(tiny)
    (tiny / HOMES).unlink()
    assert told(tiny) == [(HOMES, None, None, "The file is missing.")]


def test_a_fault_of_the_boundaries_does_not_blame_the_homes(tiny):
    use_table(tiny)
    (tiny / PLACES).unlink()
    assert {file for file, *_ in told(tiny)} == {PLACES}


def test_the_real_postcodes_of_bath_lie_in_their_places(tiny, shared_data):
    for name in ("banes_lsoa_2011.geojson", "banes_lsoa11_mid2020_single_year.csv"):
        shutil.copy(shared_data / "bath" / name, tiny / name)
    text = (tiny / "provision.toml").read_text()
    text = text.replace(f'file = "{PLACES}"', 'file = "banes_lsoa_2011.geojson"')
    frame = json.loads((tiny / "banes_lsoa_2011.geojson").read_text())
    first = frame["features"][0]["properties"]
    code = next(key for key, value in first.items() if str(value).startswith("E01"))
    name = next(key for key, value in first.items() if str(value).startswith("Bath"))
    text = text.replace('id = "code"\nname = "name"', f'id = "{code}"\nname = "{name}"')
    text = text.replace('authority = "authority"\n', "")
    text = text.replace('neighbourhoods = "data/boundaries/neighbourhoods.csv"\n', "")
    (tiny / "provision.toml").write_text(text)
    add_settings(
        tiny, "places.homes", file=str(shared_data / "bath/banes_postcodes.csv"), id="postcode",
        place="lsoa11cd", longitude="lon", latitude="lat",
    )  # fmt: skip
    inputs = read(tiny)
    homes = inputs.homes
    assert [p for p in inputs.problems if "postcodes" in p.file] == []
    assert len(homes) > 5_000
    assert homes["place_id"].nunique() == len(inputs.places) == 115
    at_home = inputs.places.set_index("place_id").geometry.loc[homes["place_id"]].to_numpy()
    metres = shapely.distance(at_home, shapely.points(homes[["easting", "northing"]].to_numpy()))
    # About one in a hundred lies just over a border, as its publisher says.
    assert (metres == 0).mean() > 0.97
    assert np.quantile(metres, 0.999) < 500


# ---------------------------------------------------------------- sites

TWO_GATES = (
    ({"service_id": "S3"}, "Polygon", ring(1_300, 300, 200)),
    ({"service_id": "S1"}, "Point", at(450, 500)),
    ({"service_id": "S1"}, "Point", at(550, 500)),
)


def use_sites(folder: Path, *records, **values: str) -> None:
    add_file(folder, SITES, shapes(*records))
    add_settings(folder, "services.sites", file=SITES, **values)


def test_sites_are_put_together_by_service(tiny):
    use_sites(tiny, *TWO_GATES)
    inputs = read(tiny)
    assert inputs.problems == ()
    assert inputs.notes == ()
    sites = inputs.sites
    assert list(sites.columns) == ["service_id", "geometry"]
    assert sites.crs.to_epsg() == 27700
    assert sites["service_id"].tolist() == ["S3", "S1"]
    assert sites.geometry[0].area == pytest.approx(200 * 200)
    assert sites.geometry[1].equals(shapely.MultiPoint([at(450, 500), at(550, 500)]))


def test_without_a_file_of_sites_there_are_none(tiny):
    sites = read(tiny).sites
    assert list(sites.columns) == ["service_id", "geometry"]
    assert sites.empty
    assert sites.crs.to_epsg() == 27700


def test_sites_of_others_are_passed_over_and_counted(tiny):
    others = [({"service_id": f"Z{n}"}, "Point", at(0, 0)) for n in range(7)]
    use_sites(tiny, *TWO_GATES, *others)
    inputs = read(tiny)
    assert inputs.problems == ()
    assert [note.what for note in inputs.notes] == [
        "7 records were passed over: no service of this exercise has the code 'Z0', 'Z1', 'Z2', 'Z3', 'Z4', …."
    ]


def test_a_bow_tie_is_repaired_and_an_empty_site_left_out_with_a_note(tiny):
    bow = [[at(0, 0), at(200, 200), at(200, 0), at(0, 200), at(0, 0)]]
    use_sites(
        tiny, ({"service_id": "S1"}, "Polygon", bow), ({"service_id": "S2"}, "", None), TWO_GATES[0]
    )
    inputs = read(tiny)
    assert inputs.problems == ()
    # Two triangles of half 200 by 100 each.
    assert inputs.sites.geometry[0].area == pytest.approx(20_000)
    assert [note.what for note in inputs.notes] == [
        "Sites without a shape, left out (1): S2 (row 3).",
        "The outline of S1 was not valid (self-intersection) and was repaired.",
    ]


def test_a_site_far_from_the_position_of_its_service_is_noted(tiny):
    use_sites(tiny, ({"service_id": "S1"}, "Point", at(2_500, 500)))
    inputs = read(tiny)
    assert inputs.problems == ()
    [note] = inputs.notes
    # S1 stands at 500, 500.
    assert note.what == "Sites more than 1 km from the position of their service (1): S1 (2.0 km). The site is used."  # fmt: skip
    set_cell(tiny / "data/services/services.csv", 2, "location_accuracy", "1500")
    assert read(tiny).notes == ()


@pytest.mark.parametrize(
    ("records", "values", "problem"),
    [
        ([({"service_id": "Z1"}, "Point", at(0, 0))], {}, (SITES, None, "service_id", "None of its 1 records is of a service of this exercise; the first is of 'Z1'.")),
        ([({"service_id": "S1"}, "Point", at(0, 50_000))], {}, (SITES, 2, "geometry", "The site of S1 lies outside the area, more than 20 km from any place.")),
        ([({"service_id": "S1"}, "Polygon", [[at(0, 0), at(9, 0), at(0, 0), at(0, 0)]])], {}, (SITES, 2, "geometry", "The outline of S1 has no area.")),
        ([({"service": "S1"}, "Point", at(0, 0))], {}, (SITES, 1, "service_id", "The column is missing.")),
        ([({"service_id": "S1"}, "Point", at(0, 0))], {"id": "code"}, (SITES, 1, "code", "The column is missing.")),
        ([({"service_id": "S1"}, "Point", at(0, 0))], {"layer": "x"}, ("provision.toml", None, "services.sites.layer", f"{SITES} has no layer 'x'.")),
        ([], {}, (SITES, None, None, "The file is empty: it holds no sites.")),
    ],
)  # fmt: skip
def test_each_fault_of_sites_is_told(records, values, problem, tiny):
    use_sites(tiny, *records, **values)
    assert told(tiny) == [problem]


def test_a_slip_in_the_code_of_a_site_is_asked_about(tiny):
    use_sites(tiny, ({"service_id": "s-1"}, "Point", at(0, 0)))
    [problem] = read(tiny).problems
    assert problem.mend.startswith("Did you mean 'S1'?")


def test_a_fault_of_the_services_does_not_blame_the_sites(tiny):
    use_sites(tiny, ({"service_id": "Z1"}, "Point", at(0, 0)))
    replace_text(tiny / "data/services/services.csv", "service_id,name", "code,name")
    assert SITES not in {file for file, *_ in told(tiny)}


# ---------------------------------------------------------------- neighbours


def border(folder: Path, metres: float = 500) -> None:
    """Add two places of another authority: X01 east of T03, X02 2 km further east."""
    data = boundaries()
    for code, number in (("X01", 3), ("X02", 6)):
        properties = {"code": code, "name": f"Elsewhere 00{number}A", "authority": "OTHER"}
        shape = {"type": "Polygon", "coordinates": [square(number)]}
        data["features"].append({"type": "Feature", "properties": properties, "geometry": shape})
    (folder / PLACES).write_text(json.dumps(data), encoding="utf-8")
    replace_text(folder / "provision.toml", 'level = "square"', f'level = "square"\nkeep = {{ authority = ["TINY"] }}\nneighbours_metres = {metres}')  # fmt: skip
    ages = (folder / AGES).read_text().splitlines()
    (folder / AGES).write_text("\n".join([*ages, ages[1].replace("T01", "X01").replace("20", "7")]) + "\n")  # fmt: skip
    append_row(folder / BESIDE, code="X01", easting="386400", northing="217400", imd_decile="1")
    groups = (folder / GROUPS).read_text().splitlines()
    (folder / GROUPS).write_text("\n".join([*groups, groups[1].replace("T01", "X01")]) + "\n")


def test_places_within_the_distance_are_neighbours_with_their_people(tiny):
    border(tiny)
    inputs = read(tiny)
    assert inputs.problems == ()
    assert inputs.notes == ()
    assert inputs.places["place_id"].tolist() == ["T01", "T02", "T03"]
    beside = inputs.neighbours
    assert list(beside.columns) == tables.PLACES.names()
    assert beside["place_id"].tolist() == ["X01"]
    assert beside.crs.to_epsg() == 27700
    [place] = beside.drop(columns="geometry").to_dict("records")
    assert (place["easting"], place["northing"], place["approximate"]) == (386_400, 217_400, "no")
    assert place["name"] == "Elsewhere 003A"
    assert np.isnan(place["imd_decile"])
    assert set(inputs.neighbour_ages["place_id"]) == {"X01"}
    assert set(inputs.neighbour_ages["children"]) == {7.0, 10.0}
    assert list(inputs.neighbour_ages.columns) == list(inputs.ages.columns)
    assert list(inputs.neighbour_groups.columns) == list(inputs.ethnic_groups.columns)
    assert set(inputs.neighbour_groups["place_id"]) == {"X01"}
    # Nothing of them is among our own.
    for frame in (inputs.ages, inputs.ethnic_groups):
        assert set(frame["place_id"]) == {"T01", "T02", "T03"}


@pytest.mark.parametrize(("metres", "codes"), [(0, []), (0.5, ["X01"]), (1_999, ["X01"]), (3_000, ["X01", "X02"])])  # fmt: skip
def test_the_distance_decides_who_is_a_neighbour(metres, codes, tiny):
    border(tiny, metres)
    assert read(tiny).neighbours["place_id"].tolist() == codes


def test_without_neighbours_the_tables_are_empty_with_all_their_columns(tiny):
    inputs = read(tiny)
    assert list(inputs.neighbours.columns) == tables.PLACES.names()
    for empty, full in (
        (inputs.neighbours, inputs.places),
        (inputs.neighbour_ages, inputs.ages),
        (inputs.neighbour_groups, inputs.ethnic_groups),
    ):
        assert empty.empty
        assert list(empty.columns) == list(full.columns)


def test_a_neighbour_without_people_or_centroid_is_noted_not_a_problem(tiny):
    border(tiny, 3_000)
    inputs = read(tiny)
    assert inputs.problems == ()
    assert [note.what for note in inputs.notes] == [
        "Neighbouring places without people, whose children do not compete (1): X02.",
        "Neighbouring places without a row (1): X02.",
        "Places without a centroid, where a point inside stands in (1): X02.",
    ]


def test_a_distance_without_other_places_is_noted(tiny):
    add_settings(tiny, "places", neighbours_metres=500.0)
    [note] = read(tiny).notes
    assert note.what == "There are no neighbours: every place of the file is one of ours."
    assert note.column == "places.neighbours_metres"


def test_a_broken_outline_of_another_place_is_counted_not_a_problem(tiny):
    border(tiny)
    data = json.loads((tiny / PLACES).read_text())
    data["features"][-1]["geometry"] = None
    (tiny / PLACES).write_text(json.dumps(data))
    inputs = read(tiny)
    assert inputs.problems == ()
    assert [note.what for note in inputs.notes] == [
        "1 other place has no outline that can be used, and is no neighbour."
    ]


def test_text_among_a_neighbours_children_is_a_problem_with_its_row(tiny):
    border(tiny)
    set_cell(tiny / AGES, 5, "age_7", "lots")
    assert told(tiny) == [(AGES, 5, "age_7", "'lots' is not a number.")]


# ---------------------------------------------------------------- whatever stands in the files

ANY_TEXT = st.one_of(
    st.text(st.characters(exclude_categories=["Cs"]), max_size=15),
    st.sampled_from(["=1+1", "</script>", "1e999", "nan", "-inf", "9" * 400, "_row", "0x10", "1_0"]),
)  # fmt: skip


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])  # fmt: skip
@given(cells=st.lists(ANY_TEXT, min_size=5, max_size=5), heading=st.booleans())
def test_any_text_among_homes_gives_a_table_or_problems(tiny, cells, heading):
    if not (tiny / HOMES).exists():
        use_table(tiny)
    rows = [TABLE.splitlines()[0].split(","), ["h1", "T01", "383200", "217200", "3"]]
    rows.insert(0 if heading else 2, cells)
    pd.DataFrame(rows[1:], columns=rows[0]).to_csv(tiny / HOMES, index=False, lineterminator="\r\n")
    inputs = read(tiny)
    assert all(problem.file and problem.what for problem in inputs.problems)
    assert np.isfinite(inputs.homes[["easting", "northing"]].to_numpy(dtype=float)).all()


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])  # fmt: skip
@given(data=st.binary(max_size=100), splice=st.floats(0, 1))
def test_any_bytes_among_sites_give_a_table_or_problems(tiny, data, splice):
    if not (tiny / SITES).exists():
        use_sites(tiny, *TWO_GATES)
    original = json.dumps(shapes(*TWO_GATES)).encode()
    at_byte = int(len(original) * splice)
    (tiny / SITES).write_bytes(original[:at_byte] + data + original[at_byte:])
    assert all(problem.what for problem in read(tiny).problems)


@pytest.mark.parametrize("text", ["\ud800", "\x00", "a\x00b", "=1+1", "<b>", "x" * 10_000_000])
def test_hostile_text_in_shapes_stays_text_or_is_a_problem(text, tiny):
    use_sites(tiny, *TWO_GATES, ({"service_id": text}, "Point", at(0, 0)))
    use_shapes(tiny, ({"code": text}, "Point", at(100, 100)))
    add_file(
        tiny, "data/roads.geojson", shapes(({"way": text}, "LineString", [at(0, 0), at(9, 9)]))
    )
    add_settings(
        tiny, "reach", travel_times="streets", file="data/roads.geojson", oneway="way", mode="drive"
    )
    inputs = read(tiny)
    assert set(inputs.sites["service_id"]) <= {"S1", "S3"}
    # What stands in a message is cut, and can be written anywhere.
    for told_of in (*inputs.problems, *inputs.notes):
        assert len(str(told_of)) < 2_000
        str(told_of).encode("utf-8")


def test_a_cell_of_ten_million_letters_is_a_problem_of_its_row(tiny):
    use_table(tiny, TABLE + f"{'x' * 10_000_000},T01,383300,217300,5\n")
    [(file, row, _, what)] = told(tiny)
    assert (file, row) == (HOMES, 5)
    assert "cannot be read" in what

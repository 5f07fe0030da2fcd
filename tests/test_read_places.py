"""Boundaries of any format and system, repaired; names, centroids, deprivation and people."""

from __future__ import annotations

import json

import geopandas as gpd
import numpy as np
import pytest
import shapely

from provision_map import tables
from provision_map.read import read_inputs, read_settings
from tiny_exercise import PLACES, boundaries, replace_text, set_cell, square

BOUNDARIES = "data/boundaries/places.geojson"
NEIGHBOURHOODS = "data/boundaries/neighbourhoods.csv"
BESIDE = "data/people/places.csv"


def read(folder):
    return read_inputs(read_settings(folder))


def write_boundaries(folder, data):
    (folder / BOUNDARIES).write_text(json.dumps(data), encoding="utf-8")


def test_the_tiny_places_are_three_squares_with_all_columns(tiny):
    inputs = read(tiny)
    places = inputs.places
    assert inputs.problems == inputs.notes == ()
    assert list(places.columns) == tables.PLACES.names()
    assert places["place_id"].tolist() == list(PLACES)
    assert places["name"].tolist() == ["Weston · 001A", "Weston · 002A", "Easton · 003A"]
    assert places["neighbourhood_id"].tolist() == ["N1", "N1", "N2"]
    assert set(places["level"]) == {"square"}
    assert set(places["authority"]) == {"TINY"}
    assert places["imd_decile"].tolist() == [2, 5, 8]
    assert places["easting"].tolist() == [383_500, 384_500, 385_500]
    assert places["approximate"].tolist() == ["no"] * 3
    assert places.area.tolist() == pytest.approx([1e6] * 3)
    assert places.crs.to_epsg() == 27700


@pytest.mark.parametrize("suffix", ["gpkg", "shp", "fgb"])
@pytest.mark.parametrize("crs", [27700, 4326, 3857])
def test_any_format_and_system_gives_the_same_places(suffix, crs, tiny):
    name = f"data/boundaries/places.{suffix}"
    gpd.read_file(tiny / BOUNDARIES).to_crs(crs).to_file(tiny / name)
    replace_text(tiny / "provision.toml", BOUNDARIES, name)
    inputs = read(tiny)
    # What belongs to a shapefile has the source of the shapefile.
    assert inputs.problems == inputs.notes == ()
    assert sorted(inputs.places["place_id"]) == list(PLACES)
    assert inputs.places.area.tolist() == pytest.approx([1e6] * 3, rel=1e-4)
    files = {file.file for file in inputs.files}
    assert name in files
    assert ("data/boundaries/places.dbf" in files) == (suffix == "shp")


def test_geojson_without_a_system_is_longitude_and_latitude(tiny):
    data = json.loads(gpd.read_file(tiny / BOUNDARIES).to_crs(4326).to_json(drop_id=True))
    data.pop("crs", None)
    write_boundaries(tiny, data)
    inputs = read(tiny)
    assert inputs.problems == ()
    assert inputs.places.area.tolist() == pytest.approx([1e6] * 3, rel=1e-4)


def test_latitude_first_is_told_as_swapped(tiny):
    frame = gpd.read_file(tiny / BOUNDARIES).to_crs(4326)
    frame.geometry = shapely.transform(frame.geometry, lambda xy: xy[:, ::-1])
    data = json.loads(frame.to_json(drop_id=True))
    data.pop("crs", None)
    write_boundaries(tiny, data)
    told = [(p.file, p.row, p.column) for p in read(tiny).problems if p.file == BOUNDARIES]
    assert told == [(BOUNDARIES, row, "geometry") for row in (2, 3, 4)]
    assert "swapped" in read(tiny).problems[0].mend


def test_a_polygon_that_crosses_itself_is_repaired_and_noted(tiny):
    data = boundaries()
    ring = square(1)
    ring[1], ring[2] = ring[2], ring[1]
    data["features"][1]["geometry"]["coordinates"] = [ring]
    write_boundaries(tiny, data)
    inputs = read(tiny)
    assert inputs.problems == ()
    outline = inputs.places.geometry.tolist()[1]
    assert outline.is_valid
    # A bow tie of a square: two triangles that meet in the middle, half its area.
    assert outline.area == pytest.approx(5e5)
    [note] = inputs.notes
    assert (note.file, note.row) == (BOUNDARIES, 3)
    assert "repaired" in note.what


def test_heights_are_dropped(tiny):
    data = boundaries()
    for feature in data["features"]:
        feature["geometry"]["coordinates"] = [
            [[*point, 40.0] for point in feature["geometry"]["coordinates"][0]]
        ]
    write_boundaries(tiny, data)
    inputs = read(tiny)
    assert inputs.problems == ()
    assert not inputs.places.geometry.has_z.any()


def test_codes_that_are_numbers_are_read_as_text(tiny):
    data = boundaries()
    for n, feature in enumerate(data["features"]):
        feature["properties"]["code"] = n + 7
    write_boundaries(tiny, data)
    for name in (NEIGHBOURHOODS, BESIDE, "data/people/ages.csv", "data/people/ethnic_groups.csv"):
        for n, code in enumerate(PLACES):
            replace_text(tiny / name, f"{code},", f"{n + 7},")
    assert read(tiny).places["place_id"].tolist() == ["7", "8", "9"]
    assert read(tiny).places["neighbourhood"].tolist() == ["Weston", "Weston", "Easton"]


def test_only_the_places_to_keep_are_read_and_rows_of_others_pass_in_silence(tiny):
    data = boundaries()
    data["features"][2]["properties"]["authority"] = "OTHER"
    write_boundaries(tiny, data)
    replace_text(tiny / "provision.toml", 'level = "square"', 'keep = { authority = "TINY" }')
    set_cell(tiny / "data/people/ages.csv", 4, "age_7", "lots")
    set_cell(tiny / "data/services/services.csv", 6, "place_id", "")
    inputs = read(tiny)
    assert inputs.problems == ()
    # Of the tables, only that of neighbourhoods is the exercise's own: there it may be a slip.
    assert [note.file for note in inputs.notes] == [NEIGHBOURHOODS]
    assert inputs.places["place_id"].tolist() == ["T01", "T02"]
    assert set(inputs.ages["place_id"]) == {"T01", "T02"}
    # A neighbour's service, inside the 20 km, may still serve.
    assert inputs.services["service_id"].tolist()[4] == "S5"


def test_a_place_in_no_neighbourhood_keeps_its_own_name_and_is_noted(tiny):
    set_cell(tiny / NEIGHBOURHOODS, 3, "place_id", "T77")
    inputs = read(tiny)
    assert inputs.places["name"].tolist()[1] == "Tinytown 002A"
    assert inputs.places["neighbourhood"].tolist() == ["Weston", "", "Easton"]
    assert [note.file for note in inputs.notes] == [NEIGHBOURHOODS] * 2
    assert [note.what for note in inputs.notes] == [
        "1 place is in no neighbourhood and keeps its own name: T02.",
        "1 row was passed over: no place of this exercise has the code 'T77'.",
    ]


def dated(folder, *rows):
    text = "place_id,neighbourhood_id,neighbourhood,valid_from,valid_to\n" + "\n".join(rows) + "\n"
    (folder / NEIGHBOURHOODS).write_text(text, encoding="utf-8")
    set_cell(folder / "data/services/practice.csv", 3, "reached_places", "T01")


def test_the_neighbourhood_valid_on_the_day_names_the_place(tiny):
    dated(
        tiny,
        "T01,A,Old,2000-01-01,2020-11-29", "T01,B,New,2020-11-30,",
        "T02,A,Old,2000-01-01,2020-11-30", "T02,B,New,2020-12-01,",
        "T03,B,New,,",
    )  # fmt: skip
    inputs = read(tiny)
    assert inputs.problems == inputs.notes == ()
    assert inputs.places["neighbourhood"].tolist() == ["New", "Old", "New"]


def test_where_two_claim_a_place_the_first_in_the_file_names_it_and_a_note_says_so(tiny):
    dated(tiny, "T01,A,First,,", "T01,B,Second,,", "T02,A,First,,", "T03,A,First,,")
    inputs = read(tiny)
    assert inputs.problems == ()
    assert inputs.places["neighbourhood"].tolist()[0] == "First"
    [note] = inputs.notes
    assert (note.row, "Second" in note.what) == (3, True)


def test_where_none_is_valid_the_most_recent_are_used_and_a_note_says_so(tiny):
    dated(
        tiny,
        "T01,A,Oldest,1990-01-01,2000-01-01", "T01,B,Recent,2000-01-02,2016-05-04",
        "T02,B,Recent,2000-01-02,2016-05-04", "T03,B,Recent,2000-01-02,2016-05-04",
    )  # fmt: skip
    inputs = read(tiny)
    assert inputs.problems == ()
    assert set(inputs.places["neighbourhood"]) == {"Recent"}
    [note] = inputs.notes
    assert "valid to 2016-05-04" in note.what
    assert "2020-11-30" in note.what


def test_where_all_lie_ahead_the_nearest_are_used(tiny):
    rows = [f"{p},{c},{n},{d},"
            for p in PLACES for c, n, d in (("A", "Far", "2040-01-01"), ("B", "Near", "2021-01-01"))]  # fmt: skip
    dated(tiny, *rows)
    inputs = read(tiny)
    assert set(inputs.places["neighbourhood"]) == {"Near"}
    assert "valid from 2021-01-01" in inputs.notes[0].what


def test_without_neighbourhoods_places_keep_their_names(tiny):
    replace_text(tiny / "provision.toml", f'neighbourhoods = "{NEIGHBOURHOODS}"\n', "")
    replace_text(tiny / "provision.toml", f'"{NEIGHBOURHOODS}" = {{ source = "made up" }}\n', "")
    set_cell(tiny / "data/services/practice.csv", 3, "reached_places", "T01")
    inputs = read(tiny)
    assert inputs.problems == inputs.notes == ()
    assert inputs.places["name"].tolist()[0] == "Tinytown 001A"


def test_a_place_without_a_centroid_has_a_point_inside_marked_approximate(tiny):
    set_cell(tiny / BESIDE, 3, "code", "elsewhere")
    inputs = read(tiny)
    place = inputs.places.iloc[1]
    assert place["approximate"] == "yes"
    assert place.geometry.contains(shapely.Point(place["easting"], place["northing"]))
    assert np.isnan(place["imd_decile"])
    assert inputs.places["approximate"].tolist() == ["no", "yes", "no"]
    assert [note.file for note in inputs.notes] == [BESIDE] * 3
    assert "'elsewhere'" in inputs.notes[0].what


def test_a_centroid_that_is_wrong_is_not_missing_too(tiny):
    set_cell(tiny / BESIDE, 2, "easting", "38450")
    set_cell(tiny / BESIDE, 3, "easting", "")
    inputs = read(tiny)
    assert [problem.row for problem in inputs.problems] == [2, 3]
    assert inputs.notes == ()
    assert inputs.places["approximate"].tolist() == ["yes", "yes", "no"]


def test_what_the_reader_of_boundaries_says_is_cut_to_what_it_found(tiny):
    data = boundaries()
    data["features"][1]["geometry"]["coordinates"] = [square(1)[:-1]]
    write_boundaries(tiny, data)
    inputs = read(tiny)
    assert [problem.row for problem in inputs.problems] == [3]
    assert [n.what for n in inputs.notes] == ["Said by the reader: Non closed ring detected."]


def test_without_centroids_all_are_approximate_and_a_note_says_so(tiny):
    text = (tiny / "provision.toml").read_text(encoding="utf-8")
    start, end = text.index("[places.centroids]"), text.index("[people.ages]")
    text = (text[:start] + text[end:]).replace(f'"{BESIDE}" = {{ source = "made up" }}\n', "")
    (tiny / "provision.toml").write_text(text, encoding="utf-8")
    inputs = read(tiny)
    assert inputs.problems == ()
    [note] = inputs.notes
    assert (note.file, note.column) == ("provision.toml", "places.centroids")
    assert "a point inside each place stands in" in note.what
    assert set(inputs.places["approximate"]) == {"yes"}
    assert inputs.places["imd_decile"].isna().all()


def test_children_by_single_year_of_age_for_all_ages_of_the_offers(tiny):
    ages = read(tiny).ages
    assert list(ages.columns) == ["place_id", "age", "children", "basis"]
    assert sorted(set(ages["age"])) == list(range(5, 25))
    assert ages.loc[ages["age"].between(5, 13), "children"].sum() == 9 * 20 * 3
    assert ages.loc[ages["age"] > 19, "children"].sum() == 5 * 10 * 3


def test_ages_beyond_the_offers_are_not_needed(tiny):
    path = tiny / "data/people/ages.csv"
    lines = [",".join(line.split(",")[:16]) for line in path.read_text().splitlines()]
    path.write_text("\n".join(lines) + "\n")
    inputs = read(tiny)
    assert inputs.problems == ()
    assert sorted(set(inputs.ages["age"])) == list(range(5, 20))


def test_residents_by_ethnic_group_with_the_residual_group(tiny):
    groups = read(tiny).ethnic_groups
    assert list(groups.columns) == ["place_id", "group_id", "residents"]
    here = groups[groups["place_id"] == "T01"].set_index("group_id")["residents"]
    assert len(here) == 15
    assert here["white_british"] == 800
    assert here["gypsy_or_irish_traveller"] == 1000 - 800 - 13 * 15
    assert here.sum() == 1000


def test_without_a_table_of_ethnic_groups_there_is_none(tiny):
    text = (tiny / "provision.toml").read_text(encoding="utf-8")
    start, end = text.index("[people.ethnic_groups]"), text.index("[services]")
    (tiny / "provision.toml").write_text(text[:start] + text[end:], encoding="utf-8")
    inputs = read(tiny)
    assert inputs.problems == ()
    assert inputs.ethnic_groups.empty
    assert list(inputs.ethnic_groups.columns) == ["place_id", "group_id", "residents"]


def test_residents_in_none_of_the_groups_are_noted(tiny):
    settings = tiny / "provision.toml"
    replace_text(settings, 'residual = "gypsy_or_irish_traveller"\n', "")
    replace_text(settings, "[services]\n", '[people.ethnic_groups.columns]\ngypsy_or_irish_traveller = "other"\n[services]\n')  # fmt: skip
    inputs = read(tiny)
    assert [p.column for p in inputs.problems] == [None]
    assert "named for two things" in inputs.problems[0].what
    path = tiny / "data/people/ethnic_groups.csv"
    text = path.read_text().splitlines()
    path.write_text("\n".join([text[0] + ",roma", *(line + ",1" for line in text[1:])]) + "\n")
    replace_text(settings, '"other"', '"roma"')
    inputs = read(tiny)
    assert inputs.problems == ()
    assert {note.what for note in inputs.notes} == {
        f"4 residents of {place} are in none of the groups." for place in PLACES
    }


@pytest.mark.parametrize(
    ("line", "column"),
    [
        ('residual = "martians"', "people.ethnic_groups.residual"),
        ('columns = { martians = "x" }', "people.ethnic_groups.columns.martians"),
    ],
)
def test_an_unknown_ethnic_group_in_the_settings_is_told(line, column, tiny):
    replace_text(tiny / "provision.toml", 'residual = "gypsy_or_irish_traveller"', line)
    assert column in [problem.column for problem in read(tiny).problems]

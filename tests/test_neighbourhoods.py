"""Neighbourhoods that overlap, leave places out, are dated, and are drawn in any format."""

from __future__ import annotations

import datetime as dt

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from provision_map.coverage.returns import spoken_for
from provision_map.frameworks import load_framework
from provision_map.gaps.measure import _places
from provision_map.places.areas import lie_in, memberships_of, places_of
from provision_map.practice import practice_reach
from provision_map.read import read_inputs, read_settings
from provision_map.read.places.members import choose_names, find_members
from tiny_exercise import SIDE, SOUTH, WEST, add_file, append_row, replace_text, set_cell, shapes

SETS = "data/boundaries/neighbourhoods.csv"
DRAWN = "data/boundaries/drawn.geojson"
PRACTICE = "data/services/practice.csv"


def read(folder):
    return read_inputs(read_settings(folder))


def box(west, east, south=0.0, north=1.0):
    """Return the ring of a box, in sides of the tiny squares from their south-west corner."""
    x = [WEST + side * SIDE for side in (west, east)]
    y = [SOUTH + side * SIDE for side in (south, north)]
    return [[[x[0], y[0]], [x[1], y[0]], [x[1], y[1]], [x[0], y[1]], [x[0], y[0]]]]


def draw(folder, *records, dates=False, name=DRAWN):
    """Name the places by outlines: (code, name, ring) each, or with two dates after the name."""
    keys = ("code", "name", "from", "to") if dates else ("code", "name")
    drawn = [
        (dict(zip(keys, record[:-1], strict=True)), "Polygon", record[-1]) for record in records
    ]
    add_file(folder, name, shapes(*drawn))
    inside = ', valid_from = "from", valid_to = "to"' if dates else ""
    new = f'neighbourhoods = {{ file = "{name}", id = "code", name = "name"{inside} }}'
    replace_text(folder / "provision.toml", f'neighbourhoods = "{SETS}"', new)
    replace_text(folder / "provision.toml", f'"{SETS}" = {{ source = "made up" }}\n', "")
    set_cell(folder / PRACTICE, 3, "reached_places", "T01")


OVERLAPPING = (
    ("A", "Abbey", box(0, 2.2)),
    ("B", "Barton", box(0.9, 2)),
    ("C", "Tiny", box(2.9, 3)),
)


def test_outlines_may_overlap_and_need_not_cover_and_all_of_it_is_said(tiny):
    draw(tiny, *OVERLAPPING)
    inputs = read(tiny)
    assert inputs.problems == ()
    assert inputs.memberships.values.tolist() == [
        ["T01", "A", "Abbey", 1.0], ["T02", "A", "Abbey", 1.0], ["T02", "B", "Barton", 1.0],
    ]  # fmt: skip
    # T02 lies in both alike: the first in the file names it. T03 keeps its own name.
    assert inputs.places["name"].tolist() == ["Abbey · 001A", "Abbey · 002A", "Tinytown 003A"]
    assert inputs.places["neighbourhood_ids"].tolist() == [("A",), ("A", "B"), ()]
    said = " ".join(note.what for note in inputs.notes if note.file == DRAWN)
    for words in ("half of its area", "1 neighbourhood holds no place: Tiny",
                  "1 place is in several neighbourhoods", "T02 (Abbey)", "1 place is in no neighbourhood"):  # fmt: skip
        assert words in said


def test_a_place_belongs_where_most_of_its_people_live_not_most_of_its_area(tiny):
    draw(tiny, ("W", "West", box(0, 0.4)), ("E", "East", box(0.4, 3)))
    assert read(tiny).places["neighbourhood"].tolist() == ["East"] * 3
    at = f"{SOUTH + 500},9\nh2,T01,{WEST + 800},{SOUTH + 500},1\n"
    add_file(tiny, "homes.csv", f"id,place,x,y,people\nh1,T01,{WEST + 100},{at}")
    replace_text(
        tiny / "provision.toml", "[places.centroids]",
        '[places.homes]\nfile = "homes.csv"\nid = "id"\nplace = "place"\neasting = "x"\nnorthing = "y"\n'
        'weight = "people"\n[places.centroids]',
    )  # fmt: skip
    inputs = read(tiny)
    assert inputs.places["neighbourhood"].tolist() == ["West", "East", "East"]
    assert inputs.memberships["share"].tolist() == [0.9, 1.0, 1.0]


def test_the_largest_share_names_a_place_and_a_tie_goes_to_the_first():
    rows = [("P", "A", "a", 0.6), ("P", "B", "b", 0.9), ("Q", "B", "b", 0.7), ("Q", "A", "a", 0.7)]
    table = pd.DataFrame(rows, columns=["place_id", "neighbourhood_id", "neighbourhood", "share"])
    assert choose_names(table) == {"P": ("B", "b"), "Q": ("B", "b")}


@settings(max_examples=50, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 30), st.integers(1, 30)), min_size=1, max_size=5))
def test_members_are_exactly_the_places_of_which_half_lies_inside(tenths):
    spans = [(west / 10, width / 10) for west, width in tenths]
    places = gpd.GeoDataFrame(
        {"place_id": ["P0", "P1", "P2"]}, geometry=[shapely.box(n, 0, n + 1, 1) for n in range(3)]
    )
    outlines = gpd.GeoDataFrame(
        {"neighbourhood_id": [f"N{n}" for n in range(len(spans))], "neighbourhood": "x"},
        geometry=[shapely.box(west, -1, west + width, 2) for west, width in spans],
    )
    nobody = pd.DataFrame({"place_id": [], "easting": [], "northing": [], "weight": []})
    found = find_members(places, outlines, nobody)
    expected = {}
    for p in range(3):
        for n, (west, width) in enumerate(tenths):
            # In whole tenths, so that half is half.
            share = max(0, min(10 * p + 10, west + width) - max(10 * p, west))
            if share >= 5:
                expected[f"P{p}", f"N{n}"] = pytest.approx(share / 10)
    pairs = zip(found["place_id"], found["neighbourhood_id"], strict=True)
    assert dict(zip(pairs, found["share"], strict=True)) == expected


def test_two_halves_belong_to_both_and_less_than_half_to_none(tiny):
    draw(tiny, ("A", "Abbey", box(0, 1.495)), ("B", "Barton", box(1.505, 2.45)), ("C", "Coney", box(2.55, 3)))  # fmt: skip
    inputs = read(tiny)
    assert inputs.places["neighbourhood_ids"].tolist() == [("A",), ("A", "B"), ()]


def test_shares_that_differ_by_how_finely_outlines_are_drawn_are_alike(tiny):
    draw(tiny, ("A", "Abbey", box(0.01, 1)), ("B", "Barton", box(0, 3)))
    assert read(tiny).places["neighbourhood"].tolist() == ["Abbey", "Barton", "Barton"]


@pytest.mark.parametrize("kind", ["sets", "outlines"])
def test_a_code_stands_for_all_its_places_also_where_another_names_them(kind, tiny):
    if kind == "outlines":
        draw(tiny, *OVERLAPPING)
    else:
        text = "place_id,neighbourhood_id,neighbourhood,valid_from,valid_to\n"
        rows = ("T01,A,Abbey,,", "T02,A,Abbey,,", "T02,B,Barton,,")
        (tiny / SETS).write_text(text + "\n".join(rows) + "\n", encoding="utf-8")
    set_cell(tiny / PRACTICE, 3, "reached_places", "B")
    set_cell(tiny / PRACTICE, 3, "agreed_on", "2020-05-01")
    set_cell(tiny / "data/services/returns.csv", 2, "places", "B")
    set_cell(tiny / "data/services/services.csv", 5, "service_area", "B;T03")
    inputs = read(tiny)
    assert inputs.problems == ()
    places, framework = inputs.places, load_framework()
    assert places_of(["B"], places) == ["T02"]
    assert places_of(["A"], places) == ["T01", "T02"]
    assert spoken_for(inputs.returns, places, framework)["places"].tolist()[0] == ["T02"]
    assert _places([("neighbourhood:B", 0)], places) == ("T02",)
    reach = practice_reach(inputs.practice, places, framework)
    mine = reach[(reach["axis"] == "neighbourhood") & (reach["item_id"] == "P2")]
    assert dict(zip(mine["key"], mine["reached"], strict=True)) == {"A": "yes", "B": "yes", "T03": "no"}  # fmt: skip
    assert "Barton" in set(mine["label"])


def test_a_code_of_a_neighbourhood_that_holds_no_place_is_told_as_unknown(tiny):
    draw(tiny, *OVERLAPPING)
    set_cell(tiny / PRACTICE, 3, "reached_places", "C")
    [problem] = read(tiny).problems
    assert (problem.file, problem.row, problem.column) == (PRACTICE, 3, "reached_places")


def test_frames_without_the_list_of_memberships_go_by_the_name_alone():
    places = pd.DataFrame({"place_id": ["P", "Q"], "name": ["p", "q"], "neighbourhood_id": ["A", ""],
                           "neighbourhood": ["Abbey", ""]})  # fmt: skip
    assert lie_in(["A", ""], places).tolist() == [True, False]
    assert memberships_of(places).values.tolist() == [["P", "A", "Abbey"], ["Q", "Q", "q"]]


def test_outlines_hold_from_one_day_to_another(tiny):
    draw(
        tiny,
        ("O", "Old", "2000-01-01", "2020-11-29", box(0, 3)),
        ("N", "New", "2020-11-30", None, box(0, 3)),
        dates=True,
    )  # fmt: skip
    assert set(read(tiny).places["neighbourhood"]) == {"New"}
    replace_text(tiny / "provision.toml", "date = 2020-11-30", "date = 2020-11-29")
    assert set(read(tiny).places["neighbourhood"]) == {"Old"}
    replace_text(tiny / "provision.toml", "date = 2020-11-29", "date = 1999-06-01")
    inputs = read(tiny)
    assert set(inputs.places["neighbourhood"]) == {"Old"}
    assert any("valid from 2000-01-01" in note.what for note in inputs.notes)


def test_outlines_may_be_chosen_by_a_column(tiny):
    draw(tiny, *OVERLAPPING)
    replace_text(
        tiny / "provision.toml", 'name = "name" }', 'name = "name", keep = { code = ["B"] } }'
    )
    assert read(tiny).places["neighbourhood"].tolist() == ["", "Barton", ""]


@pytest.mark.parametrize("kind", ["day", "time", "text"])
def test_dates_may_be_of_any_type_that_a_format_has(kind, tiny):
    draw(tiny, ("O", "Old", "2000-01-01", "2020-11-29", box(0, 3)), dates=True)
    frame = gpd.read_file(tiny / DRAWN)
    start, end = (dt.date(2020, 11, 1), dt.date(2021, 1, 31))
    as_kind = {"day": lambda d: d, "time": pd.Timestamp, "text": lambda d: d.strftime("%d/%m/%Y")}
    frame["from"], frame["to"] = (pd.Series([as_kind[kind](day)]) for day in (start, end))
    frame["code"], frame["name"] = "N", "New"
    frame.to_file(tiny / "drawn.gpkg")
    replace_text(tiny / "provision.toml", f'file = "{DRAWN}"', 'file = "drawn.gpkg"')
    inputs = read(tiny)
    assert [p for p in inputs.problems if p.file == "drawn.gpkg"] == []
    assert set(inputs.places["neighbourhood"]) == {"New"}
    assert not any("No neighbourhood is valid" in note.what for note in inputs.notes)


@pytest.mark.parametrize(
    ("spoil", "row", "column", "what"),
    [
        (lambda t: t.replace('"code": "A"', '"code": ""'), 2, "code", "The cell is empty."),
        (lambda t: t.replace('"name": "Barton"', '"name": null'), 3, "name", "The cell is empty."),
        (lambda t: t.replace('"name": "', '"title": "'), 1, "name", "column is missing"),
        (lambda t: t.replace("Polygon", "MultiPoint").replace("[[[", "[[").replace("]]]", "]]"), 2, "geometry", "not a polygon"),
        (lambda _: '{"type": "FeatureCollection", "features": []}', None, None, "holds no"),
        (lambda _: "not a map at all", None, None, "cannot be read"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_outlines_is_told_where_it_is(spoil, row, column, what, tiny):
    draw(tiny, *OVERLAPPING)
    text = (tiny / DRAWN).read_text(encoding="utf-8")
    (tiny / DRAWN).write_text(spoil(text), encoding="utf-8")
    problems = read(tiny).problems
    assert {p.file for p in problems} == {DRAWN}
    assert (problems[0].row, problems[0].column) == (row, column)
    assert what in problems[0].what


def test_a_table_named_as_outlines_is_told_in_the_settings(tiny):
    from provision_map.errors import DataError

    replace_text(tiny / "provision.toml", f'neighbourhoods = "{SETS}"', f'neighbourhoods = {{ file = "{SETS}", id = "a", name = "b" }}')  # fmt: skip
    with pytest.raises(DataError) as error:
        read_settings(tiny)
    assert [p.column for p in error.value.problems] == ["places.neighbourhoods.file"]


def test_a_place_in_two_sets_is_in_both_and_the_share_of_a_set_is_whole(tiny):
    append_row(tiny / SETS, place_id="T02", neighbourhood_id="N9", neighbourhood="Middle")
    inputs = read(tiny)
    mine = inputs.memberships[inputs.memberships["place_id"] == "T02"]
    assert mine["neighbourhood_id"].tolist() == ["N1", "N9"]
    assert np.all(inputs.memberships["share"] == 1.0)
    assert inputs.places["neighbourhood_id"].tolist() == ["N1", "N1", "N2"]

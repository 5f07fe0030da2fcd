"""What is in reach, as the reports say it: ways, the week, the parts, accessibility."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import openpyxl
import pandas as pd
import pytest

from edition_sample import sample_edition
from provision_map.edition import Edition, Travel
from provision_map.model import Standard
from provision_map.reports import (
    write_accessibility_csv,
    write_geopackage,
    write_parts_csv,
    write_register_workbook,
    write_week_csv,
)
from provision_map.reports.averages import average_over_places
from provision_map.reports.pieces import say_cells, say_pieces, say_week
from provision_map.tables import ACCESSIBILITY, PARTS, WEEK, WEEKDAYS
from test_report_explain import one_gap, say

PLACE = "P01"
STREETS = Travel("streets", detour=1.42)


def services_said(edition: Edition, **settings: float) -> str:
    return say(edition, "Y02-P-abc", **settings).split("Services looked at")[1]


def ways_to(*rows: tuple[str, float, float, float], place: str = PLACE) -> pd.DataFrame:
    """Make ways from a place to X1: mode, minutes, metres, share."""
    return pd.DataFrame(
        [(place, "X1", *row) for row in rows],
        columns=["place_id", "service_id", "mode", "minutes", "metres", "share"],
    )


def change_standard(edition: Edition, element_id: str, **changes: Any) -> Edition:
    """Change the standard of one element."""

    def change(standard: Standard) -> Standard:
        return replace(standard, **changes)

    offers = tuple(
        replace(
            offer,
            elements=tuple(
                replace(e, standard=change(e.standard)) if e.id == element_id else e
                for e in offer.elements
            ),
        )
        for offer in edition.framework.offers
    )
    return replace(edition, framework=replace(edition.framework, offers=offers))


# ---------------------------------------------------------------- ways


def test_ways_replace_straight_lines() -> None:
    """The straight line × 1.3 is 1,300 m; along streets it is 1,500 m in 20 minutes."""
    edition = replace(one_gap(), ways=ways_to(("walk", 20.0, 1_500.0, 1.0)), travel=STREETS)
    said = services_said(edition)
    assert "How far: along streets, from the nearest place; the mean of its people." in said
    assert "Lamp Post Club (1,500 m, 20 min): helps" in said
    assert "straight line" not in said
    far = replace(edition, ways=ways_to(("walk", 25.0, 2_000.0, 1.0)))
    assert "Lamp Post Club (2,000 m, 25 min): too far: the limit is 1,600 m" in services_said(far)


def test_without_ways_the_straight_line_is_named() -> None:
    said = services_said(one_gap(), detour=1.25)
    assert "How far: straight line × 1.25, from the nearest place." in said
    assert "1,250 m, 16 min" in said


def test_a_pair_that_was_not_found_lies_beyond_the_search() -> None:
    """Searched to 45 minutes, that is 3,600 m: beyond the limit of 1,600 m, so too far."""
    travel = replace(STREETS, searched_to=45.0)
    elsewhere = ways_to(("walk", 20.0, 1_500.0, 1.0)).assign(service_id="X9")
    edition = replace(one_gap(), ways=elsewhere, travel=travel)
    said = services_said(edition)
    assert "Lamp Post Club, over 45 min away (not searched further): too far" in said
    assert "no site here" not in said
    assert "does not come here" not in said


def test_a_search_shorter_than_the_limit_leaves_it_unknown() -> None:
    """Searched to 15 minutes, that is 1,200 m: whether it lies within 1,600 m nobody knows."""
    travel = replace(STREETS, searched_to=15.0)
    elsewhere = ways_to(("walk", 10.0, 800.0, 1.0)).assign(service_id="X9")
    said = services_said(replace(one_gap(), ways=elsewhere, travel=travel))
    assert "over 15 min away (not searched further): may help; how far is not known" in said
    assert "too far" not in said


def test_a_place_without_any_way_is_not_far_from_everything() -> None:
    other = ways_to(("walk", 10.0, 800.0, 1.0), place="P02")
    said = services_said(replace(one_gap(), ways=other, travel=STREETS))
    assert "Lamp Post Club (no way known): may help; no way from there was found" in said


def test_a_service_without_a_site_still_does_not_come() -> None:
    elsewhere = ways_to(("walk", 20.0, 1_500.0, 1.0)).assign(service_id="X9")
    edition = replace(one_gap(easting=np.nan), ways=elsewhere, travel=STREETS)
    assert "(no site here): does not come here" in services_said(edition)
    # One whose ways a file gives has a site, wherever that is.
    given = ways_to(("walk", 30.0, np.nan, 1.0))
    known = replace(edition, ways=pd.concat([elsewhere, given.assign(place_id="P02")]))
    assert "over 90 min away" in services_said(known)


def test_outreach_is_no_way() -> None:
    ways = ways_to(("outreach", 0.0, 0.0, 1.0), ("walk", 50.0, 4_000.0, 1.0))
    edition = replace(one_gap(), ways=ways, travel=STREETS)
    assert "(4,000 m, 50 min): too far" in services_said(edition)
    comes = replace(one_gap(service_area=("all",)), ways=ways, travel=STREETS)
    assert "(comes to them): helps" in services_said(comes)


@pytest.mark.parametrize(
    ("minutes", "allowed", "said"),
    [
        (28.0, {"public_transport": 30.0}, "(28 min by public transport): helps"),
        (32.0, {"public_transport": 30.0}, "(32 min by public transport): too far: the limit is 30 min by public transport"),
        # Not named in the standard: as long as the walk, 1,600 m at 80 m a minute.
        (19.0, {}, "(19 min by public transport): helps"),
        (21.0, {}, "(21 min by public transport): too far: the limit is 20 min by public transport"),
    ],
)  # fmt: skip
def test_other_modes_are_said_in_minutes_and_held_against_theirs(
    minutes: float, allowed: dict[str, float], said: str
) -> None:
    edition = change_standard(one_gap(), "Y02", minutes=allowed)
    ways = ways_to(("public_transport", minutes, np.nan, 1.0))
    travel = Travel("file", mode="public_transport")
    text = say(replace(edition, ways=ways, travel=travel), "Y02-P-abc")
    assert said in text
    assert "How far: travel times as given, from the nearest place" in text
    longest = allowed.get("public_transport", 20)
    assert f"20 minutes on foot, or {longest:.0f} minutes by public transport, Monday" in text


def test_of_two_modes_the_one_nearer_to_its_own_limit_counts() -> None:
    """On foot 1,700 of 1,600 m; by bus 24 of 30 minutes is 1,280 m on the same scale."""
    edition = change_standard(one_gap(), "Y02", minutes={"bus": 30.0})
    ways = ways_to(("walk", 21.0, 1_700.0, 1.0), ("bus", 24.0, np.nan, 1.0))
    assert "(24 min by bus): helps" in services_said(replace(edition, ways=ways, travel=STREETS))


def test_a_rough_site_is_rough_in_minutes_too() -> None:
    """600 m either way, × 1.3, are 9.75 minutes; the limit is 30 minutes by bus.

    39 minutes may be 29.25 and are not certainly too far; 41 minutes are 31.25 at least.
    """
    edition = change_standard(one_gap(location_accuracy=600.0), "Y02", minutes={"bus": 30.0})
    ways = ways_to(("bus", 39.0, np.nan, 1.0))
    text = services_said(replace(edition, ways=ways, travel=Travel("file", "bus")))
    assert "its position is known only within 600 m" in text
    further = ways_to(("bus", 41.0, np.nan, 1.0))
    assert "too far" in services_said(replace(edition, ways=further, travel=Travel("file", "bus")))


def test_people_without_a_way_are_not_passed_over() -> None:
    edition = replace(one_gap(), ways=ways_to(("walk", 10.0, 800.0, 0.6)), travel=STREETS)
    assert "within 90 min of 60% of the nearest place's people" in services_said(edition)


def test_minutes_on_foot_without_metres_are_held_against_the_metres() -> None:
    edition = replace(one_gap(), ways=ways_to(("walk", 19.0, np.nan, 1.0)), travel=Travel("file"))
    assert "(19 min on foot): helps" in services_said(edition)
    far = replace(edition, ways=ways_to(("walk", 21.0, np.nan, 1.0)))
    assert "(21 min on foot): too far: the limit is 1,600 m" in services_said(far)


def test_hostile_mode_is_text() -> None:
    ways = ways_to(("\x1b[31mbus\u202e", 10.0, np.nan, 1.0))
    text = say(replace(one_gap(), ways=ways, travel=Travel("file", "bus")), "Y02-P-abc")
    assert "10 min by [31mbus" in text
    assert "\x1b" not in text
    assert "\u202e" not in text


# ---------------------------------------------------------------- the test, its parts, the week


def test_says_what_is_required_and_the_levels() -> None:
    edition = change_standard(
        one_gap(), "Y02",
        unit="holidays", need=2, required=("Summer",), levels={"standard": 4, "stretch": 6},
        windows=(),
    )  # fmt: skip
    text = say(edition, "Y02-P-abc")
    assert "in 2 school holidays a year, Summer among them, within 1,600 m" in text
    assert (
        "Reported beside it, not tested: standard, in 4 school holidays a year; stretch, in 6"
        in text
    )


def parts_of(rows: dict[str, tuple[float, float, float, float]], element: str) -> pd.DataFrame:
    """Make parts of two places: certain and possible in P01 (30 children) and in P02 (10)."""
    return pd.DataFrame(
        [
            ("youth_offer", element, place, part, children, share, most)
            for part, (a, a_most, b, b_most) in rows.items()
            for place, children, share, most in (("P01", 30.0, a, a_most), ("P02", 10.0, b, b_most))
        ],
        columns=PARTS.names(),
    )


def test_parts_are_said_piece_by_piece_for_the_children_of_the_places() -> None:
    """(30 × 1 + 10 × 0) / 40 = 75 %; at most (30 × 0.5 + 10 × 1) / 40 = 62.5 %."""
    rows = {
        "NEAP": (1.0, 1.0, 0.0, 0.0), "MUGA": (0.0, 0.5, 0.0, 1.0), "need": (1.0, 1.0, 0.0, 0.0),
        "standard": (0.0, 0.0, 0.0, 0.0), "stretch": (0.0, 0.0, 0.0, 0.0),
    }  # fmt: skip
    edition = replace(sample_edition(), parts=parts_of(rows, "Y05"))
    said = " ".join(say_pieces(edition, "Y05", ["P01", "P02"]))
    assert "who reach NEAP 75%; MUGA 0% (up to 63%)." in said
    assert "Together: the test (1) 75%; standard (2) 0%; stretch (3) 0%." in said
    assert say_pieces(edition, "Y02", ["P01", "P02"]) == []
    assert say_pieces(edition, "Y05", ["P03"]) == []


def test_the_week_names_what_is_empty_for_most() -> None:
    """Of 40 children 30 have Monday evening; on Tuesday 10 may; on Wednesday nobody."""
    edition = sample_edition()
    cells = [
        ("evening", "Monday", 1.0, 1.0, 0.0, 0.0),
        ("evening", "Tuesday", 0.0, 0.0, 0.0, 1.0),
        ("evening", "Wednesday", 0.0, 0.0, 0.0, 0.0),
        ("evening", "Thursday", 0.0, 1.0, 0.0, 0.0),
        ("weekend", "Saturday", 0.0, 0.0, 0.0, 0.0),
    ]
    rows = [
        ("youth_offer", "Y02", place, day, slot, children, share, most, 0.0, "no")
        for slot, day, a, a_most, b, b_most in cells
        for place, children, share, most in (("P01", 30.0, a, a_most), ("P02", 10.0, b, b_most))
    ]
    week = pd.DataFrame(rows, columns=WEEK.names())
    said = say_week(replace(edition, week=week), "Y02", ["P01", "P02"])
    assert said == [
        "Nothing for most of their children: Tuesday and Wednesday evening; Saturday.",
        "Cannot be told for most: Thursday evening.",
        "Something for most: Monday evening.",
    ]


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        ([("after school", d) for d in WEEKDAYS[:5]] + [("evening", d) for d in WEEKDAYS[:5]], "Monday to Friday after school and evening"),
        ([("holiday", d) for d in WEEKDAYS], "Monday to Sunday in holidays"),
        ([("after school", "Friday"), ("evening", "Monday"), ("evening", "Friday")], "Friday after school; Monday and Friday evening"),
    ],
)  # fmt: skip
def test_cells_of_the_week_are_said_shortly(cells: list[tuple[str, str]], said: str) -> None:
    assert say_cells(cells) == said


def test_places_without_children_weigh_alike() -> None:
    frame = pd.DataFrame(
        {
            "part": ["a", "a", "b", "b"],
            "children": [0.0, np.nan, 10.0, 0.0],
            "reached": [1.0, 0.0, np.nan, 1.0],
        }
    )
    found = average_over_places(frame, ["part"], ["reached"])
    assert found["reached"].iloc[0] == 0.5
    # All children of b live where nothing is known.
    assert np.isnan(found["reached"].iloc[1])


# ---------------------------------------------------------------- workbook


@pytest.fixture(scope="module")
def edition() -> Edition:
    return sample_edition()


@pytest.fixture(scope="module")
def book(edition: Edition, tmp_path_factory: pytest.TempPathFactory) -> Any:
    path = tmp_path_factory.mktemp("book") / "gap-register.xlsx"
    write_register_workbook(edition, path)
    return openpyxl.load_workbook(path)


def hood_mean(frame: pd.DataFrame, column: str) -> float:
    """Average by hand, child by child."""
    return float(np.average(frame[column], weights=frame["children"]))


def in_hood(edition: Edition, frame: pd.DataFrame, hood: str, **keys: str) -> pd.DataFrame:
    inside = edition.places.loc[edition.places["neighbourhood"] == hood, "place_id"]
    keep = frame["place_id"].isin(inside)
    for column, value in keys.items():
        keep &= frame[column].astype(str) == value
    return frame[keep]


def test_when_says_the_share_a_dash_or_a_question_mark(edition: Edition, book: Any) -> None:
    sheet = book["When"]
    top = 5
    assert [c.value for c in sheet[top]][:3] == ["Element", "Element in words", "Neighbourhood"]
    assert [c.value for c in sheet[top]][3:] == [
        *WEEKDAYS[:5], *WEEKDAYS[:5], "Saturday", "Sunday", *WEEKDAYS[:5],
    ]  # fmt: skip
    slots = [*["after school"] * 5, *["evening"] * 5, *["weekend"] * 2, *["holiday"] * 5]
    seen = set()
    for row in sheet.iter_rows(min_row=top + 1, values_only=True):
        element, _, hood, *cells = row
        for slot, day, cell in zip(slots, [c.value for c in sheet[top]][3:], cells, strict=True):
            own = in_hood(edition, edition.week, hood, element_id=element, slot=slot, weekday=day)
            reached, possible = (hood_mean(own, c) for c in ("reached", "possible"))
            wanted = 100 * reached if reached else "?" if possible else "–"
            assert cell == (pytest.approx(wanted) if reached else wanted)
            seen.add(type(cell) if reached else cell)
    assert seen - {int} == {float, "?", "–"}
    assert sheet.max_row - top == sum(
        len(
            set(
                edition.places.set_index("place_id").loc[
                    list(g["place_id"].unique()), "neighbourhood"
                ]
            )
        )
        for _, g in edition.week.groupby("element_id", observed=True)
    )
    notes = " ".join(str(sheet.cell(r, 1).value) for r in range(1, 4))
    assert "Two clubs at the same hour are one" in notes
    assert "not who is covered" in notes


def test_a_word_is_not_coloured_as_a_number(book: Any) -> None:
    """A spreadsheet takes a word for more than any number: ≥ 50 would make "–" green."""
    rules = [r for area in book["When"].conditional_formatting for r in area.rules]
    assert {(r.operator, tuple(r.formula)) for r in rules if r.operator == "between"} == {
        ("between", ("1e-09", "49.999999999")), ("between", ("50", "100")),
    }  # fmt: skip
    words = {r.formula[0] for r in rules if r.operator == "equal"}
    assert words == {'"–"', '"?"'}


def test_parts_sheet_is_the_frame(edition: Edition, book: Any) -> None:
    sheet = book["Parts"]
    top = 4
    headings = [c.value for c in sheet[top]]
    assert headings[:4] == ["Element", "Element in words", "Part", "Neighbourhood"]
    rows = list(sheet.iter_rows(min_row=top + 1, values_only=True))
    for element, _, part, hood, children, reached, most, status in rows:
        name = "need" if part == "need (tested)" else part
        own = in_hood(edition, edition.parts, hood, element_id=element, part=name)
        assert children == pytest.approx(own["children"].sum())
        assert reached == pytest.approx(100 * hood_mean(own, "reached"))
        assert most == pytest.approx(100 * hood_mean(own, "possible"))
        assert status == "illustrative services"
    assert {row[2] for row in rows} >= {"LAP", "Christmas", "need (tested)", "stretch"}


def test_access_sheet_is_the_frame_and_says_what_it_is_not(edition: Edition, book: Any) -> None:
    sheet = book["Access"]
    top = 4
    headings = [c.value for c in sheet[top]]
    at = {heading: n for n, heading in enumerate(headings)}
    for row in sheet.iter_rows(min_row=top + 1, values_only=True):
        own = in_hood(edition, edition.accessibility, row[2], element_id=row[0])
        for heading, column in (
            ("E2SFCA per 100 children", "e2sfca"), ("Catchment 25% smaller", "e2sfca_smaller"),
            ("Catchment 25% larger", "e2sfca_larger"), ("2SFCA", "two_sfca"),
            ("M2SFCA", "m2sfca"), ("BFCA", "bfca"),
        ):  # fmt: skip
            assert row[at[heading]] == pytest.approx(hood_mean(own, column))
        edge = (own["edge_affected"] == "yes").sum()
        said = {0: "no", len(own): "yes"}.get(edge, f"{edge} of {len(own)}")
        assert row[at["Edge: of its places"]] == said
        hours = edition.framework.elements[row[0]].standard.unit == "hours"
        assert row[at["Counts"]] == ("place-hours" if hours else "places")
    notes = " ".join(str(sheet.cell(r, 1).value) for r in range(1, top))
    assert "does not say who is covered" in notes
    assert "Comparable only within one element" in notes


def test_sheets_without_figures_are_left_out(edition: Edition, tmp_path: Path) -> None:
    bare = replace(
        edition, week=WEEK.empty(), parts=edition.parts, accessibility=ACCESSIBILITY.empty()
    )
    write_register_workbook(bare, tmp_path / "a.xlsx")
    names = openpyxl.load_workbook(tmp_path / "a.xlsx").sheetnames
    assert "Parts" in names
    assert not {"When", "Access"} & set(names)


def test_places_outside_all_neighbourhoods_have_a_row(edition: Edition, tmp_path: Path) -> None:
    places = edition.places.assign(neighbourhood="", neighbourhood_id="")
    write_register_workbook(replace(edition, places=places), tmp_path / "a.xlsx")
    sheet = openpyxl.load_workbook(tmp_path / "a.xlsx")["When"]
    assert {sheet.cell(r, 3).value for r in range(6, sheet.max_row + 1)} == {"no neighbourhood"}


# ---------------------------------------------------------------- CSV


def read_csv(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


WRITERS: dict[str, Callable[[Edition, Path], None]] = {
    "week": write_week_csv, "parts": write_parts_csv, "accessibility": write_accessibility_csv,
}  # fmt: skip


def test_tables_of_places_are_the_frames(edition: Edition, tmp_path: Path) -> None:
    names = edition.places.set_index("place_id")["name"]
    for table, write in WRITERS.items():
        path = tmp_path / f"{table}.csv"
        write(edition, path)
        frame, rows = getattr(edition, table), read_csv(path)
        assert len(rows) == len(frame)
        for row, given in zip(rows[::7], frame.to_dict("records")[::7], strict=True):
            assert (row["element"], row["place_id"]) == (given["element_id"], given["place_id"])
            assert row["place"] == names[given["place_id"]]
            assert row["data_status"] == "illustrative services"
            for column, value in given.items():
                if f"{column}_percent" in row:
                    assert float(row[f"{column}_percent"]) == pytest.approx(100 * value, abs=0.06)
                elif isinstance(value, float):
                    assert float(row[column]) == pytest.approx(value, abs=1e-4)
                elif column in row:
                    assert row[column] == value
        assert path.read_bytes().startswith(b"\xef\xbb\xbf")
    assert list(rows[0])[-1] == "data_status"


def test_what_a_table_does_not_know_is_blank(edition: Edition, tmp_path: Path) -> None:
    blank = edition.accessibility.assign(bfca=np.nan)
    write_accessibility_csv(replace(edition, accessibility=blank), tmp_path / "a.csv")
    assert {row["bfca"] for row in read_csv(tmp_path / "a.csv")} == {""}


def test_tables_of_nothing_keep_their_heading(edition: Edition, tmp_path: Path) -> None:
    bare = replace(
        edition, week=WEEK.empty(), parts=PARTS.empty(), accessibility=ACCESSIBILITY.empty()
    )
    for table, write in WRITERS.items():
        write(bare, tmp_path / f"{table}.csv")
        text = (tmp_path / f"{table}.csv").read_text("utf-8-sig")
        assert text.startswith("offer,element,element_name,place_id,place,neighbourhood,")
        assert text.count("\n") == 1


@pytest.mark.parametrize("hostile", ["=1+1", "\t=1+1", '</script>"; +1', "@SUM(A1)"])
def test_no_cell_of_a_table_begins_like_a_formula(hostile: str, tmp_path: Path) -> None:
    edition = sample_edition(hostile)
    parts = edition.parts.assign(part=hostile)
    for table, write in WRITERS.items():
        path = tmp_path / f"{table}.csv"
        write(replace(edition, parts=parts), path)
        cells = {cell for row in read_csv(path) for cell in row.values()}
        assert any(hostile in cell for cell in cells)
        assert not [c for c in cells if c.startswith(("=", "+", "-", "@", "\t", "\r", "\n"))]


# ---------------------------------------------------------------- GeoPackage


def test_week_layer_lays_the_slots_side_by_side(edition: Edition, tmp_path: Path) -> None:
    path = tmp_path / "gaps.gpkg"
    write_geopackage(edition, path)
    layer = gpd.read_file(path, layer="week")
    week = edition.week
    assert len(layer) == len(week.drop_duplicates(["element_id", "place_id"]))
    shares = week.set_index(["element_id", "place_id", "weekday", "slot"])[["reached", "possible"]]
    for row in layer.iloc[::5].to_dict("records"):
        for slot, day, column in (
            ("evening", "Friday", "friday_evening"), ("weekend", "Sunday", "sunday"),
            ("holiday", "Sunday", "sunday_holiday"), ("after school", "Monday", "monday_after_school"),
        ):  # fmt: skip
            here = shares.loc[(row["element_id"], row["place_id"], day, slot)]
            assert row[column] == pytest.approx(here["reached"], abs=1e-4)
            assert row[f"{column}_most"] == pytest.approx(here["possible"], abs=1e-4)
        outline = edition.places.set_index("place_id").geometry[row["place_id"]]
        assert row["geometry"].area == pytest.approx(outline.area)


def test_accessibility_layer_is_the_frame(edition: Edition, tmp_path: Path) -> None:
    path = tmp_path / "gaps.gpkg"
    write_geopackage(edition, path)
    layer = gpd.read_file(path, layer="accessibility")
    frame = edition.accessibility
    assert layer["place_id"].tolist() == frame["place_id"].tolist()
    for column in ("e2sfca", "e2sfca_smaller", "two_sfca", "m2sfca", "bfca", "unknown_capacity"):
        assert np.allclose(layer[column], frame[column].astype(float), atol=1e-4)
    assert layer["edge_affected"].tolist() == frame["edge_affected"].tolist()
    by_element = layer.groupby("element_id")["counts"].unique()
    assert by_element["Y02"].tolist() == ["place-hours a week"]
    assert by_element["Y05"].tolist() == ["places"]
    assert set(layer["data_status"]) == {"illustrative services"}


def test_explanations_stay_short_with_all_of_it(edition: Edition) -> None:
    for gap_id in edition.entries.loc[edition.entries["kind"] == "provision", "gap_id"]:
        text = say(edition, gap_id)
        element = re.search(r"The test ([YC]\d\d)", text)[1]
        own = edition.week["element_id"].astype(str)
        assert ("When something is open" in text) == (own == element).any()
        assert ("Piece by piece" in text) == (edition.parts["element_id"] == element).any()

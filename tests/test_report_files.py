"""The register's files, read back by other people's readers."""

from __future__ import annotations

import csv
import math
import shutil
import sqlite3
import subprocess
import zipfile
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import openpyxl
import pandas as pd
import pyogrio
import pytest
from openpyxl.worksheet.cell_range import CellRange

from edition_sample import sample_edition
from provision_map.reports import write_geopackage, write_register_csv, write_register_workbook
from provision_map.reports.rows import REGISTER_COLUMNS
from provision_map.tables import CAUSES, STATUSES

if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet

    from provision_map.edition import Edition

HOSTILE = (
    "=1+1",
    "+1",
    "-1",
    "@SUM(A1)",
    "\t=1+1",
    "\r=1+1",
    "=cmd|' /C calc'!A0",
    "</script><b>",
    "{{7*7}}",
    "[red]",
    'a;b,"c"\nd',
    "'quoted",
    "https://example.org",
    "0012",
    "_x0041_ & \u2028",
)
#: Points; no spreadsheet takes a higher row.
MOST_HEIGHT = 409
SHEETS = [
    "Read me", "Gaps", "Questions", "When", "Parts", "Access", "Services reach", "Practice reach",
    "Services used",
]  # fmt: skip


@pytest.fixture(scope="module")
def edition() -> Edition:
    return sample_edition()


#: Of these the whole sample is made, text field by text field; the others stand in the entries.
EVERYWHERE = ("=1+1", "\t=1+1", '</script>"; +1')


def with_titles(edition: Edition) -> Edition:
    """Put a hostile text each into the entries' titles, reasons and owners."""
    texts = pd.Series([HOSTILE[n % len(HOSTILE)] for n in range(len(edition.entries))])
    changed = edition.entries.assign(title=texts, grade_reason=texts, owner_role=texts)
    return replace(edition, entries=changed)


def as_kept(hostile: str) -> str:
    """Say what is left of a text: line ends are one character, no other is lost."""
    return hostile.replace("\r", "\n")


def find_column(sheet: Worksheet, heading: str) -> int:
    return [c.value for c in sheet[1]].index(heading) + 1


def read_csv(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


# ---------------------------------------------------------------- CSV


def test_csv_has_an_entry_a_row_and_its_columns(edition: Edition, tmp_path: Path) -> None:
    path = tmp_path / "gap-register.csv"
    write_register_csv(edition, path)
    rows = read_csv(path)
    assert [row["gap_id"] for row in rows] == edition.entries["gap_id"].tolist()
    heading = path.read_text("utf-8-sig").splitlines()[0].split(",")
    assert heading[0] == "gap_id"
    assert heading[-1] == "data_status"
    for name in (
        "offer",
        "element",
        "outcomes",
        "places",
        "ages",
        "community",
        "kind",
        "main_cause",
        "children",
        "grade",
        "status",
    ):
        assert name in heading
    assert path.read_bytes().startswith(b"\xef\xbb\xbf")
    assert path.read_bytes().count(b"\r\n") >= len(rows) + 1
    first, entry = rows[0], edition.entries.iloc[0]
    assert first["offer"] == "5-13s Offer"
    assert first["children"] == str(int(entry["children"] + 0.5))
    assert first["uncovered_percent"] == f"{entry['uncovered'] * 100:.1f}".removesuffix(".0")
    for row in rows:
        if row["children"]:
            assert sum(int(row[f"cause_{c}"]) for c in CAUSES) == int(row["children"])
    assert {row["data_status"] for row in rows} == {"illustrative services"}


def test_ages_are_no_date_for_a_spreadsheet(edition: Edition, tmp_path: Path) -> None:
    path = tmp_path / "gap-register.csv"
    write_register_csv(edition, path)
    assert {row["ages"] for row in read_csv(path)} >= {"5 to 13", "13 to 19"}


def test_what_is_not_counted_is_blank_and_not_0(edition: Edition, tmp_path: Path) -> None:
    path = tmp_path / "gap-register.csv"
    write_register_csv(edition, path)
    by_kind = {row["kind"]: row for row in read_csv(path)}
    for kind in ("community", "practice"):
        assert by_kind[kind]["children"] == ""
        assert by_kind[kind]["cause_far"] == ""
    assert by_kind["practice"]["element"] == ""


def change_entries(edition: Edition) -> Edition:
    """Make the first entry short of Christmas everywhere, the last ones closed and merged."""
    entries = edition.entries.copy()
    entries["missing_parts"] = ["Christmas; Summer", *[""] * (len(entries) - 1)]
    entries.loc[0, ["main_cause", "element_id"]] = ["none", "Y02"]
    entries.loc[1, "community_id"] = "all_but:indian+pakistani"
    entries.loc[2, "community_id"] = "all_asian"
    entries.loc[entries.index[-1], "state"] = "closed by measure"
    return replace(edition, entries=entries)


def test_csv_says_what_is_missing_and_ranks_no_closed_gap(edition: Edition, tmp_path: Path) -> None:
    path = tmp_path / "gap-register.csv"
    write_register_csv(change_entries(edition), path)
    rows = read_csv(path)
    assert (rows[0]["main_cause"], rows[0]["missing"]) == (
        "not enough anywhere",
        "Christmas; Summer",
    )
    assert rows[1]["missing"] == ""
    assert [row["community"] for row in rows[1:3]] == [
        "All but Indian and Pakistani",
        "Asian (all groups)",
    ]
    assert [rows[-1][name] for name in ("rank", "rank_low", "rank_high")] == [""] * 3
    assert rows[0]["rank"] == "1"


def test_none_at_all_only_where_no_service_gives_it(edition: Edition, tmp_path: Path) -> None:
    path = tmp_path / "gap-register.csv"
    services = edition.services
    other = services[["Y02" not in codes for codes in services["elements"]]]
    assert 0 < len(other) < len(services)
    write_register_csv(replace(change_entries(edition), services=other), path)
    assert read_csv(path)[0]["main_cause"] == "none at all"


def test_workbook_and_geopackage_say_what_is_missing(edition: Edition, tmp_path: Path) -> None:
    changed = change_entries(edition)
    write_register_workbook(changed, tmp_path / "gap-register.xlsx")
    gaps = openpyxl.load_workbook(tmp_path / "gap-register.xlsx")["Gaps"]
    assert gaps.cell(2, find_column(gaps, "Missing")).value == "Christmas; Summer"
    assert gaps.cell(2, find_column(gaps, "Main cause")).value == "not enough anywhere"
    assert find_column(gaps, "Children: not enough anywhere")
    assert gaps.cell(gaps.max_row, find_column(gaps, "Rank in its scope")).value is None
    write_geopackage(changed, tmp_path / "gaps.gpkg")
    layer = gpd.read_file(tmp_path / "gaps.gpkg", layer="gaps")
    assert layer["missing"].iloc[0] == "Christmas; Summer"
    assert layer["main_cause"].iloc[0] == "not enough anywhere"


def test_csv_holds_text_as_typed_but_no_formula(edition: Edition, tmp_path: Path) -> None:
    path = tmp_path / "gap-register.csv"
    write_register_csv(with_titles(edition), path)
    for row, hostile in zip(read_csv(path), HOSTILE, strict=False):
        kept = as_kept(hostile)
        wanted = f"'{kept}" if hostile.startswith(("=", "+", "-", "@", "\t", "\r")) else kept
        assert [row["title"], row["grade_reason"], row["owner_role"]] == [wanted] * 3


@pytest.mark.parametrize("hostile", EVERYWHERE)
def test_no_cell_of_the_csv_begins_like_a_formula(hostile: str, tmp_path: Path) -> None:
    path = tmp_path / "gap-register.csv"
    write_register_csv(sample_edition(hostile), path)
    cells = [cell for row in read_csv(path) for cell in row.values()]
    assert any(as_kept(hostile) in cell for cell in cells)
    assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@", "\t", "\r", "\n"))]


def test_csv_of_an_empty_register_keeps_its_heading(edition: Edition, tmp_path: Path) -> None:
    path = tmp_path / "gap-register.csv"
    write_register_csv(replace(edition, entries=edition.entries.iloc[:0]), path)
    assert read_csv(path) == []
    assert path.read_text("utf-8-sig").startswith("gap_id,offer,element,")


# ---------------------------------------------------------------- workbook


def test_workbook_reads_back(edition: Edition, tmp_path: Path) -> None:
    path = tmp_path / "gap-register.xlsx"
    write_register_workbook(edition, path)
    book = openpyxl.load_workbook(path)
    assert book.sheetnames == SHEETS
    gaps = book["Gaps"]
    headings = [c.value for c in gaps[1]]
    assert headings[0] == "Gap"
    assert sorted(headings) == sorted([*(c.heading for c in REGISTER_COLUMNS), "Where", "Data"])
    assert gaps.max_row == len(edition.entries) + 1
    assert [gaps.cell(r, 1).value for r in range(2, 5)] == edition.entries["gap_id"].tolist()[:3]
    assert gaps.freeze_panes == "B2"
    assert gaps.auto_filter.ref.startswith("A1:")
    children = find_column(gaps, "Children not covered")
    assert gaps.cell(2, children).value == int(edition.entries["children"].iloc[0] + 0.5)


def test_status_is_chosen_from_the_list(edition: Edition, tmp_path: Path) -> None:
    path = tmp_path / "gap-register.xlsx"
    write_register_workbook(edition, path)
    gaps = openpyxl.load_workbook(path)["Gaps"]
    [validation] = gaps.data_validations.dataValidation
    assert validation.type == "list"
    assert validation.formula1.strip('"').split(",") == list(STATUSES)
    letter = next(c.column_letter for c in gaps[1] if c.value == "Status (decided)")
    assert str(validation.sqref).startswith(f"{letter}2:{letter}")
    assert len(gaps.conditional_formatting) == 3


def test_reach_matrices_hold_every_cell(edition: Edition, tmp_path: Path) -> None:
    path = tmp_path / "gap-register.xlsx"
    write_register_workbook(edition, path)
    book = openpyxl.load_workbook(path)
    for name, reach in (
        ("Services reach", edition.service_reach),
        ("Practice reach", edition.practice_reach),
    ):
        sheet = book[name]
        labels = [c.value for c in sheet[2]][2:]
        assert {"Castle", "Looked-after children", "Be healthy"} <= set(labels)
        wanted = {(r.item_id, r.label): r.reached for r in reach.itertuples()}
        found = {
            (sheet.cell(row, 1).value, label): sheet.cell(row, 3 + n).value
            for row in range(3, sheet.max_row + 1)
            for n, label in enumerate(labels)
        }
        assert found == wanted


def test_workbook_says_that_its_services_are_made_up(edition: Edition, tmp_path: Path) -> None:
    path = tmp_path / "gap-register.xlsx"
    write_register_workbook(edition, path)
    for sheet in openpyxl.load_workbook(path):
        assert "illustrative services" in sheet.oddHeader.left.text
    texts = [c.value for row in openpyxl.load_workbook(path)["Read me"].iter_rows() for c in row]
    assert "illustrative services" in texts
    assert any("never added up over gaps" in str(text) for text in texts)


def test_workbook_holds_text_as_typed(edition: Edition, tmp_path: Path) -> None:
    path = tmp_path / "gap-register.xlsx"
    write_register_workbook(with_titles(edition), path)
    gaps = openpyxl.load_workbook(path)["Gaps"]
    rows = gaps.iter_rows(min_row=2, values_only=True)
    title = find_column(gaps, "Title") - 1
    assert [row[title] for row in rows][: len(HOSTILE)] == [as_kept(text) for text in HOSTILE]


@pytest.mark.parametrize("hostile", EVERYWHERE)
def test_workbook_holds_neither_formula_nor_link(hostile: str, tmp_path: Path) -> None:
    path = tmp_path / "gap-register.xlsx"
    write_register_workbook(sample_edition(hostile), path)
    book = openpyxl.load_workbook(path)
    assert book["Services used"].cell(2, 2).value == hostile
    assert {c.data_type for sheet in book for row in sheet.iter_rows() for c in row} <= {"s", "n"}
    with zipfile.ZipFile(path) as parts:
        names = [name for name in parts.namelist() if name.startswith("xl/worksheets/sheet")]
        assert len(names) == len(SHEETS)
        for name in names:
            assert b"<f>" not in parts.read(name)
            assert b"<hyperlink" not in parts.read(name)


def test_workbook_is_the_same_twice(edition: Edition, tmp_path: Path) -> None:
    write_register_workbook(edition, tmp_path / "a.xlsx")
    write_register_workbook(sample_edition(), tmp_path / "b.xlsx")
    assert (tmp_path / "a.xlsx").read_bytes() == (tmp_path / "b.xlsx").read_bytes()


def test_workbook_of_nothing_opens(edition: Edition, tmp_path: Path) -> None:
    path = tmp_path / "gap-register.xlsx"
    nothing = replace(
        edition,
        **{
            name: getattr(edition, name).iloc[:0]
            for name in (
                "entries",
                "questions",
                "residual",
                "service_reach",
                "practice_reach",
                "services",
            )
        },
    )
    write_register_workbook(nothing, path)
    assert openpyxl.load_workbook(path).sheetnames == SHEETS


def test_a_cell_too_long_for_a_workbook_is_cut_and_says_so(
    edition: Edition, tmp_path: Path
) -> None:
    entries = edition.entries.copy()
    entries["title"] = "x" * 40_000
    path = tmp_path / "gap-register.xlsx"
    write_register_workbook(replace(edition, entries=entries), path)
    gaps = openpyxl.load_workbook(path)["Gaps"]
    title = gaps.cell(2, find_column(gaps, "Title")).value
    assert gaps.row_dimensions[2].height < MOST_HEIGHT
    assert len(title) == 32_767
    assert title.endswith("see gap-register.csv)")


def count_printed(sheet: Worksheet) -> int:
    """Say how many columns of a sheet are printed."""
    if not sheet.print_area:
        return int(sheet.max_column)
    return int(CellRange(sheet.print_area.replace("$", "").split("!")[-1]).max_col)


def find_width(sheet: Worksheet, column: int) -> float:
    """Return a column's width: neighbours of the same width share one record."""
    [width] = [float(d.width) for d in sheet.column_dimensions.values() if d.min <= column <= d.max]
    return width


def list_short_rows(sheet: Worksheet) -> list[str]:
    """List cells that need more lines than their row shows, and rows without a height.

    The least that a text can need: a letter is at least two thirds of a digit wide.
    """
    short = []
    for row in sheet.iter_rows(max_col=count_printed(sheet)):
        height = sheet.row_dimensions[row[0].row].height
        for cell in row:
            if not isinstance(cell.value, str) or not cell.alignment.wrap_text:
                continue
            width = find_width(sheet, cell.column)
            if cell.alignment.textRotation:
                continue
            lines = sum(
                max(math.ceil(len(paragraph) * 0.67 / width), 1)
                for paragraph in cell.value.split("\n")
            )
            if height is None or height < min(lines * 12, MOST_HEIGHT - 110):
                short.append(f"{sheet.title}!{cell.coordinate}: {lines} lines in {height}")
    return short


def test_rows_are_as_high_as_what_wraps_in_them(edition: Edition, tmp_path: Path) -> None:
    path = tmp_path / "gap-register.xlsx"
    long = "Sport and physical activity beyond the timetable: mixed causes for all. " * 4
    entries = edition.entries.assign(title=[long, *edition.entries["title"].iloc[1:]])
    write_register_workbook(replace(edition, entries=entries, notes=(long * 2,)), path)
    book = openpyxl.load_workbook(path)
    assert [cell for sheet in book for cell in list_short_rows(sheet)] == []
    gaps = book["Gaps"]
    heights = [gaps.row_dimensions[row].height for row in range(2, gaps.max_row + 1)]
    assert heights[0] >= 6 * 12
    assert min(heights) < 4 * 15
    assert max(heights) < MOST_HEIGHT


def test_a_list_of_codes_does_not_make_its_row_high(edition: Edition, tmp_path: Path) -> None:
    path = tmp_path / "gap-register.xlsx"
    entries = edition.entries.copy()
    entries["places"] = [tuple(f"E0100{n:04}" for n in range(200))] * len(entries)
    write_register_workbook(replace(edition, entries=entries), path)
    gaps = openpyxl.load_workbook(path)["Gaps"]
    assert gaps.cell(2, find_column(gaps, "Places")).value.endswith("; E01000199")
    assert gaps.row_dimensions[2].height < 6 * 15


def test_gaps_are_printed_on_pages_that_can_be_read(edition: Edition, tmp_path: Path) -> None:
    path = tmp_path / "gap-register.xlsx"
    write_register_workbook(edition, path)
    gaps = openpyxl.load_workbook(path)["Gaps"]
    printed = count_printed(gaps)
    assert [gaps.cell(1, c).value for c in range(1, printed + 1)] == [
        "Gap", "Rank in its scope", "Scope", "Title", "Where", "Community",
        "Children not covered", "Not covered, %", "Grade", "State (measured)",
        "Status (decided)", "Owner",
    ]  # fmt: skip
    assert gaps.print_area.endswith(f"$L${len(edition.entries) + 1}")
    assert gaps.print_title_rows == "$1:$1"
    assert gaps.sheet_properties.pageSetUpPr.fitToPage
    setup = gaps.page_setup
    assert (setup.orientation, setup.paperSize) == ("landscape", 9)
    assert (int(setup.fitToWidth or 1), int(setup.fitToHeight)) == (1, 0)
    # A4 holds 150 digits of 10 points side by side: 3/4 of full size is the least.
    assert sum(find_width(gaps, c) for c in range(1, printed + 1)) <= 150 / 0.75


def test_a_wide_matrix_is_spread_over_pages(edition: Edition, tmp_path: Path) -> None:
    path = tmp_path / "gap-register.xlsx"
    write_register_workbook(edition, path)
    sheet = openpyxl.load_workbook(path)["Services reach"]
    assert sum(find_width(sheet, c.column) for c in sheet[2]) > 185
    assert int(sheet.page_setup.fitToWidth) == 2
    assert sheet.print_title_cols == "$A:$B"
    assert sheet.print_title_rows == "$1:$2"


def test_where_is_short_and_the_neighbourhoods_are_all(edition: Edition, tmp_path: Path) -> None:
    path = tmp_path / "gap-register.xlsx"
    names = ("Abbey (2 places)", "Barton (2 places)", "Castle (1 place)", "Docks (1 place)")
    entries = edition.entries.copy()
    entries["neighbourhoods"] = [names] * len(entries)
    write_register_workbook(replace(edition, entries=entries), path)
    gaps = openpyxl.load_workbook(path)["Gaps"]
    short = gaps.cell(2, find_column(gaps, "Where")).value
    assert short == "Abbey (2 places); Barton (2 places); Castle (1 place); and 1 more"
    assert gaps.cell(2, find_column(gaps, "Neighbourhoods")).value == "; ".join(names)


@pytest.mark.parametrize(
    ("heading", "number_format"),
    [
        ("Children not covered", "#,##0_)"),
        ("Priority", "#,##0_)"),
        ("Not covered, %", "[=0]0_);[<1]0.0_);0_)"),
        ("Need", "0.00_)"),
    ],
)
def test_numbers_are_shown_rounded(
    heading: str, number_format: str, edition: Edition, tmp_path: Path
) -> None:
    path = tmp_path / "gap-register.xlsx"
    write_register_workbook(edition, path)
    gaps = openpyxl.load_workbook(path)["Gaps"]
    assert gaps.cell(2, find_column(gaps, heading)).number_format == number_format


# ---------------------------------------------------------------- GeoPackage


def test_geopackage_has_its_layers(edition: Edition, tmp_path: Path) -> None:
    path = tmp_path / "gaps.gpkg"
    write_geopackage(edition, path)
    layers = {str(name): str(kind) for name, kind in pyogrio.list_layers(path)}
    assert layers == {
        "places": "MultiPolygon", "services": "Point",
        "coverage": "MultiPolygon", "week": "MultiPolygon",
        "accessibility": "MultiPolygon", "gaps": "MultiPolygon",
    }  # fmt: skip
    for name in layers:
        frame = gpd.read_file(path, layer=name)
        assert set(frame["data_status"]) == {"illustrative services"}
        assert frame.crs.to_epsg() == 27700
        info = pyogrio.read_info(path, layer=name)
        assert "illustrative services" in info["layer_metadata"]["DESCRIPTION"]


def test_coverage_is_weighted_by_children(edition: Edition, tmp_path: Path) -> None:
    path = tmp_path / "gaps.gpkg"
    write_geopackage(edition, path)
    layer = gpd.read_file(path, layer="coverage")
    everyone = edition.coverage[edition.coverage["community_id"] == "everyone"]
    assert len(layer) == len(everyone.drop_duplicates(["element_id", "place_id"]))
    row = layer.iloc[7]
    cells = everyone[
        (everyone["element_id"] == row["element_id"]) & (everyone["place_id"] == row["place_id"])
    ]
    assert row["children"] == cells["children"].sum()
    wanted = np.average(cells["covered"], weights=cells["children"])
    assert row["covered"] == pytest.approx(wanted, abs=1e-4)
    parts = layer["covered"] + layer["uncovered"] + layer["unknown"]
    assert np.allclose(parts.to_numpy(dtype=float), 1, atol=0.002)


def test_outline_of_a_gap_is_that_of_its_places(edition: Edition, tmp_path: Path) -> None:
    path = tmp_path / "gaps.gpkg"
    write_geopackage(edition, path)
    gaps = gpd.read_file(path, layer="gaps")
    assert gaps["gap_id"].tolist() == edition.entries["gap_id"].tolist()
    areas = edition.places.set_index("place_id").geometry.area
    wanted = [areas[list(places)].sum() for places in edition.entries["places"]]
    assert np.allclose(gaps.geometry.area, wanted, rtol=0.01)
    assert gaps["places"].iloc[0] == "; ".join(edition.entries["places"].iloc[0])
    assert pd.isna(gaps.set_index("kind").loc["practice", "children"])


def test_geopackage_is_the_same_twice_and_leaves_no_option_behind(
    edition: Edition, tmp_path: Path
) -> None:
    before = pyogrio.get_gdal_config_option("OGR_CURRENT_DATE")
    write_geopackage(edition, tmp_path / "a.gpkg")
    write_geopackage(edition, tmp_path / "a.gpkg")
    write_geopackage(sample_edition(), tmp_path / "b.gpkg")
    assert (tmp_path / "a.gpkg").read_bytes() == (tmp_path / "b.gpkg").read_bytes()
    assert pyogrio.get_gdal_config_option("OGR_CURRENT_DATE") == before


def test_geopackage_is_of_a_version_that_older_readers_know(
    edition: Edition, tmp_path: Path
) -> None:
    path = tmp_path / "gaps.gpkg"
    write_geopackage(edition, path)
    with closing(sqlite3.connect(path)) as base:
        assert base.execute("PRAGMA user_version").fetchone() == (10300,)


def test_empty_layers_exist_with_their_type(edition: Edition, tmp_path: Path) -> None:
    path = tmp_path / "gaps.gpkg"
    nothing = {
        name: getattr(edition, name).iloc[:0]
        for name in ("entries", "services", "coverage", "week", "accessibility")
    }
    write_geopackage(replace(edition, **nothing), path)
    layers = {str(name): str(kind) for name, kind in pyogrio.list_layers(path)}
    assert layers["gaps"] == "MultiPolygon"
    assert layers["services"] == "Point"
    assert pyogrio.read_info(path, layer="coverage")["features"] == 0
    assert "children" in pyogrio.read_info(path, layer="gaps")["fields"]
    assert "friday_evening" in pyogrio.read_info(path, layer="week")["fields"]
    assert "e2sfca" in pyogrio.read_info(path, layer="accessibility")["fields"]


@pytest.mark.parametrize("hostile", ["'); DROP TABLE gaps;--", "</b>{{7*7}}", '"; =1+1'])
def test_geopackage_holds_text_as_typed(hostile: str, tmp_path: Path) -> None:
    path = tmp_path / "gaps.gpkg"
    write_geopackage(sample_edition(hostile), path)
    assert set(gpd.read_file(path, layer="gaps")["title"]) == {hostile}
    assert set(gpd.read_file(path, layer="services")["name"]) == {hostile}


def test_gdal_itself_reads_it(edition: Edition, tmp_path: Path) -> None:
    tool = shutil.which("ogrinfo")
    if tool is None:
        pytest.skip("ogrinfo is not installed; pyogrio has read the file above")
    path = tmp_path / "gaps.gpkg"
    write_geopackage(edition, path)
    done = subprocess.run(
        [tool, "-al", "-so", str(path)], capture_output=True, text=True, check=True
    )
    # The GDAL of long-lived systems warns of a version of the format that is later than its own.
    assert done.stderr == ""
    assert "arning" not in done.stdout
    assert done.stdout.count("Layer name: ") == 6
    assert f"Feature Count: {len(edition.entries)}" in done.stdout
    assert 'ID["EPSG",27700]' in done.stdout

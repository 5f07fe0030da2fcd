"""The workbook to send back: marks in the right cells, nothing of others, and it reads again."""

from __future__ import annotations

import io

import openpyxl
import pandas as pd

from provision_map.errors import Problem
from provision_map.frameworks import load_framework
from provision_map.read.files.text import InputFolder
from provision_map.read.findings import Findings
from provision_map.read.workbooks.layout import list_choices
from provision_map.read.workbooks.reading import read_as_sent, read_workbooks
from provision_map.reports.marked import mark_workbook
from workbook_files import ORGANISATION, SERVICES, SESSIONS, make_workbook, read

CHOICES = list_choices(load_framework(), neighbourhoods=[("N1", "Weston")])
WRONG = {
    "Organisation": ORGANISATION,
    "Services": [
        [*SERVICES[0], "Our remarks"],
        [*SERVICES[1], "=SUM(1)"],
        ["Careers Bus", "Y07; Choir", "", "thirteen", 19, "everyone", "S2", "@home"],
    ],
    "Sessions": [SESSIONS[0], SESSIONS[1], ["Careers Bus", "Funday", "10:00", "16:00", "term"]],
}


def send_back(folder, data=None):
    """Read a workbook and mark it; return what was found and the marked one."""
    _, findings = read(folder, make_workbook(WRONG) if data is None else data)
    frames = read_as_sent(InputFolder(folder, Findings()), "r.xlsx")
    marked = mark_workbook(frames, findings.problems, findings.notes, title="Back", choices=CHOICES)
    return findings, marked


def reds(sheet):
    return {
        cell.coordinate: cell.value
        for row in sheet.iter_rows(min_row=4)
        for cell in row
        if cell.fill.fgColor.rgb == "FFF8C9C4"
    }


def test_each_problem_is_marked_in_its_cell_with_what_and_mend(tmp_path):
    findings, marked = send_back(tmp_path)
    assert {(p.file, p.row, p.column) for p in findings.problems} == {
        ("r.xlsx › Services", 3, "minimum_age"),
        ("r.xlsx › Sessions", 3, "weekday"),
    }
    book = openpyxl.load_workbook(io.BytesIO(marked))
    services = book["Services"]
    heads = {cell.value: cell.column_letter for cell in services[3]}
    cell = f"{heads['Minimum age']}5"
    assert reds(services) == {cell: "thirteen"}
    assert services[cell].comment.text.startswith("'thirteen' is not a number. Give a number")
    assert reds(book["Sessions"]) == {"B5": "Funday"}
    assert reds(book["Organisation"]) == {}


def test_the_first_sheet_lists_them_with_links_to_the_cells(tmp_path):
    _, marked = send_back(tmp_path)
    book = openpyxl.load_workbook(io.BytesIO(marked))
    front = book.worksheets[0]
    rows = [row for row in front.iter_rows(min_row=5, max_col=5) if row[0].value]
    listed = [[cell.value for cell in row] for row in rows]
    assert [row[4] for row in listed[:2]] == [
        "r.xlsx › Services, row 3",
        "r.xlsx › Sessions, row 3",
    ]
    assert listed[1][:3] == ["Sessions B5", "Weekday", "'Funday' is not known here."]
    assert listed[1][3].endswith("Choose from the list in the cell.")
    assert rows[1][0].hyperlink.location == "'Sessions'!B5"
    target = rows[0][0].hyperlink.location.split("!")[1]
    assert book["Services"][target].value == "thirteen"


def test_all_rows_and_added_columns_come_back_as_they_were_sent(tmp_path):
    findings, marked = send_back(tmp_path)
    again, found = read(tmp_path, marked)
    assert {(p.column, p.what) for p in found.problems} == {(p.column, p.what) for p in findings.problems}  # fmt: skip
    assert not any("What to mend" in note.what for note in found.notes)
    frames = read_as_sent(InputFolder(tmp_path, Findings()), "r.xlsx")
    assert frames["services"]["Our remarks"].tolist() == ["=SUM(1)", "@home"]
    assert frames["services"]["elements"].tolist() == ["Y02", "Y07; Choir"]
    assert len(again.frames["sessions"]) == 2


def test_mended_and_sent_back_it_is_read_with_no_other_step(tmp_path):
    _, marked = send_back(tmp_path)
    book = openpyxl.load_workbook(io.BytesIO(marked))
    for name, cell, value in (("Services", "Minimum age", 13), ("Sessions", "Weekday", "Monday")):
        sheet = book[name]
        column = next(c.column for c in sheet[3] if c.value == cell)
        sheet.cell(5, column, value)
    book.save(tmp_path / "back.xlsx")
    findings = Findings()
    (origin,) = read_workbooks(InputFolder(tmp_path, findings), ["back.xlsx"])
    assert findings.problems == []
    assert origin.frames["services"]["minimum_age"].tolist() == [13, 13]
    assert origin.frames["sessions"]["service_id"].tolist() == ["S1", "S2"]


def test_problems_of_others_are_passed_over_and_those_of_the_file_are_listed():
    frame = pd.DataFrame(
        {"service_id": ["S1"], "name": ["Club"], "_row": [7], "_file": ["services.csv"]}, dtype=object
    )  # fmt: skip
    problems = [
        Problem("services.csv", 8, "name", "of another's row"),
        Problem("sessions.csv", 7, "weekday", "of another file"),
        Problem("services.csv", 7, "name", "of this row"),
        Problem("services.csv", 1, "elements", "of its headings"),
    ]
    marked = mark_workbook({"services": frame}, problems, title="Back")
    book = openpyxl.load_workbook(io.BytesIO(marked))
    texts = [row[2].value for row in book.worksheets[0].iter_rows(min_row=5) if row[2].value]
    assert sorted(texts) == ["of its headings", "of this row"]
    assert reds(book["Services"]) == {"A4": "Club"}


def test_a_note_is_yellow_and_a_problem_wins_over_it():
    frame = pd.DataFrame({"name": ["A", "B"], "_row": [2, 3], "_file": ["s.csv"] * 2}, dtype=object)
    notes = [Problem("s.csv", row, "name", "look") for row in (2, 3)]
    marked = mark_workbook(
        {"services": frame}, [Problem("s.csv", 3, "name", "mend")], notes, title="B"
    )
    sheet = openpyxl.load_workbook(io.BytesIO(marked))["Services"]
    assert [sheet[c].fill.fgColor.rgb for c in ("A4", "A5")] == ["FFFDF3D8", "FFF8C9C4"]
    assert sheet["A5"].comment.text == "mend\n\nlook"


def test_no_text_runs_whatever_it_says():
    texts = ['=HYPERLINK("http://x")', "+1", "@SUM(1)", "http://example.org", "a\x00b\x1b[31m"]  # fmt: skip
    frame = pd.DataFrame({"name": texts, "_row": range(2, 7), "_file": ["s.csv"] * 5}, dtype=object)
    problems = [Problem("s.csv", n, "name", text, text) for n, text in enumerate(texts, start=2)]
    book = openpyxl.load_workbook(io.BytesIO(mark_workbook({"services": frame}, problems, title=texts[0])))  # fmt: skip
    for sheet in book:
        for row in sheet:
            for cell in row:
                assert cell.data_type != "f"
                assert cell.hyperlink is None or cell.hyperlink.location


def test_it_is_the_same_twice(tmp_path):
    assert send_back(tmp_path)[1] == send_back(tmp_path)[1]


def test_a_return_stands_beside_its_organisation(tmp_path):
    rows = [ORGANISATION[0], ORGANISATION[1], ["O1", "", "", "Y02", "all", "perhaps", ""]]
    findings, marked = send_back(tmp_path, make_workbook({**WRONG, "Organisation": rows}))
    assert any(p.column == "received" for p in findings.problems)
    sheet = openpyxl.load_workbook(io.BytesIO(marked))["Organisation"]
    heads = {cell.value: cell.column_letter for cell in sheet[3]}
    assert reds(sheet) == {f"{heads['Received *']}5": "perhaps"}
    assert sheet[f"{heads['Received *']}4"].value == "yes"

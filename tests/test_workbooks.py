"""Returned workbooks: what is read, what is said of the rest, and what cannot do harm."""

from __future__ import annotations

import datetime as dt
import io
import random
import re
import struct
import zipfile
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from provision_map.read.codes import Codes
from provision_map.read.files.text import InputFolder
from provision_map.read.findings import Findings
from provision_map.read.workbooks.file import open_workbook
from provision_map.read.workbooks.label import sheet_label, split_label
from provision_map.read.workbooks.parts import LARGEST_UNPACKED, BadWorkbookError
from provision_map.read.workbooks.reading import read_as_sent, read_workbooks
from workbook_files import (
    ORGANISATION,
    SERVICES,
    SESSIONS,
    WHOLE,
    make_ods,
    make_workbook,
    ods_table,
    read,
    sheet_xml,
    spoil,
)

SECOND = "xl/worksheets/sheet2.xml"


def said(findings, kind="problems"):
    return [str(problem) for problem in getattr(findings, kind)]


def test_a_whole_workbook_is_read_as_tables(tmp_path):
    origin, findings = read(tmp_path, make_workbook())
    assert said(findings) == []
    services, sessions = origin.frames["services"], origin.frames["sessions"]
    assert services["service_id"].tolist() == ["S1", "S2"]
    assert services["organisation_id"].tolist() == ["O1", "O1"]
    assert services["elements"].tolist() == [("Y02",), ("Y07", "Y12")]
    assert services["minimum_age"].tolist() == [13.0, 13.0]
    assert services["_row"].tolist() == [2, 3]
    assert set(services["_file"]) == {"r.xlsx › Services"}
    assert sessions["service_id"].tolist() == ["S1", "S2"]
    assert sessions["start"].tolist() == [dt.time(19), dt.time(10)]
    assert origin.frames["returns"]["received"].tolist() == ["yes"]
    assert origin.frames["returns"]["received_on"].tolist() == [dt.date(2026, 1, 31)]
    assert origin.frames["organisations"]["name"].tolist() == ["Tinytown Youth Service"]
    assert (origin.whole, origin.named) == (True, True)
    assert {"r.xlsx › Services", "r.xlsx › Sessions"} <= origin.files


@pytest.mark.parametrize("system_1904", [False, True])
def test_days_and_times_are_what_a_person_sees(tmp_path, system_1904):
    def fill(book):
        sheet = book.get_worksheet_by_name("Sessions")
        day = book.add_format({"num_format": "dd/mm/yyyy"})
        clock = book.add_format({"num_format": "hh:mm"})
        long = book.add_format({"num_format": "[h]:mm"})
        sheet.write(0, 5, "Valid from")
        sheet.write_datetime(1, 5, dt.date(2026, 2, 28), day)
        sheet.write_datetime(2, 5, dt.datetime(2026, 3, 1, 18, 30), day)  # noqa: DTZ001
        sheet.write_number(1, 2, 18.5 / 24, clock)
        sheet.write_number(1, 3, 1.0, clock)
        sheet.write_number(2, 2, 0.0, clock)
        sheet.write_number(2, 3, 1.0, long)

    origin, findings = read(tmp_path, make_workbook(WHOLE, fill, date_1904=system_1904))
    sessions = origin.frames["sessions"]
    assert said(findings) == []
    assert sessions["valid_from"].tolist() == [dt.date(2026, 2, 28), dt.date(2026, 3, 1)]
    assert sessions["start"].tolist() == [dt.time(18, 30), dt.time(0)]
    assert sessions["end"].tolist() == [dt.time.max, dt.time.max]


def test_numbers_words_and_texts_keep_what_they_say(tmp_path):
    rows = [
        [*SERVICES[0], "Capacity", "Cost", "Publicised", "Booking"],
        ["01234", "Y02", "", 13.0, "tbd", "everyone", 7, "none", 0.5, True, "=1+1"],
        ["Careers Bus", "Y07", "", "", "", "", "07", "withheld", 0, False, "2"],
    ]
    origin, findings = read(
        tmp_path, make_workbook({"Organisation": ORGANISATION, "Services": rows})
    )
    services = origin.frames["services"]
    assert said(findings) == []
    assert services["name"].tolist() == ["01234", "Careers Bus"]
    assert services["service_id"].tolist() == ["7", "07"]
    assert services["maximum_age_said"].tolist() == ["tbd", "blank"]
    assert services["capacity_said"].tolist() == ["none", "withheld"]
    assert services["cost"].tolist() == [0.5, 0.0]
    assert services["cost_said"].tolist() == ["given", "given"]
    assert services["publicised"].tolist() == ["yes", "no"]
    assert services["booking"].tolist() == ["=1+1", "2"]


def test_headings_are_found_under_titles_and_however_they_are_written(tmp_path):
    rows = [
        ["What we do in Tinytown"],
        [],
        ["", "  NAME ", "elements", "Our remarks", "minimum  AGE:"],
        ["", "Friday Night Club", "Y02", "busy", 13],
        [],
        ["", "", "", "only a remark", ""],
    ]
    origin, findings = read(tmp_path, make_workbook({"Organisation": ORGANISATION, "Blad 1": rows}))
    services = origin.frames["services"]
    assert services["_row"].tolist() == [4, 6]
    assert services["minimum_age"].tolist()[0] == 13
    # A row with anything in it is a row: what it lacks is told.
    assert {(p.row, p.column) for p in findings.problems} >= {(6, "name"), (6, "elements")}
    assert {p.row for p in findings.problems} == {6}
    notes = " ".join(said(findings, "notes"))
    assert "what stands above them was not read (row 1)" in notes
    assert "column Our remarks: This column was not read" in notes


def test_ids_are_made_of_organisation_and_name_and_stay(tmp_path):
    rows = [["Name", "Elements"], ["Friday Night Club", "Y02"], ["Friday night club", "Y02"], ["Ñandú", "Y02"], ["ひ", "Y02"]]  # fmt: skip
    first, findings = read(
        tmp_path, make_workbook({"Organisation": ORGANISATION, "Services": rows})
    )
    assert first.frames["services"]["service_id"].tolist() == [
        "O1-friday-night-club", "O1-friday-night-club-2", "O1-nandu", "O1-1",
    ]  # fmt: skip
    assert any("4 rows without an ID were given one" in note for note in said(findings, "notes"))
    # A row more above them moves none.
    rows.insert(1, ["Breakfast", "C01"])
    again, _ = read(tmp_path, make_workbook({"Organisation": ORGANISATION, "Services": rows}))
    assert again.frames["services"]["service_id"].tolist()[1:] == first.frames["services"]["service_id"].tolist()  # fmt: skip


def test_an_organisation_without_an_id_gets_one_of_its_name(tmp_path):
    rows = [row[1:] for row in ORGANISATION]
    origin, findings = read(tmp_path, make_workbook({"Organisation": rows, "Services": SERVICES}))
    assert origin.frames["organisations"]["organisation_id"].tolist() == ["tinytown-youth-service"]
    assert set(origin.frames["services"]["organisation_id"]) == {"tinytown-youth-service"}
    assert set(origin.frames["returns"]["organisation_id"]) == {"tinytown-youth-service"}
    assert any("No organisation ID is given" in note for note in said(findings, "notes"))


def test_names_stand_for_codes_alone_and_beside_them_and_nothing_is_guessed(tmp_path):
    codes = Codes(
        elements=frozenset({"Y02", "Y07"}), outcomes=frozenset(), communities=frozenset({"mixed", "other"}),
        places=frozenset({"E1"}), neighbourhoods=frozenset({"N1", "N2"}),
        names=(("Youth clubs", "Y02"), ("Information", "Y07"), ("Mixed or multiple", "mixed"), ("Weston", "N1"), ("Weston", "N2"), ("none", "Y07")),
    )  # fmt: skip
    rows = [
        ["Name", "Elements", "Elements 2", "Open to", "Service area", "Access"],
        ["A", "y02 youth clubs", "Information", "mixed or Multiple", "Weston", "Step free; trained staff"],
        ["B", "Y02, Y07", "", "everyone", "N1", "none"],
        ["C", "Y02 Information\nYouth clubs", "", "other", "all", ""],
    ]  # fmt: skip
    (tmp_path / "r.xlsx").write_bytes(
        make_workbook({"Organisation": ORGANISATION, "Services": rows})
    )
    findings = Findings()
    origin = read_workbooks(InputFolder(tmp_path, findings), ["r.xlsx"], codes)[0]
    services = origin.frames["services"]
    assert services["elements"].tolist() == [("Y02", "Y07"), ("Y02", "Y07"), ("Y02 Information", "Y02")]  # fmt: skip
    assert services["open_to"].tolist() == [("mixed",), ("everyone",), ("other",)]
    assert services["service_area"].tolist() == [("Weston",), ("N1",), ("all",)]
    assert services["access"].tolist() == [("step_free", "trained_staff"), ("none",), ()]


def test_a_name_that_two_services_share_is_left_for_a_person_to_settle(tmp_path):
    services = [*SERVICES, ["Careers Bus", "Y07", "", "", "", "", "S3"]]
    sessions = [SESSIONS[0], ["Careers Bus", "Monday", "", "", "term"], ["s3", "Monday", "", "", "term"]]  # fmt: skip
    origin, _ = read(tmp_path, make_workbook({**WHOLE, "Services": services, "Sessions": sessions}))
    assert origin.frames["sessions"]["service_id"].tolist() == ["Careers Bus", "S3"]


def test_a_service_may_be_called_by_a_word_that_means_something_elsewhere(tmp_path):
    services = [
        SERVICES[0],
        ["All", "Y02", "", "", "", "", "S1"],
        ["None", "Y02", "", "", "", "", "S2"],
    ]
    sessions = [SESSIONS[0], ["all", "Monday", "", "", "term"], ["None", "Monday", "", "", "term"]]
    origin, _ = read(tmp_path, make_workbook({**WHOLE, "Services": services, "Sessions": sessions}))
    assert origin.frames["sessions"]["service_id"].tolist() == ["S1", "S2"]


def test_a_sheet_without_its_needed_columns_is_told(tmp_path):
    rows = [["Elements", "Minimum age"], ["Y02", 13]]
    origin, findings = read(tmp_path, make_workbook({**WHOLE, "Services": rows}))
    first = findings.problems[0]
    assert (first.row, first.column, first.what) == (1, "name", "The column is missing.")
    assert not origin.whole


def test_errors_and_formulas_without_a_value_are_problems_at_their_cells(tmp_path):
    def fill(book):
        sheet = book.get_worksheet_by_name("Services")
        sheet.write_formula(1, 3, "=6+7", None, 13)
        sheet.write_formula(1, 4, "=1/0", None, "#DIV/0!")

    data = make_workbook(WHOLE, fill)
    xml = zipfile.ZipFile(io.BytesIO(data)).read(SECOND).decode()
    xml, times = re.subn(r'<c r="D3"[^/]*?><v>13</v></c>', '<c r="D3"><f>A1</f></c>', xml)
    assert times == 1
    origin, findings = read(tmp_path, spoil(data, {SECOND: xml.encode()}))
    assert origin.frames["services"]["minimum_age"].tolist()[0] == 13
    assert sorted(said(findings)) == [
        "r.xlsx › Services, row 2, column maximum_age: The cell shows #DIV/0!: its formula has no value. Write the value itself, or clear it.",
        "r.xlsx › Services, row 3, column minimum_age: The cell has a formula, but no value was saved with it. Open the workbook in a spreadsheet and save it, or write the value itself.",
    ]  # fmt: skip


def test_a_row_that_only_shows_an_error_is_not_lost(tmp_path):
    def fill(book):
        book.get_worksheet_by_name("Services").write_formula(5, 0, "=1/0", None, "#REF!")

    origin, findings = read(tmp_path, make_workbook(WHOLE, fill))
    assert origin.frames["services"]["_row"].tolist() == [2, 3, 6]
    assert any("row 6, column name: The cell shows #REF!" in problem for problem in said(findings))


def test_merged_cells_are_a_problem_where_they_hold_data(tmp_path):
    def fill(book):
        sheet = book.get_worksheet_by_name("Sessions")
        sheet.merge_range(1, 0, 2, 0, "Friday Night Club")
        sheet.merge_range(5, 0, 5, 1, "")

    origin, findings = read(tmp_path, make_workbook(WHOLE, fill))
    merged = [problem for problem in said(findings) if "merged" in problem]
    assert merged == [
        "r.xlsx › Sessions, row 2, column service_id: The cells A2 to A3 are merged: what they say stands in the first of them only. Unmerge them, and write it into each cell that it holds for."
    ]  # fmt: skip
    assert len(origin.frames["sessions"]) == 2


def test_what_is_hidden_is_read_and_said(tmp_path):
    def fill(book):
        book.get_worksheet_by_name("Services").set_row(2, None, None, {"hidden": True})
        book.get_worksheet_by_name("Sessions").hide()

    origin, findings = read(tmp_path, make_workbook(WHOLE, fill))
    assert len(origin.frames["services"]) == 2
    assert len(origin.frames["sessions"]) == 2
    notes = said(findings, "notes")
    assert "r.xlsx › Services, row 3: 1 row is hidden, and was read all the same (row 3)." in notes
    assert "r.xlsx › Sessions: The sheet is hidden; it was read all the same." in notes


def test_macros_are_noted_and_the_data_is_read(tmp_path):
    data = spoil(make_workbook(), {"xl/vbaProject.bin": b"not looked at"})
    origin, findings = read(tmp_path, data, "r.xlsm")
    assert len(origin.frames["services"]) == 2
    assert any("macros: they were not looked at" in note for note in said(findings, "notes"))


def test_two_sheets_of_the_same_are_a_problem_not_a_choice(tmp_path):
    origin, findings = read(tmp_path, make_workbook({**WHOLE, "Services (2)": SERVICES}))
    assert [problem for problem in said(findings) if "both look like" in problem] == [
        "r.xlsx › Services (2): This sheet and 'Services' both look like the sheet of services: which is meant is not guessed. Bring their rows together in one sheet, or delete the other."
    ]  # fmt: skip
    assert len(origin.frames["services"]) == 2


def test_a_workbook_of_something_else_says_what_it_has(tmp_path):
    origin, findings = read(tmp_path, make_workbook({"Budget": [["Item", "£"], ["Rent", 5]], "B": []}))  # fmt: skip
    assert said(findings) == [
        "r.xlsx: No sheet has headings that are known here; it has 'Budget', 'B'. Use the workbook that provision-map template writes."
    ]  # fmt: skip
    assert (origin.whole, origin.named, dict(origin.frames)) == (False, False, {})


def test_a_sheet_beside_the_known_ones_is_noted(tmp_path):
    _, findings = read(tmp_path, make_workbook({**WHOLE, "Budget": [["Item", "£"], ["Rent", 5]]}))
    assert any("Not read, for no headings in them are known here: 'Budget'" in note for note in said(findings, "notes"))  # fmt: skip


def test_a_column_without_a_heading_and_one_that_stands_twice_are_problems(tmp_path):
    rows = [["Name", "Elements", "", "name"], ["Club", "Y02", "lost?", "Other name"]]
    _, findings = read(tmp_path, make_workbook({"Organisation": ORGANISATION, "Services": rows}))
    assert said(findings) == [
        "r.xlsx › Services, row 1: Column C has no heading, but holds something in row 2. Give it a heading, or clear it.",
        "r.xlsx › Services, row 1, column name: The heading stands twice. Keep one of them.",
    ]  # fmt: skip


def test_control_characters_are_problems_at_their_cells(tmp_path):
    data = make_workbook({"Organisation": ORGANISATION, "Services": [["Name", "Elements"]]})
    cells = '<row r="2"><c r="A2" t="inlineStr"><is><t>Club_x0000_</t></is></c><c r="B2" t="inlineStr"><is><t>Y02</t></is></c></row>'
    head = '<row r="1"><c r="A1" t="inlineStr"><is><t>Name</t></is></c><c r="B1" t="inlineStr"><is><t>Elements</t></is></c></row>'
    _, findings = read(tmp_path, spoil(data, {SECOND: sheet_xml(head + cells)}))
    assert any("row 2, column name" in problem for problem in said(findings))
    assert len(said(findings)) == 1


def test_patterns_are_sorted_and_passed_over_where_a_spreadsheet_is_open(tmp_path):
    (tmp_path / "returns").mkdir()
    for name in ("b.xlsx", "a.xlsx", "~$a.xlsx", ".~lock.a.xlsx#"):
        (tmp_path / "returns" / name).write_bytes(make_workbook())
    findings = Findings()
    folder = InputFolder(tmp_path, findings)
    origins = read_workbooks(folder, ["returns/*.xlsx", "returns/a.xlsx", "nothing/*.xlsx"])
    assert list(folder.files) == ["returns/a.xlsx", "returns/b.xlsx"]
    assert len(origins) == 2
    assert said(findings) == []
    assert any(note.startswith("nothing/*.xlsx: No workbook has a name like this") for note in said(findings, "notes"))  # fmt: skip


def test_a_workbook_that_is_named_and_missing_is_a_problem(tmp_path):
    findings = Findings()
    origins = read_workbooks(InputFolder(tmp_path, findings), ["gone.xlsx"])
    assert said(findings)[0].startswith("gone.xlsx: The file is missing.")
    assert not origins[0].whole


def test_an_opendocument_spreadsheet_is_read_alike(tmp_path):
    sheets = {name: [[str(cell) for cell in row] for row in rows] for name, rows in WHOLE.items()}
    data = make_ods("".join(ods_table(name, rows) for name, rows in sheets.items()))
    ods, findings = read(tmp_path, data, "r.ods")
    xlsx, _ = read(tmp_path, make_workbook())
    assert said(findings) == []
    for name, frame in xlsx.frames.items():
        assert frame.drop(columns="_file").equals(ods.frames[name].drop(columns="_file")), name


# ---------------------------------------------------------------------------- what would do harm

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
FAR = '<row r="1"><c r="A1"><v>1</v></c></row><row r="{row}"><c r="{cell}"><v>1</v></c></row>'


def _ods_cell(more: str = "") -> str:
    return (
        f'<table:table-cell {more} office:value-type="string"><text:p>x</text:p></table:table-cell>'
    )


def _ods_rows(rows: str) -> bytes:
    return make_ods(f'<table:table table:name="a">{rows}</table:table>')


def _lie(data: bytes, declared: int) -> bytes:
    """Return a zip whose directory gives another size for its parts than they have."""
    out = bytearray(data)
    at = 0
    while (at := out.find(b"PK\x01\x02", at)) >= 0:
        struct.pack_into("<I", out, at + 24, declared)
        at += 4
    return bytes(out)


def _harm() -> dict[str, bytes]:
    whole = make_workbook()
    bomb = sheet_xml("<row r='1'>" + " " * (LARGEST_UNPACKED + 10) + "</row>")
    doctype = b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;">]>'
    shared = b'<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><si><t>' + b"x" * 30_000 + b"</t></si></sst>"  # fmt: skip
    cells = "".join(
        f"<row r='{r}'>" + "".join("<c t='s'><v>0</v></c>" for _ in range(20)) + "</row>"
        for r in range(1, 200)
    )
    return {
        "empty": b"",
        "text": b"name,elements\n",
        "half": whole[: len(whole) // 2],
        "old kind": OLE + b"\0" * 4_000,
        "locked": OLE + b"\0" * 500 + "EncryptedPackage".encode("utf-16-le") + b"\0" * 500,
        "no workbook": spoil(whole, {"xl/workbook.xml": None}),
        "binary": spoil(whole, {"xl/workbook.bin": b"x"}),
        "bomb": spoil(whole, {SECOND: bomb}),
        "bomb that lies": _lie(spoil(whole, {SECOND: bomb}), 100),
        "many parts": spoil(whole, {f"xl/x{n}.xml": b"" for n in range(3_000)}),
        "doctype": spoil(whole, {SECOND: doctype + sheet_xml("")}),
        "doctype elsewhere": spoil(whole, {"xl/styles.xml": doctype + b"<styleSheet/>"}),
        "doctype in UTF-16": spoil(whole, {SECOND: (doctype + sheet_xml("")).decode().encode("utf-16")}),
        "far down": spoil(whole, {SECOND: sheet_xml(FAR.format(row=1_048_576, cell="A1048576"))}),
        "far right": spoil(whole, {SECOND: sheet_xml(FAR.format(row=2, cell="XFD2"))}),
        "far, in small letters": spoil(whole, {SECOND: sheet_xml(FAR.format(row=1_048_576, cell="xfd1048576"))}),
        "far, in a row's number": spoil(whole, {SECOND: sheet_xml("<row r='999999'><c><v>1</v></c></row>")}),
        "nowhere": spoil(whole, {SECOND: sheet_xml("<row r='1'><c r='1'><v>1</v></c></row>")}),
        "row of no number": spoil(whole, {SECOND: sheet_xml("<row r='one'><c><v>1</v></c></row>")}),
        "one text in every cell": spoil(whole, {"xl/sharedStrings.xml": shared, SECOND: sheet_xml(cells)}),
        "no such text": spoil(whole, {SECOND: sheet_xml("<row r='1'><c t='s'><v>999</v></c></row>")}),
        "no number": spoil(whole, {SECOND: sheet_xml("<row r='1'><c t='n'><v>abc</v></c></row>")}),
        "no XML": spoil(whole, {SECOND: sheet_xml("<row r='1'><c></row>")}),
        "no sheet": spoil(whole, {SECOND: None}),
        "repeated columns": _ods_rows("<table:table-row>" + _ods_cell("table:number-columns-repeated='900000000'") + "</table:table-row>"),
        "repeated rows": _ods_rows(f'<table:table-row table:number-rows-repeated="900000000">{_ods_cell()}</table:table-row>'),
        "far in a document": _ods_rows(f'<table:table-row table:number-rows-repeated="900000000"><table:table-cell/></table:table-row><table:table-row>{_ods_cell()}</table:table-row>'),
    }  # fmt: skip


HARM = _harm()
#: What is said of them, where another check could be what refuses them.
WHY = {
    "old kind": "of the old kind (.xls)",
    "locked": "locked with a password",
    "binary": "binary workbook",
    "bomb": "unpacks to more than",
    "many parts": "3,0",
    "doctype": "document type",
    "doctype elsewhere": "document type",
    "doctype in UTF-16": "document type",
    "far down": "reaches to row 1,048,576",
    "far right": "column 16,384",
    "far, in small letters": "reaches to row 1,048,576",
    "far, in a row's number": "reaches to row 999,999",
    "one text in every cell": "more than 50,000,000 letters",
    "repeated columns": "column 900,000,000",
    "repeated rows": "reaches to row 900,000,000",
    "far in a document": "reaches to row 900,000,001",
}


@pytest.mark.parametrize("name", HARM)
def test_what_would_do_harm_ends_as_a_problem_of_the_file(tmp_path, name):
    origin, findings = read(tmp_path, HARM[name])
    assert [problem.file for problem in findings.problems] == ["r.xlsx"]
    assert WHY.get(name, "") in findings.problems[0].what
    assert findings.problems[0].mend
    assert not origin.whole


def test_formats_far_below_are_no_rows(tmp_path):
    def fill(book):
        book.get_worksheet_by_name("Services").write_blank(19_999, 3, None, book.add_format({"bold": True}))  # fmt: skip

    origin, findings = read(tmp_path, make_workbook(WHOLE, fill))
    assert said(findings) == []
    assert len(origin.frames["services"]) == 2


def test_parts_that_no_sheet_is_made_of_do_not_reach_the_parser():
    # A part that says it is packed in a strange way, twice, or beyond the directory, is refused.
    data = make_workbook()
    out = io.BytesIO(data)
    with zipfile.ZipFile(out, "a") as packed, pytest.warns(UserWarning, match="Duplicate name"):
        packed.writestr(SECOND, sheet_xml(""))
    with pytest.raises(BadWorkbookError, match="twice"):
        open_workbook(out.getvalue())
    out = io.BytesIO(data)
    with zipfile.ZipFile(out, "a", zipfile.ZIP_LZMA) as packed:
        packed.writestr("xl/more.xml", b"<a/>")
    with pytest.raises(BadWorkbookError, match="no spreadsheet uses"):
        open_workbook(out.getvalue())


BASE = make_workbook()
PARTS = {
    name: zipfile.ZipFile(io.BytesIO(BASE)).read(name)
    for name in zipfile.ZipFile(io.BytesIO(BASE)).namelist()
}


def _mutate(rng: random.Random) -> bytes:
    """Return a workbook that is wrong somewhere: in a part, or in the zip itself."""
    if rng.random() < 0.2:
        out = bytearray(BASE)
        for _ in range(rng.randint(1, 8)):
            out[rng.randrange(len(out))] = rng.randrange(256)
        return bytes(out)
    name = rng.choice(sorted(PARTS))
    part = bytearray(PARTS[name])
    for _ in range(rng.randint(1, 4)):
        at = rng.randrange(len(part) + 1)
        bit = rng.choice([b"", b"<", b">", b'"', b"\x00", b"\xff", b"_x0000_", b"9999999", b"-1", b"A1", bytes(part[at : at + 40]), b"<c r='ZZ9'><v>1</v></c>", b"t='e'"])  # fmt: skip
        part[at : at + rng.choice([0, 1, 5, 30])] = bit
    return spoil(BASE, {name: bytes(part)})


def _read_or_report(folder, data: bytes) -> None:
    origin, findings = read(folder, data)
    assert origin.frames or findings.problems
    for problem in (*findings.problems, *findings.notes):
        assert str(problem)


@pytest.mark.parametrize("seed", range(4))
def test_whatever_is_wrong_inside_it_is_read_or_reported(tmp_path, seed, capfd):
    rng = random.Random(seed)  # noqa: S311
    for _ in range(100):
        _read_or_report(tmp_path, _mutate(rng))
    capfd.readouterr()


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(8))
def test_soak_whatever_is_wrong_inside_it_is_read_or_reported(tmp_path, seed, capfd):
    rng = random.Random(1_000 + seed)  # noqa: S311
    for _ in range(1_500):
        _read_or_report(tmp_path, _mutate(rng))
    capfd.readouterr()


@given(data=st.binary(max_size=400))
@settings(max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_bytes_end_as_a_problem(tmp_path, data):
    _, findings = read(tmp_path, data)
    assert len(findings.problems) == 1


def test_rows_as_they_were_sent_keep_words_and_added_columns(tmp_path):
    rows = [["Name", "Elements", "Remarks"], ["Club", "Youth clubs; ?", "ours"]]
    data = make_workbook({"Organisation": ORGANISATION, "Services": rows})
    (tmp_path / "r.xlsx").write_bytes(data)
    findings = Findings()
    frames = read_as_sent(InputFolder(tmp_path, findings), "r.xlsx")
    assert frames["services"].to_dict("records") == [
        {"name": "Club", "elements": "Youth clubs; ?", "Remarks": "ours", "_row": 2, "_file": "r.xlsx › Services"}
    ]  # fmt: skip
    assert frames["returns"]["received"].tolist() == ["yes"]
    assert findings == Findings()


@given(st.text(st.characters(exclude_characters="›"), min_size=1), st.text(min_size=1))
def test_labels_say_file_and_sheet(file, sheet):
    assert split_label(sheet_label(file, sheet)) == (file, sheet)
    assert split_label(file) == (file, "")


def test_a_problem_stands_where_a_spreadsheet_shows_it(tmp_path):
    rows = [["a title"], *SERVICES]
    rows[2] = [*SERVICES[1]]
    rows[2][3] = "thirteen"
    _, findings = read(tmp_path, make_workbook({**WHOLE, "Services": rows}))
    (problem,) = findings.problems
    assert replace(problem, mend="") == replace(problem, file="r.xlsx › Services", row=3, column="minimum_age", mend="")  # fmt: skip

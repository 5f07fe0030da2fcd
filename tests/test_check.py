"""`provision-map check` as people use it: what it prints, what it writes, and what it leaves alone."""

from __future__ import annotations

import os
import subprocess
import sys

import openpyxl
import pandas as pd
import pytest

from provision_map.errors import DataError, Problem, UsageError
from provision_map.exercise.check import _say_notes, check_exercise
from provision_map.read.inputs import read_inputs
from provision_map.read.settings_file import read_settings
from provision_map.reports.send_back import make_send_back
from tiny_exercise import add_settings, append_row, replace_text, set_cell

SERVICES = "data/services/services.csv"
RETURNS = "data/services/returns.csv"
TABLES = {
    "files.csv", "rows.csv", "same.csv", "same-organisations.csv", "old-records.csv",
    "completeness.csv", "returns.csv", "problems.csv", "notes.csv",
}  # fmt: skip


def command(*words, cwd):
    return subprocess.run(
        [sys.executable, "-m", "provision_map", *words],
        cwd=cwd, capture_output=True, text=True, check=False, env={**os.environ, "PYTHONIOENCODING": "utf-8"},
    )  # fmt: skip


def contents(folder):
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def read(path):
    return pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8-sig")


def test_a_clean_exercise_in_few_lines_and_only_the_folder_check_is_written(tiny):
    before = contents(tiny)
    done = command("check", cwd=tiny)
    assert done.returncode == 0, done.stderr
    assert len(done.stdout.splitlines()) <= 25
    assert "Returns: of 2 asked, 2 in full, 0 in part, 0 not at all; 100 %" in done.stdout
    assert "No problems" in done.stdout
    after = contents(tiny)
    assert {name: after[name] for name in before} == before
    new = {name for name in after if name not in before}
    assert {name.removeprefix("check/") for name in new if "to-send-back" not in name} == TABLES
    assert not list(tiny.glob("check/.*"))
    assert command("check", cwd=tiny).stdout == done.stdout


def test_without_files_nothing_is_written(tiny):
    before = contents(tiny)
    done = command("check", "--no-files", cwd=tiny)
    assert done.returncode == 0
    assert contents(tiny) == before


def test_with_problems_the_files_are_written_and_the_code_is_3(tiny):
    set_cell(tiny / SERVICES, 2, "minimum_age", "thirteen")
    set_cell(tiny / SERVICES, 3, "capacity", "lots")
    done = command("check", cwd=tiny)
    assert done.returncode == 3
    assert "services.csv, row 2, column minimum_age: 'thirteen' is not a number." in done.stderr
    assert len(read(tiny / "check/problems.csv")) == 2
    cells = {}
    for code in ("O1", "O2"):
        book = openpyxl.load_workbook(tiny / f"check/to-send-back/{code}.xlsx")
        cells[code] = {str(c.value) for sheet in book for row in sheet.iter_rows() for c in row if c.value is not None}  # fmt: skip
    # Each sees its own rows and problems, as it sent them, and nobody else's.
    assert {"thirteen", "Friday Night Club"} <= cells["O1"]
    assert not {"lots", "Junior Club"} & cells["O1"]
    assert {"lots", "Junior Club"} <= cells["O2"]
    assert not {"thirteen", "Friday Night Club"} & cells["O2"]


def test_old_and_undated_records_are_listed_by_organisation(tiny):
    set_cell(tiny / SERVICES, 2, "assured_date", "2019-11-28")
    set_cell(tiny / SERVICES, 3, "assured_date", "")
    set_cell(tiny / SERVICES, 4, "assured_date", "2019-12-02")
    checked = check_exercise(tiny)
    listed = checked.old[["organisation_id", "service_id", "assured_date", "months"]]
    assert listed.to_numpy().tolist() == [["O1", "S1", "2019-11-28", 12], ["O2", "S2", "", None]]
    said = (
        "1 record was checked over 12 months ago, 1 record does not say when: of 2 organisations."
    )
    assert said in checked.say()


def test_formulas_in_the_data_stay_text(tiny):
    set_cell(tiny / SERVICES, 2, "name", "=HYPERLINK(1)")
    set_cell(tiny / SERVICES, 2, "assured_date", "")
    set_cell(tiny / SERVICES, 3, "elements", "@Y02")
    check_exercise(tiny)
    for path in (tiny / "check").glob("*.csv"):
        for row in pd.read_csv(path, header=None, dtype=str, keep_default_na=False, encoding="utf-8-sig").to_numpy():  # fmt: skip
            assert not [cell for cell in row if cell.startswith(("=", "+", "-", "@", "\t"))]
    assert "'=HYPERLINK(1)" in set(read(tiny / "check/old-records.csv")["name"])


def test_codes_never_lead_out_of_the_folder(tiny):
    for name in ("organisations", "services", "returns", "practice"):
        replace_text(tiny / f"data/services/{name}.csv", "O1,", "../../O1,")
    set_cell(tiny / SERVICES, 2, "assured_date", "")
    before = {path for path in tiny.parent.rglob("*") if path.is_file()}
    check_exercise(tiny)
    new = {path for path in tiny.parent.rglob("*") if path.is_file()} - before
    assert {path.parent.relative_to(tiny).as_posix() for path in new} == {
        "check",
        "check/to-send-back",
    }
    assert (tiny / "check/to-send-back/O1.xlsx").exists()


def test_a_table_of_the_exercise_in_the_folder_is_not_overwritten(tiny):
    (tiny / "check").mkdir()
    (tiny / RETURNS).rename(tiny / "check/returns.csv")
    replace_text(tiny / "provision.toml", f'returns = "{RETURNS}"', 'returns = "check/returns.csv"')
    before = (tiny / "check/returns.csv").read_bytes()
    check_exercise(tiny)
    assert (tiny / "check/returns.csv").read_bytes() == before
    assert (tiny / "check/new-returns.csv").exists()


def test_a_folder_that_cannot_be_written_is_said_and_nothing_is_left(tiny):
    (tiny / "check").write_text("a file of somebody's", encoding="utf-8")
    before = contents(tiny)
    with pytest.raises(DataError, match="could not be written"):
        check_exercise(tiny)
    assert contents(tiny) == before


# ---------------------------------------------------------------- returned workbooks


@pytest.fixture
def sent(tiny):
    """The tiny exercise, in which O2 has answered in a workbook and its own tables have none of it."""
    set_cell(tiny / SERVICES, 3, "assured_date", "")
    inputs = read_inputs(read_settings(tiny))
    books = make_send_back(inputs, check_exercise(tiny, files=False).old)
    (tiny / "returns").mkdir()
    (tiny / "returns/o2.xlsx").write_bytes(books["O2"])
    for name in ("services", "practice", "returns"):
        path = tiny / f"data/services/{name}.csv"
        lines = path.read_text("utf-8").splitlines(keepends=True)
        path.write_text(
            "".join(line for line in lines if ",O2," not in line and not line.startswith("O2,")),
            "utf-8",
        )
    for name in ("sessions", "quality"):
        path = tiny / f"data/services/{name}.csv"
        lines = path.read_text("utf-8").splitlines(keepends=True)
        path.write_text(
            "".join(line for line in lines if line[:2] not in ("S2", "S3", "S6")), "utf-8"
        )
    append_row(
        tiny / RETURNS,
        organisation_id="O2",
        elements="all",
        places="all",
        due="2020-10-31",
        received="no",
    )
    add_settings(tiny, "services", workbooks=["returns/*.xlsx"])
    return tiny


def change_cell(path, sheet, was, now):
    book = openpyxl.load_workbook(path)
    hits = [cell for row in book[sheet].iter_rows() for cell in row if str(cell.value) == was]
    assert hits, was
    hits[0].value = now
    book.save(path)


def test_a_return_that_came_is_taken_as_come_and_the_table_is_corrected(sent):
    checked = check_exercise(sent)
    assert not checked.inputs.problems
    assert set(checked.inputs.returns["received"]) == {"yes"}
    assert any("It says 'no' of Tinytown Play Association" in note.what for note in checked.notes)
    now = read(sent / "check/returns.csv")
    assert now["received"].tolist() == ["yes", "yes"]
    assert now["received_on"].tolist()[1] == "2020-10-25"


def test_write_returns_replaces_the_table_once_and_keeps_the_old_one(sent):
    old = (sent / RETURNS).read_bytes()
    done = command("check", "--write-returns", cwd=sent)
    assert done.returncode == 0, done.stderr
    assert (sent / f"{RETURNS}.bak").read_bytes() == old
    new = (sent / RETURNS).read_bytes()
    assert b"O2,all,all,2020-10-31,yes,2020-10-25" in new
    command("check", "--write-returns", cwd=sent)
    assert (sent / RETURNS).read_bytes() == new
    assert (sent / f"{RETURNS}.bak").read_bytes() == old


def test_a_table_with_problems_is_not_written(sent):
    set_cell(sent / RETURNS, 2, "received", "perhaps")
    before = contents(sent)
    with pytest.raises(UsageError, match="mend them first"):
        check_exercise(sent, files=False, write_returns=True)
    assert contents(sent) == before


def test_a_wrong_row_of_a_workbook_stops_everything_unless_it_is_to_be_left_out(sent):
    change_cell(sent / "returns/o2.xlsx", "Services", "Junior Club", "")
    refused = read_inputs(read_settings(sent))
    assert refused.problems
    add_settings(sent, "services", wrong_rows="leave out")
    inputs = read_inputs(read_settings(sent))
    assert not inputs.problems
    assert len(inputs.services) == len(refused.services) - 1
    assert [
        reason
        for reason in inputs.left_out["reason"]
        if reason.startswith("It has a problem: name")
    ]
    # Its sessions go with it, and whose it is has answered only partly.
    left = inputs.passed_over[inputs.passed_over["table"] != "organisations"]
    assert set(left["table"]) == {"sessions", "quality"}
    received = dict(zip(inputs.returns["organisation_id"], inputs.returns["received"], strict=True))
    assert received == {"O1": "yes", "O2": "partly"}
    checked = check_exercise(sent)
    assert checked.account.count("used") + checked.account.count(
        "left_out"
    ) == checked.account.count("rows")
    assert (sent / "check/to-send-back/O2.xlsx").exists()


def test_a_wrong_row_of_our_own_tables_is_never_left_out(sent):
    add_settings(sent, "services", wrong_rows="leave out")
    set_cell(sent / SERVICES, 2, "name", "")
    assert read_inputs(read_settings(sent)).problems


# ---------------------------------------------------------------- in forty ways


def copy_book(folder, name):
    (folder / "returns" / name).write_bytes((folder / "returns/o2.xlsx").read_bytes())


def adds_up(checked):
    count = checked.account.count
    return count("used") + count("left_out") == count("rows")


def test_a_copy_of_a_workbook_is_read_once_whatever_it_is_called(sent):
    once = check_exercise(sent, files=False)
    copy_book(sent, "Copy of o2.xlsx")
    checked = check_exercise(sent)
    assert not checked.inputs.problems
    assert checked.inputs.services["service_id"].tolist() == once.inputs.services["service_id"].tolist()  # fmt: skip
    assert set(checked.inputs.returns["received"]) == {"yes"}
    told = [n for n in checked.notes if n.file == "returns/Copy of o2.xlsx"]
    assert [n.what for n in told] == ["It says the same as returns/o2.xlsx, row for row: it was read once."]  # fmt: skip
    rows = read(sent / "check/rows.csv")
    copied = rows[rows["file"].str.startswith("returns/Copy")]
    assert set(copied["fate"]) == {"left out"}
    assert {"services", "sessions", "returns", "organisations"} <= set(copied["table"])
    assert adds_up(checked)


def test_two_workbooks_of_the_same_services_that_differ_are_one_problem(sent):
    copy_book(sent, "o2 (1).xlsx")
    change_cell(sent / "returns/o2 (1).xlsx", "Services", "Junior Club", "Junior Club!")
    checked = check_exercise(sent, files=False)
    assert [p.file for p in checked.inputs.problems] == ["returns/o2 (1).xlsx"]
    assert "It and returns/o2.xlsx both tell of" in checked.inputs.problems[0].what
    assert adds_up(checked)


def test_an_organisation_told_again_fills_what_is_blank_and_is_told_where_it_differs(sent):
    book = openpyxl.load_workbook(sent / "returns/o2.xlsx")
    sheet = book["Organisation"]
    at = {str(cell.value).rstrip(" *"): cell.column for cell in sheet[3]}
    was = sheet.cell(4, at["Name"]).value
    sheet.cell(4, at["Name"]).value = "Another Name"
    sheet.cell(4, at["Charity number"]).value = "1012345"
    sheet.cell(4, at["Contact role"]).value = "Sam 07700 900123"
    book.save(sent / "returns/o2.xlsx")
    set_cell(sent / "data/services/organisations.csv", 3, "contact_role", "")
    checked = check_exercise(sent)
    own = checked.inputs.organisations.set_index("organisation_id").loc["O2"]
    assert (own["name"], own["charity_number"]) == (was, "1012345")
    assert own["contact_role"] == ""  # a telephone number is not spread
    notes = {(n.file, n.column): n.what for n in checked.notes}
    at_name = notes["returns/o2.xlsx › Organisation", "name"]
    assert "'Another Name'" in at_name
    assert f"{was!r}, which is used" in at_name
    assert "telephone" in notes["returns/o2.xlsx › Organisation", "contact_role"]
    assert not any("900123" in note.what for note in checked.notes)
    # Sent back it says what its organisation said.
    book = openpyxl.load_workbook(sent / "check/to-send-back/O2.xlsx")
    assert book["Organisation"].cell(4, at["Name"]).value == "Another Name"
    assert book["Organisation"].cell(4, at["Received"]).value == "yes"
    assert book["Organisation"].cell(5, at["Organisation ID"]).value is None
    assert adds_up(checked)


def test_rows_that_are_left_out_are_sent_back_with_what_is_wrong(sent):
    change_cell(sent / "returns/o2.xlsx", "Services", "Junior Club", "")
    add_settings(sent, "services", wrong_rows="leave out")
    check_exercise(sent)
    path = sent / "check/to-send-back/O2.xlsx"
    listed = openpyxl.load_workbook(path)["What to mend"]
    cells = [[cell.value for cell in row] for row in listed.iter_rows()]
    found = [row for row in cells if row[1] == "Name" and row[2] == "The cell is empty."]
    assert len(found) == 1
    assert "name" in set(read(sent / "check/problems.csv")["column"])
    # Mended there, sent back, and nothing else.
    sheet, cell = found[0][0].split()
    book = openpyxl.load_workbook(path)
    book[sheet][cell] = "Junior Club"
    book.save(sent / "returns/o2.xlsx")
    inputs = read_inputs(read_settings(sent))
    assert "Junior Club" in set(inputs.services["name"])
    assert inputs.left_out.empty
    assert set(inputs.returns["received"]) == {"yes"}


def test_a_row_that_is_left_out_does_not_make_the_table_partly_for_good(sent):
    whole = (sent / "returns/o2.xlsx").read_bytes()
    change_cell(sent / "returns/o2.xlsx", "Services", "Junior Club", "")
    add_settings(sent, "services", wrong_rows="leave out")
    checked = check_exercise(sent, files=False, write_returns=True)
    assert "partly" in set(checked.inputs.returns["received"])
    (sent / "returns/o2.xlsx").write_bytes(whole)
    assert set(read_inputs(read_settings(sent)).returns["received"]) == {"yes"}


def test_workbooks_of_an_earlier_check_are_set_aside_not_lost(tiny):
    set_cell(tiny / SERVICES, 3, "minimum_age", "many")
    check_exercise(tiny)
    folder = tiny / "check/to-send-back"
    (folder / "O9.xlsx").write_bytes(b"mended here")
    check_exercise(tiny)
    assert (folder / "earlier/O9.xlsx").read_bytes() == b"mended here"
    assert not (folder / "O9.xlsx").exists()
    assert (folder / "O2.xlsx").exists()


def test_notes_of_one_kind_are_one_line_and_what_can_be_done_comes_first():
    late = [Problem("r.csv", n, "due", f"{n} is overdue.", "Ask again.") for n in range(2, 40)]
    plain = [Problem("s.csv", 2, "start", "7pm was read as 19:00.")]
    lines = _say_notes((*plain, *late), most=6)
    assert lines[0] == "note: r.csv, row 2, column due: 2 is overdue. Ask again. (And 37 more like it.)"  # fmt: skip
    assert lines[1] == "note: s.csv, row 2, column start: 7pm was read as 19:00."
    assert lines[-1] == "note: all 39 stand in check/notes.csv"
    assert _say_notes((*plain, *late), most=None) == [f"note: {n}" for n in (*plain, *late)]


def test_a_run_says_that_suspected_duplicates_are_not_decided(tiny):
    rows = read(tiny / SERVICES)
    twin = rows.iloc[0].to_dict() | {"service_id": "S99"}
    append_row(tiny / SERVICES, **twin)
    done = command("run", cwd=tiny)
    assert "1 pair may be one and the same, and count twice: provision-map check" in done.stdout

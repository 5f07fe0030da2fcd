"""Text and CSV: encodings, rows as a spreadsheet numbers them, and what must not be lost."""

from __future__ import annotations

import csv
import hashlib
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provision_map.read import read_inputs, read_settings
from provision_map.read.files.text import decode_text, parse_csv
from provision_map.read.findings import Findings
from tiny_exercise import replace_text, set_cell

SERVICES = "data/services/services.csv"


def parse(text):
    findings = Findings()
    table = parse_csv(text, file="a.csv", findings=findings)
    return None if table is None else table.frame, findings


def test_rows_are_numbered_as_a_spreadsheet_numbers_records():
    frame, findings = parse('a,b\n1,"two\nlines"\n\n,\n3,4\n')
    assert frame["_row"].tolist() == [2, 5]
    assert frame["b"].tolist() == ["two\nlines", "4"]
    assert findings.problems == []


def test_headings_are_trimmed_and_a_column_without_any_text_is_dropped():
    frame, findings = parse(" a , b,\n1,2,\n")
    assert list(frame.columns) == ["a", "b", "_row"]
    assert findings.problems == []


def test_a_heading_that_looks_like_ours_cannot_move_the_rows():
    frame, _ = parse("_row,a\n999,1\n")
    assert frame["_row"].tolist() == [2]


def test_cells_are_kept_to_the_letter():
    frame, _ = parse('a,b\n" x ","=1+1"\n')
    assert frame.loc[0, ["a", "b"]].tolist() == [" x ", "=1+1"]


def test_after_a_quote_that_is_not_closed_the_rows_before_are_kept():
    frame, findings = parse('a,b\n1,2\n3,"4\n5,6\n')
    assert frame["a"].tolist() == ["1"]
    assert [problem.row for problem in findings.problems] == [3]


def test_a_cell_of_enormous_length_is_a_problem_not_a_crash():
    _, findings = parse(f"a\n{'x' * 200_000}\n")
    assert [problem.row for problem in findings.problems] == [2]


TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=12)


@given(st.lists(st.tuples(TEXT, TEXT), max_size=6))
def test_whatever_a_spreadsheet_writes_is_read_back(rows):
    out = io.StringIO(newline="")
    csv.writer(out).writerows([("a", "b"), *rows])
    frame, findings = parse(out.getvalue())
    kept = [(n, *row) for n, row in enumerate(rows, start=2) if any(cell.strip() for cell in row)]
    assert findings.problems == []
    assert list(frame[["_row", "a", "b"]].itertuples(index=False, name=None)) == kept


@given(st.binary(max_size=80))
def test_any_bytes_are_text_or_one_problem(data):
    findings = Findings()
    text = decode_text(data, file="a.csv", findings=findings)
    assert (text is None) == (len(findings.problems) == 1)
    if text is not None:
        parse_csv(text, file="a.csv", findings=findings)


def test_utf8_with_its_mark_is_read_without_a_note(tiny):
    path = tiny / SERVICES
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    inputs = read_inputs(read_settings(tiny))
    assert inputs.problems == ()
    assert inputs.notes == ()
    assert inputs.services["service_id"].tolist()[0] == "S1"


def test_windows_1252_is_read_and_said_so(tiny):
    path = tiny / SERVICES
    set_cell(path, 2, "name", "Café “Chez Zoë” \u2013 £1")
    path.write_bytes(path.read_text(encoding="utf-8").encode("cp1252"))
    inputs = read_inputs(read_settings(tiny))
    assert inputs.problems == ()
    assert inputs.services["name"].tolist()[0] == "Café “Chez Zoë” \u2013 £1"
    assert [note.file for note in inputs.notes] == [SERVICES]
    assert "Windows-1252" in inputs.notes[0].what


def test_day_first_dates_are_read_and_said_so(tiny):
    set_cell(tiny / SERVICES, 3, "assured_date", "05/06/2020")
    inputs = read_inputs(read_settings(tiny))
    assert inputs.problems == ()
    assert inputs.services["assured_date"][1].isoformat() == "2020-06-05"
    [note] = inputs.notes
    assert (note.file, note.row, note.column) == (SERVICES, 3, "assured_date")


def test_many_notes_alike_are_cut_short_and_counted(tiny):
    for row in range(2, 8):
        set_cell(tiny / SERVICES, row, "assured_date", "05/06/2020")
    notes = read_inputs(read_settings(tiny)).notes
    assert [note.row for note in notes] == [None, 2, 3, 4]
    assert notes[0].what == "3 more cells likewise."


@pytest.mark.parametrize("name", ["{{7*7}}", "</script>", "=1+1", "[red]", "a\u202eb", "'; --"])
def test_a_name_is_kept_as_just_that(name, tiny):
    set_cell(tiny / SERVICES, 2, "name", name)
    inputs = read_inputs(read_settings(tiny))
    assert inputs.problems == ()
    assert inputs.services["name"][0] == name


def test_each_file_is_recorded_once_with_its_digest(tiny):
    inputs = read_inputs(read_settings(tiny))
    names = [file.file for file in inputs.files]
    assert len(names) == len(set(names)) == 12
    for file in inputs.files:
        data = (tiny / file.file).read_bytes()
        assert file.sha256 == hashlib.sha256(data).hexdigest()
        assert file.bytes == len(data)
    ages = next(file for file in inputs.files if file.file == "data/people/ages.csv")
    assert (ages.source, ages.licence, ages.date) == ("made up for a test", "none", "2020")


def test_a_source_of_no_file_is_noted(tiny):
    replace_text(tiny / "provision.toml", '[sources."data/people/ages', '[sources."data/ages')
    notes = read_inputs(read_settings(tiny)).notes
    assert [note.column for note in notes] == [None, 'sources."data/ages.csv"']
    assert "1 file has no [sources] entry: data/people/ages.csv; pages" in notes[0].what


def test_files_without_a_source_are_named_in_one_note(tiny):
    settings = tiny / "provision.toml"
    text = settings.read_text(encoding="utf-8")
    settings.write_text(text[: text.index("[sources")], encoding="utf-8")
    [note] = read_inputs(read_settings(tiny)).notes
    assert (note.file, note.row, note.column) == ("provision.toml", None, None)
    assert note.what.startswith(
        "11 files have no [sources] entry: data/boundaries/places.geojson, "
    )
    assert note.what.endswith("practice.csv; pages cannot say where they come from.")
    # The settings themselves need none.
    assert "provision.toml" not in note.what


def test_a_column_that_the_dictionary_does_not_know_is_noted_and_not_read(tiny):
    replace_text(tiny / SERVICES, "booking,assured_date", "max_cost,assured_date")
    inputs = read_inputs(read_settings(tiny))
    assert inputs.problems == ()
    assert [(note.row, note.column) for note in inputs.notes] == [(1, "max_cost")]
    assert "max_cost" not in inputs.services


def test_files_may_be_named_by_absolute_path_or_from_the_folder_above(tiny, tmp_path):
    (tiny / "data/people/ages.csv").rename(tmp_path / "ages.csv")
    settings = tiny / "provision.toml"
    replace_text(settings, '[sources."data/people/ages.csv"]', '[sources."../ages.csv"]')
    replace_text(settings, 'file = "data/people/ages.csv"', 'file = "../ages.csv"')
    assert read_inputs(read_settings(tiny)).problems == ()
    absolute = (tmp_path / "ages.csv").as_posix()
    replace_text(settings, 'file = "../ages.csv"', f'file = "{absolute}"')
    assert read_inputs(read_settings(tiny)).problems == ()

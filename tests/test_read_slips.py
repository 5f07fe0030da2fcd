"""Slips of the pen: what was meant, what is read all the same, and how often the same one is told."""

from __future__ import annotations

import datetime as dt
import logging

import geopandas as gpd
import pytest

from provision_map.read import read_inputs, read_settings
from provision_map.read.files.text import parse_csv
from provision_map.read.findings import Findings
from provision_map.schema import Column, Spelling, Table
from tiny_exercise import append_row, replace_text, set_cell

BOUNDARIES = "data/boundaries/places.geojson"
NEIGHBOURHOODS = "data/boundaries/neighbourhoods.csv"
AGES = "data/people/ages.csv"
GROUPS = "data/people/ethnic_groups.csv"
BESIDE = "data/people/places.csv"
ORGANISATIONS = "data/services/organisations.csv"
SERVICES = "data/services/services.csv"
SESSIONS = "data/services/sessions.csv"
QUALITY = "data/services/quality.csv"
RETURNS = "data/services/returns.csv"
PRACTICE = "data/services/practice.csv"


def read(folder):
    return read_inputs(read_settings(folder))


# ---------------------------------------------------------------- did you mean


@pytest.mark.parametrize(
    ("file", "column", "value", "asked"),
    [
        (SERVICES, "elements", "y02", "Did you mean 'Y02'?"),
        (SERVICES, "elements", "Y2", "Did you mean 'Y02'?"),
        (SERVICES, "elements", "YO2", "Did you mean 'Y02'?"),
        (SERVICES, "outcomes", "ea4", "Did you mean 'EA4'?"),
        (SERVICES, "open_to", "Everyone", "Did you mean 'everyone'?"),
        (SERVICES, "open_to", "White British", "Did you mean 'white_british'?"),
        (SERVICES, "open_to", "Disabled children", "Did you mean 'disabled'?"),
        (SERVICES, "not_open_to", "pakstani", "Did you mean 'pakistani'?"),
        (SERVICES, "access", "step-free", "Did you mean 'step_free'?"),
        (SERVICES, "place_id", "t01", "Did you mean 'T01'?"),
        (SERVICES, "place_id", "Tinytown 001A", "Did you mean its code 'T01'?"),
        (SERVICES, "place_id", "Weston · 002A", "Did you mean its code 'T02'?"),
        (SERVICES, "service_area", "weston", "Did you mean its code 'N1'?"),
        (SERVICES, "service_area", "ALL", "Did you mean 'all'?"),
        (SERVICES, "organisation_id", "o1", "Did you mean 'O1'?"),
        (SERVICES, "organisation_id", "Tinytown Youth Service", "Did you mean its code 'O1'?"),
        (ORGANISATIONS, "sector", "County Council", "Did you mean 'county council'?"),
        (SESSIONS, "weekday", "friday", "Did you mean 'Friday'?"),
        (SESSIONS, "weekday", "Thurs", "Did you mean 'Thursday'?"),
        (SESSIONS, "period", "Term", "Did you mean 'term'?"),
        (SESSIONS, "holidays", "Easter holidays", "Did you mean 'Easter'?"),
        (SESSIONS, "service_id", "Friday Night Club", "Did you mean its code 'S1'?"),
        (QUALITY, "result", "Meets", "Did you mean 'meets'?"),
        (RETURNS, "places", "Easton", "Did you mean its code 'N2'?"),
        (PRACTICE, "reached_communities", "None", "Did you mean 'none'?"),
    ],
)
def test_a_word_that_is_near_is_asked_for(file, column, value, asked, tiny):
    set_cell(tiny / file, 2, column, value)
    [problem] = read(tiny).problems
    assert (problem.file, problem.row, problem.column) == (file, 2, column)
    assert asked in problem.mend


@pytest.mark.parametrize(
    ("file", "column", "value"),
    [
        (SERVICES, "elements", "Y99"),
        (SERVICES, "elements", "Z1"),
        (SERVICES, "open_to", "martians"),
        (SERVICES, "place_id", "T09"),
        (SERVICES, "organisation_id", "O9"),
        (SESSIONS, "weekday", "x"),
    ],
)
def test_nothing_is_asked_where_nothing_is_near(file, column, value, tiny):
    set_cell(tiny / file, 2, column, value)
    [problem] = read(tiny).problems
    assert "Did you mean" not in problem.mend
    assert problem.mend


def test_of_many_codes_only_the_near_one_is_said_and_of_few_all():
    many = Spelling([f"E{n:02d}" for n in range(30)])
    assert many.mend("e7") == "Did you mean 'E07'?"
    assert many.mend("nothing").startswith("Use one of: E00, E01, ")
    few = Spelling(["term", "holidays"])
    assert few.mend("Term") == "Did you mean 'term'? Use one of: term, holidays."


def test_a_name_that_two_places_bear_is_no_hint():
    assert Spelling(["A1", "A2"], names=[("Mill", "A1"), ("mill", "A2")]).ask("Mill") == ""


def test_everyone_stands_once_in_the_list(tiny):
    set_cell(tiny / SERVICES, 2, "open_to", "martians")
    [problem] = read(tiny).problems
    assert problem.mend.count("everyone") == 1


def test_long_text_in_the_wrong_column_is_cut(tiny):
    set_cell(tiny / SERVICES, 2, "elements", "x" * 5_000)
    set_cell(tiny / SERVICES, 2, "capacity", "y" * 5_000)
    assert all(len(str(problem)) < 500 for problem in read(tiny).problems)


@pytest.mark.parametrize(("theirs", "ours"), [("capactiy", "capacity"), ("Open to", "open_to")])
def test_a_heading_that_is_near_is_asked_for(theirs, ours, tiny):
    replace_text(
        tiny / SERVICES,
        f",{ours}," if ours == "open_to" else ours,
        f",{theirs}," if ours == "open_to" else theirs,
    )
    inputs = read(tiny)
    assert inputs.problems == ()
    [note] = inputs.notes
    assert (note.row, note.column, note.mend) == (1, theirs, f"Did you mean {ours!r}?")


def test_a_missing_column_is_looked_for_among_the_headings(tiny):
    replace_text(tiny / SERVICES, "service_id", "Service ID")
    replace_text(tiny / AGES, "age_7,", "Age 7,")
    replace_text(tiny / "provision.toml", 'name = "name"', 'name = "Name"')
    inputs = read(tiny)
    told = {(p.file, p.column): p.mend for p in inputs.problems}
    assert told.keys() == {(SERVICES, "service_id"), (AGES, "age_7"), (BOUNDARIES, "Name")}
    assert told[SERVICES, "service_id"] == "Write the heading 'Service ID' as service_id."
    assert told[AGES, "age_7"] == "Write the heading 'Age 7' as age_7."
    assert told[BOUNDARIES, "Name"].startswith("Did you mean 'name'? The file has: code, name")
    # What the problem says is not said again by a note.
    assert [n for n in inputs.notes if n.column == "Service ID"] == []


# ---------------------------------------------------------------- one problem in many rows


def add_sessions(folder, number, **cells):
    said = {"service_id": "S1", "weekday": "Friday", "period": "term"} | cells
    for _ in range(number):
        append_row(folder / SESSIONS, **said)


def test_one_wrong_value_in_many_rows_is_told_five_times_and_then_counted(tiny):
    add_sessions(tiny, 119, weekday="friday")
    problems = read(tiny).problems
    assert [p.row for p in problems] == [9, 10, 11, 12, 13, 14]
    assert {p.what for p in problems[:5]} == {"'friday' is not known here."}
    assert problems[5].what == (
        "…and 114 more rows with this problem in the column: 'friday' is not known here."
    )
    assert "Did you mean 'Friday'?" in problems[5].mend
    assert sum(len(str(problem)) for problem in problems) < 2_000


def test_one_wrong_code_in_many_rows_is_told_five_times_and_then_counted(tiny):
    add_sessions(tiny, 30, service_id="S9")
    problems = read(tiny).problems
    assert [p.row for p in problems] == [9, 10, 11, 12, 13, 14]
    assert problems[5].what.startswith("…and 25 more rows with this problem in the column: 'S9' is")


def test_six_rows_are_told_one_by_one(tiny):
    add_sessions(tiny, 6, weekday="friday")
    assert [p.row for p in read(tiny).problems] == [9, 10, 11, 12, 13, 14]
    assert "…" not in read(tiny).problems[5].what


def test_many_wrong_values_of_one_kind_are_counted_too(tiny):
    for n in range(60):
        add_sessions(tiny, 1, start=f"{n}x")
    problems = read(tiny).problems
    assert len(problems) == 21
    assert problems[20].what.startswith(
        "…and 40 more rows with a problem of this kind in the column"
    )


def test_other_problems_of_the_column_are_told_beside(tiny):
    add_sessions(tiny, 20, weekday="friday")
    add_sessions(tiny, 1, weekday="monday")
    assert [p.row for p in read(tiny).problems] == [9, 10, 11, 12, 13, 14, 29]


def test_notes_of_two_kinds_in_one_column_are_counted_apart(tiny):
    for row in range(2, 8):
        set_cell(tiny / SERVICES, row, "assured_date", "05/06/2020" if row < 7 else "2020-12-24")
    assert [(note.row, note.what[:12]) for note in read(tiny).notes] == [
        (None, "2 more cells"),
        (2, "05/06/2020 w"),
        (3, "05/06/2020 w"),
        (4, "05/06/2020 w"),
        (7, "2020-12-24 i"),
    ]


# ---------------------------------------------------------------- rows passed over


def test_rows_of_other_places_are_counted_where_no_filter_explains_them(tiny):
    for file in (AGES, GROUPS, BESIDE):
        lines = (tiny / file).read_text().splitlines()
        more = [lines[1].replace("T01", code) for code in ("t01", "X1", "X2")]
        (tiny / file).write_text("\n".join([*lines, *more]) + "\n")
    inputs = read(tiny)
    assert inputs.problems == ()
    said = "3 rows were passed over: no place of this exercise has the code 't01', 'X1', 'X2'."
    assert [(n.file, n.what, n.mend) for n in inputs.notes] == [
        (file, said, "Did you mean 'T01'?") for file in (AGES, GROUPS, BESIDE)
    ]


def test_neighbourhoods_of_other_places_are_counted_in_one_note(tiny):
    for n in range(8):
        append_row(
            tiny / NEIGHBOURHOODS, place_id=f"X{n}", neighbourhood_id="N3", neighbourhood="Nowhere"
        )
    [note] = read(tiny).notes
    assert note.file == NEIGHBOURHOODS
    assert note.what == (
        "8 rows were passed over: no place of this exercise has the code 'X0', 'X1', 'X2', 'X3', 'X4', …."
    )


# ---------------------------------------------------------------- what stands between cells


@pytest.mark.parametrize("mark", [",", ";", "\t"])
def test_a_first_line_that_names_the_mark_is_passed_over_and_counted(mark):
    findings = Findings()
    text = f"sep={mark}\r\na{mark}b\r\n1{mark}2\r\n3\r\n"
    table = parse_csv(text, file="a.csv", findings=findings)
    assert table.frame[["_row", "a", "b"]].to_numpy().tolist() == [[3, "1", "2"]]
    assert table.heading_row == 2
    assert [problem.row for problem in findings.problems] == [4]
    assert "passed over" in findings.notes[0].what


def test_a_first_line_that_no_longer_holds_is_not_believed():
    findings = Findings()
    table = parse_csv("sep=;,\na,b\n1,2\n", file="a.csv", findings=findings)
    assert table.frame[["a", "b"]].to_numpy().tolist() == [["1", "2"]]


def test_under_such_a_line_everything_is_told_with_the_rows_of_the_file(tiny):
    path = tiny / SERVICES
    path.write_text("sep=,\n" + path.read_text(encoding="utf-8"), encoding="utf-8")
    replace_text(path, "organisation_id", "organisation")
    replace_text(path, "cost,", "price,")
    replace_text(path, "S1,Friday Night Club,O1,Y02", "S1,Friday Night Club,O1,Y99")
    inputs = read(tiny)
    assert {(p.row, p.column) for p in inputs.problems} == {(2, "organisation_id"), (3, "elements")}
    assert {(n.row, n.column) for n in inputs.notes} == {(1, None), (2, "price")}


@pytest.mark.parametrize(("mark", "word"), [(";", "semicolons"), ("\t", "tabs"), ("|", "bars")])
def test_other_marks_are_recognised_by_the_headings_and_noted(mark, word, tiny):
    before = read(tiny)
    for file in (AGES, RETURNS):
        replace_text(tiny / file, ",", mark)
    inputs = read(tiny)
    assert inputs.problems == ()
    assert [(n.file, n.what) for n in inputs.notes] == [
        (file, f"Read with {word} between cells, not commas.") for file in (AGES, RETURNS)
    ]
    assert inputs.ages.equals(before.ages)
    assert inputs.returns.equals(before.returns)


def test_a_decimal_comma_is_never_taken_for_a_thousand(tiny):
    set_cell(tiny / SERVICES, 2, "cost", "2,50")
    set_cell(tiny / SERVICES, 3, "cost", "£1,250.50")
    inputs = read(tiny)
    [problem] = inputs.problems
    assert (problem.row, problem.mend) == (2, "Write a point for the comma: 2.50.")
    assert inputs.services["cost"][1] == 1250.5


# ---------------------------------------------------------------- dates, times and numbers


@pytest.mark.parametrize(
    ("text", "day"), [("46032", "2026-01-10"), ("43831", "2020-01-01"), ("43831.5", "2020-01-01")]
)
def test_a_spreadsheets_number_for_a_day_is_told_with_the_day(text, day, tiny):
    set_cell(tiny / SERVICES, 2, "assured_date", text)
    [problem] = read(tiny).problems
    assert problem.what == f"{text} looks like Excel's number for {day}."


@pytest.mark.parametrize("text", ["12", "4603", "99999", "460321"])
def test_other_numbers_are_only_no_dates(text, tiny):
    set_cell(tiny / SERVICES, 2, "assured_date", text)
    [problem] = read(tiny).problems
    assert problem.what == f"{text!r} is not a date."


@pytest.mark.parametrize(
    ("text", "time"),
    [("7pm", dt.time(19)), ("7.30pm", dt.time(19, 30)), ("7:05 P.M.", dt.time(19, 5))],
)
def test_a_time_of_the_half_day_is_read_and_noted(text, time, tiny):
    set_cell(tiny / SESSIONS, 2, "start", text)
    inputs = read(tiny)
    assert inputs.problems == ()
    assert inputs.sessions["start"][0] == time
    [note] = inputs.notes
    assert (note.row, note.column, note.what) == (2, "start", f"{text} was read as {time:%H:%M}.")


def test_a_morning_is_a_morning(tiny):
    set_cell(tiny / SESSIONS, 2, "start", "11am")
    assert read(tiny).sessions["start"][0] == dt.time(11)


@pytest.mark.parametrize("text", ["12pm", "12 am", "0pm", "13pm", "7.60pm", "pm"])
def test_a_time_that_could_be_two_or_none_is_a_problem(text, tiny):
    set_cell(tiny / SESSIONS, 2, "start", text)
    [problem] = read(tiny).problems
    assert problem.what == f"{text!r} is not a time of day."


@pytest.mark.parametrize(
    ("low", "high", "text", "what", "doc"),
    [
        (0, None, "-15", "-15 is below 0.", "At least 0."),
        (None, 99, "130", "130 is above 99.", "At most 99."),
        (0, 25, "-1", "-1 is outside 0 to 25.", "Range 0 to 25."),
    ],
)
def test_a_number_out_of_range_is_told_by_the_bound_that_there_is(low, high, text, what, doc):
    import pandas as pd

    table = Table("t", "", (Column("n", "number", "A number.", minimum=low, maximum=high),))
    _, [problem], _ = table.validate(pd.DataFrame({"n": [text]}), file="t.csv")
    assert problem.what == what
    assert f"A number. {doc} |" in table.to_markdown()


@pytest.mark.parametrize(("days", "notes"), [(0, 0), (300, 0), (400, 1)])
def test_an_exercise_far_ahead_is_noted(days, notes, tiny):
    day = dt.datetime.now(tz=dt.UTC).astimezone().date() + dt.timedelta(days=days)
    replace_text(tiny / "provision.toml", "date = 2020-11-30", f"date = {day.isoformat()}")
    found = [n for n in read(tiny).notes if n.column == "exercise.date"]
    assert len(found) == notes
    assert all("more than a year ahead" in note.what for note in found)


# ---------------------------------------------------------------- files of several layers


@pytest.fixture
def layered(tiny):
    """Return an exercise whose places stand in the second layer of a GeoPackage."""
    frame = gpd.read_file(tiny / BOUNDARIES)
    target = tiny / "data/boundaries/places.gpkg"
    frame.assign(code=["A", "B", "C"]).to_file(target, layer="wards")
    frame.to_file(target, layer="squares", mode="a")
    replace_text(tiny / "provision.toml", BOUNDARIES, "data/boundaries/places.gpkg")
    return tiny


def test_a_layer_can_be_named(layered):
    replace_text(layered / "provision.toml", 'level = "square"', 'layer = "squares"')
    inputs = read(layered)
    assert inputs.problems == inputs.notes == ()
    assert inputs.places["place_id"].tolist() == ["T01", "T02", "T03"]


def test_without_a_name_the_first_layer_is_read_and_a_note_names_all(layered, caplog):
    with caplog.at_level(logging.DEBUG):
        notes = [n for n in read(layered).notes if n.file.endswith(".gpkg")]
    assert [(note.what, note.mend) for note in notes] == [
        (
            "Of its 2 layers (wards, squares), 'wards' was read.",
            'Say which it is to be with layer = "…" in [places].',
        )
    ]
    assert caplog.records == []


def test_a_layer_that_is_not_there_is_a_problem(layered):
    replace_text(layered / "provision.toml", 'level = "square"', 'layer = "Square"')
    [problem] = read(layered).problems
    assert (problem.file, problem.column) == ("provision.toml", "places.layer")
    assert problem.mend == "Did you mean 'squares'? Use one of: wards, squares."


def test_a_table_without_outlines_beside_them_is_no_choice(tiny):
    import pyogrio

    frame = gpd.read_file(tiny / BOUNDARIES)
    target = tiny / "data/boundaries/places.gpkg"
    styles = frame.drop(columns="geometry").assign(style="blue")
    pyogrio.write_dataframe(styles, target, layer="layer_styles")
    frame.to_file(target, layer="squares", mode="a")
    replace_text(tiny / "provision.toml", BOUNDARIES, "data/boundaries/places.gpkg")
    inputs = read(tiny)
    assert inputs.problems == inputs.notes == ()
    assert len(inputs.places) == 3

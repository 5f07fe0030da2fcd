"""Tables of services and of what came back, and public registers read through mapping files."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest

from provision_map import tables
from provision_map.read import read_inputs, read_settings
from tiny_exercise import append_row, replace_text, set_cell

SERVICES = "data/services/services.csv"


def read(folder):
    return read_inputs(read_settings(folder))


def test_services_are_typed_and_keep_what_a_cell_said(tiny):
    services = read(tiny).services.set_index("service_id")
    assert services.loc["S2", "elements"] == ("C02",)
    assert services.loc["S2", "outcomes"] == ("EA4", "PC3")
    assert services.loc["S1", "capacity"] == 60
    assert services.loc["S2", "capacity"] == np.inf
    assert services.loc["S2", "capacity_said"] == "none"
    assert services.loc["S3", "cost"] == 0
    assert services.loc["S6", "access"] == ()
    assert services.loc["S5", "access"] == ("none",)
    assert services.loc["S4", "service_area"] == ("all",)
    assert np.isnan(services.loc["S4", "easting"])
    assert services.loc["S1", "assured_date"] == dt.date(2020, 6, 1)
    assert services["_row"].tolist() == [2, 3, 4, 5, 6, 7]
    assert set(services["_file"]) == {SERVICES}


def test_services_without_a_single_place_are_asked_about_once_a_file(tiny):
    path = tiny / "data/services/services.csv"
    set_cell(path, 2, "capacity", "0")
    [note] = read(tiny).notes
    assert str(note) == (
        "data/services/services.csv, column capacity: S1 says it has 0 places in a session: nobody "
        "can be covered by it. Check it; `none` is no limit, blank is unknown."
    )
    for row in range(3, 8):
        set_cell(path, row, "capacity", "0")
    [note] = read(tiny).notes
    assert note.what == (
        "S1, S2, S3, S4, S5, … say they have 0 places in a session: nobody can be covered by them."
    )
    set_cell(path, 2, "capacity", "none")
    for row in range(3, 8):
        set_cell(path, row, "capacity", "")
    assert read(tiny).notes == ()


def test_the_other_tables_are_typed(tiny):
    inputs = read(tiny)
    assert inputs.sessions["start"][0] == dt.time(19)
    assert inputs.sessions["holidays"].tolist()[-1] == ("Easter", "Summer")
    assert inputs.quality["answers"].tolist()[-1] == 25
    assert inputs.returns["received_on"][1] == dt.date(2020, 10, 25)
    assert inputs.practice["agreed_on"].tolist() == [dt.date(2020, 5, 1), None]
    assert inputs.organisations["sector"].tolist() == ["county council", "voluntary"]
    assert inputs.left_out.columns.tolist() == ["file", "row", "service_id", "name", "reason"]
    assert inputs.left_out.empty
    for name in ("organisations", "sessions", "quality", "returns", "practice"):
        assert {"_row", "_file"} <= set(getattr(inputs, name).columns), name


def test_tables_that_are_not_named_are_empty_with_all_their_columns(tiny):
    settings = tiny / "provision.toml"
    for name in ("sessions", "quality", "returns", "practice"):
        replace_text(settings, f'{name} = "data/services/{name}.csv"\n', "")
    inputs = read(tiny)
    assert inputs.problems == ()
    for name, table in (("sessions", tables.SESSIONS), ("returns", tables.RETURNS)):
        frame = getattr(inputs, name)
        assert frame.empty
        assert {*table.names(given_only=True), "_row", "_file"} <= set(frame.columns)
    # Without returns nothing counts as complete: a person should know.
    [note] = [note for note in inputs.notes if not note.column.startswith("sources")]
    assert (note.file, note.column) == ("provision.toml", "services.returns")
    assert note.what == (
        "Nobody is on record as having been asked: whatever is not in the services is unknown, not none."
    )
    assert note.mend == "Fill in who was asked for what, and what came back."


def test_an_empty_table_of_returns_says_that_nobody_was_asked(tiny):
    path = tiny / "data/services/returns.csv"
    path.write_text(path.read_text().splitlines()[0] + "\n")
    [note] = read(tiny).notes
    assert (note.file, note.column) == ("data/services/returns.csv", None)
    assert note.what.startswith("Nobody is on record as having been asked: ")
    assert note.mend == "Fill in who was asked for what, and what came back."


def test_longitude_and_latitude_become_metres(tiny):
    append_row(
        tiny / SERVICES, service_id="S7", name="Seven", organisation_id="O1", elements="Y02",
        longitude="-2.2467", latitude="51.8675",
    )  # fmt: skip
    inputs = read(tiny)
    assert inputs.problems == ()
    service = inputs.services.iloc[-1]
    # Gloucester Cathedral, whose published grid reference is SO 831 188.
    assert service["easting"] == pytest.approx(383_100, abs=100)
    assert service["northing"] == pytest.approx(218_800, abs=100)
    assert service["place_id"] == ""


def test_easting_and_northing_win_over_longitude_and_latitude(tiny):
    set_cell(tiny / SERVICES, 2, "longitude", "-2.1")
    set_cell(tiny / SERVICES, 2, "latitude", "51.8")
    assert read(tiny).services["easting"][0] == 383_500


def test_a_neighbours_service_outside_every_place_is_fine(tiny):
    set_cell(tiny / SERVICES, 2, "place_id", "")
    set_cell(tiny / SERVICES, 2, "easting", "364000")
    assert read(tiny).problems == ()
    set_cell(tiny / SERVICES, 2, "easting", "362999")
    assert len(read(tiny).problems) == 1


@pytest.mark.parametrize("codes", ["all", "T01;T03", "N1;T03"])
def test_areas_are_places_neighbourhoods_or_all(codes, tiny):
    set_cell(tiny / SERVICES, 5, "service_area", codes)
    set_cell(tiny / "data/services/returns.csv", 2, "places", codes)
    set_cell(tiny / "data/services/practice.csv", 2, "reached_places", codes)
    inputs = read(tiny)
    assert inputs.problems == ()
    assert inputs.returns["places"][0] == tuple(codes.split(";"))


@pytest.mark.parametrize(
    ("file", "column", "consequence"),
    [
        (SERVICES, "assured_date", "the record counts as freshly checked"),
        ("data/services/quality.csv", "date", "the evidence counts, as the newest"),
        ("data/services/returns.csv", "received_on", "the return counts as fresh"),
        ("data/services/practice.csv", "agreed_on", "the practice counts as agreed"),
    ],
)
def test_what_is_dated_after_the_exercise_is_noted_with_what_becomes_of_it(
    file, column, consequence, tiny
):
    set_cell(tiny / file, 2, column, "2020-12-01")
    inputs = read(tiny)
    assert inputs.problems == ()
    [note] = inputs.notes
    assert (note.file, note.row, note.column) == (file, 2, column)
    assert note.what.endswith(f"2020-11-30: {consequence}.")
    set_cell(tiny / file, 2, column, "2020-11-30")
    assert read(tiny).notes == ()


# ---------------------------------------------------------------- registers

REGISTER = """\
urn,title,kind,district,x,y
100.0,North School,Primary,A,383200,217200
101.0,South School,Secondary,A,384200,217200
102.0,Old Barn,Barn,A,384300,217300
103.0,Far School,Primary,B,500000,300000
"""
MAPPING = """\
title = "Schools"
keep = { district = ["A"] }
organisation = { organisation_id = "schools", name = "Schools of Tinytown", sector = "school" }

[columns]
service_id = "urn"
name = "title"
easting = "x"
northing = "y"

[constants]
open_to = "everyone"
assured_date = "2020-05-24"

[[give]]
when = { kind = ["Primary", "Infant"] }
set = { elements = "C09;C10", minimum_age = "4", maximum_age = "11" }

[[give]]
when = { kind = "Secondary" }
set = { elements = "Y10", minimum_age = "11", maximum_age = "18" }
"""


@pytest.fixture
def registered(tiny):
    (tiny / "schools.csv").write_text(REGISTER)
    (tiny / "schools.toml").write_text(MAPPING)
    path = tiny / "provision.toml"
    text = path.read_text()
    added = '[[services.registers]]\nfile = "schools.csv"\nmapping = "schools.toml"\n\n'
    added += '[sources."schools.csv"]\nsource = "made up"\n\n'
    path.write_text(text.replace("[sources", added + "[sources"))
    return tiny


def test_a_register_gives_services_like_any_other(registered):
    inputs = read(registered)
    assert inputs.problems == ()
    services = inputs.services.set_index("service_id")
    assert services.index.tolist() == ["S1", "S2", "S3", "S4", "S5", "S6", "100", "101"]
    school = services.loc["100"]
    assert school["name"] == "North School"
    assert school["elements"] == ("C09", "C10")
    assert (school["minimum_age"], school["maximum_age"]) == (4, 11)
    assert school["open_to"] == ("everyone",)
    assert school["assured_date"] == dt.date(2020, 5, 24)
    assert (school["easting"], school["_row"], school["_file"]) == (383_200, 2, "schools.csv")
    assert school["capacity_said"] == "blank"
    assert inputs.organisations["organisation_id"].tolist() == ["O1", "O2", "schools"]
    assert {"schools.csv", "schools.toml"} <= {file.file for file in inputs.files}


def test_rows_that_no_rule_matches_are_left_out_and_said_why(registered):
    left_out = read(registered).left_out
    assert left_out.drop(columns="reason").to_numpy().tolist() == [
        ["schools.csv", 4, "102", "Old Barn"]
    ]
    assert left_out["reason"].tolist() == ["No rule of schools.toml says what it gives."]


def test_codes_that_a_spreadsheet_made_numbers_are_mended_and_noted(registered):
    [note] = read(registered).notes
    assert note.file == "schools.csv"
    assert "100.0" in note.what


def test_a_session_may_speak_of_a_register_row_and_of_one_left_out(registered):
    path = registered / "data/services/sessions.csv"
    for code in ("100", "102"):
        append_row(
            path, service_id=code, weekday="Monday", start="15:30", end="17:00", period="term"
        )
    inputs = read(registered)
    assert inputs.problems == ()
    assert [note.row for note in inputs.notes if note.file.endswith("sessions.csv")] == [10]


def test_a_prefix_keeps_codes_apart(registered):
    set_cell(registered / SERVICES, 4, "service_id", "100")
    for name in ("sessions", "quality"):
        replace_text(registered / f"data/services/{name}.csv", "S3", "100")
    [problem] = read(registered).problems
    assert (problem.file, problem.row, problem.column) == ("schools.csv", 2, "urn")
    assert "prefix" in problem.mend
    path = registered / "schools.toml"
    path.write_text('prefix = "school-"\n' + path.read_text())
    inputs = read(registered)
    assert inputs.problems == ()
    assert "school-100" in set(inputs.services["service_id"])


def test_the_first_rule_that_matches_wins_and_one_without_when_takes_the_rest(registered):
    path = registered / "schools.toml"
    path.write_text(path.read_text() + '[[give]]\nset = { elements = "C12", open_to = "" }\n')
    services = read(registered).services.set_index("service_id")
    assert services.loc["100", "elements"] == ("C09", "C10")
    assert services.loc["102", "elements"] == ("C12",)
    assert services.loc["102", "open_to"] == ()


def test_an_organisation_that_stands_in_the_table_is_kept(registered):
    append_row(
        registered / "data/services/organisations.csv",
        organisation_id="schools", name="The schools", sector="school",
    )  # fmt: skip
    organisations = read(registered).organisations
    assert organisations["name"].tolist()[2:] == ["The schools"]


@pytest.mark.parametrize(
    ("old", "new", "where", "words"),
    [
        ('name = "title"', 'name = "label"', (None, "columns.name"), "no column 'label'"),
        ('name = "title"\n', "", (None, "columns.name"), "must be mapped"),
        ('easting = "x"', 'east = "x"', (None, "columns.east"), "has no such column"),
        ("district =", "county =", (None, "keep.county"), "no column 'county'"),
        ('["A"]', '["Z"]', (None, "keep"), "keeps none"),
        ('kind = "Secondary"', 'phase = "x"', (None, "give[2].when.phase"), "no column 'phase'"),
        ('kind = "Secondary"', "kind = 7", (None, "give[2].when.kind"), "not a list of texts"),
        ('open_to = "everyone"', 'open_too = "x"', (None, "constants.open_too"), "no such column"),
        ('open_to = "everyone"', 'name = "x"', (None, "constants.name"), "both a column and"),
        ('open_to = "everyone"', 'open_to = "us"', (None, "constants.open_to"), "'us' is no comm"),
        ('elements = "Y10"', 'elements = "Y77"', (None, "give[2].set.elements"), "'Y77' is no elem"),
        ('elements = "Y10"', 'element = "Y10"', (None, "give[2].set.element"), "no such column"),
        ('"11", maximum_age = "18"', '"19", maximum_age = "18"', (None, "give[2].set.minimum_age"), "wrong way round"),
        ('"2020-05-24"', '"soon"', (None, "constants.assured_date"), "not a date"),
        ('sector = "school"', 'sector = "guild"', (None, "organisation.sector"), "not known here"),
        ("title = ", "tilte = ", (None, "tilte"), "no setting"),
        ('open_to = "everyone"', "open_to = everyone", (12, None), "not valid TOML"),
    ],
)  # fmt: skip
def test_a_fault_in_a_mapping_is_told_with_its_file_and_key(old, new, where, words, registered):
    replace_text(registered / "schools.toml", old, new)
    problems = read(registered).problems
    assert {(p.file, (p.row, p.column)) for p in problems} == {("schools.toml", where)}
    assert any(words in p.what for p in problems)


@pytest.mark.parametrize(
    ("row", "column", "value", "words"),
    [
        (3, "x", "east", "not a number"),
        (3, "x", "38420", "outside the area"),
        (3, "urn", "100.0", "already in row 2"),
        (3, "urn", "", "empty"),
    ],
)
def test_a_fault_in_a_register_is_told_with_its_own_column(row, column, value, words, registered):
    set_cell(registered / "schools.csv", row, column, value)
    [problem] = read(registered).problems
    assert (problem.file, problem.row, problem.column) == ("schools.csv", row, column)
    assert words in problem.what


def test_a_register_without_positions_leaves_its_services_in_no_place(registered):
    path = registered / "schools.toml"
    path.write_text(path.read_text().replace('easting = "x"\nnorthing = "y"\n', ""))
    problems = read(registered).problems
    assert [(p.file, p.row) for p in problems] == [("schools.csv", 2), ("schools.csv", 3)]
    assert "in no place" in problems[0].what


@pytest.mark.parametrize(
    "spoil",
    [
        lambda f: replace_text(f / "schools.csv", "100.0,North", "100.0,,North"),
        lambda f: replace_text(f / "schools.toml", 'name = "title"', 'name = "nothing"'),
        lambda f: replace_text(f / "schools.toml", "[columns]", "[colums]"),
        lambda f: set_cell(f / "schools.csv", 2, "urn", ""),
    ],
)
def test_what_speaks_of_a_register_row_is_not_blamed_for_a_fault_there(spoil, registered):
    append_row(
        registered / "data/services/sessions.csv", service_id="100", weekday="Monday", period="term"
    )
    assert read(registered).problems == ()
    spoil(registered)
    assert {p.file for p in read(registered).problems} <= {"schools.csv", "schools.toml"}
    assert read(registered).problems


@pytest.mark.parametrize("name", ["schools.csv", "schools.toml"])
def test_a_missing_file_of_a_register_is_one_problem(name, registered):
    (registered / name).unlink()
    [problem] = read(registered).problems
    assert (problem.file, problem.what) == (name, "The file is missing.")


def test_an_exercise_may_have_registers_only(registered):
    settings = registered / "provision.toml"
    for name in ("organisations", "services", "sessions", "quality", "returns", "practice"):
        replace_text(settings, f'{name} = "data/services/{name}.csv"\n', "")
    inputs = read(registered)
    assert inputs.problems == ()
    assert inputs.services["service_id"].tolist() == ["100", "101"]

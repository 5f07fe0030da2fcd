"""What people write into the cells of a workbook where it means one thing only, and where it does not."""

from __future__ import annotations

import datetime as dt
import math

import pytest

from provision_map.read.returned.persons import find_person
from workbook_files import ORGANISATION, SERVICES, SESSIONS, make_workbook, read

HEADINGS = ["Name", "Elements", "Minimum age", "Maximum age", "Cost", "Capacity", "Assured date"]


def read_service(tmp_path, **cells):
    row = {"Name": "Club", "Elements": "Y02", "Minimum age": 13, "Maximum age": 19} | cells
    sheet = [HEADINGS, [row.get(name, "") for name in HEADINGS]]
    origin, findings = read(
        tmp_path, make_workbook({"Organisation": ORGANISATION, "Services": sheet})
    )
    return origin.frames["services"].iloc[0], findings


@pytest.mark.parametrize("word", ["Free", "free of charge", "No charge", "FREE!"])
def test_free_is_a_cost_of_0_and_is_said(tmp_path, word):
    service, findings = read_service(tmp_path, Cost=word)
    assert (service["cost"], service["cost_said"]) == (0.0, "given")
    assert not findings.problems
    assert f"'{word}' as 0" in " ".join(note.what for note in findings.notes)


@pytest.mark.parametrize("word", ["n/a", "N/A", "-", "–", "not applicable"])
def test_a_dash_is_not_known_and_never_none(tmp_path, word):
    service, findings = read_service(tmp_path, Capacity=word)
    assert math.isnan(service["capacity"])
    assert service["capacity_said"] == "blank"
    assert not findings.problems
    assert "as not known" in " ".join(note.what for note in findings.notes)


@pytest.mark.parametrize("text", ["13-19", "13 – 19", "13 to 19 yrs", "13-19 years"])
@pytest.mark.parametrize("column", ["Minimum age", "Maximum age"])
def test_both_ages_in_one_cell(tmp_path, text, column):
    other = "Maximum age" if column == "Minimum age" else "Minimum age"
    service, findings = read_service(tmp_path, **{column: text, other: ""})
    assert (service["minimum_age"], service["maximum_age"]) == (13.0, 19.0)
    assert not findings.problems
    assert any("13-19"[:2] in note.what and "meant" in note.what for note in findings.notes)


@pytest.mark.parametrize(
    "cells",
    [
        {"Minimum age": "8 to 12", "Maximum age": 19},
        {"Minimum age": "11+", "Maximum age": ""},
        {"Cost": "free for members"},
    ],
)
def test_what_could_mean_two_things_is_a_problem(tmp_path, cells):
    _, findings = read_service(tmp_path, **cells)
    assert len(findings.problems) == 1


def test_a_dash_where_something_must_be_said_is_left_for_a_person(tmp_path):
    service, _ = read_service(tmp_path, Elements="n/a")
    assert service["elements"] == ("n/a",)


@pytest.mark.parametrize("text", ["3/9/26", "03/09/2026", "3.9.26", "3-9-2026"])
def test_days_are_read_day_first(tmp_path, text):
    service, findings = read_service(tmp_path, **{"Assured date": text})
    assert service["assured_date"] == dt.date(2026, 9, 3)
    assert not findings.problems


@pytest.mark.parametrize(
    ("day", "start", "end", "period"),
    [
        ("Fri", "7pm", "9pm", "term time"),
        ("Fridays", "19:00-21:00", "", "Term-time"),
        ("friday", "7pm to 9pm", "7pm to 9pm", "term"),
        ("fri", "", "19.00 – 21.00", "terms"),
    ],
)
def test_days_of_the_week_and_times_as_people_write_them(tmp_path, day, start, end, period):
    sheet = [SESSIONS[0], ["Friday Night Club", day, start, end, period]]
    sheets = {"Organisation": ORGANISATION, "Services": SERVICES, "Sessions": sheet}
    origin, findings = read(tmp_path, make_workbook(sheets))
    session = origin.frames["sessions"].iloc[0]
    assert not findings.problems
    assert (session["weekday"], session["period"]) == ("Friday", "term")
    assert (session["start"], session["end"]) == (dt.time(19), dt.time(21))


def test_several_days_in_one_cell_are_a_problem(tmp_path):
    sheet = [SESSIONS[0], ["Friday Night Club", "Weds & Thurs", "19:00", "21:00", "term"]]
    sheets = {"Organisation": ORGANISATION, "Services": SERVICES, "Sessions": sheet}
    _, findings = read(tmp_path, make_workbook(sheets))
    assert [problem.column for problem in findings.problems] == ["weekday"]


def test_a_total_is_no_service_and_is_accounted_for(tmp_path):
    sheet = [*SERVICES, ["", ""], ["TOTAL", "", "", 26]]
    origin, findings = read(
        tmp_path, make_workbook({"Organisation": ORGANISATION, "Services": sheet})
    )
    assert origin.frames["services"]["service_id"].tolist() == ["S1", "S2"]
    assert not findings.problems
    assert origin.left_out[["row", "name"]].to_numpy().tolist() == [[5, "TOTAL"]]
    assert [note.row for note in findings.notes if "total" in note.what] == [5]


def test_a_service_called_total_is_one_where_it_says_what_it_gives(tmp_path):
    sheet = [*SERVICES, ["Total", "Y02", "TT1 1AA", 13, 19, "everyone", "S3"]]
    origin, _ = read(tmp_path, make_workbook({"Organisation": ORGANISATION, "Services": sheet}))
    assert origin.frames["services"]["service_id"].tolist() == ["S1", "S2", "S3"]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("ring Sue on 07700 900123", "a telephone number"),
        ("+44 (0)1452 555 012", "a telephone number"),
        ("(01452) 555012", "a telephone number"),
        ("dave.k@example.org", "an e-mail address"),
        ("charity 1089464", ""),
        ("GL1 1UA 2026-10-01 07:30", ""),
        ("ages 05-11, 0.5 m, room 012345", ""),
        ("open @ 7", ""),
    ],
)
def test_telephone_numbers_and_addresses_are_told_from_other_figures(text, found):
    assert find_person(text) == found


@pytest.mark.parametrize(
    ("data", "what"),
    [
        (b"Name,Elements\nClub,Y02\n", "This is a text file (CSV), and no workbook."),
        (b"%PDF-1.7\n\x00", "This is a PDF, and no workbook."),
        (b"", "The file is empty."),
        (b"\x89PNG\x00\x01", "This is no workbook."),
    ],
)
def test_what_is_no_workbook_is_called_what_it_is(tmp_path, data, what):
    _, findings = read(tmp_path, data)
    assert [problem.what for problem in findings.problems] == [what]

"""What was asked and what came: brought together, held to be true, and on to unknown and to grades."""

from __future__ import annotations

import datetime as dt

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from provision_map.coverage.returns import measure_completeness, returns_state
from provision_map.exercise import measure_exercise
from provision_map.exercise.check import examine
from provision_map.exercise.run import run_exercise
from provision_map.frameworks import load_framework
from provision_map.read.inputs import read_inputs
from provision_map.read.returned.returns import Area, combine_returns, correct_returns
from provision_map.read.settings_file import read_settings
from tiny_exercise import add_settings, append_row, set_cell

RETURNS = "data/services/returns.csv"
SERVICES = "data/services/services.csv"
PLACES = pd.DataFrame(
    {"place_id": ["T01", "T02", "T03"], "neighbourhood_id": ["N1", "N1", "N2"], "name": ["a", "b", "c"]}
)  # fmt: skip
FRAMEWORK = load_framework()
AREA = Area.of(FRAMEWORK.elements, PLACES)
DAY = dt.date(2020, 10, 20)


def table(*rows):
    """Turn (organisation, elements, places, received, received_on, file) into a table of returns."""
    columns = ["organisation_id", "elements", "places", "received", "received_on", "_file"]
    made = [(o, tuple(e.split(";")), tuple(p.split(";")), r, d, f) for o, e, p, r, d, f in rows]
    return pd.DataFrame(made, columns=columns, dtype=object).assign(
        due=None, _row=range(2, len(rows) + 2)
    )


def combine(*rows, incomplete=()):
    out = combine_returns(table(*rows), AREA, asked_in="r.csv", incomplete=incomplete)
    return [(r.organisation_id, ";".join(r.elements), r.received) for r in out.itertuples()]


@pytest.mark.parametrize(
    ("noted", "came", "now"),
    [(DAY, DAY.replace(year=2021), "yes"), (DAY, DAY, "partly"), (None, DAY, "partly"), (DAY, None, "partly")],
)  # fmt: skip
def test_an_answer_of_a_later_day_stands_for_what_was_noted_of_an_earlier_one(noted, came, now):
    rows = (
        ("O1", "Y01", "N1", "partly", noted, "r.csv"),
        ("O1", "all", "all", "yes", came, "w.xlsx"),
    )
    assert combine(*rows) == [("O1", "Y01", now)]


@pytest.mark.parametrize(
    ("asked", "came", "now"),
    [
        ("no", "yes", "yes"),
        ("no", "partly", "partly"),
        ("yes", "partly", "partly"),
        ("partly", "yes", "partly"),
        ("yes", "yes", "yes"),
    ],
)
def test_the_more_careful_of_what_was_noted_and_what_came_holds(asked, came, now):
    rows = (
        ("O1", "Y01;Y02", "N1", asked, None, "r.csv"),
        ("O1", "all", "all", came, DAY, "w.xlsx"),
    )
    assert combine(*rows) == [("O1", "Y01;Y02", now)]


def test_a_workbook_that_speaks_for_some_elements_leaves_the_others_as_they_were():
    asked = ("O1", "Y01;Y02;Y03", "all", "no", None, "r.csv")
    assert combine(asked, ("O1", "Y02", "T01;N1;N2", "yes", DAY, "w.xlsx")) == [
        ("O1", "Y01;Y03", "no"),
        ("O1", "Y02", "yes"),
    ]
    assert combine(asked, ("O1", "Y02", "T01", "yes", DAY, "w.xlsx")) == [
        ("O1", "Y01;Y03", "no"),
        ("O1", "Y02", "partly"),
    ]


def test_who_was_never_asked_makes_no_absence_certain():
    assert combine(("O1", "all", "all", "yes", DAY, "w.xlsx")) == []
    asked = ("O2", "all", "all", "yes", DAY, "r.csv")
    assert combine(asked, ("O1", "all", "all", "yes", DAY, "w.xlsx")) == [("O2", "all", "yes")]
    assert combine(asked, ("O1", "Y01", "all", "partly", DAY, "w.xlsx")) == [
        ("O2", "all", "yes"),
        ("O1", "Y01", "partly"),
    ]
    # Where nobody was asked, an answer in part is no better than none.
    asked = ("O2", "Y02", "all", "yes", DAY, "r.csv")
    assert combine(asked, ("O1", "Y01", "all", "partly", DAY, "w.xlsx")) == [("O2", "Y02", "yes")]


def test_an_organisation_with_rows_left_out_has_answered_partly():
    asked = (("O1", "all", "all", "yes", DAY, "r.csv"), ("O2", "all", "all", "no", None, "r.csv"))
    assert combine(*asked, incomplete={"O1", "O2", "O3"}) == [
        ("O1", "all", "partly"), ("O2", "all", "no"), ("O3", ";".join(FRAMEWORK.elements), "partly"),
    ]  # fmt: skip


ROW = st.tuples(
    st.sampled_from(["O1", "O2", "O3"]),
    st.sampled_from(["all", "Y01", "Y01;Y02", "C01;Y03"]),
    st.sampled_from(["all", "N1", "N2", "T01", "T02;T03"]),
    st.sampled_from(["yes", "partly", "no"]),
    st.sampled_from([None, DAY]),
)


@given(st.lists(ROW, max_size=5), st.lists(ROW, max_size=3), st.sets(st.sampled_from(["O1", "O9"])))
@settings(max_examples=80, deadline=None)
def test_laws_of_bringing_together(asked, came, incomplete):
    rows = table(*((*row, "r.csv") for row in asked), *((*row, "w.xlsx") for row in came))
    out = combine_returns(rows, AREA, asked_in="r.csv", incomplete=incomplete)
    state = returns_state(out, PLACES, FRAMEWORK)
    # No absence is certain that was not before everybody's workbook came, unless a workbook said so.
    alone = returns_state(table(*((*row, "r.csv") for row in asked)), PLACES, FRAMEWORK)
    yes = {(row[0], row[3]) for row in came}
    if not any(received == "yes" for _, received in yes):
        assert not ((state == 0) & (alone != 0)).to_numpy().any()
    # What is left out never makes anything surer.
    whole = returns_state(combine_returns(rows, AREA, asked_in="r.csv"), PLACES, FRAMEWORK)
    assert (state >= whole).to_numpy().all()
    # Bringing the result together with the same once more changes nothing.
    again = combine_returns(out, AREA, asked_in="r.csv", incomplete=incomplete)
    assert (returns_state(again, PLACES, FRAMEWORK) == state).to_numpy().all()
    # Every element asked for is still spoken for, once for each row that asks.
    for n in range(len(asked)):
        own = out[(out["_row"] == n + 2) & (out["_file"] == "r.csv")]
        spelt = [e for codes in own["elements"] for e in AREA.spell_elements(codes)]
        assert sorted(spelt) == sorted(AREA.spell_elements(asked[n][1].split(";")))


def test_completeness_is_counted_by_organisation_element_and_place():
    rows = table(
        ("O1", "Y01;Y02", "N1", "yes", DAY, "r.csv"),
        ("O2", "Y01", "all", "partly", DAY, "r.csv"),
        ("O3", "Y02", "T01", "no", None, "r.csv"),
    )
    found = measure_completeness(rows, PLACES, FRAMEWORK).set_index(["by", "id"])
    assert list(found.loc[("organisation", "O1")]) == [4, 4, 0, 0, 1.0]
    assert list(found.loc[("organisation", "O2")]) == [3, 0, 3, 0, 0.0]
    # Y01: partly everywhere. Y02: O3 is silent in T01, complete in T02, nobody asked in T03.
    assert list(found.loc[("element", "Y01")]) == [3, 0, 3, 0, 0.0]
    assert list(found.loc[("element", "Y02")]) == [3, 1, 0, 2, pytest.approx(1 / 3)]
    elements = len(FRAMEWORK.elements)
    assert list(found.loc[("place", "T02")])[:4] == [elements, 1, 1, elements - 2]
    assert found.loc[("all", ""), "complete"] == 1


# ---------------------------------------------------------------- on to unknown, and to grades


def y03_in_t01_at_14(folder):
    """Return, of an element that no service gives, the shares of none for certain and of unknown."""
    inputs = read_inputs(read_settings(folder))
    inputs.raise_if_wrong()
    rows = measure_exercise(inputs).coverage.set_index(
        ["element_id", "place_id", "age", "community_id"]
    )
    cell = rows.loc[("Y03", "T01", 14, "everyone")]
    return float(cell["cause_none"]), float(cell["unknown_inventory"])


def test_what_comes_in_part_makes_none_unknown(tiny):
    assert y03_in_t01_at_14(tiny) == (1, 0)
    for received in ("partly", "no"):
        set_cell(tiny / RETURNS, 2, "received", received)
        assert y03_in_t01_at_14(tiny) == (0, 1)


@pytest.mark.parametrize(
    ("received", "grade", "why"),
    [
        ("yes", "confirmed", "Every expected source is complete and under 12 months old."),
        ("partly", "probable", "A source that speaks for these places answered only partly."),
        ("no", "data gap", "A source that speaks for these places has not answered."),
    ],
)
def test_what_came_for_one_of_three_places_decides_the_grade(tiny, received, grade, why):
    run_exercise(tiny)
    set_cell(tiny / RETURNS, 2, "places", "T02;T03")
    append_row(
        tiny / RETURNS, organisation_id="O1", elements="all", places="T01", received=received,
        received_on="2020-10-20",
    )  # fmt: skip
    entries = run_exercise(tiny).edition.entries
    gap = entries[(entries["element_id"] == "Y03") & (entries["kind"] == "provision")].iloc[0]
    assert (gap["grade"], gap["grade_reason"]) == (grade, why)


# ---------------------------------------------------------------- kept true


def notes_of(folder):
    return [str(n) for n in examine(read_inputs(read_settings(folder))).notes if n.file == RETURNS]


def test_a_table_of_returns_that_is_true_is_not_remarked_on(tiny):
    assert notes_of(tiny) == []


def test_what_is_overdue_old_undated_or_gives_nothing_is_told(tiny):
    set_cell(tiny / RETURNS, 2, "received", "no")
    set_cell(tiny / RETURNS, 3, "received_on", "2018-10-01")
    append_row(tiny / RETURNS, organisation_id="O2", elements="Y09", places="all", received="yes")
    append_row(
        tiny / RETURNS,
        organisation_id="O2",
        elements="C02",
        places="all",
        received="yes",
        received_on="2019-11-01",
    )
    assert [note.partition(": ")[2] for note in notes_of(tiny)] == [
        "Tinytown Youth Service is overdue by 30 days. Ask again; until then absence is unknown.",
        "The return of Tinytown Play Association is over 24 months old. Ask again: its gaps are graded as data gaps.",
        "Tinytown Play Association has answered for Y09 and gives no service of it. Is that its answer? Then leave it; else ask again.",
        "Tinytown Play Association has answered, nobody says when. Give the day.",
        "The return of Tinytown Play Association is over 12 months old. Ask again soon: its gaps are graded as probable at best.",
    ]


def test_who_gives_services_and_was_never_asked_is_told(tiny):
    text = (tiny / RETURNS).read_text("utf-8")
    (tiny / RETURNS).write_text("\n".join(text.splitlines()[:2]) + "\n", "utf-8")
    (note,) = notes_of(tiny)
    assert "1 organisation has services or a return here and is not among those asked: O2." in note


def test_the_corrected_table_changes_only_what_came():
    raw = pd.DataFrame(
        {
            "organisation_id": ["O1", "=O2"], "elements": ["all", "Y01;Y02"], "places": ["all", "N1"],
            "received": ["no", " yes"], "received_on": ["", "20/10/2020"], "remark": ["asked twice", "-"],
            "_row": [2, 3],
        },
        dtype=object,
    )  # fmt: skip
    rows = table(
        ("O1", "all", "all", "no", None, "r.csv"), ("=O2", "Y01;Y02", "N1", "yes", DAY, "r.csv"),
        ("O1", "all", "all", "yes", DAY, "w.xlsx"), ("=O2", "Y01", "T01", "yes", DAY, "w.xlsx"),
    )  # fmt: skip
    combined = combine_returns(rows, AREA, asked_in="r.csv")
    now = correct_returns(raw, combined, asked_in="r.csv")
    assert now.to_numpy().tolist() == [
        ["O1", "all", "all", "yes", "2020-10-20", "asked twice"],
        ["=O2", "Y01", "N1", "partly", "2020-10-20", "-"],
        ["=O2", "Y02", "N1", " yes", "20/10/2020", "-"],
    ]


def test_wrong_rows_must_be_one_of_two_words(tiny):
    from provision_map.errors import DataError

    add_settings(tiny, "services", wrong_rows="ignore")
    with pytest.raises(DataError, match="wrong_rows"):
        read_settings(tiny)

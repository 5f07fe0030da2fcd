"""Codes of another census are refused, and carried over by lookups: nobody is lost or made."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from provision_map.read import read_inputs, read_settings
from provision_map.read.files.typed import Ours
from provision_map.read.findings import Findings
from provision_map.read.places.carry import (
    carry_counts,
    carry_deciles,
    fragmented_links,
    share_links,
)
from provision_map.read.places.vintages import (
    Vintage,
    Where,
    census_of,
    is_another_vintage,
    look_at,
)
from tiny_exercise import PLACES, add_file, replace_text, set_cell

AGES = "data/people/ages.csv"
BESIDE = "data/people/places.csv"


def read(folder):
    return read_inputs(read_settings(folder))


# ------------------------------------------------------------------------------ what codes are


@pytest.mark.parametrize(
    ("code", "census"),
    [
        ("E00165665", 2001), ("E00165666", 2011), ("E00176774", 2011), ("E00176775", 2021),
        ("E01032482", 2001), ("E01032483", 2011), ("E01033768", 2011), ("E01033769", 2021),
        ("E02006781", 2001), ("E02006782", 2011), ("E02006935", 2021),
        ("W01001896", 2001), ("W01001959", 2021), ("E05004363", None), ("Matson", None),
    ],
)  # fmt: skip
def test_a_code_tells_the_census_that_brought_it_in(code, census):
    assert census_of(code) == census


@settings(max_examples=50, deadline=None)
@given(st.lists(st.integers(1, 32_482), min_size=1), st.lists(st.integers(33_769, 35_762)))
def test_codes_are_as_new_as_the_newest_of_them_in_any_order(old, new):
    codes = [f"E01{number:06d}" for number in (*old, *new)]
    assert look_at(codes) == look_at(codes[::-1]) == Vintage("LSOA", 2021 if new else 2001)


@pytest.mark.parametrize(
    ("codes", "said"),
    [
        (["E04000997", "E04000998"], "parishes"),
        (["E07000081"], "districts"),
        (["E06000022"], "unitary authorities"),
        (["E00112295"], "output areas of 2001"),
        (["E02004636", "E02006935"], "MSOAs of 2021"),
        (["T01", "T02"], "codes of no kind known here"),
    ],
)
def test_kinds_of_areas_are_said_as_people_say_them(codes, said):
    assert look_at(codes).say() == said


# ------------------------------------------------------------------------- silent mixtures


def mixture(places, codes, *, census=None):
    findings = Findings()
    ours = Ours(frozenset(places), census=census)
    found = is_another_vintage(frozenset(codes), ours, Where("t.csv", "code", "s"), findings)
    assert found == bool(findings.problems)
    return findings.problems


OLD, NEW = ("E01022347", "E01022348"), ("E01034791", "E01034792", "E01034793", "E01034794")
SAME = ("E01022276", "E01022277", "E01032932")


def test_a_newer_table_of_which_most_codes_match_is_refused_and_says_all():
    [problem] = mixture((*SAME, *OLD), (*SAME, *NEW))
    assert (problem.file, problem.column) == ("t.csv", "code")
    assert "LSOAs of 2021, those of the places like LSOAs of 2011" in problem.what
    assert "3 of the 5 places are in it, E01022347, E01022348 are not" in problem.what
    assert "it has E01034791" in problem.what
    assert "lookup" in problem.mend
    assert "[s]" in problem.mend


def test_an_older_table_is_refused_only_where_all_that_is_missing_is_newer():
    assert mixture((*SAME, *NEW), (*SAME, *OLD))
    # A row of an unchanged place is missing too: the table is not complete, whatever its census.
    assert not mixture((*SAME, *NEW), (*SAME[1:], *OLD))


def test_a_table_with_every_place_may_hold_any_others():
    assert not mixture(SAME, (*SAME, *NEW, *OLD, "E00112295"))


def test_a_row_that_is_missing_from_a_table_of_the_same_census_is_no_mixture():
    assert not mixture((*SAME, *OLD), (*SAME, OLD[0]))


def test_the_stated_census_is_believed_where_no_code_tells_it():
    unchanged = SAME[:2]
    assert mixture((*unchanged, *OLD), (*unchanged, "E01032932"))
    assert not mixture((*unchanged, *OLD), (*unchanged, "E01032932"), census=2011)


def test_smaller_areas_and_wards_of_another_year_are_refused_in_one_sentence():
    [problem] = mixture(SAME, ["E00112295", "E00112296"])
    assert "output areas" in problem.what
    [problem] = mixture(["E05004363", "E05004364"], ["E05010950"])
    assert "look like wards, but are not those of the places: none of the 2" in problem.what


def code_places(folder, codes):
    """Give the places of the tiny exercise other codes, in every file."""
    for name in ("data/boundaries/places.geojson", "data/boundaries/neighbourhoods.csv", BESIDE, AGES,
                 "data/people/ethnic_groups.csv", "data/services/services.csv", "data/services/practice.csv"):  # fmt: skip
        path = folder / name
        text = path.read_text(encoding="utf-8")
        for old, new in zip(PLACES, codes, strict=True):
            text = text.replace(old, new)
        path.write_text(text, encoding="utf-8")


def test_every_table_of_another_census_is_refused_once_and_no_more_is_said_of_it(tiny):
    code_places(tiny, ("E01022276", "E01022277", "E01034791"))
    for name in (AGES, BESIDE, "data/people/ethnic_groups.csv"):
        replace_text(tiny / name, "E01034791", "E01022347")
    inputs = read(tiny)
    told = [(p.file, p.column) for p in inputs.problems]
    # Centroids and deciles stand in one table here, and are told with it.
    assert sorted(set(told)) == [
        (AGES, "code"),
        ("data/people/ethnic_groups.csv", "code"),
        (BESIDE, "code"),
    ]
    assert all("LSOAs of 2021" in p.what for p in inputs.problems)
    assert not any("without people" in p.what for p in inputs.problems)
    assert not any("centroid" in n.what or "decile" in n.what for n in inputs.notes)


def test_homes_of_another_census_are_refused_like_people(tiny):
    code_places(tiny, ("E01022276", "E01022277", "E01022347"))
    add_file(
        tiny, "homes.csv",
        "id,place,x,y\nh1,E01022276,383500,217500\nh2,E01022277,384500,217500\nh3,E01034791,385500,217500\n",
    )  # fmt: skip
    replace_text(
        tiny / "provision.toml", "[places.centroids]",
        '[places.homes]\nfile = "homes.csv"\nid = "id"\nplace = "place"\neasting = "x"\nnorthing = "y"\n[places.centroids]',
    )  # fmt: skip
    [problem] = read(tiny).problems
    assert (problem.file, problem.column) == ("homes.csv", "place")
    assert "2 of the 3 places are in it" in problem.what
    # Points of some places only, of the same census, are no mixture.
    replace_text(tiny / "homes.csv", "h3,E01034791,385500,217500\n", "")
    assert read(tiny).problems == ()


@pytest.mark.parametrize(
    ("stated", "problem"),
    [
        ("LSOA 2011", "came in later"), ("MSOA 2021", "codes are those of LSOAs"),
        ("hexagon", "no vintage known"), ("LSOA 2021", None), ("lsoa", None),
    ],
)  # fmt: skip
def test_a_stated_vintage_is_checked_by_the_codes(stated, problem, tiny):
    code_places(tiny, ("E01022276", "E01022277", "E01034791"))
    replace_text(tiny / "provision.toml", 'level = "square"', f'level = "x"\nvintage = "{stated}"')
    problems = read(tiny).problems
    if problem is None:
        assert problems == ()
    else:
        assert [p.column for p in problems] == ["places.vintage"]
        assert problem in problems[0].what


# ------------------------------------------------------------------------------ carrying over

AREAS = st.sampled_from("ABCDEF")


@st.composite
def lookups(draw):
    pairs = draw(st.lists(st.tuples(AREAS, st.sampled_from("uvwxyz")), min_size=1, unique=True))
    weights = draw(st.lists(st.integers(1, 10_000), min_size=len(pairs), max_size=len(pairs)))
    return pd.DataFrame(
        [(*pair, float(weight)) for pair, weight in zip(pairs, weights, strict=True)],
        columns=["from_id", "to_id", "weight"],
    )


@settings(max_examples=50, deadline=None)
@given(lookups(), st.lists(st.integers(0, 3_000), min_size=12, max_size=12))
def test_totals_are_the_same_before_and_after_at_each_age(links, numbers):
    areas = sorted(set(links["from_id"]))
    counts = pd.DataFrame(
        [(area, age, float(numbers[n * 2 + k])) for n, area in enumerate(areas) for k, age in enumerate((5, 6))],
        columns=["place_id", "age", "children"],
    )  # fmt: skip
    carried = carry_counts(counts, share_links(links), ["age"], "children")
    before, after = (frame.groupby("age")["children"].sum() for frame in (counts, carried))
    assert after.to_numpy() == pytest.approx(before.to_numpy(), rel=1e-9)
    split = set(links.loc[links["from_id"].duplicated(keep=False), "to_id"])
    assert set(carried.loc[carried["basis"] == "estimated", "place_id"]) == split
    # Where no divided area went in the sums are whole numbers, to the child.
    whole = carried.loc[carried["basis"] == "measured", "children"]
    assert (whole == whole.round()).all()


@settings(max_examples=50, deadline=None)
@given(lookups())
def test_an_area_is_fragmented_where_a_part_of_it_goes_to_one_that_takes_from_others(links):
    takes = {to: set(part["from_id"]) for to, part in links.groupby("to_id")}
    gives = {of: set(part["to_id"]) for of, part in links.groupby("from_id")}
    expected = [len(gives[of]) > 1 and any(len(takes[to]) > 1 for to in gives[of]) for of in links["from_id"]]  # fmt: skip
    assert fragmented_links(links).tolist() == expected


def test_a_count_that_is_not_known_leaves_the_sum_unknown_never_smaller():
    links = pd.DataFrame({"from_id": ["A", "B"], "to_id": ["a", "a"], "share": [1.0, 1.0]})
    counts = pd.DataFrame({"place_id": ["A", "B"], "age": [7, 7], "children": [4.0, np.nan]})
    assert carry_counts(counts, links, ["age"], "children")["children"].isna().all()


def test_deciles_hold_for_parts_and_are_never_averaged_where_areas_were_joined():
    links = pd.DataFrame(
        [("A", "a1"), ("A", "a2"), ("B", "m"), ("C", "m"), ("D", "n"), ("E", "n"), ("F", "u")],
        columns=["from_id", "to_id"],
    )
    deciles = pd.DataFrame({"place_id": list("ABCDEF"), "decile": [3.0, 1, 9, 4, 4, np.nan]})
    found = carry_deciles(deciles, links).set_index("place_id")
    assert found["decile"].to_dict() == {"a1": 3, "a2": 3, "m": 1, "n": 4}
    assert found.index[found["differ"]].tolist() == ["m"]


def with_lookup(folder, rows, more="", *, name="data/people/lookup.csv"):
    add_file(folder, name, "old,new,people\n" + "\n".join(rows) + "\n")
    settings = f'lookup = {{ file = "{name}", from = "old", to = "new"{more} }}'
    replace_text(folder / "provision.toml", 'columns = "age_{age}"', f'columns = "age_{{age}}"\n{settings}')  # fmt: skip


def test_children_of_areas_that_were_joined_are_added_to_the_child(tiny):
    # T01 of the table became X1 and X2's sum; the table has four rows for three places.
    text = (tiny / AGES).read_text().splitlines()
    (tiny / AGES).write_text("\n".join([text[0], *(f"{c},{text[1].split(',', 1)[1]}" for c in ("X1", "X2", "X3", "X4"))]) + "\n")  # fmt: skip
    with_lookup(tiny, ["X1,T01,", "X2,T01,", "X3,T02,", "X4,T03,"])
    inputs = read(tiny)
    assert inputs.problems == ()
    at_7 = inputs.ages[inputs.ages["age"] == 7].set_index("place_id")["children"]
    assert at_7.to_dict() == {"T01": 40, "T02": 20, "T03": 20}
    assert set(inputs.ages["basis"]) == {"measured"}
    assert any("4 areas carried over to 3 places" in note.what for note in inputs.notes)


def test_a_split_without_weights_is_refused_and_nothing_is_guessed(tiny):
    text = (tiny / AGES).read_text().splitlines()
    (tiny / AGES).write_text("\n".join([text[0], text[1].replace("T01", "X1"), text[3]]) + "\n")
    with_lookup(tiny, ["X1,T01,30", "X1,T02,10", "T03,T03,5"])
    inputs = read(tiny)
    [problem] = inputs.problems
    assert "1 area was split between several (X1)" in problem.what
    assert "people.ages.lookup" in problem.mend
    assert inputs.ages.empty


@pytest.mark.parametrize("how", ["weight", "weights"])
def test_a_split_by_weights_is_an_estimate_and_marked_all_the_way(how, tiny):
    from provision_map.places import estimate_people

    text = (tiny / AGES).read_text().splitlines()
    (tiny / AGES).write_text("\n".join([text[0], text[1].replace("T01", "X1"), text[3]]) + "\n")
    more = ', weight = "people"'
    if how == "weights":
        add_file(tiny, "data/people/now.csv", "code,n\nT01,20\nT01,10\nT02,10\nT03,5\n")
        more = ', weights = { file = "data/people/now.csv", id = "code", column = "n" }'
    with_lookup(tiny, ["X1,T01,30", "X1,T02,10", "T03,T03,5"], more)
    inputs = read(tiny)
    assert inputs.problems == ()
    at_7 = inputs.ages[inputs.ages["age"] == 7].set_index("place_id")
    assert at_7["children"].to_dict() == {"T01": 15, "T02": 5, "T03": 20}
    assert at_7["basis"].to_dict() == {"T01": "estimated", "T02": "estimated", "T03": "measured"}
    people = estimate_people(inputs.ages, inputs.ethnic_groups)
    everyone = people[(people["community_id"] == "everyone") & (people["age"] == 7)]
    assert everyone["basis"].tolist() == ["estimated", "estimated", "measured"]
    assert any("Children of 2 places (T01, T02) are estimates" in n.what for n in inputs.notes)


def test_a_fragmented_area_needs_weights_of_its_own_pieces(tiny):
    text = (tiny / AGES).read_text().splitlines()
    (tiny / AGES).write_text("\n".join([text[0], *(text[1].replace("T01", c) for c in ("X1", "X2"))]) + "\n")  # fmt: skip
    add_file(tiny, "data/people/now.csv", "code,n\nT01,20\nT02,10\nT03,5\n")
    rows = ["X1,T01,30", "X1,T02,10", "X2,T02,5", "X2,T03,15"]
    with_lookup(
        tiny, rows, ', weights = { file = "data/people/now.csv", id = "code", column = "n" }'
    )
    [problem] = read(tiny).problems
    assert "broken up" in problem.what
    assert "output areas" in problem.mend
    replace_text(tiny / "provision.toml", 'weights = { file = "data/people/now.csv", id = "code", column = "n" }', 'weight = "people"')  # fmt: skip
    inputs = read(tiny)
    assert inputs.problems == ()
    at_7 = inputs.ages[inputs.ages["age"] == 7].set_index("place_id")["children"]
    assert at_7.to_dict() == {"T01": 15, "T02": 10, "T03": 15}


@pytest.mark.parametrize(
    ("rows", "what"),
    [
        (["X1,T01,", "T02,T02,", "T03,T03,"], "X1 has no row here: it is, or is part of, T01."),
        (["a,b,", "c,d,"], "None of the 3 places is in its column new."),
        (["T01,,", "T02,T02,", "T03,T03,"], "The cell is empty."),
    ],
)
def test_what_is_wrong_with_a_lookup_is_told_where_it_is(rows, what, tiny):
    with_lookup(tiny, rows)
    assert what in [problem.what for problem in read(tiny).problems]


def test_places_that_a_lookup_of_changes_leaves_out_keep_their_code_with_a_note(tiny):
    replace_text(tiny / AGES, "T01,", "X1,")
    with_lookup(tiny, ["X1,T01,"])
    inputs = read(tiny)
    assert inputs.problems == ()
    assert inputs.ages["children"].sum() == 3 * (15 * 20 + 5 * 10)
    assert any("2 places are not in the lookup" in note.what for note in inputs.notes)


def test_a_part_of_an_area_that_lies_elsewhere_goes_elsewhere_and_is_said(tiny):
    replace_text(tiny / AGES, "T01,", "X1,")
    with_lookup(tiny, ["X1,T01,30", "X1,Q9,10", "T02,T02,1", "T03,T03,1"], ', weight = "people"')
    inputs = read(tiny)
    assert inputs.ages.loc[inputs.ages["place_id"] == "T01", "children"].sum() == 350 * 0.75
    assert any("the others live in parts outside" in note.what for note in inputs.notes)


def test_weights_that_are_not_there_are_told_and_not_taken_as_nobody(tiny):
    replace_text(tiny / AGES, "T01,", "X1,")
    set_cell(tiny / AGES, 3, "code", "T02")
    with_lookup(tiny, ["X1,T01,0", "X1,Q9,0", "T02,T02,1", "T03,T03,1"], ', weight = "people"')
    [problem] = read(tiny).problems
    assert "How X1 is divided is not known" in problem.what


def test_ethnic_groups_and_deciles_follow_lookups_of_their_own(tiny):
    groups = "data/people/ethnic_groups.csv"
    for name in (groups, BESIDE):
        replace_text(tiny / name, "T01,", "X1,")
    add_file(tiny, "lookup.csv", "old,new\nX1,T01\nT02,T02\nT03,T03\n")
    lookup = 'lookup = { file = "lookup.csv", from = "old", to = "new" }\n'
    replace_text(tiny / "provision.toml", 'total = "residents"\n', f'total = "residents"\n{lookup}')
    replace_text(tiny / "provision.toml", 'imd_decile = "imd_decile"\n', f'imd_decile = "imd_decile"\n{lookup}')  # fmt: skip
    set_cell(tiny / BESIDE, 2, "imd_decile", "2")
    inputs = read(tiny)
    assert inputs.problems == ()
    assert inputs.places["imd_decile"].tolist() == [2, 5, 8]
    assert inputs.ethnic_groups.groupby("place_id")["residents"].sum().to_dict() == dict.fromkeys(PLACES, 1000)  # fmt: skip

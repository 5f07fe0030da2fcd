"""People from wide and long tables; ethnic groups of every census; totals that are not their sum."""

from __future__ import annotations

import csv

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from provision_map.errors import DataError
from provision_map.frameworks import load_framework
from provision_map.frameworks.ethnic_groups import load_classification
from provision_map.places import estimate_people
from provision_map.read import read_inputs, read_settings
from provision_map.read.people.ages import parse_age
from provision_map.read.people.ethnic_groups import fold_groups
from tiny_exercise import PLACES, add_file, add_settings, append_row, replace_text, set_cell

AGES = "data/people/ages.csv"
GROUPS = "data/people/ethnic_groups.csv"
CENSUSES = ("2001", "2011", "2021")


def read(folder):
    return read_inputs(read_settings(folder))


def rows_of(path):
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def write(path, heads, rows):
    with path.open("w", encoding="utf-8", newline="") as file:
        out = csv.writer(file)
        out.writerow(heads)
        out.writerows(rows)


# ---------------------------------------------------------------------------------------- ages


def make_long(folder, label=lambda age: age, more=()):
    """Turn the table of ages into a long one; ``label`` says an age, ``more`` are rows besides."""
    rows = [
        (row["code"], label(name.removeprefix("age_")), count)
        for row in rows_of(folder / AGES)
        for name, count in row.items()
        if name != "code"
    ]
    write(folder / AGES, ("code", "Age", "people"), [*rows, *more])
    replace_text(
        folder / "provision.toml", 'columns = "age_{age}"', 'age = "Age"\nchildren = "people"'
    )


@pytest.mark.parametrize("label", ["{}", "Aged {} years", "Age {}", "aged {}", "{} years old"])
def test_a_long_table_gives_what_the_wide_one_gave(label, tiny):
    wide = read(tiny).ages
    others = [(code, word, 7) for code in PLACES for word in ("Total", "90+", "Aged 100 years and over")]  # fmt: skip
    make_long(tiny, label.format, others)
    inputs = read(tiny)
    assert inputs.problems == inputs.notes == ()
    pd.testing.assert_frame_equal(inputs.ages, wide)


@pytest.mark.parametrize(
    ("label", "age"),
    [
        ("Under 1", "0"), ("Aged under 1 year", "0"), ("Aged 1 year", "1"), ("05", "5"), ("Age_7", "7"),
        ("5-9", None), ("Aged 5 to 9", None), ("90 and over", None), ("", None), ("5.5", None), ("-5", None),
    ],
)  # fmt: skip
def test_single_years_are_told_from_bands(label, age):
    assert parse_age(label) == age


def test_bands_of_ages_are_refused_in_one_sentence_that_says_what_to_use(tiny):
    rows = [(c, band, 100) for c in PLACES for band in ("Aged 15 years and under", "Aged 16 to 24 years")]  # fmt: skip
    write(tiny / AGES, ("code", "Age", "people"), rows)
    replace_text(
        tiny / "provision.toml", 'columns = "age_{age}"', 'age = "Age"\nchildren = "people"'
    )
    [problem] = read(tiny).problems
    assert (problem.file, problem.column) == (AGES, "Age")
    assert "single year of age 5 to 19" in problem.what
    assert "'Aged 16 to 24 years'" in problem.what
    assert "mid-year estimates" in problem.mend


def test_rows_that_stand_twice_and_rows_that_are_missing_are_told(tiny):
    make_long(tiny)
    text = (tiny / AGES).read_text(encoding="utf-8").splitlines()
    text.remove("T02,9,20")
    (tiny / AGES).write_text("\n".join([*text, "T01,7,3"]) + "\n", encoding="utf-8")
    told = {(p.row, p.what) for p in read(tiny).problems}
    assert told == {
        (61, "'7' of T01 stands already in a row above."),
        (22, "T02 has no row for 9 (1 row)."),
    }


def make_long_with_sex(folder, keep):
    make_long(folder)
    rows = [(*row.values(), sex, year) for row in rows_of(folder / AGES) for sex, year in (("All", "2020"), ("F", "2020"), ("All", "2019"))]  # fmt: skip
    write(folder / AGES, ("code", "Age", "people", "Sex", "Year"), rows)
    replace_text(folder / "provision.toml", 'age = "Age"', f'age = "Age"\nkeep = {{ {keep} }}')


def test_rows_of_both_sexes_and_all_years_are_kept_by_what_the_settings_say(tiny):
    wide = read(tiny).ages
    make_long_with_sex(tiny, 'Sex = ["All"], Year = ["2020"]')
    inputs = read(tiny)
    assert inputs.problems == inputs.notes == ()
    pd.testing.assert_frame_equal(inputs.ages, wide)


@pytest.mark.parametrize(
    ("keep", "where", "what"),
    [
        ('Sex = ["Persons"]', "people.ages.keep.Sex", "they hold 'All', 'F'."),
        ('sex = ["All"]', "people.ages.keep.sex", "no column 'sex'"),
    ],
)
def test_a_filter_that_cannot_be_right_is_told_once(keep, where, what, tiny):
    make_long_with_sex(tiny, keep)
    [problem] = read(tiny).problems
    assert (problem.file, problem.column) == ("provision.toml", where)
    assert what in problem.what


def test_a_filter_that_keeps_too_much_says_what_stands_twice(tiny):
    make_long_with_sex(tiny, 'Sex = ["All"]')
    problems = read(tiny).problems
    assert len(problems) == 21  # The last says how many more there are.
    assert all("row above" in p.what and "keep = " in p.mend for p in problems)


@pytest.mark.parametrize("word", ["tbd", "withheld", ""])
def test_a_count_that_is_not_known_is_a_problem_and_not_nobody(word, tiny):
    make_long(tiny)
    replace_text(tiny / AGES, "T02,9,20", f"T02,9,{word}")
    problems = read(tiny).problems
    assert [(p.file, p.column) for p in problems] == [(AGES, "people")]


def test_a_place_without_a_row_in_a_long_table_is_a_place_without_people(tiny):
    make_long(tiny)
    lines = (tiny / AGES).read_text(encoding="utf-8").splitlines()
    (tiny / AGES).write_text("\n".join(x for x in lines if not x.startswith("T02")) + "\n")
    [problem] = read(tiny).problems
    assert problem.what == "T02 is a place without people: it has no row here."


@pytest.mark.parametrize(
    ("old", "new", "column"),
    [
        ('columns = "age_{age}"', 'age = "Age"', "people.ages.children"),
        ('columns = "age_{age}"', 'columns = "{age}"\nage = "a"\nchildren = "b"', "people.ages.columns"),
        ('total = "residents"', 'total = "residents"\ngroup = "g"', "people.ethnic_groups.residents"),
        ('total = "residents"', 'total = "residents"\nfold = "common"', "people.ethnic_groups.fold"),
        ('total = "residents"', 'total = "residents"\nclassification = "1991"', "people.ethnic_groups.classification"),
        ('total = "residents"\nresidual = "gypsy_or_irish_traveller"', "tolerance = 5", "people.ethnic_groups.tolerance"),
    ],
)  # fmt: skip
def test_settings_that_do_not_go_together_are_told(old, new, column, tiny):
    replace_text(tiny / "provision.toml", old, new)
    with pytest.raises(DataError) as error:
        read_settings(tiny)
    assert column in [p.column for p in error.value.problems]


# -------------------------------------------------------------------------------- ethnic groups


def give_groups(folder, classification, counts, *, total=None, heads=None, more=""):
    """Write a wide table of a classification: the same counts in each place, in order."""
    codes = heads or [group.id for group in load_classification(classification).groups]
    total = sum(counts) if total is None else total
    write(folder / GROUPS, ("code", "residents", *codes), [(c, total, *counts) for c in PLACES])
    new = f'total = "residents"\nclassification = "{classification}"\n{more}'
    replace_text(folder / "provision.toml", 'total = "residents"\nresidual = "gypsy_or_irish_traveller"\n', new)  # fmt: skip


@pytest.mark.parametrize("name", [*CENSUSES, "common", "five"])
def test_the_groups_of_the_exercise_are_those_of_the_classification(name, tiny):
    known = load_classification(name)
    counts = list(range(10, 10 + len(known.groups)))
    give_groups(tiny, name, counts)
    inputs = read(tiny)
    assert inputs.problems == ()
    assert inputs.framework.ethnic_groups == known.groups
    assert inputs.framework.majority == known.majority
    assert [c.id for c in inputs.framework.priority_communities] == ["looked_after", "disabled", "vulnerable"]  # fmt: skip
    here = inputs.ethnic_groups[inputs.ethnic_groups["place_id"] == "T02"]
    assert dict(zip(here["group_id"], here["residents"], strict=True)) == dict(
        zip((group.id for group in known.groups), counts, strict=True)
    )


def test_the_numbers_of_groups_are_those_of_the_census_offices():
    numbers = {
        name: len(load_classification(name).groups) for name in (*CENSUSES, "common", "five")
    }
    assert numbers == {"2001": 16, "2011": 18, "2021": 19, "common": 16, "five": 5}
    common = [group.id for group in load_classification("common").groups]
    assert common == [group.id for group in load_classification("2001").groups]


def test_what_a_census_added_is_folded_as_the_domain_says():
    moved = {
        name: {code: to for code, to in load_classification(name).folds.items() if code != to}
        for name in CENSUSES
    }
    traveller, arab = {"gypsy_or_irish_traveller": "white_other"}, {"arab": "other"}
    assert moved == {
        "2001": {}, "2011": traveller | arab, "2021": traveller | {"roma": "white_other"} | arab,
    }  # fmt: skip


@settings(max_examples=50, deadline=None)
@given(st.sampled_from(CENSUSES), st.data())
def test_folding_loses_nobody_and_ends_in_the_common_groups(name, data):
    known = load_classification(name)
    numbers = data.draw(st.lists(st.integers(0, 5_000), min_size=len(known.groups), max_size=len(known.groups)))  # fmt: skip
    counts = pd.DataFrame({"place_id": "P", "group_id": [g.id for g in known.groups], "residents": numbers})  # fmt: skip
    folded = fold_groups(counts.astype({"residents": float}), known)
    assert folded["residents"].sum() == sum(numbers)
    assert set(folded["group_id"]) == {group.id for group in load_classification("common").groups}


def test_two_censuses_folded_to_the_common_groups_are_of_one_framework(tiny, tmp_path):
    from tiny_exercise import write_tiny_exercise

    other = write_tiny_exercise(tmp_path / "other")
    give_groups(tiny, "2001", [100] * 16, more='fold = "common"\n')
    give_groups(other, "2021", [100] * 19, more='fold = "common"\n')
    first, second = read(tiny), read(other)
    assert first.problems == second.problems == ()
    assert first.framework == second.framework
    assert set(first.ethnic_groups["group_id"]) == set(second.ethnic_groups["group_id"])
    here = second.ethnic_groups[second.ethnic_groups["place_id"] == "T01"].set_index("group_id")
    assert here["residents"]["white_other"] == 300
    assert here["residents"]["other"] == 200


def test_five_groups_are_marked_as_not_comparable_with_all_but_white_british(tiny):
    give_groups(tiny, "five", [800, 50, 100, 40, 10])
    inputs = read(tiny)
    assert inputs.framework.community_name("bme") == "All but White (White British not told apart)"
    [note] = [n for n in inputs.notes if n.column == "people.ethnic_groups.classification"]
    assert "not comparable" in note.what
    people = estimate_people(inputs.ages, inputs.ethnic_groups, majority=inputs.framework.majority)
    bme = people.loc[people["community_id"] == "bme", "children"].sum()
    assert bme == pytest.approx(0.2 * inputs.ages["children"].sum())


LABELS = {
    "2001": {"White: British": "white_british", "Chinese or other ethnic group: Chinese": "chinese",
             "Chinese or other ethnic group: Other ethnic group": "other", "Asian or Asian British: Other Asian": "asian_other",
             "Black or Black British: Black Caribbean": "black_caribbean", "All people": None},
    "2011": {"White: English/Welsh/Scottish/Northern Irish/British": "white_british", "Other ethnic group: Arab": "arab",
             "White: Gypsy or Irish Traveller": "gypsy_or_irish_traveller", "Black/African/Caribbean/Black British: African": "black_african",
             "Mixed/multiple ethnic group: White and Asian": "mixed_white_asian", "White": None},
    "2021": {"White: English, Welsh, Scottish, Northern Irish or British": "white_british", "White: Roma": "roma",
             "Asian, Asian British or Asian Welsh: Chinese": "chinese", "Other ethnic group: Any other ethnic group": "other",
             "Mixed or Multiple ethnic groups: Other Mixed or Multiple ethnic groups": "mixed_other",
             "Black, Black British, Black Welsh, Caribbean or African: Other Black": "black_other",
             "Other ethnic group": None, "Does not apply": None, "Total: All usual residents": None},
    "five": {"Asian, Asian British or Asian Welsh": "asian", "White": "white", "Other ethnic group": "other_and_arab",
             "Mixed or Multiple ethnic groups": "mixed", "Black, Black British, Black Welsh, Caribbean or African": "black"},
}  # fmt: skip


@pytest.mark.parametrize(("census", "label"), [(c, label) for c in LABELS for label in LABELS[c]])
def test_labels_of_published_tables_are_known(census, label):
    known = load_classification(census)
    assert known.group_of(label) == LABELS[census][label]
    assert known.is_passed_over(label) == (LABELS[census][label] is None)


def test_every_label_of_a_classification_means_one_group_only():
    for name in (*CENSUSES, "common", "five"):
        known = load_classification(name)
        labels = [label.casefold() for words in known.labels.values() for label in words]
        assert len(labels) == len(set(labels)), name
        for code in known.labels:
            assert known.group_of(code) == code


def test_a_wide_table_may_have_the_published_labels_as_headings(tiny):
    known = load_classification("2021")
    heads = [
        f"White: {words[0]}" if code == "roma" else words[-1]
        for code, words in known.labels.items()
    ]
    give_groups(tiny, "2021", list(range(19)), heads=heads)
    inputs = read(tiny)
    assert inputs.problems == ()
    assert inputs.ethnic_groups["residents"].tolist() == list(range(19)) * 3


def make_groups_long(folder, labels, *, counts, total=1000, more=()):
    rows = [(c, total, word, n) for c in PLACES for word, n in zip(labels, counts, strict=True)]
    write(folder / GROUPS, ("code", "all", "group", "n"), [*rows, *more])
    replace_text(
        folder / "provision.toml", 'total = "residents"\nresidual = "gypsy_or_irish_traveller"\n',
        'total = "all"\nclassification = "five"\ngroup = "group"\nresidents = "n"\n',
    )  # fmt: skip


def test_a_long_table_of_groups_is_read_by_its_labels_whatever_their_order(tiny):
    labels = list(LABELS["five"])
    make_groups_long(tiny, labels[::-1], counts=[30, 20, 10, 840, 100])
    inputs = read(tiny)
    assert inputs.problems == ()
    here = inputs.ethnic_groups[inputs.ethnic_groups["place_id"] == "T03"]
    assert dict(zip(here["group_id"], here["residents"], strict=True)) == {
        "white": 840, "mixed": 20, "asian": 100, "black": 30, "other_and_arab": 10,
    }  # fmt: skip


def test_rows_of_groups_are_kept_by_what_the_settings_say(tiny):
    counts = [200] * 5
    make_groups_long(tiny, list(LABELS["five"]), counts=counts)
    rows = [(*row.values(), sex) for row in rows_of(tiny / GROUPS) for sex in ("All", "M")]
    write(tiny / GROUPS, ("code", "all", "group", "n", "sex"), rows)
    replace_text(tiny / "provision.toml", 'group = "group"', 'group = "group"\nkeep = { sex = ["All"] }')  # fmt: skip
    inputs = read(tiny)
    assert inputs.problems == ()
    assert inputs.ethnic_groups["residents"].tolist() == counts * 3


def test_a_filter_of_a_wide_table_is_refused(tiny):
    replace_text(tiny / "provision.toml", 'columns = "age_{age}"', 'keep = { sex = ["All"] }')
    with pytest.raises(DataError, match="Only a long table has rows to keep"):
        read(tiny)


def test_a_label_that_is_no_group_and_totals_that_differ_are_told(tiny):
    labels = list(LABELS["five"])
    make_groups_long(tiny, labels, counts=[200] * 5, more=[("T01", 1001, "Martian", 3)])
    told = {p.what for p in read(tiny).problems}
    assert told == {
        "'Martian' is no group of five groups, Census 2011 or 2021.",
        "The rows of T01 have different totals.",
    }


# ---------------------------------------------------------------------------------- totals


@pytest.mark.parametrize(
    ("classification", "off", "said"),
    [
        ("2021", 10, "note"), ("2021", -10, "note"), ("2021", 11, "problem"), ("2021", -11, "problem"),
        ("2011", 1, "problem"), ("2011", -1, "problem"), ("2021", 0, None), ("five", 5, "note"), ("five", 6, "problem"),
    ],
)  # fmt: skip
def test_noise_is_taken_within_what_the_census_adds_and_told_beyond(
    classification, off, said, tiny
):
    groups = load_classification(classification).groups
    counts = [100] * len(groups)
    give_groups(tiny, classification, counts, total=sum(counts) + off)
    inputs = read(tiny)
    problems = [p.what for p in inputs.problems]
    notes = [n.what for n in inputs.notes if n.file == GROUPS]
    if said == "problem":
        word = "less" if off > 0 else "more"
        assert problems == [f"The groups of {place} add up to {abs(off)} {word} than the total." for place in PLACES]  # fmt: skip
    else:
        assert problems == []
        assert len(notes) == (said == "note")
        assert all(f"In 3 rows of 3 the groups differ from the total, at most by {abs(off)} (T03, row 4)" in n for n in notes)  # fmt: skip
        # Whatever the noise, the groups are used as they are counted.
        assert inputs.ethnic_groups["residents"].tolist() == counts * 3


def test_a_tolerance_may_be_stated_and_noise_never_makes_a_residual_less_than_nobody(tiny):
    for row, total in ((2, "990"), (3, "1000"), (4, "980")):
        set_cell(tiny / GROUPS, row, "residents", total)
    replace_text(
        tiny / "provision.toml", 'total = "residents"', 'total = "residents"\ntolerance = 9'
    )
    inputs = read(tiny)
    [problem] = inputs.problems
    assert (problem.row, problem.what) == (4, "The groups of T03 add up to 15 more than the total.")
    left = inputs.ethnic_groups[inputs.ethnic_groups["group_id"] == "gypsy_or_irish_traveller"]
    assert left["residents"].tolist() == [0, 5, 0]
    assert any("at most by 5 (T01, row 2)" in n.what for n in inputs.notes)


def test_ages_and_groups_of_one_census_need_not_have_the_same_total(tiny):
    append_row(tiny / GROUPS)
    give_groups(tiny, "2021", [70] * 19)
    inputs = read(tiny)
    # 1,330 residents by group against 350 children: nothing is held against each other.
    assert inputs.problems == ()
    assert not [n for n in inputs.notes if n.file == GROUPS]


def test_without_a_classification_the_framework_is_the_one_that_was_always_there(tiny):
    assert read(tiny).framework == load_framework()


def test_communities_of_our_own_keep_their_priorities_and_give_way_in_their_groups(tiny):
    add_file(
        tiny, "ours.toml",
        'majority = "a"\n[[ethnic]]\nid = "a"\nname = "A"\n[[priority]]\nid = "carers"\nname = "Young carers"\n',
    )  # fmt: skip
    replace_text(tiny / "data/services/services.csv", ",disabled,", ",,")
    add_settings(tiny, "frameworks", communities="ours.toml", offers=["youth_offer"])
    give_groups(tiny, "2021", [10] * 19)
    inputs = read(tiny)
    ids = [c.id for c in inputs.framework.communities]
    assert (len(ids), ids[0], ids[-1]) == (20, "white_british", "carers")
    assert any("give way" in n.what for n in inputs.notes if n.file == "ours.toml")

"""Public registers through mapping files: every row used, left out by name, or counted."""

from __future__ import annotations

import csv
import itertools
import json
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from provision_map.frameworks import load_framework
from provision_map.read import read_inputs, read_settings
from provision_map.read.registers import rows as register_rows
from provision_map.read.registers.conditions import Condition
from provision_map.read.registers.mapping import MAPPINGS, parse_mapping, read_shipped
from tiny_exercise import add_settings, replace_text, shapes, square

HEAD = """\
title = "A register"
within = 500
organisation = { organisation_id = "them", name = "They", sector = "voluntary" }

[columns]
service_id = "id"
name = "name"
"""
GIVE = '\n[[give]]\nset = { elements = "C05" }\n'
POINT = 'easting = "x"\nnorthing = "y"\n'


def registered(folder: Path, file: str, mapping: str, **more: object) -> Path:
    """Add a register to the exercise; a mapping with line breaks is written into a file."""
    name = mapping
    if "\n" in mapping:
        name = "register.toml"
        (folder / name).write_text(mapping)
    path = folder / "provision.toml"
    keys = {"file": file, "mapping": name, **more}
    lines = "".join(f"{key} = {_write(value)}\n" for key, value in keys.items())
    text = path.read_text()
    path.write_text(text.replace("[sources", f"[[services.registers]]\n{lines}\n[sources", 1))
    return folder


def _write(value: object) -> str:
    if isinstance(value, dict):
        return (
            "{ " + ", ".join(f"{json.dumps(k)} = {json.dumps(v)}" for k, v in value.items()) + " }"
        )
    return str(value) if hasattr(value, "isoformat") else json.dumps(value)


def write_csv(path: Path, rows: list[dict[str, object]]) -> None:
    with path.open("w", newline="", encoding="utf-8") as out:
        writer = csv.DictWriter(out, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


def read(folder: Path):
    return read_inputs(read_settings(folder))


def of_register(inputs):
    own = "data/services/services.csv"
    return inputs.services[inputs.services["_file"] != own].set_index("service_id")


def account(inputs, total: int, file: str) -> None:
    """Assert that used, left out and counted rows add up to all there are."""
    used = (inputs.services["_file"] == file).sum()
    out = (inputs.left_out["file"] == file).sum()
    passed = sum(
        int(note.what.split(" row")[0].rsplit(" ", 1)[-1].replace(",", ""))
        for note in inputs.notes
        if note.file == file and "passed over" in note.what
    )
    assert used + out + passed == total


# ---------------------------------------------------------------- a national register as it is

ROWS = [
    {"id": "1", "name": "Inside", "x": 383_500, "y": 217_500, "kind": "Club", "status": "Open"},
    {
        "id": "2",
        "name": "Just outside",
        "x": 382_700,
        "y": 217_500,
        "kind": "Club",
        "status": "Open",
    },
    {"id": "3", "name": "Beyond", "x": 382_400, "y": 217_500, "kind": "Club", "status": "Open"},
    {"id": "4", "name": "Far away", "x": 530_000, "y": 180_000, "kind": "Club", "status": "Open"},
    {"id": "5", "name": "Closed", "x": 383_500, "y": 217_500, "kind": "Club", "status": "Closed"},
    {"id": "6", "name": "Nowhere", "x": "", "y": "", "kind": "Club", "status": "Open"},
    {"id": "7", "name": "A barn", "x": 383_500, "y": 217_500, "kind": "Barn", "status": "Open"},
    {"id": "8", "name": "Closed barn far away", "x": 1, "y": 1, "kind": "Barn", "status": "Closed"},
]
NATIONAL = (
    HEAD
    + POINT
    + """
[[leave_out]]
when = { status = ["Closed"] }
reason = "Closed."

[[give]]
when = { kind = ["Club"] }
set = { elements = "C02" }
"""
)


def test_every_row_of_a_national_register_is_accounted_for(tiny):
    write_csv(tiny / "r.csv", ROWS)
    inputs = read(registered(tiny, "r.csv", NATIONAL))
    assert inputs.problems == ()
    assert of_register(inputs).index.tolist() == ["1", "2"]
    assert dict(zip(inputs.left_out["name"], inputs.left_out["reason"], strict=True)) == {
        "Closed": "Closed.",
        "A barn": "No rule of register.toml says what it gives.",
        "Nowhere": "It has no position, and no place of ours.",
    }
    [note] = [n for n in inputs.notes if "passed over" in n.what]
    assert note.what == "3 rows lie more than 500 m from our places and were passed over."
    account(inputs, len(ROWS), "r.csv")


@pytest.mark.parametrize(
    ("within", "used"), [(0, ["1"]), (500, ["1", "2"]), (700, ["1", "2", "3"])]
)
def test_how_far_is_read_is_said_in_the_settings_too(within, used, tiny):
    write_csv(tiny / "r.csv", ROWS)
    inputs = read(registered(tiny, "r.csv", NATIONAL, within=within))
    assert of_register(inputs).index.tolist() == used


def test_a_register_of_another_part_of_the_country_is_a_problem(tiny):
    write_csv(tiny / "r.csv", [ROWS[3], ROWS[7]])
    [problem] = read(registered(tiny, "r.csv", NATIONAL)).problems
    assert "None of the 2 rows lies within 500 m" in problem.what


def test_swapped_columns_are_recognised_not_passed_over(tiny):
    write_csv(tiny / "r.csv", ROWS[:2])
    mapping = NATIONAL.replace('easting = "x"', 'easting = "y"').replace(
        'northing = "y"', 'northing = "x"'
    )
    [problem] = read(registered(tiny, "r.csv", mapping)).problems
    assert "swapped" in problem.mend


def test_settings_keep_date_and_organisation_of_one_file(tiny):
    write_csv(tiny / "r.csv", ROWS)
    keep = {"name": ["Inside", "A barn"]}
    folder = registered(tiny, "r.csv", NATIONAL, keep=keep, organisation="O2", date="D")
    replace_text(folder / "provision.toml", 'date = "D"', "date = 2020-01-31")
    inputs = read(folder)
    assert inputs.problems == ()
    [row] = of_register(inputs).to_dict("records")
    assert (row["organisation_id"], row["assured_date"].isoformat()) == ("O2", "2020-01-31")
    assert "them" not in set(inputs.organisations["organisation_id"])
    assert inputs.left_out["name"].tolist() == ["A barn"]


def test_codes_of_other_places_are_passed_over_and_the_position_used(tiny):
    rows = [row | {"lsoa": code} for row, code in zip(ROWS[:3], ("T02", "E01", "E02"), strict=True)]
    rows.append({**ROWS[5], "lsoa": "T01"})
    rows.append({**ROWS[5], "id": "9", "lsoa": "E09"})
    write_csv(tiny / "r.csv", rows)
    mapping = NATIONAL.replace(POINT, POINT + 'place_id = "lsoa"\n')
    inputs = read(registered(tiny, "r.csv", mapping))
    assert inputs.problems == ()
    assert of_register(inputs)["place_id"].to_dict() == {"1": "T02", "2": "", "6": "T01"}
    # Row 9 is of a place elsewhere: it is counted as far away, not named as lost.
    assert inputs.left_out.empty
    account(inputs, 5, "r.csv")


def test_rows_with_postcodes_only_are_held_against_the_list(tiny):
    postcodes = "pcds,oseast1m,osnrth1m\nGL1 1AA,383500,217500\nSW1A 1AA,530000,180000\n"
    (tiny / "p.csv").write_text(postcodes)
    add_settings(tiny, "postcodes", file="p.csv")
    rows = [
        {"id": str(n), "name": f"N{n}", "pc": code}
        for n, code in enumerate(("GL1 1AA", "SW1A 1AA", "GL9 9ZZ", "", "rubbish"))
    ]
    write_csv(tiny / "r.csv", rows)
    inputs = read(registered(tiny, "r.csv", HEAD + 'postcode = "pc"\n' + GIVE))
    assert inputs.problems == ()
    assert of_register(inputs).index.tolist() == ["0"]
    reasons = dict(zip(inputs.left_out["service_id"], inputs.left_out["reason"], strict=True))
    assert "not in the list" in reasons["2"]
    assert "no position" in reasons["3"]
    assert "none as people write them" in reasons["4"]
    account(inputs, 5, "r.csv")


# ---------------------------------------------------------------- the grammar of mappings


@pytest.mark.parametrize(
    ("condition", "held"),
    [
        (Condition(texts=("a", "b")), ["a"]),
        (Condition(not_texts=("a",)), ["", "Abc", "5", "7.5", "-1"]),
        (Condition(contains=("B",)), ["Abc"]),
        (Condition(at_least=5), ["5", "7.5"]),
        (Condition(below=5), ["-1"]),
        (Condition(at_least=-1, below=7), ["5", "-1"]),
        (Condition(blank=True), [""]),
        (Condition(blank=False, not_texts=("a", "5")), ["Abc", "7.5", "-1"]),
    ],
)
def test_conditions(condition, held):
    cells = pd.Series(["", "a", "Abc", "5", "7.5", "-1"])
    assert cells[condition.holds(cells)].tolist() == held


@given(
    st.lists(st.text(max_size=8), max_size=8),
    st.floats(allow_nan=False, allow_infinity=False),
    st.lists(st.text(min_size=1, max_size=3), min_size=1, max_size=3),
)
def test_a_condition_and_its_opposite_part_the_rows(cells, bound, texts):
    column = pd.Series(cells, dtype=object).astype(str) if cells else pd.Series([], dtype=object)
    one, other = Condition(texts=tuple(texts)), Condition(not_texts=tuple(texts))
    assert (one.holds(column) ^ other.holds(column)).all()
    low, high = Condition(below=bound).holds(column), Condition(at_least=bound).holds(column)
    assert not (low & high).any()


def test_the_first_column_that_is_not_blank_counts_and_fill_only_fills(tiny):
    rows = [
        {"id": "1", "name": "", "other": "Second", "x": 383_500, "y": 217_500},
        {"id": "2", "name": "First", "other": "Second", "x": 383_500, "y": 217_500},
        {"id": "3", "name": " ", "other": "", "x": 383_500, "y": 217_500},
    ]
    write_csv(tiny / "r.csv", rows)
    mapping = HEAD.replace('name = "name"', 'name = ["name", "other"]') + POINT
    mapping += '\n[[give]]\nset = { elements = "C05" }\nfill = { name = "A play space" }\n'
    services = of_register(read(registered(tiny, "r.csv", mapping)))
    assert services["name"].tolist() == ["Second", "First", "A play space"]


def test_each_row_may_have_an_organisation_of_its_own(tiny):
    rows = [
        row | {"who": who, "no": no}
        for row, who, no in zip(ROWS, "ABA", ("7", "8", "7"), strict=False)
    ]
    write_csv(tiny / "r.csv", rows)
    organisation = 'organisation = { sector = "voluntary", columns = { organisation_id = "no", name = "who", charity_number = "no" } }'
    mapping = HEAD.splitlines()
    mapping[2] = organisation
    text = "\n".join(mapping) + "\n" + POINT + GIVE
    inputs = read(registered(tiny, "r.csv", text, within=700))
    assert inputs.problems == ()
    assert of_register(inputs)["organisation_id"].tolist() == ["7", "8", "7"]
    new = inputs.organisations[inputs.organisations["organisation_id"].isin(["7", "8"])]
    assert new[["name", "sector", "charity_number"]].to_numpy().tolist() == [
        ["A", "voluntary", "7"],
        ["B", "voluntary", "8"],
    ]


def test_headings_that_change_from_year_to_year_have_one_name(tiny):
    mapping = '[headings]\nkey = ["Old id", "The_ID"]\nkind = ["Sort"]\n' + HEAD.replace(
        '"id"', '"key"'
    )
    mapping = (
        HEAD.partition("[columns]")[0]
        + '[headings]\nkey = ["Old id", "The_ID"]\nkind = ["Sort"]\n\n'
    )
    mapping += '[columns]\nservice_id = "key"\nname = "name"\n' + POINT
    mapping += '\n[[give]]\nwhen = { kind = ["x"] }\nset = { elements = "C01" }\n' + GIVE
    (tiny / "r.csv").write_text("the id,name,x,y\n1,A,383500,217500\n")
    inputs = read(registered(tiny, "r.csv", mapping))
    assert inputs.problems == ()
    # No column of that kind: the rule is passed over, the next one counts.
    assert of_register(inputs)["elements"].tolist() == [("C05",)]
    (tiny / "r.csv").write_text("number,name,x,y\n1,A,383500,217500\n")
    [problem] = read(tiny).problems
    assert (problem.file, problem.column) == ("register.toml", "columns.service_id")
    assert "'Old id' or 'The_ID'" in problem.what


@pytest.mark.parametrize(
    ("old", "new", "where", "words"),
    [
        ('["Club"]', "{ near = 5 }", "give[1].when.kind.near", "no comparison"),
        ('["Club"]', '{ at_least = "5" }', "give[1].when.kind.at_least", "not a number"),
        ('["Club"]', '{ blank = "no" }', "give[1].when.kind.blank", "neither true nor false"),
        ('["Club"]', "{}", "give[1].when.kind", "Nothing is asked"),
        ('reason = "Closed."', "", "leave_out[1].reason", "missing"),
        ('status = ["Closed"]', "", "leave_out[1].when", "No condition"),
        ("within = 500", "within = -2", "within", "out of range"),
        ('name = "name"', "name = []", "columns.name", "blank"),
        ('sector = "voluntary"', "columns = {}", "organisation.sector", "missing"),
        ('organisation_id = "them"', 'columns = { id = "x" }', "organisation.columns.id", "No such column"),
    ],
)  # fmt: skip
def test_faults_in_a_mapping_are_told_with_their_key(old, new, where, words, tiny):
    write_csv(tiny / "r.csv", ROWS)
    assert old in NATIONAL
    problems = read(registered(tiny, "r.csv", NATIONAL.replace(old, new, 1))).problems
    found = [(p.column, p.what) for p in problems if p.file == "register.toml"]
    assert any(column == where and words in what for column, what in found), found


def test_a_mapping_that_is_neither_file_nor_known_is_told_with_the_near_name(tiny):
    write_csv(tiny / "r.csv", ROWS)
    [problem] = read(registered(tiny, "r.csv", "shools")).problems
    assert problem.file == "provision.toml"
    assert "'schools'" in problem.mend


# ---------------------------------------------------------------- points and polygons


def test_outlines_are_positions_and_sites(tiny):
    ring = [[383_100, 217_100], [383_300, 217_100], [383_300, 217_200], [383_100, 217_100]]
    bowtie = [
        [384_100, 217_100],
        [384_200, 217_200],
        [384_200, 217_100],
        [384_100, 217_200],
        [384_100, 217_100],
    ]
    records = shapes(
        ({"id": 7.0, "name": "Park", "kind": "park"}, "Polygon", [ring]),
        ({"id": 8, "name": "Gate", "kind": "park"}, "Point", [384_500, 217_500]),
        ({"id": 9, "name": "Knot", "kind": "park"}, "Polygon", [bowtie]),
        ({"id": 10, "name": "Blank", "kind": "park"}, "", None),
        ({"id": 11, "name": "London", "kind": "park"}, "Point", [530_000, 180_000]),
    )
    (tiny / "parks.geojson").write_text(json.dumps(records))
    inputs = read(registered(tiny, "parks.geojson", HEAD + GIVE))
    assert inputs.problems == ()
    services = of_register(inputs)
    assert services.index.tolist() == ["7", "8", "9"]
    assert "outline" not in services
    park = shapely.Polygon(ring)
    assert park.contains(shapely.Point(*services.loc["7", ["easting", "northing"]]))
    sites = inputs.sites.set_index("service_id").geometry
    assert sorted(sites.index) == ["7", "9"]
    assert sites["7"].equals(park)
    assert sites["9"].is_valid
    assert inputs.left_out["service_id"].tolist() == ["10"]
    account(inputs, 5, "parks.geojson")


def test_a_site_that_people_named_wins_over_the_register(tiny):
    ring = square(0)
    records = shapes(({"id": "7", "name": "Park"}, "Polygon", [ring]))
    (tiny / "parks.geojson").write_text(json.dumps(records))
    gate = shapes(({"service_id": "7"}, "Point", [383_400, 217_400]))
    (tiny / "sites.geojson").write_text(json.dumps(gate))
    add_settings(tiny, "services.sites", file="sites.geojson")
    [shape] = read(registered(tiny, "parks.geojson", HEAD + GIVE)).sites.geometry
    assert shape.equals(shapely.Point(383_400, 217_400))


def test_the_size_of_an_outline_may_be_asked_for(tiny):
    frame = gpd.GeoDataFrame(
        {"id": ["1", "2"], "name": ["Small", "Large"]},
        geometry=[
            shapely.box(383_100, 217_100, 383_120, 217_120),
            shapely.box(384_000, 217_000, 384_100, 217_100),
        ],
        crs="EPSG:27700",
    )
    frame.to_file(tiny / "play.gpkg", layer="spaces")
    rules = '\n[[give]]\nwhen = { outline_m2 = { at_least = 1000 } }\nset = { elements = "C05", space_types = "NEAP" }\n'
    rules += '\n[[give]]\nset = { elements = "C05", space_types = "LAP" }\n'
    inputs = read(registered(tiny, "play.gpkg", HEAD + rules, layer="spaces"))
    assert inputs.problems == ()
    assert of_register(inputs)["space_types"].tolist() == [("LAP",), ("NEAP",)]


# ---------------------------------------------------------------- large files


def test_a_large_register_is_read_the_same_way(tiny, monkeypatch):
    rows = [
        {**row, "id": f"{n}-{row['id']}", "unused": "x" * 20}
        for n, row in itertools.product(range(50), ROWS)
    ]
    write_csv(tiny / "r.csv", rows)
    folder = registered(tiny, "r.csv", NATIONAL)
    whole = read(folder)
    monkeypatch.setattr(register_rows, "_STREAMED", 10)
    streamed = read(folder)
    assert len(of_register(whole)) == 100
    for name in ("services", "left_out", "organisations"):
        pd.testing.assert_frame_equal(getattr(whole, name), getattr(streamed, name))
    assert whole.notes == streamed.notes
    assert whole.files == streamed.files


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (lambda d: d.replace(b"2,Just outside,", b"2,Just, outside,"), "cells"),
        (lambda d: d.replace(b"2,Just outside", b'2,"Just" outside'), "cannot be read"),
        (lambda d: d.replace(b"id,name", b"id,id"), "stands 2 times"),
        (lambda d: d.replace(b"Inside", b"Caf\xe9"), None),
    ],
)
def test_faults_of_a_large_register_are_told_like_those_of_a_small_one(
    spoil, words, tiny, monkeypatch
):
    write_csv(tiny / "r.csv", ROWS)
    (tiny / "r.csv").write_bytes(spoil((tiny / "r.csv").read_bytes()))
    folder = registered(tiny, "r.csv", NATIONAL)
    small = read(folder)
    monkeypatch.setattr(register_rows, "_STREAMED", 10)
    large = read(folder)
    where = lambda inputs: {(p.row, p.what) for p in inputs.problems if p.file == "r.csv"}  # noqa: E731
    assert where(small) == where(large)
    if words is None:
        assert "Café" in set(large.services["name"])
    else:
        assert any(words in what for _, what in where(large))


# ---------------------------------------------------------------- mappings that come with the software


@pytest.mark.parametrize("name", MAPPINGS)
def test_a_mapping_that_comes_with_the_software_is_sound(name):
    problems = []
    mapping = parse_mapping(read_shipped(name), name, problems)
    assert problems == []
    known = load_framework().elements
    for rule in mapping.rules:
        assert set(rule.set["elements"].split(";")) <= set(known)
    assert mapping.within is not None
    text = read_shipped(name).decode()
    assert "published" in text
    assert "ASSUMPTION" in text


GIAS = "URN,EstablishmentName,EstablishmentStatus (name),PhaseOfEducation (name),StatutoryLowAge,StatutoryHighAge,Postcode,Easting,Northing"
OFSTED = "Provider URN,Provider name,Provider type,Provider status,Postcode,Places,Provider Compulsory Childcare Register flag,Provider Voluntary Childcare Register flag"
CHARITIES = "organisation_number,registered_charity_number,linked_charity_number,charity_name,charity_registration_status,charity_contact_postcode,charity_activities"
#: Made-up rows under the headings as published: what is used, and why the others are not.
PUBLISHED = {
    "schools": (
        GIAS,
        [
            ("1,A Primary,Open,Primary,3,11,GL1 1AA,383500,217500", ("C09", "C10", "C11")),
            ("2,B School,Closed,Primary,3,11,GL1 1AA,383500,217500", "Closed."),
            ("3,C College,Open,16 plus,,,GL1 1AA,383500,217500", ("Y10", "Y11")),
            ("4,D School,Proposed to open,Secondary,11,18,GL1 1AA,383500,217500", "Not open yet."),
            ("5,E Nursery,Open,Nursery,2,5,GL1 1AA,383500,217500", "A nursery: its children are under 5."),
        ],
    ),
    "childcare": (
        OFSTED,
        [
            ("1,Club,Childcare on non-domestic premises,Active,GL1 1AA,24,Y,Y", ("C11",)),
            ("2,Old club,Childcare on non-domestic premises,Resigned,GL1 1AA,24,Y,Y", "Not active."),
            ("3,,Childminder,Active,REDACTED,6,Y,Y", "The publisher leaves out where it is."),
            ("4,Babies,Childcare on non-domestic premises,Active,GL1 1AA,24,N,N", "No rule"),
        ],
    ),
    "charities": (
        CHARITIES,
        [
            ("1,100,0,Boxing for young people,Registered,GL1 1AA,Runs a youth club", ("C02", "Y02")),
            ("2,101,0,Choir,Registered,GL1 1AA,Singing for children with music", ("C03", "Y03")),
            ("3,102,0,Fund,Registered,GL1 1AA,Grants to children", "No rule"),
            ("4,103,0,Hidden,Registered,,A youth club", "The register gives no postcode."),
            ("5,104,0,Gone,Removed,GL1 1AA,A youth club", None),
            ("6,104,2,Branch,Registered,GL1 1AA,A youth club", None),
        ],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", sorted(PUBLISHED))
def test_the_headings_as_published_are_read(name, tiny):
    heads, rows = PUBLISHED[name]
    (tiny / "r.csv").write_text("\n".join([heads, *(row for row, _ in rows)]) + "\n")
    (tiny / "p.csv").write_text("pcds,oseast1m,osnrth1m,lsoa11\nGL1 1AA,383500,217500,T01\n")
    add_settings(tiny, "postcodes", file="p.csv")
    inputs = read(registered(tiny, "r.csv", name))
    assert inputs.problems == ()
    services = {
        int(row): gives
        for row, gives in zip(
            of_register(inputs)["_row"], of_register(inputs)["elements"], strict=True
        )
    }
    reasons = dict(zip(inputs.left_out["row"], inputs.left_out["reason"], strict=True))
    for number, (_, expected) in enumerate(rows, start=2):
        if isinstance(expected, tuple):
            assert services[number] == expected
        else:
            assert number not in services
            assert (number in reasons) == (expected is not None)
            assert expected is None or reasons[number].startswith(expected)


def test_a_charity_is_an_organisation_at_no_known_site(tiny):
    heads, rows = PUBLISHED["charities"]
    (tiny / "r.csv").write_text("\n".join([heads, rows[0][0]]) + "\n")
    (tiny / "p.csv").write_text("pcds,oseast1m,osnrth1m\nGL1 1AA,383500,217500\n")
    add_settings(tiny, "postcodes", file="p.csv")
    inputs = read(registered(tiny, "r.csv", "charities"))
    [service] = of_register(inputs).to_dict("records")
    assert service["location_accuracy"] == 20_000
    assert np.isnan(service["minimum_age"])
    assert service["open_to"] == ()
    one = inputs.organisations.set_index("organisation_id").loc["1"]
    assert (one["name"], one["charity_number"]) == ("Boxing for young people", "100")


# ---------------------------------------------------------------- real registers


def test_the_shipped_mappings_read_the_real_registers_of_gloucester(real_gloucester):
    path = real_gloucester / "provision.toml"
    before = read(real_gloucester).services.set_index("service_id")
    text = path.read_text()
    for name in ("schools", "libraries"):
        text = text.replace(f'mapping = "{name}.toml"', f'mapping = "{name}"\nwithin = 0')
    path.write_text(text)
    inputs = read(real_gloucester)
    assert inputs.problems == ()
    after = inputs.services.set_index("service_id")
    ids = {code for code in after.index if code.startswith("school-")}
    # The district was added to the extract by polygons of 2021, ours are of 2011 and coarser.
    assert len(ids ^ {f"school-{code}" for code in before.index if code.isdigit()}) <= 1
    files = {file.file: file for file in inputs.files if "services/" in file.file}
    for name, total in (("schools_gias_2025-05-24", 343), ("libraries_2023", 42)):
        account(inputs, total, next(file for file in files if name in file))


def test_the_greenspace_of_bath_comes_with_its_outlines(real_bath, shared_data, tmp_path):
    file = shared_data / "bath/banes_os_greenspace_sites.geojson"
    folder = tmp_path / "bath"
    folder.mkdir()
    settings = (real_bath / "provision.toml").read_text()
    for name in ("organisations.csv", "returns.csv", "schools.toml"):
        (folder / name).write_bytes((real_bath / name).read_bytes())
    settings = settings.replace('services = "services.csv"\n', "").replace(
        '[services.sites]\nfile = "sites.geojson"\n', ""
    )
    settings = settings.partition("[reach]")[0]
    (folder / "provision.toml").write_text(settings + "\n[sources]\n")
    inputs = read(registered(folder, file.as_posix(), "greenspace"))
    assert inputs.problems == ()
    spaces = of_register(inputs)[lambda f: f.index.str.startswith("greenspace-")]
    source = gpd.read_file(file)
    expected = source["function"].isin(
        ["Play Space", "Playing Field", "Other Sports Facility", "Tennis Court"]
    )
    assert len(spaces) == expected.sum() == 309
    assert (spaces["name"] == "Play space").sum() > 50
    account(inputs, 520, file.as_posix())
    sites = inputs.sites.set_index("service_id").geometry
    points = gpd.GeoSeries.from_xy(
        spaces["easting"], spaces["northing"], index=spaces.index, crs="EPSG:27700"
    )
    assert (sites[spaces.index].distance(points) < 0.1).all()

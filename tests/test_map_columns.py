"""Drafting a mapping from headings and values: right where it can be, and safe whatever stands there."""

from __future__ import annotations

import csv
import io
import subprocess
import sys
import tomllib

import pandas as pd
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from provision_map.errors import DataError, UsageError
from provision_map.read import read_inputs, read_settings
from provision_map.read.registers.column_guess import guess_columns
from provision_map.read.registers.draft_mapping import (
    draft_mapping,
    find_known,
    write_draft,
    write_text,
)
from provision_map.read.registers.mapping import MAPPINGS, parse_mapping, read_shipped
from tiny_exercise import replace_text

SCHOOLS = "services/gloucestershire_schools_gias_2025-05-24.csv"
LIBRARIES = "services/gloucestershire_libraries_2023.csv"


def parse(draft: str):
    problems = []
    mapping = parse_mapping(draft.encode("utf-8"), "draft.toml", problems)
    assert problems == []
    return mapping


def draft_of(folder, text: str | bytes, name: str = "r.csv") -> str:
    (folder / name).write_bytes(text if isinstance(text, bytes) else text.encode())
    return draft_mapping(folder / name)


# ---------------------------------------------------------------- what is guessed


@pytest.mark.parametrize(
    ("file", "columns"),
    [
        (SCHOOLS, {"service_id": "urn", "name": "establishment_name", "easting": "easting", "northing": "northing", "place_id": "lsoa_code"}),
        (LIBRARIES, {"service_id": "uprn", "name": "name", "postcode": "postcode", "longitude": "lon", "latitude": "lat", "place_id": "lsoa11_code"}),
        ("bath/banes_os_greenspace_sites.geojson", {"service_id": "id", "name": "distname1"}),
        ("bath/banes_playspace_youth.geojson", {"service_id": "ethos_id", "name": "site_name", "description": "comment"}),
    ],
)  # fmt: skip
def test_the_columns_of_real_registers_are_found(file, columns, shared_data):
    mapping = parse(draft_mapping(shared_data / file))
    assert {ours: theirs[0] for ours, theirs in mapping.columns.items()} == columns


@pytest.mark.parametrize(
    ("file", "known"),
    [
        (SCHOOLS, "schools"),
        (LIBRARIES, "libraries"),
        ("bath/banes_os_greenspace_sites.geojson", "greenspace"),
        ("bath/banes_playspace_youth.geojson", None),
        ("bath/banes_os_functional_sites.geojson", None),
    ],
)
def test_a_register_that_is_known_is_recognised(file, known, shared_data):
    draft = draft_mapping(shared_data / file)
    found = [name for name in MAPPINGS if f'mapping = "{name}" may do' in draft]
    assert found == ([known] if known else [])


@pytest.mark.parametrize("name", MAPPINGS)
def test_each_mapping_that_comes_with_the_software_knows_its_own_headings(name):
    mapping = parse_mapping(read_shipped(name), name, [])
    own = [heads[0] for heads in mapping.headings.values()]
    direct = [part for theirs in mapping.needs().values() for part in theirs]
    heads = own + [part for part in direct if part not in mapping.headings]
    assert find_known(heads) == name


def test_a_heading_that_is_only_like_one_is_offered_and_not_used(shared_data):
    draft = draft_mapping(shared_data / SCHOOLS)
    assert '# capacity = "number_of_pupils"  # ?' in draft
    assert "capacity" not in parse(draft).columns


def test_values_decide_where_headings_lie(tmp_path):
    rows = ["key,label,easting,northing,code,x,y,capacity"]
    rows += [
        f"k{n},Club {n},{1.2 + n / 100},{52.6 + n / 100},GL{n + 1} 1AA,{623_000 + n},{308_000 + n},many"
        for n in range(9)
    ]
    mapping = parse(draft_of(tmp_path, "\n".join(rows)))
    columns = {ours: theirs[0] for ours, theirs in mapping.columns.items()}
    # Degrees are no eastings, whatever their heading says; postcodes are, whatever theirs says.
    assert columns == {
        "service_id": "key", "name": "label", "easting": "x", "northing": "y", "postcode": "code",
    }  # fmt: skip


def test_the_name_of_the_file_cannot_leave_its_comment(tmp_path):
    draft = draft_of(tmp_path, "id,name\n1,A\n", "a\n[[give]]\n\x1b[31m.csv")
    assert len(parse(draft).rules) == 1
    assert "\x1b" not in draft


def test_half_a_position_is_none():
    frame = pd.DataFrame(
        {"id": ["1", "2"], "name": ["A", "B"], "easting": ["383000", "383001"], "lat": ["51", "52"]}
    )
    assert set(guess_columns(frame)) == {"service_id", "name"}


def test_an_identifier_that_stands_twice_is_marked():
    ids = [str(n) for n in range(39)] + ["38"]
    guess = guess_columns(pd.DataFrame({"id": ids, "name": ["A"] * 40}))["service_id"]
    assert (guess.theirs, guess.doubt) == ("id", "1 of 40 stand twice")


def test_what_a_column_calls_closed_may_be_left_out(tmp_path):
    rows = "\n".join(f"{n},Club {n},{'Closed' if n % 3 else 'Open'}" for n in range(12))
    draft = draft_of(tmp_path, f"id,name,status\n{rows}\n")
    lines = draft.splitlines()
    at = lines.index("# [[leave_out]]")
    assert lines[at + 1] == '# when = { "status" = ["Closed"] }'
    uncommented = draft.replace(
        "\n".join(lines[at : at + 3]), "\n".join(line[2:] for line in lines[at : at + 3])
    )
    assert parse(uncommented).exclusions[0].reason == "Closed."


def test_each_rule_that_is_offered_can_be_taken_as_it_is(shared_data):
    draft = draft_mapping(shared_data / SCHOOLS)
    rules = [
        line for line in draft.splitlines() if line.startswith(("# [[give]]", "# when", "# set"))
    ]
    mapping = parse(
        draft.replace("\n".join(rules[:0]), "") + "\n" + "\n".join(line[2:] for line in rules)
    )
    phases = [
        rule.when["education_phase"].texts
        for rule in mapping.rules
        if "education_phase" in rule.when
    ]
    assert phases == [("Primary",), ("Not applicable",), ("Secondary",), ("16 plus",)]


def test_a_draft_and_three_lines_read_the_schools_of_gloucester(real_gloucester, shared_data):
    draft = draft_mapping(shared_data / SCHOOLS)
    lines = draft.splitlines()
    [keep] = [n for n, line in enumerate(lines) if line.startswith('# keep = { "lad_code"')]
    [sector] = [n for n, line in enumerate(lines) if line.startswith("sector")]
    elements = max(n for n, line in enumerate(lines) if line.startswith("set = "))
    lines[keep] = 'keep = { lad_code = ["E07000081"] }'
    lines[sector] = 'sector = "school"'
    lines[elements] = 'set = { elements = "C10;Y10" }'
    mapping = real_gloucester / "schools.toml"
    expected = read_inputs(read_settings(real_gloucester)).services
    expected = expected[expected["_file"].str.contains("schools")]
    assert len(expected) == 52
    mapping.write_text("\n".join(lines) + "\n")
    inputs = read_inputs(read_settings(real_gloucester))
    # The organisation of the draft has no return; that is a matter of returns.csv.
    assert [p for p in inputs.problems if p.file != "returns.csv"] == []
    found = inputs.services[inputs.services["_file"].str.contains("schools")]
    assert found["_row"].tolist() == expected["_row"].tolist()
    for column in ("name", "easting", "northing"):
        assert found[column].tolist() == expected[column].tolist()
    assert [code.rsplit("-", 1)[1] for code in found["service_id"]] == expected[
        "service_id"
    ].tolist()


def test_a_draft_as_it_is_asks_for_its_elements(real_gloucester, shared_data):
    (real_gloucester / "schools.toml").write_text(draft_mapping(shared_data / SCHOOLS))
    problems = read_inputs(read_settings(real_gloucester)).problems
    asked = {(p.file, p.column) for p in problems if p.file == "schools.toml"}
    assert asked == {("schools.toml", "give[1].set.elements")}


# ---------------------------------------------------------------- whatever stands in the file


_ANY = st.text(
    st.characters(blacklist_categories=("Cs",), blacklist_characters="\x00"), max_size=30
)
_HEADS = st.lists(
    _ANY.map(str.strip).filter(lambda t: t and t != "_row"), min_size=1, max_size=6, unique=True
)


@given(_HEADS, st.lists(st.lists(_ANY, min_size=6, max_size=6), max_size=8))
@example(
    ['a"b', "]]\n[give", '""" # \u2028'],
    [['x"\n[[give]]\nset = {}', "\x1b[31m", "\\u0000", "", "", ""]],
)
@example(["\ufffd\x7f\x85x", "="], [["#"] * 6] * 3)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_any_headings_and_values_make_a_mapping_that_can_be_read(tmp_path, heads, rows):
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n", quoting=csv.QUOTE_ALL)
    writer.writerow(heads)
    writer.writerows(row[: len(heads)] for row in rows)
    try:
        draft = draft_of(tmp_path, out.getvalue())
    except DataError:
        # Headings that no table may have: the reader of tables says so.
        return
    assert all(ch.isprintable() or ch == "\n" for ch in draft)
    mapping = parse(draft)
    read = {head for theirs in mapping.columns.values() for head in theirs}
    assert read <= set(heads)
    # Taking out the mark of a comment cannot add a rule to what is there.
    assert len(mapping.rules) == 1
    offered = [line[2:] for line in draft.splitlines() if line.startswith("# when = ")]
    for line in offered:
        [(head, texts)] = tomllib.loads(line)["when"].items()
        assert head in heads
        assert {text.strip() for text in texts} <= {cell.strip() for row in rows for cell in row}


@given(st.text(max_size=50))
@example("\ud800\x00\x1f\x7f\x85\u2028'\"\\")
def test_any_text_is_a_string_of_toml(text):
    written = write_text(text)
    assert "\n" not in written
    assert tomllib.loads(f"a = {written}")["a"] == "".join(
        "\ufffd" if "\ud800" <= ch <= "\udfff" else ch for ch in text
    )


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("r.csv", b""),
        ("r.csv", b"\x00\x01"),
        ("r.csv", b"\xff\xfea\x00"),
        ("r.geojson", b"{}"),
        ("r.gpkg", b"junk"),
        ("r.xlsx", b"PK\x03\x04 no workbook"),
    ],
)
def test_what_cannot_be_read_is_a_data_error(name, content, tmp_path):
    with pytest.raises(DataError) as caught:
        draft_of(tmp_path, content, name)
    assert caught.value.problems[0].file == name


def test_a_file_that_is_not_there_is_a_data_error(tmp_path):
    with pytest.raises(DataError, match="missing"):
        draft_mapping(tmp_path / "none.csv")


def test_a_draft_never_overwrites_what_a_person_mended(tmp_path):
    path = tmp_path / "mine.toml"
    write_draft(path, "a = 1\n")
    with pytest.raises(UsageError, match="is there already"):
        write_draft(path, "b = 2\n")
    assert path.read_text() == "a = 1\n"
    with pytest.raises(UsageError, match="cannot be written"):
        write_draft(tmp_path / "no/folder.toml", "b = 2\n")


def test_the_command_prints_or_writes(tiny):
    (tiny / "r.csv").write_text("id,name,x,y\n1,A,383500,217500\n")

    def run(*words: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "provision_map", "map-columns", *words]
        return subprocess.run(command, cwd=tiny, capture_output=True, text=True, check=False)

    printed = run("r.csv")
    assert printed.returncode == 0, printed.stderr
    parse(printed.stdout)
    written = run("r.csv", "--to", "r.toml")
    assert written.returncode == 0
    assert "r.toml" in written.stdout
    assert (tiny / "r.toml").read_text() == printed.stdout
    assert run("r.csv", "--to", "r.toml").returncode == 2
    assert run("none.csv").returncode == 3
    replace_text(
        tiny / "r.toml",
        'set = { elements = "" }        # ? fill',
        'set = { elements = "C05" }  # fill',
    )
    path = tiny / "provision.toml"
    register = '[[services.registers]]\nfile = "r.csv"\nmapping = "r.toml"\n\n'
    path.write_text(path.read_text().replace("[sources", register + "[sources", 1))
    inputs = read_inputs(read_settings(tiny))
    assert inputs.problems == ()
    assert "r-1" in set(inputs.services["service_id"])

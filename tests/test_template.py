"""The workbook that organisations fill in: what it offers, and that it reads back as it was."""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
import subprocess
import sys
import tempfile
from pathlib import Path

import openpyxl
import pandas as pd
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from provision_map import tables
from provision_map.errors import DataError, UsageError
from provision_map.exercise.template import write_templates
from provision_map.frameworks import load_framework
from provision_map.read import read_inputs, read_settings
from provision_map.read.files.text import parse_csv
from provision_map.read.files.typed import type_declared
from provision_map.read.findings import Findings
from provision_map.read.workbooks.layout import LAYOUTS, list_choices
from provision_map.reports.template import render_csv, render_template
from provision_map.reports.template_help import HELP
from tiny_exercise import add_settings, append_row, replace_text, set_cell
from workbook_files import read

#: A template takes a moment to write: a failure is shown as it was found, not made smaller.
PHASES = (Phase.explicit, Phase.reuse, Phase.generate)
PLACES = [("E1", "Weston · 001A"), ("E2", "Weston · 001B")]
AREAS = [("N1", "Weston"), ("N2", "Easton; and more"), ("N3", "Youth clubs"), ("N4", "all")]
CHOICES = list_choices(
    load_framework(), places=PLACES, neighbourhoods=AREAS, organisations=[("O1", "One"), ("O2", "Two")]
)  # fmt: skip
TABLES = (tables.ORGANISATIONS, tables.RETURNS, tables.SERVICES, tables.SESSIONS, tables.QUALITY, tables.PRACTICE, tables.PARTICIPATION)  # fmt: skip


def typed(**rows: list[dict[str, str]]) -> dict[str, pd.DataFrame]:
    """Return tables as reading types them; the texts must be without a problem."""
    findings = Findings()
    frames = {
        table.name: type_declared(
            pd.DataFrame(rows[table.name], columns=table.names(), dtype=object).fillna(""),
            table, file="", findings=findings,
        )
        for table in TABLES if table.name in rows
    }  # fmt: skip
    assert findings.problems == []
    return frames


def plain(frame: pd.DataFrame, *, without: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    """Return rows that can be compared, in an order of their own: NaN equals NaN."""
    names = sorted(c for c in frame.columns if not c.startswith("_") and c not in without)
    return sorted(
        tuple(f"{name}={value!r}" if value == value else f"{name}=?" for name, value in zip(names, row, strict=True))  # noqa: PLR0124
        for row in frame[names].itertuples(index=False)
    )  # fmt: skip


# ------------------------------------------------------------------------------ strategies of tables

_words = st.text(
    st.characters(blacklist_categories=("Cs", "Cc"), blacklist_characters=";"), min_size=1, max_size=12
).map(lambda text: " ".join(text.split())).filter(bool)  # fmt: skip
_tricky = st.sampled_from(["=1+1", "07", "1e5", "TRUE", "2026-01-31", "18:30", "_x0041_", "all", "N1", "Friday Club", "friday club", "S1", "none", "Y02", "+44", "@x", "'x"])  # fmt: skip
TEXT = st.one_of(_words, _tricky, st.just(""))
NAME = st.one_of(_words, _tricky)
NUMBER = st.one_of(st.sampled_from(["", "tbd", "withheld", "0"]), st.integers(0, 90).map(str))
DAY = st.one_of(st.just(""), st.dates(dt.date(1950, 1, 1), dt.date(2080, 1, 1)).map(str))
GIVEN_DAY = st.dates(dt.date(1950, 1, 1), dt.date(2080, 1, 1)).map(str)
TIME = st.one_of(st.sampled_from(["", "24:00", "00:00"]), st.times().map(lambda t: f"{t:%H:%M}"))
YES = st.sampled_from(["", "yes", "no"])
_elements = sorted(load_framework().elements)
_communities = [c.id for c in load_framework().communities]


def listed(values, *, least: int = 0):
    """Return a strategy of list cells."""
    return st.lists(st.sampled_from(list(values)), min_size=least, max_size=5, unique=True).map(";".join)  # fmt: skip


def cells(table, **known):
    """Return a strategy of rows of a table; what is not given is told by the column's kind."""
    kinds = {"text": TEXT, "integer": NUMBER, "number": NUMBER, "date": DAY, "time": TIME, "yes_no": YES}  # fmt: skip
    row = {}
    for column in table.columns:
        if column.name in known:
            row[column.name] = known[column.name]
        elif column.values and column.kind == "list":
            row[column.name] = listed(column.values)
        elif column.values:
            blank = () if column.required else ("",)
            row[column.name] = st.sampled_from((*blank, *column.values))
        elif column.kind == "date" and column.required:
            row[column.name] = GIVEN_DAY
        else:
            row[column.name] = kinds[column.kind]
    return st.fixed_dictionaries(row)


ELEMENTS = listed(_elements, least=1)
AREA = listed(["N1", "N2", "N3", "N4", "E1", "E2"])
COMMUNITIES = listed([*_communities, "bme"])
NO_TERMS = st.sampled_from(["", "5", "tbd", "withheld", "none", "0"])


@st.composite
def returns(draw):
    """Return the typed tables of one organisation, with everything that they can say."""
    ids = draw(st.lists(st.sampled_from(["S1", "S-1", "s1", "O1-club", "7", "07", "Friday Club"]), unique=True, max_size=4))  # fmt: skip
    service = st.sampled_from([*ids, "elsewhere"])
    services = [
        draw(cells(
            tables.SERVICES, service_id=st.just(code), name=NAME, organisation_id=st.just("O1"), elements=ELEMENTS,
            outcomes=listed(["EA4", "PC3"]), place_id=st.sampled_from(["", "E1", "E2"]), service_area=AREA,
            open_to=COMMUNITIES, not_open_to=COMMUNITIES, languages=listed(["English", "Polish", "Y02"]),
            access=listed(["step_free", "hearing_loop", "trained_staff", "quiet_space", "changing_place"]),
            minimum_age=st.sampled_from(["", "0", "13", "tbd"]), maximum_age=st.sampled_from(["", "19"]),
            longitude=st.sampled_from(["", "-2.2437", "0"]), latitude=st.sampled_from(["", "51.8642"]),
            easting=st.sampled_from(["", "383500.25"]), northing=st.sampled_from(["", "217500"]),
            capacity=NO_TERMS, cost=st.sampled_from(["", "0", "0.1", "none", "2.50", "tbd"]),
        ))
        for code in ids
    ]  # fmt: skip
    return typed(
        organisations=[draw(cells(tables.ORGANISATIONS, organisation_id=st.just("O1"), name=NAME))],
        returns=draw(st.lists(cells(tables.RETURNS, organisation_id=st.just("O1"), elements=ELEMENTS, places=listed(["N1", "E2"], least=1), due=st.just("")), max_size=2)),
        services=services,
        sessions=draw(st.lists(cells(tables.SESSIONS, service_id=service), max_size=4)),
        quality=draw(st.lists(cells(tables.QUALITY, service_id=service), max_size=3)),
        practice=[
            draw(cells(tables.PRACTICE, practice_id=st.just(code), title=NAME, organisation_id=st.just("O1"), elements=ELEMENTS, outcomes=listed(["EA4"]), reached_places=AREA, reached_communities=COMMUNITIES))
            for code in draw(st.lists(st.sampled_from(["P1", "p1"]), unique=True))
        ],
        participation=draw(st.lists(cells(tables.PARTICIPATION, service_id=service, community=st.sampled_from(["", "everyone", "mixed"]), minimum_age=st.just(""), maximum_age=st.just("19"), children=NO_TERMS), max_size=3)),
    )  # fmt: skip


@given(returns())
@settings(max_examples=20, deadline=None, phases=PHASES)
def test_what_is_filled_in_reads_back_as_it_was(frames):
    data = render_template(CHOICES, frames, title="Round trip")
    with tempfile.TemporaryDirectory() as folder:
        origin, findings = read(Path(folder), data)
    assert findings.problems == []
    for name, frame in frames.items():
        if frame.empty:
            assert name not in origin.frames or origin.frames[name].empty
        else:
            assert plain(origin.frames[name]) == plain(frame), name


@given(returns())
@settings(max_examples=15, deadline=None, phases=PHASES)
def test_csv_holds_the_same_in_codes(frames):
    files = render_csv(frames)
    assert set(files) == {f"{table.name}.csv" for table in TABLES}
    for table in TABLES:
        text = files[f"{table.name}.csv"].decode("utf-8-sig")
        assert next(csv.reader(io.StringIO(text))) == table.names()
        findings = Findings()
        raw = parse_csv(text, file="x", findings=findings).frame
        # No cell runs in a spreadsheet; the mark before one that would is taken off to compare.
        texts = [c.name for c in table.columns if c.kind in ("text", "list", "yes_no")]
        assert (
            not raw[texts].map(lambda cell: cell.startswith(("=", "+", "-", "@"))).to_numpy().any()
        )
        raw[texts] = raw[texts].map(lambda cell: re.sub(r"^'(?=[=+\-@＝＋－＠])", "", cell))
        back = type_declared(raw, table, file="x", findings=findings)
        assert findings.problems == []
        assert plain(back) == plain(frames[table.name])


def test_the_same_content_gives_the_same_bytes():
    frames = typed(organisations=[{"organisation_id": "O1", "name": "One", "sector": "voluntary"}])
    one, two = (render_template(CHOICES, frames, title="T") for _ in range(2))
    assert one == two


def test_every_column_has_its_help_and_stands_on_a_sheet():
    for layout in LAYOUTS:
        assert set(layout.columns) <= set(HELP[layout.name])
        declared = {c.name for table in layout.tables for c in table.columns if not c.computed}
        assert declared - set(layout.columns) <= {"due"}
    assert {table.name for layout in LAYOUTS for table in layout.tables} == {t.name for t in TABLES}


def test_the_drop_downs_offer_what_the_sheet_of_codes_says():
    book = openpyxl.load_workbook(io.BytesIO(render_template(CHOICES, title="T")))
    assert book.sheetnames == ["Start here", *(layout.name for layout in LAYOUTS), "Codes"]
    codes = book["Codes"]
    offered = {}
    for name in ("Organisation", "Services", "Sessions", "Participation"):
        sheet = book[name]
        heads = {cell.column_letter: cell.value for cell in sheet[3]}
        for rule in sheet.data_validations.dataValidation:
            letter = str(rule.sqref).split(":")[0].rstrip("0123456789")
            source = rule.formula1.strip("=")
            if source.startswith("'Codes'!"):
                first, last = re.findall(r"\$B\$(\d+)", source)
                source = [codes.cell(r, 2).value for r in range(int(first), int(last) + 1)]
            offered[name, heads[letter]] = source
            assert rule.errorStyle == "information"
    elements = offered["Services", "Elements *"]
    assert elements[0] == "Y01 " + load_framework().elements["Y01"].name
    assert len(elements) == len(load_framework().elements)
    assert offered["Organisation", "Elements *"] == ["all", *elements]
    assert offered["Services", "Elements 3"] == elements
    assert offered["Services", "Open to"][:2] == ["everyone", load_framework().bme_name]
    assert offered["Services", "Not open to"][0] == load_framework().bme_name
    assert offered["Services", "Service area"] == ["all", "Weston", "Easton, and more", "Youth clubs", "N4 all", "E1 Weston · 001A", "E2 Weston · 001B"]  # fmt: skip
    assert offered["Services", "Place ID"] == ["E1 Weston · 001A", "E2 Weston · 001B"]
    assert (
        offered["Sessions", "Weekday"]
        == '"Monday,Tuesday,Wednesday,Thursday,Friday,Saturday,Sunday"'
    )
    assert offered["Sessions", "Service *"].startswith("'Services'!$A$4:")
    assert offered["Organisation", "Received *"] == '"yes,partly"'
    assert "step free" in offered["Services", "Access 2"]


def test_headings_stay_in_sight_and_ask_for_the_least():
    book = openpyxl.load_workbook(io.BytesIO(render_template(CHOICES, title="T")))
    assert book["Services"].freeze_panes == "B4"
    musts = [cell.value for cell in book["Services"][3] if cell.value.endswith("*")]
    assert musts == ["Name *", "Elements *"]
    text = " ".join(str(cell.value) for row in book["Start here"] for cell in row if cell.value)
    for word in ("(blank)", "none", "tbd", "withheld", "No names of persons", "telephone", "access for disabled children", "booking", "cost"):  # fmt: skip
        assert word in text


def test_a_blank_workbook_reads_without_a_problem(tmp_path):
    origin, findings = read(tmp_path, render_template(CHOICES, title="T"))
    assert findings.problems == []
    assert all(frame.empty for frame in origin.frames.values())
    assert [note.what for note in findings.notes if "service" in note.what] == ["There is no service in it."]  # fmt: skip


# --------------------------------------------------------------------------------- in an exercise


def return_by_workbooks(folder: Path, names: str = "returns/*.xlsx") -> None:
    """Let the exercise read workbooks instead of its own tables."""
    for name in ("organisations", "services", "sessions", "quality", "practice"):
        replace_text(folder / "provision.toml", f'{name} = "data/services/{name}.csv"\n', "")
        replace_text(folder / "provision.toml", f'"data/services/{name}.csv" = {{ source = "made up" }}\n', "")  # fmt: skip
    add_settings(folder, "services", workbooks=[names])


def answer(path: Path) -> None:
    """Say in a workbook that its return is all there is."""
    book = openpyxl.load_workbook(path)
    sheet = book["Organisation"]
    heads = {cell.value: cell.column for cell in sheet[3]}
    sheet.cell(4, heads["Received *"], "yes")
    sheet.cell(4, heads["Received on"], dt.date(2020, 10, 20))
    book.save(path)


def test_next_year_they_only_correct_it(tiny):
    append_row(tiny / "data/services/sessions.csv", service_id="S5", weekday="Sunday", start="10:00", end="24:00", period="all year")  # fmt: skip
    before = read_inputs(read_settings(tiny))
    written = write_templates(tiny, everyone=True, out=tiny / "returns")
    assert [path.name for path in written] == ["o1.xlsx", "o2.xlsx"]
    return_by_workbooks(tiny)
    unanswered = read_inputs(read_settings(tiny))
    assert unanswered.problems == ()
    # Nobody said that it is all of it: a part, so that absence stays unknown.
    assert set(unanswered.returns["received"]) == {"partly"}
    open_ = [n for n in unanswered.notes if n.column == "received"]
    assert [(p.file, p.column) for p in open_] == [
        ("returns/o1.xlsx › Organisation", "received"),
        ("returns/o2.xlsx › Organisation", "received"),
    ]
    for path in written:
        answer(path)
    after = read_inputs(read_settings(tiny))
    assert after.problems == ()
    for name in ("organisations", "services", "sessions", "quality", "practice"):
        assert plain(getattr(after, name)) == plain(getattr(before, name)), name
    # What was asked stands in the table of returns; what came, in the workbooks.
    came = after.returns_given[after.returns_given["_file"].str.contains("Organisation")]
    assert plain(came, without=("due", "received_on")) == plain(before.returns_given, without=("due", "received_on"))  # fmt: skip
    assert set(came["received_on"]) == {dt.date(2020, 10, 20)}


def test_participation_is_given_on_to_nobody(tiny):
    (tiny / "data/services/participation.csv").write_text(
        "service_id,first_day,last_day,minimum_age,maximum_age,community,children\n"
        "S1,2019-09-01,2020-08-31,,,,31415\n"
    )
    add_settings(tiny, "services", participation="data/services/participation.csv")
    assert len(read_inputs(read_settings(tiny)).participation) == 1
    (path,) = write_templates(tiny, organisations=["O1"], out=tiny / "o1.xlsx")
    book = openpyxl.load_workbook(path)
    assert book["Participation"].max_row == 3
    assert all("31415" not in str(cell.value) for sheet in book for row in sheet for cell in row)


def test_a_workbook_that_may_be_filled_in_is_not_written_over(tiny):
    (path,) = write_templates(tiny, out=tiny / "blank.xlsx")
    assert write_templates(tiny, out=path) == [path]
    path.write_bytes(path.read_bytes() + b"filled in")
    with pytest.raises(UsageError, match="may be filled in already"):
        write_templates(tiny, out=path)
    assert path.read_bytes().endswith(b"filled in")
    assert not list(tiny.glob(".writing-*"))


def test_what_cannot_be_written_is_said(tiny):
    with pytest.raises(UsageError, match="'O3' is no organisation of the exercise"):
        write_templates(tiny, organisations=["O3"])
    with pytest.raises(UsageError, match="Name the folder of an exercise"):
        write_templates(None, organisations=["O1"])
    set_cell(tiny / "data/services/services.csv", 2, "minimum_age", "thirteen")
    with pytest.raises(DataError):
        write_templates(tiny, everyone=True, out=tiny / "returns")
    # A blank one needs none of the rows.
    assert write_templates(tiny, out=tiny / "blank.xlsx")


def test_identifiers_name_no_path(tiny):
    for table, row in (("organisations", 2), ("services", 2), ("services", 5), ("services", 6), ("returns", 2), ("practice", 2)):  # fmt: skip
        set_cell(tiny / f"data/services/{table}.csv", row, "organisation_id", "../../O 1")
    written = write_templates(tiny, everyone=True, out=tiny / "w")
    assert [path.relative_to(tiny).as_posix() for path in written] == ["w/o-1.xlsx", "w/o2.xlsx"]


def command(folder: Path, *args: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-m", "provision_map", "template", *args], cwd=folder, capture_output=True, text=True, check=False)  # fmt: skip


def test_the_command_works_in_an_empty_folder_and_in_an_exercise(tmp_path, tiny):
    (tmp_path / "empty").mkdir()
    done = command(tmp_path / "empty")
    assert (done.returncode, done.stderr) == (0, "")
    assert "return.xlsx" in done.stdout
    write_templates(None, out=tmp_path / "empty/return", as_csv=True)
    assert sorted(path.name for path in (tmp_path / "empty/return").iterdir()) == sorted(f"{t.name}.csv" for t in TABLES)  # fmt: skip
    done = command(tiny, "--organisation", "O2")
    assert done.returncode == 0, done.stderr
    book = openpyxl.load_workbook(tiny / "to-fill/o2.xlsx")
    assert [row[0].value for row in book["Services"].iter_rows(min_row=4, max_row=6)] == ["Junior Club", "Little Meadow", "Summer Play"]  # fmt: skip
    assert "Tiny exercise" in book["Start here"]["A1"].value


def test_an_organisation_that_speaks_twice_is_counted_as_used(tiny):
    from provision_map.read.returned.account import account_rows

    set_cell(tiny / "data/services/returns.csv", 2, "places", "T01")
    append_row(tiny / "data/services/returns.csv", organisation_id="O1", elements="Y02", places="T02", received="yes")  # fmt: skip
    write_templates(tiny, everyone=True, out=tiny / "returns")
    return_by_workbooks(tiny)
    inputs = read_inputs(read_settings(tiny))
    counts = account_rows(inputs).counts
    sheets = counts[counts["file"].str.contains("Organisation")]
    assert sheets.loc[sheets["file"].str.contains("o1"), "rows"].tolist() == [2, 2]
    assert (sheets["left_out"] == 0).all()

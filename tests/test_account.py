"""Every row is accounted for: used, or left out and why, whatever is in the file."""

from __future__ import annotations

import csv
import io
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from provision_map.read.inputs import read_inputs
from provision_map.read.returned.account import account_rows
from provision_map.read.returned.account_tables import NO_REASON, OUTSIDE
from provision_map.read.settings_file import read_settings
from provision_map.reports.check_files import fold_rows
from tiny_exercise import add_file, add_settings, append_row, set_cell, write_tiny_exercise

SERVICES = "data/services/services.csv"
REGISTER, MAPPING = "data/services/register.csv", "data/services/register.toml"
SAME = "data/services/same.csv"
MAP = """\
prefix = "R-"
[keep]
town = ["Tinytown"]
[organisation]
organisation_id = "R"
name = "Register of halls"
sector = "voluntary"
[columns]
service_id = "no"
name = "hall"
easting = "x"
northing = "y"
[[give]]
when = { kind = ["sport"] }
set = { elements = "Y01" }
"""


def account_of(folder):
    account = account_rows(read_inputs(read_settings(folder)))
    counts = account.counts
    assert (counts["used"] + counts["left_out"] == counts["rows"]).all()
    left = account.rows[account.rows["fate"] == "left out"]
    by_file = left.groupby(["file", "table"]).size().to_dict()
    for row in counts.itertuples():
        assert by_file.get((row.file, row.table), 0) == row.left_out
        assert max(row.suspected, row.to_mend) <= row.used
    assert (account.rows["reason"] != "").all()
    assert not (account.rows["reason"] == NO_REASON).any()
    return account


def count(account, file, table=None):
    rows = account.counts[account.counts["file"] == file]
    rows = rows if table is None else rows[rows["table"] == table]
    return rows[["rows", "used", "left_out"]].to_numpy().tolist()


def add_register(folder, *rows):
    add_file(folder, REGISTER, "no,hall,town,kind,x,y\n" + "".join(f"{row}\n" for row in rows))
    add_file(folder, MAPPING, MAP)
    text = (folder / "provision.toml").read_text("utf-8")
    section = f'[[services.registers]]\nfile = "{REGISTER}"\nmapping = "{MAPPING}"\n\n[sources."data/people/ages.csv"]'
    text = text.replace('[sources."data/people/ages.csv"]', section, 1)
    (folder / "provision.toml").write_text(text, "utf-8")


def test_a_register_row_is_used_outside_its_filter_or_without_a_rule(tiny):
    add_register(
        tiny, "1,North Hall,Tinytown,sport,383100,217100", "2,Elsewhere,Oldtown,sport,383100,217100",
        "3,Reading Room,Tinytown,books,383100,217100",
    )  # fmt: skip
    account = account_of(tiny)
    assert count(account, REGISTER) == [[3, 1, 2]]
    reasons = account.rows.set_index("row")["reason"].to_dict()
    assert MAPPING in reasons[3]
    assert MAPPING in reasons[4]
    assert reasons[3] != reasons[4]


def test_rows_of_other_places_are_outside_the_area(tiny):
    ages = tiny / "data/people/ages.csv"
    for n in range(4):
        append_row(ages, code=f"T9{n}", **{f"age_{age}": "1" for age in range(5, 25)})
    account = account_of(tiny)
    assert count(account, "data/people/ages.csv") == [[7, 3, 4]]
    assert set(account.rows["reason"]) == {OUTSIDE}
    (line,) = fold_rows(account.rows).to_numpy().tolist()
    assert line[2:4] == [5, 8]


def test_rows_of_the_wrong_length_are_left_out(tiny):
    path = tiny / "data/services/sessions.csv"
    path.write_text(path.read_text("utf-8") + "S1,Friday\nS1,Friday,19:00,20:00,term,,,\n", "utf-8")
    account = account_of(tiny)
    assert count(account, "data/services/sessions.csv") == [[9, 7, 2]]
    assert account.rows["reason"].tolist() == [
        "The row has 2 cells; the headings are 6.",
        "The row has 8 cells; the headings are 6.",
    ]


def test_a_table_that_cannot_be_read_to_its_end_ends_there(tiny):
    path = tiny / "data/services/sessions.csv"
    path.write_text(path.read_text("utf-8") + 'S1,"Friday,19:00,20:00,term,\n', "utf-8")
    assert count(account_of(tiny), "data/services/sessions.csv") == [[8, 7, 1]]


def test_merged_records_and_what_both_said_are_left_out(tiny):
    append_row(
        tiny / SERVICES,
        service_id="X1",
        name="Friday Night",
        organisation_id="O1",
        elements="Y02",
        place_id="T01",
    )
    append_row(
        tiny / "data/services/sessions.csv",
        service_id="X1",
        weekday="Friday",
        start="19:00",
        end="21:00",
        period="term",
    )
    add_file(tiny, SAME, "service_id,same_as,same\nX1,S1,yes\nS2,S3,\n")
    add_settings(tiny, "services", same=SAME)
    account = account_of(tiny)
    assert count(account, SERVICES) == [[7, 6, 1]]
    assert count(account, "data/services/sessions.csv") == [[8, 7, 1]]
    assert count(account, SAME) == [[2, 1, 1]]
    assert account.rows["reason"].tolist()[:2] == [
        "The same service as S1.",
        "S1, the same service, has the same row.",
    ]


def test_problems_and_suspicions_are_of_rows_that_are_used(tiny):
    append_row(
        tiny / SERVICES,
        service_id="X1",
        name="Friday night club",
        organisation_id="O1",
        elements="Y02",
        easting="383510",
        northing="217500",
    )
    set_cell(tiny / SERVICES, 3, "capacity", "many")
    account = account_of(tiny)
    marked = account.rows.groupby("fate")["row"].apply(list).to_dict()
    assert marked == {"suspected duplicate": [2, 8], "to be mended": [3]}


@pytest.mark.parametrize("name", ["real_gloucester"])
def test_real_registers_and_tables_add_up(request, name):
    account = account_of(request.getfixturevalue(name))
    counted = {Path(row.file).name: (row.rows, row.used) for row in account.counts.itertuples()}
    assert counted["gloucestershire_libraries_2023.csv"][0] == 42
    assert counted["gloucestershire_schools_gias_2025-05-24.csv"][0] == 343
    assert counted["gloucestershire_lsoa11_mid2020_single_year.csv"] == (373, 78)


# ---------------------------------------------------------------- the law, whatever is in the file

CELL = st.sampled_from(["", "S1", "S2", "X1", "O1", "Y02", "T01", "all", "tbd", "17", "383500", "=1", "é", '"', "yes", "Friday", "2020-01-01"])  # fmt: skip
TABLES = {
    SERVICES: 24, "data/services/sessions.csv": 6, "data/services/returns.csv": 6,
    "data/services/organisations.csv": 4, "data/people/ages.csv": 21,
    "data/boundaries/neighbourhoods.csv": 5,
}  # fmt: skip


@given(st.data())
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_used_and_left_out_are_all_rows_whatever_is_in_the_file(data):
    with tempfile.TemporaryDirectory() as made:
        folder = write_tiny_exercise(Path(made))
        add_register(
            folder,
            *data.draw(
                st.lists(
                    st.sampled_from(
                        [
                            "1,A,Tinytown,sport,383100,217100",
                            "2,B,Oldtown,sport,1,1",
                            "3,C,Tinytown,books,383100,217100",
                            "4,D",
                        ]
                    ),
                    max_size=4,
                )
            ),
        )
        decisions = data.draw(
            st.lists(
                st.sampled_from(
                    ["S1,S2,yes", "S2,S3,yes", "S3,S1,yes", "S4,R-1,no", "S5,,", "S6,S1,yes"]
                ),
                max_size=3,
                unique=True,
            )
        )
        add_file(folder, SAME, "service_id,same_as,same\n" + "\n".join(decisions) + "\n")
        add_settings(folder, "services", same=SAME)
        for name, width in TABLES.items():
            path = folder / name
            text = path.read_text("utf-8")
            rows = data.draw(
                st.lists(st.lists(CELL, min_size=max(1, width - 1), max_size=width + 1), max_size=3)
            )
            out = io.StringIO(newline="")
            csv.writer(out, lineterminator="\n").writerows(rows)
            path.write_text(text + out.getvalue(), "utf-8")
        account = account_of(folder)
        for name in (*TABLES, REGISTER):
            with (folder / name).open(encoding="utf-8", newline="") as file:
                records = [row for row in csv.reader(file) if any(cell.strip() for cell in row)]
            for counted in count(account, name):
                assert counted[0] == len(records) - 1

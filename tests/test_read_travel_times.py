"""Matrices of travel times: CSV and Parquet, names of other software, and everything wrong in them."""

from __future__ import annotations

import builtins
import warnings
from contextlib import suppress
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from provision_map import tables
from provision_map.errors import DataError, DataWarning, UsageError
from provision_map.read import read_inputs, read_settings, read_travel_times
from tiny_exercise import add_file, add_settings, append_row, replace_text, set_cell

TIMES = "data/network/times.csv"


def write(folder: Path, text: str | bytes, name: str = "times.csv") -> Path:
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode("utf-8"))
    return path


def read(path: Path, **options) -> tuple[pd.DataFrame, list[str]]:
    """Return the table and what was warned of."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        frame = read_travel_times(path, **options)
    assert all(issubclass(w.category, DataWarning) for w in caught)
    return frame, [str(w.message) for w in caught]


def problems(path: Path, **options) -> list[tuple[int | None, str | None, str]]:
    # A warning here is an error: pytest is told so. Problems come without notes.
    with pytest.raises(DataError) as caught:
        read_travel_times(path, **options)
    assert all(p.mend and p.file == path.name for p in caught.value.problems)
    return [(p.row, p.column, p.what) for p in caught.value.problems]


# ---------------------------------------------------------------- what is read


def test_a_matrix_becomes_the_declared_table(tmp_path):
    path = write(tmp_path, "from_id,to_id,minutes,metres,mode\n007,S1,3.5,280,walk\n7,S1,12,,\n")
    frame, told = read(path, searched_to=15, mode="bus")
    assert told == ["times.csv: The longest time is 12 minutes: was it searched to 15? If not, say how far; what lies beyond is unknown, not out of reach."]  # fmt: skip
    assert list(frame.columns) == tables.TRAVEL_TIMES.names()
    assert frame["from_id"].tolist() == ["007", "7"]
    assert frame["mode"].tolist() == ["walk", "bus"]
    assert frame["minutes"].tolist() == [3.5, 12.0]
    assert frame["metres"][0] == 280
    assert np.isnan(frame["metres"][1])
    assert frame["accuracy"].tolist() == [0.0, 0.0]
    assert frame["searched_to"].tolist() == [15.0, 15.0]


@pytest.mark.parametrize("blank", ["", "NaN", "nan", "NA", " ", "null"])
def test_a_pair_without_minutes_was_searched_and_stays_without_them(blank, tmp_path):
    path = write(tmp_path, f"from_id,to_id,minutes\nA,S1,12\nA,S2,{blank}\n")
    frame, _ = read(path)
    assert frame["to_id"].tolist() == ["S1", "S2"]
    assert np.isnan(frame["minutes"][1])


@pytest.mark.parametrize(
    ("mark", "line"), [(",", ""), (";", ""), ("\t", ""), ("|", ""), (";", "sep=;\n"), (",", "\n")]
)
def test_whatever_stands_between_cells_and_lines(mark, line, tmp_path):
    body = "from_id,to_id,minutes\nA,S1,12\n\nB,S1,4\n".replace(",", mark)
    if line == "\n":
        body, line = body.replace("\n", "\r\n"), ""
    frame, _ = read(write(tmp_path, line + body), searched_to=12)
    assert frame[["from_id", "minutes"]].to_numpy().tolist() == [["A", 12.0], ["B", 4.0]]


def test_quoted_cells_may_hold_marks_line_breaks_and_quotes(tmp_path):
    path = write(tmp_path, '"from_id","to_id","minutes"\n"A, north","S""1""",1\n"B\nC","S2","2"\nD,S3,x\n')  # fmt: skip
    assert problems(path) == [(4, "minutes", "'x' is not a number.")]
    frame, _ = read(write(tmp_path, path.read_text().replace("D,S3,x", "D,S3,3")))
    assert frame["from_id"].tolist() == ["A, north", "B\nC", "D"]
    assert frame["to_id"].tolist() == ['S"1"', "S2", "S3"]


def test_bytes_that_are_not_utf_8_are_windows_text_and_noted(tmp_path):
    frame, told = read(write(tmp_path, "from_id,to_id,minutes\nCafé,S,9\n".encode("cp1252")))
    assert frame["from_id"].tolist() == ["Café"]
    assert any("Windows-1252 text, because row 2 is not UTF-8" in note for note in told)
    frame, _ = read(write(tmp_path, "\ufefffrom_id,to_id,minutes\nCafé,S,9\n"))
    assert frame["from_id"].tolist() == ["Café"]


@pytest.mark.parametrize(
    ("headings", "used"),
    [
        ("minutes,travel_time", "minutes"),
        ("travel_time,travel_time_p50", "travel_time"),
        ("travel_time_p25,travel_time_p50", "travel_time_p50"),
        ("travel_time_p75,other", "travel_time_p75"),
    ],
)
def test_the_names_of_r5py_are_understood_and_a_percentile_is_said(headings, used, tmp_path):
    first, second = headings.split(",")
    path = write(tmp_path, f"from_id,to_id,{headings}\nA,S,1,2\n")
    frame, told = read(path, searched_to=2)
    assert frame["minutes"].tolist() == [1.0 if used == first else 2.0]
    said = [note for note in told if "were read from" in note]
    assert bool(said) == ("_p" in used)
    assert all(f"The minutes were read from {used}." in note for note in said)
    assert second


def test_percentiles_without_the_median_leave_the_choice_to_a_person(tmp_path):
    path = write(tmp_path, "from_id,to_id,travel_time_p25,travel_time_p75\nA,S,1,2\n")
    [(_, column, what)] = problems(path)
    assert column == "travel_time_p25"
    assert "none is the median" in what


def test_the_bound_is_the_column_then_the_argument_then_the_longest_time(tmp_path):
    path = write(tmp_path, "from_id,to_id,minutes,searched_to\nA,S,5,30\nB,S,7,\n")
    assert read(path, searched_to=8)[0]["searched_to"].tolist() == [30.0, 8.0]
    frame, told = read(path)
    assert frame["searched_to"].tolist() == [30.0, 7.0]
    assert told == ["times.csv: Nothing says how far was searched: the longest time, 7 minutes, was taken. Add a column searched_to, or say it: searched_to = 60."]  # fmt: skip


def test_times_beyond_the_bound_that_was_asked_for_count_as_beyond_it(tmp_path):
    path = write(tmp_path, "from_id,to_id,minutes\nA,S,5\nA,T,61\nA,U,60\n")
    frame, told = read(path, searched_to=60)
    assert frame["minutes"].tolist()[::2] == [5.0, 60.0]
    assert np.isnan(frame["minutes"][1])
    assert told == ["times.csv: 1 time is longer than searched_to, 60 minutes, and counts as beyond it."]  # fmt: skip


def test_of_a_pair_that_stands_twice_for_one_mode_the_least_is_taken(tmp_path):
    # A-S on foot: 9, then 4 (least), then none; by bus 2 is another thing; B-S twice the same.
    rows = "A,S,9,walk\nA,S,4,walk\nA,S,,walk\nA,S,2,bus\nB,S,7,walk\nB,S,7,walk\n"
    frame, told = read(write(tmp_path, "from_id,to_id,minutes,mode\n" + rows), searched_to=9)
    assert frame[["from_id", "mode", "minutes"]].to_numpy().tolist() == [
        ["A", "walk", 4.0],
        ["A", "bus", 2.0],
        ["B", "walk", 7.0],
    ]
    assert told == ["times.csv: Pairs that stand more than once with different minutes (1), as 'A to S': the least was taken."]  # fmt: skip


def test_a_way_back_that_takes_longer_is_counted_and_not_used(tmp_path):
    # A-B 10 and 13 (over 20 %), A-C 10 and 12 (not over), B-C one way only.
    rows = "A,B,10\nB,A,13\nA,C,10\nC,A,12\nB,C,5\n"
    frame, told = read(write(tmp_path, "from_id,to_id,minutes\n" + rows), searched_to=13)
    assert frame["minutes"].tolist() == [10, 13, 10, 12, 5]
    assert told == ["times.csv: Of 2 pairs whose way back stands here too, 1 takes over 20 % longer one way than the other: the way from from_id to to_id is used."]  # fmt: skip


def test_the_table_that_is_written_is_the_table_that_is_read(tmp_path):
    path = write(tmp_path, "from_id,to_id,minutes\nA,S1,12\nA,S2,\n007,S2,1.25\n")
    frame, _ = read(path)
    frame.to_csv(tmp_path / "again.csv", index=False)
    pd.testing.assert_frame_equal(read(tmp_path / "again.csv")[0], frame)
    frame.to_parquet(tmp_path / "again.parquet")
    pd.testing.assert_frame_equal(read(tmp_path / "again.parquet")[0], frame)


def test_a_million_rows_are_read_exactly(tmp_path):
    rng = np.random.default_rng(1)
    pairs = rng.permutation(2_000 * 1_000)[:1_000_000]
    homes = np.array([f"H{n:05d}" for n in range(2_000)], dtype=object)
    sites = np.array([f"{n:03d}" for n in range(1_000)], dtype=object)
    made = pd.DataFrame(
        {
            "from_id": pd.Series(homes[pairs // 1_000], dtype=object),
            "to_id": pd.Series(sites[pairs % 1_000], dtype=object),
            "minutes": np.round(rng.random(len(pairs)) * 90, 1),
        }
    )
    made.loc[::7, "minutes"] = np.nan
    made.to_csv(tmp_path / "big.csv", index=False)
    frame, told = read(tmp_path / "big.csv", searched_to=90)
    assert told == []
    pd.testing.assert_frame_equal(frame[["from_id", "to_id", "minutes"]], made)
    # One bad cell in a million is found, with its row: the heading is row 1.
    with (tmp_path / "big.csv").open("a") as file:
        file.write("H1,S1,tbd\n")
    assert problems(tmp_path / "big.csv") == [(1_000_002, "minutes", "'tbd' is not a number.")]


# ---------------------------------------------------------------- Parquet


def test_parquet_ids_that_are_numbers_become_text_without_a_fraction(tmp_path):
    path = tmp_path / "times.parquet"
    pd.DataFrame({"from_id": [7, 8], "to_id": [1.0, 2.0], "travel_time": [3, 4]}).to_parquet(path)
    frame, _ = read(path, searched_to=4)
    assert frame[["from_id", "to_id"]].to_numpy().tolist() == [["7", "1"], ["8", "2"]]
    assert frame["minutes"].tolist() == [3.0, 4.0]


def test_parquet_is_known_by_its_bytes_too(tmp_path):
    pd.DataFrame({"from_id": ["A"], "to_id": ["S"], "minutes": [3.0]}).to_parquet(tmp_path / "x")
    assert read(tmp_path / "x", searched_to=3)[0]["from_id"].tolist() == ["A"]


def test_parquet_dictionaries_blanks_and_text_minutes(tmp_path):
    path = tmp_path / "times.parquet"
    ids = pd.Series(["A", "B", "A"], dtype="category")
    pd.DataFrame({"from_id": ids, "to_id": ["S", "S", "T"], "minutes": ["1", None, "2"]}).to_parquet(path)  # fmt: skip
    frame, _ = read(path, searched_to=2)
    assert frame["from_id"].tolist() == ["A", "B", "A"]
    assert np.isnan(frame["minutes"][1])
    pd.DataFrame({"from_id": ["A", None], "to_id": ["S", "S"], "minutes": ["x", "-1"]}).to_parquet(path)  # fmt: skip
    assert problems(path) == [
        (2, "minutes", "'x' is not a number."),
        (3, "from_id", "The cell is empty."),
        (3, "minutes", "-1 is below 0."),
    ]


@pytest.mark.parametrize(
    "frame",
    [
        {"from_id": [["A"]], "to_id": ["S"], "minutes": [1.0]},
        {"from_id": ["A"], "to_id": [{"x": 1}], "minutes": [1.0]},
        {"from_id": ["A"], "to_id": ["S"], "minutes": [pd.Timestamp(2020, 1, 1)]},
        {"from_id": ["A"], "to_id": ["S"], "minutes": [True]},
    ],
)
def test_parquet_columns_of_other_kinds_are_a_problem(frame, tmp_path):
    pd.DataFrame(frame).to_parquet(tmp_path / "times.parquet")
    assert problems(tmp_path / "times.parquet")


def test_a_parquet_file_that_is_cut_short_is_a_problem(tmp_path):
    path = tmp_path / "times.parquet"
    pd.DataFrame({"from_id": ["A"] * 99, "to_id": ["S"] * 99, "minutes": [1.0] * 99}).to_parquet(path)  # fmt: skip
    whole = path.read_bytes()
    for size in (4, 60, len(whole) - 9, len(whole) - 1):
        path.write_bytes(whole[:size])
        [(row, _, what)] = problems(path)
        assert row is None
        assert "cannot be read" in what
        assert str(tmp_path) not in what


def test_parquet_without_the_extra_says_what_to_install(tmp_path, monkeypatch):
    path = tmp_path / "times.parquet"
    pd.DataFrame({"from_id": ["A"], "to_id": ["S"], "minutes": [1.0]}).to_parquet(path)
    found = builtins.__import__

    def without(name, *args, **kwargs):
        if name.partition(".")[0] == "pyarrow":
            raise ImportError(name)
        return found(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(UsageError, match=r'pip install "provision-map\[parquet\]"'):
        read_travel_times(path)


# ---------------------------------------------------------------- what is wrong


@pytest.mark.parametrize("options", [{"searched_to": 0}, {"searched_to": float("nan")}, {"searched_to": float("inf")}, {"mode": " "}])  # fmt: skip
def test_arguments_that_cannot_be_are_usage_errors(options, tmp_path):
    with pytest.raises(UsageError):
        read_travel_times(write(tmp_path, "from_id,to_id,minutes\nA,S,1\n"), **options)


def test_everything_wrong_is_told_at_once_with_its_row(tmp_path):
    rows = "A,S,-3,5\n,S,tbd,x\nB,,inf,-1\nC,S,1\nD,S,1,2,3\n"
    assert problems(write(tmp_path, "from_id,to_id,minutes,metres\n" + rows)) == [
        (2, "minutes", "-3 is below 0."),
        (3, "from_id", "The cell is empty."),
        (3, "metres", "'x' is not a number."),
        (3, "minutes", "'tbd' is not a number."),
        (4, "metres", "-1 is below 0."),
        (4, "minutes", "inf is no length of time."),
        (4, "to_id", "The cell is empty."),
        (5, None, "The row has 3 cells; the headings are 4."),
        (6, None, "The row has 5 cells; the headings are 4."),
    ]


@pytest.mark.parametrize(
    ("headings", "column", "mend"),
    [
        ("fromId,to_id,minutes", "from_id", "Write the heading 'fromId' as from_id."),
        ("origin,to_id,minutes", "from_id", "Write the heading 'origin' as from_id."),
        ("from_id,to id,minutes", "to_id", "Write the heading 'to id' as to_id."),
        ("from_id,to_id,minuts", "minutes", "Write the heading 'minuts' as minutes."),
        ("from_id,to_id,travel_tme", "minutes", "Write the heading 'travel_tme' as minutes."),
        ("from_id,to_id,xyz", "minutes", "Add a heading minutes."),
    ],
)
def test_a_missing_column_is_told_with_the_heading_that_may_be_it(headings, column, mend, tmp_path):
    with pytest.raises(DataError) as caught:
        read_travel_times(write(tmp_path, f"{headings}\nA,S,1\n"))
    [problem] = caught.value.problems
    assert (problem.row, problem.column, problem.mend) == (1, column, mend)


def test_a_misspelt_optional_column_is_noted(tmp_path):
    frame, told = read(write(tmp_path, "from_id,to_id,minutes,meters\nA,S,1,80\n"), searched_to=1)
    assert np.isnan(frame["metres"][0])
    assert told == ["times.csv, column meters: This column was not read. Did you mean 'metres'?"]


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("", "The file is empty."),
        ("from_id,to_id,minutes\n", "The table is empty: it has headings only."),
        ("from_id,to_id,minutes\n\n,,\n", "The table is empty: it has headings only."),
        (",,\nA,S,1\n", "Row 1 has no headings."),
        ("from_id,to_id,minutes,minutes\nA,S,1,2\n", "The heading stands 2 times."),
        ("from_id,to_id,minutes\nA,S,\n", "Nothing says how far was searched: there is no time above 0 in it."),
        ('from_id,to_id,minutes\nA,"S,1\nB,S,2\n', "The row does not end."),
        ("from_id,to_id,minutes\nA,S,1\nB,S\x00,2\n", "The file holds NUL bytes: it is not text, or it is damaged."),
        ("from_id,to_id,minutes\nA,S,1\n".encode("utf-16"), "The file is UTF-16 text."),
        (b"from_id,to_id,minutes\n\x81\x8d,S,1\n", "The text is neither UTF-8 nor Windows-1252."),
        ("from_id,to_id,minutes,searched_to\nA,S,40,30\n", "40 minutes are beyond searched_to, 30."),
        ("from_id,to_id,minutes,searched_to\nA,S,4,0\n", "0 is not above 0."),
        ("from_id;to_id;minutes\nA;S;1,5\n", "'1,5' is not a number."),
    ],
)  # fmt: skip
def test_files_that_are_no_matrix(text, what, tmp_path):
    assert what in [said for _, _, said in problems(write(tmp_path, text))]


def test_a_file_that_is_missing_or_a_folder_is_a_problem(tmp_path):
    assert problems(tmp_path / "none.csv") == [(None, None, "The file is missing.")]
    (tmp_path / "dir.csv").mkdir()
    assert problems(tmp_path / "dir.csv") == [(None, None, "This is a folder, not a file.")]


def test_of_many_rows_with_one_fault_the_first_are_listed_and_all_are_counted(tmp_path):
    told = problems(write(tmp_path, "from_id,to_id,minutes\n" + "A,S,-1\n" * 5_000))
    assert [row for row, _, _ in told if row] == [2, 3, 4, 5]
    assert told[0][2] == "…and 4,996 more rows with a problem of this kind in the column."
    told = problems(write(tmp_path, "from_id,to_id,minutes\n" + "A,S,tbd\n" * 5_000))
    assert told[0][2] == "…and 4,996 more rows with a problem of this kind in the column."


def test_hostile_text_stays_text(tmp_path):
    ids = ["=1+1", "<script>", "{{7*7}}", "'; drop table", "_row", "nan", "NA", "x" * 1_000_000]
    rows = "".join(f'"{code}",S,{n + 1}\n' for n, code in enumerate(ids))
    frame, _ = read(write(tmp_path, "from_id,to_id,minutes\n" + rows), searched_to=9)
    assert frame["from_id"].tolist() == ids
    assert frame["minutes"].tolist() == [1, 2, 3, 4, 5, 6, 7, 8]


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])  # fmt: skip
@given(
    data=st.one_of(
        st.binary(max_size=200),
        st.text(st.sampled_from('a1,b;"\n\r\t=-.é\x00'), max_size=80).map(str.encode),
    ),
    head=st.sampled_from(
        [b"", b"from_id,to_id,minutes\n", b"sep=;\nfrom_id;to_id;travel_time\r\n"]
    ),
    name=st.sampled_from(["times.csv", "times.parquet"]),
)
def test_any_bytes_give_a_table_or_problems_never_another_exception(tmp_path, data, head, name):
    path = write(tmp_path, head + data, name)
    frame = None
    with suppress(DataError):
        frame, _ = read(path, searched_to=60)
    if frame is not None:
        assert list(frame.columns) == tables.TRAVEL_TIMES.names()
        assert (frame["minutes"].dropna() >= 0).all()


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])  # fmt: skip
@given(
    rows=st.lists(
        st.tuples(
            st.text(st.characters(codec="utf-8", exclude_characters="\x00"), min_size=1, max_size=8)
            .map(str.strip)
            .filter(bool),
            st.integers(0, 900),
        ),
        min_size=1,
        max_size=20,
        unique_by=lambda row: row[0],
    )
)
def test_whatever_a_writer_of_csv_writes_comes_back(tmp_path, rows):
    made = pd.DataFrame({"from_id": [code for code, _ in rows], "to_id": "S", "minutes": [m for _, m in rows]})  # fmt: skip
    # A writer whose lines end in both characters quotes a cell that holds either.
    made.to_csv(tmp_path / "times.csv", index=False, lineterminator="\r\n")
    frame, _ = read(tmp_path / "times.csv", searched_to=1_000)
    assert frame["from_id"].tolist() == made["from_id"].tolist()
    assert frame["minutes"].tolist() == made["minutes"].tolist()


# ---------------------------------------------------------------- in an exercise

ALL = "from_id,to_id,minutes\n" + "".join(
    f"{place},{code},{n + 5}\n" for n, place in enumerate(("T01", "T02", "T03")) for code in ("S1", "S2", "S3", "S5", "S6")
)  # fmt: skip


def use(folder: Path, text: str, **values: object) -> None:
    add_file(folder, TIMES, text)
    add_settings(folder, "reach", travel_times="file", file=TIMES, **values)


def inputs_of(folder: Path):
    return read_inputs(read_settings(folder))


def test_an_exercise_reads_its_matrix_and_records_its_hash(tiny):
    use(tiny, ALL, searched_to=7)
    inputs = inputs_of(tiny)
    assert inputs.problems == ()
    assert inputs.notes == ()
    assert len(inputs.times) == 15
    assert set(inputs.times["searched_to"]) == {7.0}
    assert [f.source for f in inputs.files if f.file == TIMES] == ["made up"]


def test_without_a_matrix_there_are_no_times(tiny):
    assert inputs_of(tiny).times is None


def test_the_bound_of_the_settings_counts_only_where_they_say_it(tiny):
    use(tiny, ALL)
    inputs = inputs_of(tiny)
    assert set(inputs.times["searched_to"]) == {7.0}
    assert [note.what for note in inputs.notes] == [
        "Nothing says how far was searched: the longest time, 7 minutes, was taken."
    ]


def test_the_position_of_a_service_that_is_not_exact_leaves_metres_open(tiny):
    set_cell(tiny / "data/services/services.csv", 2, "location_accuracy", "100")
    use(tiny, ALL, searched_to=7)
    times = inputs_of(tiny).times
    # 100 m × the detour factor of 1.3.
    assert times.groupby("to_id")["accuracy"].first().to_dict()["S1"] == pytest.approx(130.0)
    assert times.groupby("to_id")["accuracy"].first().to_dict()["S2"] == 0.0


def test_rows_of_others_are_passed_over_and_counted(tiny):
    use(tiny, ALL + "X1,S1,3\nX2,S1,3\nT01,Z9,2\n", searched_to=7)
    inputs = inputs_of(tiny)
    assert inputs.problems == ()
    assert len(inputs.times) == 15
    assert sorted(note.what for note in inputs.notes) == [
        "1 row was passed over: 1 of 6 different codes is no service of this exercise ('Z9').",
        "2 rows were passed over: 2 of 5 different codes are no place or home of this exercise ('X1', 'X2').",
    ]


@pytest.mark.parametrize(("old", "new", "side", "ask"), [("T0", "t-0", "from_id", "Did you mean 'T01'?"), (",S", ",s-", "to_id", "Did you mean 'S1'?")])  # fmt: skip
def test_codes_of_which_none_is_ours_are_a_problem(old, new, side, ask, tiny):
    use(tiny, ALL.replace(old, new), searched_to=7)
    [problem] = inputs_of(tiny).problems
    assert (problem.file, problem.column) == (TIMES, side)
    assert problem.what.startswith(f"None of its {side} is a ")
    assert problem.mend.startswith(ask)


def test_what_the_matrix_does_not_speak_of_is_named_as_not_searched(tiny):
    rows = [line for line in ALL.splitlines() if "T03" not in line and "S6" not in line]
    use(tiny, "\n".join(rows) + "\n", searched_to=7)
    inputs = inputs_of(tiny)
    assert inputs.problems == ()
    # S4 comes to the places: nobody needs a way to it.
    assert [note.what for note in inputs.notes] == [
        "Places that were not searched from (1): T03. What they reach is unknown.",
        "Services that were not searched for (1): S6. Who reaches them is unknown.",
    ]


def test_blank_minutes_count_as_searched(tiny):
    use(tiny, ALL.replace("T03,S6,7", "T03,S6,").replace("T02,S6,6", "T02,S6,"), searched_to=7)
    inputs = inputs_of(tiny)
    assert inputs.notes == ()
    assert int(inputs.times["minutes"].isna().sum()) == 2


def test_a_home_is_where_a_way_may_begin(tiny):
    add_file(tiny, "data/people/homes.csv", "code,place,e,n\nh1,T01,383200,217200\nh2,T01,383800,217800\nh3,T03,385200,217500\n")  # fmt: skip
    add_settings(tiny, "places.homes", file="data/people/homes.csv", id="code", place="place", easting="e", northing="n")  # fmt: skip
    use(tiny, ALL.replace("T01", "h1").replace("T03", "h3"), searched_to=7)
    inputs = inputs_of(tiny)
    assert inputs.problems == ()
    assert set(inputs.times["from_id"]) == {"h1", "T02", "h3"}
    assert [n.what for n in inputs.notes if "searched" in n.what] == [
        "Homes that were not searched from (1): h2. What they reach is unknown."
    ]


def homes_in(tiny: Path, *rows: str) -> None:
    add_file(tiny, "homes.csv", "\n".join(["code,place,e,n", *rows]) + "\n")
    add_settings(tiny, "places.homes", file="homes.csv", id="code", place="place", easting="e", northing="n")  # fmt: skip


def test_of_a_place_whose_code_stands_there_too_the_homes_that_do_not_are_named(tiny):
    homes_in(tiny, "h1,T01,383200,217200", "h2,T01,383800,217800", "h3,T03,385200,217500")
    # T01 and one of its homes; of T03 only the code, so that its people live there.
    use(tiny, ALL + "h1,S1,3\n", searched_to=7)
    inputs = inputs_of(tiny)
    assert inputs.problems == ()
    assert [n.what for n in inputs.notes if "searched" in n.what] == [
        "Homes that were not searched from (1): h2. What they reach is unknown."
    ]


def test_what_stands_in_rows_with_others_only_was_searched_and_stays_in_the_table(tiny):
    rows = [r for r in ALL.splitlines() if "T03" not in r and "S6" not in r]
    use(tiny, "\n".join([*rows, "T03,Z8,1", "T03,Z9,2", "X1,S6,3", "X2,S6,4"]) + "\n", searched_to=7)  # fmt: skip
    inputs = inputs_of(tiny)
    assert inputs.problems == ()
    assert not any("searched" in note.what for note in inputs.notes)
    # One row each says it: the first.
    last = inputs.times.iloc[-2:]
    assert last[["from_id", "to_id"]].values.tolist() == [["T03", "Z8"], ["X1", "S6"]]
    assert len(inputs.times) == 10


def test_modes_are_compared_in_one_spelling_and_outreach_is_none(tmp_path):
    path = write(
        tmp_path, "from_id,to_id,minutes,mode\na,S,3,Public  Transport\na,S,4,WALK\na,S,2,\n"
    )
    frame, _ = read(path, searched_to=4, mode=" Public Transport")
    assert dict(zip(frame["mode"], frame["minutes"], strict=True)) == {"walk": 4, "public_transport": 2}  # fmt: skip
    wrong = write(tmp_path, "from_id,to_id,minutes,mode\na,S,3,walk\na,S,0,Outreach\n", "wrong.csv")
    assert problems(wrong, searched_to=4) == [(3, "mode", "outreach is no way to travel.")]
    with pytest.raises(UsageError, match="Outreach: so is called"):
        read_travel_times(path, mode="Outreach")


def test_modes_without_minutes_and_minutes_without_a_mode_are_noted(tiny):
    text = ALL.replace("minutes\n", "minutes,mode\n").replace("T02,S1,6", "T02,S1,6,Bus")
    text = "\n".join(r if r.count(",") == 3 else f"{r},walk" for r in text.splitlines()) + "\n"
    use(tiny, text, searched_to=7)
    add_settings(tiny, "standards.Y02", minutes={}, reason="Agreed for the test.")
    replace_text(tiny / "provision.toml", "minutes = {}", "minutes = { buss = 30 }")
    found = {(n.file, n.column): (n.what, n.mend) for n in inputs_of(tiny).notes}
    assert found[TIMES, "mode"][0] == (
        "Ways by bus are held against the minutes of the walk: no standard has minutes by it."
    )
    assert found["provision.toml", "standards.Y02.minutes"] == (
        "Minutes by buss are never used: ways are by bus, walk.", "Did you mean 'bus'?"
    )  # fmt: skip
    replace_text(tiny / "provision.toml", "{ buss = 30 }", "{ bus = 30 }")
    assert inputs_of(tiny).notes == ()


def test_a_fault_in_the_services_does_not_blame_the_matrix(tiny):
    use(tiny, ALL, searched_to=7)
    replace_text(tiny / "data/services/services.csv", "service_id,name", "code,name")
    told = [(p.file, p.column) for p in inputs_of(tiny).problems]
    assert (TIMES, "to_id") not in told
    assert told


def test_problems_of_the_matrix_stand_beside_those_of_other_files(tiny):
    use(tiny, ALL.replace("T02,S5,6", "T02,S5,-6"), searched_to=7)
    append_row(tiny / "data/services/sessions.csv", service_id="S9", weekday="Monday", period="term")  # fmt: skip
    told = {(p.file, p.row, p.column) for p in inputs_of(tiny).problems}
    assert told == {(TIMES, 10, "minutes"), ("data/services/sessions.csv", 9, "service_id")}


def test_no_row_from_a_home_to_a_service_is_a_problem(tiny):
    use(tiny, "from_id,to_id,minutes\nT01,Z,3\nX,S1,3\n", searched_to=7)
    [problem] = inputs_of(tiny).problems
    assert problem.what == "No row goes from a home of this exercise to one of its services."

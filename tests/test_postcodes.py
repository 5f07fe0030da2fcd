"""Postcodes: the forms people write, the published lists, and what a service gets from one."""

from __future__ import annotations

import io
import resource
import zipfile
from pathlib import Path

import numpy as np
import pandas as pd
import pyproj
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from provision_map.read import read_inputs, read_settings
from provision_map.read.files.text import InputFolder
from provision_map.read.findings import Findings
from provision_map.read.postcodes.file import Wanted, open_lists
from provision_map.read.postcodes.text import list_slips, read_postcode
from tiny_exercise import add_settings, append_row, replace_text

SERVICES = "data/services/services.csv"

#: Codes of places are those of the tiny exercise; positions lie in it, but for ZZ9 9ZZ.
ONSPD = """\
pcd,pcd2,pcds,dointr,doterm,usertype,oseast1m,osnrth1m,osgrdind,oa11,lat,long
GL1 1AA,GL1  1AA,GL1 1AA,198001,,0,0383210,0217310,1,T01,51.85,-2.24
GL1 1AB,GL1  1AB,GL1 1AB,198001,199512,0,0384720,0217320,8,T02,51.85,-2.24
GL1 1AD,GL1  1AD,GL1 1AD,198001,,1,,,9,,99.999999,0.000000
GL1 1AE,GL1  1AE,GL1 1AE,198001,,0,0385230,0217330,5,T03,51.85,-2.22
GL101AF,GL10 1AF,GL10 1AF,198001,,0,0383240,0217340,3,T01,51.85,-2.24
ZZ9 9ZZ,ZZ9  9ZZ,ZZ9 9ZZ,198001,,0,0600000,0600000,1,E00000001,55,1
"""
CODE_POINT = '"GL1 1AA",10,383210,217310,"E92000001","","E18","","E07000081","T02"\n'


def listed(tiny: Path, text: str = ONSPD, name: str = "onspd.csv", **columns: str) -> Path:
    (tiny / name).write_text(text)
    add_settings(tiny, "postcodes", file=name)
    if columns:
        add_settings(tiny, "postcodes.columns", **columns)
    return tiny


def ask(tiny: Path, **cells: str):
    """Add a service with these cells, and read."""
    path = tiny / SERVICES
    text = path.read_text().splitlines()
    if "postcode" not in text[0]:
        path.write_text("\n".join([f"{text[0]},postcode", *(f"{t}," for t in text[1:])]) + "\n")
    given_cells = {"service_id": "N", "name": "New", "organisation_id": "O1", "elements": "Y02"}
    append_row(path, **given_cells | cells)
    inputs = read_inputs(read_settings(tiny))
    return inputs, inputs.services.set_index("service_id").loc["N"]


def say(inputs, *, problems: bool = False) -> str:
    found = inputs.problems if problems else inputs.notes
    return "\n".join(str(p) for p in found if p.column == "postcode")


# ---------------------------------------------------------------- how people write them


@pytest.mark.parametrize(
    "text", ["GL1 1AA", "gl11aa", " Gl1  1aA ", "GL1-1AA", "GL1.1AA.", "GL1\t1AA"]
)
def test_blanks_and_case_are_no_part_of_a_postcode(text):
    assert (read_postcode(text).key, read_postcode(text).part) == ("GL11AA", "unit")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "GL",
        "GL1 1A",
        "GL1 1AAA",
        "1GL 1AA",
        "GLI 1AA",
        "GL1 IAA",
        "GL1 1A4",
        "ＧＬ1 1AA",
        "x" * 500,
    ],
)
def test_what_is_no_postcode_is_never_made_one(text):
    assert read_postcode(text).part == "none"


@given(st.text(max_size=60))
@example("GL1 1")
@example("٣")
def test_a_postcode_that_is_printed_reads_as_itself(text):
    code = read_postcode(text)
    if code.part != "none":
        assert read_postcode(code.shown) == code


@given(st.from_regex(r"[A-Z]{1,2}[0-9]{1,2}[0-9][A-Z]{2}", fullmatch=True), st.data())
def test_one_look_alike_is_among_the_first_slips(key, data):
    pairs = {"0": "O", "1": "I", "O": "0", "I": "1", "S": "5", "5": "S"}
    places = [n for n, ch in enumerate(key) if ch in pairs]
    if not places:
        return
    n = data.draw(st.sampled_from(places))
    slip = key[:n] + pairs[key[n]] + key[n + 1 :]
    assert key in list_slips(slip)[0]


# ---------------------------------------------------------------- what a service gets


def test_a_postcode_fills_position_accuracy_and_place(tiny):
    inputs, new = ask(listed(tiny), postcode="gl11aa")
    assert inputs.problems == ()
    assert (new["easting"], new["northing"], new["location_accuracy"]) == (383_210, 217_310, 100)
    assert (new["place_id"], new["position_from"]) == ("T01", "postcode")
    assert "1 service stands at the position of its postcode: 1 within 100 m" in say(inputs)
    kept = inputs.services.set_index("service_id")["position_from"]
    assert (kept["S1"], kept["S4"]) == ("given", "")


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        ({"easting": "384500", "northing": "217500"}, (384_500, 217_500, np.nan, "", "given")),
        ({"place_id": "T02"}, (383_210, 217_310, 100, "T02", "postcode")),
        ({"location_accuracy": "20"}, (383_210, 217_310, 20, "T01", "postcode")),
    ],
)
def test_what_is_given_wins_over_the_postcode(cells, expected, tiny):
    inputs, new = ask(listed(tiny), postcode="GL1 1AA", **cells)
    assert inputs.problems == ()
    columns = ["easting", "northing", "location_accuracy", "place_id", "position_from"]
    pd.testing.assert_series_equal(
        new[columns], pd.Series(expected, index=columns, dtype=object), check_names=False, check_dtype=False
    )  # fmt: skip


@pytest.mark.parametrize(
    ("postcode", "metres"),
    [("GL1 1AA", 100), ("GL10 1AF", 150), ("GL1 1AE", 500), ("GL1 1AB", 250)],
)
def test_the_quality_of_the_list_is_the_accuracy(postcode, metres, tiny):
    assert ask(listed(tiny), postcode=postcode)[1]["location_accuracy"] == metres


def test_an_ended_postcode_is_used_and_named_with_its_month(tiny):
    inputs, new = ask(listed(tiny), postcode="GL1 1AB")
    assert inputs.problems == ()
    assert new["easting"] == 384_720
    assert "GL1 1AB ended in December 1995" in say(inputs)


@pytest.mark.parametrize("order", [1, -1])
def test_a_postcode_that_was_given_out_again_is_the_live_one(order, tiny):
    head, *rows = ONSPD.splitlines()
    rows.append(rows[0].replace("198001,,", "198001,199512,").replace("0383210", "0385500"))
    inputs, new = ask(listed(tiny, "\n".join([head, *rows[::order]])), postcode="GL1 1AA")
    assert new["easting"] == 383_210
    assert "ended" not in say(inputs)


def test_a_postcode_of_a_po_box_gives_nothing_and_is_named(tiny):
    inputs, new = ask(listed(tiny), postcode="GL1 1AD")
    assert np.isnan(new["easting"])
    assert "PO box" in say(inputs, problems=True)
    assert "in no place" in say(inputs, problems=True)


def test_where_the_place_is_known_a_po_box_is_only_a_note(tiny):
    inputs, _ = ask(listed(tiny), postcode="GL1 1AD", place_id="T01")
    assert inputs.problems == ()
    assert "PO box" in say(inputs)


@pytest.mark.parametrize(
    ("postcode", "words"),
    [
        ("GLI 1AA", "Did you mean GL1 1AA?"),
        ("GL1O 1AF", "Did you mean GL10 1AF?"),
        ("LG1 1AE", "Did you mean GL1 1AE?"),
        ("GL1 1QQ", "not in the list"),
        ("the hall", "none as people write them"),
        ("GL7", "No postcode of the list begins with GL7"),
        ("ZZ9 9ZZ", "outside the area"),
    ],
)
def test_a_postcode_that_gives_nothing_is_told_and_never_changed(postcode, words, tiny):
    inputs, new = ask(listed(tiny), postcode=postcode)
    assert words in say(inputs, problems=True)
    assert [p.row for p in inputs.problems] == [8]
    assert new["postcode"] == postcode
    assert np.isnan(new["easting"])


def test_part_of_a_postcode_is_the_middle_of_its_live_ones(tiny):
    inputs, new = ask(listed(tiny), postcode="GL1")
    # GL1 1AA and GL1 1AE; GL1 1AB has ended, GL1 1AD is nowhere, GL10 is another district.
    assert (new["easting"], new["northing"]) == ((383_210 + 385_230) / 2, (217_310 + 217_330) / 2)
    assert new["location_accuracy"] == 1_100
    assert (new["place_id"], new["position_from"]) == ("", "part of a postcode")
    assert "only part of a postcode" in say(inputs)


def test_a_sector_is_not_the_district_that_is_written_alike(tiny):
    assert ask(listed(tiny), postcode="GL1 0")[0].problems != ()
    (tiny / SERVICES).write_text((tiny / SERVICES).read_text().replace("GL1 0", "GL10 1"))
    inputs = read_inputs(read_settings(tiny))
    assert inputs.services["easting"].iloc[-1] == 383_240


@pytest.mark.parametrize(
    ("cells", "far"),
    [
        # 2 km, and the 500 m that the list leaves open, and what the service says of itself.
        ({"easting": "382760", "northing": "217330"}, False),
        ({"easting": "382700", "northing": "217330"}, True),
        ({"easting": "382700", "northing": "217330", "location_accuracy": "100"}, False),
        ({"longitude": "-2.30", "latitude": "51.85"}, True),
    ],
)
def test_a_position_far_from_its_own_postcode_is_noted(cells, far, tiny):
    inputs, new = ask(listed(tiny), postcode="GL1 1AE", **cells)
    assert inputs.problems == ()
    assert ("km from its postcode GL1 1AE; the position was used" in say(inputs)) == far
    assert new["position_from"] == "given"


def test_without_a_list_the_problem_says_to_name_one(tiny):
    inputs, _ = ask(tiny, postcode="GL1 1AA")
    [problem] = inputs.problems
    assert problem.column == "postcode"
    assert "[postcodes]" in problem.mend
    assert "GL1 1AA" in problem.what


def test_a_missing_list_is_one_problem(tiny):
    listed(tiny)
    (tiny / "onspd.csv").unlink()
    [problem] = ask(tiny, postcode="GL1 1AA")[0].problems
    assert (problem.file, problem.what) == ("onspd.csv", "The file is missing.")


# ---------------------------------------------------------------- the forms of lists


def as_zip(path: Path, members: dict[str, str]) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in members.items():
            archive.writestr(name, text)


def test_code_point_open_without_headings_in_a_folder_an_area_a_file(tiny):
    folder = tiny / "codepo/Data/CSV"
    folder.mkdir(parents=True)
    (folder / "gl.csv").write_text(CODE_POINT)
    (folder / "sw.csv").write_text("not even a table")
    (tiny / "codepo/Doc").mkdir()
    (tiny / "codepo/Doc/Code-Point_Open_Column_Headers.csv").write_text("PC,PQ,EA,NO\n")
    add_settings(tiny, "postcodes", file="codepo")
    inputs, new = ask(tiny, postcode="GL1 1AA")
    assert inputs.problems == ()
    assert (new["easting"], new["place_id"], new["location_accuracy"]) == (383_210, "T02", 100)
    [file] = [f for f in inputs.files if f.file.startswith("codepo")]
    assert (file.file, file.bytes) == ("codepo", len(CODE_POINT))


@pytest.mark.parametrize(
    "inner", ["Data/ONSPD_MAY_2025_UK.csv", "Data/multi_csv/ONSPD_MAY_2025_UK_GL.csv"]
)
def test_a_list_inside_a_zip_is_read_in_place(inner, tiny):
    members = {inner: ONSPD, "Documents/LA codes.csv": "code,name\nE07,x\n"}
    as_zip(tiny / "list.zip", members)
    add_settings(tiny, "postcodes", file="list.zip")
    inputs, new = ask(tiny, postcode="GL1 1AA")
    assert inputs.problems == ()
    assert new["easting"] == 383_210


def test_only_the_file_of_the_area_is_opened(tiny):
    torn = "pcds,oseast1m,osnrth1m\n" + "GL1 1AA\n"
    members = {"d/L_UK.csv": torn, "d/L_UK_GL.csv": ONSPD, "d/L_UK_B.csv": torn}
    as_zip(tiny / "list.zip", members)
    add_settings(tiny, "postcodes", file="list.zip")
    assert ask(tiny, postcode="GL1 1AA")[0].problems == ()
    # B has a file of its own, in which the line is short: that is told, so it was opened.
    as_zip(tiny / "list.zip", {**members, "d/L_UK_B.csv": torn.replace("GL1 1AA", "B1 1AA")})
    replace_text(tiny / SERVICES, "GL1 1AA", "B1 1AA")
    problems = read_inputs(read_settings(tiny)).problems
    assert any(p.file.endswith("L_UK_B.csv") and "cells" in p.what for p in problems)


def test_what_one_list_leaves_open_another_fills(tiny):
    (tiny / "codes.csv").write_text("postcode,doterm,lsoa11cd\nGL1 1AA,202201,T03\nGL1 1AD,,T03\n")
    (tiny / "where.csv").write_text("postcode,lat,lon\nGL1 1AA,51.85,-2.23\nGL1 1AD,,0.0\n")
    add_settings(tiny, "postcodes", file=["where.csv", "codes.csv"])
    inputs, new = ask(tiny, postcode="GL1 1AA")
    mover = pyproj.Transformer.from_crs(4326, 27700, always_xy=True)
    assert (new["easting"], new["northing"]) == pytest.approx(
        mover.transform(-2.23, 51.85), abs=0.01
    )
    assert new["place_id"] == "T03"
    assert "January 2022" in say(inputs)
    replace_text(tiny / SERVICES, "GL1 1AA", "GL1 1AD")
    assert "PO box" in say(read_inputs(read_settings(tiny)), problems=True)


def test_headings_of_ones_own_are_named_in_the_settings(tiny):
    listed(
        tiny,
        "Code Postal;X;Y\nGL1 1AA;383210;217310\n",
        postcode="Code Postal",
        easting="X",
        northing="Y",
    )
    assert ask(tiny, postcode="GL1 1AA")[1]["easting"] == 383_210


@pytest.mark.parametrize(
    ("settings", "where", "words"),
    [
        ({"file": []}, "postcodes.file", "No list"),
        ({"file": "onspd.csv", "colums": "x"}, "postcodes.colums", "no setting"),
    ],
)
def test_faults_in_the_settings_are_told(settings, where, words, tiny):
    add_settings(tiny, "postcodes", **settings)
    with pytest.raises(Exception, match=words) as caught:
        read_settings(tiny)
    assert caught.value.problems[0].column == where


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "no list of postcodes"),
        ("a,b\n1,2\n", "no list of postcodes"),
        ("\x00\x00", "no list of postcodes"),
        ("pcds,lat,long\n" + '"GL1 1AA,1,2\n', "cells"),
        ("pcds,lat,long\nGL1 1AA,51.85\n", "2 cells"),
        ("pcds,lat,long\n" + "x" * 100_000, "longer than"),
        ("pcds\n" + "y" * 70_000 + "\nGL1 1AA\n", "longer than"),
    ],
)
def test_a_damaged_list_is_a_problem_of_its_file(text, words, tiny):
    problems = ask(listed(tiny, text), postcode="GL1 1AA")[0].problems
    assert any(p.file == "onspd.csv" and words in p.what for p in problems), problems


def test_hostile_zips_end_as_problems(tiny):
    good = io.BytesIO()
    with zipfile.ZipFile(good, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a/x_gl.csv", ONSPD * 50)
    data = bytearray(good.getvalue())
    bad = {}
    torn = bytearray(data)
    torn[60:90] = b"\xff" * 30
    bad["torn"] = torn
    big = bytearray(data)
    at = big.rindex(b"PK\x01\x02")
    big[at + 24 : at + 28] = (0xFFFFFFF0).to_bytes(4, "little")
    bad["huge"] = big
    locked = bytearray(data)
    locked[locked.rindex(b"PK\x01\x02") + 8] |= 1
    bad["locked"] = locked
    add_settings(tiny, "postcodes", file="list.zip")
    (tiny / "list.zip").write_bytes(bytes(data))
    assert ask(tiny, postcode="GL1 1AA")[0].problems == ()
    for name, content in bad.items():
        (tiny / "list.zip").write_bytes(bytes(content))
        problems = read_inputs(read_settings(tiny)).problems
        assert any(p.file.startswith("list.zip") for p in problems), name
        if name == "locked":
            assert "password" in problems[0].what


@given(st.binary(max_size=400))
@example(b"pcds,lat,long\nGL1 1AA,nan,inf\n")
@example(b'pcds\n"GL1 1AA"x\n')
@example(b"GL1 1AA,10,1e400,5\n")
def test_any_bytes_are_read_or_told(tmp_path_factory, data):
    folder = tmp_path_factory.mktemp("any")
    (folder / "l.csv").write_bytes(data)
    inside = InputFolder(folder, Findings())
    found = open_lists(inside, "l.csv", {})
    assert found is not None or inside.findings.problems
    if found is not None:
        for record in found.find(Wanted(frozenset(["GL11AA"]), frozenset(["GL1"]))):
            assert record.key.startswith("GL1")


def test_a_large_list_is_read_in_little_memory(tmp_path):
    rows = 300_000
    with (tmp_path / "big.csv").open("w") as out:
        out.write("pcds,pad,oseast1m,osnrth1m\n")
        for n in range(rows):
            out.write(f"B{n % 90 + 1} {n % 10}AA,{'x' * 80},1,2\n")
        out.write("GL1 1AA,x,383210,217310\n")
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    found = open_lists(InputFolder(tmp_path, Findings()), "big.csv", {})
    [record] = found.find(Wanted(frozenset(["GL11AA"])))
    assert record.cells["easting"] == "383210"
    # KiB on Linux: the file is 30 MB, and is never held.
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 20_000


# ---------------------------------------------------------------- real lists


def test_real_lists_agree_with_each_other(shared_data):
    """Code-Point Open and the NSPL: metres from the one, degrees from the other, moved by PROJ."""
    points = pd.read_csv(shared_data / "postcodes/gl_codepoint_open.csv").head(2_000)
    folder = InputFolder(shared_data / "postcodes", Findings())
    keys = frozenset(points["postcode"].str.replace(" ", ""))
    first = {r.key: r for r in open_lists(folder, "gl_codepoint_open.csv", {}).find(Wanted(keys))}
    second = {
        r.key: r for r in open_lists(folder, "gl_postcodes_nspl_2025-05.csv", {}).find(Wanted(keys))
    }
    assert first.keys() == keys
    both = sorted(first.keys() & second.keys())
    assert len(both) > 1_900
    mover = pyproj.Transformer.from_crs(4326, 27700, always_xy=True)
    x, y = mover.transform(
        [float(second[k].cells["longitude"]) for k in both],
        [float(second[k].cells["latitude"]) for k in both],
    )
    dx = np.array(x) - [float(first[k].cells["easting"]) for k in both]
    dy = np.array(y) - [float(first[k].cells["northing"]) for k in both]
    assert np.median(np.hypot(dx, dy)) < 2


def test_the_libraries_of_gloucester_stand_at_their_postcodes(real_gloucester, shared_data):
    """Their positions were added from the NSPL: the postcode alone must give the same ones."""
    mapping = real_gloucester / "libraries.toml"
    before = read_inputs(read_settings(real_gloucester)).services.set_index("service_id")
    replace_text(mapping, 'longitude = "lon"\nlatitude = "lat"\n', 'postcode = "postcode"\n')
    replace_text(mapping, 'place_id = "lsoa11_code"\n', "")
    replace_text(
        mapping, 'location_accuracy = "100"      # the position is that of the postcode\n', ""
    )
    lists = [
        (shared_data / f"postcodes/{name}.csv").as_posix()
        for name in (
            "gl_postcodes_nspl_2025-05",
            "gloucestershire_postcode_oa11_lsoa11_lad_2022-05",
        )
    ]
    add_settings(real_gloucester, "postcodes", file=lists)
    inputs = read_inputs(read_settings(real_gloucester))
    assert inputs.problems == ()
    after = inputs.services.set_index("service_id")
    ids = [code for code in before.index if code.startswith("library-")]
    assert len(ids) == 7
    for column in ("easting", "northing"):
        assert np.abs(before.loc[ids, column] - after.loc[ids, column]).max() < 0.5
    assert before.loc[ids, "place_id"].tolist() == after.loc[ids, "place_id"].tolist()
    assert (after.loc[ids, "position_from"] == "postcode").all()

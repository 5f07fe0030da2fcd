"""The main job as a person runs it: the command, from files to files."""

from __future__ import annotations

import csv
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pandas as pd
import pyogrio
import pytest

from browser import open_file, start_browser
from provision_map import run_exercise
from provision_map.new_exercise import copy_example
from provision_map.reports import explain_gap
from provision_map.tables import CAUSES
from test_map_page import HOSTILE
from tiny_exercise import append_row, replace_text, set_cell

ROOT = Path(__file__).resolve().parent.parent
FILES = {
    "index.html",
    "gap-register.html",
    "gap-register.xlsx",
    "gap-register.csv",
    "week.csv",
    "parts.csv",
    "accessibility.csv",
    "gaps.gpkg",
    "run.json",
}


def command(*words: str | Path, cwd: Path, **env: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "provision_map", *map(str, words)],
        cwd=cwd, capture_output=True, text=True, check=False, env={**os.environ, **env},
    )  # fmt: skip


def fingerprints(folder: Path) -> dict[str, str]:
    files = [p for p in folder.rglob("*") if p.is_file()]
    return {str(p.relative_to(folder)): hashlib.sha256(p.read_bytes()).hexdigest() for p in files}


@pytest.fixture(scope="module")
def gloucester(tmp_path_factory):
    """The embedded exercise after one run, and what the run printed."""
    folder = tmp_path_factory.mktemp("main") / "gloucester"
    copy_example("gloucester", folder)
    done = command("run", cwd=folder)
    assert done.returncode == 0, done.stderr
    return folder, done


@pytest.fixture(scope="module")
def edition(gloucester):
    """All that the run showed, from running it once more in this process."""
    return run_exercise(gloucester[0]).edition


def test_the_command_writes_every_file_and_prints_at_most_twenty_lines(gloucester):
    folder, done = gloucester
    assert {p.name for p in (folder / "maps").iterdir()} == FILES
    lines = done.stdout.splitlines()
    assert 10 <= len(lines) <= 20
    assert max(map(len, lines)) <= 120
    text = done.stdout
    for said in ("78 in 15 neighbourhoods", "15,091 aged 5-13", "10,384 aged 13-19", "128 used", "illustrative services", "index.html"):  # fmt: skip
        assert said in text
    for offer in ("Youth Offer (13-19)", "5-13s Offer"):
        after = text[text.index(f"{offer}:") :].split(":", 1)[1]
        block = re.match(r"[^\n]*\n((?:  [^\n]*\n)+)", after)[1]
        assert sum(map(int, re.findall(r"(\d+)(?= ·|\n)", block))) == 100, block
    assert "Traceback" not in done.stderr


def test_running_again_changes_nothing(gloucester):
    folder, first = gloucester
    before = fingerprints(folder)
    again = command("run", cwd=folder)
    assert again.returncode == 0
    assert again.stdout == first.stdout
    assert fingerprints(folder) == before


def test_run_json_names_every_input_with_checksum_source_and_licence(gloucester):
    folder, _ = gloucester
    run = json.loads((folder / "maps/run.json").read_text("utf-8"))
    inputs = {row["file"]: row for row in run["inputs"]}
    data = {str(p.relative_to(folder)) for p in (folder / "data").rglob("*") if p.suffix in (".csv", ".geojson")}  # fmt: skip
    assert data <= set(inputs)
    for name in data:
        row = inputs[name]
        assert row["sha256"] == hashlib.sha256((folder / name).read_bytes()).hexdigest()
        assert row["source"], name
        assert row["licence"], name
        assert row["date"], name
    assert run["settings"]["reach"]["detour"] == 1.3
    assert run["versions"]["geopandas"]
    for shares in run["counts"]["shares"].values():
        assert sum(shares.values()) == pytest.approx(1, abs=1e-5)


def test_the_sums_hold_every_uncovered_child_is_in_an_entry_or_in_the_residual(edition):
    entries, residual = edition.entries, edition.residual
    everyone = edition.coverage[edition.coverage["community_id"] == "everyone"]
    kinds = {"provision": [c for c in CAUSES if c != "quality"], "quality": ["quality"]}
    shown = 0.0
    for kind, causes in kinds.items():
        children = everyone[[f"cause_{c}" for c in causes]].sum(axis=1) * everyone["children"]
        own = entries[entries["kind"] == kind]
        cells = [(e, *c) for e, own_cells in zip(own["element_id"], own["cells"], strict=True) for c in own_cells]  # fmt: skip
        assert len(cells) == len(set(cells)), "a cell is in one gap only"
        left = residual.loc[residual["kind"] == kind, "children"].sum()
        # Less than a child an element is not listed.
        assert own["children"].sum() + left == pytest.approx(children.sum(), abs=25)
        shown += own["children"].sum()
    causes = everyone[[f"cause_{c}" for c in CAUSES]].sum(axis=1) * everyone["children"]
    assert shown / causes.sum() > 0.95


def test_the_map_opens_from_the_disk_with_no_request_and_no_message(gloucester):
    folder, _ = gloucester
    gap = pd.read_csv(folder / "maps/gap-register.csv")["gap_id"].iloc[0]
    with start_browser() as browser:
        with open_file(browser, folder / "maps/index.html") as opened:
            opened.page.get_by_text("illustrative services").first.wait_for()
            opened.page.get_by_text("Podsmead").first.wait_for()
            opened.assert_quiet()
        with open_file(browser, folder / "maps/gap-register.html", fragment=gap) as opened:
            opened.page.get_by_text("illustrative services").first.wait_for()
            opened.page.get_by_text(gap).first.wait_for()
            opened.assert_quiet()


def test_the_geopackage_has_its_six_layers_and_says_what_is_illustrative(gloucester):
    folder, _ = gloucester
    path = folder / "maps/gaps.gpkg"
    assert {name for name, _ in pyogrio.list_layers(path)} == {
        "places",
        "services",
        "coverage",
        "gaps",
        "week",
        "accessibility",
    }
    for layer in ("places", "services", "coverage", "gaps", "week", "accessibility"):
        frame = pyogrio.read_dataframe(path, layer=layer)
        assert set(frame["data_status"]) == {"illustrative services"}
        assert frame.crs.to_epsg() == 27700
    assert len(pyogrio.read_dataframe(path, layer="coverage")) <= 78 * 25


def test_decisions_outlive_a_run_on_changed_data(gloucester, edition, tmp_path):
    folder = Path(shutil.copytree(gloucester[0], tmp_path / "gloucester"))
    first = edition.entries
    none = first[(first["element_id"] == "C06") & (first["kind"] == "provision")].iloc[0]
    from provision_map import Register

    register = Register(folder / "register.sqlite")
    register.decide(none["gap_id"], status="in progress", role="CYPAG", why="agreed", date=none["first_reported"])  # fmt: skip
    register.close()
    # A camp opens at Christmas: the one holiday that nobody had.
    path = folder / "data/services/sessions.csv"
    replace_text(
        path,
        "s078,,08:30,17:30,holidays,October half term;February half term;",
        "s078,,08:30,17:30,holidays,October half term;Christmas;February half term;",
    )
    # And the help that only looked-after children had is opened to all.
    set_cell(folder / "data/services/services.csv", row_of(folder, "s092"), "open_to", "everyone")
    after = run_exercise(folder).edition.entries.set_index("gap_id")
    assert set(first["gap_id"]) <= set(after.index)
    kept = after.loc[none["gap_id"]]
    # Now it is there, but too far for most: the cause moves, the share hardly.
    assert (kept["status"], kept["state"]) == ("in progress", "persisting")
    assert (none["main_cause"], kept["main_cause"]) == ("none", "far")
    helped = after[(after["element_id"] == "C08") & (after["kind"] == "provision")]
    assert "improved" in set(helped["state"])
    others = after[~after["element_id"].isin(("C06", "C08", "Y08")) & (after["kind"] != "practice")]
    assert set(others["state"]) == {"persisting"}


def row_of(folder: Path, service_id: str) -> int:
    """Row of a service in its file, the heading being row 1."""
    with (folder / "data/services/services.csv").open(encoding="utf-8", newline="") as file:
        return [row[0] for row in csv.reader(file)].index(service_id) + 1


# ---------------------------------------------------------------- what goes wrong


def test_bad_data_ends_with_3_lists_everything_and_leaves_the_earlier_run_alone(tiny):
    assert command("run", tiny, cwd=tiny).returncode == 0
    before = fingerprints(tiny)
    services = tiny / "data/services/services.csv"
    good = services.read_bytes()
    set_cell(services, 2, "minimum_age", "19")
    set_cell(services, 2, "maximum_age", "13")
    set_cell(services, 3, "elements", "Y99")
    returns = tiny / "data/services/returns.csv"
    set_cell(returns, 2, "received", "perhaps")
    for verb in ("run", "check"):
        done = command(verb, tiny, cwd=tiny)
        assert done.returncode == 3
        assert "services.csv, row 2" in done.stderr
        assert "Y99" in done.stderr
        assert "returns.csv, row 2, column received" in done.stderr
        assert "Traceback" not in done.stderr
    # check has written what is to be mended into a folder of its own.
    after = {k: v for k, v in fingerprints(tiny).items() if not k.startswith("check")}
    assert {k: v for k, v in after.items() if not k.startswith("data")} == {
        k: v for k, v in before.items() if not k.startswith("data")
    }
    assert good != services.read_bytes()


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("run", "nowhere"), 2),
        (("frobnicate",), 2),
        (("explain", "Y02-P-000000", "."), 2),
        (("new", "."), 2),
        (("--version",), 0),
    ],
)
def test_exit_codes(tiny, words, code):
    done = command(*words, cwd=tiny)
    assert done.returncode == code, done.stderr
    assert "Traceback" not in done.stderr


def test_our_own_fault_ends_with_1_and_says_so(tiny):
    code = "import provision_map.exercise as e, sys\ne.run_exercise = lambda *a, **k: 1 / 0\nsys.argv = ['provision-map', 'run', '.']\nfrom provision_map.cli import main\nmain()"
    done = subprocess.run([sys.executable, "-c", code], cwd=tiny, capture_output=True, text=True, check=False)  # fmt: skip
    assert done.returncode == 1
    assert "fault of provision-map" in done.stderr


def test_a_folder_that_cannot_be_written_says_so(tiny):
    (tiny / "maps").write_text("a file where the folder should be")
    done = command("run", tiny, cwd=tiny)
    assert done.returncode == 3
    assert "could not be written" in done.stderr
    assert (tiny / "maps").read_text() == "a file where the folder should be"
    assert not (tiny / "register.sqlite").exists()


def test_an_exercise_nobody_answered_says_so_instead_of_no_gaps(tiny):
    returns = tiny / "data/services/returns.csv"
    returns.write_text(returns.read_text("utf-8").splitlines()[0] + "\n", encoding="utf-8")
    done = command("run", tiny, cwd=tiny)
    assert done.returncode == 0
    assert "most cannot be told: nobody was asked" in done.stdout
    assert "none found" not in done.stdout


def test_check_and_explain(gloucester, edition):
    folder, _ = gloucester
    done = command("check", cwd=folder)
    assert done.returncode == 0
    assert "78 places, 128 services" in done.stdout
    table = pd.read_csv(folder / "maps/gap-register.csv")
    before = fingerprints(folder)
    told = {}
    for kind in table["kind"].unique():
        gap = table[table["kind"] == kind]["gap_id"].iloc[0]
        told[gap] = explain_gap(
            edition, gap, detour=1.3, metres_per_minute=80.0, record_months=12, quality_months=24
        )
        assert gap in told[gap]
        assert len(told[gap]) > 300
    assert len(told) == 4
    # The command says of one of them what the library says.
    said = command("explain", gap, cwd=folder)
    assert said.returncode == 0, said.stderr
    assert said.stdout.splitlines() == told[gap].splitlines()
    assert fingerprints(folder) == before


# ---------------------------------------------------------------- data is data


def test_hostile_text_is_text_everywhere(tiny, tmp_path):
    evil = [
        "{{7*7}}", "</script><script>document.title='pwned'</script>", "=1+1", "[red]", "{{'",
        "{{cycler.__init__.__globals__.os.system('touch PWNED')}}", "<img src=x onerror=\"document.title='pwned'\">",
        "\x1b[31mred", "${document.title='pwned'}", *HOSTILE[:6],
    ]  # fmt: skip
    services = tiny / "data/services/services.csv"
    for number, text in enumerate(evil):
        append_row(
            services, service_id=f"evil{number}", name=text, organisation_id="O1", elements="Y02",
            place_id="T01", minimum_age="13", maximum_age="19", open_to="everyone",
            assured_date="2020-10-01", capacity="5",
        )  # fmt: skip
    done = command("run", tiny, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert not (tmp_path / "PWNED").exists()
    assert "\x1b" not in done.stdout + done.stderr
    gap = pd.read_csv(tiny / "maps/gap-register.csv")["gap_id"].iloc[0]
    told = command("explain", gap, tiny, cwd=tmp_path)
    assert "\x1b" not in told.stdout
    with start_browser() as browser:
        for name in ("index.html", "gap-register.html"):
            with open_file(browser, tiny / "maps" / name) as opened:
                opened.page.wait_for_timeout(300)
                assert "pwned" not in opened.page.title()
                opened.assert_quiet()
    import openpyxl

    book = openpyxl.load_workbook(tiny / "maps/gap-register.xlsx")
    cells = [c for sheet in book for row in sheet.iter_rows() for c in row]
    assert not [c for c in cells if c.data_type == "f"]
    assert {"{{7*7}}", "=1+1", "[red]"} <= {c.value for c in cells}
    layer = pyogrio.read_dataframe(tiny / "maps/gaps.gpkg", layer="services")
    assert {"{{7*7}}", "=1+1", "[red]", "{{'"} <= set(layer["name"])


# ---------------------------------------------------------------- outside the repository


def test_new_and_run_work_from_a_wheel_outside_the_repository(tmp_path):
    done = subprocess.run(
        [sys.executable, "-m", "pip", "wheel", "--no-deps", "--no-build-isolation", "--quiet", "--wheel-dir", tmp_path, ROOT],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    (wheel,) = tmp_path.glob("*.whl")
    site = tmp_path / "site"
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(site)
    outside = tmp_path / "outside"
    outside.mkdir()
    where = subprocess.run(
        [sys.executable, "-c", "import provision_map; print(provision_map.__file__)"],
        cwd=outside, capture_output=True, text=True, check=True, env={**os.environ, "PYTHONPATH": str(site)},
    )  # fmt: skip
    assert where.stdout.startswith(str(site))
    made = command("new", "mine", "--example", "gloucester", cwd=outside, PYTHONPATH=str(site))
    assert made.returncode == 0, made.stderr
    run = command("run", "mine", cwd=outside, PYTHONPATH=str(site))
    assert run.returncode == 0, run.stderr
    assert {p.name for p in (outside / "mine/maps").iterdir()} == FILES
    blank = command("new", "blank", cwd=outside, PYTHONPATH=str(site))
    assert blank.returncode == 0, blank.stderr


# ---------------------------------------------------------------- real input


def test_real_gloucester_end_to_end(real_gloucester, tmp_path):
    done = command("run", real_gloucester, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "15,091 aged 5-13" in done.stdout
    assert "10,384 aged 13-19" in done.stdout
    assert "59 used" in done.stdout
    outcome = run_exercise(real_gloucester)
    coverage = outcome.edition.coverage
    everyone = coverage[coverage["community_id"] == "everyone"]
    # Nobody returned anything on youth clubs or places to play: unknown, never "none".
    for element in ("Y02", "C02", "C05", "C06", "Y05", "Y08", "C13"):
        rows = everyone[everyone["element_id"] == element]
        assert len(rows), element
        assert rows["unknown_inventory"].to_numpy() == pytest.approx(1), element
        assert (rows[[c for c in rows if c.startswith("cause_")]].to_numpy() == 0).all()
    # Schools and libraries did return: of what they give it can be told who has it.
    for element in ("C10", "Y10", "C12", "Y12"):
        rows = everyone[everyone["element_id"] == element]
        children = rows[[c for c in rows if c.startswith(("covered", "cause_", "unknown_"))]].mul(rows["children"], axis=0).sum()  # fmt: skip
        assert children["unknown_inventory"] == 0
        if element.endswith("10"):  # schools: the register gives their phase, so ages are known
            assert children["covered"] > 0.9 * children.sum()
        else:  # libraries: nobody said for which ages
            assert children["covered"] == 0
            assert children["unknown_ages"] > 0
            assert children["cause_far"] > 0
    entries = outcome.edition.entries
    assert set(entries["element_id"]) <= {"C09", "C10", "C11", "Y10", "Y11", "C12", "Y12"}
    assert "practice" not in set(entries["kind"]), "no good practice was collected: unknown"
    groups = outcome.edition.people
    assert set(groups.loc[groups["community_id"] == "indian", "basis"]) == {"estimated"}
    reasons = outcome.edition.questions
    assert "inventory" in set(reasons.loc[reasons["element_id"] == "Y02", "reason"])


def test_codes_that_change_are_refused_without_a_lookup_and_followed_with_one(tiny):
    assert command("run", tiny, cwd=tiny).returncode == 0
    register = (tiny / "register.sqlite").read_bytes()
    for path in [*(tiny / "data").rglob("*.csv"), *(tiny / "data").rglob("*.geojson")]:
        text = path.read_text(encoding="utf-8")
        path.write_text(text.replace("T01", "U01").replace("T02", "U02"), encoding="utf-8")
    refused = command("run", tiny, cwd=tiny)
    assert refused.returncode == 3
    assert "T01" in refused.stderr
    assert "lookup" in refused.stderr
    assert (tiny / "register.sqlite").read_bytes() == register
    (tiny / "lookup.csv").write_text("from_id,to_id\nT01,U01\nT02,U02\n", encoding="utf-8")
    replace_text(tiny / "provision.toml", "[places]", '[places]\nlookup = "lookup.csv"')
    followed = command("run", tiny, cwd=tiny)
    assert followed.returncode == 0, followed.stderr
    assert "persisting" in followed.stdout
    assert "new" not in followed.stdout.split("Gaps")[1].splitlines()[1]

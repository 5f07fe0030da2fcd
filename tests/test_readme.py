"""The README's script does what the command does, with the same figures; its commands are CI's."""

from __future__ import annotations

import ast
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

from provision_map.new_exercise import copy_example

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text("utf-8")


@pytest.fixture(scope="module")
def exercise(tmp_path_factory):
    folder = tmp_path_factory.mktemp("readme") / "gloucester"
    copy_example("gloucester", folder)
    return folder


def test_the_script_gives_the_same_figures_as_the_command(exercise):
    script = re.search(r"```python\n(.*?)```", README, re.DOTALL)[1]
    # Before the run, so that the script makes the register and the command finds nothing to do.
    code = script + "\nentries.to_pickle('entries.pickle')\ncoverage.to_pickle('coverage.pickle')\n"
    done = subprocess.run([sys.executable, "-W", "error", "-c", code], cwd=exercise, capture_output=True, text=True, check=False)  # fmt: skip
    assert done.returncode == 0, done.stderr
    entries = pd.read_pickle(exercise / "entries.pickle")
    register = (exercise / "register.sqlite").read_bytes()
    run = subprocess.run([sys.executable, "-m", "provision_map", "run"], cwd=exercise, capture_output=True, text=True, check=False)  # fmt: skip
    assert run.returncode == 0, run.stderr
    assert (exercise / "register.sqlite").read_bytes() == register
    table = pd.read_csv(exercise / "maps" / "gap-register.csv", dtype=str, keep_default_na=False)
    assert list(table["gap_id"]) == list(entries["gap_id"])
    shown = pd.to_numeric(table["children"]).to_numpy()
    assert shown == pytest.approx(entries["children"].to_numpy(), abs=0.51, nan_ok=True)
    counts = json.loads((exercise / "maps" / "run.json").read_text("utf-8"))["counts"]
    coverage = pd.read_pickle(exercise / "coverage.pickle")
    own = coverage[
        (coverage["offer_id"] == "youth_offer") & (coverage["community_id"] == "everyone")
    ]
    covered = (own["covered"] * own["children"]).sum() / own["children"].sum()
    assert counts["shares"]["youth_offer"]["covered"] == pytest.approx(covered, abs=1e-6)


def test_the_script_is_about_twenty_statements():
    script = re.search(r"```python\n(.*?)```", README, re.DOTALL)[1]
    assert len(ast.parse(script).body) <= 20


def test_ci_runs_the_readme_s_own_test_command():
    command = re.search(r"<!-- run the tests -->\n```sh\n(.*)\n```", README)[1]
    assert "\n" not in command
    ci = (ROOT / ".ci" / "run").read_text("utf-8")
    assert 'eval "$command"' in ci
    extracted = subprocess.run(
        ["bash", "-c", re.search(r"command=\$\((.*)\)\n", ci)[1]], cwd=ROOT, capture_output=True, text=True, check=True, env=os.environ,
    )  # fmt: skip
    assert extracted.stdout.strip() == command


def test_links_and_files_the_readme_names_are_there():
    for target in re.findall(r"\]\(([^)#]+)\)", README):
        assert (ROOT / target).exists(), target

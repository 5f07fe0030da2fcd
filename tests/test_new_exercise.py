"""A new exercise folder, blank or copied."""

from __future__ import annotations

import csv
import filecmp
from pathlib import Path

import pytest

from provision_map import DataError, UsageError, read_exercise
from provision_map.new_exercise import copy_example, make_blank
from provision_map.tables import SERVICES

ROOT = Path(__file__).parents[1]


def test_a_blank_exercise_has_headings_and_says_what_is_still_missing(tmp_path):
    folder = tmp_path / "mine"
    made = make_blank(folder)
    assert folder / "provision.toml" in made
    with (folder / "data/services/services.csv").open(encoding="utf-8", newline="") as file:
        assert next(csv.reader(file)) == SERVICES.names(given_only=True)
    guide = (folder / "HOW-TO-FILL.md").read_text("utf-8")
    for said in ("| `assured_date` |", "| Y02 |", "| EW5 |", "| looked_after |", "`;` between"):
        assert said in guide
    with pytest.raises(DataError) as wrong:
        read_exercise(folder)
    files = {problem.file for problem in wrong.value.problems}
    assert {
        "data/boundaries/places.geojson",
        "data/people/ages.csv",
        "data/services/services.csv",
    } <= files


def test_the_example_is_the_repository_s_own_exercise(tmp_path):
    folder = tmp_path / "gloucester"
    made = copy_example("gloucester", folder)
    assert len(made) > 10
    for path in made:
        assert filecmp.cmp(path, ROOT / path.relative_to(folder), shallow=False)


def test_a_folder_with_something_in_it_is_left_alone(tmp_path):
    (tmp_path / "kept.txt").write_text("kept")
    with pytest.raises(UsageError, match="not empty"):
        make_blank(tmp_path)
    assert [p.name for p in tmp_path.iterdir()] == ["kept.txt"]

"""The embedded exercise: one cell changed changes the figure it should, and no other element's."""

from __future__ import annotations

import csv
from pathlib import Path

import pandas as pd
import pytest

from provision_map import measure_exercise, read_exercise
from provision_map.new_exercise import copy_example
from provision_map.places.people import EVERYONE
from provision_map.tables import ACCESS_FEATURES, CAUSES, SECTORS, UNKNOWN_REASONS

ROOT = Path(__file__).parents[1]
CLASSES = ("covered", *(f"cause_{c}" for c in CAUSES), *(f"unknown_{r}" for r in UNKNOWN_REASONS))


def children_by_class(coverage: pd.DataFrame) -> pd.DataFrame:
    """Everyone's children, element × class."""
    everyone = coverage[coverage["community_id"] == EVERYONE]
    counts = everyone[list(CLASSES)].mul(everyone["children"], axis=0)
    return counts.groupby(everyone["element_id"].astype(str)).sum()


@pytest.fixture(scope="module")
def measured(tmp_path_factory):
    folder = tmp_path_factory.mktemp("example") / "gloucester"
    copy_example("gloucester", folder)
    return folder, measure_exercise(read_exercise(folder))


def change(folder: Path, table: str, where: dict[str, str], column: str, value: str) -> None:
    """Set one column in the rows that match, as a person would in the spreadsheet."""
    path = folder / "data" / "services" / table
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    hit = [row for row in rows if all(row[k] == v for k, v in where.items())]
    assert hit, where
    for row in hit:
        assert row[column] != value
        row[column] = value
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(rows)


@pytest.mark.parametrize(
    "case",
    [
        ("none", "C06", ("sessions.csv", {"service_id": "s078"}, "holidays", "October half term;Christmas;February half term;Easter;May half term;Summer"), 15_091),
        ("far", "C12", ("services.csv", {"service_id": "s118"}, "service_area", "all"), 965),
        ("time", "C03", ("sessions.csv", {"service_id": "s046", "weekday": "Monday"}, "end", "16:15"), 1_367),
        ("age", "C05", ("services.csv", {"service_id": "s011"}, "maximum_age", "13"), 59),
        ("group", "C08", ("services.csv", {"service_id": "s092"}, "open_to", "everyone"), 1_962),
        ("full", "C02", ("services.csv", {"service_id": "s044"}, "capacity", "72"), 201),
        ("quality", "C05", ("quality.csv", {"service_id": "s002"}, "result", "meets"), 1_245),
    ],
    ids=CAUSES,
)  # fmt: skip
def test_one_cell_changed_changes_the_figure_of_its_cause(measured, tmp_path, case):
    cause, element, change_of, fewer = case
    _, before = measured
    folder = tmp_path / "gloucester"
    copy_example("gloucester", folder)
    change(folder, *change_of)
    moved = children_by_class(measure_exercise(read_exercise(folder)).coverage) - children_by_class(
        before.coverage
    )
    assert moved.loc[element, f"cause_{cause}"] <= -fewer + 0.5, moved.loc[element]
    assert moved.loc[element].sum() == pytest.approx(0, abs=1e-6)  # no child is lost
    assert not moved.loc[element].abs().lt(0.5).all()
    touched = before.services.set_index("service_id").loc[change_of[1]["service_id"], "elements"]
    others = moved.drop(index=list(touched))
    assert others.abs().to_numpy().max() < 1e-6


def test_every_cause_is_at_home_in_three_elements_and_two_neighbourhoods(measured):
    _, run = measured
    everyone = run.coverage[run.coverage["community_id"] == EVERYONE]
    wards = (
        everyone["place_id"]
        .astype(str)
        .map(run.inputs.places.set_index("place_id")["neighbourhood"])
    )
    for cause in CAUSES:
        children = (everyone[f"cause_{cause}"] * everyone["children"]).groupby([everyone["element_id"].astype(str), wards]).sum()  # fmt: skip
        seen = children[children >= 25].reset_index()
        assert seen["element_id"].nunique() >= 3, cause
        assert seen["place_id"].nunique() >= 2, cause
    for reason in UNKNOWN_REASONS:
        assert (everyone[f"unknown_{reason}"] * everyone["children"]).sum() >= 25, reason


def test_the_exercise_is_what_it_says_it_is(measured):
    _, run = measured
    inputs, framework = run.inputs, run.inputs.framework
    assert len(inputs.places) == 78
    assert inputs.places["neighbourhood"].nunique() == 15
    assert "Podsmead · 009E" in set(inputs.places["name"])
    people = run.people[run.people["community_id"] == EVERYONE].groupby("age")["children"].sum()
    assert people.loc[5:13].sum() == 15_091
    assert people.loc[13:19].sum() == 10_384
    groups = inputs.ethnic_groups.set_index("group_id")["residents"]
    assert groups.sum() == 121_688
    assert groups.drop("white_british").sum() == 18_776
    services = inputs.services
    assert 110 <= len(services) <= 135
    assert {e for codes in services["elements"] for e in codes} == set(framework.elements)
    assert set(inputs.organisations["sector"]) == set(SECTORS)
    assert {f for features in services["access"] for f in features} >= set(ACCESS_FEATURES) - {
        "none"
    }
    for path in sorted((ROOT / "data" / "services").glob("*.csv")):
        raw = pd.read_csv(path, dtype=str)
        assert set(raw["data_status"]) == {"illustrative"}, path
    assert 12 <= len(inputs.practice) <= 18
    outcomes = run.service_reach[
        (run.service_reach["axis"] == "outcome") & (run.service_reach["reached"] == "yes")
    ]
    assert set(outcomes["key"]) == {"BH", "SS", "EA", "PC", "EW"}


def test_no_telephone_numbers_and_no_addresses_in_the_data():
    import re

    for path in (ROOT / "data" / "services").glob("*.csv"):
        text = path.read_text("utf-8")
        assert not re.search(r"\b0\d{3,4}[ -]?\d{3}[ -]?\d{3,4}\b|@|https?:", text), path


def test_the_register_stays_in_tens_of_entries(measured):
    _, run = measured
    kinds = run.found.footprints["kind"].value_counts()
    assert kinds["provision"] + kinds["quality"] < 150
    assert len(run.found.footprints) < 200

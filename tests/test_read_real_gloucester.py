"""Gloucester from real public data, read in place: the figures that are known beforehand."""

from __future__ import annotations

import csv

import numpy as np
import pytest

from provision_map.read import read_inputs, read_settings


@pytest.fixture
def inputs(real_gloucester):
    return read_inputs(read_settings(real_gloucester))


def test_nothing_is_wrong_with_the_real_inputs(inputs):
    assert [str(problem) for problem in inputs.problems] == []
    inputs.raise_if_wrong()


def test_places_are_the_78_in_15_wards_with_names_people_use(inputs):
    places = inputs.places.set_index("place_id")
    assert len(places) == 78
    assert places["neighbourhood"].nunique() == 15
    assert places.crs.to_epsg() == 27700
    assert set(places["approximate"]) == {"no"}
    assert places["imd_decile"].between(1, 10).all()
    assert places["authority"].unique().tolist() == ["E07000081"]
    assert places.loc["E01022276", "name"] == "Abbey · 010A"
    # The city has about 40.5 square kilometres; a wrong system would be far off.
    assert places.area.sum() / 1e6 == pytest.approx(40.5, rel=0.02)


def test_wards_of_2008_to_2016_are_used_in_2025_and_a_note_says_so(inputs):
    said = [note.what for note in inputs.notes if note.file == "neighbourhoods.csv"]
    assert len(said) == 1
    assert "valid to 2016-05-04" in said[0]


def test_children_are_the_published_ones(inputs):
    ages = inputs.ages
    assert ages["place_id"].nunique() == 78
    assert ages.loc[ages["age"].between(5, 13), "children"].sum() == 15_091
    assert ages.loc[ages["age"].between(13, 19), "children"].sum() == 10_384


def test_residents_who_are_not_white_british_are_the_published_ones(inputs):
    groups = inputs.ethnic_groups
    assert groups["residents"].sum() == 121_688
    assert groups.loc[groups["group_id"] != "white_british", "residents"].sum() == 18_776
    # No column of the source holds this group: it is the total less the other fourteen.
    residual = groups.loc[groups["group_id"] == "gypsy_or_irish_traveller", "residents"]
    assert (residual >= 0).all()
    assert residual.sum() > 0


def test_52_schools_and_7_libraries_are_services(inputs, shared_data):
    services = inputs.services
    assert services["organisation_id"].value_counts().to_dict() == {"schools": 52, "libraries": 7}
    assert inputs.left_out.empty
    # Nothing of the register stands here: its own first row says what must come out.
    path = shared_data / "services/gloucestershire_schools_gias_2025-05-24.csv"
    with path.open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader(file)
        first = next(row for row in rows if row["education_phase"] == "Primary")
    assert first["urn"].endswith(".0")
    school = services.set_index("service_id").loc[first["urn"].removesuffix(".0")]
    assert school["name"] == first["establishment_name"]
    assert school["elements"] == ("C09", "C10", "C11")
    assert school["easting"] == float(first["easting"])
    assert school["northing"] == float(first["northing"])
    assert school["place_id"] == ""
    libraries = services[services["organisation_id"] == "libraries"]
    assert libraries["service_id"].str.startswith("library-").all()
    assert set(libraries["place_id"]) <= set(inputs.places["place_id"])
    # Longitude and latitude became metres near the middle of the city.
    assert np.hypot(libraries["easting"] - 383_500, libraries["northing"] - 217_000).max() < 6_000


def test_what_the_registers_do_not_say_stays_unknown(inputs):
    services = inputs.services
    assert services["capacity"].isna().all()
    assert set(services["capacity_said"]) == {"blank"}
    assert inputs.sessions.empty
    assert inputs.quality.empty
    received = inputs.returns.set_index("organisation_id")["received"].to_dict()
    assert received["voluntary"] == "no"
    assert received["schools"] == "yes"


def test_every_file_is_recorded_with_its_source(inputs):
    files = {file.file.rsplit("/", 1)[-1]: file for file in inputs.files}
    assert files["gloucestershire_lsoa11_mid2020_single_year.csv"].licence == "OGL v3"
    assert files["gloucestershire_schools_gias_2025-05-24.csv"].date == "2025-05-24"
    assert {"provision.toml", "schools.toml", "returns.csv", "neighbourhoods.csv"} <= set(files)
    assert all(len(file.sha256) == 64 and file.bytes > 0 for file in inputs.files)

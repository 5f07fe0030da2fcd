"""Bath and Porto Alegre from real public data, end to end along real streets."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest

import provision_map as pm
from provision_map import Register
from provision_map.errors import collect_warnings
from provision_map.exercise import make_edition, write_outputs
from provision_map.exercise.measure import Measured
from provision_map.exercise.run import entries_now
from provision_map.reports import explain_gap


@pytest.fixture(scope="module")
def bath(real_bath: Path) -> Measured:
    return pm.measure_exercise(pm.read_exercise(real_bath))


@pytest.fixture(scope="module")
def bath_by_straight_line(bath: Measured) -> Measured:
    """The same inputs with travel_times = "straight_line": they are not read again."""
    settings = bath.inputs.settings
    reach = replace(settings.reach, travel_times="straight_line")
    inputs = replace(bath.inputs, settings=replace(settings, reach=reach), roads=None)
    return pm.measure_exercise(inputs)


def reached(measured: Measured, element_id: str) -> float:
    rows = measured.coverage[measured.coverage["community_id"] == "everyone"]
    rows = rows[rows["element_id"] == element_id]
    return float((rows["reached"] * rows["children"]).sum() / rows["children"].sum())


def test_bath_is_read_as_it_is_published(bath):
    inputs = bath.inputs
    assert len(inputs.places) == 115
    assert len(inputs.homes) == 5_925
    assert len(inputs.roads) == 9_015
    assert inputs.roads.length.sum() / 1000 == pytest.approx(1_303, abs=1)
    assert inputs.sites["service_id"].str.startswith("children").sum() == 143
    assert inputs.sites["service_id"].str.startswith("youth").sum() == 49
    assert len(bath.services) == 143 + 49 + 94  # play spaces and schools, none lost


def test_people_of_a_place_live_at_its_postcodes_each_once(bath):
    homes = bath.ways.homes
    assert np.allclose(homes.groupby("place_id")["share"].sum(), 1.0)
    # What the children add up to is what was published, however many points they live at.
    rows = bath.coverage.query("community_id == 'everyone' and element_id == 'C10'")
    published = bath.inputs.ages.query("5 <= age <= 13")["children"].sum()
    assert rows["children"].sum() == published


def test_a_run_names_what_the_network_leaves_open(bath):
    said = [str(note) for note in bath.notes]
    assert any("7.0 km of 1,303.2 km" in text for text in said)
    # The roads were cut at the border of the district.
    assert any("The streets end at the border of the places" in text for text in said)
    assert any("2 homes lie further than 500 m from any street" in text for text in said)


def test_no_way_along_streets_is_shorter_than_the_straight_line(bath):
    homes = bath.ways.homes.set_index("home_id")[["easting", "northing"]]
    sites = bath.inputs.sites.set_index("service_id").geometry
    ways = bath.ways.times[bath.ways.times["to_id"].isin(sites.index)].sample(
        20_000, random_state=1
    )
    here = gpd.points_from_xy(*homes.loc[ways["from_id"]].to_numpy().T)
    straight = gpd.GeoSeries(here, crs="EPSG:27700").distance(
        sites.loc[ways["to_id"]].reset_index(drop=True)
    )
    assert (ways["metres"].to_numpy() >= straight.to_numpy() - 1e-6).all()
    assert ways["minutes"].max() <= 90


def test_streets_reach_fewer_than_straight_lines_and_by_how_much(bath, bath_by_straight_line):
    # docs/real-places.md has the whole table: 50 % against 66 % for play within its distances.
    along, straight = reached(bath, "C05"), reached(bath_by_straight_line, "C05")
    assert along == pytest.approx(0.50, abs=0.01)
    assert straight == pytest.approx(0.66, abs=0.01)
    assert bath.ways.travel.detour == pytest.approx(1.57, abs=0.02)


def test_levels_and_types_of_play_are_told_apart(bath):
    parts = bath.parts[bath.parts["element_id"] == "C05"]
    share = (
        parts.assign(r=parts["reached"] * parts["children"])
        .groupby("part", observed=True)[["r", "children"]]
        .sum()
    )
    share = share["r"] / share["children"]
    # All three from one home: next to nobody. One of them: half.
    assert share["stretch"] < 0.01 < share["standard"] < 0.1 < share["need"]
    assert share["need"] == pytest.approx(reached(bath, "C05"), abs=1e-9)


def test_nobody_asked_is_unknown_on_streets_too(bath):
    rows = bath.coverage.query("element_id == 'Y02' and community_id == 'everyone'")
    assert (rows["unknown_inventory"] == 1).all()
    assert not len(bath.found.footprints.query("element_id == 'Y02'"))


def test_bath_runs_to_its_files_and_again_without_a_change(bath, real_bath, tmp_path):
    folder = tmp_path / "bath"
    shutil.copytree(real_bath, folder)
    outcome = pm.run_exercise(folder)
    assert len(outcome.lines) <= 20
    run = json.loads((folder / "maps/run.json").read_text("utf-8"))
    assert any("off the network" in n or "from any street" in n for n in run["notes"])
    assert any(file["file"].endswith("banes_os_roads.geojson") for file in run["inputs"])
    caveat = " ".join(outcome.edition.notes)
    assert "5,925 points" in caveat
    assert "along streets, on foot" in caveat
    # Measured at another time, the same data gives the same files, and no new entry.
    register = Register(folder / "register.sqlite")
    edition = make_edition(bath, entries_now(register, bath))
    register.close()
    again = tmp_path / "again"
    files = write_outputs(again, edition, bath.inputs, notes=bath.notes)
    assert {p.name for p in files} == {p.name for p in (folder / "maps").iterdir()}
    for path in files:
        assert path.read_bytes() == (folder / "maps" / path.name).read_bytes(), path.name
    gap = edition.entries["gap_id"].iloc[0]
    told = explain_gap(edition, gap, detour=edition.travel.detour, metres_per_minute=80.0, record_months=12, quality_months=24)  # fmt: skip
    assert "along streets" in told


@pytest.fixture(scope="module")
def porto_alegre(real_porto_alegre: Path) -> Measured:
    return pm.measure_exercise(pm.read_exercise(real_porto_alegre))


def test_porto_alegre_is_read_from_an_openstreetmap_extract(porto_alegre):
    inputs = porto_alegre.inputs
    assert inputs.ages["children"].sum() == 812_935
    assert inputs.roads.crs.to_epsg() == 31982
    assert any("15,886 ways with a tag highway" in str(note) for note in inputs.notes)
    assert len(inputs.roads) > 25_000


def test_porto_alegre_along_streets(porto_alegre):
    # Of 812,935 people 97 % reach health care within 1,600 m and 75 % a school place within 800 m;
    # by straight line × 1.3 it is 98 % and 87 % (docs/real-places.md).
    assert reached(porto_alegre, "H") == pytest.approx(0.97, abs=0.01)
    assert reached(porto_alegre, "S") == pytest.approx(0.75, abs=0.01)
    rows = porto_alegre.coverage.query("community_id == 'everyone' and element_id == 'S'")
    assert (rows["cause_far"] * rows["children"]).sum() > 50_000
    assert (rows["cause_full"] * rows["children"]).sum() > 50_000


def test_the_catchments_of_porto_alegre_hand_out_every_school_place(porto_alegre):
    access = porto_alegre.accessibility.query("element_id == 'S'")
    handed = (access["e2sfca"] * access["children"]).sum() / 100
    supply = porto_alegre.services.query("service_id.str.startswith('S')")["capacity"].sum()
    assert handed == pytest.approx(supply, rel=1e-9)
    assert set(access["edge_affected"]) == {"yes", "no"}


def test_the_api_gives_the_same_ways_as_the_exercise(porto_alegre):
    inputs = porto_alegre.inputs
    with collect_warnings() as found:
        network = pm.build_network(inputs.roads)
        times = pm.street_travel_times(
            pm.homes_of(inputs.places), porto_alegre.services, network, places=inputs.places
        )
    pd.testing.assert_frame_equal(times, porto_alegre.ways.times)
    assert set(found) <= set(porto_alegre.notes)
    assert len(found) == 4

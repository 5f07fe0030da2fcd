"""The same tiny exercise by straight line, along streets, from a file; homes, borders, schedules."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import provision_map as pm
from provision_map.exercise.measure import Measured
from tiny_exercise import (
    SOUTH,
    TERM_DATES,
    WEST,
    add_file,
    add_settings,
    replace_text,
    set_cell,
    shapes,
)

# S1, a Friday club of two hours for 13-19, stands where the people of T01 live; Y02 reaches 1,600 m
# on foot. T02 is 1,000 m east of it, T03 2,000 m.


def measure(folder: Path) -> Measured:
    return pm.measure_exercise(pm.read_exercise(folder))


def shares(measured: Measured, column: str, element: str = "Y02") -> dict[str, float]:
    rows = measured.coverage.query(
        f"element_id == '{element}' and community_id == 'everyone' and age == 15"
    )
    return dict(zip(rows["place_id"], rows[column].round(9), strict=True))


def said(measured: Measured) -> str:
    return "\n".join(map(str, measured.notes))


def matrix(folder: Path, *rows: str) -> None:
    set_cell(folder / "data/services/services.csv", 2, "capacity", "none")
    add_file(folder, "times.csv", "\n".join(["from_id,to_id,minutes", *rows]) + "\n")
    add_settings(folder, "reach", travel_times="file", file="times.csv", mode="public_transport", searched_to=60)  # fmt: skip


def test_by_straight_line_the_second_place_is_in_reach_and_the_third_is_not(tiny):
    measured = measure(tiny)
    # 1,000 m × 1.3 = 1,300 m; 2,000 m × 1.3 = 2,600 m.
    assert shares(measured, "reached") == {"T01": 1, "T02": 1, "T03": 0}
    assert shares(measured, "cause_far") == {"T01": 0, "T02": 0, "T03": 1}
    assert measured.notes == ()


def test_along_streets_a_river_without_a_bridge_is_seen(tiny):
    # One street from T01 to T02 that goes round by 500 m: 1,000 + 2 × 500 = 2,000 m; T03 is joined.
    y = SOUTH + 500
    road = [[WEST + 500, y], [WEST + 500, y + 500], [WEST + 1500, y + 500], [WEST + 1500, y]]
    on = [[WEST + 1500, y], [WEST + 2500, y]]
    add_file(tiny, "roads.geojson", shapes(({}, "LineString", road), ({}, "LineString", on)))
    add_settings(tiny, "reach", travel_times="streets", file="roads.geojson")
    measured = measure(tiny)
    assert shares(measured, "reached") == {"T01": 1, "T02": 0, "T03": 0}
    ways = measured.ways.of_places.set_index(["place_id", "service_id"])["metres"]
    assert ways["T02", "S1"] == pytest.approx(2000)
    assert ways["T03", "S1"] == pytest.approx(3000)
    assert "along streets, on foot" in pm.make_edition(measured, measured.found.footprints).notes[0]


def test_a_matrix_of_travel_times_decides_and_says_what_it_did_not_search(tiny):
    # By bus: T02 in 15 minutes, T03 in 25; a limit of 1,600 m on foot is one of 20 minutes.
    matrix(tiny, "T01,S1,0", "T02,S1,15", "T03,S1,25")
    measured = measure(tiny)
    assert shares(measured, "reached") == {"T01": 1, "T02": 1, "T03": 0}
    assert shares(measured, "cause_far")["T03"] == 1
    # No other service with a site was searched: unknown, not far.
    unknown = shares(measured, "unknown_location", "C02")
    assert all(share > 0 for share in unknown.values())
    notes = " ".join(map(str, (*measured.inputs.notes, *measured.notes)))
    assert "S2" in notes
    assert "not searched" in notes


def test_a_standard_of_its_own_for_the_bus(tiny):
    matrix(tiny, "T01,S1,0", "T02,S1,15", "T03,S1,25")
    add_settings(tiny, "standards.Y02", minutes={}, reason="Agreed for the test.")
    replace_text(tiny / "provision.toml", "minutes = {}", "minutes = { public_transport = 30 }")
    assert shares(measure(tiny), "reached") == {"T01": 1, "T02": 1, "T03": 1}


def test_a_matrix_searched_less_far_than_a_standard_looks_leaves_unknown(tiny):
    matrix(tiny, "T01,S1,0", "T02,S1,", "T03,S1,")
    replace_text(tiny / "provision.toml", "searched_to = 60", "searched_to = 10")
    measured = measure(tiny)
    assert shares(measured, "unknown_location") == {"T01": 0, "T02": 1, "T03": 1}
    assert shares(measured, "cause_far") == {"T01": 0, "T02": 0, "T03": 0}
    assert "Y02 looks as far as 20 minutes" in said(measured)


def test_people_live_at_several_points_of_a_place(tiny):
    # A quarter of T03's people live at its western edge, 1,500 m × 1.3 = 1,950 m from S1 … too far;
    # S1 is moved 500 m east: 1,000 m × 1.3 = 1,300 m from them, 1,500 m × 1.3 = 1,950 from the rest.
    set_cell(tiny / "data/services/services.csv", 2, "easting", str(WEST + 1000))
    set_cell(tiny / "data/services/services.csv", 2, "capacity", "none")
    homes = f"id,place,e,n,people\nA,T03,{WEST + 2000},{SOUTH + 500},25\nB,T03,{WEST + 2500},{SOUTH + 500},75\n"  # fmt: skip
    add_file(tiny, "homes.csv", homes)
    add_settings(tiny, "places.homes", file="homes.csv", id="id", place="place", weight="people", easting="e", northing="n")  # fmt: skip
    measured = measure(tiny)
    assert shares(measured, "reached") == {"T01": 1, "T02": 1, "T03": 0.25}
    assert shares(measured, "cause_far")["T03"] == 0.75
    assert "T01" in said(measured)  # places without a point keep their centroid, and it is said


def test_the_outline_of_a_site_is_what_people_walk_to(tiny):
    # S3, a LEAP and NEAP in T02; its outline reaches to 400 m from where the people of T03 live.
    assert shares_of(measure(tiny), "C05", "T03") == 0
    west, east = WEST + 1300, WEST + 2100
    ring = [[west, SOUTH + 400], [east, SOUTH + 400], [east, SOUTH + 600], [west, SOUTH + 600], [west, SOUTH + 400]]  # fmt: skip
    add_file(tiny, "sites.geojson", shapes(({"service_id": "S3"}, "Polygon", [ring])))
    add_settings(tiny, "services.sites", file="sites.geojson")
    assert shares_of(measure(tiny), "C05", "T03") == 1  # 400 m × 1.3 = 520 m to a NEAP at 1,000 m


def shares_of(measured: Measured, element: str, place: str) -> float:
    rows = measured.coverage.query(
        f"element_id == '{element}' and community_id == 'everyone' and age == 8"
    )
    return float(rows.set_index("place_id").loc[place, "reached"])


def test_children_beyond_the_border_compete_and_are_not_reported(tiny):
    # 12 places × 2 h for the 140 children of 13-19 in T01, and as many in T02: κ 0.15.
    set_cell(tiny / "data/services/services.csv", 2, "capacity", "12")
    whole = shares(measure(tiny), "reached")
    add_settings(tiny, "places", keep={}, neighbours_metres=500)
    replace_text(tiny / "provision.toml", "keep = {}", 'keep = { code = ["T01"] }')
    # What stands outside is known by its position, and returns speak for all places.
    for row in (3, 4, 6):
        set_cell(tiny / "data/services/services.csv", row, "place_id", "")
    measured = measure(tiny)
    assert set(measured.coverage["place_id"]) == {"T01"}
    assert set(measured.week["place_id"]) == {"T01"}
    assert set(measured.accessibility["place_id"]) == {"T01"}
    cells = measured.found.footprints["cells"].explode().dropna()
    assert not {place for place, _ in cells} & {"T02", "T03"}
    assert measured.inputs.neighbours["place_id"].tolist() == ["T02"]
    # As many are reached in T01 as when T02 was of the exercise: its children compete all the same.
    assert shares(measured, "reached")["T01"] == pytest.approx(whole["T01"])
    replace_text(tiny / "provision.toml", "neighbours_metres = 500", "neighbours_metres = 0")
    alone = measure(tiny)
    assert shares(alone, "reached")["T01"] > whole["T01"]
    edge = alone.accessibility.query("element_id == 'Y02'")["edge_affected"]
    assert set(edge) == {"yes"}


def test_a_rule_of_the_calendar_runs_to_the_end(tiny):
    add_file(tiny, "term_dates.csv", TERM_DATES)
    add_settings(tiny, "services", term_dates="term_dates.csv")
    sessions = tiny / "data/services/sessions.csv"
    head, _, *rest = sessions.read_text("utf-8").splitlines()
    lines = [head + ",schedule,valid_from,valid_to", "S1,,19:00,21:00,,,FREQ=WEEKLY;BYDAY=FR,,"]
    lines += [line + ",,," for line in rest]
    sessions.write_text("\n".join(lines) + "\n", "utf-8")
    assert shares(measure(tiny), "reached")["T01"] == 1
    # Every other week is not every week.
    text = sessions.read_text("utf-8").replace("FREQ=WEEKLY;BYDAY=FR,,", "FREQ=WEEKLY;INTERVAL=2;BYDAY=FR,2020-09-04,")  # fmt: skip
    sessions.write_text(text, "utf-8")
    measured = measure(tiny)
    assert shares(measured, "cause_none")["T01"] == 1
    assert "S1" in said(measured)
    # A schedule that never happens is told, and is no unknown.
    text = text.replace("FREQ=WEEKLY;INTERVAL=2;BYDAY=FR", "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30")
    sessions.write_text(text, "utf-8")
    measured = measure(tiny)
    assert shares(measured, "cause_none")["T01"] == 1
    assert "never" in said(measured)
    outcome = pm.run_exercise(tiny)
    run = json.loads((tiny / "maps/run.json").read_text("utf-8"))
    assert any("never" in note for note in run["notes"])
    assert len(outcome.lines) <= 20


def test_two_warnings_of_one_row_are_told_and_stop_nothing(tiny):
    add_file(tiny, "term_dates.csv", TERM_DATES)
    add_settings(tiny, "services", term_dates="term_dates.csv")
    sessions = tiny / "data/services/sessions.csv"
    head, *rest = sessions.read_text("utf-8").splitlines()
    lines = [head + ",schedule,valid_from,valid_to", *(line + ",,," for line in rest)]
    lines[1] = "S1,,19:00,21:00,,,FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30,,"
    lines[2] = "S2,Wednesday,15:30,17:30,term,,,2018-01-01,2019-01-01"
    sessions.write_text("\n".join(lines) + "\n", "utf-8")
    homes = f"id,place,e,n,people\nA,T03,{WEST + 2000},{SOUTH + 500},\nB,T03,{WEST + 2500},{SOUTH + 500},5\n"  # fmt: skip
    add_file(tiny, "homes.csv", homes)
    add_settings(tiny, "places.homes", file="homes.csv", id="id", place="place", weight="people", easting="e", northing="n")  # fmt: skip
    text = said(measure(tiny))
    assert "S1" in text
    assert "S2" in text
    assert "T01" in text


def test_neighbours_without_figures_by_group_compete_like_the_others(tiny):
    set_cell(tiny / "data/services/services.csv", 2, "capacity", "12")
    for row in (3, 4, 6):
        set_cell(tiny / "data/services/services.csv", row, "place_id", "")
    add_settings(tiny, "places", keep={}, neighbours_metres=500)
    replace_text(tiny / "provision.toml", "keep = {}", 'keep = { code = ["T01"] }')
    with_groups = shares(measure(tiny), "reached")
    groups = tiny / "data/people/ethnic_groups.csv"
    lines = [line for line in groups.read_text("utf-8").splitlines() if not line.startswith("T02")]
    groups.write_text("\n".join(lines) + "\n", "utf-8")
    assert shares(measure(tiny), "reached") == with_groups


def test_a_file_of_ways_that_would_not_be_read_is_told(tiny):
    add_settings(tiny, "reach", file="roads.geojson")
    with pytest.raises(pm.DataError, match=r"reach\.file: A file is named, and nothing says"):
        pm.read_exercise(tiny)


def test_homes_are_the_centroid_where_none_is_given(tiny):
    homes = f"id,place,e,n,people\nA,T03,{WEST + 2000},{SOUTH + 500},25\nB,T03,{WEST + 2400},{SOUTH + 500},75\n"  # fmt: skip
    add_file(tiny, "homes.csv", homes)
    add_settings(tiny, "places.homes", file="homes.csv", id="id", place="place", weight="people", easting="e", northing="n")  # fmt: skip
    given = pm.read_exercise(tiny).places.set_index("place_id")
    assert given.loc["T03", "easting"] == WEST + 2500  # as [places.centroids] says
    settings = tiny / "provision.toml"
    text = settings.read_text("utf-8")
    begin = text.index("[places.centroids]")
    settings.write_text(text[:begin] + text[text.index("[places.deprivation]") :], "utf-8")
    inputs = pm.read_exercise(tiny)
    places = inputs.places.set_index("place_id")
    assert places.loc["T03", "easting"] == WEST + 2300  # 0.25 × 2,000 + 0.75 × 2,400
    assert places["approximate"].to_dict() == {"T01": "yes", "T02": "yes", "T03": "no"}
    assert not any("No centroids are named" in str(note) for note in inputs.notes)

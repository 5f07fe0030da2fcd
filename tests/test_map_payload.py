"""What the map's page is given: outlines, shares, counts, words, and how they are written down."""

from __future__ import annotations

import itertools
import json
from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from edition_sample import PARTS, build_edition, sample_edition
from provision_map.edition import Edition
from provision_map.maps.palette import LIMITS, draw_ramp, draw_ramps, mark_outcomes
from provision_map.maps.payload import build_payload, write_json
from provision_map.maps.shares import FEW, ROUNDED_TO, WHOLE, read_profile
from provision_map.maps.topology import UNITS_A_DEGREE, build_topology, read_arc
from provision_map.maps.words import PARTS as PAGE_PARTS

WEIGHT_FREE = ("looked_after", "disabled", "vulnerable")


@pytest.fixture(scope="module")
def edition() -> Edition:
    return sample_edition()


@pytest.fixture(scope="module")
def payload(edition: Edition) -> dict:
    return build_payload(edition, register_href="gap-register.html")


# ---------------------------------------------------------------- outlines


def box_at(west: float, south: float, east: float, north: float) -> shapely.Polygon:
    """Make a box in metres from a point in Gloucester, where the grid is exact."""
    return shapely.box(383_000 + west, 217_000 + south, 383_000 + east, 217_000 + north)


def rebuild_shape(arcs: list[list[int]], polygons: list) -> shapely.Geometry:
    """Put a place together again from its arcs."""

    def ring(references: list[int]) -> list[tuple[float, float]]:
        points: list[tuple[float, float]] = []
        for reference in references:
            arc = read_arc(arcs[reference if reference >= 0 else ~reference])
            points += (arc if reference >= 0 else arc[::-1])[1:]
        return points

    return shapely.MultiPolygon(
        [(ring(rings[0]), [ring(inner) for inner in rings[1:]]) for rings in polygons]
    )


def test_outlines_come_back_within_a_metre(edition: Edition) -> None:
    topology = build_topology(edition.places, edition.places["neighbourhood_id"].tolist())
    shapes = [rebuild_shape(topology.arcs, polygons) for polygons in topology.shapes]
    back = gpd.GeoSeries(shapes, crs="EPSG:4326").to_crs(edition.crs)
    for before, after in zip(edition.places.geometry, back, strict=True):
        assert before.hausdorff_distance(after) < 1.0


def test_each_border_is_kept_once(edition: Edition) -> None:
    topology = build_topology(edition.places, edition.places["neighbourhood_id"].tolist())
    segments = set()
    for arc in topology.arcs:
        points = read_arc(arc)
        for pair in itertools.pairwise(points):
            key = frozenset(pair)
            assert key not in segments
            segments.add(key)


def test_outline_and_borders_are_those_of_the_union(edition: Edition) -> None:
    topology = build_topology(edition.places, edition.places["neighbourhood_id"].tolist())

    def length(references: list[int]) -> float:
        lines = [shapely.LineString(read_arc(topology.arcs[n])) for n in references]
        return float(gpd.GeoSeries(lines, crs="EPSG:4326").to_crs(edition.crs).length.sum())

    around = edition.places.union_all().length
    assert length(topology.outline) == pytest.approx(around, rel=1e-3)
    hoods = edition.places.dissolve("neighbourhood_id").length.sum()
    assert length(topology.borders) == pytest.approx((hoods - around) / 2, rel=1e-3)


def test_a_hole_filled_by_an_island_shares_its_arc() -> None:
    inner = box_at(1000, 1000, 2000, 2000)
    outer = box_at(0, 0, 3000, 3000).difference(inner)
    places = gpd.GeoDataFrame(geometry=[outer, inner], crs="EPSG:27700")
    topology = build_topology(places, ["a", "b"])
    assert len(topology.arcs) == 2
    assert len(topology.borders) == 1
    hole = topology.shapes[0][0][1][0]
    assert hole in (topology.shapes[1][0][0][0], ~topology.shapes[1][0][0][0])


def test_borders_that_do_not_meet_still_give_one_outline() -> None:
    """The right square has a corner in the middle of the left one's side."""
    left = box_at(0, 0, 1000, 2000)
    above, below = box_at(1000, 1000, 2000, 2000), box_at(1000, 0, 2000, 1000)
    places = gpd.GeoDataFrame(geometry=[left, above, below], crs="EPSG:27700")
    topology = build_topology(places, ["a", "b", "b"])
    assert len(topology.outline) == 1
    ring = shapely.Polygon(read_arc(topology.arcs[topology.outline[0]]))
    square = gpd.GeoSeries([ring], crs="EPSG:4326").to_crs("EPSG:27700").iloc[0]
    assert square.symmetric_difference(box_at(0, 0, 2000, 2000)).area < 10_000


def test_many_corners_are_simplified_together(edition: Edition) -> None:
    dense = edition.places.copy()
    dense["geometry"] = dense.geometry.segmentize(5.0)
    corners = shapely.get_num_coordinates(dense.geometry.to_numpy()).sum()
    topology = build_topology(dense, dense["neighbourhood_id"].tolist())
    kept = sum(len(arc) // 2 for arc in topology.arcs)
    assert kept < corners / 5
    assert len(topology.outline) < len(topology.arcs)


# ---------------------------------------------------------------- shares and counts


def look_up(
    payload: dict, *, offer: int, slot: int, age: int, group: int, place: int
) -> dict | None:
    """Read a share as the page does."""
    found = payload["offers"][offer]["slots"][slot]
    groups = max(found["groups"]) + 1
    if place == len(payload["places"]):
        number = found["city"][age][group]
    else:
        number = found["rows"][found["ages"][age] * groups + found["groups"][group]][place]
    return None if number < 0 else read_profile(payload["profiles"].split(" ")[number])


def expect_parts(cells: pd.DataFrame) -> pd.Series:
    """Mean parts over cells, weighted by children where there are any."""
    weights = cells["children"].fillna(1.0).to_numpy()
    if weights.sum() == 0:
        weights = np.ones(len(cells))
    return pd.Series(
        np.average(cells[list(PARTS)].to_numpy(), axis=0, weights=weights), list(PARTS)
    )


def assert_parts(found: dict | None, expected: pd.Series) -> None:
    assert found is not None
    assert sum(found.values()) == WHOLE
    for part in PARTS:
        assert found.get(part, 0) == pytest.approx(expected[part] * WHOLE, abs=1.0)


def test_parts_are_those_of_the_waterfall() -> None:
    assert PAGE_PARTS == PARTS


@pytest.mark.parametrize("community", ["everyone", "bme", "pakistani", "disabled"])
@pytest.mark.parametrize("offer_id", ["youth_offer", "offer_5_13"])
def test_shares_are_the_frame_s(
    edition: Edition, payload: dict, offer_id: str, community: str
) -> None:
    offer = [o["id"] for o in payload["offers"]].index(offer_id)
    elements = [payload["elements"][n]["id"] for n in payload["offers"][offer]["elements"]]
    group = [c["id"] for c in payload["communities"]].index(community)
    frame = edition.coverage
    frame = frame[(frame["offer_id"] == offer_id) & (frame["community_id"] == community)]
    for place, place_id in enumerate(edition.places["place_id"].iloc[:5]):
        here = frame[frame["place_id"] == place_id]
        means = []
        for slot, element in enumerate(elements, start=1):
            cells = here[here["element_id"] == element]
            at = {"offer": offer, "slot": slot, "group": group, "place": place}
            if cells.empty:
                assert look_up(payload, age=0, **at) is None
                continue
            assert_parts(look_up(payload, age=0, **at), expect_parts(cells))
            means.append(expect_parts(cells))
            for age in (1, 4):
                one = cells[cells["age"] == payload["offers"][offer]["ages"][age - 1]]
                assert_parts(look_up(payload, age=age, **at), expect_parts(one))
        mean = look_up(payload, offer=offer, slot=0, age=0, group=group, place=place)
        assert_parts(mean, sum(means) / len(means))


def test_the_whole_city_weighs_places_by_their_children(edition: Edition, payload: dict) -> None:
    frame = edition.coverage
    cells = frame[(frame["element_id"] == "Y02") & (frame["community_id"] == "everyone")]
    at = {"offer": 0, "slot": 2, "age": 0, "group": 0, "place": len(payload["places"])}
    assert_parts(look_up(payload, **at), expect_parts(cells))


def test_an_age_that_only_disabled_young_people_have(payload: dict) -> None:
    ages = payload["offers"][0]["ages"]
    assert ages == list(range(13, 25))
    at = {"offer": 0, "slot": 1, "age": ages.index(22) + 1, "place": 0}
    disabled = [c["id"] for c in payload["communities"]].index("disabled")
    assert look_up(payload, group=disabled, **at) is not None
    assert look_up(payload, group=0, **at) is None


def test_counts_are_the_frame_s_and_few_are_not_told(edition: Edition, payload: dict) -> None:
    counts = payload["offers"][0]["counts"]
    people = edition.people[edition.people["age"].between(13, 19)]
    totals = people.groupby(["community_id", "place_id"])["children"].sum()
    few = 0
    for group, community in enumerate(payload["communities"]):
        row = counts[0][group]
        if community["kind"] == "priority":
            assert row is None
        elif community["id"] in totals:
            for place, place_id in enumerate(edition.places["place_id"]):
                there = totals[community["id"], place_id]
                if community["id"] != "everyone" and there < 5:
                    few += 1
                    assert row[place] == FEW
                else:
                    assert row[place] == round(there)
    assert few > 10
    assert counts[0][0][-1] == people.loc[people["community_id"] == "everyone", "children"].sum()


def test_no_small_estimate_of_a_group_stands_anywhere_in_the_page(payload: dict) -> None:
    for offer in payload["offers"]:
        for ages in offer["counts"]:
            for community, row in zip(payload["communities"], ages, strict=True):
                if community["kind"] == "group" and row is not None:
                    assert not any(0 <= count < 5 for count in row[:-1])


def test_a_neighbourhood_s_children_are_those_of_its_places(
    edition: Edition, payload: dict
) -> None:
    for hood in payload["neighbourhoods"]:
        codes = [payload["places"][n]["id"] for n in hood["places"]]
        inside = edition.places["neighbourhood_id"] == hood["id"]
        assert codes == edition.places.loc[inside, "place_id"].tolist()
    people = edition.people[edition.people["community_id"] == "everyone"]
    people = people.merge(edition.places[["place_id", "neighbourhood_id"]], on="place_id")
    for offer in payload["offers"]:
        ages = people["age"].between(offer["low"], offer["high"])
        expected = people[ages].groupby("neighbourhood_id")["children"].sum()
        found = offer["hoodCounts"][0][0]
        assert found == [round(expected[hood["id"]]) for hood in payload["neighbourhoods"]]


def test_no_difference_tells_a_place_s_few(payload: dict) -> None:
    """A group's count in a neighbourhood with a place under five is rounded."""
    rounded = 0
    for offer in payload["offers"]:
        for ages, of_hoods in zip(offer["counts"], offer["hoodCounts"], strict=True):
            for row, counts in zip(ages[1:], of_hoods[1:], strict=True):
                assert (row is None) == (counts is None)
                for hood, count in enumerate(counts or ()):
                    places = payload["neighbourhoods"][hood]["places"]
                    if FEW not in [row[n] for n in places]:
                        assert abs(count - sum(row[n] for n in places)) <= len(places) / 2
                    elif count != FEW:
                        assert count % ROUNDED_TO == 0
                        rounded += 1
    assert rounded > 100


def name_missing(edition: Edition) -> Edition:
    """Let two elements miss something in places where nothing is covered."""
    coverage = edition.coverage.copy()
    lacking = (coverage["element_id"] == "C06") & (coverage["age"] <= 9)
    coverage["missing_parts"] = np.where(lacking, "Christmas", "")
    older = (coverage["element_id"] == "C06") & (coverage["age"] == 10)
    coverage.loc[older, "missing_parts"] = "Christmas; Summer"
    disabled = (coverage["element_id"] == "Y05") & (coverage["community_id"] == "disabled")
    coverage.loc[disabled & (coverage["place_id"] == "P03"), "missing_parts"] = "MUGA"
    coverage.loc[coverage["element_id"] == "Y01", "missing_parts"] = None
    return replace(edition, coverage=coverage)


def test_what_is_missing_is_the_frame_s(edition: Edition) -> None:
    named = name_missing(edition)
    payload = build_payload(named, register_href="r")
    texts = payload["missingTexts"]
    told = 0
    frame = named.coverage[named.coverage["element_id"].isin(["C06", "Y05", "Y06"])]
    group_of = {c["id"]: n for n, c in enumerate(payload["communities"])}
    place_of = {p["id"]: n for n, p in enumerate(payload["places"])}
    for row in frame.itertuples():
        offer = next(o for o in payload["offers"] if o["id"] == row.offer_id)
        codes = [payload["elements"][n]["id"] for n in offer["elements"]]
        table = offer["missing"][codes.index(row.element_id)]
        if table is None:
            assert row.missing_parts == ""
            continue
        groups = max(table["groups"]) + 1
        age = table["ages"][offer["ages"].index(row.age)]
        found = table["rows"][age * groups + table["groups"][group_of[row.community_id]]]
        assert texts[found[place_of[row.place_id]]] == row.missing_parts.replace(";", ",")
        told += bool(row.missing_parts)
    assert told > 1000


def test_an_older_frame_says_nothing_of_what_is_missing(payload: dict) -> None:
    assert all(table is None for offer in payload["offers"] for table in offer["missing"])
    assert all(gap["missing"] == "" for gap in payload["gaps"])


def test_an_element_without_cells_in_a_place_has_no_figure(edition: Edition, payload: dict) -> None:
    """C13 is due in the three most deprived deciles only."""
    offer = payload["offers"][1]
    slot = [payload["elements"][n]["id"] for n in offer["elements"]].index("C13") + 1
    for place, decile in enumerate(edition.places["imd_decile"]):
        found = look_up(payload, offer=1, slot=slot, age=0, group=0, place=place)
        assert (found is not None) == (decile in (1, 2, 3))


def test_a_community_s_few_children_are_listed_without_figures(edition: Edition) -> None:
    entries = edition.entries.copy()
    entries.loc[3, ["community_id", "children", "cause_far"]] = ["pakistani", 3.4, 3.4]
    gap = build_payload(replace(edition, entries=entries), register_href="r")["gaps"][3]
    assert gap["children"] is None
    assert gap["causes"] == []


def test_gaps_say_what_is_missing_and_which_are_closed(edition: Edition) -> None:
    entries = edition.entries.assign(missing_parts="")
    entries.loc[2, "missing_parts"] = "Christmas; Summer"
    entries.loc[4, "state"] = "closed by measure"
    gaps = build_payload(replace(edition, entries=entries), register_href="r")["gaps"]
    assert [gap["missing"] for gap in gaps[:4]] == ["", "", "Christmas, Summer", ""]
    assert [n for n, gap in enumerate(gaps) if gap["closed"]] == [4]
    assert gaps[4]["settled"]


def test_a_gap_of_merged_groups_concerns_each_of_them(edition: Edition) -> None:
    entries = edition.entries.copy()
    merged = ["all_asian", "bme", "all_but:indian+pakistani", "pakistani", "everyone"]
    entries.loc[: len(merged) - 1, "community_id"] = merged
    edition = replace(edition, entries=entries)
    payload = build_payload(edition, register_href="r")
    menu = [c["id"] for c in payload["communities"]]
    members = edition.framework.members
    for community, gap in zip(merged, payload["gaps"], strict=False):
        assert gap["communityName"] == edition.framework.community_name(community)
        assert gap["forAll"] == (community == "everyone")
        expected = {*members(community), community} & set(menu)
        assert {menu[n] for n in gap["groups"]} == expected
    assert [gap["community"] for gap in payload["gaps"][:3]] == [-1, menu.index("bme"), -1]
    assert menu.index("indian") not in payload["gaps"][2]["groups"]


def test_causes_of_a_gap_without_figures_are_words(edition: Edition) -> None:
    entries = edition.entries.copy()
    entries.loc[:2, "main_cause"] = ["none", "far", "mixed causes"]
    gaps = build_payload(replace(edition, entries=entries), register_href="r")["gaps"]
    assert [gap["mainCause"] for gap in gaps[:3]] == [
        "Not enough anywhere",
        "Too far",
        "mixed causes",
    ]


def test_gaps_name_their_places_ages_and_element(edition: Edition, payload: dict) -> None:
    for row, gap in zip(edition.entries.to_dict("records"), payload["gaps"], strict=True):
        codes = [payload["places"][n]["id"] for n in gap["places"]]
        assert codes == list(row["places"])
        if row["kind"] == "practice":
            assert (gap["offer"], gap["element"]) == (-1, -1)
            continue
        assert payload["elements"][gap["element"]]["id"] == row["element_id"]
        ages = payload["offers"][gap["offer"]]["ages"]
        cells = {
            (place, ages[bit])
            for place, mask in zip(codes, gap["masks"], strict=True)
            for bit in range(len(ages))
            if mask >> bit & 1
        }
        assert cells == set(row["cells"])


def test_services_stand_where_the_frame_says(edition: Edition, payload: dict) -> None:
    for row, service in zip(edition.services.to_dict("records"), payload["services"], strict=True):
        if np.isnan(row["easting"]):
            assert service["at"] is None
            assert service["everywhere"]
            continue
        x, y = (value / UNITS_A_DEGREE for value in service["at"])
        point = gpd.GeoSeries([shapely.Point(x, y)], crs="EPSG:4326").to_crs(edition.crs).iloc[0]
        assert abs(point.x - row["easting"]) < 1.5
        assert abs(point.y - row["northing"]) < 1.5
        assert service["rough"] == (row["place_basis"] == "polygon")


# ---------------------------------------------------------------- writing it down


def test_the_block_cannot_end_early_and_reads_back() -> None:
    said = {"a": "</script><!--<script>]]>&\u2028\u2029'\"`${1}{{7*7}}\\"}
    written = write_json(said)
    assert not any(sign in written for sign in "<>&\u2028\u2029")
    assert json.loads(written) == said


def test_no_code_of_the_data_is_a_key(payload: dict) -> None:
    """Codes are values, so that one called __proto__ means nothing to the page."""
    codes = {p["id"] for p in payload["places"]} | {s["id"] for s in payload["services"]}

    def keys(node: object) -> set[str]:
        if isinstance(node, dict):
            return set(node) | {k for value in node.values() for k in keys(value)}
        if isinstance(node, list):
            return {k for value in node for k in keys(value)}
        return set()

    assert not keys(payload) & codes


def test_a_city_fits_in_two_megabytes() -> None:
    edition = build_edition(columns=10, rows=8, services=120)
    assert len(write_json(build_payload(edition, register_href="r"))) < 2_000_000


# ---------------------------------------------------------------- colours


def light(colour: str) -> float:
    """Relative luminance (WCAG 2)."""
    values = [int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5)]
    linear = [v / 12.92 if v <= 0.04045 else ((v + 0.055) / 1.055) ** 2.4 for v in values]
    return float(np.dot(linear, (0.2126, 0.7152, 0.0722)))


@pytest.mark.parametrize("name", ["missing", "there", "unknown"])
def test_ramps_darken_by_clear_steps(name: str) -> None:
    for count in range(2, len(LIMITS) + 1):
        lights = [light(colour) for colour in draw_ramp(name, count)]
        assert all((a + 0.05) / (b + 0.05) > 1.2 for a, b in itertools.pairwise(lights))
    assert draw_ramps()[name] == draw_ramp(name, len(LIMITS))


def test_the_classes_run_from_nothing_to_all(payload: dict) -> None:
    assert payload["limits"] == list(LIMITS)
    assert (LIMITS[0], LIMITS[-1]) == (0, WHOLE)
    assert len(set(np.diff(LIMITS))) == 1


def test_markers_differ_in_shape_and_letter_and_carry_white_text(edition: Edition) -> None:
    marks = mark_outcomes(edition.framework.outcomes)
    assert len({m["shape"] for m in marks}) == len(marks)
    assert len({m["letter"] for m in marks}) == len(marks)
    for mark in marks:
        assert 1.05 / (light(mark["colour"]) + 0.05) >= 4.5

"""From lines to a network: what meets and what does not, pieces apart, what is refused."""

from __future__ import annotations

import geopandas as gpd
import networkx as nx
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal
from shapely.geometry import LineString, MultiLineString, Point

from provision_map.errors import DataError, DataWarning, UsageError
from provision_map.reach.network import StreetNetwork, build_network

BRITAIN = "EPSG:27700"


def roads(*lines: object, crs: str | None = BRITAIN, **columns: object) -> gpd.GeoDataFrame:
    shapes = [LineString(line) if isinstance(line, list) else line for line in lines]
    return gpd.GeoDataFrame(columns, geometry=shapes, crs=crs, index=range(len(shapes)))


def meetings(network: StreetNetwork) -> set[tuple[tuple[float, float], tuple[float, float]]]:
    """Return the links as pairs of positions, rounded to a metre, the lesser first."""
    ends = np.round(network.nodes).tolist()
    pairs = zip(network.links["from_node"], network.links["to_node"], strict=True)
    return {tuple(sorted((tuple(ends[a]), tuple(ends[b])))) for a, b in pairs}


def test_ends_within_the_tolerance_are_one_junction_and_the_line_is_moved_onto_it():
    links = roads([(0, 0), (100, 0)], [(100.6, 0.8), (200, 0)], [(100, 2.5), (100, 300)])
    network = build_network(links, join_metres=1.0)
    # (100, 0) and (100.6, 0.8) are 1 m apart: joined at the more western. (100, 2.5) is not.
    assert len(network.nodes) == 5
    at = {(round(x, 1), round(y, 1)) for x, y in network.nodes}
    assert at == {(0, 0), (100, 0), (200, 0), (100, 2.5), (100, 300)}
    assert sorted(network.links["metres"].round(6)) == [100, 100, 297.5]
    assert (network.links.geometry.length == network.links["metres"]).all()
    assert list(network.components["nodes"]) == [2, 3]
    assert len(build_network(links, join_metres=0.99).nodes) == 6


def test_ends_that_hang_together_in_a_chain_are_one_junction():
    links = roads(*[[(0.9 * i, 0), (0.9 * i, 100 + i)] for i in range(4)])
    assert len(build_network(links, join_metres=1.0).nodes) == 5


def test_a_crossing_of_middles_is_a_bridge_and_a_street_that_ends_on_another_opens_into_it():
    crossing = roads([(0, 0), (200, 0)], [(100, -100), (100, 100)])
    assert len(build_network(crossing).components) == 2
    # Even where both have a corner there.
    corners = roads([(0, 0), (100, 0), (200, 0)], [(100, -100), (100, 0), (100, 100)])
    assert len(build_network(corners).components) == 2

    opening = roads([(0, 0), (200, 0)], [(100, 0), (100, 100)], [(50, -100), (50, -0.5)])
    network = build_network(opening)
    assert len(network.components) == 1
    assert meetings(network) == {
        ((0, 0), (50, 0)), ((50, 0), (100, 0)), ((100, 0), (200, 0)),
        ((100, 0), (100, 100)), ((50, -100), (50, 0)),
    }  # fmt: skip
    # What ends 1.5 m before it does not.
    assert len(build_network(roads([(0, 0), (200, 0)], [(50, -100), (50, -1.5)])).components) == 2


def test_parallel_links_loops_and_several_openings_into_one_street():
    links = roads(
        [(0, 0), (100, 0)],
        [(0, 0), (50, 50), (100, 0)],
        [(100, 0), (150, 50), (150, -50), (100, 0)],
        [(30, 0), (30, -80)],
        [(60, 0), (60, -80)],
    )
    network = build_network(links)
    assert len(network.nodes) == 6
    assert len(network.links) == 7
    assert sorted(network.links["metres"].round(2)) == [30, 30, 40, 80, 80, 141.42, 241.42]
    assert list(network.links.query("from_node == to_node")["metres"].round(2)) == [241.42]


def test_several_lines_in_one_and_heights():
    multi = MultiLineString([[(0, 0, 5), (50, 0, 6)], [(50, 0, 6), (50, 70, 9)]])
    network = build_network(roads(multi))
    assert sorted(network.links["metres"]) == [50, 70]
    assert not shapely.has_z(network.links.geometry.to_numpy()).any()


def test_what_is_left_out_is_counted():
    links = roads([(0, 0), (100, 0)], None, LineString(), [(5, 5), (5, 5)], [(100, 0), (100.5, 0)])
    with pytest.warns(DataWarning) as said:
        network = build_network(links)
    assert sorted(str(w.message) for w in said) == [
        "road links: 2 lines of no length between their junctions are left out.",
        "road links: 2 of 5 links have no geometry and are left out.",
    ]
    assert len(network.links) == 1


def test_speeds_and_directions():
    links = roads(
        [(0, 0), (100, 0)], [(100, 0), (200, 0)], [(200, 0), (300, 0)], [(300, 0), (400, 0)],
        oneway=["forward", "backward", "both", None],
        metres_per_minute=[50.0, np.nan, 200.0, 100.0],
    )  # fmt: skip
    network = build_network(
        pd.concat([links, roads([(0, 0), (0, 99_000)])]), mode="cycle", metres_per_minute=250.0
    )
    rows = network.links.sort_values("metres").iloc[:4].sort_values("from_node")
    inf = float("inf")
    assert list(rows["forward"]) == [2.0, inf, 0.5, 1.0]
    assert list(rows["backward"]) == [inf, 0.4, 0.5, 1.0]
    assert not network.one_speed
    on_foot = build_network(links.drop(columns="metres_per_minute"), mode="walk")
    assert (on_foot.links[["forward", "backward"]] == 1.25).all(axis=None)
    assert on_foot.one_speed


def test_one_way_streets_part_no_network_and_what_goes_round_is_its_core():
    ring = [[(0, 0), (1000, 0)], [(1000, 0), (500, 800)], [(500, 800), (0, 0)]]
    way_in, way_out = [(-500, 0), (0, 0)], [(1000, 0), (1005, 0)]
    links = roads(*ring, way_in, way_out, oneway="forward")
    # No piece is under 1 %, however little of it leads one way only: nothing is said.
    network = build_network(links, mode="drive")
    assert network.components[["nodes", "links", "usable"]].values.tolist() == [[5, 5, True]]
    assert network.usable.all()
    corners = {(0.0, 0.0), (1000.0, 0.0), (500.0, 800.0)}
    assert set(map(tuple, network.nodes[network.core])) == corners
    assert build_network(links, mode="walk").core.all()
    # A ring of less than half of the length is no core, a street that never leads back has none.
    long = pd.concat([links, roads([(-9000, 0), (-500, 0)], oneway="forward")])
    assert not build_network(long, mode="drive").core.any()
    assert not build_network(roads([(0, 0), (500, 0)], oneway="forward"), mode="drive").core.any()


def test_a_small_piece_apart_is_counted_without_the_one_way_streets_of_the_others():
    links = roads([(0, 0), (1000, 0)], [(1000, 0), (1500, 0)], [(0, 50), (5, 50)])
    links["oneway"] = ["both", "forward", "forward"]
    with pytest.warns(DataWarning) as said:
        build_network(links, mode="drive")
    assert [str(w.message) for w in said] == [
        (
            "road links: 1 piece of the network (0.0 km of 1.5 km) is joined to no other: it is under "
            "1% of it, and nothing is taken to stand there. If streets are missing between them, mend "
            "the file or raise join_metres."
        )
    ]


def test_small_pieces_are_told_and_not_used_and_large_ones_are():
    main = [(0, 0), (10_000, 0)]
    links = roads(main, [(0, 50), (101, 50)], [(0, 90), (50, 90)], [(0, 120), (60, 120)])
    with pytest.warns(DataWarning) as said:
        network = build_network(links)
    (message,) = [str(w.message) for w in said]
    assert message.startswith("road links: 3 pieces of the network (0.2 km of 10.2 km) are joined")
    parts = network.components
    # 101 of 10,211 m are 0.99 %: an artefact as well.
    assert list(parts["kilometres"]) == pytest.approx([10, 0.101, 0.06, 0.05])
    assert list(parts["share"]) == pytest.approx([10 / 10.211, 0.101 / 10.211, 0.06 / 10.211, 0.05 / 10.211])  # fmt: skip
    assert list(parts["usable"]) == [True, False, False, False]
    with pytest.warns(DataWarning, match="2 pieces"):
        kept = build_network(pd.concat([links.drop(1), roads([(0, 50), (105, 50)])]))
    assert list(kept.components["usable"]) == [True, True, False, False]
    assert kept.usable.sum() == 2


def test_the_longest_piece_is_always_used():
    links = roads(*[[(0, 10.0 * i), (100 + i, 10.0 * i)] for i in range(150)])
    with pytest.warns(DataWarning, match="149 pieces"):
        network = build_network(links)
    assert list(network.links.loc[network.usable, "metres"]) == [249]


@pytest.mark.parametrize(
    ("links", "says"),
    [
        (roads([(0, 0), (1, 1)], crs="EPSG:4326"), "in degrees"),
        (roads([(0, 0), (1, 1)], crs="EPSG:2227"), "not in metres"),
        (roads([(0, 0), (1, 1)], crs=None), "no coordinate system"),
        (roads([(0, 0), (1, 1)], Point(0, 0)), r"1 row \(row 1\) is no line: Point"),
        (roads([(0, 0), (np.inf, 1)], [(0, 0), (1, 0)]), r"1 link \(row 0\) has coordinates that are not finite"),
        (roads([(0, 0), (9, 9)], metres_per_minute=[0.0]), r"1 link \(row 0\) has a speed that is not above 0"),
        (roads([(0, 0), (9, 9)], metres_per_minute=[-5.0]), "a speed that is not above 0"),
        (roads([(0, 0), (9, 9)], metres_per_minute=[np.inf]), "a speed that is not above 0"),
        (roads([(0, 0), (9, 9)], metres_per_minute=["fast"]), "a speed that is not above 0"),
        (roads([(0, 0), (9, 9)], oneway=["yes"]), "neither both nor forward nor backward"),
        (roads(*[[(0, 0), (9, 9)]] * 7, oneway="no"), r"7 links \(row 0, 1, 2, 3, 4, …\) say neither"),
    ],
)  # fmt: skip
def test_what_cannot_be_right_is_refused(links, says):
    with pytest.raises(DataError, match=says):
        build_network(links, mode="drive")


def test_all_problems_are_told_at_once_and_an_empty_file_is_one():
    links = roads([(0, 0), (1, 1)], crs="EPSG:4326", oneway=["?"], metres_per_minute=[-1.0])
    with pytest.raises(DataError) as told:
        build_network(links)
    assert len(told.value.problems) == 3
    with pytest.raises(DataError, match="no street of any length"):
        build_network(roads())
    for wrong in ({"metres_per_minute": 0.0}, {"metres_per_minute": np.nan}, {"join_metres": -1.0}):
        with pytest.raises(UsageError):
            build_network(roads([(0, 0), (9, 9)]), **wrong)


@pytest.mark.filterwarnings("ignore::provision_map.errors.DataWarning")
@given(st.integers(0, 10**6))
@settings(max_examples=30, deadline=None)
def test_the_order_of_the_rows_does_not_matter(seed):
    rng = np.random.default_rng(seed)
    # A coarse grid, so that ends coincide, are near each other, and lie on other streets.
    ends = rng.integers(0, 6, (20, 2, 2)) * 10 + rng.choice([0, 0, 0.6], (20, 2, 2))
    links = roads(*map(LineString, ends))
    links["oneway"] = rng.choice(["both", "forward"], 20)
    if not (links.length > 2).any():
        return
    first = build_network(links, mode="cycle")
    second = build_network(links.sample(frac=1, random_state=seed), mode="cycle")
    np.testing.assert_array_equal(first.nodes, second.nodes)
    np.testing.assert_array_equal(first.node_component, second.node_component)
    assert_frame_equal(first.components, second.components)
    assert_frame_equal(first.links.drop(columns="geometry"), second.links.drop(columns="geometry"))
    assert (first.links.geometry == second.links.geometry).all()


def test_real_roads_of_bath(shared_data):
    links = gpd.read_file(shared_data / "bath/banes_os_roads.geojson").to_crs(BRITAIN)
    assert len(links) == 9_015
    assert links.length.sum() / 1000 == pytest.approx(1_303, abs=0.5)
    # As the file was described: ends on a grid of 1 m, nothing else joined.
    lines = shapely.get_parts(links.geometry.to_numpy())
    ends = nx.Graph()
    for line in lines:
        ends.add_edge(*[tuple(np.round(line.coords[i])) for i in (0, -1)])
    parts = sorted(map(len, nx.connected_components(ends)), reverse=True)
    assert (len(ends), len(parts), parts[0]) == (7_985, 95, 7_700)
    # Ends that lie within 1 m whatever the grid are three fewer; and 94 streets end on a corner of
    # another, which joins 46 of the pieces.
    with pytest.warns(DataWarning) as said:
        network = build_network(links, join_metres=1.0)
    pieces, short = sorted((str(w.message) for w in said), key=len, reverse=True)
    assert pieces.startswith("road links: 48 pieces of the network (7.0 km of 1,303.2 km)")
    assert short == "road links: 5 lines of no length between their junctions are left out."
    assert len(network.nodes) == 7_982
    assert len(network.components) == 49
    assert network.components["nodes"][0] == 7_878
    assert network.components["share"][0] == pytest.approx(0.9947, abs=1e-4)
    assert network.links["metres"].sum() / 1000 == pytest.approx(1_303.18, abs=0.01)

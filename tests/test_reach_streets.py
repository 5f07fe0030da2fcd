"""Ways along streets: a toy city worked out on paper, laws, and networkx as the oracle."""

from __future__ import annotations

import itertools
import warnings

import geopandas as gpd
import networkx as nx
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal
from shapely.geometry import LineString, MultiPoint, Point, Polygon, box

from provision_map.errors import DataError, DataWarning, UsageError
from provision_map.reach.network import StreetNetwork, build_network
from provision_map.reach.snap import attach_points, attach_sites
from provision_map.reach.straight_line import travel_times
from provision_map.reach.streets import measure_detour, place_times, street_travel_times
from provision_map.tables import HOMES, SERVICES, TRAVEL_TIMES
from towns import Town, frame

BRITAIN = "EPSG:27700"
#: The band around a site has 16 corners a quarter circle: 25 m × (1 - cos 2.8°).
BAND = 0.031


def roads(*lines: object, **columns: object) -> gpd.GeoDataFrame:
    shapes = [LineString(line) if isinstance(line, list) else line for line in lines]
    return gpd.GeoDataFrame(columns, geometry=shapes, crs=BRITAIN, index=range(len(shapes)))


def blocks(size: int = 5, metres: float = 100.0) -> gpd.GeoDataFrame:
    """Make a city of 5 × 5 streets, 100 m apart, each block a link of its own."""
    at = [metres * i for i in range(size)]
    steps = list(itertools.pairwise(at))
    across = [[(a, y), (b, y)] for y in at for a, b in steps]
    return roads(*across, *[[(x, a), (x, b)] for x in at for a, b in steps])


CITY = build_network(blocks())


def homes(*spots: tuple[float, float]) -> pd.DataFrame:
    rows = [(f"h{i}", "P1", x, y, 1 / len(spots)) for i, (x, y) in enumerate(spots)]
    return pd.DataFrame(rows, columns=HOMES.names())


def clubs(*spots: tuple[float, float], **more: object) -> pd.DataFrame:
    rows = [
        {"service_id": f"s{i}", "easting": float(x), "northing": float(y), **more}
        for i, (x, y) in enumerate(spots)
    ]
    return frame(SERVICES, rows)


def outlines(*shapes: object, crs: str = BRITAIN) -> gpd.GeoDataFrame:
    codes = [f"s{i}" for i in range(len(shapes))]
    return gpd.GeoDataFrame({"service_id": codes}, geometry=list(shapes), crs=crs)


def ways(
    start: list[tuple[float, float]],
    goal: list[tuple[float, float]],
    network: StreetNetwork = CITY,
    **more: object,
) -> dict[tuple[str, str], float]:
    """Return metres (minutes, where there are none) by home and service."""
    times = street_travel_times(homes(*start), clubs(*goal), network, engine="scipy", **more)
    assert list(times.columns) == TRAVEL_TIMES.names()
    length = times["metres"].fillna(times["minutes"])
    return dict(zip(zip(times["from_id"], times["to_id"], strict=True), length, strict=True))


def way(start: tuple[float, float], goal: tuple[float, float], **more: object) -> float:
    (metres,) = ways([start], [goal], **more).values()
    return metres


# ---------------------------------------------------------------- the toy city, on paper


@pytest.mark.parametrize(
    ("start", "goal", "metres"),
    [
        ((0, 0), (400, 400), 800),  # corner to corner: 4 blocks east, 4 north
        ((100, 200), (100, 300), 100),  # a junction to the next
        ((150, 0), (150, 400), 500),  # mid-block: 50 to a corner, 400 north, 50 back
        ((20, 0), (80, 0), 60),  # two points of one link: along it, not via its ends
        ((80, 0), (20, 0), 60),
        ((160, 0), (240, 0), 80),  # either side of a corner
        ((150, 0), (150, 100), 200),  # across the block: 50 + 100 + 50
        ((120, 0), (120, 100), 140),  # across the block, nearer one corner: 20 + 100 + 20
        ((50, 30), (250, 20), 250),  # 30 to the street, 200 along it, 20 off it
        ((50, 30), (50, -20), 50),  # on two sides of the street, which is crossed
        ((50, 30), (50, 30), 0),  # where one is
        ((50, 30), (60, 30), 10),  # within 25 m: straight on
        ((50, 10), (76, 10), 46),  # 26 m: by the street, 10 + 26 + 10
        ((-30, -40), (0, 0), 50),  # beyond the last street, to its end: the 3-4-5 triangle
    ],
)
def test_ways_worked_out_on_paper(start, goal, metres):
    assert way(start, goal) == pytest.approx(metres, abs=1e-9)


def test_a_row_of_the_table():
    town = Town(children={"P1": {13: 10.0}, "P2": {13: 10.0}})
    people = homes((0, 0), (50, 30)).assign(place_id=["P1", "P2"])
    services = frame(
        SERVICES,
        [
            {"service_id": "b", "easting": 400.0, "northing": 400.0, "location_accuracy": 20.0},
            {"service_id": "a", "easting": 50.0, "northing": 30.0, "service_area": ("P1",)},
            {"service_id": "nowhere"},
        ],
    )
    times = street_travel_times(people, services, CITY, places=town.places, searched_to=30)
    rows = times.drop(columns="searched_to").to_numpy().tolist()
    # h1: 30 to the street, 50 west and 800, or 350 east and 400 north: 30 + 350 + 400.
    assert rows == [
        ["h0", "a", "outreach", 0, 0, 0],
        ["h0", "b", "walk", 10, 800, 26],
        ["h1", "a", "walk", 0, 0, 0],
        ["h1", "b", "walk", 9.75, 780, 26],
    ]
    assert (times["searched_to"] == 30).all()
    with pytest.raises(UsageError, match="hand over the places"):
        street_travel_times(people, services, CITY)


def test_the_bound_holds_for_the_whole_way_and_an_uncertain_site_is_searched_further():
    # 30 off the street, 200 along it and 20 off it: 250 m are 3.125 minutes.
    start, goal = [(50.0, 30.0)], [(250.0, 20.0)]
    assert ways(start, goal, searched_to=3.125) == {("h0", "s0"): 250}
    assert ways(start, goal, searched_to=3.124) == {}
    # 400 m are 5 minutes; the site may be 100 × 1.3 m nearer: 270 m, 3.375 minutes.
    vague = clubs((400, 0), location_accuracy=100.0)
    for bound, found in ((3.375, 1), (3.37, 0)):
        assert len(street_travel_times(homes((0, 0)), vague, CITY, searched_to=bound)) == found
    both = pd.concat([clubs((400, 1)), vague.assign(service_id="vague")], ignore_index=True)
    times = street_travel_times(homes((0, 0)), both, CITY, searched_to=4)
    assert list(times["to_id"]) == ["vague"]


def test_a_point_amid_four_streets_takes_the_one_that_serves_best_whatever_the_order_of_rows():
    # 50 to the street on the right, 100 up it less the half, and 50: never back round a corner.
    assert way((50, 50), (150, 50)) == 100
    assert way((50, 50), (250, 50)) == 50 + 100 + 100 + 50
    assert way((50, 50), (50, 500)) == 50 + 50 + 300 + 150
    spots = [(50.0 + 100 * i, 50.0 + 100 * j) for i in range(4) for j in range(4)]
    first = ways(spots, spots[::3])
    for seed in range(3):
        network = build_network(blocks().sample(frac=1, random_state=seed))
        assert ways(spots, spots[::3], network=network) == first


def test_on_a_winding_street_the_way_is_along_it():
    # A horseshoe of one link: up 300, across 30, down 300. Its ends are 30 m apart, with no street
    # between them.
    network = build_network(roads([(0, 0), (0, 300), (30, 300), (30, 0)]))
    assert way((0, 10), (30, 10), network=network) == 290 + 30 + 290
    # Closed by a street, the ends are the shorter way.
    closed = build_network(
        roads([(0, 0), (0, 300), (30, 300), (30, 0)], [(0, 0), (15, -5), (30, 0)])
    )
    assert way((0, 10), (30, 10), network=closed) == pytest.approx(20 + 2 * np.hypot(15, 5))
    # A ring of one link: the shorter way round, over its own end.
    ring = build_network(roads([(0, 0), (0, 300), (300, 300), (300, 0), (0, 0)]))
    assert way((0, 100), (100, 0), network=ring) == 200


# ---------------------------------------------------------------- sites that are areas


def test_a_park_in_a_block_is_entered_wherever_a_street_is_near():
    park = outlines(box(110, 110, 190, 190))
    at = [(150.0, 100.0), (50.0, 100.0), (150.0, 0.0), (150.0, 150.0), (150.0, 106.0)]
    found = ways(at, [(150, 150)], sites=park)
    metres = [found[f"h{i}", "s0"] for i in range(len(at))]
    # From a street 10 m off, straight over. From (50, 100) along the street to where the park's
    # corner (110, 110) is 25 m off: 10 m north and √(25² - 10²) = 22.913 east, so to x = 87.087.
    # From (150, 0): 50 to the corner, 100 north but for the last √525 m, and 25.
    near = 110 - np.sqrt(525)
    assert metres == pytest.approx([10, near - 50 + 25, 50 + near + 25, 0, 4], abs=BAND)
    # Seen as a point in its middle, the park is 50 m from the streets, all of one side.
    assert ways(at[:1], [(150, 150)])["h0", "s0"] >= 50


def test_a_street_inside_a_site_is_entered_where_it_crosses_the_boundary():
    park = outlines(box(-20, 150, 420, 250))  # the street y = 200 lies in it
    found = ways([(100.0, 0.0), (100.0, 140.0), (100.0, 200.0)], [(0, 0)], sites=park)
    # North to 25 m before the boundary, then straight on: 150 in all.
    assert list(found.values()) == pytest.approx([150, 10, 0], abs=BAND)


def test_each_part_of_a_site_has_the_nearest_street_where_none_is_near():
    park = outlines(Polygon([(130, 130), (170, 130), (170, 170), (130, 170)]))
    # All four streets are 30 m off; moved by a metre, one is the nearest.
    moved = outlines(box(129, 130, 169, 170))
    feet = attach_sites(CITY, moved.geometry.to_numpy(), 500.0)
    assert len(feet) == 1
    assert feet.off[0] == 29
    assert len(attach_sites(CITY, park.geometry.to_numpy(), 500.0)) == 4
    gates = outlines(MultiPoint([(50, 40), (350, 410)]))
    found = ways([(50.0, 0.0), (350.0, 400.0)], [(0, 0)], sites=gates)
    assert found == {("h0", "s0"): 40, ("h1", "s0"): 10}


def test_sites_in_several_rows_without_geometry_and_of_nobody():
    rows = outlines(box(110, 110, 120, 190), None, box(180, 110, 190, 190), Point(0, 0))
    rows["service_id"] = ["s0", "s1", "s0", "elsewhere"]
    with pytest.warns(DataWarning) as said:
        times = street_travel_times(
            homes((100, 150), (200, 150)), clubs((150, 150), (0, 0), location_accuracy=50.0),
            CITY, sites=rows, engine="scipy",
        )  # fmt: skip
    assert sorted(str(w.message) for w in said) == [
        "sites: 1 of 4 sites belongs to no service and is left out.",
        "sites: 1 site has no geometry (s1): the position stands in.",
    ]
    found = times.set_index(["from_id", "to_id"])
    assert found["metres"].to_dict() == {
        ("h0", "s0"): 10, ("h0", "s1"): 250, ("h1", "s0"): 10, ("h1", "s1"): 350,
    }  # fmt: skip
    # An outline is not uncertain, whatever the position was.
    assert found["accuracy"].to_dict() == {
        ("h0", "s0"): 0, ("h0", "s1"): 65, ("h1", "s0"): 0, ("h1", "s1"): 65,
    }  # fmt: skip


def test_a_service_may_have_an_outline_and_no_position():
    nowhere = frame(SERVICES, [{"service_id": "s0"}])
    times = street_travel_times(
        homes((0, 0)), nowhere, CITY, sites=outlines(box(110, 410, 190, 490)), engine="scipy"
    )
    # To (110, 410) by (0, 400) or (100, 0): 500 less √525 (the street x = 100 ends), and 25.
    assert times["metres"].iloc[0] == pytest.approx(400 + 110 - np.sqrt(525) + 25, abs=BAND)


def test_sites_in_another_system_are_refused():
    for crs, says in ((4326, "in degrees"), (3857, "and all else in OSGB36"), (None, "no coord")):
        shapes = gpd.GeoDataFrame({"service_id": ["s0"]}, geometry=[box(0, 0, 1, 1)], crs=crs)
        with pytest.raises(DataError, match=says):
            street_travel_times(homes((0, 0)), clubs((9, 9)), CITY, sites=shapes)
    broken = outlines(Point(np.inf, 0))
    with pytest.raises(DataError, match="not finite"):
        street_travel_times(homes((0, 0)), clubs((9, 9)), CITY, sites=broken)


# ---------------------------------------------------------------- one-way streets, other modes


def test_one_way_streets_are_obeyed_from_home_to_service_but_not_on_foot():
    ring = [[(0, 0), (1000, 0)], [(1000, 0), (1000, 1000)], [(1000, 1000), (0, 1000)], [(0, 1000), (0, 0)]]  # fmt: skip
    links = roads(*ring, oneway="forward", metres_per_minute=500.0)
    network = build_network(links, mode="drive", metres_per_minute=667.0)
    spots = [(100.0, 0.0), (600.0, 0.0)]
    minutes = ways(spots, spots, network=network)
    assert minutes == pytest.approx(
        # Onward 500 m; back only all the way round, 3,500 m.
        {("h0", "s0"): 0, ("h0", "s1"): 1, ("h1", "s0"): 7, ("h1", "s1"): 0}, abs=1e-12
    )  # fmt: skip
    against = links.assign(oneway="backward")
    turned = build_network(against, mode="drive")
    assert ways(spots, spots, network=turned)["h0", "s1"] == pytest.approx(7)
    on_foot = build_network(links.drop(columns="metres_per_minute"), mode="walk")
    assert ways(spots, spots, network=on_foot)["h1", "s0"] == 500


def test_a_single_one_way_street_is_a_network_and_who_cannot_leave_or_arrive_is_named():
    network = build_network(roads([(0, 0), (3000, 0)], oneway="forward"), mode="drive")
    with pytest.warns(DataWarning) as said:
        found = ways([(100, 0), (2900, 50)], [(1500, 0), (20, 0)], network=network)
    # Only the first home comes to the first service; nobody is taken by straight line.
    assert found == pytest.approx({("h0", "s0"): 1400 / 80})
    assert [str(w.message) for w in said] == [
        (
            "street network: 1 home stands where one-way streets lead to no way out (h1). "
            "Check the directions of the streets there."
        ),
        (
            "street network: 1 service stands where one-way streets lead to no way in (s1). "
            "Check the directions of the streets there."
        ),
    ]


def test_a_one_way_spur_can_be_arrived_by_and_left_as_it_leads():
    spurs = roads([(400, 0), (900, 0)], [(-500, 0), (0, 0)])
    links = pd.concat([blocks().assign(oneway="both"), spurs.assign(oneway="forward")])
    network = build_network(links, mode="cycle", metres_per_minute=250.0)
    # From the spur that leads into the city to the one that leads out of it.
    assert way((-500, 0), (900, 0), network=network) == pytest.approx(1400 / 250)
    with pytest.warns(DataWarning) as said:
        found = ways([(900, 0), (0, 0)], [(-500, 0), (0, 0), (900, 0)], network=network)
    assert set(found) == {("h0", "s2"), ("h1", "s1"), ("h1", "s2")}
    assert [str(w.message).split(":")[1][:70] for w in said] == [
        " 1 home stands where one-way streets lead to no way out (h0). Check th",
        " 1 service stands where one-way streets lead to no way in (s0). Check ",
    ]


def test_off_the_street_people_walk_whatever_the_mode():
    network = build_network(blocks(), mode="cycle", metres_per_minute=250.0)
    times = street_travel_times(homes((50, 40)), clubs((350, -40)), network, engine="scipy")
    row = times.iloc[0]
    assert (row["mode"], row["minutes"]) == ("cycle", pytest.approx(300 / 250 + 80 / 80))
    assert np.isnan(row["metres"])
    slow = build_network(blocks(), mode="walk", metres_per_minute=40.0)
    row = street_travel_times(homes((50, 40)), clubs((350, -40)), slow).iloc[0]
    assert (row["minutes"], row["metres"]) == (380 / 40, 380)
    steps = build_network(blocks().assign(metres_per_minute=40.0))
    row = street_travel_times(homes((50, 40)), clubs((350, -40)), steps).iloc[0]
    assert row["minutes"] == pytest.approx(300 / 40 + 80 / 80)
    assert np.isnan(row["metres"])


# ---------------------------------------------------------------- what is off the network


def test_what_no_street_is_near_is_named_and_taken_by_straight_line():
    start = [(0.0, 0.0), (0.0, -300.0), *[(0.0, -600.0 - i) for i in range(6)]]
    goal = [(0.0, 400.0), (400.0, 1000.0)]
    with pytest.warns(DataWarning) as said:
        found = ways(start, goal, off_network_metres=500.0)
    assert [str(w.message).split(":")[1] for w in said] == [
        " 6 homes lie further than 500 m from any street in use (h2, h3, h4, h5, h6, …)",
        " 1 service stands further than 500 m from any street in use (s1)",
    ]
    assert len(found) == 16
    assert found["h0", "s0"] == 400
    assert found["h1", "s0"] == 700
    assert found["h2", "s0"] == pytest.approx(1000 * 1.3)
    assert found["h0", "s1"] == pytest.approx(np.hypot(400, 1000) * 1.3)
    assert found["h2", "s1"] == pytest.approx(np.hypot(400, 1600) * 1.3)
    # 500 m themselves are near enough.
    assert way((0, -500), (0, 0), off_network_metres=500.0) == 500


def test_small_pieces_are_passed_over_and_large_ones_apart_are_warned_of():
    small = build_pieces([(50.0, 30.0), (60.0, 30.0)])
    # The stub of 10 m is nearer, and leads nowhere.
    assert way((55, 31), (100, 0), network=small) == 31 + 45
    far = build_pieces([(1000.0, 0.0), (1000.0, 500.0)], warned=False)
    with pytest.warns(DataWarning) as said:
        found = ways([(0, 0), (990, 100)], [(0, 50), (990, 200), (1000, 300)], network=far)
    assert set(found) == {("h0", "s0"), ("h1", "s1"), ("h1", "s2")}
    assert [str(w.message).split(":")[1] for w in said] == [
        " 1 home lies on a part of the network that no street joins to the rest (h1)",
        " 2 services lie on parts of the network that no street joins to the rest (s1, s2)",
    ]


def build_pieces(line: list[tuple[float, float]], *, warned: bool = True) -> StreetNetwork:
    links = pd.concat([blocks(), roads(line)], ignore_index=True)
    if not warned:
        return build_network(links)
    with pytest.warns(DataWarning, match="1 piece of"):
        return build_network(links)


def test_no_homes_no_services_and_bounds_that_are_none():
    assert street_travel_times(homes(), clubs((0, 0)), CITY).empty
    assert street_travel_times(homes((0, 0)), clubs(), CITY).empty
    nowhere = street_travel_times(homes((0, 0)), frame(SERVICES, [{"service_id": "x"}]), CITY)
    assert list(nowhere.columns) == TRAVEL_TIMES.names()
    for wrong in ({"searched_to": -1.0}, {"off_network_metres": np.nan}):
        with pytest.raises(UsageError):
            street_travel_times(homes((0, 0)), clubs((0, 0)), CITY, **wrong)


# ---------------------------------------------------------------- networkx as the oracle


def random_city(seed: int, *, oneway: bool = False) -> tuple[gpd.GeoDataFrame, np.random.Generator]:
    """Scatter junctions and join some: crossings are bridges, and no junction is near a street."""
    rng = np.random.default_rng(seed)
    while True:
        spots = rng.uniform(0, 1000, (10, 2))
        tree = nx.random_labeled_tree(10, seed=int(rng.integers(2**31)))
        extra = {tuple(sorted(map(int, rng.choice(10, 2, replace=False)))) for _ in range(6)}
        pairs = sorted({tuple(sorted(edge)) for edge in tree.edges} | extra)
        lines = [LineString(spots[list(pair)]) for pair in pairs]
        clear = all(
            line.distance(Point(spots[node])) > 2
            for pair, line in zip(pairs, lines, strict=True)
            for node in range(10)
            if node not in pair
        )
        if clear:
            break
    links = gpd.GeoDataFrame({"a": [p[0] for p in pairs], "b": [p[1] for p in pairs]}, geometry=lines, crs=BRITAIN)  # fmt: skip
    if oneway:
        links["oneway"] = rng.choice(["both", "forward", "backward"], len(links))
        links["metres_per_minute"] = rng.choice([100.0, 300.0, np.nan], len(links))
    return links, rng


def quiet_network(links: gpd.GeoDataFrame, **more: object) -> StreetNetwork:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DataWarning)
        return build_network(links, **more)


def foot_by_hand(links: gpd.GeoDataFrame, spot: np.ndarray) -> tuple[int, float, float]:
    """Find the nearest link, metres along it and metres off it, by plain arithmetic."""
    best = (0, 0.0, np.inf)
    for i, line in enumerate(links.geometry):
        start, end = np.array(line.coords)
        length = float(np.hypot(*(end - start)))
        along = float(np.clip((spot - start) @ (end - start) / length, 0, length))
        off = float(np.hypot(*(spot - start - (end - start) / length * along)))
        if off < best[2]:
            best = (i, along, off)
    return best


def way_by_networkx(
    links: gpd.GeoDataFrame, start: np.ndarray, goal: np.ndarray, *, directed: bool, speed: float
) -> float:
    """Return minutes, by a graph that is built anew for the two points."""
    walking = speed if not directed else 80.0
    straight = float(np.hypot(*(start - goal)))
    if straight <= 25:
        return straight / walking
    graph = nx.MultiDiGraph()
    feet = {"start": foot_by_hand(links, start), "goal": foot_by_hand(links, goal)}
    for i, link in enumerate(links.itertuples()):
        stops = [(0.0, link.a), (link.geometry.length, link.b)]
        stops += [(along, name) for name, (on, along, _) in feet.items() if on == i]
        stops.sort(key=lambda stop: stop[0])
        pace = getattr(link, "metres_per_minute", np.nan)
        pace = speed if np.isnan(pace) else pace
        allowed = getattr(link, "oneway", "both") if directed else "both"
        for (near, left), (far, right) in itertools.pairwise(stops):
            # A foot at the end of a link is the junction, from which all of its streets lead on.
            if allowed != "backward" or far - near < 1e-9:
                graph.add_edge(left, right, weight=(far - near) / pace)
            if allowed != "forward" or far - near < 1e-9:
                graph.add_edge(right, left, weight=(far - near) / pace)
    off = (feet["start"][2] + feet["goal"][2]) / walking
    try:
        return off + float(nx.dijkstra_path_length(graph, "start", "goal"))
    except nx.NetworkXNoPath:
        return float("inf")


def foot_is_doubtful(links: gpd.GeoDataFrame, spot: np.ndarray) -> bool:
    """Say whether another street is as near, but for less than the oracle can tell."""
    gaps = shapely.distance(links.geometry.to_numpy(), Point(spot))
    as_near = links.geometry.to_numpy()[gaps <= gaps.min() + 1e-5]
    feet = shapely.get_coordinates(
        shapely.get_point(shapely.shortest_line(as_near, Point(spot)), 0)
    )
    return bool(np.ptp(feet, axis=0).max() > 1e-6)


def check_against_networkx(seed: int, *, oneway: bool, engine: str = "scipy") -> None:
    links, rng = random_city(seed, oneway=oneway)
    speed = 200.0 if oneway else 80.0
    network = quiet_network(links, mode="cycle" if oneway else "walk", metres_per_minute=speed)
    spots = rng.uniform(-100, 1100, (12, 2))
    if any(foot_is_doubtful(links, spot) for spot in spots):
        return
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DataWarning)
        times = street_travel_times(
            homes(*spots[:6]), clubs(*spots[6:]), network,
            searched_to=20.0, off_network_metres=2000.0, engine=engine,
        )  # fmt: skip
    found = {(r.from_id, r.to_id): r.minutes for r in times.itertuples()}
    for i, j in itertools.product(range(6), range(6)):
        truth = way_by_networkx(links, spots[i], spots[6 + j], directed=oneway, speed=speed)
        ours = found.pop((f"h{i}", f"s{j}"), float("inf"))
        if truth <= 20:
            assert ours == pytest.approx(truth, rel=1e-9, abs=1e-9)
        else:
            assert ours == float("inf")
    assert not found


@given(st.integers(0, 10**6))
@settings(max_examples=25, deadline=None)
def test_ways_on_foot_are_those_of_networkx(seed):
    check_against_networkx(seed, oneway=False)


@given(st.integers(0, 10**6))
@settings(max_examples=25, deadline=None)
def test_ways_along_one_way_streets_of_several_speeds_are_those_of_networkx(seed):
    check_against_networkx(seed, oneway=True)


def test_both_engines_find_the_same_ways():
    pytest.importorskip("numba")
    links, rng = random_city(5)
    network = build_network(links)
    start, goal = homes(*rng.uniform(0, 1000, (40, 2))), clubs(*rng.uniform(0, 1000, (20, 2)))
    parks = outlines(*[Point(x, y).buffer(60) for x, y in rng.uniform(0, 1000, (8, 2))])
    first, second = (
        street_travel_times(start, goal, network, sites=parks, searched_to=12.0, engine=engine)
        for engine in ("scipy", "numba")
    )
    assert len(first) > 100
    assert_frame_equal(first, second, rtol=1e-12)


@pytest.mark.parametrize("seed", range(6))
def test_a_site_is_entered_from_every_point_of_a_street_in_its_band(seed):
    """Hold the few feet of a site against streets sampled at every metre.

    Sampled ways are real ways, so ours are no longer, but for what the band's corners cut off; and
    between two samples a way can be shorter by at most a metre.
    """
    links, rng = random_city(seed)
    network = build_network(links)
    x, y = rng.uniform(200, 800, 2)
    park = Polygon([(x, y), (x + 150, y + 20), (x + 90, y + 60), (x + 40, y + 190)])
    spots = rng.uniform(0, 1000, (15, 2))
    ours = ways(list(spots), [(0, 0)], network=network, sites=outlines(park))
    graph = nx.Graph()
    feet = [foot_by_hand(links, spot) for spot in spots]
    for i, link in enumerate(links.itertuples()):
        length = link.geometry.length
        own = [along for on, along, _ in feet if on == i]
        marks = sorted({0.0, length, *np.arange(1, length), *own})
        names = [link.a if m == 0 else link.b if m == length else (i, m) for m in marks]
        for (m, left), (n, right) in itertools.pairwise(zip(marks, names, strict=True)):
            graph.add_edge(left, right, weight=n - m)
        for mark, name in zip(marks, names, strict=True):
            off = link.geometry.interpolate(mark).distance(park)
            if off <= 25:
                graph.add_edge(name, "park", weight=off)
    if "park" not in graph:  # no street is near it
        return
    for j, (spot, (on, along, off)) in enumerate(zip(spots, feet, strict=True)):
        direct = Point(spot).distance(park)
        node = (on, along) if 0 < along < links.geometry[on].length else links.loc[on, "a" if along == 0 else "b"]  # fmt: skip
        truth = off + nx.dijkstra_path_length(graph, node, "park")
        truth = min(truth, direct) if direct <= 25 else truth
        assert truth - 1.0 <= ours[f"h{j}", "s0"] <= truth + BAND


# ---------------------------------------------------------------- laws


def on_streets(
    links: gpd.GeoDataFrame, rng: np.random.Generator, count: int
) -> list[tuple[float, float]]:
    chosen = links.geometry.to_numpy()[rng.integers(0, len(links), count)]
    points = shapely.line_interpolate_point(chosen, rng.uniform(0, 1, count), normalized=True)
    return [tuple(at) for at in shapely.get_coordinates(points)]


@given(st.integers(0, 10**6))
@settings(max_examples=25, deadline=None)
def test_no_way_is_shorter_than_the_straight_line(seed):
    links, rng = random_city(seed)
    # Ends that miss each other by less than the tolerance: joining them takes no metre away.
    lines = [shapely.transform(line, lambda at: at + rng.uniform(-0.3, 0.3, at.shape)) for line in links.geometry]  # fmt: skip
    network = quiet_network(links.set_geometry(lines, crs=BRITAIN), join_metres=1.0)
    start, goal = rng.uniform(0, 1000, (8, 2)), rng.uniform(0, 1000, (8, 2))
    shapes = [Point(*at).buffer(rng.uniform(1, 200), quad_segs=2) for at in goal[:3]]
    shapes += [MultiPoint(rng.uniform(0, 1000, (2, 2))), LineString(rng.uniform(0, 1000, (3, 2)))]
    found = ways(
        list(start), list(goal), network=network, sites=outlines(*shapes), off_network_metres=2e3
    )
    shapes += [Point(*at) for at in goal[5:]]
    assert found
    for (home, site), metres in found.items():
        straight = Point(*start[int(home[1:])]).distance(shapes[int(site[1:])])
        assert metres >= straight - 1e-6


@given(st.integers(0, 10**6))
@settings(max_examples=25, deadline=None)
def test_a_further_street_lengthens_no_way_of_those_who_stand_on_others(seed):
    """A new street nearer to a home than its own would: the home then starts from a dead end."""
    links, rng = random_city(seed)
    start, goal = on_streets(links, rng, 6), on_streets(links, rng, 6)
    before = ways(start, goal, network=build_network(links))
    ends = shapely.get_coordinates(links.geometry.to_numpy())
    more = roads(*[LineString(ends[rng.choice(len(ends), 2, replace=False)]) for _ in range(2)])
    more = more[more.length > 1]
    after = ways(start, goal, network=build_network(pd.concat([links, more], ignore_index=True)))
    assert set(before) <= set(after)
    for pair, metres in before.items():
        assert after[pair] <= metres + 1e-6


@given(st.integers(0, 10**6))
@settings(max_examples=25, deadline=None)
def test_ways_are_as_long_back_as_there_and_never_longer_than_by_way_of_a_third(seed):
    links, rng = random_city(seed)
    spots = on_streets(links, rng, 5) + [tuple(at) for at in rng.uniform(0, 1000, (4, 2))]
    found = ways(
        spots, spots, network=build_network(links), searched_to=1e6, off_network_metres=2e3
    )
    metres = np.array([[found[f"h{i}", f"s{j}"] for j in range(9)] for i in range(9)])
    np.testing.assert_allclose(metres, metres.T, rtol=0, atol=1e-6)
    assert (np.diag(metres) == 0).all()
    # Who goes 25 m straight on takes no street: such a step can be a short cut that two do not make.
    straight = np.array([[np.hypot(a - c, b - d) for c, d in spots] for a, b in spots])
    near = straight <= 25
    for i, j, k in itertools.permutations(range(9), 3):
        if not (near[i, j] or near[j, k]):
            assert metres[i, k] <= metres[i, j] + metres[j, k] + 1e-6


@given(st.integers(0, 10**6))
@settings(max_examples=20, deadline=None)
def test_rows_in_another_order_and_streets_cut_in_two_change_nothing(seed):
    links, rng = random_city(seed)
    start, goal = rng.uniform(0, 1000, (6, 2)), rng.uniform(0, 1000, (6, 2))
    sites = outlines(*[Point(*at).buffer(rng.uniform(5, 100)) for at in goal[:3]])
    network = build_network(links)
    times = street_travel_times(
        homes(*start), clubs(*goal), network, sites=sites, engine="scipy", off_network_metres=2e3
    )
    shuffled = street_travel_times(
        homes(*start).sample(frac=1, random_state=seed),
        clubs(*goal).sample(frac=1, random_state=seed),
        build_network(links.sample(frac=1, random_state=seed)),
        sites=sites.sample(frac=1, random_state=seed),
        engine="scipy",
        off_network_metres=2e3,
    )
    assert_frame_equal(times, shuffled, check_exact=True)
    cut = links.geometry.apply(
        lambda line: line.interpolate(rng.uniform(0.2, 0.8), normalized=True)
    )
    # Not where it crosses another: there it would end on that street, and open into it.
    tree = shapely.STRtree(links.geometry.to_numpy())
    if len(tree.query(cut.to_numpy(), predicate="dwithin", distance=2.0)[0]) > len(cut):
        return
    halves = [
        LineString([line.coords[i], at.coords[0]])
        for line, at in zip(links.geometry, cut, strict=True)
        for i in (0, 1)
    ]
    parted = ways(
        list(start),
        list(goal),
        network=build_network(roads(*halves)),
        sites=sites,
        off_network_metres=2e3,
    )
    whole = {(r.from_id, r.to_id): r.metres for r in times.itertuples()}
    assert parted == pytest.approx(whole, abs=1e-6)


# ---------------------------------------------------------------- what is said of times


def test_the_mean_over_the_people_of_a_place():
    people = pd.DataFrame(
        [("a", "P", 0.5), ("b", "P", 0.3), ("c", "P", 0.2), ("d", "Q", 1.0)],
        columns=["home_id", "place_id", "share"],
    )
    rows = [
        ("a", "x", "walk", 10.0, 800.0), ("b", "x", "walk", 20.0, 1600.0),
        ("c", "x", "outreach", 0.0, 0.0), ("d", "x", "walk", 7.0, np.nan),
        ("a", "y", "walk", 1.0, 80.0), ("b", "y", "walk", 2.0, np.nan),
        ("elsewhere", "y", "walk", 3.0, 240.0),
    ]  # fmt: skip
    times = pd.DataFrame(rows, columns=["from_id", "to_id", "mode", "minutes", "metres"])
    means = place_times(times, people).set_index(["place_id", "to_id", "mode"])
    assert list(means.index) == [
        ("P", "x", "outreach"), ("P", "x", "walk"), ("P", "y", "walk"), ("Q", "x", "walk"),
    ]  # fmt: skip
    # (0.5 × 10 + 0.3 × 20) ÷ 0.8 = 13.75; (0.5 × 1 + 0.3 × 2) ÷ 0.8 = 1.375.
    assert means["minutes"].tolist() == pytest.approx([0, 13.75, 1.375, 7])
    assert means["metres"].tolist() == pytest.approx([0, 1100, np.nan, np.nan], nan_ok=True)
    assert means["share"].tolist() == pytest.approx([0.2, 0.8, 0.8, 1])
    assert list(place_times(times.iloc[:0], people).columns) == [*means.index.names, *means.columns]


def test_the_detour_of_the_toy_city_and_of_a_straight_line():
    start, goal = homes((0, 0), (150, 0)), clubs((300, 400), (0, 100), (400, 0))
    times = street_travel_times(start, goal, CITY)
    # From (0, 0): 700 ÷ 500 and 400 ÷ 400; (0, 100) is nearer than 200 m. From (150, 0):
    # 550 ÷ √(150² + 400²) and 250 ÷ 250; to (0, 100) 180 m straight.
    ratios = [1.4, 1.0, 550 / np.hypot(150, 400), 1.0]
    measured = measure_detour(times, start, goal, quantiles=(0, 0.5, 1))
    assert measured.tolist() == pytest.approx([1.0, np.median(ratios), 1.4])
    flown = travel_times(start, goal, detour=1.3)
    assert measure_detour(flown, start, goal).tolist() == pytest.approx([1.3] * 5)
    assert measure_detour(times.iloc[:0], start, goal).isna().all()
    # Only what is half as far as the search: 500 m of straight line need 12.5 minutes.
    short = street_travel_times(start, goal, CITY, searched_to=10.0)
    assert measure_detour(short, start, goal, quantiles=(1.0,)).tolist() == [1.0]


def test_bath_on_real_roads(shared_data):
    bath = shared_data / "bath"
    links = gpd.read_file(bath / "banes_os_roads.geojson").to_crs(BRITAIN)
    codes = pd.read_csv(bath / "banes_postcodes.csv").iloc[::20]
    points = gpd.GeoSeries(gpd.points_from_xy(codes["lon"], codes["lat"]), crs=4326).to_crs(BRITAIN)
    people = homes(*zip(points.x, points.y, strict=True))
    spaces = gpd.read_file(bath / "banes_playspace_children.geojson").to_crs(BRITAIN)
    sites = outlines(*spaces.geometry)
    middle = sites.geometry.centroid
    services = clubs(*zip(middle.x, middle.y, strict=True))
    with pytest.warns(DataWarning):
        network = build_network(links)
    feet = attach_points(network, people[["easting", "northing"]].to_numpy(), 500.0)
    assert len(people) == 297
    assert len(set(feet.of)) == 296  # a postcode amid fields
    assert np.median(feet.off) == pytest.approx(17, abs=3)
    with pytest.warns(DataWarning, match="1 home lies further than 500 m from any street"):
        times, by_point = (
            street_travel_times(people, services, network, searched_to=40.0, sites=outlined)
            for outlined in (sites, None)
        )
    spot = shapely.points(people[["easting", "northing"]].to_numpy())
    home = pd.Index(people["home_id"]).get_indexer(times["from_id"])
    site = pd.Index(services["service_id"]).get_indexer(times["to_id"])
    straight = shapely.distance(spot[home], sites.geometry.to_numpy()[site])
    assert (times["metres"] >= straight - 1e-6).all()
    # Boundaries bring more homes within 400 m of a play space than points in the middle do.
    within = [t.loc[t["metres"] <= 400, "from_id"].nunique() for t in (times, by_point)]
    assert within[0] > within[1] > 0
    detour = measure_detour(times, people, services, sites)
    assert detour[0.5] == pytest.approx(1.56, abs=0.03)

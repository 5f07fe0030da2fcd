"""How far children are from services, and what of them falls to each place."""

from provision_map.reach.catchments import floating_catchment
from provision_map.reach.network import StreetNetwork, build_network
from provision_map.reach.straight_line import travel_times
from provision_map.reach.streets import measure_detour, place_times, street_travel_times

__all__ = [
    "StreetNetwork", "build_network", "floating_catchment", "measure_detour", "place_times",
    "street_travel_times", "travel_times",
]  # fmt: skip

"""How far children are from services."""

from provision_map.reach.straight_line import travel_times

__all__ = ["travel_times"]

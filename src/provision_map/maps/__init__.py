"""The interactive map: one HTML file that asks nothing of any other address."""

from provision_map.maps.page import render_map

__all__ = ["render_map"]

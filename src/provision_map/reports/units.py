"""What an index of supply is counted in, in words."""

from __future__ import annotations

from provision_map.edition import Edition


def say_unit(edition: Edition, element_id: str) -> str:
    """Say what the supply of an element is counted in: its places, or for hours its place-hours."""
    element = edition.framework.elements.get(element_id)
    return "place-hours a week" if element and element.standard.unit == "hours" else "places"

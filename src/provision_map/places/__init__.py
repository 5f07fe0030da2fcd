"""Which place a point is in, which places touch, and how many children of whom live there."""

from provision_map.places.contiguity import touching_places
from provision_map.places.locate import locate_services
from provision_map.places.people import estimate_people

__all__ = ["estimate_people", "locate_services", "touching_places"]

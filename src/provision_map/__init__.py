"""Map services and good practice for children to neighbourhoods and communities; find the gaps.

Everything public is here, and is imported when it is first asked for:

>>> import provision_map as pm
>>> [offer.name for offer in pm.load_framework().offers]
['Youth Offer (13-19)', '5-13s Offer']
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from provision_map.coverage.measure import measure_coverage
    from provision_map.edition import Edition
    from provision_map.errors import DataError, Problem, ProvisionMapError, UsageError
    from provision_map.exercise import (
        Measured,
        data_digest,
        explain,
        make_edition,
        measure_exercise,
        read_exercise,
        run_exercise,
        write_outputs,
    )
    from provision_map.frameworks import load_framework
    from provision_map.gaps.find import find_gaps
    from provision_map.gaps.grade import gather_evidence
    from provision_map.gaps.measure import GapContext, measure_gaps
    from provision_map.gaps.questions import list_questions
    from provision_map.maps.page import render_map
    from provision_map.model import GapRules
    from provision_map.places.contiguity import touching_places
    from provision_map.places.locate import locate_services
    from provision_map.places.people import estimate_people
    from provision_map.practice.matrix import practice_reach, service_reach
    from provision_map.reach.straight_line import travel_times
    from provision_map.register.record import record_run
    from provision_map.register.store import Register

__version__ = "0.1.0"

_HOMES = {
    "DataError": "errors",
    "Edition": "edition",
    "GapContext": "gaps.measure",
    "GapRules": "model",
    "Measured": "exercise",
    "Problem": "errors",
    "ProvisionMapError": "errors",
    "Register": "register.store",
    "UsageError": "errors",
    "data_digest": "exercise",
    "estimate_people": "places.people",
    "explain": "exercise",
    "find_gaps": "gaps.find",
    "gather_evidence": "gaps.grade",
    "list_questions": "gaps.questions",
    "load_framework": "frameworks",
    "locate_services": "places.locate",
    "make_edition": "exercise",
    "measure_coverage": "coverage.measure",
    "measure_exercise": "exercise",
    "measure_gaps": "gaps.measure",
    "practice_reach": "practice.matrix",
    "read_exercise": "exercise",
    "record_run": "register.record",
    "render_map": "maps.page",
    "run_exercise": "exercise",
    "service_reach": "practice.matrix",
    "touching_places": "places.contiguity",
    "travel_times": "reach.straight_line",
    "write_outputs": "exercise",
}

__all__ = [
    "DataError", "Edition", "GapContext", "GapRules", "Measured", "Problem", "ProvisionMapError", "Register",
    "UsageError", "data_digest", "estimate_people", "explain", "find_gaps", "gather_evidence", "list_questions",
    "load_framework", "locate_services", "make_edition", "measure_coverage", "measure_exercise",
    "measure_gaps", "practice_reach", "read_exercise", "record_run", "render_map", "run_exercise",
    "service_reach", "touching_places", "travel_times",
    "write_outputs",
]  # fmt: skip


def __getattr__(name: str) -> object:
    """Import a public name when it is first used, so that the command starts at once."""
    if name not in _HOMES:
        raise AttributeError(f"module 'provision_map' has no attribute {name!r}")
    value = getattr(importlib.import_module(f"provision_map.{_HOMES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    """List the public names."""
    return sorted([*__all__, "__version__"])

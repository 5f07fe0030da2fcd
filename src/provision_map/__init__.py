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
    from provision_map.coverage.accessibility import measure_accessibility
    from provision_map.coverage.measure import measure_coverage
    from provision_map.coverage.parts import measure_parts
    from provision_map.coverage.schedule import expand_schedules
    from provision_map.coverage.time_view import measure_week
    from provision_map.edition import Edition
    from provision_map.errors import DataError, DataWarning, Problem, ProvisionMapError, UsageError
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
    from provision_map.exercise.check import check_exercise
    from provision_map.exercise.export import export_exercise
    from provision_map.exercise.template import write_templates
    from provision_map.frameworks import load_framework
    from provision_map.gaps.find import find_gaps
    from provision_map.gaps.grade import gather_evidence
    from provision_map.gaps.measure import GapContext, measure_gaps
    from provision_map.gaps.questions import list_questions
    from provision_map.maps.page import render_map
    from provision_map.model import GapRules
    from provision_map.places.contiguity import touching_places
    from provision_map.places.homes import homes_of
    from provision_map.places.locate import locate_services
    from provision_map.places.people import estimate_people
    from provision_map.practice.matrix import practice_reach, service_reach
    from provision_map.reach.catchments import floating_catchment
    from provision_map.reach.matrix import given_travel_times
    from provision_map.reach.network import build_network
    from provision_map.reach.straight_line import travel_times
    from provision_map.reach.streets import measure_detour, place_times, street_travel_times
    from provision_map.read.travel.travel_times import read_travel_times
    from provision_map.register.record import record_run
    from provision_map.register.store import Register
    from provision_map.reports.hsds import write_hsds

__version__ = "0.1.0"

_HOMES = {
    "DataError": "errors",
    "DataWarning": "errors",
    "Edition": "edition",
    "GapContext": "gaps.measure",
    "GapRules": "model",
    "Measured": "exercise",
    "Problem": "errors",
    "ProvisionMapError": "errors",
    "Register": "register.store",
    "UsageError": "errors",
    "build_network": "reach.network",
    "check_exercise": "exercise.check",
    "data_digest": "exercise",
    "estimate_people": "places.people",
    "expand_schedules": "coverage.schedule",
    "explain": "exercise",
    "export_exercise": "exercise.export",
    "find_gaps": "gaps.find",
    "floating_catchment": "reach.catchments",
    "gather_evidence": "gaps.grade",
    "given_travel_times": "reach.matrix",
    "homes_of": "places.homes",
    "list_questions": "gaps.questions",
    "load_framework": "frameworks",
    "locate_services": "places.locate",
    "make_edition": "exercise",
    "measure_accessibility": "coverage.accessibility",
    "measure_coverage": "coverage.measure",
    "measure_detour": "reach.streets",
    "measure_exercise": "exercise",
    "measure_gaps": "gaps.measure",
    "measure_parts": "coverage.parts",
    "measure_week": "coverage.time_view",
    "place_times": "reach.streets",
    "practice_reach": "practice.matrix",
    "read_exercise": "exercise",
    "read_travel_times": "read.travel.travel_times",
    "record_run": "register.record",
    "render_map": "maps.page",
    "run_exercise": "exercise",
    "service_reach": "practice.matrix",
    "street_travel_times": "reach.streets",
    "touching_places": "places.contiguity",
    "travel_times": "reach.straight_line",
    "write_hsds": "reports.hsds",
    "write_outputs": "exercise",
    "write_templates": "exercise.template",
}

__all__ = [
    "DataError", "DataWarning", "Edition", "GapContext", "GapRules", "Measured", "Problem",
    "ProvisionMapError", "Register", "UsageError", "build_network", "check_exercise",
    "data_digest", "estimate_people", "expand_schedules", "explain", "export_exercise",
    "find_gaps", "floating_catchment", "gather_evidence", "given_travel_times", "homes_of",
    "list_questions", "load_framework", "locate_services", "make_edition",
    "measure_accessibility", "measure_coverage", "measure_detour", "measure_exercise",
    "measure_gaps", "measure_parts", "measure_week", "place_times", "practice_reach",
    "read_exercise", "read_travel_times", "record_run", "render_map", "run_exercise",
    "service_reach", "street_travel_times", "touching_places", "travel_times", "write_hsds",
    "write_outputs", "write_templates",
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

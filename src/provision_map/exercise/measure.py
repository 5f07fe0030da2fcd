"""From valid inputs to gaps: every stage's frame, and no file is touched."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from provision_map import coverage as covering
from provision_map import gaps as finding
from provision_map.coverage.accessibility import measure_accessibility
from provision_map.coverage.parts import measure_parts
from provision_map.coverage.schedule import expand_schedules
from provision_map.coverage.supply import quality_of, record_of
from provision_map.coverage.time_view import measure_week
from provision_map.errors import DataError, Problem, collect_warnings
from provision_map.exercise.travel import MeasuredWays, measure_ways
from provision_map.gaps.grade import gather_evidence
from provision_map.gaps.measure import GapContext
from provision_map.places import estimate_people, locate_services, touching_places
from provision_map.practice import practice_reach, service_reach
from provision_map.read.inputs import Inputs, read_inputs
from provision_map.read.settings_file import read_settings

if TYPE_CHECKING:
    from provision_map.gaps.find import Found

Progress = Callable[[str], None]


@dataclass(frozen=True)
class Measured:
    """Every stage's frame of one exercise, before the register is asked.

    ``sessions`` are the inputs' with schedules held against the term dates. ``notes`` are what was
    computed all the same, and that people must know of.
    """

    inputs: Inputs
    services: pd.DataFrame
    people: pd.DataFrame
    sessions: pd.DataFrame
    ways: MeasuredWays
    coverage: pd.DataFrame
    week: pd.DataFrame
    parts: pd.DataFrame
    accessibility: pd.DataFrame
    found: Found
    context: GapContext
    questions: pd.DataFrame
    service_reach: pd.DataFrame
    notes: tuple[Problem, ...]


def read_exercise(folder: Path | str) -> Inputs:
    """Read an exercise folder.

    Raises:
        UsageError: the folder is no exercise.
        DataError: everything that is wrong in its files, at once.

    """
    inputs = read_inputs(read_settings(Path(folder)))
    inputs.raise_if_wrong()
    return inputs


def measure_exercise(inputs: Inputs, *, progress: Progress = lambda _: None) -> Measured:
    """Go through the stages from valid inputs to gaps, without a file being touched."""
    with collect_warnings() as notes:
        measured = _measure(inputs, progress)
    return replace(measured, notes=DataError(notes).problems)


def _measure(inputs: Inputs, progress: Progress) -> Measured:
    settings, framework, places = inputs.settings, inputs.framework, inputs.places
    date, months = settings.exercise.date, settings.coverage.record_months
    progress("placing services and people")
    services = locate_services(inputs.services, places)
    people = estimate_people(inputs.ages, inputs.ethnic_groups, majority=framework.majority)
    # A neighbour without figures by group has those of all places together.
    groups = pd.concat([inputs.ethnic_groups, inputs.neighbour_groups], ignore_index=True)
    neighbours = estimate_people(inputs.neighbour_ages, groups, majority=framework.majority)
    sessions = expand_schedules(
        inputs.sessions, inputs.term_dates, date=date, weekly=settings.coverage.weekly
    )
    progress("measuring distances")
    ways = measure_ways(inputs, services)
    progress("measuring coverage")
    coverage = covering.measure_coverage(
        places, people, services, ways.times,
        sessions=sessions, quality=inputs.quality, returns=inputs.returns,
        framework=framework, date=date, homes=ways.homes, neighbours=neighbours,
        record_months=months, quality_months=settings.coverage.quality_months,
    )  # fmt: skip
    week = measure_week(
        places, people, services, ways.times,
        sessions=sessions, returns=inputs.returns, framework=framework, date=date,
        homes=ways.homes, record_months=months,
    )  # fmt: skip
    parts = measure_parts(
        places, people, services, ways.times,
        sessions=sessions, returns=inputs.returns, framework=framework, date=date,
        homes=ways.homes, record_months=months,
    )  # fmt: skip
    accessibility = measure_accessibility(
        places, people, services, ways.times,
        homes=ways.homes, framework=framework, sessions=sessions, returns=inputs.returns,
        neighbours=inputs.neighbours, neighbour_people=neighbours, detour=ways.travel.detour,
    )  # fmt: skip
    progress("finding gaps")
    practice = practice_reach(inputs.practice, places, framework)
    touching = touching_places(places, border_metres=settings.gaps.border_metres)
    context = GapContext(
        places, framework,
        gather_evidence(services, inputs.returns, places, framework, date=date),
        practice, settings.gaps, settings.priority,
    )  # fmt: skip
    found = finding.find_gaps(
        coverage, touching, framework, practice_reach=practice, rules=settings.gaps
    )
    questions = finding.list_questions(
        coverage, services, sessions, inputs.returns, inputs.organisations,
        places=places, framework=framework,
        quality=quality_of(inputs.quality, date=date, months=settings.coverage.quality_months),
        record=record_of(services, date=date, months=months),
    )  # fmt: skip
    return Measured(
        inputs=inputs,
        services=services,
        people=people,
        sessions=sessions,
        ways=ways,
        coverage=coverage,
        week=week,
        parts=parts,
        accessibility=accessibility,
        found=found,
        context=context,
        questions=questions,
        service_reach=service_reach(services, ways.times, places, framework, homes=ways.homes),
        notes=(),
    )

"""All that the maps and reports may show, and the caveats that they print."""

from __future__ import annotations

import pandas as pd

from provision_map.edition import Edition, Source
from provision_map.exercise.measure import Measured
from provision_map.gaps.residual import residual_of
from provision_map.schema.wording import count_of, say_mode


def make_edition(measured: Measured, entries: pd.DataFrame) -> Edition:
    """Put together all that the maps and reports may show."""
    inputs = measured.inputs
    settings = inputs.settings
    sources = tuple(
        Source(f.file, f.source, f.licence, f.date) for f in inputs.files if f.source or f.licence
    )
    return Edition(
        title=settings.exercise.title,
        place=settings.exercise.place,
        date=settings.exercise.date,
        data_status=settings.exercise.data_status,
        crs=settings.exercise.crs,
        framework=inputs.framework,
        places=inputs.places,
        people=measured.people,
        organisations=inputs.organisations,
        services=measured.services,
        sessions=measured.sessions,
        quality=inputs.quality,
        returns=inputs.returns,
        practice=inputs.practice,
        coverage=measured.coverage,
        entries=entries,
        questions=measured.questions,
        residual=residual_of(measured.coverage, entries),
        service_reach=measured.service_reach,
        practice_reach=measured.context.practice_reach,
        sources=sources,
        notes=_caveats(measured),
        travel=measured.ways.travel,
        ways=measured.ways.of_places,
        times=measured.ways.times,
        homes=measured.ways.homes,
        week=measured.week,
        parts=measured.parts,
        accessibility=measured.accessibility,
    )


def _caveats(measured: Measured) -> tuple[str, ...]:
    inputs = measured.inputs
    notes = [
        _say_travel(measured),
        "This is about what is within reach, not about who attends.",
        (
            "Unknown is not zero: where no complete return came back, or a record leaves something "
            "open, children are shown as unknown and not as without provision."
        ),
    ]
    estimated = inputs.ages.loc[inputs.ages["basis"] == "estimated", "place_id"].nunique()
    if estimated:
        notes.append(
            f"Children of {count_of(estimated, 'place')} are estimates: they live in parts of areas "
            "that were divided since they were counted."
        )
    if len(inputs.ethnic_groups):
        notes.append(
            "Children by ethnic group are estimates: each place's children by age × the group's share of "
            f"its residents. {inputs.framework.bme_name}."
        )
    if inputs.framework.priority_communities:
        names = ", ".join(c.name.lower() for c in inputs.framework.priority_communities)
        notes.append(
            f"There are no small-area counts of {names}; they are never spread over places."
        )
    if not inputs.practice["agreed_on"].notna().any():
        notes.append("No agreed good practice was collected: whom it has reached is unknown.")
    return tuple(notes)


def _say_travel(measured: Measured) -> str:
    travel = measured.ways.travel
    ours = measured.ways.homes["place_id"].isin(measured.inputs.places["place_id"])
    homes = int(ours.sum())
    several = homes > len(measured.inputs.places)
    start = f"{homes:,} points where people live" if several else "one point a place"
    outlines = measured.inputs.sites["service_id"].nunique()
    end = f", and lead to the outlines or entrances of {outlines:,} services" if outlines else ""
    said = f"Ways start from {start}{end}"
    if travel.basis == "straight_line":
        return (
            f"{said}: the straight line × {travel.detour:g}, walked at "
            f"{travel.metres_per_minute:g} m a minute. Rivers, railways and missing crossings are "
            "not seen."
        )
    mode = say_mode(travel.mode)
    if travel.basis == "streets":
        half = f"; half of them are more than {travel.detour:g} times as long as the straight line"
        return f"{said}, along streets, {mode}{half if travel.measured else ''}."
    return f"{said}; how long they take, {mode}, is what the given file of travel times says."

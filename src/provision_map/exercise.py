"""The whole flow from one provision.toml: read, place, reach, cover, find, record, render, write."""

from __future__ import annotations

import hashlib
import json
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from provision_map import __version__
from provision_map import coverage as covering
from provision_map import gaps as finding
from provision_map.coverage.supply import quality_of, record_of
from provision_map.edition import Edition, Source
from provision_map.errors import DataError, Problem, UsageError
from provision_map.gaps.grade import gather_evidence
from provision_map.gaps.measure import GapContext
from provision_map.gaps.residual import residual_of
from provision_map.places import estimate_people, locate_services, touching_places
from provision_map.practice import practice_reach, service_reach
from provision_map.reach import travel_times
from provision_map.read.inputs import Inputs, read_inputs
from provision_map.read.settings import read_settings
from provision_map.register import Register, propose_run

if TYPE_CHECKING:
    from provision_map.gaps.find import Found

REGISTER_FILE = "register.sqlite"
OUTPUT_FOLDER = "maps"

Progress = Callable[[str], None]


@dataclass(frozen=True)
class Measured:
    """Every stage's frame of one exercise, before the register is asked."""

    inputs: Inputs
    services: pd.DataFrame
    people: pd.DataFrame
    times: pd.DataFrame
    coverage: pd.DataFrame
    found: Found
    context: GapContext
    questions: pd.DataFrame
    service_reach: pd.DataFrame


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
    settings, framework, places = inputs.settings, inputs.framework, inputs.places
    date = settings.exercise.date
    progress("placing services and people")
    services = locate_services(inputs.services, places)
    people = estimate_people(inputs.ages, inputs.ethnic_groups, majority=framework.majority)
    progress("measuring distances")
    reach = settings.reach
    times = travel_times(
        places, services,
        metres_per_minute=reach.metres_per_minute, detour=reach.detour, searched_to=reach.searched_to,
    )  # fmt: skip
    progress("measuring coverage")
    months = settings.coverage.record_months
    coverage = covering.measure_coverage(
        places, people, services, times,
        sessions=inputs.sessions, quality=inputs.quality, returns=inputs.returns,
        framework=framework, date=date,
        record_months=months, quality_months=settings.coverage.quality_months,
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
        coverage, services, inputs.sessions, inputs.returns, inputs.organisations,
        places=places, framework=framework,
        quality=quality_of(inputs.quality, date=date, months=settings.coverage.quality_months),
        record=record_of(services, date=date, months=months),
    )  # fmt: skip
    return Measured(
        inputs, services, people, times, coverage, found, context, questions,
        service_reach(services, times, places, framework),
    )  # fmt: skip


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
        sessions=inputs.sessions,
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
        notes=_caveats(inputs),
    )


def _caveats(inputs: Inputs) -> tuple[str, ...]:
    reach = inputs.settings.reach
    notes = [
        (
            "Distance is the straight line from where each place's people live × "
            f"{reach.detour:g}, walked at {reach.metres_per_minute:g} m a minute. Rivers, railways "
            "and missing crossings are not seen."
        ),
        "This is about what is within reach, not about who attends.",
        (
            "Unknown is not zero: where no complete return came back, or a record leaves something "
            "open, children are shown as unknown and not as without provision."
        ),
    ]
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


@dataclass(frozen=True)
class Outcome:
    """What a run leaves: the edition, the files written, and the lines to print."""

    edition: Edition
    files: tuple[Path, ...]
    lines: tuple[str, ...]


def run_exercise(folder: Path | str = ".", *, progress: Progress = lambda _: None) -> Outcome:
    """Run an exercise: read its folder, bring its register up to date, write its maps folder.

    Nothing is written before everything was read, checked and measured. Files are written beside
    the old ones and then renamed, so that a failed run leaves an earlier one as it was.

    Args:
        folder: the exercise folder.
        progress: told the name of each stage as it begins.

    Raises:
        UsageError: the folder is no exercise.
        DataError: everything that is wrong in its files, at once.

    """
    from provision_map.reports.summary import render_summary

    folder = Path(folder)
    progress("reading")
    measured = measure_exercise(read_exercise(folder), progress=progress)
    register = Register(folder / REGISTER_FILE)
    try:
        proposal = propose_run(
            register, measured.found.footprints, measured.coverage, measured.context,
            digest=data_digest(measured.inputs), date=measured.inputs.settings.exercise.date,
            lookup=measured.inputs.lookup,
        )  # fmt: skip
        edition = make_edition(measured, proposal.entries)
        # The files are ready beside the old ones before the register is written: what fails
        # earlier leaves both as they were, and what fails between the two the next run mends.
        files = write_outputs(
            folder / OUTPUT_FOLDER,
            edition,
            measured.inputs,
            progress=progress,
            ready=proposal.commit,
        )
    finally:
        register.close()
    lines = render_summary(
        edition, left_out=measured.inputs.left_out, notes=len(measured.inputs.notes),
        files=[path.name for path in files], folder=OUTPUT_FOLDER,
    )  # fmt: skip
    return Outcome(edition, files, tuple(lines))


def data_digest(inputs: Inputs) -> str:
    """Digest everything that the figures depend on: inputs, settings and this software's version."""
    files = sorted((f.file, f.sha256) for f in inputs.files)
    date = inputs.settings.exercise.date.isoformat()  # today, where none is given
    what = [files, dict(inputs.settings.raw), date, __version__]
    return hashlib.sha256(json.dumps(what, sort_keys=True, default=str).encode()).hexdigest()


def write_outputs(
    target: Path | str,
    edition: Edition,
    inputs: Inputs,
    *,
    progress: Progress = lambda _: None,
    ready: Callable[[], None] = lambda: None,
) -> tuple[Path, ...]:
    """Write the map, the register in three forms, the GeoPackage and run.json into a folder.

    All are written beside the old ones first; then ``ready`` is called; then they are renamed one
    after the other.

    Returns:
        The files written.

    Raises:
        DataError: the folder cannot be written.

    """
    from provision_map.maps import render_map
    from provision_map.reports import (
        render_register_page,
        write_geopackage,
        write_register_csv,
        write_register_workbook,
    )
    from provision_map.reports.manifest import render_manifest
    from provision_map.reports.summary import count_everything

    def manifest() -> str:
        return render_manifest(
            files=inputs.files, settings=dict(inputs.settings.raw), date=edition.date,
            digest=data_digest(inputs), notes=[str(note) for note in inputs.notes],
            counts=count_everything(edition, left_out=inputs.left_out),
        )  # fmt: skip

    writers: dict[str, tuple[str, Callable[[Path], object]]] = {
        "index.html": ("drawing the map", lambda p: _text(p, render_map(edition, detour=inputs.settings.reach.detour))),
        "gap-register.html": ("writing the register", lambda p: _text(p, render_register_page(edition))),
        "gap-register.xlsx": ("writing the workbook", lambda p: write_register_workbook(edition, p)),
        "gap-register.csv": ("writing the table", lambda p: write_register_csv(edition, p)),
        "gaps.gpkg": ("writing the GeoPackage", lambda p: write_geopackage(edition, p)),
        "run.json": ("writing run.json", lambda p: _text(p, manifest())),
    }  # fmt: skip
    target = Path(target)
    try:
        target.mkdir(exist_ok=True)
        # Beside the files, so that the rename stays on one disk.
        with tempfile.TemporaryDirectory(prefix=".writing-", dir=target) as beside:
            for name, (what, write) in writers.items():
                progress(what)
                write(Path(beside) / name)
            ready()
            for name in writers:
                (Path(beside) / name).replace(target / name)
    except OSError as error:
        what = f"The files could not be written ({error.strerror or error})."
        mend = "Check that the folder is one, that you may write there, and that the disk has room."
        raise DataError([Problem(target.name, what=what, mend=mend)]) from error
    return tuple(target / name for name in writers)


def _text(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8", newline="\n")


def explain(folder: Path | str, gap_id: str) -> str:
    """Say in words why an entry of the register is a gap, down to the services looked at.

    Raises:
        UsageError: the folder has no register, or the register no such entry.

    """
    from provision_map.reports import explain_gap

    folder = Path(folder)
    inputs = read_exercise(folder)
    register = Register(folder / REGISTER_FILE)
    if not register.exists:
        raise UsageError(f"There is no register in {folder}. Run `provision-map run` first.")
    try:
        register.require(gap_id)
        measured = measure_exercise(inputs)
        entries = entries_now(register, measured)
    finally:
        register.close()
    edition = make_edition(measured, entries)
    settings = inputs.settings
    return explain_gap(
        edition,
        gap_id,
        detour=settings.reach.detour,
        metres_per_minute=settings.reach.metres_per_minute,
        record_months=settings.coverage.record_months,
        quality_months=settings.coverage.quality_months,
    )


def entries_now(register: Register, measured: Measured) -> pd.DataFrame:
    """Measure the register's entries as the data now is, without recording a run."""
    return propose_run(
        register, measured.found.footprints.iloc[0:0], measured.coverage, measured.context,
        digest=register.last_digest(), date=measured.inputs.settings.exercise.date,
        lookup=measured.inputs.lookup,
    ).entries  # fmt: skip

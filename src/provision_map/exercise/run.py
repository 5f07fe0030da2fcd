"""A run from its folder to its files, and one gap explained."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from provision_map.edition import Edition
from provision_map.errors import UsageError
from provision_map.exercise.edition import make_edition
from provision_map.exercise.measure import Measured, Progress, measure_exercise, read_exercise
from provision_map.exercise.outputs import data_digest, write_outputs
from provision_map.register import Register, propose_run

REGISTER_FILE = "register.sqlite"
OUTPUT_FOLDER = "maps"


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
            notes=measured.notes,
            progress=progress,
            ready=proposal.commit,
        )
    finally:
        register.close()
    lines = render_summary(
        edition, left_out=measured.inputs.left_out, notes=len(measured.inputs.notes) + len(measured.notes),
        suspects=len(measured.inputs.suspects), files=[path.name for path in files], folder=OUTPUT_FOLDER,
    )  # fmt: skip
    return Outcome(edition, files, tuple(lines))


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
        detour=edition.travel.detour,
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

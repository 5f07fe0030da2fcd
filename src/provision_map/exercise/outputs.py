"""The files of a run: written beside the old ones, then renamed."""

from __future__ import annotations

import hashlib
import json
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from provision_map import __version__
from provision_map.edition import Edition
from provision_map.errors import DataError, Problem
from provision_map.exercise.measure import Progress
from provision_map.read.inputs import Inputs


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
    notes: Sequence[Problem] = (),
    progress: Progress = lambda _: None,
    ready: Callable[[], None] = lambda: None,
) -> tuple[Path, ...]:
    """Write the map, the register in three forms, the GeoPackage and run.json into a folder.

    All are written beside the old ones first; then ``ready`` is called; then they are renamed one
    after the other. ``notes`` are those of the measuring, beside what reading has noted.

    Returns:
        The files written.

    Raises:
        DataError: the folder cannot be written.

    """
    from provision_map.maps import render_map
    from provision_map.reports import (
        render_register_page,
        write_accessibility_csv,
        write_geopackage,
        write_parts_csv,
        write_register_csv,
        write_register_workbook,
        write_week_csv,
    )
    from provision_map.reports.manifest import render_manifest
    from provision_map.reports.summary import count_everything

    def manifest() -> str:
        return render_manifest(
            files=inputs.files, settings=dict(inputs.settings.raw), date=edition.date,
            digest=data_digest(inputs), notes=[str(note) for note in (*inputs.notes, *notes)],
            counts=count_everything(edition, left_out=inputs.left_out),
        )  # fmt: skip

    writers: dict[str, tuple[str, Callable[[Path], object]]] = {
        "index.html": ("drawing the map", lambda p: _text(p, render_map(edition, detour=edition.travel.detour))),
        "gap-register.html": ("writing the register", lambda p: _text(p, render_register_page(edition))),
        "gap-register.xlsx": ("writing the workbook", lambda p: write_register_workbook(edition, p)),
        "gap-register.csv": ("writing the table", lambda p: write_register_csv(edition, p)),
        "week.csv": ("writing the time view", lambda p: write_week_csv(edition, p)),
        "parts.csv": ("writing the parts of standards", lambda p: write_parts_csv(edition, p)),
        "accessibility.csv": ("writing accessibility", lambda p: write_accessibility_csv(edition, p)),
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

"""The data given back in standards that others read: GeoPackage, GeoParquet, GeoJSON, CSV, HSDS-UK."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from provision_map.errors import DataError, Problem, UsageError
from provision_map.exercise.edition import make_edition
from provision_map.exercise.measure import Progress, measure_exercise, read_exercise
from provision_map.exercise.outputs import data_digest
from provision_map.exercise.run import REGISTER_FILE, entries_now
from provision_map.register import Register
from provision_map.schema.wording import count_of, list_some

if TYPE_CHECKING:
    from provision_map.edition import Edition
    from provision_map.read.inputs import Inputs
    from provision_map.reports.geopackage import Layer

#: Formats in the order in which they are written.
FORMATS = ("gpkg", "geoparquet", "geojson", "csv", "hsds-uk")
EXPORT_FOLDER = "export"

Writers = dict[str, Callable[[Path], object]]


@dataclass(frozen=True)
class Export:
    """The files of an export, and the lines to print of it."""

    files: tuple[Path, ...]
    lines: tuple[str, ...]


@dataclass(frozen=True)
class _Given:
    """What every format is written from."""

    edition: Edition
    inputs: Inputs
    layers: tuple[Layer, ...]


def export_exercise(
    folder: Path | str = ".",
    formats: Sequence[str] = (),
    *,
    to: Path | str | None = None,
    progress: Progress = lambda _: None,
) -> Export:
    """Write an exercise's services, places, coverage and gaps in formats that others read.

    The gaps are the register's, as the data now is; no run is recorded. Everything is written
    beside the folder's files and then renamed. Participation is in no format, and children of one
    community are told only where the register does.

    Args:
        folder: the exercise folder; it must have been run.
        formats: some of :data:`FORMATS`; none means all for which the packages are installed.
        to: the folder to write into; None: ``export`` in the exercise folder.
        progress: told the name of each stage as it begins.

    Raises:
        UsageError: no such format, a package that it needs is missing, the folder is no exercise
            or has not been run, or a file of the exercise would be overwritten.
        DataError: what is wrong in the exercise's files, or the folder cannot be written.

    """
    from provision_map.reports.export_layers import make_export_layers

    folder = Path(folder)
    wanted, skipped = _choose(formats)
    target = folder / EXPORT_FOLDER if to is None else Path(to)
    progress("reading")
    inputs = read_exercise(folder)
    register = Register(folder / REGISTER_FILE)
    if not register.exists:
        raise UsageError(f"There is no register in {folder}. Run `provision-map run` first.")
    try:
        measured = measure_exercise(inputs, progress=progress)
        edition = make_edition(measured, entries_now(register, measured))
        changed = register.last_digest() != data_digest(inputs)
    finally:
        register.close()
    given = _Given(edition, inputs, make_export_layers(edition))
    writers = {name: _WRITERS[name](given) for name in wanted}
    _spare_inputs(target, writers, [folder / file.file for file in inputs.files])
    files = _write_all(target, writers, progress)
    lines = list(skipped)
    if "hsds-uk" in writers:
        lines += _say_lost(inputs)
    if changed:
        lines.append(
            "The data has changed since the last run: gaps are those of the register, measured "
            "anew; new ones come with the next run."
        )
    counts = (count_of(len(edition.services), "service"), count_of(len(edition.places), "place"), count_of(len(edition.entries), "gap"))  # fmt: skip
    status = f" ({edition.data_status})" if edition.data_status else ""
    lines.append(f"{', '.join(counts)}{status}, written into {target}:")
    lines += [f"  {path.relative_to(target)}" for path in files]
    return Export(files, tuple(lines))


def _choose(formats: Sequence[str]) -> tuple[list[str], list[str]]:
    """Return the formats to write, and a line for each that is left out."""
    from provision_map.reports.geoparquet_file import can_write_geoparquet

    wrong = [name for name in formats if name not in FORMATS]
    if wrong:
        raise UsageError(f"No such format: {list_some(wrong)}. There are {', '.join(FORMATS)}.")
    if can_write_geoparquet():
        return [name for name in FORMATS if name in (formats or FORMATS)], []
    if "geoparquet" in formats:
        raise UsageError(
            "GeoParquet needs pyarrow, which is not installed: "
            'pip install "provision-map[parquet]".'
        )
    left = "Without GeoParquet, which needs pyarrow (the extra `parquet`)."
    return [f for f in FORMATS if f in (formats or FORMATS) and f != "geoparquet"], (
        [] if formats else [left]
    )


def _geopackage(export: _Given) -> Writers:
    from provision_map.reports.export_layers import make_tables
    from provision_map.reports.geopackage import write_layers

    layers = (*export.layers, *make_tables(export.edition))
    return {"provision.gpkg": lambda path: write_layers(layers, path, date=export.edition.date)}


def _geoparquet(export: _Given) -> Writers:
    from provision_map.reports.export_layers import describe_export
    from provision_map.reports.geoparquet_file import write_geoparquet

    about = describe_export(export.edition)
    return {
        f"geoparquet/{layer.name}.parquet": partial(write_geoparquet, layer, about)
        for layer in export.layers
    }


def _geojson(export: _Given) -> Writers:
    from provision_map.reports.export_layers import describe_export
    from provision_map.reports.geojson_file import write_geojson

    about = describe_export(export.edition)
    return {
        f"geojson/{layer.name}.geojson": partial(write_geojson, layer, about)
        for layer in export.layers
    }


def _csv(export: _Given) -> Writers:
    from provision_map.reports import export_csv as out
    from provision_map.reports import write_register_csv

    edition, inputs = export.edition, export.inputs
    coverage = next(layer for layer in export.layers if layer.name == "coverage")
    given: Writers = {
        f"csv/{table.name}.csv": partial(
            out.write_table, getattr(inputs, table.name), table, status=edition.data_status
        )
        for table in out.GIVEN_TABLES
    }
    return {
        **given,
        "csv/places.csv": partial(out.write_places_csv, edition),
        "csv/people.csv": partial(out.write_people_csv, edition),
        "csv/coverage.csv": partial(out.write_layer_csv, coverage),
        "csv/gaps.csv": partial(write_register_csv, edition),
        "csv/columns.csv": partial(out.write_columns_csv, edition, coverage),
        "csv/sources.csv": partial(out.write_sources_csv, edition),
    }


def _hsds_uk(export: _Given) -> Writers:
    from provision_map.reports.export_csv import write_sources_csv

    return {
        "hsds-uk/services.json": partial(_write_hsds, export),
        "hsds-uk/sources.csv": partial(write_sources_csv, export.edition),
    }


def _write_hsds(export: _Given, path: Path) -> None:
    from provision_map.reports.export_layers import describe_export
    from provision_map.reports.hsds import write_hsds

    said = describe_export(export.edition)
    edition, inputs = export.edition, export.inputs
    page = write_hsds(
        inputs.organisations, inputs.services, inputs.sessions,
        framework=edition.framework, title=edition.title, date=edition.date,
        quality=inputs.quality, crs=edition.crs, data_status=edition.data_status,
        about={name: said[name] for name in ("place", "made_by", "sources")},
    )  # fmt: skip
    path.write_bytes(page)


def _say_lost(inputs: Inputs) -> list[str]:
    """Say what HSDS-UK has no room for."""
    from provision_map.reports.hsds import what_is_lost

    lost = what_is_lost(
        inputs.organisations, inputs.services, inputs.sessions,
        quality=inputs.quality, returns=inputs.returns, practice=inputs.practice,
    )  # fmt: skip
    return [f"not in HSDS-UK: {problem}" for problem in lost]


_WRITERS: dict[str, Callable[[_Given], Writers]] = {
    "gpkg": _geopackage,
    "geoparquet": _geoparquet,
    "geojson": _geojson,
    "csv": _csv,
    "hsds-uk": _hsds_uk,
}


def _spare_inputs(target: Path, writers: dict[str, Writers], inputs: Sequence[Path]) -> None:
    """Refuse to write over a file that the exercise is read from."""
    ours = {path.resolve() for path in inputs}
    struck = [
        name for files in writers.values() for name in files if (target / name).resolve() in ours
    ]
    if struck:
        raise UsageError(
            f"{list_some(struck)} in {target} would overwrite what the exercise is read from. "
            "Name another folder with --to."
        )


def _write_all(target: Path, writers: dict[str, Writers], progress: Progress) -> tuple[Path, ...]:
    """Write all files beside those of the folder, then rename them one after the other."""
    try:
        target.mkdir(parents=True, exist_ok=True)
        names = [name for files in writers.values() for name in files]
        with tempfile.TemporaryDirectory(prefix=".writing-", dir=target) as beside:
            for kind, files in writers.items():
                progress(f"writing {kind}")
                for name, write in files.items():
                    path = Path(beside) / name
                    path.parent.mkdir(exist_ok=True)
                    write(path)
            for name in names:
                (target / name).parent.mkdir(exist_ok=True)
                (Path(beside) / name).replace(target / name)
    except OSError as error:
        what = f"The files could not be written ({error.strerror or error})."
        mend = "Check that the folder is one, that you may write there, and that the disk has room."
        raise DataError([Problem(str(target), what=what, mend=mend)]) from error
    return tuple(target / name for name in names)

"""The command line: a thin skin over :mod:`provision_map.exercise`.

Exit codes: 0 fine (findings included), 1 our fault, 2 usage, 3 data.
"""

from __future__ import annotations

import datetime as dt
import sys
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from provision_map import __version__
from provision_map.errors import EXIT_OUR_FAULT, EXIT_USAGE, DataError, ProvisionMapError

#: A stage that starts later than this many seconds after the command is named on stderr.
_QUIET_SECONDS = 1.0
#: What shells use for a command that was interrupted from the keyboard.
_INTERRUPTED = 130

#: What fetch knows; named here so that help needs no catalogue.
_FETCHED = (
    "boundaries", "centroids", "people", "ethnicity", "deprivation", "postcodes", "schools", "feed",
)  # fmt: skip

_FOLDER = click.argument("folder", default=".", type=click.Path(path_type=Path, file_okay=False))


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="provision-map")
def commands() -> None:
    """Show who among our children is not reached, by what, and why.

    Maps services and good practice for children and young people to neighbourhoods and
    communities, and keeps the register of gaps. An exercise is a folder with a provision.toml.
    """


@commands.command()
@_FOLDER
def run(folder: Path) -> None:
    """Read FOLDER, find its gaps, and write the map and the gap register into FOLDER/maps."""
    from provision_map.exercise import run_exercise

    outcome = run_exercise(folder, progress=_tell_stages())
    for line in outcome.lines:
        click.echo(_plain(line))


@commands.command()
@_FOLDER
@click.option("--no-files", is_flag=True, help="Print only; write no files.")
@click.option(
    "--write-returns",
    is_flag=True,
    help="Replace the table of returns by the corrected one; the old one stays as .bak.",
)
def check(folder: Path, *, no_files: bool, write_returns: bool) -> None:
    """Account for every row of FOLDER's input files, and say what to mend and whom to ask.

    Writes FOLDER/check: what became of each row, suspected duplicates to decide, the table of
    returns as it should read, how complete the returns are, old records, and for each organisation
    a workbook to send back with its own problems marked. Nothing else is changed.
    """
    from provision_map.exercise.check import check_exercise

    checked = check_exercise(folder, files=not no_files, write_returns=write_returns)
    for line in checked.say(all_notes=no_files):
        click.echo(_plain(line))
    checked.inputs.raise_if_wrong()


@commands.command()
@click.argument("gap_id")
@click.argument("folder", default=".", type=click.Path(path_type=Path, file_okay=False))
def explain(gap_id: str, folder: Path) -> None:
    """Say in words why GAP-ID is a gap, down to the services looked at."""
    from provision_map.exercise import explain as explain_gap

    for line in explain_gap(folder, gap_id).splitlines():
        click.echo(_plain(line))


@commands.command()
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
@click.option(
    "--example", type=click.Choice(["gloucester"]), help="Copy the embedded exercise instead."
)
def new(folder: Path, example: str | None) -> None:
    """Make FOLDER a new exercise: a commented provision.toml and empty tables with headings."""
    from provision_map.new_exercise import copy_example, make_blank

    made = copy_example(example, folder) if example else make_blank(folder)
    click.echo(f"Made {len(made)} files in {_plain(str(folder))}:")
    for path in made:
        click.echo(f"  {_plain(str(path.relative_to(folder)))}")
    if example:
        click.echo(f"Next: provision-map run {_plain(str(folder))}")
    else:
        click.echo(
            "Next: fill the tables, set the sources in provision.toml, then provision-map check."
        )


@commands.command()
@_FOLDER
@click.option(
    "--format",
    "formats",
    multiple=True,
    type=click.Choice(["gpkg", "geoparquet", "geojson", "csv", "hsds-uk"]),
    help="Write only this format; may be given several times. Without it: all that are installed.",
)
@click.option(
    "--to",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder to write into. Without it: FOLDER/export.",
)
def export(folder: Path, formats: tuple[str, ...], to: Path | None) -> None:
    """Give FOLDER's services, places, coverage and gaps in formats that others read.

    The exercise must have been run. Participation is in none of them.
    """
    from provision_map.exercise.export import export_exercise

    for line in export_exercise(folder, formats, to=to, progress=_tell_stages()).lines:
        click.echo(_plain(line))


def _tell_stages() -> Callable[[str], None]:
    """Return what names each stage as it begins, once the command has taken a while."""
    started = time.monotonic()

    def progress(stage: str) -> None:
        seconds = time.monotonic() - started
        if seconds > _QUIET_SECONDS:
            click.echo(f"{seconds:4.0f} s  {stage} …", err=True)

    return progress


@commands.command()
@click.argument("folder", required=False, type=click.Path(path_type=Path, file_okay=False))
@click.option(
    "--organisation",
    "organisations",
    multiple=True,
    metavar="ORG-ID",
    help="Fill in what is known of this one; may be given several times.",
)
@click.option("--all", "everyone", is_flag=True, help="One workbook for each organisation.")
@click.option("--out", type=click.Path(path_type=Path), help="The file, or the folder for several.")
@click.option("--csv", "as_csv", is_flag=True, help="The same columns as CSV files.")
def template(
    folder: Path | None,
    organisations: tuple[str, ...],
    out: Path | None,
    *,
    everyone: bool,
    as_csv: bool,
) -> None:
    """Write the workbook that an organisation fills in.

    In FOLDER, or here, if it is an exercise, with its elements, communities and places; elsewhere
    with the built-in ones.
    """
    from provision_map.exercise.template import write_templates

    if folder is None and Path("provision.toml").is_file():
        folder = Path()
    written = write_templates(
        folder, organisations=organisations, everyone=everyone, out=out, as_csv=as_csv
    )
    click.echo(f"Wrote {_number(len(written), 'file')}:")
    for path in written:
        click.echo(f"  {_plain(str(path))}")
    if not as_csv:
        click.echo(
            'Put those that come back into returns/: workbooks = ["returns/*"] in [services] reads them.'
        )


@commands.command()
@click.argument("what", metavar="WHAT", type=click.Choice(_FETCHED))
@_FOLDER
@click.option("--area", multiple=True, help="Code of a district, as E07000081. May be repeated.")
@click.option(
    "--level", type=click.Choice(["lsoa", "oa", "msoa", "ward", "parish"]), help="Default: lsoa."
)
@click.option(
    "--vintage", help="Year of the small areas, 2011 or 2021. Default: 2021, or the newest."
)
@click.option(
    "--url", help="Base address of a mirror or a feed, or the address of a file, instead."
)
@click.option("--refresh", is_flag=True, help="Fetch again, and replace, what is there.")
@click.option(
    "--max-age",
    default=30,
    show_default=True,
    type=click.IntRange(0),
    help="Days for which what is there is kept.",
)
@click.option(
    "--page-size",
    default=50,
    show_default=True,
    type=click.IntRange(1, 1000),
    help="Services on a page of a feed.",
)
@click.option(
    "--catalogue",
    type=click.Path(path_type=Path, dir_okay=False),
    help="TOML file of your own sources and corrected addresses.",
)
def fetch(what: str, folder: Path, max_age: int, area: tuple[str, ...], **options: Any) -> None:  # noqa: ANN401
    """Fetch public data of a district into FOLDER/data/fetched, with licence and date beside it.

    WHAT is boundaries, centroids, people, ethnicity, deprivation, postcodes, schools or feed.

    For machines that are online. What came before the connection broke is kept, and the same
    command goes on from there.
    """
    from provision_map.sources.fetch import Wanted
    from provision_map.sources.fetch import fetch as fetch_source

    wanted = Wanted(what, folder, areas=area, max_age=dt.timedelta(days=max_age), **options)
    fetched = fetch_source(wanted, _tell_lines())
    for line in fetched.lines:
        click.echo(_plain(line))


@commands.command("map-columns")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--layer", help="The layer to read, of a file of several layers.")
@click.option(
    "--to", type=click.Path(path_type=Path, dir_okay=False), help="Write the draft into this file."
)
def map_columns(file: Path, layer: str | None, to: Path | None) -> None:
    """Draft a mapping file for a public register FILE, for a person to mend.

    FILE is CSV, or any file of points or polygons. Which column is which is guessed from headings
    and values; what is unsure is marked with a question mark.
    """
    from provision_map.read.registers.draft_mapping import draft_mapping, write_draft

    draft = draft_mapping(file, layer)
    if to is None:
        click.echo(draft, nl=False)
        return
    write_draft(to, draft)
    click.echo(f"Wrote {_plain(str(to))}. Look at each line marked ?, and fill in the elements.")


def _number(count: int, noun: str) -> str:
    return f"{count} {noun}" + ("" if count == 1 else "s")


def _tell_lines() -> Callable[[str], None]:
    """Return what shows progress on stderr: a line a second, and none in the first."""
    told = time.monotonic()

    def tell(line: str) -> None:
        nonlocal told
        if time.monotonic() - told > _QUIET_SECONDS:
            told = time.monotonic()
            click.echo(_plain(f"{line} …"), err=True)

    return tell


def _plain(text: str) -> str:
    """Take control characters out: what a spreadsheet holds must not steer the terminal."""
    return "".join(ch if ch.isprintable() else "�" for ch in text)


def main() -> None:
    """Run the command and turn what goes wrong into one of the exit codes."""
    try:
        commands.main(standalone_mode=False)
    except click.exceptions.Exit as leave:
        sys.exit(leave.exit_code)
    except click.Abort:
        click.echo("Stopped.", err=True)
        sys.exit(_INTERRUPTED)
    except click.ClickException as wrong:
        wrong.show()
        sys.exit(wrong.exit_code)
    except DataError as wrong:
        click.echo(f"{_number(len(wrong.problems), 'problem')}:", err=True)
        for problem in wrong.problems:
            click.echo(f"  {_plain(str(problem))}", err=True)
        sys.exit(wrong.exit_code)
    except ProvisionMapError as wrong:
        click.echo(_plain(str(wrong)), err=True)
        sys.exit(wrong.exit_code)
    except OSError as error:
        # A full disk, a closed pipe, a folder that may not be read: neither our fault nor the data's.
        click.echo(_plain(f"{error.strerror or error}: {error.filename or 'output'}"), err=True)
        sys.exit(EXIT_USAGE)
    except Exception:  # noqa: BLE001 - the one place where our own faults end
        traceback.print_exc()
        click.echo(
            "This is a fault of provision-map, not of your data. Please report it.", err=True
        )
        sys.exit(EXIT_OUR_FAULT)

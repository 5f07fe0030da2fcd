"""The command line: a thin skin over :mod:`provision_map.exercise`.

Exit codes: 0 fine (findings included), 1 our fault, 2 usage, 3 data.
"""

from __future__ import annotations

import sys
import time
import traceback
from pathlib import Path

import click

from provision_map import __version__
from provision_map.errors import EXIT_OUR_FAULT, EXIT_USAGE, DataError, ProvisionMapError

#: A stage that starts later than this many seconds after the command is named on stderr.
_QUIET_SECONDS = 1.0
#: What shells use for a command that was interrupted from the keyboard.
_INTERRUPTED = 130

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

    started = time.monotonic()

    def progress(stage: str) -> None:
        seconds = time.monotonic() - started
        if seconds > _QUIET_SECONDS:
            click.echo(f"{seconds:4.0f} s  {stage} …", err=True)

    outcome = run_exercise(folder, progress=progress)
    for line in outcome.lines:
        click.echo(_plain(line))


@commands.command()
@_FOLDER
def check(folder: Path) -> None:
    """List every problem of FOLDER's input files, and all that people must know of a run.

    Everything is read and measured, and nothing is written.
    """
    from provision_map.exercise import measure_exercise
    from provision_map.read.inputs import read_inputs
    from provision_map.read.settings_file import read_settings

    inputs = read_inputs(read_settings(folder))
    for note in inputs.notes:
        click.echo(f"note: {_plain(str(note))}")
    for row in inputs.left_out.itertuples(index=False):
        click.echo(_plain(f"left out: {row.file}, row {row.row}: {row.name}: {row.reason}"))
    inputs.raise_if_wrong()
    measured = measure_exercise(inputs)
    for note in measured.notes:
        click.echo(f"note: {_plain(str(note))}")
    click.echo(
        f"{len(inputs.files)} files read: {len(inputs.places)} places, {len(inputs.services)} services, "
        f"{len(inputs.returns)} returns. No problems, {_number(len(inputs.notes) + len(measured.notes), 'note')}."
    )


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


def _number(count: int, noun: str) -> str:
    return f"{count} {noun}" + ("" if count == 1 else "s")


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

"""A new exercise folder: blank, or a copy of the embedded Gloucester one."""

from __future__ import annotations

import csv
import shutil
import tempfile
from collections.abc import Callable
from importlib import resources
from pathlib import Path

from provision_map.errors import UsageError
from provision_map.frameworks import load_framework
from provision_map.model import Framework
from provision_map.tables import (
    INPUT_TABLES,
    NEIGHBOURHOODS,
    ORGANISATIONS,
    PRACTICE,
    QUALITY,
    RETURNS,
    SERVICES,
    SESSIONS,
    TERM_DATES,
)

#: Single years of age that both Offers need, the youngest to the oldest invited.
_AGES = range(5, 25)
GUIDE = "HOW-TO-FILL.md"


def make_blank(folder: Path) -> list[Path]:
    """Make a folder with a commented provision.toml and empty tables with headings.

    Returns:
        The files made.

    Raises:
        UsageError: the folder exists and is not empty.

    """
    framework = load_framework()
    services = "data/services"
    headings = {
        "data/boundaries/neighbourhoods.csv": NEIGHBOURHOODS.names(given_only=True),
        "data/people/places.csv": ["place_id", "easting", "northing", "imd_decile"],
        "data/people/ages.csv": ["place_id", *(f"age_{age}" for age in _AGES)],
        "data/people/ethnic_groups.csv": [
            "place_id",
            "residents",
            *(c.id for c in framework.ethnic_groups),
        ],
        **{
            f"{services}/{table.name}.csv": table.names(given_only=True)
            for table in (ORGANISATIONS, SERVICES, SESSIONS, QUALITY, RETURNS, PRACTICE, TERM_DATES)
        },
    }

    def fill(target: Path) -> None:
        template = resources.files("provision_map") / "templates" / "provision.toml"
        (target / "provision.toml").write_text(template.read_text("utf-8"), "utf-8")
        for name, columns in headings.items():
            path = target / name
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("w", encoding="utf-8", newline="") as file:
                csv.writer(file).writerow(columns)
        (target / GUIDE).write_text(guide_to_filling(framework), encoding="utf-8", newline="\n")
        (target / "maps").mkdir()

    return _make(folder, fill)


def guide_to_filling(framework: Framework) -> str:
    """Describe every column of the tables that come in, and every code that they may hold."""
    elements = [
        f"| {element.id} | {element.name} | {offer.name} | {', '.join(element.aims)} |"
        for offer in framework.offers
        for element in offer.elements
    ]
    outcomes = [
        f"| {aim.id} | {aim.name} | {outcome.name} |"
        for outcome in framework.outcomes
        for aim in outcome.aims
    ]
    communities = [f"| {c.id} | {c.name} |" for c in framework.communities]
    return "\n".join(
        [
            "# How to fill the tables",
            "",
            "Leave a cell blank where it is not known: blank is shown as unknown, never as none.",
            "Roles, not names of persons; no telephone numbers.",
            "Dates are written 2026-01-31 or 31/01/2026, times 19:00.",
            "",
            "provision.toml says which file is which table; the tables of services stand in",
            "`data/services/`, each under its own name. `term_dates.csv` is used once its line in",
            "provision.toml is switched on: sessions with a `schedule` are held against it.",
            "",
            *_OF_WAYS,
            "",
            "## Tables",
            "",
            *(table.to_markdown() for table in INPUT_TABLES),
            "## Codes of elements",
            "",
            "| code | element | Offer | aims |",
            "|---|---|---|---|",
            *elements,
            "",
            "## Codes of outcomes and aims",
            "",
            "| code | aim | outcome |",
            "|---|---|---|",
            *outcomes,
            "",
            "## Codes of communities",
            "",
            f"Besides these: `everyone`, and `bme` for {framework.bme_name}.",
            "",
            "| code | community |",
            "|---|---|",
            *communities,
            "",
        ]
    )


_OF_WAYS = (
    "## Where people live, and how far it is",
    "",
    "None of this is needed. Without it people live at one point a place and ways are straight lines.",
    "",
    "* **Homes** (`[places.homes]`): a table of points, one row an output area or a postcode, with a",
    "  code, the place it belongs to, easting and northing or longitude and latitude, and if there is",
    "  one a column of how many people live there (`weight`). Without it all points of a place count",
    "  alike, shops and offices too. Or any file of points or outlines that GDAL reads.",
    "* **Outlines** (`[services.sites]`): a file of polygons, or of points for entrances, with a column",
    "  of the service's code. A service may have several rows. People walk to its edge.",
    '* **Streets** (`travel_times = "streets"`): road links in any format that GDAL reads, or an',
    "  OpenStreetMap extract (`.osm.pbf`), reaching some kilometres beyond the places.",
    '* **Travel times** (`travel_times = "file"`): a CSV or Parquet file with `from_id` (a place or a',
    "  home), `to_id` (a service), `minutes`, and if there are several a `mode`. Blank minutes: searched,",
    "  and further than was searched to. What is not in the file was not searched and is unknown.",
)


def copy_example(name: str, folder: Path) -> list[Path]:
    """Copy an embedded exercise: its provision.toml and its data.

    Returns:
        The files made.

    Raises:
        UsageError: the folder exists and is not empty.

    """
    with resources.as_file(resources.files("provision_map")) as package:
        source = package / "examples" / name
        if not source.is_dir():
            # In a checkout the repository's root is the exercise itself.
            source = package.parent.parent
        if not (source / "provision.toml").is_file():
            raise UsageError(f"The embedded exercise {name!r} is not part of this installation.")

        def fill(target: Path) -> None:
            shutil.copy(source / "provision.toml", target)
            shutil.copytree(source / "data", target / "data")
            (target / "maps").mkdir()

        return _make(folder, fill)


def _make(folder: Path, fill: Callable[[Path], None]) -> list[Path]:
    """Fill a folder beside the wanted one and rename it, so that no half of it is ever there."""
    if folder.exists() and any(folder.iterdir()):
        raise UsageError(f"{folder} exists and is not empty. Name a new folder.")
    parent = folder.resolve().parent
    if not parent.is_dir():
        raise UsageError(f"{parent} is no folder.")
    with tempfile.TemporaryDirectory(prefix=".new-", dir=parent) as beside:
        made = Path(beside) / "exercise"
        made.mkdir()
        fill(made)
        if folder.exists():
            folder.rmdir()
        made.rename(folder)
    return sorted(path for path in folder.rglob("*") if path.is_file())

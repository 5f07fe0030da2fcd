"""Fixtures that several tests share."""

from __future__ import annotations

import csv
import json
import os
import shutil
from pathlib import Path

import pytest

from tiny_exercise import write_tiny_exercise

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture
def tiny(tmp_path: Path) -> Path:
    """Return the folder of a fresh copy of the tiny, valid exercise."""
    return write_tiny_exercise(tmp_path / "tiny")


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Return the folder of real public data that stands beside the repository.

    Nothing of it is part of the project. Where it is absent a test skips and says why; with
    ``PROVISION_MAP_NO_SKIP=1`` (set by ``.ci/run``) it fails instead.
    """
    named = os.environ.get("PROVISION_MAP_SHARED")
    folder = (Path(named) if named else ROOT.parent / "shared") / "data"
    if folder.is_dir():
        return folder.resolve()
    reason = (
        "the real public data is not here (looked for ../shared/data; "
        "PROVISION_MAP_SHARED may name the folder that holds data/)"
    )
    if os.environ.get("PROVISION_MAP_NO_SKIP") == "1":
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.fixture
def real_gloucester(tmp_path: Path, shared_data: Path) -> Path:
    """Return an exercise folder that reads Gloucester from the real public data, in place."""
    folder = tmp_path / "real_gloucester"
    shutil.copytree(Path(__file__).parent / "real_gloucester", folder)
    settings = folder / "provision.toml"
    text = settings.read_text(encoding="utf-8").replace("SHARED", shared_data.as_posix())
    settings.write_text(text, encoding="utf-8")
    _derive_neighbourhoods(shared_data, folder / "neighbourhoods.csv")
    return folder


def _derive_neighbourhoods(shared_data: Path, target: Path) -> None:
    """Write the wards of 2008 to 2016 as dated neighbourhoods; no LSOA lies in two of them."""
    wards = json.loads(
        (shared_data / "boundaries/gloucester_wards_2013.geojson").read_text(encoding="utf-8")
    )
    names = {
        ward["properties"]["WD13CD"]: ward["properties"]["WD13NM"] for ward in wards["features"]
    }
    lookup = shared_data / "lookups/gloucestershire_oa11_lsoa11_msoa11_lad_ward13.csv"
    with lookup.open(encoding="utf-8", newline="") as file:
        pairs = {
            row["lsoa11_code"]: row["ward13_code"]
            for row in csv.DictReader(file)
            if row["ward13_code"] in names
        }
    with target.open("w", encoding="utf-8", newline="") as file:
        out = csv.writer(file, lineterminator="\n")
        out.writerow(["place_id", "neighbourhood_id", "neighbourhood", "valid_from", "valid_to"])
        for place, ward in sorted(pairs.items()):
            out.writerow([place, ward, names[ward], "2008-05-01", "2016-05-04"])

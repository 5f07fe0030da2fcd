"""Fixtures that several tests share."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from real_data import (
    copy_settings,
    derive_bath,
    derive_gloucester_neighbourhoods,
    derive_porto_alegre,
)
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
    folder = copy_settings("real_gloucester", shared_data, tmp_path / "real_gloucester")
    derive_gloucester_neighbourhoods(shared_data, folder / "neighbourhoods.csv")
    return folder


@pytest.fixture(scope="session")
def real_bath(tmp_path_factory: pytest.TempPathFactory, shared_data: Path) -> Path:
    """Return an exercise folder of Bath: real streets, postcodes, play spaces and schools."""
    target = tmp_path_factory.mktemp("bath") / "exercise"
    folder = copy_settings("real_bath", shared_data, target)
    derive_bath(shared_data, folder)
    return folder


@pytest.fixture(scope="session")
def real_porto_alegre(tmp_path_factory: pytest.TempPathFactory, shared_data: Path) -> Path:
    """Return an exercise folder of Porto Alegre: an OpenStreetMap extract and a grid."""
    target = tmp_path_factory.mktemp("porto_alegre") / "exercise"
    folder = copy_settings("real_porto_alegre", shared_data, target)
    derive_porto_alegre(shared_data, folder)
    return folder

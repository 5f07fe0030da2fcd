"""run.json: what a run was made from and what it found, so that it can be made again."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping, Sequence
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from provision_map import __version__
from provision_map.read.inputs import InputFile

#: Packages whose version can change a figure or a file.
_PACKAGES = ("folium", "geopandas", "networkx", "numpy", "pandas", "pyogrio", "scipy", "shapely", "sqlalchemy", "xlsxwriter")  # fmt: skip


def render_manifest(
    *,
    files: Sequence[InputFile],
    settings: Mapping[str, Any],
    date: dt.date,
    digest: str,
    notes: Sequence[str],
    counts: Mapping[str, object],
) -> str:
    """Render run.json. The same data gives the same bytes: it holds no time of day.

    Args:
        files: every input.
        settings: provision.toml as read.
        date: day of the exercise.
        digest: of the data.
        notes: what was read although unusual.
        counts: what the run counted.

    """
    body = {
        "title": settings.get("exercise", {}).get("title", ""),
        "date": date.isoformat(),
        "digest": digest,
        "inputs": [
            {
                "file": f.file, "sha256": f.sha256, "bytes": f.bytes,
                "source": f.source, "licence": f.licence, "date": f.date,
            }
            for f in sorted(files, key=lambda f: f.file)
        ],
        "settings": settings,
        "versions": {"provision-map": __version__, **{name: _package_version(name) for name in _PACKAGES}},
        "notes": list(notes),
        "counts": counts,
    }  # fmt: skip
    return json.dumps(body, indent=2, ensure_ascii=False, default=str) + "\n"


def _package_version(package: str) -> str:
    """Version of an installed package, or "not installed"."""
    try:
        return version(package)
    except PackageNotFoundError:
        return "not installed"

"""GeoParquet 1.1: a layer as columns, for programs that read a lot."""

from __future__ import annotations

import importlib.util
import io
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import geopandas as gpd

from provision_map.errors import UsageError
from provision_map.reports.geopackage import Layer

#: The key of the file's own metadata under which an export says what it is.
ABOUT_KEY = b"provision_map"


def can_write_geoparquet() -> bool:
    """Whether the packages that it needs are installed."""
    return importlib.util.find_spec("pyarrow") is not None


def write_geoparquet(layer: Layer, about: Mapping[str, Any], path: Path) -> None:
    """Write a layer in the system that it is in, with a box a row, as GeoParquet 1.1.

    ``about`` stands as JSON in the file's metadata, under ``provision_map``.

    Raises:
        UsageError: pyarrow is not installed.

    """
    if not can_write_geoparquet():
        raise UsageError(
            "GeoParquet needs pyarrow, which is not installed. Install the extra: "
            'pip install "provision-map[parquet]".'
        )
    import pyarrow.parquet as pq  # noqa: PLC0415 - an extra

    written = io.BytesIO()
    frame = gpd.GeoDataFrame(layer.frame)
    frame.to_parquet(
        written, index=False, schema_version="1.1.0", write_covering_bbox=True, compression="zstd"
    )
    table = pq.read_table(io.BytesIO(written.getvalue()))
    said = {"name": layer.name, "description": layer.description, **about}
    own = {ABOUT_KEY: json.dumps(said, ensure_ascii=False).encode("utf-8")}
    table = table.replace_schema_metadata({**(table.schema.metadata or {}), **own})
    pq.write_table(table, path, compression="zstd")

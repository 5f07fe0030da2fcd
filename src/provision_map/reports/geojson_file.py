"""GeoJSON as RFC 7946 has it: longitude and latitude, outer rings anticlockwise, no other system."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import geopandas as gpd
import pyogrio

from provision_map.reports.geopackage import Layer

#: Decimals of a degree: about a centimetre.
_DECIMALS = 7
_WGS84 = "EPSG:4326"


def write_geojson(layer: Layer, about: Mapping[str, Any], path: Path) -> None:
    """Write a layer as one FeatureCollection, a feature a line.

    ``about`` becomes members beside the features (title, date, data_status, sources, …), as
    RFC 7946, section 6.1, allows; readers that do not know them pass them over. Winding, the
    rounding to 7 decimals and the boxes are GDAL's. What is missing is null, a service without a
    site has no geometry. The same layer gives the same bytes.
    """
    frame = gpd.GeoDataFrame(layer.frame).to_crs(_WGS84)
    pyogrio.write_dataframe(
        frame, path, driver="GeoJSON", geometry_type=layer.geometry_type,
        promote_to_multi=layer.geometry_type == "MultiPolygon",
        layer_options={
            "RFC7946": "YES", "COORDINATE_PRECISION": str(_DECIMALS), "WRITE_BBOX": "YES",
            "WRITE_NAME": "NO",
        },
    )  # fmt: skip
    written = json.loads(path.read_text(encoding="utf-8"))
    features = written.pop("features")
    head = {
        "type": written.pop("type"),
        "name": layer.name,
        "description": layer.description,
        **about,
        **written,
    }
    if not features:
        head.pop("bbox", None)
    opening = json.dumps(head, ensure_ascii=False, indent=1).removesuffix("\n}")
    lines = ",\n".join(json.dumps(f, ensure_ascii=False, separators=(",", ":")) for f in features)
    text = f'{opening},\n "features": [\n{lines}\n]\n}}\n'
    path.write_text(text, encoding="utf-8", newline="\n")

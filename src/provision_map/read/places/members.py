"""Which neighbourhoods a place belongs to: sets of places, or outlines that hold most of it."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

#: A place belongs to an outline that holds this share of its people, or of its area.
HALF = 0.5

#: Shares that are nearer than this are alike: outlines of two files are drawn more or less finely.
ALIKE = 0.02

COLUMNS = ("place_id", "neighbourhood_id", "neighbourhood", "share")


def find_members(
    places: gpd.GeoDataFrame, outlines: gpd.GeoDataFrame, homes: pd.DataFrame
) -> pd.DataFrame:
    """Say which places belong to which outlines: those of which at least half lies inside.

    It is half of the people where points are known at which they live, else half of the area.
    Outlines may overlap, and need not cover the places: a place may belong to several or to none.
    What is divided in two halves belongs to both: a share within :data:`ALIKE` of half counts.

    Args:
        places: place_id, geometry.
        outlines: neighbourhood_id, neighbourhood, geometry, in the system of the places. Several
            of one code are taken together.
        homes: place_id, easting, northing, weight (NaN: not known); may be empty.

    Returns:
        place_id, neighbourhood_id, neighbourhood, share; in the order of the places, and for each
        of the outlines.

    """
    shapes = [shapely.union_all(part.geometry.to_numpy())
              for _, part in outlines.groupby("neighbourhood_id", sort=False)]  # fmt: skip
    first = outlines.drop_duplicates("neighbourhood_id")
    inside = _area_shares(places, shapes)
    at_home = _home_shares(places, homes, shapes)
    known = ~np.isnan(at_home)
    inside[known] = at_home[known]
    rows, columns = np.nonzero(inside >= HALF - ALIKE)
    return pd.DataFrame(
        {
            "place_id": places["place_id"].to_numpy(dtype=object)[rows],
            "neighbourhood_id": first["neighbourhood_id"].to_numpy(dtype=object)[columns],
            "neighbourhood": first["neighbourhood"].to_numpy(dtype=object)[columns],
            "share": np.minimum(inside[rows, columns], 1.0),
        }
    )


def _area_shares(places: gpd.GeoDataFrame, shapes: list[object]) -> np.ndarray:
    """Return the share of each place's area in each shape: place × shape."""
    own = places.geometry.to_numpy()
    shares = np.zeros((len(places), len(shapes)))
    theirs = np.array(shapes, dtype=object)
    place, shape = shapely.STRtree(own).query(theirs, predicate="intersects")[::-1]
    common = shapely.area(shapely.intersection(own[place], theirs[shape]))
    shares[place, shape] = common / shapely.area(own[place])
    return shares


def _home_shares(places: gpd.GeoDataFrame, homes: pd.DataFrame, shapes: list[object]) -> np.ndarray:
    """Return the share of each place's people in each shape; NaN where no home is known."""
    at = {code: n for n, code in enumerate(places["place_id"])}
    ours = homes[homes["place_id"].isin(list(at))]
    row = ours["place_id"].map(at).to_numpy(dtype=np.intp)
    weight = ours["weight"].fillna(ours["weight"].mean()).fillna(1.0).to_numpy(dtype=float)
    total = np.bincount(row, weights=weight, minlength=len(places))
    # Where all points of a place weigh nothing they count alike.
    weight = np.where(total[row] > 0, weight, 1.0)
    total = np.bincount(row, weights=weight, minlength=len(places))
    inside = np.zeros((len(places), len(shapes)))
    points = shapely.points(ours["easting"].to_numpy(float), ours["northing"].to_numpy(float))
    shape, point = shapely.STRtree(points).query(
        np.array(shapes, dtype=object), predicate="intersects"
    )
    np.add.at(inside, (row[point], shape), weight[point])
    with np.errstate(invalid="ignore"):
        return np.where(total[:, None] > 0, inside / total[:, None], np.nan)


def choose_names(memberships: pd.DataFrame) -> dict[str, tuple[str, str]]:
    """Return code and name of the neighbourhood that names each place: the largest share.

    Of shares that are alike, to :data:`ALIKE`, the first in the table wins.

    >>> memberships = pd.DataFrame({"place_id": ["P", "P"], "neighbourhood_id": ["A", "B"],
    ...                             "neighbourhood": ["Abbey", "Barton"], "share": [0.6, 0.9]})
    >>> choose_names(memberships)
    {'P': ('B', 'Barton')}

    """
    most = memberships.groupby("place_id", sort=False)["share"].transform("max")
    named = memberships[memberships["share"] >= most - ALIKE].drop_duplicates("place_id")
    codes, names = named["neighbourhood_id"], named["neighbourhood"]
    return dict(zip(named["place_id"], zip(codes, names, strict=True), strict=True))

"""Where the people of each place live: one point a place, or several that share its people."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd

from provision_map.errors import DataError, Problem, warn
from provision_map.schema.wording import count_of, list_some
from provision_map.tables import HOMES

_WHERE = "homes"


def homes_of(
    places: pd.DataFrame | gpd.GeoDataFrame, points: pd.DataFrame | None = None
) -> pd.DataFrame:
    """List the points where the people of each place live, with their share of them.

    One centroid for a place of 1,500 people fails short standards (400 m) for all of them or for
    none. With finer points (output areas, postcodes) each has its own way to every service. Share =
    the point's weight ÷ the sum of the weights within the place.

    What the points leave open is warned of by name, never counted as nobody: a place without points
    keeps its centroid, one whose weights are all 0 counts its points alike, and a point of unknown
    weight counts as the mean of the others in its place. Where no weight is known anywhere, all
    points of a place simply count alike. Points of weight 0, and points of other places, are left
    out and counted.

    Args:
        places: ``tables.PLACES``.
        points: home_id, place_id, easting, northing, weight (NaN: unknown). None: the centroids.

    Returns:
        ``tables.HOMES``, in the order of the places, then of home_id.

    Raises:
        DataError: columns missing, negative or infinite weights, points without a position, a
            home_id that stands twice or that is the code of a place it is not the one home of.

    >>> places = pd.DataFrame({"place_id": ["P", "Q"], "easting": 0.0, "northing": 0.0})
    >>> points = pd.DataFrame({"home_id": ["a", "b", "c"], "place_id": ["P", "P", "Q"],
    ...                        "easting": 1.0, "northing": 2.0, "weight": [30.0, 10.0, 5.0]})
    >>> homes_of(places, points)["share"].tolist()
    [0.75, 0.25, 1.0]

    """
    centroids = pd.DataFrame(
        {
            "home_id": places["place_id"].to_numpy(dtype=object),
            "place_id": places["place_id"].to_numpy(dtype=object),
            "easting": places["easting"].to_numpy(dtype=float),
            "northing": places["northing"].to_numpy(dtype=float),
            "share": 1.0,
        }
    )
    if points is None:
        return _typed(centroids)
    _check_points(points)
    ours = _leave_out(points, centroids["place_id"])
    bare = ~centroids["place_id"].isin(ours["place_id"])
    if bare.any():
        codes = centroids.loc[bare, "place_id"]
        places_have = count_of(len(codes), "place has", "places have")
        centre = "its centre" if len(codes) == 1 else "the centre of each"
        warn(
            _WHERE,
            f"{places_have} no point where people live ({list_some(codes)}): {centre} stands in.",
        )
    ours = ours.assign(share=_shares(ours))[list(centroids.columns)]
    homes = pd.concat([ours, centroids[bare]], ignore_index=True)
    _check_codes(homes, centroids["place_id"])
    rank = homes["place_id"].map({code: i for i, code in enumerate(centroids["place_id"])})
    homes = homes.assign(_rank=rank).sort_values(["_rank", "home_id"], kind="stable")
    return _typed(homes.drop(columns="_rank"))


def _typed(homes: pd.DataFrame) -> pd.DataFrame:
    return homes.astype(dict(HOMES.empty().dtypes)).reset_index(drop=True)


def _check_points(points: pd.DataFrame) -> None:
    needed = ("home_id", "place_id", "easting", "northing", "weight")
    problems = [
        Problem(_WHERE, None, name, "The column is missing.")
        for name in needed
        if name not in points
    ]
    if problems:
        raise DataError(problems)
    weight = points["weight"].to_numpy(dtype=float)
    spots = points[["easting", "northing"]].to_numpy(dtype=float)
    codes = points["home_id"]
    for wrong, column, what, mend in (
        (weight < 0, "weight", "a weight below 0", "Give how many people live there."),
        (
            np.isinf(weight),
            "weight",
            "an infinite weight",
            "Give how many people live there.",
        ),
        (
            ~np.isfinite(spots).all(axis=1),
            "easting",
            "no position",
            "Give both coordinates.",
        ),
    ):
        if wrong.any():
            points_have = count_of(int(wrong.sum()), "point has", "points have")
            said = f"{points_have} {what} ({list_some(codes[wrong])})."
            problems.append(Problem(_WHERE, None, column, said, mend))
    twice = codes[codes.duplicated(keep=False)].drop_duplicates()
    if len(twice):
        stand = count_of(len(twice), "code stands", "codes stand")
        what = f"{stand} more than once ({list_some(twice)})."
        mend = "Give each point a code of its own."
        problems.append(Problem(_WHERE, None, "home_id", what, mend))
    if problems:
        raise DataError(problems)


def _leave_out(points: pd.DataFrame, place_ids: pd.Series) -> pd.DataFrame:
    """Leave out the points of other places, and those where nobody lives."""
    ours = points[points["place_id"].isin(place_ids)]
    if len(ours) < len(points):
        strays = len(points) - len(ours)
        lie, are = (
            ("lies in another place", "is") if strays == 1 else ("lie in other places", "are")
        )
        of = f"{strays:,} of {count_of(len(points), 'point')}"
        warn(_WHERE, f"{of} {lie} and {are} left out.")
    nobody = ours["weight"] == 0
    # Without the points of weight 0 an all-zero place would lose its only ones.
    all_zero = nobody.groupby(ours["place_id"]).transform("all").astype(bool)
    if all_zero.any():
        names = ours.loc[all_zero, "place_id"].drop_duplicates()
        places_have = count_of(len(names), "place has", "places have")
        those = "they" if len(names) == 1 else "those of each"
        warn(
            _WHERE,
            f"{places_have} points of weight 0 only ({list_some(names)}): {those} count alike.",
        )
    gone = nobody & ~all_zero
    if gone.any():
        points_have = count_of(int(gone.sum()), "point has", "points have")
        are = "is" if gone.sum() == 1 else "are"
        warn(_WHERE, f"{points_have} weight 0 and {are} left out.")
    return ours[~gone]


def _shares(ours: pd.DataFrame) -> pd.Series[float]:
    weight = ours["weight"].astype(float)
    unknown = weight.isna()
    mean = weight.groupby(ours["place_id"]).transform("mean")
    if unknown.any() and not unknown.all():
        names = ours.loc[unknown, "place_id"].drop_duplicates()
        warn(
            _WHERE,
            f"{count_of(int(unknown.sum()), 'point has', 'points have')} no weight, in "
            f"{count_of(len(names), 'place')} ({list_some(names)}): "
            "each counts as the mean of the others in its place.",
            column="weight",
        )
    weight = weight.fillna(mean)
    total = weight.groupby(ours["place_id"]).transform("sum")
    # Where nothing is known of a place, or all is 0, its points count alike.
    alike = mean.isna() | (total == 0)
    weight, total = (
        weight.mask(alike, 1.0),
        total.mask(alike, ours.groupby("place_id")["home_id"].transform("size").astype(float)),
    )
    return weight / total


def _check_codes(homes: pd.DataFrame, place_ids: pd.Series) -> None:
    """Refuse a home whose code would say that it is the whole of a place."""
    alone = ~homes["place_id"].duplicated(keep=False)
    own = (homes["home_id"] == homes["place_id"]) & alone
    clash = homes["home_id"].isin(place_ids) & ~own
    if clash.any():
        codes = homes.loc[clash, "home_id"].drop_duplicates()
        are = count_of(len(codes), "code is that of a place", "codes are those of places")
        what = f"{are} ({list_some(codes)})."
        mend = "Give each point a code of its own."
        raise DataError([Problem(_WHERE, None, "home_id", what, mend)])

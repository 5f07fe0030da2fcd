"""Where the children of each place live: figures of homes, brought together by place."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.sparse import csr_array

from provision_map.places.homes import homes_of

Floats = npt.NDArray[np.float64]
Index = npt.NDArray[np.int64]


@dataclass(frozen=True)
class HomesByPlace:
    """Homes sorted by place, those beyond the border last.

    Attributes:
        homes: ``tables.HOMES``.
        place: of each home of ours, the position of its place.
        share: of each home of ours, the share of its place's people.
        places: how many places there are; each has at least one home.

    """

    homes: pd.DataFrame
    place: Index
    share: Floats
    places: int

    @classmethod
    def of(cls, places: gpd.GeoDataFrame, homes: pd.DataFrame | None) -> HomesByPlace:
        """Order the homes; without any, people live at one point a place."""
        homes = homes_of(places) if homes is None else homes
        at = pd.Series(np.arange(len(places)), index=places["place_id"].to_numpy())
        position = homes["place_id"].map(at)
        order = np.argsort(position.fillna(len(places)).to_numpy(dtype=float), kind="stable")
        homes, position = homes.iloc[order].reset_index(drop=True), position.iloc[order]
        ours = position.notna().to_numpy(dtype=bool)
        return cls(
            homes,
            position[ours].to_numpy(dtype=np.int64),
            homes["share"].to_numpy(dtype=float)[ours],
            len(places),
        )

    @property
    def beyond(self) -> pd.DataFrame:
        """The homes of places beyond the border."""
        return self.homes.iloc[len(self.place) :]

    def spread(self, of_place: Floats) -> Floats:
        """Spread children of places over their homes: place × … → home × …."""
        share = self.share.reshape(-1, *[1] * (of_place.ndim - 1))
        return np.asarray(of_place[self.place] * share, dtype=float)

    def weights(self, home_class: Index) -> csr_array:
        """Return the share of each place's people who live in homes of each class: place × class.

        Multiplied by figures of classes it averages them over each place's people.

        >>> lived = HomesByPlace(pd.DataFrame(), np.array([0, 0, 1]), np.array([0.75, 0.25, 1.0]), 2)
        >>> (lived.weights(np.array([0, 1, 1])) @ np.array([1.0, 0.5])).tolist()
        [0.875, 0.5]
        """
        shape = (self.places, int(home_class.max(initial=-1)) + 1)
        return csr_array((self.share, (self.place, home_class)), shape=shape)

"""What every table of coverage asks: where an element is due, and which columns are alike."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd

from provision_map.coverage.bitsets import Index, Mask
from provision_map.model import Element
from provision_map.schema import Table


def due_places(places: gpd.GeoDataFrame, element: Element) -> Mask:
    """Mark the places in which an element is due: everywhere, or in its deprivation deciles.

    Args:
        places: ``tables.PLACES``.
        element: whose standard may name deciles.

    """
    deciles = element.standard.imd_deciles
    if not deciles:
        return np.ones(len(places), dtype=bool)
    return np.asarray(places["imd_decile"].isin(deciles), dtype=bool)


def column_classes(columns: npt.NDArray[Any]) -> tuple[Index, Index]:
    """Find the columns that no row tells apart.

    Args:
        columns: row × column; without rows all columns are alike.

    Returns:
        the class of each column; one column of each class, the first.

    >>> class_of, pick = column_classes(np.array([[1, 0, 1], [1, 1, 1]]))
    >>> class_of.tolist(), pick.tolist()
    ([1, 0, 1], [1, 0])

    """
    if not columns.shape[0]:
        return np.zeros(columns.shape[1], dtype=np.int64), np.zeros(1, dtype=np.int64)
    _, pick, class_of = np.unique(columns, axis=1, return_index=True, return_inverse=True)
    return np.asarray(class_of).reshape(-1), pick


def join_frames(table: Table, frames: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Join the frames of a table's elements; texts become categories, in the order declared."""
    if not frames:
        return table.empty()
    out = pd.concat(frames, ignore_index=True)
    types: dict[str, Any] = {}
    for column in table.columns:
        if column.kind == "yes_no":
            types[column.name] = pd.CategoricalDtype(["yes", "no", "unknown"])
        elif column.kind == "text":
            # Many rows say the same few words.
            known = list(column.values)
            types[column.name] = pd.CategoricalDtype(known) if known else "category"
    return out[table.names()].astype(types)

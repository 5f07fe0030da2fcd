"""The rows of a typed table, one by one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pandas as pd


def each_row(frame: pd.DataFrame) -> Iterator[Any]:
    """Iterate over rows as named tuples: their types are the table's, which pandas cannot say."""
    return iter(frame.itertuples(index=False))

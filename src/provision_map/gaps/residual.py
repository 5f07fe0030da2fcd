"""Uncovered children that stand in no entry, so that sums hold."""

from __future__ import annotations

import pandas as pd

from provision_map.gaps.cells import causes_of, uncovered
from provision_map.places.people import EVERYONE


def residual_of(coverage: pd.DataFrame, footprints: pd.DataFrame) -> pd.DataFrame:
    """Count, by element and kind, the children certainly uncovered that lie in no footprint.

    They live in cells that are not flagged, in stretches too small for an entry, or lack the other
    kind in a flagged cell. Together with the children of the footprints' cells they are all
    children that the element leaves uncovered.

    Args:
        coverage: ``tables.COVERAGE``.
        footprints: element_id, kind, community_id, cells: the entries, or gaps just found.

    Returns:
        element_id, kind, children; most first, only where there are any.

    """
    everyone = coverage[coverage["community_id"] == EVERYONE]
    element = everyone["element_id"].astype(str).to_numpy()
    cells = list(zip(element, everyone["place_id"].astype(str), everyone["age"], strict=True))
    frames = []
    for kind in ("provision", "quality"):
        own = footprints[(footprints["kind"] == kind) & (footprints["community_id"] == EVERYONE)]
        held = {
            (code, *cell)
            for code, footprint in zip(own["element_id"], own["cells"], strict=True)
            for cell in footprint
        }
        outside = pd.Series([cell not in held for cell in cells], index=everyone.index, dtype=bool)
        children = (uncovered(everyone, causes_of(kind)) * everyone["children"]).where(outside, 0.0)
        sums = children.groupby(element, sort=False).sum()
        frames.append(
            pd.DataFrame({"element_id": sums.index, "kind": kind, "children": sums.to_numpy()})
        )
    left = pd.concat(frames, ignore_index=True)
    left = left[left["children"] >= 0.5]  # noqa: PLR2004 - less than a child is dust
    return left.sort_values("children", ascending=False, kind="stable", ignore_index=True)

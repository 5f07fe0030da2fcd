"""How a gap keeps its identity: its id, its footprint, and its state read from its own cells."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from collections.abc import Set as AbstractSet

import numpy as np
import pandas as pd

#: Thresholds of the states: share covered, share unknown, and move of the uncovered share.
CLOSED, UNTOLD, MOVE = 0.8, 0.5, 0.1
#: A found gap is new only if less than this share of its children lies in open footprints.
OVERLAP = 0.5

_KIND_LETTER = {"provision": "P", "quality": "Q", "community": "C", "practice": "G"}


def gap_id(footprint: pd.Series, *, taken: AbstractSet[str] = frozenset()) -> str:
    """Make an id from element (or outcome), kind, community and cells; asked for once only.

    >>> footprint = pd.Series({"element_id": "Y02", "kind": "provision", "outcomes": ("EA",),
    ...                        "community_id": "everyone", "cells": (("P1", 13),)})
    >>> gap_id(footprint)
    'Y02-P-bca900'
    """
    lead = footprint["element_id"] or footprint["outcomes"][0]
    what = [
        lead,
        footprint["kind"],
        footprint["community_id"],
        sorted(map(list, footprint["cells"])),
    ]
    digest = hashlib.sha256(json.dumps(what).encode()).hexdigest()
    length = 6
    while (name := f"{lead}-{_KIND_LETTER[footprint['kind']]}-{digest[:length]}") in taken:
        length += 2
    return name


def state_now(entry: Mapping[str, object] | pd.Series) -> str:
    """Read an entry's state from what its own cells measure.

    Shares are compared, not counts: next year's children must not open or close a gap.

    Args:
        entry: covered, unknown, uncovered (now) and reference_uncovered (at the first report or
            the last reported move).

    >>> state_now({"covered": 0.1, "unknown": 0.0, "uncovered": 0.7, "reference_uncovered": 0.9})
    'improved'

    """
    covered, unknown = _number(entry["covered"]), _number(entry["unknown"])
    if np.isnan(covered) or unknown >= UNTOLD:
        return "closed by measure" if covered >= CLOSED else "cannot tell"
    if covered >= CLOSED:
        return "closed by measure"
    move = _number(entry["uncovered"]) - _number(entry["reference_uncovered"])
    if abs(move) < MOVE - 1e-9:
        return "persisting"
    return "improved" if move < 0 else "worsened"


def is_new(
    footprint: pd.Series, weights: Mapping[tuple[str, int], float], entries: pd.DataFrame
) -> bool:
    """Say whether a found gap is new: most of its children lie in no open footprint of its kind.

    Args:
        footprint: the found gap.
        weights: children certainly uncovered, by cell.
        entries: the register: element_id, community_id, kind, state, status, outcomes, cells.

    """
    same = entries[
        (entries["element_id"] == footprint["element_id"])
        & (entries["community_id"] == footprint["community_id"])
        & (entries["kind"] == footprint["kind"])
        & (entries["state"] != "closed by measure")
        & (entries["status"] != "resolved")
    ]
    if footprint["kind"] == "practice":
        same = same[[o == footprint["outcomes"] for o in same["outcomes"]]]
    held = {cell for cells in same["cells"] for cell in cells}
    total = sum(weights.get(cell, 0.0) for cell in footprint["cells"])
    inside = sum(weights.get(cell, 0.0) for cell in footprint["cells"] if cell in held)
    return inside < OVERLAP * total if total > 0 else not held


def _number(value: object) -> float:
    return float(value)  # type: ignore[arg-type]

"""How a gap keeps its identity: its id, its footprint, and its state read from its own cells."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from collections.abc import Set as AbstractSet

import numpy as np
import pandas as pd

#: Thresholds of the states: share covered, share unknown, and move of the uncovered share.
CLOSED, UNTOLD, MOVE = 0.8, 0.5, 0.1
#: Sums of floats leave dust, which must not decide.
DUST = 1e-9
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

    Shares are compared, not counts: next year's children must not open or close a gap. What is
    unknown now, or was, may hide a move: *improved* only where even with all unknowns uncovered
    less would be uncovered than was for certain, *worsened* only where more is uncovered for
    certain than could have been. So a source that drops out moves nothing but towards *cannot
    tell*, and its return is no move either.

    Args:
        entry: covered, unknown, uncovered (now); reference_uncovered and reference_unknown (at the
            first report or the last reported move).

    >>> state_now({"covered": 0.3, "unknown": 0.0, "uncovered": 0.7,
    ...            "reference_uncovered": 0.9, "reference_unknown": 0.0})
    'improved'
    >>> state_now({"covered": 0.0, "unknown": 0.3, "uncovered": 0.7,
    ...            "reference_uncovered": 1.0, "reference_unknown": 0.0})
    'cannot tell'

    """
    covered, unknown = _number(entry["covered"]), _number(entry["unknown"])
    if covered >= CLOSED:
        return "closed by measure"
    if np.isnan(covered) or unknown >= UNTOLD:
        return "cannot tell"
    now, before = _number(entry["uncovered"]), _number(entry["reference_uncovered"])
    if np.isnan(before):
        return "persisting"
    hidden = _number(entry["reference_unknown"])
    if now + unknown <= before - MOVE + DUST:
        return "improved"
    if now >= before + (0.0 if np.isnan(hidden) else hidden) + MOVE - DUST:
        return "worsened"
    return "cannot tell" if abs(now - before) >= MOVE - DUST else "persisting"


def is_new(
    footprint: pd.Series,
    weights: Mapping[tuple[str, str, int], float],
    entries: pd.DataFrame,
    members: Callable[[str], tuple[str, ...]],
) -> bool:
    """Say whether a found gap is new: most of its children lie in no open footprint of its kind.

    What people call resolved but still fails is open: it asks to be looked at again, and is not
    proposed a second time. A merged community is held by the communities that it stands for.

    Args:
        footprint: the found gap.
        weights: children certainly uncovered, by community, place and age.
        entries: the register: element_id, community_id, kind, state, outcomes, cells.
        members: the communities that a code stands for.

    """
    same = entries[
        (entries["element_id"] == footprint["element_id"])
        & (entries["kind"] == footprint["kind"])
        & (entries["state"] != "closed by measure")
    ]
    if footprint["kind"] == "practice":
        same = same[np.array([o == footprint["outcomes"] for o in same["outcomes"]], dtype=bool)]
    held = {
        (member, *cell)
        for community, cells in zip(same["community_id"], same["cells"], strict=True)
        for member in members(community)
        for cell in cells
    }
    own = [(m, *cell) for m in members(footprint["community_id"]) for cell in footprint["cells"]]
    total = sum(weights.get(cell, 1.0) for cell in own)
    inside = sum(weights.get(cell, 1.0) for cell in own if cell in held)
    return inside < OVERLAP * total if total > 0 else not held


def _number(value: object) -> float:
    return float(value)  # type: ignore[arg-type]

"""What turns cells into gaps: thresholds, families, and the words for causes."""

from __future__ import annotations

from dataclasses import dataclass

#: Families of causes. A gap belongs to one.
FAMILIES = {
    "reach": ("none", "far"),
    "terms": ("time", "age", "group", "full"),
    "quality": ("quality",),
}
PROVISION = FAMILIES["reach"] + FAMILIES["terms"]

#: Causes as a title says them.
CAUSE_WORDS = {
    "none": "none at all",
    "far": "too far",
    "time": "at the wrong times",
    "age": "for other ages",
    "group": "not open to them",
    "full": "full",
    "quality": "below standard",
}
MIXED = "mixed causes"


@dataclass(frozen=True)
class GapRules:
    """Settings of the gap finder; every one can be changed in provision.toml.

    Attributes:
        flag: a cell is flagged where this share of its children is certainly not covered.
        city_wide: an age is city-wide where this share of its children is in flagged cells.
        smallest: children; a stretch with fewer goes to the residual.
        community_excess: a community is flagged where its rate exceeds everyone's by this.
        community_smallest: excess children; below, a gap is listed without figures.
        false_discovery: level of the Benjamini-Hochberg guard on small counts.
        main_share: the cause that holds this share names the gap.

    """

    flag: float = 0.5
    city_wide: float = 0.8
    smallest: float = 50.0
    community_excess: float = 0.25
    community_smallest: float = 10.0
    false_discovery: float = 0.05
    main_share: float = 0.6

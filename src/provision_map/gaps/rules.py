"""What gaps are made of: families of causes, their words, and the columns of a footprint."""

from __future__ import annotations

#: Families of causes. A gap belongs to one.
FAMILIES = {
    "reach": ("none", "far"),
    "terms": ("time", "age", "group", "full"),
    "quality": ("quality",),
}
PROVISION = FAMILIES["reach"] + FAMILIES["terms"]

#: Causes as a title says them.
CAUSE_WORDS = {
    "none": "not enough anywhere",
    "far": "too far",
    "time": "at the wrong times",
    "age": "for other ages",
    "group": "not open to them",
    "full": "full",
    "quality": "below standard",
}
MIXED = "mixed causes"

#: Columns of a footprint: a gap as it is found and as the register keeps it.
FOOTPRINT_COLUMNS = (
    "offer_id",
    "element_id",
    "outcomes",
    "kind",
    "family",
    "scope",
    "community_id",
    "cells",
)

"""The data dictionary: every table that comes in, and every table that a stage hands on.

:mod:`.words` holds the closed lists, :mod:`.inputs` the tables that come in, :mod:`.stages` those
that are handed on. docs/data-dictionary.md is generated from here (``python tools/write_docs.py``);
a test holds the two equal.
"""

from __future__ import annotations

from provision_map.tables.inputs import (
    INPUT_TABLES,
    LOOKUP,
    NEIGHBOURHOODS,
    ORGANISATIONS,
    PARTICIPATION,
    PRACTICE,
    QUALITY,
    RETURNS,
    SAME_SERVICES,
    SERVICES,
    SESSIONS,
    TERM_DATES,
)
from provision_map.tables.stages import (
    ACCESSIBILITY,
    COVERAGE,
    ENTRIES,
    GAPS,
    HOMES,
    PARTS,
    PEOPLE,
    PLACES,
    REACH_MATRIX,
    STAGE_TABLES,
    TRAVEL_TIMES,
    WEEK,
)
from provision_map.tables.words import (
    ACCESS_FEATURES,
    CAUSES,
    CLOSED,
    GRADES,
    GROUP_REASONS,
    HOLIDAYS,
    LEVERS,
    SECTORS,
    SLOTS,
    SPACE_TYPES,
    STATES,
    STATUSES,
    UNKNOWN_REASONS,
    WEEKDAYS,
)

__all__ = [
    "ACCESSIBILITY",
    "ACCESS_FEATURES",
    "CAUSES",
    "CLOSED",
    "COVERAGE",
    "ENTRIES",
    "GAPS",
    "GRADES",
    "GROUP_REASONS",
    "HOLIDAYS",
    "HOMES",
    "INPUT_TABLES",
    "LEVERS",
    "LOOKUP",
    "NEIGHBOURHOODS",
    "ORGANISATIONS",
    "PARTICIPATION",
    "PARTS",
    "PEOPLE",
    "PLACES",
    "PRACTICE",
    "QUALITY",
    "REACH_MATRIX",
    "RETURNS",
    "SAME_SERVICES",
    "SECTORS",
    "SERVICES",
    "SESSIONS",
    "SLOTS",
    "SPACE_TYPES",
    "STAGE_TABLES",
    "STATES",
    "STATUSES",
    "TERM_DATES",
    "TRAVEL_TIMES",
    "UNKNOWN_REASONS",
    "WEEK",
    "WEEKDAYS",
]

"""A column and a table, declared once: validation, an empty table and reference docs come from it.

:mod:`~provision_map.schema.column` and :mod:`~provision_map.schema.table` declare them,
:mod:`~provision_map.schema.cells` reads what stands in a cell, :mod:`~provision_map.schema.spelling`
finds what a word was meant to be, :mod:`~provision_map.schema.rows` walks a typed table, and
:mod:`~provision_map.schema.wording` counts and lists in sentences.
"""

from provision_map.schema.cells import SAID
from provision_map.schema.column import Column, Kind
from provision_map.schema.rows import each_row
from provision_map.schema.spelling import Spelling, match_headings, quote
from provision_map.schema.table import COLUMN_MISSING, Table

__all__ = [
    "COLUMN_MISSING",
    "SAID",
    "Column",
    "Kind",
    "Spelling",
    "Table",
    "each_row",
    "match_headings",
    "quote",
]

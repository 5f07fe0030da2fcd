"""A column: its name, what it holds, and what a cell must satisfy."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal["text", "integer", "number", "date", "time", "yes_no", "list", "geometry"]


@dataclass(frozen=True)
class Column:
    """One column: its name, what it holds, and what a cell must satisfy.

    ``none_means`` is the number that a stated "none" stands for (no limit on places is infinite
    capacity, no charge is a cost of 0); without it, "none" in a number column is a problem.
    ``values`` closes the list of what a cell, or each item of a list, may say.
    """

    name: str
    kind: Kind
    description: str
    unit: str = ""
    required: bool = False
    values: tuple[str, ...] = ()
    minimum: float | None = None
    maximum: float | None = None
    none_means: float | None = None
    computed: bool = False

    @property
    def keeps_words(self) -> bool:
        """Whether the table has a companion ``{name}_said``, with one of :data:`.cells.SAID`."""
        return self.kind in ("integer", "number") and not self.required and not self.computed

    @property
    def dtype(self) -> str:
        """The type of the column in a frame: whole numbers may be blank, which floats can say."""
        return {"number": "float64", "integer": "float64"}.get(self.kind, "object")

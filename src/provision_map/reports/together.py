"""What all services of a kind give together, wherever they are: where even that is not enough."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from provision_map.coverage import week
from provision_map.coverage.supply import UNKNOWN, supply_of
from provision_map.edition import Edition
from provision_map.model import Element
from provision_map.reports.text import clean_list
from provision_map.schema.wording import join_words

_UNITS = {
    "hours": ("hour a week", "hours a week"),
    "days": ("day a week", "days a week"),
    "holidays": ("school holiday", "school holidays"),
    "types": ("type of space", "types of space"),
    "any": ("service", "services"),
}


@dataclass(frozen=True)
class Together:
    """All services that give one element, taken together.

    Attributes:
        unit: what its standard counts.
        services: how many give it.
        given: units that they give together, whatever is not known taken as good.
        need: units that the standard needs.
        missing: holidays or types of space that none of them gives.

    """

    unit: str
    services: int
    given: float
    need: float
    missing: tuple[str, ...]

    def say(self) -> str:
        """Say by how much they fall short; "" where they do not, or where there are none."""
        if not self.services or self.given >= self.need:
            return ""
        unit = _name_unit(self.unit, self.need)
        none = f"; none of them gives {join_words(self.missing, 'or')}" if self.missing else ""
        of = f"{self.given:g} of the {self.need:g}" if self.given else f"none of the {self.need:g}"
        return f"All services of this kind together give {of} {unit} needed{none}."

    def say_lack(self) -> str:
        """Say what more is needed: "1 more school holiday (Christmas)"; "" where nothing is."""
        lack = self.need - self.given
        if lack <= 0:
            return ""
        joint = "and" if lack == len(self.missing) else "or"
        named = f" ({join_words(self.missing, joint)})" if self.missing else ""
        return f"{lack:g} more {_name_unit(self.unit, lack)}{named}"


def _name_unit(unit: str, count: float) -> str:
    one, many = _UNITS[unit]
    return one if count == 1 else many


def add_up_services(edition: Edition, element: Element) -> Together:
    """Add up what the services of an element give, joined and not added: an hour counts once."""
    standard = element.standard
    gives = [element.id in clean_list(codes) for codes in edition.services["elements"]]
    mine = edition.services[np.array(gives, dtype=bool)]
    supply = supply_of(
        element,
        mine,
        edition.sessions[edition.sessions["service_id"].isin(mine["service_id"])],
        communities=(),
        # Neither is asked here: every service counts.
        quality=pd.Series(UNKNOWN, index=mine["service_id"]),
        record=pd.Series(UNKNOWN, index=mine["service_id"]),
    )
    if not len(supply):
        given, bits = 0.0, np.zeros(week.bit_count(standard), dtype=bool)
    else:
        every = np.bitwise_or.reduce(supply.good, axis=0)
        given = float(week.units_in(every, standard))
        bits = week.unpack(every, week.bit_count(standard))
    named = standard.unit in ("holidays", "types")
    names = week.bit_names(standard) if named else ()
    missing = tuple(name for name, there in zip(names, bits, strict=False) if not there)
    scale = 2 if standard.unit == "hours" else 1
    need = week.need_in_bits(standard)
    return Together(standard.unit, len(mine), given / scale, need / scale, missing)

"""The parts of a standard one by one, and its levels: where the whole tells nothing.

Doorstep, local and neighbourhood play space, all three at once and each within its own distance,
may reach nobody in a city. That is one gap for everyone, and useless: which of the three is missing
where is what a partnership can act on.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import geopandas as gpd
import numpy as np
import pandas as pd

from provision_map.coverage import week
from provision_map.coverage.bitsets import Floats, Words
from provision_map.coverage.classes import join_frames
from provision_map.coverage.reach_of_homes import ElementReach, reach_homes
from provision_map.model import Element, Framework, Standard
from provision_map.tables import PARTS

#: The level that is tested.
NEED = "need"


def has_parts(element: Element) -> bool:
    """Whether an element's standard counts things with names, or has levels beside the one tested."""
    return element.standard.unit in ("types", "holidays") or bool(element.standard.levels)


def measure_parts(
    places: gpd.GeoDataFrame,
    people: pd.DataFrame,
    services: pd.DataFrame,
    times: pd.DataFrame,
    *,
    sessions: pd.DataFrame,
    returns: pd.DataFrame,
    framework: Framework,
    date: dt.date,
    homes: pd.DataFrame | None = None,
    record_months: int = 24,
) -> pd.DataFrame:
    """Say for each element and place which parts of the standard reach what share of the children.

    A part is a type of space, within its own distance, or a holiday. A level is a number of parts
    (or hours, or days): ``need`` is the one tested, with all that the standard requires by name;
    the others are the standard's ``levels``, and ask for the number alone. As in the time view,
    services that admit the child's age and are open to everyone count; capacity and quality are
    left out.

    Takes what :func:`~provision_map.coverage.time_view.measure_week` takes. Of ``framework`` the
    elements that count types or holidays, or have levels, are measured.

    Returns:
        ``tables.PARTS``, by element and place; parts first, then ``need`` and the levels.

    """
    reached = reach_homes(
        places, people, services, times,
        sessions=sessions, homes=homes, framework=framework, date=date, returns=returns,
        record_months=record_months, asked=has_parts, by_week=False,
    )  # fmt: skip
    return join_frames(PARTS, [_frame(element) for element in reached])


def _frame(reached: ElementReach) -> pd.DataFrame:
    standard = reached.element.standard
    names = [*_names(standard), NEED, *standard.levels]
    ask = _asking(standard)
    certain = reached.average(ask, certain=True)
    possible = np.where(reached.complete[:, None], reached.average(ask, certain=False), 1.0)
    places = len(reached.places)
    return pd.DataFrame(
        {
            "offer_id": reached.offer.id,
            "element_id": reached.element.id,
            "place_id": np.repeat(reached.places.to_numpy(), len(names)),
            "part": names * places,
            "children": np.repeat(reached.children, len(names)),
            "reached": certain.ravel(),
            "possible": possible.ravel(),
        }
    )


def _names(standard: Standard) -> tuple[str, ...]:
    """Names of the parts that are reported one by one: not weekdays, the time view has those."""
    return week.bit_names(standard) if standard.unit in ("types", "holidays") else ()


def _asking(standard: Standard) -> Callable[[Words], Floats]:
    """Return what is asked of the bits that reach a child: each part, the need, each level."""
    parts = len(_names(standard))
    in_window = week.pack(week.window_mask(standard.windows, week.bit_count(standard)))
    per_unit = 2 if standard.unit == "hours" else 1
    levels = [level * per_unit for level in standard.levels.values()]

    def ask(words: Words) -> Floats:
        counted = words & in_window
        units = week.units_in(counted, standard)
        answers = [week.unpack(counted, parts)[..., k] for k in range(parts)]
        answers.append(week.meets(counted, standard))
        answers += [units >= level for level in levels]
        return np.stack(answers, axis=-1).astype(float)

    return ask

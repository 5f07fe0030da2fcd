"""The services nearest to each place, by the ways of the run: what a card says is what was measured."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from provision_map.coverage.links import OUTREACH, WALK
from provision_map.edition import Edition, Travel
from provision_map.model import Element
from provision_map.phrases import list_items
from provision_map.reach.straight_line import METRES_PER_MINUTE
from provision_map.schema import each_row
from provision_map.schema.wording import say_mode

#: Services that are carried for each place and element.
NEAREST = 4
_PERCENT = 100


def describe_nearest(
    edition: Edition, elements: Sequence[Element], places: Sequence[str]
) -> dict[str, Any] | None:
    """Describe for each place the services nearest to it, where ways are no straight lines.

    The nearest of an element are the first in its row that give it. A way is the mean of the
    place's people; people without a way count as being as far as was searched, so that a service
    which few can walk to does not stand first.

    Args:
        edition: what may be shown.
        elements: in the order that the page numbers them.
        places: codes in the order that the page numbers them.

    Returns:
        None where distances are straight lines. Else ``kinds`` of figures: ``on`` (as it follows a
        figure), ``metres`` (whether it is metres, else minutes) and ``limits`` (the most that each
        element allows in minutes; None: as long as its metres on foot); and ``rows``: for each
        place, service by service, the nearest first: its number, the kind, the figure, the figure
        from the nearest home, and the per cent of people who have a way.

    """
    if edition.travel.basis == "straight_line":
        return None
    ways = edition.ways
    rows: list[list[int]] = [[] for _ in places]
    kinds: dict[tuple[str, bool], int] = {}
    if len(ways):
        ways = _take_quickest(ways[ways["mode"] != OUTREACH], edition.travel)
        ways = _mark_least(ways, edition)
        services = edition.services
        number = {code: n for n, code in enumerate(services["service_id"])}
        gives = {
            code: list_items(own)
            for code, own in zip(services["service_id"], services["elements"], strict=True)
        }
        at = {code: n for n, code in enumerate(places)}
        seen: dict[tuple[str, str], int] = {}
        for way in each_row(ways):
            place, service = str(way.place_id), str(way.service_id)
            if place not in at or service not in number:
                continue
            wanted = False
            for element in gives[service]:
                count = seen.get((place, element), 0)
                wanted |= count < NEAREST
                seen[place, element] = count + 1
            if wanted:
                kind = kinds.setdefault((str(way.mode), bool(way.in_metres)), len(kinds))
                figures = _round_way(way, in_metres=bool(way.in_metres))
                rows[at[place]] += [number[service], kind, *figures]
    return {
        "searchedTo": round(edition.travel.searched_to),
        "kinds": [
            {
                "on": _say_kind(edition.travel, mode, in_metres=in_metres),
                "metres": in_metres,
                "limits": [e.standard.minutes.get(mode) for e in elements],
            }
            for mode, in_metres in kinds
        ],
        "rows": rows,
    }


def _take_quickest(ways: pd.DataFrame, travel: Travel) -> pd.DataFrame:
    """Take of several modes the quickest, and sort by place and how far, the nearest first."""
    on_foot = (ways["mode"] == WALK).to_numpy()
    metres = ways["metres"].to_numpy(dtype=float)
    minutes = ways["minutes"].to_numpy(dtype=float)
    share = ways["share"].to_numpy(dtype=float)
    in_metres = on_foot & ~np.isnan(metres)
    scaled = np.where(in_metres, metres, minutes * METRES_PER_MINUTE)
    beyond = np.maximum(scaled, travel.searched_to * METRES_PER_MINUTE)
    own = ways.assign(in_metres=in_metres, far=scaled * share + beyond * (1 - share))
    own = own.sort_values(["far", "place_id", "service_id", "mode"], kind="stable")
    return own.drop_duplicates(["place_id", "service_id"])


def _mark_least(ways: pd.DataFrame, edition: Edition) -> pd.DataFrame:
    """Add ``least``: the figure from the home that is nearest, with a rough site at its nearest."""
    figure = ways["metres"].where(ways["in_metres"], ways["minutes"])
    if edition.times.empty:
        return ways.assign(figure=figure, least=figure)
    times = edition.times
    mode = times["mode"].astype(str)
    slack = times["accuracy"].fillna(0.0).astype(float)
    low = pd.DataFrame(
        {
            "place_id": times["from_id"].map(
                dict(zip(edition.homes["home_id"], edition.homes["place_id"], strict=True))
            ),
            "service_id": times["to_id"],
            "mode": mode,
            "least_metres": (times["metres"] - slack).clip(lower=0.0),
            "least_minutes": (times["minutes"] - slack / METRES_PER_MINUTE).clip(lower=0.0),
        }
    )
    keys = ["place_id", "service_id", "mode"]
    low = low.groupby(keys, observed=True).min().reset_index()
    own = ways.assign(mode=ways["mode"].astype(str), figure=figure)
    own = own.merge(low, on=keys, how="left", sort=False)
    least = own["least_metres"].where(own["in_metres"], own["least_minutes"])
    return own.assign(least=least.fillna(own["figure"]))


def _round_way(
    way: Any,  # noqa: ANN401 - a row of ways
    *,
    in_metres: bool,
) -> list[int]:
    """Round up, so that no figure beyond a limit reads as on it; metres whole, minutes in tenths."""
    scale = 1 if in_metres else 10
    figure, least = (int(np.ceil(float(n) * scale - 1e-6)) for n in (way.figure, way.least))
    percent = int(np.floor(float(way.share) * _PERCENT + 1e-6))
    return [figure, least, max(1, percent)]


def _say_kind(travel: Travel, mode: str, *, in_metres: bool) -> str:
    if in_metres and travel.basis == "streets":
        return travel.words if travel.mode == WALK else "on foot"
    return say_mode(mode)

"""Which services each home is linked to, on the scale of the element's own distance limit."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from provision_map.coverage.supply import Supply
from provision_map.errors import warn
from provision_map.model import Element, Standard

Floats = npt.NDArray[np.float64]
Index = npt.NDArray[np.int64]

#: Standards are set in metres on foot; 80 m a minute is 4.8 km/h.
METRES_PER_MINUTE = 80.0
OUTREACH = "outreach"


@dataclass(frozen=True)
class Links:
    """Pairs of home and supply row that lie within what was searched, sorted by home and row.

    Attributes:
        place: the home.
        row: the row of the supply.
        metres: how far, on the scale on which ``Supply.metres`` is the limit.
        accuracy: what the site's position leaves open of it; inf where nobody searched so far.
        places: how many homes there are.

    """

    place: Index
    row: Index
    metres: Floats
    accuracy: Floats
    places: int


def links_of(times: pd.DataFrame, homes: pd.DataFrame, supply: Supply, element: Element) -> Links:
    """Link homes to the rows of an element's supply.

    A way on foot is held against the standard's metres. Where only its minutes are known they are
    taken as metres at 80 m a minute; by another mode they are scaled by the minutes that the
    standard allows it, so that a limit of 30 minutes by bus and one of 1,600 m on foot are the
    same point of one scale. Of several modes the nearest counts.

    What was not searched is not far: where a pair was searched to less than the limit, and not
    found, it is linked at the limit with nothing known of how far.
    """
    standard = element.standard
    home_at = pd.Series(np.arange(len(homes)), index=homes["home_id"].to_numpy())
    rows = pd.DataFrame({"to_id": supply.service_id, "row": np.arange(len(supply))})
    pairs = times[times["to_id"].isin(rows["to_id"].unique())].merge(rows, on="to_id")
    pairs = pairs.assign(home=pairs["from_id"].map(home_at)).dropna(subset=["home"])
    limit = supply.metres[pairs["row"].to_numpy(dtype=np.int64)]
    metres, accuracy = _on_the_limits_scale(pairs, limit, standard)
    lost = np.isnan(metres)
    if lost.any():
        searched = pairs["searched_to"].to_numpy(dtype=float) * METRES_PER_MINUTE
        unsearched = lost & (searched < limit)
        metres = np.where(unsearched, limit, metres)
        accuracy = np.where(unsearched, np.inf, accuracy)
    links = pd.DataFrame(
        {
            "place": pairs["home"].to_numpy(dtype=np.int64),
            "row": pairs["row"].to_numpy(dtype=np.int64),
            "metres": metres,
            "accuracy": accuracy,
        }
    )[~np.isnan(metres)]
    short = _search_too_short(times, homes, supply, element)
    if short.any():
        links = pd.concat([links, _not_searched(pairs, homes, supply, short)], ignore_index=True)
    # Of several modes, the one that is nearest for certain.
    links = links.assign(worst=links["metres"] + links["accuracy"])
    links = links.sort_values(["place", "row", "worst", "metres"], kind="stable")
    links = links.drop_duplicates(["place", "row"], keep="first")
    return Links(
        place=links["place"].to_numpy(dtype=np.int64),
        row=links["row"].to_numpy(dtype=np.int64),
        metres=links["metres"].to_numpy(dtype=float),
        accuracy=links["accuracy"].to_numpy(dtype=float),
        places=len(homes),
    )


def _on_the_limits_scale(
    pairs: pd.DataFrame, limit: Floats, standard: Standard
) -> tuple[Floats, Floats]:
    minutes = pairs["minutes"].to_numpy(dtype=float)
    metres = pairs["metres"].to_numpy(dtype=float)
    metres = np.where(np.isnan(metres), minutes * METRES_PER_MINUTE, metres)
    accuracy = pairs["accuracy"].to_numpy(dtype=float, copy=True)
    modes = pairs["mode"].to_numpy(dtype=object)
    for mode in pd.unique(modes):
        if mode in (OUTREACH, "walk"):
            continue
        here = modes == mode
        allowed = standard.minutes.get(str(mode))
        if allowed is None:
            metres[here] = minutes[here] * METRES_PER_MINUTE
        else:
            metres[here] = minutes[here] / allowed * limit[here]
            accuracy[here] = accuracy[here] / METRES_PER_MINUTE / allowed * limit[here]
    return metres, accuracy


def _search_too_short(
    times: pd.DataFrame, homes: pd.DataFrame, supply: Supply, element: Element
) -> npt.NDArray[np.bool_]:
    """Mark the rows whose limit lies beyond what was searched at all."""
    travelled = times[times["mode"] != OUTREACH]
    # Rows searched to nothing stand for pairs that the search left out, not for its bound.
    bounds = travelled.loc[travelled["searched_to"] > 0].groupby("mode")["searched_to"].max()
    if bounds.empty or not len(homes):
        return np.zeros(len(supply), dtype=bool)
    # By the mode that was searched furthest, in parts of the limit.
    minutes = element.standard.minutes
    reach = np.zeros(len(supply))
    for mode, bound in bounds.items():
        allowed = minutes.get(str(mode)) if mode != "walk" else None
        as_far = (
            np.full(len(supply), float(bound) * METRES_PER_MINUTE)
            if allowed is None
            else float(bound) / allowed * supply.metres
        )
        reach = np.maximum(reach, as_far)
    short = np.asarray(reach < supply.metres - 1e-6)
    if short.any():
        furthest = float(supply.metres[short].max()) / METRES_PER_MINUTE
        warn(
            "travel times",
            f"{element.id} looks as far as {furthest:.0f} minutes on foot, and ways were searched "
            f"to {float(bounds.max()):.0f} minutes: what lies between is unknown, not far.",
            "Search further.",
        )
    return short


def _not_searched(
    pairs: pd.DataFrame, homes: pd.DataFrame, supply: Supply, short: npt.NDArray[np.bool_]
) -> pd.DataFrame:
    """List every pair of home and row that no search has found, at the limit, of any accuracy."""
    rows = np.flatnonzero(short)
    home = np.repeat(np.arange(len(homes)), len(rows))
    row = np.tile(rows, len(homes))
    found = pairs.dropna(subset=["minutes"])
    known = pd.MultiIndex.from_arrays(
        [found["home"].to_numpy(dtype=np.int64), found["row"].to_numpy(dtype=np.int64)]
    )
    absent = ~pd.MultiIndex.from_arrays([home, row]).isin(known)
    home, row = home[absent], row[absent]
    return pd.DataFrame(
        {"place": home, "row": row, "metres": supply.metres[row], "accuracy": np.inf}
    )

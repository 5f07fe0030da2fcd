"""From places, people, services and travel times to the coverage table."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.sparse import csr_array

from provision_map.coverage import week
from provision_map.coverage.bitsets import Floats
from provision_map.coverage.classes import due_places
from provision_map.coverage.homes_by_place import HomesByPlace
from provision_map.coverage.links import TimesByService, links_of
from provision_map.coverage.returns import incomplete_returns
from provision_map.coverage.supply import quality_of, record_of, supply_of
from provision_map.coverage.waterfall import STEPS, Demand, Steps, Waterfall
from provision_map.model import Community, Element, Framework, Offer
from provision_map.places.people import BME, EVERYONE
from provision_map.tables import CAUSES, COVERAGE, GROUP_REASONS, LEVERS, UNKNOWN_REASONS

#: Far below one child in any country, far above what adding up shares leaves.
_DUST = 1e-12


def measure_coverage(
    places: gpd.GeoDataFrame,
    people: pd.DataFrame,
    services: pd.DataFrame,
    times: pd.DataFrame,
    *,
    sessions: pd.DataFrame,
    quality: pd.DataFrame,
    returns: pd.DataFrame,
    framework: Framework,
    date: dt.date,
    record_months: int = 24,
    quality_months: int = 24,
    homes: pd.DataFrame | None = None,
    neighbours: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Say for each element, place, age and community what share is covered, and why the rest is not.

    Each row's ``covered`` + causes + unknowns is 1. Causes come from the world in which every
    unknown is good, ``covered`` from the one in which every unknown is bad; what lies between is
    unknown, split by turning one reason after the other bad.

    Args:
        places: ``tables.PLACES``.
        people: ``tables.PEOPLE``.
        services: located services.
        times: ``tables.TRAVEL_TIMES``.
        sessions: ``tables.SESSIONS``.
        quality: ``tables.QUALITY``.
        returns: ``tables.RETURNS``.
        framework: Offers and communities.
        date: day that ages of records and evidence are counted from.
        record_months: a record not checked for longer is unknown.
        quality_months: evidence older than this is stale.
        homes: ``tables.HOMES``, the points that ``times`` start from; None: one a place. Shares of
            a place are averaged over its homes by the people who live there. Homes of other places
            than ``places`` are the neighbours'.
        neighbours: ``tables.PEOPLE`` of the places beyond the border, whose children compete for
            what lies near it. Nothing is said of them.

    Returns:
        ``tables.COVERAGE``: an element's rows for ``everyone``, ``bme``, each ethnic group, and
        the communities without small-area counts (children blank).

    """
    known_quality = quality_of(quality, date=date, months=quality_months)
    fresh = record_of(services, date=date, months=record_months)
    incomplete = incomplete_returns(returns, places, framework)
    lived = HomesByPlace.of(places, homes)
    numbered = TimesByService.of(times, lived.homes)
    frames = []
    for offer in framework.offers:
        people_of = _People.of(people, places, framework, offer)
        beyond = people_of.beyond(neighbours, lived.beyond, offer)
        for element in offer.elements:
            due = due_places(places, element)
            if not due.any():
                continue
            supply = supply_of(
                element, services, sessions,
                communities=people_of.communities, quality=known_quality, record=fresh,
            )  # fmt: skip
            waterfall = Waterfall(
                element.standard,
                supply,
                links_of(numbered, lived.homes, supply, element),
                ages=people_of.ages,
                demand=Demand(
                    np.concatenate([lived.spread(people_of.children), beyond]), people_of.ethnic
                ),
                incomplete=incomplete[element.id].to_numpy(dtype=bool)[lived.place],
            )
            frames.append(_frame(waterfall, people_of, lived, places, (offer, element, due)))
    if not frames:
        return COVERAGE.empty()
    coverage = pd.concat(frames, ignore_index=True)
    for column in ("offer_id", "element_id", "place_id", "community_id", "missing_parts"):
        coverage[column] = coverage[column].astype("category")
    return coverage[COVERAGE.names()]


@dataclass(frozen=True)
class _People:
    """The children of one Offer as arrays, and the communities in the order of the arrays."""

    ages: Sequence[int]
    communities: tuple[Community, ...]
    ethnic: npt.NDArray[np.int64]
    children: Floats  # place × age × ethnic group

    @classmethod
    def of(
        cls, people: pd.DataFrame, places: gpd.GeoDataFrame, framework: Framework, offer: Offer
    ) -> _People:
        last = max(offer.maximum_age, offer.extended_to or 0)
        ages = range(offer.minimum_age, last + 1)
        present = set(people["community_id"])
        groups = tuple(c for c in framework.ethnic_groups if c.id in present)
        if not groups:
            # Without figures by ethnic group everyone is one group, that no list names.
            groups = (Community(EVERYONE, "everyone", "ethnic"),)
        communities = (*groups, *framework.priority_communities)
        children = _count(people, list(places["place_id"]), ages, [c.id for c in groups])
        # Beyond the Offer's own ages only some communities are invited: nobody counted competes.
        children[:, offer.maximum_age - offer.minimum_age + 1 :, :] = 0.0
        return cls(ages, communities, np.arange(len(groups)), children)

    def beyond(self, neighbours: pd.DataFrame | None, homes: pd.DataFrame, offer: Offer) -> Floats:
        """Count the children of homes beyond the border: home × age × ethnic group."""
        groups = [self.communities[i].id for i in self.ethnic]
        ages = offer.ages()
        children = np.zeros((len(homes), len(self.ages), len(groups)))
        if neighbours is not None and len(homes):
            here = _count(neighbours, list(homes["place_id"]), ages, groups)
            children[:, : len(ages)] = here * homes["share"].to_numpy()[:, None, None]
        return children


def _count(
    people: pd.DataFrame, place_ids: list[str], ages: Sequence[int], groups: list[str]
) -> Floats:
    """Lay out children as place × age × group; 0 where nobody is counted."""
    wide = people.pivot_table(
        index="place_id", columns=["age", "community_id"], values="children", aggfunc="sum"
    ).reindex(index=place_ids, columns=pd.MultiIndex.from_product([ages, groups]))
    flat = wide.to_numpy(dtype=float, na_value=0.0)
    return np.asarray(flat.reshape(len(place_ids), len(ages), len(groups)), dtype=float)


def _frame(
    waterfall: Waterfall,
    people: _People,
    lived: HomesByPlace,
    places: gpd.GeoDataFrame,
    what: tuple[Offer, Element, npt.NDArray[np.bool_]],
) -> pd.DataFrame:
    offer, element, due = what
    best = waterfall.steps()
    by_class = _shares(waterfall, best)
    people_in = lived.weights(waterfall.home_class)
    uncovered = np.sum([by_class[f"cause_{c}"] for c in CAUSES], axis=0)
    named = _missing_parts(waterfall, best)
    named = _of_most(people_in, named, uncovered)
    # What is missing is missing for those uncovered: it is averaged over them.
    lacked = _by_place(people_in, by_class["missing"] * uncovered)
    shares = {name: _by_place(people_in, values) for name, values in by_class.items()}
    lacking = _by_place(people_in, uncovered)
    shares["missing"] = np.where(
        lacking > 0, lacked / np.where(lacking > 0, lacking, 1.0), shares["missing"]
    )
    # From classes to every age and community: share × place × age × community, of the places due.
    names = list(shares)
    full = np.stack([shares[name][due] for name in names])[:, :, waterfall.age_class]
    full = full[..., waterfall.group_class]
    parts = named[due][:, waterfall.age_class][:, :, waterfall.group_class]
    near = np.asarray(people_in @ waterfall.near_limit().astype(float))[due]
    place_ids = places["place_id"].to_numpy()[due]
    causes = [names.index(f"cause_{c}") for c in CAUSES]
    missing = names.index("missing")
    columns: dict[str, list[Any]] = {}

    def add(name: str, values: Any) -> None:  # noqa: ANN401 - an array of any kind
        columns.setdefault(name, []).append(np.asarray(values).ravel())

    for community_id, own, weighed in _views(people):
        ages = offer.ages(community_id)
        span = slice(0, len(ages))
        children = people.children[due, span][:, :, weighed] if weighed is not None else None
        here = full[:, :, span][..., own]
        averaged = _averaged(here, children)
        if children is not None:
            # What is missing is missing for those uncovered: it is averaged over them.
            missed = children * here[causes].sum(axis=0)
            averaged[missing] = _averaged(here[missing][None], missed)[0]
        shape = averaged.shape[1:]
        lead = own[0] if children is None else own[int(children.sum(axis=(0, 1)).argmax())]
        add("place_id", np.repeat(place_ids, len(ages)))
        add("age", np.tile(np.array(ages), len(place_ids)))
        add("community_id", np.full(shape, community_id, dtype=object))
        add("children", np.full(shape, np.nan) if children is None else children.sum(axis=2))
        for name, values in zip(names, averaged, strict=True):
            add(name, values)
        add("near_limit", np.repeat(near, len(ages)))
        add("missing_parts", parts[:, span, lead])
    frame = pd.DataFrame({name: np.concatenate(values) for name, values in columns.items()})
    return frame.assign(offer_id=offer.id, element_id=element.id)


def _views(
    people: _People,
) -> list[tuple[str, npt.NDArray[np.int64], npt.NDArray[np.int64] | None]]:
    """List (community, its positions among the communities, positions of its children)."""
    ethnic = people.ethnic
    views: list[tuple[str, npt.NDArray[np.int64], npt.NDArray[np.int64] | None]] = [
        (EVERYONE, ethnic, ethnic)
    ]
    minority = np.array([i for i in ethnic if people.communities[i].minority], dtype=np.int64)
    if len(minority):
        views.append((BME, minority, minority))
    if len(ethnic) > 1:
        views += [(people.communities[i].id, np.array([i]), np.array([i])) for i in ethnic]
    for i in range(len(ethnic), len(people.communities)):
        views.append((people.communities[i].id, np.array([i]), None))
    return views


def _averaged(values: Floats, mass: Floats | None) -> Floats:
    """Average over the last axis by ``mass``; plainly where there is none.

    Args:
        values: share × place × age × community.
        mass: place × age × community; None: all communities weigh alike.

    """
    plain: Floats = values.mean(axis=-1)
    if values.shape[-1] == 1 or mass is None:
        return plain
    total = mass.sum(axis=-1)
    weighted = np.einsum("npac,pac->npa", values, mass) / np.where(total > 0, total, 1.0)
    return np.asarray(np.where(total > 0, weighted, plain))


def _by_place(weights: csr_array, values: Floats) -> Floats:
    """Average figures of home classes over each place: class × … → place × …."""
    flat = np.asarray(weights @ values.reshape(len(values), -1), dtype=float)
    # Shares of people add up to 1 but for dust: what holds for all of them is 1 and not nearly so.
    whole = np.round(flat)
    flat = np.where(np.abs(flat - whole) < _DUST, whole, flat)
    return flat.reshape(weights.shape[0], *values.shape[1:])


def _of_most(
    weights: csr_array, named: npt.NDArray[np.object_], uncovered: Floats
) -> npt.NDArray[np.object_]:
    """Take for each place what is named for most of its uncovered children."""
    out = np.full((weights.shape[0], *named.shape[1:]), "", dtype=object)
    if not (named != "").any():
        return out
    for place in range(weights.shape[0]):
        span = slice(weights.indptr[place], weights.indptr[place + 1])
        classes = weights.indices[span]
        mass = weights.data[span][:, None, None] * uncovered[classes]
        most = mass.argmax(axis=0)[None]
        out[place] = np.take_along_axis(named[classes], most, axis=0)[0]
    return out


def _shares(waterfall: Waterfall, best: Steps) -> dict[str, Floats]:
    """Return every share column of the coverage table, place × age class × community class."""
    shares: dict[str, Floats] = {}
    above = np.ones_like(best.v["none"])
    for step in STEPS:
        shares[f"cause_{step}"] = above - best.v[step]
        above = best.v[step]
    before = best.v["age"]
    certain = ~np.broadcast_to(waterfall.incomplete[:, None, None], before.shape)
    for reason, after in zip(GROUP_REASONS, best.group_parts, strict=True):
        shares[f"group_{reason}"] = np.where(certain, before - after, 0.0)
        before = after

    bad: frozenset[str] = frozenset()
    worst = best
    for reason in UNKNOWN_REASONS:
        if reason in waterfall.unknowns:
            bad = bad | {reason}
            worse = waterfall.steps(bad)
            shares[f"unknown_{reason}"] = worst.v["quality"] - worse.v["quality"]
            worst = worse
        else:
            shares[f"unknown_{reason}"] = np.zeros_like(above)
    shares["covered"] = worst.v["quality"]
    shares["reached"] = worst.v["full"]
    for lever in LEVERS:
        lifted = waterfall.steps(lift=lever)
        shares[f"lever_{lever}"] = lifted.v["quality"] - best.v["quality"]
    delivered = (1.0 - week.missing_share(best.reached, waterfall.standard)) * best.supplied
    shares["missing"] = np.where(certain, 1.0 - delivered, 0.0)
    # Sums of floats leave dust; a share is a share.
    return {name: np.clip(values, 0.0, 1.0) for name, values in shares.items()}


def _missing_parts(waterfall: Waterfall, best: Steps) -> npt.NDArray[np.object_]:
    """Name the holidays or types that are not reached, where the standard is not met.

    Where there are enough of them, and only those that must be among them lack, those are named.
    """
    standard = waterfall.standard
    names = week.bit_names(standard) if standard.unit in ("holidays", "types") else ()
    out = np.full(best.v["none"].shape, "", dtype=object)
    if not names:
        return out
    short = ~week.meets(best.reached, standard) & ~waterfall.incomplete[:, None, None]
    codes = best.reached[..., 0]
    for code in np.unique(codes[short]):
        absent = [n for b, n in enumerate(names) if not int(code) >> b & 1]
        if len(names) - len(absent) >= standard.need:
            absent = [n for n in absent if n in standard.required]
        out[short & (codes == code)] = "; ".join(absent)
    return out

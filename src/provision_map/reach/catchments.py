"""Floating catchments: places in reach for each child, with those who compete for them.

An index of supply against demand. Who is covered by what is said elsewhere; here a site's places
are shared out among the children in its catchment, and each area adds up the shares in its own.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import sparse

from provision_map.errors import DataError, Problem, UsageError, warn
from provision_map.reach.decay import DECAYS, Decay, Floats, make_decay, weigh
from provision_map.reach.matching import (
    MOST,
    Matched,
    Positions,
    minutes_of,
    positions_of,
    settle_pairs,
)
from provision_map.schema.wording import count_of, list_some

#: Children; a site with fewer in its catchment, weighted, has nobody, and is not divided by.
_NOBODY = 1e-100


def floating_catchment(
    times: pd.DataFrame,
    demand: pd.Series[Any],
    supply: pd.Series[Any],
    *,
    method: str = "e2sfca",
    catchment_minutes: float,
    decay: str | Decay = "gaussian",
) -> pd.Series[Any]:
    """Share the places of sites among the children in reach, and add up what each area gets.

    P_i children, S_j places, W the decay of the minutes between, a catchment of d0 minutes (its
    edge is inside):

    - ``2sfca``: R_j = S_j / Σ_k P_k over d_kj ≤ d0; A_i = Σ_j R_j over d_ij ≤ d0. No decay,
      whichever is named. Luo & Wang (2003), Environment and Planning B 30(6), 865-884.
    - ``e2sfca``: R_j = S_j / Σ_k P_k W_kj; A_i = Σ_j R_j W_ij. Luo & Qi (2009), Health & Place
      15(4), 1100-1107.
    - ``m2sfca``: A_i = Σ_j S_j W_ij² / Σ_k P_k W_kj. What Σ P A falls short of Σ S is what the
      siting loses. Delamater (2013), Spatial and Spatio-temporal Epidemiology 6, 15-33.
    - ``bfca``: each area's children are split over its sites, w^i_ij = W_ij / Σ_j W_ij, and each
      site's level of service over its areas, w^j_ij = W_ij / Σ_i W_ij:
      L_j = S_j / Σ_i P_i w^i_ij; A_i = Σ_j L_j w^j_ij. Páez, Higgins & Vivona (2019), PLOS ONE
      14(6), e0218773.

    Σ_i P_i A_i = Σ_j S_j over the sites with children in reach, for ``2sfca`` and ``e2sfca``. For
    ``bfca`` it is Σ_i A_i = Σ_j L_j: an area's part of a level of service depends on how many
    areas share it, so compare it between areas of one map, never between maps.

    Args:
        times: ``tables.TRAVEL_TIMES``, or any frame with from_id, to_id and minutes. Minutes that
            are blank lie beyond the search. Where a pair stands twice (modes), the least counts.
        demand: children by from_id.
        supply: places (or hours, or what else is shared) by to_id; 0 is a site that has none.
        method: ``2sfca``, ``e2sfca``, ``m2sfca`` or ``bfca``.
        catchment_minutes: how far children come.
        decay: ``gaussian`` (truncated: Dai 2010), ``uniform``, ``step`` (zones of Luo & Qi 2009),
            or a function from an array of minutes to weights between 0 and 1, as
            :func:`~provision_map.reach.decay.step` makes.

    Returns:
        Places for each child, index and order of ``demand``, named after the method. An area that
        reaches no site has 0.

    Raises:
        UsageError: an unknown method or decay, or a catchment that is no length of time.
        DataError: negative or missing demand or supply, infinite supply, an id that stands twice,
            negative minutes, a missing column: everything that is wrong, at once.

    Warns:
        DataWarning: ids of ``times`` that are neither in ``demand`` nor in ``supply``, areas
            without any time, sites with places and without children in reach, a catchment that
            reaches beyond ``searched_to``.

    >>> times = pd.DataFrame({"from_id": ["A", "B", "B"], "to_id": ["club", "club", "hall"],
    ...                       "minutes": [5.0, 10.0, 10.0]})
    >>> demand = pd.Series({"A": 100, "B": 300})
    >>> supply = pd.Series({"club": 20, "hall": 30})
    >>> floating_catchment(times, demand, supply, method="2sfca", catchment_minutes=10)
    A    0.05
    B    0.15
    Name: 2sfca, dtype: float64

    """
    _refuse_call(method, catchment_minutes, decay)
    from_id, to_id, minutes = _read_columns(times, demand, supply)
    area = positions_of(from_id, demand.index)
    site = positions_of(to_id, supply.index)
    matched = settle_pairs(
        area, site, minutes, shape=(len(demand), len(supply)), within=catchment_minutes
    )
    weights = weigh_pairs(
        matched,
        catchment_minutes=catchment_minutes,
        decay="uniform" if method == "2sfca" else decay,
    )
    places = supply.to_numpy(dtype=np.float64)
    access, reached = _METHODS[method](
        weights, demand.to_numpy(dtype=np.float64)[:, None], places, None
    )
    _warn_of_search(times, catchment_minutes)
    _warn_of_ids(from_id, area, "demand")
    _warn_of_ids(to_id, site, "supply")
    _warn_of_areas(demand.index, area, weights)
    _warn_of_sites(supply.index, (reached <= _NOBODY) & (places > 0))
    return pd.Series(access[:, 0], index=demand.index, name=method)


def weigh_pairs(
    matched: Matched, *, catchment_minutes: float, decay: str | Decay = "gaussian"
) -> sparse.csr_array:
    """Weigh pairs by a decay: the matrix W of areas × sites.

    Every pair within the catchment is stored, those of weight 0 too; pairs beyond are not.

    Raises:
        UsageError: an unknown decay, or one whose weights are not between 0 and 1.

    """
    area, site, minutes = matched.area, matched.site, matched.minutes
    inside = minutes <= catchment_minutes
    if not inside.all():
        area, site, minutes = area[inside], site[inside], minutes[inside]
    data = weigh(minutes, make_decay(decay, catchment_minutes=catchment_minutes))
    starts = np.searchsorted(area, np.arange(matched.areas + 1, dtype=np.int32))
    return sparse.csr_array(
        (data, site, starts.astype(np.int32 if len(site) <= MOST else np.int64)),
        shape=(matched.areas, matched.sites),
    )


def catchment_matrix(
    area: npt.NDArray[np.integer[Any]],
    site: npt.NDArray[np.integer[Any]],
    minutes: Floats,
    *,
    shape: tuple[int, int],
    catchment_minutes: float,
    decay: str | Decay = "gaussian",
) -> sparse.csr_array:
    """Weigh pairs that are given by position: the matrix W for :func:`access_by_area`.

    Args:
        area: position of each pair's area.
        site: position of each pair's site.
        minutes: between the two; NaN lies beyond the search. Of a pair given twice the least
            counts.
        shape: number of areas, number of sites.
        catchment_minutes: how far children come, inclusive.
        decay: see :func:`floating_catchment`.

    Raises:
        UsageError: an unknown decay, or one whose weights are not between 0 and 1.

    """
    matched = settle_pairs(
        np.asarray(area, dtype=np.int32),
        np.asarray(site, dtype=np.int32),
        np.asarray(minutes, dtype=np.float64),
        shape=shape,
        within=catchment_minutes,
    )
    return weigh_pairs(matched, catchment_minutes=catchment_minutes, decay=decay)


def access_by_area(
    weights: sparse.csr_array,
    demand: Floats,
    supply: Floats,
    *,
    method: str = "e2sfca",
    admits: Floats | None = None,
) -> Floats:
    """Compute the floating catchments of one matrix of weights, for many groups in one product.

    Groups (ages, communities) compete for the same places, each for those of the sites that admit
    it: R_j = S_j / Σ_g a_jg Σ_i P_ig W_ij and A_ig = Σ_j a_jg R_j W_ij. With ``bfca`` each area
    and group is an area of its own: its column adds up to a part of the levels of service.

    Args:
        weights: W, areas × sites; for ``2sfca`` made with the decay ``uniform``.
        demand: children, areas; or areas × groups.
        supply: places, sites.
        method: see :func:`floating_catchment`.
        admits: whether a site admits a group, 0 or 1, sites × groups; None: all admit all.

    Returns:
        Places for each child, shaped as ``demand``.

    Raises:
        UsageError: an unknown method.

    """
    _refuse_call(method, 1.0, "uniform")
    groups = demand if demand.ndim > 1 else demand[:, None]
    access, _ = _METHODS[method](weights, groups, supply, admits)
    return access if demand.ndim > 1 else access[:, 0]


# ---------------------------------------------------------------- the four methods

_Method = Callable[
    [sparse.csr_array, Floats, Floats, Floats | None], tuple[Floats, Floats]
]  # access by area and group, and children by site


def _two_step(
    weights: sparse.csr_array, demand: Floats, supply: Floats, admits: Floats | None
) -> tuple[Floats, Floats]:
    reached = _by_site(weights, demand, admits)
    return _by_area(weights, _rate(supply, reached), demand, admits), reached


def _modified(
    weights: sparse.csr_array, demand: Floats, supply: Floats, admits: Floats | None
) -> tuple[Floats, Floats]:
    reached = _by_site(weights, demand, admits)
    squared = sparse.csr_array(
        (weights.data**2, weights.indices, weights.indptr), shape=weights.shape
    )
    return _by_area(squared, _rate(supply, reached), demand, admits), reached


def _balanced(
    weights: sparse.csr_array, demand: Floats, supply: Floats, admits: Floats | None
) -> tuple[Floats, Floats]:
    areas, groups = demand.shape
    ones = np.ones((weights.shape[1], groups)) if admits is None else admits
    choice = weights @ ones  # Σ_j W_ij over the sites that admit the group
    reached = _by_site(weights, _rate(demand, choice), admits)
    # Every area and group takes part in a site's level of service, if the site admits it.
    sharing = _by_site(weights, np.ones((areas, groups)), admits)
    return _by_area(weights, _rate(_rate(supply, reached), sharing), demand, admits), reached


def _by_site(weights: sparse.csr_array, demand: Floats, admits: Floats | None) -> Floats:
    """Add up, for each site, the weighted children that it admits."""
    if admits is None:
        return np.asarray(weights.T @ demand.sum(axis=1), dtype=float)
    return np.asarray((weights.T @ demand * admits).sum(axis=1), dtype=float)


def _by_area(
    weights: sparse.csr_array, rate: Floats, demand: Floats, admits: Floats | None
) -> Floats:
    """Add up, for each area and group, the weighted rates of the sites that admit it."""
    if admits is None:
        return np.repeat((weights @ rate)[:, None], demand.shape[1], axis=1)
    return np.asarray(weights @ (rate[:, None] * admits), dtype=float)


def _rate(amount: Floats, among: Floats) -> Floats:
    """Divide; 0 where there is nobody to divide among."""
    somebody = among > _NOBODY
    return np.divide(amount, among, out=np.zeros(np.shape(among)), where=somebody)


_METHODS: dict[str, _Method] = {
    "2sfca": _two_step,
    "e2sfca": _two_step,
    "m2sfca": _modified,
    "bfca": _balanced,
}


# ---------------------------------------------------------------- what is wrong, what to know


def _refuse_call(method: str, catchment_minutes: float, decay: str | Decay) -> None:
    wrong = []
    if method not in _METHODS:
        wrong.append(f"No method is called {method!r}. Use one of: {', '.join(_METHODS)}.")
    if not (catchment_minutes > 0 and math.isfinite(catchment_minutes)):
        wrong.append(f"A catchment is longer than 0 minutes, not {catchment_minutes:g}.")
    if not callable(decay) and decay not in DECAYS:
        wrong.append(
            f"No decay is called {decay!r}. Use one of: {', '.join(DECAYS)}; or give a function of minutes."
        )
    if wrong:
        raise UsageError(" ".join(wrong))


def _read_columns(
    times: pd.DataFrame, demand: pd.Series[Any], supply: pd.Series[Any]
) -> tuple[pd.Series[Any], pd.Series[Any], Floats]:
    """Return from_id, to_id and minutes, once nothing is wrong with anything."""
    problems = _problems_of_amounts("demand", demand, "children")
    problems += _problems_of_amounts("supply", supply, "places")
    columns, minutes = [], np.zeros(0)
    for name in ("from_id", "to_id", "minutes"):
        if name not in times.columns:
            problems.append(Problem("travel_times", None, name, "The column is missing."))
            continue
        columns.append(times[name])
    if "minutes" in times.columns:
        if _numeric(columns[-1].dtype):
            minutes = minutes_of(columns[-1])
            if (minutes < 0).any():
                what = f"{count_of(int((minutes < 0).sum()), 'time is', 'times are')} below 0."
                problems.append(Problem("travel_times", None, "minutes", what))
        else:
            problems.append(Problem("travel_times", None, "minutes", "These are not numbers."))
    if problems:
        raise DataError(problems)
    return columns[0], columns[1], minutes


def _numeric(dtype: Any) -> bool:  # noqa: ANN401 - a dtype of numpy or of pandas
    """Whether it is of whole or of other numbers; pandas' own check takes longer than ten sums."""
    return getattr(dtype, "kind", "O") in "iuf"


def _problems_of_amounts(name: str, amounts: pd.Series[Any], unit: str) -> list[Problem]:
    problems = []
    index = amounts.index
    if not index.is_unique:
        again = index[index.duplicated()].unique()
        what = (
            f"{count_of(len(again), 'id stands', 'ids stand')} more than once ({list_some(again)})."
        )
        problems.append(Problem(name, what=what, mend="Add them up, one row an id."))
    if index.hasnans:
        problems.append(Problem(name, what="An id is blank.", mend="Give each row its id."))
    if not _numeric(amounts.dtype):
        return [*problems, Problem(name, what=f"The {unit} are not numbers.")]
    values = amounts.to_numpy(dtype=np.float64, na_value=np.nan)
    # Written so that NaN is wrong too; sums of what is right are finite.
    if len(values) and not (values.min() >= 0 and values.max() < np.inf):
        for wrong, said in (
            (np.isnan(values), "not known"),
            (values < 0, "below 0"),
            (values == np.inf, "without limit"),
        ):
            if wrong.any():
                ids = index[wrong]
                what = f"The {unit} of {count_of(len(ids), 'id')} are {said} ({list_some(ids)})."
                problems.append(Problem(name, what=what, mend="Leave them out, or give a number."))
    return problems


def _warn_of_search(times: pd.DataFrame, catchment_minutes: float) -> None:
    if "searched_to" not in times.columns or not len(times):
        return
    bounds = times["searched_to"]
    # 0 stands for a pair that the search left out, and is no bound of it.
    searched = bounds[bounds > 0].min() if bounds.min() <= 0 else bounds.min()
    if searched < catchment_minutes:
        warn(
            "travel_times",
            f"The catchment of {catchment_minutes:g} minutes reaches beyond what was searched ({searched:g}).",
            "Sites further away are missing from it: search further, or take a smaller catchment.",
            column="searched_to",
        )


def _warn_of_ids(ids: pd.Series[Any], at: Positions, series: str) -> None:
    if not len(at) or at.min() >= 0:
        return
    strange = pd.Index(ids[at < 0].unique())
    warn(
        "travel_times",
        f"{count_of(len(strange), 'id is', 'ids are')} not in {series}, and ignored ({list_some(strange)}).",
        f"Compare how ids are written in the times and in {series}.",
        column=str(ids.name),
    )


def _warn_of_areas(areas: pd.Index[Any], area: Positions, weights: sparse.csr_array) -> None:
    empty = np.diff(weights.indptr) == 0
    if not empty.any():
        return
    empty[area[area >= 0]] = False
    if empty.any():
        ids = areas[empty]
        warn(
            "demand",
            f"{count_of(len(ids), 'area has', 'areas have')} no travel time at all ({list_some(ids)}): not searched, or no site within the search. They count as reaching nothing.",
            "See that times were measured from each of them.",
        )


def _warn_of_sites(sites: pd.Index[Any], idle: npt.NDArray[np.bool_]) -> None:
    if idle.any():
        ids = sites[idle]
        warn(
            "supply",
            f"{count_of(len(ids), 'site has', 'sites have')} no children in reach ({list_some(ids)}): what they offer is counted nowhere.",
            "See that times to them were measured, or that the catchment is not too small.",
        )

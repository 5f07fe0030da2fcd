"""Floating catchments beside PySAL access: the same pairs, the same weights, the same values.

Pairs of 10 k and 1 M come from street networks (``networks.py``) through our own search, where the
generator of networks is there, else they are drawn; 49.5 M are drawn (``--large``).
"""

from __future__ import annotations

import argparse
import importlib.metadata
import math
import warnings
from dataclasses import dataclass

import numpy as np
import pandas as pd
from access import fca
from side_by_side import compare, fit_growth, peak_mib, require, time_in_turn, write_results

from provision_map.reach.catchments import access_by_area, catchment_matrix, floating_catchment

PEER = f"PySAL access {importlib.metadata.version('access')}"
#: Goals by size: from 10 k pairs, from 1 M pairs.
SMALL, LARGE = 40.0, 100.0
#: Relative difference that is allowed.
EXACT = 1e-9
GROUPS = 19


@dataclass(frozen=True)
class Case:
    """Pairs by position, children of each area, places of each site, and the catchment."""

    name: str
    area: np.ndarray
    site: np.ndarray
    minutes: np.ndarray
    demand: np.ndarray
    supply: np.ndarray
    catchment: float

    def frames(self, kind: str) -> tuple[pd.DataFrame, pd.Series, pd.Series]:
        """Return times, demand and supply with ids that are whole numbers, text or categories."""
        areas, sites = np.arange(len(self.demand)), np.arange(len(self.supply))
        if kind != "whole-number":
            areas = np.array([f"E0{k:07d}" for k in areas], dtype=object)
            sites = np.array([f"s{k:06d}" for k in sites], dtype=object)
        times = pd.DataFrame({"from_id": areas[self.area], "to_id": sites[self.site], "minutes": self.minutes})  # fmt: skip
        if kind == "categorical":
            times = times.astype({"from_id": "category", "to_id": "category"})
        return times, pd.Series(self.demand, index=areas), pd.Series(self.supply, index=sites)


def draw(pairs: int, areas: int, sites: int, *, name: str = "drawn") -> Case:
    """Draw pairs whose number by area is heavy-tailed, sorted by area and site."""
    random = np.random.default_rng(7)
    pull = random.pareto(1.5, areas) + 1
    counts = np.minimum((pull / pull.sum() * pairs * 1.05).astype(np.int64) + 1, sites // 2)
    area = np.repeat(np.arange(areas, dtype=np.int32), counts)
    key = np.unique(area.astype(np.int64) * sites + random.integers(0, sites, len(area)))
    area, site = (part.astype(np.int32) for part in np.divmod(key, sites))
    return Case(
        name, area, site, random.uniform(0, 20, len(area)),
        random.integers(120, 420, areas).astype(float), random.integers(1, 60, sites).astype(float), 20.0,
    )  # fmt: skip


def walk(size: str, minutes: float) -> Case | None:
    """Search a street network; None where networks or the search are not there."""
    try:
        from networks import town_of  # noqa: PLC0415

        from provision_map.reach.search import pairs_within  # noqa: PLC0415

        town = town_of(size)
    except (ImportError, BaseException) as error:
        # pytest's skip is no Exception.
        if isinstance(error, ImportError) or type(error).__name__ == "Skipped":
            return None
        raise
    found = pairs_within(town.graph, town.homes, town.services, bound=minutes * 60)
    random = np.random.default_rng(7)
    return Case(
        f"{size}, {minutes:g} minutes on foot", found.source, found.target, found.cost / 60,
        random.integers(120, 420, len(town.homes)).astype(float),
        random.integers(1, 60, len(town.services)).astype(float), minutes,
    )  # fmt: skip


def hold_against(ours: pd.Series, theirs: pd.Series) -> float:
    """Return the largest relative difference; the peer has no row for an area without a site."""
    # At the very edge the peer divides 0 by 0, and where all weights are 0 we say 0.
    want = theirs.reindex(ours.index).fillna(0.0)
    difference = float((np.abs(ours - want) / want.clip(lower=1e-6)).max())
    require(f"values equal to 1e-9, not {difference:.2g}", holds=difference <= EXACT)
    return difference


def bench_case(case: Case, *, goal: float, rounds: int) -> tuple[list[dict], float]:
    """Measure one case in every way; return rows, and the largest relative difference."""
    rows, worst = [], 0.0
    size = f"{len(case.area):,} pairs ({case.name})"
    edge, d0 = math.exp(-0.5), case.catchment

    def weight(minutes: float) -> float:
        # As the peer's own gaussian() is written: numpy, one number at a time.
        return (np.exp(-0.5 * (minutes / d0) ** 2) - edge) / (1 - edge)

    def fast_weight(minutes: float) -> float:
        return (math.exp(-0.5 * (minutes / d0) ** 2) - edge) / (1 - edge)

    for kind in ("whole-number", "text"):
        times, demand, supply = case.frames(kind)
        peer_times = times.rename(columns={"from_id": "origin", "to_id": "dest", "minutes": "cost"})
        peer_demand = demand.rename_axis("geoid").to_frame("demand")
        peer_supply = supply.rename_axis("geoid").to_frame("supply")

        def ours(method: str = "e2sfca", of=(times, demand, supply)) -> pd.Series:  # noqa: ANN001
            return floating_catchment(*of, method=method, catchment_minutes=d0)

        def theirs(weight_fn=None, of=(peer_demand, peer_supply, peer_times)) -> pd.Series:  # noqa: ANN001
            return fca.two_stage_fca(*of, max_cost=d0, weight_fn=weight_fn)

        for method, what, weight_fn, to_reach in (
            ("e2sfca", "E2SFCA, truncated Gaussian", weight, goal if kind == "whole-number" else None),
            ("e2sfca", "E2SFCA, the peer's weights by math.exp", fast_weight, None),
            ("2sfca", "2SFCA, no weights", None, None),
        ):  # fmt: skip
            calls = {
                "ours": lambda m=method, f=ours: f(m),
                "theirs": lambda w=weight_fn, f=theirs: f(w),
            }
            worst = max(worst, hold_against(calls["ours"](), calls["theirs"]()))
            peaks = (peak_mib(calls["ours"]), peak_mib(calls["theirs"]))
            taken = time_in_turn(calls, rounds=rounds, warm=False)
            rows.append(compare(
                size=size, what=f"{what}, {kind} ids", peer=PEER, goal=to_reach, peaks=peaks,
                seconds=(taken["ours"], taken["theirs"]),
            ))  # fmt: skip
    return rows, worst


def bench_others(case: Case, *, rounds: int) -> list[dict]:
    """Measure what the peer has no way for, against our own plain way."""
    size = f"{len(case.area):,} pairs ({case.name})"
    calls = {}
    plain = case.frames("whole-number")
    mixed = plain[0].sample(frac=1, random_state=1, ignore_index=True)
    categories = case.frames("categorical")
    minutes = {"catchment_minutes": case.catchment}
    calls["plain"] = lambda: floating_catchment(*plain, **minutes)
    calls["rows in no order"] = lambda: floating_catchment(mixed, *plain[1:], **minutes)
    calls["categorical ids"] = lambda: floating_catchment(*categories, **minutes)
    for method in ("m2sfca", "bfca"):
        calls[method.upper()] = lambda m=method: floating_catchment(*plain, method=m, **minutes)
    shape = (len(case.demand), len(case.supply))
    random = np.random.default_rng(1)
    groups = case.demand[:, None] * random.dirichlet(np.ones(GROUPS), len(case.demand))
    admits = (random.random((len(case.supply), GROUPS)) < 0.8).astype(float)  # noqa: PLR2004
    weights = catchment_matrix(case.area, case.site, case.minutes, shape=shape, **minutes)
    calls[f"{GROUPS} groups, in one product"] = lambda: access_by_area(
        weights, groups, case.supply, admits=admits
    )
    taken = time_in_turn(calls, rounds=rounds)
    return [
        compare(size=size, what=name, peer="our own plain E2SFCA", seconds=(taken[name], taken["plain"]))
        for name in calls if name != "plain"
    ]  # fmt: skip


def bench_large() -> tuple[dict, float]:
    """Measure 49.5 million pairs: ours five times, the peer once."""
    case = draw(49_500_000, 180_000, 200_000)
    times, demand, supply = case.frames("whole-number")
    d0, edge = case.catchment, math.exp(-0.5)

    def weight(minutes: float) -> float:
        return (np.exp(-0.5 * (minutes / d0) ** 2) - edge) / (1 - edge)

    def ours() -> pd.Series:
        return floating_catchment(times, demand, supply, catchment_minutes=d0)

    peak, got = peak_mib(ours), ours()
    taken = time_in_turn({"ours": ours}, rounds=5, warm=False)
    of = (
        demand.rename_axis("geoid").to_frame("demand"),
        supply.rename_axis("geoid").to_frame("supply"),
        times.rename(columns={"from_id": "origin", "to_id": "dest", "minutes": "cost"}),
    )
    found = []

    def theirs() -> None:
        found.append(fca.two_stage_fca(*of, max_cost=d0, weight_fn=weight))

    peaks: list[float | None] = []
    once = time_in_turn({"theirs": lambda: peaks.append(peak_mib(theirs))}, rounds=1, warm=False)
    difference = hold_against(got, found[0])
    row = compare(
        size=f"{len(times):,} pairs (drawn)", what="E2SFCA, truncated Gaussian, whole-number ids",
        peer=f"{PEER}, once", goal=LARGE, seconds=(taken["ours"], once["theirs"]),
        peaks=(peak, peaks[0]),
    )  # fmt: skip
    return row, difference


def bench_growth(*, rounds: int) -> list[dict]:
    """Fit the growth over sizes of one density, rows in order and in none."""
    ordered, mixed = {}, {}
    for pairs in (30_000, 100_000, 300_000, 1_000_000, 3_000_000):
        case = draw(pairs, pairs // 100, pairs // 50)
        times, demand, supply = case.frames("whole-number")
        shuffled = times.sample(frac=1, random_state=1, ignore_index=True)
        taken = time_in_turn(
            {
                "ordered": lambda of=(times, demand, supply): floating_catchment(*of, catchment_minutes=20),
                "mixed": lambda of=(shuffled, demand, supply): floating_catchment(*of, catchment_minutes=20),
            },
            rounds=rounds,
        )  # fmt: skip
        ordered[len(times)], mixed[len(times)] = taken["ordered"], taken["mixed"]
    return [fit_growth("E2SFCA, rows in order", ordered), fit_growth("E2SFCA, rows in no order", mixed)]  # fmt: skip


def main() -> None:
    """Run all, and write results/catchments.json."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--large", action="store_true", help="also 49.5 million pairs")
    asked = parser.parse_args()
    # What people are to be told of an instance is not what is measured here.
    warnings.simplefilter("ignore")
    small = walk("city", 35) or draw(10_000, 400, 500)
    middle = walk("county", 150) or draw(1_000_000, 2_500, 5_000)
    rows, worst = bench_case(small, goal=SMALL, rounds=15)
    more, other = bench_case(middle, goal=LARGE, rounds=5)
    rows += more + bench_others(middle, rounds=7)
    if asked.large:
        row, large = bench_large()
        rows.append(row)
        other = max(other, large)
    write_results(
        "Floating catchments from pairs",
        "catchments",
        rows=rows,
        growth=bench_growth(rounds=5),
        checked=f"Every value equals PySAL access's; largest relative difference {max(worst, other):.1g}.",
    )


if __name__ == "__main__":
    main()

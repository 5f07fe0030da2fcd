"""Measure gaps from their own cells: children, causes, levers, priority, grade and title.

The same function measures a gap just found and an entry of the register found years ago: an entry
keeps its footprint, and its figures are read from it in every run.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import geopandas as gpd
import numpy as np
import pandas as pd

from provision_map.gaps.cells import causes_of, uncovered
from provision_map.gaps.communities import countable
from provision_map.gaps.grade import Evidence, grade_gaps
from provision_map.gaps.practice import reached_by_outcome
from provision_map.gaps.priority import rank_gaps
from provision_map.gaps.rules import MIXED, PROVISION
from provision_map.gaps.words import gap_title, neighbourhoods_of_gaps, parts_in_words
from provision_map.model import Framework, GapRules, PriorityRules
from provision_map.places.areas import lie_in
from provision_map.places.people import EVERYONE
from provision_map.schema import each_row
from provision_map.tables import CAUSES, GAPS, LEVERS, UNKNOWN_REASONS

#: What is summed over the cells of a gap, weighted by children.
_SUMS = (
    "population", "lacking", "covered_n", "unknown_n", "missing_n", "near_n", "need_n", "expected",
    *(f"cause_{c}" for c in CAUSES), *(f"lever_{c}" for c in LEVERS),
)  # fmt: skip


@dataclass(frozen=True)
class GapContext:
    """What gaps are measured against, besides coverage."""

    places: gpd.GeoDataFrame
    framework: Framework
    evidence: Evidence
    practice_reach: pd.DataFrame
    rules: GapRules = field(default_factory=GapRules)
    priority: PriorityRules = field(default_factory=PriorityRules)


def measure_gaps(
    footprints: pd.DataFrame, coverage: pd.DataFrame, context: GapContext
) -> pd.DataFrame:
    """Measure each footprint now.

    Args:
        footprints: rows as :func:`provision_map.gaps.find_gaps` gives them, or the register.
        coverage: ``tables.COVERAGE``.
        context: places, framework, evidence, settings.

    Returns:
        ``tables.GAPS`` on the index of ``footprints``. A community's ``children`` are those beyond
        what everyone lacks. Figures are blank where a community has no small-area counts or too
        few children.

    """
    if footprints.empty:
        return GAPS.empty()
    numbers = np.arange(len(footprints))
    cells = _measured_cells(footprints, coverage, context)
    sums = cells.groupby("gap")[list(_SUMS)].sum().reindex(numbers, fill_value=0.0)
    gaps = footprints.reset_index(drop=True).copy()
    for column, values in _shares(sums).items():
        gaps[column] = values
    for name in (*(f"cause_{c}" for c in CAUSES), *(f"lever_{c}" for c in LEVERS)):
        gaps[name] = sums[name].to_numpy()
    gaps["population"] = sums["population"].to_numpy()
    # Of a quality gap all that is neither covered nor unknown is uncovered: when the service that
    # was below standard closes, nothing has improved.
    quality = gaps["kind"] == "quality"
    gaps.loc[quality, "uncovered"] = (1 - gaps["covered"] - gaps["unknown"])[quality].clip(lower=0)
    gaps["children"] = sums["lacking"].to_numpy()
    _community_figures(gaps, sums, cells)
    gaps["main_cause"] = [_main_cause(row, context.rules) for _, row in gaps.iterrows()]
    ages = [sorted({a for _, a in c if a >= 0}) for c in gaps["cells"]]
    gaps["minimum_age"] = [float(a[0]) if a else np.nan for a in ages]
    gaps["maximum_age"] = [float(a[-1]) if a else np.nan for a in ages]
    gaps["missing_parts"] = _missing_parts(cells, len(gaps))
    missed = _practice_figures(gaps, context)
    gaps["grade"], gaps["grade_reason"] = grade_gaps(gaps, cells, context.evidence)
    _blank_figures(gaps, sums, context.rules)
    gaps["places"] = [_places(c, context.places) for c in gaps["cells"]]
    parts = neighbourhoods_of_gaps(cells, context.places)
    names = _labels(context)
    given = set(context.evidence.record_months.index)
    gaps["neighbourhoods"] = [
        parts_in_words(gap, parts.get(n, []), [names.get(k, k) for k in missed.get(n, [])])
        for n, (_, gap) in enumerate(gaps.iterrows())
    ]
    gaps["title"] = [
        gap_title(
            gap,
            parts.get(n, []),
            context.framework,
            context.places,
            given=gap["element_id"] in given,
            missed=missed.get(n, []),
        )
        for n, (_, gap) in enumerate(gaps.iterrows())
    ]
    gaps["priority"] = gaps["children"] * gaps["need"] * gaps["severity"]
    for column, values in rank_gaps(gaps, context.priority).items():
        gaps[column] = values
    gaps = gaps[GAPS.names()]
    gaps.index = footprints.index
    return gaps


def _measured_cells(
    footprints: pd.DataFrame, coverage: pd.DataFrame, context: GapContext
) -> pd.DataFrame:
    """One row a cell and member community of each gap, with its children and shares as children."""
    framework = context.framework
    rows = []
    for number, gap in enumerate(each_row(footprints)):
        if gap.kind != "practice":
            members = framework.members(gap.community_id)
            rows += [
                (number, gap.kind, gap.element_id, m, p, a) for m in members for p, a in gap.cells
            ]
    wanted = pd.DataFrame(
        rows, columns=["gap", "kind", "element_id", "community_id", "place_id", "age"]
    )
    keys = ["element_id", "community_id", "place_id", "age"]
    own = coverage[coverage["community_id"].isin(set(wanted["community_id"]) | {EVERYONE})].copy()
    for key in keys[:3]:
        own[key] = own[key].astype(object)
    cells = wanted.merge(own, on=keys, how="inner")
    base = own[own["community_id"] == EVERYONE].set_index(["element_id", "place_id", "age"])
    base = base[["children", *(f"cause_{c}" for c in CAUSES)]].add_prefix("base_")
    cells = cells.join(base, on=["element_id", "place_id", "age"])
    # A community without counts is weighed by everyone's children in the same place and age.
    weight = cells["children"].fillna(cells["base_children"]).fillna(1.0)
    cells["counted"] = cells["children"].notna()
    deciles = context.places.set_index("place_id")["imd_decile"]
    need = ((11 - cells["place_id"].map(deciles).astype(float)) / 5.5).fillna(1.0)
    every = uncovered(cells, causes_of("quality") + PROVISION)
    provision = uncovered(cells, PROVISION)
    is_provision = cells["kind"] == "provision"
    lacking = provision.where(
        is_provision, every.where(cells["kind"] == "community", cells["cause_quality"])
    )
    covered = cells["reached"].where(is_provision, cells["covered"])
    unknowns = cells[[f"unknown_{r}" for r in UNKNOWN_REASONS]].sum(axis=1)
    unknown = (1 - covered - lacking).where(is_provision, unknowns).clip(lower=0)
    out = cells[
        ["gap", "kind", "element_id", "community_id", "place_id", "age", "counted", "missing_parts"]
    ].copy()
    out["population"] = weight
    out["lacking"] = weight * lacking
    out["covered_n"] = weight * covered
    out["unknown_n"] = weight * unknown
    # Half a standard is missing where quality is below it, whoever is concerned.
    half = np.where(cells["kind"] == "provision", 0.0, 0.5 * cells["cause_quality"])
    given = np.where(cells["kind"] == "quality", 0.0, provision * cells["missing"])
    out["missing_n"] = weight * (half + given)
    # Only children for whom distance decides can live too near its limit to tell.
    out["near_n"] = weight * cells["cause_far"] * cells["near_limit"]
    out["need_n"] = weight * lacking * need
    out["expected"] = weight * cells[[f"base_cause_{c}" for c in CAUSES]].sum(axis=1)
    shown = {"provision": PROVISION, "quality": ("quality",), "community": CAUSES}
    for cause in CAUSES:
        counts = cells["kind"].map({kind: cause in causes for kind, causes in shown.items()})
        out[f"cause_{cause}"] = weight * cells[f"cause_{cause}"].where(counts.astype(bool), 0.0)
    for lever in LEVERS:
        out[f"lever_{lever}"] = weight * cells[f"lever_{lever}"]
    return out


def _shares(sums: pd.DataFrame) -> dict[str, np.ndarray]:
    population = sums["population"].where(sums["population"] > 0).to_numpy()
    lacking = sums["lacking"].where(sums["lacking"] > 0).to_numpy()
    return {
        "covered": (sums["covered_n"] / population).to_numpy(),
        "unknown": (sums["unknown_n"] / population).fillna(1.0).to_numpy(),
        "uncovered": (sums["lacking"] / population).to_numpy(),
        "need": (sums["need_n"] / lacking).to_numpy(),
        "severity": (sums["missing_n"] / lacking).clip(0.1, 1.0).to_numpy(),
        "near": (sums["near_n"] / lacking).fillna(0.0).to_numpy(),
    }


def _community_figures(gaps: pd.DataFrame, sums: pd.DataFrame, cells: pd.DataFrame) -> None:
    """Set a community's children to its excess, and scale its causes and levers to it."""
    mine = (gaps["kind"] == "community").to_numpy()
    excess = (sums["lacking"] - sums["expected"]).clip(lower=0).to_numpy()
    scale = np.divide(excess, sums["lacking"], out=np.zeros(len(gaps)), where=sums["lacking"] > 0)
    gaps.loc[mine, "children"] = excess[mine]
    for name in (*(f"cause_{c}" for c in CAUSES), *(f"lever_{c}" for c in LEVERS)):
        gaps.loc[mine, name] *= scale[mine]
    counted = cells.groupby("gap")["counted"].all().reindex(range(len(gaps)), fill_value=True)
    gaps["counted"] = counted.to_numpy()


def _main_cause(gap: pd.Series, rules: GapRules) -> str:
    causes = {c: float(gap[f"cause_{c}"]) for c in CAUSES}
    total = sum(causes.values())
    if total <= 0:
        return MIXED
    main = max(causes, key=lambda c: causes[c])
    return main if causes[main] >= rules.main_share * total - 1e-9 else MIXED


def _missing_parts(cells: pd.DataFrame, count: int) -> list[str]:
    """Name the holidays or types that most of a gap's children lack."""
    named = cells[cells["missing_parts"].astype(str) != ""]
    lacking = named.groupby(["gap", named["missing_parts"].astype(str)])["lacking"].sum()
    out = [""] * count
    for gap in lacking.index.get_level_values(0).unique():
        out[gap] = str(lacking[gap].idxmax())
    return out


def _practice_figures(gaps: pd.DataFrame, context: GapContext) -> dict[int, list[str]]:
    """Read the share of a practice gap's neighbourhoods or communities that are reached now."""
    missed: dict[int, list[str]] = {}
    for index in gaps.index[gaps["kind"] == "practice"]:
        reached = reached_by_outcome(context.practice_reach, gaps.loc[index, "outcomes"][0])
        now = {f"{a}:{k}": r for a, k, r in each_row(reached[["axis", "key", "reached"]])}
        words = [now.get(key, "unknown") for key, _ in gaps.loc[index, "cells"]]
        missed[index] = [
            key
            for (key, _), word in zip(gaps.loc[index, "cells"], words, strict=True)
            if word == "no"
        ]
        gaps.loc[index, ["covered", "uncovered", "unknown"]] = [
            words.count(word) / len(words) for word in ("yes", "no", "unknown")
        ]
        gaps.loc[index, "main_cause"] = "not spread"
    return missed


def _labels(context: GapContext) -> dict[str, str]:
    """Names of the neighbourhoods and communities that are cells of practice gaps."""
    keys = context.practice_reach[["axis", "key", "label"]].drop_duplicates()
    return {f"{axis}:{key}": label for axis, key, label in each_row(keys)}


def _blank_figures(gaps: pd.DataFrame, sums: pd.DataFrame, rules: GapRules) -> None:
    """Take the figures off what has none, or too few to stand: listed, never dropped."""
    community = gaps["kind"] == "community"
    may = pd.Series(data=False, index=gaps.index)
    countables = community & gaps["counted"]
    may[countables] = countable(sums[countables.to_numpy()], rules=rules).to_numpy()
    blank = (community & ~may) | (gaps["kind"] == "practice")
    figures = [
        "children",
        "population",
        *(f"cause_{c}" for c in CAUSES),
        *(f"lever_{c}" for c in LEVERS),
    ]
    gaps.loc[blank, figures] = np.nan
    gaps.loc[gaps["kind"] == "practice", ["need", "severity"]] = np.nan


def _places(cells: Sequence[tuple[str, int]], places: gpd.GeoDataFrame) -> tuple[str, ...]:
    wanted = {place for place, _ in cells}
    of_neighbourhood = {
        p.removeprefix("neighbourhood:") for p in wanted if p.startswith("neighbourhood:")
    }
    hit = places["place_id"].isin(wanted | of_neighbourhood) | lie_in(of_neighbourhood, places)
    return tuple(places.loc[hit, "place_id"])

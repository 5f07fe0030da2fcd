"""Record a run: measure what is known, propose what is new, leave decisions alone."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from provision_map.errors import DataError, Problem
from provision_map.gaps.cells import causes_of, uncovered
from provision_map.gaps.measure import GapContext, measure_gaps
from provision_map.gaps.priority import rank_gaps
from provision_map.register.identity import gap_id, is_new, state_now
from provision_map.register.store import Register
from provision_map.schema import each_row
from provision_map.schema.wording import count_of, list_some
from provision_map.tables import CLOSED, ENTRIES, GAPS

#: How many lost codes a problem names.
_SCOPE_ORDER = {"city-wide": 0, "local": 1}


@dataclass(frozen=True)
class Proposal:
    """What a run would write into the register: its entries as they would stand, and the writing."""

    entries: pd.DataFrame
    commit: Callable[[], None]


def record_run(
    register: Register,
    footprints: pd.DataFrame,
    coverage: pd.DataFrame,
    context: GapContext,
    *,
    digest: str,
    date: dt.date,
    lookup: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Bring the register up to date with a run, and return its entries as they now stand.

    Every entry is measured from its own frozen cells. A found gap becomes an entry only where
    most of its children lie in no open footprint of its element, kind and community. Running on
    data with the same ``digest`` as the last run writes nothing.

    Args:
        register: the register.
        footprints: found gaps.
        coverage: ``tables.COVERAGE``.
        context: what gaps are measured against.
        digest: of everything that the figures depend on.
        date: day of the exercise.
        lookup: from_id, to_id of place codes that have changed since.

    Returns:
        ``tables.ENTRIES``: open before closed, city-wide before local, by rank.

    Raises:
        DataError: the register has places that the exercise no longer has, and no lookup.

    """
    proposal = propose_run(
        register, footprints, coverage, context, digest=digest, date=date, lookup=lookup
    )
    proposal.commit()
    return proposal.entries


def propose_run(
    register: Register,
    footprints: pd.DataFrame,
    coverage: pd.DataFrame,
    context: GapContext,
    *,
    digest: str,
    date: dt.date,
    lookup: pd.DataFrame | None = None,
) -> Proposal:
    """Work out what :func:`record_run` would write, without writing it.

    So that files made from the entries can be ready before the register says that they are.
    """
    known = register.entries()
    cells = _translated(known["cells"], context, lookup, register.path.name)
    known["cells"] = pd.Series(cells, index=known.index, dtype=object)
    again = digest == register.last_digest()
    before = known["state"].copy()
    # All are measured together: the guard on small counts looks at all pairs at once.
    found = footprints.iloc[0:0] if again else footprints
    candidates = _as_entries(found, set(known["gap_id"]), date)
    every = [frame for frame in (known, candidates) if len(frame)]
    if not every:
        return Proposal(
            ENTRIES_EMPTY.copy(), lambda: _commit_nothing(register, digest, date, again=again)
        )
    measured = _with_measures(pd.concat(every, ignore_index=True), coverage, context)
    old, new = measured.iloc[: len(known)].copy(), measured.iloc[len(known) :].copy()
    events: list[tuple[str, str]] = []
    if len(old) and not again:
        old["state"] = [state_now(row) for _, row in old.iterrows()]
        moved = (
            old["state"].isin(("improved", "worsened", CLOSED)) | old["reference_uncovered"].isna()
        )
        for name in ("uncovered", "unknown"):
            old.loc[moved, f"reference_{name}"] = old.loc[moved, name]
        changed = (old["state"] != before.to_numpy()).to_numpy()
        events = list(zip(old["gap_id"][changed], old["state"][changed], strict=True))
    new = new[np.array(_are_new(new, old, coverage, context), dtype=bool)].copy()
    for name in ("uncovered", "unknown"):
        new[f"reference_{name}"] = new[name]
    new["first_title"] = new["title"]
    events += [(gap, "new") for gap in new["gap_id"]]

    def commit() -> None:
        if not again:
            register.record(
                digest=digest,
                date=date,
                new=new,
                measured=old if len(old) else pd.DataFrame(),
                events=events,
            )

    frames = [frame for frame in (old, new) if len(frame)]
    return Proposal(_ordered(pd.concat(frames, ignore_index=True), context), commit)


ENTRIES_EMPTY = pd.DataFrame(
    {
        column.name: pd.Series(
            dtype="float64" if column.kind in ("number", "integer") else "object"
        )
        for column in (*ENTRIES.columns, *GAPS.columns)
    }
)


def _with_measures(
    entries: pd.DataFrame, coverage: pd.DataFrame, context: GapContext
) -> pd.DataFrame:
    if entries.empty:
        return entries
    entries = entries.reset_index(drop=True)
    gaps = measure_gaps(entries, coverage, context)
    own = [c for c in entries if c not in gaps]
    return entries[own].join(gaps)


def _ordered(entries: pd.DataFrame, context: GapContext) -> pd.DataFrame:
    """Rank all entries together, and put them in the order of the register."""
    # In a fixed order first, so that ties are broken alike in every run.
    entries = entries.sort_values("gap_id", kind="stable", ignore_index=True)
    for column, values in rank_gaps(entries, context.priority).items():
        entries[column] = values
    entries = entries.assign(
        _closed=entries["state"] == CLOSED, _scope=entries["scope"].map(_SCOPE_ORDER)
    )
    order = ["_closed", "_scope", "rank", "gap_id"]
    entries = entries.sort_values(order, na_position="last", kind="stable")
    return entries[list(ENTRIES_EMPTY.columns)].astype(ENTRIES_EMPTY.dtypes).reset_index(drop=True)


def _as_entries(footprints: pd.DataFrame, taken: set[str], date: dt.date) -> pd.DataFrame:
    ids = []
    for _, footprint in footprints.iterrows():
        ids.append(gap_id(footprint, taken=taken))
        taken.add(ids[-1])
    return footprints.assign(
        gap_id=ids,
        first_title="",
        first_reported=date,
        reference_uncovered=np.nan,
        reference_unknown=np.nan,
        state="new",
        status="proposed",
        owner_role="",
    )


def _commit_nothing(register: Register, digest: str, date: dt.date, *, again: bool) -> None:
    """Record a run that found nothing in a register that holds nothing."""
    if not again:
        register.record(
            digest=digest, date=date, new=pd.DataFrame(), measured=pd.DataFrame(), events=[]
        )


def _are_new(
    candidates: pd.DataFrame, entries: pd.DataFrame, coverage: pd.DataFrame, context: GapContext
) -> list[bool]:
    """Say of each found gap whether the register does not hold it already."""
    if entries.empty:
        return [True] * len(candidates)
    rate = uncovered(coverage, causes_of("community"))
    weight = (coverage["children"].fillna(1.0) * rate).to_numpy()
    keys = coverage[["element_id", "community_id", "place_id", "age"]]
    weights: dict[str, dict[tuple[str, str, int], float]] = {}
    for (element, *cell), children in zip(each_row(keys), weight, strict=True):
        weights.setdefault(element, {})[cell[0], cell[1], cell[2]] = float(children)
    return [
        is_new(gap, weights.get(gap["element_id"], {}), entries, context.framework.members)
        for _, gap in candidates.iterrows()
    ]


def _translated(
    cells: pd.Series, context: GapContext, lookup: pd.DataFrame | None, file: str
) -> list[tuple[tuple[str, int], ...]]:
    """Carry footprints over to today's place codes; refuse a silent mixture."""
    here = set(context.places["place_id"])
    successors: dict[str, list[str]] = {}
    if lookup is not None:
        for old, to in each_row(lookup[["from_id", "to_id"]]):
            successors.setdefault(old, []).append(to)
    lost: set[str] = set()
    out = []
    for own in cells:
        moved: set[tuple[str, int]] = set()
        for place, age in own:
            if age < 0 or place in here:
                moved.add((place, age))
            elif found := [p for p in successors.get(place, ()) if p in here]:
                moved |= {(p, age) for p in found}
            else:
                lost.add(place)
        out.append(tuple(sorted(moved)))
    if lost:
        places = count_of(len(lost), "place of the register is", "places of the register are")
        what = f"{places} not in this exercise: {list_some(sorted(lost))}."
        mend = "Give [places] lookup = a table of from_id and to_id, or use another folder."
        raise DataError([Problem(file, what=what, mend=mend)])
    return out

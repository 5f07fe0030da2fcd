"""What the services give to one element, attribute by attribute: yes, no or unknown."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from provision_map.coverage import week
from provision_map.coverage.schedule import NEVER
from provision_map.model import Community, Element, Standard
from provision_map.places.people import BME, EVERYONE
from provision_map.schema import each_row
from provision_map.tables import GROUP_REASONS, HOLIDAYS, WEEKDAYS

Floats = npt.NDArray[np.float64]
Bits = npt.NDArray[np.bool_]
#: Three values of an attribute. Anything but these is a mistake.
Tri = npt.NDArray[np.int8]
YES, NO, UNKNOWN = 1, 0, -1
SOFT_VISITS = 3
SOFT_ANSWERS = 10
MAJORITY = 0.5


@dataclass(frozen=True)
class Supply:
    """The services of one element: J rows, a row for each service (and type of space).

    Attributes:
        service_id: J, the service of each row.
        good: J × words, what the row gives if unknown hours are taken as good.
        bad: J × words, what it certainly gives.
        metres: J, the walking distance within which the row counts.
        minimum_age: J, NaN unknown.
        maximum_age: J, NaN unknown.
        groups: reason × J × community, whether the row is within the community's terms.
        capacity: J, places; NaN unknown, inf no limit.
        quality: J, meets, below or unassessed.
        record: J, fresh or (unknown) stale.
        sited: J, whether it stands somewhere; else it only comes to places.

    """

    service_id: npt.NDArray[np.object_]
    good: week.Words
    bad: week.Words
    metres: Floats
    minimum_age: Floats
    maximum_age: Floats
    groups: Tri
    capacity: Floats
    quality: Tri
    record: Tri
    sited: npt.NDArray[np.bool_]

    def __len__(self) -> int:
        """Count the rows."""
        return len(self.service_id)

    def ages_ok(self, ages: Sequence[int]) -> Tri:
        """Whether each row admits each age: J × age."""
        age = np.asarray(ages, dtype=float)[None, :]
        low, high = self.minimum_age[:, None], self.maximum_age[:, None]
        out = np.full((len(self), age.shape[1]), UNKNOWN, dtype=np.int8)
        out[(age >= low) & (age <= high)] = YES
        out[(age < low) | (age > high)] = NO
        return out


def supply_of(
    element: Element,
    services: pd.DataFrame,
    sessions: pd.DataFrame,
    *,
    communities: Sequence[Community],
    quality: pd.Series,
    record: pd.Series,
) -> Supply:
    """Collect what the services give to an element.

    Args:
        element: the element; only services that name it are taken.
        services: located services.
        sessions: ``tables.SESSIONS``.
        communities: those whose terms are tested, in order.
        quality: YES, NO or UNKNOWN by service_id: see :func:`quality_of`.
        record: YES or UNKNOWN by service_id: see :func:`record_of`.

    """
    gives = np.array([element.id in codes for codes in services["elements"]], dtype=bool)
    mine = services[gives]
    sessions_of: dict[str, list[Any]] = {}
    for session in each_row(sessions[sessions["service_id"].isin(mine["service_id"])]):
        sessions_of.setdefault(session.service_id, []).append(session)
    standard = element.standard
    rows, good, bad, metres = [], [], [], []
    for position, (service_id, types) in enumerate(
        zip(mine["service_id"], mine["space_types"], strict=True)
    ):
        for limit, hi, lo in _gives(standard, sessions_of.get(service_id, ()), types):
            rows.append(position)
            metres.append(limit)
            good.append(hi)
            bad.append(lo)
    bits = week.bit_count(standard)
    picked = mine.iloc[rows]
    ids = picked["service_id"].to_numpy(dtype=object)
    return Supply(
        service_id=ids,
        good=week.pack(np.array(good, dtype=bool).reshape(len(rows), bits)),
        bad=week.pack(np.array(bad, dtype=bool).reshape(len(rows), bits)),
        metres=np.array(metres, dtype=float),
        minimum_age=picked["minimum_age"].to_numpy(dtype=float),
        maximum_age=picked["maximum_age"].to_numpy(dtype=float),
        groups=_groups(picked, communities),
        capacity=picked["capacity"].to_numpy(dtype=float),
        quality=quality.reindex(ids).fillna(UNKNOWN).to_numpy(dtype=np.int8),
        record=record.reindex(ids).fillna(UNKNOWN).to_numpy(dtype=np.int8),
        sited=picked["easting"].notna().to_numpy(dtype=bool),
    )


def _gives(
    standard: Standard, sessions: Sequence[Any], types: tuple[str, ...]
) -> list[tuple[float, Bits, Bits]]:
    """List (distance limit, bits if unknowns are good, bits for certain) of one service."""
    names = week.bit_names(standard)
    hi = np.zeros(week.bit_count(standard), dtype=bool)
    if standard.unit == "any":
        return [(standard.metres, ~hi, ~hi)]
    if standard.unit == "types":
        if not types:
            # A place to play or go whose type nobody noted could be any of them.
            return [(standard.type_metres[n], _one(names, n), hi) for n in names]
        return [
            (standard.type_metres[n], _one(names, n), _one(names, n)) for n in types if n in names
        ]
    lo = hi.copy()
    if not sessions:
        return [(standard.metres, ~hi, lo)]
    add = _add_holidays if standard.unit == "holidays" else _add_week
    for session in sessions:
        add(session, hi, lo)
    return [(standard.metres, hi, lo)] if hi.any() else []


def _one(names: tuple[str, ...], name: str) -> Bits:
    return np.array([n == name for n in names], dtype=bool)


def _add_holidays(
    session: Any,  # noqa: ANN401 - a row of SESSIONS
    hi: Bits,
    lo: Bits,
) -> None:
    if session.period in ("term", NEVER):
        return
    named = session.holidays
    if session.period != "all year" and (not named or not session.period):
        hi[:] = True
        return
    wanted = np.array([not named or h in named for h in HOLIDAYS])
    hi |= wanted
    lo |= wanted


def _add_week(
    session: Any,  # noqa: ANN401 - a row of SESSIONS
    hi: Bits,
    lo: Bits,
) -> None:
    if session.period not in ("holidays", NEVER):
        # A schedule that was not held against term dates says nothing for certain.
        _add_hours(session, hi, lo if session.period else lo.copy())


def _add_hours(
    session: Any,  # noqa: ANN401 - a row of SESSIONS
    hi: Bits,
    lo: Bits,
) -> None:
    weekday: str = session.weekday
    start: dt.time | None = session.start
    end: dt.time | None = session.end
    day = WEEKDAYS.index(weekday) if weekday else None
    if day is None:
        hi[:] = True
        return
    day_span = slice(day * week.HALF_HOURS_A_DAY, (day + 1) * week.HALF_HOURS_A_DAY)
    if start is None or end is None:
        hi[day_span] = True
        return
    span = week.half_hours(day, start, end)
    hi[span.start : span.stop] = True
    lo[span.start : span.stop] = True


def weeks_given(
    service_ids: Sequence[str] | npt.NDArray[np.object_], sessions: pd.DataFrame
) -> tuple[week.Words, week.Words]:
    """Return the half-hours that services run in a week of term and in a week of holidays.

    A session of all year counts in both weeks; one of any holiday counts in a week of holidays,
    whichever it is. Where a weekday or a time is not known it may be any; where a service has no
    session at all, so may everything.

    Args:
        service_ids: the services, each once.
        sessions: ``tables.SESSIONS`` of these and of others.

    Returns:
        (if unknown hours are good, for certain), each service × words of ``2 * week.WEEK`` bits:
        the week of term, then that of holidays.

    """
    at = {service_id: i for i, service_id in enumerate(service_ids)}
    mine = sessions[sessions["service_id"].isin(at.keys())]
    hi = np.zeros((len(at), 2, week.WEEK), dtype=bool)
    hi[[i for service_id, i in at.items() if service_id not in set(mine["service_id"])]] = True
    lo = np.zeros_like(hi)
    for session in each_row(mine):
        i = at[session.service_id]
        _add_week(session, hi[i, 0], lo[i, 0])
        if session.period not in ("term", NEVER):
            _add_hours(session, hi[i, 1], lo[i, 1] if session.period else lo[i, 1].copy())
    shape = (len(at), 2 * week.WEEK)
    return week.pack(hi.reshape(shape)), week.pack(lo.reshape(shape))


def _groups(services: pd.DataFrame, communities: Sequence[Community]) -> Tri:
    """Return reason × service × community: within the terms, yes, no or unknown."""
    out = np.full((len(GROUP_REASONS), len(services), len(communities)), YES, dtype=np.int8)
    for j, service in enumerate(each_row(services)):
        for c, community in enumerate(communities):
            out[0, j, c] = open_to_community(service.open_to, service.not_open_to, community)
            if "access" in community.tests:
                wanted = set(community.access_features)
                have = set(service.access)
                out[1, j, c] = UNKNOWN if not have else (YES if wanted <= have else NO)
            if "language" in community.tests:
                spoken = set(service.languages)
                meets = bool(spoken & set(community.languages))
                out[2, j, c] = UNKNOWN if not spoken else (YES if meets else NO)
            if "cost" in community.tests:
                cost = float(service.cost)
                meets = cost <= community.maximum_cost
                out[3, j, c] = UNKNOWN if np.isnan(cost) else (YES if meets else NO)
            if "information" in community.tests:
                out[4, j, c] = {"yes": YES, "no": NO}.get(service.publicised, UNKNOWN)
    return out


def open_to_community(
    open_to: tuple[str, ...], not_open_to: tuple[str, ...], community: Community
) -> int:
    """Whether a service is open to a community: YES, NO or UNKNOWN.

    A refusal wins over an invitation; ``bme`` stands for every minority ethnic group.
    """
    names = {community.id}
    if community.kind == "ethnic" and community.minority:
        names.add(BME)
    if names & set(not_open_to):
        return NO
    if not open_to:
        return UNKNOWN
    return YES if names & set(open_to) or EVERYONE in open_to else NO


def record_of(services: pd.DataFrame, *, date: dt.date, months: int) -> pd.Series:
    """Whether each record was checked within ``months``: YES, else UNKNOWN. Index: service_id."""
    fresh = [_fresh(day, date, months) for day in services["assured_date"]]
    values = [YES if ok else UNKNOWN for ok in fresh]
    return pd.Series(values, index=services["service_id"].to_numpy(), dtype=np.int8)


def quality_of(quality: pd.DataFrame, *, date: dt.date, months: int) -> pd.Series:
    """Decide the quality of each service from evidence of the last ``months``.

    The latest inspection or award decides. Without one, soft evidence decides by majority, but
    only from three visits or ten answers of feedback; less decides nothing, and older evidence
    than ``months`` is stale: both leave the service unassessed.

    Returns:
        YES meets, NO below, UNKNOWN unassessed, by service_id; services without evidence absent.

    """
    recent = quality[np.array([_fresh(d, date, months) for d in quality["date"]], dtype=bool)]
    decided: dict[str, int] = {}
    for service_id, rows in recent.groupby("service_id", sort=False):
        hard = rows[rows["evidence"].isin(("inspection", "award"))]
        if len(hard):
            latest = hard.sort_values(["date", "result"], ascending=[True, False])["result"].iloc[
                -1
            ]
            decided[str(service_id)] = YES if latest == "meets" else NO
            continue
        visits = rows[rows["evidence"] == "visit"]
        answers = rows[rows["evidence"] == "feedback"]["answers"].fillna(0).sum()
        if len(visits) >= SOFT_VISITS or answers >= SOFT_ANSWERS:
            below = (rows["result"] == "below").mean()
            decided[str(service_id)] = NO if below > MAJORITY else YES
        else:
            decided[str(service_id)] = UNKNOWN
    return pd.Series(decided, dtype=np.int8)


def _fresh(day: dt.date | None, date: dt.date, months: int) -> bool:
    if day is None or pd.isna(day):
        return False
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return (date.year, date.month, date.day) <= (year, month + 1, day.day)

"""The services that were looked at for a gap: how far each is, and why it does or does not help.

A reading of the inputs for people, service by service. It decides nothing: coverage does, from all
services together.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from provision_map.coverage import week
from provision_map.coverage.supply import NO, UNKNOWN, YES, Supply, quality_of, record_of, supply_of
from provision_map.edition import Edition
from provision_map.model import Community, Element
from provision_map.reports import words
from provision_map.reports.distances import NO_SITE, Distance, Distances, Limit, say_near
from provision_map.reports.rows import GapRow, say_date
from provision_map.reports.service_words import say_admitted, say_capacity, say_sessions
from provision_map.reports.text import clean, clean_list
from provision_map.schema.wording import join_words
from provision_map.tables import GROUP_REASONS

_MOST_NAMES = 3
_ASKED_OF_GROUP = {
    "closed": "whom it is open to",
    "access": "whether it is accessible",
    "language": "which languages it works in",
    "cost": "what it costs",
    "information": "whether it is publicised",
}


@dataclass(frozen=True)
class Reach:
    """The settings of the run that a reading needs: see :func:`explain.explain_gap`."""

    detour: float
    metres_per_minute: float
    record_months: int
    quality_months: int


@dataclass
class LookedAt:
    """One service as read for one gap.

    Attributes:
        name: its name.
        distance: how far from where the gap's people live, in words.
        near: share of them to whom it is near enough.
        ratio: the way of the median of them ÷ the limit; infinite where no way is known.
        merits: what it has for certain.
        barriers: why it certainly does not help, in the order of the steps.
        limits: why it helps only in part.
        doubts: what cannot be told.

    """

    name: str
    distance: str
    near: float
    ratio: float
    merits: list[str] = field(default_factory=list)
    barriers: list[str] = field(default_factory=list)
    limits: list[str] = field(default_factory=list)
    doubts: list[str] = field(default_factory=list)

    @property
    def reasons(self) -> str:
        """Say in one line why it does or does not help."""
        if self.barriers:
            return "; ".join([*self.barriers, *self.merits, *self.limits, *self.doubts])
        helps = "may help" if self.doubts else ("helps in part" if self.limits else "helps")
        return "; ".join([helps, *self.merits, *self.limits, *self.doubts])


@dataclass(frozen=True)
class _Ground:
    """What all services of one gap are looked at with."""

    edition: Edition
    gap: GapRow
    element: Element
    reach: Reach
    communities: Sequence[Community]
    distances: Distances
    sessions: Mapping[str, list[dict[Any, Any]]]


def look_at_services(edition: Edition, gap: GapRow, reach: Reach) -> tuple[LookedAt, ...]:
    """Return every service of the gap's element, the closest to helping first."""
    element = edition.framework.elements.get(gap.element_id)
    if element is None:
        return ()
    gives = [element.id in clean_list(codes) for codes in edition.services["elements"]]
    mine = edition.services[np.array(gives, dtype=bool)]
    if mine.empty:
        return ()
    ground = _lay_ground(edition, gap, element, reach, mine)
    supply = supply_of(
        element,
        mine,
        edition.sessions,
        communities=ground.communities,
        quality=quality_of(edition.quality, date=edition.date, months=reach.quality_months),
        record=record_of(mine, date=edition.date, months=reach.record_months),
    )
    found = [_look(service, supply, ground) for service in mine.to_dict("records")]
    return tuple(sorted(found, key=_rank))


def _rank(looked: LookedAt) -> tuple[int, float, float, int, str]:
    """Order by what stands in the way, then by whom it is near enough to, then by how far it is."""
    return (
        len(looked.barriers), -looked.near, looked.ratio, len(looked.doubts), looked.name,
    )  # fmt: skip


def _lay_ground(
    edition: Edition, gap: GapRow, element: Element, reach: Reach, mine: pd.DataFrame
) -> _Ground:
    services = set(mine["service_id"])
    sessions: dict[str, list[dict[Any, Any]]] = {}
    for session in edition.sessions.to_dict("records"):
        if session["service_id"] in services:
            sessions.setdefault(session["service_id"], []).append(session)
    framework = edition.framework
    members = set(framework.members(gap.community_id))
    named = tuple(c for c in framework.communities if c.id in members)
    return _Ground(
        edition=edition,
        gap=gap,
        element=element,
        reach=reach,
        communities=named or framework.ethnic_groups,
        distances=Distances.of(
            edition,
            gap,
            element,
            mine,
            detour=reach.detour,
            metres_per_minute=reach.metres_per_minute,
        ),
        sessions=sessions,
    )


def _look(service: Mapping[Any, Any], supply: Supply, ground: _Ground) -> LookedAt:
    rows = np.flatnonzero(supply.service_id == service["service_id"])
    distance = ground.distances.measure(service, supply)
    looked = LookedAt(
        clean(service.get("name")), distance.said, near=distance.near, ratio=distance.ratio
    )
    _weigh_distance(looked, service, distance)
    _weigh_hours(looked, service, supply, rows, ground)
    _weigh_ages(looked, service, ground)
    _weigh_group(looked, service, supply, rows, ground)
    _weigh_places(looked, service, ground)
    _weigh_quality(looked, supply, rows, ground)
    _weigh_record(looked, service, supply, rows)
    return looked


def _weigh_distance(looked: LookedAt, service: Mapping[Any, Any], distance: Distance) -> None:
    """Say to how many of the gap's people it is near enough; too far is only what is so for all."""
    if distance.unknown:
        looked.doubts.append(distance.unknown)
        return
    longest = distance.limits[0]
    rough = max(limit.open for limit in distance.limits)
    if distance.near == 1 and not rough:
        if distance.several or longest.name:
            looked.merits.append(say_near(distance.limits))
    elif distance.near > 0:
        looked.limits.append(say_near(distance.limits))
    elif distance.said == NO_SITE:
        looked.barriers.append("does not come here")
    elif not rough and not longest.unknown:
        looked.barriers.append(_say_too_far(distance.limits))
    if rough:
        within = float(service["location_accuracy"])
        looked.doubts.append(f"its position is known only within {within:,.0f} m")
    if longest.unknown:
        some = longest.unknown < 1
        of = f"for {words.say_percent(longest.unknown)} of its people " if some else ""
        looked.doubts.append(f"{of}how far is not known")


def _say_too_far(limits: Sequence[Limit]) -> str:
    if not limits[0].name:
        return f"too far: the limit is {limits[0].said}"
    each = "; ".join(f"{limit.name}: limit {limit.said}" for limit in limits)
    return f"too far ({each})"


def _weigh_hours(
    looked: LookedAt,
    service: Mapping[Any, Any],
    supply: Supply,
    rows: npt.NDArray[np.int64],
    ground: _Ground,
) -> None:
    standard = ground.element.standard
    if standard.unit == "any":
        return
    said = clean(say_sessions(ground.sessions.get(service["service_id"], ())))
    if standard.unit == "types":
        if not len(rows):
            looked.barriers.append("none of the types of space that count")
        elif not clean_list(service.get("space_types")):
            looked.doubts.append("which types of space is not known")
        return
    if not len(rows):
        looked.barriers.append(f"no session that counts ({said})")
        return
    mask = week.pack(week.window_mask(standard.windows, week.bit_count(standard)))
    good, sure = (
        float(week.units_in(np.bitwise_or.reduce(bits[rows], axis=0) & mask, standard))
        for bits in (supply.good, supply.bad)
    )
    need = week.need_in_bits(standard)
    if good == 0:
        looked.barriers.append(f"no session in the hours that count ({said})")
    elif sure < min(good, need):
        looked.doubts.append("its hours are not known")
    elif good < need:
        unit = {"hours": "hours", "days": "days", "holidays": "holidays"}[standard.unit]
        scale = 2 if standard.unit == "hours" else 1
        looked.limits.append(f"gives {good / scale:g} of the {need / scale:g} {unit} needed")


def _weigh_ages(looked: LookedAt, service: Mapping[Any, Any], ground: _Ground) -> None:
    low, high = service.get("minimum_age"), service.get("maximum_age")
    first, last = ground.gap.minimum_age, ground.gap.maximum_age
    if first is None or last is None:
        return
    bottom = -np.inf if low is None or pd.isna(low) else float(low)
    top = np.inf if high is None or pd.isna(high) else float(high)
    said = clean(say_admitted(service))
    if last < bottom or first > top:
        looked.barriers.append(f"ages {said} only")
    elif np.isinf(bottom) or np.isinf(top):
        looked.doubts.append("its ages are not known")
    elif first < bottom or last > top:
        looked.limits.append(f"ages {said} only")


def _weigh_group(
    looked: LookedAt,
    service: Mapping[Any, Any],
    supply: Supply,
    rows: npt.NDArray[np.int64],
    ground: _Ground,
) -> None:
    if not len(rows):
        return
    for reason, values in zip(GROUP_REASONS, supply.groups[:, rows[0], :], strict=True):
        said = words.GROUP_REASONS[reason]
        if reason == "access":
            refused = (c for c, v in zip(ground.communities, values, strict=True) if v == NO)
            said = _say_no_access(service, refused) or said
        shut = [c.name for c, v in zip(ground.communities, values, strict=True) if v == NO]
        rest = [c.name for c, v in zip(ground.communities, values, strict=True) if v != NO]
        if shut and not rest:
            looked.barriers.append(said)
        elif shut and len(rest) < len(shut):
            only = f"only for {_shorten(rest)}"
            looked.limits.append(
                only if reason == "closed" else f"{said}, but for {_shorten(rest)}"
            )
        elif shut:
            looked.limits.append(f"{said}: {_shorten(shut)}")
        elif (values == UNKNOWN).any():
            looked.doubts.append(f"{_ASKED_OF_GROUP[reason]} is not known")


def _say_no_access(service: Mapping[Any, Any], communities: Iterable[Community]) -> str:
    """Name what the communities need and the record does not list."""
    have = set(clean_list(service.get("access")))
    lacking = [feature for c in communities for feature in c.access_features if feature not in have]
    names = [words.ACCESS.get(f, f.replace("_", " ")) for f in dict.fromkeys(lacking)]
    return f"no {join_words(names, 'and no')} recorded" if names else ""


def _shorten(names: Sequence[str]) -> str:
    more = f" and {len(names) - _MOST_NAMES} more" if len(names) > _MOST_NAMES else ""
    return ", ".join(names[:_MOST_NAMES]) + more


def _weigh_places(looked: LookedAt, service: Mapping[Any, Any], ground: _Ground) -> None:
    if ground.element.standard.kappa is None:
        return
    capacity = service.get("capacity")
    if capacity is None or pd.isna(capacity):
        looked.doubts.append("how many places it has is not known")
    elif ground.gap.causes.get("full"):
        shared = "" if np.isinf(float(capacity)) else ", shared with all who can reach it"
        looked.limits.append(f"{say_capacity(service)} places a session{shared}")


def _weigh_quality(
    looked: LookedAt, supply: Supply, rows: npt.NDArray[np.int64], ground: _Ground
) -> None:
    if not ground.element.standard.quality or not len(rows):
        return
    quality = supply.quality[rows[0]]
    if quality == NO:
        looked.barriers.append("below the quality standard")
    elif quality == UNKNOWN:
        looked.doubts.append("its quality is not assessed")


def _weigh_record(
    looked: LookedAt, service: Mapping[Any, Any], supply: Supply, rows: npt.NDArray[np.int64]
) -> None:
    if len(rows) and supply.record[rows[0]] != YES:
        checked = say_date(service.get("assured_date"))
        looked.doubts.append(
            f"its record is stale (checked {checked})"
            if checked
            else "its record was never checked"
        )

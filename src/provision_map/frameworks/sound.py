"""What of a standard cannot be tested, whatever the services."""

from __future__ import annotations

from math import ceil

from provision_map.model import Standard
from provision_map.tables import HOLIDAYS, WEEKDAYS

#: What can be required by name, by unit; ``types`` are those that the standard gives a distance.
_NAMED = {"holidays": HOLIDAYS, "days": WEEKDAYS, "hours": (), "any": ()}
_UNITS = {
    "hours": "hours in its windows",
    "days": "days in its windows",
    "holidays": "school holidays",
    "types": "types with a distance of their own",
    "any": "thing to have: it is there or not",
}


def list_faults(standard: Standard) -> list[str]:
    """Say in sentences what of a standard cannot be tested, or can be met by no service.

    >>> list_faults(Standard("holidays", 7, 2000, ""))
    ['need is 7 and no service can meet it: there are 6 school holidays.']
    """
    return [*_faults_of_numbers(standard), *_faults_of_need(standard), *_faults_of_names(standard)]


def _faults_of_numbers(standard: Standard) -> list[str]:
    found = []
    if not standard.need > 0:
        found.append("need is not above 0.")
    each_has = standard.unit == "types" and bool(standard.type_metres)
    if not standard.metres > 0 and not each_has:
        found.append("metres is not above 0: what is in reach must be at some distance.")
    found += [
        f"type_metres of {name} is not above 0."
        for name, metres in standard.type_metres.items()
        if not metres > 0
    ]
    if not standard.catchment_metres > 0:
        found.append("catchment_metres is not above 0.")
    if standard.kappa is not None and not standard.kappa > 0:
        found.append("kappa is not above 0; leave it out for no capacity test.")
    if standard.kappa is not None and standard.kappa > 1:
        found.append(f"kappa is {standard.kappa:g}: it is a share of the children, at most 1.")
    if standard.unit == "types" and standard.kappa is not None:
        found.append("places on a space cannot be counted: types take no kappa.")
    found += [f"minutes by {m} are not above 0." for m, n in standard.minutes.items() if not n > 0]
    return found


def _faults_of_need(standard: Standard) -> list[str]:
    most = _most(standard)
    found = []
    if standard.need > most:
        said = f"need is {standard.need:g} and no service can meet it: there are {most:g}"
        found.append(f"{said} {_UNITS[standard.unit]}.")
    found += [
        f"level {name} is {need:g}, and not above 0 and up to {most:g}."
        for name, need in standard.levels.items()
        if not 0 < need <= most
    ]
    return found


def _faults_of_names(standard: Standard) -> list[str]:
    names = _NAMED.get(standard.unit, tuple(standard.type_metres))
    unknown = [name for name in standard.required if name not in names]
    if not unknown:
        return []
    known = ", ".join(names) or "nothing, in this unit"
    return [f"required {', '.join(unknown)} is not known; known here: {known}."]


def _most(standard: Standard) -> float:
    """Return the most that could ever be in reach, in the unit of the need."""
    if standard.unit == "hours":
        open_ = sum(int(end * 2) - ceil(start * 2) for _, start, end in standard.windows) / 2
        return open_ if standard.windows else 7.0 * 24.0
    if standard.unit == "days":
        return float(len({day for day, _, _ in standard.windows})) if standard.windows else 7.0
    if standard.unit == "holidays":
        return float(len(HOLIDAYS))
    return float(len(standard.type_metres)) if standard.unit == "types" else 1.0

"""Schedules of HSDS as sessions of ours, and back.

A schedule that falls on every week is a session on each of its weekdays, all year; any other is an
iCalendar rule. Term, holidays and the rule itself, for which HSDS-UK has no field, are attributes
of the schedule, as HSDS 3.0 allows.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from typing import Any

from provision_map.open_referral.account import Account
from provision_map.open_referral.words import SESSION_COLUMNS, make_id, read_own, write_term
from provision_map.recurrence import Rule, parse_rule
from provision_map.schema import quote
from provision_map.tables import WEEKDAYS

#: The cells of a session without the service: the columns of the table of sessions after it.
CELLS = ("weekday", "start", "end", "period", "holidays", "schedule", "valid_from", "valid_to")

_CODES = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_DAYS = dict(zip(_CODES, WEEKDAYS, strict=True))
_EVERY_WEEK = "all year"
#: A time of day: 9:00, 09:00:00, 09:00Z, 0900; also after a day, 2020-01-06T09:00:00.
_CLOCK = re.compile(
    r"(\d{4}-\d{2}-\d{2}[T ])?(?:(\d{1,2}:\d{2})(:\d{2}(?:\.\d+)?)?|([01]\d[0-5]\d|2[0-3][0-5]\d))(Z|[+-]\d{2}:?\d{2})?",
    re.ASCII,
)
_SEPARATORS = re.compile(r"[,;\s]+")
#: Weekdays in words, as people shorten them.
_WORDS_FOR_DAYS = {
    day.upper()[:length]: code for code, day in _DAYS.items() for length in (3, 4, 5, len(day))
}
_MIDNIGHT = "24:00"
_MOMENT = re.compile(r"(\d{4}-\d{2}-\d{2})[T ]\d.*")
#: Parts of a rule, by field of HSDS.
_PARTS = {
    "interval": "INTERVAL", "count": "COUNT", "until": "UNTIL", "byday": "BYDAY",
    "bymonthday": "BYMONTHDAY", "byweekno": "BYWEEKNO", "byyearday": "BYYEARDAY", "wkst": "WKST",
}  # fmt: skip
_KEPT = frozenset({
    "id", "service_id", "location_id", "service_at_location_id", "freq", "dtstart", "valid_from",
    "valid_to", "opens_at", "closes_at", "attributes", *_PARTS,
})  # fmt: skip

#: Frequencies that HSDS-UK has.
_FREQUENCIES = ("WEEKLY", "MONTHLY")


def read_schedule(
    schedule: Mapping[str, Any], account: Account, path: str
) -> list[tuple[str, ...]]:
    """Return the sessions that a schedule says, as text cells in the order of :data:`CELLS`.

    None where it says no day, or no rule that is known here: its hours are then unknown, which is
    remarked.
    """
    own = read_own(schedule, SESSION_COLUMNS)
    first = _read_day(account.text(schedule, "valid_from", path))
    last = _read_day(account.text(schedule, "valid_to", path))
    start = _read_clock(account.text(schedule, "opens_at", path), account, f"{path}.opens_at")
    end = _read_clock(account.text(schedule, "closes_at", path), account, f"{path}.closes_at")
    days = _read_days(schedule, account, path)
    if own:
        named = [_DAYS[day] for day in days if day in _DAYS] or [""]
        if "schedule" in own:
            named = [";".join(own.get("weekday", [""]))]
        rest = tuple(";".join(own.get(name, ())) for name in SESSION_COLUMNS[1:])
        return [(day, start, end, *rest, first, last) for day in named]
    account.count_unkept(schedule, _KEPT, "schedules")
    if end == "00:00" and start:
        # Whoever closes at midnight has opened before it.
        end = _MIDNIGHT
    freq = account.text(schedule, "freq", path).upper()
    dtstart = _read_day(account.text(schedule, "dtstart", path))
    parts = _read_parts(schedule, days, account, path)
    if freq in ("", "WEEKLY") and parts.get("INTERVAL", "1") == "1" and parts.keys() <= _WEEKLY:
        days = days or ([_weekday_of(dtstart)] if freq else [])
        if days and all(day in _DAYS for day in days):
            return [(_DAYS[day], start, end, _EVERY_WEEK, "", "", first, last) for day in days]
    rule, why = _find_rule(freq, parts, first=first, dtstart=dtstart)
    if rule is None:
        account.remark(path, f"{why}: its hours are unknown.")
        return []
    begin = dtstart or first if rule.needs_its_first_day else first
    return [("", start, end, "", "", str(rule), begin, last)]


def _find_rule(
    freq: str, parts: dict[str, str], *, first: str, dtstart: str
) -> tuple[Rule | None, str]:
    """Return the iCalendar rule of a schedule, or why there is none that can be used."""
    freq = freq or ("MONTHLY" if "BYMONTHDAY" in parts else "WEEKLY" if "BYDAY" in parts else "")
    if not freq:
        return None, "The schedule says no day"
    said = [
        f"{name}={value}" for name, value in parts.items() if (name, value) != ("INTERVAL", "1")
    ]
    text = ";".join([f"FREQ={freq}", *said])
    try:
        rule = parse_rule(text)
    except ValueError as error:
        return None, f"{quote(text)} is no schedule that is known here ({str(error).rstrip('.')})"
    if rule.needs_its_first_day and not (first or dtstart):
        return None, "The schedule does not say from which day it counts"
    return rule, ""


#: Parts that leave a weekly schedule one on every week.
_WEEKLY = frozenset({"INTERVAL", "BYDAY", "WKST"})


def _read_days(schedule: Mapping[str, Any], account: Account, path: str) -> list[str]:
    """Return the weekdays of a schedule as codes, each once; what is no code as it stands."""
    value = schedule.get("byday")
    where = f"{path}.byday"
    if type(value) is list and all(type(item) is str for item in value):
        if value:
            account.form(where, "Weekdays stand in a list, not in text as MO,TU: they were read.")
        schedule = {"byday": ",".join(value)}
    said = [day for day in _SEPARATORS.split(account.text(schedule, "byday", path).upper()) if day]
    words = [day for day in said if day not in _DAYS and day in _WORDS_FOR_DAYS]
    if words:
        account.form(where, "Weekdays are written as words, not as MO,TU: they were read.")
    return list(dict.fromkeys(_WORDS_FOR_DAYS.get(day, day) for day in said))


def _read_parts(
    schedule: Mapping[str, Any], days: list[str], account: Account, path: str
) -> dict[str, str]:
    """Return the parts of an iCalendar rule that a schedule says, as text; ``days`` its weekdays."""
    parts = {}
    for key, name in _PARTS.items():
        if key == "byday":
            if days:
                parts[name] = ",".join(days)
            continue
        value = schedule.get(key)
        if type(value) is list and all(type(item) in (int, str) for item in value):
            if value:
                what = "A list stands where numbers with commas should: they were read."
                account.form(f"{path}.{key}", what)
            value = ",".join(map(str, value))
            schedule = {**schedule, key: value}
        if value is None or value == "":
            continue
        if isinstance(value, int | float) and not isinstance(value, bool):
            number = account.number(schedule, key, path)
            if number is not None:
                parts[name] = f"{number:g}"
        elif text := account.text(schedule, key, path).upper():
            parts[name] = _read_day(text).replace("-", "") if name == "UNTIL" else text
    return parts


def _read_clock(text: str, account: Account, path: str) -> str:
    """Return a time of day as our cells say it; what is none is left as it stands."""
    found = _CLOCK.fullmatch(text)
    if found is None:
        return text
    day, clock, seconds, digits, zone = found.groups()
    if day:
        account.form(path, "A day stands before a time of day: the time was read.")
    if digits:
        account.form(path, "A time of day has no colon: 0900 was read as 09:00.")
        clock = f"{digits[:2]}:{digits[2:]}"
    if zone:
        account.form(path, "The time zone was passed over: times are read as local time.")
    if seconds and seconds.startswith(":59") and clock == "23:59":
        return _MIDNIGHT
    # Opening hours are said to the minute; other seconds are told when the cell is read.
    return clock if not seconds or seconds.startswith(":00") else clock + seconds


def _read_day(text: str) -> str:
    """Return a day; of a moment its day."""
    found = _MOMENT.fullmatch(text)
    return found[1] if found else text


def _weekday_of(day: str) -> str:
    try:
        return _CODES[dt.date.fromisoformat(day).weekday()]
    except ValueError:
        return ""


# ---------------------------------------------------------------- out


def make_schedule(session: Mapping[str, Any], *, service_id: str, n: int) -> dict[str, Any]:
    """Return a session as a schedule.

    Args:
        session: typed cells by column, as validated.
        service_id: identifier of the service in HSDS.
        n: how many sessions of the service stand before it on the same weekday and schedule.

    """
    rule, weekday = str(session["schedule"]), str(session["weekday"])
    identity = make_id("schedule", service_id, weekday, rule, str(n))
    made: dict[str, Any] = {"id": identity, "service_id": service_id}
    for name in ("valid_from", "valid_to"):
        if isinstance(session[name], dt.date):
            made[name] = session[name].isoformat()
    if rule:
        if "valid_from" in made:
            made["dtstart"] = made["valid_from"]
        made |= _say_rule(rule)
    elif weekday:
        made |= {"freq": "WEEKLY", "interval": 1, "byday": _CODES[WEEKDAYS.index(weekday)]}
    for name, ours in (("opens_at", "start"), ("closes_at", "end")):
        if isinstance(session[ours], dt.time):
            made[name] = write_clock(session[ours])
    made["description"] = _describe(session, made)
    values = {
        "weekday": (weekday,) if rule else (),
        "period": (str(session["period"]),),
        "holidays": tuple(session["holidays"]),
        "schedule": (rule,),
    }
    made["attributes"] = [
        write_term(column, value, of=identity, n=k)
        for column, said in values.items()
        for k, value in enumerate(said)
        if value
    ]
    return made


def write_clock(time: dt.time) -> str:
    """Return a time of day; the end of the day is 24:00.

    >>> write_clock(dt.time(9, 5)), write_clock(dt.time.max)
    ('09:05', '24:00')
    """
    return _MIDNIGHT if time == dt.time.max else f"{time:%H:%M}"


def _say_rule(text: str) -> dict[str, Any]:
    """Return the fields of HSDS-UK that say a rule; none where it has no words for all of it."""
    try:
        written = str(parse_rule(text))
    except ValueError:
        return {}
    parts = dict(part.split("=", 1) for part in written.split(";"))
    fields = {name: key for key, name in _PARTS.items()}
    if parts.get("FREQ") not in _FREQUENCIES or not parts.keys() <= {"FREQ", *fields}:
        return {}
    said: dict[str, Any] = {"freq": parts.pop("FREQ")}
    for name, value in parts.items():
        said[fields[name]] = int(value) if name in ("INTERVAL", "COUNT") else value
    if "until" in said:
        said["until"] = dt.date.fromisoformat(said["until"]).isoformat()
    return said


def _describe(session: Mapping[str, Any], made: Mapping[str, Any]) -> str:
    """Say when it is, for people who read the feed."""
    hours = "-".join(filter(None, (made.get("opens_at"), made.get("closes_at"))))
    when = ", ".join(filter(None, (str(session["period"]), ", ".join(session["holidays"]))))
    words = (session["weekday"], hours, when, session["schedule"])
    return "; ".join(str(word) for word in words if word) or "not known"

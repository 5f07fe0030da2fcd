"""What was asked, held against what came back.

``returns.csv`` says who was asked for what; a returned workbook says what it speaks for and whether
that is all. Both are brought together, and where they differ the more careful of the two holds, but
where the workbook is of a later day: then it alone.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import pandas as pd

from provision_map.errors import Problem
from provision_map.read.findings import count_of, list_some
from provision_map.read.settings import SETTINGS_FILE
from provision_map.schema import each_row

#: How much came, from all to nothing.
_ORDER = ("yes", "partly", "no")


def _rank(received: str) -> int:
    """Return how little came; a word that is not known has been told, and is no answer."""
    return _ORDER.index(received) if received in _ORDER else len(_ORDER)


@dataclass(frozen=True)
class Area:
    """What ``all`` and the codes of neighbourhoods stand for."""

    elements: tuple[str, ...]
    places: tuple[str, ...]
    members: Mapping[str, frozenset[str]]

    @classmethod
    def of(cls, elements: Iterable[str], places: pd.DataFrame) -> Area:
        """Read it from the codes of the elements and ``tables.PLACES``."""
        members: dict[str, set[str]] = {}
        for place, hood in zip(places["place_id"], places["neighbourhood_id"], strict=True):
            members.setdefault(str(place), set()).add(str(place))
            if hood:
                members.setdefault(str(hood), set()).add(str(place))
        spelt = {code: frozenset(held) for code, held in members.items()}
        return cls(tuple(elements), tuple(str(p) for p in places["place_id"]), spelt)

    def spell_elements(self, codes: Collection[str]) -> frozenset[str]:
        """Spell out ``all``."""
        return frozenset(self.elements) if "all" in codes else frozenset(codes)

    def spell_places(self, codes: Collection[str]) -> frozenset[str]:
        """Spell out ``all`` and neighbourhoods."""
        if "all" in codes:
            return frozenset(self.places)
        return frozenset(p for code in codes for p in self.members.get(code, frozenset({code})))


def combine_returns(
    returns: pd.DataFrame, area: Area, *, asked_in: str | None, incomplete: Collection[str] = ()
) -> pd.DataFrame:
    """Bring what was asked and what came back together.

    Args:
        returns: ``tables.RETURNS`` of all files, with ``_file``.
        area: what ``all`` and neighbourhoods stand for.
        asked_in: the file that says who was asked; None: nobody was asked.
        incomplete: organisations of which rows were left out: they have answered partly.

    Returns:
        The same columns. A row asked for keeps what it speaks for; of elements that a workbook
        speaks for it takes what the workbook says, and of the others what it said, in a row of
        their own. An organisation that was never asked makes no absence certain; where it says
        that it told only a part, or a row of it was left out, that is kept.

    """
    is_asked = (returns["_file"] == asked_in).to_numpy()
    asked, came = returns[is_asked], returns[~is_asked]
    answers: dict[str, list[Any]] = {}
    for row in each_row(came):
        answers.setdefault(row.organisation_id, []).append(row)
    out: list[dict[str, Any]] = []
    for said in asked.to_dict("records"):
        record = {str(name): value for name, value in said.items()}
        out.extend(_answer(record, answers.get(record["organisation_id"], []), area))
    for record in out:
        if record["organisation_id"] in incomplete and record["received"] == "yes":
            record["received"] = "partly"
    known = set(asked["organisation_id"])
    spoken = _spell_spoken(out, area)
    for given in came.to_dict("records"):
        record = {str(name): value for name, value in given.items()}
        if record["organisation_id"] not in known and record["received"] != "yes":
            out.extend(_within(record, spoken, area))
    for code in sorted(set(incomplete) - {record["organisation_id"] for record in out}):
        out.extend(_within(_unasked(returns, code), spoken, area))
    if not out:
        return returns.iloc[0:0]
    frame = pd.DataFrame(out, columns=list(returns.columns))
    return frame.astype(returns.dtypes.to_dict())


def _spell_spoken(records: Iterable[Mapping[str, Any]], area: Area) -> dict[str, frozenset[str]]:
    """Return, by element, the places that somebody was asked for."""
    spoken: dict[str, frozenset[str]] = {}
    for record in records:
        for element in area.spell_elements(record["elements"]):
            places = area.spell_places(record["places"])
            spoken[element] = spoken.get(element, frozenset()) | places
    return spoken


def _within(
    record: Mapping[str, Any], spoken: Mapping[str, frozenset[str]], area: Area
) -> Iterator[dict[str, Any]]:
    """Yield the part of a return that others were asked for too.

    Elsewhere nobody was asked, which is worse than an answer in part.
    """
    groups: dict[frozenset[str], list[str]] = {}
    places = area.spell_places(record["places"])
    elements = area.spell_elements(record["elements"])
    for element in (code for code in area.elements if code in elements):
        if here := places & spoken.get(element, frozenset()):
            groups.setdefault(here, []).append(element)
    for here, codes in groups.items():
        listed = tuple(code for code in area.places if code in here)
        yield {**record, "elements": tuple(codes), "places": listed, "received": "partly"}


def _answer(record: Mapping[Any, Any], answers: Sequence[Any], area: Area) -> list[dict[str, Any]]:
    """Return what became of one row asked for, in one row or in several."""
    asked = {str(name): value for name, value in record.items()}
    if not answers:
        return [asked]
    elements = area.spell_elements(asked["elements"])
    places = area.spell_places(asked["places"])
    groups: dict[tuple[str, dt.date | None], list[str]] = {}
    for element in (code for code in area.elements if code in elements):
        speak = [row for row in answers if element in area.spell_elements(row.elements)]
        covered = frozenset(p for row in speak for p in area.spell_places(row.places))
        said, day = asked["received"], asked["received_on"]
        if speak:
            # The workbook is what came; that it did is no news where the table says so already.
            came = max((row.received for row in speak), key=_rank)
            if not places <= covered:
                came = max(came, "partly", key=_rank)
            days = [row.received_on for row in speak if row.received_on is not None]
            newer = (
                bool(days) and asked["received_on"] is not None and min(days) > asked["received_on"]
            )
            # Of an answer of last year the table cannot know what came this year.
            said = came if said == "no" or newer else max(came, said, key=_rank)
            day = min(days, default=day)
        groups.setdefault((said, day), []).append(element)
    if not groups:
        return [asked]
    if len(groups) == 1:
        ((said, day),) = groups
        return [asked | {"received": said, "received_on": day}]
    return [
        asked | {"received": said, "received_on": day, "elements": tuple(codes)}
        for (said, day), codes in groups.items()
    ]


def _unasked(returns: pd.DataFrame, organisation: str) -> dict[str, Any]:
    """Return the row of an organisation that was not asked, and told only a part."""
    row: dict[str, Any] = dict.fromkeys(returns.columns)
    return row | {
        "organisation_id": organisation, "elements": ("all",), "places": ("all",),
        "received": "partly", "_file": "", "_row": 0,
    }  # fmt: skip


#: Months after which a return is ageing, and too old to say what is not there.
_AGEING, _OLD = 12, 24
_DAYS_A_MONTH = 365.25 / 12


def find_untrue(
    given: pd.DataFrame,
    combined: pd.DataFrame,
    services: pd.DataFrame,
    organisations: pd.DataFrame,
    *,
    asked_in: str | None,
    date: dt.date,
) -> list[Problem]:
    """Say where the table of returns is not true, or will not be for long.

    Args:
        given: ``tables.RETURNS`` as the files give it.
        combined: the same by :func:`combine_returns`, without what was left out: that is told by row,
            and what is mended must not stay partly for ever.
        services: with organisation_id and elements.
        organisations: with their names.
        asked_in: the file that says who was asked.
        date: the day of the exercise.

    """
    file = asked_in or SETTINGS_FILE
    names = dict(zip(organisations["organisation_id"], organisations["name"], strict=True))
    found: list[Problem] = []
    asked = given[(given["_file"] == asked_in).to_numpy()]
    for row in each_row(asked.assign(at=asked["_row"])):
        now = combined[((combined["_file"] == asked_in) & (combined["_row"] == row.at)).to_numpy()]
        say = partial(Problem, file, int(row.at))
        name = names.get(row.organisation_id, row.organisation_id)
        found += [
            say(column, what, mend)
            for column, what, mend in _judge(row, now, services, name, date=date)
        ]
    told = set(asked["organisation_id"])
    gave = [code for code in services["organisation_id"].drop_duplicates() if code]
    came = [str(code) for code in given["organisation_id"] if code not in told]
    unasked = [code for code in dict.fromkeys([*came, *gave]) if code not in told]
    if unasked:
        which = "1 organisation has" if len(unasked) == 1 else f"{len(unasked)} organisations have"
        what = f"{which} services or a return here and {'is' if len(unasked) == 1 else 'are'} not among those asked: {list_some(unasked)}."
        mend = "Add who was asked for what; what nobody asked for is unknown where it is absent."
        found.append(Problem(file, None, "organisation_id", what, mend))
    return found


def _judge(
    row: Any,  # noqa: ANN401 - a row of tables.RETURNS
    now: pd.DataFrame,
    services: pd.DataFrame,
    name: str,
    *,
    date: dt.date,
) -> Iterator[tuple[str, str, str]]:
    """Yield column, what and mend for one row asked for."""
    said, states = row.received, list(dict.fromkeys(now["received"]))
    differs = [state for state in states if state != said]
    if differs:
        what = f"It says {said!r} of {name}; by what came it is {' and '.join(map(repr, states))}."
        yield "received", what, "check/returns.csv has it corrected."
    if said == "yes" and not differs and not _gives(services, row.organisation_id, row.elements):
        what = f"{name} has answered for {', '.join(row.elements)} and gives no service of it."
        yield "received", what, "Is that its answer? Then leave it; else ask again."
    if states == ["no"]:
        if row.due is not None and row.due < date:
            days = count_of((date - row.due).days, "day")
            yield (
                "due",
                f"{name} is overdue by {days}.",
                "Ask again; until then absence is unknown.",
            )
        return
    days_in = [day for day in now["received_on"] if day is not None]
    if not days_in:
        yield "received_on", f"{name} has answered, nobody says when.", "Give the day."
        return
    months = (date - min(days_in)).days / _DAYS_A_MONTH
    for limit, mend in (
        (_OLD, "Ask again: its gaps are graded as data gaps."),
        (_AGEING, "Ask again soon: its gaps are graded as probable at best."),
    ):
        if months > limit:
            yield "received_on", f"The return of {name} is over {limit} months old.", mend
            return


def _gives(services: pd.DataFrame, organisation: str, elements: Collection[str]) -> bool:
    own = services.loc[services["organisation_id"] == organisation, "elements"]
    return any("all" in elements or set(codes) & set(elements) for codes in own)


def correct_returns(raw: pd.DataFrame, combined: pd.DataFrame, *, asked_in: str) -> pd.DataFrame:
    """Return the table of returns as it should read, every other cell as it was.

    Args:
        raw: the file as text cells, with ``_row``.
        combined: by :func:`combine_returns`.
        asked_in: the name of the file.

    """
    now: dict[int, list[Any]] = {}
    ours = combined[(combined["_file"] == asked_in).to_numpy()]
    for row in each_row(ours.assign(at=ours["_row"])):
        now.setdefault(int(row.at), []).append(row)
    columns = [str(name) for name in raw.columns if name != "_row"]
    columns += [name for name in ("received", "received_on") if name not in columns]
    out: list[dict[str, str]] = []
    for cells in raw.to_dict("records"):
        text = {name: str(cells.get(name, "")) for name in columns}
        states = now.get(int(cells["_row"]), [])
        for row in states or [None]:
            corrected = dict(text)
            if row is not None and row.received != text["received"].strip():
                corrected["received"] = row.received
                day = row.received_on
                corrected["received_on"] = text["received_on"] if day is None else day.isoformat()
            if len(states) > 1 and row is not None:
                corrected["elements"] = "; ".join(row.elements)
            out.append(corrected)
    return pd.DataFrame(out, columns=columns, dtype=object)

"""What cannot be told becomes a question, to those who can answer it and to nobody else."""

from __future__ import annotations

import datetime as dt

import pandas as pd
import pytest

from provision_map.coverage.schedule import NEVER, expand_schedules
from provision_map.coverage.supply import quality_of, record_of
from provision_map.errors import collect_warnings
from provision_map.gaps import list_questions
from provision_map.tables import ORGANISATIONS, QUALITY, SERVICES, SESSIONS, TERM_DATES
from towns import DATE, Town, frame


def expand(town: Town) -> pd.DataFrame:
    """Hold the town's sessions against the day; what is said of it aloud is no matter here."""
    with collect_warnings():
        return expand_schedules(frame(SESSIONS, town.sessions), TERM_DATES.empty(), date=DATE)


def ask(town: Town, *, months: int = 12) -> dict[str, tuple[str, ...]]:
    """Return whom to ask, by reason, as a run would: schedules are held against the day first."""
    sessions = expand(town)
    services = frame(SERVICES, town.services)
    organisations = frame(ORGANISATIONS, [{"organisation_id": "o", "name": "The Organisation"}])
    questions = list_questions(
        town.coverage(), services, sessions, town.returns, organisations,
        places=town.places, framework=town.framework,
        quality=quality_of(frame(QUALITY, town.quality), date=DATE, months=24),
        record=record_of(services, date=DATE, months=months),
    )  # fmt: skip
    return dict(zip(questions["reason"], questions["ask"], strict=True))


@pytest.fixture
def town() -> Town:
    """Return a town whose children depend on a club that does not say when it is open."""
    town = Town().club("silent")
    assert town.coverage()["unknown_hours"].max() == 1.0
    return town


def test_a_club_without_hours_is_asked_for_them(town):
    assert ask(town)["hours"] == ("silent",)


def test_a_club_that_is_known_to_open_on_no_day_is_not_asked_when_it_opens(town):
    """Its validity has ended: that is an answer, whatever else of it is blank."""
    town.club("gone", ("Friday", 18.0, 20.0), metres=9_000.0)
    town.sessions[-1] |= {"valid_to": dt.date(2019, 7, 1), "start": None, "end": None}
    sessions = expand(town)
    assert sessions.loc[sessions["service_id"] == "gone", "period"].tolist() == [NEVER]
    assert ask(town)["hours"] == ("silent",)


def test_a_session_of_which_anything_is_blank_is_asked_about(town):
    for name, what in (("a", "start"), ("b", "end"), ("c", "weekday")):
        town.club(name, ("Friday", 18.0, 20.0), metres=9_000.0)
        town.sessions[-1][what] = "" if what == "weekday" else None
    town.club("whole", ("Friday", 18.0, 20.0), metres=9_000.0)
    assert set(ask(town)["hours"]) == {"silent", "a", "b", "c"}


def test_a_session_in_holidays_needs_no_hours_but_its_holidays(town):
    for name, holidays in (("named", ("Easter",)), ("open", ())):
        town.club(name)
        town.sessions.append({"service_id": name, "period": "holidays", "holidays": holidays})
    assert set(ask(town)["hours"]) == {"silent", "open"}


def test_a_space_whose_types_are_known_is_not_asked_for_hours(town):
    town.club("meadow", space_types=("LEAP",))
    assert ask(town)["hours"] == ("silent",)


def test_each_reason_is_put_to_those_of_whom_it_is_open():
    town = Town()
    when = ("Friday", 18.0, 20.0)
    town.club("fine", when, metres=9_000.0)
    town.club("ages", when, minimum_age=float("nan"))
    assert ask(town) == {"ages": ("ages",)}
    town = Town().club("groups", when, open_to=()).club("fine", when, metres=9_000.0)
    assert ask(town) == {"groups": ("groups",)}
    town = Town().club("quality", when, quality=None).club("fine", when, metres=9_000.0)
    assert ask(town) == {"quality": ("quality",)}


def test_who_has_not_answered_is_asked_by_name_and_nobody_where_nobody_was():
    town = Town(received={"P1": "no"}).club("far", ("Friday", 18.0, 20.0), metres=9_000.0)
    assert ask(town) == {"inventory": ("The Organisation",)}
    town = Town(asked=False).club("far", ("Friday", 18.0, 20.0), metres=9_000.0)
    assert ask(town) == {"inventory": ("nobody was asked",)}


def test_most_children_come_first():
    town = Town(children={"P1": {13: 10.0}, "P2": {13: 90.0}}, received={"P2": "no"})
    town.club("silent", metres={"P1": 500.0, "P2": 9_000.0})
    assert list(ask(town)) == ["inventory", "hours"]
    assert pd.Series(ask(town)).tolist() == [("The Organisation",), ("silent",)]

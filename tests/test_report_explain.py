"""A gap explained in words: what was tested, why, how sure, and the services looked at."""

from __future__ import annotations

import datetime as dt
import functools
import re
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from edition_sample import sample_edition
from provision_map.edition import Edition
from provision_map.errors import UsageError
from provision_map.reports import explain_gap

#: 1.3 × 1,000 m is 1,300 m walked: within the 1,600 m of Y02.
NEAR, FAR = 1_000.0, 2_000.0


@functools.cache
def sample() -> Edition:
    return sample_edition()


def say(edition: Edition, gap_id: str, **settings: float) -> str:
    """Explain, with the lines of each paragraph joined again."""
    return re.sub(r"\s+", " ", explain_gap(edition, gap_id, **settings))


def one_gap(**service: object) -> Edition:
    """Make an edition with one gap in Y02, ages 13 to 15 in one place, and one service near it.

    The service is good in every way: open on Friday evening, for all, known, fresh, inspected.
    """
    edition = sample()
    place = edition.places.iloc[0]
    entry = edition.entries[edition.entries["kind"] == "provision"].iloc[0].to_dict()
    entry |= {
        "gap_id": "Y02-P-abc", "offer_id": "youth_offer", "element_id": "Y02", "scope": "local",
        "community_id": "everyone", "minimum_age": 13.0, "maximum_age": 15.0,
        "places": (place["place_id"],), "neighbourhoods": ("Abbey (1 place, 60 children)",),
        "children": 60.0, "population": 100.0, "covered": 0.3, "unknown": 0.1, "uncovered": 0.6,
        **{key: 0.0 for key in entry if str(key).startswith(("cause_", "lever_"))},
        "cause_far": 20.0, "cause_time": 40.0, "lever_time": 40.0,
    }  # fmt: skip
    given = edition.services.iloc[0].to_dict() | {
        "service_id": "X1", "name": "Lamp Post Club", "elements": ("Y02",),
        "easting": place["easting"] + NEAR, "northing": place["northing"], "location_accuracy": np.nan,
        "minimum_age": 13.0, "maximum_age": 19.0, "capacity": 20.0, "open_to": ("everyone",),
        "not_open_to": (), "service_area": (), "assured_date": dt.date(2020, 9, 1),
        "weekday": "Friday", "start": dt.time(19), "end": dt.time(21), "period": "term",
        "result": "meets",
    } | service  # fmt: skip
    session = {
        "service_id": "X1", "weekday": given["weekday"], "start": given["start"],
        "end": given["end"], "period": given["period"], "holidays": (),
    }  # fmt: skip
    quality = {
        "service_id": "X1", "date": dt.date(2020, 1, 1), "evidence": "inspection",
        "scheme": "", "answers": np.nan, "result": given["result"],
    }  # fmt: skip
    columns = list(edition.services.columns)
    return replace(
        edition,
        entries=pd.DataFrame([entry], columns=edition.entries.columns),
        services=pd.DataFrame([{c: given[c] for c in columns}], columns=columns),
        sessions=pd.DataFrame([session]),
        quality=pd.DataFrame([quality] if given["result"] else [], columns=list(quality)),
    )


def test_says_the_standard_its_source_and_what_is_ours() -> None:
    text = say(one_gap(), "Y02-P-abc")
    assert "Y02 Youth clubs and constructive group activity, Youth Offer (13-19)" in text
    assert "2 hours a week within 1,600 m, 20 minutes on foot" in text
    assert "Monday to Friday 15:00 to 22:00" in text
    assert "Source: National standard N2" in text
    assert "Our own default: the distance, the hours that count and the share of children" in text


def test_says_causes_step_by_step_levers_and_how_sure() -> None:
    text = say(one_gap(), "Y02-P-abc")
    assert "For 20 of 100 children the nearest that would do is too far;" in text
    assert "for 40 what is near enough runs at the wrong times;" in text
    assert "for 10 it cannot be told;" in text
    assert "What is near opened at the right times: 40 children." in text
    assert "These do not add up" in text
    assert "For 10% of its children it cannot be told." in text
    assert "One return came only in part." in text


@pytest.mark.parametrize(
    ("service", "reason"),
    [
        ({}, "(1,300 m, 16 min): helps in part; 20 places a session"),
        ({"northing": 9e5}, "too far: the limit is 1,600 m"),
        ({"weekday": "Tuesday", "start": dt.time(10), "end": dt.time(12)}, "no session in the hours that count (Tuesday 10:00 to 12:00, term)"),
        ({"end": dt.time(20)}, "gives 1 of the 2 hours needed"),
        ({"period": "holidays"}, "no session that counts"),
        ({"start": None}, "its hours are not known"),
        ({"minimum_age": 8.0, "maximum_age": 12.0}, "ages 8 to 12 only"),
        ({"minimum_age": 14.0}, "helps in part; ages 14 to 19 only"),
        ({"minimum_age": np.nan}, "its ages are not known"),
        ({"open_to": ("looked_after",)}, "not open to them"),
        ({"open_to": ("indian",)}, "only for Indian"),
        ({"open_to": ()}, "whom it is open to is not known"),
        ({"capacity": np.nan}, "how many places it has is not known"),
        ({"result": "below"}, "below the quality standard"),
        ({"result": ""}, "may help; 1"),
        ({"assured_date": dt.date(2015, 1, 1)}, "its record is stale (checked 2015-01-01)"),
        ({"location_accuracy": 900.0}, "its position is known only within 900 m"),
        ({"service_area": ("all",), "easting": np.nan}, "(comes to them): helps"),
        ({"easting": np.nan}, "(no site here): does not come here"),
    ],
)  # fmt: skip
def test_says_why_a_service_does_or_does_not_help(service: dict[str, object], reason: str) -> None:
    edition = one_gap(**service)
    if "20 places" in reason:
        edition.entries["cause_full"] = 5.0
    text = say(edition, "Y02-P-abc")
    said = text.split("Services looked at (1)")[1]
    assert "Lamp Post Club" in said
    assert reason.replace("; 1", "; its quality is not assessed") in said


def test_a_service_that_fails_does_not_also_help() -> None:
    text = say(one_gap(result="below"), "Y02-P-abc")
    assert "helps" not in text.split("Services looked at")[1]


def test_settings_of_the_run_change_what_is_said() -> None:
    edition = one_gap()
    assert "too far" in say(edition, "Y02-P-abc", detour=2.0).split("Services looked at")[1]
    assert "26 minutes" not in say(edition, "Y02-P-abc")
    assert "1,600 m, 27 minutes on foot" in say(edition, "Y02-P-abc", metres_per_minute=60.0)
    assert "stale" in say(edition, "Y02-P-abc", record_months=1)
    assert "not assessed" in say(edition, "Y02-P-abc", quality_months=2)


def test_every_entry_fits_a_screen() -> None:
    edition = sample()
    for gap_id in edition.entries["gap_id"]:
        lines = explain_gap(edition, gap_id).splitlines()
        assert len(lines) <= 66
        assert max(map(len, lines)) <= 90


def test_many_services_are_counted_not_listed() -> None:
    edition = one_gap()
    many = pd.concat([edition.services] * 30, ignore_index=True)
    many["service_id"] = [f"X{n}" for n in range(1, 31)]
    text = explain_gap(replace(edition, services=many), "Y02-P-abc")
    assert "Services looked at (30)" in text
    assert "and 22 more that give Y02" in text


def test_the_closest_to_helping_stands_first() -> None:
    edition = one_gap()
    other = edition.services.assign(
        service_id="X2",
        name="Aerial Club",
        maximum_age=12.0,
        minimum_age=8.0,
        easting=edition.services["easting"] - NEAR,
    )
    text = explain_gap(replace(edition, services=pd.concat([other, edition.services])), "Y02-P-abc")
    assert text.index("Lamp Post Club") < text.index("Aerial Club")


def test_no_service_at_all_says_so() -> None:
    edition = one_gap()
    text = say(replace(edition, services=edition.services.iloc[:0]), "Y02-P-abc")
    assert "None gives this element, here or anywhere else." in text


def test_practice_gap_names_the_practice() -> None:
    edition = sample()
    gap_id = edition.entries.loc[edition.entries["kind"] == "practice", "gap_id"].iloc[0]
    text = say(edition, gap_id)
    assert "Good practice looked at" in text
    assert "has reached" in text


def test_gap_without_figures_says_so() -> None:
    edition = sample()
    gap_id = edition.entries.loc[edition.entries["kind"] == "community", "gap_id"].iloc[0]
    text = say(edition, gap_id)
    assert "Not counted: there are no figures for these children by place" in text
    assert "nan" not in text


@pytest.mark.parametrize(
    ("asked", "hint"),
    [
        ("Y02-P-abd", "Did you mean Y02-P-abc?"),
        ("y02", "Did you mean Y02-P-abc?"),
        ("zzz", "first column of gap-register.csv"),
    ],
)
def test_unknown_gap_names_what_comes_close(asked: str, hint: str) -> None:
    with pytest.raises(UsageError, match=re.escape(hint)):
        explain_gap(one_gap(), asked)


@pytest.mark.parametrize(
    ("hostile", "shown"),
    [
        ("\x1b[31mred\x1b[0m", "[31mred[0m"),
        ("[red]x[/red]", "[red]x[/red]"),
        ("a\r\nb\x07\u202ec", "a bc"),
        ("{{7*7}}", "{{7*7}}"),
    ],
)
def test_terminal_gets_text_only(hostile: str, shown: str) -> None:
    edition = sample_edition(hostile)
    text = explain_gap(edition, edition.entries["gap_id"].iloc[0])
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e]", text)
    assert shown in text


def test_unknown_id_is_cleaned_before_it_is_said() -> None:
    with pytest.raises(UsageError) as caught:
        explain_gap(sample(), "\x1b]0;title\x07")
    assert "\x1b" not in str(caught.value)

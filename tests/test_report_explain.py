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
    # A gap of provision does not judge quality: who has enough is reached, not covered.
    assert "for 30 there is enough within reach, whatever its quality." in text
    assert "good enough" not in text
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
        ({"service_area": ("all",)}, "(comes to them): helps"),
        ({"easting": "home"}, "(0 m, 0 min): helps"),
        ({"easting": "home", "service_area": ("N4",)}, "(0 m, 0 min): helps"),
        ({"easting": np.nan}, "(no site here): does not come here"),
    ],
)  # fmt: skip
def test_says_why_a_service_does_or_does_not_help(service: dict[str, object], reason: str) -> None:
    if service.get("easting") == "home":
        service = service | {"easting": sample().places["easting"].iloc[0]}
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
        assert max(map(len, lines)) <= 80


def test_many_services_are_counted_not_listed() -> None:
    edition = one_gap()
    many = pd.concat([edition.services] * 30, ignore_index=True)
    many["service_id"] = [f"X{n}" for n in range(1, 31)]
    week = edition.week.iloc[:0]
    text = explain_gap(replace(edition, services=many, week=week), "Y02-P-abc")
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


def with_entry(edition: Edition, **changes: object) -> Edition:
    """Change the one entry of an edition."""
    entry = edition.entries.iloc[0].to_dict() | changes
    return replace(edition, entries=pd.DataFrame([entry]))


def uncounted(community_id: str, **changes: object) -> Edition:
    """Make the entry one of a community, without counts but with what is known all the same."""
    edition = one_gap()
    blank = {key: np.nan for key in edition.entries if str(key).startswith(("cause_", "lever_"))}
    return with_entry(
        edition,
        **blank,
        **{
            "kind": "community", "family": "community", "community_id": community_id,
            "children": np.nan, "population": np.nan, "rank": np.nan, "main_cause": "group",
            "uncovered": 1.0, "unknown": 0.0, "covered": 0.0,
        } | changes,
    )  # fmt: skip


def test_community_without_figures_says_what_is_known() -> None:
    text = say(uncounted("disabled"), "Y02-P-abc")
    assert (
        "Not counted: there are no small-area figures of this community. The main cause is: not "
        "open to them; in these places and ages 100% of such children would not be covered." in text
    )
    assert "nan" not in text
    mixed = say(uncounted("disabled", main_cause="mixed causes", unknown=0.2), "Y02-P-abc")
    assert "Its causes are mixed; in these" in mixed
    assert "would not be covered, and for 20% it cannot be told." in mixed


def test_community_of_few_is_not_said_to_have_no_figures() -> None:
    text = say(uncounted("indian"), "Y02-P-abc")
    assert "Not counted: too few children of this community to show figures." in text
    assert "no small-area figures" not in text


def test_community_is_counted_beyond_everyone() -> None:
    edition = with_entry(one_gap(), kind="community", community_id="all_asian", covered=0.1)
    text = say(edition, "Y02-P-abc")
    assert "Asian (all groups), ages 13 to 15" in text
    assert "for 20 it is missing, as it is for everyone around them." in text
    assert "for 10 there is enough, near enough and good enough;" in text
    assert "Its children are those beyond the share that everyone" in text
    assert "beyond the share" not in say(one_gap(), "Y02-P-abc")


def test_all_but_some_is_named() -> None:
    edition = with_entry(
        one_gap(open_to=("indian", "pakistani")),
        kind="community",
        community_id="all_but:indian+pakistani",
    )
    text = say(edition, "Y02-P-abc")
    assert "All but Indian and Pakistani, ages 13 to 15" in text
    assert "min): not open to them" in text


@pytest.mark.parametrize(
    ("access", "said"),
    [
        (("step_free",), "16 min): no accessible toilet recorded"),
        (("quiet_space",), "16 min): no step-free access and no accessible toilet recorded"),
        (("step_free", "accessible_toilet"), "16 min): helps"),
        ((), "whether it is accessible is not known"),
    ],
)
def test_says_what_a_place_lacks_to_be_accessible(access: tuple[str, ...], said: str) -> None:
    edition = with_entry(one_gap(access=access), kind="community", community_id="disabled")
    assert said in say(edition, "Y02-P-abc")


# ---------------------------------------------------------------- not enough anywhere


def short_of(element_id: str, **changes: object) -> Edition:
    """Make the entry one that all services together do not make up."""
    edition = one_gap(elements=(element_id,), start=dt.time(20))
    blank = {key: 0.0 for key in edition.entries if str(key).startswith(("cause_", "lever_"))}
    return with_entry(
        edition,
        **blank
        | {"element_id": element_id, "main_cause": "none", "cause_none": 60.0, "population": 60.0}
        | {"covered": 0.0, "unknown": 0.0, "uncovered": 1.0}
        | changes,
    )


def test_short_everywhere_is_not_none_at_all() -> None:
    text = say(short_of("Y02"), "Y02-P-abc")
    assert (
        "For all 60 children all services of this kind together, wherever they are, do not make "
        "up the standard." in text
    )
    assert "All services of this kind together give 1 of the 2 hours a week needed." in text
    assert "More of it than there is anywhere: 1 more hour a week." in text
    assert "No single change" not in text


def test_short_by_a_holiday_names_it() -> None:
    edition = short_of("C06", missing_parts="Christmas; Summer")
    five = ("October half term", "February half term", "Easter", "May half term", "Summer")
    sessions = edition.sessions.assign(period="holidays", holidays=[five])
    text = say(replace(edition, sessions=sessions), "Y02-P-abc")
    assert "Missing: Christmas, Summer." in text
    assert "give 5 of the 6 school holidays needed; none of them gives Christmas." in text
    assert "More of it than there is anywhere: 1 more school holiday (Christmas)." in text
    assert "No single change" not in text


def test_short_for_some_leaves_the_others_their_say() -> None:
    edition = short_of("Y02", cause_none=40.0, cause_far=20.0, main_cause="mixed causes")
    text = say(edition, "Y02-P-abc")
    assert "1 more hour a week. For the others no single change would do." in text


def test_none_at_all_is_only_where_no_service_gives_it() -> None:
    edition = short_of("Y02")
    text = say(replace(edition, services=edition.services.iloc[:0]), "Y02-P-abc")
    assert "For all 60 children no service at all gives it, here or anywhere else." in text
    assert "A service that gives it: there is none." in text
    assert "together" not in text


def test_an_old_register_without_missing_parts_is_explained() -> None:
    edition = short_of("Y02")
    entries = edition.entries.drop(columns="missing_parts", errors="ignore")
    assert "Missing:" not in say(replace(edition, entries=entries), "Y02-P-abc")


def test_lever_far_is_not_just_nearer() -> None:
    text = say(with_entry(one_gap(), lever_far=20.0), "Y02-P-abc")
    assert (
        "Provision that suits them and exists elsewhere, brought within reach: 20 children." in text
    )


def test_small_counts_add_up() -> None:
    edition = with_entry(
        one_gap(), children=15.0, population=17.0, cause_time=6.5, cause_age=4.5, cause_far=4.0,
        covered=0.4 / 17, unknown=0.0, uncovered=15 / 17,
    )  # fmt: skip
    said = say(edition, "Y02-P-abc").split("Why ")[1].split("What would")[0]
    numbers = [int(n) for n in re.findall(r"[Ff]or (\d+)", said)]
    assert sum(numbers) == 17
    assert sum(numbers[:3]) == 15
    assert "for 2 something else stands in the way" in said


@pytest.mark.parametrize(
    ("low", "high", "said"),
    [
        (1.0, 1.0, "Rank 1 of the local gaps (the same in 90% of the settings tried)."),
        (1.0, 3.0, "Rank 1 of the local gaps (1 to 3 in 90% of the settings tried)."),
        (np.nan, np.nan, "Rank 1 of the local gaps."),
    ],
)
def test_band_of_one_rank_is_said_in_words(low: float, high: float, said: str) -> None:
    edition = with_entry(one_gap(), rank=1.0, rank_low=low, rank_high=high)
    assert said in say(edition, "Y02-P-abc")


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

"""What is in reach, as the reports say it: ways, the week, the parts, accessibility."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import openpyxl
import pandas as pd
import pytest

from edition_sample import sample_edition
from provision_map.edition import Edition, Travel
from provision_map.model import Standard
from provision_map.reports import (
    reach_sheets,
    write_accessibility_csv,
    write_geopackage,
    write_parts_csv,
    write_register_workbook,
    write_week_csv,
)
from provision_map.reports.averages import average_over_places
from provision_map.reports.pieces import say_cells, say_pieces, say_week
from provision_map.tables import ACCESSIBILITY, PARTS, TRAVEL_TIMES, WEEK, WEEKDAYS
from test_report_explain import one_gap, say

PLACE = "P01"
STREETS = Travel("streets", detour=1.42)


def services_said(edition: Edition, **settings: float) -> str:
    return say(edition, "Y02-P-abc", **settings).split("Services looked at")[1]


def times_to(
    *rows: tuple[str, float, float],
    home: str = PLACE,
    service: str = "X1",
    searched_to: float = 90.0,
    accuracy: float = 0.0,
) -> pd.DataFrame:
    """Make ways from a home: mode, minutes, metres."""
    return pd.DataFrame(
        [(home, service, *row, accuracy, searched_to) for row in rows],
        columns=TRAVEL_TIMES.names(),
    )


def travelled(
    edition: Edition,
    *times: pd.DataFrame,
    travel: Travel = STREETS,
    homes: dict[str, float] | None = None,
) -> Edition:
    """Give an edition ways from the homes of its first place, by default one."""
    shares = homes or {PLACE: 1.0}
    lived = pd.DataFrame(
        {
            "home_id": list(shares), "place_id": PLACE, "easting": 0.0, "northing": 0.0,
            "share": list(shares.values()),
        }
    )  # fmt: skip
    return replace(edition, times=pd.concat(times, ignore_index=True), homes=lived, travel=travel)


def change_standard(edition: Edition, element_id: str, **changes: Any) -> Edition:
    """Change the standard of one element."""

    def change(standard: Standard) -> Standard:
        return replace(standard, **changes)

    offers = tuple(
        replace(
            offer,
            elements=tuple(
                replace(e, standard=change(e.standard)) if e.id == element_id else e
                for e in offer.elements
            ),
        )
        for offer in edition.framework.offers
    )
    return replace(edition, framework=replace(edition.framework, offers=offers))


# ---------------------------------------------------------------- ways


def test_ways_replace_straight_lines() -> None:
    """The straight line × 1.3 is 1,300 m; along streets it is 1,500 m in 20 minutes."""
    edition = travelled(one_gap(), times_to(("walk", 18.75, 1_500.0)))
    said = services_said(edition)
    assert "How far: along streets, from where the people of this gap live." in said
    assert "Lamp Post Club (1,500 m, 19 min): helps" in said
    assert "straight line" not in said
    far = travelled(one_gap(), times_to(("walk", 25.0, 2_000.0)))
    assert "Lamp Post Club (2,000 m, 25 min): too far: the limit is 1,600 m" in services_said(far)


def test_without_ways_the_straight_line_is_named() -> None:
    said = services_said(one_gap(), detour=1.25)
    assert "How far: straight line × 1.25, from where the people of this gap live." in said
    assert "1,250 m, 16 min" in said


@pytest.mark.parametrize(
    ("minutes", "metres", "said"),
    [
        # 1,628 m are 20.35 minutes, and the limit is 20 of them.
        (20.35, 1_628.0, "(1,628 m, 21 min): too far: the limit is 1,600 m"),
        (20.005, 1_600.4, "(1,601 m, 21 min): too far: the limit is 1,600 m"),
        (19.99, 1_599.2, "(1,599 m, 20 min): helps"),
    ],
)
def test_nothing_too_far_is_rounded_onto_the_limit(
    minutes: float, metres: float, said: str
) -> None:
    assert said in services_said(travelled(one_gap(), times_to(("walk", minutes, metres))))


def test_near_enough_is_told_home_by_home_and_not_by_the_mean() -> None:
    """A place of three homes: the mean way, 0.3 × 200 + 0.3 × 1,700 + 0.4 × 4,000 = 2,170 m, is
    beyond 1,600 m, and yet 30 % of its people are near. Half of them: within 1,700 m.
    """
    homes = {"a": 0.3, "b": 0.3, "c": 0.4}
    ways = [
        times_to(("walk", metres / 80, metres), home=home)
        for home, metres in (("a", 200.0), ("b", 1_700.0), ("c", 4_000.0))
    ]
    said = services_said(travelled(one_gap(), *ways, homes=homes))
    assert (
        "(half of its people within 1,700 m): helps in part; near enough to 30% of its people"
        in said
    )
    assert "too far" not in said
    # Those who have no way count as beyond what was searched, and are not left out of the half.
    some = services_said(travelled(one_gap(), ways[0], homes=homes))
    assert "no way within 90 min for over half of its people): helps in part; near enough" in some
    near = travelled(one_gap(), *(w.assign(metres=300.0 + n) for n, w in enumerate(ways)), homes=homes)  # fmt: skip
    assert "half of its people within 301 m): helps; near enough to all its people" in services_said(near)  # fmt: skip
    none = services_said(travelled(one_gap(), *ways[1:], homes=homes))
    assert "(half of its people within 4,000 m): too far: the limit is 1,600 m" in none


def test_people_of_the_gap_weigh_not_places() -> None:
    """P01 has 10 children of the gap's cells and P02 30: near enough to 25 % of them."""
    edition = one_gap()
    entry = edition.entries.iloc[0].to_dict() | {
        "places": ("P01", "P02"), "cells": (("P01", 13), ("P02", 13)),
    }  # fmt: skip
    people = edition.people.iloc[:4].assign(
        place_id=["P01", "P02", "P01", "P02"], age=[13, 13, 14, 14], community_id="everyone",
        children=[10.0, 30.0, 90.0, 1.0],
    )  # fmt: skip
    edition = replace(edition, entries=pd.DataFrame([entry]), people=people)
    edition = travelled(
        edition,
        times_to(("walk", 10.0, 800.0)),
        times_to(("walk", 30.0, 2_400.0), home="P02"),
    )
    homes = pd.concat([edition.homes, edition.homes.assign(home_id="P02", place_id="P02")])
    assert "near enough to 25% of its people" in services_said(replace(edition, homes=homes))


def test_each_type_of_space_is_held_against_its_own_limit() -> None:
    """At 300 m a LEAP (400 m) is near, a LAP (100 m) is not; the longest limit does not stand in."""
    limits = {"LAP": 100.0, "LEAP": 400.0, "NEAP": 1_000.0}
    ways = times_to(("walk", 3.75, 300.0))

    def said(*types: str) -> str:
        edition = change_standard(
            one_gap(space_types=types), "Y02",
            unit="types", need=1, type_metres=limits, metres=1_000.0, windows=(),
        )  # fmt: skip
        return services_said(travelled(edition, ways))

    assert "(300 m, 4 min): too far (LAP: limit 100 m)" in said("LAP")
    assert "helps; near enough to all its people (LEAP: limit 400 m)" in said("LEAP")
    both = said("LAP", "LEAP")
    assert "near enough to all its people (LEAP: limit 400 m)" in both
    assert "LAP: limit 100 m" not in both
    far = ways.assign(metres=700.0, minutes=8.75)
    edition = change_standard(
        one_gap(space_types=("LAP", "LEAP")), "Y02",
        unit="types", need=1, type_metres=limits, metres=1_000.0, windows=(),
    )  # fmt: skip
    text = services_said(travelled(edition, far))
    assert "too far (LEAP: limit 400 m; LAP: limit 100 m)" in text


def test_who_is_near_to_most_stands_first() -> None:
    """X2 is nearer to the half, X1 near enough to more: 60 % against 50 %."""
    edition = one_gap()
    other = edition.services.assign(service_id="X2", name="Aerial Club")
    sessions = pd.concat([edition.sessions, edition.sessions.assign(service_id="X2")])
    quality = pd.concat([edition.quality, edition.quality.assign(service_id="X2")])
    edition = replace(
        edition, services=pd.concat([other, edition.services]), sessions=sessions, quality=quality
    )
    homes = {"a": 0.5, "b": 0.1, "c": 0.4}
    far = [("X1", "a", 1_500.0), ("X1", "b", 1_500.0), ("X1", "c", 3e3), ("X2", "a", 100.0), ("X2", "b", 3e3), ("X2", "c", 3e3)]  # fmt: skip
    ways = [times_to(("walk", m / 80, m), home=home, service=code) for code, home, m in far]
    text = services_said(travelled(edition, *ways, homes=homes))
    assert text.index("Lamp Post Club") < text.index("Aerial Club")
    assert "near enough to 60% of its people" in text
    assert "near enough to 50% of its people" in text


def test_a_pair_that_was_not_found_lies_beyond_the_search() -> None:
    """Searched to 45 minutes, that is 3,600 m: beyond the limit of 1,600 m, so too far.

    How far the times themselves were searched counts, not what the settings say: 90 minutes.
    """
    elsewhere = times_to(("walk", 20.0, 1_500.0), service="X9", searched_to=45.0)
    said = services_said(travelled(one_gap(), elsewhere))
    assert "Lamp Post Club (no way within 45 min): too far: the limit is 1,600 m" in said
    assert "no site here" not in said
    assert "does not come here" not in said


def test_a_search_shorter_than_the_limit_leaves_it_unknown() -> None:
    """Searched to 15 minutes, that is 1,200 m: whether it lies within 1,600 m nobody knows."""
    elsewhere = times_to(("walk", 10.0, 800.0), service="X9", searched_to=15.0)
    said = services_said(travelled(one_gap(), elsewhere))
    assert "(no way within 15 min): may help; how far is not known" in said
    assert "too far" not in said


def test_a_home_that_no_matrix_knows_is_not_far_from_everything() -> None:
    unsearched = times_to(("", np.nan, np.nan), searched_to=0.0)
    other = times_to(("walk", 10.0, 800.0), home="P02")
    said = services_said(travelled(one_gap(), unsearched, other))
    assert "Lamp Post Club (no way known): may help; no way from there was found" in said
    half = travelled(one_gap(), unsearched.assign(from_id="a"), other.assign(from_id="b"), homes={"a": 0.4, "b": 0.6})  # fmt: skip
    said = services_said(half)
    assert "near enough to 60% of its people; for 40% of its people how far is not known" in said


def test_a_service_without_a_site_still_does_not_come() -> None:
    elsewhere = times_to(("walk", 20.0, 1_500.0), service="X9")
    edition = one_gap(easting=np.nan)
    assert "(no site here): does not come here" in services_said(travelled(edition, elsewhere))
    # One whose ways a file gives has a site, wherever that is.
    given = times_to(("walk", 30.0, np.nan), home="P02")
    assert "(no way within 90 min): too far" in services_said(travelled(edition, elsewhere, given))


def test_outreach_is_no_way() -> None:
    walked = times_to(("walk", 50.0, 4_000.0))
    assert "(4,000 m, 50 min): too far" in services_said(travelled(one_gap(), walked))
    comes = times_to(("outreach", 0.0, 0.0), ("walk", 50.0, 4_000.0))
    assert "(comes to them): helps" in services_said(travelled(one_gap(), comes))


@pytest.mark.parametrize(
    ("minutes", "allowed", "said"),
    [
        (28.0, {"public_transport": 30.0}, "(28 min by public transport): helps"),
        (32.0, {"public_transport": 30.0}, "(32 min by public transport): too far: the limit is 30 min by public transport"),
        (30.2, {"public_transport": 30.0}, "(31 min by public transport): too far: the limit is 30 min by public transport"),
        # Not named in the standard: as long as the walk, 1,600 m at 80 m a minute.
        (19.0, {}, "(19 min by public transport): helps"),
        (21.0, {}, "(21 min by public transport): too far: the limit is 20 min by public transport"),
    ],
)  # fmt: skip
def test_other_modes_are_said_in_minutes_and_held_against_theirs(
    minutes: float, allowed: dict[str, float], said: str
) -> None:
    edition = change_standard(one_gap(), "Y02", minutes=allowed)
    ways = times_to(("public_transport", minutes, np.nan))
    travel = Travel("file", mode="public_transport")
    text = say(travelled(edition, ways, travel=travel), "Y02-P-abc")
    assert said in text
    assert "How far: travel times as given, from where the people of this gap live." in text
    longest = allowed.get("public_transport", 20)
    assert f"20 minutes on foot, or {longest:.0f} minutes by public transport, Monday" in text


def test_minutes_by_car_of_types_are_those_of_each_type() -> None:
    """Types of 100 and 1,000 m are 1.25 and 12.5 minutes: not 12 minutes for both."""
    edition = change_standard(
        one_gap(space_types=("LAP",)), "Y02",
        unit="types", need=1, type_metres={"LAP": 100.0, "NEAP": 1_000.0}, windows=(),
    )  # fmt: skip
    travel = Travel("streets", "drive")
    text = say(travelled(edition, times_to(("drive", 3.0, 900.0)), travel=travel), "Y02-P-abc")
    assert "100 m (LAP) or 1,000 m (NEAP), or as many minutes by car as the walk takes" in text
    assert "(3 min by car): too far (LAP: limit 1 min by car)" in text


def test_of_two_modes_the_one_nearer_to_its_own_limit_counts() -> None:
    """On foot 1,700 of 1,600 m; by bus 24 of 30 minutes is 1,280 m on the same scale."""
    edition = change_standard(one_gap(), "Y02", minutes={"bus": 30.0})
    ways = times_to(("walk", 21.0, 1_700.0), ("bus", 24.0, np.nan))
    assert "(24 min by bus): helps" in services_said(travelled(edition, ways))


def test_a_rough_site_is_rough_in_minutes_too() -> None:
    """600 m either way, × 1.3, are 9.75 minutes; the limit is 30 minutes by bus.

    39 minutes may be 29.25 and are not certainly too far; 41 minutes are 31.25 at least.
    """
    edition = change_standard(one_gap(location_accuracy=600.0), "Y02", minutes={"bus": 30.0})
    travel = Travel("file", "bus")

    def said(minutes: float) -> str:
        ways = times_to(("bus", minutes, np.nan), accuracy=780.0)
        return services_said(travelled(edition, ways, travel=travel))

    assert "(39 min by bus): may help; its position is known only within 600 m" in said(39.0)
    assert "too far" in said(41.0)


def test_minutes_on_foot_without_metres_are_held_against_the_metres() -> None:
    def said(minutes: float) -> str:
        ways = times_to(("walk", minutes, np.nan))
        return services_said(travelled(one_gap(), ways, travel=Travel("file")))

    assert "(19 min on foot): helps" in said(19.0)
    assert "(21 min on foot): too far: the limit is 1,600 m" in said(21.0)


def test_hostile_mode_is_text() -> None:
    ways = times_to(("\x1b[31mbus\u202e", 10.0, np.nan))
    text = say(travelled(one_gap(), ways, travel=Travel("file", "bus")), "Y02-P-abc")
    assert "10 min by [31mbus" in text
    assert "\x1b" not in text
    assert "\u202e" not in text


# ---------------------------------------------------------------- the test, its parts, the week


def test_says_what_is_required_and_the_levels() -> None:
    edition = change_standard(
        one_gap(), "Y02",
        unit="holidays", need=2, required=("Summer",), levels={"standard": 4, "stretch": 6},
        windows=(),
    )  # fmt: skip
    text = say(edition, "Y02-P-abc")
    assert "in 2 school holidays a year, Summer among them, within 1,600 m" in text
    assert (
        "Reported beside it, not tested: standard, in 4 school holidays a year; stretch, in 6"
        in text
    )


def parts_of(rows: dict[str, tuple[float, float, float, float]], element: str) -> pd.DataFrame:
    """Make parts of two places: certain and possible in P01 (30 children) and in P02 (10)."""
    return pd.DataFrame(
        [
            ("youth_offer", element, place, part, children, share, most)
            for part, (a, a_most, b, b_most) in rows.items()
            for place, children, share, most in (("P01", 30.0, a, a_most), ("P02", 10.0, b, b_most))
        ],
        columns=PARTS.names(),
    )


def test_parts_are_said_piece_by_piece_for_the_children_of_the_places() -> None:
    """(30 × 1 + 10 × 0) / 40 = 75 %; at most (30 × 0.5 + 10 × 1) / 40 = 62.5 %."""
    rows = {
        "NEAP": (1.0, 1.0, 0.0, 0.0), "MUGA": (0.0, 0.5, 0.0, 1.0), "need": (1.0, 1.0, 0.0, 0.0),
        "standard": (0.0, 0.0, 0.0, 0.0), "stretch": (0.0, 0.0, 0.0, 0.0),
    }  # fmt: skip
    edition = replace(sample_edition(), parts=parts_of(rows, "Y05"))
    said = " ".join(say_pieces(edition, "Y05", ["P01", "P02"]))
    assert "who reach NEAP 75%; MUGA 0% (up to 63%)." in said
    assert "Together: the test (1) 75%; standard (2) 0%; stretch (3) 0%." in said
    assert say_pieces(edition, "Y02", ["P01", "P02"]) == []
    assert say_pieces(edition, "Y05", ["P03"]) == []


def test_the_week_names_what_is_empty_for_most() -> None:
    """Of 40 children 30 have Monday evening; on Tuesday 10 may; on Wednesday nobody."""
    edition = sample_edition()
    cells = [
        ("evening", "Monday", 1.0, 1.0, 0.0, 0.0),
        ("evening", "Tuesday", 0.0, 0.0, 0.0, 1.0),
        ("evening", "Wednesday", 0.0, 0.0, 0.0, 0.0),
        ("evening", "Thursday", 0.0, 1.0, 0.0, 0.0),
        ("weekend", "Saturday", 0.0, 0.0, 0.0, 0.0),
    ]
    rows = [
        ("youth_offer", "Y02", place, day, slot, children, share, most, 0.0, "no")
        for slot, day, a, a_most, b, b_most in cells
        for place, children, share, most in (("P01", 30.0, a, a_most), ("P02", 10.0, b, b_most))
    ]
    week = pd.DataFrame(rows, columns=WEEK.names())
    said = say_week(replace(edition, week=week), "Y02", ["P01", "P02"])
    assert said == [
        "Nothing for over half of their children: Tuesday and Wednesday evening; Saturday.",
        "Cannot be told whether for half of them: Thursday evening.",
        "Something for half of them or more: Monday evening.",
    ]


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        ([("after school", d) for d in WEEKDAYS[:5]] + [("evening", d) for d in WEEKDAYS[:5]], "Monday to Friday after school and evening"),
        ([("holiday", d) for d in WEEKDAYS], "Monday to Sunday in holidays"),
        ([("after school", "Friday"), ("evening", "Monday"), ("evening", "Friday")], "Friday after school; Monday and Friday evening"),
    ],
)  # fmt: skip
def test_cells_of_the_week_are_said_shortly(cells: list[tuple[str, str]], said: str) -> None:
    assert say_cells(cells) == said


def test_places_without_children_weigh_alike() -> None:
    frame = pd.DataFrame(
        {
            "part": ["a", "a", "b", "b"],
            "children": [0.0, np.nan, 10.0, 0.0],
            "reached": [1.0, 0.0, np.nan, 1.0],
        }
    )
    found = average_over_places(frame, ["part"], ["reached"])
    assert found["reached"].iloc[0] == 0.5
    # All children of b live where nothing is known.
    assert np.isnan(found["reached"].iloc[1])


# ---------------------------------------------------------------- workbook


@pytest.fixture(scope="module")
def edition() -> Edition:
    return sample_edition()


@pytest.fixture(scope="module")
def book(edition: Edition, tmp_path_factory: pytest.TempPathFactory) -> Any:
    path = tmp_path_factory.mktemp("book") / "gap-register.xlsx"
    write_register_workbook(edition, path)
    return openpyxl.load_workbook(path)


def hood_mean(frame: pd.DataFrame, column: str) -> float:
    """Average by hand, child by child."""
    return float(np.average(frame[column], weights=frame["children"]))


def in_hood(edition: Edition, frame: pd.DataFrame, hood: str, **keys: str) -> pd.DataFrame:
    inside = edition.places.loc[edition.places["neighbourhood"] == hood, "place_id"]
    keep = frame["place_id"].isin(inside)
    for column, value in keys.items():
        keep &= frame[column].astype(str) == value
    return frame[keep]


def test_when_says_the_share_a_dash_or_a_question_mark(edition: Edition, book: Any) -> None:
    sheet = book["When"]
    top = 5
    assert [c.value for c in sheet[top]][:3] == ["Element", "Element in words", "Neighbourhood"]
    days = [*WEEKDAYS[:5], *WEEKDAYS[:5], "Saturday", "Sunday", *WEEKDAYS]
    assert [c.value for c in sheet[top]][3:] == [*days, "Data"]
    slots = [*["after school"] * 5, *["evening"] * 5, *["weekend"] * 2, *["holiday"] * 7]
    seen = set()
    for row in sheet.iter_rows(min_row=top + 1, values_only=True):
        element, _, hood, *cells, status = row
        assert status == "illustrative services"
        for slot, day, cell in zip(slots, days, cells, strict=True):
            own = in_hood(edition, edition.week, hood, element_id=element, slot=slot, weekday=day)
            reached, possible = (hood_mean(own, c) for c in ("reached", "possible"))
            wanted = 100 * reached if reached else "?" if possible else "–"
            assert cell == (pytest.approx(wanted) if reached else wanted)
            seen.add(type(cell) if reached else cell)
    assert seen - {int} == {float, "?", "–"}
    assert sheet.max_row - top == sum(
        len(
            set(
                edition.places.set_index("place_id").loc[
                    list(g["place_id"].unique()), "neighbourhood"
                ]
            )
        )
        for _, g in edition.week.groupby("element_id", observed=True)
    )
    notes = " ".join(str(sheet.cell(r, 1).value) for r in range(1, 4))
    assert "Two clubs at the same hour are one" in notes
    assert "not who is covered" in notes


def test_a_word_is_not_coloured_as_a_number(book: Any) -> None:
    """A spreadsheet takes a word for more than any number: ≥ 50 would make "–" green."""
    rules = [r for area in book["When"].conditional_formatting for r in area.rules]
    assert {(r.operator, tuple(r.formula)) for r in rules if r.operator == "between"} == {
        ("between", ("1e-09", "49.999999999")), ("between", ("50", "100")),
    }  # fmt: skip
    words = {r.formula[0] for r in rules if r.operator == "equal"}
    assert words == {'"–"', '"?"'}


def test_parts_sheet_is_the_frame(edition: Edition, book: Any) -> None:
    sheet = book["Parts"]
    top = 4
    headings = [c.value for c in sheet[top]]
    assert headings[:4] == ["Element", "Element in words", "Part", "Neighbourhood"]
    rows = list(sheet.iter_rows(min_row=top + 1, values_only=True))
    for element, _, part, hood, children, reached, most, status in rows:
        name = "need" if part == "need (tested)" else part
        own = in_hood(edition, edition.parts, hood, element_id=element, part=name)
        assert children == pytest.approx(own["children"].sum())
        assert reached == pytest.approx(100 * hood_mean(own, "reached"))
        assert most == pytest.approx(100 * hood_mean(own, "possible"))
        assert status == "illustrative services"
    assert {row[2] for row in rows} >= {"LAP", "Christmas", "need (tested)", "stretch"}


def test_access_sheet_is_the_frame_and_says_what_it_is_not(edition: Edition, book: Any) -> None:
    sheet = book["Access"]
    top = 5
    headings = [c.value for c in sheet[top]]
    at = {heading: n for n, heading in enumerate(headings)}
    for row in sheet.iter_rows(min_row=top + 1, values_only=True):
        own = in_hood(edition, edition.accessibility, row[2], element_id=row[0])
        for heading, column in (
            ("E2SFCA per 100 children", "e2sfca"), ("Catchment 25% smaller", "e2sfca_smaller"),
            ("Catchment 25% larger", "e2sfca_larger"), ("2SFCA", "two_sfca"),
            ("M2SFCA", "m2sfca"), ("BFCA", "bfca"),
        ):  # fmt: skip
            assert row[at[heading]] == pytest.approx(hood_mean(own, column))
        edge = (own["edge_affected"] == "yes").sum()
        said = {0: "no", len(own): "yes"}.get(edge, f"{edge} of {len(own)}")
        assert row[at["Edge"]] == said
        assert row[at["Catchment"]] == "25 minutes on foot"
        whole = (own["basis"] == "complete").all()
        assert row[at["Basis"]] == ("complete" if whole else "incomplete")
        # A quarter smaller is 1.25 times the headline everywhere: nothing doubles.
        assert row[at["Stability"]] is None
        hours = edition.framework.elements[row[0]].standard.unit == "hours"
        assert row[at["Counts"]] == ("place-hours" if hours else "places")
    notes = " ".join(str(sheet.cell(r, 1).value) for r in range(1, top))
    assert "does not say who is covered" in notes
    assert "Comparable only within one element" in notes


def test_sheets_without_figures_are_left_out(edition: Edition, tmp_path: Path) -> None:
    bare = replace(
        edition, week=WEEK.empty(), parts=edition.parts, accessibility=ACCESSIBILITY.empty()
    )
    write_register_workbook(bare, tmp_path / "a.xlsx")
    names = openpyxl.load_workbook(tmp_path / "a.xlsx").sheetnames
    assert "Parts" in names
    assert not {"When", "Access"} & set(names)


def test_places_outside_all_neighbourhoods_stand_for_themselves(
    edition: Edition, tmp_path: Path
) -> None:
    places = edition.places.assign(neighbourhood="", neighbourhood_id="")
    write_register_workbook(replace(edition, places=places), tmp_path / "a.xlsx")
    book = openpyxl.load_workbook(tmp_path / "a.xlsx")
    for sheet, top, column in (("When", 5, 3), ("Parts", 4, 4), ("Access", 5, 3)):
        rows = [book[sheet].cell(r, column).value for r in range(top + 1, book[sheet].max_row + 1)]
        assert set(rows) == set(places["name"])


def test_a_long_sheet_is_cut_and_points_to_its_table(
    edition: Edition, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of 16 places 5 are kept an element; 11 are left to the table."""
    monkeypatch.setattr(reach_sheets, "MOST_ROWS", 5)
    places = edition.places.assign(neighbourhood="", neighbourhood_id="")
    week = edition.week[edition.week["element_id"].isin(["Y02", "Y03"])]
    write_register_workbook(replace(edition, places=places, week=week), tmp_path / "a.xlsx")
    sheet = openpyxl.load_workbook(tmp_path / "a.xlsx")["When"]
    rows = list(sheet.iter_rows(min_row=6, values_only=True))
    assert [row[0] for row in rows] == ["Y02"] * 6 + ["Y03"] * 6
    assert rows[5][2] == rows[11][2] == "and 11 rows more: week.csv"
    assert [row[2] for row in rows[:5]] == places["name"].iloc[:5].tolist()


def write_access(edition: Edition, path: Path, **columns: object) -> list[dict[str, Any]]:
    """Write a workbook with these figures in all places, and read its sheet."""
    frame = edition.accessibility[edition.accessibility["element_id"] == "Y02"].assign(**columns)
    write_register_workbook(replace(edition, accessibility=frame), path)
    sheet = openpyxl.load_workbook(path)["Access"]
    headings = [c.value for c in sheet[5]]
    return [
        dict(zip(headings, row, strict=True))
        for row in sheet.iter_rows(min_row=6, values_only=True)
    ]


@pytest.mark.parametrize(
    ("headline", "smaller", "larger", "said"),
    [
        (10.0, 20.0, 5.0, None), (10.0, 20.1, 10.0, "unstable"), (10.0, 10.0, 4.9, "unstable"),
        (0.0, 0.0, 0.0, None), (0.0, 0.0, 3.0, "unstable"), (10.0, np.nan, 9.0, None),
    ],
)  # fmt: skip
def test_a_figure_that_hangs_on_its_catchment_is_marked(
    edition: Edition, tmp_path: Path, headline: float, smaller: float, larger: float, said: str
) -> None:
    rows = write_access(
        edition, tmp_path / "a.xlsx", e2sfca=headline, e2sfca_smaller=smaller, e2sfca_larger=larger
    )
    assert {row["Stability"] for row in rows} == {said}


def test_what_was_not_searched_is_blank_and_says_so(edition: Edition, tmp_path: Path) -> None:
    figures = ("e2sfca", "e2sfca_smaller", "e2sfca_larger", "two_sfca", "m2sfca", "bfca")
    blank = dict.fromkeys((*figures, "unknown_capacity"), np.nan) | {"basis": "not searched"}
    for row in write_access(edition, tmp_path / "a.xlsx", **blank):
        assert row["E2SFCA per 100 children"] is None
        assert row["BFCA"] is None
        assert row["Basis"] == "not searched"
    frame = edition.accessibility.assign(**blank)
    write_accessibility_csv(replace(edition, accessibility=frame), tmp_path / "a.csv")
    for line in read_csv(tmp_path / "a.csv"):
        assert (line["basis"], line["e2sfca"], line["bfca"]) == ("not searched", "", "")
    write_geopackage(replace(edition, accessibility=frame), tmp_path / "a.gpkg")
    layer = gpd.read_file(tmp_path / "a.gpkg", layer="accessibility")
    assert set(layer["basis"]) == {"not searched"}
    assert layer["e2sfca"].isna().all()


def test_catchments_are_told_in_the_words_of_the_modes(edition: Edition, tmp_path: Path) -> None:
    """Y02 looks 1,600 m, 20 minutes on foot; by bus it allows 30: a catchment of 25 is 37.5."""
    bus = change_standard(edition, "Y02", minutes={"bus": 30.0})
    by_bus = travelled(bus, times_to(("bus", 10.0, np.nan)), travel=Travel("file", "bus"))
    rows = write_access(by_bus, tmp_path / "a.xlsx")
    assert {row["Catchment"] for row in rows} == {"38 minutes by bus"}
    car = travelled(edition, times_to(("drive", 10.0, np.nan)), travel=Travel("streets", "drive"))
    rows = write_access(car, tmp_path / "a.xlsx")
    assert {row["Catchment"] for row in rows} == {"25 minutes by car"}


def test_a_sheet_that_is_not_there_says_why(edition: Edition, tmp_path: Path) -> None:
    bare = replace(edition, accessibility=ACCESSIBILITY.empty())
    write_register_workbook(bare, tmp_path / "a.xlsx")
    sheet = openpyxl.load_workbook(tmp_path / "a.xlsx")["Read me"]
    said = {row[0]: row[1] for row in sheet.iter_rows(values_only=True)}
    assert "No service says how many places it has" in said["No sheet Access"]


# ---------------------------------------------------------------- CSV


def read_csv(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


WRITERS: dict[str, Callable[[Edition, Path], None]] = {
    "week": write_week_csv, "parts": write_parts_csv, "accessibility": write_accessibility_csv,
}  # fmt: skip


def test_tables_of_places_are_the_frames(edition: Edition, tmp_path: Path) -> None:
    names = edition.places.set_index("place_id")["name"]
    for table, write in WRITERS.items():
        path = tmp_path / f"{table}.csv"
        write(edition, path)
        frame, rows = getattr(edition, table), read_csv(path)
        assert len(rows) == len(frame)
        for row, given in zip(rows[::7], frame.to_dict("records")[::7], strict=True):
            assert (row["element"], row["place_id"]) == (given["element_id"], given["place_id"])
            assert row["place"] == names[given["place_id"]]
            assert row["data_status"] == "illustrative services"
            for column, value in given.items():
                if f"{column}_percent" in row:
                    assert float(row[f"{column}_percent"]) == pytest.approx(100 * value, abs=0.06)
                elif isinstance(value, float):
                    # Two decimals below 10, one below 100, then none; small ones two digits.
                    assert float(row[column]) == pytest.approx(value, rel=0.05, abs=0.005)
                    assert len(row[column].replace(".", "")) <= max(4, len(str(int(value))))
                elif column in row:
                    assert row[column] == value
        assert path.read_bytes().startswith(b"\xef\xbb\xbf")
    assert list(rows[0])[-1] == "data_status"


def test_what_a_table_does_not_know_is_blank(edition: Edition, tmp_path: Path) -> None:
    blank = edition.accessibility.assign(bfca=np.nan)
    write_accessibility_csv(replace(edition, accessibility=blank), tmp_path / "a.csv")
    assert {row["bfca"] for row in read_csv(tmp_path / "a.csv")} == {""}


def test_tables_of_nothing_keep_their_heading(edition: Edition, tmp_path: Path) -> None:
    bare = replace(
        edition, week=WEEK.empty(), parts=PARTS.empty(), accessibility=ACCESSIBILITY.empty()
    )
    for table, write in WRITERS.items():
        write(bare, tmp_path / f"{table}.csv")
        text = (tmp_path / f"{table}.csv").read_text("utf-8-sig")
        assert text.startswith("offer,element,element_name,place_id,place,neighbourhood,")
        assert text.count("\n") == 1


@pytest.mark.parametrize("hostile", ["=1+1", "\t=1+1", '</script>"; +1', "@SUM(A1)"])
def test_no_cell_of_a_table_begins_like_a_formula(hostile: str, tmp_path: Path) -> None:
    edition = sample_edition(hostile)
    parts = edition.parts.assign(part=hostile)
    for table, write in WRITERS.items():
        path = tmp_path / f"{table}.csv"
        write(replace(edition, parts=parts), path)
        cells = {cell for row in read_csv(path) for cell in row.values()}
        assert any(hostile in cell for cell in cells)
        assert not [c for c in cells if c.startswith(("=", "+", "-", "@", "\t", "\r", "\n"))]


# ---------------------------------------------------------------- GeoPackage


def test_week_layer_lays_the_slots_side_by_side(edition: Edition, tmp_path: Path) -> None:
    path = tmp_path / "gaps.gpkg"
    write_geopackage(edition, path)
    layer = gpd.read_file(path, layer="week")
    week = edition.week
    assert len(layer) == len(week.drop_duplicates(["element_id", "place_id"]))
    shares = week.set_index(["element_id", "place_id", "weekday", "slot"])[["reached", "possible"]]
    for row in layer.iloc[::5].to_dict("records"):
        for slot, day, column in (
            ("evening", "Friday", "friday_evening"), ("weekend", "Sunday", "sunday"),
            ("holiday", "Sunday", "sunday_holiday"), ("after school", "Monday", "monday_after_school"),
        ):  # fmt: skip
            here = shares.loc[(row["element_id"], row["place_id"], day, slot)]
            assert row[column] == pytest.approx(here["reached"], abs=1e-4)
            assert row[f"{column}_most"] == pytest.approx(here["possible"], abs=1e-4)
        outline = edition.places.set_index("place_id").geometry[row["place_id"]]
        assert row["geometry"].area == pytest.approx(outline.area)


def test_accessibility_layer_is_the_frame(edition: Edition, tmp_path: Path) -> None:
    path = tmp_path / "gaps.gpkg"
    write_geopackage(edition, path)
    layer = gpd.read_file(path, layer="accessibility")
    frame = edition.accessibility
    assert layer["place_id"].tolist() == frame["place_id"].tolist()
    for column in ("e2sfca", "e2sfca_smaller", "two_sfca", "m2sfca", "bfca", "unknown_capacity"):
        assert np.allclose(layer[column], frame[column].astype(float), atol=1e-4)
    assert layer["edge_affected"].tolist() == frame["edge_affected"].tolist()
    by_element = layer.groupby("element_id")["counts"].unique()
    assert by_element["Y02"].tolist() == ["place-hours a week"]
    assert by_element["Y05"].tolist() == ["places"]
    assert set(layer["data_status"]) == {"illustrative services"}


def test_explanations_stay_short_with_all_of_it(edition: Edition) -> None:
    for gap_id in edition.entries.loc[edition.entries["kind"] == "provision", "gap_id"]:
        text = say(edition, gap_id)
        element = re.search(r"The test ([YC]\d\d)", text)[1]
        own = edition.week["element_id"].astype(str)
        assert ("When something is open" in text) == (own == element).any()
        assert ("Piece by piece" in text) == (edition.parts["element_id"] == element).any()

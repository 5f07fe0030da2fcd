"""What is in reach, on the map: places for each 100 children, the week, and words for ways."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from browser import Opened, open_file, start_browser
from edition_sample import CELLS, WITHOUT_ACCESS, sample_edition
from provision_map.edition import Edition, Travel
from provision_map.maps import render_map
from provision_map.maps.nearest import NEAREST
from provision_map.maps.palette import draw_ramp
from provision_map.maps.payload import build_payload
from provision_map.maps.reach import MOST_CLASSES, choose_limits, describe_travel
from provision_map.tables import ACCESSIBILITY, TRAVEL_TIMES, WEEK
from test_map_browser import click_area, expect, read_fills, read_legend

ELEMENT = "Y02"
FRAGMENT = f"element={ELEMENT}&measure=access"


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with start_browser() as started:
        yield started


@pytest.fixture(scope="module")
def edition() -> Edition:
    return sample_edition()


@pytest.fixture(scope="module")
def page_file(edition: Edition, tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("maps") / "index.html"
    file.write_text(render_map(edition), encoding="utf-8")
    return file


def of_element(edition: Edition, element: str = ELEMENT) -> pd.DataFrame:
    own = edition.accessibility[edition.accessibility["element_id"] == element]
    return own.set_index("place_id").reindex(edition.places["place_id"])


def write_with(edition: Edition, folder: Path, **columns: Any) -> Path:
    """Write a page on which one element has other figures."""
    frame = edition.accessibility.copy()
    inside = frame["element_id"] == ELEMENT
    for column, values in columns.items():
        frame.loc[inside, column] = values
    file = folder / "index.html"
    file.write_text(render_map(replace(edition, accessibility=frame)), encoding="utf-8")
    return file


# ---------------------------------------------------------------- classes


@given(st.lists(st.floats(0, 1e4), max_size=40))
def test_classes_are_few_round_and_rising(values: list[float]) -> None:
    limits = choose_limits(values)
    assert limits[0] == 0
    assert limits == sorted(set(limits))
    assert len(limits) + 1 <= MOST_CLASSES
    for limit in limits[1:]:
        # One or two digits, then noughts: 5, 0.25, 40, 1.5, 7.5, 12.5.
        assert len(str(limit).rstrip("0")) <= 3
    known = [v for v in values if v > 0.01]
    if known and max(known) > min(known) * 1.05:
        assert limits[-1] < 100 * max(known) + 1


def test_places_are_spread_over_the_classes() -> None:
    """Most have little and a few have much: equal steps would leave all but two in one class."""
    values = [0.0] * 4 + [1.0, 1.5, 3.0, 4.0, 6.0, 7.0, 12.0, 15.0, 30.0, 200.0]
    limits = np.array(choose_limits(values)) / 100
    counts = np.bincount(np.searchsorted(limits, values))
    assert counts[1:].max() <= 3


def test_unknown_figures_choose_no_class() -> None:
    assert choose_limits([np.nan, np.nan]) == [0]
    assert choose_limits([np.nan, 3.0, 8.0]) == choose_limits([3.0, 8.0])


# ---------------------------------------------------------------- the payload


def test_payload_holds_the_frames_in_whole_numbers(edition: Edition) -> None:
    payload = build_payload(edition, register_href="x")
    number = [e["id"] for e in payload["elements"]].index(ELEMENT)
    access, own = payload["access"][number], of_element(edition)
    assert access["values"] == [round(v * 100) for v in own["e2sfca"]]
    assert access["edge"] == [int(e == "yes") for e in own["edge_affected"]]
    assert access["unit"] == "place-hours a week"
    assert len(access["colours"]) == len(access["limits"]) + 1
    week = payload["week"][number]
    assert [tuple(cell) for cell in payload["slots"]] == list(CELLS)
    shares = edition.week[edition.week["element_id"] == ELEMENT].set_index(
        ["place_id", "slot", "weekday"]
    )
    for place, at in zip(edition.places["place_id"], week["at"], strict=True):
        for n, cell in enumerate(CELLS):
            here = shares.loc[(place, *cell)]
            wanted = [round(100 * here["reached"]), round(100 * here["possible"])]
            assert week["rows"][at][2 * n : 2 * n + 2] == wanted
    without = [e["id"] for e in payload["elements"]].index(WITHOUT_ACCESS)
    assert payload["access"][without] is None


def test_an_edition_without_either_offers_neither(edition: Edition) -> None:
    bare = replace(edition, week=WEEK.empty(), accessibility=ACCESSIBILITY.empty())
    payload = build_payload(bare, register_href="x")
    assert "access" not in [m["id"] for m in payload["measures"]]
    assert set(payload["week"]) == set(payload["access"]) == {None}


# ---------------------------------------------------------------- colouring


def test_areas_are_coloured_by_the_index_of_one_element(
    browser: Any, page_file: Path, edition: Edition
) -> None:
    own = of_element(edition)
    limits = np.array(choose_limits(own["e2sfca"])) / 100
    colours = draw_ramp("there", len(limits) + 1)
    with open_file(browser, page_file) as opened:
        page = opened.page
        option = page.locator("#measure option", has_text="Places in reach per 100 children")
        expect()(option).to_be_disabled()
        expect()(page.locator("#choice-note")).to_have_text(
            "To colour by “places in reach per 100 children”: choose one element."
        )
        page.locator("#element").select_option(
            label=f"Y02 {edition.framework.elements['Y02'].name}"
        )
        expect()(option).to_be_enabled()
        expect()(page.locator("#choice-note")).to_have_text("")
        page.locator("#measure").select_option(label="Places in reach per 100 children")
        rounded = own["e2sfca"].round(2)
        unknown = (rounded == 0) & (own["unknown_capacity"] > 0)
        wanted = [
            "url(#dots)" if dotted else colours[int(np.searchsorted(limits, value))]
            for value, dotted in zip(rounded, unknown, strict=True)
        ]
        assert unknown.any()
        assert read_fills(opened) == wanted
        expect()(page.locator("#legend-title")).to_have_text("Places in reach per 100 children")
        legend = page.locator("#legend-body")
        expect()(legend).to_contain_text("Place-hours a week")
        expect()(legend).to_contain_text("not who is covered")
        expect()(legend).to_contain_text("To compare within this element only")
        rows = read_legend(opened)
        assert rows[0] == ("none", int(((rounded == 0) & ~unknown).sum()))
        assert sum(count for _, count in rows[: len(colours)]) == int((~unknown).sum())
        assert rows[len(colours)] == ("not known: no number of places given", int(unknown.sum()))
        assert rows[-1] == (
            "edge: people beyond it are not known",
            int((own["edge_affected"] == "yes").sum()),
        )
        # The colours of what is unknown are not among them.
        assert not set(colours) & set(draw_ramp("unknown", 6))
        opened.assert_quiet()


def test_edge_places_are_marked_apart_from_gaps(
    browser: Any, page_file: Path, edition: Edition
) -> None:
    edge = (of_element(edition)["edge_affected"] == "yes").tolist()
    with open_file(browser, page_file, fragment=FRAGMENT) as opened:
        marked = [
            int(p.get_attribute("data-place")) for p in opened.page.locator("path.edge").all()
        ]
        assert marked == [n for n, there in enumerate(edge) if there]
        assert opened.page.locator("path.hatched").count() == 0
        label = opened.page.locator(f'path[data-place="{marked[0]}"]').get_attribute("aria-label")
        assert "in reach per 100 children" in label
        assert label.endswith(", edge")
        opened.page.locator("#measure").select_option(label="Covered")
        assert opened.page.locator("path.edge").count() == 0
        assert opened.page.locator("path.hatched").count() > 0


@pytest.mark.parametrize(
    ("choose", "value", "reason"),
    [
        ("group", "Pakistani", "choose everyone and all ages."),
        ("age", "15", "choose everyone and all ages."),
        ("element", "All 12 (average)", "choose one element."),
        ("element", WITHOUT_ACCESS, "no service of this element says how many places it has."),
    ],
)
def test_a_choice_that_it_does_not_go_with_takes_it_away_and_says_why(
    browser: Any, page_file: Path, edition: Edition, choose: str, value: str, reason: str
) -> None:
    if value == WITHOUT_ACCESS:
        value = f"{value} {edition.framework.elements[value].name}"
    with open_file(browser, page_file, fragment=FRAGMENT) as opened:
        page = opened.page
        expect()(page.locator("#measure option:checked")).to_have_text(
            "Places in reach per 100 children"
        )
        page.locator(f"#{choose}").select_option(label=value)
        expect()(page.locator("#measure option:checked")).to_have_text("Not covered (certain)")
        expect()(page.locator("#choice-note")).to_contain_text(reason)
        assert "measure=uncovered" in page.url
        opened.assert_quiet()


def test_a_link_to_it_without_an_element_is_answered(browser: Any, page_file: Path) -> None:
    with open_file(browser, page_file, fragment="measure=access") as opened:
        expect()(opened.page.locator("#measure option:checked")).to_have_text(
            "Not covered (certain)"
        )
        expect()(opened.page.locator("#choice-note")).to_contain_text("choose one element")
        opened.assert_quiet()


def test_a_gap_s_card_gives_the_measure_back(
    browser: Any, page_file: Path, edition: Edition
) -> None:
    entries = edition.entries
    other = entries[(entries["offer_id"] == "youth_offer") & (entries["element_id"] == ELEMENT)]
    with open_file(browser, page_file, fragment=FRAGMENT) as opened:
        page = opened.page
        page.locator(f'#gaps [data-gap="{other.index[0]}"]').click()
        page.keyboard.press("Escape")
        expect()(page.locator("#measure option:checked")).to_have_text(
            "Places in reach per 100 children"
        )


# ---------------------------------------------------------------- cards and table


def test_the_card_says_the_index_its_range_and_its_limits(
    browser: Any, tmp_path: Path, edition: Edition
) -> None:
    file = write_with(
        edition, tmp_path,
        e2sfca=13.321, e2sfca_smaller=17.09, e2sfca_larger=8.84, unknown_capacity=2.0,
        edge_affected="yes",
    )  # fmt: skip
    place = edition.places["place_id"].iloc[3]
    with open_file(browser, file, fragment=f"element={ELEMENT}&area={place}") as opened:
        card = opened.page.locator("#card")
        expect()(card.locator(".access")).to_have_text(
            "13 place-hours a week (17 with a catchment a quarter smaller, 8.8 with one a quarter larger)."
        )
        text = card.inner_text()
        assert "25 minutes on foot" in text
        assert "does not say who is covered" in text
        assert "2 services in reach left out" in text
        assert "Edge: the catchment reaches beyond" in text
        opened.assert_quiet()


def test_none_that_is_known_is_not_called_none(
    browser: Any, tmp_path: Path, edition: Edition
) -> None:
    file = write_with(edition, tmp_path, e2sfca=0.0, unknown_capacity=1.0)
    place = edition.places["place_id"].iloc[3]
    with open_file(browser, file, fragment=f"{FRAGMENT}&area={place}") as opened:
        assert set(read_fills(opened)) == {"url(#dots)"}
        expect()(opened.page.locator("#card .access")).to_have_text("Not known.")
        assert read_legend(opened)[0] == ("none", 0)
        opened.page.locator("#view-table").click()
        row = opened.page.locator("#table-area tbody tr").first
        expect()(row.locator("td").nth(2)).to_have_text("–")


def test_the_table_has_a_column_of_it(browser: Any, page_file: Path, edition: Edition) -> None:
    own = of_element(edition)
    with open_file(browser, page_file, fragment=f"{FRAGMENT}&view=table") as opened:
        page = opened.page
        heading = page.locator("#table-area thead th", has_text="Places in reach")
        expect()(heading).to_contain_text("(place-hours a week)")
        for row in page.locator("#table-area tbody tr").all():
            here = own.iloc[int(row.get_attribute("data-place"))]
            cell = row.locator("td").nth(2).inner_text()
            if cell == "–":
                assert round(here["e2sfca"], 2) == 0
                assert here["unknown_capacity"] > 0
            else:
                assert float(cell) == pytest.approx(here["e2sfca"], rel=0.05, abs=0.006)
        page.locator("#by-hood").click()
        first = page.locator("#table-area tbody tr[data-hood='0']")
        inside = edition.places["neighbourhood"] == edition.places["neighbourhood"].iloc[0]
        known = own[inside.to_numpy() & ~((own["e2sfca"] == 0) & (own["unknown_capacity"] > 0))]
        mean = np.average(known["e2sfca"], weights=known["children"])
        assert float(first.locator("td").nth(2).inner_text()) == pytest.approx(mean, rel=0.05)


def read_week(opened: Opened) -> dict[tuple[str, str], tuple[str, str]]:
    """Read the card's grid: words and class of each slot."""
    found = {}
    for row in opened.page.locator("#card .week tbody tr").all():
        day = row.locator("th").inner_text()
        cells = row.locator("td").all()
        slots = (
            ["after school", "evening", "holiday"] if len(cells) == 3 else ["weekend", "holiday"]
        )
        for slot, cell in zip(slots, cells, strict=True):
            found[slot, day] = (cell.inner_text(), cell.get_attribute("class"))
    return found


def test_the_card_shows_the_week_in_words(browser: Any, page_file: Path, edition: Edition) -> None:
    words = {
        (0.0, 0.0): ("none", "slot-none"), (0.0, 1.0): ("not known", "slot-unknown"),
        (0.25, 0.25): ("25%", "slot-some"), (0.4, 0.8): ("40 to 80%", "slot-some"),
        (1.0, 1.0): ("100%", "slot-most"),
    }  # fmt: skip
    seen = set()
    with open_file(browser, page_file, fragment=f"element={ELEMENT}") as opened:
        for n in (0, 5, 9):
            click_area(opened, n)
            place = edition.places["place_id"].iloc[n]
            own = edition.week[
                (edition.week["element_id"] == ELEMENT) & (edition.week["place_id"] == place)
            ].set_index(["slot", "weekday"])
            wanted = {
                cell: words[own.loc[cell, "reached"], own.loc[cell, "possible"]] for cell in CELLS
            }
            assert read_week(opened) == wanted
            seen |= set(wanted.values())
        assert seen == set(words.values())
        table = opened.page.locator("#card .week")
        expect()(table.locator("caption")).to_contain_text("two clubs at one hour are one")
        assert table.locator("th[scope=col]").count() == 3
        assert table.locator("th[scope=row]").count() == 7
        opened.page.locator("#element").select_option(label="All 12 (average)")
        expect()(table).to_have_count(0)
        opened.assert_quiet()


@pytest.mark.parametrize("width", [320, 390, 1366])
def test_the_week_fits_its_card(
    browser: Any, page_file: Path, edition: Edition, width: int
) -> None:
    fragment = f"{FRAGMENT}&area={edition.places['place_id'].iloc[0]}"
    with open_file(browser, page_file, width=width, height=768, fragment=fragment) as opened:
        page = opened.page
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        body, table = (page.locator(s).bounding_box() for s in ("#card-body", "#card .week"))
        assert table["x"] + table["width"] <= body["x"] + body["width"]
        # No name of a day is broken.
        heights = [r.bounding_box()["height"] for r in page.locator(".week tbody th").all()]
        assert max(heights) < 34
        opened.assert_quiet()


# ---------------------------------------------------------------- words for ways


def test_distances_are_said_as_they_were_measured() -> None:
    straight = describe_travel(Travel(), 1.3)
    assert straight.startswith("On foot, estimated: the straight line from where")
    assert straight.endswith("× 1.3.")
    assert describe_travel(Travel("streets"), 1.42) == (
        "Along streets, the mean of the people who live here."
    )
    for travel in (Travel("file"), Travel("streets", "drive"), Travel("streets", "cycle")):
        said = describe_travel(travel, 1.42)
        assert "straight line" not in said
        assert "On foot" not in said


def nearest_said(browser: Any, file: Path, edition: Edition, fragment: str) -> list[str]:
    file.write_text(render_map(edition), encoding="utf-8")
    with open_file(browser, file, fragment=fragment) as opened:
        opened.assert_quiet()
        items = opened.page.locator("#card h3:text('Nearest services') + ul li")
        said = [re.sub(r"\s+", " ", t).strip() for t in items.all_inner_texts()]
        return said or [opened.page.locator("#card h3:text('Nearest services') + p").inner_text()]


def two_services(edition: Edition) -> Edition:
    """Two services of C02 (1,200 m), 1,000 and 1,300 m in a straight line from the sixth place."""
    home = edition.places.iloc[5]
    services = edition.services.iloc[:2].copy()
    services["service_id"] = ["near", "far"]
    services["elements"] = [("C02",)] * 2
    services["name"] = ["Near", "Far"]
    # A place's position is kept in whole metres.
    services["easting"] = round(home["easting"]) + np.array([1_000.0, 1_300.0])
    services["northing"] = float(round(home["northing"]))
    services["place_basis"] = "given"
    services["service_area"] = [()] * 2
    services["minimum_age"], services["maximum_age"] = 5.0, 13.0
    return replace(edition, services=services)


def test_by_straight_line_the_card_estimates(
    browser: Any, tmp_path: Path, edition: Edition
) -> None:
    own = two_services(edition)
    fragment = f"element=C02&area={edition.places['place_id'].iloc[5]}"
    assert nearest_said(browser, tmp_path / "a.html", own, fragment) == [
        "Near 1,300 m on foot · too far for the standard (1,200 m)",
        "Far 1,690 m on foot · too far for the standard (1,200 m)",
    ]


def with_ways(edition: Edition, travel: Travel, ways: list[Any], times: list[Any]) -> Edition:
    """Add ways of the sixth place (service, mode, minutes, metres, share), and from its homes."""
    place = edition.places["place_id"].iloc[5]
    columns = ["service_id", "mode", "minutes", "metres", "share"]
    rows = [(home, *row, 0.0, 90.0) for home, *row in times]
    homes = pd.DataFrame(
        {"home_id": ["a", "b"], "place_id": place, "easting": 0.0, "northing": 0.0, "share": 0.5}
    )
    return replace(
        edition,
        travel=travel,
        ways=pd.DataFrame(ways, columns=columns).assign(place_id=place),
        times=pd.DataFrame(rows, columns=TRAVEL_TIMES.names()),
        homes=homes,
    )


def test_along_streets_the_card_says_what_was_measured(
    browser: Any, tmp_path: Path, edition: Edition
) -> None:
    """Which is nearer in a straight line is further along streets, and no estimate stands beside.

    "Near" is 3,000 m from both homes: too far for all. "Far" is 900 m from one home and 1,500 m from
    the other, in the mean 1,200.5 m: too far for some, and not 1,200 m.
    """
    own = with_ways(
        two_services(edition), Travel("streets"),
        [("near", "walk", 37.5, 3_000.0, 1.0), ("far", "walk", 15.0, 1_200.5, 1.0)],
        [
            ("a", "near", "walk", 37.5, 3_000.0), ("b", "near", "walk", 37.5, 3_000.0),
            ("a", "far", "walk", 11.3, 900.0), ("b", "far", "walk", 18.8, 1_501.0),
        ],
    )  # fmt: skip
    fragment = f"element=C02&area={edition.places['place_id'].iloc[5]}"
    assert nearest_said(browser, tmp_path / "a.html", own, fragment) == [
        "Far 1,201 m along streets · too far for some of its people (1,200 m)",
        "Near 3,000 m along streets · too far for the standard (1,200 m)",
    ]
    elsewhere = f"element=C02&area={edition.places['place_id'].iloc[6]}"
    assert nearest_said(browser, tmp_path / "b.html", own, elsewhere) == [
        "No way to any of this kind is known."
    ]


def test_other_modes_are_said_in_minutes(browser: Any, tmp_path: Path, edition: Edition) -> None:
    """1,200 m are 15 minutes by a mode that the standard does not name."""
    own = with_ways(
        two_services(edition), Travel("file", "public_transport"),
        [("near", "public_transport", 12.0, np.nan, 0.5), ("far", "public_transport", 15.2, np.nan, 1.0)],
        [("a", "near", "public_transport", 12.0, np.nan), ("a", "far", "public_transport", 15.2, np.nan), ("b", "far", "public_transport", 15.2, np.nan)],
    )  # fmt: skip
    fragment = f"element=C02&area={edition.places['place_id'].iloc[5]}"
    # Half of the people have no way to "Near": for them it is beyond 90 minutes.
    assert nearest_said(browser, tmp_path / "a.html", own, fragment) == [
        "Far 16 min by public transport · too far for the standard (15 min by public transport)",
        "Near 12 min by public transport (50% of its people; the others have no way within 90 min)",
    ]


def test_the_nearest_of_an_element_are_the_nearest_of_the_run(edition: Edition) -> None:
    rng = np.random.default_rng(4)
    places, services = edition.places["place_id"], edition.services["service_id"]
    pairs = pd.MultiIndex.from_product([places, services]).to_frame(index=False)
    metres = rng.uniform(50, 6_000, len(pairs))
    ways = pd.DataFrame(
        {
            "place_id": pairs["place_id"], "service_id": pairs["service_id"], "mode": "walk",
            "minutes": metres / 80, "metres": metres, "share": 1.0,
        }
    )  # fmt: skip
    payload = build_payload(replace(edition, ways=ways, travel=Travel("streets")), register_href="")
    near = payload["nearest"]
    for n, place in enumerate(places):
        row = np.array(near["rows"][n]).reshape(-1, 5)
        own = ways[ways["place_id"] == place].sort_values("metres")
        for number, element in enumerate(payload["elements"]):
            giving = [
                code
                for code, codes in zip(services, edition.services["elements"], strict=True)
                if element["id"] in codes
            ]
            wanted = own.loc[own["service_id"].isin(giving), "service_id"].iloc[:NEAREST].tolist()
            found = [s for s in row[:, 0] if number in payload["services"][s]["elements"]]
            assert [services.iloc[s] for s in found[:NEAREST]] == wanted
    assert build_payload(edition, register_href="")["nearest"] is None


def test_a_place_that_was_not_searched_has_no_figure(
    browser: Any, tmp_path: Path, edition: Edition
) -> None:
    file = write_with(
        edition, tmp_path,
        e2sfca=np.nan, e2sfca_smaller=np.nan, e2sfca_larger=np.nan, unknown_capacity=np.nan,
        basis="not searched",
    )  # fmt: skip
    place = edition.places["place_id"].iloc[3]
    with open_file(browser, file, fragment=f"{FRAGMENT}&area={place}") as opened:
        expect()(opened.page.locator("#card .access")).to_contain_text("Not searched")
        assert set(read_fills(opened)) == {"#ffffff"}
        label = opened.page.locator('path[data-place="3"]').get_attribute("aria-label")
        assert label.endswith(": not searched")
        opened.assert_quiet()


def test_hostile_words_of_a_mode_stay_text(edition: Edition) -> None:
    page = render_map(replace(edition, travel=Travel("streets", "</script><b>")))
    assert "</script><b>" not in page

"""The map in a real browser, from file://, clicked through; figures against the frames."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import quote

import numpy as np
import pandas as pd
import pytest

from browser import Opened, open_file, require_browser, start_browser
from edition_sample import PARTS, sample_edition
from provision_map.edition import Edition
from provision_map.maps import render_map
from provision_map.maps.palette import draw_ramp
from provision_map.tables import CAUSES, UNKNOWN_REASONS
from test_map_page import HOSTILE

CAUSE_PARTS = [f"cause_{c}" for c in CAUSES]
UNKNOWN_PARTS = [f"unknown_{r}" for r in UNKNOWN_REASONS]


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


@pytest.fixture
def opened(browser: Any, page_file: Path) -> Iterator[Opened]:
    with open_file(browser, page_file) as found:
        yield found
        found.assert_quiet()


def expect() -> Any:
    require_browser()
    from playwright.sync_api import expect as playwright_expect

    return playwright_expect


# ---------------------------------------------------------------- what the frames say


def mean_parts(
    edition: Edition, place_id: str | None, *, element: str | None, community: str = "everyone",
    age: int | None = None, offer: str = "youth_offer",
) -> pd.Series:  # fmt: skip
    """Parts of one child from the coverage frame, worked out apart from the map's own code."""
    frame = edition.coverage
    keep = (frame["offer_id"] == offer) & (frame["community_id"] == community)
    keep &= True if place_id is None else frame["place_id"] == place_id
    keep &= True if age is None else frame["age"] == age
    frame = frame[keep]
    elements = [element] if element else sorted(set(frame["element_id"]))
    means = []
    for code in elements:
        cells = frame[frame["element_id"] == code]
        weights = cells["children"].fillna(1.0)
        means.append(cells[list(PARTS)].mul(weights, axis=0).sum() / weights.sum())
    return sum(means) / len(means)


def expect_colours(values: list[float], ramp: str) -> tuple[list[str], list[str], list[int]]:
    """Put shares (per cent) into the fixed classes by hand: words, a colour for each, counts."""
    words = ["0%", "over 0 to 20%", *(f"over {n} to {n + 20}%" for n in (20, 40, 60, 80))]
    which = [int(np.ceil(round(value, 6) / 20)) for value in values]
    colours = draw_ramp(ramp, 6)
    return words, [colours[n] for n in which], [which.count(n) for n in range(6)]


def count_children(
    edition: Edition, place_id: str, community: str, age: int | None, offer: str
) -> float:
    """Children of a community in a place; of one age, or of all that the Offer is for."""
    frame = edition.coverage
    keep = (frame["offer_id"] == offer) & (frame["community_id"] == community)
    keep &= frame["place_id"] == place_id
    keep &= True if age is None else frame["age"] == age
    return float(frame[keep].groupby("age")["children"].max().sum())


def read_fills(opened: Opened) -> list[str]:
    paths = opened.page.locator("path[data-place]")
    return [paths.nth(n).get_attribute("fill") for n in range(paths.count())]


def read_legend(opened: Opened) -> list[tuple[str, int]]:
    rows = opened.page.locator("#legend .legend-rows li")
    return [
        (row.locator(".legend-words").inner_text(), int(row.locator(".legend-count").inner_text()))
        for row in rows.all()
    ]


def assert_coloured(
    opened: Opened, edition: Edition, parts: list[str], ramp: str, **choice: Any
) -> None:
    """Hold the fill of every area and the legend against the frame."""
    shares = [mean_parts(edition, place, **choice) for place in edition.places["place_id"]]
    community = choice.get("community", "everyone")
    of = (community, choice.get("age"), choice.get("offer", "youth_offer"))
    few = [
        community != "everyone" and count_children(edition, place, *of) < 5
        for place in edition.places["place_id"]
    ]
    unknown = [
        s[UNKNOWN_PARTS].sum() >= 0.5 - 1e-9 and ramp != "unknown" and not small
        for s, small in zip(shares, few, strict=True)
    ]
    hidden = [a or b for a, b in zip(few, unknown, strict=True)]
    values = [round(s[parts].sum() * 100, 1) for s in shares]
    shown = [v for v, away in zip(values, hidden, strict=True) if not away]
    words, colours, counts = expect_colours(shown, ramp)
    fills = read_fills(opened)
    assert [fill for fill, away in zip(fills, hidden, strict=True) if not away] == colours
    assert {f for f, away in zip(fills, unknown, strict=True) if away} <= {"url(#dots)"}
    assert {f for f, away in zip(fills, few, strict=True) if away} <= {"url(#few)"}
    legend = read_legend(opened)
    assert legend[: len(words)] == list(zip(words, counts, strict=True))
    if ramp != "unknown":
        assert ("half or more cannot be told, or quality not assessed", sum(unknown)) in legend
    assert (("under 5 children of this group", sum(few)) in legend) == any(few)


# ---------------------------------------------------------------- opening


def test_it_opens_and_says_what_it_is(opened: Opened, edition: Edition) -> None:
    page = opened.page
    see = expect()
    assert page.title() == "Children's provision in Westmoor · map"
    see(page.get_by_role("heading", level=1)).to_have_text("Children's provision in Westmoor")
    see(page.locator(".question")).to_contain_text("not reached, by what, and why?")
    see(page.locator("#status")).to_have_text("illustrative services")
    see(page.locator(".masthead")).to_contain_text("30 November 2020")
    see(page.locator("#record-age")).to_contain_text("3 of 24 say no date")
    see(page.locator("path[data-place]")).to_have_count(len(edition.places))
    see(page.locator("#offer")).to_have_value("0")
    see(page.locator("#summary-what")).to_contain_text("Youth Offer (13-19) · all elements")
    assert_coloured(opened, edition, CAUSE_PARTS, "missing", element=None)


def test_the_sentence_above_the_map_is_the_city_s(opened: Opened, edition: Edition) -> None:
    opened.page.locator("#element").select_option(
        label="Y02 Youth clubs and constructive group activity"
    )
    parts = mean_parts(edition, None, element="Y02")
    words = opened.page.locator("#summary-finding").inner_text()
    people = edition.people[edition.people["age"].between(13, 19)]
    children = people.loc[people["community_id"] == "everyone", "children"].sum()
    assert f"Of {children:,.0f} children" in words
    found = [float(n) for n in re.findall(r"([\d.]+)%", words)]
    quality = parts["unknown_quality"]
    untold = parts[UNKNOWN_PARTS].sum() - quality
    expected = [parts[CAUSE_PARTS].sum(), quality, untold, parts["covered"]]
    assert "% have it in reach, quality not assessed, " in words
    assert found == pytest.approx([100 * share for share in expected], abs=0.11)
    assert sum(found) == pytest.approx(100, abs=0.01)


# ---------------------------------------------------------------- choosing


def test_choices_change_colours_and_legend(opened: Opened, edition: Edition) -> None:
    page = opened.page
    page.locator("#element").select_option(label="Y03 Arts, music, media and culture")
    assert_coloured(opened, edition, CAUSE_PARTS, "missing", element="Y03")
    page.locator("#measure").select_option(label="Covered")
    assert_coloured(opened, edition, ["covered"], "there", element="Y03")
    page.locator("#group").select_option(label="BME (all but White British)")
    assert_coloured(opened, edition, ["covered"], "there", element="Y03", community="bme")
    page.locator("#group").select_option(label="Pakistani")
    assert_coloured(opened, edition, ["covered"], "there", element="Y03", community="pakistani")
    page.locator("#group").select_option(label="White British")
    page.locator("#age").select_option(label="18")
    assert_coloured(
        opened, edition, ["covered"], "there", element="Y03", community="white_british", age=18
    )
    page.locator("#measure").select_option(label="Cannot be told, in total")
    assert_coloured(
        opened, edition, UNKNOWN_PARTS, "unknown", element="Y03", community="white_british", age=18
    )
    page.locator("#group").select_option(label="Everyone")
    page.locator("#measure").select_option(label="Not covered: too far")
    assert_coloured(opened, edition, ["cause_far"], "missing", element="Y03", age=18)
    page.locator("#offer").select_option(label="5-13s Offer")
    assert_coloured(opened, edition, ["cause_far"], "missing", element=None, offer="offer_5_13")


def test_a_share_on_a_limit_belongs_to_the_class_below(opened: Opened, edition: Edition) -> None:
    """60 % is "over 40 to 60%"; the choice is one where some place has just that."""
    for element in edition.framework.offers[0].elements:
        shares = [
            mean_parts(edition, place, element=element.id, age=18)
            for place in edition.places["place_id"]
        ]
        known = [s for s in shares if s[UNKNOWN_PARTS].sum() < 0.5]
        values = [round(100 * s[CAUSE_PARTS].sum(), 1) for s in known]
        if 60.0 in values and {0.0, 100.0} <= set(values):
            break
    else:
        pytest.fail("the sample has no share on a limit")
    opened.page.locator("#element").select_option(label=f"{element.id} {element.name}")
    opened.page.locator("#age").select_option(label="18")
    assert_coloured(opened, edition, CAUSE_PARTS, "missing", element=element.id, age=18)


def write_with(edition: Edition, file: Path, element: str, parts: dict[str, float]) -> Path:
    """Write a page on which one element has the same parts everywhere."""
    coverage = edition.coverage.copy()
    inside = coverage["element_id"] == element
    coverage.loc[inside, list(PARTS)] = [parts.get(part, 0.0) for part in PARTS]
    file.write_text(render_map(replace(edition, coverage=coverage)), encoding="utf-8")
    return file


@pytest.mark.parametrize(
    ("share", "step"), [(0.0, 0), (0.004, 1), (0.2, 1), (0.66, 4), (0.71, 4), (1.0, 5)]
)
@pytest.mark.parametrize("measure", ["uncovered", "unknown"])
def test_a_share_has_one_colour_whatever_the_rest_of_the_map(
    browser: Any, tmp_path: Path, edition: Edition, measure: str, share: float, step: int
) -> None:
    """A map of 100 % everywhere is darkest, one of 0 % palest."""
    part, ramp = {
        "uncovered": ("cause_far", "missing"),
        "unknown": ("unknown_record", "unknown"),
    }[measure]
    parts = {"covered": 1 - share, part: share}
    file = write_with(edition, tmp_path / "index.html", "Y02", parts)
    with open_file(browser, file, fragment=f"element=Y02&measure={measure}") as opened:
        assert set(read_fills(opened)) == {draw_ramp(ramp, 6)[step]}
        counts = [count for _, count in read_legend(opened)][:6]
        assert counts == [len(edition.places) * (n == step) for n in range(6)]


def test_few_children_of_a_group_have_no_colour_and_no_decimals(
    opened: Opened, edition: Edition
) -> None:
    page = opened.page
    page.locator("#group").select_option(label="Pakistani")
    page.locator("#element").select_option(label=f"Y08 {edition.framework.elements['Y08'].name}")
    place_ids = edition.places["place_id"]
    few = [
        count_children(edition, place, "pakistani", None, "youth_offer") < 5 for place in place_ids
    ]
    assert any(few)
    assert [fill == "url(#few)" for fill in read_fills(opened)] == few
    hatched = page.locator("path[data-place].hatched").all()
    assert not any(few[int(path.get_attribute("data-place"))] for path in hatched)
    label = page.locator(f'path[data-place="{few.index(True)}"]').get_attribute("aria-label")
    assert "under 5 children of this group (estimate)" in label
    for place in range(4):
        click_area(opened, place)
        card = page.locator("#card")
        shares = card.locator("li[data-part] strong").all_inner_texts()
        assert all(re.fullmatch(r"\d+%|under 1%", share) for share in shares)
        assert sum(int(share.rstrip("%")) for share in shares if "under" not in share) == 100
    assert "." not in "".join(re.findall(r"[\d.]+%", page.locator("#summary-finding").inner_text()))


def test_a_place_where_the_element_is_not_due_has_no_figure(
    opened: Opened, edition: Edition
) -> None:
    page = opened.page
    page.locator("#offer").select_option(label="5-13s Offer")
    page.locator("#element").select_option(label="C13 Staffed open-access play")
    due = edition.places["imd_decile"].isin([1, 2, 3]).tolist()
    assert [fill != "#ffffff" for fill in read_fills(opened)] == due
    assert ("no figure: not due or nobody counted", due.count(False)) in read_legend(opened)


def test_priority_communities_say_that_nobody_is_counted(opened: Opened) -> None:
    page = opened.page
    page.locator("#group").select_option(label="Disabled children")
    expect()(page.locator("#choice-note")).to_contain_text("no small-area counts")
    assert page.locator("#age option").last.inner_text() == "24"
    page.locator("#view-table").click()
    expect()(page.locator("#table-area tbody tr").first).to_contain_text("no small-area counts")


def test_gap_places_are_hatched(opened: Opened, edition: Edition) -> None:
    opened.page.locator("#element").select_option(
        label="Y02 Youth clubs and constructive group activity"
    )
    entries = edition.entries
    open_gaps = entries[
        (entries["element_id"] == "Y02")
        & (entries["scope"] == "local")
        & (entries["kind"] != "community")
    ]
    ages: dict[str, set[int]] = {}
    for cells in open_gaps["cells"]:
        for place, age in cells:
            ages.setdefault(place, set()).add(age)
    expected = [len(ages.get(place, ())) >= 4 for place in edition.places["place_id"]]
    hatched = opened.page.locator("path[data-place].hatched").all()
    found = {int(path.get_attribute("data-place")) for path in hatched}
    assert found == {n for n, inside in enumerate(expected) if inside}
    assert found


# ---------------------------------------------------------------- cards


def click_area(opened: Opened, place: int) -> None:
    # The middle of a place may lie under a marker or the legend.
    opened.page.locator(f'path[data-place="{place}"]').dispatch_event("click")


def test_an_area_s_card_is_the_frame_s(opened: Opened, edition: Edition) -> None:
    page = opened.page
    page.locator("#element").select_option(label="Y02 Youth clubs and constructive group activity")
    click_area(opened, 8)
    area = edition.places.iloc[8]
    card = page.locator("#card")
    expect()(card.get_by_role("heading", level=2)).to_have_text(area["name"])
    expect()(page.locator("#card-title")).to_be_focused()
    text = card.inner_text()
    assert area["neighbourhood"] in text
    assert f"decile {area['imd_decile']:.0f} of 10" in text
    people = edition.people
    here = people[(people["place_id"] == area["place_id"]) & (people["community_id"] == "everyone")]
    for low, high in ((5, 13), (13, 19)):
        children = here.loc[here["age"].between(low, high), "children"].sum()
        assert re.search(rf"Children {low} to {high}\s+{children:.0f}", text)
    expected = mean_parts(edition, area["place_id"], element="Y02")
    found = read_parts(card)
    assert sum(found.values()) == pytest.approx(100, abs=1e-6)
    for part in PARTS:
        assert found.get(part, 0.0) == pytest.approx(100 * expected[part], abs=0.1)


def read_parts(card: Any) -> dict[str, float]:
    rows = card.locator("li[data-part]").all()
    return {
        row.get_attribute("data-part"): float(row.locator("strong").inner_text().rstrip("%"))
        for row in rows
    }


def test_the_card_names_the_nearest_services(opened: Opened, edition: Edition) -> None:
    opened.page.locator("#offer").select_option(label="5-13s Offer")
    opened.page.locator("#element").select_option(label="C02 After-school and junior clubs")
    click_area(opened, 0)
    area, services = edition.places.iloc[0], edition.services
    gives = services[[("C02" in codes) for codes in services["elements"]]]
    gives = gives.assign(
        metres=np.hypot(gives["easting"] - area["easting"], gives["northing"] - area["northing"])
    ).sort_values("metres")
    nearest = gives.dropna(subset=["metres"]).iloc[0]
    listed = opened.page.locator(
        "#card li", has=opened.page.get_by_role("button", name=nearest["name"])
    ).first
    walked = np.ceil(nearest["metres"] * 1.3 / 10) * 10
    assert f"{walked:,.0f} m on foot" in listed.inner_text()
    card = opened.page.locator("#card")
    expect()(card).to_contain_text("On foot, estimated: the straight line")
    expect()(card).to_contain_text("× 1.3.")


@pytest.mark.parametrize("age", [None, 6, 12])
def test_the_card_says_why_a_near_service_does_not_count(
    browser: Any, tmp_path: Path, edition: Edition, age: int | None
) -> None:
    """Within 1,200 m walked; the second is for older, the third is far, the fourth comes."""
    home = edition.places.iloc[5]
    services = edition.services.iloc[:5].copy()
    services["elements"] = [("C02",)] * 4 + [("Y08",)]
    services["name"] = ["Near", "Older", "Far", "Comes", "Other"]
    services["easting"] = home["easting"] + np.array([97, 920, 930, np.nan, 0])
    services["northing"] = home["northing"] + np.array([0, 0, 0, np.nan, 0])
    services["place_basis"] = "given"
    services["service_area"] = [(), (), (), (home["place_id"],), ()]
    services["minimum_age"] = [5.0, 11.0, np.nan, 5.0, 5.0]
    services["maximum_age"] = [11.0, 13.0, 19.0, 8.0, 19.0]
    file = tmp_path / "index.html"
    file.write_text(render_map(replace(edition, services=services)), encoding="utf-8")
    fragment = f"offer=offer_5_13&element=C02&area={home['place_id']}&age={age or 'all'}"
    with open_file(browser, file, fragment=fragment) as opened:
        items = opened.page.locator("#card h3:text('Nearest services') + ul li")
        far = "Far 1,210 m on foot · too far for the standard (1,200 m)"
        expect()(items).to_have_text(
            [
                "Near 130 m on foot" + (" · not for age 12" if age == 12 else ""),
                "Older 1,200 m on foot" + (" · not for age 6" if age == 6 else ""),
                far,
                "Comes comes to this area" + (" · not for age 12" if age == 12 else ""),
            ]
        )
        opened.assert_quiet()


def test_a_rough_site_is_not_called_too_far(browser: Any, tmp_path: Path, edition: Edition) -> None:
    home = edition.places.iloc[5]
    services = edition.services.iloc[:2].copy()
    services["elements"] = [("C02",)] * 2
    services["name"] = ["Rough", "Sure"]
    services["easting"] = home["easting"] + 996.0
    services["northing"] = home["northing"]
    services["location_accuracy"] = [100.0, 10.0]
    services["place_basis"] = "given"
    file = tmp_path / "index.html"
    file.write_text(render_map(replace(edition, services=services)), encoding="utf-8")
    with open_file(browser, file, fragment=f"element=C02&area={home['place_id']}") as opened:
        card = opened.page.locator("#card")
        expect()(card.locator("li", has_text="Rough")).to_have_text("Rough 1,300 m on foot")
        expect()(card.locator("li", has_text="Sure")).to_contain_text("too far")


def test_under_five_of_a_group_is_not_told(opened: Opened, edition: Edition) -> None:
    people = edition.people
    arabs = people[(people["community_id"] == "arab") & people["age"].between(13, 19)]
    counts = arabs.groupby("place_id")["children"].sum().reindex(edition.places["place_id"])
    few, many = int(np.argmin(counts)), int(np.argmax(counts))
    assert counts.iloc[few] < 5 <= counts.iloc[many]
    opened.page.locator("#group").select_option(label="Arab")
    click_area(opened, few)
    assert "under 5 (estimate)" in opened.page.locator("#card").inner_text()
    click_area(opened, many)
    assert f"{counts.iloc[many]:.0f} (estimate)" in opened.page.locator("#card").inner_text()


def test_a_gap_in_the_list_shows_its_places_and_its_row(opened: Opened, edition: Edition) -> None:
    page = opened.page
    entries = edition.entries
    number = int(
        entries.index[(entries["offer_id"] == "youth_offer") & (entries["scope"] == "local")][0]
    )
    entry = entries.loc[number]
    press = page.locator(f'#gaps button[data-gap="{number}"]')
    assert entry["title"] in press.inner_text()
    press.click()
    marked = {
        int(p.get_attribute("data-place")) for p in page.locator("path[data-place].marked").all()
    }
    place_ids = edition.places["place_id"].tolist()
    assert {place_ids[n] for n in marked} == set(entry["places"])
    link = page.locator("#card .register a")
    assert link.get_attribute("href") == f"gap-register.html#{entry['gap_id']}"
    card = page.locator("#card").inner_text()
    assert f"{entry['children']:,.0f} not covered" in card
    assert entry["grade"] in card
    assert entry["grade_reason"] in card
    assert entry["state"] in card
    assert f"gap={entry['gap_id']}" in page.url
    element = edition.framework.elements[entry["element_id"]]
    expect()(page.locator("#element option:checked")).to_have_text(f"{element.id} {element.name}")
    page.keyboard.press("Escape")
    expect()(page.locator("#card")).to_be_hidden()
    expect()(press).to_be_focused()
    assert page.locator("path[data-place].marked").count() == 0
    expect()(page.locator("#element option:checked")).to_have_text("All 12 (average)")


def test_city_wide_and_local_gaps_stand_apart(opened: Opened, edition: Edition) -> None:
    entries = edition.entries[edition.entries["offer_id"].isin(["youth_offer", ""])]
    wide = (entries["scope"] == "city-wide").sum()
    community = (entries["kind"] == "community").sum()
    practice = (entries["kind"] == "practice").sum()
    local = len(entries) - wide - community - practice
    headings = opened.page.locator("#gaps h3").all_inner_texts()
    assert [int(re.search(r"\((\d+)\)", h)[1]) for h in headings] == [
        wide,
        local,
        community,
        practice,
    ]
    assert headings[0].startswith("City-wide")


def test_the_keyboard_goes_from_area_to_area_and_back(opened: Opened, edition: Edition) -> None:
    page = opened.page
    page.keyboard.press("Tab")
    expect()(page.locator("#skip")).to_be_focused()
    page.keyboard.press("Enter")
    expect()(page.locator('path[data-place="0"]')).to_be_focused()
    page.keyboard.press("ArrowRight")
    expect()(page.locator('path[data-place="1"]')).to_be_focused()
    page.keyboard.press("ArrowUp")
    expect()(page.locator('path[data-place="5"]')).to_be_focused()
    page.keyboard.press("Enter")
    expect()(page.locator("#card-title")).to_have_text(edition.places["name"].iloc[5])
    page.keyboard.press("Tab")
    expect()(page.locator("#card-close")).to_be_focused()
    page.keyboard.press("Escape")
    expect()(page.locator('path[data-place="5"]')).to_be_focused()


def test_markers_open_with_the_keyboard(opened: Opened) -> None:
    page = opened.page
    marker = page.locator(".service-mark").first
    label = marker.get_attribute("aria-label")
    assert label.startswith("Service: ")
    marker.focus()
    page.keyboard.press("Enter")
    name = page.locator("#card-title").inner_text()
    assert name in label
    page.keyboard.press("Escape")
    expect()(marker).to_be_focused()
    clusters = page.locator(".service-cluster").count()
    page.locator(".service-cluster").first.focus()
    page.keyboard.press("Enter")
    expect()(page.locator(".folium-map")).to_be_focused()
    expect()(page.locator(".service-cluster")).not_to_have_count(clusters)


# ---------------------------------------------------------------- address, search, table


def test_the_address_restores_the_view(
    browser: Any, page_file: Path, opened: Opened, edition: Edition
) -> None:
    page = opened.page
    page.locator("#offer").select_option(label="5-13s Offer")
    page.locator("#element").select_option(label="C05 Places to play")
    page.locator("#age").select_option(label="7")
    page.locator("#group").select_option(label="Pakistani")
    page.locator("#measure").select_option(label="Covered")
    click_area(opened, 3)
    fragment = page.url.split("#")[1]
    with open_file(browser, page_file, fragment=fragment) as again:
        for name in ("offer", "element", "age", "group", "measure"):
            expect()(again.page.locator(f"#{name}")).to_have_value(
                page.locator(f"#{name}").input_value()
            )
        expect()(again.page.locator("#card-title")).to_have_text(edition.places["name"].iloc[3])
        assert read_fills(again) == read_fills(opened)
        assert again.page.url == page.url
        again.assert_quiet()


@pytest.mark.parametrize(
    ("fragment", "words"),
    [
        ("gap=G-404", "There is no gap “G-404” in this edition."),
        ("area=nowhere", "There is no area “nowhere” in this edition."),
        ("service=<b>", "There is no service “<b>” in this edition."),
        ("offer=youth_offer&element=Z99", "There is no element “Z99” in this edition."),
        ("age=99", "Age “99” is not one of this Offer."),
    ],
)
def test_an_unknown_address_is_answered(
    browser: Any, page_file: Path, fragment: str, words: str
) -> None:
    with open_file(browser, page_file, fragment=quote(fragment, safe="=&")) as opened:
        expect()(opened.page.locator("#message")).to_have_text(words)
        expect()(opened.page.locator("#card")).to_be_hidden()
        opened.assert_quiet()


def test_a_changed_address_is_followed(opened: Opened, edition: Edition) -> None:
    gap = edition.entries["gap_id"].iloc[4]
    opened.page.evaluate(f"location.hash = 'gap={gap}'")
    expect()(opened.page.locator("#card-title")).to_have_text(edition.entries["title"].iloc[4])


def test_search_finds_a_service_and_opens_it(opened: Opened, edition: Edition) -> None:
    page = opened.page
    service = edition.services.iloc[2]
    page.locator("#search").fill("sports hall castle")
    options = page.locator('#found li[role="option"]')
    named = (edition.services["name"] == service["name"]).sum()
    expect()(options).to_have_count(int(named))
    page.keyboard.press("ArrowDown")
    assert page.locator("#search").get_attribute("aria-activedescendant") == "found-0"
    page.keyboard.press("Enter")
    expect()(page.locator("#card-title")).to_have_text(service["name"])
    text = page.locator("#card").inner_text()
    assert "illustrative services" in text
    assert "Harbour Trust" in text
    assert "Wednesdays 18:30 to 20:00, in holidays (Easter, Summer)" in text
    assert re.search(r"Record checked\s+3 March 2020", text)
    page.keyboard.press("Escape")
    expect()(page.locator("#search")).to_be_focused()


def test_a_place_found_by_polygon_is_marked_approximate(opened: Opened, edition: Edition) -> None:
    basis = edition.services["place_basis"].tolist()
    for number in (basis.index("polygon"), basis.index("given")):
        opened.page.evaluate(
            f"location.hash = 'service={edition.services['service_id'].iloc[number]}'"
        )
        expect()(opened.page.locator("#card-title")).to_have_text(
            edition.services["name"].iloc[number]
        )
        text = opened.page.locator("#card").inner_text()
        assert ("place found by polygon: approximate" in text) == (basis[number] == "polygon")


def test_search_says_when_there_is_nothing(opened: Opened) -> None:
    opened.page.locator("#search").fill("zzz")
    expect()(opened.page.locator("#found")).to_have_text("Nothing of that name.")
    opened.page.keyboard.press("Escape")
    expect()(opened.page.locator("#found")).to_be_hidden()


def test_the_table_says_what_the_frame_says(opened: Opened, edition: Edition) -> None:
    page = opened.page
    page.locator("#element").select_option(label="Y05 Safe places to go")
    page.locator("#view-table").click()
    rows = page.locator("#table-area tbody tr")
    assert rows.count() == len(edition.places)
    headings = [h.strip(" ▲▼") for h in page.locator("#table-area thead th").all_inner_texts()]
    columns = {
        name: headings.index(name)
        for name in ("Not covered (certain)", "Covered", "Cannot be told, in total")
    }
    for row in rows.all():
        place_id = edition.places["place_id"].iloc[int(row.get_attribute("data-place"))]
        parts = mean_parts(edition, place_id, element="Y05")
        cells = row.locator("th, td").all_inner_texts()
        few = count_children(edition, place_id, "everyone", None, "youth_offer") < 100
        for name, codes in (
            ("Not covered (certain)", CAUSE_PARTS),
            ("Covered", ["covered"]),
            ("Cannot be told, in total", UNKNOWN_PARTS),
        ):
            assert float(cells[columns[name]].rstrip("%")) == pytest.approx(
                100 * parts[codes].sum(), abs=0.6 if few else 0.1
            )
            assert not (few and "." in cells[columns[name]])
    page.get_by_role("button", name="Not covered (certain)").click()
    order = [int(row.get_attribute("data-place")) for row in rows.all()]
    shares = [mean_parts(edition, place, element="Y05") for place in edition.places["place_id"]]
    # By the share itself, not by what is written: of few children that has no decimals.
    values = [round(shares[n][CAUSE_PARTS].sum(), 2) for n in order]
    assert values == sorted(values, reverse=True)
    assert values[0] > values[-1]
    assert page.locator("th[aria-sort]").get_attribute("aria-sort") == "descending"
    assert "view=table" in page.url


def test_outcomes_can_be_switched_off(opened: Opened, edition: Edition) -> None:
    page = opened.page
    services = edition.services
    elements = edition.framework.elements
    youth = services[
        [any(code.startswith("Y") for code in codes) for codes in services["elements"]]
    ]

    def outcomes_of(row: Any) -> set[str]:
        codes = row["outcomes"] or [a for e in row["elements"] for a in elements[e].aims]
        return {code[:2] for code in codes}

    served = [outcomes_of(row) for row in youth.to_dict("records")]
    for outcome in edition.framework.outcomes:
        row = page.locator("#outcomes li", has_text=outcome.name)
        assert int(row.locator(".count").inner_text()) == sum(outcome.id in s for s in served)
        row.locator("input").uncheck()
    expect()(page.locator(".service-mark, .service-cluster")).to_have_count(0)
    page.locator('input[data-outcome="SS"]').check()
    located = youth["easting"].notna().tolist()
    safe = sum("SS" in s and on for s, on in zip(served, located, strict=True))
    page.wait_for_timeout(400)
    shown = page.locator(".service-mark").count() + sum(
        int(n) for n in page.locator(".service-cluster .donut-count").all_text_contents()
    )
    assert shown == safe


# ---------------------------------------------------------------- sizes, print, hostile text


@pytest.mark.parametrize("width", [320, 390, 860, 861, 1200])
def test_nothing_runs_out_of_the_window(browser: Any, page_file: Path, width: int) -> None:
    with open_file(browser, page_file, width=width, height=700) as opened:
        assert opened.page.evaluate("document.documentElement.scrollWidth") <= width
        opened.page.locator("#gaps button").first.click()
        assert opened.page.evaluate("document.documentElement.scrollWidth") <= width
        opened.assert_quiet()


def test_on_a_phone_the_map_comes_before_the_panel(browser: Any, page_file: Path) -> None:
    with open_file(browser, page_file, width=390, height=844) as opened:
        tops = {
            name: opened.page.locator(f"#{name}").bounding_box()["y"]
            for name in ("map-area", "panel")
        }
        assert tops["map-area"] < tops["panel"]


def test_everything_to_press_is_large_enough(opened: Opened) -> None:
    click_area(opened, 2)
    small = opened.page.evaluate(
        """() => [...document.querySelectorAll("button, select, input:not([type=checkbox]), summary, #outcomes label")]
          .map((node) => [node.id || node.textContent, node.getBoundingClientRect()])
          .filter(([, box]) => box.width && (box.width < 24 || box.height < 24))
          .map(([name]) => name)"""
    )
    assert small == []


def test_it_prints_on_one_page_with_legend_sources_and_caveats(
    browser: Any, page_file: Path
) -> None:
    with open_file(browser, page_file) as opened:
        pdf = opened.page.pdf(prefer_css_page_size=True)
        assert len(re.findall(rb"/Type\s*/Page\b", pdf)) == 1
        opened.page.emulate_media(media="print")
        see = expect()
        see(opened.page.locator("#legend .legend-rows")).to_be_visible()
        see(opened.page.get_by_text("Counts by ethnic group are estimates.")).to_be_visible()
        see(opened.page.get_by_text("Made-up ages · mid-2020 · none")).to_be_visible()
        see(opened.page.locator("#status")).to_be_visible()
        see(opened.page.locator("#panel")).to_be_hidden()
        opened.page.emulate_media(media="screen")
        see(opened.page.locator("#panel")).to_be_visible()
        opened.assert_quiet()


def test_it_works_with_motion_reduced(browser: Any, page_file: Path, edition: Edition) -> None:
    fragment = f"gap={edition.entries['gap_id'].iloc[3]}"
    with open_file(browser, page_file, fragment=fragment, reduced_motion="reduce") as opened:
        expect()(opened.page.locator("#card-title")).to_have_text(edition.entries["title"].iloc[3])
        assert opened.page.locator(".leaflet-zoom-anim").count() == 0
        opened.assert_quiet()


def test_an_edition_without_services_gaps_or_groups_opens(browser: Any, tmp_path: Path) -> None:
    full = sample_edition()
    coverage = full.coverage[
        (full.coverage["community_id"] == "everyone") & (full.coverage["offer_id"] == "youth_offer")
    ]
    bare = replace(
        full,
        data_status="",
        coverage=coverage,
        services=full.services.iloc[:0],
        sessions=full.sessions.iloc[:0],
        quality=full.quality.iloc[:0],
        entries=full.entries.iloc[:0],
        places=full.places.assign(neighbourhood_id="", neighbourhood="", imd_decile=np.nan),
        sources=(),
        notes=(),
    )
    file = tmp_path / "index.html"
    file.write_text(render_map(bare), encoding="utf-8")
    with open_file(browser, file) as opened:
        see = expect()
        see(opened.page.locator("path[data-place]")).to_have_count(len(bare.places))
        see(opened.page.locator("#status")).to_be_hidden()
        see(opened.page.locator("#gaps")).to_have_text("No gap is registered for this choice.")
        click_area(opened, 0)
        see(opened.page.locator("#card")).to_contain_text("None of this kind is recorded.")
        see(opened.page.locator("#card")).not_to_contain_text("illustrative")
        opened.page.locator("#view-table").click()
        opened.assert_quiet()


@pytest.mark.parametrize(
    "text", [" ".join(HOSTILE), "{{'", "</script><script>window.ran=1</script>", "<!--"]
)
def test_hostile_text_shows_as_typed_and_nothing_runs(
    browser: Any, tmp_path: Path, text: str
) -> None:
    edition = sample_edition(text)
    file = tmp_path / "index.html"
    file.write_text(render_map(edition), encoding="utf-8")
    with open_file(browser, file) as opened:
        page = opened.page
        shown = "el => el.textContent"
        assert page.locator("h1").evaluate(shown) == text
        assert page.locator("#status").evaluate(shown) == text
        assert page.locator(".name span").first.evaluate(shown) == text
        assert text in page.locator("#gaps button").first.evaluate(shown)
        assert text in page.locator("#element option").nth(1).evaluate(shown)
        assert text in page.locator("#footer-line").evaluate(shown)
        click_area(opened, 0)
        assert page.locator("#card-title").evaluate(shown) == text
        assert f"P01{text}" in page.locator("#card-body").evaluate(shown)
        page.locator("#gaps button").first.click()
        assert page.locator("#card-title").evaluate(shown) == text
        page.evaluate(
            f"location.hash = 'service=' + encodeURIComponent({edition.services['service_id'].iloc[0]!r})"
        )
        expect()(page.locator("#card")).to_have_attribute("data-kind", "service")
        assert page.locator("#card-title").evaluate(shown) == text
        page.locator("#search").fill("a")
        page.locator("#view-table").click()
        assert text in page.locator("#table-area tbody tr").first.evaluate(shown)
        page.locator("#about summary").click()
        assert text in page.locator("#about-body").evaluate(shown)
        assert page.evaluate("window.ran === undefined")
        assert page.locator("img, iframe, main script").count() == 0
        opened.assert_quiet()
    assert not Path("/tmp/provision-map-was-here").exists()  # noqa: S108 - what the text would make

"""Cards, the list of gaps and the table in a browser: what they say, leave out and make room for."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from browser import Opened, open_file, start_browser
from edition_sample import PARTS, sample_edition
from provision_map.edition import Edition
from provision_map.maps import render_map
from test_map_browser import (
    CAUSE_PARTS,
    UNKNOWN_PARTS,
    click_area,
    count_children,
    expect,
    mean_parts,
    read_parts,
)

Open = Callable[..., AbstractContextManager[Opened]]


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with start_browser() as started:
        yield started


@pytest.fixture(scope="module")
def edition() -> Edition:
    return sample_edition()


@pytest.fixture
def show(browser: Any, tmp_path: Path) -> Open:
    """Write an edition's page and open it."""

    def write_and_open(edition: Edition, fragment: str = "", **size: int) -> Any:
        file = tmp_path / "index.html"
        file.write_text(render_map(edition), encoding="utf-8")
        return open_file(browser, file, fragment=fragment, **size)

    return write_and_open


# ---------------------------------------------------------------- gaps


def list_numbers(opened: Opened, selector: str) -> list[int]:
    return [int(b.get_attribute("data-gap")) for b in opened.page.locator(selector).all()]


def test_closed_gaps_stand_apart(show: Open, edition: Edition) -> None:
    entries = edition.entries.copy()
    own = (entries["element_id"] == "Y02") & (entries["scope"] == "local")
    entries.loc[own, "state"] = "closed by measure"
    closed = entries.index[own].tolist()
    assert closed
    every = entries.index[entries["offer_id"].isin(["youth_offer", ""])]
    with show(replace(edition, entries=entries)) as opened:
        page = opened.page
        expect()(page.locator("#gaps-title")).to_contain_text(f"({len(every) - len(closed)})")
        shown = list_numbers(opened, "#gaps ol button")
        assert sorted(shown) == [n for n in every if n not in closed]
        expect()(page.locator("#gaps details summary")).to_have_text(
            f"Closed by measure ({len(closed)})"
        )
        assert list_numbers(opened, "#gaps details button") == closed
        expect()(page.locator(f'#gaps [data-gap="{closed[0]}"]')).to_be_hidden()
        assert page.locator("#gaps details .rank").all_inner_texts() == [""] * len(closed)
        page.locator("#element").select_option(
            value=page.locator("#element option").nth(2).get_attribute("value")
        )
        assert page.locator("path[data-place].hatched").count() == 0
        place = edition.places["place_id"].tolist().index(entries.loc[closed[0], "places"][0])
        click_area(opened, place)
        expect()(page.locator("#card")).to_contain_text("No local gap for this choice.")
        expect()(page.locator("#card details summary")).to_contain_text("Closed by measure (")
        page.evaluate(f"location.hash = 'gap={entries.loc[closed[0], 'gap_id']}'")
        expect()(page.locator(f'#gaps [data-gap="{closed[0]}"]')).to_be_visible()
        expect()(page.locator("#card")).to_contain_text("closed by measure")
        assert "Rank" not in page.locator("#card").inner_text()
        opened.assert_quiet()


@pytest.mark.parametrize(
    "community", ["all_asian", "all_but:indian+pakistani", "all_but:white_british"]
)
def test_a_gap_of_groups_that_are_not_in_the_menu(
    show: Open, edition: Edition, community: str
) -> None:
    entries = edition.entries.copy()
    number = int(entries.index[entries["kind"] == "community"][0])
    entries.loc[number, ["community_id", "title"]] = [
        community,
        "Clubs, some groups: full, ages 13-15",
    ]
    with show(replace(edition, entries=entries), f"gap={entries.loc[number, 'gap_id']}") as opened:
        page = opened.page
        expect()(page.locator("#card-title")).to_have_text("Clubs, some groups: full, ages 13-15")
        expect()(page.locator(f'#gaps [data-gap="{number}"] .gap-title')).to_have_text(
            "Clubs, some groups: full, ages 13-15"
        )
        card = page.locator("#card").inner_text()
        assert edition.framework.community_name(community) in card
        assert "No map of its own: the map shows everyone." in card
        expect()(page.locator("#group option:checked")).to_have_text("Everyone")
        opened.assert_quiet()


def test_an_area_lists_gaps_of_everyone_and_of_the_chosen_group(
    show: Open, edition: Edition
) -> None:
    entries = edition.entries.iloc[:6].copy()
    place = edition.places["place_id"].iloc[5]
    entries["offer_id"], entries["element_id"] = "youth_offer", "Y02"
    entries["scope"], entries["state"] = "local", "new"
    entries["places"] = [(place,)] * 6
    entries["cells"] = [((place, 13),)] * 6
    entries["title"] = ["One", "Two", "Three", "Four", "Five", "Six"]
    entries["community_id"] = [
        "everyone", "pakistani", "arab", "all_asian", "all_but:indian+pakistani", "disabled",
    ]  # fmt: skip
    entries["kind"] = ["provision", *["community"] * 5]
    expected = {
        "everyone": ["One"],
        "pakistani": ["One", "Two", "Four"],
        "arab": ["One", "Three", "Five"],
        "disabled": ["One", "Six"],
    }
    with show(replace(edition, entries=entries)) as opened:
        titles = opened.page.locator("#card h3:text('Gaps here') + ul li button")
        for group, named in expected.items():
            opened.page.evaluate(f"location.hash = 'element=Y02&group={group}&area={place}'")
            expect()(titles).to_have_text(named)
        opened.assert_quiet()


def test_cards_say_that_one_of_several_types_would_do(show: Open, edition: Edition) -> None:
    """C05 asks for one type of space: of three that are missing one would do."""
    entries = edition.entries.assign(missing_parts="")
    number = int(entries.index[entries["element_id"] == "C05"][0])
    entries.loc[number, "missing_parts"] = "LAP; LEAP; NEAP"
    coverage = edition.coverage.assign(missing_parts="")
    coverage.loc[coverage["element_id"] == "C05", "missing_parts"] = "LAP; LEAP; NEAP"
    changed = replace(edition, entries=entries, coverage=coverage)
    said = "Missing: any one of LAP, LEAP, NEAP would do"
    with show(changed, f"gap={entries.loc[number, 'gap_id']}") as opened:
        card = opened.page.locator("#card")
        expect()(card.locator(".missing")).to_have_text(said)
        opened.page.evaluate("location.hash = 'offer=offer_5_13&element=C05&area=P02'")
        expect()(card.locator(".missing")).to_have_text(said)
        expect()(card).to_contain_text(
            "Standard: 1 type of space within 100 m (LAP), 400 m (LEAP) or 1,000 m (NEAP)."
        )
        opened.assert_quiet()


def test_cards_say_what_is_missing(show: Open, edition: Edition) -> None:
    entries = edition.entries.assign(missing_parts="")
    number = int(entries.index[entries["element_id"] == "C10"][0])
    entries.loc[number, "missing_parts"] = "Christmas; Summer"
    coverage = edition.coverage.assign(missing_parts="")
    coverage.loc[coverage["element_id"] == "C10", list(PARTS)] = 0.0
    coverage.loc[coverage["element_id"] == "C10", "cause_none"] = 1.0
    coverage.loc[coverage["element_id"] == "C10", "missing_parts"] = "Christmas"
    older = (coverage["element_id"] == "C10") & (coverage["age"] > 11)
    coverage.loc[older, "missing_parts"] = "Christmas; Easter"
    place = edition.places["place_id"].iloc[2]
    lacks = (coverage["element_id"] == "C10") & (coverage["place_id"] == place)
    coverage.loc[lacks & (coverage["age"] == 5), "missing_parts"] = ""
    changed = replace(edition, entries=entries, coverage=coverage)
    with show(changed, f"gap={entries.loc[number, 'gap_id']}") as opened:
        card = opened.page.locator("#card")
        missing = card.locator(".missing")
        expect()(missing).to_have_text("Missing: Christmas, Summer")

        def look(choice: str) -> None:
            opened.page.evaluate(f"location.hash = 'offer=offer_5_13&{choice}'")

        look("element=C10&area=P02")
        expect()(missing).to_have_text(
            "Missing: Christmas (ages 5 to 11); Christmas, Easter (ages 12 to 13)"
        )
        expect()(card).to_contain_text("even all services of this kind together")
        expect()(opened.page.locator("#summary-finding")).to_contain_text("not enough anywhere")
        look(f"element=C10&area={place}")
        expect()(missing).to_have_text(
            "Missing: Christmas (ages 6 to 11); Christmas, Easter (ages 12 to 13)"
        )
        look("element=C10&age=13&area=P02")
        expect()(missing).to_have_text("Missing: Christmas, Easter")
        look("element=all&area=P02")
        expect()(missing).to_have_count(0)
        look("element=C09&area=P02")
        expect()(missing).to_have_count(0)
        opened.assert_quiet()


# ---------------------------------------------------------------- neighbourhoods


def hood_parts(edition: Edition, hood: str, element: str | None) -> pd.Series:
    """Parts of one child of everyone in a neighbourhood, from the frame."""
    inside = edition.places.loc[edition.places["neighbourhood_id"] == hood, "place_id"]
    frame = edition.coverage[edition.coverage["place_id"].isin(inside)]
    return mean_parts(replace(edition, coverage=frame), None, element=element)


@pytest.mark.parametrize("element", ["Y02", None])
def test_a_neighbourhood_adds_up_its_places(
    show: Open, edition: Edition, element: str | None
) -> None:
    hood = edition.places["neighbourhood_id"].iloc[-1]
    inside = edition.places[edition.places["neighbourhood_id"] == hood]
    name = inside["neighbourhood"].iloc[0]
    with show(edition, f"element={element or 'all'}") as opened:
        page = opened.page
        page.locator("#search").fill(name.lower())
        expect()(page.locator("#found li").first).to_have_text(f"Neighbourhood {name}")
        page.keyboard.press("Enter")
        expect()(page.locator("#card-title")).to_have_text(name)
        assert f"neighbourhood={hood}" in page.url
        marked = page.locator("path[data-place].marked").all()
        assert [int(m.get_attribute("data-place")) for m in marked] == inside.index.tolist()
        card = page.locator("#card")
        text = card.inner_text()
        people = edition.people[edition.people["community_id"] == "everyone"]
        people = people[people["place_id"].isin(inside["place_id"])]
        for low, high in ((5, 13), (13, 19)):
            children = people.loc[people["age"].between(low, high), "children"].sum()
            assert re.search(rf"Children {low} to {high}\s+{children:,.0f}\n", text)
        expected = hood_parts(edition, hood, element)
        found = read_parts(card)
        assert sum(found.values()) == pytest.approx(100, abs=1e-6)
        for part in PARTS:
            assert found.get(part, 0.0) == pytest.approx(100 * expected[part], abs=0.15)
        wanted = [element] if element else [e.id for e in edition.framework.offers[0].elements]
        gives = [bool({*wanted} & {*codes}) for codes in edition.services["elements"]]
        here = edition.services["place_id"].isin(inside["place_id"])
        here &= edition.services["easting"].notna() & pd.Series(gives)
        assert f"Services here ({here.sum()})" in text
        for service in edition.services.loc[here, "name"]:
            assert service in text
        touching = [bool({*codes} & {*inside["place_id"]}) for codes in edition.entries["places"]]
        entries = edition.entries[pd.Series(touching)]
        entries = entries[(entries["scope"] == "local") & (entries["community_id"] == "everyone")]
        of = entries["element_id"].isin(wanted)
        of |= (entries["kind"] == "practice") & (element is None)
        titles = card.locator("h3:text('Gaps here') + ul li button").all_inner_texts()
        assert titles == entries.loc[of, "title"].tolist()
        page.keyboard.press("Escape")
        expect()(page.locator("#search")).to_be_focused()
        assert page.locator("path[data-place].marked").count() == 0
        opened.assert_quiet()


def test_a_neighbourhood_s_address_restores_it_and_follows_the_choice(
    show: Open, edition: Edition
) -> None:
    fragment = "offer=youth_offer&element=Y02&group=bme&neighbourhood=N2"
    with show(edition, fragment) as opened:
        page = opened.page
        name = edition.places.set_index("neighbourhood_id")["neighbourhood"]["N2"].iloc[0]
        expect()(page.locator("#card-title")).to_have_text(name)
        inside = edition.places.loc[edition.places["neighbourhood_id"] == "N2", "place_id"]
        bme = sum(count_children(edition, p, "bme", None, "youth_offer") for p in inside)
        expect()(page.locator("#card")).to_contain_text(f"{bme:.0f} (estimate)")
        page.locator("#group").select_option(label="Everyone")
        page.locator("#element").select_option(index=3)
        found = read_parts(page.locator("#card"))
        expected = hood_parts(edition, "N2", "Y03")
        for part in PARTS:
            assert found.get(part, 0.0) == pytest.approx(100 * expected[part], abs=0.15)
        page.locator("#card .places button").first.click()
        page.locator("#card .facts button", has_text=name).click()
        expect()(page.locator("#card-title")).to_have_text(name)
        opened.assert_quiet()


def test_an_unknown_neighbourhood_is_answered(show: Open, edition: Edition) -> None:
    with show(edition, "neighbourhood=N99") as opened:
        expect()(opened.page.locator("#message")).to_have_text(
            "There is no neighbourhood “N99” in this edition."
        )


def test_the_table_switches_to_neighbourhoods(show: Open, edition: Edition) -> None:
    with show(edition, "element=Y05&view=table") as opened:
        page = opened.page
        rows = page.locator("#table-area tbody tr")
        expect()(rows).to_have_count(len(edition.places))
        page.get_by_role("button", name="Neighbourhoods", exact=True).click()
        expect()(page.locator("#by-hood")).to_be_focused()
        hoods = list(dict.fromkeys(edition.places["neighbourhood_id"]))
        expect()(rows).to_have_count(len(hoods))
        assert "rows=neighbourhoods" in page.url
        headings = [h.strip(" ▲▼") for h in page.locator("#table-area thead th").all_inner_texts()]
        for row in rows.all():
            hood = hoods[int(row.get_attribute("data-hood"))]
            expected = hood_parts(edition, hood, "Y05")
            cells = dict(zip(headings, row.locator("th, td").all_inner_texts(), strict=True))
            assert cells["Areas"] == str((edition.places["neighbourhood_id"] == hood).sum())
            for heading, codes in (
                ("Not covered (certain)", CAUSE_PARTS),
                ("Covered", ["covered"]),
                ("Cannot be told, in total", UNKNOWN_PARTS),
            ):
                share = float(cells[heading].rstrip("%"))
                assert share == pytest.approx(100 * expected[codes].sum(), abs=0.2)
        rows.first.get_by_role("button").click()
        expect()(page.locator("#card")).to_have_attribute("data-kind", "neighbourhood")
        opened.page.reload()
        expect()(rows).to_have_count(len(hoods))
        page.locator("#by-area").click()
        expect()(rows).to_have_count(len(edition.places))
        opened.assert_quiet()


# ---------------------------------------------------------------- room


@pytest.mark.parametrize(("width", "height"), [(1366, 768), (1024, 768), (390, 844)])
def test_table_heads_keep_their_words_whole_and_rows_stay_low(
    show: Open, edition: Edition, width: int, height: int
) -> None:
    names = edition.places["neighbourhood"] + " Fieldcourt and Robinswood"
    named = replace(edition, places=edition.places.assign(neighbourhood=names))
    fragment = "element=Y02&view=table&measure=cause_quality&area=P03"
    with show(named, fragment, width=width, height=height) as opened:
        broken = opened.page.evaluate(
            """() => [...document.querySelectorAll("#table-area th button, #table-area td")].flatMap((cell) => {
              const node = cell.firstChild;
              if (!node || node.nodeType !== 3) return [];
              return [...node.data.matchAll(/\\S+/g)].map((word) => {
                const range = document.createRange();
                range.setStart(node, word.index);
                range.setEnd(node, word.index + word[0].length);
                return range.getClientRects().length > 1 ? word[0] : "";
              }).filter(Boolean);
            })"""
        )
        assert broken == []
        heights = opened.page.evaluate(
            "() => [...document.querySelectorAll('#table-area tbody tr')].map((row) => row.offsetHeight)"
        )
        assert max(heights) <= 80


@pytest.mark.parametrize("width", [1920, 1366, 900])
def test_a_card_covers_nothing_of_the_table(show: Open, edition: Edition, width: int) -> None:
    with show(edition, "area=P03", width=width, height=768) as opened:
        opened.page.locator("#view-table").click()
        boxes = {
            name: opened.page.locator(f"#{name}").bounding_box() for name in ("card", "table-area")
        }
        table, card = boxes["table-area"], boxes["card"]
        assert table["x"] + table["width"] <= card["x"]
        assert card["x"] + card["width"] <= width
        opened.page.locator("#table-area thead th").last.scroll_into_view_if_needed()
        last = opened.page.locator("#table-area thead th").last.bounding_box()
        assert last["x"] + last["width"] <= card["x"] + 1
        opened.page.keyboard.press("Escape")
        whole = opened.page.locator("#table-area").bounding_box()
        assert whole["width"] > table["width"]
        opened.assert_quiet()


def count_drawn(opened: Opened) -> int:
    """Count the services that the map shows, alone and in clusters."""
    opened.page.wait_for_timeout(350)
    numbers = opened.page.locator(".service-cluster .donut-count").all_text_contents()
    return opened.page.locator(".service-mark").count() + sum(int(n) for n in numbers)


@pytest.mark.parametrize(("width", "height"), [(1366, 768), (1920, 1080), (390, 844)])
def test_every_sited_service_of_the_choice_is_on_the_map(
    show: Open, edition: Edition, width: int, height: int
) -> None:
    """Scattered over the town, so that many stand alone at the smallest zoom."""
    services = edition.services.copy()
    east, north = edition.places["easting"], edition.places["northing"]
    at = np.resize(np.arange(len(edition.places)), len(services))
    outreach = services["easting"].isna().to_numpy()
    services["easting"] = np.where(outreach, np.nan, east.to_numpy()[at])
    services["northing"] = np.where(outreach, np.nan, north.to_numpy()[at])
    changed = replace(edition, services=services)
    with show(changed, width=width, height=height) as opened:
        for element in (None, "Y01", "Y02", "Y08", "C05", "C08"):
            offer = "offer_5_13" if element and element[0] == "C" else "youth_offer"
            wanted = [element] if element else [e.id for e in edition.framework.offers[0].elements]
            gives = np.array([bool({*wanted} & {*codes}) for codes in services["elements"]])
            opened.page.evaluate(f"location.hash = 'offer={offer}&element={element or 'all'}'")
            assert count_drawn(opened) == (gives & ~outreach).sum()
        opened.assert_quiet()

"""The register page, looked at as readers do: in a browser, from its file, and without a script."""

from __future__ import annotations

import csv
import functools
import html
import io
import json
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from browser import open_file, start_browser
from edition_sample import sample_edition
from provision_map.reports import render_register_page

if TYPE_CHECKING:
    from provision_map.edition import Edition

#: Each would run, break out, or be evaluated, where text is not kept text.
HOSTILE = (
    "</script><script>document.title='ran'</script>",
    '"><img src=x onerror="document.title=\'ran\'"><!--',
    "=HYPERLINK(\"https://example.org\",'x')",
    "{{7*7}}${7*7}`;document.title='ran'\u2028//&lt;b&gt;",
)
TARGETS = "button, summary, input, select, a.open, .links a, .as-at a"


@pytest.fixture(scope="module")
def edition() -> Edition:
    return sample_edition()


@pytest.fixture(scope="module")
def page_file(edition: Edition, tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("register") / "gap-register.html"
    file.write_text(render_register_page(edition), encoding="utf-8")
    return file


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with start_browser() as started:
        yield started


def shown_ids(page: Any) -> list[str]:
    return page.eval_on_selector_all(
        "tr.gap", "rows => rows.filter(r => !r.hidden).map(r => r.dataset.gap)"
    )


def column(page: Any, name: str) -> list[str]:
    return page.eval_on_selector_all(
        f"tr.gap .c-{name}",
        "cells => cells.filter(c => !c.parentNode.hidden).map(c => c.innerText)",
    )


def facet(page: Any, heading: str, option: str) -> Any:
    group = page.get_by_role("group", name=heading, exact=True)
    if not group.is_visible():
        page.locator("summary", has_text=heading).first.click()
    return group.locator("label", has_text=option).locator("input")


# ---------------------------------------------------------------- without a browser


def test_page_is_whole_without_a_script(edition: Edition) -> None:
    text = render_register_page(edition)
    before_data = text.split('<script type="application/json"')[0]
    for title in edition.entries["title"]:
        assert html.escape(title) in before_data
    assert before_data.count('<tr class="gap"') == len(edition.entries)
    for words in ("illustrative services", "30 November 2020", "Westmoor", "Made-up ages"):
        assert words in before_data
    assert before_data.index(">City-wide<") < before_data.index(">Local<")


def test_children_are_never_added_up(edition: Edition) -> None:
    text = render_register_page(edition)
    total = round(edition.entries["children"].sum())
    assert f"{total:,}" not in text
    assert str(total) not in text
    assert "never added up over gaps" in text


def test_page_names_no_address_and_needs_no_other_file(edition: Edition) -> None:
    text = render_register_page(edition)
    assert not re.search(r"https?://|//cdn|@import|url\(", text)
    assert re.search(r"default-src &#x27;none&#x27;", text)
    assert "unsafe-inline" not in text
    assert 'lang="en-GB"' in text


def test_same_edition_gives_same_page(edition: Edition) -> None:
    assert render_register_page(edition) == render_register_page(sample_edition())


def test_questions_and_residual_are_there(edition: Edition) -> None:
    text = render_register_page(edition)
    for words in (
        "Castle Youth Club: no quality evidence",
        "Too small for an entry",
        ">340<",
        ">31<",
    ):
        assert words in text


def test_empty_register_says_so() -> None:
    edition = sample_edition()
    nothing = replace(
        edition,
        entries=edition.entries.iloc[:0],
        questions=edition.questions.iloc[:0],
        residual=edition.residual.iloc[:0],
    )
    text = render_register_page(nothing)
    assert "No gap is in this register" in text
    assert "No question is open" in text


def test_real_data_carries_no_badge() -> None:
    text = render_register_page(replace(sample_edition(), data_status=""))
    assert 'class="badge"' not in text


@functools.cache
def hostile_edition(hostile: str) -> Edition:
    return sample_edition(hostile)


@pytest.mark.parametrize("hostile", HOSTILE)
def test_json_cannot_leave_its_block(hostile: str) -> None:
    text = render_register_page(hostile_edition(hostile))
    blocks = re.findall(
        r'<script type="application/json" id="register-data">(.*?)</script>', text, re.DOTALL
    )
    assert len(blocks) == 1
    assert not re.search("[<>&\u2028\u2029]", blocks[0])
    data = json.loads(blocks[0])
    assert data["rows"][0]["cells"][1] == hostile


# ---------------------------------------------------------------- in a browser


def test_opens_quietly_and_offline(browser: Any, page_file: Path, edition: Edition) -> None:
    with open_file(browser, page_file) as opened:
        assert (
            opened.page.get_by_role("status")
            .inner_text()
            .startswith(f"{len(edition.entries)} open gaps: 2 city-wide, ")
        )
        assert shown_ids(opened.page) == edition.entries["gap_id"].tolist()
        opened.assert_quiet()


@pytest.fixture(scope="module")
def later() -> Edition:
    """Return the edition of a later year: two entries are closed, and one holds new codes.

    Entry 2 is short of Christmas everywhere, entry 3 of a merged community, entry 4 uncounted.
    """
    edition = sample_edition()
    entries = edition.entries.copy()
    entries.loc[entries.index[-2:], "state"] = "closed by measure"
    entries["missing_parts"] = ""
    levers = [c for c in entries if c.startswith("lever_")]
    causes = [c for c in entries if c.startswith("cause_")]
    entries.loc[2, ["missing_parts", "main_cause"]] = ["Christmas", "none"]
    entries.loc[2, [*levers, *causes]] = 0.0
    entries.loc[2, ["cause_none", "lever_far"]] = [entries["children"].iloc[2], 0.0]
    entries.loc[3, ["kind", "community_id"]] = ["community", "all_but:indian+pakistani"]
    entries.loc[4, ["kind", "community_id", "main_cause"]] = ["community", "disabled", "group"]
    entries.loc[4, ["children", "population", *levers, *causes]] = float("nan")
    return replace(edition, entries=entries)


@pytest.fixture(scope="module")
def later_file(later: Edition, tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("later") / "gap-register.html"
    file.write_text(render_register_page(later), encoding="utf-8")
    return file


def test_closed_gaps_are_no_open_gaps(browser: Any, later_file: Path, later: Edition) -> None:
    ids, local = later.entries["gap_id"].tolist(), len(later.entries) - 4
    with open_file(browser, later_file) as opened:
        page = opened.page
        said = page.get_by_role("status")
        assert said.inner_text() == f"{local + 2} open gaps: 2 city-wide, {local} local; 2 closed"
        assert shown_ids(page)[-2:] == ids[-2:]
        groups = page.locator("tr.group th").all_inner_texts()
        assert groups[-1] == "Closed by measure 2, not ranked"
        assert column(page, "rank")[-2:] == ["-", "-"]
        page.get_by_role("button", name="Children", exact=True).click()
        assert set(shown_ids(page)[-2:]) == set(ids[-2:])
        facet(page, "Scope", "City-wide").check()
        assert said.inner_text() == (
            f"2 of {local + 2} open gaps: 2 city-wide, 0 local; 0 of 2 closed"
        )
        opened.assert_quiet()
    with open_file(browser, later_file, fragment=ids[-1]) as opened:
        assert "not ranked: closed by measure" in opened.page.locator(".card").inner_text()


def test_closed_gaps_stand_last_without_a_script(later: Edition) -> None:
    text = render_register_page(later).split('<script type="application/json"')[0]
    assert text.index(">Local<") < text.index(">Closed by measure<span")
    assert f"{len(later.entries) - 4}, ranked among themselves" in text
    assert "> 2, not ranked<" in text


def test_detail_says_what_is_missing(browser: Any, later_file: Path, later: Edition) -> None:
    with open_file(browser, later_file, fragment=later.entries["gap_id"].iloc[2]) as opened:
        text = opened.page.locator(".card").inner_text()
        assert "Missing: Christmas." in text
        assert "all services of this kind together, wherever they are" in text
        assert "More of it than there is anywhere" in text
        assert "No single change" not in text
        opened.assert_quiet()


def test_detail_of_communities(browser: Any, later_file: Path, later: Edition) -> None:
    ids = later.entries["gap_id"]
    with open_file(browser, later_file, fragment=ids.iloc[3]) as opened:
        page = opened.page
        text = page.locator(".card").inner_text()
        assert "Its children are those beyond the share that everyone" in text
        assert "All but Indian and Pakistani, ages" in text
        facet(page, "Community", "All but Indian and Pakistani").check()
        assert shown_ids(page) == [ids.iloc[3]]
        opened.assert_quiet()
    with open_file(browser, later_file, fragment=ids.iloc[4]) as opened:
        text = opened.page.locator(".card").inner_text()
        assert "there are no small-area figures of this community. The main cause is: not" in text
        assert "of such children would not be covered" in text


def test_blank_cells_are_dashes_but_blank_in_the_csv(browser: Any, later_file: Path) -> None:
    with open_file(browser, later_file) as opened:
        page = opened.page
        page.locator(".menu > summary").click()
        page.locator(".menu label", has_text="Missing").locator("input").check()
        assert set(column(page, "missing")) == {"Christmas", "-"}
        heading, *rows = download(page)
        assert {row[heading.index("missing")] for row in rows} == {"Christmas", ""}


def test_facet_keeps_what_it_names_and_counts(
    browser: Any, page_file: Path, edition: Edition
) -> None:
    wanted = edition.entries[edition.entries["grade"] == "confirmed"]
    with open_file(browser, page_file) as opened:
        page = opened.page
        box = facet(page, "Grade: how sure", "Confirmed")
        said = box.locator("xpath=..").locator(".n").inner_text()
        box.check()
        assert shown_ids(page) == wanted["gap_id"].tolist()
        assert said == str(len(wanted))
        facet(page, "Scope", "City-wide").check()
        both = wanted[wanted["scope"] == "city-wide"]
        assert shown_ids(page) == both["gap_id"].tolist()
        page.get_by_role("button", name="Clear filters").click()
        assert len(shown_ids(page)) == len(edition.entries)
        opened.assert_quiet()


def test_search_looks_into_places_and_says_when_nothing_is_found(
    browser: Any, page_file: Path
) -> None:
    with open_file(browser, page_file) as opened:
        page = opened.page
        page.get_by_label("Search", exact=True).fill("CASTLE 009a")
        found = shown_ids(page)
        assert 0 < len(found) < len(page.query_selector_all("tr.gap"))
        page.get_by_label("Search", exact=True).fill("no such words")
        assert shown_ids(page) == []
        assert page.get_by_role("status").inner_text().startswith("No gap matches")
        opened.assert_quiet()


def test_sort_stays_inside_each_scope(browser: Any, page_file: Path, edition: Edition) -> None:
    with open_file(browser, page_file) as opened:
        page = opened.page
        page.get_by_role("button", name="Children", exact=True).click()
        heading = page.locator("th.c-children")
        assert heading.get_attribute("aria-sort") == "descending"
        ids = shown_ids(page)
        counts = edition.entries.set_index("gap_id")["children"].round()
        scopes = edition.entries.set_index("gap_id")["scope"]
        assert [scopes[i] for i in ids] == sorted(scopes, key=["city-wide", "local"].index)
        local = [counts[i] for i in ids if scopes[i] == "local"]
        known = [n for n in local if n == n]  # noqa: PLR0124 - what is not counted equals nothing
        assert known == sorted(known, reverse=True)
        assert local[: len(known)] == known
        page.get_by_role("button", name="Children", exact=True).click()
        assert heading.get_attribute("aria-sort") == "ascending"
        opened.assert_quiet()


def test_detail_opens_with_words_and_closes_by_escape(
    browser: Any, page_file: Path, edition: Edition
) -> None:
    entry = edition.entries.iloc[0]
    with open_file(browser, page_file) as opened:
        page = opened.page
        link = page.get_by_role("link", name=entry["title"], exact=True).first
        link.focus()
        page.keyboard.press("Enter")
        assert link.get_attribute("aria-expanded") == "true"
        card = page.locator(".card")
        text = card.inner_text()
        for words in (
            "These do not add up",
            "State",
            "Status",
            "One return came only in part",
            "5 to 13",
            "90% of the settings",
        ):
            assert words in text
        href = card.get_by_role("link", name="Show on the map").get_attribute("href")
        assert href == f"index.html#gap={entry['gap_id']}"
        assert page.url.endswith(f"#{entry['gap_id']}")
        page.keyboard.press("Tab")
        page.keyboard.press("Escape")
        assert link.get_attribute("aria-expanded") == "false"
        assert page.evaluate("document.activeElement.textContent") == entry["title"]
        assert "#" not in page.url
        opened.assert_quiet()


def test_causes_of_the_detail_add_up_to_its_children(
    browser: Any, page_file: Path, edition: Edition
) -> None:
    entry = edition.entries.iloc[0]
    with open_file(browser, page_file, fragment=entry["gap_id"]) as opened:
        numbers = opened.page.locator(".key b").all_inner_texts()
    assert abs(sum(int(n.replace(",", "")) for n in numbers) - entry["population"]) <= len(numbers)


def test_permalink_opens_and_takes_the_focus(
    browser: Any, page_file: Path, edition: Edition
) -> None:
    entry = edition.entries.iloc[-1]
    with open_file(browser, page_file, fragment=entry["gap_id"]) as opened:
        page = opened.page
        assert page.evaluate("document.activeElement.tagName") == "H3"
        assert page.evaluate("document.activeElement.textContent") == entry["title"]
        assert page.locator(".card").is_visible()
        opened.assert_quiet()


def test_unknown_permalink_says_so(browser: Any, page_file: Path) -> None:
    with open_file(browser, page_file, fragment="Y02-P-%3Cb%3E") as opened:
        alert = opened.page.get_by_role("alert")
        assert "No gap has the reference “Y02-P-<b>”" in alert.inner_text()
        opened.assert_quiet()


def test_link_restores_the_view(browser: Any, page_file: Path) -> None:
    with open_file(browser, page_file) as opened:
        page = opened.page
        facet(page, "Offer", "Youth Offer").check()
        page.get_by_role("button", name="Grade", exact=True).click()
        page.locator(".menu > summary").click()
        page.locator(".menu label", has_text="Priority").locator("input").check()
        page.get_by_role("button", name="Link to this view").click()
        page.wait_for_timeout(100)
        address, ids = page.url, shown_ids(page)
    with open_file(browser, page_file, fragment=address.split("#", 1)[1]) as opened:
        assert shown_ids(opened.page) == ids
        assert opened.page.locator("th.c-priority").is_visible()
        assert opened.page.locator("th.c-grade").get_attribute("aria-sort") == "ascending"
        opened.assert_quiet()


def download(page: Any) -> list[list[str]]:
    with page.expect_download() as waiting:
        page.get_by_role("button", name="Download CSV").click()
    content = Path(waiting.value.path()).read_bytes()
    assert content.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def test_downloaded_csv_is_what_is_shown(browser: Any, page_file: Path) -> None:
    with open_file(browser, page_file) as opened:
        page = opened.page
        facet(page, "Offer", "Youth Offer").check()
        page.get_by_role("button", name="Children", exact=True).click()
        page.locator(".menu > summary").click()
        page.locator(".menu label", has_text="Element").locator("input").check()
        page.locator(".menu label", has_text="Where").locator("input").uncheck()
        heading, *rows = download(page)
        assert heading == [
            "gap_id", "scope", "rank", "title", "element", "ages", "main_cause", "children",
            "grade", "state", "status", "data_status",
        ]  # fmt: skip
        assert [row[0] for row in rows] == shown_ids(page)
        for name in ("element", "ages", "main_cause", "grade", "state", "status"):
            at = heading.index(name)
            assert [row[at] for row in rows] == column(page, name)
        shown = [text.split("\n")[0].replace(",", "") for text in column(page, "children")]
        at = heading.index("children")
        assert [row[at] or "not counted" for row in rows] == shown
        assert {row[-1] for row in rows} == {"illustrative services"}
        opened.assert_quiet()


@pytest.mark.parametrize("hostile", HOSTILE)
def test_hostile_text_shows_as_typed_and_runs_nowhere(
    browser: Any, tmp_path: Path, hostile: str
) -> None:
    edition = hostile_edition(hostile)
    file = tmp_path / "gap-register.html"
    file.write_text(render_register_page(edition), encoding="utf-8")
    seen = " ".join(hostile.split())
    with open_file(browser, file, fragment=edition.entries["gap_id"].iloc[0]) as opened:
        page = opened.page
        assert page.locator("a.open").first.text_content() == hostile
        assert page.locator(".card h3").text_content() == hostile
        assert page.locator(".badge").text_content() == hostile
        assert page.locator("h1").text_content() == hostile
        for details in page.locator("details").all():
            details.evaluate("d => { d.open = true }")
        for box in page.locator(".menu input:enabled").all():
            box.check()
        assert seen in " ".join(page.locator(".card").inner_text().split())
        _, first, *_ = download(page)
        assert first[3] == (f"'{hostile}" if hostile.startswith("=") else hostile)
        assert page.title() != "ran"
        assert page.locator("img, iframe, script:not([id])").count() == 1
        opened.assert_quiet()


# ---------------------------------------------------------------- for everybody


@pytest.mark.parametrize("width", [320, 390, 1366])
def test_nothing_hangs_over_the_edge(
    browser: Any, page_file: Path, edition: Edition, width: int
) -> None:
    fragment = edition.entries["gap_id"].iloc[0]
    with open_file(browser, page_file, width=width, fragment=fragment) as opened:
        assert opened.page.evaluate("document.documentElement.scrollWidth") <= width
        opened.assert_quiet()


@pytest.mark.parametrize("width", [320, 1366])
def test_targets_are_large_enough(
    browser: Any, page_file: Path, edition: Edition, width: int
) -> None:
    fragment = edition.entries["gap_id"].iloc[0]
    with open_file(browser, page_file, width=width, fragment=fragment) as opened:
        small = opened.page.evaluate(
            """selector => [...document.querySelectorAll(selector)].filter(element => {
                 const own = element.closest("label") || element;
                 const box = own.getBoundingClientRect();
                 return box.width > 0 && (box.width < 24 || box.height < 24);
               }).map(element => element.outerHTML.slice(0, 80))""",
            TARGETS,
        )
        assert small == []


def test_keyboard_reaches_everything_with_a_visible_ring(browser: Any, page_file: Path) -> None:
    with open_file(browser, page_file, fragment="?q=c10") as opened:
        page = opened.page
        reached, bare = set(), []
        for _ in range(90):
            page.keyboard.press("Tab")
            found = page.evaluate(
                """() => {
                  const e = document.activeElement;
                  const style = getComputedStyle(e);
                  return [e.tagName, (e.textContent || e.id).trim(),
                          style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2];
                }"""
            )
            if found[0] == "BODY":
                break
            reached.add(found[1])
            if not found[2]:
                bare.append(found)
        assert bare == []
        for words in (
            "Skip to the gaps",
            "ui-search",
            "Columns",
            "Link to this view",
            "Download CSV",
            "Rank",
            "Status",
        ):
            assert words in reached
        assert any(words.startswith("Children's voice") for words in reached)


def test_text_has_contrast(browser: Any, page_file: Path, edition: Edition) -> None:
    fragment = edition.entries["gap_id"].iloc[0]
    with open_file(browser, page_file, fragment=fragment) as opened:
        weak = opened.page.evaluate(
            """() => {
              const light = c => { const [r, g, b] = c.map(v => { v /= 255;
                return v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4; });
                return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
              const parse = text => text.match(/[\\d.]+/g).map(Number);
              const ground = e => { for (; e; e = e.parentElement) {
                const c = parse(getComputedStyle(e).backgroundColor);
                if (c.length < 4 || c[3] > 0) return c.slice(0, 3); } return [255, 255, 255]; };
              const found = [];
              for (const e of document.querySelectorAll("body *")) {
                if (!e.offsetParent || e.disabled) continue;
                if (![...e.childNodes].some(n => n.nodeType === 3 && n.data.trim())) continue;
                const [x, y] = [light(parse(getComputedStyle(e).color).slice(0, 3)), light(ground(e))];
                if ((Math.max(x, y) + 0.05) / (Math.min(x, y) + 0.05) < 4.5) found.push(e.outerHTML.slice(0, 80));
              }
              return found;
            }"""
        )
        assert weak == []


def test_prints_with_its_caveats_and_without_its_tools(browser: Any, page_file: Path) -> None:
    with open_file(browser, page_file) as opened:
        page = opened.page
        page.emulate_media(media="print")
        assert not page.locator("#filters").is_visible()
        assert not page.get_by_role("button", name="Download CSV").is_visible()
        assert page.locator(".badge").is_visible()
        assert page.get_by_text("never added up over gaps").is_visible()
        assert page.locator("#sources").is_visible()
        assert page.locator("th.c-grade .printed").is_visible()


def test_without_javascript_the_table_is_there(
    browser: Any, page_file: Path, edition: Edition
) -> None:
    with open_file(browser, page_file, java_script_enabled=False) as opened:
        assert opened.page.locator("tr.gap").count() == len(edition.entries)
        assert opened.page.locator("noscript .message").is_visible()
        assert opened.page.locator("tr.gap .c-title").first.is_visible()

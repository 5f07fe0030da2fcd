"""The map of the embedded exercise: the whole line, from its files to a page in a browser."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from browser import Opened, open_file, start_browser
from provision_map.edition import Edition
from provision_map.exercise import run_exercise

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> tuple[Edition, Path]:
    folder = tmp_path_factory.mktemp("gloucester")
    shutil.copy(ROOT / "provision.toml", folder)
    shutil.copytree(ROOT / "data", folder / "data")
    return run_exercise(folder).edition, folder / "maps" / "index.html"


@pytest.fixture
def opened(run: tuple[Edition, Path]) -> Iterator[Opened]:
    with start_browser() as browser, open_file(browser, run[1]) as found:
        yield found
        found.assert_quiet()


def test_gloucester_fits_in_two_megabytes(run: tuple[Edition, Path]) -> None:
    assert run[1].stat().st_size < 2_000_000


@pytest.mark.parametrize(("width", "height"), [(1366, 768), (1920, 1080), (390, 844)])
def test_gloucester_draws_every_sited_service_of_an_element(
    run: tuple[Edition, Path], width: int, height: int
) -> None:
    services = run[0].services
    sited = services["easting"].notna()
    with (
        start_browser() as browser,
        open_file(browser, run[1], width=width, height=height) as opened,
    ):
        page = opened.page
        for offer in run[0].framework.offers:
            for element in offer.elements:
                gives = services["elements"].map(lambda codes, wanted=element.id: wanted in codes)
                page.evaluate(f"location.hash = 'offer={offer.id}&element={element.id}'")
                page.wait_for_timeout(120)
                numbers = page.locator(".service-cluster .donut-count").all_text_contents()
                drawn = page.locator(".service-mark").count() + sum(int(n) for n in numbers)
                assert drawn == (sited & gives).sum(), element.id
        opened.assert_quiet()


def test_gloucester_opens_and_is_clicked_through(run: tuple[Edition, Path], opened: Opened) -> None:
    edition = run[0]
    page = opened.page
    assert page.locator("path[data-place]").count() == 78
    assert "of 10,384 children" in page.locator("#summary-finding").inner_text()
    found = [
        float(n) for n in re.findall(r"([\d.]+)%", page.locator("#summary-finding").inner_text())
    ]
    assert sum(found) == pytest.approx(100, abs=0.01)
    page.locator("#offer").select_option(label="5-13s Offer")
    assert "of 15,091 children" in page.locator("#summary-finding").inner_text()
    first = edition.entries[
        (edition.entries["offer_id"] == "offer_5_13") & (edition.entries["scope"] == "local")
    ].iloc[0]
    page.locator("#gaps button", has_text=first["title"]).first.click()
    marked = page.locator("path[data-place].marked").count()
    assert marked == len(first["places"])
    assert f"gap={first['gap_id']}" in page.url
    link = page.locator("#card .register a").get_attribute("href")
    assert link == f"gap-register.html#{first['gap_id']}"
    register = (run[1].parent / "gap-register.html").read_text(encoding="utf-8")
    assert first["gap_id"] in register

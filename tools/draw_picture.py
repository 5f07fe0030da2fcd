"""Draw maps/gloucester.png, the README's picture, from the map that the last run wrote.

Needs Chromium and playwright (``pip install ".[picture]"``). The same map, browser and fonts give
the same picture.
"""

from __future__ import annotations

import io
import shutil
import sys
from pathlib import Path

from PIL import Image
from playwright.sync_api import sync_playwright

MAPS = Path(__file__).parents[1] / "maps"
WIDTH, HEIGHT, COLOURS = 1200, 760, 96


def main() -> int:
    """Take the picture of maps/index.html as it opens."""
    page_file = MAPS / "index.html"
    if not page_file.exists():
        print("There is no maps/index.html yet: run provision-map run first.")
        return 2
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium, args=["--no-sandbox", "--force-color-profile=srgb"]
        )
        page = browser.new_page(
            viewport={"width": WIDTH, "height": HEIGHT}, reduced_motion="reduce"
        )
        page.goto(page_file.as_uri())
        page.get_by_text("Podsmead").first.wait_for()
        page.wait_for_timeout(500)
        shot = page.screenshot()
        browser.close()
    # Few colours keep the repository small.
    picture = Image.open(io.BytesIO(shot)).convert("RGB").quantize(COLOURS)
    picture.save(MAPS / "gloucester.png", optimize=True)
    print(f"Wrote {MAPS / 'gloucester.png'}")
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""Open a written page in Chromium, from its file, with no way out, and record what it tries.

Debian's ``chromium`` is driven through playwright. Where either is absent a test skips and says
why; with ``PROVISION_MAP_NO_SKIP=1`` (set by ``.ci/run``) it fails instead.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

CHROMIUM = "/usr/bin/chromium"
_FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--force-color-profile=srgb",
    "--hide-scrollbars",
)


@dataclass
class Opened:
    """A page that is open, and everything it asked for or complained of."""

    page: Any
    address: str
    requests: list[str] = field(default_factory=list)
    console: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    def assert_quiet(self) -> None:
        """Hold that the page asked for nothing, said nothing and broke nowhere."""
        assert self.requests == []
        assert self.console == []
        assert self.errors == []


def require_browser() -> Any:
    """Return playwright's sync entry, or skip (fail where nothing may skip)."""
    missing = (
        "" if Path(CHROMIUM).exists() or shutil.which("chromium") else "chromium is not installed"
    )
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        missing = "playwright is not installed"
    if not missing:
        return sync_playwright
    reason = f"no browser to look at the page with: {missing}"
    if os.environ.get("PROVISION_MAP_NO_SKIP") == "1":
        pytest.fail(reason)
    pytest.skip(reason)
    return None


@contextmanager
def start_browser() -> Iterator[Any]:
    """Start Chromium without a window, for as many pages as the tests open."""
    with require_browser()() as playwright:
        path = CHROMIUM if Path(CHROMIUM).exists() else shutil.which("chromium")
        browser = playwright.chromium.launch(executable_path=path, args=list(_FLAGS))
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def open_file(
    browser: Any,
    file: Path,
    *,
    width: int = 1366,
    height: int = 768,
    fragment: str = "",
    **context: Any,
) -> Iterator[Opened]:
    """Open ``file`` from file:// in a context of its own; any other request is stopped and noted.

    Args:
        browser: from :func:`start_browser`.
        file: the page.
        width: of the window, in CSS pixels.
        height: likewise.
        fragment: what follows ``#`` in the address.
        context: more options for the browser context, such as ``reduced_motion``.

    """
    address = file.resolve().as_uri()
    made = browser.new_context(viewport={"width": width, "height": height}, **context)
    opened = Opened(made.new_page(), address)
    opened.page.set_default_timeout(8_000)

    def allow_only_the_page(route: Any) -> None:
        if route.request.url.split("#")[0] == address:
            route.continue_()
        else:
            opened.requests.append(route.request.url)
            route.abort()

    made.route("**/*", allow_only_the_page)
    opened.page.on("console", lambda message: opened.console.append(message.text))
    opened.page.on("pageerror", lambda error: opened.errors.append(str(error)))
    try:
        opened.page.goto(f"{address}#{fragment}" if fragment else address)
        yield opened
    finally:
        made.close()

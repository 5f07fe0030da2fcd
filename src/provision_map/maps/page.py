"""The page: folium draws the map, this module puts everything into one file and locks it.

folium (through branca) hands what its elements hold to Jinja twice, so a service called
``{{7*7}}`` would be run while the page is made, and its layers write texts as markup. Therefore no
data goes through a folium element: folium makes the map itself from numbers and settings; all
data stands in one JSON block, which the page's own script writes out as text only.
"""

from __future__ import annotations

import base64
import hashlib
import html
import re
from importlib import resources
from typing import NoReturn

import folium
from branca.element import Element, Figure

from provision_map.edition import Edition
from provision_map.maps.leaflet import read_scripts, read_styles
from provision_map.maps.payload import DETOUR, build_payload, write_json
from provision_map.maps.words import say_date

_LARGEST_ZOOM = 18
#: The parts of the page's script, in the order in which they are put together.
_SCRIPTS = (
    "base", "shares", "state", "classes", "access", "shapes", "areas", "markers", "cards", "week",
    "nearest", "neighbourhoods", "gaps", "search", "table", "main",
)  # fmt: skip
_SLOT = re.compile(r"<!-- slot: (\w+) -->")


class OfflineMap(folium.Map):
    """A folium map that asks for no file elsewhere and refuses layers.

    A stock folium layer would bring back what this page is locked against: texts run as code, and
    addresses outside the file.
    """

    # folium declares them without ClassVar, so they cannot be declared with it here.
    default_js: list[tuple[str, str]] = []  # noqa: RUF012
    default_css: list[tuple[str, str]] = []  # noqa: RUF012

    def __init__(self, location: tuple[float, float]) -> None:
        """Make the map round ``location`` (latitude, longitude), without tiles."""
        super().__init__(
            location=location,
            tiles=None,
            zoom_start=12,
            zoom_snap=0.25,
            zoom_delta=0.5,
            wheel_px_per_zoom_level=120,
            attribution_control=False,
            zoom_control="topright",
            control_scale=False,
        )
        # Without tiles folium passes no largest zoom on, and the clusters cannot do without.
        self.options["max_zoom"] = _LARGEST_ZOOM
        self._id = "provision"

    def add_child(
        self, child: Element, name: str | None = None, index: int | None = None
    ) -> NoReturn:
        """Refuse: see the class."""
        del name, index
        raise TypeError(
            f"This map takes no folium layers ({child.get_name()}): they run texts as code and link "
            "other addresses."
        )


def render_map(
    edition: Edition, *, register_href: str = "gap-register.html", detour: float = DETOUR
) -> str:
    """Render index.html, whole.

    Args:
        edition: what may be shown.
        register_href: where the gap register stands, seen from the map; ``#`` and a gap's id are
            put after it.
        detour: distance walked ÷ straight line, for the distances that the cards say.

    Returns:
        One HTML document that needs no other file and no network.

    """
    element, start = _draw_map(edition)
    scripts = [*read_scripts(), start, _read_script()]
    style = read_styles() + _read_asset("map.css")
    texts = {
        "title": edition.title,
        "place": edition.place,
        "date": say_date(edition.date),
        "status": edition.data_status,
        "register": register_href,
    }
    parts = {name: html.escape(text) for name, text in texts.items()}
    parts["policy"] = html.escape(_lock(scripts, style))
    parts["style"] = style
    parts["map"] = element
    parts["data"] = write_json(build_payload(edition, register_href=register_href, detour=detour))
    parts["scripts"] = "\n".join(f"<script>{script}</script>" for script in scripts)
    # One pass: what is put in is not looked through again.
    return _SLOT.sub(lambda slot: parts[slot[1]], _read_asset("page.html"))


def _draw_map(edition: Edition) -> tuple[str, str]:
    """Let folium draw the empty map: its element, and the script that starts it."""
    west, south, east, north = edition.places.to_crs("EPSG:4326").total_bounds
    figure = Figure()
    base = OfflineMap(((south + north) / 2, (west + east) / 2))
    figure.add_child(base)
    base.render()  # type: ignore[no-untyped-call]
    # The figure's header would forbid zooming and set styles of its own: left out.
    return figure.html.render().strip(), figure.script.render().strip() + "\n"


def _read_script() -> str:
    body = "\n".join(_read_asset(f"{name}.js") for name in _SCRIPTS)
    return f'(function () {{\n"use strict";\n{body}\n}})();\n'


def _read_asset(name: str) -> str:
    return (resources.files(__package__) / "assets" / name).read_text(encoding="utf-8")


def _lock(scripts: list[str], style: str) -> str:
    """Write the content security policy: these scripts and this style, and nothing else."""
    allowed = " ".join(_hash(script) for script in scripts)
    return (
        f"default-src 'none'; script-src {allowed}; style-src {_hash(style)}; "
        "img-src data:; base-uri 'none'; form-action 'none'"
    )


def _hash(text: str) -> str:
    digest = hashlib.sha256(text.encode("utf-8")).digest()
    return f"'sha256-{base64.b64encode(digest).decode('ascii')}'"

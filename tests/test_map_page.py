"""The page as it is written, without a browser: locked, whole, and no text of the data run."""

from __future__ import annotations

import base64
import hashlib
import html
import json
import re
from importlib import metadata

import folium
import pytest

from edition_sample import sample_edition
from provision_map.errors import ProvisionMapError
from provision_map.maps import leaflet, render_map
from provision_map.maps.page import OfflineMap

#: Addresses that stand in comments and name spaces of Leaflet; nothing asks for them.
HARMLESS = {
    "https://leafletjs.com",
    "http://www.w3.org/2000/svg",
    "https://bugzilla.mozilla.org/show_bug.cgi?id=888319",
}
HOSTILE = (
    "{{7*7}}",
    "{{cycler.__init__.__globals__.os.system('touch /tmp/provision-map-was-here')}}",
    "{{'",
    "{% raw %}",
    "{# #}",
    "</script><script>window.ran=1</script>",
    "<img src=x onerror=window.ran=1>",
    "</script x='",
    "<!--",
    "<!--<script ",
    "]]>",
    "=1+1",
    "[red]",
    "${window.ran=1}",
    "`",
    "a\u2028b\u2029c",
    "\"'&amp;",
    "<!-- slot: data -->",
    "</style><style>*{display:none}</style>",
    "\\u003cb\\u003e",
)


@pytest.fixture(scope="module")
def page() -> str:
    return render_map(sample_edition())


def read_data(page: str) -> dict:
    block = re.search(
        r'<script type="application/json" id="edition">(.*?)</script[\s/>]', page, re.DOTALL
    )
    assert block
    return json.loads(block[1])


def test_no_address_outside_the_file(page: str) -> None:
    found = {address.rstrip(").,") for address in re.findall(r"https?://[^\s\"'<>`;)]+", page)}
    assert found <= HARMLESS
    shell = re.sub(r"<style>.*?</style>|<script.*?</script>", "", page, flags=re.DOTALL)
    links = set(re.findall(r'(?:src|href)="([^"]*)"', shell))
    assert links == {"data:,", "#stage", "gap-register.html"}
    assert not re.search(r"<(?:script|img|iframe|link)[^>]+src=", page)
    assert "sourceMappingURL" not in page
    assert "url(images/" not in page


def test_only_the_page_s_own_scripts_and_style_may_run(page: str) -> None:
    policy = html.unescape(re.search(r'Content-Security-Policy" content="([^"]+)"', page)[1])
    rules = dict(rule.strip().split(" ", 1) for rule in policy.split(";"))
    assert rules["default-src"] == "'none'"
    assert rules["img-src"] == "data:"
    assert "unsafe" not in policy

    def hashes(pattern: str) -> set[str]:
        return {
            f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
            for text in re.findall(pattern, page, re.DOTALL)
        }

    assert set(rules["script-src"].split()) == hashes(r"<script>(.*?)</script>")
    assert set(rules["style-src"].split()) == hashes(r"<style>(.*?)</style>")
    assert not re.search(
        r"<[^>]+\s(?:style|on\w+)=", page.split('<script type="application/json"', maxsplit=1)[0]
    )


def test_the_page_says_its_language_title_and_can_be_zoomed(page: str) -> None:
    assert '<html lang="en-GB">' in page
    assert "<title>Children&#x27;s provision in Westmoor · map</title>" in page
    assert page.count('name="viewport"') == 1
    assert "user-scalable" not in page
    assert "maximum-scale" not in page
    assert page.count("<main ") == page.count("<h1>") == 1


def test_the_same_edition_gives_the_same_page(page: str) -> None:
    assert render_map(sample_edition()) == page


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_is_only_data(text: str) -> None:
    page = render_map(sample_edition(text))
    data = read_data(page)
    assert data["title"] == text
    assert {s["name"] for s in data["services"]} == {text}
    assert data["services"][0]["id"] == f"S001{text}"
    assert {g["title"] for g in data["gaps"]} == {text}
    # Beside the block, the text stands only in the title, the heading and the badge: escaped.
    shell = page.replace(re.search(r'id="edition">(.*?)</script[\s/>]', page, re.DOTALL)[1], "")
    assert shell.count(f"<h1>{html.escape(text)}</h1>") == 1
    assert shell.count("<script") == 5


def test_folium_is_the_engine_and_takes_no_layers() -> None:
    base = OfflineMap((51.9, -2.2))
    assert isinstance(base, folium.Map)
    assert base.default_js == base.default_css == []
    with pytest.raises(TypeError, match="no folium layers"):
        folium.Marker((51.9, -2.2), popup="{{7*7}}").add_to(base)


def test_a_changed_file_of_leaflet_stops_the_page(monkeypatch: pytest.MonkeyPatch) -> None:
    leaflet.read_scripts.cache_clear()
    monkeypatch.setitem(leaflet._SHA256, "leaflet.js", "0" * 64)
    with pytest.raises(ProvisionMapError, match="not the version this map was tested with"):
        leaflet.read_scripts()
    leaflet.read_scripts.cache_clear()


def test_a_missing_wheel_says_the_mend(monkeypatch: pytest.MonkeyPatch) -> None:
    leaflet.read_styles.cache_clear()

    def find_none(package: str) -> None:
        raise metadata.PackageNotFoundError(package)

    monkeypatch.setattr(leaflet.metadata, "files", find_none)
    with pytest.raises(ProvisionMapError, match="install provision-map again"):
        leaflet.read_styles()
    leaflet.read_styles.cache_clear()


def test_the_detour_is_the_caller_s(page: str) -> None:
    assert read_data(page)["detour"] == 1.3
    assert read_data(render_map(sample_edition(), detour=1.42))["detour"] == 1.42


def test_not_enough_is_not_called_none(page: str) -> None:
    """Six schemes that all miss Christmas exist, and are not enough."""
    assert "such provision anywhere" not in page
    words = {part["id"]: part["words"] for part in read_data(page)["parts"]}
    assert words["cause_none"] == "Not enough anywhere"


def test_the_register_link_may_lie_elsewhere() -> None:
    page = render_map(sample_edition(), register_href="../register/a&b.html")
    assert 'href="../register/a&amp;b.html"' in page
    assert read_data(page)["register"] == "../register/a&b.html"

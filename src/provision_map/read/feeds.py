"""Open Referral feeds: a JSON file, a folder, or a tabular data package, as tables of services."""

from __future__ import annotations

from collections.abc import Sequence

from provision_map.read.origin import Origin
from provision_map.read.settings import FeedSettings
from provision_map.read.text import InputFolder


def read_feeds(folder: InputFolder, feeds: Sequence[FeedSettings]) -> list[Origin]:
    """Read each feed as an origin."""
    del folder, feeds
    return []

"""What is said of servers and addresses: plain, short, and without secrets."""

from __future__ import annotations

import re
from urllib.parse import parse_qsl, quote, urlsplit, urlunsplit

#: Names of parameters whose value opens something.
_SECRET = re.compile(r"key|token|secret|signature|password|credential|^uid$|^sig$", re.IGNORECASE)
_LONGEST = 160
_SHORT_PATH = 70
_KILO, _MEGA = 1e3, 1e6


def say_plain(text: str, longest: int = _LONGEST) -> str:
    r"""Return what a server said as one short line that cannot steer a terminal.

    >>> say_plain("no\x1b[2J such\nlayer")
    'no [2J such layer'
    """
    line = " ".join("".join(ch if ch.isprintable() else " " for ch in text[: longest * 8]).split())
    return line if len(line) <= longest else line[: longest - 1] + "…"


def hide_secrets(address: str) -> str:
    """Return an address without user, password, fragment and the values of keys.

    >>> hide_secrets("https://me:pw@a.example/x?page=2&api_key=abc#top")
    'https://a.example/x?page=2&api_key=…'
    """
    parts = urlsplit(address)
    host = parts.netloc.rpartition("@")[2]
    pairs = parse_qsl(parts.query, keep_blank_values=True)
    query = "&".join(
        f"{quote(name)}={'…' if _SECRET.search(name) else quote(value, safe=',')}"
        for name, value in pairs
    )
    return say_plain(urlunsplit((parts.scheme, host, parts.path, query, "")), 2000)


def short_address(address: str) -> str:
    """Return host and path, short enough for a sentence.

    >>> short_address("https://a.example/v1/data.csv?x=1")
    'a.example/v1/data.csv'
    """
    parts = urlsplit(address)
    path = parts.path if len(parts.path) <= _SHORT_PATH else f"/…{parts.path[-_SHORT_PATH:]}"
    return say_plain(f"{parts.netloc.rpartition('@')[2]}{path}")


def say_bytes(number: float) -> str:
    """Say an amount of data.

    >>> say_bytes(950), say_bytes(82_600), say_bytes(12_345_678)
    ('950 bytes', '83 kB', '12.3 MB')
    """
    if number < _KILO:
        return f"{number:.0f} bytes"
    return f"{number / 1e3:.0f} kB" if number < _MEGA else f"{number / 1e6:,.1f} MB"

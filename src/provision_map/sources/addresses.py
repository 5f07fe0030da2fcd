"""Which addresses may be asked: the catalogue's and the one a person named, nothing else."""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Iterable
from urllib.parse import SplitResult, urlsplit
from urllib.request import getproxies, proxy_bypass

from provision_map.errors import UsageError
from provision_map.sources.words import say_plain, short_address

_PORTS = {"http": 80, "https": 443}


class Guard:
    """Says of an address whether it may be asked, and whether a redirect may lead to it."""

    def __init__(self, hosts: Iterable[str], named: str | None = None) -> None:
        """Allow the hosts over https, and the server of ``named``, an address a person gave.

        Raises:
            UsageError: ``named`` is no address of the web.

        """
        self._hosts = frozenset(hosts)
        self._named: tuple[str, str, int] | None = None
        if named is not None:
            parts = _split(named)
            if parts is None:
                raise UsageError(
                    f"{say_plain(named)!r} is no address: write it as https://host/path."
                )
            self._named = _server(parts)

    def check(self, address: str, *, before: str | None = None) -> None:
        """Refuse an address that is not allowed.

        Args:
            address: to be asked.
            before: the address that redirected to it, if one did.

        Raises:
            UsageError: why it is not asked.

        """
        how = "" if before is None else f"{short_address(before)} redirects elsewhere: "
        parts = _split(address)
        if parts is None:
            raise UsageError(
                f"{how}{say_plain(address)!r} is no address of the web. Nothing was fetched from it."
            )
        server = _server(parts)
        if self._named is not None and server in {self._named, ("https", self._named[1], 443)}:
            return
        if parts.scheme != "https":
            raise UsageError(
                f"{how}{short_address(address)} is not encrypted (http). Nothing was fetched from it."
            )
        if server[1] not in self._hosts or server[2] != _PORTS["https"]:
            raise UsageError(
                f"{how}{say_plain(parts.netloc.rpartition('@')[2])} is not a host of this source. If it is "
                "the publisher's, name it under hosts in a catalogue of your own (--catalogue)."
            )
        self._refuse_private(server[1], how)

    def _refuse_private(self, host: str, how: str) -> None:
        """Refuse a host that stands for this machine or a network that is not public."""
        proxies = getproxies()
        if ("https" in proxies or "all" in proxies) and not proxy_bypass(host):
            return  # The proxy finds the host; what we would find says nothing.
        try:
            found = socket.getaddrinfo(host, _PORTS["https"], type=socket.SOCK_STREAM)
        except OSError:
            return  # No such name from here: the connection will say so.
        for *_, where in found:
            if not ipaddress.ip_address(str(where[0]).partition("%")[0]).is_global:
                raise UsageError(
                    f"{how}{host} stands for {where[0]} here, which is no public address. "
                    "If it is meant, name it with --url."
                )


def _split(address: str) -> SplitResult | None:
    """Return the parts of an address of the web; None where it is none."""
    try:
        parts = urlsplit(address)
        _ = parts.port
    except ValueError:
        return None
    if parts.scheme not in _PORTS or not parts.hostname or not address.isprintable():
        return None
    return parts


def _server(parts: SplitResult) -> tuple[str, str, int]:
    return parts.scheme, str(parts.hostname).rstrip("."), parts.port or _PORTS[parts.scheme]

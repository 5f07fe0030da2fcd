"""When a request is made again, and how long is waited first."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Callable
from dataclasses import dataclass
from email.utils import parsedate_to_datetime

#: Answers that may be another the next time: busy, throttled, broken for a moment.
PASSING = frozenset({408, 425, 429, 500, 502, 503, 504})


@dataclass(frozen=True)
class Limits:
    """How long and how often.

    Attributes:
        connect_seconds: until a connection stands.
        read_seconds: between two pieces of an answer.
        deadline_seconds: for a whole request with all its attempts.
        attempts: how often it is made.
        first_wait, longest_wait: seconds; between attempts a random time is waited, up to the first
            wait, twice, four times it, never more than the longest.
        longest_retry_after: a server that asks for a longer wait than this is left alone.
        redirects: how many are followed.

    """

    connect_seconds: float = 10.0
    read_seconds: float = 30.0
    deadline_seconds: float = 300.0
    attempts: int = 5
    first_wait: float = 1.0
    longest_wait: float = 30.0
    longest_retry_after: float = 120.0
    redirects: int = 5


class AgainError(Exception):
    """An attempt failed in a way that may pass.

    Attributes:
        what: in words.
        wait: seconds that the server asks for; None if it does not say.
        broken: whether data came and was not what was announced.
        silent: whether nobody answered at all.

    """

    def __init__(
        self, what: str, *, wait: float | None = None, broken: bool = False, silent: bool = False
    ) -> None:
        """Keep what is known of the failure."""
        super().__init__(what)
        self.what, self.wait, self.broken, self.silent = what, wait, broken, silent


def read_retry_after(value: str | None, now: Callable[[], dt.datetime]) -> float | None:
    """Return the seconds that Retry-After asks for, given as a number or as a date.

    >>> noon = dt.datetime(2026, 1, 1, 12, tzinfo=dt.UTC)
    >>> read_retry_after("7", lambda: noon)
    7.0
    >>> read_retry_after("Thu, 01 Jan 2026 12:00:30 GMT", lambda: noon)
    30.0
    >>> read_retry_after("soon", lambda: noon) is None
    True
    """
    if value is None:
        return None
    text = value.strip()
    if text.isascii() and text.isdigit():
        return float(text[:9])
    try:
        when = parsedate_to_datetime(text)
    except ValueError:
        return None
    if when.tzinfo is None:
        when = when.replace(tzinfo=dt.UTC)
    return max(0.0, (when - now()).total_seconds())


def draw_wait(attempt: int, limits: Limits, chance: random.Random) -> float:
    """Draw the seconds before the next attempt: anything up to the bound, so that clients spread.

    Args:
        attempt: how many have failed, 1 the first.
        limits: the bounds.
        chance: of which it is drawn.

    """
    return chance.uniform(0.0, min(limits.longest_wait, limits.first_wait * 2 ** (attempt - 1)))

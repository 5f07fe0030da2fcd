"""Questions to public servers over HTTP: bounded in time and size, repeated with patience.

The only module that needs httpx; it is imported when something is to be fetched.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import random
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Self, TypeVar
from urllib.parse import urlencode

from provision_map.errors import DataError, UsageError
from provision_map.sources.addresses import Guard
from provision_map.sources.body import OutOfTimeError, limit_body, too_large, wrong_answer
from provision_map.sources.patience import (
    PASSING,
    AgainError,
    Limits,
    draw_wait,
    read_retry_after,
)
from provision_map.sources.words import say_plain, short_address

try:
    import httpx
except ImportError as error:
    raise UsageError(
        'Fetching needs httpx, which is not installed: pip install "provision-map[fetch]".'
    ) from error

T = TypeVar("T")

_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_NO_SUCH_RANGE = 416
_NOT_FOUND = frozenset({404, 410})
#: Longer addresses are refused by some servers and proxies.
LONGEST_ADDRESS = 2000
#: Where nobody answers at all, more attempts only keep people waiting.
_SILENT_ATTEMPTS = 3
#: So much of a page that refuses is looked at.
_LOOKED_AT = 2000


class NotFoundError(UsageError):
    """The server has nothing at this address."""


class Client:
    """Asks servers, and gives up with a sentence that says why.

    ``say`` is told of waits. Everything it asks is a question: made twice, it changes nothing.
    """

    def __init__(
        self,
        guard: Guard,
        limits: Limits,
        say: Callable[[str], None],
        *,
        agent: str,
        chance: random.Random | None = None,
    ) -> None:
        """Open nothing yet."""
        self.limits, self._guard, self.say = limits, guard, say
        self._chance = chance or random.Random()  # noqa: S311 - waits, not secrets
        self._stopped = threading.Event()
        self._http = httpx.Client(
            follow_redirects=False,
            headers={"User-Agent": agent},
            limits=httpx.Limits(max_connections=8, max_keepalive_connections=4),
        )

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close all connections."""
        self._http.close()

    def stop(self) -> None:
        """Give up what other threads are asking: nobody wants the answers any more."""
        self._stopped.set()

    def get(
        self,
        address: str,
        parameters: Mapping[str, str] | None = None,
        *,
        largest: int,
        judge: Callable[[bytes, str], T],
    ) -> T:
        """Return what ``judge`` makes of the body of an answer.

        A question that makes too long an address is sent as a form.

        Args:
            address: of the question.
            parameters: added to it.
            largest: bytes of the answer, unpacked.
            judge: given the body and its media type; may raise AgainError for one that may be
                another the next time.

        Raises:
            UsageError: nobody answers, or the answer is a refusal.
            DataError: the answer is cut off, too large or packed in an unknown way.

        """
        asked = address if not parameters else f"{address}?{urlencode(parameters, safe=',')}"
        form = None
        if parameters and len(asked) > LONGEST_ADDRESS:
            asked, form = address, dict(parameters)

        def attempt(late: Callable[[], bool], left: float) -> T:
            headers = {"Accept-Encoding": "gzip, deflate"}
            with self.open(asked, headers, form=form, left=left) as answer:
                body = b"".join(self.read(answer, largest=largest, late=late))
                kind = answer.headers.get("Content-Type", "")
            return judge(body, kind)

        return self.repeat(address, attempt)

    def repeat(self, address: str, attempt: Callable[[Callable[[], bool], float], T]) -> T:
        """Make an attempt until it succeeds, within the limits.

        Args:
            address: for messages.
            attempt: given a function that says whether the time is up, and the seconds left.

        Raises:
            UsageError, DataError: as the last attempt failed.

        """
        end = time.monotonic() + self.limits.deadline_seconds
        where = short_address(address)
        for count in range(1, self.limits.attempts + 1):
            try:
                return attempt(
                    lambda: self._stopped.is_set() or time.monotonic() > end,
                    end - time.monotonic(),
                )
            except OutOfTimeError:
                raise UsageError(self._say_late(where)) from None
            except AgainError as failed:
                wait = self._wait_before_next(failed, count, where, left=end - time.monotonic())
                self.say(f"{where}: {failed.what} Trying again in {max(wait, 1):.0f} s")
            if self._stopped.wait(wait):
                raise UsageError(f"{where} was given up.")
        raise AssertionError  # The last attempt returns or raises.

    def _say_late(self, where: str) -> str:
        seconds = self.limits.deadline_seconds
        return f"{where} took longer than {seconds:g} s, and was given up. Try again later."

    def _wait_before_next(
        self, failed: AgainError, count: int, where: str, *, left: float
    ) -> float:
        """Return the seconds to wait; raise what is final."""
        drawn = draw_wait(count, self.limits, self._chance)
        wait = drawn if failed.wait is None else max(failed.wait, drawn)
        if failed.wait is not None and failed.wait > self.limits.longest_retry_after:
            raise UsageError(
                f"{where}: {failed.what} It asks for a wait of {failed.wait:,.0f} s. Try again after that."
            ) from failed
        if failed.silent and count >= min(self.limits.attempts, _SILENT_ATTEMPTS):
            host = where.partition("/")[0]
            raise UsageError(f"No answer from {host}: is this machine online?") from failed
        if count == self.limits.attempts:
            if failed.broken:
                tried = f"Tried {count} times. Try again later."
                raise wrong_answer(where, failed.what, tried) from failed
            raise UsageError(f"{where}: {failed.what} Tried {count} times.") from failed
        if wait > left:
            raise UsageError(self._say_late(where)) from failed
        return wait

    @contextlib.contextmanager
    def open(
        self,
        address: str,
        headers: Mapping[str, str],
        *,
        form: Mapping[str, str] | None = None,
        left: float,
    ) -> Iterator[httpx.Response]:
        """Yield the answer, after redirects, before its body is read.

        Raises:
            AgainError: a failure that may pass, also of the body that is read inside.
            UsageError, NotFoundError: a refusal.

        """
        with contextlib.ExitStack() as opened, _as_ours(address, self.limits):
            answer = self._follow(opened, address, headers, form=form, left=left)
            self._refuse(answer, address)
            yield answer

    def _follow(
        self,
        opened: contextlib.ExitStack,
        address: str,
        headers: Mapping[str, str],
        *,
        form: Mapping[str, str] | None,
        left: float,
    ) -> httpx.Response:
        limits = self.limits
        pause = max(0.1, min(limits.read_seconds, left))
        timeout = httpx.Timeout(pause, connect=min(limits.connect_seconds, pause))
        self._guard.check(address)
        for _ in range(limits.redirects + 1):
            method = "GET" if form is None else "POST"
            answer = opened.enter_context(
                self._http.stream(
                    method, address, headers=dict(headers), data=form, timeout=timeout
                )
            )
            if answer.status_code not in _REDIRECTS:
                return answer
            said = answer.headers.get("Location", "")
            if form is not None:
                raise UsageError(
                    f"{short_address(address)} redirects a query to {say_plain(said)!r}, which is not followed."
                )
            try:
                target = str(answer.url.join(said))
            except httpx.InvalidURL:
                target = said
            self._guard.check(target, before=address)
            opened.pop_all().close()
            address = target
        raise UsageError(
            f"{short_address(address)} redirects again and again ({limits.redirects} times). It was given up."
        )

    def _refuse(self, answer: httpx.Response, address: str) -> None:
        """Raise what the status says, unless it is well."""
        status = answer.status_code
        if status < 300:  # noqa: PLR2004
            return
        if status == _NO_SUCH_RANGE and "Range" in answer.request.headers:
            return  # A download that is taken up again knows what to do.
        said = (
            f"The server answers {status} ({httpx.codes.get_reason_phrase(status) or 'unknown'})."
        )
        if status in PASSING:
            now = lambda: dt.datetime.now(tz=dt.UTC)  # noqa: E731
            raise AgainError(said, wait=read_retry_after(answer.headers.get("Retry-After"), now))
        words = "".join(_some_text(answer))
        text = f"{short_address(address)}: {said}" + (f" It says: {words}." if words else "")
        if status in _NOT_FOUND:
            raise NotFoundError(
                f"{text} The address may have changed: look it up, and give it with --url or in a catalogue of your own (--catalogue)."
            )
        raise UsageError(text)

    def read(
        self, answer: httpx.Response, *, largest: int, late: Callable[[], bool]
    ) -> Iterator[bytes]:
        """Yield the body of an answer within the limits."""
        address = str(answer.url)
        announced = answer.headers.get("Content-Length", "")
        if announced.isascii() and announced.isdigit() and int(announced[:18]) > largest:
            raise too_large(address, largest)
        encoding = answer.headers.get("Content-Encoding", "")
        yield from limit_body(
            answer.iter_raw(), encoding=encoding, address=address, largest=largest, late=late
        )


@contextlib.contextmanager
def _as_ours(address: str, limits: Limits) -> Iterator[None]:
    """Turn what httpx raises into our own words."""
    where = short_address(address)
    try:
        yield
    except (httpx.ConnectError, httpx.ConnectTimeout) as error:
        if "CERTIFICATE" in str(error).upper():
            said = say_plain(str(error))
            raise UsageError(f"{where}: its certificate is not accepted: {said}.") from error
        raise AgainError("No answer.", silent=True) from error
    except httpx.TimeoutException as error:
        raise AgainError(f"Nothing came for {limits.read_seconds:g} s.") from error
    except (httpx.RemoteProtocolError, httpx.ReadError) as error:
        said = say_plain(str(error)).rstrip(".") or "the connection broke"
        if "location header" in said:
            raise UsageError(f"{where} redirects to what is no address of the web.") from error
        raise AgainError(f"The answer was cut off: {said}.", broken=True) from error
    except httpx.TransportError as error:
        said = say_plain(str(error)).rstrip(".") or type(error).__name__
        raise AgainError(f"The connection failed: {said}.") from error
    except httpx.InvalidURL as error:
        raise UsageError(f"{where} is no address: {say_plain(str(error))}.") from error


def _some_text(answer: httpx.Response) -> Iterator[str]:
    """Yield the first words of a refusal, if it is text."""
    kind = answer.headers.get("Content-Type", "")
    if not kind.startswith(("text/plain", "application/json")):
        return
    with contextlib.suppress(httpx.HTTPError, DataError, OutOfTimeError):
        for piece in answer.iter_raw():
            yield say_plain(piece[:_LOOKED_AT].decode("utf-8", "replace")).rstrip(".")
            return

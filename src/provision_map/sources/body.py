"""The body of an answer: counted, unpacked within limits, never longer than allowed."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterable, Iterator

from provision_map.errors import DataError, Problem
from provision_map.sources.words import say_bytes, say_plain, short_address

#: So much is unpacked at once: a small answer cannot fill the memory.
_PIECE = 1 << 20
#: Wbits by which zlib finds out by itself whether it is gzip or zlib.
_ANY_HEADER = 47
_PACKED = frozenset({"gzip", "x-gzip", "deflate"})


class OutOfTimeError(Exception):
    """The whole request took longer than allowed."""


def wrong_answer(address: str, what: str, mend: str = "") -> DataError:
    """Return the error of an answer that is not what it should be."""
    return DataError([Problem(short_address(address), what=what, mend=mend)])


def too_large(address: str, largest: int) -> DataError:
    """Return the error of an answer beyond its limit."""
    what = (
        f"The answer is larger than {say_bytes(largest)}, the most that is taken from this source."
    )
    return wrong_answer(address, what, "Is this the right address?")


def limit_body(
    pieces: Iterable[bytes],
    *,
    encoding: str,
    address: str,
    largest: int,
    late: Callable[[], bool],
) -> Iterator[bytes]:
    """Yield the body unpacked, and stop with an error where it goes beyond its limits.

    Args:
        pieces: as they come from the network.
        encoding: the header Content-Encoding.
        address: for messages.
        largest: bytes, unpacked.
        late: whether the time is up.

    Raises:
        DataError: it is larger than allowed, or packed in a way that cannot be read.
        OutOfTimeError: it takes too long.

    """
    taken = 0
    for piece in _unpack(_in_time(pieces, late), encoding.strip().lower(), address):
        taken += len(piece)
        if taken > largest:
            raise too_large(address, largest)
        yield piece


def _in_time(pieces: Iterable[bytes], late: Callable[[], bool]) -> Iterator[bytes]:
    for piece in pieces:
        if late():
            raise OutOfTimeError
        yield piece


def _unpack(pieces: Iterable[bytes], encoding: str, address: str) -> Iterator[bytes]:
    if encoding in {"", "identity"}:
        yield from pieces
        return
    if encoding not in _PACKED:
        raise wrong_answer(address, f"The answer is packed as {say_plain(encoding)!r}, unasked.")
    unpacker = zlib.decompressobj(_ANY_HEADER)
    try:
        for piece in pieces:
            rest = piece
            while rest:
                yield unpacker.decompress(rest, _PIECE)
                rest = unpacker.unconsumed_tail
        yield unpacker.flush()
    except zlib.error as error:
        raise wrong_answer(
            address, "The answer is packed with gzip and damaged.", "Try again."
        ) from error
    if not unpacker.eof:
        raise wrong_answer(address, "The answer is packed with gzip and cut off.", "Try again.")

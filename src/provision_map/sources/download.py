"""Large files: streamed beside their place, and taken up again where they broke off."""

from __future__ import annotations

import contextlib
import json
import os
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from provision_map.sources.body import too_large, wrong_answer
from provision_map.sources.client import Client
from provision_map.sources.patience import AgainError
from provision_map.sources.words import say_bytes, short_address

if TYPE_CHECKING:
    import httpx

_PARTIAL, _NO_SUCH_RANGE = 206, 416
_RANGE = re.compile(r"bytes (\d{1,18})-(\d{1,18})/(\d{1,18}|\*)")
#: Progress is told each time so many bytes have come.
_TOLD_EVERY = 5_000_000


@dataclass(frozen=True)
class _Begun:
    """What is known of a file that is partly there: where from, and which state of it."""

    address: str
    state: str


def download(client: Client, address: str, path: Path, *, largest: int) -> str:
    """Bring a file to ``path``, and return its media type.

    What has come stays as ``path.part`` when it breaks off, and the next call goes on from there
    if the server still has the same state of the file (ETag or Last-Modified); else from the start.

    Raises:
        UsageError: nobody answers, or the answer is a refusal.
        DataError: it is cut off again and again, too large, or not as long as announced.

    """
    part = path.with_name(path.name + ".part")

    def attempt(late: Callable[[], bool], left: float) -> str:
        return _take(client, address, part, largest=largest, late=late, left=left)

    kind = client.repeat(address, attempt)
    part.replace(path)
    _note(part).unlink(missing_ok=True)
    return kind


def _take(
    client: Client,
    address: str,
    part: Path,
    *,
    largest: int,
    late: Callable[[], bool],
    left: float,
) -> str:
    begun = _read_note(part)
    have = part.stat().st_size if begun and begun.address == address and part.exists() else 0
    headers = {"Accept-Encoding": "identity"}
    if have and begun:
        headers |= {"Range": f"bytes={have}-", "If-Range": begun.state}
    with client.open(address, headers, left=left) as answer:
        total = _length(answer)
        if answer.status_code == _NO_SUCH_RANGE:
            _forget(part)
            raise AgainError("What had come does not fit the file any more.")
        if answer.status_code == _PARTIAL:
            total = _check_range(answer, part, have, begun)
            client.say(f"{short_address(address)}: going on after {say_bytes(have)}")
        else:
            have = 0
        _write_note(part, address, answer)
        if total is not None and total > largest:
            raise too_large(address, largest)
        with part.open("ab" if have else "wb") as file:
            _pour(client, answer, file, have=have, total=total, largest=largest, late=late)
        size = part.stat().st_size
        if total is not None and size != total and "Content-Encoding" not in answer.headers:
            _forget(part)
            what = f"{say_bytes(total)} were announced, and {say_bytes(size)} came."
            raise AgainError(what, broken=True)
        return str(answer.headers.get("Content-Type", ""))


def _pour(
    client: Client,
    answer: httpx.Response,
    file: BinaryIO,
    *,
    have: int,
    total: int | None,
    largest: int,
    late: Callable[[], bool],
) -> None:
    taken = told = have
    of = "" if total is None else f" of {say_bytes(total)}"
    for piece in client.read(answer, largest=largest - have, late=late):
        file.write(piece)
        taken += len(piece)
        if taken - told >= _TOLD_EVERY:
            told = taken
            client.say(f"{say_bytes(taken)}{of}")


def _length(answer: httpx.Response) -> int | None:
    said = answer.headers.get("Content-Length", "")
    return int(said[:18]) if said.isascii() and said.isdigit() else None


def _check_range(answer: httpx.Response, part: Path, have: int, begun: _Begun | None) -> int | None:
    """Return the length of the whole file; the piece must begin where ours ends, and be of it."""
    found = _RANGE.fullmatch(answer.headers.get("Content-Range", "").strip())
    state = answer.headers.get("ETag")
    if begun and begun.state.startswith('"') and state not in {None, begun.state}:
        _forget(part)
        raise AgainError("The file is another by now.", broken=True)
    if found is None or int(found[1]) != have:
        _forget(part)
        raise AgainError("The server went on elsewhere than where it broke off.", broken=True)
    if answer.headers.get("Content-Encoding", "identity") != "identity":
        _forget(part)
        raise wrong_answer(str(answer.url), "A piece of the file came packed.", "Try again.")
    return None if found[3] == "*" else int(found[3])


def _note(part: Path) -> Path:
    return part.with_name(part.name + ".json")


def _read_note(part: Path) -> _Begun | None:
    try:
        said = json.loads(_note(part).read_text(encoding="utf-8"))
        return _Begun(str(said["address"]), str(said["state"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _write_note(part: Path, address: str, answer: httpx.Response) -> None:
    """Keep which state of the file is coming; without one nothing can be taken up again."""
    state = answer.headers.get("ETag", "")
    if not state or state.startswith("W/"):
        state = answer.headers.get("Last-Modified", "")
    if not state or "Content-Encoding" in answer.headers:
        _note(part).unlink(missing_ok=True)
        return
    text = json.dumps({"address": address, "state": state})
    beside = _note(part).with_suffix(f".{os.getpid()}")
    beside.write_text(text, encoding="utf-8")
    beside.replace(_note(part))


def _forget(part: Path) -> None:
    with contextlib.suppress(OSError):
        part.unlink(missing_ok=True)
    _note(part).unlink(missing_ok=True)

"""Files as they are kept: written beside and renamed, with what they are in a file beside them."""

from __future__ import annotations

import contextlib
import datetime as dt
import hashlib
import json
import os
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path

from provision_map.errors import UsageError

_BLOCK = 1 << 20


def beside(path: Path) -> Path:
    """Return the file that says what ``path`` is.

    >>> beside(Path("data/places.geojson")).as_posix()
    'data/places.geojson.source.toml'
    """
    return path.with_name(path.name + ".source.toml")


def hash_file(path: Path) -> str:
    """Return the SHA-256 of a file, or of the files of a folder with their names."""
    digest = hashlib.sha256()
    if path.is_dir():
        for one in sorted(path.iterdir()):
            digest.update(f"{one.name} {hash_file(one)}\n".encode())
        return digest.hexdigest()
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            digest.update(block)
    return digest.hexdigest()


def write_whole(path: Path, body: bytes) -> None:
    """Write a file beside its place and rename it: it is there whole, or as it was."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        with temporary.open("wb") as file:
            file.write(body)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def write_facts(path: Path, facts: Mapping[str, str | int]) -> None:
    """Write what ``path`` is into the file beside it."""
    lines = [f"{key} = {_toml(value)}" for key, value in facts.items()]
    text = "# Written by provision-map fetch, which reads it again: leave it as it is.\n"
    write_whole(beside(path), (text + "\n".join(lines) + "\n").encode("utf-8"))


def _toml(value: str | int) -> str:
    """Return a value as TOML; what JSON escapes, TOML reads.

    >>> _toml("a"), _toml(3)
    ('"a"', '3')
    """
    if isinstance(value, int):
        return str(value)
    return json.dumps(value.replace("\x7f", " "), ensure_ascii=False)


def read_facts(path: Path) -> dict[str, object]:
    """Return what the file beside ``path`` says; {} if it is not there or cannot be read."""
    try:
        return tomllib.loads(beside(path).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}


def is_fresh(path: Path, asked: str, *, max_age: dt.timedelta) -> bool:
    """Say whether the file is there, as fetched, for this very question, and not too old."""
    facts = read_facts(path)
    if not path.exists() or facts.get("asked") != asked or not is_as_fetched(path):
        return False
    try:
        fetched = dt.datetime.fromisoformat(str(facts.get("fetched")))
        age = dt.datetime.now(tz=dt.UTC) - fetched
    except (ValueError, TypeError):
        return False
    return dt.timedelta(0) <= age <= max_age


def is_as_fetched(path: Path) -> bool:
    """Say whether a file is still what was fetched, byte for byte."""
    return hash_file(path) == read_facts(path).get("sha256")


def refuse_changed(path: Path) -> None:
    """Raise UsageError where a file would be replaced that people made or changed."""
    if path.exists() and not is_as_fetched(path):
        raise UsageError(
            f"{path} is there, and is not as it was fetched: somebody changed it. Move it away, or "
            "replace it with --refresh."
        )


@contextlib.contextmanager
def hold(path: Path) -> Iterator[None]:
    """Hold a file for one fetch at a time; another process waits until it is let go.

    What ends in whatever way lets go: nothing is left to be cleared up by hand.
    """
    lock = path.with_name(f".{path.name}.lock")
    try:
        import fcntl  # noqa: PLC0415 - not on every system
    except ImportError:  # pragma: no cover
        yield
        return
    while True:
        file = lock.open("ab")
        fcntl.flock(file, fcntl.LOCK_EX)
        with contextlib.suppress(OSError):
            if os.fstat(file.fileno()).st_ino == lock.stat().st_ino:
                break
        file.close()  # Who held it before took it away: once more.
    try:
        yield
    finally:
        lock.unlink(missing_ok=True)
        file.close()

"""Answers as data: JSON and CSV that are what they say, or an error that says what came instead."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator
from typing import Any

from provision_map.sources.body import wrong_answer
from provision_map.sources.patience import AgainError
from provision_map.sources.words import say_plain

_PAGE = (b"<!doctype", b"<html", b"<?xml", b"<head", b"<body")


def refuse_page(start: bytes, kind: str, address: str, wanted: str) -> None:
    """Raise DataError where a web page came instead of data.

    Args:
        start: first bytes of the body.
        kind: media type, as the server says.
        address: for the message.
        wanted: what it should have been: "JSON".

    """
    text = start.removeprefix(b"\xef\xbb\xbf").lstrip()[:9].lower()
    if kind.partition(";")[0].strip().lower() == "text/html" or text.startswith(_PAGE):
        what = f"A web page came instead of {wanted}: perhaps to log in, or to say that it moved."
        raise wrong_answer(address, what, "Open the address in a browser to see.")


def read_json(body: bytes, kind: str, address: str) -> dict[str, Any]:
    """Return the object that an answer holds.

    Raises:
        DataError: it is a web page, or no object.
        AgainError: it is cut off or garbled, which may pass.

    """
    refuse_page(body, kind, address, "JSON")
    try:
        value = json.loads(body.decode("utf-8-sig"), parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        what = f"What came is no JSON, or it is cut off: {say_plain(str(error), 80)}."
        raise AgainError(what, broken=True) from error
    if not isinstance(value, dict):
        raise wrong_answer(address, "What came is no JSON object.", "Is this the right address?")
    return value


def _refuse_constant(text: str) -> None:
    message = f"{text} is no number"
    raise ValueError(message)


def write_json(value: object) -> bytes:
    """Return a value that was read as JSON, as JSON in UTF-8.

    Half a character, which JSON can name and UTF-8 cannot hold, stays as JSON names it.
    """
    try:
        return json.dumps(value, ensure_ascii=False).encode("utf-8") + b"\n"
    except UnicodeEncodeError:
        return json.dumps(value).encode("ascii") + b"\n"


def read_rows(lines: Iterable[str], address: str) -> Iterator[list[str]]:
    """Yield the records of a CSV file, the headings first; each has as many cells as they.

    Raises:
        DataError: a record has more or fewer cells, or is no CSV.

    """
    width = 0
    rows = csv.reader(lines, strict=True)
    try:
        for row in rows:
            if not row:
                continue
            width = width or len(row)
            if len(row) != width:
                what = f"Line {rows.line_num} has {len(row)} cells, and the headings {width}: it is cut off or damaged."
                raise wrong_answer(address, what, "Fetch it again.")
            yield row
    except csv.Error as error:
        what = f"Line {rows.line_num} is no CSV: {say_plain(str(error))}."
        raise wrong_answer(address, what, "Fetch it again.") from error


def write_rows(rows: Iterable[Iterable[object]]) -> bytes:
    """Return rows as CSV in UTF-8."""
    out = io.StringIO(newline="")
    csv.writer(out, lineterminator="\n").writerows(rows)
    return out.getvalue().encode("utf-8")

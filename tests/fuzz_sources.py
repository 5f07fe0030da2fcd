"""Fuzzing of what the public sources answer: the parsing of answers, without a network.

An input is one answer, or a JSON list of answers (text, or JSON) that come one after the other.
``TARGETS`` and ``SEEDS`` are joined to those of ``fuzz_readers`` and ``fuzz_seeds``.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from fuzz_mutate import HOSTILE, encode, pack
from provision_map.errors import UsageError
from provision_map.sources.arcgis import fetch_boundaries, list_codes
from provision_map.sources.catalogue import Source, load_catalogue
from provision_map.sources.feed import Feed, fetch_feed
from provision_map.sources.nomis import fetch_table
from provision_map.sources.patience import AgainError
from provision_map.sources.tables import _keep_rows

_MOST_ANSWERS = 30
_ADDRESS = "https://example.org/FeatureServer/0"
_AREA = "E07000081"
_ONE, _OTHER = "E01022276", "E01022277"


class Answers:
    """Stands in for the client: gives the answers in turn, to be judged as the client has them judged."""

    def __init__(self, data: bytes) -> None:
        try:
            given = json.loads(data)
        except (ValueError, RecursionError):
            given = None
        self.answers = [_encode(one) for one in given] if isinstance(given, list) else [data]
        self.asked = 0

    def get(self, _address: str, _parameters: Any = None, *, largest: int, judge: Callable[[bytes, str], Any]) -> Any:  # fmt: skip
        if not self.answers or self.asked >= _MOST_ANSWERS:
            raise UsageError("Nobody answers any more.")
        body = self.answers[min(self.asked, len(self.answers) - 1)]
        self.asked += 1
        assert len(body) <= largest
        try:
            return judge(body, "")
        except AgainError as error:
            # The client asks again, and says so when it gives up.
            raise UsageError(error.what) from error

    def say(self, text: str) -> None:
        assert text

    def stop(self) -> None:
        """Nothing is under way."""


def _encode(answer: object) -> bytes:
    if isinstance(answer, str):
        return encode(answer)
    return encode(json.dumps(answer))


_CATALOGUE = load_catalogue()


def _source(id_: str, **details: Any) -> Source:
    source = _CATALOGUE[id_]
    return replace(source, details={**source.details, **details})


def read_layer(_bench: Any, data: bytes) -> None:
    """Read boundaries of a layer that knows the district, or with a lookup, or codes alone."""
    client: Any = Answers(data)
    if b"LAD" not in data:
        fetch_boundaries(client, _source("lsoa-2011"), _ADDRESS, [_AREA], lookup=f"{_ADDRESS}1")
    elif b"geometry" in data:
        fetch_boundaries(client, _source("lsoa-2011"), _ADDRESS, [_AREA], lookup=None)
    else:
        list_codes(client, _ADDRESS, "LSOA11CD", "LAD11CD", areas=[_AREA])


def read_nomis(_bench: Any, data: bytes) -> None:
    source = _source("ethnic-groups-2011", groups=[["1", "white_british", "British"]], sums={"all": ["white_british"]})  # fmt: skip
    client: Any = Answers(data)
    content = fetch_table(client, source, _ADDRESS, [_ONE, _OTHER], id_column="LSOA11CD")
    assert content.records == 2


def read_feed_answers(_bench: Any, data: bytes) -> None:
    client: Any = Answers(data)
    with tempfile.TemporaryDirectory() as folder:
        fetch_feed(client, Feed("https://example.org/hub", ("per_page",), 10), Path(folder))
        assert list(Path(folder).iterdir())


def read_file_source(bench: Any, data: bytes) -> None:
    packed = data[:2] == b"PK"
    source = _source("postcodes" if packed else "schools")
    path = bench.path / "fetched"
    path.write_bytes(data)
    areas = [_AREA] if packed else ["916"]
    client: Any = Answers(b"")
    _keep_rows(client, source, _ADDRESS, areas, path)


def _layer() -> list[Any]:
    fields = [{"name": "FID", "type": "esriFieldTypeOID"}, *({"name": name, "type": "esriFieldTypeString"} for name in ("LSOA11CD", "LSOA11NM", "LAD11CD"))]  # fmt: skip
    return [{"fields": fields, "objectIdField": "FID", "maxRecordCount": 1000}, {"count": 2}]


def _layer_seeds() -> dict[str, bytes]:
    rows = [{"FID": n, "LSOA11CD": code, "LSOA11NM": "Tiny", "LAD11CD": _AREA} for n, code in enumerate((_ONE, _OTHER))]  # fmt: skip
    ring = [[[-2.2, 51.8], [-2.1, 51.8], [-2.1, 51.9], [-2.2, 51.8]]]
    shapes = [{"type": "Feature", "id": n, "properties": row, "geometry": {"type": "Polygon", "coordinates": ring}} for n, row in enumerate(rows)]  # fmt: skip
    page = {"type": "FeatureCollection", "features": shapes}
    error = {"error": {"code": 400, "message": "Invalid URL", "details": ["Invalid", 7]}}
    answers = {
        "shapes": [*_layer(), page],
        "codes": [*_layer(), {"features": [{"attributes": row} for row in rows]}],
        "pages": [_layer()[0], {"count": 2}, {"features": shapes[:1]}, {"features": shapes[1:]}],
        "again": [_layer()[0], {"count": 9}, {"features": shapes}],
        "error": [error],
        "busy": [{"error": {"code": 503}}],
        "odd-error": [{"error": {"code": [], "message": {}, "details": None}}],
        "odd-errors": [{"error": 7}],
        "hostile": [{"error": {"code": word, "message": word}} for word in HOSTILE],
        "page": ["<html>log in</html>"],
    }
    return {name: encode(json.dumps(said)) for name, said in answers.items()} | {"cut": b'{"fields": [', "empty": b""}  # fmt: skip


def _nomis_seeds() -> dict[str, bytes]:
    head = "date_name,geography_code,geography_name,cell,cell_name,obs_value,record_count\n"
    rows = [f"2011,{code},Tiny,{cell},{name},{value},4\n" for code in (_ONE, _OTHER) for cell, name, value in ((0, "All categories: Ethnic group", 90), (1, "White: English/Welsh/British", 80))]  # fmt: skip
    whole = head + "".join(rows)
    return {
        "whole": whole.encode(),
        "pages": json.dumps([head + "".join(rows[:2]), head + "".join(rows[2:])]).encode(),
        "bom": b"\xef\xbb\xbf" + whole.encode(),
        "cut": whole[:-1].encode(),
        "withheld": whole.replace("80,", "-,").encode(),
        "hostile": encode(
            json.dumps([whole.replace("Tiny", json.dumps(word)) for word in HOSTILE])
        ),
        "page": b"<!doctype html>",
        "empty": b"",
    }


def _feed_seeds() -> dict[str, bytes]:
    service = {"id": "s1", "name": "Club", "schedules": []}
    first = {"total_items": 2, "total_pages": 2, "page_number": 1, "contents": [service]}
    second = {**first, "page_number": 2, "last_page": True, "contents": [{**service, "id": "s2"}]}
    one = {"total_items": 1, "total_pages": 1, "page_number": 1, "contents": [{"id": "s1"}]}
    said: dict[str, list[Any]] = {
        "pages": [first, second],
        "full": [one, {"id": "s1", "name": "Club", "schedules": []}],
        "another": [one, {"id": "s2"}],
        "old": [{"content": [service], "totalPages": 1}, {"contents": []}],
        "again": [first, first],
        "lists": [{"contents": [[service]]}],
        "ids": [
            {"contents": [{"id": word, "schedules": []} for word in HOSTILE]},
            {"contents": []},
        ],
        "counts": [{"total_items": "9" * 99, "total_pages": -1, "contents": [service]}],
        "page": ["<html>"],
    }
    return {name: encode(json.dumps(answers)) for name, answers in said.items()} | {"empty": b""}


def _file_seeds() -> dict[str, bytes]:
    def table(source: Source, area: str, **known: str) -> str:
        district = str(source.details["area"][0]).replace("*", "")
        columns = [str(old) for old, _ in source.details.get("columns", ())] or list(map(str, source.details["required"]))  # fmt: skip
        heading = [district, *(name for name in columns if name != district)]
        return ",".join(heading) + "\n" + "".join(",".join([area, *(known.get(name, str(n)) for name in heading[1:])]) + "\n" for n in range(3))  # fmt: skip

    schools = table(_CATALOGUE["schools"], "916")
    postcodes = table(_CATALOGUE["postcodes"], _AREA)
    member = str(_CATALOGUE["postcodes"].details["member"][0]).replace("*", "a")
    return {
        "schools": schools.encode(),
        "latin": schools.replace("2", "Tinÿ").encode("cp1252"),
        "postcodes": pack({member: postcodes.encode()}),
        "other": pack({"other.csv": postcodes.encode()}),
        "bomb": pack({member: postcodes.encode() + b"," * 30_000_000}),
        "long": schools.encode() + b"a" * 1_500_000,
        "empty": b"",
    }


TARGETS: dict[str, Callable[[Any, bytes], None]] = {
    "source_layer": read_layer,
    "source_nomis": read_nomis,
    "source_feed": read_feed_answers,
    "source_file": read_file_source,
}
SEEDS: dict[str, Callable[[], dict[str, bytes]]] = {
    "source_layer": _layer_seeds,
    "source_nomis": _nomis_seeds,
    "source_feed": _feed_seeds,
    "source_file": _file_seeds,
}

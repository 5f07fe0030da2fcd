"""Layers of an ArcGIS FeatureServer: paged queries that must bring as many records as were counted."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from provision_map.errors import DataError
from provision_map.schema.wording import count_of, list_some
from provision_map.sources.answers import read_json, write_json, write_rows
from provision_map.sources.body import wrong_answer
from provision_map.sources.catalogue import Source
from provision_map.sources.client import Client
from provision_map.sources.content import Content
from provision_map.sources.patience import PASSING, AgainError
from provision_map.sources.words import say_plain, short_address

#: Bytes of one page, and records that are asked for at once whatever a server allows.
_LARGEST_PAGE = 100_000_000
_LARGEST_STEP = 2000
#: Codes named in one question.
_BATCH = 150
#: What a code of an area looks like, in all four countries.
_CODE = re.compile(r"[A-Z][0-9]{8}")
#: British National Grid, and how far Great Britain reaches in its metres.
_GRID = "27700"
_EAST, _NORTH = 700_000, 1_300_000
#: More than any county has of anything.
_MOST = 200_000


@dataclass(frozen=True)
class _Layer:
    """What a layer says of itself: its page, the column of its numbers, and its columns."""

    address: str
    step: int
    number: str
    columns: Mapping[str, str]

    def column(self, name: str) -> str:
        """Return the column as the layer spells it; the servers differ in upper and lower case."""
        found = self.columns.get(name.casefold())
        if found is None:
            listed = say_plain(", ".join(self.columns.values()), 300)
            what = f"The layer has no column {name}. It has: {listed}."
            raise wrong_answer(self.address, what, "Correct the catalogue (--catalogue).")
        return found


def fetch_boundaries(
    client: Client, source: Source, address: str, areas: Sequence[str], *, lookup: str | None
) -> Content:
    """Return the boundaries of all small areas of the districts, as GeoJSON in WGS 84.

    Args:
        client: that asks.
        source: of the catalogue: ``code``, ``name`` and ``area`` are its columns.
        address: of the layer.
        areas: codes of districts.
        lookup: address of the table of small areas; None: the layer knows the district.

    Raises:
        DataError: not all came, or not what should.
        UsageError: nobody answers, or nothing is there.

    """
    details = source.details
    layer = _describe(client, address)
    wanted = [str(details[key]) for key in ("code", "name") if key in details]
    district = str(details["area"])
    if lookup is None:
        where = [_any_of(layer.column(district), areas)]
        wanted.append(district)
        districts: dict[str, str] = {}
    else:
        districts = list_codes(client, lookup, str(details["code"]), district, areas=areas)
        where = [_any_of(layer.column(wanted[0]), part) for part in batches(sorted(districts))]
    features: list[dict[str, Any]] = []
    for clause in where:
        features += _query(client, layer, clause, wanted, form="geojson")
        client.say(f"{count_of(len(features), 'boundary', 'boundaries')} of {source.title}")
    kept = [_trim(feature, layer, wanted, districts, district) for feature in features]
    codes = [feature["properties"][wanted[0]] for feature in kept]
    _check_codes(address, codes, set(districts) or None, noun="boundary")
    body = {"type": "FeatureCollection", "features": sorted(kept, key=lambda one: one["properties"][wanted[0]])}  # fmt: skip
    return Content(write_json(body), len(kept), "place", address)


def fetch_centroids(
    client: Client, source: Source, address: str, areas: Sequence[str], *, lookup: str
) -> Content:
    """Return where the people of each small area of the districts live, on the British grid, as CSV.

    Its columns are the code, ``easting`` and ``northing``. Arguments and errors are those of
    :func:`fetch_boundaries`; ``source`` names ``code`` and ``area``.
    """
    code, district = str(source.details["code"]), str(source.details["area"])
    layer = _describe(client, address)
    districts = list_codes(client, lookup, code, district, areas=areas)
    rows: list[tuple[str, float, float]] = []
    for part in batches(sorted(districts)):
        clause = _any_of(layer.column(code), part)
        for record in _query(client, layer, clause, [code], form="points"):
            here = _text(_cells(record), layer.column(code))
            rows.append((here, *_read_point(record.get("geometry"), here, address)))
        client.say(f"{count_of(len(rows), 'centroid')} of {source.title}")
    _check_codes(address, [row[0] for row in rows], set(districts), noun="centroid")
    body = write_rows([(code, "easting", "northing"), *sorted(rows)])
    return Content(body, len(rows), "centroid", address)


def _read_point(shape: object, code: str, address: str) -> tuple[float, float]:
    """Return easting and northing to a tenth of a metre; degrees, and points at sea, are refused."""
    x, y = (shape.get("x"), shape.get("y")) if isinstance(shape, dict) else (None, None)
    if not isinstance(x, int | float) or not isinstance(y, int | float):
        what = f"{say_plain(code, 40) or 'A record'} has no point."
        raise wrong_answer(address, what, "Try again later.")
    # Degrees are small numbers, and those of web maps are far larger, or negative.
    if not (math.isfinite(x) and math.isfinite(y) and 1000 < x < _EAST and 1000 < y < _NORTH):  # noqa: PLR2004 - metres
        what = f"The point of {say_plain(code, 40)} ({x:g}, {y:g}) is not on the British grid."
        raise wrong_answer(address, what, "The server passes over outSR: see --catalogue.")
    return round(float(x), 1), round(float(y), 1)


def list_codes(
    client: Client, address: str, code: str, district: str, *, areas: Sequence[str]
) -> dict[str, str]:
    """Return the district by code of each small area that lies in one of the districts.

    Raises:
        DataError: the table holds none, or is not what it should be.

    """
    layer = _describe(client, address)
    clause = _any_of(layer.column(district), areas)
    rows = _query(client, layer, clause, [code, district])
    found: dict[str, str] = {}
    for row in rows:
        cells = _cells(row)
        here, above = (_text(cells, layer.column(name)) for name in (code, district))
        if _CODE.fullmatch(here) is None:
            what = f"{say_plain(here, 40)!r} in {code} is no code of an area."
            raise wrong_answer(address, what, "Try again later.")
        found[here] = above
    missing = sorted(set(areas) - set(found.values()))
    if missing:
        what = f"The table knows no {code} in {', '.join(missing)}."
        mend = "Is it the code of a district (E06…, E07…, E08…, E09…, W06…) of that year? Districts that were joined have new codes."
        raise wrong_answer(address, what, mend)
    return found


def batches(codes: Sequence[str], size: int = _BATCH) -> Iterator[Sequence[str]]:
    """Yield the codes in parts that fit into one question.

    >>> list(batches("abcde", 2))
    ['ab', 'cd', 'e']
    """
    for start in range(0, len(codes), size):
        yield codes[start : start + size]


def _any_of(column: str, codes: Iterable[str]) -> str:
    listed = ",".join(f"'{code.replace(chr(39), chr(39) * 2)}'" for code in codes)
    return f"{column} IN ({listed})"


def _ask(client: Client, address: str, parameters: Mapping[str, str]) -> dict[str, Any]:
    """Ask, and recognise an error that comes as an answer of status 200."""

    def judge(body: bytes, kind: str) -> dict[str, Any]:
        said = read_json(body, kind, address)
        error = said.get("error")
        if error is None:
            return said
        error = error if isinstance(error, dict) else {"message": str(error)}
        details = error.get("details")
        parts = [error.get("message"), *(details if isinstance(details, list) else [])]
        words = say_plain(" ".join(dict.fromkeys(str(part) for part in parts if part))).rstrip(".")
        code = error.get("code")
        what = f"The server says: {words or 'an error without words'} ({say_plain(str(code), 20)})."
        if isinstance(code, int) and code in PASSING:
            raise AgainError(what)
        raise wrong_answer(address, what, "The layer may have been replaced by another: see --url and --catalogue.")  # fmt: skip

    return client.get(address, parameters, largest=_LARGEST_PAGE, judge=judge)


def _describe(client: Client, address: str) -> _Layer:
    said = _ask(client, address, {"f": "json"})
    columns: dict[str, str] = {}
    number = said.get("objectIdField")
    fields = said.get("fields")
    for one in fields if isinstance(fields, list) else []:
        if isinstance(one, dict) and isinstance(one.get("name"), str):
            columns[one["name"].casefold()] = one["name"]
            if one.get("type") == "esriFieldTypeOID":
                number = one["name"]
    if not columns or not isinstance(number, str):
        what = "What came does not describe a layer: it has no columns."
        raise wrong_answer(address, what, "The address must end in FeatureServer/ and a number.")
    most = said.get("maxRecordCount")
    step = most if isinstance(most, int) and 0 < most < _LARGEST_STEP else _LARGEST_STEP
    return _Layer(address, step, number, columns)


def _query(
    client: Client, layer: _Layer, where: str, columns: Sequence[str], *, form: str = "table"
) -> list[dict[str, Any]]:
    """Return all records of a query, page by page, as many as the server counts.

    ``form`` is what comes with their columns: "geojson", shapes in degrees; "points", on the
    British grid; "table", nothing.
    """
    address = f"{layer.address}/query"
    count = _ask(client, address, {"where": where, "returnCountOnly": "true", "f": "json"})
    total = count.get("count")
    if not isinstance(total, int) or not 0 <= total <= _MOST:
        raise wrong_answer(address, f"The server counts {say_plain(str(total), 40)} records.")
    fields = [layer.number, *(layer.column(name) for name in columns)]
    asked = {
        "where": where,
        "outFields": ",".join(dict.fromkeys(fields)),
        "orderByFields": layer.number,
        "returnGeometry": "false" if form == "table" else "true",
        "outSR": _GRID if form == "points" else "4326",
        "geometryPrecision": "6",
        "f": "geojson" if form == "geojson" else "json",
        "resultRecordCount": str(layer.step),
    }
    found: dict[object, dict[str, Any]] = {}
    while len(found) < total:
        page = _ask(client, address, asked | {"resultOffset": str(len(found))})
        records = page.get("features")
        if not isinstance(records, list) or not all(isinstance(one, dict) for one in records):
            raise wrong_answer(address, "A page has no list of features.", "Try again later.")
        before = len(found)
        for record in records:
            found.setdefault(_number(record, layer), record)
        if records and len(found) < before + len(records):
            what = "The server gives the same records again on another page."
            raise wrong_answer(address, what, "Try again later.")
        if len(found) == before:
            what = f"The server counts {count_of(total, 'record')} and gives {len(found):,}."
            raise wrong_answer(address, what, "Try again later.")
    if len(found) > total:
        what = f"The server counts {count_of(total, 'record')} and gives {len(found):,}."
        raise wrong_answer(address, what, "Try again: the layer may have changed meanwhile.")
    return list(found.values())


def _cells(record: Mapping[str, Any]) -> Mapping[str, Any]:
    cells = record.get("properties") or record.get("attributes")
    return cells if isinstance(cells, dict) else {}


def _number(record: Mapping[str, Any], layer: _Layer) -> object:
    number = _cells(record).get(layer.number, record.get("id"))
    if not isinstance(number, int | str):
        raise wrong_answer(layer.address, f"A record has no {layer.number}.", "Try again later.")
    return number


def _text(cells: Mapping[str, Any], column: str) -> str:
    value = cells.get(column)
    return value.strip() if isinstance(value, str) else ""


def _trim(
    feature: Mapping[str, Any],
    layer: _Layer,
    wanted: Sequence[str],
    districts: Mapping[str, str],
    district: str,
) -> dict[str, Any]:
    """Return a feature with the columns of the catalogue, and its district."""
    cells = _cells(feature)
    properties = {name: _text(cells, layer.column(name)) for name in wanted}
    if districts:
        properties[district] = districts.get(properties[wanted[0]], "")
    shape = feature.get("geometry")
    if not isinstance(shape, dict):
        what = f"{properties[wanted[0]] or 'A record'} has no shape."
        raise wrong_answer(layer.address, what, "Try again later.")
    return {"type": "Feature", "properties": properties, "geometry": shape}


def _check_codes(
    address: str, codes: Sequence[str], expected: set[str] | None, *, noun: str
) -> None:
    """Raise where a code is missing, comes twice, or nothing came at all."""
    twice = sorted({code for code in codes if codes.count(code) > 1}) if len(set(codes)) < len(codes) else []  # fmt: skip
    lost = sorted((expected or set()) - set(codes))
    wrong: list[DataError] = []
    if not codes or "" in codes:
        wrong.append(wrong_answer(address, "There is no such area in the layer, or its code is blank."))  # fmt: skip
    if twice:
        wrong.append(wrong_answer(address, f"Codes that come twice: {list_some(twice)}."))
    if lost:
        what = f"{count_of(len(lost), 'area has', 'areas have')} no {noun} in {short_address(address)}: {list_some(lost)}."
        mend = "Are the layer and the lookup not of the same year?"
        wrong.append(wrong_answer(address, what, mend))
    if wrong:
        raise DataError([problem for error in wrong for problem in error.problems])

"""Ways to spoil a file so that it still gets past the first check: cells, JSON trees, parts of zips.

``mutate(data, rng)`` looks at what the data is (a zip, JSON, text, bytes) and changes it by one to
four steps. The same data and seed give the same bytes.
"""

from __future__ import annotations

import io
import json
import random
import re
import zipfile
import zlib
from typing import Any

#: Longer inputs are cut: what matters is what stands in them.
LONGEST = 200_000

#: What people, spreadsheets and attackers put into a cell.
HOSTILE: tuple[str, ...] = (
    "", " ", "none", "tbd", "withheld", "unknown", "all", "everyone", "n/a", "-", "?", "yes", "TRUE",
    "0", "-0", "-1", "1", "1.5", "1,5", "1,000", "1_000", "1e999", "-1e999", "1e-400", "nan", "NaN",
    "inf", "-Infinity", "0x10", "9" * 40, "9" * 400, "²", "½", "٣", "１２", "Ⅷ", "£5", "5 %",
    "99999-99-99", "0000-00-00", "0001-01-01", "9999-12-31", "2020-02-30", "31/02/2020", "12/31/2020",
    "1/1/20", "2020-06-01T00:00:00Z", "43983", "43983.75", "0.75", "60", "61", "2958466", "-1.5",
    "24:00", "24:01", "25:61", "9.30", "9:30 pm", "noon", "00:00:60", "Friday", "friday;Freitag",
    "FREQ=WEEKLY;BYDAY=TU", "FREQ=YEARLY;BYMONTHDAY=30;BYMONTH=2", "FREQ=DAILY;COUNT=99999999999",
    "FREQ=WEEKLY;INTERVAL=0", "FREQ=WEEKLY;UNTIL=99991231T000000Z", "FREQ=SECONDLY", "FREQ=;;=;",
    "RRULE:FREQ=MONTHLY;BYDAY=-1FR,5MO", "S1", "S2", "O1", "T01", "T02", "N1", "Y01", "C02", "C05;Y01",
    "=1+1", '=HYPERLINK("x")', "+1", "@SUM(A1)", "'=1", "\t=1", "<b>&amp;</b>", "]]>", "&xxe;",
    "{{7*7}}", "%s%n", "../../../etc/passwd", "/dev/zero", "file:///etc/passwd", "http://127.0.0.1:9/",
    "C:\\x", "a\x00b", "\x1b[31m", "\u202eabc", "\ufeff", "\u2028", "\x85", "\r", "\n", "a\r\nb",
    '"', '""', "'", ",", ";", "|", "\t", "x" * 5_000, "é", "ǅ", "ß", "İ", "ﬀ", "😀", "e\u0301", "\ud800",
    "\udc80x", "GL1 2AB", "gl12ab", "GL1", "ZZ99 9ZZ", "BT1 1AA", "GIR 0AA", "AA1 1AA 1AA", "51.86, -2.24",
    "SO 83 18", "383500", "217500", "-2.24", "181", "-91", "1e308", "POINT (0 0)", "_row", "_file", "null",
    "[]", "{}", "[1", "true", "EPSG:27700", "EPSG:4326", "EPSG:999999", "WGS 84", "01012020",
)  # fmt: skip

#: Keys that readers look for, to be put where they do not belong.
_KEYS = ("id", "name", "services", "contents", "organization", "schedules", "service_at_locations",
         "location", "attributes", "taxonomy_term", "file", "kind", "geometry", "coordinates", "type",
         "features", "properties", "resources", "path", "crs")  # fmt: skip
_TOKEN = re.compile(rb'"(?:[^"\\\n]|\\.)*"|[^\s,;|<>"=\[\]{}]+')
_TEXT_NODE = re.compile(rb">([^<>]*)<")
_ATTRIBUTE = re.compile(rb'="([^"]*)"')
_XML_ENDS = (".xml", ".rels")


def mutate(data: bytes, rng: random.Random) -> bytes:
    """Return the data, spoilt in one to four places."""
    for _ in range(rng.choice((1, 1, 2, 4))):
        data = _mutate_once(data, rng)[:LONGEST]
    return data


def _mutate_once(data: bytes, rng: random.Random) -> bytes:
    if rng.random() < 0.15:
        return _mutate_bytes(data, rng)
    if data[:2] == b"PK":
        changed = _mutate_zip(data, rng)
    elif data.lstrip(b"\xef\xbb\xbf \r\n")[:1] in (b"{", b"["):
        changed = _mutate_json(data, rng)
    elif b"\x00" in data[:200]:
        changed = None
    else:
        changed = _mutate_text(data, rng)
    return _mutate_bytes(data, rng) if changed is None else changed


def encode(text: str) -> bytes:
    """Encode as UTF-8, lone surrogates too: three bytes that no decoder takes."""
    return text.encode("utf-8", "surrogatepass")


def _mutate_bytes(data: bytes, rng: random.Random) -> bytes:  # noqa: PLR0911 - one a kind of change
    at = rng.randrange(len(data) + 1)
    end = min(len(data), at + rng.choice((1, 1, 2, 4, 16, 256)))
    choice = rng.randrange(7)
    if choice == 0:
        return data[:at] + data[end:]
    if choice == 1:
        return data[:at] + encode(rng.choice(HOSTILE)) + data[at:]
    if choice == 2:
        return data[:at]
    if choice == 3:
        other = rng.randrange(len(data) + 1)
        return data[:other] + data[at:end] + data[other:]
    if choice == 4:
        return (
            data[:at]
            + rng.choice((b"\x00", b"\xff", b"\xfe\xff", b"\x80", b"\x1a", b"\r"))
            + data[at:]
        )
    if choice == 5 and at < len(data):
        return data[:at] + bytes([data[at] ^ 1 << rng.randrange(8)]) + data[at + 1 :]
    size = rng.choice((1, 2, 4, 8))
    number = rng.choice(
        (0, 1, 0x7F, 0x80, 0xFF, 0x7FFF, 0x7FFFFFFF, 0xFFFFFFFF, 2**63 - 1, 2**64 - 1)
    )
    return (
        data[:at]
        + (number % 256**size).to_bytes(size, rng.choice(("little", "big")))
        + data[at + size :]
    )


def _mutate_text(data: bytes, rng: random.Random) -> bytes:
    """Change a word, a cell or a line; often a cell is replaced by what people put into cells."""
    lines = data.splitlines(keepends=True)
    choice = rng.randrange(10)
    if lines and choice < 2:
        at, other = rng.randrange(len(lines)), rng.randrange(len(lines))
        if choice == 0:
            lines.insert(at, lines[other])
        else:
            del lines[at]
        return b"".join(lines)
    tokens = list(_TOKEN.finditer(data))
    if not tokens:
        return data + encode(rng.choice(HOSTILE))
    token = rng.choice(tokens)
    new = encode(rng.choice(HOSTILE))
    if choice == 2:
        new = rng.choice(tokens)[0]
    elif token[0][:1] == b'"' or ((b"," in new or b"\n" in new) and rng.random() < 0.8):
        new = b'"' + new.replace(b'"', b'""') + b'"'
    return data[: token.start()] + new + data[token.end() :]


def _mutate_json(data: bytes, rng: random.Random) -> bytes | None:
    try:
        tree = json.loads(data)
    except (ValueError, RecursionError):
        return _mutate_text(data, rng)
    holder: list[Any] = [tree]
    spots = _list_spots(holder)
    parent, key = rng.choice(spots)
    choice = rng.randrange(9)
    value = parent[key]
    if choice < 4:
        parent[key] = _new_value(rng)
    elif choice == 4:
        other_parent, other_key = rng.choice(spots)
        # A copy: a tree that holds itself cannot be written.
        parent[key] = json.loads(json.dumps(other_parent[other_key]))
    elif choice == 5 and parent is not holder:
        del parent[key]
    elif choice == 6 and isinstance(value, dict):
        value[rng.choice((*_KEYS, *value, rng.choice(HOSTILE)))] = _new_value(rng)
    elif choice == 7 and isinstance(value, list):
        value.extend(json.loads(json.dumps(value))[: rng.choice((1, 50))])
    else:
        deep: Any = value
        for _ in range(rng.choice((1, 5, 60, 400))):
            deep = [deep] if rng.random() < 0.5 else {"services": deep}
        parent[key] = deep
    try:
        text = json.dumps(holder[0], ensure_ascii=rng.random() < 0.5)
    except (ValueError, RecursionError):
        return None
    if rng.random() < 0.05:
        text = text.replace('"id":', '"id": "twice", "id":', 1)
    return encode(text)


def _list_spots(holder: list[Any]) -> list[tuple[Any, Any]]:
    """Return where each value of a tree stands, the root first."""
    spots: list[tuple[Any, Any]] = [(holder, 0)]
    for parent, key in spots:
        value = parent[key]
        if isinstance(value, dict):
            spots.extend((value, k) for k in value)
        elif isinstance(value, list):
            spots.extend((value, n) for n in range(len(value)))
    return spots


def _new_value(rng: random.Random) -> Any:
    if rng.random() < 0.5:
        return rng.choice(HOSTILE)
    return rng.choice(
        (None, True, False, 0, -1, 1.5, 10**30, 1e300, float("nan"), float("inf"), [], {}, [[]], [None],
         {"id": None}, [{"id": 7}], {"a": {"b": {}}}, [0, 0], [1e9, -1e9], "")
    )  # fmt: skip


def _mutate_zip(data: bytes, rng: random.Random) -> bytes | None:
    """Change one part of a zip and pack it anew, or pack it in a way that lies."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            if sum(entry.file_size for entry in packed.infolist()) > 20 * LONGEST:
                return None
            parts = {entry.filename: packed.read(entry) for entry in packed.infolist()}
    except (zipfile.BadZipFile, zlib.error, ValueError, EOFError, OSError, RuntimeError, NotImplementedError):  # fmt: skip
        return None
    if not parts:
        return None
    names = list(parts)
    weights = [5 if "sheet" in name or name == "content.xml" or not name.endswith(_XML_ENDS) else 1 for name in names]  # fmt: skip
    name = rng.choices(names, weights)[0]
    choice = rng.randrange(20)
    if choice == 0:
        del parts[name]
    elif choice == 1:
        parts[rng.choice((f"{name}2", name.upper(), f"../{name}", f"/{name}", "xl/vbaProject.bin"))] = parts[name]  # fmt: skip
    elif choice == 2:
        parts[name] = parts[rng.choice(names)]
    elif name.endswith(_XML_ENDS):
        parts[name] = _mutate_xml(parts[name], rng)
    else:
        parts[name] = _mutate_once(parts[name], rng)
    return pack(
        parts, method=rng.choice((zipfile.ZIP_DEFLATED, zipfile.ZIP_DEFLATED, zipfile.ZIP_STORED))
    )


def _mutate_xml(xml: bytes, rng: random.Random) -> bytes:
    pattern = rng.choice((_TEXT_NODE, _ATTRIBUTE))
    spots = list(pattern.finditer(xml))
    if not spots or rng.random() < 0.1:
        return _mutate_bytes(xml, rng)
    spot = rng.choice(spots)
    new = encode(rng.choice(HOSTILE))
    if rng.random() < 0.8:
        new = new.replace(b"&", b"&amp;").replace(b"<", b"&lt;").replace(b'"', b"&quot;")
    return xml[: spot.start(1)] + new + xml[spot.end(1) :]


def pack(parts: dict[str, bytes], *, method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """Pack parts into a zip whose bytes depend on nothing else."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as packed:
        for name, part in parts.items():
            packed.writestr(zipfile.ZipInfo(name), part, method)
    return out.getvalue()

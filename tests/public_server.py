"""A real HTTP server on this machine that speaks the protocols of the public sources, and fails.

``PublicServer(published)`` is a context manager; ``.url`` is its address. It publishes layers of an
ArcGIS FeatureServer, datasets of Nomis, files (with ranges and ETags) and an Open Referral feed.
``.faults`` is a list of :class:`Fault`; the first that fits a request is played, so many times.
``.log`` holds every request as (method, path with query, headers).
"""

from __future__ import annotations

import csv
import gzip
import io
import json
import re
import sys
import threading
import time
import zlib
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Self
from urllib.parse import parse_qsl, unquote, urlsplit

_IN = re.compile(r"(\w+) IN \(('[^']*'(?:,'[^']*')*)\)")


@dataclass
class Fault:
    """What goes wrong with requests whose path holds ``match``.

    kind: status, redirect, cut, cut_chunked, length, endless, drip, bomb, gzip, page, truncate,
    hold, late, body.
    """

    match: str
    kind: str
    times: int = 1
    status: int = 500
    headers: dict = field(default_factory=dict)
    number: int = 0
    text: str = ""


@dataclass
class Layer:
    """Records as GeoJSON features; a lookup's have no geometry.

    A layer of points holds ``points`` by the number of a system of coordinates.
    """

    columns: list
    features: list


@dataclass
class Dataset:
    """Figures by area and category of one dimension, with labels."""

    dimension: str
    labels: dict
    figures: dict
    names: dict
    date: str


@dataclass
class Published:
    layers: dict = field(default_factory=dict)
    datasets: dict = field(default_factory=dict)
    files: dict = field(default_factory=dict)
    services: list = field(default_factory=list)


def pack_zeros(megabytes: int) -> bytes:
    """Return so many megabytes of nothing as gzip: a thousandth of their size."""
    packer = zlib.compressobj(1, wbits=31)
    zeros = bytes(1 << 20)
    return b"".join(packer.compress(zeros) for _ in range(megabytes)) + packer.flush()


class PublicServer:
    def __init__(self, published: Published):
        self.published = published
        self.faults: list[Fault] = []
        self.log: list[tuple[str, str, dict]] = []
        self.page_limit = 50
        self.row_limit = 25_000
        self.ranges = True
        self.etag = '"one"'
        #: Ways of lying: same (ignores the offset), more (counts too many) and of rows
        #: of Nomis alike (rows same, rows more); state (ignores If-Range); degrees (ignores outSR).
        self.lies: set[str] = set()
        self.held = threading.Event()
        self.release = threading.Event()
        self._lock = threading.Lock()

    def __enter__(self) -> Self:
        outer = self

        class Handler(_Handler):
            owner = outer

        self._http = _Quiet(("127.0.0.1", 0), Handler)
        self._http.daemon_threads = True
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.02,))
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._http.server_address[1]}"
        return self

    def __exit__(self, *_):
        self.release.set()
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()

    def fail(self, match: str, kind: str, **more) -> None:
        fault = Fault(match, kind, **more)
        if kind == "bomb":  # Made now: while a client waits, it would take too long.
            self.bomb = pack_zeros(fault.number)
        self.faults.append(fault)

    def take_fault(self, path: str) -> Fault | None:
        with self._lock:
            for fault in self.faults:
                if fault.match in path and fault.times > 0:
                    fault.times -= 1
                    return fault
        return None

    def asked(self, match: str) -> list[str]:
        return [path for _, path, _ in self.log if match in path]


class _Quiet(ThreadingHTTPServer):
    def handle_error(self, request, client_address):
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    owner: PublicServer
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def do_GET(self):
        self._handle("GET", "")

    def do_POST(self):
        length = int(self.headers.get("Content-Length", 0))
        self._handle("POST", self.rfile.read(length).decode())

    def _handle(self, method, form):
        self.owner.log.append((method, self.path, dict(self.headers)))
        parts = urlsplit(self.path)
        asked = dict(parse_qsl(parts.query, keep_blank_values=True)) | dict(parse_qsl(form, keep_blank_values=True))  # fmt: skip
        status, headers, body = self._answer(unquote(parts.path), asked, parts.path)
        fault = self.owner.take_fault(self.path)
        try:
            if fault is None:
                self._send(status, headers, body)
            else:
                getattr(self, f"_play_{fault.kind}")(fault, status, headers, body)
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True

    # ── answers ──────────────────────────────────────────────────────────────

    def _answer(self, path, asked, raw):
        if "FeatureServer" in path:
            return 200, {"Content-Type": "application/json"}, json.dumps(self._layer(path, asked)).encode()  # fmt: skip
        if path.endswith(".data.csv"):
            return self._dataset(path, asked)
        if path.rstrip("/").endswith("/services") or "/services/" in path:
            return self._feed(raw, asked)
        return self._file(path)

    def _layer(self, path, asked):
        name = path.split("/FeatureServer")[0].rsplit("/", 1)[-1]
        layer = self.owner.published.layers.get(name)
        if layer is None:
            return {"error": {"code": 400, "message": "Invalid URL", "details": []}}
        if not path.endswith("/query"):
            fields = [{"name": "FID", "type": "esriFieldTypeOID"}] + [{"name": c, "type": "esriFieldTypeString"} for c in layer.columns]  # fmt: skip
            return {"name": name, "maxRecordCount": self.owner.page_limit, "fields": fields}
        found = _IN.fullmatch(asked.get("where", ""))
        if not found or found[1] not in layer.columns:
            return {"error": {"code": 400, "message": "Cannot perform query. Invalid query parameters.", "details": ["'where' clause is invalid"]}}  # fmt: skip
        wanted = set(re.findall(r"'([^']*)'", found[2]))
        hits = [(n, f) for n, f in enumerate(layer.features) if f["properties"].get(found[1]) in wanted]  # fmt: skip
        if asked.get("returnCountOnly") == "true":
            return {"count": len(hits) + (10 if "more" in self.owner.lies else 0)}
        offset = 0 if "same" in self.owner.lies else int(asked.get("resultOffset", 0))
        step = min(int(asked["resultRecordCount"]), self.owner.page_limit)
        columns = asked["outFields"].split(",")
        page = hits[offset : offset + step]
        more = {"exceededTransferLimit": True} if offset + step < len(hits) else {}
        cells = [{"FID": n} | {c: f["properties"][c] for c in columns if c != "FID"} for n, f in page]  # fmt: skip
        if asked["f"] == "geojson":
            features = [{"type": "Feature", "id": c["FID"], "properties": c, "geometry": f["geometry"]} for c, (_, f) in zip(cells, page, strict=True)]  # fmt: skip
            return {"type": "FeatureCollection", "properties": more, "features": features}
        features = [{"attributes": c} for c in cells]
        if asked.get("returnGeometry") == "true":
            for one, (_, held) in zip(features, page, strict=True):
                one["geometry"] = held["points"]["4326" if "degrees" in self.owner.lies else asked["outSR"]]  # fmt: skip
        return {"features": features, **more}

    def _dataset(self, path, asked):
        data = self.owner.published.datasets.get(path.rsplit("/", 1)[-1].removesuffix(".data.csv"))
        if data is None:
            return 404, {"Content-Type": "text/plain"}, b"No such dataset."
        rows = [
            [data.date, area, data.names[area], category, data.labels[category], value]
            for area in asked["geography"].split(",")
            for category, value in data.figures.get(area, {}).items()
            if category in asked[data.dimension].split(",")
        ]
        offset = 0 if "rows same" in self.owner.lies else int(asked.get("recordoffset", 0))
        step = min(int(asked.get("recordlimit", 25_000)), self.owner.row_limit)
        total = len(rows) + (10 if "rows more" in self.owner.lies else 0)
        heading = ["DATE_NAME", "GEOGRAPHY_CODE", "GEOGRAPHY_NAME", data.dimension.upper(), f"{data.dimension.upper()}_NAME", "OBS_VALUE", "RECORD_COUNT"]  # fmt: skip
        out = io.StringIO(newline="")
        written = csv.writer(out, lineterminator="\r\n", quoting=csv.QUOTE_NONNUMERIC)
        written.writerow(heading)
        written.writerows([*row, total] for row in rows[offset : offset + step])
        return 200, {"Content-Type": "text/csv"}, out.getvalue().encode()

    def _feed(self, raw, asked):
        services = self.owner.published.services
        kind = {"Content-Type": "application/json"}
        _, _, number = raw.rpartition("/services/")
        if not raw.rstrip("/").endswith("/services"):
            for one in services:
                if one["id"] == unquote(number):
                    return 200, kind, json.dumps(one).encode()
            return 404, kind, b'{"message": "No such service"}'
        page, size = int(asked.get("page", 1)), int(asked.get("per_page", 10))
        shown = page if "same" not in self.owner.lies else 1
        listed = services[(shown - 1) * size : shown * size]
        pages = -(-len(services) // size) + (1 if "more" in self.owner.lies else 0)
        full = ("service_at_locations", "schedules", "cost_options", "service_areas")
        body = {
            "total_items": len(services) + (size if "more" in self.owner.lies else 0),
            "total_pages": pages,
            "page_number": page,
            "size": len(listed),
            "first_page": page == 1,
            "last_page": page >= pages,
            "empty": not listed,
            "contents": [{k: v for k, v in one.items() if k not in full} for one in listed],
        }
        return 200, kind, json.dumps(body).encode()

    def _file(self, path):
        body = self.owner.published.files.get(path)
        if body is None:
            return 404, {"Content-Type": "text/plain"}, b"Not\x1b[2J here."
        headers = {"Content-Type": "application/octet-stream", "ETag": self.owner.etag}
        begin = re.fullmatch(r"bytes=(\d+)-", self.headers.get("Range", ""))
        same = self.headers.get("If-Range") == self.owner.etag or "state" in self.owner.lies
        if begin and self.owner.ranges and same:
            start = int(begin[1])
            if start >= len(body):
                return 416, headers, b""
            headers["Content-Range"] = f"bytes {start}-{len(body) - 1}/{len(body)}"
            return 206, headers, body[start:]
        return 200, headers, body

    # ── sending, and failing ─────────────────────────────────────────────────

    def _head(self, status, headers, length=None):
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        if length is not None:
            self.send_header("Content-Length", str(length))
        self.end_headers()

    def _send(self, status, headers, body):
        self._head(status, headers, len(body))
        self.wfile.write(body)

    def _play_status(self, fault, *_):
        self._send(fault.status, {"Content-Type": "text/plain", **fault.headers}, fault.text.encode())  # fmt: skip

    def _play_redirect(self, fault, *_):
        self._send(302, {"Location": fault.text}, b"")

    def _play_cut(self, fault, status, headers, body):
        self._head(status, headers, len(body))
        self.wfile.write(body[: fault.number])
        self.close_connection = True

    def _play_cut_chunked(self, fault, status, headers, body):
        self._head(status, headers | {"Transfer-Encoding": "chunked"})
        self._chunk(body[: fault.number])
        self.close_connection = True

    def _play_length(self, fault, status, headers, body):
        self._head(status, headers, len(body) + fault.number)
        self.wfile.write(body)
        self.close_connection = True

    def _play_endless(self, _fault, status, headers, _body):
        self._head(status, headers | {"Transfer-Encoding": "chunked"})
        piece = b"x" * 1_000_000
        while not self.owner.release.is_set():
            self._chunk(piece)

    def _play_drip(self, _fault, status, headers, body):
        self._head(status, headers, len(body))
        for one in body:
            if self.owner.release.wait(0.05):
                return
            self.wfile.write(bytes([one]))

    def _play_bomb(self, _fault, status, headers, _body):
        self._send(status, headers | {"Content-Encoding": "gzip"}, self.owner.bomb)

    def _play_gzip(self, fault, status, headers, body):
        packed = gzip.compress(body)
        self._send(status, headers | {"Content-Encoding": "gzip"}, packed[: fault.number or None])

    def _play_page(self, *_):
        self._send(200, {"Content-Type": "text/html; charset=utf-8"}, b"<!DOCTYPE html><p>Log in")

    def _play_body(self, fault, status, headers, _body):
        self._send(status, headers, fault.text.encode())

    def _play_truncate(self, fault, status, headers, body):
        self._send(status, headers, body[: fault.number])

    def _play_hold(self, fault, status, headers, body):
        """Send a part, say that it is out, and stop until released."""
        self._head(status, headers, len(body))
        self.wfile.write(body[: fault.number])
        self.wfile.flush()
        time.sleep(0.1)
        self.owner.held.set()
        self.owner.release.wait(30)
        self.close_connection = True

    def _play_late(self, _fault, status, headers, body):
        """Send all, but not before it is released."""
        self.owner.held.set()
        self.owner.release.wait(30)
        self._send(status, headers, body)

    def _chunk(self, piece):
        self.wfile.write(f"{len(piece):x}\r\n".encode() + piece + b"\r\n")

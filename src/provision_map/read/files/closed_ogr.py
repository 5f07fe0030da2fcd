"""OGR with its doors shut: a file of shapes is read, and nothing that it points to.

OGR opens far more than files of shapes. Some formats are pointers, or programs: a virtual layer, a
service on the web, a pipeline of commands written as JSON. Others name an address, of a schema or
of a coordinate system, that would be fetched. Such a file can come from anybody, so:

- Of all formats only those stay that hold their shapes themselves, in the file or beside it.
- Nothing is fetched, wherever an address stands.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pyogrio

from provision_map.errors import UsageError

#: Formats of OGR that hold their own shapes. All others are given up for the whole process.
FORMATS = frozenset(
    {
        "AVCBin", "AVCE00", "CSV", "DGN", "DXF", "ESRI Shapefile", "ESRIJSON", "FlatGeobuf", "GML",
        "GPKG", "GPX", "GeoJSON", "GeoJSONSeq", "GeoRSS", "JML", "JSONFG", "KML", "LIBKML",
        "LVBAG", "MEM", "MapInfo File", "MapML", "Memory", "OGR_GMT", "OSM", "OpenFileGDB",
        "Arrow", "Parquet", "S57", "SQLite", "SXF", "TopoJSON", "VFK", "WAsP",
    }
)  # fmt: skip

#: No program can be reached so: whatever would be fetched fails before a connection is opened.
_NOWHERE = "nowhere://"
_OPTIONS = {
    "GDAL_HTTP_PROXY": _NOWHERE,
    "GDAL_HTTPS_PROXY": _NOWHERE,
    "GDAL_HTTP_MAX_RETRY": "0",
    "CPL_VSIL_CURL_ALLOWED_FILENAME": _NOWHERE,
    "GML_DOWNLOAD_SCHEMA": "NO",
    "GML_SKIP_RESOLVE_ELEMS": "ALL",
    "LIBKML_RESOLVE_STYLE": "NO",
    "OGR_SQLITE_ALLOW_EXTERNAL_ACCESS": "NO",
    "OGR_SQLITE_LOAD_EXTENSIONS": None,
}
#: What would let an address pass by the proxy.
_PASSES = ("no_proxy", "NO_PROXY")

_ONE_AT_A_TIME = threading.RLock()


@contextmanager
def close_ogr() -> Iterator[None]:
    """Read through OGR within this, and with nothing else.

    The options and the environment are the process's: they are put back afterwards.

    Raises:
        UsageError: OGR cannot be closed.

    """
    with _ONE_AT_A_TIME:
        _give_up_formats()
        before = {name: pyogrio.get_gdal_config_option(name) for name in _OPTIONS}
        passes = {name: os.environ.pop(name) for name in _PASSES if name in os.environ}
        pyogrio.set_gdal_config_options(_OPTIONS)
        try:
            yield
        finally:
            pyogrio.set_gdal_config_options(before)
            os.environ.update(passes)


def _give_up_formats() -> None:
    """Take the formats that are not ours out of OGR's list, once: it has no other way to choose."""
    others = set(pyogrio.list_drivers()) - FORMATS
    if not others:
        return
    # OGR leaves out what is named here each time that it lists its formats.
    from pyogrio._ogr import _register_drivers  # noqa: PLC0415

    before = pyogrio.get_gdal_config_option("GDAL_SKIP")
    pyogrio.set_gdal_config_options({"GDAL_SKIP": ",".join(sorted(others))})
    try:
        _register_drivers()
    finally:
        pyogrio.set_gdal_config_options({"GDAL_SKIP": before})
    if left := sorted(set(pyogrio.list_drivers()) - FORMATS):
        message = (
            f"GDAL cannot be kept from following addresses in files of shapes ({', '.join(left)}): "
            "install the version of pyogrio that this software asks for."
        )
        raise UsageError(message)

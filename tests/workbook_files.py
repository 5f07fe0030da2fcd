"""Workbooks for tests: made by a spreadsheet library, then spoilt part by part."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import xlsxwriter

from provision_map.read.files.text import InputFolder
from provision_map.read.findings import Findings
from provision_map.read.workbooks.reading import read_workbooks

ORGANISATION = [
    ["Organisation ID", "Name", "Sector", "Elements", "Places", "Received", "Received on"],
    ["O1", "Tinytown Youth Service", "county council", "all", "all", "yes", "2026-01-31"],
]
SERVICES = [
    ["Name", "Elements", "Postcode", "Minimum age", "Maximum age", "Open to", "Service ID"],
    ["Friday Night Club", "Y02", "TT1 1AA", 13, 19, "everyone", "S1"],
    ["Careers Bus", "Y07; Y12", "TT1 1AB", 13, 19, "everyone", "S2"],
]
SESSIONS = [
    ["Service", "Weekday", "Start", "End", "Period"],
    ["Friday Night Club", "Friday", "19:00", "21:00", "term"],
    ["S2", "Tuesday", "10:00", "16:00", "term"],
]
WHOLE = {"Organisation": ORGANISATION, "Services": SERVICES, "Sessions": SESSIONS}

_SHEET = (
    '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
    "<sheetData>{}</sheetData></worksheet>"
)


def make_workbook(
    sheets: Mapping[str, Sequence[Sequence[object]]] = WHOLE,
    change: Callable[[xlsxwriter.Workbook], None] = lambda _: None,
    **options: object,
) -> bytes:
    """Return a workbook with these rows; ``change`` sees it before it is closed."""
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False, **options})
    for name, rows in sheets.items():
        sheet = book.add_worksheet(name)
        for r, row in enumerate(rows):
            for c, cell in enumerate(row):
                if cell not in (None, ""):
                    sheet.write(r, c, cell)
    change(book)
    book.close()
    return out.getvalue()


def spoil(data: bytes, parts: Mapping[str, bytes | None]) -> bytes:
    """Return a workbook with some of its parts replaced, added, or (None) taken out."""
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(data)) as old,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        kept = {name: old.read(name) for name in old.namelist()}
        for name, held in {**kept, **parts}.items():
            if held is not None:
                new.writestr(name, held)
    return out.getvalue()


def sheet_xml(rows: str) -> bytes:
    """Return the XML of a sheet with these rows."""
    return _SHEET.format(rows).encode()


def make_ods(tables: str) -> bytes:
    """Return an OpenDocument spreadsheet with these tables, as XML."""
    names = "".join(
        f' xmlns:{short}="urn:oasis:names:tc:opendocument:xmlns:{long}:1.0"'
        for short, long in {"office": "office", "table": "table", "text": "text"}.items()
    )
    content = (
        f'<?xml version="1.0" encoding="UTF-8"?><office:document-content{names}><office:body>'
        f"<office:spreadsheet>{tables}</office:spreadsheet></office:body></office:document-content>"
    )
    manifest = (
        '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0">'
        '<manifest:file-entry manifest:full-path="/" manifest:media-type="application/vnd.oasis.opendocument.spreadsheet"/>'
        "</manifest:manifest>"
    )
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as packed:
        packed.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        packed.writestr("content.xml", content)
        packed.writestr("META-INF/manifest.xml", manifest)
    return out.getvalue()


def ods_table(name: str, rows: Sequence[Sequence[str]]) -> str:
    """Return a sheet of an OpenDocument spreadsheet, all of text."""
    cells = [
        "".join(
            f'<table:table-cell office:value-type="string"><text:p>{cell}</text:p></table:table-cell>'
            if cell
            else "<table:table-cell/>"
            for cell in row
        )
        for row in rows
    ]
    inner = "".join(f"<table:table-row>{row}</table:table-row>" for row in cells)
    return f'<table:table table:name="{name}">{inner}</table:table>'


def read(folder: Path, data: bytes, name: str = "r.xlsx"):
    """Read one workbook and return its origin and what was found."""
    (folder / name).write_bytes(data)
    findings = Findings()
    origins = read_workbooks(InputFolder(folder, findings), [name])
    assert len(origins) == 1
    return origins[0], findings

"""A workbook as sheets of text: each cell as the person who filled it in sees it."""

from __future__ import annotations

import datetime as dt
import io
import math
import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from python_calamine import CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

from provision_map.read.workbooks.parts import BadWorkbookError, Parts, unpack_workbook
from provision_map.read.workbooks.scan import Scan, scan_document, scan_sheet
from provision_map.read.workbooks.xml import find_root, list_elements, measure_texts, refuse_many

_DAMAGED = "Open it, save it again as an Excel workbook (.xlsx), and use that."
_MOST_SHEETS = 100
#: What the parser is given to see: the parts that say what a workbook is, and its sheets.
_ROOTS = frozenset(
    {
        "Types", "Relationships", "workbook", "worksheet", "sst", "styleSheet",
        "document-content", "manifest",
    }
)  # fmt: skip
#: A spreadsheet shows no more digits than these.
_DIGITS = ".15g"
_LARGEST_WHOLE = 1e15
_A_DAY = dt.timedelta(days=1)
#: Days of which only a clock time was meant: a spreadsheet counts days from here.
_NO_DAYS = frozenset(
    {dt.date(1899, 12, 30), dt.date(1899, 12, 31), dt.date(1900, 1, 1), dt.date(1904, 1, 1), dt.date(1904, 1, 2)}
)  # fmt: skip
_FIRST_DAYS = frozenset({dt.date(1900, 1, 1), dt.date(1904, 1, 2)})
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")

Cell = str | int | float | bool | dt.date | dt.datetime | dt.time | dt.timedelta


@dataclass(frozen=True)
class Sheet:
    """A sheet.

    Attributes:
        rows: the cells of each row, from row 1; all rows have the same number of cells.
        scan: what the cells do not say.
        hidden: whether it is not shown.

    """

    name: str
    rows: list[list[Cell]] = field(repr=False)
    scan: Scan = field(repr=False)
    hidden: bool = False


@dataclass(frozen=True)
class WorkbookFile:
    """A workbook's sheets, and whether there were programs or links beside them."""

    sheets: tuple[Sheet, ...]
    macros: bool
    links: bool


def open_workbook(data: bytes) -> WorkbookFile:
    """Read an .xlsx, .xlsm or .ods file.

    Raises:
        BadWorkbookError: it cannot be read, or is not to be read.

    """
    parts = unpack_workbook(data)
    scans = _scan(parts)
    # What a walk has not seen, the parser does not get.
    kept = {
        name: held
        for name, held in parts.parts.items()
        if name == "mimetype" or find_root(held) in _ROOTS
    }
    packed = Parts(kept, macros=parts.macros, links=parts.links).pack()
    try:
        return WorkbookFile(tuple(_parse(packed, scans)), parts.macros, parts.links)
    except BadWorkbookError:
        raise
    except (KeyboardInterrupt, SystemExit, MemoryError):
        raise
    except BaseException as error:
        # A fault of the parser is no Exception: it would otherwise pass all that catches one.
        if not isinstance(error, Exception) and type(error).__name__ != "PanicException":
            raise
        said = " ".join(str(error).split())[:120].rstrip(".")
        raise BadWorkbookError(f"The workbook is damaged: {said}.", _DAMAGED) from error


def _parse(packed: bytes, scans: dict[str, Scan]) -> Iterable[Sheet]:
    with CalamineWorkbook.from_filelike(io.BytesIO(packed)) as book:
        for number, about in enumerate(book.sheets_metadata):
            if about.typ != SheetTypeEnum.WorkSheet:
                continue
            scan = scans.get(about.name)
            if scan is None:
                what = f"The workbook is damaged: it says nothing of the sheet {about.name!r}."
                raise BadWorkbookError(what, _DAMAGED)
            sheet = book.get_sheet_by_index(number)
            rows = sheet.to_python(skip_empty_area=False)
            yield Sheet(about.name, rows, scan, about.visible != SheetVisibleEnum.Visible)


def _scan(parts: Parts) -> dict[str, Scan]:
    """Walk every sheet, whether or not the workbook says that it is one, and name those that are."""
    roots = {name: find_root(held) for name, held in parts.parts.items()}
    refuse_many(held for name, held in parts.parts.items() if roots[name] in _ROOTS)
    texts = [name for name, root in roots.items() if root == "sst"]
    if len(texts) > 1:
        raise BadWorkbookError("The workbook is damaged: it has two lists of texts.", _DAMAGED)
    shared = measure_texts(parts.parts[texts[0]]) if texts else []
    sheets = [name for name, root in roots.items() if root == "worksheet"]
    documents = [name for name, root in roots.items() if root == "document-content"]
    if len(sheets) > _MOST_SHEETS:
        what = f"The workbook has {len(sheets)} sheets; at most {_MOST_SHEETS} are read."
        raise BadWorkbookError(what, "Keep the sheets of the return only.")
    by_part = {name.lower(): scan_sheet(parts.parts[name], shared) for name in sheets}
    named: dict[str, Scan] = {}
    for name in documents:
        found = scan_document(parts.parts[name])
        if len(found) > _MOST_SHEETS:
            what = f"The workbook has {len(found)} sheets; at most {_MOST_SHEETS} are read."
            raise BadWorkbookError(what, "Keep the sheets of the return only.")
        named |= {scan.name: scan for scan in found}
    for name, part in _name_parts(parts):
        if part.lower() in by_part:
            named[name] = by_part[part.lower()]
    return named


def _name_parts(parts: Parts) -> list[tuple[str, str]]:
    """Return the name of each sheet of an Excel workbook and the part that it is."""
    lowered = {name.lower(): held for name, held in parts.parts.items()}
    book, links = (
        lowered.get(f"xl/{name}") for name in ("workbook.xml", "_rels/workbook.xml.rels")
    )
    if book is None or links is None:
        return []
    targets = {
        given.get("Id", ""): given.get("Target", "")
        for _, given in list_elements(links, {"Relationship"})
    }
    found = []
    for _, given in list_elements(book, {"sheet"}):
        target = targets.get(given.get("id", ""), "").lstrip("/")
        part = target if target.startswith("xl/") else f"xl/{target}"
        found.append((given.get("name", ""), part))
    return found


def say_cell(cell: Cell, kind: str = "text") -> str:
    """Return a cell as text.

    Args:
        cell: as the parser gives it.
        kind: of the column (:data:`provision_map.schema.Kind`): a day with a time is a day in a
            column of dates, and a time in one of times.

    >>> say_cell(5.0), say_cell(0.1 + 0.2), say_cell(True), say_cell(" 07 "), say_cell(1e21)
    ('5', '0.3', 'yes', ' 07 ', '1e+21')
    >>> say_cell(dt.datetime(2026, 3, 1, 9, 30), "date"), say_cell(dt.time(18, 30), "time")
    ('2026-03-01', '18:30')
    >>> say_cell(dt.timedelta(days=1)), say_cell(dt.date(1900, 1, 1), "time")
    ('24:00', '24:00')

    """
    if isinstance(cell, str):
        return cell.replace("\r\n", "\n").replace("\r", "\n")
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    if isinstance(cell, int | float):
        whole = math.isfinite(cell) and cell == int(cell) and abs(cell) < _LARGEST_WHOLE
        return str(int(cell)) if whole else format(cell, _DIGITS)
    if isinstance(cell, dt.timedelta):
        minutes, seconds = divmod(round(cell.total_seconds()), 60)
        return f"{minutes // 60:02d}:{minutes % 60:02d}" + (f":{seconds:02d}" if seconds else "")
    if isinstance(cell, dt.time):
        return _say_time(cell)
    return _say_day(cell, kind)


def _say_day(cell: dt.date, kind: str) -> str:
    if not isinstance(cell, dt.datetime):
        return "24:00" if kind == "time" and cell in _FIRST_DAYS else cell.isoformat()
    if kind == "time" and cell.date() in _NO_DAYS:
        return _say_time(cell.time())
    if kind == "date" or cell.time() == dt.time():
        return cell.date().isoformat()
    return f"{cell.date().isoformat()} {_say_time(cell.time())}"


def _say_time(time: dt.time) -> str:
    """Say a clock time to the second; a spreadsheet keeps it as a part of a day, never quite."""
    since = dt.timedelta(hours=time.hour, minutes=time.minute, seconds=time.second)
    since += dt.timedelta(seconds=round(time.microsecond / 1e6))
    return "23:59:59" if since >= _A_DAY else say_cell(since)


def has_controls(text: str) -> bool:
    r"""Whether a text holds characters that no person types: NUL, escapes, half a character.

    >>> has_controls("two\nlines"), has_controls("a\x00b")
    (False, True)
    """
    return _CONTROLS.search(text) is not None

"""The parts of a workbook, taken out of its zip in bounded memory, before anything is parsed.

What is handed on is a zip made anew, of just the parts that were looked at: nothing else in the
file, and no other way to read its directory, can reach the parser.
"""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from dataclasses import dataclass, field

#: Bytes. A return of 200 services and 1,000 sessions has 0.1 million, unpacked 2 million.
LARGEST_WORKBOOK = 20_000_000
LARGEST_UNPACKED = 60_000_000
_MOST_PARTS = 2_000
#: Unpacked ÷ packed, where it is large at all: the same row over and over comes to about 100.
_MOST_SHRUNK = 400
_LARGE = 5_000_000

_SAVE_XLSX = "Open it in a spreadsheet, and save it as an Excel workbook (.xlsx)."
_SEND_AGAIN = "Ask for it to be sent again."

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
#: Begins a document type, in which entities are declared: in UTF-8, and in both orders of UTF-16.
_DOCTYPE = re.compile(rb"<\0?!\0?D\0?O\0?C\0?T\0?Y\0?P\0?E")
#: Parts in which no cells stand.
_PASSED_OVER = re.compile(
    r"(?:.*\.(?:bin|png|jpe?g|gif|emf|wmf|svm|vml|ttf|odttf)|.*/media/.*|Pictures/.*|Thumbnails/.*"
    r"|.*/drawings/.*|.*/charts/.*|customXml/.*|docProps/.*|xl/comments.*|xl/threadedComments/.*"
    r"|xl/printerSettings/.*|Basic/.*|Scripts/.*|Configurations2/.*|.*/$)",
    # A name may hold a line break: were it no letter as any other, each /media/ would be tried anew.
    re.IGNORECASE | re.DOTALL,
)


class BadWorkbookError(ValueError):
    """A file that is not to be read as a workbook: what it is, and what to do."""

    def __init__(self, what: str, mend: str) -> None:
        """Keep both."""
        super().__init__(what)
        self.what, self.mend = what, mend


@dataclass(frozen=True)
class Parts:
    """The parts by name.

    Attributes:
        parts: what each holds.
        macros: whether there were programs beside them, which nobody has looked at.
        links: whether cells take values from other workbooks.

    """

    parts: dict[str, bytes] = field(repr=False)
    macros: bool
    links: bool

    def pack(self) -> bytes:
        """Return a plain zip of these parts and no others."""
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as packed:
            # An OpenDocument says what it is in its first part.
            for name in sorted(self.parts, key=lambda name: (name != "mimetype", name)):
                packed.writestr(zipfile.ZipInfo(name), self.parts[name])
        return out.getvalue()


def unpack_workbook(data: bytes) -> Parts:
    """Return the parts of an .xlsx, .xlsm or .ods file.

    Raises:
        BadWorkbookError: it is none, it is locked, it is damaged, or it would grow beyond bounds.

    """
    if data.startswith(_OLE):
        if _ENCRYPTED in data:
            raise BadWorkbookError("The workbook is locked with a password.", _UNLOCK)
        raise BadWorkbookError("This is an Excel workbook of the old kind (.xls).", _SAVE_XLSX)
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            return _take_parts(packed, len(data))
    except BadWorkbookError:
        raise
    except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, OSError, ValueError) as error:
        # Of a locked part the library raises RuntimeError, and NotImplementedError of a method.
        if not data.startswith(b"PK"):
            raise BadWorkbookError(_say_what_it_is(data), _SAVE_XLSX) from error
        what = f"The workbook is damaged: {_say(error)}."
        raise BadWorkbookError(what, _SEND_AGAIN) from error


def _say_what_it_is(data: bytes) -> str:
    """Say what a file is that is no workbook.

    >>> _say_what_it_is(b"Name,Elements"), _say_what_it_is(b"%PDF-1.7"), _say_what_it_is(b"")
    ('This is a text file (CSV), and no workbook.', 'This is a PDF, and no workbook.', 'The file is empty.')
    """
    if not data.strip():
        return "The file is empty."
    if data.startswith(b"%PDF"):
        return "This is a PDF, and no workbook."
    begins = data[:2_000].decode("latin-1").removeprefix("\xef\xbb\xbf")
    is_text = "".join(begins.split()).isprintable() and not begins.lstrip().startswith(("<", "{"))
    return f"This is {'a text file (CSV), and ' if is_text else ''}no workbook."


_UNLOCK = "Ask for it without the password: File, Info, Protect Workbook, Encrypt with Password, and clear it."


def _take_parts(packed: zipfile.ZipFile, size: int) -> Parts:
    entries = packed.infolist()
    if len(entries) > _MOST_PARTS:
        what = f"The workbook is a zip of {len(entries):,} parts; at most {_MOST_PARTS:,} are read."
        raise BadWorkbookError(what, _SEND_AGAIN)
    names = [entry.filename for entry in entries]
    lowered = {name.lower() for name in names}
    if len(lowered) < len(names):
        what = "The workbook is damaged: a part stands in it twice."
        raise BadWorkbookError(what, _SEND_AGAIN)
    if "xl/workbook.bin" in lowered:
        what = "This is a binary workbook (.xlsb)."
        raise BadWorkbookError(what, _SAVE_XLSX)
    if "xl/workbook.xml" not in lowered and "content.xml" not in lowered:
        if "word/document.xml" in lowered:
            what = "This is a Word document, whatever its name says."
            raise BadWorkbookError(what, "Ask for the workbook that was sent out.")
        what = "This is a zip, but no workbook."
        raise BadWorkbookError(what, _SAVE_XLSX)
    kept = [entry for entry in entries if not _PASSED_OVER.fullmatch(entry.filename)]
    # What the directory says is looked at first; what comes out is counted, for it may lie.
    _refuse_large(sum(entry.file_size for entry in kept), size)
    parts: dict[str, bytes] = {}
    total = 0
    for entry in kept:
        if entry.flag_bits & 1:
            what = "The workbook is locked with a password."
            raise BadWorkbookError(what, _UNLOCK)
        if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            what = "The workbook is packed in a way that no spreadsheet uses."
            raise BadWorkbookError(what, _SAVE_XLSX)
        with packed.open(entry) as part:
            held = part.read(LARGEST_UNPACKED - total + 1)
        total += len(held)
        _refuse_large(total, size)
        if _DOCTYPE.search(held):
            what = f"The workbook declares a document type in {entry.filename}, which no spreadsheet does."
            raise BadWorkbookError(
                what, "Do not open it; " + _SEND_AGAIN[0].lower() + _SEND_AGAIN[1:]
            )
        parts[entry.filename] = held
    return Parts(
        parts,
        macros=any(name.endswith("vbaproject.bin") or name.startswith(("basic/", "scripts/")) for name in lowered),
        links=any(name.startswith("xl/externallinks/") for name in lowered),
    )  # fmt: skip


def _refuse_large(unpacked: int, size: int) -> None:
    if unpacked > LARGEST_UNPACKED or (unpacked > _LARGE and unpacked > _MOST_SHRUNK * size):
        what = (
            f"The workbook unpacks to more than {min(unpacked, LARGEST_UNPACKED):,} bytes, from "
            f"{size:,}; at most {LARGEST_UNPACKED:,} are read."
        )
        raise BadWorkbookError(what, "Keep the sheets of the return only, and save it again.")


def _say(error: Exception) -> str:
    return " ".join(str(error).split())[:120].rstrip(".") or type(error).__name__

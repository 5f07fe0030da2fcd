"""The XML of a workbook's parts, walked once, element by element, in bounded time and memory."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from xml.parsers import expat

from provision_map.read.workbooks.parts import BadWorkbookError

#: Elements of all sheets and texts of a workbook; a cell is two of them. A return of 200 services
#: and 1,000 sessions has 30,000.
_MOST_ELEMENTS = 1_000_000
#: The outermost element stands within so many bytes.
_HEAD = 65_536
CUT_DOWN = "Clear what stands far below and far to the right, and save it again."
DAMAGED = "Ask for it to be sent again."


def find_root(xml: bytes) -> str:
    """Return the name of the outermost element, without its prefix; "" where it is no XML."""
    found: list[str] = []

    def keep(name: str, _: dict[str, str]) -> None:
        found.append(name.rpartition(":")[2])

    parser = expat.ParserCreate()
    parser.StartElementHandler = keep
    try:
        # The outermost element stands at the beginning, or the part is none of a workbook.
        parser.Parse(xml[:_HEAD], False)  # noqa: FBT003 - the library takes no keyword
    except (expat.ExpatError, UnicodeError, LookupError):
        return found[0] if found else ""
    return found[0] if found else ""


def refuse_many(parts: Iterable[bytes]) -> None:
    """Refuse parts that hold too many elements together, before any of them is walked.

    Marks are counted, which takes a thousandth of the time of a walk.

    Raises:
        BadWorkbookError: there are too many.

    """
    if sum(xml.count(b"<") - xml.count(b"</") for xml in parts) > _MOST_ELEMENTS:
        raise _too_many()


def _too_many() -> BadWorkbookError:
    what = f"The workbook has more than {_MOST_ELEMENTS:,} cells, texts and rows."
    return BadWorkbookError(what, CUT_DOWN)


def list_elements(xml: bytes, names: Collection[str]) -> list[tuple[str, dict[str, str]]]:
    """Return the elements of these names, with their attributes, both without prefixes.

    Raises:
        BadWorkbookError: it is damaged, or goes beyond bounds.

    """
    walk = _ListWalk(names)
    walk_xml(xml, walk)
    return walk.found


def measure_texts(xml: bytes) -> list[int]:
    """Return the letters of each text that the cells of an Excel workbook share.

    Raises:
        BadWorkbookError: it is damaged, or goes beyond bounds.

    """
    walk = _TextWalk()
    walk_xml(xml, walk)
    return walk.letters


class Walk:
    """Handlers of the walk; elements are counted, for a small file can hold millions."""

    def __init__(self) -> None:
        """Begin at none."""
        self.elements = 0

    def count(self) -> None:
        """Count an element; every walk does so where one begins.

        Raises:
            BadWorkbookError: there are too many.

        """
        self.elements += 1
        if self.elements > _MOST_ELEMENTS:
            raise _too_many()

    def begin(self, name: str, given: dict[str, str]) -> None:
        """Take the beginning of an element with its attributes."""
        raise NotImplementedError

    def end(self, name: str) -> None:
        """Take the end of an element."""
        raise NotImplementedError

    def text(self, text: str) -> None:
        """Take a piece of text."""
        raise NotImplementedError


class _ListWalk(Walk):
    """Keeps the elements of some names."""

    def __init__(self, names: Collection[str]) -> None:
        super().__init__()
        self.names = names
        self.found: list[tuple[str, dict[str, str]]] = []

    def begin(self, name: str, given: dict[str, str]) -> None:
        self.count()
        name = name.rpartition(":")[2]
        if name in self.names:
            self.found.append((name, {key.rpartition(":")[2]: text for key, text in given.items()}))

    def end(self, name: str) -> None:
        del name

    def text(self, text: str) -> None:
        del text


class _TextWalk(Walk):
    """Measures the texts that cells share."""

    def __init__(self) -> None:
        super().__init__()
        self.letters: list[int] = []

    def begin(self, name: str, given: dict[str, str]) -> None:
        del given
        self.count()
        if name.rpartition(":")[2] == "si":
            self.letters.append(0)

    def end(self, name: str) -> None:
        del name

    def text(self, text: str) -> None:
        if self.letters:
            self.letters[-1] += len(text)


def walk_xml(xml: bytes, walk: Walk) -> None:
    """Walk a part from its beginning to its end; a document type is refused, with its entities.

    Raises:
        BadWorkbookError: it is no XML, or goes beyond bounds.

    """
    parser = expat.ParserCreate()
    parser.buffer_text = True

    def refuse(*_: object) -> None:
        what = "The workbook declares a document type, which no spreadsheet does."
        raise BadWorkbookError(what, DAMAGED)

    parser.StartDoctypeDeclHandler = refuse
    parser.EntityDeclHandler = refuse
    parser.StartElementHandler = walk.begin
    parser.EndElementHandler = walk.end
    parser.CharacterDataHandler = walk.text
    try:
        parser.Parse(xml, True)  # noqa: FBT003 - the library takes no keyword
    except (expat.ExpatError, UnicodeError, LookupError) as error:
        what = f"The workbook is damaged: a sheet is no XML ({error})."
        raise BadWorkbookError(what, DAMAGED) from error

"""How a problem says on which sheet of which workbook it stands."""

from __future__ import annotations

_BETWEEN = " › "


def sheet_label(file: str, sheet: str) -> str:
    """Return the name by which problems say a sheet of a workbook.

    >>> sheet_label("returns/library.xlsx", "Services")
    'returns/library.xlsx › Services'
    """
    return f"{file}{_BETWEEN}{sheet}"


def split_label(label: str) -> tuple[str, str]:
    """Return file and sheet of a label; the sheet is "" where it is a plain file.

    >>> split_label("returns/library.xlsx › Services"), split_label("services.csv")
    (('returns/library.xlsx', 'Services'), ('services.csv', ''))
    """
    file, between, sheet = label.partition(_BETWEEN)
    return (file, sheet) if between else (label, "")

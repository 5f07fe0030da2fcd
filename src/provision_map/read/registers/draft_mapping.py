"""A first draft of a mapping file, from the headings and values of a register, for a person to mend.

What stands in the file is hostile: it gets into the draft only inside quoted strings and comments.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from provision_map.errors import DataError, UsageError
from provision_map.read.files.ogr import Shapes, fields_of, read_shapes, text_of
from provision_map.read.files.text import InputFolder
from provision_map.read.findings import Findings
from provision_map.read.registers.column_guess import Guess, guess_columns, is_area_code
from provision_map.read.registers.mapping import MAPPINGS, Headings, parse_mapping, read_shipped
from provision_map.schema.wording import count_of

_TABLES = (".csv", ".txt", ".tsv")

#: A column of so few different words may say what a row is; longer words are no kinds of things.
_MOST_KINDS = 20
_LONGEST_KIND = 100
_UNNAMED = 99
_YES_NO = {"yes", "no", "y", "n", "true", "false", "0", "1"}
_MOST_COLUMNS = 2
_KIND_WORDS = (
    "phase",
    "function",
    "type",
    "category",
    "kind",
    "typology",
    "class",
    "group",
    "status",
)

_CLOSED = ("closed", "ceased", "removed", "inactive")

_WIDTH = 90


@dataclass(frozen=True)
class Table:
    """The register as read: text cells, and whether it has shapes."""

    frame: pd.DataFrame
    shaped: bool


def draft_mapping(path: Path, layer: str | None = None) -> str:
    """Return the text of a mapping file for a register.

    Args:
        path: CSV, or any file of points or polygons that GDAL reads.
        layer: of a file of several layers; None: the first.

    Raises:
        DataError: the file cannot be read.

    """
    table = _read(path, layer)
    guesses = guess_columns(table.frame)
    kinds = _find_kinds(table.frame, guesses)
    parts = [
        _write_head(path, table),
        _write_columns(path, guesses, table),
        _write_rules(table.frame, kinds),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def write_draft(path: Path, draft: str) -> None:
    """Write a draft; a file that is there may hold a person's work and is left alone.

    Raises:
        UsageError: it is there already, or cannot be written.

    """
    try:
        with path.open("x", encoding="utf-8", newline="\n") as file:
            file.write(draft)
    except FileExistsError as error:
        raise UsageError(f"{path} is there already: name another file with --to.") from error
    except OSError as error:
        raise UsageError(f"{path} cannot be written: {error.strerror}.") from error


def find_known(heads: Sequence[str]) -> str | None:
    """Return the mapping that comes with the software and fits these headings; None if none does.

    >>> find_known(["URN", "EstablishmentName", "PhaseOfEducation (name)", "Easting", "Northing"])
    'schools'
    """
    best: tuple[int, str] | None = None
    for name in MAPPINGS:
        mapping = parse_mapping(read_shipped(name), name, [])
        if mapping is None:
            continue
        names = Headings(heads, mapping)
        asked = [part for rule in mapping.rules for part in rule.when]
        if all(names.find_some(theirs) for theirs in mapping.needs().values()) and all(
            names.find(part) for part in asked
        ):
            score = len(set(names.find_some([*mapping.headings, *asked])))
            best = max(best or (0, ""), (score, name))
    return best[1] if best else None


def _read(path: Path, layer: str | None) -> Table:
    findings = Findings()
    folder = InputFolder(path.parent, findings)
    frame, shaped = None, False
    if path.suffix.lower() in _TABLES:
        frame = folder.read_table(path.name)
    else:
        raw = read_shapes(folder, Shapes(path.name, "--layer", "sites", "records", layer))
        if raw is not None:
            columns = {name: [text_of(value) for value in raw[name]] for name in fields_of(raw)}
            frame, shaped = pd.DataFrame(columns, dtype=object), True
    if frame is not None:
        frame = frame.drop(columns="_row", errors="ignore")
        if not len(frame.columns):
            findings.problem(path.name, "It has no columns but the shape.", "Name another file.")
    if frame is None or not len(frame.columns):
        raise DataError(findings.problems)
    return Table(frame, shaped)


def _write_head(path: Path, table: Table) -> str:
    rows, columns = len(table.frame), len(table.frame.columns)
    lines = [
        _comment(f"Draft of a mapping, made from {path.name}: {count_of(rows, 'row')}, {count_of(columns, 'column')}."),
        _comment("Look at every line marked ?, fill in what is blank, and name this file in provision.toml."),
    ]  # fmt: skip
    known = find_known([str(head) for head in table.frame.columns])
    if known is not None:
        lines.append(
            _comment(
                f'This looks like a register that is known here: mapping = "{known}" may do without this file.'
            )
        )
    slug = _slug(path.stem)
    lines += [
        "",
        f"title = {write_text(path.stem)}",
        f"prefix = {write_text(slug + '-')}",
        "within = 5000                  # metres around our places; rows further away are passed over",
        *_write_keep(table.frame),
        "",
        "# ? Who gives these services: one for all, or columns = { organisation_id = …, name = … }.",
        "[organisation]",
        f"organisation_id = {write_text(slug)}",
        f"name = {write_text(path.stem)}",
        'sector = "voluntary"           # ?',
    ]
    return "\n".join(lines)


def _write_columns(path: Path, guesses: Mapping[str, Guess], table: Table) -> str:
    lines = ["[columns]"]
    for ours, guess in guesses.items():
        doubt = f"  # ? {_plain(guess.doubt)}" if guess.doubt else ""
        line = f"{ours} = {write_text(guess.theirs)}{doubt}"
        lines.append(line if guess.sure else f"# {line}")
    if table.shaped:
        lines.append("# The position is that of the shape; an outline is read as the site's.")
    elif not {"easting", "longitude", "postcode", "place_id"} & set(guesses):
        lines.append(
            "# ? No column looks like a position or a postcode: its rows would be left out."
        )
    used = {guess.theirs for guess in guesses.values()}
    rest = [_quote(str(head)) for head in table.frame.columns if head not in used]
    if rest:
        lines += _wrap("Not used: ", rest)
    lines += [
        "",
        "[constants]",
        '# open_to = "everyone"         # only if it is so; left out, it is unknown',
        '# assured_date = "2025-05-24"  # or date = … beside the mapping in provision.toml',
    ]
    blank = int((table.frame[guesses["name"].theirs].astype(str).str.strip() == "").sum())
    if blank:
        said = f"# ? {blank:,} of {len(table.frame):,} have none"
        lines += ["", "[fill]", f"name = {write_text(path.stem)}  {said}"]
    return "\n".join(lines)


def _write_keep(frame: pd.DataFrame) -> list[str]:
    """Offer to keep the rows of some areas, by columns of their codes."""
    lines = []
    for head in frame.columns:
        counts = _count(frame[head])
        if 1 < len(counts) <= _MOST_KINDS and all(is_area_code(text) for text in counts if text):
            texts = ", ".join(write_text(text) for text in counts)
            lines.append(_comment(f"keep = {{ {write_text(str(head))} = [{texts}] }}"))
    return ["# Rows to keep, by area; without it, all near our places:", *lines] if lines else []


def _write_rules(frame: pd.DataFrame, kinds: Sequence[str]) -> str:
    """Offer a rule for each kind of thing, and one for all the rest, whose elements are to be filled in."""
    lines = [
        "# What a row gives: the first rule that holds counts; rows of none are left out by name.",
        '# Codes of elements: C01 to C13 (ages 5-13), Y01 to Y12 (13-19); several as "C02;Y02".',
    ]  # fmt: skip
    for head in kinds:
        lines += ["", _comment(f"By {_quote(head)}:")]
        for text, count in _count(frame[head]).most_common():
            lines += [
                "# [[give]]",
                _comment(f"when = {{ {write_text(head)} = [{write_text(text)}] }}  # {count_of(count, 'row')}"),
                '# set = { elements = "" }',
            ]  # fmt: skip
        lines += _write_exclusions(head, _count(frame[head]))
    lines += [
        "",
        "[[give]]                       # ? all other rows",
        'set = { elements = "" }        # ? fill in, or take the rule out',
    ]
    return "\n".join(lines)


def _write_exclusions(head: str, counts: Counter[str]) -> list[str]:
    """Offer to leave out what a column says is closed."""
    closed = [text for text in counts if text.casefold().startswith(_CLOSED)]
    if not closed:
        return []
    texts = ", ".join(map(write_text, closed))
    return [
        "# [[leave_out]]",
        _comment(f"when = {{ {write_text(head)} = [{texts}] }}"),
        '# reason = "Closed."',
    ]


def _find_kinds(frame: pd.DataFrame, guesses: Mapping[str, Guess]) -> list[str]:
    """Return the columns that may say what a row is, the likeliest first."""
    used = {guess.theirs for guess in guesses.values()}
    found = []
    for n, head in enumerate(map(str, frame.columns)):
        counts = _count(frame[head])
        words = [text for text in counts if text]
        few = 1 < len(counts) <= min(_MOST_KINDS, max(2, len(frame) // 2))
        if head in used or not few or any(len(text) > _LONGEST_KIND for text in words):
            continue
        if not any(ch.isalpha() for text in words for ch in text) or all(map(is_area_code, words)):
            continue
        if counts[""] > len(frame) / 2 or {text.casefold() for text in words} <= _YES_NO:
            continue
        named = next((i for i, word in enumerate(_KIND_WORDS) if word in head.casefold()), _UNNAMED)
        found.append((named, len(counts), n, head))
    ranked = sorted(found)
    # Without a word that says so, one column is enough to show how a rule is written.
    most = max(1, min(_MOST_COLUMNS, sum(named < _UNNAMED for named, *_ in ranked)))
    return [head for *_, head in ranked[:most]]


def _count(column: pd.Series[str]) -> Counter[str]:
    return Counter(str(cell).strip() for cell in column)


def write_text(text: str) -> str:
    r"""Return a text as a TOML string on one line, whatever it holds.

    >>> write_text('a"b\\c\n')
    '"a\\"b\\\\c\\n"'
    """
    out = []
    for ch in text:
        if ch in '"\\':
            out.append("\\" + ch)
        elif ch == "\n":
            out.append("\\n")
        elif ch == "\t":
            out.append("\\t")
        elif "\ud800" <= ch <= "\udfff":
            # No TOML can hold half a character.
            out.append("\ufffd")
        elif ch.isprintable():
            out.append(ch)
        else:
            code = ord(ch)
            out.append(f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}")  # noqa: PLR2004
    return f'"{"".join(out)}"'


def _plain(text: str) -> str:
    """Return a text for a comment: one line, and nothing that steers a terminal or ends the line."""
    return "".join(ch if ch.isprintable() else "\ufffd" for ch in text)


def _comment(text: str) -> str:
    return f"# {_plain(text)}"


def _quote(text: str) -> str:
    return repr(text if len(text) <= _LONGEST_KIND else text[:_LONGEST_KIND] + "…")


def _wrap(start: str, words: Sequence[str]) -> list[str]:
    """Return words as comments, so many a line."""
    lines, line = [], start
    for n, word in enumerate(words):
        piece = word + ("." if n == len(words) - 1 else ", ")
        if len(line) + len(piece) > _WIDTH and line.strip():
            lines.append(_comment(line.rstrip()))
            line = "  "
        line += piece
    return [*lines, _comment(line.rstrip())]


def _slug(text: str) -> str:
    slug = re.sub(r"[^a-z0-9]+", "-", text.casefold()).strip("-")
    # The date of a file is no part of what its records are called next year.
    undated = re.sub(r"(-\d+)+$", "", slug)
    return (undated or slug)[:40].strip("-") or "register"

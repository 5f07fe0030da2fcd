"""Tables of Nomis, read row by row and turned into one row an area."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from provision_map.schema.wording import count_of, list_some
from provision_map.sources.answers import read_rows, refuse_page, write_rows
from provision_map.sources.arcgis import batches
from provision_map.sources.body import wrong_answer
from provision_map.sources.catalogue import Source
from provision_map.sources.client import Client
from provision_map.sources.content import Content
from provision_map.sources.patience import AgainError
from provision_map.sources.words import say_plain

#: What Nomis gives at most in one answer; more is asked for with recordoffset.
STEP = 25_000
_LARGEST_PAGE = 50_000_000
#: Areas in one question: few enough that it is never so long that it must be sent as a form.
_BATCH = 100
_COUNT = re.compile(r"[0-9]{1,9}")


def fetch_table(
    client: Client, source: Source, address: str, codes: Sequence[str], *, id_column: str
) -> Content:
    """Return a table of one row an area: its code, its name, the total, a column a category.

    The label of every category is held against what the catalogue says it is.

    Args:
        client: that asks.
        source: of the catalogue.
        address: of the dataset.
        codes: of the areas.
        id_column: heading of the code.

    Raises:
        DataError: an area or a category is missing, or a label is another.
        UsageError: nobody answers.

    """
    categories = _categories(source)
    table: dict[str, dict[str, int]] = {}
    names: dict[str, str] = {}
    dates: set[str] = set()
    for part in batches(sorted(codes), _BATCH):
        for row in _ask_part(client, source, address, part, categories):
            code, name, category, count, date = row
            cells = table.setdefault(code, {})
            if category in cells:
                what = f"{code} has two figures for {category}."
                raise wrong_answer(address, what, "The table has a dimension that the catalogue does not fix.")  # fmt: skip
            cells[category] = count
            names[code] = name
            dates.add(date)
        client.say(f"{count_of(len(table), 'area')} of {len(codes):,} of {source.title}")
    _check_whole(address, table, codes, categories)
    columns = list(categories.values())
    sums: Mapping[str, Sequence[str]] = source.details.get("sums", {})
    heading = [id_column, "name", *(name for name, _ in columns), *sums]
    rows = [
        [code, names[code], *(table[code][name] for name, _ in columns)]
        + [sum(table[code][name] for name in parts) for parts in sums.values()]
        for code in sorted(table)
    ]
    said = ", ".join(sorted(dates))
    return Content(write_rows([heading, *rows]), len(rows), "place", address, date=said or None)


def _categories(source: Source) -> dict[str, tuple[str, str]]:
    """Return our column and the expected words by code of the dimension; the total first."""
    details = source.details
    total = details["total"]
    found = {str(total["code"]): (str(total["column"]), "")}
    for code, column, words in details.get("groups", ()):
        found[str(code)] = (str(column), str(words))
    if "ages" in details:
        ages = details["ages"]
        first, last = int(ages["first"]), int(ages["last"])
        for code in range(first, last + 1):
            age = f"{code - first}" + ("+" if code == last else "")
            found[str(code)] = (str(ages["columns"]).replace("{age}", age), f"{code - first}")
    return found


def _ask_part(
    client: Client,
    source: Source,
    address: str,
    codes: Sequence[str],
    categories: Mapping[str, tuple[str, str]],
) -> list[tuple[str, str, str, int, str]]:
    """Return code, name, our column, count and date of every row about these areas."""
    dimension = str(source.details["dimension"])
    wanted = ("date_name", "geography_code", "geography_name", dimension, f"{dimension}_name", "obs_value", "record_count")  # fmt: skip
    asked = {
        **{str(key): str(value) for key, value in source.details["parameters"].items()},
        "geography": ",".join(codes),
        dimension: ",".join(categories),
        "select": ",".join(wanted),
        "recordlimit": str(STEP),
    }

    def judge(body: bytes, kind: str) -> list[list[str]]:
        refuse_page(body, kind, address, "CSV")
        try:
            text = body.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            raise AgainError("What came is no text in UTF-8.", broken=True) from error
        if text and not text.endswith("\n"):
            raise AgainError("The table ends in the middle of a line.", broken=True)
        return list(read_rows(text.splitlines(keepends=True), address))

    rows: list[tuple[str, str, str, int, str]] = []
    seen: set[tuple[str, str, str]] = set()
    total = 1
    while len(rows) < total:
        parameters = asked | {"recordoffset": str(len(rows))}
        page = client.get(address, parameters, largest=_LARGEST_PAGE, judge=judge)
        if len(page) < 2:  # noqa: PLR2004 - the heading alone
            what = f"Nomis counts {count_of(total, 'row')} and gives {len(rows):,}." if rows else "Nomis has nothing on these areas."  # fmt: skip
            mend = f"Asked for: {list_some(codes)}. Are they of the right year?"
            raise wrong_answer(address, what, mend)
        places = _find_columns(page[0], wanted, address)
        for cells in page[1:]:
            date, code, name, category, label, value, counted = (cells[at] for at in places)
            total = _whole_number(counted, "record_count", address)
            if (code, category, date) in seen:
                what = "Nomis gives the same rows again on another page."
                raise wrong_answer(address, what, "Try again later.")
            seen.add((code, category, date))
            column = _check_label(category, label, categories, address)
            rows.append((code, name, column, _whole_number(value, column, address), date))
    return rows


def _find_columns(heading: Sequence[str], wanted: Sequence[str], address: str) -> list[int]:
    folded = [name.strip().casefold() for name in heading]
    missing = [name for name in wanted if name.casefold() not in folded]
    if missing:
        there = say_plain(", ".join(heading), 300)
        what = f"The table has no {', '.join(missing)}. It has: {there}."
        raise wrong_answer(address, what, "Correct the catalogue (--catalogue).")
    return [folded.index(name.casefold()) for name in wanted]


def _check_label(
    category: str, label: str, categories: Mapping[str, tuple[str, str]], address: str
) -> str:
    """Return our column of a category, if its label says what the catalogue says.

    >>> _check_label("1", "White: English/Welsh/British", {"1": ("white", "British")}, "")
    'white'
    """
    column, words = categories.get(category, ("", ""))
    last = label.rpartition(":")[2].strip().casefold()
    ends = re.split(r"[/,]| or ", last)[-1].strip()
    number = re.findall(r"\d+", label) == [words]
    fits = not words or number or words.casefold() in {last, ends}
    if not column or not fits:
        what = f"Category {say_plain(category, 20)} is {say_plain(label, 80)!r}, and should be {words or 'none of those asked for'!r}."
        raise wrong_answer(address, what, "Correct the catalogue (--catalogue).")
    return column


def _whole_number(text: str, what: str, address: str) -> int:
    if _COUNT.fullmatch(text.strip()) is None:
        said = f"{what} is {say_plain(text, 40)!r}, which is no count."
        raise wrong_answer(address, said, "A figure that is withheld cannot be used as a count.")
    return int(text)


def _check_whole(
    address: str,
    table: Mapping[str, Mapping[str, int]],
    codes: Sequence[str],
    categories: Mapping[str, tuple[str, str]],
) -> None:
    strange = sorted(set(table) - set(codes))
    missing = sorted(set(codes) - set(table))
    partly = sorted(code for code, cells in table.items() if len(cells) < len(categories))
    if strange or missing or partly:
        said = [
            f"{count_of(len(found), 'area')} {words}: {list_some(found)}."
            for found, words in (
                (strange, "that nobody asked for"),
                (missing, "without a row"),
                (partly, "without some of the categories"),
            )
            if found
        ]
        raise wrong_answer(address, " ".join(said), "Are the areas of the year of this table?")

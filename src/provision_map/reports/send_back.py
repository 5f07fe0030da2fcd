"""For each organisation a workbook of its own rows, with its problems and our questions marked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

import pandas as pd

from provision_map.errors import Problem
from provision_map.read.inputs import Inputs
from provision_map.read.returned.as_sent import AsSent
from provision_map.read.returned.left_out import ROWS_OF
from provision_map.read.returned.persons import find_person
from provision_map.read.workbooks.label import split_label
from provision_map.read.workbooks.layout import Choices, list_choices
from provision_map.reports.marked import mark_workbook

#: Cells without which something cannot be told, and what is asked.
_ASKED = {
    "minimum_age": "From which age? Until it is known, nobody is certain to be admitted.",
    "maximum_age": "Up to which age? Until it is known, nobody is certain to be admitted.",
    "open_to": "Who can come? Until it is known, nobody is certain to be admitted.",
    "capacity": "How many places are there in a session? Write none for no limit.",
    "access": "What do disabled children find there? Write none where nothing is in place.",
}
#: Texts of a service in which people name whom to ask.
_TEXTS = ("name", "description", "booking")
_NO_PERSON = "Take it out: roles only, never persons."
_OLD = "Is this still true? The record was last checked {when}."
_UNDATED = "Is this true today? Nobody says when the record was last checked."
_CONFIRM = "Give the day on which you checked it."


def make_send_back(inputs: Inputs, old: pd.DataFrame) -> dict[str, bytes]:
    """Return a workbook for each organisation that has something to mend or to answer.

    Only what an organisation sent itself is asked of it: rows of the exercise's own tables, of
    workbooks and of feeds, not of registers.
    """
    sent = AsSent(inputs.settings.folder, {file.file for file in inputs.files})
    whose = find_whose(inputs)
    problems = _by_organisation(inputs.problems, whose)
    notes = _by_organisation(ask_questions(inputs, old), whose)
    choices = list_choices(
        inputs.framework,
        places=_pairs(inputs.places, "place_id", "name"),
        neighbourhoods=[
            pair for pair in _pairs(inputs.places, "neighbourhood_id", "neighbourhood") if pair[0]
        ],
        organisations=_pairs(inputs.organisations, "organisation_id", "name"),
    )
    names = dict(_pairs(inputs.organisations, "organisation_id", "name"))
    books: dict[str, bytes] = {}
    for code in sorted({*problems, *notes}):
        frames = _frames_of(code, inputs, sent, whose)
        if frames:
            title = f"{names.get(code, code)}: what to mend"
            books[code] = _mark(frames, problems.get(code, []), notes.get(code, []), title, choices)
    return books


def _mark(
    frames: Mapping[str, pd.DataFrame],
    problems: list[Problem],
    notes: list[Problem],
    title: str,
    choices: Choices,
) -> bytes:
    return mark_workbook(frames, problems, notes, title=title, choices=choices)


def find_whose(inputs: Inputs) -> dict[tuple[str, int], str]:
    """Return whose each row of a table is, by file and row; row 0 is the file as a whole.

    A file is an organisation's where all of its rows are.
    """
    registers = {register.file for register in inputs.settings.services.registers}
    registers |= {register.mapping for register in inputs.settings.services.registers}
    own = _own_tables(inputs)
    gives = dict(_pairs(inputs.services, "service_id", "organisation_id"))
    whose: dict[tuple[str, int], str] = {}
    of_file: dict[str, Counter[str]] = {}
    for table in ROWS_OF:
        frame = inputs.returns_given if table == "returns" else getattr(inputs, table)
        column = "organisation_id" if "organisation_id" in frame else "service_id"
        for file, row, code in zip(frame["_file"], frame["_row"], frame[column], strict=True):
            if file in registers:
                continue
            who = code if column == "organisation_id" else gives.get(code, "")
            if who:
                whose[str(file), int(row)] = who
                of_file.setdefault(split_label(str(file))[0], Counter())[who] += 1
    for label in {file for file, _ in whose}:
        codes = of_file[split_label(label)[0]]
        if len(codes) == 1 and label not in own:
            whose[label, 0] = whose[split_label(label)[0], 0] = next(iter(codes))
    return whose


def _own_tables(inputs: Inputs) -> set[str]:
    services = inputs.settings.services
    return {file for name in ROWS_OF if (file := getattr(services, name))}


def _by_organisation(
    problems: Iterable[Problem], whose: Mapping[tuple[str, int], str]
) -> dict[str, list[Problem]]:
    found: dict[str, list[Problem]] = {}
    for problem in problems:
        who = whose.get((problem.file, problem.row or 0)) or whose.get((problem.file, 0), "")
        if who:
            found.setdefault(who, []).append(problem)
    return found


def ask_questions(inputs: Inputs, old: pd.DataFrame) -> list[Problem]:
    """Return what is to be asked of organisations: unknown cells, old records, suspected duplicates."""
    services = inputs.services
    asked = [
        Problem(str(file), int(row), column, question)
        for column, question in _ASKED.items()
        for file, row, value, said in zip(
            services["_file"],
            services["_row"],
            services[column],
            services.get(f"{column}_said", services[column]),
            strict=True,
        )
        if (said in ("blank", "tbd") if isinstance(said, str) else not value)
    ]
    timed = set(inputs.sessions["service_id"])
    for file, row, code, types in zip(
        *(services[c] for c in ("_file", "_row", "service_id", "space_types")), strict=True
    ):
        if code not in timed and not types:
            what = "When does it take place? It has no row in the sheet of sessions."
            asked.append(Problem(str(file), int(row), "name", what))
    for column in _TEXTS:
        for file, row, text in zip(
            services["_file"], services["_row"], services[column], strict=True
        ):
            if person := find_person(str(text)):
                what = f"Does {person} of a person stand here?"
                asked.append(Problem(str(file), int(row), column, what, _NO_PERSON))
    for file, row, when in zip(old["file"], old["row"], old["assured_date"], strict=True):
        what = _OLD.format(when=f"on {when}") if when else _UNDATED
        asked.append(Problem(str(file), int(row), "assured_date", what, _CONFIRM))
    whose = dict(_pairs(services, "service_id", "organisation_id"))
    names = dict(_pairs(services, "service_id", "name"))
    suspects = inputs.suspects
    columns = ("service_id", "same_as", "file", "row", "same_file", "same_row")
    for one, other, file, row, file2, row2 in zip(*(suspects[c] for c in columns), strict=True):
        same = whose.get(one) == whose.get(other)
        for at, number, twin in ((file, row, other), (file2, row2, one)):
            by = "" if same else f" by {whose.get(twin, '')}"
            what = f"Is this the same as {names.get(twin, twin)}{by}?"
            asked.append(Problem(str(at), int(number), "name", what, "Tell us; nothing is merged without it."))  # fmt: skip
    return asked


def _frames_of(
    code: str, inputs: Inputs, sent: AsSent, whose: Mapping[tuple[str, int], str]
) -> dict[str, pd.DataFrame]:
    """Return the rows of an organisation by table, as they were sent."""
    frames: dict[str, pd.DataFrame] = {}
    for table in ROWS_OF:
        typed = inputs.returns_given if table == "returns" else getattr(inputs, table)
        keys = zip(typed["_file"], typed["_row"], strict=True)
        own = [whose.get((str(file), int(row))) == code for file, row in keys]
        mine = typed[pd.Series(own, index=typed.index, dtype=bool)]
        if table == "returns":
            # What it says itself stands for what our own table expects of it.
            told = [bool(split_label(str(file))[1]) for file in mine["_file"]]
            mine = mine[pd.Series(told, index=mine.index, dtype=bool)] if any(told) else mine
        parts = [
            _as_sent(str(file), table, rows, sent) for file, rows in mine.groupby("_file", sort=False)
        ]  # fmt: skip
        if table == "organisations":
            parts = _as_told(code, inputs, sent, whose) or parts
        if parts:
            frames[table] = pd.concat(parts, ignore_index=True)
    return frames


def _as_told(
    code: str, inputs: Inputs, sent: AsSent, whose: Mapping[tuple[str, int], str]
) -> list[pd.DataFrame]:
    """Return what an organisation says of itself in its own workbook, where we know it already."""
    books = {split_label(file)[0] for (file, _), who in whose.items() if who == code}
    passed = inputs.passed_over
    own = passed[(passed["table"] == "organisations") & (passed["id"] == code)]
    return [
        _as_sent(str(file), "organisations", rows, sent)
        for file, rows in own.rename(columns={"row": "_row"}).groupby("file", sort=False)
        if split_label(str(file))[0] in books
    ]


def _as_sent(file: str, table: str, rows: pd.DataFrame, sent: AsSent) -> pd.DataFrame:
    """Return these rows as text cells; where a file holds no such text, as they were read."""
    text = sent.read_csv(file)
    if text is None:
        text = sent.read_sheet(file, table)
    if text is None:
        return rows
    given = text[text["_row"].isin([int(row) for row in rows["_row"]])]
    return given.assign(_file=file)


def _pairs(frame: pd.DataFrame, first: str, second: str) -> list[tuple[str, str]]:
    return [(str(a), str(b)) for a, b in zip(frame[first], frame[second], strict=True)]

"""A check of an exercise: what became of every row, what to ask of whom, and the files that say so."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from provision_map.errors import Problem, UsageError

if TYPE_CHECKING:
    import pandas as pd

    from provision_map.exercise.measure import Measured
    from provision_map.read.inputs import Inputs
    from provision_map.read.returned.account import Account

CHECK_FOLDER = "check"

#: So many notes, reasons and files are printed; the files of the check hold all.
_NOTES, _REASONS, _FILES = 6, 5, 10


@dataclass(frozen=True)
class Checked:
    """What a check finds.

    Attributes:
        inputs: as read; :meth:`~provision_map.read.inputs.Inputs.raise_if_wrong` says what is wrong.
        account: what became of every row.
        notes: what people should know: of reading, of returns, and of measuring, where that could
            be done.
        old: services whose record is older than 12 months, or of no known day.
        same_organisations: (code, code that stands first, why) of organisations that may be one.
        completeness: how much of what was asked came back complete, with names.
        returns: the table of returns as it should read; None where none is named.
        files: what was written.

    """

    inputs: Inputs
    account: Account
    notes: tuple[Problem, ...]
    old: pd.DataFrame
    same_organisations: tuple[tuple[str, str, str], ...]
    completeness: pd.DataFrame
    returns: pd.DataFrame | None
    files: tuple[Path, ...] = ()

    def say(self, *, all_notes: bool = False) -> list[str]:
        """Return the lines to print; with ``all_notes`` every note, for there are no files."""
        return [
            *_say_counts(self.account),
            *_say_left_out(self.account),
            *_say_suspects(self),
            *_say_records(self),
            *_say_returns(self),
            *_say_notes(self.notes, most=None if all_notes else _NOTES),
            *_say_end(self),
        ]


def check_exercise(
    folder: Path | str = ".", *, files: bool = True, write_returns: bool = False
) -> Checked:
    """Check an exercise; nothing in it is changed, but its folder ``check`` is written.

    Args:
        folder: the exercise folder.
        files: whether the folder ``check`` is written.
        write_returns: whether the table of returns is replaced by the one that is corrected; the
            old one stays beside it as ``.bak``.

    Raises:
        UsageError: the folder is no exercise, or it has no table of returns to write.
        DataError: the settings are wrong, or the files cannot be written. What is wrong in the
            data is not raised, for that is what the check writes of.

    """
    from dataclasses import replace

    from provision_map.exercise.measure import measure_exercise
    from provision_map.read.inputs import read_inputs
    from provision_map.read.settings_file import read_settings
    from provision_map.reports.check_files import CheckTables, write_check_files

    folder = Path(folder)
    inputs = read_inputs(read_settings(folder))
    measured = None if inputs.problems else measure_exercise(inputs)
    checked = examine(inputs, measured)
    written: list[Path] = []
    if write_returns:
        written += _replace_returns(checked, folder)
    if files:
        found = CheckTables(
            checked.account, checked.notes, checked.old, checked.same_organisations,
            checked.completeness, checked.returns, _read_with_all_rows(inputs),
        )  # fmt: skip
        written += write_check_files(inputs, found, folder / CHECK_FOLDER)
    return replace(checked, files=tuple(written))


def _read_with_all_rows(inputs: Inputs) -> Inputs:
    """Read again with the rows that were left out for their problems, to send them back with all."""
    from dataclasses import replace

    from provision_map.read.inputs import read_inputs

    settings = inputs.settings
    if settings.services.wrong_rows != "leave out" or not _count_wrong(inputs):
        return inputs
    services = replace(settings.services, wrong_rows="refuse")
    return read_inputs(replace(settings, services=services))


def _count_wrong(inputs: Inputs) -> int:
    from provision_map.read.returned.left_out import WRONG

    reasons = (inputs.left_out["reason"], inputs.passed_over["reason"])
    return sum(str(why).startswith(WRONG) for listed in reasons for why in listed)


def examine(inputs: Inputs, measured: Measured | None = None) -> Checked:
    """Examine inputs that were read; no file is written."""
    from provision_map.read.duplicates.suspects import find_same_organisations
    from provision_map.read.returned.account import account_rows
    from provision_map.read.returned.as_sent import AsSent
    from provision_map.read.returned.returns import (
        Area,
        combine_returns,
        correct_returns,
        find_untrue,
    )

    named = inputs.settings.services.returns
    # Rows that are left out until they are mended make no answer partly for good.
    asked = Area.of(inputs.framework.elements, inputs.places)
    came = combine_returns(inputs.returns_given, asked, asked_in=named)
    untrue: list[Problem] = []
    corrected = None
    raw = None
    if named is not None:
        sent = AsSent(inputs.settings.folder, {file.file for file in inputs.files})
        raw = sent.read_csv(named)
    if named is None or raw is not None:
        untrue = find_untrue(
            inputs.returns_given, came, inputs.services, inputs.organisations,
            asked_in=named, date=inputs.settings.exercise.date,
        )  # fmt: skip
    if named is not None and raw is not None:
        corrected = correct_returns(raw, came, asked_in=named)
    notes = (*inputs.notes, *untrue, *(() if measured is None else measured.notes))
    return Checked(
        inputs=inputs,
        account=account_rows(inputs),
        notes=tuple(dict.fromkeys(notes)),
        old=list_old_records(inputs),
        same_organisations=tuple(find_same_organisations(inputs.organisations)),
        completeness=_name_completeness(inputs),
        returns=corrected,
    )


def list_old_records(inputs: Inputs) -> pd.DataFrame:
    """Return the services whose record was checked over 12 months ago, or nobody says when.

    Returns:
        organisation_id, organisation, service_id, name, assured_date (ISO, or ""), months (whole,
        or None), file, row: by organisation, the oldest first.

    """
    import pandas as pd

    from provision_map.coverage.returns import DAYS_A_MONTH
    from provision_map.gaps.grade import FRESH_MONTHS

    date = inputs.settings.exercise.date
    names = _names_of(inputs)
    rows = []
    columns = ("organisation_id", "service_id", "name", "assured_date", "_file", "_row")
    for who, code, name, day, file, row in zip(*(inputs.services[c] for c in columns), strict=True):
        known = isinstance(day, dt.date)
        months = (date - day).days / DAYS_A_MONTH if known else None
        if months is None or months > FRESH_MONTHS:
            when = day.isoformat() if known else ""
            whole = None if months is None else int(months)
            rows.append((who, names.get(who, ""), code, name, when, whole, file, int(row)))
    rows.sort(key=lambda line: (line[0], line[4] or "9999", line[2]))
    heads = ["organisation_id", "organisation", "service_id", "name", "assured_date", "months", "file", "row"]  # fmt: skip
    return pd.DataFrame(rows, columns=heads, dtype=object)


def _name_completeness(inputs: Inputs) -> pd.DataFrame:
    """Measure completeness, and say the names of organisations, elements and places."""
    from provision_map.coverage.returns import measure_completeness

    measured = measure_completeness(inputs.returns, inputs.places, inputs.framework)
    names = {("organisation", code): name for code, name in _names_of(inputs).items()}
    names |= {("element", code): e.name for code, e in inputs.framework.elements.items()}
    places = zip(inputs.places["place_id"], inputs.places["name"], strict=True)
    names |= {("place", code): name for code, name in places}
    keys = zip(measured["by"], measured["id"], strict=True)
    measured.insert(2, "name", [names.get(key, "") for key in keys])
    return measured


def _names_of(inputs: Inputs) -> dict[str, str]:
    organisations = inputs.organisations
    return dict(zip(organisations["organisation_id"], organisations["name"], strict=True))


def _replace_returns(checked: Checked, folder: Path) -> list[Path]:
    """Replace the table of returns by the corrected one, if they differ."""
    from provision_map.read.returned.as_sent import AsSent
    from provision_map.reports.check_files import replace_table

    inputs = checked.inputs
    named = inputs.settings.services.returns
    if named is None or checked.returns is None:
        raise UsageError("There is no table of returns to write: name one in [services] returns.")
    told = [problem for problem in inputs.problems if problem.file == named]
    if told:
        raise UsageError(f"{named} has problems: mend them first. Nothing was written. {told[0]}")
    raw = AsSent(inputs.settings.folder, {named}).read_csv(named)
    if raw is None or raw.drop(columns="_row").equals(checked.returns):
        return []
    replace_table(folder / named, checked.returns)
    return [folder / named]


def _say_counts(account: Account) -> list[str]:
    """Say, for each file, what became of its rows."""
    counts = account.counts
    by_file: dict[str, Counter[str]] = {}
    for name, rows, used, left, suspected in zip(
        *(counts[c] for c in ("file", "rows", "used", "left_out", "suspected")), strict=True
    ):
        file = name.partition(" › ")[0]
        one = by_file.setdefault(file, Counter())
        one.update({"rows": rows, "used": used, "left": left, "suspected": suspected})
    if len(by_file) > _FILES:
        by_file = _fold(by_file)
    total: Counter[str] = Counter()
    for count in by_file.values():
        total.update(count)
    lines = [*by_file.items(), ("together", total)]
    wide = max(len(_shorten(name)) for name, _ in lines)
    head = f"{'':{wide}}  {'rows':>9}  {'used':>9}  {'left out':>9}  {'suspected':>9}"
    return [
        head,
        *(
            f"{_shorten(name):{wide}}  "
            + "  ".join(f"{count[key]:>9,}" for key in ("rows", "used", "left", "suspected"))
            for name, count in lines
        ),
    ]


def _fold(by_file: dict[str, Counter[str]]) -> dict[str, Counter[str]]:
    """Put files of one kind in one folder together; of what is left, the last ones."""
    kinds: dict[str, list[str]] = {}
    for file in by_file:
        path = Path(file)
        kinds.setdefault(f"{path.parent.as_posix()}/*{path.suffix}", []).append(file)
    folded: dict[str, Counter[str]] = {}
    for kind, files in sorted(kinds.items(), key=lambda item: len(item[1])):
        many = len(files) > 2 and len(by_file) - len(files) + len(folded) >= 0  # noqa: PLR2004
        for file in files:
            name = f"{kind} ({len(files)} files)" if many else file
            folded.setdefault(name, Counter()).update(by_file[file])
    if len(folded) <= _FILES:
        return folded
    listed = list(folded.items())
    rest: Counter[str] = Counter()
    for _, count in listed[_FILES - 1 :]:
        rest.update(count)
    return dict([*listed[: _FILES - 1], (f"{len(listed) - _FILES + 1} more files", rest)])


def _shorten(name: str, most: int = 52) -> str:
    return name if len(name) <= most else "…" + name[1 - most :]


def _say_left_out(account: Account) -> list[str]:
    rows = account.rows
    whys = [_fold_reason(str(why)) for why in rows.loc[rows["fate"] == "left out", "reason"]]
    reasons = Counter(whys).most_common()
    if not reasons:
        return []
    listed = [f"left out: {n:,} × {reason}" for reason, n in reasons[:_REASONS]]
    more = sum(n for _, n in reasons[_REASONS:])
    return [*listed, *([f"left out: {more:,} for other reasons"] if more else [])]


def _fold_reason(why: str) -> str:
    """Say of all rows with problems the same: rows.csv says of each what is wrong."""
    from provision_map.read.returned.left_out import WRONG

    if why.startswith(WRONG):
        return f"It has a problem (marked in {CHECK_FOLDER}/to-send-back)."
    return why


def _say_suspects(checked: Checked) -> list[str]:
    from provision_map.schema.wording import count_of

    pairs, organisations = len(checked.inputs.suspects), len(checked.same_organisations)
    lines = []
    if pairs:
        lines.append(
            f"{count_of(pairs, 'pair')} of services may be one and the same: decide in {CHECK_FOLDER}/same.csv."
        )
    lines += [
        f"{a} and {b} may be one organisation: {why}."
        for a, b, why in checked.same_organisations[:2]
    ]
    if organisations > 2:  # noqa: PLR2004 - as many as were said
        lines.append(f"{organisations - 2} more pairs of organisations may be one.")
    return lines


def _say_records(checked: Checked) -> list[str]:
    from provision_map.schema.wording import count_of

    old = checked.old
    blank = int((old["assured_date"] == "").sum())
    dated = len(old) - blank
    if not len(old):
        return []
    parts = []
    if dated:
        parts.append(f"{count_of(dated, 'record was', 'records were')} checked over 12 months ago")
    if blank:
        parts.append(f"{count_of(blank, 'record does', 'records do')} not say when")
    whose = count_of(old["organisation_id"].nunique(), "organisation")
    return [f"{', '.join(parts)}: of {whose}."]


def _say_returns(checked: Checked) -> list[str]:
    completeness = checked.completeness
    by = completeness[completeness["by"] == "organisation"]
    whole = completeness[completeness["by"] == "all"].iloc[0]
    if by.empty:
        return ["Returns: nobody is on record as having been asked, so absence is unknown."]
    done = int((by["complete"] == by["asked"]).sum())
    silent = int(((by["missing"] == by["asked"]) & (by["asked"] > 0)).sum())
    partly = len(by) - done - silent
    share = _percent(float(whole["share_complete"]))
    said = f"Returns: of {len(by)} asked, {done} in full, {partly} in part, {silent} not at all"
    return [f"{said}; {share} of all places × elements came back complete."]


def _percent(share: float) -> str:
    """Say a share; what is not all is never 100 %, what is not nothing never 0 %.

    >>> _percent(0.999), _percent(1.0), _percent(0.001)
    ('99 %', '100 %', '1 %')
    """
    if share in (0.0, 1.0):
        return f"{share:.0%}".replace("%", " %")
    return f"{min(max(round(share * 100), 1), 99)} %"


def _say_notes(notes: tuple[Problem, ...], *, most: int | None) -> list[str]:
    """Say the notes, or one of each kind: first those after which there is something to do."""
    if most is None or len(notes) <= most + 1:
        return [f"note: {note}" for note in notes]
    kinds: dict[tuple[str | None, str], list[Problem]] = {}
    for note in notes:
        kinds.setdefault((note.column, note.mend or note.what), []).append(note)
    groups = sorted(kinds.values(), key=lambda alike: not alike[0].mend)
    lines = [
        f"note: {alike[0]}" + (f" (And {len(alike) - 1} more like it.)" if alike[1:] else "")
        for alike in groups[:most]
    ]
    more = sum(len(alike) for alike in groups[most:])
    if more:
        lines.append(f"note: … and {more} more of other kinds.")
    return [*lines, f"note: all {len(notes)} stand in {CHECK_FOLDER}/notes.csv"]


def _say_end(checked: Checked) -> list[str]:
    from provision_map.schema.wording import count_of

    inputs = checked.inputs
    lines = []
    if checked.files:
        books = [path for path in checked.files if path.suffix == ".xlsx"]
        tables = [path.name for path in checked.files if path.suffix != ".xlsx"]
        sent = f" and {count_of(len(books), 'workbook')} to send back" if books else ""
        lines.append(f"Written: {', '.join(tables)}{sent}, in {CHECK_FOLDER}/.")
    problems = len(inputs.problems)
    wrong = "No problems" if not problems else count_of(problems, "problem")
    lines.append(
        f"{len(inputs.files)} files read: {len(inputs.places)} places, {len(inputs.services)} services, "
        f"{len(inputs.returns)} returns. {wrong}, {count_of(len(checked.notes), 'note')}."
    )
    return lines

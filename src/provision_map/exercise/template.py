"""Workbooks to send out: blank, or for each organisation with what the exercise knows of it."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from provision_map.errors import DataError, Problem, UsageError
from provision_map.frameworks import load_framework
from provision_map.read.settings import SETTINGS_FILE
from provision_map.read.settings_file import read_settings

if TYPE_CHECKING:
    import pandas as pd

    from provision_map.read.inputs import Inputs
    from provision_map.read.workbooks.layout import Choices

#: Where workbooks go if nobody says: not where returned ones are looked for.
BLANK, PREFILLED = "return.xlsx", "to-fill"


def write_templates(
    folder: Path | None,
    *,
    organisations: Sequence[str] = (),
    everyone: bool = False,
    out: Path | None = None,
    as_csv: bool = False,
) -> list[Path]:
    """Write the workbook that organisations fill in.

    Args:
        folder: of an exercise, whose elements, places and organisations are offered; None: the
            built-in framework, without places.
        organisations: identifiers; each gets a workbook with what the exercise knows of it.
        everyone: whether each organisation of the exercise's own table gets one.
        out: the file to write for a blank workbook or one organisation; else a folder.
        as_csv: whether to write the same columns as CSV files, into a folder.

    Returns:
        The files written.

    Raises:
        UsageError: an organisation is not known, or there is a file already that holds something else.
        DataError: the exercise's files are wrong, so that rows would be missing from what is filled in.

    """
    from provision_map.reports.template import render_csv, render_template

    inputs = None if folder is None else _read(folder)
    choices = list_exercise_choices(inputs)
    chosen = _choose(inputs, organisations, everyone=everyone)
    title = "What you provide for children and young people"
    if inputs is not None:
        title = f"{inputs.settings.exercise.title}: {title[0].lower()}{title[1:]}"

    def render(frames: Mapping[str, pd.DataFrame] | None, name: str) -> dict[str, bytes]:
        if as_csv:
            return render_csv(frames)
        return {"": render_template(choices, frames, title=f"{title} · {name}" if name else title)}

    if not chosen:
        return _write(_at(out or Path("return" if as_csv else BLANK), render(None, "")))
    if inputs is None:
        raise AssertionError
    several = everyone or len(chosen) > 1
    files: dict[Path, bytes] = {}
    for (code, name), stem in zip(chosen.items(), _name_files(chosen), strict=True):
        target = (out or Path(PREFILLED)) / stem
        if not several and out is not None:
            target = out
        elif not as_csv:
            target = target.with_name(f"{stem}.xlsx")
        files |= _at(target, render(known_of(inputs, code), name))
    return _write(files)


def list_exercise_choices(inputs: Inputs | None) -> Choices:
    """Return what can be chosen in an exercise: its own codes, or those that come with the software."""
    from provision_map.read.workbooks.layout import list_choices

    if inputs is None:
        return list_choices(load_framework())
    places = inputs.places
    columns = ("place_id", "name", "neighbourhood_id", "neighbourhood")
    small, near = {}, {}
    for code, name, of, neighbourhood in zip(*(places[c] for c in columns), strict=True):
        small[str(code)] = str(name)
        if of:
            near[str(of)] = str(neighbourhood)
    known = inputs.organisations
    return list_choices(
        inputs.framework,
        places=small.items(),
        neighbourhoods=sorted(near.items(), key=lambda pair: pair[1]),
        organisations=zip(known["organisation_id"], known["name"], strict=True),
    )


def known_of(inputs: Inputs, organisation: str) -> dict[str, pd.DataFrame]:
    """Return the rows of one organisation by table, as it is to correct them.

    What it returned last time is not what it returns now: of its return only what it speaks for is
    filled in. How many children came is told afresh, and is given on to nobody.
    """
    services = inputs.services[inputs.services["organisation_id"] == organisation]
    codes = list(services["service_id"])
    given = inputs.returns_given
    returns = given[given["organisation_id"] == organisation]
    asked = returns[returns["_file"] == (inputs.settings.services.returns or "")]
    returns = returns if asked.empty else asked
    return {
        "organisations": inputs.organisations[
            inputs.organisations["organisation_id"] == organisation
        ],
        "returns": returns.assign(received="", received_on=None),
        "services": services,
        "sessions": inputs.sessions[inputs.sessions["service_id"].isin(codes)],
        "quality": inputs.quality[inputs.quality["service_id"].isin(codes)],
        "practice": inputs.practice[inputs.practice["organisation_id"] == organisation],
    }


def _read(folder: Path) -> Inputs:
    from provision_map.read.inputs import read_inputs

    return read_inputs(read_settings(folder))


def _choose(inputs: Inputs | None, organisations: Sequence[str], *, everyone: bool) -> dict[str, str]:  # fmt: skip
    """Return identifier and name of the organisations that get a workbook of their own."""
    if not organisations and not everyone:
        return {}
    if inputs is None:
        what = f"Name the folder of an exercise: without {SETTINGS_FILE} no organisation is known."
        raise UsageError(what)
    inputs.raise_if_wrong()
    known = inputs.organisations
    if everyone:
        known = known[known["_file"] == (inputs.settings.services.organisations or "")]
    names = dict(zip(known["organisation_id"], known["name"], strict=True))
    if everyone and not names:
        raise UsageError("The exercise has no organisations of its own to write workbooks for.")
    from provision_map.schema import Spelling

    for code in organisations:
        if code not in names:
            pairs = [(name, code) for code, name in names.items()]
            ask = Spelling(names, names=pairs).mend(code)
            raise UsageError(f"{code!r} is no organisation of the exercise. {ask}")
    return names if everyone else {code: names[code] for code in dict.fromkeys(organisations)}


def _name_files(codes: Mapping[str, str]) -> list[str]:
    """Return a file name for each organisation, whatever its identifier holds."""
    from provision_map.read.workbooks.reading import make_slug

    taken: dict[str, int] = {}
    names = []
    for code in codes:
        name = make_slug(code) or "organisation"
        taken[name] = taken.get(name, 0) + 1
        names.append(name if taken[name] == 1 else f"{name}-{taken[name]}")
    return names


def _at(target: Path, files: Mapping[str, bytes]) -> dict[Path, bytes]:
    return {(target / name if name else target): data for name, data in files.items()}


def _write(files: Mapping[Path, bytes]) -> list[Path]:
    """Write files beside where they go, then rename them; none that holds something else is lost."""
    try:
        for path, data in files.items():
            if path.is_dir():
                raise UsageError(f"{path} is a folder. Name a file with --out.")
            if path.exists() and path.read_bytes() != data:
                raise UsageError(
                    f"{path} exists, and may be filled in already. Move it, or name another place with --out."
                )
        for path, data in files.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryDirectory(prefix=".writing-", dir=path.parent) as beside:
                made = Path(beside) / path.name
                made.write_bytes(data)
                made.replace(path)
    except OSError as error:
        what = f"The file could not be written ({error.strerror or error})."
        mend = "Check that the folder is one, that you may write there, and that the disk has room."
        raise DataError([Problem(str(error.filename or "output"), what=what, mend=mend)]) from error
    return list(files)

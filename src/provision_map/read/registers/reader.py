"""From the rows of a register to services: columns copied, rules applied, each row accounted for."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from provision_map import tables
from provision_map.errors import Problem
from provision_map.read.duplicates.nearby import are_near
from provision_map.read.files.crs import WGS84, project
from provision_map.read.files.typed import type_declared
from provision_map.read.findings import Findings, count_of
from provision_map.read.origin import empty_left_out
from provision_map.read.places.area import Area
from provision_map.read.registers.mapping import Headings, RegisterMapping, name_mapping
from provision_map.read.registers.rows import RegisterRows
from provision_map.read.settings import RegisterSettings

#: A code that a spreadsheet has turned into a number: 100123.0 is the code 100123.
_NUMBERED = re.compile(r"(-?\d+)\.0+")
_CODES = ("service_id", "organisation_id", "place_id")
POSITIONS = ("easting", "northing", "longitude", "latitude")

#: The columns of a service that only a register's rows have, until they are placed.
WITHIN, OUTLINE = "within", "outline"


@dataclass(frozen=True)
class Register:
    """A register as read: services (typed), organisations (text), and what was left out.

    ``set_by`` holds, by row, the number of the rule that gave it its elements.
    """

    settings: RegisterSettings
    services: pd.DataFrame
    organisations: pd.DataFrame
    left_out: pd.DataFrame
    mapping: RegisterMapping | None = None
    columns: Mapping[str, str] = field(default_factory=dict)
    set_by: Mapping[int, int] = field(default_factory=dict)
    lost: frozenset[str] | None = frozenset()

    def relocate(self, problem: Problem) -> Problem:
        """Move a problem of one of our columns to where a person can mend it.

        That is the register's own column, or the text in the mapping file.
        """
        if self.mapping is None or problem.file != self.settings.file or not problem.column:
            return problem
        column, mapping = problem.column, self.mapping
        number = self.set_by.get(problem.row or 0)
        if number is not None and column in mapping.rules[number - 1].set:
            where = f"give[{number}].set.{column}"
        elif column in mapping.constants:
            where = f"constants.{column}"
        else:
            theirs = self.columns.get(column, column)
            return Problem(problem.file, problem.row, theirs, problem.what, problem.mend)
        file = name_mapping(self.settings.mapping)
        return Problem(file, None, where, problem.what, problem.mend)


@dataclass
class RegisterReader:
    """Turns the rows that are kept into services."""

    settings: RegisterSettings
    mapping: RegisterMapping
    names: Headings
    area: Area
    findings: Findings

    def read(self, rows: RegisterRows) -> Register:
        """Read the rows: those far away are counted, the others used or left out."""
        mapping, settings = self.mapping, self.settings
        columns = {
            ours: self.names.find_some(theirs)
            for ours, theirs in {**mapping.columns, **mapping.optional}.items()
        }
        columns = {ours: theirs for ours, theirs in columns.items() if theirs}
        texts = self._copy(rows, columns)
        near = self._note_far(texts)
        rows, texts = select_rows(rows, near), texts[near].reset_index(drop=True)
        reasons = self._exclude(rows.frame)
        rule_of = self._first_rule(rows.frame)
        reasons[(reasons == "") & (rule_of == 0)] = (
            f"No rule of {name_mapping(settings.mapping)} says what it gives."
        )
        self._set(texts, rule_of)
        used = reasons == ""
        found = Findings()
        typed = type_declared(
            texts[used].reset_index(drop=True), tables.SERVICES, file=settings.file, findings=found
        )
        if mapping.within is not None:
            typed[WITHIN] = float(mapping.within)
        if rows.outlines is not None:
            typed[OUTLINE] = pd.Series(list(rows.outlines[used]), index=typed.index, dtype=object)
        pairs = zip(rows.frame["_row"][used], rule_of[used], strict=True)
        register = Register(
            settings,
            typed,
            self._list_organisations(rows.frame[used], texts[used]),
            self._left_out(texts[~used], reasons[~used]),
            mapping,
            {ours: theirs[0] for ours, theirs in columns.items()},
            {int(row): int(number) for row, number in pairs},
            rows.lost,
        )
        self.findings.problems.extend(register.relocate(p) for p in found.problems)
        self.findings.notes.extend(register.relocate(note) for note in found.notes)
        return register

    def _copy(self, rows: RegisterRows, columns: Mapping[str, list[str]]) -> pd.DataFrame:
        """Return our columns as text: the first that is not blank, constants, and positions."""
        frame, mapping = rows.frame, self.mapping
        texts = pd.DataFrame({"_row": frame["_row"]}, index=frame.index)
        for ours, theirs in columns.items():
            texts[ours] = frame[theirs[0]].str.strip().astype(object)
            for other in theirs[1:]:
                texts[ours] = texts[ours].where(texts[ours] != "", frame[other].str.strip())
        for ours, text in mapping.constants.items():
            texts[ours] = pd.Series(text, index=frame.index, dtype=object)
        for ours, text in mapping.fill.items():
            self._fill(texts, ours, text, np.ones(len(texts), dtype=bool))
        fixed = self.settings.organisation or mapping.organisation.fixed.get("organisation_id")
        theirs_id = mapping.organisation.columns.get("organisation_id")
        if fixed and not (theirs_id and not self.settings.organisation):
            texts["organisation_id"] = pd.Series(fixed, index=frame.index, dtype=object)
        elif theirs_id:
            texts["organisation_id"] = frame[self.names.find(theirs_id)].str.strip().astype(object)
        if rows.points is not None and not {"easting", "longitude"} & set(columns):
            for n, name in enumerate(("easting", "northing")):
                known = np.isfinite(rows.points[:, n])
                cells = [
                    f"{v:.2f}" if ok else "" for v, ok in zip(rows.points[:, n], known, strict=True)
                ]
                texts[name] = pd.Series(cells, index=frame.index, dtype=object)
        texts = _mend_codes(texts, self.settings.file, self.findings)
        texts["service_id"] = [f"{mapping.prefix}{c}" if c else "" for c in texts["service_id"]]
        return texts

    def _note_far(self, texts: pd.DataFrame) -> npt.NDArray[np.bool_]:
        """Count the rows far from our places, by their position or the code of their place."""
        everything = np.ones(len(texts), dtype=bool)
        metres, file = self.mapping.within, self.settings.file
        if metres is None or self.area.target is None or texts.empty:
            return everything
        x, y = find_positions(texts, self.area)
        sited = np.isfinite(x) & np.isfinite(y)
        near = are_near(x, y, self.area, metres=metres)
        keep = near | ~sited
        codes = self.area.codes
        if "place_id" in texts and codes is not None:
            ours = texts["place_id"].isin(list(codes)).to_numpy(dtype=bool)
            coded = (texts["place_id"] != "").to_numpy(dtype=bool)
            by_postcode = (
                (texts["postcode"] != "").to_numpy(dtype=bool)
                if "postcode" in texts
                else ~everything
            )
            keep &= sited | ours | by_postcode | ~coded
            # A code of another kind of place, or of another year, is passed over: the position is not.
            texts.loc[~ours, "place_id"] = ""
            others = int((keep & coded & ~ours).sum())
            if others:
                what = f"{count_of(others, 'row has a code', 'rows have codes')} of places that is none of this exercise: the position was used instead."
                what = (
                    what.replace("places that is none", "places that are none")
                    if others > 1
                    else what
                )
                self.findings.note(file, what)
        if not keep.any():
            what = f"None of the {len(texts):,} rows lies within {metres:,.0f} m of a place of this exercise."
            mend = "Is it the register of this part of the country?"
            flipped = are_near(y, x, self.area, metres=metres)
            if flipped.any():
                mend = "East and north look swapped in the mapping."
            self.findings.problem(file, what, mend)
        elif not keep.all():
            gone = count_of(int((~keep).sum()), "row lies", "rows lie")
            where = f"more than {metres:,.0f} m from our places" if metres else "outside our places"
            what = f"{gone} {where} and {'was' if (~keep).sum() == 1 else 'were'} passed over."
            self.findings.note(file, what)
        return np.asarray(keep, dtype=bool)

    def _exclude(self, frame: pd.DataFrame) -> pd.Series[str]:
        """Return why each row is left out by a rule of the mapping; "" where it is not."""
        reasons = pd.Series("", index=frame.index, dtype=object)
        for rule in reversed(self.mapping.exclusions):
            reasons[match_rows(frame, rule.when, self.names)] = rule.reason
        for number, rule in enumerate(self.mapping.exclusions, start=1):
            missing = [name for name in rule.when if self.names.find(name) is None]
            if missing:
                heads = ", ".join(self.mapping.headings[missing[0]])
                what = f"It has none of the columns {heads}: leave_out[{number}] ({rule.reason.rstrip('.')}) leaves nothing out."
                self.findings.note(self.settings.file, what)
        return reasons

    def _first_rule(self, frame: pd.DataFrame) -> pd.Series[int]:
        """Return the number of the first rule that matches each row, from 1; 0: none does."""
        number = pd.Series(0, index=frame.index, dtype="int64")
        for n in range(len(self.mapping.rules), 0, -1):
            number[match_rows(frame, self.mapping.rules[n - 1].when, self.names)] = n
        return number

    def _set(self, texts: pd.DataFrame, rule_of: pd.Series[int]) -> None:
        for number, rule in enumerate(self.mapping.rules, start=1):
            rows = (rule_of == number).to_numpy(dtype=bool)
            for name, text in rule.set.items():
                if name not in texts:
                    texts[name] = pd.Series("", index=texts.index, dtype=object)
                texts.loc[rows, name] = text
            for name, text in rule.fill.items():
                self._fill(texts, name, text, rows)

    @staticmethod
    def _fill(texts: pd.DataFrame, name: str, text: str, rows: npt.NDArray[np.bool_]) -> None:
        if name not in texts:
            texts[name] = pd.Series("", index=texts.index, dtype=object)
        texts.loc[rows & (texts[name] == "").to_numpy(dtype=bool), name] = text

    def _list_organisations(self, frame: pd.DataFrame, texts: pd.DataFrame) -> pd.DataFrame:
        """Return who gives the services, as a table of text."""
        said = self.mapping.organisation
        if not said.columns or self.settings.organisation:
            return fixed_organisation(self.mapping, self.settings)
        out = pd.DataFrame({"_row": frame["_row"]}, index=frame.index)
        for ours, theirs in said.columns.items():
            out[ours] = frame[self.names.find(theirs)].str.strip().astype(object)
        out["organisation_id"] = texts["organisation_id"]
        for name, text in said.fixed.items():
            out[name] = pd.Series(text, index=out.index, dtype=object)
        return out

    def _left_out(self, texts: pd.DataFrame, reasons: pd.Series[str]) -> pd.DataFrame:
        if texts.empty:
            return empty_left_out()
        return pd.DataFrame(
            {
                "file": pd.Series(self.settings.file, index=texts.index, dtype=object),
                "row": texts["_row"],
                "service_id": texts["service_id"],
                "name": texts["name"],
                "reason": reasons,
            }
        ).reset_index(drop=True)


def find_positions(texts: pd.DataFrame, area: Area) -> tuple[Any, Any]:
    """Return positions in the exercise's system from cells of text; NaN where they are none."""
    east, north, lon, lat = (
        pd.to_numeric(texts[name], errors="coerce").to_numpy(dtype=float).copy()
        if name in texts
        else np.full(len(texts), np.nan)
        for name in POSITIONS
    )
    missing = ~(np.isfinite(east) & np.isfinite(north)) & np.isfinite(lon) & np.isfinite(lat)
    if missing.any() and area.target is not None:
        east[missing], north[missing] = project(
            lon[missing], lat[missing], source=WGS84, target=area.target
        )
    return east, north


def _mend_codes(texts: pd.DataFrame, file: str, findings: Findings) -> pd.DataFrame:
    for column in (name for name in _CODES if name in texts):
        numbered = [_NUMBERED.fullmatch(text) for text in texts[column]]
        if any(numbered):
            pairs = zip(numbered, texts[column], strict=True)
            texts[column] = [match[1] if match else text for match, text in pairs]
            what = f"Codes such as {next(m for m in numbered if m)[0]} were read without the .0."
            findings.note(file, what)
    return texts


def fixed_organisation(mapping: RegisterMapping, settings: RegisterSettings) -> pd.DataFrame:
    """Return the mapping's organisation as a table of text of one row, or none."""
    fixed = mapping.organisation.fixed
    if settings.organisation or "organisation_id" not in fixed:
        return pd.DataFrame({"organisation_id": pd.Series(dtype=object)})
    return pd.DataFrame({key: [text] for key, text in fixed.items()}, dtype=object)


def select_rows(rows: RegisterRows, chosen: npt.NDArray[np.bool_]) -> RegisterRows:
    """Return the rows that are chosen, with their positions and outlines."""
    frame = rows.frame[chosen].reset_index(drop=True)
    points = None if rows.points is None else rows.points[chosen]
    outlines = None if rows.outlines is None else rows.outlines[chosen]
    return replace(rows, frame=frame, points=points, outlines=outlines)


def match_rows(frame: pd.DataFrame, when: Mapping[str, Any], names: Headings) -> pd.Series[bool]:
    """Say of each row whether all conditions hold; none does where a column is not there."""
    held = pd.Series(data=True, index=frame.index, dtype=bool)
    for name, condition in when.items():
        heading = names.find(name)
        held &= False if heading is None else condition.holds(frame[heading])
    return held

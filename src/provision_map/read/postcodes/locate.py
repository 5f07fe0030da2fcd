"""Positions of services from published lists of postcodes.

A position that is given always wins; a postcode only fills what is missing. How far the site may lie
from it is said in :mod:`provision_map.read.postcodes.search`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from provision_map.read.codes import cells
from provision_map.read.duplicates.nearby import are_near
from provision_map.read.files.crs import WGS84, project
from provision_map.read.files.text import InputFolder
from provision_map.read.findings import Findings
from provision_map.read.places.area import Area
from provision_map.read.postcodes.file import open_lists
from provision_map.read.postcodes.search import Found, find_slips, look_up
from provision_map.read.postcodes.text import Postcode, read_postcode
from provision_map.read.settings import PostcodesSettings
from provision_map.schema.wording import count_of, list_some

#: A position further than this from its own postcode is likely a slip. Metres.
FAR = 2_000.0

_MOST_NAMED = 3

_FILLED = ("easting", "northing", "location_accuracy", "place_id", "position_from", "no_position")

_MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August", "September",
           "October", "November", "December")  # fmt: skip
_YEAR_MONTH = 6

_GIVE = "give a position, the code of its place, or the area it comes to."


def locate_postcodes(
    services: pd.DataFrame, folder: InputFolder, settings: PostcodesSettings | None, area: Area
) -> pd.DataFrame:
    """Return the services with positions from their postcodes where they give no other.

    Args:
        services: typed, of all origins. A column ``within`` (metres) marks rows of a register:
            those far from our places are not spoken of, for they will not be used.
        folder: the exercise folder.
        settings: the lists; None: there are none.
        area: the places, for their codes and the system.

    Returns:
        A copy with easting, northing, location_accuracy and place_id filled, and two columns more:
        ``position_from`` ("given", "postcode", "part of a postcode", "" for neither) and
        ``no_position``, for a service in no place that has a postcode: what is wrong and the mend, or
        nothing where that has been told of the list.

    """
    given = _are_given(services)
    out = services.assign(
        position_from=pd.Series(np.where(given, "given", ""), index=services.index, dtype=object),
        no_position=pd.Series([None] * len(services), index=services.index, dtype=object),
    )
    filled: dict[str, list[Any]] = {name: out[name].tolist() for name in _FILLED}
    asked = _ask(out)
    if settings is None:
        for n, code in asked.items():
            what = (
                f"This is a service in no place: nothing says where its postcode {code.shown} is."
            )
            mend = f"Name a list of postcodes: file in [postcodes] of provision.toml; or {_GIVE}"
            filled["no_position"][n] = (what, mend)
    elif asked:
        lists = [open_lists(folder, file, settings.columns) for file in settings.files]
        known = [each for each in lists if each is not None]
        if known and area.target is not None:
            found = look_up(set(asked.values()), known, area)
            slips = find_slips({c for c in asked.values() if c not in found}, known)
            for each in known:
                each.record()
            _Teller(out, filled, area, folder.findings, slips).tell(asked, found)
        else:
            # That there is no list has been told; a postcode is not to be blamed for it.
            for n in asked:
                filled["no_position"][n] = ()
    columns = {
        name: pd.Series(cells, index=out.index, dtype=out[name].dtype)
        for name, cells in filled.items()
    }
    return out.assign(**columns)


def _are_given(services: pd.DataFrame) -> pd.Series[bool]:
    """Say of each service whether something stands in a column of the position."""
    given = pd.Series(data=False, index=services.index)
    for name in ("easting", "northing", "longitude", "latitude"):
        given |= services[f"{name}_said"] == "given"
    return given


def _ask(services: pd.DataFrame) -> dict[int, Postcode]:
    """Return the postcode of each service that has one, by its position in the frame.

    A register that gives a position of its own is not checked against its postcodes.
    """
    within = services.get("within", pd.Series(np.nan, index=services.index)).notna()
    texts = zip(services["postcode"], services["position_from"], within, strict=True)
    asked = {}
    for n, (text, position, listed) in enumerate(texts):
        if text and not (position == "given" and listed):
            code = read_postcode(text)
            asked[n] = code if code.part != "none" else Postcode(text, "none")
    return asked


@dataclass
class _Teller:
    """Fills what was found into columns of the services, and tells what people should know of it."""

    services: pd.DataFrame
    filled: dict[str, list[Any]]
    area: Area
    findings: Findings
    slips: Mapping[Postcode, tuple[str, ...]]

    def tell(self, asked: Mapping[int, Postcode], found: Mapping[Postcode, Found]) -> None:
        """Go through the services, then say how precise the positions are."""
        heard = self._heard(asked, found)
        used: dict[str, list[float]] = {}
        rows = list(cells(self.services, "place_id", "service_area", "position_from"))
        for n, code in asked.items():
            file, row, (place, comes_to, position) = rows[n]
            here = found.get(code)
            if here is None:
                self._tell_nowhere(n, code, placed=bool(place or comes_to or position))
            elif position == "given":
                self._tell_far(n, code, here)
            elif not here.has_position and (here.nowhere or not here.place):
                self._tell_no_position(n, code, here, placed=bool(place or comes_to))
            elif heard[n] and not self._is_here(here) and not self._is_listed(n):
                self._tell_outside(n, code, placed=bool(place or comes_to))
            else:
                self._use(n, code, here)
                if heard[n]:
                    self._tell_used(file, row, code, here)
                    if here.has_position:
                        used.setdefault(file, []).append(here.metres)
        for file, metres in used.items():
            self._sum_up(file, metres)

    def _heard(
        self, asked: Mapping[int, Postcode], found: Mapping[Postcode, Found]
    ) -> dict[int, bool]:
        """Say of which services people should hear: not of a register's rows far from ours."""
        limits = self.services.get("within", pd.Series(np.nan, index=self.services.index))
        heard: dict[int, bool] = {}
        for metres in set(limits.iloc[list(asked)].dropna()):
            rows = [n for n in asked if limits.iloc[n] == metres]
            here = [found.get(asked[n], Found()) for n in rows]
            x, y = (np.array([getattr(h, name) for h in here], dtype=float) for name in "xy")
            near = are_near(x, y, self.area, metres=metres)
            heard |= dict(zip(rows, map(bool, near), strict=True))
        return {n: heard.get(n, True) for n in asked}

    def _is_listed(self, n: int) -> bool:
        return "within" in self.services and bool(pd.notna(self.services["within"].iloc[n]))

    def _is_here(self, here: Found) -> bool:
        return not here.has_position or self.area.box is None or self.area.box.holds(here.x, here.y)

    def _note(self, n: int, what: str, mend: str = "") -> None:
        file, row, _ = next(iter(cells(self.services.iloc[[n]], "service_id")))
        self.findings.note(file, what, mend, row=row, column="postcode")

    def _tell(self, n: int, what: str, mend: str, *, placed: bool) -> None:
        """Note it, or keep it for the problem that the service is in no place."""
        if placed:
            if not self._is_listed(n):
                self._note(n, what, mend)
            return
        start = what[0].lower() + what[1:] if what.startswith("Its") else what
        whole = f"This is a service in no place: {start}"
        self.filled["no_position"][n] = (whole, f"{mend} Or {_GIVE}".strip())

    def _tell_nowhere(self, n: int, code: Postcode, *, placed: bool) -> None:
        near = self.slips.get(code, ())
        if code.part == "none":
            what = f"Its postcode {code.key[:40]!r} is none as people write them."
        elif code.part == "unit":
            what = f"Its postcode {code.shown} is not in the list of postcodes."
        else:
            what = f"No postcode of the list begins with {code.shown}."
        mend = "Correct it."
        if near:
            more = " …" if len(near) > _MOST_NAMED else ""
            mend = f"Did you mean {', '.join(near[:_MOST_NAMED])}{more}?"
        self._tell(n, what, mend, placed=placed)

    def _tell_no_position(self, n: int, code: Postcode, here: Found, *, placed: bool) -> None:
        ended = f", which ended in {say_month(here.ended)}," if here.ended else ""
        what = (
            f"Its postcode {code.shown}{ended} has no position: it is of a PO box or a large user."
        )
        self._tell(n, what, "Give the postcode of the site.", placed=placed)

    def _tell_outside(self, n: int, code: Postcode, *, placed: bool) -> None:
        what = f"Its postcode {code.shown} lies outside the area, more than 20 km from any place."
        self._tell(n, what, "Check it.", placed=placed)

    def _tell_far(self, n: int, code: Postcode, here: Found) -> None:
        at = self.services.iloc[n]
        x, y = float(at["easting"]), float(at["northing"])
        if not np.isfinite([x, y]).all() and self.area.target is not None:
            lon, lat = float(at["longitude"]), float(at["latitude"])
            east, north = project([lon], [lat], source=WGS84, target=self.area.target)
            x, y = float(east[0]), float(north[0])
        metres = np.hypot(x - here.x, y - here.y)
        slack = here.metres + float(np.nan_to_num(at["location_accuracy"]))
        if np.isfinite(metres) and metres > FAR + slack:
            what = f"The position lies {metres / 1000:,.1f} km from its postcode {code.shown}; the position was used."
            self._note(n, what, "Check which of the two is right.")

    def _use(self, n: int, code: Postcode, here: Found) -> None:
        filled = self.filled
        if here.has_position:
            filled["easting"][n], filled["northing"][n] = here.x, here.y
            whole = code.part == "unit"
            filled["position_from"][n] = "postcode" if whole else "part of a postcode"
            if np.isnan(filled["location_accuracy"][n]):
                filled["location_accuracy"][n] = here.metres
        if here.place and not filled["place_id"][n]:
            filled["place_id"][n] = here.place

    def _tell_used(self, file: str, row: int, code: Postcode, here: Found) -> None:
        if code.part != "unit":
            what = f"{code.shown} is only part of a postcode: the middle of its {count_of(here.members, 'postcode')} stands for it, within {here.metres:,.0f} m."
            mend = "Give the whole postcode."
            self.findings.note(file, what, mend, row=row, column="postcode")
        elif here.ended:
            what = f"{code.shown} ended in {say_month(here.ended)}: its last position was used."
            mend = "Is the record old, or the postcode?"
            self.findings.note(file, what, mend, row=row, column="postcode")

    def _sum_up(self, file: str, metres: list[float]) -> None:
        steps = [f"{metres.count(step)} within {step:,.0f} m" for step in sorted(set(metres))]
        stand = count_of(len(metres), "service stands", "services stand")
        what = (
            f"{stand} at the position of its postcode: "
            if len(metres) == 1
            else f"{stand} at the position of their postcode: "
        )
        self.findings.note(file, f"{what}{list_some(steps)}.", column="postcode")


def say_month(text: str) -> str:
    """Say a year and month as the lists write them.

    >>> say_month("199512"), say_month("1995")
    ('December 1995', '1995')
    """
    digits = text.strip()
    if len(digits) == _YEAR_MONTH and digits.isdigit() and 1 <= int(digits[4:]) <= len(_MONTHS):
        return f"{_MONTHS[int(digits[4:]) - 1]} {digits[:4]}"
    return digits[:20]

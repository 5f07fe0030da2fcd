"""What kind of area a column of codes is of, and of which census: told by the codes themselves.

The codes of the Office for National Statistics begin with a kind of area and count on. When an
area is changed at a census, its parts get new numbers and the old code is never used again; areas
that stay as they are keep theirs. Two tables of different censuses therefore share most codes, and
only the changed ones betray them.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from provision_map.read.files.typed import Ours
from provision_map.read.findings import Findings, list_some
from provision_map.schema.wording import count_of

_CODE = re.compile(r"[EW]\d{8}")

#: By the start of a code, what it is a code of.
_KINDS = {
    "E00": "output area", "E01": "LSOA", "E02": "MSOA", "E04": "parish", "E05": "ward",
    "E06": "unitary authority", "E07": "district", "E08": "metropolitan district",
    "E09": "London borough", "E10": "county", "E12": "region",
    "W00": "output area", "W01": "LSOA", "W02": "MSOA", "W04": "community", "W05": "ward",
    "W06": "unitary authority",
}  # fmt: skip

#: The last number of each census; codes above it did not exist yet. Above the last: 2021.
_LAST = {
    "E00": ((2001, 165_665), (2011, 176_774)),
    "E01": ((2001, 32_482), (2011, 33_768)),
    "E02": ((2001, 6_781), (2011, 6_934)),
    "W01": ((2001, 1_896), (2011, 1_958)),
}

#: Censuses that a vintage may be stated of.
CENSUSES = (2001, 2011, 2021)

_STATED = re.compile(r"\b(20[012]1)\b")


@dataclass(frozen=True)
class Vintage:
    """What codes look like.

    Attributes:
        kind: of area: "LSOA", "ward"; "" where the codes are no codes of this kind.
        census: the census that brought in the newest of them; None where numbers do not tell. An
            area that never changed has the code of 2001 in every census: 2001 is "2001 or later".

    """

    kind: str
    census: int | None = None

    def say(self) -> str:
        """Say it as people do.

        >>> Vintage("LSOA", 2021).say(), Vintage("ward").say(), Vintage("LSOA", 2001).say()
        ('LSOAs of 2021', 'wards', 'LSOAs of 2001')
        """
        if not self.kind:
            return "codes of no kind known here"
        plural = {"parish": "parishes", "county": "counties", "community": "communities"}
        many = plural.get(self.kind) or self.kind.replace("authority", "authoritie") + "s"
        return many if self.census is None else f"{many} of {self.census}"


def look_at(codes: Iterable[str]) -> Vintage:
    """Tell the kind of area of the most of some codes, and the census of the newest of these.

    >>> look_at(["E01022276", "E01034791"])
    Vintage(kind='LSOA', census=2021)
    >>> look_at(["E05004363"]), look_at(["Matson", "Podsmead"])
    (Vintage(kind='ward', census=None), Vintage(kind='', census=None))

    """
    known = [code for code in codes if _CODE.fullmatch(code) and code[:3] in _KINDS]
    if not known:
        return Vintage("")
    # Of kinds that are as many, the first in order: never a matter of chance.
    counts = Counter(_KINDS[code[:3]] for code in known)
    kind = min(counts, key=lambda name: (-counts[name], name))
    censuses = [census_of(code) for code in known if _KINDS[code[:3]] == kind]
    told = [census for census in censuses if census is not None]
    return Vintage(kind, max(told) if told else None)


def census_of(code: str) -> int | None:
    """Return the census that brought in a code; None where its number does not tell.

    >>> census_of("E01022337"), census_of("E01032933"), census_of("E01034797"), census_of("E05004363")
    (2001, 2011, 2021, None)

    """
    if not _CODE.fullmatch(code) or code[:3] not in _LAST:
        return None
    number = int(code[3:])
    return next((census for census, last in _LAST[code[:3]] if number <= last), 2021)


def stated_vintage(said: str) -> Vintage | None:
    """Read what the settings state: "LSOA 2011", "output areas 2021", "wards"; None: not understood.

    >>> stated_vintage("LSOA 2011"), stated_vintage("Output Areas, 2021"), stated_vintage("hexagons")
    (Vintage(kind='LSOA', census=2011), Vintage(kind='output area', census=2021), None)

    """
    year = _STATED.search(said)
    words = " ".join(re.findall(r"[a-z]+", said.casefold()))
    words = words.replace("parishes", "parish").replace("lower layer super output area", "lsoa")
    words = words.replace("middle layer super output area", "msoa")
    kinds = sorted(set(_KINDS.values()), key=len, reverse=True)
    kind = next((kind for kind in kinds if kind.casefold() in words), None)
    kind = "output area" if kind is None and words.split()[:1] in (["oa"], ["oas"]) else kind
    return None if kind is None else Vintage(kind, int(year[1]) if year else None)


def check_stated(codes: Collection[str], said: str, *, column: str, findings: Findings) -> None:
    """Check codes of places against the vintage that the settings state in ``column``."""
    stated, found = stated_vintage(said), look_at(codes)
    file = "provision.toml"
    if stated is None:
        what = f"{said!r} is no vintage known here."
        mend = 'Write a kind of area and a census: "LSOA 2011", "output area 2021", "MSOA 2001".'
        findings.problem(file, what, mend, column=column)
    elif codes and stated.kind != found.kind:
        what = (
            f"The places are said to be {stated.say()}, but their codes are those of {found.say()}."
        )
        findings.problem(file, what, "Correct one of the two.", column=column)
    elif stated.census is not None and (found.census or 0) > stated.census:
        newer = sorted(code for code in codes if (census_of(code) or 0) > stated.census)
        what = (
            f"The places are said to be {stated.say()}, but {count_of(len(newer), 'code')} came in "
            f"later: {list_some(newer)}."
        )
        findings.problem(file, what, "Correct one of the two.", column=column)


@dataclass(frozen=True)
class Where:
    """Where codes stand: the table, its column, and the settings that could name a lookup.

    ``section`` is None where no lookup can be named, or one is named already.
    """

    file: str
    column: str
    section: str | None = None


def is_another_vintage(
    codes: Collection[str], ours: Ours, where: Where, findings: Findings
) -> bool:
    """Whether a table about our places is of other areas than they are; then it is a Problem.

    Areas that did not change have the same code in both, and would be joined in silence with none
    for those that did: a mixture. It is told where places are missing from the table and its codes
    are of another kind or census than theirs, or where none of the places is in it at all.

    Args:
        codes: every code of the table, also of places that are not ours.
        ours: our places.
        where: the codes stand.
        findings: takes the Problem.

    """
    places, given = ours.ids or frozenset(), frozenset(codes) - {""}
    missing = sorted(places - given)
    if not missing or not given:
        return False
    here, there = look_at(places), look_at(given)
    if ours.census is not None and here.kind == "LSOA":
        here = Vintage(here.kind, ours.census)
    differ = bool(here.kind and there.kind) and here != there
    if differ and here.kind == there.kind and _is_older(there, here):
        # An older table lacks the newer codes, and no others: else it is just not complete.
        differ = all(_is_later(code, there) for code in missing)
    if not differ and not (len(missing) == len(places) and (there.kind or here.kind)):
        return False
    strangers = sorted(code for code in given if here.kind == there.kind and _is_later(code, here))
    look = (
        f"The codes look like {there.say()}, those of the places like {here.say()}"
        if differ
        else f"The codes look like {there.say()}, but are not those of the places"
    )
    matching = len(places) - len(missing)
    are = f"is in it, {list_some(missing, 3)} {'is' if len(missing) == 1 else 'are'} not"
    what = f"{look}: none of the {len(places):,} places is in it"
    if matching:
        what = f"{look}: {matching:,} of the {len(places):,} places {are if matching == 1 else are.replace('is in', 'are in', 1)}"
    what += f"; it has {list_some(strangers, 3)}." if strangers else "."
    mend = "Use a table of the same areas as the places"
    if where.section is not None:
        ask = 'lookup = { file = "…", from = "…", to = "…" }'
        mend += f", or name the lookup to them: {ask} in [{where.section}]"
    mend = f"{mend}. If rows are just missing, add them."
    findings.problem(where.file, what, mend, column=where.column)
    return True


def _is_later(code: str, than: Vintage) -> bool:
    """Whether a code came in with a census later than that of a vintage."""
    census = census_of(code)
    return than.census is not None and census is not None and census > than.census


def _is_older(one: Vintage, other: Vintage) -> bool:
    return one.census is not None and other.census is not None and one.census < other.census

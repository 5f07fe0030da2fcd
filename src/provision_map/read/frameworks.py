"""The framework of an exercise: shipped Offers, or a partnership's own TOML files."""

from __future__ import annotations

import math
import tomllib
from collections.abc import Mapping
from dataclasses import replace
from importlib import resources
from typing import Any, get_args

from provision_map import frameworks as shipped
from provision_map.errors import DataError
from provision_map.model import Framework, Unit
from provision_map.read.files.text import InputFolder
from provision_map.read.findings import Findings
from provision_map.read.settings import SETTINGS_FILE, Settings
from provision_map.read.toml import LARGEST_TOML, parse_toml
from provision_map.schema import Spelling

#: Begins the key of a standard in the settings.
_STANDARDS = "standards."

#: The parts of a standard that are numbers.
_NUMBERS = ("need", "metres", "catchment_metres", "kappa")


def read_framework(folder: InputFolder, settings: Settings) -> Framework | None:
    """Load the framework that the settings ask for, or None with the Problems that forbid it.

    A local Offer or table of communities is loaded by itself first, so that a fault in it is
    told with the name of its file.
    """
    before = len(folder.findings.problems)
    offers: dict[str, str] = {}
    for name in settings.frameworks.offers:
        if name in shipped.OFFERS:
            path = resources.files("provision_map.frameworks") / f"{name}.toml"
            offers[name] = path.read_text(encoding="utf-8")
        elif name.endswith(".toml"):
            text = _read_local(folder, name)
            if text is not None and _try_offer(name, text, folder.findings):
                offers[name] = text
        else:
            mend = "Use a path of a TOML file, or one of: " + ", ".join(shipped.OFFERS) + "."
            mend = f"{Spelling(shipped.OFFERS).ask(name)} {mend}".strip()
            what = f"{name!r} is no Offer known here."
            folder.findings.problem(SETTINGS_FILE, what, mend, column="frameworks.offers")
    communities = None
    if settings.frameworks.communities is not None:
        communities = _read_local(folder, settings.frameworks.communities)
        if communities is not None:
            _try_communities(settings.frameworks.communities, communities, folder.findings)
            _note_classified(settings, communities, folder.findings)
    if len(folder.findings.problems) > before:
        return None
    try:
        return shipped.load_framework(
            offers=offers,
            communities=communities,
            overrides=settings.standards,
            classification=_classification_of(settings),
        )
    except DataError as error:
        folder.findings.problems.extend(error.problems)
    try:
        # Without the changed standards the codes can still be checked against.
        return shipped.load_framework(
            offers=offers, communities=communities, classification=_classification_of(settings)
        )
    except DataError:
        return None


def _note_classified(settings: Settings, communities: str, findings: Findings) -> None:
    """Note that ethnic groups of our own give way to those of a classification that is stated."""
    file = settings.frameworks.communities
    if file and _classification_of(settings) and "ethnic" in tomllib.loads(communities):
        what = (
            "Its ethnic groups give way to those of the classification in [people.ethnic_groups]."
        )
        findings.note(file, what, column="ethnic")


def _classification_of(settings: Settings) -> str | None:
    """Return the classification whose groups the exercise counts, if it is stated."""
    groups = settings.people.ethnic_groups
    return None if groups is None else groups.fold or groups.classification


def _read_local(folder: InputFolder, name: str) -> str | None:
    data = folder.read_bytes(name, largest=LARGEST_TOML)
    if data is None or parse_toml(data, file=name, problems=folder.findings.problems) is None:
        return None
    return data.decode("utf-8-sig")


def _try_offer(name: str, text: str, findings: Findings) -> bool:
    wrong, span = [], 0
    try:
        rows = tomllib.loads(text).get("element", ())
        wrong = [str(row["id"]) for row in rows if not _is_sound(row["standard"])]
        if not wrong:
            loaded = shipped.load_framework(offers={name: text}).offers[0]
            span = loaded.maximum_age - loaded.minimum_age
    except DataError as error:
        # Codes that depend on other Offers are checked when all are loaded together; a standard
        # that cannot be tested is mended here, not in the settings.
        mine = [p for p in error.problems if (p.column or "").startswith(_STANDARDS)]
        findings.problems.extend(
            replace(p, file=name, column=(p.column or "").removeprefix(_STANDARDS)) for p in mine
        )
        return not mine
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        what = f"This is not an Offer as the software knows it: {_explain(error)}."
        findings.problem(name, what, "Compare it with youth_offer.toml.")
        return False
    for element in wrong:
        what = "The standard has a unit or a number that cannot be."
        findings.problem(name, what, "Compare it with youth_offer.toml.", column=element)
    if span < 0:
        what = "The ages are the wrong way round."
        findings.problem(name, what, "Swap them.", column="minimum_age")
    return not wrong and span >= 0


def _explain(error: Exception) -> str:
    """Say what a loader stumbled over; a KeyError says no more than the key."""
    return f"{error} is missing" if isinstance(error, KeyError) else str(error)


def _is_sound(standard: Mapping[str, Any]) -> bool:
    """Whether the parts of a standard that are there are of a kind that can be compared."""
    numbers = [standard[part] for part in _NUMBERS if part in standard]
    numbers += standard.get("type_metres", {}).values()
    return standard.get("unit") in (None, *get_args(Unit)) and all(
        isinstance(n, int | float) and not isinstance(n, bool) and math.isfinite(n) and n >= 0
        for n in numbers
    )


def _try_communities(name: str, text: str, findings: Findings) -> None:
    try:
        parsed = tomllib.loads(text)
        if not all(isinstance(parsed.get(kind, []), list) for kind in ("ethnic", "priority")):
            raise TypeError("[[ethnic]] and [[priority]] are lists of tables")  # noqa: TRY301
        found = shipped.load_framework(communities=text).communities
        ids = [community.id for community in found]
        names = [community.name for community in found]
        texts = all(isinstance(said, str) and said for said in (*ids, *names))
    except (DataError, KeyError, TypeError, ValueError, AttributeError) as error:
        what = f"These are not communities as the software knows them: {_explain(error)}."
        findings.problem(name, what, "Compare it with communities.toml.")
        return
    if not texts or len(set(ids)) < len(ids) or {"everyone", "bme", "none", "all"} & set(ids):
        what = "Each community needs a code of its own and a name; everyone, bme, none and all are taken."
        findings.problem(name, what, "Compare it with communities.toml.")

"""The frameworks that provision is held against: TOML files, and the loader that checks them.

A council adds its own Offer or overrides a standard without touching Python: see
:func:`load_framework`.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import replace
from importlib import resources
from typing import Any

from provision_map.errors import DataError, Problem
from provision_map.frameworks.ethnic_groups import load_classification
from provision_map.frameworks.sound import list_faults
from provision_map.model import Aim, Community, Element, Framework, Offer, Outcome, Standard

#: Frameworks that come with the software, by the name used in provision.toml.
OFFERS = ("youth_offer", "offer_5_13")

#: What provision.toml may override of a standard, besides the reason that must come with it.
OVERRIDABLE = (
    "need",
    "metres",
    "type_metres",
    "catchment_metres",
    "kappa",
    "quality",
    "imd_deciles",
    "minutes",
    "required",
    "levels",
)


def load_framework(
    *,
    offers: Mapping[str, str] | tuple[str, ...] = OFFERS,
    communities: str | None = None,
    overrides: Mapping[str, Mapping[str, Any]] | None = None,
    file: str = "provision.toml",
    classification: str | None = None,
) -> Framework:
    """Load outcomes, Offers and communities, with a partnership's own standards.

    Args:
        offers: names of Offers that come with the software, or a mapping of name to TOML text.
        communities: TOML text that replaces the communities that come with the software.
        overrides: by element code, the parts of its standard that differ, with a ``reason``.
        file: name that problems of the overrides carry.
        classification: of ethnic groups, whose groups take the place of those of the communities.

    Raises:
        DataError: an unknown code, an override without its reason, an element that maps nowhere.

    >>> framework = load_framework()
    >>> [len(offer.elements) for offer in framework.offers]
    [12, 13]
    >>> sum(1 for o in framework.outcomes for a in o.aims if a.kind == "aim")
    25

    """
    outcomes = _outcomes(tomllib.loads(_shipped("ecm")))
    texts = offers if isinstance(offers, Mapping) else {name: _shipped(name) for name in offers}
    loaded = tuple(_offer(tomllib.loads(text)) for text in texts.values())
    groups = tomllib.loads(communities or _shipped("communities"))
    framework = Framework(
        outcomes, loaded, _communities(groups), groups.get("bme_name", Framework.bme_name)
    )
    if classification is not None:
        framework = _classify(framework, classification)
    problems = _check(framework)
    framework, wrong = _override(framework, overrides or {}, file)
    problems += [
        Problem(file, None, f"standards.{e.id}", what, "Correct the standard.")
        for e in framework.elements.values()
        for what in list_faults(e.standard)
    ]
    if problems or wrong:
        raise DataError([*problems, *wrong])
    return framework


def _shipped(name: str) -> str:
    if name not in (*OFFERS, "ecm", "communities"):
        problem = Problem(
            "provision.toml",
            None,
            "offers",
            f"{name!r} is no Offer known here.",
            "Use one of: " + ", ".join(OFFERS) + ".",
        )
        raise DataError([problem])
    return (resources.files(__package__) / f"{name}.toml").read_text(encoding="utf-8")


def _outcomes(data: Mapping[str, Any]) -> tuple[Outcome, ...]:
    outcomes = []
    for row in data["outcome"]:
        aims = [Aim(f"{row['id']}{n}", name) for n, name in enumerate(row["aims"], start=1)]
        aims.append(Aim(f"{row['id']}{len(aims) + 1}", row["parent"], "parent"))
        outcomes.append(Outcome(row["id"], row["name"], tuple(aims)))
    return tuple(outcomes)


def _offer(data: Mapping[str, Any]) -> Offer:
    windows = {
        name: tuple(
            (day, start, end) for first, last, start, end in spans for day in range(first, last + 1)
        )
        for name, spans in data.get("windows", {}).items()
    }
    elements = []
    for row in data["element"]:
        rules = dict(row["standard"])
        rules["windows"] = windows[rules["windows"]] if "windows" in rules else ()
        for plural in ("ours", "imd_deciles", "required"):
            rules[plural] = tuple(rules.get(plural, ()))
        elements.append(
            Element(
                row["id"],
                row["name"],
                tuple(row["aims"]),
                Standard(**rules),
                tuple(row.get("maps_to", ())),
            )
        )
    return Offer(
        data["id"],
        data["name"],
        data["minimum_age"],
        data["maximum_age"],
        tuple(elements),
        data.get("extended_to"),
        tuple(data.get("extended_for", ())),
    )


def _communities(data: Mapping[str, Any]) -> tuple[Community, ...]:
    found = []
    for kind in ("ethnic", "priority"):
        for row in data.get(kind, ()):
            fields: dict[str, Any] = {
                k: tuple(v) if isinstance(v, list) else v for k, v in row.items()
            }
            if kind == "ethnic":
                fields["minority"] = row["id"] != data["majority"]
            found.append(Community(kind=kind, **fields))
    return tuple(found)


def _classify(framework: Framework, name: str) -> Framework:
    """Put the ethnic groups of a classification in the place of those of the communities."""
    found = load_classification(name)
    communities = (*found.groups, *framework.priority_communities)
    return replace(framework, communities=communities, bme_name=found.bme_name)


def _check(framework: Framework) -> list[Problem]:
    problems: list[Problem] = []
    youth = {e.id for offer in framework.offers for e in offer.elements if not e.maps_to}
    for offer in framework.offers:
        for element in offer.elements:
            wrong = [code for code in element.aims if code not in framework.codes]
            wrong += [code for code in element.maps_to if youth and code not in youth]
            problems.extend(
                Problem(
                    f"{offer.id}.toml",
                    None,
                    element.id,
                    f"{code!r} is no code known here.",
                    "Use a code of the outcomes or of the Youth Offer.",
                )
                for code in wrong
            )
    return problems


def _override(
    framework: Framework, overrides: Mapping[str, Mapping[str, Any]], file: str
) -> tuple[Framework, list[Problem]]:
    problems = []
    for code, changes in overrides.items():
        column = f"standards.{code}"
        if code not in framework.elements:
            mend = "Use one of: " + ", ".join(framework.elements) + "."
            problems.append(Problem(file, None, column, f"{code!r} is no element.", mend))
        if not str(changes.get("reason", "")).strip():
            mend = 'Add reason = "…": who agreed it, and why.'
            problems.append(Problem(file, None, column, "A changed standard needs a reason.", mend))
        problems.extend(
            Problem(
                file,
                None,
                f"{column}.{key}",
                "This part of a standard cannot be changed here.",
                "Use one of: " + ", ".join(OVERRIDABLE) + ".",
            )
            for key in changes
            if key not in (*OVERRIDABLE, "reason")
        )
        element = framework.elements.get(code)
        if element is not None and element.standard.unit == "types" and "metres" in changes:
            what = "Each type of space has a distance of its own; metres changes nothing here."
            problems.append(Problem(file, None, f"{column}.metres", what, "Change type_metres."))
    if problems:
        return framework, problems
    offers = tuple(
        replace(offer, elements=tuple(_changed(e, overrides.get(e.id)) for e in offer.elements))
        for offer in framework.offers
    )
    return replace(framework, offers=offers), []


def _changed(element: Element, changes: Mapping[str, Any] | None) -> Element:
    if not changes:
        return element
    values: dict[str, Any] = {k: tuple(v) if isinstance(v, list) else v for k, v in changes.items()}
    reason = values.pop("reason")
    source = f"{element.standard.source}; changed locally: {reason}"
    return replace(element, standard=replace(element.standard, **values, source=source))

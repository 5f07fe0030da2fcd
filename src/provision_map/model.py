"""What comes in dozens and carries meaning: outcomes, Offers, elements, standards, communities."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

#: Begins the code of a merged community: every ethnic group but those named after it.
ALL_BUT = "all_but:"

#: What is counted against a standard's need.
#: hours: half-hours of the week · days: weekdays · holidays: school holidays ·
#: types: types of space, each at its own distance · any: at least one.
Unit = Literal["hours", "days", "holidays", "types", "any"]


@dataclass(frozen=True)
class Aim:
    """An aim of an outcome. ``kind`` is "parent" for the statement on parents and carers."""

    id: str
    name: str
    kind: Literal["aim", "parent"] = "aim"


@dataclass(frozen=True)
class Outcome:
    """One of the five Every Child Matters outcomes, with its five aims."""

    id: str
    name: str
    aims: tuple[Aim, ...]


@dataclass(frozen=True)
class Standard:
    """The test that an element sets.

    Attributes:
        unit: what is counted.
        need: how much of it must be in reach: hours a week, days, holidays, types, or 1.
        metres: walking distance within which it must be; for ``types`` see ``type_metres``.
        type_metres: walking distance for each type of space.
        minutes: by mode of travel other than walking, the longest way there. A mode that is not
            named has as many minutes as the walk: ``metres`` at 80 m a minute.
        required: bits that must be among those reached, whatever their number: a holiday or a
            type of space by name, a weekday by name for ``days``.
        levels: named needs beside the one tested, as ``standard`` and ``stretch``; reported, not
            tested.
        windows: (weekday number 0-6, start hour, end hour) outside which time does not count;
            empty: any time counts.
        catchment_metres: how far children come to a site, for the capacity test. A parameter of
            the supply model, deliberately not tied to ``metres``.
        kappa: share of eligible children that the supply must be able to meet at once; None: the
            element has no capacity test.
        quality: whether reached provision must also be of known, sufficient quality.
        imd_deciles: where set, the element is due only in places of these deprivation deciles.
        source: where the standard comes from.
        ours: the parts that are this project's default, not a published figure.

    """

    unit: Unit
    need: float
    metres: float
    source: str
    type_metres: dict[str, float] = field(default_factory=dict)
    windows: tuple[tuple[int, float, float], ...] = ()
    catchment_metres: float = 2000.0
    kappa: float | None = None
    quality: bool = True
    imd_deciles: tuple[int, ...] = ()
    ours: tuple[str, ...] = ()
    minutes: dict[str, float] = field(default_factory=dict)
    required: tuple[str, ...] = ()
    levels: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Element:
    """One line of an Offer. ``aims`` are ECM aim codes; ``maps_to`` are Youth Offer elements."""

    id: str
    name: str
    aims: tuple[str, ...]
    standard: Standard
    maps_to: tuple[str, ...] = ()

    @property
    def outcomes(self) -> tuple[str, ...]:
        """Codes of the outcomes that its aims belong to, each once.

        >>> Element("Y", "…", ("EA4", "PC3", "PC4"), Standard("any", 1, 0, "")).outcomes
        ('EA', 'PC')
        """
        return tuple(dict.fromkeys(aim[:2] for aim in self.aims))


@dataclass(frozen=True)
class Offer:
    """A promise to children of certain ages, both ends inclusive.

    ``extended_to`` is the last age for the communities named in ``extended_for``.
    """

    id: str
    name: str
    minimum_age: int
    maximum_age: int
    elements: tuple[Element, ...]
    extended_to: int | None = None
    extended_for: tuple[str, ...] = ()

    def ages(self, community_id: str = "everyone") -> range:
        """Ages that the Offer is for.

        >>> list(Offer("y", "Youth Offer", 13, 19, (), 24, ("disabled",)).ages("disabled"))[-1]
        24
        """
        last = self.maximum_age
        if self.extended_to is not None and community_id in self.extended_for:
            last = self.extended_to
        return range(self.minimum_age, last + 1)


@dataclass(frozen=True)
class Community:
    """A group of people whom provision may reach or miss.

    Attributes:
        kind: "ethnic" groups partition the residents and have small-area counts; "priority"
            communities have none, and are never spread over places.
        level: for ethnic groups, the broad group it belongs to.
        minority: for ethnic groups, whether it belongs to BME (all but the majority).
        tests: what provision must offer for this community, beyond being open to it:
            access, language, cost, information.
        access_features: with the access test, the features that must all be in place.
        languages: with the language test, one of these must be spoken.
        maximum_cost: with the cost test, the most one visit may cost, in £.

    """

    id: str
    name: str
    kind: Literal["ethnic", "priority"]
    level: str = ""
    minority: bool = False
    tests: tuple[str, ...] = ()
    access_features: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    maximum_cost: float = 0.0
    definition: str = ""


@dataclass(frozen=True)
class GapRules:
    """Settings of the gap finder; every one can be changed in provision.toml.

    Attributes:
        flag: a cell is flagged where this share of its children is certainly not covered.
        city_wide: an age is city-wide where this share of its children is in flagged cells.
        smallest: children; a stretch with fewer goes to the residual.
        border_metres: places touch when their shared border is longer.
        community_excess: a community is flagged where its rate exceeds everyone's by this.
        community_smallest: excess children; below, a gap is listed without figures.
        false_discovery: level of the Benjamini-Hochberg guard on small counts.
        main_share: the cause that holds this share names the gap.

    """

    flag: float = 0.5
    city_wide: float = 0.8
    smallest: float = 50.0
    border_metres: float = 100.0
    community_excess: float = 0.25
    community_smallest: float = 10.0
    false_discovery: float = 0.05
    main_share: float = 0.6


@dataclass(frozen=True)
class PriorityRules:
    """Weights of the three parts (as exponents), and the seeded draws for the band of ranks."""

    size: float = 1.0
    need: float = 1.0
    severity: float = 1.0
    draws: int = 500
    seed: int = 1


@dataclass(frozen=True)
class Framework:
    """Everything a run holds provision against."""

    outcomes: tuple[Outcome, ...]
    offers: tuple[Offer, ...]
    communities: tuple[Community, ...]
    bme_name: str = "BME (all but White British)"

    @property
    def elements(self) -> dict[str, Element]:
        """Every element by its code."""
        return {e.id: e for offer in self.offers for e in offer.elements}

    @property
    def offer_of(self) -> dict[str, Offer]:
        """The Offer by the code of an element."""
        return {e.id: offer for offer in self.offers for e in offer.elements}

    @property
    def codes(self) -> set[str]:
        """Every code of an outcome or an aim."""
        return {o.id for o in self.outcomes} | {a.id for o in self.outcomes for a in o.aims}

    @property
    def majority(self) -> str:
        """Code of the ethnic group that BME leaves out; "" where there are no groups."""
        return next((c.id for c in self.ethnic_groups if not c.minority), "")

    def members(self, community_id: str) -> tuple[str, ...]:
        """Codes of the communities that a merged one stands for: ``bme``, ``all_{level}``, ``all_but:{groups}``.

        Any other code stands for itself.
        """
        groups = self.ethnic_groups
        if community_id == "bme":
            return tuple(c.id for c in groups if c.minority)
        if community_id.startswith(ALL_BUT):
            spared = community_id.removeprefix(ALL_BUT).split("+")
            return tuple(c.id for c in groups if c.id not in spared)
        if community_id.startswith("all_"):
            return tuple(c.id for c in groups if f"all_{c.level.lower()}" == community_id)
        return (community_id,)

    def community_name(self, community_id: str) -> str:
        """Name of a community, of ``everyone``, of ``bme`` or of a merged level."""
        if community_id == "everyone":
            return "everyone"
        if community_id == "bme":
            return self.bme_name
        if community_id.startswith(ALL_BUT):
            spared = [self.community_name(c) for c in community_id.removeprefix(ALL_BUT).split("+")]
            return "all but " + " and ".join(
                [", ".join(spared[:-1]), spared[-1]] if len(spared) > 1 else spared
            )
        if community_id.startswith("all_"):
            levels = {f"all_{c.level.lower()}": c.level for c in self.ethnic_groups}
            return f"{levels.get(community_id, community_id)} (all groups)"
        # The register may remember a community that the exercise no longer has.
        return next((c.name for c in self.communities if c.id == community_id), community_id)

    @property
    def ethnic_groups(self) -> tuple[Community, ...]:
        """The groups that partition the residents."""
        return tuple(c for c in self.communities if c.kind == "ethnic")

    @property
    def priority_communities(self) -> tuple[Community, ...]:
        """The communities without small-area counts."""
        return tuple(c for c in self.communities if c.kind == "priority")

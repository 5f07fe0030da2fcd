"""Reading the sections of ``provision.toml`` on places and people."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from provision_map.read.settings import (
    CLASSIFICATIONS,
    AgesSettings,
    CentroidSettings,
    DeprivationSettings,
    EthnicGroupsSettings,
    HomesSettings,
    LookupSettings,
    NeighbourhoodsSettings,
    PeopleSettings,
    PlacesSettings,
    WeightsSettings,
)
from provision_map.read.toml import Section


def read_places(part: Section) -> PlacesSettings:
    """Read [places] and what stands under it."""
    settings = PlacesSettings(
        file=part.text("file"),
        id=part.text("id"),
        name=part.text("name"),
        level=part.text("level", ""),
        layer=part.optional_text("layer"),
        keep=part.texts_of("keep"),
        authority=part.optional_text("authority"),
        neighbourhoods=_read_neighbourhoods(part),
        lookup=part.optional_text("lookup"),
        centroids=_read_centroids(part.section("centroids")),
        deprivation=_read_deprivation(part.section("deprivation")),
        homes=_read_homes(part.section("homes")),
        neighbours_metres=part.number("neighbours_metres", 0.0, low=0, high=100_000),
        vintage=part.optional_text("vintage"),
    )
    part.done()
    return settings


def _read_neighbourhoods(part: Section) -> str | NeighbourhoodsSettings | None:
    """Read the name of a table of sets of places, or the section of a file of outlines."""
    if not isinstance(part.data.get("neighbourhoods"), Mapping):
        return part.optional_text("neighbourhoods")
    inside = part.needed_section("neighbourhoods")
    settings = NeighbourhoodsSettings(
        file=inside.text("file"),
        id=inside.text("id"),
        name=inside.text("name"),
        layer=inside.optional_text("layer"),
        valid_from=inside.optional_text("valid_from"),
        valid_to=inside.optional_text("valid_to"),
        keep=inside.texts_of("keep"),
    )
    if Path(settings.file).suffix.lower() == ".csv":
        what = "A table of sets of places is named as a file of outlines."
        inside.report("file", what, f'Write neighbourhoods = "{settings.file}" in [places].')
    inside.done()
    return settings


def _read_lookup(part: Section) -> LookupSettings | None:
    inside = part.section("lookup")
    if inside is None:
        return None
    weights_part = inside.section("weights")
    weights = None
    if weights_part is not None:
        weights = WeightsSettings(
            weights_part.text("file"), weights_part.text("id"), weights_part.text("column")
        )
        weights_part.done()
    settings = LookupSettings(
        file=inside.text("file"),
        from_id=inside.text("from"),
        to_id=inside.text("to"),
        weight=inside.optional_text("weight"),
        weights=weights,
    )
    if settings.weight and weights:
        inside.report("weight", "Weights are named twice.", "Keep weight or weights.")
    inside.done()
    return settings


def _read_centroids(part: Section | None) -> CentroidSettings | None:
    if part is None:
        return None
    settings = CentroidSettings(
        part.text("file"),
        part.text("id"),
        part.text("easting", "easting"),
        part.text("northing", "northing"),
    )
    part.done()
    return settings


def _read_homes(part: Section | None) -> HomesSettings | None:
    if part is None:
        return None
    settings = HomesSettings(
        file=part.text("file"),
        id=part.text("id"),
        place=part.optional_text("place"),
        weight=part.optional_text("weight"),
        easting=part.optional_text("easting"),
        northing=part.optional_text("northing"),
        longitude=part.optional_text("longitude"),
        latitude=part.optional_text("latitude"),
        layer=part.optional_text("layer"),
    )
    projected = (settings.easting, settings.northing)
    geographic = (settings.longitude, settings.latitude)
    for pair, names in (
        (projected, "easting and northing"),
        (geographic, "longitude and latitude"),
    ):
        if any(pair) and not all(pair):
            key = names.split()[0] if pair[0] is None else names.split()[2]
            part.report(key, f"Only one of {names} is named.", "Name both columns.")
    if any(projected) and any(geographic):
        part.report("longitude", "Two pairs of coordinates are named.", "Keep one of them.")
    part.done()
    return settings


def _read_deprivation(part: Section | None) -> DeprivationSettings | None:
    if part is None:
        return None
    settings = DeprivationSettings(
        part.text("file"),
        part.text("id"),
        part.text("imd_decile", "imd_decile"),
        _read_lookup(part),
    )
    part.done()
    return settings


def read_people(part: Section) -> PeopleSettings:
    """Read [people.ages] and [people.ethnic_groups]."""
    ages = _read_ages(part.needed_section("ages"))
    groups_part = part.section("ethnic_groups")
    groups = None if groups_part is None else _read_ethnic_groups(groups_part)
    part.done()
    return PeopleSettings(ages, groups)


def _read_ages(part: Section) -> AgesSettings:
    ages = AgesSettings(
        file=part.text("file"),
        id=part.text("id"),
        columns=part.text("columns", "age_{age}"),
        age=part.optional_text("age"),
        children=part.optional_text("children"),
        keep=part.texts_of("keep"),
        lookup=_read_lookup(part),
    )
    _check_pair(part, "age", "children")
    if ages.columns.count("{age}") != 1:
        what = f"{ages.columns!r} does not say where the age stands."
        part.report("columns", what, 'Write it as "age_{age}".')
    elif ages.age and "columns" in part.data:
        what = "A table is either wide, with columns, or long, with age and children."
        part.report("columns", what, "Keep one of the two.")
    part.done()
    return ages


def _read_ethnic_groups(part: Section) -> EthnicGroupsSettings:
    none = "none"
    classification = part.choice("classification", (*CLASSIFICATIONS, none), none)
    fold = part.choice("fold", ("common", none), none)
    groups = EthnicGroupsSettings(
        file=part.text("file"),
        id=part.text("id"),
        columns=part.text_of("columns"),
        total=part.optional_text("total"),
        residual=part.optional_text("residual"),
        group=part.optional_text("group"),
        residents=part.optional_text("residents"),
        keep=part.texts_of("keep"),
        classification=None if classification == none else classification,
        fold=None if fold == none else fold,
        tolerance=part.number("tolerance", 0, low=0) if "tolerance" in part.data else None,
        lookup=_read_lookup(part),
    )
    _check_pair(part, "group", "residents")
    if groups.residual and not groups.total:
        what = "A residual group is the total less the others, and no total is named."
        part.report("residual", what, 'Add total = "…".')
    if groups.tolerance is not None and not groups.total:
        what = "There is nothing to hold the groups against: no total is named."
        part.report("tolerance", what, 'Add total = "…", or leave the tolerance out.')
    if groups.fold and groups.classification not in ("2001", "2011", "2021"):
        what = "Only the groups of a census can be folded to the 16 that the three have in common."
        part.report("fold", what, 'Say which: classification = "2001", "2011" or "2021".')
    part.done()
    return groups


def _check_pair(part: Section, first: str, second: str) -> None:
    """Report a long table of which only one of the two columns is named."""
    named = [key for key in (first, second) if part.data.get(key)]
    if len(named) == 1:
        missing = second if named == [first] else first
        what = f"A long table has both: {first} and {second}."
        part.report(missing, what, f'Add {missing} = "…", or leave {named[0]} out.')
    elif not named and part.data.get("keep"):
        what = "Only a long table has rows to keep: a wide one has one row a place."
        part.report("keep", what, f"Name {first} and {second}, or leave keep out.")

"""A small made-up Edition, for tests of what goes out: the map and the reports.

``sample_edition()`` is a town of 16 places in four neighbourhoods, with services, a waterfall,
gaps and practice drawn from a fixed seed: nothing in it is computed by the stages, so a test of a
page does not depend on them. With ``hostile``, that text stands in every text field that a
spreadsheet or a framework file could fill; codes keep their own beginning, so that they differ.
``build_edition`` makes the same at any size.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from provision_map.edition import Edition, Source
from provision_map.frameworks import load_framework
from provision_map.tables import (
    ACCESSIBILITY,
    CAUSES,
    GROUP_REASONS,
    HOLIDAYS,
    LEVERS,
    UNKNOWN_REASONS,
    WEEK,
    WEEKDAYS,
)
from provision_map.tables import (
    PARTS as PARTS_TABLE,
)

if TYPE_CHECKING:
    from provision_map.model import Framework, Offer

DATE = dt.date(2020, 11, 30)
WEST, SOUTH, SIDE = 381_000.0, 215_000.0, 700.0
PARTS = (
    "covered",
    *(f"cause_{c}" for c in CAUSES),
    *(f"unknown_{r}" for r in UNKNOWN_REASONS),
)
NAMES = (
    "Abbey", "Barton", "Castle", "Docks", "Eastgate", "Fairmile", "Grange", "Hillfield",
    "Ironbridge", "Jubilee", "Kingsway", "Linden", "Moorside", "Northend", "Oxlease",
)  # fmt: skip
#: What a cell's main part may be, and how often.
MAIN = (
    ("covered", 0.30), ("cause_far", 0.17), ("cause_time", 0.12), ("cause_age", 0.08),
    ("cause_full", 0.08), ("cause_quality", 0.05), ("cause_none", 0.04),
    ("unknown_inventory", 0.06), ("unknown_quality", 0.06), ("unknown_record", 0.04),
)  # fmt: skip

#: Slot and weekday of each cell of the time view.
CELLS = (
    *(("after school", day) for day in WEEKDAYS[:5]),
    *(("evening", day) for day in WEEKDAYS[:5]),
    *(("weekend", day) for day in WEEKDAYS[5:]),
    *(("holiday", day) for day in WEEKDAYS),
)
#: Certain and possible share of a drawn cell: nothing, not known, some, all.
CERTAIN = np.array([0.0, 0.0, 0.25, 0.4, 1.0])
POSSIBLE = np.array([0.0, 1.0, 0.25, 0.8, 1.0])
#: Element of which no service says how many places it has.
WITHOUT_ACCESS = "Y12"

Say = Callable[[str], str]


@dataclass(frozen=True)
class _Hand:
    """What every maker needs: chance, what a text says, and how a code is written."""

    rng: np.random.Generator
    say: Say
    code: Say


def sample_edition(hostile: str | None = None) -> Edition:
    """Build the small sample; ``hostile`` is put into every text field."""
    return build_edition(columns=4, rows=4, services=24, hostile=hostile)


def build_edition(
    *, columns: int, rows: int, services: int, hostile: str | None = None, seed: int = 1
) -> Edition:
    """Build an Edition of ``columns × rows`` places, every two by two a neighbourhood."""
    rng = np.random.default_rng(seed)

    def say(text: str) -> str:
        return text if hostile is None else hostile

    def code(text: str) -> str:
        return text if hostile is None else f"{text}{hostile}"

    hand = _Hand(rng, say, code)
    framework = _say_framework(load_framework(), say)
    places = _make_places(columns, rows, hand)
    people = _make_people(places, framework, rng)
    organisations = _make_organisations(hand)
    found = _make_services(places, framework, organisations, services, hand)
    coverage = _make_coverage(places, people, framework, rng)
    practice = _make_practice(places, organisations, hand)
    entries = _make_entries(coverage, places, framework, practice, say)
    # A chance of their own, so that nothing else is drawn anew.
    later = np.random.default_rng(seed + 1_000)
    quality = pd.DataFrame(
        {
            "service_id": found["service_id"].iloc[:6].to_numpy(),
            "date": [dt.date(2019, 6, 1 + n) for n in range(6)],
            "evidence": ["inspection", "award", "visit", "feedback", "inspection", "visit"],
            "scheme": [say("Youth quality mark")] * 6,
            "answers": [np.nan, np.nan, np.nan, 14, np.nan, np.nan],
            "result": ["meets", "meets", "below", "meets", "below", "meets"],
        }
    )
    first = organisations["organisation_id"].tolist()
    returns = pd.DataFrame(
        {
            "organisation_id": first,
            "elements": [("all",)] * len(first),
            "places": [("all",)] * len(first),
            "due": [dt.date(2020, 9, 30)] * len(first),
            "received": ["yes", "yes", "partly", "no", "yes"],
            "received_on": [dt.date(2020, 9, 20)] * 3 + [None, dt.date(2020, 10, 2)],
        }
    )
    questions = pd.DataFrame(
        {
            "offer_id": ["youth_offer", "youth_offer", "offer_5_13"],
            "element_id": ["Y02", "Y08", "C02"],
            "reason": ["quality", "inventory", "record"],
            "children": [212.0, 340.0, 96.0],
            "ask": [(say("Castle Youth Club: no quality evidence"),), (say("No return yet"),), ()],
        }
    )
    residual = pd.DataFrame(
        {"element_id": ["Y01", "C03"], "kind": ["provision"] * 2, "children": [31.0, 12.0]}
    )
    return Edition(
        title=say("Children's provision in Westmoor"),
        place=say("Westmoor"),
        date=DATE,
        data_status=say("illustrative services"),
        crs="EPSG:27700",
        framework=framework,
        places=places,
        people=people,
        organisations=organisations,
        services=found,
        sessions=_make_sessions(found, rng),
        quality=quality,
        returns=returns,
        practice=practice,
        coverage=coverage,
        entries=entries,
        questions=questions,
        residual=residual,
        service_reach=_make_reach(found, "service_id", "name", places, framework),
        practice_reach=_make_reach(practice, "practice_id", "title", places, framework),
        sources=(
            Source(say("data/people/ages.csv"), say("Made-up ages"), say("none"), say("mid-2020")),
            Source(say("data/boundaries/places.geojson"), say("Made-up places"), say("none"), ""),
        ),
        notes=(
            say("Walking minutes are straight line × 1.3 at 80 m a minute."),
            say("Counts by ethnic group are estimates."),
        ),
        week=_make_week(places, people, framework, later),
        parts=_make_parts(places, people, framework, later),
        accessibility=_make_accessibility(places, people, framework, later),
    )


def _say_framework(framework: Framework, say: Say) -> Framework:
    if say("") == "":
        return framework
    outcomes = tuple(
        replace(o, name=say(o.name), aims=tuple(replace(a, name=say(a.name)) for a in o.aims))
        for o in framework.outcomes
    )
    offers = tuple(
        replace(
            offer,
            name=say(offer.name),
            elements=tuple(
                replace(
                    e,
                    name=say(e.name),
                    standard=replace(e.standard, source=say(e.standard.source)),
                )
                for e in offer.elements
            ),
        )
        for offer in framework.offers
    )
    communities = tuple(
        replace(c, name=say(c.name), definition=say(c.definition)) for c in framework.communities
    )
    return replace(framework, outcomes=outcomes, offers=offers, communities=communities)


# ---------------------------------------------------------------- places and people


def _make_places(columns: int, rows: int, hand: _Hand) -> gpd.GeoDataFrame:
    """Lay a grid whose corners and edge middles are moved, so that neighbours share every point."""
    points: dict[tuple[int, int], tuple[float, float]] = {}
    for x in range(2 * columns + 1):
        for y in range(2 * rows + 1):
            dx, dy = hand.rng.uniform(-0.16, 0.16, 2) * SIDE
            points[x, y] = (WEST + x * SIDE / 2 + dx, SOUTH + y * SIDE / 2 + dy)
    records = []
    for row in range(rows):
        for column in range(columns):
            x, y = 2 * column, 2 * row
            ring = [
                points[x + a, y + b]
                for a, b in ((0, 0), (1, 0), (2, 0), (2, 1), (2, 2), (1, 2), (0, 2), (0, 1))
            ]
            outline = shapely.Polygon(ring)
            number = row * columns + column + 1
            hood = (row // 2) * -(-columns // 2) + column // 2
            name = NAMES[hood % len(NAMES)] + ("" if hood < len(NAMES) else f" {hood}")
            middle = outline.representative_point()
            records.append(
                {
                    "place_id": hand.code(f"P{number:02d}"),
                    "name": hand.say(f"{name} · {number:03d}A"),
                    "level": hand.say("made-up square"),
                    "neighbourhood_id": hand.code(f"N{hood + 1}"),
                    "neighbourhood": hand.say(name),
                    "authority": hand.code("A1"),
                    "easting": middle.x,
                    "northing": middle.y,
                    "approximate": "yes" if number % 7 == 0 else "no",
                    "imd_decile": float(1 + (number * 3) % 10) if number % 11 else np.nan,
                    "geometry": outline,
                }
            )
    return gpd.GeoDataFrame(records, crs="EPSG:27700")


def _make_people(
    places: gpd.GeoDataFrame, framework: Framework, rng: np.random.Generator
) -> pd.DataFrame:
    ages = np.arange(5, 25)
    groups = [c.id for c in framework.ethnic_groups]
    frames = []
    for place_id in places["place_id"]:
        counts = rng.integers(8, 32, len(ages)).astype(float)
        share = rng.dirichlet([30, *([0.6] * (len(groups) - 1))])
        frames.append(
            pd.DataFrame(
                {"age": ages, "community_id": "everyone", "children": counts, "basis": "measured"}
            ).assign(place_id=place_id)
        )
        frames.append(
            pd.DataFrame(
                {
                    "age": np.tile(ages, len(groups)),
                    "community_id": np.repeat(groups, len(ages)),
                    "children": np.outer(share, counts).ravel(),
                    "basis": "estimated",
                }
            ).assign(place_id=place_id)
        )
    people = pd.concat(frames, ignore_index=True)
    return people[["place_id", "age", "community_id", "children", "basis"]]


# ---------------------------------------------------------------- what is in reach


def _lay_out(
    places: gpd.GeoDataFrame, people: pd.DataFrame, offer: Offer, element_id: str
) -> pd.DataFrame:
    """Lay out the places in which an element is due, with the children of the Offer's ages."""
    own = people[(people["community_id"] == "everyone") & people["age"].isin(offer.ages())]
    children = own.groupby("place_id")["children"].sum()
    standard = next(e.standard for e in offer.elements if e.id == element_id)
    due = places
    if standard.imd_deciles:
        due = places[places["imd_decile"].isin(standard.imd_deciles)]
    return pd.DataFrame(
        {
            "offer_id": offer.id,
            "element_id": element_id,
            "place_id": due["place_id"].to_numpy(),
            "children": children.reindex(due["place_id"]).to_numpy(dtype=float),
        }
    )


def _make_week(
    places: gpd.GeoDataFrame, people: pd.DataFrame, framework: Framework, rng: np.random.Generator
) -> pd.DataFrame:
    frames = []
    for offer in framework.offers:
        for element in offer.elements:
            if element.standard.unit not in ("hours", "days", "holidays"):
                continue
            own = _lay_out(places, people, offer, element.id)
            rows = own.loc[own.index.repeat(len(CELLS))].reset_index(drop=True)
            drawn = rng.choice(len(CERTAIN), len(rows), p=[0.4, 0.1, 0.15, 0.15, 0.2])
            reached, possible = CERTAIN[drawn], POSSIBLE[drawn]
            frames.append(
                rows.assign(
                    slot=[slot for slot, _ in CELLS] * len(own),
                    weekday=[day for _, day in CELLS] * len(own),
                    reached=reached,
                    possible=possible,
                    hours=reached * 2,
                    empty=np.where(possible == 0, "yes", np.where(reached == 0, "unknown", "no")),
                )
            )
    out = pd.concat(frames, ignore_index=True)[WEEK.names()]
    return out.astype(dict.fromkeys(("element_id", "place_id", "slot", "weekday"), "category"))


def _make_parts(
    places: gpd.GeoDataFrame, people: pd.DataFrame, framework: Framework, rng: np.random.Generator
) -> pd.DataFrame:
    frames = []
    for offer in framework.offers:
        for element in offer.elements:
            named = {"types": tuple(element.standard.type_metres), "holidays": HOLIDAYS}
            parts = named.get(element.standard.unit, ())
            if not parts:
                continue
            names = [*parts, "need", *element.standard.levels]
            own = _lay_out(places, people, offer, element.id)
            rows = own.loc[own.index.repeat(len(names))].reset_index(drop=True)
            drawn = rng.choice(len(CERTAIN), len(rows))
            frames.append(
                rows.assign(part=names * len(own), reached=CERTAIN[drawn], possible=POSSIBLE[drawn])
            )
    return pd.concat(frames, ignore_index=True)[PARTS_TABLE.names()]


def _make_accessibility(
    places: gpd.GeoDataFrame, people: pd.DataFrame, framework: Framework, rng: np.random.Generator
) -> pd.DataFrame:
    frames = []
    for offer in framework.offers:
        for element in offer.elements:
            if element.id == WITHOUT_ACCESS:
                continue
            own = _lay_out(places, people, offer, element.id)
            count = len(own)
            value = np.where(rng.random(count) < 0.2, 0.0, rng.lognormal(1.5, 1.2, count))
            frames.append(
                own.assign(
                    catchment_minutes=25.0,
                    e2sfca=value,
                    e2sfca_smaller=value * 1.25,
                    e2sfca_larger=value * 0.8,
                    two_sfca=value * 0.9,
                    m2sfca=value * 0.7,
                    bfca=value * 0.6,
                    basis=np.where(np.arange(count) % 5 == 2, "incomplete", "complete"),
                    edge_affected=np.where(rng.random(count) < 0.4, "yes", "no"),
                    unknown_capacity=rng.integers(0, 3, count).astype(float),
                )
            )
    return pd.concat(frames, ignore_index=True)[ACCESSIBILITY.names()]


# ---------------------------------------------------------------- services and practice


def _make_organisations(hand: _Hand) -> pd.DataFrame:
    names = (
        "Westmoor Youth Service",
        "Westmoor City Council",
        "Harbour Trust",
        "St Anne's",
        "Leap",
    )
    return pd.DataFrame(
        {
            "organisation_id": [hand.code(f"O{n}") for n in range(1, 6)],
            "name": [hand.say(name) for name in names],
            "sector": ["county council", "city council", "voluntary", "faith", "health"],
            "contact_role": [hand.say("Development officer")] * 5,
        }
    )


def _make_services(
    places: gpd.GeoDataFrame,
    framework: Framework,
    organisations: pd.DataFrame,
    count: int,
    hand: _Hand,
) -> pd.DataFrame:
    elements = list(framework.elements.values())
    kinds = ("Youth Club", "Arts Project", "Sports Hall", "Advice Point", "Play Scheme")
    records = []
    for n in range(count):
        element = elements[(n * 7) % len(elements)]
        other = elements[(n * 11 + 3) % len(elements)]
        place = places.iloc[int(hand.rng.integers(0, len(places)))]
        inside = place.geometry.representative_point()
        outreach = n % 12 == 11
        low = 5 if element.id.startswith("C") else 13
        records.append(
            {
                "service_id": hand.code(f"S{n + 1:03d}"),
                "name": hand.say(f"{NAMES[n % len(NAMES)]} {kinds[n % len(kinds)]}"),
                "organisation_id": organisations["organisation_id"].iloc[n % 5],
                "elements": (element.id, other.id) if n % 3 == 0 else (element.id,),
                "outcomes": ("EA4", "BH") if n % 4 == 0 else (),
                "place_id": place.place_id,
                "easting": np.nan if outreach else inside.x + hand.rng.uniform(-150, 150),
                "northing": np.nan if outreach else inside.y + hand.rng.uniform(-150, 150),
                "longitude": np.nan,
                "latitude": np.nan,
                "location_accuracy": np.nan,
                "service_area": ("all",) if outreach else (),
                "minimum_age": np.nan if n % 9 == 8 else float(low),
                "maximum_age": np.nan if n % 9 == 8 else float(low + 6),
                "capacity": (20.0, np.nan, np.inf)[n % 3],
                "open_to": ("everyone",) if n % 5 else (),
                "not_open_to": (),
                "access": ("step_free", "accessible_toilet") if n % 2 else (),
                "languages": (hand.say("English"),),
                "cost": (0.0, 2.5, np.nan)[n % 3],
                "publicised": ("yes", "no", "unknown")[n % 3],
                "space_types": ("MUGA",) if element.id in ("Y05", "C05") else (),
                "booking": hand.say("drop-in"),
                "assured_date": None if n % 8 == 7 else dt.date(2020, 1 + n % 10, 1 + n % 27),
                "place_basis": "given" if n % 4 else "polygon",
                "_row": n + 2,
                "_file": hand.say("services.csv"),
            }
        )
    frame = pd.DataFrame(records)
    for column in ("minimum_age", "maximum_age", "capacity", "cost"):
        blank = frame[column].isna()
        frame[f"{column}_said"] = np.where(blank, "blank", "given")
    return frame


def _make_sessions(services: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    days = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday")
    records = []
    for n, service_id in enumerate(services["service_id"]):
        if n % 10 == 9:
            continue
        for _ in range(1 + n % 2):
            start = int(rng.integers(15, 19))
            records.append(
                {
                    "service_id": service_id,
                    "weekday": days[int(rng.integers(0, 6))],
                    "start": dt.time(start, 30),
                    "end": dt.time(start + 2, 0),
                    "period": ("term", "all year", "holidays")[n % 3],
                    "holidays": ("Easter", "Summer") if n % 3 == 2 else (),
                }
            )
    return pd.DataFrame(records)


def _make_practice(
    places: gpd.GeoDataFrame, organisations: pd.DataFrame, hand: _Hand
) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "practice_id": [hand.code("G1"), hand.code("G2")],
            "title": [
                hand.say("Late opening agreed with young people"),
                hand.say("Play ranger visits"),
            ],
            "organisation_id": organisations["organisation_id"].iloc[[0, 2]].to_numpy(),
            "elements": [("Y02",), ("C05", "C13")],
            "outcomes": [("PC",), ()],
            "reached_places": [tuple(places["place_id"].iloc[:4]), ("all",)],
            "reached_communities": [("everyone",), ()],
            "evidence_level": ["validated", "promising"],
            "what_works": [hand.say("Open when they are free.")] * 2,
            "agreed_on": [dt.date(2020, 3, 1), dt.date(2020, 5, 1)],
        }
    )


def _make_reach(
    items: pd.DataFrame, key: str, name: str, places: gpd.GeoDataFrame, framework: Framework
) -> pd.DataFrame:
    hoods = places.drop_duplicates("neighbourhood_id")
    axes = [
        ("neighbourhood", k, v)
        for k, v in zip(hoods["neighbourhood_id"], hoods["neighbourhood"], strict=True)
    ]
    axes += [
        ("community", c.id, c.name) for c in framework.ethnic_groups if c.id != "white_british"
    ]
    axes += [("community", "looked_after", framework.community_name("looked_after"))]
    axes += [("outcome", o.id, o.name) for o in framework.outcomes]
    words = ("yes", "no", "unknown")
    return pd.DataFrame(
        [
            {"item_id": item[key], "item": item[name], "axis": axis, "key": code, "label": label, "reached": words[(n + m) % 3]}
            for n, item in enumerate(items.to_dict("records"))
            for m, (axis, code, label) in enumerate(axes)
        ]
    )  # fmt: skip


# ---------------------------------------------------------------- coverage and gaps


def _make_coverage(
    places: gpd.GeoDataFrame, people: pd.DataFrame, framework: Framework, rng: np.random.Generator
) -> pd.DataFrame:
    counted = people.pivot_table(
        index=["place_id", "age"], columns="community_id", values="children", sort=False
    )
    minority = [c.id for c in framework.ethnic_groups if c.id != "white_british"]
    counted["bme"] = counted[minority].sum(axis=1)
    communities = ["everyone", "bme", *(c.id for c in framework.communities)]
    counts = {key: counted[key].to_dict() for key in counted}
    children = {
        (offer.id, place_id): {
            (age, community_id): counts.get(community_id, {}).get((place_id, age), np.nan)
            for community_id in communities
            for age in offer.ages(community_id)
        }
        for offer in framework.offers
        for place_id in places["place_id"]
    }
    frames = [
        _cover_element(offer, element.id, place.place_id, children[offer.id, place.place_id], rng)
        for offer in framework.offers
        for element in offer.elements
        for place in places.itertuples()
        if not element.standard.imd_deciles or place.imd_decile in element.standard.imd_deciles
    ]
    out = pd.concat(frames, ignore_index=True)
    for reason in GROUP_REASONS:
        out[f"group_{reason}"] = out["cause_group"] if reason == "access" else 0.0
    for lever in LEVERS:
        out[f"lever_{lever}"] = out[f"cause_{lever}"] / 2
    uncovered = out[[f"cause_{c}" for c in CAUSES]].sum(axis=1)
    out["missing"] = uncovered.clip(upper=1)
    out["near_limit"] = (out["cause_far"] > 0).astype(float)
    return out


def _cover_element(
    offer: Offer,
    element_id: str,
    place_id: str,
    children: dict[tuple[int, str], float],
    rng: np.random.Generator,
) -> pd.DataFrame:
    """Draw one element in one place: younger and older, and two communities, fare differently."""
    names = [name for name, _ in MAIN]
    odds = np.array([odds for _, odds in MAIN])
    young, old = (_draw_parts(names, odds / odds.sum(), rng) for _ in range(2))
    if rng.random() < 0.6:
        old = young
    shut = old.copy()
    shut[PARTS.index("cause_group")] = shut[0]
    shut[0] = 0.0
    middle = (offer.minimum_age + offer.maximum_age) // 2
    values = np.array(
        [
            young if age <= middle else shut if community_id in ("disabled", "pakistani") else old
            for age, community_id in children
        ]
    )
    frame = pd.DataFrame(values, columns=list(PARTS))
    frame.insert(0, "offer_id", offer.id)
    frame.insert(1, "element_id", element_id)
    frame.insert(2, "place_id", place_id)
    frame.insert(3, "age", [age for age, _ in children])
    frame.insert(4, "community_id", [community_id for _, community_id in children])
    frame.insert(5, "children", list(children.values()))
    return frame


def _draw_parts(names: list[str], odds: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    main, second, third = rng.choice(names, 3, replace=False, p=odds)
    most = float(rng.choice([1.0, 1.0, 0.75, 0.6, 0.8333]))
    values = np.zeros(len(PARTS))
    values[PARTS.index(main)] = most
    values[PARTS.index(second)] += (1 - most) * 0.7
    values[PARTS.index(third)] += (1 - most) * 0.3
    return values / values.sum()


def _make_entries(
    coverage: pd.DataFrame,
    places: gpd.GeoDataFrame,
    framework: Framework,
    practice: pd.DataFrame,
    say: Say,
) -> pd.DataFrame:
    causes = [f"cause_{c}" for c in CAUSES]
    everyone = coverage[coverage["community_id"] == "everyone"].copy()
    everyone["uncovered"] = everyone[causes].sum(axis=1)
    hood_of = places.set_index("place_id")["neighbourhood_id"]
    everyone["hood"] = everyone["place_id"].map(hood_of)
    records = []
    flagged = everyone[everyone["uncovered"] >= 0.5]
    for (element_id, _), cells in flagged.groupby(["element_id", "hood"], sort=False):
        if cells["place_id"].nunique() >= 3:
            records.append(_make_entry(cells, element_id, places, (framework, say), "local"))
    for element_id in ("Y04", "C10"):
        cells = everyone[everyone["element_id"] == element_id]
        records.append(_make_entry(cells, element_id, places, (framework, say), "city-wide"))
    below = everyone[everyone["cause_quality"] >= 0.5]
    if len(below):
        element_id = below["element_id"].iloc[0]
        cells = below[below["element_id"] == element_id]
        entry = _make_entry(cells, element_id, places, (framework, say), "local")
        records.append({**entry, "kind": "quality", "family": "quality"})
    shut = coverage[(coverage["community_id"] == "pakistani") & (coverage["cause_group"] > 0.5)]
    if len(shut):
        element_id = shut["element_id"].iloc[0]
        cells = shut[shut["element_id"] == element_id]
        entry = _make_entry(cells, element_id, places, (framework, say), "local")
        blank = {key: np.nan for key in entry if key.startswith(("cause_", "lever_"))}
        few = {"children": np.nan, "community_id": "pakistani"}
        records.append({**entry, **blank, **few, "kind": "community", "family": "community"})
    records.append(_make_practice_entry(practice, places, say, records[0]))
    entries = pd.DataFrame(records)
    order = {"city-wide": 0, "local": 1}
    entries["rank"] = entries.groupby("scope")["priority"].rank(ascending=False, method="first")
    entries["rank_low"] = (entries["rank"] - 1).clip(lower=1)
    entries["rank_high"] = entries["rank"] + 2
    entries = entries.sort_values(
        ["scope", "rank"], key=lambda s: s.map(order) if s.name == "scope" else s
    ).reset_index(drop=True)
    count = len(entries)
    entries["state"] = np.resize(
        ["new", "persisting", "improved", "worsened", "cannot tell"], count
    )
    entries["status"] = np.resize(["proposed", "identified", "in progress", "proposed"], count)
    entries["gap_id"] = [f"{key}-{n:02x}" for n, key in enumerate(entries["gap_id"])]
    entries["owner_role"] = say("Area youth manager")
    entries["first_reported"] = dt.date(2020, 6, 1)
    entries["reference_uncovered"] = entries["uncovered"]
    return entries


def _make_entry(
    cells: pd.DataFrame,
    element_id: str,
    places: gpd.GeoDataFrame,
    hand: tuple[Framework, Say],
    scope: str,
) -> dict[str, object]:
    framework, say = hand
    element = framework.elements[element_id]
    offer = framework.offer_of[element_id]
    children = cells["children"].fillna(0)
    population = float(children.sum())
    by_cause = {f"cause_{c}": float((children * cells[f"cause_{c}"]).sum()) for c in CAUSES}
    by_lever = {f"lever_{c}": float((children * cells[f"lever_{c}"]).sum()) for c in LEVERS}
    total = sum(by_cause.values())
    best = max(by_cause, key=lambda c: by_cause[c])
    main = (
        best.removeprefix("cause_") if total and by_cause[best] >= 0.6 * total else "mixed causes"
    )
    codes = tuple(dict.fromkeys(cells["place_id"]))
    inside = places[places["place_id"].isin(codes)]
    low, high = int(cells["age"].min()), int(cells["age"].max())
    where = (
        "city-wide"
        if scope == "city-wide"
        else f"{inside['neighbourhood'].iloc[0]} ({len(codes)} places)"
    )
    need = float(((11 - inside["imd_decile"].fillna(5)) / 5.5).mean())
    number = sum(
        ord(letter) * (n + 1)
        for n, letter in enumerate(f"{element_id}{scope}{len(codes)}{population:.1f}")
    )
    return {
        "offer_id": offer.id,
        "element_id": element_id,
        "outcomes": element.outcomes,
        "kind": "provision",
        "family": "reach" if main in ("none", "far") else "terms",
        "scope": scope,
        "community_id": "everyone",
        "minimum_age": low,
        "maximum_age": high,
        "places": codes,
        "neighbourhoods": tuple(
            f"{name} ({len(part)} places)" for name, part in inside.groupby("neighbourhood", sort=False)
        ),
        "cells": tuple(zip(cells["place_id"], cells["age"], strict=True)),
        "children": total,
        "population": population,
        "covered": float((children * cells["covered"]).sum() / population) if population else 0.0,
        "unknown": float((children * cells[[f"unknown_{r}" for r in UNKNOWN_REASONS]].sum(axis=1)).sum() / population) if population else 0.0,
        "uncovered": total / population if population else 0.0,
        **by_cause,
        **by_lever,
        "main_cause": main,
        "title": say(f"{element.name}: {main}, ages {low}-{high}, {where}"),
        "need": need,
        "severity": 0.5,
        "priority": total * need * 0.5,
        "grade": ("confirmed", "probable", "data gap")[number % 3],
        "grade_reason": say("One return came only in part."),
        "gap_id": f"{element_id}-P-{number:05x}",
    }  # fmt: skip


def _make_practice_entry(
    practice: pd.DataFrame, places: gpd.GeoDataFrame, say: Say, like: dict[str, object]
) -> dict[str, object]:
    hood = places[places["neighbourhood_id"] == places["neighbourhood_id"].iloc[-1]]
    blank = {key: np.nan for key in like if key.startswith(("cause_", "lever_"))}
    return {
        **like,
        **blank,
        "offer_id": "",
        "element_id": "",
        "outcomes": ("PC",),
        "kind": "practice",
        "family": "practice",
        "scope": "local",
        "places": tuple(hood["place_id"]),
        "neighbourhoods": (f"{hood['neighbourhood'].iloc[0]} ({len(hood)} places)",),
        "cells": (),
        "children": np.nan,
        "main_cause": "",
        "title": say(
            f"{practice['title'].iloc[0]}: has not reached {hood['neighbourhood'].iloc[0]}"
        ),
        "need": 1.0,
        "severity": 0.5,
        "priority": 1.0,
        "grade": "probable",
        "gap_id": "practice-00001",
    }

"""From an Edition to the one block of data that the page holds: plain lists, texts and numbers.

Things refer to each other by position in a list, never by a code used as a key, so that no code
from a spreadsheet can stand for something in the page's own language.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import geopandas as gpd
import shapely

from provision_map.edition import Edition
from provision_map.maps.gaps import describe_gaps
from provision_map.maps.missing import list_missing
from provision_map.maps.nearest import describe_nearest
from provision_map.maps.palette import LIMITS, colour_parts, draw_ramps, mark_outcomes
from provision_map.maps.reach import describe_access, describe_travel, describe_week, list_slots
from provision_map.maps.services import describe_services, say_record_age
from provision_map.maps.shares import FEW, WHOLE, Profiles, list_communities, share_offer
from provision_map.maps.topology import UNITS_A_DEGREE, build_topology
from provision_map.maps.words import (
    ACCESS,
    MEASURES,
    PART_WORDS,
    PARTS,
    is_blank,
    say_date,
    say_standard,
)
from provision_map.phrases import count_parts, list_items

#: Distance walked ÷ straight line, where the caller does not say.
DETOUR = 1.3


def build_payload(
    edition: Edition, *, register_href: str, detour: float = DETOUR
) -> dict[str, Any]:
    """Build everything that the page shows, ready for :func:`write_json`.

    ``detour`` is the distance walked ÷ the straight line.
    """
    framework = edition.framework
    offers = [o for o in framework.offers if (edition.coverage["offer_id"] == o.id).any()]
    elements = [e for offer in offers for e in offer.elements]
    element_ids = [e.id for e in elements]
    order = ["everyone", "bme", *(c.id for c in framework.communities)]
    communities = list_communities(edition.coverage, order)
    place_ids = edition.places["place_id"].tolist()
    profiles = Profiles()
    missing_texts = [""]
    hoods = _list_neighbourhoods(edition.places)
    codes = [hood["id"] for hood in hoods]
    shares = [
        share_offer(
            edition.coverage,
            offer,
            places=place_ids,
            hoods=[hood["places"] for hood in hoods],
            communities=communities,
            profiles=profiles,
        )
        for offer in offers
    ]
    missing = [
        list_missing(
            edition.coverage,
            offer,
            places=place_ids,
            ages=share.ages,
            communities=communities,
            texts=missing_texts,
        )
        for offer, share in zip(offers, shares, strict=True)
    ]
    topology = build_topology(edition.places, edition.places["neighbourhood_id"].tolist())
    return {
        "title": edition.title,
        "place": edition.place,
        "date": say_date(edition.date),
        "status": edition.data_status,
        "recordAge": say_record_age(edition.services, edition.date),
        "register": register_href,
        "whole": WHOLE,
        "few": FEW,
        "detour": detour,
        "travel": describe_travel(edition.travel, detour),
        "nearest": describe_nearest(edition, elements, place_ids),
        "limits": list(LIMITS),
        "ramps": draw_ramps(),
        "parts": [
            {"id": part, "words": PART_WORDS[part], "colour": colour}
            for part, colour in zip(PARTS, _in_order(colour_parts()), strict=True)
        ],
        "measures": [
            {"id": key, "words": words, "ramp": ramp, "parts": [PARTS.index(p) for p in parts]}
            for key, words, ramp, parts in MEASURES
            + ((ACCESS,) if len(edition.accessibility) else ())
        ],
        "outcomes": [
            {"id": o.id, "name": o.name, **mark}
            for o, mark in zip(framework.outcomes, mark_outcomes(framework.outcomes), strict=True)
        ],
        "communities": [_describe_community(edition, c) for c in communities],
        "elements": [
            {
                "id": e.id,
                "name": e.name,
                "standard": say_standard(e.standard),
                "source": e.standard.source,
                "metres": e.standard.metres,
                "need": e.standard.need,
                "partCount": count_parts(e.standard),
                "required": bool(e.standard.required),
                "spaceMetres": list(e.standard.type_metres.items()),
                "dueIn": list(e.standard.imd_deciles),
            }
            for e in elements
        ],
        "offers": [
            {
                "id": offer.id,
                "name": offer.name,
                "low": offer.minimum_age,
                "high": offer.maximum_age,
                "elements": [element_ids.index(e.id) for e in offer.elements],
                "ages": share.ages,
                "slots": share.slots,
                "counts": share.counts,
                "hoodCounts": share.hood_counts,
                "missing": lacking,
            }
            for offer, share, lacking in zip(offers, shares, missing, strict=True)
        ],
        "slots": list_slots(),
        "week": describe_week(edition, element_ids, place_ids),
        "access": describe_access(edition, element_ids, place_ids),
        "missingTexts": [", ".join(list_items(text)) for text in missing_texts],
        "profiles": profiles.text(),
        "neighbourhoods": hoods,
        "places": _describe_places(edition.places, codes),
        "unit": UNITS_A_DEGREE,
        "arcs": topology.arcs,
        "shapes": topology.shapes,
        "outline": topology.outline,
        "borders": topology.borders,
        "services": describe_services(edition, element_ids, place_ids, codes),
        "gaps": describe_gaps(
            edition,
            offers={o.id: share.ages for o, share in zip(offers, shares, strict=True)},
            elements=element_ids,
            communities=communities,
        ),
        "sources": [
            {"file": s.file, "source": s.source, "licence": s.licence, "date": s.date}
            for s in edition.sources
        ],
        "notes": list(edition.notes),
    }


def write_json(payload: dict[str, Any]) -> str:
    r"""Write the payload so that it can stand inside a script element and end nowhere in it.

    >>> print(write_json({"name": "</script><!--"}))
    {"name":"\u003c/script\u003e\u003c!--"}
    """
    text = json.dumps(payload, ensure_ascii=True, allow_nan=False, separators=(",", ":"))
    return text.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e")


def _in_order(colours: dict[str, str]) -> list[str]:
    return [colours[part] for part in PARTS]


def _describe_community(edition: Edition, community_id: str) -> dict[str, Any]:
    name = edition.framework.community_name(community_id)
    kind = "everyone"
    definition = ""
    if community_id != "everyone":
        priority = {c.id: c for c in edition.framework.priority_communities}
        kind = "priority" if community_id in priority else "group"
        if community_id in priority:
            definition = priority[community_id].definition
    people = edition.people
    basis = people.loc[people["community_id"] == community_id, "basis"]
    estimated = bool((basis == "estimated").any()) or (kind == "group" and basis.empty)
    return {
        "id": community_id,
        "name": name,
        "kind": kind,
        "estimate": estimated,
        "definition": definition,
    }


def _list_neighbourhoods(places: gpd.GeoDataFrame) -> list[dict[str, Any]]:
    """List the neighbourhoods: their places, and the point where each name is written."""
    listed = []
    numbered = places.assign(number=range(len(places)))
    for code, members in numbered.groupby("neighbourhood_id", sort=False):
        if is_blank(code):
            continue
        merged = shapely.union_all(members.geometry.to_numpy(), grid_size=1.0)
        label = _label_points(gpd.GeoSeries([merged], crs=places.crs))[0]
        listed.append(
            {
                "id": str(code),
                "name": str(members["neighbourhood"].iloc[0]),
                "at": label,
                "places": members["number"].tolist(),
            }
        )
    return listed


def _label_points(outlines: gpd.GeoSeries) -> list[list[int]]:
    """Return the middle of the largest circle inside each outline, in whole units."""
    middles = [
        shapely.get_point(shapely.maximum_inscribed_circle(_largest(g), tolerance=25.0), 0)
        for g in outlines
    ]
    degrees = gpd.GeoSeries(middles, crs=outlines.crs).to_crs("EPSG:4326")
    return [[round(p.x * UNITS_A_DEGREE), round(p.y * UNITS_A_DEGREE)] for p in degrees]


def _largest(geometry: shapely.Geometry) -> shapely.Geometry:
    return max(shapely.get_parts(geometry), key=lambda part: part.area)


def _describe_places(places: gpd.GeoDataFrame, hoods: Sequence[str]) -> list[dict[str, Any]]:
    labels = _label_points(places.geometry)
    return [
        {
            "id": row.place_id,
            "name": row.name,
            "level": "" if is_blank(row.level) else row.level,
            "hood": hoods.index(row.neighbourhood_id) if row.neighbourhood_id in hoods else -1,
            "imd": None if is_blank(row.imd_decile) else int(row.imd_decile),
            "rough": row.approximate == "yes",
            "e": round(row.easting),
            "n": round(row.northing),
            "at": label,
        }
        for row, label in zip(
            places.drop(columns="geometry").itertuples(index=False), labels, strict=True
        )
    ]

"""What becomes of a register's rows once postcodes are known: passed over, left out, drawn as sites."""

from __future__ import annotations

from dataclasses import replace
from typing import TypeVar

import geopandas as gpd
import numpy as np
import pandas as pd

from provision_map.read.duplicates.nearby import are_near
from provision_map.read.findings import Findings, count_of
from provision_map.read.origin import ServiceTables
from provision_map.read.places.area import Area
from provision_map.read.registers.reader import OUTLINE, POSITIONS, WITHIN, find_positions

Tables = TypeVar("Tables", bound=ServiceTables)


def pass_over(found: Tables, area: Area, findings: Findings) -> Tables:
    """Take out the rows of registers that their postcode puts far from our places, or nowhere.

    Those far away are counted in a note, those in no place are left out by name. Only registers
    that say how far they are read are looked at; nothing else is changed.
    """
    services = found.services
    if WITHIN not in services:
        return found
    x, y = find_positions(services, area)
    sited = np.isfinite(x) & np.isfinite(y)
    limits = services[WITHIN].to_numpy(dtype=float)
    listed = np.isfinite(limits)
    placed = np.array([bool(p or a) for p, a in zip(services["place_id"], services["service_area"], strict=True)], dtype=bool)  # fmt: skip
    far = np.zeros(len(services), dtype=bool)
    for metres in np.unique(limits[listed]):
        rows = listed & (limits == metres) & sited & ~placed
        far[rows] = ~are_near(x[rows], y[rows], area, metres=float(metres))
    for file in dict.fromkeys(services["_file"][far]):
        count = int((far & (services["_file"] == file)).sum())
        gone = count_of(count, "row lies", "rows lie")
        what = f"By their postcode {gone} far from our places and {'was' if count == 1 else 'were'} passed over."
        findings.note(file, what)
    broken = np.zeros(len(services), dtype=bool)
    for name in POSITIONS:
        # A cell that says something and is no number has been told; it is not to vanish.
        broken |= (services[f"{name}_said"] == "given").to_numpy(dtype=bool)
    nowhere = listed & ~sited & ~placed & ~broken
    left_out = pd.DataFrame(
        {
            "file": services["_file"][nowhere],
            "row": services["_row"][nowhere],
            "service_id": services["service_id"][nowhere],
            "name": services["name"][nowhere],
            "reason": [_say_nowhere(told) for told in services["no_position"][nowhere]],
        }
    )
    gone = far | nowhere
    kept = services[~gone].drop(columns=WITHIN).reset_index(drop=True)
    all_out = found.left_out
    if nowhere.any():
        all_out = left_out if all_out.empty else pd.concat([all_out, left_out], ignore_index=True)
    return replace(found, services=kept, left_out=all_out.reset_index(drop=True))


def _say_nowhere(told: tuple[str, str] | tuple[()] | None) -> str:
    """Return why a row is in no place."""
    if not told:
        return "It has no position, and no place of ours."
    return told[0].removeprefix("This is a service in no place: ").capitalize()


def add_outlines(
    sites: gpd.GeoDataFrame, services: pd.DataFrame
) -> tuple[gpd.GeoDataFrame, pd.DataFrame]:
    """Return the sites with the outlines that registers give, and the services without them.

    A site that is named in [services.sites] wins over the register's.
    """
    if OUTLINE not in services:
        return sites, services
    drawn = services[
        services[OUTLINE].notna() & ~services["service_id"].isin(list(sites["service_id"]))
    ]
    rest = services.drop(columns=OUTLINE)
    if drawn.empty:
        return sites, rest
    codes = [*sites["service_id"], *drawn["service_id"]]
    shapes = [*sites.geometry, *drawn[OUTLINE]]
    frame = gpd.GeoDataFrame(
        {"service_id": pd.Series(codes, dtype=object)}, geometry=shapes, crs=sites.crs
    )
    return frame, rest

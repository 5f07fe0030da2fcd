"""Children by place, single year of age and community."""

from __future__ import annotations

import numpy as np
import pandas as pd

#: Every child, whatever the group; and all groups but the majority taken together.
EVERYONE = "everyone"
BME = "bme"


def estimate_people(
    ages: pd.DataFrame, ethnic_groups: pd.DataFrame, *, majority: str = "white_british"
) -> pd.DataFrame:
    """Count children by place and age, and estimate them by ethnic group.

    Ages by ethnic group do not exist at small areas in open data, so a group's children are
    estimated as place × age count × the group's share of the place's residents, and marked so.
    ``bme`` is every group but ``majority``. Where a place has no residents by group, the shares of
    all places together stand in.

    Args:
        ages: place_id, age, children; basis too, where not all of them are measured.
        ethnic_groups: place_id, group_id, residents; may be empty, then only everyone is counted.
        majority: the group that BME leaves out.

    Returns:
        ``tables.PEOPLE``.

    >>> ages = pd.DataFrame({"place_id": ["P"], "age": [13], "children": [50.0]})
    >>> groups = pd.DataFrame({"place_id": "P", "group_id": ["white_british", "indian"],
    ...                        "residents": [900.0, 100.0]})
    >>> people = estimate_people(ages, groups).set_index("community_id")
    >>> float(people.loc["indian", "children"]), people.loc["indian", "basis"]
    (5.0, 'estimated')

    """
    columns = ["place_id", "age", "community_id", "children", "basis"]
    basis = ages.get("basis", "measured")
    everyone = ages.assign(community_id=EVERYONE, basis=basis)[columns]
    if ethnic_groups.empty:
        return everyone.reset_index(drop=True)
    shares = group_shares(ethnic_groups, places=ages["place_id"].drop_duplicates())
    groups = ages.merge(shares, on="place_id")
    groups["children"] = groups["children"] * groups["share"]
    groups = groups.rename(columns={"group_id": "community_id"}).assign(basis="estimated")[columns]
    minority = groups[groups["community_id"] != majority]
    bme = minority.groupby(["place_id", "age"], sort=False)[["children"]].sum().reset_index()
    bme = bme.assign(community_id=BME, basis="estimated")[columns]
    return pd.concat([everyone, bme, groups], ignore_index=True)


def group_shares(ethnic_groups: pd.DataFrame, *, places: pd.Series) -> pd.DataFrame:
    """Return each group's share of the residents of each place: place_id, group_id, share."""
    wide = ethnic_groups.pivot_table(
        index="place_id", columns="group_id", values="residents", aggfunc="sum", sort=False
    )
    overall = wide.sum(axis=0) / np.nansum(wide.to_numpy())
    wide = wide.reindex(places)
    totals = wide.sum(axis=1)
    wide = wide.fillna(0.0)
    shares = wide.div(totals.where(totals > 0), axis=0)
    # A place without residents by group takes the shares of all places together.
    shares = shares.fillna(overall)
    return (
        shares.rename_axis("place_id")
        .reset_index()
        .melt("place_id", var_name="group_id", value_name="share")
    )

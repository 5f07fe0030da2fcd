"""Dense seeded towns with scarce capacity, where shares lie between nothing and everything."""

from __future__ import annotations

import copy
import math
import random

import pytest

from test_waterfall_laws import BLANKS, never_lower, shares
from towns import OUT_OF_SCHOOL, Town, element
from walk import by_hand

PLACES = ("P1", "P2", "P3")
AGES = range(13, 16)
BLOCKS, TOWNS_A_BLOCK = 4, 25
TOWNS_TO_BLANK = 10


def draw_town(seed: int) -> Town:
    """Draw a town without unknowns in which clubs are many, near and small."""
    pick = random.Random(seed)  # noqa: S311 - a town, no secret
    town = Town(
        element=element(
            need=pick.choice([1.0, 2.0, 3.0]),
            catchment_metres=2000.0,
            kappa=pick.choice([0.1, 0.15, 0.3]),
            windows=pick.choice([(), OUT_OF_SCHOOL]),
            quality=pick.random() < 0.7,
        ),
        ages=AGES,
        children={p: {a: float(pick.randint(0, 40)) for a in AGES} for p in PLACES},
        groups={p: {"o": 80.0, "g": pick.choice([0.0, 20.0, 80.0])} for p in PLACES},
    )
    for number in range(pick.randint(2, 5)):
        starts = [(pick.choice(["Monday", "Friday", "Saturday"]), pick.choice([14.0, 15.0, 18.0])) for _ in range(2)]  # fmt: skip
        town.club(
            f"c{number}",
            *((day, start, start + pick.choice([1.0, 2.0, 3.0])) for day, start in starts),
            metres={p: pick.choice([300.0, 1500.0, 1700.0, 2200.0]) for p in PLACES},
            minimum_age=pick.choice([13.0, 13.0, 14.0]),
            maximum_age=pick.choice([99.0, 99.0, 14.0]),
            capacity=pick.choice([3.0, 6.0, 12.0, 20.0]),
            open_to=pick.choice([("everyone",), ("everyone",), ("o",), ("g",)]),
            quality=pick.choice(["meets", "meets", "below"]),
        )
    return town


@pytest.mark.parametrize("block", range(BLOCKS))
def test_the_engine_agrees_with_the_walk_where_places_are_scarce(block):
    partial = dict.fromkeys(("cause_full", "cause_quality", "covered"), 0)
    for seed in range(block * TOWNS_A_BLOCK, (block + 1) * TOWNS_A_BLOCK):
        town = draw_town(seed)
        rows = town.coverage()
        for row in rows[rows["community_id"].isin(("o", "g"))].to_dict("records"):
            slowly = by_hand(town, row["place_id"], row["age"], row["community_id"])
            for part, share in slowly.items():
                assert math.isclose(row[part], share, abs_tol=1e-9), (seed, part)
            for part in partial:
                partial[part] += 0.01 < slowly[part] < 0.99
    # Not worth its name where every share is 0 or 1.
    assert min(partial.values()) >= 8, partial


BLANKED = ("minimum_age", "maximum_age", "open_to", "capacity", "assured_date", "location", "quality", "hours")  # fmt: skip


def blank(town: Town, what: str) -> Town:
    """Blank one attribute of one club: one that turns some away by it, where there is one.

    The location of all is blanked, for who competes for the places of one lives near another.
    """
    blanked = copy.deepcopy(town)
    wide = {"minimum_age": 13.0, "maximum_age": 99.0, "open_to": ("everyone",)}.get(what)
    club = max(blanked.services, key=lambda s: wide is not None and s[what] != wide)
    name = club["service_id"]
    if what == "location":
        blanked.times = [(p, s, m, 400.0) for p, s, m, _ in town.times]
    elif what == "quality":
        blanked.quality = [q for q in town.quality if q["service_id"] != name]
    elif what == "hours":
        blanked.sessions = [s for s in town.sessions if s["service_id"] != name]
    else:
        club[what] = BLANKS[what]
    return blanked


@pytest.mark.parametrize("what", BLANKED)
def test_a_blank_raises_what_may_be_and_lowers_what_is_certain_where_places_are_scarce(what):
    moved = 0
    for seed in range(TOWNS_TO_BLANK):
        town = draw_town(seed)
        before, after = shares(town), shares(blank(town, what))
        hi, lo = ["cause_quality"], ["covered"]  # v after all steps is the good world's
        assert never_lower(before[hi], after[hi]), seed
        assert never_lower(after[lo], before[lo]), seed
        moved += not after[hi + lo].equals(before[hi + lo])
    assert moved >= 2

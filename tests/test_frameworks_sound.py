"""Standards that nothing could ever meet are errors, each with the reason."""

from __future__ import annotations

import pytest

from provision_map import DataError, load_framework
from provision_map.frameworks.sound import list_faults
from provision_map.model import Standard

CASES = [
    (Standard("hours", 4.5, 1600, "", windows=((0, 15.0, 19.0),)), "there are 4 hours in its windows"),
    (Standard("days", 2, 1600, "", windows=((0, 15.0, 19.0), (0, 20.0, 21.0))), "there are 1 days"),
    (Standard("holidays", 7, 1600, ""), "there are 6 school holidays"),
    (Standard("types", 2, 1600, "", type_metres={"LAP": 100.0}), "there are 1 types"),
    (Standard("any", 2, 1600, ""), "it is there or not"),
    (Standard("types", 1, 1600, "", type_metres={"LAP": 100.0}, levels={"stretch": 2}), "level stretch is 2"),
    (Standard("holidays", 1, 1600, "", required=("Summer", "Whitsun")), "required Whitsun is not known"),
    (Standard("hours", 1, 1600, "", required=("Friday",)), "nothing, in this unit"),
    (Standard("any", 1, 1600, "", minutes={"cycle": 0}), "minutes by cycle"),
    (Standard("any", 0, 1600, ""), "need is not above 0"),
    (Standard("any", 1, 0, ""), "metres is not above 0"),
    (Standard("any", 1, -5, ""), "metres is not above 0"),
    (Standard("types", 1, 0, ""), "metres is not above 0"),
    (Standard("types", 1, 0, "", type_metres={"LAP": 100.0, "NEAP": 0.0}), "type_metres of NEAP"),
    (Standard("any", 1, 1600, "", kappa=1.01), "at most 1"),
    (Standard("any", 1, 1600, "", kappa=0.0), "kappa is not above 0"),
]  # fmt: skip


@pytest.mark.parametrize(("standard", "said"), CASES)
def test_what_no_service_can_meet_is_said(standard, said):
    assert any(said in fault for fault in list_faults(standard))


def test_at_the_edge_it_can_be_met():
    assert list_faults(Standard("hours", 4, 1600, "", windows=((0, 15.0, 19.0),))) == []
    assert list_faults(Standard("any", 1, 0.5, "", kappa=1.0)) == []
    assert list_faults(Standard("types", 1, 0, "", type_metres={"LAP": 100.0})) == []
    assert list_faults(Standard("days", 1, 1600, "", windows=((0, 15.0, 19.0),), required=("Monday",))) == []  # fmt: skip


def test_a_local_standard_that_cannot_be_met_stops_the_run():
    changes = {"Y02": {"need": 60, "reason": "Agreed by nobody."}}
    with pytest.raises(DataError, match=r"standards\.Y02: need is 62 and no service can meet it: there are 61"):  # fmt: skip
        load_framework(overrides={"Y02": {**changes["Y02"], "need": 62}})
    with pytest.raises(DataError, match="required Whitsun"):
        load_framework(overrides={"Y06": {"required": ["Whitsun"], "reason": "A slip."}})
    assert load_framework(overrides=changes).elements["Y02"].standard.need == 60


def test_levels_required_and_minutes_can_be_set_locally():
    changes = {
        "Y06": {"required": ["Summer"], "levels": {"stretch": 6}, "need": 3, "reason": "Agreed."},
        "Y02": {"minutes": {"public_transport": 30}, "reason": "Agreed."},
    }
    elements = load_framework(overrides=changes).elements
    assert elements["Y06"].standard.required == ("Summer",)
    assert elements["Y06"].standard.levels == {"stretch": 6}
    assert elements["Y02"].standard.minutes == {"public_transport": 30}
    assert elements["C05"].standard.levels == {"standard": 2, "stretch": 3}

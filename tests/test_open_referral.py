"""Records of Open Referral as rows of ours: what is read, what is left out, what is only remarked."""

from __future__ import annotations

import copy

import pytest

from provision_map.open_referral import (
    Account,
    FeedMapping,
    Package,
    Rule,
    find_kind,
    nest_services,
    read_service,
)
from provision_map.open_referral.schedules import read_schedule
from provision_map.open_referral.services_in import CELLS

ELEMENTS = FeedMapping(file="m.toml", constants={"elements": "Y02"})
CLUB = {
    "id": "ac148810-d857-441c-9679-408f346de14b",
    "name": "Club",
    "status": "active",
    "minimum_age": 5,
    "maximum_age": 12,
    "organization": {"id": "o1", "name": "Us"},
    "service_at_locations": [
        {
            "id": "at1",
            "location": {
                "id": "l1",
                "location_type": "physical",
                "latitude": 51.85,
                "longitude": -2.24,
                "addresses": [{"postal_code": "GL1 1AA", "address_type": "physical"}],
            },
        }
    ],
    "schedules": [{"id": "c1", "freq": "WEEKLY", "byday": "MO", "opens_at": "10:00"}],
}


def read(change=None, mapping=ELEMENTS, account=None):
    record = copy.deepcopy(CLUB)
    record.update(change or {})
    account = Account() if account is None else account
    reading = read_service(record, mapping, account)
    return reading, account


def row(reading, n=0):
    return dict(zip(CELLS, reading.services[n], strict=True))


def test_what_is_nested_becomes_cells():
    reading, account = read(
        {
            "assured_date": "2020-05-01T09:00:00Z",
            "languages": [{"id": "a", "name": "English"}, {"id": "b", "code": "pa"}],
            "cost_options": [{"id": "c", "amount": 1.5}, {"id": "d", "amount": 1.5}],
        }
    )
    cells = row(reading)
    assert (cells["service_id"], cells["organisation_id"]) == (CLUB["id"], "o1")
    assert (cells["longitude"], cells["latitude"], cells["postcode"]) == (
        "-2.24",
        "51.85",
        "GL1 1AA",
    )
    assert (cells["minimum_age"], cells["maximum_age"]) == ("5", "12")
    assert (cells["assured_date"], cells["languages"], cells["cost"]) == (
        "2020-05-01",
        "English;pa",
        "1.5",
    )
    assert cells["capacity"] == cells["open_to"] == cells["access"] == ""
    assert not account.faults


def test_a_charity_is_known_by_the_scheme_of_its_register():
    organisation = {
        "id": "o1",
        "name": "Us",
        "organization_identifiers": [
            {"id": "a", "identifier_scheme": "GB-COH", "identifier_type": "Company number", "identifier": "99"},
            {"id": "b", "identifier_scheme": "GB-CHC", "identifier_type": "Charity number", "identifier": "1234567"},
        ],
    }  # fmt: skip
    reading, account = read({"organization": organisation})
    assert reading.organisation["charity_number"] == "1234567"
    assert account.unkept["organization.organization_identifiers (GB-COH)"] == 1


@pytest.mark.parametrize(
    ("schedule", "expected"),
    [
        ({"freq": "WEEKLY", "byday": "TH,FR", "opens_at": "10:00:00", "closes_at": "18:30:00"},
         [("Thursday", "10:00", "18:30", "all year", "", "", "", ""), ("Friday", "10:00", "18:30", "all year", "", "", "", "")]),
        # Without a weekday a week's day is that of dtstart: 2 January 2020 was a Thursday.
        ({"freq": "WEEKLY", "dtstart": "2020-01-02"}, [("Thursday", "", "", "all year", "", "", "", "")]),
        ({"byday": "SA", "interval": 1, "valid_from": "2020-01-04", "valid_to": "2020-12-26"},
         [("Saturday", "", "", "all year", "", "", "2020-01-04", "2020-12-26")]),
        ({"freq": "WEEKLY", "interval": 2, "byday": "TU", "dtstart": "2020-01-07"},
         [("", "", "", "", "", "FREQ=WEEKLY;INTERVAL=2;BYDAY=TU", "2020-01-07", "")]),
        ({"freq": "MONTHLY", "byday": "-1FR", "opens_at": "19:00+01:00"},
         [("", "19:00", "", "", "", "FREQ=MONTHLY;BYDAY=-1FR", "", "")]),
        ({"bymonthday": "1,15"}, [("", "", "", "", "", "FREQ=MONTHLY;BYMONTHDAY=1,15", "", "")]),
        # Midnight at the end of a day is written in three ways.
        ({"byday": "FR", "opens_at": "20:00", "closes_at": "00:00"}, [("Friday", "20:00", "24:00", "all year", "", "", "", "")]),
        ({"byday": "FR", "opens_at": "20:00", "closes_at": "23:59:59"}, [("Friday", "20:00", "24:00", "all year", "", "", "", "")]),
        ({"byday": "FR", "closes_at": "23:59:00"}, [("Friday", "", "23:59", "all year", "", "", "", "")]),
    ],
)  # fmt: skip
def test_a_schedule_becomes_sessions(schedule, expected):
    account = Account()
    assert read_schedule(schedule, account, "schedules[0]") == expected
    assert not account.faults


@pytest.mark.parametrize(
    "schedule",
    [
        {"description": "weekdays by arrangement"},
        {"freq": "WEEKLY", "byday": "TH,FR", "bymonthday": "2,3,4"},  # as in the standard's example
        {"freq": "WEEKLY", "interval": 2, "byday": "TU"},  # which weeks?
        {"freq": "WEEKLY", "byday": "Someday"},
        {"freq": "WEEKLY", "byday": "1 MO"},
        {"freq": "HOURLY", "byday": "MO"},
    ],
)
def test_a_schedule_that_says_no_day_is_remarked_and_leaves_hours_unknown(schedule):
    account = Account()
    assert read_schedule(schedule, account, "schedules[3]") == []
    [remark] = account.remarks
    assert remark.path == "schedules[3]"
    assert "its hours are unknown" in remark.what


def test_a_service_at_several_places_is_one_service_at_each():
    first = CLUB["service_at_locations"][0]
    second = {
        "id": "at2",
        "location": {
            "id": "l2",
            "location_type": "physical",
            "latitude": 51.86,
            "longitude": -2.25,
        },
    }
    online = {"id": "at3", "location": {"id": "l3", "location_type": "virtual"}}
    schedules = [
        {"id": "a", "freq": "WEEKLY", "byday": "MO"},
        {"id": "b", "freq": "WEEKLY", "byday": "TU", "service_at_location_id": "at1"},
        {"id": "c", "freq": "WEEKLY", "byday": "WE", "service_at_location_id": "at2"},
    ]
    reading, _ = read({"service_at_locations": [first, second, online], "schedules": schedules})
    code = CLUB["id"]
    assert [cells[0] for cells in reading.services] == [f"{code}@l1", f"{code}@l2"]
    assert [(s[0][-2:], s[1]) for s in reading.sessions] == [
        ("l1", "Monday"), ("l1", "Tuesday"), ("l2", "Monday"), ("l2", "Wednesday"),
    ]  # fmt: skip
    unnamed = {"location": second["location"]}
    reading, _ = read({"service_at_locations": [first, unnamed], "schedules": schedules})
    assert [(s[0][-2:], s[1]) for s in reading.sessions] == [
        ("l1", "Monday"), ("l1", "Tuesday"), ("l1", "Wednesday"), ("l2", "Monday"), ("l2", "Wednesday"),
    ]  # fmt: skip
    alone, _ = read({"service_at_locations": [first, online]})
    assert [cells[0] for cells in alone.services] == [code]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"status": "temporarily closed"}, "Its status is temporarily closed."),
        ({"minimum_age": 60, "maximum_age": None}, "It is for people of 60 and older."),
        ({"service_at_locations": []}, "It says no place"),
        ({"name": "Other"}, "The filter of m.toml does not keep it."),
    ],
)
def test_what_is_not_ours_is_left_out_with_the_reason(change, reason):
    mapping = FeedMapping(file="m.toml", constants={"elements": "Y02"}, keep={"name": frozenset({"Club"})})  # fmt: skip
    reading, account = read(change, mapping)
    assert reading.services == reading.sessions == []
    assert reading.left_out.startswith(reason)
    assert not account.faults


def test_rules_compare_terms_and_fields_for_equality_and_the_first_holds():
    theirs = {"attributes": [{"id": "x", "taxonomy_term": {"id": "t", "name": "Play", "taxonomy": "Themes"}}]}  # fmt: skip
    mapping = FeedMapping(
        file="m.toml",
        rules=(
            Rule({"taxonomy_term@Other": frozenset({"Play"})}, {"elements": "C01"}),
            Rule({"taxonomy_term": frozenset({"play"})}, {"elements": "C01"}),
            Rule({"taxonomy_term@Themes": frozenset({"Play"}), "organization.name": frozenset({"Us"})}, {"elements": "C02", "booking": "drop-in"}),
            Rule({"name": frozenset({"Club"})}, {"elements": "C03"}),
        ),
    )  # fmt: skip
    reading, _ = read(theirs, mapping)
    assert (row(reading)["elements"], row(reading)["booking"], reading.rule) == (
        "C02",
        "drop-in",
        3,
    )
    assert row(read({}, mapping)[0])["elements"] == "C03"
    assert read(theirs | {"name": "Other", "organization": {"id": "o2", "name": "Them"}}, mapping)[0].terms == ["Play (Themes)"]  # fmt: skip


def test_what_disagrees_is_unknown_and_remarked():
    places = [{"id": "a", "amount": 1}, {"id": "b", "amount": 8}]
    reading, account = read({"cost_options": places})
    assert row(reading)["cost"] == ""
    assert [remark.path for remark in account.remarks] == ["cost_options"]
    reading, account = read({"cost_options": [{"id": "a", "amount": 5, "currency": "EUR"}]})
    assert row(reading)["cost"] == ""
    assert [remark.path for remark in account.remarks] == ["cost_options.currency"]
    assert row(read({"cost_options": [{"id": "a", "amount": 0}]})[0])["cost"] == "0"


def test_texts_are_read_only_where_a_person_has_said_what_they_mean():
    place = copy.deepcopy(CLUB["service_at_locations"])
    place[0]["location"]["accessibility"] = [{"id": "a", "description": "Ramp at the door"}]
    change = {"service_areas": [{"id": "s", "name": "The county"}], "service_at_locations": place}
    reading, account = read(change)
    assert row(reading)["service_area"] == row(reading)["access"] == ""
    assert sorted(remark.path for remark in account.remarks) == [
        "service_areas", "service_at_locations.location.accessibility",
    ]  # fmt: skip
    words = {"service_area": {"The county": "all"}, "access": {"Ramp at the door": "step_free"}}
    reading, account = read(
        change, FeedMapping(file="m", constants=ELEMENTS.constants, translate=words)
    )
    assert (row(reading)["service_area"], row(reading)["access"]) == ("all", "step_free")
    assert not account.remarks


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"name": 5}, "name"),
        ({"minimum_age": "five"}, "minimum_age"),
        ({"minimum_age": "1_0"}, "minimum_age"),
        ({"minimum_age": "NaN"}, "minimum_age"),
        ({"minimum_age": "5-12"}, "minimum_age"),
        ({"maximum_age": "9" * 400}, "maximum_age"),
        ({"cost_options": [{"amount": "1,50"}]}, "cost_options[0].amount"),
        ({"minimum_age": True}, "minimum_age"),
        ({"minimum_age": float("nan")}, "minimum_age"),
        ({"maximum_age": float("inf")}, "maximum_age"),
        ({"maximum_age": 10**400}, "maximum_age"),
        ({"schedules": "MO"}, "schedules"),
        ({"schedules": [{"byday": ["MO", 2]}]}, "schedules[0].byday"),
        ({"schedules": [None, {"opens_at": ["10"], "byday": "MO"}]}, "schedules[1].opens_at"),
        ({"schedules": ["MO"]}, "schedules[0]"),
        ({"organization": "Us"}, "organization"),
        ({"organization": {"id": "o", "name": {}}}, "organization.name"),
        ({"languages": [{"name": False}]}, "languages[0].name"),
        ({"cost_options": [{"amount": "free"}]}, "cost_options[0].amount"),
        ({"service_at_locations": [{"location": {"id": "l", "latitude": 91, "longitude": 0}}]}, "service_at_locations[0].location.latitude"),
        ({"service_at_locations": [{"location": {"latitude": 51, "longitude": 0}}]}, "service_at_locations[0].location.id"),
        ({"status": "open"}, "status"),
        ({"status": None}, "status"),
        ({"id": None}, "id"),
        ({"id": 7.5}, "id"),
        ({"id": 10**400}, "id"),
        ({"description": "\ud800"}, "description"),
    ],
)  # fmt: skip
def test_wrong_types_are_faults_that_say_the_path(change, path):
    _, account = read(change)
    assert path in [fault.path for fault in account.faults]
    assert all(fault.what for fault in account.faults)


@pytest.mark.parametrize(
    ("change", "cells"),
    [
        ({"minimum_age": "5", "maximum_age": " 12.0 "}, {"minimum_age": "5", "maximum_age": "12"}),
        ({"cost_options": [{"id": "c", "amount": "1.50"}]}, {"cost": "1.5"}),
        ({"minimum_age": "tbd", "maximum_age": "unknown"}, {"minimum_age": "", "maximum_age": ""}),
        ({"id": 7, "name": "Us"}, {"service_id": "7"}),
        ({"status": "Active"}, {"name": "Club"}),
        ({"name": "Us &amp; them", "description": "<p>Play &#8211; <b>free</b></p><p>All &lt;5s</p>"},
         {"name": "Us & them", "description": "Play \u2013 free All <5s"}),
        ({"languages": {"id": "l", "name": "Welsh"}}, {"languages": "Welsh"}),
    ],
)  # fmt: skip
def test_another_way_of_writing_is_read_where_it_is_plain_and_remarked(change, cells):
    reading, account = read(change)
    assert not account.faults
    assert account.remarks
    assert all(remark.form for remark in account.remarks)
    assert {name: row(reading)[name] for name in cells} == cells


@pytest.mark.parametrize(
    "change",
    [
        {"minimum_age": "", "maximum_age": None},
        {"assured_date": ""},
        {"languages": "", "cost_options": {}, "attributes": None},
        {"organization": [], "organization_id": "o1"},
        {"description": "5 < 6 & 7 > 6; R&D, a <- b"},
        {"organization_id": "o1"},
    ],
)
def test_what_says_nothing_is_absent_and_what_is_plain_is_left_alone(change):
    reading, account = read(change)
    assert not account.faults
    assert not account.remarks
    assert row(reading)["organisation_id"] == "o1"
    assert row(reading)["description"] == change.get("description", "")


def test_positions_in_quotes_are_read_and_halves_of_them_are_not_made_up():
    place = copy.deepcopy(CLUB["service_at_locations"])
    place[0]["location"] |= {"latitude": " 51.85", "longitude": "-2.240"}
    reading, account = read({"service_at_locations": place})
    assert (row(reading)["longitude"], row(reading)["latitude"]) == ("-2.24", "51.85")
    assert not account.faults
    place[0]["location"] |= {"latitude": "", "location_type": "Virtual"}
    reading, account = read({"service_at_locations": place})
    assert reading.left_out.startswith("It is online or by post only")
    place[0]["location"]["location_type"] = "Physical"
    reading, account = read({"service_at_locations": place})
    assert row(reading)["latitude"] == ""


def test_an_organisation_that_is_named_and_another_that_is_held_are_told():
    reading, account = read({"organization_id": "o2"})
    assert row(reading)["organisation_id"] == "o1"
    assert [remark.path for remark in account.remarks] == ["organization_id"]


@pytest.mark.parametrize(
    ("schedule", "expected", "remarks"),
    [
        ({"byday": ["MO", "TU"]}, [("Monday", ""), ("Tuesday", "")], 1),
        ({"byday": ["MO,TU"]}, [("Monday", ""), ("Tuesday", "")], 1),
        ({"byday": "mo; tu"}, [("Monday", ""), ("Tuesday", "")], 0),
        ({"byday": "MO,MO"}, [("Monday", "")], 0),
        ({"byday": "Monday, tues Thurs"}, [("Monday", ""), ("Tuesday", ""), ("Thursday", "")], 1),
        ({"freq": "weekly", "byday": "MO", "interval": "1"}, [("Monday", "")], 0),
        ({"byday": "MO", "opens_at": "9:00"}, [("Monday", "9:00")], 0),
        ({"byday": "MO", "opens_at": "09:00Z"}, [("Monday", "09:00")], 1),
        ({"byday": "MO", "opens_at": "0930"}, [("Monday", "09:30")], 1),
        ({"byday": "MO", "opens_at": "2020-01-06T09:30:00"}, [("Monday", "09:30")], 1),
        ({"byday": "MO", "opens_at": None, "closes_at": "", "valid_from": "", "until": ""}, [("Monday", "")], 0),
    ],
)  # fmt: skip
def test_another_way_of_writing_a_schedule_is_read(schedule, expected, remarks):
    account = Account()
    assert [said[:2] for said in read_schedule(schedule, account, "schedules[0]")] == expected
    assert not account.faults
    assert len(account.remarks) == remarks


def test_days_of_the_month_may_stand_in_a_list():
    account = Account()
    [said] = read_schedule({"bymonthday": [1, "15"]}, account, "schedules[0]")
    assert said[5] == "FREQ=MONTHLY;BYMONTHDAY=1,15"
    assert [remark.path for remark in account.remarks] == ["schedules[0].bymonthday"]


def test_persons_are_never_read():
    change = {
        "contacts": [{"id": "p", "name": "Zaphod Q", "title": "Manager"}],
        "phones": [{"id": "q", "number": "01234 567890"}],
    }
    reading, account = read(change)
    assert "Zaphod" not in repr((reading, account))
    assert "567890" not in repr((reading, account))
    assert account.unkept["contacts"] == account.unkept["phones"] == 1


@pytest.mark.parametrize(
    ("record", "kind"),
    [
        ({"id": "a", "name": "b", "status": "active"}, "service"),
        ({"id": "a", "name": "b", "services": []}, "organization"),
        ({"version": "3.0", "profile": "x", "openapi_url": "y"}, "about"),
        ({"id": "a", "name": "b", "taxonomy": "c"}, "taxonomy_term"),
        ({"id": "a", "service": {}, "location": {}}, "service_at_location"),
        ({"service": [], "organization": []}, "package"),
        ({"id": "a", "name": "b", "status": "active", "regular_schedules": []}, "old"),
        ({"totalElements": 1, "content": []}, "old"),
        ({}, "service"),
    ],
)
def test_records_are_known_by_their_fields(record, kind):
    assert find_kind(record) == kind


def test_flat_tables_are_put_together_and_rows_of_nobody_are_told():
    tables = {
        "service": [{"id": "s", "organization_id": "o", "name": "Club", "status": "active"}],
        "organization": [{"id": "o", "name": "Us"}],
        "organization_identifier": [{"id": "i", "organization_id": "o", "identifier": "1"}],
        "service_at_location": [{"id": "at", "service_id": "s", "location_id": "l"}],
        "location": [{"id": "l", "latitude": 51.0, "longitude": -2.0}],
        "address": [{"id": "ad", "location_id": "l", "postal_code": "GL1 1AA"}, {"id": "x", "location_id": "gone"}],
        "schedule": [{"id": "c", "service_at_location_id": "at", "byday": "MO"}],
        "attribute": [{"id": "b", "link_id": "s", "taxonomy_term_id": "t"}],
        "taxonomy_term": [{"id": "t", "name": "Play", "taxonomy_id": "x"}],
        "taxonomy": [{"id": "x", "name": "Themes"}],
    }  # fmt: skip
    [service], orphans = nest_services(Package(tables))
    assert service["organization"]["organization_identifiers"][0]["identifier"] == "1"
    assert (
        service["service_at_locations"][0]["location"]["addresses"][0]["postal_code"] == "GL1 1AA"
    )
    assert service["schedules"][0]["byday"] == "MO"
    assert service["attributes"][0]["taxonomy_term"]["taxonomy"] == "Themes"
    assert [(o.table, o.position, o.column, o.code) for o in orphans] == [("address", 2, "location_id", "gone")]  # fmt: skip
    # Nothing of the tables themselves was changed.
    assert "organization" not in tables["service"][0]

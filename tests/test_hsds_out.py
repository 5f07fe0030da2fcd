"""Our services as Open Referral UK: the published schemas accept them, and they come back as they went."""

from __future__ import annotations

import datetime as dt
import json
import re
import shutil
from pathlib import Path

import jsonschema
import numpy as np
import pandas as pd
import pytest
import referencing
import referencing.jsonschema
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from provision_map import load_framework, measure_exercise, read_exercise, tables
from provision_map.open_referral import Account, FeedMapping, read_service
from provision_map.read.feeds.reading import read_feeds
from provision_map.read.files.text import InputFolder
from provision_map.read.findings import Findings
from provision_map.read.settings import FeedSettings
from provision_map.reports.hsds import (
    hsds_services,
    what_is_lost,
    write_hsds,
    write_hsds_package,
)
from provision_map.tables import ACCESS_FEATURES, HOLIDAYS, SECTORS, SPACE_TYPES, WEEKDAYS
from tiny_exercise import add_file, append_row, replace_text, set_cell, write_tiny_exercise

ROOT = Path(__file__).parents[1]
DATE = dt.date(2020, 11, 30)
FRAMEWORK = load_framework()
#: What HSDS cannot hold, or holds in another way: position is longitude and latitude there.
NOT_HELD = {"contact_role", "easting", "northing"}
FED = ("organisations", "services", "sessions", "quality")


def write(inputs, **more):
    return write_hsds(
        inputs.organisations, inputs.services, inputs.sessions,
        framework=FRAMEWORK, title="T", date=DATE, **more,
    )  # fmt: skip


def feed_instead(folder: Path, content: bytes, tables_fed=FED) -> None:
    """Put a feed in the place of the exercise's own tables."""
    path = folder / "provision.toml"
    text = path.read_text(encoding="utf-8")
    for name in tables_fed:
        text = re.sub(rf'(?m)^{name} = "data/services/{name}.csv"\n', "", text)
        text = re.sub(rf'(?m)^"data/services/{name}.csv" = .*\n', "", text)
        text = re.sub(rf'\[sources\."data/services/{name}.csv"\][^\[]*', "", text)
    path.write_text(text + '\n[[services.feeds]]\nfile = "feed.json"\n', encoding="utf-8")
    add_file(folder, "feed.json", content)


def bare(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.drop(columns=[n for n in ("_row", "_file") if n in frame]).reset_index(drop=True)


@pytest.fixture(scope="module")
def embedded(tmp_path_factory):
    folder = tmp_path_factory.mktemp("gloucester") / "exercise"
    shutil.copytree(ROOT / "data", folder / "data")
    shutil.copy(ROOT / "provision.toml", folder)
    return folder


@pytest.fixture(scope="module")
def schemas(shared_data):
    """Return a validator for each published schema, compiled or not, by its name."""
    folder = shared_data / "feeds/hsds-uk-3.0/schema"

    def load(uri):
        held = json.loads((folder / uri.rpartition("/")[2]).read_text(encoding="utf-8"))
        return referencing.Resource.from_contents(held, referencing.jsonschema.DRAFT202012)

    registry = referencing.Registry(retrieve=load)
    checker = jsonschema.FormatChecker()
    names = {path.relative_to(folder).as_posix(): path for path in folder.rglob("*.json")}
    return {
        name: jsonschema.Draft202012Validator(
            json.loads(path.read_text(encoding="utf-8")),
            registry=registry,
            format_checker=checker,
        )
        for name, path in names.items()
    }


def check(schemas, name, instance):
    errors = [f"{list(e.absolute_path)}: {e.message}" for e in schemas[name].iter_errors(instance)]
    assert errors == []


def test_the_published_schemas_accept_every_record_of_the_embedded_exercise(schemas, embedded):
    inputs = read_exercise(embedded)
    page = json.loads(write(inputs, quality=inputs.quality, data_status="illustrative services"))
    assert page["total_items"] == len(page["contents"]) == len(inputs.services) > 100
    assert page["data_status"] == "illustrative services"
    for service in page["contents"]:
        check(schemas, "compiled/service.json", service)
        check(schemas, "service.json", service)
        # The schema of a list describes one item of its contents.
        check(schemas, "compiled/service_list.json", service)
    check(schemas, "compiled/service_package.json", page["contents"])
    package = json.loads(
        write_hsds_package(inputs.organisations, inputs.services, inputs.sessions, framework=FRAMEWORK)
    )  # fmt: skip
    assert len(package) == len(inputs.organisations)
    assert sum(len(one["services"]) for one in package) == len(inputs.services)
    check(schemas, "compiled/organization_package.json", package)
    for one in package:
        check(schemas, "organization.json", one)


def test_the_oracle_can_say_no(schemas):
    wrong = {"id": "not a uuid", "name": "Club", "status": "open", "minimum_age": "5"}
    found = {e.absolute_path[0] for e in schemas["service.json"].iter_errors(wrong)}
    assert found == {"id", "status", "minimum_age"}


def test_the_figures_from_the_feed_are_those_from_the_tables(embedded, tmp_path):
    inputs = read_exercise(embedded)
    fed = tmp_path / "fed"
    shutil.copytree(embedded, fed)
    feed_instead(fed, write(inputs, quality=inputs.quality))
    again = read_exercise(fed)
    pd.testing.assert_frame_equal(
        measure_exercise(again).coverage, measure_exercise(inputs).coverage, check_exact=True
    )
    assert again.left_out.empty


def test_everything_that_hsds_can_hold_comes_back(tiny):
    path = tiny / "data/services/services.csv"
    for row, words in enumerate(("tbd", "none", "withheld", "", "0"), start=2):
        set_cell(path, row, "capacity", words)
        set_cell(path, row, "cost", words)
    for row, words in enumerate(("tbd", "withheld", "", "0"), start=2):
        set_cell(path, row, "minimum_age", words)
        set_cell(path, row, "location_accuracy", words)
    replace_text(
        tiny / "data/services/organisations.csv", "contact_role", "charity_number,contact_role"
    )
    replace_text(tiny / "data/services/organisations.csv", "voluntary,", "voluntary,SC012345,")
    replace_text(tiny / "data/services/organisations.csv", "county council,", "county council,,")
    replace_text(tiny / "data/services/sessions.csv", "21:00,term,", "24:00,term,")
    inputs = read_exercise(tiny)
    feed_instead(tiny, write(inputs, quality=inputs.quality))
    again = read_exercise(tiny)
    for name in FED:
        ours, theirs = bare(getattr(inputs, name)), bare(getattr(again, name))
        gone = [c for c in ours if c.removesuffix("_said") in {*NOT_HELD, "longitude", "latitude"}]
        pd.testing.assert_frame_equal(theirs.drop(columns=gone), ours.drop(columns=gone))
    for name in ("easting", "northing"):
        moved = again.services[name] - inputs.services[name]
        assert np.nanmax(np.abs(moved)) < 0.002
        assert moved.isna().tolist() == inputs.services[name].isna().tolist()


def test_no_person_is_written_and_the_bytes_are_always_the_same(tiny):
    append_row(tiny / "data/services/organisations.csv", organisation_id="O3", name="Idle", sector="faith", contact_role="Reverend Zaphod")  # fmt: skip
    inputs = read_exercise(tiny)
    page = write(inputs)
    assert page == write(read_exercise(tiny))
    assert b"Zaphod" not in page
    assert b'"contacts"' not in page
    assert b'"phones"' not in page
    lost = {(p.file, p.column): p.what for p in what_is_lost(
        inputs.organisations, inputs.services, inputs.sessions,
        returns=inputs.returns, practice=inputs.practice, participation=inputs.participation,
    )}  # fmt: skip
    assert lost["organisations", "contact_role"].startswith("Left out for 3 organisations")
    assert lost["organisations", None].startswith("1 organisation gives no service")
    assert ("returns", None) in lost
    assert ("practice", None) in lost
    package = write_hsds_package(inputs.organisations, inputs.services, inputs.sessions, framework=FRAMEWORK)  # fmt: skip
    assert b"Idle" in package
    assert b"Zaphod" not in package


def test_the_package_by_organisation_is_read_as_well(tiny):
    append_row(tiny / "data/services/organisations.csv", organisation_id="O3", name="Idle", sector="faith")  # fmt: skip
    inputs = read_exercise(tiny)
    content = write_hsds_package(inputs.organisations, inputs.services, inputs.sessions, framework=FRAMEWORK)  # fmt: skip
    feed_instead(tiny, content, ("organisations", "services", "sessions"))
    again = read_exercise(tiny)
    assert sorted(again.services["service_id"]) == sorted(inputs.services["service_id"])
    assert sorted(again.organisations["organisation_id"]) == ["O1", "O2", "O3"]


def test_a_position_that_was_corrected_in_the_feed_is_the_one_that_counts(tiny):
    page = json.loads(write(read_exercise(tiny)))
    page["contents"][0]["service_at_locations"][0]["location"]["longitude"] += 0.001
    feed_instead(tiny, json.dumps(page).encode(), ("organisations", "services", "sessions"))
    moved = read_exercise(tiny).services["easting"][0] - 383500
    assert 60 < moved < 80  # a thousandth of a degree at 52 degrees north


def test_an_identifier_of_ours_counts_only_beside_the_uuid_made_from_it(tiny):
    page = json.loads(write(read_exercise(tiny)))
    first, second = page["contents"][:2]
    second["attributes"] = [
        a if a["link_type"] != "service_id" else first["attributes"][0]
        for a in second["attributes"]
    ]
    reading = read_service(second, FeedMapping(), Account())
    assert reading.service_id == second["id"]


# ---------------------------------------------------------------- the law

TEXT = st.text(st.characters(blacklist_categories=("Cs", "Cc")), max_size=12).map(str.strip)
NAME = TEXT.filter(bool)
ITEM = TEXT.filter(lambda t: t and ";" not in t)
UUID = st.uuids().map(str)


def list_of(items):
    return st.lists(items, max_size=3, unique=True).map(";".join)


def number(low, high, *, whole=False, none=False):
    values = st.integers(low, high) if whole else st.floats(low, high, allow_nan=False)
    words = ["", "tbd", "withheld", *(["none"] if none else [])]
    return st.sampled_from(words) | values.map(lambda v: repr(v + 0))


ORGANISATION = st.fixed_dictionaries({
    "organisation_id": NAME | UUID, "name": NAME, "sector": st.sampled_from(SECTORS),
    "charity_number": TEXT, "contact_role": TEXT,
})  # fmt: skip
SERVICE = st.fixed_dictionaries({
    "service_id": NAME | UUID, "name": NAME, "description": TEXT, "organisation_id": NAME,
    "elements": st.lists(ITEM, min_size=1, max_size=3, unique=True).map(";".join),
    "outcomes": list_of(ITEM), "place_id": NAME, "postcode": TEXT,
    "longitude": st.floats(-179, -1).map(repr), "latitude": st.floats(1, 89).map(repr),
    "location_accuracy": number(0, 10**6), "service_area": list_of(ITEM),
    "minimum_age": number(0, 25, whole=True), "maximum_age": number(0, 99, whole=True),
    "capacity": number(0, 10**6, none=True), "open_to": list_of(ITEM), "not_open_to": list_of(ITEM),
    "access": list_of(st.sampled_from(ACCESS_FEATURES)), "languages": list_of(ITEM),
    "cost": number(0, 10**6, none=True), "publicised": st.sampled_from(["yes", "no", ""]),
    "space_types": list_of(st.sampled_from(SPACE_TYPES)), "booking": TEXT,
    "assured_date": st.dates(dt.date(1900, 1, 1)).map(str) | st.just(""),
})  # fmt: skip
CLOCK = st.just("") | st.just("24:00") | st.times().map(lambda t: f"{t:%H:%M}")
SESSION = st.fixed_dictionaries({
    "weekday": st.sampled_from([*WEEKDAYS, ""]), "start": CLOCK, "end": CLOCK,
    "period": st.sampled_from(["term", "holidays", "all year"]),
    "holidays": list_of(st.sampled_from(HOLIDAYS)),
    "schedule": st.sampled_from(["", "FREQ=WEEKLY;INTERVAL=2;BYDAY=TU,TH", "FREQ=YEARLY;BYMONTH=5", "freq=monthly;byday=-1FR;until=20210716", "no rule"]),
    "valid_from": st.dates().map(str) | st.just(""), "valid_to": st.dates().map(str) | st.just(""),
})  # fmt: skip
QUALITY = st.fixed_dictionaries({
    "date": st.dates().map(str), "evidence": st.sampled_from(["inspection", "award", "visit", "feedback"]),
    "scheme": TEXT, "answers": number(0, 10**6, whole=True), "result": st.sampled_from(["meets", "below"]),
})  # fmt: skip


def typed(table, rows):
    frame = pd.DataFrame(rows, columns=table.names(given_only=True), dtype=object).fillna("")
    made, problems, _ = table.validate(frame, file="")
    assert problems == []
    return made


@st.composite
def whole_tables(draw):
    organisations = draw(st.lists(ORGANISATION, min_size=1, max_size=3, unique_by=lambda r: r["organisation_id"]))  # fmt: skip
    codes = [row["organisation_id"] for row in organisations]
    services = draw(st.lists(SERVICE, min_size=1, max_size=3, unique_by=lambda r: r["service_id"]))
    sessions, quality = [], []
    for service in services:
        service["organisation_id"] = draw(st.sampled_from(codes))
        code = {"service_id": service["service_id"]}
        sessions += [code | row for row in draw(st.lists(SESSION, max_size=2))]
        quality += [code | row for row in draw(st.lists(QUALITY, max_size=2))]
    return (
        typed(tables.ORGANISATIONS, organisations), typed(tables.SERVICES, services),
        typed(tables.SESSIONS, sessions), typed(tables.QUALITY, quality),
    )  # fmt: skip


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(whole_tables())
def test_law_what_is_written_and_read_again_is_what_it_was(schemas, tmp_path_factory, made):
    organisations, services, sessions, quality = made
    content = write_hsds(
        organisations, services, sessions,
        framework=FRAMEWORK, title="T", date=DATE, quality=quality,
    )  # fmt: skip
    for service in json.loads(content)["contents"]:
        check(schemas, "compiled/service.json", service)
    folder = tmp_path_factory.mktemp("law")
    (folder / "feed.json").write_bytes(content)
    findings = Findings()
    [origin] = read_feeds(InputFolder(folder, findings), [FeedSettings("feed.json")])
    assert findings.problems == []
    assert origin.left_out.empty
    named = services["organisation_id"].drop_duplicates().tolist()
    giving = organisations.set_index("organisation_id", drop=False).loc[named]
    for name, ours in (("organisations", giving), ("services", services), ("sessions", sessions), ("quality", quality)):  # fmt: skip
        theirs = origin.frames.get(name)
        assert (theirs is None) == ours.empty, name
        if theirs is not None:
            gone = [
                c for c in ours if c.removesuffix("_said") in NOT_HELD or c in ("_row", "_file")
            ]
            pd.testing.assert_frame_equal(
                bare(theirs).drop(columns=gone, errors="ignore"),
                ours.drop(columns=gone, errors="ignore").reset_index(drop=True),
            )


def test_what_stays_keeps_its_identifier_when_something_else_goes(tmp_path):
    inputs = read_exercise(write_tiny_exercise(tmp_path / "tiny"))
    services = inputs.services
    [code] = inputs.sessions["service_id"].mode()[:1]
    sessions = inputs.sessions.assign(service_id=code, weekday=["Monday", "Friday", "Friday"] + ["Sunday"] * (len(inputs.sessions) - 3), schedule="")  # fmt: skip
    both = services.assign(elements=[("Y01", "Y02", "C02")] * len(services))
    fewer = services.assign(elements=[("Y02", "C02")] * len(services))

    def ids(services, sessions):
        records = hsds_services(inputs.organisations, services, sessions, framework=FRAMEWORK)
        [record] = [r for r in records if r.get("schedules")]
        terms = {a["taxonomy_term"]["term"]: a["id"] for a in record["attributes"]}
        return terms, [schedule["id"] for schedule in record["schedules"]]

    before, now = ids(both, sessions), ids(fewer, sessions.iloc[1:])
    assert len(set(before[1])) == len(before[1]) == len(sessions) > 3
    assert now[1] == before[1][1:]
    assert now[0] == {term: code for term, code in before[0].items() if term != "Y01"}


def test_services_come_one_by_one(tmp_path):
    inputs = read_exercise(write_tiny_exercise(tmp_path / "tiny"))
    many = hsds_services(inputs.organisations, inputs.services, inputs.sessions, framework=FRAMEWORK)  # fmt: skip
    assert next(many)["name"] == "Friday Night Club"
    assert sum(1 for _ in many) == 5

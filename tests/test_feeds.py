"""Files of Open Referral: every form they come in, every record accounted for, nothing breaks."""

from __future__ import annotations

import copy
import io
import json
import re
import zipfile

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from provision_map import DataError, read_exercise
from provision_map.read.feeds.json_stream import JsonStream
from provision_map.read.feeds.reading import read_feeds
from provision_map.read.files.text import InputFolder
from provision_map.read.findings import Findings
from provision_map.read.settings import FeedSettings
from tiny_exercise import add_file

MAPPING = """\
[organisations]
sector = "voluntary"
[[organisations.give]]
when = { name = ["Tinytown Council"] }
sector = "city council"
[constants]
open_to = "everyone"
[[give]]
when = { "taxonomy_term@Themes" = ["Play"] }
set = { elements = "C02" }
"""


def service(n, **more):
    return {
        "id": f"s{n}",
        "name": f"Club {n}",
        "status": "active",
        "organization": {"id": "o1", "name": "Us"},
        "service_at_locations": [
            {"id": f"at{n}", "location": {"id": f"l{n}", "location_type": "physical", "latitude": 51.855, "longitude": -2.24}}
        ],
        "schedules": [{"id": f"c{n}", "freq": "WEEKLY", "byday": "MO", "opens_at": "16:00", "closes_at": "17:00"}],
        "attributes": [{"id": f"a{n}", "taxonomy_term": {"id": "t", "name": "Play", "taxonomy": "Themes"}}],
        **more,
    }  # fmt: skip


def page(records, number=1, total=1, **more):
    said = {"total_items": len(records) * total, "total_pages": total, "page_number": number}
    return {**said, **more, "contents": records}


class Read:
    """What a feed gives, and what was found."""

    def __init__(self, folder, name, mapping=MAPPING):
        if mapping is not None:
            (folder / "mapping.toml").write_text(mapping, encoding="utf-8")
        findings = Findings()
        settings = FeedSettings(name, None if mapping is None else "mapping.toml")
        self.folder = InputFolder(folder, findings)
        [self.origin] = read_feeds(self.folder, [settings])
        self.problems, self.notes = findings.sorted_problems(), findings.sorted_notes()
        frame = self.origin.frames.get("services")
        self.services = [] if frame is None else frame["service_id"].tolist()
        self.left_out = dict(zip(self.origin.left_out["service_id"], self.origin.left_out["reason"], strict=True))  # fmt: skip


def read_json(folder, content, name="feed.json", mapping=MAPPING):
    data = content if isinstance(content, bytes) else json.dumps(content).encode()
    (folder / name).write_bytes(data)
    return Read(folder, name, mapping)


TWO = [service(1), service(2)]


def test_each_way_of_writing_is_told_once_with_how_often(tmp_path):
    records = [
        service(n, minimum_age="5", maximum_age="12", assured_date="01/05/2020", status="Active")
        for n in range(50)
    ]
    for record in records:
        record["schedules"][0] |= {"opens_at": "9 am", "byday": ["MO"]}
        record["service_at_locations"][0]["location"] |= {
            "latitude": "51.855",
            "longitude": "-2.24",
        }
    read = read_json(tmp_path, records)
    assert read.problems == ()
    assert len(read.services) == 50
    told = {note.column: note.what for note in read.notes}
    assert len(told) == len(read.notes) == 5
    assert told["minimum_age"].endswith("So in 200 places of the feed.")
    assert told["schedules.byday"].endswith("So in 50 places of the feed.")
    assert told["assured_date"].endswith("So with 49 more cells here.")
    assert told["schedules.opens_at"].startswith("9 am was read as 09:00. So with 49 more")


def test_services_that_count_their_identifiers_are_read_once(tmp_path):
    read = read_json(tmp_path, [service(1) | {"id": 7}, service(1) | {"id": 7}, service(2) | {"id": "7"}])  # fmt: skip
    assert read.services == ["7"]
    assert [problem.row for problem in read.problems] == [3]


@pytest.mark.parametrize(
    "content",
    [
        TWO,
        page(TWO),
        {"service": TWO, "organization": []},
        {"service": [{k: v for k, v in s.items() if k != "organization"} | {"organization_id": "o1"} for s in TWO], "organization": [{"id": "o1", "name": "Us"}]},
        [{"id": "o1", "name": "Us", "services": [{k: v for k, v in s.items() if k != "organization"} for s in TWO]}],
        {"organization": [{"id": "o1", "name": "Us", "services": TWO}]},
        "\n".join(map(json.dumps, TWO)).encode(),
        ("\ufeff" + json.dumps(TWO, indent=2)).encode(),
        b"  \r\n" + json.dumps(page(TWO)).encode() + b"\n\n",
    ],
    ids=["list", "page", "package", "flat package", "organisations", "organisation package", "lines", "mark", "blanks"],
)  # fmt: skip
def test_each_form_gives_the_same_services(tmp_path, content):
    read = read_json(tmp_path, content)
    assert read.problems == ()
    assert read.services == ["s1", "s2"]
    assert read.origin.left_out.empty
    assert read.origin.whole
    organisations = read.origin.frames["organisations"]
    assert organisations[["organisation_id", "name", "sector"]].to_numpy().tolist() == [["o1", "Us", "voluntary"]]  # fmt: skip
    sessions = read.origin.frames["sessions"]
    assert sessions["weekday"].tolist() == ["Monday", "Monday"]
    assert read.folder.files["feed.json"].bytes == (tmp_path / "feed.json").stat().st_size


def test_one_service_alone_is_a_feed(tmp_path):
    assert read_json(tmp_path, service(7)).services == ["s7"]


def test_pages_are_read_in_the_order_of_their_numbers_and_told_by_name(tmp_path):
    folder = tmp_path / "pages"
    folder.mkdir()
    for n in (1, 2, 10):
        number = min(n, 3)
        bad = {"minimum_age": "x"} if n == 10 else {}
        (folder / f"page_{n}.json").write_text(json.dumps(page([service(n, **bad)], number, 3)))
    read = Read(tmp_path, "pages")
    assert read.services == ["s1", "s2", "s10"]
    [problem] = read.problems
    assert (problem.file, problem.row, problem.column) == ("pages/page_10.json", 1, "minimum_age")
    assert read.origin.frames["services"]["_file"].tolist()[-1] == "pages/page_10.json"
    (folder / "page_2.json").unlink()
    missing = next(p for p in Read(tmp_path, "pages").problems if p.column == "page_number")
    assert (missing.file, missing.what) == ("pages", "1 of 3 pages is missing: 2.")


@pytest.mark.parametrize("first", [0, 1])
def test_a_feed_may_count_its_pages_from_nought(tmp_path, first):
    folder = tmp_path / "pages"
    folder.mkdir()
    for n in (0, 1):
        (folder / f"p{n}.json").write_text(json.dumps(page([service(n)], n + first, 2)))
    assert Read(tmp_path, "pages").problems == ()


def test_records_that_the_feed_says_it_has_must_be_there(tmp_path):
    less = read_json(tmp_path, {"total_items": 5, "contents": TWO})
    assert [p.column for p in less.problems] == ["total_items"]
    changed = read_json(tmp_path, page(TWO, total_items=31))
    assert changed.problems == ()
    assert any("31 records; 2 were read" in note.what for note in changed.notes)


def test_copies_are_read_once_and_contradictions_are_problems(tmp_path):
    shuffled = dict(reversed(service(1).items()))
    read = read_json(tmp_path, [service(1), service(1), shuffled])
    assert read.problems == ()
    assert read.services == ["s1"]
    assert read.left_out == {"s1": "It is a copy of row 1."}
    assert len(read.origin.left_out) == 2
    assert any(note.what.startswith("2 records are copies") for note in read.notes)
    read = read_json(tmp_path, [service(1), service(2), service(1, name="Other")])
    [problem] = read.problems
    assert (problem.row, problem.column) == (3, "id")
    assert "stands already in row 1" in problem.what


def test_every_record_is_used_or_left_out_and_the_terms_to_map_are_named(tmp_path):
    def themed(n, name):
        return service(n, attributes=[{"id": "a", "taxonomy_term": {"name": name, "taxonomy": "Themes"}}])  # fmt: skip

    records = [service(1), themed(2, "Food"), themed(3, "Food"), themed(4, "Arts"), service(5, status="defunct")]  # fmt: skip
    read = read_json(tmp_path, records)
    assert read.services == ["s1"]
    assert len(read.origin.left_out) == 4
    assert read.left_out["s2"] == "No rule of mapping.toml says what it gives."
    assert read.left_out["s5"] == "Its status is defunct."
    note = next(note for note in read.notes if "Their terms seen most" in note.what)
    assert "'Food (Themes)' 2; 'Arts (Themes)' 1" in note.what
    assert note.file == "mapping.toml"
    assert read.problems == ()


def test_without_a_mapping_the_feed_must_speak_our_terms(tmp_path):
    read = read_json(tmp_path, TWO, mapping=None)
    assert read.services == []
    assert set(read.left_out.values()) == {
        "It carries no term of our elements, and no mapping says what it gives."
    }
    assert any("'Play (Themes)' 2" in note.what for note in read.notes)


def test_an_organisation_stands_by_a_record_that_can_stay(tmp_path):
    read = read_json(tmp_path, [service(1, minimum_age="x"), service(2), service(3)])
    assert read.origin.frames["organisations"]["_row"].tolist() == [2]
    assert read.services == ["s1", "s2", "s3"]


def test_fields_that_are_not_kept_are_counted(tmp_path):
    read = read_json(
        tmp_path, [service(1, fees="Free", alert=""), service(2, fees="Free", url="u")]
    )
    [note] = [note for note in read.notes if "no column for these fields" in note.what]
    assert "fees (2), url (1)." in note.what


def test_problems_say_record_path_and_what_to_do(tmp_path):
    bad = service(2)
    bad["schedules"].append({"opens_at": 10, "byday": "MO"})
    bad["assured_date"] = "last May"
    read = read_json(tmp_path, page([service(1), bad, "nothing", service(4, minimum_age=float("nan"))]))  # fmt: skip
    found = {(p.row, p.column): str(p) for p in read.problems}
    assert set(found) == {(2, "schedules[1].opens_at"), (2, "assured_date"), (3, None), (4, "minimum_age")}  # fmt: skip
    assert found[2, "schedules[1].opens_at"].startswith(
        "feed.json, row 2, column schedules[1].opens_at: This is a number, not text."
    )


def test_problems_of_the_mapping_are_told_there(tmp_path):
    wrong = MAPPING.replace("C02", 'C02", cost = "dear').replace("city council", "city hall")
    read = read_json(tmp_path, TWO, mapping=wrong)
    assert [(p.file, p.column) for p in read.problems] == [("mapping.toml", "organisations.give[1].sector")]  # fmt: skip
    read = read_json(tmp_path, TWO, mapping=wrong.replace("city hall", "city council"))
    assert {(p.file, p.column) for p in read.problems} == {("mapping.toml", "give[1].set.cost")}
    read = read_json(tmp_path, TWO, mapping=MAPPING + "[[give]]\nset = { elemnts = 'C02' }\n[translate.name]\na = 'b'\n")  # fmt: skip
    assert {p.column for p in read.problems} == {"give[2].when", "give[2].set.elemnts", "translate.name"}  # fmt: skip
    unused = read_json(tmp_path, TWO, mapping=MAPPING + "[[give]]\nwhen = { name = 'No' }\nset = { elements = 'C01' }\n")  # fmt: skip
    assert [note.column for note in unused.notes if note.file == "mapping.toml"] == ["give[2]"]


def test_a_sector_that_nobody_says_is_a_problem_that_names_the_mend(tmp_path):
    read = read_json(tmp_path, TWO, mapping=MAPPING.replace('sector = "voluntary"\n', ""))
    [problem] = read.problems
    assert (problem.row, problem.column) == (1, "organization.attributes")
    assert "[organisations] sector" in problem.mend


@pytest.mark.parametrize(
    ("data", "what"),
    [
        (b"", "The file is empty."),
        (b"   ", "The file is empty."),
        (b"hello", "This is no JSON of Open Referral."),
        (json.dumps(TWO).encode("utf-16"), "UTF-16"),
        (json.dumps(TWO).encode()[:-40], "breaks off"),
        (json.dumps(TWO).encode()[:-1], "breaks off"),
        (json.dumps(page(TWO)).encode() + b"]", "Something follows"),
        (b'[{"id": "a"}, oops]', "This is no JSON"),
        (b'[{"id": "a"} {"id": "b"}]', "This is no JSON"),
        (b'{"contents": [1, 2}', "This is no JSON"),
        (b'{"contents": {}}', "The contents of the page are an object, not a list."),
        (b'{"contents": [],}', "a comma stands before }"),
        (b"[" * 200_000, "nested far too deeply"),
        (b'[{"id": ' + b"[" * 200_000, "nested far too deeply"),
        (b'["\xff"]', "The text is not UTF-8."),
        (b"[\x00]", "This is no JSON"),
    ],
)
def test_a_file_that_is_no_feed_is_told_in_a_sentence(tmp_path, data, what):
    read = read_json(tmp_path, data)
    assert any(what in problem.what for problem in read.problems), read.problems
    assert not read.origin.whole


@pytest.mark.parametrize(
    ("text", "column"),
    [
        ('"name": "half \\ud800 a pair"', "name"),
        ('"x": {"y": ["\\udfff"]}', "x.y[0]"),
        ('"\\ud800": 1', "(name of a field)"),
        ('"minimum_age": 1e999', "minimum_age"),
        ('"minimum_age": NaN', "minimum_age"),
        ('"minimum_age": -Infinity', "minimum_age"),
        ('"minimum_age": ' + "9" * 5000, "minimum_age"),
        ('"maximum_age": -' + "9" * 400, "maximum_age"),
    ],
)
def test_values_that_are_none_are_told_by_their_path_and_the_rest_is_read(tmp_path, text, column):
    bad = json.dumps(service(2))[:-1] + f", {text}}}"
    read = read_json(tmp_path, f"[{json.dumps(service(1))}, {bad}]".encode())
    assert [(p.row, p.column) for p in read.problems] == [(2, column)]
    assert "s1" in read.services
    str(read.problems).encode("utf-8")


def test_a_pair_of_surrogates_is_a_character(tmp_path):
    read = read_json(tmp_path, b"[" + json.dumps(service(1, name="Play 🎈")).encode() + b"]")
    assert read.problems == ()
    assert read.origin.frames["services"]["name"].tolist() == ["Play 🎈"]


def test_a_record_nested_too_deeply_is_told_and_the_others_are_read(tmp_path):
    deep = json.dumps(service(2))[:-1] + ', "x": ' + "[" * 700 + "]" * 700 + "}"
    read = read_json(tmp_path, f"[{json.dumps(service(1))}, {deep}]".encode())
    assert "s1" in read.services
    assert len(read.services) + len(read.origin.left_out) == 2


def test_a_value_larger_than_what_is_held_at_once_is_read(tmp_path, monkeypatch):
    monkeypatch.setattr("provision_map.read.feeds.json_stream._CHUNK", 64)
    records = [service(n, description="x" * 500) for n in range(20)]
    for content in (page(records), records):
        assert read_json(tmp_path, content).services == [f"s{n}" for n in range(20)]
    text = json.dumps(page(records), indent=1).encode()
    for end in range(0, len(text) - 1, 997):
        read = read_json(tmp_path, text[:end])
        assert read.problems
        assert len(read.services) <= 20


@pytest.mark.parametrize("chunk", range(1, 12))
def test_values_are_what_they_are_wherever_they_are_cut(monkeypatch, chunk):
    monkeypatch.setattr("provision_map.read.feeds.json_stream._CHUNK", chunk)
    values = [12345678, -1.5e-10, 2.5e20, True, None, 'a\\u00e9"b', {"x": [1, {}]}, [], 0, "🎈"]
    data = json.dumps(values, ensure_ascii=False).encode()
    assert list(JsonStream(io.BytesIO(data)).items()) == values
    assert list(JsonStream(io.BytesIO(json.dumps(values, indent=3).encode())).items()) == values


def test_earlier_versions_are_refused_with_a_sentence(tmp_path):
    old = {"id": "a", "name": "b", "status": "active", "eligibilitys": [], "regular_schedules": []}
    for content in (old, [old, old], {"totalElements": 1, "totalPages": 1, "content": [old]}, page([old])):  # fmt: skip
        read = read_json(tmp_path, content)
        [problem] = read.problems
        assert problem.what.startswith("This is Open Referral UK 1.0 or HSDS 1 or 2")
        assert read.services == []


def test_lists_of_other_things_are_no_services(tmp_path):
    read = read_json(tmp_path, page([{"id": "t", "name": "Play", "taxonomy": "Themes"}]))
    assert read.problems == ()
    assert any("a term of a taxonomy: passed over" in note.what for note in read.notes)
    read = read_json(tmp_path, page([{"id": "x", "service": {}, "location": {}}]))
    assert "services at locations" in read.problems[0].what


def test_what_is_not_there_is_told(tmp_path):
    assert "missing" in Read(tmp_path, "nothing.json").problems[0].what
    (tmp_path / "empty").mkdir()
    assert Read(tmp_path, "empty").problems[0].what == "The folder holds no JSON files."


# ---------------------------------------------------------------- tabular data packages

CSV = {
    "services.csv": "id,organization_id,name,status,minimum_age\ns1,o1,Club 1,active,5\ns2,o1,Club 2,active,6\n",
    "organizations.csv": "id,name,description\no1,Tinytown Council,x\n",
    "service_at_location.csv": "id,service_id,location_id\nat1,s1,l1\nat2,s2,l1\n",
    "locations.csv": "id,location_type,latitude,longitude\nl1,physical,51.855,-2.24\n",
    "addresses.csv": "id,location_id,postal_code,address_type\nad,l1,GL1 1AA,physical\nno,gone,GL1 1AA,physical\n",
    "schedules.csv": "id,service_id,freq,byday,opens_at\nc1,s1,WEEKLY,MO,10:00\nc2,s2,WEEKLY,TU,10:00\n",
    "attribute.csv": "id,link_id,taxonomy_term_id\na1,s1,t1\na2,s2,t1\n",
    "taxonomy_terms.csv": "id,name,taxonomy\nt1,Play,Themes\n",
    "contacts.csv": "id,service_id,name\np,s1,Zaphod\n",
}  # fmt: skip


def write_package(folder, files):
    folder.mkdir()
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def zip_package(path, files):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files.items():
            archive.writestr(f"feed/{name}", text)


def test_a_data_package_is_read_from_a_folder_its_description_or_a_zip(tmp_path):
    described = {
        "resources": [{"name": "address", "path": "../../etc/addresses.csv"}, 5, {"name": []}]
    }
    files = CSV | {"datapackage.json": json.dumps(described)}
    write_package(tmp_path / "package", files)
    zip_package(tmp_path / "package.zip", files)
    for name in ("package", "package/datapackage.json", "package.zip"):
        read = Read(tmp_path, name)
        assert read.problems == ()
        assert read.services == ["s1", "s2"]
        services = read.origin.frames["services"]
        assert services["postcode"].tolist() == ["GL1 1AA", "GL1 1AA"]
        assert services["minimum_age"].tolist() == [5.0, 6.0]
        assert services["_row"].tolist() == [2, 3]
        assert read.origin.frames["organisations"]["sector"].tolist() == ["city council"]
        assert read.origin.frames["sessions"]["weekday"].tolist() == ["Monday", "Tuesday"]
        assert any("1 row belongs to nothing" in note.what and note.row == 3 for note in read.notes)
        assert "Zaphod" not in str(read.notes)


def test_a_data_package_tells_cells_by_the_row_of_its_services(tmp_path):
    files = CSV | {"services.csv": CSV["services.csv"].replace("2,active,6", "2,active,six")}
    write_package(tmp_path / "package", files)
    [problem] = Read(tmp_path, "package").problems
    assert (problem.file, problem.row, problem.column) == ("package/services.csv", 3, "minimum_age")
    old = write_package(tmp_path / "old", CSV | {"regular_schedules.csv": "id\n"})
    assert Read(tmp_path, old.name).problems[0].what.startswith("This is Open Referral UK 1.0")
    none = write_package(tmp_path / "none", {"datapackage.json": "{}", "locations.csv": "id\n"})
    assert "no services.csv" in Read(tmp_path, none.name).problems[0].what


def test_bad_zips_end_quickly_as_problems(tmp_path):
    (tmp_path / "a.zip").write_bytes(b"PK nothing")
    assert "cannot be opened" in Read(tmp_path, "a.zip").problems[0].what
    zip_package(tmp_path / "b.zip", CSV)
    data = bytearray((tmp_path / "b.zip").read_bytes())
    data[60:70] = b"\xff" * 10
    (tmp_path / "b.zip").write_bytes(bytes(data))
    assert any("cannot be unpacked" in problem.what for problem in Read(tmp_path, "b.zip").problems)
    with (
        zipfile.ZipFile(tmp_path / "c.zip", "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open("services.csv", "w", force_zip64=True) as stream,
    ):
        for _ in range(110):
            stream.write(b"\0" * 1_000_000)
    assert any(
        "unpacks to more than" in problem.what for problem in Read(tmp_path, "c.zip").problems
    )


# ---------------------------------------------------------------- in an exercise, and real data


def test_a_feed_stands_beside_the_tables_of_an_exercise(tiny):
    add_file(tiny, "mapping.toml", MAPPING)
    add_file(tiny, "feed.json", page([service(1, minimum_age=5, maximum_age=9)]))
    path = tiny / "provision.toml"
    told = '[[services.feeds]]\nfile = "feed.json"\nmapping = "mapping.toml"\n'
    path.write_text(path.read_text("utf-8") + told, "utf-8")
    inputs = read_exercise(tiny)
    club = inputs.services.set_index("service_id").loc["s1"]
    assert 383000 < club["easting"] < 386000
    assert (club["elements"], club["open_to"]) == (("C02",), ("everyone",))
    (tiny / "feed.json").write_text(
        json.dumps(page([service(1, attributes=[]), service(2, status="defunct")]))
    )
    assert set(read_exercise(tiny).left_out["service_id"]) == {"s1", "s2"}
    away = copy.deepcopy(service(3))
    away["service_at_locations"][0]["location"] |= {"latitude": 55.0}
    (tiny / "feed.json").write_text(json.dumps(page([away])))
    with pytest.raises(DataError) as caught:
        read_exercise(tiny)
    assert [(p.file, p.row, p.column) for p in caught.value.problems] == [
        ("feed.json", 1, "service_at_locations.location.longitude")
    ]


EVERYTHING = '[organisations]\nsector = "voluntary"\n[constants]\nelements = "Y02"\n'


def test_the_examples_of_the_standard_are_read(tmp_path, shared_data):
    folder = shared_data / "feeds/hsds-uk-3.0/examples"
    for name in ("service_full.json", "organization_full.json", "csv"):
        read = Read(tmp_path, str(folder / name), EVERYTHING)
        # The example lies at 100 degrees north; all else of it can be read.
        assert [re.sub(r"services\[0\]\.|\[0\]", "", p.column) for p in read.problems] == ["service_at_locations.location.latitude"]  # fmt: skip
        assert read.services == ["ac148810-d857-441c-9679-408f346de14b"]
        organisations = read.origin.frames["organisations"]
        assert organisations["name"].tolist() == ["Example Organization Inc."]


def test_the_mock_that_holds_one_service_128_times_is_accounted_for(tmp_path, shared_data):
    file = shared_data / "feeds/oruk-validator-mocks/V3.0-UK-Test/service_list.json"
    records = json.loads(file.read_text(encoding="utf-8"))["contents"]
    different = sum(record != records[0] for record in records)
    read = Read(tmp_path, str(file), EVERYTHING)
    assert len(records) == len(read.origin.left_out) == 128
    told = sum(int(m[1].replace(",", "")) if (m := re.match(r"…and ([\d,]+) more", p.what)) else 1 for p in read.problems)  # fmt: skip
    assert told == different


# ---------------------------------------------------------------- whatever it holds

JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8)
    | st.sampled_from(["active", "MO", "2020-01-01", "24:00", "\ud800", "provision-map:elements", "WEEKLY"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(
        st.sampled_from(["id", "name", "status", "taxonomy_term", "taxonomy", "term", "location", "service", "contents", "byday"]) | st.text(max_size=3),
        inner, max_size=3),
    max_leaves=8,
)  # fmt: skip
FIELDS = (*service(1), "contents", "services", "service_areas", "languages", "cost_options", "assured_date", "minimum_age", "location_type")  # fmt: skip


@st.composite
def spoilt_feeds(draw):
    """A sound page in which values anywhere are put in the place of others."""
    feed = page([service(1), service(2), service(3)])
    for _ in range(draw(st.integers(1, 4))):
        at = feed
        for _ in range(draw(st.integers(0, 7))):
            keys = list(at) if isinstance(at, dict) else list(range(len(at)))
            inner = [key for key in keys if isinstance(at[key], dict | list) and at[key]]
            if not inner:
                break
            at = at[draw(st.sampled_from(inner))]
        keys = [*at, *FIELDS] if isinstance(at, dict) else list(range(len(at)))
        at[draw(st.sampled_from(keys))] = draw(JUNK)
    data = json.dumps(feed).encode()
    if draw(st.integers(0, 4)) == 0:
        cut = draw(st.integers(0, len(data)))
        data = data[:cut] + draw(st.binary(max_size=3)) + data[cut + draw(st.integers(0, 3)) :]
    return data


def check_whatever(tmp_path_factory, data):
    folder = tmp_path_factory.mktemp("whatever")
    read = read_json(folder, data, mapping=MAPPING.replace('"Play"', '"Play", "x"'))
    for found in (*read.problems, *read.notes):
        str(found).encode("utf-8")
    for frame in read.origin.frames.values():
        frame.to_csv(index=False).encode("utf-8")
    read.origin.left_out.to_csv(index=False).encode("utf-8")
    try:
        contents = json.loads(data)["contents"]
        count = len(contents) if isinstance(contents, list) else None
    except (ValueError, TypeError, KeyError):
        count = None
    if count is not None and not any("passed over" in n.what for n in read.notes):
        used = set()
        for name in ("services", "organisations"):
            if name in read.origin.frames:
                used |= set(read.origin.frames[name]["_row"])
        rows = used | set(read.origin.left_out["row"])
        assert rows >= set(range(1, count + 1)), (rows, count)


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(spoilt_feeds())
def test_whatever_a_feed_holds_it_ends_in_problems_and_nothing_is_lost(tmp_path_factory, data):
    check_whatever(tmp_path_factory, data)


@pytest.mark.soak
@settings(max_examples=10_000, deadline=None, suppress_health_check=list(HealthCheck))
@given(spoilt_feeds())
def test_soak_whatever_a_feed_holds(tmp_path_factory, data):
    check_whatever(tmp_path_factory, data)

"""Fetching from a server that publishes slices of the real data, into an exercise that is then read."""

from __future__ import annotations

import contextlib
import csv
import datetime as dt
import io
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import tomllib
import zipfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from provision_map.errors import DataError, UsageError
from provision_map.frameworks.ethnic_groups import load_classification
from provision_map.read.inputs import read_inputs
from provision_map.read.settings_file import read_settings
from provision_map.sources.catalogue import load_catalogue
from provision_map.sources.fetch import Wanted, fetch
from provision_map.sources.keep import hash_file, read_facts
from provision_map.sources.patience import Limits
from public_server import Dataset, Layer, PublicServer, Published

ROOT = Path(__file__).parents[1]
GLOUCESTER = "E07000081"
QUICK = Limits(first_wait=0.001, read_seconds=20, deadline_seconds=60)
_ETHNIC = {
    "1": "WhiteBrit", "2": "Irish", "4": "OtherWhite", "5": "Mixed", "9": "Indian", "10": "Pakistani",
    "11": "Bangladeshi", "12": "Chinese", "13": "OtherAsian", "14": "BlkAfrican", "15": "BlkCaribbean",
    "16": "OtherBlk", "17": "Arab", "18": "Other",
}  # fmt: skip
#: As Nomis writes them.
_ETHNIC_LABELS = {
    "0": "All usual residents", "1": "White: English/Welsh/Scottish/Northern Irish/British",
    "2": "White: Irish", "3": "White: Gypsy or Irish Traveller", "4": "White: Other White",
    "5": "Mixed/multiple ethnic groups: White and Black Caribbean", "6": "Mixed/multiple ethnic groups: White and Black African",
    "7": "Mixed/multiple ethnic groups: White and Asian", "8": "Mixed/multiple ethnic groups: Other Mixed",
    "9": "Asian/Asian British: Indian", "10": "Asian/Asian British: Pakistani", "11": "Asian/Asian British: Bangladeshi",
    "12": "Asian/Asian British: Chinese", "13": "Asian/Asian British: Other Asian",
    "14": "Black/African/Caribbean/Black British: African", "15": "Black/African/Caribbean/Black British: Caribbean",
    "16": "Black/African/Caribbean/Black British: Other Black", "17": "Other ethnic group: Arab",
    "18": "Other ethnic group: Any other ethnic group",
}  # fmt: skip


def rows_of(path):
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def table(rows, encoding="utf-8"):
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue().encode(encoding)


def path_of(source):
    return "/" + load_catalogue()[source].address.split("/", 3)[3]


def published(data):
    """Return slices of the real data, as the publishers would give them."""
    lookup = rows_of(data / "lookups/gloucestershire_oa11_lsoa11_msoa11_lad_ward13.csv")
    small = [
        {"properties": {"OA11CD": r["oa11_code"], "LSOA11CD": r["lsoa11_code"], "MSOA11CD": r["msoa11_code"], "LAD11CD": r["lad_code"]}}
        for r in lookup
    ]  # fmt: skip
    district = {r["lsoa11_code"]: r["lad_code"] for r in lookup}
    shapes = json.loads((data / "boundaries/gloucestershire_lsoa_2011.geojson").read_text("utf-8"))
    wards = json.loads((data / "boundaries/gloucester_wards_2025.geojson").read_text("utf-8"))
    layers = {
        "OA11_LSOA11_MSOA11_LAD11_EW_LUv2_b3fe7c68f4b2420185eaff6284d4c125": Layer(["OA11CD", "LSOA11CD", "MSOA11CD", "LAD11CD"], small),
        # The live layers spell their columns now so, now so.
        "LSOA_Dec_2011_Boundaries_Generalised_Clipped_BGC_EW_V3": Layer(
            ["lsoa11cd", "lsoa11nm"],
            [{"properties": {k.lower(): f["properties"][k] for k in ("LSOA11CD", "LSOA11NM")}, "geometry": f["geometry"]} for f in shapes["features"]],
        ),
        "Wards_December_2024_Boundaries_UK_BGC": Layer(
            ["WD24CD", "WD24NM", "LAD24CD"],
            [{"properties": {k.replace("25", "24"): v for k, v in f["properties"].items()}, "geometry": f["geometry"]} for f in wards["features"]],
        ),
    }  # fmt: skip
    layers["LSOA_Dec_2011_PWC_in_England_and_Wales_2022"] = Layer(
        ["lsoa11cd"],
        [
            {
                "properties": {"lsoa11cd": r["lsoa11_code"]},
                "points": {
                    "27700": {"x": float(r["easting"]), "y": float(r["northing"])},
                    "4326": {"x": float(r["lon"]), "y": float(r["lat"])},
                },
            }
            for r in rows_of(
                data / "lookups/gloucestershire_lsoa11_population_weighted_centroids.csv"
            )
        ],
    )
    people = rows_of(data / "population/gloucestershire_lsoa11_mid2020_single_year.csv")
    ages = {
        r["lsoa11_code"]: {"200": r["total_population"]} | {str(101 + age): r[f"age_{age}" + ("+" if age == 90 else "")] for age in range(91)}
        for r in people
    }  # fmt: skip
    age_labels = {"200": "All Ages", "191": "Aged 90+"} | {str(101 + a): f"Age {a}" for a in range(90)}  # fmt: skip
    names = {r["lsoa11_code"]: r["lsoa11_name"] for r in people}
    ethnic = {}
    for row in rows_of(data / "ethnicity/gloucestershire_lsoa11_census2011_ethnic_group.csv"):
        cells = dict.fromkeys(map(str, range(19)), 0) | {k: int(row[v]) for k, v in _ETHNIC.items()}
        cells["3"] = int(row["Persons"]) - sum(cells.values())
        ethnic[row["LSOA"]] = cells | {"0": int(row["Persons"])}
    datasets = {
        "NM_2010_1": Dataset("c_age", age_labels, ages, names, "2020"),
        "NM_608_1": Dataset("cell", _ETHNIC_LABELS, ethnic, names, "2011"),
    }
    imd = [
        {
            "LSOA code (2011)": r["lsoa11_code"],
            "LSOA name (2011)": names[r["lsoa11_code"]],
            "Local Authority District code (2019)": district[r["lsoa11_code"]],
            "Index of Multiple Deprivation (IMD) Rank (where 1 is most deprived)": r["IMD_rank"].split(".")[0],
            "Index of Multiple Deprivation (IMD) Decile (where 1 is most deprived 10% of LSOAs)": r["IMD_decile"].split(".")[0],
        }
        for r in rows_of(data / "deprivation/gloucestershire_imd2019_lsoa11.csv")
    ]  # fmt: skip
    schools = [
        {
            "URN": r["urn"].split(".")[0], "EstablishmentName": r["establishment_name"],
            "TypeOfEstablishment (name)": r["establishment_type"], "EstablishmentTypeGroup (name)": r["establishment_type_group"],
            "EstablishmentStatus (name)": "Open", "PhaseOfEducation (name)": r["education_phase"],
            "StatutoryLowAge": "", "StatutoryHighAge": "", "NumberOfPupils": r["number_of_pupils"],
            "HeadLastName": "Secret-Surname", "TelephoneNum": "01452000000",
            "Postcode": "", "Easting": r["easting"], "Northing": r["northing"], "LSOA (code)": r["lsoa_code"],
            "DistrictAdministrative (code)": r["lad_code"], "Street": "Café Row",
        }
        for r in rows_of(data / "services/gloucestershire_schools_gias_2025-05-24.csv")
    ]  # fmt: skip
    day = dt.datetime.now(tz=dt.UTC).date() - dt.timedelta(days=2)
    where = {r["postcode"]: r for r in rows_of(data / "postcodes/gl_codepoint_open.csv")}
    codes = [
        {
            "pcds": r["postcode"], "dointr": r["dointr"], "doterm": r["doterm"], "oslaua": r["ladcd"],
            "oseast1m": where.get(r["postcode"], {}).get("easting", ""), "osnrth1m": where.get(r["postcode"], {}).get("northing", ""),
            "osgrdind": "1", "lsoa11": r["lsoa11cd"],
        }
        for r in rows_of(data / "postcodes/gloucestershire_postcode_oa11_lsoa11_lad_2022-05.csv")
    ]  # fmt: skip
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("Documents/User Guide.txt", "about")
        archive.writestr("Data/multi_csv/ONSPD_MAY_2025_UK_GL.csv", "not,this\n")
        archive.writestr("Data/ONSPD_MAY_2025_UK.csv", table(codes))
    mocks = data / "feeds/oruk-validator-mocks/V3.0-UK-Test"
    full = json.loads((mocks / "service_full.json").read_text("utf-8"))
    listed = json.loads((mocks / "service_list_data.json").read_text("utf-8"))["contents"]
    services = [full | one | {"id": f"service/{n} é", "name": f"{one['name']} {n}"} for n, one in enumerate(listed)]  # fmt: skip
    return Published(
        layers=layers,
        datasets=datasets,
        files={
            path_of("deprivation-2019"): table(imd),
            path_of("postcodes"): packed.getvalue(),
            path_of("schools").replace("{date}", f"{day:%Y%m%d}"): table(schools, "cp1252"),
        },
        services=services,
    )


@pytest.fixture(scope="module")
def real(shared_data):
    return published(shared_data)


@pytest.fixture
def server(real):
    with PublicServer(real) as started:
        yield started


def wanted(server, folder, what, **more):
    given = {"areas": (GLOUCESTER,), "vintage": "2011", "url": server.url, "limits": QUICK}
    return Wanted(what, folder, **(given | more))


def settings_of(*fetched):
    """Return the lines that people are told to paste."""
    return "\n".join("\n".join(one.lines[one.lines.index("For provision.toml:") + 1 :]) for one in fetched)  # fmt: skip


def test_an_exercise_made_of_what_was_fetched_is_read(server, tmp_path):
    kinds = ("boundaries", "centroids", "people", "ethnicity", "deprivation", "postcodes", "schools")  # fmt: skip
    got = [fetch(wanted(server, tmp_path, what)) for what in kinds]
    assert [one.records for one in got[:5]] == [78] * 5
    got.append(fetch(wanted(server, tmp_path, "feed", areas=(), url=f"{server.url}/api", page_size=50)))  # fmt: skip
    assert got[-1].records == 128
    head = '[exercise]\ntitle = "Fetched"\nplace = "Gloucester"\ndate = 2025-05-24\n'
    (tmp_path / "provision.toml").write_text(head + settings_of(*got), encoding="utf-8")
    mapping = (ROOT / "tests/real_gloucester/schools.toml").read_text("utf-8")
    (tmp_path / "schools.toml").write_text(mapping, encoding="utf-8")
    inputs = read_inputs(read_settings(tmp_path))
    assert not [str(problem) for problem in inputs.problems]
    # What a feed's services give nothing says yet: each is read, and left out with the reason.
    assert inputs.left_out["file"].str.contains("feed_").sum() == 128
    assert len(inputs.places) == 78
    assert inputs.ages.query("5 <= age <= 13")["children"].sum() == 15_091
    assert inputs.ethnic_groups["residents"].sum() == 121_688
    white = inputs.ethnic_groups.query("group_id == 'white_british'")["residents"].sum()
    assert 121_688 - white == 18_776
    assert inputs.places["imd_decile"].notna().all()
    assert set(inputs.places["approximate"]) == {"no"}
    assert not [str(note) for note in inputs.notes if "centroid" in str(note)]
    schools = inputs.services[inputs.services["_file"].str.contains("schools")]
    assert len(schools) == 52
    assert not [str(note) for note in inputs.notes if "[sources]" in str(note) and "feed_" not in str(note)]  # fmt: skip


def test_boundaries_are_those_of_the_district_and_say_which(server, tmp_path, shared_data):
    got = fetch(wanted(server, tmp_path, "boundaries"))
    features = json.loads(got.path.read_text("utf-8"))["features"]
    theirs = json.loads((shared_data / "boundaries/gloucester_lsoa_2011.geojson").read_text("utf-8"))  # fmt: skip
    by_code = {f["properties"]["LSOA11CD"]: f for f in theirs["features"]}
    assert {f["properties"]["LSOA11CD"] for f in features} == set(by_code)
    for one in features:
        assert one["properties"]["LAD11CD"] == GLOUCESTER
        assert one["properties"]["LSOA11NM"] == by_code[one["properties"]["LSOA11CD"]]["properties"]["LSOA11NM"]  # fmt: skip
        assert one["geometry"] == by_code[one["properties"]["LSOA11CD"]]["geometry"]
    assert len(server.asked("resultOffset=50")) >= 1, "no second page was asked for"


def test_centroids_are_on_the_british_grid(server, tmp_path, shared_data):
    got = fetch(wanted(server, tmp_path, "centroids"))
    name = "lookups/gloucestershire_lsoa11_population_weighted_centroids.csv"
    theirs = {r["lsoa11_code"]: r for r in rows_of(shared_data / name)}
    rows = rows_of(got.path)
    assert len(rows) == 78
    assert [row["LSOA11CD"] for row in rows] == sorted(row["LSOA11CD"] for row in rows)
    for row in rows:
        there = theirs[row["LSOA11CD"]]
        for column in ("easting", "northing"):
            assert float(row[column]) == pytest.approx(float(there[column]), abs=0.051)


def test_centroids_in_degrees_or_missing_are_refused(server, tmp_path, real, monkeypatch):
    server.lies.add("degrees")
    with pytest.raises(DataError, match="not on the British grid"):
        fetch(wanted(server, tmp_path, "centroids"))
    server.lies.clear()
    layer = real.layers["LSOA_Dec_2011_PWC_in_England_and_Wales_2022"]
    fewer = [f for f in layer.features if f["properties"]["lsoa11cd"] != "E01022276"]
    monkeypatch.setattr(layer, "features", fewer)
    with pytest.raises(DataError, match=r"1 area has no centroid in .*E01022276"):
        fetch(wanted(server, tmp_path, "centroids"))
    assert not list(tmp_path.rglob("*.csv"))


def test_wards_know_their_district_and_need_no_lookup(server, tmp_path):
    got = fetch(wanted(server, tmp_path, "boundaries", level="ward", vintage=None))
    assert got.records == 18
    assert not server.asked("OA11_LSOA11")
    assert 'level = "ward 2024"' in got.lines


def test_long_questions_are_sent_as_a_form(server, tmp_path):
    areas = ("E07000078", "E07000079", "E07000080", GLOUCESTER, "E07000082", "E07000083")
    got = fetch(wanted(server, tmp_path, "boundaries", areas=areas))
    assert got.records == 373
    assert [path for method, path, _ in server.log if method == "POST"]
    assert all(len(path) < 2100 for _, path, _ in server.log)


def test_ages_are_paged_and_whole(server, tmp_path, shared_data):
    server.row_limit = 1_000
    got = fetch(wanted(server, tmp_path, "people"))
    assert len(server.asked("recordoffset=6000")) == 1
    theirs = {r["lsoa11_code"]: r for r in rows_of(shared_data / "population/gloucestershire_lsoa11_mid2020_single_year.csv")}  # fmt: skip
    for row in rows_of(got.path):
        real_row = theirs[row["LSOA11CD"]]
        assert row["residents"] == real_row["total_population"]
        assert [row[f"age_{n}"] for n in range(90)] == [real_row[f"age_{n}"] for n in range(90)]
        assert row["age_90+"] == real_row["age_90+"]
    assert read_facts(got.path)["date"] == "mid-2020"
    # Whether Nomis takes a form is not known.
    assert {method for method, path, _ in server.log if "NM_" in path} == {"GET"}


def test_a_category_that_is_another_than_the_catalogue_says_is_refused(server, tmp_path, real, monkeypatch):  # fmt: skip
    swapped = _ETHNIC_LABELS | {"9": _ETHNIC_LABELS["10"], "10": _ETHNIC_LABELS["9"]}
    monkeypatch.setattr(real.datasets["NM_608_1"], "labels", swapped)
    with pytest.raises(DataError, match=r"Category 9 is 'Asian/Asian British: Pakistani', and should be 'Indian'"):  # fmt: skip
        fetch(wanted(server, tmp_path, "ethnicity"))


def test_areas_and_categories_that_are_missing_are_told(server, tmp_path, real, monkeypatch):
    name = "LSOA_Dec_2011_Boundaries_Generalised_Clipped_BGC_EW_V3"
    layer = real.layers[name]
    fewer = [f for f in layer.features if f["properties"]["lsoa11cd"] != "E01022276"]
    monkeypatch.setitem(real.layers, name, Layer(layer.columns, fewer))
    with pytest.raises(DataError, match=r"1 area has no boundary in .*: E01022276\."):
        fetch(wanted(server, tmp_path, "boundaries"))
    figures = real.datasets["NM_2010_1"].figures
    one = figures["E01022277"]
    monkeypatch.setitem(figures, "E01022276", {})
    monkeypatch.setitem(figures, "E01022277", {k: v for k, v in one.items() if k != "110"})
    with pytest.raises(DataError) as wrong:
        fetch(wanted(server, tmp_path, "people"))
    assert "1 area without a row: E01022276." in str(wrong.value)
    assert "1 area without some of the categories: E01022277." in str(wrong.value)
    monkeypatch.setitem(figures, "E01022276", one | {"110": "*"})
    with pytest.raises(DataError, match="age_9 is '\\*', which is no count"):
        fetch(wanted(server, tmp_path, "people"))


def test_schools_keep_no_names_and_no_telephone_numbers(server, tmp_path):
    got = fetch(wanted(server, tmp_path, "schools"))
    text = got.path.read_text("utf-8")
    assert got.records == 52
    assert "Secret-Surname" not in text
    assert "01452000000" not in text
    assert "Café Row" in text
    day = dt.datetime.now(tz=dt.UTC).date() - dt.timedelta(days=2)
    assert read_facts(got.path)["date"] == day.isoformat()
    assert len(server.asked("edubasealldata")) == 3
    assert "gender" in " ".join(got.lines).lower(), "columns that are missing are told"


def test_postcodes_are_those_of_the_district(server, tmp_path, shared_data):
    got = fetch(wanted(server, tmp_path, "postcodes"))
    theirs = [r["postcode"] for r in rows_of(shared_data / "postcodes/gloucestershire_postcode_oa11_lsoa11_lad_2022-05.csv") if r["ladcd"] == GLOUCESTER]  # fmt: skip
    assert [r["pcds"] for r in rows_of(got.path)] == theirs
    assert sorted(p.name for p in got.path.parent.iterdir()) == [got.path.name, f"{got.path.name}.source.toml"]  # fmt: skip


def test_a_feed_is_kept_page_by_page_with_full_records(server, tmp_path, real):
    got = fetch(wanted(server, tmp_path, "feed", areas=(), url=f"{server.url}/api"))
    pages = [json.loads(p.read_text("utf-8")) for p in sorted(got.path.iterdir())]
    assert [len(page["contents"]) for page in pages] == [50, 50, 28]
    kept = [one for page in pages for one in page["contents"]]
    assert kept == real.services
    # An id with a slash stays one step of the path.
    assert all("%2F" in path for path in server.asked("/services/"))


def test_ids_of_a_feed_are_data_and_lead_nowhere_else(server, tmp_path, real, monkeypatch):
    ids = ["..", "", "half \ud800 a character", 7, "a b?c#d/../e"]
    monkeypatch.setattr(real, "services", [{"id": one, "name": str(one)} for one in ids])
    got = fetch(wanted(server, tmp_path, "feed", areas=(), url=f"{server.url}/api"))
    assert got.records == 5
    assert server.asked("/services/") == ["/api/services/a%20b%3Fc%23d%2F..%2Fe"]
    assert "4 services have no full record" in " ".join(got.lines)
    [page] = got.path.iterdir()
    assert [one["id"] for one in json.loads(page.read_bytes())["contents"]] == ids


def test_a_feed_that_changes_while_it_is_read_is_noted(server, tmp_path, real, monkeypatch):
    again = [*real.services[:60], real.services[3], *real.services[60:70]]
    monkeypatch.setattr(real, "services", again)
    got = fetch(wanted(server, tmp_path, "feed", areas=(), url=f"{server.url}/api"))
    assert got.records == 71
    assert "1 service came more than once" in " ".join(got.lines)


def test_what_stands_beside_a_file(server, tmp_path):
    url = server.url.replace("http://", "http://someone:opensesame@") + "/"
    got = fetch(wanted(server, tmp_path, "deprivation", url=url))
    facts = tomllib.loads(got.path.with_name(got.path.name + ".source.toml").read_text("utf-8"))
    assert facts["sha256"] == hash_file(got.path)
    assert facts["bytes"] == got.path.stat().st_size
    assert facts["records"] == 78
    assert facts["licence"] == "Open Government Licence v3.0"
    assert "Ministry of Housing" in facts["attribution"]
    assert facts["address"].endswith("_3.csv")
    assert "opensesame" not in str(facts) + " ".join(got.lines)
    fetched = dt.datetime.fromisoformat(facts["fetched"])
    assert abs(dt.datetime.now(tz=dt.UTC) - fetched) < dt.timedelta(minutes=5)


def test_what_is_there_is_not_fetched_again_until_it_is_old_or_asked_for(server, tmp_path):
    first = fetch(wanted(server, tmp_path, "deprivation"))
    asked = len(server.log)
    again = fetch(wanted(server, tmp_path, "deprivation"))
    assert (again.cached, len(server.log)) == (True, asked)
    assert settings_of(again) == settings_of(first)
    assert not fetch(wanted(server, tmp_path, "deprivation", page_size=7)).cached, (
        "another question"
    )
    assert not fetch(wanted(server, tmp_path, "deprivation", refresh=True)).cached
    assert not fetch(wanted(server, tmp_path, "deprivation", max_age=dt.timedelta(0))).cached
    facts = first.path.with_name(first.path.name + ".source.toml")
    old = re.sub(r'fetched = "\d{4}', 'fetched = "2019', facts.read_text("utf-8"))
    facts.write_text(old, encoding="utf-8")
    assert not fetch(wanted(server, tmp_path, "deprivation")).cached


def test_a_file_that_somebody_changed_is_not_replaced_without_a_word(server, tmp_path):
    path = fetch(wanted(server, tmp_path, "deprivation")).path
    changed = path.read_text("utf-8").replace("Gloucester 010A", "Our own name")
    path.write_text(changed, encoding="utf-8")
    with pytest.raises(UsageError, match="somebody changed it"):
        fetch(wanted(server, tmp_path, "deprivation"))
    assert path.read_text("utf-8") == changed
    fetch(wanted(server, tmp_path, "deprivation", refresh=True))
    assert "Our own name" not in path.read_text("utf-8")


def test_a_district_that_is_not_there_is_said(server, tmp_path):
    for what in ("boundaries", "people", "deprivation"):
        with pytest.raises(DataError, match="E07000999"):
            fetch(wanted(server, tmp_path, what, areas=(GLOUCESTER, "E07000999")))
    assert not [p for p in (tmp_path / "data/fetched").iterdir() if not p.name.startswith(".")]
    with pytest.raises(UsageError, match="no code of a district"):
        fetch(wanted(server, tmp_path, "people", areas=("E07000081' OR '1'='1",)))


# ── paging that lies ─────────────────────────────────────────────────────────


@pytest.mark.parametrize("what", ["boundaries", "people", "feed"])
@pytest.mark.parametrize(("lie", "said"), [("same", "same records again|same rows again|repeats itself"), ("more", r"counts .* and gives|says it has .* and gave")])  # fmt: skip
def test_paging_that_lies_is_an_error_and_leaves_nothing(server, tmp_path, what, lie, said):
    # The lookup that people need must not be lied about, or it would be what is noticed.
    server.lies, server.row_limit = {f"rows {lie}" if what == "people" else lie}, 1_000
    with pytest.raises(DataError, match=said):
        fetch(wanted(server, tmp_path, what, **({"areas": ()} if what == "feed" else {})))
    left = [p.name for p in (tmp_path / "data/fetched").iterdir()]
    assert all(".part" in name for name in left), left


def test_an_error_inside_an_answer_of_status_200_is_recognised(server, tmp_path):
    said = {"error": {"code": 400, "message": "Cannot\x1b perform query.", "details": ["<b>x</b>"]}}
    server.fail("/query", "body", times=9, text=json.dumps(said))
    with pytest.raises(DataError, match=r"The server says: Cannot perform query\. <b>x</b> \(400\)"):  # fmt: skip
        fetch(wanted(server, tmp_path, "boundaries"))


def test_a_passing_error_inside_an_answer_of_status_200_passes(server, tmp_path):
    server.fail("/query", "body", times=2, text='{"error": {"code": 504, "message": "timed out"}}')
    assert fetch(wanted(server, tmp_path, "boundaries")).records == 78


@pytest.mark.parametrize("what", ["boundaries", "people", "deprivation", "feed"])
def test_a_page_to_log_in_is_named(server, tmp_path, what):
    server.fail("/", "page", times=9)
    with pytest.raises(DataError, match="A web page came instead of"):
        fetch(wanted(server, tmp_path, what))


@pytest.mark.parametrize(
    ("what", "said"),
    [("deprivation", "cut off"), ("postcodes", "no zip, or it is damaged")],
)
def test_a_file_announced_as_shorter_than_it_is_is_told(server, tmp_path, what, said):
    server.fail("/", "length", number=-10, times=9)
    with pytest.raises(DataError, match=said):
        fetch(wanted(server, tmp_path, what))
    assert not list((tmp_path / "data/fetched").iterdir())


def test_a_zip_that_is_a_bomb_or_holds_something_else_is_told(server, tmp_path, real, monkeypatch):
    def publish(**members):
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, body in members.items():
                archive.writestr(name.replace("__", "/"), body)
        monkeypatch.setitem(real.files, path_of("postcodes"), packed.getvalue())

    publish(Data__ONSPD_BOMB=b"x")
    with pytest.raises(
        DataError, match=r"The zip has no file Data/ONSPD\*\.csv.*It has: Data/ONSPD_BOMB"
    ):
        fetch(wanted(server, tmp_path, "postcodes"))
    publish(**{"Data__ONSPD_BOMB.csv": bytes(50_000_000)})
    with pytest.raises(DataError, match=r"unpacks to 50\.0 MB"):
        fetch(wanted(server, tmp_path, "postcodes"))
    publish(**{"Data__ONSPD.csv": "pcds,oslaua\nGL1 1AA\n"})
    with pytest.raises(DataError, match="Line 2 has 1 cells, and the headings 2"):
        fetch(wanted(server, tmp_path, "postcodes"))


# ── breaking off ─────────────────────────────────────────────────────────────

_RUN = [sys.executable, "-m", "provision_map", "fetch"]


def run_command(*arguments, **more):
    environment = os.environ | {"PYTHONPATH": str(ROOT / "src"), "no_proxy": "127.0.0.1"}
    # What runs in the background of a shell ignores Ctrl-C, and so would its children.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        return subprocess.Popen([*_RUN, *map(str, arguments)], env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **more)  # fmt: skip
    finally:
        signal.signal(signal.SIGINT, before)


def test_a_killed_download_goes_on_where_it_was(server, tmp_path, real):
    size = len(real.files[path_of("postcodes")])
    server.fail("/data", "hold", number=size // 2)
    arguments = ("postcodes", tmp_path, "--area", GLOUCESTER, "--url", server.url)
    first = run_command(*arguments)
    assert server.held.wait(20)
    first.send_signal(signal.SIGKILL)
    first.communicate()
    kept = list((tmp_path / "data/fetched").glob(".*.part"))
    assert [one.stat().st_size for one in kept] == [size // 2]
    second = run_command(*arguments)
    out, err = second.communicate(timeout=60)
    assert second.returncode == 0, err
    ranges = [headers.get("Range") for _, path, headers in server.log if "/data" in path]
    assert ranges == [None, f"bytes={size // 2}-"]
    left = sorted(p.name for p in (tmp_path / "data/fetched").iterdir())
    assert left == [f"postcodes_{GLOUCESTER}.csv", f"postcodes_{GLOUCESTER}.csv.source.toml"]
    assert "[postcodes]" in out


def test_a_killed_feed_goes_on_after_its_last_whole_page(server, tmp_path):
    server.fail("page=3", "hold", number=100)
    arguments = ("feed", tmp_path, "--url", f"{server.url}/api")
    first = run_command(*arguments)
    assert server.held.wait(20)
    first.send_signal(signal.SIGKILL)
    first.communicate()
    before = len(server.log)
    second = run_command(*arguments)
    _, err = second.communicate(timeout=60)
    assert second.returncode == 0, err
    asked = [path for _, path, _ in server.log[before:] if "page=" in path]
    assert len(asked) == 1
    assert "page=3" in asked[0]


def test_ctrl_c_leaves_no_half_file(server, tmp_path, real):
    size = len(real.files[path_of("postcodes")])
    server.fail("/data", "hold", number=size // 2)
    process = run_command("postcodes", tmp_path, "--area", GLOUCESTER, "--url", server.url)
    assert server.held.wait(20)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=30)
    assert process.returncode == 130
    assert err.strip().endswith("Stopped.")
    left = {p.name.rsplit(".", 1)[-1] for p in (tmp_path / "data/fetched").iterdir()}
    assert left == {"part", "json"}


def test_two_fetches_of_the_same_file_at_once_make_one(server, tmp_path):
    server.fail("File_7", "late")
    arguments = ("deprivation", tmp_path, "--area", GLOUCESTER, "--vintage", "2011", "--url", server.url)  # fmt: skip
    first = run_command(*arguments)
    assert server.held.wait(20)
    second = run_command(*arguments)
    with pytest.raises(subprocess.TimeoutExpired):
        second.wait(timeout=3)
    server.release.set()
    outs = [one.communicate(timeout=60)[0] for one in (first, second)]
    assert [first.returncode, second.returncode] == [0, 0], outs
    assert len(server.asked("File_7")) == 1
    assert [out.startswith("Already there") for out in outs] == [False, True]
    assert len(list((tmp_path / "data/fetched").iterdir())) == 2


def test_a_full_disk_is_said_and_leaves_nothing(server, tmp_path):
    import resource

    def small():
        resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))

    process = run_command("boundaries", tmp_path, "--area", GLOUCESTER, "--vintage", "2011", "--url", server.url, preexec_fn=small)  # fmt: skip
    _, err = process.communicate(timeout=60)
    assert process.returncode == 2
    assert "File too large" in err
    assert "Traceback" not in err
    assert not list((tmp_path / "data/fetched").iterdir())


def test_a_folder_that_cannot_be_written_is_said(server, tmp_path):
    (tmp_path / "data").write_text("a file where the folder should be", encoding="utf-8")
    process = run_command("deprivation", tmp_path, "--area", GLOUCESTER, "--url", server.url)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 2
    assert "Traceback" not in err


# ── the command ──────────────────────────────────────────────────────────────


def test_the_command_says_what_it_did_and_what_to_paste(server, tmp_path):
    process = run_command("boundaries", tmp_path, "--area", GLOUCESTER, "--vintage", "2011", "--url", server.url)  # fmt: skip
    out, err = process.communicate(timeout=60)
    assert process.returncode == 0
    # Progress, if the machine is so busy that it took longer than a second.
    assert all(line.endswith("…") for line in err.splitlines()), err
    assert "78 places" in out
    assert 'file = "data/fetched/boundaries_lsoa_2011_E07000081.geojson"' in out
    tomllib.loads(out.partition("For provision.toml:")[2])


def test_offline_is_said_plainly(tmp_path):
    process = run_command("people", tmp_path, "--area", GLOUCESTER, "--url", "http://127.0.0.1:9")
    _, err = process.communicate(timeout=60)
    assert process.returncode == 2
    assert err.splitlines()[-1] == "No answer from 127.0.0.1:9: is this machine online?"


def test_without_the_extra_it_says_how_to_get_it(tmp_path):
    (tmp_path / "httpx.py").write_text("raise ImportError", encoding="utf-8")
    environment = os.environ | {"PYTHONPATH": f"{tmp_path}{os.pathsep}{ROOT / 'src'}"}
    done = subprocess.run([*_RUN, "people", tmp_path, "--area", GLOUCESTER], env=environment, capture_output=True, text=True, check=False)  # fmt: skip
    assert done.returncode == 2
    assert 'pip install "provision-map[fetch]"' in done.stderr


# ── anything at all ──────────────────────────────────────────────────────────

_WORDS = ["features", "properties", "attributes", "count", "fields", "name", "type", "contents", "id", "error", "code", "message", "details", "maxRecordCount", "objectIdField", "total_items", "total_pages", "page_number", "last_page", "geometry", "LSOA11CD", "LAD11CD", "FID"]  # fmt: skip
_LEAVES = st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters()) | st.sampled_from(_WORDS)  # fmt: skip
_JSON = st.recursive(_LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(_WORDS) | st.text(max_size=3), inner, max_size=5), max_leaves=15)  # fmt: skip
_LAYER = {"objectIdField": "FID", "fields": [{"name": n} for n in ("FID", "LSOA11CD", "LSOA11NM", "LAD11CD")]}  # fmt: skip


def test_any_answer_is_a_result_or_an_error_in_words():
    codes = [{"attributes": {"FID": 1, "LSOA11CD": "E01022276", "LAD11CD": GLOUCESTER}}]

    @settings(max_examples=40, deadline=None)
    @given(
        what=st.sampled_from(["boundaries", "people", "feed"]),
        answer=_JSON,
        sensible=st.integers(0, 3),
        count=st.integers(0, 3),
    )
    def try_one(what, answer, sensible, count):
        good = [
            ("?f=json", _LAYER),
            ("returnCountOnly", {"count": count}),
            ("OA11_LSOA11", {"features": codes}),
        ]
        server.faults.clear()
        for match, body in good[:sensible]:
            server.fail(match, "body", times=99, text=json.dumps(body))
        pages = {"contents": answer, "page_number": 1} if sensible else answer
        server.fail("/services", "body", times=99, text=json.dumps(pages))
        page = {"features": answer} if count == 1 else answer
        server.fail("/", "body", times=99, text=json.dumps(page))
        with tempfile.TemporaryDirectory() as folder, contextlib.suppress(UsageError, DataError):
            fetch(wanted(server, Path(folder), what, limits=Limits(attempts=1)))

    with PublicServer(Published()) as server:
        try_one()


# ── the catalogue ────────────────────────────────────────────────────────────


def test_every_source_says_where_whose_and_of_when():
    for one in load_catalogue().values():
        assert one.title, one.id
        assert one.publisher, one.id
        assert one.licence, one.id
        assert one.date, one.id
        if one.what == "feed":
            continue
        assert one.address.startswith("https://"), one.id
        assert one.attribution, one.id
        if one.what != "lookup":
            tomllib.loads("\n".join(one.lines).replace("{file}", "x").replace("{id}", "y"))


def test_a_catalogue_of_ones_own_corrects_ours(server, tmp_path):
    text = (ROOT / "src/provision_map/sources/catalogue.toml").read_text("utf-8")
    start = text.index('[[source]]\nid = "deprivation-2019"')
    moved = text[start : text.index("[[source]]", start + 5)].replace("/media/", "/moved/")
    (tmp_path / "own.toml").write_text(moved, encoding="utf-8")
    with pytest.raises(UsageError, match=r"answers 404 .*--catalogue"):
        fetch(wanted(server, tmp_path, "deprivation", catalogue=tmp_path / "own.toml"))
    assert server.asked("/moved/")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("x = ", "own.toml: "),
        ("[source]\nid = 1", "under a heading"),
        ('[[source]]\nid = "x"', "x lacks what, title"),
        ("\xff", "cannot be read"),
    ],
)
def test_a_catalogue_that_is_none_is_told(server, tmp_path, text, said):
    (tmp_path / "own.toml").write_bytes(text.encode("latin-1"))
    with pytest.raises(UsageError, match=said):
        fetch(wanted(server, tmp_path, "people", catalogue=tmp_path / "own.toml"))


def test_what_is_not_in_the_catalogue_is_listed(server, tmp_path):
    with pytest.raises(
        UsageError, match=r"no source of boundaries ward 2011\. There are: .*ward 2024"
    ):
        fetch(wanted(server, tmp_path, "boundaries", level="ward"))
    with pytest.raises(UsageError, match="--url"):
        fetch(wanted(server, tmp_path, "feed", url=None))
    with pytest.raises(UsageError, match="without /services"):
        fetch(wanted(server, tmp_path, "feed", url=f"{server.url}/services?page=1"))
    with pytest.raises(UsageError, match="--area"):
        fetch(wanted(server, tmp_path, "people", areas=()))


@pytest.mark.parametrize("url", ["nonsense", "file:///etc/passwd", "http://[::1", "http://a.example:x/", "https:///path", "http://a\nb/"])  # fmt: skip
@pytest.mark.parametrize("what", ["feed", "people", "deprivation"])
def test_an_address_that_is_none_is_told(server, tmp_path, what, url):
    with pytest.raises(UsageError, match="is no address"):
        fetch(wanted(server, tmp_path, what, url=url))
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("year", ["2011", "2021"])
def test_ethnic_groups_are_those_of_the_classification(year):
    ours = [group for _, group, _ in load_catalogue()[f"ethnic-groups-{year}"].details["groups"]]
    assert set(ours) == {group.id for group in load_classification(year).groups}


def test_the_command_and_the_catalogue_know_the_same():
    from provision_map.cli import _FETCHED
    from provision_map.sources.catalogue import KINDS

    assert _FETCHED == KINDS
    assert {one.what for one in load_catalogue().values()} == {*KINDS, "lookup"}

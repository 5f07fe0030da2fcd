"""Gloucester at three censuses, and the parishes of Bath, from the real public data."""

from __future__ import annotations

import json

import geopandas as gpd
import pandas as pd
import pyogrio
import pytest

from provision_map.frameworks.ethnic_groups import load_classification
from provision_map.read import read_inputs, read_settings

SETTINGS = """\
[exercise]
title = "Gloucester"
place = "Gloucester"
date = 2020-11-30
[places]
file = "SHARED/boundaries/{places}"
id = "LSOA{year}CD"
name = "LSOA{year}NM"
vintage = "LSOA 20{year}"
{more}
[people.ages]
file = "SHARED/population/{ages}"
{how}
[services]
services = "services.csv"
organisations = "organisations.csv"
"""

LSOA11 = 'id = "lsoa11_code"'
MID_2020 = "gloucestershire_lsoa11_mid2020_single_year.csv"
BACK = 'lookup = {file = "SHARED/lookups/gloucestershire_lsoa01_lsoa11.csv", from = "lsoa11_code", to = "lsoa01_code"}'
ON = 'file = "SHARED/lookups/gloucestershire_lsoa11_lsoa21_ltla22.csv", from = "lsoa11_code", to = "lsoa21_code"'
WEIGHTS = 'weights = {file = "SHARED/population/gloucestershire_lsoa21_census2021_broad_age.csv", id = "lsoa21_code", column = "usual_residents"}'
#: Problems and notes of the services, which are none of this test's business.
OTHERS = ("services.csv", "organisations.csv")


@pytest.fixture
def gloucester(tmp_path, shared_data):
    """Return a function that reads Gloucester at a census, and what it reads of the places."""

    def go(year, how=LSOA11, *, ages=MID_2020, more="", places=None):
        name = places or f"gloucester_lsoa_20{year}.geojson"
        text = SETTINGS.format(places=name, year=year, ages=ages, how=how, more=more)
        (tmp_path / "provision.toml").write_text(text.replace("SHARED", shared_data.as_posix()), encoding="utf-8")  # fmt: skip
        (tmp_path / "services.csv").write_text("service_id,name,organisation_id,elements,service_area\nS,Club,O,Y02,all\n")  # fmt: skip
        (tmp_path / "organisations.csv").write_text("organisation_id,name,sector\nO,Club,voluntary\n")  # fmt: skip
        inputs = read_inputs(read_settings(tmp_path))
        return inputs, [p for p in inputs.problems if p.file not in OTHERS]

    return go


def children(inputs, first, last):
    ages = inputs.ages
    return ages.loc[ages["age"].between(first, last), "children"].sum()


# ----------------------------------------------------------------------------- three censuses


def test_the_table_of_the_same_census_gives_the_published_totals(gloucester):
    inputs, problems = gloucester("11")
    assert problems == []
    assert len(inputs.places) == 78
    assert (children(inputs, 5, 13), children(inputs, 13, 19)) == (15_091, 10_384)
    assert set(inputs.ages["basis"]) == {"measured"}


@pytest.mark.parametrize(
    ("year", "matching", "of", "missing"),
    [("01", 72, 74, "E01022337, E01022349"), ("21", 74, 82, "E01034791, E01034792")],
)
def test_a_table_of_2011_is_not_mixed_with_the_places_of_another_census(year, matching, of, missing, gloucester):  # fmt: skip
    inputs, [problem] = gloucester(year)
    assert f"LSOAs of 2011, those of the places like LSOAs of 20{year}" in problem.what
    assert f"{matching} of the {of} places are in it" in problem.what
    assert missing in problem.what
    assert "[people.ages]" in problem.mend
    assert inputs.ages.empty


def test_the_places_of_2001_get_the_children_of_2011_to_the_child(gloucester):
    deprivation = f'[places.deprivation]\nfile = "SHARED/deprivation/gloucestershire_imd2019_lsoa11.csv"\nid = "lsoa11_code"\nimd_decile = "IMD_decile"\n{BACK}'
    inputs, problems = gloucester("01", f"{LSOA11}\n{BACK}", more=deprivation)
    assert problems == []
    assert len(inputs.places) == 74
    assert (children(inputs, 5, 13), children(inputs, 13, 19)) == (15_091, 10_384)
    assert set(inputs.ages["basis"]) == {"measured"}
    assert inputs.places["imd_decile"].notna().all()


def test_the_places_of_2021_need_weights_where_an_lsoa_was_split(gloucester):
    _, [problem] = gloucester("21", f"{LSOA11}\nlookup = {{ {ON} }}")
    assert "4 areas were split" in problem.what


def test_the_places_of_2021_get_all_children_and_eight_of_them_estimates(gloucester, shared_data):
    inputs, problems = gloucester("21", f"{LSOA11}\nlookup = {{ {ON}, {WEIGHTS} }}")
    assert problems == []
    assert children(inputs, 5, 13) == pytest.approx(15_091, rel=1e-9)
    assert children(inputs, 13, 19) == pytest.approx(10_384, rel=1e-9)
    estimated = inputs.ages[inputs.ages["basis"] == "estimated"]
    assert sorted(set(estimated["place_id"])) == [f"E0103479{n}" for n in range(1, 9)]
    # By hand: half of a split LSOA of 2011, as its residents of 2021 are divided.
    now = pd.read_csv(shared_data / "population/gloucestershire_lsoa21_census2021_broad_age.csv")
    people = now.groupby("lsoa21_code")["usual_residents"].sum()
    before = pd.read_csv(shared_data / f"population/{MID_2020}").set_index("lsoa11_code")
    share = people["E01034792"] / (people["E01034792"] + people["E01034793"])
    mine = estimated[(estimated["place_id"] == "E01034792") & (estimated["age"] == 9)]
    assert mine["children"].item() == pytest.approx(before.loc["E01022347", "age_9"] * share)


def test_output_areas_are_added_up_to_lsoas_and_refused_without_a_lookup(gloucester, shared_data):
    ages = "gloucestershire_oa11_mid2015_single_year.csv"
    _, [problem] = gloucester("11", 'id = "oa11_code"', ages=ages)
    assert "look like output areas of 2011" in problem.what
    assert "none of the 78 places" in problem.what
    lookup = 'lookup = {file = "SHARED/lookups/gloucestershire_oa11_lsoa11_msoa11_lad_ward13.csv", from = "oa11_code", to = "lsoa11_code"}'
    inputs, problems = gloucester("11", f'id = "oa11_code"\n{lookup}', ages=ages)
    assert problems == []
    table = pd.read_csv(shared_data / f"population/{ages}")
    ours = table[table["lsoa11_code"].isin(inputs.places["place_id"])]
    for age in (5, 13, 19):
        found = inputs.ages[inputs.ages["age"] == age].set_index("place_id")["children"]
        expected = ours.groupby("lsoa11_code")[f"age_{age}"].sum()
        assert found.sort_index().tolist() == expected.sort_index().tolist()


@pytest.mark.parametrize(
    ("file", "code", "name", "vintage", "column", "places"),
    [
        ("gloucester_wards_2013.geojson", "WD13CD", "WD13NM", "ward", "ward13_code", 15),
        ("gloucestershire_msoa_2011.geojson", "MSOA11CD", "MSOA11NM", "MSOA 2011", "msoa11_code", 75),
        ("gloucester_oa_2011.geojson", "OA11CD", "OA11CD", "output areas 2011", None, 400),
    ],
)  # fmt: skip
def test_places_may_be_wards_msoas_or_output_areas(file, code, name, vintage, column, places, gloucester, shared_data, tmp_path):  # fmt: skip
    how = 'id = "oa11_code"'
    if column is not None:
        how += f'\nlookup = {{file = "SHARED/lookups/gloucestershire_oa11_lsoa11_msoa11_lad_ward13.csv", from = "oa11_code", to = "{column}"}}'
    gloucester("11", how, ages="gloucestershire_oa11_mid2015_single_year.csv", places=file)
    settings = tmp_path / "provision.toml"
    text = settings.read_text(encoding="utf-8")
    for old, new in (('"LSOA11CD"', f'"{code}"'), ('"LSOA11NM"', f'"{name}"'), ('"LSOA 2011"', f'"{vintage}"')):  # fmt: skip
        text = text.replace(old, new)
    settings.write_text(text, encoding="utf-8")
    inputs = read_inputs(read_settings(tmp_path))
    assert [p for p in inputs.problems if p.file not in OTHERS] == []
    assert len(inputs.places) == places
    table = pd.read_csv(shared_data / "population/gloucestershire_oa11_mid2015_single_year.csv")
    if places < 75 or column is None:
        lads = pd.read_csv(
            shared_data / "lookups/gloucestershire_oa11_lsoa11_msoa11_lad_ward13.csv"
        )
        ours = lads.loc[lads["lad_code"] == "E07000081", "oa11_code"]
        table = table[table["oa11_code"].isin(ours)]
    expected = table[[f"age_{age}" for age in range(5, 14)]].to_numpy().sum()
    assert children(inputs, 5, 13) == expected
    assert set(inputs.ages["basis"]) == {"measured"}


def test_a_long_table_of_broad_ages_is_refused(gloucester):
    how = 'id = "lsoa21_code"\nage = "age_group"\nchildren = "usual_residents"'
    _, [problem] = gloucester("21", how, ages="gloucestershire_lsoa21_census2021_broad_age.csv")
    assert "'Aged 15 years and under'" in problem.what


def test_five_groups_of_2021_are_read_as_published_and_not_compared(gloucester):
    groups = '[people.ethnic_groups]\nfile = "SHARED/ethnicity/gloucestershire_lsoa21_census2021_ethnic_group_5.csv"\nid = "lsoa21_code"\ngroup = "ethnic_group"\nresidents = "n"\ntotal = "total_residents"\nclassification = "five"'
    inputs, problems = gloucester("21", f"{LSOA11}\nlookup = {{ {ON}, {WEIGHTS} }}\n{groups}")
    assert problems == []
    sums = inputs.ethnic_groups.groupby("group_id")["residents"].sum()
    assert sums.sum() == 132_419
    # DOMAIN: 15.07 % of the district of 132,414 are not White.
    assert 1 - sums["white"] / sums.sum() == pytest.approx(0.1507, abs=2e-4)
    assert "White British not told apart" in inputs.framework.bme_name


# ------------------------------------------------------------------------ neighbourhoods, formats


def test_the_wards_of_2013_as_outlines_are_the_wards_of_the_lookup(gloucester, shared_data):
    wards = '[places.neighbourhoods]\nfile = "SHARED/boundaries/gloucester_wards_2013.geojson"\nid = "WD13CD"\nname = "WD13NM"'
    inputs, problems = gloucester("11", more=wards)
    assert problems == []
    lookup = pd.read_csv(shared_data / "lookups/gloucestershire_oa11_lsoa11_msoa11_lad_ward13.csv")
    expected = lookup.drop_duplicates("lsoa11_code").set_index("lsoa11_code")["ward13_code"]
    found = inputs.places.set_index("place_id")["neighbourhood_id"]
    assert found.to_dict() == expected[found.index].to_dict()
    assert found.nunique() == 15


def test_the_parishes_of_bath_do_not_cover_the_city(tmp_path, real_bath, shared_data):
    text = (real_bath / "provision.toml").read_text(encoding="utf-8")
    head, _, rest = text.partition("[places]\n")
    parishes = f'neighbourhoods = {{file = "{shared_data.as_posix()}/bath/banes_parishes.geojson", id = "code", name = "name"}}\n'
    folder = tmp_path / "bath"
    folder.mkdir()
    for path in real_bath.iterdir():
        (folder / path.name).symlink_to(path)
    (folder / "provision.toml").unlink()
    (folder / "provision.toml").write_text(f"{head}[places]\n{parishes}{rest}", encoding="utf-8")
    inputs = read_inputs(read_settings(folder))
    assert inputs.problems == ()
    alone = inputs.places["neighbourhood_id"] == ""
    # The city of Bath has no parishes: its LSOAs keep their own name.
    assert 60 < alone.sum() < 85
    assert not inputs.places.loc[alone, "name"].str.contains("·").any()
    middle = inputs.places.cx[375_000:375_500, 164_500:165_500]
    assert set(middle["neighbourhood_id"]) == {""}
    assert inputs.memberships["neighbourhood_id"].isin(gpd.read_file(shared_data / "bath/banes_parishes.geojson")["code"]).all()  # fmt: skip
    assert (inputs.memberships["share"] >= 0.48).all()
    said = " ".join(note.what for note in inputs.notes if "parishes" in note.file)
    assert f"{alone.sum()} places are in no neighbourhood" in said
    # The file has an outline without code and name for where there is no parish.
    assert "1 outline has neither code nor name, and is no neighbourhood (row 7)" in said


FORMATS = {"ESRI Shapefile": "shp", "GPKG": "gpkg", "GeoJSON": "geojson", "FlatGeobuf": "fgb",
           "KML": "kml", "GML": "gml", "MapInfo File": "tab", "GeoJSONSeq": "geojsonl"}  # fmt: skip


@pytest.mark.parametrize("driver", FORMATS)
def test_the_places_are_the_same_in_any_format(driver, gloucester, shared_data, tmp_path):
    if "w" not in pyogrio.list_drivers().get(driver, ""):
        pytest.skip(f"this GDAL does not write {driver}")
    expected, _ = gloucester("11")
    path = tmp_path / f"places.{FORMATS[driver]}"
    frame = gpd.read_file(shared_data / "boundaries/gloucester_lsoa_2011.geojson")
    frame.to_file(path, driver=driver)
    inputs, problems = gloucester("11", places=f"/../../{'../' * 12}{path.as_posix().lstrip('/')}")
    assert problems == []
    # FlatGeobuf has an order of its own.
    areas = [i.places.set_index("place_id").area.sort_index() for i in (inputs, expected)]
    assert areas[0].index.tolist() == areas[1].index.tolist()
    assert areas[0].tolist() == pytest.approx(areas[1].tolist(), rel=1e-4)
    assert children(inputs, 5, 13) == 15_091


# ---------------------------------------------------------------------------- published groups


def test_the_eighteen_groups_of_2011_of_the_wards_of_bath_add_up(tmp_path, shared_data):
    table = pd.read_csv(shared_data / "bath/banes_ward_census2011_age_ethnic_group.csv", dtype=str)
    names = {
        "white_british": "white_british", "white_irish": "white_irish", "gypsy_or_irish_traveller": "white_gypsy_traveller",
        "white_other": "white_other", "indian": "asian_indian", "pakistani": "asian_pakistani", "bangladeshi": "asian_bangladeshi",
        "chinese": "asian_chinese", "arab": "other_arab", "other": "other_other",
    }  # fmt: skip
    years = table[["wd11cd"]].assign(**{f"age_{age}": "1" for age in range(5, 25)})
    years.to_csv(tmp_path / "ages.csv", index=False)
    table.to_csv(tmp_path / "groups.csv", index=False)
    bath = shared_data.as_posix() + "/bath"
    text = f"""\
[exercise]
title = "Bath"
place = "Bath"
[places]
file = "{bath}/banes_wards_2013.geojson"
id = "WD13CD"
name = "WD13NM"
vintage = "ward"
[people.ages]
file = "ages.csv"
id = "wd11cd"
[people.ethnic_groups]
file = "groups.csv"
id = "wd11cd"
total = "total"
classification = "2011"
columns = {json.dumps(names).replace('":', '" =')}
[services]
services = "services.csv"
"""
    (tmp_path / "provision.toml").write_text(text, encoding="utf-8")
    inputs = read_inputs(read_settings(tmp_path))
    assert [p for p in inputs.problems if p.file != "services.csv"] == []
    sums = inputs.ethnic_groups.groupby("group_id")["residents"].sum()
    assert list(sums.index.sort_values()) == sorted(
        g.id for g in load_classification("2011").groups
    )
    assert sums.sum() == table["total"].astype(float).sum()
    minority = 1 - sums["white_british"] / sums.sum()
    assert minority == pytest.approx(1 - table["white_british"].astype(float).sum() / sums.sum())
    # All 37 add up, so that one resident fewer in one cell is told.
    row = table.index[3]
    table.loc[row, "white_british"] = str(int(float(table.loc[row, "white_british"])) - 1)
    table.to_csv(tmp_path / "groups.csv", index=False)
    told = [p for p in read_inputs(read_settings(tmp_path)).problems if p.file == "groups.csv"]
    assert [(p.row, "1 less than the total" in p.what) for p in told] == [(5, True)]

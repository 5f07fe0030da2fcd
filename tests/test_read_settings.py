"""provision.toml: what it holds, its defaults, and what is wrong with it."""

from __future__ import annotations

import datetime as dt
import subprocess
import sys

import pytest

from provision_map.errors import EXIT_DATA, EXIT_USAGE, DataError, UsageError
from provision_map.model import GapRules, PriorityRules
from provision_map.new_exercise import make_blank
from provision_map.read import read_inputs, read_settings
from provision_map.read.settings import (
    CoverageSettings,
    FrameworkSettings,
    ReachSettings,
    RegisterSettings,
)
from tiny_exercise import add_file, replace_text, shapes


def problems_of(folder):
    with pytest.raises(DataError) as caught:
        read_settings(folder)
    assert caught.value.exit_code == EXIT_DATA
    return [(p.file, p.row, p.column, p.what) for p in caught.value.problems]


def add(folder, text):
    path = folder / "provision.toml"
    path.write_text(path.read_text(encoding="utf-8") + text, encoding="utf-8")


def test_the_tree_mirrors_the_file(tiny):
    settings = read_settings(tiny)
    assert settings.folder == tiny
    assert settings.exercise.title == "Tiny exercise"
    assert settings.exercise.date == dt.date(2020, 11, 30)
    assert settings.exercise.data_status == "illustrative services"
    assert settings.places.centroids.easting == "easting"
    assert settings.places.deprivation.imd_decile == "imd_decile"
    assert settings.people.ethnic_groups.residual == "gypsy_or_irish_traveller"
    assert settings.services.services == "data/services/services.csv"
    assert settings.sources["data/people/ages.csv"].licence == "none"
    assert settings.raw["exercise"]["title"] == "Tiny exercise"


def test_what_is_not_said_has_its_default(tiny):
    settings = read_settings(tiny)
    assert settings.reach == ReachSettings(80, 1.3, 90)
    assert settings.coverage == CoverageSettings(24, 24)
    assert settings.gaps == GapRules(0.5, 0.8, 50, 100, 0.25, 10)
    assert settings.priority == PriorityRules(1, 1, 1, 500, 1)
    assert settings.frameworks == FrameworkSettings(("youth_offer", "offer_5_13"), None)
    assert settings.standards == {}
    assert settings.services.registers == ()


def test_without_a_date_the_exercise_describes_today(tiny):
    replace_text(tiny / "provision.toml", "date = 2020-11-30\n", "")
    today = dt.datetime.now(tz=dt.UTC).astimezone().date()
    assert abs(read_settings(tiny).exercise.date - today) <= dt.timedelta(days=1)


def test_the_speed_of_a_blank_exercise_is_that_of_its_mode(tmp_path):
    make_blank(tmp_path / "new")
    path = tmp_path / "new" / "provision.toml"
    text = path.read_text(encoding="utf-8")
    for mode, speed in (("walk", 80), ("cycle", 250), ("drive", 667)):
        said = text.replace('# mode = "walk"', f'mode = "{mode}"')
        assert said != text
        path.write_text(said, encoding="utf-8")
        assert read_settings(tmp_path / "new").reach.metres_per_minute == speed


@pytest.mark.parametrize(("mode", "speed", "noted"), [("cycle", 80, True), ("drive", 120, True), ("cycle", 121, False), ("walk", 80, False)])  # fmt: skip
def test_a_vehicle_at_walking_speed_is_asked_about(mode, speed, noted, tiny):
    add(tiny, f'[reach]\nmode = "{mode}"\nmetres_per_minute = {speed}\n')
    notes = [n for n in read_inputs(read_settings(tiny)).notes if "walking speed" in n.what]
    assert [n.column for n in notes] == ["reach.metres_per_minute"] * noted


def test_a_mode_of_streets_without_minutes_of_its_own_is_noted(tiny):
    add_file(
        tiny, "roads.geojson", shapes(({}, "LineString", [[383000, 217500], [386000, 217500]]))
    )
    add(tiny, '[reach]\ntravel_times = "streets"\nfile = "roads.geojson"\nmode = "cycle"\n')
    [note] = read_inputs(read_settings(tiny)).notes
    assert (note.file, note.column) == ("provision.toml", "reach.mode")
    assert note.what.startswith("Ways by cycle are held against the minutes of the walk")
    add(tiny, '[standards.Y02]\nminutes = { cycle = 20 }\nreason = "Agreed for the test."\n')
    assert read_inputs(read_settings(tiny)).notes == ()


def test_the_mode_of_a_file_is_spelt_in_one_way_and_is_not_outreach(tiny):
    add(tiny, '[reach]\ntravel_times = "file"\nfile = "x.csv"\nmode = "Public Transport"\n')
    assert read_settings(tiny).reach.mode == "public_transport"
    replace_text(tiny / "provision.toml", "Public Transport", "Outreach")
    [problem] = problems_of(tiny)
    assert problem[2] == "reach.mode"


def test_every_part_that_can_be_changed_is_read(tiny):
    add(
        tiny,
        """
        [reach]
        metres_per_minute = 70
        detour = 1.5
        searched_to = 45
        [coverage]
        record_months = 12
        quality_months = 36
        [gaps]
        flag = 0.25
        city_wide = 0.9
        smallest = 30
        border_metres = 50
        community_excess = 0.3
        community_smallest = 5
        [priority]
        size = 0.5
        need = 2
        severity = 0
        draws = 100
        seed = 7
        [standards.Y02]
        metres = 800
        reason = "agreed by the partnership"
        [[services.registers]]
        file = "a.csv"
        mapping = "a.toml"
        """,
    )
    settings = read_settings(tiny)
    assert settings.reach == ReachSettings(70, 1.5, 45)
    assert settings.coverage == CoverageSettings(12, 36)
    assert settings.gaps == GapRules(0.25, 0.9, 30, 50, 0.3, 5)
    assert settings.priority == PriorityRules(0.5, 2, 0, 100, 7)
    assert settings.services.registers == (RegisterSettings("a.csv", "a.toml"),)
    assert read_inputs(settings).framework.elements["Y02"].standard.metres == 800


def test_a_folder_that_is_no_exercise_is_a_usage_error(tmp_path):
    for folder in (tmp_path, tmp_path / "nowhere"):
        with pytest.raises(UsageError, match=r"has no provision\.toml") as caught:
            read_settings(folder)
        assert caught.value.exit_code == EXIT_USAGE


def test_a_fault_of_syntax_is_told_with_its_row(tiny):
    replace_text(tiny / "provision.toml", 'place = "Tinytown"', "place = Tinytown")
    [(file, row, _, what)] = problems_of(tiny)
    assert (file, row) == ("provision.toml", 3)
    assert "not valid TOML" in what


def test_a_file_that_is_not_utf8_is_told_with_its_row(tiny):
    path = tiny / "provision.toml"
    path.write_bytes(path.read_bytes().replace(b"Tinytown", b"Tinyt\xf6wn"))
    assert problems_of(tiny) == [("provision.toml", 3, None, "The text is not UTF-8.")]


@pytest.mark.parametrize(
    ("old", "new", "column", "words"),
    [
        ('title = "Tiny exercise"\n', "", "exercise.title", "missing"),
        ('title = "Tiny exercise"', 'titel = "Tiny exercise"', "exercise.titel", "no setting"),
        ('title = "Tiny exercise"', "title = 7", "exercise.title", "7 is not text"),
        ('title = "Tiny exercise"', 'title = " "', "exercise.title", "blank"),
        ("date = 2020-11-30", 'date = "soon"', "exercise.date", "not a date"),
        ("date = 2020-11-30", "date = 2020-11-30T10:00:00", "exercise.date", "not a date"),
        ('file = "data/people/ages.csv"\n', "", "people.ages.file", "missing"),
        ('"age_{age}"', '"age"', "people.ages.columns", "does not say where the age stands"),
        ('total = "residents"\n', "", "people.ethnic_groups.residual", "no total"),
        ('level = "square"', "keep = { a = 7 }", "places.keep.a", "not a list of texts"),
        ('level = "square"', "keep = 7", "places.keep", "not a table"),
        ("[sources", "[reach]\ndetour = 0.5\n[sources", "reach.detour", "out of range"),
        ("[sources", "[reach]\ndetour = nan\n[sources", "reach.detour", "not a number"),
        ("[sources", "[reach]\ndetour = true\n[sources", "reach.detour", "not a number"),
        ("[sources", '[gaps]\nflag = "half"\n[sources', "gaps.flag", "not a number"),
        ("[sources", "[priority]\ndraws = 1.5\n[sources", "priority.draws", "not a whole"),
        ("[sources", "[priority]\nspeed = 1\n[sources", "priority.speed", "no setting"),
        ("[sources", "[frameworks]\noffers = []\n[sources", "frameworks.offers", "No Offer"),
        ("[sources", "[[services.registers]]\n[sources", "services.registers[1].file", "missing"),
        ("[sources", "[standards]\nY02 = 800\n[sources", "standards.Y02", "not a table"),
        ("[sources", '[standards.Y02]\nmetres = "far"\n[sources', "standards.Y02.metres", "number"),
        ("[sources", '[standards.Y02]\nquality = "no"\n[sources', "standards.Y02.quality", "true"),
        (
            "[sources",
            "[standards.Y02]\nimd_deciles = [0]\n[sources",
            "standards.Y02.imd_deciles",
            "dec",
        ),
        ("[sources", "[extra]\n[sources", "extra", "no setting"),
        ('services = "data/services/services.csv"\n', "", "services.services", "No table"),
    ],
)
def test_a_setting_that_is_wrong_is_told_by_its_dotted_name(old, new, column, words, tiny):
    replace_text(tiny / "provision.toml", old, new)
    told = problems_of(tiny)
    assert any(
        file == "provision.toml" and at == column and words in what for file, _, at, what in told
    ), told


def test_all_that_is_wrong_with_the_settings_is_told_at_once(tiny):
    replace_text(tiny / "provision.toml", 'place = "Tinytown"', "place = 7")
    replace_text(tiny / "provision.toml", 'level = "square"', 'levl = "square"')
    add(tiny, "[reach]\ndetour = 0.1\n")
    assert [column for _, _, column, _ in problems_of(tiny)] == [
        "exercise.place",
        "places.levl",
        "reach.detour",
    ]


def test_a_slip_of_the_pen_is_answered_with_the_name_that_is_near(tiny):
    add(tiny, "[reach]\ndetur = 1.4\n")
    with pytest.raises(DataError, match="Is it 'detour'"):
        read_settings(tiny)


def test_a_missing_section_is_told_by_what_it_must_hold(tiny):
    (tiny / "provision.toml").write_text('[exercise]\ntitle = "T"\nplace = "P"\n')
    columns = {column for _, _, column, _ in problems_of(tiny)}
    assert {"places.file", "places.id", "people.ages.file", "services.services"} <= columns


@pytest.mark.parametrize(
    ("added", "column", "words"),
    [
        ('[standards.Y99]\nmetres = 1\nreason = "x"\n', "standards.Y99", "no element"),
        ("[standards.Y02]\nmetres = 1\n", "standards.Y02", "needs a reason"),
        (
            '[standards.Y02]\ncolour = 1\nreason = "x"\n',
            "standards.Y02.colour",
            "cannot be changed",
        ),
        ('[frameworks]\noffers = ["youth"]\n', "frameworks.offers", "no Offer known"),
    ],
)
def test_what_is_wrong_with_frameworks_is_told_with_the_data(added, column, words, tiny):
    add(tiny, added)
    problems = read_inputs(read_settings(tiny)).problems
    assert [(p.file, p.column) for p in problems] == [("provision.toml", column)]
    assert words in problems[0].what


OFFER = """
id = "local"
name = "Local offer"
minimum_age = 10
maximum_age = 12
[[element]]
id = "L01"
name = "Chess"
aims = ["EA4"]
standard = { unit = "any", need = 1, metres = 500, source = "local" }
"""


def test_a_local_offer_is_read_from_its_file(tiny):
    (tiny / "local.toml").write_text(OFFER)
    add(tiny, '[frameworks]\noffers = ["youth_offer", "offer_5_13", "local.toml"]\n')
    inputs = read_inputs(read_settings(tiny))
    assert inputs.problems == ()
    assert inputs.framework.elements["L01"].standard.metres == 500
    assert "local.toml" in {file.file for file in inputs.files}


@pytest.mark.parametrize(
    ("old", "new", "row", "words"),
    [
        ('name = "Chess"\n', "", None, "not an Offer"),
        ('name = "Chess"\n', "name = Chess\n", 8, "not valid TOML"),
        ("need = 1", 'need = "one"', None, "unit or a number"),
        ("need = 1", "need = 0", None, "need is not above 0"),
        ('unit = "any"', 'unit = "visits"', None, "unit or a number"),
        ("minimum_age = 10", "minimum_age = 20", None, "wrong way round"),
        ("minimum_age = 10", 'minimum_age = "ten"', None, "not an Offer"),
        ('aims = ["EA4"]', 'aims = ["ZZ1"]', None, "'ZZ1' is no code"),
    ],
)
def test_a_fault_in_a_local_offer_is_told_with_its_file(old, new, row, words, tiny):
    (tiny / "local.toml").write_text(OFFER.replace(old, new))
    add(tiny, '[frameworks]\noffers = ["youth_offer", "offer_5_13", "local.toml"]\n')
    problems = read_inputs(read_settings(tiny)).problems
    assert [(p.file, p.row) for p in problems] == [("local.toml", row)]
    assert words in problems[0].what


def test_local_communities_are_read_from_their_file(tiny):
    (tiny / "who.toml").write_text(
        'majority = "white_british"\n'
        '[[ethnic]]\nid = "white_british"\nname = "White British"\n'
        '[[priority]]\nid = "carers"\nname = "Young carers"\n'
    )
    replace_text(tiny / "provision.toml", 'residual = "gypsy_or_irish_traveller"\n', "")
    replace_text(tiny / "data/services/services.csv", "everyone,disabled", "everyone,carers")
    add(tiny, '[frameworks]\ncommunities = "who.toml"\n')
    inputs = read_inputs(read_settings(tiny))
    assert inputs.problems == ()
    assert [c.id for c in inputs.framework.priority_communities] == ["carers"]


@pytest.mark.parametrize(
    "text", ['[[ethnic]]\nid = "a"\n', '[[ethnic]]\nid = "bme"\nname = "x"\n', "[ethnic]\n"]
)
def test_a_fault_in_local_communities_is_told_with_their_file(text, tiny):
    (tiny / "who.toml").write_text(text)
    add(tiny, '[frameworks]\ncommunities = "who.toml"\n')
    problems = read_inputs(read_settings(tiny)).problems
    assert {p.file for p in problems} == {"who.toml"}


def test_importing_the_settings_loads_no_frames():
    code = (
        "import sys, provision_map.read.settings\n"
        "print([m for m in ('pandas', 'geopandas', 'pyproj') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"

"""A tiny exercise that is whole and valid: three square places in a row, each side 1,000 m.

``write_tiny_exercise(folder)`` writes it; tests then spoil a copy, one thing at a time, with
``set_cell``, ``append_row`` and ``replace_text``, or give it more with ``add_settings`` and
``add_file``. Its places lie west to east from (383000,
217000): T01 and T02 are the neighbourhood Weston (N1), T03 is Easton (N2); 20 children of each
single year of age 5-19 and 10 of each age 20-24 live in each. Every organisation's return is in.
"""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

WEST, SOUTH, SIDE = 383_000, 217_000, 1_000
PLACES = ("T01", "T02", "T03")

SETTINGS = """\
[exercise]
title = "Tiny exercise"
place = "Tinytown"
date = 2020-11-30
data_status = "illustrative services"
crs = "EPSG:27700"

[places]
file = "data/boundaries/places.geojson"
id = "code"
name = "name"
level = "square"
authority = "authority"
neighbourhoods = "data/boundaries/neighbourhoods.csv"

[places.centroids]
file = "data/people/places.csv"
id = "code"
easting = "easting"
northing = "northing"

[places.deprivation]
file = "data/people/places.csv"
id = "code"
imd_decile = "imd_decile"

[people.ages]
file = "data/people/ages.csv"
id = "code"
columns = "age_{age}"

[people.ethnic_groups]
file = "data/people/ethnic_groups.csv"
id = "code"
total = "residents"
residual = "gypsy_or_irish_traveller"

[services]
organisations = "data/services/organisations.csv"
services = "data/services/services.csv"
sessions = "data/services/sessions.csv"
quality = "data/services/quality.csv"
returns = "data/services/returns.csv"
practice = "data/services/practice.csv"

[sources."data/people/ages.csv"]
source = "made up for a test"
licence = "none"
date = "2020"

# Written with blanks, so that a test can put a section before the one above.
[ sources ]
"data/boundaries/places.geojson" = { source = "made up" }
"data/boundaries/neighbourhoods.csv" = { source = "made up" }
"data/people/places.csv" = { source = "made up" }
"data/people/ethnic_groups.csv" = { source = "made up" }
"data/services/organisations.csv" = { source = "made up" }
"data/services/services.csv" = { source = "made up" }
"data/services/sessions.csv" = { source = "made up" }
"data/services/quality.csv" = { source = "made up" }
"data/services/returns.csv" = { source = "made up" }
"data/services/practice.csv" = { source = "made up" }
"""

NEIGHBOURHOODS = """\
place_id,neighbourhood_id,neighbourhood,valid_from,valid_to
T01,N1,Weston,2010-01-01,
T02,N1,Weston,2010-01-01,
T03,N2,Easton,2010-01-01,
"""

ORGANISATIONS = """\
organisation_id,name,sector,contact_role
O1,Tinytown Youth Service,county council,Youth work manager
O2,Tinytown Play Association,voluntary,Play coordinator
"""

SERVICES = """\
service_id,name,organisation_id,elements,outcomes,place_id,easting,northing,longitude,latitude,location_accuracy,service_area,minimum_age,maximum_age,capacity,open_to,not_open_to,access,languages,cost,publicised,space_types,booking,assured_date
S1,Friday Night Club,O1,Y02,,T01,383500,217500,,,0,,13,19,60,everyone,,step_free;accessible_toilet,English,0,yes,,drop-in,2020-06-01
S2,Junior Club,O2,C02,EA4;PC3,T02,384500,217500,,,0,,5,13,none,everyone,,step_free;accessible_toilet,English,0.50,yes,,drop-in,2020-06-01
S3,Little Meadow,O2,C05,,T02,384400,217400,,,0,,0,13,none,everyone,,step_free,English,none,yes,LEAP;NEAP,drop-in,2020-06-01
S4,Careers Bus,O1,Y07;Y12,,,,,,,,all,13,19,none,everyone,,step_free;accessible_toilet,English,0,yes,,drop-in,2020-06-01
S5,Eastern Sports Hall,O1,Y01;C01,,T03,385500,217500,,,0,,8,19,40,everyone,disabled,none,English,2,yes,,booking,2020-06-01
S6,Summer Play,O2,C06,,T01,383600,217600,,,0,,5,11,100,everyone,,,English,1,yes,,booking,2020-06-01
"""

SESSIONS = """\
service_id,weekday,start,end,period,holidays
S1,Friday,19:00,21:00,term,
S2,Wednesday,15:30,17:30,term,
S3,Saturday,09:00,18:00,all year,
S4,Tuesday,10:00,16:00,term,
S5,Monday,17:00,18:30,term,
S5,Thursday,17:00,18:30,term,
S6,Monday,10:00,15:00,holidays,Easter;Summer
"""

QUALITY = """\
service_id,date,evidence,scheme,answers,result
S1,2020-02-01,inspection,Tiny quality mark,,meets
S2,2020-02-01,inspection,Tiny quality mark,,meets
S3,2020-03-01,inspection,Tiny play audit,,meets
S4,2020-02-01,award,Tiny quality mark,,meets
S5,2020-02-01,inspection,Tiny quality mark,,below
S6,2020-08-20,feedback,Tiny survey,25,meets
"""

RETURNS = """\
organisation_id,elements,places,due,received,received_on
O1,all,all,2020-10-31,yes,2020-10-20
O2,all,all,2020-10-31,yes,2020-10-25
"""

PRACTICE = """\
practice_id,title,organisation_id,elements,outcomes,reached_places,reached_communities,evidence_level,what_works,agreed_on
P1,Young leaders run the night,O1,Y02,PC3,T01,everyone,validated,Young people plan and run the evening,2020-05-01
P2,Play in every language,O2,C02,,N1,none,promising,Games that need no words,
"""

#: The school year of the exercise; not part of it, for a test to add as a file.
TERM_DATES = """\
kind,name,first_day,last_day
term,Autumn 1,2020-09-03,2020-10-23
holiday,October half term,2020-10-24,2020-11-01
term,Autumn 2,2020-11-02,2020-12-18
holiday,Christmas,2020-12-19,2021-01-03
term,Spring 1,2021-01-04,2021-02-12
holiday,February half term,2021-02-13,2021-02-21
term,Spring 2,2021-02-22,2021-04-01
holiday,Easter,2021-04-02,2021-04-18
term,Summer 1,2021-04-19,2021-05-28
holiday,May half term,2021-05-29,2021-06-06
term,Summer 2,2021-06-07,2021-07-21
holiday,Summer,2021-07-22,2021-09-01
closed,May Day,2021-05-03,2021-05-03
"""

_GROUPS = (
    "white_british", "white_irish", "white_other", "mixed", "indian", "pakistani", "bangladeshi",
    "chinese", "asian_other", "black_african", "black_caribbean", "black_other", "arab", "other",
)  # fmt: skip


def write_tiny_exercise(folder: Path) -> Path:
    """Write the exercise into a folder (made if need be) and return the folder."""
    texts = {
        "provision.toml": SETTINGS,
        "data/boundaries/places.geojson": json.dumps(boundaries(), indent=1),
        "data/boundaries/neighbourhoods.csv": NEIGHBOURHOODS,
        "data/people/places.csv": _places(),
        "data/people/ages.csv": _ages(),
        "data/people/ethnic_groups.csv": _ethnic_groups(),
        "data/services/organisations.csv": ORGANISATIONS,
        "data/services/services.csv": SERVICES,
        "data/services/sessions.csv": SESSIONS,
        "data/services/quality.csv": QUALITY,
        "data/services/returns.csv": RETURNS,
        "data/services/practice.csv": PRACTICE,
    }
    for name, text in texts.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode("utf-8"))
    return folder


def square(number: int) -> list[list[float]]:
    """Return the ring of the n-th place, counted from 0 in the west."""
    west, east = WEST + number * SIDE, WEST + (number + 1) * SIDE
    north = SOUTH + SIDE
    return [[west, SOUTH], [east, SOUTH], [east, north], [west, north], [west, SOUTH]]


def boundaries() -> dict:
    """Return the three squares as GeoJSON that names its system, EPSG:27700."""
    features = [
        {
            "type": "Feature",
            "properties": {"code": code, "name": f"Tinytown 00{n + 1}A", "authority": "TINY"},
            "geometry": {"type": "Polygon", "coordinates": [square(n)]},
        }
        for n, code in enumerate(PLACES)
    ]
    return {
        "type": "FeatureCollection",
        "crs": {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::27700"}},
        "features": features,
    }


def _places() -> str:
    lines = ["code,easting,northing,imd_decile"]
    for n, (code, decile) in enumerate(zip(PLACES, (2, 5, 8), strict=True)):
        lines.append(f"{code},{WEST + n * SIDE + 500},{SOUTH + 500},{decile}")
    return "\n".join(lines) + "\n"


def _ages() -> str:
    ages = range(5, 25)
    lines = ["code," + ",".join(f"age_{age}" for age in ages)]
    lines += [f"{code}," + ",".join("20" if age < 20 else "10" for age in ages) for code in PLACES]
    return "\n".join(lines) + "\n"


def _ethnic_groups() -> str:
    """Each place has 1,000 residents: 800 White British, 15 in each other group but the last."""
    lines = ["code,residents," + ",".join(_GROUPS)]
    lines += [f"{code},1000,800," + ",".join(["15"] * 13) for code in PLACES]
    return "\n".join(lines) + "\n"


def add_settings(folder: Path, section: str, **values: object) -> None:
    """Add settings to a section of provision.toml; one that is not there is made at its end."""
    path = folder / "provision.toml"
    text = path.read_text(encoding="utf-8")
    lines = "".join(f"{key} = {json.dumps(value)}\n" for key, value in values.items())
    head = f"[{section}]\n"
    if head in text:
        text = text.replace(head, head + lines, 1)
    else:
        text += f"\n{head}{lines}"
    path.write_text(text, encoding="utf-8")


def add_file(folder: Path, name: str, content: str | bytes | dict) -> Path:
    """Write a file of the exercise, with a source, and return its path."""
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps(content) if isinstance(content, dict) else content
    path.write_bytes(text if isinstance(text, bytes) else text.encode("utf-8"))
    add_settings(folder, f'sources."{name}"', source="made up")
    return path


def shapes(*records: tuple[dict, str, object]) -> dict:
    """Return GeoJSON in EPSG:27700 of (properties, kind of shape, coordinates)."""
    features = [
        {
            "type": "Feature",
            "properties": properties,
            "geometry": None if kind == "" else {"type": kind, "coordinates": coordinates},
        }
        for properties, kind, coordinates in records
    ]
    return {
        "type": "FeatureCollection",
        "crs": {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::27700"}},
        "features": features,
    }


def set_cell(path: Path, row: int, column: str, value: str) -> None:
    """Change one cell of a CSV file; the heading is row 1, as in a spreadsheet."""
    records = _read(path)
    records[row - 1][records[0].index(column)] = value
    _write(path, records)


def append_row(path: Path, **cells: str) -> None:
    """Add a record to a CSV file; columns that are not named stay blank."""
    records = _read(path)
    records.append([cells.get(name, "") for name in records[0]])
    _write(path, records)


def replace_text(path: Path, old: str, new: str) -> None:
    """Replace a text that stands in the file; fails if it does not."""
    text = path.read_text(encoding="utf-8")
    if old not in text:
        message = f"{old!r} does not stand in {path.name}"
        raise AssertionError(message)
    path.write_text(text.replace(old, new), encoding="utf-8")


def _read(path: Path) -> list[list[str]]:
    # newline="" keeps a carriage return inside a cell what it is.
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))


def _write(path: Path, records: list[list[str]]) -> None:
    out = io.StringIO(newline="")
    # A writer whose lines end in both characters quotes a cell that holds either.
    csv.writer(out, lineterminator="\r\n").writerows(records)
    path.write_text(out.getvalue(), encoding="utf-8", newline="")

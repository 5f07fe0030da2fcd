"""How long 40 returned workbooks of 50 services and 100 sessions take to read.

Run from the root: ``python benchmarks/bench_workbooks.py``. The workbooks are written by the
template's own writer, into a folder that is removed.
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

import pandas as pd

from provision_map import tables
from provision_map.frameworks import load_framework
from provision_map.read.files.text import InputFolder
from provision_map.read.files.typed import type_declared
from provision_map.read.findings import Findings
from provision_map.read.workbooks.layout import list_choices
from provision_map.read.workbooks.reading import read_workbooks
from provision_map.reports.template import render_template
from provision_map.tables import WEEKDAYS

WORKBOOKS, SERVICES, SESSIONS = 40, 50, 100


def make_return(number: int) -> dict[str, pd.DataFrame]:
    """Return the typed tables of one organisation."""
    code = f"organisation-{number}"
    services = [
        {
            "service_id": f"{code}-{n}", "name": f"Youth club {n}", "organisation_id": code,
            "description": "An evening of games, food and talk.", "elements": "Y02;Y05",
            "postcode": "GL1 1AA", "longitude": "-2.24", "latitude": "51.86", "minimum_age": "13",
            "maximum_age": "19", "capacity": "40", "open_to": "everyone", "cost": "0.5",
            "access": "step_free;accessible_toilet", "languages": "English", "booking": "drop-in",
            "publicised": "yes", "assured_date": "2026-01-31",
        }
        for n in range(SERVICES)
    ]  # fmt: skip
    sessions = [
        {
            "service_id": f"{code}-{n % SERVICES}", "weekday": WEEKDAYS[n % 7], "start": "19:00",
            "end": "21:00", "period": "term",
        }
        for n in range(SESSIONS)
    ]  # fmt: skip
    who = [{"organisation_id": code, "name": f"Organisation {number}", "sector": "voluntary"}]
    said = [{"organisation_id": code, "elements": "all", "places": "all", "received": "yes"}]
    rows = {
        tables.ORGANISATIONS: who,
        tables.RETURNS: said,
        tables.SERVICES: services,
        tables.SESSIONS: sessions,
    }
    return {
        table.name: type_declared(
            pd.DataFrame(given, dtype=object), table, file="", findings=Findings()
        )
        for table, given in rows.items()
    }


def main() -> None:
    """Write the workbooks, read them, and print the seconds of both."""
    choices = list_choices(load_framework())
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        started = time.perf_counter()
        for number in range(WORKBOOKS):
            data = render_template(choices, make_return(number), title="Bench")
            (folder / f"{number:02d}.xlsx").write_bytes(data)
        written = time.perf_counter()
        findings = Findings()
        origins = read_workbooks(InputFolder(folder, findings), ["*.xlsx"])
        read = time.perf_counter()
    services = sum(len(origin.frames["services"]) for origin in origins)
    sessions = sum(len(origin.frames["sessions"]) for origin in origins)
    if findings.problems or (services, sessions) != (WORKBOOKS * SERVICES, WORKBOOKS * SESSIONS):
        sys.exit(f"Not all was read: {findings.problems[:3]}")
    print(f"written in {written - started:.1f} s")
    print(f"read in {read - written:.1f} s: {WORKBOOKS} workbooks, {services} services, {sessions} sessions")  # fmt: skip


if __name__ == "__main__":
    main()

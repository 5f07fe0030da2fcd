"""Feed spoilt files to every reader: what comes back is a clean result or a data error, soon.

    python tests/fuzz_readers.py --inputs 80 --seed 7            all targets, seeded, no coverage
    python tests/fuzz_readers.py --guided --inputs 5000 ages     one target, guided by coverage

Guided runs need ``atheris`` and keep what found new ground in ``--corpus``. Every input that ends
in anything but a result, a DataError or a UsageError, warns, or takes longer than ten seconds is
kept in ``--crashes`` with its traceback, one for each place in the code; any of them makes the exit
code 1. Memory is bounded by RLIMIT_AS, so that what would fill it is a crash and no dead machine.
"""

# ruff: noqa: E402, S311 - what is guided must be instrumented first; chance is to be repeated
from __future__ import annotations

import argparse
import contextlib
import faulthandler
import importlib
import json
import os
import random
import resource
import signal
import sys
import tempfile
import time
import traceback
import warnings
import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

GUIDED = "--guided" in sys.argv
if GUIDED:
    import atheris

    #: What the hunt is guided by: the code that takes files apart.
    _READERS = ("read", "schema", "open_referral", "recurrence", "frameworks", "sources")
    with atheris.instrument_imports(include=[f"provision_map.{room}" for room in _READERS]):
        importlib.import_module("provision_map.read.inputs")
        importlib.import_module("provision_map.read.settings_file")
        importlib.import_module("provision_map.read.registers.draft_mapping")
        importlib.import_module("provision_map.sources.fetch")

import fuzz_places
import fuzz_sources
from fuzz_mutate import LONGEST, mutate
from fuzz_seeds import make_seeds
from provision_map import tables
from provision_map.errors import DataWarning, Problem, ProvisionMapError
from provision_map.frameworks import load_framework
from provision_map.read.codes import Codes, list_codes
from provision_map.read.duplicates.decisions import merge_same
from provision_map.read.feeds.reading import read_feeds
from provision_map.read.files.text import InputFolder
from provision_map.read.files.typed import read_declared
from provision_map.read.findings import Findings
from provision_map.read.frameworks import read_framework
from provision_map.read.people.ages import read_ages
from provision_map.read.people.ethnic_groups import read_ethnic_groups
from provision_map.read.places.area import BUFFER, Area, read_places
from provision_map.read.places.homes import read_homes
from provision_map.read.places.sites import read_sites
from provision_map.read.postcodes.locate import locate_postcodes
from provision_map.read.registers.reading import read_origin
from provision_map.read.services import read_service_tables
from provision_map.read.settings import (
    AgesSettings,
    FeedSettings,
    FrameworkSettings,
    HomesSettings,
    PostcodesSettings,
    ReachSettings,
    RegisterSettings,
    ServicesSettings,
    Settings,
    SitesSettings,
)
from provision_map.read.settings_file import read_settings
from provision_map.read.travel.exercise_times import Ends, read_exercise_times
from provision_map.read.travel.network import read_road_links
from provision_map.read.workbooks.reading import read_workbooks
from tiny_exercise import SETTINGS, add_file, write_tiny_exercise

#: Watched for coverage, everything takes some three times as long.
SECONDS = 30 if GUIDED else 10
MEMORY = 6 * 1024**3
#: Of so many inputs one goes on to the checks between the tables, which take longer, and longest
#: where everything is watched.
_ONE_IN = 20 if GUIDED else 6
_DECLARED = (tables.ORGANISATIONS, tables.QUALITY, tables.RETURNS, tables.PRACTICE, tables.PARTICIPATION)  # fmt: skip


class TooSlowError(BaseException):
    """An input took longer than it may; no reader catches this."""


@dataclass
class Bench:
    """A tiny exercise that stands ready, so that an input costs no more than its own reader."""

    path: Path
    settings: Settings
    area: Area
    codes: Codes
    services: Any
    found: Any
    findings: Findings = field(default_factory=Findings)
    #: What was said of the last input: problems, then notes.
    problems: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def put(self, name: str, data: bytes) -> InputFolder:
        """Write the input under this name, and open the folder anew."""
        (self.path / name).write_bytes(data)
        self.findings = Findings()
        return InputFolder(self.path, self.findings, {})

    @staticmethod
    def suffix(data: bytes, *, text: str) -> str:
        """Return the ending of the name that such a file would have; else ``text``."""
        return find_suffix(data, text=text)

    def read_services(self, folder: InputFolder, **named: Any) -> None:
        """Read tables of services the whole way, with the checks between them."""
        own = {"organisations": "data/services/organisations.csv", "services": "data/services/services.csv"}  # fmt: skip
        settings = replace(self.settings, services=ServicesSettings(**{**own, **named}))
        read_service_tables(folder, settings, self.codes, self.area)


def set_up(path: Path) -> Bench:
    """Make the exercise that the inputs are put into."""
    write_tiny_exercise(path)
    add_file(path, "mapping.toml", make_seeds("register_mapping")["0"])
    add_file(path, "register.csv", make_seeds("registers")["0"])
    add_file(path, "feed.json", make_seeds("feeds")["page"])
    add_file(path, "hub.toml", make_seeds("feed_mapping")["0"])
    settings = read_settings(path)
    findings = Findings()
    folder = InputFolder(path, findings, {})
    area = read_places(folder, settings)
    codes = list_codes(
        None, places=area.codes, neighbourhoods=area.neighbourhoods, names=area.names
    )
    found = read_service_tables(folder, settings, codes, area)
    assert not findings.problems, findings.problems
    services = found.services.assign(
        postcode=["GL1 1AA", "gl11ab", "GL1 1AC", "ZZ1 1ZZ", "GL1", "x"]
    )
    services.loc[:, ["easting", "northing"]] = float("nan")
    return Bench(path, settings, area, codes, services, found)


def _rarely(data: bytes) -> bool:
    return zlib.crc32(data) % _ONE_IN == 0


def _pick(data: bytes, choices: Any) -> Any:
    return choices[zlib.adler32(data) % len(choices)]


def find_suffix(data: bytes, *, text: str) -> str:
    """Return the ending of the name that such a file would have."""
    head = data[:4096]
    for mark, suffix in ((b"SQLite", ".gpkg"), (b"fgb", ".fgb"), (b"PK", ".zip"), (b"PAR1", ".parquet")):  # fmt: skip
        if head.startswith(mark):
            return suffix
    if b"<kml" in head:
        return ".kml"
    if b"<ogr:" in head or b"gml" in head:
        return ".gml"
    return ".geojson" if head.lstrip()[:1] == b"{" else text


def read_settings_file(bench: Bench, data: bytes) -> None:
    try:
        bench.put("provision.toml", data)
        read_settings(bench.path)
    finally:
        (bench.path / "provision.toml").write_text(SETTINGS, encoding="utf-8")


def read_framework_file(bench: Bench, data: bytes) -> None:
    folder = bench.put("offer.toml", data)
    read_framework(folder, replace(bench.settings, frameworks=FrameworkSettings(offers=("offer.toml",))))  # fmt: skip


def _read_table(table: Any, **named: str) -> Callable[[Bench, bytes], None]:
    def read(bench: Bench, data: bytes) -> None:
        folder = bench.put("table.csv", data)
        if _rarely(data):
            bench.read_services(folder, **named)
        else:
            read_declared(folder, "table.csv", table)

    return read


def read_other_table(bench: Bench, data: bytes) -> None:
    table = next((t for t in _DECLARED if f"{t.columns[0].name},{t.columns[1].name}".encode() in data[:200]), _pick(data, _DECLARED))  # fmt: skip
    _read_table(table, **{table.name: "table.csv"})(bench, data)


def read_workbook(bench: Bench, data: bytes) -> None:
    folder = bench.put("return.xlsx", data)
    if _rarely(data):
        alone = {"organisations": None, "services": None}
        bench.read_services(folder, workbooks=("return.xlsx",), **alone)
    else:
        read_workbooks(folder, ("return.xlsx",), bench.codes)


def read_feed(bench: Bench, data: bytes) -> None:
    packed = data[:2] == b"PK"
    name = "page.zip" if packed else "page.json"
    folder = bench.put(name, data)
    feed = FeedSettings(name, mapping="hub.toml" if packed else None)
    if _rarely(data):
        bench.read_services(folder, feeds=(feed,))
    else:
        read_feeds(folder, (feed,))


def read_mapped_feed(bench: Bench, data: bytes) -> None:
    folder = bench.put("feed.toml", data)
    read_feeds(folder, (FeedSettings("feed.json", mapping="feed.toml"),))


def read_register_file(bench: Bench, data: bytes) -> None:
    name = "given" + find_suffix(data, text=".csv")
    folder = bench.put(name, data)
    register = RegisterSettings(name, "mapping.toml")
    if _rarely(data):
        bench.read_services(folder, registers=(register,))
    else:
        read_origin(folder, register, bench.area)


def read_mapped_register(bench: Bench, data: bytes) -> None:
    folder = bench.put("given.toml", data)
    read_origin(folder, RegisterSettings("register.csv", "given.toml"), bench.area)


def read_boundary_file(bench: Bench, data: bytes) -> None:
    name = "places" + find_suffix(data, text=".geojson")
    folder = bench.put(name, data)
    places = replace(bench.settings.places, file=name, neighbourhoods=None, centroids=None, deprivation=None)  # fmt: skip
    read_places(folder, replace(bench.settings, places=places))


def read_places_table(bench: Bench, data: bytes) -> None:
    folder = bench.put("table.csv", data)
    places = bench.settings.places
    if b"neighbourhood" in data[:200]:
        places = replace(places, neighbourhoods="table.csv")
    elif b"from_id" in data[:200]:
        read_declared(folder, "table.csv", tables.LOOKUP)
        return
    else:
        assert places.centroids is not None
        assert places.deprivation is not None
        places = replace(places, centroids=replace(places.centroids, file="table.csv"), deprivation=replace(places.deprivation, file="table.csv"))  # fmt: skip
    read_places(folder, replace(bench.settings, places=places))


def read_ages_table(bench: Bench, data: bytes) -> None:
    folder = bench.put("table.csv", data)
    long = b"children" in data[:200]
    settings = AgesSettings("table.csv", "code", age="age", children="children") if long else AgesSettings("table.csv", "code")  # fmt: skip
    read_ages(folder, settings, load_framework(), bench.area.ours)


def read_groups_table(bench: Bench, data: bytes) -> None:
    folder = bench.put("table.csv", data)
    groups = bench.settings.people.ethnic_groups
    assert groups is not None
    read_ethnic_groups(folder, replace(groups, file="table.csv"), load_framework(), bench.area.ours)


def read_homes_table(bench: Bench, data: bytes) -> None:
    folder = bench.put("table.csv", data)
    read_homes(folder, HomesSettings("table.csv", "home", place="place", weight="weight", easting="easting", northing="northing"), bench.area)  # fmt: skip


def read_sites_file(bench: Bench, data: bytes) -> None:
    name = "sites" + find_suffix(data, text=".geojson")
    folder = bench.put(name, data)
    read_sites(
        folder, SitesSettings(name), bench.area, bench.found.services, codes=bench.found.codes
    )


def read_postcode_list(bench: Bench, data: bytes) -> None:
    name = "list.zip" if data[:2] == b"PK" else "list.csv"
    folder = bench.put(name, data)
    locate_postcodes(bench.services, folder, PostcodesSettings((name,)), bench.area)


def read_roads_file(bench: Bench, data: bytes) -> None:
    name = "roads" + find_suffix(data, text=".geojson")
    _read_roads(bench, bench.put(name, data), name)


def read_osm_file(bench: Bench, data: bytes) -> None:
    _read_roads(bench, bench.put("roads.osm.pbf", data), "roads.osm.pbf")


def _read_roads(bench: Bench, folder: InputFolder, name: str) -> None:
    box = None if bench.area.box is None else bench.area.box.widened(-BUFFER)
    read_road_links(folder, ReachSettings(travel_times="streets", file=name), bench.area.target, box=box)  # fmt: skip


def read_matrix_file(bench: Bench, data: bytes) -> None:
    name = "times" + (".parquet" if data[:4] == b"PAR1" else ".csv")
    folder = bench.put(name, data)
    points = {code: code for code in sorted(bench.area.codes or ())}
    ends = Ends(points, frozenset(bench.found.services["service_id"]), ("S1", "S2"), frozenset(), {"S1": 0.0})  # fmt: skip
    read_exercise_times(folder, name, ends, searched_to=_pick(data, (None, 30.0)), mode="walk")


def read_decisions(bench: Bench, data: bytes) -> None:
    folder = bench.put("same.csv", data)
    if _rarely(data):
        bench.read_services(folder, same="same.csv")
    else:
        merge_same(bench.found, folder, "same.csv")


TARGETS: dict[str, Callable[[Bench, bytes], None]] = {
    "settings": read_settings_file,
    "framework": read_framework_file,
    "services": _read_table(tables.SERVICES, services="table.csv"),
    "sessions": _read_table(tables.SESSIONS, sessions="table.csv", term_dates="data/terms.csv"),
    "terms": _read_table(tables.TERM_DATES, term_dates="table.csv"),
    "other_tables": read_other_table,
    "workbooks": read_workbook,
    "feeds": read_feed,
    "feed_packages": read_feed,
    "feed_mapping": read_mapped_feed,
    "registers": read_register_file,
    "register_mapping": read_mapped_register,
    "boundaries": read_boundary_file,
    "places_tables": read_places_table,
    "ages": read_ages_table,
    "ethnic_groups": read_groups_table,
    "homes": read_homes_table,
    "sites": read_sites_file,
    "postcodes": read_postcode_list,
    "roads": read_roads_file,
    "osm": read_osm_file,
    "matrix": read_matrix_file,
    "matrix_parquet": read_matrix_file,
    "same": read_decisions,
    "participation": _read_table(tables.PARTICIPATION, participation="table.csv"),
    **fuzz_places.TARGETS,
    **fuzz_sources.TARGETS,
}


@contextlib.contextmanager
def _bounded() -> Iterator[None]:
    """Bound the time of one input: an exception in Python, the end of the process in C."""

    def stop(*_: object) -> None:
        raise TooSlowError(f"more than {SECONDS} s")

    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, SECONDS)
    faulthandler.dump_traceback_later(3 * SECONDS, exit=True)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        faulthandler.cancel_dump_traceback_later()
        signal.signal(signal.SIGALRM, before)


def try_input(bench: Bench, target: str, data: bytes) -> str | None:
    """Read one input; return where and how it crashed, or None."""
    bench.findings = Findings()
    try:
        with _bounded(), warnings.catch_warnings():
            warnings.simplefilter("error")
            warnings.simplefilter("ignore", DataWarning)
            TARGETS[target](bench, data)
        bench.problems, bench.notes = map(_say_all, (bench.findings.problems, bench.findings.notes))
    except ProvisionMapError as error:
        bench.problems = [*_say_all(getattr(error, "problems", ())), *str(error).splitlines()[:1]]
        bench.notes = []
    except (Exception, TooSlowError) as error:  # noqa: BLE001 - this is what is looked for
        # Windows of a dead end: the deepest frame of ours says where.
        frames = traceback.extract_tb(error.__traceback__)
        ours = [f for f in frames if "provision_map" in f.filename] or list(frames)
        where = f"{Path(ours[-1].filename).name}:{ours[-1].lineno}"
        return f"{type(error).__name__} at {where}\n{traceback.format_exc()}"
    return None


def _say_all(problems: Iterable[Problem]) -> list[str]:
    """Say each problem as the command line would: what cannot be said is a crash too."""
    said = []
    for problem in problems:
        text = "".join(ch if ch.isprintable() else "�" for ch in str(problem))
        assert problem.file, text
        assert problem.row is None or problem.row >= 1, text
        assert text.encode("utf-8")
        said.append(text)
    return said


class Hunt:
    """One target: counts what was tried, and keeps the first input of each crash."""

    def __init__(self, bench: Bench, target: str, crashes: Path) -> None:
        self.bench, self.target, self.crashes = bench, target, crashes
        self.tried = 0
        self.found: dict[str, str] = {}
        self.slowest = 0.0

    def try_one(self, data: bytes) -> None:
        started = time.monotonic()
        crash = try_input(self.bench, self.target, data)
        self.slowest = max(self.slowest, time.monotonic() - started)
        self.tried += 1
        if crash is not None:
            where = crash.partition("\n")[0]
            if where not in self.found:
                name = f"{self.target}-{zlib.crc32(where.encode()):08x}"
                self.found[where] = name
                self.crashes.mkdir(parents=True, exist_ok=True)
                (self.crashes / f"{name}.input").write_bytes(data)
                (self.crashes / f"{name}.txt").write_text(crash, encoding="utf-8", errors="replace")

    def report(self) -> dict[str, Any]:
        return {"target": self.target, "tried": self.tried, "slowest": round(self.slowest, 2), "crashes": self.found}  # fmt: skip


def hunt_seeded(hunt: Hunt, *, inputs: int, seed: int) -> None:
    """Try the seeds, and then what becomes of them by chance."""
    seeds = list(make_seeds(hunt.target).values())
    rng = random.Random(f"{seed} {hunt.target}")
    for n in range(max(inputs, len(seeds))):
        hunt.try_one(seeds[n] if n < len(seeds) else mutate(rng.choice(seeds)[:LONGEST], rng))


def hunt_guided(hunt: Hunt, *, inputs: int, seed: int, corpus: Path) -> None:
    """Let atheris choose what to spoil further, by the code that it reaches. Ends the process."""
    corpus.mkdir(parents=True, exist_ok=True)
    for name, data in make_seeds(hunt.target).items():
        if len(data) <= LONGEST:
            (corpus / f"seed-{name}").write_bytes(data)
        else:
            hunt.try_one(data)

    def try_one(data: bytes) -> None:
        hunt.try_one(data)
        if hunt.tried >= inputs:
            _finish([hunt.report()])

    def spoil(data: bytes, most: int, number: int) -> bytes:
        return mutate(data, random.Random(number))[:most]

    arguments = [sys.argv[0], str(corpus), f"-seed={seed}", f"-max_len={LONGEST}", "-rss_limit_mb=0", "-timeout=120", "-print_final_stats=0"]  # fmt: skip
    atheris.Setup(arguments, try_one, custom_mutator=spoil)
    atheris.Fuzz()


def _finish(reports: list[dict[str, Any]]) -> None:
    for report in reports:
        sys.stdout.write(json.dumps(report) + "\n")
    sys.stdout.flush()
    # libFuzzer does not come back; what it would still do is of no interest.
    os._exit(1 if any(report["crashes"] for report in reports) else 0)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)  # fmt: skip
    parser.add_argument("targets", nargs="*", choices=[[], *TARGETS], help="readers; none: all")
    parser.add_argument("--inputs", type=int, default=80, help="for each target")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--guided", action="store_true", help="by coverage; one target")
    parser.add_argument("--corpus", type=Path, default=Path("fuzz-corpus"))
    parser.add_argument("--crashes", type=Path, default=Path("fuzz-crashes"))
    parser.add_argument("--again", type=Path, help="try this one file, and show what comes of it")
    options = parser.parse_args()
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    with tempfile.TemporaryDirectory(prefix="fuzz-") as folder:
        bench = set_up(Path(folder))
        wanted = options.targets or list(TARGETS)
        if options.again is not None:
            crash = try_input(bench, wanted[0], options.again.read_bytes())
            sys.stdout.write(f"{crash or 'No crash.'}\n")
            for text in (*bench.problems, *bench.notes):
                sys.stdout.write(f"{text[:300]}\n")
            return
        hunts = [Hunt(bench, target, options.crashes) for target in wanted]
        if options.guided:
            hunt_guided(hunts[0], inputs=options.inputs, seed=options.seed, corpus=options.corpus / wanted[0])  # fmt: skip
        for hunt in hunts:
            hunt_seeded(hunt, inputs=options.inputs, seed=options.seed)
    _finish([hunt.report() for hunt in hunts])


if __name__ == "__main__":
    main()

"""An Open Referral feed of a nation: 200,000 full nested services, about 3 KB each, read and checked.

As one file and as a folder of pages. Each is read in a process of its own, so that its peak of
memory is its own: seconds and peak RSS by file. Goal: under 60 s and 2 GiB on two cores.

    python benchmarks/bench_feeds.py [--services 200000] [--json-libraries] [FOLDER]

The feed is made, not real: names are numbers, positions are drawn over 30 by 30 km.
"""

from __future__ import annotations

import argparse
import json
import random
import resource
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator
from pathlib import Path

SERVICES, PAGE = 200_000, 1_000
GOAL_SECONDS, GOAL_MIB = 60.0, 2048.0
ORGANISATIONS = 5_000
DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
TERMS = ("Play", "Youth work", "Sport", "Childcare", "Advice", "Counselling", "Arts", "Food")
WORDS = ("club", "children", "families", "open", "weekly", "support", "play", "hall", "young", "people", "activities", "free", "garden", "music", "sport", "join")  # fmt: skip

MAPPING = """\
title = "A made-up directory"
[organisations]
sector = "voluntary"
[constants]
open_to = "everyone"
[[give]]
when = { "taxonomy_term@Themes" = ["Play", "Arts"] }
set = { elements = "C02" }
[[give]]
when = { "taxonomy_term@Themes" = ["Youth work", "Sport", "Advice"] }
set = { elements = "Y02" }
[translate.service_area]
"Three squares" = "all"
"""


def draw_services(count: int) -> Iterator[dict]:
    """Draw full nested services, the same each time."""
    drawn = random.Random(2009)  # noqa: S311 - figures, not secrets

    def code() -> str:
        return str(uuid.UUID(int=drawn.getrandbits(128), version=4))

    organisations = [
        {
            "id": code(),
            "name": f"Organisation {n}",
            "description": _text(drawn, 20),
            "website": f"https://example.com/{n}",
            "organization_identifiers": [
                {"id": code(), "identifier_scheme": "GB-CHC", "identifier_type": "Charity number", "identifier": str(1_000_000 + n)}
            ],
        }
        for n in range(ORGANISATIONS)
    ]  # fmt: skip
    terms = [{"id": code(), "name": name, "description": name, "taxonomy": "Themes", "term": name} for name in TERMS]  # fmt: skip
    for n in range(count):
        service = code()
        low = drawn.randrange(0, 18)
        schedules = [
            {
                "id": code(), "service_id": service, "freq": "WEEKLY", "interval": 1,
                "byday": ",".join(sorted(drawn.sample(DAYS, drawn.choice((1, 1, 2, 3))), key=DAYS.index)),
                "opens_at": f"{drawn.randrange(9, 18):02d}:00:00", "closes_at": "20:30:00",
                "valid_from": "2020-01-06", "description": _text(drawn, 8),
            }
        ]  # fmt: skip
        place = {
            "id": code(), "location_type": "physical", "name": f"Hall {n}",
            "latitude": round(51.72 + drawn.random() * 0.28, 6),
            "longitude": round(-2.42 + drawn.random() * 0.40, 6),
            "addresses": [{"id": code(), "address_1": f"{n % 90} High Street", "city": "Tinytown", "state_province": "Shire", "postal_code": _postcode(drawn), "country": "GB", "address_type": "physical"}],
            "accessibility": [{"id": code(), "description": "step_free"}],
        }  # fmt: skip
        yield {
            "id": service, "name": f"{_text(drawn, 3)[:-1]} {n}", "description": _text(drawn, 40),
            "url": f"https://example.com/s/{n}", "email": "office@example.com",
            "status": "active" if n % 50 else "inactive", "fees": "See the prices.",
            "minimum_age": low, "maximum_age": low + drawn.randrange(2, 9),
            "assured_date": f"2020-{drawn.randrange(1, 11):02d}-15",
            "last_modified": "2020-10-15T10:30:45.123Z", "schedules": schedules,
            "service_areas": [{"id": code(), "name": "Three squares", "extent_type": "text"}],
            "service_at_locations": [{"id": code(), "location_id": place["id"], "location": place}],
            "languages": [{"id": code(), "name": "English"}],
            "organization": drawn.choice(organisations),
            "funding": [{"id": code(), "source": "Grants"}],
            "cost_options": [{"id": code(), "option": "Each visit", "amount": drawn.choice((0, 1, 2.5)), "currency": "GBP"}],
            "contacts": [{"id": code(), "title": "Coordinator"}],
            "attributes": [{"id": code(), "taxonomy_term": term} for term in drawn.sample(terms, 2)],
        }  # fmt: skip


def _text(drawn: random.Random, words: int) -> str:
    return " ".join(drawn.choices(WORDS, k=words)).capitalize() + "."


def _postcode(drawn: random.Random) -> str:
    letters = "ABDEFGHJLNPQRSTUWXYZ"
    return f"GL{drawn.randrange(1, 57)} {drawn.randrange(10)}{drawn.choice(letters)}{drawn.choice(letters)}"


def write_feeds(folder: Path, count: int) -> None:
    """Write the exercise, with the feed as one file and as pages of a thousand."""
    sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))
    from tiny_exercise import write_tiny_exercise  # noqa: PLC0415

    write_tiny_exercise(folder)
    (folder / "mapping.toml").write_text(MAPPING, encoding="utf-8")
    pages = folder / "pages"
    pages.mkdir()
    total = -(-count // PAGE)
    page: list[str] = []
    number = 0
    with (folder / "feed.json").open("w", encoding="utf-8") as whole:
        whole.write(
            f'{{"total_items": {count}, "total_pages": 1, "page_number": 1, "contents": [\n'
        )
        for n, service in enumerate(draw_services(count)):
            text = json.dumps(service)
            whole.write(("" if n == 0 else ",\n") + text)
            page.append(text)
            if len(page) == PAGE or n == count - 1:
                number += 1
                said = f'{{"total_items": {count}, "total_pages": {total}, "page_number": {number}, "contents": ['
                (pages / f"page_{number}.json").write_text(said + ",\n".join(page) + "]}", encoding="utf-8")  # fmt: skip
                page = []
        whole.write("]}\n")


def read_once(folder: Path, feed: str) -> None:
    """Read and check the exercise with this feed, and print seconds, MiB and what was read."""
    text = (folder / "provision.toml").read_text(encoding="utf-8")
    for name in ("services", "organisations", "sessions", "quality", "practice", "returns"):
        text = text.replace(f'{name} = "data/services/{name}.csv"\n', "")
    text += f'\n[[services.feeds]]\nfile = "{feed}"\nmapping = "mapping.toml"\n'
    path = folder / f"exercise_{feed.split('.', maxsplit=1)[0]}"
    path.mkdir(exist_ok=True)
    for name in ("data", "mapping.toml", feed):
        if not (path / name).exists():
            (path / name).symlink_to(folder / name)
    (path / "provision.toml").write_text(text, encoding="utf-8")
    import provision_map as pm  # noqa: PLC0415

    begun = time.perf_counter()
    inputs = pm.read_exercise(path)
    seconds, worked = time.perf_counter() - begun, time.process_time()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    used, left = len(inputs.services), len(inputs.left_out)
    print(json.dumps({"feed": feed, "seconds": round(seconds, 1), "cpu_seconds": round(worked, 1), "peak_mib": round(peak), "services": used, "sessions": len(inputs.sessions), "left_out": left}))  # fmt: skip


def compare_libraries(path: Path) -> None:
    """Time what parses the one file: ours, and the peers that are installed."""
    from provision_map.read.feeds.file import FeedFile  # noqa: PLC0415

    def stdlib_stream() -> int:
        return sum(1 for _ in FeedFile(path))

    def stdlib_whole() -> int:
        return len(json.loads(path.read_bytes())["contents"])

    def orjson_whole() -> int:
        import orjson  # noqa: PLC0415

        return len(orjson.loads(path.read_bytes())["contents"])

    def msgspec_raw() -> int:
        import msgspec  # noqa: PLC0415

        page = msgspec.json.decode(path.read_bytes(), type=dict[str, msgspec.Raw])
        items = msgspec.json.decode(page["contents"], type=list[msgspec.Raw])
        return sum(1 for item in items if msgspec.json.decode(item))

    def ijson_stream() -> int:
        import ijson  # noqa: PLC0415

        with path.open("rb") as file:
            return sum(1 for _ in ijson.items(file, "contents.item", use_float=True))

    for read in (stdlib_stream, stdlib_whole, orjson_whole, msgspec_raw, ijson_stream):
        begun = time.perf_counter()
        try:
            count = read()
        except ImportError as error:
            print(f"{read.__name__}: {error}")
            continue
        print(f"{read.__name__}: {time.perf_counter() - begun:.1f} s, {count:,} services")


def main() -> int:
    """Make the feed where it is not yet, measure, and say whether the goals are met."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", nargs="?", type=Path)
    parser.add_argument("--services", type=int, default=SERVICES)
    parser.add_argument("--json-libraries", action="store_true")
    parser.add_argument("--read", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.read:
        read_once(given.folder, given.read)
        return 0
    with tempfile.TemporaryDirectory() as spare:
        folder = given.folder or Path(spare) / "feeds"
        if not (folder / "feed.json").exists():
            write_feeds(folder, given.services)
        size = (folder / "feed.json").stat().st_size
        print(f"{given.services:,} services, {size / 1e6:,.0f} MB")
        if given.json_libraries:
            compare_libraries(folder / "feed.json")
        met = True
        for feed in ("feed.json", "pages"):
            command = [sys.executable, __file__, str(folder), "--read", feed]
            said = subprocess.run(command, check=True, capture_output=True, text=True)  # noqa: S603
            print(said.stdout.strip())
            measured = json.loads(said.stdout)
            met &= measured["seconds"] < GOAL_SECONDS and measured["peak_mib"] < GOAL_MIB
    print("Both goals met." if met else f"NOT MET: {GOAL_SECONDS:g} s and {GOAL_MIB:g} MiB.")
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())

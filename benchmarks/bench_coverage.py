"""The coverage step at the size of a nation: what every area's services give, OR-ed together.

180,000 areas × 1,900 cells (ages × communities), 200,000 services, some 2.5 million links, heavy-
tailed. Ours ORs bitsets by area. The peers, on two threads, do it twice: with cells as rows
(a join and distinct, as one writes it in a database), and with our own bitsets in 30 columns.
"""

from __future__ import annotations

import argparse
import functools
import importlib.metadata
import warnings
from dataclasses import dataclass

import duckdb
import numpy as np
import polars as pl
from side_by_side import compare, fit_growth, peak_mib, require, time_in_turn, write_results

from provision_map.coverage.bitsets import or_by_place

AGES, COMMUNITIES = 25, 76
CELLS = AGES * COMMUNITIES
WORDS = -(-CELLS // 64)
GOAL = 15.0
THREADS = 2
COLUMNS = [f"w{k}" for k in range(WORDS)]


@dataclass(frozen=True)
class Nation:
    """Words of every service, and links sorted by area; the same as frames and as cells in rows."""

    words: np.ndarray
    row: np.ndarray
    place: np.ndarray
    places: int

    @functools.cached_property
    def links(self) -> pl.DataFrame:
        """Area and service of each link."""
        return pl.DataFrame({"place": self.place.astype(np.int32), "row": self.row.astype(np.int32)})  # fmt: skip

    @functools.cached_property
    def columns(self) -> pl.DataFrame:
        """The words of each service, one column a word."""
        rows = np.arange(len(self.words), dtype=np.int32)
        return pl.DataFrame({"row": rows, **{c: self.words[:, k] for k, c in enumerate(COLUMNS)}})

    @functools.cached_property
    def cells(self) -> pl.DataFrame:
        """Each service's cells, one a row."""
        row, cell = np.nonzero(_bits(self.words))
        return pl.DataFrame({"row": row.astype(np.int32), "cell": cell.astype(np.int16)})


def draw(areas: int, services: int, *, links_each: float) -> Nation:
    """Draw services that admit some ages of some communities, and heavy-tailed links."""
    random = np.random.default_rng(7)
    counts = np.minimum((random.pareto(1.5, areas) + 1) * links_each / 3, services // 2).astype(int)
    place = np.repeat(np.arange(areas), counts)
    row = random.integers(0, services, len(place))
    words = np.zeros((services, WORDS), dtype=np.uint64)
    age = np.arange(AGES)
    for first in range(0, services, 20_000):
        here = slice(first, min(first + 20_000, services))
        many = here.stop - here.start
        low = random.integers(0, AGES - 5, many)[:, None]
        admitted = (age >= low) & (age < low + random.integers(2, 9, many)[:, None])
        open_to = random.random((many, COMMUNITIES)) < 0.1  # noqa: PLR2004
        bits = np.zeros((many, WORDS * 64), dtype=bool)
        bits[:, :CELLS] = (admitted[:, :, None] & open_to[:, None, :]).reshape(many, -1)
        words[here] = np.packbits(bits, axis=1, bitorder="little").view(np.uint64)
    return Nation(words, row, place, areas)


def _bits(words: np.ndarray) -> np.ndarray:
    return np.unpackbits(words.view(np.uint8), axis=1, bitorder="little", count=CELLS)


def ours(nation: Nation) -> np.ndarray:
    """OR by area: area × word."""
    return or_by_place(nation.words, nation.row, nation.place, nation.places)


def polars_cells(nation: Nation) -> pl.DataFrame:
    """Join links to cells, and keep each area's cells once."""
    both = nation.links.lazy().join(nation.cells.lazy(), on="row")
    return both.select("place", "cell").unique().collect(engine="streaming")


def polars_words(nation: Nation) -> pl.DataFrame:
    """Join links to words, and OR each column by area."""
    both = nation.links.lazy().join(nation.columns.lazy(), on="row")
    ored = both.group_by("place").agg([pl.col(c).bitwise_or() for c in COLUMNS])
    return ored.collect(engine="streaming")


def ask_duckdb(nation: Nation) -> duckdb.DuckDBPyConnection:
    """Load the three tables into a database in memory."""
    database = duckdb.connect()
    database.execute(f"SET threads = {THREADS}")
    for name, frame in (("links", nation.links), ("words", nation.columns), ("cells", nation.cells)):  # fmt: skip
        database.register("given", frame.to_arrow())
        database.execute(f"CREATE TABLE {name} AS SELECT * FROM given")  # noqa: S608 - our own names
        database.unregister("given")
    return database


BY_CELLS = "SELECT DISTINCT place, cell FROM links JOIN cells USING (row)"
BY_WORDS = f"SELECT place, {', '.join(f'bit_or({c}) AS {c}' for c in COLUMNS)} FROM links JOIN words USING (row) GROUP BY place"  # noqa: S608 - our own names


def check(nation: Nation, database: duckdb.DuckDBPyConnection) -> None:
    """Hold every peer's answer against ours, cell by cell."""
    want = ours(nation)
    for frame in (polars_words(nation), database.sql(BY_WORDS).pl()):
        got = np.zeros_like(want)
        got[frame["place"].to_numpy()] = frame.select(COLUMNS).to_numpy()
        require("the words are equal", holds=bool((got == want).all()))
    total = int(np.bitwise_count(want).sum())
    for frame in (polars_cells(nation), database.sql(BY_CELLS).pl()):
        place, cell = frame["place"].to_numpy(), frame["cell"].to_numpy().astype(np.int64)
        ours_too = want[place, cell // 64] >> (cell % 64).astype(np.uint64) & np.uint64(1)
        require("the cells are ours", holds=len(place) == total and bool(ours_too.all()))


def main() -> None:
    """Run all, and write results/coverage.json."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--areas", type=int, default=180_000)
    areas = parser.parse_args().areas
    warnings.simplefilter("ignore")
    nation = draw(areas, areas * 10 // 9, links_each=14)
    database = ask_duckdb(nation)
    duck = f"duckdb {importlib.metadata.version('duckdb')}"
    bear = f"polars {importlib.metadata.version('polars')}, streaming"
    peers = {
        (f"{duck}, cells as rows", GOAL): lambda: database.sql(BY_CELLS).to_arrow_table(),
        (f"{bear}, cells as rows", GOAL): lambda: polars_cells(nation),
        (f"{duck}, our bitsets in {WORDS} columns", None): lambda: database.sql(BY_WORDS).to_arrow_table(),
        (f"{bear}, our bitsets in {WORDS} columns", None): lambda: polars_words(nation),
    }  # fmt: skip
    calls = {"ours": lambda: ours(nation), **{name: call for (name, _), call in peers.items()}}
    peaks = {name: peak_mib(call) for name, call in calls.items()}
    check(nation, database)
    taken = time_in_turn(calls, rounds=3, warm=False)
    size = f"{areas:,} areas × {CELLS:,} cells, {len(nation.row):,} links"
    rows = [
        compare(
            size=size, what="cells that an area's services cover", peer=name, goal=goal,
            seconds=(taken["ours"], taken[name]), peaks=(peaks["ours"], peaks[name]),
        )
        for name, goal in peers
    ]  # fmt: skip
    growth = {}
    for size_of in (areas // 18, areas // 6, areas // 2, areas):
        part = draw(size_of, size_of * 10 // 9, links_each=14)
        growth[len(part.row)] = time_in_turn({"ours": lambda p=part: ours(p)}, rounds=5)["ours"]
    write_results(
        "Coverage: OR by area",
        "coverage",
        rows=rows,
        growth=[fit_growth("OR by area, seconds over links", growth)],
        checked="Every peer's answer is equal to ours, cell by cell.",
    )


if __name__ == "__main__":
    main()

"""Whatever a file holds, a reader ends in a clean result or a data error, soon, and in bounded memory.

``fuzz_readers`` does the work, in a process of its own whose memory is bounded. Here 2,000 inputs
from a fixed seed; ``-m soak`` has 5,000 for each reader, guided by coverage (needs ``atheris``).
"""

# ruff: noqa: S311 - chance that is to be repeated
from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import warnings
from pathlib import Path
from typing import Any

import pytest

import fuzz_readers
from fuzz_mutate import HOSTILE, mutate
from fuzz_seeds import make_seeds
from provision_map.read.files.text import InputFolder
from provision_map.read.people import ages as people

HERE = Path(__file__).resolve().parent
INPUTS, EACH = 2_000, 5_000
CAMPAIGN = 100_000


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> fuzz_readers.Bench:
    return fuzz_readers.set_up(tmp_path_factory.mktemp("bench"))


def run_fuzzer(*arguments: str, folder: Path, seconds: int) -> list[dict[str, Any]]:
    """Run the fuzzer and return what it reports; its last words if it reports nothing."""
    command = [sys.executable, HERE / "fuzz_readers.py", *arguments]
    paths = [str(HERE), str(HERE.parent / "src"), os.environ.get("PYTHONPATH", "")]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(paths), "PYTHONHASHSEED": "0"}
    done = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, errors="replace",
        timeout=seconds, check=False,
    )  # fmt: skip
    reports = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    assert reports, f"exit code {done.returncode}\n{done.stderr[-4000:]}"
    return reports


def list_crashes(folder: Path) -> str:
    """Return the tracebacks that the fuzzer left, to be read where a test fails."""
    return "\n\n".join(path.read_text(encoding="utf-8") for path in sorted(folder.glob("*.txt")))


def test_seeded_inputs_never_end_in_a_traceback(tmp_path: Path) -> None:
    each = -(-INPUTS // len(fuzz_readers.TARGETS))
    crashes = tmp_path / "crashes"
    reports = run_fuzzer(
        "--inputs", str(each), "--seed", "7", "--crashes", str(crashes), folder=tmp_path, seconds=900
    )  # fmt: skip
    assert [report["target"] for report in reports] == list(fuzz_readers.TARGETS)
    assert not any(report["crashes"] for report in reports), list_crashes(crashes)
    assert sum(report["tried"] for report in reports) >= INPUTS
    assert max(report["slowest"] for report in reports) < fuzz_readers.SECONDS


@pytest.mark.parametrize("target", fuzz_readers.TARGETS)
def test_each_target_reaches_its_reader(bench: fuzz_readers.Bench, target: str) -> None:
    """Of a sound seed there is nothing to mend: else all that follows would test one refusal."""
    sound = next(iter(make_seeds(target).values()))
    assert fuzz_readers.try_input(bench, target, sound) is None
    assert bench.problems == []


@pytest.mark.parametrize("target", fuzz_readers.TARGETS)
def test_inputs_are_told_apart(bench: fuzz_readers.Bench, target: str) -> None:
    """Spoiling a sound seed leads to many different answers, not to one."""
    rng = random.Random(5)
    sound = next(iter(make_seeds(target).values()))
    said = set()
    for _ in range(20):
        assert fuzz_readers.try_input(bench, target, mutate(sound, rng)) is None
        said.add((*bench.problems, *bench.notes))
    assert len(said) >= 4


def test_the_same_seed_gives_the_same_inputs() -> None:
    for target in ("workbooks", "feeds", "services"):
        seeds, again = make_seeds(target), make_seeds(target)
        assert seeds == again
        for data in seeds.values():
            cut = data[: fuzz_readers.LONGEST]
            assert mutate(cut, random.Random(3)) == mutate(cut, random.Random(3))


def test_mutations_keep_within_their_length() -> None:
    rng = random.Random(1)
    data = make_seeds("feeds")["page"]
    for _ in range(200):
        data = mutate(data, rng)
        assert len(data) <= fuzz_readers.LONGEST
    assert len(set(HOSTILE)) > 100


def test_a_crash_is_found_and_kept(
    bench: fuzz_readers.Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With a fault put into the reader, the hunt finds it, keeps it once, and goes on."""
    read_table = InputFolder.read_table

    def fail(folder: InputFolder, name: str) -> Any:
        table = read_table(folder, name)
        if table is not None and "²" in table.to_string():
            raise KeyError("a fault put in")
        return table

    monkeypatch.setattr(InputFolder, "read_table", fail)
    hunt = fuzz_readers.Hunt(bench, "ages", tmp_path / "crashes")
    fuzz_readers.hunt_seeded(hunt, inputs=60, seed=1)
    assert hunt.tried == 60
    assert len(hunt.found) == 1
    (name,) = hunt.found.values()
    assert "a fault put in" in (tmp_path / f"crashes/{name}.txt").read_text(encoding="utf-8")
    kept = (tmp_path / f"crashes/{name}.input").read_bytes()
    assert fuzz_readers.try_input(bench, "ages", kept) is not None


def test_a_warning_and_a_hang_are_crashes(
    bench: fuzz_readers.Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    sound = make_seeds("ages")["0"]

    def warn(_: str) -> None:
        warnings.warn("look here", RuntimeWarning, stacklevel=1)

    monkeypatch.setattr(people, "parse_age", warn)
    long = make_seeds("ages")["1"]
    crash = fuzz_readers.try_input(bench, "ages", long)
    assert crash is not None
    assert crash.startswith("RuntimeWarning at ")

    def hang(*_: Any, **__: Any) -> None:
        while True:
            pass

    monkeypatch.setattr(fuzz_readers, "SECONDS", 0.2)
    monkeypatch.setitem(fuzz_readers.TARGETS, "ages", hang)
    crash = fuzz_readers.try_input(bench, "ages", sound)
    assert crash is not None
    assert crash.startswith("TooSlowError")


@pytest.mark.soak
@pytest.mark.parametrize("target", fuzz_readers.TARGETS)
def test_guided_campaign(target: str, tmp_path: Path) -> None:
    pytest.importorskip("atheris", reason="the campaign is guided by atheris")
    crashes = tmp_path / "crashes"
    (report,) = run_fuzzer(
        "--guided", "--inputs", str(EACH), "--seed", "7", "--crashes", str(crashes),
        "--corpus", str(tmp_path / "corpus"), target, folder=tmp_path, seconds=3_600,
    )  # fmt: skip
    assert report["tried"] >= EACH
    assert not report["crashes"], list_crashes(crashes)
    # Inputs that reached new code were kept: the campaign was guided by something.
    kept = [path for path in (tmp_path / "corpus" / target).iterdir() if not path.name.startswith("seed-")]  # fmt: skip
    assert kept


def test_the_campaign_is_as_large_as_it_says() -> None:
    assert EACH * len(fuzz_readers.TARGETS) >= CAMPAIGN

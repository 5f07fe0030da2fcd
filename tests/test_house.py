"""The house's own rules: one direction, docs equal to the code, nothing that should not be said."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "src" / "provision_map"

#: Each room imports only from those that stand before it.
ROOMS = (
    "errors", "schema", "tables", "recurrence", "model", "frameworks", "open_referral", "sources", "read", "places", "reach",
    "coverage", "practice", "gaps", "register", "edition", "phrases", "maps", "reports", "exercise", "new_exercise", "cli", "__main__",
)  # fmt: skip


def modules() -> list[Path]:
    return sorted(
        p for p in PACKAGE.rglob("*.py") if p.parent != PACKAGE or p.name != "__init__.py"
    )


def room_of(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


@pytest.mark.parametrize("path", modules(), ids=lambda p: str(p.relative_to(PACKAGE)))
def test_a_room_imports_only_from_those_before_it(path):
    room = room_of(path)
    assert room in ROOMS, f"{room} has no place in the order of rooms"
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        names = []
        if isinstance(node, ast.ImportFrom) and node.module:
            names = [node.module] + [f"{node.module}.{a.name}" for a in node.names]
        elif isinstance(node, ast.Import):
            names = [a.name for a in node.names]
        for name in names:
            if name.startswith("provision_map."):
                other = name.split(".")[1]
                if other in ROOMS:
                    assert ROOMS.index(other) <= ROOMS.index(room), f"{room} imports {other}"


@pytest.mark.parametrize(
    "path",
    [p for p in modules() if room_of(p) in ROOMS[ROOMS.index("places") : ROOMS.index("register")]],
    ids=lambda p: str(p.relative_to(PACKAGE)),
)
def test_between_the_ends_no_file_is_touched_and_nothing_printed(path):
    text = path.read_text("utf-8")
    assert not re.search(
        r"\bprint\(|\bopen\(|read_csv|read_file|\.write_text|import pathlib|from pathlib", text
    )


def test_generated_docs_are_equal_to_the_code():
    done = subprocess.run([sys.executable, ROOT / "tools/write_docs.py", "--check"], capture_output=True, text=True, check=False)  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_public_name_is_there_and_documented():
    import provision_map as pm

    for name in pm.__all__:
        assert (getattr(pm, name).__doc__ or "").strip(), name
    assert set(pm.__all__) == set(pm._HOMES)
    with pytest.raises(AttributeError):
        pm.no_such_name  # noqa: B018


def test_every_command_has_help_and_stands_in_the_reference():
    from provision_map.cli import commands

    reference = (ROOT / "docs/cli.md").read_text("utf-8")
    for name, command in commands.commands.items():
        assert command.help, name
        assert f"## provision-map {name}\n" in reference


def test_help_does_not_import_the_heavy_libraries():
    code = "import sys; from provision_map import cli; print(sorted({'pandas','numpy','geopandas','folium','sqlalchemy'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"

"""Files too large to be held in memory as bytes: found and hashed, then read by a library."""

from __future__ import annotations

import hashlib
from pathlib import Path

from provision_map.read.findings import InputFile
from provision_map.read.settings import SourceSettings
from provision_map.read.text import InputFolder

#: Road links and OpenStreetMap extracts; a matrix of travel times. Bytes.
LARGEST_NETWORK = 2_000_000_000
LARGEST_EXTRACT = 1_000_000_000
LARGEST_MATRIX = 2 * 1024**3


def find_large(folder: InputFolder, name: str, *, largest: int) -> Path | None:
    """Return where a file stands, recorded with its hash; None and a Problem if it cannot be read.

    The path is absolute, so that no library takes a name with a colon for an address.
    """
    path = folder.locate(name)
    findings = folder.findings
    try:
        if not path.is_file():
            what = "This is a folder, not a file." if path.is_dir() else "The file is missing."
            findings.problem(name, what, "Put it there, or correct its name in provision.toml.")
            return None
        size = path.stat().st_size
        if size > largest:
            what = f"The file has {size:,} bytes; at most {largest:,} are read."
            findings.problem(name, what, "Cut it down to the area of the exercise.")
            return None
        if name not in folder.files:
            with path.open("rb") as file:
                digest = hashlib.file_digest(file, "sha256").hexdigest()
            said = folder.sources.get(name, SourceSettings())
            folder.files[name] = InputFile(
                name, digest, size, said.source, said.licence, said.date
            )  # fmt: skip
        return path.resolve()
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        findings.problem(name, f"The file cannot be read: {reason}.", "Check its permissions.")
        return None

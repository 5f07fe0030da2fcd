"""Files too large to be held in memory as bytes: found and hashed, then read by a library."""

from __future__ import annotations

import hashlib
from pathlib import Path

from provision_map.read.files.text import InputFolder

#: Road links and OpenStreetMap extracts; a matrix of travel times. Bytes.
LARGEST_NETWORK = 2_000_000_000
LARGEST_EXTRACT = 1_000_000_000
LARGEST_MATRIX = 2 * 1024**3


def find_large(folder: InputFolder, name: str, *, largest: int) -> Path | None:
    """Return where a file stands, recorded with its hash; None and a Problem if it cannot be read.

    The path is absolute, so that no library takes a name with a colon for an address.
    """

    def record(path: Path) -> Path:
        if name not in folder.files:
            with path.open("rb") as file:
                digest = hashlib.file_digest(file, "sha256").hexdigest()
            folder.add_hashed(name, digest, path.stat().st_size)
        return path.resolve()

    return folder.open_path(name, record, largest=largest)

"""What a source gave, before it is kept."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Content:
    """A file as it is to be kept.

    Attributes:
        body: bytes of the file.
        records: how many it holds.
        noun: what a record is, for sentences: "place".
        address: where it came from.
        date: what the source says of the state it describes, for ``{date}`` in the catalogue.
        notes: what people should know.

    """

    body: bytes
    records: int
    noun: str
    address: str
    date: str | None = None
    notes: tuple[str, ...] = ()

"""The register's database: entries, their frozen footprints, runs, and what happened."""

from __future__ import annotations

import datetime as dt
import difflib
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pandas as pd
import sqlalchemy as sa

from provision_map.errors import DataError, Problem, UsageError
from provision_map.schema import each_row
from provision_map.tables import STATUSES

SCHEMA_VERSION = 1

_METADATA = sa.MetaData()
_ENTRY = sa.Table(
    "entry",
    _METADATA,
    sa.Column("gap_id", sa.Text, primary_key=True),
    sa.Column("offer_id", sa.Text, nullable=False),
    sa.Column("element_id", sa.Text, nullable=False),
    sa.Column("outcomes", sa.Text, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("family", sa.Text, nullable=False),
    sa.Column("scope", sa.Text, nullable=False),
    sa.Column("community_id", sa.Text, nullable=False),
    sa.Column("first_title", sa.Text, nullable=False),
    sa.Column("first_reported", sa.Date, nullable=False),
    sa.Column("reference_uncovered", sa.Float),
    sa.Column("reference_unknown", sa.Float),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("status", sa.Text, nullable=False),
    sa.Column("owner_role", sa.Text, nullable=False),
)
_CELL = sa.Table(
    "cell",
    _METADATA,
    sa.Column("gap_id", sa.ForeignKey("entry.gap_id"), primary_key=True),
    sa.Column("place_id", sa.Text, primary_key=True),
    sa.Column("age", sa.Integer, primary_key=True),
)
_RUN = sa.Table(
    "run",
    _METADATA,
    sa.Column("run_id", sa.Integer, primary_key=True),
    sa.Column("digest", sa.Text, nullable=False),
    sa.Column("date", sa.Date, nullable=False),
)
_EVENT = sa.Table(
    "event",
    _METADATA,
    sa.Column("event_id", sa.Integer, primary_key=True),
    sa.Column("gap_id", sa.ForeignKey("entry.gap_id"), nullable=False),
    sa.Column("date", sa.Date, nullable=False),
    sa.Column("role", sa.Text, nullable=False),
    sa.Column("what", sa.Text, nullable=False),
    sa.Column("why", sa.Text, nullable=False),
)
_VERSION = sa.Table("version", _METADATA, sa.Column("version", sa.Integer, primary_key=True))

_ENTRY_COLUMNS = [c.name for c in _ENTRY.columns]


class Register:
    """A register in a SQLite file.

    What a run measures (state) and what people decide (status, owner) are two things: a run never
    writes the second.
    """

    def __init__(self, path: Path | str) -> None:
        """Name the file; it is made at the first recorded run."""
        self.path = Path(path)
        self._engine = sa.create_engine(sa.URL.create("sqlite", database=str(self.path)))
        sa.event.listen(self._engine, "connect", _strict)

    def close(self) -> None:
        """Let go of the file."""
        self._engine.dispose()

    @property
    def exists(self) -> bool:
        """Whether anything was ever recorded."""
        return self.path.exists()

    @contextmanager
    def _reading(self) -> Iterator[sa.Connection]:
        try:
            with self._engine.connect() as connection:
                version = connection.execute(sa.select(_VERSION.c.version)).scalar()
                if version != SCHEMA_VERSION:
                    raise DataError(
                        [self._problem(f"It was written by another version ({version}).")]
                    )
                yield connection
        except sa.exc.DatabaseError as error:
            raise DataError([self._problem("It is not a register that can be read.")]) from error

    def _problem(self, what: str) -> Problem:
        return Problem(
            self.path.name, what=what, mend="Restore it from a copy, or move it away to begin anew."
        )

    def last_digest(self) -> str:
        """Digest of the data of the last recorded run; "" if there was none."""
        if not self.exists:
            return ""
        with self._reading() as connection:
            newest = sa.select(_RUN.c.digest).order_by(_RUN.c.run_id.desc()).limit(1)
            return connection.execute(newest).scalar() or ""

    def entries(self) -> pd.DataFrame:
        """Return the entries with ``cells`` (tuple of (place, age)) and ``outcomes`` as tuples."""
        if not self.exists:
            return pd.DataFrame(columns=[*_ENTRY_COLUMNS, "cells"], dtype=object)
        with self._reading() as connection:
            rows = connection.execute(sa.select(_ENTRY).order_by(_ENTRY.c.gap_id)).all()
            cells: dict[str, list[tuple[str, int]]] = {}
            for row in connection.execute(sa.select(_CELL).order_by(*_CELL.primary_key.columns)):
                cells.setdefault(row.gap_id, []).append((row.place_id, row.age))
        frame = pd.DataFrame([tuple(r) for r in rows], columns=_ENTRY_COLUMNS, dtype=object)
        frame["outcomes"] = [tuple(json.loads(text)) for text in frame["outcomes"]]
        own = [tuple(cells.get(gap, ())) for gap in frame["gap_id"]]
        frame["cells"] = pd.Series(own, index=frame.index, dtype=object)
        for name in ("reference_uncovered", "reference_unknown"):
            frame[name] = frame[name].astype(float)
        return frame

    def history(self, gap_id: str) -> pd.DataFrame:
        """Return what happened to an entry, oldest first: date, role, what, why."""
        with self._reading() as connection:
            asked = sa.select(_EVENT).where(_EVENT.c.gap_id == gap_id).order_by(_EVENT.c.event_id)
            rows = connection.execute(asked).all()
        return pd.DataFrame(
            [(r.date, r.role, r.what, r.why) for r in rows], columns=["date", "role", "what", "why"]
        )

    def record(
        self,
        *,
        digest: str,
        date: dt.date,
        new: pd.DataFrame,
        measured: pd.DataFrame,
        events: Sequence[tuple[str, str]],
    ) -> None:
        """Write one run, whole or not at all.

        Args:
            digest: of the data that was measured.
            date: day of the exercise.
            new: new entries with cells.
            measured: gap_id, state and the two references of entries that were there before.
            events: (gap_id, what happened) as the run measured it.

        """
        with self._writing() as connection:
            connection.execute(sa.insert(_RUN), {"digest": digest, "date": date})
            rows = [_entry_row(row) for _, row in new.iterrows()]
            if rows:
                connection.execute(sa.insert(_ENTRY), rows)
                cells = [
                    {"gap_id": gap, "place_id": place, "age": age}
                    for gap, own in zip(new["gap_id"], new["cells"], strict=True)
                    for place, age in own
                ]
                connection.execute(sa.insert(_CELL), cells)
            for row in each_row(measured):
                connection.execute(
                    sa.update(_ENTRY)
                    .where(_ENTRY.c.gap_id == row.gap_id)
                    .values(
                        state=row.state,
                        reference_uncovered=_nullable(row.reference_uncovered),
                        reference_unknown=_nullable(row.reference_unknown),
                    )
                )
            if events:
                told = [
                    {"gap_id": gap, "date": date, "role": "run", "what": what, "why": ""}
                    for gap, what in events
                ]
                connection.execute(sa.insert(_EVENT), told)

    def decide(
        self,
        gap_id: str,
        *,
        role: str,
        why: str,
        date: dt.date,
        status: str | None = None,
        owner_role: str | None = None,
    ) -> None:
        """Write down what people decided of an entry.

        Args:
            gap_id: the entry.
            role: who decided; a role, never a name.
            why: the reason; required.
            date: day of the decision.
            status: one of ``tables.STATUSES``; None leaves it.
            owner_role: the role that owns the gap; None leaves it.

        Raises:
            UsageError: no such entry, no such status, or no reason.

        """
        if status is not None and status not in STATUSES:
            raise UsageError(f"{status!r} is no status. Use one of: {', '.join(STATUSES)}.")
        if not why.strip() or not role.strip():
            raise UsageError("A decision needs a role and a reason.")
        values = {"status": status, "owner_role": owner_role}
        values = {name: value for name, value in values.items() if value is not None}
        if not values:
            raise UsageError("Say what was decided: a status, an owner, or both.")
        self.require(gap_id)
        told = ", ".join(f"{name.replace('_role', '')} {value}" for name, value in values.items())
        with self._writing() as connection:
            connection.execute(sa.update(_ENTRY).where(_ENTRY.c.gap_id == gap_id).values(**values))
            event = {"gap_id": gap_id, "date": date, "role": role, "what": told, "why": why}
            connection.execute(sa.insert(_EVENT), event)

    def require(self, gap_id: str) -> None:
        """Raise UsageError, naming ids that look alike, unless the entry exists."""
        known = list(self.entries()["gap_id"])
        if gap_id not in known:
            close = difflib.get_close_matches(gap_id, known)
            hint = f" Did you mean {', '.join(close)}?" if close else ""
            raise UsageError(f"There is no gap {gap_id!r} in this register.{hint}")

    @contextmanager
    def _writing(self) -> Iterator[sa.Connection]:
        try:
            with self._engine.begin() as connection:
                if not sa.inspect(connection).has_table(_VERSION.name):
                    _METADATA.create_all(connection)
                    connection.execute(sa.insert(_VERSION), {"version": SCHEMA_VERSION})
                yield connection
        except sa.exc.OperationalError as error:
            raise DataError(
                [
                    Problem(
                        self.path.name,
                        what=f"It cannot be written: {error.orig}.",
                        mend="Check the folder.",
                    )
                ]
            ) from error


def _strict(connection: Any, _: object) -> None:  # noqa: ANN401 - the driver's own object
    connection.execute("PRAGMA foreign_keys = ON")


def _entry_row(row: pd.Series) -> dict[str, object]:
    values: dict[str, object] = {name: row[name] for name in _ENTRY_COLUMNS}
    values["outcomes"] = json.dumps(list(row["outcomes"]))
    for name in ("reference_uncovered", "reference_unknown"):
        values[name] = _nullable(row[name])
    return values


def _nullable(value: float) -> float | None:
    return None if pd.isna(value) else float(value)

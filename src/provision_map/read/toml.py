"""Read a TOML file key by key: what is missing, unknown or of the wrong kind becomes a Problem."""

from __future__ import annotations

import datetime as dt
import difflib
import math
import re
import tomllib
from collections.abc import Mapping
from typing import Any

from provision_map.errors import Problem

#: A settings file of more bytes than this is a mistake (a data file under the wrong name).
LARGEST_TOML = 2_000_000

#: A key of more parts than any here; reading one takes time by the square of its parts.
_LONG_KEY = re.compile(r"""(?<![\w\-])(?:(?:[\w\-]++|"[^"\n]*+"|'[^'\n]*+')[ \t]*+\.[ \t]*+){30}""")
_AT_LINE = re.compile(r"\s*\(at line (\d+), column \d+\)$")


def parse_toml(data: bytes, *, file: str, problems: list[Problem]) -> dict[str, Any] | None:
    r"""Parse TOML; a fault becomes one Problem with its row, and the result is None.

    >>> found: list[Problem] = []
    >>> parse_toml(b"[a]\nb = = 1", file="x.toml", problems=found) is None, found[0].row
    (True, 2)

    """
    if len(data) > LARGEST_TOML:
        problems.append(
            Problem(file, None, None, "The file is far too large for settings.", "Is it another?")
        )
        return None
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        at_row = data[: error.start].count(b"\n") + 1
        problems.append(Problem(file, at_row, None, "The text is not UTF-8.", "Save it as UTF-8."))
        return None
    if (long := _LONG_KEY.search(text)) is not None:
        long_row = text.count("\n", 0, long.start()) + 1
        what = "This is a key of far too many parts between dots."
        problems.append(Problem(file, long_row, None, what, "Mend the line."))
        return None
    try:
        return tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        said = str(error)
        at = _AT_LINE.search(said)
        row = int(at[1]) if at else None
        if row is None and "end of document" in said:
            row = text.count("\n") + 1
        what = f"This is not valid TOML: {_AT_LINE.sub('', said)}."
        problems.append(Problem(file, row, None, what, "Mend the line."))
        return None


class Section:
    """One table of a TOML file, read key by key; :meth:`done` reports keys that nobody read."""

    def __init__(
        self, data: Mapping[str, Any], *, file: str, problems: list[Problem], path: str = ""
    ) -> None:
        """Hold the table; ``path`` is its dotted name in the file."""
        self.data = data
        self.file = file
        self.path = path
        self.problems = problems
        self._known: set[str] = set()

    def column(self, key: str) -> str:
        """Return the dotted name of a key, as problems say it."""
        return f"{self.path}.{key}" if self.path else key

    def report(self, key: str, what: str, mend: str) -> None:
        """Add a problem about a key."""
        self.problems.append(Problem(self.file, None, self.column(key), what, mend))

    def text(self, key: str, default: str | None = None) -> str:
        """Return a text; without a default it must be given, and not be blank."""
        value = self._take(key)
        if value is None and default is not None:
            return default
        if isinstance(value, str) and (value.strip() or default is not None):
            return value.strip()
        if value is None:
            self.report(key, "This setting is missing.", f'Add {key} = "…".')
        elif value == "" or isinstance(value, str):
            self.report(key, "This setting is blank.", "It must be given.")
        else:
            self.report(key, f"{value!r} is not text.", "Put it in quotes.")
        return default or ""

    def optional_text(self, key: str) -> str | None:
        """Return a text, or None where the key is absent or blank."""
        return self.text(key, "") or None

    def number(self, key: str, default: float, *, low: float, high: float = math.inf) -> float:
        """Return a finite number in ``low`` to ``high``, both inclusive."""
        value = self._take(key)
        if value is None:
            return default
        if (
            isinstance(value, bool)
            or not isinstance(value, int | float)
            or not math.isfinite(value)
        ):
            self.report(key, f"{value!r} is not a number.", "Give a number, without quotes.")
            return default
        if not low <= value <= high:
            span = f"at least {low:g}" if math.isinf(high) else f"{low:g} to {high:g}"
            self.report(key, f"{value} is out of range.", f"Give {span}.")
            return default
        return float(value)

    def whole(self, key: str, default: int, *, low: int, high: int) -> int:
        """Return a whole number in ``low`` to ``high``, both inclusive."""
        value = self.data.get(key)
        if isinstance(value, float):
            self._take(key)
            self.report(key, f"{value!r} is not a whole number.", "Give a whole number.")
            return default
        return int(self.number(key, default, low=low, high=high))

    def date(self, key: str, default: dt.date) -> dt.date:
        """Return a date."""
        value = self._take(key)
        if value is None:
            return default
        if isinstance(value, dt.date) and not isinstance(value, dt.datetime):
            return value
        self.report(key, f"{value!r} is not a date.", "Write it as 2009-04-30, without quotes.")
        return default

    def text_or_date(self, key: str) -> str:
        """Return a text, or a date as text: both are good ways of dating a source."""
        value = self.data.get(key)
        if isinstance(value, dt.date):
            self._take(key)
            return value.isoformat()
        return self.text(key, "")

    def texts(self, key: str, default: tuple[str, ...] = ()) -> tuple[str, ...]:
        """Return a list of texts; one text stands for a list of one."""
        value = self._take(key)
        if value is None:
            return default
        if isinstance(value, str):
            return (value,)
        if isinstance(value, list) and all(isinstance(item, str) for item in value):
            return tuple(value)
        self.report(key, f"{value!r} is not a list of texts.", 'Write it as ["…", "…"].')
        return default

    def text_of(self, key: str, *, blank: bool = False) -> dict[str, str]:
        """Return a table of texts by name, ``blank`` ones only if allowed; absent: empty."""
        part = self.section(key)
        default = "" if blank else None
        return {} if part is None else {name: part.text(name, default) for name in part.data}

    def choice(self, key: str, values: tuple[str, ...], default: str) -> str:
        """Return one of a closed list of texts."""
        value = self.text(key, default)
        if value in values:
            return value
        self.report(key, f"{value!r} is not known here.", f"Use one of: {', '.join(values)}.")
        return default

    def texts_of(self, key: str) -> dict[str, tuple[str, ...]]:
        """Return a table of lists of texts by name; absent: empty."""
        part = self.section(key)
        return {} if part is None else {name: part.texts(name) for name in part.data}

    def section(self, key: str) -> Section | None:
        """Return a table inside this one, or None where it is absent."""
        value = self._take(key)
        if value is None:
            return None
        if not isinstance(value, Mapping):
            self.report(key, f"{value!r} is not a table.", f"Write [{self.column(key)}] above it.")
            return None
        return self._inside(key, value)

    def needed_section(self, key: str) -> Section:
        """Return a table inside this one; if absent, an empty one whose keys will be missed."""
        value = self.data.get(key)
        if value is not None and not isinstance(value, Mapping):
            self.section(key)
            return Section({}, file=self.file, problems=[], path=self.column(key))
        return self.section(key) or self._inside(key, {})

    def sections(self, key: str) -> list[Section]:
        """Return a list of tables; absent: none."""
        value = self._take(key)
        if value is None:
            return []
        if not isinstance(value, list) or not all(isinstance(item, Mapping) for item in value):
            self.report(key, "This is not a list of tables.", f"Write [[{self.column(key)}]].")
            return []
        return [self._inside(f"{key}[{n}]", item) for n, item in enumerate(value, start=1)]

    def done(self) -> None:
        """Report each key that no one has asked for: most are a slip of the pen."""
        for key in self.data:
            if key not in self._known:
                near = difflib.get_close_matches(key, self._known, n=1)
                known = ", ".join(sorted(self._known))
                mend = f"Is it {near[0]!r}?" if near else f"Known here: {known}."
                self.report(key, "This is no setting known here.", mend)

    def _take(self, key: str) -> Any:  # noqa: ANN401 - whatever TOML holds
        self._known.add(key)
        return self.data.get(key)

    def _inside(self, key: str, value: Mapping[str, Any]) -> Section:
        return Section(value, file=self.file, problems=self.problems, path=self.column(key))

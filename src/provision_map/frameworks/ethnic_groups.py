"""Classifications of ethnic groups of the censuses, and the 16 groups that they have in common."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from provision_map.model import Community

COMMON, FIVE = "common", "five"

#: Labels of rows that are no group: totals, and people whom the table leaves out.
_NO_GROUP = ("total", "all ", "does not apply", "not applicable")


@dataclass(frozen=True)
class Classification:
    """The groups of one census, or of several.

    Attributes:
        id: "2001", "2011", "2021", "common" or "five".
        name: as sentences say it.
        groups: in the order in which they are shown; they partition the residents.
        majority: the group that BME leaves out. bme_name: what the others together are called.
        noise: residents by which the groups of a row and its total may differ.
        folds: of each group, the one of the common 16 that it is part of; empty for "five".
        labels: of each group, what tables call it.

    """

    id: str
    name: str
    groups: tuple[Community, ...]
    majority: str
    bme_name: str
    noise: float
    folds: Mapping[str, str]
    labels: Mapping[str, tuple[str, ...]]

    def group_of(self, label: str) -> str | None:
        """Return the group that a label of a table means; None where it is none known here.

        >>> found = load_classification("2021")
        >>> found.group_of("Asian, Asian British or Asian Welsh: Other Asian"), found.group_of("X")
        ('asian_other', None)
        """
        by_label = {_loosen(word): code for code in self.labels for word in self.labels[code]}
        own = {code: code for code in self.labels}
        whole = label.strip()
        if self.is_passed_over(whole):
            return None
        tail = whole.rpartition(":")[2]
        return own.get(whole) or by_label.get(_loosen(whole)) or by_label.get(_loosen(tail))

    def is_passed_over(self, label: str) -> bool:
        """Whether a label is that of a total, or of several groups of this classification.

        >>> load_classification("2021").is_passed_over("White"), load_classification("five").is_passed_over("White")
        (True, False)
        """
        said = label.strip().casefold()
        if said.startswith(_NO_GROUP):
            return True
        if self.id == FIVE or ":" in said:
            return False
        broad = {
            _loosen(word) for words in load_classification(FIVE).labels.values() for word in words
        }
        # "Other ethnic group" was a group of its own in 2001, and holds two since.
        mine = (
            {_loosen(word) for word in self.labels["other"]}
            if "arab" not in self.labels
            else {"other"}
        )
        return _loosen(label) in broad - mine


def _loosen(label: str) -> str:
    return " ".join(re.findall(r"[a-z0-9]+", label.casefold().replace("&", " and ")))


@cache
def load_classification(name: str) -> Classification:
    """Load a classification that comes with the software.

    Raises:
        KeyError: there is none of that name.

    >>> {name: len(load_classification(name).groups) for name in ("2001", "2011", "2021", "common")}
    {'2001': 16, '2011': 18, '2021': 19, 'common': 16}
    >>> load_classification("2021").folds["roma"], load_classification("2021").folds["arab"]
    ('white_other', 'other')

    """
    text = (resources.files(__package__) / "ethnic_groups.toml").read_text(encoding="utf-8")
    data = tomllib.loads(text)
    said: dict[str, Any] = data["classification"][name]
    rows = [row for row in data["group"] if name in row["in"]]
    groups = tuple(
        Community(
            row["id"], row["name"], "ethnic", row["level"], minority=row["id"] != said["majority"]
        )
        for row in rows
    )
    return Classification(
        id=name,
        name=said["name"],
        groups=groups,
        majority=said["majority"],
        bme_name=said["bme_name"],
        noise=float(said["noise"]),
        folds={} if name == FIVE else {row["id"]: row.get("folds_to", row["id"]) for row in rows},
        labels={row["id"]: tuple(row["labels"]) for row in rows},
    )

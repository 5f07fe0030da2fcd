"""What came up over all records of a feed, counted, and told in notes that a person can read."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, field, replace

from provision_map.errors import Problem
from provision_map.open_referral import NO_SERVICE, Fault, FeedMapping
from provision_map.read.findings import Findings
from provision_map.schema import quote
from provision_map.schema.wording import count_of, list_some

_POSITION = re.compile(r"\[\d+\]")
#: Different remarks of one path that are listed, and different ones that are remembered at all.
_LISTED = 5
_REMEMBERED = 20_000
_MOST_TERMS = 10
_MOST_FIELDS = 40
_LONGEST_FIELD = 80


@dataclass
class _Remark:
    """Where a remark was first made, and how often."""

    file: str
    row: int
    path: str
    many: int = 1


@dataclass
class FeedNotes:
    """Gathers what people should know of a feed.

    Attributes:
        copies: how often each identifier was read again, saying the same.
        passed: how many records of each file are of a kind that holds no service.
        renamed: organisations that have more than one name.
        unnamed: how many services were left out because nothing says what they give.
        terms: the terms that those carry.

    """

    copies: Counter[str] = field(default_factory=Counter)
    passed: Counter[tuple[str, str]] = field(default_factory=Counter)
    renamed: Counter[str] = field(default_factory=Counter)
    unnamed: int = 0
    terms: Counter[str] = field(default_factory=Counter)
    _remarks: dict[tuple[str, str, str], _Remark] = field(default_factory=dict)
    _more: Counter[str] = field(default_factory=Counter)

    def remember(self, remark: Fault, file: str, row: int) -> None:
        """Keep a remark; the same of another record is only counted."""
        path = _POSITION.sub("", remark.path)
        key = ("" if remark.form else path, remark.what, remark.mend)
        known = self._remarks.get(key)
        if known is not None:
            known.many += 1
        elif len(self._remarks) < _REMEMBERED:
            self._remarks[key] = _Remark(file, row, path)
        else:
            self._more[key[0]] += 1

    def tell(
        self,
        name: str,
        findings: Findings,
        *,
        mapping: FeedMapping,
        used_rules: Collection[int],
        unkept: Counter[str],
    ) -> None:
        """Note it all: of the feed under its ``name``, of its mapping where that is to be mended."""
        if many := self.copies.total():
            were = "was" if many == 1 else "were"
            copies = count_of(many, "record is a copy", "records are copies")
            codes = list_some(map(quote, self.copies), 3)
            findings.note(name, f"{copies} of one read before, and {were} read once: {codes}.")
        for (file, kind), many in self.passed.items():
            records = count_of(many, "record is", "records are")
            findings.note(file, f"{records} no service but {NO_SERVICE[kind]}: passed over.")
        if self.renamed:
            have = count_of(len(self.renamed), "organisation has", "organisations have")
            codes = list_some(map(quote, self.renamed), 3)
            what = f"{have} more than one name; the first is kept: {codes}."
            findings.note(name, what, column="organization.name")
        if self.unnamed:
            self._tell_terms(name, findings, mapping)
        self._tell_remarks(name, findings)
        for number in range(1, len(mapping.rules) + 1):
            if number not in used_rules:
                what = f"No service of {name} is left for this rule to speak of."
                column = f"give[{number}]"
                findings.note(mapping.file, what, "Is it a slip of the pen?", column=column)
        if unkept:
            fields = [
                f"{key[:_LONGEST_FIELD]} ({n:,})" for key, n in unkept.most_common(_MOST_FIELDS)
            ]
            more = len(unkept) - len(fields)
            rest = f" and {count_of(more, 'more field')}" if more else ""
            what = f"Our tables have no column for these fields, which were not kept (in so many records): {', '.join(fields)}{rest}."
            findings.note(name, what)

    def _tell_terms(self, name: str, findings: Findings, mapping: FeedMapping) -> None:
        """Name the terms seen most among the services that nothing speaks of."""
        most = self.terms.most_common(_MOST_TERMS)
        seen = "; ".join(f"{quote(term)} {many:,}" for term, many in most)
        were = count_of(self.unnamed, "service was", "services were")
        what = f"{were} left out because nothing says what {'it gives' if self.unnamed == 1 else 'they give'}."
        if seen:
            what += f" {'Its' if self.unnamed == 1 else 'Their'} terms seen most: {seen}."
        else:
            what += " It carries no terms." if self.unnamed == 1 else " They carry no terms at all."
        mend = "Say in a mapping file which of them give what: [[give]]."
        findings.note(mapping.file or name, what, mend)

    def _tell_remarks(self, name: str, findings: Findings) -> None:
        shown: Counter[str] = Counter()
        hidden: Counter[str] = Counter(self._more)
        for (path, what, mend), remark in self._remarks.items():
            shown[path] += 1
            # The ways of writing are few, and none of them is hidden.
            if path and shown[path] > _LISTED:
                hidden[path] += remark.many
                continue
            more = f" So in {remark.many:,} places of the feed." if remark.many > 1 else ""
            findings.note(remark.file, f"{what}{more}", mend, row=remark.row, column=remark.path)
        for path, many in hidden.items():
            findings.note(name, f"{count_of(many, 'more remark')} of this kind.", column=path)


def fold_notes(notes: list[Problem]) -> list[Problem]:
    """Keep the first note of each column, with how many more of its cells were read so."""
    first: dict[str | None, Problem] = {}
    many: Counter[str | None] = Counter()
    for note in notes:
        first.setdefault(note.column, note)
        many[note.column] += 1
    return [
        replace(note, what=f"{note.what} So with {count_of(many[column] - 1, 'more cell')} here.")
        if many[column] > 1
        else note
        for column, note in first.items()
    ]

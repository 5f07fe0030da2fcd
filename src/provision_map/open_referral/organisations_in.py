"""Organisations of HSDS as rows of ours, and the identifiers of ours that their attributes hold."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from provision_map.open_referral.account import Account
from provision_map.open_referral.mapping import FeedMapping
from provision_map.open_referral.words import (
    CHARITIES,
    ORGANISATION_COLUMNS,
    is_uuid,
    keep_id,
    read_own,
)

#: Organisations that are held to be known again.
_MOST_KNOWN = 20_000
_KEPT = frozenset({"id", "name", "organization_identifiers", "attributes", "services"})
_DESCRIBED = _KEPT | {"description"}


def read_organisation(
    organisation: Mapping[str, Any],
    mapping: FeedMapping,
    account: Account,
    path: str = "organization",
) -> dict[str, str]:
    """Return an organisation as a row of text, by column of our table."""
    own = read_own(organisation, ORGANISATION_COLUMNS)
    identity = account.text(organisation, "id", path)
    row = {
        "organisation_id": own_id(own, "organisation_id", identity, "organisation") or identity,
        # Ours say it in plain text, whatever it looks like.
        "name": (account.text if own else account.prose)(organisation, "name", path),
        "sector": mapping.find_sector(organisation) or ";".join(own.get("sector", ())),
        "charity_number": "",
    }
    for where, held in account.records(organisation, "organization_identifiers", path):
        scheme = account.text(held, "identifier_scheme", where)
        kind = account.text(held, "identifier_type", where).casefold()
        number = account.text(held, "identifier", where)
        if scheme in CHARITIES or (not scheme and kind.startswith("charity")):
            row["charity_number"] = row["charity_number"] or number
        elif number:
            account.unkept[f"{path}.organization_identifiers ({scheme or kind})"] += 1
    # Ours describe themselves by their name, for the standard asks for a description.
    repeats = organisation.get("description") == organisation.get("name")
    account.count_unkept(organisation, _DESCRIBED if repeats else _KEPT, path)
    return row


def read_again(
    organisation: dict[str, Any], mapping: FeedMapping, account: Account
) -> dict[str, str]:
    """Read an organisation, once where it is repeated as it was."""
    code = organisation.get("id")
    if not isinstance(code, str):
        return read_organisation(organisation, mapping, account)
    known = account.known.get(code)
    if known is not None and known[0] == organisation:
        return known[1]
    row = read_organisation(organisation, mapping, account)
    if len(account.known) < _MOST_KNOWN and code not in account.known:
        account.known[code] = (organisation, row)
    return row


def own_id(own: Mapping[str, list[str]], column: str, identity: str, kind: str) -> str:
    """Return our identifier of a thing, if it is the one that its UUID was made from."""
    for code in own.get(column, ())[:1]:
        if not is_uuid(code) and (not identity or keep_id(kind, code) == identity):
            return code
    return ""

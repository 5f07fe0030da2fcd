"""Why this is a gap, in words for a terminal, down to the services that were looked at."""

from __future__ import annotations

import difflib
import textwrap
from collections.abc import Iterable, Sequence

from provision_map.edition import Edition
from provision_map.errors import UsageError
from provision_map.model import Offer, Standard
from provision_map.phrases import list_modes
from provision_map.reach.straight_line import METRES_PER_MINUTE
from provision_map.reports import words
from provision_map.reports.account import list_notes, say_change, say_not_counted
from provision_map.reports.looked_at import LookedAt, Reach, look_at_services
from provision_map.reports.pieces import say_pieces, say_week
from provision_map.reports.rows import GapRow, read_gap_rows
from provision_map.reports.text import clean, clean_line
from provision_map.schema.wording import join_words, say_mode
from provision_map.tables import WEEKDAYS

_WIDTH = 80
_MOST_LINES = 60
_MOST_NAMES = 6
_MOST_SERVICES = 8
#: These are shown however long the rest is.
_LEAST_SERVICES = 3
_OURS = {
    "need": "how much is needed",
    "metres": "the distance",
    "windows": "the hours that count",
    "kappa": "the share of children that supply must be able to meet",
    "quality": "whether quality is tested",
    "minutes": "the minutes by other ways of travel",
    "required": "what must be among them",
    "levels": "the further levels",
}


def explain_gap(
    edition: Edition,
    gap_id: str,
    *,
    detour: float = 1.3,
    metres_per_minute: float = 80.0,
    record_months: int = 24,
    quality_months: int = 24,
) -> str:
    """Explain one entry of the register, wrapped at 80 columns, in about 60 lines at most.

    Args:
        edition: the run that the entry stands in.
        gap_id: its reference.
        detour: metres walked for each metre of straight line, where the edition has no ways.
        metres_per_minute: walking speed, likewise.
        record_months: age at which a record counts as unknown.
        quality_months: age at which evidence of quality counts as unknown.

    Raises:
        UsageError: no entry has this reference; the message names those that come close.

    """
    gaps = {gap.gap_id: gap for gap in read_gap_rows(edition)}
    gap = gaps.get(gap_id)
    if gap is None:
        raise UsageError(_say_unknown(gap_id, list(gaps)))
    reach = Reach(detour, metres_per_minute, record_months, quality_months)
    lines = [*_wrap([gap.title], indent=""), f"{clean_line(gap.gap_id)}{_say_data_status(edition)}"]
    for heading, paragraphs in (
        ("The test", _say_standard(edition, gap, reach)),
        ("Where and who", _say_where(gap)),
        ("Why", _say_causes(gap)),
        ("Piece by piece", say_pieces(edition, gap.element_id, gap.places)),
        ("When something is open", say_week(edition, gap.element_id, gap.places)),
        ("What would change it", _say_levers(gap)),
        ("How sure", _say_certainty(gap)),
        ("Where it stands", _say_standing(gap)),
    ):
        if paragraphs:
            lines += ["", heading, *_wrap(paragraphs)]
    lines += _say_services(edition, gap, reach, room=_MOST_LINES - len(lines))
    return "\n".join(lines) + "\n"


def _say_unknown(gap_id: str, known: Sequence[str]) -> str:
    asked = clean_line(gap_id)
    if not known:
        return f"No gap is called {asked}: the register is empty."
    folded = {key.casefold(): key for key in known}
    close = [
        folded[k] for k in difflib.get_close_matches(gap_id.casefold(), folded, n=3, cutoff=0.4)
    ]
    close += [key for key in known if key.casefold().startswith(gap_id.casefold())]
    named = [clean_line(key) for key in dict.fromkeys(close)][:3]
    hint = (
        f"Did you mean {join_words(named, 'or')}?"
        if named
        else "The references stand in the first column of gap-register.csv."
    )
    return f"No gap is called {asked}. {hint}"


def _say_data_status(edition: Edition) -> str:
    status = clean_line(edition.data_status)
    return f" · {status}" if status else ""


def _wrap(paragraphs: Iterable[str], *, indent: str = "  ") -> list[str]:
    """Wrap paragraphs; a word that is longer than a line (an address, a trick) is cut."""
    return [
        line
        for paragraph in paragraphs
        for line in textwrap.wrap(
            clean_line(paragraph), _WIDTH, initial_indent=indent, subsequent_indent=indent
        )
    ]


def _write_item(text: str) -> list[str]:
    return textwrap.wrap(clean_line(text), _WIDTH, initial_indent="  - ", subsequent_indent="    ")


# ---------------------------------------------------------------- the gap


def _say_standard(edition: Edition, gap: GapRow, reach: Reach) -> list[str]:
    element = edition.framework.elements.get(gap.element_id)
    if element is None:
        return [
            f"Good practice that serves {join_words(gap.outcomes) or 'this outcome'} has reached them."
        ]
    offer = edition.framework.offer_of[element.id]
    standard = element.standard
    modes = list_modes(edition)
    within = f"{_say_distance(standard, reach)}{_say_minutes(standard, modes)}"
    test = f"{_say_need(standard)} within {within}{_say_windows(standard)}"
    quality = "" if standard.quality else ", whatever its quality"
    ages = _say_offer_ages(offer)
    levels = _say_levels(standard)
    said = [f"{element.id} {element.name}, {offer.name}, ages {ages}: {test}{quality}.{levels}"]
    ours = [_OURS.get(part, part) for part in standard.ours]
    source = f"Source: {standard.source.rstrip('.')}." if standard.source else ""
    default = f" Our own default: {join_words(ours)}." if ours else ""
    return [*said, f"{source}{default}".strip()] if source or default else said


def _say_offer_ages(offer: Offer) -> str:
    ages = words.say_ages(offer.minimum_age, offer.maximum_age)
    return f"{ages} (to {offer.extended_to} for some)" if offer.extended_to else ages


def _say_need(standard: Standard) -> str:
    required = join_words(standard.required)
    return f"{_say_units(standard, standard.need)}{f', {required} among them,' if required else ''}"


def _say_units(standard: Standard, count: float) -> str:
    need = f"{count:g}"
    one = count == 1
    return {
        "hours": f"{need} hour{'' if one else 's'} a week",
        "days": f"on {need} day{'' if one else 's'} a week",
        "holidays": f"in {need} school holiday{'' if one else 's'} a year",
        "types": f"{need} type{'' if one else 's'} of space",
        "any": "at least one",
    }[standard.unit]


def _say_levels(standard: Standard) -> str:
    if not standard.levels:
        return ""
    each = [f"{name}, {_say_units(standard, count)}" for name, count in standard.levels.items()]
    return f" Reported beside it, not tested: {'; '.join(each)}."


def _say_minutes(standard: Standard, modes: Sequence[str]) -> str:
    """Say how long it may take by other modes: those of the standard, and those of the run."""
    named = dict.fromkeys([*standard.minutes, *modes])
    each = [_say_longest(standard, mode) for mode in named]
    return f", or {join_words(each, 'or')}" if each else ""


def _say_longest(standard: Standard, mode: str) -> str:
    """Say how long a mode may take; where types have limits of their own, so has each."""
    by, given = say_mode(mode), standard.minutes.get(mode)
    if given:
        return f"{given:.0f} minutes {by}"
    if standard.unit == "types" and len(set(standard.type_metres.values())) > 1:
        return f"as many minutes {by} as the walk takes"
    metres = next(iter(standard.type_metres.values()), standard.metres)
    return f"{metres / METRES_PER_MINUTE:.0f} minutes {by}"


def _say_distance(standard: Standard, reach: Reach) -> str:
    if standard.unit == "types" and standard.type_metres:
        each = [f"{metres:,.0f} m ({name})" for name, metres in standard.type_metres.items()]
        return join_words(each, "or")
    return (
        f"{standard.metres:,.0f} m, {standard.metres / reach.metres_per_minute:.0f} minutes on foot"
    )


def _say_windows(standard: Standard) -> str:
    if not standard.windows:
        return ""
    spans: dict[tuple[float, float], list[int]] = {}
    for day, start, end in standard.windows:
        spans.setdefault((start, end), []).append(day)
    said = [
        f"{_say_days(days)} {_say_hour(start)} to {_say_hour(end)}"
        for (start, end), days in spans.items()
    ]
    return f", {join_words(said)}"


def _say_days(days: Sequence[int]) -> str:
    if len(days) > 1 and list(days) == list(range(days[0], days[-1] + 1)):
        return f"{WEEKDAYS[days[0]]} to {WEEKDAYS[days[-1]]}"
    return join_words([WEEKDAYS[day] for day in days])


def _say_hour(hour: float) -> str:
    return f"{int(hour)}:{int(hour % 1 * 60):02d}"


def _say_where(gap: GapRow) -> list[str]:
    ages = f", ages {gap.ages}" if gap.ages else ""
    said = [f"{gap.community}{ages}; {words.SCOPES.get(gap.scope, gap.scope).lower()}."]
    parts = gap.parts or gap.neighbourhoods
    if parts:
        said.append(f"{_shorten(parts)}.")
    if gap.place_names:
        count = len(gap.place_names)
        said.append(f"{count} place{'' if count == 1 else 's'}: {_shorten(gap.place_names)}.")
    return said


def _shorten(names: Sequence[str]) -> str:
    rest = len(names) - _MOST_NAMES
    return "; ".join(names[:_MOST_NAMES]) + (f"; and {rest} more" if rest > 0 else "")


def _say_causes(gap: GapRow) -> list[str]:
    """Make one sentence of the parts, a line for each, and say what they leave unsaid."""
    parts = gap.division
    if not parts:
        return [say_not_counted(gap), *list_notes(gap)]
    code, count = parts[0]
    if len(parts) == 1 and gap.population in (None, count):
        return [f"For all {words.say_children(count)} {words.PARTS[code]}.", *list_notes(gap)]
    total = gap.population or sum(count for _, count in parts)
    lines = [f"For {count:,} of {words.say_children(total)} {words.PARTS[code]}"]
    lines += [f"for {count:,} {words.PARTS[code]}" for code, count in parts[1:]]
    ended = [f"{line}{'.' if n == len(lines) else ';'}" for n, line in enumerate(lines, start=1)]
    return [*ended, *list_notes(gap)]


def _say_levers(gap: GapRow) -> list[str]:
    change = say_change(gap)
    if change:
        return [change]
    levers = [(words.LEVERS[code], count) for code, count in gap.levers.items() if count]
    if not levers:
        return []
    levers.sort(key=lambda lever: -lever[1])
    each = [f"{text}: {words.say_children(count)}." for text, count in levers]
    return [*each, words.LEVERS_OVERLAP]


def _say_certainty(gap: GapRow) -> list[str]:
    said = [f"{words.GRADES.get(gap.grade, gap.grade)}." if gap.grade else "", gap.grade_reason]
    if gap.unknown and gap.kind != "practice":
        said.append(f"For {words.say_percent(gap.unknown)} of its children it cannot be told.")
    return [" ".join(part for part in said if part)]


def _say_standing(gap: GapRow) -> list[str]:
    said = []
    if gap.rank is not None:
        scope = words.SCOPES.get(gap.scope, gap.scope).lower()
        band = words.say_band(gap.rank, gap.rank_low, gap.rank_high)
        said.append(f"Rank {gap.rank} of the {scope} gaps{f' ({band})' if band else ''}.")
    for name, code, meanings in (
        ("State", gap.state, words.STATES),
        ("Status", gap.status, words.STATUSES),
    ):
        if code:
            said.append(f"{name}: {code}{f', {meanings[code]}' if code in meanings else ''}.")
    if gap.first_reported:
        said.append(f"First reported {gap.first_reported}.")
    return [" ".join(said)]


# ---------------------------------------------------------------- the services


def _say_services(edition: Edition, gap: GapRow, reach: Reach, *, room: int) -> list[str]:
    if gap.kind == "practice":
        return _say_practice(edition, gap)
    looked_at = look_at_services(edition, gap, reach)
    if not looked_at:
        return ["", "Services looked at", "  None gives this element, here or anywhere else."]
    count = len(looked_at)
    lines = [
        "",
        f"Services looked at ({count}), the closest to helping first",
        *_wrap([_say_measured(edition, reach)]),
    ]
    shown = 0
    for service in looked_at:
        block = _write_item(_say_service(service))
        full = shown >= _LEAST_SERVICES and len(lines) + len(block) + 1 > room
        if shown == _MOST_SERVICES or full:
            break
        lines += block
        shown += 1
    if shown < count:
        lines.append(f"  and {count - shown} more that give {gap.element_id}")
    return lines


def _say_measured(edition: Edition, reach: Reach) -> str:
    measured = len(edition.times) and edition.travel.basis != "straight_line"
    how = edition.travel.words if measured else f"straight line × {reach.detour:g}"
    return f"How far: {how}, from where the people of this gap live."


def _say_service(service: LookedAt) -> str:
    bracketed = f", {service.distance}" if "(" in service.distance else f" ({service.distance})"
    return f"{clean_line(service.name)}{bracketed}: {service.reasons}"


def _say_practice(edition: Edition, gap: GapRow) -> list[str]:
    reach = edition.practice_reach
    names = {o.name: o.id for o in edition.framework.outcomes}
    wanted = {names.get(name, name) for name in gap.outcomes}
    serves = reach[
        (reach["axis"] == "outcome") & (reach["reached"] == "yes") & reach["key"].isin(list(wanted))
    ]["item_id"]
    lines = ["", "Good practice looked at"]
    ids = list(dict.fromkeys(serves))
    for id_ in ids[:_MOST_SERVICES]:
        own = reach[reach["item_id"] == id_]
        reached = own[(own["axis"] != "outcome") & (own["reached"] == "yes")]["label"]
        where = _shorten([clean_line(label) for label in reached]) or "nowhere that is known"
        lines += _write_item(f"{clean(own['item'].iloc[0])}: has reached {where}")
    if not ids:
        lines.append("  None is agreed for this outcome.")
    if len(ids) > _MOST_SERVICES:
        lines.append(f"  and {len(ids) - _MOST_SERVICES} more")
    return lines

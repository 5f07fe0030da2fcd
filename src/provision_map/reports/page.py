"""gap-register.html: the register as one file that opens anywhere and fetches nothing.

The table is written here, escaped, so that it reads without a script. The page's own script then
filters and sorts those rows, and builds the details from a JSON block with ``textContent`` only.
A content security policy admits that one script and that one style by their hashes.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from importlib import resources
from urllib.parse import quote

import pandas as pd

from provision_map.edition import Edition
from provision_map.reports import words
from provision_map.reports.markup import escape, hash_source, write_json
from provision_map.reports.page_columns import BLANK, PAGE_COLUMNS, PageColumn
from provision_map.reports.page_data import collect_page_data
from provision_map.reports.rows import GapRow, read_gap_rows
from provision_map.reports.text import clean, clean_list, whole

#: How many records to ask about are named before the rest is counted.
_ASKED_SHOWN = 6
#: The columns written here; the script makes the others when a reader chooses them.
_SHOWN = tuple(column for column in PAGE_COLUMNS if column.shown)


def render_register_page(edition: Edition, *, map_href: str = "index.html") -> str:
    """Return gap-register.html.

    Args:
        edition: what may be shown.
        map_href: address of the map, relative to the page. ``#gap=GAP-ID`` is added to it.

    """
    gaps = read_gap_rows(edition)
    script, style = _asset("register.js"), _asset("register.css")
    policy = (
        f"default-src 'none'; script-src {hash_source(script)}; style-src {hash_source(style)}; "
        "base-uri 'none'; form-action 'none'"
    )
    data = collect_page_data(gaps, data_status=clean(edition.data_status), map_href=map_href)
    title = f"Gap register: {clean(edition.title) or clean(edition.place)}"
    return "\n".join(
        (
            "<!DOCTYPE html>",
            '<html lang="en-GB">',
            "<head>",
            '<meta charset="utf-8">',
            f'<meta http-equiv="Content-Security-Policy" content="{escape(policy)}">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            '<meta name="referrer" content="no-referrer">',
            f"<title>{escape(title)}</title>",
            f"<style>{style}</style>",
            "</head>",
            "<body>",
            '<a class="skip" href="#gaps">Skip to the gaps</a>',
            _render_header(edition, map_href),
            '<main id="main">',
            _render_register(gaps),
            _render_questions(edition),
            _render_residual(edition),
            _render_reading(),
            "</main>",
            _render_footer(edition),
            f'<script type="application/json" id="register-data">{write_json(data)}</script>',
            f"<script>{script}</script>",
            "</body>",
            "</html>\n",
        )
    )


def _asset(name: str) -> str:
    text = (resources.files(__package__) / "assets" / name).read_text(encoding="utf-8")
    # Windows may have checked the file out with other line ends; a browser hashes what it is sent.
    return text.replace("\r\n", "\n")


def _say_long_date(edition: Edition) -> str:
    # Not strftime %-d: that is not the same everywhere.
    return f"{edition.date.day} {edition.date:%B %Y}"


def _render_header(edition: Edition, map_href: str) -> str:
    status = clean(edition.data_status)
    badge = f' <strong class="badge">{escape(status)}</strong>' if status else ""
    return (
        '<header class="top"><div class="wrap">'
        f'<p class="kicker">Gap register · {escape(edition.place)}{badge}</p>'
        f"<h1>{escape(edition.title)}</h1>"
        f'<p class="question">{escape(words.QUESTION)}</p>'
        f'<p class="as-at">As at <time datetime="{edition.date.isoformat()}">'
        f'{_say_long_date(edition)}</time><span class="ways"> · <a href="{escape(map_href)}">Open the map</a> · '
        '<a href="#questions">What we do not know</a> · <a href="#sources">Sources</a></span></p>'
        "</div></header>"
    )


def _render_register(gaps: Sequence[GapRow]) -> str:
    names = dict.fromkeys([*words.SCOPES, *(gap.group for gap in gaps)])
    order = sorted(names, key=lambda name: name == "closed")
    groups = "".join(_render_group(name, gaps) for name in order)
    return (
        '<section class="register" aria-labelledby="gaps">'
        '<div class="wrap columns"><div id="filters"></div><div class="results">'
        '<h2 id="gaps" tabindex="-1">Gaps</h2>'
        f'<p class="overlap">{escape(words.OVERLAP)}</p>'
        '<noscript><p class="message">Searching, filters, sorting and each gap’s details need '
        "JavaScript. Every column of every gap is also in gap-register.csv and gap-register.xlsx, "
        "which stand beside this page.</p></noscript>"
        '<div id="tools"></div>'
        '<div class="scroller" id="scroller">'
        '<table class="gaps" id="register"><caption class="unseen">Gaps in provision and quality, '
        "city-wide and local ones ranked apart</caption>"
        f"<thead><tr>{''.join(map(_render_heading, _SHOWN))}</tr></thead>"
        f"{groups}</table></div>"
        f"{_render_nothing(gaps)}"
        "</div></div></section>"
    )  # fmt: skip


def _render_nothing(gaps: Sequence[GapRow]) -> str:
    if gaps:
        return ""
    return (
        '<p class="message">No gap is in this register. That is not the same as no gap: '
        'see <a href="#questions">what we do not know</a>.</p>'
    )


def _classes(column: PageColumn) -> str:
    return f'class="c-{column.name}{" number" if column.number else ""}"'


def _render_heading(column: PageColumn) -> str:
    return f'<th scope="col" {_classes(column)}>{escape(column.heading)}</th>'


def _render_group(group: str, gaps: Sequence[GapRow]) -> str:
    rows = [gap for gap in gaps if gap.group == group]
    if not rows:
        return ""
    name = words.CLOSED if group == "closed" else words.SCOPES.get(group, group)
    ranked = "not ranked" if group == "closed" else "ranked among themselves"
    heading = f'{escape(name)}<span class="count"> {len(rows)}, {ranked}</span>'
    return (
        f'<tbody data-group="{escape(group)}" data-ranked="{ranked}"><tr class="group">'
        f'<th scope="rowgroup" colspan="{len(_SHOWN)}">{heading}</th></tr>'
        f"{''.join(map(_render_row, rows))}</tbody>"
    )


def _render_row(gap: GapRow) -> str:
    cells = "".join(_render_cell(column, gap) for column in _SHOWN)
    return f'<tr class="gap" id="{escape(gap.gap_id)}">{cells}</tr>'


def _render_cell(column: PageColumn, gap: GapRow) -> str:
    start = f'{_classes(column)} data-label="{escape(column.heading)}"'
    text = column.text(gap)
    if column.name == "title":
        link = f'<a class="open" href="#{escape(quote(gap.gap_id, safe=""))}">{escape(gap.title or gap.gap_id)}</a>'
        return f'<th scope="row" {start}>{link} <span class="ref">{escape(gap.gap_id)}</span></th>'
    if column.name in ("grade", "state", "status") and text != BLANK:
        return f'<td {start}><span class="tag t-{_slug(text)}">{escape(text)}</span></td>'
    if column.name == "children" and gap.children is not None:
        return f"<td {start}>{escape(text)}{_render_share(gap.uncovered)}</td>"
    if column.name == "children":
        text = "not counted"
    return f"<td {start}>{escape(text)}</td>"


def _slug(text: str) -> str:
    """Return a class name that only ever holds letters and hyphens."""
    return "".join(c if c.isascii() and c.isalpha() else "-" for c in text.lower())


def _render_share(share: float | None) -> str:
    """Write a share of the children there, with a small bar that the number says in words."""
    if share is None:
        return ""
    width = min(max(share, 0.0), 1.0) * 40
    return (
        ' <span class="of"><svg class="share" viewBox="0 0 40 6" aria-hidden="true">'
        '<rect class="whole" width="40" height="6"/>'
        f'<rect class="part" width="{width:.1f}" height="6"/></svg>{words.say_percent(share)}</span>'
    )


def _render_table(
    id_: str, headings: Iterable[tuple[str, str]], rows: Iterable[Sequence[str]], caption: str
) -> str:
    """Write a plain table from cells that are markup already."""
    heads = list(headings)
    top = "".join(f'<th scope="col" class="{kind}">{escape(name)}</th>' for name, kind in heads)
    body = "".join(
        "<tr>"
        + "".join(
            f'<td class="{kind}" data-label="{escape(name)}">{cell}</td>'
            for (name, kind), cell in zip(heads, row, strict=True)
        )
        + "</tr>"
        for row in rows
    )
    return (
        f'<table class="plain" id="{id_}"><caption class="unseen">{escape(caption)}</caption>'
        f"<thead><tr>{top}</tr></thead><tbody>{body}</tbody></table>"
    )


def _name_element(edition: Edition, code: str) -> str:
    element = edition.framework.elements.get(code)
    return f"{code} {element.name}" if element else code


def _render_questions(edition: Edition) -> str:
    frame = _sort_by_children(edition.questions)
    intro = (
        "<p>Where a record is missing, old or blank, the software does not guess. It leaves the "
        "children out of the gaps and asks. The same child can stand in several lines, "
        "so they are not added up either.</p>"
    )
    rows = [
        (
            escape(_name_element(edition, clean(q.get("element_id")))),
            escape(words.UNKNOWN_REASONS.get(clean(q.get("reason")), clean(q.get("reason")))),
            _say_count(whole(q.get("children"))),
            _render_asked(clean_list(q.get("ask"))),
        )
        for q in frame.to_dict("records")
    ]
    headings = (
        ("Element", ""), ("What we do not know", ""),
        ("Children it concerns", "number"), ("Records to ask about", "asked"),
    )  # fmt: skip
    body = (
        intro + _render_table("questions-table", headings, rows, "What we do not know")
        if rows
        else "<p>No question is open.</p>"
    )
    return _render_section("questions", "Questions: what we do not know", body)


def _sort_by_children(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.sort_values(
        "children", ascending=False, kind="stable", na_position="last", key=_to_numbers
    )


def _to_numbers(column: pd.Series[float]) -> pd.Series[float]:
    return pd.to_numeric(column)


def _say_count(count: int | None) -> str:
    return "not counted" if count is None else f"{count:,}"


def _render_asked(asked: Sequence[str]) -> str:
    def items(texts: Sequence[str]) -> str:
        return f"<ul>{''.join(f'<li>{escape(text)}</li>' for text in texts)}</ul>"

    first, rest = asked[:_ASKED_SHOWN], asked[_ASKED_SHOWN:]
    if not rest:
        return items(first)
    return f"{items(first)}<details><summary>and {len(rest)} more</summary>{items(rest)}</details>"


def _render_residual(edition: Edition) -> str:
    rows = [
        (
            escape(_name_element(edition, clean(r.get("element_id")))),
            escape(words.KINDS.get(clean(r.get("kind")), clean(r.get("kind")))),
            _say_count(whole(r.get("children"))),
        )
        for r in _sort_by_children(edition.residual).to_dict("records")
    ]
    headings = (("Element", ""), ("Kind", ""), ("Children not covered", "number"))
    intro = (
        "<p>Children not covered who live in stretches too small for an entry of their own. "
        "They are named so that nobody is dropped without a word.</p>"
    )
    body = (
        intro + _render_table("residual-table", headings, rows, "Too small for an entry")
        if rows
        else "<p>Nothing was too small for an entry.</p>"
    )
    return _render_section("residual", "Too small for an entry", body)


def _render_reading() -> str:
    def terms(meanings: dict[str, str]) -> str:
        return "".join(
            f"<dt>{escape(name)}</dt><dd>{escape(meaning)}</dd>"
            for name, meaning in meanings.items()
        )

    causes = {words.CAUSE_NAMES[code]: text for code, text in words.CAUSES.items()}
    grades = {code: text.split(": ", 1)[-1] for code, text in words.GRADES.items()}
    body = (
        f"<p>{escape(words.STATE_OR_STATUS)}</p>"
        "<p>Priority is children not covered × need × severity. Need is 0.2 in the least and 1.8 "
        "in the most deprived tenth of neighbourhoods; severity is the share of the standard that "
        "is missing. The rank band says where the entry stands in 90% of the settings tried. "
        "City-wide and local gaps are ranked apart, since size alone would put the first in "
        "front.</p>"
        '<div class="terms">'
        f"<div><h3>Causes, in the order tested</h3><dl>{terms(causes)}</dl></div>"
        f"<div><h3>Grade: how sure</h3><dl>{terms(grades)}</dl></div>"
        f"<div><h3>State: what is measured</h3><dl>{terms(words.STATES)}</dl></div>"
        f"<div><h3>Status: what was decided</h3><dl>{terms(words.STATUSES)}</dl></div>"
        "</div>"
    )
    return _render_section("reading", "How to read this register", body)


def _render_section(id_: str, heading: str, body: str) -> str:
    return (
        f'<section class="wrap further" aria-labelledby="{id_}">'
        f'<h2 id="{id_}" tabindex="-1">{escape(heading)}</h2>{body}</section>'
    )


def _render_footer(edition: Edition) -> str:
    notes = "".join(f"<li>{escape(note)}</li>" for note in edition.notes)
    rows = [
        tuple(escape(text) for text in (s.file, s.source or "not stated", s.licence, s.date))
        for s in edition.sources
    ]
    headings = (("File", "file"), ("Source", ""), ("Licence", ""), ("Date", ""))
    table = _render_table("sources-table", headings, rows, "Sources") if rows else ""
    status = clean(edition.data_status)
    line = f"<p>The data: <strong>{escape(status)}</strong>.</p>" if status else ""
    return (
        '<footer class="bottom"><div class="wrap"><h2 id="sources" tabindex="-1">Sources and '
        f"notes</h2>{line}{f'<ul>{notes}</ul>' if notes else ''}{table}</div></footer>"
    )

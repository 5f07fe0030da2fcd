"""The plain words of the workbook that organisations fill in: what each column asks for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

#: By sheet and column. What stands above the heading, so that it is read before it is needed.
HELP: Mapping[str, Mapping[str, str]] = {
    "Organisation": {
        "name": "The name of your organisation.",
        "sector": "Choose the one that fits best.",
        "charity_number": "Your number in the register of charities, if you have one.",
        "contact_role": "The role we can ask, such as: youth work manager. No name, no telephone number.",
        "elements": "Which elements this return speaks for: all, or their codes with ; between. If all of an element's services are here, and there are none, we know that there is a gap.",
        "places": "Which neighbourhoods it speaks for: all, or their names with ; between.",
        "received": "Is this everything you provide of these elements in these places? yes, or partly.",
        "received_on": "The day on which you filled this in, as 2026-01-31.",
        "organisation_id": "Filled in by us. Leave it as it is; leave it blank if you do not know it.",
        "due": "The day on which the return was due.",
    },
    "Services": {
        "name": "The name that families use. One row for each place where it runs.",
        "elements": "What it gives. Choose from the list; a second and a third in the next columns.",
        "postcode": "Of the site. Leave it blank if you come to people; then fill in the next column.",
        "service_area": "Only if it comes to people (outreach, online): all, or the neighbourhoods, with ; between.",
        "minimum_age": "Youngest age, in whole years.",
        "maximum_age": "Oldest age; a child of that age may still come.",
        "open_to": "everyone, or the communities it is for, with ; between.",
        "not_open_to": "Communities that cannot use it, if any.",
        "access": "What disabled children find there. none: nothing is in place. Blank: not known.",
        "cost": "What one visit costs a child, in £. 0 is free.",
        "booking": "drop-in, booking or referral.",
        "capacity": "Places in one session. none: no limit. Blank: not known.",
        "languages": "Languages that it works in, with ; between.",
        "publicised": "yes if families are told of it where they look.",
        "description": "What it is, in a sentence or two.",
        "outcomes": "Leave blank: those of its elements count. Or choose others.",
        "space_types": "For places to play or to go only: the types of space, with ; between.",
        "assured_date": "The day on which this row was last checked, as 2026-01-31.",
        "place_id": "Leave blank if you give a postcode.",
        "longitude": "Leave blank if you give a postcode. About -2.2.",
        "latitude": "Leave blank if you give a postcode. About 51.8.",
        "easting": "Filled in by us. Leave it as it is.",
        "northing": "Filled in by us. Leave it as it is.",
        "location_accuracy": "If the position is only about right: to how many metres.",
        "service_id": "Filled in by us. Leave it as it is; blank for a new service.",
        "organisation_id": "Only if another organisation runs it. Blank: you.",
    },
    "Sessions": {
        "service_id": "Choose one of your services by its name.",
        "weekday": "The day. A row for each day; blank for holidays if the day varies.",
        "start": "As 18:30.",
        "end": "As 20:00; midnight is 24:00.",
        "period": "term, holidays or all year.",
        "holidays": "If in holidays: which. Choose; a second and a third in the next columns.",
        "schedule": "Only if it is not every week: an iCalendar rule, as FREQ=WEEKLY;INTERVAL=2. Ask us if unsure.",
        "valid_from": "First day, if it began lately or is yet to begin.",
        "valid_to": "Last day, if it is to end.",
    },
    "Quality": {
        "service_id": "Choose one of your services by its name.",
        "date": "Day of the inspection, visit or survey, as 2026-01-31.",
        "evidence": "inspection, award, visit or feedback.",
        "scheme": "Which scheme: the name of the award, the inspectorate, your survey.",
        "answers": "For feedback: how many answered.",
        "result": "meets or below the scheme's pass level.",
    },
    "Practice": {
        "title": "A name for it, in a line.",
        "what_works": "What you do, and why it works.",
        "elements": "What it belongs to. Choose from the list; a second in the next column.",
        "outcomes": "Leave blank: those of its elements count. Or choose others.",
        "reached_places": "Neighbourhoods where it is done: all, none, or their names with ; between.",
        "reached_communities": "Communities it has reached: everyone, none, or their names with ; between.",
        "evidence_level": "promising, validated (somebody looked at results), or replicated (works elsewhere too).",
        "agreed_on": "Filled in by the partnership. Leave it as it is.",
        "practice_id": "Filled in by us. Leave it as it is; blank for a new one.",
        "organisation_id": "Only if another organisation does it. Blank: you.",
    },
    "Participation": {
        "service_id": "Choose one of your services by its name.",
        "first_day": "First day counted, as 2025-09-01.",
        "last_day": "Last day counted, as 2026-08-31.",
        "minimum_age": "Youngest counted. Blank: all ages.",
        "maximum_age": "Oldest counted. Blank: all ages.",
        "community": "The community counted. Blank or everyone: all who came.",
        "children": "Different children who came at least once. none: nobody came. withheld: you cannot tell us.",
    },
}  # fmt: skip

#: The first sheet: headings, and lines of two cells.
START_LINES: Sequence[tuple[str, Sequence[tuple[str, str]]]] = (
    (
        "What this is",
        (
            ("", "A list of what you provide for children and young people, so that the partnership can see which children are reached by what, and which are not."),
            ("", "It takes about an hour for ten services. You can stop, save, and go on another day."),
        ),
    ),
    (
        "How to fill it in",
        (
            ("1", "Organisation: one row about you, and what this return speaks for."),
            ("2", "Services: one row for each service at each place."),
            ("3", "Sessions: one row for each day on which a service runs."),
            ("4", "Quality, Practice, Participation: if you have something to say. Blank sheets are fine."),
            ("5", "Save it as it is (an Excel workbook, .xlsx, or OpenDocument, .ods) and send it back."),
            ("", "Row 2 of each sheet says what each column asks for. Columns with * must be filled in. Arrows in cells open lists; the sheet Codes shows all of them."),
            ("", "For several things in one cell write ; between them, as: English; Polish."),
            ("", "Rows may stand in any order. Please leave the headings as they are."),
        ),
    ),
    (
        "The least we need",
        (
            ("", "What it is (name, elements), where it is (postcode, or the area it comes to), when (sessions: day, start, end, and the dates if it is not all year), conditions (open to, cost, booking), and access for disabled children."),
        ),
    ),
    (
        "Five things that are not the same",
        (
            ("(blank)", "not known. It shows as unknown, never as none. Leave blank what you do not know; do not guess."),
            ("none", "there is none: no limit of places, no charge, no access features, nobody came."),
            ("0", "the number nought: a cost of £0, or 0 places."),
            ("tbd", "to be decided: you know of it, and will know later."),
            ("withheld", "you know it, and cannot tell us."),
        ),
    ),
    (
        "No personal data",
        (
            ("", "No names of persons, no telephone numbers, no e-mail addresses: roles only. Never anything about a single child."),
        ),
    ),
)  # fmt: skip

"""The tables that come in: what the files of an exercise hold."""

from __future__ import annotations

from provision_map.schema import Column, Table
from provision_map.tables.words import (
    ACCESS_FEATURES,
    HOLIDAYS,
    SECTORS,
    SPACE_TYPES,
    WEEKDAYS,
)

ORGANISATIONS = Table(
    "organisations",
    "Who provides services. Roles only: no names of persons, no telephone numbers.",
    (
        Column("organisation_id", "text", "Identifier of the organisation.", required=True),
        Column("name", "text", "Name of the organisation.", required=True),
        Column("sector", "text", "Sector it belongs to.", required=True, values=SECTORS),
        Column(
            "charity_number",
            "text",
            "Number in the register of charities, where it has one.",
        ),
        Column("contact_role", "text", "The role to ask, never a person's name."),
    ),
    key=("organisation_id",),
)

SERVICES = Table(
    "services",
    "What is provided, where and for whom. A blank cell means unknown, and shows as unknown.",
    (
        Column("service_id", "text", "Identifier of the service.", required=True),
        Column("name", "text", "Name people use.", required=True),
        Column("description", "text", "What it is, in a sentence or two."),
        Column("organisation_id", "text", "Who provides it.", required=True),
        Column(
            "elements",
            "list",
            "Codes of the Offer elements it gives; `;` between them.",
            required=True,
        ),
        Column("outcomes", "list", "Codes of ECM outcomes or aims. Blank: those of its elements."),
        Column(
            "place_id",
            "text",
            "Code of the place it stands in. A given code wins over the polygon its point falls in.",
        ),
        Column(
            "postcode",
            "text",
            "Postcode of the site: gives the position where no other is given, if postcodes are named.",
        ),
        Column("easting", "number", "Position, in the exercise's projected system.", unit="m"),
        Column("northing", "number", "Position, in the exercise's projected system.", unit="m"),
        Column(
            "longitude",
            "number",
            "Position, WGS 84; used where easting is blank.",
            unit="°",
            minimum=-180,
            maximum=180,
        ),
        Column(
            "latitude",
            "number",
            "Position, WGS 84; used where northing is blank.",
            unit="°",
            minimum=-90,
            maximum=90,
        ),
        Column(
            "location_accuracy",
            "number",
            "The site lies within this distance of the position. Blank with a position: exact.",
            unit="m",
            minimum=0,
        ),
        Column(
            "service_area",
            "list",
            "Place or neighbourhood codes, or `all`, that it comes to (outreach, referral, online): no distance there.",
        ),
        Column(
            "minimum_age", "integer", "Youngest age admitted.", unit="years", minimum=0, maximum=25
        ),
        Column(
            "maximum_age",
            "integer",
            "Oldest age admitted, inclusive.",
            unit="years",
            minimum=0,
            maximum=99,
        ),
        Column(
            "capacity",
            "number",
            "Places in one session. Blank is unknown; `none` is no limit.",
            unit="places",
            minimum=0,
            none_means=float("inf"),
        ),
        Column("open_to", "list", "`everyone`, or the communities it is for. Blank is unknown."),
        Column("not_open_to", "list", "Communities that cannot use it."),
        Column(
            "access",
            "list",
            "What disabled children find there; `none` where nothing is in place. Blank is unknown.",
            values=ACCESS_FEATURES,
        ),
        Column("languages", "list", "Languages it works in. Blank is unknown."),
        Column(
            "cost",
            "number",
            "What one visit costs a child. 0 or `none` is free; blank is unknown.",
            unit="£",
            minimum=0,
            none_means=0.0,
        ),
        Column("publicised", "yes_no", "Whether families are told of it where they look."),
        Column(
            "space_types",
            "list",
            "For places to play or to go: the types of space on the site.",
            values=SPACE_TYPES,
        ),
        Column("booking", "text", "Conditions: drop-in, booking, referral."),
        Column(
            "assured_date", "date", "Day on which the record was last checked with the provider."
        ),
    ),
    key=("service_id",),
)

SESSIONS = Table(
    "sessions",
    "When a service runs. A half-hour counts when the whole of it is inside the session.",
    (
        Column("service_id", "text", "The service.", required=True),
        Column(
            "weekday",
            "text",
            "Day of the week. May be blank for a holiday session.",
            values=WEEKDAYS,
        ),
        Column("start", "time", "Start. Blank is unknown."),
        Column("end", "time", "End, on the same day. Blank is unknown."),
        Column(
            "period",
            "text",
            "When in the year. Must be given unless a schedule says it.",
            values=("term", "holidays", "all year"),
        ),
        Column(
            "holidays",
            "list",
            "For sessions in holidays: which. Blank is unknown.",
            values=HOLIDAYS,
        ),
        Column(
            "schedule",
            "text",
            "Instead of weekday and period: an iCalendar rule (RRULE) of the days, as `FREQ=WEEKLY;INTERVAL=2;BYDAY=TU,TH`. Held against the term dates.",
        ),
        Column(
            "valid_from", "date", "First day on which the session holds; a rule counts from it."
        ),
        Column("valid_to", "date", "Last day on which the session holds."),
    ),
)

TERM_DATES = Table(
    "term_dates",
    "When school is, when it is not, and days on which nothing runs: what schedules are held against.",
    (
        Column(
            "kind",
            "text",
            "`term`, `holiday`, or `closed` for days on which nothing runs (bank holidays).",
            required=True,
            values=("term", "holiday", "closed"),
        ),
        Column("name", "text", "For a holiday: which. Else free text."),
        Column("first_day", "date", "First day.", required=True),
        Column("last_day", "date", "Last day.", required=True),
    ),
)

QUALITY = Table(
    "quality",
    "Evidence of quality: one row an inspection, an award, a visit or a round of feedback.",
    (
        Column("service_id", "text", "The service.", required=True),
        Column("date", "date", "Day of the inspection, visit or survey.", required=True),
        Column(
            "evidence",
            "text",
            "Kind of evidence. Visits and feedback are soft: fewer than three visits, or under ten answers, decide nothing.",
            required=True,
            values=("inspection", "award", "visit", "feedback"),
        ),
        Column("scheme", "text", "Scheme used, as the source names it."),
        Column("answers", "integer", "For feedback: number of answers.", minimum=0),
        Column(
            "result",
            "text",
            "Against the scheme's pass level.",
            required=True,
            values=("meets", "below"),
        ),
    ),
)

RETURNS = Table(
    "returns",
    "What was asked for, and what came back. Where nothing complete came back, absence is unknown, not none.",
    (
        Column("organisation_id", "text", "Who was to answer.", required=True),
        Column("elements", "list", "Elements it speaks for, or `all`.", required=True),
        Column(
            "places", "list", "Place or neighbourhood codes it speaks for, or `all`.", required=True
        ),
        Column("due", "date", "Day on which the return was due."),
        Column(
            "received", "text", "Whether it came.", required=True, values=("yes", "partly", "no")
        ),
        Column(
            "received_on",
            "date",
            "Day on which it came. Blank with a return received: its age is unknown.",
        ),
    ),
)

PRACTICE = Table(
    "practice",
    "Good practice: what worked, and how far it has spread.",
    (
        Column("practice_id", "text", "Identifier of the practice.", required=True),
        Column("title", "text", "Title.", required=True),
        Column("organisation_id", "text", "Who does it.", required=True),
        Column("elements", "list", "Offer elements it belongs to.", required=True),
        Column("outcomes", "list", "ECM outcomes or aims. Blank: those of its elements."),
        Column(
            "reached_places",
            "list",
            "Place or neighbourhood codes it has reached, or `all`, or `none`. Blank is unknown.",
        ),
        Column(
            "reached_communities",
            "list",
            "Communities it has reached, `everyone`, or `none`. Blank is unknown.",
        ),
        Column(
            "evidence_level",
            "text",
            "Strength of the evidence.",
            values=("promising", "validated", "replicated"),
        ),
        Column("what_works", "text", "What it does and why it works."),
        Column(
            "agreed_on",
            "date",
            "Day on which the partnership agreed it as good practice. Blank: not agreed, and not counted.",
        ),
    ),
    key=("practice_id",),
)

NEIGHBOURHOODS = Table(
    "neighbourhoods",
    "Named neighbourhoods as dated sets of places.",
    (
        Column("place_id", "text", "The place.", required=True),
        Column("neighbourhood_id", "text", "Code of the neighbourhood.", required=True),
        Column("neighbourhood", "text", "Name people use.", required=True),
        Column("valid_from", "date", "First day on which this holds."),
        Column("valid_to", "date", "Last day on which this holds. Blank: still so."),
    ),
    key=("place_id", "neighbourhood_id", "valid_from"),
)

LOOKUP = Table(
    "lookup",
    "From the codes of places in an earlier year, which the register remembers, to today's. A code that was split has a row for each successor.",
    (
        Column("from_id", "text", "The earlier code.", required=True),
        Column("to_id", "text", "The code of today.", required=True),
    ),
    key=("from_id", "to_id"),
)

PARTICIPATION = Table(
    "participation",
    "How many children came. Kept, and given on to nobody: small counts never leave the exercise.",
    (
        Column("service_id", "text", "The service.", required=True),
        Column("first_day", "date", "First day counted.", required=True),
        Column("last_day", "date", "Last day counted.", required=True),
        Column("minimum_age", "integer", "Youngest counted.", unit="years", minimum=0, maximum=25),
        Column(
            "maximum_age",
            "integer",
            "Oldest counted, inclusive.",
            unit="years",
            minimum=0,
            maximum=99,
        ),
        Column("community", "text", "The community counted, or `everyone`."),
        Column(
            "children",
            "integer",
            "Different children who came at least once. `none` is 0, `withheld` a count not told; blank is unknown.",
            unit="children",
            minimum=0,
            none_means=0.0,
        ),
    ),
)

SAME_SERVICES = Table(
    "same_services",
    "What people decided of suspected duplicates. Only `yes` merges two records; `no` is not asked again.",
    (
        Column(
            "service_id", "text", "The record that is dropped if they are the same.", required=True
        ),
        Column("same_as", "text", "The record that is kept.", required=True),
        Column(
            "same",
            "text",
            "Whether both are one service. Blank: not decided.",
            values=("yes", "no"),
        ),
        Column("decided_on", "date", "Day of the decision."),
        Column("role", "text", "The role that decided, never a person's name."),
        Column("reason", "text", "Why."),
    ),
    key=("service_id", "same_as"),
)

INPUT_TABLES = (
    ORGANISATIONS,
    SERVICES,
    SESSIONS,
    QUALITY,
    RETURNS,
    PRACTICE,
    NEIGHBOURHOODS,
    LOOKUP,
    TERM_DATES,
    PARTICIPATION,
    SAME_SERVICES,
)

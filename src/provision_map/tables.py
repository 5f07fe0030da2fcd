"""The data dictionary: every table that comes in, and every table that a stage hands on.

docs/data-dictionary.md is generated from here (``python tools/write_docs.py``); a test holds the
two equal.
"""

from __future__ import annotations

from provision_map.schema import Column, Table

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
HOLIDAYS = ("October half term", "Christmas", "February half term", "Easter", "May half term", "Summer")  # fmt: skip
SPACE_TYPES = ("LAP", "LEAP", "NEAP", "MUGA", "skate", "shelter")
ACCESS_FEATURES = ("step_free", "accessible_toilet", "changing_place", "hearing_loop", "quiet_space", "trained_staff", "none")  # fmt: skip
SECTORS = ("county council", "city council", "school", "children's centre", "health", "police and justice", "voluntary", "faith", "housing", "private")  # fmt: skip
UNKNOWN_REASONS = ("inventory", "record", "location", "hours", "ages", "groups", "capacity", "quality")  # fmt: skip
CAUSES = ("none", "far", "time", "age", "group", "full", "quality")
GROUP_REASONS = ("closed", "access", "language", "cost", "information")
LEVERS = ("far", "time", "age", "group", "full", "quality")
GRADES = ("confirmed", "probable", "data gap")
#: The state of an entry whose children are reached now.
CLOSED = "closed by measure"
STATES = ("new", "persisting", "improved", "worsened", "closed by measure", "cannot tell")
STATUSES = ("proposed", "identified", "in progress", "resolved", "accepted", "duplicate", "reopened")  # fmt: skip

# ---------------------------------------------------------------- what comes in

ORGANISATIONS = Table(
    "organisations",
    "Who provides services. Roles only: no names of persons, no telephone numbers.",
    (
        Column("organisation_id", "text", "Identifier of the organisation.", required=True),
        Column("name", "text", "Name of the organisation.", required=True),
        Column("sector", "text", "Sector it belongs to.", required=True, values=SECTORS),
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

# ---------------------------------------------------------------- what the stages hand on

PLACES = Table(
    "places",
    "A neighbourhood at the finest level of the exercise.",
    (
        Column("place_id", "text", "Code of the place.", required=True),
        Column("name", "text", "Name people use: neighbourhood · short code.", required=True),
        Column("level", "text", "Kind of geography.", computed=True),
        Column("neighbourhood_id", "text", "Code of the neighbourhood it lies in.", computed=True),
        Column("neighbourhood", "text", "Name of the neighbourhood it lies in.", computed=True),
        Column("authority", "text", "Authority that bounds a gap.", computed=True),
        Column(
            "easting",
            "number",
            "Where its people live: the population-weighted centroid.",
            unit="m",
            computed=True,
        ),
        Column("northing", "number", "The same.", unit="m", computed=True),
        Column(
            "approximate",
            "yes_no",
            "Yes where no weighted centroid was given and a point inside stands in.",
            computed=True,
        ),
        Column(
            "imd_decile",
            "number",
            "Index of Multiple Deprivation decile, 1 the most deprived tenth.",
            computed=True,
        ),
        Column(
            "geometry", "geometry", "Outline in the exercise's projected system.", computed=True
        ),
    ),
    key=("place_id",),
)

PEOPLE = Table(
    "people",
    "Children by place, single year of age and community.",
    (
        Column("place_id", "text", "The place.", required=True),
        Column("age", "integer", "Single year of age.", unit="years", required=True),
        Column("community_id", "text", "`everyone`, or one ethnic group.", required=True),
        Column("children", "number", "How many.", unit="children", required=True),
        Column(
            "basis",
            "text",
            "`measured`, or `estimated` as place × age count × the group's share of the place's residents.",
            values=("measured", "estimated"),
            computed=True,
        ),
    ),
    key=("place_id", "age", "community_id"),
)

HOMES = Table(
    "homes",
    "Points where the people of each place live: one a place, or several (output areas, postcodes).",
    (
        Column(
            "home_id", "text", "Code of the point; of the place, where it has one.", required=True
        ),
        Column("place_id", "text", "The place it belongs to.", required=True),
        Column("easting", "number", "Where it is.", unit="m", required=True),
        Column("northing", "number", "The same.", unit="m", required=True),
        Column(
            "share",
            "number",
            "Share of the place's people who live there; adds up to 1 over a place.",
            required=True,
        ),
    ),
    key=("home_id",),
)

TRAVEL_TIMES = Table(
    "travel_times",
    "How far each site is from where people live. A pair that is not here lies beyond `searched_to`, or was not searched.",
    (
        Column("from_id", "text", "The home: a place, or a point of one.", required=True),
        Column("to_id", "text", "The service.", required=True),
        Column(
            "mode",
            "text",
            "walk, cycle, drive, public_transport, …; `outreach` where the service comes.",
            required=True,
        ),
        Column(
            "minutes",
            "number",
            "Time on the way. Blank: searched, and beyond `searched_to`.",
            unit="min",
        ),
        Column(
            "metres",
            "number",
            "Length of the way: along streets, or straight line × detour factor. Blank: not known, only the time is.",
            unit="m",
        ),
        Column(
            "accuracy",
            "number",
            "Distance walked that the site's position leaves open, either way.",
            unit="m",
            required=True,
        ),
        Column(
            "searched_to",
            "number",
            "Bound of the search: beyond it is not searched, never none.",
            unit="min",
            required=True,
        ),
    ),
    key=("from_id", "to_id", "mode"),
)

COVERAGE = Table(
    "coverage",
    "The waterfall. Shares of one child: covered + the causes + the unknowns = 1.",
    (
        Column("offer_id", "text", "The Offer.", required=True),
        Column("element_id", "text", "The element.", required=True),
        Column("place_id", "text", "The place.", required=True),
        Column("age", "integer", "Single year of age.", unit="years", required=True),
        Column(
            "community_id",
            "text",
            "`everyone`, `bme`, an ethnic group, or a community without counts.",
            required=True,
        ),
        Column(
            "children",
            "number",
            "Children in the cell; blank for a community without small-area counts.",
            unit="children",
        ),
        Column(
            "covered",
            "number",
            "Certainly reached by provision that meets the standard and is of known quality.",
            unit="share",
        ),
        Column(
            "reached",
            "number",
            "Certainly reached by provision that meets the standard, whatever its quality.",
            unit="share",
        ),
        *(
            Column(f"cause_{c}", "number", f"Certainly not covered, because of: {c}.", unit="share")
            for c in CAUSES
        ),
        *(
            Column(f"unknown_{r}", "number", f"Cannot be told, because of: {r}.", unit="share")
            for r in UNKNOWN_REASONS
        ),
        *(
            Column(f"group_{r}", "number", f"Part of cause_group: {r}.", unit="share")
            for r in GROUP_REASONS
        ),
        *(
            Column(
                f"lever_{c}",
                "number",
                f"Further share covered if only {c} were lifted. These do not add up.",
                unit="share",
            )
            for c in LEVERS
        ),
        Column(
            "missing",
            "number",
            "Share of the standard that is missing for those not covered.",
            unit="share",
        ),
        Column("missing_parts", "text", "The holidays or types of space that are not reached."),
        Column(
            "near_limit",
            "number",
            "1 where the nearest site lies within 20 % of the distance limit.",
            unit="share",
        ),
    ),
    key=("element_id", "place_id", "age", "community_id"),
)

GAPS = Table(
    "gaps",
    "Uncovered children that share an element, a family of causes and a stretch of neighbouring places.",
    (
        Column("offer_id", "text", "The Offer; blank for a gap in good practice.", required=True),
        Column("element_id", "text", "The element; blank for a gap in good practice."),
        Column("outcomes", "list", "ECM outcomes served."),
        Column(
            "kind",
            "text",
            "What is missing.",
            values=("provision", "quality", "community", "practice"),
        ),
        Column(
            "family",
            "text",
            "Family of causes.",
            values=("reach", "terms", "quality", "community", "practice"),
        ),
        Column("scope", "text", "How far it goes.", values=("city-wide", "local")),
        Column("community_id", "text", "`everyone`, or the community concerned."),
        Column("minimum_age", "integer", "Youngest age.", unit="years"),
        Column("maximum_age", "integer", "Oldest age.", unit="years"),
        Column("places", "list", "Codes of its places."),
        Column(
            "neighbourhoods",
            "list",
            "Names of the neighbourhoods, with the number of places and children in each.",
        ),
        Column("cells", "list", "Its cells: place and age."),
        Column(
            "children",
            "number",
            "Children certainly not covered. Blank: not counted, or too few to show. Never add up over gaps: they overlap.",
            unit="children",
        ),
        Column("population", "number", "Children in its cells.", unit="children"),
        Column("covered", "number", "Share of its children covered.", unit="share"),
        Column("unknown", "number", "Share of its children that cannot be told.", unit="share"),
        Column("uncovered", "number", "Share of its children certainly not covered.", unit="share"),
        *(Column(f"cause_{c}", "number", f"Children: {c}.", unit="children") for c in CAUSES),
        *(
            Column(
                f"lever_{c}",
                "number",
                f"Children covered if only {c} were lifted.",
                unit="children",
            )
            for c in LEVERS
        ),
        Column(
            "missing_parts",
            "text",
            "The holidays or types of space that most of its children lack.",
        ),
        Column("main_cause", "text", "The cause that holds at least 60 %, or `mixed causes`."),
        Column("title", "text", "One line that a councillor understands."),
        Column("need", "number", "Mean of (11 − IMD decile) / 5.5 over its children."),
        Column("severity", "number", "Share of the standard missing, 0.1 to 1; 0.5 for quality."),
        Column("priority", "number", "children × need × severity."),
        Column("rank", "integer", "Rank by priority within its scope."),
        Column("rank_low", "integer", "5 % of ranks over the seeded settings."),
        Column("rank_high", "integer", "95 % of ranks over the seeded settings."),
        Column("grade", "text", "How sure: the worst component.", values=GRADES),
        Column("grade_reason", "text", "The component that set the grade, in words."),
    ),
)

ENTRIES = Table(
    "entries",
    "The gap register: a gap as it was first reported, what its own cells measure now, and what people decided. All columns of `gaps`, and:",
    (
        Column("gap_id", "text", "Given once by the register, and kept.", required=True),
        Column("state", "text", "What the run measures.", values=STATES),
        Column("status", "text", "What people decided.", values=STATUSES),
        Column("owner_role", "text", "Role that owns it."),
        Column("first_reported", "date", "Day of the exercise in which it was first reported."),
        Column(
            "reference_uncovered",
            "number",
            "Share uncovered at the first report or at the last reported move.",
            unit="share",
        ),
        Column("reference_unknown", "number", "Share that could not be told then.", unit="share"),
    ),
    key=("gap_id",),
)

REACH_MATRIX = Table(
    "reach_matrix",
    "Services or good practice × neighbourhood, BME community, looked-after children and ECM outcome.",
    (
        Column("item_id", "text", "The service or the practice.", required=True),
        Column("item", "text", "Its name."),
        Column(
            "axis",
            "text",
            "What it is held against.",
            values=("neighbourhood", "community", "outcome"),
        ),
        Column("key", "text", "Code on that axis."),
        Column("label", "text", "Name on that axis."),
        Column("reached", "text", "Unknown is not no.", values=("yes", "no", "unknown")),
    ),
    key=("item_id", "axis", "key"),
)

SLOTS = ("after school", "evening", "weekend", "holiday")

WEEK = Table(
    "week",
    "The time view: what is open when, within reach of the children of each place.",
    (
        Column("offer_id", "text", "The Offer.", required=True),
        Column("element_id", "text", "The element.", required=True),
        Column("place_id", "text", "The place.", required=True),
        Column("weekday", "text", "Day of the week.", required=True, values=WEEKDAYS),
        Column(
            "slot",
            "text",
            "After school (15-18), evening (18-22) and weekend in term; any hour in the holidays.",
            required=True,
            values=SLOTS,
        ),
        Column("children", "number", "Children of the Offer's ages.", unit="children"),
        Column(
            "reached",
            "number",
            "Share who certainly have something open to them in the slot, within the standard's distance.",
            unit="share",
        ),
        Column(
            "possible",
            "number",
            "The same, with every unknown taken as good.",
            unit="share",
        ),
        Column(
            "hours",
            "number",
            "Hours of the slot that are certainly covered, averaged over the children; two clubs at the same hour are one hour.",
            unit="h",
        ),
        Column(
            "empty",
            "yes_no",
            "Yes where nothing can be open to everyone, unknown where something may be.",
        ),
    ),
    key=("element_id", "place_id", "weekday", "slot"),
)

PARTS = Table(
    "parts",
    "Holidays and types of space one by one, and the levels of a standard: what of an element is reached.",
    (
        Column("offer_id", "text", "The Offer.", required=True),
        Column("element_id", "text", "The element.", required=True),
        Column("place_id", "text", "The place.", required=True),
        Column(
            "part",
            "text",
            "The holiday or type; `need`, `standard`, `stretch` for a level.",
            required=True,
        ),
        Column("children", "number", "Children of the Offer's ages.", unit="children"),
        Column(
            "reached",
            "number",
            "Share who certainly reach it, within its own distance.",
            unit="share",
        ),
        Column("possible", "number", "The same, with every unknown taken as good.", unit="share"),
    ),
    key=("element_id", "place_id", "part"),
)

ACCESSIBILITY = Table(
    "accessibility",
    "Places in reach per 100 children, by floating catchments. An index of supply against demand; not who is covered.",
    (
        Column("offer_id", "text", "The Offer.", required=True),
        Column("element_id", "text", "The element.", required=True),
        Column("place_id", "text", "The place.", required=True),
        Column("children", "number", "Children of the Offer's ages.", unit="children"),
        Column("catchment_minutes", "number", "Size of the catchment.", unit="min"),
        Column(
            "e2sfca", "number", "E2SFCA, truncated Gaussian: the headline.", unit="per 100 children"
        ),
        Column(
            "e2sfca_smaller",
            "number",
            "The same, the catchment a quarter smaller.",
            unit="per 100 children",
        ),
        Column(
            "e2sfca_larger",
            "number",
            "The same, the catchment a quarter larger.",
            unit="per 100 children",
        ),
        Column("two_sfca", "number", "2SFCA: no decay.", unit="per 100 children"),
        Column("m2sfca", "number", "M2SFCA: counts what siting loses.", unit="per 100 children"),
        Column(
            "bfca",
            "number",
            "BFCA: each site's level of service shared out among the places, on a scale of its own: compare it within one element only.",
        ),
        Column(
            "basis",
            "text",
            "Whether every service that was expected is in the figures; blank figures where nothing was searched.",
            values=("complete", "incomplete", "not searched"),
        ),
        Column(
            "edge_affected",
            "yes_no",
            "Yes where the catchment reaches beyond the area of which people are known.",
        ),
        Column(
            "unknown_capacity",
            "number",
            "Services in the catchment whose capacity is not known: left out of the figures.",
        ),
    ),
    key=("element_id", "place_id"),
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
)
STAGE_TABLES = (
    PLACES, HOMES, PEOPLE, TRAVEL_TIMES, COVERAGE, WEEK, PARTS, ACCESSIBILITY, GAPS, ENTRIES, REACH_MATRIX,
)  # fmt: skip

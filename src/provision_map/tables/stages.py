"""The tables that a stage hands on to the next: what is measured, and what is kept of it."""

from __future__ import annotations

from provision_map.schema import Column, Table
from provision_map.tables.words import (
    CAUSES,
    GRADES,
    GROUP_REASONS,
    LEVERS,
    SLOTS,
    STATES,
    STATUSES,
    UNKNOWN_REASONS,
    WEEKDAYS,
)

PLACES = Table(
    "places",
    "A neighbourhood at the finest level of the exercise.",
    (
        Column("place_id", "text", "Code of the place.", required=True),
        Column("name", "text", "Name people use: neighbourhood · short code.", required=True),
        Column("level", "text", "Kind of geography.", computed=True),
        Column("neighbourhood_id", "text", "Code of the neighbourhood it lies in.", computed=True),
        Column("neighbourhood", "text", "Name of the neighbourhood it lies in.", computed=True),
        Column(
            "neighbourhood_ids",
            "list",
            "Codes of every neighbourhood it belongs to, the one that names it first: they may overlap.",
            computed=True,
        ),
        Column("neighbourhoods", "list", "Names of these, in the same order.", computed=True),
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
            "`measured`, or `estimated`: of a group as place × age count × its share of the place's residents; of everyone where an area that was divided since goes in.",
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

STAGE_TABLES = (
    PLACES, HOMES, PEOPLE, TRAVEL_TIMES, COVERAGE, WEEK, PARTS, ACCESSIBILITY, GAPS, ENTRIES, REACH_MATRIX,
)  # fmt: skip

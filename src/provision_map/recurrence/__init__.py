"""Recurring days: an iCalendar rule (RFC 5545, RRULE) read, written and laid out as days."""

from provision_map.recurrence.days import MOST_YEARS_BACK, days_of
from provision_map.recurrence.rule import (
    FREQUENCIES,
    LONGEST_RULE,
    WEEKDAY_CODES,
    Rule,
    parse_rule,
)

__all__ = [
    "FREQUENCIES",
    "LONGEST_RULE",
    "MOST_YEARS_BACK",
    "WEEKDAY_CODES",
    "Rule",
    "days_of",
    "parse_rule",
]

"""The words that a cell may hold where a list is closed, each list in its own order."""

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
SLOTS = ("after school", "evening", "weekend", "holiday")

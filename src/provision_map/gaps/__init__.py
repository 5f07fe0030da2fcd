"""From uncovered cells to gaps that a person can act on."""

from provision_map.gaps.find import find_gaps
from provision_map.gaps.measure import measure_gaps
from provision_map.gaps.questions import list_questions

__all__ = ["find_gaps", "list_questions", "measure_gaps"]

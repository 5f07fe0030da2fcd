"""The whole flow from one provision.toml: read, place, reach, cover, find, record, render, write."""

from provision_map.exercise.edition import make_edition
from provision_map.exercise.measure import Measured, measure_exercise, read_exercise
from provision_map.exercise.outputs import data_digest, write_outputs
from provision_map.exercise.run import explain, run_exercise

__all__ = [
    "Measured",
    "data_digest",
    "explain",
    "make_edition",
    "measure_exercise",
    "read_exercise",
    "run_exercise",
    "write_outputs",
]

"""The waterfall: who is covered, and what stands between the others and a service."""

from provision_map.coverage.measure import measure_coverage
from provision_map.coverage.returns import incomplete_returns

__all__ = ["incomplete_returns", "measure_coverage"]

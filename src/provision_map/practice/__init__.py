"""Good practice and services: which neighbourhoods, communities and outcomes each reaches."""

from provision_map.practice.matrix import practice_reach, service_reach

__all__ = ["practice_reach", "service_reach"]

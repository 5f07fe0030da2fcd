"""The only door in: files of an exercise folder → valid tables in one projected system.

:func:`read_settings` reads ``provision.toml``; :func:`read_inputs` reads all that it names. Both
collect every problem instead of stopping at the first. Importing this package loads neither
pandas nor geopandas, so that a command which only asks for help answers at once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from provision_map.read.settings import Settings
from provision_map.read.settings_file import read_settings

if TYPE_CHECKING:
    from provision_map.read.inputs import InputFile, Inputs, read_inputs
    from provision_map.read.travel.travel_times import read_travel_times

__all__ = [
    "InputFile", "Inputs", "Settings", "read_inputs", "read_settings", "read_travel_times",
]  # fmt: skip


def __getattr__(name: str) -> Any:  # noqa: ANN401 - any of the names above
    """Load what needs geopandas when it is first asked for."""
    if name in ("InputFile", "Inputs", "read_inputs"):
        from provision_map.read import inputs  # noqa: PLC0415 - late on purpose, see above

        return getattr(inputs, name)
    if name == "read_travel_times":
        from provision_map.read.travel import travel_times  # noqa: PLC0415 - as above

        return travel_times.read_travel_times
    message = f"module {__name__!r} has no attribute {name!r}"
    raise AttributeError(message)

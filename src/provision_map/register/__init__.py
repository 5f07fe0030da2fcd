"""What was found and what people decided, kept from year to year."""

from provision_map.register.record import record_run
from provision_map.register.store import Register

__all__ = ["Register", "record_run"]

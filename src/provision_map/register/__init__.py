"""What was found and what people decided, kept from year to year."""

from provision_map.register.record import propose_run, record_run
from provision_map.register.store import Register

__all__ = ["Register", "propose_run", "record_run"]

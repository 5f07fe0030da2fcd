"""``python -m provision_map`` is the command."""

from provision_map.cli import main

main()

"""Public data from the network, for machines that are online: a catalogue, and how it is asked."""

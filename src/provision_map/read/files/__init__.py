"""Opening files: text, CSV, typed tables, shapes of any format, systems of coordinates."""

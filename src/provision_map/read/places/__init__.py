"""Where: places, neighbourhoods, homes, sites, and codes that change from census to census."""

"""How far: road links, OpenStreetMap extracts, matrices of travel times."""

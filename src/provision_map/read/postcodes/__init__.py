"""Positions of services from published lists of postcodes."""

"""Returned workbooks: what an organisation filled in, as tables of services."""

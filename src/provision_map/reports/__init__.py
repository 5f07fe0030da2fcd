"""The register for people: page, CSV, workbook, GeoPackage, and one gap explained in words."""

from provision_map.reports.csv_file import (
    write_accessibility_csv,
    write_parts_csv,
    write_register_csv,
    write_week_csv,
)
from provision_map.reports.explain import explain_gap
from provision_map.reports.geopackage import write_geopackage
from provision_map.reports.page import render_register_page
from provision_map.reports.workbook import write_register_workbook

__all__ = [
    "explain_gap",
    "render_register_page",
    "write_accessibility_csv",
    "write_geopackage",
    "write_parts_csv",
    "write_register_csv",
    "write_register_workbook",
    "write_week_csv",
]

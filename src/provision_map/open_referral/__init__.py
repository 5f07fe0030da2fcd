"""Open Referral (HSDS 3.0, HSDS-UK 3.0): its records as rows of our tables, and back.

Pure: records in, rows of text out, and the other way. Files are read in ``read/feeds/reading.py`` and
written in ``reports/hsds.py``. What HSDS has no field for is held as attributes with terms of
taxonomies of our own, one a column (:mod:`.words`).
"""

from provision_map.open_referral.account import Account, Fault
from provision_map.open_referral.kinds import NO_SERVICE, find_kind, say_old
from provision_map.open_referral.mapping import FeedMapping, Rule
from provision_map.open_referral.organisations_in import read_organisation
from provision_map.open_referral.package import Package, nest_services
from provision_map.open_referral.services_in import Reading, read_service
from provision_map.open_referral.services_out import make_organisation, make_service, name_terms

__all__ = [
    "NO_SERVICE",
    "Account",
    "Fault",
    "FeedMapping",
    "Package",
    "Reading",
    "Rule",
    "find_kind",
    "make_organisation",
    "make_service",
    "name_terms",
    "nest_services",
    "read_organisation",
    "read_service",
    "say_old",
]

"""Where the columns of our tables come from in a record of a feed, for those who must mend it."""

from __future__ import annotations

from provision_map import tables

#: Where each column of ours stands in a record, for problems that are found in our columns.
PATHS = {
    "services": {
        "service_id": "id", "organisation_id": "organization.id",
        "longitude": "service_at_locations.location.longitude",
        "latitude": "service_at_locations.location.latitude",
        "easting": "service_at_locations.location.longitude",
        "northing": "service_at_locations.location.latitude",
        "place_id": "service_at_locations", "service_area": "service_areas",
        "postcode": "service_at_locations.location.addresses.postal_code",
        "access": "service_at_locations.location.accessibility", "cost": "cost_options.amount",
        "elements": "attributes", "outcomes": "attributes", "capacity": "attributes",
        "open_to": "attributes", "not_open_to": "attributes", "space_types": "attributes",
        "publicised": "attributes", "location_accuracy": "attributes",
    },
    "sessions": {
        "weekday": "schedules.byday", "start": "schedules.opens_at", "end": "schedules.closes_at",
        "schedule": "schedules", "period": "schedules.attributes",
        "holidays": "schedules.attributes", "valid_from": "schedules.valid_from",
        "valid_to": "schedules.valid_to",
    },
    "organisations": {
        "organisation_id": "organization.id", "name": "organization.name",
        "sector": "organization.attributes",
        "charity_number": "organization.organization_identifiers.identifier",
    },
    "quality": dict.fromkeys(tables.QUALITY.names(given_only=True), "attributes"),
}  # fmt: skip

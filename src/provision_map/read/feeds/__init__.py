"""Open Referral feeds: a file, a folder of pages or a tabular data package, as tables of services."""

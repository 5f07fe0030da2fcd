"""Who lives there: children by single year of age, residents by ethnic group."""

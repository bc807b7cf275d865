"""The report: what a person reads of a pack."""

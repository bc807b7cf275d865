"""The report: the part of a pack that people read."""

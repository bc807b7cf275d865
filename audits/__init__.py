"""The auditor's bench: seeded samples, traces of rows, notes, and requests for evidence."""

"""The auditor's bench: seeded samples, the trace of each row, notes, and requests for evidence."""

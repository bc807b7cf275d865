"""Any past moment: tables of the same names, filled from history as of then, so that every query sees the past."""

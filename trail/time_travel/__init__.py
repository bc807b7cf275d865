"""Any past moment, as if it were today.

Tables of the same names are filled from history as of then, so that every query sees the past.
"""

"""Seals: every version and event is a leaf of a hash tree whose signed heads leave the house, and how all of it is verified."""

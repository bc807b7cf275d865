"""Seals over the trail, and how all of it is verified.

Every version and event is a leaf of a hash tree whose signed heads leave the house.
"""

"""Changing rows in their list: a cell in place, or many rows alike.

Many rows are changed after a look at what that comes to.
"""

"""Workbooks, written sheet by sheet in bounded memory, byte for byte the same."""

"""Custom fields: what an organization records beyond what a register declares.

An administrator or quality manager defines them; their values are part of each record (``Record.custom``), so history,
seals, time travel and packs hold them like all else. See ``docs/decisions/0015-custom-fields-and-talk.md``.
"""

"""Documents on paper: typeset with typst as PDF/A-3a and PDF/UA-1, with our own fonts, from data that is never markup."""

from __future__ import annotations

from registers.typesetting.fonts import Fonts
from registers.typesetting.legible import Legible, breakable, one_line, shortened
from registers.typesetting.printing import ReportError, print_pdf

__all__ = ["Fonts", "Legible", "ReportError", "breakable", "one_line", "print_pdf", "shortened"]

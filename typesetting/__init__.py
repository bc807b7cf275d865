"""Documents on paper, typeset with typst as PDF/A-3a and PDF/UA-1.

They bring their own fonts, and their data is never read as markup.
"""

from __future__ import annotations

from typesetting.fonts import Fonts
from typesetting.pdf import ReportError, print_pdf
from typesetting.text import Legible, breakable, one_line, shortened

__all__ = ["Fonts", "Legible", "ReportError", "breakable", "one_line", "print_pdf", "shortened"]

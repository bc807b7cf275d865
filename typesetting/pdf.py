"""Printing a document: legible data, a process that typesets it, and words for failures."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import orjson

from typesetting.fonts import Fonts
from typesetting.text import Legible

PROJECT = Path(__file__).resolve().parents[1]


class ReportError(RuntimeError):
    """The document could not be typeset; the message says why."""


def print_pdf(template: Path, data: dict[str, Any], fonts: Fonts, to: Path, *, seconds: float) -> None:
    """Write a document as PDF/A-3a and PDF/UA-1.

    The same template, data and fonts give the same bytes. Typesetting takes memory by the page, so it happens in a
    process of its own that gives it all back.

    Args:
        template: the layout, which imports the house's from ``house.typ`` beside it.
        data: the document's content as plain values, with ``moment`` (ISO 8601) as its date; never read as markup.
        fonts: the only fonts that are used; characters they have no glyph for are shown by their codes.
        to: where the PDF is written.
        seconds: how long typesetting may take.

    Raises:
        ReportError: the process failed or took too long.
    """
    # A character without a glyph would stop the typesetter, see `typesetting.fonts`.
    legible = Legible(fonts.glyphs).everywhere(data)
    # The process runs in the project's folder, where a relative path would lead elsewhere.
    command = [sys.executable, "-m", "typesetting.typeset", str(template), str(to.resolve())]
    try:
        done = subprocess.run(
            [*command, *map(str, fonts.folders)],
            input=orjson.dumps(legible),
            cwd=PROJECT,
            capture_output=True,
            timeout=seconds,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise ReportError(f"The report was not typeset within {seconds} seconds; ask for fewer rows.") from error
    if done.returncode != 0:
        raise ReportError(f"The report could not be typeset: {done.stderr.decode(errors='replace').strip()[-2000:]}")

"""Typeset a document: its data as JSON in, an accessible and archivable PDF out.

    python -m typesetting.typeset TEMPLATE.typ OUT.pdf FONT-FOLDER… < data.json

A process of its own because typesetting takes memory by the page (about 155 kB a table row) and gives it back only
when it ends. Charts are drawn here for the same reason.
"""

from __future__ import annotations

import io
import shutil
import sys
import tempfile
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import orjson
import pikepdf
import typst

from typesetting.charts import render_svg

#: The layout that all templates share: colours, shapes of results, headings, tables.
HOUSE = Path(__file__).with_name("house.typ")
STANDARDS: list[typst.PDFStandard] = ["a-3a", "ua-1"]


class FontsMissing(RuntimeError):
    """There is no font to typeset with.

    Without this, the typesetter would leave out all text and say nothing.
    """


def main(arguments: Sequence[str]) -> int:
    """Read the data from standard input and write the PDF.

    Returns:
        0, or 1 with the typesetter's words on standard error.
    """
    template, to, *folders = map(Path, arguments)
    try:
        pdf = typeset(template, orjson.loads(sys.stdin.buffer.read()), folders)
    except (typst.TypstError, FontsMissing) as error:
        print("\n".join([str(error), *getattr(error, "hints", [])]), file=sys.stderr)
        return 1
    to.write_bytes(pdf)
    return 0


def typeset(template: Path, data: dict[str, Any], folders: Sequence[Path]) -> bytes:
    """Return the document as PDF/A-3a and PDF/UA-1, with the fonts in `folders` and no others.

    The template is constant and the data reaches it as one JSON value, so nothing typed into a record is ever read
    as markup; it runs in a folder that holds nothing else but the house's layout.

    Raises:
        FontsMissing: no font was found.
        typst.TypstError: the document can't be typeset.
    """
    fonts = typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=list(map(str, folders)))
    if not fonts.fonts():
        raise FontsMissing(f"No font was found in {', '.join(map(str, folders)) or 'no folder'}.")
    with tempfile.TemporaryDirectory(prefix="report-") as root:
        shutil.copy(HOUSE, root)
        pdf = typst.compile(
            Path(shutil.copy(template, root)),
            root=Path(root),
            font_paths=fonts,
            sys_inputs={"report": orjson.dumps(_with_charts(data)).decode()},
            pdf_standards=STANDARDS,
            timestamp=datetime.fromisoformat(data["moment"]),
        )
    return _compact(pdf)


def _with_charts(data: Mapping[str, Any]) -> Any:
    """Return the data with every chart specification replaced by its drawing."""
    if isinstance(data, list):
        return [_with_charts(item) for item in data]
    if not isinstance(data, dict):
        return data
    drawn = {key: _with_charts(item) for key, item in data.items() if key != "spec"}
    return drawn | {"svg": render_svg(data["spec"])} if "spec" in data else drawn


def _compact(pdf: bytes) -> bytes:
    """Return the PDF at about a quarter of its size, still PDF/A.

    pikepdf writes what PDF/A asks for (`preserve_pdfa`: a line end before `endstream`). The file ends with a line end,
    so that a signature added later starts a line of its own (ISO 19005-3, 6.1.9).
    """
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(pdf)) as document:
        document.save(
            out,
            object_stream_mode=pikepdf.ObjectStreamMode.generate,
            recompress_flate=True,
            deterministic_id=True,
            preserve_pdfa=True,
        )
    return out.getvalue().rstrip(b"\n") + b"\n"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

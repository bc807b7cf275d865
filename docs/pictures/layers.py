"""Draw ``layers.svg``: the apps as the import contract in pyproject.toml orders them. ``make pictures`` calls it."""

from __future__ import annotations

import ast
import tomllib
from html import escape
from pathlib import Path
from textwrap import wrap

PROJECT = Path(__file__).resolve().parents[2]
PICTURE = Path(__file__).with_name("layers.svg")

WIDTH, LEFT, EDGE, GAP = 860, 56, 12, 8
#: Height of a box, and of each further line in it; width of a letter.
BOX, LINE, LETTER = 34, 16, 6.3
#: Where the words begin in a box that has a layer to itself.
WORDS = 180
STYLE = (
    "text{font:12px system-ui,sans-serif;fill:#3c4858}.name{font-weight:600;font-size:13px;fill:#14202e}"
    "rect{fill:#eef3f8;stroke:#9fb3c8}.paper{fill:#fff;stroke:none}path{stroke:#5b6b7c;fill:none;stroke-width:1.5}"
)


def layers() -> list[list[str]]:
    """Return the contract's layers from top to bottom; apps of one layer stand side by side."""
    contract = tomllib.loads((PROJECT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"][0]
    return [[app.strip() for app in layer.split("|")] for layer in contract["layers"]]


def purpose(app: str) -> str:
    """Return the first sentence of what an app says of itself: in its configuration, or in the package."""
    for file in (PROJECT / app / "apps.py", PROJECT / app / "__init__.py"):
        tree = ast.parse(file.read_text() if file.exists() else "")
        configuration = next((node for node in tree.body if isinstance(node, ast.ClassDef)), None)
        if said := ast.get_docstring(configuration or tree):
            return " ".join(said.split("\n\n")[0].split()).split(". ")[0].rstrip(".")
    return ""


def picture() -> str:
    """Return the picture as SVG."""
    y, drawn = EDGE, []
    for apps in layers():
        row, height = _row(apps, y)
        drawn.append(row)
        y += height + GAP
    height = y - GAP + EDGE
    told = "; ".join(", ".join(apps) for apps in layers())
    return "\n".join(
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}" role="img">',
            f"<title>The layers, from top to bottom: {escape(told)}</title>",
            f"<style>{STYLE}</style>",
            f'<rect class="paper" width="{WIDTH}" height="{height}"/>',
            *drawn,
            f'<path d="M36 {EDGE}V{height - EDGE}m-5 -8l5 8l5 -8"/>',
            f'<text transform="translate(26 {height / 2:.0f}) rotate(-90)" text-anchor="middle">may import what lies below</text>',
            "</svg>\n",
        )
    )


def _row(apps: list[str], y: int) -> tuple[str, int]:
    """Return a layer as SVG, and its height: one app in one line, several side by side with their words below."""
    width = (WIDTH - LEFT - EDGE - GAP * (len(apps) - 1)) / len(apps)
    if len(apps) == 1:
        return _box(apps[0], LEFT, y, width, BOX) + _text(purpose(apps[0]), LEFT + WORDS, y + 22), BOX
    lines = [wrap(purpose(app), int((width - 24) / LETTER)) for app in apps]
    height = BOX + LINE * max(map(len, lines))
    drawn = ""
    for number, app in enumerate(apps):
        x = LEFT + number * (width + GAP)
        drawn += _box(app, x, y, width, height)
        drawn += "".join(_text(line, x + 12, y + 40 + LINE * below) for below, line in enumerate(lines[number]))
    return drawn, height


def _box(app: str, x: float, y: int, width: float, height: int) -> str:
    box = f'<rect x="{x:.1f}" y="{y}" width="{width:.1f}" height="{height}" rx="5"/>'
    return f'{box}<text class="name" x="{x + 12:.1f}" y="{y + 22}">{escape(app)}</text>'


def _text(words: str, x: float, y: int) -> str:
    return f'<text x="{x:.1f}" y="{y}">{escape(words)}</text>'


if __name__ == "__main__":
    PICTURE.write_text(picture())

"""Rows of a table as HTML. A page has hundreds of cells, and a template takes ten times as long for each.

Every text is escaped here, whoever wrote it; nothing but what this module writes itself goes onto a page as it is.
"""

from __future__ import annotations

from collections.abc import Callable
from html import escape
from typing import TYPE_CHECKING

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

if TYPE_CHECKING:
    from registers.table import Cell, Row


def draw(row: Row) -> SafeString:
    """One row of a table, under the heads that ``partials/table.html`` gives it."""
    box = _box(row) if row.pick else ""
    cells = "".join(_KINDS.get(cell.kind, _plain)(cell, row) for cell in row.cells)
    return SafeString(f"<tr{_known_by(row)}>{box}{cells}</tr>")


def _known_by(row: Row) -> str:
    revision = f' data-revision="{row.revision}" data-reference="{escape(row.reference)}"' if row.revision else ""
    address = f' data-href="{escape(row.url)}"' if row.url else ""
    archived = ' class="cf-archived"' if row.archived else ""
    return revision + address + archived


def _box(row: Row) -> str:
    words = escape(_("Pick %(reference)s") % {"reference": row.reference})
    return (
        f'<td class="cf-pick"><label><input class="form-check-input" type="checkbox" name="row" value="{escape(row.reference)}"'
        f' form="{escape(row.pick)}" autocomplete="off"><span class="visually-hidden">{words}</span></label></td>'
    )


def _reference(cell: Cell, row: Row) -> str:
    archived = f' <span class="cf-tag">{escape(_("Archived"))}</span>' if row.archived else ""
    return (
        f'<th scope="row" class="cf-ref"><a href="{escape(cell.url or row.url)}">{escape(cell.text)}</a>{archived}</th>'
    )


def _badge(cell: Cell, row: Row) -> str:
    if not cell.text:
        return _plain(cell, row)
    tone = escape(cell.tone)
    icon = f'<svg class="cf-icon" aria-hidden="true"><use href="#i-{tone}"></use></svg>'
    return f'<td class="cf-badge"><span class="cf-status cf-{tone}"{_title(cell)}>{icon}{escape(cell.text)}</span></td>'


def _tags(cell: Cell, row: Row) -> str:
    tags = "".join(f'<span class="cf-tag">{escape(tag)}</span> ' for tag in cell.tags)
    return f'<td class="cf-tags-cell" data-label="{escape(cell.label)}">{tags or "–"}</td>'


def _plain(cell: Cell, row: Row) -> str:
    text = escape(cell.text)
    shown = f'<a href="{escape(cell.url)}">{text}</a>' if cell.url else text or "–"
    return f'<td class="cf-{escape(cell.kind)}" data-label="{escape(cell.label)}"{_title(cell)}>{shown}</td>'


def _title(cell: Cell) -> str:
    return f' title="{escape(cell.title)}"' if cell.title else ""


#: Kinds of cells that have a look of their own; the class of every other says its kind.
_KINDS: dict[str, Callable[[Cell, Row], str]] = {"reference": _reference, "badge": _badge, "tags": _tags}

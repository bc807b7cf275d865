"""Rows of a table, and menus and filters of a list, as HTML.

They are written without templates: a page has hundreds of cells, and a template takes ten times as long for each.
Every text is escaped here, whoever wrote it; nothing but what this module writes itself goes onto a page as it is.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import lru_cache
from html import escape
from typing import Any

from django.forms import BoundField
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from registers.lists.menus import HEADER, Menu
from registers.lists.tables import Cell, Heading, Part, Row

#: What says the same in every row (kinds, labels, tones) is escaped once.
_often = lru_cache(maxsize=4096)(escape)


def render_row(row: Row) -> SafeString:
    """Return one row of a table, under the heads that ``partials/table.html`` gives it."""
    box = _box(row) if row.pick else ""
    cells = "".join(_KINDS.get(cell.kind, _plain)(cell, row) for cell in row.cells)
    return SafeString(f"<tr{_known_by(row)}>{box}{cells}</tr>")


def render_heading(heading: Heading) -> SafeString:
    """Return the head of a column: a link that sorts by it, where one can.

    With Shift, the link adds it to what is sorted by.
    """
    name, label = escape(heading.name), escape(heading.label)
    sorted_by = f' aria-sort="{heading.sorted}ending"' if heading.sorted else ""
    shown = label
    if heading.sort_url:
        url = escape(heading.sort_url)
        shift = f' data-shift="{escape(heading.add_url)}"' if heading.add_url else ""
        icon = (
            f'<svg class="cf-icon" aria-hidden="true"><use href="#i-{heading.sorted}"></use></svg>'
            if heading.sorted
            else ""
        )
        shown = (
            f'<a id="sort-{name}" href="{url}" hx-get="{url}" hx-target="#rows" hx-swap="outerHTML" hx-push-url="true"{shift}>'
            f"{label}{icon}{_rank(heading)}</a>"
        )
    classes = f"cf-{heading.align} cf-col-{escape(heading.kind)}"
    return SafeString(f'<th scope="col" data-column="{name}" class="{classes}"{sorted_by}>{shown}</th>')


def _rank(heading: Heading) -> str:
    words = f'<span class="visually-hidden">{escape(_("sorted as number"))} </span>'
    return f'<span class="cf-rank">{words}{heading.rank}</span>' if heading.rank else ""


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
    tone = _often(cell.tone)
    icon = f'<svg class="cf-icon" aria-hidden="true"><use href="#i-{tone}"></use></svg>'
    return f'<td class="cf-badge"><span class="cf-status cf-{tone}"{_title(cell)}>{icon}{_often(cell.text)}</span></td>'


def _tags(cell: Cell, row: Row) -> str:
    tags = "".join(f'<span class="cf-tag">{escape(tag)}</span> ' for tag in cell.tags)
    return f'<td class="cf-tags-cell" data-label="{_often(cell.label)}">{tags or "–"}</td>'


def _plain(cell: Cell, row: Row) -> str:
    text = escape(cell.text)
    shown = f'<a href="{escape(cell.url)}">{text}</a>' if cell.url else text or "–"
    return f'<td class="cf-{_often(cell.kind)}" data-label="{_often(cell.label)}"{_title(cell)}>{shown}</td>'


def _several(cell: Cell, row: Row) -> str:
    """Return a cell of several parts, each with what it is about and what can be done."""
    parts = "".join(_part(part) for part in cell.parts)
    return f'<td class="cf-{_often(cell.kind)}" data-label="{_often(cell.label)}">{parts or "–"}</td>'


def _part(part: Part) -> str:
    if part.form:
        return str(conditional_escape(part.form))
    label = f'<span class="cf-part-label">{_often(part.label)}</span> ' if part.label else ""
    tone = f' class="cf-{_often(part.tone)}"' if part.tone else ""
    text = f"<span{tone}>{escape(part.text)}</span>" if part.text else ""
    return f'<div class="cf-part">{label}{text}{_action(part) if part.url else ""}</div>'


def _action(part: Part) -> str:
    url = escape(part.url)
    here = f' hx-get="{url}" hx-target="#rows" hx-swap="outerHTML"' if part.url.startswith("?") else ""
    about = f'<span class="visually-hidden"> {escape(part.about)}</span>'
    return f' <a href="{url}"{here}>{escape(part.action)}{about}</a>'


def _title(cell: Cell) -> str:
    return f' title="{escape(cell.title)}"' if cell.title else ""


#: Kinds of cells that have a look of their own; the class of every other says its kind.
_KINDS: dict[str, Callable[[Cell, Row], str]] = {
    "reference": _reference,
    "badge": _badge,
    "tags": _tags,
    "why": _several,
    "mend": _several,
    "mended_by": _several,
}


def render_unopened(menu: Menu, url: str, out_of_band: bool = False) -> SafeString:
    """Return a menu's panel until somebody opens the menu: then it fetches what it offers.

    Args:
        menu: whose.
        url: the page of all menus, for browsers that run no scripts.
        out_of_band: whether it takes the place of one that is on the page.
    """
    name, at_end, swap = escape(menu.name), " cf-menu-end" * menu.is_tool, ' hx-swap-oob="true"' * out_of_band
    headers = escape(json.dumps({HEADER: menu.name}))
    kept = "".join(f'<input type="hidden" name="{escape(k)}" value="{escape(v)}">' for k, v in menu.kept)
    return SafeString(
        f'<div id="{name}" class="cf-menu-panel cf-chip-panel{at_end}" hx-headers="{headers}"{swap}>{kept}'
        f'<a href="{escape(url)}#{name}" hx-get="{escape(url)}" hx-trigger="toggle from:closest details once"'
        ' hx-target="closest .cf-menu-panel" hx-swap="innerHTML settle:0ms" hx-push-url="false" hx-sync="this:replace">'
        f"{escape(menu.link)}</a></div>"
    )


def render_filter(field: BoundField) -> SafeString:
    """Return one filter.

    A range shows two inputs, several choices show boxes, everything else its one input.
    """
    label = conditional_escape(capfirst(field.label))
    if getattr(field.field.widget, "widgets", None):
        ends = zip((_("From"), _("To")), field.subwidgets[0].data["subwidgets"], strict=True)
        shown = f'<p class="cf-chip-title">{label}</p>{"".join(_end(words, end) for words, end in ends)}'
    elif field.use_fieldset:
        shown = f'<p class="cf-chip-title">{label}</p>{field}'
    else:
        shown = f'<label class="cf-chip-title" for="{escape(field.id_for_label)}">{label}</label>{field}'
    note = f'<p class="cf-note">{conditional_escape(field.help_text)}</p>' if field.help_text else ""
    errors = str(field.errors) if field.errors else ""
    return SafeString(f'<div class="cf-filter" role="group" aria-label="{label}">{shown}{note}{errors}</div>')


def _end(words: str, part: dict[str, Any]) -> str:
    kind = part["attrs"].get("type") or part["type"]
    value = "" if part["value"] is None else conditional_escape(str(part["value"]))
    return (
        f'<label class="cf-range"><span>{escape(words)}</span>'
        f'<input type="{escape(kind)}" name="{escape(part["name"])}" value="{value}"></label>'
    )

"""Rows, heads, menus and filters of lists in templates."""

from __future__ import annotations

from django import forms, template
from django.utils.safestring import SafeString

from registers.lists.html import render_filter, render_heading, render_row, render_unopened

register = template.Library()
register.filter("heading", render_heading)
register.filter("row", render_row)
register.simple_tag(render_unopened, name="unopened")


@register.simple_tag
def filter_field(form: forms.Form, name: str) -> SafeString:
    """Return one filter of a form, by name."""
    return render_filter(form[name])

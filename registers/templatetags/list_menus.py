"""Menus of a list, and the filters in them, in templates."""

from __future__ import annotations

from django import forms, template
from django.utils.safestring import SafeString

from registers.drawing import draw_filter, draw_unopened

register = template.Library()
register.simple_tag(draw_unopened, name="unopened")


@register.simple_tag
def filter_field(form: forms.Form, name: str) -> SafeString:
    """One filter of a form, by name."""
    return draw_filter(form[name])

"""Filters of a list in templates."""

from __future__ import annotations

from django import template

from registers.drawing import draw_filter

register = template.Library()
register.simple_tag(draw_filter, name="filter_field")

"""Numbers of rows as sentences begin with them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.utils.translation import gettext_lazy as _

_WORDS = (_("One"), _("Two"), _("Three"), _("Four"), _("Five"), _("Six"), _("Seven"), _("Eight"), _("Nine"), _("Ten"))


def number(count: int) -> str:
    """Return a number as a sentence begins with it: up to ten in words."""
    return str(_WORDS[count - 1]) if 1 <= count <= len(_WORDS) else f"{count:,}"


def beginning(text: Any) -> Callable[[int], str]:
    """Return what says a lazy text, made by ``ngettext_lazy`` with ``count``, of a number in words."""

    def said(count: int) -> str:
        # The number decides which of the texts it is; its words stand in it.
        return str(text % {"count": count}).replace(str(count), number(count), 1)

    return said

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class TrailConfig(AppConfig):
    """What happened: the history of every row, and events that change no row."""

    name = "trail"
    verbose_name = _("Trail")

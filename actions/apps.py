from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ActionsConfig(AppConfig):
    """Actions and their effectiveness."""

    name = "actions"
    verbose_name = _("Actions")

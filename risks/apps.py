from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class RisksConfig(AppConfig):
    """Sub-clause b: risks and opportunities determined and addressed."""

    name = "risks"
    verbose_name = _("Risks")

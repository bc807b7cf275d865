from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AuditsConfig(AppConfig):
    """The visiting auditor's bench: samples, traces, notes and requests for evidence."""

    name = "audits"
    verbose_name = _("Audits")

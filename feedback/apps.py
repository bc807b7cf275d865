from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class FeedbackConfig(AppConfig):
    """Sub-clause c: the focus on enhancing satisfaction maintained."""

    name = "feedback"
    verbose_name = _("Feedback")

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class RequirementsRegistryConfig(AppConfig):
    """Sub-clause a: requirements determined, understood and met."""

    name = "requirements_registry"
    verbose_name = _("Requirements")

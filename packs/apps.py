from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PacksConfig(AppConfig):
    """Evidence packs: collected, rendered, sealed, stored, and verified by anybody."""

    name = "packs"
    verbose_name = _("Evidence packs")

from __future__ import annotations

from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules
from django.utils.translation import gettext_lazy as _


class RegistersConfig(AppConfig):
    """How a register behaves: its records, pages, tables, import and export."""

    name = "registers"
    verbose_name = _("Registers")

    def ready(self) -> None:
        autodiscover_modules("registers")

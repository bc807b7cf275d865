from __future__ import annotations

from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.module_loading import autodiscover_modules
from django.utils.translation import gettext_lazy as _


class RegistersConfig(AppConfig):
    """How a register behaves: its records, pages, tables, import and export."""

    name = "registers"
    verbose_name = _("Registers")

    def ready(self) -> None:
        autodiscover_modules("registers")
        from registers import searching  # the registers it looks at are declared only now
        from registers.talk import columns  # noqa: F401 - the models it looks at are loaded only now

        post_migrate.connect(searching.make_indexes, sender=self)

from __future__ import annotations

from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.module_loading import autodiscover_modules
from django.utils.translation import gettext_lazy as _


class RegistersConfig(AppConfig):
    """The app of registers: their records, pages, lists, forms and exports."""

    name = "registers"
    verbose_name = _("Registers")

    def ready(self) -> None:
        autodiscover_modules("registers")
        # What other apps add to every register: see "What an app may add, and where" in docs/architecture.md.
        autodiscover_modules("navigation", "panels", "timeline", "usage", "extra_columns")
        from registers.lists import search  # the registers it looks at are declared only now

        post_migrate.connect(search.make_indexes, sender=self)

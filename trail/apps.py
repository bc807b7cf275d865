from __future__ import annotations

from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class TrailConfig(AppConfig):
    """The record of what happened: the history of every row, and events that change no row."""

    name = "trail"
    verbose_name = _("Trail")

    def ready(self) -> None:
        from trail import triggers  # the models it looks at are loaded only now

        post_migrate.connect(triggers.protect_tables, sender=self)

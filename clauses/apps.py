from __future__ import annotations

from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules
from django.utils.translation import gettext_lazy as _


class ClausesConfig(AppConfig):
    """The clause as assertions, evaluated from the rows."""

    name = "clauses"
    verbose_name = _("Clause 5.1.2")

    def ready(self) -> None:
        from clauses import trends  # the models it looks at are loaded only now
        from trail.sealing import verify

        verify.register_check(trends.Snapshot._meta.db_table, trends.days_against_digests)
        # Apps above this one, which it can't import, declare theirs in modules of these names.
        autodiscover_modules("assertions")
        autodiscover_modules("selections")

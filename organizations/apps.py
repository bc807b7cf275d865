from __future__ import annotations

from django.apps import AppConfig
from django.contrib.auth import user_logged_in
from django.db.backends.signals import connection_created
from django.db.models.signals import post_migrate, post_save
from django.utils.translation import gettext_lazy as _


class OrganizationsConfig(AppConfig):
    """Organizations, sites, people and their roles, and the scope every query runs in."""

    name = "organizations"
    verbose_name = _("Organizations")

    def ready(self) -> None:
        # The models they look at are loaded only now.
        from organizations import accounts, rls, security_events, sessions

        post_migrate.connect(rls.protect_tables, sender=self)
        connection_created.connect(rls.tell_new_connection)
        post_save.connect(accounts.keep_address, sender="organizations.User")
        security_events.connect()
        user_logged_in.connect(sessions.begin)

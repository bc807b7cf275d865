from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class OrganizationsConfig(AppConfig):
    """Who: organizations, sites, people and their roles, and the scope every query runs in."""

    name = "organizations"
    verbose_name = _("Organizations")

"""The pages of sub-clause b in the navigation."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from organizations.roles import SETTINGS, Action
from registers.navigation import pages

pages.append(("b", _("Heat map"), "risks:heat-map", Action.VIEW, "risks"))
pages.append(("", _("Scale"), "risks:scale", Action.VIEW, SETTINGS))

"""The overview's entry in the navigation."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from organizations.roles import OVERVIEW, Action
from registers.navigation import pages

pages.append(("-", _("Overview"), "clauses:overview", Action.VIEW, OVERVIEW))

"""The satisfaction page in the navigation, before the registers of sub-clause c."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from organizations.roles import Action
from registers.navigation import pages

pages.append(("-c", _("Satisfaction"), "feedback:satisfaction", Action.VIEW, "feedback"))

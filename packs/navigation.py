"""Evidence packs in the navigation."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from organizations.roles import PACKS, Action
from registers.navigation import pages

pages.append(("", _("Evidence"), "packs:list", Action.VIEW, PACKS))

"""The page of imports in the navigation, with how many wait for somebody's answer."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from imports.models import ImportJob
from organizations.roles import REGISTERS, Action
from registers.navigation import pages, waiting

pages.append(("", _("Import files"), "import-files", Action.IMPORT, REGISTERS))
waiting["import-files"] = lambda request: ImportJob.objects.filter(status=ImportJob.Status.READY)

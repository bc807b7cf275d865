from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ImportsConfig(AppConfig):
    """A file becomes rows of a register: upload, look, write, undo."""

    name = "imports"
    verbose_name = _("Imports")

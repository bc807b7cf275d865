from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CommentsConfig(AppConfig):
    """What people say to each other about a record: comments, mentions of persons, and who watches it."""

    name = "comments"
    verbose_name = _("Comments")

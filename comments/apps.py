from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CommentsConfig(AppConfig):
    """The talk about records: comments, mentions of people, and who watches a record."""

    name = "comments"
    verbose_name = _("Comments")

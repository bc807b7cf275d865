"""Mentions in the navigation, with how many the person hasn't seen."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from comments.models import Mention
from organizations.roles import COMMENTS, Action
from registers.navigation import pages, waiting

pages.append(("", _("Mentions"), "mentions", Action.VIEW, COMMENTS))
waiting["mentions"] = lambda request: Mention.objects.of(request.user).unread()

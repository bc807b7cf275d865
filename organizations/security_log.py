"""The security log: what happens to accounts and roles, on the whole installation, for operators and their monitoring.

It stands beside the trail, not in it: the trail is evidence of one organization and is never shortened; this log has a
retention (``SECURITY_LOG_DAYS``). Each entry is a row, read by ``manage.py security_log``, and a line of JSON in the log of
the process, under the logger ``security``. No password, code, link or session key is ever in it.
"""

from __future__ import annotations

import json
import logging
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import models
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from organizations import clock

log = logging.getLogger("security")


class SecurityEvent(models.Model):
    """One thing that happened to an account, a session or a role.

    Attributes:
        kind: a name that stays: ``log-in``, ``log-in failed``, ``role given`` …
        person: whose account it is about; none where nobody's account was meant.
        network: the address that the request came from.
        details: what else is told; facts, no secrets.
    """

    at = models.DateTimeField(_("at"), default=clock.present, db_index=True)
    kind = models.CharField(_("what"), max_length=40)
    person = models.ForeignKey("organizations.User", on_delete=models.SET_NULL, null=True, related_name="+")
    network = models.GenericIPAddressField(_("network"), null=True)
    agent = models.CharField(_("browser"), max_length=200, blank=True)
    details = models.JSONField(_("details"), default=dict)

    class Meta:
        ordering = ("pk",)
        verbose_name = _("security event")
        verbose_name_plural = _("security log")

    def __str__(self) -> str:
        return json.dumps(self.as_json(), ensure_ascii=True)

    def as_json(self) -> dict[str, Any]:
        """Return the entry as monitoring reads it; the moment is UTC."""
        return {
            "id": self.pk,
            "at": self.at.isoformat(timespec="milliseconds"),
            "event": self.kind,
            "person": self.person and self.person.email,
            "network": self.network,
            "agent": self.agent,
            **self.details,
        }


def record(kind: str, *, request: HttpRequest | None = None, person: Any = None, **details: Any) -> None:
    """Write an entry."""
    event = SecurityEvent(kind=kind, person=person, details=details)
    if request is not None:
        from allauth.account.adapter import get_adapter  # it reads settings that name our own adapter

        event.network = get_adapter().get_client_ip(request)
        event.agent = request.headers.get("User-Agent", "")[:200]
    event.save()
    log.info("%s", event)


def forget_old() -> int:
    """Delete the entries older than ``SECURITY_LOG_DAYS``; return how many."""
    before = clock.present() - timedelta(days=settings.SECURITY_LOG_DAYS)
    deleted, _each = SecurityEvent.objects.filter(at__lt=before).delete()
    return deleted

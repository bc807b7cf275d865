"""Changes of many rows, from what was asked for to what came of it."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from organizations.jobs import Job
from organizations.scope import current_organization


class BulkEdit(Job):
    """A change of many rows of a register: which, how, what it comes to, and what became of it.

    ``found`` is what :meth:`registers.editing.bulk_preview.Examination.as_json` says about the rows.
    """

    class Status(models.TextChoices):
        """Where the change stands. Only what is being looked at or written needs a worker."""

        CHECKING = "checking", _("Being checked")
        READY = "ready", _("To be confirmed")
        WRITING = "writing", _("Being written")
        DONE = "done", _("Written")
        FAILED = "failed", _("Failed")
        CANCELLED = "cancelled", _("Cancelled")

    PENDING = (Status.CHECKING, Status.WRITING)

    status = models.CharField(_("status"), max_length=20, choices=Status, default=Status.CHECKING, editable=False)
    register = models.CharField(max_length=40, editable=False)
    #: ``references``: the rows that were picked; or ``query``: the address whose rows are meant.
    chosen = models.JSONField(default=dict, editable=False)
    #: What each field was set to, as a form sends it; empty where the rows are archived.
    changes = models.JSONField(default=dict, editable=False)
    archives = models.BooleanField(default=False, editable=False)
    reason = models.TextField(_("reason"), blank=True, editable=False)
    found = models.JSONField(default=dict, editable=False)
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", editable=False
    )
    requested_at = models.DateTimeField(_("asked for"), auto_now_add=True)
    finished_at = models.DateTimeField(_("finished"), null=True, editable=False)

    class Meta(Job.Meta):
        ordering = ("-requested_at", "-pk")
        verbose_name = _("change of many rows")
        verbose_name_plural = _("changes of many rows")

    def __str__(self) -> str:
        return f"{self.register} {self.pk}"

    def get_absolute_url(self) -> str:
        return reverse(f"{self.register}-bulk-job", args=[current_organization().slug, self.pk])

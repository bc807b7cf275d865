"""Files on their way into a register, and how an organization's files were understood."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from organizations.jobs import Job
from organizations.scope import Scoped, current_organization


class ImportJob(Job):
    """A file on its way into a register: what it holds, how it is mapped, what became of it.

    ``found`` and ``result`` are what :mod:`imports.report` says about the file, as plain values.
    """

    class Status(models.TextChoices):
        """Where the file stands.

        Only what is being checked, imported or undone needs a worker.
        """

        CHECKING = "checking", _("Being checked")
        READY = "ready", _("To be confirmed")
        IMPORTING = "importing", _("Being imported")
        DONE = "done", _("Imported")
        FAILED = "failed", _("Failed")
        CANCELLED = "cancelled", _("Cancelled")
        UNDOING = "undoing", _("Being undone")
        UNDONE = "undone", _("Undone")

    PENDING = (Status.CHECKING, Status.IMPORTING, Status.UNDOING)

    status = models.CharField(_("status"), max_length=20, choices=Status, default=Status.CHECKING, editable=False)
    register = models.CharField(max_length=40, editable=False)
    filename = models.CharField(_("file"), max_length=200, editable=False)
    path = models.CharField(max_length=120, editable=False)
    size = models.PositiveBigIntegerField(_("size"), editable=False)
    sha256 = models.CharField(_("SHA-256"), max_length=64, editable=False)
    mapping = models.JSONField(default=dict, editable=False)
    skip_invalid = models.BooleanField(default=False, editable=False)
    found = models.JSONField(default=dict, editable=False)
    result = models.JSONField(default=dict, editable=False)
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", editable=False
    )
    requested_at = models.DateTimeField(_("uploaded"), auto_now_add=True)
    finished_at = models.DateTimeField(_("finished"), null=True, editable=False)
    #: The date of every version that the import wrote: by it they are found again.
    written_at = models.DateTimeField(null=True, editable=False)
    #: What is to be undone, and by whom: see :mod:`imports.undo.undo`.
    undo = models.JSONField(default=dict, editable=False)
    undone_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", editable=False
    )

    class Meta(Job.Meta):
        ordering = ("-requested_at", "-pk")
        verbose_name = _("import")
        verbose_name_plural = _("imports")

    def __str__(self) -> str:
        return self.filename

    @property
    def can_be_undone(self) -> bool:
        """Whether it has written rows, and nobody has undone it yet or is about to."""
        return self.written_at is not None and self.status in (self.Status.DONE, self.Status.FAILED)

    @property
    def refused_path(self) -> str:
        """Where the workbook of refused rows is, in the default storage."""
        return f"{self.path}.refused.xlsx"

    def get_absolute_url(self) -> str:
        return reverse(f"{self.register}-import-job", args=[current_organization().slug, self.pk])


class SavedMapping(Scoped):
    """How the last file with these headers was understood.

    So the next one of its kind need not be explained again.
    """

    register = models.CharField(max_length=40, editable=False)
    fingerprint = models.CharField(max_length=64, editable=False)
    filename = models.CharField(_("file"), max_length=200, editable=False)
    mapping = models.JSONField(default=dict, editable=False)
    saved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", editable=False
    )
    saved_at = models.DateTimeField(_("saved"), auto_now=True)

    class Meta(Scoped.Meta):
        ordering = ("-saved_at", "-pk")
        verbose_name = _("saved mapping")
        verbose_name_plural = _("saved mappings")
        constraints = (
            models.UniqueConstraint(fields=("organization", "register", "fingerprint"), name="saved_mapping_once"),
        )

    def __str__(self) -> str:
        return self.filename

"""Evidence files, attached to records."""

from __future__ import annotations

from django.conf import settings
from django.core.validators import RegexValidator
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from organizations.scope import current_organization
from trail.models import AppendOnly


class Attachment(AppendOnly):
    """A file that shows something about a record.

    It is known by its content: the same bytes are stored once.
    """

    subject = models.CharField(_("belongs to"), max_length=20)
    name = models.CharField(_("file name"), max_length=200)
    sha256 = models.CharField(_("SHA-256"), max_length=64, validators=[RegexValidator(r"^[0-9a-f]{64}$")])
    size = models.PositiveBigIntegerField(_("size"))
    media_type = models.CharField(_("type"), max_length=100)
    uploaded_at = models.DateTimeField(_("uploaded"), auto_now_add=True)
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("uploaded by"), on_delete=models.PROTECT, related_name="+"
    )

    class Meta(AppendOnly.Meta):
        ordering = ("-uploaded_at", "-pk")
        verbose_name = _("attachment")
        verbose_name_plural = _("attachments")
        constraints = (
            models.UniqueConstraint(fields=("organization", "subject", "sha256"), name="attachment_once_a_record"),
        )

    def __str__(self) -> str:
        return self.name

    @property
    def path(self) -> str:
        """The path of the bytes in the default storage."""
        return f"attachments/{self.organization_id}/{self.sha256[:2]}/{self.sha256}"

    def get_absolute_url(self) -> str:
        return reverse("evidence:attachment", args=[current_organization().slug, self.pk])

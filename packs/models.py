"""Evidence packs: requests for them, their progress, and the parts that workers share."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from organizations.jobs import Job
from organizations.models import Site
from organizations.scope import current_organization
from registers.models import ReferenceCounter


class EvidencePack(Job):
    """A request for a pack, its progress, and the pack itself once it is stored."""

    class Status(models.TextChoices):
        """The states of a pack; between queued and stored, the step of the pipeline it is in."""

        QUEUED = "queued", _("Waiting for a worker")
        COLLECTING = "collecting", _("Collecting and evaluating the records")
        RENDERING = "rendering", _("Writing workbooks and typesetting the report")
        SEALING = "sealing", _("Sealing")
        STORING = "storing", _("Storing")
        STORED = "stored", _("Ready")
        FAILED = "failed", _("Failed")
        CANCELLED = "cancelled", _("Cancelled")

    #: The steps of the pipeline, in order.
    STEPS = (Status.COLLECTING, Status.RENDERING, Status.SEALING, Status.STORING)
    PENDING = (Status.QUEUED, *STEPS)

    reference = models.CharField(_("reference"), max_length=20, editable=False)
    period_from = models.DateField(_("from"))
    period_to = models.DateField(_("to"))
    as_of = models.DateTimeField(_("as of"), help_text=_("The moment whose records go into the pack."))
    sub_clauses = models.CharField(_("sub-clauses"), max_length=3, default="abc")
    sites = models.JSONField(_("sites"), default=list, blank=True)
    samples = models.JSONField(_("samples"), default=list, blank=True)
    language = models.CharField(_("language"), max_length=10, default="en")
    #: The signed head under which its rows stand; the same for every attempt to build it.
    seal = models.ForeignKey("trail.Seal", null=True, on_delete=models.PROTECT, related_name="+", editable=False)
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", editable=False
    )
    requested_at = models.DateTimeField(_("asked for"), auto_now_add=True)
    steps = models.JSONField(default=dict, editable=False)
    digest = models.CharField(_("SHA-256"), max_length=64, blank=True, editable=False)
    size = models.PositiveBigIntegerField(_("size"), null=True, editable=False)
    contents = models.JSONField(default=dict, editable=False)
    stored_at = models.DateTimeField(_("stored"), null=True, editable=False)

    class Meta(Job.Meta):
        ordering = ("-requested_at", "-pk")
        verbose_name = _("evidence pack")
        verbose_name_plural = _("evidence packs")
        constraints = (
            models.UniqueConstraint(fields=("organization", "reference"), name="pack_reference_once"),
            models.CheckConstraint(condition=Q(period_to__gte=models.F("period_from")), name="pack_period_in_order",
                                   violation_error_message=_("The period ends before it begins.")),
        )  # fmt: skip

    def __str__(self) -> str:
        return self.reference

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self.reference:
            (self.reference,) = ReferenceCounter.take("EP")
        super().save(*args, **kwargs)

    def clean(self) -> None:
        if not self.sub_clauses or set(self.sub_clauses) - set("abc"):
            raise ValidationError({"sub_clauses": _("Choose at least one of a, b and c.")})

    def get_status_display(self) -> str:
        """Return the status in words."""
        return str(self.Status(self.status).label)

    @property
    def is_stored(self) -> bool:
        """True where the pack is finished and can be downloaded."""
        return self.status == self.Status.STORED

    def path_of(self, digest: str) -> str:
        """Return the path in the default storage of a pack with this digest.

        Packs are named by their digests, so the same pack is stored once.
        """
        return f"packs/{self.organization_id}/{digest}.zip"

    @property
    def path(self) -> str:
        """The path in the default storage of this pack, once it is stored."""
        return self.path_of(self.digest)

    @property
    def file_name(self) -> str:
        """The name under which a browser saves it."""
        return f"{current_organization().slug}-{self.reference}.zip"

    def site_names(self) -> tuple[str, ...]:
        """Return the names of the sites that the pack is limited to; none means all of them."""
        return tuple(Site.objects.filter(pk__in=self.sites).values_list("name", flat=True))

    def get_absolute_url(self) -> str:
        return reverse("packs:pack", args=[current_organization().slug, self.reference])


class PackPart(Job):
    """A part of a pack under way, which any worker can make.

    It is some registers' rows for the workbooks, their leaves, or the report. ``task`` says what to make as plain
    data, see :mod:`packs.parts`. Parts are gone when their pack is there.
    """

    DONE = "done"
    #: It can't be made: rows aren't under the pack's head, which has to be a newer one.
    UNSEALED = "unsealed"

    pack = models.ForeignKey(EvidencePack, on_delete=models.PROTECT, related_name="parts")
    number = models.PositiveIntegerField(help_text=_("Parts are begun in this order."))
    task = models.JSONField()

    class Meta(Job.Meta):
        ordering = ("number",)
        constraints = (models.UniqueConstraint(fields=("pack", "number"), name="pack_part_once"),)

    def __str__(self) -> str:
        return f"{self.pack_id}.{self.number}"

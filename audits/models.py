"""What an auditor leaves: samples as drawn, notes on rows, and requests for evidence."""

from __future__ import annotations

from datetime import date
from typing import Any, ClassVar

from django.conf import settings
from django.core.validators import MinValueValidator, RegexValidator
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from audits.querysets import RequestQuerySet, SampleQuerySet
from organizations.scope import current_organization
from registers.models import ReferenceCounter
from registers.register import Register, registry
from trail.models import AppendOnly, Tracked, TrackedManager


def person(label: Any) -> models.ForeignKey:
    """Return a foreign key to the person who did something."""
    return models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=label, on_delete=models.PROTECT, related_name="+", editable=False
    )


class Sample(AppendOnly):
    """A draw from a register's rows, with all that is needed to draw it again.

    See :mod:`audits.sampling` for the recipe.
    """

    class Method(models.TextChoices):
        """The ways in which rows are chosen."""

        SIMPLE = "simple", _("Simple: every row equally likely")
        STRATIFIED = "stratified", _("Stratified: each group in proportion, and at least one")
        RISK = "risk", _("By risk: the higher the risk, the likelier")

    reference = models.CharField(_("reference"), max_length=20, editable=False)
    purpose = models.CharField(
        _("purpose"), max_length=300, help_text=_("What you want to find out. It stands on the sample and in the pack.")
    )
    register = models.CharField(_("register"), max_length=40, editable=False)
    query = models.TextField(_("filter"), blank=True, editable=False)
    method = models.CharField(_("method"), max_length=12, choices=Method, default=Method.SIMPLE)
    stratified_by = models.CharField(_("stratified by"), max_length=60, blank=True)
    size = models.PositiveIntegerField(_("size"), default=10, validators=[MinValueValidator(1)])
    seed = models.CharField(
        _("seed"),
        max_length=64,
        blank=True,
        validators=[RegexValidator(r"^[!-~]+$", _("Letters, digits and signs without blanks."))],
        help_text=_("Any text of yours, so that nobody else could choose the rows; one is made where you give none."),
    )
    seed_given = models.BooleanField(editable=False)
    as_of = models.DateTimeField(_("drawn"), editable=False)
    population = models.PositiveIntegerField(_("population"), editable=False)
    digest = models.CharField(_("digest of the population"), max_length=64, editable=False)
    entries = models.JSONField(
        default=list, editable=False, help_text=_("The population: reference, stratum and weight of each row.")
    )
    drawn_by = person(_("drawn by"))

    objects: ClassVar[Any] = TrackedManager.from_queryset(SampleQuerySet)()

    class Meta(AppendOnly.Meta):
        ordering = ("-as_of", "-pk")
        verbose_name = _("sample")
        verbose_name_plural = _("samples")
        constraints = (models.UniqueConstraint(fields=("organization", "reference"), name="sample_reference_once"),)

    def __str__(self) -> str:
        return self.reference

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self.reference:
            (self.reference,) = ReferenceCounter.take("SA")
        super().save(*args, **kwargs)

    @property
    def of(self) -> Register:
        """The register it was drawn from."""
        return registry[self.register]

    def get_absolute_url(self) -> str:
        return reverse("audits:sample", args=[current_organization().slug, self.reference])


class SampledRow(AppendOnly):
    """One row of a sample, with the version of the record that was drawn."""

    sample = models.ForeignKey(Sample, on_delete=models.PROTECT, related_name="rows", editable=False)
    position = models.PositiveIntegerField(_("position"), editable=False)
    reference = models.CharField(_("reference"), max_length=20, editable=False)
    stratum = models.CharField(_("stratum"), max_length=200, blank=True, editable=False)
    weight = models.PositiveIntegerField(_("weight"), default=1, editable=False)
    title = models.TextField(_("title"), blank=True, editable=False)
    revision = models.PositiveIntegerField(_("revision"), editable=False)
    version = models.BigIntegerField(
        _("version"), editable=False, help_text=_("Number of the version in the register's history.")
    )

    class Meta(AppendOnly.Meta):
        ordering = ("sample", "position")
        verbose_name = _("sampled row")
        verbose_name_plural = _("sampled rows")
        constraints = (
            models.UniqueConstraint(fields=("sample", "position"), name="sampled_row_position_once"),
            models.UniqueConstraint(fields=("sample", "reference"), name="sampled_row_reference_once"),
        )

    def __str__(self) -> str:
        return self.reference

    def get_absolute_url(self) -> str:
        return reverse("audits:trace", args=[current_organization().slug, self.sample.reference, self.reference])


class AuditNote(AppendOnly):
    """What an auditor found of a sampled row. Corrected by a further note, never changed."""

    class Finding(models.TextChoices):
        """The words of ISO 19011 for what an audit finds."""

        CONFORMITY = "conformity", _("Conformity")
        NONCONFORMITY = "nonconformity", _("Nonconformity")
        OBSERVATION = "observation", _("Observation")
        IMPROVEMENT = "improvement", _("Opportunity for improvement")

    row = models.ForeignKey(SampledRow, on_delete=models.PROTECT, related_name="notes", editable=False)
    finding = models.CharField(_("finding"), max_length=16, choices=Finding)
    text = models.TextField(_("what you saw"))
    written_by = person(_("written by"))
    written_at = models.DateTimeField(_("written"), auto_now_add=True)

    class Meta(AppendOnly.Meta):
        ordering = ("written_at", "pk")
        verbose_name = _("note")
        verbose_name_plural = _("notes")

    def __str__(self) -> str:
        return str(self.get_finding_display())


class EvidenceRequest(Tracked):
    """An auditor asks the quality manager to show something of a row."""

    class Status(models.TextChoices):
        """The states of a request, which say whose turn it is."""

        OPEN = "open", _("Waits for an answer")
        ANSWERED = "answered", _("Answered")
        ACCEPTED = "accepted", _("Accepted")

    reference = models.CharField(_("reference"), max_length=20, editable=False)
    subject = models.CharField(_("row"), max_length=20, editable=False)
    text = models.TextField(_("what you want to see"))
    needed_by = models.DateField(_("needed by"), null=True, blank=True)
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.OPEN, editable=False)
    asked_by = person(_("asked by"))
    asked_at = models.DateTimeField(_("asked"), auto_now_add=True)

    objects: ClassVar[Any] = TrackedManager.from_queryset(RequestQuerySet)()

    class Meta(Tracked.Meta):
        ordering = ("-asked_at", "-pk")
        verbose_name = _("request for evidence")
        verbose_name_plural = _("requests for evidence")
        constraints = (
            models.UniqueConstraint(fields=("organization", "reference"), name="evidence_request_reference_once"),
        )

    def __str__(self) -> str:
        return self.reference

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self.reference:
            (self.reference,) = ReferenceCounter.take("ER")
        super().save(*args, **kwargs)

    def is_late_on(self, day: date) -> bool:
        """Say whether it still waits for an answer after the day it was needed by."""
        return self.status == self.Status.OPEN and self.needed_by is not None and self.needed_by < day

    def get_absolute_url(self) -> str:
        return reverse("audits:request", args=[current_organization().slug, self.reference])


class Reply(AppendOnly):
    """One turn of a request: an answer, its acceptance, or why it isn't enough."""

    class Kind(models.TextChoices):
        """The kinds of turns."""

        ANSWER = "answer", _("Answer")
        ACCEPTANCE = "acceptance", _("Accepted")
        REOPENING = "reopening", _("Not enough")

    request = models.ForeignKey(EvidenceRequest, on_delete=models.PROTECT, related_name="replies", editable=False)
    kind = models.CharField(_("kind"), max_length=10, choices=Kind, editable=False)
    text = models.TextField(_("text"), blank=True)
    attachment = models.ForeignKey(
        "evidence.Attachment",
        verbose_name=_("file"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text=_("A file of the row."),
    )
    written_by = person(_("written by"))
    written_at = models.DateTimeField(_("written"), auto_now_add=True)

    class Meta(AppendOnly.Meta):
        ordering = ("written_at", "pk")
        verbose_name = _("reply")
        verbose_name_plural = _("replies")

    def __str__(self) -> str:
        return str(self.get_kind_display())

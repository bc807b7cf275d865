"""Requirements (clauses 5.1.2 a and 8.2).

Customer, statutory, regulatory, and promises of the organization itself.
"""

from __future__ import annotations

from typing import Any, ClassVar

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from registers.models import Record
from registers.querysets import record_manager
from requirements_registry.models.parties import InterestedParty
from requirements_registry.models.version_mixin import Versioning
from requirements_registry.querysets import RequirementQuerySet
from requirements_registry.status import RequirementStatus
from requirements_registry.validators import first_words, interval, not_in_future, tidy


class Requirement(RequirementStatus, Versioning, Record):
    """What is required of the organization's products and services.

    By a customer, a law, an authority or the organization itself.
    """

    class Kind(models.TextChoices):
        """Where a requirement's force comes from."""

        CUSTOMER = "customer", _("Customer")
        STATUTORY = "statutory", _("Statutory")
        REGULATORY = "regulatory", _("Regulatory")
        PROMISE = "promise", _("Organizational promise")

    class Status(models.TextChoices):
        """Where it stands in its life; only active requirements are checked and acknowledged."""

        DRAFT = "draft", _("Draft")
        IN_REVIEW = "in_review", _("In review")
        ACTIVE = "active", _("Active")
        SUPERSEDED = "superseded", _("Superseded")
        WITHDRAWN = "withdrawn", _("Withdrawn")
        NOT_APPLICABLE = "not_applicable", _("Not applicable")

    class Criticality(models.TextChoices):
        """How much depends on it."""

        LOW = "low", _("Low")
        MEDIUM = "medium", _("Medium")
        HIGH = "high", _("High")
        CRITICAL = "critical", _("Critical")

    class Applicability(models.TextChoices):
        """Whether it applies to the organization."""

        UNDECIDED = "undecided", _("Undecided")
        YES = "yes", _("Applies")
        NO = "no", _("Does not apply")

    prefix = "REQ"

    title = models.CharField(
        _("title"), max_length=300, blank=True, help_text=_("A few words. Left empty, the statement's first words.")
    )
    # Empty means that nobody has said yet; a default would be a guess that looks like a decision.
    kind = models.CharField(_("kind"), max_length=12, choices=Kind, blank=True)
    status = models.CharField(_("status"), max_length=16, choices=Status, default=Status.DRAFT)
    category = models.CharField(
        _("category"), max_length=120, blank=True, help_text=_("The group, family or part its source files it under.")
    )
    criticality = models.CharField(_("criticality"), max_length=10, choices=Criticality, default=Criticality.MEDIUM)
    interested_party = models.ForeignKey(
        InterestedParty,
        verbose_name=_("interested party"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="requirements",
        help_text=_("Whose requirement it is."),
    )
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("owner"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    version = models.PositiveIntegerField(_("version"), default=1, editable=False)
    acknowledge_from = models.DateField(_("to be acknowledged since"), default=timezone.localdate, editable=False)
    source = models.CharField(
        _("source"), max_length=300, blank=True, help_text=_("The document, contract or law that states it.")
    )
    source_clause = models.CharField(
        _("source clause"), max_length=120, blank=True, help_text=_("Where in the source.")
    )
    source_link = models.URLField(_("source link"), max_length=500, blank=True)
    source_issued_on = models.DateField(_("source issued on"), null=True, blank=True)
    effective_on = models.DateField(_("effective from"), null=True, blank=True)
    jurisdiction = models.CharField(
        _("jurisdiction"), max_length=120, blank=True, help_text=_("Where a law or regulation is in force.")
    )
    products = models.CharField(
        _("products and services"), max_length=300, blank=True, help_text=_("Which it touches, separated by commas.")
    )
    processes = models.CharField(
        _("processes"), max_length=300, blank=True, help_text=_("Which processes meet it, separated by commas.")
    )
    review_days = models.PositiveIntegerField(
        _("review interval"),
        null=True,
        blank=True,
        validators=interval,
        help_text=_("Days between reviews. Empty: the organization's interval."),
    )
    last_reviewed_on = models.DateField(_("last review"), null=True, blank=True, validators=[not_in_future])
    check_days = models.PositiveIntegerField(
        _("check interval"),
        null=True,
        blank=True,
        validators=interval,
        help_text=_("Days between conformity checks. Empty: the organization's interval."),
    )
    applicable = models.CharField(
        _("applicability"), max_length=10, choices=Applicability, default=Applicability.UNDECIDED
    )
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("decided by"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    decided_on = models.DateField(_("decided on"), null=True, blank=True, validators=[not_in_future])
    supersedes = models.ForeignKey(
        "self",
        verbose_name=_("supersedes"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="superseded_by",
        help_text=_("The earlier requirement that it takes the place of."),
    )
    # Long texts stand last: a row's earlier columns are then read without them.
    justification = models.TextField(_("justification"), blank=True, help_text=_("Why it applies, or does not."))
    criterion = models.TextField(
        _("acceptance criterion"), blank=True, help_text=_("What a check is held against: measurable where it can be.")
    )
    statement = models.TextField(_("statement"), help_text=_("The requirement in full."))
    guidance = models.TextField(_("guidance"), blank=True, help_text=_("Notes and guidance from the source."))

    objects: ClassVar[Any] = record_manager(RequirementQuerySet)

    class Meta(Record.Meta):
        verbose_name = _("requirement")
        verbose_name_plural = _("requirements")
        constraints = (
            *Record.Meta.constraints,
            models.CheckConstraint(condition=~Q(status="not_applicable") | Q(applicable="no", decided_by__isnull=False) & ~Q(justification=""), name="requirement_set_aside_decided",
                                   violation_error_message=_("To set a requirement aside, decide that it does not apply, say why, and who decided.")),
            models.CheckConstraint(condition=~Q(status="active", applicable="no"), name="requirement_active_applies",
                                   violation_error_message=_("A requirement that does not apply can't be active.")),
        )  # fmt: skip
        indexes = (
            *Record.Meta.indexes,
            models.Index(fields=("organization", "interested_party", "-id"), name="requirement_of_party"),
            models.Index(fields=("organization", "source"), name="requirement_source"),
        )

    def clean(self) -> None:
        for name in ("statement", "criterion"):
            setattr(self, name, tidy(getattr(self, name)))
        self.title = self.title.strip() or first_words(self.statement)
        if self.pk is not None and self.supersedes_id == self.pk:
            raise ValidationError({"supersedes": _("A requirement can't take its own place.")})
        if self.status == self.Status.ACTIVE and self.applicable == self.Applicability.NO:
            raise ValidationError(
                {
                    "applicable": _(
                        "A requirement that does not apply can't be active: set its status to “Not applicable”."
                    )
                }
            )
        if self.status == self.Status.NOT_APPLICABLE:
            self._check_set_aside()

    def _check_set_aside(self) -> None:
        errors = {}
        if self.applicable != self.Applicability.NO:
            errors["applicable"] = _("Decide that it does not apply before setting it aside.")
        if not self.justification.strip():
            errors["justification"] = _("Say why it does not apply.")
        if self.decided_by_id is None:
            errors["decided_by"] = _("Say who decided that it does not apply.")
        if errors:
            raise ValidationError(errors)

    @property
    def can_be_acknowledged(self) -> bool:
        """Whether it is there to be worked by: active, or about to be."""
        return not self.is_archived and self.status in (self.Status.ACTIVE, self.Status.IN_REVIEW)

    @property
    def current_checks(self) -> Any:
        """Its conformity checks that count, newest first."""
        return self.checks.current()  # type: ignore[attr-defined]

    @property
    def current_watch_entries(self) -> Any:
        """The looks at its source that count, newest first."""
        return self.watch_entries.current()  # type: ignore[attr-defined]

    @property
    def source_text(self) -> str:
        """Source and clause in one."""
        return ", ".join(part for part in (self.source, self.source_clause) if part)

"""Complaints and the clocks that run on them (ISO 10002, clauses 7 and 8)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, ClassVar

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from feedback.deadlines import Clock, end_of
from feedback.moments import in_future
from feedback.querysets import ComplaintQuerySet
from organizations import clock
from organizations.models import Targets
from organizations.scope import current_organization
from registers.models import Record
from registers.querysets import record_manager
from trail.models import Link


class Complaint(Record):
    """A complaint on its way from received to closed.

    It is held against targets that are frozen when it is recorded.

    It may end without a nonconformity.
    """

    class Status(models.TextChoices):
        """The last step taken; follows from the steps' dates."""

        RECEIVED = "received", _("Received")
        ACKNOWLEDGED = "acknowledged", _("Acknowledged")
        ASSESSED = "assessed", _("Assessed")
        INVESTIGATED = "investigated", _("Investigated")
        ANSWERED = "answered", _("Answered")
        CLOSED = "closed", _("Closed")

    class Level(models.TextChoices):
        """How much of something an assessment found."""

        NONE = "none", _("None")
        LOW = "low", _("Low")
        MEDIUM = "medium", _("Medium")
        HIGH = "high", _("High")

    class View(models.TextChoices):
        """What the complainant makes of the outcome."""

        UNKNOWN = "unknown", _("Not known")
        SATISFIED = "satisfied", _("Satisfied")
        NOT = "not", _("Not satisfied")

    class Nonconformity(models.TextChoices):
        """Whether a requirement was found not to be fulfilled."""

        UNDECIDED = "undecided", _("Undecided")
        YES = "yes", _("Nonconformity")
        NO = "no", _("No nonconformity")

    prefix = "CPL"
    computed: ClassVar[tuple[str, ...]] = (
        "status",
        "outcome_told",
        "acknowledge_days",
        "answer_days",
        "close_days",
        "acknowledge_due_at",
        "answer_due_at",
        "close_due_at",
    )
    #: The steps in order: the field of each, and the status that it brings.
    STEPS: ClassVar[tuple[tuple[str, Status], ...]] = (
        ("acknowledged_at", Status.ACKNOWLEDGED),
        ("assessed_at", Status.ASSESSED),
        ("investigated_at", Status.INVESTIGATED),
        ("responded_at", Status.ANSWERED),
        ("closed_at", Status.CLOSED),
    )

    title = models.CharField(_("complaint about"), max_length=300)
    text = models.TextField(_("what was said"), blank=True)
    customer = models.ForeignKey(
        "requirements_registry.InterestedParty",
        verbose_name=_("customer"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    complainant = models.CharField(
        _("complainant"), max_length=200, blank=True, help_text=_("The person who complains.")
    )
    product = models.CharField(_("product or service"), max_length=200, blank=True)
    channel = models.CharField(_("received via"), max_length=100, blank=True)
    status = models.CharField(_("status"), max_length=12, choices=Status, default=Status.RECEIVED, editable=False)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("handled by"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )

    received_at = models.DateTimeField(_("received"))
    acknowledged_at = models.DateTimeField(_("acknowledged"), null=True, blank=True)
    assessed_at = models.DateTimeField(_("assessed"), null=True, blank=True)
    investigated_at = models.DateTimeField(_("investigated"), null=True, blank=True)
    responded_at = models.DateTimeField(_("answered"), null=True, blank=True)
    closed_at = models.DateTimeField(_("closed"), null=True, blank=True)
    acknowledge_days = models.PositiveIntegerField(_("days to acknowledge"), editable=False)
    answer_days = models.PositiveIntegerField(_("days to answer"), editable=False)
    close_days = models.PositiveIntegerField(_("days to close"), editable=False)
    acknowledge_due_at = models.DateTimeField(_("acknowledge by"), editable=False)
    answer_due_at = models.DateTimeField(_("answer by"), editable=False)
    close_due_at = models.DateTimeField(_("close by"), editable=False)

    severity = models.CharField(_("severity"), max_length=6, choices=Level, blank=True)
    safety = models.CharField(
        _("safety"), max_length=6, choices=Level, blank=True, help_text=_("Implication for somebody's safety.")
    )
    complexity = models.CharField(_("complexity"), max_length=6, choices=Level, blank=True)
    impact = models.CharField(_("impact"), max_length=6, choices=Level, blank=True)
    urgency = models.CharField(
        _("urgency"), max_length=6, choices=Level, blank=True, help_text=_("Need and possibility of acting at once.")
    )
    findings = models.TextField(_("findings"), blank=True, help_text=_("What the investigation found."))
    nonconformity = models.CharField(
        _("nonconformity"), max_length=9, choices=Nonconformity, default=Nonconformity.UNDECIDED
    )
    requirements = models.ManyToManyField(
        "requirements_registry.Requirement",
        verbose_name=_("requirements"),
        through="ComplaintRequirement",
        blank=True,
        related_name="complaints",
    )

    remedy_sought = models.TextField(_("remedy sought"), blank=True)
    remedy_given = models.TextField(_("remedy given"), blank=True)
    outcome_told = models.BooleanField(_("outcome told to the complainant"), default=False)
    outcome_told_at = models.DateTimeField(_("outcome told at"), null=True, blank=True)
    view = models.CharField(_("complainant's view"), max_length=9, choices=View, default=View.UNKNOWN)

    objects: ClassVar[Any] = record_manager(ComplaintQuerySet)

    class Meta(Record.Meta):
        verbose_name = _("complaint")
        verbose_name_plural = _("complaints")
        constraints = (
            *Record.Meta.constraints,
            models.CheckConstraint(
                condition=Q(outcome_told_at=None) | Q(outcome_told=True), name="complaint_told_when_told_at"
            ),
            *(
                models.CheckConstraint(
                    condition=Q(**{step: None}) | Q(**{f"{step}__gte": F("received_at")}),
                    name=f"complaint_{step}_after_received",
                    violation_error_message=_("No step can lie before the complaint was received."),
                )
                for step in (
                    "acknowledged_at",
                    "assessed_at",
                    "investigated_at",
                    "responded_at",
                    "closed_at",
                    "outcome_told_at",
                )
            ),
        )
        indexes = (
            *Record.Meta.indexes,
            models.Index(fields=("organization", "received_at"), name="complaint_received"),
            models.Index(fields=("organization", "closed_at"), name="complaint_closed"),
            models.Index(fields=("organization", "customer", "received_at"), name="complaint_customer"),
        )

    @classmethod
    def prepare(cls, rows: Sequence[Complaint]) -> None:
        """Derive each status and the moments that its targets end at.

        The days of those that have none yet are frozen.
        """
        for row in rows:
            row.status = row.step_reached
            row.outcome_told = row.outcome_told or row.outcome_told_at is not None
        _freeze_targets(rows)

    def clean(self) -> None:
        moments = {name: getattr(self, name) for name, _status in self.STEPS} | {
            "outcome_told_at": self.outcome_told_at
        }
        errors = in_future(received_at=self.received_at, **moments)
        for name, moment in moments.items():
            if moment and self.received_at and moment < self.received_at:
                errors[name] = _("This lies before the complaint was received.")
        if errors:
            raise ValidationError(errors)
        self.status = self.step_reached

    @property
    def step_reached(self) -> Status:
        """The furthest step that has a date."""
        return next((status for name, status in reversed(self.STEPS) if getattr(self, name)), self.Status.RECEIVED)

    @property
    def clocks(self) -> tuple[Clock, Clock, Clock]:
        """The three frozen targets, each with when it was met.

        Closing ends every clock.
        """
        return (
            Clock(str(_("Acknowledgement")), self.acknowledge_due_at, _first(self.acknowledged_at, self.closed_at)),
            Clock(str(_("Answer")), self.answer_due_at, _first(self.responded_at, self.closed_at)),
            Clock(str(_("Closing")), self.close_due_at, self.closed_at),
        )

    @property
    def clock(self) -> tuple[str, str]:
        """In words how the complaint stands against its targets, and the tone of it."""
        return self.clock_at(clock.now())

    def clock_at(self, moment: datetime) -> tuple[str, str]:
        """Return the same, seen from a moment.

        What is late comes first, then what was not told or is due next, then that all was in time.
        """
        late = next((clock for clock in self.clocks if clock.is_late(moment)), None)
        if late is None and self.closed_at and not self.outcome_told:
            return str(_("Closed, outcome not told")), "gap"
        following = next((clock for clock in self.clocks if clock.met_at is None), None)
        shown = late or following
        return shown.in_words(moment) if shown else (str(_("Closed within its targets")), "met")


def _first(*steps: datetime | None) -> datetime | None:
    """Return when the first of the steps was taken; None where none was."""
    return min((step for step in steps if step is not None), default=None)


def _freeze_targets(complaints: Sequence[Complaint]) -> None:
    """Give each complaint its targets, once and for all, and the moments when they end.

    The days are those in force when it was received.

    A later version of the organization's targets doesn't touch the days; a corrected date of receipt moves the moments.
    One query, and none where every complaint has its days already.

    Raises:
        Targets.DoesNotExist: the organization has set none.
    """
    zone = current_organization().zone
    new = [row for row in complaints if row.close_days is None]
    versions = list(Targets.objects.order_by("-effective_from")) if new else []
    if new and not versions:
        raise Targets.DoesNotExist("The organization has set no targets.")
    for row in new:
        received = row.received_at.astimezone(zone).date()
        # Newest first: for a complaint older than every version, the first one.
        version = next((v for v in versions if v.effective_from <= received), versions[-1])
        row.acknowledge_days, row.answer_days, row.close_days = (
            version.complaint_acknowledge_days,
            version.complaint_answer_days,
            version.complaint_close_days,
        )
    for row in complaints:
        received = row.received_at.astimezone(zone).date()
        row.acknowledge_due_at = end_of(received + timedelta(days=row.acknowledge_days), zone)
        row.answer_due_at = end_of(received + timedelta(days=row.answer_days), zone)
        row.close_due_at = end_of(received + timedelta(days=row.close_days), zone)


class ComplaintRequirement(Link):
    """A requirement that a complaint is about."""

    complaint = models.ForeignKey(Complaint, on_delete=models.PROTECT, related_name="+")
    requirement = models.ForeignKey("requirements_registry.Requirement", on_delete=models.PROTECT, related_name="+")

    class Meta(Link.Meta):
        constraints = (models.UniqueConstraint(fields=("complaint", "requirement"), name="complaint_requirement_once"),)

    def __str__(self) -> str:
        return f"{self.complaint_id}–{self.requirement_id}"

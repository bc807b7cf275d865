"""Waves of surveys: who was asked at one time, so that a response rate has a denominator (clause 9.1.2)."""

from __future__ import annotations

from django.conf import settings
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from registers.models import Record


class SurveyWave(Record):
    """A survey sent at one time, or a round of calls: the people asked.

    Those who answered are counted from the feedback that names the wave, never typed in.
    """

    prefix = "SVY"

    title = models.CharField(_("survey"), max_length=300, help_text=_("Like: recommendation survey, autumn 2026."))
    segment = models.CharField(
        _("customer segment"),
        max_length=120,
        blank=True,
        help_text=_("As it is written at the interested parties. Empty: customers of all segments."),
    )
    channel = models.CharField(_("asked by"), max_length=100, blank=True, help_text=_("Like: mail, calls, visits."))
    asked = models.PositiveIntegerField(
        _("people asked"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1)],
        help_text=_("How many people it was sent to. Without it there is no response rate."),
    )
    sent_on = models.DateField(_("sent"), null=True, blank=True, help_text=_("The day the first of them were asked."))
    closed_on = models.DateField(_("closed"), null=True, blank=True, help_text=_("The last day for answers."))
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("owner"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )

    class Meta(Record.Meta):
        verbose_name = _("survey")
        verbose_name_plural = _("surveys")
        constraints = (
            *Record.Meta.constraints,
            models.CheckConstraint(
                condition=Q(sent_on=None) | Q(closed_on=None) | Q(closed_on__gte=F("sent_on")),
                name="survey_closed_after_sent",
                violation_error_message=_("A survey closes after it was sent."),
            ),
        )

    def clean(self) -> None:
        self.segment = " ".join(self.segment.split())

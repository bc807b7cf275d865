"""How each customer segment is listened to (clause 9.1.2)."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any, ClassVar

from django.conf import settings
from django.core.validators import MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from feedback.querysets import MethodQuerySet
from registers.models import Record
from registers.querysets import record_manager
from registers.validators import not_in_future


class SatisfactionMethod(Record):
    """A method by which a customer segment's perceptions are obtained, monitored and reviewed."""

    prefix = "SAM"
    title_field = "method"

    segment = models.CharField(
        _("customer segment"), max_length=120, help_text=_("As it is written at the interested parties.")
    )
    method = models.CharField(
        _("method"), max_length=300, help_text=_("Like: yearly survey, score cards, visits, analysis of returns.")
    )
    population_size = models.PositiveIntegerField(
        _("population"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1)],
        help_text=_("How many customers the segment has."),
    )
    frequency_days = models.PositiveIntegerField(
        _("frequency"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1)],
        help_text=_("Days from one time to the next."),
    )
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("owner"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    last_used_on = models.DateField(_("last used"), null=True, blank=True, validators=[not_in_future])

    objects: ClassVar[Any] = record_manager(MethodQuerySet)

    class Meta(Record.Meta):
        verbose_name = _("monitoring method")
        verbose_name_plural = _("monitoring methods")

    def clean(self) -> None:
        self.segment = " ".join(self.segment.split())

    @property
    def due_on(self) -> date | None:
        """The day by which the method is to be used again.

        None where it was never used or has no frequency.
        """
        if self.last_used_on is None or self.frequency_days is None:
            return None
        return self.last_used_on + timedelta(days=self.frequency_days)

"""Feedback: one answer or remark, on whatever scale its source has (clause 9.1.2)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, ClassVar, Self

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from feedback.moments import in_future
from feedback.querysets import MIDDLE, FeedbackQuerySet
from feedback.scale import as_given, position, scale_in_words
from registers.models import ImportOutcome, Record
from registers.querysets import record_manager
from registers.validators import not_in_future

TENTH = Decimal("0.1")


class FeedbackItem(Record):
    """One answer or remark of a customer.

    Its score keeps the source's scale and direction, and is comparable by its position on the scale.
    """

    class Source(models.TextChoices):
        """Where it comes from: the ways of listening that 9.1.2 thinks of."""

        SURVEY = "survey", _("Survey")
        COMPLAINT = "complaint", _("Complaint")
        COMPLIMENT = "compliment", _("Compliment")
        MEETING = "meeting", _("Meeting")
        WARRANTY = "warranty", _("Warranty claim")
        RETURN = "return", _("Return")
        CREDIT_NOTE = "credit_note", _("Credit note")
        LOST_BUSINESS = "lost_business", _("Lost business")
        DEALER_REPORT = "dealer_report", _("Dealer report")
        SOCIAL = "social", _("Social media")
        OTHER = "other", _("Other")

    prefix = "FBK"
    title_field = "text"
    computed: ClassVar[tuple[str, ...]] = ("normalized",)

    source = models.CharField(_("source"), max_length=16, choices=Source, default=Source.OTHER)
    collected_at = models.DateTimeField(_("collected"), help_text=_("When the customer said it."))
    customer = models.ForeignKey(
        "requirements_registry.InterestedParty",
        verbose_name=_("customer"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    respondent = models.CharField(
        _("respondent"), max_length=200, blank=True, help_text=_("The name or number that the source gives the person.")
    )
    wave = models.ForeignKey(
        "feedback.SurveyWave",
        verbose_name=_("survey"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text=_("The survey that it answers. Who answered is counted against the people it asked."),
    )
    product = models.CharField(_("product or service"), max_length=200, blank=True)
    question = models.CharField(_("question"), max_length=500, blank=True)
    is_recommendation = models.BooleanField(
        _("recommendation question"),
        default=False,
        help_text=_(
            "Whether the question is how likely they are to recommend you. Only its answers from 0 to 10 count for the "
            "net promoter score."
        ),
    )
    score = models.DecimalField(_("score"), max_digits=12, decimal_places=4, null=True, blank=True)
    scale_min = models.DecimalField(
        _("scale from"),
        max_digits=12,
        decimal_places=4,
        null=True,
        blank=True,
        help_text=_("Lowest number of the scale."),
    )
    scale_max = models.DecimalField(
        _("scale to"),
        max_digits=12,
        decimal_places=4,
        null=True,
        blank=True,
        help_text=_("Highest number of the scale."),
    )
    higher_is_better = models.BooleanField(
        _("higher is better"), default=True, help_text=_("Switch off where the lowest number is the best answer.")
    )
    normalized = models.DecimalField(
        _("position on the scale, %"), max_digits=7, decimal_places=4, null=True, editable=False
    )
    text = models.TextField(_("what was said"), blank=True)
    themes = models.CharField(_("themes"), max_length=500, blank=True, help_text=_("Separated by commas."))
    language = models.CharField(_("language"), max_length=35, blank=True)
    channel = models.CharField(_("received via"), max_length=100, blank=True)
    place = models.CharField(_("place"), max_length=200, blank=True)
    source_status = models.CharField(
        _("status at the source"), max_length=100, blank=True, help_text=_("In the source's own words.")
    )
    shared_on = models.DateField(
        _("shared"),
        null=True,
        blank=True,
        validators=[not_in_future],
        help_text=_("The day a compliment was passed on to those who earned it."),
    )
    shared_with = models.CharField(_("shared with"), max_length=300, blank=True)
    source_data = models.TextField(
        _("other columns of the source"), blank=True, help_text=_("One line each, “heading: value”, as imported.")
    )

    objects: ClassVar[Any] = record_manager(FeedbackQuerySet)

    class Meta(Record.Meta):
        verbose_name = _("feedback")
        verbose_name_plural = _("feedback")
        constraints = (
            *Record.Meta.constraints,
            models.CheckConstraint(
                condition=Q(score=None)
                | Q(
                    scale_min__isnull=False,
                    scale_max__isnull=False,
                    score__gte=F("scale_min"),
                    score__lte=F("scale_max"),
                ),
                name="feedback_score_on_its_scale",
                violation_error_message=_("The score doesn't lie on its scale."),
            ),
            models.CheckConstraint(
                condition=Q(scale_min=None) | Q(scale_max=None) | Q(scale_min__lt=F("scale_max")),
                name="feedback_scale_has_a_width",
                violation_error_message=_("The scale's lowest number must be below its highest."),
            ),
            models.CheckConstraint(
                condition=Q(wave=None) | Q(source="survey"),
                name="feedback_of_a_wave_is_an_answer",
                violation_error_message=_("Only an answer to a survey belongs to one: its source must be “Survey”."),
            ),
            models.CheckConstraint(
                condition=Q(score=None, normalized=None)
                | Q(score__isnull=False, normalized__isnull=False, normalized__gte=0, normalized__lte=100),
                name="feedback_score_is_placed",
            ),
        )
        indexes = (
            *Record.Meta.indexes,
            models.Index(
                fields=("organization", "collected_at", "normalized"),
                condition=Q(archived_at=None),
                name="feedback_collected",
            ),
            models.Index(fields=("organization", "customer", "collected_at"), name="feedback_customer"),
            models.Index(fields=("organization", "normalized"), name="feedback_normalized"),
        )

    @classmethod
    def prepare(cls, rows: Sequence[FeedbackItem]) -> None:
        """Place each score on its scale."""
        for row in rows:
            row.normalized = position(row.score, row.scale_min, row.scale_max, higher_is_better=row.higher_is_better)

    import_outcome_titles = (_("Where the scores lie, 0 % the worst and 100 % the best answer"), _("Of the scale"))

    @classmethod
    def import_outcomes(cls, told: Sequence[tuple[Self, Mapping[str, Any]]]) -> list[list[ImportOutcome]]:
        """Return where each score would lie on its scale."""
        return [
            []
            if row.normalized is None
            else [
                ImportOutcome(
                    f"{as_given(row.normalized.quantize(TENTH))} %",
                    "attention" if row.normalized < MIDDLE else "neutral",
                    row.score_text,
                )
            ]
            for row, _told in told
        ]

    def clean(self) -> None:
        self.question = " ".join(self.question.split())
        self.themes = ", ".join(dict.fromkeys(self.theme_list))
        errors = in_future(collected_at=self.collected_at) | self._scale_errors()
        if errors:
            raise ValidationError(errors)
        # ``full_clean`` checks constraints after this, and one wants the score placed; saving places it later.
        self.prepare([self])

    def _scale_errors(self) -> dict[str, Any]:
        lowest, highest = self.scale_min, self.scale_max
        if lowest is not None and highest is not None and lowest >= highest:
            return {
                "scale_max": _("The scale's highest number must be above its lowest, %(lowest)s.")
                % {"lowest": as_given(lowest)}
            }
        if self.score is None:
            return {}
        if lowest is None or highest is None:
            return {"score": _("A score says nothing without its scale: give the scale's lowest and highest number.")}
        if not lowest <= self.score <= highest:
            scale = {"score": as_given(self.score), "lowest": as_given(lowest), "highest": as_given(highest)}
            return {"score": _("%(score)s doesn't lie on the scale from %(lowest)s to %(highest)s.") % scale}
        return {}

    @property
    def theme_list(self) -> list[str]:
        """The themes one by one."""
        return [theme for part in self.themes.split(",") if (theme := " ".join(part.split()))]

    @property
    def score_text(self) -> str:
        """The score as its source gives it: ``4 on 1–5``."""
        if self.score is None or self.scale_min is None or self.scale_max is None:
            return ""
        scale = scale_in_words(self.scale_min, self.scale_max, self.higher_is_better)
        return str(_("%(score)s on %(scale)s") % {"score": as_given(self.score), "scale": scale})

    @property
    def title_text(self) -> str:
        """What was said; where nothing was, what was asked about and the score."""
        said = super().title_text
        return (
            said
            or ", ".join(part for part in (self.question or self.product, self.score_text) if part)
            or str(self.get_source_display())
        )

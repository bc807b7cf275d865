"""Why rows of sub-clause c are exceptions of its statements."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import Exists, F, OuterRef
from django.utils.translation import gettext_lazy as _

from clauses.assertion import Terms
from clauses.periods import asked_about
from clauses.reasons import Reason, Step, missing
from feedback.models import Complaint, FeedbackItem, SatisfactionMethod
from organizations.roles import Action


def _without_method(terms: Terms, rows: models.QuerySet) -> Any:
    """Return customers of a segment that no complete method listens to."""
    # Segments are typed by hand in both registers: capitals may differ.
    methods = SatisfactionMethod.objects.current(terms.until).complete().filter(segment__iexact=OuterRef("segment"))
    return rows.exclude(segment="").filter(~Exists(methods))


def _silent(terms: Terms, rows: models.QuerySet) -> Any:
    """Return those of whom neither feedback nor a complaint was recorded in the period."""
    start, end = asked_about(terms)
    said = FeedbackItem.objects.current(terms.until).between(start, end).filter(customer=OuterRef("pk"))
    complained = Complaint.objects.current(terms.until).filter(
        customer=OuterRef("pk"), received_at__gte=start, received_at__lt=end
    )
    return rows.filter(~Exists(said), ~Exists(complained))


_METHOD = Step(
    label=_("Record a method"),
    page="methods-create",
    action=Action.ADD,
    subject="methods",
    fills="segment",
    gives="segment",
)
_HEARD = Step(
    label=_("Record what it said"), page="feedback-create", action=Action.ADD, subject="feedback", fills="customer"
)

LISTENED_TO = (
    missing("no-segment", "segment", _("It belongs to no segment")),
    Reason(
        name="no-method",
        text=_("No complete method listens to its segment"),
        columns=("segment",),
        holds=_without_method,
        steps=(_METHOD,),
    ),
)
HEARD = (
    Reason(
        name="silent",
        text=_("Nothing was heard of it in the period"),
        columns=("segment",),
        holds=_silent,
        steps=(_HEARD,),
    ),
)
SCORED = (
    Reason(
        name="low-score",
        text=_("Its score is below the middle of the scale"),
        columns=("normalized",),
        holds=lambda terms, rows: rows.low(),
    ),
)
COMPLAINTS = (
    Reason(
        name="acknowledged-late",
        text=_("No acknowledgement in time is recorded"),
        columns=("acknowledge_due_at", "acknowledged_at"),
        mends=("acknowledged_at",),
        only_empty=True,
        holds=lambda terms, rows: rows.late(terms.given, "acknowledge"),
    ),
    Reason(
        name="answered-late",
        text=_("No answer in time is recorded"),
        columns=("answer_due_at", "responded_at"),
        mends=("responded_at",),
        only_empty=True,
        holds=lambda terms, rows: rows.late(terms.given, "answer"),
    ),
    Reason(
        name="closed-late",
        text=_("No closing in time is recorded"),
        columns=("close_due_at", "closed_at"),
        mends=("closed_at",),
        only_empty=True,
        holds=lambda terms, rows: rows.late(terms.given, "close"),
    ),
    Reason(
        name="outcome-untold",
        text=_("It is closed, and its complainant wasn’t told the outcome"),
        columns=("outcome_told",),
        mends=("outcome_told", "outcome_told_at"),
        holds=lambda terms, rows: rows.outcome_untold(terms.given),
    ),
)
MEASURED = (
    Reason(
        name="no-measuring-day",
        text=_("Its effect isn’t measured, and no day is set for it"),
        columns=("measure_due_on", "measured_on"),
        mends=("measured_on", "measured_effect"),
        holds=lambda terms, rows: rows.unmeasured(terms.day).filter(measure_due_on=None),
    ),
    Reason(
        name="not-measured",
        text=_("Its effect isn’t measured"),
        columns=("measure_due_on", "measured_on"),
        mends=("measured_on", "measured_effect"),
        holds=lambda terms, rows: rows.unmeasured(terms.day).exclude(measure_due_on=None),
        due=lambda terms: F("measure_due_on"),
    ),
)
SHARED = (
    Reason(
        name="not-shared",
        text=_("Nobody passed it on to those who earned it"),
        columns=("shared_on",),
        mends=("shared_on", "shared_with"),
        holds=lambda terms, rows: rows.not_shared(terms.day),
    ),
)

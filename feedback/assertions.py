"""The assertions about the focus on satisfaction: listening, responding, enhancing."""

from __future__ import annotations

from typing import Any

from django.db.models import BooleanField, ExpressionWrapper, Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, ngettext_lazy

from clauses.assertion import (
    Assertion,
    Counts,
    Gravity,
    Judgement,
    Question,
    Result,
    Rows,
    Terms,
    Verb,
    assertions,
    judge_each,
)
from clauses.periods import asked_about, judged_at, start_of
from clauses.waiting import beside_waiting
from clauses.words import beginning
from feedback import reasons
from feedback.models import Complaint, Enhancement, FeedbackItem
from feedback.score_judgement import judge_score
from requirements_registry.models import InterestedParty

#: What scores are worked out from, besides the answers' number.
SCORES_READ = (
    "normalized", "question", "scale_min", "scale_max", "higher_is_better", "respondent", "customer", "customer__segment",
    "wave", "wave__asked",
)  # fmt: skip
CUSTOMERS = (InterestedParty.Kind.CUSTOMER, InterestedParty.Kind.END_USER)


def _customers(terms: Terms) -> Any:
    return InterestedParty.objects.relevant(terms.until).filter(kind__in=CUSTOMERS)


def _key_customers(terms: Terms) -> Any:
    return InterestedParty.objects.relevant(terms.until).filter(is_key_customer=True)


def _scores(terms: Terms) -> Any:
    return FeedbackItem.objects.current(terms.until).survey_answers().scored().between(*asked_about(terms))


def _complaints(terms: Terms) -> Any:
    return Complaint.objects.current(terms.until).concerning(*asked_about(terms))


def _nearly_missed(terms: Terms, rows: Any) -> Any:
    near = rows.due_between(terms.given, start_of(terms.soon(), terms.zone))
    # A complaint late already is a gap; its next target is no early warning.
    return near.exclude(pk__in=rows.late(terms.given).order_by().values("pk"))


def _enhancements(terms: Terms) -> Any:
    """Return those of the period, and earlier ones not measured yet when it began."""
    first = terms.period.first
    earlier = Q(done_on__lt=first) & (Q(_measured=None) | Q(_measured__gte=first))
    return (
        Enhancement.objects.current(terms.until)
        .measured(terms.day)
        .filter(Q(done_on__range=(first, terms.day)) | earlier)
    )


def _enhancements_read(terms: Terms, rows: Any) -> Any:
    """Return, of each, whether it is of the period, and whether its measuring still has time."""
    waiting = Q(_measured=None, measure_due_on__gte=terms.day)
    new = Q(done_on__gte=terms.period.first)
    said = {name: ExpressionWrapper(each, BooleanField()) for name, each in (("is_new", new), ("waits", waiting))}
    return rows.annotate(**said).values_list("pk", *said)


def judge_enhancements(question: Question, counts: Counts, rows: Rows) -> Judgement:
    """Judge as usual, except that a period in which nothing new was done, or not all was measured yet, wants attention."""
    judged, waiting = judge_each(question, counts, rows), rows().not_measured_yet(question.day).count()
    words = ngettext("%(count)s not measured yet, in time", "%(count)s not measured yet, in time", waiting)
    late = ngettext("effect of %(count)s not measured", "effects of %(count)s not measured", counts.exceptions)
    said = words % {"count": waiting}
    judged = beside_waiting(judged, counts, waiting, said, late % {"count": counts.exceptions})
    if judged.result != Result.MET or rows().filter(done_on__gte=question.period.first).exists():
        return judged
    return Judgement(
        Result.ATTENTION,
        judged.numerator,
        judged.denominator,
        judged.value,
        _("none made in the period, only earlier ones measured"),
        judged.threshold,
    )


def judge_complaints(question: Question, counts: Counts, rows: Rows) -> Judgement:
    """Judge as usual, except that a complaint for which nothing was due or done yet is no good one: it wants attention."""
    judged, waiting = judge_each(question, counts, rows), rows().not_begun(judged_at(question)).count()
    words = ngettext("%(count)s not acknowledged yet, in time", "%(count)s not acknowledged yet, in time", waiting)
    late = ngettext("%(count)s late or outcome not told", "%(count)s late or outcome not told", counts.exceptions)
    said = words % {"count": waiting}
    return beside_waiting(judged, counts, waiting, said, late % {"count": counts.exceptions})


def _compliments(terms: Terms) -> Any:
    return FeedbackItem.objects.current(terms.until).compliments().between(*asked_about(terms))


assertions.add(
    Assertion(
        code="c1",
        verb=Verb.C_LISTENING,
        title=gettext_lazy("Method and frequency per segment"),
        statement=gettext_lazy(
            "Every relevant customer belongs to a segment for which a method of listening, its population, its frequency "
            "and its owner are determined."
        ),
        clauses={"2015": ("9.1.2",), "2026": ("9.1.2",)},
        says=beginning(
            ngettext_lazy(
                "%(count)s customer is listened to by no method",
                "%(count)s customers are listened to by no method",
                "count",
            )
        ),
        register="interested-parties",
        population=_customers,
        reasons=reasons.LISTENED_TO,
        gap=lambda count: (
            ngettext("%(count)s customer without a method", "%(count)s customers without a method", count)
            % {"count": count}
        ),
    ),
    Assertion(
        code="c2",
        verb=Verb.C_LISTENING,
        title=gettext_lazy("Every key customer heard"),
        statement=gettext_lazy(
            "Every relevant key customer was heard in the period, by whatever way: survey, meeting, score card, complaint."
        ),
        clauses={"2015": ("5.1.2", "9.1.2"), "2026": ("5.1.2", "9.1.2")},
        gravity=Gravity.DUTY,
        says=beginning(
            ngettext_lazy(
                "%(count)s key customer was silent in the period",
                "%(count)s key customers were silent in the period",
                "count",
            )
        ),
        register="interested-parties",
        population=_key_customers,
        reasons=reasons.HEARD,
        gap=lambda count: (
            ngettext("%(count)s silent in the period", "%(count)s silent in the period", count) % {"count": count}
        ),
    ),
    Assertion(
        code="c3",
        verb=Verb.C_LISTENING,
        title=gettext_lazy("Satisfaction score"),
        statement=gettext_lazy(
            "Each question of the period's surveys reaches the target on average over the people who answered, in all "
            "and in every segment in which enough of them did. Each person counts once; different questions and scales "
            "are never put together."
        ),
        clauses={"2015": ("9.1.2", "9.1.3"), "2026": ("9.1.2", "9.1.3")},
        gravity=Gravity.HARM,
        register="feedback",
        population=_scores,
        reasons=reasons.SCORED,
        judge=judge_score,
        judged_by=lambda terms, rows: rows.values_list("pk", *SCORES_READ),
    ),
    Assertion(
        code="c5",
        verb=Verb.C_RESPONDING,
        title=gettext_lazy("Complaints inside their targets"),
        statement=gettext_lazy(
            "Complaints received in the period, or open at some time in it, were acknowledged, answered and closed within "
            "the targets frozen for each, as far as these have come due, and the outcome of those that are closed was told "
            "to the complainant."
        ),
        clauses={"2015": ("8.2.1", "9.1.2"), "2026": ("8.2.1", "9.1.2")},
        gravity=Gravity.DUTY,
        says=beginning(
            ngettext_lazy(
                "%(count)s complaint missed its target, or its outcome wasn’t told",
                "%(count)s complaints missed their targets, or their outcomes weren’t told",
                "count",
            )
        ),
        register="complaints",
        population=_complaints,
        reasons=reasons.COMPLAINTS,
        soon=_nearly_missed,
        given=judged_at,
        judge=judge_complaints,
        judged_by=lambda terms, rows: rows.not_begun(terms.given).values_list("pk"),
        gap=lambda count: (
            ngettext("%(count)s late or outcome not told", "%(count)s late or outcome not told", count)
            % {"count": count}
        ),
    ),
    Assertion(
        code="c9",
        verb=Verb.C_ENHANCING,
        title=gettext_lazy("Enhancements made and measured"),
        statement=gettext_lazy(
            "Enhancements were made in the period, and their effect, and that of earlier ones not measured when it began, "
            "was measured by the day set for each, as far as it has come."
        ),
        clauses={"2015": ("5.1.2", "10.1"), "2026": ("5.1.2", "10.1")},
        says=beginning(
            ngettext_lazy(
                "%(count)s enhancement wasn’t measured by the day set for it",
                "%(count)s enhancements weren’t measured by the days set for them",
                "count",
            )
        ),
        register="enhancements",
        population=_enhancements,
        reasons=reasons.MEASURED,
        soon=lambda terms, rows: rows.not_measured_yet(terms.day).filter(measure_due_on__lte=terms.soon()),
        judge=judge_enhancements,
        judged_by=_enhancements_read,
        gap=lambda count: (
            ngettext("effect of %(count)s not measured", "effects of %(count)s not measured", count) % {"count": count}
        ),
    ),
    Assertion(
        code="c10",
        verb=Verb.C_ENHANCING,
        title=gettext_lazy("Compliments recorded and shared"),
        statement=gettext_lazy("Compliments of the period are recorded and were passed on to those who earned them."),
        clauses={"2015": ("5.1.2", "7.3"), "2026": ("5.1.2", "7.3")},
        says=beginning(
            ngettext_lazy("%(count)s compliment wasn’t passed on", "%(count)s compliments weren’t passed on", "count")
        ),
        register="feedback",
        population=_compliments,
        reasons=reasons.SHARED,
        gap=lambda count: ngettext("%(count)s not passed on", "%(count)s not passed on", count) % {"count": count},
    ),
)

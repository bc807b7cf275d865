"""Key customers of whom nothing was heard in a period."""

from __future__ import annotations

from typing import Any

from django.db.models import F, OuterRef, Subquery
from django.db.models.functions import Coalesce, Greatest

from clauses.assertion import Question, assertions
from clauses.periods import asked_about
from feedback.models import Complaint, FeedbackItem


def key_customers(question: Question) -> int:
    """Return how many key customers there are to hear."""
    return int(assertions["c2"].rows(question).count())


def silent_key_customers(question: Question) -> Any:
    """Return those that c2 names as silent, with ``last_heard`` before the period's end: longest silent first.

    A complaint is heard as well as an answer. Those never heard come first.
    """
    end = asked_about(question)[1]
    answers, complaints = FeedbackItem.objects.current(question.until), Complaint.objects.current(question.until)
    said = answers.filter(customer=OuterRef("pk"), collected_at__lt=end).order_by("-collected_at")
    complained = complaints.filter(customer=OuterRef("pk"), received_at__lt=end).order_by("-received_at")
    rows = (
        assertions["c2"]
        .failing(question)
        .annotate(
            said_at=Subquery(said.values("collected_at")[:1]),
            complained_at=Subquery(complained.values("received_at")[:1]),
        )
    )
    # Of a moment and nothing, SQLite's greatest is nothing and PostgreSQL's the moment.
    latest = Greatest(Coalesce("said_at", "complained_at"), Coalesce("complained_at", "said_at"))
    return rows.annotate(last_heard=latest).order_by(F("last_heard").asc(nulls_first=True), "name")

"""Customers of Acme and what they say."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from clauses.assertion import Period, Question, assertions
from clauses.evaluation import Outcome, ask, outcome_of
from feedback.models import Complaint, Enhancement, FeedbackItem, SatisfactionMethod, SurveyWave
from organizations.models import Organization, Targets
from organizations.scope import current_organization
from requirements_registry.models import InterestedParty

CASES = Path(os.environ.get("CUSTOMERFOCUS_CASES") or Path(__file__).resolve().parents[2].parent / "shared" / "cases")
#: A quarter that is over, and a moment in the middle of it.
PERIOD = Period(date(2026, 4, 1), date(2026, 6, 30))


def at(day: date | str, hour: int = 12) -> datetime:
    """A moment of a day where the current organization is."""
    day = date.fromisoformat(day) if isinstance(day, str) else day
    return datetime(day.year, day.month, day.day, hour, tzinfo=current_organization().zone)


def days_ago(days: float) -> datetime:
    return timezone.now() - timedelta(days=days)


def party(name: str = "Harbour Water", **values: Any) -> InterestedParty:
    row = InterestedParty(name=name, **{"kind": "customer", **values})
    row.save()
    return row


def item(score: float | None = None, low: int = 0, high: int = 10, **values: Any) -> FeedbackItem:
    """Feedback in the middle of the period, scored from 0 to 10 unless told otherwise."""
    scale = (
        {} if score is None else {"score": Decimal(str(score)), "scale_min": Decimal(low), "scale_max": Decimal(high)}
    )
    row = FeedbackItem(**{"source": "survey", "collected_at": at("2026-05-15"), **scale, **values})
    row.clean()
    row.save()
    return row


def answers(*scores: float, low: int = 0, high: int = 10, **values: Any) -> list[FeedbackItem]:
    """Answers to a survey's question, each of another person."""
    return [item(score, low, high, **{"question": "How was it?", **values}) for score in scores]


def wave(title: str = "Spring survey", **values: Any) -> SurveyWave:
    row = SurveyWave(**{"title": title, "asked": 100, "sent_on": date(2026, 5, 1), **values})
    row.clean()
    row.save()
    return row


def complaint(**values: Any) -> Complaint:
    row = Complaint(**{"title": "Seal leaks", "received_at": at("2026-05-04"), **values})
    row.clean()
    row.save()
    return row


def enhancement(**values: Any) -> Enhancement:
    row = Enhancement(**{"title": "Loan pump", "segment": "Dairies", "done_on": date(2026, 5, 1), **values})
    row.clean()
    row.save()
    return row


def method(segment: str = "Dairies", **values: Any) -> SatisfactionMethod:
    row = SatisfactionMethod(
        **{"segment": segment, "method": "Yearly survey", "population_size": 200, "frequency_days": 365, **values}
    )
    row.clean()
    row.save()
    return row


@pytest.fixture
def targets(in_acme: Organization) -> Targets:
    """Acme's targets, with as few people wanted as can be: ten."""
    found = Targets.objects.get()
    found.minimum_answers, found.satisfaction_target = 3, Decimal(75)
    found.save()
    return found


@pytest.fixture
def question(in_acme: Organization, targets: Targets) -> Question:
    """Asked about the period, a week after its end."""
    return ask(PERIOD, at("2026-07-07"))


@pytest.fixture
def outcome(question: Question) -> Callable[..., Outcome]:
    """What an assertion of sub-clause c comes to."""

    def find(code: str, asked: Question = question) -> Outcome:
        return outcome_of(assertions[code], asked, {})

    return find


@pytest.fixture
def case_folder() -> Callable[[str], Path]:
    """The folder of a case on which something went wrong once."""

    def find(name: str) -> Path:
        if not (CASES / name).exists():
            pytest.skip(f"the case {name} is not here ({CASES}); set CUSTOMERFOCUS_CASES")
        return CASES / name

    return find

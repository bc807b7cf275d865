"""Inside Acme, as its quality manager: rows as the registers of sub-clause b keep them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import Any

import pytest

from clauses.assertion import Period, assertions
from clauses.evaluation import Outcome, ask, outcome_of
from organizations.models import Organization
from organizations.scope import in_organization
from registers.services import set_links
from requirements_registry.models import InterestedParty, Requirement
from risks.models import (
    Acceptance,
    Opportunity,
    OpportunityAssessment,
    Risk,
    RiskAssessment,
    Scale,
)
from risks.models.scale import default_scale
from tests.people import People
from trail.actor import acting


@pytest.fixture
def today(acme: Organization) -> date:
    return acme.today()


@pytest.fixture
def inside(acme: Organization, people: People) -> Iterator[Organization]:
    """Inside Acme, as its quality manager."""
    with in_organization(acme), acting(people.quality_manager):
        yield acme


@pytest.fixture
def make_scale(inside: Organization) -> Callable[..., Scale]:
    """A version of the scale: five by five unless told otherwise, in force for long."""

    def make(effective_from: date = date(2020, 1, 1), **values: Any) -> Scale:
        scale = default_scale(effective_from)
        for name, value in values.items():
            setattr(scale, name, value)
        scale.clean()
        scale.save()
        return scale

    return make


@pytest.fixture
def three_by_three() -> dict[str, Any]:
    """The values of a scale with other axes."""
    bands = [{"name": "Fine", "tone": "met", "from": 1}, {"name": "Bad", "tone": "gap", "from": 6}]
    levels = ["Low", "Middle", "High"]
    return {
        "likelihood_levels": levels,
        "consequence_levels": levels,
        "benefit_levels": levels,
        "bands": bands,
        "opportunity_bands": bands,
        "appetite": 4,
    }


@pytest.fixture
def party(inside: Organization) -> InterestedParty:
    row = InterestedParty(name="Harbour Water")
    row.save()
    return row


@pytest.fixture
def requirement(inside: Organization, party: InterestedParty) -> Requirement:
    row = Requirement(
        title="Tight at 1.5 × pressure",
        statement="No leak.",
        status="active",
        criticality="critical",
        interested_party=party,
    )
    row.save()
    return row


@pytest.fixture
def make_risk(inside: Organization, people: People, requirement: Requirement) -> Callable[..., Risk]:
    """A saved risk that lacks nothing but an assessment; ``assess=(4, 3)`` adds a current one of today."""

    def make(assess: tuple[int, int] | None = None, *, linked: bool = True, days_ago: int = 0, **values: Any) -> Risk:
        usual = {"event": "Seal leaks", "affects": "conformity", "owner": people.contributor, "ratings": "ten"}
        row = Risk(**usual | values)
        row.full_clean(exclude=["organization", "reference"])
        row.save()
        if linked:
            set_links(row, "requirements", [requirement])
        if assess:
            assessed(row, assess, days_ago=days_ago)
        return row

    return make


@pytest.fixture
def make_opportunity(inside: Organization, people: People, party: InterestedParty) -> Callable[..., Opportunity]:
    """A saved opportunity; ``assess=(4, 3)`` adds a current assessment of today."""

    def make(
        assess: tuple[int, int] | None = None, *, linked: bool = True, days_ago: int = 0, **values: Any
    ) -> Opportunity:
        row = Opportunity(
            **{
                "event": "Remote monitoring",
                "affects": "satisfaction",
                "owner": people.contributor,
                "response": "defer",
                **values,
            }
        )
        row.full_clean(exclude=["organization", "reference"])
        row.save()
        if linked:
            set_links(row, "parties", [party])
        if assess:
            assessed(row, assess, days_ago=days_ago)
        return row

    return make


def assessed(row: Any, levels: tuple[int, int], stage: str = "current", *, days_ago: int = 0) -> Any:
    """Assess a risk or opportunity."""
    day = row.organization.today() - timedelta(days=days_ago)
    values: dict[str, Any] = {
        "stage": stage,
        "likelihood": levels[0],
        "consequence": levels[1],
        "assessed_on": day,
        "rationale": "Test bench",
    }
    found: Any = (
        RiskAssessment(risk=row, **values)
        if isinstance(row, Risk)
        else OpportunityAssessment(opportunity=row, **values)
    )
    found.save()
    return found


def accepted(risk: Risk, people: People, *, days: int = 90, days_ago: int = 0) -> Acceptance:
    """Let top management accept a risk until ``days`` from today."""
    today = risk.organization.today()
    row = Acceptance(
        risk=risk,
        accepted_by=people.top_management,
        rationale="Rare",
        accepted_on=today - timedelta(days=days_ago),
        expires_on=today + timedelta(days=days),
    )
    row.save()
    return row


def fresh(row: Any) -> Any:
    """The row as the database holds it."""
    return type(row).objects.get(pk=row.pk)


@pytest.fixture
def outcome(inside: Organization, today: date) -> Callable[[str], Outcome]:
    """What an assertion of sub-clause b says of the last ninety days."""

    def of(code: str) -> Outcome:
        return outcome_of(assertions[code], ask(Period(today - timedelta(days=90), today)), {})

    return of


@pytest.fixture
def failing(inside: Organization, today: date) -> Callable[[str], list[Any]]:
    """The exceptions of an assertion, oldest first."""

    def of(code: str) -> list[Any]:
        return list(assertions[code].failing(ask(Period(today - timedelta(days=90), today))).order_by("pk"))

    return of

"""Every page of sub-clause b, for those who may see it; and what they do."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client

from requirements_registry.models import InterestedParty, Requirement
from risks.models import (
    Acceptance,
    ContextIssue,
    NoSignificantRisk,
    Opportunity,
    Risk,
    Scale,
    SupplierReview,
)
from tests.people import People
from tests.risks.conftest import assessed, fresh

Browser = Callable[[Any], Client]
SLUGS = ["issues", "risks", "opportunities", "supplier-reviews"]


@pytest.fixture
def quality(client_of: Browser, people: People) -> Client:
    return client_of(people.quality_manager)


@pytest.fixture
def director(client_of: Browser, people: People) -> Client:
    return client_of(people.top_management)


@pytest.mark.parametrize("slug", SLUGS)
@pytest.mark.parametrize("page", ["", "new/"])
def test_empty_registers_show_their_pages(inside: Any, quality: Client, slug: str, page: str) -> None:
    assert quality.get(f"/o/acme/{slug}/{page}").status_code == 200


@pytest.mark.parametrize("page", ["heat-map/", "heat-map/opportunities/"])
def test_the_heat_map_needs_no_row_and_writes_no_scale(inside: Any, director: Client, page: str) -> None:
    answer = director.get(f"/o/acme/{page}")
    assert answer.status_code == 200
    assert "No scale is set yet" in answer.content.decode()
    assert not Scale.objects.exists()


def test_a_risk_is_recorded_with_its_links(
    inside: Any, quality: Client, requirement: Requirement, party: InterestedParty, today: date
) -> None:
    values = {
        "event": "Seal leaks",
        "cause": "Wear",
        "consequence": "Water",
        "affects": "both",
        "determined_on": f"{today}",
        "status": "open",
        "requirements": requirement.reference,
        "parties": party.reference,
    }
    answer = quality.post("/o/acme/risks/new/", values)
    assert answer.status_code == 302, answer.context["form"].errors
    risk = Risk.objects.get()
    assert (list(risk.requirements.all()), list(risk.parties.all()), risk.level) == ([requirement], [party], None)


def test_closing_needs_a_reason(inside: Any, quality: Client, make_risk: Any) -> None:
    risk = make_risk()
    answer = quality.post(
        f"/o/acme/risks/{risk.reference}/edit/",
        {"event": "Seal leaks", "determined_on": "2026-01-05", "status": "closed", "revision": risk.revision},
    )
    assert answer.status_code == 422
    assert answer.context["form"].errors["closing_note"] == ["Say why it is closed."]


def test_a_risk_that_nobody_assessed_says_so_first(inside: Any, quality: Client, make_risk: Any) -> None:
    actions = quality.get(make_risk().get_absolute_url()).context["actions"]
    assert [action["label"] for action in actions if action["primary"]] == ["Assess"]


def test_assessing_offers_the_levels_of_the_scale_in_force(
    inside: Any, quality: Client, make_risk: Any, make_scale: Any, three_by_three: dict[str, Any]
) -> None:
    make_scale(**three_by_three)
    form = quality.get(f"/o/acme/risks/{make_risk().reference}/assessments/new/").context["form"]
    assert [label for _value, label in form.fields["likelihood"].choices] == ["—", "1 Low", "2 Middle", "3 High"]


def test_an_assessment_gives_the_risk_its_level(
    inside: Any, quality: Client, people: People, make_risk: Any, today: date
) -> None:
    risk = make_risk()
    values = {
        "stage": "current",
        "assessed_on": f"{today}",
        "likelihood": "4",
        "consequence": "5",
        "rationale": "Bench",
        "assessor": people.contributor.pk,
    }
    answer = quality.post(f"/o/acme/risks/{risk.reference}/assessments/new/", values)
    assert answer.status_code == 302
    assert fresh(risk).level == ("Very high", "gap")
    page = quality.get(risk.get_absolute_url()).content.decode()
    assert "5 Severe" in page
    assert "Very high" in page


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("likelihood", "6"),
        ("consequence", "0"),
        ("assessed_on", "2999-01-01"),
        ("assessed_on", "2026-02-31"),
        ("rationale", ""),
    ],
)
def test_an_assessment_that_makes_no_sense_is_refused(
    inside: Any, quality: Client, people: People, make_risk: Any, today: date, field: str, value: str
) -> None:
    risk = make_risk()
    values = {
        "stage": "current",
        "assessed_on": f"{today}",
        "likelihood": "4",
        "consequence": "5",
        "rationale": "Bench",
        "assessor": people.contributor.pk,
    }
    answer = quality.post(f"/o/acme/risks/{risk.reference}/assessments/new/", values | {field: value})
    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == [field]
    assert fresh(risk).level is None


def test_an_opportunity_is_assessed_by_probability_and_benefit(
    inside: Any, quality: Client, people: People, make_opportunity: Any, today: date
) -> None:
    row: Opportunity = make_opportunity()
    form = quality.get(f"/o/acme/opportunities/{row.reference}/assessments/new/").context["form"]
    assert [form.fields["likelihood"].label, form.fields["consequence"].label] == ["Probability", "Benefit"]
    values = {
        "stage": "current",
        "assessed_on": f"{today}",
        "likelihood": "3",
        "consequence": "4",
        "rationale": "Asked",
        "assessor": people.contributor.pk,
    }
    assert quality.post(f"/o/acme/opportunities/{row.reference}/assessments/new/", values).status_code == 302
    assert fresh(row).level == ("Large", "met")


def test_top_management_accepts_a_risk_above_appetite(
    inside: Any, director: Client, people: People, make_risk: Any, today: date
) -> None:
    risk = make_risk((5, 5))
    page = director.get(risk.get_absolute_url())
    assert [action["label"] for action in page.context["actions"] if action["primary"]] == ["Accept"]
    assert "appetite 9" in director.get(f"/o/acme/risks/{risk.reference}/accept/").content.decode()
    answer = director.post(
        f"/o/acme/risks/{risk.reference}/accept/",
        {"rationale": "No other design", "expires_on": f"{today + timedelta(days=60)}"},
    )
    assert answer.status_code == 302
    kept = Acceptance.objects.get()
    assert (kept.accepted_by, kept.score, kept.level_name, kept.accepted_on) == (
        people.top_management,
        25,
        "Very high",
        today,
    )


def test_an_acceptance_needs_reasons_and_a_day_to_come(
    inside: Any, director: Client, make_risk: Any, today: date
) -> None:
    risk = make_risk((5, 5))
    answer = director.post(
        f"/o/acme/risks/{risk.reference}/accept/", {"rationale": "", "expires_on": f"{today - timedelta(days=1)}"}
    )
    assert answer.status_code == 422
    assert set(answer.context["form"].errors) == {"rationale", "expires_on"}


@pytest.mark.parametrize("person", ["quality_manager", "contributor", "auditor"])
def test_nobody_else_accepts_a_risk(
    inside: Any, client_of: Browser, people: People, make_risk: Any, today: date, person: str
) -> None:
    risk = make_risk((5, 5))
    answer = client_of(people[person]).post(
        f"/o/acme/risks/{risk.reference}/accept/", {"rationale": "Fine", "expires_on": f"{today}"}
    )
    assert answer.status_code == 403
    assert not Acceptance.objects.exists()


@pytest.mark.parametrize("levels", [None, (3, 3)])
def test_there_is_nothing_to_accept_within_appetite(inside: Any, director: Client, make_risk: Any, levels: Any) -> None:
    assert director.get(f"/o/acme/risks/{make_risk(levels).reference}/accept/").status_code == 404


def test_a_requirement_shows_its_risks_and_takes_the_decision_that_there_is_none(
    inside: Any, quality: Client, people: People, requirement: Requirement, make_risk: Any, today: date
) -> None:
    risk = make_risk((4, 4))
    page = quality.get(requirement.get_absolute_url()).content.decode()
    assert risk.reference in page
    assert f"/o/acme/risks/new/?requirements={requirement.reference}" in page
    values = {"decided_on": f"{today}", "decided_by": people.contributor.pk, "rationale": "Proven for years"}
    assert quality.post(f"/o/acme/requirements/{requirement.reference}/no-significant-risk/", values).status_code == 302
    assert NoSignificantRisk.objects.get().requirement == requirement
    assert "Proven for years" in quality.get(requirement.get_absolute_url()).content.decode()


def test_an_auditor_takes_no_decision(
    inside: Any, client_of: Browser, people: People, requirement: Requirement
) -> None:
    assert (
        client_of(people.auditor).get(f"/o/acme/requirements/{requirement.reference}/no-significant-risk/").status_code
        == 403
    )


def test_only_external_providers_are_reviewed_as_suppliers(
    inside: Any, quality: Client, party: InterestedParty, today: date
) -> None:
    answer = quality.post(
        "/o/acme/supplier-reviews/new/", {"supplier": party.reference, "reviewed_on": f"{today}", "conclusion": "Good"}
    )
    assert answer.status_code == 422
    assert "isn't an external provider" in answer.context["form"].errors["supplier"][0]


def test_a_supplier_review_leads_to_risks(inside: Any, quality: Client, today: date) -> None:
    supplier = InterestedParty(name="Seal Works", kind="external_provider")
    supplier.save()
    values = {
        "supplier": supplier.reference,
        "reviewed_on": f"{today}",
        "conclusion": "Late twice",
        "delivery": "2",
        "is_key": "on",
    }
    assert quality.post("/o/acme/supplier-reviews/new/", values).status_code == 302
    review = SupplierReview.objects.get()
    page = quality.get(review.get_absolute_url())
    assert f"/o/acme/risks/new/?origin={review.reference}" in page.content.decode()
    form = quality.get(f"/o/acme/risks/new/?origin={review.reference}").context["form"]
    assert form["origin"].value() == review.reference


@pytest.mark.parametrize(
    ("field", "value"),
    [("delivery", "6"), ("quality", "0"), ("next_review_on", "2020-01-01"), ("reviewed_on", "2999-01-01")],
)
def test_a_supplier_review_that_makes_no_sense_is_refused(
    inside: Any, quality: Client, today: date, field: str, value: str
) -> None:
    supplier = InterestedParty(name="Seal Works", kind="external_provider")
    supplier.save()
    answer = quality.post(
        "/o/acme/supplier-reviews/new/",
        {"supplier": supplier.reference, "reviewed_on": f"{today}", "conclusion": "Late", field: value},
    )
    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == [field]


def test_a_climate_decision_needs_its_rationale(inside: Any, quality: Client) -> None:
    answer = quality.post(
        "/o/acme/issues/new/", {"title": "Heat", "side": "external", "category": "climate", "relevance": "not_relevant"}
    )
    assert answer.status_code == 422
    assert "climate change" in answer.context["form"].errors["relevance_rationale"][0]
    assert not ContextIssue.objects.exists()


def test_the_levels_of_an_earlier_scale_stay_on_the_record(
    inside: Any, quality: Client, make_risk: Any, make_scale: Any, three_by_three: dict[str, Any], today: date
) -> None:
    make_scale()
    risk = make_risk((4, 4), days_ago=10)
    make_scale(today, **three_by_three)
    assert "4 Likely" in quality.get(risk.get_absolute_url()).content.decode()
    assessed(risk, (3, 3))
    page = quality.get(risk.get_absolute_url()).content.decode()
    assert "3 High" in page
    assert "4 Likely" in page

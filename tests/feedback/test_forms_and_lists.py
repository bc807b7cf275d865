"""Keeping sub-clause c by hand: forms in a browser, and the filters that lists are narrowed by."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from feedback.models import Complaint, Enhancement, FeedbackItem, SatisfactionMethod
from requirements_registry.models import Requirement
from tests.feedback.conftest import at, complaint, days_ago, enhancement, item, party
from tests.people import People

pytestmark = pytest.mark.usefixtures("in_acme", "targets")


@pytest.fixture
def client(people: People, client_of: Callable[..., Client]) -> Client:
    return client_of(people.quality_manager)


def shown(client: Client, address: str) -> set[str]:
    response = client.get(f"/o/acme/{address}")
    assert response.status_code == 200
    return {row.reference for row in response.context["table"].rows}


def test_feedback_is_recorded_with_its_scale(client: Client) -> None:
    customer = party()
    values = {
        "source": "meeting",
        "collected_at": "2026-05-04T10:30",
        "customer": customer.reference,
        "score": "2",
        "scale_min": "1",
        "scale_max": "6",
        "text": "Good",
    }
    response = client.post("/o/acme/feedback/new/", values)
    row = FeedbackItem.objects.get()
    assert response.status_code == 302
    assert (row.customer, row.higher_is_better, row.normalized, row.collected_at) == (
        customer,
        False,
        Decimal(80),
        at("2026-05-04", 10).replace(minute=30),
    )


def test_a_score_without_scale_is_sent_back_with_the_reason(client: Client) -> None:
    response = client.post(
        "/o/acme/feedback/new/", {"source": "meeting", "collected_at": "2026-05-04T10:30", "score": "2"}
    )
    assert response.status_code == 422
    assert "says nothing without its scale" in response.content.decode()
    assert not FeedbackItem.objects.exists()


def test_a_complaint_is_recorded_and_gets_its_targets(client: Client) -> None:
    requirement = Requirement(statement="Seals hold for 10,000 hours", kind="customer")
    requirement.save()
    values = {
        "title": "Seal leaks",
        "received_at": "2026-05-04T10:30",
        "nonconformity": "undecided",
        "view": "unknown",
        "requirements": requirement.reference,
    }
    response = client.post("/o/acme/complaints/new/", values)
    row = Complaint.objects.get()
    assert response.status_code == 302
    assert (row.status, row.close_days, list(row.requirements.all())) == ("received", 30, [requirement])


def test_an_edited_complaint_moves_on(client: Client) -> None:
    row = complaint(received_at=days_ago(3))
    page = f"/o/acme/complaints/{row.reference}/"
    form = client.get(f"{page}edit/").context["form"]
    values = {name: value for name in form.fields if (value := form[name].value()) not in (None, "", False)}
    values |= {"received_at": f"{days_ago(3):%Y-%m-%dT%H:%M}", "acknowledged_at": f"{days_ago(1):%Y-%m-%dT%H:%M}"}
    assert client.post(f"{page}edit/", values).status_code == 302
    row.refresh_from_db()
    assert row.status == "acknowledged"


def test_a_complaints_page_says_how_long_is_left(client: Client) -> None:
    row = complaint(received_at=days_ago(9))
    assert "Acknowledgement 7 days late" in client.get(f"/o/acme/complaints/{row.reference}/").content.decode()


def test_an_enhancement_is_recorded(client: Client) -> None:
    values = {
        "title": "Loan pump",
        "customer": party().reference,
        "done_on": "2026-05-04",
        "cost": "1200.50",
        "currency": "EUR",
        "feedback": item(3).reference,
    }
    assert client.post("/o/acme/enhancements/new/", values).status_code == 302
    assert (Enhancement.objects.get().cost, Enhancement.objects.get().feedback.count()) == (Decimal("1200.50"), 1)


def test_a_method_is_recorded(client: Client, people: People) -> None:
    values = {
        "segment": "Dairies",
        "method": "Yearly survey",
        "population_size": "200",
        "frequency_days": "365",
        "owner": people.contributor.pk,
    }
    assert client.post("/o/acme/methods/new/", values).status_code == 302
    assert SatisfactionMethod.objects.complete().count() == 1


@pytest.mark.parametrize(("scored", "expected"), [("yes", {9, 2, 1}), ("low", {2}), ("nps", {9}), ("no", {None})])
def test_feedback_is_narrowed_by_its_score(scored: str, expected: set[int | None], client: Client) -> None:
    item(9, is_recommendation=True), item(2), item(text="no score"), item(1, 1, 6, higher_is_better=False)
    found = FeedbackItem.objects.filter(reference__in=shown(client, f"feedback/?scored={scored}"))
    assert set(found.values_list("score", flat=True)) == expected


def test_feedback_is_narrowed_by_segment_and_exact_question(client: Client) -> None:
    dairy = item(9, customer=party(segment="Dairies"), question="Delivery")
    (
        item(9, customer=party("Clinic", segment="Clinics"), question="Delivery"),
        item(9, customer=dairy.customer, question="Delivery on time"),
    )
    assert shown(client, "feedback/?segment=dairies&question=delivery") == {dairy.reference}


@pytest.mark.parametrize("wanted", ["late", "open", "untold"])
def test_complaints_are_narrowed_by_their_clock(wanted: str, client: Client) -> None:
    rows = {
        "late": complaint(received_at=days_ago(60), closed_at=days_ago(5), outcome_told=True),
        "open": complaint(received_at=days_ago(1)),
        "untold": complaint(received_at=days_ago(60), closed_at=days_ago(59)),
    }
    assert shown(client, f"complaints/?clock={wanted}") == {rows[wanted].reference}


def test_enhancements_are_narrowed_to_those_measured(client: Client) -> None:
    measured, open_one = enhancement(measured_on=at("2026-06-01").date(), measured_effect="Fewer calls"), enhancement()
    assert shown(client, "enhancements/?measured=true") == {measured.reference}
    assert shown(client, "enhancements/?measured=false") == {open_one.reference}


@pytest.mark.parametrize("slug", ["feedback", "complaints", "enhancements", "methods"])
def test_a_list_costs_the_same_for_any_number_of_rows(
    slug: str, client: Client, people: People, django_assert_num_queries: Any, django_assert_max_num_queries: Any
) -> None:
    def fill(number: int) -> None:
        for index in range(number):
            customer = party(f"Customer {index}")
            (
                item(5, customer=customer),
                complaint(customer=customer, owner=people.contributor),
                enhancement(customer=customer, owner=people.contributor),
            )
            SatisfactionMethod(segment=f"Segment {index}", method="Visits", owner=people.contributor).save()

    fill(2)
    with django_assert_max_num_queries(30) as few:
        client.get(f"/o/acme/{slug}/")
    fill(10)
    with django_assert_num_queries(len(few)):
        client.get(f"/o/acme/{slug}/")

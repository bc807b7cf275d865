"""The auditor's bench in a browser: draw, follow a row, note, ask; the quality manager answers; the auditor closes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from actions.models import Action
from audits.models import EvidenceRequest, Sample
from audits.services import ask_for_evidence, draw_sample
from audits.trace import trace
from feedback.models import Complaint
from organizations.models import Membership, Organization, Site
from organizations.scope import in_organization
from registers.register import registry
from registers.services import set_links
from requirements_registry.models import Acknowledgement, ConformityCheck, Requirement
from risks.models import Risk, RiskAssessment
from tests.people import People
from tests.support.factories import make

SAMPLES, REQUESTS = "/o/acme/audit/samples/", "/o/acme/audit/requests/"


@pytest.fixture
def requirement(acme: Organization, people: People) -> Requirement:
    with in_organization(acme):
        found: Requirement = make(Requirement, status="active")
        return found


@pytest.fixture
def sample(requirement: Requirement, acme: Organization, people: People) -> Sample:
    with in_organization(acme):
        drawn = Sample(purpose="Are they met?", size=1, seed="1")
        return draw_sample(drawn, register=registry["requirements"], query="", by=people.auditor)


@pytest.fixture
def asked(requirement: Requirement, acme: Organization, people: People) -> EvidenceRequest:
    with in_organization(acme):
        question = EvidenceRequest(subject=requirement.reference, text="Show the test report.")
        return ask_for_evidence(question, by=people.auditor)


@pytest.fixture
def auditor(people: People, client_of: Callable[..., Client]) -> Client:
    return client_of(people.auditor)


@pytest.fixture
def manager(people: People, client_of: Callable[..., Client]) -> Client:
    return client_of(people.quality_manager)


def test_a_sample_is_drawn_from_exactly_the_rows_of_the_list(
    requirement: Requirement, acme: Organization, auditor: Client
) -> None:
    with in_organization(acme):
        make(Requirement, 2, kind="statutory")
    (use,) = auditor.get("/o/acme/requirements/?kind=statutory&sort=title").context["list_actions"]
    assert auditor.get(use.url).context["population"] == 1
    values = {"purpose": "Are they met?", "method": "simple", "size": 1, "seed": "1984"}
    assert auditor.post(use.url, values).status_code == 302
    with in_organization(acme):
        drawn = Sample.objects.get()
        assert (drawn.query, drawn.seed, drawn.rows.get().title) == ("kind=statutory", "1984", make_title(2))


def make_title(number: int) -> str:
    return str(Requirement.objects.get(reference=f"REQ-{number:04d}").title_text)


def test_more_rows_than_there_are_are_refused_at_the_size(requirement: Requirement, auditor: Client) -> None:
    page = auditor.post(f"{SAMPLES}new/requirements/", {"purpose": "All", "method": "simple", "size": 5})
    assert page.status_code == 422
    assert "At most 1 rows can be drawn" in str(page.context["form"].errors["size"])


def test_a_row_counts_as_seen_once_something_is_noted_of_it(sample: Sample, auditor: Client) -> None:
    row = f"{SAMPLES}{sample.reference}/REQ-0001/"
    assert auditor.get(f"{SAMPLES}{sample.reference}/").context["seen"] == 0
    assert auditor.post(f"{row}note/", {"finding": "nonconformity", "text": "No check."}).status_code == 302
    page = auditor.get(f"{SAMPLES}{sample.reference}/")
    assert page.context["seen"] == 1
    assert [note["text"] for note in page.context["rows"][0]["notes"]] == ["Nonconformity"]


def test_a_note_without_words_is_refused_where_it_was_written(sample: Sample, auditor: Client) -> None:
    page = auditor.post(f"{SAMPLES}{sample.reference}/REQ-0001/note/", {"finding": "conformity", "text": ""})
    assert page.status_code == 422
    assert page.context["note_form"].errors.keys() == {"text"}


def test_the_trace_says_where_the_row_is_no_longer_the_one_that_was_drawn(
    sample: Sample, requirement: Requirement, acme: Organization, auditor: Client
) -> None:
    address, told = f"{SAMPLES}{sample.reference}/REQ-0001/", "It was changed after it was drawn."
    assert told not in auditor.get(address).content.decode()
    with in_organization(acme):
        requirement.title = "Changed since"
        requirement.save()
    assert told in auditor.get(address).content.decode()


def test_a_question_goes_to_the_quality_manager_and_back_until_it_is_accepted(
    sample: Sample, auditor: Client, manager: Client, acme: Organization
) -> None:
    auditor.post(f"{SAMPLES}{sample.reference}/REQ-0001/ask/", {"text": "Show the report.", "needed_by": "2030-01-01"})
    with in_organization(acme):
        request = EvidenceRequest.objects.get()
    address = f"{REQUESTS}{request.reference}/"
    assert badge(manager) == 1
    manager.post(f"{address}answer/", {"text": "It is on file.", "upload": SimpleUploadedFile("report.txt", b"Report")})
    assert (badge(manager), badge(auditor)) == (0, 1)
    assert auditor.post(f"{address}verdict/", {"verdict": "reopen", "text": ""}).status_code == 422
    auditor.post(f"{address}verdict/", {"verdict": "reopen", "text": "The signature is missing."})
    assert badge(manager) == 1
    manager.post(f"{address}answer/", {"text": "Now signed."})
    auditor.post(f"{address}verdict/", {"verdict": "accept", "text": ""})
    page = auditor.get(address)
    assert page.context["asked"].status == "accepted"
    assert [reply.kind for reply in page.context["replies"]] == ["answer", "reopening", "answer", "acceptance"]
    assert page.context["replies"][0].attachment.subject == "REQ-0001"
    assert (badge(manager), badge(auditor)) == (0, 0)


def badge(browser: Client) -> int:
    groups = browser.get("/o/acme/audit/requests/").context["navigation"]
    (count,) = (item.waits for group in groups for item in group.items if item.url == REQUESTS)
    return int(count or 0)


def test_an_answered_request_is_not_answered_twice(asked: EvidenceRequest, manager: Client) -> None:
    address = f"{REQUESTS}{asked.reference}/answer/"
    assert manager.post(address, {"text": "Here."}).status_code == 302
    page = manager.post(address, {"text": "Here again."})
    assert page.status_code == 422
    assert "Somebody was faster" in page.content.decode()


def test_a_file_that_is_not_taken_leaves_the_request_open(asked: EvidenceRequest, manager: Client) -> None:
    sent = {"text": "Here.", "upload": SimpleUploadedFile("tool.exe", b"MZ\x90\x00")}
    page = manager.post(f"{REQUESTS}{asked.reference}/answer/", sent)
    assert page.status_code == 422
    assert manager.get(f"{REQUESTS}{asked.reference}/").context["asked"].status == "open"


def hang_on(requirement: Requirement, people: People, numbers: range) -> None:
    """Checks, actions, risks and complaints of a requirement."""
    for number in numbers:
        check = make(ConformityCheck, number, requirement=requirement)
        make(Action, number, origin=check.reference)
        risk = make(Risk, number)
        make(RiskAssessment, risk=risk, likelihood=2, consequence=2)
        set_links(risk, "requirements", [requirement])
        set_links(make(Complaint, number), "requirements", [requirement])


def test_the_trace_follows_the_clause_from_whichever_row_it_begins(
    requirement: Requirement, acme: Organization, people: People
) -> None:
    with in_organization(acme):
        hang_on(requirement, people, range(1, 2))
        Acknowledgement.objects.create(
            requirement=requirement, person=people.contributor, version=1, words="Understood"
        )
        hung: tuple[Any, ...] = (
            requirement,
            ConformityCheck.objects.get(),
            Risk.objects.get(),
            Complaint.objects.get(),
        )
        for record in hung:
            stages = {str(stage.title): [mark.reference for mark in stage.marks] for stage in trace(record)}
            assert stages["Requirement"] == ["REQ-0001"], record
            assert stages["Acknowledgement"] == ["REQ-0001"], record
            assert stages["Conformity checks"] == ["CHK-0001"], record
            assert stages["Actions"] == ["ACT-0001"], record
            assert stages["Risks and opportunities"] == ["RSK-0001", "RSK-0001"], record
            assert stages["Feedback"] == [Complaint.objects.get().reference], record


def test_pages_of_the_bench_ask_no_more_often_for_many_rows(
    sample: Sample, requirement: Requirement, acme: Organization, people: People, auditor: Client
) -> None:
    addresses = [SAMPLES, f"{SAMPLES}{sample.reference}/", f"{SAMPLES}{sample.reference}/REQ-0001/", REQUESTS]

    def asked_for() -> list[int]:
        counts = []
        for address in addresses:
            auditor.get(address)
            with CaptureQueriesContext(connection) as captured:
                assert auditor.get(address).status_code == 200
            counts.append(len(captured))
        return counts

    def more(numbers: range) -> None:
        with in_organization(acme):
            hang_on(requirement, people, numbers)
            for number in numbers:
                ask_for_evidence(EvidenceRequest(subject="REQ-0001", text=f"Show {number}."), by=people.auditor)
                drawn = Sample(purpose="Are they met?", size=1, seed=f"{number}")
                draw_sample(drawn, register=registry["requirements"], query="", by=people.auditor)

    more(range(1, 3))
    before = asked_for()
    more(range(3, 9))
    assert asked_for() == before


def test_a_confined_auditor_sees_neither_samples_nor_requests_of_others(
    sample: Sample, asked: EvidenceRequest, requirement: Requirement, acme: Organization, people: People, client_of: Any
) -> None:
    with in_organization(acme):
        north = Site.objects.create(code="BN", name="Bench North")
    Membership.objects.create(
        organization=acme,
        user=people.outsider,
        role="auditor",
        valid_from=acme.today(),
        valid_until=acme.today(),
        sites=[north.pk],
    )
    browser = client_of(people.outsider)
    assert list(browser.get(SAMPLES).context["samples"]) == []
    assert browser.get(f"{SAMPLES}{sample.reference}/").status_code == 404
    assert browser.get(REQUESTS).context["requests"] == []
    assert browser.get(f"{REQUESTS}{asked.reference}/").status_code == 404
    assert browser.get(f"{SAMPLES}new/requirements/").context["population"] == 0

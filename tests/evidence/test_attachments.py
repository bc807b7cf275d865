"""Evidence files of a record: attached once, kept as they came, served as downloads to those who may see them."""

from __future__ import annotations

import hashlib
from collections.abc import Callable

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from actions.models import Action
from evidence.models import Attachment
from evidence.services import attach
from organizations.models import Organization
from organizations.scope import in_organization
from tests.people import People
from trail.models import Event

ClientOf = Callable[..., Client]
TEXT = b"measured 12 of 12"


@pytest.fixture
def action(acme: Organization, people: People) -> Action:
    with in_organization(acme):
        action = Action(title="Replace the seal", owner=people.contributor)
        action.save()
    return action


def upload(client: Client, action: Action, content: bytes = TEXT, name: str = "record.txt") -> object:
    return client.post(f"/o/acme/attach/{action.reference}/", {"file": SimpleUploadedFile(name, content)}, follow=True)


def test_an_attached_file_is_stored_under_its_digest(
    acme: Organization, people: People, action: Action, client_of: ClientOf
) -> None:
    upload(client_of(people.quality_manager), action)
    with in_organization(acme):
        attachment = Attachment.objects.get()
    assert attachment.sha256 == hashlib.sha256(TEXT).hexdigest()
    assert attachment.uploaded_by == people.quality_manager
    with default_storage.open(attachment.path) as file:
        assert file.read() == TEXT


def test_the_same_bytes_are_attached_to_a_record_once(
    acme: Organization, people: People, action: Action, client_of: ClientOf
) -> None:
    for name in ("a.txt", "b.txt"):
        upload(client_of(people.quality_manager), action, name=name)
    with in_organization(acme):
        assert [each.name for each in Attachment.objects.all()] == ["a.txt"]


def test_it_is_served_as_a_download_that_no_browser_interprets(
    acme: Organization, people: People, action: Action, client_of: ClientOf
) -> None:
    page = b"<html><script>alert(1)</script></html>"
    with in_organization(acme):
        attachment = attach(action, SimpleUploadedFile("page.txt", page), by=people.quality_manager)
    response = client_of(people.auditor).get(f"/o/acme/attachments/{attachment.pk}/")
    assert response.headers["Content-Disposition"] == 'attachment; filename="page.txt"'
    assert response.headers["Content-Type"] == "application/octet-stream"
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert b"".join(response.streaming_content) == page
    with in_organization(acme):
        assert Event.objects.filter(verb="downloaded a file", actor=people.auditor).exists()


def test_another_organization_does_not_get_it(
    acme: Organization, people: People, action: Action, client_of: ClientOf
) -> None:
    with in_organization(acme):
        attachment = attach(action, SimpleUploadedFile("a.txt", TEXT), by=people.quality_manager)
    assert client_of(people.neighbour).get(f"/o/other/attachments/{attachment.pk}/").status_code == 404


def test_a_contributor_attaches_to_their_own_rows_only(
    acme: Organization, people: People, action: Action, client_of: ClientOf
) -> None:
    with in_organization(acme):
        foreign = Action(title="Somebody else's", owner=people.quality_manager)
        foreign.save()
    contributor = client_of(people.contributor)
    assert upload(contributor, action).status_code == 200  # type: ignore[attr-defined]
    assert upload(contributor, foreign).status_code == 403  # type: ignore[attr-defined]


def test_a_refused_file_is_explained_on_the_record_and_leaves_nothing(
    acme: Organization, people: People, action: Action, client_of: ClientOf
) -> None:
    response = upload(client_of(people.quality_manager), action, b"MZ\x00program", "report.pdf")
    assert "kind of file isn’t taken" in response.content.decode().replace("&#x27;", "’")  # type: ignore[attr-defined]
    with in_organization(acme):
        assert not Attachment.objects.exists()


def test_several_files_are_attached_at_once_and_each_refusal_names_its_file(
    client: Client, people: People, action: Action
) -> None:
    client.force_login(people.quality_manager)
    files = [
        SimpleUploadedFile(name, content) for name, content in (("a.txt", b"A"), ("b.exe", b"MZ\x00"), ("c.txt", b"C"))
    ]
    response = client.post(f"/o/acme/attach/{action.reference}/", {"file": files}, follow=True)
    said = [str(message) for message in response.context["messages"]]
    assert said[0].startswith("b.exe: This kind of file isn't taken.")
    assert said[1:] == ["2 files are attached."]


@pytest.mark.parametrize(("content", "taken"), [(b"A", True), (b"MZ\x00", False), (b"", False)])
def test_scripts_are_told_of_each_file_why_it_is_not_taken(
    content: bytes, taken: bool, client: Client, people: People, action: Action
) -> None:
    client.force_login(people.quality_manager)
    url, headers = f"/o/acme/attach/{action.reference}/", {"Accept": "application/json"}
    response = client.post(url, {"file": SimpleUploadedFile("a.txt", content)}, headers=headers)
    (file,) = response.json()["files"]
    assert (file["name"], not file["error"]) == ("a.txt", taken)
    assert client.post(url, {}, headers=headers).json() == {"files": []}

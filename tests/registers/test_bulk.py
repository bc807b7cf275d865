"""Changing many rows alike: the look at what it comes to, and the write."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.forms import URLField
from django.test import Client, override_settings

from actions.models import Action
from organizations.models import Organization
from organizations.scope import in_organization
from registers.custom_fields.models import CustomField
from registers.editing import bulk
from registers.editing.bulk_forms import editable
from registers.editing.models import BulkEdit
from registers.register import registry
from registers.tasks import edit_rows, take_up_orphaned_edits
from tests.people import People, make_organization, make_people
from tests.support.factories import make, make_many
from trail.models import Event

pytestmark = pytest.mark.django_db
ROWS = "/o/acme/actions/rows/"


@pytest.fixture(scope="module")
def acme(kept_db: None) -> Organization:
    """As for all tests, but made once."""
    return make_organization("acme", "Acme Pumps")


@pytest.fixture(scope="module")
def people(acme: Organization) -> People:
    """As for all tests, but made once."""
    return make_people(acme, make_organization("other", "Other Valves"))


@pytest.fixture(scope="module", autouse=True)
def rows(acme: Organization, people: People) -> Iterator[list[Action]]:
    """Four planned actions of the quality manager, one under way of the contributor, one archived; the tests run inside Acme."""
    with in_organization(acme):
        made = [make(Action, title=f"Action {n}", owner=people.quality_manager) for n in range(4)]
        made.append(make(Action, title="Theirs", status="under_way", owner=people.contributor))
        made.append(make(Action, title="Old", archived_at="2026-01-01T00:00:00Z", archive_reason="Old"))
        for register in registry:
            if register.slug != "actions":
                make_many(register, 2, link=False)
        yield made


@pytest.fixture
def manager(people: People, client_of: Callable[..., Client]) -> Client:
    """The quality manager's browser."""
    return client_of(people.quality_manager)


def look(browser: Client, query: str = "", **data: Any) -> BulkEdit:
    """Ask what a change comes to."""
    response = browser.post(f"{ROWS}?{query}", {"look": "1", **data})
    assert response.status_code == 302, response.context["form"].errors
    return BulkEdit.objects.get()


def confirm(browser: Client, job: BulkEdit) -> BulkEdit:
    """Have it written."""
    assert browser.post(job.get_absolute_url(), {"confirm": "1"}).status_code == 302
    job.refresh_from_db()
    return job


def statuses() -> list[str]:
    return list(Action.objects.order_by("pk").values_list("status", flat=True))


def test_a_look_says_field_by_field_what_changes_and_writes_nothing(manager: Client, people: People) -> None:
    job = look(manager, every="1", **{"to-status": "under_way", "to-owner": people.contributor.pk})
    assert job.found["counts"] == {"changed": 4, "unchanged": 1, "refused": 0}
    assert [(field["label"], field["former"], field["to"], field["changed"]) for field in job.found["fields"]] == [
        ("Status", [["Planned", 4]], "Under way", 4),
        ("Owner", [["Quality Manager", 4]], "Contributor", 4),
    ]
    assert statuses() == ["planned"] * 4 + ["under_way", "planned"]
    page = manager.get(job.get_absolute_url()).content.decode()
    assert "Nothing is written yet." in page
    assert "Change 4 rows" in page


def test_what_was_confirmed_is_written_with_its_history(manager: Client, people: People, rows: list[Action]) -> None:
    job = confirm(manager, look(manager, every="1", **{"to-status": "under_way", "to-reason": "Begun"}))
    assert (job.status, job.found["counts"]["changed"]) == ("done", 4)
    assert statuses() == ["under_way"] * 5 + ["planned"]
    row = Action.objects.get(pk=rows[0].pk)
    version = row.history.latest()
    assert (row.revision, version.revision, version.status) == (2, 2, "under_way")
    assert (version.history_change_reason, version.history_user) == ("Begun", people.quality_manager)
    assert (row.history.count(), Action.objects.get(pk=rows[4].pk).history.count()) == (2, 1)
    event = Event.objects.get(verb="changed many rows")
    assert (event.subject, event.data["rows"], event.data["fields"]) == ("actions", 4, ["status"])


def test_rows_that_would_make_no_sense_are_refused_with_the_reason(manager: Client) -> None:
    job = look(manager, every="1", **{"to-status": "done"})
    assert job.found["counts"] == {"changed": 0, "unchanged": 0, "refused": 5}
    assert [(group["reason"], group["count"]) for group in job.found["refused"]] == [
        ("Say on which day it was done.", 5)
    ]
    job = look_again(manager, **{"to-status": "done", "to-done_on": "2026-02-01"})
    assert job.found["counts"] == {"changed": 5, "unchanged": 0, "refused": 0}


def look_again(browser: Client, **data: Any) -> BulkEdit:
    BulkEdit.objects.all().delete()
    return look(browser, every="1", **data)


def test_only_the_rows_that_the_list_shows_are_meant(manager: Client) -> None:
    job = look(manager, "status=under_way&sort=title", every="1", **{"to-kind": "improvement"})
    assert job.chosen == {"query": "status=under_way&sort=title"}
    assert job.found["counts"] == {"changed": 1, "unchanged": 0, "refused": 0}
    assert manager.get(job.get_absolute_url()).context["list_url"].endswith("?status=under_way&sort=title")


def test_picked_rows_come_from_the_page_and_from_others(manager: Client, rows: list[Action]) -> None:
    references = [row.reference for row in rows]
    job = look(
        manager, row=references[:1], rows=f"{references[1]},{references[5]},ACT-9999", **{"to-kind": "correction"}
    )
    assert job.found["counts"] == {"changed": 2, "unchanged": 0, "refused": 1}
    assert job.found["refused"][0] == {"reason": "It is archived.", "count": 1, "references": [references[5]]}


def test_a_field_is_emptied_when_asked_for_and_only_then(manager: Client, rows: list[Action]) -> None:
    confirm(manager, look(manager, every="1", **{"to-empty": "owner", "to-kind": "improvement"}))
    row = Action.objects.get(pk=rows[0].pk)
    assert (row.owner_id, row.kind, row.status) == (None, "improvement", "planned")


def test_nothing_chosen_is_nothing_to_look_at(manager: Client, rows: list[Action]) -> None:
    response = manager.post(ROWS, {"row": rows[0].reference, "look": "1"})
    assert response.status_code == 422
    assert "Choose what is to be changed." in str(response.context["form"].errors)
    assert manager.post(ROWS, {"look": "1", "to-kind": "correction"}).status_code == 302
    assert not BulkEdit.objects.exists()


@pytest.mark.parametrize(
    ("register", "field", "value"),
    [
        ("interested-parties", "last_reviewed_on", "2099-01-01"),
        ("risks", "determined_on", "2099-01-01"),
        ("actions", "waiting_days", "9" * 30),
        ("enhancements", "currency", "e1"),
    ],
)
def test_many_rows_get_no_value_that_their_form_would_refuse(
    manager: Client, register: str, field: str, value: str
) -> None:
    response = manager.post(f"/o/acme/{register}/rows/", {"every": "1", "look": "1", f"to-{field}": value})
    assert response.status_code == 422
    assert field in response.context["form"].errors
    assert not BulkEdit.objects.exists()


def test_contributors_change_the_rows_that_are_theirs(people: People, client_of: Callable[..., Client]) -> None:
    browser = client_of(people.contributor)
    job = confirm(browser, look(browser, every="1", **{"to-kind": "improvement"}))
    assert job.found["counts"] == {"changed": 1, "unchanged": 0, "refused": 4}
    assert list(Action.objects.filter(kind="improvement").values_list("title", flat=True)) == ["Theirs"]
    assert client_of(people.quality_manager).get(job.get_absolute_url()).status_code == 200
    for name in ("auditor", "top_management"):
        assert client_of(people[name]).post(ROWS, {"every": "1"}).status_code == 403


def test_contributors_see_no_change_that_somebody_else_asked_for(
    manager: Client, people: People, client_of: Callable[..., Client]
) -> None:
    job = look(manager, every="1", **{"to-kind": "improvement"})
    assert client_of(people.contributor).get(job.get_absolute_url()).status_code == 403
    assert client_of(people.contributor).post(job.get_absolute_url(), {"confirm": "1"}).status_code == 403


def test_who_changed_a_row_since_the_look_is_not_overwritten_unseen(manager: Client, rows: list[Action]) -> None:
    job = look(manager, every="1", **{"to-status": "under_way"})
    row = Action.objects.get(pk=rows[0].pk)
    row.status, row.revision = "cancelled", 2
    row.save()
    job = confirm(manager, job)
    assert (job.status, job.message) == ("ready", "Some of the rows were changed since you looked.")
    assert statuses()[:2] == ["cancelled", "planned"]
    assert job.found["fields"][0]["former"] == [["Planned", 3], ["Cancelled", 1]]
    assert confirm(manager, job).status == "done"


def test_many_rows_are_put_away_with_a_reason(manager: Client, rows: list[Action]) -> None:
    references = ",".join(row.reference for row in rows[:2])
    response = manager.post(ROWS, {"rows": references, "archive": "1", "look": "1", "reason": " "})
    assert response.status_code == 422
    job = confirm(manager, look(manager, rows=references, archive="1", reason="Recorded twice"))
    assert job.found["counts"] == {"changed": 2, "unchanged": 0, "refused": 0}
    row = Action.objects.get(pk=rows[0].pk)
    assert (row.is_archived, row.archive_reason) == (True, "Recorded twice")
    assert row.history.latest().history_change_reason == "Recorded twice"


@override_settings(IMPORT_BACKGROUND_ROWS=2)
def test_many_rows_are_left_to_a_worker(manager: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[tuple[int, int]] = []
    monkeypatch.setattr(edit_rows, "delay", lambda *ids: sent.append(ids))
    job = look(manager, every="1", **{"to-status": "under_way"})
    assert (job.status, sent) == ("checking", [(job.organization_id, job.pk)])
    edit_rows(*sent.pop())
    confirm(manager, job)
    take_up_orphaned_edits()
    assert len(sent) == 2
    edit_rows(*sent[0])
    edit_rows(*sent[1])
    job.refresh_from_db()
    assert (job.status, Event.objects.filter(verb="changed many rows").count()) == ("done", 1)


def test_a_change_that_is_given_up_is_not_written(manager: Client) -> None:
    job = look(manager, every="1", **{"to-status": "under_way"})
    manager.post(job.get_absolute_url(), {"cancel": "1"})
    assert confirm(manager, job).status == "cancelled"
    assert statuses().count("under_way") == 1


@pytest.mark.parametrize("slug", list(registry.slugs()))
def test_every_register_offers_what_many_rows_can_have_in_common(slug: str, manager: Client, people: People) -> None:
    """Each value that the form offers can be looked at without an error, whatever the register's rows make of it."""
    register = registry[slug]
    page = manager.post(f"/o/acme/{slug}/rows/", {"every": "1"})
    assert page.status_code == 200
    assert [field.name for field, _empty in page.context["form"].rows] == [column.name for column in editable(register)]
    for field, _empty in page.context["form"].rows:
        choices = [value for value, _label in getattr(field.field, "choices", ()) if value != ""]
        kind = "address" if isinstance(field.field, URLField) else register.bound[field.name].kind
        usual = {"number": "1", "text": "EUR", "address": "https://law.example/1"}.get(kind, "2026-03-01")
        value = str(choices[-1]) if choices else usual
        form = {f"to-{field.name}": [value]}
        job = bulk.ask(register, {"query": ""}, form, by=people.quality_manager, reason="")
        bulk.process(job)
        job.refresh_from_db()
        assert (job.status, sum(job.found["counts"].values())) == ("ready", register.rows().current().count()), (
            field.name
        )


def test_custom_fields_are_changed_like_built_in_ones(manager: Client, rows: list[Action]) -> None:
    choices = [{"code": code, "label": code.title(), "retired": False} for code in ("north", "south")]
    CustomField(register="actions", key="custom_area", label="Area", kind="choice", choices=choices).save()
    CustomField(register="actions", key="custom_cost", label="Cost", kind="number").save()
    job = look(manager, every="1", **{"to-custom_area": "south", "to-custom_cost": "12.50"})
    assert [(field["label"], field["to"], field["former"]) for field in job.found["fields"]] == [
        ("Area", "South", [["", 5]]),
        ("Cost", "12.5", [["", 5]]),
    ]
    confirm(manager, job)
    row = Action.objects.get(pk=rows[0].pk)
    assert row.custom == row.history.latest().custom == {"custom_area": "south", "custom_cost": "12.5"}

"""History that can't be skipped: every write leaves a version that says what, when, who and why."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from actions.models import Action, EffectivenessCheck
from feedback.models import Complaint, FeedbackItem
from organizations.models import Membership, Organization, Site, Targets
from registers.register import registry
from risks.models import Risk, RiskRequirement
from tests.people import People
from tests.support.factories import build, make, value_of
from trail import history
from trail.actor import acting
from trail.history import HistoryBypassed, _write_values
from trail.models import Event, record_event

pytestmark = pytest.mark.usefixtures("in_acme", "people")


def versions(model: Any) -> list[tuple[str, str]]:
    """Kind and title of each version, oldest first."""
    return list(model.history.order_by("history_id").values_list("history_type", "title"))


# --- One row ----------------------------------------------------------------------------------------------------------


def test_every_save_leaves_a_version() -> None:
    action = make(Action, title="Calibrate")
    action.title = "Calibrate again"
    action.save()
    assert versions(Action) == [("+", "Calibrate"), ("~", "Calibrate again")]


def test_history_is_looked_at_through_a_class_that_is_made_once() -> None:
    """simple-history would make one whenever a row is saved."""
    first, second = make(Action, 1), make(Action, 2)
    assert type(first.history) is type(second.history) is type(Action.history) is type(Risk.history)
    assert [each.history.get().title for each in (first, second)] == [first.title, second.title]


def test_a_version_names_who_acted_and_why(people: People) -> None:
    action = build(Action)
    action._change_reason = "Asked for by the customer"
    with acting(people.contributor):
        action.save()
    version = action.history.get()
    assert (version.history_user, version.history_change_reason) == (people.contributor, "Asked for by the customer")


def test_without_a_person_the_version_names_none() -> None:
    assert make(Action).history.get().history_user is None


def test_whoever_acts_inside_gives_way_to_whoever_acted_outside(people: People) -> None:
    with acting(people.contributor):
        with acting(people.auditor):
            pass
        assert make(Action).history.get().history_user == people.contributor


def test_organizations_people_sites_and_targets_have_a_history_too(in_acme: Organization) -> None:
    in_acme.name = "Acme Pumps and Valves"
    in_acme.save()
    membership = Membership.objects.first()
    assert membership is not None
    membership.job_title = "Head of quality"
    membership.save()
    Site.objects.create(code="N", name="North")
    assert in_acme.history.first().name == "Acme Pumps and Valves"
    assert membership.history.first().job_title == "Head of quality"
    assert (Site.history.count(), Targets.history.count()) == (1, 1)


# --- Writes that would leave no trace ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "write",
    [
        lambda: Action.objects.update(title="Changed"),
        lambda: Action.objects.filter(title="x").delete(),
        lambda: Action.objects.bulk_create([Action(title="New")]),
        lambda: Action.objects.bulk_update([], ["title"]),
        lambda: Action._base_manager.update(title="Changed"),
        lambda: Event.objects.update(verb="something else"),
        lambda: Event.objects.all().delete(),
        lambda: EffectivenessCheck.objects.update(verdict="effective"),
        lambda: RiskRequirement.objects.all().delete(),
    ],
)
def test_writing_past_the_history_is_refused(write: Callable[[], Any]) -> None:
    make(Action)
    with pytest.raises(HistoryBypassed):
        write()


def test_a_row_that_is_written_once_can_not_be_changed() -> None:
    check = make(EffectivenessCheck, action=make(Action))
    check.evidence = "Something else"
    with pytest.raises(TypeError, match="never changed"):
        check.save()


def test_an_event_can_neither_be_changed_nor_removed() -> None:
    event = record_event("exported", "actions")
    with pytest.raises(TypeError, match="never changed"):
        event.save()
    with pytest.raises(TypeError, match="never removed"):
        event.delete()


def test_a_link_that_is_removed_stays_in_the_history() -> None:
    risk = make(Risk)
    link = make(RiskRequirement, risk=risk)
    link.delete()
    assert list(RiskRequirement.history.order_by("history_id").values_list("history_type", flat=True)) == ["+", "-"]


# --- Many rows --------------------------------------------------------------------------------------------------------


def actions(count: int) -> list[Action]:
    return [build(Action, number, reference=f"ACT-{number:04d}") for number in range(1, count + 1)]


def test_rows_written_together_leave_a_version_each(people: People) -> None:
    with acting(people.quality_manager):
        created = history.bulk_create(Action, actions(5), reason="Imported")
    assert all(row.pk for row in created)
    assert {(v.id, v.history_type, v.history_user_id, v.history_change_reason) for v in Action.history.all()} == {
        (row.pk, "+", people.quality_manager.pk, "Imported") for row in created
    }


def test_links_removed_together_stay_in_the_history() -> None:
    links = [make(RiskRequirement, number, risk=make(Risk, number)) for number in (1, 2, 3)]
    history.bulk_delete(RiskRequirement, links[:2], reason="Undone")
    assert list(RiskRequirement.objects.all()) == links[2:]
    gone = RiskRequirement.history.filter(history_type="-").values_list("risk", "history_change_reason")
    assert set(gone) == {(link.risk_id, "Undone") for link in links[:2]}


def test_a_link_that_is_gone_already_is_not_removed_again() -> None:
    link = make(RiskRequirement, 1, risk=make(Risk, 1))
    RiskRequirement.objects.get().delete()
    with pytest.raises(HistoryBypassed):
        history.bulk_delete(RiskRequirement, [link])


def test_more_rows_than_a_statement_takes_leave_a_version_each() -> None:
    history.bulk_create(Action, actions(history.BATCH + 7))
    assert Action.objects.count() == Action.history.count() == history.BATCH + 7


def test_rows_changed_together_leave_a_version_each() -> None:
    rows = history.bulk_create(Action, actions(3))
    for row in rows:
        row.title = f"{row.title} (checked)"
    history.bulk_update(Action, rows, ["title"], reason="Checked")
    assert [row.title for row in Action.objects.order_by("pk")] == [row.title for row in rows]
    assert [v.title for v in Action.history.filter(history_type="~").order_by("id")] == [row.title for row in rows]


@pytest.mark.parametrize("register", list(registry), ids=lambda register: register.slug)
def test_every_field_of_rows_changed_together_holds_what_was_given(register: Any) -> None:
    """Values of every type, alike and not, some gone; what a constraint forbids is refused whole."""
    model = register.model
    rows = [make(model, number, external_id=f"{number}") for number in (1, 2, 3)]
    for field in (f for f in model._meta.concrete_fields if f.editable and not f.primary_key):
        values = [getattr(row, field.attname) for row in rows]
        if not field.is_relation and not field.choices and field.name != "external_id":
            values[:2] = [value_of(field, number) for number in (4, 5)]
        if field.null:
            values[2] = None
        for row, value in zip(rows, values, strict=True):
            setattr(row, field.attname, value)
        with suppress(IntegrityError), transaction.atomic():
            _write_values(model, rows, [field])
            found = list(model.objects.order_by("pk").values_list(field.attname, flat=True))
            assert found == [field.to_python(value) for value in values], field
        for row in rows:
            row.refresh_from_db()


def test_values_that_all_rows_share_and_values_that_differ_are_written_alike() -> None:
    rows = history.bulk_create(Action, actions(history.BATCH + 3))
    for number, row in enumerate(rows):
        row.title, row.status, row.due_on = f"\"{number}\" '%s' Ünï {{}}", "under_way", timezone.localdate()
    rows[2].due_on = None
    history.bulk_update(Action, rows, ["title", "status", "due_on"])
    found = list(Action.objects.order_by("pk").values_list("title", "status", "due_on"))
    assert found == [(row.title, row.status, row.due_on) for row in rows]


def test_a_text_too_long_for_its_field_is_refused_not_cut() -> None:
    rows = history.bulk_create(Action, actions(2))
    for row in rows:
        row.external_id = f"{row.reference} {'x' * 300}"
    if connection.vendor == "postgresql":
        with pytest.raises(Exception, match="too long"), transaction.atomic():
            history.bulk_update(Action, rows, ["external_id"])
    assert set(Action.objects.values_list("external_id", flat=True)) == {""}


def test_a_row_that_is_not_there_is_not_said_to_have_changed() -> None:
    rows = history.bulk_create(Action, actions(2))
    rows[1].pk += 1000
    with pytest.raises(HistoryBypassed):
        history.bulk_update(Action, rows, ["title"])


def test_a_change_of_many_rows_takes_a_few_statements_on_postgresql() -> None:
    rows = history.bulk_create(Action, actions(300))
    for row in rows:
        row.title = f"{row.title} again"
    with CaptureQueriesContext(connection) as queries:
        history.bulk_update(Action, rows, ["title"])
    assert len(queries) <= (10 if connection.vendor == "postgresql" else 310)


@pytest.mark.parametrize("model", [Action, Complaint, FeedbackItem, Risk])
def test_a_version_of_a_row_written_with_others_says_what_the_row_says(model: Any) -> None:
    rows = [build(model, number, reference=f"{model.prefix}-{number:04d}") for number in (1, 2)]
    history.bulk_create(model, rows)
    for row in model.objects.all():
        version = row.history.get()
        assert {f.name: getattr(version, f.attname) for f in version.tracked_fields} == {
            f.name: getattr(row, f.attname) for f in version.tracked_fields
        }


def test_computed_fields_are_worked_out_for_rows_written_together_as_for_single_ones() -> None:
    received = timezone.now() - timedelta(days=3)
    single = make(Complaint, received_at=received, closed_at=timezone.now())
    (together,) = history.bulk_create(
        Complaint, [build(Complaint, reference="CPL-0900", received_at=received, closed_at=timezone.now())]
    )
    assert together.status == single.status == "closed"
    assert together.close_due_at == single.close_due_at


def test_nothing_is_written_where_there_is_nothing_to_write() -> None:
    assert history.bulk_create(Action, []) == []
    history.bulk_update(Action, [], ["title"])
    assert Action.history.count() == 0


def test_a_write_that_fails_leaves_no_version(in_acme: Organization) -> None:
    rows = actions(2)
    rows[1].reference = rows[0].reference
    with pytest.raises(Exception, match=r"(?i)unique"):
        history.bulk_create(Action, rows)

"""Custom fields and choices whose names look alike are told apart, and fields that go leave nothing broken behind."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.test import Client, override_settings

from actions.models import Action
from organizations.models import Organization
from registers.custom_fields.forms import CustomFieldForm
from registers.custom_fields.models import CustomField
from registers.custom_fields.services import add_field, retire_field, save_field
from registers.editing.models import BulkEdit
from tests.imports.test_pages import uploaded
from tests.people import People
from tests.support.factories import make
from tests.support.imports import run_import

pytestmark = pytest.mark.django_db

PAGE = "/o/acme/actions/"
Field = Callable[..., CustomField]


@pytest.fixture
def manager(client_of: Callable[..., Client], people: People, in_acme: Organization, tmp_path: Path) -> Any:
    with override_settings(MEDIA_ROOT=tmp_path / "files"):
        yield client_of(people.quality_manager)


def form_of(instance: CustomField, **data: str) -> CustomFieldForm:
    kept = {f"choice_{code}": label for code, label in instance.offered.items()}
    return CustomFieldForm({"label": instance.label, "shown": "on", "further": "", **kept, **data}, instance=instance)


@pytest.fixture
def field(people: People, in_acme: Organization) -> Field:
    """Adds a field to the actions, as its page does."""

    def add(label: str, kind: str = "text", choices: str = "") -> CustomField:
        form = form_of(CustomField(register="actions"), label=label, kind=kind, further=choices)
        assert form.is_valid(), form.errors
        return add_field(form.instance, by=people.quality_manager)

    return add


@pytest.fixture
def area(field: Field, people: People) -> CustomField:
    """A choice one of whose labels is the code of another: “North-East” is ``north``, “North” is ``north_2``."""
    definition = field("Area", "choice", "North\nSouth")
    form = form_of(CustomField.objects.get(pk=definition.pk), choice_north="North-East", further="North")
    assert form.is_valid(), form.errors
    return save_field(form.instance, by=people.quality_manager)


def retire(definition: CustomField, people: People) -> None:
    retire_field(CustomField.objects.get(pk=definition.pk), by=people.quality_manager)


def comes_back(manager: Client, tmp_path: Path, query: str = "") -> tuple[int, int, int, int]:
    """What importing the register's own export comes to."""
    path = tmp_path / "back.csv"
    path.write_bytes(b"".join(manager.get(f"{PAGE}export.csv?{query}").streaming_content))  # type: ignore[arg-type]
    return run_import("actions", path).counts


def test_a_field_called_as_what_sorts_another_breaks_no_list(manager: Client, field: Field) -> None:
    field("Purchase order")
    field("Purchase", "choice", "Yes\nNo")
    for sort in ("custom_purchase", "custom_purchase_order"):
        assert manager.get(f"{PAGE}?sort={sort}").status_code == 200


@pytest.mark.parametrize(("first", "second"), [("number", "text"), ("text", "number")])
def test_a_field_called_as_the_end_of_a_range_has_a_filter_of_its_own(
    manager: Client, field: Field, first: str, second: str
) -> None:
    labels = {"number": "Cost", "text": "Cost min"}
    keys = {kind: field(labels[kind], kind).key for kind in (first, second)}
    make(Action, 1, custom={keys["number"]: "7", keys["text"]: "few"})
    shown = manager.get(f"{PAGE}?{keys['number']}_min=5").context["table"].rows
    assert len(shown) == 1
    assert keys["text"] != f"{keys['number']}_min"


def test_an_unedited_export_changes_no_choice(manager: Client, area: CustomField, tmp_path: Path) -> None:
    make(Action, 1, custom={area.key: "north_2"})
    make(Action, 2, custom={area.key: "north"})
    assert comes_back(manager, tmp_path) == (0, 0, 2, 0)


def test_choices_that_differ_by_signs_come_back(manager: Client, field: Field, tmp_path: Path) -> None:
    grade = field("Grade", "choice", "A\nA+\nA-\nC\nC++\nC#")
    for number, code in enumerate(grade.words):
        make(Action, number, custom={grade.key: code})
    assert comes_back(manager, tmp_path) == (0, 0, 6, 0)


@pytest.mark.parametrize("label", ["Due", "due", "Due on", "due-on", "external-id", "Title", "Owner:", "Comments"])
def test_a_field_is_not_called_like_a_column_that_is_there(field: Field, label: str) -> None:
    form = form_of(CustomField(register="actions"), label=label, kind="text")
    assert "label" in form.errors


def test_two_fields_differ_by_more_than_signs(field: Field) -> None:
    field("Cost+")
    form = form_of(CustomField(register="actions"), label="Cost-", kind="text")
    assert "differs by signs" in str(form.errors["label"])


def test_a_column_called_as_a_field_is_labelled_goes_there(manager: Client, people: People, tmp_path: Path) -> None:
    """As with fields that were named before such names were refused."""
    other = add_field(CustomField(register="actions", label="Due on", kind="date"), by=people.quality_manager)
    row = make(Action, 1, due_on=date(2026, 5, 4), custom={other.key: "2027-01-01"})
    assert comes_back(manager, tmp_path) == (0, 0, 1, 0)
    assert Action.objects.get(pk=row.pk).due_on == date(2026, 5, 4)


def test_an_import_that_waits_can_be_opened_after_one_of_its_fields_was_retired(
    manager: Client, field: Field, people: People
) -> None:
    definition = field("Area")
    job, _page = uploaded(manager, "Id,Action,Area\nA1,Mend,North\n")
    retire(definition, people)
    page = manager.get(job.get_absolute_url())
    assert "Fields of the register were retired since the last check" in page.content.decode()
    assert manager.get(f"{job.get_absolute_url()}mapping.json").status_code == 200


def test_a_change_of_several_fields_is_made_whole_or_not_at_all(
    manager: Client, area: CustomField, people: People
) -> None:
    make(Action, 1, kind="correction")
    manager.post(f"{PAGE}rows/", {"every": "1", "look": "1", f"to-{area.key}": "south", "to-kind": "improvement"})
    job = BulkEdit.objects.get()
    retire(area, people)
    manager.post(job.get_absolute_url(), {"confirm": "1"})
    job.refresh_from_db()
    assert job.has_failed and area.key in job.failure["what"]
    assert Action.objects.get().kind == "correction"


def test_a_filter_by_a_retired_field_finds_nothing_and_says_why(
    manager: Client, area: CustomField, field: Field, people: People
) -> None:
    cost = field("Cost", "number")
    make(Action, 1, custom={area.key: "north", cost.key: "3"})
    for definition in (area, cost):
        retire(definition, people)
    for query in (f"{area.key}=north", f"{cost.key}_min=1"):
        shown = manager.get(f"{PAGE}?{query}").context
        assert shown["table"].rows == ()
        assert "was retired" in shown["misunderstood"][0]
        manager.post(f"{PAGE}rows/?{query}", {"every": "1", "look": "1", "to-kind": "improvement"})
    assert not any(job.found.get("counts", {}).get("changed") for job in BulkEdit.objects.all())
    assert manager.get(PAGE).context["misunderstood"] == []

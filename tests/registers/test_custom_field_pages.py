"""The page on which fields are added to registers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from organizations.models import Organization
from organizations.scope import in_organization
from registers.custom_fields.models import CustomField, fields_of
from registers.custom_fields.services import add_field, retire_field, with_choices
from tests.people import People

NEW = "/o/acme/fields/issues/new/"


@pytest.fixture
def manager(people: People, client_of: Callable[..., Client]) -> Client:
    return client_of(people.quality_manager)


@pytest.fixture
def choice(acme: Organization, people: People) -> CustomField:
    """A choice of three, of which one is retired."""
    with in_organization(acme):
        choices = with_choices([], ["Low", "Mid", "High"])
        choices[1]["retired"] = True
        definition = CustomField(register="issues", label="Class", kind="choice", choices=choices)
        return add_field(definition, by=people.quality_manager)


def known(definition: CustomField) -> CustomField:
    with in_organization(definition.organization):
        found: CustomField = CustomField.objects.get(pk=definition.pk)
        return found


def test_a_field_is_added_and_its_history_says_by_whom(acme: Organization, people: People, manager: Client) -> None:
    response = manager.post(NEW, {"label": "  Drawing  number ", "kind": "text", "shown": "on", "help_text": ""})
    assert (response.status_code, response.headers["Location"]) == (302, "/o/acme/fields/")
    with in_organization(acme):
        (field,) = fields_of("issues")
        assert (field.key, field.label) == ("custom_drawing_number", "Drawing number")
        assert field.history.get().history_user == people.quality_manager  # type: ignore[attr-defined]
    assert "Drawing number" in manager.get("/o/acme/fields/").content.decode()
    assert "Drawing number" in manager.get("/o/acme/issues/new/").content.decode()


@pytest.mark.parametrize(
    ("data", "wrong"),
    [
        ({"label": "", "kind": "text"}, "label"),
        ({"label": "external ID", "kind": "text"}, "label"),
        ({"label": "CLASS", "kind": "text"}, "label"),
        ({"label": "New", "kind": "colour"}, "kind"),
        ({"label": "New", "kind": "choice", "further": " \n "}, "further"),
        ({"label": "New", "kind": "choice", "further": "x" * 61}, "further"),
        ({"label": "New", "kind": "choice", "further": "\n".join(map(str, range(101)))}, "further"),
    ],
)
def test_a_field_that_can_not_be_is_refused_in_words(
    data: dict[str, str], wrong: str, manager: Client, choice: CustomField
) -> None:
    response = manager.post(NEW, data)
    assert response.status_code == 422
    assert wrong in response.context["form"].errors


def test_choices_are_renamed_retired_offered_again_and_added(manager: Client, choice: CustomField) -> None:
    address = f"/o/acme/fields/{choice.pk}/edit/"
    data = {"label": "Class", "choice_low": "Lowest", "choice_high": "", "further": "mid\nExtreme"}
    assert manager.post(address, data).status_code == 302
    assert [tuple(each.values()) for each in known(choice).choices] == [
        ("low", "Lowest", False),
        ("mid", "Mid", False),
        ("high", "High", True),
        ("extreme", "Extreme", False),
    ]


def test_the_kind_of_a_field_never_changes(manager: Client, choice: CustomField) -> None:
    manager.post(f"/o/acme/fields/{choice.pk}/edit/", {"label": "Class", "kind": "number", "choice_low": "Low"})
    assert known(choice).kind == "choice"


def test_a_retired_choice_can_be_kept_where_it_stands_but_not_chosen(manager: Client, choice: CustomField) -> None:
    offered: Any = manager.get("/o/acme/issues/new/").context["form"].fields[choice.key].choices
    assert [code for code, _label in offered] == ["", "low", "high"]


@pytest.mark.parametrize("do", ["up", "down", "retire", "restore", "explode", ""])
def test_a_button_does_what_it_says_and_no_other_word_does_anything(
    do: str, acme: Organization, people: People, manager: Client, choice: CustomField
) -> None:
    with in_organization(acme):
        other = add_field(CustomField(register="issues", label="Drawing"), by=people.quality_manager)
        if do == "restore":
            retire_field(other, by=people.quality_manager)
    assert manager.post(f"/o/acme/fields/{other.pk}/", {"do": do}).status_code == 302
    with in_organization(acme):
        labels = [field.label for field in fields_of("issues")]
    assert labels == {"up": ["Drawing", "Class"], "retire": ["Class"]}.get(do, ["Class", "Drawing"])


def test_another_organizations_field_is_not_there(
    other: Organization, people: People, choice: CustomField, client_of: Callable[..., Client]
) -> None:
    neighbour = client_of(people.neighbour)
    assert neighbour.get(f"/o/other/fields/{choice.pk}/edit/").status_code == 404
    assert neighbour.post(f"/o/other/fields/{choice.pk}/", {"do": "retire"}).status_code == 404
    assert not known(choice).is_retired

"""A person confirms in their own words that they understand a requirement."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.core.exceptions import ValidationError

from organizations.models import User
from organizations.scope import in_organization
from organizations.services import create_organization
from registers.services import archive
from requirements_registry.models import Acknowledgement, Requirement
from requirements_registry.services import acknowledge

Make = Callable[..., Requirement]


def test_it_keeps_the_person_the_version_and_the_words(make_requirement: Make, house: Any) -> None:
    kept = acknowledge(make_requirement(), by=house.owner, words=" It must not leak. ")
    assert (kept.person, kept.version, kept.words) == (house.owner, 1, "It must not leak.")


def test_it_is_written_by_that_person(make_requirement: Make, house: Any) -> None:
    kept = acknowledge(make_requirement(), by=house.owner, words="It must not leak.")
    assert kept.history.get().history_user == house.owner


def test_doing_it_twice_keeps_the_first(make_requirement: Make, house: Any) -> None:
    row = make_requirement()
    first = acknowledge(row, by=house.owner, words="It must not leak.")
    assert acknowledge(row, by=house.owner, words="Again.") == first
    assert Acknowledgement.objects.count() == 1


def test_a_new_version_is_acknowledged_anew(make_requirement: Make, house: Any) -> None:
    row = make_requirement()
    acknowledge(row, by=house.owner, words="It must not leak.")
    row.statement = "Twice the pressure."
    row.save()
    assert acknowledge(row, by=house.owner, words="Twice.").version == 2


def test_what_was_changed_while_one_read_is_refused(make_requirement: Make, house: Any) -> None:
    row = make_requirement()
    row.statement = "Twice the pressure."
    row.save()
    with pytest.raises(ValidationError, match="version 2 now"):
        acknowledge(row, by=house.owner, words="It must not leak.", version=1)


@pytest.mark.parametrize("status", ["draft", "superseded", "withdrawn"])
def test_what_is_not_in_force_cannot_be_acknowledged(make_requirement: Make, house: Any, status: str) -> None:
    with pytest.raises(ValidationError, match="not in force"):
        acknowledge(make_requirement(status=status), by=house.owner, words="It must not leak.")


def test_an_archived_requirement_cannot_be_acknowledged(make_requirement: Make, house: Any) -> None:
    row = archive(make_requirement(), by=house.quality, reason="Entered twice")
    with pytest.raises(ValidationError, match="not in force"):
        acknowledge(row, by=house.owner, words="It must not leak.")


def test_without_words_nothing_is_understood(make_requirement: Make, house: Any) -> None:
    with pytest.raises(ValidationError, match="own words"):
        acknowledge(make_requirement(), by=house.owner, words="  ")


def actions(house: Any, person: User, row: Requirement) -> dict[str, bool]:
    """The buttons that a person sees, and which of them is the next step."""
    page = house.client(person).get(house.url(f"requirements/{row.reference}/"))
    assert page.status_code == 200
    return {action["label"]: action["primary"] for action in page.context["actions"]}


@pytest.mark.parametrize("name", ["owner", "director"])
def test_for_owner_and_top_management_it_is_the_one_next_step(make_requirement: Make, house: Any, name: str) -> None:
    shown = actions(house, getattr(house, name), make_requirement())
    assert [label for label, primary in shown.items() if primary] == ["Acknowledge"]


@pytest.mark.parametrize(("name", "offered"), [("quality", True), ("colleague", True), ("auditor", False)])
def test_others_may_and_an_auditor_may_not(make_requirement: Make, house: Any, name: str, offered: bool) -> None:
    shown = actions(house, getattr(house, name), make_requirement())
    assert ("Acknowledge" in shown) is offered
    assert not shown.get("Acknowledge")


def test_once_done_the_button_is_gone(make_requirement: Make, house: Any) -> None:
    row = make_requirement()
    acknowledge(row, by=house.owner, words="It must not leak.")
    assert "Acknowledge" not in actions(house, house.owner, row)


def test_a_draft_has_no_button(make_requirement: Make, house: Any) -> None:
    assert "Acknowledge" not in actions(house, house.owner, make_requirement(status="draft"))


def test_the_page_shows_what_is_to_be_understood(make_requirement: Make, house: Any) -> None:
    row = make_requirement(statement="Withstands <b>1.5</b> times the pressure.")
    page = house.client(house.owner).get(house.url(f"requirements/{row.reference}/acknowledge/")).content.decode()
    assert "Withstands &lt;b&gt;1.5&lt;/b&gt; times the pressure." in page
    assert "No leak." in page


def test_sending_the_page_acknowledges(make_requirement: Make, house: Any) -> None:
    row = make_requirement()
    response = house.client(house.director).post(
        house.url(f"requirements/{row.reference}/acknowledge/"), {"words": "It must not leak.", "version": "1"}
    )
    assert response.status_code == 302
    assert Acknowledgement.objects.get().person == house.director


def test_a_page_gone_stale_says_so_and_keeps_the_words(make_requirement: Make, house: Any) -> None:
    row = make_requirement()
    row.statement = "Twice the pressure."
    row.save()
    response = house.client(house.owner).post(
        house.url(f"requirements/{row.reference}/acknowledge/"), {"words": "It must not leak.", "version": "1"}
    )
    page = response.content.decode()
    assert response.status_code == 422
    assert "Read it again" in page
    assert "It must not leak." in page
    assert not Acknowledgement.objects.exists()


def test_the_stale_page_can_be_sent_again_once_read(make_requirement: Make, house: Any) -> None:
    row = make_requirement()
    row.statement = "Twice the pressure."
    row.save()
    page = house.client(house.owner).post(
        house.url(f"requirements/{row.reference}/acknowledge/"), {"words": "Twice.", "version": "1"}
    )
    assert page.context["form"]["version"].value() == 2


def test_an_auditor_is_refused_the_page(make_requirement: Make, house: Any) -> None:
    assert (
        house.client(house.auditor)
        .get(house.url(f"requirements/{make_requirement().reference}/acknowledge/"))
        .status_code
        == 403
    )


@pytest.mark.parametrize("reference", ["REQ-9999", "nonsense"])
def test_a_reference_that_is_not_there_is_not_found(house: Any, reference: str) -> None:
    assert house.client(house.owner).get(house.url(f"requirements/{reference}/acknowledge/")).status_code == 404


def test_another_organizations_requirement_is_not_found(make_requirement: Make, house: Any) -> None:
    other = create_organization("other", "Other", administrator=house.quality)
    with in_organization(other):
        foreign = [Requirement(statement=f"Foreign {n}", status="active") for n in range(3)]
        for row in foreign:
            row.save()
    assert (
        house.client(house.quality).get(house.url(f"requirements/{foreign[-1].reference}/acknowledge/")).status_code
        == 404
    )

"""The requirement's form: what it asks for, and what it hands to the version."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.forms.models import model_to_dict

from registers import services
from requirements_registry.forms import ConformityCheckForm, RequirementForm
from requirements_registry.models import Requirement

Make = Callable[..., Requirement]


def form_for(row: Requirement, **changes: Any) -> RequirementForm:
    """The form as a browser sends it back: line breaks as CR LF, records as text."""
    shown = model_to_dict(row, fields=RequirementForm.Meta.fields)
    data = {name: "" if value is None else str(value).replace("\n", "\r\n") for name, value in shown.items()}
    data |= {"interested_party": str(row.interested_party), "revision": str(row.revision)} | changes
    return RequirementForm(data, instance=Requirement.objects.get(pk=row.pk))


def test_an_unchanged_form_is_unchanged_although_browsers_send_other_line_breaks(make_requirement: Make) -> None:
    form = form_for(make_requirement(statement="One.\nTwo."))
    assert form.is_valid(), form.errors
    assert form.changed_values == []


@pytest.mark.parametrize("field", ["statement", "criterion"])
def test_changing_what_an_active_requirement_says_needs_a_reason(make_requirement: Make, field: str) -> None:
    form = form_for(make_requirement(), **{field: "Something else."})
    assert "change_reason" in form.errors


def test_a_draft_changes_without_reason(make_requirement: Make) -> None:
    assert form_for(make_requirement(status="draft"), statement="Something else.").is_valid()


def test_other_fields_of_an_active_requirement_change_without_reason(make_requirement: Make) -> None:
    assert form_for(make_requirement(), jurisdiction="EU").is_valid()


def test_reason_day_and_who_is_told_go_into_the_version(make_requirement: Make, house: Any) -> None:
    form = form_for(
        make_requirement(),
        statement="Something else.",
        change_reason="New pump",
        tell="Production",
        effective_from=f"{house.ago(2)}",
    )
    assert form.is_valid(), form.errors
    version = services.save_form(form, by=house.quality).versions.get(number=2)
    assert (version.reason, version.tell, version.effective_on, version.author) == (
        "New pump",
        "Production",
        house.ago(2),
        house.quality,
    )


def test_the_form_asks_for_the_kind(house: Any) -> None:
    assert "kind" in RequirementForm({"statement": "Quiet."}).errors


def test_a_new_requirement_has_nothing_to_say_about_a_change(house: Any) -> None:
    assert not {"change_reason", "tell", "effective_from"} & set(RequirementForm().fields)


def test_setting_aside_is_refused_once_with_each_field(make_requirement: Make) -> None:
    form = form_for(make_requirement(), status="not_applicable")
    assert set(form.errors) == {"applicable", "justification", "decided_by"}


def test_a_check_suggests_who_writes_it_and_today(house: Any) -> None:
    initial = ConformityCheckForm().initial
    assert (initial["checker"], initial["checked_on"]) == (house.quality.pk, house.today)

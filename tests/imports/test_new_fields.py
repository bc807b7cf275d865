"""A column that nobody knows becomes a custom field: made with the import, and gone with it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from actions.models import Action
from imports.mapping import ImportMapping
from imports.models import ImportJob
from imports.sources import MappingError
from organizations.models import User
from organizations.roles import GRANTS, Role
from registers.custom_fields.models import CustomField
from registers.parsing.targets import targets_of
from registers.register import registry
from tests.imports.test_pages import form_of, uploaded
from tests.people import People
from tests.support.imports import next_transaction

pytestmark = pytest.mark.usefixtures("in_acme")

FILE = "Nr;Was;Anlage;Aufwand\n1;Mend;Presse 3;2,5\n2;Look;;\n"


@pytest.fixture
def browser(client_of: Callable[[User | None], Client], people: People, tmp_path: Path, settings: Any) -> Client:
    settings.MEDIA_ROOT = tmp_path / "files"
    return client_of(people.quality_manager)


def pressed(browser: Client, job: ImportJob, **changes: str) -> Any:
    """The page of an import after its forms were sent with changes."""
    page = browser.get(job.get_absolute_url())
    browser.post(job.get_absolute_url(), form_of(page, **changes))
    job.refresh_from_db()
    return browser.get(job.get_absolute_url())


def imported(browser: Client) -> ImportJob:
    job, _page = uploaded(browser, FILE)
    pressed(browser, job, **{"column-2": "new-text", "column-3": "new-number", "check": "1"})
    pressed(browser, job, confirm="1")
    assert job.status == "done", job.failure
    return job


def test_a_column_becomes_a_field_with_one_choice(browser: Client, people: People) -> None:
    job, page = uploaded(browser, FILE)
    assert page.context["mapping"][2]["known"] is False
    page = pressed(browser, job, **{"column-2": "new-text", "column-3": "new-number", "check": "1"})
    assert not CustomField.objects.exists()
    assert page.context["counts"]["created"] == 2
    assert "Anlage" in page.context["table"]["columns"]
    # Another look keeps it.
    page = pressed(browser, job, check="1")
    pressed(browser, job, confirm="1")
    fields = list(CustomField.objects.values_list("register", "key", "label", "kind"))
    assert fields == [
        ("actions", "custom_anlage", "Anlage", "text"),
        ("actions", "custom_aufwand", "Aufwand", "number"),
    ]
    assert Action.objects.get(external_id="1").custom == {"custom_anlage": "Presse 3", "custom_aufwand": "2.5"}
    assert CustomField.history.first().history_user == people.quality_manager
    # The next file of its kind fills it.
    _again, page = uploaded(browser, FILE.replace("Presse 3", "Presse 4"))
    assert page.context["counts"]["changed"] == 1 and page.context["recognised"]


def test_it_can_be_left_out_again(browser: Client) -> None:
    job, _page = uploaded(browser, FILE)
    pressed(browser, job, **{"column-2": "new-text", "check": "1"})
    pressed(browser, job, **{"column-2": "", "check": "1"})
    assert job.mapping.get("options", {}).get("new_fields") is None
    pressed(browser, job, confirm="1")
    assert job.status == "done" and not CustomField.objects.exists()


def test_undoing_takes_it_out_of_use_unless_somebody_uses_it(browser: Client) -> None:
    next_transaction()
    job = imported(browser)
    next_transaction()
    other = Action.objects.create(title="Mine", custom={"custom_anlage": "Halle 2"})
    next_transaction()
    browser.post(f"{job.get_absolute_url()}undo/", {})
    assert {field.key: field.is_retired for field in CustomField.objects.all()} == {
        "custom_anlage": False,
        "custom_aufwand": True,
    }
    assert Action.objects.get(pk=other.pk).custom == {"custom_anlage": "Halle 2"}


def test_an_import_that_fails_makes_no_field(browser: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    job, _page = uploaded(browser, FILE)
    pressed(browser, job, **{"column-2": "new-text", "check": "1"})

    def fail(*_args: Any, **_options: Any) -> None:
        raise RuntimeError

    monkeypatch.setattr("imports.pipeline.write", fail)
    pressed(browser, job, confirm="1")
    assert job.status == "failed" and not CustomField.objects.exists()


def test_who_may_add_no_fields_is_offered_none(browser: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    job, page = uploaded(browser, FILE)
    browser.post(job.get_absolute_url(), form_of(page, **{"column-2": "new-text", "check": "1"}))
    grants = {**GRANTS[Role.QUALITY_MANAGER], "custom-fields": frozenset()}
    monkeypatch.setitem(GRANTS, Role.QUALITY_MANAGER, grants)
    pressed(browser, job, confirm="1")
    assert job.status == "ready" and not CustomField.objects.exists()
    other, page = uploaded(browser, FILE, name="other.csv")
    response = browser.post(other.get_absolute_url(), form_of(page, **{"column-2": "new-text", "check": "1"}))
    assert response.status_code == 422


@pytest.mark.parametrize(
    "plain",
    [
        ["x"],
        {"custom_x": "text"},
        {"custom_x": {"label": "X", "kind": "person"}},
        {"custom_x": {"label": "", "kind": "text"}},
    ],
)
def test_what_is_no_field_is_refused_in_words(plain: Any) -> None:
    with pytest.raises(MappingError, match="new_fields"):
        ImportMapping.read({"options": {"new_fields": plain}}, targets_of(registry["actions"]))


def test_a_field_that_came_meanwhile_is_filled_instead(browser: Client, people: People) -> None:
    job, _page = uploaded(browser, FILE)
    pressed(browser, job, **{"column-2": "new-text", "check": "1"})
    CustomField.objects.create(register="actions", key="custom_anlage", label="Anlage", kind="text")
    pressed(browser, job, confirm="1")
    assert job.status == "done", job.failure
    assert CustomField.objects.count() == 1
    assert Action.objects.get(external_id="1").custom == {"custom_anlage": "Presse 3"}

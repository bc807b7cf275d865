"""Fields that an organization adds to a register behave as if the register declared them."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from openpyxl import load_workbook

from organizations import clock
from organizations.models import Organization
from organizations.scope import in_organization
from registers.custom_fields.models import CustomField, fields_of
from registers.custom_fields.services import add_field, move_field, restore_field, retire_field, with_choices
from registers.register import registry
from requirements_registry.models import Requirement
from tests.people import People, make_organization, make_people
from tests.support.factories import form_data, make
from tests.support.imports import Imported, run_import, text_file
from tests.support.moments import commit
from trail.time_travel.travel import time_travel

pytestmark = pytest.mark.django_db

REGISTER = "requirements"
KINDS = ("text", "number", "date", "choice", "person")


@pytest.fixture(scope="module")
def acme(kept_db: None) -> Organization:
    return make_organization("acme", "Acme Pumps")


@pytest.fixture(scope="module")
def other(kept_db: None) -> Organization:
    return make_organization("other", "Other Valves")


@pytest.fixture(scope="module")
def people(acme: Organization, other: Organization) -> People:
    return make_people(acme, other)


@pytest.fixture(scope="module")
def fields(acme: Organization, people: People) -> dict[str, CustomField]:
    """A field of each kind in Acme's requirements."""
    with in_organization(acme):
        return {kind: define(kind, people) for kind in KINDS}


def define(kind: str, people: People, register: str = REGISTER) -> CustomField:
    """A field called like its kind: “Own number”."""
    choices = with_choices([], ["Low", "Mid", "High"]) if kind == "choice" else []
    return add_field(
        CustomField(register=register, label=f"Own {kind}", kind=kind, choices=choices), by=people.quality_manager
    )


VALUES: dict[str, tuple[Any, Any, Any]] = {
    "text": ("alpha", "beta", "gamma, = with “marks”"),
    "number": (Decimal("-2.5"), Decimal(9), Decimal(10)),
    "date": (date(2024, 12, 31), date(2025, 1, 2), date(2025, 10, 1)),
    "choice": ("low", "mid", "high"),
}


@pytest.fixture(scope="module")
def rows(acme: Organization, people: People, fields: dict[str, CustomField]) -> list[Requirement]:
    """Three requirements whose values rise from one to the next, and one without any."""
    found = []
    with in_organization(acme):
        persons = (people.auditor, people.contributor, people.quality_manager)
        for number in range(3):
            given = {fields[kind].key: fields[kind].kept(values[number]) for kind, values in VALUES.items()}
            given[fields["person"].key] = persons[number].pk
            found.append(make(Requirement, number, external_id=f"E-{number}", custom=given))
        found.append(make(Requirement, 3, external_id="E-3"))
    return found


@pytest.fixture
def manager(people: People, client_of: Callable[..., Client]) -> Client:
    return client_of(people.quality_manager)


def references(client: Client, query: str) -> list[str]:
    response = client.get(f"/o/acme/requirements/?{query}")
    assert response.status_code == 200
    return [row.reference for row in response.context["table"].rows]


def exported(client: Client, query: str = "sort=reference") -> list[dict[str, str]]:
    response = client.get(f"/o/acme/requirements/export.csv?{query}")
    return list(csv.DictReader(io.StringIO(b"".join(response.streaming_content).decode("utf-8-sig"))))


def test_a_field_belongs_to_one_organization(acme: Organization, other: Organization, fields: Any) -> None:
    for _round in range(2):
        with in_organization(acme):
            assert set(KINDS) == {field.kind for field in fields_of(REGISTER)}
            assert fields["text"].key in registry[REGISTER].bound
            assert fields_of("risks") == ()
        with in_organization(other):
            assert fields_of(REGISTER) == ()
            assert fields["text"].key not in registry[REGISTER].bound
    assert fields["text"].key not in registry[REGISTER].bound


def test_definitions_are_read_once_while_an_organization_is_entered(acme: Organization, fields: Any) -> None:
    with in_organization(acme), CaptureQueriesContext(connection) as captured:
        for _use in range(5):
            assert registry[REGISTER].bound and registry["risks"].bound and registry[REGISTER].shown
    assert len(captured) == 1


def test_a_field_that_is_defined_is_there_at_once_and_keys_are_never_used_twice(
    acme: Organization, people: People
) -> None:
    with in_organization(acme):
        assert fields_of("risks") == ()
        keys = [define("text", people, "risks").key for _time in range(2)]
        assert [field.key for field in fields_of("risks")] == keys == ["custom_own_text", "custom_own_text_2"]


@pytest.mark.parametrize("kind", KINDS)
def test_rows_sort_by_it_with_those_without_value_last(kind: str, manager: Client, fields: Any, rows: Any) -> None:
    ordered = [row.reference for row in rows]
    key = fields[kind].key
    assert references(manager, f"sort={key}") == ordered
    assert references(manager, f"sort=-{key}") == [*ordered[2::-1], ordered[3]]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("custom_own_text=ALPHA", [0]),
        ("custom_own_number_min=-3&custom_own_number_max=9", [0, 1]),
        ("custom_own_number_min=9.5", [2]),
        ("custom_own_date_after=2025-01-01", [1, 2]),
        ("custom_own_choice=mid", [1]),
        ("custom_own_person={contributor}", [1]),
        ("custom_own_number_min=99999999999999999999", []),
        ("custom_own_choice=none", []),
    ],
)
def test_rows_are_filtered_by_it(
    query: str, found: list[int], manager: Client, people: People, fields: Any, rows: Any
) -> None:
    query = query.format(contributor=people.contributor.pk)
    assert references(manager, f"{query}&sort=reference") == [rows[number].reference for number in found]
    assert [row["Reference"] for row in exported(manager, f"{query}&sort=reference")] == [
        rows[number].reference for number in found
    ]


@pytest.mark.parametrize("kind", ["choice", "person"])
def test_rows_are_grouped_by_it(kind: str, manager: Client, fields: Any, rows: Any) -> None:
    key = fields[kind].key
    table = manager.get(f"/o/acme/requirements/?group={key}&columns={key},custom_own_number&total=sum").context["table"]
    assert [(row.group.cell.text, row.group.count) for row in table.rows if row.group][:2] == [
        (row.cells[1].text, 1) for row in table.rows[:2]
    ]
    assert table.totals[2].text == "16.5"


def test_it_is_a_column_of_lists_and_a_fact_of_the_record(manager: Client, fields: Any, rows: Any) -> None:
    table = manager.get("/o/acme/requirements/?sort=reference").context["table"]
    place = {column.name: at for at, column in enumerate(table.columns)}
    cells = {kind: table.rows[0].cells[place[field.key]].text for kind, field in fields.items()}
    said = {"text": "alpha", "number": "-2.5", "date": "31 Dec 2024", "choice": "Low", "person": "Auditor"}
    assert cells == said
    page = manager.get(f"/o/acme/requirements/{rows[0].reference}/")
    facts = {item.label: item.text for group in page.context["facts"] for item in group["items"]}
    assert {kind: facts[f"Own {kind}"] for kind in KINDS} == said


def test_exports_hold_its_values(manager: Client, fields: Any, rows: Any) -> None:
    csv_row = exported(manager)[0]
    assert {kind: csv_row[f"Own {kind}"] for kind in KINDS} == {
        "text": "alpha",
        "number": "-2.5",
        "date": "2024-12-31",
        "choice": "Low",
        "person": "auditor@acme.example",
    }
    response = manager.get("/o/acme/requirements/export.xlsx?sort=reference")
    head, first, *_rest = load_workbook(io.BytesIO(b"".join(response.streaming_content))).active.iter_rows(
        values_only=True
    )  # type: ignore[union-attr]
    cells = dict(zip(head, first, strict=True))
    assert cells["Own number"] == -2.5
    assert cells["Own date"].date() == date(2024, 12, 31)


def edit(client: Client, organization: Organization, record: Requirement, **changes: Any) -> Any:
    url = f"/o/acme/requirements/{record.reference}/edit/"
    with in_organization(organization):
        return client.post(url, form_data(client.get(url).context["form"]) | changes)


def test_a_form_changes_its_values_and_history_shows_old_and_new(
    acme: Organization, people: People, manager: Client, fields: Any, rows: Any
) -> None:
    before = dict(rows[0].custom)
    changes = {"custom_own_number": "12.50", "custom_own_choice": "mid", "custom_own_person": people.contributor.pk}
    assert edit(manager, acme, rows[0], custom_own_text="", **changes).status_code == 302
    with in_organization(acme):
        custom = Requirement.objects.get(pk=rows[0].pk).custom
    assert custom == {
        "custom_own_number": "12.5",
        "custom_own_choice": "mid",
        "custom_own_person": people.contributor.pk,
        "custom_own_date": before["custom_own_date"],
    }
    newest = manager.get(f"/o/acme/requirements/{rows[0].reference}/history/").context["entries"][0]
    assert {(change.field, change.old, change.new) for change in newest.changes} == {
        ("Own text", "alpha", ""),
        ("Own number", "-2.5", "12.5"),
        ("Own choice", "Low", "Mid"),
        ("Own person", "Auditor", "Contributor"),
    }


@pytest.mark.parametrize(
    ("field", "value"),
    [("number", "abc"), ("number", "1e30"), ("number", "1.23456"), ("date", "soon"), ("choice", "none"), ("person", "0")],
)  # fmt: skip
def test_a_value_of_another_kind_is_refused(
    field: str, value: str, acme: Organization, manager: Client, fields: Any, rows: Any
) -> None:
    response = edit(manager, acme, rows[0], **{f"custom_own_{field}": value})
    assert response.status_code == 422
    assert f"custom_own_{field}" in response.context["form"].errors


def test_the_past_shows_the_values_and_fields_of_then(
    acme: Organization, people: People, fields: Any, rows: Any
) -> None:
    with in_organization(acme):
        commit()
        moment = clock.now()
        record = Requirement.objects.get(pk=rows[0].pk)
        record.custom = {**record.custom, "custom_own_text": "changed"}
        record.save()
        later = define("text", people)
        retire_field(fields_of(REGISTER)[0], by=people.quality_manager)
        with time_travel(moment):
            bound = registry[REGISTER].bound
            assert "custom_own_text" in bound and later.key not in bound
            then = registry[REGISTER].records().get(pk=record.pk)
            assert bound["custom_own_text"].value_of(then) == "alpha"
        assert "custom_own_text" not in registry[REGISTER].bound and later.key in registry[REGISTER].bound


def test_a_retired_field_is_gone_and_its_values_stay(
    acme: Organization, people: People, manager: Client, fields: Any, rows: Any
) -> None:
    with in_organization(acme):
        definition = CustomField.objects.get(pk=fields["text"].pk)
        retire_field(definition, by=people.quality_manager)
    assert "Own text" not in exported(manager)[0]
    assert references(manager, "sort=custom_own_text") == references(manager, "")
    assert edit(manager, acme, rows[0], custom_own_number="7", custom_own_text="ignored").status_code == 302
    with in_organization(acme):
        assert Requirement.objects.get(pk=rows[0].pk).custom["custom_own_text"] == "alpha"
        restore_field(definition, by=people.quality_manager)
    assert exported(manager)[0]["Own text"] == "alpha"


def test_fields_stand_in_the_order_they_are_put_in(acme: Organization, people: People, fields: Any) -> None:
    with in_organization(acme):
        move_field(fields["number"], up=True, by=people.quality_manager)
        move_field(fields["number"], up=True, by=people.quality_manager)
        assert [field.kind for field in fields_of(REGISTER)] == ["number", "text", "date", "choice", "person"]
        move_field(fields["person"], up=False, by=people.quality_manager)
        assert [field.kind for field in fields_of(REGISTER)] == ["number", "text", "date", "choice", "person"]


def test_who_saves_second_sees_both_values(
    acme: Organization, people: People, manager: Client, fields: Any, rows: Any
) -> None:
    url = f"/o/acme/requirements/{rows[0].reference}/edit/"
    with in_organization(acme):
        mine = form_data(manager.get(url).context["form"]) | {"custom_own_number": "1"}
    edit(manager, acme, rows[0], custom_own_number="2")
    response = manager.post(url, mine)
    assert response.status_code == 409
    assert [tuple(field.values()) for field in response.context["conflict"]["fields"]] == [("Own number", "1", "2")]


FILE = """Id,Own text,Own number,Own date,Own choice,Own person,Tags
E-0,alpha,-2.5,2024-12-31,Low,auditor@acme.example,
E-1,,9.75,2025-01-02,high,Contributor,urgent;Export
"""


@pytest.fixture
def imported(acme: Organization, fields: Any, rows: Any, tmp_path: Path) -> Imported:
    with in_organization(acme):
        return run_import(REGISTER, text_file(tmp_path, FILE))


def test_an_import_changes_exactly_what_differs(acme: Organization, imported: Imported, tmp_path: Path) -> None:
    assert imported.counts == (0, 1, 1, 0), imported.reasons
    assert set(imported.examination.changed_fields) == {
        "custom_own_text", "custom_own_number", "custom_own_choice", "tags",
    }  # fmt: skip
    with in_organization(acme):
        record = Requirement.objects.get(external_id="E-1")
        assert run_import(REGISTER, text_file(tmp_path, FILE)).counts == (0, 0, 2, 0)
    assert record.tags == "urgent; Export"
    assert {key: record.custom.get(key) for key in ("custom_own_text", "custom_own_number", "custom_own_choice")} == {
        "custom_own_text": None,
        "custom_own_number": "9.75",
        "custom_own_choice": "high",
    }


def test_an_import_creates_rows_with_their_values(
    acme: Organization, people: People, fields: Any, rows: Any, tmp_path: Path
) -> None:
    text = "Id,Statement,Kind,Own number,Own person\nN-1,Tight,customer,3,Auditor\n"
    with in_organization(acme):
        assert run_import(REGISTER, text_file(tmp_path, text)).counts == (1, 0, 0, 0)
        custom = Requirement.objects.get(external_id="N-1").custom
    assert custom == {"custom_own_number": "3", "custom_own_person": people.auditor.pk}


@pytest.mark.parametrize(
    ("heading", "cell"), [("Own number", "x"), ("Own number", "1.23456"), ("Own date", "x"), ("Own choice", "x"), ("Own person", "x")]
)  # fmt: skip
def test_an_import_refuses_values_of_another_kind(
    heading: str, cell: str, acme: Organization, fields: Any, rows: Any, tmp_path: Path
) -> None:
    with in_organization(acme):
        assert run_import(REGISTER, text_file(tmp_path, f"Id,{heading}\nE-0,{cell}\n")).counts == (0, 0, 0, 1)


def test_an_import_gives_no_row_a_choice_that_was_retired_and_leaves_it_where_it_stands(
    acme: Organization, people: People, fields: Any, rows: Any, tmp_path: Path
) -> None:
    with in_organization(acme):
        definition = fields_of(REGISTER)[KINDS.index("choice")]
        for choice in definition.choices:
            choice["retired"] = choice["code"] == "low"
        definition.save()
        heading = "Id,Statement,Kind,Own choice\n"
        again = run_import(REGISTER, text_file(tmp_path, "Id,Own choice\nE-0,Low\nE-1,Low\n"))
        assert again.counts == (0, 0, 1, 1)
        assert again.reasons == ["“Low” is no longer offered."]
        assert again.report.problems[0]["remedy"] == "Choose one of these: Mid, High."
        assert run_import(REGISTER, text_file(tmp_path, f"{heading}N-2,Tight,customer,Low\n")).counts == (0, 0, 0, 1)

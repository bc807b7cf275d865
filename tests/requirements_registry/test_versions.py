"""A change of what a requirement says makes a version, whoever changes it and however."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from requirements_registry.models import Acknowledgement, Requirement, RequirementVersion
from requirements_registry.models.version_mixin import ChangeNote
from trail.actor import acting
from trail.history import bulk_create, bulk_update

Make = Callable[..., Requirement]


def numbers(requirement: Requirement) -> list[int]:
    return list(requirement.versions.order_by("number").values_list("number", flat=True))


def test_a_new_requirement_is_at_version_one(make_requirement: Make) -> None:
    row = make_requirement()
    assert (row.version, numbers(row)) == (1, [1])


@pytest.mark.parametrize("field", ["statement", "criterion"])
def test_a_changed_text_makes_a_new_version(make_requirement: Make, field: str) -> None:
    row = make_requirement()
    setattr(row, field, "Something else.")
    row.save()
    row.refresh_from_db()
    assert (row.version, numbers(row)) == (2, [1, 2])
    assert getattr(row.versions.get(number=2), field) == "Something else."


def test_a_version_keeps_who_changed_it_why_and_who_must_be_told(make_requirement: Make, house: Any) -> None:
    row = make_requirement()
    row.statement, row._change_reason = "Twice the pressure.", "New pump"
    row.change_note = ChangeNote(house.ago(3), "Production")
    with acting(house.colleague):
        row.save()
    version = row.versions.get(number=2)
    assert (version.author, version.reason, version.tell, version.effective_on) == (
        house.colleague,
        "New pump",
        "Production",
        house.ago(3),
    )


def test_a_note_about_a_change_counts_for_one_save_only(make_requirement: Make) -> None:
    row = make_requirement()
    row.change_note = ChangeNote(tell="Production")
    row.title = "Casing"
    row.save()
    row.statement = "Twice the pressure."
    row.save()
    assert row.versions.get(number=2).tell == ""


@pytest.mark.parametrize(
    "change",
    [{"title": "Casing"}, {"statement": "The casing withstands 1.5 times the rated pressure for ten minutes.  \r\n"}],
)
def test_what_says_the_same_stays_at_its_version(make_requirement: Make, change: dict[str, str]) -> None:
    row = make_requirement()
    for name, value in change.items():
        setattr(row, name, value)
    row.save()
    assert (row.version, numbers(row)) == (1, [1])


def test_version_and_change_stand_in_one_history_row(make_requirement: Make) -> None:
    row = make_requirement()
    row.statement = "Twice the pressure."
    row.save()
    assert list(row.history.order_by("history_id").values_list("version", flat=True)) == [1, 2]


def test_without_its_version_a_change_is_not_saved(make_requirement: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    row = make_requirement()

    def refuse(*_: Any, **__: Any) -> None:
        raise RuntimeError("disk full")

    monkeypatch.setattr(RequirementVersion, "save", refuse)
    row.statement = "Twice the pressure."
    with pytest.raises(RuntimeError):
        row.save()
    assert Requirement.objects.get(pk=row.pk).statement.startswith("The casing withstands")


def test_a_partial_save_raises_the_version_too(make_requirement: Make) -> None:
    row = make_requirement()
    row.statement = "Twice the pressure."
    row.save(update_fields=["statement"])
    assert Requirement.objects.get(pk=row.pk).version == 2


def test_a_version_is_never_changed(make_requirement: Make) -> None:
    version = make_requirement().versions.get()
    version.statement = "Half the pressure."
    with pytest.raises(TypeError):
        version.save()


def test_earlier_acknowledgements_stop_counting(make_requirement: Make, house: Any) -> None:
    row = make_requirement()
    Acknowledgement(requirement=row, person=house.owner, version=1, words="It holds.").save()
    row.statement = "Twice the pressure."
    row.save()
    assert list(Requirement.objects.not_acknowledged_by_owner()) == [row]


@pytest.mark.parametrize("change", ["statement", "owner", "status"])
def test_the_days_to_acknowledge_begin_anew(make_requirement: Make, house: Any, change: str) -> None:
    row = make_requirement(status="in_review")
    values = {"statement": "Twice the pressure.", "owner": house.colleague, "status": "active"}
    setattr(row, change, values[change])
    row.save()
    assert row.acknowledge_from == house.today


def test_the_days_to_acknowledge_go_on_when_something_else_changes(make_requirement: Make, house: Any) -> None:
    row = make_requirement()
    row.criticality = "high"
    row.save()
    assert row.acknowledge_from == house.ago(100)


def imported(house: Any, count: int) -> list[Requirement]:
    rows = [
        Requirement(reference=f"REQ-{n:04d}", statement=f"Statement {n}", title=f"{n}") for n in range(1, count + 1)
    ]
    created = bulk_create(Requirement, rows)
    Requirement.after_bulk_save(created, [], [])
    return created


def test_requirements_imported_together_get_their_first_versions(house: Any) -> None:
    imported(house, 3)
    assert list(RequirementVersion.objects.order_by("pk").values_list("requirement__reference", "number", "statement")) == [
        ("REQ-0001", 1, "Statement 1"), ("REQ-0002", 1, "Statement 2"), ("REQ-0003", 1, "Statement 3"),
    ]  # fmt: skip


def test_an_import_raises_the_version_of_what_it_changed_and_of_nothing_else(house: Any) -> None:
    imported(house, 3)
    rows = list(Requirement.objects.order_by("pk"))
    rows[1].statement = "Another statement"
    bulk_update(Requirement, rows, ["statement", "title"])
    Requirement.after_bulk_save([], rows, ["statement", "title"])
    assert list(Requirement.objects.order_by("pk").values_list("version", flat=True)) == [1, 2, 1]
    assert RequirementVersion.objects.get(number=2).statement == "Another statement"


@pytest.mark.parametrize("field", ["owner", "owner_id", "status"])
def test_the_days_to_acknowledge_begin_anew_where_an_import_brings_owners(house: Any, field: str) -> None:
    rows = imported(house, 2)
    for row in rows:
        row.acknowledge_from = house.ago(100)
    bulk_update(Requirement, rows, ["acknowledge_from"])
    Requirement.after_bulk_save([], rows[:1], [field])
    assert list(Requirement.objects.order_by("pk").values_list("acknowledge_from", flat=True)) == [
        house.today,
        house.ago(100),
    ]


def test_importing_the_same_again_changes_nothing(house: Any) -> None:
    imported(house, 3)
    rows = list(Requirement.objects.order_by("pk"))
    versions = Requirement.history.count()
    Requirement.after_bulk_save([], rows, ["statement"])
    assert (RequirementVersion.objects.count(), Requirement.history.count()) == (3, versions)


def test_versions_of_an_import_have_history(house: Any) -> None:
    imported(house, 2)
    assert RequirementVersion.history.count() == 2


def test_the_statements_of_an_import_do_not_grow_with_its_rows(house: Any) -> None:
    with CaptureQueriesContext(
        connection,
    ) as few:
        Requirement.after_bulk_save(_unsaved_versions(house, 2), [], [])
    with CaptureQueriesContext(connection) as many:
        Requirement.after_bulk_save(_unsaved_versions(house, 40), [], [])
    assert len(_of_versions(many)) == len(_of_versions(few))


def _unsaved_versions(house: Any, count: int) -> list[Requirement]:
    start = Requirement.objects.count()
    return bulk_create(
        Requirement, [Requirement(reference=f"REQ-{start + n:04d}", statement=f"Statement {n}") for n in range(count)]
    )


def _of_versions(captured: CaptureQueriesContext) -> list[str]:
    return [query["sql"] for query in captured.captured_queries if "requirementversion" in query["sql"]]

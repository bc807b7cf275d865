"""Undoing a whole import: what it created goes, what it changed comes back, what people did since stays."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client, override_settings
from django.test.utils import CaptureQueriesContext

from actions.models import Action
from imports import services
from imports.models import ImportJob
from imports.tasks import import_file
from imports.undo.versions import Writing
from organizations.models import User
from registers.custom_fields.models import CustomField
from registers.custom_fields.services import add_field
from registers.register import registry
from registers.services import archive
from requirements_registry.models import InterestedParty, Requirement, RequirementVersion
from risks.models import Risk
from tests.people import People
from tests.support.imports import Imported, next_transaction, undone
from trail.models import Event

pytestmark = pytest.mark.usefixtures("in_acme")

FIRST = "Id,Action,Status,Cause\nA1,Calibrate,planned,Wear\nA2,Train,planned,Habit\n"
SECOND = "Id,Action,Status,Cause\nA1,Calibrate all,under_way,Wear\nA2,Train,under_way,Habit\nA3,Change,planned,\n"


def state() -> dict[str, tuple[str, str, str]]:
    rows = Action.objects.current().order_by("external_id")
    return {row.external_id: (row.title, row.status, row.cause) for row in rows}


@pytest.fixture
def twice(importing: Callable[..., Imported]) -> Imported:
    """The second import: it changes two rows and brings a third."""
    importing("actions", FIRST)
    return importing("actions", SECOND)


class TestUndo:
    def test_created_rows_are_archived_and_changed_fields_set_back(self, twice: Imported, people: People) -> None:
        assert undone("actions", twice, people.quality_manager) == {"archived": 1, "set back": 2}
        assert state() == {"A1": ("Calibrate", "planned", "Wear"), "A2": ("Train", "planned", "Habit")}
        gone = Action.objects.get(title="Change")
        assert (gone.is_archived, gone.archived_by, gone.archive_reason) == (
            True,
            people.quality_manager,
            "import rows.csv undone",
        )

    def test_history_says_what_was_undone(self, twice: Imported, people: People) -> None:
        undone("actions", twice, people.quality_manager)
        row = Action.objects.get(external_id="A1")
        assert row.revision == 3
        assert row.history.order_by("history_id").last().history_change_reason == "import rows.csv undone"

    def test_a_mended_file_can_be_imported_anew(
        self, twice: Imported, importing: Callable[..., Imported], people: People
    ) -> None:
        undone("actions", twice, people.quality_manager)
        assert importing("actions", SECOND).counts == (1, 2, 0, 0)

    def test_fields_edited_since_are_left_and_the_others_set_back(self, twice: Imported, people: People) -> None:
        self._edit("A1", title="Calibrate everything")
        assert undone("actions", twice, people.quality_manager) == {"archived": 1, "set back": 2, "left": 1}
        assert state()["A1"] == ("Calibrate everything", "planned", "Wear")

    def test_fields_edited_since_are_set_back_where_chosen(self, twice: Imported, people: People) -> None:
        key = self._edit("A1", title="Calibrate everything")
        self._edit("A2", status="cancelled")
        undone("actions", twice, people.quality_manager, also={key})
        assert state() == {"A1": ("Calibrate", "planned", "Wear"), "A2": ("Train", "cancelled", "Habit")}

    def test_all_that_was_edited_since_can_be_undone(self, twice: Imported, people: People) -> None:
        self._edit("A1", title="Calibrate everything")
        self._edit("A3", title="Change it")
        assert undone("actions", twice, people.quality_manager, also=None) == {"archived": 1, "set back": 2}

    def test_created_rows_that_were_edited_since_are_left(self, twice: Imported, people: People) -> None:
        self._edit("A3", title="Change it")
        assert undone("actions", twice, people.quality_manager) == {"set back": 2, "left": 1}
        assert state()["A3"][0] == "Change it"

    def test_rows_archived_since_stay_archived(self, twice: Imported, people: People) -> None:
        for key in ("A1", "A3"):
            archive(Action.objects.get(external_id=key), by=people.quality_manager, reason="Not needed")
        assert undone("actions", twice, people.quality_manager) == {"set back": 1, "left": 1}

    def test_a_field_set_back_by_hand_counts_as_undone(self, twice: Imported, people: People) -> None:
        self._edit("A1", title="Calibrate", status="planned")
        assert undone("actions", twice, people.quality_manager) == {"archived": 1, "set back": 1}

    def test_edited_rows_are_told_beforehand(self, twice: Imported) -> None:
        key = self._edit("A1", title="Calibrate everything")
        assert twice.moment is not None
        writing = Writing(registry["actions"], twice.moment)
        assert (len(writing.created), len(writing.changed), writing.edited()) == (1, 2, [key])
        (reversal,) = writing.reversals([key])
        assert [change[:4] for change in reversal.fields] == [
            ("title", "Calibrate", "Calibrate all", "Calibrate everything"),
            ("status", "planned", "under_way", "under_way"),
        ]

    def test_links_become_what_they_were(self, importing: Callable[..., Imported], people: People) -> None:
        for number in (1, 2, 3):
            Requirement(title=f"Requirement {number}", statement="It works.").save()
        importing("risks", 'Id,Event,Requirements\nR1,It leaks,"REQ-0001, REQ-0002"\n')
        second = importing("risks", 'Id,Event,Requirements\nR1,It leaks,"REQ-0002, REQ-0003"\n')
        assert undone("risks", second, people.quality_manager) == {"links": 2, "set back": 1}
        linked = Risk.objects.get().requirements.order_by("reference").values_list("reference", flat=True)
        assert list(linked) == ["REQ-0001", "REQ-0002"]

    def test_parties_recorded_along_go_unless_others_name_them(
        self, importing: Callable[..., Imported], people: People
    ) -> None:
        imported = importing("requirements", "Ref,Customer,Statement\nC1,Alpha,It pumps.\nC2,Beta,It is quiet.\n")
        Requirement(statement="It is blue.", interested_party=InterestedParty.objects.get(name="Beta")).save()
        assert undone("requirements", imported, people.quality_manager) == {"archived": 3}
        assert list(InterestedParty.objects.current().values_list("name", flat=True)) == ["Beta"]

    def test_a_statement_set_back_is_a_version_of_its_own(
        self, importing: Callable[..., Imported], people: People
    ) -> None:
        importing("requirements", "Ref,Statement\nC1,It pumps.\n")
        second = importing("requirements", "Ref,Statement\nC1,It pumps quietly.\n")
        undone("requirements", second, people.quality_manager)
        said = RequirementVersion.objects.order_by("number").values_list("statement", flat=True)
        assert list(said) == ["It pumps.", "It pumps quietly.", "It pumps."]

    def test_custom_fields_get_their_old_values_back(self, importing: Callable[..., Imported], people: People) -> None:
        field = CustomField(register="actions", label="Budget", kind=CustomField.Kind.NUMBER)
        add_field(field, by=people.quality_manager)
        importing("actions", "Id,Action,Budget\nA1,Calibrate,5\nA2,Train,7\n")
        second = importing("actions", "Id,Action,Budget\nA1,Calibrate,6\nA2,Train,8\n")
        row = Action.objects.get(external_id="A2")
        row.custom, row.revision = {field.key: "9"}, row.revision + 1
        row.save()
        assert undone("actions", second, people.quality_manager) == {"set back": 1, "left": 1}
        kept = {row.external_id: row.custom[field.key] for row in Action.objects.all()}
        assert kept == {"A1": "5", "A2": "9"}

    def test_the_number_of_queries_does_not_grow_with_the_rows(
        self, importing: Callable[..., Imported], people: People
    ) -> None:
        few, many = (self._queries(importing, people, count) for count in (3, 30))
        assert few == many

    def _queries(self, importing: Callable[..., Imported], people: People, count: int) -> int:
        importing("actions", "Id,Action\n" + "".join(f"B{count}-{number},One\n" for number in range(count)))
        imported = importing(
            "actions", "Id,Action\n" + "".join(f"B{count}-{number},Two\n" for number in range(2 * count))
        )
        with CaptureQueriesContext(connection) as captured:
            assert undone("actions", imported, people.quality_manager) == {"archived": count, "set back": count}
        return len(captured)

    def _edit(self, external_id: str, **values: str) -> int:
        row = Action.objects.get(external_id=external_id)
        for name, value in values.items():
            setattr(row, name, value)
        row.revision += 1
        row.save()
        return row.pk


class TestPages:
    @pytest.fixture(autouse=True)
    def _storage(self, tmp_path: Path) -> Iterator[None]:
        with override_settings(MEDIA_ROOT=tmp_path / "files"):
            yield

    @pytest.fixture
    def browser(self, client_of: Callable[[User | None], Client], people: People) -> Client:
        return client_of(people.quality_manager)

    @pytest.fixture
    def job(self, browser: Client, importing: Callable[..., Imported]) -> ImportJob:
        """The second file, imported on the pages."""
        importing("actions", FIRST)
        browser.post("/o/acme/actions/import/", {"file": SimpleUploadedFile("rows.csv", SECOND.encode())})
        job = ImportJob.objects.latest("pk")
        services.ask_to_import(job, skip_invalid=False, by=job.requested_by)
        import_file(job.organization_id, job.pk)
        next_transaction()
        job.refresh_from_db()
        return job

    def test_an_import_is_undone_in_two_steps(self, browser: Client, job: ImportJob) -> None:
        report = browser.get(job.get_absolute_url())
        row = Action.objects.get(external_id="A1")
        row.title, row.revision = "By hand", row.revision + 1
        row.save()
        page = browser.get(report.context["job"]["undo_url"])
        assert (page.context["created"], page.context["changed"], page.context["edited_total"]) == (1, 2, 1)
        assert b"By hand" in page.content
        response = browser.post(report.context["job"]["undo_url"], {"also": str(row.pk)}, follow=True)
        job.refresh_from_db()
        assert job.status == ImportJob.Status.UNDONE
        assert "1 row archived, 2 set back" in response.content.decode()
        assert state()["A1"] == ("Calibrate", "planned", "Wear")
        assert Event.objects.filter(verb="undid an import", data__archived=1).exists()

    def test_rows_edited_elsewhere_than_in_what_was_imported_are_no_question(
        self, browser: Client, job: ImportJob
    ) -> None:
        row = Action.objects.get(external_id="A1")
        row.description, row.revision = "Noted by hand", row.revision + 1
        row.save()
        page = browser.get(f"{job.get_absolute_url()}undo/")
        assert (page.context["edited"], page.context["edited_total"], len(page.context["examples"])) == ([], 0, 3)

    def test_keys_that_no_row_can_have_are_passed_over(self, browser: Client, job: ImportJob) -> None:
        response = browser.post(f"{job.get_absolute_url()}undo/", {"also": ["9" * 5_000, "x"]})
        job.refresh_from_db()
        assert (response.status_code, job.status) == (302, ImportJob.Status.UNDONE)

    def test_what_is_undone_cannot_be_undone_again(self, browser: Client, job: ImportJob) -> None:
        address = browser.get(job.get_absolute_url()).context["job"]["undo_url"]
        browser.post(address)
        assert browser.get(address).status_code == browser.post(address).status_code == 302
        assert browser.get(job.get_absolute_url()).context["job"]["undo_url"] == ""

    @override_settings(IMPORT_BACKGROUND_ROWS=1)
    def test_many_rows_are_undone_by_the_worker_and_can_be_stopped(
        self, browser: Client, job: ImportJob, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(import_file, "delay", lambda *ids: None)
        browser.post(f"{job.get_absolute_url()}undo/")
        job.refresh_from_db()
        assert job.status == ImportJob.Status.UNDOING
        browser.post(job.get_absolute_url(), {"cancel": "1"})
        job.refresh_from_db()
        assert job.status == ImportJob.Status.DONE
        assert job.can_be_undone

    def test_an_error_leaves_the_import_as_it_stands(
        self, browser: Client, job: ImportJob, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def fail(*args: Any, **options: Any) -> None:
            raise RuntimeError("disk full")

        monkeypatch.setattr(Action, "after_bulk_save", fail)
        page = browser.post(f"{job.get_absolute_url()}undo/", follow=True)
        assert "Nothing was undone" in page.content.decode() and "disk full" not in page.content.decode()
        assert state()["A1"] == ("Calibrate all", "under_way", "Wear")
        assert page.context["job"]["undo_url"]

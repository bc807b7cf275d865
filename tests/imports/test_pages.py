"""Importing in the browser: upload, check, mend the mapping, import, report."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import OperationalError as DatabaseIsBusy
from django.test import Client, override_settings
from kombu.exceptions import OperationalError

from actions.models import Action
from comments.models import Comment
from imports import services
from imports.models import ImportJob
from imports.storage import KEPT
from imports.tasks import forget_old_imports, import_file
from organizations.jobs import claim, orphans
from organizations.models import User
from organizations.scope import in_organization
from requirements_registry.models import InterestedParty, Requirement
from tests.people import MEMBERS, STRANGERS, People

GOOD = "Id,Action,Status,Due\nA1,Calibrate the scale,planned,2026-05-04\nA2,Train the inspectors,in Arbeit,2026-06-01\n"
BAD = GOOD + "A3,,planned,30.02.2026\n"
UPLOAD = "/o/acme/actions/import/"


@pytest.fixture(autouse=True)
def _storage(tmp_path: Path) -> Iterator[None]:
    with override_settings(MEDIA_ROOT=tmp_path / "files"):
        yield


@pytest.fixture
def browser(client_of: Callable[[User | None], Client], people: People, in_acme: Any) -> Client:
    """The quality manager's browser."""
    return client_of(people.quality_manager)


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, int]]:
    """What is sent to workers, in place of sending it."""
    messages: list[tuple[int, int]] = []
    monkeypatch.setattr(import_file, "delay", lambda *ids: messages.append(ids))
    return messages


def send(
    browser: Client, content: str | bytes, *, name: str = "plan.csv", register: str = "actions", **fields: Any
) -> Any:
    data = content.encode() if isinstance(content, str) else content
    return browser.post(f"/o/acme/{register}/import/", {"file": SimpleUploadedFile(name, data), **fields})


def uploaded(browser: Client, content: str | bytes, **options: Any) -> tuple[ImportJob, Any]:
    """The job of an uploaded file and its page."""
    response = send(browser, content, **options)
    assert response.status_code == 302, response.content.decode()
    return ImportJob.objects.latest("pk"), browser.get(response["Location"])


def form_of(page: Any, **changes: str) -> dict[str, str]:
    """What the page's forms would send, with changes."""
    context = page.context
    lines = {line["field"].html_name: line["field"].value() for line in context["mapping"]}
    others = {
        field.html_name: field.value()
        for form in (
            context["reading_form"],
            context["values_form"],
            context["scale_form"] or (),
            context["survey_form"] or (),
            context["names_form"] or (),
            context["source_form"],
            context["cells_form"] or (),
            context["no_answers_form"] or (),
            context["alike_form"] or (),
        )
        for field in form
    }
    return {
        name: "on" if value is True else value
        for name, value in {**lines, **others, **changes}.items()
        if value is not False and value not in (None, "")
    }


class TestUpload:
    def test_a_file_is_understood_and_nothing_is_written(self, browser: Client) -> None:
        job, page = uploaded(browser, GOOD)
        assert job.status == ImportJob.Status.READY
        assert page.context["counts"] == {"created": 2, "changed": 0, "unchanged": 0, "refused": 0}
        assert [line["field"].value() for line in page.context["mapping"]] == [
            "external_id",
            "title",
            "status",
            "due_on",
        ]
        assert not Action.objects.exists()

    def test_a_file_that_comes_again_with_a_column_that_fills_nothing_says_so(self, browser: Client) -> None:
        text = GOOD.replace("Due\n", "Due,Mood\n").replace("-04\n", "-04,good\n").replace("-01\n", "-01,bad\n")
        _job, page = uploaded(browser, text)
        assert page.context["columns_title"] == "One column fills nothing yet"
        browser.post(page.request["PATH_INFO"], form_of(page, confirm="1"))
        _job, page = uploaded(browser, text.replace("good", "better"))
        assert page.context["recognised"] and not page.context["open_columns"]
        assert page.context["columns_title"] == "Nothing is open: one column fills no field, as before"
        assert "Every column is known" not in page.content.decode()
        _job, page = uploaded(browser, GOOD)
        assert page.context["columns_title"] == "Every column is known"

    def test_the_preview_shows_rows_as_they_would_be_written_with_errors_in_place(self, browser: Client) -> None:
        _job, page = uploaded(browser, BAD)
        table = page.context["table"]
        states = [(row["number"], row["state"]) for row in table["rows"]]
        assert states == [(2, "created"), (3, "created"), (4, "refused")]
        cells = dict(zip(table["columns"], table["rows"][2]["cells"], strict=True))
        assert cells["Due"]["text"] == "30.02.2026"
        assert cells["Due"]["error"] and cells["Due"]["remedy"]
        assert dict(zip(table["columns"], table["rows"][1]["cells"], strict=True))["Status"]["text"] == "Under way"

    def test_german_files_are_understood(self, browser: Client) -> None:
        _job, page = uploaded(browser, "Maßnahme;Verantwortlich;Fällig\nPrüfen;;03.04.2026\n".encode("cp1252"))
        found = {str(line["label"]): str(line["value"]) for line in page.context["found"]}
        assert (found["Encoding"], found["Separator"]) == ("cp1252", "semicolons")
        assert page.context["counts"]["created"] == 1

    def test_an_empty_file_is_refused_beside_its_field(self, browser: Client) -> None:
        response = send(browser, b"")
        assert response.status_code == 422
        assert "file" in response.context["form"].errors

    @override_settings(IMPORT_MAX_BYTES=1024 * 1024)
    def test_a_file_that_is_too_large_is_refused_with_the_limit(self, browser: Client) -> None:
        response = send(browser, b"x" * (1024 * 1024 + 1))
        assert "1 MiB" in str(response.context["form"].errors["file"])

    def test_what_is_no_table_is_said_calmly(self, browser: Client) -> None:
        _job, page = uploaded(browser, bytes(range(256)) * 20)
        assert page.status_code == 200
        assert "not a text file" in page.context["errors"][0]

    def test_a_file_without_header_can_be_read_differently(self, browser: Client) -> None:
        _job, page = uploaded(browser, "1,2,3\n4,5,6\nAction,Due,Nr\nMend,2026-01-02,7\n1,2,3\n")
        response = browser.post(page.request["PATH_INFO"], {"check": "1", "header_row": "3"})
        page = browser.get(response["Location"])
        assert [line["header"] for line in page.context["mapping"]] == ["Action", "Due", "Nr"]

    def test_a_missing_field_is_named(self, browser: Client) -> None:
        _job, page = uploaded(browser, "Nr,Due\n1,2026-01-02\n")
        assert page.context["missing"] == ["Action"]
        assert b'name="confirm"' not in page.content

    def test_names_of_files_are_data(self, browser: Client) -> None:
        job, page = uploaded(browser, GOOD, name="<script>alert(1)</script>.csv")
        assert "/" not in job.filename
        assert b"<script>alert" not in page.content

    def test_headers_and_cells_are_data(self, browser: Client) -> None:
        _job, page = uploaded(browser, "Id,Action,<script>alert(1)</script>\nA1,<script>alert(2)</script>,x\n")
        assert b"<script>alert" not in page.content

    def test_a_mapping_file_is_used(self, browser: Client) -> None:
        mapping = SimpleUploadedFile("m.json", b'{"title": "What", "status": {"value": "under_way"}}')
        _job, page = uploaded(browser, "What\nMend\n", mapping=mapping)
        assert page.context["counts"]["created"] == 1
        assert "Under way" in str(page.context["table"])

    @pytest.mark.parametrize("text", [b"{", b'{"colour": "x"}', b"\xff\xfe\x00"])
    def test_a_mapping_file_that_cannot_be_used_says_why(self, text: bytes, browser: Client) -> None:
        response = send(browser, GOOD, mapping=SimpleUploadedFile("m.json", text))
        assert response.status_code == 422
        assert response.context["form"].errors["mapping"]

    def test_the_empty_workbook_can_be_filled_and_imported(self, browser: Client) -> None:
        file = io.BytesIO(b"".join(browser.get(f"{UPLOAD}template.xlsx").streaming_content))  # type: ignore[attr-defined]
        book = openpyxl.load_workbook(file)
        sheet = book.active
        headers = [cell.value for cell in sheet[1]]
        sheet.append(["Mend the door" if header == "Action" else None for header in headers])
        book.save(filled := io.BytesIO())
        _job, page = uploaded(browser, filled.getvalue(), name="plan.xlsx")
        assert page.context["counts"]["created"] == 1
        assert all(line["known"] for line in page.context["mapping"])


class TestMapping:
    def test_a_column_can_be_given_to_another_field(self, browser: Client) -> None:
        _job, page = uploaded(browser, "Id,What,Action\nA1,Real title,Some note\n")
        response = browser.post(
            page.request["PATH_INFO"], form_of(page, **{"check": "1", "column-1": "title", "column-2": "description"})
        )
        page = browser.get(response["Location"])
        assert [line["field"].value() for line in page.context["mapping"]] == ["external_id", "title", "description"]
        assert page.context["counts"]["created"] == 1

    def test_a_column_can_be_left_out(self, browser: Client) -> None:
        job, page = uploaded(browser, GOOD)
        browser.post(page.request["PATH_INFO"], form_of(page, check="1") | {"column-3": ""})
        job.refresh_from_db()
        assert "due_on" not in job.result["mapping"] or job.result["mapping"]["due_on"] is None
        assert job.result["unmapped"] == ["Due"]

    def test_two_columns_of_one_field_are_joined(self, browser: Client) -> None:
        job, page = uploaded(browser, "Id,Action,Part\nA1,Mend,door\n")
        browser.post(page.request["PATH_INFO"], form_of(page, **{"check": "1", "column-2": "title"}))
        job.refresh_from_db()
        assert "Mend door" in str(job.result["rows"])

    def test_a_value_can_be_given_for_all_rows(self, browser: Client) -> None:
        job, page = uploaded(browser, "Nr,Due\n1,2026-01-02\n")
        browser.post(
            page.request["PATH_INFO"], form_of(page, **{"check": "1", "constant-0": "title", "value-0": "Yearly check"})
        )
        job.refresh_from_db()
        assert job.result["counts"]["created"] == 1

    def test_unknown_words_can_be_explained(self, browser: Client) -> None:
        job, page = uploaded(browser, GOOD.replace("in Arbeit", "wip"))
        assert job.result["counts"]["refused"] == 1
        browser.post(page.request["PATH_INFO"], form_of(page, **{"check": "1", "word-0": "under_way"}))
        job.refresh_from_db()
        assert job.mapping["values"] == {"status": {"wip": "under_way"}}
        assert job.result["counts"]["refused"] == 0

    def test_words_for_numbers_and_people_can_be_explained(self, browser: Client, people: People) -> None:
        file = "Id,Action,Responsible,Waiting days\nA1,Mend,Q. Manager,hoch\n"
        job, page = uploaded(browser, file)
        assert job.result["unknown_words"] == {"owner": ["Q. Manager"], "waiting_days": ["hoch"]}
        meanings = {"person-0": str(people.quality_manager.pk), "word-0": "4"}
        browser.post(page.request["PATH_INFO"], form_of(page, check="1", **meanings))
        job.refresh_from_db()
        assert job.result["counts"]["created"] == 1, job.result["problems"]
        page = browser.get(job.get_absolute_url())
        assert page.context["values_form"]["word-0"].value() == "4"

    def test_what_was_understood_once_is_recognised_in_the_next_file_of_its_kind(self, browser: Client) -> None:
        job, page = uploaded(browser, "Id,Thing,Due\nA1,Mend,03/04/2026\n")
        browser.post(page.request["PATH_INFO"], form_of(page, **{"check": "1", "column-1": "title"}))
        page = browser.get(job.get_absolute_url())
        browser.post(page.request["PATH_INFO"], form_of(page, **{"check": "1", "dates-due_on": "mdy"}))
        browser.post(page.request["PATH_INFO"], {**form_of(browser.get(job.get_absolute_url())), "confirm": "1"})
        again, page = uploaded(browser, "DUE,id,thing\n04/05/2026,A2,Sweep\n", name="next.csv")
        assert page.context["recognised"]["file"] == "plan.csv"
        assert again.result["counts"]["created"] == 1 and "5 Apr 2026" in str(again.result["rows"])
        browser.post(page.request["PATH_INFO"], {"forget": "1"})
        page = browser.get(again.get_absolute_url())
        assert page.context["recognised"] is None and page.context["missing"] == ["Action"]

    def test_rows_that_change_are_shown_field_by_field(self, browser: Client, people: People) -> None:
        _job, page = uploaded(browser, "Id,Action,Due,Owner\nA1,Mend,2026-05-04,\nA2,Sweep,,\n")
        browser.post(page.request["PATH_INFO"], form_of(page, confirm="1"))
        file = f"Id,Action,Due,Owner\nA1,Mend it,2026-06-01,{people.contributor.email}\nA2,Sweep,,\n"
        _job, page = uploaded(browser, file)
        (row,) = page.context["changes"]
        assert (row["number"], row["reference"]) == (2, "ACT-0001")
        assert [(field["label"], field["old"], field["new"]) for field in row["fields"]] == [
            ("Action", "Mend", "Mend it"),
            ("Owner", "", "Contributor"),
            ("Due", "4 May 2026", "1 Jun 2026"),
        ]
        assert b"Mend it" in page.content

    def test_what_an_export_adds_beside_its_rows_is_shown_and_written(self, browser: Client, people: People) -> None:
        action = Action.objects.create(title="Calibrate the scale", owner=people.contributor)
        export = f"Reference,External id,Action,Comments\n{action.reference},,{action.title},Well done\n"
        job, page = uploaded(browser, export)
        assert job.result["counts"] == {"created": 0, "changed": 1, "unchanged": 0, "refused": 0}
        (change,) = page.context["changes"]
        assert change["fields"] == [{"label": "Comments", "old": "", "new": "Well done", "is_added": True}]
        assert page.context["counts_note"] == "What changes: Comments."
        assert "What is added in “Comments” is taken along; what stands there stays." in page.context["notes"]
        assert [line["known"] for line in page.context["mapping"]] == [True] * 4
        assert not page.context["open_columns"]
        browser.post(job.get_absolute_url(), form_of(page, confirm="1"))
        said = Comment.objects.get()
        assert (said.subject, said.text, said.author) == (action.reference, "Well done", people.quality_manager)
        job.refresh_from_db()
        assert not job.can_be_undone, "what was said stays"

    def test_undoing_says_what_it_leaves(self, browser: Client, people: People) -> None:
        action = Action.objects.create(title="Calibrate the scale", owner=people.contributor)
        export = f"Reference,External id,Action,Comments\n{action.reference},,Calibrate both scales,Well done\n"
        job, page = uploaded(browser, export)
        browser.post(job.get_absolute_url(), form_of(page, confirm="1"))
        undoing = browser.get(f"{job.get_absolute_url()}undo/")
        assert undoing.context["stays"] == [{"label": "Comments", "count": 1}]
        assert "Comments (1)" in undoing.content.decode()

    def test_the_order_of_dates_can_be_chosen(self, browser: Client) -> None:
        job, page = uploaded(browser, "Id,Action,Due\nA1,One,03/04/2026\n")
        assert job.result["counts"]["refused"] == 1
        browser.post(page.request["PATH_INFO"], form_of(page, **{"check": "1", "dates-due_on": "mdy"}))
        job.refresh_from_db()
        assert "4 Mar 2026" in str(job.result["rows"])

    def test_missing_parties_are_announced_and_can_be_refused(self, browser: Client) -> None:
        job, page = uploaded(browser, "Ref,Customer,Statement\nC1,New one,It pumps.\n", register="requirements")
        assert any("New one" in str(note) for note in page.context["notes"])
        form = {name: value for name, value in form_of(page, check="1").items() if name != "create-interested_party"}
        browser.post(page.request["PATH_INFO"], form)
        job.refresh_from_db()
        assert job.result["counts"]["refused"] == 1

    def test_the_mapping_can_be_taken_along(self, browser: Client) -> None:
        job, _page = uploaded(
            browser, "Nr,What,Due\n1,Mend,2026-01-02\n", mapping=SimpleUploadedFile("m.json", b'{"title": "What"}')
        )
        kept = browser.get(f"{UPLOAD}{job.pk}/mapping.json")
        again, _page = uploaded(
            browser, "Nr,What,Due\n2,Sweep,2026-01-02\n", mapping=SimpleUploadedFile("m.json", kept.content)
        )
        assert again.result["mapping"] == job.result["mapping"] == kept.json()


class TestImport:
    def test_sound_rows_are_imported_and_reported(self, browser: Client, people: People) -> None:
        _job, page = uploaded(browser, GOOD)
        page = browser.post(page.request["PATH_INFO"], form_of(page, confirm="1"), follow=True)
        assert page.context["job"]["counts"] == {"created": 2, "changed": 0, "unchanged": 0, "refused": 0}
        assert page.context["job"]["message"] == "2 new rows"
        assert set(Action.history.values_list("history_user", flat=True)) == {people.quality_manager.pk}

    def test_with_a_refused_row_nothing_can_be_confirmed_but_the_rest(self, browser: Client) -> None:
        _job, page = uploaded(browser, BAD)
        assert b'name="confirm"' not in page.content
        page = browser.post(page.request["PATH_INFO"], form_of(page, skip_invalid="1"), follow=True)
        assert page.context["job"]["counts"]["created"] == 2
        assert Action.objects.count() == 2

    def test_confirming_in_spite_of_refused_rows_writes_nothing(self, browser: Client) -> None:
        job, page = uploaded(browser, BAD)
        browser.post(page.request["PATH_INFO"], form_of(page, confirm="1"))
        job.refresh_from_db()
        assert job.has_failed
        assert not Action.objects.exists()

    def test_a_mapping_changed_since_the_check_is_checked_before_it_is_imported(self, browser: Client) -> None:
        job, page = uploaded(browser, GOOD)
        browser.post(page.request["PATH_INFO"], form_of(page, confirm="1") | {"column-3": ""})
        job.refresh_from_db()
        assert job.status == ImportJob.Status.READY
        assert not Action.objects.exists()

    def test_rows_are_written_in_the_name_of_whoever_agreed(
        self, browser: Client, people: People, client_of: Callable[..., Client]
    ) -> None:
        job, page = uploaded(browser, GOOD)
        ImportJob.objects.filter(pk=job.pk).update(requested_by=people.top_management)
        browser.post(job.get_absolute_url(), form_of(page, confirm="1"))
        written = Action.history.filter(history_type="+").values_list("history_user", flat=True)
        assert set(written) == {people.quality_manager.pk}

    def test_importing_twice_is_refused(self, browser: Client) -> None:
        _job, page = uploaded(browser, GOOD)
        form = form_of(page, confirm="1")
        browser.post(page.request["PATH_INFO"], form)
        page = browser.post(page.request["PATH_INFO"], form, follow=True)
        assert "moved on" in str(next(iter(page.context["messages"])))
        assert Action.objects.count() == 2

    def test_refused_rows_can_be_downloaded_with_reasons(self, browser: Client) -> None:
        job, page = uploaded(browser, BAD)
        browser.post(page.request["PATH_INFO"], form_of(page, skip_invalid="1"))
        response, book = self._refused(browser, job)
        head, row = book.active.iter_rows(values_only=True)
        assert head == ("Row", "Id", "Action", "Status", "Due", "What is wrong", "What to do")
        assert row[:5] == (4, "A3", None, "planned", "30.02.2026") and "no such day" in row[5]
        assert (
            "attachment" in response["Content-Disposition"] and "plan-refused.xlsx" in response["Content-Disposition"]
        )

    def test_the_cells_to_mend_are_marked(self, browser: Client) -> None:
        _response, book = self._refused(browser, uploaded(browser, BAD)[0])
        marked = [cell.coordinate for cell in book.active[2] if cell.fill.fgColor.rgb == "FFFFC7CE"]
        assert marked == ["C2", "E2"]

    def test_mended_refused_rows_can_be_dropped_in_again(self, browser: Client) -> None:
        job, page = uploaded(browser, BAD)
        browser.post(page.request["PATH_INFO"], form_of(page, skip_invalid="1"))
        _response, book = self._refused(browser, job)
        book.active["C2"], book.active["E2"] = "Mended", "2026-03-01"
        file = io.BytesIO()
        book.save(file)
        _job, page = uploaded(browser, file.getvalue(), name="plan-refused.xlsx")
        assert [line["header"] for line in page.context["mapping"]] == ["Id", "Action", "Status", "Due"]
        assert page.context["counts"] == {"created": 1, "changed": 0, "unchanged": 0, "refused": 0}

    def test_formulas_in_refused_rows_stay_text(self, browser: Client) -> None:
        _response, book = self._refused(browser, uploaded(browser, "Id,Action,Due\nA1,=HYPERLINK(1),never\n")[0])
        assert (book.active["C2"].value, book.active["C2"].data_type) == ("=HYPERLINK(1)", "s")

    def _refused(self, browser: Client, job: ImportJob) -> tuple[Any, Any]:
        response: Any = browser.get(f"{UPLOAD}{job.pk}/refused.xlsx")
        return response, openpyxl.load_workbook(io.BytesIO(b"".join(response.streaming_content)))

    def test_cancelling_forgets_the_file(self, browser: Client, django_capture_on_commit_callbacks: Any) -> None:
        job, page = uploaded(browser, BAD)
        with django_capture_on_commit_callbacks(execute=True):
            browser.post(page.request["PATH_INFO"], {"cancel": "1"})
        job.refresh_from_db()
        assert job.status == ImportJob.Status.CANCELLED
        assert not default_storage.exists(job.path)
        assert browser.get(job.get_absolute_url()).status_code == 200


class TestWorker:
    @override_settings(IMPORT_BACKGROUND_ROWS=1)
    def test_many_rows_are_left_to_the_worker(self, browser: Client, sent: list[tuple[int, int]]) -> None:
        job, page = uploaded(browser, GOOD)
        assert sent == [(job.organization_id, job.pk)]
        assert page.context["job"]["running"]
        import_file(job.organization_id, job.pk)
        page = browser.get(job.get_absolute_url())
        assert page.context["counts"]["created"] == 2
        browser.post(job.get_absolute_url(), form_of(page, confirm="1"))
        assert not Action.objects.exists()
        import_file(job.organization_id, job.pk)
        job.refresh_from_db()
        assert (job.status, Action.objects.count()) == ("done", 2)

    @override_settings(IMPORT_BACKGROUND_ROWS=1)
    def test_a_message_that_comes_twice_does_nothing_more(self, browser: Client, sent: list[tuple[int, int]]) -> None:
        job, _page = uploaded(browser, GOOD)
        import_file(job.organization_id, job.pk)
        services.ask_to_import(job, skip_invalid=False, by=job.requested_by)
        for _time in range(2):
            import_file(job.organization_id, job.pk)
        assert Action.history.count() == 2

    @override_settings(IMPORT_BACKGROUND_ROWS=1)
    def test_the_page_asks_for_progress_until_it_has_something_to_show(
        self, browser: Client, sent: list[tuple[int, int]]
    ) -> None:
        job, _page = uploaded(browser, GOOD)
        part = browser.get(job.get_absolute_url(), headers={"HX-Request": "true"})
        assert b"every 1s" in part.content
        assert b"<html" not in part.content
        import_file(job.organization_id, job.pk)
        assert browser.get(job.get_absolute_url(), headers={"HX-Request": "true"})["HX-Refresh"] == "true"

    @override_settings(IMPORT_BACKGROUND_ROWS=1)
    def test_a_queue_that_is_down_leaves_the_file_to_the_sweeper(
        self, browser: Client, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def unreachable(*ids: int) -> None:
            raise OperationalError("no broker")

        monkeypatch.setattr(import_file, "delay", unreachable)
        job, page = uploaded(browser, GOOD)
        assert page.context["job"]["message"] == "Waiting for a worker"
        assert list(orphans(ImportJob)) == [job]

    def test_an_import_that_could_not_be_written_for_others_is_done_by_the_next_worker(
        self, browser: Client, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def locked(*args: Any, **options: Any) -> None:
            raise DatabaseIsBusy("database is locked")

        job, _page = uploaded(browser, GOOD)
        services.ask_to_import(job, skip_invalid=False, by=job.requested_by)
        with monkeypatch.context() as patched:
            patched.setattr("imports.worker.write_all", locked)
            import_file(job.organization_id, job.pk)
        assert (list(orphans(ImportJob)), Action.objects.count()) == ([job], 0)
        import_file(job.organization_id, job.pk)
        job.refresh_from_db()
        assert (job.status, Action.objects.count()) == ("done", 2)

    def test_a_file_that_is_gone_fails_with_a_remedy(self, browser: Client) -> None:
        job, _page = uploaded(browser, GOOD)
        default_storage.delete(job.path)
        services.ask_to_import(job, skip_invalid=False, by=job.requested_by)
        import_file(job.organization_id, job.pk)
        page = browser.get(job.get_absolute_url())
        assert page.context["job"]["error"] == {
            "what": "The uploaded file is no longer there.",
            "remedy": "Upload it again.",
        }

    def test_an_unforeseen_error_is_kept_from_the_reader_and_writes_nothing(
        self, browser: Client, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def broken(*args: Any, **options: Any) -> None:
            raise RuntimeError("secret detail")

        job, _page = uploaded(browser, GOOD)
        services.ask_to_import(job, skip_invalid=False, by=job.requested_by)
        monkeypatch.setattr(Action, "after_bulk_save", broken)
        import_file(job.organization_id, job.pk)
        page = browser.get(job.get_absolute_url())
        assert page.context["job"]["error"]["remedy"].startswith("Nothing was written.")
        assert b"secret detail" not in page.content
        assert not Action.objects.exists()

    def test_whoever_lost_the_lease_while_writing_leaves_nothing(
        self, browser: Client, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def taken_over(*args: Any, **options: Any) -> None:
            ImportJob.objects.filter(pk=job.pk).update(leased_until=None)
            claim(ImportJob.objects.get(pk=job.pk))

        job, _page = uploaded(browser, GOOD)
        services.ask_to_import(job, skip_invalid=False, by=job.requested_by)
        monkeypatch.setattr(Action, "after_bulk_save", taken_over)
        import_file(job.organization_id, job.pk)
        assert not Action.objects.exists()

    def test_files_are_forgotten_after_some_days(self, browser: Client) -> None:
        job, page = uploaded(browser, GOOD)
        browser.post(page.request["PATH_INFO"], form_of(page, confirm="1"))
        left_lying, _page = uploaded(browser, BAD)
        for each in (job, left_lying):
            when = {"requested_at": each.requested_at - KEPT * 2}
            ImportJob.objects.filter(pk=each.pk).update(
                **when, **({"finished_at": when["requested_at"]} if each == job else {})
            )
        forget_old_imports()
        assert not any(default_storage.exists(each.path) for each in (job, left_lying))
        assert list(ImportJob.objects.order_by("pk").values_list("status", "path")) == [("done", ""), ("cancelled", "")]


class TestLeave:
    def addresses(self, job: ImportJob) -> list[str]:
        return [
            UPLOAD,
            f"{UPLOAD}template.xlsx",
            f"{UPLOAD}{job.pk}/",
            f"{UPLOAD}{job.pk}/refused.xlsx",
            f"{UPLOAD}{job.pk}/mapping.json",
        ]

    @pytest.mark.parametrize("who", [name for name in MEMBERS if name != "quality_manager"])
    def test_other_members_may_not_import(
        self, who: str, browser: Client, client_of: Callable[[User], Client], people: People
    ) -> None:
        job, _page = uploaded(browser, BAD)
        assert {client_of(people[who]).get(address).status_code for address in self.addresses(job)} == {403}
        assert send(client_of(people[who]), GOOD).status_code == 403

    @pytest.mark.parametrize("who", STRANGERS)
    def test_strangers_find_nothing(
        self, who: str, browser: Client, client_of: Callable[[User], Client], people: People
    ) -> None:
        job, _page = uploaded(browser, BAD)
        assert {client_of(people[who]).get(address).status_code for address in self.addresses(job)} == {404}

    def test_another_organizations_import_is_not_found(
        self, browser: Client, client_of: Callable[[User], Client], people: People, other: Any
    ) -> None:
        job, _page = uploaded(browser, BAD)
        assert client_of(people.neighbour).get(f"/o/other/actions/import/{job.pk}/").status_code == 404

    def test_an_import_belongs_to_its_register(self, browser: Client) -> None:
        job, _page = uploaded(browser, BAD)
        assert browser.get(f"/o/acme/requirements/import/{job.pk}/").status_code == 404

    def test_the_list_offers_the_import_to_those_who_may(
        self, browser: Client, client_of: Callable[[User], Client], people: People
    ) -> None:
        assert UPLOAD.encode() in browser.get("/o/acme/actions/").content
        assert UPLOAD.encode() not in client_of(people.auditor).get("/o/acme/actions/").content

    def test_nothing_goes_into_the_neighbours_register(self, browser: Client, other: Any) -> None:
        _job, page = uploaded(browser, "Ref,Customer,Statement\nC1,New one,It pumps.\n", register="requirements")
        browser.post(page.request["PATH_INFO"], form_of(page, confirm="1"))
        assert (Requirement.objects.count(), InterestedParty.objects.count()) == (1, 1)
        with in_organization(other):
            assert not Requirement.objects.exists()

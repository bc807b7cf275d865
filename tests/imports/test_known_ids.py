"""Two lists that number their rows alike stay two lists: nothing is overwritten before somebody says so."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from actions.models import Action
from imports.models import ImportJob
from organizations.models import User
from tests.imports.test_pages import form_of, uploaded
from tests.imports.test_scales import case
from tests.people import People
from tests.support.imports import Imported, next_transaction, run_import, text_file

pytestmark = pytest.mark.usefixtures("in_acme")

FIRST = (
    "Id,Action,Due\n1.,Calibrate the scale,2026-12-04\n2.,Train the inspectors,2026-12-11\n3.,Print labels,2026-12-18\n"
)
OTHER = "Nr,Action,Due\n1.,Visit Dairy North,2027-01-04\n2.,Audit the supplier,2027-01-11\n"


@pytest.fixture
def browser(client_of: Callable[[User | None], Client], people: People, tmp_path: Path, settings: Any) -> Client:
    settings.MEDIA_ROOT = tmp_path / "files"
    return client_of(people.quality_manager)


def doubt(imported: Imported) -> dict[str, int]:
    found: dict[str, int] = imported.report.as_json()["known_ids"]
    return found


def test_another_list_with_the_same_numbers_raises_doubt(importing: Callable[..., Imported], tmp_path: Path) -> None:
    importing("actions", FIRST)
    assert doubt(run_import("actions", text_file(tmp_path, OTHER), dry_run=True)) == {"rows": 2, "known": 2, "other": 2}
    # Of the same list one row may be another by now; empty cells that are filled change nothing that stood there.
    mended = FIRST.replace("1.,Calibrate the scale,2026-12-04", "1.,Calibrate all scales,2026-12-05")
    assert not doubt(run_import("actions", text_file(tmp_path, mended), dry_run=True))


def test_each_number_of_the_doubt_is_that_of_the_rows(importing: Callable[..., Imported], tmp_path: Path) -> None:
    importing("actions", FIRST)
    # All three are known; the third says partly what the register has. Refused rows are looked at like the others.
    same = OTHER + "3.,Check the brake,2026-12-18\n4.,Go,2026-12-01\n"
    said = {"rows": 4, "known": 3, "other": 2}
    assert doubt(run_import("actions", text_file(tmp_path, same), dry_run=True)) == said
    unknown = "".join(
        f"{line},{'Owner' if not number else 'Somebody Else'}\n" for number, line in enumerate(same.splitlines())
    )
    refused = run_import("actions", text_file(tmp_path, unknown), dry_run=True)
    assert refused.counts == (0, 0, 0, 4) and doubt(refused) == said


def test_the_name_of_the_list_goes_before_its_ids_and_finds_its_rows_again(
    importing: Callable[..., Imported], tmp_path: Path
) -> None:
    importing("actions", FIRST)
    said = {"options": {"source": "Visits"}}
    assert run_import("actions", text_file(tmp_path, OTHER), said).counts == (2, 0, 0, 0)
    next_transaction()
    assert run_import("actions", text_file(tmp_path, OTHER), said).counts == (0, 0, 2, 0)
    assert set(Action.objects.values_list("external_id", flat=True)) == {"1.", "2.", "3.", "Visits: 1.", "Visits: 2."}


def test_who_says_that_they_are_the_same_overwrites_them(importing: Callable[..., Imported], tmp_path: Path) -> None:
    importing("actions", FIRST)
    imported = run_import("actions", text_file(tmp_path, OTHER), {"options": {"same_ids": True}})
    assert imported.counts == (0, 2, 0, 0)
    assert not doubt(imported)


class TestPage:
    def test_it_must_be_said_before_anything_is_written(self, browser: Client) -> None:
        self.imported(browser, FIRST, "list.csv")
        job, page = uploaded(browser, OTHER, name="Visits 2027.csv")
        assert page.context["source_form"].is_open
        assert page.context["source_form"]["id_source"].value() == "Visits 2027"
        assert 'name="confirm"' not in page.content.decode()
        response = browser.post(job.get_absolute_url(), form_of(page) | {"confirm": "1"})
        assert response.status_code == 422
        assert Action.objects.filter(title="Visit Dairy North").count() == 0
        # What would be overwritten is shown field by field.
        assert [row["fields"][0]["old"] for row in page.context["changes"]] == [
            "Calibrate the scale",
            "Train the inspectors",
        ]

    @pytest.mark.parametrize(("answer", "count"), [("other", 5), ("same", 3)])
    def test_either_answer_is_done_and_the_next_such_file_finds_its_rows(
        self, answer: str, count: int, browser: Client
    ) -> None:
        self.imported(browser, FIRST, "list.csv")
        job, page = uploaded(browser, OTHER, name="Visits.csv")
        browser.post(job.get_absolute_url(), form_of(page, same_ids=answer) | {"check": "1"})
        page = browser.get(job.get_absolute_url())
        assert not page.context["source_form"].is_open
        browser.post(job.get_absolute_url(), form_of(page) | {"confirm": "1"})
        assert ImportJob.objects.get(pk=job.pk).status == ImportJob.Status.DONE
        assert Action.objects.count() == count
        _job, page = uploaded(browser, OTHER, name="Visits.csv")
        assert page.context["counts"] == {"created": 0, "changed": 0, "unchanged": 2, "refused": 0}

    def imported(self, browser: Client, text: str, name: str) -> None:
        job, page = uploaded(browser, text, name=name)
        browser.post(job.get_absolute_url(), form_of(page) | {"confirm": "1"})
        assert ImportJob.objects.get(pk=job.pk).status == ImportJob.Status.DONE


def test_the_command_asks_too(importing: Callable[..., Imported], tmp_path: Path) -> None:
    importing("actions", FIRST)
    with pytest.raises(CommandError, match="is this another list"):
        call_command("import_register", "actions", str(text_file(tmp_path, OTHER)), "--organization", "acme")
    assert Action.objects.filter(title="Visit Dairy North").count() == 0


def test_the_second_list_of_the_first_hour_is_asked_about() -> None:
    # Who is meant and which days are is asked elsewhere; here it is about the numbers.
    said = dict.fromkeys(("owner", "effective_on", "last_reviewed_on", "source_issued_on", "applicable"))
    first = run_import("requirements", case("first-hour/2 Rechtskataster.csv"), said | {"kind": {"value": "statutory"}})
    assert first.counts == (8, 0, 0, 0), first.reasons
    next_transaction()
    second = run_import(
        "requirements", case("first-hour/7 Normenliste.csv"), said | {"kind": {"value": "regulatory"}}, dry_run=True
    )
    assert doubt(second) == {"rows": 3, "known": 3, "other": 3}

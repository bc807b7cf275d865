"""What a row arises from is named by the reference or the external id of a row of any register."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext

from actions.models import Action
from comments.models import Comment
from imports.summary import decisions
from registers.form_fields import RecordField, RecordsField
from registers.services import archive
from requirements_registry.models import ConformityCheck, Requirement
from risks.models import Risk
from tests.people import People
from tests.support.factories import make
from tests.support.imports import run_import, text_file
from trail.actor import acting

pytestmark = pytest.mark.usefixtures("in_acme")


@pytest.mark.parametrize(
    ("slug", "header", "model"),
    [("actions", "Maßnahme", Action), ("risks", "Risk", Risk), ("opportunities", "Chance", None)],
)
def test_ids_and_references_of_any_register_are_understood(slug: str, header: str, model: type, tmp_path: Path) -> None:
    requirement, complaint = make(Requirement, external_id="KA-007"), make(Risk, external_id="R26-004")
    text = f"Nr;{header};Bezug\n1;Mend;KA-007\n2;Look;R26-004\n3;Ask;{requirement.reference.lower()}\n4;Wait;\n5;Go;–\n"
    if slug != "actions":
        text = text.replace("Bezug", "Arises from")
    imported = run_import(slug, text_file(tmp_path, text))
    assert imported.counts == (5, 0, 0, 0)
    rows = imported.examination.register.model.objects.exclude(pk=complaint.pk if slug == "risks" else 0)  # type: ignore[attr-defined]
    origins = dict(rows.values_list("external_id", "origin"))
    assert origins == {
        "1": requirement.reference,
        "2": complaint.reference,
        "3": requirement.reference,
        "4": "",
        "5": "",
    }
    assert run_import(slug, text_file(tmp_path, text)).counts == (0, 0, 5, 0)


def test_an_id_that_two_rows_bear_is_refused_with_both(tmp_path: Path) -> None:
    two = [make(Requirement, external_id="7"), make(Risk, external_id="7")]
    imported = run_import("actions", text_file(tmp_path, "Was;Bezug\nMend;7\n"))
    assert imported.counts == (0, 0, 0, 1)
    assert imported.reasons == [f"“7” is the id of several rows: {two[0].reference} and {two[1].reference}."]
    with pytest.raises(ValidationError, match="several rows"):
        Action(title="Mend", origin="7").clean()


def test_words_that_name_no_row_are_kept_as_a_comment_and_said(tmp_path: Path, people: People) -> None:
    requirement = make(Requirement, external_id="KA-007")
    path = text_file(tmp_path, "Nr;Was;Bezug\n1;Mend;Audit 2025 Abw. 3\n2;Look;KA-007\n3;Ask;Audit 2025 Abw. 3\n")
    with acting(people.quality_manager):
        imported = run_import("actions", path)
        again = run_import("actions", path)
    assert imported.counts == (3, 0, 0, 0) and again.counts == (0, 0, 3, 0)
    assert list(Action.objects.order_by("external_id").values_list("origin", flat=True)) == [
        "", requirement.reference, "",
    ]  # fmt: skip
    assert [comment.text for comment in Comment.objects.all()] == ["Bezug: Audit 2025 Abw. 3"] * 2
    said = list(decisions(imported.report.as_json(), imported.examination.converter.targets))
    assert (
        "Kept as a comment with each row, since it names no row of a register, in Arises from: “Audit 2025 Abw. 3” (2)."
        in said
    )
    empty = {"values": {"origin": {"Audit 2025 Abw. 3": "-"}}}
    assert run_import("actions", path, empty, dry_run=True).report.as_json()["naming_nothing"] == {}


def test_an_id_of_a_row_that_is_not_here_yet_waits_unless_somebody_says_that_it_names_none(
    tmp_path: Path, people: People
) -> None:
    path = text_file(tmp_path, "Was;Bezug\nMend;R26-004\n")
    imported = run_import("actions", path)
    assert imported.reasons == ["There is no row “R26-004” in any register."]
    assert imported.report.as_json()["unknown_words"] == {"origin": ["R26-004"]}
    with acting(people.quality_manager):
        assert run_import("actions", path, {"values": {"origin": {"R26-004": "comment"}}}).counts == (1, 0, 0, 0)
    assert Comment.objects.get().text == "Bezug: R26-004"


def test_of_a_list_what_is_known_is_linked_and_the_rest_kept(tmp_path: Path, people: People) -> None:
    requirement = make(Requirement, external_id="KA-007")
    path = text_file(tmp_path, "Id;Risk;Requirements;Supersedes\nR1;It burns;KA-007, Kundenvorgabe mündlich;\n")
    with acting(people.quality_manager):
        assert run_import("risks", path).counts == (1, 0, 0, 0)
    assert list(Risk.objects.get().requirements.all()) == [requirement]
    assert Comment.objects.get().text == "Requirements: Kundenvorgabe mündlich"


def test_a_needed_link_and_an_edited_export_are_refused_as_before(tmp_path: Path, people: People) -> None:
    checks = text_file(tmp_path, "Anforderung;Datum;Ergebnis;Prüfart\nsiehe Vertrag;2026-01-05;i.O.;Messprotokoll\n")
    assert run_import("checks", checks).counts == (0, 0, 0, 1)
    action = make(Action, title="Mend")
    export = text_file(tmp_path, f"Reference;Action;Arises from\n{action.reference};Mend;siehe Vertrag\n")
    with acting(people.quality_manager):
        assert run_import("actions", export).counts == (0, 0, 0, 1)


def test_archived_rows_are_found_by_their_reference_only(tmp_path: Path, people: People) -> None:
    row = make(Requirement, external_id="KA-1")
    archive(row, by=people.quality_manager, reason="gone")
    imported = run_import("actions", text_file(tmp_path, f"Was;Bezug\nMend;KA-1\nLook;{row.reference}\n"))
    assert imported.counts == (1, 0, 0, 1)


def test_the_number_of_queries_does_not_grow_with_the_rows(tmp_path: Path) -> None:
    for number in range(30):
        make(Requirement, external_id=f"KA-{number}")

    def queries(rows: int) -> int:
        text = "Nr;Was;Bezug\n" + "".join(f"{number};Mend {number};KA-{number}\n" for number in range(rows))
        with CaptureQueriesContext(
            connection,
        ) as caught:
            run_import("actions", text_file(tmp_path, text), dry_run=True)
        return len(caught)

    queries(1)
    assert queries(30) == queries(3)


def test_forms_take_ids_too() -> None:
    requirement = make(Requirement, external_id="KA-007")
    action = Action(title="Mend", origin="KA-007")
    action.clean()
    assert action.origin == requirement.reference
    assert RecordField(Requirement).clean("KA-007") == requirement
    assert list(RecordsField(Requirement).clean("KA-007, " + requirement.reference)) == [requirement]
    with pytest.raises(ValidationError, match="KA-008"):
        RecordsField(Requirement).clean("KA-008")
    with pytest.raises(ValidationError, match="no row"):
        Risk(event="It burns", origin="KA-008").clean()


def test_checks_name_requirements_by_their_ids(tmp_path: Path) -> None:
    requirement = make(Requirement, external_id="KA-007")
    text = "Anforderung;Datum;Ergebnis;Prüfart\nKA-007;2026-01-05;i.O.;Messprotokoll\n"
    assert run_import("checks", text_file(tmp_path, text)).counts == (1, 0, 0, 0)
    assert ConformityCheck.objects.get().requirement == requirement

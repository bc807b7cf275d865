"""Undoing an import after people have worked on: links, rows in use, ids given away, fields retired."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from actions.models import Action
from audits.models import EvidenceRequest, Sample, SampledRow
from comments.models import Comment
from evidence.models import Attachment
from feedback.models import FeedbackItem
from imports.models import ImportJob
from imports.undo.versions import Reversal, Writing
from organizations import clock
from organizations.models import User
from registers.custom_fields.models import CustomField
from registers.custom_fields.services import add_field, retire_field
from registers.models import Record
from registers.register import registry
from registers.services import archive, set_links
from requirements_registry.models import InterestedParty, Requirement
from risks.models import Risk, RiskAssessment
from tests.people import People
from tests.support.factories import make
from tests.support.imports import Imported, last_version, next_transaction, undone

pytestmark = pytest.mark.usefixtures("in_acme")

Importing = Callable[..., Imported]


def writing_of(register: str, imported: Imported) -> Writing:
    assert imported.moment is not None
    return Writing(registry[register], imported.moment)


def edited(register: str, imported: Imported) -> list[Reversal]:
    """What the preview shows as edited or used since."""
    writing = writing_of(register, imported)
    return [reversal for reversal in writing.reversals(writing.edited()) if reversal.edited]


def references(row: Any) -> list[str]:
    return list(row.requirements.order_by("reference").values_list("reference", flat=True))


@pytest.fixture
def page(client_of: Callable[[User | None], Client], people: People) -> Callable[..., Any]:
    """Opens the page that undoes an import into a register."""

    def open_page(register: str, imported: Imported) -> Any:
        job = ImportJob(register=register, filename="rows.csv", path="x", size=1, status=ImportJob.Status.DONE)
        job.written_at, job.requested_by = imported.moment, people.quality_manager
        created, changed, unchanged, refused = imported.counts
        counts = {"created": created, "changed": changed, "unchanged": unchanged, "refused": refused}
        job.result = {"counts": counts}
        job.save()
        return client_of(people.quality_manager).get(f"{job.get_absolute_url()}undo/")

    return open_page


class TestLinks:
    """The second import links RSK-0001 to REQ-0002 in place of REQ-0001."""

    @pytest.fixture
    def second(self, importing: Importing) -> Imported:
        for number in (1, 2, 3):
            make(Requirement, number)
        importing("risks", "Id,Event,Requirements\nR1,It leaks,REQ-0001\n")
        return importing("risks", "Id,Event,Requirements\nR1,It leaks,REQ-0002\n")

    def test_links_are_shown_beforehand(self, second: Imported, page: Callable[..., Any]) -> None:
        (line,) = page("risks", second).context["examples"]
        (field,) = line["fields"]
        assert (field["label"], field["now"], field["before"]) == ("Requirements", "REQ-0002", "REQ-0001")

    def test_links_that_somebody_took_away_stay_away(self, second: Imported, people: People) -> None:
        self._link()
        assert undone("risks", second, people.quality_manager) == {"left": 1}
        assert references(Risk.objects.get()) == []

    def test_links_that_somebody_made_stay(self, second: Imported, people: People) -> None:
        self._link("REQ-0002", "REQ-0003")
        assert undone("risks", second, people.quality_manager) == {"left": 1}
        assert references(Risk.objects.get()) == ["REQ-0002", "REQ-0003"]

    def test_links_edited_since_become_what_they_were_where_chosen(self, second: Imported, people: People) -> None:
        row = self._link("REQ-0003")
        counts = undone("risks", second, people.quality_manager, also={row.pk})
        assert counts == {"set back": 1, "links": 2}
        assert references(row) == ["REQ-0001"]

    def test_links_edited_since_are_told_beforehand(self, second: Imported, page: Callable[..., Any]) -> None:
        self._link("REQ-0003")
        opened = page("risks", second)
        (line,) = opened.context["edited"]
        (field,) = line["fields"]
        assert opened.context["edited_total"] == 1
        said = [field[name] for name in ("before", "imported", "now", "edited")]
        assert said == ["REQ-0001", "REQ-0002", "REQ-0003", True]

    def test_links_that_are_back_by_hand_are_no_question(self, second: Imported, people: People) -> None:
        self._link("REQ-0003")
        self._link("REQ-0001")
        assert edited("risks", second) == []
        assert undone("risks", second, people.quality_manager) == {}
        assert references(Risk.objects.get()) == ["REQ-0001"]

    def test_links_of_rows_archived_since_are_left(self, second: Imported, people: People) -> None:
        archive(Risk.objects.get(), by=people.quality_manager, reason="Not needed")
        assert undone("risks", second, people.quality_manager, also=None) == {"left": 1}
        assert references(Risk.objects.get()) == ["REQ-0002"]

    def test_a_row_whose_links_are_set_back_gets_a_version(self, second: Imported, people: People) -> None:
        before = Risk.objects.get().revision
        undone("risks", second, people.quality_manager)
        row = Risk.objects.get()
        assert row.revision == before + 1
        assert row.history.latest("history_id").history_change_reason == "import rows.csv undone"

    def test_removed_links_say_why_in_their_history(self, second: Imported, people: People) -> None:
        undone("risks", second, people.quality_manager)
        gone = Risk.requirements.through.history.filter(history_type="-").latest("history_id")
        assert (gone.requirement.reference, gone.history_change_reason) == ("REQ-0002", "import rows.csv undone")

    def test_the_number_of_queries_does_not_grow_with_the_links(self, importing: Importing, people: People) -> None:
        make(Requirement, 1)
        make(Requirement, 2)
        few, many = (self._queries(importing, people, count) for count in (3, 30))
        assert few == many

    def _queries(self, importing: Importing, people: People, count: int) -> int:
        def rows(linked: str) -> str:
            return "".join(f"Q{count}-{number},It leaks,{linked}\n" for number in range(count))

        importing("risks", "Id,Event,Requirements\n" + rows("REQ-0001"))
        second = importing("risks", "Id,Event,Requirements\n" + rows("REQ-0002"))
        with CaptureQueriesContext(connection) as captured:
            assert undone("risks", second, people.quality_manager) == {"set back": count, "links": 2 * count}
        return len(captured)

    def _link(self, *wanted: str) -> Risk:
        row = Risk.objects.get()
        set_links(row, "requirements", list(Requirement.objects.filter(reference__in=wanted)))
        next_transaction()
        return row


def act_on(row: Record, people: People) -> None:
    make(Action, 900, origin=row.reference)


def comment_on(row: Record, people: People) -> None:
    Comment(subject=row.reference, text="Seen.", author=people.quality_manager).save()


def attach_to(row: Record, people: People) -> None:
    about = {"subject": row.reference, "name": "a.pdf", "sha256": "0" * 64, "size": 1}
    Attachment(**about, media_type="application/pdf", uploaded_by=people.quality_manager).save()


def sample(row: Record, people: People) -> None:
    drawn = Sample(purpose="See", register="x", seed_given=False, as_of=clock.now(), population=1, digest="0" * 64)
    drawn.drawn_by = people.auditor
    drawn.save()
    version = last_version(type(row))
    SampledRow(sample=drawn, position=1, reference=row.reference, revision=row.revision, version=version).save()


def ask_about(row: Record, people: People) -> None:
    EvidenceRequest(subject=row.reference, text="Show it.", asked_by=people.auditor).save()


class TestUse:
    @pytest.mark.parametrize(
        ("use", "who"),
        [
            (act_on, "ACT-0001"),
            (comment_on, "a comment"),
            (attach_to, "an evidence file"),
            (sample, "SA-0001"),
            (ask_about, "ER-0001"),
        ],
    )
    def test_created_rows_that_others_name_by_reference_are_left(
        self, importing: Importing, people: People, use: Callable[[Record, People], None], who: str
    ) -> None:
        imported = importing("interested-parties", "Id,Name,Kind\nP1,Alpha,customer\nP2,Beta,customer\n")
        use(InterestedParty.objects.get(name="Alpha"), people)
        next_transaction()
        assert [reversal.used_by for reversal in edited("interested-parties", imported)] == [[who]]
        assert undone("interested-parties", imported, people.quality_manager) == {"archived": 1, "left": 1}
        assert InterestedParty.objects.current().get().name == "Alpha"

    def test_created_rows_that_risks_arise_from_are_left(self, importing: Importing, people: People) -> None:
        imported = importing("interested-parties", "Id,Name,Kind\nP1,Alpha,customer\n")
        make(Risk, 1, origin=InterestedParty.objects.get().reference)
        assert undone("interested-parties", imported, people.quality_manager) == {"left": 1}

    def test_created_rows_that_others_point_to_are_left(self, importing: Importing, people: People) -> None:
        imported = importing("interested-parties", "Id,Name,Kind\nP1,Alpha,customer\n")
        said = make(FeedbackItem, 1, customer=InterestedParty.objects.get())
        next_transaction()
        assert [reversal.used_by for reversal in edited("interested-parties", imported)] == [[said.reference]]
        assert undone("interested-parties", imported, people.quality_manager) == {"left": 1}

    def test_created_rows_that_others_are_linked_to_are_left(self, importing: Importing, people: People) -> None:
        imported = importing("requirements", "Ref,Statement\nC1,It pumps.\n")
        risk = make(Risk, 1)
        set_links(risk, "requirements", [Requirement.objects.get()])
        next_transaction()
        assert [reversal.used_by for reversal in edited("requirements", imported)] == [[risk.reference]]
        assert undone("requirements", imported, people.quality_manager) == {"left": 1}

    def test_created_rows_that_something_was_added_below_are_left(self, importing: Importing, people: People) -> None:
        imported = importing("risks", "Id,Event\nR1,It leaks\n")
        make(RiskAssessment, 1, risk=Risk.objects.get())
        assert undone("risks", imported, people.quality_manager) == {"left": 1}

    def test_what_an_import_wrote_along_with_its_rows_keeps_none(self, importing: Importing, people: People) -> None:
        make(Requirement, 1)
        imported = importing(
            "risks", "Id,Event,Severity,Occurrence,Ratings are,Requirements\nR1,It leaks,3,3,1 to 5,REQ-0001\n"
        )
        assert RiskAssessment.objects.exists()
        assert edited("risks", imported) == []
        assert undone("risks", imported, people.quality_manager) == {"archived": 1}

    def test_what_is_archived_keeps_none(self, importing: Importing, people: People) -> None:
        imported = importing("interested-parties", "Id,Name,Kind\nP1,Alpha,customer\n")
        action = make(Action, 1, origin=InterestedParty.objects.get().reference)
        archive(action, by=people.quality_manager, reason="Not needed")
        assert edited("interested-parties", imported) == []
        assert undone("interested-parties", imported, people.quality_manager) == {"archived": 1}

    def test_created_rows_in_use_go_where_chosen(self, importing: Importing, people: People) -> None:
        imported = importing("interested-parties", "Id,Name,Kind\nP1,Alpha,customer\n")
        row = InterestedParty.objects.get()
        act_on(row, people)
        assert undone("interested-parties", imported, people.quality_manager, also={row.pk}) == {"archived": 1}

    def test_rows_that_only_chosen_rows_use_go_with_them(self, importing: Importing, people: People) -> None:
        imported = importing("actions", "Id,Action\nA1,Calibrate\nA2,Train\n")
        first, second = Action.objects.order_by("pk")
        second.origin, second.revision = first.reference, second.revision + 1
        second.save()
        assert undone("actions", imported, people.quality_manager, also={second.pk}) == {"archived": 2}

    def test_the_page_says_who_uses_a_row(self, importing: Importing, people: People, page: Callable[..., Any]) -> None:
        imported = importing("interested-parties", "Id,Name,Kind\nP1,Alpha,customer\n")
        act_on(InterestedParty.objects.get(), people)
        next_transaction()
        opened = page("interested-parties", imported)
        assert opened.context["edited_total"] == 1
        assert "used by ACT-0001" in opened.content.decode()

    def test_parties_recorded_along_stay_where_an_action_names_them(self, importing: Importing, people: People) -> None:
        imported = importing("requirements", "Ref,Customer,Statement\nC1,Alpha,It pumps.\nC2,Beta,It is quiet.\n")
        act_on(InterestedParty.objects.get(name="Beta"), people)
        assert undone("requirements", imported, people.quality_manager) == {"archived": 3}
        assert InterestedParty.objects.current().get().name == "Beta"


class TestExternalIds:
    def test_an_id_that_another_row_has_by_now_is_left(self, importing: Importing, people: People) -> None:
        first = make(Action, 1, title="Calibrate", external_id="X")
        imported = importing("actions", f"Reference,External id,Action\n{first.reference},Y,Calibrate all\n")
        make(Action, 2, title="Train", external_id="X")
        (reversal,) = writing_of("actions", imported).reversals([first.pk])
        assert {change.name: change.is_taken for change in reversal.fields} == {"title": False, "external_id": True}
        assert undone("actions", imported, people.quality_manager) == {"set back": 1, "left": 1}
        first.refresh_from_db()
        assert (first.title, first.external_id) == ("Calibrate", "Y")

    def test_an_id_that_is_free_is_given_back(self, importing: Importing, people: People) -> None:
        first = make(Action, 1, title="Calibrate", external_id="X")
        imported = importing("actions", f"Reference,External id,Action\n{first.reference},Y,Calibrate\n")
        assert undone("actions", imported, people.quality_manager) == {"set back": 1}
        first.refresh_from_db()
        assert first.external_id == "X"


class TestRetiredFields:
    @pytest.fixture
    def second(self, importing: Importing, people: People) -> Imported:
        area = CustomField(register="actions", label="Area", kind=CustomField.Kind.TEXT)
        add_field(area, by=people.quality_manager)
        importing("actions", "Id,Action,Area\nA1,Calibrate,North\n")
        imported = importing("actions", "Id,Action,Area\nA1,Calibrate,South\n")
        retire_field(CustomField.objects.get(), by=people.quality_manager)
        next_transaction()
        return imported

    def test_a_field_retired_since_gets_its_old_value_back(self, second: Imported, people: People) -> None:
        assert undone("actions", second, people.quality_manager) == {"set back": 1}
        assert Action.objects.get().custom == {"custom_area": "North"}

    def test_a_field_retired_since_is_shown_by_its_name(self, second: Imported, page: Callable[..., Any]) -> None:
        (line,) = page("actions", second).context["examples"]
        (field,) = line["fields"]
        assert (field["label"], field["now"], field["before"]) == ("Area", "South", "North")

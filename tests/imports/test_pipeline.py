"""What an import does with rows: new, changed, unchanged, refused."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from actions.models import Action
from feedback.models import FeedbackItem
from imports import examination
from imports.ready import Overtaken, Ready
from imports.sources import MappingError
from imports.writer import write
from organizations.models import Organization, Site
from organizations.scope import in_organization
from registers.models import ReferenceCounter
from registers.services import archive
from requirements_registry.models import ConformityCheck, InterestedParty, Requirement, RequirementVersion
from risks.models import Risk
from tests.people import People
from tests.support.imports import last_version, run_import, text_file
from trail.actor import acting
from trail.models import Event

pytestmark = pytest.mark.usefixtures("in_acme")

ACTIONS = """Id,Action,Status,Due
A1,Calibrate the scale,planned,2026-05-04
A2,Train the inspectors,in Arbeit,2026-06-01
A3,Change the supplier,planned,
"""


def only(**filters: Any) -> Action:
    return Action.objects.get(**filters)


class TestNewRows:
    def test_every_row_becomes_a_record_with_reference_and_history(self, tmp_path: Path) -> None:
        assert run_import("actions", text_file(tmp_path, ACTIONS)).counts == (3, 0, 0, 0)
        assert list(Action.objects.order_by("id").values_list("reference", "external_id")) == [
            ("ACT-0001", "A1"),
            ("ACT-0002", "A2"),
            ("ACT-0003", "A3"),
        ]
        assert only(external_id="A1").due_on == date(2026, 5, 4)
        assert Action.history.count() == 3

    def test_references_go_on_where_the_register_ends(self, tmp_path: Path) -> None:
        Action(title="By hand").save()
        run_import("actions", text_file(tmp_path, ACTIONS))
        assert only(external_id="A3").reference == "ACT-0004"
        assert ReferenceCounter.take("ACT") == ["ACT-0005"]

    def test_history_says_who_and_from_which_file(self, tmp_path: Path, people: People) -> None:
        with acting(people.quality_manager):
            run_import("actions", text_file(tmp_path, ACTIONS, name="plan 2026.csv"))
        version = only(external_id="A1").history.get()
        assert (version.history_user, version.history_change_reason) == (people.quality_manager, "import plan 2026.csv")

    def test_an_event_tells_counts_and_file(self, tmp_path: Path) -> None:
        run_import("actions", text_file(tmp_path, ACTIONS, name="plan.csv"))
        event = Event.objects.get(verb="imported")
        assert event.subject == "actions"
        assert event.data == {
            "file": "plan.csv",
            "sha256": "0" * 64,
            "created": 3,
            "changed": 0,
            "unchanged": 0,
            "refused": 0,
        }

    def test_german_words_stand_for_choices(self, tmp_path: Path) -> None:
        run_import(
            "actions",
            text_file(tmp_path, "Maßnahme;Stand;Art\nPumpe prüfen;in Arbeit;Sofortmaßnahme\n", encoding="cp1252"),
        )
        action = only(title="Pumpe prüfen")
        assert (action.status, action.kind) == ("under_way", "correction")

    def test_people_are_found_by_mail_address_and_by_name(self, tmp_path: Path, people: People) -> None:
        rows = f"Action,Owner\nOne,{people.contributor.email.upper()}\nTwo,{people.auditor.name}\nThree,\n"
        run_import("actions", text_file(tmp_path, rows))
        owners = dict(Action.objects.values_list("title", "owner"))
        assert owners == {"One": people.contributor.pk, "Two": people.auditor.pk, "Three": None}

    def test_a_site_is_found_by_code_or_name(self, tmp_path: Path) -> None:
        site = Site.objects.create(code="HH", name="Hamburg works")
        run_import("actions", text_file(tmp_path, "Action,Site\nOne,hh\nTwo,Hamburg works\n"))
        assert set(Action.objects.values_list("site", flat=True)) == {site.pk}

    def test_records_are_found_by_reference_external_id_and_name(self, tmp_path: Path) -> None:
        for number in (1, 2, 3):
            Requirement(title=f"Requirement {number}", statement="It works.", external_id=f"CR-{number}").save()
        rows = "Requirement,Date,Method,Result\nREQ-0001,2026-01-02,test,met\nCR-2,2026-01-02,test,partly\nrequirement 3,2026-01-02,test,nicht erfüllt\n"
        run_import("checks", text_file(tmp_path, rows))
        assert list(ConformityCheck.objects.order_by("id").values_list("requirement__reference", "result")) == [
            ("REQ-0001", "met"),
            ("REQ-0002", "partly"),
            ("REQ-0003", "not_met"),
        ]

    def test_a_current_rows_name_counts_before_an_archived_rows_external_id(
        self, tmp_path: Path, people: People
    ) -> None:
        old = InterestedParty(name="Old one", external_id="Acme Ltd")
        old.save()
        archive(old, by=people.quality_manager, reason="Merged")
        new = InterestedParty(name="Acme Ltd")
        new.save()
        run_import("requirements", text_file(tmp_path, "Ref,Customer,Statement\nC1,Acme Ltd,It pumps.\n"))
        assert Requirement.objects.get().interested_party == new

    def test_an_archived_row_is_found_by_its_external_id(self, tmp_path: Path, people: People) -> None:
        old = InterestedParty(name="Old one", external_id="K-17")
        old.save()
        archive(old, by=people.quality_manager, reason="Merged")
        run_import("requirements", text_file(tmp_path, "Ref,Customer,Statement\nC1,k-17,It pumps.\n"))
        assert Requirement.objects.get().interested_party == old

    def test_parties_that_are_missing_are_recorded_once(self, tmp_path: Path) -> None:
        known = InterestedParty(name="Acme Customer")
        known.save()
        rows = "Ref,Customer,Statement\nC1,Acme customer,It pumps.\nC2,New Customer,It is quiet.\nC3,new  customer,It is blue.\n"
        imported = run_import("requirements", text_file(tmp_path, rows))
        assert [list(names.values()) for names in imported.examination.creates.values()] == [["New Customer"]]
        assert sorted(InterestedParty.objects.values_list("name", flat=True)) == ["Acme Customer", "New Customer"]
        parties = dict(Requirement.objects.values_list("external_id", "interested_party__name"))
        assert parties == {"C1": "Acme Customer", "C2": "New Customer", "C3": "New Customer"}
        assert InterestedParty.objects.get(name="New Customer").history.get().history_change_reason == "import rows.csv"

    def test_requirements_get_their_first_version(self, tmp_path: Path) -> None:
        run_import("requirements", text_file(tmp_path, "Ref,Statement\nC1,It pumps.\n"))
        assert RequirementVersion.objects.get().statement == "It pumps."

    def test_links_are_written_with_history(self, tmp_path: Path) -> None:
        for number in (1, 2):
            Requirement(title=f"Requirement {number}", statement="It works.").save()
        run_import("risks", text_file(tmp_path, 'Id,Event,Requirements\nR1,It leaks,"REQ-0001, REQ-0002"\n'))
        risk = Risk.objects.get()
        assert sorted(risk.requirements.values_list("reference", flat=True)) == ["REQ-0001", "REQ-0002"]
        assert Risk.requirements.through.history.count() == 2

    def test_columns_that_fill_no_field_are_kept_as_text(self, tmp_path: Path) -> None:
        rows = "Ticket,Date,Comment,State,Zip\n7,2026-01-02,Too loud,Maine,0412\n"
        run_import("feedback", text_file(tmp_path, rows))
        assert FeedbackItem.objects.get().source_data == "State: Maine\nZip: 0412"

    def test_columns_that_fill_no_field_are_left_out_on_request(self, tmp_path: Path) -> None:
        imported = run_import(
            "feedback",
            text_file(tmp_path, "Ticket,Date,Comment,State\n7,2026-01-02,Too loud,Maine\n"),
            {"options": {"keep_unmapped": False}},
        )
        assert imported.examination.unmapped == ["State"]
        assert FeedbackItem.objects.get().source_data == ""

    def test_times_are_those_of_the_organization(self, tmp_path: Path) -> None:
        run_import(
            "feedback",
            text_file(tmp_path, "Ticket,Date,Time,Comment\n7,02.07.2026,3:15:00 PM,Too loud\n"),
            {"collected_at": ["Date", "Time"]},
        )
        assert FeedbackItem.objects.get().collected_at.isoformat() == "2026-07-02T13:15:00+00:00"

    def test_hostile_text_stays_text(self, tmp_path: Path) -> None:
        hostile = '=1+1 <script>alert(1)</script> #import "x" $x$ *b* {{ x }} \' OR 1=1 --\u202e\x00'
        path = text_file(tmp_path, 'Id,Action\nA1,"' + hostile.replace('"', '""') + '"\n')
        run_import("actions", path)
        assert only().title == hostile.replace("\x00", "\ufffd")


class TestImportingAgain:
    def test_the_same_file_changes_nothing_at_all(self, tmp_path: Path) -> None:
        path = text_file(tmp_path, ACTIONS)
        run_import("actions", path)
        before = last_version(Action), list(Action.objects.values_list("revision", "changed_at"))
        assert run_import("actions", path).counts == (0, 0, 3, 0)
        assert (last_version(Action), list(Action.objects.values_list("revision", "changed_at"))) == before

    def test_a_changed_cell_changes_its_row_alone(self, tmp_path: Path) -> None:
        run_import("actions", text_file(tmp_path, ACTIONS))
        imported = run_import(
            "actions", text_file(tmp_path, ACTIONS.replace("in Arbeit", "planned").replace("2026-06-01", "2026-07-01"))
        )
        assert imported.counts == (0, 1, 2, 0)
        assert imported.examination.changed_fields == {"status": 1, "due_on": 1}
        assert dict(Action.objects.values_list("external_id", "revision")) == {"A1": 1, "A2": 2, "A3": 1}
        assert only(external_id="A2").history.count() == 2

    def test_an_empty_cell_empties_the_field(self, tmp_path: Path) -> None:
        run_import("actions", text_file(tmp_path, ACTIONS))
        run_import("actions", text_file(tmp_path, ACTIONS.replace("2026-05-04", "")))
        assert only(external_id="A1").due_on is None

    def test_an_empty_cell_leaves_a_field_that_cannot_be_empty(self, tmp_path: Path) -> None:
        run_import("actions", text_file(tmp_path, ACTIONS))
        assert run_import("actions", text_file(tmp_path, ACTIONS.replace("in Arbeit", ""))).counts == (0, 0, 3, 0)
        assert only(external_id="A2").status == "under_way"

    def test_fields_without_a_column_stay_as_people_left_them(self, tmp_path: Path, people: People) -> None:
        run_import("actions", text_file(tmp_path, ACTIONS))
        action = only(external_id="A1")
        action.owner = people.contributor
        action.save()
        run_import("actions", text_file(tmp_path, ACTIONS.replace("Calibrate the", "Calibrate every")))
        assert only(external_id="A1").owner == people.contributor

    def test_values_only_for_new_rows_leave_older_ones_alone(self, tmp_path: Path) -> None:
        mapping = {"status": {"value": "done", "only_new": True}, "done_on": {"value": "2026-01-01", "only_new": True}}
        run_import("actions", text_file(tmp_path, "Id,Action\nA1,One\n"))
        assert run_import("actions", text_file(tmp_path, "Id,Action\nA1,One\nA2,Two\n"), mapping).counts == (1, 0, 1, 0)
        assert dict(Action.objects.values_list("external_id", "status")) == {"A1": "planned", "A2": "done"}

    def test_rows_without_ids_are_known_by_their_content(self, tmp_path: Path) -> None:
        path = text_file(tmp_path, "Action,Due\nSweep,2026-01-01\nSweep,2026-01-01\nSweep,2026-01-02\n")
        assert run_import("actions", path).counts == (3, 0, 0, 0)
        assert run_import("actions", path).counts == (0, 0, 3, 0)

    def test_rows_without_ids_are_known_again_under_a_better_mapping(self, tmp_path: Path) -> None:
        path = text_file(tmp_path, "Action,When\nSweep,2026-01-01\n")
        run_import("actions", path)
        assert run_import("actions", path, {"due_on": "When"}).counts == (0, 1, 0, 0)

    def test_links_become_exactly_what_the_row_says(self, tmp_path: Path) -> None:
        for number in (1, 2, 3):
            Requirement(title=f"Requirement {number}", statement="It works.").save()
        run_import("risks", text_file(tmp_path, 'Id,Event,Requirements\nR1,It leaks,"REQ-0001, REQ-0002"\n'))
        imported = run_import("risks", text_file(tmp_path, 'Id,Event,Requirements\nR1,It leaks,"REQ-0002, REQ-0003"\n'))
        assert imported.counts == (0, 1, 0, 0)
        assert sorted(Risk.objects.get().requirements.values_list("reference", flat=True)) == ["REQ-0002", "REQ-0003"]
        assert run_import(
            "risks", text_file(tmp_path, 'Id,Event,Requirements\nR1,It leaks,"REQ-0003;REQ-0002"\n')
        ).counts == (0, 0, 1, 0)

    def test_a_changed_statement_raises_the_version(self, tmp_path: Path) -> None:
        run_import("requirements", text_file(tmp_path, "Ref,Statement\nC1,It pumps.\nC2,It is blue.\n"))
        run_import("requirements", text_file(tmp_path, "Ref,Statement\nC1,It pumps well.\nC2,It is blue.\n"))
        assert dict(Requirement.objects.values_list("external_id", "version")) == {"C1": 2, "C2": 1}

    def test_an_own_export_updates_by_reference(self, tmp_path: Path) -> None:
        Action(title="By hand").save()
        rows = "Reference,Action,External id\nACT-0001,By machine,\n"
        assert run_import("actions", text_file(tmp_path, rows)).counts == (0, 1, 0, 0)
        assert only(reference="ACT-0001").title == "By machine"

    def test_an_own_export_may_bring_new_rows(self, tmp_path: Path) -> None:
        assert run_import("actions", text_file(tmp_path, "Reference,Action,External id\n,New one,N1\n")).counts == (
            1,
            0,
            0,
            0,
        )
        assert only(external_id="N1").title == "New one"


class TestRefusedRows:
    def test_one_bad_row_keeps_all_out(self, tmp_path: Path) -> None:
        imported = run_import("actions", text_file(tmp_path, ACTIONS + "A4,Mend the door,planned,30.02.2026\n"))
        assert imported.counts == (3, 0, 0, 1)
        assert not Action.objects.exists()
        assert not Action.history.exists()
        assert not Event.objects.filter(verb="imported").exists()
        assert ReferenceCounter.take("ACT") == ["ACT-0001"]

    def test_sound_rows_go_in_where_bad_ones_are_left_out(self, tmp_path: Path) -> None:
        run_import("actions", text_file(tmp_path, ACTIONS + "A4,Mend the door,planned,30.02.2026\n"), skip_invalid=True)
        assert sorted(Action.objects.values_list("external_id", flat=True)) == ["A1", "A2", "A3"]

    def test_a_problem_names_row_cell_column_text_and_remedy(self, tmp_path: Path) -> None:
        (problem,) = run_import(
            "actions", text_file(tmp_path, ACTIONS + "A4,Mend the door,planned,30.02.2026\n")
        ).report.problems
        assert (problem["row"], problem["cell"], problem["column"], problem["value"]) == (5, "D5", "Due", "30.02.2026")
        assert problem["reason"]
        assert problem["remedy"]

    def test_all_that_is_wrong_with_a_row_is_said_at_once(self, tmp_path: Path) -> None:
        imported = run_import(
            "actions", text_file(tmp_path, "Id,Action,Status,Due,Owner\nA1,,strange,tomorrow,nobody@nowhere.example\n")
        )
        assert [problem["column"] for problem in imported.report.problems] == ["Action", "Status", "Owner", "Due"]

    def test_an_id_twice_in_the_file_is_refused_with_both_rows(self, tmp_path: Path) -> None:
        imported = run_import("actions", text_file(tmp_path, "Id,Action\nA1,One\nA2,Two\nA1,Three\n"))
        assert imported.counts == (2, 0, 0, 1)
        assert imported.report.problems[0]["row"] == 4
        assert "Row 2" in imported.reasons[0]

    def test_a_row_with_too_many_cells_is_refused(self, tmp_path: Path) -> None:
        imported = run_import("actions", text_file(tmp_path, "Id,Action\nA1,One\nA2,Two, or three\n"))
        assert imported.counts == (1, 0, 0, 1)
        assert "cells" in imported.reasons[0]

    def test_a_text_that_is_too_long_is_refused(self, tmp_path: Path) -> None:
        assert "300" in run_import("actions", text_file(tmp_path, f"Id,Action\nA1,{'x' * 301}\n")).reasons[0]

    def test_the_models_rules_hold(self, tmp_path: Path) -> None:
        assert run_import("actions", text_file(tmp_path, "Id,Action,Status\nA1,One,done\n")).reasons == [
            "Say on which day it was done."
        ]

    def test_rules_are_applied_to_changes_as_well(self, tmp_path: Path) -> None:
        run_import("actions", text_file(tmp_path, ACTIONS))
        imported = run_import("actions", text_file(tmp_path, ACTIONS.replace("in Arbeit", "done")))
        assert imported.counts == (0, 0, 2, 1)
        assert only(external_id="A2").status == "under_way"

    def test_validators_of_fields_hold(self, tmp_path: Path) -> None:
        imported = run_import("requirements", text_file(tmp_path, "Ref,Statement,Link\nC1,It pumps.,not an address\n"))
        assert imported.counts == (0, 0, 0, 1)
        assert imported.report.problems[0]["column"] == "Link"

    def test_an_archived_row_is_not_brought_back(self, tmp_path: Path, people: People) -> None:
        path = text_file(tmp_path, ACTIONS)
        run_import("actions", path)
        archive(only(external_id="A1"), by=people.quality_manager, reason="Done elsewhere")
        imported = run_import("actions", path)
        assert imported.counts == (0, 0, 2, 1)
        assert "ACT-0001" in imported.reasons[0]

    def test_another_organizations_row_is_not_found(self, tmp_path: Path, other: Organization) -> None:
        with in_organization(other):
            Requirement(title="Theirs", statement="It works.").save()
        imported = run_import(
            "checks", text_file(tmp_path, "Requirement,Date,Method,Result\nREQ-0001,2026-01-02,test,met\n")
        )
        assert imported.reasons == ["There is no row “REQ-0001” here."]

    def test_another_organizations_person_is_not_found(self, tmp_path: Path, people: People) -> None:
        assert run_import("actions", text_file(tmp_path, f"Action,Owner\nOne,{people.neighbour.email}\n")).counts == (
            0,
            0,
            0,
            1,
        )

    def test_the_same_external_id_in_another_organization_is_another_row(
        self, tmp_path: Path, other: Organization
    ) -> None:
        with in_organization(other):
            run_import("actions", text_file(tmp_path, ACTIONS))
        assert run_import("actions", text_file(tmp_path, ACTIONS)).counts == (3, 0, 0, 0)

    def test_a_name_that_several_rows_bear_is_refused(self, tmp_path: Path) -> None:
        for _number in range(2):
            InterestedParty(name="Twin").save()
        assert (
            "Several"
            in run_import("requirements", text_file(tmp_path, "Ref,Customer,Statement\nC1,Twin,It pumps.\n")).reasons[0]
        )

    def test_a_reference_that_is_missing_is_never_created_by_name(self, tmp_path: Path) -> None:
        assert run_import(
            "requirements", text_file(tmp_path, "Ref,Customer,Statement\nC1,IPA-0099,It pumps.\n")
        ).counts == (0, 0, 0, 1)

    def test_parties_are_not_created_where_the_mapping_says_so(self, tmp_path: Path) -> None:
        path = text_file(tmp_path, "Ref,Customer,Statement\nC1,New one,It pumps.\n")
        assert run_import("requirements", path, {"options": {"create": []}}).counts == (0, 0, 0, 1)

    def test_parties_that_only_refused_rows_name_are_not_created(self, tmp_path: Path) -> None:
        rows = "Ref,Customer,Statement,Effective\nC1,Kept,It pumps.,2026-01-01\nC2,Dropped,It pumps.,never\n"
        run_import("requirements", text_file(tmp_path, rows), skip_invalid=True)
        assert list(InterestedParty.objects.values_list("name", flat=True)) == ["Kept"]

    def test_an_external_id_that_another_row_has_is_refused(self, tmp_path: Path) -> None:
        self._two_actions()
        rows = "Reference,External id,Action\nACT-0001,Y,One\n"
        imported = run_import("actions", text_file(tmp_path, rows))
        assert (imported.counts, imported.reasons) == ((0, 0, 0, 1), ["Another row has this external id."])
        assert imported.report.problems[0]["remedy"]

    def test_an_external_id_that_a_file_gives_to_two_rows_is_refused(self, tmp_path: Path) -> None:
        self._two_actions()
        rows = "Reference,External id,Action\nACT-0001,Z,One\nACT-0002,Z,Two\n"
        imported = run_import("actions", text_file(tmp_path, rows), skip_invalid=True)
        assert (imported.counts, imported.reasons) == ((0, 1, 0, 1), ["Another row has this external id."])
        assert list(Action.objects.order_by("pk").values_list("external_id", flat=True)) == ["Z", "Y"]

    @pytest.mark.parametrize("rows", ["ACT-0001,Z,One\n,Z,New\n", ",Z,New\nACT-0001,Z,One\n"])
    def test_an_external_id_that_a_file_gives_to_a_new_row_too_is_refused(self, tmp_path: Path, rows: str) -> None:
        self._two_actions()
        imported = run_import(
            "actions", text_file(tmp_path, f"Reference,External id,Action\n{rows}"), skip_invalid=True
        )
        assert imported.reasons == ["Another row has this external id."]
        assert Action.objects.filter(external_id="Z").count() == 1

    def test_an_external_id_given_twice_is_refused_chunks_apart(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(examination, "BATCH", 1)
        self._two_actions()
        rows = "Reference,External id,Action\nACT-0001,Z,One\nACT-0002,Z,Two\n"
        assert run_import("actions", text_file(tmp_path, rows), skip_invalid=True).counts == (0, 1, 0, 1)

    def test_rows_that_swap_their_external_ids_are_refused(self, tmp_path: Path) -> None:
        self._two_actions()
        rows = "Reference,External id,Action\nACT-0001,Y,One\nACT-0002,X,Two\n"
        imported = run_import("actions", text_file(tmp_path, rows))
        assert imported.reasons == ["Another row has this external id."] * 2
        assert "with these cells empty first" in imported.report.problems[0]["remedy"]

    def test_external_ids_move_between_rows_once_they_were_emptied(self, tmp_path: Path) -> None:
        self._two_actions()
        heads = "Reference,External id,Action\n"
        run_import("actions", text_file(tmp_path, f"{heads}ACT-0001,,One\nACT-0002,,Two\n"))
        run_import("actions", text_file(tmp_path, f"{heads}ACT-0001,Y,One\nACT-0002,X,Two\n"))
        assert list(Action.objects.order_by("pk").values_list("external_id", flat=True)) == ["Y", "X"]

    def test_a_row_named_by_reference_and_by_external_id_is_taken_once(self, tmp_path: Path) -> None:
        self._two_actions()
        rows = "Reference,External id,Action\nACT-0001,,One\n,X,Eins\n"
        imported = run_import("actions", text_file(tmp_path, rows))
        assert (imported.counts, imported.reasons) == ((0, 1, 0, 1), ["Row 2 has the same id."])

    def _two_actions(self) -> None:
        for title, external_id in (("One", "X"), ("Two", "Y")):
            Action(title=title, external_id=external_id).save()

    def test_an_unknown_reference_in_an_own_export_is_refused(self, tmp_path: Path) -> None:
        imported = run_import("actions", text_file(tmp_path, "Reference,Action,External id\nACT-0009,One,\n"))
        assert imported.reasons == ["This register has no row ACT-0009."]


class TestWriting:
    def test_a_row_recorded_meanwhile_stops_everything(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self._meanwhile(monkeypatch, lambda: Action(title="By hand", external_id="A2").save())
        with pytest.raises(Overtaken, match="Row 3"):
            run_import("actions", text_file(tmp_path, ACTIONS))

    def _meanwhile(self, monkeypatch: pytest.MonkeyPatch, act: Callable[[], None]) -> None:
        """Have somebody do something when all rows are ready and none is written."""

        def acted_first(ready: Ready) -> None:
            act()
            write(ready)

        monkeypatch.setattr("imports.pipeline.write", acted_first)

    def test_an_edit_of_something_else_meanwhile_stays(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        run_import("actions", text_file(tmp_path, ACTIONS))
        edited = only(external_id="A2")

        def edit() -> None:
            edited.cause, edited.revision = "Seen by hand", edited.revision + 1
            edited.save()

        self._meanwhile(monkeypatch, edit)
        imported = run_import(
            "actions", text_file(tmp_path, ACTIONS.replace("Train", "Teach").replace("Change", "Keep"))
        )
        assert imported.counts == (0, 2, 1, 0)
        by_id = {row.external_id: row for row in Action.objects.all()}
        assert (by_id["A2"].title, by_id["A2"].cause, by_id["A2"].revision) == (
            "Teach the inspectors",
            "Seen by hand",
            3,
        )
        assert (by_id["A3"].title, by_id["A3"].revision) == ("Keep the supplier", 2)
        assert [version.revision for version in by_id["A2"].history.order_by("history_id")] == [1, 2, 3]

    def test_a_row_put_away_meanwhile_stops_everything(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        run_import("actions", text_file(tmp_path, ACTIONS))
        self._meanwhile(monkeypatch, lambda: archive(only(external_id="A2"), by=None, reason="Not needed"))
        with pytest.raises(Overtaken, match="Row 3"):
            run_import("actions", text_file(tmp_path, ACTIONS.replace("Train", "Teach").replace("Change", "Keep")))
        assert not Action.objects.filter(title__startswith="Keep").exists()

    def test_all_of_it_bears_one_date_and_numbers_in_the_order_of_the_file(self, tmp_path: Path) -> None:
        rows = "".join(f"A{number},Action {number}\n" for number in range(12))
        imported = run_import("actions", text_file(tmp_path, f"Id,Action\n{rows}"))
        written = list(Action.objects.order_by("pk"))
        assert [row.reference for row in written] == [f"ACT-{number:04d}" for number in range(1, 13)]
        assert [row.title for row in written] == [f"Action {number}" for number in range(12)]
        assert {row.created_at for row in written} == {row.changed_at for row in written} == {imported.moment}
        assert {version.history_date for version in Action.history.all()} == {imported.moment}

    def test_references_grow_beyond_four_digits(self, tmp_path: Path) -> None:
        ReferenceCounter.take("ACT", 9_998)
        run_import("actions", text_file(tmp_path, ACTIONS))
        assert [row.reference for row in Action.objects.order_by("pk")] == ["ACT-9999", "ACT-10000", "ACT-10001"]

    def test_the_number_of_queries_does_not_grow_with_the_rows(self, tmp_path: Path) -> None:
        _first, few, many = (
            self._queries(tmp_path, name, count) for name, count in (("first", 1), ("few", 3), ("many", 18))
        )
        assert few == many

    def _queries(self, folder: Path, prefix: str, count: int) -> int:
        rows = "".join(f"{prefix}{number},{prefix} party,Statement {number},active\n" for number in range(count))
        with CaptureQueriesContext(connection) as captured:
            run_import("requirements", text_file(folder, f"Ref,Customer,Statement,Status\n{rows}"))
        return len(captured)

    def test_rows_are_written_chunk_by_chunk(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(examination, "BATCH", 2)
        path = text_file(tmp_path, ACTIONS)
        assert run_import("actions", path).counts == (3, 0, 0, 0)
        assert run_import("actions", path).counts == (0, 0, 3, 0)
        assert Action.history.count() == 3


class TestMappingThatDoesNotFit:
    def test_a_column_that_the_file_does_not_have(self, tmp_path: Path) -> None:
        with pytest.raises(MappingError, match="no column “Titel”.*Id, Action"):
            run_import("actions", text_file(tmp_path, ACTIONS), {"title": "Titel"})

    def test_a_constant_that_does_not_fit_its_field(self, tmp_path: Path) -> None:
        with pytest.raises(MappingError, match="Status.*sleeping"):
            run_import("actions", text_file(tmp_path, ACTIONS), {"status": {"value": "sleeping"}})

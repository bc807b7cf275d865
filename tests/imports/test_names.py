"""People in files: whom a name means is asked once, never guessed, and kept for every later file and register."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from actions.models import Action
from imports.name_form import NamesForm
from imports.summary import decisions
from organizations import services
from organizations.members import members
from organizations.models import Invitation, Membership, Organization, User
from organizations.roles import Role
from organizations.scope import in_organization
from registers.known_names.candidates import Named, candidates, one_person_each, same_name
from registers.known_names.models import KnownName
from registers.known_names.services import forget, learn
from registers.parsing.targets import targets_of
from registers.register import registry
from requirements_registry.models import Requirement
from tests.imports.test_pages import form_of, uploaded
from tests.people import People
from tests.support.imports import run_import, text_file

pytestmark = pytest.mark.usefixtures("in_acme")

HOUSE = [Named(1, "sabine@hartmann.example", "Sabine Köhler"), Named(2, "jb@hartmann.example", "Jens Brandt"), Named(3, "julia@hartmann.example", "Julia Brandt"),
         Named(4, "maria.lopez@hartmann.example", ""), Named(5, "a@hartmann.example", "Anna Maria van der Velde"), Named(6, "s.neumann@hartmann.example", "")]  # fmt: skip


@pytest.fixture
def browser(client_of: Callable[[User | None], Client], people: People, tmp_path: Path, settings: Any) -> Client:
    settings.MEDIA_ROOT = tmp_path / "files"
    return client_of(people.quality_manager)


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        ("S. Köhler", [1]), ("Köhler", [1]), ("Koehler, S.", [1]), ("Fr. Köhler", [1]), ("KÖHLER, Sabine", [1]), ("Dr. S. Köhler", [1]),
        ("Jens Brandt", [2]), ("J. Brandt", [2, 3]), ("Brandt", [2, 3]), ("Hr. Brandt", [2, 3]), ("Je. Brandt", []), ("K. Brandt", []),
        ("Neumann, Sabine", [6]), ("Sabine Neumann", [6]), ("S. Neumann", [6]), ("Karin Neumann", []), ("Neumann", [6]),
        ("M. Lopez", [4]), ("López", [4]), ("A. M. Velde", [5]), ("Köhlerin", []), ("Sabine", []), ("QMB", []), ("", []), ("M. Lopez / J. Brandt", []),
    ],
)  # fmt: skip
def test_proposals_are_those_whose_surname_and_initials_fit(text: str, keys: list[int]) -> None:
    assert [person.key for person in candidates(text, HOUSE)] == keys


@given(st.text(max_size=30), st.text(max_size=30))
def test_any_text_may_stand_for_a_name(text: str, name: str) -> None:
    candidates(text, [Named(1, "a@b.example", name)])
    assert same_name(same_name(text)) == same_name(text) or "," in same_name(text)


def plan(tmp_path: Path, *names: str) -> Path:
    return text_file(tmp_path, "Was;Wer\n" + "".join(f"Mend {place};{name}\n" for place, name in enumerate(names)))


def test_a_name_is_the_same_however_it_is_spelt(people: People, tmp_path: Path) -> None:
    User.objects.filter(pk=people.contributor.pk).update(name="Sabine Köhler")
    assert run_import("actions", plan(tmp_path, "Köhler, Sabine", "sabine koehler", "SABINE KÖHLER")).counts == (
        3,
        0,
        0,
        0,
    )
    assert set(Action.objects.values_list("owner", flat=True)) == {people.contributor.pk}


def test_initials_alone_are_nobody_until_somebody_says_so(people: People, tmp_path: Path) -> None:
    User.objects.filter(pk=people.contributor.pk).update(name="Sabine Köhler")
    assert run_import("actions", plan(tmp_path, "S. Köhler")).counts == (0, 0, 0, 1)
    learn(
        {"S. Köhler": people.contributor.pk, "GF": people.top_management.pk, "Team QS": None}, by=people.quality_manager
    )
    assert run_import("actions", plan(tmp_path, "s köhler", "GF", "Team QS")).counts == (3, 0, 0, 0)
    assert list(Action.objects.order_by("title").values_list("owner", flat=True)) == [
        people.contributor.pk,
        people.top_management.pk,
        None,
    ]


def test_a_name_that_was_learned_and_is_borne_by_another_means_nobody(people: People, tmp_path: Path) -> None:
    learn({"Max Meier": people.contributor.pk}, by=people.quality_manager)
    User.objects.filter(pk=people.top_management.pk).update(name="Max Meier")
    assert run_import("actions", plan(tmp_path, "Max Meier")).reasons == ["Several are called “Max Meier”."]


def test_a_name_that_was_said_to_mean_nobody_is_named_wherever_it_leaves_cells_empty(
    people: People, tmp_path: Path
) -> None:
    learn({"GF": None}, by=people.quality_manager)
    told = run_import("actions", plan(tmp_path, "GF", people.contributor.email, "gf")).report.as_json()
    assert told["nobody"] == ["GF", "gf"]
    assert "Left empty, since it was said that they mean nobody: GF, gf." in list(decisions(told))
    assert run_import("actions", plan(tmp_path, "")).report.as_json()["nobody"] == []


def test_the_preview_shows_who_is_written_and_nothing_where_nobody_is(people: People, tmp_path: Path) -> None:
    learn({"GF": None, "QMB": people.contributor.pk}, by=people.quality_manager)
    file = text_file(tmp_path, "Was;Wer;Bis wann;Status\nMend;GF;sofort;offen\nSweep;QMB;;\nAsk;GF;;verschoben\n")
    told = run_import("actions", file, {"values": {"due_on": {"sofort": "comment"}}}, dry_run=True).report
    shown = [dict(zip(told.first.columns, [cell["text"] for cell in row["cells"]], strict=True)) for row in told.rows]
    assert [(row["Action"], row["Owner"], row["Due"]) for row in shown] == [
        ("Mend", "", ""), ("Sweep", str(people.contributor), ""), ("Ask", "", ""),
    ]  # fmt: skip
    # What a new row gets where the file says nothing is shown too; a cell that isn't understood stands as the file has it.
    assert [row["Status"] for row in shown] == ["Planned", "Planned", "verschoben"]


def test_what_is_learned_is_in_the_trail_and_can_be_forgotten(people: People, tmp_path: Path) -> None:
    learn({"GF": people.contributor.pk}, by=people.quality_manager)
    learn({"gf": people.contributor.pk}, by=people.quality_manager)
    learn({"GF": people.top_management.pk}, by=people.quality_manager)
    name = KnownName.objects.get()
    assert (name.text, name.person) == ("GF", people.top_management)
    forget(name, by=people.quality_manager)
    assert [version.history_type for version in KnownName.history.order_by("history_id")] == ["+", "~", "-"]
    assert {version.history_user for version in KnownName.history.all()} == {people.quality_manager}
    assert run_import("actions", plan(tmp_path, "GF")).counts == (0, 0, 0, 1)


def test_names_stay_in_their_organization(people: People, tmp_path: Path, other: Organization) -> None:
    learn({"GF": people.contributor.pk}, by=people.quality_manager)
    with in_organization(other):
        assert run_import("actions", plan(tmp_path, "GF")).counts == (0, 0, 0, 1)


def invited(organization: Organization, people: People, email: str) -> User:
    invitation = Invitation(email=email, role=Role.CONTRIBUTOR, valid_from=date(2026, 1, 1))
    services.invite(invitation, organization=organization, by=people.quality_manager)
    return User.objects.get(email=email)


def test_invited_people_count(acme: Organization, people: People, tmp_path: Path) -> None:
    maria = invited(acme, people, "maria.lopez@acme.example")
    assert run_import("actions", plan(tmp_path, "maria.lopez@acme.example")).counts == (1, 0, 0, 0)
    assert Action.objects.get().owner == maria
    assert not services.has_account(maria.email)


def test_nobody_counts_twice(acme: Organization, people: People) -> None:
    invited(acme, people, people.quality_manager.email)
    Membership.objects.create(
        organization=acme, user=people.quality_manager, role=Role.ADMINISTRATOR, valid_from=date(2026, 1, 1)
    )
    found = list(members())
    assert len(found) == len(set(found)) and people.quality_manager in found


def test_accounts_of_others_are_not_shown_by_inviting_them(acme: Organization, people: People, tmp_path: Path) -> None:
    invited(acme, people, people.neighbour.email)
    assert run_import("actions", plan(tmp_path, people.neighbour.name)).counts == (0, 0, 0, 1)


def test_the_page_asks_once_and_every_waiting_import_knows_it(browser: Client, people: People) -> None:
    User.objects.filter(pk=people.contributor.pk).update(name="Sabine Köhler")
    waiting, _page = uploaded(browser, "Was;Wer\nLook;S. Köhler\n", name="other.csv")
    job, page = uploaded(browser, "Was;Wer\nMend;S. Köhler\nAsk;GF\nSweep;S. Köhler\n")
    fields = page.context["names_form"].fields
    assert [field.label for field in fields.values()] == ["“S. Köhler” is", "“GF” is"]
    assert fields["person-0"].initial == str(people.contributor.pk) and fields["person-1"].initial == ""
    browser.post(page.request["PATH_INFO"], form_of(page, **{"check": "1", "person-1": "nobody"}))
    job.refresh_from_db()
    waiting.refresh_from_db()
    assert job.result["counts"] == {"created": 3, "changed": 0, "unchanged": 0, "refused": 0}
    assert waiting.result["counts"]["created"] == 1
    assert dict(KnownName.objects.values_list("text", "person")) == {"S. Köhler": people.contributor.pk, "GF": None}
    # Another register's file needs no answer.
    _job, page = uploaded(browser, "Requirement;Responsible\nIt holds;S. Köhler\n", register="requirements")
    assert page.context["names_form"] is None and page.context["counts"]["created"] == 1
    assert not Requirement.objects.exists()


def test_two_who_may_be_meant_are_both_offered_and_none_proposed(browser: Client, people: People) -> None:
    User.objects.filter(pk=people.contributor.pk).update(name="Jens Brandt")
    User.objects.filter(pk=people.top_management.pk).update(name="Julia Brandt")
    _job, page = uploaded(browser, "Was;Wer\nMend;J. Brandt\n")
    field = page.context["names_form"].fields["person-0"]
    assert field.initial == ""
    assert [label for _key, label in field.choices][1:3] == ["Jens Brandt", "Julia Brandt"]
    browser.post(page.request["PATH_INFO"], form_of(page, check="1"))
    assert not KnownName.objects.exists()


def test_names_are_shown_changed_added_and_forgotten_on_a_page(browser: Client, people: People) -> None:
    address = "/o/acme/people/names/"
    browser.post(address, {"text": "QMB", "person": people.contributor.pk})
    assert "QMB" in browser.get(address).content.decode()
    browser.post(address, {"text": "QMB", "person": ""})
    name = KnownName.objects.get()
    assert name.person is None
    assert browser.post(address, {"text": "...", "person": ""}).status_code in (302, 422)
    assert browser.post(address, {"text": "GF", "person": people.outsider.pk}).status_code == 422
    browser.post(address, {"forget": name.pk})
    assert not KnownName.objects.filter(text="QMB").exists()
    assert browser.post(address, {"forget": "x"}).status_code == 404


def test_contributors_do_not_change_names(client_of: Callable[[User | None], Client], people: People) -> None:
    client = client_of(people.contributor)
    assert client.post("/o/acme/people/names/", {"text": "QMB", "person": people.contributor.pk}).status_code == 403
    assert not KnownName.objects.exists()


@pytest.mark.parametrize(
    ("names", "groups"),
    [
        (
            ["S. Köhler", "Köhler, Sabine", "Jens Brandt", "J. Brandt", "GF"],
            [["S. Köhler", "Köhler, Sabine"], ["Jens Brandt", "J. Brandt"], ["GF"]],
        ),
        (["Brandt", "Jens Brandt"], [["Brandt", "Jens Brandt"]]),
        (["J. Brandt", "Jens Brandt", "Julia Brandt"], [["J. Brandt"], ["Jens Brandt"], ["Julia Brandt"]]),
        (["J. Brandt", "K. Brandt", "Brandt"], [["J. Brandt"], ["K. Brandt"], ["Brandt"]]),
        (["Jens Brandt", "Jens Brand"], [["Jens Brandt"], ["Jens Brand"]]),
        (["Einkauf", "Einkauf Nord"], [["Einkauf"], ["Einkauf Nord"]]),
    ],
)
def test_names_that_mean_one_person_are_asked_about_together(names: list[str], groups: list[list[str]]) -> None:
    assert one_person_each(names) == groups


@given(st.lists(st.text("aAbB.,' ö", min_size=1, max_size=9).filter(str.strip), unique=True, max_size=7))
def test_no_name_is_lost_or_asked_twice_whatever_names_there_are(names: list[str]) -> None:
    assert sorted(name for group in one_person_each(names) for name in group) == sorted(names)


def test_one_answer_explains_all_names_of_a_group(people: People) -> None:
    result = {"unknown_words": {"owner": {"S. Köhler": 1, "Köhler, Sabine": 2}}}
    form = NamesForm({"person-0": str(people.contributor.pk)}, targets=targets_of(registry["actions"]), result=result)
    assert form.is_valid()
    assert list(form.fields) == ["person-0"]
    assert form.fields["person-0"].label == "“S. Köhler” and “Köhler, Sabine” are"
    assert form.said == dict.fromkeys(("S. Köhler", "Köhler, Sabine"), people.contributor.pk)
